/*
 * steps.c - derivations to be read
 */
#include "graph/steps.h"

#include <string.h>

#include "base/error.h"
#include "graph/array.h"
#include "graph/binder.h"
#include "graph/diff.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "graph/walk.h"
#include "op/op.h"

enum { STEPS_MOST = 200 };

typedef struct Line {
    const char *left, *rule;
} Line;

typedef struct Steps {
    Graph *g;
    Arena *arena;
    Node x, dx; /* dx: NODE_NONE for a number x */
    int columns;
    NodeMap seen;
    Line line[STEPS_MOST];
    int count;
} Steps;

static const char *text_of(Steps *s, Node n)
{
    Str t = str_in(s->arena);
    node_print(s->g, n, &t);
    return str_text(&t);
}

static bool is_atom(const Graph *g, Node n)
{
    OpId op = node_op(g, n);
    return op == OP_SYM || node_is_number(g, n);
}

/* ---- rules ---- */

/* How many factors of the product hold x, and whether one stands below. */
static int moving_factors(Steps *s, Node n, bool *below)
{
    Graph *g = s->g;
    int moving = 0;
    *below = false;
    if (node_depends(g, node_arg(g, n, 1), s->x))
        moving++;
    for (int i = 2; i < node_count(g, n); i += 2) {
        Node base = node_arg(g, n, i), e = node_arg(g, n, i + 1);
        if (!node_depends(g, base, s->x) && !node_depends(g, e, s->x))
            continue;
        moving++;
        *below = *below || (node_is_number(g, e) &&
                            value_to_double(node_number_value(g, e)) < 0);
    }
    return moving;
}

static const char *power_rule(Steps *s, Node n)
{
    Graph *g = s->g;
    Node base = node_arg(g, n, 2), e = node_arg(g, n, 3);
    bool moves = node_depends(g, e, s->x);
    if (moves && node_depends(g, base, s->x))
        return "(u^v)' = u^v*(v'*log(u) + v*u'/u)";
    if (moves)
        return "exponential: (a^u)' = a^u*log(a)*u'";
    if (base == s->x)
        return "power rule: (x^n)' = n*x^(n - 1)";
    return "power and chain rule: (u^n)' = n*u^(n - 1)*u'";
}

/* (u'*u)^(1/2) and its powers. */
static const char *norm_rule(Steps *s, Node n)
{
    Graph *g = s->g;
    Node base = node_arg(g, n, 2);
    if (node_op(g, base) != OP_CHAIN || node_count(g, base) != 2 ||
        node_transpose(g, node_arg(g, base, 0)) != node_arg(g, base, 1))
        return NULL;
    Str half = str_in(s->arena);
    node_print(g, node_arg(g, n, 3), &half);
    return !strcmp(str_text(&half), "1/2")
               ? "norm: d norm2(u) = u'*du/norm2(u)"
               : "power and chain rule, with d norm2(u) = u'*du/norm2(u)";
}

static const char *product_rule(Steps *s, Node n)
{
    bool below;
    int moving = moving_factors(s, n, &below);
    bool single = node_count(s->g, n) == 4 &&
                  node_is_one(s->g, node_arg(s->g, n, 0)) &&
                  node_is_one(s->g, node_arg(s->g, n, 1));
    if (single) {
        const char *norm = norm_rule(s, n);
        return norm ? norm : power_rule(s, n);
    }
    if (moving < 2)
        return "constant factor: (c*u)' = c*u'";
    return below ? "quotient rule: (u/v)' = (u'*v - u*v')/v^2"
                 : "product rule: (u*v)' = u'*v + u*v'";
}

/* Sums and squared lengths are products of rows and columns. */
static const char *chain_rule(Graph *g, Node n)
{
    Node first = node_arg(g, n, 0);
    Node last = node_arg(g, n, node_count(g, n) - 1);
    if (node_op(g, first) == OP_TRANS &&
        node_op(g, node_arg(g, first, 0)) == OP_ONES)
        return "sum: d sum(u) = sum(du)";
    if (node_count(g, n) == 2 && node_transpose(g, first) == last)
        return "squared norm: d norm2(u)^2 = 2*u'*du";
    return "product: d(A*B) = dA*B + A*dB";
}

static const char *array_rule(OpId op)
{
    switch ((int)op) {
    case OP_HAD:
        return "entry by entry: d(u.*v) = du.*v + u.*dv";
    case OP_TRANS:
        return "transpose: d(A') = dA'";
    case OP_TR:
        return "trace: d tr(A) = tr(dA)";
    case OP_INV:
        return "inverse: d inv(A) = -inv(A)*dA*inv(A)";
    case OP_DET:
        return "determinant: d det(A) = tr(adj(A)*dA)";
    case OP_LOGDET:
        return "log determinant: d logdet(A) = tr(inv(A)*dA)";
    case OP_KRON:
        return "Kronecker product: d kron(A, B) = kron(dA, B) + kron(A, dB)";
    case OP_DIAG:
    case OP_DIAGOF:
        return "diagonal: d diag(u) = diag(du)";
    case OP_INDEX:
        return "an entry changes as its array does";
    case OP_STACK:
    case OP_JOIN:
        return "blocks: each by itself";
    default:
        return NULL;
    }
}

static const char *rule_of(Steps *s, Node n)
{
    Graph *g = s->g;
    OpId op = node_op(g, n);
    if (op == OP_SUM)
        return "sum rule: (u + v)' = u' + v'";
    if (op == OP_MONO)
        return product_rule(s, n);
    if (op == OP_CHAIN)
        return chain_rule(g, n);
    if (op == OP_PROJ)
        return node_op(g, node_arg(g, n, 0)) == OP_IF
                   ? "choice: the branch that is taken"
                   : "sum over an index: each term by itself";
    const char *rule = array_rule(op);
    if (rule)
        return rule;
    Str t = str_in(s->arena);
    if (node_count(g, n) > 0 && node_arg(g, n, 0) == s->x)
        str_add_format(&t, "derivative of %s", op_table[op].name);
    else
        str_add_format(&t, "derivative of %s, chain rule: f(u)' = f'(u)*u'",
                       op_table[op].name);
    return str_text(&t);
}

/* ---- lines ---- */

static void add_line(Steps *s, Node n)
{
    Graph *g = s->g;
    Str t = str_in(s->arena);
    if (s->count == STEPS_MOST)
        error_raise(SPAN_NONE, ERR_LIMIT, "more than %d steps", STEPS_MOST);
    if (s->dx == NODE_NONE) {
        Node d = node_textbook(g, diff_scalar(g, n, s->x));
        str_add_format(&t, "(%s)' = %s", text_of(s, n), text_of(s, d));
    } else {
        Node d = node_textbook(g, diff_forward(g, n, 1, &s->x, &s->dx));
        str_add_format(&t, "d(%s) = %s", text_of(s, n), text_of(s, d));
    }
    s->line[s->count++] = (Line){str_text(&t), rule_of(s, n)};
}

static void visit(Steps *s, Node n);

/* The factors of a product, each power as a formula of its own. */
static void visit_factors(Steps *s, Node n)
{
    Graph *g = s->g;
    bool alone = node_count(g, n) == 4 && node_is_one(g, node_arg(g, n, 0)) &&
                 node_is_one(g, node_arg(g, n, 1));
    visit(s, node_arg(g, n, 1));
    for (int i = 2; i < node_count(g, n); i += 2) {
        Node base = node_arg(g, n, i), e = node_arg(g, n, i + 1);
        if (alone) {
            visit(s, base);
            visit(s, e);
        } else {
            visit(s, node_power(g, base, e));
        }
    }
}

/* The branches of a choice; the terms of a sum are not opened. */
static void visit_result(Steps *s, Node n)
{
    Graph *g = s->g;
    Node of = node_arg(g, n, 0);
    int k = result_number(g, n);
    if (node_op(g, of) == OP_IF) {
        for (int arm = 0; arm < 2; arm++)
            visit(s, choice_open(g, of, arm, s->arena)[k]);
    } else if (loop_carried(g, of) > 0 || loop_role(g, of, k) != LOOP_ADD) {
        error_raise(SPAN_NONE, ERR_TRACE,
                    "steps are shown for formulas without loops, and of those "
                    "with index only for sums");
    }
}

static void visit(Steps *s, Node n)
{
    Graph *g = s->g;
    uint32_t once;
    if (is_atom(g, n) || !node_depends(g, n, s->x) ||
        node_map_get(&s->seen, n, &once))
        return;
    depth_check();
    node_map_set(&s->seen, n, 1);
    OpId op = node_op(g, n);
    if (op == OP_HIST)
        error_raise(SPAN_NONE, ERR_TRACE,
                    "steps are shown for formulas without loops");
    if (op == OP_PROJ)
        visit_result(s, n);
    else if (op == OP_MONO)
        visit_factors(s, n);
    else
        for (int i = 0; i < node_count(g, n); i++)
            visit(s, node_arg(g, n, i));
    if (op != OP_TRANS)
        add_line(s, n);
}

static int width_of(const char *text)
{
    return (int)text_columns(text, strlen(text));
}

/* Rules in one column; one that would be too wide is below its line. */
static void write_lines(Steps *s, Str *out)
{
    int width = 0;
    for (int i = 0; i < s->count; i++) {
        int len = width_of(s->line[i].left);
        if (len > width && len <= 60)
            width = len;
    }
    for (int i = 0; i < s->count; i++) {
        const Line *l = &s->line[i];
        int gap = width - width_of(l->left);
        str_add(out, l->left);
        if (gap >= 0 && width + 2 + width_of(l->rule) <= s->columns)
            str_add_format(out, "%*s  %s\n", gap, "", l->rule);
        else
            str_add_format(out, "\n    %s\n", l->rule);
    }
}

static Node write_answer(Steps *s, Node e, Str *out)
{
    Graph *g = s->g;
    bool number = node_is_scalar(g, e);
    Node y;
    if (s->dx == NODE_NONE)
        y = diff_scalar(g, e, s->x);
    else if (number)
        diff_reverse(g, e, 1, &s->x, &y);
    else
        y = diff_jacobian(g, e, s->x);
    y = node_textbook(g, y);
    const char *text = text_of(s, y);
    const char *by = s->dx == NODE_NONE ? "" : text_of(s, s->dx);
    if (s->dx == NODE_NONE)
        str_add_format(out, "= %s\n", text);
    else if (!number)
        str_add_format(out, "df = J*%s, with the Jacobian J = %s\n", by, text);
    else
        str_add_format(out,
                       node_is_column(g, s->x)
                           ? "df = g'*%s, with the gradient g = %s\n"
                           : "df = tr(G'*%s), with the gradient G = %s\n",
                       by, text);
    return y;
}

Node node_steps(Graph *g, Node e, Node x, Node dx, int columns, Str *out)
{
    Arena *a = arena_local();
    Steps *s = ARENA_NEW(a, Steps);
    s->g = g;
    s->arena = a;
    s->x = x;
    s->dx = dx;
    s->columns = columns;
    s->seen = node_map_in(a);
    visit(s, e);
    write_lines(s, out);
    Node answer = write_answer(s, e, out);
    arena_free(a);
    return answer;
}
