/*
 * limit_series.h - series in powers of w -> 0+, for limit.c
 *
 * c1*w^e1 + c2*w^e2 + ... + O(w^order), exponents rising real numbers, the
 * coefficients nodes without w, none of them 0.  They may hold the variable
 * of the limit in functions that grow more slowly than every power of w.
 * order is INFINITY if nothing was cut off, -INFINITY if nothing is known.
 *
 * limit_fail raises ERR_CLOSED: what cannot be decided ends there.
 */
#ifndef MLC_GRAPH_LIMIT_SERIES_H
#define MLC_GRAPH_LIMIT_SERIES_H

#include "base/arena.h"
#include "graph/limit.h"

enum { SERIES_TERMS = 40 };

typedef struct Series {
    int count;
    double order;
    double *exponent;
    Node *coefficient;
} Series;

typedef struct Limits {
    Graph *g;
    Arena *arena;
    Node t; /* the variable, positive, towards infinity */
    int depth;
    int *work; /* steps that may still be taken */
    int terms; /* kept in a series */
    /* of the expansion that is running */
    int count;
    Node *fast;    /* exponentials that are powers of w ... */
    double *power; /* ... w^power * exp(rest) */
    Node *exact_power;
    Node *rest;
    Node log_w; /* log(w), a node without w */
} Limits;

_Noreturn void limit_fail(const char *why);

/*
 * -1, 0, 1: the sign of n as t goes to infinity.  In limit.c.  Where it
 * depends on the sign of a symbol, `otherwise`; that being 0, it fails.
 */
int limit_sign(Limits *l, Node n, int otherwise);

/* e with its comparisons decided as they are for large t; in limit_near.c. */
Node limit_settled(Graph *g, Node e, Node t);

/* Raises ERR_DOMAIN if e has no real value at points near x = a, on one side
 * or on both. */
void limit_refuse_unreal(Graph *g, Node e, Node x, Node a, LimitSide side);

/* The limit of n as t goes to infinity; the float inf or -inf. */
Node limit_at_infinity(Limits *l, Node n);

/* n in powers of w = exp(-t), of which no other is in it: the first ones. */
Series limit_series(Limits *l, Node n, int terms);

Series series_constant(Limits *l, Node c);
Series series_power_of_w(Limits *l, double exponent);
Series series_add(Limits *l, Series a, Series b);
Series series_scale(Limits *l, Series a, Node c);
Series series_multiply(Limits *l, Series a, Series b);
Series series_power(Limits *l, Series a, Node exponent);
Series series_exp(Limits *l, Series a); /* of a bounded series */
Series series_log(Limits *l, Series a);
Series series_abs(Limits *l, Series a);
int series_sign(Limits *l, Series a);

/* f(a) for a function of one number, f[op], where a is bounded. */
Series series_taylor(Limits *l, OpId op, Series a);

/* The expansion of n in w. */
Series series_of(Limits *l, Node n);

#endif
