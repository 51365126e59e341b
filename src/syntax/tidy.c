/*
 * tidy.c - the canonical layout of source text
 *
 * Goes through the tokens that the grammar is given (layout.c) and copies
 * each from the source; what stands between two of them in the source decides
 * about line breaks, empty lines and comments, their kinds about blanks.
 */
#include "syntax/tidy.h"

#include <string.h>

#include "parser.h"
#include "syntax/parse.h"
#include "syntax/scan.h"

enum {
    STEP = 2,          /* blanks for every level */
    MOST_INDENT = 400, /* deeper lines begin there too */
    BESIDE = 2,        /* at least, before a comment */
    ROLE_ROOM = 12 /* columns of a word at the head of a model line, at most */
};

typedef struct Bracket {
    int kind;
    int base;   /* indentation of its line */
    int inside; /* of the lines in it */
    bool loose; /* a blank follows its commas */
} Bracket;

typedef struct Tidy {
    const Syntax *p;
    const char *text;
    Str *out;
    Arena *arena;
    bool *loose;     /* by tokens: brackets that hold blanks */
    size_t begin;    /* of the text in out */
    size_t measured; /* bytes of out before `column` */
    int column;
    int base;        /* its indentation */
    int shift;       /* by how much that has changed */
    bool fresh;      /* nothing stands on the line */
    bool empty;      /* an empty line goes before the next one */
    VEC(int) blocks; /* indentations of the lines that open them */
    VEC(Bracket) brackets;
    int statement;          /* indentation of its first line */
    const Token *last;      /* that was copied */
    bool begins;            /* a statement can begin here */
    int note_from, note_to; /* columns of the comment behind a line, or -1 */
    int role; /* column of the lines of a model, from their heads */
} Tidy;

/* ---- columns ---- */

static bool is_newline(char c)
{
    return c == '\n' || c == '\r';
}

/* The column after a text that begins in one; tabs go to multiples of 8. */
static int column_after(int column, const char *text, size_t len)
{
    size_t from = 0, now = (size_t)column;
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\t') {
            now += text_columns(text + from, i - from);
            now += 8 - now % 8;
            from = i + 1;
        }
    return (int)(now + text_columns(text + from, len - from));
}

static uint32_t skip_bom(const Syntax *p)
{
    return p->len >= 3 && memcmp(p->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* Column of a byte of the source. */
static int column_of(const Tidy *z, uint32_t at)
{
    uint32_t from = at, begin = skip_bom(z->p);
    while (from > begin && !is_newline(z->text[from - 1]))
        from--;
    return column_after(0, z->text + from, at - from);
}

static int column_now(Tidy *z)
{
    size_t n = z->out->len - z->measured;
    z->column = column_after(z->column, str_text(z->out) + z->measured, n);
    z->measured = z->out->len;
    return z->column;
}

static void break_line(Tidy *z)
{
    str_add_char(z->out, '\n');
    z->measured = z->out->len;
    z->column = 0;
}

static void pad_to(Tidy *z, int column)
{
    for (int n = column - column_now(z); n > 0; n--)
        str_add_char(z->out, ' ');
}

/* ---- lines ---- */

static void end_line(Tidy *z)
{
    if (z->fresh)
        return;
    break_line(z);
    z->fresh = true;
    z->empty = false;
}

static void begin_line(Tidy *z, int indent)
{
    if (z->empty && z->out->len > z->begin)
        break_line(z);
    z->empty = false;
    z->fresh = false;
    pad_to(z, indent);
}

/* Of what stands in the innermost block, or bracket. */
static int indent_inside(const Tidy *z)
{
    int indent = 0;
    if (z->brackets.count > 0)
        indent = z->brackets.at[z->brackets.count - 1].inside;
    else if (!z->begins)
        indent = z->statement + STEP;
    else if (z->blocks.count > 0)
        indent = z->blocks.at[z->blocks.count - 1] + STEP;
    return indent < MOST_INDENT ? indent : MOST_INDENT;
}

static bool ends_part(int kind)
{
    return kind == END || kind == ELSE || kind == ELSEIF || kind == CATCH;
}

static bool is_closer(int kind)
{
    return kind == ')' || kind == ']' || kind == '}';
}

static int indent_of_line(const Tidy *z, int kind)
{
    if (z->brackets.count > 0 && is_closer(kind))
        return z->brackets.at[z->brackets.count - 1].base;
    if (z->brackets.count == 0 && z->begins && ends_part(kind) &&
        z->blocks.count > 0)
        return z->blocks.at[z->blocks.count - 1];
    return indent_inside(z);
}

/* ---- comments ---- */

static uint32_t line_end(const Tidy *z, uint32_t at)
{
    while (at < z->p->len && !is_newline(z->text[at]))
        at++;
    return at;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

/* Bytes from..to without the blanks at their end. */
static uint32_t trim_end(const Tidy *z, uint32_t from, uint32_t to)
{
    while (to > from && is_blank(z->text[to - 1]))
        to--;
    return to;
}

/* Does the line hold nothing but this mark? */
static bool is_mark(const Tidy *z, uint32_t from, const char *mark)
{
    uint32_t to = trim_end(z, from, line_end(z, from));
    while (from < to && is_blank(z->text[from]))
        from++;
    return to - from == 2 && memcmp(z->text + from, mark, 2) == 0;
}

static uint32_t next_line(const Tidy *z, uint32_t at)
{
    if (at < z->p->len && z->text[at] == '\r')
        at++;
    if (at < z->p->len && z->text[at] == '\n')
        at++;
    return at;
}

static void copy_shifted(Tidy *z, uint32_t from, uint32_t to, int shift)
{
    uint32_t first = from;
    to = trim_end(z, from, to);
    while (first < to && is_blank(z->text[first]))
        first++;
    if (first < to) {
        pad_to(z, column_of(z, first) + shift);
        str_add_len(z->out, z->text + first, to - first);
    }
    break_line(z);
}

/* Copies lines `#{` to `#}`; returns where they end. */
static uint32_t copy_block(Tidy *z, uint32_t at, int indent)
{
    int shift = indent - column_of(z, at), level = 0;
    begin_line(z, 0);
    do {
        uint32_t to = line_end(z, at);
        level += is_mark(z, at, "#{");
        level -= is_mark(z, at, "#}");
        copy_shifted(z, at, to, shift);
        at = to < z->p->len && level > 0 ? next_line(z, to) : to;
    } while (level > 0 && at < z->p->len);
    z->fresh = true;
    return at;
}

static uint32_t copy_comment(Tidy *z, uint32_t at, int indent)
{
    uint32_t to = line_end(z, at);
    int from_column = column_of(z, at), column;
    if (!z->fresh) {
        int least = column_now(z) + BESIDE;
        column = from_column + z->shift;
        column = column > least ? column : least;
        z->note_from = from_column;
        z->note_to = column;
    } else if (from_column == z->note_from) {
        column = z->note_to;
        begin_line(z, 0);
    } else {
        column = indent;
        z->note_from = -1;
        begin_line(z, 0);
    }
    pad_to(z, column);
    str_add_len(z->out, z->text + at, trim_end(z, at, to) - at);
    end_line(z);
    return to;
}

/*
 * Comments and line breaks of the source from..to, which lies between tokens;
 * the line is left open if there are none.
 */
static void copy_gap(Tidy *z, uint32_t from, uint32_t to)
{
    int indent = indent_inside(z), breaks = z->fresh;
    while (from < to) {
        if (is_newline(z->text[from])) {
            end_line(z);
            breaks++;
            z->empty |= breaks > 1;
            if (breaks > 1)
                z->note_from = -1;
            from = next_line(z, from);
        } else if (z->text[from] == '#') {
            from = z->fresh && is_mark(z, from, "#{")
                       ? copy_block(z, from, indent)
                       : copy_comment(z, from, indent);
            breaks = 0;
        } else {
            from++;
        }
    }
}

/* ---- blanks between tokens ---- */

static bool is_role(int kind)
{
    return kind >= FIRST_ROLE && kind <= LAST_ROLE;
}

static bool is_operand_end(int kind)
{
    switch (kind) {
    case ')':
    case ']':
    case '}':
    case NUMBER:
    case STRING:
    case TRUE:
    case FALSE:
    case FIELD:
    case PRIME:
    case END_INDEX:
    case NAME:
        return true;
    default:
        return false;
    }
}

static bool is_tight(int kind)
{
    switch (kind) {
    case '*':
    case '/':
    case '\\':
    case '^':
    case DOTMUL:
    case DOTDIV:
    case DOTPOW:
    case ':':
        return true;
    default:
        return false;
    }
}

static bool is_opener(int kind)
{
    return kind == '(' || kind == '[' || kind == '{';
}

static bool is_sign(int kind, const Token *before)
{
    return (kind == '+' || kind == '-') &&
           (before == NULL || !is_operand_end(before->kind));
}

/* What the blanks depend on beside the two tokens. */
typedef struct Place {
    bool sign;   /* the first is one */
    bool joined; /* it is a number that multiplies */
    bool loose;  /* commas are followed by a blank here */
} Place;

static bool needs_blank(const Token *a, const Token *b, Place place)
{
    if (is_opener(a->kind) || place.joined || place.sign)
        return false;
    switch (b->kind) {
    case ',':
    case ';':
    case ')':
    case ']':
    case '}':
    case FIELD:
    case PRIME:
        return false;
    default:
        break;
    }
    if (a->kind == ',')
        return place.loose;
    if (is_tight(a->kind) || is_tight(b->kind))
        return false;
    if (b->kind == '(' || b->kind == '[')
        return !is_operand_end(a->kind);
    return true;
}

static bool is_index(const Token *bracket, const Token *before)
{
    return bracket->kind == '[' && before && is_operand_end(before->kind);
}

/*
 * Finds the brackets with a blank in them; of the commas of an index the first
 * one tells.  In these a blank follows all commas.
 */
static void find_loose(Tidy *z)
{
    const Syntax *p = z->p;
    struct Open {
        size_t at;
        bool index, comma;
    };
    VEC(struct Open) open = {0};
    const Token *last = NULL;
    Place place = {0};
    for (size_t i = 0; i < p->tokens.count; i++) {
        const Token *t = &p->tokens.at[i];
        place.joined |= t->kind == JUXT;
        if (t->kind == NEWLINE || t->kind == JUXT)
            continue;
        struct Open *top = open.count > 0 ? &open.at[open.count - 1] : NULL;
        place.loose = top && (!top->index || (!top->comma && t->blank));
        if (top && last && needs_blank(last, t, place))
            z->loose[top->at] = true;
        if (top && last && last->kind == ',')
            top->comma = true;
        if (is_opener(t->kind)) {
            struct Open o = {.at = i, .index = is_index(t, last)};
            VEC_PUSH_IN(z->arena, &open, o);
        } else if (is_closer(t->kind) && top) {
            open.count--;
            if (z->loose[top->at] && open.count > 0)
                z->loose[open.at[open.count - 1].at] = true;
        }
        place = (Place){.sign = is_sign(t->kind, last)};
        last = t;
    }
}

/* ---- blocks ---- */

/*
 * Is this `if`, where a statement begins, that of a block?  Every `if` of an
 * expression has its `then` before the line ends.
 */
static bool heads_block(const Token *t)
{
    int count = 0, depth = 0;
    for (;; t++) {
        if (is_opener(t->kind))
            depth++;
        else if (is_closer(t->kind))
            depth--;
        else if (t->kind == IF)
            count++;
        else if (t->kind == THEN)
            count--;
        else if (t->kind == END_OF_FILE || t->kind == NEWLINE ||
                 (t->kind == ';' && depth == 0))
            return count > 0;
    }
}

static bool opens_block(const Token *t)
{
    switch (t->kind) {
    case FOR:
    case WHILE:
    case FUNCTION:
    case TRY:
    case MODEL:
        return true;
    case IF:
        return heads_block(t);
    default:
        return false;
    }
}

static void follow_blocks(Tidy *z, const Token *t)
{
    if (!z->begins || z->brackets.count > 0)
        return;
    if (opens_block(t)) {
        VEC_PUSH_IN(z->arena, &z->blocks, z->base);
        if (t->kind == MODEL)
            z->role = 0;
    } else if (t->kind == END && z->blocks.count > 0) {
        z->blocks.count--;
    }
}

/* ---- tokens ---- */

/* The text of a token; the words of `subject to` may stand further apart. */
static void copy_text(Tidy *z, const Token *t)
{
    if (t->kind == SUBJECT_TO)
        str_add(z->out, "subject to");
    else if (t->kind == POSITIVE_DEFINITE)
        str_add(z->out, "positive definite");
    else
        str_add_len(z->out, z->text + t->from, t->to - t->from);
}

/* The blanks behind the word that begins a model line. */
static void pad_role(Tidy *z, const Token *t)
{
    int word = (int)(z->last->to - z->last->from);
    if (z->role == 0) {
        uint32_t columns = t->from - z->last->from;
        z->role = columns < ROLE_ROOM ? (int)columns : word + 1;
    }
    str_add_char(z->out, ' ');
    pad_to(z, z->base + z->role);
}

static void put_blanks(Tidy *z, const Token *t, Place place)
{
    size_t n = z->brackets.count;
    if (is_role(z->last->kind) && n == 0) {
        pad_role(z, t);
        return;
    }
    place.loose = n == 0 || z->brackets.at[n - 1].loose;
    if (needs_blank(z->last, t, place))
        str_add_char(z->out, ' ');
}

static void follow_brackets(Tidy *z, const Token *t)
{
    if (is_closer(t->kind) && z->brackets.count > 0) {
        z->brackets.count--;
    } else if (is_opener(t->kind)) {
        size_t i = (size_t)(t - z->p->tokens.at);
        uint32_t at = t->to;
        while (at < z->p->len && is_blank(z->text[at]))
            at++;
        bool last =
            at == z->p->len || is_newline(z->text[at]) || z->text[at] == '#';
        Bracket b = {.kind = t->kind,
                     .base = z->base,
                     .inside = last ? z->base + STEP : column_now(z),
                     .loose = z->loose[i] || !is_index(t, z->last)};
        VEC_PUSH_IN(z->arena, &z->brackets, b);
    }
}

static void copy_token(Tidy *z, const Token *t, Place place)
{
    if (z->fresh) {
        z->base = indent_of_line(z, t->kind);
        z->shift = z->base - column_of(z, t->from);
        z->note_from = -1;
        begin_line(z, z->base);
    } else if (z->last) {
        put_blanks(z, t, place);
    }
    if (z->begins && z->brackets.count == 0)
        z->statement = z->base;
    copy_text(z, t);
    follow_blocks(z, t);
    follow_brackets(z, t);
}

static void copy_tokens(Tidy *z)
{
    const Syntax *p = z->p;
    uint32_t at = p->len >= 3 && !memcmp(p->text, "ï»¿", 3) ? 3 : 0;
    Place place = {0};
    for (size_t i = 0; i < p->tokens.count; i++) {
        const Token *t = &p->tokens.at[i];
        if ((i & 0xffff) == 0)
            POLL();
        if (t->kind == JUXT) {
            place.joined = true;
            continue;
        }
        if (t->kind == NEWLINE) {
            z->begins = true;
            continue;
        }
        if (!t->silent) {
            copy_gap(z, at, t->from);
            if (t->kind == END_OF_FILE)
                break;
            copy_token(z, t, place);
            at = t->to;
        }
        bool first = z->begins;
        z->begins = z->brackets.count == 0 &&
                    (t->kind == ';' || t->kind == ELSE || t->kind == TRY);
        place = (Place){.sign = is_sign(t->kind, first ? NULL : z->last)};
        z->last = t;
    }
    end_line(z);
}

/* ---- the whole ---- */

static bool is_blank_code(uint32_t c)
{
    return c <= ' ' || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x202f || c == 0x3000 || c == 0xfeff;
}

/* The next character that is no blank, 0 at the end. */
static uint32_t next_solid(const char *text, size_t len, size_t *at)
{
    while (*at < len) {
        uint32_t c = 0;
        size_t n = text_decode(text + *at, len - *at, &c);
        *at += n > 0 ? n : 1;
        if (!is_blank_code(c))
            return c;
    }
    return 0;
}

/* Are the characters the same, blanks apart? */
static bool is_same_text(const char *a, size_t na, const char *b, size_t nb)
{
    size_t i = 0, j = 0;
    for (;;) {
        uint32_t c = next_solid(a, na, &i);
        if (c != next_solid(b, nb, &j))
            return false;
        if (c == 0)
            return true;
    }
}

static void layout_source(uint32_t source, Arena *a, Str *out)
{
    const Source *s = source_get(source);
    Syntax p = {.source = source,
                .text = s->text,
                .len = s->len,
                .arena = a,
                .scratch = a};
    scan_tokens(&p);
    layout_tokens(&p);
    Tidy z = {.p = &p,
              .text = s->text,
              .out = out,
              .begin = out->len,
              .measured = out->len,
              .arena = a,
              .loose = ARENA_ARRAY(a, bool, p.tokens.count + 1),
              .fresh = true,
              .begins = true,
              .note_from = -1};
    find_loose(&z);
    copy_tokens(&z);
}

void tidy_source(uint32_t source, Str *out)
{
    Arena *a = arena_local();
    const Ast *before = parse_source_or_raise(source, a);
    const Source *s = source_get(source);
    size_t from = out->len;
    layout_source(source, a, out);
    const char *text = str_text(out) + from;
    size_t len = out->len - from;
    uint32_t tidied = source_add(s->name, text, len, false);
    Parse after = parse_source(tidied, a);
    if (!after.tree || !ast_equal(a, before, after.tree) ||
        !is_same_text(s->text, s->len, text, len))
        error_raise(SPAN_NONE, ERR_INTERNAL,
                    "the layout would change what %s means", s->name);
    arena_free(a);
}
