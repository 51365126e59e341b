/*
 * emit.h - a Program as a C99 file
 *
 * The file needs libm alone.  Every function of it has the form
 *
 *     void name(const double *const in[], double *const out[])
 *
 * with arrays by columns; the one that a user calls has a parameter for each
 * input and output.  Sums are compensated as in the machine, so the digits
 * agree but for those of libm.
 */
#ifndef MLC_COMPILE_EMIT_H
#define MLC_COMPILE_EMIT_H

#include "base/str.h"
#include "compile/program.h"

/* What a parameter of the function is called, and its shape. */
typedef struct EmitParam {
    const char *name;
    Shape shape;
} EmitParam;

typedef struct EmitSpec {
    const char *name;          /* of the function */
    const char *comment;       /* above it */
    const EmitParam *in, *out; /* as many as the program has */
} EmitSpec;

/* Is it a word of C, or a function that a file may hold or call? */
bool emit_is_taken(const char *name);

/*
 * Appends the file's text for the programs p[0..n-1], a function each.
 * Raises ERR_LIMIT where a program holds an operation that has no C (named),
 * or more than 2^20 numbers of data.
 */
void program_emit(int n, const Program *const p[], const EmitSpec spec[],
                  Str *out);

#endif
