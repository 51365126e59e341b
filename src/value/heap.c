/*
 * heap.c - objects: birth, pool, release
 *
 * Both lists, live objects and pool, always have room for every live object,
 * so that dropping a value allocates nothing and cannot raise.
 */
#include "value/value.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "value/datatable.h"
#include "value/matrix.h"
#include "value/sparse.h"

enum { MOST_SPARE = 64 };

/* Under the address sanitizer what is freed stays freed. */
#ifdef __SANITIZE_ADDRESS__
static const bool keeps_spare = false;
#else
static const bool keeps_spare = true;
#endif

struct Heap {
    Object **live; /* o->slot is the place of o here */
    Object **pool;
    size_t nlive, npool, room; /* of both lists */
    bool closing;              /* heap_free: drops do nothing */
    Expr *exprs;
    Expr *spare[MOST_SPARE]; /* freed ones: each operation makes one */
    size_t nspare;
    Warning *warning;
    size_t nwarnings, warning_room;
    const char *first_infinite; /* operation; NULL: none since the clearing */
};

static Heap *current_heap(void)
{
    return context_slot(SLOT_HEAP);
}

Heap *heap_new(void)
{
    Heap *h = mem_zero(1, sizeof *h);
    context_set_slot(SLOT_HEAP, h);
    return h;
}

Expr *heap_exprs(void)
{
    return current_heap()->exprs;
}

size_t heap_live(void)
{
    return current_heap()->nlive;
}

void heap_warn(const char *operation, size_t count)
{
    Heap *h = current_heap();
    for (size_t i = 0; i < h->nwarnings; i++) {
        if (strcmp(h->warning[i].operation, operation) == 0) {
            h->warning[i].count += count;
            return;
        }
    }
    if (h->nwarnings == h->warning_room) {
        size_t room = h->warning_room ? 2 * h->warning_room : 8;
        h->warning = mem_resize(h->warning, room * sizeof *h->warning);
        h->warning_room = room;
    }
    h->warning[h->nwarnings++] = (Warning){operation, count};
}

void heap_warn_text(const char *line)
{
    heap_warn(line, 0);
}

size_t heap_warnings(const Warning **first)
{
    Heap *h = current_heap();
    *first = h->warning;
    return h->nwarnings;
}

void heap_warnings_clear(void)
{
    current_heap()->nwarnings = 0;
    current_heap()->first_infinite = NULL;
}

void heap_warnings_cut(size_t n)
{
    Heap *h = current_heap();
    if (h->nwarnings > n)
        h->nwarnings = n;
}

void heap_note_infinite(const char *operation)
{
    Heap *h = current_heap();
    if (!h->first_infinite)
        h->first_infinite = operation;
}

void heap_check_number(double y)
{
    const Heap *h = current_heap();
    if (isfinite(y))
        return;
    for (size_t i = 0; isnan(y) && i < h->nwarnings; i++) {
        if (h->warning[i].count > 0)
            error_raise(SPAN_NONE, ERR_NAN, "%s gives not a number",
                        h->warning[i].operation);
    }
    if (h->first_infinite)
        error_raise(SPAN_NONE, ERR_NAN, "%s gives infinity", h->first_infinite);
}

/* ---- birth ---- */

static void make_room(Heap *h)
{
    size_t room = h->room ? 2 * h->room : 256;
    if (room > UINT32_MAX)
        error_raise(SPAN_NONE, ERR_LIMIT, "more than 2^32 values are alive");
    h->live = mem_resize(h->live, room * sizeof *h->live);
    h->pool = mem_resize(h->pool, room * sizeof *h->pool);
    h->room = room;
}

static void enter_pool(Heap *h, Object *o)
{
    o->pooled = 1;
    h->pool[h->npool++] = o;
}

void *object_new(ValueKind kind, size_t size)
{
    return object_new_unset(kind, size, size);
}

void *object_new_unset(ValueKind kind, size_t size, size_t zero)
{
    Heap *h = current_heap();
    if (h->nlive == h->room)
        make_room(h);
    Object *o = zero == size ? mem_zero(1, size) : mem_alloc(size);
    if (zero < size)
        memset(o, 0, zero);
    o->kind = (uint8_t)kind;
    o->slot = (uint32_t)h->nlive;
    h->live[h->nlive++] = o;
    enter_pool(h, o);
    return o;
}

/* An Expr that was given back, born again; NULL if there is none. */
static Expr *take_spare(Heap *h)
{
    if (h->nspare == 0 || h->nlive == h->room)
        return NULL;
    Expr *e = h->spare[--h->nspare];
    *e = (Expr){.head = {.kind = VAL_EXPR, .slot = (uint32_t)h->nlive}};
    h->live[h->nlive++] = &e->head;
    enter_pool(h, &e->head);
    return e;
}

Value value_expr(Node n)
{
    Heap *h = current_heap();
    Expr *e = take_spare(h);
    if (!e)
        e = object_new(VAL_EXPR, sizeof *e);
    e->node = n;
    e->after = h->exprs;
    if (h->exprs)
        h->exprs->before = e;
    h->exprs = e;
    return value_object(e);
}

/* ---- release ---- */

static void unlink_expr(Heap *h, Expr *e)
{
    if (e->before)
        e->before->after = e->after;
    else
        h->exprs = e->after;
    if (e->after)
        e->after->before = e->before;
}

static void drop_all(Value *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        value_drop(at[i]);
}

static void release_array(Array *a)
{
    if (a->kind == ELEM_EXACT)
        drop_all(a->x, array_count(a));
    mem_free(a->missing);
}

static void release_record(Record *r)
{
    drop_all(r->at, r->count);
    mem_free(r->at);
    mem_free(r->name);
}

static void release_table(DataTable *t)
{
    drop_all(t->column, t->ncols);
    mem_free(t->column);
    mem_free(t->name);
}

static void release_list(List *l)
{
    drop_all(l->at, l->count);
    mem_free(l->at);
}

static void release_object(Heap *h, Object *o)
{
    Value v = value_object(o);
    switch (v.kind) {
    case VAL_EXACT:
        mpq_clear(v.exact->q);
        break;
    case VAL_ARRAY:
        release_array(v.array);
        break;
    case VAL_SPARSE:
        sparse_release(v.sparse);
        break;
    case VAL_LIST:
    case VAL_SEVERAL:
        release_list(v.list);
        break;
    case VAL_RECORD:
        release_record(v.record);
        break;
    case VAL_TABLE:
        release_table(v.table);
        break;
    case VAL_FUNCTION:
        if (v.function->class && v.function->class->release)
            v.function->class->release(v.function);
        break;
    case VAL_EXPR:
        unlink_expr(h, v.expr);
        break;
    default:
        break;
    }
}

static void free_object(Heap *h, Object *o)
{
    release_object(h, o);
    Object *last = h->live[--h->nlive];
    h->live[o->slot] = last;
    last->slot = o->slot;
    if (keeps_spare && o->kind == VAL_EXPR && h->nspare < MOST_SPARE)
        h->spare[h->nspare++] = (Expr *)o;
    else
        mem_free(o);
}

void heap_free(Heap *h)
{
    if (!h)
        return;
    h->closing = true;
    for (size_t i = 0; i < h->nlive; i++)
        release_object(h, h->live[i]);
    for (size_t i = 0; i < h->nlive; i++)
        mem_free(h->live[i]);
    while (h->nspare > 0)
        mem_free(h->spare[--h->nspare]);
    mem_free(h->live);
    mem_free(h->pool);
    mem_free(h->warning);
    if (current_heap() == h)
        context_set_slot(SLOT_HEAP, NULL);
    mem_free(h);
}

/* ---- counts and the pool ---- */

void value_keep_object(Object *o)
{
    o->count++;
}

void value_drop_object(Object *o)
{
    Heap *h = current_heap();
    if (!h || h->closing)
        return;
    if (--o->count == 0 && !o->pooled)
        enter_pool(h, o);
}

void value_store(Value *place, Value v)
{
    Value old = *place;
    value_keep(v);
    *place = v;
    value_drop(old);
}

const size_t *pool_count(void)
{
    return &current_heap()->npool;
}

PoolMark pool_mark(void)
{
    return current_heap()->npool;
}

/* Children of a freed object enter the pool above the mark: no recursion. */
void pool_drain(PoolMark mark)
{
    Heap *h = current_heap();
    while (h->npool > mark) {
        Object *o = h->pool[--h->npool];
        o->pooled = 0;
        if (o->count == 0)
            free_object(h, o);
    }
}

void pool_drain_except(PoolMark mark, Value keep)
{
    value_keep(keep);
    pool_drain(mark);
    value_drop(keep);
}
