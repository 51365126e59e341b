/*
 * builtin_explain.c - what kind of point is this?
 */
#include <math.h>
#include <stdlib.h>

#include "eval/builtin.h"
#include "eval/derive.h"
#include "graph/decimals.h"
#include "graph/diff.h"
#include "graph/probe.h"
#include "graph/solve.h"
#include "num/blas.h"
#include "value/format.h"
#include "value/matrix.h"
#include "value/number.h"

/* The entries of a gradient: a number, an array, a record of them. */
static void add_entries(Value v, Value list)
{
    if (v.kind == VAL_RECORD) {
        for (size_t i = 0; i < v.record->count; i++)
            add_entries(v.record->at[i], list);
    } else if (v.kind == VAL_ARRAY) {
        for (size_t i = 0; i < array_count(v.array); i++)
            list_push(list, array_get(v.array, i));
    } else {
        list_push(list, v);
    }
}

static double largest(const Array *a)
{
    double most = 0;
    for (size_t i = 0; i < array_count(a); i++)
        most = fmax(most, fabs(a->f[i]));
    return most;
}

/*
 * Is every entry of a gradient 0: exactly, or beside what an error of the
 * last digits of the point makes of it, `scale`?
 */
static bool all_zero(Graph *g, Value list, double scale)
{
    for (size_t i = 0; i < list.list->count; i++) {
        Value v = list.list->at[i];
        if (v.kind == VAL_EXPR) {
            if (probe_zero(g, v.expr->node) != ZERO_YES)
                return false;
            continue;
        }
        double x = value_to_double(v);
        if (value_is_exact(v) ? x != 0 : !(fabs(x) <= 1e-8 * scale))
            return false;
    }
    return true;
}

/* "minimum" and so on, by the signs of the curvatures. */
static const char *kind_of_point(int positive, int negative, int zero)
{
    if (positive && negative)
        return "saddle point";
    if (zero)
        return positive   ? "degenerate: no maximum; the Hessian is singular"
               : negative ? "degenerate: no minimum; the Hessian is singular"
                          : "degenerate: the Hessian is 0";
    return positive ? "minimum" : "maximum";
}

/* By eigenvalues; what is below rounding counts as 0. */
static const char *kind_by_floats(const Array *m, Span at)
{
    int n = m->rows, positive = 0, negative = 0, zero = 0;
    Value h = value_object(array_copy(m).array);
    Value w = array_new(ELEM_FLOAT, n, 1);
    double least = 1e-12 * largest(m);
    if (blas_eigen_symmetric(n, h.array->f, w.array->f, false) != 0)
        error_raise(at, ERR_DOMAIN,
                    "the eigenvalues of the Hessian were not found");
    for (int i = 0; i < n; i++) {
        positive += w.array->f[i] > least;
        negative += w.array->f[i] < -least;
        zero += fabs(w.array->f[i]) <= least;
    }
    return kind_of_point(positive, negative, zero);
}

/*
 * Inertia of a symmetric matrix of exact numbers by elimination (Sylvester).
 * With a diagonal of zeros an entry beside it is a curvature of either sign.
 */
static const char *kind_by_numbers(int n, Value *h)
{
    int positive = 0, negative = 0, rank = 0;
    bool *done = ARENA_ARRAY(error_arena(), bool, (size_t)n);
    for (; rank < n; rank++) {
        int p = 0, sign = 0;
        while (p < n && (done[p] || !(sign = number_sign(h[p + p * n]))))
            p++;
        if (p == n)
            break;
        positive += sign > 0;
        negative += sign < 0;
        done[p] = true;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n && !done[i]; j++) {
                if (done[j])
                    continue;
                Value t = number_binary(
                    BIN_DIV, number_binary(BIN_MUL, h[i + p * n], h[p + j * n]),
                    h[p + p * n]);
                h[i + j * n] = number_binary(BIN_SUB, h[i + j * n], t);
            }
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n && !done[i]; j++)
            if (!done[j] && number_sign(h[i + j * n]))
                positive = negative = 1;
    return kind_of_point(positive, negative, rank < n);
}

/* ---- the formula at the point ---- */

enum { POINT_MOST = 24 };

/* A function as a formula of scalar symbols, and the numbers for them. */
typedef struct Point {
    int n;
    Node x[POINT_MOST], at[POINT_MOST];
    bool exact;
    Node formula; /* NODE_NONE: it has none */
} Point;

static Node point_symbol(Interp *in, Point *p, Value v)
{
    const char *name = arena_printf(in->scratch, "coordinate %d", p->n + 1);
    Node x = node_symbol(in->graph, name_of(name), SHAPE_SCALAR, 0);
    p->exact = p->exact && (value_is_exact(v) || v.kind == VAL_EXPR);
    p->at[p->n] = node_of_value(in, v);
    p->x[p->n++] = x;
    return x;
}

/* The argument made of symbols; false if it cannot be. */
static bool symbols_for(Interp *in, Point *p, Value v, Value *y)
{
    if (value_is_number(v) || v.kind == VAL_EXPR) {
        if (p->n == POINT_MOST)
            return false;
        *y = value_of_node(in, point_symbol(in, p, v));
        return true;
    }
    if (v.kind != VAL_ARRAY || v.array->cols != 1 ||
        array_count(v.array) + (size_t)p->n > POINT_MOST)
        return false;
    Node part[POINT_MOST];
    int n = (int)array_count(v.array);
    for (int i = 0; i < n; i++)
        part[i] = point_symbol(in, p, array_get(v.array, (size_t)i));
    *y = value_of_node(in, node_stack(in->graph, n, part));
    return true;
}

static Point read_point(Interp *in, Value f, int n, const Value v[])
{
    Point p = {.n = 0, .exact = true, .formula = NODE_NONE};
    Value args[POINT_MOST];
    for (int i = 0; i < n; i++)
        if (i == POINT_MOST || !symbols_for(in, &p, v[i], &args[i]))
            return p;
    Checkpoint point = interp_checkpoint(in);
    Protect protect;
    Node volatile formula = NODE_NONE;
    if (PROTECT(&protect)) {
        Value y = call_values(in, f, n, args);
        if (y.kind == VAL_EXPR && node_is_scalar(in->graph, y.expr->node))
            formula = y.expr->node;
        protect_end(&protect);
    } else {
        ErrorCode code = context_error()->code;
        if (code == ERR_MEMORY || code == ERR_INTERRUPT)
            error_again();
        interp_restore(in, &point);
    }
    p.formula = formula;
    return p;
}

/*
 * The second derivatives there, from the formula: in m, and in *h if all are
 * exact numbers, else NULL.  False if there is no formula, or no value.
 */
static bool hessian_of_formula(Interp *in, const Point *p, Array *m, Value **h)
{
    Graph *g = in->graph;
    if (p->formula == NODE_NONE)
        return false;
    Node e = p->exact ? node_decimals(g, p->formula) : p->formula;
    bool exact = p->exact;
    *h = ARENA_ARRAY(in->scratch, Value, (size_t)(p->n * p->n));
    for (int i = 0; i < p->n; i++) {
        Node d = diff_scalar(g, e, p->x[i]);
        for (int j = 0; j <= i; j++) {
            int at = i + j * p->n, across = j + i * p->n;
            Node y = node_substitute(g, diff_scalar(g, d, p->x[j]), p->n, p->x,
                                     p->at);
            if (!node_constant_value(g, y, &m->f[at]))
                return false;
            m->f[across] = m->f[at];
            exact = exact && node_is_number(g, y) &&
                    value_is_exact(node_number_value(g, y));
            if (exact)
                (*h)[at] = (*h)[across] = node_number_value(g, y);
        }
    }
    if (!exact)
        *h = NULL;
    return true;
}

/*
 * The slopes at an exact point, decimals taken as they are typed: numbers
 * without rounding, so none of them is small enough to be 0 but 0.  False if
 * some slope is no exact number.
 */
static bool exact_slopes(Interp *in, const Point *p, Value entries)
{
    Graph *g = in->graph;
    if (p->formula == NODE_NONE || !p->exact)
        return false;
    Node e = node_decimals(g, p->formula), y[POINT_MOST];
    for (int i = 0; i < p->n; i++) {
        y[i] = node_substitute(g, diff_scalar(g, e, p->x[i]), p->n, p->x,
                               p->at);
        if (!node_is_number(g, y[i]) ||
            !value_is_exact(node_number_value(g, y[i])))
            return false;
    }
    for (int i = 0; i < p->n; i++)
        list_push(entries, node_number_value(g, y[i]));
    return true;
}

/* The Hessian as floats, from the derivative of the function. */
static const Array *hessian_of_function(Interp *in, Value f, int n,
                                        const Value v[], Span at)
{
    Value h = derive_function(in, DERIVE_HESSIAN, f, 1, 0, NULL, at);
    Value y = call_values(in, h, n, v);
    if (value_is_number(y)) {
        double x = value_to_double(y);
        y = array_new(ELEM_FLOAT, 1, 1);
        y.array->f[0] = x;
    }
    if (y.kind != VAL_ARRAY)
        error_raise(at, ERR_TYPE,
                    "classify is for functions of numbers, or of one column");
    return array_to_float(y);
}

static double size_of_point(Interp *in, const Point *p)
{
    double most = 0, v;
    for (int i = 0; i < p->n; i++)
        if (node_constant_value(in->graph, p->at[i], &v))
            most = fmax(most, fabs(v));
    return most;
}

/* f(x, y) at [0, 0] is f at 0, 0. */
static int spread_point(const Args *a, Value v[])
{
    int wanted = function_nparams(a->at[0].function);
    const Array *m = a->at[1].kind == VAL_ARRAY ? a->at[1].array : NULL;
    if (a->count == 2 && wanted > 1 && m && array_count(m) == (size_t)wanted &&
        wanted <= POINT_MOST) {
        for (int i = 0; i < wanted; i++)
            v[i] = array_get(m, (size_t)i);
        return wanted;
    }
    int n = a->count - 1 < POINT_MOST ? a->count - 1 : POINT_MOST;
    for (int i = 0; i < n; i++)
        v[i] = a->at[i + 1];
    return n;
}

static void refuse_kink(Interp *in, const Point *p, Span at)
{
    if (p->formula == NODE_NONE)
        return;
    const char *kink = node_kink_at(in->graph, p->formula, p->n, p->x, p->at);
    if (kink)
        error_raise(at, ERR_DIFF,
                    "`%s` has a kink at this point: derivatives do not tell "
                    "what it is",
                    kink);
}

Value builtin_classify(Interp *in, const Args *a)
{
    Span at = *context_here();
    if (a->at[0].kind != VAL_FUNCTION)
        error_raise_help(at, ERR_TYPE, NULL,
                         "f(x, y) = x^2 - y^2; classify(f, 0, 0)",
                         "classify takes a function and a point");
    Value v[POINT_MOST];
    int count = spread_point(a, v);
    Value entries = list_new(4), *exact = NULL;
    Point p = read_point(in, a->at[0], count, v);
    refuse_kink(in, &p, at);
    Value g = derive_function(in, DERIVE_GRAD, a->at[0], 1, 0, NULL, at);
    Value slope = call_values(in, g, count, v);
    bool sharp = exact_slopes(in, &p, entries);
    if (!sharp)
        add_entries(slope, entries);
    Value matrix = array_new(ELEM_FLOAT, p.n, p.n);
    const Array *m = matrix.array;
    if (!hessian_of_formula(in, &p, matrix.array, &exact))
        m = hessian_of_function(in, a->at[0], count, v, at);
    double scale = p.formula == NODE_NONE
                       ? fmax(1, largest(m))
                       : largest(m) * fmax(size_of_point(in, &p), 1e-8);
    if (!all_zero(in->graph, entries, sharp ? 0 : scale)) {
        Str s = str_in(error_arena());
        value_format_inline(&in->format, slope, &s);
        error_raise(at, ERR_DOMAIN,
                    "the gradient there is %s, not 0: no extremum and no "
                    "saddle point",
                    str_text(&s));
    }
    return value_string(exact ? kind_by_numbers(p.n, exact)
                              : kind_by_floats(m, at));
}
