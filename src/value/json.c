/*
 * json.c - values as JSON
 *
 * Floats as the shortest digits that read back, NaN, infinity and missing
 * entries as null; integers as digits however long, fractions and
 * expressions as strings in mlc's own notation.  A column is a list, a
 * matrix a list of rows, a table an object of its columns.
 */
#include "value/format.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "num/number.h"
#include "value/datatable.h"
#include "value/layout.h"
#include "value/matrix.h"

static void put_string(const char *text, size_t len, Str *out)
{
    /* Bytes that are no UTF-8 are taken for Latin-1: JSON must be UTF-8. */
    bool valid = text_check_utf8(text, len) == len;
    str_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            str_add_format(out, "\\%c", c);
        else if (c == '\n')
            str_add(out, "\\n");
        else if (c < 0x20 || c == 0x7f || (!valid && c >= 0x80))
            str_add_format(out, "\\u%04x", (unsigned)c);
        else
            str_add_char(out, (char)c);
    }
    str_add_char(out, '"');
}

/* The value's text as a string; written, copied and cut off again. */
static void put_text_of(const Format *f, Value v, Str *out)
{
    size_t start = out->len;
    value_format_inline(f, v, out);
    Value text = value_string_len(str_text(out) + start, out->len - start);
    text_cut(out, start);
    put_string(text.string->text, text.string->len, out);
}

static void put_float(double x, Str *out)
{
    char text[NUM_TEXT];
    if (!isfinite(x)) {
        str_add(out, "null");
        return;
    }
    num_format_double(text, x);
    str_add(out, text);
}

static void put_row(const Format *f, const Array *a, int i, Str *out)
{
    str_add_char(out, '[');
    for (int j = 0; j < a->cols; j++) {
        if (j > 0)
            str_add(out, ", ");
        value_json(f, array_get(a, (size_t)i + (size_t)j * (size_t)a->rows),
                   out);
    }
    str_add_char(out, ']');
}

static void put_array(const Format *f, const Array *a, Str *out)
{
    str_add_char(out, '[');
    for (int i = 0; i < a->rows; i++) {
        POLL();
        if (i > 0)
            str_add(out, ", ");
        if (a->cols == 1)
            value_json(f, array_get(a, (size_t)i), out);
        else
            put_row(f, a, i, out);
    }
    str_add_char(out, ']');
}

static void put_list(const Format *f, const List *l, Str *out)
{
    str_add_char(out, '[');
    for (size_t i = 0; i < l->count; i++) {
        POLL();
        if (i > 0)
            str_add(out, ", ");
        value_json(f, l->at[i], out);
    }
    str_add_char(out, ']');
}

static void put_fields(const Format *f, size_t n, const Name *name,
                       const Value *at, Str *out)
{
    str_add_char(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            str_add(out, ", ");
        put_string(name[i], strlen(name[i]), out);
        str_add(out, ": ");
        value_json(f, at[i], out);
    }
    str_add_char(out, '}');
}

void value_json(const Format *f, Value v, Str *out)
{
    depth_check();
    switch (v.kind) {
    case VAL_NONE:
    case VAL_MISSING:
        str_add(out, "null");
        break;
    case VAL_BOOL:
        str_add(out, v.truth ? "true" : "false");
        break;
    case VAL_FLOAT:
        put_float(v.number, out);
        break;
    case VAL_INT:
        format_number(v, out);
        break;
    case VAL_EXACT:
        if (exact_is_int(v.exact->q))
            format_number(v, out);
        else
            put_text_of(f, v, out);
        break;
    case VAL_STRING:
        put_string(v.string->text, v.string->len, out);
        break;
    case VAL_ARRAY:
        put_array(f, v.array, out);
        break;
    case VAL_LIST:
    case VAL_SEVERAL:
        put_list(f, v.list, out);
        break;
    case VAL_RECORD:
        put_fields(f, v.record->count, v.record->name, v.record->at, out);
        break;
    case VAL_TABLE:
        put_fields(f, v.table->ncols, v.table->name, v.table->column, out);
        break;
    default:
        put_text_of(f, v, out);
        break;
    }
}
