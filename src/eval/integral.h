/*
 * integral.h - what the files of integrate share
 *
 * A definite integral is divided at its cuts: the points between its ends
 * where the integrand or its antiderivative may jump, have a kink or a pole.
 */
#ifndef MLC_EVAL_INTEGRAL_H
#define MLC_EVAL_INTEGRAL_H

#include "base/arena.h"
#include "compile/program.h"
#include "compile/quadrature.h"

enum { INTEGRAL_CUTS = 40 };

typedef struct Cut {
    double x;
    Node exact; /* the same as a formula, if one is sure, else as a float */
} Cut;

typedef struct Definite {
    Graph *g;
    Arena *arena;
    Span at;
    Node e, x, from, to;
    double a, b; /* the ends as floats, a < b */
    int count;
    bool many; /* more cuts than there is room for: then none is kept */
    Cut cut[INTEGRAL_CUTS];
} Definite;

/* A function of the scalar x; an error jump frees it, else program_free. */
Program *integral_compile(Graph *g, Node n, Node x);
double integral_at(void *program, double x);

/* Of the integrand and, unless it is NODE_NONE, the antiderivative. */
void integral_find_cuts(Definite *d, Node antiderivative);

/* What of the integrand has poles, kinks or jumps where it is 0. */
int integral_suspects(Definite *d, const Node **at);

/* A zero of f, which holds no symbol but c, from -100 to 100. */
bool integral_zero_of(Definite *d, Node f, Node c, bool positive, double *at);

/* From a table of definite integrals, to be compared with numbers; or
 * NODE_NONE. */
Node integral_known_form(Definite *d);

/* The place u in 0..1 of the range; infinite ends are folded in. */
double integral_place(const Definite *d, double u);

/* By quadrature, from cut to cut. */
Quadrature integral_measure(Definite *d);

/* Where an end is infinite: waves that die out slowly.  Not settled if the
 * integrand is no sum of such, or there is an end that they do not reach. */
Quadrature integral_of_waves(Definite *d);

/* The same between a and b, away from cuts. */
Quadrature integral_measure_within(Definite *d, double a, double b);

/* ---- integral_piece.c ---- */

/* An antiderivative between cut number i and the next, where floor, sign and
 * comparisons are numbers; NODE_NONE: there are none of them, or none is
 * found. */
Node integral_piece(Definite *d, int i);

/* Is there no real value between two neighbouring cuts or ends? */
bool integral_gap(Definite *d, double *from, double *to);

#endif
