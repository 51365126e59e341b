/*
 * format.c - values on one line, so that they can be typed
 *
 * Text is measured by writing it at the end of `out` and cutting it off
 * again, so that nothing is owned across a call that may raise.
 */
#include "value/format.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "num/number.h"
#include "value/datatable.h"
#include "value/layout.h"
#include "value/matrix.h"
#include "value/sparse.h"

enum {
    DEEPEST = 200,       /* nesting that is still shown */
    LONGEST_INLINE = 100, /* entries of an array on one line */
    LONGEST_SPARSE = 20   /* stored entries that are shown */
};

void text_cut(Str *out, size_t len)
{
    if (out->len == len)
        return;
    out->len = len;
    out->at[len] = '\0';
}

void text_pad(Str *out, size_t n)
{
    while (n-- > 0)
        str_add_char(out, ' ');
}

void format_number(Value v, Str *out)
{
    char text[NUM_TEXT];
    switch (v.kind) {
    case VAL_INT:
        str_add_integer(out, v.integer);
        break;
    case VAL_EXACT:
        exact_to_text(out, v.exact->q);
        break;
    default:
        num_format_double(text, v.number);
        str_add(out, text);
        break;
    }
}

void format_entry(const Format *f, const Array *a, size_t i, Str *out)
{
    char text[NUM_TEXT];
    Value v = array_get(a, i);
    switch (v.kind) {
    case VAL_MISSING:
        str_add(out, "missing");
        break;
    case VAL_BOOL:
        str_add(out, v.truth ? "true" : "false");
        break;
    case VAL_FLOAT:
        num_format_short(text, v.number, f->digits);
        str_add(out, text);
        break;
    default:
        format_number(v, out);
        break;
    }
}

void format_string(const char *text, size_t len, Str *out)
{
    bool valid = text_check_utf8(text, len) == len;
    str_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            str_add_char(out, '\\');
            str_add_char(out, (char)c);
        } else if (c == '\n') {
            str_add(out, "\\n");
        } else if (c == '\t') {
            str_add(out, "\\t");
        } else if (c < 0x20 || c == 0x7f || (!valid && c >= 0x80)) {
            str_add_format(out, "\\u{%x}", (unsigned)c);
        } else {
            str_add_char(out, (char)c);
        }
    }
    str_add_char(out, '"');
}

static void format_empty(const Array *a, Str *out)
{
    if (a->cols == 1)
        str_add(out, "zeros(0)");
    else
        str_add_format(out, "zeros(%d, %d)", a->rows, a->cols);
}

static void format_long_array(const Format *f, const Array *a, Str *out)
{
    str_add_char(out, '[');
    for (size_t i = 0; i < 3; i++) {
        format_entry(f, a, i * (a->cols == 1 ? 1 : (size_t)a->rows), out);
        str_add(out, ", ");
    }
    str_add_format(out, "... %zu entries]", array_count(a));
}

void format_array_inline(const Format *f, const Array *a, Str *out)
{
    size_t n = array_count(a);
    if (n == 0) {
        format_empty(a, out);
        return;
    }
    str_add_char(out, '[');
    for (int i = 0; i < a->rows; i++) {
        for (int j = 0; j < a->cols; j++) {
            POLL();
            if (j > 0)
                str_add(out, ", ");
            format_entry(f, a, (size_t)i + (size_t)j * (size_t)a->rows, out);
        }
        if (i + 1 < a->rows)
            str_add(out, a->cols == 1 ? ", " : "; ");
    }
    if (a->rows == 1 && a->cols > 1)
        str_add_char(out, ';');
    str_add_char(out, ']');
}

/* sparse(i, j, v, m, n), or how many entries are stored where they are many. */
static void format_sparse(const Format *f, const Sparse *a, Str *out)
{
    const Structure *s = a->at;
    size_t n = sparse_count(a);
    str_add(out, "sparse(");
    if (n > LONGEST_SPARSE) {
        str_add_format(out, "... %zu entries ..., ", n);
    } else {
        Value part[3];
        sparse_triplets(a, &part[0], &part[1], &part[2]);
        for (int k = 0; k < 3; k++) {
            format_array_inline(f, part[k].array, out);
            str_add(out, ", ");
        }
    }
    str_add_format(out, "%d, %d)", s->rows, s->cols);
}

/* ---- containers ---- */

static void format_in(const Format *f, Value v, int depth, Str *out);

static void format_list(const Format *f, const List *l, int depth, Str *out)
{
    for (size_t i = 0; i < l->count; i++) {
        POLL();
        if (i > 0)
            str_add(out, ", ");
        format_in(f, l->at[i], depth, out);
    }
}

static void format_record(const Format *f, const Record *r, int depth, Str *out)
{
    for (size_t i = 0; i < r->count; i++) {
        POLL();
        if (i > 0)
            str_add(out, ", ");
        str_add_visible(out, r->name[i], strlen(r->name[i]));
        str_add(out, " = ");
        format_in(f, r->at[i], depth, out);
    }
}

static void format_function(const Function *f, Str *out)
{
    if (f->class && f->class->print)
        f->class->print(f, out);
    else
        str_add(out, f->name ? f->name : "function");
}

static void format_expr(const Format *f, const Expr *e, Str *out)
{
    if (f->expr)
        f->expr(f->graph, e->node, out);
    else
        str_add(out, "an expression");
}

static void format_braces(const Format *f, Value v, int depth, Str *out)
{
    str_add_char(out, '{');
    if (depth >= DEEPEST)
        str_add(out, "...");
    else if (v.kind == VAL_RECORD)
        format_record(f, v.record, depth + 1, out);
    else
        format_list(f, v.list, depth + 1, out);
    str_add_char(out, '}');
}

static void format_in(const Format *f, Value v, int depth, Str *out)
{
    switch (v.kind) {
    case VAL_NONE:
        str_add(out, "none");
        break;
    case VAL_MISSING:
        str_add(out, "missing");
        break;
    case VAL_COLON:
        str_add_char(out, ':');
        break;
    case VAL_BOOL:
        str_add(out, v.truth ? "true" : "false");
        break;
    case VAL_STRING:
        format_string(v.string->text, v.string->len, out);
        break;
    case VAL_ARRAY:
        if (array_count(v.array) > LONGEST_INLINE)
            format_long_array(f, v.array, out);
        else
            format_array_inline(f, v.array, out);
        break;
    case VAL_SPARSE:
        format_sparse(f, v.sparse, out);
        break;
    case VAL_LIST:
    case VAL_RECORD:
        format_braces(f, v, depth, out);
        break;
    case VAL_SEVERAL:
        format_list(f, v.list, depth + 1, out);
        break;
    case VAL_TABLE:
        str_add_format(out, "table [%d,%zu]", v.table->rows, v.table->ncols);
        break;
    case VAL_FUNCTION:
        format_function(v.function, out);
        break;
    case VAL_EXPR:
        format_expr(f, v.expr, out);
        break;
    case VAL_MODULE:
        str_add_format(out, "module %s", v.module->name);
        break;
    default:
        format_number(v, out);
        break;
    }
}

void value_format_inline(const Format *f, Value v, Str *out)
{
    format_in(f, v, 0, out);
}
