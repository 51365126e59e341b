/*
 * solving.c - the forms taylor and solve
 */
#include <math.h>
#include <string.h>

#include "compile/program.h"
#include "eval/apply.h"
#include "eval/calculus.h"
#include "eval/solving.h"
#include "eval/symbol.h"
#include "graph/print.h"
#include "graph/query.h"
#include "graph/simplify.h"
#include "graph/solve.h"
#include "graph/walk.h"
#include "value/number.h"

/* ---- taylor ---- */

bool special_taylor(Interp *in, const Ast *call, Value *y)
{
    Vars v = {.count = 0};
    int64_t n;
    if (ast_args(call) != 4)
        error_raise_help(call->at, ERR_ARGUMENT, NULL,
                         "taylor(exp(x), x, 0, 3)",
                         "taylor takes a formula, its variable, the point and "
                         "the highest power");
    vars_add(in, &v, ast_arg(call, 1));
    const Ast *t = ast_arg(call, 0);
    Node e = vars_node(in, t, vars_eval(in, t, &v), &v);
    Node a = node_of_value(in, eval(in, ast_arg(call, 2)));
    Value power = eval(in, ast_arg(call, 3));
    if (!value_is_number(power) || !value_to_int(power, &n) || n < 0 ||
        n > 10000)
        error_raise(ast_arg(call, 3)->at, ERR_ARGUMENT,
                    "the highest power is an integer from 0");
    *context_here() = call->at;
    if (!node_is_scalar(in->graph, e) || !node_is_scalar(in->graph, a))
        error_raise(call->at, ERR_SHAPE, "taylor is for numbers");
    Node x = vars_symbol(in, &v, 0, e);
    *y = value_of_node(in, node_taylor(in->graph, e, x, a, (int)n));
    return vars_settle(in, &v, call->at, y);
}

/* ---- equations ---- */

Node vars_equation(Interp *in, const Ast *t, Vars *v)
{
    if (t->kind == AST_COMPARE && t->count == 2) {
        if (t->ops[0] != AST_EQ)
            error_raise(t->at, ERR_ARGUMENT,
                        "solve is for equations, written ==");
        Node left = vars_node(in, t->kids[0], vars_eval(in, t->kids[0], v), v);
        Node right = vars_node(in, t->kids[1], vars_eval(in, t->kids[1], v), v);
        if (!node_is_scalar(in->graph, left) ||
            !node_is_scalar(in->graph, right))
            error_raise_help(t->at, ERR_SHAPE, NULL, "A\\b solves A*x == b",
                             "solve is for equations between numbers");
        return node_sub(in->graph, left, right);
    }
    Node e = vars_node(in, t, vars_eval(in, t, v), v);
    if (!node_is_scalar(in->graph, e))
        error_raise_help(t->at, ERR_SHAPE, NULL, "A\\b solves A*x == b",
                         "solve is for equations between numbers");
    return e;
}

/* Floats only in the value of a root that was searched. */
static double root_value(Graph *g, Node n)
{
    double v = NAN;
    if (node_is_constant(g, n))
        node_constant_value(g, n, &v);
    return v;
}

static void sort_roots(Graph *g, Roots *r)
{
    for (size_t i = 1; i < r->at.count; i++)
        for (size_t j = i; j > 0; j--) {
            Root *p = &r->at.at[j - 1], *q = &r->at.at[j], t = *p;
            if (!(root_value(g, q->at) < root_value(g, p->at)))
                break;
            *p = *q;
            *q = t;
        }
}

/* ---- a search for sign changes ---- */

typedef struct Curve {
    Program *program;
} Curve;

static double value_on(const Curve *c, double x)
{
    double y = NAN;
    const double *const at[] = {&x};
    double *const to[] = {&y};
    program_run(c->program, at, to);
    return y;
}

/* The zero between a and b, of whose values one is negative; NAN at a pole or
 * a jump, where the values do not become small. */
static double bisect(const Curve *c, double a, double b)
{
    double at_a = value_on(c, a), at_b = value_on(c, b);
    double first = fmin(fabs(at_a), fabs(at_b)), v = at_a, m = a;
    for (int k = 0; k < 1100; k++) {
        m = a + (b - a) / 2;
        v = value_on(c, m);
        if (m == a || m == b || v == 0)
            break;
        if ((v < 0) == (at_a < 0))
            a = m;
        else
            b = m;
    }
    return v == 0 || fabs(v) <= 1e-6 * first ? m : NAN;
}

/* The points of the search: dense from -20 to 20, then farther apart. */
static double search_point(int k, int most)
{
    double t = 2.0 * k / most - 1;
    return 20 * t * (1 + 1e3 * pow(fabs(t), 9));
}

enum { POINTS = 20011 };

static void scan(Interp *in, const Curve *c, Roots *roots, Arena *a)
{
    double before = NAN, last = NAN;
    int zeros = 0;
    for (int k = 0; k <= POINTS; k++) {
        double at = search_point(k, POINTS), v = value_on(c, at);
        double root = NAN;
        zeros = v == 0 ? zeros + 1 : 0;
        if (zeros == 3)
            error_raise(SPAN_NONE, ERR_DOMAIN,
                        "the equation holds on a whole interval, near %g", at);
        if (v == 0)
            root = at;
        else if (before != 0 && isfinite(v) && isfinite(before) &&
                 (v < 0) != (before < 0))
            root = bisect(c, last, at);
        if (isfinite(root)) {
            Root r = {.at = node_float(in->graph, root), .family = NODE_NONE};
            VEC_PUSH_IN(a, &roots->at, r);
        }
        before = v;
        last = at;
    }
}

static void search_roots(Interp *in, Node e, Node x, Roots *roots, Arena *a)
{
    Shape scalar = SHAPE_SCALAR;
    ProgramSpec spec = {.nin = 1,
                        .in = &x,
                        .in_shape = &scalar,
                        .nout = 1,
                        .out = &e,
                        .data_dim = NODE_NONE};
    Curve c = {program_new(in->graph, &spec)};
    Protect p;
    if (PROTECT(&p)) {
        scan(in, &c, roots, a);
        protect_end(&p);
        program_free(c.program);
    } else {
        program_free(c.program);
        error_again();
    }
}

static bool has_symbols_but(Interp *in, Node e, int count, const Node x[])
{
    Node *found;
    Arena *a = arena_local();
    int n = node_symbols(in->graph, e, a, &found);
    bool other = false;
    for (int i = 0; i < n; i++) {
        bool known = false;
        for (int k = 0; k < count; k++)
            known = known || found[i] == x[k];
        other = other || !known;
    }
    arena_free(a);
    return other;
}

/* The nearest to 0 where a search found more than are of use. */
static void keep_near(Graph *g, Roots *r)
{
    enum { SHOWN = 24 };
    bool cut = r->at.count > SHOWN;
    while (r->at.count > SHOWN) {
        double first = fabs(root_value(g, r->at.at[0].at));
        double end = fabs(root_value(g, r->at.at[r->at.count - 1].at));
        if (first > end)
            memmove(r->at.at, r->at.at + 1,
                    (r->at.count - 1) * sizeof *r->at.at);
        r->at.count--;
    }
    if (cut)
        heap_warn_text("solve: only the roots next to 0 are given");
}

/* e with its floats as the rational numbers that they are. */
static Node with_exact_numbers(Graph *g, Node e, Arena *a, bool *floats)
{
    NodeMap seen = node_map_in(a);
    Nodes stack = {0}, from = {0}, to = {0};
    uint32_t once;
    VEC_PUSH_IN(a, &stack, e);
    while (stack.count > 0) {
        Node n = stack.at[--stack.count];
        if (node_map_get(&seen, n, &once))
            continue;
        node_map_set(&seen, n, 1);
        if (node_is_number(g, n)) {
            Value v = node_number_value(g, n);
            if (!value_is_exact(v) && isfinite(value_to_double(v))) {
                VEC_PUSH_IN(a, &from, n);
                VEC_PUSH_IN(a, &to, node_number(g, number_to_exact(v)));
            }
        }
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(a, &stack, node_arg(g, n, i));
    }
    *floats = from.count > 0;
    return from.count ? node_substitute(g, e, (int)from.count, from.at, to.at)
                      : e;
}

/* A float where the equation had floats. */
static Value root_as_given(Interp *in, Node root, bool floats)
{
    double v = root_value(in->graph, root);
    return floats && isfinite(v) ? value_float(v) : value_of_node(in, root);
}

/* "x = pi/6 + 2*pi*k or x = 5*pi/6 + 2*pi*k" */
static void warn_families(Graph *g, const Roots *r, Name x)
{
    Str s = str_in(error_arena());
    bool gaps = false;
    const Root *widest = NULL;
    for (size_t i = 0; i < r->families.count; i++) {
        const Root *root = &r->families.at[i];
        str_add_format(&s, "%s%s = ", widest ? " or " : "", x);
        node_print(g, root->family, &s);
        gaps = gaps || root->gaps;
        if (!widest || root->counters > widest->counters)
            widest = root;
    }
    if (!widest)
        return;
    str_add(&s, gaps ? " for integers " : " for all integers ");
    for (int i = 0; i < widest->counters; i++)
        str_add_format(&s, "%s%s", i ? ", " : "",
                       node_symbol_name(g, widest->counter[i]));
    heap_warn_text(arena_printf(
        error_arena(),
        "solve: %s: %s%s; those next to 0 are given",
        gaps ? "the solutions are" : "infinitely many solutions",
        str_text(&s), gaps ? " where the equation holds" : ""));
}

/* What symbols must fulfil for a formula to be a root. */
static void warn_conditions(Graph *g, const Roots *r)
{
    for (size_t i = 0; i < r->at.count; i++) {
        const Root *root = &r->at.at[i];
        if (root->wheres == 0 && !root->partly)
            continue;
        Str s = str_in(error_arena());
        str_add(&s, "solve: ");
        node_print(g, root->at, &s);
        if (root->wheres == 0)
            str_add(&s, " is a solution for some values of its symbols, "
                        "not for all: put it back");
        else
            str_add(&s, " is a solution only where ");
        for (int k = 0; k < root->wheres; k++) {
            if (k)
                str_add(&s, " and ");
            node_print(g, root->where[k], &s);
        }
        heap_warn_text(str_text(&s));
    }
}

static void warn_of_roots(Graph *g, const Roots *r, Name x)
{
    warn_families(g, r, x);
    warn_conditions(g, r);
    if (r->numeric)
        heap_warn_text("solve: roots without a short form are given as floats");
}

static Value solve_one(Interp *in, const Ast *call, const Ast *t, Vars *v)
{
    Graph *g = in->graph;
    Node e = vars_equation(in, t, v);
    Node x = vars_symbol(in, v, 0, e);
    *context_here() = call->at;
    Arena *a = arena_local();
    bool floats;
    e = with_exact_numbers(g, e, a, &floats);
    Roots r = solve_equation(g, a, e, x, floats);
    if (r.all)
        error_raise(t->at, ERR_DOMAIN, "every %s is a solution", v->name[0]);
    if (r.open && !has_symbols_but(in, e, 1, &x)) {
        r.at.count = 0;
        search_roots(in, e, x, &r, a);
        if (r.at.count)
            heap_warn_text(
                "solve: found by a search for sign changes from -2e4 to "
                "2e4; there may be other roots");
    }
    if (r.open && r.at.count == 0)
        error_raise(t->at, ERR_DOMAIN,
                    "mlc finds no solution of this equation "
                    "for %s, and cannot show that there is none",
                    v->name[0]);
    if (r.open && has_symbols_but(in, e, 1, &x))
        heap_warn_text("solve: there may be other solutions");
    sort_roots(g, &r);
    warn_of_roots(g, &r, v->name[0]);
    keep_near(g, &r);
    Value list = list_new(r.at.count);
    for (size_t i = 0; i < r.at.count; i++)
        list_push(list, root_as_given(in, r.at.at[i].at, floats));
    arena_free(a);
    return list;
}

/* ---- systems ---- */

/* Nonlinear equations, as many as unknowns. */
static Value search_system(Interp *in, const Ast *call, int n, const Node e[],
                           const Vars *v)
{
    if (n != v->count || n > SEARCH_MOST)
        error_raise(call->at, ERR_DOMAIN,
                    "nonlinear systems are solved for up to %d unknowns, as "
                    "many as there are equations",
                    SEARCH_MOST);
    for (int i = 0; i < n; i++)
        if (has_symbols_but(in, e[i], v->count, v->node))
            error_raise(call->at, ERR_DOMAIN,
                        "nonlinear systems are solved for numbers: there are "
                        "other symbols in them");
    Value list = search_solutions(in, n, e, v->node, v->name);
    if (list.list->count == 0)
        error_raise(call->at, ERR_DOMAIN,
                    "mlc finds no solution of this system, and cannot show "
                    "that there is none");
    heap_warn_text("solve: found by Newton's method from many starts; there "
                   "may be other solutions");
    return list;
}

static Value solve_system(Interp *in, const Ast *call, const Ast *list, Vars *v)
{
    Graph *g = in->graph;
    int n = (int)list->count;
    Arena *a = arena_local();
    Node *e = ARENA_ARRAY(a, Node, (size_t)n + 1);
    Node *solution = ARENA_ARRAY(a, Node, (size_t)v->count + 1);
    for (int i = 0; i < n; i++)
        e[i] = vars_equation(in, list->kids[i], v);
    *context_here() = call->at;
    if (!solve_linear(g, n, e, v->count, v->node, solution)) {
        Value found = search_system(in, call, n, e, v);
        arena_free(a);
        return found;
    }
    Value r = record_new((size_t)v->count);
    for (int k = 0; k < v->count; k++)
        record_set(r, v->name[k],
                   value_of_node(in, node_textbook(g, solution[k])));
    arena_free(a);
    return r;
}

bool special_solve(Interp *in, const Ast *call, Value *y)
{
    Vars v = {.count = 0};
    if (ast_args(call) != 2)
        error_raise_help(
            call->at, ERR_ARGUMENT, NULL,
            "solve(x^2 == 4, x)  solve({x + y == 3, x == y}, [x, y])",
            "solve takes an equation and its unknown");
    const Ast *eq = ast_arg(call, 0), *by = ast_arg(call, 1);
    if (by->kind == AST_NAME) {
        vars_add(in, &v, by);
    } else {
        for (uint32_t i = 0; i < by->count; i++) {
            const Ast *row = by->kids[i];
            for (uint32_t k = 0; row->kind == AST_ROW && k < row->count; k++)
                vars_add(in, &v, row->kids[k]);
            if (row->kind != AST_ROW)
                vars_add(in, &v, row);
        }
    }
    if (eq->kind == AST_LIST && (v.count > 1 || eq->count > 1))
        *y = solve_system(in, call, eq, &v);
    else
        *y = solve_one(
            in, call, eq->kind == AST_LIST && eq->count ? eq->kids[0] : eq, &v);
    return true;
}
