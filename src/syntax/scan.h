/*
 * scan.h - what scanner, layout and parser share (private to syntax/)
 *
 * A source is read in three steps, each over the whole of it:
 *
 *   scan_tokens (grammar/lexer.l)   text -> raw tokens;
 *   layout_tokens (layout.c)        raw tokens -> the tokens of the grammar:
 *                                   which newlines end a statement, which
 *                                   words are special where they stand, where
 *                                   a number multiplies, which brackets match;
 *   parse_yypush_parse (parser.y)   tokens -> tree.
 *
 * A step that finds a mistake notes it (syntax_error) and passes on what was
 * probably meant, so that the next step does not stumble over it again.
 */
#ifndef MLC_SYNTAX_SCAN_H
#define MLC_SYNTAX_SCAN_H

#include "base/vec.h"
#include "syntax/ast.h"

/* Small: a source of some MB is held as tokens twice. */
typedef struct Token {
    int16_t kind;    /* of parser.h */
    bool blank : 1;  /* a blank stands before it */
    bool exact : 1;  /* numbers */
    bool silent : 1; /* put in by the layout, not in the text */
    uint32_t from, to;
    uint32_t len; /* of text */
    union {
        Name name;        /* words, fields */
        const char *text; /* numbers, strings */
    };
} Token;

/* A run of `##` lines: from its first byte to the line below it. */
typedef struct Doc {
    uint32_t from, below;
    const char *text;
} Doc;

/* A foreign spelling and ours: help lines apply all fixes of their line. */
typedef struct Fix {
    uint32_t from, to;
    const char *text;
} Fix;

/* Each step finds its own: more than are shown, to show the first ones. */
enum { MISTAKES = 200 };

typedef struct Mistake {
    Error error;
    bool fix; /* its help is the line with the fixes */
} Mistake;

typedef struct Syntax {
    uint32_t source;
    const char *text; /* offsets count from its first byte */
    size_t len;
    bool interactive;
    Arena *arena;   /* of the tree and the messages */
    Arena *scratch; /* given back after parsing */
    VEC(Token) raw; /* in scratch, as all below */
    VEC(Token) tokens;
    VEC(Doc) docs;
    VEC(Fix) fixes;
    VEC(Mistake) mistakes; /* at most MISTAKES; texts in arena */
    bool parsing;          /* the third step: see syntax_error */
    uint32_t wrong_from,
        wrong_to;     /* a line that has a mistake, while parsing */
    const Token *now; /* the token the parser is looking at */
    bool at_end;      /* the first mistake was that the text ended */
    Ast *result;
} Syntax;

/* A list under construction, in scratch. */
typedef struct AstList {
    Ast **at;
    size_t count, room;
    size_t positional; /* of arguments: those before the `;` */
} AstList;

typedef struct DeclList {
    Decl *at;
    size_t count, room;
} DeclList;

/* Fills p->raw, p->docs. */
void scan_tokens(Syntax *p);

/* Fills p->tokens; the last is END_OF_FILE. */
void layout_tokens(Syntax *p);

/* Can an operand end with this token? */
bool token_ends_operand(int kind);

/*
 * Notes an error; help may be NULL.  Texts are copied.  While parsing, an
 * error on a line that has one already is taken for its consequence.
 */
void syntax_error(Syntax *p, ErrorCode code, uint32_t from, uint32_t to,
                  const char *help, const char *form, ...)
    __attribute__((format(printf, 6, 7)));

/*
 * Notes a foreign spelling: the help is the line with this and all other
 * fixes of the line applied.
 */
void syntax_fix(Syntax *p, ErrorCode code, uint32_t from, uint32_t to,
                const char *ours, const char *form, ...)
    __attribute__((format(printf, 6, 7)));

/* Writes the first n errors in the order of their places, fixes told. */
void syntax_finish(Syntax *p, Error *errors, size_t n);

static inline Span syntax_span(const Syntax *p, uint32_t from, uint32_t to)
{
    return (Span){p->source, from, to};
}

#endif
