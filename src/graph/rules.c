/*
 * rules.c - the tables of rewrite rules
 */
#include "graph/rules.h"

#include <assert.h>
#include <string.h>

#include "graph/front.h"
#include "graph/match.h"
#include "graph/rule_hint.h"
#include "graph/walk.h"
#include "graph/quick.h"

/* Forms of the letters that a text is built for. */
typedef enum Form {
    FORM_NUMBER,
    FORM_COLUMN,
    FORM_MATRIX,
    FORM_SQUARE,
    FORM_COUNT
} Form;

typedef struct Rule {
    const OpRule *row; /* NULL: of the user */
    bool built;        /* the row was read; all below is known */
    bool constant;     /* hints: see rule_hint.h */
    bool hinted;
    RuleHint hint;
    Node left;              /* NODE_NONE: makes no sense in this form */
    Node right;             /* of the user; NODE_NONE: the text */
    bool read;              /* both trees below are known */
    const Ast *text, *when; /* when: NULL if it always holds */
    Match match;            /* letters, nothing bound */
    OpSet needs;            /* operators that its head's bases have */
    OpId first;             /* of the first argument; OP_COUNT: any */
    OpSet inner;            /* the bases of the first argument, if a product */
    bool minus;             /* its argument is -a, a letter */
    struct Rule *next;
} Rule;

/* Letters of the texts, scalar ones last: p takes the number of p*a. */
static const char *const letter_names[] = {"a", "b", "c", "p", "q"};
enum { LETTERS = 5, ARRAY_LETTERS = 3 };

struct Rules {
    Arena *arena;
    Rule *table[OP_COUNT][FORM_COUNT];
    bool listed[OP_COUNT][FORM_COUNT];
    Rule *user[OP_COUNT];
    int users;
    int off; /* > 0: nothing is rewritten */
};

static Rules *rules_of(Graph *g)
{
    if (!g->rules) {
        Arena *a = arena_local();
        Rules *r = ARENA_NEW(a, Rules);
        r->arena = a;
        arena_keep(a);
        g->rules = r;
    }
    return g->rules;
}

void rules_free(Graph *g)
{
    if (!g->rules)
        return;
    arena_free(g->rules->arena);
    g->rules = NULL;
}

void rules_switch(Graph *g, int change)
{
    rules_of(g)->off += change;
}

int rules_count(const Graph *g)
{
    return g->rules ? g->rules->users : 0;
}

/* ---- making patterns ---- */

/* The operators among the bases of a product. */
static OpSet base_operators(const Graph *g, Node n)
{
    OpSet y = {{0, 0}};
    OpId op = op_of(g, n);
    if (op != OP_MONO && op != OP_HAD)
        return y;
    for (uint32_t i = op == OP_MONO ? 2 : 0; i < g->row[n].nargs; i += 2)
        if (op_of(g, arg_of(g, n, i)) != OP_SYM)
            op_set_add(&y, op_of(g, arg_of(g, n, i)));
    return y;
}

static Shape shape_of_form(Graph *g, Form form, Node dim[2])
{
    dim[0] = node_symbol(g, name_of(".m"), SHAPE_SCALAR,
                         SYM_DIMENSION | SYM_PLACEHOLDER);
    dim[1] = node_symbol(g, name_of(".n"), SHAPE_SCALAR,
                         SYM_DIMENSION | SYM_PLACEHOLDER);
    Dim m = dim_of_node(g, dim[0]), n = dim_of_node(g, dim[1]);
    switch (form) {
    case FORM_COLUMN:
        return (Shape){m, 1};
    case FORM_MATRIX:
        return (Shape){m, n};
    case FORM_SQUARE:
        return (Shape){m, m};
    default:
        return SHAPE_SCALAR;
    }
}

/* The left side as a node, NODE_NONE where it makes no sense in this form. */
static Node build_left(Graph *g, const Ast *t, int n, const FrontName names[])
{
    Protect p;
    Rules *r = g->rules;
    int off = r->off;
    if (PROTECT(&p)) {
        r->off = off + 1;
        Node left = front_build(g, t, n, names, true);
        protect_end(&p);
        r->off = off;
        return left;
    }
    r->off = off;
    ErrorCode code = context_error()->code;
    if (code == ERR_MEMORY || code == ERR_INTERRUPT || code == ERR_INTERNAL)
        error_again();
    return NODE_NONE;
}

/* Has the pattern the head that its row says?  HAD is MONO for arrays. */
static bool has_head(Graph *g, OpId op, Node n)
{
    OpId head = op_of(g, n);
    return head == op || (op == OP_MONO && head == OP_HAD);
}

/* The operator that the first argument must have, where there is one. */
static OpId first_operator(Graph *g, const Match *m, Node left)
{
    if (op_table[op_of(g, left)].class == CLASS_CORE || g->row[left].nargs == 0)
        return OP_COUNT;
    Node a = arg_of(g, left, 0);
    for (int i = 0; i < m->count; i++)
        if (m->letter[i] == a)
            return OP_COUNT;
    return op_of(g, a);
}

/* The operators that a product has as bases, of anything else its own. */
static OpSet inner_operators(const Graph *g, Node n)
{
    OpId op = op_of(g, n);
    OpSet y = base_operators(g, n);
    if (op != OP_MONO && op != OP_HAD && op != OP_SYM)
        op_set_add(&y, op);
    return y;
}

/* A product in the pattern wants a product, or a number or sum that has a
 * sign. */
static bool first_fits(OpId first, OpId op)
{
    return first == OP_COUNT || op == first ||
           (first == OP_MONO &&
            (op == OP_SUM || op == OP_NUM || op == OP_CONST));
}

/* What n has, for the cheap looks before a match. */
typedef struct Looks {
    OpSet have;    /* operators of its bases */
    Node argument; /* its only one, else NODE_NONE */
    OpSet inner;   /* operators of the bases of that */
    OpSet terms;   /* operators among the terms of its bases */
    bool terms_known;
} Looks;

static Looks looks_of(const Graph *g, Node n)
{
    Looks y = {.have = base_operators(g, n), .argument = NODE_NONE};
    if (g->row[n].nargs == 1) {
        y.argument = arg_of(g, n, 0);
        y.inner = inner_operators(g, y.argument);
    }
    return y;
}

/* The terms of the bases that are sums; all there is if they are long. */
static OpSet terms_of(const Graph *g, Node n, Looks *looks)
{
    enum { MOST = 128 }; /* operands that are looked at */
    OpSet y = {{0, 0}};
    for (uint32_t i = 2; i < g->row[n].nargs && !looks->terms_known; i += 2) {
        Node base = arg_of(g, n, i);
        if (op_of(g, base) != OP_SUM)
            continue;
        if (g->row[base].nargs > MOST)
            y = (OpSet){{UINT64_MAX, UINT64_MAX}};
        for (uint32_t k = 1; k < g->row[base].nargs && k < MOST; k += 2)
            op_set_add(&y, op_of(g, arg_of(g, base, k)));
    }
    if (!looks->terms_known)
        looks->terms = y;
    looks->terms_known = true;
    return looks->terms;
}

/* Before the rule is read. */
static bool may_be_needed(const Graph *g, Rule *rule, Form form, Node n,
                          Looks *looks)
{
    const RuleHint *h = &rule->hint;
    Node a = looks->argument;
    if (rule->constant && !(a != NODE_NONE && g->row[a].flags & ROW_CONSTANT))
        return false;
    if (form != FORM_NUMBER)
        return true;
    if (!rule->hinted)
        rule->hint = rule_hint(rule->row);
    rule->hinted = true;
    return op_set_holds(looks->have, h->needs) &&
           (a == NODE_NONE || first_fits(h->first, op_of(g, a))) &&
           (op_set_is_empty(h->terms) ||
            op_set_holds(terms_of(g, n, looks), h->terms));
}

/* A cheap look before the match. */
static bool may_fit(Graph *g, const Rule *rule, Node n, Looks *looks)
{
    if (rule->left == NODE_NONE ||
        (g->row[rule->left].ops & ~g->row[n].ops) != 0 ||
        !op_set_holds(looks->have, rule->needs) ||
        (!op_set_is_empty(rule->hint.terms) &&
         !op_set_holds(terms_of(g, n, looks), rule->hint.terms)))
        return false;
    if (rule->first == OP_COUNT || g->row[n].nargs == 0)
        return true;
    if (looks->argument == NODE_NONE)
        return first_fits(rule->first, op_of(g, arg_of(g, n, 0))) ||
               op_table[op_of(g, n)].nargs == 2;
    /* sin(pi/6) is no pattern for sin(3*x). */
    if (g->row[arg_of(g, rule->left, 0)].flags & ROW_CONSTANT &&
        !(g->row[looks->argument].flags & ROW_CONSTANT))
        return false;
    return first_fits(rule->first, op_of(g, looks->argument)) &&
           op_set_holds(looks->inner, rule->inner) &&
           (!rule->minus || node_is_negative_form(g, looks->argument));
}

/* The left side for letters of this form; NODE_NONE: makes no sense. */
static Node make_left(Graph *g, const OpRule *row, Form form, Match *m)
{
    FrontName names[LETTERS];
    Node dim[2];
    Shape s = shape_of_form(g, form, dim);
    *m = (Match){.g = g, .count = LETTERS + 2};
    for (int i = 0; i < LETTERS; i++) {
        names[i].name = name_of(letter_names[i]);
        m->letter[i] = names[i].node =
            node_symbol(g, names[i].name, i < ARRAY_LETTERS ? s : SHAPE_SCALAR,
                        SYM_PLACEHOLDER);
    }
    m->letter[LETTERS] = dim[0];
    m->letter[LETTERS + 1] = dim[1];
    Node n = build_left(g, graph_text(g, row->left), LETTERS, names);
    return n != NODE_NONE && has_head(g, row->op, n) ? n : NODE_NONE;
}

/* -a, which fits what reads with a minus in front (match.h). */
static bool is_minus_letter(Graph *g, const Match *m, Node n)
{
    if (op_of(g, n) != OP_MONO || arg_of(g, n, 0) != g->minus_one)
        return false;
    Node a = node_neg(g, n);
    for (int i = 0; i < m->count; i++)
        if (m->letter[i] == a)
            return true;
    return false;
}

static void build_rule(Graph *g, Rule *rule, Form form)
{
    const OpRule *row = rule->row;
    Match *m = &rule->match;
    Node n = form == FORM_NUMBER && rule_is_of_arrays(row)
                 ? NODE_NONE
                 : make_left(g, row, form, m);
    if (n == NODE_NONE && form == FORM_MATRIX)
        n = make_left(g, row, FORM_SQUARE, m);
    rule->built = true;
    rule->left = n;
    if (n == NODE_NONE)
        return;
    rule->first = first_operator(g, m, n);
    rule->needs = base_operators(g, n);
    if (rule->first != OP_COUNT) {
        rule->inner = inner_operators(g, arg_of(g, n, 0));
        rule->minus = is_minus_letter(g, m, arg_of(g, n, 0));
    }
    graph_pin(g, n);
    for (int i = 0; i < m->count; i++)
        graph_pin(g, m->letter[i]);
}

/* Does the hint let through all that the rule would look at? */
static bool hint_holds(const Graph *g, const Rule *rule, Form form)
{
    const RuleHint *h = &rule->hint;
    bool one = g->row[rule->left].nargs == 1;
    if (rule->constant &&
        !(one && g->row[arg_of(g, rule->left, 0)].flags & ROW_CONSTANT))
        return false;
    if (form != FORM_NUMBER)
        return true;
    Looks looks = {.have = {{0, 0}}};
    if (!op_set_holds(rule->needs, h->needs) ||
        !op_set_holds(terms_of(g, rule->left, &looks), h->terms))
        return false;
    for (int op = 0; op < OP_COUNT; op++)
        if (first_fits(rule->first, (OpId)op) && one &&
            !first_fits(h->first, (OpId)op))
            return false;
    return true;
}

bool rules_check_hint(Graph *g, const OpRule *row)
{
    rules_of(g);
    for (int form = 0; form < FORM_SQUARE; form++) {
        Rule rule = {.row = row,
                     .constant = rule_is_constant(row),
                     .hint = rule_hint(row),
                     .right = NODE_NONE};
        build_rule(g, &rule, (Form)form);
        if (rule.left != NODE_NONE && !hint_holds(g, &rule, (Form)form))
            return false;
    }
    return true;
}

/* The rows of an operator, to be read when something may fit them. */
static void list_rules(Graph *g, OpId op, Form form)
{
    Rules *r = g->rules;
    Rule **end = &r->table[op][form];
    for (size_t i = 0; i < op_rule_count; i++) {
        if (op_rules[i].op != op)
            continue;
        Rule *rule = ARENA_NEW(r->arena, Rule);
        *rule = (Rule){.row = &op_rules[i],
                       .constant = rule_is_constant(&op_rules[i]),
                       .left = NODE_NONE,
                       .right = NODE_NONE};
        *end = rule;
        end = &rule->next;
    }
    r->listed[op][form] = true;
}

/* ---- conditions ---- */

static bool number_is_small(const Graph *g, Node n)
{
    int64_t i;
    return coef_is_integer(g, n) && value_to_int(node_number_value(g, n), &i) &&
           i > 1 && i <= 171;
}

static bool is_parity(const Graph *g, Node n, bool odd)
{
    if (!coef_is_integer(g, n))
        return false;
    Value v = node_number_value(g, n);
    bool even = v.kind == VAL_INT ? v.integer % 2 == 0
                                  : mpz_even_p(mpq_numref(v.exact->q)) != 0;
    return even != odd;
}

static bool predicate_holds(Graph *g, Name name, Node n)
{
    if (!strcmp(name, "integer"))
        return node_is_integer(g, n);
    if (!strcmp(name, "even"))
        return is_parity(g, n, false);
    if (!strcmp(name, "odd"))
        return is_parity(g, n, true);
    return !strcmp(name, "small") && number_is_small(g, n);
}

static bool sign_allows(Sign s, int op)
{
    switch (op) {
    case AST_GT:
        return s == SIGN_POSITIVE;
    case AST_GE:
        return s == SIGN_POSITIVE || s == SIGN_NONNEGATIVE || s == SIGN_ZERO;
    case AST_LT:
        return s == SIGN_NEGATIVE;
    case AST_LE:
        return s == SIGN_NEGATIVE || s == SIGN_NONPOSITIVE || s == SIGN_ZERO;
    case AST_EQ:
        return s == SIGN_ZERO;
    case AST_NE:
        return s == SIGN_POSITIVE || s == SIGN_NEGATIVE;
    default:
        return false;
    }
}

static bool order_holds(Graph *g, int op, Node a, Node b)
{
    if (b == g->zero)
        return sign_allows(node_sign(g, a), op);
    return node_is_scalar(g, a) &&
           sign_allows(node_sign(g, node_sub(g, a, b)), op);
}

static bool when_holds(Graph *g, const Ast *t, int n, const FrontName names[])
{
    if (!t)
        return true;
    if (t->kind == AST_BINARY && t->op == AST_AND)
        return when_holds(g, t->kids[0], n, names) &&
               when_holds(g, t->kids[1], n, names);
    if (t->kind == AST_CALL && ast_args(t) == 1)
        return predicate_holds(g, t->kids[0]->name,
                               front_build(g, ast_arg(t, 0), n, names, true));
    if (t->kind != AST_COMPARE)
        return false;
    for (uint32_t i = 0; i + 1 < t->count; i++)
        if (!order_holds(g, t->ops[i],
                         front_build(g, t->kids[i], n, names, true),
                         front_build(g, t->kids[i + 1], n, names, true)))
            return false;
    return true;
}

/* ---- rewriting ---- */

/* Names of the letters that were bound. */
static int bound_names(const Match *m, FrontName names[])
{
    int n = 0;
    for (int i = 0; i < LETTERS; i++) {
        if (m->bound[i] == NODE_NONE)
            continue;
        names[n].name = name_of(letter_names[i]);
        names[n++].node = m->bound[i];
    }
    return n;
}

/* rest times the right side: entry by entry for a had. */
static Node join_rest(Graph *g, Node head, Node rest, Node y)
{
    if (rest == g->one)
        return y;
    if (op_of(g, head) == OP_HAD && !node_is_scalar(g, rest) &&
        !node_is_scalar(g, y))
        return node_had(g, rest, y);
    return node_mul(g, rest, y);
}

/* What follows the left side, once that has fitted. */
static void read_rest(Graph *g, Rule *rule)
{
    const OpRule *row = rule->row;
    rule->text = graph_text(g, row->right);
    rule->when = row->when[0] ? graph_text(g, row->when) : NULL;
    rule->read = true;
}

static Node right_side(Graph *g, Rule *rule, const Match *m)
{
    FrontName names[LETTERS];
    if (!rule->read)
        read_rest(g, rule);
    if (rule->right == NODE_NONE) {
        int n = bound_names(m, names);
        return when_holds(g, rule->when, n, names)
                   ? front_build(g, rule->text, n, names, true)
                   : NODE_NONE;
    }
    Node from[LETTERS], to[LETTERS];
    int n = 0;
    for (int i = 0; i < m->count; i++) {
        if (m->bound[i] == NODE_NONE)
            continue;
        names[n].name = node_symbol_name(g, m->letter[i]);
        names[n].node = to[n] = m->bound[i];
        from[n++] = m->letter[i];
    }
    return when_holds(g, rule->when, n, names)
               ? node_substitute(g, rule->right, n, from, to)
               : NODE_NONE;
}

static Node try_rule(Graph *g, Rule *rule, Node n)
{
    ArenaMark mark = arena_mark(g->scratch);
    Match m = rule->match;
    Node y = NODE_NONE;
    if (match_node(&m, rule->left, n)) {
        y = right_side(g, rule, &m);
        /* A number in place of an array: sign(a) = 1. */
        if (y != NODE_NONE && node_is_scalar(g, y) &&
            !node_is_scalar(g, rule->left) && m.rest == g->one)
            y = node_fill(g, node_shape(g, n), y);
        if (y != NODE_NONE)
            y = join_rest(g, rule->left, m.rest, y);
    }
    arena_reset(g->scratch, mark);
    return y == n ? NODE_NONE : y;
}

static Node try_rules(Graph *g, Rule *first, Form form, Node n, Looks *looks)
{
    for (Rule *rule = first; rule; rule = rule->next) {
        if (!rule->built && may_be_needed(g, rule, form, n, looks))
            build_rule(g, rule, form);
        if (!rule->built || !may_fit(g, rule, n, looks))
            continue;
        Node y = try_rule(g, rule, n);
        if (y != NODE_NONE)
            return y;
    }
    return NODE_NONE;
}

/* In which form stand the letters of a rule for n? */
static Form form_of(Graph *g, Node n)
{
    OpId op = op_of(g, n);
    Node a = n;
    if (op_table[op].class != CLASS_CORE && g->row[n].nargs)
        a = arg_of(g, n, 0);
    else if (op == OP_MONO && arg_of(g, n, 1) != g->one)
        a = arg_of(g, n, 1);
    /* log(sum(exp(a))): numbers made of arrays, log(sum(exp(a), dim = 2)). */
    return node_is_scalar(g, a)   ? FORM_NUMBER
           : node_is_column(g, a) ? FORM_COLUMN
                                  : FORM_MATRIX;
}

static Node try_form(Graph *g, OpId op, Form form, Node n, Looks *looks)
{
    Rules *r = g->rules;
    if (!r->listed[op][form])
        list_rules(g, op, form);
    return try_rules(g, r->table[op][form], form, n, looks);
}

/* Does n hold an array, so that rules of larger arrays may speak of it? */
static bool holds_array(Graph *g, Node n)
{
    for (uint32_t i = 0; i < g->row[n].nargs; i++) {
        OpId op = op_of(g, arg_of(g, n, i));
        if (op == OP_CHAIN || op_table[op].class == CLASS_ARRAY)
            return true;
    }
    return false;
}

Node rules_rewrite(Graph *g, Node n)
{
    Rules *r = rules_of(g);
    OpId op = op_of(g, n);
    if (r->off > 0 || g->row[n].flags & ROW_PLAIN)
        return n;
    Looks looks = looks_of(g, n);
    if ((op == OP_MONO || op == OP_HAD) &&
        !(looks.have.bits[0] | looks.have.bits[1]) && !r->user[op])
        return n;
    depth_check();
    OpId row = op == OP_HAD ? OP_MONO : op;
    Form form = form_of(g, n);
    Node y = try_form(g, row, form, n, &looks);
    if (y == NODE_NONE && op == OP_MONO && form != FORM_NUMBER)
        y = try_form(g, row, FORM_NUMBER, n, &looks);
    if (y == NODE_NONE && form != FORM_MATRIX && holds_array(g, n)) {
        if (form == FORM_NUMBER)
            y = try_form(g, row, FORM_COLUMN, n, &looks);
        if (y == NODE_NONE)
            y = try_form(g, row, FORM_MATRIX, n, &looks);
    }
    if (y == NODE_NONE && r->user[op])
        y = try_rules(g, r->user[op], form, n, &looks);
    if (y == NODE_NONE)
        g->row[n].flags |= ROW_PLAIN;
    return y == NODE_NONE ? n : y;
}

/* ---- rules of the user ---- */

/* A part of n that has the form of `left` and is no smaller, NODE_NONE if
 * there is none. */
static Node find_form(Graph *g, Node n, const Rule *rule)
{
    VEC(Node) stack = {0};
    NodeMap seen = node_map_in(g->scratch);
    VEC_PUSH_IN(g->scratch, &stack, n);
    while (stack.count) {
        Node top = stack.at[--stack.count];
        uint32_t once;
        if (node_map_get(&seen, top, &once))
            continue;
        node_map_set(&seen, top, 1);
        Match m = rule->match;
        if (node_size(g, top) >= node_size(g, rule->left) &&
            match_node(&m, rule->left, top))
            return top;
        for (uint32_t i = 0; i < g->row[top].nargs; i++)
            VEC_PUSH_IN(g->scratch, &stack, arg_of(g, top, i));
    }
    return NODE_NONE;
}

static void check_letters(Graph *g, Node left, Node right, int n,
                          const Node letters[])
{
    for (int i = 0; i < n; i++)
        if (node_depends(g, right, letters[i]) &&
            !node_depends(g, left, letters[i]))
            error_raise(SPAN_NONE, ERR_RULE,
                        "`%s` stands only on the right side of the rule",
                        node_symbol_name(g, letters[i]));
}

void rules_add(Graph *g, Node left, Node right, int nletters,
               const Node letters[], const char *when)
{
    Rules *r = rules_of(g);
    OpId op = op_of(g, left);
    if (op == OP_SYM || op == OP_NUM)
        error_raise(SPAN_NONE, ERR_RULE,
                    "the left side of a rule must be a call or an operation");
    if (nletters > LETTERS)
        error_raise(SPAN_NONE, ERR_RULE, "a rule has at most %d letters",
                    LETTERS);
    check_letters(g, left, right, nletters, letters);
    Rule rule = {.built = true,
                 .read = true,
                 .left = left,
                 .right = right,
                 .first = OP_COUNT};
    rule.match = (Match){.g = g, .count = nletters};
    memcpy(rule.match.letter, letters, (size_t)nletters * sizeof *letters);
    ArenaMark mark = arena_mark(g->scratch);
    Node again = find_form(g, right, &rule);
    arena_reset(g->scratch, mark);
    if (again != NODE_NONE)
        error_raise(SPAN_NONE, ERR_RULE,
                    "the rule would never end: its right side has the form "
                    "of its left side again");
    if (when[0])
        rule.when = graph_text(g, name_of(when));
    rule.needs = base_operators(g, left);
    Rule *kept = ARENA_NEW(r->arena, Rule);
    *kept = rule;
    Rule **end = &r->user[op];
    while (*end)
        end = &(*end)->next;
    *end = kept;
    r->users++;
    for (size_t i = 0; i < g->count; i++)
        g->row[i].flags &= (uint8_t)~ROW_PLAIN;
    graph_pin(g, left);
    graph_pin(g, right);
    for (int i = 0; i < nletters; i++)
        graph_pin(g, letters[i]);
}
