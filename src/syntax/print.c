/*
 * print.c - a syntax tree back to source text
 *
 * Works off a stack of tasks, each a node to print or a text to append, so
 * that a deep tree needs no C stack.  A node is printed in parentheses when
 * it binds less than its place asks for.
 */
#include "syntax/print.h"

#include <stdio.h>
#include <string.h>

#include "base/vec.h"

/* How tightly an expression binds, loosest first. */
typedef enum Bind {
    BIND_MINIMIZE, /* only between parentheses or after `=` */
    BIND_LAMBDA,
    BIND_OR,
    BIND_AND,
    BIND_NOT,
    BIND_COMPARE,
    BIND_RANGE,
    BIND_SUM,
    BIND_PRODUCT,
    BIND_FACTOR, /* signs, and numbers that multiply */
    BIND_POWER,
    BIND_POSTFIX,
    BIND_PRIMARY,
    BIND_PARENS, /* asks for parentheses always */
} Bind;

typedef struct Task {
    const Ast *node; /* NULL: append the text */
    const char *text;
    Bind least;
} Task;

typedef struct Printer {
    Str *out;
    Arena *scratch;
    VEC(Task) tasks;
} Printer;

static void print_decl(Printer *p, const Decl *d);

static Bind bind_of_binary(int op)
{
    switch (op) {
    case AST_OR:
        return BIND_OR;
    case AST_AND:
        return BIND_AND;
    case AST_ADD:
    case AST_SUB:
        return BIND_SUM;
    case AST_POW:
    case AST_DOTPOW:
        return BIND_POWER;
    default:
        return BIND_PRODUCT;
    }
}

static Bind bind_of(const Ast *t)
{
    switch (t->kind) {
    case AST_MINIMIZE:
        return BIND_MINIMIZE;
    case AST_LAMBDA:
    case AST_CHOICE:
        return BIND_LAMBDA;
    case AST_UNARY:
        return t->op == AST_NOT ? BIND_NOT : BIND_FACTOR;
    case AST_BINARY:
        return t->flags & AST_JUXT ? BIND_FACTOR : bind_of_binary(t->op);
    case AST_COMPARE:
        return BIND_COMPARE;
    case AST_RANGE:
        return BIND_RANGE;
    case AST_CALL:
    case AST_INDEX:
    case AST_FIELD:
    case AST_PRIME:
        return BIND_POSTFIX;
    default:
        return BIND_PRIMARY;
    }
}

/*
 * Tasks are pushed in the order of the text by these two, onto the part of
 * the stack above `base`; do_task then turns that part round.
 */
static void put_text(Printer *p, const char *text)
{
    Task t = {.text = text};
    VEC_PUSH_IN(p->scratch, &p->tasks, t);
}

static void put_node(Printer *p, const Ast *node, Bind least)
{
    Task t = {.node = node, .least = least};
    VEC_PUSH_IN(p->scratch, &p->tasks, t);
}

static void put_all(Printer *p, Ast *const *kids, uint32_t n,
                    const char *between)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            put_text(p, between);
        put_node(p, kids[i], BIND_LAMBDA);
    }
}

static void print_string(Str *out, const char *text, size_t len)
{
    str_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n')
            str_add(out, "\\n");
        else if (c == '\t')
            str_add(out, "\\t");
        else if (c == '"' || c == '\\')
            str_add_format(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            str_add_format(out, "\\u{%x}", c);
        else
            str_add_char(out, (char)c);
    }
    str_add_char(out, '"');
}

/* ---- one function for each group of kinds ---- */

/*
 * Can t follow a number directly?  It must begin with a name, and not with
 * one that would be read as the exponent or the digits of the number.
 */
static bool follows_number(const char *number, const Ast *t)
{
    while (t->kind != AST_NAME) {
        Bind bind = bind_of(t);
        bool power = t->kind == AST_BINARY && bind == BIND_POWER;
        if (!power && bind != BIND_POSTFIX)
            return false;
        t = t->kids[0];
    }
    const char *name = t->name;
    bool zero = number[0] == '0' && strchr("xX", number[1]) != NULL;
    if (zero && (number[1] != '\0' || strchr("xX", name[0]) != NULL))
        return false;
    bool exponent = strchr("eE", name[0]) != NULL &&
                    !((name[1] | 0x20) >= 'a' && (name[1] | 0x20) <= 'z');
    return name[0] != '_' && !exponent;
}

static void print_juxtaposed(Printer *p, const Ast *t)
{
    const Ast *number = t->kids[0], *b = t->kids[1];
    put_node(p, number, BIND_PRIMARY);
    put_node(p, b, follows_number(number->text, b) ? BIND_POWER : BIND_PARENS);
}

static void print_exponent(Printer *p, const Ast *t)
{
    for (; t->kind == AST_UNARY && t->op != AST_NOT; t = t->kids[0])
        put_text(p, ast_op_text((AstOp)t->op));
    put_node(p, t, BIND_POWER);
}

static void print_binary(Printer *p, const Ast *t)
{
    const Ast *a = t->kids[0], *b = t->kids[1];
    if (t->flags & AST_JUXT) {
        print_juxtaposed(p, t);
        return;
    }
    Bind bind = bind_of_binary(t->op);
    bool tight = bind == BIND_PRODUCT || bind == BIND_POWER;
    put_node(p, a, bind == BIND_POWER ? BIND_POSTFIX : bind);
    put_text(p, tight ? "" : " ");
    put_text(p, ast_op_text((AstOp)t->op));
    put_text(p, tight ? "" : " ");
    bool below = t->op == AST_DIV || t->op == AST_DOTDIV || t->op == AST_SOLVE;
    if (bind == BIND_POWER)
        print_exponent(p, b);
    else if (below && (b->flags & AST_JUXT))
        put_node(p, b, BIND_PARENS);
    else
        put_node(p, b, (Bind)(bind + 1));
}

static void print_compare(Printer *p, const Ast *t)
{
    put_node(p, t->kids[0], BIND_RANGE);
    for (uint32_t i = 1; i < t->count; i++) {
        put_text(p, " ");
        put_text(p, ast_op_text((AstOp)t->ops[i - 1]));
        put_text(p, " ");
        put_node(p, t->kids[i], BIND_RANGE);
    }
}

static void print_unary(Printer *p, const Ast *t)
{
    if (t->op == AST_NOT) {
        put_text(p, "not ");
        put_node(p, t->kids[0], BIND_NOT);
        return;
    }
    put_text(p, ast_op_text((AstOp)t->op));
    put_node(p, t->kids[0], BIND_FACTOR);
}

static void print_arguments(Printer *p, const Ast *t)
{
    for (uint32_t i = 1; i < t->count; i++) {
        if (i > 1 || t->op == 0)
            put_text(p, (uint32_t)t->op == i - 1 ? "; " : ", ");
        put_node(p, t->kids[i], BIND_LAMBDA);
    }
}

static void print_postfix(Printer *p, const Ast *t)
{
    const Ast *a = t->kids[0];
    bool parens =
        a->kind == AST_NUMBER || (a->kind == AST_PRIME && t->kind == AST_PRIME);
    put_node(p, a, parens ? BIND_PARENS : BIND_POSTFIX);
    switch (t->kind) {
    case AST_CALL:
        put_text(p, "(");
        print_arguments(p, t);
        put_text(p, ")");
        break;
    case AST_INDEX:
        put_text(p, "[");
        put_all(p, t->kids + 1, t->count - 1, ",");
        put_text(p, "]");
        break;
    case AST_FIELD:
        put_text(p, ".");
        put_text(p, t->name);
        break;
    default:
        for (int i = 0; i < t->op; i++)
            put_text(p, "'");
    }
}

static void print_array(Printer *p, const Ast *t)
{
    put_text(p, "[");
    for (uint32_t i = 0; i < t->count; i++) {
        if (i > 0)
            put_text(p, "; ");
        put_all(p, t->kids[i]->kids, t->kids[i]->count, ", ");
    }
    put_text(p, t->count == 1 && (t->flags & AST_ROWS) ? ";]" : "]");
}

static void print_params(Printer *p, const Ast *t)
{
    for (uint32_t i = 0; i < t->ndecls; i++) {
        bool first_option =
            t->decls[i].option && (i == 0 || !t->decls[i - 1].option);
        if (first_option)
            put_text(p, "; ");
        else if (i > 0)
            put_text(p, ", ");
        print_decl(p, &t->decls[i]);
    }
}

static void print_lambda(Printer *p, const Ast *t)
{
    bool bare = t->ndecls == 1;
    put_text(p, bare ? "" : "(");
    print_params(p, t);
    put_text(p, bare ? " -> " : ") -> ");
    put_node(p, t->kids[0], BIND_LAMBDA);
}

static void print_decls(Printer *p, const Ast *t)
{
    for (uint32_t i = 0; i < t->ndecls; i++) {
        if (i > 0)
            put_text(p, ", ");
        print_decl(p, &t->decls[i]);
    }
}

static void print_minimize(Printer *p, const Ast *t)
{
    put_text(p, t->op == 0 ? "minimize " : "maximize ");
    put_node(p, t->kids[0], BIND_LAMBDA);
    put_text(p, " over ");
    print_decls(p, t);
    if (t->count > 1)
        put_text(p, " subject to ");
    put_all(p, t->kids + 1, t->count - 1, ", ");
}

static void print_choice(Printer *p, const Ast *t)
{
    static const char *const words[] = {"if ", " then ", " else "};
    for (uint32_t i = 0; i < 3; i++) {
        put_text(p, words[i]);
        put_node(p, t->kids[i], BIND_LAMBDA);
    }
}

/* ---- declarations ---- */

static void print_bound(Printer *p, const Ast *bound, const char *op)
{
    put_text(p, op);
    put_node(p, bound, BIND_RANGE);
}

static void print_decl(Printer *p, const Decl *d)
{
    if (d->lower != NULL && d->upper != NULL) {
        put_node(p, d->lower, BIND_RANGE);
        put_text(p, d->lower_open ? " < " : " <= ");
    }
    put_text(p, d->name);
    if (d->ndims > 0) {
        put_text(p, "[");
        put_all(p, d->dims, d->ndims, ",");
        put_text(p, "]");
    }
    if (d->function) {
        put_text(p, "(");
        for (uint32_t i = 0; i < d->nargs; i++) {
            if (i > 0)
                put_text(p, ", ");
            print_decl(p, &d->args[i]);
        }
        put_text(p, ")");
    }
    if (d->is != 0)
        put_text(p,
                 d->is & DECL_POSITIVE ? " positive definite" : " symmetric");
    if (d->upper != NULL)
        print_bound(p, d->upper, d->upper_open ? " < " : " <= ");
    else if (d->lower != NULL)
        print_bound(p, d->lower, d->lower_open ? " > " : " >= ");
    if (d->set != NULL)
        print_bound(p, d->set, " in ");
    if (d->classes != NULL) {
        put_text(p, " in classes ");
        put_text(p, d->classes);
    }
    if (d->value != NULL) {
        put_text(p, " = ");
        put_node(p, d->value, BIND_LAMBDA);
    }
}

/* ---- the loop ---- */

static void print_leaf(Printer *p, const Ast *t)
{
    switch (t->kind) {
    case AST_NUMBER:
        str_add_len(p->out, t->text, t->len);
        break;
    case AST_STRING:
        print_string(p->out, t->text, t->len);
        break;
    case AST_BOOL:
        str_add(p->out, t->op ? "true" : "false");
        break;
    case AST_END:
        str_add(p->out, "end");
        break;
    case AST_COLON:
        str_add(p->out, ":");
        break;
    default:
        str_add(p->out, t->name != NULL ? t->name : "?");
    }
}

static void print_node(Printer *p, const Ast *t)
{
    switch (t->kind) {
    case AST_UNARY:
        print_unary(p, t);
        break;
    case AST_BINARY:
        print_binary(p, t);
        break;
    case AST_COMPARE:
        print_compare(p, t);
        break;
    case AST_RANGE:
        for (uint32_t i = 0; i < t->count; i++) {
            put_text(p, i > 0 ? ":" : "");
            put_node(p, t->kids[i], BIND_SUM);
        }
        break;
    case AST_CALL:
    case AST_INDEX:
    case AST_FIELD:
    case AST_PRIME:
        print_postfix(p, t);
        break;
    case AST_NAMED:
        put_text(p, t->name);
        put_text(p, " = ");
        put_node(p, t->kids[0], BIND_LAMBDA);
        break;
    case AST_ARRAY:
        print_array(p, t);
        break;
    case AST_ROW:
        put_all(p, t->kids, t->count, ", ");
        break;
    case AST_LIST:
    case AST_RECORD:
        put_text(p, "{");
        put_all(p, t->kids, t->count, ", ");
        put_text(p, "}");
        break;
    case AST_LAMBDA:
        print_lambda(p, t);
        break;
    case AST_CHOICE:
        print_choice(p, t);
        break;
    case AST_MINIMIZE:
        print_minimize(p, t);
        break;
    default:
        print_leaf(p, t);
    }
}

/* Takes the last task; what it puts is turned round, to be taken in order. */
static void do_task(Printer *p)
{
    Task t = p->tasks.at[--p->tasks.count];
    if (t.node == NULL) {
        str_add(p->out, t.text);
        return;
    }
    size_t base = p->tasks.count;
    bool parens = bind_of(t.node) < t.least;
    if (parens)
        str_add_char(p->out, '(');
    print_node(p, t.node);
    if (parens)
        put_text(p, ")");
    for (size_t i = base, k = p->tasks.count; i + 1 < k;) {
        Task swap = p->tasks.at[i];
        p->tasks.at[i++] = p->tasks.at[--k];
        p->tasks.at[k] = swap;
    }
}

static void run_tasks(Printer *p)
{
    for (size_t i = 0, k = p->tasks.count; i + 1 < k;) {
        Task swap = p->tasks.at[i];
        p->tasks.at[i++] = p->tasks.at[--k];
        p->tasks.at[k] = swap;
    }
    while (p->tasks.count > 0)
        do_task(p);
}

/* Runs put(p, what) and its tasks with an arena of their own. */
static void print_with(Str *out, void (*put)(Printer *, const void *),
                       const void *what)
{
    Printer p = {.out = out, .scratch = arena_local()};
    put(&p, what);
    run_tasks(&p);
    arena_free(p.scratch);
}

static void put_expression(Printer *p, const void *t)
{
    put_node(p, t, BIND_MINIMIZE);
}

static void put_operand(Printer *p, const void *t)
{
    put_node(p, t, BIND_LAMBDA);
}

static void put_decl(Printer *p, const void *d)
{
    print_decl(p, d);
}

static void put_params(Printer *p, const void *t)
{
    print_params(p, t);
}

static void put_decls(Printer *p, const void *t)
{
    print_decls(p, t);
}

void ast_print(Str *out, const Ast *t)
{
    print_with(out, put_expression, t);
}

void ast_print_decl(Str *out, const Decl *d)
{
    print_with(out, put_decl, d);
}

const char *ast_text(Arena *a, const Ast *t)
{
    Str s = str_in(a);
    ast_print(&s, t);
    return str_text(&s);
}

/* ---- statements ---- */

static void begin_line(Str *out, int indent)
{
    for (int i = 0; i < 2 * indent; i++)
        str_add_char(out, ' ');
}

static void print_list(Str *out, Ast *const *kids, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            str_add(out, ", ");
        print_with(out, put_operand, kids[i]);
    }
}

/* `word` expression newline, then a block one level deeper. */
static void print_head(Str *out, const char *word, const Ast *e,
                       const Ast *block, int indent)
{
    str_add(out, word);
    if (e != NULL)
        print_with(out, put_operand, e);
    str_add_char(out, '\n');
    ast_print_statement(out, block, indent + 1);
    begin_line(out, indent);
}

static void print_if(Str *out, const Ast *t, int indent)
{
    uint32_t i = 0;
    for (; i + 1 < t->count; i += 2)
        print_head(out, i == 0 ? "if " : "elseif ", t->kids[i], t->kids[i + 1],
                   indent);
    if (i < t->count)
        print_head(out, "else", NULL, t->kids[i], indent);
    str_add(out, "end");
}

static void print_doc(Str *out, const char *doc, int indent)
{
    while (doc != NULL) {
        const char *line = strchr(doc, '\n');
        size_t n = line != NULL ? (size_t)(line - doc) : strlen(doc);
        str_add(out, n > 0 ? "## " : "##");
        str_add_len(out, doc, n);
        str_add_char(out, '\n');
        begin_line(out, indent);
        doc = line != NULL ? line + 1 : NULL;
    }
}

static void print_function(Str *out, const Ast *t, int indent)
{
    print_doc(out, t->text, indent);
    str_add_format(out, "%s%s(", t->flags & AST_LONG ? "function " : "",
                   t->name);
    print_with(out, put_params, t);
    if (t->flags & AST_LONG) {
        print_head(out, ")", NULL, t->kids[0], indent);
        str_add(out, "end");
    } else {
        str_add(out, ") = ");
        ast_print(out, t->kids[0]);
    }
}

static void print_model(Str *out, const Ast *t, int indent)
{
    print_doc(out, t->text, indent);
    str_add_format(out, "model %s\n", t->name);
    for (uint32_t i = 0; i < t->count; i++)
        ast_print_statement(out, t->kids[i], indent + 1);
    begin_line(out, indent);
    str_add(out, "end");
}

static void print_assign(Str *out, const Ast *t)
{
    ast_print(out, t->kids[0]);
    str_add_format(out, " %s%s ",
                   t->op == AST_SET ? "" : ast_op_text((AstOp)t->op), "=");
    ast_print(out, t->kids[1]);
}

static void print_block_statement(Str *out, const Ast *t, int indent)
{
    switch (t->kind) {
    case AST_IF:
        print_if(out, t, indent);
        break;
    case AST_FOR:
        str_add_format(out, "for %s%s", t->name, t->op == 0 ? " = " : " in ");
        print_head(out, "", t->kids[0], t->kids[1], indent);
        str_add(out, "end");
        break;
    case AST_WHILE:
        print_head(out, "while ", t->kids[0], t->kids[1], indent);
        str_add(out, "end");
        break;
    case AST_TRY:
        print_head(out, "try", NULL, t->kids[0], indent);
        str_add_format(out, "catch%s%s", t->name != NULL ? " " : "",
                       t->name != NULL ? t->name : "");
        print_head(out, "", NULL, t->kids[1], indent);
        str_add(out, "end");
        break;
    case AST_FUNCTION:
        print_function(out, t, indent);
        break;
    default:
        print_model(out, t, indent);
    }
}

static void print_simple(Str *out, const Ast *t)
{
    switch (t->kind) {
    case AST_SHOW:
        print_list(out, t->kids, t->count);
        if (t->flags & AST_QUIET)
            str_add_char(out, ';');
        break;
    case AST_ASSIGN:
        print_assign(out, t);
        break;
    case AST_UNPACK:
        print_list(out, t->kids, t->count - 1);
        str_add(out, " = ");
        ast_print(out, t->kids[t->count - 1]);
        break;
    case AST_SYM:
    case AST_DECLS:
        str_add_format(out, "%s ",
                       t->kind == AST_SYM ? "sym"
                                          : ast_role_text((AstRole)t->op));
        print_with(out, put_decls, t);
        break;
    case AST_RULE:
        str_add(out, "rule ");
        print_list(out, t->kids, 1);
        str_add(out, " = ");
        print_list(out, t->kids + 1, 1);
        break;
    case AST_ROLE:
        str_add_format(out, "%s ", ast_role_text((AstRole)t->op));
        print_list(out, t->kids, 1);
        break;
    case AST_RETURN:
    case AST_ASSERT:
    case AST_SUBJECT:
    case AST_BREAK:
    case AST_CONTINUE:
        str_add(out, ast_kind_name(t->kind));
        str_add(out, t->count > 0 ? " " : "");
        print_list(out, t->kids, t->count);
        break;
    case AST_HELP:
        str_add_char(out, '?');
        str_add_len(out, t->text, t->len);
        break;
    case AST_INCLUDE:
    case AST_USE:
        str_add_format(out, "%s ", ast_kind_name(t->kind));
        print_string(out, t->text, t->len);
        if (t->name != NULL)
            str_add_format(out, " as %s", t->name);
        break;
    default:
        ast_print(out, t);
    }
}

void ast_print_statement(Str *out, const Ast *t, int indent)
{
    depth_check();
    if (t->kind == AST_BLOCK) {
        for (uint32_t i = 0; i < t->count; i++)
            ast_print_statement(out, t->kids[i], indent);
        return;
    }
    begin_line(out, indent);
    switch (t->kind) {
    case AST_IF:
    case AST_FOR:
    case AST_WHILE:
    case AST_TRY:
    case AST_FUNCTION:
    case AST_MODEL:
        print_block_statement(out, t, indent);
        break;
    default:
        print_simple(out, t);
    }
    str_add_char(out, '\n');
}
