/*
 * value.h - what a variable can hold
 *
 * A Value is 16 bytes: a kind and either the thing itself (none, booleans,
 * small exact integers, floats) or a counted object.
 *
 * Counting is deferred.  An object is born with count 0 and entered in the
 * pool of the current Heap; variables and containers keep what they hold
 * (+1) and drop it (-1).  pool_drain frees the objects entered since a mark
 * whose count is 0.  So C code passes values about freely, frees nothing by
 * hand, and an error leaks nothing: whoever catches it drains the pool.
 * An object whose count is 1 is held by one variable alone and may be changed
 * in place.  Objects never form cycles (closures capture values).
 */
#ifndef MLC_VALUE_VALUE_H
#define MLC_VALUE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "num/exact.h"

typedef enum ValueKind {
    VAL_NONE,
    VAL_MISSING, /* an entry of a list of text */
    VAL_COLON,   /* the index `:` */
    VAL_BOOL,
    VAL_INT, /* exact integer that fits 64 bits */
    VAL_FLOAT,
    VAL_EXACT, /* any other exact rational (first object) */
    VAL_STRING,
    VAL_ARRAY,
    VAL_SPARSE, /* a matrix that stores some of its entries */
    VAL_LIST,
    VAL_RECORD,
    VAL_TABLE,
    VAL_FUNCTION,
    VAL_EXPR,    /* a node of the expression graph */
    VAL_MODULE,  /* `use "file" as name` */
    VAL_SEVERAL, /* `return a, b`; a List */
    VAL_KIND_COUNT
} ValueKind;

typedef struct Object {
    uint32_t count; /* holders; 0: only the pool knows it */
    uint8_t kind;   /* ValueKind */
    uint8_t pooled; /* stands in the pool now */
    uint32_t slot;  /* place in the heap's list of live objects */
} Object;

typedef struct Exact Exact;
typedef struct String String;
typedef struct Array Array;
typedef struct Sparse Sparse;
typedef struct List List;
typedef struct Record Record;
typedef struct DataTable DataTable;
typedef struct Function Function;
typedef struct Expr Expr;
typedef struct Module Module;

typedef struct Value {
    ValueKind kind;
    union {
        bool truth;
        int64_t integer;
        double number;
        Object *object;
        Exact *exact;
        String *string;
        Array *array;
        Sparse *sparse;
        List *list; /* VAL_LIST, VAL_SEVERAL */
        Record *record;
        DataTable *table;
        Function *function;
        Expr *expr;
        Module *module;
    };
} Value;

typedef uint32_t Node; /* index into the Graph: see graph/node.h */

/*
 * A dimension: a count if >= 0, else ~dim is the Node of an integer
 * expression (n, n + 1).  Equal dimensions are equal numbers.
 */
typedef int32_t Dim;

typedef struct Shape {
    Dim rows, cols;
} Shape;

#define SHAPE_SCALAR ((Shape){1, 1})

struct Exact {
    Object head;
    mpq_t q; /* canonical; never an integer of 64 bits */
};

struct String {
    Object head;
    size_t len;
    uint64_t hash;
    char text[]; /* NUL-terminated UTF-8 */
};

struct List {
    Object head;
    size_t count, room;
    Value *at;
};

struct Record { /* fields in order of definition */
    Object head;
    size_t count, room;
    Name *name;
    Value *at;
};

struct Expr {
    Object head;
    Node node;
    Expr *before, *after; /* all live ones: the roots of the sweep */
};

/* What a function is and how it ends is known to eval/ alone. */
typedef struct FunctionClass {
    const char *what; /* "function", "builtin" */
    void (*release)(Function *f);
    void (*print)(const Function *f, Str *out);
    bool (*equal)(const Function *a, const Function *b);
} FunctionClass;

struct Function {
    Object head;
    const FunctionClass *class;
    Name name;  /* NULL: no name */
    void *data; /* belongs to the class */
};

struct Module {
    Object head;
    Name name;
    void *data; /* its scope, owned by eval/ */
};

/* ---- the heap of one interpreter ---- */

typedef struct Heap Heap;

Heap *heap_new(void); /* also sets SLOT_HEAP of the Context */

/*
 * Frees every object left, held or not; the classes of functions release
 * theirs.  Dropping a value afterwards does nothing, so the owners of
 * variables may end before or after the heap.
 */
void heap_free(Heap *h);
Expr *heap_exprs(void); /* first live Expr; follow ->after */
size_t heap_live(void); /* objects alive, for tests and limits */

/*
 * Warnings that collect until somebody prints them: an operation on arrays
 * whose result holds NaN that the operands did not.  `operation` must outlive
 * the heap (a literal or a Name).  One entry an operation, counts added.
 */
typedef struct Warning {
    const char *operation; /* "log"; or a whole line of text */
    size_t count;          /* new NaN; 0: the text says it all */
} Warning;

void heap_warn(const char *operation, size_t count);
void heap_warn_text(const char *line);
size_t heap_warnings(const Warning **first);
void heap_warnings_clear(void);
void heap_warnings_cut(size_t n); /* keeps the first n */

/*
 * Infinite entries stay without a warning; who made the first is remembered
 * until the warnings are cleared.  A number made of arrays that comes out as
 * NaN or infinite raises ERR_NAN and names the operation that made the first
 * such entry; with none known (inf and nan were written, or are data), it
 * stands.
 */
void heap_note_infinite(const char *operation);
void heap_check_number(double y);

/*
 * Marks nest: drain to the latest mark first.  What is used across a drain
 * must be held (value_keep) or be the `keep` of pool_drain_except: an object
 * read from a variable that is assigned meanwhile is freed by the drain.
 */
typedef size_t PoolMark;
PoolMark pool_mark(void);
const size_t *pool_count(void); /* the mark of now, to be looked at often */
void pool_drain(PoolMark mark); /* frees what nobody holds; never raises */

/* Frees what was entered since the mark and is not held, except `keep`,
 * which stays in the pool. */
void pool_drain_except(PoolMark mark, Value keep);

/* New object of `size` bytes in the pool, zeroed after its head.  Raises
 * ERR_MEMORY. */
void *object_new(ValueKind kind, size_t size);
/* Only the first `zero` bytes are 0. */
void *object_new_unset(ValueKind kind, size_t size, size_t zero);

void value_keep_object(Object *o);
void value_drop_object(Object *o); /* at 0 it goes to the pool */

static inline bool value_is_object(Value v)
{
    return v.kind >= VAL_EXACT;
}

static inline void value_keep(Value v)
{
    if (value_is_object(v))
        v.object->count++;
}

static inline void value_drop(Value v)
{
    if (value_is_object(v))
        value_drop_object(v.object);
}

/* *place = v, with the counts right; v may be *place. */
void value_store(Value *place, Value v);

/* ---- making values ---- */

#define VALUE_NONE ((Value){.kind = VAL_NONE})

static inline Value value_bool(bool b)
{
    return (Value){.kind = VAL_BOOL, .truth = b};
}

static inline Value value_int(int64_t i)
{
    return (Value){.kind = VAL_INT, .integer = i};
}

static inline Value value_float(double x)
{
    return (Value){.kind = VAL_FLOAT, .number = x};
}

static inline Value value_object(void *object)
{
    Object *o = object;
    return (Value){.kind = (ValueKind)o->kind, .object = o};
}

Value value_exact(mpq_srcptr q); /* VAL_INT where it fits; copies q */
Value value_rational(int64_t num, int64_t den);
Value value_string(const char *text);
Value value_string_len(const char *text, size_t len);
Value value_expr(Node n); /* always an Expr; see eval for numbers */

Value list_new(size_t room);
void list_push(Value list, Value v);
void list_set(Value list, size_t i, Value v); /* i from 0 */

Value record_new(size_t room);
void record_set(Value record, Name name, Value v); /* adds or replaces */
Value *record_find(Value record, Name name);       /* NULL: absent */

/*
 * Shallow copy of a list, record, table or array that others hold too
 * (count > 1); the value itself when it may be changed in place.
 */
Value value_own(Value v);

/* ---- questions ---- */

const char *value_kind_phrase(Value v); /* "a number", "an array", ... */
const char *value_kind_name(Value v); /* "number", "array", ... for messages */
bool value_is_number(Value v);        /* INT, EXACT, FLOAT */
bool value_is_exact(Value v);         /* INT, EXACT */
double value_to_double(Value v);      /* of a number or boolean */
bool value_to_int(Value v, int64_t *i); /* also floats that are integers */

/* Whole comparison: lists, records, strings, arrays, by entries. */
bool value_same(Value a, Value b);
uint64_t value_hash(Value v); /* numbers, strings, arrays */

/* -1, 0, 1 for numbers (exactly, mixed kinds too) and strings; 2: NaN. */
int value_compare(Value a, Value b);

#endif
