#include "eval/plotting.h"

#include <math.h>
#include <string.h>

#include "eval/calculus.h"
#include "eval/fit.h"
#include "syntax/diag.h"

void plotting_begin(Plotting *p, Interp *in, const Args *a, const char *name)
{
    memset(p, 0, sizeof *p);
    p->in = in;
    p->args = a;
    p->name = name;
    p->f = figure_new();
    picture_options(a, p->f);
}

int plotting_range(Plotting *p)
{
    const Args *a = p->args;
    double x;
    int n = a->count;
    if (n < 3 || !is_constant_number(p->in, a->at[n - 1], &x) ||
        !is_constant_number(p->in, a->at[n - 2], &x))
        return n;
    p->ranged = true;
    p->from = picture_end(p->in, a, n - 2);
    p->to = picture_end(p->in, a, n - 1);
    if (!(p->from < p->to))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "the range goes from the smaller to the larger number, and "
                    "here from %g to %g",
                    p->from, p->to);
    return n - 2;
}

void plotting_curve(Plotting *p, Value v, int argument)
{
    if (p->ncurves == MOST_CURVES)
        error_raise(SPAN_NONE, ERR_LIMIT, "more than %d curves", MOST_CURVES);
    p->argument[p->ncurves] = argument;
    p->curve[p->ncurves++] = v;
}

/* That of the axis if it was set, or of the data. */
static void find_range(Plotting *p)
{
    Axis x, y;
    Figure *f = p->f;
    if (p->ranged)
        return;
    p->from = f->x.log ? 0.1 : -5;
    p->to = f->x.log ? 10 : 5;
    if (f->count > 0 && figure_view(f, &x, &y)) {
        p->from = f->x.low = x.low;
        p->to = f->x.high = x.high;
    } else {
        p->from = isnan(f->x.low) ? p->from : f->x.low;
        p->to = isnan(f->x.high) ? p->to : f->x.high;
    }
}

static void add_curve(Plotting *p, Value v, int argument)
{
    Sampler s;
    Curve c;
    Figure *f = p->f;
    const char *typed =
        argument < 0 ? NULL : picture_argument(p->args, f, argument);
    sampler_begin(&s, p->in, v, 1, 1);
    sample_curve(&s, f->arena, p->from, p->to, f->x.log, &c);
    Layer *l = figure_add(f, LAYER_LINE, c.n, c.x, c.y);
    l->low = c.low;
    l->high = c.high;
    l->label = picture_label(p->in, f, v, typed);
    if (!l->label && s.rows)
        l->label = "predicted";
    if (!f->x.label && s.variable[0])
        f->x.label = figure_text_copy(f, s.variable[0]);
    sampler_end(&s);
}

void plotting_curves(Plotting *p)
{
    if (p->ncurves == 0)
        return;
    find_range(p);
    if (p->f->x.log && p->from <= 0)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "a logarithmic axis begins above 0, and the range at %g",
                    p->from);
    if (p->ranged && !isnan(p->f->x.low) && p->f->x.low < p->to &&
        p->f->x.high > p->from) {
        p->from = fmax(p->from, p->f->x.low);
        p->to = fmin(p->to, p->f->x.high);
    }
    if (p->ranged && isnan(p->f->x.low)) {
        p->f->x.low = p->from;
        p->f->x.high = p->to;
    }
    for (int i = 0; i < p->ncurves; i++)
        add_curve(p, p->curve[i], p->argument[i]);
}

/* ---- forms that bind variables ---- */

static uint32_t positional(const Ast *call, const Ast *t[], uint32_t most)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < ast_args(call); i++)
        if (ast_arg(call, i)->kind != AST_NAMED && n++ < most)
            t[n - 1] = ast_arg(call, i);
    return n;
}

/* A formula with the order of its variables, which are bound; anything else as
 * it is. */
static Value bind_formula(Interp *in, const Ast *t, Vars *v)
{
    Value e = vars_eval(in, t, v);
    if (e.kind != VAL_EXPR && !value_is_number(e))
        return e;
    Node n = vars_node(in, t, e, v);
    Value y = list_new(3);
    y.list->head.kind = VAL_SEVERAL;
    list_push(y, value_expr(n));
    for (int i = 0; i < v->count; i++)
        list_push(y, value_expr(vars_symbol(in, v, i, n)));
    return value_object(y.list);
}

/* Calls the function with these values, and with the options of the call. */
static void call_form(Interp *in, const Ast *call, int n, const Value at[],
                      Value *y)
{
    NamedValue *named =
        ARENA_ARRAY(in->scratch, NamedValue, ast_args(call) + 1);
    Args a = {.count = n, .at = at, .named = named};
    for (uint32_t i = 0; i < ast_args(call); i++) {
        const Ast *t = ast_arg(call, i);
        if (t->kind == AST_NAMED)
            named[a.nnamed++] =
                (NamedValue){t->name, eval(in, t->kids[0]), t->at};
    }
    *context_here() = call->at;
    *y = call_function(in, eval(in, call->kids[0]), &a);
}

bool special_plot(Interp *in, const Ast *call, Value *y)
{
    enum { MOST = 40 };
    const Ast *t[MOST];
    double x;
    uint32_t n = positional(call, t, MOST);
    if (n < 4 || n > MOST || t[n - 3]->kind != AST_NAME)
        return false;
    Value low = eval(in, t[n - 2]), high = eval(in, t[n - 1]), f;
    if (!is_constant_number(in, low, &x) || !is_constant_number(in, high, &x))
        return false;
    if (lookup_name(in, t[n - 3]->name, &f) && can_sample(f) &&
        f.kind == VAL_FUNCTION)
        return false; /* plot(f, g, 0, 1) */
    Vars v = {0};
    vars_add(in, &v, t[n - 3]);
    Value at[MOST];
    int count = 0;
    for (uint32_t i = 0; i + 3 < n; i++)
        at[count++] = bind_formula(in, t[i], &v);
    at[count++] = low;
    at[count++] = high;
    call_form(in, call, count, at, y);
    return true;
}

bool special_plane(Interp *in, const Ast *call, Value *y)
{
    const Ast *t[8];
    if (positional(call, t, 8) != 7 || t[1]->kind != AST_NAME ||
        t[4]->kind != AST_NAME)
        return false;
    Vars v = {0};
    vars_add(in, &v, t[1]);
    vars_add(in, &v, t[4]);
    Value at[] = {bind_formula(in, t[0], &v), eval(in, t[2]), eval(in, t[3]),
                  eval(in, t[5]), eval(in, t[6])};
    call_form(in, call, 5, at, y);
    return true;
}
