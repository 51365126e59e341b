/*
 * print_binder.c - loops, lambdas and choices on paper
 *
 * Index sums and arrays print as they are typed: sum(i = 1:n, e).  A loop
 * with carried variables has no form as an expression; it is shown as
 *
 *     loop(i = 1:n, h = start, h = next value, h)
 *
 * with the wanted result last, which reads well and is refused when typed.
 */
#include <string.h>

#include "base/error.h"
#include "graph/binder.h"
#include "graph/form.h"

/* ---- names of bound variables ---- */

static bool is_taken(Forms *f, const char *name)
{
    if (!f->symbols_known) {
        f->symbols_known = true;
        f->symbol_count = node_symbols(f->graph, f->root, f->arena, &f->symbol);
    }
    for (int i = 0; i < f->symbol_count; i++)
        if (!strcmp(node_symbol_name(f->graph, f->symbol[i]), name))
            return true;
    return false;
}

/* The one number `n` (from 0) of i, j, k, l, p, q, i2, ... that is free. */
static const char *index_name(Forms *f, int n)
{
    static const char *const letter[] = {"i", "j", "k", "l", "p", "q"};
    for (int round = 1;; round++)
        for (int i = 0; i < 6; i++) {
            const char *name =
                round == 1 ? letter[i]
                           : arena_printf(f->arena, "%s%d", letter[i], round);
            if (!is_taken(f, name) && n-- == 0)
                return name;
        }
}

static const char *free_name(Forms *f, const char *stem, int level, int k)
{
    const char *name = level == 1 && k == 0 ? stem
                                            : arena_printf(f->arena, "%s%d_%d",
                                                           stem, level, k + 1);
    while (is_taken(f, name))
        name = arena_printf(f->arena, "%s_", name);
    return name;
}

/* BV(level, 0) is an index, the others are variables. */
static const char *name_of_bound(Forms *f, int level, int k)
{
    return k == 0 ? index_name(f, level - 1) : free_name(f, "h", level, k - 1);
}

/* ---- parts ---- */

static Form *make_named(Forms *f, const char *name, Form *value)
{
    Form *y = form_open(f, FORM_NAMED, LEVEL_ANY, 1);
    y->text = name;
    form_add(y, value, MARK_NONE);
    return form_close(y);
}

/* i = 1:n */
static Form *make_turns(Forms *f, const LoopBody *b, Node count)
{
    Form *to = form_want(f, count, FORM_PLAIN);
    if (!to)
        return NULL;
    Form *range = form_open(f, FORM_RANGE, LEVEL_RANGE, 2);
    form_add(range, form_integer(f, 1), MARK_NONE);
    form_add(range, to, MARK_NONE);
    return make_named(f, name_of_bound(f, b->level, 0), form_close(range));
}

/* sum(i = 1:n, sum(j = 1:m, e)) is sum(i = 1:n, j = 1:m, e). */
static Form *make_reduction(Forms *f, const char *name, Form *turns, Form *body)
{
    bool merge = body->kind == FORM_CALL && !strcmp(body->text, name) &&
                 strcmp(name, "array") != 0 && body->count > 1 &&
                 body->kids[0]->kind == FORM_NAMED;
    uint32_t count = merge ? body->count : 1;
    Form **args = ARENA_ARRAY(f->arena, Form *, count + 1);
    args[0] = turns;
    for (uint32_t i = 0; i < count; i++)
        args[i + 1] = merge ? body->kids[i] : body;
    return form_call(f, name, -1, (int)count + 1, args);
}

/* ---- loops that are expressions ---- */

static bool is_all(const Graph *g, Node n)
{
    return node_op(g, n) == OP_ALL;
}

/* The name under which result k of the loop is typed, or NULL. */
static const char *expression_name(Graph *g, Node l, const LoopBody *b, int k)
{
    if (k < b->carried)
        return NULL;
    for (int i = 0; i < b->carried; i++)
        if (node_depends(g, b->value[k], b->variable[i]))
            return NULL;
    if (loop_role(g, l, k) == LOOP_ADD && is_all(g, b->row[k]) &&
        is_all(g, b->col[k]))
        return "sum";
    Node base = loop_base(g, l, k);
    Shape s = node_shape(g, base);
    bool first =
        b->row[k] == b->index &&
        (is_all(g, b->col[k]) || !node_depends(g, b->col[k], b->index));
    bool every = node_of_dim(g, s.rows) == loop_count(g, l);
    return every && first && node_is_zero(g, base) ? "array" : NULL;
}

/* unit(m, j)' where the loop fills column j of m > 1; NODE_NONE: all. */
static Node column_of(Graph *g, Node l, const LoopBody *b, int k)
{
    Shape s = node_shape(g, loop_base(g, l, k));
    if (k < b->carried || is_all(g, b->col[k]) || s.cols == 1)
        return NODE_NONE;
    return node_transpose(g, node_unit(g, s.cols, b->col[k]));
}

/* carried h -> h*e with e free of h: base*prod(e); NODE_NONE: none. */
static Node product_body(Graph *g, const LoopBody *b, int k)
{
    if (k >= b->carried || !node_is_scalar(g, b->variable[k]))
        return NODE_NONE;
    Node v = b->value[k], h = b->variable[k];
    if (node_op(g, v) != OP_MONO)
        return NODE_NONE;
    Node e = node_arg(g, v, 0);
    bool found = false;
    for (int i = 2; i + 1 < node_count(g, v); i += 2) {
        Node base = node_arg(g, v, i), p = node_arg(g, v, i + 1);
        if (base == h && node_is_one(g, p)) {
            found = true;
            continue;
        }
        e = node_mul(g, e, node_power(g, base, p));
    }
    for (int i = 0; i < b->carried; i++)
        if (node_depends(g, e, b->variable[i]))
            return NODE_NONE;
    return found ? e : NODE_NONE;
}

static Form *make_expression(Forms *f, Node l, const LoopBody *b, int k,
                             const char *name, Node body)
{
    Graph *g = f->graph;
    Node base = loop_base(g, l, k);
    bool product = !strcmp(name, "prod");
    bool plain = product ? node_is_one(g, base) : node_is_zero(g, base);
    Form *turns = make_turns(f, b, loop_count(g, l));
    Form *e = form_want(f, body, FORM_PLAIN);
    Form *start = form_want(f, base, FORM_PLAIN);
    Node column = column_of(g, l, b, k);
    Form *unit = column == NODE_NONE ? NULL : form_want(f, column, FORM_PLAIN);
    if (!turns || !e || !start || (column != NODE_NONE && !unit))
        return NULL;
    Form *y = make_reduction(f, name, turns, e);
    y->bound = (uint8_t)node_level(g, l);
    if (unit) {
        Form *placed = form_open(f, FORM_PRODUCT, LEVEL_PRODUCT, 2);
        form_add(placed, y, MARK_TIMES);
        form_add(placed, unit, MARK_TIMES);
        y = form_close(placed);
    }
    if (plain)
        return y;
    Form *both = form_open(f, product ? FORM_PRODUCT : FORM_SUM,
                           product ? LEVEL_PRODUCT : LEVEL_SUM, 2);
    form_add(both, start, product ? MARK_TIMES : MARK_PLUS);
    form_add(both, y, product ? MARK_TIMES : MARK_PLUS);
    return form_close(both);
}

/* ---- all other loops ---- */

static const char *result_name(Forms *f, const LoopBody *b, int k)
{
    return k < b->carried ? name_of_bound(f, b->level, k + 1)
                          : free_name(f, "y", b->level, k - b->carried);
}

/* y[row,col] += value, or h = next value */
static Form *make_step(Forms *f, Node l, const LoopBody *b, int k)
{
    Form *value = form_want(f, b->value[k], FORM_PLAIN);
    const char *name = result_name(f, b, k);
    if (k < b->carried)
        return value ? make_named(f, name, value) : NULL;
    Form *row = form_want(f, b->row[k], FORM_PLAIN);
    Form *col = form_want(f, b->col[k], FORM_PLAIN);
    if (!value || !row || !col)
        return NULL;
    Form *place = form_open(f, FORM_INDEX, LEVEL_POSTFIX, 3);
    form_add(place, form_text(f, name), MARK_NONE);
    form_add(place, row, MARK_COMMA);
    form_add(place, col, MARK_COMMA);
    bool add = loop_role(f->graph, l, k) == LOOP_ADD;
    return form_infix(f, add ? "+=" : "=", LEVEL_ANY, form_close(place), value);
}

static Form *make_loop(Forms *f, Node l, const LoopBody *b, Form *result)
{
    Graph *g = f->graph;
    int n = 0, results = loop_results(g, l);
    Form **args = ARENA_ARRAY(f->arena, Form *, 2 * (size_t)results + 2);
    bool all = (args[n++] = make_turns(f, b, loop_count(g, l))) != NULL;
    for (int k = 0; k < results; k++) {
        Form *start = form_want(f, loop_base(g, l, k), FORM_PLAIN);
        if (start)
            args[n++] = make_named(f, result_name(f, b, k), start);
        args[n++] = make_step(f, l, b, k);
        all = all && start && args[n - 1];
    }
    args[n++] = result;
    if (!all)
        return NULL;
    Form *y = form_call(f, "loop", -1, n, args);
    y->bound = (uint8_t)node_level(g, l);
    return y;
}

/*
 * sum(i = 1:n, y) where y is zero but for its row i, which a loop over j fills
 * entry by entry: array(i = 1:n, j = 1:m, e).  NULL: it is none.
 */
static Form *make_entries(Forms *f, Node l, const LoopBody *b, int k)
{
    Graph *g = f->graph;
    Node in = b->value[k];
    if (node_op(g, in) != OP_PROJ || !node_is_zero(g, loop_base(g, l, k)))
        return NULL;
    Node inner = node_arg(g, in, 0);
    int m = result_number(g, in);
    if (node_op(g, inner) != OP_LOOP || loop_carried(g, inner) > 0)
        return NULL;
    LoopBody c = loop_open(g, inner, b->level + 1, f->arena);
    Shape s = node_shape(g, in);
    if (c.row[m] != b->index || c.col[m] != c.index ||
        !node_is_zero(g, loop_base(g, inner, m)) ||
        node_of_dim(g, s.rows) != loop_count(g, l) ||
        node_of_dim(g, s.cols) != loop_count(g, inner))
        return NULL;
    Form *args[3] = {make_turns(f, b, loop_count(g, l)),
                     make_turns(f, &c, loop_count(g, inner)),
                     form_want(f, c.value[m], FORM_PLAIN)};
    if (!args[0] || !args[1] || !args[2])
        return NULL;
    Form *y = form_call(f, "array", -1, 3, args);
    y->bound = (uint8_t)node_level(g, l);
    return y;
}

static Form *make_result(Forms *f, Node l, int k)
{
    LoopBody b = loop_open(f->graph, l, 0, f->arena);
    const char *name = expression_name(f->graph, l, &b, k);
    Form *entries =
        name && !strcmp(name, "sum") ? make_entries(f, l, &b, k) : NULL;
    if (entries)
        return entries;
    if (name)
        return make_expression(f, l, &b, k, name, b.value[k]);
    Node body = product_body(f->graph, &b, k);
    if (body != NODE_NONE)
        return make_expression(f, l, &b, k, "prod", body);
    return make_loop(f, l, &b, form_text(f, result_name(f, &b, k)));
}

static Form *make_history(Forms *f, Node n)
{
    Node l = node_arg(f->graph, n, 0);
    LoopBody b = loop_open(f->graph, l, 0, f->arena);
    Form *h = form_text(f, result_name(f, &b, result_number(f->graph, n)));
    return make_loop(f, l, &b, form_call(f, "history", -1, 1, &h));
}

/* ---- choices, leaves ---- */

static Form *make_choice(Forms *f, Node n, int k)
{
    Graph *g = f->graph;
    Node *yes = choice_open(g, n, 0, f->arena);
    Node *no = choice_open(g, n, 1, f->arena);
    Form *c = form_want(f, node_arg(g, n, 0), FORM_PLAIN);
    Form *a = form_want(f, yes[k], FORM_PLAIN);
    Form *b = form_want(f, no[k], FORM_PLAIN);
    if (!c || !a || !b)
        return NULL;
    Form *y = form_open(f, FORM_CHOICE, LEVEL_ANY, 3);
    form_add(y, c, MARK_NONE);
    form_add(y, a, MARK_NONE);
    form_add(y, b, MARK_NONE);
    return form_close(y);
}

static Form *make_lambda(Forms *f, Node n)
{
    int count = node_count(f->graph, n);
    Form **args = ARENA_ARRAY(f->arena, Form *, (size_t)count + 1);
    bool all = true;
    for (int i = 0; i < count; i++) {
        args[i] = form_want(f, node_arg(f->graph, n, i), FORM_PLAIN);
        all = all && args[i];
    }
    return all ? form_call(f, "lambda", -1, count, args) : NULL;
}

static Form *make_bound(Forms *f, Node n)
{
    int level = (int)node_attr(f->graph, n, 0);
    int k = (int)node_attr(f->graph, n, 1);
    Form *y = form_text(f, name_of_bound(f, level, k));
    y->bound = (uint8_t)(level < 255 ? level : 255);
    return y;
}

Form *form_binder(Forms *f, Node n)
{
    Graph *g = f->graph;
    Node l;
    switch ((int)node_op(g, n)) {
    case OP_PROJ:
        l = node_arg(g, n, 0);
        return node_op(g, l) == OP_IF ? make_choice(f, l, result_number(g, n))
                                      : make_result(f, l, result_number(g, n));
    case OP_IF:
        return make_choice(f, n, 0);
    case OP_LOOP:
        return make_result(f, n, 0);
    case OP_HIST:
        return make_history(f, n);
    case OP_BV:
        return make_bound(f, n);
    case OP_ARG:
        return form_text(
            f, arena_printf(f->arena, "arg%d", (int)node_attr(g, n, 0) + 1));
    default:
        return make_lambda(f, n);
    }
}
