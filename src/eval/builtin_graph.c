/*
 * builtin_graph.c - formulas looked at: expand, latex, pretty, graph, nodes
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/builtin.h"
#include "eval/derive.h"
#include "eval/module.h"
#include "graph/pretty.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "graph/tree.h"
#include "io/file.h"
#include "io/spawn.h"

Value builtin_expand(Interp *in, const Args *a)
{
    if (a->at[0].kind != VAL_EXPR)
        return value_of_node(in, node_of_value(in, a->at[0]));
    return value_of_node(in, node_expand(in->graph, a->at[0].expr->node));
}

enum { MOST_HEAD = 64 }; /* as many as a function has parameters */

/*
 * The formula of a value: of a derived function its closed form, of a function
 * what it gives for symbols.  The head of a definition, if there is one, goes
 * to *head.
 */
static Node formula_of(Interp *in, Value v, FormulaHead *head)
{
    *head = (FormulaHead){0};
    if (v.kind != VAL_FUNCTION)
        return node_of_value(in, v);
    if (v.function->class == &class_derived)
        return derived_formula(in, v.function);
    Name *name = ARENA_ARRAY(in->scratch, Name, MOST_HEAD);
    Node n = function_formula(in, v, name, &head->count);
    if (v.function->class != &class_closure)
        return n;
    head->name = v.function->name;
    head->param = name;
    return n;
}

Value builtin_latex(Interp *in, const Args *a)
{
    Str s = str_in(in->scratch);
    FormulaHead head;
    Node n = formula_of(in, a->at[0], &head);
    node_latex(in->graph, n, head.param ? &head : NULL, &s);
    return value_string_len(str_text(&s), s.len);
}

Value builtin_pretty(Interp *in, const Args *a)
{
    Str s = str_in(in->scratch);
    FormulaHead head;
    Node n = formula_of(in, a->at[0], &head);
    node_pretty(in->graph, n, head.param ? &head : NULL,
                option_bool(a, "ascii", !locale_is_utf8()), in->format.width,
                &s);
    interp_write(in, str_text(&s), s.len);
    return VALUE_NONE;
}

Value builtin_nodes(Interp *in, const Args *a)
{
    if (a->at[0].kind == VAL_FUNCTION &&
        a->at[0].function->class == &class_derived)
        return value_int((int64_t)derived_nodes(in, a->at[0].function));
    return value_int((int64_t)node_reachable(
        in->graph, 1, (Node[]){node_of_value(in, a->at[0])}));
}

/* ---- graph ---- */

/* A file that Graphviz reads: its name, in the arena. */
static char *write_temporary(Arena *a, const Str *dot)
{
    const char *folder = getenv("TMPDIR");
    char *path =
        arena_printf(a, "%s/mlc-XXXXXX", folder && *folder ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0)
        error_raise(SPAN_NONE, ERR_OUTPUT, "cannot make a file in `%s`",
                    folder && *folder ? folder : "/tmp");
    size_t done = 0;
    while (done < dot->len) {
        ssize_t n = write(fd, dot->at + done, dot->len - done);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    close(fd);
    if (done < dot->len) {
        unlink(path);
        error_raise(SPAN_NONE, ERR_OUTPUT, "cannot write `%s`", path);
    }
    return path;
}

/* The exit status of dot; -1: there is no such program. */
static int run_dot(Interp *in, const Str *dot, const char *path,
                   const char *kind)
{
    Arena *a = in->scratch;
    char *from = write_temporary(a, dot);
    const char *const argv[] = {
        "dot", arena_printf(a, "-T%s", kind), "-o", path, from, NULL};
    Protect p;
    volatile int status = 0;
    if (PROTECT(&p)) {
        status = spawn_run(argv);
        protect_end(&p);
        unlink(from);
    } else {
        unlink(from);
        error_again();
    }
    return status;
}

static void write_picture(Interp *in, const Str *dot, const char *path,
                          const char *kind)
{
    int status = run_dot(in, dot, path, kind);
    if (status < 0)
        error_raise_help(SPAN_NONE, ERR_FILE, NULL,
                         "install the package graphviz, or write a .dot file",
                         "the program `dot` is not here, which draws the "
                         "picture");
    if (status != 0)
        error_raise(SPAN_NONE, ERR_FILE,
                    "`dot` could not write `%s` (exit status %d)", path,
                    status);
}

static void write_graph(Interp *in, Node n, const char *given)
{
    static const char *const kind[] = {"svg", "png", "pdf"};
    Str dot = str_in(in->scratch);
    const char *path = relative_path(in, in->scratch, given);
    const char *ending = strrchr(given, '.');
    ending = ending ? ending + 1 : "";
    node_digraph(in->graph, n, &dot);
    if (!strcmp(ending, "dot")) {
        file_write(path, dot.at, dot.len);
        return;
    }
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
        if (!strcmp(ending, kind[i])) {
            write_picture(in, &dot, path, kind[i]);
            return;
        }
    error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, "graph(e, \"e.svg\")",
                     "a graph is written to a .svg, .png, .pdf or .dot file, "
                     "not to `%s`",
                     given);
}

/* In a notebook: the tree as text, drawn where dot is there to draw it. */
static void show_graph(Interp *in, Node n, const Str *text)
{
    Arena *a = in->scratch;
    Str dot = str_in(a), svg = str_in(a);
    node_digraph(in->graph, n, &dot);
    const char *path = write_temporary(a, &svg);
    size_t len;
    if (run_dot(in, &dot, path, "svg") == 0) {
        const char *picture = file_read(a, path, &len);
        str_add_len(&svg, picture, len);
    }
    unlink(path);
    in->display->picture(in, in->display->owner, text, &svg);
}

Value builtin_graph(Interp *in, const Args *a)
{
    FormulaHead head;
    Node n = formula_of(in, a->at[0], &head);
    Str s = str_in(in->scratch);
    if (a->count == 2) {
        write_graph(in, n, arg_text(a, 1, "the file"));
        return VALUE_NONE;
    }
    if (option_bool(a, "dot", false)) {
        node_digraph(in->graph, n, &s);
        return value_string_len(str_text(&s), s.len);
    }
    node_tree(in->graph, n, option_bool(a, "ascii", !locale_is_utf8()),
              (size_t)in->format.width, &s);
    if (in->display)
        show_graph(in, n, &s);
    else
        interp_write(in, str_text(&s), s.len);
    return VALUE_NONE;
}
