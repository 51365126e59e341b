/*
 * lesson.h - a lesson of the course, read from its script
 *
 * A lesson is a script that also runs by itself.  Its first two `##` lines are
 * the title, Spanish and English; the other `##` lines at its head introduce
 * it.  What follows is shown and run in parts: paragraphs, parted by blank
 * lines.  Lines that begin with `#?` ask, English / Spanish; the line `#=` below
 * is an expression for the answer, `#!` a hint in both languages:
 *
 *     #? What is f'(1)? / ¿Cuánto vale f'(1)?
 *     #= f'(1)
 *     #! Put 1 for x. / Pon 1 en lugar de x.
 */
#ifndef MLC_REPL_LESSON_H
#define MLC_REPL_LESSON_H

#include "base/vec.h"

typedef enum Language { ENGLISH, SPANISH, LANGUAGES } Language;

typedef struct Question {
    const char *ask[LANGUAGES], *hint[LANGUAGES], *answer;
} Question;

typedef struct Names {
    const char **at;
    size_t count, room;
} Names;

typedef struct Lesson {
    const char *path, *name;        /* "01-why-calculus" */
    const char *title[LANGUAGES], *intro;
    VEC(const char *) part;
    VEC(Question) question;
} Lesson;

/*
 * The names of the lessons in the order for a first-time student, from the
 * file order.txt of the folder.  Raises ERR_FILE.
 */
Names lesson_order(Arena *a, const char *folder);

/* Raises ERR_FILE. */
Lesson lesson_read(Arena *a, const char *folder, const char *name);

#endif
