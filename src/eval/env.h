/*
 * env.h - scopes, variables, frames
 *
 * A Scope holds the top-level names of one file (or of the REPL), each in a
 * Cell that never moves: a traced function remembers the cells it read and
 * their versions, and is traced anew when one changed.
 *
 * A Frame is one call that runs.  Its locals stand on the interpreter's
 * locals stack, by name; a call that ends, or an error, truncates it.
 */
#ifndef MLC_EVAL_ENV_H
#define MLC_EVAL_ENV_H

#include "base/vec.h"
#include "syntax/ast.h"
#include "value/value.h"

typedef struct Interp Interp;
typedef struct Scope Scope;

typedef struct Cell {
    Name name;
    Value value;                /* kept; meaningful if `defined` */
    Value symbol;               /* declared by `sym`: an Expr, else NONE */
    bool defined;
    uint32_t version;           /* changes with every assignment */
    Name *reads;                /* variables with values that made this one */
    uint32_t nreads;
} Cell;

struct Scope {
    Arena *arena;               /* it lies there, its cells and texts too */
    Table cells;                /* Name -> Cell */
    char *directory;            /* of its file, for include and read; "" here */
    char *file;                 /* NULL: the REPL, -e */
    bool library;               /* a file of the standard library */
    Scope *next;                /* all scopes of the interpreter */
};

/* The text of a source, parsed: closures made from it keep it alive. */
typedef struct Code {
    int holders;
    Arena *arena;
    Ast *tree;
} Code;

Code *code_new(void);           /* in an arena of its own, no tree yet */
Code *code_keep(Code *c);
void code_drop(Code *c);

typedef struct Local {
    Name name;
    Value value;                /* kept */
    Value symbol;               /* declared by `sym` in a function, or NONE */
} Local;

typedef struct Frame {
    struct Frame *caller;
    Scope *scope;               /* where names that are not local are found */
    Code *code;                 /* what runs */
    Function *function;         /* NULL: top level */
    Span called_at;
    size_t base;                /* first local that is visible */
    size_t start;               /* first local of its own */
    bool overlay;               /* names bound by diff and its kin: sees the
                                   caller's locals too */
    bool traced;                /* an argument is symbolic */
    Value result;               /* last expression; lives in the pool */
} Frame;

Scope *scope_new(Interp *in, const char *file);
void scope_set_file(Scope *s, const char *file);
void scope_free(Scope *s);
Cell *scope_cell(Scope *s, Name name);          /* makes it if absent */
Cell *scope_find(const Scope *s, Name name);    /* NULL unless defined */
void cell_set(Cell *c, Value v);
void cell_clear(Cell *c);

/* Locals of the running frame. */
Local *frame_find(Interp *in, Name name);       /* NULL: no such local */
bool frame_local(Interp *in, Name name, Value *v);      /* or captured */
Local *frame_add(Interp *in, Name name);
void frame_set(Interp *in, Name name, Value v);
void frame_show(Interp *in, Value v);           /* the result so far */

/*
 * Frames stand in the scratch arena, where a caught error can still read
 * them.  frame_overlay begins one that adds names to the running frame.
 */
Frame *frame_begin(Interp *in);
Frame *frame_overlay(Interp *in);
void frame_end(Interp *in, Frame *f);

#endif
