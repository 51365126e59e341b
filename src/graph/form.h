/*
 * form.h - formulas between the graph and their text
 *
 * A Form is what is seen on paper: a sum of signed terms, a product with its
 * operators `* / .* ./`, a call, a transpose.  It is made from a canonical
 * node by undoing what the constructors and the front did (MATRIX.md
 * section 6, step 4): coefficients and denominators find their places,
 * chains with ones become sums and means, multiples of ones plain numbers,
 * a minus is spent on a sum that holds one, terms are put in reading order.
 * print.c and latex.c write a Form; its cost is what simplify.c minimises.
 *
 * Forms are remembered by node and variant and are immutable (but for the
 * marks of the one pass that names shared parts), so a formula is a graph of
 * Forms no larger than its nodes, whatever its length as a text.  They live
 * in the arena of the Forms, which is valid until the next graph_sweep.
 */
#ifndef MLC_GRAPH_FORM_H
#define MLC_GRAPH_FORM_H

#include "graph/node.h"

typedef enum FormKind {
    FORM_TEXT,    /* a name or a number without sign */
    FORM_SUM,     /* marks + - */
    FORM_NEG,     /* -kid */
    FORM_PRODUCT, /* marks * / .* ./ */
    FORM_POWER,   /* kid0 ^ kid1, or .^ with mark FORM_HAD */
    FORM_PRIME,   /* kid' */
    FORM_CALL,    /* text(kids) */
    FORM_INDEX,   /* kid0[kid1, ...] */
    FORM_ARRAY,   /* marks , ; ; text: what ends it, "" or ";" */
    FORM_RANGE,   /* kid0:kid1 or kid0:kid1:kid2 */
    FORM_INFIX,   /* kid0 text kid1: comparisons, and, or */
    FORM_NOT,
    FORM_NAMED, /* text = kid, inside a call */
    FORM_CHOICE /* if kid0 then kid1 else kid2 */
} FormKind;

/* How tightly a form binds; a kid below what its place asks for stands in
 * parentheses. */
typedef enum FormLevel {
    LEVEL_ANY,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_RANGE,
    LEVEL_SUM,
    LEVEL_NEG,
    LEVEL_PRODUCT,
    LEVEL_POWER,
    LEVEL_POSTFIX
} FormLevel;

enum { /* marks of kids */
       MARK_NONE,
       MARK_PLUS,
       MARK_MINUS,
       MARK_TIMES,
       MARK_OVER,
       MARK_HAD,
       MARK_HAD_OVER,
       MARK_COMMA,
       MARK_SEMICOLON,
       MARK_BITS = 15,
       MARK_OPEN = 16 /* a product here needs no parentheses */
};

typedef struct Form Form;
struct Form {
    uint8_t kind, level;
    uint8_t bound;   /* highest level of a bound variable free in it */
    bool counted;    /* of the pass that names shared parts */
    int16_t op;      /* OpId of a CALL, or -1 */
    uint32_t count;  /* of kids */
    uint32_t cost;   /* names, numbers and operators in it */
    uint32_t weight; /* the same without transposes: for order */
    uint32_t uses;   /* places that hold it */
    const char *text;
    const char *label; /* its name once it is a line of its own */
    Form **kids;
    uint8_t *marks;
};

#define FORM_COST_MAX 1000000000u

/* Variants of one node. */
enum {
    FORM_PLAIN,
    FORM_FLIP = 1, /* of -n, the minus spent on a sum inside */
    FORM_MEAN = 2, /* of a chain with ones: n divided by count */
    FORM_TURN = 4, /* of a sum: its transpose, term by term */
    FORM_VARIANTS = 8
};

typedef struct FormSlot {
    uint64_t key; /* 0: free */
    Form *form;
} FormSlot;

typedef struct FormWant {
    Node node;
    unsigned variant;
} FormWant;

typedef struct Forms {
    Graph *graph;
    Arena *arena;
    FormSlot *slot;
    size_t count, room;
    struct {
        FormWant *at;
        size_t count, room;
    } wanted;  /* stack of what is being built */
    int deep;  /* forms that are being built for others */
    Node root; /* bound variables take none of its names */
    bool symbols_known;
    bool shared; /* marks of form_share: these Forms served their call */
    uint32_t generation;
    size_t typed; /* graph->typed_count when they were taken */
    int symbol_count;
    Node *symbol;
} Forms;

Forms *forms_new(Graph *g, Arena *a);
Form *form_of(Forms *f, Node n);

/*
 * The Forms that the graph keeps, or new ones in a local arena.  Given back,
 * they are there for the next pass or print, until a sum is typed or the
 * graph is swept; names of bound variables and of shared parts belong to one
 * formula, so Forms with such are dropped.
 */
Forms *forms_take(Graph *g);
void forms_give(Forms *f);

/* Calls `run` with Forms between forms_take and forms_give. */
void forms_run(Graph *g, Node n, Str *out,
               void (*run)(Forms *f, Node n, Str *out));

/*
 * For the builders: the form of a part.  NULL if it is not there yet: it has
 * then been ordered, and the builder returns NULL and is called again.  A
 * builder should order all parts before it gives up.
 */
Form *form_want(Forms *f, Node n, unsigned variant);

/* Above this many parts a formula is not written: ERR_LIMIT. */
#define FORM_COST_WRITTEN 5000000u

/*
 * Names the shared parts of y, the form of n, where y is large: gives them
 * `label`s and returns them in an order in which each needs earlier ones
 * only.  Once in the life of the Forms (form_share.c).
 */
Form **form_share(Forms *f, Form *y, Node n, size_t *count);

/* ---- making forms ---- */

Form *form_text(Forms *f, const char *text);
Form *form_integer(Forms *f, int64_t i);
Form *form_number(Forms *f, Value v);
Form *form_negative(Forms *f, Form *a);
Form *form_power(Forms *f, Form *base, Form *exponent, bool had);
Form *form_prime(Forms *f, Form *a);
Form *form_call(Forms *f, const char *name, int op, int n, Form *const args[]);
Form *form_infix(Forms *f, const char *text, FormLevel level, Form *a, Form *b);

/* Form with room for n kids, to be filled and then closed. */
Form *form_open(Forms *f, FormKind kind, FormLevel level, size_t n);
void form_add(Form *y, Form *kid, int mark);
Form *form_close(Form *y);

/* ---- builders, by topic; NULL: parts are missing ---- */

Form *form_sum(Forms *f, Node n, unsigned variant); /* form_sum.c */
Form *form_mono(Forms *f, Node n);                  /* form_product.c */
Form *form_had(Forms *f, Node n, unsigned variant);
Form *form_chain(Forms *f, Node n, unsigned variant); /* form_chain.c */
Form *form_trace(Forms *f, Node n, unsigned variant);
Form *form_array(Forms *f, Node n); /* form_array.c */
Form *form_index(Forms *f, Node n);
Form *form_call_of(Forms *f, Node n);
Form *form_binder(Forms *f, Node n); /* print_binder.c */

/* base^exponent, exponent a positive number (form_product.c). */
Form *form_power_of(Forms *f, Node base, Value exponent, unsigned variant);

/* ---- questions about signs and squares (form_sign.c) ---- */

/* May a minus be spent on a sum inside of n, and how well does it read? */
typedef enum FlipRank {
    FLIP_NEVER,
    FLIP_POOR, /* 1 - s would become s - 1 */
    FLIP_GOOD,
    FLIP_TYPED /* so it was typed */
} FlipRank;

int form_flip_rank(Forms *f, Node n);

/* Was -s typed, and not s?  s a SUM. */
bool form_flip_typed(Forms *f, Node s);

/*
 * The sums among the factors of a chain.  One that occurs an even number of
 * times may be written with either sign, all alike; of the others `chosen`
 * takes the minus that is to be spent; it may
 * also be a had or an odd function that holds a sum.
 */
#define CHAIN_SUMS 16

typedef struct ChainSums {
    int count;
    Node sum[CHAIN_SUMS];
    int times[CHAIN_SUMS];
    int rank;    /* of the chain */
    Node chosen; /* NODE_NONE: none can take a minus */
} ChainSums;

void form_chain_sums(Forms *f, Node chain, ChainSums *y);

/* The variant of the factor n, which may be a sum or the transpose of one. */
unsigned form_chain_variant(Forms *f, const ChainSums *s, Node n, bool flip);

/* Is the scalar n = p'*p or tr(p'*p)?  Then *half is p. */
bool form_is_square(Graph *g, Node n, Node *half);

/* n, or its argument if n is a transpose. */
Node form_untransposed(const Graph *g, Node n);

/* Is e an exact integer that is odd? */
bool form_is_odd(const Graph *g, Node e);

/* Value of a NUM: sign, size. */
bool form_is_negative(const Graph *g, Node number);
Value form_absolute(Value v);

/* The exact 1, which is not written as a coefficient; 1.0 is. */
static inline bool form_is_one(Value v)
{
    return v.kind == VAL_INT && v.integer == 1;
}

static inline bool form_is_ones(const Graph *g, Node n)
{
    return node_op(g, n) == OP_ONES;
}

static inline bool form_is_ones_row(const Graph *g, Node n)
{
    return node_op(g, n) == OP_TRANS && form_is_ones(g, node_arg(g, n, 0));
}

#endif
