#ifdef __linux__
#define _DEFAULT_SOURCE /* madvise */
#endif
#include "base/mem.h"

#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/context.h"

/*
 * Every block is preceded by a Head.  The block begins `offset` bytes after
 * what malloc returned: 16, or up to 79 for a block on a cache line.
 */
typedef struct Head {
    uint64_t size : 56;
    uint64_t offset : 8;
    Context *owner; /* who counts it; NULL: nobody */
} Head;

#define LINE 64
#define LARGE ((size_t)1 << 20)
#define SIZE_LIMIT ((size_t)1 << 48)

/* What a Context keeps of its freed large blocks: not more than this. */
#define SPARE_MOST ((size_t)64 << 20)

_Static_assert(sizeof(Head) == 16, "blocks would lose their alignment");

#ifdef MLC_OOM_BUILD
/* True when MLC_OOM says that this allocation is the one to fail. */
static bool is_unlucky(void)
{
    static unsigned long made, unlucky;
    static bool all, known;
    if (!known) {
        const char *k = getenv("MLC_OOM");
        unlucky = k ? strtoul(k, NULL, 10) : 0;
        const char *text = getenv("MLC_OOM_ALL");
        all = text && *text;
        known = true;
    }
    made++;
    if (unlucky && made == unlucky) /* tests/tools/oom.sh looks for it */
        fprintf(stderr, "mlc: allocation %lu fails\n", made);
    return unlucky && (made == unlucky || (all && made > unlucky));
}
#else
static bool is_unlucky(void)
{
    return false;
}
#endif

/*
 * Large blocks are filled from one end to the other; in pages of 2 MB that
 * takes the kernel a fraction of the time.  Where it has none nothing happens.
 */
static void ask_large_pages(char *raw, size_t size)
{
#ifdef MADV_HUGEPAGE
    enum { PAGE = 4096 };
    size_t skip = (PAGE - (uintptr_t)raw % PAGE) % PAGE;
    if (size >= LARGE)
        (void)madvise(raw + skip, (size - skip) / PAGE * PAGE, MADV_HUGEPAGE);
#else
    (void)raw, (void)size;
#endif
}

static Head *head_of(void *block)
{
    return (Head *)block - 1;
}

static bool is_over_budget(const Context *c, size_t more)
{
    return c && (more > c->budget || c->used > c->budget - more);
}

static void uncount(const Head *h)
{
    Context *c = context_of_thread;
    if (h->owner && h->owner == c)
        c->used -= h->size < c->used ? h->size : c->used;
}

/* ---- freed large blocks ---- */

void memory_free_spare(Context *c)
{
    for (int i = 0; i < SPARE_COUNT; i++)
        free(c->spare[i].raw);
    memset(c->spare, 0, sizeof c->spare);
}

/* Tools that watch over freed memory are to see it freed. */
#if defined MLC_OOM_BUILD || defined __SANITIZE_ADDRESS__
static bool keep_spare(char *raw, size_t room)
{
    (void)raw, (void)room;
    return false;
}
#else
/*
 * Keeps a block instead of freeing it: a loop that makes a large array in
 * each turn would otherwise wait for the kernel to clear its pages each time.
 * The oldest make room for it.
 */
static bool keep_spare(char *raw, size_t room)
{
    Context *c = context_of_thread;
    size_t kept = room;
    int i = 0;
    if (room > SPARE_MOST)
        return false;
    for (; i < SPARE_COUNT - 1 && c->spare[i].raw; i++) {
        kept += c->spare[i].room;
        if (kept > SPARE_MOST)
            break;
    }
    for (int k = i; k < SPARE_COUNT; k++)
        free(c->spare[k].raw);
    memset(c->spare + i, 0, (size_t)(SPARE_COUNT - i) * sizeof *c->spare);
    memmove(c->spare + 1, c->spare, (size_t)i * sizeof *c->spare);
    c->spare[0] = (Spare){raw, room};
    return true;
}
#endif

/* ---- freed small blocks ---- */

/*
 * Values are born and dropped with every operation, so a Context keeps some
 * small blocks of each size.  Sizes go by 16 bytes up to 512, then by 128.
 */
#define SMALL 8192

static size_t class_of(size_t size)
{
    return size <= 512 ? (size + 15) / 16 : 32 + (size - 512 + 127) / 128;
}

/* The size with which a block is asked for. */
static size_t room_for(size_t size)
{
    size_t k = class_of(size);
    return size > SMALL ? size : k <= 32 ? 16 * k : 512 + 128 * (k - 32);
}

void memory_free_kept(Context *c)
{
    for (size_t k = 0; k < KEPT_CLASSES; k++) {
        for (void *raw; (raw = c->kept[k].first) != NULL;) {
            c->kept[k].first = *(void **)raw;
            free(raw);
        }
        c->kept[k].count = 0;
    }
}

#if defined MLC_OOM_BUILD || defined __SANITIZE_ADDRESS__
static bool keep_small(Head *h)
{
    (void)h;
    return false;
}
#else
static bool keep_small(Head *h)
{
    Context *c = context_of_thread;
    size_t k = class_of(h->size);
    if (!c || h->owner != c || h->size > SMALL || h->offset != sizeof *h ||
        c->kept[k].count >= (h->size <= SMALL / 2 ? 64 : 16))
        return false;
    *(void **)(void *)h = c->kept[k].first;
    c->kept[k].first = h;
    c->kept[k].count++;
    return true;
}
#endif

/* A small block of this size with its Head, or NULL. */
static char *take_small(size_t size, size_t align)
{
    Context *c = context_of_thread;
    if (!c || size > SMALL || align > 16)
        return NULL;
    KeptBlocks *kept = &c->kept[class_of(size)];
    char *raw = kept->first;
    if (raw) {
        kept->first = *(void **)(void *)raw;
        kept->count--;
    }
    return raw;
}

/* ---- birth ---- */

/* Bytes before the block in raw memory. */
static size_t offset_in(const char *raw, size_t align)
{
    size_t at = (uintptr_t)raw + sizeof(Head);
    return sizeof(Head) + (align - at % align) % align;
}

/* The newest one with this much room, and not with twice as much; or NULL. */
static char *take_spare(size_t size, size_t align)
{
    Context *c = context_of_thread;
    for (int i = 0; c && size >= LARGE && i < SPARE_COUNT; i++) {
        Spare s = c->spare[i];
        if (!s.raw || s.room / 2 > size ||
            s.room < offset_in(s.raw, align) + size)
            continue;
        memmove(c->spare + i, c->spare + i + 1,
                (size_t)(SPARE_COUNT - 1 - i) * sizeof *c->spare);
        c->spare[SPARE_COUNT - 1] = (Spare){NULL, 0};
        return s.raw;
    }
    return NULL;
}

/* New memory; spare blocks are given up where it would be too much. */
static char *obtain_raw(size_t size, bool zero)
{
    Context *c = context_of_thread;
    if (c && c->spare[0].raw && is_over_budget(c, size + SPARE_MOST))
        memory_free_spare(c);
    char *raw = zero ? calloc(1, size) : malloc(size);
    if (!raw && c && c->spare[0].raw) {
        memory_free_spare(c);
        raw = zero ? calloc(1, size) : malloc(size);
    }
    if (raw)
        ask_large_pages(raw, size);
    return raw;
}

/* A counted block, or NULL; the budget has been looked at. */
static void *obtain(size_t size, size_t align, bool zero)
{
    if (size > SIZE_LIMIT || is_unlucky())
        return NULL;
    char *raw =
        size <= SMALL ? take_small(size, align) : take_spare(size, align);
    if (raw && zero)
        memset(raw + offset_in(raw, align), 0, size);
    if (!raw)
        raw = obtain_raw(room_for(size) + sizeof(Head) + align - 16, zero);
    if (!raw)
        return NULL;
    size_t offset = offset_in(raw, align);
    Context *c = context_of_thread;
    Head *h = head_of(raw + offset);
    h->size = size & (SIZE_LIMIT * 2 - 1);
    h->offset = offset & 0xff;
    h->owner = c;
    if (c)
        c->used += size;
    return raw + offset;
}

static void *obtain_in_budget(size_t size, size_t align, bool zero)
{
    if (is_over_budget(context_of_thread, size))
        return NULL;
    return obtain(size, align, zero);
}

static size_t product(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        memory_raise(SIZE_MAX);
    return bytes;
}

void *mem_alloc(size_t size)
{
    void *block = obtain_in_budget(size, 16, false);
    if (!block)
        memory_raise(size);
    return block;
}

void *mem_zero(size_t count, size_t size)
{
    size_t bytes = product(count, size);
    void *block = obtain_in_budget(bytes, 16, true);
    if (!block)
        memory_raise(bytes);
    return block;
}

void *mem_try(size_t size)
{
    return obtain_in_budget(size, 16, false);
}

void *mem_alloc_aligned(size_t count, size_t size)
{
    size_t bytes = product(count, size);
    void *block = obtain_in_budget(bytes, LINE, false);
    if (!block)
        memory_raise(bytes);
    return block;
}

void *mem_zero_aligned(size_t count, size_t size)
{
    size_t bytes = product(count, size);
    void *block = obtain_in_budget(bytes, LINE, true);
    if (!block)
        memory_raise(bytes);
    return block;
}

void *mem_try_aligned(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return obtain_in_budget(bytes, LINE, false);
}

/* A block of the other size with the same content, or NULL. */
static void *resize(void *block, size_t size)
{
    Head old = *head_of(block);
    Context *c = context_of_thread;
    bool on_line = old.offset != sizeof(Head);
    if (on_line || (size <= SMALL && old.size <= SMALL)) {
        void *copy = obtain(size, on_line ? LINE : 16, false);
        if (copy) {
            memcpy(copy, block, size < old.size ? size : old.size);
            mem_free(block);
        }
        return copy;
    }
    if (size > SIZE_LIMIT || is_unlucky())
        return NULL;
    Head *h = realloc(head_of(block), room_for(size) + sizeof(Head));
    if (!h)
        return NULL;
    ask_large_pages((char *)h, size + sizeof(Head));
    uncount(&old);
    h->size = size & (SIZE_LIMIT * 2 - 1);
    h->owner = c;
    if (c)
        c->used += size;
    return h + 1;
}

void *mem_resize(void *block, size_t size)
{
    if (!block)
        return mem_alloc(size);
    size_t had = head_of(block)->size;
    void *y = NULL;
    if (size <= had || !is_over_budget(context_of_thread, size - had))
        y = resize(block, size);
    if (!y)
        memory_raise(size);
    return y;
}

void mem_free(void *block)
{
    if (!block)
        return;
    Head *h = head_of(block);
    uncount(h);
    if (keep_small(h))
        return;
    char *raw = (char *)block - h->offset;
    if (h->size < LARGE || !h->owner || h->owner != context_of_thread ||
        !keep_spare(raw, h->size + h->offset))
        free(raw);
}

size_t mem_used(void)
{
    return context_of_thread ? context_of_thread->used : 0;
}

size_t mem_limit(void)
{
    size_t limit = SIZE_MAX;
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    if (pages > 0 && size > 0)
        limit = (size_t)pages * (size_t)size;
    struct rlimit r;
    if (getrlimit(RLIMIT_AS, &r) == 0 && r.rlim_cur < limit)
        limit = r.rlim_cur;
    Context *c = context_of_thread;
    return c && c->budget < limit ? c->budget : limit;
}

size_t memory_budget(void)
{
    const char *text = getenv("MLC_MEMORY");
    if (!text || !*text)
        return SIZE_MAX;
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    int shift = *end == 'k' || *end == 'K'   ? 10
                : *end == 'm' || *end == 'M' ? 20
                : *end == 'g' || *end == 'G' ? 30
                                             : 0;
    end += shift > 0;
    if (*end || *text < '0' || *text > '9' || n == 0 ||
        n > SIZE_LIMIT >> shift) {
        fprintf(stderr, "mlc: MLC_MEMORY=%s is no size (as 512M); ignored\n",
                text);
        return SIZE_MAX;
    }
    return (size_t)(n << shift);
}

/*
 * GMP cannot be jumped out of.  Its blocks are small (numbers end at 2^22
 * bits), so the budget counts them but does not refuse them.
 */
static _Noreturn void gmp_gives_up(void)
{
    fputs("mlc: out of memory in exact arithmetic\n", stderr);
    exit(1);
}

static void *gmp_obtain(size_t size)
{
    void *block = obtain(size, 16, false);
    if (!block)
        gmp_gives_up();
    return block;
}

static void *gmp_resize(void *block, size_t old, size_t size)
{
    (void)old;
    void *y = resize(block, size);
    if (!y)
        gmp_gives_up();
    return y;
}

static void gmp_release(void *block, size_t size)
{
    (void)size;
    mem_free(block);
}

void memory_for_gmp(void)
{
    mp_set_memory_functions(gmp_obtain, gmp_resize, gmp_release);
}
