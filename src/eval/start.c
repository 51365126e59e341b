/*
 * start.c - what a fit must have before a solver begins
 */
#include "eval/start.h"

#include <math.h>

#include "eval/call.h"
#include "syntax/print.h"
#include "value/datatable.h"
#include "value/shape.h"

static bool is_empty(Value v)
{
    switch (v.kind) {
    case VAL_LIST:
        return v.list->count == 0;
    case VAL_TABLE:
        return v.table->rows == 0;
    case VAL_ARRAY:
        return v.array->rows == 0;
    default:
        return false;
    }
}

void start_check_rows(const Model *m, const Value values[])
{
    for (int i = 0; i < model_data_count(m) && i < 64; i++)
        if (is_empty(values[i]))
            error_raise(model_data(m, i)->at, ERR_DOMAIN,
                        "the data `%s` have 0 rows", model_data(m, i)->name);
}

static const char *declaration_text(const Decl *d)
{
    Str s = str_in(error_arena());
    ast_print_decl(&s, d);
    return str_text(&s);
}

void start_check_bounds(const Decl *d, const ModelLeaf *l)
{
    if (l->lower > l->upper ||
        (l->lower == l->upper && (d->lower_open || d->upper_open)))
        error_raise(d->at, ERR_DOMAIN,
                    "the bounds of `%s` leave nothing between them: %s",
                    l->path, declaration_text(d));
    if (l->start.kind == VAL_NONE)
        return;
    const Array *a = array_to_float(l->start);
    for (size_t i = 0; i < array_count(a); i++) {
        double x = a->f[i];
        if (isnan(x))
            error_raise(d->at, ERR_NAN, "the start of `%s` is NaN", l->path);
        if ((d->lower_open ? x > l->lower : x >= l->lower) &&
            (d->upper_open ? x < l->upper : x <= l->upper))
            continue;
        error_raise(d->at, ERR_DOMAIN,
                    "the start of `%s` is %g, and it is declared %s", l->path,
                    x, declaration_text(d));
    }
}

/* "`X` is infinite in row 1, column 2", or NULL. */
static const char *infinite_entry(const ModelRun *r)
{
    for (int i = 0; i < model_data_count(r->model); i++) {
        Local *l = frame_find(r->in, model_data(r->model, i)->name);
        if (!l || l->value.kind != VAL_ARRAY)
            continue;
        const Array *a = array_to_float(l->value);
        for (size_t k = 0; k < array_count(a); k++)
            if (isinf(a->f[k]))
                return arena_printf(error_arena(),
                                    "`%s` is infinite in row %zu, column %zu",
                                    model_data(r->model, i)->name,
                                    k % (size_t)a->rows + 1,
                                    k / (size_t)a->rows + 1);
    }
    return NULL;
}

static void add_starts(Interp *in, const Problem *p, Str *s)
{
    for (int k = 0; k < p->nleaves && k < 4; k++) {
        str_add_format(s, "%s%s = ", k ? ", " : "", p->leaf[k].path);
        value_format_inline(&in->format, p->leaf[k].start, s);
    }
    if (p->nleaves > 4)
        str_add(s, ", ...");
}

void start_check_value(Interp *in, const ModelRun *r, const Problem *p,
                       Value record)
{
    Value start = *record_find(record, name_of("start"));
    Value y = call_values(in, p->f, 1, &start);
    if (!value_is_number(y) || isfinite(value_to_double(y)))
        return;
    AstRole role = model_has(r->model, AST_LOSS) ? AST_LOSS : AST_NLL;
    Str s = str_in(error_arena());
    add_starts(in, p, &s);
    double x = value_to_double(y);
    const char *infinite = infinite_entry(r);
    error_raise_help(model_line(r->model, role)->at,
                     isnan(x) ? ERR_NAN : ERR_DOMAIN, NULL,
                     infinite ? infinite
                              : "give the params a start where it is finite: "
                                "param a = 1",
                     "the %s is %s at the start %s", ast_role_text(role),
                     isnan(x) ? "NaN" : x > 0 ? "infinite" : "-infinite",
                     str_text(&s));
}
