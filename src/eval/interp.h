/*
 * interp.h - the interpreter
 *
 * An Interp is one session: its scopes, heap, graph and output.  It walks the
 * syntax tree.  An operation that meets a symbolic value (an Expr) builds a
 * node of the graph instead of a number, so calling a function with symbols
 * traces it.
 *
 * Errors jump (base/error.h); interp_run and `try` catch them and put frames,
 * locals and pool back.
 */
#ifndef MLC_EVAL_INTERP_H
#define MLC_EVAL_INTERP_H

#include <stdio.h>

#include "eval/env.h"
#include "graph/node.h"
#include "value/format.h"

/* A global that a trace read, and the version it saw. */
typedef struct Read {
    Cell *cell;
    uint32_t version;
} Read;

typedef VEC(Read) Reads;

/*
 * A named dimension of a signature that turned out to be another one while
 * the function was traced: w[d] in X*w with an X of 2 columns makes d 2.
 */
typedef struct Unify {
    Node dim;                   /* the symbol; NODE_NONE: none */
    Dim is;
} Unify;

/* The line of a running fit (progress.h). */
typedef struct Progress {
    double begun;               /* seconds of the monotonic clock; 0: no fit,
                                   infinity: there is no terminal */
    double last;                /* when the line was written */
    bool shown;
} Progress;

/*
 * Who shows results otherwise than as text on `out`: a notebook.  `last` is
 * the last expression of the text that runs.
 */
typedef struct Display {
    void *owner;
    void (*value)(Interp *in, void *owner, Value v, bool last);
    void (*error)(Interp *in, void *owner, const Error *e);
    void (*picture)(Interp *in, void *owner, const Str *text, const Str *svg);
    /* NULL: text on `out`, warnings on `err` */
    void (*output)(Interp *in, void *owner, const char *text, size_t len);
    void (*warning)(Interp *in, void *owner, const char *message);
} Display;

struct Interp {
    Context *context, *outer;   /* outer: entered again at the end */
    Heap *heap;
    Graph *graph;
    Scope *scopes;              /* all of them */
    Scope *top;                 /* of the file that runs at top level */
    Code *code;                 /* its text */
    Table builtins;             /* Name -> Object of a Function, kept */
    Table library;              /* Name -> Cell of a loaded library file */
    Table not_library;          /* names that no file of it defines */
    Table named;                /* Name -> Function with a rule, kept */
    Frame *frame;               /* innermost call */
    VEC(Local) locals;
    int depth;                  /* calls that run now */
    struct EndPlace *end;       /* what `end` means in an index */
    Arena *scratch;             /* argument arrays of running evaluations */
    Reads *reads;               /* where a running trace notes globals; or NULL */
    int files;                  /* that run inside of each other */
    Progress progress;
    bool interrupted;           /* a fit gave its best point after Ctrl-C */
    Unify unify;                /* why shapes did not fit, for a trace */
    int hold;                   /* of the graph's sweep, by running traces */
    int level;                  /* of the innermost open binder */
    Format format;
    FILE *out, *err;
    const Display *display;     /* or NULL */
    bool colour;
    bool session;               /* the REPL: it goes on after Ctrl-C */
    int prompt;                 /* columns before the line just typed; below 0:
                                   it does not stand right above */
    bool wrote;                 /* something, since that line was typed */
    uint32_t done;              /* bytes of the source whose statements ran */
    Scope *answers;             /* where `ans` is kept, or NULL */
    Span answer, answer_of;     /* what it came from: expression, statement */
    bool quiet_echo;            /* expression statements print nothing */
    ErrorCode last_error;       /* that was reported */
    uint64_t seed;              /* of rand and its kin, and draws so far */
    uint64_t draws;
};

typedef enum Flow { FLOW_NEXT, FLOW_BREAK, FLOW_CONTINUE, FLOW_RETURN } Flow;

Interp *interp_new(void);       /* enters its Context; NULL: no memory */
void interp_free(Interp *in);
Interp *interp_current(void);

/* The list `args` that a script finds. */
void interp_set_args(Interp *in, int n, char **args);

/*
 * Runs a source in a scope: parses it whole (several syntax errors are all
 * reported), then its statements in order, printing what they show.  An error
 * is reported on in->err; false then.  The session stays usable.
 */
bool interp_run(Interp *in, Scope *scope, uint32_t source);

/* Statements of a tree in order, errors reported; false after the first, and
 * in->done tells which were run. */
bool run_tree(Interp *in, const Ast *tree);

/* Parses a source; several syntax errors are reported and NULL returned. */
Code *parse_code(Interp *in, uint32_t source);

/* The value of an expression; assignments of the surrounding state follow. */
Value eval(Interp *in, const Ast *t);
Flow exec(Interp *in, const Ast *t);            /* one statement */
Flow exec_block(Interp *in, const Ast *block);

/* Parts of them for register code, which has the operands' values. */
Value choose_entries(Interp *in, Value c, const Ast *t);
Flow exec_range(Interp *in, const Ast *t, Value from, Value step, Value to);
bool ends_with_error(const Ast *block);
void check_given(Interp *in, Value v, const Ast *t);    /* y = print(x) raises */

/* Where a caught error puts the interpreter back. */
typedef struct Checkpoint {
    Frame *frame;
    size_t locals;
    int depth;
    PoolMark pool;
    Reads *reads;
    int hold, whole, level;
    double progress;            /* when the outermost fit began, or 0 */
    struct EndPlace *end;
    ArenaMark scratch;
    Scope *top;
    Code *code;
    int files;
    Span here;
} Checkpoint;

Checkpoint interp_checkpoint(Interp *in);
void interp_restore(Interp *in, const Checkpoint *c);

/*
 * Adds to the error at hand the lines `in f, called at ...` of the calls that
 * it left, up to the frame `end`; one in the library moves to the place of the
 * call that led there.
 */
void interp_note_frames(Interp *in, const Frame *end);

void interp_hold(Interp *in, int change);       /* no sweep while > 0 */

/* Names. */
_Noreturn void raise_unknown(Interp *in, const Ast *name);
void assign_noted(Interp *in, Name name, Value v, const Ast *value);
/* The name that was meant by one that is unknown, or NULL: where it is called,
 * rather a function. */
const char *nearest_name(Interp *in, const char *wrong, bool called);
/* What a name of another system is here, or NULL. */
const char *foreign_name(Name name);
Value lookup(Interp *in, const Ast *name);      /* ERR_NAME with near names */
bool lookup_name(Interp *in, Name name, Value *v);

/* What the library, or else a builtin, means by a name, whatever it stands for
 * in the user's files. */
Value library_value(Interp *in, const char *name);
void assign_name(Interp *in, Name name, Value v);       /* local or top level */
Cell *lookup_cell(Interp *in, Name name);       /* of the frame's scope, or NULL */

/* The symbol that `name` stands for in the place of a variable of diff and
 * its kin: declared by sym, else a real scalar. */
Node variable_symbol(Interp *in, Name name);

/* Output of `print` and the echo of statements. */
void interp_write(Interp *in, const char *text, size_t len);
void interp_show(Interp *in, Value v);          /* as the REPL shows it */
void interp_show_text(Interp *in, Value v, Str *out);
void report_error(Interp *in);                  /* context_error on in->err */
void report_warnings(Interp *in);

/* Value of a node: numbers and arrays as themselves, else an Expr. */
Value value_of_node(Interp *in, Node n);

/* Node of a value: numbers, booleans, arrays, Exprs, lists of them are not.
 * Raises ERR_TYPE naming what it is. */
Node node_of_value(Interp *in, Value v);
bool value_is_symbolic(Value v);                /* Expr, or holds one */

#endif
