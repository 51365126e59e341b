/*
 * help.c - `?name`
 */
#include "repl/help.h"

#include <string.h>

#include "eval/call.h"
#include "eval/module.h"
#include "syntax/diag.h"
#include "syntax/print.h"

static const char overview[] =
    "Type a formula, a definition or a command:\n"
    "  f(x) = x^2*sin(x)                 a function;  f' is its derivative\n"
    "  sym A[n,n], v[n]                  symbols with shapes\n"
    "  grad(v'*A*v, v)                   gradient;  hessian, jacobian, diff\n"
    "  D = read(\"cars.csv\")              a table;  D.speed is a column\n"
    "  X\\y, inv(A), norm2(v), sum(v)     numbers and formulas alike\n"
    "?name   what a name is      ??word  names that speak of a word\n"
    ":who    variables           :time   how long a statement takes\n"
    ":clear  forget them         :save FILE   the session as a script\n"
    ":quit   or Ctrl-D\n";

static void write_text(Interp *in, const char *text)
{
    interp_write(in, text, strlen(text));
}

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
    write_text(in, str_text(&s));
    arena_free(a);
}

static void write_differentials(Interp *in, Arena *a, OpId op)
{
    for (size_t i = 0; i < op_diff_count; i++)
        if (op_diffs[i].op == op)
            write_text(in, arena_printf(a, "  differential: %s\n",
                                        op_diffs[i].text));
}

static void help_operator(Interp *in, const OpInfo *op)
{
    static const char *const args[] = {"()", "(a)", "(a, b)", "(a, b, c)"};
    Arena *a = arena_local();
    write_text(in, arena_printf(a, "%s%s\n  %s\n", op->name, args[op->nargs],
                                op->help ? op->help : ""));
    write_differentials(in, a, op->id);
    if (op->example && *op->example)
        write_text(in, arena_printf(a, "  example: %s\n", op->example));
    arena_free(a);
}

static void help_builtin(Interp *in, const Builtin *b)
{
    if (b->op >= 0) {
        help_operator(in, &op_table[b->op]);
        return;
    }
    Arena *a = arena_local();
    write_text(in, arena_printf(a, "%s\n  %s\n", b->signature, b->help));
    int op = op_find(name_of(b->name));
    if (op >= 0)
        write_differentials(in, a, (OpId)op);
    write_text(in, arena_printf(a, "  example: %s\n", b->example));
    arena_free(a);
}

static void help_function(Interp *in, Value v, const char *name)
{
    if (v.function->class == &class_builtin) {
        help_builtin(in, v.function->data);
        return;
    }
    if (v.function->class == &class_closure && v.function->name)
        write_signature(in, v.function);
    const char *doc = value_doc(v);
    if (doc) {
        write_text(in, doc);
        if (*doc && doc[strlen(doc) - 1] != '\n')
            write_text(in, "\n");
    } else {
        interp_show(in, v);
    }
    (void)name;
}

/* What is written with marks or words of the language: `*`, `if`. */
static bool help_core(Interp *in, const char *name)
{
    Arena *a = arena_local();
    bool found = false;
    for (int i = 0; i < OP_COUNT; i++) {
        const OpInfo *op = &op_table[i];
        if (op->class != CLASS_CORE || strcmp(op->name, name) != 0)
            continue;
        write_text(in, arena_printf(a, "%s\n  %s\n  example: %s\n", name,
                                    op->help, op->example));
        found = true;
    }
    arena_free(a);
    return found;
}

void help_name(Interp *in, const char *name)
{
    Value v;
    if (!*name) {
        write_text(in, overview);
        return;
    }
    if (lookup_name(in, name_of(name), &v)) {
        if (v.kind == VAL_FUNCTION) {
            help_function(in, v, name);
        } else {
            Arena *a = arena_local();
            write_text(in, arena_printf(a, "%s is %s:\n", name,
                                        value_kind_phrase(v)));
            arena_free(a);
            interp_show(in, v);
            if (op_find(name_of(name)) >= 0)
                help_operator(in, &op_table[op_find(name_of(name))]);
        }
        return;
    }
    if (help_core(in, name))
        return;
    Ast t = {.kind = AST_NAME, .name = name_of(name)};
    raise_unknown(in, &t);
}

void help_search(Interp *in, const char *word)
{
    Arena *a = arena_local();
    const Builtin *b;
    for (size_t i = 0; (b = builtin_row(i)) != NULL; i++) {
        const char *help = b->op >= 0 ? op_table[b->op].help : b->help;
        if (builtin_named(name_of(b->name)) != b || !help)
            continue;
        if (strstr(b->name, word) || strstr(help, word))
            write_text(in, arena_printf(a, "%-14s %s\n", b->name, help));
    }
    const char *name;
    for (size_t i = 0; (name = library_name(i)) != NULL; i++)
        if (strstr(name, word))
            write_text(in, arena_printf(a, "%-14s (library)\n", name));
    arena_free(a);
}
