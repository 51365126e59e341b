/*
 * test_examples.c - every builtin and operator has help and an example that
 * runs
 */
#include <stdio.h>
#include <string.h>

#include "eval/call.h"
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
    interp_free(in);
    return failures != 0;
}
