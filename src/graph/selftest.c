#include "graph/selftest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "graph/diff_pass.h"
#include "graph/front.h"
#include "graph/internal.h"
#include "graph/naive.h"
#include "graph/print.h"
#include "graph/selftest_rule.h"
#include "syntax/parse.h"

enum { ARGS_MOST = 3, POINTS_MOST = 16 };

/* One operator applied to symbols with values. */
typedef struct Trial {
    Graph *g;
    const OpInfo *op;
    int n;
    Shape shape[ARGS_MOST];
    Node symbol[ARGS_MOST + 2]; /* arguments, then whatever a check adds */
    Value value[ARGS_MOST + 2];
    Node y;
    char why[256];
} Trial;

static double number_at(Value v, size_t i)
{
    if (v.kind == VAL_ARRAY)
        return value_to_double(array_get(v.array, i));
    return value_to_double(v);
}

static size_t count_of(Value v)
{
    return v.kind == VAL_ARRAY ? array_count(v.array) : 1;
}

/* Sum of the products of the entries. */
static double inner_product(Value a, Value b)
{
    double sum = 0;
    for (size_t i = 0; i < count_of(a); i++)
        sum += number_at(a, i) * number_at(b, i);
    return sum;
}

/* Fixed weights without symmetry, so that no two entries are alike. */
static Value weights(Shape s, double start)
{
    int rows = s.rows, cols = s.cols;
    Value w = array_new(ELEM_FLOAT, rows, cols);
    for (int i = 0; i < rows * cols; i++)
        array_set(w.array, (size_t)i, value_float(sin(start + 1.7 * i) + 0.3));
    return array_value(w);
}

static Value moved(Value v, Value direction, double h)
{
    return value_binary(BIN_ADD, v,
                        value_binary(BIN_MUL, value_float(h), direction));
}

static double value_at(Trial *t, Node scalar, int count)
{
    Value v = naive_value(t->g, scalar, count, t->symbol, t->value);
    return value_to_double(v);
}

static bool is_close(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance * (1 + fabs(a) + fabs(b));
}

/* Central difference of fourth order along d. */
static double difference(Trial *t, Node scalar, int arg, Value d)
{
    static const double step[] = {-2, -1, 1, 2};
    static const double weight[] = {1, -8, 8, -1};
    double h = 1e-3, sum = 0;
    Value v = t->value[arg];
    for (int i = 0; i < 4; i++) {
        t->value[arg] = moved(v, d, step[i] * h);
        sum += weight[i] * value_at(t, scalar, t->n);
    }
    t->value[arg] = v;
    return sum / (12 * h);
}

/* False where there is no closed form: that is an answer, not a failure. */
static bool reverse_gradient(Graph *g, Node y, Node x, Node *gradient)
{
    Protect p;
    if (PROTECT(&p)) {
        diff_reverse(g, y, 1, &x, gradient);
        protect_end(&p);
    } else {
        if (context_error()->code != ERR_TENSOR)
            error_again();
        return false;
    }
    return true;
}

static void check_diff(Trial *t, int arg)
{
    Graph *g = t->g;
    Node x = t->symbol[arg];
    Node weight = node_from_value(g, weights(node_shape(g, t->y), 0.4));
    Node loss = node_dot(g, t->y, weight);
    Value d = weights(node_shape(g, x), 0.9);
    Node dx = node_from_value(g, d), gradient;
    double forward = value_at(t, diff_forward(g, loss, 1, &x, &dx), t->n);
    double expected = difference(t, loss, arg, d);
    if (!is_close(forward, expected, 1e-6)) {
        snprintf(t->why, sizeof t->why, "derivative %.12g, difference %.12g",
                 forward, expected);
        return;
    }
    if (!reverse_gradient(g, loss, x, &gradient))
        return;
    Value numbers = naive_value(g, gradient, t->n, t->symbol, t->value);
    double reverse = inner_product(numbers, d);
    if (!is_close(reverse, forward, 1e-9))
        snprintf(t->why, sizeof t->why, "reverse %.12g, forward %.12g", reverse,
                 forward);
}

static void check_transpose(Trial *t, int arg)
{
    Graph *g = t->g;
    Shape s = node_shape(g, t->y);
    Node u = node_symbol(g, name_of("u"), s, SYM_PLACEHOLDER);
    Node back =
        diff_text_build(g, transpose_text(t->op->id, arg), t->y, "u", u);
    t->symbol[t->n] = u;
    t->value[t->n] = weights(s, 0.4);
    Value y = naive_value(g, t->y, t->n, t->symbol, t->value);
    Value x = naive_value(g, back, t->n + 1, t->symbol, t->value);
    double left = inner_product(y, t->value[t->n]);
    double right = inner_product(x, t->value[arg]);
    if (!is_close(left, right, 1e-9))
        snprintf(t->why, sizeof t->why, "<u, y> is %.12g, <u', a> %.12g", left,
                 right);
}

/* y as it prints, read again, is y. */
static void check_name(Trial *t, int arg)
{
    (void)arg;
    Graph *g = t->g;
    FrontName names[ARGS_MOST];
    for (int i = 0; i < t->n; i++)
        names[i] = (FrontName){node_symbol_name(g, t->symbol[i]), t->symbol[i]};
    ArenaMark mark = arena_mark(g->scratch);
    Str text = str_in(g->scratch);
    node_print(g, t->y, &text);
    Ast *tree = parse_expression("print", str_text(&text), g->scratch);
    if (front_build(g, tree, t->n, names, false) != t->y)
        snprintf(t->why, sizeof t->why, "`%s` reads back as another node",
                 str_text(&text));
    arena_reset(g->scratch, mark);
}

typedef void (*TrialCheck)(Trial *t, int arg);

static void build_trial(Trial *t)
{
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < t->n; i++)
        t->symbol[i] = node_symbol(t->g, name_of(names[i]), t->shape[i], 0);
    t->y = node_apply(t->g, t->op->id, t->n, t->symbol);
}

/* Runs one check; an error is a reason too. */
static void guard_check(Trial *t, TrialCheck check, int arg)
{
    Protect p;
    if (t->why[0])
        return;
    PoolMark mark = pool_mark();
    if (PROTECT(&p)) {
        build_trial(t);
        check(t, arg);
        protect_end(&p);
    } else {
        snprintf(t->why, sizeof t->why, "%s", context_error()->message);
    }
    pool_drain(mark);
}

/* ---- points of elementwise rows ---- */

/* "-1.5, 0.2; 0.3, 0.7": the list of argument `arg`. */
static int read_points(const char *text, int arg, double at[])
{
    int count = 0;
    while (arg > 0 && *text)
        arg -= *text++ == ';';
    while (*text && *text != ';' && count < POINTS_MOST) {
        char *end;
        at[count] = strtod(text, &end);
        if (end == text)
            return count;
        count++;
        text = end;
        while (*text == ',' || *text == ' ')
            text++;
    }
    return count;
}

/* Points in turn, each round begun one further, fill the entries. */
static Value point_array(const double at[], int count, Shape s, int start)
{
    int rows = s.rows, cols = s.cols;
    Value v = array_new(ELEM_FLOAT, rows, cols);
    for (int i = 0; i < rows * cols; i++)
        array_set(v.array, (size_t)i,
                  value_float(at[(start + i + i / count) % count]));
    return array_value(v);
}

static void try_elementwise(Trial *t, TrialCheck check, int arg)
{
    static const Shape shapes[] = {{1, 1}, {3, 1}, {2, 2}, {2, 3}};
    for (int k = 0; k < 4; k++) {
        for (int start = 0; start < 3; start++) {
            PoolMark mark = pool_mark();
            for (int i = 0; i < t->n; i++) {
                double at[POINTS_MOST];
                int count = read_points(t->op->points, i, at);
                if (count == 0)
                    return;
                t->shape[i] = shapes[k];
                t->value[i] = point_array(at, count, shapes[k], start);
            }
            guard_check(t, check, arg);
            pool_drain(mark);
        }
    }
}

/* ---- sizes of array rows ---- */

/* "2x2, 2x3": the size number k. */
static bool read_size(const char *text, int k, Shape *s)
{
    char *end;
    for (; k > 0; k--) {
        while (*text && *text != ',')
            text++;
        if (*text++ != ',')
            return false;
    }
    s->rows = (Dim)strtol(text, &end, 10);
    if (end == text || *end != 'x')
        return false;
    s->cols = (Dim)strtol(end + 1, NULL, 10);
    return true;
}

/* Well away from singular: positive definite if square. */
static Value size_array(Shape s, int k)
{
    int rows = s.rows, cols = s.cols;
    Value v = array_new(ELEM_FLOAT, rows, cols);
    for (int j = 0; j < cols; j++)
        for (int i = 0; i < rows; i++) {
            double x = 0.7 + 0.5 * sin(1.3 * i + 2.1 * j + k);
            if (i == j && rows == cols)
                x += rows;
            array_set(v.array, (size_t)(i + j * rows), value_float(x));
        }
    return array_value(v);
}

/* Sizes stand in groups, one size an argument. */
static void try_array(Trial *t, TrialCheck check, int arg)
{
    for (int group = 0;; group++) {
        for (int i = 0; i < t->n; i++)
            if (!read_size(t->op->points, group * t->n + i, &t->shape[i]))
                return;
        PoolMark mark = pool_mark();
        for (int i = 0; i < t->n; i++)
            t->value[i] = size_array(t->shape[i], i);
        guard_check(t, check, arg);
        pool_drain(mark);
    }
}

/* ---- all rows ---- */

typedef struct Self {
    Graph *g;
    SelftestReport report;
    void *data;
    int failed;
} Self;

static void report_row(Self *s, const char *kind, const char *name,
                       const char *rest, const char *why)
{
    char what[256];
    snprintf(what, sizeof what, "%s %s%s%s", kind, name, *rest ? " " : "",
             rest);
    s->failed += why[0] != '\0';
    if (s->report)
        s->report(s->data, what, why);
}

static void try_row(Self *s, const char *kind, OpId id, int arg,
                    TrialCheck check)
{
    static const char *const names[] = {"a", "b", "c"};
    Trial t = {.g = s->g, .op = &op_table[id], .n = op_table[id].nargs};
    if (t.n > ARGS_MOST)
        return;
    if (t.op->class == CLASS_ELEMENTWISE && t.n == 0)
        guard_check(&t, check, arg);
    else if (t.op->class == CLASS_ELEMENTWISE)
        try_elementwise(&t, check, arg);
    else if (t.op->class == CLASS_ARRAY)
        try_array(&t, check, arg);
    report_row(s, kind, t.op->name, arg < 0 ? "" : names[arg], t.why);
}

int op_selftest(Graph *g, SelftestReport report, void *data)
{
    Self s = {.g = g, .report = report, .data = data};
    for (size_t i = 0; i < op_diff_count; i++)
        try_row(&s, "DIFF", op_diffs[i].op, op_diffs[i].arg, check_diff);
    for (size_t i = 0; i < op_transpose_count; i++)
        try_row(&s, "TRANSPOSE", op_transposes[i].op, op_transposes[i].arg,
                check_transpose);
    for (size_t i = 0; i < op_rule_count; i++) {
        char why[256] = "";
        selftest_rule(g, &op_rules[i], why, sizeof why);
        report_row(&s, "RULE", op_rules[i].left, op_rules[i].when, why);
    }
    for (int id = 0; id < OP_COUNT; id++)
        if (op_table[id].class != CLASS_CORE)
            try_row(&s, "NAME", (OpId)id, -1, check_name);
    return s.failed;
}
