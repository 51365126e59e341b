/*
 * figure.h - pictures of data, before they are drawn
 *
 * A Figure is a list of layers over two axes.  It knows nothing of where it
 * is drawn: figure_text draws it with characters for a terminal, figure_write
 * lets gnuplot make a file of it.  Both show the same ranges, ticks and
 * contour lines, which are found here.
 *
 * A figure, its layers, texts and numbers lie in the arena of the figure.
 * Numbers that are not finite break lines and are left out elsewhere; on a
 * logarithmic axis so are those that are not positive.
 */
#ifndef MLC_IO_FIGURE_H
#define MLC_IO_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

typedef enum LayerKind {
    LAYER_LINE, /* through the points x, y in their order */
    LAYER_PATH, /* the same with a mark at each, the first and last named */
    LAYER_POINTS,
    LAYER_BARS,    /* y[i] high from x[i] to x[i + 1]; n heights */
    LAYER_CELLS,   /* the grid as colours */
    LAYER_CLASSES, /* the same where z counts classes from 1 */
    LAYER_ARROWS,  /* from x, y by u, v */
    LAYER_CONTOUR, /* lines of the grid at the levels */
    LAYER_SURFACE  /* the grid in three dimensions */
} LayerKind;

/* z[i + j*nx] at x0 + i*(x1 - x0)/(nx - 1), and so for j: of cells the
 * middle. */
typedef struct Grid {
    int nx, ny;
    double x0, x1, y0, y1;
    const double *z;
    double low, high; /* of the finite entries */
} Grid;

typedef struct Layer {
    LayerKind kind;
    const char *label; /* in the legend; NULL: not there */
    int series;        /* its colour, from 0 */
    size_t n;
    const double *x, *y, *u, *v;
    double low, high; /* the part of y that is to be seen; NaN: all */
    Grid grid;
    int nlevels; /* of a contour */
    const double *level;
    bool numbers; /* of cells: the entries are written into them */
} Layer;

typedef struct Axis {
    const char *label; /* or NULL */
    bool log;
    bool reversed;           /* from top to bottom */
    bool whole;              /* ticks at integers only */
    double low, high;        /* NaN: as the layers need */
    const char *const *name; /* of the integers from 1; or NULL */
    int nnames;
} Axis;

typedef struct Figure Figure;

struct Figure {
    Arena *arena;
    const char *title; /* or NULL */
    bool legend;       /* asked for, of one layer too */
    Axis x, y;
    int width, height; /* of the text, columns and rows; 0: usual */
    int ascii;         /* asked for: 1, not: 0; -1: as the locale is */
    Layer *layer;
    size_t count, room;
    int series;     /* that have a colour so far */
    Figure **frame; /* of an animation; its own layers are then empty */
    size_t nframes, frame_room;
};

/* In an arena of its own, a local one until arena_keep is called for it. */
Figure *figure_new(void);

/* Appends a layer of the next series (a line, points, bars, arrows). */
Layer *figure_add(Figure *f, LayerKind kind, size_t n, const double *x,
                  const double *y);

/* Appends a layer of a grid, its range found. */
Layer *figure_add_grid(Figure *f, LayerKind kind, const Grid *g);

/* Appends copies of the layers of g; what f does not say of its axes and title
 * is that of g. */
void figure_join(Figure *f, const Figure *g);

/* A new frame of an animation, in its arena. */
Figure *figure_add_frame(Figure *f);

/* Gives all frames the same ranges. */
void figure_settle_frames(Figure *f);

const char *figure_text_copy(Figure *f, const char *text);
double *figure_numbers(Figure *f, size_t n);

/* ---- what both ways to draw share ---- */

/* The title; without one the label of the only layer, or NULL. */
const char *figure_title(const Figure *f);

/* Are labels shown?  The only one there is stands as the title. */
bool figure_has_legend(const Figure *f);

/* Both axes with their ranges set; false if there is nothing finite to see. */
bool figure_view(const Figure *f, Axis *x, Axis *y);

/* From 0 to 1 along an axis with a range; NaN where it has no place. */
double axis_place(const Axis *a, double v);

enum { MOST_TICKS = 24, TICK_TEXT = 32 };

typedef struct Ticks {
    int count;
    double at[MOST_TICKS];
    char text[MOST_TICKS][TICK_TEXT];
} Ticks;

/*
 * Round numbers within the range of an axis, at most `most` (and 2 where that
 * is possible): multiples of 1, 2 or 5 by a power of 10 (Heckbert, Nice numbers
 * for graph labels, Graphics Gems, 1990); on a logarithmic axis powers of 10,
 * if they are few their doubles and fivefolds too.
 */
void ticks_find(Ticks *t, const Axis *a, int most);

/* The least of 1, 2 or 5 times a power of 10 that is not below x. */
double round_step(double x);

/* Of one number, to 4 digits. */
void tick_text(char text[TICK_TEXT], double x);

/* About `most` round levels for the grid; of a valley that is steep by far,
 * powers of 10.  In the arena; the count is returned. */
int contour_levels(Arena *a, const Grid *g, int most, const double **level);

/*
 * The lines where the grid, taken as linear between its points, has the
 * level: pieces (x0, y0, x1, y1), in the arena; the count is returned.
 */
size_t contour_pieces(Arena *a, const Grid *g, double level,
                      double (**piece)[4]);

/* The grid's value at a point, of the nearest cell; NaN outside. */
double grid_at(const Grid *g, double x, double y);

/* ---- drawing ---- */

typedef struct TextStyle {
    int width, height; /* of the whole; 80 and 20 are usual */
    bool ascii, colour;
} TextStyle;

/* Lines with a newline behind each.  Raises ERR_ARGUMENT if there is nothing
 * finite in the figure. */
void figure_text(const Figure *f, const TextStyle *style, Str *out);

/*
 * A picture by gnuplot.  `kind` is "svg", "png", "pdf" or "gif"; the bytes go
 * to `out`.  Raises ERR_FILE, with the name of the package if gnuplot is not
 * here.
 */
void figure_picture(const Figure *f, const char *kind, Str *out);

#endif
