/*
 * Programs against the definition of every operator (graph/naive.h), against
 * known digits, and against themselves.
 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "check.h"
#include "compile/program.h"
#include "graph/binder.h"
#include "graph/diff.h"
#include "graph/front.h"
#include "graph/naive.h"
#include "num/vmath.h"
#include "syntax/parse.h"
#include "value/matrix.h"

enum { NAMES_MOST = 24 };

static Graph *g;
static Arena *arena;
static int name_count;
static FrontName names[NAMES_MOST];
static Node symbols[NAMES_MOST];
static Value values[NAMES_MOST];

static uint64_t random_state = 99;

static double random_number(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) +
                   UINT64_C(1442695040888963407);
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static int random_below(int n)
{
    return (int)(random_number() * n);
}

static Value random_array(int rows, int cols, unsigned flags)
{
    Value v = array_new(ELEM_FLOAT, rows, cols);
    for (int j = 0; j < cols; j++)
        for (int i = 0; i < rows; i++) {
            double x = 2 * random_number() - 1;
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

/* The symbols of the tests, with named sides m and n of these sizes. */
static void declare_all(int size_m, int size_n)
{
    forget_names();
    unsigned dimension = SYM_DIMENSION | SYM_INTEGER | SYM_POSITIVE;
    Dim m = dim_of_node(g, declare("m", 1, 1, dimension, value_int(size_m)));
    Dim n = dim_of_node(g, declare("n", 1, 1, dimension, value_int(size_n)));
    declare("s", 1, 1, 0, random_array(1, 1, 0));
    declare("t", 1, 1, 0, random_array(1, 1, 0));
    declare("p", 1, 1, SYM_POSITIVE, random_array(1, 1, SYM_POSITIVE));
    declare("x", n, 1, 0, random_array(size_n, 1, 0));
    declare("w", n, 1, 0, random_array(size_n, 1, 0));
    declare("v", n, 1, SYM_POSITIVE, random_array(size_n, 1, SYM_POSITIVE));
    declare("y", m, 1, 0, random_array(size_m, 1, 0));
    declare("A", m, n, 0, random_array(size_m, size_n, 0));
    declare("B", n, m, 0, random_array(size_n, size_m, 0));
    declare("X", n, n, 0, random_array(size_n, size_n, 0));
    declare("S", n, n, SYM_SYMMETRIC,
            random_array(size_n, size_n, SYM_SYMMETRIC));
}

static Node build(const char *text)
{
    Ast *t = parse_expression("test", text, arena);
    return front_build(g, t, name_count, names, false);
}

static double entry(Value v, size_t i)
{
    if (v.kind != VAL_ARRAY)
        return value_to_double(v);
    return value_to_double(array_get(v.array, i));
}

static size_t entries(Value v)
{
    return v.kind == VAL_ARRAY ? array_count(v.array) : 1;
}

static bool same_number(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* Machine code from the first run on against the VM, bit for bit. */
static const char *compare_machine(Node n, Value want)
{
    setenv("MLC_JIT", "1", 1);
    Value got = node_evaluate(g, n, name_count, symbols, values);
    setenv("MLC_JIT", "0", 1);
    for (size_t i = 0; i < entries(want); i++)
        if (!same_number(entry(want, i), entry(got, i)))
            return arena_printf(arena,
                                "machine code gives %.17g at %zu, not %.17g",
                                entry(got, i), i, entry(want, i));
    return "";
}

/* "" if the program and the definition agree, else what is wrong. */
static const char *compare(Node n)
{
    PoolMark mark = pool_mark();
    const char *why = "";
    Value want = naive_value(g, n, name_count, symbols, values);
    Value got = node_evaluate(g, n, name_count, symbols, values);
    double scale = 1;
    if (entries(want) != entries(got))
        return "sizes differ";
    for (size_t i = 0; i < entries(want); i++)
        if (fabs(entry(want, i)) > scale && isfinite(entry(want, i)))
            scale = fabs(entry(want, i));
    for (size_t i = 0; i < entries(want) && !why[0]; i++) {
        double a = entry(want, i), b = entry(got, i);
        if (isfinite(a) && !(fabs(a - b) <= 1e-9 * scale))
            why = arena_printf(arena, "entry %zu is %.17g, not %.17g", i, b, a);
    }
    if (!why[0])
        why = compare_machine(n, got);
    pool_drain(mark);
    return why;
}

/* "" if all is well; *refused tells an error of another kind. */
static const char *try_text(const char *text, ErrorCode *refused)
{
    Protect p;
    *refused = ERR_COUNT;
    if (PROTECT(&p)) {
        Node n = build(text);
        const char *why = n == NODE_NONE ? "shapes do not fit" : compare(n);
        protect_end(&p);
        return why;
    }
    *refused = context_error()->code;
    return arena_copy(arena, context_error()->message,
                      strlen(context_error()->message));
}

static void check_text(const char *text)
{
    ErrorCode refused;
    const char *why = try_text(text, &refused);
    CHECK_MESSAGE(!why[0], "%s: %s", text, why);
}

/* ---- every kind of node ---- */

static void every_form_agrees(void)
{
    static const char *const texts[] = {
        "s",
        "x",
        "A",
        "2",
        "pi*s",
        "n",
        "s + t",
        "s*t - 3",
        "s^2*t^3/7",
        "p^(1/2) + p^(3/2) + p^(-1/2)",
        "p^s",
        "1/(3*s)",
        "exp(s)*sin(t)",
        "x + w",
        "2*x - w/3",
        "x + s",
        "x + 1",
        "x.*w",
        "x.*w./v",
        "v.^s",
        "v.^(1/2)",
        "v.^(-3)",
        "x'",
        "x'*w",
        "x*w'",
        "x'*x",
        "norm2(x)",
        "x/norm2(x)",
        "norm2(X)",
        "sum(x)",
        "sum(A)",
        "sum(A, dim = 1)",
        "sum(A, dim = 2)",
        "mean(x)",
        "A*x",
        "A'*y",
        "x'*B",
        "A*B",
        "A'*A",
        "A*A'",
        "X*X*X*x",
        "x'*X*w",
        "y'*A*x",
        "A*B*A*x",
        "X'*X'",
        "B'*A'",
        "A*X*B",
        "diag(x)*A'",
        "A*diag(x)",
        "diag(x)*diag(w)",
        "diag(x)",
        "diag(X)",
        "diag(A*B)",
        "tr(X)",
        "tr(A*B)",
        "tr(X*S*X)",
        "X + S",
        "X + X'",
        "X' + s*I(n)",
        "S.*X'",
        "X + diag(x)",
        "(x*w').*X",
        "inv(X)",
        "inv(X)*x",
        "inv(X)'*x",
        "x'*inv(X)",
        "X\\w",
        "B'*inv(X)*B",
        "inv(X)*B + inv(X)*x*y'",
        "det(X)",
        "log(det(X'*X))",
        "logdet(X'*X + I(n))",
        "det(X)*inv(X)'",
        "tr(inv(X))",
        "kron(A, x)",
        "softmax(x)",
        "logsumexp(x)",
        "log(sum(exp(A*x)))",
        "exp(x)/sum(exp(x))",
        "prod(x)",
        "max(x, w)",
        "max(0, x)",
        "abs(x)",
        "x[1]",
        "x[end]",
        "A[1, 2]",
        "A[1, :]",
        "A[:, 2]",
        "x[2:end]",
        "A[1:2, 2:end]",
        "A'[2, :]",
        "X[:, 1]'*x",
        "[x; y]",
        "[A; x']",
        "[x, w]",
        "[s, t; t, s]",
        "[A, y]",
        "[1, 2; 3, s]",
        "ones(n)*s",
        "s*ones(n, n)",
        "sum(X*ones(n))",
        "zeros(n)",
        "I(n)",
        "x > w",
        "s < t",
        "sigmoid(x)",
        "tanh(A*x + y)",
        "log(1 + exp(x))",
        "log(1 + v)",
        "exp(x) - 1",
        "1 - sigmoid(x)",
        "1 - tanh(x).^2",
        "1 - cos(x)",
        "sum((x - mean(x)).^2)",
        "max(x)",
        "argmax(x)",
        "cumsum(x)",
        "expm(X)",
        "sum(log(1 + exp(-(w.*x))))",
        "(A*x - y)'*(A*x - y)/(2*m)",
        "xlogy(v, v)",
        "atan2(x, w)",
        "X^3",
        "X^(-1)*x",
        "sqrt(s^2 + t^2)",
        "x*x'*S*x",
        "(x'*w)*X*x",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_text(texts[i]);
}

static void forms_of_small_arrays(void)
{
    declare_all(2, 3);
    every_form_agrees();
}

static void forms_of_larger_arrays(void)
{
    declare_all(7, 20);
    every_form_agrees();
}

static void blocks_end_anywhere(void)
{
    static const int sizes[] = {1, 2, 7, 8, 9, 255, 256, 257, 511, 1030};
    static const char *const texts[] = {
        "x + 2*w - x.*w",
        "sum(exp(x).*w)",
        "x*s + tanh(w)",
        "norm2(x - w)",
        "sum((x - mean(x)).^2)",
        "x.*w./(1 + x.^2) + t",
        "v.^(1/2) - 1",
        "sum(log(1 + exp(-(w.*x))))",
        "(x > w).*x",
        "[x; w] + 1",
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        declare_all(2, sizes[i] == 1 ? 2 : sizes[i]);
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            check_text(texts[k]);
    }
    declare_all(33, 31);
    check_text("A'.*B + x*y' + ones(n)*y'");
    check_text("sum(A.*B', dim = 1)");
    check_text("X' + diag(x) + S.*X + w*ones(n)'");
}

/* ---- random expressions ---- */

enum { ONE, SHORT, LONG };

static void grow(Str *out, int rows, int cols, int depth);

/* %e same shape, %t transposed, %l %r factors, %q square, %c column, %n
 * number, %d diagonal's column; the rest is text. */
static void put(Str *out, const char *form, int rows, int cols, int depth)
{
    int inner = random_below(2) ? SHORT : LONG;
    for (; *form; form++) {
        if (*form != '%') {
            str_add_char(out, *form);
            continue;
        }
        switch (*++form) {
        case 'e':
            grow(out, rows, cols, depth - 1);
            break;
        case 't':
            grow(out, cols, rows, depth - 1);
            break;
        case 'l':
            grow(out, rows, inner, depth - 1);
            break;
        case 'r':
            grow(out, inner, cols, depth - 1);
            break;
        case 'q':
            grow(out, LONG, LONG, depth - 1);
            break;
        case 'c':
            grow(out, LONG, ONE, depth - 1);
            break;
        case 'u':
            grow(out, rows, ONE, depth - 1);
            break;
        case 'w':
            grow(out, cols, ONE, depth - 1);
            break;
        default:
            grow(out, ONE, ONE, depth - 1);
            break;
        }
    }
}

static const char *leaf(int rows, int cols)
{
    static const char *const scalars[] = {"s", "t", "p", "2", "0.5", "(1/3)"};
    static const char *const squares[] = {"X", "S", "X'", "(B*A)"};
    static const char *const columns[] = {"x", "w", "v", "X[:, 2]"};
    if (rows == ONE && cols == ONE)
        return scalars[random_below(6)];
    if (cols == ONE)
        return rows == SHORT ? "y" : columns[random_below(4)];
    if (rows == ONE)
        return cols == SHORT ? "y'" : "x'";
    if (rows == cols)
        return rows == LONG ? squares[random_below(4)] : "(A*B)";
    return rows == SHORT ? (random_below(2) ? "A" : "B'")
                         : (random_below(2) ? "B" : "A'");
}

static void grow(Str *out, int rows, int cols, int depth)
{
    static const char *const any[] = {
        "(%e + %e)",
        "(%e - %e)",
        "(%n)*(%e)",
        "(%e).*(%e)",
        "tanh(%e)",
        "(1 - tanh(%e).^2)",
        "sigmoid(%e)",
        "(1 - sigmoid(%e))",
        "(%t)'",
        "(%l)*(%r)",
        "(%l)*(%r)",
        "(%e).^2",
        "(%e)./(1 + (%e).^2)",
        "log(1 + exp(%e))",
        "exp(%e/4)",
        "abs(%e)",
        "(%e)/(1 + (%n)^2)",
        "sqrt(1 + (%e).^2)",
        "max(%e, 0)",
        "(exp(%e/9) - 1)",
    };
    static const char *const number[] = {
        "(%c)'*(%c)",
        "sum(%q)",
        "norm2(%c)",
        "tr((%q)*(%q))",
        "(%c)'*(%q)*(%c)",
        "logdet((%q)'*(%q) + I(n))",
        "mean(%c)",
        "log(sum(exp(%c)))",
        "(%q)[2, 1]",
        "(%c)[2]",
        "tr(inv((%q)'*(%q) + I(n)))",
        "prod(sigmoid(%c))",
    };
    static const char *const column[] = {
        "(%q)*(%c)",      "diag(%q)",
        "softmax(%c)",    "inv((%q)'*(%q) + I(n))*(%c)",
        "(%c)/norm2(%c)", "sum(%q, dim = 2)",
        "(%c) + (%n)",    "cumsum(%c)",
    };
    static const char *const matrix[] = {
        "(%u)*(%w)'", "diag(%u)*(%e)", "(%e)*diag(%w)",
        "(%u).*(%e)", "(%e) + (%n)",   "(%e)*I(%d)",
    };
    int kind = random_below(3);
    if (depth <= 0)
        str_add(out, leaf(rows, cols));
    else if (rows == ONE && cols == ONE && kind)
        put(out, number[random_below(12)], rows, cols, depth);
    else if (rows == LONG && cols == ONE && kind)
        put(out, column[random_below(8)], rows, cols, depth);
    else if (rows != ONE && cols != ONE && kind > 1)
        put(out, matrix[random_below(5)], rows, cols, depth);
    else
        put(out, any[random_below(20)], rows, cols, depth);
}

static void random_expressions_agree(void)
{
    static const int shapes[][2] = {
        {ONE, ONE}, {LONG, ONE}, {LONG, LONG}, {SHORT, LONG}, {ONE, LONG}};
    int done = 0, refused = 0;
    for (int i = 0; i < 4000; i++) {
        ErrorCode code;
        ArenaMark mark = arena_mark(arena);
        Str text = str_in(arena);
        if (i % 500 == 0)
            declare_all(2 + i / 500 % 3, 3 + i / 500);
        const int *s = shapes[i % 5];
        grow(&text, s[0], s[1], 1 + i % 4);
        const char *why = try_text(str_text(&text), &code);
        refused += code != ERR_COUNT;
        done += code == ERR_COUNT;
        if (code == ERR_DOMAIN || code == ERR_NAN || code == ERR_SINGULAR)
            why = "";
        CHECK_MESSAGE(!why[0], "%s: %s", str_text(&text), why);
        arena_reset(arena, mark);
    }
    CHECK_MESSAGE(done > 3000, "%d done, %d refused", done, refused);
}

/* ---- stable forms ---- */

static double at(const char *text, double s)
{
    Node in = node_symbol(g, name_of("s"), SHAPE_SCALAR, 0);
    FrontName name = {name_of("s"), in};
    Ast *t = parse_expression("test", text, arena);
    Node n = front_build(g, t, 1, &name, false);
    Value v = value_float(s);
    return value_to_double(node_evaluate(g, n, 1, &in, &v));
}

static double slope_at(const char *text, double s)
{
    Node in = node_symbol(g, name_of("s"), SHAPE_SCALAR, 0), d;
    FrontName name = {name_of("s"), in};
    Ast *t = parse_expression("test", text, arena);
    Node n = front_build(g, t, 1, &name, false);
    diff_reverse(g, n, 1, &in, &d);
    Value v = value_float(s);
    return value_to_double(node_evaluate(g, d, 1, &in, &v));
}

static bool near(double got, double want)
{
    return got == want || fabs(got - want) <= 1e-14 * fabs(want);
}

#define CHECK_NEAR(got, want)                                                  \
    CHECK_MESSAGE(near(got, want), "%s is %.17g, not %.17g", #got, got,        \
                  (double)(want))

static void stable_forms_keep_digits(void)
{
    CHECK_NEAR(at("log(1 + s)", 1e-20), 1e-20);
    CHECK_NEAR(slope_at("log(1 + s)", 1e-20), 1.0);
    CHECK_NEAR(at("exp(s) - 1", 1e-20), 1e-20);
    CHECK_NEAR(at("3 - 3*exp(s)", 1e-20), -3e-20);
    CHECK_NEAR(at("1 - sigmoid(s)", 40), 4.248354255291589e-18);
    CHECK_NEAR(slope_at("sigmoid(s)", 40), 4.248354255291589e-18);
    CHECK_NEAR(slope_at("tanh(s)", 20), 1.6993417021166355e-17);
    CHECK_NEAR(at("1 - tanh(s)^2", 20), 1.6993417021166355e-17);
    CHECK_NEAR(at("2*tanh(s)^3 - 2*tanh(s)", 20), -3.398683404233271e-17);
    CHECK_NEAR(at("s*exp(s) - s", 1e-10), 1.00000000005e-20);
    CHECK_NEAR(at("1 - cos(s)", 1e-10), 5e-21);
    CHECK_NEAR(at("log(1 + exp(s))", 800), 800.0);
    CHECK_NEAR(slope_at("log(1 + exp(s))", 800), 1.0);
    CHECK_NEAR(at("log(sigmoid(s))", -800), -800.0);
    CHECK_NEAR(slope_at("log(sigmoid(s))", -800), 1.0);
    CHECK_NEAR(at("1/(1 + exp(-s))", -800), 0.0);
    CHECK_NEAR(slope_at("1/(1 + exp(-s))", -800), 0.0);
    CHECK_NEAR(at("log(1 - exp(-s))", 1e-20), log(1e-20));
}

static Value column(double a, double b)
{
    return array_from(2, 1, (double[]){a, b});
}

static double norm_at(const char *text, double a, double b, size_t i)
{
    Node in = node_symbol(g, name_of("u"), (Shape){2, 1}, 0);
    FrontName name = {name_of("u"), in};
    Ast *t = parse_expression("test", text, arena);
    Node n = front_build(g, t, 1, &name, false);
    Value v = column(a, b);
    return entry(node_evaluate(g, n, 1, &in, &v), i);
}

static double norm_slope(const char *text, double a, double b, size_t i)
{
    Node in = node_symbol(g, name_of("u"), (Shape){2, 1}, 0), d;
    FrontName name = {name_of("u"), in};
    Ast *t = parse_expression("test", text, arena);
    Node n = front_build(g, t, 1, &name, false);
    diff_reverse(g, n, 1, &in, &d);
    Value v = column(a, b);
    return entry(node_evaluate(g, d, 1, &in, &v), i);
}

static void norms_keep_their_range(void)
{
    double root = 1.4142135623730951, half = 0.70710678118654757;
    CHECK_NEAR(norm_at("norm2(u)", 1e200, 1e200, 0), root * 1e200);
    CHECK_NEAR(norm_at("norm2(u)", 1e-200, 1e-200, 0), root * 1e-200);
    CHECK_NEAR(norm_slope("norm2(u)", 1e200, 1e200, 1), half);
    CHECK_NEAR(norm_slope("norm2(u)", 1e-200, 1e-200, 0), half);
    CHECK_NEAR(norm_slope("norm2(u)", 0, 0, 0), 0.0);
    CHECK_NEAR(norm_at("u/norm2(u)", 0, 0, 1), 0.0);
    CHECK_NEAR(norm_at("sqrt(sum(u.^2))", 0, 0, 0), 0.0);
    CHECK_NEAR(norm_slope("sqrt(sum(u.^2))", 0, 0, 0), 0.0);
    CHECK_NEAR(norm_at("log(sum(exp(u)))", 1000, 1000, 0), 1000.6931471805599);
    CHECK_NEAR(norm_slope("log(sum(exp(u)))", 1000, 1000, 0), 0.5);
    CHECK_NEAR(norm_at("exp(u)/sum(exp(u))", 1000, 0, 0), 1.0);
    CHECK_NEAR(norm_at("exp(u)/sum(exp(u))", 1000, 0, 1), 0.0);
    CHECK_NEAR(norm_at("log(exp(u)/sum(exp(u)))", 0, 1000, 0), -1000.0);
    CHECK_NEAR(norm_at("log(exp(u[1]) + exp(u[2]))", 1000, 1000, 0),
               1000.6931471805599);
}

static void singular_determinants_have_gradients(void)
{
    Node in = node_symbol(g, name_of("M"), (Shape){2, 2}, 0), d;
    FrontName name = {name_of("M"), in};
    Ast *t = parse_expression("test", "det(M)", arena);
    diff_reverse(g, front_build(g, t, 1, &name, false), 1, &in, &d);
    Value v = array_from(2, 2, (double[]){1, 2, 2, 4});
    Value y = node_evaluate(g, d, 1, &in, &v);
    static const double want[] = {4, -2, -2, 1};
    for (size_t i = 0; i < 4; i++)
        CHECK_MESSAGE(fabs(entry(y, i) - want[i]) < 1e-13, "entry %zu is %g", i,
                      entry(y, i));
}

/* ---- programs ---- */

static void sums_are_those_of_arrays(void)
{
    static const int sizes[] = {1, 5, 255, 256, 257, 4095, 4096, 4097, 9000};
    for (size_t k = 1; k < sizeof sizes / sizeof *sizes; k++) {
        declare_all(2, sizes[k]);
        const double *x = values[5].array->f, *w = values[6].array->f;
        size_t n = (size_t)sizes[k];
        Value sum =
            node_evaluate(g, build("sum(x)"), name_count, symbols, values);
        Value dot =
            node_evaluate(g, build("x'*w"), name_count, symbols, values);
        CHECK(sum.number == vmath_sum(x, n, 1));
        CHECK(dot.number == vmath_dot(x, w, n));
    }
}

static void several_outputs_share_their_parts(void)
{
    declare_all(4, 5);
    Node f = build("norm2(A*x - y)^2/2 + sum(exp(x))"), grad, x = symbols[5];
    diff_reverse(g, f, 1, &x, &grad);
    Node out[] = {f, grad, f, x}, in[] = {x, symbols[8], symbols[9]};
    Shape shapes[] = {{5, 1}, {4, 1}, {4, 5}};
    ProgramSpec spec = {.nin = 3,
                        .in = in,
                        .in_shape = shapes,
                        .nout = 4,
                        .out = out,
                        .data_dim = NODE_NONE};
    Program *p = program_new(g, &spec);
    const double *data[] = {values[5].array->f, values[8].array->f,
                            values[9].array->f};
    double v[2][2], gradient[2][5], copy[5];
    for (int i = 0; i < 2; i++) {
        double *to[] = {&v[i][0], gradient[i], &v[i][1], copy};
        program_run(p, data, to);
    }
    CHECK(v[0][0] == v[1][0] && v[0][0] == v[0][1]);
    CHECK(memcmp(gradient[0], gradient[1], sizeof gradient[0]) == 0);
    CHECK(memcmp(copy, data[0], sizeof copy) == 0);
    CHECK(program_out_shape(p, 1).rows == 5);
    Str listing = str_in(arena);
    program_print(p, &listing);
    CHECK(strstr(str_text(&listing), "exp") != NULL);
    program_free(p);
}

/* Losses over more rows than stay in the cache, and their gradients. */
static void sweeps_agree_with_definitions(void)
{
    static const char *const loss[] = {
        "sum(log(1 + exp(-y.*(A*w))))",
        "norm2(A*w + s - y)^2/2 + t*x'*w",
        "sum(exp(A*w/9)) + sum(y.*(A*x))^2",
        "sum(sin((A.*A)*w)) + (A*w)'*(A*x)",
        "norm2(A*w)*sum(log(1 + exp(A*w)))",
        "sum(logsumexp(A*X, dim = 2))",
        "sum(logsumexp(A*X, dim = 2)) + 3*sum((A*w).^3)",
    };
    declare_all(4099, 33);
    bool swept = false;
    for (size_t k = 0; k < sizeof loss / sizeof *loss; k++) {
        Node f = build(loss[k]), by = symbols[k < 5 ? 6 : 11], d;
        diff_reverse(g, f, 1, &by, &d);
        const char *why = compare(f);
        CHECK_MESSAGE(!why[0], "%s: %s", loss[k], why);
        why = compare(d);
        CHECK_MESSAGE(!why[0], "gradient of %s: %s", loss[k], why);
        Node out[] = {f, d};
        Shape shape[NAMES_MOST];
        for (int i = 0; i < name_count; i++)
            shape[i] = value_shape(values[i]);
        ProgramSpec spec = {.nin = name_count,
                            .in = symbols,
                            .in_shape = shape,
                            .nout = 2,
                            .out = out,
                            .data_dim = NODE_NONE};
        Program *p = program_new(g, &spec);
        Str listing = str_in(arena);
        program_print(p, &listing);
        swept = swept || strstr(str_text(&listing), "sweep");
        program_free(p);
    }
    CHECK(swept);
}

static Node sine_tower(Node x, int depth)
{
    for (int i = 0; i < depth; i++)
        x = node_apply(g, i % 2 ? OP_SIN : OP_COS, 1, &x);
    return x;
}

static void deep_chains_lower(void)
{
    enum { DEPTH = 100000 };
    Node x = node_symbol(g, name_of("s"), SHAPE_SCALAR, 0), d;
    Node n = sine_tower(x, DEPTH);
    diff_reverse(g, n, 1, &x, &d);
    double want = 0.3, in = 0.3, got[2], slope = 1;
    for (int i = 0; i < DEPTH; i++) {
        slope *= i % 2 ? num_cos(want) : -num_sin(want);
        want = i % 2 ? num_sin(want) : num_cos(want);
    }
    Node out[] = {n, d};
    Shape shape = SHAPE_SCALAR;
    ProgramSpec spec = {.nin = 1,
                        .in = &x,
                        .in_shape = &shape,
                        .nout = 2,
                        .out = out,
                        .data_dim = NODE_NONE};
    Program *p = program_new(g, &spec);
    const double *data = &in;
    double *to[] = {&got[0], &got[1]};
    program_run(p, &data, to);
    CHECK(got[0] == want);
    CHECK_MESSAGE(fabs(got[1] - slope) <= 1e-9 * fabs(slope) + 1e-300,
                  "%g, not %g", got[1], slope);
    program_free(p);
    Node v = sine_tower(node_symbol(g, name_of("q"), (Shape){3, 1}, 0), 5000);
    Node q = node_symbol(g, name_of("q"), (Shape){3, 1}, 0);
    Value three = array_from(3, 1, (double[]){0.1, 0.2, 0.3});
    CHECK(isfinite(entry(node_evaluate(g, v, 1, &q, &three), 2)));
}

static void wide_sums_lower(void)
{
    enum { TERMS = 100000 };
    Node x = node_symbol(g, name_of("s"), SHAPE_SCALAR, 0);
    Node *term = arena_alloc(arena, TERMS * sizeof *term);
    double want = 0;
    for (int i = 0; i < TERMS; i++) {
        Node a = node_mul(g, node_int(g, i + 1), x);
        term[i] = node_apply(g, OP_SIN, 1, &a);
        want += num_sin((i + 1) * 0.7);
    }
    Node n = node_sum(g, TERMS, term);
    Value v = value_float(0.7);
    double got = value_to_double(node_evaluate(g, n, 1, &x, &v));
    CHECK_MESSAGE(fabs(got - want) < 1e-8, "%.17g, not %.17g", got, want);
}

/* ---- machine code ---- */

static void check_machine(const char *text, Node n)
{
    Value vm = node_evaluate(g, n, name_count, symbols, values);
    const char *why = compare_machine(n, vm);
    CHECK_MESSAGE(!why[0], "%s of %g, %g: %s", text, values[2].number,
                  values[3].number, why);
}

static void machine_code_knows_special_numbers(void)
{
    static const char *const text[] = {"s + t",
                                       "s - t",
                                       "s*t",
                                       "s/t",
                                       "-s + sin(t)",
                                       "s < t",
                                       "s <= t",
                                       "s == t",
                                       "s != t",
                                       "s < t and t < 1",
                                       "s < t or t < 1",
                                       "not (s < t)",
                                       "if s < t then s else t",
                                       "sqrt(s)",
                                       "abs(s)",
                                       "relu(s)",
                                       "step(s)",
                                       "sign(s)",
                                       "floor(s)",
                                       "ceil(s)",
                                       "round(s)",
                                       "max(s, t)",
                                       "min(s, t)",
                                       "s^t",
                                       "s^3",
                                       "atan2(s, t)",
                                       "atan2(exp(s), exp(t)) + s",
                                       "exp(s)/(1 + exp(s))",
                                       "norm2([s, t])",
                                       "log(s)*t"};
    static const double number[] = {NAN,
                                    INFINITY,
                                    -INFINITY,
                                    0.0,
                                    -0.0,
                                    1.0,
                                    -1.0,
                                    2.5,
                                    -2.5,
                                    0.5,
                                    1e308,
                                    0x1p-1074,
                                    0x1.fffffffffffffp51};
    enum { COUNT = sizeof number / sizeof *number };
    declare_all(2, 3);
    for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
        Node n = build(text[k]);
        for (int i = 0; i < COUNT * COUNT; i++) {
            values[2] = value_float(number[i % COUNT]);
            values[3] = value_float(number[i / COUNT]);
            check_machine(text[k], n);
        }
    }
}

/* More values at a time than there are registers, calls between them. */
static void machine_code_runs_out_of_registers(void)
{
    enum { COUNT = 40 };
    Node v[COUNT], term[COUNT * COUNT];
    declare_all(2, 3);
    for (int i = 0; i < COUNT; i++)
        v[i] = node_add(g, symbols[2],
                        node_scale(g, node_int(g, i + 1), symbols[3]));
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < COUNT; k++) {
            Node product = node_mul(g, v[i], v[k]);
            term[i * COUNT + k] = (i + k) % 7
                                      ? node_apply(g, OP_ABS, 1, &product)
                                      : node_apply(g, OP_SIN, 1, &product);
        }
    check_machine("many", node_sum(g, COUNT * COUNT, term));
    for (int i = 0; i < COUNT * COUNT; i++)
        term[i] = node_apply(g, OP_EXP, 1, &term[i]);
    check_machine("many more", node_sum(g, COUNT * COUNT, term));
}

/* Runs before and after the program is translated. */
static void machine_code_takes_over(void)
{
    declare_all(2, 3);
    setenv("MLC_JIT", "3", 1);
    Node n = build("sin(s)*exp(t) + max(s, t)/p");
    Shape shape[] = {SHAPE_SCALAR, SHAPE_SCALAR, SHAPE_SCALAR};
    ProgramSpec spec = {.nin = 3,
                        .in = symbols + 2,
                        .in_shape = shape,
                        .nout = 1,
                        .out = &n,
                        .data_dim = NODE_NONE};
    Program *p = program_new(g, &spec);
    setenv("MLC_JIT", "0", 1);
    for (int i = 0; i < 6; i++) {
        double s = 0.5 * i, t = 2 - 0.25 * i, q = 1 + i, got;
        double *to = &got;
        program_run(p, (const double *[]){&s, &t, &q}, &to);
        double want = num_sin(s) * num_exp(t) + num_max(s, t) / q;
        CHECK_MESSAGE(fabs(got - want) <= 1e-15 * fabs(want),
                      "run %d: %.17g, not %.17g", i, got, want);
    }
    program_free(p);
}

static const char *blamed(const char *text, double s)
{
    Node in = node_symbol(g, name_of("s"), SHAPE_SCALAR, 0);
    FrontName name = {name_of("s"), in};
    Ast *t = parse_expression("test", text, arena);
    Node n = front_build(g, t, 1, &name, false);
    Shape shape = SHAPE_SCALAR;
    ProgramSpec spec = {.nin = 1,
                        .in = &in,
                        .in_shape = &shape,
                        .nout = 1,
                        .out = &n,
                        .data_dim = NODE_NONE};
    Program *p = program_new(g, &spec);
    const double *data = &s;
    const char *who = program_blame(p, &data);
    program_free(p);
    return who ? who : "nobody";
}

static void blame_names_the_operation(void)
{
    CHECK_TEXT(blamed("exp(log(s) + 1)", -1), "log");
    CHECK_TEXT(blamed("sqrt(s) + exp(s)", -2), "sqrt");
    CHECK_TEXT(blamed("1/s", 0), "/");
    CHECK_TEXT(blamed("sum(log([s, 2*s, 3] + 1))", -3), "log");
    CHECK_TEXT(blamed("tr(inv([s, 1; 1, 1]))", 1), "inv");
    CHECK_TEXT(blamed("exp(s)", 1), "nobody");
}

static const char *refusal(const char *text, int wrong_side)
{
    Protect p;
    declare_all(2, 3);
    Node n = build(text), x = symbols[5], w = symbols[6];
    Node in[] = {x, w};
    Shape shapes[] = {{3, 1}, {wrong_side, 1}};
    ProgramSpec spec = {.nin = 2,
                        .in = in,
                        .in_shape = shapes,
                        .nout = 1,
                        .out = &n,
                        .data_dim = NODE_NONE};
    if (PROTECT(&p)) {
        program_free(program_new(g, &spec));
        protect_end(&p);
        return "";
    }
    return context_error()->message;
}

static void refusals_name_their_reason(void)
{
    CHECK_TEXT(refusal("x + w", 4), "`n` is 3 in `x` and 4 in `w`");
    CHECK_TEXT(refusal("x*s", 3), "`s` has no value");
    CHECK_TEXT(refusal("x[4] + 0*w[1]", 3), "index 4 of a side of 3");
    CHECK_TEXT(refusal("x + w", 3), "");
}

/* A side of n + 1 tells n; a side that cannot be is refused. */
static double sized(int side_z, int side_x)
{
    unsigned dimension = SYM_DIMENSION | SYM_INTEGER | SYM_POSITIVE;
    Node n = node_symbol(g, name_of("n"), SHAPE_SCALAR, dimension);
    Dim one_more = dim_add(g, dim_of_node(g, n), 1);
    Node z = node_symbol(g, name_of("z"), (Shape){one_more, 1}, 0);
    Node x = node_symbol(g, name_of("x"), (Shape){dim_of_node(g, n), 1}, 0);
    Node f = node_add(g, node_sum_entries(g, z, 0), n), in[] = {z, x};
    Shape shapes[] = {{side_z, 1}, {side_x, 1}};
    ProgramSpec spec = {.nin = side_x ? 2 : 1,
                        .in = in,
                        .in_shape = shapes,
                        .nout = 1,
                        .out = &f,
                        .data_dim = NODE_NONE};
    Protect p;
    if (!PROTECT(&p))
        return -1;
    Program *program = program_new(g, &spec);
    const double ones[] = {1, 1, 1, 1, 1}, *data[] = {ones, ones};
    double y, *to[] = {&y};
    program_run(program, data, to);
    program_free(program);
    protect_end(&p);
    return y;
}

static void sides_that_are_expressions_are_solved(void)
{
    declare_all(2, 3);
    CHECK(sized(5, 0) == 9);
    CHECK(sized(5, 4) == 9);
    CHECK(sized(5, 3) == -1);
    CHECK_TEXT(context_error()->message, "`n` is 3 in `x` and 4 in `z`");
}

/* ---- loops and choices ---- */

static Node index_variable(int level)
{
    return node_bv(g, level, 0, SHAPE_SCALAR, SYM_INTEGER | SYM_POSITIVE);
}

static double number_of(Node n)
{
    return value_to_double(node_evaluate(g, n, name_count, symbols, values));
}

static bool gradient(Node n, Node x, Node *d)
{
    Protect p;
    if (PROTECT(&p)) {
        diff_reverse(g, n, 1, &x, d);
        protect_end(&p);
        return true;
    }
    CHECK_MESSAGE(false, "%s", context_error()->message);
    return false;
}

/* sum(i = 1:n, sin(i*s)*x[i]) and its derivative by s. */
static void index_sums_run(void)
{
    static const int sizes[] = {2, 3, 255, 256, 257};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        declare_all(2, sizes[k]);
        Node i = index_variable(1), s = symbols[2], x = symbols[5], d;
        Node a = node_mul(g, i, s);
        Node body = node_mul(g, node_apply(g, OP_SIN, 1, &a),
                             node_index(g, x, i, node_int(g, 1)));
        Node n = index_form_sum(g, 1, i, symbols[1], body);
        double want = 0, slope = 0, sv = values[2].number;
        for (int j = 0; j < sizes[k]; j++) {
            want += sin((j + 1) * sv) * values[5].array->f[j];
            slope += (j + 1) * cos((j + 1) * sv) * values[5].array->f[j];
        }
        double got = number_of(n);
        CHECK_MESSAGE(fabs(got - want) < 1e-10, "%.17g, not %.17g", got, want);
        if (!gradient(n, s, &d))
            return;
        got = number_of(d);
        CHECK_MESSAGE(fabs(got - slope) < 1e-8, "%.17g, not %.17g", got, slope);
    }
}

/* h = tanh(X*h + x*i/9), n times from w; then by reverse mode. */
static Node recurrence(Node count)
{
    Node i = index_variable(1), w = symbols[6];
    Node h = node_bv(g, 1, 1, node_shape(g, w), 0), out;
    Node u = node_add(
        g, node_mul(g, symbols[10 + 1], h),
        node_mul(g, node_mul(g, i, node_rational(g, 1, 9)), symbols[5]));
    LoopResult r = {.role = LOOP_CARRY,
                    .variable = h,
                    .base = w,
                    .value = node_apply(g, OP_TANH, 1, &u)};
    LoopSpec spec = {1, count, i, false, 1, 1, &r};
    node_loop(g, &spec, &out);
    return out;
}

static double recurrence_by_hand(const double *x, const double *w,
                                 const double *X, int n, int turns)
{
    double h[8], next[8], y = 0;
    memcpy(h, w, (size_t)n * sizeof *h);
    for (int t = 1; t <= turns; t++) {
        for (int i = 0; i < n; i++) {
            double u = x[i] * t / 9;
            for (int j = 0; j < n; j++)
                u += X[i + j * n] * h[j];
            next[i] = tanh(u);
        }
        memcpy(h, next, (size_t)n * sizeof *h);
    }
    for (int i = 0; i < n; i++)
        y += h[i];
    return y;
}

static void recurrences_run(void)
{
    declare_all(5, 4);
    const double *x = values[5].array->f, *X = values[11].array->f;
    double *w = values[6].array->f;
    Node n = node_sum_entries(g, recurrence(symbols[0]), 0), d, wn = symbols[6];
    double want = recurrence_by_hand(x, w, X, 4, 5), got = number_of(n);
    CHECK_MESSAGE(fabs(got - want) < 1e-13, "%.17g, not %.17g", got, want);
    if (!gradient(n, wn, &d))
        return;
    Value slope = node_evaluate(g, d, name_count, symbols, values);
    for (size_t k = 0; k < 4; k++) {
        double keep = w[k], h = 1e-5;
        w[k] = keep + h;
        double up = recurrence_by_hand(x, w, X, 4, 5);
        w[k] = keep - h;
        double down = recurrence_by_hand(x, w, X, 4, 5);
        w[k] = keep;
        CHECK_MESSAGE(fabs(entry(slope, k) - (up - down) / (2 * h)) < 1e-8,
                      "%g, not %g", entry(slope, k), (up - down) / (2 * h));
    }
}

static void products_run(void)
{
    declare_all(2, 5);
    Node i = index_variable(1), one = node_int(g, 1), d, x = symbols[5];
    Node body = node_add(g, node_index(g, x, i, one), i);
    Node n = index_form_prod(g, 1, i, symbols[1], body);
    double want = 1, rest = 1;
    for (int j = 0; j < 5; j++) {
        want *= values[5].array->f[j] + j + 1;
        rest *= j ? values[5].array->f[j] + j + 1 : 1;
    }
    CHECK(fabs(number_of(n) - want) <= 1e-12 * fabs(want));
    if (!gradient(n, x, &d))
        return;
    Value v = node_evaluate(g, d, name_count, symbols, values);
    CHECK_MESSAGE(fabs(entry(v, 0) - rest) <= 1e-12 * fabs(rest), "%g, not %g",
                  entry(v, 0), rest);
}

static void arrays_of_an_index_run(void)
{
    declare_all(2, 6);
    Node i = index_variable(1), s = symbols[2];
    Node a = node_mul(g, i, s);
    Node body = node_apply(g, OP_SIN, 1, &a);
    Node n = index_form_array(g, 1, i, symbols[1], body);
    Value v = node_evaluate(g, n, name_count, symbols, values);
    for (size_t k = 0; k < 6; k++)
        CHECK(fabs(entry(v, k) - sin((double)(k + 1) * values[2].number)) <
              1e-14);
}

/* y[k[i]] += x[i], and row i of a matrix set to i*w'. */
static void scatters_run(void)
{
    declare_all(3, 5);
    static const double place[] = {2, 1, 2, 3, 2};
    Node i = index_variable(1), one = node_int(g, 1), out[2];
    Node k = node_const(g, array_from(5, 1, place)), all = node_all(g);
    Dim m = node_shape(g, symbols[8]).rows, n = node_shape(g, symbols[5]).rows;
    LoopResult r[] = {
        {.role = LOOP_ADD,
         .base = node_zero(g, (Shape){m, 1}),
         .value = node_apply(g, OP_SIN, 1,
                             &(Node){node_index(g, symbols[5], i, one)}),
         .row = node_index(g, k, i, one),
         .col = one},
        {.role = LOOP_SET,
         .base = node_zero(g, (Shape){n, n}),
         .value = node_mul(g, i, node_transpose(g, symbols[6])),
         .row = i,
         .col = all}};
    LoopSpec spec = {1, symbols[1], i, false, 0, 2, r};
    node_loop(g, &spec, out);
    double want[3] = {0};
    for (int j = 0; j < 5; j++)
        want[(int)place[j] - 1] += num_sin(values[5].array->f[j]);
    Value y = node_evaluate(g, out[0], name_count, symbols, values);
    for (size_t j = 0; j < 3; j++)
        CHECK(entry(y, j) == want[j]);
    y = node_evaluate(g, out[1], name_count, symbols, values);
    for (size_t j = 0; j < 25; j++)
        CHECK(fabs(entry(y, j) -
                   (double)(j % 5 + 1) * values[6].array->f[j / 5]) < 1e-15);
}

/* sum(i = 1:n, sum(j = 1:i, sin(i*j*s))): the inner count is not known. */
static void loops_nest(void)
{
    declare_all(2, 7);
    Node i = index_variable(1), j = index_variable(2), s = symbols[2], d;
    Node a = node_mul(g, node_mul(g, i, j), s);
    Node inner = index_form_sum(g, 2, j, i, node_apply(g, OP_SIN, 1, &a));
    Node n = index_form_sum(g, 1, i, symbols[1], inner);
    double want = 0, slope = 0, at = values[2].number;
    for (int u = 1; u <= 7; u++)
        for (int v = 1; v <= u; v++) {
            want += sin(u * v * at);
            slope += u * v * cos(u * v * at);
        }
    CHECK(fabs(number_of(n) - want) < 1e-12);
    if (!gradient(n, s, &d))
        return;
    CHECK(fabs(number_of(d) - slope) < 1e-10);
}

/* The derivative of the gradient along x, against a difference. */
static void second_derivatives_of_loops_run(void)
{
    declare_all(4, 3);
    Node n = node_sum_entries(g, recurrence(symbols[0]), 0), d, dd;
    Node w = symbols[6], x = symbols[5];
    if (!gradient(n, w, &d) || !gradient(node_dot(g, d, x), w, &dd))
        return;
    Value got = node_evaluate(g, dd, name_count, symbols, values), side[2];
    double h = 1e-5, *at = values[6].array->f;
    for (size_t k = 0; k < 3; k++) {
        double keep = at[k];
        for (int up = 0; up < 2; up++) {
            at[k] = keep + (up ? h : -h);
            side[up] = node_evaluate(g, node_dot(g, d, x), name_count, symbols,
                                     values);
        }
        at[k] = keep;
        double want = (side[1].number - side[0].number) / (2 * h);
        CHECK_MESSAGE(fabs(entry(got, k) - want) < 1e-7, "%g, not %g",
                      entry(got, k), want);
    }
}

/* sum(i = 1:n, if x[i] > 0 then sqrt(x[i])*i else s), with its gradient. */
static void choices_in_loops_run(void)
{
    static const int sizes[] = {1, 2, 300};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        declare_all(2, sizes[k]);
        Node i = index_variable(1), x = symbols[5], d;
        Node xi = node_index(g, x, i, node_int(g, 1));
        Node arm = node_mul(g, i, node_power(g, xi, node_rational(g, 1, 2)));
        Node c = node_compare_op(g, OP_LT, node_int(g, 0), xi);
        Node n =
            index_form_sum(g, 1, i, symbols[1], node_if(g, c, arm, symbols[2]));
        double want = 0;
        for (int j = 0; j < sizes[k]; j++) {
            double at = entry(values[5], (size_t)j);
            want += at > 0 ? sqrt(at) * (j + 1) : values[2].number;
        }
        CHECK(fabs(number_of(n) - want) < 1e-9 * (1 + fabs(want)));
        if (!gradient(n, x, &d))
            return;
        Value v = node_evaluate(g, d, name_count, symbols, values);
        for (size_t j = 0; j < (size_t)sizes[k]; j++) {
            double at = entry(values[5], j);
            double slope = at > 0 ? (double)(j + 1) / (2 * sqrt(at)) : 0;
            CHECK(fabs(entry(v, j) - slope) < 1e-10 * (1 + slope));
        }
    }
}

/* if s > 0 then log(s) else 0: the other arm does not run. */
static void choices_run_one_arm(void)
{
    Node s = node_symbol(g, name_of("s"), SHAPE_SCALAR, 0), d;
    Node zero = node_int(g, 0);
    Node n = node_if(g, node_compare_op(g, OP_LT, zero, s),
                     node_apply(g, OP_LOG, 1, &s), zero);
    if (!gradient(n, s, &d))
        return;
    for (int i = 0; i < 3; i++) {
        Value v = value_float(i - 1);
        double y = value_to_double(node_evaluate(g, n, 1, &s, &v));
        double slope = value_to_double(node_evaluate(g, d, 1, &s, &v));
        CHECK(y == 0);
        CHECK(slope == (i == 2 ? 1 : 0));
    }
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    setenv("MLC_JIT", "0", 1);
    Heap *heap = heap_new();
    g = graph_new();
    arena = arena_new();
    RUN(forms_of_small_arrays);
    RUN(forms_of_larger_arrays);
    RUN(blocks_end_anywhere);
    RUN(random_expressions_agree);
    RUN(stable_forms_keep_digits);
    RUN(norms_keep_their_range);
    RUN(singular_determinants_have_gradients);
    RUN(sums_are_those_of_arrays);
    RUN(several_outputs_share_their_parts);
    RUN(sweeps_agree_with_definitions);
    RUN(deep_chains_lower);
    RUN(wide_sums_lower);
    RUN(blame_names_the_operation);
    RUN(refusals_name_their_reason);
    RUN(sides_that_are_expressions_are_solved);
    RUN(index_sums_run);
    RUN(recurrences_run);
    RUN(products_run);
    RUN(arrays_of_an_index_run);
    RUN(choices_run_one_arm);
    RUN(choices_in_loops_run);
    RUN(scatters_run);
    RUN(loops_nest);
    RUN(second_derivatives_of_loops_run);
    RUN(machine_code_knows_special_numbers);
    RUN(machine_code_runs_out_of_registers);
    RUN(machine_code_takes_over);
    forget_names();
    arena_free(arena);
    graph_free(g);
    heap_free(heap);
    context_free(c);
    return check_result();
}
