/*
 * print.c - forms as text
 *
 * Rendering keeps a stack of its own: a form is a text, or it pushes its
 * texts and kids in reverse order.  So chains and nests of any depth print in
 * time proportional to the text.
 */
#include "graph/print.h"

#include <string.h>

#include "base/vec.h"
#include "graph/form.h"
#include "graph/quick.h"

/* ---- rendering ---- */

typedef struct Piece {
    const char *text; /* or */
    Form *form;
    FormLevel level; /* that the place of the form asks for */
} Piece;

typedef struct Writer {
    Arena *arena;
    Str *out;
    struct {
        Piece *at;
        size_t count, room;
    } stack;
} Writer;

static void push_text(Writer *w, const char *text)
{
    Piece p = {.text = text};
    VEC_PUSH_IN(w->arena, &w->stack, p);
}

static void push_form(Writer *w, Form *f, FormLevel level)
{
    Piece p = {.form = f, .level = level};
    VEC_PUSH_IN(w->arena, &w->stack, p);
}

static const char *mark_text(int mark)
{
    switch (mark & MARK_BITS) {
    case MARK_PLUS:
        return " + ";
    case MARK_MINUS:
        return " - ";
    case MARK_TIMES:
        return "*";
    case MARK_OVER:
        return "/";
    case MARK_HAD:
        return ".*";
    case MARK_HAD_OVER:
        return "./";
    case MARK_COMMA:
        return ", ";
    case MARK_SEMICOLON:
        return "; ";
    default:
        return "";
    }
}

/* The level that kid i of a list asks for. */
static FormLevel list_level(const Form *y, uint32_t i)
{
    switch ((FormKind)y->kind) {
    case FORM_SUM:
        return i ? LEVEL_PRODUCT : LEVEL_SUM;
    case FORM_PRODUCT:
        return y->marks[i] & MARK_OPEN ? LEVEL_PRODUCT : LEVEL_POWER;
    case FORM_RANGE:
        return LEVEL_SUM;
    default:
        return LEVEL_ANY;
    }
}

/* Kids from..count-1 with their marks between, the first without. */
static void push_list(Writer *w, const Form *y, uint32_t from)
{
    for (uint32_t i = y->count; i-- > from;) {
        push_form(w, y->kids[i], list_level(y, i));
        if (i > from)
            push_text(w, y->kind == FORM_RANGE   ? ":"
                         : y->kind == FORM_INDEX ? ","
                                                 : mark_text(y->marks[i]));
    }
}

static void push_infix(Writer *w, const Form *y)
{
    FormLevel below = (FormLevel)(y->level + 1);
    push_form(w, y->kids[1], below);
    push_text(w, " ");
    push_text(w, y->text);
    push_text(w, " ");
    push_form(w, y->kids[0],
              y->level == LEVEL_COMPARE ? below : (FormLevel)y->level);
}

static void push_choice(Writer *w, const Form *y)
{
    push_form(w, y->kids[2], LEVEL_ANY);
    push_text(w, " else ");
    push_form(w, y->kids[1], LEVEL_ANY);
    push_text(w, " then ");
    push_form(w, y->kids[0], LEVEL_OR);
    push_text(w, "if ");
}

static void push_call(Writer *w, const Form *y)
{
    push_text(w, ")");
    push_list(w, y, 0);
    push_text(w, "(");
    push_text(w, y->text);
}

static void push_bracket(Writer *w, const Form *y)
{
    push_text(w, "]");
    if (y->kind == FORM_ARRAY) {
        push_text(w, y->text);
        push_list(w, y, 0);
        push_text(w, "[");
    } else {
        push_list(w, y, 1);
        push_text(w, "[");
        push_form(w, y->kids[0], LEVEL_POSTFIX);
    }
}

static void write_form(Writer *w, const Form *y)
{
    switch ((FormKind)y->kind) {
    case FORM_TEXT:
        str_add(w->out, y->text);
        break;
    case FORM_SUM:
        push_list(w, y, 0);
        if (y->marks[0] == MARK_MINUS)
            push_text(w, "-");
        break;
    case FORM_PRODUCT:
    case FORM_RANGE:
        push_list(w, y, 0);
        break;
    case FORM_NEG:
        push_form(w, y->kids[0], LEVEL_PRODUCT);
        push_text(w, "-");
        break;
    case FORM_POWER:
        push_form(w, y->kids[1], LEVEL_POWER);
        push_text(w, y->marks[1] == MARK_HAD ? ".^" : "^");
        push_form(w, y->kids[0], LEVEL_POSTFIX);
        break;
    case FORM_PRIME:
        push_text(w, "'");
        push_form(w, y->kids[0], LEVEL_POSTFIX);
        break;
    case FORM_CALL:
        push_call(w, y);
        break;
    case FORM_INDEX:
    case FORM_ARRAY:
        push_bracket(w, y);
        break;
    case FORM_INFIX:
        push_infix(w, y);
        break;
    case FORM_NOT:
        push_form(w, y->kids[0], LEVEL_NOT);
        push_text(w, "not ");
        break;
    case FORM_NAMED:
        push_form(w, y->kids[0], LEVEL_ANY);
        push_text(w, " = ");
        push_text(w, y->text);
        break;
    case FORM_CHOICE:
        push_choice(w, y);
        break;
    }
}

/* `whole`: y itself is written, not the name that it was given. */
static void render(Arena *a, Form *y, bool whole, Str *out)
{
    Writer w = {.arena = a, .out = out};
    push_form(&w, y, LEVEL_ANY);
    while (w.stack.count) {
        POLL();
        Piece p = w.stack.at[--w.stack.count];
        if (p.text) {
            str_add(out, p.text);
        } else if (p.form->label && !whole) {
            str_add(out, p.form->label);
        } else if (p.form->level < p.level) {
            push_text(&w, ")");
            push_form(&w, p.form, LEVEL_ANY);
            str_add(out, "(");
        } else {
            whole = false;
            write_form(&w, p.form);
        }
    }
}

/* ---- the interface ---- */

static void write_parts(Forms *f, Form *y, Node n, Str *out)
{
    size_t count;
    Form **part = form_share(f, y, n, &count);
    for (size_t i = 0; i < count; i++) {
        str_add_format(out, "%s = ", part[i]->label);
        render(f->arena, part[i], true, out);
        str_add_char(out, '\n');
    }
}

static void print_line(Forms *f, Node n, Str *out)
{
    Form *y = form_of(f, n);
    if (y->cost > FORM_COST_WRITTEN)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "written out on one line this has more than %u parts",
                    FORM_COST_WRITTEN);
    render(f->arena, y, true, out);
}

void node_print(Graph *g, Node n, Str *out)
{
    forms_run(g, n, out, print_line);
}

static void print_whole(Forms *f, Node n, Str *out)
{
    Form *y = form_of(f, n);
    write_parts(f, y, n, out);
    render(f->arena, y, true, out);
    if (!node_is_scalar(f->graph, n)) {
        str_add(out, "    # ");
        shape_print(f->graph, node_shape(f->graph, n), out);
    }
}

void node_print_result(Graph *g, Node n, Str *out)
{
    forms_run(g, n, out, print_whole);
}

static void print_dim(Graph *g, Dim d, Str *out)
{
    if (d >= 0)
        str_add_format(out, "%d", (int)d);
    else
        node_print(g, node_of_dim(g, d), out);
}

void shape_print(Graph *g, Shape s, Str *out)
{
    if (s.rows == 1 && s.cols == 1) {
        str_add(out, "a number");
        return;
    }
    str_add_char(out, '[');
    print_dim(g, s.rows, out);
    if (s.cols != 1) {
        str_add_char(out, ',');
        print_dim(g, s.cols, out);
    }
    str_add_char(out, ']');
}

uint32_t node_print_cost(Graph *g, Node n)
{
    Forms *f = forms_take(g);
    uint32_t cost = form_of(f, n)->cost;
    forms_give(f);
    return cost;
}
