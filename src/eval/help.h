/*
 * help.h - `?name`, from doc comments, the rows of builtins and operators,
 * and topics.def
 */
#ifndef MLC_EVAL_HELP_H
#define MLC_EVAL_HELP_H

#include "eval/interp.h"

/*
 * What is known of a name: how it is typed, what it does, an example with its
 * answer.  Of "" the overview; of "?word" the names that speak of a word.
 * Raises ERR_NAME for a name that nothing is known of.
 */
void help_show(Interp *in, const char *question, Span at);

/* The examples in a doc comment: the lines that are indented and can be run,
 * each up to two blanks.  "" if there are none. */
const char *help_doc_example(Arena *a, const char *doc);

/* A text in lines as wide as the terminal, each behind `left`. */
void help_paragraph(Interp *in, const char *left, const char *text);

/* The example of topic i of topics.def, and its names; NULL past the last. */
const char *help_topic_example(size_t i, const char **names);

#endif
