/*
 * upoly.c - division, Sturm sequences and roots
 */
#include "graph/upoly.h"

#include <string.h>

#include "base/error.h"
#include "value/number.h"

static Value add(Value a, Value b)
{
    return number_binary(BIN_ADD, a, b);
}

static Value mul(Value a, Value b)
{
    return number_binary(BIN_MUL, a, b);
}

static Value quotient_of(Value a, Value b)
{
    return number_binary(BIN_DIV, a, b);
}

UPoly upoly_new(Arena *a, int degree)
{
    UPoly p = {degree, ARENA_ARRAY(a, Value, (size_t)degree + 1)};
    for (int i = 0; i <= degree; i++)
        p.c[i] = value_int(0);
    return p;
}

void upoly_trim(UPoly *p)
{
    while (p->degree >= 0 && number_sign(p->c[p->degree]) == 0)
        p->degree--;
}

Value upoly_value(UPoly p, Value x)
{
    Value y = value_int(0);
    for (int i = p.degree; i >= 0; i--)
        y = add(mul(y, x), p.c[i]);
    return y;
}

UPoly upoly_slope(Arena *a, UPoly p)
{
    UPoly q = upoly_new(a, p.degree > 0 ? p.degree - 1 : 0);
    for (int i = 1; i <= p.degree; i++)
        q.c[i - 1] = mul(p.c[i], value_int(i));
    upoly_trim(&q);
    return q;
}

static UPoly copy(Arena *a, UPoly p)
{
    UPoly q = upoly_new(a, p.degree < 0 ? 0 : p.degree);
    if (p.degree >= 0)
        memcpy(q.c, p.c, ((size_t)p.degree + 1) * sizeof *p.c);
    q.degree = p.degree;
    return q;
}

void upoly_divide(Arena *a, UPoly p, UPoly q, UPoly *quotient, UPoly *rest)
{
    int degree = p.degree - q.degree;
    *quotient = upoly_new(a, degree < 0 ? 0 : degree);
    *rest = copy(a, p);
    for (int k = degree; k >= 0; k--) {
        POLL();
        Value c = quotient_of(rest->c[q.degree + k], q.c[q.degree]);
        quotient->c[k] = c;
        Value minus = number_negate(c);
        for (int i = 0; i <= q.degree; i++)
            rest->c[i + k] = add(rest->c[i + k], mul(minus, q.c[i]));
    }
    upoly_trim(rest);
    upoly_trim(quotient);
}

/* p divided by a positive number, so that its coefficients stay short. */
static UPoly scaled_to_one(Arena *a, UPoly p)
{
    UPoly q = copy(a, p);
    Value top = number_abs(p.c[p.degree]);
    for (int i = 0; i <= p.degree; i++)
        q.c[i] = quotient_of(p.c[i], top);
    return q;
}

UPoly upoly_gcd(Arena *a, UPoly p, UPoly q)
{
    UPoly quotient, rest;
    while (q.degree >= 0) {
        upoly_divide(a, p, q, &quotient, &rest);
        p = q;
        q = rest.degree >= 0 ? scaled_to_one(a, rest) : rest;
    }
    p = copy(a, p);
    Value top = p.c[p.degree];
    for (int i = 0; i <= p.degree; i++)
        p.c[i] = quotient_of(p.c[i], top);
    return p;
}

UPoly upoly_squarefree(Arena *a, UPoly p)
{
    if (p.degree < 1)
        return p;
    UPoly y, rest;
    upoly_divide(a, p, upoly_gcd(a, p, upoly_slope(a, p)), &y, &rest);
    return y;
}

/* ---- real roots ---- */

typedef struct Sturm {
    UPoly *at;
    int count;
} Sturm;

static Sturm sturm_of(Arena *a, UPoly p)
{
    Sturm s = {ARENA_ARRAY(a, UPoly, (size_t)p.degree + 2), 2};
    UPoly quotient;
    s.at[0] = p;
    s.at[1] = upoly_slope(a, p);
    while (s.at[s.count - 1].degree > 0) {
        UPoly rest;
        upoly_divide(a, s.at[s.count - 2], s.at[s.count - 1], &quotient, &rest);
        if (rest.degree < 0)
            break;
        rest = scaled_to_one(a, rest);
        for (int i = 0; i <= rest.degree; i++)
            rest.c[i] = number_negate(rest.c[i]);
        s.at[s.count++] = rest;
    }
    return s;
}

/* Sign changes of the sequence at x. */
static int changes_at(const Sturm *s, Value x)
{
    int changes = 0, before = 0;
    for (int i = 0; i < s->count; i++) {
        int sign = number_sign(upoly_value(s->at[i], x));
        changes += sign * before < 0;
        before = sign ? sign : before;
    }
    return changes;
}

/* 1 + the largest quotient of coefficients: no root lies beyond (Cauchy). */
static Value root_bound(UPoly p)
{
    Value most = value_int(0), top = number_abs(p.c[p.degree]);
    for (int i = 0; i < p.degree; i++) {
        Value c = quotient_of(number_abs(p.c[i]), top);
        if (value_compare(c, most) > 0)
            most = c;
    }
    return add(number_floor(most), value_int(2));
}

typedef struct Search {
    Arena *arena;
    UPoly p; /* integers, square-free */
    Sturm sturm;
    URoot *roots;
    int count;
} Search;

static Value middle(Value a, Value b)
{
    return quotient_of(add(a, b), value_int(2));
}

static int sign_at(const Search *s, Value x)
{
    return number_sign(upoly_value(s->p, x));
}

/*
 * The one root in (a, b].  A rational root is a whole number over the leading
 * coefficient, so that it is found once the interval is shorter than that.
 */
static void refine(Search *s, Value a, Value b)
{
    URoot *root = &s->roots[s->count++];
    Value top = number_abs(s->p.c[s->p.degree]);
    Value width = quotient_of(value_int(1), mul(top, value_int(4)));
    int right = sign_at(s, b);
    bool tested = false;
    for (int turn = 0; right != 0; turn++) {
        POLL();
        Value gap = add(b, number_negate(a));
        if (!tested && value_compare(gap, width) < 0) {
            Value k =
                number_floor(add(mul(top, middle(a, b)), value_rational(1, 2)));
            Value r = quotient_of(k, top);
            tested = true;
            if (sign_at(s, r) == 0 && value_compare(r, a) > 0 &&
                value_compare(r, b) <= 0) {
                b = r;
                break;
            }
        }
        if (tested && (value_to_double(a) == value_to_double(b) || turn > 4000))
            break;
        Value m = middle(a, b);
        int sign = sign_at(s, m);
        if (sign == 0) {
            b = m;
            break;
        }
        if (sign == right)
            b = m;
        else
            a = m;
    }
    root->rational = sign_at(s, b) == 0;
    root->at = b;
    root->near = value_to_double(b);
}

static void isolate(Search *s, Value a, Value b, int above, int below)
{
    depth_check();
    if (above - below == 0)
        return;
    if (above - below == 1) {
        refine(s, a, b);
        return;
    }
    Value m = middle(a, b);
    int at = changes_at(&s->sturm, m);
    isolate(s, a, m, above, at);
    isolate(s, m, b, at, below);
}

/* p times a number, so that its coefficients are whole. */
static UPoly whole(Arena *a, UPoly p)
{
    Value common = value_int(1);
    UPoly q = copy(a, p);
    for (int i = 0; i <= q.degree; i++) {
        Value d = number_denominator(mul(q.c[i], common));
        common = mul(common, d);
    }
    for (int i = 0; i <= q.degree; i++)
        q.c[i] = mul(q.c[i], common);
    return q;
}

int upoly_real_roots(Arena *a, UPoly p, URoot roots[])
{
    if (p.degree < 1)
        return 0;
    p = whole(a, upoly_squarefree(a, p));
    Search s = {a, p, sturm_of(a, p), roots, 0};
    Value b = root_bound(p), least = number_negate(b);
    isolate(&s, least, b, changes_at(&s.sturm, least), changes_at(&s.sturm, b));
    return s.count;
}
