/*
 * The identities of tests/identities: each line
 *
 *     grad(E, x)    # textbook: FORM    # expect: PRINTED
 *
 * (or jacobian, hessian, diff) is a derivative as mlc prints it.  `mlc test`
 * proves that it prints so; here PRINTED is compared with central differences
 * of E at random points, by the witness of naive.h, and has no more nodes
 * than FORM.  Without a FORM what is printed is the textbook's.
 */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "eval/interp.h"
#include "graph/naive.h"
#include "graph/walk.h"
#include "io/file.h"
#include "num/rng.h"
#include "syntax/parse.h"

enum { SYMBOLS_MOST = 40, VARIABLES_MOST = 8, POINTS = 2, LEAST = 100 };

typedef struct Identity {
    Interp *in;
    Arena *arena;
    const char *kind; /* grad, jacobian, hessian, diff */
    Node e, printed;
    int order;
    double step; /* of the differences */
    int nvars;
    Node var[VARIABLES_MOST];
    int count; /* symbols of both, dimensions first */
    Node symbol[SYMBOLS_MOST];
    Value value[SYMBOLS_MOST];
    Rng rng;
} Identity;

static int identities, failures;

/* ---- symbols and their values ---- */

static void add_symbol(Identity *t, Node n)
{
    int k = 0;
    while (k < t->count && t->symbol[k] != n)
        k++;
    if (k == t->count && k < SYMBOLS_MOST)
        t->symbol[t->count++] = n;
}

static void collect_dim(Identity *t, Dim d)
{
    if (d < 0 && node_op(t->in->graph, (Node)~d) == OP_SYM)
        add_symbol(t, (Node)~d);
}

/* The dimensions of a matrix in order, so that the rows are more. */
static void collect(Identity *t, Node root)
{
    Graph *g = t->in->graph;
    VEC(Node) stack = {0};
    NodeMap seen = node_map_in(t->arena);
    uint32_t mark;
    VEC_PUSH_IN(t->arena, &stack, root);
    while (stack.count > 0) {
        Node n = stack.at[--stack.count];
        if (node_map_get(&seen, n, &mark))
            continue;
        node_map_set(&seen, n, 1);
        Shape s = node_shape(g, n);
        collect_dim(t, s.rows);
        collect_dim(t, s.cols);
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(t->arena, &stack, node_arg(g, n, i));
        if (node_op(g, n) == OP_SYM)
            add_symbol(t, n);
    }
}

static int size_of(Identity *t, Dim d)
{
    Graph *g = t->in->graph;
    if (d >= 0)
        return d;
    Value v = naive_value(g, node_of_dim(g, d), t->count, t->symbol, t->value);
    return (int)value_to_double(v);
}

/* Positive: entries above 0.3, a square matrix definite. */
static Value random_value(Identity *t, Node symbol, bool positive)
{
    Graph *g = t->in->graph;
    Shape s = node_shape(g, symbol);
    unsigned flags = node_symbol_flags(g, symbol);
    int m = size_of(t, s.rows), n = size_of(t, s.cols);
    positive = positive || (flags & (SYM_POSITIVE | SYM_POSDEF));
    Value v = array_new(ELEM_FLOAT, m, n);
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++) {
            double x = rng_normal(&t->rng);
            if (positive)
                x = fabs(x) / 2 + 0.3 + (i == j && m == n && n > 1 ? 2 * n : 0);
            v.array->f[i + j * m] = x;
            if ((flags & SYM_SYMMETRIC) && i > j)
                v.array->f[j + i * m] = x;
            if ((flags & SYM_SYMMETRIC) && i < j)
                v.array->f[i + j * m] = v.array->f[j + i * m];
        }
    for (int j = 0; j < n && (flags & SYM_SYMMETRIC); j++)
        for (int i = 0; i < j; i++)
            v.array->f[i + j * m] = v.array->f[j + i * m];
    return array_value(v);
}

static void choose_values(Identity *t, bool positive)
{
    static const int sizes[] = {4, 3, 2, 5};
    Graph *g = t->in->graph;
    int dims = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < t->count; i++) {
            unsigned flags = node_symbol_flags(g, t->symbol[i]);
            bool dim = (flags & SYM_DIMENSION) != 0;
            if (dim && pass == 0)
                t->value[i] = value_int(sizes[dims++ % 4]);
            else if (!dim && pass == 1)
                t->value[i] = random_value(t, t->symbol[i], positive);
        }
}

/* ---- central differences ---- */

static double entry(Value v, int k)
{
    return v.kind == VAL_ARRAY ? value_to_double(array_get(v.array, (size_t)k))
                               : value_to_double(v);
}

static int entries(Value v)
{
    return v.kind == VAL_ARRAY ? (int)array_count(v.array) : 1;
}

static int place_of(const Identity *t, Node symbol)
{
    for (int i = 0; i < t->count; i++)
        if (t->symbol[i] == symbol)
            return i;
    return -1;
}

/* Entry k of the variables one after the other; its mirror in a symmetric
 * one. */
static double *moving(Identity *t, int k, double **mirror)
{
    *mirror = NULL;
    for (int i = 0; i < t->nvars; i++) {
        int at = place_of(t, t->var[i]);
        Value v = at < 0 ? value_float(0) : t->value[at];
        int n = v.kind == VAL_ARRAY ? entries(v) : 1;
        if (k >= n) {
            k -= n;
            continue;
        }
        if (at < 0)
            return NULL;
        if (v.kind != VAL_ARRAY)
            return &t->value[at].number;
        int rows = v.array->rows, r = k % rows, c = k / rows;
        unsigned flags = node_symbol_flags(t->in->graph, t->var[i]);
        if ((flags & SYM_SYMMETRIC) && r != c)
            *mirror = &v.array->f[c + r * rows];
        return &v.array->f[k];
    }
    return NULL;
}

/* Entry `out` of E; along each place in `at` a difference of fourth order. */
static double difference(Identity *t, int out, int order, const int at[])
{
    static const double step[] = {-2, -1, 1, 2}, weight[] = {1, -8, 8, -1};
    if (order == 0) {
        PoolMark mark = pool_mark();
        Value v =
            naive_value(t->in->graph, t->e, t->count, t->symbol, t->value);
        double y = entry(v, out);
        pool_drain(mark);
        return y;
    }
    double *mirror, *x = moving(t, at[0], &mirror), sum = 0;
    if (!x)
        return 0;
    double keep = *x, other = mirror ? *mirror : 0;
    double h = t->step;
    for (int i = 0; i < 4; i++) {
        *x = keep + step[i] * h;
        if (mirror)
            *mirror = other + step[i] * h;
        sum += weight[i] * difference(t, out, order - 1, at + 1);
    }
    *x = keep;
    if (mirror)
        *mirror = other;
    return sum / (12 * h);
}

/* What the printed form says of that; both entries of a mirrored pair. */
static double claimed(Identity *t, Value y, int i, int j)
{
    double *mirror;
    int rows = y.kind == VAL_ARRAY ? y.array->rows : 1;
    if (strcmp(t->kind, "grad") != 0)
        return entry(y, i + j * rows);
    moving(t, j, &mirror);
    if (!mirror)
        return entry(y, j);
    return entry(y, j) + entry(y, j / rows + j % rows * rows);
}

/* *poor: the differences of two steps do not agree, the point is of no use. */
static bool compare_at(Identity *t, int i, int j, Value y, bool *poor,
                       char *why)
{
    bool hessian = !strcmp(t->kind, "hessian"), diff = !strcmp(t->kind, "diff");
    int at[] = {hessian ? i : j, j};
    if (diff)
        at[0] = 0, at[1] = t->nvars - 1;
    t->step = t->order == 1 ? 1e-3 : 1e-2;
    double want = difference(t, hessian ? 0 : i, t->order, at);
    t->step /= 2;
    double error = fabs(difference(t, hessian ? 0 : i, t->order, at) - want);
    double got = diff ? entry(y, i) : claimed(t, y, i, j);
    double tolerance = t->order == 1 ? 1e-7 : 1e-5, size = 1;
    for (int k = 0; k < entries(y); k++)
        size = fmax(size, fabs(entry(y, k)));
    *poor = *poor || error > 1e-4 * size;
    if (*poor || fabs(got - want) <= tolerance * size + 2 * error)
        return true;
    snprintf(why, 200, "entry %d,%d is %.10g, the difference %.10g", i + 1,
             j + 1, got, want);
    return false;
}

static int variables_size(Identity *t)
{
    int n = 0;
    for (int i = 0; i < t->nvars; i++) {
        Shape s = node_shape(t->in->graph, t->var[i]);
        n += size_of(t, s.rows) * size_of(t, s.cols);
    }
    return n;
}

/* "" if the form agrees, NULL if E is not defined there. */
static const char *compare(Identity *t, char *why)
{
    Graph *g = t->in->graph;
    Value f = naive_value(g, t->e, t->count, t->symbol, t->value);
    Value y = naive_value(g, t->printed, t->count, t->symbol, t->value);
    int n = entries(y), m = entries(f), width = variables_size(t);
    bool poor = false;
    for (int i = 0; i < m; i++)
        if (!isfinite(entry(f, i)))
            return NULL;
    for (int i = 0; i < n; i++)
        if (!isfinite(entry(y, i)))
            return NULL;
    if (!strcmp(t->kind, "hessian"))
        m = width;
    if (!strcmp(t->kind, "diff"))
        width = 1;
    if (n != m * width) {
        snprintf(why, 200, "%d entries, not %d by %d", n, m, width);
        return why;
    }
    for (int i = 0; i < m; i++)
        for (int j = 0; j < width; j++)
            if (!compare_at(t, i, j, y, &poor, why))
                return why;
    return poor ? NULL : "";
}

static const char *compare_somewhere(Identity *t, bool positive, char *why)
{
    Protect p;
    PoolMark mark = pool_mark();
    if (PROTECT(&p)) {
        choose_values(t, positive);
        const char *answer = compare(t, why);
        pool_drain(mark);
        protect_end(&p);
        return answer;
    }
    pool_drain(mark);
    return NULL;
}

/* Signed points first; positive ones where E is not defined there. */
static const char *witness(Identity *t, char *why)
{
    const char *answer = NULL;
    for (int point = 0; point < 2 * POINTS; point++) {
        const char *now = compare_somewhere(t, point >= POINTS, why);
        if (now && *now)
            return now;
        answer = now ? now : answer;
    }
    return answer ? answer : "defined at no point";
}

/* ---- lines ---- */

static int tree_size(const Ast *t)
{
    int n = 1;
    for (uint32_t i = 0; i < t->count; i++)
        n += tree_size(t->kids[i]);
    return n;
}

static char *comment(Arena *a, const char *line, const char *mark)
{
    const char *at = strstr(line, mark);
    if (!at)
        return NULL;
    at += strlen(mark);
    const char *end = strchr(at, '#');
    return arena_copy(a, at, end ? (size_t)(end - at) : strlen(at));
}

static Node variable(Interp *in, const Ast *t)
{
    return ast_is(t, AST_NAME) ? variable_symbol(in, t->name) : NODE_NONE;
}

static void read_list(Identity *t, const Ast *v)
{
    for (uint32_t i = 0; i < v->count; i++)
        if (ast_is(v->kids[i], AST_ROW))
            read_list(t, v->kids[i]);
        else if (t->nvars < VARIABLES_MOST)
            t->var[t->nvars++] = variable(t->in, v->kids[i]);
}

static bool read_variables(Identity *t, const Ast *call)
{
    const Ast *v = call->kids[2];
    t->order = !strcmp(t->kind, "hessian") ? 2 : 1;
    bool twice = call->count == 4; /* diff(e, x, 2), diff(e, x, y) */
    t->nvars = 0;
    if (twice)
        t->order = 2;
    if (ast_is(v, AST_ARRAY))
        read_list(t, v);
    else
        t->var[t->nvars++] = variable(t->in, v);
    if (twice && ast_is(call->kids[3], AST_NAME))
        t->var[t->nvars++] = variable(t->in, call->kids[3]);
    for (int i = 0; i < t->nvars; i++)
        if (t->var[i] == NODE_NONE)
            return false;
    return true;
}

static const char *check_identity(Identity *t, const Ast *call,
                                  const char *line, char *why)
{
    const char *text = comment(t->arena, line, "# expect:");
    const char *book = comment(t->arena, line, "# textbook:");
    if (!read_variables(t, call))
        return "variables that are no names";
    const Ast *printed = parse_expression("expect", text, t->arena);
    if (book) {
        int n = tree_size(printed);
        int most = tree_size(parse_expression("textbook", book, t->arena));
        if (n > most) {
            snprintf(why, 200, "%d nodes, the textbook's form %d", n, most);
            return why;
        }
    }
    t->e = node_of_value(t->in, eval(t->in, call->kids[1]));
    t->printed = node_of_value(t->in, eval(t->in, printed));
    for (int i = 0; i < t->nvars; i++)
        collect(t, t->var[i]);
    collect(t, t->e);
    collect(t, t->printed);
    return witness(t, why);
}

static const char *kind_of(const Ast *t)
{
    static const char *const kinds[] = {"grad", "jacobian", "hessian", "diff"};
    if (!ast_is(t, AST_CALL) || t->count < 3 || !ast_is(t->kids[0], AST_NAME))
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i], t->kids[0]->name))
            return kinds[i];
    return NULL;
}

static const char *guard_identity(Identity *t, const Ast *call,
                                  const char *line, char *why)
{
    Protect p;
    if (PROTECT(&p)) {
        const char *answer = check_identity(t, call, line, why);
        protect_end(&p);
        return answer;
    }
    return context_error()->message;
}

static void try_identity(Interp *in, const Ast *call, const char *line)
{
    char why[256] = "";
    Arena *a = arena_local();
    Identity *t = ARENA_NEW(a, Identity);
    *t = (Identity){.in = in, .arena = a, .kind = kind_of(call)};
    t->rng = rng_new(17, 0);
    const char *answer = guard_identity(t, call, line, why);
    identities++;
    failures += *answer != '\0';
    if (*answer)
        printf("not ok %s: %s\n", line, answer);
    else
        printf("ok %s\n", line);
    arena_free(a);
}

static void run_file(const char *path)
{
    Interp *in = interp_new();
    Arena *a = arena_local();
    size_t len;
    char *text = file_read(a, path, &len);
    uint32_t source = source_add(path, text, len, false);
    Code *code = in->code = code_new();
    code->tree = parse_source_or_raise(source, code->arena);
    in->out = fopen("/dev/null", "w");
    for (uint32_t i = 0; i < code->tree->count; i++) {
        const Ast *t = code->tree->kids[i];
        const Ast *e = ast_is(t, AST_SHOW) && t->count == 1 ? t->kids[0] : t;
        const char *line = text + t->at.from;
        line = arena_copy(a, line, strcspn(line, "\n"));
        if (kind_of(e) && strstr(line, "# expect:"))
            try_identity(in, e, line);
        else if (!strstr(line, "# error:"))
            exec(in, t);
    }
    fclose(in->out);
    in->out = stdout;
    code_drop(in->code);
    in->code = NULL;
    arena_free(a);
    interp_free(in);
}

int main(void)
{
    static const char folder[] = "tests/identities";
    DIR *d = opendir(folder);
    char path[512];
    if (!d)
        return 1;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (!strstr(e->d_name, ".mlc"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        run_file(path);
    }
    closedir(d);
    if (identities < LEAST) {
        printf("not ok %d identities are fewer than %d\n", identities, LEAST);
        failures++;
    }
    return failures != 0;
}
