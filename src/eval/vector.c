/*
 * vector.c - the forms of vector calculus: divergence curl laplacian
 * directional, and implicit derivatives
 */
#include "eval/apply.h"
#include "eval/calculus.h"
#include "eval/derive.h"
#include "graph/diff.h"
#include "graph/simplify.h"
#include "value/shape.h"

/* The formula of a form, its variables as one column x, and their number. */
typedef struct Field {
    Graph *g;
    Vars vars;
    Span at;
    Node e, x;
    int count; /* -1: a named dimension */
} Field;

static Field read_field(Interp *in, const Ast *call, uint32_t args,
                        const char *example)
{
    if (ast_args(call) != args)
        error_raise_help(call->at, ERR_ARGUMENT, NULL, example,
                         "this form takes %u arguments", args);
    Vars v = {.count = 0};
    vars_add_list(in, &v, ast_arg(call, 1));
    const Ast *t = ast_arg(call, 0);
    Field f = {.g = in->graph, .at = call->at};
    f.e = vars_node(in, t, vars_eval(in, t, &v), &v);
    f.vars = v;
    *context_here() = call->at;
    f.x = v.count == 1 ? v.node[0] : node_stack(f.g, v.count, v.node);
    for (int i = 0; v.count > 1 && i < v.count; i++)
        if (!node_is_scalar(f.g, v.node[i]))
            error_raise(v.at[i], ERR_SHAPE,
                        "several variables are numbers, and `%s` is an array",
                        v.name[i]);
    Shape s = node_shape(f.g, f.x);
    if (s.cols != 1)
        error_raise(v.at[0], ERR_SHAPE,
                    "the variables are numbers or a column, and `%s` is none",
                    v.name[0]);
    f.count = s.rows < 0 ? -1 : (int)s.rows;
    return f;
}

static void need_number(const Field *f, const Ast *call, const char *form)
{
    if (!node_is_scalar(f->g, f->e))
        error_raise(call->at, ERR_SHAPE, "%s is of a number", form);
}

static void need_field(const Field *f, const Ast *call, const char *form)
{
    Shape s = node_shape(f->g, f->e), x = node_shape(f->g, f->x);
    if (s.cols != 1 || s.rows != x.rows)
        error_raise_help(
            call->at, ERR_SHAPE, NULL, "divergence([x*y, y^2], [x, y])",
            "%s is of a column with an entry for each variable", form);
}

static Node entry(Graph *g, Node m, int i, int j)
{
    return node_is_scalar(g, m)
               ? m
               : node_index(g, m, node_int(g, i), node_int(g, j));
}

static Node trace_of(const Field *f, Node m)
{
    Graph *g = f->g;
    if (f->count < 0 || f->count > MOST_VARS)
        return node_apply(g, OP_TR, 1, &m);
    Node y = node_int(g, 0);
    for (int i = 1; i <= f->count; i++)
        y = node_add(g, y, entry(g, m, i, i));
    return y;
}

static bool give(Interp *in, const Field *f, Node y, Value *to)
{
    *to = value_of_node(in, node_textbook(in->graph, y));
    return vars_settle(in, &f->vars, f->at, to);
}

/* The sum of the derivatives of each entry by its own variable. */
bool special_divergence(Interp *in, const Ast *call, Value *y)
{
    Field f = read_field(in, call, 2, "divergence([x*y, y^2], [x, y])");
    need_field(&f, call, "divergence");
    return give(in, &f, trace_of(&f, diff_jacobian(f.g, f.e, f.x)), y);
}

bool special_laplacian(Interp *in, const Ast *call, Value *y)
{
    Field f = read_field(in, call, 2, "laplacian(x^2*y, [x, y])");
    need_number(&f, call, "laplacian");
    return give(in, &f, trace_of(&f, diff_hessian(f.g, f.e, f.x)), y);
}

/* In the plane the third entry alone, a number. */
bool special_curl(Interp *in, const Ast *call, Value *y)
{
    Field f = read_field(in, call, 2, "curl([-y, x, 0], [x, y, z])");
    need_field(&f, call, "curl");
    if (f.count != 2 && f.count != 3)
        error_raise(call->at, ERR_SHAPE, "curl is of 2 or 3 variables");
    Graph *g = f.g;
    Node j = diff_jacobian(g, f.e, f.x), part[3];
    for (int i = 0; i < 3; i++) {
        int a = (i + 1) % 3 + 1, b = (i + 2) % 3 + 1;
        if (f.count == 3 || i == 2)
            part[i] = node_sub(g, entry(g, j, b, a), entry(g, j, a, b));
    }
    return give(in, &f, f.count == 2 ? part[2] : node_stack(g, 3, part), y);
}

/* The slope along d, whatever its length: gradient'*d/norm2(d). */
bool special_directional(Interp *in, const Ast *call, Value *y)
{
    Field f = read_field(in, call, 3, "directional(x^2 + y^3, [x, y], [1, 1])");
    need_number(&f, call, "directional");
    Graph *g = f.g;
    Node d = node_of_value(in, eval(in, ast_arg(call, 2))), gradient;
    *context_here() = call->at;
    Shape s = node_shape(g, d), x = node_shape(g, f.x);
    if (s.rows != x.rows || s.cols != x.cols)
        error_raise(ast_arg(call, 2)->at, ERR_SHAPE,
                    "a direction is a column with an entry for each variable");
    Node length = node_norm2(g, d);
    if (node_is_zero(g, length))
        error_raise(ast_arg(call, 2)->at, ERR_DOMAIN,
                    "a column of zeros has no direction");
    gradient = diff_jacobian(g, f.e, f.x);
    return give(in, &f, node_div(g, node_mul(g, gradient, d), length), y);
}

/* F(x, y) = 0: dy/dx = -F_x/F_y. */
bool special_implicit(Interp *in, const Ast *call, Value *y)
{
    if (ast_args(call) != 3)
        error_raise_help(call->at, ERR_ARGUMENT, NULL,
                         "implicit(x^2 + y^2 == 1, y, x)",
                         "implicit takes an equation, the name that it "
                         "defines, and the variable");
    Graph *g = in->graph;
    Vars v = {.count = 0};
    vars_add(in, &v, ast_arg(call, 1));
    vars_add(in, &v, ast_arg(call, 2));
    Node e = vars_equation(in, ast_arg(call, 0), &v);
    *context_here() = call->at;
    for (int i = 0; i < 2; i++)
        if (!node_is_scalar(g, v.node[i]))
            error_raise(v.at[i], ERR_SHAPE,
                        "implicit is for numbers, and `%s` is an array",
                        v.name[i]);
    if (v.node[0] == v.node[1])
        error_raise(v.at[1], ERR_ARGUMENT, "the two names are the same");
    Node by_y = diff_scalar(g, e, v.node[0]);
    if (node_is_zero(g, node_textbook(g, by_y)))
        error_raise(call->at, ERR_DOMAIN,
                    "the equation does not hold `%s`, so it defines none",
                    v.name[0]);
    Node by_x = diff_scalar(g, e, v.node[1]);
    e = node_neg(g, node_div(g, by_x, by_y));
    *y = value_of_node(in, node_textbook(g, e));
    return vars_settle(in, &v, call->at, y);
}
