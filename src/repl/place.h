/*
 * place.h - where the cursor stands in a text, for completion
 *
 * Only the text before the cursor counts, and it need not be whole: brackets,
 * strings and comments are followed from its beginning.
 */
#ifndef MLC_REPL_PLACE_H
#define MLC_REPL_PLACE_H

#include "base/str.h"

typedef enum PlaceKind {
    PLACE_NOWHERE, /* a comment, a number */
    PLACE_NAME,
    PLACE_MEMBER,  /* behind a `.` */
    PLACE_FILE,    /* in a string, or behind :load */
    PLACE_COLUMN,  /* in a string beside a table */
    PLACE_LETTER,  /* \alpha */
    PLACE_COMMAND, /* :who */
    PLACE_HELP     /* ?name */
} PlaceKind;

typedef struct Place {
    PlaceKind kind;
    size_t from; /* where the word begins */
    char option; /* NAME: `name = ` may stand here, in a call, behind this
                    mark, `,` or `;`; else 0 */
    const char *object; /* MEMBER: what stands before the `.`; COLUMN: before
                           the `[`; else NULL */
    const char *callee; /* of the innermost call around, or NULL */
    const char *args;   /* what was written in it so far */
} Place;

/* The texts are copied into the arena. */
Place place_find(Arena *a, const char *text, size_t len);

#endif
