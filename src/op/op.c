/*
 * op.c - the tables of the operators, made from ops.def
 */
#include "op/op.h"

#include <string.h>

#include "num/vmath.h"
#include "op/array.h"

/* A kernel is written in the letters of its arguments. */
#define KERNEL_0(id, e)                                                        \
    static double scalar_##id(void)                                            \
    {                                                                          \
        return (e);                                                            \
    }
#define KERNEL_1(id, e)                                                        \
    static double scalar_##id(double a)                                        \
    {                                                                          \
        return (e);                                                            \
    }
#define KERNEL_2(id, e)                                                        \
    static double scalar_##id(double a, double b)                              \
    {                                                                          \
        return (e);                                                            \
    }
#define KERNEL_3(id, e)                                                        \
    static double scalar_##id(double a, double b, double c)                    \
    {                                                                          \
        return (e);                                                            \
    }
#define ELEMENTWISE(id, name, nargs, latex, kernel, curve, points)             \
    KERNEL_##nargs(id, kernel)
#include "op/ops.def"

/* What stands below a row fills in members of its element. */
const OpInfo op_table[OP_COUNT] = {
#define CORE(id_, name_, help_, example_)                                      \
    [OP_##id_] = {.id = OP_##id_,                                              \
                  .class = CLASS_CORE,                                         \
                  .name = name_,                                               \
                  .latex = "",                                                 \
                  .points = "",                                                \
                  .help = help_,                                               \
                  .example = example_},
#define ELEMENTWISE(id_, name_, nargs_, latex_, kernel_, curve_, points_)      \
    [OP_##id_] = {.id = OP_##id_,                                              \
                  .class = CLASS_ELEMENTWISE,                                  \
                  .name = name_,                                               \
                  .nargs = nargs_,                                             \
                  .latex = latex_,                                             \
                  .scalar##nargs_ = scalar_##id_,                              \
                  .code = #kernel_,                                            \
                  .curve = curve_,                                             \
                  .points = points_},
#define ARRAY(id_, name_, nargs_, latex_, shape_, kernel_, curve_, sizes_)     \
    [OP_##id_] = {.id = OP_##id_,                                              \
                  .class = CLASS_ARRAY,                                        \
                  .name = name_,                                               \
                  .nargs = nargs_,                                             \
                  .latex = latex_,                                             \
                  .shape = shape_,                                             \
                  .array = kernel_,                                            \
                  .curve = curve_,                                             \
                  .points = sizes_},
#define VECTOR(id_, function_) [OP_##id_].vector1 = function_,
#define ALONG_ROWS(id_) [OP_##id_].rows = true,
#define HELP(id_, text_, example_)                                             \
    [OP_##id_].help = text_, [OP_##id_].example = example_,
#include "op/ops.def"
};

enum { a, b, c }; /* the letters of DIFF and TRANSPOSE */

const OpDiff op_diffs[] = {
#define DIFF(id, argument, text) {OP_##id, argument, text},
#include "op/ops.def"
};
const size_t op_diff_count = sizeof op_diffs / sizeof op_diffs[0];

const OpRule op_rules[] = {
#define RULE(id, left, right) {OP_##id, left, right, ""},
#define RULE_WHEN(id, left, right, when) {OP_##id, left, right, when},
#include "op/ops.def"
};
const size_t op_rule_count = sizeof op_rules / sizeof op_rules[0];

/* The last row only keeps the table from being empty. */
const OpTranspose op_transposes[] = {
#define TRANSPOSE(id, argument, text) {OP_##id, argument, text},
#include "op/ops.def"
    {OP_COUNT, 0, ""}};
const size_t op_transpose_count =
    sizeof op_transposes / sizeof op_transposes[0] - 1;

static int find_row(const char *name, bool rows)
{
    for (int i = 0; i < OP_COUNT; i++)
        if (op_table[i].class != CLASS_CORE && op_table[i].rows == rows &&
            op_table[i].name[0] == name[0] && !strcmp(op_table[i].name, name))
            return i;
    return -1;
}

int op_find(Name name)
{
    return find_row(name, false);
}

int op_find_rows(Name name)
{
    return find_row(name, true);
}
