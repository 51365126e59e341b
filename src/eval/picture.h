/*
 * picture.h - figures as values
 *
 * plot and its kin give a figure, a value that prints as its picture: echoed
 * at the prompt or by a statement of a script, or through print.  save writes
 * it to a file, plot(p, q) joins figures.
 */
#ifndef MLC_EVAL_PICTURE_H
#define MLC_EVAL_PICTURE_H

#include "eval/call.h"
#include "io/figure.h"

extern const FunctionClass class_figure;

/* Keeps the arena of the figure, which is whole. */
Value picture_new(Figure *f);

/* The figure of a value; NULL if it is none. */
const Figure *picture_figure(Value v);

/* For a page: the figure as SVG, by gnuplot.  False if v is no figure. */
bool figure_to_svg(Interp *in, Value v, Str *out);

/*
 * Shows the frames of an animation one after the other where output is a
 * terminal, all but the last, which is drawn over them when the value is
 * printed.  Does nothing for other values.
 */
void picture_play(Interp *in, Value v);

/* Writes a figure to a .svg, .png, .pdf, .gif or .txt file. */
void picture_save(Interp *in, const Figure *f, const char *given);

/* ---- for the builtins that make figures ---- */

/* Sets what the options ask for, but legend and file. */
void picture_options(const Args *a, Figure *f);

/*
 * The value of the call: the figure; none if the option file is given, and it
 * is written.  Raises ERR_ARGUMENT if there is nothing finite to see.
 */
Value picture_give(Interp *in, const Args *a, Figure *f);

/* Entry by entry as floats, missing ones NaN: in the arena of the figure. */
const double *picture_numbers(Figure *f, Value v, size_t *n, const char *what);

/* Argument i of the call as it was typed if that is short, else NULL; in the
 * arena of the figure. */
const char *picture_argument(const Args *a, Figure *f, int i);

/* "f(x)", "x^2": what is drawn, as a label. */
const char *picture_label(Interp *in, Figure *f, Value v, const char *typed);

/* The end of a range, argument i; numbers and constants such as pi. */
double picture_end(Interp *in, const Args *a, int i);
bool is_constant_number(Interp *in, Value v, double *x);

#endif
