/*
 * form_share.c - names for the shared parts of a large formula
 */
#include "graph/form.h"

#include <string.h>

#include "base/vec.h"

#define COST_OF_LINE 80 /* a formula up to this is one line */
#define COST_OF_PART 4  /* a part up to this is never named */

typedef struct FormList {
    Form **at;
    size_t count, room;
} FormList;

/*
 * All forms reachable from y, kids first, with `uses` counted.  `counted` is
 * set for good: a form is counted once in its life, for the Forms belong to
 * one call.
 */
static FormList count_uses(Arena *a, Form *y)
{
    FormList stack = {0}, done = {0};
    VEC_PUSH_IN(a, &stack, y);
    while (stack.count) {
        POLL();
        Form *f = stack.at[stack.count - 1];
        if (f->counted) {
            stack.count--;
            if (f->label)
                continue;
            f->label = "";
            VEC_PUSH_IN(a, &done, f);
            continue;
        }
        f->counted = true;
        for (uint32_t i = f->count; i-- > 0;) {
            f->kids[i]->uses++;
            if (!f->kids[i]->counted)
                VEC_PUSH_IN(a, &stack, f->kids[i]);
        }
    }
    for (size_t i = 0; i < done.count; i++)
        done.at[i]->label = NULL;
    return done;
}

/* The symbols of n whose names begin with t: only these may clash. */
static int find_rivals(Forms *f, Node n, Node **rival)
{
    int count = node_symbols(f->graph, n, f->arena, rival), kept = 0;
    for (int i = 0; i < count; i++)
        if (node_symbol_name(f->graph, (*rival)[i])[0] == 't')
            (*rival)[kept++] = (*rival)[i];
    return kept;
}

static bool is_free_name(Graph *g, int n, const Node rival[], const char *name)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(node_symbol_name(g, rival[i]), name))
            return false;
    return true;
}

/* What is written, the names counted as one: parts under a binder have none.
 * `weight` is free for it, the order of terms is settled. */
static void check_size(const FormList *all)
{
    uint64_t total = 0;
    for (size_t i = 0; i < all->count; i++) {
        Form *p = all->at[i];
        uint64_t size = 1;
        for (uint32_t k = 0; k < p->count; k++)
            size += p->kids[k]->label ? 1 : p->kids[k]->weight;
        p->weight = size < FORM_COST_MAX ? (uint32_t)size : FORM_COST_MAX;
        if (p->label || i + 1 == all->count)
            total += p->weight;
    }
    if (total > FORM_COST_WRITTEN)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "written out this has more than %u parts",
                    FORM_COST_WRITTEN);
}

Form **form_share(Forms *f, Form *y, Node n, size_t *count)
{
    FormList part = {0};
    *count = 0;
    if (y->cost <= COST_OF_LINE)
        return NULL;
    f->shared = true;
    FormList all = count_uses(f->arena, y);
    Node *rival;
    int rivals = find_rivals(f, n, &rival), number = 0;
    for (size_t i = 0; i < all.count; i++) {
        Form *p = all.at[i];
        if (p == y || p->uses < 2 || p->cost <= COST_OF_PART ||
            p->kind == FORM_NAMED || p->bound)
            continue;
        do
            p->label = arena_printf(f->arena, "t%d", ++number);
        while (!is_free_name(f->graph, rivals, rival, p->label));
        VEC_PUSH_IN(f->arena, &part, p);
    }
    check_size(&all);
    *count = part.count;
    return part.at;
}
