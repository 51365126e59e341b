/*
 * box.h - rectangles of text, from which two-dimensional formulas are built
 *
 * A Box has rows of equal width; `base` is the row (from 0) on which it
 * stands beside others.  Boxes are immutable and live in the arena that they
 * are made in.  Sizes are in columns of the terminal.
 */
#ifndef MLC_GRAPH_BOX_H
#define MLC_GRAPH_BOX_H

#include "base/str.h"

typedef struct Box {
    int width, height, base;
    const char **row;
} Box;

Box box_text(Arena *a, const char *text);

/* Side by side, on one base line. */
Box box_beside(Arena *a, int n, const Box part[]);

/* One below the other, each centred (or at the left); `base` is that of the
 * whole. */
Box box_below(Arena *a, int n, const Box part[], bool centred, int base);

/* Superscript: its last row is above the first row of the box. */
Box box_raised(Arena *a, Box b, Box power);

/* Subscript: its first row is below the last row of the box. */
Box box_lowered(Arena *a, Box b, Box index);

/* Fraction; the bar is longer than both by `more` columns. */
Box box_over(Arena *a, Box top, Box bottom, int more, bool ascii);

Box box_root(Arena *a, Box b, bool ascii);

/* Between brackets of its height: '(' '[' '|', or 'n' for norms. */
Box box_in_brackets(Arena *a, Box b, char kind, bool ascii);

/* Rows times columns, column by column of equal width, with gaps. */
Box box_grid(Arena *a, int rows, int cols, const Box cell[]);

void box_write(Box b, Str *out);

#endif
