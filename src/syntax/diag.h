/*
 * diag.h - how errors are shown
 *
 *     fit.mlc:12:5: error[E203]: shapes do not fit in `X'*w`
 *        12 | L = norm2(X'*w - y)^2/(2n)
 *           |           ^^^^
 *           | X' is [d,n] and w is [d]: columns of X' (n) must equal rows ...
 *       help: X*w fits, and gives [n]
 *       in f, called at fit.mlc:20:3
 *
 * An error in the last line of an interactive source shows the caret alone,
 * under the line that was typed after a prompt of `prompt` columns.  Columns
 * are display columns: tabs go to multiples of 8, wide characters count 2,
 * combining marks 0.  Of a line that is longer than `width` the part around the
 * place is shown.
 */
#ifndef MLC_SYNTAX_DIAG_H
#define MLC_SYNTAX_DIAG_H

#include "base/error.h"
#include "base/str.h"

typedef struct DiagStyle {
    bool colour;    /* escape sequences for a terminal */
    bool warning;   /* says "warning" and shows no code */
    int prompt;     /* columns of the prompt before a typed line; below 0: it
                       does not stand right above, and is shown */
    uint32_t typed; /* the source just typed; 0: any interactive */
    int width;      /* columns of a source line; 0: 100 */
} DiagStyle;

/* Appends the message, each line ended by a newline. */
void diag_format(Str *out, const Error *e, const DiagStyle *style);

/* "FILE:LINE:COL", or the name alone for SPAN_NONE. */
void diag_place(Str *out, Span at);

/* The text of the source under a span (not NUL-terminated), "" for none. */
const char *diag_text(Span at, size_t *len);

/*
 * The same as it fits into a message: one line, blanks joined, cut to `most`
 * columns with "..." in the middle; NUL-terminated, in the error arena.
 */
const char *diag_quote(Span at, int most);

/* The same of any text, in an arena. */
const char *diag_quote_text(Arena *a, const char *text, size_t len, int most);

/* The span from the beginning of a to the end of b. */
Span span_join(Span a, Span b);

/* The nearest of n names, or NULL. */
const char *diag_nearest(const char *wrong, const char *const *names, size_t n);

#endif
