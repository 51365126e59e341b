/*
 * test_examples.c - every builtin and operator has help and an example that
 * runs, and `?name` shows them; examples in the library run
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/call.h"
#include "eval/help.h"
#include "eval/module.h"
#include "eval/interp.h"

static int failures;

static void report(const char *name, bool good, const char *why)
{
    if (good)
        printf("ok example of %s\n", name);
    else
        printf("not ok example of %s: %s\n", name, why);
    failures += !good;
}

static void run_example(const char *name, const char *help, const char *text)
{
    if (!help || !*help || !text || !*text) {
        report(name, false, "no help or no example");
        return;
    }
    Interp *in = interp_new();
    FILE *sink = fopen("/dev/null", "w");
    in->out = in->err = sink;
    uint32_t source = source_add("example", text, strlen(text), false);
    bool good = interp_run(in, in->top, source);
    report(name, good, good ? "" : text);
    interp_free(in);
    fclose(sink);
}

/* `?name` of a row of ops.def; a row of builtins.def of that name is first. */
static void check_help(Interp *in, const OpInfo *op)
{
    char *text = NULL, what[128];
    size_t len = 0;
    FILE *out = in->out;
    Protect p;
    in->out = open_memstream(&text, &len);
    if (PROTECT(&p)) {
        help_show(in, op->name, SPAN_NONE);
        protect_end(&p);
    }
    fclose(in->out);
    in->out = out;
    snprintf(what, sizeof what, "?%s, row %d", op->name, (int)op->id);
    bool good = strlen(text) > 20 && strstr(text, "example: ") != NULL;
    report(what, good, text);
    free(text);
}

/* The examples in a doc comment of the library, if it has any. */
static void run_doc(Interp *in, const char *name, const char *doc)
{
    Arena *a = arena_new();
    const char *text = help_doc_example(a, doc);
    FILE *out = in->out, *sink = fopen("/dev/null", "w");
    in->out = sink;
    if (*text) {
        uint32_t source = source_add(name, text, strlen(text), false);
        bool good = interp_run(in, scope_new(in, NULL), source);
        report(name, good, text);
    }
    in->out = out;
    fclose(sink);
    arena_free(a);
}

int main(void)
{
    Interp *in = interp_new();
    const Builtin *b;
    for (size_t i = 0; (b = builtin_row(i)) != NULL; i++) {
        if (builtin_named(name_of(b->name)) != b)
            continue;
        if (b->op >= 0)
            run_example(b->name, op_table[b->op].help, op_table[b->op].example);
        else
            run_example(b->name, b->help, b->example);
    }
    for (int i = 0; i < OP_COUNT; i++) {
        check_help(in, &op_table[i]);
        if (op_table[i].class == CLASS_CORE)
            run_example(op_table[i].name, op_table[i].help,
                        op_table[i].example);
    }
    const char *text, *names;
    for (size_t i = 0; (text = help_topic_example(i, &names)) != NULL; i++)
        run_example(names, names, text);
    for (size_t i = 0; (names = library_name(i)) != NULL; i++)
        run_doc(in, names, library_doc(i));
    interp_free(in);
    return failures != 0;
}
