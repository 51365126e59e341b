/*
 * Random expressions in x and y: what mlc computes on every way (the node as
 * built, its textbook form, reverse and forward derivatives, second ones, the
 * printed text read again), against jets (jet.h) of the expression as it was
 * typed and against 60-digit references, within 16 times the jets' running
 * error bound.  What has a value may not be refused.  With a second expression
 * at the same point: linearity, product rule and chain rule.  What simplify and
 * expand make of it is enclosed in an interval, for their digits may be fewer.
 * Each program runs in all engines (tests/engines/engines.c).
 *
 *   test_random                  a share of them
 *   test_random COUNT            the first COUNT, from RANDOM_SEED
 *   test_random list COUNT       writes number, text, x and y
 */
#include <stdlib.h>

#include "base/error.h"
#include "check.h"
#include "compile/program.h"
#include "graph/diff.h"
#include "graph/enclose.h"
#include "graph/front.h"
#include "graph/naive.h"
#include "graph/print.h"
#include "graph/shorten.h"
#include "graph/simplify.h"
#include "graph/walk.h"
#include "jet.h"
#include "syntax/parse.h"

enum { SEED = 20261124, SHARE = 4000, TEXT_MOST = 2000 };

static uint64_t random_state;

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

/* ---- the functions, their derivatives written out ---- */

typedef bool Rule(long double a, long double f[4]); /* false: undefined */

static bool rule_exp(long double a, long double f[4])
{
    f[0] = f[1] = f[2] = f[3] = expl(a);
    return true;
}

static bool rule_log(long double a, long double f[4])
{
    f[0] = logl(a), f[1] = 1 / a, f[2] = -1 / (a * a);
    f[3] = 2 / (a * a * a);
    return a > 0;
}

static bool rule_sqrt(long double a, long double f[4])
{
    long double s = sqrtl(a);
    f[0] = s, f[1] = 1 / (2 * s), f[2] = -1 / (4 * a * s);
    f[3] = 3 / (8 * a * a * s);
    return a > 0;
}

static bool rule_sin(long double a, long double f[4])
{
    f[0] = sinl(a), f[1] = cosl(a), f[2] = -f[0], f[3] = -f[1];
    return true;
}

static bool rule_cos(long double a, long double f[4])
{
    f[0] = cosl(a), f[1] = -sinl(a), f[2] = -f[0], f[3] = -f[1];
    return true;
}

static bool rule_tan(long double a, long double f[4])
{
    long double t = tanl(a), s = 1 + t * t;
    f[0] = t, f[1] = s, f[2] = 2 * t * s, f[3] = 2 * s * (s + 2 * t * t);
    return true;
}

static bool rule_tanh(long double a, long double f[4])
{
    long double t = tanhl(a), c = coshl(a), s = 1 / (c * c);
    f[0] = t, f[1] = s, f[2] = -2 * t * s, f[3] = s * (6 * t * t - 2);
    return true;
}

static bool rule_sigmoid(long double a, long double f[4])
{
    long double s = 1 / (1 + expl(-a)), c = 1 / (1 + expl(a));
    f[0] = s, f[1] = s * c, f[2] = -s * c * tanhl(a / 2);
    f[3] = s * c * (1 - 6 * s * c);
    return true;
}

static bool rule_softplus(long double a, long double f[4])
{
    long double s[4];
    rule_sigmoid(a, s);
    f[0] = fmaxl(a, 0) + log1pl(expl(-fabsl(a)));
    f[1] = s[0], f[2] = s[1], f[3] = s[2];
    return true;
}

static bool rule_atan(long double a, long double f[4])
{
    long double q = 1 + a * a;
    f[0] = atanl(a), f[1] = 1 / q, f[2] = -2 * a / (q * q);
    f[3] = (6 * a * a - 2) / (q * q * q);
    return true;
}

static bool rule_erf(long double a, long double f[4])
{
    long double e = 2 / sqrtl(3.14159265358979323846264L) * expl(-a * a);
    f[0] = erfl(a), f[1] = e, f[2] = -2 * a * e;
    f[3] = (4 * a * a - 2) * e;
    return true;
}

static bool rule_sinh(long double a, long double f[4])
{
    f[0] = f[2] = sinhl(a), f[1] = f[3] = coshl(a);
    return true;
}

static bool rule_cosh(long double a, long double f[4])
{
    f[0] = f[2] = coshl(a), f[1] = f[3] = sinhl(a);
    return true;
}

static bool rule_square(long double a, long double f[4])
{
    f[0] = a * a, f[1] = 2 * a, f[2] = 2, f[3] = 0;
    return true;
}

static bool rule_cube(long double a, long double f[4])
{
    f[0] = a * a * a, f[1] = 3 * a * a, f[2] = 6 * a, f[3] = 6;
    return true;
}

static bool rule_inverse(long double a, long double f[4])
{
    f[0] = 1 / a, f[1] = -1 / (a * a), f[2] = 2 / (a * a * a);
    f[3] = -6 / (a * a * a * a);
    return a != 0;
}

static bool rule_abs(long double a, long double f[4])
{
    f[0] = fabsl(a), f[1] = a > 0 ? 1 : -1, f[2] = f[3] = 0;
    return true;
}

static bool rule_relu(long double a, long double f[4])
{
    f[0] = fmaxl(a, 0), f[1] = a > 0, f[2] = f[3] = 0;
    return true;
}

static const struct {
    const char *text; /* @ is the argument */
    Rule *rule;
    bool kink;
} functions[] = {
    {"exp(@)", rule_exp, false},
    {"log(@)", rule_log, false},
    {"sqrt(@)", rule_sqrt, false},
    {"sin(@)", rule_sin, false},
    {"cos(@)", rule_cos, false},
    {"tan(@)", rule_tan, false},
    {"tanh(@)", rule_tanh, false},
    {"sigmoid(@)", rule_sigmoid, false},
    {"softplus(@)", rule_softplus, false},
    {"atan(@)", rule_atan, false},
    {"erf(@)", rule_erf, false},
    {"sinh(@)", rule_sinh, false},
    {"cosh(@)", rule_cosh, false},
    {"(@)^2", rule_square, false},
    {"(@)^3", rule_cube, false},
    {"(@)^(-1)", rule_inverse, false},
    {"abs(@)", rule_abs, true},
    {"relu(@)", rule_relu, true},
    {"log(1 + exp(@))", rule_softplus, 0},
    {"1/(1 + exp(-(@)))", rule_sigmoid, false},
};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* ---- expressions ---- */

static double point[2];
static Jet leaf[2]; /* what x and y stand for */

/* Text and jet of a random expression with this many operations. */
static Jet grow(int operations, Str *text)
{
    if (operations == 0) {
        int k = random_below(8);
        if (k < 6) {
            int which = k & 1;
            str_add(text, which ? "y" : "x");
            return leaf[which];
        }
        int p = random_below(9) + 1, q = k == 6 ? 1 : random_below(4) + 1;
        str_add_format(text, q == 1 ? "%d" : "(%d/%d)", p, q);
        long double v = (long double)p / q;
        return jet_number(v, jet_unit * (double)v);
    }
    if (random_below(2) == 0) {
        int k = random_below(FUNCTIONS);
        const char *form = functions[k].text;
        Jet a = {0};
        for (const char *c = form; *c; c++)
            if (*c == '@')
                a = grow(operations - 1, text);
            else
                str_add_char(text, *c);
        long double f[4];
        bool defined = functions[k].rule(a.d[0], f);
        if (functions[k].kink && jet_near_kink(a))
            a.unclear = true;
        if (!defined && !a.undefined && jet_near_kink(a))
            a.unclear = true;
        a.undefined = a.undefined || !defined;
        return jet_chain(a, f);
    }
    int left = random_below(operations), kind = random_below(12);
    static const char *const before[] = {"(", "(", "(", "max(", "min("};
    static const char *const between[] = {") + (", ")*(", ")/(", ", ", ", "};
    int form = kind < 5 ? 0 : kind < 8 ? 1 : kind < 10 ? 2 : kind - 7;
    bool minus = kind < 2;
    str_add(text, before[form]);
    Jet a = grow(left, text);
    str_add(text, minus ? ") - (" : between[form]);
    Jet b = grow(operations - 1 - left, text);
    str_add_char(text, ')');
    if (form == 0)
        return jet_add(a, b, minus ? -1 : 1);
    if (form == 1)
        return jet_mul(a, b);
    if (form == 2) {
        long double f[4];
        bool defined = rule_inverse(b.d[0], f);
        if (!b.undefined && jet_near_kink(b))
            b.unclear = true;
        b.undefined = b.undefined || !defined;
        return jet_mul(a, jet_chain(b, f));
    }
    Jet gap = jet_add(a, b, -1);
    bool first = (form == 3) == (gap.d[0] > 0);
    Jet r = first ? a : b;
    jet_flags(&r, a, b);
    if (jet_near_kink(gap))
        r.unclear = true;
    return r;
}

/* The point that goes with the expression of this number. */
static void choose_point(uint64_t seed, int number)
{
    random_state = seed + (uint64_t)number * UINT64_C(0x9e3779b97f4a7c15);
    random_below(2);
    for (int i = 0; i < 2; i++) {
        point[i] = (random_below(81) - 40) / 16.0;
        leaf[i] = jet_variable(point[i], i ? JET_Y : JET_X);
    }
}

static Jet expression(uint64_t seed, int number, Str *text)
{
    choose_point(seed, number);
    text->len = 0;
    return grow(1 + random_below(9), text);
}

/* The expression that is put beside it, at the point of `number`. */
static Jet partner(uint64_t seed, int number, Str *text)
{
    choose_point(seed, number);
    random_state += UINT64_C(0x632be59bd9b4e019);
    random_below(2);
    text->len = 0;
    return grow(1 + random_below(5), text);
}

/* The expression with the jet v in place of x. */
static Jet composed(uint64_t seed, int number, Jet v, Str *text)
{
    choose_point(seed, number);
    leaf[0] = v;
    text->len = 0;
    return grow(1 + random_below(9), text);
}

/* ---- mlc's ways to the same numbers ---- */

enum { WAYS = 13 };

static const struct {
    const char *name;
    int which; /* the number of the jet it must meet */
} ways[WAYS] = {
    {"value", JET_V},
    {"value of the textbook form", JET_V},
    {"value of the text read again", JET_V},
    {"gradient by x, reverse", JET_X},
    {"gradient by y, reverse", JET_Y},
    {"derivative by x, forward", JET_X},
    {"derivative by y, forward", JET_Y},
    {"textbook form of the derivative by x", JET_X},
    {"textbook form of the derivative by y", JET_Y},
    {"second derivative by x", JET_XX},
    {"derivative by x, then y", JET_XY},
    {"derivative by y, then x", JET_XY},
    {"second derivative by y", JET_YY},
};

typedef struct Session {
    Graph *graph;
    Arena *arena;
    FrontName names[2];
    Node symbols[2];
} Session;

static Node build(Session *s, const char *text)
{
    Ast *t = parse_expression("test", text, s->arena);
    return front_build(s->graph, t, 2, s->names, false);
}

static Node read_again(Session *s, Node n)
{
    Str printed = {0};
    node_print(s->graph, n, &printed);
    Node y = build(s, str_text(&printed));
    str_free(&printed);
    return y;
}

static void build_ways(Session *s, const char *text, Node out[WAYS])
{
    Graph *g = s->graph;
    Node x = s->symbols[0], y = s->symbols[1], gradient[2];
    out[0] = build(s, text);
    out[1] = node_textbook(g, out[0]);
    out[2] = read_again(s, out[0]);
    diff_reverse(g, out[0], 2, s->symbols, gradient);
    out[3] = gradient[0];
    out[4] = gradient[1];
    out[5] = diff_scalar(g, out[0], x);
    out[6] = diff_scalar(g, out[0], y);
    out[7] = node_textbook(g, out[3]);
    out[8] = node_textbook(g, out[6]);
    out[9] = diff_scalar(g, out[7], x);
    out[10] = diff_scalar(g, out[3], y);
    out[11] = diff_scalar(g, out[8], x);
    out[12] = diff_scalar(g, out[6], y);
}

static void evaluate(Session *s, int n, Node out[], double got[])
{
    Shape shape[2] = {{1, 1}, {1, 1}};
    ProgramSpec spec = {.nin = 2,
                        .in = s->symbols,
                        .in_shape = shape,
                        .nout = n,
                        .out = out,
                        .data_dim = NODE_NONE};
    Program *p = program_new(s->graph, &spec);
    const double *const in[] = {&point[0], &point[1]};
    double *to[WAYS];
    for (int i = 0; i < n; i++)
        to[i] = &got[i];
    program_run(p, in, to);
    program_free(p);
}

/* False if mlc refuses the expression: the error is context_error's. */
static bool compute(Session *s, const char *text, double got[WAYS])
{
    Protect p;
    if (PROTECT(&p)) {
        Node out[WAYS];
        build_ways(s, text, out);
        evaluate(s, WAYS, out, got);
        protect_end(&p);
        return true;
    }
    return false;
}

/* Counts it, and shows it where RANDOM_SHOW asks for all. */
#define MISMATCH(...)                                                          \
    do {                                                                       \
        mismatches++;                                                          \
        if (getenv("RANDOM_SHOW"))                                             \
            printf("# " __VA_ARGS__), printf("\n");                            \
        CHECK_MESSAGE(false, __VA_ARGS__);                                     \
    } while (0)

/* What has been seen. */
static int compared, refused, unclear, undefined, extended, mismatches;

static void judge(int number, const char *text, Jet want,
                  const double got[WAYS])
{
    if (want.unclear) {
        unclear++;
        return;
    }
    if (want.undefined) {
        undefined++;
        extended += isfinite(got[0]);
        if (isfinite(got[0]) && getenv("RANDOM_SHOW"))
            printf("# %d: %s at %g, %g is %g\n", number, text, point[0],
                   point[1], got[0]);
        return;
    }
    compared++;
    for (int i = 0; i < WAYS; i++) {
        int k = ways[i].which;
        double bound = 16 * want.bound[k] + 1e-80;
        double off = (double)fabsl(want.d[k] - (long double)got[i]);
        if (off <= bound)
            continue;
        MISMATCH("%d: %s of %s at %g, %g: %.17g, not %.17Lg", number,
                 ways[i].name, text, point[0], point[1], got[i], want.d[k]);
    }
}

/* Only what has no value may be refused. */
static void judge_refusal(int number, const char *text, Jet want)
{
    if (want.undefined || want.unclear) {
        refused++;
        return;
    }
    MISMATCH("%d: %s: %s", number, text, context_error()->message);
}

/* ---- rules of derivatives, on two expressions ---- */

enum { RULES = 5 };

static const struct {
    const char *name;
    int which;
} rules[RULES] = {
    {"linearity: d(2u - 3v)/dx", JET_X},
    {"product rule: d(uv)/dy", JET_Y},
    {"chain rule: du(v, y)/dx", JET_X},
    {"second derivative of u(v, y) by y, then x", JET_XY},
    {"derivative by x, printed and read again", JET_X},
};

static void build_rules(Session *s, const char *text, const char *other,
                        Node out[RULES])
{
    Graph *g = s->graph;
    Node x = s->symbols[0], y = s->symbols[1];
    Node u = build(s, text), v = build(s, other);
    Node sum = node_sub(g, node_scale(g, node_int(g, 2), u),
                        node_scale(g, node_int(g, 3), v));
    Node chain = node_substitute(g, u, 1, &x, &v);
    out[0] = diff_scalar(g, sum, x);
    out[1] = diff_scalar(g, node_mul(g, u, v), y);
    out[2] = diff_scalar(g, chain, x);
    out[3] = diff_scalar(g, diff_scalar(g, chain, y), x);
    out[4] = read_again(s, diff_scalar(g, u, x));
}

static int rules_compared;

static void judge_rule(int number, int i, const char *text, const char *other,
                       Jet want, double got)
{
    int k = rules[i].which;
    double bound = 16 * want.bound[k] + 1e-80;
    double off = (double)fabsl(want.d[k] - (long double)got);
    if (want.unclear || want.undefined)
        return;
    rules_compared++;
    if (off <= bound)
        return;
    mismatches++;
    CHECK_MESSAGE(
        false, "%d: %s of u = %s, v = %s at %g, %g: %.17g, not %.17Lg", number,
        rules[i].name, text, other, point[0], point[1], got, want.d[k]);
}

static void rules_hold(Session *s, uint64_t seed, int number, Jet u,
                       const char *text)
{
    Str other = {0}, again = {0};
    Jet v = partner(seed, number, &other);
    Jet chain = composed(seed, number, v, &again);
    Jet want[RULES] = {
        jet_add(jet_mul(jet_number(2, 0), u), jet_mul(jet_number(3, 0), v), -1),
        jet_mul(u, v), chain, chain, u};
    Node out[RULES];
    double got[RULES];
    Protect p;
    choose_point(seed, number);
    jet_flags(&chain, chain, v);
    want[2] = want[3] = chain;
    if (other.len + again.len > TEXT_MOST || v.undefined || v.unclear) {
        /* says nothing */
    } else if (PROTECT(&p)) {
        build_rules(s, text, str_text(&other), out);
        evaluate(s, RULES, out, got);
        protect_end(&p);
        for (int i = 0; i < RULES; i++)
            judge_rule(number, i, text, str_text(&other), want[i], got[i]);
    } else if (!chain.undefined && !chain.unclear) {
        MISMATCH("%d: u = %s, v = %s: %s", number, text, str_text(&other),
                 context_error()->message);
    }
    str_free(&other);
    str_free(&again);
}

/* ---- what the user's simplify and expand make of it ---- */

enum { FORMS = 2, SIMPLIFY_EVERY = 40 };

static int enclosed, vague;

static void judge_form(Session *s, int number, const char *name,
                       const char *text, Node n, Jet want)
{
    Graph *g = s->graph;
    Node at[2];
    for (int i = 0; i < 2; i++)
        at[i] = node_rational(g, (int64_t)(16 * point[i]), 16);
    Range r = enclose(g, n, 2, s->symbols, at);
    double bound = want.bound[JET_V] + 1e-80;
    long double v = want.d[JET_V];
    if (r.state == RANGE_VAGUE) {
        vague++;
        return;
    }
    enclosed++;
    if (r.state == RANGE_OK && (long double)r.low - bound <= v &&
        v <= (long double)r.high + bound)
        return;
    MISMATCH("%d: %s of %s at %g, %g: in [%.17g, %.17g], not %.17Lg", number,
             name, text, point[0], point[1], r.low, r.high, v);
}

static void forms_hold(Session *s, int number, const char *text, Jet want)
{
    Graph *g = s->graph;
    Node n = build(s, text);
    Protect p;
    if (number % SIMPLIFY_EVERY == 0)
        judge_form(s, number, "simplify", text, node_shorten(g, n), want);
    if (PROTECT(&p)) {
        Node y = node_expand(g, n);
        protect_end(&p);
        judge_form(s, number, "expand", text, y, want);
    }
}

static int count = SHARE;
static uint64_t seed = SEED;
static FILE *references;

/* ---- 60-digit references ---- */

static int referred;

/*
 * The line of tests/random/references.txt for this expression, if the next
 * one is for it: its numbers take the place of the jet's, which must be near.
 */
static void refer(FILE *file, int number, const char *text, Jet *want)
{
    static int next = -1;
    static char digits[3][128];
    if (next < number && fscanf(file, "%d %127s %127s %127s", &next, digits[0],
                                digits[1], digits[2]) != 4)
        next = count;
    if (next != number)
        return;
    referred++;
    for (int k = JET_V; k <= JET_Y; k++) {
        long double exact = strtold(digits[k], NULL);
        double off = (double)fabsl(exact - want->d[k]);
        CHECK_MESSAGE(off <= want->bound[k] + 1e-80,
                      "%d: the jet of %s has %.20Lg, not %s", number, text,
                      want->d[k], digits[k]);
        want->d[k] = exact;
    }
}

static void ways_agree_on(int from, int to)
{
    Session s = {.graph = graph_new(), .arena = arena_new()};
    graph_hold(s.graph, 1);
    for (int i = 0; i < 2; i++) {
        Name name = name_of(i ? "y" : "x");
        s.symbols[i] = node_symbol(s.graph, name, (Shape){1, 1}, 0);
        s.names[i] = (FrontName){name, s.symbols[i]};
    }
    Str text = {0};
    for (int n = from; n < to; n++) {
        Jet want = expression(seed, n, &text);
        double got[WAYS];
        if (references && !want.unclear && !want.undefined)
            refer(references, n, str_text(&text), &want);
        if (text.len > TEXT_MOST)
            continue;
        if (compute(&s, str_text(&text), got))
            judge(n, str_text(&text), want, got);
        else
            judge_refusal(n, str_text(&text), want);
        if (want.undefined || want.unclear)
            continue;
        PoolMark mark = pool_mark();
        rules_hold(&s, seed, n, want, str_text(&text));
        forms_hold(&s, n, str_text(&text), want);
        pool_drain(mark);
    }
    str_free(&text);
    graph_free(s.graph);
    arena_free(s.arena);
}

static void ways_agree(void)
{
    references =
        seed == SEED ? fopen("tests/random/references.txt", "r") : NULL;
    CHECK(seed != SEED || references);
    for (int from = 0; from < count; from += 1000) {
        int to = from + 1000 < count ? from + 1000 : count;
        ways_agree_on(from, to);
    }
    printf("# %d compared, %d at kinks or badly conditioned, %d undefined "
           "(%d of them have a value in simplified form), %d refused, "
           "%d beside 60 digits, %d mismatches\n",
           compared, unclear, undefined, extended, refused, referred,
           mismatches);
    printf(
        "# %d rules of derivatives compared; %d simplified or expanded forms "
        "enclosed, %d of them not sharply enough\n",
        rules_compared, enclosed + vague, vague);
    CHECK(compared > count / 3);
    CHECK(!references || count < 3600 || referred == 3000);
    if (references)
        fclose(references);
}

static void list(int n)
{
    Str text = {0};
    for (int i = 0; i < n; i++) {
        Jet want = expression(seed, i, &text);
        if (!want.undefined && !want.unclear)
            printf("%d\t%s\t%.4f\t%.4f\n", i, str_text(&text), point[0],
                   point[1]);
    }
    str_free(&text);
}

int main(int argc, char **argv)
{
    Context *c = context_new();
    context_enter(c);
    Heap *heap = heap_new();
    if (getenv("RANDOM_SEED"))
        seed = strtoull(getenv("RANDOM_SEED"), NULL, 10);
    if (argc == 3 && strcmp(argv[1], "list") == 0) {
        list(atoi(argv[2]));
    } else {
        if (argc == 2)
            count = atoi(argv[1]);
        RUN(ways_agree);
    }
    heap_free(heap);
    context_free(c);
    return check_result();
}
