/*
 * near.h - the name that was meant
 *
 * Looks for the candidate that is most like `wrong`: start with near_begin,
 * offer candidates, in order of preference, then take near_best, which is
 * NULL when none is near.  One mistake is a letter put in, left out or changed,
 * or two neighbours swapped (Damerau 1964); a third of the letters may be
 * wrong, at most 3, and a letter in the other case counts half: `x` proposes
 * nothing but `X`.
 *
 * Of several with as many mistakes the likelier one wins: swapped letters,
 * then a double letter written single or a single one double, then a key
 * beside the right one.  Of equals one that suits its place, then the one
 * with the longer common beginning: `sim` proposes `sin`, not `sum`.
 *
 * If none is near, a candidate that `wrong` is the beginning of is taken
 * (`resid`, residuals), the shortest, or one that begins it before a `_`
 * (`logistic_regression`, logistic); four letters must agree.
 */
#ifndef MLC_BASE_NEAR_H
#define MLC_BASE_NEAR_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Near {
    const char *wrong;
    const char *best;   /* or NULL */
    int cost;           /* of best; at first what no candidate may reach */
    size_t common;      /* bytes at the beginning that best shares */
    const char *longer; /* the shortest that `wrong` begins, or the longest
                           that begins it; or NULL */
} Near;

Near near_begin(const char *wrong);

/* `suits`: it can stand where `wrong` stands, as a function before `(`. */
void near_offer(Near *near, const char *candidate, bool suits);
const char *near_best(const Near *near);

/* The nearest of n names, or NULL. */
const char *near_of(const char *wrong, const char *const *names, size_t n);

#endif
