/*
 * help_inside.h - what the files of help share
 */
#ifndef MLC_EVAL_HELP_INSIDE_H
#define MLC_EVAL_HELP_INSIDE_H

#include "eval/call.h"

typedef struct Topic {
    const char *names, *form, *text, *example;
} Topic;

const Topic *help_topic(size_t i); /* NULL past the last */

/* The help of a row of builtins.def or its operator, or NULL. */
const char *help_of_builtin(const Builtin *b);

void help_write(Interp *in, const char *text);

/*
 * In lines as wide as the terminal, each behind `left`; `gap`: only two
 * blanks are a place to break at.
 */
void help_wrapped(Interp *in, const char *left, const char *text, bool gap);

/* An example and what it prints, run in an interpreter of its own. */
void help_example(Interp *in, const char *example);

/* A doc comment (NULL: none): paragraphs, and lines that are indented. */
void help_doc(Interp *in, const char *doc);

/* `??word`: false if nothing speaks of it. */
bool help_search(Interp *in, const char *word);

/* `?source name`: as it was written.  Raises ERR_NAME. */
void help_source(Interp *in, const char *name, Span at);

/* The first sentence of a text. */
const char *help_sentence(Arena *a, const char *text);

#endif
