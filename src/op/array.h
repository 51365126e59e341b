/*
 * array.h - shape rules and kernels of the ARRAY rows of ops.def
 *
 * A shape rule says whether the arguments fit and what comes out; a kernel
 * works on numbers (value/matrix.h), exact where it can, and raises.
 */
#ifndef MLC_OP_ARRAY_H
#define MLC_OP_ARRAY_H

#include "op/op.h"

bool shape_trace(int n, const Shape args[], Shape *y);  /* square -> number */
bool shape_square(int n, const Shape args[], Shape *y); /* square -> itself */
bool shape_alike(int n, const Shape args[], Shape *y);  /* any -> itself */
bool shape_number(int n, const Shape args[], Shape *y); /* any -> number */
bool shape_column(int n, const Shape args[], Shape *y); /* column -> itself */
bool shape_rows(int n, const Shape args[], Shape *y);   /* [m,n] -> [m] */
bool shape_diag(int n, const Shape args[], Shape *y);   /* [n] -> [n,n] */
bool shape_diagof(int n, const Shape args[], Shape *y); /* [n,n] -> [n] */

bool shape_svd(int n, const Shape args[], Shape *y);    /* [m,n] -> [min] */
bool shape_svd_u(int n, const Shape args[], Shape *y);  /* -> [m,min] */
bool shape_svd_v(int n, const Shape args[], Shape *y);  /* -> [n,min] */
bool shape_left(int n, const Shape args[], Shape *y);   /* [m,n] -> [m] */
bool shape_right(int n, const Shape args[], Shape *y);  /* [m,n] -> [n] */
bool shape_squares(int n, const Shape args[], Shape *y); /* all alike, square */
bool shape_two(int n, const Shape args[], Shape *y);    /* two alike */
bool shape_outer(int n, const Shape args[], Shape *y);  /* [n], ... -> [n,n] */
bool shape_inner(int n, const Shape args[], Shape *y);  /* [n], [n,n] -> [n] */

/* Both numbers, or an array with concrete sides: the graph multiplies named
 * dimensions itself. */
bool shape_kron(int n, const Shape args[], Shape *y);

Value kernel_tr(int n, const Value args[]);
Value kernel_det(int n, const Value args[]);
Value kernel_logdet(int n, const Value args[]);
Value kernel_inv(int n, const Value args[]);
Value kernel_diag(int n, const Value args[]);
Value kernel_kron(int n, const Value args[]);
Value kernel_prod(int n, const Value args[]);
Value kernel_logsumexp(int n, const Value args[]);
Value kernel_softmax(int n, const Value args[]);
Value kernel_maxof(int n, const Value args[]);
Value kernel_minof(int n, const Value args[]);
Value kernel_hardmax(int n, const Value args[]);
Value kernel_argmax(int n, const Value args[]);
Value kernel_argmin(int n, const Value args[]);
Value kernel_cumsum(int n, const Value args[]);
Value kernel_chol(int n, const Value args[]);
Value kernel_expm(int n, const Value args[]);

/* adjugate.c */
Value kernel_adj(int n, const Value args[]);
Value kernel_dadj(int n, const Value args[]);
Value kernel_ddadj(int n, const Value args[]);

/* others.c */
Value kernel_prod_others(int n, const Value args[]);
Value kernel_prod_others_rows(int n, const Value args[]);
Value kernel_row_pairs(int n, const Value args[]);
Value kernel_prod_pairs(int n, const Value args[]);
Value kernel_prod_triples(int n, const Value args[]);
Value kernel_prod_triples_of(int n, const Value args[]);

/* spectral.c */
Value kernel_half_triu(int n, const Value args[]);
Value kernel_dexpm(int n, const Value args[]);
Value kernel_eig(int n, const Value args[]);
Value kernel_eigvec(int n, const Value args[]);
Value kernel_svd(int n, const Value args[]);
Value kernel_svd_u(int n, const Value args[]);
Value kernel_svd_v(int n, const Value args[]);
Value kernel_norm_nuc(int n, const Value args[]);
Value kernel_polar(int n, const Value args[]);
Value kernel_norm_spec(int n, const Value args[]);
Value kernel_top_u(int n, const Value args[]);
Value kernel_top_v(int n, const Value args[]);

/* rows.c: of each row for itself */
Value kernel_prod_rows(int n, const Value args[]);
Value kernel_logsumexp_rows(int n, const Value args[]);
Value kernel_softmax_rows(int n, const Value args[]);
Value kernel_max_rows(int n, const Value args[]);
Value kernel_min_rows(int n, const Value args[]);
Value kernel_norm2_rows(int n, const Value args[]);
Value kernel_normalize_rows(int n, const Value args[]);
Value kernel_hardmax_rows(int n, const Value args[]);

#endif
