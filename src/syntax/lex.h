/*
 * lex.h - actions of the scanner (private to syntax/)
 *
 * One function for each rule of grammar/lexer.l that does more than put a
 * token.  The text of a rule runs from s->from to s->to.
 */
#ifndef MLC_SYNTAX_LEX_H
#define MLC_SYNTAX_LEX_H

#include "syntax/scan.h"

struct Scan {
    Syntax *p;
    uint32_t from, to; /* of the rule that matched, in the source */
    uint32_t begin;    /* of the string or block comment */
    int level;         /* nested block comments */
    bool blank;        /* a blank stands before the next token */
    Str text;          /* of the string */
    bool has_doc;
    Str doc; /* `##` lines read so far */
    uint32_t doc_from, doc_below;
};

/*
 * Copies the source (after a BOM) into copy, with the two NULs of flex;
 * returns the bytes written.
 */
size_t lex_begin(struct Scan *s, char *copy);
void lex_end(struct Scan *s);

void lex_put(struct Scan *s, int kind);
void lex_blank(struct Scan *s);

/* These return how many bytes of the text they take. */
size_t lex_word(struct Scan *s, int kind, const char *text, size_t len);
size_t lex_field(struct Scan *s, const char *text, size_t len);
size_t lex_help(struct Scan *s, const char *text, size_t len);

/* Is the rest of the line empty? */
bool lex_at_line_end(const struct Scan *s);
void lex_comment(struct Scan *s);
void lex_doc(struct Scan *s, const char *text, size_t len);
void lex_block_begin(struct Scan *s);
void lex_block_open(struct Scan *s); /* the source ended in it */

void lex_number(struct Scan *s, const char *text, size_t len, bool exact);
void lex_number_point(struct Scan *s, const char *text, size_t len);
void lex_number_exponent(struct Scan *s, const char *text, size_t len);
void lex_number_hex(struct Scan *s);
void lex_number_wrong(struct Scan *s);
size_t lex_digits(const char *text, size_t len); /* without exponent */

void lex_text_begin(struct Scan *s);
void lex_text_add(struct Scan *s, const char *text, size_t len);
void lex_text_code(struct Scan *s, const char *text);
void lex_text_escape(struct Scan *s);
void lex_text_end(struct Scan *s, bool closed);

void lex_square(struct Scan *s);
void lex_prime(struct Scan *s);
bool lex_after_operand(const struct Scan *s);

/* Puts `kind`, and notes that `ours` was meant. */
void lex_foreign(struct Scan *s, int kind, const char *ours,
                 const char *meaning);
void lex_foreign_text(struct Scan *s, const char *text, size_t len);
void lex_left_arrow(struct Scan *s);
void lex_bar(struct Scan *s);
void lex_bang(struct Scan *s);
size_t lex_tilde(struct Scan *s, const char *text, size_t len);
void lex_at(struct Scan *s);
void lex_percent(struct Scan *s, bool slashes);
void lex_dots(struct Scan *s);
void lex_character(struct Scan *s, const char *text, size_t len);

#endif
