/*
 * fast_run.c - running register code
 */
#include <math.h>

#include "eval/apply.h"
#include "eval/builtin.h"
#include "eval/fastcode.h"
#include "eval/index.h"
#include "eval/native.h"
#include "eval/trace.h"
#include "op/op.h"
#include "value/number.h"

#define HOT_CALLS 4
#define TURNS 1024 /* until the next sweep */

/* A register takes a number; what it held before is dropped. */
static inline void put(Local *r, Value v)
{
    if (value_is_object(r->value) || value_is_object(v))
        value_store(&r->value, v);
    else
        r->value = v;
}

/*
 * d = a op b for floats and small integers, as apply_binary would do it; false
 * where that has to be asked.  Kinds and numbers are read and written apart,
 * and a float stays one: a whole Value would come out of the store buffer
 * slowly.
 */
static inline bool quick_binary(FastOp op, Value *d, const Value *a,
                                const Value *b)
{
    double p, q;
    if (value_is_object(*d))
        return false;
    if (a->kind == VAL_FLOAT) {
        p = a->number;
    } else if (a->kind == VAL_INT) {
        int64_t n;
        if (b->kind == VAL_INT) {
            if (!(op == FAST_ADD   ? int_add(a->integer, b->integer, &n)
                  : op == FAST_SUB ? int_sub(a->integer, b->integer, &n)
                  : op == FAST_MUL ? int_mul(a->integer, b->integer, &n)
                                   : false))
                return false;
            d->kind = VAL_INT;
            d->integer = n;
            return true;
        }
        p = (double)a->integer;
    } else {
        return false;
    }
    if (b->kind == VAL_FLOAT)
        q = b->number;
    else if (b->kind == VAL_INT)
        q = (double)b->integer;
    else
        return false;
    double y = op == FAST_ADD   ? p + q
               : op == FAST_SUB ? p - q
               : op == FAST_MUL ? p * q
                                : p / q;
    if (y - y != 0)
        return false;
    d->kind = VAL_FLOAT;
    d->number = y;
    return true;
}

/*
 * d = d op b for a long exact number that register d alone holds: sums and
 * products grow in place.
 */
static bool grows_in_place(const FastInstr *k, Local *d, const Value *b)
{
    return d->value.kind == VAL_EXACT && d->value.object->count == 1 &&
           k->op != FAST_DIV && k->d == k->a &&
           (b->kind == VAL_INT || b->kind == VAL_EXACT) &&
           number_update(&d->value,
                         k->op == FAST_ADD   ? BIN_ADD
                         : k->op == FAST_SUB ? BIN_SUB
                                             : BIN_MUL,
                         *b);
}

static Value run_compare(Interp *in, const FastInstr *k, Value a, Value b)
{
    *context_here() = k->t->at;
    return apply_compare(in, k->extra, a, b, k->t->kids[0], k->t->kids[1]);
}

static bool quick_compare(int op, Value a, Value b, bool *y)
{
    if (a.kind == VAL_FLOAT && b.kind == VAL_FLOAT) {
        double p = a.number, q = b.number;
        *y = op == AST_LT   ? p < q
             : op == AST_LE ? p <= q
             : op == AST_GT ? p > q
             : op == AST_GE ? p >= q
             : op == AST_EQ ? p == q
                            : p != q;
        return true;
    }
    if (a.kind == VAL_INT && b.kind == VAL_INT) {
        int64_t p = a.integer, q = b.integer;
        *y = op == AST_LT   ? p < q
             : op == AST_LE ? p <= q
             : op == AST_GT ? p > q
             : op == AST_GE ? p >= q
             : op == AST_EQ ? p == q
                            : p != q;
        return true;
    }
    return false;
}

static Value run_unary(Interp *in, const FastInstr *k, const Cell *cell,
                       Value a)
{
    if (cell->defined)
        return call_function(in, cell->value,
                             &(Args){.count = 1, .at = &a, .call = k->t});
    if (k->extra == FAST_SQRT && a.kind == VAL_FLOAT && a.number >= 0)
        return value_float(sqrt(a.number));
    *context_here() = k->t->at;
    if (k->extra == FAST_SQRT)
        return builtin_sqrt(in, &(Args){.count = 1, .at = &a, .call = k->t});
    const OpInfo *op = &op_table[k->extra];
    if (a.kind == VAL_FLOAT && op->scalar1) {
        double y = op->scalar1(a.number);
        if (isfinite(y))
            return value_float(y);
    }
    return apply_op(in, (OpId)k->extra, 1, &a);
}

static Value run_mod(Interp *in, const FastInstr *k, const Cell *cell,
                     Value a, Value b)
{
    Args args = {.count = 2, .at = (Value[]){a, b}, .call = k->t};
    if (cell->defined)
        return call_function(in, cell->value, &args);
    if (a.kind == VAL_INT && b.kind == VAL_INT && b.integer != 0)
        return value_int(int_floor_mod(a.integer, b.integer));
    *context_here() = k->t->at;
    return builtin_mod(in, &args);
}

static Value run_logic(Interp *in, const FastInstr *k, Value a, Value b)
{
    if (a.kind == VAL_BOOL && b.kind == VAL_BOOL)
        return value_bool(k->t->op == AST_AND ? a.truth && b.truth
                                              : a.truth || b.truth);
    return apply_binary(in, k->t->op, a, b, k->t, k->t->kids[0],
                        k->t->kids[1]);
}

/* Position of an entry of an array, or -1: the general way decides. */
static inline int64_t entry_place(const Array *a, int n, Value i, Value j)
{
    if (i.kind != VAL_INT)
        return -1;
    int64_t count = (int64_t)a->rows * a->cols;
    if (n == 1)
        return i.integer >= 1 && i.integer <= count ? i.integer - 1 : -1;
    if (j.kind != VAL_INT || i.integer < 1 || i.integer > a->rows ||
        j.integer < 1 || j.integer > a->cols)
        return -1;
    return i.integer - 1 + (j.integer - 1) * a->rows;
}

static Value run_index(Interp *in, const FastInstr *k, Value base, Value i,
                       Value j)
{
    if (base.kind == VAL_ARRAY && base.array->kind == ELEM_FLOAT &&
        !base.array->missing) {
        int64_t p = entry_place(base.array, k->extra, i, j);
        if (p >= 0)
            return value_float(base.array->f[p]);
    }
    *context_here() = k->t->at;
    return index_value(in, base, k->extra, (Value[]){i, j});
}

static void run_assign_index(Interp *in, const FastInstr *k, Local *target,
                             Value v, Value i, Value j)
{
    Value base = target->value;
    if (target->name && base.kind == VAL_ARRAY && base.object->count == 1 &&
        base.array->kind == ELEM_FLOAT && v.kind == VAL_FLOAT &&
        !base.array->missing) {
        int64_t p = entry_place(base.array, k->extra, i, j);
        if (p >= 0) {
            base.array->f[p] = v.number;
            return;
        }
    }
    assign_target(in, k->t, AST_SET, v, k->t);
}

/*
 * Locals that the walker added for names that have a register: their values
 * move into it.
 */
static void take_up(Interp *in, const FastCode *code, size_t base)
{
    size_t end = base + (size_t)code->nregs;
    for (size_t i = end; i < in->locals.count; i++) {
        Local *l = &in->locals.at[i];
        for (int v = 0; l->name && v < code->nvars; v++)
            if (code->name[v] == l->name) {
                Local *r = &in->locals.at[base + (size_t)v];
                value_store(&r->value, l->value);
                value_store(&l->value, VALUE_NONE);
                if (l->symbol.kind != VAL_NONE)
                    value_store(&r->symbol, l->symbol);
                r->name = l->name;
                l->name = NULL;
            }
    }
}

/* Parameters that were bound move into their registers. */
static size_t lay_out(Interp *in, const FastCode *code, const Frame *frame)
{
    size_t base = in->locals.count, start = frame->start;
    for (int i = 0; i < code->nregs; i++)
        frame_add(in, NULL);
    for (size_t i = start; i < base; i++) {
        Local *l = &in->locals.at[i];
        for (int v = 0; v < code->nvars; v++)
            if (code->name[v] == l->name) {
                Local *r = &in->locals.at[base + (size_t)v];
                r->name = l->name;
                r->value = l->value;
                l->name = NULL;
                l->value = VALUE_NONE;
                break;
            }
    }
    for (int i = 0; i < code->nconsts; i++)
        in->locals.at[base + (size_t)(code->nvars + i)].value =
            code->constant[i];
    return base;
}

/* An operand that is a variable without a value yet is an unknown name. */
static Value operand(Interp *in, const FastCode *code, const Local *r,
                     uint16_t k, const Ast *t)
{
    if (k >= code->nvars || r->name)
        return r->value;
    Value v;
    if (lookup_name(in, code->name[k], &v))
        return v;
    Ast name = {.kind = AST_NAME, .name = code->name[k], .at = t->at};
    raise_unknown(in, &name);
}

static void back_edge(Interp *in, const Frame *frame, PoolMark mark)
{
    if (value_is_object(frame->result))
        pool_drain_except(mark, frame->result);
    else
        pool_drain(mark);
    graph_sweep(in->graph);
}

#define R(k) (r[k])
#define RELOAD() (r = in->locals.at + base)
/* Looking a name up may load a library file, and the locals move. */
#define OPERAND(k)                                                             \
    (__builtin_expect((k) < nvars && !R(k).name, 0)                            \
         ? (found = operand(in, code, &R(k), (k), i->t), RELOAD(), found)      \
         : R(k).value)
#define SET(k, v)                                                              \
    do {                                                                       \
        put(&R(k), (v));                                                       \
        R(k).name = name[k];                                                   \
    } while (0)
/* What is a number has a name already, if its register is a variable. */
#define ARITHMETIC(how)                                                        \
    do {                                                                       \
        Local *d = &R(i->d);                                                   \
        if (__builtin_expect(                                                  \
                quick_binary(how, &d->value, &R(i->a).value, &R(i->b).value),  \
                1)) {                                                          \
            d->name = name[i->d];                                              \
            i++;                                                               \
            goto *way[i->op];                                                  \
        } else if (!grows_in_place(i, d, &R(i->b).value)) {                    \
            Value a = OPERAND(i->a), b = OPERAND(i->b);                        \
            Value y = apply_binary(in, i->t->op, a, b, i->t, i->t->kids[0],    \
                                   i->t->kids[1]);                             \
            RELOAD();                                                          \
            SET(i->d, y);                                                      \
        }                                                                      \
    } while (0)

/* Machine code from instruction `at` on, as far as it goes. */
#define NATIVE(at, made)                                                       \
    if (often && ((made) || code->native->first)) {                            \
        int go = native_run(code, r, (int)(at), (made));                       \
        if (go >= 0) {                                                         \
            turns = first[go].op == FAST_NEXT || first[go].op == FAST_BACK     \
                        ? 1                                                    \
                        : TURNS;                                               \
            i = first + go - 1;                                                \
            break;                                                             \
        }                                                                      \
    }

Value fast_run(Interp *in, const FastCode *code, Frame *frame)
{
    size_t base = lay_out(in, code, frame);
    const uint16_t nvars = (uint16_t)code->nvars;
    Local *r = in->locals.at + base;
    const Name *name = code->name;
    PoolMark mark = pool_mark();
    const size_t *pool = pool_count();
    const size_t full = mark + 64;
    const int often = (int)code->native->patience;
    int turns = often && often < TURNS ? often : TURNS;
    bool hot = false; /* a loop has run for so many turns */
    /* Sums and products and the turns of loops find their way from one to the
       next by a jump of their own, which is predicted well (A. Ertl & D.
       Gregg, J. Instruction-Level Parallelism 5, 2003). */
    static const void *const way[FAST_OP_COUNT] = {
        [FAST_MOVE] = &&any,    [FAST_ADD] = &&add,
        [FAST_SUB] = &&sub,     [FAST_MUL] = &&mul,
        [FAST_DIV] = &&any,     [FAST_BINARY] = &&any,
        [FAST_COMPARE] = &&any, [FAST_NEGATE] = &&any,
        [FAST_NOT] = &&any,     [FAST_UNARY] = &&any,
        [FAST_MOD] = &&any,     [FAST_LOGIC] = &&any,
        [FAST_DECIDES] = &&any,
        [FAST_INDEX] = &&any,   [FAST_ASSIGN_INDEX] = &&any,
        [FAST_EVAL] = &&any,    [FAST_EXEC] = &&any,
        [FAST_JUMP] = &&any,    [FAST_UNLESS] = &&any,
        [FAST_IF] = &&any,      [FAST_CHOOSE] = &&any,
        [FAST_GIVEN] = &&any,   [FAST_FOR] = &&any,
        [FAST_NEXT] = &&next,   [FAST_BACK] = &&any,
        [FAST_RESULT] = &&any,  [FAST_RETURN] = &&any,
    };
    const FastInstr *const first = code->instr;
    for (const FastInstr *i = first;; i++) {
        Value v, found;
        Flow flow;
        bool yes;
    any:
        switch ((FastOp)i->op) {
        case FAST_MOVE:
            v = OPERAND(i->a);
            RELOAD();
            SET(i->d, v);
            break;
        case FAST_ADD:
        add:
            ARITHMETIC(FAST_ADD);
            break;
        case FAST_SUB:
        sub:
            ARITHMETIC(FAST_SUB);
            break;
        case FAST_MUL:
        mul:
            ARITHMETIC(FAST_MUL);
            break;
        case FAST_DIV:
            ARITHMETIC(FAST_DIV);
            break;
        case FAST_BINARY:
            v = OPERAND(i->a);
            {
                Value w = OPERAND(i->b);
                v = apply_binary(in, i->t->op, v, w, i->t, i->t->kids[0],
                                 i->t->kids[1]);
            }
            RELOAD();
            SET(i->d, v);
            break;
        case FAST_COMPARE: {
            Value a = OPERAND(i->a), b = OPERAND(i->b);
            v = i->extra != AST_IN && quick_compare(i->extra, a, b, &yes)
                    ? value_bool(yes)
                    : run_compare(in, i, a, b);
            RELOAD();
            SET(i->d, v);
            break;
        }
        case FAST_NEGATE:
            v = OPERAND(i->a);
            *context_here() = i->t->at;
            v = v.kind == VAL_FLOAT ? value_float(-v.number)
                                    : apply_negate(in, v);
            RELOAD();
            SET(i->d, v);
            break;
        case FAST_NOT:
            v = OPERAND(i->a);
            *context_here() = i->t->at;
            v = apply_not(in, v);
            RELOAD();
            SET(i->d, v);
            break;
        case FAST_UNARY:
            v = run_unary(in, i, code->cell[i->b], OPERAND(i->a));
            RELOAD();
            SET(i->d, v);
            break;
        case FAST_MOD:
        case FAST_LOGIC:
            v = OPERAND(i->a);
            {
                Value w = OPERAND(i->b);
                v = i->op == FAST_MOD ? run_mod(in, i, code->cell[i->c], v, w)
                                      : run_logic(in, i, v, w);
            }
            RELOAD();
            SET(i->d, v);
            break;
        case FAST_DECIDES:
            v = OPERAND(i->a);
            RELOAD();
            if (v.kind == VAL_BOOL && v.truth == (i->t->op == AST_OR)) {
                SET(i->d, v);
                i = first + i->extra - 1;
            }
            break;
        case FAST_INDEX:
            v = OPERAND(i->a);
            {
                Value row = OPERAND(i->b);
                Value col = i->extra == 2 ? OPERAND(i->c) : VALUE_NONE;
                v = run_index(in, i, v, row, col);
            }
            RELOAD();
            SET(i->d, v);
            break;
        case FAST_ASSIGN_INDEX: {
            Value e = OPERAND(i->a), row = OPERAND(i->b);
            Value col = i->extra == 2 ? OPERAND(i->c) : VALUE_NONE;
            run_assign_index(in, i, &R(i->d), e, row, col);
            RELOAD();
            if (!R(i->d).name)
                take_up(in, code, base);
            break;
        }
        case FAST_EVAL:
            v = eval(in, i->t);
            RELOAD();
            SET(i->d, v);
            break;
        case FAST_EXEC:
            *context_here() = i->t->at;
            flow = exec(in, i->t);
            if (flow == FLOW_RETURN)
                return frame->result;
            take_up(in, code, base);
            RELOAD();
            if (i->extra) /* the jumps of break, of continue, or on */
                i += flow == FLOW_BREAK ? 0 : flow == FLOW_CONTINUE ? 1 : 2;
            break;
        case FAST_JUMP:
            i = first + i->extra - 1;
            break;
        case FAST_UNLESS:
            v = OPERAND(i->a);
            yes = v.kind == VAL_BOOL ? v.truth : truth(in, v, i->t);
            RELOAD();
            if (!yes)
                i = first + i->extra - 1;
            break;
        case FAST_IF:
            v = OPERAND(i->a);
            if (v.kind == VAL_EXPR && ends_with_error(i->t->kids[i->b + 1])) {
                yes = false;
            } else if (v.kind == VAL_EXPR) {
                flow = trace_if(in, i->t, i->b, v);
                if (flow == FLOW_RETURN)
                    return frame->result;
                take_up(in, code, base);
                RELOAD();
                i = first + i->extra - 2;
                break;
            } else {
                yes = v.kind == VAL_BOOL ? v.truth
                                         : truth(in, v, i->t->kids[i->b]);
            }
            RELOAD();
            if (!yes)
                i = first + i->extra - 1;
            break;
        case FAST_CHOOSE:
            v = OPERAND(i->a);
            if (v.kind == VAL_ARRAY || v.kind == VAL_EXPR) {
                v = choose_entries(in, v, i->t);
                RELOAD();
                SET(i->d, v);
                i = first + i->extra - 1;
            }
            break;
        case FAST_GIVEN:
            if (R(i->a).value.kind == VAL_NONE)
                check_given(in, R(i->a).value, i->t);
            RELOAD();
            break;
        case FAST_FOR:
            if (R(i->a).value.kind != VAL_INT ||
                R(i->b).value.kind != VAL_INT) {
                if (exec_range(in, i->t, R(i->a).value, value_int(1),
                               R(i->b).value) == FLOW_RETURN)
                    return frame->result;
                take_up(in, code, base);
                RELOAD();
                i = first + i->extra - 1;
            } else if (R(i->a).value.integer > R(i->b).value.integer) {
                i = first + i->extra - 1;
            } else {
                SET(i->d, R(i->a).value);
                NATIVE(i + 1 - first, often == 1);
            }
            break;
        case FAST_NEXT:
        next : {
            int64_t last = R(i->b).value.integer;
            int64_t at = R(i->a).value.integer;
            if (--turns == 0 || interrupt_flag || *pool > full) {
                POLL();
                hot = hot || (often && turns <= 0);
                turns = TURNS;
                back_edge(in, frame, mark);
                RELOAD();
                if (hot && at < last) {
                    R(i->a).value.integer = ++at;
                    SET(i->d, value_int(at));
                    NATIVE(i->extra, true);
                    i = first + i->extra - 1;
                    break;
                }
            }
            if (at >= last)
                break;
            R(i->a).value.integer = ++at;
            SET(i->d, value_int(at));
            i = first + i->extra;
            goto *way[i->op];
        }
        case FAST_BACK:
            if (--turns == 0 || interrupt_flag || *pool > full) {
                POLL();
                turns = TURNS;
                back_edge(in, frame, mark);
                RELOAD();
                hot = hot || often;
                if (hot)
                    NATIVE(i->extra, true);
            }
            i = first + i->extra - 1;
            break;
        case FAST_RESULT:
            frame_show(in, OPERAND(i->a));
            RELOAD();
            break;
        default:
            return frame->result;
        }
    }
}

/* A body with a loop is worth the translation at once, others when hot. */
static bool holds_loop(const Ast *def)
{
    Arena *a = arena_local();
    AstWalk w = ast_walk(a, def->kids[0]);
    bool found = false;
    for (const Ast *t; !found && (t = ast_walk_next(&w)) != NULL;)
        found = t->kind == AST_FOR || t->kind == AST_WHILE;
    arena_free(a);
    return found;
}

const FastCode *fast_code(Interp *in, Closure *c)
{
    if (c->fast || c->calls == UINT32_MAX)
        return c->fast;
    if (++c->calls == 1 ? !holds_loop(c->def) : c->calls != HOT_CALLS)
        return NULL;
    c->fast = fast_compile(in, c->def);
    if (!c->fast)
        c->calls = UINT32_MAX;
    return c->fast;
}
