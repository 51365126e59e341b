/*
 * model_lines.c - the lines of a model: which are wanted, and running them
 */
#include "eval/model.h"

static bool is_role_line(const Ast *t, AstRole role)
{
    return t->kind == AST_ROLE && t->op == (int)role;
}

const Ast *model_line(const Model *m, AstRole role)
{
    for (uint32_t i = 0; i < m->def->count; i++)
        if (is_role_line(m->def->kids[i], role))
            return m->def->kids[i];
    return NULL;
}

bool model_has(const Model *m, AstRole role)
{
    return model_line(m, role) != NULL;
}

/* The name that a line gives a value. */
static Name line_name(const Ast *t)
{
    switch (t->kind) {
    case AST_ROLE:
        return name_of(ast_role_text((AstRole)t->op));
    case AST_ASSIGN:
        return t->kids[0]->name;
    case AST_FUNCTION:
        return t->name;
    default:
        return NULL;
    }
}

/* Marks in `want` the lines that line k names, directly or through others. */
static void want_lines(const Model *m, Arena *a, uint32_t k, bool want[])
{
    const Ast *def = m->def;
    AstWalk w = ast_walk(a, def->kids[k]);
    for (const Ast *t; (t = ast_walk_next(&w)) != NULL;) {
        if (t->kind != AST_NAME)
            continue;
        for (uint32_t i = 0; i < k; i++)
            if (!want[i] && line_name(def->kids[i]) == t->name) {
                want[i] = true;
                want_lines(m, a, i, want);
            }
    }
}

static bool *wanted_lines(const Model *m, Arena *a, unsigned roles,
                          bool constraints)
{
    const Ast *def = m->def;
    bool *want = ARENA_ARRAY(a, bool, def->count + 1);
    for (uint32_t k = 0; k < def->count; k++) {
        const Ast *t = def->kids[k];
        bool here = (t->kind == AST_ROLE && (roles >> t->op & 1)) ||
                    (t->kind == AST_SUBJECT && constraints);
        if (here) {
            want[k] = true;
            want_lines(m, a, k, want);
        }
    }
    return want;
}

static void run_wanted(ModelRun *r, const bool *want)
{
    Interp *in = r->in;
    const Ast *def = r->model->def;
    for (uint32_t k = 0; k < def->count; k++) {
        const Ast *t = def->kids[k];
        Name name = line_name(t);
        if (!want[k] || !name || frame_find(in, name))
            continue;
        *context_here() = t->at;
        Value v = t->kind == AST_FUNCTION ? closure_new(in, t)
                  : t->kind == AST_ASSIGN ? eval(in, t->kids[1])
                                          : eval(in, t->kids[0]);
        frame_set(in, name, v);
    }
}

void model_run_lines(ModelRun *r, unsigned roles, bool constraints)
{
    run_wanted(r, wanted_lines(r->model, r->in->scratch, roles, constraints));
}

void model_run_named(ModelRun *r, const Ast *e)
{
    const Ast *def = r->model->def;
    Arena *a = r->in->scratch;
    bool *want = ARENA_ARRAY(a, bool, def->count + 1);
    AstWalk w = ast_walk(a, e);
    for (const Ast *t; (t = ast_walk_next(&w)) != NULL;)
        for (uint32_t k = 0; t->kind == AST_NAME && k < def->count; k++)
            if (def->kids[k]->kind == AST_ASSIGN && !want[k] &&
                line_name(def->kids[k]) == t->name) {
                want[k] = true;
                want_lines(r->model, a, k, want);
            }
    run_wanted(r, want);
}

Value model_named_line(ModelRun *r, Name name)
{
    const Ast *def = r->model->def;
    bool *want = ARENA_ARRAY(r->in->scratch, bool, def->count + 1);
    for (uint32_t k = 0; k < def->count; k++) {
        if (def->kids[k]->kind != AST_ASSIGN || line_name(def->kids[k]) != name)
            continue;
        want[k] = true;
        want_lines(r->model, r->in->scratch, k, want);
        run_wanted(r, want);
        return frame_find(r->in, name)->value;
    }
    return VALUE_NONE;
}

bool model_has_line(const Model *m, Name name)
{
    for (uint32_t i = 0; i < m->def->count; i++) {
        const Ast *t = m->def->kids[i];
        if (t->kind == AST_ASSIGN && t->kids[0]->name == name)
            return true;
    }
    return false;
}

Value model_role(ModelRun *r, AstRole role)
{
    Local *l = frame_find(r->in, name_of(ast_role_text(role)));
    return l ? l->value : VALUE_NONE;
}

uint64_t model_reach(const Model *m, AstRole role)
{
    Arena *a = arena_local();
    const bool *want = wanted_lines(m, a, 1u << role, false);
    uint64_t reach = 0;
    int ndata = model_data_count(m) < 64 ? model_data_count(m) : 64;
    for (uint32_t k = 0; k < m->def->count; k++) {
        if (!want[k])
            continue;
        AstWalk w = ast_walk(a, m->def->kids[k]);
        const Ast *inside = NULL;
        for (const Ast *t; (t = ast_walk_next(&w)) != NULL;) {
            if (t->kind == AST_FIELD &&
                ast_is_name(t->kids[0], name_of("train")))
                inside = t->kids[0];
            for (int i = 0; t->kind == AST_NAME && t != inside && i < ndata;
                 i++)
                if (model_data(m, i)->name == t->name)
                    reach |= (uint64_t)1 << i;
        }
    }
    arena_free(a);
    return reach;
}
