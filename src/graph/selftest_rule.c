#include "graph/selftest_rule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/internal.h"
#include "syntax/ast.h"

enum { LETTERS_MOST = 5 };

typedef struct Letters {
    bool lift; /* * / ^ entry by entry */
    int count;
    Name name[LETTERS_MOST];
    Value value[LETTERS_MOST];
} Letters;

static Value evaluate(const Letters *l, const Ast *t);

static bool both_numbers(Value a, Value b)
{
    return value_is_number(a) && value_is_number(b);
}

/* Numbers by C, so that infinity and NaN come out without an error. */
static double binary_number(int op, double a, double b)
{
    switch (op) {
    case AST_ADD:
        return a + b;
    case AST_SUB:
        return a - b;
    case AST_MUL:
    case AST_DOTMUL:
        return a * b;
    case AST_DIV:
    case AST_DOTDIV:
        return a / b;
    default:
        return pow(a, b);
    }
}

static Value evaluate_binary(const Letters *l, const Ast *t)
{
    Value a = evaluate(l, t->kids[0]), b = evaluate(l, t->kids[1]);
    if (t->op == AST_AND || t->op == AST_OR)
        return value_binary(t->op == AST_AND ? BIN_AND : BIN_OR, a, b);
    if (both_numbers(a, b))
        return value_float(
            binary_number(t->op, value_to_double(a), value_to_double(b)));
    int op = l->lift && t->op == AST_MUL   ? AST_DOTMUL
             : l->lift && t->op == AST_POW ? AST_DOTPOW
                                           : t->op;
    switch (op) {
    case AST_ADD:
        return value_binary(BIN_ADD, a, b);
    case AST_SUB:
        return value_binary(BIN_SUB, a, b);
    case AST_MUL:
        return value_product(a, b);
    case AST_DOTMUL:
        return value_binary(BIN_MUL, a, b);
    case AST_DIV:
    case AST_DOTDIV:
        return value_binary(BIN_DIV, a, b);
    case AST_SOLVE:
        return value_solve(a, b);
    case AST_DOTPOW:
        return value_binary(BIN_POW, a, b);
    default: {
        int64_t k = 0;
        value_to_int(b, &k);
        return value_matrix_power(a, k);
    }
    }
}

static bool compare_numbers(int op, double a, double b)
{
    switch (op) {
    case AST_EQ:
        return a == b;
    case AST_NE:
        return a != b;
    case AST_LT:
        return a < b;
    case AST_LE:
        return a <= b;
    case AST_GT:
        return a > b;
    default:
        return a >= b;
    }
}

static Value evaluate_compare(const Letters *l, const Ast *t)
{
    double a = value_to_double(evaluate(l, t->kids[0]));
    bool holds = true;
    for (uint32_t i = 1; i < t->count; i++) {
        double b = value_to_double(evaluate(l, t->kids[i]));
        holds = holds && compare_numbers(t->ops[i - 1], a, b);
        a = b;
    }
    return value_bool(holds);
}

/* The predicates of WHEN. */
static bool find_predicate(Name name, double x, bool *holds)
{
    bool integer = x == floor(x);
    if (strcmp(name, "integer") == 0)
        *holds = integer;
    else if (strcmp(name, "even") == 0)
        *holds = integer && fmod(x, 2) == 0;
    else if (strcmp(name, "odd") == 0)
        *holds = integer && fmod(x, 2) != 0;
    else if (strcmp(name, "small") == 0)
        *holds = integer && x > 1 && x <= 20;
    else
        return false;
    return true;
}

/* A kernel relies on arguments that its shape rule has let pass. */
static Value apply_array(const OpInfo *op, int n, const Value a[])
{
    Shape s[3], y;
    for (int i = 0; i < n && i < 3; i++)
        s[i] = value_shape(a[i]);
    if (!op->shape(n, s, &y))
        error_raise(SPAN_NONE, ERR_SHAPE, "%s does not take these shapes",
                    op->name);
    return op->array(n, a);
}

static Value apply_row(const OpInfo *op, int n, const Value a[])
{
    if (op->class == CLASS_ARRAY)
        return apply_array(op, n, a);
    if (n == 0)
        return value_float(op->scalar0());
    if (n == 1 && value_is_number(a[0]))
        return value_float(op->scalar1(value_to_double(a[0])));
    if (n == 2 && both_numbers(a[0], a[1]))
        return value_float(
            op->scalar2(value_to_double(a[0]), value_to_double(a[1])));
    return n == 1 ? value_map(op->scalar1, NULL, a[0])
                  : value_map2(op->scalar2, a[0], a[1]);
}

static Value evaluate_call(const Letters *l, const Ast *t)
{
    Name name = t->kids[0]->name;
    int n = (int)ast_args(t);
    Value a[3] = {VALUE_NONE, VALUE_NONE, VALUE_NONE};
    bool holds, rows = n > 1 && ast_is(ast_arg(t, (uint32_t)n - 1), AST_NAMED);
    n -= rows;
    for (int i = 0; i < n && i < 3; i++)
        a[i] = evaluate(l, ast_arg(t, (uint32_t)i));
    if (n == 1 && value_is_number(a[0])) {
        double x = value_to_double(a[0]);
        if (find_predicate(name, x, &holds))
            return value_bool(holds);
        if (strcmp(name, "sqrt") == 0)
            return value_float(sqrt(x));
    }
    if (n == 1 && strcmp(name, "sum") == 0)
        return value_reduce(RED_SUM, a[0], rows ? 2 : 0);
    for (int id = 0; id < OP_COUNT; id++)
        if (op_table[id].class != CLASS_CORE && op_table[id].nargs == n &&
            op_table[id].rows == rows && strcmp(op_table[id].name, name) == 0)
            return apply_row(&op_table[id], n, a);
    error_raise(SPAN_NONE, ERR_NAME, "the rule calls `%s`", name);
}

static Value evaluate_name(const Letters *l, const Ast *t)
{
    for (int i = 0; i < l->count; i++)
        if (l->name[i] == t->name)
            return l->value[i];
    for (int id = 0; id < OP_COUNT; id++)
        if (op_table[id].class == CLASS_ELEMENTWISE &&
            op_table[id].nargs == 0 && strcmp(op_table[id].name, t->name) == 0)
            return value_float(op_table[id].scalar0());
    error_raise(SPAN_NONE, ERR_NAME, "the rule names `%s`", t->name);
}

static Value evaluate(const Letters *l, const Ast *t)
{
    depth_check();
    switch (t->kind) {
    case AST_NUMBER:
        return value_float(strtod(t->text, NULL));
    case AST_NAME:
        return evaluate_name(l, t);
    case AST_UNARY: {
        Value a = evaluate(l, t->kids[0]);
        if (t->op == AST_NOT)
            return value_not(a);
        return t->op == AST_NEG ? value_negate(a) : a;
    }
    case AST_BINARY:
        return evaluate_binary(l, t);
    case AST_COMPARE:
        return evaluate_compare(l, t);
    case AST_CALL:
        return evaluate_call(l, t);
    case AST_PRIME:
        return value_transpose(evaluate(l, t->kids[0]));
    default:
        error_raise(SPAN_NONE, ERR_TYPE, "the rule holds a %s",
                    ast_kind_name(t->kind));
    }
}

/* Names in t that are letters: no function and no constant. */
static void collect_letters(Graph *g, const Ast *t, Letters *l)
{
    AstWalk w = ast_walk(g->scratch, t);
    for (const Ast *n; (n = ast_walk_next(&w)) != NULL;) {
        if (n->kind != AST_NAME || strlen(n->name) > 1)
            continue;
        int i = 0;
        while (i < l->count && l->name[i] != n->name)
            i++;
        if (i == l->count && l->count < LETTERS_MOST)
            l->name[l->count++] = n->name;
    }
}

/* ---- the values tried ---- */

static Value try_number(int k)
{
    static const double at[] = {-3,  -2, -1.5, -1, -0.5, 0, 0.3,
                                0.5, 1,  1.2,  2,  2.5,  3, 4};
    return k < 14 ? value_float(at[k]) : VALUE_NONE;
}

static Value try_array(int k)
{
    static const double square[] = {4, 1, 0.5, 0.3, 5, -1, 2, 0.7, 6};
    static const double other[] = {3, -1, 0.2, 0.4, 2, 1, -0.5, 0.1, 4};
    static const double column[] = {0.5, -1.2, 2};
    switch (k) {
    case 0:
        return array_from(3, 3, square);
    case 1:
        return array_from(3, 3, other);
    case 2:
        return array_from(3, 1, column);
    case 3:
        return value_float(2);
    default:
        return VALUE_NONE;
    }
}

/* A number on the right stands for an array of it. */
static bool same_value(Value a, Value b)
{
    Shape s = value_shape(a), r = value_shape(b);
    if (shape_is_scalar(r))
        b = array_fill(s.rows, s.cols, b);
    else if (!shape_same(s, r))
        return false;
    Array *x = array_to_float(a), *y = array_to_float(b);
    for (size_t i = 0; i < array_count(x); i++)
        if (isfinite(x->f[i]) && !(fabs(x->f[i] - y->f[i]) <=
                                   1e-9 * (1 + fabs(x->f[i]) + fabs(y->f[i]))))
            return false;
    return true;
}

/* Neither infinite nor a pole met with rounding. */
static bool is_finite(Value v)
{
    return !value_is_number(v) || fabs(value_to_double(v)) < 1e12;
}

typedef struct Sides {
    const Ast *left, *right, *when;
} Sides;

/* 1: the sides agree, -1: they do not, 0: this is no place to look. */
static int compare_sides(const Sides *s, const Letters *l)
{
    if (s->when && !evaluate(l, s->when).truth)
        return 0;
    Value left = evaluate(l, s->left);
    if (!is_finite(left))
        return 0;
    return same_value(left, evaluate(l, s->right)) ? 1 : -1;
}

/* Shapes that do not fit and numbers outside a domain are no places. */
static int compare_guarded(const Sides *s, const Letters *l)
{
    volatile int verdict = 0;
    Protect p;
    if (PROTECT(&p)) {
        verdict = compare_sides(s, l);
        protect_end(&p);
    }
    return verdict;
}

static void describe_point(const Letters *l, char *why, size_t room)
{
    int used = snprintf(why, room, "the sides differ at");
    for (int i = 0; i < l->count && used > 0 && (size_t)used < room; i++) {
        Value v = l->value[i];
        if (value_is_number(v))
            used += snprintf(why + used, room - (size_t)used, " %s = %g",
                             l->name[i], value_to_double(v));
        else
            used += snprintf(why + used, room - (size_t)used, " %s an array",
                             l->name[i]);
    }
}

/* Next choice, like an odometer; false after the last. */
static bool next_choice(int n, int choice[], Value (*value)(int k))
{
    for (int i = 0; i < n; i++) {
        if (value(++choice[i]).kind != VAL_NONE)
            return true;
        choice[i] = 0;
    }
    return false;
}

/* The places where the rule holds among numbers, or among arrays. */
static int count_agreed(const OpRule *r, const Sides *s, Letters *l,
                        Value (*value)(int k), char *why, size_t room)
{
    PoolMark mark = pool_mark();
    int choice[LETTERS_MOST] = {0}, agreed = 0;
    l->lift = op_table[r->op].class != CLASS_ARRAY;
    do {
        for (int i = 0; i < l->count; i++)
            l->value[i] = value(choice[i]);
        int verdict = compare_guarded(s, l);
        if (verdict < 0)
            describe_point(l, why, room);
        agreed += verdict > 0;
        pool_drain(mark);
    } while (!why[0] && next_choice(l->count, choice, value));
    return agreed;
}

void selftest_rule(Graph *g, const OpRule *r, char *why, size_t room)
{
    ArenaMark mark = arena_mark(g->scratch);
    Letters l = {0};
    Sides s = {graph_text(g, r->left), graph_text(g, r->right),
               r->when[0] ? graph_text(g, r->when) : NULL};
    collect_letters(g, s.left, &l);
    int agreed = count_agreed(r, &s, &l, try_number, why, room);
    if (!why[0] && (!s.when || agreed == 0))
        agreed += count_agreed(r, &s, &l, try_array, why, room);
    if (!why[0] && agreed == 0)
        snprintf(why, room, "it holds at none of the values tried");
    arena_reset(g->scratch, mark);
}
