/*
 * read.c - files of numbers and of JSON as values
 */
#include "eval/read.h"

#include <string.h>

#include "base/error.h"
#include "base/vec.h"
#include "io/file.h"
#include "io/json.h"
#include "num/number.h"
#include "value/matrix.h"
#include "value/number.h"

static bool is_number(const Json *j)
{
    return j->kind == JSON_NUMBER;
}

static bool is_numbers(const Json *j)
{
    if (j->kind != JSON_ARRAY || j->count == 0)
        return false;
    for (size_t i = 0; i < j->count; i++)
        if (!is_number(&j->at[i]))
            return false;
    return true;
}

/* Rows of numbers, all of one length. */
static bool is_matrix(const Json *j)
{
    if (j->kind != JSON_ARRAY || j->count == 0)
        return false;
    for (size_t i = 0; i < j->count; i++)
        if (!is_numbers(&j->at[i]) || j->at[i].count != j->at[0].count)
            return false;
    return true;
}

static Value number_value(const Json *j)
{
    Exact *e;
    if (!j->whole)
        return value_float(j->number);
    e = object_new(VAL_EXACT, sizeof *e);
    mpq_init(e->q);
    if (exact_from_decimal(e->q, j->text, j->len) != NUM_OK)
        return value_float(j->number);
    return value_exact(e->q);
}

static Value array_of(const Json *j, size_t rows, size_t cols)
{
    if (rows > INT32_MAX || cols > INT32_MAX)
        error_raise(SPAN_NONE, ERR_LIMIT, "an array of %zu rows", rows);
    Value y = array_new(ELEM_FLOAT, (int)rows, (int)cols);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < cols; k++)
            y.array->f[i + k * rows] = cols == 1 && is_number(&j->at[i])
                                           ? j->at[i].number
                                           : j->at[i].at[k].number;
    return y;
}

static Value value_of(const Json *j)
{
    Value y;
    depth_check();
    if (is_numbers(j))
        return array_of(j, j->count, 1);
    if (is_matrix(j))
        return array_of(j, j->count, j->at[0].count);
    switch (j->kind) {
    case JSON_BOOL:
        return value_bool(j->truth);
    case JSON_NUMBER:
        return number_value(j);
    case JSON_TEXT:
        return value_string_len(j->text, j->len);
    case JSON_ARRAY:
        y = list_new(j->count);
        for (size_t i = 0; i < j->count; i++)
            list_push(y, value_of(&j->at[i]));
        return y;
    case JSON_OBJECT:
        y = record_new(j->count);
        for (size_t i = 0; i < j->count; i++)
            record_set(y, name_of(j->name[i]), value_of(&j->at[i]));
        return y;
    default:
        return VALUE_NONE;
    }
}

Value read_json(Arena *a, const char *path)
{
    size_t len;
    const char *text = file_read(a, path, &len);
    return value_of(json_read(a, path, text, len));
}

Value read_json_lines(Arena *a, const char *path)
{
    size_t len;
    const char *text = file_read(a, path, &len);
    Value y = list_new(0);
    size_t line = 0;
    for (size_t i = 0; i < len;) {
        const char *end = memchr(text + i, '\n', len - i);
        size_t n = end ? (size_t)(end - text) - i : len - i;
        line++;
        if (strspn(text + i, " \t\r\n") < n)
            list_push(
                y, value_of(json_read(
                       a, arena_printf(a, "%s, value of line %zu", path, line),
                       text + i, n)));
        i += n + 1;
    }
    return y;
}

static const char between[] = " \t\r\n";

static size_t word_at(const char *c, const char *end)
{
    size_t n = 0;
    while (c + n < end && !(c[n] && strchr(between, c[n])))
        n++;
    return n;
}

bool read_is_numbers(Arena *a, const char *path)
{
    size_t len;
    double x;
    const char *text = file_read(a, path, &len), *end = text + len;
    while (text < end && *text && strchr(between, *text))
        text++;
    return num_parse_double(text, word_at(text, end), true, &x);
}

Value read_numbers(Arena *a, const char *path)
{
    size_t len;
    const char *text = file_read(a, path, &len), *end = text + len;
    VEC(double) numbers = {0};
    size_t line = 1;
    for (const char *c = text; c < end;) {
        if (*c && strchr(between, *c)) {
            line += *c++ == '\n';
            continue;
        }
        size_t n = word_at(c, end);
        double x;
        if (!num_parse_double(c, n, true, &x))
            error_raise(SPAN_NONE, ERR_CSV, "%s, line %zu: `%.*s` is no number",
                        path, line, n > 40 ? 40 : (int)n, c);
        VEC_PUSH_IN(a, &numbers, x);
        c += n;
    }
    if (numbers.count > INT32_MAX)
        error_raise(SPAN_NONE, ERR_LIMIT, "%s has more than %d numbers", path,
                    INT32_MAX);
    return array_from((int)numbers.count, 1, numbers.at);
}
