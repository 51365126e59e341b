/*
 * constant.c - numbers in place of constants
 *
 * The float value of a constant scalar, by the kernels of ops.def; and the
 * folding of an operator whose arguments are numbers or arrays of numbers.
 */
#include "graph/array.h"

#include <assert.h>
#include <math.h>

#include "graph/walk.h"
#include "num/vmath.h"
#include "value/number.h"

/* ---- kernels by row ---- */

double op_number(OpId op, int n, const double x[])
{
    const OpInfo *row = &op_table[op];
    assert(row->class == CLASS_ELEMENTWISE && n == row->nargs);
    switch (n) {
    case 0:
        return row->scalar0();
    case 1:
        return row->scalar1(x[0]);
    case 2:
        return row->scalar2(x[0], x[1]);
    default:
        return row->scalar3(x[0], x[1], x[2]);
    }
}

/* ---- values of constants ---- */

/* Where the value of each part goes: a place in `value`. */
typedef struct Evaluation {
    Graph *g;
    NodeMap place;
    VEC(double) value;
} Evaluation;

static bool value_of_part(const Evaluation *e, Node n, double *y)
{
    uint32_t place;
    if (node_is_number(e->g, n)) {
        *y = coef_double(e->g, n);
        return true;
    }
    const KnownValue *known = &e->g->known[n % KNOWN_VALUES];
    if (known->node == n) {
        *y = known->value;
        return true;
    }
    if (!node_map_get(&e->place, n, &place))
        return false;
    *y = e->value.at[place];
    return true;
}

/* One node, its operands being known; false: it has no number. */
static bool evaluate_node(const Evaluation *e, Node n, double *y)
{
    Graph *g = e->g;
    OpId op = op_of(g, n);
    uint32_t count = g->row[n].nargs;
    double a[3] = {0}, b;
    if (op == OP_SUM) {
        VmathSum sum = {0, 0};
        for (uint32_t i = 0; i < count; i += 2) {
            if (!value_of_part(e, arg_of(g, n, i), &a[0]) ||
                !value_of_part(e, arg_of(g, n, i + 1), &b))
                return false;
            vmath_sum_add(&sum, a[0] * b);
        }
        *y = vmath_sum_total(sum);
        return true;
    }
    if (op == OP_MONO) {
        *y = 1;
        for (uint32_t i = 0; i < count; i += 2) {
            if (!value_of_part(e, arg_of(g, n, i), &a[0]) ||
                !value_of_part(e, arg_of(g, n, i + 1), &b))
                return false;
            *y *= i == 0 ? a[0] * b : number_float(BIN_POW, a[0], b);
        }
        return true;
    }
    if (op_table[op].class != CLASS_ELEMENTWISE || count > 3)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!value_of_part(e, arg_of(g, n, i), &a[i]))
            return false;
    *y = op_number(op, (int)count, a);
    return true;
}

/* Operands first, with a stack of our own. */
static bool evaluate(Evaluation *e, Node root)
{
    Graph *g = e->g;
    VEC(Node) stack = {0};
    VEC_PUSH_IN(g->scratch, &stack, root);
    while (stack.count) {
        POLL();
        Node n = stack.at[stack.count - 1];
        double y;
        bool ready = true;
        if (value_of_part(e, n, &y)) {
            stack.count--;
            continue;
        }
        if (!node_is_scalar(g, n))
            return false;
        for (uint32_t i = 0; i < g->row[n].nargs; i++) {
            Node a = arg_of(g, n, i);
            if (!value_of_part(e, a, &y)) {
                VEC_PUSH_IN(g->scratch, &stack, a);
                ready = false;
            }
        }
        if (!ready)
            continue;
        if (!evaluate_node(e, n, &y))
            return false;
        node_map_set(&e->place, n, (uint32_t)e->value.count);
        VEC_PUSH_IN(g->scratch, &e->value, y);
        stack.count--;
    }
    return true;
}

void constants_forget(Graph *g)
{
    for (int i = 0; i < KNOWN_VALUES; i++)
        g->known[i].node = NODE_NONE;
}

bool node_constant_value(Graph *g, Node n, double *value)
{
    if (node_is_number(g, n)) {
        *value = coef_double(g, n);
        return true;
    }
    if (!node_is_constant(g, n) || !node_is_scalar(g, n))
        return false;
    ArenaMark mark = arena_mark(g->scratch);
    Evaluation e = {.g = g, .place = node_map_in(g->scratch)};
    bool known = evaluate(&e, n) && value_of_part(&e, n, value);
    if (known)
        g->known[n % KNOWN_VALUES] = (KnownValue){n, *value};
    arena_reset(g->scratch, mark);
    return known;
}

/* ---- folding an operator ---- */

/* The whole k with base^k = x. */
static bool fold_logarithm(int base, double k, Value x, Value *y)
{
    Value power;
    if (number_sign(x) <= 0 || fabs(k) > 1e6)
        return false;
    *y = value_int((int64_t)round(k));
    return number_power_exact(value_int(base), *y, &power) &&
           value_compare(power, x) == 0;
}

/* Exact results of exact arguments, for the operators that have them. */
static bool fold_exact(OpId op, const Value x[], Value *y)
{
    Value zero = value_int(0);
    int sign = number_sign(x[0]);
    switch (op) {
    case OP_ABS:
        *y = sign < 0 ? number_negate(x[0]) : x[0];
        return true;
    case OP_SIGN:
        *y = value_int(sign);
        return true;
    case OP_STEP:
        *y = value_int(sign > 0);
        return true;
    case OP_RELU:
        *y = sign > 0 ? x[0] : zero;
        return true;
    case OP_FLOOR:
        *y = number_floor(x[0]);
        return true;
    case OP_CEIL:
        *y = number_negate(number_floor(number_negate(x[0])));
        return true;
    case OP_ROUND: { /* halves away from zero */
        Value a = sign < 0 ? number_negate(x[0]) : x[0];
        a = number_floor(number_binary(BIN_ADD, a, value_rational(1, 2)));
        *y = sign < 0 ? number_negate(a) : a;
        return true;
    }
    case OP_MAX:
        *y = value_compare(x[0], x[1]) >= 0 ? x[0] : x[1];
        return true;
    case OP_MIN:
        *y = value_compare(x[0], x[1]) <= 0 ? x[0] : x[1];
        return true;
    case OP_MOD:
        *y = number_sign(x[1]) == 0 ? x[0] : number_binary(BIN_MOD, x[0], x[1]);
        return true;
    case OP_LOG2:
        return fold_logarithm(2, num_log2(value_to_double(x[0])), x[0], y);
    case OP_LOG10:
        return fold_logarithm(10, num_log10(value_to_double(x[0])), x[0], y);
    case OP_HYPOT:
        return number_power_exact(
            number_binary(BIN_ADD, number_binary(BIN_MUL, x[0], x[0]),
                          number_binary(BIN_MUL, x[1], x[1])),
            value_rational(1, 2), y);
    case OP_POW:
        return number_power_exact(x[0], x[1], y);
    default:
        return false;
    }
}

/* An entry: exact if it can be, else by the kernel. */
static Value fold_entry(OpId op, int n, const Value x[])
{
    bool exact = true;
    double a[3] = {0};
    Value y;
    for (int i = 0; i < n; i++) {
        exact = exact && value_is_exact(x[i]);
        a[i] = value_to_double(x[i]);
    }
    bool defined =
        op != OP_POW || (number_sign(x[0]) > 0 ||
                         (number_sign(x[0]) < 0 && number_is_integer(x[1])));
    if (n > 0 && exact && defined && fold_exact(op, x, &y))
        return y;
    return value_float(op_number(op, n, a));
}

/* Does f leave its domain here?  An infinity that its neighbours do not
 * have is a pole; one that they share is an overflow. */
static bool is_pole(OpId op, int n, const double x[])
{
    for (int i = 0; i < n; i++) {
        for (int side = -1; side <= 1; side += 2) {
            double near[3] = {x[0], n > 1 ? x[1] : 0, n > 2 ? x[2] : 0};
            near[i] += side * (fabs(x[i]) * 1e-9 + 1e-300);
            if (isfinite(op_number(op, n, near)))
                return true;
        }
    }
    return false;
}

_Noreturn static void raise_number(Graph *g, ErrorCode code, OpId op, int n,
                                   const Node args[], const char *why)
{
    Str s = str_in(error_arena());
    str_add(&s, op_table[op].name);
    for (int i = 0; i < n; i++) {
        char text[NUM_TEXT];
        str_add(&s, i ? ", " : "(");
        if (node_is_number(g, args[i]) && !coef_is_float(g, args[i])) {
            Value v = node_number_value(g, args[i]);
            if (v.kind == VAL_INT) {
                str_add_format(&s, "%lld", (long long)v.integer);
                continue;
            }
            exact_to_text(&s, v.exact->q);
            continue;
        }
        double x = NAN;
        node_constant_value(g, args[i], &x);
        num_format_double(text, x);
        str_add(&s, text);
    }
    const char *help = NULL;
    double x = 1;
    if (op == OP_LOG && node_constant_value(g, args[0], &x) && x == 0)
        help = "xlogy(a, b) is a*log(b), and 0 where a is 0";
    error_raise_help(SPAN_NONE, code, NULL, help, "%s) %s", str_text(&s), why);
}

/* The operator on constants: a domain error where it is not defined. */
static void check_domain(Graph *g, OpId op, int n, const Node args[],
                         const double x[], double y)
{
    bool finite = true;
    for (int i = 0; i < n; i++)
        finite = finite && isfinite(x[i]);
    if (!finite || isfinite(y))
        return;
    if (isnan(y) || is_pole(op, n, x))
        raise_number(g, ERR_DOMAIN, op, n, args,
                     "is not defined among real numbers");
    for (int i = 0; i < n; i++)
        if (coef_is_float(g, args[i]))
            raise_number(g, ERR_NAN, op, n, args, "is too large for a float");
}

/* floor and its kin of an irrational constant, where the digits decide. */
static bool fold_integer_part(Graph *g, OpId op, double x, Node *y)
{
    if (op != OP_FLOOR && op != OP_CEIL && op != OP_ROUND)
        return false;
    double distance = fabs(2 * x - round(2 * x));
    if (distance < 1e-9 * fmax(1, fabs(x)) || fabs(x) > 1e9)
        return false;
    *y = node_int(g, (int64_t)op_number(op, 1, &x));
    return true;
}

Node fold_scalars(Graph *g, OpId op, int n, const Node args[])
{
    double x[3] = {0};
    Value v[3] = {VALUE_NONE, VALUE_NONE, VALUE_NONE};
    bool numbers = true, floats = false;
    if (n == 0 || n > 3)
        return NODE_NONE;
    for (int i = 0; i < n; i++) {
        if (!node_constant_value(g, args[i], &x[i]))
            return NODE_NONE;
        numbers = numbers && node_is_number(g, args[i]);
        floats = floats || coef_is_float(g, args[i]);
    }
    if (op == OP_POW)
        return node_power(g, args[0], args[1]);
    Value exact;
    if (numbers && !floats) {
        for (int i = 0; i < n; i++)
            v[i] = node_number_value(g, args[i]);
        if (fold_exact(op, v, &exact))
            return node_number(g, exact);
    }
    double y = op_number(op, n, x);
    check_domain(g, op, n, args, x, y);
    Node whole;
    if (n == 1 && !floats && fold_integer_part(g, op, x[0], &whole))
        return whole;
    if (!floats && (op == OP_MAX || op == OP_MIN) &&
        fabs(x[0] - x[1]) > 1e-9 * (fabs(x[0]) + fabs(x[1])))
        return y == x[0] ? args[0] : args[1];
    return floats ? node_float(g, y) : NODE_NONE;
}

/* ---- arrays of numbers ---- */

/* Entry i of a CONST, or the one entry of a fill of a number. */
static bool constant_entry(Graph *g, Node n, const Array **a, Value *fill)
{
    Node entry;
    *a = NULL;
    if (op_of(g, n) == OP_CONST) {
        *a = node_const_value(g, n).array;
        return true;
    }
    if (!node_is_fill(g, n, &entry) || !node_is_number(g, entry))
        return false;
    *fill = node_number_value(g, entry);
    return true;
}

static Value fold_arrays(OpId op, int n, const Array *const a[],
                         const Value fill[], Shape s)
{
    size_t count = (size_t)s.rows * (size_t)s.cols;
    bool exact = true;
    Value x[3], y = array_new(ELEM_EXACT, s.rows, s.cols);
    for (size_t k = 0; k < count && exact; k++) {
        POLL();
        for (int i = 0; i < n; i++)
            x[i] = a[i] ? array_get(a[i], k) : fill[i];
        Value e = fold_entry(op, n, x);
        exact = e.kind != VAL_FLOAT;
        if (exact)
            array_set(y.array, k, e);
    }
    if (exact)
        return y;
    y = array_new(ELEM_FLOAT, s.rows, s.cols);
    size_t bad = 0;
    for (size_t k = 0; k < count; k++) {
        double number[3];
        bool finite = true;
        for (int i = 0; i < n; i++) {
            number[i] = value_to_double(a[i] ? array_get(a[i], k) : fill[i]);
            finite = finite && !isnan(number[i]);
        }
        y.array->f[k] = op_number(op, n, number);
        bad += finite && isnan(y.array->f[k]);
    }
    if (bad)
        heap_warn(op_table[op].name, bad);
    return y;
}

Node fold_constants(Graph *g, OpId op, int n, const Node args[])
{
    const Array *a[3] = {0};
    Value fill[3];
    bool array = false;
    if (n == 0 || n > 3)
        return NODE_NONE;
    for (int i = 0; i < n; i++) {
        if (!constant_entry(g, args[i], &a[i], &fill[i]))
            return NODE_NONE;
        array = array || a[i];
    }
    if (!array)
        return NODE_NONE;
    return node_const(g, fold_arrays(op, n, a, fill, node_shape(g, args[0])));
}

/* The array that holds one number everywhere; such a one became c*ones. */
static bool filled_array(Graph *g, Node n, Value *v)
{
    Node entry;
    Shape s = node_shape(g, n);
    if (s.rows < 0 || s.cols < 0 || !node_is_fill(g, n, &entry) ||
        !node_is_number(g, entry))
        return false;
    *v = array_fill(s.rows, s.cols, node_number_value(g, entry));
    return true;
}

/* A diagonal matrix with more rows stays diag(column): written out it would
 * be nearly all zeros, 8 MB for 1,000 rows. */
enum { LARGEST_DIAGONAL = 64 };

static bool stays_diagonal(Graph *g, OpId op, Node arg)
{
    return op == OP_DIAG && node_shape(g, arg).rows > LARGEST_DIAGONAL;
}

/* An ARRAY operator by its kernel, when every argument is all numbers. */
Node fold_kernel(Graph *g, OpId op, int n, const Node args[])
{
    Value v[3];
    if (n == 0 || n > 3 || !op_table[op].array ||
        stays_diagonal(g, op, args[0]))
        return NODE_NONE;
    for (int i = 0; i < n; i++) {
        if (op_of(g, args[i]) == OP_CONST)
            v[i] = node_const_value(g, args[i]);
        else if (node_is_number(g, args[i]))
            v[i] = node_number_value(g, args[i]);
        else if (!filled_array(g, args[i], &v[i]))
            return NODE_NONE;
    }
    return node_from_value(g, op_table[op].array(n, v));
}
