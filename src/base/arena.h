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
#include <stdint.h>
#include <string.h>

/*
 * Under AddressSanitizer what an arena has not handed out, or has taken
 * back, is forbidden ground.
 */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#endif

#define ARENA_ALIGN 16

typedef struct Arena Arena;

/* Seen here for the sake of arena_alloc alone. */
struct Arena {
    char *at, *end; /* what is left of the top chunk; NULL without one */
    struct Chunk *top;
    struct Chunk *spare;   /* one chunk kept by arena_reset */
    size_t next;           /* room of the next chunk */
    struct Context *owner; /* of a local arena; else NULL */
    Arena *older, *newer;  /* local ones of the owner */
    uint64_t number;       /* local ones in order of their making */
    struct ArenaEnd *ends; /* the newest one */
};

/*
 * Something that must be given back with the arena and is no memory of it.
 * It stands in the arena itself, before all marks that are still used.
 */
typedef struct ArenaEnd {
    void (*run)(struct ArenaEnd *end);
    struct ArenaEnd *older;
} ArenaEnd;

typedef struct ArenaMark {
    void *chunk;
    char *at;
} ArenaMark;

Arena *arena_new(void);
Arena *arena_local(void);
void arena_keep(Arena *a); /* no longer a local one */
void arena_take(Arena *a); /* a kept one is a local one again */
void arena_free(Arena *a); /* NULL is allowed */

void arena_at_end(Arena *a, struct ArenaEnd *end); /* run by arena_free */

void *arena_more(Arena *a, size_t size); /* where a chunk must be added */

/* Aligned for any type, uninitialised.  Raises ERR_MEMORY. */
static inline void *arena_alloc(Arena *a, size_t size)
{
    size_t whole = (size + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
#ifndef ARENA_POISONS
    /* Of 0, also by overflow, the rest of the test is false. */
    if (whole - 1 < (size_t)(a->end - a->at)) {
        void *block = a->at;
        a->at += whole;
        return block;
    }
#else
    (void)whole;
#endif
    return arena_more(a, size);
}

_Noreturn void arena_overflow(void);

/* count*size zero bytes; the product is checked. */
static inline void *arena_zero(Arena *a, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        arena_overflow();
    return memset(arena_alloc(a, bytes), 0, bytes);
}

/* Copies `len` bytes and adds a NUL. */
char *arena_copy(Arena *a, const char *text, size_t len);

/* printf into the arena. */
char *arena_printf(Arena *a, const char *form, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_print_args(Arena *a, const char *form, va_list args)
    __attribute__((format(printf, 2, 0)));

/* The blocks handed out after the mark are given back by arena_reset. */
static inline ArenaMark arena_mark(const Arena *a)
{
    return (ArenaMark){a->top, a->at};
}

void arena_reset_chunks(Arena *a, ArenaMark mark);

static inline void arena_reset(Arena *a, ArenaMark mark)
{
#ifndef ARENA_POISONS
    if (a->top == mark.chunk) {
        a->at = mark.at;
        return;
    }
#endif
    arena_reset_chunks(a, mark);
}

#define ARENA_NEW(a, T) ((T *)arena_zero((a), 1, sizeof(T)))
#define ARENA_ARRAY(a, T, n) ((T *)arena_zero((a), (n), sizeof(T)))

#endif
