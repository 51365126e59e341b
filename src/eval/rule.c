/*
 * rule.c - rules of the user
 *
 * A function with a rule is kept as a named node: a call of it with symbols
 * builds f(a) instead of tracing its body.  expand_named puts the bodies back
 * where numbers are wanted.
 */
#include "eval/rule.h"

#include <math.h>

#include "eval/call.h"
#include "eval/derive.h"
#include "graph/diff.h"
#include "graph/rules.h"
#include "graph/walk.h"
#include "num/rng.h"

#define MOST_LETTERS 16
#define POINTS 8

typedef struct RuleText {
    const Ast *left, *right;
    const Ast *call;            /* f(...) on the left */
    const Ast *by;              /* diff(f(a, b), a): the a; else NULL */
    int nletters;
    Name letter[MOST_LETTERS];
} RuleText;

static void add_letter(RuleText *r, const Ast *t)
{
    for (int i = 0; i < r->nletters; i++)
        if (r->letter[i] == t->name)
            return;
    if (r->nletters == MOST_LETTERS)
        error_raise(t->at, ERR_RULE, "a rule has at most %d letters",
                    MOST_LETTERS);
    r->letter[r->nletters++] = t->name;
}

/* The letters are the names in the arguments of f. */
static void find_letters(Interp *in, RuleText *r)
{
    Arena *a = arena_local();
    for (uint32_t i = 1; i < r->call->count; i++) {
        AstWalk w = ast_walk(a, r->call->kids[i]);
        const Ast *callee = NULL;
        for (const Ast *t; (t = ast_walk_next(&w)) != NULL;) {
            if (t->kind == AST_CALL)
                callee = t->kids[0];
            else if (t->kind == AST_NAME && t != callee &&
                     t->name != name_of("pi"))
                add_letter(r, t);
        }
    }
    arena_free(a);
    (void)in;
}

static void read_rule(Interp *in, const Ast *t, RuleText *r)
{
    *r = (RuleText){.left = t->kids[0], .right = t->kids[1]};
    const Ast *left = r->left;
    if (left->kind == AST_CALL && ast_is_name(left->kids[0], name_of("diff")) &&
        left->count == 3 && left->kids[1]->kind == AST_CALL &&
        left->kids[2]->kind == AST_NAME) {
        r->call = left->kids[1];
        r->by = left->kids[2];
    } else {
        r->call = left;
    }
    if (r->call->kind != AST_CALL || r->call->kids[0]->kind != AST_NAME ||
        r->call->count < 2)
        error_raise_help(left->at, ERR_RULE, NULL,
                         "rule f(-a) = -f(a), rule diff(f(a, b), a) = e",
                         "the left side of a rule is a call of a function");
    find_letters(in, r);
}

/* The value of t with the letters bound. */
static Value eval_with(Interp *in, const Ast *t, const RuleText *r,
                       const Value v[])
{
    Frame *o = frame_overlay(in);
    for (int i = 0; i < r->nletters; i++) {
        Local *l = frame_add(in, r->letter[i]);
        value_store(&l->value, v[i]);
        if (v[i].kind == VAL_EXPR)
            value_store(&l->symbol, v[i]);
    }
    Value y = eval(in, t);
    frame_end(in, o);
    return y;
}

static bool as_number(Interp *in, Value v, double *x)
{
    if (value_is_number(v)) {
        *x = value_to_double(v);
        return true;
    }
    return v.kind == VAL_EXPR && node_constant_value(in->graph, v.expr->node, x);
}

/* The left side of a rule at a point; of diff(f(a), a) a central difference. */
static bool left_number(Interp *in, const RuleText *r, Value v[], double *y)
{
    if (!r->by)
        return as_number(in, eval_with(in, r->left, r, v), y);
    int k = 0;
    while (k < r->nletters && r->letter[k] != r->by->name)
        k++;
    if (k == r->nletters)
        error_raise(r->by->at, ERR_RULE, "`%s` is no argument of the function",
                    r->by->name);
    double x = v[k].number, h = 1e-3 * fmax(1, fabs(x)), f[4];
    static const double at[] = {-2, -1, 1, 2};
    for (int i = 0; i < 4; i++) {
        v[k] = value_float(x + at[i] * h);
        if (!as_number(in, eval_with(in, r->call, r, v), &f[i]))
            return false;
    }
    v[k] = value_float(x);
    *y = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h);
    return true;
}

/* False where the side is not defined. */
static bool side_number(Interp *in, const RuleText *r, bool left, Value v[],
                        double *y)
{
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    volatile bool good = false;
    if (PROTECT(&p)) {
        good = left ? left_number(in, r, v, y)
                    : as_number(in, eval_with(in, r->right, r, v), y);
        protect_end(&p);
    } else {
        ErrorCode code = context_error()->code;
        if (code != ERR_DOMAIN && code != ERR_NAN)
            error_again();
        interp_restore(in, &c);
    }
    return good;
}

static const char *point_text(const RuleText *r, const Value v[])
{
    Str at = str_in(error_arena());
    for (int i = 0; i < r->nletters; i++)
        str_add_format(&at, "%s%s = %.6g", i ? ", " : "", r->letter[i],
                       v[i].number);
    return str_text(&at);
}

static void test_rule(Interp *in, const RuleText *r)
{
    Rng rng = rng_new(1, 7);
    Value v[MOST_LETTERS], first[MOST_LETTERS];
    int tried = 0;
    bool lost = false;
    for (int k = 0; k < POINTS; k++) {
        double left, right;
        for (int i = 0; i < r->nletters; i++)
            v[i] = value_float(k % 2 ? rng_uniform(&rng) * 2
                                     : rng_normal(&rng));
        if (!side_number(in, r, true, v, &left))
            continue;
        if (!side_number(in, r, false, v, &right)) {
            if (!lost && !r->by && isfinite(left)) {
                memcpy(first, v, sizeof v);
                lost = true;
            }
            continue;
        }
        tried++;
        double top = fmax(1, fmax(fabs(left), fabs(right)));
        if (fabs(left - right) <= 1e-6 * top)
            continue;
        error_raise(r->left->at, ERR_RULE,
                    "the rule does not hold at %s: %.9g on the left, %.9g on "
                    "the right", point_text(r, v), left, right);
    }
    if (tried == 0)
        error_raise(r->left->at, ERR_RULE,
                    "no point was found where both sides have a value");
    if (lost)
        error_raise_help(r->left->at, ERR_RULE, NULL,
                         "a right side that has a value wherever the left "
                         "one has, as log(abs(a)) + log(abs(b))",
                         "the rule loses values: at %s the left side has one, "
                         "and the right side has none",
                         point_text(r, first));
}

/* The function of the rule is kept as a node from now on. */
static void keep_named(Interp *in, const RuleText *r)
{
    Name name = r->call->kids[0]->name;
    Value f = lookup(in, r->call->kids[0]);
    if (f.kind == VAL_FUNCTION && f.function->class == &class_closure) {
        Object *old = table_get(&in->named, name);
        value_keep(f);
        table_set(&in->named, name, f.object);
        if (old)
            value_drop_object(old);
    } else if (f.kind != VAL_FUNCTION) {
        error_raise(r->call->at, ERR_RULE, "`%s` is not a function", name);
    }
}

static Node build_side(Interp *in, const Ast *t, const RuleText *r,
                       const Value symbols[])
{
    return node_of_value(in, eval_with(in, t, r, symbols));
}

static void install_rule(Interp *in, const RuleText *r)
{
    Value symbols[MOST_LETTERS];
    Node letters[MOST_LETTERS];
    for (int i = 0; i < r->nletters; i++) {
        letters[i] = node_symbol(in->graph, r->letter[i], SHAPE_SCALAR,
                                 SYM_PLACEHOLDER);
        symbols[i] = value_expr(letters[i]);
    }
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    rules_switch(in->graph, 1);
    interp_hold(in, 1);
    if (PROTECT(&p)) {
        Node left = build_side(in, r->left, r, symbols);
        Node right = build_side(in, r->right, r, symbols);
        rules_add(in->graph, left, right, r->nletters, letters, "");
        protect_end(&p);
        interp_hold(in, -1);
        rules_switch(in->graph, -1);
    } else {
        interp_restore(in, &c);
        rules_switch(in->graph, -1);
        error_again();
    }
}

void add_rule(Interp *in, const Ast *t)
{
    RuleText r;
    read_rule(in, t, &r);
    Value f = lookup(in, r.call->kids[0]);
    bool symbol = f.kind == VAL_FUNCTION && f.function->class == &class_symbol;
    if (!symbol)
        test_rule(in, &r);
    keep_named(in, &r);
    install_rule(in, &r);
}

/* ---- bodies put back ---- */

bool is_named_function(Interp *in, const Function *f)
{
    return f->name && table_get(&in->named, f->name) == (const void *)f;
}

static Node call_body(Interp *in, Node call, const Node args[])
{
    Graph *g = in->graph;
    Name name = node_symbol_name(g, call);
    Object *f = table_get(&in->named, name);
    int n = node_count(g, call);
    Value v[MOST_LETTERS];
    Node x[MOST_LETTERS];
    if (!f || n > MOST_LETTERS)
        return node_rebuild(g, call, args);
    for (int i = 0; i < n; i++) {
        Str s = str_in(in->scratch);
        str_add_format(&s, " %d", i);
        x[i] = node_symbol(g, name_of(str_text(&s)), node_shape(g, args[i]), 0);
        v[i] = value_expr(x[i]);
    }
    Node y;
    Protect p;
    table_set(&in->named, name, NULL);  /* its body is wanted, not itself */
    if (PROTECT(&p)) {
        y = node_of_value(in, call_values(in, value_object(f), n, v));
        protect_end(&p);
    } else {
        table_set(&in->named, name, f);
        error_again();
    }
    table_set(&in->named, name, f);
    depth_check();
    y = expand_named(in, y);    /* the body may call others that have rules */
    for (int i = 0; i < n; i++)
        for (uint32_t k = 0; k < node_attr(g, call, i + 1); k++)
            y = diff_scalar(g, y, x[i]);
    return node_substitute(g, y, n, x, args);
}

Node expand_named(Interp *in, Node n)
{
    Graph *g = in->graph;
    if (in->named.count == 0)
        return n;
    Arena *a = arena_local();
    NodeMap done = node_map_in(a);
    VEC(Node) stack = {0};
    VEC_PUSH_IN(a, &stack, n);
    while (stack.count > 0) {
        Node top = stack.at[stack.count - 1];
        uint32_t y;
        if (node_map_get(&done, top, &y)) {
            stack.count--;
            continue;
        }
        int count = node_count(g, top);
        Node *args = node_args_copy(g, top, a);
        bool ready = true;
        for (int i = 0; i < count; i++) {
            if (node_map_get(&done, args[i], &y))
                args[i] = y;
            else {
                VEC_PUSH_IN(a, &stack, args[i]);
                ready = false;
            }
        }
        if (!ready)
            continue;
        stack.count--;
        bool named = node_op(g, top) == OP_CALL &&
                     table_get(&in->named, node_symbol_name(g, top));
        Node made = count == 0 ? top
                    : named    ? call_body(in, top, args)
                               : node_rebuild(g, top, args);
        node_map_set(&done, top, made);
    }
    uint32_t y;
    node_map_get(&done, n, &y);
    arena_free(a);
    return y;
}
