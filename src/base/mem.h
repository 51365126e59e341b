/*
 * mem.h - all memory comes from here
 *
 * Every byte that mlc uses is asked for by these functions, which count it
 * against the budget of the current Context and never return NULL: when
 * there is no memory they raise ERR_MEMORY.  A function that may raise while
 * it owns a block must own it through an Arena or a counted object, for an
 * error jumps over its frame.
 *
 * The budget is the environment variable MLC_MEMORY, in bytes or with a
 * suffix k, M, G (powers of 1024); without it the machine is the limit.  A
 * block is freed in the Context that asked for it.  A thread that has no
 * Context may use the functions that do not raise; its blocks are not
 * counted.
 *
 * A Context keeps some of the blocks that are freed, so that what is done
 * again and again asks the system for nothing.  These are not counted.
 *
 * The oom build (-DMLC_OOM_BUILD, make check-oom) fails the k-th allocation,
 * k taken from the environment variable MLC_OOM; with MLC_OOM_ALL set, every
 * one from then on.
 */
#ifndef MLC_BASE_MEM_H
#define MLC_BASE_MEM_H

#include <stddef.h>

/* Uninitialised block of `size` bytes.  Raises ERR_MEMORY. */
void *mem_alloc(size_t size);

/* Block of count*size zero bytes; the product is checked.  Raises ERR_MEMORY.
 */
void *mem_zero(size_t count, size_t size);

/* Grows or shrinks a block (NULL is an empty one).  On error it is unchanged.
 */
void *mem_resize(void *block, size_t size);

/* As mem_alloc, but returns NULL: for callers that must not jump. */
void *mem_try(size_t size);

/*
 * Blocks of count*size bytes that begin on a cache line (64 bytes), for
 * arrays of numbers.  mem_free and mem_resize take them too.
 */
void *mem_alloc_aligned(size_t count, size_t size);
void *mem_zero_aligned(size_t count, size_t size);
void *mem_try_aligned(size_t count, size_t size);

void mem_free(void *block); /* NULL is allowed */

/* Bytes in use by the current Context. */
size_t mem_used(void);

/*
 * Bytes there are at most: the budget of the current Context, the limit of
 * the process or the memory of the machine, whichever is least.
 */
size_t mem_limit(void);

#endif
