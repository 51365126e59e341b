/*
 * problem.c - what a solver is given
 */
#include "eval/problem.h"

#include <math.h>

#include "eval/apply.h"
#include "eval/objective.h"
#include "graph/front.h"
#include "graph/query.h"
#include "value/matrix.h"
#include "value/shape.h"

static void add_constraint(Interp *in, Problem *p, Node y, bool equality,
                           Span at)
{
    Graph *g = in->graph;
    Shape s = node_shape(g, y);
    if (p->nconstraints == MOST_CONSTRAINTS)
        error_raise(at, ERR_LIMIT, "more than %d constraints",
                    MOST_CONSTRAINTS);
    if (s.rows < 0 || s.cols != 1)
        error_raise(at, ERR_SHAPE, "a constraint is a number or a column");
    p->constraint[p->nconstraints++] =
        (Constraint){.node = y, .equality = equality, .entries = s.rows};
}

void problem_add_constraint(Interp *in, Problem *p, const Ast *t)
{
    Graph *g = in->graph;
    if (t->kind != AST_COMPARE)
        error_raise(t->at, ERR_TYPE, "a constraint is a comparison: a <= b");
    Value left = eval(in, t->kids[0]);
    for (uint32_t i = 1; i < t->count; i++) {
        Value right = eval(in, t->kids[i]);
        int op = t->ops[i - 1];
        bool more = op == AST_GE || op == AST_GT;
        if (!more && op != AST_LE && op != AST_LT && op != AST_EQ)
            error_raise(t->at, ERR_TYPE, "a constraint is <=, >= or ==");
        Node a = node_of_value(in, left), b = node_of_value(in, right);
        Node y = more || op == AST_EQ ? front_sub(g, a, b) : front_sub(g, b, a);
        if (y == NODE_NONE)
            raise_shapes(in, t, AST_SUB, node_shape(g, a), node_shape(g, b),
                         t->kids[i - 1], t->kids[i]);
        add_constraint(in, p, y, op == AST_EQ, t->at);
        left = right;
    }
}

/* ---- penalties of magnitudes ---- */

static int leaf_of(const Problem *p, Node symbol)
{
    for (int k = 0; k < p->nleaves; k++)
        if (p->leaf[k].symbol == symbol)
            return k;
    return -1;
}

/* norm1 of a param: ones'*abs(w), or abs(b); the leaf, or -1. */
static int magnitude_of(Graph *g, const Problem *p, Node t)
{
    if (node_op(g, t) == OP_ABS)
        return leaf_of(p, node_arg(g, t, 0));
    if (node_op(g, t) != OP_CHAIN || node_count(g, t) != 2 ||
        node_op(g, node_arg(g, t, 1)) != OP_ABS)
        return -1;
    Node x = node_arg(g, node_arg(g, t, 1), 0);
    if (node_transpose(g, node_arg(g, t, 0)) !=
        node_ones(g, node_shape(g, x).rows))
        return -1;
    return leaf_of(p, x);
}

static void add_weight(const Problem *p, Array *weights, int leaf, double c)
{
    int from = 0;
    for (int k = 0; k < leaf; k++)
        from += p->leaf[k].shape.rows * p->leaf[k].shape.cols;
    int n = p->leaf[leaf].shape.rows * p->leaf[leaf].shape.cols;
    for (int i = 0; i < n; i++)
        weights->f[from + i] += c;
}

/*
 * Splits the objective into a smooth part and sum(weights.*abs(v)); the
 * weights are NONE if there are none.
 */
static Node split_magnitudes(Interp *in, const Problem *p, int size,
                             Value *weights)
{
    Graph *g = in->graph;
    Node y = p->objective, rest = node_int(g, 0);
    Value w = array_new(ELEM_FLOAT, size, 1);
    bool found = false;
    *weights = VALUE_NONE;
    if (node_op(g, y) != OP_SUM)
        return y;
    int n = node_count(g, y);
    Node *args = ARENA_ARRAY(in->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        args[i] = node_arg(g, y, i);
    for (int i = 0; i + 1 < n; i += 2) {
        int leaf = magnitude_of(g, p, args[i + 1]);
        double c = value_to_double(node_number_value(g, args[i]));
        if (leaf >= 0 && c > 0) {
            add_weight(p, w.array, leaf, c);
            found = true;
        } else {
            rest = node_add(g, rest, node_scale(g, args[i], args[i + 1]));
        }
    }
    if (!found)
        return y;
    *weights = w;
    return rest;
}

/* ---- the record ---- */

static void set(Value r, const char *name, Value v)
{
    record_set(r, name_of(name), v);
}

static void set_bounds(const Problem *p, int size, Value r)
{
    Value lower = array_new(ELEM_FLOAT, size, 1);
    Value upper = array_new(ELEM_FLOAT, size, 1);
    bool bounded = false;
    for (int k = 0, i = 0; k < p->nleaves; k++) {
        const ModelLeaf *l = &p->leaf[k];
        for (int j = 0; j < l->shape.rows * l->shape.cols; j++, i++) {
            lower.array->f[i] = l->lower;
            upper.array->f[i] = l->upper;
        }
        bounded = bounded || isfinite(l->lower) || isfinite(l->upper);
    }
    set(r, "lower", bounded ? lower : VALUE_NONE);
    set(r, "upper", bounded ? upper : VALUE_NONE);
}

static Node stack_constraints(Graph *g, const Problem *p, bool equality, int *n)
{
    Node part[MOST_CONSTRAINTS];
    int count = 0;
    *n = 0;
    for (int i = 0; i < p->nconstraints; i++)
        if (p->constraint[i].equality == equality) {
            part[count++] = p->constraint[i].node;
            *n += p->constraint[i].entries;
        }
    if (count == 0)
        return NODE_NONE;
    return count == 1 ? part[0] : node_stack(g, count, part);
}

static void set_constraints(Interp *in, const Problem *p, const Node x[],
                            Value r)
{
    Graph *g = in->graph;
    int nc, ne;
    Node c = stack_constraints(g, p, false, &nc);
    Node e = stack_constraints(g, p, true, &ne);
    set(r, "inequality",
        c == NODE_NONE ? VALUE_NONE
                       : objective_new(in, c, p->nleaves, x, NODE_NONE));
    set(r, "equality",
        e == NODE_NONE ? VALUE_NONE
                       : objective_new(in, e, p->nleaves, x, NODE_NONE));
    bool affine = (c == NODE_NONE || query_affine(g, c, p->nleaves, x)) &&
                  (e == NODE_NONE || query_affine(g, e, p->nleaves, x));
    set(r, "linear_constraints", value_bool(affine));
    if (nc + ne == 0) {
        set(r, "lagrangian", VALUE_NONE);
        return;
    }
    Node all = c == NODE_NONE   ? e
               : e == NODE_NONE ? c
                                : node_stack(g, 2, (Node[]){c, e});
    Node u = node_symbol(g, name_of(" u"), (Shape){nc + ne, 1}, 0);
    set(r, "lagrangian",
        objective_new(in, node_dot(g, u, all), p->nleaves, x, u));
}

static Value packed_start(const Problem *p, int size)
{
    Value v = array_new(ELEM_FLOAT, size, 1);
    for (int k = 0, i = 0; k < p->nleaves; k++) {
        const Array *a = array_to_float(p->leaf[k].start);
        for (size_t j = 0; j < array_count(a); j++)
            v.array->f[i++] = a->f[j];
    }
    return v;
}

/*
 * Entries of v (from 1) in which the residual is affine, together, when the
 * others are held: whole params, in order.  NONE if there are none or no
 * others.
 */
static Value linear_entries(Interp *in, const Problem *p, Node residual,
                            int size)
{
    Node held[MODEL_LEAVES];
    int count = 0, entries = 0;
    bool linear[MODEL_LEAVES];
    for (int k = 0; k < p->nleaves; k++) {
        const ModelLeaf *l = &p->leaf[k];
        held[count] = l->symbol;
        linear[k] = query_affine(in->graph, residual, count + 1, held);
        count += linear[k];
        entries += linear[k] ? l->shape.rows * l->shape.cols : 0;
    }
    if (entries == 0 || entries == size)
        return VALUE_NONE;
    Value y = array_new(ELEM_FLOAT, entries, 1);
    for (int k = 0, at = 0, i = 0; k < p->nleaves; k++) {
        int n = p->leaf[k].shape.rows * p->leaf[k].shape.cols;
        for (int j = 0; j < n; j++)
            if (linear[k])
                y.array->f[i++] = at + j + 1;
        at += n;
    }
    return y;
}

/* A minimum is found for numbers: what else stands in y is named. */
_Noreturn static void raise_symbol(Interp *in, const char *name)
{
    const Frame *f = in->frame;
    if (f && f->function && f->function->class == &class_model)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         arena_printf(error_arena(),
                                      "give it a value: %s = 1, or let the fit "
                                      "find it: make it a param",
                                      name),
                         "the model %s depends on `%s`, which has no value",
                         f->function->name, name);
    error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                     "the derivative of a minimum follows from its equations: "
                     "?implicit",
                     "a minimum is searched with numbers, and `%s` has no "
                     "value: its formula is not known, nor are derivatives "
                     "through it",
                     name);
}

static void refuse_symbols(Interp *in, Node y, int n, const Node x[])
{
    Graph *g = in->graph;
    Arena *a = arena_local();
    Node *symbol;
    int count = node_symbols(g, y, a, &symbol);
    for (int i = 0; i < count; i++) {
        bool known = (node_symbol_flags(g, symbol[i]) & SYM_DIMENSION) != 0;
        for (int k = 0; k < n; k++)
            known = known || x[k] == symbol[i];
        if (!known)
            raise_symbol(in, node_symbol_name(g, symbol[i]));
    }
    arena_free(a);
}

Value problem_record(Interp *in, Problem *p)
{
    Graph *g = in->graph;
    Node x[MODEL_LEAVES];
    int size = 0, n = p->nleaves;
    for (int k = 0; k < n; k++) {
        x[k] = p->leaf[k].symbol;
        size += p->leaf[k].shape.rows * p->leaf[k].shape.cols;
    }
    Value r = record_new(20), weights;
    Node smooth = split_magnitudes(in, p, size, &weights);
    refuse_symbols(in, smooth, n, x);
    Node residual = query_residual(g, smooth, n, x);
    const char *kink;
    bool is_smooth = query_smooth(g, smooth, n, x, &kink);
    p->f = objective_new(in, smooth, n, x, NODE_NONE);
    set(r, "f", p->f);
    set(r, "size", value_int(size));
    set(r, "start", packed_start(p, size));
    const ModelLeaf *tail = n > 0 ? &p->leaf[n - 1] : NULL;
    set(r, "intercept",
        value_int(tail && shape_is_scalar(tail->shape) ? size : 0));
    set(r, "residual",
        residual == NODE_NONE ? VALUE_NONE
                              : objective_new(in, residual, n, x, NODE_NONE));
    set(r, "residual_rows",
        value_int(residual == NODE_NONE ? 0 : node_shape(g, residual).rows));
    set(r, "affine",
        value_bool(residual != NODE_NONE && query_affine(g, residual, n, x)));
    set(r, "linear",
        residual == NODE_NONE ? VALUE_NONE
                              : linear_entries(in, p, residual, size));
    set(r, "quadratic", value_bool(query_quadratic(g, smooth, n, x)));
    set(r, "smooth", value_bool(is_smooth));
    set(r, "kink", kink ? value_string(kink) : VALUE_NONE);
    set(r, "convex", value_bool(query_convex(g, smooth, n, x)));
    set(r, "l1", weights);
    set_bounds(p, size, r);
    set_constraints(in, p, x, r);
    return r;
}

/* The objective where the solver ended, with the constant that a sum of
 * squares leaves out.  Not for an objective that was split. */
Value problem_value(Interp *in, const Problem *p, Value solution)
{
    return call_values(in, p->f, 1, record_find(solution, name_of("v")));
}

/* ---- multipliers ---- */

static Value part(Value column, int from, int n)
{
    if (column.kind == VAL_NONE)
        return VALUE_NONE;
    const Array *a = array_to_float(column);
    Value y = array_new(ELEM_FLOAT, n, 1);
    for (int i = 0; i < n && from + i < (int)array_count(a); i++)
        y.array->f[i] = a->f[from + i];
    return array_value(y);
}

/* One entry for every param with such a bound. */
static void push_bounds(const Problem *p, const Value *column, bool upper,
                        Value list)
{
    if (!column || column->kind == VAL_NONE)
        return;
    for (int k = 0, from = 0; k < p->nleaves; k++) {
        const ModelLeaf *l = &p->leaf[k];
        int n = l->shape.rows * l->shape.cols;
        if (isfinite(upper ? l->upper : l->lower))
            list_push(list, part(*column, from, n));
        from += n;
    }
}

Value problem_multipliers(const Problem *p, Value solution)
{
    Value *m = record_find(solution, name_of("multipliers"));
    Value list = list_new((size_t)p->nconstraints + 2);
    if (!m || m->kind != VAL_RECORD)
        return list;
    Value *c = record_find(*m, name_of("inequality"));
    Value *e = record_find(*m, name_of("equality"));
    int at[2] = {0, 0};
    for (int i = 0; i < p->nconstraints; i++) {
        const Constraint *k = &p->constraint[i];
        Value *from = k->equality ? e : c;
        if (from)
            list_push(list, part(*from, at[k->equality], k->entries));
        at[k->equality] += k->entries;
    }
    push_bounds(p, record_find(*m, name_of("lower")), false, list);
    push_bounds(p, record_find(*m, name_of("upper")), true, list);
    return list;
}
