/*
 * store.c - fits written to files and read back
 *
 *     mlcm 1 CHECKSUM
 *     {model = "...", params = {...}, ...}
 *
 * The body is one record in the language, of literals alone: readable, and
 * nothing in it is called when it is read.  The checksum is that of the body.
 * A file of another version, a damaged one or one with anything but literals
 * is refused.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "eval/builtin.h"
#include "eval/fit.h"
#include "eval/module.h"
#include "eval/picture.h"
#include "io/file.h"
#include "num/number.h"
#include "syntax/parse.h"
#include "syntax/print.h"
#include "value/datatable.h"
#include "value/layout.h"

static const char magic[] = "mlcm 1 ";

/* ---- writing ---- */

static void add_value(Str *out, Value v);

static void add_number(Str *out, double x)
{
    char text[NUM_TEXT];
    num_format_double(text, x);
    str_add(out, text);
}

static void add_array(Str *out, const Array *a)
{
    if (array_count(a) == 0) {
        str_add_format(out, "zeros(%d, %d)", a->rows, a->cols);
        return;
    }
    str_add_char(out, '[');
    for (int i = 0; i < a->rows; i++)
        for (int j = 0; j < a->cols; j++) {
            if (i + j > 0)
                str_add(out, a->cols > 1 && j == 0 ? "; " : ", ");
            add_value(out, array_get(a, (size_t)i + (size_t)j * (size_t)a->rows));
        }
    str_add(out, a->rows == 1 ? ";]" : "]");
}

static void add_parts(Str *out, size_t n, const Value at[], const Name name[])
{
    str_add_char(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            str_add(out, ", ");
        if (name)
            str_add_format(out, "%s = ", name[i]);
        add_value(out, at[i]);
    }
    str_add_char(out, '}');
}

/* none, and functions by their names where they have some. */
static void add_other(Str *out, Value v)
{
    if (v.kind == VAL_NONE) {
        str_add(out, "none");
        return;
    }
    if (v.kind == VAL_FUNCTION && v.function->name &&
        v.function->class != &class_symbol) {
        str_add(out, v.function->name);
        return;
    }
    error_raise(SPAN_NONE, ERR_TYPE,
                "a fit with %s in it cannot be saved; give the function a name",
                value_kind_phrase(v));
}

static void add_value(Str *out, Value v)
{
    depth_check();
    switch (v.kind) {
    case VAL_INT:
        str_add_format(out, "%lld", (long long)v.integer);
        break;
    case VAL_EXACT:
        exact_to_text(out, v.exact->q);
        break;
    case VAL_FLOAT:
        add_number(out, v.number);
        break;
    case VAL_BOOL:
        str_add(out, v.truth ? "true" : "false");
        break;
    case VAL_STRING:
        format_string(v.string->text, v.string->len, out);
        break;
    case VAL_ARRAY:
        add_array(out, v.array);
        break;
    case VAL_LIST:
    case VAL_SEVERAL:
        add_parts(out, v.list->count, v.list->at, NULL);
        break;
    case VAL_RECORD:
        if (v.record->count == 0)
            str_add(out, "{}");
        else
            add_parts(out, v.record->count, v.record->at, v.record->name);
        break;
    default:
        add_other(out, v);
    }
}

Value builtin_save(Interp *in, const Args *a)
{
    const Figure *figure = picture_figure(a->at[0]);
    if (figure) {
        picture_save(in, figure, arg_text(a, 1, "the file"));
        return VALUE_NONE;
    }
    if (a->at[0].kind != VAL_FUNCTION || a->at[0].function->class != &class_fit)
        error_raise(SPAN_NONE, ERR_TYPE, "save takes a fit or a figure, not %s",
                    value_kind_phrase(a->at[0]));
    const char *path =
        relative_path(in, in->scratch, arg_text(a, 1, "the file"));
    Str body = str_in(in->scratch), all = str_in(in->scratch);
    add_value(&body, fit_parts(in, a->at[0]));
    str_add_char(&body, '\n');
    str_add_format(&all, "%s%016llx\n", magic,
                   (unsigned long long)hash_bytes(body.at, body.len));
    str_add_len(&all, body.at, body.len);
    file_write(path, all.at, all.len);
    return VALUE_NONE;
}

/* ---- reading ---- */

_Noreturn static void refuse(const char *path, const char *why)
{
    error_raise(SPAN_NONE, ERR_FILE, "%s is no saved fit: %s", path, why);
}


/* Nothing in the tree may run: literals, names of functions, zeros(n, m). */
static void check_literals(Arena *a, const Ast *tree, const char *path)
{
    AstWalk w = ast_walk(a, tree);
    for (const Ast *t; (t = ast_walk_next(&w)) != NULL;)
        switch (t->kind) {
        case AST_NUMBER:
        case AST_STRING:
        case AST_BOOL:
        case AST_NAME:
        case AST_NAMED:
        case AST_ARRAY:
        case AST_ROW:
        case AST_LIST:
        case AST_RECORD:
        case AST_UNARY:
            break;
        case AST_BINARY:
            if (t->op != AST_DIV)
                refuse(path, "it holds more than literals");
            break;
        case AST_CALL:
            if (t->kids[0]->kind != AST_NAME ||
                strcmp(t->kids[0]->name, "zeros") != 0)
                refuse(path, "it holds more than literals");
            break;
        default:
            refuse(path, "it holds more than literals");
        }
}

Value builtin_load(Interp *in, const Args *a)
{
    const char *given = arg_text(a, 0, "the file");
    const char *path = relative_path(in, in->scratch, given);
    size_t len, n = sizeof magic - 1;
    char *text = file_read(in->scratch, path, &len);
    if (len < n + 17 || strncmp(text, "mlcm ", 5) != 0)
        refuse(given, "it does not begin with `mlcm`");
    if (strncmp(text, magic, n) != 0)
        refuse(given, "it was written by another version");
    char want[20];
    const char *body = text + n + 17;
    snprintf(want, sizeof want, "%016llx",
             (unsigned long long)hash_bytes(body, len - n - 17));
    if (strncmp(text + n, want, 16) != 0 || text[n + 16] != '\n')
        refuse(given, "its checksum does not agree: the file is damaged");
    const Ast *tree = parse_expression(given, body, in->scratch);
    check_literals(in->scratch, tree, given);
    Value parts = eval(in, tree);
    if (parts.kind != VAL_RECORD)
        refuse(given, "it holds no record");
    return fit_from_parts(in, parts, given);
}
