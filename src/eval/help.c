/*
 * help.c - `?name`
 */
#include "eval/help.h"

#include <stdio.h>
#include <string.h>

#include "base/vec.h"
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
    "?layout shapes of derivatives       ?model  ?sym  ?minimize\n"
    ":who    variables           :time   how long a statement takes\n"
    ":clear  forget them         :save FILE   the session as a script\n"
    ":quit   or Ctrl-D\n";

enum { MOST_ANSWER = 8192 };

typedef struct Topic {
    const char *names, *form, *text, *example;
} Topic;

static const Topic topics[] = {
#define TOPIC(names, form, text, example) {names, form, text, example},
#include "eval/topics.def"
#undef TOPIC
};

static void write_text(Interp *in, const char *text)
{
    interp_write(in, text, strlen(text));
}

/* ---- paragraphs ---- */

/*
 * In lines as wide as the terminal, each behind `left`; `gap`: only two
 * blanks are a place to break at.
 */
static void write_wrapped(Interp *in, const char *left, const char *text,
                          bool gap)
{
    Arena *a = arena_local();
    size_t most = (size_t)in->format.width - 1;
    Str line = str_in(a);
    str_add(&line, left);
    bool empty = true;
    while (*text) {
        const char *end = gap ? strstr(text, "  ") : strchr(text, ' ');
        size_t n = end ? (size_t)(end - text) : strlen(text);
        size_t used = text_columns(str_text(&line), line.len);
        if (!empty && used + 2 + text_columns(text, n) > most) {
            str_add_char(&line, '\n');
            write_text(in, str_text(&line));
            line = str_in(a);
            str_add(&line, left);
            empty = true;
        }
        str_add(&line, empty ? "" : gap ? "  " : " ");
        str_add_len(&line, text, n);
        empty = false;
        text += n;
        text += strspn(text, " ");
    }
    str_add_char(&line, '\n');
    write_text(in, str_text(&line));
    arena_free(a);
}

/* Each line of the text behind `first`, later ones behind `left`. */
static void write_lines(Interp *in, const char *first, const char *left,
                        const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        write_text(in, n ? first : "");
        interp_write(in, text, n);
        write_text(in, "\n");
        text += n + (text[n] == '\n');
        first = left;
    }
}

/* ---- examples ---- */

/*
 * What the example prints, run in an interpreter of its own: it changes
 * nothing here.  "" if it prints nothing, or too much, or fails.
 */
static const char *run_example(Interp *in, Arena *a, const char *example)
{
    char *text = ARENA_ARRAY(a, char, MOST_ANSWER + 1);
    FILE *out = fmemopen(text, MOST_ANSWER, "w");
    Interp *other = out ? interp_new() : NULL;
    bool good = false;
    if (other) {
        other->out = other->err = out;
        other->format.width = in->format.width - 11;
        uint32_t source =
            source_add("example", example, strlen(example), false);
        good = interp_run(other, other->top, source);
        good = good && fflush(out) == 0;
        interp_free(other);
    }
    if (out)
        fclose(out);
    return good ? text : "";
}

static void write_example(Interp *in, const char *example)
{
    if (!example || !*example)
        return;
    Arena *a = arena_local();
    write_lines(in, "  example: ", "           ", example);
    write_lines(in, "        -> ", "           ", run_example(in, a, example));
    arena_free(a);
}

/* How it is typed, what it does; the example follows. */
static void write_entry(Interp *in, const char *form, const char *text)
{
    write_wrapped(in, "", form, true);
    write_wrapped(in, "  ", text, false);
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
    write_text(in, str_text(&s));
    arena_free(a);
}

static void write_differentials(Interp *in, Arena *a, OpId op)
{
    for (size_t i = 0; i < op_diff_count; i++)
        if (op_diffs[i].op == op)
            write_text(
                in, arena_printf(a, "  differential: %s\n", op_diffs[i].text));
}

static void help_operator(Interp *in, const OpInfo *op)
{
    static const char *const args[] = {"()", "(a)", "(a, b)", "(a, b, c)"};
    Arena *a = arena_local();
    write_entry(in, arena_printf(a, "%s%s", op->name, args[op->nargs]),
                op->help ? op->help : "");
    write_differentials(in, a, op->id);
    write_example(in, op->example);
    arena_free(a);
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
    write_example(in, b->example);
    arena_free(a);
}

static void help_function(Interp *in, Value v)
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

static bool help_topic(Interp *in, const char *name)
{
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        const Topic *t = &topics[i];
        if (!is_among(name, t->names))
            continue;
        write_entry(in, t->form, t->text);
        write_example(in, t->example);
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
        write_text(in, "as an option of fit:\n");
        write_entry(in, t->form, t->text);
        write_example(in, t->example);
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
        write_example(in, op->example);
        found = true;
    }
    return found;
}

/* ---- questions ---- */

static void write_found(Interp *in, Arena *a, const char *name,
                        const char *help)
{
    write_text(in, arena_printf(a, "%s\n", name));
    write_wrapped(in, "    ", help, false);
}

static bool help_search(Interp *in, const char *word)
{
    Arena *a = arena_local();
    const Builtin *b;
    bool found = false;
    for (size_t i = 0; (b = builtin_row(i)) != NULL; i++) {
        const char *help = b->op >= 0 ? op_table[b->op].help : b->help;
        if (builtin_named(name_of(b->name)) != b || !help ||
            (!strstr(b->name, word) && !strstr(help, word)))
            continue;
        write_found(in, a, b->name, help);
        found = true;
    }
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strstr(topics[i].names, word) || strstr(topics[i].text, word)) {
            size_t n = strcspn(topics[i].names, " ");
            write_found(in, a, arena_copy(a, topics[i].names, n),
                        topics[i].text);
            found = true;
        }
    const char *name;
    for (size_t i = 0; (name = library_name(i)) != NULL; i++)
        if (strstr(name, word)) {
            write_found(in, a, name, "(library)");
            found = true;
        }
    arena_free(a);
    return found;
}

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
    write_text(in, arena_printf(a, "%s is %s:\n", name, value_kind_phrase(v)));
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
    if (!*name) {
        write_text(in, overview);
    } else if (*name == '?') {
        name = trimmed(a, name + 1);
        if (!*name || !help_search(in, name))
            raise_no_help(name, at);
    } else if (lookup_name(in, name_of(name), &v)) {
        help_value(in, v, name);
        help_option(in, name);
    } else if (!help_topic(in, name) && !help_core(in, name)) {
        raise_no_help(name, at);
    }
    arena_free(a);
}
