/*
 * parse.h - from text to tree
 *
 * parse_source reads a whole source.  It reports every mistake that it can
 * tell from another mistake's consequences, in the order of the text, and a
 * source with a mistake has no tree: nothing of it runs.
 *
 * The tree and the texts of the errors live in the arena that is passed in.
 * Only ERR_MEMORY and ERR_INTERRUPT are raised; mistakes of the text are
 * returned.
 */
#ifndef MLC_SYNTAX_PARSE_H
#define MLC_SYNTAX_PARSE_H

#include "syntax/ast.h"

typedef struct Parse {
    Ast *tree;           /* a BLOCK; NULL if there are errors */
    const Error *errors; /* in order of their place; no frames */
    size_t nerrors;
    const char *doc; /* `##` lines at the head of the file, or NULL */
} Parse;

/* At most this many errors are reported for one source. */
#define PARSE_ERRORS 20

Parse parse_source(uint32_t source, Arena *a);

/* The same, raising the first error. */
Ast *parse_source_or_raise(uint32_t source, Arena *a);

/*
 * Parses text that is one expression; it becomes a source called `name`, so
 * that its errors can be shown.  Raises the first error.
 */
Ast *parse_expression(const char *name, const char *text, Arena *a);

/*
 * Is this text for the REPL a sequence of whole statements (PARSE_COMPLETE),
 * a proper prefix of one, so that another line is wanted (PARSE_INCOMPLETE),
 * or wrong whatever follows?
 */
typedef enum ParseState {
    PARSE_COMPLETE,
    PARSE_INCOMPLETE,
    PARSE_WRONG
} ParseState;

ParseState parse_state(const char *text, size_t len);

/*
 * Reserved words and words with a meaning in places (`over`, `data`), for
 * completion and highlighting: NULL past the last.
 */
const char *parse_keyword(size_t i);

#endif
