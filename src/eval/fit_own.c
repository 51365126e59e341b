/*
 * fit_own.c - models that say how they are solved
 *
 * A line `solution = e` gives the params at the minimum in a record, and what
 * is to be told of the way there: the model's problem is of a structure that
 * has a method of its own, and the loss says what was minimised.
 */
#include <string.h>

#include "eval/apply.h"
#include "eval/fit_inside.h"
#include "eval/objective.h"

/* The part of the record that `path` ("alpha", "machine.b") names. */
static Value part_of(Value own, const char *path)
{
    Value v = own;
    while (*path) {
        const char *end = strchr(path, '.');
        size_t n = end ? (size_t)(end - path) : strlen(path);
        char *name = ARENA_ARRAY(error_arena(), char, n + 1);
        memcpy(name, path, n);
        Value *at = v.kind == VAL_RECORD ? record_find(v, name_of(name)) : NULL;
        if (!at)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "the line `solution` of a model is a record with its "
                        "params, and `%s` is missing",
                        path);
        v = *at;
        path += n + (end != NULL);
    }
    return v;
}

static void pack_leaf(const ModelLeaf *l, Value v, double *to)
{
    size_t n = (size_t)l->shape.rows * (size_t)l->shape.cols;
    if (value_is_number(v) && n == 1) {
        *to = value_to_double(v);
        return;
    }
    if (v.kind != VAL_ARRAY || v.array->rows != l->shape.rows ||
        v.array->cols != l->shape.cols)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "the line `solution` gives `%s` another shape than the "
                    "param has",
                    l->path);
    memcpy(to, array_to_float(v)->f, n * sizeof *to);
}

bool fit_has_solution(const Model *m)
{
    for (uint32_t k = 0; k < m->def->count; k++) {
        const Ast *t = m->def->kids[k];
        if (t->kind == AST_ASSIGN && t->kids[0]->name == name_of("solution"))
            return true;
    }
    return false;
}

static bool is_given(Value options, const char *name)
{
    Value *v = record_find(options, name_of(name));
    return v && v->kind != VAL_NONE;
}

void fit_check_own(Value model, Value options)
{
    static const char *const names[] = {
        "solver", "steps",   "tol",        "starts",   "seed", "batch",
        "epochs", "shuffle", "validation", "patience", "l1"};
    const char *name = model.function->name;
    if (!fit_has_solution(model.function->data))
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_given(options, names[i]))
            error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                             "leave the option out",
                             "the model %s is solved by a method of its own, "
                             "which has no option %s",
                             name, names[i]);
    Value *l2 = record_find(options, name_of("l2"));
    if (is_given(options, "l2") &&
        !(value_is_number(*l2) && value_to_double(*l2) == 0))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "the model %s has its own penalty, and takes no l2", name);
    Value *b = record_find(options, name_of("intercept"));
    if (is_given(options, "intercept") && b->kind == VAL_BOOL && !b->truth)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "the model %s is solved with its intercept, and not "
                    "without",
                    name);
}

/* The loss at the solution, where the line does not say it. */
static Value value_at(Interp *in, ModelRun *r, Problem *p, Value own)
{
    Node x[MODEL_LEAVES];
    for (int k = 0; k < p->nleaves; k++)
        x[k] = p->leaf[k].symbol;
    model_run_lines(r, 1u << AST_LOSS | 1u << AST_NLL, true);
    interp_hold(in, 1);
    p->objective = fit_objective(in, r);
    p->f = objective_new(in, p->objective, p->nleaves, x, NODE_NONE);
    interp_hold(in, -1);
    return problem_value(in, p, own);
}

Value fit_own_solution(Interp *in, ModelRun *r, Problem *p, Value own)
{
    size_t size = 0;
    for (int k = 0; k < p->nleaves; k++)
        size += (size_t)p->leaf[k].shape.rows * (size_t)p->leaf[k].shape.cols;
    Value v = array_new(ELEM_FLOAT, (int)size, 1);
    double *to = v.array->f;
    for (int k = 0; k < p->nleaves; k++) {
        const ModelLeaf *l = &p->leaf[k];
        pack_leaf(l, part_of(own, l->path), to);
        to += (size_t)l->shape.rows * (size_t)l->shape.cols;
    }
    record_set(own, name_of("v"), v);
    if (!is_given(own, "value"))
        record_set(own, name_of("value"), value_at(in, r, p, own));
    return own;
}
