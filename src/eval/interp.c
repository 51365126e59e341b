/*
 * interp.c - sessions, names, output, running a source
 */
#include "eval/interp.h"

#include <string.h>

#include "base/near.h"
#include "eval/builtin.h"
#include "eval/call.h"
#include "eval/module.h"
#include "eval/picture.h"
#include "eval/progress.h"
#include "graph/print.h"
#include "syntax/diag.h"
#include "syntax/parse.h"
#include "value/matrix.h"

static void print_expr(void *graph, Node n, Str *out)
{
    node_print(graph, n, out);
}

static void add_builtins(Interp *in)
{
    const Builtin *row;
    for (size_t i = 0; (row = builtin_row(i)) != NULL; i++) {
        bool constant = row->op >= 0 && row->most == 0;     /* pi */
        if (constant || table_has(&in->builtins, name_of(row->name)))
            continue;
        Value f = builtin_new(row);
        value_keep(f);
        table_set(&in->builtins, f.function->name, f.object);
    }
}

static void fill_interp(Interp *in)
{
    in->scratch = arena_new();
    in->heap = heap_new();
    in->graph = graph_new();
    in->format = (Format){.digits = 6, .width = 80, .expr = print_expr,
                          .graph = in->graph};
    in->out = stdout;
    in->err = stderr;
    add_builtins(in);
    in->top = scope_new(in, NULL);
}

Interp *interp_new(void)
{
    Context *c = context_new();
    Interp *in = mem_try(sizeof *in);
    if (!c || !in) {
        mem_free(in);
        context_free(c);
        return NULL;
    }
    *in = (Interp){.context = c, .outer = context_enter(c)};
    context_set_slot(SLOT_INTERP, in);
    Protect p;
    if (PROTECT(&p)) {
        fill_interp(in);
        protect_end(&p);
        return in;
    }
    interp_free(in);
    return NULL;
}

void interp_free(Interp *in)
{
    context_enter(in->context);
    for (Scope *s = in->scopes, *next; s; s = next) {
        next = s->next;
        scope_free(s);
    }
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&in->builtins, &i)) != NULL;)
        value_drop_object(e->value);
    for (size_t i = 0; (e = table_next(&in->named, &i)) != NULL;)
        value_drop_object(e->value);
    table_free(&in->named);
    table_free(&in->builtins);
    table_free(&in->library);
    table_free(&in->not_library);
    VEC_FREE(&in->locals);
    if (in->heap)
        pool_drain(0);
    heap_free(in->heap);
    graph_free(in->graph);
    arena_free(in->scratch);
    Context *outer = in->outer;
    context_free(in->context);
    context_enter(outer);
    mem_free(in);
}

void interp_set_args(Interp *in, int n, char **args)
{
    Value list = list_new((size_t)n);
    for (int i = 0; i < n; i++)
        list_push(list, value_string(args[i]));
    cell_set(scope_cell(in->top, name_of("args")), list);
    pool_drain(0);
}

Interp *interp_current(void)
{
    return context_slot(SLOT_INTERP);
}

Checkpoint interp_checkpoint(Interp *in)
{
    return (Checkpoint){.frame = in->frame,
                        .locals = in->locals.count,
                        .depth = in->depth,
                        .hold = in->hold,
                        .whole = graph_whole(in->graph, 0),
                        .level = in->level,
                        .progress = in->progress.begun,
                        .pool = pool_mark(),
                        .reads = in->reads,
                        .end = in->end,
                        .top = in->top,
                        .code = in->code,
                        .files = in->files,
                        .scratch = arena_mark(in->scratch),
                        .here = *context_here()};
}

void interp_restore(Interp *in, const Checkpoint *c)
{
    while (in->locals.count > c->locals) {
        Local *l = &in->locals.at[--in->locals.count];
        value_drop(l->value);
        value_drop(l->symbol);
    }
    in->frame = c->frame;
    in->depth = c->depth;
    in->reads = c->reads;
    in->end = c->end;
    in->top = c->top;
    in->code = c->code;
    in->files = c->files;
    arena_reset(in->scratch, c->scratch);
    graph_hold(in->graph, c->hold - in->hold);
    in->hold = c->hold;
    graph_whole(in->graph, c->whole - graph_whole(in->graph, 0));
    in->level = c->level;
    if (c->progress == 0 && in->progress.begun != 0)
        progress_end(in, 0);
    *context_here() = c->here;
}

void interp_hold(Interp *in, int change)
{
    in->hold += change;
    graph_hold(in->graph, change);
}

/* ---- output ---- */

void interp_write(Interp *in, const char *text, size_t len)
{
    const Display *d = in->display;
    in->wrote = in->wrote || len > 0;
    if (d && d->output)
        d->output(in, d->owner, text, len);
    else if (len > 0 && fwrite(text, 1, len, in->out) != len)
        error_raise(SPAN_NONE, ERR_OUTPUT, "the output cannot be written");
}

void interp_show_text(Interp *in, Value v, Str *out)
{
    if (v.kind == VAL_EXPR)
        node_print_result(in->graph, v.expr->node, out);
    else
        value_format(&in->format, v, out);
}

void interp_show(Interp *in, Value v)
{
    if (v.kind == VAL_NONE)
        return;
    if (v.kind == VAL_SEVERAL) {
        for (size_t i = 0; i < v.list->count; i++)
            interp_show(in, v.list->at[i]);
        return;
    }
    picture_play(in, v);
    Arena *a = arena_local();
    Str s = str_in(a);
    interp_show_text(in, v, &s);
    str_add_char(&s, '\n');
    interp_write(in, s.at, s.len);
    arena_free(a);
}

/* Where the full form does not fit into memory, the bare message. */
void report_error(Interp *in)
{
    Error e = *context_error();
    in->last_error = e.code;
    fflush(in->out);
    if (in->display) {
        in->display->error(in, in->display->owner, &e);
        return;
    }
    Protect p;
    if (PROTECT(&p)) {
        Arena *a = arena_local();
        Str s = str_in(a);
        DiagStyle style = {.colour = in->colour,
                           .prompt = in->wrote ? -1 : in->prompt,
                           .width = in->session ? in->format.width - 8 : 0};
        diag_format(&s, &e, &style);
        in->wrote = true;
        fwrite(str_text(&s), 1, s.len, in->err);
        arena_free(a);
        protect_end(&p);
    } else {
        fprintf(in->err, "error[%s]: %s\n", error_name(e.code), e.message);
    }
    fflush(in->err);
}

static void report_warning(Interp *in, const char *message)
{
    const Display *d = in->display;
    if (d && d->warning)
        d->warning(in, d->owner, message);
    else
        fprintf(in->err, "warning: %s\n", message);
}

void report_warnings(Interp *in)
{
    const Warning *w;
    size_t n = heap_warnings(&w);
    for (size_t i = 0; i < n; i++) {
        char message[200];
        snprintf(message, sizeof message, "%s gave NaN in %zu %s",
                 w[i].operation, w[i].count,
                 w[i].count == 1 ? "entry" : "entries");
        report_warning(in, w[i].count == 0 ? w[i].operation : message);
    }
    heap_warnings_clear();
}

/* ---- names ---- */

static Scope *running_scope(Interp *in)
{
    return in->frame ? in->frame->scope : in->top;
}

static Value *find_captured(Interp *in, Name name)
{
    Function *f = in->frame ? in->frame->function : NULL;
    if (!f || f->class != &class_closure)
        return NULL;
    Closure *c = f->data;
    for (uint32_t i = 0; i < c->ncaptured; i++)
        if (c->captured[i].name == name)
            return &c->captured[i].value;
    return NULL;
}

static void note_read(Interp *in, Cell *c)
{
    if (in->reads) {
        for (size_t i = 0; i < in->reads->count; i++)
            if (in->reads->at[i].cell == c)
                return;
        VEC_PUSH(in->reads, ((Read){c, c->version}));
    }
}

Cell *lookup_cell(Interp *in, Name name)
{
    Cell *c = scope_find(running_scope(in), name);
    if (!c)
        c = table_get(&in->library, name);
    if (!c)
        c = library_find(in, name);
    return c;
}

static bool default_symbol(Name name)
{
    return name[1] == '\0' && name[0] && strchr("xyzt", name[0]);
}

/* Constants of the language: redefinable, so they are found last. */
static bool find_constant(Interp *in, Name name, Value *v)
{
    if (!strcmp(name, "pi"))
        *v = value_of_node(in, node_apply(in->graph, OP_PI, 0, NULL));
    else if (!strcmp(name, "e"))
        *v = value_of_node(
            in, node_apply(in->graph, OP_EXP, 1,
                           (Node[]){node_int(in->graph, 1)}));
    else if (!strcmp(name, "inf"))
        *v = value_float(1.0 / 0.0);
    else if (!strcmp(name, "nan"))
        *v = value_float(0.0 / 0.0);
    else if (!strcmp(name, "none"))
        *v = VALUE_NONE;
    else
        return false;
    return true;
}

bool frame_local(Interp *in, Name name, Value *v)
{
    Local *l = frame_find(in, name);
    Value *captured = l ? &l->value : find_captured(in, name);
    if (captured)
        *v = *captured;
    return captured != NULL;
}

Value library_value(Interp *in, const char *name)
{
    Cell *c = library_find(in, name_of(name));
    if (c && c->defined)
        return c->value;
    Object *b = table_get(&in->builtins, name_of(name));
    if (!b)
        error_raise(SPAN_NONE, ERR_FILE, "the library has no `%s`", name);
    return value_object(b);
}

bool lookup_name(Interp *in, Name name, Value *v)
{
    if (frame_local(in, name, v))
        return true;
    Cell *c = in->reads ? scope_cell(running_scope(in), name)
                        : scope_find(running_scope(in), name);
    if (c)
        note_read(in, c);       /* undefined too: a definition may follow */
    if (c && c->defined) {
        *v = c->value;
        return true;
    }
    if (in->frame && in->frame->function && in->frame->function->name == name) {
        *v = value_object(in->frame->function);     /* recursion of a local */
        return true;
    }
    Object *b = table_get(&in->builtins, name);
    if (b) {
        *v = value_object(b);
        return true;
    }
    c = lookup_cell(in, name);
    if (c) {
        *v = c->value;
        return true;
    }
    if (find_constant(in, name, v))
        return true;
    if (default_symbol(name)) {
        *v = value_expr(node_symbol(in->graph, name, SHAPE_SCALAR, 0));
        return true;
    }
    return false;
}

static bool is_callable(Value v)
{
    return v.kind == VAL_FUNCTION || v.kind == VAL_EXPR;
}

const char *nearest_name(Interp *in, const char *wrong, bool called)
{
    static const char *const constants[] = {"pi", "inf", "nan", "none"};
    Near near = near_begin(wrong);
    const TableEntry *e;
    const char *name;
    for (size_t i = in->frame ? in->frame->base : 0; i < in->locals.count; i++)
        if (in->locals.at[i].name && in->locals.at[i].name[0] != ' ')
            near_offer(&near, in->locals.at[i].name,
                       !called || is_callable(in->locals.at[i].value));
    Scope *s = running_scope(in);
    for (size_t i = 0; (e = table_next(&s->cells, &i)) != NULL;) {
        const Cell *c = e->value;
        if (c->defined)
            near_offer(&near, c->name, !called || is_callable(c->value));
    }
    for (size_t i = 0; (e = table_next(&in->builtins, &i)) != NULL;)
        near_offer(&near, e->key, true);
    for (size_t i = 0; (name = library_name(i)) != NULL; i++)
        near_offer(&near, name, !called || library_names[i].called);
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        near_offer(&near, constants[i], !called);
    return near_best(&near);
}

static bool is_called(Span at)
{
    const Source *s = source_get(at.source);
    return s && at.to < s->len && s->text[at.to] == '(';
}

/* Names of other systems, and what they are here. */
const char *foreign_name(Name name)
{
    static const struct {
        const char *name, *help;
    } names[] = {
        {"trace", "tr(A) is the trace"},
        {"transpose", "the transpose is A'"},
        {"len", "length(v)"},
        {"shape", "size(A)"},
        {"nrow", "size(A, 1)"},
        {"ncol", "size(A, 2)"},
        {"range", "a range is 1:n"},
        {"norm", "norm2(v), norm1(v)"},
        {"gradient", "grad(e, v)"},
        {"derivative", "diff(e, x), or f'"},
        {"outer", "u*v'"},
        {"solve_linear", "A\\b"},
        {"ln", "log(x)"},
        {"power", "x^2, or v.^2 entry by entry"},
        {"identity", "I(n)"},
        {"disp", "print(x)"},
        {"printf", "print(format(\"%.3f\", x))"},
        {"null", "none"},
        {"nil", "none"},
        {"None", "none"},
        {"True", "true"},
        {"False", "false"},
        {"np", "functions have no prefix: dot(u, v), exp(v)"},
        {"lim", "limit(e, x, a)"},
        {"int", "integrate(e, x), integrate(e, x, a, b)"},
        {"integral", "integrate(e, x), integrate(e, x, a, b)"},
        {"quad", "integrate(e, x, a, b)"},
        {"series", "taylor(e, x, a, n)"},
        {"roots", "solve(e, x)"},
        {"nsolve", "solve(e, x)"},
        {"fsolve", "solve(e, x)"},
        {"partial", "diff(e, x), or grad(e, v)"},
        {"derive", "diff(e, x), or f'"},
        {"differentiate", "diff(e, x), or f'"},
        {"jac", "jacobian(e, v)"},
        {"hess", "hessian(e, v)"},
        {"substitute", "subs(e, x = 2)"},
        {"laplace", "laplacian(e, v)"},
        {"arcsin", "asin(x)"},
        {"arccos", "acos(x)"},
        {"arctan", "atan(x)"},
        {"arsinh", "asinh(x)"},
        {"arcosh", "acosh(x)"},
        {"artanh", "atanh(x)"},
        {"Sum", "sum(i = 1:n, e)"},
        {"Product", "prod(i = 1:n, e)"},
        {"product", "prod(i = 1:n, e), prod(v)"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i].name, name))
            return names[i].help;
    return NULL;
}

_Noreturn void raise_unknown(Interp *in, const Ast *t)
{
    const char *ours = foreign_name(t->name);
    if (ours)
        error_raise_help(t->at, ERR_NAME, NULL, ours, "unknown name `%s`",
                         t->name);
    Arena *a = error_arena();
    bool called = is_called(t->at);
    const char *near = nearest_name(in, t->name, called);
    const char *form = called ? "(x)" : "";
    const char *help =
        near ? arena_printf(a, "did you mean %s? or declare it: sym %s%s", near,
                            t->name, form)
             : arena_printf(a, "declare it as a %s: sym %s%s",
                            called ? "function" : "symbol", t->name, form);
    error_raise_help(t->at, ERR_NAME, NULL, help, "unknown name `%s`", t->name);
}

Value lookup(Interp *in, const Ast *t)
{
    Value v;
    if (!lookup_name(in, t->name, &v))
        raise_unknown(in, t);
    return v;
}

/*
 * Which variables with values went into the value of an assignment: so that
 * diff(f, x) can tell an f built when x was 2 from one without x.
 */
static void note_sources(Interp *in, Cell *c, const Ast *value)
{
    Arena *a = arena_local();
    VEC(Name) names = {0};
    AstWalk w = ast_walk(a, value);
    for (const Ast *t; (t = ast_walk_next(&w)) != NULL;) {
        Cell *r = t->kind == AST_NAME ? scope_find(in->top, t->name) : NULL;
        if (!r || r->value.kind == VAL_FUNCTION || names.count > 64)
            continue;
        uint32_t first = r->value.kind == VAL_EXPR ? 0 : 1;
        for (uint32_t i = 0; i < r->nreads + first; i++) {
            Name name = i < first ? t->name : r->reads[i - first];
            bool known = false;
            for (size_t k = 0; k < names.count; k++)
                known = known || names.at[k] == name;
            if (!known)
                VEC_PUSH_IN(a, &names, name);
        }
    }
    mem_free(c->reads);
    c->reads = NULL;
    c->nreads = 0;
    if (names.count > 0) {
        c->reads = mem_alloc(names.count * sizeof *c->reads);
        memcpy(c->reads, names.at, names.count * sizeof *c->reads);
        c->nreads = (uint32_t)names.count;
    }
    arena_free(a);
}

void assign_name(Interp *in, Name name, Value v)
{
    if (in->frame)
        frame_set(in, name, v);
    else
        cell_set(scope_cell(in->top, name), v);
}

void assign_noted(Interp *in, Name name, Value v, const Ast *value)
{
    assign_name(in, name, v);
    if (!in->frame)
        note_sources(in, scope_cell(in->top, name), value);
}

Node variable_symbol(Interp *in, Name name)
{
    Local *l = frame_find(in, name);
    if (l && l->symbol.kind == VAL_EXPR)
        return l->symbol.expr->node;
    if (l && l->value.kind == VAL_EXPR &&
        node_op(in->graph, l->value.expr->node) == OP_SYM)
        return l->value.expr->node;
    Cell *c = table_get(&running_scope(in)->cells, name);
    if (c && c->symbol.kind == VAL_EXPR)
        return c->symbol.expr->node;
    return node_symbol(in->graph, name, SHAPE_SCALAR, 0);
}

/* ---- values and nodes ---- */

#define MOST_ENTRIES 4096

/*
 * An array without symbols whose entries are all numbers, as 4*ones(2) is:
 * its numbers.  NONE for anything else.
 */
static Value constant_array(Interp *in, Node n)
{
    Graph *g = in->graph;
    Shape s = node_shape(g, n);
    if (s.rows < 0 || s.cols < 0 || (s.rows == 1 && s.cols == 1) ||
        (int64_t)s.rows * s.cols > MOST_ENTRIES || !node_is_constant(g, n))
        return VALUE_NONE;
    Value y = array_new(ELEM_EXACT, s.rows, s.cols);
    for (int j = 0, k = 0; j < s.cols; j++)
        for (int i = 0; i < s.rows; i++) {
            Node e = node_index(g, n, node_int(g, i + 1), node_int(g, j + 1));
            if (node_op(g, e) != OP_NUM)
                return VALUE_NONE;
            Value v = node_number_value(g, e);
            if (v.kind == VAL_FLOAT && y.array->kind == ELEM_EXACT)
                y = value_object(array_to_float(y));
            if (y.array->kind == ELEM_FLOAT)
                v = value_float(value_to_double(v));
            array_set(y.array, (size_t)k++, v);
        }
    return y;
}

Value value_of_node(Interp *in, Node n)
{
    Graph *g = in->graph;
    switch (node_op(g, n)) {
    case OP_NUM:
        return node_number_value(g, n);
    case OP_CONST:
        return node_const_value(g, n);
    default: {
        Value v = constant_array(in, n);
        return v.kind == VAL_NONE ? value_expr(n) : v;
    }
    }
}

Node node_of_value(Interp *in, Value v)
{
    switch (v.kind) {
    case VAL_EXPR:
        return v.expr->node;
    case VAL_INT:
    case VAL_FLOAT:
    case VAL_EXACT:
    case VAL_ARRAY:
    case VAL_BOOL:
        return node_from_value(in->graph, v);
    default:
        error_raise(SPAN_NONE, ERR_TYPE, "%s cannot stand in a formula",
                    value_kind_phrase(v));
    }
}

bool value_is_symbolic(Value v)
{
    if (v.kind == VAL_EXPR)
        return true;
    if (v.kind == VAL_LIST || v.kind == VAL_SEVERAL) {
        depth_check();
        for (size_t i = 0; i < v.list->count; i++)
            if (value_is_symbolic(v.list->at[i]))
                return true;
    }
    if (v.kind == VAL_RECORD) {
        depth_check();
        for (size_t i = 0; i < v.record->count; i++)
            if (value_is_symbolic(v.record->at[i]))
                return true;
    }
    return false;
}

/* ---- running ---- */

/*
 * An error in the library is told where the user's text called it: moves its
 * place there, and returns the frame of that call, or NULL.  What the library
 * itself raises by error() is meant for the caller; of another error the place
 * in the library stays as a last line.
 */
static const Frame *move_to_caller(const Frame *f, const Frame *end,
                                   ErrorFrame *inside)
{
    Error *e = context_error();
    const Frame *left = f;
    if (!source_is_library(e->at.source))
        return NULL;
    while (f && f != end && (f->overlay || !f->called_at.source ||
                             source_is_library(f->called_at.source)))
        f = f->caller;
    if (!f || f == end)
        return NULL;
    while (left->overlay || !left->function)
        left = left->caller;
    if (e->code != ERR_USER)
        *inside = (ErrorFrame){left->function->name, e->at};
    e->at = f->called_at;
    return f;
}

/* Is the place within that of the call, whose text the caret is under? */
static bool is_within(Span at, Span call)
{
    return at.source == call.source && at.from >= call.from && at.to <= call.to;
}

void interp_note_frames(Interp *in, const Frame *end)
{
    const Frame *last = NULL;   /* a recursion is told once */
    ErrorFrame inside = {0};
    const Frame *told = move_to_caller(in->frame, end, &inside);
    Span at = context_error()->at;
    for (const Frame *f = told ? told->caller : in->frame; f && f != end;
         f = f->caller) {
        if (f->overlay || source_is_library(f->called_at.source) ||
            (last && last->function == f->function &&
             last->called_at.from == f->called_at.from))
            continue;
        last = f;
        if (!is_within(at, f->called_at))
            error_frame(f->function ? f->function->name : NULL, f->called_at);
    }
    if (inside.function)
        error_frame(inside.function, inside.at);
}

static bool run_statement(Interp *in, const Ast *t)
{
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    bool good;
    if (PROTECT(&p)) {
        *context_here() = t->at;
        exec(in, t);
        pool_drain(c.pool);
        graph_sweep(in->graph);
        protect_end(&p);
        good = true;
    } else {
        interp_note_frames(in, c.frame);
        interp_restore(in, &c);
        good = false;
    }
    return good;
}

bool run_tree(Interp *in, const Ast *tree)
{
    bool good = true;
    PoolMark mark = pool_mark();
    in->done = 0;
    for (uint32_t i = 0; good && i < tree->count; i++) {
        good = run_statement(in, tree->kids[i]);
        if (good)
            in->done = i + 1 < tree->count ? tree->kids[i + 1]->at.from
                                           : tree->at.to;
        if (!good)
            report_error(in);
        report_warnings(in);
        pool_drain(mark);
    }
    return good;
}

/* Reports the errors of a text; its Code if there are none. */
Code *parse_code(Interp *in, uint32_t source)
{
    Code *volatile code = NULL;
    Parse parse = {0};
    Protect p;
    if (PROTECT(&p)) {
        code = code_new();
        parse = parse_source(source, code->arena);
        code->tree = parse.tree;
        protect_end(&p);
    } else {
        report_error(in);
        code_drop(code);
        return NULL;
    }
    for (size_t i = 0; i < parse.nerrors; i++) {
        *context_error() = parse.errors[i];
        report_error(in);
    }
    if (code->tree)
        return code;
    code_drop(code);
    return NULL;
}

bool interp_run(Interp *in, Scope *scope, uint32_t source)
{
    Code *code = parse_code(in, source);
    in->done = 0;
    if (!code)
        return false;
    Scope *outer = in->top;
    Code *outer_code = in->code;
    in->top = scope;
    in->code = code;
    bool good = run_tree(in, code->tree);
    in->top = outer;
    in->code = outer_code;
    code_drop(code);
    if (fflush(in->out) != 0 && good) {
        fprintf(in->err, "mlc: the output cannot be written\n");
        good = false;
    }
    return good;
}
