/*
 * diff_choice.c - forward and reverse rules of IF
 */
#include "graph/diff_loop.h"

#include "graph/binder_close.h"
#include "graph/internal.h"

/* Both arms in terms of bound variables that stand for the captures. */
typedef struct Arms {
    Graph *g;
    int level, captures, results, extra;
    Node *variable, *value; /* captures, then the changes or seeds */
    Node *arm[2];
} Arms;

static Arms open_arms(DiffPass *p, Node n, int most, int level)
{
    Graph *g = p->g;
    Arms a = {.g = g, .level = level};
    a.captures = choice_captures(g, n);
    a.results = choice_results(g, n);
    size_t room = (size_t)a.captures + (size_t)most + 1;
    a.variable = ARENA_ARRAY(p->arena, Node, room);
    a.value = ARENA_ARRAY(p->arena, Node, room);
    for (int j = 0; j < a.captures; j++) {
        a.value[j] = choice_capture(g, n, j);
        a.variable[j] = node_bv(g, level, j, node_shape(g, a.value[j]),
                                binder_flags(g, a.value[j]));
    }
    a.arm[0] = choice_open_with(g, n, 0, a.variable, p->arena);
    a.arm[1] = choice_open_with(g, n, 1, a.variable, p->arena);
    return a;
}

/* One more variable of the arms. */
static Node extra_variable(Arms *a, Node value)
{
    int k = a->captures + a->extra++;
    a->value[k] = value;
    a->variable[k] = node_bv(a->g, a->level, k, node_shape(a->g, value), 0);
    return a->variable[k];
}

static void choose(Arms *a, Node n, int count, const Node left[],
                   const Node right[], Node out[])
{
    node_choice(a->g, node_arg(a->g, n, 0), count, left, right,
                a->captures + a->extra, a->variable, a->value, out);
}

static int highest_level(Graph *g, Node n, int count, const Node others[])
{
    int level = node_level(g, n);
    for (int i = 0; i < count; i++)
        if (others[i] != NODE_NONE && node_level(g, others[i]) > level)
            level = node_level(g, others[i]);
    return level + 1;
}

Node tangent_choice(DiffPass *p, Node n)
{
    Graph *g = p->g;
    int captures = choice_captures(g, n), nx = 0;
    Node *change = ARENA_ARRAY(p->arena, Node, (size_t)captures + 1);
    for (int j = 0; j < captures; j++)
        change[j] = pass_tangent(p, choice_capture(g, n, j));
    Arms a = open_arms(p, n, captures, highest_level(g, n, captures, change));
    Node *x = ARENA_ARRAY(p->arena, Node, (size_t)captures + 1);
    Node *dx = ARENA_ARRAY(p->arena, Node, (size_t)captures + 1);
    for (int j = 0; j < captures; j++) {
        if (change[j] == NODE_NONE)
            continue;
        x[nx] = a.variable[j];
        dx[nx++] = extra_variable(&a, change[j]);
    }
    Node *dy[2], *out = ARENA_ARRAY(p->arena, Node, (size_t)a.results + 1);
    for (int i = 0; i < 2; i++) {
        dy[i] = ARENA_ARRAY(p->arena, Node, (size_t)a.results + 1);
        diff_forward_several(g, a.level, a.results, a.arm[i], nx, x, dx, dy[i]);
    }
    choose(&a, n, a.results, dy[0], dy[1], out);
    return node_tuple(g, a.results, out);
}

/* The adjoints of the results, added up; NODE_NONE: 0. */
static Node *collect_seeds(DiffPass *p, Node n)
{
    Graph *g = p->g;
    int m = choice_results(g, n);
    Node *u = ARENA_ARRAY(p->arena, Node, (size_t)m + 1);
    for (int k = 0; k < m; k++)
        u[k] = NODE_NONE;
    for (const DiffPart *q = pass_outputs(p, n); q; q = q->next) {
        int k = result_number(g, q->output);
        u[k] = u[k] == NODE_NONE ? q->u : node_add(g, u[k], q->u);
    }
    return u;
}

void adjoint_choice(DiffPass *p, Node n, Node nothing)
{
    Graph *g = p->g;
    (void)nothing;
    Node *seed = collect_seeds(p, n);
    int m = choice_results(g, n), ny = 0, nx = 0;
    Arms a = open_arms(p, n, m, highest_level(g, n, m, seed));
    Node *u = ARENA_ARRAY(p->arena, Node, (size_t)m + 1);
    Node *y[2];
    for (int i = 0; i < 2; i++)
        y[i] = ARENA_ARRAY(p->arena, Node, (size_t)m + 1);
    for (int k = 0; k < m; k++) {
        if (seed[k] == NODE_NONE)
            continue;
        u[ny] = extra_variable(&a, seed[k]);
        y[0][ny] = a.arm[0][k];
        y[1][ny++] = a.arm[1][k];
    }
    Node *x = ARENA_ARRAY(p->arena, Node, (size_t)a.captures + 1);
    int *at = ARENA_ARRAY(p->arena, int, (size_t)a.captures + 1);
    for (int j = 0; j < a.captures; j++)
        if (pass_is_active(p, a.value[j])) {
            at[nx] = j;
            x[nx++] = a.variable[j];
        }
    Node *dx[2], *out = ARENA_ARRAY(p->arena, Node, (size_t)nx + 1);
    for (int i = 0; i < 2; i++) {
        dx[i] = ARENA_ARRAY(p->arena, Node, (size_t)nx + 1);
        diff_pullback_several(g, a.level, ny, y[i], u, nx, x, dx[i]);
    }
    choose(&a, n, nx, dx[0], dx[1], out);
    for (int i = 0; i < nx; i++)
        pass_add(p, a.value[at[i]], out[i]);
}
