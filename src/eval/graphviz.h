/*
 * graphviz.h - graphs written to files
 */
#ifndef MLC_EVAL_GRAPHVIZ_H
#define MLC_EVAL_GRAPHVIZ_H

#include "eval/interp.h"

/*
 * A graph in the language of dot as a .svg, .png or .pdf file, which Graphviz
 * draws, or a .dot file.  Raises ERR_LIBRARY, with the name of the package, if
 * Graphviz is not here.
 */
void graphviz_write(Interp *in, const Str *dot, const char *given);

/* The graph as text; a notebook draws it too, where Graphviz is there. */
void graphviz_show(Interp *in, const Str *text, const Str *dot);

/* A text between the quotes of a label: its lines, nothing else in it means
 * anything. */
void graphviz_label(Str *out, const char *text);

#endif
