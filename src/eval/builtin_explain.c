/*
 * builtin_explain.c - what kind of point is this?
 */
#include <math.h>
#include <stdlib.h>

#include "eval/builtin.h"
#include "eval/derive.h"
#include "num/blas.h"
#include "value/format.h"
#include "value/matrix.h"

/* The entries of a gradient: a number, an array, a record of them. */
static void add_entries(Value v, Value list)
{
    if (v.kind == VAL_RECORD) {
        for (size_t i = 0; i < v.record->count; i++)
            add_entries(v.record->at[i], list);
    } else if (v.kind == VAL_ARRAY) {
        for (size_t i = 0; i < array_count(v.array); i++)
            list_push(list, array_get(v.array, i));
    } else {
        list_push(list, v);
    }
}

/* Is every entry 0: exactly, or beside `scale` at rounding? */
static bool all_zero(Value list, double scale)
{
    for (size_t i = 0; i < list.list->count; i++) {
        Value v = list.list->at[i];
        double x = value_to_double(v);
        if (value_is_exact(v) ? x != 0 : !(fabs(x) <= 1e-9 * scale))
            return false;
    }
    return true;
}

static double largest(const Array *a)
{
    double most = 0;
    for (size_t i = 0; i < array_count(a); i++)
        most = fmax(most, fabs(a->f[i]));
    return most;
}

/* "minimum" and so on, by the signs of the eigenvalues. */
static const char *kind_of_point(const double *w, int n, double scale)
{
    bool positive = false, negative = false, zero = false;
    for (int i = 0; i < n; i++) {
        zero = zero || fabs(w[i]) <= 1e-10 * scale;
        positive = positive || w[i] > 1e-10 * scale;
        negative = negative || w[i] < -1e-10 * scale;
    }
    if (positive && negative)
        return "saddle point";
    if (zero)
        return positive   ? "degenerate: no maximum; the Hessian is singular"
               : negative ? "degenerate: no minimum; the Hessian is singular"
                          : "degenerate: the Hessian is 0";
    return positive ? "minimum" : "maximum";
}

Value builtin_classify(Interp *in, const Args *a)
{
    Span at = *context_here();
    if (a->at[0].kind != VAL_FUNCTION)
        error_raise_help(at, ERR_TYPE, NULL,
                         "f(x, y) = x^2 - y^2; classify(f, 0, 0)",
                         "classify takes a function and a point");
    Value g = derive_function(in, DERIVE_GRAD, a->at[0], 1, 0, NULL, at);
    Value slope = call_values(in, g, a->count - 1, a->at + 1);
    Value h = derive_function(in, DERIVE_HESSIAN, a->at[0], 1, 0, NULL, at);
    Value curvature = call_values(in, h, a->count - 1, a->at + 1);
    Value entries = list_new(4);
    add_entries(slope, entries);
    if (value_is_number(curvature)) {
        double x = value_to_double(curvature);
        curvature = array_new(ELEM_FLOAT, 1, 1);
        curvature.array->f[0] = x;
    }
    if (curvature.kind != VAL_ARRAY)
        error_raise(at, ERR_TYPE,
                    "classify is for functions of numbers, or of one column");
    const Array *m = array_to_float(curvature);
    double scale = fmax(1, largest(m));
    if (!all_zero(entries, scale)) {
        Str s = str_in(error_arena());
        value_format_inline(&in->format, slope, &s);
        error_raise(at, ERR_DOMAIN,
                    "the gradient there is %s, not 0: no extremum and no "
                    "saddle point",
                    str_text(&s));
    }
    int n = m->rows;
    double top = fmax(largest(m), 1e-300);
    Value copy = array_copy(m), w = array_new(ELEM_FLOAT, n, 1);
    if (blas_eigen_symmetric(n, copy.array->f, w.array->f, false) != 0)
        error_raise(at, ERR_DOMAIN,
                    "the eigenvalues of the Hessian were not "
                    "found");
    return value_string(kind_of_point(w.array->f, n, top));
}
