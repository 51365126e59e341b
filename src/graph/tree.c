/*
 * tree.c - forms as a tree, and in the language of dot
 */
#include "graph/tree.h"

#include <string.h>

#include "base/vec.h"
#include "graph/form.h"

enum { TREE_LINES = 1000, GRAPH_NODES = 20000 };

/* ---- what a form is called ---- */

static bool is_mark(const Form *y, uint32_t i, int mark)
{
    return (y->marks[i] & MARK_BITS) == mark;
}

/* A sum or product of two whose operator stands in the node itself. */
static bool is_pair(const Form *y)
{
    return y->count == 2 && !is_mark(y, 0, MARK_MINUS);
}

static const char *product_text(const Form *y)
{
    if (is_pair(y) && is_mark(y, 1, MARK_OVER))
        return "/";
    if (is_pair(y) && is_mark(y, 1, MARK_HAD_OVER))
        return "./";
    return is_mark(y, 1, MARK_HAD) ? ".*" : "*";
}

static const char *form_title(Arena *a, const Form *y)
{
    switch ((FormKind)y->kind) {
    case FORM_TEXT:
    case FORM_CALL:
    case FORM_INFIX:
        return y->text;
    case FORM_SUM:
        return is_pair(y) && is_mark(y, 1, MARK_MINUS) ? "-" : "+";
    case FORM_NEG:
        return "-";
    case FORM_PRODUCT:
        return product_text(y);
    case FORM_POWER:
        return is_mark(y, 1, MARK_HAD) ? ".^" : "^";
    case FORM_PRIME:
        return "'";
    case FORM_INDEX:
        return "index";
    case FORM_ARRAY:
        return "[ ]";
    case FORM_RANGE:
        return ":";
    case FORM_NOT:
        return "not";
    case FORM_NAMED:
        return arena_printf(a, "%s =", y->text);
    case FORM_CHOICE:
        return "if";
    }
    return "";
}

/* What stands before kid i, where its operator is not that of the node. */
static const char *kid_mark(const Form *y, uint32_t i)
{
    static const char *const choice[] = {"", "then ", "else "};
    if (y->kind == FORM_CHOICE)
        return choice[i];
    if (y->kind == FORM_SUM && is_mark(y, i, MARK_MINUS) && !is_pair(y))
        return "-: ";
    if (y->kind != FORM_PRODUCT || is_pair(y) || i == 0)
        return "";
    const char *title = product_text(y);
    return is_mark(y, i, MARK_OVER)                               ? "/: "
           : is_mark(y, i, MARK_HAD_OVER)                         ? "./: "
           : is_mark(y, i, MARK_HAD) && strcmp(title, ".*") != 0  ? ".*: "
           : is_mark(y, i, MARK_TIMES) && strcmp(title, "*") != 0 ? "*: "
                                                                  : "";
}

/* ---- the parts, each once ---- */

typedef VEC(Form *) FormVec;

/*
 * Forms are shared by node, and x^2 is no node of its own in x^2*sin(y): so
 * forms that read alike are brought together here.  Numbers stay apart, they
 * are only in the way of the picture's edges.
 */
typedef struct Merge {
    Form **slot;
    size_t mask;
} Merge;

static bool is_number_leaf(const Form *f)
{
    return f->kind == FORM_TEXT && f->text[0] >= '0' && f->text[0] <= '9';
}

static bool is_same_kid(const Form *a, const Form *b)
{
    return a == b || (is_number_leaf(a) && is_number_leaf(b) &&
                      !strcmp(a->text, b->text));
}

static uint64_t kid_hash(const Form *f)
{
    return is_number_leaf(f) ? hash_bytes(f->text, strlen(f->text))
                             : (uint64_t)(uintptr_t)f;
}

static bool is_alike(const Form *a, const Form *b)
{
    if (a->kind != b->kind || a->count != b->count || a->op != b->op ||
        strcmp(a->text ? a->text : "", b->text ? b->text : "") != 0)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!is_same_kid(a->kids[i], b->kids[i]) || a->marks[i] != b->marks[i])
            return false;
    return true;
}

static Form *merge_form(Merge *m, Form *f)
{
    if (is_number_leaf(f))
        return f;
    uint64_t h = f->kind;
    if (f->text)
        h = hash_mix(h, hash_bytes(f->text, strlen(f->text)));
    for (uint32_t i = 0; i < f->count; i++)
        h = hash_mix(h, kid_hash(f->kids[i]));
    size_t i = (size_t)h & m->mask;
    for (; m->slot[i]; i = (i + 1) & m->mask)
        if (is_alike(m->slot[i], f))
            return m->slot[i];
    return m->slot[i] = f;
}

/* The forms that y is made of, each after its kids.  At most `most`. */
static void order_forms(Arena *a, Form *y, size_t most, FormVec *done)
{
    FormVec stack = {0};
    VEC_PUSH_IN(a, &stack, y);
    while (stack.count) {
        POLL();
        Form *f = stack.at[stack.count - 1];
        if (f->counted) {
            stack.count--;
            if (f->weight == UINT32_MAX)
                continue;
            f->weight = UINT32_MAX; /* of no use once terms are in order */
            VEC_PUSH_IN(a, done, f);
            if (done->count > most)
                error_raise(SPAN_NONE, ERR_LIMIT,
                            "the graph has more than %zu operations", most);
            continue;
        }
        f->counted = true;
        for (uint32_t i = f->count; i-- > 0;)
            if (!f->kids[i]->counted)
                VEC_PUSH_IN(a, &stack, f->kids[i]);
    }
}

/*
 * The parts of y in order of first occurrence, each once, with the places
 * that hold it in `uses`.
 */
static void collect(Arena *a, Form *y, FormVec *found)
{
    FormVec done = {0}, stack = {0};
    order_forms(a, y, GRAPH_NODES, &done);
    Merge m;
    size_t room = 16;
    while (room < 2 * done.count)
        room *= 2;
    m.mask = room - 1;
    m.slot = ARENA_ARRAY(a, Form *, room);
    Form **same = ARENA_ARRAY(a, Form *, done.count + 1);
    for (size_t i = 0; i < done.count; i++) {
        Form *f = done.at[i];
        for (uint32_t k = 0; k < f->count; k++)
            f->kids[k] = same[f->kids[k]->weight];
        f->weight = (uint32_t)i;
        same[i] = merge_form(&m, f);
        f->uses = 0;
    }
    VEC_PUSH_IN(a, &stack, y);
    y->uses = 1;
    while (stack.count) {
        Form *f = stack.at[--stack.count];
        VEC_PUSH_IN(a, found, f);
        for (uint32_t i = f->count; i-- > 0;)
            if (f->kids[i]->uses++ == 0)
                VEC_PUSH_IN(a, &stack, f->kids[i]);
    }
}

/* ---- the tree ---- */

/* A line: the form, what stands before it, and the branch that it hangs on
 * (`depth` characters of the branch text are its parents'). */
typedef struct Line {
    const Form *form;
    const char *mark;
    size_t depth;
    bool last;
} Line;

typedef struct Drawing {
    Arena *arena;
    bool ascii;
    size_t columns;
    int numbered, lines;
    VEC(bool) open; /* does a line go on below this depth? */
    VEC(Line) stack;
    Str *out;
} Drawing;

/* The first `columns` columns of the text, with ... where it is longer. */
static void add_clipped(Drawing *d, const char *text, size_t columns)
{
    size_t len = strlen(text);
    if (text_columns(text, len) <= columns) {
        str_add(d->out, text);
        return;
    }
    columns = columns > 3 ? columns - 3 : 0;
    size_t at = 0;
    uint32_t code;
    while (at < len) {
        size_t n = text_decode(text + at, len - at, &code);
        n = n ? n : 1;
        if (text_columns(text, at + n) > columns)
            break;
        at += n;
    }
    str_add_len(d->out, text, at);
    str_add(d->out, "...");
}

static void draw_branch(Drawing *d, const Line *l)
{
    for (size_t i = 1; i < l->depth; i++)
        str_add(d->out, !d->open.at[i] ? "   " : d->ascii ? "|  " : "│  ");
    if (l->depth > 0)
        str_add(d->out, d->ascii  ? (l->last ? "`- " : "|- ")
                        : l->last ? "└─ "
                                  : "├─ ");
}

/* Draws the line; true if its kids are to follow. */
static bool draw_line(Drawing *d, const Line *l)
{
    Form *f = (Form *)l->form;
    if (++d->lines > TREE_LINES)
        error_raise_help(SPAN_NONE, ERR_LIMIT, NULL,
                         "graph(e, \"e.svg\") draws larger ones",
                         "the tree has more than %d lines", TREE_LINES);
    draw_branch(d, l);
    bool again = f->label != NULL;
    Str s = str_in(d->arena);
    str_add(&s, l->mark);
    if (!again && f->uses > 1 && f->count > 0)
        f->label = arena_printf(d->arena, "#%d", ++d->numbered);
    if (f->label)
        str_add_format(&s, "%s%s", f->label, again ? "" : " ");
    if (!again)
        str_add(&s, form_title(d->arena, f));
    size_t used = 3 * l->depth;
    add_clipped(d, str_text(&s),
                d->columns > used + 12 ? d->columns - used : 12);
    str_add_char(d->out, '\n');
    return !again;
}

static void draw_tree(Drawing *d, const Form *y)
{
    Line top = {.form = y, .mark = "", .last = true};
    VEC_PUSH_IN(d->arena, &d->stack, top);
    while (d->stack.count) {
        POLL();
        Line l = d->stack.at[--d->stack.count];
        while (d->open.count <= l.depth)
            VEC_PUSH_IN(d->arena, &d->open, false);
        d->open.at[l.depth] = !l.last;
        if (!draw_line(d, &l))
            continue;
        for (uint32_t i = l.form->count; i-- > 0;) {
            Line kid = {.form = l.form->kids[i],
                        .mark = kid_mark(l.form, i),
                        .depth = l.depth + 1,
                        .last = i + 1 == l.form->count};
            VEC_PUSH_IN(d->arena, &d->stack, kid);
        }
    }
}

void node_tree(Graph *g, Node n, bool ascii, size_t columns, Str *out)
{
    Arena *a = arena_local();
    Forms *f = forms_new(g, a);
    f->root = n;
    Form *y = form_of(f, n);
    FormVec found = {0};
    collect(a, y, &found);
    Drawing d = {.arena = a, .ascii = ascii, .columns = columns, .out = out};
    draw_tree(&d, y);
    arena_free(a);
}

/* ---- dot ---- */

static void add_quoted(Str *out, const char *text)
{
    str_add_char(out, '"');
    for (const char *t = text; *t; t++) {
        if (*t == '"' || *t == '\\')
            str_add_char(out, '\\');
        str_add_char(out, *t);
    }
    str_add_char(out, '"');
}

/* Do its two operands have to be told apart?  dot places them as it likes
 * where one of them is used elsewhere too. */
static bool needs_numbers(Arena *a, const Form *f, const uint32_t uses[])
{
    static const char *const table[] = {"-",  "/", "./", "\\", "^",
                                        ".^", "<", "<=", ">",  ">="};
    if (f->count != 2 ||
        (uses[f->kids[0]->weight] < 2 && uses[f->kids[1]->weight] < 2))
        return false;
    const char *title = form_title(a, f);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(title, table[i]))
            return true;
    return false;
}

/*
 * Edges run from operands to the operation, as values do.  `weight` holds
 * the number of a form.
 */
static void write_dot(Arena *a, const FormVec *found, Str *out)
{
    uint32_t *uses = ARENA_ARRAY(a, uint32_t, found->count + 1);
    for (size_t i = 0; i < found->count; i++) {
        found->at[i]->weight = (uint32_t)i;
        uses[i] = 0;
    }
    for (size_t i = 0; i < found->count; i++)
        for (uint32_t k = 0; k < found->at[i]->count; k++)
            uses[found->at[i]->kids[k]->weight]++;
    str_add(
        out,
        "digraph {\n  rankdir=BT;\n"
        "  node [fontname=\"monospace\"];\n  edge [fontname=\"monospace\"];\n");
    for (size_t i = 0; i < found->count; i++) {
        const Form *f = found->at[i];
        str_add_format(out, "  n%zu [shape=%s, label=", i,
                       f->count ? "ellipse" : "box");
        add_quoted(out, form_title(a, f));
        str_add(out, "];\n");
    }
    for (size_t i = 0; i < found->count; i++) {
        const Form *f = found->at[i];
        bool numbers = needs_numbers(a, f, uses);
        for (uint32_t k = 0; k < f->count; k++) {
            const char *mark = numbers ? k ? "2" : "1" : kid_mark(f, k);
            str_add_format(out, "  n%u -> n%zu", f->kids[k]->weight, i);
            size_t len = strcspn(mark, ": ");
            if (len > 0) {
                str_add(out, " [label=");
                add_quoted(out, arena_copy(a, mark, len));
                str_add_char(out, ']');
            }
            str_add(out, ";\n");
        }
    }
    str_add(out, "}\n");
}

void node_digraph(Graph *g, Node n, Str *out)
{
    Arena *a = arena_local();
    Forms *f = forms_new(g, a);
    f->root = n;
    Form *y = form_of(f, n);
    FormVec found = {0};
    collect(a, y, &found);
    write_dot(a, &found, out);
    arena_free(a);
}
