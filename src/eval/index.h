/*
 * index.h - indices, fields, and assignment to them
 */
#ifndef MLC_EVAL_INDEX_H
#define MLC_EVAL_INDEX_H

#include "eval/interp.h"

/* The array (or list, table, string) that is being indexed: what `end`
 * means in its indices. */
typedef struct EndPlace {
    struct EndPlace *outer;
    Value base;
    int place, places;          /* which index of how many, from 0 */
} EndPlace;

size_t text_length(const String *s);     /* in characters */

Value eval_index(Interp *in, const Ast *t);
Value index_end(Interp *in, const Ast *t);

/* v[index]: arrays, formulas, lists, tables, text.  Raises ERR_INDEX. */
Value index_value(Interp *in, Value v, int n, const Value index[]);

/* v.name: fields, columns, members of modules.  ERR_MEMBER, near names. */
Value field_get(Interp *in, Value v, Name name);

/* target = v, or target op= v (op as in AST_ASSIGN). */
void assign_target(Interp *in, const Ast *target, int op, Value v,
                   const Ast *value);

#endif
