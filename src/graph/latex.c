/*
 * latex.c - forms as LaTeX
 *
 * The same forms as print.c writes: `/` becomes a fraction, names Greek
 * letters and subscripts; operators take the template of their row, in which
 * %a %b %c stand for the arguments.
 */
#include <ctype.h>
#include <string.h>

#include "base/vec.h"
#include "graph/form.h"
#include "graph/greek.h"
#include "graph/print.h"

typedef struct Piece {
    const char *text; /* or */
    const Form *form;
    FormLevel level;
} Piece;

typedef VEC(Piece) Pieces;

typedef struct Latex {
    Arena *arena;
    Str *out;
    Pieces stack, next; /* next: of the form at hand, in order */
} Latex;

static void put_text(Latex *w, const char *text)
{
    Piece p = {.text = text};
    VEC_PUSH_IN(w->arena, &w->next, p);
}

static void put_form(Latex *w, const Form *f, FormLevel level)
{
    Piece p = {.form = f, .level = level};
    VEC_PUSH_IN(w->arena, &w->next, p);
}

/* ---- names and numbers ---- */

/* Bytes of a subscript digit U+2080 to U+2089. */
static bool is_low_digit(const char *t)
{
    return !strncmp(t, "\xe2\x82", 2) && (t[2] & 0xff) >= 0x80 &&
           (t[2] & 0xff) <= 0x89;
}

/* Where the subscript begins: w1, w_in, and digits set low. */
static size_t stem_length(const char *text)
{
    const char *line = strchr(text, '_');
    size_t n = line && line != text ? (size_t)(line - text) : strlen(text);
    while (n > 3 && is_low_digit(text + n - 3))
        n -= 3;
    while (n > 1 && isdigit((unsigned char)text[n - 1]))
        n--;
    return n;
}

/* A word in upright letters; its underscores are no subscripts. */
static void write_word(Str *out, const char *text, size_t n)
{
    str_add(out, "\\mathrm{");
    for (size_t i = 0; i < n; i++) {
        str_add(out, text[i] == '_' ? "\\" : "");
        str_add_char(out, text[i]);
    }
    str_add_char(out, '}');
}

/* Is it a word, as `in`, not an index, as `1` or `k`? */
static bool has_letters(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += isalpha((unsigned char)*text) != 0;
    return n > 1;
}

static void write_name(Str *out, const char *text)
{
    size_t n = stem_length(text);
    const char *letter = greek_name(text, n);
    uint32_t code;
    if (letter)
        str_add_format(out, "\\%s", letter);
    else if (text_decode(text, n, &code) == n)
        str_add_len(out, text, n);
    else
        write_word(out, text, n);
    if (!text[n])
        return;
    bool word = has_letters(text + n);
    str_add(out, word ? "_{\\mathrm{" : "_{");
    for (const char *t = text + n; *t; t++) {
        if (is_low_digit(t)) {
            str_add_char(out, (char)('0' + (t[2] & 0xf)));
            t += 2;
        } else if (*t == '_') {
            if (t != text + n && t[1])
                str_add(out, "\\_");
        } else {
            str_add_char(out, *t);
        }
    }
    str_add(out, word ? "}}" : "}");
}

static void write_number(Str *out, const char *text)
{
    const char *e = strchr(text, 'e');
    if (!e) {
        str_add(out, text);
        return;
    }
    str_add_len(out, text, (size_t)(e - text));
    str_add_format(out, " \\cdot 10^{%s}", e[1] == '+' ? e + 2 : e + 1);
}

static bool is_number(const char *text)
{
    return isdigit((unsigned char)text[0]);
}

static void write_text(Str *out, const char *text)
{
    if (is_number(text))
        write_number(out, text);
    else if (!strcmp(text, "inf"))
        str_add(out, "\\infty");
    else
        write_name(out, text);
}

static const char *name_text(Latex *w, const char *name)
{
    Str s = str_in(w->arena);
    write_name(&s, name);
    return str_text(&s);
}

/* ---- how tightly what is written here binds ---- */

/* sum(i = 1:n, e) */
static bool is_indexed(const Form *f)
{
    return f->kind == FORM_CALL && f->count >= 2 &&
           f->kids[0]->kind == FORM_NAMED &&
           (!strcmp(f->text, "sum") || !strcmp(f->text, "prod"));
}

/* An argument at an end of the template, as in %a \\otimes %b. */
static bool is_open_template(const char *t)
{
    size_t n = strlen(t);
    return (t[0] == '%' && strncmp(t, "%a^", 3) != 0) ||
           (n > 1 && t[n - 2] == '%');
}

/* Calls with such a template, and sums, end where the line ends. */
static FormLevel latex_level(const Form *f)
{
    bool loose = f->kind == FORM_CALL && f->op >= 0 && op_table[f->op].latex &&
                 is_open_template(op_table[f->op].latex);
    return loose || is_indexed(f) ? LEVEL_PRODUCT : (FormLevel)f->level;
}

/* ---- products ---- */

/* Would a number stand directly behind a factor? */
static bool begins_with_digit(const Form *f)
{
    while (f->kind == FORM_PRODUCT || f->kind == FORM_POWER)
        f = f->kids[0];
    return f->kind == FORM_TEXT && is_number(f->text);
}

static const char *times_text(const Form *y, uint32_t i)
{
    switch (y->marks[i] & MARK_BITS) {
    case MARK_HAD:
        return " \\odot ";
    case MARK_HAD_OVER:
        return " \\oslash ";
    default:
        return begins_with_digit(y->kids[i]) ? " \\cdot " : " ";
    }
}

static void put_factors(Latex *w, const Form *y, uint32_t n, bool alone)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            put_text(w, times_text(y, i));
        bool open =
            (y->marks[i] & MARK_OPEN) || (i + 1 == n && is_indexed(y->kids[i]));
        put_form(w, y->kids[i],
                 alone && n == 1 ? LEVEL_ANY
                 : open          ? LEVEL_PRODUCT
                                 : LEVEL_POWER);
    }
}

static void write_product(Latex *w, const Form *y)
{
    uint32_t last = y->count - 1;
    if ((y->marks[last] & MARK_BITS) != MARK_OVER) {
        put_factors(w, y, y->count, false);
        return;
    }
    put_text(w, "\\frac{");
    put_factors(w, y, last, true);
    put_text(w, "}{");
    put_form(w, y->kids[last], LEVEL_ANY);
    put_text(w, "}");
}

/* ---- calls ---- */

/* Does this print with a superscript of its own? */
static bool has_superscript(const Form *f)
{
    if (f->kind == FORM_POWER || f->kind == FORM_PRIME)
        return true;
    if (f->kind == FORM_TEXT)
        return is_number(f->text) && strchr(f->text, 'e');
    if (f->kind != FORM_CALL)
        return false;
    if (f->op < 0 || !op_table[f->op].latex)
        return !strcmp(f->text, "sqrt"); /* its bar would seem to go on */
    const char *t = op_table[f->op].latex;
    return !strncmp(t, "%a^", 3) || !strncmp(t, "e^", 2) ||
           !strncmp(t, "\\sqrt", 5);
}

static void put_base(Latex *w, const Form *f)
{
    bool wrap = has_superscript(f) && latex_level(f) >= LEVEL_POSTFIX;
    put_text(w, wrap ? "\\left(" : "");
    put_form(w, f, wrap ? LEVEL_ANY : LEVEL_POSTFIX);
    put_text(w, wrap ? "\\right)" : "");
}

/*
 * Is it higher than a line?  Looked for in a few parts only: brackets that
 * grow are right for any form, those that do not are closer to it.
 */
static bool is_tall(const Form *y, int *budget)
{
    if (y->label || --*budget < 0)
        return !y->label;
    if (y->kind == FORM_ARRAY || y->kind == FORM_CHOICE || is_indexed(y))
        return true;
    if (y->kind == FORM_PRODUCT &&
        (y->marks[y->count - 1] & MARK_BITS) == MARK_OVER)
        return true;
    uint32_t n = y->kind == FORM_POWER ? 1 : y->count;
    for (uint32_t i = 0; i < n; i++)
        if (is_tall(y->kids[i], budget))
            return true;
    return false;
}

/* The template with brackets that grow, if an argument is higher than a
 * line. */
static const char *fit_brackets(Latex *w, const Form *y, const char *latex)
{
    static const char *const table[][2] = {{"(", "\\left("},
                                           {")", "\\right)"},
                                           {"\\lvert", "\\left\\lvert"},
                                           {"\\rvert", "\\right\\rvert"},
                                           {"\\lVert", "\\left\\lVert"},
                                           {"\\rVert", "\\right\\rVert"},
                                           {"\\lfloor", "\\left\\lfloor"},
                                           {"\\rfloor", "\\right\\rfloor"},
                                           {"\\lceil", "\\left\\lceil"},
                                           {"\\rceil", "\\right\\rceil"}};
    int budget = 60;
    bool tall = false;
    for (uint32_t i = 0; i < y->count && !tall; i++)
        tall = is_tall(y->kids[i], &budget);
    if (!tall)
        return latex;
    Str s = str_in(w->arena);
    for (const char *t = latex; *t;) {
        size_t i = 0, n = sizeof table / sizeof *table;
        while (i < n && strncmp(t, table[i][0], strlen(table[i][0])) != 0)
            i++;
        if (i < n) {
            str_add(&s, table[i][1]);
            t += strlen(table[i][0]);
        } else {
            str_add_char(&s, *t++);
        }
    }
    return str_text(&s);
}

static void put_template(Latex *w, const Form *y, const char *latex)
{
    latex = fit_brackets(w, y, latex);
    const char *from = latex;
    for (const char *t = latex; *t; t++) {
        if (t[0] != '%' || t[1] < 'a' || t[1] > 'c')
            continue;
        uint32_t i = (uint32_t)(t[1] - 'a');
        put_text(w, arena_copy(w->arena, from, (size_t)(t - from)));
        bool inside =
            t > latex && (strchr("({|", t[-1]) ||
                          (t[-1] == ' ' && t - 1 > latex && t[-2] == ','));
        if (i < y->count && !strncmp(t + 2, "^", 1))
            put_base(w, y->kids[i]);
        else if (i < y->count)
            put_form(w, y->kids[i], inside ? LEVEL_ANY : LEVEL_PRODUCT);
        from = t + 2;
        t++;
    }
    put_text(w, from);
}

static bool write_indexed(Latex *w, const Form *y)
{
    bool sum = !strcmp(y->text, "sum");
    if (!is_indexed(y))
        return false;
    for (uint32_t i = 0; i + 1 < y->count; i++) {
        const Form *named = y->kids[i], *range = named->kids[0];
        put_text(w, sum ? "\\sum_{" : "\\prod_{");
        put_text(w, name_text(w, named->text));
        if (range->kind == FORM_RANGE && range->count == 2) {
            put_text(w, " = ");
            put_form(w, range->kids[0], LEVEL_ANY);
            put_text(w, "}^{");
            put_form(w, range->kids[1], LEVEL_ANY);
        } else {
            put_text(w, " \\in ");
            put_form(w, range, LEVEL_ANY);
        }
        put_text(w, "} ");
    }
    put_form(w, y->kids[y->count - 1], LEVEL_PRODUCT);
    return true;
}

static void put_args(Latex *w, const Form *y, const char *between)
{
    for (uint32_t i = 0; i < y->count; i++) {
        put_text(w, i ? between : "");
        put_form(w, y->kids[i], LEVEL_ANY);
    }
}

/* I(n), ones(n, m), ...: a letter with its size below. */
static bool write_sized(Latex *w, const Form *y)
{
    const char *letter = y->op == OP_IDENT  ? "I_{"
                         : y->op == OP_ONES ? "\\mathbf{1}_{"
                         : y->op == OP_ZERO ? "\\mathbf{0}_{"
                                            : NULL;
    if (y->op == OP_UNIT) {
        put_text(w, "e_{");
        put_form(w, y->kids[1], LEVEL_ANY);
        put_text(w, "}");
        return true;
    }
    if (!letter)
        return false;
    put_text(w, letter);
    put_args(w, y, " \\times ");
    put_text(w, "}");
    return true;
}

static void write_call(Latex *w, const Form *y)
{
    if (write_sized(w, y) || write_indexed(w, y))
        return;
    if (y->op >= 0 && op_table[y->op].latex) {
        put_template(w, y, op_table[y->op].latex);
        return;
    }
    if (y->count == 1 && !strcmp(y->text, "norm2")) {
        put_template(w, y, "\\lVert{%a}\\rVert");
        return;
    }
    if (!strcmp(y->text, "sqrt")) {
        put_template(w, y, "\\sqrt{%a}");
        return;
    }
    size_t stem = strcspn(y->text, "'");
    const char *name = arena_copy(w->arena, y->text, stem);
    uint32_t code;
    bool word =
        text_decode(name, stem, &code) != stem && !greek_name(name, stem);
    put_text(w, word ? "\\operatorname{" : "");
    put_text(w, word ? name : name_text(w, name));
    put_text(w, word ? "}" : "");
    put_text(w, y->text + stem);
    put_text(w, "\\left(");
    put_args(w, y, ", ");
    put_text(w, "\\right)");
}

/* ---- the other kinds ---- */

static void write_sum(Latex *w, const Form *y)
{
    for (uint32_t i = 0; i < y->count; i++) {
        bool minus = y->marks[i] == MARK_MINUS;
        put_text(w, i ? (minus ? " - " : " + ") : (minus ? "-" : ""));
        put_form(w, y->kids[i], i ? LEVEL_PRODUCT : LEVEL_NEG);
    }
}

static void write_array(Latex *w, const Form *y)
{
    put_text(w, "\\begin{bmatrix} ");
    for (uint32_t i = 0; i < y->count; i++) {
        bool below = y->op == OP_STACK || y->marks[i] == MARK_SEMICOLON;
        put_text(w, !i ? "" : below ? " \\\\ " : " & ");
        put_form(w, y->kids[i], LEVEL_ANY);
    }
    put_text(w, " \\end{bmatrix}");
}

static void write_index(Latex *w, const Form *y)
{
    put_text(w, "{");
    put_form(w, y->kids[0], LEVEL_POSTFIX);
    put_text(w, "}_{");
    for (uint32_t i = 1; i < y->count; i++) {
        put_text(w, i > 1 ? "," : "");
        put_form(w, y->kids[i], LEVEL_ANY);
    }
    put_text(w, "}");
}

static const char *infix_text(const char *text)
{
    static const char *const table[][2] = {
        {"<=", " \\le "},     {"==", " = "},     {"!=", " \\ne "},
        {"and", " \\wedge "}, {"or", " \\vee "}, {"<", " < "},
        {">", " > "},         {">=", " \\ge "},  {"->", " \\mapsto "},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i][0], text))
            return table[i][1];
    return " ";
}

static void write_choice(Latex *w, const Form *y)
{
    put_text(w, "\\begin{cases} ");
    put_form(w, y->kids[1], LEVEL_ANY);
    put_text(w, " & \\text{if } ");
    put_form(w, y->kids[0], LEVEL_ANY);
    put_text(w, " \\\\ ");
    put_form(w, y->kids[2], LEVEL_ANY);
    put_text(w, " & \\text{otherwise} \\end{cases}");
}

static void write_power(Latex *w, const Form *y)
{
    put_base(w, y->kids[0]);
    put_text(w, y->marks[1] == MARK_HAD ? "^{\\circ " : "^{");
    put_form(w, y->kids[1], y->marks[1] == MARK_HAD ? LEVEL_POWER : LEVEL_ANY);
    put_text(w, "}");
}

static void write_form(Latex *w, const Form *y)
{
    switch ((FormKind)y->kind) {
    case FORM_TEXT:
        write_text(w->out, y->text);
        break;
    case FORM_SUM:
        write_sum(w, y);
        break;
    case FORM_PRODUCT:
        write_product(w, y);
        break;
    case FORM_NEG:
        put_text(w, "-");
        put_form(w, y->kids[0], LEVEL_PRODUCT);
        break;
    case FORM_POWER:
        write_power(w, y);
        break;
    case FORM_PRIME:
        put_base(w, y->kids[0]);
        put_text(w, "^{\\top}");
        break;
    case FORM_CALL:
        write_call(w, y);
        break;
    case FORM_INDEX:
        write_index(w, y);
        break;
    case FORM_ARRAY:
        write_array(w, y);
        break;
    case FORM_RANGE:
        put_args(w, y, "{:}");
        break;
    case FORM_INFIX:
        put_form(w, y->kids[0], (FormLevel)(y->level + 1));
        put_text(w, infix_text(y->text));
        put_form(w, y->kids[1], (FormLevel)(y->level + 1));
        break;
    case FORM_NOT:
        put_text(w, "\\neg ");
        put_form(w, y->kids[0], LEVEL_POSTFIX);
        break;
    case FORM_NAMED:
        put_text(w, name_text(w, y->text));
        put_text(w, " = ");
        put_form(w, y->kids[0], LEVEL_ANY);
        break;
    case FORM_CHOICE:
        write_choice(w, y);
        break;
    }
}

static void move_pieces(Latex *w)
{
    for (size_t i = w->next.count; i-- > 0;)
        VEC_PUSH_IN(w->arena, &w->stack, w->next.at[i]);
    w->next.count = 0;
}

/* `whole`: y itself is written, not the name that it was given. */
static void render(Latex *w, const Form *y, bool whole)
{
    put_form(w, y, LEVEL_ANY);
    move_pieces(w);
    while (w->stack.count) {
        POLL();
        Piece p = w->stack.at[--w->stack.count];
        if (p.text) {
            str_add(w->out, p.text);
        } else if (p.form->label && !whole) {
            write_name(w->out, p.form->label);
        } else if (latex_level(p.form) < p.level) {
            put_text(w, "\\left(");
            put_form(w, p.form, LEVEL_ANY);
            put_text(w, "\\right)");
        } else {
            whole = false;
            write_form(w, p.form);
        }
        move_pieces(w);
    }
}

/* f(x) = , or x \mapsto */
static void write_head(Latex *w, const FormulaHead *head)
{
    if (head->name)
        write_name(w->out, head->name);
    str_add(w->out, head->name || head->count != 1 ? "(" : "");
    for (int i = 0; i < head->count; i++) {
        str_add(w->out, i ? ", " : "");
        write_name(w->out, head->param[i]);
    }
    str_add(w->out, head->name || head->count != 1 ? ")" : "");
    str_add(w->out, head->name ? " = " : " \\mapsto ");
}

void node_latex(Graph *g, Node n, const FormulaHead *head, Str *out)
{
    Arena *a = arena_local();
    Forms *f = forms_new(g, a);
    Latex w = {.arena = a, .out = out};
    Form *y = form_of(f, n);
    size_t count;
    Form **part = form_share(f, y, n, &count);
    str_add(out, count ? "\\begin{gathered}\n" : "");
    for (size_t i = 0; i < count; i++) {
        write_name(out, part[i]->label);
        str_add(out, " = ");
        render(&w, part[i], true);
        str_add(out, " \\\\\n");
    }
    if (head)
        write_head(&w, head);
    render(&w, y, true);
    str_add(out, count ? "\n\\end{gathered}" : "");
    arena_free(a);
}
