/*
 * number.c - arithmetic of single numbers
 *
 * A rational result is computed in a new Exact object, which the pool frees,
 * so that an error leaks nothing; what fits 64 bits then leaves it.  Scratch
 * mpq_t are cleared before anything can raise.
 */
#include "value/number.h"

#include <math.h>

#include "base/error.h"
#include "num/vmath.h"
#include "value/format.h"

/* ---- errors that show the operation ---- */

const char *binary_sign(BinaryOp op)
{
    static const char *const sign[] = {
        [BIN_ADD] = "+",   [BIN_SUB] = "-",   [BIN_MUL] = "*",
        [BIN_DIV] = "/",   [BIN_POW] = "^",   [BIN_MOD] = "mod",
        [BIN_MIN] = "min", [BIN_MAX] = "max", [BIN_EQ] = "==",
        [BIN_NE] = "!=",   [BIN_LT] = "<",    [BIN_LE] = "<=",
        [BIN_GT] = ">",    [BIN_GE] = ">=",   [BIN_AND] = "and",
        [BIN_OR] = "or",
    };
    return sign[op];
}

/* In parentheses where a bare operand would read otherwise. */
static void add_operand(Str *s, Value v, bool power)
{
    Format f = FORMAT_DEFAULT;
    bool fraction = v.kind == VAL_EXACT && !number_is_integer(v);
    bool bare = number_sign(v) >= 0 && !(power && fraction);
    if (!bare)
        str_add_char(s, '(');
    value_format_inline(&f, v, s);
    if (!bare)
        str_add_char(s, ')');
}

/* "a op b" as it would be typed, numbers of many digits cut. */
static const char *show_operation(BinaryOp op, Value a, Value b)
{
    Str s = str_in(error_arena());
    bool power = op == BIN_POW, call = op == BIN_MOD;
    if (call)
        str_add(&s, "mod(");
    add_operand(&s, a, power || op == BIN_DIV);
    if (call)
        str_add(&s, ", ");
    else if (op == BIN_ADD || op == BIN_SUB)
        str_add_format(&s, " %s ", binary_sign(op));
    else
        str_add(&s, binary_sign(op));
    add_operand(&s, b, power || op == BIN_DIV);
    if (call)
        str_add_char(&s, ')');
    return str_text(&s);
}

/* ---- exact numbers ---- */

mpq_srcptr number_rational(Value a, mpq_t room)
{
    if (a.kind == VAL_EXACT)
        return a.exact->q;
    exact_set_int(room, a.kind == VAL_BOOL ? a.truth : a.integer);
    return room;
}

static Exact *new_exact(void)
{
    Exact *e = object_new(VAL_EXACT, sizeof *e);
    mpq_init(e->q);
    return e;
}

/* The value of a result: small where it fits. */
static Value settle(Exact *e)
{
    int64_t i;
    if (exact_get_int(e->q, &i))
        return value_int(i);
    return value_object(e);
}

Value value_exact(mpq_srcptr q)
{
    int64_t i;
    if (exact_get_int(q, &i))
        return value_int(i);
    Exact *e = new_exact();
    mpq_set(e->q, q);
    return value_object(e);
}

/* ---- fractions without GMP ---- */

static int64_t small_of(Value v)
{
    return v.kind == VAL_BOOL ? v.truth : v.integer;
}

typedef struct Fraction {
    int64_t num, den;
} Fraction;

#define FRACTION_MOST (((uint64_t)1 << 31) - 1)

/* Parts below 2^31: the sum of two products of them fits 64 bits. */
static bool get_fraction(Value v, Fraction *y)
{
    if (v.kind != VAL_EXACT) {
        *y = (Fraction){small_of(v), 1};
        return y->num <= (int64_t)FRACTION_MOST &&
               y->num >= -(int64_t)FRACTION_MOST;
    }
    mpz_srcptr num = mpq_numref(v.exact->q), den = mpq_denref(v.exact->q);
    uint64_t p = mpz_getlimbn(num, 0), q = mpz_getlimbn(den, 0);
    if (mpz_size(num) > 1 || mpz_size(den) > 1 || p > FRACTION_MOST ||
        q > FRACTION_MOST)
        return false;
    *y = (Fraction){mpz_sgn(num) * (int64_t)p, (int64_t)q};
    return true;
}

/* num/den in lowest terms; den > 0. */
static Value make_fraction(int64_t num, int64_t den)
{
    int64_t d = (int64_t)int_gcd(num, den);
    if (d == den)
        return value_int(num / d);
    Exact *e = new_exact();
    mpz_set_si(mpq_numref(e->q), num / d);
    mpz_set_si(mpq_denref(e->q), den / d);
    return value_object(e);
}

/* a op b of small fractions; false for the others, and for what is wrong. */
static bool fraction_binary(BinaryOp op, Value a, Value b, Value *y)
{
    Fraction p, q;
    if (!get_fraction(a, &p) || !get_fraction(b, &q))
        return false;
    if (op == BIN_POW && q.num == -1 && q.den == 1 && p.num != 0) {
        q = p;
        p = (Fraction){1, 1};
        op = BIN_DIV;
    }
    switch (op) {
    case BIN_ADD:
        *y = make_fraction(p.num * q.den + q.num * p.den, p.den * q.den);
        return true;
    case BIN_SUB:
        *y = make_fraction(p.num * q.den - q.num * p.den, p.den * q.den);
        return true;
    case BIN_MUL:
        *y = make_fraction(p.num * q.num, p.den * q.den);
        return true;
    case BIN_DIV:
        if (q.num == 0)
            return false;
        *y = q.num > 0 ? make_fraction(p.num * q.den, p.den * q.num)
                       : make_fraction(-p.num * q.den, p.den * -q.num);
        return true;
    default:
        return false;
    }
}

/* Of a/b and c/d it is gcd(a*d, c*b)/(b*d). */
Value number_gcd(Value a, Value b)
{
    Fraction p, q;
    if (a.kind == VAL_INT && b.kind == VAL_INT) {
        uint64_t d = int_gcd(a.integer, b.integer);
        if (d <= INT64_MAX)
            return value_int((int64_t)d);
    }
    if (get_fraction(a, &p) && get_fraction(b, &q))
        return make_fraction((int64_t)int_gcd(p.num * q.den, q.num * p.den),
                             p.den * q.den);
    Exact *y = new_exact();
    mpq_t ra, rb;
    mpq_init(ra);
    mpq_init(rb);
    mpq_srcptr x = number_rational(a, ra), z = number_rational(b, rb);
    mpz_ptr num = mpq_numref(y->q), den = mpq_denref(y->q);
    mpz_mul(num, mpq_numref(x), mpq_denref(z));
    mpz_mul(den, mpq_numref(z), mpq_denref(x));
    mpz_gcd(num, num, den);
    mpz_mul(den, mpq_denref(x), mpq_denref(z));
    mpq_canonicalize(y->q);
    mpq_clear(ra);
    mpq_clear(rb);
    return settle(y);
}

/* ---- all exact numbers ---- */

Value value_rational(int64_t num, int64_t den)
{
    if (den == 0)
        error_raise(SPAN_NONE, ERR_DOMAIN, "division by 0");
    Value y;
    if (fraction_binary(BIN_DIV, value_int(num), value_int(den), &y))
        return y;
    Exact *e = new_exact();
    mpz_set_si(mpq_numref(e->q), num);
    mpz_set_si(mpq_denref(e->q), den);
    mpq_canonicalize(e->q);
    return settle(e);
}

/* Raises what a code of num/exact.h means for a op b. */
static _Noreturn void raise_exact(int code, BinaryOp op, Value a, Value b)
{
    if (code == NUM_TOO_LONG)
        error_raise_help(SPAN_NONE, ERR_EXACT, NULL, "start from 1.0",
                         "an exact number would have more than 2^22 bits");
    const char *text = show_operation(op, a, b);
    if (op == BIN_POW)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    code == NUM_DIV0 ? "%s divides by 0"
                                     : "%s has no real value",
                    text);
    if (op == BIN_MOD)
        error_raise(SPAN_NONE, ERR_DOMAIN, "%s: the divisor is 0", text);
    error_raise(SPAN_NONE, ERR_DOMAIN, "division by 0 in %s", text);
}

typedef int (*ExactOp)(mpq_t y, const mpq_t a, const mpq_t b);

static Value rational_binary(BinaryOp op, Value a, Value b)
{
    static const ExactOp function[] = {
        [BIN_ADD] = exact_add, [BIN_SUB] = exact_sub, [BIN_MUL] = exact_mul,
        [BIN_DIV] = exact_div, [BIN_POW] = exact_pow, [BIN_MOD] = exact_mod,
    };
    Exact *e = new_exact();
    mpq_t ra, rb;
    mpq_init(ra);
    mpq_init(rb);
    int code =
        function[op](e->q, number_rational(a, ra), number_rational(b, rb));
    mpq_clear(ra);
    mpq_clear(rb);
    if (code != NUM_OK)
        raise_exact(code, op, a, b);
    return settle(e);
}

bool number_update(Value *a, BinaryOp op, Value b)
{
    mpq_ptr q = a->exact->q;
    if (exact_bits(q) + 64 > EXACT_BITS)
        return false;
    if (b.kind == VAL_EXACT) {
        if (exact_bits(q) + exact_bits(b.exact->q) > EXACT_BITS / 2)
            return false;
        (op == BIN_ADD ? mpq_add : op == BIN_SUB ? mpq_sub : mpq_mul)(
            q, q, b.exact->q);
    } else if (op == BIN_MUL) {
        if (!exact_is_int(q))
            return false;
        mpz_mul_si(mpq_numref(q), mpq_numref(q), b.integer);
    } else { /* n/d + b = (n + b*d)/d stays in lowest terms */
        uint64_t size = b.integer < 0 ? -(uint64_t)b.integer
                                      : (uint64_t)b.integer;
        bool add = (op == BIN_ADD) == (b.integer >= 0);
        (add ? mpz_addmul_ui : mpz_submul_ui)(mpq_numref(q), mpq_denref(q),
                                              size);
    }
    int64_t small;
    if (exact_get_int(q, &small))
        value_store(a, value_int(small));
    return true;
}

/* a op b of integers where the result fits 64 bits. */
static bool small_binary(BinaryOp op, int64_t a, int64_t b, int64_t *y)
{
    switch (op) {
    case BIN_ADD:
        return int_add(a, b, y);
    case BIN_SUB:
        return int_sub(a, b, y);
    case BIN_MUL:
        return int_mul(a, b, y);
    case BIN_DIV:
        if (b == 0 || b == -1 || a % b != 0)
            return false;
        *y = a / b;
        return true;
    case BIN_MOD:
        if (b == 0)
            return false;
        *y = int_floor_mod(a, b);
        return true;
    case BIN_POW:
        return b >= 0 && int_pow(a, b, y);
    default:
        return false;
    }
}

static Value exact_binary(BinaryOp op, Value a, Value b)
{
    int64_t i;
    Value y;
    if (a.kind != VAL_EXACT && b.kind != VAL_EXACT &&
        small_binary(op, small_of(a), small_of(b), &i))
        return value_int(i);
    return fraction_binary(op, a, b, &y) ? y : rational_binary(op, a, b);
}

/*
 * Powers are real: a fraction as exponent wants a >= 0, though the cube root
 * of -8 is rational ((-8.0)^0.3333 has no real value either).
 */
bool number_power_exact(Value a, Value b, Value *y)
{
    if (b.kind != VAL_EXACT || exact_is_int(b.exact->q)) {
        *y = exact_binary(BIN_POW, a, b);
        return true;
    }
    if (number_sign(a) < 0)
        raise_exact(NUM_DOMAIN, BIN_POW, a, b);
    Exact *e = new_exact();
    mpq_t room;
    mpq_init(room);
    int code = exact_pow(e->q, number_rational(a, room), b.exact->q);
    mpq_clear(room);
    if (code == NUM_DOMAIN)
        return false;
    if (code != NUM_OK)
        raise_exact(code, BIN_POW, a, b);
    *y = settle(e);
    return true;
}

/* ---- floats ---- */

double number_float(BinaryOp op, double a, double b)
{
    switch (op) {
    case BIN_ADD:
        return a + b;
    case BIN_SUB:
        return a - b;
    case BIN_MUL:
        return a * b;
    case BIN_DIV:
        return a / b;
    case BIN_POW:
        return num_pow(a, b);
    case BIN_MOD:
        return num_mod(a, b);
    case BIN_MIN:
        return num_min(a, b);
    case BIN_MAX:
        return num_max(a, b);
    default:
        return NAN;
    }
}

/* The result y of finite operands, or without NaN among them, went wrong. */
static _Noreturn void raise_float(BinaryOp op, Value a, Value b, double y)
{
    const char *text = show_operation(op, a, b);
    double x = value_to_double(a), z = value_to_double(b);
    if (op == BIN_DIV && z == 0)
        error_raise(SPAN_NONE, ERR_DOMAIN, "division by 0 in %s", text);
    if (op == BIN_MOD && z == 0)
        error_raise(SPAN_NONE, ERR_DOMAIN, "%s: the divisor is 0", text);
    if (op == BIN_POW && x == 0)
        error_raise(SPAN_NONE, ERR_DOMAIN, "%s divides by 0", text);
    if (op == BIN_POW && y != y)
        error_raise(SPAN_NONE, ERR_DOMAIN, "%s has no real value", text);
    if (y != y)
        error_raise(SPAN_NONE, ERR_NAN, "%s is not a number", text);
    error_raise(SPAN_NONE, ERR_NAN, "%s is too large for a float", text);
}

/* An exact number beyond the range of floats is no infinity. */
static double checked_float(Value a)
{
    double x = value_to_double(a);
    if (a.kind == VAL_EXACT && isinf(x))
        error_raise(SPAN_NONE, ERR_NAN,
                    "an exact number is too large for a float");
    return x;
}

static Value float_binary(BinaryOp op, Value a, Value b)
{
    double x = checked_float(a), z = checked_float(b);
    double y = number_float(op, x, z);
    if (!isfinite(y)) {
        bool finite = isfinite(x) && isfinite(z);
        if (finite || (y != y && x == x && z == z))
            raise_float(op, a, b, y);
    }
    return value_float(y);
}

/* ---- all kinds ---- */

static Value compare_numbers(BinaryOp op, Value a, Value b)
{
    int c = value_compare(a, b);
    switch (op) {
    case BIN_EQ:
        return value_bool(c == 0);
    case BIN_NE:
        return value_bool(c != 0);
    case BIN_LT:
        return value_bool(c == -1);
    case BIN_LE:
        return value_bool(c == -1 || c == 0);
    case BIN_GT:
        return value_bool(c == 1);
    default:
        return value_bool(c == 1 || c == 0);
    }
}

static bool truth_of(BinaryOp op, Value v)
{
    if (v.kind != VAL_BOOL)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "compare first, as in x != 0",
                         "`%s` needs true or false, not %s", binary_sign(op),
                         value_kind_phrase(v));
    return v.truth;
}

static Value plain_number(Value v)
{
    return v.kind == VAL_BOOL ? value_int(v.truth) : v;
}

Value number_binary(BinaryOp op, Value a, Value b)
{
    Value y;
    switch (op) {
    case BIN_EQ:
    case BIN_NE:
    case BIN_LT:
    case BIN_LE:
    case BIN_GT:
    case BIN_GE:
        return compare_numbers(op, a, b);
    case BIN_AND:
        return value_bool((int)truth_of(op, a) & (int)truth_of(op, b));
    case BIN_OR:
        return value_bool((int)truth_of(op, a) | (int)truth_of(op, b));
    default:
        break;
    }
    if (a.kind == VAL_FLOAT || b.kind == VAL_FLOAT)
        return float_binary(op, a, b);
    switch (op) {
    case BIN_MIN:
        return plain_number(value_compare(a, b) <= 0 ? a : b);
    case BIN_MAX:
        return plain_number(value_compare(a, b) >= 0 ? a : b);
    case BIN_POW:
        return number_power_exact(a, b, &y) ? y : float_binary(op, a, b);
    default:
        return exact_binary(op, a, b);
    }
}

Value number_negate(Value a)
{
    if (a.kind == VAL_FLOAT)
        return value_float(-a.number);
    if (a.kind == VAL_INT && a.integer != INT64_MIN)
        return value_int(-a.integer);
    return exact_binary(BIN_SUB, value_int(0), a);
}

bool number_is_integer(Value a)
{
    switch (a.kind) {
    case VAL_BOOL:
    case VAL_INT:
        return true;
    case VAL_EXACT:
        return exact_is_int(a.exact->q);
    case VAL_FLOAT:
        return isfinite(a.number) && a.number == floor(a.number);
    default:
        return false;
    }
}

int number_sign(Value a)
{
    switch (a.kind) {
    case VAL_BOOL:
        return a.truth;
    case VAL_INT:
        return (a.integer > 0) - (a.integer < 0);
    case VAL_EXACT:
        return mpq_sgn(a.exact->q);
    case VAL_FLOAT:
        return (a.number > 0) - (a.number < 0);
    default:
        return 0;
    }
}

Value number_abs(Value a)
{
    if (a.kind == VAL_FLOAT)
        return value_float(fabs(a.number));
    return number_sign(a) < 0 ? number_negate(a) : plain_number(a);
}

static Value integer_part(mpz_srcptr z)
{
    Exact *e = new_exact();
    mpq_set_z(e->q, z);
    return settle(e);
}

Value number_numerator(Value a)
{
    return a.kind == VAL_EXACT ? integer_part(mpq_numref(a.exact->q))
                               : plain_number(a);
}

Value number_denominator(Value a)
{
    return a.kind == VAL_EXACT ? integer_part(mpq_denref(a.exact->q))
                               : value_int(1);
}

Value number_floor(Value a)
{
    if (a.kind == VAL_FLOAT)
        return value_float(floor(a.number));
    if (number_is_integer(a))
        return plain_number(a);
    Exact *e = new_exact();
    exact_floor(e->q, a.exact->q);
    return settle(e);
}

Value number_to_exact(Value a)
{
    if (a.kind != VAL_FLOAT)
        return plain_number(a);
    Exact *e = new_exact();
    if (exact_from_double(e->q, a.number) != NUM_OK)
        error_raise(SPAN_NONE, ERR_DOMAIN, "%s is not an exact number",
                    a.number != a.number ? "nan" : "inf");
    return settle(e);
}

Value number_to_float(Value a)
{
    return value_float(checked_float(a));
}
