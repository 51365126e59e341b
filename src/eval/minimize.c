/*
 * minimize.c - `minimize e over x, ... subject to c, ...`
 */
#include "eval/fit.h"
#include "eval/problem.h"
#include "value/matrix.h"

Value eval_minimize(Interp *in, const Ast *t)
{
    ArenaMark mark = arena_mark(in->scratch);
    Problem *p = ARENA_NEW(in->scratch, Problem);
    ModelLeaf *leaf = ARENA_ARRAY(in->scratch, ModelLeaf, MODEL_LEAVES);
    Graph *g = in->graph;
    Frame *o = frame_overlay(in);
    interp_hold(in, 1);
    if (t->ndecls > MODEL_LEAVES)
        error_raise(t->at, ERR_LIMIT, "more than %d variables", MODEL_LEAVES);
    for (uint32_t i = 0; i < t->ndecls; i++)
        minimize_leaf(in, &t->decls[i], &leaf[i]);
    p->leaf = leaf;
    p->nleaves = (int)t->ndecls;
    Value v = eval(in, t->kids[0]);
    *context_here() = t->kids[0]->at;
    p->objective = node_of_value(in, v);
    if (!node_is_scalar(g, p->objective))
        error_raise(t->kids[0]->at, ERR_SHAPE, "what is %s is a number",
                    t->op ? "maximized" : "minimized");
    if (t->op)
        p->objective = node_neg(g, p->objective);
    for (uint32_t i = 1; i < t->count; i++)
        problem_add_constraint(in, p, t->kids[i]);
    Value record = problem_record(in, p);
    Value options = fit_default_options();
    record_set(record, name_of("rows"), value_int(1));
    record_set(record, name_of("batches"), VALUE_NONE);
    interp_hold(in, -1);
    frame_end(in, o);
    Value solution =
        fit_call_library(in, "solve_problem", 2, (Value[]){record, options});
    Value y = record_new(t->ndecls + 3);
    const double *at = array_to_float(*record_find(solution, name_of("v")))->f;
    for (uint32_t i = 0; i < t->ndecls; i++) {
        record_set(y, t->decls[i].name, fit_leaf_value(&leaf[i], at));
        at += leaf[i].shape.rows * leaf[i].shape.cols;
    }
    Value value = record_find(record, name_of("l1"))->kind == VAL_NONE
                      ? problem_value(in, p, solution)
                      : *record_find(solution, name_of("value"));
    record_set(y, name_of("value"), t->op ? value_negate(value) : value);
    Value converged = *record_find(solution, name_of("converged"));
    Value *test = record_find(solution, name_of("test"));
    record_set(y, name_of("converged"), converged);
    if (converged.kind == VAL_BOOL && !converged.truth && test)
        record_set(y, name_of("why"), *test);
    record_set(y, name_of("multipliers"), problem_multipliers(p, solution));
    const Value *kkt = record_find(solution, name_of("kkt"));
    if (kkt && kkt->kind == VAL_RECORD)
        record_set(y, name_of("kkt"), *kkt);
    arena_reset(in->scratch, mark);
    return y;
}
