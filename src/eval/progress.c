/*
 * progress.c - one line on the terminal
 */
#include "eval/progress.h"

#include <math.h>
#include <time.h>
#include <unistd.h>

#include "eval/builtin.h"

static const double first_after = 0.3, again_after = 0.1;

double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double progress_begin(Interp *in)
{
    double before = in->progress.begun;
    if (before == 0) {
        double now = isatty(fileno(in->err)) ? seconds_now() : HUGE_VAL;
        in->progress = (Progress){now, now, false};
    }
    return before;
}

bool progress_end(Interp *in, double begun)
{
    bool shown = in->progress.shown;
    if (begun != 0)
        return false;
    if (shown) {
        fputs("\r\033[K", in->err);
        fflush(in->err);
    }
    in->progress = (Progress){0, 0, false};
    return shown;
}

static void add_time(Str *s, double seconds)
{
    if (seconds < 100)
        str_add_format(s, "%.1f s", seconds);
    else
        str_add_format(s, "%d min %d s", (int)seconds / 60, (int)seconds % 60);
}

static void show(Interp *in, const Args *a, double now)
{
    Progress *p = &in->progress;
    Str s = str_in(in->scratch);
    double k = value_to_double(a->at[0]), of = 0;
    for (int i = 0; i < a->nnamed; i++)
        of = value_to_double(a->named[i].value);
    str_add_format(&s, "fit: iteration %.0f", k);
    if (of > 0)
        str_add_format(&s, " of %.0f", of);
    str_add_format(&s, ", loss %.6g", value_to_double(a->at[1]));
    if (a->count > 2)
        str_add_format(&s, ", gradient norm %.2g", value_to_double(a->at[2]));
    str_add(&s, ", ");
    add_time(&s, now - p->begun);
    if (of > k && k > 0) {
        str_add(&s, ", left ");
        add_time(&s, (now - p->begun) * (of - k) / k);
    }
    fprintf(in->err, "\r%s\033[K", str_text(&s));
    fflush(in->err);
    p->last = now;
    p->shown = true;
}

Value builtin_progress(Interp *in, const Args *a)
{
    const Progress *p = &in->progress;
    for (int i = 0; i < a->count; i++)
        arg_double(a, i, "the iteration, the loss or the gradient norm");
    for (int i = 0; i < a->nnamed; i++)
        if (!value_is_number(a->named[i].value))
            error_raise(a->named[i].at, ERR_TYPE,
                        "`of` is the number of iterations");
    if (p->begun == 0 || p->begun == HUGE_VAL)
        return VALUE_NONE;
    double now = seconds_now();
    if (now - p->begun >= first_after &&
        (!p->shown || now - p->last >= again_after))
        show(in, a, now);
    return VALUE_NONE;
}
