/*
 * linear.c - systems of linear equations between formulas
 *
 * Gaussian elimination; a pivot is a number where there is one, else any
 * coefficient that does not vanish when multiplied out.
 */
#include "base/error.h"
#include "graph/diff.h"
#include "graph/simplify.h"
#include "graph/solve.h"

typedef struct System {
    Graph *g;
    int n, m;
    Node *at; /* n rows of m coefficients and the constant side */
} System;

static Node *entry(const System *s, int i, int j)
{
    return &s->at[i * (s->m + 1) + j];
}

static bool read_system(System *s, const Node e[], const Node x[])
{
    Graph *g = s->g;
    for (int i = 0; i < s->n; i++) {
        Node rest = e[i];
        for (int j = 0; j < s->m; j++) {
            Node c = diff_scalar(g, e[i], x[j]), zero = node_int(g, 0);
            c = node_expand(g, c);
            for (int k = 0; k < s->m; k++)
                if (node_depends(g, c, x[k]))
                    return false;
            *entry(s, i, j) = c;
            rest = node_substitute(g, rest, 1, &x[j], &zero);
        }
        *entry(s, i, s->m) = node_expand(g, node_neg(g, rest));
    }
    return true;
}

/* The row from `from` on with the best pivot in column j; -1: none. */
static int pivot_row(const System *s, int from, int j)
{
    int found = -1;
    for (int i = from; i < s->n; i++) {
        Node c = *entry(s, i, j);
        if (node_is_zero(s->g, c))
            continue;
        if (node_is_number(s->g, c))
            return i;
        if (found < 0 ||
            node_size(s->g, c) < node_size(s->g, *entry(s, found, j)))
            found = i;
    }
    return found;
}

static void swap_rows(System *s, int a, int b)
{
    for (int j = 0; j <= s->m; j++) {
        Node t = *entry(s, a, j);
        *entry(s, a, j) = *entry(s, b, j);
        *entry(s, b, j) = t;
    }
}

/* Clears column j in the other rows. */
static void eliminate(System *s, int row, int j)
{
    Graph *g = s->g;
    Node pivot = *entry(s, row, j);
    for (int i = 0; i < s->n; i++) {
        Node c = *entry(s, i, j);
        POLL();
        if (i == row || node_is_zero(g, c))
            continue;
        bool numbers = node_is_number(g, pivot);
        for (int k = 0; k <= s->m; k++) {
            Node a = *entry(s, i, k), b = *entry(s, row, k);
            if (numbers)
                a = node_sub(g, a, node_mul(g, node_div(g, c, pivot), b));
            else
                a = node_sub(g, node_mul(g, pivot, a), node_mul(g, c, b));
            *entry(s, i, k) = node_expand(g, a);
        }
    }
}

bool solve_linear(Graph *g, int n, const Node e[], int m, const Node x[],
                  Node solution[])
{
    Arena *a = arena_local();
    System s = {g, n, m, ARENA_ARRAY(a, Node, (size_t)n * (size_t)(m + 1) + 1)};
    int *row_of = ARENA_ARRAY(a, int, (size_t)m + 1);
    int rank = 0;
    if (!read_system(&s, e, x)) {
        arena_free(a);
        return false;
    }
    for (int j = 0; j < m; j++) {
        int p = pivot_row(&s, rank, j);
        row_of[j] = p < 0 ? -1 : rank;
        if (p < 0)
            continue;
        swap_rows(&s, p, rank);
        eliminate(&s, rank++, j);
    }
    for (int i = rank; i < n; i++)
        if (!node_is_zero(g, *entry(&s, i, m)))
            error_raise(SPAN_NONE, ERR_DOMAIN,
                        "the equations contradict each other: no solution");
    for (int j = 0; j < m; j++) {
        if (row_of[j] < 0)
            error_raise(SPAN_NONE, ERR_DOMAIN,
                        "infinitely many solutions: `%s` is free",
                        node_symbol_name(g, x[j]));
        solution[j] =
            node_div(g, *entry(&s, row_of[j], m), *entry(&s, row_of[j], j));
    }
    arena_free(a);
    return true;
}
