/*
 * pretty.c - forms in two dimensions
 *
 * The same forms as print.c and latex.c write, each a box of text.  A form
 * recurses into its kids; the number of forms is bounded, and the area of a
 * box, so that the rows copied from level to level stay few.
 */
#include "graph/pretty.h"

#include <string.h>

#include "graph/box.h"
#include "graph/form.h"
#include "graph/greek.h"

enum { MOST_FORMS = 2000, MOST_AREA = 60000 };

typedef struct Pretty {
    Arena *arena;
    bool ascii;
    int forms; /* drawn so far */
    int room;  /* sums wider than this are broken */
} Pretty;

static Box draw(Pretty *p, const Form *y, FormLevel level);

static Box text_box(Pretty *p, const char *text)
{
    return box_text(p->arena, text);
}

/* The second spelling is for terminals without UTF-8. */
static Box sign_box(Pretty *p, const char *text, const char *plain)
{
    return box_text(p->arena, p->ascii ? plain : text);
}

/* `lambda` and `lambda_1` with the letter itself. */
static Box name_box(Pretty *p, const char *text)
{
    size_t stem = strcspn(text, "_0123456789");
    const char *letter = p->ascii ? NULL : greek_letter(text, stem);
    return text_box(
        p, letter ? arena_printf(p->arena, "%s%s", letter, text + stem) : text);
}

static Box beside(Pretty *p, Box a, Box b)
{
    return box_beside(p->arena, 2, (Box[]){a, b});
}

static Box *box_room(Pretty *p, size_t n)
{
    return ARENA_ARRAY(p->arena, Box, n + 1);
}

/* ---- levels: what is drawn otherwise than print.c binds otherwise ---- */

static bool is_indexed(const Form *y)
{
    return y->kind == FORM_CALL && y->count >= 2 &&
           y->kids[0]->kind == FORM_NAMED &&
           (!strcmp(y->text, "sum") || !strcmp(y->text, "prod"));
}

static FormLevel drawn_level(const Form *y)
{
    return is_indexed(y) ? LEVEL_PRODUCT : (FormLevel)y->level;
}

static bool is_call(const Form *y, const char *name)
{
    return y->kind == FORM_CALL && y->text && !strcmp(y->text, name);
}

/* Does it end in something raised, or in a bar? */
static bool has_top(const Form *y)
{
    return y->kind == FORM_POWER || y->kind == FORM_PRIME ||
           is_call(y, "sqrt") || is_call(y, "inv") || is_call(y, "expm");
}

static Box draw_base(Pretty *p, const Form *y)
{
    if (!has_top(y) || drawn_level(y) < LEVEL_POSTFIX)
        return draw(p, y, LEVEL_POSTFIX);
    return box_in_brackets(p->arena, draw(p, y, LEVEL_ANY), '(', p->ascii);
}

/* ---- products ---- */

static bool is_fraction(const Form *y)
{
    return y->kind == FORM_PRODUCT &&
           (y->marks[y->count - 1] & MARK_BITS) == MARK_OVER;
}

static Box draw_times(Pretty *p, const Form *y, uint32_t i)
{
    switch (y->marks[i] & MARK_BITS) {
    case MARK_HAD:
        return sign_box(p, " ⊙ ", " .* ");
    case MARK_HAD_OVER:
        return sign_box(p, " ⊘ ", " ./ ");
    case MARK_OVER:
        return text_box(p, "/");
    default:
        return sign_box(p, "⋅", "*");
    }
}

static Box draw_factors(Pretty *p, const Form *y, uint32_t n, bool alone)
{
    if (alone && n == 1)
        return draw(p, y->kids[0], LEVEL_ANY);
    Box *part = box_room(p, 2 * (size_t)n);
    int k = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            part[k++] = draw_times(p, y, i);
        bool open =
            (y->marks[i] & MARK_OPEN) || (i + 1 == n && is_indexed(y->kids[i]));
        part[k++] = draw(p, y->kids[i], open ? LEVEL_PRODUCT : LEVEL_POWER);
    }
    return box_beside(p->arena, k, part);
}

static Box draw_product(Pretty *p, const Form *y)
{
    if (!is_fraction(y))
        return draw_factors(p, y, y->count, false);
    uint32_t last = y->count - 1;
    const Form *under = y->kids[last];
    bool nested = is_fraction(under) || (last == 1 && is_fraction(y->kids[0]));
    return box_over(p->arena, draw_factors(p, y, last, true),
                    draw(p, under, LEVEL_ANY), nested ? 2 : 0, p->ascii);
}

/* ---- calls ---- */

static Box draw_list(Pretty *p, const Form *y, uint32_t from,
                     const char *between)
{
    Box *part = box_room(p, 2 * (size_t)y->count);
    int k = 0;
    for (uint32_t i = from; i < y->count; i++) {
        if (i > from)
            part[k++] = text_box(p, between);
        part[k++] = draw(p, y->kids[i], LEVEL_ANY);
    }
    return box_beside(p->arena, k, part);
}

/* The sign with its limits: the base line is that of the sign. */
static Box draw_sign(Pretty *p, const Form *named, bool sum)
{
    static const char *const plain[2][3] = {{"___", "| |", "| |"},
                                            {"__ ", "\\  ", "/__"}};
    const Form *range = named->kids[0];
    bool limits = range->kind == FORM_RANGE && range->count == 2;
    Box part[5];
    int n = 0, above;
    part[n++] = limits ? draw(p, range->kids[1], LEVEL_ANY) : text_box(p, "");
    above = part[0].height;
    if (p->ascii)
        for (int i = 0; i < 3; i++)
            part[n++] = text_box(p, plain[sum][i]);
    else
        part[n++] = text_box(p, sum ? "∑" : "∏");
    Box from[3] = {text_box(p, named->text),
                   limits ? text_box(p, "=") : sign_box(p, "∈", " in "),
                   draw(p, limits ? range->kids[0] : range, LEVEL_ANY)};
    part[n++] = box_beside(p->arena, 3, from);
    return box_below(p->arena, n, part, true, above + (p->ascii ? 1 : 0));
}

static Box draw_indexed(Pretty *p, const Form *y)
{
    Box *part = box_room(p, 2 * (size_t)y->count);
    int k = 0;
    for (uint32_t i = 0; i + 1 < y->count; i++) {
        part[k++] = draw_sign(p, y->kids[i], !strcmp(y->text, "sum"));
        part[k++] = text_box(p, " ");
    }
    part[k++] = draw(p, y->kids[y->count - 1], LEVEL_PRODUCT);
    return box_beside(p->arena, k, part);
}

static Box draw_call(Pretty *p, const Form *y)
{
    Arena *a = p->arena;
    if (is_indexed(y))
        return draw_indexed(p, y);
    bool one = y->count == 1;
    if (one && is_call(y, "sqrt"))
        return box_root(a, draw(p, y->kids[0], LEVEL_ANY), p->ascii);
    if (one && is_call(y, "inv"))
        return box_raised(a, draw_base(p, y->kids[0]), text_box(p, "-1"));
    if (one && is_call(y, "abs"))
        return box_in_brackets(a, draw(p, y->kids[0], LEVEL_ANY), '|',
                               p->ascii);
    if (one && is_call(y, "norm2"))
        return box_in_brackets(a, draw(p, y->kids[0], LEVEL_ANY), 'n',
                               p->ascii);
    return beside(p, text_box(p, y->text),
                  box_in_brackets(a, draw_list(p, y, 0, ", "), '(', p->ascii));
}

/* ---- the other kinds ---- */

static Box draw_term(Pretty *p, const Form *y, uint32_t i)
{
    bool minus = y->marks[i] == MARK_MINUS;
    Box sign = text_box(p, i ? (minus ? " - " : " + ") : (minus ? "-" : ""));
    return beside(p, sign, draw(p, y->kids[i], i ? LEVEL_PRODUCT : LEVEL_NEG));
}

/* In as many lines as it needs; it stands on the first. */
static Box draw_sum(Pretty *p, const Form *y)
{
    Box *line = box_room(p, 2 * (size_t)y->count),
        *term = box_room(p, y->count);
    int n = 0, from = 0, width = 0;
    bool tall = false;
    for (uint32_t i = 0; i < y->count; i++) {
        term[i] = draw_term(p, y, i);
        tall = tall || term[i].height > 1;
        if ((int)i > from && width + term[i].width > p->room) {
            line[n++] = box_beside(p->arena, (int)i - from, term + from);
            line[n++] = text_box(p, "");
            from = (int)i;
            width = 0;
        }
        width += term[i].width;
    }
    line[n++] = box_beside(p->arena, (int)y->count - from, term + from);
    if (n > 1 && !tall) /* no blank lines between */
        for (int i = 1; 2 * i < n; i++)
            line[i] = line[2 * i];
    return box_below(p->arena, tall ? n : (n + 1) / 2, line, false,
                     line[0].base);
}

static bool begins_row(const Form *y, uint32_t i)
{
    return i == 0 || y->op == OP_STACK || y->marks[i] == MARK_SEMICOLON;
}

static Box draw_array(Pretty *p, const Form *y)
{
    int rows = 0, cols = 0, k = 0;
    for (uint32_t i = 0; i < y->count; i++) {
        k = begins_row(y, i) ? 1 : k + 1;
        rows += begins_row(y, i);
        cols = k > cols ? k : cols;
    }
    Box *cell = box_room(p, (size_t)rows * (size_t)cols);
    for (int i = 0; i < rows * cols; i++)
        cell[i] = text_box(p, "");
    int r = -1, c = 0;
    for (uint32_t i = 0; i < y->count; i++) {
        if (begins_row(y, i)) {
            r++;
            c = 0;
        }
        cell[r * cols + c++] = draw(p, y->kids[i], LEVEL_ANY);
    }
    return box_in_brackets(p->arena, box_grid(p->arena, rows, cols, cell), '[',
                           p->ascii);
}

static Box draw_infix(Pretty *p, const Form *y)
{
    static const char *const table[][2] = {
        {"<=", " ≤ "}, {">=", " ≥ "}, {"!=", " ≠ "}};
    const char *plain = arena_printf(p->arena, " %s ", y->text), *text = plain;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i][0], y->text))
            text = table[i][1];
    FormLevel below = (FormLevel)(y->level + 1);
    Box part[3] = {draw(p, y->kids[0], below), sign_box(p, text, plain),
                   draw(p, y->kids[1], below)};
    return box_beside(p->arena, 3, part);
}

static Box draw_choice(Pretty *p, const Form *y)
{
    Box cell[4] = {
        draw(p, y->kids[1], LEVEL_ANY),
        beside(p, text_box(p, "if "), draw(p, y->kids[0], LEVEL_ANY)),
        draw(p, y->kids[2], LEVEL_ANY), text_box(p, "otherwise")};
    Box b = box_grid(p->arena, 2, 2, cell);
    Box *row = box_room(p, (size_t)b.height);
    for (int i = 0; i < b.height; i++)
        row[i] = p->ascii            ? text_box(p, "{ ")
                 : i == 0            ? text_box(p, "⎧ ")
                 : i + 1 == b.height ? text_box(p, "⎩ ")
                 : i == b.base       ? text_box(p, "⎨ ")
                                     : text_box(p, "⎪ ");
    return beside(p, box_below(p->arena, b.height, row, false, b.base), b);
}

static Box draw_power(Pretty *p, const Form *y)
{
    Box power = draw(p, y->kids[1], LEVEL_ANY);
    if (y->marks[1] == MARK_HAD) /* entry by entry */
        power =
            beside(p, sign_box(p, "∘", ".^"), draw(p, y->kids[1], LEVEL_POWER));
    return box_raised(p->arena, draw_base(p, y->kids[0]), power);
}

static Box draw_prime(Pretty *p, const Form *y)
{
    Box b = draw_base(p, y->kids[0]);
    return b.height == 1 && !p->ascii
               ? beside(p, b, text_box(p, "ᵀ"))
               : box_raised(p->arena, b, text_box(p, "T"));
}

static Box draw_form(Pretty *p, const Form *y)
{
    switch ((FormKind)y->kind) {
    case FORM_TEXT:
        return name_box(p, y->text);
    case FORM_SUM:
        return draw_sum(p, y);
    case FORM_NEG:
        return beside(p, text_box(p, "-"), draw(p, y->kids[0], LEVEL_PRODUCT));
    case FORM_PRODUCT:
        return draw_product(p, y);
    case FORM_POWER:
        return draw_power(p, y);
    case FORM_PRIME:
        return draw_prime(p, y);
    case FORM_CALL:
        return draw_call(p, y);
    case FORM_INDEX:
        return box_lowered(p->arena, draw(p, y->kids[0], LEVEL_POSTFIX),
                           draw_list(p, y, 1, ","));
    case FORM_ARRAY:
        return draw_array(p, y);
    case FORM_RANGE:
        return draw_list(p, y, 0, ":");
    case FORM_INFIX:
        return draw_infix(p, y);
    case FORM_NOT:
        return beside(p, text_box(p, "not "), draw(p, y->kids[0], LEVEL_NOT));
    case FORM_NAMED:
        return beside(p, text_box(p, arena_printf(p->arena, "%s = ", y->text)),
                      draw(p, y->kids[0], LEVEL_ANY));
    case FORM_CHOICE:
        return draw_choice(p, y);
    }
    return text_box(p, "");
}

static _Noreturn void raise_large(void)
{
    error_raise_help(SPAN_NONE, ERR_LIMIT, NULL, "print(e), or latex(e)",
                     "the formula is too large to be drawn");
}

static Box draw(Pretty *p, const Form *y, FormLevel level)
{
    POLL();
    depth_check();
    if (y->label)
        return text_box(p, y->label);
    if (++p->forms > MOST_FORMS)
        raise_large();
    Box b = draw_form(p, y);
    if (drawn_level(y) < level)
        b = box_in_brackets(p->arena, b, '(', p->ascii);
    if ((long)b.width * b.height > MOST_AREA)
        raise_large();
    return b;
}

/* The formula with what stands before it, its sums broken until it fits. */
static Box draw_fitting(Pretty *p, const Form *y, Box before, int columns)
{
    Box b = before;
    p->room = columns;
    for (int part = 4; part > 0; part--) {
        p->forms = 0;
        b = beside(p, before, draw(p, y, LEVEL_ANY));
        if (b.width <= columns)
            break;
        p->room = (columns - before.width) * part / 5;
    }
    return b;
}

/* The text on one line, broken at blanks. */
static void write_lines(Pretty *p, const char *text, int columns, Str *out)
{
    Str line = str_in(p->arena);
    while (*text) {
        size_t n = strcspn(text, " ");
        n += strspn(text + n, " ");
        size_t used = text_columns(str_text(&line), line.len);
        if (line.len > 4 && used + text_columns(text, n) > (size_t)columns) {
            box_write(text_box(p, str_text(&line)), out);
            line = str_in(p->arena);
            str_add(&line, "    ");
        }
        str_add_len(&line, text, n);
        text += n;
    }
    box_write(text_box(p, str_text(&line)), out);
}

static Box draw_head(Pretty *p, const FormulaHead *head)
{
    Box *part = box_room(p, 2 * (size_t)head->count + 4);
    bool brackets = head->name || head->count != 1;
    int n = 0;
    part[n++] = name_box(p, head->name ? head->name : "");
    part[n++] = text_box(p, brackets ? "(" : "");
    for (int i = 0; i < head->count; i++) {
        part[n++] = text_box(p, i ? ", " : "");
        part[n++] = name_box(p, head->param[i]);
    }
    part[n++] = text_box(p, brackets ? ")" : "");
    part[n++] = head->name ? text_box(p, " = ") : sign_box(p, " ↦ ", " -> ");
    return box_beside(p->arena, n, part);
}

void node_pretty(Graph *g, Node n, const FormulaHead *head, bool ascii,
                 int columns, Str *out)
{
    Arena *a = arena_local();
    Forms *f = forms_new(g, a);
    Pretty p = {.arena = a, .ascii = ascii};
    Form *y = form_of(f, n);
    size_t count, start = out->len;
    int widest = 0;
    Form **part = form_share(f, y, n, &count);
    for (size_t i = 0; i <= count; i++) {
        bool last = i == count;
        Form *t = last ? y : part[i];
        const char *label = t->label;
        t->label = NULL;
        Box b =
            draw_fitting(&p, t,
                         !last  ? text_box(&p, arena_printf(a, "%s = ", label))
                         : head ? draw_head(&p, head)
                                : text_box(&p, ""),
                         columns);
        box_write(b, out);
        str_add(out, last ? "" : "\n");
        t->label = label;
        widest = b.width > widest ? b.width : widest;
    }
    if (widest > columns) {
        Str text = str_in(a);
        out->len = start;
        if (head)
            str_add(&text, draw_head(&p, head).row[0]);
        node_print(g, n, &text);
        write_lines(&p, str_text(&text), columns, out);
    }
    arena_free(a);
}
