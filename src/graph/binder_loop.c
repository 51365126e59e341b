/*
 * binder_loop.c - making loops: what needs no loop leaves it
 */
#include "graph/array.h"
#include "graph/binder_close.h"
#include "graph/binder_rows.h"
#include "graph/walk.h"
#include "op/op.h"

typedef struct Maker {
    Graph *g;
    const LoopSpec *spec;
    LoopResult *r; /* a copy of the results */
    Rows *rows;
    Node *out;
    bool *done; /* out[k] is known */
} Maker;

/* Puts `to` in the place of `from` wherever the body reads it. */
static void replace_everywhere(Maker *m, Node from, Node to)
{
    Graph *g = m->g;
    int n = 3 * m->spec->results;
    ArenaMark mark = arena_mark(g->scratch);
    Node *all = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int k = 0; k < m->spec->results; k++) {
        bool carried = k < m->spec->carried;
        all[3 * k] = m->r[k].value;
        all[3 * k + 1] = carried ? g->zero : m->r[k].row;
        all[3 * k + 2] = carried ? g->zero : m->r[k].col;
    }
    Node tuple = node_tuple(g, n, all);
    tuple = node_substitute(g, tuple, 1, &from, &to);
    for (int k = 0; k < m->spec->results; k++) {
        m->r[k].value = node_arg(g, tuple, 3 * k);
        if (k >= m->spec->carried) {
            m->r[k].row = node_arg(g, tuple, 3 * k + 1);
            m->r[k].col = node_arg(g, tuple, 3 * k + 2);
        }
    }
    arena_reset(g->scratch, mark);
}

/* Carried variables that keep their value, also because what they become
 * keeps it. */
static void drop_unchanged(Maker *m)
{
    bool again = true;
    while (again) {
        again = false;
        for (int k = 0; k < m->spec->carried; k++) {
            LoopResult *r = &m->r[k];
            if (m->done[k] || (r->value != r->variable && r->value != r->base))
                continue;
            m->done[k] = again = true;
            m->out[k] = r->base;
            replace_everywhere(m, r->variable, r->base);
        }
    }
}

/* m [n,w] between zeros, so that its first row is number 1 + ahead. */
static Node pad_rows(Graph *g, Node m, Node ahead, Dim total)
{
    Shape s = node_shape(g, m);
    Dim above = dim_of_node(g, ahead);
    Dim below = dim_sub(g, dim_sub(g, total, above), s.rows);
    Node part[3];
    int count = 0;
    if (above != 0)
        part[count++] = node_zero(g, (Shape){above, s.cols});
    part[count++] = m;
    if (below != 0)
        part[count++] = node_zero(g, (Shape){below, s.cols});
    return node_stack(g, count, part);
}

/* Rows of values that go to the rows i + ahead of an array like `base`. */
static Node stacked(Maker *m, const LoopResult *r, Node value, Node row,
                    Shape target)
{
    Graph *g = m->g;
    Node ahead;
    if (!rows_position(m->rows, row, &ahead))
        return NODE_NONE;
    bool whole =
        node_is_zero(g, ahead) && target.rows == dim_of_node(g, m->spec->count);
    Sign sign = node_sign(g, ahead);
    if (!whole && (sign == SIGN_NEGATIVE || sign == SIGN_UNKNOWN ||
                   (r->role == LOOP_SET && !node_is_zero(g, r->base))))
        return NODE_NONE;
    Node y = rows_of(m->rows, value);
    if (y == NODE_NONE || whole)
        return y;
    return pad_rows(g, y, ahead, target.rows);
}

static bool is_whole(const Graph *g, Node index, Dim side)
{
    return op_of(g, index) == OP_ALL || (side == 1 && index == g->one);
}

/* What accumulator k adds to its base, as a closed form; NODE_NONE: none. */
static Node closed_form(Maker *m, const LoopResult *r)
{
    Graph *g = m->g;
    Shape s = node_shape(g, r->base);
    bool rows = is_whole(g, r->row, s.rows), cols = is_whole(g, r->col, s.cols);
    if (rows && cols)
        return r->role == LOOP_ADD ? rows_sum(m->rows, r->value) : NODE_NONE;
    if (cols)
        return stacked(m, r, r->value, r->row, s);
    if (!rows)
        return NODE_NONE;
    Node y = stacked(m, r, node_transpose(g, r->value), r->col,
                     (Shape){s.cols, s.rows});
    return y == NODE_NONE ? y : node_transpose(g, y);
}

/*
 * Does n need functions, not only products and sums, of what the carried
 * values of the loop are made from?  Then the turns have them at hand, and the
 * closed form would compute them all a second time.
 */
static bool shares_functions(Maker *m, NodeMap *carried, Node n)
{
    Graph *g = m->g;
    VEC(Node) stack = {0};
    NodeMap seen = node_map_in(g->scratch);
    uint32_t mark;
    VEC_PUSH_IN(g->scratch, &stack, n);
    while (stack.count) {
        Node a = stack.at[--stack.count];
        if (node_level(g, a) < m->spec->level || node_map_get(&seen, a, &mark))
            continue;
        node_map_set(&seen, a, 1);
        bool function = op_table[op_of(g, a)].class == CLASS_ELEMENTWISE;
        if (function && node_map_get(carried, a, &mark))
            return true;
        for (uint32_t i = 0; i < (uint32_t)node_count(g, a); i++)
            VEC_PUSH_IN(g->scratch, &stack, arg_of(g, a, i));
    }
    return false;
}

static NodeMap functions_carried(Maker *m)
{
    Graph *g = m->g;
    VEC(Node) stack = {0};
    NodeMap seen = node_map_in(g->scratch);
    uint32_t mark;
    for (int k = 0; k < m->spec->carried; k++)
        if (!m->done[k])
            VEC_PUSH_IN(g->scratch, &stack, m->r[k].value);
    while (stack.count) {
        Node a = stack.at[--stack.count];
        if (node_level(g, a) < m->spec->level || node_map_get(&seen, a, &mark))
            continue;
        node_map_set(&seen, a, 1);
        for (uint32_t i = 0; i < (uint32_t)node_count(g, a); i++)
            VEC_PUSH_IN(g->scratch, &stack, arg_of(g, a, i));
    }
    return seen;
}

static void close_forms(Maker *m)
{
    Graph *g = m->g;
    NodeMap carried = functions_carried(m);
    for (int k = m->spec->carried; k < m->spec->results; k++) {
        LoopResult *r = &m->r[k];
        if (carried.count && shares_functions(m, &carried, r->value))
            continue;
        Node y = closed_form(m, r);
        if (y == NODE_NONE)
            continue;
        m->done[k] = true;
        m->out[k] = r->role == LOOP_ADD ? node_add(g, r->base, y) : y;
    }
}

/* ---- sums of outer products ---- */

/*
 * A sum over the turns of d*h', d and h of this turn, is the product of two
 * matrices whose rows they are: stacks, and one product after the loop.
 */
typedef struct Outer {
    Node left, right;      /* [n,p], [n,q], or NODE_NONE */
    int left_at, right_at; /* else the results that stack them */
    int target;
    Node coefficient;
} Outer;

typedef struct Split {
    VEC(LoopResult) more; /* results after those of the spec */
    VEC(Outer) outer;
} Split;

/* The number of the result that stacks the row e; -1: *known is the matrix. */
static int stack_rows(Maker *m, Split *s, Node e, Node *known)
{
    Graph *g = m->g;
    *known = rows_of(m->rows, e);
    if (*known != NODE_NONE)
        return -1;
    for (size_t i = 0; i < s->more.count; i++)
        if (s->more.at[i].value == e)
            return m->spec->results + (int)i;
    Dim w = node_shape(g, e).cols;
    Dim n = dim_of_node(g, m->spec->count);
    LoopResult r = {.role = LOOP_SET,
                    .variable = NODE_NONE,
                    .base = node_zero(g, (Shape){n, w}),
                    .value = e,
                    .row = m->spec->index,
                    .col = w == 1 ? g->one : g->all};
    VEC_PUSH_IN(g->scratch, &s->more, r);
    return m->spec->results + (int)s->more.count - 1;
}

/* c*L*R with L a column and R a row: the joint of t, or 0. */
static int outer_joint(Maker *m, Node t, int *count, Node **factors)
{
    Graph *g = m->g;
    Node body = op_of(g, t) == OP_MONO ? arg_of(g, t, 1) : t;
    if (op_of(g, body) != OP_CHAIN)
        return 0;
    *factors = chain_factors(g, body, count);
    return chain_joint(g, *count, *factors);
}

static void split_term(Maker *m, Split *s, int k, Node coefficient, Node t)
{
    Graph *g = m->g;
    int n;
    Node *f;
    int joint = outer_joint(m, t, &n, &f);
    Node left = node_product(g, joint, f);
    Node right = node_product(g, n - joint, f + joint);
    if (op_of(g, t) == OP_MONO) {
        Node body, scalar = split_scalar(g, t, &body);
        left = node_mul(g, scalar, left);
    }
    Outer o = {.target = k, .coefficient = coefficient};
    o.left_at = stack_rows(m, s, node_transpose(g, left), &o.left);
    o.right_at = stack_rows(m, s, right, &o.right);
    VEC_PUSH_IN(g->scratch, &s->outer, o);
}

/* Are all terms of the accumulator's value outer products? */
static bool is_sum_of_outer(Maker *m, Node v)
{
    Graph *g = m->g;
    int n;
    Node *f;
    if (op_of(g, v) == OP_TRANS)
        return false;
    if (op_of(g, v) != OP_SUM)
        return outer_joint(m, v, &n, &f) > 0;
    for (int i = 1; i < node_count(g, v); i += 2)
        if (outer_joint(m, arg_of(g, v, (uint32_t)i), &n, &f) == 0)
            return false;
    return true;
}

static void split_outer(Maker *m, Split *s)
{
    Graph *g = m->g;
    for (int k = m->spec->carried; k < m->spec->results; k++) {
        LoopResult *r = &m->r[k];
        Node v = r->value;
        if (m->done[k] || r->role != LOOP_ADD || op_of(g, r->row) != OP_ALL ||
            op_of(g, r->col) != OP_ALL || !is_sum_of_outer(m, v))
            continue;
        m->done[k] = true;
        m->out[k] = r->base;
        if (op_of(g, v) != OP_SUM) {
            split_term(m, s, k, g->one, v);
            continue;
        }
        Node *f = args_copy(g, v);
        int n = node_count(g, v);
        for (int i = 0; i < n; i += 2)
            split_term(m, s, k, f[i], f[i + 1]);
    }
}

/* ---- putting it together ---- */

/* The results that are left as one loop; at[k] is the number of result k. */
static Node close_rest(Maker *m, const Split *s, int *at)
{
    Graph *g = m->g;
    const LoopSpec *spec = m->spec;
    size_t total = (size_t)spec->results + s->more.count;
    LoopResult *r = ARENA_ARRAY(g->scratch, LoopResult, total + 1);
    LoopSpec rest = *spec;
    int n = 0;
    rest.carried = 0;
    for (int k = 0; k < spec->results; k++) {
        if (m->done[k])
            continue;
        rest.carried += k < spec->carried;
        at[k] = n;
        r[n++] = m->r[k];
    }
    for (size_t i = 0; i < s->more.count; i++) {
        at[(size_t)spec->results + i] = n;
        r[n++] = s->more.at[i];
    }
    if (n == 0)
        return NODE_NONE;
    rest.results = n;
    rest.result = r;
    return loop_close(g, &rest);
}

static void finish(Maker *m, const Split *s, Node loop, const int *at)
{
    Graph *g = m->g;
    for (int k = 0; k < m->spec->results; k++)
        if (!m->done[k])
            m->out[k] = node_proj(g, loop, at[k]);
    for (size_t i = 0; i < s->outer.count; i++) {
        const Outer *o = &s->outer.at[i];
        Node left =
            o->left_at < 0 ? o->left : node_proj(g, loop, at[o->left_at]);
        Node right =
            o->right_at < 0 ? o->right : node_proj(g, loop, at[o->right_at]);
        Node t = node_mul(g, node_transpose(g, left), right);
        t = node_scale(g, o->coefficient, t);
        m->out[o->target] = node_add(g, m->out[o->target], t);
    }
}

/*
 * v = c*unit(n, p), c a number; also of a choice whose arms are so, both at
 * one place: if an arm were 0, the place might be none when that is taken.
 */
static bool is_at_place(Graph *g, Node v, Node *c, Node *p)
{
    Node body = v, choice, arm[2], at[2];
    depth_check();
    *c = g->one;
    if (op_of(g, v) == OP_MONO)
        *c = split_scalar(g, v, &body);
    if (op_of(g, body) == OP_UNIT) {
        *p = arg_of(g, body, 0);
        return true;
    }
    if (op_of(g, body) != OP_PROJ || op_of(g, arg_of(g, body, 0)) != OP_IF)
        return false;
    choice = arg_of(g, body, 0);
    for (int i = 0; i < 2; i++) {
        Node *open = choice_open(g, choice, i, g->scratch);
        if (!is_at_place(g, open[result_number(g, body)], &arm[i], &at[i]))
            return false;
    }
    *p = at[0];
    if (at[0] != at[1])
        return false;
    *c = node_mul(g, *c, node_if(g, arg_of(g, choice, 0), arm[0], arm[1]));
    return true;
}

/* What every turn adds at one place is added there, not to the whole column. */
static void find_places(Maker *m)
{
    Graph *g = m->g;
    for (int k = m->spec->carried; k < m->spec->results; k++) {
        LoopResult *r = &m->r[k];
        Node c, p;
        if (r->role == LOOP_ADD && op_of(g, r->row) == OP_ALL &&
            op_of(g, r->col) == OP_ALL && node_is_column(g, r->value) &&
            op_of(g, r->value) != OP_UNIT && is_at_place(g, r->value, &c, &p) &&
            node_level(g, p) >= m->spec->level) {
            r->value = c;
            r->row = p;
            r->col = g->one;
        }
    }
}

/* An accumulator that adds to something: that is added outside. */
static Node *take_bases_out(Maker *m)
{
    Graph *g = m->g;
    int n = m->spec->results;
    Node *base = ARENA_ARRAY(g->scratch, Node, (size_t)n + 1);
    for (int k = 0; k < n; k++) {
        base[k] = NODE_NONE;
        if (m->r[k].role != LOOP_ADD || node_is_zero(g, m->r[k].base))
            continue;
        base[k] = m->r[k].base;
        m->r[k].base = node_zero(g, node_shape(g, base[k]));
    }
    return base;
}

static void make(Maker *m)
{
    Graph *g = m->g;
    const LoopSpec *s = m->spec;
    drop_unchanged(m);
    Node *base = take_bases_out(m);
    m->rows = rows_new(g, s->level, s->index, s->count);
    close_forms(m);
    Split split = {0};
    find_places(m);
    split_outer(m, &split);
    int *at =
        ARENA_ARRAY(g->scratch, int, (size_t)s->results + split.more.count + 1);
    finish(m, &split, close_rest(m, &split, at), at);
    for (int k = 0; k < s->results; k++)
        if (base[k] != NODE_NONE)
            m->out[k] = node_add(g, base[k], m->out[k]);
}

void node_loop(Graph *g, const LoopSpec *s, Node out[])
{
    int n = s->results;
    if (node_is_zero(g, s->count)) {
        for (int k = 0; k < n; k++)
            out[k] = s->result[k].base;
        return;
    }
    ArenaMark mark = arena_mark(g->scratch);
    Maker m = {.g = g, .spec = s, .out = out};
    m.r = ARENA_ARRAY(g->scratch, LoopResult, (size_t)n + 1);
    m.done = ARENA_ARRAY(g->scratch, bool, (size_t)n + 1);
    for (int k = 0; k < n; k++) {
        m.r[k] = s->result[k];
        m.done[k] = false;
    }
    make(&m);
    arena_reset(g->scratch, mark);
}

/* ---- index forms ---- */

/* One accumulator over the index. */
static Node accumulate(Graph *g, int level, Node index, Node count,
                       LoopResult r)
{
    LoopSpec s = {.level = level,
                  .count = count,
                  .index = index,
                  .results = 1,
                  .result = &r};
    Node y;
    node_loop(g, &s, &y);
    return y;
}

Node index_form_sum(Graph *g, int level, Node index, Node count, Node body)
{
    return accumulate(g, level, index, count,
                      (LoopResult){.role = LOOP_ADD,
                                   .base = node_zero(g, node_shape(g, body)),
                                   .value = body,
                                   .row = g->all,
                                   .col = g->all});
}

/* One carried variable: next(value so far) is `next`. */
static Node carry(Graph *g, int level, Node index, Node count, Node variable,
                  Node base, Node next)
{
    LoopResult r = {
        .role = LOOP_CARRY, .variable = variable, .base = base, .value = next};
    LoopSpec s = {.level = level,
                  .count = count,
                  .index = index,
                  .carried = 1,
                  .results = 1,
                  .result = &r};
    Node y;
    node_loop(g, &s, &y);
    return y;
}

Node index_form_prod(Graph *g, int level, Node index, Node count, Node body)
{
    if (node_level(g, body) < level && node_is_scalar(g, body))
        return node_power(g, body, count);
    Shape s = node_shape(g, body);
    Node p = node_bv(g, level, 1, s, 0);
    return carry(g, level, index, count, p, node_fill(g, s, g->one),
                 node_had(g, p, body));
}

Node index_form_extreme(Graph *g, int level, Node index, Node count, Node body,
                        bool largest)
{
    if (!node_is_scalar(g, body))
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "the %s over an index is of numbers, and the body is an "
                    "array",
                    largest ? "max" : "min");
    if (node_level(g, body) < level)
        return body;
    ArenaMark mark = arena_mark(g->scratch);
    Node rows = rows_of(rows_new(g, level, index, count), body);
    arena_reset(g->scratch, mark);
    if (rows != NODE_NONE)
        return node_apply(g, largest ? OP_MAXOF : OP_MINOF, 1, &rows);
    Node first = node_substitute(g, body, 1, &index, &g->one);
    Node next = node_add(g, index, g->one);
    Node other = node_substitute(g, body, 1, &index, &next);
    Node m = node_bv(g, level, 1, SHAPE_SCALAR, 0);
    Node better = largest ? node_compare_op(g, OP_LT, m, other)
                          : node_compare_op(g, OP_LT, other, m);
    return carry(g, level, index, node_sub(g, count, g->one), m, first,
                 node_if(g, better, other, m));
}

Node index_form_logic(Graph *g, int level, Node index, Node count, Node body,
                      bool all)
{
    Node b = node_bv(g, level, 1, SHAPE_SCALAR, 0);
    Node both[] = {b, body};
    return carry(g, level, index, count, b, all ? g->one : g->zero,
                 logic_apply(g, all ? OP_AND : OP_OR, 2, both));
}

Node index_form_array(Graph *g, int level, Node index, Node count, Node body)
{
    Shape s = node_shape(g, body);
    if (s.rows != 1)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "the entries of an array are numbers or rows");
    Dim n = dim_of_node(g, count);
    return accumulate(g, level, index, count,
                      (LoopResult){.role = LOOP_SET,
                                   .base = node_zero(g, (Shape){n, s.cols}),
                                   .value = body,
                                   .row = n == 1 ? g->one : index,
                                   .col = s.cols == 1 ? g->one : g->all});
}

Node index_form_rows(Graph *g, int level, Node index, Node count, Node body)
{
    ArenaMark mark = arena_mark(g->scratch);
    Node y = rows_of(rows_new(g, level, index, count), body);
    arena_reset(g->scratch, mark);
    return y;
}
