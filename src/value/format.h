/*
 * format.h - values as the REPL shows them
 *
 * Numbers and formulas print so that they can be typed again.  Arrays,
 * tables and reports use `digits` significant digits (6 unless digits(n)
 * said otherwise); columns are aligned, large arrays abbreviated with their
 * size.  Formulas are printed by graph/, through the hook.
 */
#ifndef MLC_VALUE_FORMAT_H
#define MLC_VALUE_FORMAT_H

#include "value/value.h"

typedef struct Format {
    int digits; /* of arrays; 6 */
    int width;  /* columns of the terminal; 80 */
    bool ascii; /* no UTF-8 */
    void (*expr)(void *graph, Node n, Str *out); /* may be NULL */
    void *graph;
} Format;

/* What holds until digits(n) or the terminal says otherwise. */
#define FORMAT_DEFAULT ((Format){.digits = 6, .width = 80})

/* As an expression statement shows it, without the last newline. */
void value_format(const Format *f, Value v, Str *out);

/* On one line, so that it can be typed: inside lists, records, messages. */
void value_format_inline(const Format *f, Value v, Str *out);

/* A table as HTML, large ones abbreviated with their size. */
void value_html(const Format *f, Value table, Str *out);

/* JSON; expressions as strings. */
void value_json(const Format *f, Value v, Str *out);

#endif
