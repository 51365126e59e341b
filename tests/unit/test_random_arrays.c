/*
 * Random functions of numbers, columns and matrices: what mlc computes on each
 * way (the function called, its statements at top level, its formula
 * substituted and printed and read again, the program of its gradient, the
 * closed form of it substituted, its Hessian, Jacobian, jvp and vjp) against
 * each other, and derivatives against central differences of two steps, which
 * do not agree near a kink.  A mismatch is shown as a script.
 *
 *   test_random_arrays           a share of them
 *   test_random_arrays COUNT     the first COUNT, from RANDOM_SEED
 *   test_random_arrays COUNT N   number N alone, with its script
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/error.h"
#include "check.h"
#include "eval/interp.h"
#include "graph/print.h"
#include "syntax/parse.h"
#include "value/matrix.h"

enum {
    SEED = 20261124,
    SHARE = 600,
    SESSION = 50, /* functions of one interpreter */
    PARAMS = 3,
    ENTRIES = 64, /* of all parameters, of a result */
    TEXT_MOST = 600,
    PRINT_MOST = 3000 /* of a formula that is read again */
};

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

/* ---- functions ---- */

typedef enum Side { ONE, N, M, SIDES } Side;

typedef struct Param {
    Side rows, cols;
} Param;

typedef struct Case {
    int number, params;
    Param param[PARAMS];
    int size[SIDES];
    bool named;        /* its dimensions */
    bool numbers;      /* its value is a number */
    Side rows;         /* else of its value */
    bool state;        /* a local t of the shape of the first parameter */
    const char *index; /* of a sum or loop that is open, or NULL */
    Str statements, body;
    double at[ENTRIES]; /* the parameters, one after the other */
    int width;          /* and how many */
} Case;

static const char *const names[] = {"a", "b", "c"};

static void grow(Case *c, Side rows, Side cols, int depth, Str *out);
static void grow_leaf(Case *c, Side rows, Side cols, Str *out);

static const char *side_text(const Case *c, Side s)
{
    static const char *const numbers[] = {"0", "1", "2", "3", "4"};
    if (s == ONE)
        return "1";
    return c->named ? s == N ? "n" : "m" : numbers[c->size[s]];
}

/*
 * Writes `form`: @ is an expression of this shape, $ a number, # one with
 * rows and columns exchanged, R and C what the shape's sides are called.
 */
static void write_form(Case *c, const char *form, Side rows, Side cols,
                       int depth, Str *out)
{
    /* [u, v] of two numbers goes down */
    if (c->size[rows] * c->size[cols] == 1 &&
        (strstr(form, "[@") || strstr(form, ")[i") || strstr(form, "dim"))) {
        grow_leaf(c, rows, cols, out);
        return;
    }
    for (const char *f = form; *f; f++)
        if (*f == '@')
            grow(c, rows, cols, depth, out);
        else if (*f == '$')
            grow(c, ONE, ONE, depth, out);
        else if (*f == '#')
            grow(c, cols, rows, depth, out);
        else if (*f == 'R')
            str_add(out, side_text(c, rows));
        else if (*f == 'C')
            str_add(out, side_text(c, cols));
        else
            str_add_char(out, *f);
}

static void grow_number(Str *out)
{
    static const char *const some[] = {"2", "0.5", "(1/3)", "1", "3", "0.25"};
    str_add(out, some[random_below(6)]);
}

/* The entry of a parameter at the index that is open. */
static bool grow_entry(Case *c, Str *out)
{
    for (int k = 0; c->index && k < c->params; k++) {
        Param p = c->param[k];
        if (p.rows != N || c->size[N] == 1 || random_below(3) == 0)
            continue;
        const char *column = p.cols == ONE     ? ""
                             : random_below(2) ? ", 1"
                                               : ", end";
        str_add_format(out, "%s[%s%s]", names[k], c->index, column);
        return true;
    }
    return false;
}

static void grow_leaf(Case *c, Side rows, Side cols, Str *out)
{
    if (c->state && c->param[0].rows == rows && c->param[0].cols == cols &&
        random_below(3) == 0) {
        str_add_char(out, 't');
        return;
    }
    if (rows == ONE && cols == ONE && grow_entry(c, out))
        return;
    for (int t = 0; t < 6; t++) {
        int k = random_below(c->params);
        Param p = c->param[k];
        if (p.rows == rows && p.cols == cols) {
            str_add(out, names[k]);
            return;
        }
        if (p.rows == cols && p.cols == rows) {
            str_add_format(out, "%s'", names[k]);
            return;
        }
        if (rows == ONE && cols == ONE && random_below(2) &&
            c->size[p.rows] * c->size[p.cols] > 1) {
            str_add_format(out, p.cols == ONE ? "%s[1]" : "%s[1, end]",
                           names[k]);
            return;
        }
        if (p.rows == N && p.cols == M && rows == N && cols == ONE) {
            str_add_format(out, "%s[:, %d]", names[k],
                           1 + random_below(c->size[M]));
            return;
        }
        if (p.rows == N && p.cols == M && rows == ONE && cols == M) {
            str_add_format(out, "%s[%d, :]", names[k],
                           1 + random_below(c->size[N]));
            return;
        }
    }
    if (rows == ONE && cols == ONE) {
        if (c->index && random_below(3) == 0)
            str_add(out, c->index);
        else
            grow_number(out);
        return;
    }
    str_add_char(out, '(');
    grow_leaf(c, ONE, ONE, out);
    str_add_format(out, "*ones(%s, %s))", side_text(c, rows),
                   side_text(c, cols));
}

static const char *const entrywise[] = {
    "exp(tanh(@))",    "tanh(@)",         "sigmoid(@)", "relu(@)",
    "abs(@)",          "sin(@)",          "cos(@)",     "sqrt(1 + (@).^2)",
    "log1p((@).^2)",   "softplus(@)",     "(@).^2",     "atan(@)",
    "erf(@)",          "exp(-(@).^2)",    "-(@)",       "tanh(@).^3",
    "log(1 + exp(@))", "1./(1 + (@).^2)", "2.^tanh(@)", "(1 + abs(@)).^1.5",
    "max(@, 0)",       "min(@, 1)",       "exp(@ - 1)", "log(0.5 + (@).^2)",
};

/* The first of a pair is also written with a number in its place. */
static const char *const pairs[] = {
    "(@) + (@)",
    "(@) - (@)",
    "(@).*(@)",
    "(@)./(1 + (@).^2)",
    "max(@, @)",
    "min(@, @)",
    "max(@, $)",
    "min($, @)",
    "(@)*($)",
    "(@) + ($)",
    "($) - (@)",
    "((@) > (@)).*(@)",
    "((@) > $).*(@)",
    "(if (@) > (@) then (@) else (@))",
    "(if $ > $ then (@) else (@))",
    "(1 + (@).^2).^(tanh(@))",
    "sqrt((@).^2 + (@).^2 + 1)",
    "(#)'",
    "(@)/(1 + ($)^2)",
};

static const char *const of_columns[] = {
    "softmax(@)",
    "cumsum(@)",
    "(@)/(1 + norm2(@))",
    "(@) - mean(@)",
    "max(@, mean(@))",
    "(@).*sum(@)",
    "diag((@)*(@)')",
    "array(i = 1:R, (@)[i]*i)",
    "[@; @][1:R]",
    "(@)*max(@)",
    "exp(@ - logsumexp(@))",
    "abs(@)./(1 + max(abs(@)))",
    "[@, @][:, 2]",
    "array(i = 1:R, sum(j = 1:i, (@)[j]))",
    "((@)*(@)' + eye(R)) \\ (@)",
    "inv((@)*(@)' + eye(R))*(@)",
    "kron(@, $)",
};

static const char *const of_matrices[] = {
    "softmax(@, dim = 2)",
    "softmax(@, dim = 1)",
    "(@)*diag(softmax(sum(@, dim = 1)'))",
    "(@)*(#)*(@)",
    "array(i = 1:R, j = 1:C, (@)[i, j]/(i + j))",
    "(@) - max(@)",
    "(eye(R) + (@)*(#)) \\ (@)",
    "[@, @][:, 1:C]",
    "[@; @][1:R, :]",
    "(@)./(1 + sum((@).^2))",
    "diag(sum(@, dim = 2))*(@)",
    "(@).*(@ > mean(@))",
    "kron(@, $)",
};

/* Of an array. */
static const char *const to_number[] = {
    "sum(@)",
    "mean(@)",
    "max(@)",
    "min(@)",
    "prod(@)",
    "prod(tanh(@))",
    "sqrt(1 + sum((@).^2))",
    "norm2(1 + exp(@))",
    "logsumexp(@)",
    "norm2([@; @])",
    "sum([@, @])",
    "sum((@).*(@))",
    "sum(kron(@, @))",
    "tr((@)*(#))",
    "logdet(eye(R) + (@)*(@)')",
    "det(eye(R) + (@)*(@)')",
    "tr(inv(eye(R) + (@)*(@)'))",
    "sum(max(@, mean(@)))",
    "sum(max(@, max(@)/2))",
    "mean((@ - mean(@)).^2)",
    "sum(cumsum(sum(@, dim = 2)).^2)",
    "sum(@)/(1 + norm2(@)^2)",
    "prod(1 + (@).^2)",
    "sum((@).^2)/(1 + sum(abs(@)))",
    "sum(softmax(sum(@, dim = 2)).*max(@, dim = 2))",
};

static void grow_matrix(Case *c, Side rows, Side cols, int depth, Str *out)
{
    Side k = (Side)random_below(SIDES);
    switch (random_below(6)) {
    case 0: /* a product */
    case 1:
        str_add_char(out, '(');
        grow(c, rows, k, depth, out);
        str_add(out, ")*(");
        grow(c, k, cols, depth, out);
        str_add_char(out, ')');
        return;
    case 2: { /* a row or column is spread */
        static const char *const between[] = {" + ", ".*", " - "};
        bool row = random_below(2);
        str_add(out, "((");
        grow(c, rows, cols, depth, out);
        str_add_format(out, ")%s(", between[random_below(3)]);
        grow(c, row ? ONE : rows, row ? cols : ONE, depth, out);
        str_add(out, "))");
        return;
    }
    default:
        if (rows != ONE && cols != ONE)
            write_form(c, of_matrices[random_below(13)], rows, cols, depth,
                       out);
        else
            write_form(c, entrywise[random_below(24)], rows, cols, depth, out);
    }
}

static void grow_column(Case *c, Side rows, int depth, Str *out)
{
    static const char *const down[] = {"sum(", "mean(",      "max(",
                                       "min(", "logsumexp(", "prod("};
    int how = random_below(4);
    Side k = random_below(2) ? N : M;
    if (how == 0) { /* a reduction along rows, or down columns */
        bool across = random_below(2);
        str_add(out, down[random_below(6)]);
        grow(c, across ? rows : k, across ? k : rows, depth, out);
        str_add(out, across ? ", dim = 2)" : ", dim = 1)'");
        return;
    }
    if (how == 1) {
        grow_matrix(c, rows, ONE, depth, out);
        return;
    }
    write_form(c, of_columns[random_below(17)], rows, ONE, depth, out);
}

static void grow_scalar(Case *c, int depth, Str *out)
{
    int how = random_below(5);
    if (how == 0 && !c->index) { /* a sum over an index */
        c->index = "i";
        const char *over = random_below(4) ? "sum" : "mean";
        str_add_format(out, "%s(i = 1:%s, ", over, side_text(c, N));
        grow(c, ONE, ONE, depth, out);
        str_add_char(out, ')');
        c->index = NULL;
        return;
    }
    if (how == 1) {
        Side s = (Side)random_below(SIDES);
        str_add_char(out, '(');
        grow(c, ONE, s, depth, out);
        str_add(out, ")*(");
        grow(c, s, ONE, depth, out);
        str_add_char(out, ')');
        return;
    }
    Side rows = random_below(3) ? N : M;
    Side cols = random_below(2) ? ONE : random_below(3) ? M : N;
    if (c->size[rows] * c->size[cols] == 1)
        rows = cols = ONE;
    write_form(c, to_number[random_below(25)], rows, cols, depth, out);
}

static void grow(Case *c, Side rows, Side cols, int depth, Str *out)
{
    if (depth <= 0 || out->len > TEXT_MOST || random_below(6) == 0) {
        grow_leaf(c, rows, cols, out);
        return;
    }
    depth--;
    switch (random_below(3)) {
    case 0:
        write_form(c, entrywise[random_below(24)], rows, cols, depth, out);
        return;
    case 1:
        write_form(c, pairs[random_below(19)], rows, cols, depth, out);
        return;
    default:
        if (rows == ONE && cols == ONE)
            grow_scalar(c, depth, out);
        else if (cols == ONE)
            grow_column(c, rows, depth, out);
        else
            grow_matrix(c, rows, cols, depth, out);
    }
}

/* Loops and choices before the last expression; t is their state. */
static void grow_statements(Case *c, Str *out)
{
    Param p = c->param[0];
    const char *most[] = {side_text(c, N), "3", "40"};
    int how = random_below(3), many = random_below(3);
    str_add(out, "t = a\n");
    c->state = true;
    if (how == 0) {
        str_add(out, "if ");
        grow(c, ONE, ONE, 1, out);
        str_add(out, " > 0.5\n  t = ");
        grow(c, p.rows, p.cols, 2, out);
        str_add(out, "\nelse\n  t = ");
        grow(c, p.rows, p.cols, 2, out);
        str_add(out, "\nend\n");
        return;
    }
    str_add_format(out, "for i = 1:%s\n  t = tanh(", most[many]);
    if (many == 0)
        c->index = "i";
    grow(c, p.rows, p.cols, many == 2 ? 1 : 2, out);
    str_add(out, ")");
    if (how == 2) {
        str_add(out, " + t/2\n  if sum(t) > 0.5\n    t = t - ");
        grow(c, p.rows, p.cols, 1, out);
        str_add(out, "/4\n  end");
    }
    str_add(out, "\nend\n");
    c->index = NULL;
}

static int param_size(const Case *c, int k)
{
    return c->size[c->param[k].rows] * c->size[c->param[k].cols];
}

/* Entries apart from 0 and each other by more than the steps of differences:
 * abs and max have kinks there. */
static void choose_point(Case *c)
{
    int at = random_below(499), by = 1 + random_below(498);
    for (int k = 0; k < c->width; k++)
        c->at[k] = ((at + k * by) % 499 - 249.5 + random_number() / 8) / 128;
}

static void choose(Case *c, uint64_t seed, int number)
{
    static const Param shapes[] = {{N, ONE}, {N, M}, {ONE, ONE}, {N, ONE},
                                   {M, ONE}, {N, N}, {M, N},     {N, M}};
    uint64_t z = seed + (uint64_t)number * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    random_state = z ^ (z >> 31);
    str_free(&c->statements);
    str_free(&c->body);
    *c = (Case){.number = number};
    c->size[ONE] = 1;
    c->size[N] = random_below(4) ? 2 + random_below(3) : 1 + random_below(4);
    c->size[M] = 1 + random_below(4);
    c->named = random_below(2);
    c->numbers = random_below(4) > 0;
    c->rows = random_below(2) ? N : M;
    c->params = c->numbers ? 1 + random_below(PARAMS) : 1;
    c->param[0] = shapes[random_below(c->numbers ? 8 : 1)];
    for (int k = 1; k < c->params; k++)
        c->param[k] = shapes[random_below(8)];
    bool has_n = false, has_m = false;
    for (int k = 0; k < c->params; k++) {
        Param p = c->param[k];
        has_n = has_n || p.rows == N || p.cols == N;
        has_m = has_m || p.rows == M || p.cols == M;
        c->width += param_size(c, k);
    }
    c->named = c->named && has_n && has_m;
    choose_point(c);
    if (random_below(3) == 0)
        grow_statements(c, &c->statements);
    if (c->numbers)
        grow_scalar(c, 2 + random_below(2), &c->body);
    else
        write_form(c, of_columns[random_below(17)], c->rows, ONE,
                   1 + random_below(2), &c->body);
}

/* ---- mlc ---- */

static Interp *session;

static bool run(const char *form, ...) __attribute__((format(printf, 1, 2)));

static bool run(const char *form, ...)
{
    Str text = {0};
    va_list args, again;
    va_start(args, form);
    va_copy(again, args);
    size_t n = (size_t)vsnprintf(NULL, 0, form, args);
    vsnprintf(str_reserve(&text, n + 1), n + 1, form, again);
    uint32_t source = source_add("case", text.at, n, false);
    va_end(args);
    va_end(again);
    str_free(&text);
    return interp_run(session, session->top, source);
}

static void write_signature(const Case *c, const char *const called[], Str *out)
{
    for (int k = 0; k < c->params; k++) {
        Param p = c->param[k];
        str_add_format(out, "%s%s", k ? ", " : "", called[k]);
        if (p.cols != ONE)
            str_add_format(out, "[%s,%s]", side_text(c, p.rows),
                           side_text(c, p.cols));
        else if (p.rows != ONE)
            str_add_format(out, "[%s]", side_text(c, p.rows));
    }
}

static void write_definition(Case *c, Str *out)
{
    str_add(out, "function f(");
    write_signature(c, names, out);
    str_add_format(out, ")\n%s%s\nend\n", str_text(&c->statements),
                   str_text(&c->body));
}

static void write_values(const Case *c, const double at[], Str *out)
{
    for (int k = 0; k < c->params; k++) {
        int rows = c->size[c->param[k].rows], cols = c->size[c->param[k].cols];
        str_add_format(out, "%s = [", names[k]);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < cols; j++)
                str_add_format(out, "%s%.17g",
                               j   ? ", "
                               : i ? "; "
                                   : "",
                               at[i + j * rows]);
        str_add(out, rows == 1 ? ";] + 0.0\n" : "] + 0.0\n");
        at += rows * cols;
    }
}

/* Every entry of a value, a record's fields one after the other. */
static int flatten(Value v, int n, double out[])
{
    if (v.kind == VAL_RECORD) {
        for (size_t i = 0; i < v.record->count; i++)
            n = flatten(v.record->at[i], n, out);
    } else if (v.kind == VAL_ARRAY) {
        for (size_t i = 0; i < array_count(v.array) && n < ENTRIES * ENTRIES;
             i++)
            out[n++] = value_to_double(array_get(v.array, i));
    } else if (value_is_number(v) && n < ENTRIES * ENTRIES) {
        out[n++] = value_to_double(v);
    } else if (v.kind == VAL_EXPR && n < ENTRIES * ENTRIES &&
               node_constant_value(session->graph, v.expr->node, &out[n])) {
        n++; /* log(3/2) */
    } else {
        return -1;
    }
    return n;
}

static int fetch(const char *name, double out[])
{
    Value v;
    if (!lookup_name(session, name_of(name), &v))
        return -1;
    return flatten(v, 0, out);
}

/* ---- comparison ---- */

static int compared, entries_compared, undefined, kinks, refused, mismatches;
static int unfinished, limits;
static bool show_script;

typedef struct Numbers {
    int n;
    double at[ENTRIES * ENTRIES];
} Numbers;

static void mismatch(Case *c, const char *way, const char *why)
{
    Str script = {0};
    mismatches++;
    write_definition(c, &script);
    write_values(c, c->at, &script);
    printf("# ---- %d: %s: %s\n%s", c->number, way, why, str_text(&script));
    CHECK_MESSAGE(false, "%d: %s: %s", c->number, way, why);
    str_free(&script);
}

static double size_of(const Numbers *a)
{
    double size = 1;
    for (int i = 0; i < a->n; i++)
        size = fmax(size, fabs(a->at[i]));
    return size;
}

/* Do they agree?  A NaN in `slack` says nothing of that entry. */
static bool agree(Case *c, const char *way, const Numbers *want,
                  const Numbers *got, double tolerance, const double *slack)
{
    char why[200];
    if (got->n < 0) { /* cos(1) stays a formula */
        unfinished++;
        return true;
    }
    if (want->n != got->n) {
        snprintf(why, sizeof why, "%d entries, not %d", got->n, want->n);
        mismatch(c, way, why);
        return false;
    }
    double size = size_of(want);
    for (int i = 0; i < want->n; i++) {
        double room = tolerance * size + (slack ? 10 * slack[i] : 0);
        if (isnan(room) || room > 1e-3 * size) {
            kinks++;
            continue;
        }
        entries_compared++;
        if (fabs(want->at[i] - got->at[i]) <= room)
            continue;
        snprintf(why, sizeof why, "entry %d is %.12g, not %.12g", i + 1,
                 got->at[i], want->at[i]);
        mismatch(c, way, why);
        return false;
    }
    return true;
}

/*
 * Is the error one of a known limit, no wrong number?  A NaN says where it came
 * from; sums and loops of some forms have no gradient by a program.
 */
static bool is_limit(void)
{
    static const char *const known[] = {"gives not a number",
                                        "no numeric form",
                                        "size of a side is not known",
                                        "a number has no entries",
                                        "divides by 0",
                                        "is too large"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(context_error()->message, known[i])) {
            limits++;
            return true;
        }
    return false;
}

/* The value of `text`, which is made a variable; false: refused. */
static bool compute(Case *c, const char *text, Numbers *out)
{
    if (!run("result_ = %s", text)) {
        if (!is_limit())
            mismatch(c, text, context_error()->message);
        return false;
    }
    out->n = fetch("result_", out->at);
    return true;
}

static void set_values(const Case *c, const double at[])
{
    for (int k = 0; k < c->params; k++) {
        int rows = c->size[c->param[k].rows], cols = c->size[c->param[k].cols];
        Value v = array_new(ELEM_FLOAT, rows, cols);
        memcpy(v.array->f, at, (size_t)(rows * cols) * sizeof *at);
        assign_name(session, name_of(names[k]), array_value(v));
        at += rows * cols;
    }
}

static bool eval_at(const Ast *t, const Case *c, const double at[],
                    Numbers *out)
{
    Protect p;
    PoolMark mark = pool_mark();
    Checkpoint point = interp_checkpoint(session);
    if (PROTECT(&p)) {
        set_values(c, at);
        out->n = flatten(eval(session, t), 0, out->at);
        protect_end(&p);
        pool_drain(mark);
        return true;
    }
    interp_restore(session, &point);
    return false;
}

/*
 * The derivative of `text` by each parameter: column k of `out`.  The error is
 * how far two steps are apart, NaN where one cannot be computed.
 */
static void differences(Case *c, const char *text, int rows, Numbers *out,
                        double error[])
{
    static const double step[] = {-2, -1, 1, 2}, weight[] = {1, -8, 8, -1};
    static Numbers y;
    Arena *arena = arena_new();
    const Ast *t = parse_expression("case", text, arena);
    out->n = rows * c->width;
    for (int k = 0; k < c->width; k++) {
        double *column = out->at + k * rows, *apart = error + k * rows;
        double at[ENTRIES];
        memcpy(at, c->at, sizeof at);
        for (int i = 0; i < rows; i++)
            column[i] = apart[i] = 0;
        for (int s = 0; s < 8; s++) {
            double h = s < 4 ? 1.0 / 1024 : 1.0 / 2500;
            at[k] = c->at[k] + step[s % 4] * h;
            bool fine = eval_at(t, c, at, &y) && y.n == rows;
            for (int i = 0; i < rows; i++) {
                double d = fine ? weight[s % 4] * y.at[i] / (12 * h) : NAN;
                if (s < 4)
                    column[i] += d;
                apart[i] += s < 4 ? d : -d;
            }
        }
        for (int i = 0; i < rows; i++)
            apart[i] = fabs(apart[i]);
    }
    set_values(c, c->at);
    arena_free(arena);
}

static bool finite(const Numbers *a)
{
    for (int i = 0; i < a->n; i++)
        if (!(fabs(a->at[i]) < 1e6))
            return false;
    return a->n > 0;
}

/* ---- ways ---- */

static const char *const symbols[] = {"A_", "B_", "C_"};

static void write_call(const Case *c, const char *head, bool symbolic, Str *out)
{
    str_free(out);
    str_add(out, head);
    for (int k = 0; k < c->params; k++)
        str_add_format(out, "%s%s", k ? ", " : "(",
                       symbolic ? symbols[k] : names[k]);
    str_add_char(out, ')');
}

static void write_subs(const Case *c, const char *e, Str *out)
{
    str_free(out);
    str_add_format(out, "subs(%s", e);
    for (int k = 0; k < c->params; k++)
        str_add_format(out, ", %s = %s", symbols[k], names[k]);
    str_add_char(out, ')');
}

/* The printed text of a variable, read with values for its symbols. */
static void read_again(Case *c, const char *name, const char *way,
                       const Numbers *want)
{
    static Numbers got;
    Value v;
    Str text = {0};
    if (!lookup_name(session, name_of(name), &v) || v.kind != VAL_EXPR)
        return;
    Protect p;
    if (!PROTECT(&p)) {
        str_free(&text);
        return;
    }
    node_print(session->graph, v.expr->node, &text);
    protect_end(&p);
    for (int k = 0; k < c->params; k++)
        run("%s = %s", symbols[k], names[k]);
    if (c->named)
        run("n = %d\nm = %d", c->size[N], c->size[M]);
    if (text.len > PRINT_MOST || strstr(str_text(&text), "loop(")) {
        /* says little, or is not typed so */
    } else if (!run("result_ = %s", str_text(&text))) {
        if (!is_limit())
            mismatch(c, way, context_error()->message);
    } else {
        got.n = fetch("result_", got.at);
        /* prod_others(x) is printed prod(x)./x */
        if (strstr(str_text(&text), "prod") && got.n == want->n)
            for (int i = 0; i < got.n; i++)
                got.at[i] = isnan(got.at[i]) ? want->at[i] : got.at[i];
        if (!agree(c, way, want, &got, 1e-8, NULL))
            printf("# %s\n", str_text(&text));
    }
    str_free(&text);
}

static void declare_symbols(const Case *c)
{
    Str text = {0};
    str_add(&text, c->named ? "sym n, m\nsym " : "sym ");
    write_signature(c, symbols, &text);
    run("%s", str_text(&text));
    str_free(&text);
}

static void formula_holds(Case *c, const Numbers *value, const Numbers *slope)
{
    static Numbers got;
    Str call = {0}, subs = {0};
    declare_symbols(c);
    write_call(c, "f", true, &call);
    if (!run("e_ = %s", str_text(&call))) {
        mismatch(c, "the formula", context_error()->message);
    } else {
        write_subs(c, "e_", &subs);
        if (compute(c, str_text(&subs), &got))
            agree(c, "the formula, substituted", value, &got, 1e-9, NULL);
        int from = 0;
        for (int k = 0; slope && k < c->params; k++) {
            static Numbers part;
            part.n = param_size(c, k);
            memcpy(part.at, slope->at + from, (size_t)part.n * sizeof(double));
            from += part.n;
            if (!run("g%d_ = grad(e_, %s)", k, symbols[k])) {
                mismatch(c, "closed gradient", context_error()->message);
                continue;
            }
            char name[8];
            snprintf(name, sizeof name, "g%d_", k);
            write_subs(c, name, &subs);
            if (compute(c, str_text(&subs), &got))
                agree(c, "closed gradient, substituted", &part, &got, 1e-8,
                      NULL);
        }
        read_again(c, "e_", "the formula, read again", value);
        from = 0;
        for (int k = 0; slope && k < c->params; k++) {
            static Numbers part;
            char name[8];
            part.n = param_size(c, k);
            memcpy(part.at, slope->at + from, (size_t)part.n * sizeof(double));
            from += part.n;
            snprintf(name, sizeof name, "g%d_", k);
            read_again(c, name, "closed gradient, read again", &part);
        }
    }
    str_free(&call);
    str_free(&subs);
}

static void scalar_holds(Case *c, const Numbers *value)
{
    static Numbers slope, want, curve;
    static double error[ENTRIES * ENTRIES];
    Str call = {0}, gradient = {0}, hessian = {0};
    write_call(c, "f", false, &call);
    write_call(c, "grad(f)", false, &gradient);
    write_call(c, "hessian(f)", false, &hessian);
    if (compute(c, str_text(&gradient), &slope)) {
        differences(c, str_text(&call), 1, &want, error);
        agree(c, "gradient", &want, &slope, 1e-6, error);
        for (int again = 0; again < 3; again++) {
            compute(c, str_text(&gradient), &want);
            agree(c, "gradient, computed again", &slope, &want, 1e-10, NULL);
        }
        if (finite(&slope))
            formula_holds(c, value, &slope);
        if (finite(&slope) && c->width <= 20 &&
            compute(c, str_text(&hessian), &curve)) {
            differences(c, str_text(&gradient), c->width, &want, error);
            agree(c, "Hessian", &want, &curve, 1e-5, error);
            want = curve;
            for (int i = 0; i < c->width; i++)
                for (int j = 0; j < c->width && curve.n > 1; j++)
                    want.at[i + j * c->width] = curve.at[j + i * c->width];
            agree(c, "Hessian, turned", &want, &curve, 1e-9, NULL);
        }
    }
    str_free(&call);
    str_free(&gradient);
    str_free(&hessian);
}

static void column_holds(Case *c, const Numbers *value)
{
    static Numbers want, got, part;
    static double error[ENTRIES * ENTRIES];
    int rows = value->n;
    if (!compute(c, "jacobian(f)(a)", &got))
        return;
    differences(c, "f(a)", rows, &want, error);
    agree(c, "Jacobian", &want, &got, 1e-6, error);
    want = got;
    for (int k = 0; k < c->width; k++) {
        char text[100];
        snprintf(text, sizeof text, "jvp(f, a, 1.0*((1:%d) == %d))", c->width,
                 k + 1);
        part.n = rows;
        memcpy(part.at, want.at + k * rows, (size_t)rows * sizeof(double));
        if (compute(c, text, &got))
            agree(c, text, &part, &got, 1e-9, NULL);
    }
    for (int i = 0; i < rows; i++) {
        char text[100];
        snprintf(text, sizeof text, "vjp(f, a, 1.0*((1:%d) == %d))", rows,
                 i + 1);
        part.n = c->width;
        for (int k = 0; k < c->width; k++)
            part.at[k] = want.at[i + k * rows];
        if (compute(c, text, &got))
            agree(c, text, &part, &got, 1e-9, NULL);
    }
    formula_holds(c, value, NULL);
}

static bool accepted(Case *c, const char *text)
{
    if (run("%s", text))
        return true;
    refused++;
    if (getenv("RANDOM_SHOW"))
        mismatch(c, "refused", context_error()->message);
    return false;
}

static void all_hold(Case *c, const Numbers *value)
{
    static Numbers other;
    compared++;
    run("n = %d\nm = %d", c->size[N], c->size[M]);
    run("%s", str_text(&c->statements));
    if (compute(c, str_text(&c->body), &other))
        agree(c, "statements at top level", value, &other, 1e-10, NULL);
    if (c->numbers)
        scalar_holds(c, value);
    else
        column_holds(c, value);
}

static void try_case(Case *c)
{
    static Numbers value;
    Str text = {0};
    write_definition(c, &text);
    write_values(c, c->at, &text);
    if (show_script)
        printf("%s", str_text(&text));
    bool fine = accepted(c, str_text(&text));
    if (fine) {
        write_call(c, "result_ = f", false, &text);
        fine = accepted(c, str_text(&text));
    }
    if (fine) {
        value.n = fetch("result_", value.at);
        if (finite(&value) && value.n <= 8)
            all_hold(c, &value);
        else
            undefined++;
    }
    str_free(&text);
}

static int count = SHARE, only = -1;
static uint64_t seed = SEED;

static void sessions_agree(int from, int to, FILE *nowhere)
{
    Case c = {0};
    session = interp_new();
    session->err = nowhere;
    session->quiet_echo = true;
    for (int n = from; n < to; n++) {
        choose(&c, seed, n);
        if (only < 0 || n == only)
            try_case(&c);
    }
    str_free(&c.statements);
    str_free(&c.body);
    interp_free(session);
}

static void ways_agree(void)
{
    FILE *nowhere = fopen(show_script ? "/dev/stdout" : "/dev/null", "w");
    CHECK(nowhere);
    for (int from = 0; from < count; from += SESSION)
        sessions_agree(from, from + SESSION < count ? from + SESSION : count,
                       nowhere);
    printf("# %d functions compared by %d entries, %d entries at kinks, "
           "%d undefined, %d refused, %d without a number, %d beyond a limit, "
           "%d mismatches\n",
           compared, entries_compared, kinks, undefined, refused, unfinished,
           limits, mismatches);
    CHECK(only >= 0 || compared > count / 2);
    fclose(nowhere);
}

int main(int argc, char **argv)
{
    Context *c = context_new();
    context_enter(c);
    if (getenv("RANDOM_SEED"))
        seed = strtoull(getenv("RANDOM_SEED"), NULL, 10);
    if (argc > 1)
        count = atoi(argv[1]);
    if (argc > 2) {
        only = atoi(argv[2]);
        show_script = true;
    }
    RUN(ways_agree);
    context_enter(NULL);
    context_free(c);
    return check_result();
}
