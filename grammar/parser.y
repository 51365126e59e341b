/*
 * parser.y - tokens to the syntax tree
 *
 * A push parser: parse.c hands it the tokens of layout.c one by one.  Its
 * stack is a block of base/mem that belongs to the parser object, so parsing
 * nests as deeply as memory allows and an error that is raised on the way
 * loses nothing.  Nodes are made by the functions of build.h.
 *
 * `error` stands at the ends of statements and at closing brackets, so that
 * one run reports several mistakes.
 */
%require "3.8"
%define api.prefix {parse_yy}
%define api.pure full
%define api.push-pull push
%define api.value.type union
%define api.location.type {Span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%parse-param {Syntax *p}

%code requires {
#include "syntax/build.h"
}

%code provides {
#define FIRST_WORD INCLUDE
#define LAST_WORD NLL
#define FIRST_ROLE DATA
#define LAST_ROLE NLL

/* Word number i of the language, NULL past the last. */
const char *parse_word(size_t i);
}

%code {
#include <string.h>

#include "base/mem.h"

#define YYMALLOC mem_alloc
#define YYFREE mem_free
#define YYMAXDEPTH 4000000

#define YYLLOC_DEFAULT(now, rhs, n)                                            \
    ((now) = (n) ? span_over(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n))               \
                 : span_behind(YYRHSLOC(rhs, 0)))

static inline Span span_over(Span a, Span b)
{
    return (Span){a.source, a.from, b.to > a.to ? b.to : a.to};
}

static inline Span span_behind(Span a)
{
    return (Span){a.source, a.to, a.to};
}

static void parse_yyerror(const Span *at, Syntax *p, const char *message)
{
    (void)message;
    build_too_deep(p, *at);
}
}

%token END_OF_FILE 0 "end of the text"
%token NEWLINE "end of line" BAD "character without meaning"
%token START_FILE "file" START_EXPRESSION "expression"
%token <const Token *>
    NUMBER "number" STRING "string" NAME "name" FIELD "field" PRIME "'"
    HELP "question"
%token TRUE "true" FALSE "false" END_INDEX "last index `end`"
%token JUXT "multiplication"
%token
    '+' "+" '-' "-" '*' "*" '/' "/" '\\' "\\" '^' "^"
    DOTMUL ".*" DOTDIV "./" DOTPOW ".^"
    '=' "=" ADD_SET "+=" SUB_SET "-=" MUL_SET "*=" DIV_SET "/="
    EQ "==" NE "!=" '<' "<" LE "<=" '>' ">" GE ">=" IN "in"
    AND "and" OR "or" NOT "not"
    ARROW "->" ':' ":" ',' "," ';' ";"
    '(' "(" ')' ")" '[' "[" ']' "]" '{' "{" '}' "}"
%token
    IF "if" THEN "then" ELSE "else" CHOICE_ELSE "else branch"
    ELSEIF "elseif" END "end"
    FOR "for" WHILE "while" BREAK "break" CONTINUE "continue" RETURN "return"
    TRY "try" CATCH "catch" ASSERT "assert" FUNCTION "function"
    MODEL "model" SYM "sym" RULE "rule"
    MINIMIZE "minimize" MAXIMIZE "maximize"
    SUBJECT_TO "subject to" POSITIVE_DEFINITE "positive definite"
/* words that are names elsewhere */
%token
    INCLUDE "include" USE "use" AS "as" OVER "over" SUBJECT "subject" TO "to"
    SYMMETRIC "symmetric" POSITIVE "positive" DEFINITE "definite"
    CLASSES "classes"
    DATA "data" HYPER "hyper" PARAM "param"
    PREDICT "predict" PROB "prob" SCORE "score" LOSS "loss" NLL "nll"

/* from loose to tight */
%left OR
%left AND
%precedence NOT
%left '+' '-'
%left '*' '/' '\\' DOTMUL DOTDIV
%precedence SIGN

%nterm <Ast *>
    block statement condition value minimize expression logic comparison
    chain range sum power exponent postfix argument index
%nterm <AstList>
    statements elseifs lines line expressions parameters arguments
    argument_list indices rows
%nterm <DeclList> decls
%nterm <Decl *> decl declared
%nterm <int> assigner relation declares role direction

%start top

%%

top:
  START_FILE block                  { p->result = $block; }
| START_EXPRESSION expression NEWLINE  { p->result = $expression; }
;

/* ---- statements ---- */

block:
  statements                        { $$ = build_block(p, &$1, NULL, @$); }
| statements statement              { $$ = build_block(p, &$1, $2, @$); }
;

statements:
  %empty                            { $$ = (AstList){0}; }
| statements NEWLINE                { $$ = $1; }
| statements ';'                    { $$ = $1; }
| statements statement NEWLINE      { $$ = build_list(p, $1, $2); }
| statements statement ';'          { $$ = build_list(p, $1, build_quiet($2)); }
| statements error NEWLINE          { $$ = $1; yyerrok; }
| statements error ';'              { $$ = $1; yyerrok; }
;

separator:
  NEWLINE                           { yyerrok; }
| ';'                               { yyerrok; }
;

statement:
  expressions                       { $$ = build_show(p, &$1, @$); }
| minimize                          { $$ = build_show_one(p, $1, @$); }
| expressions '=' value             { $$ = build_assign(p, &$1, $3, @$); }
| expression assigner value         { $$ = build_update(p, $2, $1, $3, @$); }
| FUNCTION postfix separator block END
                                    { $$ = build_function(p, $2, $4, @$); }
| SYM decls
                                   { $$ = build_decls(p, AST_SYM, 0, &$2, @$); }
| RULE expression '=' expression
                                { $$ = build_node(p, AST_RULE, 0, @$, $2, $4); }
| MODEL NAME separator lines END    { $$ = build_model(p, $2, &$4, @$); }
| IF condition separator block elseifs END
                                    { $$ = build_if(p, $2, $4, &$5, NULL, @$); }
| IF condition separator block elseifs ELSE separator block END
                                    { $$ = build_if(p, $2, $4, &$5, $8, @$); }
| FOR NAME '=' expression separator block END
                                    { $$ = build_for(p, 0, $2, $4, $6, @$); }
| FOR NAME IN expression separator block END
                                    { $$ = build_for(p, 1, $2, $4, $6, @$); }
| WHILE condition separator block END
                               { $$ = build_node(p, AST_WHILE, 0, @$, $2, $4); }
| FOR error separator block END     { $$ = build_hole(p, @$); }
| FUNCTION error separator block END
                                    { $$ = build_hole(p, @$); }
| MODEL error separator lines END   { $$ = build_hole(p, @$); }
| BREAK                             { $$ = build_leaf(p, AST_BREAK, 0, @$); }
| CONTINUE                          { $$ = build_leaf(p, AST_CONTINUE, 0, @$); }
| RETURN                            { $$ = build_leaf(p, AST_RETURN, 0, @$); }
| RETURN expressions
                                 { $$ = build_kids(p, AST_RETURN, 0, &$2, @$); }
| TRY separator block CATCH separator block END
                                    { $$ = build_try(p, $3, NULL, $6, @$); }
| TRY separator block CATCH NAME separator block END
                                    { $$ = build_try(p, $3, $5, $7, @$); }
| TRY separator block END           { $$ = build_try(p, $3, NULL, NULL, @$); }
| ASSERT expressions                { $$ = build_assert(p, &$2, @$); }
| INCLUDE STRING
                              { $$ = build_file(p, AST_INCLUDE, $2, NULL, @$); }
| USE STRING AS NAME                { $$ = build_file(p, AST_USE, $2, $4, @$); }
| HELP                           { $$ = build_file(p, AST_HELP, $1, NULL, @$); }
;

condition:
  expression
| error                             { $$ = build_hole(p, @$); }
;

elseifs:
  %empty                            { $$ = (AstList){0}; }
| elseifs ELSEIF condition separator block
                                    { $$ = build_pair(p, $1, $3, $5); }
;

assigner:
  ADD_SET                           { $$ = AST_ADD; }
| SUB_SET                           { $$ = AST_SUB; }
| MUL_SET                           { $$ = AST_MUL; }
| DIV_SET                           { $$ = AST_DIV; }
;

value:
  expression
| minimize
;

/* ---- declarations, minimize, models ---- */

decls:
  decl
                                 { $$ = build_decl_list(p, (DeclList){0}, $1); }
| decls ',' decl                    { $$ = build_decl_list(p, $1, $3); }
;

decl:
  declared                          { $$ = build_decl_value($1, NULL, @$); }
| declared '=' expression           { $$ = build_decl_value($1, $3, @$); }
;

declared:
  comparison                        { $$ = build_decl(p, $1); }
| comparison SYMMETRIC
                                  { $$ = build_decl_is(p, $1, DECL_SYMMETRIC); }
| comparison POSITIVE_DEFINITE
                  { $$ = build_decl_is(p, $1, DECL_SYMMETRIC | DECL_POSITIVE); }
| range IN CLASSES NAME             { $$ = build_decl_classes(p, $1, $4); }
;

minimize:
  direction expression OVER decls
                              { $$ = build_minimize(p, $1, $2, &$4, NULL, @$); }
| direction expression OVER decls SUBJECT_TO expressions
                               { $$ = build_minimize(p, $1, $2, &$4, &$6, @$); }
;

direction:
  MINIMIZE                          { $$ = 0; }
| MAXIMIZE                          { $$ = 1; }
;

lines:
  %empty                            { $$ = (AstList){0}; }
| lines NEWLINE                     { $$ = $1; }
| lines ';'                         { $$ = $1; }
| lines line NEWLINE                { $$ = build_append(p, $1, &$2); }
| lines line ';'                    { $$ = build_append(p, $1, &$2); }
| lines error NEWLINE               { $$ = $1; yyerrok; }
| lines error ';'                   { $$ = $1; yyerrok; }
;

line:
  declares decls
                  { $$ = build_one(p, build_decls(p, AST_DECLS, $1, &$2, @$)); }
| role expression
               { $$ = build_one(p, build_node(p, AST_ROLE, $1, @$, $2, NULL)); }
| role expression SUBJECT_TO expressions
                                    { $$ = build_role(p, $1, $2, &$4, @2, @4); }
| SUBJECT_TO expressions
                               { $$ = build_one(p, build_subject(p, &$2, @$)); }
| expression '=' value
                               { $$ = build_one(p, build_line(p, $1, $3, @$)); }
;

declares:
  DATA                              { $$ = AST_DATA; }
| HYPER                             { $$ = AST_HYPER; }
| PARAM                             { $$ = AST_PARAM; }
;

role:
  PREDICT                           { $$ = AST_PREDICT; }
| PROB                              { $$ = AST_PROB; }
| SCORE                             { $$ = AST_SCORE; }
| LOSS                              { $$ = AST_LOSS; }
| NLL                               { $$ = AST_NLL; }
;

/* ---- expressions ---- */

expressions:
  expression                        { $$ = build_one(p, $1); }
| expressions ',' expression        { $$ = build_list(p, $1, $3); }
;

expression:
  logic
| logic ARROW expression            { $$ = build_lambda_one(p, $1, $3, @$); }
| '(' ')' ARROW expression          { $$ = build_lambda(p, NULL, $4, @$); }
| '(' parameters ')' ARROW expression
                                    { $$ = build_lambda(p, &$2, $5, @$); }
| IF expression THEN expression CHOICE_ELSE expression
                                    { $$ = build_choice(p, $2, $4, $6, @$); }
;

parameters:
  expression ',' expression
                                   { $$ = build_list(p, build_one(p, $1), $3); }
| parameters ',' expression         { $$ = build_list(p, $1, $3); }
;

logic:
  comparison
| logic OR logic                   { $$ = build_binary(p, AST_OR, $1, $3, @$); }
| logic AND logic                 { $$ = build_binary(p, AST_AND, $1, $3, @$); }
| NOT logic                         { $$ = build_unary(p, AST_NOT, $2, @$); }
;

comparison:
  range
| chain
;

chain:
  range relation range              { $$ = build_compare(p, $1, $2, $3, @$); }
| chain relation range              { $$ = build_chain(p, $1, $2, $3, @$); }
;

relation:
  EQ                                { $$ = AST_EQ; }
| NE                                { $$ = AST_NE; }
| '<'                               { $$ = AST_LT; }
| LE                                { $$ = AST_LE; }
| '>'                               { $$ = AST_GT; }
| GE                                { $$ = AST_GE; }
| IN                                { $$ = AST_IN; }
;

range:
  sum
| sum ':' sum
                               { $$ = build_node(p, AST_RANGE, 0, @$, $1, $3); }
| sum ':' sum ':' sum               { $$ = build_range(p, $1, $3, $5, @$); }
;

/* One symbol for sums, products and powers, told apart by precedence: an
 * operand is reduced once and not once a level. */
sum:
  postfix
| sum '+' sum                     { $$ = build_binary(p, AST_ADD, $1, $3, @$); }
| sum '-' sum                     { $$ = build_binary(p, AST_SUB, $1, $3, @$); }
| sum '*' sum                     { $$ = build_binary(p, AST_MUL, $1, $3, @$); }
| sum '/' sum                     { $$ = build_binary(p, AST_DIV, $1, $3, @$); }
| sum '\\' sum                  { $$ = build_binary(p, AST_SOLVE, $1, $3, @$); }
| sum DOTMUL sum               { $$ = build_binary(p, AST_DOTMUL, $1, $3, @$); }
| sum DOTDIV sum               { $$ = build_binary(p, AST_DOTDIV, $1, $3, @$); }
| '-' sum %prec SIGN                { $$ = build_unary(p, AST_NEG, $2, @$); }
| '+' sum %prec SIGN                { $$ = build_unary(p, AST_POS, $2, @$); }
| NUMBER JUXT power
                                   { $$ = build_juxtaposed(p, $1, $3, @1, @$); }
| postfix '^' exponent
                                  { $$ = build_binary(p, AST_POW, $1, $3, @$); }
| postfix DOTPOW exponent
                               { $$ = build_binary(p, AST_DOTPOW, $1, $3, @$); }
;

power:
  postfix
| postfix '^' exponent
                                  { $$ = build_binary(p, AST_POW, $1, $3, @$); }
| postfix DOTPOW exponent
                               { $$ = build_binary(p, AST_DOTPOW, $1, $3, @$); }
;

exponent:
  power
| '-' exponent                      { $$ = build_unary(p, AST_NEG, $2, @$); }
| '+' exponent                      { $$ = build_unary(p, AST_POS, $2, @$); }
;

postfix:
  NUMBER                            { $$ = build_number(p, $1, @$); }
| STRING                            { $$ = build_string(p, $1, @$); }
| TRUE                              { $$ = build_leaf(p, AST_BOOL, 1, @$); }
| FALSE                             { $$ = build_leaf(p, AST_BOOL, 0, @$); }
| NAME                              { $$ = build_name(p, $1, @$); }
| END_INDEX                         { $$ = build_leaf(p, AST_END, 0, @$); }
| '(' expression ')'                { $$ = build_parens($2, @$); }
| '(' minimize ')'                  { $$ = build_parens($2, @$); }
| '(' error ')'                     { $$ = build_hole(p, @$); }
| '[' ']'                           { $$ = build_leaf(p, AST_ARRAY, 0, @$); }
| '[' rows ']'                      { $$ = build_array(p, &$2, false, @$); }
| '[' rows ';' ']'                  { $$ = build_array(p, &$2, true, @$); }
| '[' error ']'                     { $$ = build_hole(p, @$); }
| '{' '}'                           { $$ = build_leaf(p, AST_LIST, 0, @$); }
| '{' argument_list '}'             { $$ = build_braces(p, &$2, @$); }
| '{' error '}'                     { $$ = build_hole(p, @$); }
| postfix '(' arguments ')'         { $$ = build_call(p, $1, &$3, @2, @$); }
| postfix '(' error ')'             { $$ = build_hole(p, @$); }
| postfix '[' indices ']'           { $$ = build_index(p, $1, &$3, @$); }
| postfix '[' error ']'             { $$ = build_hole(p, @$); }
| postfix FIELD                     { $$ = build_field(p, $1, $2, @$); }
| postfix PRIME                     { $$ = build_prime(p, $1, @$); }
;

arguments:
  %empty                            { $$ = (AstList){0}; }
| argument_list                     { $$ = build_options(p, $1, NULL); }
| ';' argument_list
                                   { $$ = build_options(p, (AstList){0}, &$2); }
| argument_list ';' argument_list   { $$ = build_options(p, $1, &$3); }
;

argument_list:
  argument                          { $$ = build_one(p, $1); }
| argument_list ',' argument        { $$ = build_list(p, $1, $3); }
;

argument:
  expression
| expression '=' expression         { $$ = build_named(p, $1, $3, @$); }
;

indices:
  index                             { $$ = build_one(p, $1); }
| indices ',' index                 { $$ = build_list(p, $1, $3); }
;

index:
  expression
| ':'                               { $$ = build_leaf(p, AST_COLON, 0, @$); }
;

rows:
  expressions
                      { $$ = build_one(p, build_kids(p, AST_ROW, 0, &$1, @$)); }
| rows ';' expressions
                 { $$ = build_list(p, $1, build_kids(p, AST_ROW, 0, &$3, @3)); }
;

%%

/* Is the symbol a mark of one character out of a set? */
static bool is_mark(yysymbol_kind_t k, const char *set)
{
    const char *name = yysymbol_name(k);
    return name[0] != '\0' && name[1] == '\0' && strchr(set, name[0]) != NULL;
}

/* Tokens that begin an expression: told together. */
static bool begins_expression(yysymbol_kind_t k)
{
    switch (k) {
    case YYSYMBOL_NUMBER:
    case YYSYMBOL_STRING:
    case YYSYMBOL_NAME:
    case YYSYMBOL_TRUE:
    case YYSYMBOL_FALSE:
    case YYSYMBOL_END_INDEX:
    case YYSYMBOL_NOT:
    case YYSYMBOL_IF:
    case YYSYMBOL_MINIMIZE:
    case YYSYMBOL_MAXIMIZE:
        return true;
    default:
        return is_mark(k, "+-([{");
    }
}

/* Tokens that go on after an operand. */
static bool continues_operand(yysymbol_kind_t k)
{
    switch (k) {
    case YYSYMBOL_DOTMUL:
    case YYSYMBOL_DOTDIV:
    case YYSYMBOL_DOTPOW:
    case YYSYMBOL_EQ:
    case YYSYMBOL_NE:
    case YYSYMBOL_LE:
    case YYSYMBOL_GE:
    case YYSYMBOL_IN:
    case YYSYMBOL_AND:
    case YYSYMBOL_OR:
    case YYSYMBOL_ARROW:
    case YYSYMBOL_JUXT:
    case YYSYMBOL_FIELD:
    case YYSYMBOL_PRIME:
        return true;
    default:
        return is_mark(k, "+-*/\\^<>:([");
    }
}

static bool is_expected(const yysymbol_kind_t *list, int n, yysymbol_kind_t k)
{
    for (int i = 0; i < n; i++)
        if (list[i] == k)
            return true;
    return false;
}

static int yyreport_syntax_error(const yypcontext_t *c, Syntax *p)
{
    yysymbol_kind_t list[YYNTOKENS];
    const char *names[YYNTOKENS];
    int n = yypcontext_expected_tokens(c, list, YYNTOKENS), count = 0;
    bool operand = is_expected(list, n, YYSYMBOL_NUMBER);
    bool operation = is_expected(list, n, YYSYMBOL_DOTMUL);
    if (is_expected(list, n, YYSYMBOL_RULE))
        names[count++] = "a statement", n = 0;
    else if (operand)
        names[count++] = "an expression";
    if (operation)
        names[count++] = "an operator";
    bool ends = is_expected(list, n, YYSYMBOL_NEWLINE);
    bool postfix = is_expected(list, n, YYSYMBOL_FIELD);
    for (int i = 0; i < n; i++)
        if (!(operand && begins_expression(list[i])) &&
            !((operation || postfix) && continues_operand(list[i])) &&
            !(ends && (is_mark(list[i], ";") ||
                       list[i] == YYSYMBOL_YYEOF)))
            names[count++] = yysymbol_name(list[i]);
    build_unexpected(p, *yypcontext_location(c),
                     yysymbol_name(yypcontext_token(c)), names,
                     count);
    return 0;
}

/* The words of the language are the names of its tokens. */
const char *parse_word(size_t i)
{
    static const struct {
        yysymbol_kind_t from, to;
    } runs[] = {{YYSYMBOL_TRUE, YYSYMBOL_FALSE},
                {YYSYMBOL_IN, YYSYMBOL_NOT},
                {YYSYMBOL_IF, YYSYMBOL_ELSE},
                {YYSYMBOL_ELSEIF, YYSYMBOL_POSITIVE_DEFINITE},
                {YYSYMBOL_INCLUDE, YYSYMBOL_OVER},
                {YYSYMBOL_SYMMETRIC, YYSYMBOL_SYMMETRIC},
                {YYSYMBOL_CLASSES, YYSYMBOL_NLL}};
    for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
        size_t n = (size_t)(runs[k].to - runs[k].from) + 1;
        if (i < n)
            return yysymbol_name(runs[k].from + (int)i);
        i -= n;
    }
    return NULL;
}
