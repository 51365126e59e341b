/*
 * vm.h - what a Program holds and how it runs; for the files of compile/ only
 *
 * Numbers live in slots, arrays at the pointers of `at`: inputs and outputs
 * where the caller has them, constants in the arena, the rest in one block
 * whose parts are used again when a value is no longer needed.  Nothing is
 * allocated while a program runs (but by the kernels of rows that work on
 * Values).
 *
 * Code is a list of Instr that ends with VM_HALT.  Elementwise instructions
 * bear the number of their step (STEP_ADD, ...); with slots as operands they
 * are scalar code, with lanes the code of a Region.
 */
#ifndef MLC_COMPILE_VM_H
#define MLC_COMPILE_VM_H

#include "compile/lower.h"
#include "num/vmath.h"

/* VM_WRITE: the number of a slot as an array of one entry, as task k does. */
enum { VM_REGION = STEP_COUNT, VM_TASK, VM_SWEEP, VM_WRITE, VM_HALT, VM_COUNT };

/*
 * Entries of a block, fewer where a region needs many lanes (LANES_ROOM bytes
 * stay in the cache).  Lanes begin a cache line further apart than they are
 * long: were it a multiple of 4 kB, what is stored into one would seem to
 * overlap what is read from another.
 */
#define LANES 256
#define LANES_LEAST 128
#define LANES_ROOM (2 << 20)
#define LANE_STRIDE (LANES + 8)

/* Entries of a vector.  An array is `open` if VECTOR - 1 more numbers than it
 * has may be read: it can be an operand as it stands, whatever its length. */
#define VECTOR 8

/* A constant with no more entries is open, and an argument of a loop's body
 * (vm_loop.c). */
#define OPEN_INPUT 4096

/* Regions of so many entries are cut into chunks for threads. */
#define LARGE_REGION ((size_t)1 << 17)

/* Fewer rows than this are not swept in blocks. */
#define STREAM_ROWS 1024

typedef struct Instr {
    uint32_t op;
    uint32_t y, a, b, c;
    uint32_t k; /* kernel, region, task */
} Instr;

typedef enum LoadKind {
    LOAD_PLAIN,   /* entry by entry */
    LOAD_NUMBER,  /* a slot in all lanes */
    LOAD_COLUMN,  /* x[i] at (i, j) */
    LOAD_ROW,     /* x[j] at (i, j) */
    LOAD_TURNED,  /* x[j, i] at (i, j) */
    LOAD_DIAGONAL /* x[i] at (i, i), else 0 */
} LoadKind;

typedef struct Load {
    LoadKind kind;
    uint32_t lane;
    uint32_t from;           /* index of `at`, or a slot */
    const struct Task *pick; /* whose entries it picks itself, or NULL */
} Load;

typedef struct Store {
    uint32_t lane;
    uint32_t to; /* index of `at` */
} Store;

typedef double Lane8 __attribute__((vector_size(64), aligned(8), may_alias));

/*
 * The tree of vmath_sum, fed block by block.  Blocks of SUM_BLOCK entries are
 * joined at once, or kept in `part` when threads sum stretches of the array.
 */
typedef struct LaneSum {
    Lane8 sum, rest;
    VmathSum total;
    VmathSum *part; /* of the next block; NULL: joined at once */
    size_t seen;
} LaneSum;

enum { SUM_BLOCK = 4096 }; /* as in num/: a multiple of LANES */

/*
 * A region of at most LANES entries.  Its operands are numbers of Program.at,
 * where lanes stand behind the arrays: an array that is open is an operand
 * itself, and one that has room for whole vectors a result.
 */
typedef struct Strip {
    Instr *code; /* ends with VM_HALT; SUM writes slot k */
    Load *load;  /* those that are copied, or spread */
    Store *store;
    uint32_t nload, nstore;
} Strip;

/*
 * Elementwise code over one shape, run for `block` entries at a time.  Lanes
 * are numbered anew in each region; they stand in Program.lane.
 */
typedef struct Region {
    int rows, cols;
    size_t count; /* entries */
    uint32_t lanes;
    uint32_t block; /* entries at a time: LANES, or less */
    uint32_t code;  /* in Program.lane_code, ends with VM_HALT */
    void (*native)(struct Program *p, size_t n); /* the same (jit.c) or NULL */
    Load *load;
    Store *store;
    uint32_t *sum; /* slots of the totals */
    uint32_t nload, nstore, nsum;
    const Strip *strip; /* or NULL */
    VmathSum *part;     /* blocks of each sum, where threads make them */
} Region;

typedef struct TaskArg {
    int rows, cols;
    bool number; /* `at` is a slot */
    uint32_t at;
    int apart; /* entries from column to column in a sweep */
} TaskArg;

typedef struct Task {
    StepOp op;
    TaskArg y;
    TaskArg *arg;
    uint32_t nargs;
    uint64_t k;
    double *work;       /* of ADJUGATE */
    double *part;       /* sums over the rows of a sweep, of its chunks */
    int matrix, column; /* a matrix and a column: which operands these are */
    bool collects;      /* such a sum, in lanes of Program.work */
    bool again;         /* its matrix is multiplied twice in the sweep */
    size_t lanes;       /* where there */
    size_t chunk;       /* rows that one of `part` sums */
    bool late, known;   /* a PICK that is left to a region; whose positions
                           an earlier one has looked at */
} Task;

/*
 * The next `count` regions and tasks run in turns, for `block` rows of `rows`
 * at a time, so that data larger than the cache is read once.  A thread does
 * `chunk` rows; what the chunks sum is joined in their order.
 */
typedef struct Sweep {
    int rows, block, chunk;
    uint32_t count;
    uint32_t *local; /* arrays that live in it alone, a block at a time */
    uint32_t nlocal;
} Sweep;

typedef enum HomeKind {
    AT_INPUT,
    AT_OUTPUT,
    AT_CONST,
    AT_BUFFER,
    AT_LOCAL, /* of a sweep: a block for each thread */
    AT_VIEW,
    AT_SLIDE
} HomeKind;

/* Where an array lives. */
typedef struct Home {
    HomeKind kind;
    uint32_t from; /* input, output, or `at` of the viewed */
    size_t offset; /* in the buffer, in the viewed */
    double *data;  /* of a constant; room for a copy of a slide */
    const Slide *slide;
    size_t count; /* entries of a constant, an input, a slide or a local */
    int cols;     /* of a local, and the sweep it lives in */
    uint32_t sweep;
    size_t whole; /* where all of a local would stand behind the buffer */
} Home;

struct Program {
    Arena *arena;
    Instr *code, *lane_code;
    size_t ncode, nlane_code;
    double *slot;
    size_t nslot;
    double **at; /* pointers to arrays */
    Home *home;  /* how each is found */
    size_t nat;
    uint32_t *moving; /* those set anew in each run, in order */
    size_t nmoving;
    uint32_t *sliding; /* those set anew in each turn, in order */
    size_t nsliding;
    bool turns; /* the body of a loop */
    const Kernel **kernel;
    size_t nkernel;
    Region *region;
    size_t nregion;
    Task *task;
    size_t ntask;
    Sweep *sweep;
    size_t nsweep;
    double *lane;     /* room for the lanes of any region */
    double **lane_at; /* their places */
    LaneSum *sum;
    double *local, *work; /* of a hand: arrays of a sweep, lanes of its sums */
    size_t most_lanes, most_sums;
    size_t local_room, work_room;
    struct Program *hand; /* what each thread works with (vm_hands.c) */
    unsigned nhand;
    double *buffer; /* block of all arrays of its own */
    size_t buffer_count;
    size_t whole_count; /* behind it, of locals if they were whole */
    Shape *out_shape;
    int nin, nout;
    void (*native)(struct Program *p); /* machine code (jit.c) or NULL */
    unsigned wait;                     /* runs until it is made; 0: never */
    const char *blame;                 /* set by checking runs */
    bool checking;
    bool watching, finite; /* regions look at what they store in outputs */
    bool *watched;         /* outputs that regions store */
    bool stable;           /* holds a stable form */
    bool batch;            /* holds a long loop that runs in lanes */
};

/* Points `at` to the arrays of this run. */
void vm_bind(Program *p, const double *const in[], double *const out[]);

/* Runs all of p, in whichever way is fastest.  Raises as vm_run. */
void vm_start(Program *p);

/* Points what slides to where it stands in the turn with index i. */
void vm_slide(Program *p, size_t i);

/* Raises ERR_INDEX if a slide leaves its array in some turn from..to. */
void vm_slide_check(const Program *p, size_t from, size_t to);

bool vm_is_open(const Program *p, uint32_t at);

/* Is it an output, or a column of one? */
bool vm_is_output(const Program *p, uint32_t at);

/* Runs to VM_HALT.  Raises ERR_INTERRUPT, ERR_INDEX, what row kernels raise. */
void vm_run(Program *p, const Instr *code);
void vm_region(Program *p, const Region *r);
void vm_strip(Program *p, const Region *r);
void vm_strip_one(Program *p, const Instr *i, size_t count); /* no simple one */

/* How many of a strip's entries a kernel works on: those that go entry by
 * entry should not do many for nothing. */
size_t vm_strip_entries(size_t count);
void vm_task(Program *p, const Task *t);

/* Brings an operand of entries from.. to `lane`, or points where it is. */
void vm_load(Program *p, const Region *r, const Load *ld, double *lane,
             size_t from, size_t n);

/* Finds the strips of a finished program; slots below are constants. */
void strip_all(Program *p, Arena *scratch, uint32_t constants);

/* ---- vm_pick.c ---- */

/* Finds the tasks of a finished program that regions can do. */
void pick_late(Program *p);
void vm_pick(const Program *p, const Task *t);
void vm_load_pick(const Program *p, const Task *t, double *y, size_t from,
                  size_t n);

/* The place, from 0, of the position i on a side; raises ERR_INDEX. */
size_t vm_position(double i, int side);

/* Runs the sweep k, whose regions and tasks begin at `code`. */
void vm_sweep(Program *p, const Sweep *s, const Instr *code);

/*
 * Copies of p for threads 0..count-1, which share its slots and have lanes,
 * places, sums and locals of their own.  Made once, refreshed in each call.
 */
Program *vm_hands(Program *p, unsigned count);

/* Gives locals room for all of their entries, in the program's arena. */
void vm_whole_locals(Program *p);

/* A region by parts: entries from.. of it; sums go to Program.sum. */
void vm_region_begin(Program *p, const Region *r);
void vm_region_range(Program *p, const Region *r, size_t from, size_t count);

/*
 * A task of a sweep that works on rows from.. alone, of the chunk that begins
 * at row `start`.  Returns a code of number.h.
 */
int vm_task_rows(Program *p, const Task *t, size_t from, size_t count,
                 size_t start);

/* Raises what a code of number.h means. */
void vm_check(int code);

/* One instruction on the first n entries of the lanes; all until VM_HALT. */
void vm_lane(Program *p, const Instr *i, size_t n);
void vm_lanes(Program *p, const Instr *code, size_t n);

void lane_sum_begin(LaneSum *s, VmathSum *part); /* part: or NULL */
void lane_sum_add(LaneSum *s, const double *x, size_t n);
void lane_sum_close(LaneSum *s); /* what was added since the last block */
double lane_sum_end(LaneSum *s);
double lane_sum_join(const VmathSum *part, size_t count);

/* Does part k of what a PLACE puts together stand where it belongs? */
bool vm_is_placed(const Program *p, const Task *t, uint32_t k);

const char *vm_name(const Program *p, const Instr *i);

#endif
