/*
 * vec.h - growable arrays
 *
 * VEC(T) declares one; all zero is the empty one.  VEC_PUSH may move the
 * elements.  A Vec whose owner may be jumped over by an error grows in an
 * arena (VEC_PUSH_IN); it is then not freed singly.
 */
#ifndef MLC_BASE_VEC_H
#define MLC_BASE_VEC_H

#include "base/arena.h"
#include "base/mem.h"

#define VEC(T)                                                                 \
    struct {                                                                   \
        T *at;                                                                 \
        size_t count, room;                                                    \
    }

/* Makes room for one more element in the heap, in the arena. */
void vec_grow(void **at, size_t *room, size_t size);
void vec_grow_in(Arena *a, void **at, size_t count, size_t *room, size_t size);

#define VEC_PUSH(v, x)                                                         \
    do {                                                                       \
        if ((v)->count == (v)->room)                                           \
            vec_grow((void **)&(v)->at, &(v)->room, sizeof *(v)->at);          \
        (v)->at[(v)->count++] = (x);                                           \
    } while (0)

#define VEC_PUSH_IN(arena, v, x)                                               \
    do {                                                                       \
        if ((v)->count == (v)->room)                                           \
            vec_grow_in((arena), (void **)&(v)->at, (v)->count, &(v)->room,    \
                        sizeof *(v)->at);                                      \
        (v)->at[(v)->count++] = (x);                                           \
    } while (0)

#define VEC_FREE(v)                                                            \
    (mem_free((v)->at), (v)->at = NULL, (v)->count = (v)->room = 0)

#endif
