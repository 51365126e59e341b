/*
 * quadrature.h - integrals of functions of one number, from 0 on
 *
 * Where the integrand has jets (graph/jet.h) the answer is bounded beyond
 * doubt: on each panel the integral of the Taylor polynomial about its middle
 * and of the rest lies in an interval, and the panel with the widest is
 * halved (Corliss & Rall, Adaptive, self-validating numerical quadrature, SIAM
 * J. Sci. Stat. Comput. 8, 1987).  No peak is missed, however narrow.
 *
 * Next to a singularity at 0 and towards infinity, where there are no bounds,
 * the double exponential rule (Takahasi & Mori, Publ. RIMS 9, 1974) takes a
 * small rest, and its error is an estimate.  So it is without jets: then
 * Gauss-Kronrod sums (Piessens et al., QUADPACK, 1983) over two independent
 * divisions must agree.
 *
 * An integrand that is singular at another place is given by the distance
 * from there, so that no digits are lost.
 */
#ifndef MLC_COMPILE_QUADRATURE_H
#define MLC_COMPILE_QUADRATURE_H

#include <stdbool.h>

#include "graph/jet.h"

typedef struct Integrand {
    double (*f)(void *data, double x);
    void *data;
    Jets *jets; /* NULL: none */
} Integrand;

typedef struct Quadrature {
    double value;
    double error; /* a bound, proven or by a careful estimate */
    double size;  /* about that of the integral of |f| */
    bool settled; /* false: the value is void, the integral may diverge */
    bool proven;
    double doubt; /* not settled: the place that did not */
} Quadrature;

/* Not settled if the error is large by the size. */
void quadrature_judge(Quadrature *y);

/* From 0 to `to` > 0, which may be infinite. */
Quadrature quadrature(const Integrand *f, double to);

/* The same from a to b, both finite, f without singularities there. */
Quadrature quadrature_between(const Integrand *f, double a, double b);

#endif
