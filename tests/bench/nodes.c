/*
 * nodes.c time|bytes - new unique nodes: the time of 4 million, the bytes of
 * one
 *
 * Built against the library.  Each node is an operator on the one before and
 * one of a hundred symbols, so none is found in the table.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/mem.h"
#include "graph/internal.h"

enum { COUNT = 4 * 1000 * 1000, SYMBOLS = 100 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    bool bytes = argc > 1 && !strcmp(argv[1], "bytes");
    context_enter(context_new());
    heap_new();
    Graph *g = graph_new();
    Node symbol[SYMBOLS];
    for (int i = 0; i < SYMBOLS; i++) {
        char name[8];
        snprintf(name, sizeof name, "x%d", i);
        symbol[i] = node_symbol(g, name_of(name), SHAPE_SCALAR, 0);
    }
    size_t before = mem_used(), nodes = graph_count(g);
    double start = now();
    Node y = symbol[0];
    for (int i = 0; i < COUNT; i++) {
        Node pair[] = {y, symbol[i % SYMBOLS]};
        y = node_intern(g, OP_ATAN2, SHAPE_SCALAR, 2, pair, 0, NULL);
    }
    double seconds = now() - start;
    printf("time %.9f\n",
           bytes ? (double)(mem_used() - before) / COUNT : seconds);
    printf("answer %zu\n", graph_count(g) - nodes);
    return 0;
}
