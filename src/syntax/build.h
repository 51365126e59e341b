/*
 * build.h - actions of the parser (private to syntax/)
 *
 * One function for each production of grammar/parser.y that makes a node.
 * They copy what stays into the arena of the tree; lists under construction
 * are in the scratch arena.  A mistake that the grammar cannot see (an
 * assignment to `2x`) is noted with syntax_error, and a node is returned all
 * the same.
 */
#ifndef MLC_SYNTAX_BUILD_H
#define MLC_SYNTAX_BUILD_H

#include "syntax/scan.h"

/* Lists */
AstList build_one(Syntax *p, Ast *t);
AstList build_list(Syntax *p, AstList list, Ast *t);
AstList build_append(Syntax *p, AstList list, const AstList *more);
AstList build_pair(Syntax *p, AstList list, Ast *a, Ast *b);

/* Nodes of any kind: without kids, with one or two, with a list of them. */
Ast *build_leaf(Syntax *p, AstKind kind, int op, Span at);
Ast *build_node(Syntax *p, AstKind kind, int op, Span at, Ast *a, Ast *b);
Ast *build_kids(Syntax *p, AstKind kind, int op, const AstList *kids, Span at);

/* Stands for text with a mistake that was reported. */
Ast *build_hole(Syntax *p, Span at);

/* Expressions */
Ast *build_number(Syntax *p, const Token *t, Span at);
Ast *build_string(Syntax *p, const Token *t, Span at);
Ast *build_name(Syntax *p, const Token *t, Span at);
Ast *build_parens(Ast *t, Span at);
Ast *build_unary(Syntax *p, AstOp op, Ast *a, Span at);
Ast *build_binary(Syntax *p, AstOp op, Ast *a, Ast *b, Span at);
Ast *build_juxtaposed(Syntax *p, const Token *number, Ast *b, Span first,
                      Span at);
Ast *build_compare(Syntax *p, Ast *a, int op, Ast *b, Span at);
Ast *build_chain(Syntax *p, Ast *chain, int op, Ast *b, Span at);
Ast *build_range(Syntax *p, Ast *from, Ast *step, Ast *to, Span at);
Ast *build_choice(Syntax *p, Ast *c, Ast *yes, Ast *no, Span at);
Ast *build_call(Syntax *p, Ast *callee, const AstList *args, Span paren,
                Span at);
Ast *build_named(Syntax *p, Ast *name, Ast *value, Span at);
AstList build_options(Syntax *p, AstList args, const AstList *options);
Ast *build_index(Syntax *p, Ast *t, const AstList *indices, Span at);
Ast *build_field(Syntax *p, Ast *t, const Token *name, Span at);
Ast *build_prime(Syntax *p, Ast *t, Span at);
Ast *build_array(Syntax *p, const AstList *rows, bool closed, Span at);
Ast *build_braces(Syntax *p, const AstList *items, Span at);
Ast *build_lambda(Syntax *p, const AstList *params, Ast *body, Span at);
Ast *build_lambda_one(Syntax *p, Ast *param, Ast *body, Span at);
Ast *build_minimize(Syntax *p, int op, Ast *objective, const DeclList *over,
                    const AstList *constraints, Span at);

/* Declarations, in scratch: the parser's stack holds pointers to them. */
Decl *build_decl(Syntax *p, Ast *t);
Decl *build_decl_is(Syntax *p, Ast *t, unsigned is);
Decl *build_decl_classes(Syntax *p, Ast *t, const Token *name);
Decl *build_decl_value(Decl *d, Ast *value, Span at);
DeclList build_decl_list(Syntax *p, DeclList list, const Decl *d);
Ast *build_decls(Syntax *p, AstKind kind, int op, const DeclList *list,
                 Span at);

/* The parameters of a signature: arguments of a CALL, or of a lambda. */
void build_params(Syntax *p, Ast *into, Ast *const *args, size_t n,
                  size_t positional);

/* Statements */
Ast *build_block(Syntax *p, const AstList *list, Ast *last, Span at);
Ast *build_quiet(Ast *t);
Ast *build_show(Syntax *p, const AstList *list, Span at);
Ast *build_show_one(Syntax *p, Ast *t, Span at);
Ast *build_assign(Syntax *p, const AstList *targets, Ast *value, Span at);
Ast *build_update(Syntax *p, int op, Ast *target, Ast *value, Span at);
Ast *build_function(Syntax *p, Ast *signature, Ast *body, Span at);
Ast *build_if(Syntax *p, Ast *c, Ast *yes, const AstList *elseifs, Ast *no,
              Span at);
Ast *build_for(Syntax *p, int op, const Token *name, Ast *range, Ast *body,
               Span at);
Ast *build_try(Syntax *p, Ast *body, const Token *name, Ast *handler, Span at);
Ast *build_assert(Syntax *p, const AstList *list, Span at);
Ast *build_file(Syntax *p, AstKind kind, const Token *file, const Token *name,
                Span at);
Ast *build_model(Syntax *p, const Token *name, const AstList *lines, Span at);
AstList build_role(Syntax *p, int op, Ast *t, const AstList *constraints,
                   Span role, Span subject);
Ast *build_subject(Syntax *p, const AstList *constraints, Span at);
Ast *build_line(Syntax *p, Ast *left, Ast *value, Span at);

/* Errors that the parser finds */
void build_unexpected(Syntax *p, Span at, const char *what,
                      const char *const *expected, int count);
void build_too_deep(Syntax *p, Span at);

#endif
