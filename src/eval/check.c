/*
 * check.c - a gradient against central differences, and against another one
 *
 * check(grad(L, w)) compares a derived function with differences of the
 * function it comes from; check(g, f) a gradient that was written by hand with
 * the exact gradient of f and with differences of f.  Points are random:
 * standard normal entries, their magnitudes where the function is not defined
 * for the former; named dimensions are small and differ.
 */
#include <math.h>
#include <string.h>

#include "eval/builtin.h"
#include "eval/check.h"
#include "eval/derive.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "num/rng.h"
#include "value/shape.h"

#define MOST_PARAMS 64
#define MOST_ORDER 8

typedef struct CheckRun {
    Interp *in;
    Value f;     /* the function */
    Value g;     /* its gradient as claimed */
    Value exact; /* NONE, or the exact gradient */
    DeriveKind kind;
    int nparams, nvars;
    Name name[MOST_PARAMS];   /* of the parameters */
    Shape shape[MOST_PARAMS]; /* as declared */
    int var[MOST_PARAMS];
    CheckPart part[MOST_PARAMS];       /* one a variable */
    bool same[MOST_ORDER][MOST_ORDER]; /* entry i is the derivative by j */
    Rng rng;
} CheckRun;

/* Named dimensions take 3, 4, 5, ... in order of their first use. */
static int dim_size(Dim d, Dim seen[], int *n)
{
    if (d >= 0)
        return d;
    int i = 0;
    while (i < *n && seen[i] != d)
        i++;
    if (i == *n)
        seen[(*n)++] = d;
    return CHECK_LEAST + i % 6;
}

static Value random_array(CheckRun *c, int rows, int cols, bool positive)
{
    Value v = array_new(ELEM_FLOAT, rows, cols);
    for (size_t i = 0; i < array_count(v.array); i++) {
        double x = rng_normal(&c->rng);
        v.array->f[i] = positive ? fabs(x) + 0.1 : x;
    }
    return array_value(v);
}

static void random_arguments(CheckRun *c, Value args[], bool positive)
{
    int total, nseen = 0, k = 0;
    Dim seen[2 * MOST_PARAMS];
    const Decl *d = function_params(c->f.function, &total);
    for (int i = 0; i < c->nparams; i++) {
        while (k < total && d[k].option)
            k++;
        bool bounded = k < total && d[k].lower;
        args[i] = random_array(c, dim_size(c->shape[i].rows, seen, &nseen),
                               dim_size(c->shape[i].cols, seen, &nseen),
                               positive || bounded);
        k++;
    }
}

static double call_number(CheckRun *c, const Value args[])
{
    Value y = call_values(c->in, c->f, c->nparams, args);
    double x;
    if (value_is_number(y))
        return value_to_double(y);
    if (y.kind == VAL_EXPR &&
        node_constant_value(c->in->graph, y.expr->node, &x))
        return x;
    error_raise(SPAN_NONE, ERR_TYPE,
                "check needs a function that gives a "
                "number, and this gives %s",
                value_kind_phrase(y));
}

/* Central difference of order 4 by entry k of argument v, in steps of h. */
static double difference(CheckRun *c, Value args[], int v, size_t k, double h)
{
    Value old = args[v];
    double f[4], x = array_to_float(old)->f[k];
    h *= fmax(1, fabs(x));
    static const double at[] = {-2, -1, 1, 2};
    for (int i = 0; i < 4; i++) {
        Value moved = array_copy(array_to_float(old));
        moved.array->f[k] = x + at[i] * h;
        args[v] = array_value(moved);
        f[i] = call_number(c, args);
    }
    args[v] = old;
    return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h);
}

/*
 * The slope that `have` is compared with.  Near a root of a root the first
 * step is long beside the distance to it: a shorter one has the next word.
 */
static double slope_of(CheckRun *c, Value args[], int v, size_t k, double have)
{
    double y = difference(c, args, v, k, 1e-3);
    if (fabs(have - y) <= 1e-7 * fmax(1, fabs(y)))
        return y;
    return difference(c, args, v, k, 6e-5);
}

static double entry_of(Value g, size_t k)
{
    return value_is_number(g) ? value_to_double(g) : array_to_float(g)->f[k];
}

/* ---- comparing ---- */

static Value point_record(const CheckRun *c, const Value args[])
{
    Value where = record_new((size_t)c->nparams);
    for (int i = 0; i < c->nparams; i++)
        record_set(where, c->name[i], args[i]);
    return where;
}

/* The part of variable i: a field, an entry of a column, or all. */
static Value gradient_part(const CheckRun *c, Value g, int i, bool *whole)
{
    *whole = true;
    if (g.kind == VAL_RECORD) {
        const Value *v = record_find(g, c->name[c->var[i]]);
        if (!v)
            error_raise(SPAN_NONE, ERR_CHECK, "the gradient has no part `%s`",
                        c->name[c->var[i]]);
        return *v;
    }
    *whole = c->nvars == 1;
    return g;
}

static void check_shape(CheckPart *p, Value g, Value argument)
{
    Shape s = value_shape(g), q = value_shape(argument);
    p->rows = q.rows;
    p->flipped = s.rows == q.cols && s.cols == q.rows && s.rows != s.cols;
    if (!p->flipped && (s.rows != q.rows || s.cols != q.cols))
        error_raise(SPAN_NONE, ERR_CHECK,
                    "the gradient by `%s` is %s, and `%s` is %s", p->name,
                    shape_text(s), p->name, shape_text(q));
}

/* One variable at one point: g is claimed, e exact or NONE. */
static void compare_part(CheckRun *c, Value g, Value e, Value args[], int i)
{
    bool whole, dummy;
    CheckPart *p = &c->part[i];
    Value part = gradient_part(c, g, i, &whole), x = args[c->var[i]];
    if (whole)
        check_shape(p, part, x);
    Shape s = value_shape(x);
    size_t rows = (size_t)s.rows, cols = (size_t)s.cols;
    for (size_t k = 0; k < rows * cols; k++) {
        size_t at = whole ? k : (size_t)i;
        size_t turned = whole ? k % rows * cols + k / rows : at;
        double have = entry_of(part, p->flipped ? turned : at);
        double slope = slope_of(c, args, c->var[i], k, have), want = slope;
        if (e.kind != VAL_NONE)
            want = entry_of(gradient_part(c, e, i, &dummy), at);
        part_ratio_add(p, have, want, e.kind == VAL_NONE ? 1e-6 : 1e-9);
        if (part_compare(p, k, have, want) || part_compare(p, k, have, slope))
            p->where = point_record(c, args);
        if (rows == cols && rows > 1 && whole)
            part_compare_turned(p, entry_of(part, turned), want);
        for (int j = 0; !whole && j < c->nvars && c->nvars <= MOST_ORDER; j++)
            c->same[j][i] =
                c->same[j][i] && fabs(entry_of(part, (size_t)j) - want) <=
                                     1e-6 * fmax(1, fabs(want));
    }
}

static void check_point(CheckRun *c, Value args[])
{
    Value g = call_values(c->in, c->g, c->nparams, args), e = VALUE_NONE;
    if (c->exact.kind != VAL_NONE)
        e = call_values(c->in, c->exact, c->nparams, args);
    for (int i = 0; i < c->nvars; i++)
        compare_part(c, g, e, args, i);
}

/* True if the point lies where the function is defined. */
static bool try_point(CheckRun *c, Value args[])
{
    Checkpoint point = interp_checkpoint(c->in);
    Protect p;
    volatile bool good = false;
    if (PROTECT(&p)) {
        check_point(c, args);
        protect_end(&p);
        good = true;
    } else {
        ErrorCode code = context_error()->code;
        if (code != ERR_DOMAIN && code != ERR_NAN && code != ERR_SINGULAR)
            error_again();
        interp_restore(c->in, &point);
    }
    return good;
}

/* ---- which variables ---- */

static void read_parameters(CheckRun *c, Value derived)
{
    int total, n = 0;
    const Decl *d = function_params(c->f.function, &total);
    c->nparams = derived_shapes(c->in, derived.function, c->shape);
    for (int i = 0; i < total && n < c->nparams; i++)
        if (!d[i].option)
            c->name[n++] = d[i].name;
    Name name[MOST_PARAMS];
    int place[MOST_PARAMS];
    int vars = derived_vars(derived.function, place, name);
    for (int i = 0; n == 0 && i < vars; i++)
        c->name[place[i]] = name[i];
}

static void add_variable(CheckRun *c, int i)
{
    c->part[c->nvars] = part_new(c->name[i], c->shape[i]);
    c->var[c->nvars++] = i;
}

static int find_parameter(const CheckRun *c, Name name)
{
    int i = 0;
    while (i < c->nparams && c->name[i] != name)
        i++;
    if (i == c->nparams)
        error_raise(SPAN_NONE, ERR_CHECK, "the function has no parameter `%s`",
                    name);
    return i;
}

static bool is_shape(Shape s, Shape q)
{
    return s.rows == q.rows && s.cols == q.cols;
}

/* The first parameter of the gradient's shape, or of its transpose's. */
static int find_shape(const CheckRun *c, Value g, const Value args[])
{
    Shape s = value_shape(g);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < c->nparams; i++)
            if (is_shape(value_shape(args[i]), s))
                return i;
        s = (Shape){s.cols, s.rows};
    }
    error_raise_help(SPAN_NONE, ERR_CHECK, NULL,
                     "a gradient has the shape of its variable, or is a record "
                     "{w = ..., b = ...}",
                     "the gradient is %s, which is the shape of no parameter",
                     shape_text((Shape){s.rows, s.cols}));
}

/* What a gradient written by hand is a gradient by: its value tells. */
static void find_variables(CheckRun *c, Value g, const Value args[])
{
    bool numbers = true;
    for (int i = 0; i < c->nparams; i++)
        numbers = numbers && value_is_number(args[i]);
    if (g.kind == VAL_RECORD) {
        for (size_t i = 0; i < g.record->count; i++)
            add_variable(c, find_parameter(c, g.record->name[i]));
    } else if (!value_is_number(g) && g.kind != VAL_ARRAY) {
        error_raise(SPAN_NONE, ERR_CHECK, "a gradient is no %s",
                    value_kind_name(g));
    } else if (numbers && !value_is_number(g) &&
               array_count(array_to_float(g)) == (size_t)c->nparams) {
        for (int i = 0; i < c->nparams; i++)
            add_variable(c, i);
    } else {
        add_variable(c, find_shape(c, g, args));
    }
}

/* The first point at which g has a value shows its form. */
static void choose_by_hand(CheckRun *c, const Value *by)
{
    Rng start = c->rng;
    Value args[MOST_PARAMS];
    if (by) {
        if (by->kind != VAL_STRING)
            error_raise(SPAN_NONE, ERR_ARGUMENT,
                        "by is the name of a parameter, in quotes");
        add_variable(c, find_parameter(c, name_of(by->string->text)));
    } else {
        Checkpoint point = interp_checkpoint(c->in);
        Protect p;
        if (PROTECT(&p)) {
            random_arguments(c, args, false);
            find_variables(c, call_values(c->in, c->g, c->nparams, args), args);
            protect_end(&p);
        } else {
            if (context_error()->code != ERR_DOMAIN &&
                context_error()->code != ERR_NAN)
                error_again();
            interp_restore(c->in, &point);
            random_arguments(c, args, true);
            find_variables(c, call_values(c->in, c->g, c->nparams, args), args);
        }
    }
    Name vars[MOST_PARAMS];
    for (int i = 0; i < c->nvars; i++)
        vars[i] = c->part[i].name;
    c->exact = derive_function(c->in, DERIVE_GRAD, c->f, 1, c->nvars, vars,
                               *context_here());
    c->rng = start;
}

static void choose_variables(CheckRun *c, const Value *by)
{
    Value derived = c->exact.kind != VAL_NONE ? c->exact : c->g;
    read_parameters(c, derived);
    if (c->exact.kind != VAL_NONE) {
        choose_by_hand(c, by);
    } else {
        Name vars[MOST_PARAMS];
        int place[MOST_PARAMS];
        int n = derived_vars(c->g.function, place, vars);
        for (int i = 0; i < n; i++)
            add_variable(c, place[i]);
    }
    for (int i = 0; i < MOST_ORDER; i++)
        for (int j = 0; j < MOST_ORDER; j++)
            c->same[i][j] = true;
}

/* ---- what is wrong ---- */

/* What a gradient of numbers lacks, a factor or a term, in words; or NULL. */
static const char *missing_part(CheckRun *c, int i)
{
    Graph *g = c->in->graph;
    Value args[MOST_PARAMS];
    for (int k = 0; k < c->nparams; k++) {
        if (c->shape[k].rows != 1 || c->shape[k].cols != 1)
            return NULL;
        args[k] =
            value_expr(node_symbol(g, c->name[k], (Shape){1, 1}, SYM_POSITIVE));
    }
    if (c->exact.kind == VAL_NONE)
        return NULL;
    bool whole;
    Value have = call_values(c->in, c->g, c->nparams, args);
    Value want = call_values(c->in, c->exact, c->nparams, args);
    Node part[2];
    for (int k = 0; k < 2; k++) {
        part[k] =
            node_of_value(c->in, gradient_part(c, k ? want : have, i, &whole));
        if (!whole)
            part[k] =
                node_index(g, part[k], node_int(g, i + 1), node_int(g, 1));
    }
    Node q = node_textbook(g, node_div(g, part[1], part[0]));
    Node d = node_textbook(g, node_sub(g, part[1], part[0]));
    bool term = node_print_cost(g, d) < node_print_cost(g, q);
    if (node_print_cost(g, term ? d : q) > 12)
        return NULL;
    Str s = str_in(c->in->scratch);
    node_print(g, term ? d : q, &s);
    return arena_printf(c->in->scratch,
                        term ? "with %s added it is right"
                             : "multiplied by %s it is right",
                        str_text(&s));
}

static const char *try_missing_part(CheckRun *c, int i)
{
    Checkpoint point = interp_checkpoint(c->in);
    Protect p;
    const char *volatile text = NULL;
    if (PROTECT(&p)) {
        text = missing_part(c, i);
        protect_end(&p);
    } else {
        if (context_error()->code == ERR_INTERRUPT)
            error_again();
        interp_restore(c->in, &point);
    }
    return text;
}

/* The order that the entries are in, if that is what is wrong; or NULL. */
static const char *other_order(const CheckRun *c)
{
    Str s = str_in(c->in->scratch);
    if (c->nvars < 2 || c->nvars > MOST_ORDER || !part_is_entry(&c->part[0]))
        return NULL;
    for (int i = 0; i < c->nvars; i++) {
        int j = 0;
        while (j < c->nvars && !c->same[i][j])
            j++;
        if (j == c->nvars)
            return NULL;
        str_add_format(&s, "%s%s", i ? ", " : "", c->part[j].name);
    }
    return arena_printf(c->in->scratch,
                        "the entries are the derivatives by %s, in this order",
                        str_text(&s));
}

static Value check_report(CheckRun *c, int points)
{
    int worst = 0;
    for (int i = 1; i < c->nvars; i++)
        if (part_is_worse(&c->part[i], &c->part[worst]))
            worst = i;
    CheckPart *p = &c->part[worst];
    bool passed = p->worst < 1e-6 && !p->flipped;
    Value r = record_new(8);
    record_set(r, name_of("passed"), value_bool(passed));
    record_set(r, name_of("points"), value_int(points));
    record_set(r, name_of("difference"), value_float(p->worst));
    if (passed)
        return r;
    Graph *g = c->in->graph;
    double ratio;
    const char *hint = other_order(c);
    if (!hint)
        hint = part_hint(p, g, c->nparams, c->shape, c->in->scratch);
    const char *lacks = hint ? NULL : try_missing_part(c, worst);
    if (lacks)
        hint = lacks;
    if (p->worst >= 1e-6) {
        record_set(r, name_of("where"),
                   value_string(part_place(p, c->in->scratch)));
        record_set(r, name_of("given"), value_float(p->have));
        record_set(r, name_of("exact"), value_float(p->want));
    }
    if (p->worst >= 1e-6 && part_ratio(p, &ratio))
        record_set(r, name_of("ratio"), value_float(ratio));
    if (hint)
        record_set(r, name_of("hint"), value_string(hint));
    if (p->where.kind != VAL_NONE)
        record_set(r, name_of("at"), p->where);
    return r;
}

/*
 * The difference quotients of a derivative are taken of its base: f'' is
 * checked against differences of f'.
 */
static void choose_functions(CheckRun *c, const Args *a)
{
    Interp *in = c->in;
    if (a->count == 2) {
        c->g = a->at[0];
        c->f = a->at[1];
        if (c->f.kind != VAL_FUNCTION || c->g.kind != VAL_FUNCTION)
            error_raise(SPAN_NONE, ERR_TYPE, "check(g, f) takes two functions");
        c->exact =
            derive_function(in, DERIVE_GRAD, c->f, 1, 0, NULL, *context_here());
        return;
    }
    c->g = a->at[0];
    if (c->g.kind != VAL_FUNCTION || c->g.function->class != &class_derived)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "a gradient written by hand is checked with its "
                         "function: check(g, f)",
                         "check takes a derivative: f', grad(f), grad(f, w)");
    c->f = derived_lower(in, c->g.function, &c->kind);
    if (c->kind != DERIVE_GRAD && c->kind != DERIVE_DIFF)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "check takes gradients and derivatives by a number");
}

Value builtin_check(Interp *in, const Args *a)
{
    CheckRun c = {.in = in, .exact = VALUE_NONE, .kind = DERIVE_GRAD};
    const Value *seed = args_named(a, "seed"), *n = args_named(a, "points");
    int64_t start = 0, points = 5;
    if ((seed && !value_to_int(*seed, &start)) ||
        (n && (!value_to_int(*n, &points) || points < 1)))
        error_raise(SPAN_NONE, ERR_ARGUMENT, "seed and points are integers");
    choose_functions(&c, a);
    c.rng = rng_new((uint64_t)start, 0);
    choose_variables(&c, args_named(a, "by"));
    int tried = 0;
    for (int64_t k = 0; k < points; k++) {
        Value args[MOST_PARAMS];
        random_arguments(&c, args, false);
        bool good = try_point(&c, args);
        if (!good) {
            random_arguments(&c, args, true);
            good = try_point(&c, args);
        }
        tried += good;
    }
    if (tried == 0)
        error_raise(SPAN_NONE, ERR_CHECK,
                    "no point was found where the function is defined");
    return check_report(&c, tried);
}
