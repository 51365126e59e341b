/*
 * pool.c - threads that do the parts of one job
 *
 * A worker that wakes late finds the job closed and goes back to sleep; the
 * caller never waits for one that has not begun.  It is safe to read the job
 * between entering (`inside` grows) and leaving if it was open after the
 * entry: the caller closes it first and then waits until nobody is inside.
 */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/context.h"
#include "base/mem.h"

/* Turns of waiting awake: about 50 microseconds. */
#define PATIENCE 2000

#define WORKER_STACK ((size_t)2 << 20)

typedef struct Start {
    Pool *pool;
    unsigned number;
} Start;

struct Pool {
    unsigned size; /* with the caller */
    Start start[POOL_MOST];
    pthread_t thread[POOL_MOST];
    PoolPart *run;
    void *job;
    size_t parts;
    atomic_size_t next;
    atomic_bool open, stop, ends;
    atomic_uint inside;
    atomic_uint turn;     /* grows with every job */
    atomic_size_t failed; /* the first part with a code */
    int code;             /* and the code; behind the lock */
    atomic_uint sleepers;
    atomic_bool waiting; /* the caller sleeps */
    pthread_mutex_t lock;
    pthread_cond_t work, done;
};

/* The pool whose job this thread is working on. */
static _Thread_local Pool *inside_of;

int pool_wish(void)
{
    const char *text = getenv("MLC_THREADS");
    if (!text || !*text)
        return 0;
    char *end;
    long n = strtol(text, &end, 10);
    if (*end || *text < '0' || *text > '9' || n < 1 || n > 1000000)
        return -1;
    return n < POOL_MOST ? (int)n : POOL_MOST;
}

static unsigned processors(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        int n = CPU_COUNT(&set);
        return n < 1 ? 1 : n < POOL_MOST ? (unsigned)n : POOL_MOST;
    }
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n < POOL_MOST ? (unsigned)n : POOL_MOST;
}

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

/* ---- the work ---- */

static void note_code(Pool *p, size_t part, int code)
{
    pthread_mutex_lock(&p->lock);
    if (part < p->failed) {
        p->failed = part;
        p->code = code;
    }
    pthread_mutex_unlock(&p->lock);
}

static void take_parts(Pool *p, unsigned worker)
{
    for (;;) {
        size_t part = p->next++;
        if (part >= p->parts || p->stop)
            return;
        int code = p->run(p->job, part, worker);
        if (code)
            note_code(p, part, code);
        if (worker == 0)
            POLL();
    }
}

/* ---- workers ---- */

static void sleep_until_work(Pool *p, unsigned seen)
{
    for (int k = 0; k < PATIENCE; k++) {
        if (p->turn != seen || p->ends)
            return;
        relax();
    }
    pthread_mutex_lock(&p->lock);
    p->sleepers++;
    while (p->turn == seen && !p->ends)
        pthread_cond_wait(&p->work, &p->lock);
    p->sleepers--;
    pthread_mutex_unlock(&p->lock);
}

static void leave(Pool *p)
{
    if (--p->inside > 0 || !p->waiting)
        return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_signal(&p->done);
    pthread_mutex_unlock(&p->lock);
}

static void *work(void *data)
{
    const Start *start = data;
    Pool *p = start->pool;
    unsigned number = start->number, seen = 0;
    inside_of = p;
    while (!p->ends) {
        sleep_until_work(p, seen);
        seen = p->turn;
        p->inside++;
        if (p->open)
            take_parts(p, number);
        leave(p);
    }
    return NULL;
}

/* ---- the caller ---- */

/* Signals are for the thread of the interpreter. */
static void start_workers(Pool *p, unsigned wanted)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WORKER_STACK);
    for (p->size = 1; p->size < wanted; p->size++) {
        p->start[p->size] = (Start){p, p->size};
        if (pthread_create(&p->thread[p->size], &attributes, work,
                           &p->start[p->size]))
            break;
    }
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static Pool *new_pool(unsigned size)
{
    Pool *p = mem_zero(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->done, NULL);
    start_workers(p, size);
    return p;
}

void pool_free(Pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->ends = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned k = 1; k < p->size; k++)
        pthread_join(p->thread[k], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->done);
    mem_free(p);
}

/* The pool of this thread, made at need; NULL: it works alone. */
static Pool *own_pool(void)
{
    Context *c = context_of_thread;
    if (!c || inside_of)
        return NULL;
    if (c->threads == 0) {
        int wish = pool_wish();
        if (wish < 0)
            error_raise_help(SPAN_NONE, ERR_LIMIT, NULL,
                             "MLC_THREADS=1 is one thread, without it there "
                             "are as many as processors",
                             "MLC_THREADS=%s is no number of threads",
                             getenv("MLC_THREADS"));
        c->threads = wish ? (unsigned)wish : processors();
    }
    if (!c->pool && c->threads > 1) {
        c->pool = new_pool(c->threads);
        c->threads = c->pool->size;
    }
    return c->pool;
}

unsigned pool_size(void)
{
    Pool *p = own_pool();
    return p ? p->size : 1;
}

bool pool_stops(void)
{
    return inside_of && (inside_of->stop || interrupt_flag);
}

static void open_job(Pool *p, PoolPart *run, void *job, size_t parts)
{
    p->run = run;
    p->job = job;
    p->parts = parts;
    p->next = 0;
    p->failed = SIZE_MAX;
    p->code = 0;
    p->stop = false;
    p->open = true;
    p->turn++;
    if (p->sleepers == 0)
        return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
}

static void close_job(Pool *p)
{
    p->open = false;
    for (int k = 0; k < PATIENCE && p->inside > 0; k++)
        relax();
    if (p->inside > 0) {
        pthread_mutex_lock(&p->lock);
        p->waiting = true;
        while (p->inside > 0)
            pthread_cond_wait(&p->done, &p->lock);
        p->waiting = false;
        pthread_mutex_unlock(&p->lock);
    }
    inside_of = NULL;
}

static int run_alone(PoolPart *run, void *job, size_t parts)
{
    int first = 0;
    for (size_t k = 0; k < parts; k++) {
        int code = run(job, k, 0);
        first = first ? first : code;
        POLL();
    }
    return first;
}

int pool_run(PoolPart *run, void *job, size_t parts)
{
    Pool *p = parts > 1 ? own_pool() : NULL;
    if (!p || p->size == 1)
        return run_alone(run, job, parts);
    Protect protect;
    open_job(p, run, job, parts);
    inside_of = p;
    if (PROTECT(&protect)) {
        take_parts(p, 0);
        protect_end(&protect);
        close_job(p);
    } else {
        p->stop = true;
        close_job(p);
        error_again();
    }
    POLL();
    return p->code;
}
