/*
 * emit_task.c - work on whole arrays, loops and choices, as C99
 */
#include <string.h>

#include "compile/emit_state.h"
#include "compile/loop.h"

static size_t entries(const TaskArg *a)
{
    return (size_t)a->rows * (size_t)a->cols;
}

_Noreturn void emit_refuse(const Emit *e, const char *name)
{
    (void)e;
    error_raise(SPAN_NONE, ERR_LIMIT, "`%s` is not written in C", name);
}

/*
 * A statement from a pattern: %y and %0 %1 ... are the result and the operands
 * as arrays, %= a count that follows in the list, %% a percent sign.
 */
static void emit_pattern(Emit *e, const Task *t, const char *form,
                         const size_t number[])
{
    emit_write(e, "    ");
    for (const char *c = form; *c; c++) {
        if (*c != '%') {
            str_add_char(e->out, *c);
            continue;
        }
        c++;
        if (*c == '%')
            str_add_char(e->out, '%');
        else if (*c == 'y')
            emit_array(e, &t->y);
        else if (*c == '=')
            str_add_format(e->out, "%zu", *number++);
        else
            emit_array(e, &t->arg[*c - '0']);
    }
    emit_write(e, "\n");
}

#define PATTERN(form, ...)                                                     \
    emit_pattern(e, t, form, (const size_t[]){__VA_ARGS__})

/* ---- reading and placing ---- */

static void emit_spread(Emit *e, const Task *t)
{
    const TaskArg *a = &t->arg[0];
    const char *at = entries(a) == 1 ? "0" : a->cols == 1 ? "i" : "j";
    Str form = str_in(e->arena);
    str_add_format(&form,
                   "for (size_t j = 0; j < %%=; j++)\n"
                   "        for (size_t i = 0; i < %%=; i++)\n"
                   "            (%%y)[i + j*%%=] = (%%0)[%s];",
                   at);
    size_t rows = (size_t)t->y.rows;
    PATTERN(str_text(&form), (size_t)t->y.cols, rows, rows);
}

static void emit_placing(Emit *e, const Task *t)
{
    const Place *place = (const Place *)(uintptr_t)t->k;
    size_t rows = (size_t)t->y.rows;
    for (uint32_t k = 0; k < t->nargs; k++) {
        const TaskArg *a = &t->arg[k];
        if (vm_is_placed(e->p, t, k))
            continue;
        Task one = {.y = t->y, .arg = t->arg + k, .nargs = 1};
        emit_pattern(
            e, &one, "num_put_block(%y + %=, %=, %0, %=, %=);",
            (const size_t[]){(size_t)place[k].row + (size_t)place[k].col * rows,
                             rows, a->number ? 1 : (size_t)a->rows,
                             a->number ? 1 : (size_t)a->cols});
    }
}

static void emit_gather(Emit *e, const Task *t)
{
    const Gather *g = (const Gather *)(uintptr_t)t->k;
    e->data += g->count;
    str_add_format(e->out, "    {\n    static const size_t from[%zu] = {",
                   g->count ? g->count : 1);
    for (size_t i = 0; i < g->count; i++)
        str_add_format(e->out,
                       i % 8 ? ", %zu"
                       : i   ? ",\n        %zu"
                             : "%zu",
                       g->from[i]);
    emit_write(e, "};\n");
    PATTERN("for (size_t i = 0; i < %=; i++)\n"
            "        (%y)[i] = (%0)[from[i]];",
            g->count);
    emit_write(e, "    }\n");
}

static void emit_pick(Emit *e, const Task *t)
{
    const Pick *p = (const Pick *)(uintptr_t)t->k;
    PATTERN("for (size_t i = 0; i < %=; i++)\n"
            "        (%y)[i] = (%0)[%= + ((size_t)(%1)[i] - 1)*%=];",
            entries(&t->y), p->first, p->stride);
}

static bool emit_reading(Emit *e, const Task *t)
{
    const TaskArg *a = &t->arg[0];
    size_t rows = (size_t)t->y.rows, cols = (size_t)t->y.cols;
    size_t m = (size_t)a->rows;
    switch (t->op) {
    case STEP_VIEW:
        PATTERN("memmove(%y, %0, %= * sizeof(double));", entries(&t->y));
        return true;
    case STEP_SPREAD:
        emit_spread(e, t);
        return true;
    case STEP_TURN:
        PATTERN("for (size_t j = 0; j < %=; j++)\n"
                "        for (size_t i = 0; i < %=; i++)\n"
                "            (%y)[i + j*%=] = (%0)[j + i*%=];",
                cols, rows, rows, cols);
        return true;
    case STEP_DIAG:
        PATTERN("for (size_t i = 0; i < %=; i++)\n"
                "        (%y)[i] = i %% %= ? 0 : (%0)[i / %=];",
                rows * rows, rows + 1, rows + 1);
        return true;
    case STEP_PLACE:
        emit_placing(e, t);
        return true;
    case STEP_READ_AT:
        PATTERN("*%y = (%0)[(size_t)*%1 - 1 + ((size_t)*%2 - 1)*%=];", m);
        return true;
    case STEP_TAKE_COL:
        PATTERN("memmove(%y, %0 + ((size_t)*%1 - 1)*%=, %= * sizeof(double));",
                m, m * cols);
        return true;
    case STEP_TAKE_ROW:
        PATTERN("for (size_t j = 0; j < %=; j++)\n"
                "        (%y)[j] = (%0)[(size_t)*%1 - 1 + j*%=];",
                (size_t)a->cols, m);
        return true;
    case STEP_GATHER:
        emit_gather(e, t);
        return true;
    case STEP_PICK:
        emit_pick(e, t);
        return true;
    case STEP_UNIT:
        PATTERN("memset(%y, 0, %= * sizeof(double));\n"
                "    (%y)[(size_t)*%0 - 1] = 1;",
                rows);
        return true;
    default:
        return false;
    }
}

/* ---- reductions and products ---- */

static bool emit_reduction(Emit *e, const Task *t)
{
    const TaskArg *a = &t->arg[0];
    size_t m = (size_t)a->rows, n = (size_t)a->cols, count = entries(a);
    switch (t->op) {
    case STEP_NORM2:
        PATTERN("*%y = num_norm2(%0, %=);", count);
        return true;
    case STEP_COLSUM:
        PATTERN("for (size_t j = 0; j < %=; j++)\n"
                "        (%y)[j] = num_sum(%0 + j*%=, %=, 1);",
                n, m, m);
        return true;
    case STEP_ROWSUM:
        PATTERN("for (size_t i = 0; i < %=; i++)\n"
                "        (%y)[i] = num_sum(%0 + i, %=, %=);",
                m, n, m);
        return true;
    case STEP_SOFTMAX:
        PATTERN("num_softmax(%y, %0, %=, 1);", count);
        return true;
    case STEP_LOGSUMEXP:
        PATTERN("*%y = num_logsumexp(%0, %=, 1);", count);
        return true;
    case STEP_SOFTMAX_ROWS:
        PATTERN("for (size_t i = 0; i < %=; i++)\n"
                "        num_softmax(%y + i, %0 + i, %=, %=);",
                m, n, m);
        return true;
    case STEP_LOGSUMEXP_ROWS:
        PATTERN("for (size_t i = 0; i < %=; i++)\n"
                "        (%y)[i] = num_logsumexp(%0 + i, %=, %=);",
                m, n, m);
        return true;
    case STEP_PROD:
        PATTERN("*%y = num_product_of(%0, %=);", count);
        return true;
    default:
        return false;
    }
}

static void emit_gemm(Emit *e, const Task *t)
{
    const TaskArg *a = &t->arg[0], *b = &t->arg[1];
    bool ta = t->k & 1, tb = (t->k & 2) != 0;
    size_t m = (size_t)t->y.rows, n = (size_t)t->y.cols;
    size_t k = (size_t)(ta ? a->rows : a->cols);
    size_t ra = (size_t)a->rows, rb = (size_t)b->rows;
    PATTERN("num_multiply(%y, %=, %=, %=, %0, %=, %=, %1, %=, %=);", m, n, k,
            ta ? ra : 1, ta ? 1 : ra, tb ? rb : 1, tb ? 1 : rb);
}

static void emit_syrk(Emit *e, const Task *t)
{
    const TaskArg *a = &t->arg[0];
    bool ta = t->k & 1;
    size_t n = (size_t)t->y.rows, ra = (size_t)a->rows;
    size_t k = (size_t)(ta ? a->rows : a->cols);
    PATTERN("num_multiply(%y, %=, %=, %=, %0, %=, %=, %0, %=, %=);", n, n, k,
            ta ? ra : 1, ta ? 1 : ra, ta ? 1 : ra, ta ? ra : 1);
}

static bool emit_matrix(Emit *e, const Task *t)
{
    const TaskArg *a = &t->arg[0];
    size_t n = (size_t)a->rows, rows = (size_t)t->y.rows;
    switch (t->op) {
    case STEP_GEMM:
        emit_gemm(e, t);
        return true;
    case STEP_SYRK:
        emit_syrk(e, t);
        return true;
    case STEP_KRON:
        PATTERN("num_kronecker(%y, %0, %=, %=, %1, %=, %=);", n,
                (size_t)a->cols, (size_t)t->arg[1].rows,
                (size_t)t->arg[1].cols);
        return true;
    case STEP_LU:
        PATTERN("num_lu_factor(%y, %0, %=);", n);
        return true;
    case STEP_SOLVE:
        PATTERN("num_lu_solve(%y, %0, %1, %=, %=, %=);", rows,
                (size_t)t->y.cols, (size_t)(t->k & 1));
        return true;
    case STEP_INV:
        PATTERN("num_lu_inverse(%y, %0, %=);", rows);
        return true;
    case STEP_DET:
        PATTERN("*%y = num_lu_det(%0, %=);", n);
        return true;
    case STEP_LOGDET:
        PATTERN("*%y = num_lu_logdet(%0, %=);", n);
        return true;
    default:
        return false;
    }
}

/* ---- loops ---- */

static void emit_results(Emit *e, const Task *t, const LoopPlan *l)
{
    for (int k = 0; k < l->results; k++) {
        const LoopResultPlan *r = &l->result[k];
        size_t n = (size_t)r->rows * (size_t)r->cols;
        size_t v = (size_t)r->value_rows * (size_t)r->value_cols;
        str_add_format(e->out,
                       r->carried ? "    double room%d[2][%zu];\n"
                                    "    double *now%d = room%d[0], "
                                    "*next%d = room%d[1];\n"
                                  : "    double value%d[%zu], row%d = 1, "
                                    "col%d = 1;\n",
                       k, v ? v : 1, k, k, k, k);
        if (r->saved)
            continue;
        Task base = {.y = t->y, .arg = &t->arg[1 + k], .nargs = 1};
        Str form = str_in(e->arena);
        if (r->carried)
            str_add_format(&form, "memcpy(now%d, %%0, %%= * sizeof(double));",
                           k);
        else
            str_add_format(&form,
                           "memcpy(%%y + %zu, %%0, %%= * sizeof(double));",
                           r->offset);
        emit_pattern(e, &base, str_text(&form), &n);
    }
}

/* What the body reads and writes in this turn. */
static void emit_bindings(Emit *e, const Task *t, const LoopPlan *l)
{
    str_add_format(e->out, "        const double *in_[] = {&index");
    for (int k = 0; k < l->carried; k++)
        str_add_format(e->out, ", now%d", k);
    for (int k = 0; k < l->captures; k++) {
        emit_write(e, ", ");
        emit_array(e, &t->arg[1 + l->results + k]);
    }
    emit_write(e, "};\n        double *out_[] = {");
    for (int k = 0; k < l->results; k++) {
        const LoopResultPlan *r = &l->result[k];
        str_add_format(e->out, "%s%s%d", k ? ", " : "",
                       r->carried ? "next" : "value", k);
        if (!r->carried && !r->row.all && !r->row.affine)
            str_add_format(e->out, ", &row%d", k);
        if (!r->carried && !r->col.all && !r->col.affine)
            str_add_format(e->out, ", &col%d", k);
    }
    emit_write(e, l->results ? "};\n" : "0};\n");
}

static void emit_affine_side(Emit *e, const char *name, int k,
                             const LoopSide *s)
{
    if (s->affine)
        str_add_format(e->out, "        %s%d = %lld*index + %lld;\n", name, k,
                       (long long)s->a, (long long)s->b);
}

/* What is added without a place is 0, as in vm_loop.c, or not there. */
static void emit_has_place(Emit *e, int k, const LoopResultPlan *r)
{
    str_add_format(e->out,
                   "        if (row%d >= 1 && row%d <= %d && col%d >= 1 && "
                   "col%d <= %d)\n    ",
                   k, k, r->rows - r->value_rows + 1, k, k,
                   r->cols - r->value_cols + 1);
}

static void emit_turn_end(Emit *e, const Task *t, const LoopPlan *l)
{
    for (int k = 0; k < l->results; k++) {
        const LoopResultPlan *r = &l->result[k];
        if (r->carried) {
            str_add_format(e->out,
                           "        double *swap%d = now%d;\n"
                           "        now%d = next%d;\n"
                           "        next%d = swap%d;\n",
                           k, k, k, k, k, k);
            continue;
        }
        emit_affine_side(e, "row", k, &r->row);
        emit_affine_side(e, "col", k, &r->col);
        if (r->add && !(r->row.all && r->col.all))
            emit_has_place(e, k, r);
        str_add_format(e->out, "        num_%s_block(", r->add ? "add" : "put");
        emit_array(e, &t->y);
        str_add_format(e->out,
                       " + %zu + (size_t)row%d - 1 + ((size_t)col%d - 1)*%d, "
                       "%d, value%d, %d, %d);\n",
                       r->offset, k, k, r->rows, r->rows, k, r->value_rows,
                       r->value_cols);
    }
}

static void emit_histories(Emit *e, const Task *t, const LoopPlan *l)
{
    for (int k = 0; k < l->carried; k++) {
        const LoopResultPlan *r = &l->result[k];
        size_t n = (size_t)r->rows * (size_t)r->cols;
        if (r->history == SIZE_MAX)
            continue;
        emit_write(e, "        memcpy(");
        emit_array(e, &t->y);
        str_add_format(e->out,
                       " + %zu + at*%zu, now%d, %zu * sizeof(double));\n",
                       r->history, n, k, n);
    }
}

static void emit_loop(Emit *e, const Task *t)
{
    const LoopPlan *l = (const LoopPlan *)(uintptr_t)t->k;
    int body = emit_function(e, l->body);
    emit_write(e, "    {\n");
    emit_results(e, t, l);
    PATTERN("size_t turns = (size_t)*%0;", 0);
    emit_write(e, "    for (size_t turn = 0; turn < turns; turn++) {\n");
    str_add(e->out, l->down ? "        size_t at = turns - 1 - turn;\n"
                            : "        size_t at = turn;\n");
    emit_write(e, "        double index = (double)(at + 1);\n");
    emit_bindings(e, t, l);
    emit_histories(e, t, l);
    str_add_format(e->out, "        %s_%d(in_, out_);\n", e->name, body);
    emit_turn_end(e, t, l);
    emit_write(e, "    }\n");
    for (int k = 0; k < l->carried; k++) {
        const LoopResultPlan *r = &l->result[k];
        emit_write(e, "    memcpy(");
        emit_array(e, &t->y);
        str_add_format(e->out, " + %zu, now%d, %d * sizeof(double));\n",
                       r->offset, k, r->rows * r->cols);
    }
    emit_write(e, "    }\n");
}

static void emit_choice(Emit *e, const Task *t)
{
    const ChoicePlan *c = (const ChoicePlan *)(uintptr_t)t->k;
    int arm[2] = {emit_function(e, c->arm[0]), emit_function(e, c->arm[1])};
    emit_write(e, "    {\n    const double *in_[] = {");
    for (int k = 0; k < c->captures; k++) {
        emit_write(e, k ? ", " : "");
        emit_array(e, &t->arg[1 + k]);
    }
    emit_write(e, c->captures ? "};\n    double *out_[] = {"
                              : "0};\n    double *out_[] = {");
    for (int k = 0; k < c->results; k++) {
        emit_write(e, k ? ", " : "");
        emit_array(e, &t->y);
        str_add_format(e->out, " + %zu", c->offset[k]);
    }
    emit_write(e, "};\n");
    Str form = str_in(e->arena);
    str_add_format(&form, "(*%%0 != 0 ? %s_%d : %s_%d)(in_, out_);", e->name,
                   arm[0], e->name, arm[1]);
    PATTERN(str_text(&form), 0);
    emit_write(e, "    }\n");
}

/* Reductions by the place of an extreme entry. */
static bool emit_extreme(Emit *e, const Task *t, OpId op)
{
    size_t n = entries(&t->arg[0]);
    switch (op) {
    case OP_MAXOF:
        PATTERN("*%y = (%0)[num_largest(%0, %=)];", n);
        return true;
    case OP_MINOF:
        PATTERN("*%y = (%0)[num_smallest(%0, %=)];", n);
        return true;
    case OP_ARGMAX:
        PATTERN("*%y = (double)(num_largest(%0, %=) + 1);", n);
        return true;
    case OP_ARGMIN:
        PATTERN("*%y = (double)(num_smallest(%0, %=) + 1);", n);
        return true;
    case OP_HARDMAX:
        PATTERN("for (size_t i = 0, top = num_largest(%0, %=); i < %=; i++)\n"
                "        (%y)[i] = i == top;",
                n, n);
        return true;
    default:
        return false;
    }
}

static void emit_row(Emit *e, const Task *t)
{
    const OpInfo *op = (const OpInfo *)(uintptr_t)t->k;
    size_t count = entries(&t->arg[0]);
    size_t m = (size_t)t->arg[0].rows, n = (size_t)t->arg[0].cols;
    if (emit_extreme(e, t, op->id))
        return;
    switch (op->id) {
    case OP_CUMSUM:
        PATTERN("num_cumsum(%y, %0, %=);", count);
        return;
    case OP_PROD_ROWS:
        PATTERN("for (size_t i = 0; i < %=; i++) {\n"
                "        (%y)[i] = 1;\n"
                "        for (size_t j = 0; j < %=; j++)\n"
                "            (%y)[i] *= (%0)[i + j*%=];\n"
                "    }",
                m, n, m);
        return;
    case OP_PROD_OTHERS:
    case OP_PROD_OTHERS_ALL:
        PATTERN("num_others(%y, %0, %=, 1);", count);
        return;
    case OP_PROD_OTHERS_ROWS:
        PATTERN("for (size_t i = 0; i < %=; i++)\n"
                "        num_others(%y + i, %0 + i, %=, %=);",
                m, n, m);
        return;
    case OP_PROD_PAIRS:
        PATTERN("num_pairs(%y, %0, %=);", count);
        return;
    default:
        emit_refuse(e, op->name);
    }
}

void emit_task(Emit *e, const Task *t)
{
    if (emit_reading(e, t) || emit_reduction(e, t) || emit_matrix(e, t))
        return;
    if (t->op == STEP_LOOP)
        emit_loop(e, t);
    else if (t->op == STEP_CHOICE)
        emit_choice(e, t);
    else if (t->op == STEP_ROW_KERNEL)
        emit_row(e, t);
    else if (t->op == STEP_ADJUGATE)
        PATTERN("num_adjugate(%y, %0, %=);", (size_t)t->y.rows);
    else
        emit_refuse(e, step_name[t->op]);
}
