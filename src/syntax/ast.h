/*
 * ast.h - the syntax tree
 *
 * The parser turns a source into one tree of Ast nodes.  Every node has the
 * same layout; which members have a meaning depends on its kind and is told
 * in the list below.  Nodes, their texts and arrays live in the arena that
 * the parser was given, and hold no pointer to the parser: a function that is
 * kept needs its arena only.  Names are interned, so they compare by ==.
 *
 * A tree is never changed after it was parsed.  Two shapes may be very deep,
 * because sources may: a sum of 10^5 terms is a left-nested chain of
 * AST_BINARY, and `----x` or `f(f(f(...` a chain of single kids.  A pass must
 * not recurse over trees without a bound: it walks with an AstWalk, iterates
 * along the left operands (ast_spine), or calls depth_check at every level.
 *
 * Expressions (k0, k1, ... are kids[0], kids[1], ...)
 *
 *   NUMBER    text, len: the digits as written, without `_`; AST_EXACT: an
 *             exact integer, decimal or beginning with 0x.  Otherwise a float,
 *             its value in `number`.
 *   STRING    text, len: decoded bytes, NUL-terminated, no NUL inside.
 *   BOOL      op: 0 or 1.
 *   NAME      name.
 *   END       `end` inside an index: the last index of the innermost INDEX
 *             around it, in the place (first, second, ...) where it stands.
 *   COLON     `:` alone as an index.
 *   UNARY     op: AST_NEG AST_POS AST_NOT; k0.
 *   BINARY    op: AST_ADD ... AST_OR; k0 op k1.  AST_JUXT marks `2x`.
 *   COMPARE   a chain: k0 ops[0] k1 ops[1] k2 ...; count >= 2, count - 1 ops
 *             (AST_EQ ... AST_IN, in `ops`).
 *   RANGE     k0:k1, or k0:k1:k2 (from, step, to).
 *   CALL      k0 is called; k1... are arguments: expressions, or NAMED for
 *             `name = e` (options, substitutions, indices `i = 1:n`).  Both
 *             kinds may mix.  op: number of arguments before the `;`.
 *   NAMED     name, k0: the value.  at: the whole; only in CALL and RECORD.
 *   INDEX     k0 is indexed; k1... are the indices (END, COLON, any
 *             expression), at least one.
 *   FIELD     k0 `.` name.
 *   PRIME     k0 with op postfix primes (merged: `f''` has op 2).
 *   ARRAY     kids are ROW; AST_ROWS: a `;` was written, so that `,` joins
 *             side by side (`[1, 2, 3;]` has one ROW and this flag).
 *             `[]` has no kids.
 *   ROW       kids: the entries.
 *   LIST      kids: the elements.  `{}` is the empty list.
 *   RECORD    kids are NAMED, at least one.
 *   LAMBDA    decls: the parameters; k0: the body (an expression).
 *   CHOICE    `if k0 then k1 else k2`.
 *   MINIMIZE  op: 0 minimize, 1 maximize; k0: the objective; decls: the
 *             variables after `over`; k1...: the constraints (COMPARE).
 *
 * Statements
 *
 *   BLOCK     kids: the statements, in order.
 *   SHOW      kids: one or several expressions `a, b`; AST_QUIET: ended by
 *             `;`.  A `minimize` statement is a SHOW of a MINIMIZE.
 *   ASSIGN    k0: the target, k1: the value.  op: AST_SET, or AST_ADD AST_SUB
 *             AST_MUL AST_DIV for `+=` and its kin.  The target is a NAME, or
 *             INDEX and FIELD nested with a NAME innermost.
 *   UNPACK    `a, b = e`: k0 ... k(count-2) are targets, the last kid the
 *             value.
 *   FUNCTION  name; decls: the parameters (those after `;` have `option`
 *             set); k0: the body, an expression, or with AST_LONG a BLOCK
 *             (`function f(a) ... end`).  text: its doc comment or NULL.
 *   SYM       decls.
 *   RULE      k0 = k1: left side (CALL, any operator or NAME), right side.
 *   MODEL     name, text: doc comment or NULL; kids: its lines in order, of
 *             the kinds DECLS, ROLE, SUBJECT, ASSIGN (to a NAME, op AST_SET)
 *             and FUNCTION (short).
 *   DECLS     a model line `data`, `hyper` or `param`: op AST_DATA ...;
 *             decls.
 *   ROLE      a model line `predict e` ...: op AST_PREDICT ... AST_NLL; k0.
 *   SUBJECT   kids: the constraints of `subject to`; a line of its own in
 *             the tree, also when it was written at the end of a loss line.
 *   IF        k0, k1: condition and BLOCK; then further pairs of `elseif`;
 *             an odd count means that the last kid is the BLOCK of `else`.
 *   FOR       name: the variable; k0: what it runs over; k1: BLOCK.
 *             op: 0 for `for i = e`, 1 for `for x in e`.
 *   WHILE     k0: condition, k1: BLOCK.
 *   BREAK, CONTINUE
 *   RETURN    kids: the values, possibly none.
 *   TRY       k0: BLOCK, name: of the error or NULL, k1: BLOCK of `catch`.
 *   ASSERT    k0: condition; k1, if count is 2: the message.
 *   INCLUDE   text, len: the file.
 *   USE       text, len: the file; name: what `as` gives.
 */
#ifndef MLC_SYNTAX_AST_H
#define MLC_SYNTAX_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef enum AstKind {
    AST_NUMBER,
    AST_STRING,
    AST_BOOL,
    AST_NAME,
    AST_END,
    AST_COLON,
    AST_UNARY,
    AST_BINARY,
    AST_COMPARE,
    AST_RANGE,
    AST_CALL,
    AST_NAMED,
    AST_INDEX,
    AST_FIELD,
    AST_PRIME,
    AST_ARRAY,
    AST_ROW,
    AST_LIST,
    AST_RECORD,
    AST_LAMBDA,
    AST_CHOICE,
    AST_MINIMIZE,
    /* statements */
    AST_BLOCK,
    AST_SHOW,
    AST_ASSIGN,
    AST_UNPACK,
    AST_FUNCTION,
    AST_SYM,
    AST_RULE,
    AST_MODEL,
    AST_DECLS,
    AST_ROLE,
    AST_SUBJECT,
    AST_IF,
    AST_FOR,
    AST_WHILE,
    AST_BREAK,
    AST_CONTINUE,
    AST_RETURN,
    AST_TRY,
    AST_ASSERT,
    AST_INCLUDE,
    AST_USE,
    AST_HELP, /* ?name; text: what follows the mark */
    AST_COUNT
} AstKind;

typedef enum AstOp {
    AST_SET, /* `=` of ASSIGN */
    AST_OR,
    AST_AND,
    AST_ADD,
    AST_SUB,
    AST_MUL,    /* * */
    AST_DIV,    /* / */
    AST_SOLVE,  /* \ */
    AST_DOTMUL, /* .* */
    AST_DOTDIV, /* ./ */
    AST_POW,    /* ^ */
    AST_DOTPOW, /* .^ */
    AST_NOT,
    AST_NEG,
    AST_POS,
    AST_EQ, /* == */
    AST_NE, /* != */
    AST_LT,
    AST_LE,
    AST_GT,
    AST_GE,
    AST_IN,
    AST_OP_COUNT
} AstOp;

/* op of DECLS and ROLE. */
typedef enum AstRole {
    AST_DATA,
    AST_HYPER,
    AST_PARAM,
    AST_PREDICT,
    AST_PROB,
    AST_SCORE,
    AST_LOSS,
    AST_NLL,
    AST_ROLE_COUNT
} AstRole;

enum {                 /* flags */
       AST_EXACT = 1,  /* NUMBER */
       AST_JUXT = 2,   /* BINARY: `2x` */
       AST_ROWS = 4,   /* ARRAY: has a `;` */
       AST_QUIET = 8,  /* SHOW: ended by `;` */
       AST_LONG = 16,  /* FUNCTION: `function ... end` */
       AST_PARENS = 32 /* any expression: stood in parentheses */
};

typedef struct Ast Ast;
typedef struct Decl Decl;

struct Ast {
    AstKind kind : 8;
    unsigned flags : 8;
    int op;
    uint32_t count; /* of kids */
    Span at;
    uint32_t len; /* of text, for STRING INCLUDE USE */
    uint32_t ndecls;
    Ast **kids;
    Name name;
    const char *text;
    union {
        double number;      /* NUMBER */
        const uint8_t *ops; /* COMPARE */
        Decl *decls;        /* LAMBDA MINIMIZE FUNCTION SYM DECLS: ndecls */
    };
};

enum { /* Decl.is */
       DECL_SYMMETRIC = 1,
       DECL_POSITIVE = 2 /* `positive definite` (implies symmetric) */
};

/*
 * One declared name: a parameter of a function, a symbol, an item of a model
 * or a variable of `minimize`.
 *
 *     name[dims] is... bound = value
 *
 * Bounds come in either order and are kept as written: `p > 0` and `0 < p`
 * both give lower = 0, lower_open.  `in S` gives `set`, `in classes K` gives
 * `classes`.  A bound that was not written is NULL.
 */
struct Decl {
    Name name;
    Span at;        /* of the whole declaration */
    Ast **dims;     /* `[n,d]`; expressions */
    uint32_t ndims; /* 0: none were written */
    uint32_t nargs; /* function symbol `g(x, y)` */
    Decl *args;
    bool function;               /* was written with parentheses */
    bool option;                 /* parameter after the `;` of a signature */
    bool lower_open, upper_open; /* < instead of <= */
    unsigned is;                 /* DECL_... */
    Ast *lower, *upper;
    Ast *set;     /* `in S`, S an expression */
    Name classes; /* `in classes K` */
    Ast *value;   /* `= e`: default, start */
};

/* "binary expression", "assignment", ... for messages. */
const char *ast_kind_name(AstKind kind);

/* The operator as it is written: "+", ".*", "not", "==". */
const char *ast_op_text(AstOp op);

/* "data", ..., "nll". */
const char *ast_role_text(AstRole role);

static inline bool ast_is(const Ast *t, AstKind kind)
{
    return t->kind == kind;
}

/* True for a NAME of this (interned) name. */
static inline bool ast_is_name(const Ast *t, Name name)
{
    return t->kind == AST_NAME && t->name == name;
}

static inline bool ast_is_expression(const Ast *t)
{
    return t->kind < AST_BLOCK;
}

/* Positional argument or NAMED number i (from 0) of a CALL; its count. */
static inline uint32_t ast_args(const Ast *call)
{
    return call->count - 1;
}

static inline Ast *ast_arg(const Ast *call, uint32_t i)
{
    return call->kids[i + 1];
}

/* The value of the argument `name = e` of a CALL, or NULL. */
Ast *ast_arg_named(const Ast *call, Name name);

/* ndecls of the kinds that have decls, 0 of others. */
uint32_t ast_decl_count(const Ast *t);

/*
 * Number of nodes on the left spine of a BINARY: t, t->kids[0], ... as long
 * as they are BINARY with an operator of the same precedence (+ - together,
 * * / \ .* ./ together; any other operator only with itself).  A pass that
 * works from the innermost outwards stores the spine in an array of this
 * length.
 */
size_t ast_spine_length(const Ast *t);

/*
 * Fills spine[0..n-1], outermost first; n from ast_spine_length.  The
 * operands are then spine[n-1]->kids[0], spine[n-1]->kids[1],
 * spine[n-2]->kids[1], ..., spine[0]->kids[1].
 */
void ast_spine(const Ast *t, const Ast **spine, size_t n);

/*
 * Visits a tree without recursion, parents before kids, kids from left to
 * right; expressions inside of declarations (dims, bounds, values) are
 * visited before the kids.
 *
 *     AstWalk w = ast_walk(arena, tree);
 *     for (const Ast *t; (t = ast_walk_next(&w)) != NULL;)
 *         ...                             ast_walk_skip(&w) omits t's kids
 */
typedef struct AstWalk {
    Arena *arena;
    const Ast **stack;
    size_t count, room;
    const Ast *last; /* whose kids come next */
} AstWalk;

AstWalk ast_walk(Arena *a, const Ast *t);
const Ast *ast_walk_next(AstWalk *w);
void ast_walk_skip(AstWalk *w);

/* The same tree?  Spans, doc comments and AST_PARENS do not count. */
bool ast_equal(Arena *scratch, const Ast *a, const Ast *b);

/* Copies a tree into another arena, without recursion. */
Ast *ast_copy(Arena *a, const Ast *t);

#endif
