/*
 * schedule.h - the state between deciding and writing; for compile/ alone
 *
 * Work is done in levels.  In a level first the regions run (elementwise
 * steps and sums, those of one shape fused), then scalars and tasks.  A step
 * stands in the first level in which its operands are ready: elementwise
 * steps may use those of their own region, and else what levels before made.
 * Leaves have level 0 and elementwise work begins with level 1.
 */
#ifndef MLC_COMPILE_SCHEDULE_H
#define MLC_COMPILE_SCHEDULE_H

#include "compile/vm.h"

enum { NEED_VALUE = 1, NEED_ARRAY = 2 };

#define NO_PLACE UINT32_MAX

/* Steps that run at one point: one scalar or task, or a whole region. */
typedef struct Item {
    uint32_t first, count; /* in Schedule.order */
    bool region;
    uint32_t sweep; /* items side by side with one number: one sweep; 0: none */
    bool total;     /* sums over the rows of its sweep */
} Item;

/* A stretch of the block of buffers. */
typedef struct Room {
    size_t offset, count;
} Room;

typedef struct Schedule {
    Lower *l;
    Program *p;
    Arena *a;
    size_t n;
    uint32_t *level;
    uint8_t *need;
    uint32_t *order; /* steps as they run */
    size_t norder;
    Item *item;
    size_t nitem;
    uint32_t *item_of; /* the item of a step */
    uint32_t *last;    /* item that reads it last */
    uint32_t *place;   /* slot, or index of `at` */
    uint32_t *lane;    /* of elementwise steps and loads */
    uint32_t *stamp;   /* region in which `lane` holds */
    int nout;
    const Step *out;
    uint32_t *out_of;  /* output written in place, by step */
    uint32_t *part_of; /* home of the output that it is a column of, by step */
    size_t *part_at;   /* and where in it */
    VEC(Instr) code;
    VEC(Instr) lane_code;
    VEC(Region) region;
    VEC(Task) task;
    VEC(Sweep) sweep;
    VEC(Home) home;
    VEC(const Kernel *) kernels;
    VEC(double) constant; /* values of slots preset */
    uint32_t nslot;
    VEC(uint32_t) free_slot;
    VEC(Room) free_room;       /* sorted by offset, never touching */
    size_t room;               /* of the block of buffers */
    uint32_t *ends, *next_end; /* steps by the item that reads them last */
    uint32_t lanes;            /* of the region being written */
    VEC(uint32_t) free_lane;
    size_t most_lanes, most_sums;
    int sweep_rows;    /* of the sweeps, 0: there are none */
    bool *local;       /* steps whose rows are read in their sweep alone */
    size_t local_room; /* entries of the locals of the sweep being written */
    size_t most_local, work_room, whole_room;
} Schedule;

/* How a region reads an operand: the step under it, and the kind of load. */
Step schedule_operand(const Lower *l, Step a, LoadKind *kind);

/* Are both part of one region when their levels agree? */
bool schedule_fuses(const Lower *l, Step user, Step a);
bool schedule_in_region(const Lower *l, Step s);

/* ---- stream.c ---- */

/* Puts items that go over rows of data together; before last uses are known. */
void schedule_sweeps(Schedule *s);

/* Is x = a'*b a sum over the rows of a matrix and a column?  Which are they? */
bool schedule_sums_rows(const Schedule *s, Step x, int *matrix, int *column);

/* ---- sweep.c ---- */

/* Finds the arrays of which a block at a time is enough. */
void sweep_find_locals(Schedule *s);

void sweep_begin(Schedule *s, uint32_t item);        /* item: its first */
void sweep_write_task(Schedule *s, Step x, Task *t); /* room of its sums */
void sweep_finish(Program *p);

void schedule_decide(Schedule *s); /* levels, needs, order, last uses */
void schedule_write(Schedule *s);  /* storage and code */

/* ---- place.c: storage ---- */

void place_begin(Schedule *s);              /* leaves, views, outputs */
void place_result(Schedule *s, Step x);     /* room for what x makes */
void place_end(Schedule *s, uint32_t item); /* takes back after item */

/* ---- region.c ---- */

void write_region(Schedule *s, const Item *i);
uint32_t kernel_index(Schedule *s, Step x);
Instr each_instr(Schedule *s, Step x, const uint32_t place[]);

#endif
