/*
 * form.c - the store of forms and their constructors
 */
#include "graph/form.h"

#include <string.h>

#include "graph/quick.h"
#include "value/format.h"
#include "value/number.h"

static uint32_t add_cost(uint32_t a, uint32_t b)
{
    return a + b < FORM_COST_MAX ? a + b : FORM_COST_MAX;
}

/* ---- constructors ---- */

static Form *new_form(Forms *f, FormKind kind, FormLevel level)
{
    Form *y = ARENA_NEW(f->arena, Form);
    y->kind = (uint8_t)kind;
    y->level = (uint8_t)level;
    y->op = -1;
    return y;
}

Form *form_open(Forms *f, FormKind kind, FormLevel level, size_t n)
{
    Form *y = new_form(f, kind, level);
    n = n ? n : 1;
    y->kids = arena_alloc(f->arena, n * (sizeof *y->kids + sizeof *y->marks));
    y->marks = (uint8_t *)(y->kids + n);
    return y;
}

void form_add(Form *y, Form *kid, int mark)
{
    y->kids[y->count] = kid;
    y->marks[y->count++] = (uint8_t)mark;
}

/* Operators that a form writes itself, besides its kids. */
static uint32_t own_cost(const Form *y)
{
    switch ((FormKind)y->kind) {
    case FORM_SUM:
    case FORM_PRODUCT:
        return y->count - 1 + (y->marks[0] == MARK_MINUS);
    case FORM_ARRAY:
        return 1;
    case FORM_CHOICE:
        return 3;
    case FORM_RANGE:
        return y->count - 1;
    default:
        return 1;
    }
}

Form *form_close(Form *y)
{
    y->cost = y->weight = own_cost(y);
    if (y->kind == FORM_PRIME)
        y->weight = 0;
    for (uint32_t i = 0; i < y->count; i++) {
        y->cost = add_cost(y->cost, y->kids[i]->cost);
        y->weight = add_cost(y->weight, y->kids[i]->weight);
        if (y->bound < y->kids[i]->bound)
            y->bound = y->kids[i]->bound;
    }
    return y;
}

Form *form_text(Forms *f, const char *text)
{
    Form *y = new_form(f, FORM_TEXT, LEVEL_POSTFIX);
    y->text = text;
    y->cost = y->weight = 1;
    return y;
}

Form *form_integer(Forms *f, int64_t i)
{
    return form_number(f, value_int(i));
}

static Form *make_fraction(Forms *f, mpq_srcptr q)
{
    Form *y = form_open(f, FORM_PRODUCT, LEVEL_PRODUCT, 2);
    mpz_srcptr part[2] = {mpq_numref(q), mpq_denref(q)};
    for (int i = 0; i < 2; i++) {
        char *text = arena_alloc(f->arena, mpz_sizeinbase(part[i], 10) + 2);
        mpz_get_str(text, 10, part[i]);
        form_add(y, form_text(f, text), i ? MARK_OVER : MARK_TIMES);
    }
    if (mpz_cmp_ui(part[1], 1) == 0)
        return y->kids[0];
    return form_close(y);
}

/* Digits as texts of their own: most numbers of formulas. */
static const char *small_text(int64_t i)
{
    static const char text[10][2] = {"0", "1", "2", "3", "4",
                                     "5", "6", "7", "8", "9"};
    return text[i];
}

Form *form_number(Forms *f, Value v)
{
    Value size = form_absolute(v);
    if (v.kind == VAL_INT && v.integer >= 0 && v.integer < 10)
        return form_text(f, small_text(v.integer));
    Form *y;
    if (size.kind == VAL_EXACT) {
        y = make_fraction(f, size.exact->q);
    } else {
        Str text = str_in(f->arena);
        Format plain = {.digits = 6, .width = 80};
        value_format_inline(&plain, size, &text);
        y = form_text(f, str_text(&text));
    }
    return number_sign(v) < 0 ? form_negative(f, y) : y;
}

Form *form_negative(Forms *f, Form *a)
{
    if (a->kind == FORM_NEG)
        return a->kids[0];
    Form *y = form_open(f, FORM_NEG, LEVEL_NEG, 1);
    form_add(y, a, MARK_NONE);
    return form_close(y);
}

Form *form_power(Forms *f, Form *base, Form *exponent, bool had)
{
    Form *y = form_open(f, FORM_POWER, LEVEL_POWER, 2);
    form_add(y, base, MARK_NONE);
    form_add(y, exponent, had ? MARK_HAD : MARK_NONE);
    return form_close(y);
}

Form *form_prime(Forms *f, Form *a)
{
    Form *y = form_open(f, FORM_PRIME, LEVEL_POSTFIX, 1);
    form_add(y, a, MARK_NONE);
    return form_close(y);
}

Form *form_call(Forms *f, const char *name, int op, int n, Form *const args[])
{
    Form *y = form_open(f, FORM_CALL, LEVEL_POSTFIX, (size_t)n);
    y->text = name;
    y->op = (int16_t)op;
    for (int i = 0; i < n; i++)
        form_add(y, args[i], MARK_COMMA);
    return form_close(y);
}

Form *form_infix(Forms *f, const char *text, FormLevel level, Form *a, Form *b)
{
    Form *y = form_open(f, FORM_INFIX, level, 2);
    y->text = text;
    form_add(y, a, MARK_NONE);
    form_add(y, b, MARK_NONE);
    return form_close(y);
}

/* ---- numbers ---- */

bool form_is_negative(const Graph *g, Node number)
{
    return coef_sign(g, number) == -1;
}

Value form_absolute(Value v)
{
    return number_sign(v) < 0 ? value_negate(v) : v;
}

/* ---- the store ---- */

Forms *forms_new(Graph *g, Arena *a)
{
    Forms *f = ARENA_NEW(a, Forms);
    f->graph = g;
    f->arena = a;
    f->room = 64;
    f->slot = ARENA_ARRAY(a, FormSlot, f->room);
    return f;
}

enum { FORMS_KEPT = 1000 }; /* more are dropped */

Forms *forms_take(Graph *g)
{
    Forms *f = g->forms;
    if (f && (f->generation != g->generation || f->typed != g->typed_count)) {
        forms_free(g);
        f = NULL;
    }
    g->forms = NULL;
    if (f)
        arena_take(f->arena);
    else
        f = forms_new(g, arena_local());
    f->generation = g->generation;
    f->typed = g->typed_count;
    return f;
}

void forms_give(Forms *f)
{
    Graph *g = f->graph;
    if (f->shared || f->symbols_known || f->count > FORMS_KEPT) {
        arena_free(f->arena);
        return;
    }
    forms_free(g);
    arena_keep(f->arena);
    g->forms = f;
}

void forms_free(Graph *g)
{
    if (g->forms)
        arena_free(g->forms->arena);
    g->forms = NULL;
}

void forms_run(Graph *g, Node n, Str *out,
               void (*run)(Forms *f, Node n, Str *out))
{
    Forms *f = forms_take(g);
    run(f, n, out);
    forms_give(f);
}

static FormSlot *find_slot(const Forms *f, uint64_t key)
{
    size_t mask = f->room - 1;
    size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & mask;
    while (f->slot[i].key && f->slot[i].key != key)
        i = (i + 1) & mask;
    return &f->slot[i];
}

static void grow_slots(Forms *f)
{
    FormSlot *old = f->slot;
    size_t n = f->room;
    f->room *= 2;
    f->slot = ARENA_ARRAY(f->arena, FormSlot, f->room);
    for (size_t i = 0; i < n; i++)
        if (old[i].key)
            *find_slot(f, old[i].key) = old[i];
}

static uint64_t make_key(Node n, unsigned variant)
{
    return (uint64_t)n * FORM_VARIANTS + variant + 1;
}

static Form *find_form(Forms *f, Node n, unsigned variant)
{
    return find_slot(f, make_key(n, variant))->form;
}

/* y NULL: its building was tried, and has to wait for parts. */
static void keep_form(Forms *f, Node n, unsigned variant, Form *y)
{
    FormSlot *s = find_slot(f, make_key(n, variant));
    if (!s->key) {
        if (2 * ++f->count > f->room)
            grow_slots(f);
        s = find_slot(f, make_key(n, variant));
    }
    s->key = make_key(n, variant);
    s->form = y;
}

static Form *build_form(Forms *f, Node n, unsigned variant);

/* Parts of parts are built at once down to here, then in form_of. */
enum { DEEPEST = 100 };

/* Ordered before its parts are, so that they are built first; tried once,
 * or parts that many share would be tried for each. */
Form *form_want(Forms *f, Node n, unsigned variant)
{
    const FormSlot *s = find_slot(f, make_key(n, variant));
    if (s->form)
        return s->form;
    bool tried = s->key != 0;
    size_t before = f->wanted.count;
    FormWant w = {n, variant};
    Form *y = NULL;
    VEC_PUSH_IN(f->arena, &f->wanted, w);
    if (tried || f->deep == DEEPEST)
        return NULL;
    POLL();
    f->deep++;
    y = build_form(f, n, variant);
    f->deep--;
    keep_form(f, n, variant, y);
    if (y)
        f->wanted.count = before;
    return y;
}

/* ---- one node ---- */

/* `name(a, dim = 2)` of an operator that works on each row. */
static Form *rows_call(Forms *f, OpId op, Form *a, int dim)
{
    Form *named = form_open(f, FORM_NAMED, LEVEL_ANY, 1);
    named->text = "dim";
    form_add(named, form_integer(f, dim), MARK_NONE);
    Form *args[2] = {a, form_close(named)};
    named->cost = named->weight = 0;
    return form_call(f, op_table[op].name, -1, 2, args);
}

/* prod(a)./a */
static Form *others_form(Forms *f, OpId op, Form *a)
{
    Form *y = form_open(f, FORM_PRODUCT, LEVEL_PRODUCT, 2);
    form_add(y,
             op != OP_PROD_OTHERS_ROWS ? form_call(f, "prod", OP_PROD, 1, &a)
                                  : rows_call(f, OP_PROD_ROWS, a, 2),
             MARK_TIMES);
    form_add(y, a, MARK_HAD_OVER);
    return form_close(y);
}

/* With FORM_FLIP of an odd function: -f(s) as f(-s). */
static Form *build_apply(Forms *f, Node n, unsigned variant)
{
    int count = node_count(f->graph, n);
    OpId op = node_op(f->graph, n);
    Form **args = ARENA_ARRAY(f->arena, Form *, (size_t)count + 1);
    bool all = true;
    for (int i = 0; i < count; i++) {
        args[i] = form_want(f, node_arg(f->graph, n, i), variant & FORM_FLIP);
        all = all && args[i];
    }
    if (!all)
        return NULL;
    if (count == 0)
        return form_text(f, op_table[op].name);
    if (op == OP_PROD_OTHERS || op == OP_PROD_OTHERS_ALL ||
        op == OP_PROD_OTHERS_ROWS)
        return others_form(f, op, args[0]);
    if (op_table[op].rows)
        return rows_call(f, op, args[0], 2);
    if (op == OP_POW)
        return form_power(f, args[0], args[1], !node_is_scalar(f->graph, n));
    return form_call(f, op_table[op].name, (int)op, count, args);
}

/* The transpose of softmax(a, dim = 2) as softmax(a', dim = 1), if shorter. */
static Form *turned_rows(Forms *f, Node n, Form *a)
{
    Node x = node_transpose(f->graph, node_arg(f->graph, n, 0));
    Form *b = form_want(f, x, FORM_PLAIN);
    if (!a || !b)
        return NULL;
    Form *y = rows_call(f, node_op(f->graph, n), b, 1);
    return y->cost <= a->cost ? y : form_prime(f, a);
}

static Form *build_transpose(Forms *f, Node n, unsigned variant)
{
    Node arg = node_arg(f->graph, n, 0);
    Form *a = form_want(f, arg, variant);
    OpId op = node_op(f->graph, arg);
    if (op_table[op].rows && op != OP_PROD_OTHERS_ROWS)
        return turned_rows(f, arg, a);
    if (node_op(f->graph, arg) != OP_SUM || node_is_row(f->graph, n))
        return a ? form_prime(f, a) : NULL;
    Form *turned = form_want(f, arg, variant | FORM_TURN);
    if (!a || !turned)
        return NULL;
    return turned->cost <= a->cost ? turned : form_prime(f, a);
}

static Form *build_infix(Forms *f, Node n, const char *text, FormLevel level)
{
    Form *a = form_want(f, node_arg(f->graph, n, 0), FORM_PLAIN);
    Form *b = form_want(f, node_arg(f->graph, n, 1), FORM_PLAIN);
    return a && b ? form_infix(f, text, level, a, b) : NULL;
}

/* A number stands on the right: x > 0 for 0 < x. */
static Form *build_comparison(Forms *f, Node n, const char *text,
                              const char *turned)
{
    Node left = node_arg(f->graph, n, 0), right = node_arg(f->graph, n, 1);
    Form *a = form_want(f, left, FORM_PLAIN);
    Form *b = form_want(f, right, FORM_PLAIN);
    if (!a || !b)
        return NULL;
    if (node_is_number(f->graph, left) && !node_is_number(f->graph, right))
        return form_infix(f, turned, LEVEL_COMPARE, b, a);
    return form_infix(f, text, LEVEL_COMPARE, a, b);
}

static Form *build_not(Forms *f, Node n)
{
    Form *a = form_want(f, node_arg(f->graph, n, 0), FORM_PLAIN);
    if (!a)
        return NULL;
    Form *y = form_open(f, FORM_NOT, LEVEL_NOT, 1);
    form_add(y, a, MARK_NONE);
    return form_close(y);
}

static Form *build_form(Forms *f, Node n, unsigned variant)
{
    Graph *g = f->graph;
    switch ((int)node_op(g, n)) {
    case OP_NUM:
        return form_number(f, node_number_value(g, n));
    case OP_SYM:
        return form_text(f, node_symbol_name(g, n));
    case OP_SUM:
        return form_sum(f, n, variant);
    case OP_MONO:
        return form_mono(f, n);
    case OP_CHAIN:
        return form_chain(f, n, variant);
    case OP_HAD:
        return form_had(f, n, variant);
    case OP_TRANS:
        return build_transpose(f, n, variant);
    case OP_TR:
        return form_trace(f, n, variant);
    case OP_CONST:
    case OP_IDENT:
    case OP_ONES:
    case OP_ZERO:
    case OP_UNIT:
    case OP_STACK:
    case OP_JOIN:
        return form_array(f, n);
    case OP_INDEX:
    case OP_RANGE:
    case OP_ALL:
        return form_index(f, n);
    case OP_CALL:
        return form_call_of(f, n);
    case OP_LT:
        return build_comparison(f, n, "<", ">");
    case OP_LE:
        return build_comparison(f, n, "<=", ">=");
    case OP_EQ:
        return build_comparison(f, n, "==", "==");
    case OP_NE:
        return build_comparison(f, n, "!=", "!=");
    case OP_AND:
        return build_infix(f, n, "and", LEVEL_AND);
    case OP_OR:
        return build_infix(f, n, "or", LEVEL_OR);
    case OP_NOT:
        return build_not(f, n);
    default:
        return op_table[node_op(g, n)].class == CLASS_CORE
                   ? form_binder(f, n)
                   : build_apply(f, n, variant);
    }
}

Form *form_of(Forms *f, Node n)
{
    size_t bottom = f->wanted.count;
    if (!f->symbols_known)
        f->root = n;
    Form *y = form_want(f, n, FORM_PLAIN);
    while (f->wanted.count > bottom) {
        POLL();
        FormWant w = f->wanted.at[f->wanted.count - 1];
        Form *have = find_form(f, w.node, w.variant);
        if (!have) {
            size_t before = f->wanted.count;
            have = build_form(f, w.node, w.variant);
            if (!have)
                continue;
            f->wanted.count = before;
            keep_form(f, w.node, w.variant, have);
        }
        f->wanted.count--;
    }
    if (!y)
        y = find_form(f, n, FORM_PLAIN);
    return y;
}
