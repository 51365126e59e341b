/*
 * sign.c - what the structure of a node says about its sign
 *
 * A sign is worked with as the set of signs that a value can have.  The
 * search looks at so many nodes at most, so it is cheap on any graph, and
 * says "unknown" when it gives up.
 */
#include "graph/array.h"
#include "graph/quick.h"

#include <math.h>

enum { NEG = 1, NIL = 2, POS = 4, ANY = NEG | NIL | POS };
enum { BUDGET = 400, DEEPEST = 200 };

typedef struct Search {
    Graph *g;
    int budget, depth;
} Search;

static int signs(Search *s, Node n);

static int signs_sum(int a, int b)
{
    int y = 0;
    if ((a & POS && b & NEG) || (a & NEG && b & POS))
        return ANY;
    if (a & NIL)
        y |= b;
    if (b & NIL)
        y |= a;
    y |= a & b & (POS | NEG);
    return y;
}

static int signs_negative(int a)
{
    return (a & NIL) | (a & NEG ? POS : 0) | (a & POS ? NEG : 0);
}

static int signs_product(int a, int b)
{
    int y = (a | b) & NIL;
    if (b & POS)
        y |= a;
    if (b & NEG)
        y |= signs_negative(a);
    return y;
}

static int signs_of_number(const Graph *g, Node n)
{
    switch (coef_sign(g, n)) {
    case 1:
        return POS;
    case -1:
        return NEG;
    case 0:
        return NIL;
    default:
        return ANY;
    }
}

/* An irrational constant by its digits, unless they are too near 0. */
static int signs_of_constant(Graph *g, Node n)
{
    double x;
    if (!node_constant_value(g, n, &x) || !(fabs(x) > 1e-9))
        return ANY;
    return x > 0 ? POS : NEG;
}

static int signs_of_symbol(const Graph *g, Node n)
{
    unsigned flags = node_symbol_flags(g, n);
    if (flags & (SYM_POSITIVE | SYM_DIMENSION))
        return POS;
    return flags & SYM_NONNEGATIVE ? NIL | POS : ANY;
}

static bool is_even(const Graph *g, Node e)
{
    if (!coef_is_integer(g, e))
        return false;
    Value v = node_number_value(g, e);
    return v.kind == VAL_INT ? v.integer % 2 == 0
                             : mpz_even_p(mpq_numref(v.exact->q)) != 0;
}

/* base^e, where it is defined. */
static int signs_of_power(Search *s, Node base, Node e)
{
    Graph *g = s->g;
    int b = signs(s, base);
    if (b == POS)
        return POS;
    if (!node_is_number(g, e))
        return b & NEG ? ANY : NIL | POS;
    if (coef_is_integer(g, e)) {
        bool falls = coef_sign(g, e) < 0;
        if (falls)
            b &= ~NIL; /* 0^-1 is not defined */
        if (is_even(g, e))
            return b & NIL ? NIL | POS : b == NEG || falls ? POS : NIL | POS;
        return b;
    }
    return coef_sign(g, e) < 0 ? POS : NIL | POS;
}

static int signs_of_powers(Search *s, Node n, uint32_t first)
{
    Graph *g = s->g;
    int y = POS;
    for (uint32_t i = first; i < g->row[n].nargs && y != ANY; i += 2)
        y = signs_product(
            y, signs_of_power(s, arg_of(g, n, i), arg_of(g, n, i + 1)));
    return y;
}

/*
 * c0 + sum of c*t with every t between 0 and 1 (sigmoid, step, softmax and
 * squares of tanh, sin, cos): from its lower and upper bound.
 */
static int signs_by_bounds(Graph *g, Node n)
{
    double low = 0, high = 0;
    bool open = false;
    for (uint32_t i = 0; i < g->row[n].nargs; i += 2) {
        double c = coef_double(g, arg_of(g, n, i));
        Node t = arg_of(g, n, i + 1), fill;
        if (t == g->one || (node_is_fill(g, t, &fill) && fill == g->one)) {
            low += c;
            high += c;
            continue;
        }
        OpId op = op_of(g, t);
        if ((op == OP_MONO || op == OP_HAD) &&
            g->row[t].nargs == (op == OP_MONO ? 4 : 2)) {
            Node base = arg_of(g, t, op == OP_MONO ? 2 : 0);
            Node e = arg_of(g, t, op == OP_MONO ? 3 : 1);
            OpId f = op_of(g, base);
            if (e == g->two && (f == OP_TANH || f == OP_SIN || f == OP_COS))
                op = f == OP_TANH ? OP_SIGMOID : OP_STEP;
            else if (coef_is_integer(g, e) && coef_sign(g, e) > 0 &&
                     f == OP_SIGMOID)
                op = OP_SIGMOID;
        }
        if (op != OP_SIGMOID && op != OP_STEP && op != OP_SOFTMAX)
            return ANY;
        open = open || op == OP_SIGMOID;
        *(c < 0 ? &low : &high) += c;
    }
    if (low > 0 || (low == 0 && open))
        return POS;
    if (high < 0 || (high == 0 && open))
        return NEG;
    return low == 0 ? NIL | POS : high == 0 ? NIL | NEG : ANY;
}

static int signs_of_sum(Search *s, Node n)
{
    Graph *g = s->g;
    int y = NIL;
    for (uint32_t i = 0; i < g->row[n].nargs && y != ANY; i += 2)
        y = signs_sum(y, signs_product(signs_of_number(g, arg_of(g, n, i)),
                                       signs(s, arg_of(g, n, i + 1))));
    return y == ANY ? signs_by_bounds(g, n) : y;
}

/* x'*x and x'*S*x with S positive definite; else from the factors. */
static int signs_of_chain(Search *s, Node n)
{
    Graph *g = s->g;
    uint32_t count = g->row[n].nargs;
    Node first = arg_of(g, n, 0), last = arg_of(g, n, count - 1);
    bool mirrored = node_is_scalar(g, n) && op_of(g, first) == OP_TRANS &&
                    arg_of(g, first, 0) == last;
    if (mirrored && count == 2)
        return NIL | POS;
    if (mirrored && count == 3 &&
        node_symbol_flags(g, arg_of(g, n, 1)) & SYM_POSDEF)
        return NIL | POS;
    int y = POS;
    for (uint32_t i = 0; i < count && y != ANY; i++)
        y = signs_product(y, signs(s, arg_of(g, n, i)));
    return y == POS ? POS : y == NEG ? NEG : y == ANY ? ANY : y | NIL;
}

/* Large data of both signs are not searched for a 0. */
static int signs_of_array(const Graph *g, Node n)
{
    enum { LARGE = 4096 };
    const Array *a = node_const_value(g, n).array;
    size_t count = array_count(a);
    int y = 0;
    for (size_t i = 0; i < count && y != ANY; i++) {
        double x = a->kind == ELEM_FLOAT ? a->f[i]
                                         : value_to_double(array_get(a, i));
        y |= x > 0 ? POS : x < 0 ? NEG : x == 0 ? NIL : ANY;
        if (count > LARGE && (y & POS) && (y & NEG))
            return ANY;
    }
    return y;
}

static int signs_of_all(Search *s, Node n)
{
    int y = 0;
    for (uint32_t i = 0; i < s->g->row[n].nargs && y != ANY; i++)
        y |= signs(s, arg_of(s->g, n, i));
    return y;
}

static int signs_of_operator(Search *s, Node n)
{
    Graph *g = s->g;
    Node a = g->row[n].nargs ? arg_of(g, n, 0) : n;
    switch (op_of(g, n)) {
    case OP_EXP:
    case OP_COSH:
    case OP_SIGMOID:
    case OP_SOFTPLUS:
    case OP_SOFTMAX:
    case OP_SOFTMAX_ROWS:
    case OP_ERFC:
    case OP_TRIGAMMA:
    case OP_ARGMAX:
    case OP_ARGMIN:
        return POS;
    case OP_ABS:
        return signs(s, a) & NIL ? NIL | POS : POS;
    case OP_RELU:
        return signs(s, a) == POS ? POS : NIL | POS;
    case OP_STEP:
    case OP_ACOS:
    case OP_ACOSH:
    case OP_HYPOT:
    case OP_NORM2_ROWS:
    case OP_NORM_NUC:
    case OP_NORM_SPEC:
    case OP_SVD:
    case OP_HARDMAX:
    case OP_HARDMAX_ROWS:
        return NIL | POS;
    case OP_SIGN:
    case OP_SINH:
    case OP_TANH:
    case OP_ASINH:
    case OP_ATANH:
    case OP_ASIN:
    case OP_ATAN:
    case OP_ERF:
    case OP_EXPM1:
    case OP_LOG1P:
    case OP_TRANS:
    case OP_INDEX:
    case OP_MAXOF:
    case OP_MINOF:
    case OP_MAX_ROWS:
    case OP_MIN_ROWS:
    case OP_CUMSUM:
        return signs(s, a);
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
    case OP_DIAG:
    case OP_DIAGOF:
        return signs(s, a) | NIL;
    case OP_PROD:
    case OP_PROD_ROWS:
    case OP_PROD_OTHERS:
    case OP_PROD_OTHERS_ALL:
    case OP_PROD_OTHERS_ROWS:
    case OP_GAMMA:
        return signs(s, a) == POS ? POS : ANY;
    case OP_MAX:
    case OP_MIN: {
        int x = signs(s, a), y = signs(s, arg_of(g, n, 1));
        int strong = op_of(g, n) == OP_MAX ? POS : NEG;
        return x == strong || y == strong ? strong : x | y;
    }
    case OP_STACK:
    case OP_JOIN:
        return signs_of_all(s, n);
    case OP_POW:
        return signs(s, a) == POS ? POS : signs(s, a) & NEG ? ANY : NIL | POS;
    case OP_DET:
        return node_symbol_flags(g, a) & SYM_POSDEF ? POS : ANY;
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
        return NIL | POS;
    default:
        return ANY;
    }
}

static int signs_of_node(Search *s, Node n)
{
    Graph *g = s->g;
    switch (op_of(g, n)) {
    case OP_NUM:
        return signs_of_number(g, n);
    case OP_ARG:
    case OP_BV:
    case OP_SYM:
        return signs_of_symbol(g, n);
    case OP_CONST:
        return signs_of_array(g, n);
    case OP_ONES:
        return POS;
    case OP_ZERO:
        return NIL;
    case OP_IDENT:
    case OP_UNIT:
        return NIL | POS;
    case OP_SUM:
        return signs_of_sum(s, n);
    case OP_MONO:
        return signs_product(signs_of_powers(s, n, 2),
                             signs_product(signs_of_number(g, arg_of(g, n, 0)),
                                           signs(s, arg_of(g, n, 1))));
    case OP_HAD:
        return signs_of_powers(s, n, 0);
    case OP_CHAIN:
        return signs_of_chain(s, n);
    default:
        return signs_of_operator(s, n);
    }
}

static int signs(Search *s, Node n)
{
    Graph *g = s->g;
    if (s->budget-- <= 0 || s->depth >= DEEPEST)
        return ANY;
    s->depth++;
    int y = signs_of_node(s, n);
    if (y == ANY && op_of(g, n) != OP_NUM && node_is_constant(g, n) &&
        node_is_scalar(g, n))
        y = signs_of_constant(g, n);
    s->depth--;
    return y;
}

Sign node_sign(Graph *g, Node n)
{
    static const Sign of_set[ANY + 1] = {
        [NEG] = SIGN_NEGATIVE,          [NIL] = SIGN_ZERO,
        [POS] = SIGN_POSITIVE,          [NEG | NIL] = SIGN_NONPOSITIVE,
        [NIL | POS] = SIGN_NONNEGATIVE,
    };
    depth_check();
    Search s = {g, BUDGET, 0};
    return of_set[signs(&s, n)];
}

/* ---- integers ---- */

static bool is_whole(const Graph *g, Node n, int *budget)
{
    if (--*budget <= 0)
        return false;
    uint32_t count = g->row[n].nargs;
    switch (op_of(g, n)) {
    case OP_NUM:
        return coef_is_integer(g, n);
    case OP_ARG:
    case OP_BV:
    case OP_SYM:
        return node_symbol_flags(g, n) & (SYM_INTEGER | SYM_DIMENSION);
    case OP_SUM:
        for (uint32_t i = 0; i < count; i++)
            if (!is_whole(g, arg_of(g, n, i), budget))
                return false;
        return true;
    case OP_MONO:
        if (!is_whole(g, arg_of(g, n, 0), budget) || arg_of(g, n, 1) != g->one)
            return false;
        for (uint32_t i = 2; i < count; i += 2) {
            Node e = arg_of(g, n, i + 1);
            if (!coef_is_integer(g, e) || coef_sign(g, e) < 0 ||
                !is_whole(g, arg_of(g, n, i), budget))
                return false;
        }
        return true;
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
    case OP_SIGN:
    case OP_STEP:
    case OP_ARGMAX:
    case OP_ARGMIN:
        return true;
    case OP_ABS:
    case OP_RELU:
    case OP_MAX:
    case OP_MIN:
    case OP_MOD:
        for (uint32_t i = 0; i < count; i++)
            if (!is_whole(g, arg_of(g, n, i), budget))
                return false;
        return true;
    default:
        return false;
    }
}

bool node_is_integer(Graph *g, Node n)
{
    int budget = BUDGET;
    return is_whole(g, n, &budget);
}
