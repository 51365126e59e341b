/*
 * arena.h - memory that is given back all at once
 *
 * An Arena hands out blocks that are never freed singly: arena_reset returns
 * to a mark, arena_free drops everything.
 *
 * A function that may raise takes a local arena for its scratch data: it is
 * freed by arena_free as any other, or by the error that jumps over its
 * owner.  The arena of something that will last (a syntax tree, a program)
 * is a local one until that thing is whole; arena_keep then hands it over.
 */
#ifndef MLC_BASE_ARENA_H
#define MLC_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct Arena Arena;

typedef struct ArenaMark {
    void *chunk;
    size_t used;
} ArenaMark;

Arena *arena_new(void);
Arena *arena_local(void);
void arena_keep(Arena *a); /* no longer a local one */
void arena_free(Arena *a); /* NULL is allowed */

/* Aligned for any type, uninitialised.  Raises ERR_MEMORY. */
void *arena_alloc(Arena *a, size_t size);

/* count*size zero bytes; the product is checked. */
void *arena_zero(Arena *a, size_t count, size_t size);

/* Copies `len` bytes and adds a NUL. */
char *arena_copy(Arena *a, const char *text, size_t len);

/* printf into the arena. */
char *arena_printf(Arena *a, const char *form, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_print_args(Arena *a, const char *form, va_list args)
    __attribute__((format(printf, 2, 0)));

/* The blocks handed out after the mark are given back by arena_reset. */
ArenaMark arena_mark(const Arena *a);
void arena_reset(Arena *a, ArenaMark mark);

#define ARENA_NEW(a, T) ((T *)arena_zero((a), 1, sizeof(T)))
#define ARENA_ARRAY(a, T, n) ((T *)arena_zero((a), (n), sizeof(T)))

#endif
