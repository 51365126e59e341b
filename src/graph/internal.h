/*
 * internal.h - what the files of graph/ share
 *
 * The store: a NodeRow a node in one array that grows (a Node is its place
 * there), operands and attribute words in one pool, a unique table by
 * structural hash.  The pool moves when it grows, so a pointer into it holds
 * only until the next constructor; passes copy operands first.
 *
 * Attribute words are plain numbers and numbers of names (graph_name).  A
 * word never refers to a node: what a node depends on are its operands and
 * its shape, or the sweep would not see it.
 *
 * Scratch memory of a constructor lies in g->scratch between a mark and a
 * reset, so constructors may call each other; after an error the next
 * graph_sweep empties it, so nothing may be kept there while statements run.
 */
#ifndef MLC_GRAPH_INTERNAL_H
#define MLC_GRAPH_INTERNAL_H

#include "base/mem.h"
#include "base/vec.h"
#include "graph/node.h"

typedef struct NodeRow {
    uint64_t hash;
    Dim rows, cols;
    uint32_t size, depth;
    uint32_t first;             /* in the pool: operands, then attributes */
    uint32_t nargs;
    uint8_t op;
    uint8_t flags;              /* ROW_... */
    uint8_t level;
    uint16_t nattr;
    uint16_t ops;               /* operators of ops.def in it, op_bit */
} NodeRow;

enum {
    ROW_FREE = 1,               /* not a node; `first` links the free list */
    ROW_MARK = 2,               /* reached by the sweep that is running */
    ROW_CONSTANT = 4,           /* no symbol, ARG or BV in it */
    ROW_PLAIN = 8               /* no rule rewrites it */
};

/* The words of a NUM: its kind and its bits, or its place in g->object. */
enum { NUM_INT, NUM_FLOAT, NUM_EXACT };

/* Of the unique table.  The tag, half of the hash, tells most other nodes
 * apart without a look at their rows, and where to look first. */
typedef struct Slot {
    Node node;                  /* NODE_NONE: empty */
    uint32_t tag;
} Slot;

static inline uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

typedef struct Rules Rules;

/* The value of a constant found lately: a chain of constants that is built
 * operator by operator is not evaluated anew for each. */
typedef struct KnownValue {
    Node node;                  /* NODE_NONE: nothing here */
    double value;
} KnownValue;

enum { KNOWN_VALUES = 256 };

/* A product y = a*b of arrays of numbers found lately (chain.c). */
typedef struct KnownProduct {
    Node a, b, y;
    uint32_t generation;
} KnownProduct;

enum { KNOWN_PRODUCTS = 64 };

/* The CONST node that keeps an array, which is neither freed nor changed
 * meanwhile: not hashed again (leaf.c). */
typedef struct KnownArray {
    const Array *array;
    Node node;
    uint32_t generation;
} KnownArray;

enum { KNOWN_ARRAYS = 16 };

struct Graph {
    NodeRow *row;
    size_t count, room;         /* rows in use (free ones too) */
    size_t live;
    uint32_t free;              /* list, NODE_NONE at its end */
    uint32_t *pool;
    size_t pool_count, pool_room;
    Slot *slot;                 /* unique table */
    size_t slots;               /* power of 2, at most 3/4 full */
    VEC(Value) object;          /* EXACT and ARRAY values, kept */
    VEC(uint32_t) object_free;
    Table name_number;          /* Name -> number + 1 */
    VEC(Name) name;
    Table pin;                  /* (node + 1) -> count */
    int hold;
    int whole; /* arrays of numbers are no literals while it is above 0 */
    size_t swept;               /* live nodes after the last sweep */
    uint32_t generation;        /* counts sweeps: memo tables notice */
    Arena *scratch;
    ArenaMark scratch_start;
    Node zero, one, minus_one, two, half, all;
    Node depends_on;            /* memo of node_depends */
    uint32_t depends_generation;
    uint32_t depends_question;
    uint32_t *depends_memo;     /* question and answer, a node */
    size_t depends_room;
    uint32_t *turned_memo;      /* transpose + 1 of products, by node */
    size_t turned_room;
    uint32_t turned_generation;
    KnownValue known[KNOWN_VALUES];
    KnownProduct product[KNOWN_PRODUCTS];
    KnownArray array[KNOWN_ARRAYS];
    Rules *rules;
    struct Forms *forms;        /* kept by forms_give, or NULL */
    Table typed;                /* SUM + 1 -> when it was last typed: print.h */
    size_t typed_count;
    uint32_t typed_generation;
    Table called;               /* Name -> what it calls: front_call.c */
    Table text;                 /* trees of texts.h, in text_arena */
    Arena *text_arena;
};

static inline const NodeRow *row_of(const Graph *g, Node n)
{
    return &g->row[n];
}

static inline OpId op_of(const Graph *g, Node n)
{
    return (OpId)g->row[n].op;
}

static inline Node arg_of(const Graph *g, Node n, uint32_t i)
{
    return g->pool[g->row[n].first + i];
}

static inline bool shape_same(Shape a, Shape b)
{
    return a.rows == b.rows && a.cols == b.cols;
}

static inline bool shape_is_scalar(Shape s)
{
    return s.rows == 1 && s.cols == 1;
}

/* ---- store.c ---- */

uint32_t graph_name(Graph *g, Name name);       /* number of a name */
uint32_t graph_generation(const Graph *g);      /* changes at each sweep */

/* A node whose one attribute after `kind` is the (kept) object v. */
Node intern_object(Graph *g, OpId op, uint32_t kind, Value v);

/* Sweeps whatever the sizes are; no constructor may be running. */
void graph_sweep_now(Graph *g);

/* Operands of n copied into the scratch arena. */
Node *args_copy(Graph *g, Node n);

/* Sorts by node_compare; stride 2 sorts pairs by the entry at `key`. */
void nodes_sort(const Graph *g, Node *at, size_t n, int stride, int key);

/* ---- number arithmetic on NUM nodes ---- */

Node coef_add(Graph *g, Node a, Node b);
Node coef_mul(Graph *g, Node a, Node b);
Node coef_neg(Graph *g, Node a);
Node coef_inverse(Graph *g, Node a);
int coef_sign(const Graph *g, Node n);        /* -1 0 1 of a NUM; 2 NaN */
bool coef_is_float(const Graph *g, Node n);
bool coef_is_integer(const Graph *g, Node n); /* exact integer */
double coef_double(const Graph *g, Node n);

/* ---- products ---- */

/*
 * A product taken apart: coefficient (NUM) * scalar factors * body, the
 * form of MONO.  Anything can be seen so: a number is its coefficient, an
 * array a body, another scalar one factor of exponent 1.  `factor` lies in
 * the scratch arena.
 */
typedef struct Factor {
    Node base, exponent;
} Factor;

typedef struct Product {
    Node coefficient;
    Node body;                  /* NUM 1: none */
    uint32_t count, room;
    Factor *factor;
} Product;

Product product_new(Graph *g);
void product_put(Graph *g, Product *p, Node n);         /* *= n, scalar or
                                                           the one array */
void product_put_power(Graph *g, Product *p, Node base, Node exponent);
Node product_build(Graph *g, Product *p);

/* The product of distinct symbols, in order, to whole powers from 1. */
Node product_of_symbols(Graph *g, uint32_t count, const Factor factor[]);

/* The sum of c1*t1 + ...: coefficients not 0, terms without coefficients and
 * distinct.  `pairs` is put in order. */
Node sum_of_pairs(Graph *g, size_t n, Node pairs[]);

/* Roots of exact numbers in p in their one form (root.c). */
void product_roots(Graph *g, Product *p);

/* n = coefficient * rest, rest without one.  A sum of scalars or arrays is
 * not opened: its coefficient is 1. */
Node split_coefficient(Graph *g, Node n, Node *rest);

/* n = scalar * body for an array n: the coefficient and all scalar factors
 * (NUM 1 if there are none), and the array that is left. */
Node split_scalar(Graph *g, Node n, Node *body);

/*
 * A sum as a factor of a product: n = content * primitive, where the
 * coefficients of primitive are integers without a common divisor and its
 * sign follows MATRIX.md 1.  Other nodes: content is the coefficient.
 */
Node split_content(Graph *g, Node n, Node *primitive);

/* Does the leading sign of n read as a minus? */
bool node_is_negative_form(Graph *g, Node n);

/* c*ones(m), c*ones(m)*ones(n)', a ZERO: all entries alike.  Gives c. */
bool node_is_fill(Graph *g, Node n, Node *entry);
Node node_fill(Graph *g, Shape s, Node entry);

/* ---- rules.c ---- */

/* A node just interned, as a rule rewrites it; n itself if none does. */
Node rules_rewrite(Graph *g, Node n);

/* The bit of the operator in NodeRow.ops, shared with some others. */
static inline uint16_t op_bit(OpId op)
{
    return (uint16_t)(1u << (unsigned)op % 16);
}
void rules_free(Graph *g);

/* ---- form.c ---- */

void forms_free(Graph *g);

/* ---- texts.c ---- */

/* The tree of a text of ops.def or of a Name, parsed at the first call: it is
 * known by where it stands. */
struct Ast;
const struct Ast *graph_text(Graph *g, const char *text);

/* ---- the value of a constant ---- */

/*
 * The float value of a scalar node without symbols, by the kernels of the
 * operators; false if an array operator stands in it that has none.
 */
bool node_constant_value(Graph *g, Node n, double *value);

/* Forgets values found before: nodes are about to be reused. */
void constants_forget(Graph *g);

/* The kernel of an ELEMENTWISE row. */
double op_number(OpId op, int n, const double x[]);

/*
 * op of constants: NODE_NONE where it stays a formula.  Of scalars (raises
 * ERR_DOMAIN outside of the domain), of arrays of numbers entry by entry, of
 * arrays of numbers by an ARRAY kernel.
 */
Node fold_scalars(Graph *g, OpId op, int n, const Node args[]);
Node fold_constants(Graph *g, OpId op, int n, const Node args[]);
Node fold_kernel(Graph *g, OpId op, int n, const Node args[]);

/* and, or, not. */
Node logic_apply(Graph *g, OpId op, int n, const Node args[]);

/* ---- by the array files: what the scalar constructors hand over ---- */

/* Matrix product of two nodes neither of which is a scalar. */
Node chain_product(Graph *g, Node a, Node b);

#endif
