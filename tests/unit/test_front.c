/*
 * The operators of the language on nodes: broadcasting, the kinds of
 * products and powers, literals, functions by name; what does not fit is
 * refused.  Random expressions are compared with the arithmetic of arrays.
 */
#include <stdlib.h>

#include "check.h"
#include "graph/front.h"
#include "graph/internal.h"
#include "graph/naive.h"
#include "graph/print.h"
#include "syntax/parse.h"

static Graph *g;
static Arena *arena;
static FrontName env[64];
static int names;
static Node symbols[64];
static Value values[64];
static Dim dim_n, dim_d;

static uint64_t state = 88172645463325252u;

static int pick(int n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 20) % (uint64_t)n);
}

/* A symbol with a value of `rows` and `cols` entries between 0.2 and 1.7. */
static Node symbol(const char *name, Shape s, int rows, int cols,
                   unsigned flags)
{
    Node n = node_symbol(g, name_of(name), s, flags);
    Value v = array_new(ELEM_FLOAT, rows, cols);
    for (size_t i = 0; i < array_count(v.array); i++)
        v.array->f[i] = 0.2 + pick(1500) / 1000.0;
    v = array_value(v);
    if (flags & SYM_DIMENSION)
        v = value_int(rows == 1 ? 1 : rows);
    value_keep(v);
    env[names] = (FrontName){name_of(name), n};
    symbols[names] = n;
    values[names++] = v;
    return n;
}

static Node dimension(const char *name, int64_t value)
{
    Node n = node_symbol(g, name_of(name), SHAPE_SCALAR, SYM_DIMENSION);
    env[names] = (FrontName){name_of(name), n};
    symbols[names] = n;
    values[names++] = value_int(value);
    return n;
}

static void declare(void)
{
    dim_n = dim_of_node(g, dimension("n", 3));
    dim_d = dim_of_node(g, dimension("d", 2));
    symbol("A", (Shape){dim_n, dim_n}, 3, 3, 0);
    symbol("X", (Shape){dim_n, dim_d}, 3, 2, 0);
    symbol("Y", (Shape){dim_n, dim_d}, 3, 2, 0);
    symbol("x", (Shape){dim_n, 1}, 3, 1, 0);
    symbol("y", (Shape){dim_n, 1}, 3, 1, 0);
    symbol("b", (Shape){dim_d, 1}, 2, 1, 0);
    symbol("s", SHAPE_SCALAR, 1, 1, 0);
    symbol("t", SHAPE_SCALAR, 1, 1, 0);
}

static Node read_node(const char *text)
{
    Protect p;
    if (!PROTECT(&p)) {
        printf("# %s: %s\n", text, context_error()->message);
        return NODE_NONE;
    }
    Ast *t = parse_expression("test", text, arena);
    Node y = front_build(g, t, names, env, false);
    protect_end(&p);
    return y;
}

static const char *print(Node n)
{
    static char text[4][400];
    static int turn;
    char *y = text[turn = (turn + 1) % 4];
    Str s = {0};
    if (n == NODE_NONE)
        str_add(&s, "(refused)");
    else
        node_print(g, n, &s);
    snprintf(y, sizeof text[0], "%s", s.at ? s.at : "");
    str_free(&s);
    return y;
}

static void same(const char *a, const char *b)
{
    Node p = read_node(a), q = read_node(b);
    CHECK_MESSAGE(p == q && p != NODE_NONE, "`%s` is %s, but `%s` is %s", a,
                  print(p), b, print(q));
}

static void refused(const char *text)
{
    Node n = read_node(text);
    CHECK_MESSAGE(n == NODE_NONE, "`%s` is %s", text, print(n));
}

static void numbers_spread(void)
{
    same("x + s", "x + s*ones(n)");
    same("s - X", "s*ones(n, d) - X");
    same("X + x", "X + x*ones(d)'");
    same("X - b'", "X - ones(n)*b'");
    same("x.*X", "diag(x)*X");
    same("X.*b'", "X*diag(b)");
    same("X./x", "diag(1 ./x)*X");
    same("x + 0", "x");
    same("x*s", "s*x");
    same("s./x", "s*x.^(-1)");
}

static void what_does_not_fit(void)
{
    refused("x + x'");
    refused("x.*y'");
    refused("x + b");
    refused("X*x");
    refused("x^2");
    refused("X^2");
    refused("A^s");
    refused("s^A");
    refused("A*b");
    refused("X\\x");
    refused("x/X");
    refused("[x, b]");
    refused("[X; x]");
    refused("tr(X)");
    refused("det(X)");
    refused("sum(x, dim = 3)");
    refused("nothing(x)");
    refused("dot(x, b)");
}

static void products_and_powers(void)
{
    same("A\\x", "inv(A)*x");
    same("x'/A", "x'*inv(A)");
    same("s\\x", "x/s");
    same("A^2", "A*A");
    same("A^-1", "inv(A)");
    same("A^0", "I(n)");
    same("x.^2", "x.*x");
    same("2^3", "8");
    same("-s^2", "-(s^2)");
    same("1/2s", "1/(2*s)");
    same("x.^(s*ones(n))", "x.^s");
    CHECK(node_op(g, read_node("2 .^ x")) == OP_POW);
    CHECK(node_op(g, read_node("x.^y")) == OP_POW);
    same("x'*y*A", "(x'*y)*A");
    same("0x10 + 1", "17");
}

static void literals(void)
{
    CHECK(node_is_column(g, read_node("[1, s, t]")));
    CHECK(node_is_row(g, read_node("[1, s, t;]")));
    same("[1, s; t, 2]'", "[1, t; s, 2]");
    same("[x; 1]", "[x; 1]");
    Shape s = node_shape(g, read_node("[x, y]"));
    CHECK(s.rows == dim_n && s.cols == 2);
    s = node_shape(g, read_node("[x; 1]"));
    CHECK(node_of_dim(g, s.rows) == read_node("n + 1") && s.cols == 1);
    s = node_shape(g, read_node("[ones(n), X]"));
    CHECK(node_of_dim(g, s.cols) == read_node("d + 1"));
    same("[s]", "s");
    same("[x]", "x");
    same("[1, 2; 3, 4][2, 1]", "3");
    same("[1, 2, 3][end]", "3");
    same("x[end]", "x[n]");
    same("X[end, 1]", "X[n, 1]");
    same("[4, 5, 6][2:end]", "[5, 6]");
    same("1:3", "[1, 2, 3]");
}

static void conditions(void)
{
    same("s > t", "t < s");
    same("1 < 2", "true");
    same("0 < s < 1", "0 < s and s < 1");
    same("x > 0", "0 < x");
    same("not (1 < 2)", "false");
    same("if 1 < 2 then s else t", "s");
    CHECK(node_is_column(g, read_node("if x > 0 then x else 0")));
    CHECK(node_is_column(g, read_node("if s > 0 then x else 0")));
    CHECK(node_op(g, read_node("s < t or t < 1")) == OP_OR);
    CHECK(node_is_column(g, read_node("x >= s")));
}

static void functions(void)
{
    same("sum(x)", "ones(n)'*x");
    same("sum(X, dim = 1)", "ones(n)'*X");
    same("sum(X, dim = 2)", "X*ones(d)");
    same("mean(x)", "sum(x)/n");
    same("mean(X)", "sum(X)/(n*d)");
    same("norm1(x)", "sum(abs(x))");
    same("norm2(x)", "sqrt(x'*x)");
    same("norm2(X)^2", "sum(X.*X)");
    same("dot(X, Y)", "tr(X'*Y)");
    same("trace(A)", "tr(A)");
    same("var(x)", "sum((x - mean(x)).^2)/(n - 1)");
    same("sd(x)", "sqrt(var(x))");
    same("zeros(n)", "0*x");
    same("zeros(n, d)", "X - X");
    same("eye(n)", "I(n)");
    same("size(X)", "[n, d]");
    same("size(X, 2)", "d");
    same("length(x)", "n");
    same("diag(x')", "diag(x)");
    same("max(0, x)", "relu(x)");
    same("max(x)", "max(x)");
    same("square(x)", "x.^2");
    same("sqrt(4)", "2");
    same("exp(1)", "e");
    same("sin(pi)", "0");
    same("ones(2)", "[1, 1]");
}

/* ---- random expressions against the arithmetic of arrays ---- */

typedef struct Pair {
    Node node;
    Value value;
    char text[1000];
} Pair;

static Pair *random_pair(int depth);

/* A binary operator of the language on nodes and on values. */
static Pair *combine(int op, const Pair *a, const Pair *b)
{
    static const char *const sign[] = {"+", "-", ".*", "./", ".^"};
    static Node (*const front[])(Graph *, Node, Node) = {
        front_add, front_sub, front_had, front_had_div, front_had_power};
    static const BinaryOp binary[] = {BIN_ADD, BIN_SUB, BIN_MUL, BIN_DIV,
                                      BIN_POW};
    Pair *y = ARENA_NEW(arena, Pair);
    snprintf(y->text, sizeof y->text, "(%.480s %s %.480s)", a->text, sign[op],
             b->text);
    y->node = front[op](g, a->node, b->node);
    Protect p;
    y->value = VALUE_NONE;
    if (PROTECT(&p)) {
        y->value = value_binary(binary[op], a->value, b->value);
        protect_end(&p);
    }
    return y;
}

static Pair *random_pair(int depth)
{
    Pair *y = ARENA_NEW(arena, Pair);
    if (depth <= 0) {
        int i = 2 + pick(names - 2);
        y->node = symbols[i];
        y->value = values[i];
        snprintf(y->text, sizeof y->text, "%s", env[i].name);
        if (pick(5) == 0) {
            y->node = node_transpose(g, y->node);
            y->value = value_transpose(y->value);
            strcat(y->text, "'");
        }
        return y;
    }
    Pair *a = random_pair(depth - 1 - pick(2));
    if (a == NULL)
        return NULL;
    if (pick(6) == 0) {
        y->node = node_apply(g, OP_SIGMOID, 1, &a->node);
        y->value = value_map(op_table[OP_SIGMOID].scalar1, NULL, a->value);
        snprintf(y->text, sizeof y->text, "sigmoid(%.900s)", a->text);
        return y;
    }
    Pair *b = random_pair(depth - 1 - pick(2));
    if (b == NULL)
        return NULL;
    y = combine(pick(9) % 5, a, b);
    bool fits = y->value.kind != VAL_NONE;
    CHECK_MESSAGE(fits == (y->node != NODE_NONE), "%.300s: %s by arrays",
                  y->text, fits ? "fits" : "refused");
    return fits && y->node != NODE_NONE ? y : NULL;
}

static bool is_close(Value a, Value b)
{
    Array *x = array_to_float(a), *y = array_to_float(b);
    if (x->rows != y->rows || x->cols != y->cols)
        return false;
    for (size_t i = 0; i < array_count(x); i++) {
        double e = x->f[i] - y->f[i], top = y->f[i] < 0 ? -y->f[i] : y->f[i];
        if (top < 1e200 && y->f[i] == y->f[i] &&
            !(e <= 1e-7 * (1 + top) && e >= -1e-7 * (1 + top)))
            return false;
    }
    return true;
}

static void random_values(void)
{
    const int count = getenv("ROUNDS") ? atoi(getenv("ROUNDS")) : 3000;
    for (volatile int round = 0; round < count; round++) {
        PoolMark pool = pool_mark();
        ArenaMark mark = arena_mark(arena);
        Protect protect;
        if (PROTECT(&protect)) {
            Pair *p = random_pair(1 + pick(4));
            if (p) {
                Value v = naive_value(g, p->node, names, symbols, values);
                CHECK_MESSAGE(is_close(v, p->value),
                              "round %d: %.250s became %.150s", round, p->text,
                              print(p->node));
            }
            protect_end(&protect);
        } else {
            CHECK_MESSAGE(context_error()->code == ERR_NAN ||
                              context_error()->code == ERR_DOMAIN,
                          "round %d: %.300s", round, context_error()->message);
        }
        pool_drain(pool);
        arena_reset(arena, mark);
    }
}

/* Long sums and products lean to the left in the tree. */
static void long_texts(void)
{
    enum { MANY = 20000 };
    Str s = {0};
    for (int i = 0; i < MANY; i++)
        str_add_format(&s, "%sx[%d]", i ? " + " : "", i % 50 + 1);
    Node n = read_node(s.at);
    CHECK(n != NODE_NONE && node_count(g, n) == 100);
    s.len = 0;
    for (int i = 0; i < MANY; i++)
        str_add_format(&s, "%sA", i ? "*" : "");
    n = read_node(s.at);
    CHECK(n != NODE_NONE && node_count(g, n) == MANY);
    str_free(&s);
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    Heap *h = heap_new();
    g = graph_new();
    arena = arena_new();
    declare();
    RUN(numbers_spread);
    RUN(what_does_not_fit);
    RUN(products_and_powers);
    RUN(literals);
    RUN(conditions);
    RUN(functions);
    RUN(random_values);
    RUN(long_texts);
    graph_free(g);
    arena_free(arena);
    heap_free(h);
    context_enter(NULL);
    context_free(c);
    return check_result();
}
