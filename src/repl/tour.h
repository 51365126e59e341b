/*
 * tour.h - `:tour`, mlc in ten steps that the user types
 *
 * The steps are data: tour.def.  During the tour the session is as ever; after
 * each statement the condition of the step is looked at, and when it holds the
 * next step is shown.  How far one came is kept in the file `tour` beside the
 * history, so that a later session goes on from there; names that the steps
 * before defined are then defined again.
 */
#ifndef MLC_REPL_TOUR_H
#define MLC_REPL_TOUR_H

#include "eval/interp.h"

typedef struct Tour {
    const char *path; /* of the file, or NULL */
    int step;         /* from 0: that is asked for, or comes next */
    bool on;
} Tour;

/* Reads how far an earlier session came: `step` is 0 if it did not begin. */
void tour_start(Tour *t, Arena *a);

/* `:tour`, `:tour 3`; then `:hint`, `:skip`, `:back`, `:quit`. */
void tour_begin(Tour *t, Interp *in, const char *rest);
void tour_hint(const Tour *t, Interp *in);
void tour_move(Tour *t, Interp *in, int by);
void tour_leave(Tour *t, Interp *in);

/* After a statement, which ran if `good`. */
void tour_look(Tour *t, Interp *in, bool good);

#endif
