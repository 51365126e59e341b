/*
 * unicode.h - letters of names, and their normal form
 *
 * Names may be written with letters of any script, and equal names may be
 * typed in different ways: `é` is one character or an `e` with an accent.
 * Names are therefore brought to the composed normal form (NFC).  The tables
 * are letters.def and nfc.def.
 */
#ifndef MLC_SYNTAX_UNICODE_H
#define MLC_SYNTAX_UNICODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Decodes the first character of valid UTF-8 text into *c and returns its
 * bytes; a byte that begins none is a character of its own.
 */
size_t unicode_next(const char *text, size_t len, uint32_t *c);

/* Bytes of the longest name at the beginning of the text; 0 if none. */
size_t unicode_name_length(const char *text, size_t len);

/* The interned name in normal form; `scratch` is for the conversion. */
Name unicode_name(Arena *scratch, const char *text, size_t len);

#endif
