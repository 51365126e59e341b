/*
 * lex.c - actions of the scanner
 */
#include "syntax/lex.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"
#include "syntax/unicode.h"

/* Longer names are a mistake, and would make normal forms slow. */
enum { NAME_BYTES = 4096 };

size_t lex_begin(struct Scan *s, char *copy)
{
    Syntax *p = s->p;
    uint32_t bom =
        p->len >= 3 && memcmp(p->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t n = p->len - bom;
    memcpy(copy, p->text + bom, n);
    memset(copy + n, 0, 2);
    s->from = s->to = bom;
    /* A token has two bytes or more, most of the time. */
    p->raw.room = n / 2 + 16;
    p->raw.at = ARENA_ARRAY(p->scratch, Token, p->raw.room);
    s->text = str_in(p->scratch);
    s->doc = str_in(p->scratch);
    return n + 2;
}

/* A doc comment ends: it belongs to what begins at doc_below. */
static void end_doc(struct Scan *s)
{
    if (!s->has_doc)
        return;
    Doc d = {s->doc_from, s->doc_below,
             arena_copy(s->p->arena, str_text(&s->doc), s->doc.len)};
    VEC_PUSH_IN(s->p->scratch, &s->p->docs, d);
    s->has_doc = false;
}

static Token *put(struct Scan *s, int kind)
{
    Syntax *p = s->p;
    Token t = {
        .kind = (int16_t)kind, .from = s->from, .to = s->to, .blank = s->blank};
    if ((p->raw.count & 0xffff) == 0)
        POLL();
    VEC_PUSH_IN(p->scratch, &p->raw, t);
    s->blank = false;
    return &p->raw.at[p->raw.count - 1];
}

void lex_end(struct Scan *s)
{
    end_doc(s);
    s->from = s->to = (uint32_t)s->p->len;
    put(s, NEWLINE);
    put(s, END_OF_FILE);
}

void lex_put(struct Scan *s, int kind)
{
    put(s, kind);
}

void lex_blank(struct Scan *s)
{
    s->blank = true;
}

size_t lex_word(struct Scan *s, int kind, const char *text, size_t len)
{
    size_t n = unicode_name_length(text, len);
    if (n == 0) {
        lex_character(s, text, len);
        return len;
    }
    if (n > NAME_BYTES)
        syntax_error(s->p, ERR_LIMIT, s->from, s->from + 20, NULL,
                     "a name has %zu bytes; at most %d are read", n,
                     NAME_BYTES);
    s->to = s->from + (uint32_t)n;
    Token *t = put(s, n < len ? NAME : kind);
    t->name =
        unicode_name(s->p->scratch, text, n > NAME_BYTES ? NAME_BYTES : n);
    return n;
}

size_t lex_field(struct Scan *s, const char *text, size_t len)
{
    size_t n = unicode_name_length(text + 1, len - 1);
    if (n == 0) {
        lex_character(s, text, len);
        return len;
    }
    s->to = s->from + 1 + (uint32_t)n;
    Token *t = put(s, FIELD);
    t->name =
        unicode_name(s->p->scratch, text + 1, n > NAME_BYTES ? NAME_BYTES : n);
    return n + 1;
}

/* `?name` is a question where a statement begins. */
size_t lex_help(struct Scan *s, const char *text, size_t len)
{
    size_t count = s->p->raw.count;
    int before = count ? s->p->raw.at[count - 1].kind : NEWLINE;
    if (before != NEWLINE && before != ';') {
        lex_character(s, text, 1);
        return 1;
    }
    const char *remark = memchr(text, '#', len);
    len = remark ? (size_t)(remark - text) : len;
    while (len > 1 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    s->to = s->from + (uint32_t)len;
    Token *t = put(s, HELP);
    t->text = arena_copy(s->p->arena, text + 1, len - 1);
    t->len = (uint32_t)len - 1;
    return len;
}

/* ---- comments ---- */

bool lex_at_line_end(const struct Scan *s)
{
    const Syntax *p = s->p;
    return s->to >= p->len || p->text[s->to] == '\n' || p->text[s->to] == '\r';
}

void lex_comment(struct Scan *s)
{
    s->blank = true;
}

/* Is there nothing but blanks between the beginning of the line and `at`? */
static bool begins_line(const Syntax *p, uint32_t at)
{
    while (at > 0 && (p->text[at - 1] == ' ' || p->text[at - 1] == '\t'))
        at--;
    return at == 0 || p->text[at - 1] == '\n' || p->text[at - 1] == '\r' ||
           (at == 3 && memcmp(p->text, "\xef\xbb\xbf", 3) == 0);
}

/* First byte of the next line that is no blank. */
static uint32_t line_below(const Syntax *p, uint32_t at)
{
    if (at < p->len && p->text[at] == '\r')
        at++;
    if (at < p->len && p->text[at] == '\n')
        at++;
    while (at < p->len && (p->text[at] == ' ' || p->text[at] == '\t'))
        at++;
    return at;
}

void lex_doc(struct Scan *s, const char *text, size_t len)
{
    s->blank = true;
    if (!begins_line(s->p, s->from))
        return;
    if (!s->has_doc || s->doc_below != s->from) {
        end_doc(s);
        s->has_doc = true;
        s->doc = str_in(s->p->scratch);
        s->doc_from = s->from;
    } else {
        str_add_char(&s->doc, '\n');
    }
    size_t skip = len > 2 && text[2] == ' ' ? 3 : 2;
    str_add_len(&s->doc, text + skip, len - skip);
    s->doc_below = line_below(s->p, s->to);
}

void lex_block_begin(struct Scan *s)
{
    s->level = 1;
    s->begin = s->to - 2;
    s->blank = true;
}

void lex_block_open(struct Scan *s)
{
    s->p->at_end |= s->p->mistakes.count == 0;
    syntax_error(s->p, ERR_UNTERMINATED, s->begin, s->begin + 2,
                 "a line `#}` closes it", "this comment is never closed");
}

/* ---- numbers ---- */

static char *copy_digits(Arena *a, const char *text, size_t len, size_t *n)
{
    char *out = arena_copy(a, text, len);
    *n = 0;
    for (size_t i = 0; i < len; i++)
        if (text[i] != '_')
            out[(*n)++] = text[i];
    out[*n] = '\0';
    return out;
}

/* Is the number that strtod took for 0 written as 0? */
static bool writes_zero(const char *text)
{
    for (; *text != '\0' && *text != 'e' && *text != 'E'; text++)
        if (*text != '0' && *text != '.')
            return false;
    return true;
}

static void put_number(struct Scan *s, const char *text, size_t len, bool exact)
{
    size_t n;
    char *digits = copy_digits(s->p->arena, text, len, &n);
    Token *t = put(s, NUMBER);
    t->text = digits;
    t->len = (uint32_t)n;
    t->exact = exact;
    if (exact)
        return;
    double number = strtod(digits, NULL);
    if (isinf(number))
        syntax_error(s->p, ERR_NUMBER, s->from, s->to,
                     "inf is infinity, exact integers have no limit",
                     "%s is too large for a float (1.8e308)", digits);
    else if (number == 0 && !writes_zero(digits))
        syntax_error(s->p, ERR_NUMBER, s->from, s->to, "0.0 is zero",
                     "%s is too small for a float (4.9e-324)", digits);
}

void lex_number(struct Scan *s, const char *text, size_t len, bool exact)
{
    put_number(s, text, len, exact);
}

/* `1.` or `1.e5` */
void lex_number_point(struct Scan *s, const char *text, size_t len)
{
    size_t digits = lex_digits(text, len) - 1;
    const char *ours =
        arena_printf(s->p->scratch, "%.*s.0%.*s", (int)digits, text,
                     (int)(len - digits - 1), text + digits + 1);
    syntax_fix(s->p, ERR_NUMBER, s->from, s->to, ours,
               "a digit must follow the point");
    put_number(s, ours, strlen(ours), false);
}

/* `1e`, `1.5e+` */
void lex_number_exponent(struct Scan *s, const char *text, size_t len)
{
    size_t digits = lex_digits(text, len);
    bool sign = text[len - 1] == '+' || text[len - 1] == '-';
    const char *help =
        sign ? arena_printf(s->p->scratch, "%.*s1 is a number", (int)len, text)
             : arena_printf(s->p->scratch, "%.*s*e multiplies", (int)digits,
                            text);
    syntax_error(s->p, ERR_NUMBER, s->from, s->to, help,
                 "digits must follow the exponent mark");
    put_number(s, text, digits, memchr(text, '.', digits) == NULL);
}

void lex_number_hex(struct Scan *s)
{
    syntax_error(s->p, ERR_NUMBER, s->from, s->to,
                 "0xff is 255, 0*x multiplies",
                 "hexadecimal digits must follow 0x");
    put_number(s, "0", 1, true);
}

void lex_number_wrong(struct Scan *s)
{
    syntax_error(s->p, ERR_NUMBER, s->from, s->to,
                 "`_` stands between two digits: 1_000",
                 "a number cannot end like this");
    put_number(s, "0", 1, true);
}

size_t lex_digits(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && (strchr("._", text[n]) != NULL ||
                       (text[n] >= '0' && text[n] <= '9')))
        n++;
    return n;
}

/* ---- strings ---- */

void lex_text_begin(struct Scan *s)
{
    s->begin = s->from;
    s->text.len = 0;
}

void lex_text_add(struct Scan *s, const char *text, size_t len)
{
    str_add_len(&s->text, text, len);
}

void lex_text_code(struct Scan *s, const char *text)
{
    unsigned long c = strtoul(text + 3, NULL, 16);
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        syntax_error(s->p, ERR_CHARACTER, s->from, s->to, NULL,
                     "there is no character of this number");
        return;
    }
    char b[5] = "";
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        b[i] = (char)(0x80 | (c & 0x3f));
    b[0] = (char)(n == 1 ? c : ((0xf00u >> n) & 0xff) | c);
    lex_text_add(s, b, n);
}

void lex_text_escape(struct Scan *s)
{
    syntax_error(s->p, ERR_SYNTAX, s->from, s->to,
                 "the escapes are \\n \\t \\\" \\\\ \\u{3b1}",
                 "no escape of strings begins like this");
}

void lex_text_end(struct Scan *s, bool closed)
{
    s->from = s->begin;
    if (!closed)
        syntax_error(s->p, ERR_UNTERMINATED, s->begin, s->begin + 1,
                     "a string ends with `\"` on its line; \\n is a new line",
                     "this string is never closed");
    Token *t = put(s, STRING);
    t->text = arena_copy(s->p->arena, str_text(&s->text), s->text.len);
    t->len = (uint32_t)s->text.len;
}

/* ---- marks ---- */

/* The square sign of a page is read as ^2. */
void lex_square(struct Scan *s)
{
    put(s, '^');
    Token *t = put(s, NUMBER);
    t->text = "2";
    t->len = 1;
    t->exact = true;
    t->silent = true;
}

bool lex_after_operand(const struct Scan *s)
{
    const Syntax *p = s->p;
    if (p->raw.count == 0)
        return false;
    const Token *t = &p->raw.at[p->raw.count - 1];
    return !s->blank && t->to == s->from && token_ends_operand(t->kind);
}

static bool after_value(const struct Scan *s)
{
    const Syntax *p = s->p;
    return p->raw.count > 0 &&
           token_ends_operand(p->raw.at[p->raw.count - 1].kind);
}

void lex_prime(struct Scan *s)
{
    const Syntax *p = s->p;
    if (!lex_after_operand(s)) {
        syntax_error(s->p, ERR_SYNTAX, s->from, s->to,
                     after_value(s) ? "write A' without a blank"
                                    : "strings are written \"text\"",
                     "`'` must follow what it transposes or differentiates");
        put(s, BAD);
        return;
    }
    const Token *t = &p->raw.at[p->raw.count - 1];
    if (t->kind == NUMBER) {
        const Token *op = t - 1;
        bool power = p->raw.count >= 3 &&
                     (op->kind == '^' || op->kind == DOTPOW) &&
                     op[-1].to == op->from && op[-1].kind == NAME;
        uint32_t from = power ? op[-1].from : t->from;
        const char *help =
            power ? arena_printf(p->scratch, "(%.*s)'", (int)(t->to - from),
                                 p->text + from)
                  : "(x.^2)' transposes the power";
        syntax_error(s->p, ERR_SYNTAX, s->from, s->to, help,
                     "`'` straight after a number");
        return;
    }
    put(s, PRIME);
}

/* ---- spellings of other languages ---- */

void lex_foreign(struct Scan *s, int kind, const char *ours,
                 const char *meaning)
{
    const Syntax *p = s->p;
    /* one blank around a word is enough */
    bool before = s->from > 0 && p->text[s->from - 1] == ' ';
    bool after = s->to < p->len && p->text[s->to] == ' ';
    size_t n = strlen(ours);
    if (before && ours[0] == ' ')
        ours++, n--;
    if (after && n > 1 && ours[n - 1] == ' ')
        ours = arena_copy(p->scratch, ours, n - 1);
    syntax_fix(s->p, ERR_FOREIGN, s->from, s->to, ours,
               "%s is not written `%.*s`", meaning, (int)(s->to - s->from),
               p->text + s->from);
    put(s, kind);
}

void lex_foreign_text(struct Scan *s, const char *text, size_t len)
{
    Str ours = str_in(s->p->arena);
    str_add_char(&ours, '"');
    for (size_t i = 1; i + 1 < len; i++) {
        if (text[i] == '"')
            str_add_char(&ours, '\\');
        str_add_char(&ours, text[i]);
    }
    str_add_char(&ours, '"');
    syntax_fix(s->p, ERR_FOREIGN, s->from, s->to, str_text(&ours),
               "a string stands between `\"`");
    Token *t = put(s, STRING);
    t->text = arena_copy(s->p->arena, text + 1, len - 2);
    t->len = (uint32_t)(len - 2);
}

/* `x <- 3` assigns in R, `x<-3` compares in C: neither is read silently. */
void lex_left_arrow(struct Scan *s)
{
    syntax_fix(s->p, ERR_FOREIGN, s->from, s->to, "=",
               "`<-` is read neither as `=` nor as `< -`");
    put(s, '=');
}

static const Token *last_operand(const Syntax *p)
{
    const Token *t = p->raw.count > 0 ? &p->raw.at[p->raw.count - 1] : NULL;
    return t && token_ends_operand(t->kind) ? t : NULL;
}

/* `5!` and `x!` are factorials; `!x` is `not x` in C. */
void lex_bang(struct Scan *s)
{
    const Syntax *p = s->p;
    const Token *t = last_operand(p);
    if (!t || s->blank) {
        lex_foreign(s, NOT, "not ", "\"not\"");
        return;
    }
    if (t->kind == NUMBER || t->kind == NAME)
        syntax_fix(s->p, ERR_FOREIGN, t->from, s->to,
                   arena_printf(p->scratch, "factorial(%.*s)",
                                (int)(t->to - t->from), p->text + t->from),
                   "the factorial is not written `!`");
    else
        syntax_error(s->p, ERR_FOREIGN, s->from, s->to, "factorial(n)",
                     "the factorial is not written `!`");
    put(s, BAD);
}

/* The bytes from..to around `at` that no bracket, comma or line parts. */
static void find_argument(const Syntax *p, uint32_t at, uint32_t *from,
                          uint32_t *to)
{
    const char *text = p->text;
    uint32_t i = at, j = at;
    for (int depth = 0; i > 0 && text[i - 1] != '\n'; i--) {
        char c = text[i - 1];
        depth += c == ')' || c == ']' || c == '}';
        if (strchr("([{", c) && depth-- == 0)
            break;
        if (depth <= 0 && (c == ',' || c == ';' || c == '='))
            break;
    }
    for (int depth = 0; j < p->len && text[j] != '\n' && text[j] != '\r'; j++) {
        char c = text[j];
        depth += c == '(' || c == '[' || c == '{';
        if (strchr(")]}", c) && depth-- == 0)
            break;
        if (depth <= 0 && (c == ',' || c == ';' || c == '#'))
            break;
    }
    while (i < at && strchr(" \t", text[i]))
        i++;
    while (j > at && strchr(" \t", text[j - 1]))
        j--;
    *from = i;
    *to = j;
}

/*
 * `y ~ x` is a formula of R, `~x` is `not x` elsewhere, `~=` is `!=`.  Returns
 * the bytes that are read: of a formula all, so that it is one mistake.
 */
size_t lex_tilde(struct Scan *s, const char *text, size_t len)
{
    const Syntax *p = s->p;
    uint32_t from, to;
    s->to = s->from + 1;
    if (len > 1 && text[1] == '=') {
        s->to++;
        lex_foreign(s, NE, "!=", "\"not equal\"");
        return 2;
    }
    if (!last_operand(p)) {
        lex_foreign(s, NOT, "not ", "\"not\"");
        return 1;
    }
    find_argument(p, s->from, &from, &to);
    uint32_t before = from;
    while (before > 0 && strchr(" \t", p->text[before - 1]))
        before--;
    bool inside = before > 0 && strchr("([{,", p->text[before - 1]);
    bool open = inside && (to == p->len || strchr("\r\n#", p->text[to]));
    if (memchr(p->text + from, '"', to - from) || open)
        syntax_error(s->p, ERR_FOREIGN, s->from, s->to,
                     "fit(ols, D, \"y ~ x\")", "a formula is a text");
    else
        syntax_fix(s->p, ERR_FOREIGN, from, to,
                   arena_printf(p->scratch, "\"%.*s\"", (int)(to - from),
                                p->text + from),
                   "a formula is a text");
    put(s, BAD);
    s->to = to > s->to ? to : s->to;
    return s->to - s->from;
}

/* `|x|` is abs(x); `a | b` is `a or b` in C. */
void lex_bar(struct Scan *s)
{
    const Syntax *p = s->p;
    const Fix *f = p->fixes.count > 0 ? &p->fixes.at[p->fixes.count - 1] : NULL;
    const char *from = p->text + s->to, *line = p->text + p->len;
    const char *end = memchr(from, '|', (size_t)(line - from));
    line = memchr(from, '\n', (size_t)(line - from));
    if (f && f->from < s->from && f->to == s->to && p->text[f->from] == '|') {
        put(s, BAD); /* its second bar */
        return;
    }
    if (last_operand(p) || !end || end == from || (line && end > line)) {
        lex_foreign(s, OR, " or ", "\"or\"");
        return;
    }
    int n = (int)(end - from);
    syntax_fix(s->p, ERR_FOREIGN, s->from, s->to + (uint32_t)n + 1,
               arena_printf(p->scratch, "abs(%.*s)", n, from),
               "an absolute value is not written with bars");
    put(s, BAD);
}

/* The `)` of a `(` at byte `at`, on the same line; 0 if there is none. */
static uint32_t find_closer(const Syntax *p, uint32_t at)
{
    if (at >= p->len || p->text[at] != '(')
        return 0;
    while (at < p->len && p->text[at] != ')' && p->text[at] != '\n')
        at++;
    return at < p->len && p->text[at] == ')' ? at : 0;
}

/* `A @ B` is a product in Python; `@(x) e` and `@f` are functions in Octave. */
void lex_at(struct Scan *s)
{
    const Syntax *p = s->p;
    if (after_value(s)) {
        lex_foreign(s, '*', "*", "the matrix product");
        return;
    }
    uint32_t closer = find_closer(p, s->to);
    const char *ours = "";
    if (closer != 0) {
        int n = (int)(closer - s->to - 1);
        const char *inner = p->text + s->to + 1;
        bool one = n > 0 && memchr(inner, ',', (size_t)n) == NULL;
        ours =
            arena_printf(p->scratch, one ? "%.*s ->" : "(%.*s) ->", n, inner);
    }
    syntax_fix(s->p, ERR_FOREIGN, s->from, closer != 0 ? closer + 1 : s->to,
               ours, "a function is not written with `@`");
    put(s, BAD);
}

void lex_percent(struct Scan *s, bool slashes)
{
    const char *sign = slashes ? "//" : "%";
    if (!after_value(s))
        syntax_fix(s->p, ERR_FOREIGN, s->from, s->to, "#",
                   "a comment does not begin with `%s`", sign);
    else
        syntax_error(s->p, ERR_FOREIGN, s->from, s->to,
                     slashes ? "floor(a/b) rounds the quotient down; a "
                               "comment begins with #"
                             : "mod(a, b) is the remainder; a comment "
                               "begins with #",
                     "`%s` is no operator", sign);
    put(s, !after_value(s) ? BAD : slashes ? '/' : '*');
}

void lex_dots(struct Scan *s)
{
    syntax_error(s->p, ERR_FOREIGN, s->from, s->to,
                 "a line goes on after an operator, a comma or inside of "
                 "brackets",
                 "`...` is not needed to continue a line");
    put(s, BAD);
}

/* Characters that stand on pages and keyboards but not in mlc. */
static const char *help_character(uint32_t c)
{
    switch (c) {
    case 0x2202:
        return "diff(e, x) is the derivative";
    case 0x2207:
        return "grad(e, x) is the gradient";
    case 0x221e:
        return "inf is infinity";
    case 0x221a:
        return "sqrt(x) is the square root";
    case 0x2208:
        return "in tests membership";
    case 0x2211:
        return "sum(i = 1:n, e) is a sum";
    case 0x2192:
        return "-> makes a function";
    case 0xf7:
        return "/ divides";
    case 0x2018:
    case 0x2019:
    case 0x201c:
    case 0x201d:
        return "strings stand between \"";
    case '?':
        return "if c then a else b chooses";
    case 0xb3:
        return "x^3 is the third power";
    default:
        return NULL;
    }
}

void lex_character(struct Scan *s, const char *text, size_t len)
{
    uint32_t c;
    size_t n = unicode_next(text, len, &c);
    if (c < 0x20 || c == 0x7f)
        syntax_error(s->p, ERR_CHARACTER, s->from, s->to, NULL,
                     "a control character (%#x)", c);
    else
        syntax_error(s->p, ERR_CHARACTER, s->from, s->from + (uint32_t)n,
                     help_character(c), "`%.*s` has no meaning in mlc", (int)n,
                     text);
    put(s, BAD);
}
