/*
 * value.c - making values, lists and records
 */
#include "value/value.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "value/datatable.h"
#include "value/matrix.h"

Value value_string_len(const char *text, size_t len)
{
    String *s = object_new(VAL_STRING, sizeof *s + len + 1);
    s->len = len;
    memcpy(s->text, text, len);
    s->hash = hash_bytes(text, len);
    return value_object(s);
}

Value value_string(const char *text)
{
    return value_string_len(text, strlen(text));
}

/* ---- lists ---- */

/* Room for `more` elements beside the `count` there are. */
static size_t grown_room(size_t room, size_t need)
{
    size_t y = room + room / 2 + 4;
    return y < need ? need : y;
}

Value list_new(size_t room)
{
    List *l = object_new(VAL_LIST, sizeof *l);
    if (room > 0) {
        l->at = mem_zero(room, sizeof *l->at);
        l->room = room;
    }
    return value_object(l);
}

void list_push(Value list, Value v)
{
    List *l = list.list;
    if (l->count == l->room) {
        size_t room = grown_room(l->room, l->count + 1);
        l->at = mem_resize(l->at, room * sizeof *l->at);
        l->room = room;
    }
    value_keep(v);
    l->at[l->count++] = v;
}

void list_set(Value list, size_t i, Value v)
{
    value_store(&list.list->at[i], v);
}

/* ---- records ---- */

Value record_new(size_t room)
{
    Record *r = object_new(VAL_RECORD, sizeof *r);
    if (room > 0) {
        r->name = mem_zero(room, sizeof *r->name);
        r->at = mem_zero(room, sizeof *r->at);
        r->room = room;
    }
    return value_object(r);
}

Value *record_find(Value record, Name name)
{
    Record *r = record.record;
    for (size_t i = 0; i < r->count; i++) {
        if (r->name[i] == name)
            return &r->at[i];
    }
    return NULL;
}

void record_set(Value record, Name name, Value v)
{
    Record *r = record.record;
    Value *place = record_find(record, name);
    if (place) {
        value_store(place, v);
        return;
    }
    if (r->count == r->room) {
        size_t room = grown_room(r->room, r->count + 1);
        r->name = mem_resize(r->name, room * sizeof *r->name);
        r->at = mem_resize(r->at, room * sizeof *r->at);
        r->room = room;
    }
    value_keep(v);
    r->name[r->count] = name;
    r->at[r->count++] = v;
}

/* ---- copies ---- */

static Value copy_list(const List *l)
{
    Value y = list_new(l->count);
    y.list->head.kind = l->head.kind;
    for (size_t i = 0; i < l->count; i++)
        list_push(y, l->at[i]);
    y.kind = (ValueKind)l->head.kind;
    return y;
}

static Value copy_record(const Record *r)
{
    Value y = record_new(r->count);
    Record *c = y.record;
    for (size_t i = 0; i < r->count; i++) {
        value_keep(r->at[i]);
        c->name[i] = r->name[i];
        c->at[c->count++] = r->at[i];
    }
    return y;
}

Value value_own(Value v)
{
    if (!value_is_object(v) || v.object->count <= 1)
        return v;
    switch (v.kind) {
    case VAL_LIST:
    case VAL_SEVERAL:
        return copy_list(v.list);
    case VAL_RECORD:
        return copy_record(v.record);
    case VAL_ARRAY:
        return array_copy(v.array);
    case VAL_TABLE:
        return datatable_copy(v.table);
    default:
        return v;
    }
}

/* ---- questions ---- */

const char *value_kind_name(Value v)
{
    static const char *const name[VAL_KIND_COUNT] = {
        [VAL_NONE] = "none",         [VAL_MISSING] = "missing value",
        [VAL_COLON] = "colon",       [VAL_BOOL] = "boolean",
        [VAL_INT] = "number",        [VAL_FLOAT] = "number",
        [VAL_EXACT] = "number",      [VAL_STRING] = "string",
        [VAL_ARRAY] = "array",       [VAL_LIST] = "list",
        [VAL_RECORD] = "record",     [VAL_TABLE] = "table",
        [VAL_FUNCTION] = "function", [VAL_EXPR] = "expression",
        [VAL_MODULE] = "module",     [VAL_SEVERAL] = "several values",
        [VAL_SPARSE] = "sparse matrix",
    };
    return name[v.kind];
}

const char *value_kind_phrase(Value v)
{
    static const char *const phrase[VAL_KIND_COUNT] = {
        [VAL_NONE] = "none",
        [VAL_MISSING] = "a missing value",
        [VAL_COLON] = "a colon",
        [VAL_BOOL] = "a boolean",
        [VAL_INT] = "a number",
        [VAL_FLOAT] = "a number",
        [VAL_EXACT] = "a number",
        [VAL_STRING] = "a string",
        [VAL_ARRAY] = "an array",
        [VAL_LIST] = "a list",
        [VAL_RECORD] = "a record",
        [VAL_TABLE] = "a table",
        [VAL_FUNCTION] = "a function",
        [VAL_EXPR] = "an expression",
        [VAL_MODULE] = "a module",
        [VAL_SEVERAL] = "several values",
        [VAL_SPARSE] = "a sparse matrix",
    };
    return phrase[v.kind];
}

bool value_is_exact(Value v)
{
    return v.kind == VAL_INT || v.kind == VAL_EXACT;
}

bool value_is_number(Value v)
{
    return v.kind == VAL_FLOAT || value_is_exact(v);
}

double value_to_double(Value v)
{
    switch (v.kind) {
    case VAL_BOOL:
        return v.truth;
    case VAL_INT:
        return (double)v.integer;
    case VAL_FLOAT:
        return v.number;
    case VAL_EXACT:
        return exact_to_double(v.exact->q);
    default:
        error_raise(SPAN_NONE, ERR_TYPE, "expected a number, got %s",
                    value_kind_phrase(v));
    }
}

bool value_to_int(Value v, int64_t *i)
{
    if (v.kind == VAL_INT) {
        *i = v.integer;
        return true;
    }
    return v.kind == VAL_FLOAT && int_from_double(v.number, i);
}
