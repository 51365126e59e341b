/*
 * kernel.h - formulas as rational functions of independent functions
 *
 * To decide whether two formulas are equal they are written in few functions,
 * the kernels: exp(t) and tan(t/2) of a basis of the arguments over the
 * rationals, log|p| and |p|^(1/q) of irreducible polynomials and primes, and
 * whatever has no identities here as it stands.  Each kernel is a fresh
 * symbol, so that the image of a formula is a rational function in symbols
 * and has a normal form (rational.h).  Between roots and their radicands
 * there is the relation root^q = p, which kernel_clean reduces by.
 *
 * abs, max, sign and their kin need the sign of their arguments, roots and
 * logarithms those of the factors of theirs.  What is assumed of the signs of
 * irreducible factors is a region; an image is made in one region.  If a sign
 * is missing, `want` is the factor in question and the image is void.
 *
 * A formula of arrays is read entry by entry: what is no elementwise
 * operation is a kernel that stands for its entry.
 */
#ifndef MLC_GRAPH_KERNEL_H
#define MLC_GRAPH_KERNEL_H

#include "graph/rational.h"

typedef enum KernelKind {
    KERNEL_EXP,  /* exp(key/den) */
    KERNEL_TAN,  /* tan(key/(2 den)) */
    KERNEL_COS,  /* cos(key/den); these two instead of TAN in `pairs` mode */
    KERNEL_SIN,  /* sin(key/den) */
    KERNEL_LOG,  /* log|key| */
    KERNEL_ROOT, /* |key|^(1/den) */
    KERNEL_ASIN,
    KERNEL_ATAN,
    KERNEL_OTHER /* key */
} KernelKind;

typedef struct Kernel {
    KernelKind kind;
    Node key; /* in earlier symbols */
    Node symbol;
    int64_t den;
} Kernel;

typedef struct Assumed {
    Node factor;
    int sign;
} Assumed;

typedef struct Kernels {
    Graph *g;
    Arena *arena;
    bool pairs; /* sin and cos as they are, not by tan(t/2) */
    bool sines; /* in pairs mode cos^2 is 1 - sin^2, else the reverse */
    VEC(Kernel) kernel;
    VEC(Assumed) region;
    NodeMap image;
    Node want;       /* factor whose sign is needed, or NODE_NONE */
    bool jumps;      /* a formula has jumps: 0 is a region of its own */
    bool refine;     /* a denominator has grown: images are void */
    bool undefined;  /* the formula has no value in the region */
    uint64_t budget; /* work left, as of rational.h; then ERR_LIMIT */
} Kernels;

void kernels_new(Kernels *k, Graph *g, Arena *a, uint64_t budget);

/* A new pass, in the same kernels. */
void kernels_begin(Kernels *k);

Node kernel_image(Kernels *k, Node n);

/* A rational function of the symbols in normal form. */
Node kernel_clean(Kernels *k, Node u);

/* -1, 0, 1 of an image; sets `want` (and gives 1) if it is not known. */
int kernel_sign(Kernels *k, Node u);

/* Are the signs assumed surely impossible together? */
bool kernel_region_is_empty(Kernels *k);

/* Is the image positive in every region? */
bool kernel_is_positive(Kernels *k, Node u);

/* An image as a formula again. */
Node kernel_restore(Kernels *k, Node u);

/* ---- between kernel.c and the others ---- */

Node kernel_symbol(Kernels *k, KernelKind kind, Node key, int64_t den);
const Kernel *kernel_of_symbol(const Kernels *k, Node symbol);
Node kernel_power(Kernels *k, Node u, int64_t e);

typedef struct KernelFactor {
    Node p; /* irreducible, or a prime number */
    int64_t power;
} KernelFactor;

typedef VEC(KernelFactor) KernelFactors;

/* u = sign * product of the factors; primes of its content too. */
int kernel_factors(Kernels *k, Node u, KernelFactors *out);

Node kernel_exp(Kernels *k, Node u);
Node kernel_general_power(Kernels *k, Node u, Node e);
Node kernel_log(Kernels *k, Node u);
Node kernel_root(Kernels *k, Node u, Value e);            /* u^e, e rational */
void kernel_circle(Kernels *k, Node u, Node *c, Node *s); /* cos, sin */
Node kernel_asin(Kernels *k, Node u);
Node kernel_atan(Kernels *k, Node u);

/* Demands u > 0 (u >= 0). */
void kernel_demand(Kernels *k, Node u, bool or_zero);

/* ---- comparisons (kernel_order.c) ---- */

/* 1 or 0 of a condition; -1 if it cannot be read, or something is wanted. */
int kernel_truth(Kernels *k, Node c);

/* The image of a PROJ: of the arm that runs. */
Node kernel_choice(Kernels *k, Node n);

/* An image whose sign, 0 too, is that of the irreducible p everywhere, in
 * earlier kernels: s - t for exp(s) - exp(t).  NODE_NONE: none is known. */
Node kernel_like_sign(Kernels *k, Node p);

/* kernel_sign without asking: 2 if it is not known. */
int kernel_quiet_sign(Kernels *k, Node u);

#endif
