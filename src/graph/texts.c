#include "graph/internal.h"
#include "syntax/parse.h"

const Ast *graph_text(Graph *g, const char *text)
{
    const Ast *tree = table_get(&g->text, text);
    if (tree)
        return tree;
    if (!g->text_arena)
        g->text_arena = arena_new();
    Ast *parsed = parse_expression("ops.def", text, g->text_arena);
    table_set(&g->text, text, parsed);
    return parsed;
}
