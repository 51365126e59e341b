/*
 * builtin.c - the table of builtin functions, and their arguments
 */
#include "eval/builtin.h"

#include <string.h>

#include "eval/derive.h"
#include "eval/plotting.h"
#include "eval/trace.h"

static const Builtin rows[] = {
#define BUILTIN(name, least, most, options, fn, special, signature, help,      \
                example)                                                       \
    {name, least, most, options, fn, special, -1, signature, help, example},
#define FORM(name, special, signature, help, example)                          \
    {name, 1, -1, "", NULL, special, -1, signature, help, example},
#define BOTH BUILTIN
#include "eval/builtins.def"
#undef BUILTIN
#undef FORM
#undef BOTH
};

/* The operators, with names that no row above has. */
static const Builtin operators[] = {
#define CORE(id, name, help, example)
#define ELEMENTWISE(id, name, nargs, latex, kernel, curve, points)             \
    {name, nargs, nargs, "", NULL, NULL, OP_##id, NULL, NULL, NULL},
#define ARRAY(id, name, nargs, latex, shape, kernel, curve, sizes)             \
    {name, nargs, nargs, "", NULL, NULL, OP_##id, NULL, NULL, NULL},
#include "op/ops.def"
};

enum {
    ROWS = sizeof rows / sizeof *rows,
    OPERATORS = sizeof operators / sizeof *operators
};

/* Rows of builtins.def first: the first of a name is the one that counts. */
const Builtin *builtin_row(size_t i)
{
    if (i < ROWS)
        return &rows[i];
    if (i < ROWS + OPERATORS)
        return &operators[i - ROWS];
    return NULL;
}

const Builtin *builtin_named(Name name)
{
    const Builtin *b;
    for (size_t i = 0; (b = builtin_row(i)) != NULL; i++)
        if (!strcmp(b->name, name))
            return b;
    return NULL;
}

static const char *called_name(const Args *a)
{
    const Ast *f = a->call ? a->call->kids[0] : NULL;
    return f && f->name ? f->name : "the function";
}

int64_t arg_int(const Args *a, int i, const char *what)
{
    int64_t k;
    if (!value_is_number(a->at[i]) || !value_to_int(a->at[i], &k))
        error_raise(SPAN_NONE, ERR_TYPE, "%s: %s is an integer, not %s",
                    called_name(a), what, value_kind_phrase(a->at[i]));
    return k;
}

double arg_double(const Args *a, int i, const char *what)
{
    if (!value_is_number(a->at[i]))
        error_raise(SPAN_NONE, ERR_TYPE, "%s: %s is a number, not %s",
                    called_name(a), what, value_kind_phrase(a->at[i]));
    return value_to_double(a->at[i]);
}

const char *arg_text(const Args *a, int i, const char *what)
{
    if (a->at[i].kind != VAL_STRING)
        error_raise(SPAN_NONE, ERR_TYPE, "%s: %s is text, not %s",
                    called_name(a), what, value_kind_phrase(a->at[i]));
    return a->at[i].string->text;
}

Name arg_name(const Args *a, int i, const char *what)
{
    return name_of(arg_text(a, i, what));
}

bool option_bool(const Args *a, const char *name, bool otherwise)
{
    const Value *v = args_named(a, name);
    if (!v)
        return otherwise;
    if (v->kind != VAL_BOOL)
        error_raise(SPAN_NONE, ERR_TYPE, "%s: the option %s is true or false",
                    called_name(a), name);
    return v->truth;
}
