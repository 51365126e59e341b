/*
 * trace_state.h - the variables of a statement that is being traced
 *
 * A traced statement sees its variables as bound variables of the graph.  A
 * value that is a list or record takes part by its numbers and arrays, its
 * leaves; what is neither (text, functions) has to stay as it is.
 */
#ifndef MLC_EVAL_TRACE_STATE_H
#define MLC_EVAL_TRACE_STATE_H

#include "eval/interp.h"

typedef VEC(Node) Nodes;
typedef VEC(Name) Names;

/* Appends the nodes of the leaves of v, in the arena. */
void state_leaves(Interp *in, Arena *a, Value v, Nodes *out);

/* v with its leaves replaced, in order, from *at on. */
Value state_replace(Interp *in, Value v, const Node **at);

/* Same kinds, lengths and fields down to the leaves, the rest equal? */
bool state_alike(Value a, Value b);

/* The names that statements assign, those that expressions read; each once. */
void state_assigned(Interp *in, Arena *a, const Ast *t, Names *out);
void state_read(Interp *in, Arena *a, const Ast *t, Names *out);

/*
 * A list that keeps the values of names alive and remembers them; it stands
 * in a hidden local, so that an error loses nothing.  NONE: no value.
 */
Value state_save(Interp *in, const Names *names);
void state_restore(Interp *in, const Names *names, Value saved);

/* Takes names away that were added after the local number `mark`. */
void state_cut(Interp *in, size_t mark);

/*
 * One write into a formula: a + value*unit(k) and its kin, as assignments to
 * y[k], Y[k, :] and Y[k, j] build it.
 */
typedef struct Write {
    Node row, col, value;
} Write;

typedef VEC(Write) Writes;

/* The writes that make `now` of `before`; false if it is something else. */
bool state_writes(Graph *g, Arena *a, Node before, Node now, Writes *out);

/* before with the writes done to it. */
Node state_written(Graph *g, Node before, const Writes *w);

#endif
