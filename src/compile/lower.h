/*
 * lower.h - from the graph to flat code; for the files of compile/ only
 *
 * Lowering first writes the graph down as Steps: unique, in an order in which
 * operands come first, with concrete shapes.  A step is one of
 *
 *   a leaf          an input, a number, an array of numbers
 *   a way to read   VIEW, SPREAD, TURN, DIAG: no work of their own where the
 *                   reader can follow them, else done by a task
 *   elementwise     scalars become instructions of the scalar VM; arrays are
 *                   fused into regions that run in blocks of lanes
 *   SUM             of all entries: at the end of a region
 *   a task          anything on whole arrays: products, solves, copies
 *
 * What is done to make formulas stable (log1p, scaled norms, ...) happens
 * while steps are built (lower*.c).  schedule.c then decides which steps are
 * needed, in which order, where values live, and writes the Program.
 */
#ifndef MLC_COMPILE_LOWER_H
#define MLC_COMPILE_LOWER_H

#include "base/vec.h"
#include "compile/program.h"

typedef uint32_t Step;

#define STEP_NONE UINT32_MAX
#define STEP_GEMM_EVEN 4u

/* STEP(id, name that program_blame and the listing show) */
#define STEPS_LEAF(STEP)                                                       \
    STEP(IN, "input")                                                          \
    STEP(NUM, "number")                                                        \
    STEP(CONST, "array")
#define STEPS_READ(STEP)                                                       \
    STEP(VIEW, "view")     /* entries k.. of the operand, other shape */       \
    STEP(SLIDE, "index")   /* k: a Slide; entries that move with the turn */   \
    STEP(SPREAD, "spread") /* number, column or row along an array */          \
    STEP(TURN, "'")        /* transpose */                                     \
    STEP(DIAG, "diag")     /* column as diagonal matrix */
#define STEPS_EACH(STEP)                                                       \
    STEP(ADD, "+")                                                             \
    STEP(SUB, "-")                                                             \
    STEP(MUL, "*")                                                             \
    STEP(DIV, "/")                                                             \
    STEP(DIV0, "/") /* 0 where the divisor is 0: x/norm2(x) */                 \
    STEP(NEG, "-")                                                             \
    STEP(SQRT, "sqrt")                                                         \
    STEP(LT, "<")                                                              \
    STEP(LE, "<=")                                                             \
    STEP(EQ, "==")                                                             \
    STEP(NE, "!=")                                                             \
    STEP(AND, "and")                                                           \
    STEP(OR, "or")                                                             \
    STEP(NOT, "not")                                                           \
    STEP(CHOOSE, "if") /* condition, then, else: both are known */             \
    STEP(CALL1, "")    /* k: a Kernel */                                       \
    STEP(CALL2, "")                                                            \
    STEP(CALL3, "")
#define STEPS_TASK(STEP)                                                       \
    STEP(READ, "index")     /* entry k as a number */                          \
    STEP(READ_AT, "index")  /* row, column are numbers of the run */           \
    STEP(TAKE_ROW, "index") /* all of one row, its number of the run */        \
    STEP(TAKE_COL, "index") /* columns that follow each other */               \
    STEP(GATHER, "index")   /* k: list of entries */                           \
    STEP(PICK, "index")     /* k: a Pick; positions of the run, a column */    \
    STEP(PLACE, "[...]")    /* k: where each part goes */                      \
    STEP(UNIT, "unit")                                                         \
    STEP(NORM2, "norm2")                                                       \
    STEP(COLSUM, "sum") /* down the columns: a row */                          \
    STEP(ROWSUM, "sum")                                                        \
    STEP(GEMM, "*")        /* k: 1 first, 2 second operand transposed, */      \
                           /* 4 symmetric: STEP_GEMM_EVEN */                   \
    STEP(SYRK, "*")        /* a'*a (k = 1) or a*a' */                          \
    STEP(LU, "inv")        /* factors and pivots of a square matrix */         \
    STEP(SOLVE, "inv")     /* LU, right sides; k = 1: of the transpose */      \
    STEP(INV, "inv")       /* of LU */                                         \
    STEP(DET, "det")       /* of LU */                                         \
    STEP(LOGDET, "logdet") /* of LU */                                         \
    STEP(ADJUGATE, "adj")  /* det(a)*inv(a), of a */                           \
    STEP(KRON, "kron")                                                         \
    STEP(SOFTMAX, "softmax")                                                   \
    STEP(LOGSUMEXP, "logsumexp")                                               \
    STEP(SOFTMAX_ROWS, "softmax")                                              \
    STEP(LOGSUMEXP_ROWS, "logsumexp")                                          \
    STEP(PROD, "prod")                                                         \
    STEP(MAXIMUM, "max")                                                       \
    STEP(MINIMUM, "min")                                                       \
    STEP(LOOP, "loop")   /* k: a LoopPlan */                                   \
    STEP(CHOICE, "if")   /* k: a ChoicePlan */                                 \
    STEP(TUPLE, "")      /* several results; nobody runs it */                 \
    STEP(ROW_KERNEL, "") /* k: an OpInfo, by its array kernel */
#define STEPS_ALL(STEP)                                                        \
    STEPS_LEAF(STEP)                                                           \
    STEPS_READ(STEP) STEPS_EACH(STEP) STEP(SUM, "sum") STEPS_TASK(STEP)

typedef enum StepOp {
#define STEP(id, name) STEP_##id,
    STEPS_ALL(STEP)
#undef STEP
        STEP_COUNT
} StepOp;

/* A function of numbers: scalar form, and the form for lanes if any. */
typedef struct Kernel {
    const char *name;
    const char *code; /* of a, b, c as C; NULL: not written in C */
    Kernel1 f1;
    KernelVector1 v1;
    Kernel2 f2;
    void (*v2)(double *y, const double *a, const double *b, size_t n);
    double (*f3)(double, double, double);
} Kernel;

typedef struct StepInfo {
    StepOp op;
    int rows, cols;
    uint32_t first, nargs; /* operands: Lower.arg[first..] */
    uint64_t k;            /* offset, input, bits of a number, pointer */
} StepInfo;

/* In the k of INV and SOLVE, whose lowest bit says `turned`: the program holds
 * the adjugate of the same matrix. */
enum { INVERSE_CAREFUL = 2 };

/* Where a GATHER reads and a PLACE puts. */
typedef struct Gather {
    size_t count;
    size_t from[];
} Gather;

typedef struct Place {
    int row, col; /* from 0 */
} Place;

static inline size_t place_offset(Place p, int rows)
{
    return (size_t)p.row + (size_t)p.col * (size_t)rows;
}

/* Side of a Slide: `count` positions from a*turn + b on, counted from 1. */
typedef struct SlideSide {
    int64_t a, b;
    int count, side;
} SlideSide;

/*
 * What the body of a loop reads of an array at affine indices: in the turn
 * with index i, entries that follow each other from first + step*i on.
 */
typedef struct Slide {
    int64_t first, step;
    SlideSide row, col;
} Slide;

/* Entry i of what is picked: first + (position - 1)*stride of the operand,
 * positions from 1 to side. */
typedef struct Pick {
    size_t first, stride;
    int side;
} Pick;

/* In lanes, a sum of squares whose root is known. */
typedef struct LaneNorm {
    Step squares, norm;
    size_t count; /* of what is squared */
    Step *entry;
} LaneNorm;

/* y is above/below, as a product with a reciprocal. */
typedef struct LaneQuotient {
    Step y, above, below;
    StepOp division;
} LaneQuotient;

/*
 * A value of the body of loop `from` that the body of loop `to` has as
 * `outer`: a stack that the one fills and the other reads.
 */
typedef struct Saved {
    Node from, inner, to, outer;
    int rows, cols;
    int64_t turns;
    int result; /* of `from`, when it was lowered */
} Saved;

/* What the body of a loop knows: input 0 is its index, and those from `first`
 * on are stacks of these values, one block a turn. */
typedef struct LoopSite {
    int first, count;
    const Saved *saved;
} LoopSite;

typedef struct NodeSlot {
    Node n;
    Step s;
} NodeSlot;

typedef struct NodeSet {
    NodeSlot *slot;
    size_t count, room;
} NodeSet;

typedef struct DimSize {
    Node n;
    int size;
    const char *by; /* the symbol whose shape says so, or NULL */
} DimSize;

typedef struct Lower {
    Graph *g;
    Arena *a;    /* scratch of the lowering */
    Arena *keep; /* lives as long as the Program */
    const ProgramSpec *spec;
    VEC(StepInfo) step;
    VEC(Step) arg;
    uint32_t *slot; /* hash table of steps */
    size_t slots;
    NodeSlot *map; /* nodes already lowered */
    size_t mapped, map_room;
    VEC(DimSize) dim;
    VEC(Node) history; /* the HIST nodes that anyone reads */
    VEC(Node) loops;
    VEC(Saved) saved;
    bool history_known;
    int lanes; /* turns of the loop that is written as
                  arrays, 0: none (lower_lanes.c) */
    Node lane_index;
    int written; /* loops around that are written out (lower_written.c) */
    const LoopSite *site; /* of the body of a loop, else NULL */
    int lane_arms;        /* of choices around what is looked at */
    bool batch;           /* a long loop was written as arrays */
    VEC(LaneNorm) norm;   /* of the lanes */
    VEC(LaneQuotient) quotient;
    int factoring; /* sums within each other (lower_factor.c) */
    bool stable;   /* a stable form was taken */
    int sides;     /* of sums being lowered within each other (lower_step.c) */
    const Kernel *row[OP_COUNT]; /* of the rows used so far */
} Lower;

/* ---- steps.c: building steps ---- */

void lower_begin(Lower *l);
Step step_make(Lower *l, StepOp op, int rows, int cols, int n,
               const Step args[], uint64_t k);
Step step_number(Lower *l, double x);
bool step_is_number(const Lower *l, Step s, double *x);
bool step_is_scalar(const Lower *l, Step s);
bool step_is_each(StepOp op);
bool step_is_read(StepOp op);
Step step_arg(const Lower *l, Step s, int i);

/* Elementwise; numbers spread along arrays; what is known is computed. */
Step step_each1(Lower *l, StepOp op, Step a);
Step step_each2(Lower *l, StepOp op, Step a, Step b);
Step step_call1(Lower *l, const Kernel *f, Step a);
Step step_call2(Lower *l, const Kernel *f, Step a, Step b);
Step step_each(Lower *l, StepOp op, int n, const Step args[], uint64_t k);

Step step_spread(Lower *l, Step a, int rows, int cols);
Step step_turn(Lower *l, Step a);
Step step_view(Lower *l, Step a, size_t offset, int rows, int cols);
Step step_read(Lower *l, Step a, size_t i);
Step step_sum(Lower *l, Step a);
Step step_colsum(Lower *l, Step a); /* a row */
Step step_rowsum(Lower *l, Step a); /* a column */
Step step_lu(Lower *l, Step a);
bool step_is_fill(const Lower *l, Step a, Step *number);

/* The operand and offset that a view leads to, and whether a turned one. */
Step step_under_turn(const Lower *l, Step a, bool *turned);

/* ---- lower_shift.c: long vectors in slices and put together ---- */

/* Entries of s by the same entries of its operands; STEP_NONE: it is no long
 * vector, or dear to compute again. */
Step step_slice_through(Lower *l, Step s, size_t offset, int rows, int cols);

/* An elementwise step of which operands are put together, put together of
 * steps; STEP_NONE if none is. */
Step step_each_by_parts(Lower *l, StepOp op, int n, const Step args[],
                        uint64_t k);

/* ---- lower_chain.c ---- */

Step step_product(Lower *l, Step a, Step b);
Step lower_chain(Lower *l, int n, const Step f[]);
Step lower_trace(Lower *l, Node arg);
Step lower_diagof(Lower *l, Node arg);

/* ---- lower_sum.c: sums and products of scalars, stable forms ---- */

/* A sum in which a step chooses between sides; STEP_NONE if it is none. */
Step lower_sum_by_step(Lower *l, Node n);
Step lower_sum(Lower *l, Node n);
/* How many terms a sum of nodes already lowered has in stable pairs. */
int lower_sum_pairs(Lower *l, Node n);
Step lower_mono(Lower *l, Node n);
Step lower_had(Lower *l, Node n);
Step lower_log(Lower *l, Node n);

Step lower_hypot(Lower *l, Step a, Step b);
/* In lanes: is s a sum of squares, and of which norm?  (lower_small.c) */
bool lower_lane_norm(const Lower *l, Step s, Step *norm);
/* Is x one of the entries of which `norm` is the norm, or made from the norm
 * alone?  Then x/norm stands in many products, and is divided once. */
bool lower_lane_shares(const Lower *l, Step norm, Step x);

/* ---- lower_share.c: quotients by sums of exponentials ---- */

/* The product of some factors of a MONO or HAD, from `first` on. */
Step lower_share(Lower *l, Node n, int first, uint64_t *used);
/* The sum n with 1 - f/S joined to (S - f)/S; n if there is none. */
Node lower_joined(Lower *l, Node n);
/* log of each term of a sum of exponentials; 0: it is none. */
int lower_exponents(Lower *l, Node sum, int most, Step x[]);

/* ---- lower_quotient.c ---- */

/* a/b by this division; in lanes perhaps a*(1/b). */
Step lower_quotient(Lower *l, StepOp division, Step a, Step b);

/* Decides which when everything has been lowered. */
void lower_settle_quotients(Lower *l, int nout, const Step out[]);

/* ---- lower_factor.c ---- */

/* The sum n of lanes as a product, or a sum with one; STEP_NONE: it has
 * neither a factor nor a coefficient in common. */
Step lower_factored(Lower *l, Node n);

/* ---- lower_array.c ---- */

Step lower_index(Lower *l, Node n);
Step lower_stack(Lower *l, Node n, bool side);
Step lower_array_row(Lower *l, Node n);

/* ---- lower.c ---- */

void lower_inputs(Lower *l);
void lower_remember(Lower *l, Node n, Step s);
bool lower_seen(Lower *l, NodeSet *set, Node n); /* and puts it in */
Step lower_node(Lower *l, Node n);               /* with all that it needs */
Step lowered(Lower *l, Node n);                  /* an operand's step */
void lower_lambda(Lower *l, Node f, int n, const Node arg[], const Step value[],
                  Step y[]);
int lower_dim(Lower *l, Dim d);
void lower_shape(Lower *l, Node n, int *rows, int *cols);

/* An integer that is known now: numbers and dimensions. */
bool lower_integer(Lower *l, Node n, int64_t *i);

/* Dimensions from the shapes of the inputs: raises ERR_SHAPE. */
void lower_dims(Lower *l);

/* n = a*index + b with whole a, b? */
bool lower_affine(Lower *l, Node index, Node n, int64_t *a, int64_t *b);

/* Room for numbers that may be read and written to whole vectors. */
double *lower_numbers(Lower *l, size_t count);

/* c = p/q with floats p and q, exactly where they fit. */
void lower_ratio(Value c, double *p, double *q);

/* ---- program.c ---- */

/* With `site` it is the body of a loop, and what vm_loop binds it to may be
 * read and written to whole vectors. */
Program *program_lower(Graph *g, const ProgramSpec *spec, const LoopSite *site,
                       Arena *keep, Arena *scratch);

/* ---- schedule.c ---- */

void schedule(Lower *l, int nout, const Step out[], Program *p);

extern const char *const step_name[STEP_COUNT];

#endif
