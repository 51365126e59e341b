/*
 * diff_loop.c - forward and reverse rules of LOOP
 */
#include "graph/diff_loop.h"

#include "graph/array.h"
#include "graph/binder_close.h"
#include "graph/internal.h"

/*
 * A loop opened for differentiation: carried variables and active captures
 * are bound variables, which `from` and `to` replace in the end by the
 * history and by the captures themselves.
 */
typedef struct Opened {
    Graph *g;
    DiffPass *p;
    Arena *arena;
    Node loop;
    LoopBody body;
    int carried, captures, results;
    bool *active; /* carried variables, then captures */
    int nfrom;
    Node *from, *to;
} Opened;

static Node new_variable(const Opened *o, int k, Shape s)
{
    int first = 1 + o->carried + o->captures;
    return node_bv(o->g, o->body.level, first + k, s, 0);
}

static void open_bodies(Opened *o, int level)
{
    Graph *g = o->g;
    int c = o->carried, p = o->captures;
    Node f = loop_lambda(g, o->loop);
    Node *at = ARENA_ARRAY(o->arena, Node, (size_t)(c + p) + 1);
    o->from = ARENA_ARRAY(o->arena, Node, (size_t)(c + p) + 1);
    o->to = ARENA_ARRAY(o->arena, Node, (size_t)(c + p) + 1);
    o->nfrom = 0;
    Node index = node_bv(g, level, 0, SHAPE_SCALAR, node_attr(g, f, 1));
    for (int k = 0; k < c + p; k++) {
        Node outside =
            k < c ? loop_base(g, o->loop, k) : loop_capture(g, o->loop, k - c);
        at[k] = outside;
        if (k >= c && !o->active[k])
            continue;
        at[k] = node_bv(g, level, 1 + k, node_shape(g, outside),
                        node_attr(g, f, 2 + k));
        o->from[o->nfrom] = at[k];
        o->to[o->nfrom++] = k < c ? hist_entry(g, o->loop, k, index) : outside;
    }
    o->body = loop_open_with(g, o->loop, index, at, at + c, o->arena);
}

/* Which carried variables change with the active ones, a fixed point. */
static void find_active(Opened *o)
{
    Graph *g = o->g;
    int n = o->carried + o->captures, count = 0;
    Node *x = ARENA_ARRAY(o->arena, Node, (size_t)n + 1);
    bool again = true;
    while (again) {
        POLL();
        again = false;
        count = 0;
        for (int k = 0; k < n; k++)
            if (o->active[k])
                x[count++] = k < o->carried ? o->body.variable[k]
                                            : o->body.capture[k - o->carried];
        ArenaMark mark = arena_mark(g->scratch);
        DiffPass q = pass_new(g, count, x);
        q.level = o->body.level;
        for (int k = 0; k < o->carried; k++)
            if (!o->active[k] && pass_is_active(&q, o->body.value[k]))
                o->active[k] = again = true;
        arena_reset(g->scratch, mark);
    }
}

static Opened open_loop(DiffPass *p, Node n, int level)
{
    Graph *g = p->g;
    Opened o = {.g = g, .p = p, .arena = p->arena, .loop = n};
    o.carried = loop_carried(g, n);
    o.captures = loop_captures(g, n);
    o.results = loop_results(g, n);
    int count = o.carried + o.captures;
    o.active = ARENA_ARRAY(p->arena, bool, (size_t)count + 1);
    for (int k = 0; k < count; k++)
        o.active[k] = pass_is_active(
            p, k < o.carried ? loop_base(g, n, k)
                             : loop_capture(g, n, k - o.carried));
    open_bodies(&o, level);
    find_active(&o);
    return o;
}

/* Puts histories and captures in: afterwards the results may be closed. */
static void settle(Opened *o, int n, LoopResult r[])
{
    Graph *g = o->g;
    Node *all = ARENA_ARRAY(o->arena, Node, 3 * (size_t)n + 1);
    for (int k = 0; k < n; k++) {
        bool carried = r[k].role == LOOP_CARRY;
        all[3 * k] = r[k].value;
        all[3 * k + 1] = carried ? g->zero : r[k].row;
        all[3 * k + 2] = carried ? g->zero : r[k].col;
    }
    Node tuple = node_tuple(g, 3 * n, all);
    tuple = node_substitute(g, tuple, o->nfrom, o->from, o->to);
    for (int k = 0; k < n; k++) {
        r[k].value = node_arg(g, tuple, 3 * k);
        if (r[k].role != LOOP_CARRY) {
            r[k].row = node_arg(g, tuple, 3 * k + 1);
            r[k].col = node_arg(g, tuple, 3 * k + 2);
        }
    }
}

static void make_loop(Opened *o, bool down, int carried, int n, LoopResult r[],
                      Node out[])
{
    settle(o, n, r);
    LoopSpec s = {.level = o->body.level,
                  .count = loop_count(o->g, o->loop),
                  .index = o->body.index,
                  .down = down,
                  .carried = carried,
                  .results = n,
                  .result = r};
    node_loop(o->g, &s, out);
}

static Node or_zero(Graph *g, Node n, Shape s)
{
    return n == NODE_NONE ? node_zero(g, s) : n;
}

/* ---- forward ---- */

/* The changes of the body's results; 0 where nothing changes. */
static Node *body_tangents(Opened *o, const Node dvariable[])
{
    Graph *g = o->g;
    int c = o->carried, p = o->captures, count = 0;
    Node *x = ARENA_ARRAY(o->arena, Node, (size_t)(c + p) + 1);
    Node *dx = ARENA_ARRAY(o->arena, Node, (size_t)(c + p) + 1);
    Node *dy = ARENA_ARRAY(o->arena, Node, (size_t)o->results + 1);
    for (int k = 0; k < c + p; k++) {
        if (!o->active[k])
            continue;
        Node outside = k < c ? NODE_NONE : loop_capture(g, o->loop, k - c);
        x[count] = k < c ? o->body.variable[k] : o->body.capture[k - c];
        dx[count++] = k < c ? dvariable[k]
                            : or_zero(g, pass_tangent(o->p, outside),
                                      node_shape(g, outside));
    }
    diff_forward_several(g, o->body.level, o->results, o->body.value, count, x,
                         dx, dy);
    return dy;
}

/* The change of the history of variable k, whose last change is `last`. */
static Node history_tangent(Graph *g, Node loop, int k, Node last)
{
    Shape s = node_shape(g, node_hist(g, loop, k));
    if (node_is_zero(g, last))
        return node_zero(g, s);
    if (op_of(g, last) == OP_PROJ && op_of(g, arg_of(g, last, 0)) == OP_LOOP &&
        loop_role(g, arg_of(g, last, 0), result_number(g, last)) == LOOP_CARRY)
        return node_hist(g, arg_of(g, last, 0), result_number(g, last));
    /* it keeps its first value */
    Dim n = dim_of_node(g, loop_count(g, loop));
    Node ones = node_transpose(g, node_ones(g, n));
    if (node_shape(g, last).cols == 1)
        return node_mul(g, last, ones);
    return node_apply(g, OP_KRON, 2, (Node[]){ones, last});
}

/* The level of the loop n and of the changes of its operands. */
static int tangent_level(DiffPass *p, Node n)
{
    Graph *g = p->g;
    int level = node_level(g, n);
    for (int i = 0; i < node_count(g, n); i++) {
        Node d = pass_tangent(p, node_arg(g, n, i));
        if (d != NODE_NONE && node_level(g, d) > level)
            level = node_level(g, d);
    }
    return level + 1;
}

Node tangent_loop(DiffPass *p, Node n)
{
    Graph *g = p->g;
    Opened o = open_loop(p, n, tangent_level(p, n));
    int c = o.carried, m = o.results, count = 0, carried = 0;
    Node *dvariable = ARENA_ARRAY(p->arena, Node, (size_t)c + 1);
    for (int k = 0; k < c; k++)
        dvariable[k] = new_variable(&o, k, node_shape(g, loop_base(g, n, k)));
    Node *dy = body_tangents(&o, dvariable);
    LoopResult *r = ARENA_ARRAY(p->arena, LoopResult, (size_t)m + 1);
    int *at = ARENA_ARRAY(p->arena, int, (size_t)m + 1);
    for (int k = 0; k < m; k++) {
        Node base = loop_base(g, n, k);
        Node dbase = or_zero(g, pass_tangent(p, base), node_shape(g, base));
        at[k] = -1;
        if (k < c ? !o.active[k]
                  : node_is_zero(g, dbase) && node_is_zero(g, dy[k]))
            continue;
        at[k] = count;
        carried += k < c;
        r[count++] = (LoopResult){.role = loop_role(g, n, k),
                                  .variable = k < c ? dvariable[k] : NODE_NONE,
                                  .base = dbase,
                                  .value = dy[k],
                                  .row = o.body.row[k],
                                  .col = o.body.col[k]};
    }
    Node *out = ARENA_ARRAY(p->arena, Node, (size_t)count + 1);
    make_loop(&o, loop_is_down(g, n), carried, count, r, out);
    Node *all = ARENA_ARRAY(p->arena, Node, (size_t)(m + c) + 1);
    for (int k = 0; k < m; k++) {
        Shape s = node_shape(g, loop_base(g, n, k));
        all[k] = at[k] < 0 ? node_zero(g, s) : out[at[k]];
        if (k < c)
            all[m + k] = history_tangent(g, n, k, all[k]);
    }
    return node_tuple(g, m + c, all);
}

Node tangent_output(DiffPass *p, Node n)
{
    Graph *g = p->g;
    Node source = node_arg(g, n, 0);
    Node tuple = pass_tangent(p, source);
    if (tuple == NODE_NONE)
        return NODE_NONE;
    int k = result_number(g, n);
    if (node_op(g, n) == OP_HIST)
        k += loop_results(g, source);
    return node_arg(g, tuple, k);
}

/* ---- reverse ---- */

/* A read of a capture: the INDEX of its bound variable, or that itself. */
typedef struct Read {
    Node leaf;
    int capture;
} Read;

typedef struct Reverse {
    Opened o;
    Node *result_u; /* adjoint of each result, NODE_NONE: 0 */
    Node *history_u;
    Node *adjoint; /* variables that carry the adjoints */
    VEC(Read) read;
    VEC(LoopResult) made;
    VEC(int) owner;       /* operand of the loop that gets made[i] */
    VEC(Node) leaf_place; /* of a read outside of the turns, or NONE */
} Reverse;

/* Adds up what arrived at each output. */
static void collect_seeds(DiffPass *p, Node n, Reverse *v)
{
    Graph *g = p->g;
    int m = loop_results(g, n), c = loop_carried(g, n);
    v->result_u = ARENA_ARRAY(p->arena, Node, (size_t)(m + c) + 1);
    v->history_u = v->result_u + m;
    for (int k = 0; k < m + c; k++)
        v->result_u[k] = NODE_NONE;
    for (const DiffPart *q = pass_outputs(p, n); q; q = q->next) {
        int k = result_number(g, q->output);
        Node *u = node_op(g, q->output) == OP_HIST ? &v->history_u[k]
                                                   : &v->result_u[k];
        *u = *u == NODE_NONE ? q->u : node_add(g, *u, q->u);
    }
}

static int seed_level(Graph *g, Node n, const Reverse *v)
{
    int level = node_level(g, n);
    int count = loop_results(g, n) + loop_carried(g, n);
    for (int k = 0; k < count; k++)
        if (v->result_u[k] != NODE_NONE &&
            node_level(g, v->result_u[k]) > level)
            level = node_level(g, v->result_u[k]);
    return level + 1;
}

/* The number of an active capture whose bound variable n is, or -1. */
static int capture_of(const Opened *o, Node n)
{
    if (node_op(o->g, n) != OP_BV ||
        node_attr(o->g, n, 0) != (uint32_t)o->body.level)
        return -1;
    int k = (int)node_attr(o->g, n, 1) - 1 - o->carried;
    return k >= 0 && k < o->captures && o->active[o->carried + k] ? k : -1;
}

/* One sweep over the body for all reads. */
static void find_reads(Reverse *v)
{
    Opened *o = &v->o;
    Graph *g = o->g;
    VEC(Node) stack = {0};
    NodeMap seen = node_map_in(o->arena);
    uint32_t known;
    for (int k = 0; k < o->results; k++)
        VEC_PUSH_IN(o->arena, &stack, o->body.value[k]);
    while (stack.count) {
        POLL();
        Node n = stack.at[--stack.count];
        if (node_level(g, n) < o->body.level || node_map_get(&seen, n, &known))
            continue;
        node_map_set(&seen, n, 1);
        int k = node_op(g, n) == OP_INDEX ? capture_of(o, node_arg(g, n, 0))
                                          : capture_of(o, n);
        if (k >= 0)
            VEC_PUSH_IN(o->arena, &v->read, ((Read){n, k}));
        int first = k >= 0 && node_op(g, n) == OP_INDEX ? 1 : 0;
        for (int i = first; i < node_count(g, n); i++)
            VEC_PUSH_IN(o->arena, &stack, node_arg(g, n, i));
    }
}

/* Does another turn write to another place, for sure? */
static bool is_one_to_one(const Opened *o, Node place)
{
    Graph *g = o->g;
    OpId op = node_op(g, place);
    if (op == OP_ALL || op == OP_RANGE || node_level(g, place) < o->body.level)
        return false;
    Node rest = node_sub(g, place, o->body.index);
    if (node_level(g, rest) < o->body.level)
        return true;
    rest = node_add(g, place, o->body.index);
    return node_level(g, rest) < o->body.level;
}

/* The seed of an accumulator in one turn, NODE_NONE for 0. */
static Node accumulator_seed(Reverse *v, int k)
{
    Opened *o = &v->o;
    Graph *g = o->g;
    Node u = v->result_u[k];
    if (u == NODE_NONE)
        return u;
    if (loop_role(g, o->loop, k) == LOOP_SET &&
        !is_one_to_one(o, o->body.row[k]) && !is_one_to_one(o, o->body.col[k]))
        error_raise(SPAN_NONE, ERR_DIFF,
                    "an entry that is assigned in a loop may be written by "
                    "several turns; there is no derivative of the last one");
    return node_index(g, u, o->body.row[k], o->body.col[k]);
}

static void put_result(Reverse *v, LoopResult r, int owner, Node place)
{
    VEC_PUSH_IN(v->o.arena, &v->made, r);
    VEC_PUSH_IN(v->o.arena, &v->owner, owner);
    VEC_PUSH_IN(v->o.arena, &v->leaf_place, place);
}

/*
 * The place of a read c[row, col].  A column that stays is read outside of the
 * turns, so that they add to that column of c alone.
 */
static Node split_place(const Opened *o, Node capture, Node leaf, LoopResult *r)
{
    Graph *g = o->g;
    Node row = node_arg(g, leaf, 1), col = node_arg(g, leaf, 2);
    bool row_stays = node_level(g, row) < o->body.level;
    bool col_stays = node_level(g, col) < o->body.level;
    if (row_stays && col_stays)
        return leaf;
    r->row = row;
    r->col = col;
    if (!col_stays || node_shape(g, leaf).cols != 1 ||
        node_shape(g, capture).cols == 1)
        return NODE_NONE;
    r->col = g->one;
    return node_index(g, capture, g->all, col);
}

/* The adjoint of one read as an accumulator. */
static void put_read(Reverse *v, const Read *q, Node u)
{
    Opened *o = &v->o;
    Graph *g = o->g;
    Node capture = loop_capture(g, o->loop, q->capture);
    LoopResult r = {.role = LOOP_ADD,
                    .variable = NODE_NONE,
                    .value = u,
                    .row = g->all,
                    .col = g->all};
    Node place = NODE_NONE, target = q->leaf;
    if (node_op(g, q->leaf) == OP_INDEX) {
        place = split_place(o, capture, q->leaf, &r);
        target = place == NODE_NONE ? capture : place;
    }
    r.base = node_zero(g, node_shape(g, target));
    put_result(v, r, 2 + o->results + q->capture, place);
}

/* What the assigned places of the base of accumulator k get: nothing. */
static void put_base(Reverse *v, int k)
{
    Opened *o = &v->o;
    Graph *g = o->g;
    Shape s = node_shape(g, o->body.value[k]);
    LoopResult r = {.role = LOOP_SET,
                    .variable = NODE_NONE,
                    .base = v->result_u[k],
                    .value = node_zero(g, s),
                    .row = o->body.row[k],
                    .col = o->body.col[k]};
    put_result(v, r, 2 + k, NODE_NONE);
}

/* The reverse pass over the open body. */
static void reverse_body(Reverse *v)
{
    Opened *o = &v->o;
    Graph *g = o->g;
    int c = o->carried, ny = 0, nx = 0;
    size_t most = (size_t)c + v->read.count + 1;
    Node *y = ARENA_ARRAY(o->arena, Node, (size_t)o->results + 1);
    Node *u = ARENA_ARRAY(o->arena, Node, (size_t)o->results + 1);
    Node *x = ARENA_ARRAY(o->arena, Node, most);
    Node *dx = ARENA_ARRAY(o->arena, Node, most);
    for (int k = 0; k < o->results; k++) {
        Node seed = k >= c         ? accumulator_seed(v, k)
                    : o->active[k] ? v->adjoint[k]
                                   : NODE_NONE;
        if (seed == NODE_NONE)
            continue;
        y[ny] = o->body.value[k];
        u[ny++] = seed;
    }
    for (int k = 0; k < c; k++)
        if (o->active[k])
            x[nx++] = o->body.variable[k];
    int first = nx;
    for (size_t i = 0; i < v->read.count; i++)
        x[nx++] = v->read.at[i].leaf;
    diff_pullback_several(g, o->body.level, ny, y, u, nx, x, dx);
    for (int k = 0, i = 0; k < c; k++) {
        if (!o->active[k])
            continue;
        Node base = loop_base(g, o->loop, k), next = dx[i++];
        Shape s = node_shape(g, base);
        if (v->history_u[k] != NODE_NONE)
            next = node_add(
                g, next, hist_block(g, v->history_u[k], s.cols, o->body.index));
        put_result(v,
                   (LoopResult){.role = LOOP_CARRY,
                                .variable = v->adjoint[k],
                                .base = or_zero(g, v->result_u[k], s),
                                .value = next},
                   2 + k, NODE_NONE);
    }
    for (size_t i = 0; i < v->read.count; i++) {
        Node adjoint = dx[(size_t)first + i];
        if (!node_is_zero(g, adjoint))
            put_read(v, &v->read.at[i], adjoint);
    }
}

static void send_adjoints(Reverse *v, const Node out[])
{
    Opened *o = &v->o;
    Graph *g = o->g;
    for (size_t i = 0; i < v->made.count; i++) {
        Node to = node_arg(g, o->loop, v->owner.at[i]), u = out[i];
        Node place = v->leaf_place.at[i];
        if (place != NODE_NONE)
            u = linear_transpose(g, NULL, place, node_arg(g, place, 0), u);
        pass_add(o->p, to, u);
    }
}

/* The sum of c*e over the turns is c times that of e. */
static Node *take_content(Opened *o, int carried, int n, LoopResult r[])
{
    Node *content = ARENA_ARRAY(o->arena, Node, (size_t)n + 1);
    for (int k = 0; k < n; k++) {
        content[k] = o->g->one;
        if (carried == 0 || r[k].role != LOOP_ADD ||
            !node_is_zero(o->g, r[k].base))
            continue;
        Node rest, c = array_content(o->g, r[k].value, &rest);
        if (!node_is_number(o->g, c))
            continue;
        content[k] = c;
        r[k].value = rest;
    }
    return content;
}

void adjoint_loop(DiffPass *p, Node n, Node nothing)
{
    Graph *g = p->g;
    (void)nothing;
    Reverse v = {0};
    collect_seeds(p, n, &v);
    v.o = open_loop(p, n, seed_level(g, n, &v));
    Opened *o = &v.o;
    int c = o->carried;
    v.adjoint = ARENA_ARRAY(p->arena, Node, (size_t)c + 1);
    for (int k = 0; k < c; k++)
        v.adjoint[k] = new_variable(o, k, node_shape(g, loop_base(g, n, k)));
    find_reads(&v);
    reverse_body(&v);
    int carried = 0;
    for (int k = 0; k < c; k++)
        carried += o->active[k];
    for (int k = c; k < o->results; k++) {
        Node base = loop_base(g, n, k);
        if (v.result_u[k] == NODE_NONE || !pass_is_active(p, base))
            continue;
        if (loop_role(g, n, k) == LOOP_SET)
            put_base(&v, k);
        else
            pass_add(p, base, v.result_u[k]);
    }
    int made = (int)v.made.count;
    Node *out = ARENA_ARRAY(p->arena, Node, v.made.count + 1);
    Node *content = take_content(o, carried, made, v.made.at);
    make_loop(o, !loop_is_down(g, n), carried, made, v.made.at, out);
    for (int k = 0; k < made; k++)
        out[k] = node_scale(g, content[k], out[k]);
    send_adjoints(&v, out);
}

/* ---- Jacobians ---- */

/* Is entry i of result k made in turn i, of entry i of dx alone? */
static bool is_diagonal(DiffPass *p, Node e, Node dx)
{
    Graph *g = p->g;
    Node n = node_arg(g, e, 0);
    int k = result_number(g, e);
    if (node_op(g, n) != OP_LOOP || loop_carried(g, n) > 0 ||
        !shape_same(node_shape(g, e), node_shape(g, dx)) ||
        dim_of_node(g, loop_count(g, n)) != node_shape(g, dx).rows ||
        !node_is_zero(g, loop_base(g, n, k)))
        return false;
    for (int j = 0; j < loop_captures(g, n); j++)
        if (loop_capture(g, n, j) != dx &&
            pass_is_active(p, loop_capture(g, n, j)))
            return false;
    Reverse v = {.o = open_loop(p, n, node_level(g, n) + 1)};
    find_reads(&v);
    for (size_t i = 0; i < v.read.count; i++) {
        Node leaf = v.read.at[i].leaf;
        if (node_op(g, leaf) != OP_INDEX ||
            node_arg(g, leaf, 1) != v.o.body.index)
            return false;
    }
    return v.o.body.row[k] == v.o.body.index;
}

Node jacobian_result(DiffPass *p, Node e, Node dx)
{
    Graph *g = p->g;
    Dim n = node_shape(g, dx).rows;
    if (node_op(g, e) == OP_PROJ && is_diagonal(p, e, dx)) {
        Node ones = node_ones(g, n);
        Node slope = node_substitute(g, e, 1, &dx, &ones);
        return node_apply(g, OP_DIAG, 1, &slope);
    }
    int level = binder_level(g, 2, (Node[]){e, dx});
    Node j = node_bv(g, level, 0, SHAPE_SCALAR, SYM_INTEGER | SYM_POSITIVE);
    Node unit = node_unit(g, n, j);
    Node column = node_substitute(g, e, 1, &dx, &unit);
    return node_transpose(g, index_form_array(g, level, j, node_of_dim(g, n),
                                              node_transpose(g, column)));
}
