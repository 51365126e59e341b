/*
 * check.h - what is wrong with a source, found without running it
 *
 *   check.c    the tool, and what the others share
 *   names.c    which definition each name means; unknown names, definitions
 *              that nothing reads, statements that are never reached
 *   calls.c    numbers of arguments and names of options
 *   sizes.c    shapes that cannot fit
 *
 * A finding is an error that running the source would raise, if it came
 * there, or a warning.  Doubt speaks for the source: what depends on values
 * is not judged, nor is what stands in the body of a `try`.
 */
#ifndef MLC_TOOL_CHECK_H
#define MLC_TOOL_CHECK_H

#include "eval/interp.h"
#include "syntax/parse.h"

typedef struct Finding {
    Error error; /* texts in the arena of the Check */
    bool warning;
} Finding;

typedef enum VarKind {
    VAR_ASSIGNED,
    VAR_FUNCTION,
    VAR_PARAM,
    VAR_DIMENSION,
    VAR_SYMBOL,
    VAR_MODEL,
    VAR_MODULE,
    VAR_BOUND /* by a loop, a sum, a lambda, a `catch` or an `include` */
} VarKind;

/* One name in one scope. */
typedef struct Var {
    Name name;
    VarKind kind;
    Span at;          /* where it is defined first */
    const Ast *def;   /* FUNCTION, MODEL, or NULL */
    const Decl *decl; /* parameters, symbols, items of a model; or NULL */
    int times;        /* definitions */
    bool used;
    bool seen;      /* the walk has come past its definition */
    Table *members; /* names that a module defines; NULL: not known */
} Var;

/* A name where it is used or defined, for editors. */
typedef struct Ref {
    Span at;
    Name name;
    const Var *var; /* NULL: of the library */
} Ref;

/* What an assignment or declaration is known to give. */
typedef struct Shaped {
    Span at;
    Name name;
    const char *shape; /* "[3,n]", "a number" */
} Shaped;

typedef struct NameScope NameScope;

typedef struct Check {
    Interp *in;
    Arena *arena;
    const char *directory; /* of the file, with its `/`, or "" */
    VEC(Finding) found;
    VEC(Ref) refs;
    VEC(Shaped) shaped;
    NameScope *scope;
    NameScope *file;
    int later;    /* functions around: what they do comes later */
    int tries;    /* bodies of `try` around */
    int files;    /* files that include one another */
    bool missing; /* a file was not read: other names may exist */
} Check;

/* Finds all; c->in and c->arena are given, and a file's directory. */
void check_tree(Check *c, const Ast *tree);

/* names.c; calls.c; sizes.c */
void check_names(Check *c, const Ast *tree);
void check_call(Check *c, const Ast *call, const Var *callee);
void check_sizes(Check *c, const Ast *tree);

/* Does the file define the name; does it define one of an operator? */
bool check_defines(const Check *c, Name name);
bool check_redefines(const Check *c);

/* The name itself within the span of its declaration or definition. */
Span check_name_span(Span at, Name name);

/* Adds the error that a protection caught. */
void check_note_error(Check *c);

void check_note(Check *c, bool warning, Span at, ErrorCode code,
                const char *help, const char *form, ...)
    __attribute__((format(printf, 6, 7)));

/* mlc check [--json] PATH...: findings on stderr, or on stdout as lines of
 * JSON (json_lines.h); 1 if there are any. */
int tool_check(int argc, char **argv);

#endif
