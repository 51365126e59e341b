/*
 * help.c - `?name`
 */
#include "eval/help.h"

#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "eval/call.h"
#include "eval/fit.h"
#include "eval/help_inside.h"
#include "eval/module.h"
#include "syntax/diag.h"
#include "syntax/print.h"

/* What `?` shows: what is typed, and what that is. */
static const struct {
    const char *form, *what;
} overview[] = {
    {"f(x) = x^2*sin(x)", "a function;  f' is its derivative"},
    {"sym A[n,n], v[n]", "symbols with shapes"},
    {"grad(v'*A*v, v)", "gradient;  hessian, jacobian, diff"},
    {"D = read(\"cars.csv\")", "a table;  D.speed is a column"},
    {"m = fit(ols, D, \"dist ~ speed\")", "a fit;  summary(m), m.predict"},
    {"?name  ?source name", "what it is;  how it is written"},
    {"??word", "all that speaks of a word"},
    {"?layout  ?model  ?minimize  ?sym", "shapes of derivatives, statements"},
    {":who  :clear  :time STATEMENT", "variables;  how long it takes"},
    {":save FILE  :load FILE  :history", "the session as a script"},
    {"TAB", "names, members, options, files;  \\alpha"},
    {":tour  :help  :quit", "ten steps;  all commands;  Ctrl-D"},
};

static const Topic topics[] = {
#define TOPIC(names, form, text, example) {names, form, text, example},
#include "eval/topics.def"
#undef TOPIC
};

/* In two columns, or where these do not fit one below the other. */
static void write_overview(Interp *in)
{
    Arena *a = arena_local();
    bool wide = in->format.width >= 74;
    for (size_t i = 0; i < sizeof overview / sizeof *overview; i++)
        help_write(in, arena_printf(a, wide ? "  %-33s %s\n" : "%s\n    %s\n",
                                    overview[i].form, overview[i].what));
    arena_free(a);
}

/* How it is typed, what it does; the example follows. */
static void write_entry(Interp *in, const char *form, const char *text)
{
    help_wrapped(in, "", form, true);
    help_wrapped(in, "  ", text, false);
}

/* ---- functions ---- */

static void write_signature(Interp *in, const Function *f)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    int n;
    const Decl *d = function_params(f, &n);
    str_add_format(&s, "%s(", f->name);
    for (int i = 0; i < n; i++) {
        if (i > 0)
            str_add(&s, d[i].option && !d[i - 1].option ? "; " : ", ");
        ast_print_decl(&s, &d[i]);
    }
    str_add(&s, ")\n");
    help_write(in, str_text(&s));
    arena_free(a);
}

static void write_differentials(Interp *in, Arena *a, OpId op)
{
    for (size_t i = 0; i < op_diff_count; i++)
        if (op_diffs[i].op == op)
            help_write(
                in, arena_printf(a, "  differential: %s\n", op_diffs[i].text));
}

static void help_operator(Interp *in, const OpInfo *op)
{
    static const char *const args[] = {"()", "(a)", "(a, b)", "(a, b, c)"};
    Arena *a = arena_local();
    write_entry(in, arena_printf(a, "%s%s", op->name, args[op->nargs]),
                op->help ? op->help : "");
    write_differentials(in, a, op->id);
    help_example(in, op->example);
    arena_free(a);
}

const char *help_of_builtin(const Builtin *b)
{
    return b->op >= 0 ? op_table[b->op].help : b->help;
}

static void help_builtin(Interp *in, const Builtin *b)
{
    if (b->op >= 0) {
        help_operator(in, &op_table[b->op]);
        return;
    }
    Arena *a = arena_local();
    write_entry(in, b->signature, b->help);
    int op = op_find(name_of(b->name));
    if (op >= 0)
        write_differentials(in, a, (OpId)op);
    help_example(in, b->example);
    arena_free(a);
}

/* The definition without the lines around it and its doc comment. */
static void write_model(Interp *in, const Ast *def)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    ast_print_statement(&s, def, 0);
    for (char *p = s.at; *p;) {
        size_t n = strcspn(p, "\n");
        if (p[0] == ' ')
            help_write(in, arena_printf(a, "%.*s\n", (int)n, p));
        p += n + (p[n] == '\n');
    }
    arena_free(a);
}

static void help_model(Interp *in, const Model *m)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    bool option = false;
    str_add_format(&s, "fit(%s", m->def->name);
    for (int i = 0; i < model_data_count(m); i++)
        if (!model_data(m, i)->value)
            str_add_format(&s, ", %s", model_data(m, i)->name);
    const Decl *d;
    for (int i = 0; (d = model_hyper(m, i)) != NULL; i++) {
        str_add_format(&s, "%s%s", option ? ", " : "; ", d->name);
        option = true;
        if (d->value) {
            str_add(&s, " = ");
            ast_print(&s, d->value);
        }
    }
    for (int i = 0; i < model_data_count(m); i++)
        if ((d = model_data(m, i))->value) {
            str_add_format(&s, "%s%s = ", option ? ", " : "; ", d->name);
            ast_print(&s, d->value);
            option = true;
        }
    str_add(&s, ")\n");
    help_write(in, str_text(&s));
    help_doc(in, m->def->text);
    write_model(in, m->def);
    help_example(in, help_doc_example(a, m->def->text));
    arena_free(a);
}

/* What a definition in one line computes. */
static void write_formula(Interp *in, const Ast *def)
{
    if (def->kind != AST_FUNCTION || (def->flags & AST_LONG))
        return;
    Arena *a = arena_local();
    help_wrapped(in, "  ", arena_printf(a, "= %s", ast_text(a, def->kids[0])),
                 false);
    arena_free(a);
}

static void help_function(Interp *in, Value v)
{
    const Function *f = v.function;
    if (f->class == &class_builtin) {
        help_builtin(in, f->data);
    } else if (f->class == &class_model) {
        help_model(in, f->data);
    } else if (f->class == &class_closure && f->name) {
        const Ast *def = ((const Closure *)f->data)->def;
        Arena *a = arena_local();
        write_signature(in, f);
        help_doc(in, def->text);
        write_formula(in, def);
        help_example(in, help_doc_example(a, def->text));
        arena_free(a);
    } else {
        interp_show(in, v);
    }
}

/* ---- words, marks and conventions ---- */

/* Is the name one of these, which have blanks between? */
static bool is_among(const char *name, const char *names)
{
    size_t len = strlen(name);
    for (const char *t = names; *t; t += strspn(t, " ")) {
        size_t n = strcspn(t, " ");
        if (n == len && !memcmp(t, name, n))
            return true;
        t += n;
    }
    return false;
}

const Topic *help_topic(size_t i)
{
    return i < sizeof topics / sizeof *topics ? &topics[i] : NULL;
}

static bool show_topic(Interp *in, const char *name)
{
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        const Topic *t = &topics[i];
        if (!is_among(name, t->names))
            continue;
        write_entry(in, t->form, t->text);
        help_example(in, t->example);
        return true;
    }
    return false;
}

/* What an option of fit is that has the name of a function, as steps. */
static void help_option(Interp *in, const char *name)
{
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        const Topic *t = &topics[i];
        if (strncmp(t->form, "fit(", 4) != 0 || !is_among(name, t->names))
            continue;
        help_write(in, "as an option of fit:\n");
        write_entry(in, t->form, t->text);
        help_example(in, t->example);
    }
}

const char *help_topic_example(size_t i, const char **names)
{
    if (i >= sizeof topics / sizeof *topics)
        return NULL;
    *names = topics[i].names;
    return topics[i].example;
}

static bool help_core(Interp *in, const char *name)
{
    bool found = false;
    for (int i = 0; i < OP_COUNT; i++) {
        const OpInfo *op = &op_table[i];
        if (op->class != CLASS_CORE || strcmp(op->name, name) != 0)
            continue;
        write_entry(in, name, op->help);
        help_example(in, op->example);
        found = true;
    }
    return found;
}

/* ---- questions ---- */

/* A name like it that has help, or NULL. */
static const char *nearest(const char *name)
{
    Arena *a = error_arena();
    VEC(const char *) all = {0};
    const Builtin *b;
    const char *other;
    for (size_t i = 0; (b = builtin_row(i)) != NULL; i++)
        VEC_PUSH_IN(a, &all, b->name);
    for (size_t i = 0; (other = library_name(i)) != NULL; i++)
        VEC_PUSH_IN(a, &all, other);
    return diag_nearest(name, all.at, all.count);
}

static _Noreturn void raise_no_help(const char *name, Span at)
{
    const char *near = nearest(name);
    error_raise_help(
        at, ERR_NAME, NULL,
        near ? arena_printf(error_arena(), "did you mean ?%s", near)
             : arena_printf(error_arena(),
                            "??%.40s looks for a word; ? shows how to begin",
                            name),
        "nothing is known of `%.40s`", name);
}

static void help_value(Interp *in, Value v, const char *name)
{
    if (v.kind == VAL_FUNCTION) {
        help_function(in, v);
        return;
    }
    Arena *a = arena_local();
    help_write(in, arena_printf(a, "%s is %s:\n", name, value_kind_phrase(v)));
    arena_free(a);
    interp_show(in, v);
    if (op_find(name_of(name)) >= 0)
        help_operator(in, &op_table[op_find(name_of(name))]);
}

/* The question without the blanks around it, of a call the name. */
static const char *trimmed(Arena *a, const char *question)
{
    question += strspn(question, " \t");
    size_t n = strcspn(question, "(");
    n = n ? n : strlen(question);
    while (n > 0 && strchr(" \t;", question[n - 1]))
        n--;
    return arena_copy(a, question, n);
}

void help_show(Interp *in, const char *question, Span at)
{
    Value v;
    Arena *a = arena_local();
    const char *name = trimmed(a, question);
    size_t source = strncmp(name, "source ", 7) == 0 ? 7 : 0;
    if (!*name) {
        write_overview(in);
    } else if (source) {
        help_source(in, name + source + strspn(name + source, " "), at);
    } else if (*name == '?') {
        name = trimmed(a, name + 1);
        if (!*name || !help_search(in, name))
            raise_no_help(name, at);
    } else if (lookup_name(in, name_of(name), &v)) {
        help_value(in, v, name);
        help_option(in, name);
    } else if (!show_topic(in, name) && !help_core(in, name)) {
        raise_no_help(name, at);
    }
    arena_free(a);
}
