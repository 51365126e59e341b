/*
 * loop.h - loops and choices in programs
 *
 * The body of a LOOP and each arm of an IF is a Program of its own, inside of
 * the one that runs it: its inputs are the arguments of the LAMBDA.  All
 * results of a loop, and the histories that somebody reads, stand one after
 * the other in one array, the value of the step; a PROJ is a view into it.
 *
 * A body is bound once.  What it reads at affine indices slides along with
 * the turns; all arrays that the loop owns have room for whole vectors, so
 * that those of a few entries are operands as they stand (strip.c).
 */
#ifndef MLC_COMPILE_LOOP_H
#define MLC_COMPILE_LOOP_H

#include "compile/vm.h"

/* Where an accumulator takes in: from a position on, or all of a side. */
typedef struct LoopSide {
    bool all;
    bool affine; /* from a*index + b on */
    int64_t a, b;
    double from; /* else written by the body */
    int count;
} LoopSide;

typedef struct LoopResultPlan {
    bool carried, add;          /* else set */
    bool saved;                 /* set, a block a turn; it has no base */
    int rows, cols;             /* of the result */
    int value_rows, value_cols; /* of what the body gives */
    size_t offset;              /* among the results */
    size_t history;             /* offset, or SIZE_MAX */
    double *now, *next;         /* carried; `now` also takes a value in */
    double *total;              /* of small sums of all turns, or NULL */
    LoopSide row, col;
} LoopResultPlan;

typedef struct LoopPlan {
    Program *body;
    bool down;
    int carried, results, captures;
    bool swaps; /* large carried values change places, small ones are copied */
    LoopResultPlan *result;
    double **copy; /* of small captures, for those that are not open */
    double index;
    const double **in;
    double **out;
    const char *name;
} LoopPlan;

typedef struct ChoicePlan {
    Program *arm[2];
    int results, captures;
    size_t *offset;
    const double **in;
    double **out;
} ChoicePlan;

Step lower_loop(Lower *l, Node n);
Step lower_choice(Lower *l, Node n);

/* Does n stand in root? */
bool lower_holds(Lower *l, Node root, Node n);
Step lower_result(Lower *l, Node n); /* PROJ, HIST */

/* ---- lower_lanes.c: loops as arrays over their index ---- */

/* The steps of all results, or NULL if the loop has no such form. */
Step *lower_lanes(Lower *l, Node n);
Step lower_lane_index(Lower *l, Node n);
Step lower_lane_choice(Lower *l, Node n);

/* ---- lower_small.c: small arrays in their bodies ---- */

/* Entries, column by column; of a chain those of each factor in turn. */
typedef struct Small {
    int rows, cols;
    size_t count;
    Node *entry;
} Small;

/* False if there are too many. */
bool small_array(Lower *l, Node n, Small *y);
bool small_chain(Lower *l, Node n, Small *y);
Step lower_small_chain(Lower *l, Node n); /* a number a turn */

/* ---- lower_written.c: loops that choose by their index ---- */

/* All turns written out, as a tuple of the results; STEP_NONE if it is no such
 * loop, or a long one. */
Step lower_written(Lower *l, Node n);

/* The results of the arm that runs. */
Step lower_known_choice(Lower *l, Node n, bool holds);

/* ---- lower_turns.c: loops whose shapes depend on the index ---- */

/* All turns written out: the steps of the results, then of the histories;
 * STEP_NONE if the turns have the same shapes. */
Step lower_turns(Lower *l, Node n, int64_t turns);
bool lower_turns_differ(Lower *l, Node n);

/* A program for closed nodes; lives as long as the outer one.  `site`: of a
 * loop's body, else NULL. */
Program *lower_inside(Lower *l, const LoopSite *site, int nin, const Node in[],
                      const Shape shape[], int nout, const Node out[]);

/* ---- lower_saved.c ---- */

/* Fills Lower.saved from its loops and histories. */
void lower_find_saved(Lower *l);

/* Finds all loops and what they read of each other, once. */
void lower_find_loops(Lower *l);

/* Is the history of carried variable k of this loop read by anyone? */
bool lower_reads_history(Lower *l, Node loop, int k);

void vm_loop(Program *p, const Task *t);
void vm_choice(Program *p, const Task *t);

/* Runs what is bound; if p is checking, instruction by instruction. */
void vm_run_or_check(Program *p);

#endif
