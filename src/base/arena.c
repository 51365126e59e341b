#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/mem.h"

#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define FORBID(p, n) __asan_poison_memory_region((p), (n))
#define ALLOW(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define FORBID(p, n) ((void)0)
#define ALLOW(p, n) ((void)0)
#endif

#define CHUNK_FIRST ((size_t)4000)
#define CHUNK_MOST ((size_t)1 << 20)

/* Passes come and go with each statement: so many arenas wait for the next
 * one, with a chunk up to this size. */
#define IDLE_MOST 4
#define IDLE_CHUNK ((size_t)64 << 10)

typedef struct Chunk {
    struct Chunk *before;
    size_t room; /* bytes of data[], which begins at 16 bytes */
    char data[];
} Chunk;

Arena *arena_new(void)
{
    Arena *a = mem_zero(1, sizeof *a);
    a->next = CHUNK_FIRST;
    return a;
}

Arena *arena_local(void)
{
    Context *c = context_of_thread;
    Arena *a = c ? c->idle : NULL;
    if (a) {
        c->idle = a->older;
        c->idles--;
        *a = (Arena){.spare = a->spare, .next = CHUNK_FIRST};
    } else {
        a = arena_new();
    }
    arena_take(a);
    return a;
}

void arena_take(Arena *a)
{
    Context *c = context_of_thread;
    if (!c)
        return;
    a->owner = c;
    a->number = ++c->locals_made;
    a->older = c->local;
    if (a->older)
        a->older->newer = a;
    c->local = a;
}

void arena_keep(Arena *a)
{
    if (!a->owner)
        return;
    if (a->newer)
        a->newer->older = a->older;
    else
        a->owner->local = a->older;
    if (a->older)
        a->older->newer = a->newer;
    a->owner = NULL;
    a->older = a->newer = NULL;
}

void arena_free_locals(Context *c, uint64_t number)
{
    while (c->local && c->local->number > number)
        arena_free(c->local);
}

static void free_chunk(Chunk *c)
{
    if (c)
        ALLOW(c->data, c->room);
    mem_free(c);
}

/* Where the sanitizer watches, memory that was freed must stay freed. */
static bool may_idle(const Context *c)
{
#ifdef ARENA_POISONS
    (void)c;
    return false;
#else
    return c && c == context_of_thread && c->idles < IDLE_MOST;
#endif
}

/* All chunks are freed; but for the largest that may wait, if `idle`. */
static Chunk *free_chunks(Arena *a, bool idle)
{
    Chunk *kept = NULL;
    if (a->spare) {
        a->spare->before = a->top;
        a->top = a->spare;
    }
    for (Chunk *c = a->top, *next; c; c = next) {
        next = c->before;
        bool keep =
            idle && c->room <= IDLE_CHUNK && (!kept || kept->room < c->room);
        free_chunk(keep ? kept : c);
        if (keep)
            kept = c;
    }
    return kept;
}

void arena_at_end(Arena *a, ArenaEnd *end)
{
    end->older = a->ends;
    a->ends = end;
}

void arena_free(Arena *a)
{
    if (!a)
        return;
    Context *c = a->owner;
    bool idle = may_idle(c);
    arena_keep(a);
    for (ArenaEnd *e = a->ends; e; e = e->older)
        e->run(e);
    a->ends = NULL;
    a->spare = free_chunks(a, idle);
    a->top = NULL;
    if (!idle) {
        mem_free(a);
        return;
    }
    a->older = c->idle;
    c->idle = a;
    c->idles++;
}

void arena_free_idle(Context *c)
{
    while (c->idle) {
        Arena *a = c->idle;
        c->idle = a->older;
        free_chunk(a->spare);
        mem_free(a);
    }
    c->idles = IDLE_MOST; /* no more of them */
}

static void add_chunk(Arena *a, size_t size)
{
    Chunk *c = a->spare;
    if (c && c->room >= size) {
        a->spare = NULL;
    } else {
        size_t room = size > a->next ? size : a->next;
        c = mem_alloc(sizeof *c + room);
        c->room = room;
        if (a->next < CHUNK_MOST)
            a->next *= 2;
    }
    c->before = a->top;
    a->top = c;
    a->at = c->data;
    a->end = c->data + c->room;
    FORBID(c->data, c->room);
}

void *arena_more(Arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        memory_raise(size);
    size_t whole = (size + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
    if (!a->top || (size_t)(a->end - a->at) < whole)
        add_chunk(a, whole);
    char *block = a->at;
    a->at += whole;
    ALLOW(block, size);
    return block;
}

void arena_overflow(void)
{
    memory_raise(SIZE_MAX);
}

char *arena_copy(Arena *a, const char *text, size_t len)
{
    if (len == SIZE_MAX)
        memory_raise(len);
    char *y = arena_alloc(a, len + 1);
    if (len)
        memcpy(y, text, len);
    y[len] = '\0';
    return y;
}

char *arena_print_args(Arena *a, const char *form, va_list args)
{
    va_list again;
    va_copy(again, args);
    char head[100] = "";
    int len = vsnprintf(head, sizeof head, form, args);
    size_t size = len < 0 ? 1 : (size_t)len + 1;
    char *y = arena_alloc(a, size);
    if (size <= sizeof head)
        memcpy(y, head, size);
    else
        vsnprintf(y, size, form, again);
    va_end(again);
    return y;
}

char *arena_printf(Arena *a, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    char *y = arena_print_args(a, form, args);
    va_end(args);
    return y;
}

void arena_reset_chunks(Arena *a, ArenaMark mark)
{
    while (a->top && a->top != mark.chunk) {
        Chunk *c = a->top;
        a->top = c->before;
        if (c->room <= a->next && (!a->spare || a->spare->room < c->room)) {
            free_chunk(a->spare);
            a->spare = c;
            FORBID(c->data, c->room);
        } else {
            free_chunk(c);
        }
    }
    a->at = a->top ? mark.at : NULL;
    a->end = a->top ? a->top->data + a->top->room : NULL;
    if (a->top)
        FORBID(a->at, (size_t)(a->end - a->at));
}
