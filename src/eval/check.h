/*
 * check.h - what check learns of the gradient by one variable
 *
 * Entries as claimed are compared with those that are right, at several
 * points.  From the range of their ratios follows the kind of the mistake: a
 * constant factor, a sign, a transpose.
 */
#ifndef MLC_EVAL_CHECK_H
#define MLC_EVAL_CHECK_H

#include "eval/interp.h"

enum { CHECK_LEAST = 3 }; /* the first named dimension; the next are larger */

typedef struct CheckRatio {
    double low, high;
    bool none, odd; /* no entry yet; an entry that is 0 in one of both only */
} CheckRatio;

typedef struct CheckPart {
    Name name;
    Shape shape;       /* as declared */
    bool flipped;      /* rows and columns are exchanged */
    int rows;          /* of the variable at the points */
    double worst;      /* largest relative difference, */
    size_t entry;      /* where, */
    double have, want; /* and what is there */
    CheckRatio ratio, turned;
    Value where; /* the arguments there */
} CheckPart;

CheckPart part_new(Name name, Shape declared);

/* Entry k, at one point; true if it is the worst so far. */
bool part_compare(CheckPart *p, size_t k, double have, double want);

/* Their ratio, where they are more than tol. */
void part_ratio_add(CheckPart *p, double have, double want, double tol);

/* Of a square matrix, the entry on the other side of the diagonal. */
void part_compare_turned(CheckPart *p, double have, double want);

bool part_is_worse(const CheckPart *p, const CheckPart *q);
bool part_is_entry(const CheckPart *p); /* by a number */

/* have/want, if it is the same everywhere. */
bool part_ratio(const CheckPart *p, double *ratio);

/* "w[2]". */
const char *part_place(const CheckPart *p, Arena *a);

/* What the mistake is, or NULL; dimensions of the parameters explain
 * factors. */
const char *part_hint(const CheckPart *p, Graph *g, int n, const Shape shape[],
                      Arena *a);

#endif
