/*
 * layout.h - what format.c and layout.c share; for the files of value/ only
 */
#ifndef MLC_VALUE_LAYOUT_H
#define MLC_VALUE_LAYOUT_H

#include "value/format.h"

void text_cut(Str *out, size_t len); /* back to `len` bytes */
void text_pad(Str *out, size_t n);   /* n blanks */

void format_number(Value v, Str *out); /* INT, FLOAT, EXACT */
void format_string(const char *text, size_t len, Str *out); /* quoted */

/* Entry i of an array, floats in f->digits digits. */
void format_entry(const Format *f, const Array *a, size_t i, Str *out);

/* The whole array as a literal, however long. */
void format_array_inline(const Format *f, const Array *a, Str *out);

#endif
