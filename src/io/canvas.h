/*
 * canvas.h - characters that are drawn on
 *
 * A Canvas is cols x rows characters.  Lines and points are made of dots, 2
 * by 4 to a character (the braille patterns of Unicode), in ASCII 1 by 2.
 * Over the dots stand glyphs, one a character.  Under them lies paper, two
 * colours a character (upper and lower half).  Where there are no colours,
 * paper k is the character shade[k].
 *
 * Ink 0 is that of the terminal, others are numbers of its 256 colours.
 */
#ifndef MLC_IO_CANVAS_H
#define MLC_IO_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

typedef struct Canvas {
    int cols, rows;
    int wide, high; /* dots */
    bool ascii;
    uint8_t *dot, *ink;    /* by character */
    uint32_t *glyph;       /* 0: none */
    uint8_t *paper;        /* by half, cols*rows*2; 0: none */
    const uint32_t *shade; /* or NULL */
} Canvas;

Canvas *canvas_new(Arena *a, int cols, int rows, bool ascii);

/* A pattern of `on` dots drawn and `off` left out; all zero: every dot.  It
 * goes on from line to line. */
typedef struct Dash {
    int on, off;
    int at;   /* dots so far */
    int x, y; /* the latest one */
} Dash;

/* Dots count from the upper left. */
void canvas_dot(Canvas *c, int x, int y, uint8_t ink);
void canvas_clear_dot(Canvas *c, int x, int y);

/* Between points in dots, which may lie outside; `mark`: the glyph instead of
 * the dots, 0 for dots. */
void canvas_line(Canvas *c, const double from[2], const double to[2],
                 uint8_t ink, uint32_t mark, Dash *dash);

/* Takes away the dots of the characters that a line goes through. */
void canvas_clear_line(Canvas *c, const double from[2], const double to[2]);

void canvas_glyph(Canvas *c, int col, int row, uint32_t code, uint8_t ink);

/* Text from a column on, cut at the edge. */
void canvas_text(Canvas *c, int col, int row, const char *text, uint8_t ink);

/* Is there no dot and no glyph in these characters? */
bool canvas_is_free(const Canvas *c, int col, int row, int count);

/* Half 0 is the upper one. */
void canvas_paper(Canvas *c, int col, int row, int half, uint8_t paper);

/* The characters of a row without the blanks at its end. */
void canvas_add_row(const Canvas *c, int row, bool colour, Str *out);

void str_add_code(Str *out, uint32_t code); /* in UTF-8 */

#endif
