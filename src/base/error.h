/*
 * error.h - contexts, errors, interruption
 *
 * A Context is what base/ keeps for one interpreter: memory in use, interned
 * names, sources, the stack of protections, the error being reported.  A
 * thread works in one Context at a time (context_enter); that pointer, the
 * end of the thread's stack and the interrupt flag are the only state outside
 * of objects.
 *
 * error_raise jumps to the innermost protection of the Context:
 *
 *     Protect p;
 *     if (PROTECT(&p)) {
 *         ...                        may raise
 *         protect_end(&p);
 *     } else {
 *         ... context_error()        tells what happened
 *     }
 *
 * A jump never crosses GMP, LAPACK, qsort, readline or a worker thread.
 * There are few protections: one statement, one `try`, one file.  The one
 * that catches an error is thereby ended.  An error without any protection
 * is printed on stderr and ends the process with status 1.
 *
 * A local variable that is changed inside a protection and read after the
 * jump must be volatile (C11 7.13.2.1).
 */
#ifndef MLC_BASE_ERROR_H
#define MLC_BASE_ERROR_H

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"

/* A stretch of a source: bytes from..to (to excluded). Source 0: nowhere. */
typedef struct Span {
    uint32_t source, from, to;
} Span;

#define SPAN_NONE ((Span){0, 0, 0})

typedef enum ErrorCode {
#define ERROR(id, code, title, explain, wrong, right) ERR_##id,
#include "base/errors.def"
#undef ERROR
    ERR_COUNT
} ErrorCode;

/*
 * One line under a message: `in f, called at FILE:LINE:COL`, or, where `at`
 * is in a source of the library, `in f, FILE:LINE:COL`.
 */
typedef struct ErrorFrame {
    Name function; /* NULL: top level */
    Span at;
} ErrorFrame;

#define ERROR_FRAMES 16

typedef struct Error {
    ErrorCode code;
    Span at;
    const char *message; /* in the Context's error arena */
    const char *detail;  /* line(s) after the caret (`| ...`), or NULL */
    const char *help;    /* a repair that works when typed, or NULL */
    int nframes;
    ErrorFrame frame[ERROR_FRAMES]; /* innermost first, then cut */
} Error;

/* A text that was read: a file, a line of the REPL, `-e` code. */
typedef struct Source {
    const char *name; /* as messages show it */
    const char *text; /* NUL-terminated copy, owned by the Context */
    size_t len;
    bool interactive; /* messages then show the caret alone */
    bool library;     /* an error in it is told where it was called */
} Source;

typedef struct Protect {
    jmp_buf jump;
    struct Protect *outer;
    uint64_t locals; /* local arenas made before it; a jump frees the others */
} Protect;

typedef struct Context Context;

Context *context_new(void); /* NULL: no memory */
void context_free(Context *c);

/* Makes `c` the Context of this thread and returns the one before. */
Context *context_enter(Context *c);
Context *context_current(void);

/*
 * Tells the size of this thread's stack, for depth_check.  The first
 * context_enter of a thread takes it from the limits of the process; only a
 * thread made with a stack of another size has to say so.
 */
void context_stack(size_t size);

/*
 * The place being evaluated: an error raised with SPAN_NONE is reported
 * there.  The interpreter keeps the pointer and stores through it.
 */
Span *context_here(void);

/*
 * Slots of the modules above base/: each keeps its one object there (the
 * Heap of value/, the interpreter of eval/, the session of repl/, which
 * readline's calls have no other way to find).  NULL until set.
 */
enum { SLOT_HEAP, SLOT_GRAPH, SLOT_INTERP, SLOT_REPL, SLOT_COUNT };
void *context_slot(int slot);
void context_set_slot(int slot, void *object);

void protect_begin(Protect *p);
void protect_end(Protect *p);
#define PROTECT(p) (protect_begin(p), setjmp((p)->jump) == 0)

/*
 * Raise.  `at` may be SPAN_NONE: whoever knows the place then fills it in
 * with error_place on the way (the interpreter does, for every call).
 */
_Noreturn void error_raise(Span at, ErrorCode code, const char *form, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the detail and help lines; either may be NULL. */
_Noreturn void error_raise_help(Span at, ErrorCode code, const char *detail,
                                const char *help, const char *form, ...)
    __attribute__((format(printf, 5, 6)));

/* Raises again the error that a protection caught. */
_Noreturn void error_again(void);

/* Gives the error its place if it has none; adds a line `in f, called at`. */
void error_place(Span at);
void error_frame(Name function, Span at);

/* The error last raised in this Context; valid until the next one. */
Error *context_error(void);

/* Arena whose texts live until the next error_raise: for building messages. */
Arena *error_arena(void);

/*
 * Text of a code: "E203", its title, its --explain text, programs that give
 * and that avoid it (NULL if there is none).
 */
const char *error_name(ErrorCode code);
const char *error_title(ErrorCode code);
const char *error_explain(ErrorCode code);
const char *error_wrong(ErrorCode code);
const char *error_right(ErrorCode code);
int error_find(const char *name); /* ERR_COUNT if there is none */

/* Sources: returns the number (from 1) for spans; text is copied. */
uint32_t source_add(const char *name, const char *text, size_t len,
                    bool interactive);
const Source *source_get(uint32_t number);
void source_set_library(uint32_t number);
bool source_is_library(uint32_t number);

/* Line and column from 1; columns count display columns. */
void source_place(Span at, int *line, int *column);

/*
 * Interruption and budget.  Every long loop calls POLL(): it costs one load.
 * The handler of SIGINT sets the flag, poll_raise raises ERR_INTERRUPT.
 */
extern volatile sig_atomic_t interrupt_flag;
void poll_raise(void);
#define POLL()                                                                 \
    do {                                                                       \
        if (interrupt_flag)                                                    \
            poll_raise();                                                      \
    } while (0)

/* Whether this Context leaves interrupts alone, for another thread or for
 * later; returns what was before. */
bool poll_deafen(bool deaf);

/*
 * Against runaway recursion on the C stack: raises ERR_DEPTH when only
 * 256 kB of the stack of this thread are left.  To be called once a level.
 */
void depth_check(void);

#endif
