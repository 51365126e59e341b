/*
 * builtin_text.c - text, printing, and values of any kind
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <string.h>
#include <time.h>

#include "eval/builtin.h"
#include "eval/fit.h"
#include "eval/picture.h"
#include "graph/print.h"
#include "num/number.h"
#include "value/datatable.h"

/* As the REPL shows it, text bare. */
static void add_printed(Interp *in, Value v, Str *out)
{
    if (v.kind == VAL_STRING)
        str_add_len(out, v.string->text, v.string->len);
    else if (v.kind == VAL_EXPR)
        node_print(in->graph, v.expr->node, out);
    else
        value_format(&in->format, v, out);
}

Value builtin_print(Interp *in, const Args *a)
{
    Str s = str_in(in->scratch);
    for (int i = 0; i < a->count; i++) {
        if (i > 0)
            str_add_char(&s, ' ');
        picture_play(in, a->at[i]);
        add_printed(in, a->at[i], &s);
    }
    str_add_char(&s, '\n');
    interp_write(in, s.at, s.len);
    return VALUE_NONE;
}

Value builtin_string(Interp *in, const Args *a)
{
    Str s = str_in(in->scratch);
    add_printed(in, a->at[0], &s);
    return value_string_len(str_text(&s), s.len);
}

Value builtin_number(Interp *in, const Args *a)
{
    (void)in;
    const char *text = arg_text(a, 0, "the text");
    size_t len = strlen(text);
    double x;
    mpq_t q;
    mpq_init(q);
    bool minus = text[0] == '-';
    int code = exact_from_text(q, text + minus, len - (size_t)minus);
    if (code == NUM_OK) {
        if (minus)
            mpq_neg(q, q);
        Value v = value_exact(q);
        mpq_clear(q);
        return v;
    }
    mpq_clear(q);
    bool named = text[strcspn(text, "iInN")] != '\0';
    if (!num_parse_double(text, len, true, &x) || (isinf(x) && !named))
        error_raise(SPAN_NONE, ERR_NUMBER, "\"%s\" is not a number", text);
    return value_float(x);
}

/* The form comes from read_conversion, which let only known ones through. */
static void str_add_form(Str *out, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    str_add_args(out, form, args);
    va_end(args);
}

/* One conversion of the form, copied to `spec`; its letter is returned. */
static char read_conversion(const char **p, char *spec, size_t room)
{
    size_t n = 0;
    spec[n++] = '%';
    const char *s = *p;
    while (*s && strchr("-+ 0#123456789.", *s) && n + 3 < room)
        spec[n++] = *s++;
    char letter = *s;
    if (letter == '\0' || !strchr("difegsEG", letter))
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                         "%d %f %e %g %s, and %% for a percent sign",
                         "the form has `%.*s`", (int)(s - *p) + 1, *p);
    *p = s + 1;
    if (strchr("di", letter)) {
        spec[n++] = 'l';
        spec[n++] = 'l';
    }
    spec[n++] = letter;
    spec[n] = '\0';
    return letter;
}

static void add_converted(Interp *in, Str *out, const char *spec, char letter,
                          Value v)
{
    int64_t k;
    if (letter == 's') {
        Str s = str_in(in->scratch);
        add_printed(in, v, &s);
        str_add_form(out, spec, str_text(&s));
        return;
    }
    if (!value_is_number(v))
        error_raise(SPAN_NONE, ERR_TYPE, "%%%c takes a number, not %s", letter,
                    value_kind_phrase(v));
    if (strchr("di", letter)) {
        if (!value_to_int(v, &k))
            error_raise(SPAN_NONE, ERR_TYPE, "%%%c takes an integer", letter);
        str_add_form(out, spec, (long long)k);
    } else {
        str_add_form(out, spec, value_to_double(v));
    }
}

Value builtin_format(Interp *in, const Args *a)
{
    const char *p = arg_text(a, 0, "the form");
    Str out = str_in(in->scratch);
    int next = 1;
    char spec[40];
    while (*p) {
        if (*p != '%') {
            str_add_char(&out, *p++);
            continue;
        }
        if (*++p == '%') {
            str_add_char(&out, *p++);
            continue;
        }
        char letter = read_conversion(&p, spec, sizeof spec);
        if (next == a->count)
            error_raise(SPAN_NONE, ERR_ARGUMENT,
                        "the form has more conversions than values");
        add_converted(in, &out, spec, letter, a->at[next++]);
    }
    if (next < a->count)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "the form has fewer conversions than values");
    return value_string_len(str_text(&out), out.len);
}

Value builtin_json(Interp *in, const Args *a)
{
    Str s = str_in(in->scratch);
    value_json(&in->format, a->at[0], &s);
    return value_string_len(str_text(&s), s.len);
}

Value builtin_digits(Interp *in, const Args *a)
{
    if (a->count == 0)
        return value_int(in->format.digits);
    int64_t n = arg_int(a, 0, "the number of digits");
    if (n < 1 || n > 17)
        error_raise(SPAN_NONE, ERR_ARGUMENT, "digits are from 1 to 17");
    in->format.digits = (int)n;
    return VALUE_NONE;
}

Value builtin_error(Interp *in, const Args *a)
{
    (void)in;
    error_raise(SPAN_NONE, ERR_USER, "%s", arg_text(a, 0, "the message"));
}

Value builtin_kind(Interp *in, const Args *a)
{
    (void)in;
    Value v = a->at[0];
    if (v.kind == VAL_FUNCTION && v.function->class == &class_model)
        return value_string("model");
    if (v.kind == VAL_FUNCTION && v.function->class == &class_fit)
        return value_string("fit");
    if (picture_figure(v))
        return value_string("figure");
    return value_string(value_kind_name(v));
}

Value builtin_apply(Interp *in, const Args *a)
{
    Value v = a->at[1];
    if (v.kind == VAL_RECORD)
        return call_function(in, a->at[0],
                             &(Args){.count = (int)v.record->count,
                                     .at = v.record->at,
                                     .call = a->call});
    if (v.kind != VAL_LIST)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "apply takes a list or record of arguments, not %s",
                    value_kind_phrase(v));
    return call_function(in, a->at[0],
                         &(Args){.count = (int)v.list->count,
                                 .at = v.list->at,
                                 .call = a->call});
}

Value builtin_record(Interp *in, const Args *a)
{
    (void)in;
    Value names = a->at[0], v = a->at[1];
    if (names.kind != VAL_LIST || v.kind != VAL_LIST ||
        names.list->count != v.list->count)
        error_raise(
            SPAN_NONE, ERR_TYPE,
            "record takes a list of names and a list of as many values");
    Value r = record_new(names.list->count);
    for (size_t i = 0; i < names.list->count; i++) {
        if (names.list->at[i].kind != VAL_STRING)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "the name of a field is text, not %s",
                        value_kind_phrase(names.list->at[i]));
        record_set(r, name_of(names.list->at[i].string->text), v.list->at[i]);
    }
    return r;
}

Value builtin_parameters(Interp *in, const Args *a)
{
    (void)in;
    int n;
    if (a->at[0].kind != VAL_FUNCTION)
        error_raise(SPAN_NONE, ERR_TYPE, "parameters takes a function, not %s",
                    value_kind_phrase(a->at[0]));
    const Decl *d = function_params(a->at[0].function, &n);
    Value list = list_new((size_t)n);
    for (int i = 0; i < n; i++)
        if (!d[i].option)
            list_push(list, value_string(d[i].name));
    return list;
}

Value builtin_map(Interp *in, const Args *a)
{
    Value v = a->at[1];
    if (v.kind == VAL_LIST) {
        Value y = list_new(v.list->count);
        for (size_t i = 0; i < v.list->count; i++)
            list_push(y, call_values(in, a->at[0], 1, &v.list->at[i]));
        return y;
    }
    if (v.kind != VAL_ARRAY)
        return call_values(in, a->at[0], 1, &v);
    size_t n = array_count(v.array);
    Value y = VALUE_NONE;
    for (size_t i = 0; i < n; i++) {
        Value x = array_get(v.array, i), e = call_values(in, a->at[0], 1, &x);
        if (!value_is_number(e) && e.kind != VAL_BOOL)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "map over an array gives numbers, not %s",
                        value_kind_phrase(e));
        if (i == 0)
            y = array_new(value_element_kind(e), v.array->rows, v.array->cols);
        if (y.array->kind == ELEM_EXACT && e.kind == VAL_FLOAT)
            y = value_object(array_to_float(y));
        if (y.array->kind == ELEM_FLOAT && e.kind != VAL_FLOAT)
            e = value_float(value_to_double(e));
        array_set(y.array, i, e);
    }
    return n == 0 ? v : y;
}

Value builtin_fields(Interp *in, const Args *a)
{
    (void)in;
    Value v = a->at[0];
    if (v.kind != VAL_RECORD)
        error_raise(SPAN_NONE, ERR_TYPE, "fields takes a record, not %s",
                    value_kind_phrase(v));
    Value y = list_new(v.record->count);
    for (size_t i = 0; i < v.record->count; i++)
        list_push(y, value_string(v.record->name[i]));
    return y;
}

Value builtin_has(Interp *in, const Args *a)
{
    (void)in;
    Name name = arg_name(a, 1, "the name");
    if (a->at[0].kind == VAL_RECORD)
        return value_bool(record_find(a->at[0], name) != NULL);
    if (a->at[0].kind == VAL_TABLE)
        return value_bool(datatable_find(a->at[0], name) != NULL);
    error_raise(SPAN_NONE, ERR_TYPE,
                "has looks into a record or a table, not "
                "into %s",
                value_kind_phrase(a->at[0]));
}

Value builtin_clock(Interp *in, const Args *a)
{
    (void)in;
    (void)a;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return value_float((double)t.tv_sec + 1e-9 * (double)t.tv_nsec);
}
