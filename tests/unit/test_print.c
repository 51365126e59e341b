/*
 * Formulas on paper: what is printed can be typed, the textbook form and the
 * expanded one have the value of the formula, large ones stay small.
 */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "check.h"
#include "graph/front.h"
#include "graph/naive.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "syntax/parse.h"

enum { NAMES_MOST = 40, ROUNDS = 4000 };

static Graph *g;
static Arena *arena;
static int name_count;
static FrontName names[NAMES_MOST];
static Node symbols[NAMES_MOST];
static Value values[NAMES_MOST];

static uint64_t random_state = 2024;

static double random_number(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) +
                   UINT64_C(1442695040888963407);
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static int pick(int n)
{
    return (int)(random_number() * n);
}

/* ---- names ---- */

static Node declare(const char *name, Dim rows, Dim cols, unsigned flags,
                    Value value)
{
    Node n = node_symbol(g, name_of(name), (Shape){rows, cols}, flags);
    names[name_count] = (FrontName){name_of(name), n};
    symbols[name_count] = n;
    values[name_count] = value;
    value_keep(value);
    name_count++;
    return n;
}

static Value random_array(int rows, int cols, bool symmetric)
{
    double entry[16];
    for (int j = 0; j < cols; j++)
        for (int i = 0; i < rows; i++) {
            if (symmetric && i < j)
                continue;
            double x = 0.3 + random_number();
            entry[i + j * rows] = x;
            if (symmetric)
                entry[j + i * rows] = x;
        }
    return array_from(rows, cols, entry);
}

static Dim dim_m, dim_n;

static void declare_all(void)
{
    unsigned dimension = SYM_DIMENSION | SYM_INTEGER | SYM_POSITIVE;
    dim_m = dim_of_node(g, declare("m", 1, 1, dimension, value_int(2)));
    dim_n = dim_of_node(g, declare("n", 1, 1, dimension, value_int(3)));
    static const char *const scalar[] = {"s", "r", "x", "y"};
    for (int i = 0; i < 4; i++)
        declare(scalar[i], 1, 1, 0, value_float(0.3 + random_number()));
    declare("p", 1, 1, SYM_POSITIVE, value_float(0.7));
    static const char *const column[] = {"u", "v", "w"};
    for (int i = 0; i < 3; i++)
        declare(column[i], dim_n, 1, 0, random_array(3, 1, false));
    declare("z", dim_m, 1, 0, random_array(2, 1, false));
    declare("A", dim_m, dim_n, 0, random_array(2, 3, false));
    declare("B", dim_n, dim_m, 0, random_array(3, 2, false));
    declare("X", dim_n, dim_n, 0, random_array(3, 3, false));
    declare("Y", dim_n, dim_n, 0, random_array(3, 3, false));
    declare("S", dim_n, dim_n, SYM_SYMMETRIC, random_array(3, 3, true));
}

static Node symbol(const char *name)
{
    for (int i = 0; i < name_count; i++)
        if (names[i].name == name_of(name))
            return names[i].node;
    return NODE_NONE;
}

/* ---- random formulas, by shape ---- */

static Node any_array(int depth, Dim rows, Dim cols);

static Node any_number(void)
{
    switch (pick(3)) {
    case 0:
        return node_int(g, pick(7) - 3);
    case 1:
        return node_rational(g, 1 + pick(4), 2 + pick(3));
    default:
        return node_int(g, 1);
    }
}

static Node call1(const char *name, Node a)
{
    bool known;
    return front_call(g, name_of(name), 1, &a, 0, &known);
}

static Node any_scalar(int depth);

static Node scalar_operation(int depth)
{
    Node a = any_scalar(depth - 1), b = any_scalar(depth - 1);
    switch (pick(9)) {
    case 0:
        return front_add(g, a, b);
    case 1:
        return front_sub(g, a, b);
    case 2:
    case 3:
        return front_mul(g, a, b);
    case 4:
        return node_is_zero(g, b) ? a : front_div(g, a, b);
    case 5:
        return front_power(g, a, node_int(g, 2 + pick(2)));
    case 6:
        return call1("sin", a);
    case 7:
        return call1("exp", a);
    default:
        return front_power(g, symbol("p"), a);
    }
}

static Node any_scalar(int depth)
{
    static const char *const name[] = {"s", "r", "x", "y", "p"};
    if (depth <= 0)
        return pick(4) ? symbol(name[pick(5)]) : any_number();
    Dim d = pick(3) ? dim_n : dim_m;
    switch (pick(9)) {
    case 0:
        return call1("sum", any_array(depth - 1, d, 1));
    case 1:
        return call1("mean", any_array(depth - 1, d, 1));
    case 2:
        return node_dot(g, any_array(depth - 1, d, 1),
                        any_array(depth - 1, d, 1));
    case 3:
        return call1("tr", any_array(depth - 1, d, d));
    case 4:
        return call1("norm2", any_array(depth - 1, d, pick(3) ? 1 : d));
    default:
        return scalar_operation(depth);
    }
}

static Node leaf_array(Dim rows, Dim cols)
{
    static const char *const column[] = {"u", "v", "w"};
    static const char *const square[] = {"X", "Y", "S"};
    if (cols == 1)
        return rows == dim_n ? symbol(column[pick(3)]) : symbol("z");
    if (rows == 1)
        return node_transpose(g, leaf_array(cols, 1));
    if (rows == cols && rows == dim_n)
        return symbol(square[pick(3)]);
    if (rows == cols)
        return node_mul(g, symbol("A"), symbol("B"));
    Node a = symbol(pick(2) ? "A" : "B");
    Shape s = node_shape(g, a);
    return s.rows == rows ? a : node_transpose(g, a);
}

static Node any_product(int depth, Dim rows, Dim cols)
{
    Dim inner = pick(3) ? dim_n : pick(2) ? dim_m : 1;
    if (inner == 1 && (rows == 1 || cols == 1))
        inner = dim_n;
    return front_mul(g, any_array(depth - 1, rows, inner),
                     any_array(depth - 1, inner, cols));
}

static Node any_array(int depth, Dim rows, Dim cols)
{
    if (rows == 1 && cols == 1)
        return any_scalar(depth);
    if (depth <= 0)
        return leaf_array(rows, cols);
    Node a = any_array(depth - 1, rows, cols);
    switch (pick(13)) {
    case 0:
        return front_add(g, a, any_array(depth - 1, rows, cols));
    case 1:
        return front_sub(g, a, any_array(depth - 1, rows, cols));
    case 2:
        return front_mul(g, any_scalar(depth - 1), a);
    case 3:
    case 4:
        return any_product(depth, rows, cols);
    case 5:
        return front_had(g, a, any_array(depth - 1, rows, cols));
    case 6:
        return node_transpose(g, any_array(depth - 1, cols, rows));
    case 7:
        return pick(2) ? front_add(g, a, any_scalar(depth - 1))
                       : front_sub(g, any_scalar(depth - 1), a);
    case 8:
        return call1(cols == 1 && pick(2) ? "sigmoid" : "exp", a);
    case 9:
        return pick(2) ? front_had_power(g, a, node_int(g, 2))
                       : front_had_power(g, leaf_array(rows, cols),
                                         node_int(g, -1 - pick(2)));
    case 10:
        return rows == cols ? call1("inv", a) : a;
    case 11:
        return rows == cols ? call1("diag", any_array(depth - 1, rows, 1)) : a;
    default:
        return front_mul(g, a, any_number());
    }
}

static Node any_formula(int depth)
{
    static const int shapes[6][2] = {{0, 0}, {1, 0}, {0, 1},
                                     {1, 1}, {1, 2}, {2, 1}};
    const int *s = shapes[pick(6)];
    Dim d[3] = {1, dim_n, dim_m};
    return any_array(depth, d[s[0]], d[s[1]]);
}

/* ---- comparing ---- */

static const char *text_of(Node n)
{
    Str s = str_in(arena);
    node_print(g, n, &s);
    return str_text(&s);
}

static Node build(const char *text)
{
    Ast *t = parse_expression("printed", text, arena);
    return front_build(g, t, name_count, names, false);
}

static double largest(const Array *a, const Array *b)
{
    double most = 0;
    for (size_t i = 0; i < array_count(a); i++) {
        double d = fabs(a->f[i] - b->f[i]);
        if (!(d <= 1e-7 * (1 + fabs(a->f[i]))) && isfinite(a->f[i]))
            most = fmax(most, d);
    }
    return most;
}

/* Do the nodes have the same value at the point? */
static bool same_value(Node a, Node b)
{
    PoolMark mark = pool_mark();
    Protect p;
    volatile bool same = true;
    if (PROTECT(&p)) {
        Value x = naive_value(g, a, name_count, symbols, values);
        Value y = naive_value(g, b, name_count, symbols, values);
        Array *left = array_to_float(x), *right = array_to_float(y);
        same = left->rows == right->rows && left->cols == right->cols &&
               largest(left, right) == 0;
        protect_end(&p);
    } /* else: no value there */
    pool_drain(mark);
    return same;
}

/* ---- tests ---- */

static void what_is_printed_can_be_typed(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        ArenaMark mark = arena_mark(arena);
        Node n = any_formula(1 + pick(4));
        if (n == NODE_NONE)
            continue;
        const char *text = text_of(n);
        Node again = build(text);
        CHECK_MESSAGE(again == n, "%s is read as %s", text,
                      again == NODE_NONE ? "nothing" : text_of(again));
        arena_reset(arena, mark);
    }
}

static void textbook_keeps_the_value(void)
{
    for (int i = 0; i < ROUNDS / 2; i++) {
        ArenaMark mark = arena_mark(arena);
        Node n = any_formula(1 + pick(4));
        if (n == NODE_NONE)
            continue;
        Node y = node_textbook(g, n);
        CHECK_MESSAGE(same_value(n, y), "%s became %s", text_of(n), text_of(y));
        CHECK_MESSAGE(node_print_cost(g, y) <= node_print_cost(g, n),
                      "%s grew to %s", text_of(n), text_of(y));
        arena_reset(arena, mark);
    }
}

static void expanding_keeps_the_value(void)
{
    for (int i = 0; i < ROUNDS / 2; i++) {
        ArenaMark mark = arena_mark(arena);
        Node n = any_formula(1 + pick(3));
        if (n == NODE_NONE)
            continue;
        Node y = node_expand(g, n);
        CHECK_MESSAGE(same_value(n, y), "%s became %s", text_of(n), text_of(y));
        arena_reset(arena, mark);
    }
}

/* Every text is its own printed form. */
static const char *const fixed[] = {
    "2*x*sin(x) + x^2*cos(x)",
    "x^3 - 2*x^2 + 1",
    "x^2 + x*y + y^2",
    "1 - x",
    "x^x*(log(x) + 1)",
    "sigmoid(x)*(1 - sigmoid(x))",
    "1/sqrt(x)",
    "x^(1/3)",
    "3*x/4",
    "0.5*x",
    "2.0*sin(x) + 1.5",
    "-x/(2*y)",
    "x^y^s",
    "(x^y)^s",
    "1/x^y",
    "sqrt(2)*x",
    "relu(x)",
    "max(x, y)",
    "(X + Y')*u",
    "X'*(X*w + x - u)/n",
    "mean(X*w + x - u)",
    "sum(A, 1)",
    "mean(A, 2)",
    "sum(A*u)",
    "X^3",
    "(X*Y*X)'",
    "inv(X)'",
    "-(inv(X)*Y*inv(X))'",
    "u.*v",
    "1./u",
    "2*u./v.^2",
    "sqrt(u)",
    "u.^(1/3)",
    "(u.*v)*w'",
    "X'*diag(u.*(1 - u))*X",
    "diag(u)*X + diag(X*u)",
    "(u'*v)*w",
    "norm2(u)",
    "norm2(X*u - v)^2/(2*n)",
    "norm2(X)",
    "u'*u",
    "norm2(u - v)^2",
    "X + 2*I(n)",
    "2*(I(n) - ones(n, n)/n)",
    "u*v' + (u'*v)*I(n)",
    "A + z",
    "A + u'",
    "1 - u",
    "[x*y, x^2]",
    "[x, y; 1, s]",
    "[x, y;]",
    "[u; v]",
    "[u, v]",
    "[X, u; v', 1]",
    "u[2]",
    "X[1,:]",
    "X[:,2]",
    "X[1:2,2:3]",
    "u[1:2:3]",
    "unit(n, 2)",
    "zeros(n)",
    "x < y",
    "tr(A*B)",
    "exp(-u'*S*u/2)*(S*u*u'*S - S)",
    "softmax(X*u)",
};

static void these_print_as_they_stand(void)
{
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        Node n = build(fixed[i]);
        CHECK_MESSAGE(n != NODE_NONE, "%s does not build", fixed[i]);
        if (n != NODE_NONE)
            CHECK_TEXT(text_of(n), fixed[i]);
    }
}

static void functions_print_with_their_derivatives(void)
{
    Node x = symbol("x"), y = symbol("y"), two[2] = {x, y};
    uint32_t one = 1, second[2] = {0, 2}, both[2] = {1, 1};
    Name h = name_of("h");
    CHECK_TEXT(text_of(node_call(g, h, 1, &x, &one)), "h'(x)");
    CHECK_TEXT(text_of(node_call(g, h, 2, two, second)), "diff(h(x, y), y, 2)");
    CHECK_TEXT(text_of(node_call(g, h, 2, two, both)),
               "diff(diff(h(x, y), x), y)");
    two[0] = node_mul(g, x, x);
    CHECK_TEXT(text_of(node_call(g, h, 2, two, both)),
               "subs(diff(diff(h(t, y), t), y), t = x^2)");
}

static void results_tell_their_shape(void)
{
    Str s = str_in(arena);
    node_print_result(g, build("X*u"), &s);
    node_print_result(g, build("X"), &s);
    node_print_result(g, build("[u; 1]"), &s);
    node_print_result(g, build("u'*v"), &s);
    CHECK_TEXT(str_text(&s), "X*u    # [n]X    # [n,n]"
                             "[u; 1]    # [n + 1]u'*v");
}

static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void deep_formulas_print_in_linear_time(void)
{
    Node y = symbol("x");
    for (int i = 0; i < 100000; i++)
        y = node_apply(g, OP_SIN, 1, &y);
    double start = seconds();
    Str s = {0};
    node_print(g, y, &s);
    CHECK(s.len == 100000 * 5 + 1);
    CHECK(seconds() - start < 2);
    str_free(&s);
    node_latex(g, y, NULL, &s);
    str_free(&s);
}

static void long_sums_print_in_linear_time(void)
{
    enum { TERMS = 100000 };
    Node *term = malloc(TERMS * sizeof *term);
    for (int i = 0; i < TERMS; i++) {
        Node a = node_mul(g, node_int(g, i + 2), symbol("x"));
        term[i] = node_apply(g, OP_SIN, 1, &a);
        if (i % 3 == 0)
            term[i] = node_neg(g, term[i]);
    }
    Node y = node_sum(g, TERMS, term);
    free(term);
    double start = seconds();
    Str s = {0};
    node_print_result(g, y, &s);
    CHECK(seconds() - start < 3);
    CHECK(s.len > TERMS * 8);
    str_free(&s);
}

static void shared_parts_are_named(void)
{
    Node y = symbol("x");
    for (int i = 0; i < 60; i++) {
        Node s = node_apply(g, OP_SIN, 1, &y);
        y = node_add(g, node_mul(g, y, s), node_apply(g, OP_COS, 1, &y));
    }
    Str s = {0};
    node_print_result(g, y, &s);
    CHECK(s.len < 8000);
    CHECK(strncmp(s.at, "t1 = ", 5) == 0);
    str_free(&s);
    CHECK(node_textbook(g, y) == y);
}

static void check_latex(const char *text, const char *want)
{
    Str s = str_in(arena);
    node_latex(g, build(text), NULL, &s);
    CHECK_TEXT(str_text(&s), want);
}

static void latex_reads_as_on_paper(void)
{
    check_latex("x/2", "\\frac{x}{2}");
    check_latex("A*u", "A u");
    check_latex("X'*u", "X^{\\top} u");
    check_latex("u.*v", "u \\odot v");
    check_latex("norm2(u - v)", "\\lVert{u - v}\\rVert");
    check_latex("sqrt(x)", "\\sqrt{x}");
    check_latex("x^3*2", "2 x^{3}");
    check_latex("inv(X)'", "\\left(X^{-1}\\right)^{\\top}");
    check_latex("X + 2*I(n)", "X + 2 I_{n}");
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    Heap *h = heap_new();
    g = graph_new();
    arena = arena_new();
    declare_all();
    RUN(what_is_printed_can_be_typed);
    RUN(textbook_keeps_the_value);
    RUN(expanding_keeps_the_value);
    RUN(these_print_as_they_stand);
    RUN(functions_print_with_their_derivatives);
    RUN(results_tell_their_shape);
    RUN(deep_formulas_print_in_linear_time);
    RUN(long_sums_print_in_linear_time);
    RUN(shared_parts_are_named);
    RUN(latex_reads_as_on_paper);
    arena_free(arena);
    graph_free(g);
    heap_free(h);
    context_free(c);
    return check_result();
}
