/*
 * entries.c - a matrix formula as the list of its entries
 */
#include "graph/entries.h"

#include <string.h>

#include "graph/array.h"
#include "graph/binder.h"
#include "graph/walk.h"
#include "value/number.h"

enum {
    MOST_ENTRIES = 1 << 27,
    MOST_DENSE = 1 << 20, /* of a factor that is a full matrix */
    MOST_COLUMNS = 1000   /* of it: each is a formula */
};

typedef struct Parts {
    VEC(EntryPart) part;
} Parts;

typedef struct Walk {
    Graph *g;
    Arena *a;
    NodeMap known; /* places in list */
    VEC(Parts) list;
    size_t total;
    const char *why;
} Walk;

static Parts entries_of(Walk *w, Node m);

static Parts refuse(Walk *w, const char *why)
{
    if (!w->why)
        w->why = why;
    return (Parts){0};
}

/* ---- parts ---- */

static EntryPart *add_part(Walk *w, Parts *l, size_t n, Node value)
{
    w->total += n;
    if (w->total > MOST_ENTRIES) {
        refuse(w, "more than 2^27 entries");
        n = 0;
    }
    EntryPart p = {n, ARENA_ARRAY(w->a, int, n + 1),
                   ARENA_ARRAY(w->a, int, n + 1), value};
    VEC_PUSH_IN(w->a, &l->part, p);
    return &l->part.at[l->part.count - 1];
}

static size_t list_total(const Parts *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->part.count; i++)
        n += l->part.at[i].n;
    return n;
}

/* Its index vector: a position, a range or a list. */
static Node index_of_places(Walk *w, const int *at, size_t n)
{
    Graph *g = w->g;
    bool run = true;
    for (size_t k = 1; k < n; k++)
        run = run && at[k] == at[k - 1] + 1;
    Node first = node_int(g, at[0] + 1);
    if (run)
        return node_range(g, first, node_int(g, 1), node_int(g, at[n - 1] + 1));
    Value v = array_new(ELEM_EXACT, (int)n, 1);
    for (size_t k = 0; k < n; k++)
        array_set(v.array, k, value_int(at[k] + 1));
    return node_const(g, v);
}

/* The values of the entries at[0..n) of p. */
static Node pick(Walk *w, const EntryPart *p, const int *at, size_t n)
{
    Graph *g = w->g;
    if (node_is_scalar(g, p->value) || n == 0)
        return p->value;
    bool all = n == p->n;
    for (size_t k = 0; all && k < n; k++)
        all = at[k] == (int)k;
    return all ? p->value
               : node_index(g, p->value, index_of_places(w, at, n),
                            node_all(g));
}

static Node multiply(Graph *g, Node a, Node b)
{
    if (node_is_scalar(g, a) || node_is_scalar(g, b))
        return node_mul(g, a, b);
    return node_had(g, a, b);
}

static Parts scale(Walk *w, const Parts *l, Node c)
{
    Parts y = {0};
    for (size_t i = 0; i < l->part.count; i++) {
        EntryPart p = l->part.at[i];
        p.value = multiply(w->g, c, p.value);
        VEC_PUSH_IN(w->a, &y.part, p);
    }
    return y;
}

static Parts transposed(Walk *w, const Parts *l)
{
    Parts y = {0};
    for (size_t i = 0; i < l->part.count; i++) {
        EntryPart p = l->part.at[i];
        p.row = l->part.at[i].col;
        p.col = l->part.at[i].row;
        VEC_PUSH_IN(w->a, &y.part, p);
    }
    return y;
}

static void append(Walk *w, Parts *y, const Parts *l, int down, int along)
{
    for (size_t i = 0; i < l->part.count; i++) {
        const EntryPart *p = &l->part.at[i];
        EntryPart *q = add_part(w, y, p->n, p->value);
        for (size_t k = 0; k < q->n; k++) {
            q->row[k] = p->row[k] + down;
            q->col[k] = p->col[k] + along;
        }
    }
}

/* ---- selections ---- */

/* Places that share a key, in order: first[key], then next[place]; -1 ends. */
typedef struct Chains {
    int *first, *next;
} Chains;

static Chains chain_up(Walk *w, const int *key, size_t n, int keys)
{
    Chains c = {ARENA_ARRAY(w->a, int, (size_t)keys + 1),
                ARENA_ARRAY(w->a, int, n + 1)};
    memset(c.first, -1, (size_t)keys * sizeof *c.first);
    for (size_t k = n; k-- > 0;) {
        c.next[k] = c.first[key[k]];
        c.first[key[k]] = (int)k;
    }
    return c;
}

/* What an index selects, from 0; false if it is not made of numbers. */
static bool places_of(Walk *w, Node i, int side, int **at, size_t *n)
{
    Graph *g = w->g;
    Value v;
    if (node_is_number(g, i)) {
        v = node_number_value(g, i);
    } else if (node_op(g, i) == OP_CONST) {
        v = node_const_value(g, i);
    } else if (node_op(g, i) == OP_RANGE) {
        Value part[3];
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
    if (a->kind == ELEM_BOOL)
        return false;
    *n = array_count(a);
    *at = ARENA_ARRAY(w->a, int, *n + 1);
    for (size_t k = 0; k < *n; k++) {
        int64_t p;
        if (!value_to_int(array_get(a, k), &p) || p < 1 || p > side)
            return false;
        (*at)[k] = (int)p - 1;
    }
    return true;
}

/* Rows r of l, which has `rows` of them. */
static Parts select_rows(Walk *w, const Parts *l, Node r, int rows)
{
    Parts y = {0};
    int *at;
    size_t n;
    if (node_op(w->g, r) == OP_ALL)
        return *l;
    if (!places_of(w, r, rows, &at, &n))
        return refuse(w, "an index that is not known");
    Chains c = chain_up(w, at, n, rows);
    for (size_t i = 0; i < l->part.count; i++) {
        const EntryPart *p = &l->part.at[i];
        size_t count = 0, to = 0;
        for (size_t k = 0; k < p->n; k++)
            for (int s = c.first[p->row[k]]; s >= 0; s = c.next[s])
                count++;
        if (count == 0)
            continue;
        int *from = ARENA_ARRAY(w->a, int, count);
        EntryPart *q = add_part(w, &y, count, p->value);
        if (q->n < count)
            return y;
        for (size_t k = 0; k < p->n; k++)
            for (int s = c.first[p->row[k]]; s >= 0; s = c.next[s]) {
                from[to] = (int)k;
                q->row[to] = s;
                q->col[to++] = p->col[k];
            }
        q->value = pick(w, p, from, count);
    }
    return y;
}

static Parts index_entries(Walk *w, Node m)
{
    Graph *g = w->g;
    Node a = node_arg(g, m, 0);
    Shape s = node_shape(g, a);
    Parts l = entries_of(w, a);
    l = select_rows(w, &l, node_arg(g, m, 1), s.rows);
    l = transposed(w, &l);
    l = select_rows(w, &l, node_arg(g, m, 2), s.cols);
    return transposed(w, &l);
}

/* ---- products ---- */

static void multiply_parts(Walk *w, const EntryPart *p, const EntryPart *q,
                           const Chains *rows, Parts *y)
{
    size_t n = 0, to = 0;
    for (size_t k = 0; k < p->n; k++)
        for (int s = rows->first[p->col[k]]; s >= 0; s = rows->next[s])
            n++;
    if (n == 0 || w->why)
        return;
    EntryPart *r = add_part(w, y, n, NODE_NONE);
    if (r->n < n)
        return;
    int *left = ARENA_ARRAY(w->a, int, n), *right = ARENA_ARRAY(w->a, int, n);
    for (size_t k = 0; k < p->n; k++)
        for (int s = rows->first[p->col[k]]; s >= 0; s = rows->next[s]) {
            left[to] = (int)k;
            right[to] = s;
            r->row[to] = p->row[k];
            r->col[to++] = q->col[s];
        }
    r->value = multiply(w->g, pick(w, p, left, n), pick(w, q, right, n));
}

/* The sum over k of a[i,k]*b[k,j]; `inner` is the number of k. */
static Parts product(Walk *w, const Parts *a, const Parts *b, int inner)
{
    Parts y = {0};
    for (size_t j = 0; j < b->part.count && !w->why; j++) {
        const EntryPart *q = &b->part.at[j];
        Chains rows = chain_up(w, q->row, q->n, inner);
        for (size_t i = 0; i < a->part.count && !w->why; i++) {
            POLL();
            multiply_parts(w, &a->part.at[i], q, &rows, &y);
        }
    }
    return y;
}

static Parts chain_entries(Walk *w, Node m)
{
    Graph *g = w->g;
    int n = node_count(g, m);
    Node *f = node_args_copy(g, m, w->a);
    Parts y = entries_of(w, f[0]);
    for (int i = 1; i < n && !w->why; i++) {
        Parts b = entries_of(w, f[i]);
        y = product(w, &y, &b, node_shape(g, f[i]).rows);
    }
    return y;
}

/* ---- the other operators ---- */

static Parts one_part(Walk *w, int n, bool down, bool along, Node value)
{
    Parts y = {0};
    EntryPart *p = add_part(w, &y, (size_t)n, value);
    for (int k = 0; k < (int)p->n; k++) {
        p->row[k] = down ? k : 0;
        p->col[k] = along ? k : 0;
    }
    return y;
}

static Parts diagonal_entries(Walk *w, Node v)
{
    Parts l = entries_of(w, v), y = {0};
    for (size_t i = 0; i < l.part.count; i++) {
        EntryPart p = l.part.at[i];
        p.col = p.row;
        VEC_PUSH_IN(w->a, &y.part, p);
    }
    return y;
}

static Parts sum_entries(Walk *w, Node m)
{
    int n = node_count(w->g, m);
    Node *f = node_args_copy(w->g, m, w->a);
    Parts y = {0};
    for (int i = 0; i < n && !w->why; i += 2) {
        Parts l = entries_of(w, f[i + 1]);
        l = scale(w, &l, f[i]);
        append(w, &y, &l, 0, 0);
    }
    return y;
}

static Parts mono_entries(Walk *w, Node m)
{
    Graph *g = w->g;
    int n = node_count(g, m);
    Node *f = node_args_copy(g, m, w->a);
    Node s = f[0];
    for (int i = 2; i < n; i += 2)
        s = node_mul(g, s, node_power(g, f[i], f[i + 1]));
    Parts l = entries_of(w, f[1]);
    return scale(w, &l, s);
}

static Parts block_entries(Walk *w, Node m)
{
    Graph *g = w->g;
    int n = node_count(g, m), at = 0;
    bool stack = node_op(g, m) == OP_STACK;
    Node *f = node_args_copy(g, m, w->a);
    Parts y = {0};
    for (int i = 0; i < n && !w->why; i++) {
        Shape s = node_shape(g, f[i]);
        Parts l = entries_of(w, f[i]);
        append(w, &y, &l, stack ? at : 0, stack ? 0 : at);
        at += stack ? s.rows : s.cols;
    }
    return y;
}

static Parts unit_entries(Walk *w, Node m)
{
    int *at;
    size_t n;
    if (!places_of(w, node_arg(w->g, m, 0), node_shape(w->g, m).rows, &at, &n))
        return refuse(w, "unit with a place that is not known");
    Parts y = one_part(w, 1, false, false, node_int(w->g, 1));
    y.part.at[0].row[0] = at[0];
    return y;
}

static Parts const_entries(Walk *w, Node m)
{
    Value v = node_const_value(w->g, m);
    const Array *a = array_to_float(v);
    size_t n = array_count(a), count = 0, to = 0;
    for (size_t k = 0; k < n; k++)
        count += a->f[k] != 0;
    if (count == 0)
        return (Parts){0};
    Parts y = {0};
    EntryPart *p = add_part(w, &y, count, NODE_NONE);
    Value column = array_new(ELEM_FLOAT, (int)count, 1);
    for (size_t k = 0; k < n && p->n; k++) {
        if (a->f[k] == 0)
            continue;
        p->row[to] = (int)(k % (size_t)a->rows);
        p->col[to] = (int)(k / (size_t)a->rows);
        column.array->f[to++] = a->f[k];
    }
    p->value = node_from_value(w->g, array_value(column));
    return y;
}

/* The part of an arm, 0 where the other is taken. */
static Parts arm_entries(Walk *w, Node m, int arm)
{
    Graph *g = w->g;
    Node n = node_arg(g, m, 0), zero = node_int(g, 0);
    Node taken = choice_open(g, n, arm, w->a)[result_number(g, m)];
    Parts l = entries_of(w, taken), y = {0};
    for (size_t i = 0; i < l.part.count; i++) {
        EntryPart p = l.part.at[i];
        p.value = node_if(g, node_arg(g, n, 0), arm == 0 ? p.value : zero,
                          arm == 0 ? zero : p.value);
        VEC_PUSH_IN(w->a, &y.part, p);
    }
    return y;
}

static Parts choice_entries(Walk *w, Node m)
{
    Parts y = {0}, a = arm_entries(w, m, 0), b = arm_entries(w, m, 1);
    append(w, &y, &a, 0, 0);
    append(w, &y, &b, 0, 0);
    return y;
}

/* A full matrix, column by column. */
static Parts full_entries(Walk *w, Node m)
{
    Graph *g = w->g;
    Shape s = node_shape(g, m);
    if (s.cols > MOST_COLUMNS || (int64_t)s.rows * s.cols > MOST_DENSE)
        return refuse(w, op_table[node_op(g, m)].name);
    Parts y = {0};
    for (int j = 0; j < s.cols; j++) {
        Parts l = one_part(w, s.rows, true, false,
                           node_index(g, m, node_all(g), node_int(g, j + 1)));
        append(w, &y, &l, 0, j);
    }
    return y;
}

/* Is a column written in terms of places, so that some of it may be 0? */
static bool has_places(Walk *w, Node m)
{
    static const OpId op[] = {OP_UNIT, OP_ZERO, OP_STACK};
    return node_holds_op(w->g, m, 3, op);
}

static Parts column_entries(Walk *w, Node m)
{
    Graph *g = w->g;
    int rows = node_shape(g, m).rows;
    Parts y = {0};
    switch (has_places(w, m) ? node_op(g, m) : OP_SYM) {
    case OP_UNIT:
        return unit_entries(w, m);
    case OP_STACK:
        y = block_entries(w, m);
        break;
    case OP_SUM:
        y = sum_entries(w, m);
        break;
    case OP_MONO:
        y = mono_entries(w, m);
        break;
    default:
        return one_part(w, rows, true, false, m);
    }
    return list_total(&y) < (size_t)rows ? y
                                         : one_part(w, rows, true, false, m);
}

static Parts matrix_entries(Walk *w, Node m)
{
    Graph *g = w->g;
    switch (node_op(g, m)) {
    case OP_IDENT:
        return one_part(w, node_shape(g, m).rows, true, true, node_int(g, 1));
    case OP_DIAG:
        return diagonal_entries(w, node_arg(g, m, 0));
    case OP_SUM:
        return sum_entries(w, m);
    case OP_MONO:
        return mono_entries(w, m);
    case OP_CHAIN:
        return chain_entries(w, m);
    case OP_INDEX:
        return index_entries(w, m);
    case OP_STACK:
    case OP_JOIN:
        return block_entries(w, m);
    case OP_TRANS: {
        Parts l = entries_of(w, node_arg(g, m, 0));
        return transposed(w, &l);
    }
    case OP_CONST:
        return const_entries(w, m);
    case OP_PROJ:
        if (node_op(g, node_arg(g, m, 0)) == OP_IF)
            return choice_entries(w, m);
        return refuse(w, "a loop");
    default:
        return full_entries(w, m);
    }
}

static Parts entries_anew(Walk *w, Node m)
{
    Graph *g = w->g;
    Shape s = node_shape(g, m);
    if (s.rows < 0 || s.cols < 0)
        return refuse(w, "a named dimension");
    if (node_is_zero(g, m) || s.rows == 0 || s.cols == 0)
        return (Parts){0};
    if (s.rows == 1 && s.cols == 1)
        return one_part(w, 1, false, false, m);
    if (s.cols == 1)
        return column_entries(w, m);
    if (s.rows == 1) {
        Parts l = entries_of(w, node_transpose(g, m));
        return transposed(w, &l);
    }
    return matrix_entries(w, m);
}

static Parts entries_of(Walk *w, Node m)
{
    uint32_t at;
    depth_check();
    POLL();
    if (w->why)
        return (Parts){0};
    if (node_map_get(&w->known, m, &at))
        return w->list.at[at];
    Parts y = entries_anew(w, m);
    node_map_set(&w->known, m, (uint32_t)w->list.count);
    VEC_PUSH_IN(w->a, &w->list, y);
    return y;
}

/* ---- the end ---- */

static Node spread(Graph *g, Node v, size_t n)
{
    return node_is_scalar(g, v) && n > 1 ? node_mul(g, v, node_ones(g, (Dim)n))
                                         : v;
}

static bool same_places(const EntryPart *p, const EntryPart *q)
{
    return p->n == q->n && !memcmp(p->row, q->row, p->n * sizeof *p->row) &&
           !memcmp(p->col, q->col, p->n * sizeof *p->col);
}

/* Parts at the same places are one. */
static void merge(Walk *w, Parts *l)
{
    Graph *g = w->g;
    size_t n = 0;
    for (size_t i = 0; i < l->part.count; i++) {
        EntryPart p = l->part.at[i];
        size_t k = 0;
        while (k < n && !same_places(&l->part.at[k], &p))
            k++;
        if (k == n) {
            l->part.at[n++] = p;
            continue;
        }
        Node v = l->part.at[k].value;
        if (!node_is_scalar(g, v) || !node_is_scalar(g, p.value)) {
            v = spread(g, v, p.n);
            p.value = spread(g, p.value, p.n);
        }
        l->part.at[k].value = node_add(g, v, p.value);
    }
    l->part.count = n;
}

bool node_entries(Graph *g, Node m, Arena *a, Entries *e, const char **why)
{
    Walk w = {.g = g, .a = a, .known = node_map_in(a)};
    Shape s = node_shape(g, m);
    Parts l = entries_of(&w, m);
    *why = w.why;
    if (w.why)
        return false;
    merge(&w, &l);
    *e = (Entries){s.rows, s.cols, l.part.count, l.part.at};
    return true;
}
