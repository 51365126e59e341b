/*
 * env.c - scopes, variables, frames
 */
#include "eval/env.h"

#include <string.h>

#include "eval/interp.h"

Code *code_new(void)
{
    Arena *a = arena_local();
    Code *c = ARENA_NEW(a, Code);
    arena_keep(a);
    *c = (Code){.holders = 1, .arena = a};
    return c;
}

Code *code_keep(Code *c)
{
    if (c)
        c->holders++;
    return c;
}

void code_drop(Code *c)
{
    if (c && --c->holders == 0)
        arena_free(c->arena);
}

void scope_set_file(Scope *s, const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t n = slash ? (size_t)(slash - file) + 1 : 0;
    s->file = arena_copy(s->arena, file, strlen(file));
    s->directory = arena_copy(s->arena, file, n);
}

Scope *scope_new(Interp *in, const char *file)
{
    Arena *a = arena_local();
    Scope *s = ARENA_NEW(a, Scope);
    s->arena = a;
    s->directory = arena_copy(a, "", 0);
    arena_keep(a);
    s->next = in->scopes;
    in->scopes = s;
    if (file)
        scope_set_file(s, file);
    return s;
}

void scope_free(Scope *s)
{
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&s->cells, &i)) != NULL;) {
        Cell *c = e->value;
        value_drop(c->value);
        value_drop(c->symbol);
        mem_free(c->reads);
    }
    table_free(&s->cells);
    arena_free(s->arena);
}

Cell *scope_cell(Scope *s, Name name)
{
    Cell *c = table_get(&s->cells, name);
    if (!c) {
        c = ARENA_NEW(s->arena, Cell);
        c->name = name;
        table_set(&s->cells, name, c);
    }
    return c;
}

Cell *scope_find(const Scope *s, Name name)
{
    Cell *c = table_get(&s->cells, name);
    return c && c->defined ? c : NULL;
}

void cell_set(Cell *c, Value v)
{
    value_store(&c->value, v);
    c->defined = true;
    c->version++;
}

void cell_clear(Cell *c)
{
    value_store(&c->value, VALUE_NONE);
    value_store(&c->symbol, VALUE_NONE);
    c->defined = false;
    c->version++;
}

Local *frame_find(Interp *in, Name name)
{
    if (!in->frame)
        return NULL;
    for (size_t i = in->locals.count; i > in->frame->base; i--)
        if (in->locals.at[i - 1].name == name)
            return &in->locals.at[i - 1];
    return NULL;
}

Local *frame_add(Interp *in, Name name)
{
    Local fresh = {.name = name, .value = VALUE_NONE, .symbol = VALUE_NONE};
    VEC_PUSH(&in->locals, fresh);
    return &in->locals.at[in->locals.count - 1];
}

void frame_set(Interp *in, Name name, Value v)
{
    Local *l = frame_find(in, name);
    if (!l)
        l = frame_add(in, name);
    value_store(&l->value, v);
}

/* Held, so that an assignment to a part of the variable copies. */
void frame_show(Interp *in, Value v)
{
    in->frame->result = v;
    if (value_is_object(v) && v.object->count > 0)
        frame_set(in, name_of(" shown"), v);
}

Frame *frame_begin(Interp *in)
{
    Frame *f = ARENA_NEW(in->scratch, Frame);
    f->caller = in->frame;
    f->base = f->start = in->locals.count;
    f->result = VALUE_NONE;
    in->frame = f;
    return f;
}

Frame *frame_overlay(Interp *in)
{
    Frame *outer = in->frame, *f = frame_begin(in);
    f->overlay = true;
    f->scope = outer ? outer->scope : in->top;
    f->code = outer ? outer->code : in->code;
    if (outer) {
        f->function = outer->function;
        f->base = outer->base;
        f->traced = outer->traced;
    }
    return f;
}

void frame_end(Interp *in, Frame *f)
{
    while (in->locals.count > f->start) {
        Local *l = &in->locals.at[--in->locals.count];
        value_drop(l->value);
        value_drop(l->symbol);
    }
    in->frame = f->caller;
}
