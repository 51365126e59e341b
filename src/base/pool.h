/*
 * pool.h - threads that do the parts of one job
 *
 * A job is cut into parts that do not depend on each other.  The caller works
 * on them beside the workers of its Context, each taking the next part that
 * is left; pool_run returns when all are done.  How a job is cut must not
 * depend on the number of threads, and what the parts make is joined in their
 * order: then neither do the digits.
 *
 * Workers have no Context: a part must neither allocate nor raise on them
 * (POLL does nothing there).  It returns 0 or a code, and the first code by
 * the order of parts is what pool_run returns.  On the caller a part may
 * raise: pool_run then waits for the workers and raises again.  An interrupt
 * is raised by pool_run; a long part asks pool_stops() on the way.
 *
 * The environment variable MLC_THREADS says how many threads there are, the
 * caller among them; without it there are as many as processors.  The threads
 * are started by the first job and end with the Context.  Those without work
 * wait awake for some microseconds, then asleep.
 */
#ifndef MLC_BASE_POOL_H
#define MLC_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Pool Pool;

#define POOL_MOST 256 /* threads */

/* `worker` is less than pool_size(), and that of the caller 0. */
typedef int PoolPart(void *job, size_t part, unsigned worker);

/*
 * Threads that a job started here would have: 1 on a thread without Context
 * and inside of another job.  Raises ERR_LIMIT if MLC_THREADS is no number.
 */
unsigned pool_size(void);

int pool_run(PoolPart *run, void *job, size_t parts);

/* Should a part end before it is done?  Nobody will look at what it made. */
bool pool_stops(void);

/* What MLC_THREADS says: 0 if it is not set, -1 if it is no number. */
int pool_wish(void);

void pool_free(Pool *p); /* NULL is allowed */

#endif
