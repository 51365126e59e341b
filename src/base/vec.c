#include "base/vec.h"

#include <stdint.h>
#include <string.h>

#include "base/context.h"

/*
 * `at` is the address of a pointer to some element type, which may not be
 * read as a void *; its bytes may.
 */
static void *read_pointer(void **at)
{
    void *p;
    memcpy(&p, at, sizeof p);
    return p;
}

static void write_pointer(void **at, void *p)
{
    memcpy(at, &p, sizeof p);
}

static size_t grown_room(size_t room, size_t size)
{
    size_t more = room < 8 ? 8 : room + room / 2 + 8;
    if (more > SIZE_MAX / 2 / size)
        memory_raise(SIZE_MAX);
    return more;
}

void vec_grow(void **at, size_t *room, size_t size)
{
    size_t more = grown_room(*room, size);
    write_pointer(at, mem_resize(read_pointer(at), more * size));
    *room = more;
}

void vec_grow_in(Arena *a, void **at, size_t count, size_t *room, size_t size)
{
    /* The old block stays in the arena: doubling keeps that waste small. */
    size_t more = *room < 8 ? 8 : *room * 2;
    if (more > SIZE_MAX / 2 / size)
        memory_raise(SIZE_MAX);
    void *block = arena_alloc(a, more * size);
    if (count)
        memcpy(block, read_pointer(at), count * size);
    write_pointer(at, block);
    *room = more;
}
