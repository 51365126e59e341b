/*
 * builtin_animate.c - pictures one after the other
 */
#include <math.h>

#include "eval/builtin.h"
#include "eval/plotting.h"
#include "value/matrix.h"

enum { MOST_FRAMES = 1000, PATH_FRAMES = 60 };

static void add_frame(Figure *all, Value v)
{
    const Figure *f = picture_figure(v);
    if (!f || f->nframes > 0)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "animate(k -> plot(sin(k*x), x, 0, 1), 1:10)",
                         "each frame is a figure, not %s",
                         f ? "an animation" : value_kind_phrase(v));
    if (all->nframes == MOST_FRAMES)
        error_raise(SPAN_NONE, ERR_LIMIT, "more than %d frames", MOST_FRAMES);
    figure_join(figure_add_frame(all), f);
}

/* A frame for each value that the function is called with. */
static void call_frames(Interp *in, Figure *all, Value f, Value values)
{
    bool list = values.kind == VAL_LIST;
    if (!list && values.kind != VAL_ARRAY)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "the values of the frames are a column or a list, not %s",
                    value_kind_phrase(values));
    size_t n = list ? values.list->count : array_count(values.array);
    for (size_t i = 0; i < n; i++) {
        Value at = list ? values.list->at[i] : array_get(values.array, i);
        PoolMark mark = pool_mark();
        POLL();
        add_frame(all, call_values(in, f, 1, &at));
        pool_drain(mark);
    }
}

/* The paths of a figure grow from their first point to their last. */
static void grow_paths(Figure *all, const Figure *f)
{
    size_t longest = 0;
    for (size_t i = 0; i < f->count; i++)
        if (f->layer[i].kind == LAYER_PATH && f->layer[i].n > longest)
            longest = f->layer[i].n;
    if (longest == 0)
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                         "animate(contour(f, -2, 2; path = P))",
                         "there is no path in this figure that could grow");
    size_t frames = longest < PATH_FRAMES ? longest : PATH_FRAMES;
    for (size_t k = 1; k <= frames; k++) {
        Figure *frame = figure_add_frame(all);
        figure_join(frame, f);
        for (size_t i = 0; i < frame->count; i++) {
            Layer *l = &frame->layer[i];
            size_t n = longest * k / frames;
            if (l->kind == LAYER_PATH && l->n > n)
                l->n = n;
        }
    }
}

Value builtin_animate(Interp *in, const Args *a)
{
    Figure *all = figure_new();
    Value v = a->at[0];
    const Figure *f = picture_figure(v);
    if (a->count == 2)
        call_frames(in, all, v, a->at[1]);
    else if (f && f->nframes == 0)
        grow_paths(all, f);
    else if (v.kind == VAL_LIST)
        for (size_t i = 0; i < v.list->count; i++)
            add_frame(all, v.list->at[i]);
    else
        add_frame(all, v);
    if (all->nframes == 0)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "an animation has a frame at least");
    figure_settle_frames(all);
    return picture_give(in, a, all);
}
