/*
 * integrate_parts.h - what the files of integrate share
 *
 * Each method takes a formula that depends on x and gives an antiderivative
 * or NODE_NONE.
 */
#ifndef MLC_GRAPH_INTEGRATE_PARTS_H
#define MLC_GRAPH_INTEGRATE_PARTS_H

#include "base/arena.h"
#include "graph/node.h"

enum { INTEGRAL_DEGREE = 60 };

typedef struct Integral {
    Graph *g;
    Arena *arena;
    Node x;
    int depth, nested; /* calls; substitutions within each other ... */
    int substitutions; /* ... and how many may be */
    int *work;         /* calls of integral_of that may still be made */
} Integral;

Node integral_of(Integral *w, Node e);

/* The same by another variable t, then with u for t. */
Node integral_through(Integral *w, Node e, Node t, Node u);

/* A new symbol; `sign` SYM_POSITIVE or 0. */
Node integral_variable(Integral *w, unsigned sign);

/* The value of e with some subformulas replaced. */
Node integral_replace(Integral *w, Node e, Node from, Node to);

/* n = a*x + b with a, b free of x, a not 0. */
bool integral_linear(Integral *w, Node n, Node *a, Node *b);

/* Coefficients of n as a polynomial in x; the degree, -1 if it is none. */
int64_t integral_coefficients(Integral *w, Node n, Node **c);

/* 1, -1, 0; 2: not known. */
int integral_sign(Integral *w, Node n);

/* log of the absolute value. */
Node integral_log(Integral *w, Node n);

Node integral_rational(Integral *w, Node e);   /* partial fractions */
Node integral_exp_trig(Integral *w, Node e);   /* p*exp(l)*sin(m) */
Node integral_gauss(Integral *w, Node e);      /* p*exp(q) */
Node integral_root(Integral *w, Node e);       /* p*q^(k/2) */
Node integral_trig(Integral *w, Node e);       /* sin^m*cos^n */
Node integral_half_angle(Integral *w, Node e); /* rational in sin, cos */
Node integral_kinked(Integral *w, Node e);     /* abs, max, sign, ... */

#endif
