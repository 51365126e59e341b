/*
 * figure_draw.h - what the files share that draw with characters
 */
#ifndef MLC_IO_FIGURE_DRAW_H
#define MLC_IO_FIGURE_DRAW_H

#include "io/canvas.h"
#include "io/figure.h"

typedef struct Drawing {
    const Figure *f;
    const TextStyle *style;
    Arena *arena;
    Canvas *c;
    Axis x, y;
    int lines;     /* layers that are lines */
    int marks;     /* and points */
    size_t points; /* of all these */
} Drawing;

enum { PAPER_SHADES = 5 };

/* A colour of the terminal for a part from 0 to 1 (dark blue to yellow), of a
 * series, and a pale one of a class from 1. */
uint8_t ink_of_part(double part);
uint8_t ink_of_series(int series);
uint8_t paper_of_class(int class);

/* Shades in place of them. */
const uint32_t *shades_of(bool ascii, bool classes);

/* The grid in three dimensions, in place of axes. */
void draw_surface(Drawing *d, const Layer *l, Str *out);

#endif
