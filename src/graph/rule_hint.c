/*
 * rule_hint.c - reading the left sides of rules without parsing them
 */
#include "graph/rule_hint.h"

#include <string.h>

/* A part of a text. */
typedef struct Part {
    const char *at;
    size_t len;
} Part;

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The length of the word that p begins with. */
static size_t word_length(Part p)
{
    size_t n = 0;
    while (n < p.len && (is_letter(p.at[n]) || (n && is_digit(p.at[n]))))
        n++;
    return n;
}

/* Up to the bracket that closes the one before p. */
static Part inside(Part p)
{
    int depth = 0;
    for (size_t i = 0; i < p.len; i++) {
        if (p.at[i] == '(')
            depth++;
        else if (p.at[i] == ')' && depth-- == 0)
            return (Part){p.at, i};
    }
    return p;
}

static Part behind(Part p, size_t n)
{
    return (Part){p.at + n, p.len - n};
}

static Part trimmed(Part p)
{
    while (p.len && p.at[0] == ' ')
        p = behind(p, 1);
    while (p.len && p.at[p.len - 1] == ' ')
        p.len--;
    return p;
}

/* The place of the first of `signs` outside of brackets; p.len if none. */
static size_t find_outside(Part p, const char *signs)
{
    int depth = 0;
    for (size_t i = 0; i < p.len; i++) {
        char c = p.at[i];
        depth += (c == '(') - (c == ')');
        if (depth == 0 && strchr(signs, c))
            return i;
    }
    return p.len;
}

/* The row that this word calls, NULL if there is none. */
static const OpInfo *operator_of(Part word)
{
    for (int i = 0; i < OP_COUNT; i++) {
        const OpInfo *op = &op_table[i];
        if (op->class != CLASS_CORE && !op->rows && op->name[0] == word.at[0] &&
            !strncmp(op->name, word.at, word.len) && op->name[word.len] == '\0')
            return op;
    }
    return NULL;
}

/* The elementwise operator that p is a call of as a whole. */
static OpId called(Part p)
{
    size_t n = word_length(p);
    if (n < 2 || n == p.len || p.at[n] != '(' ||
        inside(behind(p, n + 1)).len + n + 2 != p.len)
        return OP_COUNT;
    const OpInfo *op = operator_of((Part){p.at, n});
    return op && op->class == CLASS_ELEMENTWISE && op->nargs == 1 ? op->id
                                                                  : OP_COUNT;
}

/* Letters stand for anything; longer words are functions and pi. */
static bool has_letter(Part p)
{
    for (size_t i = 0; i < p.len;) {
        size_t n = word_length(behind(p, i));
        if (n == 1)
            return true;
        i += n ? n : 1;
    }
    return false;
}

bool rule_is_of_arrays(const OpRule *row)
{
    Part p = {row->left, strlen(row->left)};
    for (size_t i = 0; i < p.len;) {
        Part word = {p.at + i, word_length(behind(p, i))};
        const OpInfo *op = word.len > 1 ? operator_of(word) : NULL;
        if ((op && op->class == CLASS_ARRAY) ||
            (word.len == 3 && !memcmp(word.at, "sum", 3)))
            return true;
        i += word.len ? word.len : 1;
    }
    return false;
}

static bool is_sum(Part p)
{
    return p.len && find_outside(behind(p, 1), "+-") < p.len - 1;
}

static OpId head_of(Part p)
{
    if (p.len < 2)
        return OP_COUNT;
    if (is_sum(p))
        return OP_SUM;
    if (p.at[0] == '-' || find_outside(p, "*/^") < p.len)
        return OP_MONO;
    return called(p);
}

/* The operators of the terms of a sum. */
static void add_terms(OpSet *y, Part sum)
{
    for (size_t n; sum.len; sum = behind(sum, n)) {
        size_t sign = sum.at[0] == '+' || sum.at[0] == '-';
        n = sign + find_outside(behind(sum, sign), "+-");
        OpId op = called(trimmed((Part){sum.at + sign, n - sign}));
        if (op != OP_COUNT)
            op_set_add(y, op);
    }
}

/* The operators of the factors: `sign(a)*abs(a)`, `(1 + exp(a))^p`. */
static void add_factors(RuleHint *y, Part p)
{
    while (p.len && !is_sum(p)) {
        size_t n = find_outside(p, "*/");
        Part factor = {p.at, n};
        factor.len = find_outside(factor, "^");
        OpId op = called(trimmed(factor));
        Part sum = inside(behind(factor, 1));
        if (op != OP_COUNT) {
            op_set_add(&y->needs, op);
        } else if (factor.at[0] == '(' && is_sum(sum)) {
            op_set_add(&y->needs, OP_SUM);
            add_terms(&y->terms, sum);
        }
        p = behind(p, n < p.len ? n + 1 : n);
    }
}

/* What stands in the brackets of `sin(pi/6)`. */
static Part argument_of(Part left)
{
    return trimmed(inside(behind(left, word_length(left) + 1)));
}

bool rule_is_constant(const OpRule *row)
{
    Part left = {row->left, strlen(row->left)};
    return op_table[row->op].nargs == 1 && row->op != OP_MONO &&
           !has_letter(argument_of(left));
}

RuleHint rule_hint(const OpRule *row)
{
    Part left = {row->left, strlen(row->left)};
    RuleHint y = {.first = OP_COUNT};
    if (row->op == OP_MONO)
        add_factors(&y, left);
    else if (op_table[row->op].nargs == 1)
        y.first = head_of(argument_of(left));
    return y;
}
