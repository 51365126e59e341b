#include "graph/diff_pass.h"

#include "graph/diff_loop.h"
#include "graph/front.h"
#include "graph/quick.h"

Node pass_tangent(DiffPass *p, Node n)
{
    uint32_t place;
    if (!node_map_get(&p->place, n, &place) || place == 0)
        return NODE_NONE;
    return p->tangent[place - 1];
}

/* The tangent, a node also where it is 0. */
static Node tangent_or_zero(DiffPass *p, Node n)
{
    Node d = pass_tangent(p, n);
    return d == NODE_NONE ? node_zero(p->g, node_shape(p->g, n)) : d;
}

/* Terms of a tangent that is a sum; NODE_NONE if there are none. */
typedef VEC(Node) Terms;

static Node sum_terms(DiffPass *p, const Terms *t)
{
    if (t->count == 0)
        return NODE_NONE;
    return node_sum(p->g, (int)t->count, t->at);
}

static Node tangent_sum(DiffPass *p, Node n)
{
    Graph *g = p->g;
    Terms t = {0};
    int count = node_count(g, n);
    for (int i = 0; i < count; i += 2) {
        Node d = pass_tangent(p, node_arg(g, n, i + 1));
        if (d == NODE_NONE)
            continue;
        d = node_scale(g, node_arg(g, n, i), d);
        VEC_PUSH_IN(p->arena, &t, d);
    }
    return sum_terms(p, &t);
}

static Node multiply3(Graph *g, Node a, Node b, Node c)
{
    return node_product(g, 3, (Node[]){a, b, c});
}

static Node logarithm(Graph *g, Node n)
{
    return node_apply(g, OP_LOG, 1, &n);
}

/* c*x: a number times one factor. */
static bool is_multiple(const Graph *g, Node n)
{
    return node_count(g, n) == 4 && node_is_one(g, node_arg(g, n, 1)) &&
           node_is_one(g, node_arg(g, n, 3));
}

static Node tangent_mono(DiffPass *p, Node n)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    if (is_multiple(g, n)) {
        Node d = pass_tangent(p, node_arg(g, n, 2));
        return d == NODE_NONE ? d : node_mul(g, node_arg(g, n, 0), d);
    }
    Node *a = node_args_copy(g, n, p->arena);
    Terms t = {0};
    Node d = pass_tangent(p, a[1]);
    if (d != NODE_NONE) {
        a[1] = d;
        VEC_PUSH_IN(p->arena, &t, node_rebuild(g, n, a));
        a[1] = node_arg(g, n, 1);
    }
    for (int i = 2; i < count; i += 2) {
        d = pass_tangent(p, a[i]);
        if (d != NODE_NONE) {
            d = diff_mono_term(g, count, a, (i - 2) / 2, d);
            VEC_PUSH_IN(p->arena, &t, d);
        }
        d = pass_tangent(p, a[i + 1]);
        if (d != NODE_NONE) {
            d = multiply3(g, logarithm(g, a[i]), d, n);
            VEC_PUSH_IN(p->arena, &t, d);
        }
    }
    return sum_terms(p, &t);
}

static Node tangent_chain(DiffPass *p, Node n)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->arena);
    Terms t = {0};
    for (int i = 0; i < count; i++) {
        Node d = pass_tangent(p, a[i]);
        if (d == NODE_NONE)
            continue;
        d = diff_product_with(g, count, a, i, d);
        VEC_PUSH_IN(p->arena, &t, d);
    }
    return sum_terms(p, &t);
}

static Node tangent_had(DiffPass *p, Node n)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->arena);
    Terms t = {0};
    for (int i = 0; i < count; i += 2) {
        Node d = pass_tangent(p, a[i]);
        if (d != NODE_NONE) {
            Node c = diff_had_cofactor(g, count, a, i / 2);
            d = c == NODE_NONE ? d : node_had(g, c, d);
            VEC_PUSH_IN(p->arena, &t, d);
        }
        d = pass_tangent(p, a[i + 1]);
        if (d != NODE_NONE) {
            d = node_mul(g, d, node_had(g, n, logarithm(g, a[i])));
            VEC_PUSH_IN(p->arena, &t, d);
        }
    }
    return sum_terms(p, &t);
}

static Node tangent_transpose(DiffPass *p, Node n)
{
    Node d = pass_tangent(p, node_arg(p->g, n, 0));
    return d == NODE_NONE ? d : node_transpose(p->g, d);
}

/* Positions are integers: nothing changes continuously with them. */
static void refuse_position(DiffPass *p, Node n, int first)
{
    for (int i = first; i < node_count(p->g, n); i++)
        if (pass_is_active(p, node_arg(p->g, n, i)))
            error_raise(SPAN_NONE, ERR_DIFF,
                        "there is no derivative by the position of an index");
}

static Node tangent_index(DiffPass *p, Node n)
{
    Graph *g = p->g;
    refuse_position(p, n, 1);
    Node d = pass_tangent(p, node_arg(g, n, 0));
    if (d == NODE_NONE)
        return d;
    return node_index(g, d, node_arg(g, n, 1), node_arg(g, n, 2));
}

static Node tangent_blocks(DiffPass *p, Node n)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->arena);
    for (int i = 0; i < count; i++)
        a[i] = tangent_or_zero(p, a[i]);
    return node_op(g, n) == OP_STACK ? node_stack(g, count, a)
                                     : node_join(g, count, a);
}

static Node tangent_call(DiffPass *p, Node n)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->arena);
    Terms t = {0};
    for (int i = 0; i < count; i++) {
        Node d = pass_tangent(p, a[i]);
        if (d == NODE_NONE)
            continue;
        Node slope = diff_call_order(g, n, i);
        d = node_is_scalar(g, d) ? node_mul(g, slope, d)
                                 : node_had(g, slope, d);
        VEC_PUSH_IN(p->arena, &t, d);
    }
    return sum_terms(p, &t);
}

/* The rows of ops.def: their DIFF texts, da being the tangent itself. */
static Node tangent_text(DiffPass *p, Node n)
{
    static const char *const change[] = {"da", "db", "dc"};
    Graph *g = p->g;
    Terms t = {0};
    int count = node_count(g, n);
    for (int i = 0; i < count; i++) {
        Node d = pass_tangent(p, node_arg(g, n, i));
        if (d == NODE_NONE && !pass_is_active(p, node_arg(g, n, i)))
            continue;
        const char *text = i < 3 ? diff_text(node_op(g, n), i) : NULL;
        if (text == NULL)
            diff_refuse(g, n, i);
        if (d == NODE_NONE)
            continue;
        d = diff_text_build(g, text, n, change[i], d);
        VEC_PUSH_IN(p->arena, &t, d);
    }
    return sum_terms(p, &t);
}

typedef Node (*Tangent)(DiffPass *p, Node n);

static Tangent find_tangent(OpId op)
{
    switch (op) {
    case OP_SUM:
        return tangent_sum;
    case OP_MONO:
        return tangent_mono;
    case OP_CHAIN:
        return tangent_chain;
    case OP_HAD:
        return tangent_had;
    case OP_TRANS:
        return tangent_transpose;
    case OP_INDEX:
        return tangent_index;
    case OP_STACK:
    case OP_JOIN:
        return tangent_blocks;
    case OP_CALL:
        return tangent_call;
    case OP_LOOP:
        return tangent_loop;
    case OP_IF:
        return tangent_choice;
    case OP_PROJ:
    case OP_HIST:
        return tangent_output;
    default:
        return tangent_text;
    }
}

void pass_forward(DiffPass *p, const Node dx[])
{
    Graph *g = p->g;
    size_t count = p->order.count;
    p->tangent = ARENA_ARRAY(p->arena, Node, count + 1);
    for (size_t i = 0; i < count; i++)
        p->tangent[i] = NODE_NONE;
    for (size_t i = 0; i < count; i++) {
        POLL();
        Node n = p->order.at[i], d = NODE_NONE;
        int k = 0;
        while (k < p->nx && p->x[k] != n)
            k++;
        ArenaMark mark = arena_mark(p->arena);
        if (k < p->nx)
            d = dx[k];
        else
            d = find_tangent(node_op(g, n))(p, n);
        arena_reset(p->arena, mark);
        if (d != NODE_NONE && !node_is_zero(g, d))
            p->tangent[i] = d;
    }
}

/* A dimension stands for a count: nothing is continuous in it. */
void diff_refuse_leaves(Graph *g, int n, const Node x[])
{
    for (int i = 0; i < n; i++) {
        if (node_op(g, x[i]) != OP_SYM)
            continue;
        if (node_symbol_flags(g, x[i]) & (SYM_DIMENSION | SYM_INTEGER))
            error_raise(SPAN_NONE, ERR_DIFF,
                        "there is no derivative by the integer `%s`",
                        node_symbol_name(g, x[i]));
    }
}

void diff_forward_several(Graph *g, int level, int ny, const Node y[], int nx,
                          const Node x[], const Node dx[], Node dy[])
{
    ArenaMark mark = arena_mark(g->scratch);
    diff_refuse_leaves(g, nx, x);
    DiffPass p = pass_new(g, nx, x);
    p.level = level;
    for (int i = 0; i < ny; i++)
        pass_reach(&p, y[i]);
    const Node *whole = level == 0 ? diff_fill_points(&p, ny, y) : y;
    if (whole != y)
        p = pass_new(g, nx, x);
    for (int i = 0; i < ny && whole != y; i++)
        pass_reach(&p, whole[i]);
    y = whole;
    pass_forward(&p, dx);
    for (int i = 0; i < ny; i++)
        dy[i] = tangent_or_zero(&p, y[i]);
    arena_reset(g->scratch, mark);
}

Node diff_forward(Graph *g, Node y, int n, const Node x[], const Node dx[])
{
    Node dy;
    diff_forward_several(g, 0, 1, &y, n, x, dx, &dy);
    return dy;
}

Node diff_scalar(Graph *g, Node y, Node x)
{
    return diff_forward(g, y, 1, &x, &g->one);
}
