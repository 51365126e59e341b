/*
 * kernel_region.c - signs that cannot occur together
 *
 * The signs assumed of a region are inequalities, linear in their monomials;
 * that they have no solution is shown by eliminating one monomial after the
 * other (Fourier and Motzkin: Schrijver, Theory of Linear and Integer
 * Programming, 12.2), in exact numbers.
 */
#include "graph/internal.h"
#include "graph/kernel.h"
#include "value/number.h"

enum { ATOM_MOST = 16, ROW_MOST = 400 };

/* c[0]*atom[0] + ... > 0, or >= 0; the last entry is the constant. */
typedef struct Row {
    Value c[ATOM_MOST + 1];
    bool strict;
} Row;

typedef struct System {
    Kernels *k;
    Node atom[ATOM_MOST];
    int atoms;
    Row *row;
    int rows;
    bool over; /* too large: nothing is known */
} System;

static int atom_of(System *s, Node t)
{
    if (node_is_one(s->k->g, t))
        return ATOM_MOST;
    for (int i = 0; i < s->atoms; i++)
        if (s->atom[i] == t)
            return i;
    if (s->atoms == ATOM_MOST) {
        s->over = true;
        return ATOM_MOST;
    }
    s->atom[s->atoms] = t;
    return s->atoms++;
}

static Row *new_row(System *s, bool strict)
{
    if (s->rows == ROW_MOST) {
        s->over = true;
        s->rows--;
    }
    Row *r = &s->row[s->rows++];
    r->strict = strict;
    for (int i = 0; i <= ATOM_MOST; i++)
        r->c[i] = value_int(0);
    return r;
}

static void put(System *s, Row *r, Node c, Node t, int sign)
{
    Graph *g = s->k->g;
    Node rest, d = split_coefficient(g, t, &rest);
    Value v = node_number_value(g, coef_mul(g, c, d));
    int at = atom_of(s, rest);
    if (sign < 0)
        v = number_negate(v);
    r->c[at] = number_binary(BIN_ADD, r->c[at], v);
}

static void add_row(System *s, Node p, int sign, bool strict)
{
    Graph *g = s->k->g;
    Row *r = new_row(s, strict);
    if (node_op(g, p) != OP_SUM) {
        put(s, r, g->one, p, sign);
        return;
    }
    for (int i = 0; i < node_count(g, p); i += 2)
        put(s, r, node_arg(g, p, i), node_arg(g, p, i + 1), sign);
}

/* lower*a + upper*b without atom i, where a has it positive, b negative. */
static void combine(System *s, const Row *a, const Row *b, int i)
{
    Value u = number_negate(b->c[i]), v = a->c[i];
    Row *r = new_row(s, a->strict || b->strict);
    for (int j = 0; j <= ATOM_MOST; j++)
        r->c[j] = number_binary(BIN_ADD, number_binary(BIN_MUL, u, a->c[j]),
                                number_binary(BIN_MUL, v, b->c[j]));
}

static void eliminate(System *s, int i)
{
    int before = s->rows, kept = 0;
    for (int a = 0; a < before && !s->over; a++)
        for (int b = 0; b < before && !s->over; b++)
            if (number_sign(s->row[a].c[i]) > 0 &&
                number_sign(s->row[b].c[i]) < 0)
                combine(s, &s->row[a], &s->row[b], i);
    for (int a = 0; a < s->rows; a++)
        if (number_sign(s->row[a].c[i]) == 0)
            s->row[kept++] = s->row[a];
    s->rows = kept;
}

bool kernel_region_is_empty(Kernels *k)
{
    Arena *a = arena_local();
    System s = {.k = k, .row = ARENA_ARRAY(a, Row, ROW_MOST)};
    bool empty = false;
    for (size_t i = 0; i < k->region.count; i++) {
        Assumed at = k->region.at[i];
        add_row(&s, at.factor, at.sign < 0 ? -1 : 1, at.sign != 0);
        if (at.sign == 0)
            add_row(&s, at.factor, -1, false);
    }
    for (int i = 0; i < s.atoms; i++) {
        Sign sign = node_sign(k->g, s.atom[i]);
        if (sign == SIGN_POSITIVE || sign == SIGN_NONNEGATIVE)
            add_row(&s, s.atom[i], 1, sign == SIGN_POSITIVE);
    }
    for (int i = 0; i < s.atoms && !s.over; i++)
        eliminate(&s, i);
    for (int i = 0; i < s.rows && !s.over; i++) {
        int sign = number_sign(s.row[i].c[ATOM_MOST]);
        empty = empty || sign < 0 || (sign == 0 && s.row[i].strict);
    }
    arena_free(a);
    return empty;
}
