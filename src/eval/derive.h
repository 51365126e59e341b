/*
 * derive.h - f', diff, grad, jacobian, hessian
 */
#ifndef MLC_EVAL_DERIVE_H
#define MLC_EVAL_DERIVE_H

#include "eval/call.h"

typedef enum DeriveKind {
    DERIVE_DIFF,                /* f', f'', diff(f, x) */
    DERIVE_GRAD,
    DERIVE_JACOBIAN,
    DERIVE_HESSIAN,
    DERIVE_VALUE_GRAD,          /* a record: the value, and the gradient */
    DERIVE_NOTHING              /* the function itself, as a formula */
} DeriveKind;

/* f' (order 1), f'' ...: of a function of one argument. */
Value derive_prime(Interp *in, Value f, int order);

/*
 * The derivative of a function by the parameters of these names; none: by
 * all of them.  A function of the same arguments.
 */
Value derive_function(Interp *in, DeriveKind kind, Value f, int order, int nvars,
                      const Name vars[], Span at);

/* A Jacobian or Hessian whose values are sparse matrices. */
Value derive_sparse_function(Interp *in, DeriveKind kind, Value f, int nvars,
                             const Name vars[], Span at);

/* What a function of DERIVE_VALUE_GRAD gives: a record of the two. */
Value value_and_grad(Value value, Value grad);

Value call_derived(Interp *in, Function *f, const Args *a);
const Decl *derived_params(const Function *f, int *count);

/* Places and names of the parameters it is a derivative by; their count. */
int derived_vars(const Function *f, int var[], Name name[]);

/* The shapes of its parameters as declared: named dimensions stay symbols,
 * those that the body settles are numbers. */
int derived_shapes(Interp *in, Function *f, Shape s[]);

/* The function whose first derivative f is: of f'' it is f'. */
Value derived_lower(Interp *in, const Function *f, DeriveKind *kind);

/* Is a loop or a formula of floats left in a value?  Substituted numbers leave
 * long loops and matrices that the graph does not write out. */
bool derived_is_unfinished(Interp *in, Value y);

/* Closed form for the declared shapes; ERR_TYPE if it has several parts. */
Node derived_formula(Interp *in, Function *f);

/* What a function gives for symbols in place of its parameters. */
Node function_formula(Interp *in, Value f, Name name[], int *count);

size_t derived_nodes(Interp *in, Function *f);  /* distinct nodes of it */

/* The forms that bind variables; rows of builtins.def. */
bool special_diff(Interp *in, const Ast *call, Value *y);
bool special_grad(Interp *in, const Ast *call, Value *y);
bool special_value_and_grad(Interp *in, const Ast *call, Value *y);
bool special_jacobian(Interp *in, const Ast *call, Value *y);
bool special_hessian(Interp *in, const Ast *call, Value *y);
bool special_divergence(Interp *in, const Ast *call, Value *y);
bool special_curl(Interp *in, const Ast *call, Value *y);
bool special_laplacian(Interp *in, const Ast *call, Value *y);
bool special_directional(Interp *in, const Ast *call, Value *y);
bool special_implicit(Interp *in, const Ast *call, Value *y);
bool special_subs(Interp *in, const Ast *call, Value *y);
bool special_limit(Interp *in, const Ast *call, Value *y);
bool special_integrate(Interp *in, const Ast *call, Value *y);
bool special_taylor(Interp *in, const Ast *call, Value *y);
bool special_steps(Interp *in, const Ast *call, Value *y);
bool special_solve(Interp *in, const Ast *call, Value *y);

/* What f, of class_derived, is the derivative of.  Is it refused at some
 * points of those where it has been asked for, though its formula is not? */
Value derived_base(const Function *f);
bool derived_is_guarded(const Function *f);

#endif
