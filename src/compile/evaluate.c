/*
 * evaluate.c - the value of one node
 */
#include "compile/program.h"

#include <string.h>

#include "value/matrix.h"

static bool is_condition(const Graph *g, Node n)
{
    OpId op = node_op(g, n);
    return op == OP_LT || op == OP_LE || op == OP_EQ || op == OP_NE ||
           op == OP_AND || op == OP_OR || op == OP_NOT;
}

static Value wrap(Shape s, const double *x, bool truth)
{
    if (s.rows == 1 && s.cols == 1)
        return truth ? value_bool(*x != 0) : value_float(*x);
    if (!truth)
        return array_from(s.rows, s.cols, x);
    Value v = array_new(ELEM_BOOL, s.rows, s.cols);
    for (size_t i = 0; i < array_count(v.array); i++)
        v.array->b[i] = x[i] != 0;
    return v;
}

/* Symbols that are dimensions are told as such; the others are inputs. */
static void fill_spec(Graph *g, ProgramSpec *spec, Arena *a, int count,
                      const Node symbols[], const Value values[],
                      const double **in)
{
    Node *node = ARENA_ARRAY(a, Node, (size_t)count + 1);
    Node *dim = ARENA_ARRAY(a, Node, (size_t)count + 1);
    int *size = ARENA_ARRAY(a, int, (size_t)count + 1);
    Shape *shape = ARENA_ARRAY(a, Shape, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        int64_t d;
        if (node_symbol_flags(g, symbols[i]) & SYM_DIMENSION) {
            if (!value_to_int(values[i], &d) || d < 0 || d > INT32_MAX)
                error_raise(SPAN_NONE, ERR_SHAPE,
                            "the dimension `%s` must be a whole number",
                            node_symbol_name(g, symbols[i]));
            dim[spec->ndim] = symbols[i];
            size[spec->ndim++] = (int)d;
            continue;
        }
        double *x = arena_alloc(a, sizeof *x);
        shape[spec->nin] = value_shape(values[i]);
        if (value_is_number(values[i]) || values[i].kind == VAL_BOOL) {
            *x = value_to_double(values[i]);
            in[spec->nin] = x;
        } else {
            in[spec->nin] = array_to_float(values[i])->f;
        }
        node[spec->nin++] = symbols[i];
    }
    spec->in = node;
    spec->in_shape = shape;
    spec->dim = dim;
    spec->dim_size = size;
}

Value node_evaluate(Graph *g, Node n, int count, const Node symbols[],
                    const Value values[])
{
    Arena *a = arena_new();
    Program *volatile p = NULL;
    Protect protect;
    if (!PROTECT(&protect)) {
        program_free(p);
        arena_free(a);
        error_again();
    }
    ProgramSpec spec = {.nout = 1, .out = &n, .data_dim = NODE_NONE};
    const double **in = ARENA_ARRAY(a, const double *, (size_t)count + 1);
    fill_spec(g, &spec, a, count, symbols, values, in);
    p = program_new(g, &spec);
    Shape s = program_out_shape(p, 0);
    double *out = ARENA_ARRAY(a, double, (size_t)s.rows *(size_t)s.cols + 1);
    program_run(p, in, &out);
    Value y = wrap(s, out, is_condition(g, n));
    protect_end(&protect);
    program_free(p);
    arena_free(a);
    return y;
}
