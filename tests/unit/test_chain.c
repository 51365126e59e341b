/*
 * Canonical forms of arrays: every equality of MATRIX.md section 2, the
 * traps of section 7, and random expressions against their values.
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
static Dim dim_n, dim_d;

static Node symbol(const char *name, Dim rows, Dim cols, unsigned flags)
{
    Node s = node_symbol(g, name_of(name), (Shape){rows, cols}, flags);
    env[names++] = (FrontName){name_of(name), s};
    return s;
}

static void declare(void)
{
    dim_n = dim_of_node(g, symbol("n", 1, 1, SYM_DIMENSION));
    dim_d = dim_of_node(g, symbol("d", 1, 1, SYM_DIMENSION));
    static const char *const square[] = {"A", "B", "C", "P", "Q"};
    for (int i = 0; i < 5; i++)
        symbol(square[i], dim_n, dim_n, 0);
    symbol("S", dim_n, dim_n, SYM_SYMMETRIC);
    symbol("M", dim_n, dim_n, SYM_SYMMETRIC);
    static const char *const column[] = {"x", "y", "z", "u", "v", "w"};
    for (int i = 0; i < 6; i++)
        symbol(column[i], dim_n, 1, 0);
    symbol("p", dim_n, 1, SYM_POSITIVE);
    symbol("X", dim_n, dim_d, 0);
    symbol("b", dim_d, 1, 0);
    static const char *const scalar[] = {"r", "s", "t", "k", "l"};
    for (int i = 0; i < 5; i++)
        symbol(scalar[i], 1, 1, i < 3 ? 0 : SYM_INTEGER | SYM_POSITIVE);
    symbol("q", 3, 1, 0);
    symbol("K", 3, 3, 0);
}

/* The node of a text; NODE_NONE also where it raises an error. */
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

typedef struct Same {
    const char *a, *b;
} Same;

static void check_same(const Same *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Node a = read_node(s[i].a), b = read_node(s[i].b);
        CHECK_MESSAGE(a == b && a != NODE_NONE, "`%s` is %s, but `%s` is %s",
                      s[i].a, print(a), s[i].b, print(b));
        if (getenv("VERBOSE") && a != b)
            printf("# `%s` is %s, but `%s` is %s\n", s[i].a, print(a), s[i].b,
                   print(b));
    }
}

#define SAME(...)                                                              \
    do {                                                                       \
        static const Same same[] = {__VA_ARGS__};                              \
        check_same(same, sizeof same / sizeof same[0]);                        \
    } while (0)

static void scalars_leave(void)
{
    SAME({"A*(2*s*B)", "2*s*(A*B)"}, {"(s*x).*(t*y)", "s*t*(x.*y)"},
         {"diag(2*s*x)", "2*s*diag(x)"}, {"inv(2*A)", "inv(A)/2"},
         {"inv(s*A)", "inv(A)/s"}, {"tr(3*s*A)", "3*s*tr(A)"},
         {"det(2*A)", "2^n*det(A)"}, {"A*(2*x + 4*y)", "2*(A*(x + 2*y))"},
         {"A*(y - x)", "-A*(x - y)"}, {"kron(2*A, s*B)", "2*s*kron(A, B)"},
         {"A*I(n)*B", "A*B"}, {"I(n)*I(n)", "I(n)"}, {"0*A*x", "zeros(n)"},
         {"(x - x)'*A", "zeros(n)'"});
}

static void inverses_cancel(void)
{
    SAME({"inv(A)*A", "I(n)"}, {"A*inv(A)", "I(n)"}, {"inv(A*B)*A*B", "I(n)"},
         {"A*B*inv(A*B)", "I(n)"}, {"B*inv(P*Q*B)", "inv(P*Q)"},
         {"inv(P*Q*B)*P", "inv(Q*B)"}, {"inv(P*Q*B)*P*Q", "inv(B)"},
         {"Q*B*inv(P*Q*B)", "inv(P)"}, {"inv(A + B)*(A + B)", "I(n)"},
         {"inv(inv(A))", "A"}, {"inv(A')", "inv(A)'"}, {"A'*inv(A')", "I(n)"},
         {"inv(X'*X)*X'*X", "I(d)"}, {"C*A*inv(A)*B", "C*B"},
         {"inv(A)'*A'", "I(n)"}, {"inv(2*A)*A", "I(n)/2"},
         {"inv(diag(x))", "diag(1 ./x)"}, {"A\\(A*x)", "x"}, {"x'/A*A", "x'"});
}

/* Sign and orientation of a sum that is its own transpose but for the sign. */
static void signs_and_turns(void)
{
    SAME({"(A' - A)*x", "-((A - A')*x)"}, {"A' - A", "-(A - A')"},
         {"tr((A - A')*B)", "-tr((A' - A)*B)"},
         {"(A' - A).*B", "-((A - A').*B)"}, {"(A - 2*B')*x", "-(2*B' - A)*x"},
         {"inv(A - 2*B')'", "-inv(2*B - A')"});
    CHECK(read_node("inv(A - A')") != NODE_NONE);
    CHECK(read_node("det(A - A')") != NODE_NONE);
}

static void stretches_are_scalars(void)
{
    SAME({"x*(y'*z)*w'", "(y'*z)*x*w'"}, {"x*y'*z*w'", "(y'*z)*x*w'"},
         {"A*x*y'*B*z", "(y'*B*z)*A*x"}, {"(x*y')*(z*w')", "(y'*z)*(x*w')"},
         {"x'*y*A", "A*(x'*y)"});
}

static void diagonals(void)
{
    SAME({"diag(u)*diag(v)", "diag(u.*v)"},
         {"diag(u)*diag(v)", "diag(v)*diag(u)"},
         {"P*diag(v)*Q*x", "P*(v.*(Q*x))"}, {"x'*P*diag(v)", "((P'*x).*v)'"},
         {"diag(v)*x", "v.*x"}, {"diag(ones(n))", "I(n)"},
         {"diag(u) + diag(v)", "diag(u + v)"},
         {"diag(x) - diag(x)", "zeros(n, n)"},
         {"s*diag(u) + diag(v)", "diag(s*u + v)"},
         {"I(n) + diag(u)", "diag(1 + u)"}, {"diag(diag(u))", "u"},
         {"diag(x*y')", "x.*y"}, {"diag(diag(v)*A)", "v.*diag(A)"},
         {"diag(A*diag(v))", "v.*diag(A)"},
         {"diag(A + 2*B)", "diag(A) + 2*diag(B)"}, {"diag(A')", "diag(A)"},
         {"diag(A*B)", "diag(B'*A')"}, {"x'*diag(v)*y", "sum(x.*v.*y)"},
         {"diag(I(n))", "ones(n)"});
}

static void scalar_chains(void)
{
    SAME({"x'*y", "y'*x"}, {"sum(x.*y)", "x'*y"}, {"sum(x.^2)", "x'*x"},
         {"sum(x.*(A*x))", "x'*A*x"}, {"x'*A*y", "y'*A'*x"},
         {"sum(y.*(A*x))", "y'*A*x"}, {"x'*A'*x", "x'*A*x"},
         {"ones(n)'*ones(n)", "n"}, {"sum(ones(n))", "n"},
         {"sum(softmax(x))", "1"}, {"sum(x - mean(x))", "0"},
         {"sum((x - mean(x))*2)", "0"},
         {"ones(n)'*(I(n) - ones(n, n)/n)", "zeros(n)'"},
         {"(I(n) - ones(n, n)/n)*ones(n)", "zeros(n)"},
         {"sum(A.*B)", "tr(A'*B)"}, {"sum(X.^2)", "tr(X'*X)"},
         {"sum(x.*y.*z)", "x'*(y.*z)"}, {"x'*diag(y)*z", "z'*diag(x)*y"},
         {"x'*A*diag(v)*B*y", "y'*B'*diag(v)*A'*x"},
         {"sum(v.*(A*x).*(B*y))", "(A*x)'*diag(v)*(B*y)"},
         {"x'*A*(v.*y)", "sum((A'*x).*v.*y)"}, {"(A*x)'*(A*x)", "x'*A'*A*x"},
         {"sum((A*x).^2)", "x'*A'*A*x"},
         {"sum(v.*(A*x).^2)", "x'*A'*diag(v)*A*x"},
         {"sum(A*x)", "ones(n)'*A*x"}, {"norm2(x)^2", "x'*x"},
         {"norm2(X)^2", "tr(X'*X)"}, {"dot(x, y)", "x'*y"},
         {"sum(X)", "sum(sum(X, dim = 1))"}, {"mean(x)", "sum(x)/n"},
         {"x'*S*y", "y'*S*x"}, {"mean(X, dim = 1)", "ones(n)'*X/n"});
}

static void traces(void)
{
    SAME({"tr(A*x*y')", "y'*A*x"}, {"tr(A*B)", "tr(B*A)"},
         {"tr(A*B*C)", "tr(C*A*B)"}, {"tr(A*B*C)", "tr(C'*B'*A')"},
         {"tr(A + B)", "tr(A) + tr(B)"}, {"tr(A')", "tr(A)"},
         {"tr(kron(A, B))", "tr(A)*tr(B)"}, {"tr(diag(x))", "sum(x)"},
         {"tr(diag(v)*A)", "v'*diag(A)"}, {"tr(A*diag(v)*B)", "v'*diag(B*A)"},
         {"tr(inv(A)*B*A)", "tr(B)"}, {"tr(A*B*inv(A))", "tr(B)"},
         {"tr(I(n))", "n"}, {"tr(X'*X)", "tr(X*X')"}, {"tr(A*A')", "sum(A.^2)"},
         {"tr(inv(A*B)*C*A*B)", "tr(C)"}, {"tr(x*x')", "x'*x"},
         {"tr(A'*B)", "tr(B'*A)"});
}

static void determinants(void)
{
    SAME({"det(I(n) + u*v')", "1 + v'*u"}, {"det(A')", "det(A)"},
         {"det(I(n))", "1"}, {"det(diag(x))", "prod(x)"},
         {"det(inv(A))", "1/det(A)"}, {"logdet(I(n) + u*u')", "log(1 + u'*u)"},
         {"logdet(A')", "logdet(A)"}, {"logdet(inv(A))", "-logdet(A)"},
         {"det(I(n) + s*A*u*v')", "1 + s*(v'*A*u)"});
}

static void entrywise(void)
{
    SAME({"x.*y.*z", "z.*(x.*y)"}, {"x.*x", "x.^2"}, {"x.^2.*x", "x.^3"},
         {"x./x", "ones(n)"}, {"(u*v').*A", "diag(u)*A*diag(v)"},
         {"A.*I(n)", "diag(diag(A))"}, {"A.*diag(v)", "diag(v.*diag(A))"},
         {"x'.*y'", "(x.*y)'"}, {"(x.*y)'", "y'.*x'"}, {"(A.*B)'", "B'.*A'"},
         {"u.*X", "diag(u)*X"}, {"X.*b'", "X*diag(b)"},
         {"(diag(u)*A).*B", "diag(u)*(A.*B)"},
         {"(x*y').*(u*v')", "(x.*u)*(y.*v)'"}, {"1 ./(1 ./x)", "x"},
         {"(x.^2).^3", "x.^6"}, {"(p.^2).^(1/2)", "p"}, {"ones(n).*x", "x"},
         {"ones(n, d).*X", "X"}, {"x./y", "x.*y.^(-1)"}, {"abs(x).^2", "x.^2"},
         {"sign(x).*abs(x)", "x"}, {"relu(x).*step(x)", "relu(x)"},
         {"step(x).^2", "step(x)"}, {"(2*x - 2*y).^2", "4*(x - y).^2"},
         {"(y - x).^2", "(x - y).^2"});
    CHECK(read_node("sign(x).^2") != read_node("ones(n)"));
    CHECK(read_node("(x.^2).^(1/2)") != read_node("x"));
}

static void transposes(void)
{
    SAME({"(A*B)'", "B'*A'"}, {"A''", "A"}, {"S'", "S"}, {"exp(X')", "exp(X)'"},
         {"exp(X'*A')", "exp(A*X)'"}, {"A' + B'", "(A + B)'"},
         {"X + (X + 2*X)", "4*X"}, {"A + (A + B)' - A'", "A + B'"},
         {"inv(X'*S*X)'", "inv(X'*S*X)"}, {"(A + A')'", "A + A'"},
         {"(x*x')'", "x*x'"}, {"(2*s*A)'", "2*s*A'"},
         {"kron(A, B)'", "kron(A', B')"}, {"(x + y)'", "x' + y'"},
         {"diag(x)'", "diag(x)"}, {"I(n)'", "I(n)"}, {"tanh(x)'", "tanh(x')"},
         {"inv(S + x*x')'", "inv(S + x*x')"}, {"exp(A + A')'", "exp(A + A')"},
         {"[x, A]'", "[x'; A']"}, {"(A*x + y)'", "x'*A' + y'"});
}

static void blocks(void)
{
    SAME({"[x; 0] + [zeros(n); s]", "[x; s]"},
         {"[x; y] + [u; v]", "[x + u; y + v]"}, {"[x; [y; z]]", "[x; y; z]"},
         {"[x; 1][n + 1]", "1"}, {"[x; y][1:n]", "x"},
         {"[x; y][n + 1:2*n]", "y"}, {"[x; y; z][n + 1:3*n]", "[y; z]"},
         {"[A, B; C, P]'", "[A', C'; B', P']"}, {"[s, t; r, 1][2, 1]", "r"},
         {"[s, t] + [1, 2]", "[s + 1, t + 2]"},
         {"[s, t].*[t, s]", "[s*t, s*t]"}, {"[s, t]'*[r, 1]", "s*r + t"},
         {"exp([s, t])", "[exp(s), exp(t)]"}, {"sum([s, t, r])", "s + t + r"},
         {"det([s, t; r, 1])", "s - t*r"}, {"(x + y)[k]", "x[k] + y[k]"},
         {"(x.*y)[k]", "x[k]*y[k]"}, {"exp(x)[k]", "exp(x[k])"},
         {"diag(x)[k, k]", "x[k]"}, {"ones(n)[k]", "1"},
         {"(x*y')[k, l]", "x[k]*y[l]"}, {"A'[k, l]", "A[l, k]"},
         {"x[1:n]", "x"}, {"x[:]", "x"}, {"(2*s*x)[k]", "2*s*x[k]"},
         {"[1, 2, 3][2]", "2"}, {"q[2:3][2]", "q[3]"}, {"I(3)[2, 3]", "0"},
         {"I(n)[k, k]", "1"}, {"(A*x)[k]", "A[k, :]*x"},
         {"[1, 2; 3, 4]*[s, t]", "[s + 2*t, 3*s + 4*t]"},
         {"tr([s, t; r, 1])", "s + 1"}, {"[x; s].*[y; t]", "[x.*y; s*t]"},
         {"[x; 3].^2", "[x.^2; 9]"}, {"[x; s]'*[y; t]", "x'*y + s*t"},
         {"[X, ones(n)]*[b; s]", "X*b + s"}, {"[x, y][k, 2]", "y[k]"},
         {"K[2, :][3]", "K[2, 3]"}, {"[A; B][k, :]", "[A; B][k, :]"});
}

static void constants(void)
{
    SAME({"[1, 2; 3, 4]*[1, 1]", "[3, 7]"}, {"[1, 2] + [3, 4]", "[4, 6]"},
         {"[1, 2].*[3, 4]", "[3, 8]"}, {"2*[1, 2]", "[2, 4]"},
         {"[1, 2; 3, 4]'", "[1, 3; 2, 4]"},
         {"inv([2, 0; 0, 4])*[1, 1]", "[1/2, 1/4]"},
         {"det([1, 2; 3, 4])", "-2"}, {"tr([1, 2; 3, 4])", "5"},
         {"sum([1, 2; 3, 4])", "10"}, {"diag([1, 2; 3, 4])", "[1, 4]"},
         {"[1, 0; 0, 1]*q[1:2]", "q[1:2]"},
         {"[1, 2; 3, 4]^2", "[7, 10; 15, 22]"}, {"[2, 2]", "2*ones(2)"},
         {"[1, 2, 3] + q + [1, 1, 1]", "q + [2, 3, 4]"});
}

static void order_does_not_matter(void)
{
    SAME({"A*(B*(C*x))", "((A*B)*C)*x"}, {"(A*B)*(C*P)", "A*((B*C)*P)"},
         {"x'*(A*(B*y))", "((x'*A)*B)*y"}, {"A + (B + C)", "C + (A + B)"},
         {"x + A*y + s*z", "s*z + (A*y + x)"}, {"A^3", "A*A*A"},
         {"A^2*A^(-1)", "A"}, {"A^0", "I(n)"}, {"diag(x)^2", "diag(x.^2)"});
}

/* ---- random expressions against their values ---- */

static uint64_t state = 88172645463325252u;

static int pick(int n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 20) % (uint64_t)n);
}

typedef struct Pair {
    Node node;
    Value value; /* computed as it was typed */
    char text[2000];
} Pair;

static Node leaf[128];
static Value leaf_value[128];
static int leaves;

static Pair *pair_new(void)
{
    return ARENA_NEW(arena, Pair);
}

/* A side: 1, 2, 3, or 4 and 5, which stand for n = 2 and d = 3 (named). */
enum { SIDE_N = 4, SIDE_D = 5, SIDES = 5 };

static Dim dim_of(int s)
{
    return s == SIDE_N ? dim_n : s == SIDE_D ? dim_d : s;
}

static int count_of(int s)
{
    return s == SIDE_N ? 2 : s == SIDE_D ? 3 : s;
}

static Shape shape_of(int rows, int cols)
{
    return (Shape){dim_of(rows), dim_of(cols)};
}

static int side(void)
{
    return 1 + pick(SIDES);
}

static Pair *random_leaf(int rows, int cols)
{
    Pair *y = pair_new();
    int kind = pick(8);
    if (rows == cols && rows > 1 && kind == 0) {
        y->node = node_identity(g, dim_of(rows));
        y->value = array_identity(count_of(rows));
        snprintf(y->text, sizeof y->text, "I(%d)", rows);
        return y;
    }
    if (kind <= 2) {
        y->node = node_fill(g, shape_of(rows, cols), node_int(g, kind == 1));
        y->value = array_value(
            array_fill(count_of(rows), count_of(cols), value_int(kind == 1)));
        snprintf(y->text, sizeof y->text, "%d(%d,%d)", kind == 1, rows, cols);
        return y;
    }
    if (kind == 3 && rows * cols > 1 && rows < SIDE_N && cols < SIDE_N) {
        Value v = array_new(ELEM_EXACT, rows, cols);
        for (size_t i = 0; i < array_count(v.array); i++)
            array_set(v.array, i, value_int(pick(5) - 1));
        y->node = node_const(g, v);
        y->value = v;
        snprintf(y->text, sizeof y->text, "%s", print(y->node));
        return y;
    }
    for (int tries = 0; tries < 1000; tries++) {
        int i = pick(leaves);
        Shape s = node_shape(g, leaf[i]);
        if (shape_same(s, shape_of(rows, cols))) {
            y->node = leaf[i];
            y->value = leaf_value[i];
            snprintf(y->text, sizeof y->text, "%s",
                     node_symbol_name(g, leaf[i]));
            return y;
        }
    }
    y->node = node_zero(g, shape_of(rows, cols));
    y->value =
        array_value(array_fill(count_of(rows), count_of(cols), value_int(0)));
    return y;
}

static Pair *make(int rows, int cols, int depth);

static Pair *call1(OpId op, const char *name, Pair *a, Value v)
{
    Pair *y = pair_new();
    y->node = node_apply(g, op, 1, &a->node);
    y->value = v;
    snprintf(y->text, sizeof y->text, "%s(%.1900s)", name, a->text);
    return y;
}

static Pair *binary(const char *op, Pair *a, Pair *b, Node n, Value v)
{
    Pair *y = pair_new();
    y->node = n;
    y->value = v;
    snprintf(y->text, sizeof y->text, "(%.900s %s %.900s)", a->text, op,
             b->text);
    return y;
}

static Pair *make_scalar(int depth)
{
    int k = side();
    Pair *a;
    switch (pick(6)) {
    case 0:
        a = make(k, k, depth - 1);
        return call1(OP_TR, "tr", a, value_trace(a->value));
    case 1:
        a = make(k, k, depth - 1);
        return call1(OP_DET, "det", a, value_det(a->value));
    case 2: {
        a = make(k, side(), depth - 1);
        Pair *y = pair_new();
        y->node = node_sum_entries(g, a->node, 0);
        y->value = value_reduce(RED_SUM, a->value, 0);
        snprintf(y->text, sizeof y->text, "sum(%.1900s)", a->text);
        return y;
    }
    case 3: {
        int rows = side(), cols = side();
        int i = pick(count_of(rows)), j = pick(count_of(cols));
        a = make(rows, cols, depth - 1);
        Pair *y = pair_new();
        Value at[] = {value_int(i + 1), value_int(j + 1)};
        y->node =
            node_index(g, a->node, node_int(g, i + 1), node_int(g, j + 1));
        y->value = a->value.kind == VAL_ARRAY ? array_index(a->value, 2, at)
                                              : a->value;
        snprintf(y->text, sizeof y->text, "(%.1900s)[%d,%d]", a->text, i + 1,
                 j + 1);
        return y;
    }
    default: {
        a = make(1, k, depth - 1);
        Pair *b = make(k, 1, depth - 1);
        return binary("*", a, b, node_mul(g, a->node, b->node),
                      value_product(a->value, b->value));
    }
    }
}

/* The first or the last rows of a stack. */
static Pair *make_cut(int rows, int cols, int depth)
{
    Pair *a = make(rows, cols, depth - 1), *b = make(side(), cols, depth - 1);
    bool first = pick(2);
    Pair *y = pair_new();
    Node part[] = {first ? a->node : b->node, first ? b->node : a->node};
    Node from = g->one;
    if (!first)
        from = node_add(g, from, node_of_dim(g, node_shape(g, b->node).rows));
    Node to = node_add(g, from, node_of_dim(g, dim_of(rows)));
    Node range = node_range(g, from, g->one, node_sub(g, to, g->one));
    y->node = node_index(g, node_stack(g, 2, part), range, node_all(g));
    y->value = a->value;
    snprintf(y->text, sizeof y->text, "(%.900s %s %.900s)[cut]",
             first ? a->text : b->text, ";", first ? b->text : a->text);
    return y;
}

static Pair *make_array(int rows, int cols, int depth)
{
    Pair *a, *b, *y;
    int k;
    switch (pick(9)) {
    case 0:
    case 1:
        k = side();
        a = make(rows, k, depth - 1);
        b = make(k, cols, depth - 1);
        return binary("*", a, b, node_mul(g, a->node, b->node),
                      value_product(a->value, b->value));
    case 2:
        a = make(rows, cols, depth - 1);
        b = make(rows, cols, depth - 1);
        return binary("+", a, b, node_add(g, a->node, b->node),
                      value_binary(BIN_ADD, a->value, b->value));
    case 3:
        a = make(rows, cols, depth - 1);
        b = make(rows, cols, depth - 1);
        return binary(".*", a, b, node_had(g, a->node, b->node),
                      value_binary(BIN_MUL, a->value, b->value));
    case 4:
        a = make(cols, rows, depth - 1);
        y = pair_new();
        y->node = node_transpose(g, a->node);
        y->value = value_transpose(a->value);
        snprintf(y->text, sizeof y->text, "(%.1900s)'", a->text);
        return y;
    case 5:
        if (rows == cols && rows > 1) {
            a = make(rows, 1, depth - 1);
            return call1(OP_DIAG, "diag", a, value_diag(a->value));
        }
        if (cols == 1) {
            a = make(rows, rows, depth - 1);
            return call1(OP_DIAGOF, "diag", a, value_diag(a->value));
        }
        return make(rows, cols, depth - 1);
    case 6: {
        a = make(rows, cols, depth - 1);
        return call1(OP_TANH, "tanh", a,
                     value_map(op_table[OP_TANH].scalar1, NULL, a->value));
    }
    case 7:
        a = make(1, 1, depth - 1);
        b = make(rows, cols, depth - 1);
        return binary("*", a, b, node_mul(g, a->node, b->node),
                      value_product(a->value, b->value));
    default:
        if (rows == SIDE_N || rows == SIDE_D)
            return make_cut(rows, cols, depth);
        if (rows > 1) {
            k = 1 + pick(rows - 1);
            a = make(k, cols, depth - 1);
            b = make(rows - k, cols, depth - 1);
            Node part[] = {a->node, b->node};
            Value v[] = {a->value, b->value};
            return binary(";", a, b, node_stack(g, 2, part), array_stack(2, v));
        }
        if (cols > 1 && cols < SIDE_N) {
            k = 1 + pick(cols - 1);
            a = make(rows, k, depth - 1);
            b = make(rows, cols - k, depth - 1);
            Node part[] = {a->node, b->node};
            Value v[] = {a->value, b->value};
            return binary(",", a, b, node_join(g, 2, part), array_join(2, v));
        }
        return make(rows, cols, depth - 1);
    }
}

/* inv of something far from singular: s*I + small. */
static Pair *make_inverse(int rows, int depth)
{
    Pair *a = make(rows, rows, depth - 1);
    Value t = value_map(op_table[OP_TANH].scalar1, NULL, a->value);
    Value big = value_product(value_int(7), array_identity(count_of(rows)));
    Node tanh_node = node_apply(g, OP_TANH, 1, &a->node);
    Pair *y = pair_new();
    y->node =
        node_add(g, tanh_node,
                 node_mul(g, node_int(g, 7), node_identity(g, dim_of(rows))));
    y->value = value_binary(BIN_ADD, t, big);
    snprintf(y->text, sizeof y->text, "(7*I + tanh(%.1900s))", a->text);
    return call1(OP_INV, "inv", y, value_inverse(y->value));
}

static Pair *make(int rows, int cols, int depth)
{
    if (depth <= 0)
        return random_leaf(rows, cols);
    if (rows == 1 && cols == 1)
        return pick(4) == 0 ? random_leaf(1, 1) : make_scalar(depth);
    if (rows == cols && pick(10) == 0)
        return make_inverse(rows, depth);
    return make_array(rows, cols, depth);
}

static bool close_values(Value a, Value b)
{
    Array *x = array_to_float(a), *y = array_to_float(b);
    if (x->rows != y->rows || x->cols != y->cols)
        return false;
    double scale = 1;
    for (size_t i = 0; i < array_count(x); i++)
        if (y->f[i] > scale || -y->f[i] > scale)
            scale = y->f[i] < 0 ? -y->f[i] : y->f[i];
    for (size_t i = 0; i < array_count(x); i++) {
        double e = x->f[i] - y->f[i];
        if (!(e <= 1e-8 * scale && e >= -1e-8 * scale))
            return false;
    }
    return true;
}

static void make_leaves(void)
{
    for (int rows = 1; rows <= SIDES; rows++)
        for (int cols = 1; cols <= SIDES; cols++)
            for (int k = 0; k < 4; k++) {
                unsigned flags =
                    rows == cols && rows > 1 && k == 0 ? SYM_SYMMETRIC : 0;
                char name[32];
                snprintf(name, sizeof name, "%c%d%d",
                         (cols == 1 || rows == 1 ? "wxyz" : "WXYZ")[k], rows,
                         cols);
                int m = count_of(rows), n = count_of(cols);
                Value v = array_new(ELEM_FLOAT, m, n);
                for (int i = 0; i < m; i++)
                    for (int j = 0; j < n; j++) {
                        int at = j * m + i;
                        v.array->f[at] = flags && i > j
                                             ? v.array->f[i * m + j]
                                             : (pick(2001) - 1000) / 700.0;
                    }
                value_keep(v);
                leaf[leaves] =
                    node_symbol(g, name_of(name), shape_of(rows, cols), flags);
                leaf_value[leaves++] = array_value(v);
                value_keep(leaf_value[leaves - 1]);
            }
}

static void random_values(void)
{
    make_leaves();
    leaf[leaves] = node_of_dim(g, dim_n);
    leaf_value[leaves++] = value_int(2);
    leaf[leaves] = node_of_dim(g, dim_d);
    leaf_value[leaves++] = value_int(3);
    const int count = getenv("ROUNDS") ? atoi(getenv("ROUNDS")) : 3000;
    for (volatile int round = 0; round < count; round++) {
        PoolMark pool = pool_mark();
        ArenaMark mark = arena_mark(arena);
        Pair *volatile p = NULL;
        Protect protect;
        if (PROTECT(&protect)) {
            int rows = side(), cols = side();
            p = make(rows, cols, 1 + pick(5));
            Value v = naive_value(g, p->node, leaves, leaf, leaf_value);
            Shape s = node_shape(g, p->node);
            bool right = shape_same(s, shape_of(rows, cols)) &&
                         close_values(v, p->value);
            CHECK_MESSAGE(right, "round %d: %.250s became %.150s", round,
                          p->text, print(p->node));
            if (!right && getenv("VERBOSE"))
                printf("# %s\n# %s is %s\n", p->text, print(p->node),
                       print(node_from_value(g, p->value)));
            protect_end(&protect);
        } else {
            CHECK_MESSAGE(context_error()->code == ERR_SINGULAR ||
                              context_error()->code == ERR_NAN,
                          "round %d: %s in %.300s", round,
                          context_error()->message, p ? p->text : "?");
        }
        pool_drain(pool);
        arena_reset(arena, mark);
    }
}

/* ---- parentheses ---- */

static Node factor(const char *const *texts, int n)
{
    return read_node(texts[pick(n)]);
}

/* A factor whose rows are those of `side`: n, d or 1. */
static Node random_factor(Dim rows)
{
    static const char *const of_n[] = {
        "A",       "B",   "S",       "A'",   "inv(A)",  "inv(A + B)", "diag(x)",
        "diag(y)", "X",   "x",       "y",    "I(n)",    "A + B",      "inv(S)",
        "X*X'",    "s*A", "ones(n)", "A.*B", "inv(A)'", "x*y'",       "2*y*b'"};
    static const char *const of_d[] = {"X'",        "b",    "diag(b)", "b*x'",
                                       "inv(X'*X)", "X'*X", "ones(d)"};
    static const char *const of_1[] = {"x'", "y'",       "b'",
                                       "s",  "ones(n)'", "x'*A"};
    return rows == dim_n   ? factor(of_n, sizeof of_n / sizeof *of_n)
           : rows == dim_d ? factor(of_d, sizeof of_d / sizeof *of_d)
                           : factor(of_1, sizeof of_1 / sizeof *of_1);
}

static Node random_tree(const Node f[], int n)
{
    if (n == 1)
        return f[0];
    int k = 1 + pick(n - 1);
    Node a = random_tree(f, k);
    return node_mul(g, a, random_tree(f + k, n - k));
}

static void parentheses(void)
{
    const int count = getenv("ROUNDS") ? atoi(getenv("ROUNDS")) : 2000;
    for (volatile int round = 0; round < count; round++) {
        Node f[8], t[8];
        int n = 2 + pick(6);
        Dim at = pick(3) ? dim_n : pick(2) ? dim_d : 1;
        for (int i = 0; i < n; i++) {
            f[i] = random_factor(at);
            at = node_shape(g, f[i]).cols;
        }
        for (int i = 0; i < n; i++)
            t[i] = node_transpose(g, f[n - 1 - i]);
        Node p = random_tree(f, n), q = node_product(g, n, f);
        Node r = node_transpose(g, random_tree(t, n));
        char text[400] = "";
        for (int i = 0; i < n; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text),
                     "(%.40s) ", print(f[i]));
        CHECK_MESSAGE(p == q, "%.150s: %.80s, %.80s", text, print(p), print(q));
        CHECK_MESSAGE(r == q, "%.150s: turned %.80s, %.80s", text, print(r),
                      print(q));
        if ((p != q || r != q) && getenv("VERBOSE"))
            printf("# %s: %s, %s, %s\n", text, print(p), print(q), print(r));
    }
}

/* Products of many factors are built in one go. */
static void long_chains(void)
{
    enum { MANY = 10000 };
    Node *f = ARENA_ARRAY(arena, Node, MANY);
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "F%d", i % 50);
        f[i] = node_symbol(g, name_of(name), (Shape){dim_n, dim_n}, 0);
    }
    Node p = node_product(g, MANY, f);
    CHECK(node_count(g, p) == MANY);
    CHECK(node_transpose(g, node_transpose(g, p)) == p);
    Node t = node_apply(g, OP_TR, 1, &p);
    CHECK(node_op(g, t) == OP_TR);
    Node deep = read_node("A");
    Node x = read_node("x");
    for (int i = 0; i < 20000; i++) {
        Node y = node_mul(g, deep, x);
        x = node_apply(g, OP_TANH, 1, &y);
    }
    CHECK(node_transpose(g, node_transpose(g, x)) == x);
    for (int i = 0; i < 2000; i++) {
        Node y = node_mul(g, read_node("A"), deep);
        deep = node_add(g, node_apply(g, OP_TANH, 1, &y), read_node("B"));
    }
    CHECK(node_depth(g, deep) > 4000);
}

/* H.*(A*H) again and again: as a tree it doubles at each step. */
static void shared_parts(void)
{
    Node h = read_node("A"), b = read_node("B");
    for (int i = 0; i < 60; i++) {
        h = node_had(g, h, node_mul(g, b, h));
        h = node_apply(g, OP_TANH, 1, &h);
    }
    CHECK(node_transpose(g, node_transpose(g, h)) == h);
    Node x = read_node("x");
    for (int i = 0; i < 60; i++)
        x = node_had(g, x, node_add(g, node_mul(g, b, x), read_node("y")));
    CHECK(node_is_column(g, x));
}

/* Sums of units with sides that are numbers are literals. */
static void unit_sums(void)
{
    Node e1 = node_unit(g, 3, node_int(g, 1));
    Node e3 = node_unit(g, 3, node_int(g, 3));
    Node s = read_node("s"), t = read_node("t");
    Node sum = node_add(g, node_mul(g, s, e1), node_mul(g, t, e3));
    CHECK(sum == read_node("[s, 0, t]"));
    Node outer = node_mul(g, e1, node_transpose(g, e3));
    sum = node_add(g, node_mul(g, s, outer),
                   node_mul(g, s, node_transpose(g, outer)));
    CHECK(sum == read_node("[0, 0, s; 0, 0, 0; s, 0, 0]"));
    CHECK(node_mul(g, read_node("K"), e3) == read_node("K[:, 3]"));
    CHECK(node_dot(g, e1, read_node("q")) == read_node("q[1]"));
    CHECK(node_is_zero(g, node_dot(g, e1, e3)));
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    Heap *h = heap_new();
    g = graph_new();
    arena = arena_new();
    declare();
    RUN(scalars_leave);
    RUN(inverses_cancel);
    RUN(signs_and_turns);
    RUN(stretches_are_scalars);
    RUN(diagonals);
    RUN(scalar_chains);
    RUN(traces);
    RUN(determinants);
    RUN(entrywise);
    RUN(transposes);
    RUN(blocks);
    RUN(constants);
    RUN(order_does_not_matter);
    RUN(random_values);
    RUN(parentheses);
    RUN(long_chains);
    RUN(shared_parts);
    RUN(unit_sums);
    graph_free(g);
    arena_free(arena);
    heap_free(h);
    context_enter(NULL);
    context_free(c);
    return check_result();
}
