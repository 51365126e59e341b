/*
 * context.h - what a Context holds; for the files of base/ only
 *
 * Everything that is handed out and never taken back (names, sources) lives
 * in the arena `lasting`.  The two error arenas alternate: the message of
 * the error being reported stands in one while the next one is built in the
 * other, so that a message may quote the one before.
 */
#ifndef MLC_BASE_CONTEXT_H
#define MLC_BASE_CONTEXT_H

#include "base/error.h"
#include "base/vec.h"

typedef struct NameSlot {
    Name name; /* NULL: free */
    size_t len;
    uint64_t hash;
} NameSlot;

/* A large block that was freed, kept to be used again (mem.c). */
typedef struct Spare {
    char *raw;
    size_t room;
} Spare;

enum { SPARE_COUNT = 4 };

/* Small blocks of one size that were freed, linked by their first word. */
typedef struct KeptBlocks {
    void *first;
    unsigned count;
} KeptBlocks;

enum { KEPT_CLASSES = 96 };

struct Context {
    size_t used;      /* bytes of the blocks in use */
    size_t budget;    /* SIZE_MAX: none */
    Protect *protect; /* the innermost */
    Error error;
    Arena *text[2]; /* of errors; text[turn] takes the next one */
    int turn;
    char memory_text[96]; /* message of ERR_MEMORY, which may not ask
                             for memory */
    Arena *lasting;
    Arena *local; /* the newest local arena that is not yet freed */
    Arena *idle;  /* freed local arenas with a chunk each, linked by older */
    int idles;
    Spare spare[SPARE_COUNT]; /* the newest first */
    KeptBlocks kept[KEPT_CLASSES];
    uint64_t locals_made;
    bool deaf;                /* to interrupts */
    Span here;                /* what is being evaluated */
    void *slot[SLOT_COUNT];   /* objects of the modules above */
    NameSlot *names; /* open addressing, at most half full */
    size_t nnames, names_room;
    VEC(Source *) sources;
    unsigned threads;  /* of the pool; 0: not yet known */
    struct Pool *pool; /* NULL: not yet needed */
};

extern _Thread_local Context *context_of_thread;

/* Raises ERR_MEMORY for a request of `size` bytes, without allocating. */
_Noreturn void memory_raise(size_t size);

/* Frees the local arenas of c that are newer than `number`. */
void arena_free_locals(Context *c, uint64_t number);

/* Gives back the memory of the idle arenas of c. */
void arena_free_idle(Context *c);

/* Gives back the large blocks that c keeps. */
void memory_free_spare(Context *c);

/* Gives back the small ones. */
void memory_free_kept(Context *c);

/* Bytes that MLC_MEMORY allows; SIZE_MAX if it is not set. */
size_t memory_budget(void);

/* Makes GMP take its memory from here (once a process is enough). */
void memory_for_gmp(void);

#endif
