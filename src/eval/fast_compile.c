/*
 * fast_compile.c - from the syntax tree of a closure to register code
 */
#include <string.h>

#include "eval/fastcode.h"
#include "eval/interp.h"
#include "eval/native.h"

#define MOST_REGISTERS 4000

typedef struct Loop {
    struct Loop *outer;
    VEC(int) breaks, continues; /* instructions to be patched */
} Loop;

typedef struct Maker {
    Interp *in;
    Arena *arena;
    VEC(Name) var;
    VEC(Value) constant;        /* numbers and booleans only */
    VEC(Cell *) cell;           /* of the operators' names */
    VEC(FastInstr) code;
    Loop *loop;
    int temps, most_temps;      /* in use, at the most */
    bool failed;                /* too large */
} Maker;

/* Constants and temporaries are numbered from here until the end, when it is
 * known how many variables there are. */
enum { CONST_BASE = 20000, TEMP_BASE = 40000 };

static int emit(Maker *m, FastOp op, int d, int a, int b, const Ast *t)
{
    FastInstr i = {.op = (uint8_t)op, .d = (uint16_t)d, .a = (uint16_t)a,
                   .b = (uint16_t)b, .t = t};
    VEC_PUSH_IN(m->arena, &m->code, i);
    return (int)m->code.count - 1;
}

static bool has_name(const Name *at, size_t n, Name name)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] == name)
            return true;
    return false;
}

static int var_register(Maker *m, Name name)
{
    for (size_t i = 0; i < m->var.count; i++)
        if (m->var.at[i] == name)
            return (int)i;
    return -1;
}

static int new_temp(Maker *m)
{
    int t = m->temps++;
    if (m->temps > m->most_temps)
        m->most_temps = m->temps;
    m->failed = m->failed || m->most_temps > MOST_REGISTERS;
    return TEMP_BASE + t;
}

static int constant_register(Maker *m, Value v)
{
    for (size_t i = 0; i < m->constant.count; i++) {
        Value c = m->constant.at[i];
        if (c.kind == v.kind && c.integer == v.integer)
            return CONST_BASE + (int)i;
    }
    VEC_PUSH_IN(m->arena, &m->constant, v);
    m->failed = m->failed || m->constant.count > MOST_REGISTERS;
    return CONST_BASE + (int)m->constant.count - 1;
}

/* ---- which names get registers ---- */

static void add_var(Maker *m, Name name)
{
    if (!has_name(m->var.at, m->var.count, name))
        VEC_PUSH_IN(m->arena, &m->var, name);
}

static bool is_plain_index(const Ast *t)
{
    if (t->kind != AST_INDEX || t->kids[0]->kind != AST_NAME || t->count > 3)
        return false;
    for (uint32_t i = 1; i < t->count; i++)
        if (t->kids[i]->kind == AST_RANGE || t->kids[i]->kind == AST_COLON)
            return false;
    return true;
}

static bool mentions_end(const Ast *t, Arena *a)
{
    AstWalk w = ast_walk(a, t);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;)
        if (k->kind == AST_END)
            return true;
    return false;
}

static bool is_fast_target(Maker *m, const Ast *t)
{
    return t->kind == AST_NAME ||
           (is_plain_index(t) && !mentions_end(t, m->arena));
}

static bool is_counted_loop(const Ast *t)
{
    return t->kids[0]->kind == AST_RANGE && t->kids[0]->count == 2;
}

/* Names that are assigned.  Where the walker does it, it adds locals, and the
 * runner takes them up. */
static void survey(Maker *m, const Ast *t)
{
    depth_check();
    switch (t->kind) {
    case AST_BLOCK:
        for (uint32_t i = 0; i < t->count; i++)
            survey(m, t->kids[i]);
        break;
    case AST_ASSIGN:
        if (t->kids[0]->kind == AST_NAME)
            add_var(m, t->kids[0]->name);
        break;
    case AST_UNPACK:
        for (uint32_t i = 0; i + 1 < t->count; i++)
            if (t->kids[i]->kind == AST_NAME)
                add_var(m, t->kids[i]->name);
        break;
    case AST_FUNCTION:
        add_var(m, t->name);
        break;
    case AST_TRY:
        survey(m, t->kids[0]);
        survey(m, t->kids[1]);
        break;
    case AST_IF:
        for (uint32_t i = 0; i < t->count; i++)
            if (t->kids[i]->kind == AST_BLOCK)
                survey(m, t->kids[i]);
        break;
    case AST_WHILE:
        survey(m, t->kids[1]);
        break;
    case AST_FOR:
        add_var(m, t->name);
        survey(m, t->kids[1]);
        break;
    default:
        break;
    }
}

/* ---- expressions ---- */

static int compile_value(Maker *m, const Ast *t);

static int by_walker(Maker *m, const Ast *t)
{
    int d = new_temp(m);
    emit(m, FAST_EVAL, d, 0, 0, t);
    return d;
}

static int compile_number(Maker *m, const Ast *t)
{
    if (!(t->flags & AST_EXACT))
        return constant_register(m, value_float(t->number));
    size_t len = strlen(t->text);
    if (len > 18 || (t->text[1] | 0x20) == 'x')
        return by_walker(m, t);
    int64_t i = 0;
    for (size_t k = 0; k < len; k++)
        i = 10 * i + (t->text[k] - '0');
    return constant_register(m, value_int(i));
}

/* The second operand is not looked at where the first one decides. */
static int compile_logic(Maker *m, const Ast *t)
{
    int a = compile_value(m, t->kids[0]), d = new_temp(m);
    int decides = emit(m, FAST_DECIDES, d, a, 0, t);
    emit(m, FAST_LOGIC, d, a, compile_value(m, t->kids[1]), t);
    m->code.at[decides].extra = (int)m->code.count;
    return d;
}

static int compile_binary(Maker *m, const Ast *t)
{
    bool to_t = t->op == AST_POW && ast_is_name(t->kids[1], name_of("T"));
    /* The walker multiplies A'*b without writing A' out. */
    bool turned = t->op == AST_MUL && t->kids[0]->kind == AST_PRIME;
    if (to_t || turned)
        return by_walker(m, t);
    if (t->op == AST_AND || t->op == AST_OR)
        return compile_logic(m, t);
    int a = compile_value(m, t->kids[0]), b = compile_value(m, t->kids[1]);
    FastOp op = t->op == AST_ADD   ? FAST_ADD
                : t->op == AST_SUB ? FAST_SUB
                : t->op == AST_MUL ? FAST_MUL
                : t->op == AST_DIV ? FAST_DIV
                                   : FAST_BINARY;
    int d = new_temp(m);
    emit(m, op, d, a, b, t);
    return d;
}

static int compile_compare(Maker *m, const Ast *t)
{
    if (t->count != 2)
        return by_walker(m, t);
    int a = compile_value(m, t->kids[0]), b = compile_value(m, t->kids[1]);
    int d = new_temp(m);
    int k = emit(m, FAST_COMPARE, d, a, b, t);
    m->code.at[k].extra = t->ops[0];
    return d;
}

/* The builtin function of a call with plain arguments, or NULL. */
static const Builtin *called_builtin(Maker *m, const Ast *t)
{
    const Ast *f = t->kids[0];
    Value v = VALUE_NONE;
    for (uint32_t i = 1; i < t->count; i++)
        if (t->kids[i]->kind == AST_NAMED)
            return NULL;
    if (f->kind != AST_NAME || var_register(m, f->name) >= 0 ||
        !lookup_name(m->in, f->name, &v) || v.kind != VAL_FUNCTION ||
        v.function->class != &class_builtin)
        return NULL;
    return v.function->data;
}

static int add_cell(Maker *m, const Ast *t)
{
    Cell *cell = scope_cell(m->in->frame->scope, t->kids[0]->name);
    VEC_PUSH_IN(m->arena, &m->cell, cell);
    m->failed = m->failed || m->cell.count > MOST_REGISTERS;
    return (int)m->cell.count - 1;
}

/* sqrt(x) and its kin, mod(a, b), if the name is not one of the function's
 * own. */
static int compile_call(Maker *m, const Ast *t)
{
    const Builtin *f = called_builtin(m, t);
    bool mod = f && t->count == 3 && !strcmp(f->name, "mod");
    bool root = f && t->count == 2 && !strcmp(f->name, "sqrt");
    bool one =
        f && t->count == 2 && f->op >= 0 && op_table[f->op].nargs == 1;
    if (!mod && !root && !one)
        return by_walker(m, t);
    int a = compile_value(m, t->kids[1]);
    int b = mod ? compile_value(m, t->kids[2]) : add_cell(m, t);
    int d = new_temp(m), k = emit(m, mod ? FAST_MOD : FAST_UNARY, d, a, b, t);
    m->code.at[k].extra = root ? FAST_SQRT : f->op;
    if (mod)
        m->code.at[k].c = (uint16_t)add_cell(m, t);
    return d;
}

static int compile_index(Maker *m, const Ast *t)
{
    if (!is_plain_index(t) || mentions_end(t, m->arena) ||
        var_register(m, t->kids[0]->name) < 0)
        return by_walker(m, t);
    int a = var_register(m, t->kids[0]->name);
    int b = compile_value(m, t->kids[1]);
    int c = t->count == 3 ? compile_value(m, t->kids[2]) : 0;
    int d = new_temp(m), k = emit(m, FAST_INDEX, d, a, b, t);
    m->code.at[k].c = (uint16_t)c;
    m->code.at[k].extra = (int)t->count - 1;
    return d;
}

static int compile_choice(Maker *m, const Ast *t)
{
    int c = compile_value(m, t->kids[0]), d = new_temp(m);
    int choose = emit(m, FAST_CHOOSE, d, c, 0, t);
    int unless = emit(m, FAST_UNLESS, 0, c, 0, t->kids[0]);
    emit(m, FAST_MOVE, d, compile_value(m, t->kids[1]), 0, t);
    int jump = emit(m, FAST_JUMP, 0, 0, 0, t);
    m->code.at[unless].extra = (int)m->code.count;
    emit(m, FAST_MOVE, d, compile_value(m, t->kids[2]), 0, t);
    m->code.at[jump].extra = (int)m->code.count;
    m->code.at[choose].extra = (int)m->code.count;
    return d;
}

static int compile_value(Maker *m, const Ast *t)
{
    int a, d;
    depth_check();
    switch (t->kind) {
    case AST_NUMBER:
        return compile_number(m, t);
    case AST_BOOL:
        return constant_register(m, value_bool(t->op));
    case AST_NAME:
        a = var_register(m, t->name);
        return a >= 0 ? a : by_walker(m, t);
    case AST_BINARY:
        return compile_binary(m, t);
    case AST_COMPARE:
        return compile_compare(m, t);
    case AST_UNARY:
        if (t->op == AST_POS)
            return by_walker(m, t);
        a = compile_value(m, t->kids[0]);
        d = new_temp(m);
        emit(m, t->op == AST_NEG ? FAST_NEGATE : FAST_NOT, d, a, 0, t);
        return d;
    case AST_CALL:
        return compile_call(m, t);
    case AST_INDEX:
        return compile_index(m, t);
    case AST_CHOICE:
        return compile_choice(m, t);
    default:
        return by_walker(m, t);
    }
}

/* ---- statements ---- */

static void compile_block(Maker *m, const Ast *t);

static bool may_leave_loop(const Maker *m, const Ast *t)
{
    bool leaves = false;
    AstWalk w = ast_walk(m->arena, t);
    for (const Ast *a; m->loop && (a = ast_walk_next(&w)) != NULL;)
        leaves = leaves || a->kind == AST_BREAK || a->kind == AST_CONTINUE;
    return leaves;
}

/* A statement for the walker; in a loop it may break or continue it. */
static void by_walker_statement(Maker *m, const Ast *t)
{
    int k = emit(m, FAST_EXEC, 0, 0, 0, t);
    if (!may_leave_loop(m, t))
        return;
    m->code.at[k].extra = 1;
    int out = emit(m, FAST_JUMP, 0, 0, 0, t);
    VEC_PUSH_IN(m->arena, &m->loop->breaks, out);
    int next = emit(m, FAST_JUMP, 0, 0, 0, t);
    VEC_PUSH_IN(m->arena, &m->loop->continues, next);
}

/* The instruction that made temporary r last may write to d at once. */
static void move_to(Maker *m, int d, int r, const Ast *t)
{
    FastInstr *last = m->code.count ? &m->code.at[m->code.count - 1] : NULL;
    if (r >= TEMP_BASE && last && last->d == r && last->op <= FAST_INDEX &&
        last->op != FAST_MOVE)
        last->d = (uint16_t)d;
    else
        emit(m, FAST_MOVE, d, r, 0, t);
}

static const FastOp op_of_assign[AST_OP_COUNT] = {
    [AST_ADD] = FAST_ADD, [AST_SUB] = FAST_SUB, [AST_MUL] = FAST_MUL,
    [AST_DIV] = FAST_DIV};

static void compile_assign(Maker *m, const Ast *t)
{
    const Ast *target = t->kids[0];
    int d = target->kind == AST_NAME ? var_register(m, target->name)
            : is_plain_index(target) ? var_register(m, target->kids[0]->name)
                                     : -1;
    if (d < 0 || !is_fast_target(m, target) ||
        (target->kind != AST_NAME && t->op != AST_SET)) {
        by_walker_statement(m, t);
        return;
    }
    int a = compile_value(m, t->kids[1]);
    if (t->kids[1]->kind == AST_CALL)
        emit(m, FAST_GIVEN, 0, a, 0, t->kids[1]);
    if (target->kind == AST_NAME && t->op == AST_SET) {
        move_to(m, d, a, t);
        return;
    }
    if (target->kind == AST_NAME) {
        emit(m, op_of_assign[t->op], d, d, a, t);
        return;
    }
    int b = compile_value(m, target->kids[1]);
    int c = target->count == 3 ? compile_value(m, target->kids[2]) : 0;
    int k = emit(m, FAST_ASSIGN_INDEX, d, a, b, target);
    m->code.at[k].c = (uint16_t)c;
    m->code.at[k].extra = (int)target->count - 1;
}

static void patch(Maker *m, const int *at, size_t n, int to)
{
    for (size_t i = 0; i < n; i++)
        m->code.at[at[i]].extra = to;
}

static void compile_for(Maker *m, const Ast *t)
{
    int var = var_register(m, t->name);
    if (!is_counted_loop(t) || var < 0) {
        by_walker_statement(m, t);
        return;
    }
    int held = m->temps;
    int counter = new_temp(m), last = new_temp(m);
    int from = compile_value(m, t->kids[0]->kids[0]);
    emit(m, FAST_MOVE, counter, from, 0, t->kids[0]);
    emit(m, FAST_MOVE, last, compile_value(m, t->kids[0]->kids[1]), 0, t);
    Loop loop = {.outer = m->loop};
    m->loop = &loop;
    int head = emit(m, FAST_FOR, var, counter, last, t);
    compile_block(m, t->kids[1]);
    int next = emit(m, FAST_NEXT, var, counter, last, t);
    m->code.at[next].extra = head + 1;
    m->code.at[head].extra = next + 1;
    patch(m, loop.continues.at, loop.continues.count, next);
    patch(m, loop.breaks.at, loop.breaks.count, next + 1);
    m->loop = loop.outer;
    m->temps = held;
}

static void compile_while(Maker *m, const Ast *t)
{
    Loop loop = {.outer = m->loop};
    m->loop = &loop;
    int head = (int)m->code.count;
    int c = compile_value(m, t->kids[0]);
    int unless = emit(m, FAST_UNLESS, 0, c, 0, t->kids[0]);
    compile_block(m, t->kids[1]);
    int back = emit(m, FAST_BACK, 0, 0, 0, t);
    m->code.at[back].extra = head;
    m->code.at[unless].extra = back + 1;
    patch(m, loop.continues.at, loop.continues.count, back);
    patch(m, loop.breaks.at, loop.breaks.count, back + 1);
    m->loop = loop.outer;
}

static void compile_if(Maker *m, const Ast *t)
{
    VEC(int) ends = {0};
    uint32_t i = 0;
    bool leaves = may_leave_loop(m, t); /* a formula does not decide that */
    m->failed = m->failed || t->count > MOST_REGISTERS;
    for (; i + 1 < t->count; i += 2) {
        int c = compile_value(m, t->kids[i]);
        int unless = leaves ? emit(m, FAST_UNLESS, 0, c, 0, t->kids[i])
                            : emit(m, FAST_IF, 0, c, (int)i, t);
        compile_block(m, t->kids[i + 1]);
        VEC_PUSH_IN(m->arena, &ends, emit(m, FAST_JUMP, 0, 0, 0, t));
        m->code.at[unless].extra = (int)m->code.count;
    }
    if (i < t->count)
        compile_block(m, t->kids[i]);
    patch(m, ends.at, ends.count, (int)m->code.count);
}

static void compile_statement(Maker *m, const Ast *t)
{
    int held = m->temps;
    depth_check();
    switch (t->kind) {
    case AST_SHOW:
        for (uint32_t i = 0; i < t->count; i++)
            emit(m, FAST_RESULT, 0, compile_value(m, t->kids[i]), 0, t);
        break;
    case AST_ASSIGN:
        compile_assign(m, t);
        break;
    case AST_IF:
        compile_if(m, t);
        break;
    case AST_FOR:
        compile_for(m, t);
        break;
    case AST_WHILE:
        compile_while(m, t);
        break;
    case AST_BREAK:
    case AST_CONTINUE: {
        int k = emit(m, FAST_JUMP, 0, 0, 0, t);
        if (m->loop && t->kind == AST_BREAK)
            VEC_PUSH_IN(m->arena, &m->loop->breaks, k);
        else if (m->loop)
            VEC_PUSH_IN(m->arena, &m->loop->continues, k);
        else
            m->code.at[k].op = FAST_EXEC;
        break;
    }
    case AST_RETURN:
        if (t->count == 1) {
            emit(m, FAST_RESULT, 0, compile_value(m, t->kids[0]), 0, t);
            emit(m, FAST_RETURN, 0, 0, 0, t);
        } else {
            by_walker_statement(m, t);
        }
        break;
    default:
        by_walker_statement(m, t);
    }
    m->temps = held;
}

static void compile_block(Maker *m, const Ast *t)
{
    for (uint32_t i = 0; i < t->count; i++)
        compile_statement(m, t->kids[i]);
}

/* ---- the whole ---- */

static uint16_t settle(const Maker *m, uint16_t r)
{
    size_t nvars = m->var.count;
    if (r >= TEMP_BASE)
        return (uint16_t)(r - TEMP_BASE + nvars + m->constant.count);
    return r >= CONST_BASE ? (uint16_t)(r - CONST_BASE + nvars) : r;
}

static FastCode *finish(const Maker *m)
{
    Arena *a = arena_local();
    FastCode *f = ARENA_NEW(a, FastCode);
    f->arena = a;
    f->nvars = (int)m->var.count;
    f->nconsts = (int)m->constant.count;
    f->nregs = f->nvars + f->nconsts + m->most_temps;
    f->ninstr = (int)m->code.count;
    f->native = ARENA_NEW(a, NativeSet);
    f->native->patience = native_patience();
    f->name = ARENA_ARRAY(a, Name, (size_t)f->nregs + 1); /* zeroed */
    f->constant = ARENA_ARRAY(a, Value, m->constant.count + 1);
    f->cell = ARENA_ARRAY(a, Cell *, m->cell.count + 1);
    f->instr = ARENA_ARRAY(a, FastInstr, m->code.count + 1);
    for (size_t i = 0; i < m->var.count; i++)
        f->name[i] = m->var.at[i];
    for (size_t i = 0; i < m->constant.count; i++)
        f->constant[i] = m->constant.at[i];
    for (size_t i = 0; i < m->cell.count; i++)
        f->cell[i] = m->cell.at[i];
    for (size_t i = 0; i < m->code.count; i++) {
        FastInstr k = m->code.at[i];
        k.d = settle(m, k.d);
        k.a = settle(m, k.a);
        k.b = settle(m, k.b);
        k.c = k.op == FAST_MOD ? k.c : settle(m, k.c);
        f->instr[i] = k;
    }
    arena_keep(a);
    return f;
}

void fast_free(FastCode *code)
{
    if (code)
        arena_free(code->arena);
}

FastCode *fast_compile(Interp *in, const Ast *def)
{
    Maker m = {.in = in, .arena = arena_local()};
    FastCode *code = NULL;
    const Ast *body = def->kids[0];
    for (uint32_t i = 0; i < def->ndecls; i++)
        VEC_PUSH_IN(m.arena, &m.var, def->decls[i].name);
    bool block = body->kind == AST_BLOCK;
    if (block)
        survey(&m, body);
    m.failed = m.var.count > MOST_REGISTERS;
    if (block)
        compile_block(&m, body);
    else
        emit(&m, FAST_RESULT, 0, compile_value(&m, body), 0, body);
    emit(&m, FAST_RETURN, 0, 0, 0, body);
    if (!m.failed)
        code = finish(&m);
    arena_free(m.arena);
    return code;
}
