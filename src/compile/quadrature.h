/*
 * quadrature.h - integrals of functions of one number
 *
 * Gauss-Kronrod (7, 15), the interval with the largest error halved until the
 * sum of the errors is small (Piessens et al., QUADPACK, 1983); where that
 * does not settle, or an end is infinite or singular, the double exponential
 * rule (Takahasi & Mori, Publ. RIMS 9, 1974).
 */
#ifndef MLC_COMPILE_QUADRATURE_H
#define MLC_COMPILE_QUADRATURE_H

#include <stdbool.h>

typedef double (*QuadratureFunction)(void *data, double x);

typedef struct Quadrature {
    double value;
    double error; /* a bound by estimate */
    bool settled; /* false: the value is void, the integral may diverge */
} Quadrature;

/* From a to b > a; either may be infinite. */
Quadrature quadrature(QuadratureFunction f, void *data, double a, double b);

#endif
