/*
 * sparse.c - making and reading sparse matrices
 */
#include "value/sparse.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "value/order.h"
#include "value/selection.h"

size_t sparse_count(const Sparse *a)
{
    return (size_t)a->at->start[a->at->cols];
}

void sparse_release(Sparse *a)
{
    Structure *s = a->at;
    mem_free(a->f);
    if (!s || --s->holders > 0)
        return;
    mem_free(s->start);
    mem_free(s->row);
    mem_free(s);
}

/* ---- making ---- */

Value sparse_new(int rows, int cols, size_t count)
{
    if (count >= INT32_MAX)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "a sparse matrix has fewer than 2^31 entries");
    Sparse *a = object_new(VAL_SPARSE, sizeof *a);
    Structure *s = a->at = mem_zero(1, sizeof *s);
    s->holders = 1;
    s->rows = rows;
    s->cols = cols;
    s->start = mem_zero((size_t)cols + 1, sizeof *s->start);
    s->row = mem_alloc((count + 1) * sizeof *s->row);
    a->f = mem_alloc((count + 1) * sizeof *a->f);
    return value_object(a);
}

Value sparse_like(const Sparse *a)
{
    Sparse *y = object_new(VAL_SPARSE, sizeof *y);
    y->at = a->at;
    y->at->holders++;
    y->f = mem_alloc((sparse_count(a) + 1) * sizeof *y->f);
    return value_object(y);
}

/* Counts become the places where their groups begin. */
static void add_up(int *start, int n)
{
    int sum = 0;
    for (int j = 0; j <= n; j++) {
        int count = start[j];
        start[j] = sum;
        sum += count;
    }
}

/* The triplets from[0..n), or all, in the order of key, stably. */
static void sort_by(size_t n, const int *key, int most, const int *from,
                    int *to, int *start)
{
    memset(start, 0, ((size_t)most + 1) * sizeof *start);
    for (size_t k = 0; k < n; k++)
        start[key[k]]++;
    add_up(start, most);
    for (size_t k = 0; k < n; k++) {
        int t = from ? from[k] : (int)k;
        to[start[key[t]]++] = t;
    }
}

Value sparse_of_places(int rows, int cols, size_t n, const int *i, const int *j,
                       int *place)
{
    Value y = sparse_new(rows, cols, n);
    Structure *s = y.sparse->at;
    Arena *arena = arena_local();
    int side = rows > cols ? rows : cols;
    int *start = ARENA_ARRAY(arena, int, (size_t)side + 1);
    int *by_row = ARENA_ARRAY(arena, int, n + 1);
    int *order = ARENA_ARRAY(arena, int, n + 1);
    sort_by(n, i, rows, NULL, by_row, start);
    sort_by(n, j, cols, by_row, order, start);
    int count = 0;
    for (size_t k = 0; k < n; k++) {
        int t = order[k], before = k ? order[k - 1] : -1;
        if (before < 0 || i[t] != i[before] || j[t] != j[before]) {
            s->row[count++] = i[t];
            s->start[j[t]]++;
        }
        place[t] = count - 1;
    }
    add_up(s->start, cols);
    memset(y.sparse->f, 0, ((size_t)count + 1) * sizeof(double));
    arena_free(arena);
    return y;
}

Value sparse_of_triplets(int rows, int cols, size_t n, const int *i,
                         const int *j, const double *v)
{
    Arena *arena = arena_local();
    int *place = ARENA_ARRAY(arena, int, n + 1);
    Value y = sparse_of_places(rows, cols, n, i, j, place);
    for (size_t k = 0; k < n; k++)
        y.sparse->f[place[k]] += v[k];
    arena_free(arena);
    return y;
}

Value sparse_of_array(Value v)
{
    const Array *a = array_to_float(v);
    size_t count = 0, n = array_count(a);
    for (size_t k = 0; k < n; k++)
        count += a->f[k] != 0;
    Value y = sparse_new(a->rows, a->cols, count);
    Structure *s = y.sparse->at;
    int k = 0;
    for (int j = 0; j < a->cols; j++) {
        POLL();
        for (int i = 0; i < a->rows; i++) {
            double e = a->f[(size_t)i + (size_t)j * (size_t)a->rows];
            if (e == 0)
                continue;
            s->row[k] = i;
            y.sparse->f[k++] = e;
        }
        s->start[j + 1] = k;
    }
    return y;
}

Value sparse_diagonal(Value column)
{
    const Array *a = array_to_float(column);
    int n = (int)array_count(a);
    Value y = sparse_new(n, n, (size_t)n);
    for (int j = 0; j < n; j++) {
        y.sparse->at->row[j] = j;
        y.sparse->at->start[j + 1] = j + 1;
        y.sparse->f[j] = a->f[j];
    }
    return y;
}

/* ---- reading ---- */

Value sparse_to_array(const Sparse *a)
{
    const Structure *s = a->at;
    Value y = array_new(ELEM_FLOAT, s->rows, s->cols);
    for (int j = 0; j < s->cols; j++)
        for (int k = s->start[j]; k < s->start[j + 1]; k++)
            y.array->f[(size_t)s->row[k] + (size_t)j * (size_t)s->rows] =
                a->f[k];
    return array_value(y);
}

void sparse_triplets(const Sparse *a, Value *i, Value *j, Value *v)
{
    const Structure *s = a->at;
    int n = (int)sparse_count(a);
    *i = array_new(ELEM_EXACT, n, 1);
    *j = array_new(ELEM_EXACT, n, 1);
    *v = array_new_unset(n, 1);
    for (int c = 0; c < s->cols; c++)
        for (int k = s->start[c]; k < s->start[c + 1]; k++) {
            array_set(i->array, (size_t)k, value_int(s->row[k] + 1));
            array_set(j->array, (size_t)k, value_int(c + 1));
            v->array->f[k] = a->f[k];
        }
}

/* The place of row i in column j, -1 if it is not stored. */
static int find_entry(const Structure *s, int i, int j)
{
    int low = s->start[j], high = s->start[j + 1];
    while (low < high) {
        int k = low + (high - low) / 2;
        if (s->row[k] == i)
            return k;
        if (s->row[k] < i)
            low = k + 1;
        else
            high = k;
    }
    return -1;
}

/* The rows that are selected by each row: chains through `next`. */
typedef struct Chosen {
    int *first, *next; /* -1: none */
} Chosen;

static Chosen choose_rows(Arena *a, const Selection *r, int rows)
{
    Chosen c = {ARENA_ARRAY(a, int, (size_t)rows + 1),
                ARENA_ARRAY(a, int, r->count + 1)};
    memset(c.first, -1, (size_t)rows * sizeof *c.first);
    for (size_t k = r->count; k-- > 0;) {
        size_t i = selection_at(r, k);
        c.next[k] = c.first[i];
        c.first[i] = (int)k;
    }
    return c;
}

static size_t count_part(const Sparse *a, const Chosen *c,
                         const Selection *cols)
{
    const Structure *s = a->at;
    size_t n = 0;
    for (size_t j = 0; j < cols->count; j++) {
        POLL();
        size_t from = selection_at(cols, j);
        for (int k = s->start[from]; k < s->start[from + 1]; k++)
            for (int i = c->first[s->row[k]]; i >= 0; i = c->next[i])
                n++;
    }
    return n;
}

static Value take_part(const Sparse *a, const Selection *r,
                       const Selection *cols)
{
    const Structure *s = a->at;
    Arena *arena = arena_local();
    Chosen c = choose_rows(arena, r, s->rows);
    size_t n = count_part(a, &c, cols), at = 0;
    if (n >= INT32_MAX)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "a sparse matrix has fewer than 2^31 entries");
    int *row = ARENA_ARRAY(arena, int, n + 1);
    int *col = ARENA_ARRAY(arena, int, n + 1);
    double *f = ARENA_ARRAY(arena, double, n + 1);
    for (size_t j = 0; j < cols->count; j++) {
        size_t from = selection_at(cols, j);
        for (int k = s->start[from]; k < s->start[from + 1]; k++)
            for (int i = c.first[s->row[k]]; i >= 0; i = c.next[i]) {
                row[at] = i;
                col[at] = (int)j;
                f[at++] = a->f[k];
            }
    }
    Value y =
        sparse_of_triplets((int)r->count, (int)cols->count, n, row, col, f);
    arena_free(arena);
    return y;
}

Value sparse_index(const Sparse *a, int n, const Value index[])
{
    const Structure *s = a->at;
    if (n != 2)
        error_raise_help(SPAN_NONE, ERR_INDEX, NULL, "S[i, j], S[:, j]",
                         "a sparse matrix takes two indices");
    Selection r = selection_of(index[0], (size_t)s->rows);
    Selection c = selection_of(index[1], (size_t)s->cols);
    if (r.single && c.single) {
        int k = find_entry(s, (int)r.first, (int)c.first);
        return value_float(k < 0 ? 0 : a->f[k]);
    }
    Value y = take_part(a, &r, &c);
    return r.single || c.single ? sparse_to_array(y.sparse) : y;
}

bool sparse_same(const Sparse *a, const Sparse *b)
{
    const Structure *s = a->at, *t = b->at;
    if (s->rows != t->rows || s->cols != t->cols)
        return false;
    for (int j = 0; j < s->cols; j++) {
        int k = s->start[j], m = t->start[j];
        while (k < s->start[j + 1] || m < t->start[j + 1]) {
            int p = k < s->start[j + 1] ? s->row[k] : s->rows;
            int q = m < t->start[j + 1] ? t->row[m] : s->rows;
            double x = p <= q ? a->f[k++] : 0, y = q <= p ? b->f[m++] : 0;
            if (x != y)
                return false;
        }
    }
    return true;
}

uint64_t sparse_hash(const Sparse *a)
{
    const Structure *s = a->at;
    uint64_t h = hash_mix((uint64_t)s->rows, (uint64_t)s->cols);
    for (int j = 0; j < s->cols; j++)
        for (int k = s->start[j]; k < s->start[j + 1]; k++)
            if (a->f[k] != 0)
                h = hash_mix(h, hash_mix((uint64_t)s->row[k], (uint64_t)j));
    return h;
}
