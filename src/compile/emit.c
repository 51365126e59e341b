/*
 * emit.c - from flat code to C99
 */
#include "compile/emit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compile/emit_state.h"
#include "num/number.h"

/* ---- operands ---- */

void emit_number(Str *s, double x)
{
    char text[NUM_TEXT];
    num_format_double(text, x);
    if (isnan(x))
        str_add(s, "NAN");
    else if (isinf(x))
        str_add(s, x < 0 ? "-INFINITY" : "INFINITY");
    else
        str_add_format(s, x < 0 || signbit(x) ? "(%s)" : "%s", text);
}

/* A slot that nothing writes holds a number known now. */
void emit_slot(Emit *e, uint32_t slot)
{
    if (e->written[slot])
        str_add_format(e->out, "s%u", slot);
    else
        emit_number(e->out, e->p->slot[slot]);
}

void emit_place(Emit *e, uint32_t at)
{
    const Home *h = &e->p->home[at];
    switch (h->kind) {
    case AT_INPUT:
        str_add_format(e->out, "in[%u]", h->from);
        break;
    case AT_OUTPUT:
        str_add_format(e->out, "out[%u]", h->from);
        break;
    case AT_CONST:
        str_add_format(e->out, "k%u", at);
        break;
    case AT_BUFFER:
        str_add_format(e->out, "(work + %zu)", h->offset);
        break;
    case AT_LOCAL:
        str_add_format(e->out, "(work + %zu)", e->p->buffer_count + h->whole);
        break;
    case AT_VIEW:
        str_add(e->out, "(");
        emit_place(e, h->from);
        str_add_format(e->out, " + %zu)", h->offset);
        break;
    case AT_SLIDE: /* input 0 is the index of the turn */
        str_add(e->out, "(");
        emit_place(e, h->from);
        str_add_format(e->out, " + (long)(%lld*in[0][0] + %lld))",
                       (long long)h->slide->step, (long long)h->slide->first);
        break;
    }
}

/* The address of an operand; a number known now goes through a literal. */
void emit_array(Emit *e, const TaskArg *a)
{
    if (!a->number) {
        emit_place(e, a->at);
    } else if (e->written[a->at]) {
        str_add_format(e->out, "&s%u", a->at);
    } else {
        str_add(e->out, "(const double[]){");
        emit_number(e->out, e->p->slot[a->at]);
        str_add(e->out, "}");
    }
}

void emit_write(Emit *e, const char *text)
{
    str_add(e->out, text);
}

/* ---- elementwise ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (c >= '0' && c <= '9');
}

/* The formula of a kernel with its letters a, b, c replaced. */
static void emit_kernel(Emit *e, const Kernel *f, const char *const operand[])
{
    for (const char *c = f->code; *c; c++) {
        bool word = (c > f->code && is_word(c[-1])) || is_word(c[1]);
        if (*c >= 'a' && *c <= 'c' && !word)
            str_add(e->out, operand[*c - 'a']);
        else
            str_add_char(e->out, *c);
    }
}

static const char *const each_form[STEP_COUNT] = {
    [STEP_ADD] = "a + b",
    [STEP_SUB] = "a - b",
    [STEP_MUL] = "a * b",
    [STEP_DIV] = "a / b",
    [STEP_DIV0] = "b == 0 ? 0 : a / b",
    [STEP_NEG] = "-a",
    [STEP_SQRT] = "sqrt(a)",
    [STEP_LT] = "a < b",
    [STEP_LE] = "a <= b",
    [STEP_EQ] = "a == b",
    [STEP_NE] = "a != b",
    [STEP_AND] = "a != 0 && b != 0",
    [STEP_OR] = "a != 0 || b != 0",
    [STEP_NOT] = "a == 0",
    [STEP_CHOOSE] = "a != 0 ? b : c",
};

static void emit_each(Emit *e, const Instr *i, const char *const operand[])
{
    Kernel form = {.code = NULL};
    const Kernel *f = &form;
    if (i->op == STEP_CALL1 || i->op == STEP_CALL2 || i->op == STEP_CALL3)
        f = e->p->kernel[i->k];
    else
        form.code = each_form[i->op];
    if (!f->code)
        emit_refuse(e, f->name);
    emit_kernel(e, f, operand);
}

static const char *slot_text(Emit *e, uint32_t slot)
{
    Str s = str_in(e->arena), *kept = e->out;
    e->out = &s;
    emit_slot(e, slot);
    e->out = kept;
    return str_text(&s);
}

static void emit_scalar(Emit *e, const Instr *i)
{
    const char *const operand[] = {slot_text(e, i->a), slot_text(e, i->b),
                                   slot_text(e, i->c)};
    str_add_format(e->out, "    s%u = ", i->y);
    emit_each(e, i, operand);
    emit_write(e, ";\n");
}

/* ---- regions ---- */

static bool needs_sides(const Region *r)
{
    for (uint32_t k = 0; k < r->nload; k++)
        if (r->load[k].kind > LOAD_NUMBER)
            return true;
    return false;
}

static void emit_load(Emit *e, const Region *r, const Load *l)
{
    str_add_format(e->out, "        const double v%u = ", l->lane);
    if (l->kind == LOAD_NUMBER) {
        emit_slot(e, l->from);
    } else {
        if (l->kind == LOAD_DIAGONAL)
            emit_write(e, "i != j ? 0 : ");
        emit_place(e, l->from);
        str_add(e->out, l->kind == LOAD_PLAIN ? "[n]"
                        : l->kind == LOAD_ROW ? "[j]"
                                              : "[i]");
        if (l->kind == LOAD_TURNED) {
            e->out->len--; /* [j + i*columns] */
            e->out->len--;
            str_add_format(e->out, "j + i*%d]", r->cols);
        }
    }
    emit_write(e, ";\n");
}

static void emit_lane(Emit *e, const Instr *i, bool *made)
{
    char name[3][16];
    const uint32_t at[3] = {i->a, i->b, i->c};
    for (int k = 0; k < 3; k++)
        snprintf(name[k], sizeof name[k], "v%u", at[k]);
    if (i->op == STEP_SUM) {
        str_add_format(e->out, "        num_sum_add(sum%u, v%u);\n", i->y,
                       i->a);
        return;
    }
    str_add_format(
        e->out, made[i->y] ? "        v%u = " : "        double v%u = ", i->y);
    made[i->y] = true;
    emit_each(e, i, (const char *const[]){name[0], name[1], name[2]});
    emit_write(e, ";\n");
}

static void emit_region(Emit *e, const Region *r)
{
    Str *s = e->out;
    bool *made = ARENA_ARRAY(e->arena, bool, r->lanes + 1);
    emit_write(e, "    {\n");
    for (uint32_t k = 0; k < r->nsum; k++)
        str_add_format(s, "    double sum%u[2] = {0, 0};\n", k);
    if (needs_sides(r))
        str_add_format(s,
                       "    for (size_t n = 0, i = 0, j = 0; n < %zu; n++) {\n",
                       r->count);
    else
        str_add_format(s, "    for (size_t n = 0; n < %zu; n++) {\n", r->count);
    for (uint32_t k = 0; k < r->nload; k++)
        emit_load(e, r, &r->load[k]);
    for (const Instr *i = e->p->lane_code + r->code; i->op != VM_HALT; i++)
        emit_lane(e, i, made);
    for (uint32_t k = 0; k < r->nstore; k++) {
        emit_write(e, "        ");
        emit_place(e, r->store[k].to);
        str_add_format(s, "[n] = v%u;\n", r->store[k].lane);
    }
    if (needs_sides(r))
        str_add_format(s,
                       "        if (++i == %d) {\n            i = 0;\n"
                       "            j++;\n        }\n",
                       r->rows);
    emit_write(e, "    }\n");
    for (uint32_t k = 0; k < r->nsum; k++)
        str_add_format(s, "    s%u = sum%u[0] + sum%u[1];\n", r->sum[k], k, k);
    emit_write(e, "    }\n");
}

/* ---- a function ---- */

static void mark(bool *written, const TaskArg *y)
{
    if (y->number)
        written[y->at] = true;
}

static bool *written_slots(Emit *e, const Program *p)
{
    bool *w = ARENA_ARRAY(e->arena, bool, p->nslot + 1);
    for (const Instr *i = p->code; i->op != VM_HALT; i++) {
        if (i->op == VM_REGION) {
            const Region *r = &p->region[i->k];
            for (uint32_t k = 0; k < r->nsum; k++)
                w[r->sum[k]] = true;
        } else if (i->op == VM_TASK || i->op == VM_WRITE) {
            mark(w, &p->task[i->k].y);
        } else if (i->op != VM_SWEEP) {
            w[i->y] = true;
        }
    }
    return w;
}

static void emit_data(Emit *e)
{
    const Program *p = e->p;
    for (uint32_t k = 0; k < p->nat; k++) {
        const Home *h = &p->home[k];
        if (h->kind != AT_CONST)
            continue;
        e->data += h->count;
        if (e->data > (size_t)1 << 20)
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "the formula holds more than 2^20 numbers of data: "
                        "make them parameters");
        str_add_format(e->out, "    static const double k%u[%zu] = {", k,
                       h->count ? h->count : 1);
        for (size_t i = 0; i < h->count; i++) {
            str_add(e->out, i % 4 ? ", " : i ? ",\n        " : "\n        ");
            emit_number(e->out, h->data[i]);
        }
        emit_write(e, "};\n");
    }
}

/* Past what a stack should hold, the room is static. */
static void emit_locals(Emit *e)
{
    enum { ON_STACK = 1 << 14 };
    const Program *p = e->p;
    size_t n = 0, count = p->buffer_count + p->whole_count;
    if (count)
        str_add_format(e->out, "    %sdouble work[%zu];\n",
                       count > ON_STACK ? "static " : "", count);
    for (uint32_t k = 0; k < p->nslot; k++)
        if (e->written[k])
            str_add_format(e->out, n++ ? ", s%u" : "    double s%u", k);
    emit_write(e, n ? ";\n" : "");
}

static void emit_code(Emit *e)
{
    const Program *p = e->p;
    for (const Instr *i = p->code; i->op != VM_HALT; i++) {
        POLL();
        if (i->op == VM_REGION) {
            emit_region(e, &p->region[i->k]);
        } else if (i->op == VM_TASK || i->op == VM_WRITE) {
            emit_task(e, &p->task[i->k]);
        } else if (i->op == VM_SWEEP) {
            continue; /* its regions and tasks follow: each in one go */
        } else if (i->op == STEP_READ) {
            str_add_format(e->out, "    s%u = ", i->y);
            emit_place(e, i->a);
            str_add_format(e->out, "[%zu];\n",
                           (size_t)i->b | (size_t)i->c << 32);
        } else {
            emit_scalar(e, i);
        }
    }
}

/* The functions of loops come before the one that runs them. */
int emit_function(Emit *e, const Program *p)
{
    depth_check();
    Str body = str_in(e->arena), *kept = e->out;
    const Program *outer = e->p;
    bool *written = e->written;
    e->p = p;
    e->out = &body;
    e->written = written_slots(e, p);
    emit_data(e);
    emit_locals(e);
    emit_code(e);
    int number = ++e->functions;
    Str *s = e->functions_text;
    str_add_format(s,
                   "static void %s_%d(const double *const in[], "
                   "double *const out[])\n{\n",
                   e->name, number);
    if (!strstr(str_text(&body), "in["))
        str_add(s, "    (void)in;\n");
    str_add_len(s, str_text(&body), body.len);
    str_add(s, "}\n\n");
    e->p = outer;
    e->out = kept;
    e->written = written;
    return number;
}

/* ---- the file ---- */

static void emit_param(Str *s, const EmitParam *p, bool input)
{
    size_t n = (size_t)p->shape.rows * (size_t)p->shape.cols;
    if (input && n == 1)
        str_add_format(s, "double %s", p->name);
    else
        str_add_format(s, "%sdouble %s[%zu]", input ? "const " : "", p->name,
                       n);
}

static void emit_shapes(Str *s, const EmitSpec *spec, const Program *p)
{
    const EmitParam *side[] = {spec->in, spec->out};
    const int count[] = {p->nin, p->nout};
    for (int k = 0; k < 2; k++) {
        str_add(s, k ? "\n * out:" : "\n * in:");
        for (int i = 0; i < count[k]; i++) {
            Shape z = side[k][i].shape;
            if (z.rows == 1 && z.cols == 1)
                str_add_format(s, "%s %s", i ? "," : "", side[k][i].name);
            else
                str_add_format(s, "%s %s [%d, %d]", i ? "," : "",
                               side[k][i].name, z.rows, z.cols);
        }
    }
}

/* The function that a user calls: arrays named and sized. */
static void emit_wrapper(Emit *e, const EmitSpec *spec, int number, Str *s)
{
    const Program *p = e->p;
    str_add_format(s, "/*\n * %s", spec->comment);
    emit_shapes(s, spec, p);
    str_add_format(s, "\n */\nvoid %s(", spec->name);
    for (int i = 0; i < p->nin; i++) {
        str_add(s, i ? ", " : "");
        emit_param(s, &spec->in[i], true);
    }
    for (int i = 0; i < p->nout; i++) {
        str_add(s, i || p->nin ? ", " : "");
        emit_param(s, &spec->out[i], false);
    }
    str_add_format(s, ")\n{\n    const double *const in_[] = {");
    for (int i = 0; i < p->nin; i++) {
        bool one = spec->in[i].shape.rows == 1 && spec->in[i].shape.cols == 1;
        str_add_format(s, "%s%s%s", i ? ", " : "", one ? "&" : "",
                       spec->in[i].name);
    }
    str_add(s, p->nin ? "};\n    double *const out_[] = {"
                      : "0};\n    double *const out_[] = {");
    for (int i = 0; i < p->nout; i++)
        str_add_format(s, "%s%s", i ? ", " : "", spec->out[i].name);
    str_add_format(s, "};\n    %s_%d(in_, out_);\n}\n", e->name, number);
}

void program_emit(int n, const Program *const p[], const EmitSpec spec[],
                  Str *out)
{
    Arena *a = arena_local();
    Str text = str_in(a);
    for (int k = 0; k < n; k++) {
        Str inner = str_in(a);
        Emit e = {.arena = a, .name = spec[k].name, .functions_text = &inner};
        int number = emit_function(&e, p[k]);
        e.p = p[k];
        str_add_len(&text, str_text(&inner), inner.len);
        emit_wrapper(&e, &spec[k], number, &text);
        str_add(&text, k + 1 < n ? "\n" : "");
    }
    str_add(out,
            "#include <float.h>\n#include <math.h>\n#include <string.h>\n\n");
    emit_library(a, str_text(&text), out);
    str_add_len(out, str_text(&text), text.len);
    arena_free(a);
}
