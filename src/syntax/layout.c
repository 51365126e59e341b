/*
 * layout.c - raw tokens to the tokens of the grammar
 *
 * One pass from left to right.  It keeps a stack of open brackets; each level
 * knows how many `then` wait for their `else` and whether a `minimize` waits
 * for its `over`.  The rules are those of LANGUAGE.md, section 1.
 */
#include "syntax/scan.h"

#include <string.h>

#include "parser.h"

typedef struct Level {
    int kind; /* bracket; 0: the statement itself */
    uint32_t from;
    bool index; /* `[` after an operand */
    int thens;  /* without their else */
    enum { NO_MINIMIZE, WANT_OVER, HAS_OVER } minimize;
} Level;

typedef struct Layout {
    Syntax *p;
    size_t i;     /* of the raw token after the one at hand */
    size_t solid; /* of the last answer of next_solid */
    VEC(Level) levels;
    int indices; /* open brackets that index */
    int head;    /* kind of the first token of the statement */
    bool model;  /* between `model` and its `end` */
} Layout;

bool token_ends_operand(int kind)
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
    case END:
    case END_INDEX:
    case NAME:
        return true;
    default:
        return kind >= FIRST_WORD && kind <= LAST_WORD;
    }
}

static bool begins_operand(int kind)
{
    switch (kind) {
    case '(':
    case '[':
    case '{':
    case NUMBER:
    case STRING:
    case TRUE:
    case FALSE:
    case NOT:
    case IF:
    case NAME:
        return true;
    default:
        return kind >= FIRST_WORD && kind <= LAST_WORD;
    }
}

static Level *top(Layout *l)
{
    return &l->levels.at[l->levels.count - 1];
}

static const Token *raw(const Layout *l, size_t i)
{
    size_t last = l->p->raw.count - 1;
    return &l->p->raw.at[i < last ? i : last];
}

/* The next raw token that is no newline, from index i on; i only grows. */
static const Token *next_solid(Layout *l, size_t i)
{
    if (i > l->solid)
        l->solid = i;
    while (raw(l, l->solid)->kind == NEWLINE)
        l->solid++;
    return raw(l, l->solid);
}

static int last_kind(const Layout *l)
{
    const Syntax *p = l->p;
    return p->tokens.count > 0 ? p->tokens.at[p->tokens.count - 1].kind
                               : NEWLINE;
}

static bool at_statement(const Layout *l)
{
    if (l->levels.count > 1)
        return false;
    switch (last_kind(l)) {
    case NEWLINE:
    case ';':
    case ELSE:
    case TRY:
        return true;
    default:
        return false;
    }
}

static void emit(Layout *l, Token t, int kind)
{
    if (at_statement(l))
        l->head = kind;
    t.kind = (int16_t)kind;
    VEC_PUSH_IN(l->p->scratch, &l->p->tokens, t);
}

/* Puts a token that is not in the text, before byte `at`. */
static void emit_silent(Layout *l, int kind, uint32_t at)
{
    Token t = {.kind = (int16_t)kind, .from = at, .to = at, .silent = true};
    VEC_PUSH_IN(l->p->scratch, &l->p->tokens, t);
}

static void end_statement(Layout *l)
{
    top(l)->thens = 0;
    top(l)->minimize = NO_MINIMIZE;
}

/* ---- brackets ---- */

static int closer_of(int open)
{
    return open == '(' ? ')' : open == '[' ? ']' : '}';
}

static void pop_level(Layout *l)
{
    l->indices -= top(l)->index;
    l->levels.count--;
}

/* Closes the levels above `count` that the text does not close. */
static void close_silently(Layout *l, size_t count, uint32_t at)
{
    while (l->levels.count > count) {
        emit_silent(l, closer_of(top(l)->kind), at);
        pop_level(l);
    }
}

static void report_unclosed(Layout *l, bool at_end)
{
    const Level *v = top(l);
    if (at_end && l->p->mistakes.count == 0)
        l->p->at_end = true;
    const char *help =
        arena_printf(l->p->scratch, "close it with `%c`", closer_of(v->kind));
    syntax_error(l->p, ERR_UNTERMINATED, v->from, v->from + 1, help,
                 "this `%c` is never closed", v->kind);
}

static void push_level(Layout *l, const Token *t, bool index)
{
    Level v = {.kind = t->kind, .from = t->from, .index = index};
    VEC_PUSH_IN(l->p->scratch, &l->levels, v);
    l->indices += index;
}

static void close_bracket(Layout *l, const Token *t)
{
    size_t match = l->levels.count - 1;
    while (match > 0 && closer_of(l->levels.at[match].kind) != t->kind)
        match--;
    if (match == 0 && l->levels.count > 1) {
        syntax_error(l->p, ERR_SYNTAX, t->from, t->to, NULL,
                     "`%c` cannot close the `%c` that is open", t->kind,
                     top(l)->kind);
        close_silently(l, l->levels.count - 1, t->from);
        return;
    }
    if (match == 0) {
        syntax_error(l->p, ERR_SYNTAX, t->from, t->to, NULL,
                     "`%c` closes nothing", t->kind);
        emit(l, *t, BAD);
        return;
    }
    if (match < l->levels.count - 1) {
        report_unclosed(l, false);
        close_silently(l, match + 1, t->from);
    }
    pop_level(l);
    emit(l, *t, t->kind);
}

/* ---- newlines ---- */

/* Does a line that begins with this token show that brackets were forgotten? */
static bool shows_unclosed(Layout *l, const Token *t)
{
    switch (t->kind) {
    case FOR:
    case WHILE:
    case FUNCTION:
    case MODEL:
    case SYM:
    case RULE:
    case RETURN:
    case BREAK:
    case CONTINUE:
    case TRY:
    case CATCH:
    case ASSERT:
    case ELSEIF:
    case END_OF_FILE:
        return true;
    case END: {
        const Token *next = t + 1;
        while (next->kind == NEWLINE)
            next++;
        return l->indices == 0 ||
               !(next->kind == ']' || next->kind == ',' || next->kind == ')' ||
                 next->kind == '+' || next->kind == '-' || next->kind == ':' ||
                 next->kind == '*' || next->kind == '/');
    }
    default:
        return (top(l)->kind == '(' || top(l)->index) &&
               token_ends_operand(last_kind(l)) && begins_operand(t->kind) &&
               t->kind != '(' && t->kind != '[';
    }
}

/* After these a line goes on. */
static bool needs_more(int kind)
{
    switch (kind) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '\\':
    case '^':
    case DOTMUL:
    case DOTDIV:
    case DOTPOW:
    case '=':
    case ADD_SET:
    case SUB_SET:
    case MUL_SET:
    case DIV_SET:
    case EQ:
    case NE:
    case '<':
    case LE:
    case '>':
    case GE:
    case IN:
    case AND:
    case OR:
    case NOT:
    case ARROW:
    case ':':
    case ',':
    case THEN:
    case OVER:
    case SUBJECT_TO:
    case CHOICE_ELSE:
        return true;
    default:
        return false;
    }
}

/* Does the next line, which begins with n, belong to this one? */
static bool goes_on(Layout *l, const Token *n)
{
    const Level *v = top(l);
    switch (n->kind) {
    case OVER:
        return v->minimize == WANT_OVER;
    case SUBJECT:
        return n[1].kind == TO && v->minimize == HAS_OVER;
    case ELSE:
        return v->thens > 0;
    case END_OF_FILE:
        return v->minimize == WANT_OVER || v->thens > 0;
    default:
        return false;
    }
}

static uint32_t indent_of(const Syntax *p, uint32_t at)
{
    uint32_t line = at, column = 0;
    while (line > 0 && p->text[line - 1] != '\n' && p->text[line - 1] != '\r')
        line--;
    for (; line < p->len; line++)
        if (p->text[line] == ' ')
            column++;
        else if (p->text[line] == '\t')
            column += 8 - column % 8;
        else
            break;
    return column;
}

static bool is_block_head(int kind)
{
    switch (kind) {
    case IF:
    case ELSE:
    case ELSEIF:
    case FOR:
    case WHILE:
    case FUNCTION:
    case TRY:
    case CATCH:
    case MODEL:
        return true;
    default:
        return false;
    }
}

/*
 * A line that begins with a sign and is indented more than the one before was
 * most likely meant to go on, but a sign also begins an expression: neither
 * reading is safe.
 */
static bool is_doubtful(Layout *l, const Token *n)
{
    const Syntax *p = l->p;
    if (p->interactive || (n->kind != '+' && n->kind != '-') ||
        is_block_head(l->head) || p->tokens.count == 0)
        return false;
    uint32_t before = p->tokens.at[p->tokens.count - 1].from;
    return indent_of(p, n->from) > indent_of(p, before);
}

/* `while x:` of Python: elsewhere a range goes on after its `:`. */
static bool ends_head(Layout *l)
{
    const Syntax *p = l->p;
    if (l->levels.count > 1 || last_kind(l) != ':' || !is_block_head(l->head))
        return false;
    const Token *colon = &p->tokens.at[p->tokens.count - 1];
    syntax_fix(l->p, ERR_FOREIGN, colon->from, colon->to, "",
               "the head of a block ends with its line, not with `:`");
    return true;
}

static void take_newline(Layout *l, const Token *t)
{
    const Token *n = next_solid(l, l->i);
    int last = ends_head(l) ? BAD : last_kind(l);
    if (l->levels.count > 1) {
        if (!shows_unclosed(l, n))
            return;
        report_unclosed(l, n->kind == END_OF_FILE);
        close_silently(l, 1, t->from);
    } else if (last == NEWLINE || last == ';' || needs_more(last) ||
               goes_on(l, n)) {
        return;
    }
    if (is_doubtful(l, n)) {
        const char *help = arena_printf(
            l->p->scratch,
            "end the line above with `%c`, or put the whole in parentheses",
            n->kind);
        syntax_error(l->p, ERR_SYNTAX, n->from, n->to, help,
                     "does this line go on the one above? it begins with `%c` "
                     "and is indented more",
                     n->kind);
        return;
    }
    emit(l, *t, NEWLINE);
    end_statement(l);
}

/* ---- operands side by side ---- */

/*
 * In an array or a list, a blank between operands was meant as a separator.
 * `[1 -2]` could be either and is read as neither.
 */
static void check_separator(Layout *l, const Token *t)
{
    const Level *v = top(l);
    Syntax *p = l->p;
    if ((v->kind != '[' && v->kind != '{') || v->index ||
        !token_ends_operand(last_kind(l)))
        return;
    const Token *before = &p->tokens.at[p->tokens.count - 1];
    bool newline = raw(l, l->i - 2)->kind == NEWLINE;
    if (!t->blank && !newline)
        return;
    bool sign = t->kind == '+' || t->kind == '-';
    const Token *next = raw(l, l->i);
    if (sign ? next->blank || !begins_operand(next->kind)
             : !begins_operand(t->kind))
        return;
    int mark = newline && v->kind == '[' ? ';' : ',';
    uint32_t to = newline ? before->to : t->from;
    syntax_fix(p, ERR_SYNTAX, before->to, to, mark == ';' ? ";" : ", ",
               newline ? "a new line does not separate %s"
               : sign ? "a blank does not separate %s, nor is this a difference"
                      : "a blank does not separate %s",
               mark == ';' ? "rows" : "entries");
    emit_silent(l, mark, t->from);
}

/* `2x` multiplies; `2^3x` and `x^2y` could be read in two ways. */
static void check_juxtaposition(Layout *l, const Token *t)
{
    Syntax *p = l->p;
    size_t n = p->tokens.count;
    if (n == 0 || p->tokens.at[n - 1].kind != NUMBER || t->blank ||
        p->tokens.at[n - 1].to != t->from)
        return;
    const Token *number = &p->tokens.at[n - 1];
    size_t k = n - 1;
    while (k > 0 &&
           (p->tokens.at[k - 1].kind == '-' || p->tokens.at[k - 1].kind == '+'))
        k--;
    if (k == 0 || (p->tokens.at[k - 1].kind != '^' &&
                   p->tokens.at[k - 1].kind != DOTPOW)) {
        emit_silent(l, JUXT, t->from);
        return;
    }
    syntax_fix(p, ERR_SYNTAX, number->from, t->to,
               arena_printf(p->scratch, "%.*s*%.*s",
                            (int)(number->to - number->from),
                            p->text + number->from, (int)(t->to - t->from),
                            p->text + t->from),
               "a number in an exponent does not multiply what follows");
    emit_silent(l, '*', t->from);
}

/* `x++` and `x--` at the end of a statement. */
static bool take_increment(Layout *l, const Token *t)
{
    const Token *second = raw(l, l->i), *after = raw(l, l->i + 1);
    if (second->kind != t->kind || second->blank || second->from != t->to ||
        !token_ends_operand(last_kind(l)))
        return false;
    if (after->kind != NEWLINE && after->kind != ';' && after->kind != ')')
        return false;
    syntax_fix(l->p, ERR_FOREIGN, t->from, second->to,
               t->kind == '+' ? " += 1" : " -= 1", "`%c%c` is no operator",
               t->kind, t->kind);
    l->i++;
    return true;
}

/* ---- words ---- */

static bool is_word(int kind)
{
    return kind == NAME || (kind >= FIRST_WORD && kind <= LAST_WORD);
}

/* The kind that a word has at this place; NAME where it is not special. */
static int word_kind(Layout *l, const Token *t)
{
    const Syntax *p = l->p;
    int last = last_kind(l), next = raw(l, l->i)->kind;
    bool after_name = last == NAME || last == ']' || last == ')';
    switch (t->kind) {
    case INCLUDE:
    case USE:
        return next == STRING && at_statement(l) ? t->kind : NAME;
    case AS:
        return last == STRING && p->tokens.count > 1 &&
                       p->tokens.at[p->tokens.count - 2].kind == USE
                   ? AS
                   : NAME;
    case OVER:
        return top(l)->minimize == WANT_OVER && token_ends_operand(last) ? OVER
                                                                         : NAME;
    case SUBJECT:
        return next == TO ? SUBJECT_TO : NAME;
    case SYMMETRIC:
        return after_name ? SYMMETRIC : NAME;
    case POSITIVE:
        return after_name && next == DEFINITE ? POSITIVE_DEFINITE : NAME;
    case CLASSES:
        return last == IN && is_word(next) ? CLASSES : NAME;
    case DATA:
    case HYPER:
    case PARAM:
    case PREDICT:
    case PROB:
    case SCORE:
    case LOSS:
    case NLL:
        return l->model && at_statement(l) ? t->kind : NAME;
    default:
        return NAME;
    }
}

static void take_word(Layout *l, const Token *t)
{
    check_separator(l, t);
    check_juxtaposition(l, t);
    Token word = *t;
    int kind = word_kind(l, t);
    const Token *next = raw(l, l->i);
    bool role = kind >= FIRST_ROLE && kind <= LAST_ROLE;
    if (kind == SUBJECT_TO || kind == POSITIVE_DEFINITE) {
        word.to = next->to;
        l->i++;
    } else if (kind == OVER) {
        top(l)->minimize = HAS_OVER;
    }
    emit(l, word, kind);
    if (role && next->kind == '=') {
        syntax_fix(l->p, ERR_SYNTAX, t->to, next->to, "",
                   "a `%s` line has no `=`", t->name);
        l->i++;
    }
}

static void take_else(Layout *l, const Token *t)
{
    if (top(l)->thens > 0) {
        top(l)->thens--;
        emit(l, *t, CHOICE_ELSE);
        return;
    }
    const Token *next = raw(l, l->i);
    if (l->levels.count == 1 && next->kind == IF) {
        syntax_fix(l->p, ERR_FOREIGN, t->from, next->to, "elseif",
                   "a second condition is not written `else if`");
        l->i++;
        emit(l, *t, ELSEIF);
        return;
    }
    emit(l, *t, ELSE);
}

static void take_end(Layout *l, const Token *t)
{
    if (l->levels.count == 1) {
        l->model = false;
        emit(l, *t, END);
        return;
    }
    if (l->indices == 0)
        syntax_error(l->p, ERR_SYNTAX, t->from, t->to, NULL,
                     "`end` in brackets is the last index, but nothing is "
                     "indexed here");
    emit(l, *t, END_INDEX);
}

static void take_open(Layout *l, const Token *t)
{
    check_separator(l, t);
    if (t->kind == '(')
        check_juxtaposition(l, t);
    bool index = t->kind == '[' && token_ends_operand(last_kind(l));
    emit(l, *t, t->kind);
    push_level(l, t, index);
}

static void take(Layout *l, const Token *t)
{
    switch (t->kind) {
    case NEWLINE:
        take_newline(l, t);
        return;
    case '(':
    case '[':
    case '{':
        take_open(l, t);
        return;
    case ')':
    case ']':
    case '}':
        close_bracket(l, t);
        return;
    case END:
        take_end(l, t);
        return;
    case ELSE:
        take_else(l, t);
        return;
    case '+':
    case '-':
        if (take_increment(l, t))
            return;
        check_separator(l, t);
        break;
    case ';':
        emit(l, *t, ';');
        if (l->levels.count == 1)
            end_statement(l);
        return;
    case THEN:
        top(l)->thens++;
        break;
    case MINIMIZE:
    case MAXIMIZE:
        top(l)->minimize = WANT_OVER;
        break;
    case MODEL:
        l->model |= at_statement(l);
        break;
    default:
        if (is_word(t->kind)) {
            take_word(l, t);
            return;
        }
        if (begins_operand(t->kind))
            check_separator(l, t);
    }
    emit(l, *t, t->kind);
}

void layout_tokens(Syntax *p)
{
    Layout l = {.p = p, .head = NEWLINE};
    Level base = {0};
    p->tokens.room = p->raw.count + p->raw.count / 4 + 16;
    p->tokens.at = ARENA_ARRAY(p->scratch, Token, p->tokens.room);
    VEC_PUSH_IN(p->scratch, &l.levels, base);
    while (l.i < p->raw.count) {
        const Token *t = raw(&l, l.i++);
        take(&l, t);
        if ((l.i & 0xffff) == 0)
            POLL();
    }
}
