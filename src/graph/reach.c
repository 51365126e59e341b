/*
 * reach.c - which entries of a formula depend on which variables
 */
#include "graph/reach.h"

#include <stdlib.h>
#include <string.h>

#include "graph/array.h"
#include "graph/binder.h"
#include "graph/diff_pass.h"
#include "graph/entries.h"

enum { MOST_PAIRS = 1 << 26, MOST_TURNS = 1 << 20 };

typedef struct Walk {
    Graph *g;
    Arena *a;
    DiffPass pass;
    Reach *of; /* by place in the pass; start NULL: not yet */
    int nvars;
    int *mark; /* of variables: the entry that has it already */
    int stamp;
    size_t pairs;
    bool full; /* too many pairs */
} Walk;

/* ---- building one ---- */

typedef struct Builder {
    Walk *w;
    Reach r;
    size_t at; /* entries begun */
    VEC(int) col;
} Builder;

static Builder begin(Walk *w, size_t n)
{
    return (Builder){.w = w, .r = {n, ARENA_ARRAY(w->a, int, n + 1), NULL}};
}

static void begin_entry(Builder *b)
{
    b->w->stamp++;
    b->r.start[b->at++] = (int)b->col.count;
}

static void add_entry(Builder *b, const Reach *r, size_t k)
{
    Walk *w = b->w;
    for (int i = r->start[k]; i < r->start[k + 1] && !w->full; i++) {
        if (w->mark[r->col[i]] == w->stamp)
            continue;
        w->mark[r->col[i]] = w->stamp;
        VEC_PUSH_IN(w->a, &b->col, r->col[i]);
        w->full = ++w->pairs > MOST_PAIRS;
    }
}

static void add_all(Builder *b, const Reach *r)
{
    for (size_t k = 0; k < r->n; k++)
        add_entry(b, r, k);
}

static Reach end(Builder *b)
{
    b->r.start[b->r.n] = (int)b->col.count;
    b->r.col = b->col.at;
    return b->r;
}

static size_t count_of(Graph *g, Node n)
{
    Shape s = node_shape(g, n);
    return (size_t)s.rows * (size_t)s.cols;
}

/* That of an active node; NULL if it is passive. */
static const Reach *reach_of(Walk *w, Node n)
{
    uint32_t at;
    if (!node_map_get(&w->pass.place, n, &at) || at == 0)
        return NULL;
    const Reach *r = &w->of[at - 1];
    return r->start ? r : NULL;
}

/* ---- operators ---- */

/* Entry by entry; numbers spread. */
static Reach by_entries(Walk *w, Node n)
{
    Graph *g = w->g;
    size_t count = count_of(g, n);
    Builder b = begin(w, count);
    for (size_t k = 0; k < count && !w->full; k++) {
        begin_entry(&b);
        for (int i = 0; i < node_count(g, n); i++) {
            const Reach *r = reach_of(w, node_arg(g, n, i));
            if (r)
                add_entry(&b, r, r->n == 1 ? 0 : k);
        }
    }
    return end(&b);
}

/* All entries of n depend on all operands of `from`. */
static Reach by_union_of(Walk *w, Node n, Node from)
{
    Graph *g = w->g;
    size_t count = count_of(g, n);
    Builder one = begin(w, 1);
    begin_entry(&one);
    for (int i = 0; i < node_count(g, from); i++) {
        const Reach *r = reach_of(w, node_arg(g, from, i));
        if (r)
            add_all(&one, r);
    }
    Reach all = end(&one);
    Builder b = begin(w, count);
    for (size_t k = 0; k < count && !w->full; k++) {
        begin_entry(&b);
        add_entry(&b, &all, 0);
    }
    return end(&b);
}

static Reach by_union(Walk *w, Node n)
{
    return by_union_of(w, n, n);
}

static Reach of_transpose(Walk *w, Node n)
{
    const Reach *r = reach_of(w, node_arg(w->g, n, 0));
    Shape s = node_shape(w->g, n);
    Builder b = begin(w, count_of(w->g, n));
    for (int j = 0; j < s.cols; j++)
        for (int i = 0; i < s.rows; i++) {
            begin_entry(&b);
            add_entry(&b, r, (size_t)j + (size_t)i * (size_t)s.cols);
        }
    return end(&b);
}

static Reach of_blocks(Walk *w, Node n, bool stack)
{
    Graph *g = w->g;
    Shape s = node_shape(g, n);
    int parts = node_count(g, n);
    Builder b = begin(w, count_of(g, n));
    for (int j = 0; j < (stack ? s.cols : 1); j++)
        for (int p = 0; p < parts; p++) {
            Node part = node_arg(g, n, p);
            const Reach *r = reach_of(w, part);
            size_t rows =
                stack ? (size_t)node_shape(g, part).rows : count_of(g, part);
            for (size_t i = 0; i < rows; i++) {
                begin_entry(&b);
                if (r)
                    add_entry(&b, r, (size_t)j * rows + i);
            }
        }
    return end(&b);
}

/* What an index of numbers selects, from 0; false if it is none. */
static bool places(Walk *w, Node i, int side, size_t *n, int **at)
{
    Graph *g = w->g;
    Value v, part[3];
    if (op_of(g, i) == OP_ALL) {
        v = array_range(value_int(1), value_int(1), value_int(side));
    } else if (node_is_number(g, i)) {
        v = node_number_value(g, i);
    } else if (op_of(g, i) == OP_CONST) {
        v = node_const_value(g, i);
    } else if (op_of(g, i) == OP_RANGE) {
        for (int k = 0; k < 3; k++) {
            if (!node_is_number(g, node_arg(g, i, k)))
                return false;
            part[k] = node_number_value(g, node_arg(g, i, k));
        }
        v = array_range(part[0], part[1], part[2]);
    } else {
        return false;
    }
    const Array *a = value_array(v);
    *n = array_count(a);
    *at = ARENA_ARRAY(w->a, int, *n + 1);
    for (size_t k = 0; k < *n; k++) {
        int64_t p;
        if (a->kind == ELEM_BOOL || !value_to_int(array_get(a, k), &p) ||
            p < 1 || p > side)
            return false;
        (*at)[k] = (int)p - 1;
    }
    return true;
}

static Reach of_index(Walk *w, Node n)
{
    Graph *g = w->g;
    Node a = node_arg(g, n, 0);
    const Reach *r = reach_of(w, a);
    Shape s = node_shape(g, a);
    size_t rows, cols;
    int *row, *col;
    if (!r || !places(w, node_arg(g, n, 1), s.rows, &rows, &row) ||
        !places(w, node_arg(g, n, 2), s.cols, &cols, &col))
        return by_union(w, n);
    Builder b = begin(w, rows * cols);
    for (size_t j = 0; j < cols; j++)
        for (size_t i = 0; i < rows; i++) {
            begin_entry(&b);
            add_entry(&b, r, (size_t)row[i] + (size_t)col[j] * (size_t)s.rows);
        }
    return end(&b);
}

/* P*c, P passive and of known entries, c an active column. */
static Reach of_chain(Walk *w, Node n)
{
    Graph *g = w->g;
    int count = node_count(g, n);
    Node *f = node_args_copy(g, n, w->a);
    const Reach *r = reach_of(w, f[count - 1]);
    for (int i = 0; i < count - 1; i++)
        if (reach_of(w, f[i]))
            r = NULL;
    Entries e;
    const char *why;
    if (!r || !node_is_column(g, n) || !node_is_column(g, f[count - 1]) ||
        !node_entries(g, node_product(g, count - 1, f), w->a, &e, &why))
        return by_union(w, n);
    size_t rows = count_of(g, n), total = 0;
    int *first = ARENA_ARRAY(w->a, int, rows + 1);
    memset(first, -1, rows * sizeof *first);
    for (size_t p = 0; p < e.count; p++)
        total += e.part[p].n;
    int *next = ARENA_ARRAY(w->a, int, total + 1);
    int *from = ARENA_ARRAY(w->a, int, total + 1), at = 0;
    for (size_t p = 0; p < e.count; p++)
        for (size_t k = 0; k < e.part[p].n; k++, at++) {
            from[at] = e.part[p].col[k];
            next[at] = first[e.part[p].row[k]];
            first[e.part[p].row[k]] = at;
        }
    Builder b = begin(w, rows);
    for (size_t i = 0; i < rows; i++) {
        begin_entry(&b);
        for (int k = first[i]; k >= 0; k = next[k])
            add_entry(&b, r, (size_t)from[k]);
    }
    return end(&b);
}

/* ---- loops ---- */

/* The value of an index in each turn, from 0; -1: not in 1..side. */
static bool index_turns(Walk *w, Node i, Node index, int turns, int side,
                        int *at)
{
    Graph *g = w->g;
    if (op_of(g, i) == OP_ALL && side == 1)
        i = g->one;
    if (!node_is_scalar(g, i) || op_of(g, i) == OP_ALL)
        return false;
    for (int t = 0; t < turns; t++) {
        int64_t p;
        Node to = node_int(g, t + 1);
        Node v = i == index ? to : node_substitute(g, i, 1, &index, &to);
        POLL();
        if (!node_is_number(g, v) || !value_to_int(node_number_value(g, v), &p))
            return false;
        at[t] = p < 1 || p > side ? -1 : (int)p - 1;
        if (v == i) {
            for (int k = t; k < turns; k++)
                at[k] = at[t];
            return true;
        }
    }
    return true;
}

/* Entries of an array that is read in a body; at NULL: all, in each turn. */
typedef struct Access {
    const Reach *r;
    int *at;
} Access;

typedef struct Body {
    Walk *w;
    int turns;
    Node index;
    NodeMap seen;
    VEC(Node) wait;
    VEC(Access) access;
} Body;

static void push_access(Body *b, const Reach *r, int *at)
{
    Access a = {r, at};
    VEC_PUSH_IN(b->w->a, &b->access, a);
}

static bool read_entry(Body *b, Node n)
{
    Walk *w = b->w;
    Graph *g = w->g;
    const Reach *r = reach_of(w, node_arg(g, n, 0));
    Shape s = node_shape(g, node_arg(g, n, 0));
    int *row = ARENA_ARRAY(w->a, int, (size_t)b->turns);
    int *col = ARENA_ARRAY(w->a, int, (size_t)b->turns);
    if (!r || !node_is_scalar(g, n) ||
        !index_turns(w, node_arg(g, n, 1), b->index, b->turns, s.rows, row) ||
        !index_turns(w, node_arg(g, n, 2), b->index, b->turns, s.cols, col))
        return false;
    for (int t = 0; t < b->turns; t++)
        row[t] = row[t] < 0 || col[t] < 0 ? -1 : row[t] + col[t] * s.rows;
    push_access(b, r, row);
    return true;
}

static void look_at(Body *b, Node n)
{
    Walk *w = b->w;
    Graph *g = w->g;
    const Reach *r = reach_of(w, n);
    if (r) {
        push_access(b, r, NULL);
        return;
    }
    if (op_of(g, n) == OP_INDEX && read_entry(b, n))
        return;
    if (op_of(g, n) == OP_PROJ && op_of(g, node_arg(g, n, 0)) == OP_IF) {
        Node c = node_arg(g, n, 0);
        int k = result_number(g, n);
        for (int arm = 0; arm < 2; arm++)
            VEC_PUSH_IN(w->a, &b->wait, choice_open(g, c, arm, w->a)[k]);
        VEC_PUSH_IN(w->a, &b->wait, node_arg(g, c, 0));
        return;
    }
    for (int i = 0; i < node_count(g, n); i++)
        if (op_of(g, node_arg(g, n, i)) != OP_LAMBDA)
            VEC_PUSH_IN(w->a, &b->wait, node_arg(g, n, i));
}

static void read_body(Body *b, Node value)
{
    VEC_PUSH_IN(b->w->a, &b->wait, value);
    while (b->wait.count > 0) {
        Node n = b->wait.at[--b->wait.count];
        if (node_map_get(&b->seen, n, &(uint32_t){0}))
            continue;
        node_map_set(&b->seen, n, 1);
        look_at(b, n);
    }
}

static void add_turn(Builder *b, const Body *body, int t)
{
    for (size_t i = 0; i < body->access.count; i++) {
        const Access *a = &body->access.at[i];
        if (!a->at)
            add_all(b, a->r);
        else if (a->at[t] >= 0)
            add_entry(b, a->r, (size_t)a->at[t]);
    }
}

/* The entries that a turn writes: one of each list, -1 for none. */
typedef struct Targets {
    bool known; /* else all */
    VEC(int *) list;
} Targets;

static void add_target(Body *b, Targets *y, Node row, Node col, Shape s)
{
    Walk *w = b->w;
    int *r = ARENA_ARRAY(w->a, int, (size_t)b->turns + 1);
    int *c = ARENA_ARRAY(w->a, int, (size_t)b->turns + 1);
    y->known = y->known && index_turns(w, row, b->index, b->turns, s.rows, r) &&
               index_turns(w, col, b->index, b->turns, s.cols, c);
    for (int t = 0; y->known && t < b->turns; t++)
        r[t] = r[t] < 0 || c[t] < 0 ? -1 : r[t] + c[t] * s.rows;
    VEC_PUSH_IN(w->a, &y->list, r);
}

/* Of a column that a turn adds: the places of its units. */
static void find_units(Body *b, Targets *y, Node v, Shape s)
{
    Walk *w = b->w;
    Graph *g = w->g;
    depth_check();
    switch (op_of(g, v)) {
    case OP_ZERO:
        return;
    case OP_UNIT:
        add_target(b, y, node_arg(g, v, 0), g->one, s);
        return;
    case OP_MONO:
        find_units(b, y, node_arg(g, v, 1), s);
        return;
    case OP_SUM:
        for (int i = 1; i < node_count(g, v); i += 2)
            find_units(b, y, node_arg(g, v, i), s);
        return;
    case OP_PROJ: {
        Node c = node_arg(g, v, 0);
        if (op_of(g, c) != OP_IF)
            break;
        for (int arm = 0; arm < 2; arm++)
            find_units(b, y, choice_open(g, c, arm, w->a)[result_number(g, v)],
                       s);
        return;
    }
    default:
        break;
    }
    y->known = false;
}

static Targets find_targets(Body *b, const LoopBody *open, int k, Shape s)
{
    Targets y = {.known = true};
    Graph *g = b->w->g;
    bool whole =
        op_of(g, open->row[k]) == OP_ALL && op_of(g, open->col[k]) == OP_ALL;
    if (whole && s.cols == 1 && s.rows > 1)
        find_units(b, &y, open->value[k], s);
    else
        add_target(b, &y, open->row[k], open->col[k], s);
    return y;
}

/* An accumulator. */
static Reach of_known_loop(Walk *w, Node n, int turns)
{
    Graph *g = w->g;
    Node l = node_arg(g, n, 0);
    int k = result_number(g, n);
    LoopBody open = loop_open(g, l, 0, w->a);
    Body body = {
        .w = w, .turns = turns, .index = open.index, .seen = node_map_in(w->a)};
    read_body(&body, open.value[k]);
    Targets to = find_targets(&body, &open, k, node_shape(g, n));
    const Reach *base = reach_of(w, loop_base(g, l, k));
    size_t count = count_of(g, n), lists = to.known ? to.list.count : 0;
    int *first = ARENA_ARRAY(w->a, int, count + 1);
    int *next = ARENA_ARRAY(w->a, int, (size_t)turns *lists + 1);
    memset(first, -1, count * sizeof *first);
    for (size_t i = 0; i < lists; i++)
        for (int t = 0; t < turns; t++) {
            int e = to.list.at[i][t], at = (int)i * turns + t;
            if (e < 0)
                continue;
            next[at] = first[e];
            first[e] = at;
        }
    Builder b = begin(w, count);
    for (size_t e = 0; e < count && !w->full; e++) {
        begin_entry(&b);
        if (base)
            add_entry(&b, base, base->n == 1 ? 0 : e);
        for (int at = first[e]; at >= 0; at = next[at])
            add_turn(&b, &body, at % turns);
        for (int t = 0; !to.known && t < turns && !w->full; t++)
            add_turn(&b, &body, t);
    }
    return end(&b);
}

static Reach of_loop(Walk *w, Node n)
{
    Graph *g = w->g;
    Node l = node_arg(g, n, 0);
    int64_t turns;
    if (!node_is_number(g, loop_count(g, l)) ||
        !value_to_int(node_number_value(g, loop_count(g, l)), &turns) ||
        turns < 0 || turns > MOST_TURNS || loop_carried(g, l) > 0)
        return by_union_of(w, n, l);
    return of_known_loop(w, n, (int)turns);
}

/* ---- the walk ---- */

static Reach leaf(Walk *w, Node n)
{
    size_t count = count_of(w->g, n);
    int first = 0;
    for (int i = 0; w->pass.x[i] != n; i++)
        first += (int)count_of(w->g, w->pass.x[i]);
    Reach r = {count, ARENA_ARRAY(w->a, int, count + 1),
               ARENA_ARRAY(w->a, int, count + 1)};
    for (size_t k = 0; k < count; k++) {
        r.start[k] = (int)k;
        r.col[k] = first + (int)k;
    }
    r.start[count] = (int)count;
    return r;
}

static bool is_leaf(const Walk *w, Node n)
{
    for (int i = 0; i < w->pass.nx; i++)
        if (w->pass.x[i] == n)
            return true;
    return false;
}

static Reach reach_anew(Walk *w, Node n)
{
    Graph *g = w->g;
    if (is_leaf(w, n))
        return leaf(w, n);
    switch (op_of(g, n)) {
    case OP_SUM:
    case OP_MONO:
    case OP_HAD:
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
        return by_entries(w, n);
    case OP_TRANS:
        return of_transpose(w, n);
    case OP_STACK:
        return of_blocks(w, n, true);
    case OP_JOIN:
        return of_blocks(w, n, false);
    case OP_INDEX:
        return of_index(w, n);
    case OP_CHAIN:
        return of_chain(w, n);
    case OP_PROJ:
        if (op_of(g, node_arg(g, n, 0)) == OP_LOOP)
            return of_loop(w, n);
        return by_union_of(w, n, node_arg(g, n, 0));
    case OP_LOOP:
    case OP_IF:
    case OP_LAMBDA:
        return (Reach){0}; /* their results are asked, not they */
    default:
        if (op_table[op_of(g, n)].class == CLASS_ELEMENTWISE)
            return by_entries(w, n);
        return by_union(w, n);
    }
}

static int compare_columns(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

bool node_reach(Graph *g, Node y, int nx, const Node x[], Arena *a, Reach *r)
{
    Walk w = {.g = g, .a = a, .pass = pass_new(g, nx, x)};
    w.pass.arena = a;
    w.pass.place = node_map_in(a);
    for (int i = 0; i < nx; i++)
        w.nvars += (int)count_of(g, x[i]);
    w.mark = ARENA_ARRAY(a, int, (size_t)w.nvars + 1);
    pass_reach(&w.pass, y);
    w.of = ARENA_ARRAY(a, Reach, w.pass.order.count + 1);
    for (size_t i = 0; i < w.pass.order.count && !w.full; i++)
        w.of[i] = reach_anew(&w, w.pass.order.at[i]);
    const Reach *found = reach_of(&w, y);
    Builder none = begin(&w, count_of(g, y));
    *r = found ? *found : end(&none);
    for (size_t k = 0; k < r->n && !w.full; k++)
        qsort(r->col + r->start[k], (size_t)(r->start[k + 1] - r->start[k]),
              sizeof *r->col, compare_columns);
    return !w.full;
}
