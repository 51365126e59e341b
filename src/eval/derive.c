/*
 * derive.c - derived functions: traced once per signature, then run
 *
 * A Trace is the closed form for one signature: the shapes of the parameters
 * (named where the definition names them) and the values of those that are
 * no formulas.  Its programs are compiled for concrete shapes.
 */
#include "eval/derive_inside.h"

#include <math.h>
#include <string.h>

#include "compile/program.h"
#include "eval/derive_args.h"
#include "eval/objective.h"
#include "eval/parts.h"
#include "eval/rule.h"
#include "eval/symbol.h"
#include "graph/diff.h"
#include "graph/entrywise.h"
#include "graph/front.h"
#include "graph/print.h"
#include "syntax/diag.h"
#include "graph/simplify.h"
#include "graph/walk.h"
#include "value/matrix.h"
#include "value/shape.h"

/* ---- making and freeing ---- */

static void free_trace(Trace *t)
{
    free_programs(t->programs);
    free_programs(t->wholes);
    VEC_FREE(&t->reads);
    if (t->formula)
        free_trace(t->formula);
    value_drop(t->signature);
    value_drop(t->roots);
    mem_free(t);
}

/*
 * A closure knows its live derivatives, so that grad(f) in a loop is traced
 * once; it does not hold them, they hold it.
 */
static Function **derived_list(Value base)
{
    if (base.kind != VAL_FUNCTION || base.function->class != &class_closure ||
        !base.function->data) /* the heap ends: the closure went first */
        return NULL;
    return &((Closure *)base.function->data)->derived;
}

static void forget_derived(Function *f, const Derived *d)
{
    Function **p = derived_list(d->base);
    while (p && *p && *p != f)
        p = &((Derived *)(*p)->data)->next;
    if (p && *p)
        *p = d->next;
}

static void release_derived(Function *f)
{
    Derived *d = f->data;
    for (Trace *t = d->traces, *next; t; t = next) {
        next = t->next;
        free_trace(t);
    }
    free_sparse_traces(d->sparse_traces);
    forget_derived(f, d);
    value_drop(d->parts);
    value_drop(d->base);
    mem_free(d);
}

static void print_derived(const Function *f, Str *out);

static bool equal_derived(const Function *a, const Function *b)
{
    const Derived *p = a->data, *q = b->data;
    return a == b ||
           (value_same(p->base, q->base) && p->kind == q->kind &&
            p->order == q->order && p->nvars == q->nvars &&
            p->sparse == q->sparse &&
            !memcmp(p->var, q->var, (size_t)p->nvars * sizeof *p->var));
}

const FunctionClass class_derived = {"function", release_derived, print_derived,
                                     equal_derived};

static void find_params(Derived *d, const Function *f)
{
    int total;
    const Decl *decl = function_params(f, &total);
    for (int i = 0; i < total && d->nparams < MOST_PARAMS; i++) {
        if (decl[i].option)
            continue;
        d->name[d->nparams] = decl[i].name;
        d->decl[d->nparams++] = &decl[i];
    }
    if (f->class == &class_builtin) {
        const Builtin *b = f->data;
        static const char *const names[] = {"x", "y", "z"};
        for (int i = 0; i < b->least && i < 3; i++)
            d->name[d->nparams++] = name_of(names[i]);
    }
    if (f->class == &class_parts)
        d->nparams = parts_params(f, MOST_PARAMS, d->name, d->decl);
    if (f->class == &class_symbol) {
        static const char *const names[] = {"x", "y", "z"};
        for (int i = 0; i < (int)(intptr_t)f->data && i < 3; i++)
            d->name[d->nparams++] = name_of(names[i]);
    }
}

static void choose_vars(Derived *d, const Function *f, int nvars,
                        const Name vars[], Span at)
{
    for (int i = 0; i < nvars; i++) {
        int k = 0;
        while (k < d->nparams && d->name[k] != vars[i])
            k++;
        if (k == d->nparams) {
            const char *near =
                diag_nearest(vars[i], d->name, (size_t)d->nparams);
            error_raise_help(
                at, ERR_NAME, NULL,
                near ? arena_printf(error_arena(), "did you mean %s?", near)
                     : NULL,
                "%s has no parameter `%s`", f->name ? f->name : "the function",
                vars[i]);
        }
        d->var[d->nvars++] = k;
    }
    for (int k = 0; nvars == 0 && k < d->nparams; k++)
        d->var[d->nvars++] = k;
}

static Value make_derived(Interp *in, DeriveKind kind, Value f, int order,
                          bool sparse, int nvars, const Name vars[], Span at)
{
    if (f.function->class == &class_objective)
        return objective_derive(in, kind, f, at);
    Function *y = object_new(VAL_FUNCTION, sizeof *y);
    Derived *d = y->data = mem_zero(1, sizeof *d);
    y->class = &class_derived;
    value_store(&d->base, f);
    d->kind = kind;
    d->order = order;
    d->sparse = sparse;
    find_params(d, f.function);
    if (d->nparams == 0 && kind != DERIVE_NOTHING)
        error_raise(at, ERR_DIFF, "%s has no parameter to differentiate by",
                    f.function->name ? f.function->name : "the function");
    choose_vars(d, f.function, nvars, vars, at);
    Function **list = derived_list(f);
    for (Function *k = list ? *list : NULL; k; k = ((Derived *)k->data)->next)
        if (equal_derived(k, y))
            return value_object(k);
    if (list) {
        d->next = *list;
        *list = y;
    }
    return value_object(y);
}

Value derive_function(Interp *in, DeriveKind kind, Value f, int order,
                      int nvars, const Name vars[], Span at)
{
    return make_derived(in, kind, f, order, false, nvars, vars, at);
}

Value derive_sparse_function(Interp *in, DeriveKind kind, Value f, int nvars,
                             const Name vars[], Span at)
{
    return make_derived(in, kind, f, 1, true, nvars, vars, at);
}

Value derive_prime(Interp *in, Value f, int order)
{
    if (f.function->class == &class_derived) {
        Derived *d = f.function->data;
        if (d->kind == DERIVE_DIFF && d->nparams == 1)
            return derive_function(in, DERIVE_DIFF, d->base, d->order + order,
                                   0, NULL, *context_here());
    }
    Value y =
        derive_function(in, DERIVE_DIFF, f, order, 0, NULL, *context_here());
    Derived *d = y.function->data;
    if (d->nparams != 1)
        error_raise_help(
            *context_here(), ERR_ARGUMENT, NULL,
            "grad(f), or diff(f, x) by one of them",
            "f' is for functions of one argument, and this one has "
            "%d",
            d->nparams);
    return y;
}

const Decl *derived_params(const Function *f, int *count)
{
    const Derived *d = f->data;
    const Function *base = d->base.function;
    return function_params(base, count);
}

/* ---- tracing ---- */

/* A parameter stands in the formula as a symbol unless it is fixed. */
bool derive_is_formula_argument(Value v)
{
    return value_is_number(v) || v.kind == VAL_ARRAY || v.kind == VAL_EXPR;
}

bool derive_is_var(const Derived *d, int i)
{
    for (int k = 0; k < d->nvars; k++)
        if (d->var[k] == i)
            return true;
    return false;
}

/* Declared shapes keep their names: one trace serves all sizes. */
static Shape signature_shape(Interp *in, const Derived *d, int i,
                             const Value *v)
{
    const Decl *decl = d->decl[i];
    if (decl && decl->ndims > 0) {
        Shape s = {1, 1};
        Dim *side[] = {&s.rows, &s.cols};
        for (uint32_t k = 0; k < decl->ndims && k < 2; k++) {
            const Ast *dim = decl->dims[k];
            if (dim->kind == AST_NAME)
                *side[k] =
                    dim_of_node(in->graph, dimension_symbol(in, dim->name));
            else
                *side[k] = dim_of_node(in->graph,
                                       node_of_value(in, eval(in, (Ast *)dim)));
        }
        return s;
    }
    if (!v)
        return SHAPE_SCALAR;
    return v->kind == VAL_EXPR ? node_shape(in->graph, v->expr->node)
                               : value_shape(*v);
}

/* An integer that is not differentiated by goes in by value: it may count. */
static bool is_fixed(const Derived *d, int i, Value v)
{
    if (derive_is_var(d, i))
        return false;
    return !derive_is_formula_argument(v) || v.kind == VAL_INT;
}

static Value make_signature(Interp *in, const Derived *d, const Value *args)
{
    Value list = list_new((size_t)d->nparams);
    for (int i = 0; i < d->nparams; i++) {
        if (args && is_fixed(d, i, args[i])) {
            list_push(list, args[i]);
            continue;
        }
        Shape s = signature_shape(in, d, i, args ? &args[i] : NULL);
        Value pair = list_new(2);
        list_push(pair, value_int(s.rows));
        list_push(pair, value_int(s.cols));
        list_push(pair, VALUE_NONE);
        list_push(list, pair);
    }
    if (args)
        list_push(list, args[ARG_OPTIONS]);
    return list;
}

static bool reads_current(const Trace *t)
{
    for (size_t i = 0; i < t->reads.count; i++)
        if (t->reads.at[i].cell->version != t->reads.at[i].version)
            return false;
    return true;
}

static Dim settled_dim(Interp *in, const Trace *t, Dim d)
{
    for (int i = 0; i < t->ndims; i++)
        if (d < 0 && node_of_dim(in->graph, d) == t->dim[i].dim)
            d = t->dim[i].is;
    return d;
}

static Node trace_base(Interp *in, const Derived *d, Trace *t,
                       const Value *args)
{
    Value v[MOST_PARAMS];
    for (int i = 0; i < d->nparams; i++) {
        if (args && is_fixed(d, i, args[i])) {
            v[i] = args[i];
            t->param[i] = NODE_NONE;
            continue;
        }
        Shape s = signature_shape(in, d, i, args ? &args[i] : NULL);
        s = (Shape){settled_dim(in, t, s.rows), settled_dim(in, t, s.cols)};
        t->param[i] =
            node_symbol(in->graph, fresh_name(in, d->base, d->name[i]), s,
                        decl_symbol_flags(d->decl[i]));
        v[i] = value_expr(t->param[i]);
    }
    Value y = call_with_options(in, d->base, d->nparams, v,
                                args ? args[ARG_OPTIONS] : VALUE_NONE);
    if (!derive_is_formula_argument(y))
        error_raise(SPAN_NONE, d->kind == DERIVE_NOTHING ? ERR_TYPE : ERR_DIFF,
                    "the function gives %s, which has no %s",
                    value_kind_phrase(y),
                    d->kind == DERIVE_NOTHING ? "formula" : "derivative");
    return node_of_value(in, y);
}

static Node stack_vars(Interp *in, const Derived *d, const Trace *t)
{
    Node part[MOST_PARAMS];
    for (int i = 0; i < d->nvars; i++)
        part[i] = t->param[d->var[i]];
    return d->nvars == 1 ? part[0] : node_stack(in->graph, d->nvars, part);
}

static bool vars_scalar(Interp *in, const Derived *d, const Trace *t)
{
    for (int i = 0; i < d->nvars; i++)
        if (!node_is_scalar(in->graph, t->param[d->var[i]]))
            return false;
    return true;
}

void derive_need_scalar(Interp *in, Node y, const char *what)
{
    if (node_is_scalar(in->graph, y))
        return;
    Str s = str_in(error_arena());
    shape_print(in->graph, node_shape(in->graph, y), &s);
    error_raise_help(SPAN_NONE, ERR_SHAPE, NULL, "jacobian(f) is for vectors",
                     "%s needs a function that gives a number, and this gives "
                     "%s",
                     what, str_text(&s));
}

static void derive_grad(Interp *in, const Derived *d, Trace *t, Node y)
{
    Graph *g = in->graph;
    Node x[MOST_PARAMS], grad[MOST_PARAMS];
    derive_need_scalar(in, y, "grad");
    for (int i = 0; i < d->nvars; i++)
        x[i] = t->param[d->var[i]];
    diff_reverse(g, y, d->nvars, x, grad);
    if (d->nvars > 1 && vars_scalar(in, d, t)) {
        t->out[0] = node_textbook(g, node_stack(g, d->nvars, grad));
        t->nout = 1;
        return;
    }
    t->nout = d->nvars;
    t->record = d->nvars > 1;
    for (int i = 0; i < d->nvars; i++)
        t->out[i] = node_textbook(g, grad[i]);
}

/* The Jacobian or Hessian in closed form; ERR_TENSOR where there is none. */
static Node closed_form(Interp *in, const Derived *d, const Trace *t, Node y)
{
    Node x = stack_vars(in, d, t);
    return node_textbook(in->graph, d->kind == DERIVE_HESSIAN
                                        ? diff_hessian(in->graph, y, x)
                                        : diff_jacobian(in->graph, y, x));
}

/* What would be a tensor is computed for numbers, a column at a time: the
 * change of the value, or of the gradient, for changes of the variables. */
static void derive_columns(Interp *in, const Derived *d, Trace *t, Node y)
{
    Graph *g = in->graph;
    Node x[MOST_PARAMS], of[MOST_PARAMS] = {y};
    for (int i = 0; i < d->nvars; i++) {
        Str name = str_in(in->scratch);
        str_add_format(&name, "d%s", d->name[d->var[i]]);
        x[i] = t->param[d->var[i]];
        t->dx[i] = node_symbol(g, name_of(str_text(&name)), node_shape(g, x[i]),
                               SYM_PLACEHOLDER);
    }
    t->columns = true;
    t->value = y;
    t->nout = d->kind == DERIVE_HESSIAN ? d->nvars : 1;
    t->record = t->nout > 1;
    if (d->kind == DERIVE_HESSIAN)
        diff_reverse(g, y, d->nvars, x, of);
    for (int i = 0; i < t->nout; i++)
        t->out[i] = diff_forward(g, of[i], d->nvars, x, t->dx);
    t->at_once = columns_fit_at_once(in, d, t);
}

/*
 * The closed form of the second derivatives of these divides by a determinant
 * or by factors that may be 0; by columns they are the polynomials they are.
 */
static bool holds_polynomial(Interp *in, Node y)
{
    static const OpId op[] = {OP_DET,       OP_ADJ,
                              OP_DADJ,      OP_DDADJ,
                              OP_PROD_ROWS, OP_PROD_OTHERS_ROWS,
                              OP_ROW_PAIRS, OP_PROD_OTHERS_ALL};
    return node_holds_op(in->graph, y, sizeof op / sizeof *op, op);
}

static void derive_matrix(Interp *in, const Derived *d, Trace *t, Node y)
{
    if (holds_polynomial(in, y)) {
        derive_columns(in, d, t, y);
        return;
    }
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    if (PROTECT(&p)) {
        t->out[0] = closed_form(in, d, t, y);
        protect_end(&p);
        return;
    }
    if (context_error()->code != ERR_TENSOR)
        error_again();
    interp_restore(in, &c);
    derive_columns(in, d, t, y);
}

/*
 * f' at an array, of an f that works entry by entry: the derivative of each
 * entry by its own.  NODE_NONE if an entry of y depends on other entries of x.
 */
static Node derive_entries(Interp *in, Node y, Node x, int order)
{
    Graph *g = in->graph;
    if (!shape_same(node_shape(g, y), node_shape(g, x)))
        return NODE_NONE;
    Entries e = entries_new(g, in->scratch, node_shape(g, x));
    Node u = entry_formula(&e, y), own = NODE_NONE;
    if (node_depends(g, u, x))
        return NODE_NONE;
    for (size_t i = 0; i < e.array.count; i++)
        if (e.array.at[i] == x)
            own = e.symbol.at[i];
        else if (node_depends(g, e.array.at[i], x))
            return NODE_NONE;
    if (own == NODE_NONE)
        return node_zero(g, node_shape(g, x));
    return entry_array(&e, diff_scalar_order(g, u, own, order));
}

static Node derive_prime_of(Interp *in, const Derived *d, Node y, Node x)
{
    if (node_is_scalar(in->graph, x))
        return diff_scalar_order(in->graph, y, x, d->order);
    Node dy = derive_entries(in, y, x, d->order);
    if (dy == NODE_NONE)
        error_raise_help(SPAN_NONE, ERR_DIFF, NULL, "grad(f) or jacobian(f)",
                         "f' of an array is the derivative of each entry by "
                         "its own, and here entries depend on others");
    return dy;
}

static void derive_outputs(Interp *in, const Derived *d, Trace *t, Node y)
{
    Graph *g = in->graph;
    t->nout = 1;
    switch (d->kind) {
    case DERIVE_NOTHING:
        t->out[0] = y;
        break;
    case DERIVE_DIFF:
        y = derive_prime_of(in, d, y, t->param[d->var[0]]);
        t->out[0] = node_textbook(g, y);
        break;
    case DERIVE_GRAD:
        derive_grad(in, d, t, y);
        break;
    case DERIVE_VALUE_GRAD:
        derive_grad(in, d, t, y);
        t->valued = true;
        t->out[t->nout++] = y;
        break;
    case DERIVE_JACOBIAN:
        derive_matrix(in, d, t, y);
        break;
    case DERIVE_HESSIAN:
        derive_need_scalar(in, y, "hessian");
        derive_matrix(in, d, t, y);
        break;
    }
}

static void keep_roots(Interp *in, const Derived *d, Trace *t)
{
    (void)in;
    Value roots = list_new((size_t)(d->nparams + t->nout));
    for (int i = 0; i < d->nparams; i++)
        if (t->param[i] != NODE_NONE)
            list_push(roots, value_expr(t->param[i]));
    for (int i = 0; i < t->nout; i++)
        list_push(roots, value_expr(t->out[i]));
    if (t->guard != NODE_NONE)
        list_push(roots, value_expr(t->guard));
    for (int i = 0; t->columns && i < d->nvars; i++)
        list_push(roots, value_expr(t->dx[i]));
    if (t->columns)
        list_push(roots, value_expr(t->value));
    value_store(&t->roots, roots);
}

/*
 * 1/x is a number where log(x) is none: a derivative is refused where its
 * function is.
 */
bool derive_forgets_domain(Interp *in, Node y)
{
    static const OpId narrow[] = {OP_LOG,    OP_LOG2,  OP_LOG10, OP_LOG1P,
                                  OP_LOGDET, OP_ATANH, OP_ACOSH, OP_XLOGY};
    enum { COUNT = sizeof narrow / sizeof *narrow };
    return node_holds_op(in->graph, y, COUNT, narrow);
}

/*
 * False if the shapes would fit with a named dimension made another one: the
 * caller tries again with it.
 */
static bool try_trace(Interp *in, const Derived *d, Trace *t, const Value *args)
{
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    volatile bool good = false;
    in->unify.dim = NODE_NONE;
    if (PROTECT(&p)) {
        Node y = trace_base(in, d, t, args);
        t->guard = derive_forgets_domain(in, y) ? y : NODE_NONE;
        derive_outputs(in, d, t, y);
        protect_end(&p);
        good = true;
    } else {
        bool again = context_error()->code == ERR_SHAPE &&
                     in->unify.dim != NODE_NONE && t->ndims < MOST_PARAMS;
        for (int i = 0; i < t->ndims; i++)
            again = again && t->dim[i].dim != in->unify.dim;
        if (!again)
            error_again();
        interp_restore(in, &c);
    }
    return good;
}

/* A new trace is linked at once, so that an error on the way loses nothing. */
static Trace *new_trace(Interp *in, Derived *d, Value signature,
                        const Value *args)
{
    Trace *t = mem_zero(1, sizeof *t);
    Reads *outer = in->reads;
    t->depth = in->depth;
    t->next = d->traces;
    d->traces = t;
    in->reads = &t->reads;
    interp_hold(in, 1);
    while (!try_trace(in, d, t, args))
        t->dim[t->ndims++] = in->unify;
    keep_roots(in, d, t);
    value_store(&t->signature, signature);
    interp_hold(in, -1);
    in->reads = outer;
    return t;
}

/*
 * A trace without a signature is being built by a call further out, or was
 * left behind by an error: then it was begun no less deep than we are.
 */
static void drop_traces(Interp *in, Derived *d)
{
    int n = 0;
    for (Trace **p = &d->traces; *p;) {
        Trace *t = *p;
        bool built = t->signature.kind != VAL_NONE;
        if (built ? ++n > MOST_TRACES || !reads_current(t)
                  : t->depth >= in->depth) {
            *p = t->next;
            free_trace(t);
        } else {
            p = &t->next;
        }
    }
}

static Trace *find_trace(Interp *in, Derived *d, const Value *args)
{
    Value signature = make_signature(in, d, args);
    drop_traces(in, d);
    Trace *t = d->traces;
    while (t && (t->signature.kind == VAL_NONE ||
                 !value_same(t->signature, signature)))
        t = t->next;
    if (!t)
        t = new_trace(in, d, signature, args);
    for (size_t i = 0; in->reads && i < t->reads.count; i++)
        VEC_PUSH(in->reads, t->reads.at[i]);
    return t;
}

/* The trace where a formula is wanted: what has none says so. */
static Trace *find_formula(Interp *in, Derived *d, const Value *args)
{
    Trace *t = find_trace(in, d, args);
    if (!t->columns || t->formula)
        return t->columns ? t->formula : t;
    Node y = closed_form(in, d, t, t->value);
    Trace *f = t->formula = mem_zero(1, sizeof *f);
    memcpy(f->param, t->param, sizeof f->param);
    f->guard = t->guard;
    f->out[f->nout++] = y;
    keep_roots(in, d, f);
    return f;
}

Value derived_base(const Function *f)
{
    return ((const Derived *)f->data)->base;
}

bool derived_is_guarded(const Function *f)
{
    for (const Trace *t = ((const Derived *)f->data)->traces; t; t = t->next)
        if (t->guard != NODE_NONE)
            return true;
    return false;
}

/* ---- printing ---- */

static void print_params(const Derived *d, Str *out)
{
    if (d->nparams != 1)
        str_add_char(out, '(');
    for (int i = 0; i < d->nparams; i++)
        str_add_format(out, "%s%s", i ? ", " : "", d->name[i]);
    str_add(out, d->nparams != 1 ? ") -> " : " -> ");
}

static void print_derived(const Function *f, Str *out)
{
    Interp *in = interp_current();
    Derived *d = f->data;
    Trace *t = find_formula(in, d, NULL);
    int n = t->nout - t->valued;
    print_params(d, out);
    if (t->valued) {
        str_add(out, "{value = ");
        node_print(in->graph, t->out[n], out);
        str_add(out, ", grad = ");
    }
    if (!t->record) {
        node_print(in->graph, t->out[0], out);
        Shape s = node_shape(in->graph, t->out[0]);
        str_add(out, t->valued ? "}" : "");
        if (!shape_is_scalar(s) && !t->valued) {
            str_add(out, "    # ");
            shape_print(in->graph, s, out);
        }
        return;
    }
    for (int i = 0; i < n; i++) {
        str_add_format(out, "%s%s = ", i ? ", " : "{", d->name[d->var[i]]);
        node_print(in->graph, t->out[i], out);
    }
    str_add(out, t->valued ? "}}" : "}");
}

/* ---- calling ---- */

/* Does the formula hold symbols that are no parameters: those of a model in
 * which the function stands, or values that are formulas? */
static bool is_open(Interp *in, const Derived *d, Trace *t)
{
    if (t->open)
        return t->open > 0;
    Arena *a = arena_local();
    bool open = false;
    for (int i = 0; i < t->nout; i++) {
        Node *symbol;
        int n = node_symbols(in->graph, t->out[i], a, &symbol);
        for (int k = 0; k < n && !open; k++) {
            bool own = node_symbol_flags(in->graph, symbol[k]) & SYM_DIMENSION;
            for (int j = 0; j < d->nparams; j++)
                own = own || symbol[k] == t->param[j] || symbol[k] == t->dx[j];
            open = !own;
        }
    }
    arena_free(a);
    t->open = open ? 1 : -1;
    return open;
}

Value call_derived(Interp *in, Function *f, const Args *a)
{
    Derived *d = f->data;
    Value args[ARG_COUNT] = {VALUE_NONE};
    args[ARG_OPTIONS] =
        place_arguments(d->base.function, a, d->nparams, d->name, args);
    bool symbolic = has_formula(args[ARG_OPTIONS]), parts = false;
    for (int i = 0; i < d->nparams; i++) {
        symbolic = symbolic || args[i].kind == VAL_EXPR;
        parts =
            (derive_is_var(d, i) && needs_parts(d->name[i], args[i])) || parts;
    }
    if (parts && args[ARG_OPTIONS].kind != VAL_NONE)
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                         "a function that fixes them: w -> f(w; lam = 3)",
                         "options with a record or a list of parameters");
    if (parts)
        return parts_gradient(
            in,
            &(PartsCall){d->kind, d->base, d->nparams, args, d->nvars, d->var},
            &d->parts);
    Value wide;
    if (!symbolic && d->sparse)
        return call_sparse(in, d, args);
    if (!symbolic && call_sparse_if_large(in, d, args, &wide))
        return wide;
    Trace *t = symbolic ? find_formula(in, d, args) : find_trace(in, d, args);
    if (!symbolic && is_open(in, d, t)) {
        symbolic = true;
        t = find_formula(in, d, args);
    }
    if (t->columns)
        return call_by_columns(in, d, t, args);
    if (symbolic || args_are_exact(d->nparams, args)) {
        Value y = call_by_substitution(in, d, t, args);
        if (symbolic || !derived_is_unfinished(in, y))
            return y;
    }
    return call_by_program(in, d, t, args);
}

/* ---- questions of others ---- */

int derived_vars(const Function *f, int var[], Name name[])
{
    const Derived *d = f->data;
    for (int i = 0; i < d->nvars; i++) {
        var[i] = d->var[i];
        name[i] = d->name[d->var[i]];
    }
    return d->nvars;
}

int derived_shapes(Interp *in, Function *f, Shape s[])
{
    const Derived *d = f->data;
    const Trace *t = find_trace(in, f->data, NULL);
    for (int i = 0; i < d->nparams; i++)
        s[i] = node_shape(in->graph, t->param[i]);
    return d->nparams;
}

Value derived_lower(Interp *in, const Function *f, DeriveKind *kind)
{
    const Derived *d = f->data;
    *kind = d->kind;
    if (d->kind != DERIVE_DIFF || d->order <= 1)
        return d->base;
    Name var = d->name[d->var[0]];
    return derive_function(in, DERIVE_DIFF, d->base, d->order - 1, 1, &var,
                           *context_here());
}

Node derived_formula(Interp *in, Function *f)
{
    Trace *t = find_formula(in, f->data, NULL);
    if (t->valued)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "value_and_grad gives a value and a gradient: take f or "
                    "grad(f)");
    if (t->record)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "this derivative has several parts: name one parameter");
    return t->out[0];
}

Node function_formula(Interp *in, Value f, Name name[], int *count)
{
    int place[MOST_PARAMS];
    Value y =
        derive_function(in, DERIVE_NOTHING, f, 0, 0, NULL, *context_here());
    *count = derived_vars(y.function, place, name);
    return derived_formula(in, y.function);
}

size_t derived_nodes(Interp *in, Function *f)
{
    Trace *t = find_formula(in, f->data, NULL);
    return node_reachable(in->graph, t->nout, t->out);
}
