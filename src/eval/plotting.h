/*
 * plotting.h - a picture that is being made
 */
#ifndef MLC_EVAL_PLOTTING_H
#define MLC_EVAL_PLOTTING_H

#include "eval/picture.h"
#include "eval/sample.h"

enum { MOST_CURVES = 100 };

typedef struct Plotting {
    Interp *in;
    const Args *args;
    const char *name; /* of the function */
    Figure *f;
    bool ranged; /* from..to was given */
    double from, to;
    bool points; /* data are points, not lines */
    int ncurves;
    Value curve[MOST_CURVES];
    int argument[MOST_CURVES]; /* where it stands, or -1 */
} Plotting;

/* A new figure with the options set. */
void plotting_begin(Plotting *p, Interp *in, const Args *a, const char *name);

/* Takes the range off the end of the arguments; how many are left. */
int plotting_range(Plotting *p);

/* Notes a curve; plotting_curves draws them over the range, that of the data
 * or -5..5. */
void plotting_curve(Plotting *p, Value v, int argument);
void plotting_curves(Plotting *p);

/* plot(e, x, a, b): the variable is bound. */
bool special_plot(Interp *in, const Ast *call, Value *y);

/* contour(e, x, a, b, y, c, d) and its kin. */
bool special_plane(Interp *in, const Ast *call, Value *y);

#endif
