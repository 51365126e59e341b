/*
 * direct.c - values of functions by their programs
 */
#include "eval/direct.h"

#include <math.h>
#include <string.h>

#include "compile/program.h"
#include "eval/apply.h"
#include "eval/derive.h"
#include "eval/rule.h"
#include "eval/symbol.h"
#include "graph/walk.h"
#include "value/shape.h"

enum { MOST_ARGS = 16, MOST_DIRECT = 16, MOST_CALLEES = 32 };

enum { MOST_RESULTS = 8 };

/* One for each combination of shapes; whole numbers, which may count, are
 * told from others. */
typedef struct Direct {
    struct Direct *next;
    int count;
    Shape shape[MOST_ARGS];
    uint32_t whole;   /* bit i: argument i is one */
    Program *program; /* NULL: the ordinary call is as good */
    int results;
    Value roots;
    Reads reads;
} Direct;

void direct_free(struct Direct *d)
{
    for (struct Direct *next; d; d = next) {
        next = d->next;
        program_free(d->program);
        VEC_FREE(&d->reads);
        value_drop(d->roots);
        mem_free(d);
    }
}

/* ---- which functions ---- */

typedef struct Scan {
    Interp *in;
    Arena *arena;
    const Closure *seen[MOST_CALLEES];
    int count;
    bool cancels; /* it mentions what may lose digits */
    bool loops, choices;
    bool gathers; /* array(i = ...) stands in it */
    const Function *derived[MOST_CALLEES];
    int nderived;
} Scan;

static bool is_among(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(name, *list))
            return true;
    return false;
}

static bool is_param(const Ast *def, Name name)
{
    for (uint32_t i = 0; i < def->ndecls; i++)
        if (def->decls[i].name == name)
            return true;
    return false;
}

static bool scan_closure(Scan *s, const Closure *c);

static bool scan_builtin(Scan *s, const Builtin *b)
{
    static const char *const cancelling[] = {
        "exp", "log", "sqrt",      "sigmoid", "softmax", "tanh",
        "cos", "erf", "logsumexp", "det",     NULL};
    static const char *const whole[] = {"floor",  "ceil",   "round",
                                        "argmax", "argmin", NULL};
    static const char *const pure[] = {
        "sum", "mean", "norm2", "norm1", "dot", "size", "zeros", "ones", "min",
        "max", "prod", "I",     "sd",    "var", "sqrt", "array", NULL};
    s->gathers = s->gathers || !strcmp(b->name, "array");
    s->cancels = s->cancels || is_among(b->name, cancelling);
    return is_among(b->name, pure) ||
           (!b->fn && b->op >= 0 && !is_among(b->name, whole));
}

static bool scan_callee(Scan *s, const Closure *c, const Ast *callee)
{
    if (callee->kind != AST_NAME || is_param(c->def, callee->name))
        return false;
    Cell *cell = scope_find(c->scope, callee->name);
    Object *b = cell ? NULL : table_get(&s->in->builtins, callee->name);
    if (!cell && !b)
        cell = lookup_cell(s->in, callee->name);
    if (!cell && !b)
        return false;
    Value f = cell ? cell->value : value_object(b);
    if (f.kind != VAL_FUNCTION)
        return false;
    if (f.function->class == &class_builtin)
        return scan_builtin(s, f.function->data);
    if (f.function->class == &class_derived && s->nderived < MOST_CALLEES) {
        s->derived[s->nderived++] = f.function;
        f = derived_base(f.function);
    }
    return f.kind == VAL_FUNCTION && f.function->class == &class_closure &&
           scan_closure(s, f.function->data);
}

static bool scan_one(Scan *s, const Closure *c, const Ast *t)
{
    s->loops = s->loops || t->kind == AST_FOR;
    s->choices = s->choices || t->kind == AST_IF || t->kind == AST_CHOICE;
    switch (t->kind) {
    case AST_CALL:
        return scan_callee(s, c, t->kids[0]);
    case AST_PRIME:
        return t->op % 2 == 1;
    case AST_NUMBER:
    case AST_BOOL:
    case AST_NAME:
    case AST_END:
    case AST_COLON:
    case AST_UNARY:
    case AST_BINARY:
    case AST_COMPARE:
    case AST_RANGE:
    case AST_NAMED:
    case AST_INDEX:
    case AST_ARRAY:
    case AST_ROW:
    case AST_CHOICE:
    case AST_BLOCK:
    case AST_ASSIGN:
    case AST_SHOW:
    case AST_IF:
    case AST_FOR:
    case AST_RETURN:
        return true;
    default:
        return false;
    }
}

/* Is its body free of effects, recursion and `while`? */
static bool scan_closure(Scan *s, const Closure *c)
{
    if (c->ncaptured > 0 || c->passing || s->count == MOST_CALLEES)
        return false;
    for (int i = 0; i < s->count; i++)
        if (s->seen[i] == c)
            return false;
    depth_check();
    s->seen[s->count++] = c;
    bool good = true;
    AstWalk w = ast_walk(s->arena, c->def->kids[0]);
    for (const Ast *t; good && (t = ast_walk_next(&w)) != NULL;)
        good = scan_one(s, c, t);
    s->count--;
    return good;
}

static CallWay way_of(Interp *in, const Closure *c)
{
    for (uint32_t i = 0; i < c->def->ndecls; i++)
        if (c->def->decls[i].option || c->def->decls[i].value)
            return CALL_PLAIN;
    if (c->def->ndecls == 0 || c->def->ndecls > MOST_ARGS)
        return CALL_PLAIN;
    Scan s = {.in = in, .arena = arena_local()};
    bool good = scan_closure(&s, c);
    arena_free(s.arena);
    if (good && s.cancels && !(s.loops && s.choices))
        return CALL_DIRECT;
    return good && s.gathers && !s.loops && !s.choices ? CALL_BATCH
                                                       : CALL_PLAIN;
}

/* A derivative that is refused where its function is: a program for it would
 * forget that. */
static bool calls_guarded(Interp *in, const Closure *c)
{
    Scan s = {.in = in, .arena = arena_local()};
    bool guarded = !scan_closure(&s, c);
    arena_free(s.arena);
    for (int i = 0; i < s.nderived; i++)
        guarded = guarded || derived_is_guarded(s.derived[i]);
    return guarded;
}

/* ---- programs ---- */

/*
 * Programs know numbers only.  A truth may hide in the arms of a choice, in
 * what a loop carries, or among the entries of an array.
 */
static bool may_be_truth(Interp *in, Node n)
{
    Graph *g = in->graph;
    Arena *a = arena_local();
    NodeMap seen = node_map_in(a);
    VEC(Node) stack = {0};
    uint32_t once;
    bool some = false;
    VEC_PUSH_IN(a, &stack, n);
    while (stack.count > 0 && !some) {
        Node k = stack.at[--stack.count];
        OpId op = node_op(g, k);
        some = node_is_truth(g, k);
        if ((op != OP_IF && op != OP_PROJ && op != OP_LAMBDA && op != OP_LOOP &&
             op != OP_HIST && op != OP_STACK && op != OP_JOIN &&
             op != OP_TRANS && op != OP_INDEX) ||
            node_map_get(&seen, k, &once))
            continue;
        node_map_set(&seen, k, 1);
        const Node *args = node_args_copy(g, k, a);
        for (int i = op == OP_IF; i < node_count(g, k); i++)
            VEC_PUSH_IN(a, &stack, args[i]);
    }
    arena_free(a);
    return some;
}

/* The formulas that a function gives, several of `return a, b`; or 0. */
static int results(Interp *in, Value y, Node out[MOST_RESULTS])
{
    size_t count = y.kind == VAL_SEVERAL ? y.list->count : 1;
    const Value *at = y.kind == VAL_SEVERAL ? y.list->at : &y;
    if (count > MOST_RESULTS)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i].kind != VAL_EXPR || may_be_truth(in, at[i].expr->node))
            return 0;
        out[i] = expand_named(in, at[i].expr->node);
    }
    return (int)count;
}

static void make_program(Interp *in, Function *f, Direct *d)
{
    Closure *c = f->data;
    Node param[MOST_ARGS];
    Value v[MOST_ARGS];
    Value roots = list_new((size_t)d->count + 1);
    value_store(&d->roots, roots);
    for (int i = 0; i < d->count; i++) {
        param[i] = node_symbol(in->graph, c->def->decls[i].name, d->shape[i],
                               d->whole >> i & 1 ? SYM_INTEGER : 0);
        v[i] = value_expr(param[i]);
        list_push(roots, v[i]);
    }
    Value y = call_values(in, value_object(f), d->count, v);
    Node out[MOST_RESULTS];
    list_push(roots, y);
    int count = results(in, y, out);
    if (count == 0 || calls_guarded(in, c))
        return;
    ProgramSpec spec = {.nin = d->count,
                        .in = param,
                        .in_shape = d->shape,
                        .nout = count,
                        .out = out,
                        .data_dim = NODE_NONE,
                        .precision = PRECISION_F64};
    d->results = count;
    d->program = program_new(in->graph, &spec);
    if (!program_is_stable(d->program) && !program_is_batch(d->program)) {
        program_free(d->program);
        d->program = NULL;
    }
}

/* What goes wrong here belongs to the ordinary call. */
static void try_program(Interp *in, Function *f, Direct *d)
{
    Checkpoint at = interp_checkpoint(in);
    Protect p;
    Reads *outer = in->reads;
    in->reads = &d->reads;
    interp_hold(in, 1);
    if (PROTECT(&p)) {
        make_program(in, f, d);
        protect_end(&p);
        interp_hold(in, -1);
    } else {
        ErrorCode code = context_error()->code;
        if (code == ERR_INTERRUPT || code == ERR_MEMORY)
            error_again();
        interp_restore(in, &at);
    }
    in->reads = outer;
}

static bool reads_current(const Direct *d)
{
    for (size_t i = 0; i < d->reads.count; i++)
        if (d->reads.at[i].cell->version != d->reads.at[i].version)
            return false;
    return true;
}

static uint32_t whole_args(const Args *a)
{
    uint32_t bits = 0;
    for (int i = 0; i < a->count; i++)
        bits |= (uint32_t)(a->at[i].kind == VAL_INT) << i;
    return bits;
}

static Direct *find_direct(Interp *in, Function *f, const Args *a,
                           const Shape shape[])
{
    Closure *c = f->data;
    size_t size = (size_t)a->count * sizeof *shape;
    uint32_t whole = whole_args(a);
    int count = 0;
    for (Direct **p = &c->direct; *p; count++) {
        Direct *d = *p;
        if (count == MOST_DIRECT || !reads_current(d)) {
            *p = d->next;
            d->next = NULL;
            direct_free(d);
            continue;
        }
        if (d->whole == whole && !memcmp(d->shape, shape, size))
            return d;
        p = &d->next;
    }
    if (way_of(in, c) == CALL_PLAIN) { /* it calls what has changed since */
        c->way = CALL_PLAIN;
        return NULL;
    }
    Direct *d = mem_zero(1, sizeof *d);
    d->count = a->count;
    d->whole = whole;
    memcpy(d->shape, shape, size);
    d->next = c->direct;
    c->direct = d;
    try_program(in, f, d);
    return d;
}

/* All results of a program; false: one is not finite. */
static bool run_results(Program *p, const double *const data[], int count,
                        Value y[])
{
    double number[MOST_RESULTS], *out[MOST_RESULTS] = {NULL};
    for (int i = 0; i < count; i++) {
        Shape s = program_out_shape(p, i);
        y[i] =
            shape_is_scalar(s) ? VALUE_NONE : array_new_unset(s.rows, s.cols);
        out[i] = y[i].kind == VAL_NONE ? &number[i] : y[i].array->f;
    }
    bool finite = program_run_finite(p, data, out);
    for (int i = 0; i < count; i++)
        y[i] = y[i].kind == VAL_NONE ? value_float(number[i])
                                     : array_value(y[i]);
    return finite;
}

static bool run_program(Program *p, const double *const data[], Value *y)
{
    return run_results(p, data, 1, y);
}

static bool run_several(Program *p, const double *const data[], int count,
                        Value *y)
{
    Value each[MOST_RESULTS];
    if (!run_results(p, data, count, each))
        return false;
    *y = list_new((size_t)count);
    for (int i = 0; i < count; i++)
        list_push(*y, each[i]);
    y->object->kind = VAL_SEVERAL;
    y->kind = VAL_SEVERAL;
    return true;
}

/* Floats among the arguments: exact ones alone keep an exact value. */
static bool read_args(const Args *a, Shape shape[], double number[],
                      const double *data[])
{
    bool some = false;
    for (int i = 0; i < a->count; i++) {
        Value v = a->at[i];
        shape[i] = SHAPE_SCALAR;
        if (v.kind == VAL_ARRAY) {
            some = some || v.array->kind == ELEM_FLOAT;
            if (v.array->kind != ELEM_FLOAT && v.array->kind != ELEM_EXACT)
                return false;
            shape[i] = value_shape(v);
            data[i] = array_to_float(v)->f;
        } else if (value_is_number(v)) {
            some = some || v.kind == VAL_FLOAT;
            number[i] = value_to_double(v);
            data[i] = &number[i];
            if (v.kind != VAL_FLOAT && !isfinite(number[i]))
                return false;
        } else {
            return false;
        }
    }
    return some;
}

/* Several results may be exact where some arguments are. */
static bool all_floats(const Args *a)
{
    for (int i = 0; i < a->count; i++)
        if (a->at[i].kind != VAL_FLOAT &&
            (a->at[i].kind != VAL_ARRAY || a->at[i].array->kind != ELEM_FLOAT))
            return false;
    return true;
}

/* The turns of `array` are mostly rows of data. */
static bool some_large(const Args *a)
{
    enum { LARGE = 64 };
    for (int i = 0; i < a->count; i++)
        if (a->at[i].kind == VAL_ARRAY && array_count(a->at[i].array) >= LARGE)
            return true;
    return false;
}

bool direct_call(Interp *in, Function *f, const Args *a, Value *y)
{
    Closure *c = f->data;
    Shape shape[MOST_ARGS];
    double number[MOST_ARGS];
    const double *data[MOST_ARGS];
    if (c->way == CALL_UNKNOWN)
        c->way = way_of(in, c);
    if (c->way == CALL_PLAIN || (c->way == CALL_BATCH && !some_large(a)) ||
        a->nnamed > 0 || a->count != (int)c->def->ndecls ||
        !read_args(a, shape, number, data))
        return false;
    Direct *d = find_direct(in, f, a, shape);
    if (!d)
        return false;
    for (size_t i = 0; in->reads && i < d->reads.count; i++)
        VEC_PUSH(in->reads, d->reads.at[i]);
    if (!d->program || (d->results > 1 && !all_floats(a)))
        return false;
    return d->results == 1 ? run_program(d->program, data, y)
                           : run_several(d->program, data, d->results, y);
}

/* ---- substitution ---- */

static void evaluate_at(Interp *in, Node e, int n, const Node from[],
                        const double *const data[], const Shape shape[],
                        bool always, volatile bool *good, Value *y)
{
    Node out = expand_named(in, e);
    ProgramSpec spec = {.nin = n,
                        .in = from,
                        .in_shape = shape,
                        .nout = 1,
                        .out = &out,
                        .data_dim = NODE_NONE,
                        .precision = PRECISION_F64};
    Program *p = program_new_local(in->graph, &spec);
    *good = (always || program_is_stable(p)) && run_program(p, data, y);
    program_free(p);
}

/* False: what is left to do belongs to the graph. */
static bool substitute_numbers(Interp *in, Node e, int n, const Node from[],
                               const Value to[], bool always, Value *y)
{
    Shape shape[MOST_ARGS];
    double number[MOST_ARGS];
    const double *data[MOST_ARGS];
    Args a = {.count = n, .at = to};
    if (n == 0 || n > MOST_ARGS || may_be_truth(in, e))
        return false;
    for (int i = 0; i < n; i++)
        if (!value_is_number(to[i]) && to[i].kind != VAL_ARRAY)
            return false;
    if (!read_args(&a, shape, number, data) && !always)
        return false;
    Checkpoint at = interp_checkpoint(in);
    Protect p;
    volatile bool good = false;
    if (PROTECT(&p)) {
        evaluate_at(in, e, n, from, data, shape, always, &good, y);
        protect_end(&p);
    } else {
        ErrorCode code = context_error()->code;
        if (code == ERR_INTERRUPT || code == ERR_MEMORY)
            error_again();
        interp_restore(in, &at);
    }
    return good;
}

/* A mask that is the whole formula keeps its truths. */
static bool is_decided(Interp *in, Node n, bool whole, Value *y)
{
    static const BinaryOp binary[OP_COUNT] = {
        [OP_LT] = BIN_LT, [OP_LE] = BIN_LE, [OP_EQ] = BIN_EQ, [OP_NE] = BIN_NE};
    Graph *g = in->graph;
    OpId op = node_op(g, n);
    if (op != OP_LT && op != OP_LE && op != OP_EQ && op != OP_NE)
        return false;
    Node a = node_arg(g, n, 0), b = node_arg(g, n, 1);
    if (!node_is_constant(g, a) || !node_is_constant(g, b))
        return false;
    if (!node_is_scalar(g, n) && !whole) { /* a mask of known entries */
        *y = value_of_node(in, n);
        return y->kind == VAL_ARRAY;
    }
    return node_is_scalar(g, n) &&
           compare_constants(in, binary[op], value_of_node(in, a),
                             value_of_node(in, b), y);
}

/* sin(2) > 1/2 is a condition that the digits decide. */
static Node decide_conditions(Interp *in, Node n)
{
    Graph *g = in->graph;
    Arena *a = arena_local();
    NodeMap seen = node_map_in(a);
    VEC(Node) stack = {0}, from = {0}, to = {0};
    uint32_t once;
    VEC_PUSH_IN(a, &stack, n);
    while (stack.count > 0) {
        Value y;
        Node k = stack.at[--stack.count];
        POLL();
        if (node_map_get(&seen, k, &once))
            continue;
        node_map_set(&seen, k, 1);
        if (is_decided(in, k, k == n, &y)) {
            VEC_PUSH_IN(a, &from, k);
            VEC_PUSH_IN(a, &to, node_of_value(in, y));
            continue;
        }
        const Node *args = node_args_copy(g, k, a);
        for (int i = 0; i < node_count(g, k); i++)
            VEC_PUSH_IN(a, &stack, args[i]);
    }
    if (from.count > 0)
        n = node_substitute(g, n, (int)from.count, from.at, to.at);
    arena_free(a);
    return n;
}

Value direct_substitute(Interp *in, Node e, int n, const Node from[],
                        const Value to[], Span at)
{
    Value y;
    if (substitute_numbers(in, e, n, from, to, false, &y))
        return y;
    Node *node = ARENA_ARRAY(in->scratch, Node, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        node[i] = node_of_value(in, to[i]);
    Node with = substitute_shaped(in, e, n, from, node, at);
    with = decide_conditions(in, with);
    Value exact = node_is_truth(in->graph, e) ? truth_of_node(in, with)
                                              : value_of_node(in, with);
    if (derived_is_unfinished(in, exact) &&
        substitute_numbers(in, e, n, from, to, true, &y))
        return y;
    return exact;
}
