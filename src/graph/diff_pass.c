#include "graph/diff_pass.h"

#include "graph/binder.h"
#include "graph/front.h"
#include "graph/quick.h"

#include <assert.h>
#include <string.h>

DiffPass pass_new(Graph *g, int nx, const Node x[])
{
    DiffPass p = {.g = g, .arena = g->scratch, .nx = nx, .x = x};
    p.place = node_map_in(g->scratch);
    return p;
}

/* The rows stand in the order of the operators. */
const char *diff_text(OpId op, int arg)
{
    size_t low = 0, high = op_diff_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (op_diffs[middle].op < op)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < op_diff_count && op_diffs[low].op == op; low++)
        if (op_diffs[low].arg == arg)
            return op_diffs[low].text;
    return NULL;
}

/*
 * Their value does not change with their operands, save at jumps: conditions,
 * and the rows of ops.def whose DIFF is "0".
 */
static bool is_flat(OpId op)
{
    switch (op) {
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
    case OP_UNIT:
        return true;
    default:
        if (op_table[op].class == CLASS_CORE)
            return false;
        const char *text = diff_text(op, 0);
        return text && strcmp(text, "0") == 0;
    }
}

static bool is_leaf(const DiffPass *p, Node n)
{
    for (int i = 0; i < p->nx; i++)
        if (p->x[i] == n)
            return true;
    return false;
}

/* Is it clear without looking at the operands?  Then *place is set. */
static bool place_known(const DiffPass *p, Node n, uint32_t *place)
{
    *place = 0;
    if (node_is_number(p->g, n) || node_map_get(&p->place, n, place))
        return true;
    if (node_level(p->g, n) < p->level)
        return true;
    uint32_t outer;
    for (const DiffPass *o = p->outer; o; o = o->outer)
        if (node_map_get(&o->place, n, &outer))
            return true;
    return false;
}

static uint32_t put_active(DiffPass *p, Node n)
{
    VEC_PUSH_IN(p->arena, &p->order, n);
    return (uint32_t)p->order.count;
}

/* A node whose operands are being visited. */
typedef struct Visit {
    Node n;
    int next;
    bool active;
} Visit;

void pass_reach(DiffPass *p, Node root)
{
    VEC(Visit) stack = {0};
    uint32_t place;
    if (place_known(p, root, &place))
        return;
    VEC_PUSH_IN(p->arena, &stack, ((Visit){root, 0, false}));
    while (stack.count > 0) {
        POLL();
        Visit *top = &stack.at[stack.count - 1];
        Node n = top->n;
        bool leaf = top->next == 0 && is_leaf(p, n);
        if (leaf)
            top->active = true;
        if (!leaf && !is_flat(node_op(p->g, n)) &&
            top->next < node_count(p->g, n)) {
            Node a = node_arg(p->g, n, top->next++);
            if (place_known(p, a, &place))
                top->active |= place != 0;
            else
                VEC_PUSH_IN(p->arena, &stack, ((Visit){a, 0, false}));
            continue;
        }
        bool active = top->active;
        stack.count--;
        node_map_set(&p->place, n, active ? put_active(p, n) : 0);
        if (stack.count > 0)
            stack.at[stack.count - 1].active |= active;
    }
}

bool pass_is_active(DiffPass *p, Node n)
{
    uint32_t place;
    if (!place_known(p, n, &place)) {
        pass_reach(p, n);
        node_map_get(&p->place, n, &place);
    }
    return place != 0;
}

/* ---- texts ---- */

const char *transpose_text(OpId op, int arg)
{
    for (size_t i = 0; i < op_transpose_count; i++)
        if (op_transposes[i].op == op && op_transposes[i].arg == arg)
            return op_transposes[i].text;
    return NULL;
}

Node diff_text_build(Graph *g, const char *text, Node n, const char *name,
                     Node v)
{
    static const char *const letters[] = {"a", "b", "c"};
    FrontName names[5];
    int count = node_count(g, n);
    assert(count <= 3);
    for (int i = 0; i < count; i++)
        names[i] = (FrontName){name_of(letters[i]), node_arg(g, n, i)};
    names[count++] = (FrontName){name_of("y"), n};
    names[count++] = (FrontName){name_of(name), v};
    bool lift = op_table[node_op(g, n)].class == CLASS_ELEMENTWISE &&
                !node_is_scalar(g, n);
    const Ast *tree = graph_text(g, text);
    Node built = front_build(g, tree, count, names, lift);
    if (built == NODE_NONE)
        error_raise(SPAN_NONE, ERR_DIFF,
                    "the derivative of `%s` is known for a matrix whose sides "
                    "are numbers, or equal",
                    op_table[node_op(g, n)].name);
    return built;
}

/* ---- what the walkers share ---- */

void diff_refuse(Graph *g, Node n, int i)
{
    static const char *const nth[] = {"first", "second", "third"};
    const char *name = op_table[node_op(g, n)].name;
    if (node_count(g, n) == 1)
        error_raise(SPAN_NONE, ERR_DIFF, "there is no derivative of `%s`",
                    name);
    error_raise(SPAN_NONE, ERR_DIFF,
                "there is no derivative of `%s` by its %s argument", name,
                i < 3 ? nth[i] : "last");
}

Node diff_product_with(Graph *g, int n, const Node factor[], int i, Node r)
{
    ArenaMark mark = arena_mark(g->scratch);
    Node *f = ARENA_ARRAY(g->scratch, Node, (size_t)n + 1);
    for (int k = 0; k < n; k++)
        f[k] = k == i ? r : factor[k];
    Node y = node_product(g, n, f);
    arena_reset(g->scratch, mark);
    return y;
}

/* An u below 0 of which base is 0: of relu(u), and products with it. */
static Node zero_side(Graph *g, Node base)
{
    if (op_of(g, base) == OP_RELU)
        return arg_of(g, base, 0);
    if (op_of(g, base) != OP_MONO || !node_is_scalar(g, base))
        return NODE_NONE;
    for (uint32_t i = 2; i < g->row[base].nargs; i += 2) {
        Node e = arg_of(g, base, i + 1);
        if (op_of(g, arg_of(g, base, i)) == OP_RELU && node_is_number(g, e) &&
            coef_sign(g, e) > 0)
            return arg_of(g, arg_of(g, base, i), 0);
    }
    return NODE_NONE;
}

/*
 * base^(e - 1) for the derivative of base^e.  A root of relu(u) is 0 for all
 * u < 0, and so is its derivative, though relu(u)^(e - 1) is no number there.
 */
static Node lowered_power(Graph *g, Node base, Node e)
{
    Node less = node_sub(g, e, g->one), u = NODE_NONE;
    bool array = !node_is_scalar(g, base);
    if (node_is_number(g, e) && coef_sign(g, e) > 0 && coef_sign(g, less) < 0)
        u = zero_side(g, base);
    if (u != NODE_NONE && op_of(g, base) == OP_RELU)
        base = u;
    Node y = array ? node_had_power(g, base, less) : node_power(g, base, less);
    if (u == NODE_NONE)
        return y;
    return node_if(g, node_compare_op(g, OP_LT, u, g->zero), g->zero, y);
}

Node diff_mono_cofactor(Graph *g, int n, const Node args[], int i)
{
    ArenaMark mark = arena_mark(g->scratch);
    int pairs = (n - 2) / 2;
    Node *f = ARENA_ARRAY(g->scratch, Node, (size_t)pairs + 2);
    int count = 0;
    f[count++] = args[0];
    for (int k = 0; k < pairs; k++) {
        Node base = args[2 + 2 * k], e = args[3 + 2 * k];
        if (k == i)
            f[count++] = e;
        f[count++] =
            k == i ? lowered_power(g, base, e) : node_power(g, base, e);
    }
    Node y = node_product(g, count, f);
    arena_reset(g->scratch, mark);
    return y;
}

Node diff_mono_term(Graph *g, int n, const Node args[], int i, Node d)
{
    enum { FEW = 12 };
    int pairs = (n - 2) / 2;
    if (pairs > FEW || args[1] != g->one || !node_is_scalar(g, d))
        return node_product(
            g, 3, (Node[]){diff_mono_cofactor(g, n, args, i), d, args[1]});
    ArenaMark mark = arena_mark(g->scratch);
    Product p = product_new(g);
    product_put(g, &p, args[0]);
    for (int k = 0; k < pairs; k++) {
        Node base = args[2 + 2 * k], e = args[3 + 2 * k];
        if (k != i) {
            product_put_power(g, &p, base, e);
            continue;
        }
        product_put(g, &p, e);
        product_put(g, &p, lowered_power(g, base, e));
    }
    product_put(g, &p, d);
    Node y = product_build(g, &p);
    arena_reset(g->scratch, mark);
    return y;
}

Node diff_had_cofactor(Graph *g, int n, const Node args[], int i)
{
    Node y = NODE_NONE, scale = NODE_NONE;
    for (int k = 0; k < n / 2; k++) {
        Node e = args[1 + 2 * k];
        if (k == i)
            scale = e;
        if (node_is_int(g, e, k == i))
            continue;
        Node f = k == i ? lowered_power(g, args[2 * k], e)
                        : node_had_power(g, args[2 * k], e);
        y = y == NODE_NONE ? f : node_had(g, y, f);
    }
    if (y == NODE_NONE)
        return node_is_one(g, scale)
                   ? NODE_NONE
                   : node_fill(g, node_shape(g, args[0]), scale);
    return scale == NODE_NONE ? y : node_mul(g, scale, y);
}

Node diff_call_order(Graph *g, Node n, int i)
{
    ArenaMark mark = arena_mark(g->scratch);
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, g->scratch);
    uint32_t *orders = ARENA_ARRAY(g->scratch, uint32_t, (size_t)count);
    for (int k = 0; k < count; k++) {
        orders[k] = node_attr(g, n, 1 + k) + (k == i);
        if (k == i && !shape_same(node_shape(g, a[k]), node_shape(g, n)))
            error_raise(SPAN_NONE, ERR_DIFF,
                        "the derivative of `%s` by an array is not known",
                        node_symbol_name(g, n));
    }
    Node y = node_call(g, node_symbol_name(g, n), count, a, orders);
    arena_reset(g->scratch, mark);
    return y;
}
