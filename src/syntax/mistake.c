/*
 * mistake.c - the errors of one source
 *
 * Mistakes are collected; a mistake of the parser on a line that has another
 * already is dropped as its consequence.  The help of a foreign spelling is
 * the line as it should be, which is known when all of the line was scanned:
 * syntax_finish writes it.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"
#include "syntax/diag.h"
#include "syntax/parse.h"

static void line_of(const Syntax *p, uint32_t at, uint32_t *from, uint32_t *to)
{
    *from = *to = at < p->len ? at : (uint32_t)p->len;
    while (*from > 0 && p->text[*from - 1] != '\n' &&
           p->text[*from - 1] != '\r')
        --*from;
    while (*to < p->len && p->text[*to] != '\n' && p->text[*to] != '\r')
        ++*to;
}

/*
 * Has the line of this byte a mistake already?  The line last found to have
 * one is remembered: a line may be very long and full of them.
 */
static bool is_consequence(Syntax *p, uint32_t at)
{
    if (!p->parsing)
        return false;
    if (p->wrong_to > 0 && at >= p->wrong_from && at <= p->wrong_to)
        return true;
    uint32_t a, b;
    line_of(p, at, &a, &b);
    for (size_t i = 0; i < p->mistakes.count; i++) {
        const Span *s = &p->mistakes.at[i].error.at;
        if (s->from <= b && (s->from >= a || s->to > a)) {
            p->wrong_from = a;
            p->wrong_to = b;
            return true;
        }
    }
    return false;
}

static void note(Syntax *p, ErrorCode code, uint32_t from, uint32_t to,
                 const char *help, bool fix, const char *form, va_list args)
{
    if (p->mistakes.count >= MISTAKES)
        return;
    if (is_consequence(p, from))
        return;
    Str text = str_in(p->arena);
    str_add_args(&text, form, args);
    Mistake m = {.error = {.code = code,
                           .at = syntax_span(p, from, to),
                           .message = str_text(&text)},
                 .fix = fix};
    if (help != NULL)
        m.error.help = arena_copy(p->arena, help, strlen(help));
    VEC_PUSH_IN(p->scratch, &p->mistakes, m);
}

void syntax_error(Syntax *p, ErrorCode code, uint32_t from, uint32_t to,
                  const char *help, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    note(p, code, from, to, help, false, form, args);
    va_end(args);
}

void syntax_fix(Syntax *p, ErrorCode code, uint32_t from, uint32_t to,
                const char *ours, const char *form, ...)
{
    Fix f = {from, to, arena_copy(p->scratch, ours, strlen(ours))};
    if (p->fixes.count < 10 * MISTAKES)
        VEC_PUSH_IN(p->scratch, &p->fixes, f);
    va_list args;
    va_start(args, form);
    note(p, code, from, to, NULL, true, form, args);
    va_end(args);
}

static int compare_fixes(const void *a, const void *b)
{
    const Fix *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

static int compare_mistakes(const void *a, const void *b)
{
    const Error *x = &((const Mistake *)a)->error;
    const Error *y = &((const Mistake *)b)->error;
    return x->at.from < y->at.from   ? -1
           : x->at.from > y->at.from ? 1
           : x->at.to < y->at.to     ? -1
                                     : x->at.to > y->at.to;
}

/* A line longer than this is no help; the fix alone is shown. */
enum { HELP_BYTES = 200 };

static const char *fix_alone(const Syntax *p, Span at)
{
    for (size_t i = 0; i < p->fixes.count; i++)
        if (p->fixes.at[i].from == at.from && p->fixes.at[i].text[0] != '\0')
            return arena_printf(p->arena, "write `%s`", p->fixes.at[i].text);
    return NULL;
}

/* The lines of from..to with all their fixes, without indentation. */
static const char *fixed_line(const Syntax *p, Span at)
{
    uint32_t from, to, unused;
    line_of(p, at.from, &from, &unused);
    line_of(p, at.to, &unused, &to);
    while (from < at.from && (p->text[from] == ' ' || p->text[from] == '\t'))
        from++;
    if (to - from > HELP_BYTES)
        return fix_alone(p, at);
    Str out = str_in(p->arena);
    for (size_t i = 0; i < p->fixes.count; i++) {
        const Fix *f = &p->fixes.at[i];
        if (f->from < from || f->to > to)
            continue;
        str_add_len(&out, p->text + from, f->from - from);
        str_add(&out, f->text);
        from = f->to;
    }
    str_add_len(&out, p->text + from, to - from);
    for (size_t i = 0; i < out.len; i++)
        if (out.at[i] == '\n' || out.at[i] == '\r' || out.at[i] == '\t')
            out.at[i] = ' ';
    return str_text(&out);
}

void syntax_finish(Syntax *p, Error *errors, size_t n)
{
    if (p->mistakes.count == 0)
        return;
    if (p->fixes.count > 1)
        qsort(p->fixes.at, p->fixes.count, sizeof *p->fixes.at, compare_fixes);
    qsort(p->mistakes.at, p->mistakes.count, sizeof *p->mistakes.at,
          compare_mistakes);
    for (size_t i = 0; i < n; i++) {
        Mistake *m = &p->mistakes.at[i];
        if (m->fix)
            m->error.help = fixed_line(p, m->error.at);
        errors[i] = m->error;
    }
}

/* ---- what the parser did not expect ---- */

void build_too_deep(Syntax *p, Span at)
{
    p->parsing = false;
    syntax_error(p, ERR_DEPTH, at.from, at.to, NULL,
                 "brackets and operators are nested too deeply here");
}

/* The blocks that are open at the end of the text; true if one was told. */
static bool report_open_block(Syntax *p)
{
    VEC(const Token *) open = {0};
    bool start = true;
    const Token *choice = NULL;
    for (size_t i = 0; i < p->tokens.count; i++) {
        const Token *t = &p->tokens.at[i];
        switch (t->kind) {
        case FOR:
        case WHILE:
        case FUNCTION:
        case TRY:
        case MODEL:
        case IF:
            if (!start)
                break;
            if (t->kind == IF)
                choice = t;
            VEC_PUSH_IN(p->scratch, &open, t);
            break;
        case THEN:
            if (choice != NULL && open.count > 0 &&
                open.at[open.count - 1] == choice)
                open.count--;
            choice = NULL;
            break;
        case END:
            if (open.count > 0)
                open.count--;
            break;
        default:
            break;
        }
        start = t->kind == NEWLINE || t->kind == ';';
        if (start)
            choice = NULL;
    }
    if (open.count == 0)
        return false;
    const Token *t = open.at[open.count - 1];
    syntax_error(p, ERR_UNTERMINATED, t->from, t->to,
                 "close it with a line `end`", "this `%.*s` has no `end`",
                 (int)(t->to - t->from), p->text + t->from);
    return true;
}

/* "an expression, `)` or `,`" */
static const char *expected_text(Syntax *p, const char *const *names, int n)
{
    Str s = str_in(p->arena);
    str_add(&s, "expected ");
    for (int i = 0; i < n; i++) {
        const char *name = names[i];
        bool phrase = strchr(name, ' ') != NULL || strcmp(name, "name") == 0 ||
                      strcmp(name, "string") == 0 ||
                      strcmp(name, "field") == 0 || strcmp(name, "number") == 0;
        bool article = phrase && strncmp(name, "an ", 3) != 0 &&
                       strncmp(name, "a ", 2) != 0;
        str_add(&s, i == 0 ? "" : i == n - 1 ? " or " : ", ");
        str_add_format(&s, phrase ? "%s%s" : "%s`%s`",
                       !article                       ? ""
                       : strncmp(name, "end", 3) == 0 ? "the "
                       : strchr("aeiou", name[0])     ? "an "
                                                      : "a ",
                       name);
    }
    return str_text(&s);
}

/* The first token of the statement, at most 10^4 tokens back. */
static const Token *head_of(const Syntax *p, const Token *t)
{
    const Token *first = p->tokens.at;
    for (int i = 0; t > first && i < 10000; i++, t--)
        if (t[-1].kind == NEWLINE || t[-1].kind == ';')
            break;
    return t;
}

static bool has_between(const Token *from, const Token *to, int kind)
{
    for (; from < to; from++)
        if (from->kind == kind)
            return true;
    return false;
}

/* Mistakes of the heads of blocks, mostly other languages' blocks. */
static const char *help_head(const Token *head, const Token *t)
{
    bool block =
        head->kind == IF || head->kind == ELSEIF || head->kind == WHILE;
    if (t->kind == '=' && head->kind == FUNCTION && t[-1].kind != ')')
        return "function f(x) begins a definition; its last expression is the "
               "result";
    if (t->kind == '=' && head->kind == FUNCTION)
        return "`f(x) = e` is a definition without `function`, `function f(x)` "
               "ends its line";
    if (t->kind == '=' && block && has_between(head, t, THEN))
        return "a block begins on the line below, without `then`";
    if (t->kind == '=' && (block || head->kind == ASSERT))
        return "`==` compares";
    if (head->kind == FOR && t == head + 1)
        return "for i = 1:10 counts, for x in v takes the entries";
    if (block || head->kind == FOR || head->kind == FUNCTION)
        if (t->kind == '{' || t->kind == ':')
            return "a block begins on the line below and closes with `end`";
    return NULL;
}

/* `a b`: a product or a call was forgotten. */
static const char *help_neighbours(Syntax *p, const Token *before,
                                   const Token *t)
{
    int a = (int)(before->to - before->from), b = (int)(t->to - t->from);
    const char *x = p->text + before->from, *y = p->text + t->from;
    if (a > 30 || b > 30)
        return "a*b multiplies, a(b) calls";
    if (t->kind == STRING)
        return arena_printf(p->arena, "%.*s(%.*s) calls", a, x, b, y);
    return arena_printf(p->arena, "%.*s(%.*s) calls, %.*s*%.*s multiplies", a,
                        x, b, y, a, x, b, y);
}

/* A repair for the pair of tokens that do not fit, or NULL. */
static const char *help_pair(Syntax *p, const Token *before, const Token *t,
                             const char *what, bool operand, bool operation)
{
    const char *help = help_head(head_of(p, t), t);
    if (help != NULL)
        return help;
    int kind = t->kind;
    if (kind == ELSEIF && has_between(head_of(p, t), t, THEN))
        return "in an expression it is two words: if c then a else if d then "
               "b else e";
    if (kind == END || kind == ELSE || kind == ELSEIF || kind == CATCH)
        return arena_printf(p->arena, "this `%s` belongs to no block", what);
    if (kind == '=')
        return "`==` compares; `=` assigns, once in a statement";
    if (kind == IF || kind == MINIMIZE || kind == MAXIMIZE)
        return "put it in parentheses to use it inside of an expression";
    if (kind == NOT && t[1].kind == IN)
        return "not (x in S) tests that";
    if (kind == THEN)
        return "`then` stands on the line of its condition";
    if (kind == ARROW)
        return "x -> x^2 and (x, y) -> x*y are functions";
    bool word = what[0] >= 'a' && what[0] <= 'z' && kind != NAME &&
                kind != NUMBER && kind != STRING && kind != FIELD &&
                strchr(what, ' ') == NULL;
    if (operand && word)
        return arena_printf(p->arena,
                            "`%s` is a word of the language and no "
                            "name",
                            what);
    bool follows = kind == NAME || kind == STRING || kind == NUMBER;
    if (before != NULL && operation && before->kind == NAME && follows)
        return help_neighbours(p, before, t);
    return NULL;
}

/* `2 x`, but not `for i in 1:3 do` */
static bool is_spaced_factor(const Syntax *p, const Token *before,
                             const Token *t)
{
    if (before == NULL || before->kind != NUMBER || !t->blank ||
        (t->kind != NAME && t->kind != '('))
        return false;
    int head = head_of(p, t)->kind;
    return head != FOR && head != WHILE && head != IF;
}

static void unexpected_end(Syntax *p, const Token *before, Span at)
{
    if (p->mistakes.count > 0)
        return;
    p->at_end = true;
    if (report_open_block(p))
        return;
    if (before == NULL)
        syntax_error(p, ERR_SYNTAX, at.from, at.to, NULL,
                     "an expression is missing");
    else
        syntax_error(p, ERR_SYNTAX, before->from, before->to, NULL,
                     "the text ends where more must follow `%s`",
                     diag_quote_text(p->arena, p->text + before->from,
                                     before->to - before->from, 40));
}

void build_unexpected(Syntax *p, Span at, const char *what,
                      const char *const *expected, int count)
{
    const Token *t = p->now;
    const Token *before = t > p->tokens.at ? t - 1 : NULL;
    bool closer = t->kind == ')' || t->kind == ']' || t->kind == '}';
    if (t->kind == BAD || (t->silent && closer) || is_consequence(p, at.from))
        return;
    if (t->kind == END_OF_FILE) {
        unexpected_end(p, before, at);
        return;
    }
    if (is_spaced_factor(p, before, t)) {
        syntax_fix(p, ERR_SYNTAX, before->to, t->from, "*",
                   "a number multiplies what follows only without a blank");
        return;
    }
    size_t known = p->mistakes.count;
    bool operand = false, operation = false;
    for (int i = 0; i < count; i++) {
        operand |= strcmp(expected[i], "an expression") == 0 ||
                   strcmp(expected[i], "a statement") == 0 ||
                   strcmp(expected[i], "name") == 0;
        operation |= strcmp(expected[i], "an operator") == 0;
    }
    const char *help = help_pair(p, before, t, what, operand, operation);
    if (t->kind == NAME || t->kind == NUMBER || t->kind == FIELD)
        syntax_error(
            p, ERR_SYNTAX, at.from, at.to, help, "unexpected %s `%s`", what,
            diag_quote_text(p->arena, p->text + t->from, t->to - t->from, 40));
    else if (strchr(what, ' ') != NULL || t->kind == STRING)
        syntax_error(p, ERR_SYNTAX, at.from, at.to, help, "unexpected %s",
                     what);
    else
        syntax_error(p, ERR_SYNTAX, at.from, at.to, help, "unexpected `%s`",
                     what);
    if (p->mistakes.count > known && count > 0 && count <= 5)
        p->mistakes.at[known].error.detail = expected_text(p, expected, count);
}
