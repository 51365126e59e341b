/*
 * Tests of the expression graph: canonical forms, rules, substitution, sweep.
 */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "graph/front.h"
#include "graph/internal.h"
#include "graph/print.h"
#include "graph/rules.h"
#include "graph/selftest_rule.h"
#include "syntax/parse.h"

static Graph *g;
static Heap *heap;

enum { NAMES = 16 };
static FrontName names[NAMES];
static int nnames;

static void declare(const char *name, Shape s, unsigned flags)
{
    names[nnames].name = name_of(name);
    names[nnames].node = node_symbol(g, names[nnames].name, s, flags);
    nnames++;
}

static Node named(const char *name)
{
    for (int i = 0; i < nnames; i++)
        if (names[i].name == name_of(name))
            return names[i].node;
    return NODE_NONE;
}

static void begin(void)
{
    context_enter(context_new());
    heap = heap_new();
    g = graph_new();
    nnames = 0;
    declare("x", SHAPE_SCALAR, 0);
    declare("y", SHAPE_SCALAR, 0);
    declare("z", SHAPE_SCALAR, 0);
    declare("p", SHAPE_SCALAR, SYM_POSITIVE);
    declare("k", SHAPE_SCALAR, SYM_INTEGER);
    declare("n", SHAPE_SCALAR, SYM_DIMENSION);
    Dim n = dim_of_node(g, named("n"));
    declare("v", (Shape){n, 1}, 0);
    declare("w", (Shape){n, 1}, 0);
    declare("A", (Shape){n, n}, 0);
    declare("B", (Shape){n, n}, 0);
    for (int i = 0; i < nnames; i++)
        graph_pin(g, names[i].node);
}

static void end(void)
{
    Str why = {0};
    CHECK_MESSAGE(graph_check(g, &why), "%s", str_text(&why));
    str_free(&why);
    graph_free(g);
    heap_free(heap);
    Context *c = context_current();
    context_enter(NULL);
    context_free(c);
}

/* The node of a text, NODE_NONE if building it raised; the error stands in
 * the context. */
static Node node(const char *text)
{
    Arena *a = arena_new();
    Protect p;
    volatile Node n = NODE_NONE;
    if (PROTECT(&p)) {
        n = front_build(g, parse_expression("test", text, a), nnames, names,
                        false);
        protect_end(&p);
    }
    arena_free(a);
    return n;
}

static void show(Node n, char *out, size_t room)
{
    Str s = {0};
    if (n == NODE_NONE)
        str_add_format(&s, "error %s", context_error()->message);
    else
        node_print(g, n, &s);
    snprintf(out, room, "%s", str_text(&s));
    str_free(&s);
}

static void check_same(const char *a, const char *b)
{
    Node m = node(a);
    char s[100], t[100];
    show(m, s, sizeof s);
    Node n = node(b);
    show(n, t, sizeof t);
    CHECK_MESSAGE(m != NODE_NONE && m == n, "%s is %s, %s is %s", a, s, b, t);
}

static void check_other(const char *a, const char *b)
{
    CHECK_MESSAGE(node(a) != node(b), "%s and %s are one node", a, b);
}

static void check_error(const char *text, ErrorCode code)
{
    Node n = node(text);
    char s[100];
    show(n, s, sizeof s);
    CHECK_MESSAGE(n == NODE_NONE, "%s gave %s", text, s);
    if (n == NODE_NONE)
        CHECK_MESSAGE(context_error()->code == code, "%s raised %s: %s", text,
                      error_name(context_error()->code),
                      context_error()->message);
}

static void test_sums(void)
{
    begin();
    check_same("x + y", "y + x");
    check_same("x + x", "2*x");
    check_same("x - x", "0");
    check_same("2*(x + y)", "2*x + 2*y");
    check_same("(x + 1) + (y - 1)", "x + y");
    check_same("1/2 + 1/3", "5/6");
    check_same("x/2 + x/3", "5*x/6");
    check_same("0*x", "0");
    check_same("x + 0.5 + 0.5", "x + 1.0");
    check_other("x + 1.0", "x + 1");
    check_same("-(x - y)", "y - x");
    check_other("x*(y + z)", "x*y + x*z");
    check_same("(2*x + 2)*y", "2*(x + 1)*y");
    check_same("(x - y)*z", "-(y - x)*z");
    end();
}

static void test_products(void)
{
    begin();
    check_same("x*y", "y*x");
    check_same("x*x", "x^2");
    check_same("x/x", "1");
    check_same("x^2*x^-2", "1");
    check_same("x^y*x", "x^(y + 1)");
    check_same("(x*y)^2", "x^2*y^2");
    check_same("(x^2)^3", "x^6");
    check_same("(x^2)^(1/2)", "abs(x)");
    check_same("(p^2)^(1/2)", "p");
    check_same("(p^3)^(1/3)", "p");
    check_other("(x^3)^(1/3)", "x");
    check_same("(x^y)^k", "x^(k*y)");
    check_same("sqrt(4)", "2");
    check_same("sqrt(8)", "2*sqrt(2)");
    check_same("(1/4)^(1/2)", "1/2");
    check_same("sqrt(2)*sqrt(3)", "sqrt(6)");
    check_same("sqrt(6)/sqrt(2)", "sqrt(3)");
    check_same("1/sqrt(2)", "sqrt(2)/2");
    check_same("2^(1/2)*2^(1/3)", "2^(5/6)");
    check_same("sqrt(1/3)", "sqrt(3)/3");
    check_same("0^0", "1");
    check_same("x^0", "1");
    check_same("exp(x)*exp(-x)", "1");
    check_same("exp(x)^2", "exp(2*x)");
    check_same("sqrt(exp(x))", "exp(x/2)");
    check_same("exp(x)^y", "exp(x*y)");
    check_same("abs(x)^2", "x^2");
    check_same("sign(x)*abs(x)", "x");
    check_same("relu(x)*step(x)", "relu(x)");
    check_same("step(x)^3", "step(x)");
    check_same("sign(x)^3", "sign(x)");
    check_other("sign(x)^2", "1");
    check_same("sqrt(4*x^2)", "2*abs(x)");
    check_same("x*3*y*(2/3)", "2*x*y");
    check_error("1/0", ERR_DOMAIN);
    check_error("0^-1", ERR_DOMAIN);
    check_error("(-8)^(1/3)", ERR_DOMAIN);
    check_error("2^(10^9)", ERR_EXACT);
    end();
}

static void test_floats(void)
{
    begin();
    check_same("0.5 + 1", "1.5");
    check_same("x^0.5*x^0.5", "1.0*x");
    Node n = node("1.5*pi");
    CHECK(node_is_number(g, n) &&
          fabs(coef_double(g, n) - 4.71238898038469) < 1e-14);
    n = node("0.5 + sin(1)");
    CHECK(node_is_number(g, n));
    n = node("sqrt(2)*0.5");
    CHECK(node_is_number(g, n));
    n = node("sin(0.5)");
    CHECK(node_is_number(g, n) && coef_double(g, n) == 0.47942553860420300);
    CHECK(node_op(g, node("sin(1)")) == OP_SIN);
    CHECK(node_op(g, node("exp(1)")) == OP_EXP);
    CHECK(node("2.0") != node("2"));
    check_error("log(-1)", ERR_DOMAIN);
    check_error("log(0)", ERR_DOMAIN);
    check_error("log(-1.5)", ERR_DOMAIN);
    check_error("asin(2)", ERR_DOMAIN);
    check_error("exp(1000.0)", ERR_NAN);
    end();
}

static void test_functions(void)
{
    begin();
    check_same("exp(0)", "1");
    check_same("sin(0)", "0");
    check_same("sin(pi/6)", "1/2");
    check_same("sin(7*pi/6)", "-1/2");
    check_same("cos(101*pi)", "-1");
    check_same("tan(5*pi/4)", "1");
    check_same("sin(-x)", "-sin(x)");
    check_same("sin(x - y)", "-sin(y - x)");
    check_same("cos(-x)", "cos(x)");
    check_same("abs(-x)", "abs(x)");
    check_same("abs(x - y)", "abs(y - x)");
    check_same("abs(-3*x)", "3*abs(x)");
    check_same("abs(p*x)", "p*abs(x)");
    check_same("abs(x^2)", "x^2");
    check_same("abs(1 - sqrt(2))", "sqrt(2) - 1");
    check_same("exp(log(x))", "x");
    check_same("log(exp(x))", "x");
    check_same("exp(2*log(x))", "x^2");
    check_other("log(x^2)", "2*log(x)");
    check_same("log(p^2)", "2*log(p)");
    check_same("log(1 + exp(x))", "softplus(x)");
    check_same("log(exp(x) + 1)", "softplus(x)");
    check_same("1/(1 + exp(-x))", "sigmoid(x)");
    check_same("3*y/(1 + exp(-x))", "3*y*sigmoid(x)");
    check_same("exp(x)/(1 + exp(x))", "sigmoid(x)");
    check_same("1/(1 + exp(x))", "1 - sigmoid(x)");
    check_same("1/(1 + exp(y - x))", "sigmoid(x - y)");
    check_same("log(sigmoid(x))", "-softplus(-x)");
    check_same("log(1 - sigmoid(x))", "-softplus(x)");
    check_same("sigmoid(-x)", "1 - sigmoid(x)");
    check_same("max(0, x)", "relu(x)");
    check_same("max(x, 0)", "relu(x)");
    check_same("max(x, y)", "max(y, x)");
    check_same("floor(7/2)", "3");
    check_same("log2(8)", "3");
    check_same("log2(1/4)", "-2");
    check_same("log10(1000)", "3");
    check_same("hypot(3, 4)", "5");
    check_same("atan2(1, 1)", "pi/4");
    check_same("log(2*exp(1000))", "1000 + log(2)");
    check_same("tan(7*pi/3)", "sqrt(3)");
    check_error("sqrt(1 - sqrt(2))", ERR_DOMAIN);
    check_same("floor(pi)", "3");
    check_same("gamma(6)", "120");
    check_same("xlogy(0, x)", "0");
    end();
}

static void test_arrays(void)
{
    begin();
    check_same("v + w", "w + v");
    check_same("1./(1 + exp(-v))", "sigmoid(v)");
    check_same("w./(1 + exp(-v))", "w.*sigmoid(v)");
    check_same("log(1 + exp(v))", "softplus(v)");
    check_same("log(1 + exp(A))", "softplus(A)");
    check_same("exp(v)/sum(exp(v))", "softmax(v)");
    check_same("exp(A*v)/sum(exp(A*v))", "softmax(A*v)");
    check_same("log(sum(exp(v)))", "logsumexp(v)");
    check_same("log(softmax(v))", "v - logsumexp(v)");
    check_same("sigmoid(-v)", "1 - sigmoid(v)");
    check_same("max(0, v)", "relu(v)");
    check_same("max(v, 0)", "relu(v)");
    check_same("sin(-A)", "-sin(A)");
    check_same("exp(0*v)", "ones(n)");
    check_same("abs(v).^2", "v.^2");
    check_same("sign(v).*abs(v)", "v");
    check_same("inv(inv(A))", "A");
    check_same("x*(v + w)/x", "v + w");
    end();
}

/* Every order of the terms and factors gives one node. */
static void test_order(void)
{
    begin();
    const char *part[] = {"x",      "y",      "2*x*y",   "sin(x)",   "3",
                          "exp(y)", "x^2",    "sqrt(2)", "p^(1/2)",  "z/3",
                          "log(p)", "x + 1",  "1 - y",   "x^y",      "-x",
                          "pi",     "y^(-1)", "abs(x)",  "2*x + 4*y"};
    enum { PARTS = sizeof part / sizeof part[0] };
    Node n[PARTS], sum = NODE_NONE, product = NODE_NONE;
    for (int i = 0; i < PARTS; i++) {
        n[i] = node(part[i]);
        CHECK_MESSAGE(n[i] != NODE_NONE, "%s: %s", part[i],
                      context_error()->message);
        if (n[i] == NODE_NONE)
            return;
    }
    uint32_t seed = 12345;
    for (int turn = 0; turn < 200; turn++) {
        for (int i = PARTS - 1; i > 0; i--) {
            seed = seed * 1664525 + 1013904223;
            int j = (int)((seed >> 8) % (uint32_t)(i + 1));
            Node swap = n[i];
            n[i] = n[j];
            n[j] = swap;
        }
        int cut = (int)((seed >> 4) % (PARTS - 2)) + 1;
        Node a =
            node_add(g, node_sum(g, cut, n), node_sum(g, PARTS - cut, n + cut));
        Node b = node_product(g, cut, n);
        for (int i = cut; i < PARTS; i++)
            b = node_mul(g, b, n[i]);
        CHECK(turn == 0 || (a == sum && b == product));
        sum = a;
        product = b;
    }
    end();
}

/* ---- random expressions against direct evaluation ---- */

static uint32_t random_seed;

static uint32_t draw(uint32_t n)
{
    random_seed = random_seed * 1664525 + 1013904223;
    return (random_seed >> 8) % n;
}

typedef struct Pair {
    Node node;
    double value;
} Pair;

/* The gamma functions have none at 0, -1, -2, ... */
static bool is_pole(double x)
{
    return x < 0.5 && fabs(x - round(x)) < 1e-6;
}

/* f(a) or f(a, b) by the kernel, a where it is not defined. */
static Pair random_call(Pair a, Pair b)
{
    OpId op = (OpId)(OP_ABS + draw(OP_POW - OP_ABS));
    Node arg[2] = {a.node, b.node};
    double x[2] = {a.value, b.value};
    int n = op_table[op].nargs;
    double y = op_number(op, n, x);
    /* Where rounding decides, both are right. */
    bool jumps = op == OP_MOD || op == OP_FLOOR || op == OP_CEIL ||
                 op == OP_ROUND || fabs(a.value) < 1e-6 ||
                 fabs(b.value) < 1e-6 || fabs(a.value - b.value) < 1e-6;
    /* tanh(20) forgets its argument. */
    bool blunt = fabs(a.value) > 3 || (op == OP_ATANH && fabs(a.value) > 0.99);
    if (op == OP_POLYGAMMA || jumps || blunt || is_pole(a.value) ||
        is_pole(b.value) || is_pole(a.value + b.value) || !isfinite(y) ||
        fabs(y) > 1e4)
        return a;
    return (Pair){node_apply(g, op, n, arg), y};
}

static Pair random_tree(int depth, const double at[3])
{
    static const char *const symbol[] = {"x", "y", "z"};
    if (depth == 0 || draw(6) == 0) {
        int i = (int)draw(4);
        if (i < 3)
            return (Pair){named(symbol[i]), at[i]};
        int64_t top = (int64_t)draw(9) - 4, bottom = (int64_t)draw(4) + 1;
        return (Pair){node_rational(g, top, bottom),
                      (double)top / (double)bottom};
    }
    Pair a = random_tree(depth - 1, at), b = random_tree(depth - 1, at);
    switch (draw(7)) {
    case 0:
        return (Pair){node_add(g, a.node, b.node), a.value + b.value};
    case 1:
        return (Pair){node_sub(g, a.node, b.node), a.value - b.value};
    case 2:
        return (Pair){node_mul(g, a.node, b.node), a.value * b.value};
    case 3:
        if (node_is_zero(g, b.node) || fabs(b.value) < 1e-3)
            return a;
        return (Pair){node_div(g, a.node, b.node), a.value / b.value};
    case 4: {
        Node k = node_int(g, (int64_t)draw(3) + 1);
        return (Pair){node_power(g, a.node, k),
                      pow(a.value, coef_double(g, k))};
    }
    default:
        return random_call(a, b);
    }
}

static void test_random(void)
{
    begin();
    const double at[3] = {0.7, -1.3, 2.1};
    Node from[3], to[3];
    for (int i = 0; i < 3; i++) {
        from[i] = names[i].node;
        to[i] = node_float(g, at[i]);
    }
    random_seed = 7;
    for (int turn = 0; turn < 20000; turn++) {
        Pair p = random_tree(5, at);
        if (!isfinite(p.value) || fabs(p.value) > 1e6)
            continue;
        Node n = node_substitute(g, p.node, 3, from, to);
        double y;
        bool known = node_constant_value(g, n, &y);
        CHECK_MESSAGE(known && fabs(y - p.value) <= 1e-6 * (1 + fabs(p.value)),
                      "turn %d: %.15g, not %.15g", turn, y, p.value);
        if (getenv("SHOWTREE") && check_why[0]) {
            char text[3000];
            show(p.node, text, sizeof text);
            printf("%s\n", text);
        }
        if (check_why[0])
            break;
    }
    end();
}

static void test_substitute(void)
{
    begin();
    Node x = named("x"), y = named("y"), n = named("n");
    CHECK(node_substitute(g, node("sin(x)*x + y"), 1, &x, &y) ==
          node("sin(y)*y + y"));
    Node from[2] = {x, y}, to[2] = {y, x};
    CHECK(node_substitute(g, node("x^2/y"), 2, from, to) == node("y^2/x"));
    Node three = node_int(g, 3);
    Node s = node_substitute(g, node("sum(v + 1)/n"), 1, &n, &three);
    Shape three_shape = {3, 1};
    Node v3 = node_symbol(g, name_of("v"), three_shape, 0);
    CHECK(node_depends(g, s, v3));
    CHECK(!node_depends(g, s, n));
    CHECK(node_depends(g, node("v + 1"), n));
    CHECK(!node_depends(g, node("x + sin(y)"), named("z")));
    Arena *a = arena_new();
    Node *symbols;
    CHECK(node_symbols(g, node("x*y + sin(x*z)"), a, &symbols) == 3);
    arena_free(a);
    end();
}

static void test_signs(void)
{
    begin();
    CHECK(node_sign(g, node("exp(x)")) == SIGN_POSITIVE);
    CHECK(node_sign(g, node("x^2")) == SIGN_NONNEGATIVE);
    CHECK(node_sign(g, node("x^2 + 1")) == SIGN_POSITIVE);
    CHECK(node_sign(g, node("-x^2 - 1")) == SIGN_NEGATIVE);
    CHECK(node_sign(g, node("1 - sigmoid(x)")) == SIGN_POSITIVE);
    CHECK(node_sign(g, node("1 - tanh(x)^2")) == SIGN_POSITIVE);
    CHECK(node_sign(g, node("x")) == SIGN_UNKNOWN);
    CHECK(node_sign(g, node("n*p")) == SIGN_POSITIVE);
    CHECK(node_sign(g, node("v'*v")) == SIGN_NONNEGATIVE);
    CHECK(node_sign(g, node("pi - 3")) == SIGN_POSITIVE);
    CHECK(node_is_integer(g, node("2*n + 1")));
    CHECK(!node_is_integer(g, node("n/2")));
    end();
}

/* sin(sin(...)), sums of many terms, and passes over them. */
static void test_deep(void)
{
    enum { DEPTH = 100000 };
    begin();
    Node x = named("x"), y = named("y"), n = x;
    for (int i = 0; i < DEPTH; i++)
        n = node_apply(g, OP_SIN, 1, &n);
    CHECK(node_depth(g, n) == DEPTH + 1);
    CHECK(node_depends(g, n, x) && !node_depends(g, n, y));
    Node m = node_substitute(g, n, 1, &x, &y);
    CHECK(node_depends(g, m, y) && !node_depends(g, m, x));
    CHECK(node_compare(g, n, m) != 0);
    Node half = node_float(g, 0.5);
    Node number = node_substitute(g, n, 1, &x, &half);
    CHECK(node_is_number(g, number));
    Node one = g->one;
    double value;
    CHECK(node_constant_value(g, node_substitute(g, n, 1, &x, &one), &value));
    Node *term = mem_alloc(DEPTH * sizeof *term);
    for (int i = 0; i < DEPTH; i++)
        term[i] = node_power(g, i % 2 ? x : y, node_int(g, i + 1));
    Node sum = node_sum(g, DEPTH, term);
    CHECK(node_count(g, sum) == 2 * DEPTH);
    for (int i = 0; i < DEPTH; i++)
        term[i] = node_neg(g, term[i]);
    CHECK(node_add(g, sum, node_sum(g, DEPTH, term)) == g->zero);
    mem_free(term);
    end();
}

static void test_sweep(void)
{
    begin();
    Node kept = node("sin(x)*exp(y) + [1.5, 2.5]'*[x, y]");
    graph_pin(g, kept);
    char before[100], after[100];
    show(kept, before, sizeof before);
    size_t live = graph_count(g);
    for (int i = 0; i < 50000; i++)
        node_add(g, named("x"), node_int(g, i));
    CHECK(graph_count(g) > live + 50000);
    uint32_t generation = graph_generation(g);
    graph_hold(g, 1);
    graph_sweep(g);
    CHECK(graph_generation(g) == generation);
    graph_hold(g, -1);
    graph_sweep(g);
    CHECK(graph_generation(g) != generation);
    CHECK(graph_count(g) <= live);
    show(kept, after, sizeof after);
    CHECK_TEXT(after, before);
    CHECK(node("sin(x)*exp(y) + [1.5, 2.5]'*[x, y]") == kept);
    size_t rows = g->count;
    for (int i = 0; i < 40000; i++)
        node_add(g, named("x"), node_int(g, i));
    CHECK(g->count == rows);
    graph_unpin(g, kept);
    end();
}

static void test_user_rules(void)
{
    begin();
    Name f = name_of("f");
    Node a = node_symbol(g, name_of("a"), SHAPE_SCALAR, SYM_PLACEHOLDER);
    Node b = node_symbol(g, name_of("b"), SHAPE_SCALAR, SYM_PLACEHOLDER);
    Node minus = node_neg(g, a);
    rules_switch(g, 1);
    Node left = node_call(g, f, 1, &minus, NULL);
    Node right = node_neg(g, node_call(g, f, 1, &a, NULL));
    rules_switch(g, -1);
    rules_add(g, left, right, 1, &a, "");
    Node x = named("x"), mx = node_neg(g, x);
    CHECK(node_call(g, f, 1, &mx, NULL) ==
          node_neg(g, node_call(g, f, 1, &x, NULL)));
    Node ab[2] = {a, b}, ba[2] = {b, a};
    Name h = name_of("h");
    left = node_call(g, h, 2, ab, NULL);
    right = node_call(g, h, 2, ba, NULL);
    Protect p;
    volatile bool refused = false;
    if (PROTECT(&p)) {
        rules_add(g, left, right, 2, ab, "");
        protect_end(&p);
    } else {
        refused = context_error()->code == ERR_RULE;
    }
    CHECK(refused);
    end();
}

/* Every rule of ops.def: both sides evaluated. */
static void test_rules(void)
{
    begin();
    for (size_t i = 0; i < op_rule_count; i++) {
        char why[256] = "";
        Protect p;
        if (PROTECT(&p)) {
            selftest_rule(g, &op_rules[i], why, sizeof why);
            protect_end(&p);
        } else {
            snprintf(why, sizeof why, "%s", context_error()->message);
        }
        CHECK_MESSAGE(!why[0], "%s: %s", op_rules[i].left, why);
    }
    end();
}

static void test_rule_hints(void)
{
    begin();
    for (size_t i = 0; i < op_rule_count; i++)
        CHECK_MESSAGE(rules_check_hint(g, &op_rules[i]),
                      "%s is hidden by its hint", op_rules[i].left);
    end();
}

int main(void)
{
    RUN(test_sums);
    RUN(test_products);
    RUN(test_floats);
    RUN(test_functions);
    RUN(test_arrays);
    RUN(test_order);
    RUN(test_random);
    RUN(test_substitute);
    RUN(test_signs);
    RUN(test_deep);
    RUN(test_sweep);
    RUN(test_user_rules);
    RUN(test_rules);
    RUN(test_rule_hints);
    return check_result();
}
