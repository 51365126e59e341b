/*
 * point.c FILE [POINTS] - a function of 1000 operations (point.awk) as a program
 *
 * Built against the library.  Evaluates it at one point, or at POINTS points
 * at once; prints the time of an operation and point.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/mem.h"
#include "compile/program.h"
#include "graph/front.h"

enum { INPUTS = 10, OPERATIONS = 1000 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static Node apply(Graph *g, const char *name, Node a, Node b)
{
    static const struct {
        const char *name;
        OpId op;
    } of_one[] = {
        {"exp", OP_EXP}, {"log", OP_LOG}, {"sin", OP_SIN}, {"tanh", OP_TANH}};
    switch (*name) {
    case '+':
        return node_add(g, a, b);
    case '-':
        return node_sub(g, a, b);
    case '*':
        return node_had(g, a, b);
    case '/':
        return front_had_div(g, a, b);
    default:
        for (int i = 0; i < 4; i++)
            if (!strcmp(name, of_one[i].name))
                return node_apply(g, of_one[i].op, 1, &a);
        abort();
    }
}

int main(int argc, char **argv)
{
    FILE *file = fopen(argv[1], "r");
    int points = argc > 2 ? atoi(argv[2]) : 1, a, b;
    char name[8];
    context_enter(context_new());
    heap_new();
    Graph *g = graph_new();
    Node node[INPUTS + OPERATIONS];
    Shape shape[INPUTS];
    const double *in[INPUTS];
    for (int i = 0; i < INPUTS; i++) {
        double *x = calloc((size_t)points, sizeof *x);
        shape[i] = (Shape){points, 1};
        snprintf(name, sizeof name, "x%d", i);
        node[i] = node_symbol(g, name_of(name), shape[i], 0);
        for (int j = 0; j < points; j++)
            x[j] = 0.5 + 0.1 * i + 1e-6 * j / points;
        in[i] = x;
    }
    int count = INPUTS;
    while (fscanf(file, "%7s %d %d", name, &a, &b) == 3)
        node[count++] = apply(g, name, node[a], node[b]);
    ProgramSpec spec = {.nin = INPUTS,
                        .in = node,
                        .in_shape = shape,
                        .nout = 1,
                        .out = &node[count - 1],
                        .data_dim = NODE_NONE};
    Program *p = program_new(g, &spec);
    double *out = calloc((size_t)points, sizeof *out), *to[] = {out};
    int turns = points > 1 ? 20 : 20000;
    for (int k = 0; k < 5; k++) {
        double start = now();
        for (int i = 0; i < turns; i++)
            program_run(p, in, to);
        printf("time %.9g\n", (now() - start) / turns / points / OPERATIONS);
    }
    printf("answer %.17g\n", out[points - 1]);
    return 0;
}
