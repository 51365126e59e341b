/*
 * sample.h - functions and formulas at many points, to be drawn
 *
 * What is drawn is a formula (compiled), a function (called), or a fit, whose
 * predictions are asked for all points at once.  Where it has no value, as
 * log(-1), the sample is NaN.
 */
#ifndef MLC_EVAL_SAMPLE_H
#define MLC_EVAL_SAMPLE_H

#include "compile/program.h"
#include "eval/call.h"

typedef struct Sampler {
    Interp *in;
    Value v;          /* what is drawn */
    int nargs;        /* coordinates: 1 or 2 */
    Program *program; /* of a formula */
    int ninputs;
    bool joined;             /* two coordinates are one column of 2 */
    bool rows;               /* a fit */
    int nout;                /* numbers a point: 1; of a gradient 2 */
    const char *variable[2]; /* what it calls the coordinates, or NULL */
} Sampler;

/* Is this something that has values to be drawn? */
bool can_sample(Value v);

/*
 * Of a value and its number of coordinates; a formula with the order of its
 * variables comes as VAL_SEVERAL, the formula first.  `nout` values are wanted
 * at each point.  Raises ERR_TYPE and ERR_ARGUMENT.
 */
void sampler_begin(Sampler *s, Interp *in, Value v, int nargs, int nout);
void sampler_end(Sampler *s);

/* The variables of a formula: those that it was given with, or in the order of
 * their names; how many, 3 for more. */
int sample_variables(Interp *in, Value v, Node var[3]);

/* The values at n points, z[nout*i ...]; y is NULL for one coordinate. */
void sampler_run(Sampler *s, size_t n, const double *x, const double *y,
                 double *z);

/* A curve over a..b. */
typedef struct Curve {
    size_t n;
    double *x, *y;    /* NaN where it breaks */
    double low, high; /* what should be seen of it */
} Curve;

/*
 * Points of a curve, in the arena: denser at jumps, which break it, and at the
 * ends of its domain.  Where it has poles, the ends of what should be seen
 * leave out what is near them.  Raises ERR_DOMAIN if it has no value.
 */
void sample_curve(Sampler *s, Arena *a, double from, double to, bool log,
                  Curve *c);

#endif
