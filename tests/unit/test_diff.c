/*
 * Derivatives against numbers: the rows of ops.def, random expressions,
 * forward against reverse, Jacobians and Hessians, deep chains.
 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "check.h"
#include "graph/diff.h"
#include "graph/diff_pass.h"
#include "graph/front.h"
#include "graph/internal.h"
#include "graph/naive.h"
#include "graph/print.h"
#include "graph/selftest.h"
#include "syntax/parse.h"

enum { NAMES_MOST = 24 };

static Graph *g;
static Arena *arena;
static int name_count;
static FrontName names[NAMES_MOST];
static Node symbols[NAMES_MOST];
static Value values[NAMES_MOST];

static double random_number(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

static uint64_t random_state = 12345; /* DIFF_SEED */

static int random_below(int n)
{
    return (int)(random_number(&random_state) * n);
}

static Value random_array(int rows, int cols, unsigned flags)
{
    Value v = array_new(ELEM_FLOAT, rows, cols);
    for (int j = 0; j < cols; j++)
        for (int i = 0; i < rows; i++) {
            double x = 2 * random_number(&random_state) - 1;
            if (flags & SYM_POSITIVE)
                x = fabs(x) + 0.5;
            if ((flags & SYM_SYMMETRIC) && i < j) {
                v.array->f[j + i * rows] = x;
                v.array->f[i + j * rows] = x;
            } else if (!(flags & SYM_SYMMETRIC) || i == j) {
                v.array->f[i + j * rows] = x;
            }
        }
    return array_value(v);
}

static void forget_names(void)
{
    for (int i = 0; i < name_count; i++)
        value_drop(values[i]);
    name_count = 0;
}

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

/* m = 2, n = 3, as names or as numbers. */
static void declare_all(bool named)
{
    forget_names();
    Dim m = 2, n = 3;
    unsigned dimension = SYM_DIMENSION | SYM_INTEGER | SYM_POSITIVE;
    if (named) {
        m = dim_of_node(g, declare("m", 1, 1, dimension, value_int(2)));
        n = dim_of_node(g, declare("n", 1, 1, dimension, value_int(3)));
    } else {
        names[name_count] = (FrontName){name_of("m"), node_int(g, m)};
        symbols[name_count] = node_int(g, m);
        values[name_count++] = value_int(m);
        names[name_count] = (FrontName){name_of("n"), node_int(g, n)};
        symbols[name_count] = node_int(g, n);
        values[name_count++] = value_int(n);
    }
    declare("s", 1, 1, 0, random_array(1, 1, 0));
    declare("r", 1, 1, 0, random_array(1, 1, 0));
    declare("p", 1, 1, SYM_POSITIVE, random_array(1, 1, SYM_POSITIVE));
    declare("x", n, 1, 0, random_array(3, 1, 0));
    declare("w", n, 1, 0, random_array(3, 1, 0));
    declare("y", m, 1, 0, random_array(2, 1, 0));
    declare("A", m, n, 0, random_array(2, 3, 0));
    declare("B", n, m, 0, random_array(3, 2, 0));
    declare("X", n, n, 0, random_array(3, 3, 0));
    declare("S", n, n, SYM_SYMMETRIC, random_array(3, 3, SYM_SYMMETRIC));
}

static Node symbol(const char *name)
{
    Name key = name_of(name);
    for (int i = 0; i < name_count; i++)
        if (names[i].name == key)
            return names[i].node;
    return NODE_NONE;
}

static Node build(const char *text)
{
    Ast *t = parse_expression("test", text, arena);
    return front_build(g, t, name_count, names, false);
}

static Value value_of(Node n)
{
    return naive_value(g, n, name_count, symbols, values);
}

static const char *text_of(Node n)
{
    Str out = str_in(arena);
    node_print(g, n, &out);
    return str_text(&out);
}

static double entry(Value v, int i)
{
    if (v.kind != VAL_ARRAY)
        return value_to_double(v);
    return value_to_double(array_get(v.array, (size_t)i));
}

static int entries(Value v)
{
    return v.kind == VAL_ARRAY ? (int)array_count(v.array) : 1;
}

/* ---- random expressions as texts ---- */

#define PICK(list) ((list)[random_below((int)(sizeof(list) / sizeof *(list)))])

enum { ONE, SHORT, LONG }; /* sides of a shape: 1, m, n */

static void grow(Str *out, int rows, int cols, int depth);

static void put(Str *out, const char *form, int rows, int cols, int inner,
                int depth)
{
    /* %s: same shape, %c: scalar, %l: rows by inner, %r: inner by cols,
     * %u: column of rows, %v: column of cols, %q: square of rows */
    for (; *form; form++) {
        if (*form != '%') {
            str_add_char(out, *form);
            continue;
        }
        switch (*++form) {
        case 's':
            grow(out, rows, cols, depth - 1);
            break;
        case 'c':
            grow(out, ONE, ONE, depth - 1);
            break;
        case 'l':
            grow(out, rows, inner, depth - 1);
            break;
        case 'r':
            grow(out, inner, cols, depth - 1);
            break;
        case 'u':
            grow(out, rows, ONE, depth - 1);
            break;
        case 'v':
            grow(out, cols, ONE, depth - 1);
            break;
        case 'q':
            grow(out, rows, rows, depth - 1);
            break;
        case 't':
            grow(out, cols, rows, depth - 1);
            break;
        case 'i':
            grow(out, inner, ONE, depth - 1);
            break;
        case 'j':
            grow(out, inner, inner, depth - 1);
            break;
        default:
            break;
        }
    }
}

static const char *leaf_text(int rows, int cols)
{
    static const char *const scalar[] = {"s", "r", "p", "2", "0.5"};
    static const char *const square[] = {"X", "S", "S", "X'"};
    static const char *const column[] = {"x", "w", "x"};
    if (rows == ONE && cols == ONE)
        return PICK(scalar);
    if (cols == ONE)
        return rows == SHORT ? "y" : PICK(column);
    if (rows == ONE)
        return cols == SHORT ? "y'" : "x'";
    if (rows == LONG && cols == LONG)
        return PICK(square);
    if (rows == SHORT && cols == SHORT)
        return random_below(2) ? "(A*B)" : "(B'*A')";
    return rows == SHORT ? (random_below(2) ? "A" : "B'")
                         : (random_below(2) ? "B" : "A'");
}

static void grow(Str *out, int rows, int cols, int depth)
{
    static const char *const any[] = {
        "(%s + %s)",
        "(%s - %s)",
        "(%c)*(%s)",
        "(%s).*(%s)",
        "tanh(%s)",
        "sin(%s)",
        "exp(%s/4)",
        "sigmoid(%s)",
        "(%t)'",
        "(%s).^2",
        "(%l)*(%r)",
        "(%l)*(%r)",
        "log(1 + exp(%s))",
        "(%s)/(1 + (%c)^2)",
        "(%s)./(1 + (%s).^2)",
        "(%l)*(%r)",
        "%s",
        "relu(%s)",
        "abs(%s)",
        "(1 + (%s).^2).^(%s)",
        "max(%s, %s)",
        "softplus(%s)",
    };
    static const char *const scalar[] = {
        "(%i)'*(%i)",
        "sum(%i)",
        "norm2(%i)^2",
        "tr(%j)",
        "(%i)'*(%j)*(%i)",
        "logdet((%j)'*(%j) + I(n))",
        "log(sum(exp(%i)))",
        "mean(%i)",
        "norm2(%j)^2",
        "x[2]",
        "(%i)'*inv((%j)'*(%j) + I(n))*(%i)",
        "abs(%c)",
        "sum((%j).*(%j))",
        "det(X)*(%c)",
        "S[1,2]*%c",
        "tr(inv((%j)'*(%j) + I(n))*(%j))",
        "p^(%c)",
        "sqrt(1 + norm2(%i)^2)",
        "sum([%i; %c].^2)",
        "sum([%j; (%i)']*(%i))",
        "sum([%j, %i].^2)",
        "sum((%i)[2:end])",
        "((%i)[2:end])'*((%i)[2:end])",
        "(%j)[1,2]",
        "(%j)[2,:]*(%i)",
        "sum((%j)[:,1].^2)",
        "sum((%j)[2:end,1:2])",
        "max(%i)",
        "min(%j)",
        "prod(1 + (%i).^2)",
        "sum(cumsum(%i).^2)",
        "max(%c, %c)",
        "sum(max(%j, %j))",
        "norm2([%i, %i]*[%c, %c])^2",
        "norm2(kron(%i, %j))^2",
        "sum(kron(%j, (%i)').^2)",
        "det((%j)'*(%j) + I(n))",
        "hypot(%c, 1 + (%c)^2)",
        "logsumexp([%i; %i])",
    };
    static const char *const column[] = {
        "(%q)*(%u)",
        "diag(%q)",
        "softmax(%u)",
        "(%c)*(%u)",
        "(%u)*(%c)",
        "inv((%q)'*(%q) + eye(%d))*(%u)",
        "diag(%u)*(%u)",
        "sum(%q, dim = 2)",
        "(%u)*((%i)'*(%i))",
        "(%u) + (%c)",
        "[%u, %u]*[%c, %c]",
        "cumsum(%u)",
        "kron((%i)', %u)*(%i)",
        "[%q, %u]*[%u; %c]",
    };
    static const char *const matrix[] = {
        "(%u)*(%v)'",    "(%q)*(%s)",  "diag(%u)*(%s)",
        "(%s)*diag(%v)", "(%u).*(%s)", "(%s) + (%c)",
    };
    int inner = random_below(2) ? SHORT : LONG;
    int kind = random_below(3);
    if (depth <= 0) {
        str_add(out, leaf_text(rows, cols));
        return;
    }
    if (rows == ONE && cols == ONE && kind > 0) {
        put(out, PICK(scalar), rows, cols, LONG, depth);
    } else if (cols == ONE && rows != ONE && kind > 1) {
        const char *form = PICK(column);
        if (strstr(form, "%d"))
            form = rows == LONG ? "inv((%q)'*(%q) + I(n))*(%u)"
                                : "inv((%q)'*(%q) + I(m))*(%u)";
        put(out, form, rows, cols, inner, depth);
    } else if (rows != ONE && cols != ONE && kind > 1) {
        put(out, PICK(matrix), rows, cols, inner, depth);
    } else {
        put(out, PICK(any), rows, cols, inner, depth);
    }
}

/* ---- checks against numbers ---- */

static int place_of(Node x)
{
    for (int i = 0; i < name_count; i++)
        if (symbols[i] == x)
            return i;
    return -1;
}

/* values[k] with h added to entry i (and its mirror if symmetric). */
static Value moved(int k, int i, double h)
{
    Value v = values[k];
    if (v.kind != VAL_ARRAY)
        return value_float(value_to_double(v) + h);
    int rows = v.array->rows, cols = v.array->cols;
    Value w = array_from(rows, cols, v.array->f);
    w.array->f[i] += h;
    if (node_symbol_flags(g, symbols[k]) & SYM_SYMMETRIC) {
        w.array->f[i] -= h / 2;
        w.array->f[i / rows + i % rows * rows] += h / 2;
    }
    return w;
}

/* Derivative of all entries of n by entry i of symbol k, [count], with steps
 * of h. */
static void difference(Node n, int k, int i, int count, double h,
                       double slope[])
{
    static const double step[] = {-2, -1, 1, 2};
    static const double weight[] = {1, -8, 8, -1};
    Value keep = values[k];
    for (int e = 0; e < count; e++)
        slope[e] = 0;
    for (int q = 0; q < 4; q++) {
        PoolMark mark = pool_mark();
        values[k] = moved(k, i, step[q] * h);
        Value v = value_of(n);
        for (int e = 0; e < count; e++)
            slope[e] += weight[q] * entry(v, e) / (12 * h);
        pool_drain(mark);
        values[k] = keep;
    }
}

static bool is_close(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance * (1 + fabs(a) + fabs(b));
}

/*
 * Is d the derivative of n by x, entry (e, i) at e + i*count?  Where two
 * differences do not agree (a kink or a pole near by) nothing is known.
 */
static bool agrees(Node n, Node x, Node d, double tolerance)
{
    int k = place_of(x), count = entries(value_of(n)),
        size = entries(values[k]);
    double slope[64], finer[64];
    Value v = value_of(d);
    if (entries(v) != count * size)
        return false;
    for (int i = 0; i < size; i++) {
        difference(n, k, i, count, 2e-3, slope);
        difference(n, k, i, count, 1e-3, finer);
        for (int e = 0; e < count; e++)
            if (is_close(slope[e], finer[e], tolerance / 10) &&
                !is_close(entry(v, e + i * count), finer[e], tolerance)) {
                printf("# entry %d, %d: %.9g, not %.9g\n", e, i,
                       entry(v, e + i * count), finer[e]);
                return false;
            }
    }
    return true;
}

/* ---- tests ---- */

static const char *first_failure;

static void note_row(void *data, const char *what, const char *why)
{
    (void)data;
    if (why[0]) {
        printf("# %s: %s\n", what, why);
        if (!first_failure)
            first_failure = arena_copy(arena, what, strlen(what));
    }
}

static void rows_of_ops_def_hold(void)
{
    first_failure = NULL;
    int failed = op_selftest(g, note_row, NULL);
    CHECK_MESSAGE(failed == 0, "%d rows, the first is %s", failed,
                  first_failure);
}

typedef struct Rate {
    int tried, same, errors, refused, wrong;
} Rate;

static const char *const variables[] = {"s", "p", "x", "w", "y",
                                        "A", "B", "X", "S"};

/* Gradient of e by x, forward and reverse and numbers. */
static void try_gradient(Node e, const char *text, Node x, Rate *rate)
{
    Node gradient;
    diff_reverse(g, e, 1, &x, &gradient);
    Node dx = node_symbol(g, name_of("dx"), node_shape(g, x), SYM_PLACEHOLDER);
    Node forward = diff_forward(g, e, 1, &x, &dx);
    Node back = linear_transpose(g, NULL, forward, dx, g->one);
    if (node_symbol_flags(g, x) & SYM_SYMMETRIC && !node_is_scalar(g, x))
        back =
            node_scale(g, g->half, node_add(g, back, node_transpose(g, back)));
    rate->tried++;
    rate->same += back == gradient;
    if (back != gradient && getenv("VERBOSE"))
        printf("# other node: %s by %s: %s | %s\n", text,
               node_symbol_name(g, x), text_of(gradient), text_of(back));
    if (!agrees(e, x, gradient, 1e-5) ||
        (back != gradient && !agrees(e, x, back, 1e-5))) {
        rate->wrong++;
        printf("# wrong: grad(%s, %s) = %s\n", text, node_symbol_name(g, x),
               text_of(gradient));
        CHECK_MESSAGE(false, "grad(%s, %s)", text, node_symbol_name(g, x));
    }
}

static void try_matrix(Node e, const char *text, Node x, bool hessian,
                       Rate *rate)
{
    Node target = e;
    if (hessian)
        diff_reverse(g, e, 1, &x, &target);
    Node j = hessian ? diff_hessian(g, e, x) : diff_jacobian(g, e, x);
    rate->tried++;
    if (!agrees(target, x, j, 1e-4)) {
        rate->wrong++;
        printf("# wrong: %s(%s, %s) = %s\n", hessian ? "hessian" : "jacobian",
               text, node_symbol_name(g, x), text_of(j));
        CHECK_MESSAGE(false, "matrix of %s by %s", text,
                      node_symbol_name(g, x));
    }
}

typedef enum Mode { GRADIENT, JACOBIAN, HESSIAN } Mode;

static void try_expression(Mode mode, int depth, Rate *rate)
{
    Protect p;
    Str text = str_in(arena);
    grow(&text, mode == JACOBIAN ? (random_below(2) ? SHORT : LONG) : ONE, ONE,
         depth);
    const char *name = mode == GRADIENT ? variables[random_below(9)]
                                        : variables[2 + random_below(3)];
    PoolMark mark = pool_mark();
    Value kept[NAMES_MOST];
    memcpy(kept, values, sizeof values);
    if (PROTECT(&p)) {
        Node e = build(str_text(&text));
        if (e == NODE_NONE)
            error_raise(SPAN_NONE, ERR_SHAPE, "shapes");
        if (mode == GRADIENT)
            try_gradient(e, str_text(&text), symbol(name), rate);
        else
            try_matrix(e, str_text(&text), symbol(name), mode == HESSIAN, rate);
        protect_end(&p);
    } else if (context_error()->code == ERR_TENSOR) {
        rate->refused++;
        if (getenv("VERBOSE"))
            printf("# refused: %s by %s: %s\n", str_text(&text), name,
                   context_error()->message);
    } else {
        rate->errors++;
        if (getenv("VERBOSE"))
            printf("# error: %s by %s: %s\n", str_text(&text), name,
                   context_error()->message);
    }
    memcpy(values, kept, sizeof values); /* one may have been moved */
    pool_drain(mark);
}

static int count_from_environment(int count)
{
    const char *text = getenv("DIFF_COUNT");
    return text ? atoi(text) : count;
}

static void try_many(Mode mode, int count, int depth)
{
    Rate rate = {0};
    count = count_from_environment(count);
    for (int i = 0; i < count; i++) {
        if (i % 200 == 0)
            declare_all(i / 200 % 2 == 1);
        ArenaMark mark = arena_mark(arena);
        try_expression(mode, 1 + i % depth, &rate);
        arena_reset(arena, mark);
    }
    printf("# %d tried, %d refused, %d errors, %d wrong", rate.tried,
           rate.refused, rate.errors, rate.wrong);
    if (mode == GRADIENT)
        printf(", forward and reverse the same node in %.1f%%",
               100.0 * rate.same / (rate.tried + (rate.tried == 0)));
    printf("\n");
    CHECK_MESSAGE(rate.errors * 10 <= count, "%d errors of %d", rate.errors,
                  count);
    CHECK_MESSAGE(rate.tried * 3 >= count, "only %d tried of %d", rate.tried,
                  count);
    if (mode == GRADIENT)
        CHECK_MESSAGE(rate.same * 10 >= rate.tried * 9, "%d of %d the same",
                      rate.same, rate.tried);
}

static void gradients_of_random_expressions(void)
{
    try_many(GRADIENT, 3000, 4);
}

static void jacobians_of_random_columns(void)
{
    try_many(JACOBIAN, 1500, 3);
}

static void hessians_of_random_expressions(void)
{
    try_many(HESSIAN, 1000, 3);
}

/* ---- single claims ---- */

static ErrorCode code_of(Node (*f)(Graph *g, Node y, Node x), const char *y,
                         const char *x)
{
    Protect p;
    if (PROTECT(&p)) {
        f(g, build(y), build(x));
        protect_end(&p);
        return ERR_COUNT;
    }
    return context_error()->code;
}

static Node gradient_of(Graph *graph, Node y, Node x)
{
    Node gradient;
    diff_reverse(graph, y, 1, &x, &gradient);
    return gradient;
}

static void refusals_are_told_apart(void)
{
    declare_all(true);
    CHECK(code_of(diff_jacobian, "X*w", "X") == ERR_TENSOR);
    CHECK(code_of(diff_jacobian, "x*x'", "x") == ERR_TENSOR);
    CHECK(code_of(diff_hessian, "logdet(X)", "X") == ERR_TENSOR);
    CHECK(code_of(diff_jacobian, "x", "x + w") == ERR_DIFF);
    CHECK(code_of(diff_scalar, "n^2", "n") == ERR_DIFF);
    CHECK(code_of(diff_scalar, "polygamma(s, r)", "s") == ERR_DIFF);
    CHECK(code_of(gradient_of, "sum(svd_u(X))", "X") == ERR_DIFF);
    CHECK(code_of(gradient_of, "sum(kron(X, A))", "X") == ERR_TENSOR ||
          code_of(gradient_of, "sum(kron(X, A))", "X") == ERR_COUNT);
}

static double number_of(Node n)
{
    return value_to_double(value_of(n));
}

static void set_number(const char *name, double x)
{
    int k = place_of(symbol(name));
    value_drop(values[k]);
    values[k] = value_float(x);
}

static void kinks_have_the_promised_slope(void)
{
    declare_all(false);
    Node s = symbol("s"), r = symbol("r");
    set_number("s", 0);
    set_number("r", 0);
    CHECK(number_of(diff_scalar(g, build("abs(s)"), s)) == 0);
    CHECK(number_of(diff_scalar(g, build("relu(s)"), s)) == 0);
    CHECK(number_of(diff_scalar(g, build("max(0, s)"), s)) == 0);
    CHECK(number_of(diff_scalar(g, build("sign(s) + step(s)"), s)) == 0);
    Node top = build("max(r, s)");
    double by_r = number_of(diff_scalar(g, top, r));
    double by_s = number_of(diff_scalar(g, top, s));
    CHECK(by_r + by_s == 1 && by_r * by_s == 0);
    CHECK(number_of(diff_scalar(g, top, node_arg(g, top, 0))) == 1);
}

static void pullback_and_tangent_are_adjoint(void)
{
    declare_all(true);
    Node y = build("A*tanh(X*x) + softmax(y)");
    Node x[3] = {symbol("x"), symbol("X"), symbol("y")};
    Node dx[3] = {build("w"), build("X*X"), build("y.^2")};
    Node adjoint[3], u = build("sin(y)");
    diff_pullback(g, y, u, 3, x, adjoint);
    Node dy = diff_forward(g, y, 3, x, dx);
    double left = number_of(node_dot(g, u, dy)), right = 0;
    for (int i = 0; i < 3; i++)
        right += number_of(node_dot(g, adjoint[i], dx[i]));
    CHECK(is_close(left, right, 1e-12));
}

static void symmetric_answers_are_symmetric(void)
{
    declare_all(true);
    Node s = symbol("S");
    Node d = gradient_of(g, build("x'*S*w + logdet(S*S + I(n))"), s);
    CHECK(node_transpose(g, d) == d);
    d = gradient_of(g, build("x'*S*x"), s);
    CHECK(d == build("x*x'"));
}

static void absent_variables_give_zero(void)
{
    declare_all(true);
    CHECK(gradient_of(g, build("x'*x"), symbol("A")) ==
          node_zero(g, node_shape(g, symbol("A"))));
    CHECK(diff_scalar(g, build("X*x"), symbol("s")) ==
          node_zero(g, node_shape(g, symbol("x"))));
    CHECK(diff_jacobian(g, build("X*x"), symbol("y")) ==
          node_zero(g, (Shape){node_shape(g, symbol("x")).rows,
                               node_shape(g, symbol("y")).rows}));
}

static void any_node_can_be_the_leaf(void)
{
    declare_all(true);
    Node inner = build("sin(X*x)"), y = build("sum(exp(sin(X*x))) + sum(X)");
    CHECK(gradient_of(g, y, inner) == build("exp(sin(X*x))"));
    CHECK(gradient_of(g, y, symbol("x")) ==
          build("X'*(cos(X*x).*exp(sin(X*x)))"));
}

/* ---- deep graphs ---- */

static void chain_of_operations_is_linear(void)
{
    declare_all(false);
    Node s = symbol("s"), y = s, gradient;
    size_t before, forward, reverse;
    for (int i = 0; i < 100000; i++)
        y = node_apply(g, OP_SIN, 1, &y);
    before = graph_count(g);
    diff_scalar(g, y, s);
    forward = graph_count(g) - before;
    diff_reverse(g, y, 1, &s, &gradient);
    reverse = graph_count(g) - before - forward;
    printf("# 10^5 sines: %zu nodes, forward %zu, reverse %zu more\n", before,
           forward, reverse);
    CHECK(forward < 1000000 && reverse < 1000000);
}

/* Coefficients of the adjoints would be powers of 2 without a bound. */
static void recurrence_is_linear(void)
{
    declare_all(false);
    Node s = symbol("s"), y = s, gradient;
    for (int i = 0; i < 20000; i++) {
        y = node_add(g, node_mul(g, y, y), s);
        y = node_apply(g, OP_TANH, 1, &y);
    }
    size_t before = graph_count(g);
    diff_scalar(g, diff_scalar(g, y, s), s);
    diff_reverse(g, y, 1, &s, &gradient);
    CHECK(graph_count(g) - before < 20000 * 40);
}

static void layers_are_linear(void)
{
    declare_all(true);
    Node h = symbol("x"), w = symbol("X"), gradient[2];
    for (int i = 0; i < 2000; i++) {
        h = node_mul(g, w, h);
        h = node_apply(g, OP_TANH, 1, &h);
    }
    size_t before = graph_count(g);
    Node e = node_norm2(g, h);
    Node leaves[2] = {symbol("x"), w};
    diff_reverse(g, e, 2, leaves, gradient);
    size_t added = graph_count(g) - before;
    printf("# 2000 layers: %zu nodes added\n", added);
    CHECK(added < 2000 * 20);
}

static void sum_of_many_terms_is_linear(void)
{
    declare_all(false);
    enum { COUNT = 100000 };
    Node s = symbol("s");
    Node *t = arena_alloc(arena, COUNT * sizeof *t);
    for (int i = 0; i < COUNT; i++) {
        Node a = node_scale(g, node_int(g, i + 1), s);
        t[i] = node_apply(g, OP_SIN, 1, &a);
    }
    Node y = node_sum(g, COUNT, t);
    Node d = diff_scalar(g, y, s);
    CHECK(node_op(g, d) == OP_SUM && node_count(g, d) == 2 * COUNT);
}

static void graph_is_well_formed(void)
{
    Str why = str_in(arena);
    CHECK_MESSAGE(graph_check(g, &why), "%s", str_text(&why));
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    Heap *heap = heap_new();
    g = graph_new();
    arena = arena_new();
    graph_hold(g, 1);
    if (getenv("DIFF_SEED"))
        random_state = strtoull(getenv("DIFF_SEED"), NULL, 10);
    RUN(rows_of_ops_def_hold);
    RUN(gradients_of_random_expressions);
    RUN(jacobians_of_random_columns);
    RUN(hessians_of_random_expressions);
    RUN(refusals_are_told_apart);
    RUN(kinks_have_the_promised_slope);
    RUN(pullback_and_tangent_are_adjoint);
    RUN(symmetric_answers_are_symmetric);
    RUN(absent_variables_give_zero);
    RUN(any_node_can_be_the_leaf);
    RUN(chain_of_operations_is_linear);
    RUN(recurrence_is_linear);
    RUN(layers_are_linear);
    RUN(sum_of_many_terms_is_linear);
    RUN(graph_is_well_formed);
    forget_names();
    graph_free(g);
    arena_free(arena);
    heap_free(heap);
    context_free(c);
    return check_result();
}
