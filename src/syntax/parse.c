/*
 * parse.c - from text to tree
 */
#include "syntax/parse.h"

#include <string.h>

#include "parser.h"
#include "syntax/scan.h"

/* Offsets are 32 bits, and flex counts in int. */
enum { SOURCE_BYTES = 0x7ffffff0 };

/* NUL and invalid UTF-8: nothing else is read of such a source. */
static bool check_text(Syntax *p)
{
    if (p->len > SOURCE_BYTES) {
        syntax_error(p, ERR_LIMIT, 0, 0, NULL,
                     "the source is longer than 2^31 bytes");
        return false;
    }
    size_t bad = text_check_utf8(p->text, p->len);
    if (bad == p->len)
        return true;
    uint32_t at = (uint32_t)bad;
    if (p->text[bad] == '\0')
        syntax_error(p, ERR_CHARACTER, at, at + 1, NULL,
                     "a NUL byte; is this a text file?");
    else
        syntax_error(p, ERR_CHARACTER, at, at + 1, "save the file as UTF-8",
                     "the byte 0x%02x is not UTF-8",
                     (unsigned)(unsigned char)p->text[bad]);
    return false;
}

static void push_tokens(Syntax *p, parse_yypstate *parser, int start)
{
    Span at = syntax_span(p, 0, 0);
    parse_yypush_parse(parser, start, NULL, &at, p);
    int status = YYPUSH_MORE;
    for (size_t i = 0; i < p->tokens.count && status == YYPUSH_MORE &&
                       p->mistakes.count < MISTAKES;
         i++) {
        const Token *t = &p->tokens.at[i];
        PARSE_YYSTYPE value = {.NAME = t};
        p->now = t;
        at = syntax_span(p, t->from, t->to);
        status = parse_yypush_parse(parser, t->kind, &value, &at, p);
        if ((i & 0xffff) == 0)
            POLL();
    }
}

/* The three steps.  The parser's stack is freed if something is raised. */
static void run(Syntax *p, int start)
{
    if (!check_text(p))
        return;
    scan_tokens(p);
    layout_tokens(p);
    p->parsing = true;
    parse_yypstate *volatile parser = parse_yypstate_new();
    Protect protect;
    if (PROTECT(&protect)) {
        push_tokens(p, parser, start);
        protect_end(&protect);
    } else {
        parse_yypstate_delete(parser);
        error_again();
    }
    parse_yypstate_delete(parser);
}

/*
 * The `##` lines at the head, unless they are those of the definition below.
 */
static const char *head_doc(const Syntax *p)
{
    if (p->docs.count == 0 || p->tokens.at[0].from < p->docs.at[0].from)
        return NULL;
    const Doc *d = &p->docs.at[0];
    const Ast *t =
        p->result != NULL && p->result->count > 0 ? p->result->kids[0] : NULL;
    bool taken = t != NULL && t->at.from == d->below &&
                 (t->kind == AST_FUNCTION || t->kind == AST_MODEL);
    return taken ? NULL : d->text;
}

/* Do `##` lines at the end wait for the definition that they document? */
static bool ends_in_doc(const Syntax *p)
{
    return p->docs.count > 0 && p->tokens.count == 1 &&
           p->docs.at[p->docs.count - 1].below == p->len;
}

static Parse finish(Syntax *p)
{
    Parse result = {.tree = p->result};
    result.nerrors =
        p->mistakes.count < PARSE_ERRORS ? p->mistakes.count : PARSE_ERRORS;
    if (result.nerrors > 0) {
        Error *errors = ARENA_ARRAY(p->arena, Error, result.nerrors);
        syntax_finish(p, errors, result.nerrors);
        result.errors = errors;
        result.tree = NULL;
    } else {
        result.doc = head_doc(p);
        p->at_end = ends_in_doc(p);
    }
    return result;
}

static Parse parse(Syntax *p, int start)
{
    p->scratch = arena_local();
    run(p, start);
    Parse result = finish(p);
    arena_free(p->scratch);
    return result;
}

static Syntax syntax_of(uint32_t source, Arena *a)
{
    const Source *s = source_get(source);
    return (Syntax){.source = source,
                    .text = s->text,
                    .len = s->len,
                    .interactive = s->interactive,
                    .arena = a};
}

Parse parse_source(uint32_t source, Arena *a)
{
    Syntax p = syntax_of(source, a);
    return parse(&p, START_FILE);
}

static _Noreturn void raise_first(const Parse *r)
{
    const Error *e = &r->errors[0];
    error_raise_help(e->at, e->code, e->detail, e->help, "%s", e->message);
}

Ast *parse_source_or_raise(uint32_t source, Arena *a)
{
    Parse r = parse_source(source, a);
    if (r.nerrors > 0)
        raise_first(&r);
    return r.tree;
}

Ast *parse_expression(const char *name, const char *text, Arena *a)
{
    Syntax p = syntax_of(source_add(name, text, strlen(text), false), a);
    Parse r = parse(&p, START_EXPRESSION);
    if (r.nerrors > 0)
        raise_first(&r);
    return r.tree;
}

ParseState parse_state(const char *text, size_t len)
{
    Arena *a = arena_local();
    Syntax p = {.text = text, .len = len, .interactive = true, .arena = a};
    Parse r = parse(&p, START_FILE);
    ParseState state = p.at_end && r.nerrors <= 1 ? PARSE_INCOMPLETE
                       : r.nerrors == 0           ? PARSE_COMPLETE
                                                  : PARSE_WRONG;
    arena_free(a);
    return state;
}

const char *parse_keyword(size_t i)
{
    return parse_word(i);
}
