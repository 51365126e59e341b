/*
 * call.h - functions: closures, builtins, derived functions, their calls
 *
 * A closure is a definition of the language with the locals it captured.  A
 * builtin is a row of builtins.def.  A derived function is f', grad(f, w)
 * and their kin: it traces the function it comes from once per signature,
 * keeps the closed form and its compiled program, and traces anew when a
 * global that the trace read has changed.
 */
#ifndef MLC_EVAL_CALL_H
#define MLC_EVAL_CALL_H

#include "eval/interp.h"

typedef struct NamedValue {
    Name name;
    Value value;
    Span at;
} NamedValue;

/* What is passed: positional values, then named ones. */
typedef struct Args {
    int count;
    const Value *at;
    int nnamed;
    const NamedValue *named;
    const Ast *call;            /* for places and texts; may be NULL */
} Args;

/* How floats are passed: by a program of its own (eval/direct.h) or not. */
typedef enum CallWay { CALL_UNKNOWN, CALL_PLAIN, CALL_DIRECT, CALL_BATCH } CallWay;

typedef struct Closure {
    const Ast *def;             /* FUNCTION or LAMBDA */
    Code *code;
    Scope *scope;
    uint32_t ncaptured;
    Local *captured;
    struct FastCode *fast;      /* register bytecode, made when it is hot */
    uint32_t calls;
    bool passing;               /* made in a call, without a name: no program
                                   is worth making for it */
    CallWay way;
    struct Direct *direct;      /* its programs */
    Function *derived;          /* live derivatives of it, not held: found
                                   again when they are asked for again */
} Closure;

typedef Value (*BuiltinFn)(Interp *in, const Args *a);

/* Takes its arguments unevaluated; false: this call is not of its form, and
 * the arguments are evaluated as usual. */
typedef bool (*SpecialFn)(Interp *in, const Ast *call, Value *y);

typedef struct Builtin {
    const char *name;
    int least, most;            /* positional arguments; most -1: any number */
    const char *options;        /* "dim,descending": names allowed */
    BuiltinFn fn;
    SpecialFn special;          /* tried first; NULL: none */
    int op;                     /* of ops.def if fn is NULL; else -1 */
    const char *signature, *help, *example;
} Builtin;

extern const FunctionClass class_closure, class_builtin, class_derived,
    class_symbol;

Value closure_new(Interp *in, const Ast *def);

/* The LAMBDA of a text again, with the values that it captured, a record. */
Value closure_of(const Ast *def, Code *code, Scope *scope, Value captured);

/*
 * The name for a parameter's symbol while f is traced: `name`, or one like it
 * if a formula that f has captured holds such a symbol already, as x in
 * f(x) = (x -> c*x)'(1) with c = x^2: that is another x.
 */
Name fresh_name(Interp *in, Value f, Name name);

/* Raises ERR_SHAPE where the dimensions of the parameters of a FUNCTION or
 * LAMBDA cannot fit in its body; runs nothing of it. */
void check_signature(Interp *in, const Ast *def);
Value builtin_new(const Builtin *b);
const Builtin *builtin_named(Name name);
const Builtin *builtin_row(size_t i);           /* NULL after the last */

/* A declared function symbol, `sym g(x)`. */
Value function_symbol_new(Name name, int nargs);

/* Calls any function value.  Raises ERR_ARGUMENT, ERR_TYPE. */
Value call_function(Interp *in, Value f, const Args *a);
Value call_values(Interp *in, Value f, int n, const Value args[]);

/* Evaluates a CALL node. */
Value eval_call(Interp *in, const Ast *t);

/* Parameters of a closure or derived function. */
int function_nparams(const Function *f);
const Decl *function_params(const Function *f, int *count);

/* Options of a builtin call: the value of a named argument, or NULL. */
const Value *args_named(const Args *a, const char *name);
Span args_place(const Args *a, int i);          /* of a positional argument */
int args_dim(const Args *a);                    /* dim = 1 or 2; 0: absent */

#endif
