/*
 * shape.c - how shapes combine
 */
#include "value/shape.h"

#include "base/error.h"

bool shape_is_scalar(Shape s)
{
    return s.rows == 1 && s.cols == 1;
}

bool shape_same(Shape a, Shape b)
{
    return a.rows == b.rows && a.cols == b.cols;
}

bool shape_is_outer(Shape a, Shape b)
{
    bool column_row = a.cols == 1 && b.rows == 1;
    bool row_column = a.rows == 1 && b.cols == 1;
    return (column_row && a.rows != 1 && b.cols != 1) ||
           (row_column && a.cols != 1 && b.rows != 1);
}

bool shape_broadcast(Shape a, Shape b, Shape *y)
{
    bool rows = a.rows == b.rows || a.rows == 1 || b.rows == 1;
    bool cols = a.cols == b.cols || a.cols == 1 || b.cols == 1;
    if (!rows || !cols || shape_is_outer(a, b))
        return false;
    y->rows = a.rows == 1 ? b.rows : a.rows;
    y->cols = a.cols == 1 ? b.cols : a.cols;
    return true;
}

bool shape_product(Shape a, Shape b, Shape *y)
{
    if (shape_is_scalar(a)) {
        *y = b;
        return true;
    }
    if (shape_is_scalar(b)) {
        *y = a;
        return true;
    }
    *y = (Shape){a.rows, b.cols};
    return a.cols == b.rows;
}

bool shape_solve(Shape a, Shape b, Shape *y)
{
    if (shape_is_scalar(a)) {
        *y = b;
        return true;
    }
    *y = (Shape){a.cols, b.cols};
    return a.rows == b.rows;
}

const char *shape_text(Shape s)
{
    if (shape_is_scalar(s))
        return "a number";
    if (s.cols == 1)
        return arena_printf(error_arena(), "[%d]", (int)s.rows);
    return arena_printf(error_arena(), "[%d,%d]", (int)s.rows, (int)s.cols);
}

/* What cannot be done, with a place for each shape. */
static const char *refusal(BinaryOp op)
{
    switch (op) {
    case BIN_ADD:
        return "cannot add %s and %s";
    case BIN_SUB:
        return "cannot subtract: %s - %s";
    case BIN_MUL:
        return "cannot multiply %s and %s entry by entry";
    case BIN_DIV:
        return "cannot divide %s by %s entry by entry";
    case BIN_POW:
        return "cannot raise %s to the power %s entry by entry";
    case BIN_EQ:
    case BIN_NE:
    case BIN_LT:
    case BIN_LE:
    case BIN_GT:
    case BIN_GE:
        return "cannot compare %s and %s";
    default:
        return "cannot combine %s and %s entry by entry";
    }
}

void shape_raise_broadcast(BinaryOp op, Shape a, Shape b)
{
    const char *detail, *help = NULL;
    if (shape_is_outer(a, b)) {
        detail = "a column and a row do not combine entry by entry";
        help = "transpose one of them; all pairs come from column*row";
    } else if (a.rows != b.rows && a.rows != 1 && b.rows != 1) {
        detail = arena_printf(error_arena(), "rows %d and %d differ",
                              (int)a.rows, (int)b.rows);
    } else {
        detail = arena_printf(error_arena(), "columns %d and %d differ",
                              (int)a.cols, (int)b.cols);
    }
    const char *message =
        arena_printf(error_arena(), refusal(op), shape_text(a), shape_text(b));
    error_raise_help(SPAN_NONE, ERR_SHAPE, detail, help, "%s", message);
}

void shape_raise_product(Shape a, Shape b)
{
    const char *detail =
        arena_printf(error_arena(),
                     "columns of the left (%d) must equal rows of the right "
                     "(%d)",
                     (int)a.cols, (int)b.rows);
    const char *help = NULL;
    if (shape_same(a, b))
        help = "entry by entry is .*";
    error_raise_help(SPAN_NONE, ERR_SHAPE, detail, help,
                     "cannot multiply %s by %s", shape_text(a), shape_text(b));
}
