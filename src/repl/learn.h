/*
 * learn.h - `:learn`, the lessons of the course in the session
 *
 * A lesson (lesson.h) is shown and run part by part; Enter goes on.  Its
 * questions come at the end: what the user types is compared by value with
 * the answer.  A lesson has its own variables; those of the session come back
 * when it is left.  Language and progress are kept in the file `learn` beside
 * the history.
 */
#ifndef MLC_REPL_LEARN_H
#define MLC_REPL_LEARN_H

#include "eval/interp.h"
#include "repl/lesson.h"

typedef struct Learn {
    Arena *arena;       /* of the session */
    const char *path;   /* of the file, or NULL */
    const char *folder; /* NULL: not looked for yet */
    Names names;        /* in the order for a student */
    int *place;         /* of each: parts and answers that are done, or DONE */
    Language language;
    bool on;
    size_t index; /* of the lesson */
    Lesson lesson;
    size_t at; /* parts and questions that are done */
    Scope *outer;
} Learn;

void learn_start(Learn *l, Arena *lasting);

/* `:learn`, `:learn es`, `:learn 5`, `:learn 05-cost-curve`. */
void learn_begin(Learn *l, Interp *in, const char *rest);

/* Enter: the next part, or the question once more. */
void learn_next(Learn *l, Interp *in);

void learn_hint(const Learn *l, Interp *in);
void learn_move(Learn *l, Interp *in, int by); /* :skip, :back */
void learn_leave(Learn *l, Interp *in);

/* After a statement, which ran if `good`. */
void learn_look(Learn *l, Interp *in, bool good);

#endif
