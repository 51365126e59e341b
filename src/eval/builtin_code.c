/*
 * builtin_code.c - code(f, "c"): a function and its derivatives as C
 */
#include <string.h>

#include "compile/emit.h"
#include "eval/builtin.h"
#include "eval/derive.h"
#include "eval/module.h"
#include "eval/rule.h"
#include "eval/symbol.h"
#include "graph/diff.h"
#include "graph/simplify.h"
#include "io/file.h"
#include "value/shape.h"

enum { MOST_IN = 64, MOST_OUT = MOST_IN + 2 };

/* One C function that is being put together. */
typedef struct Made {
    Interp *in;
    Value f;
    const char *own; /* its name */
    int nin, nout;
    Node param[MOST_IN], out[MOST_OUT];
    EmitParam in_name[MOST_IN], out_name[MOST_OUT];
    const char *name[MOST_IN + MOST_OUT]; /* taken so far */
    int named;
} Made;

/* ---- names ---- */

/* A C identifier: other characters become their code, what C has a
 * meaning for gets a mark; it begins with a letter. */
static const char *c_name(Arena *a, const char *before, const char *name)
{
    Str s = str_in(a);
    str_add(&s, !*before && *name >= '0' && *name <= '9' ? "f" : before);
    for (const unsigned char *c = (const unsigned char *)name; *c; c++)
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '_' ||
            (*c >= '0' && *c <= '9'))
            str_add_char(&s, (char)*c);
        else
            str_add_format(&s, "x%02x", *c);
    if (emit_is_taken(str_text(&s)))
        str_add_char(&s, '_');
    return str_text(&s);
}

/* Is a function of the file called so: f_1 and so on for f? */
static bool is_part_of_own(const Made *m, const char *name)
{
    size_t n = strlen(m->own);
    return !strncmp(name, m->own, n) && name[n] == '_' && name[n + 1] &&
           !name[n + 1 + strspn(name + n + 1, "0123456789")];
}

/* The name with marks added until none before it is called so. */
static const char *unique_name(Made *m, const char *name)
{
    if (is_part_of_own(m, name))
        name = arena_printf(m->in->scratch, "%s_", name);
    for (int i = 0; i < m->named; i++)
        if (!strcmp(m->name[i], name)) {
            name = arena_printf(m->in->scratch, "%s_", name);
            i = -1;
        }
    m->name[m->named++] = name;
    return name;
}

/* ---- parameters ---- */

static Shape known_shape(Interp *in, const Decl *d, const char *f)
{
    Shape s = declared_shape(in, d);
    if (s.rows >= 0 && s.cols >= 0)
        return s;
    error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                     arena_printf(error_arena(),
                                  "code(%s, \"c\", ...) with an example for "
                                  "every parameter",
                                  f ? f : "f"),
                     "the size of `%s` is not a number, and C needs one",
                     d->name);
}

static void need_numbers(Name name, Value example)
{
    if (value_is_number(example) || example.kind == VAL_ARRAY)
        return;
    error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                     example.kind == VAL_RECORD
                         ? "a function of its parts: (W, b) -> f({W = W, b = b})"
                         : NULL,
                     "C takes numbers and arrays, and the example for `%s` is "
                     "%s",
                     name, value_kind_phrase(example));
}

static void make_params(Made *m, const Args *a)
{
    Interp *in = m->in;
    int count = 0, total, examples = a->count - 2;
    const Decl *all = function_params(m->f.function, &total);
    const Decl **decl = ARENA_ARRAY(in->scratch, const Decl *,
                                    (size_t)(all ? total : 0) + 1);
    for (int i = 0; all && i < total; i++) /* options keep their values */
        if (!all[i].option)
            decl[count++] = &all[i];
    if (!all || count > MOST_IN)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "code is for functions of at most %d parameters, made by a "
                    "definition or a derivative",
                    MOST_IN);
    if (examples > 0 && examples != count)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "the function has %d %s, and %d %s given as %s", count,
                    count == 1 ? "parameter" : "parameters", examples,
                    examples == 1 ? "is" : "are",
                    examples == 1 ? "example" : "examples");
    for (int i = 0; i < count; i++) {
        if (examples > 0)
            need_numbers(decl[i]->name, a->at[2 + i]);
        Shape s = examples > 0 ? value_shape(a->at[2 + i])
                               : known_shape(in, decl[i], m->f.function->name);
        m->param[i] = node_symbol(in->graph, decl[i]->name, s,
                                  decl_symbol_flags(decl[i]));
        m->in_name[i] = (EmitParam){
            unique_name(m, c_name(in->scratch, "", decl[i]->name)), s};
    }
    m->nin = count;
}

/* ---- results ---- */

static void add_result(Made *m, Node n, const char *name)
{
    m->out_name[m->nout].name = unique_name(m, name);
    m->out[m->nout++] = expand_named(m->in, n);
}

static Node value_of_function(Made *m)
{
    Value v[MOST_IN];
    for (int i = 0; i < m->nin; i++)
        v[i] = value_expr(m->param[i]);
    Value y = call_values(m->in, m->f, m->nin, v);
    if (y.kind != VAL_EXPR && y.kind != VAL_ARRAY && !value_is_number(y))
        error_raise(SPAN_NONE, ERR_TYPE,
                    "the function gives %s, not a number "
                    "or an array",
                    value_kind_phrase(y));
    return node_of_value(m->in, y);
}

static void add_gradient(Made *m, Node y)
{
    Graph *g = m->in->graph;
    Node d[MOST_IN];
    Arena *a = m->in->scratch;
    if (node_is_scalar(g, y)) {
        diff_reverse(g, y, m->nin, m->param, d);
        for (int i = 0; i < m->nin; i++)
            add_result(m, node_textbook(g, d[i]),
                       c_name(a, "d_", node_symbol_name(g, m->param[i])));
        return;
    }
    for (int i = 0; i < m->nin; i++)
        add_result(m, node_textbook(g, diff_jacobian(g, y, m->param[i])),
                   c_name(a, "d_", node_symbol_name(g, m->param[i])));
}

static void add_hessian(Made *m, Node y)
{
    Graph *g = m->in->graph;
    if (!node_is_scalar(g, y))
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "a Hessian needs a function that gives a number");
    Node x = m->nin == 1 ? m->param[0] : node_stack(g, m->nin, m->param);
    add_result(m, node_textbook(g, diff_hessian(g, y, x)), "hessian");
}

static Program *compile(Made *m)
{
    Shape shape[MOST_IN];
    for (int i = 0; i < m->nin; i++)
        shape[i] = m->in_name[i].shape;
    ProgramSpec spec = {.nin = m->nin,
                        .in = m->param,
                        .in_shape = shape,
                        .nout = m->nout,
                        .out = m->out,
                        .data_dim = NODE_NONE,
                        .precision = PRECISION_F64};
    Program *p = program_new(m->in->graph, &spec);
    for (int i = 0; i < m->nout; i++)
        m->out_name[i].shape = program_out_shape(p, i);
    return p;
}

/* ---- code ---- */

static void write_code(Made *m, bool hessian, Str *out)
{
    static const char *const said[] = {"value and gradient",
                                       "value, gradient and Hessian"};
    Node y = value_of_function(m);
    add_result(m, y, "value");
    add_gradient(m, y);
    if (hessian)
        add_hessian(m, y);
    Program *volatile p = compile(m);
    EmitSpec spec = {m->own, said[hessian], m->in_name, m->out_name};
    Protect q;
    if (PROTECT(&q)) {
        program_emit(1, (const Program *const[]){p}, &spec, out);
        protect_end(&q);
        program_free(p);
        return;
    }
    program_free(p);
    error_again();
}

Value builtin_code(Interp *in, const Args *a)
{
    Str s = str_in(in->scratch);
    const char *language = arg_text(a, 1, "the language");
    const Value *name = args_named(a, "name"), *file = args_named(a, "file");
    if (strcmp(language, "c") != 0)
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, "code(f, \"c\")",
                         "code is written in \"c\", not in \"%s\"", language);
    if (a->at[0].kind != VAL_FUNCTION)
        error_raise_help(
            SPAN_NONE, ERR_TYPE, NULL, "f(x) = ..., then code(f, \"c\")",
            "code needs a function, not %s", value_kind_phrase(a->at[0]));
    Made *m = ARENA_NEW(in->scratch, Made);
    m->in = in;
    m->f = a->at[0];
    const char *given = name && name->kind == VAL_STRING ? name->string->text
                        : m->f.function->name            ? m->f.function->name
                                                         : "f";
    m->own = c_name(in->scratch, "", given);
    interp_hold(in, 1);
    make_params(m, a);
    write_code(m, option_bool(a, "hessian", false), &s);
    interp_hold(in, -1);
    if (!file)
        return value_string_len(str_text(&s), s.len);
    if (file->kind != VAL_STRING)
        error_raise(SPAN_NONE, ERR_TYPE, "file = needs a name, as text");
    file_write(relative_path(in, in->scratch, file->string->text), s.at, s.len);
    return VALUE_NONE;
}
