#include "num/colour.h"

#include <string.h>

/* forbidden[c] == v: vertex v may not have colour c. */
static int first_allowed(const int *forbidden, int v)
{
    int c = 0;
    while (forbidden[c] == v)
        c++;
    return c;
}

int colour_columns(const Pattern *p, int *colour, int *room)
{
    int most = 0;
    memset(room, -1, ((size_t)p->cols + 1) * sizeof *room);
    for (int j = 0; j < p->cols; j++)
        colour[j] = -1;
    for (int j = 0; j < p->cols; j++) {
        for (int k = p->col_start[j]; k < p->col_start[j + 1]; k++) {
            int i = p->row[k];
            for (int m = p->row_start[i]; m < p->row_start[i + 1]; m++)
                if (colour[p->col[m]] >= 0)
                    room[colour[p->col[m]]] = j;
        }
        colour[j] = first_allowed(room, j);
        most = colour[j] >= most ? colour[j] + 1 : most;
    }
    return most;
}

/* Is there a neighbour of x, other than w, in the colour of w?  Then v may not
 * have the colour of x, or v w x y had two colours. */
static bool closes_path(const Pattern *p, const int *colour, int w, int x)
{
    for (int k = p->col_start[x]; k < p->col_start[x + 1]; k++) {
        int y = p->row[k];
        if (y != w && y != x && colour[y] == colour[w])
            return true;
    }
    return false;
}

int colour_star(const Pattern *p, int *colour, int *room)
{
    int most = 0;
    memset(room, -1, ((size_t)p->cols + 1) * sizeof *room);
    for (int j = 0; j < p->cols; j++)
        colour[j] = -1;
    for (int v = 0; v < p->cols; v++) {
        for (int k = p->col_start[v]; k < p->col_start[v + 1]; k++) {
            int w = p->row[k];
            if (w == v)
                continue;
            if (colour[w] >= 0)
                room[colour[w]] = v;
            for (int m = p->col_start[w]; m < p->col_start[w + 1]; m++) {
                int x = p->row[m];
                if (x == v || x == w || colour[x] < 0)
                    continue;
                if (colour[w] < 0 || closes_path(p, colour, w, x))
                    room[colour[x]] = v;
            }
        }
        colour[v] = first_allowed(room, v);
        most = colour[v] >= most ? colour[v] + 1 : most;
    }
    return most;
}
