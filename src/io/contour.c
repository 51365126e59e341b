/*
 * contour.c - levels, and the lines where a grid has them
 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/vec.h"
#include "io/figure.h"

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The entry below which half of the finite ones lie. */
static double middle(Arena *a, const Grid *g)
{
    size_t count = (size_t)g->nx * (size_t)g->ny, n = 0;
    double *z = ARENA_ARRAY(a, double, count + 1);
    for (size_t i = 0; i < count; i++)
        if (isfinite(g->z[i]))
            z[n++] = g->z[i];
    qsort(z, n, sizeof *z, compare_numbers);
    return n ? z[n / 2] : NAN;
}

/* Powers of 10, with 2 and 5 times these if they are few. */
static int steep_levels(double *level, double from, double high, int most)
{
    static const double digit[] = {1, 2, 5};
    double decades = log10(high / from);
    int n = 0, part = decades * 3 <= most ? 1 : decades * 2 <= most ? 2 : 3;
    for (int k = (int)floor(log10(from)); pow(10, k) < high && n < most; k++)
        for (int i = 0; i < 3 && n < most; i += part) {
            double v = digit[i] * pow(10, k);
            if (v > from && v < high)
                level[n++] = v;
        }
    return n;
}

int contour_levels(Arena *a, const Grid *g, int most, const double **level)
{
    double *found = ARENA_ARRAY(a, double, (size_t)most + 1);
    *level = found;
    if (!(g->low < g->high))
        return 0;
    double half = middle(a, g);
    if (g->low >= 0 && half > 0 && g->high > 10 * half)
        return steep_levels(found, fmax(half / 1000, g->low), g->high, most);
    double step = round_step((g->high / 2 - g->low / 2) / (most + 1) * 2);
    int n = 0;
    for (double k = floor(g->low / step) + 1; k * step < g->high && n < most;
         k++)
        found[n++] = k * step;
    return n;
}

typedef double Piece[4];
typedef VEC(Piece) Pieces;

typedef struct Corner {
    double x, y, z;
} Corner;

/* Where the level is passed between two corners. */
static void cross(const Corner *p, const Corner *q, double level, double at[2])
{
    double t = (level - p->z) / (q->z - p->z);
    at[0] = p->x + t * (q->x - p->x);
    at[1] = p->y + t * (q->y - p->y);
}

/* A triangle is passed on two of its sides or on none. */
static void pass_triangle(Arena *a, const Corner *const c[3], double level,
                          Pieces *out)
{
    double at[4];
    int n = 0;
    for (int i = 0; i < 3; i++)
        if (!isfinite(c[i]->z))
            return;
    for (int i = 0; i < 3 && n < 4; i++) {
        const Corner *p = c[i], *q = c[(i + 1) % 3];
        if ((p->z < level) != (q->z < level)) {
            cross(p, q, level, at + n);
            n += 2;
        }
    }
    if (n < 4)
        return;
    if (out->count == out->room)
        vec_grow_in(a, (void **)&out->at, out->count, &out->room,
                    sizeof *out->at);
    for (int i = 0; i < 4; i++)
        out->at[out->count][i] = at[i];
    out->count++;
}

static Corner corner(const Grid *g, int i, int j)
{
    return (Corner){g->x0 + (g->x1 - g->x0) * i / (g->nx - 1),
                    g->y0 + (g->y1 - g->y0) * j / (g->ny - 1),
                    g->z[(size_t)i + (size_t)j * (size_t)g->nx]};
}

/*
 * Each cell as four triangles around its middle, whose value is the mean of
 * its corners: no case is ambiguous (marching squares, with the asymptotic
 * question settled by the middle).
 */
size_t contour_pieces(Arena *a, const Grid *g, double level,
                      double (**piece)[4])
{
    Pieces found = {0};
    for (int j = 0; j + 1 < g->ny; j++) {
        POLL();
        for (int i = 0; i + 1 < g->nx; i++) {
            Corner c[4] = {corner(g, i, j), corner(g, i + 1, j),
                           corner(g, i + 1, j + 1), corner(g, i, j + 1)};
            Corner m = {(c[0].x + c[2].x) / 2, (c[0].y + c[2].y) / 2,
                        (c[0].z + c[1].z + c[2].z + c[3].z) / 4};
            bool below = c[0].z < level, all = true;
            for (int k = 1; k < 4; k++)
                all = all && (c[k].z < level) == below;
            for (int k = 0; k < 4 && !all; k++)
                pass_triangle(a, (const Corner *[]){&c[k], &c[(k + 1) % 4], &m},
                              level, &found);
        }
    }
    *piece = found.at;
    return found.count;
}
