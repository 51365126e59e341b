/*
 * print.h - a syntax tree back to source text
 *
 * Prints with the fewest parentheses and the blanks of the manual: `a + b*c`,
 * `f(x; k = 2)`, `x -> e`.  Parsing the text gives an equal tree.  Used to
 * print functions and to quote operands in messages.
 */
#ifndef MLC_SYNTAX_PRINT_H
#define MLC_SYNTAX_PRINT_H

#include "base/str.h"
#include "syntax/ast.h"

/* Appends an expression, on one line. */
void ast_print(Str *out, const Ast *t);

/* The same as a text in an arena. */
const char *ast_text(Arena *a, const Ast *t);

/*
 * Appends a statement or BLOCK, each statement on a line of its own, indented
 * by 2 blanks for every level; `indent` is that of the first.
 */
void ast_print_statement(Str *out, const Ast *t, int indent);

/* Appends a declaration: `X[n,d] > 0 = 1`. */
void ast_print_decl(Str *out, const Decl *d);

#endif
