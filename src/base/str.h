/*
 * str.h - text that grows, and interned names
 *
 * A Str is a growable, NUL-terminated text; all zero is the empty one.  A
 * Str that an error may jump over is given an arena (str_in) and is then not
 * freed singly.
 *
 * A Name is a text that stands once in the table of the current Context:
 * equal names are the same pointer.
 */
#ifndef MLC_BASE_STR_H
#define MLC_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct Str {
    char *at; /* NULL while empty; else NUL-terminated */
    size_t len, room;
    Arena *arena; /* NULL: the heap */
} Str;

typedef const char *Name;

Str str_in(Arena *a);
void str_free(Str *s);
void str_clear(Str *s); /* empties it, its room stays */
void str_add(Str *s, const char *text);
void str_add_len(Str *s, const char *text, size_t len);
void str_add_char(Str *s, char c);
void str_add_integer(Str *s, int64_t i);
void str_add_format(Str *s, const char *form, ...)
    __attribute__((format(printf, 2, 3)));
void str_add_args(Str *s, const char *form, va_list args)
    __attribute__((format(printf, 2, 0)));

/*
 * Makes room for `more` bytes and a NUL, and returns where they begin; who
 * writes there then adds to s->len and puts the NUL.
 */
char *str_reserve(Str *s, size_t more);

/* The text, "" while empty. */
const char *str_text(const Str *s);

Name name_of(const char *text);
Name name_of_len(const char *text, size_t len);

uint64_t hash_bytes(const void *data, size_t len);
uint64_t hash_mix(uint64_t a, uint64_t b);

/*
 * Decodes the character at `text`: returns its bytes, 0 if they are not valid
 * UTF-8.
 */
size_t text_decode(const char *text, size_t len, uint32_t *code);

/* Display columns of UTF-8 text, combining marks counted as 0. */
size_t text_columns(const char *text, size_t len);

/* First byte that is not valid UTF-8 (or is NUL), `len` if there is none. */
size_t text_check_utf8(const char *text, size_t len);

/*
 * Appends text with control characters and invalid bytes escaped, for
 * messages.
 */
void str_add_visible(Str *s, const char *text, size_t len);

#endif
