/*
 * formula.c - "y ~ x1 + factor(g)"
 */
#include "eval/formula.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "eval/fit.h"
#include "eval/index.h"
#include "syntax/diag.h"
#include "syntax/parse.h"
#include "syntax/print.h"
#include "value/datatable.h"
#include "value/matrix.h"

#define HELP_DROP "missing = \"drop\" in fit drops such rows"
#define HELP_TERMS                                                             \
    "terms: a, a:b, a*b, (a + b)^2, - a, factor(a), I(a^2), log(a), poly(a, "  \
    "3)"

#define MOST_VARIABLES 64
#define OTHERS "other_columns" /* `.` in the text that is parsed */

/* A variable is a column, or an expression of columns. */
typedef struct Variable {
    const char *text; /* as printed: the same text, the same one */
    const Ast *tree;
    bool factor;
    Value column; /* [n], [n,k], or a list of labels */
    Value levels; /* of a factor */
} Variable;

typedef uint64_t Term; /* a set of variables; 0 is the intercept */

typedef struct Terms {
    VEC(Term) at;
} Terms;

typedef struct Design {
    Interp *in;
    Value table;
    Value kept;    /* record: v1 = what variable 1 keeps */
    Value columns; /* list of names */
    Value others;  /* list of names: what `.` stands for */
    VEC(Value) column;
    int nvariables;
    Variable variable[MOST_VARIABLES];
} Design;

static Value get(Value r, const char *name)
{
    Value *v = record_find(r, name_of(name));
    return v ? *v : VALUE_NONE;
}

/* A side of a formula; where the formula was given is told beside a mistake. */
static const Ast *parse_part(const char *text, Arena *a)
{
    const Ast *t = NULL;
    Protect p;
    if (PROTECT(&p)) {
        *(const Ast *volatile *)&t = parse_expression("formula", text, a);
        protect_end(&p);
    } else {
        error_frame(name_of("fit"), *context_here());
        error_again();
    }
    return t;
}

/* ---- values of columns ---- */

static Value entry(Value column, int i)
{
    return column.kind == VAL_LIST ? column.list->at[i]
                                   : array_get(value_array(column), (size_t)i);
}

static bool is_gone(Value column, int i)
{
    if (column.kind == VAL_ARRAY)
        return array_is_missing(column.array, (size_t)i);
    return column.kind == VAL_LIST ? column.list->at[i].kind == VAL_MISSING
                                   : column.kind == VAL_MISSING;
}

static Value named_column(const Design *d, Name name)
{
    Value v = field_get(d->in, d->table, name);
    for (int i = 0; i < d->table.table->rows; i++)
        if (is_gone(v, i))
            error_raise_help(SPAN_NONE, ERR_MISSING, NULL, HELP_DROP,
                             "the column `%s` has a missing value in row %d",
                             name, i + 1);
    return v;
}

/* Inside of a term operators work entry by entry: x^2 is x.^2. */
static Ast *lifted(Arena *a, const Ast *t)
{
    depth_check();
    Ast *y = ARENA_NEW(a, Ast);
    *y = *t;
    y->kids = ARENA_ARRAY(a, Ast *, t->count + 1);
    for (uint32_t i = 0; i < t->count; i++)
        y->kids[i] = lifted(a, t->kids[i]);
    if (t->kind == AST_BINARY)
        y->op = t->op == AST_MUL   ? AST_DOTMUL
                : t->op == AST_DIV ? AST_DOTDIV
                : t->op == AST_POW ? AST_DOTPOW
                                   : t->op;
    return y;
}

/* The value of an expression of columns. */
static Value expression_value(Design *d, const Ast *t)
{
    if (t->kind == AST_NAME)
        return named_column(d, t->name);
    Frame *o = frame_overlay(d->in);
    AstWalk w = ast_walk(d->in->scratch, t);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;)
        if (k->kind == AST_NAME && datatable_find(d->table, k->name))
            frame_set(d->in, k->name, named_column(d, k->name));
    Value v = eval(d->in, lifted(d->in->scratch, t));
    frame_end(d->in, o);
    return v;
}

/* ---- labels ---- */

static bool same_label(Value a, Value b)
{
    if (a.kind == VAL_STRING || b.kind == VAL_STRING)
        return value_same(a, b);
    return value_to_double(a) == value_to_double(b);
}

static size_t place_of(Value levels, Value v)
{
    size_t i = 0;
    while (i < levels.list->count && !same_label(levels.list->at[i], v))
        i++;
    return i;
}

static int order_labels(Value a, Value b)
{
    if (a.kind == VAL_BOOL && b.kind == VAL_BOOL)
        return (int)a.truth - (int)b.truth;
    return value_compare(a, b);
}

/* Different entries in ascending order. */
static Value find_levels(Value column, int rows)
{
    Value levels = list_new(8);
    for (int i = 0; i < rows; i++) {
        Value v = entry(column, i);
        size_t k = place_of(levels, v);
        if (k < levels.list->count)
            continue;
        list_push(levels, v);
        for (; k > 0 && order_labels(levels.list->at[k - 1], v) > 0; k--) {
            Value before = levels.list->at[k - 1];
            list_set(levels, k, before);
            list_set(levels, k - 1, v);
        }
    }
    return levels;
}

static const char *label_text(Design *d, Value v)
{
    if (v.kind == VAL_STRING)
        return v.string->text;
    if (value_is_number(v))
        return arena_printf(d->in->scratch, "%.15g", value_to_double(v));
    Str s = str_in(d->in->scratch);
    value_format_inline(&d->in->format, v, &s);
    return str_text(&s);
}

static void check_levels(Design *d, const Variable *v)
{
    int n = d->table.table->rows;
    for (int i = 0; i < n; i++)
        if (place_of(v->levels, entry(v->column, i)) == v->levels.list->count)
            error_raise(SPAN_NONE, ERR_DOMAIN,
                        "`%s` is %s in row %d, and had "
                        "no such label in the fit",
                        v->text, label_text(d, entry(v->column, i)), i + 1);
}

/* ---- variables ---- */

static bool is_call(const Ast *t, const char *name)
{
    return t->kind == AST_CALL && t->kids[0]->kind == AST_NAME &&
           !strcmp(t->kids[0]->name, name);
}

/* poly(x, k) and scale(x): the library makes what is kept, then applies it. */
static Value based_column(Design *d, const Ast *t, Value *kept)
{
    const char *name = t->kids[0]->name;
    bool poly = !strcmp(name, "poly");
    if (t->count != (poly ? 3u : 2u))
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                         poly ? "poly(x, 3)" : "scale(x)", "`%s` takes %s",
                         name, poly ? "a column and a degree" : "a column");
    Value part[2] = {expression_value(d, t->kids[1])};
    if (kept->kind == VAL_NONE) {
        if (poly)
            part[1] = eval(d->in, t->kids[2]);
        *kept = fit_call_library(d->in, poly ? "poly_basis" : "scale_basis",
                                 poly ? 2 : 1, part);
    }
    part[1] = part[0];
    part[0] = *kept;
    return fit_call_library(d->in, poly ? "poly_columns" : "scale_columns", 2,
                            part);
}

static void check_numbers(const Design *d, const Variable *v)
{
    Value y = v->column;
    if (!value_is_numeric(y) || value_shape(y).rows != d->table.table->rows)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "the term `%s` is not a column of "
                    "numbers",
                    v->text);
    const Array *a = array_to_float(y);
    for (size_t i = 0; i < array_count(a); i++)
        if (!isfinite(a->f[i]))
            error_raise(SPAN_NONE, ERR_NAN, "the term `%s` is %s in row %zu",
                        v->text, isnan(a->f[i]) ? "NaN" : "infinite",
                        i % (size_t)a->rows + 1);
}

static void fill_variable(Design *d, Variable *v)
{
    const Ast *t = v->tree;
    const char *slot = arena_printf(d->in->scratch, "v%d", d->nvariables);
    Value kept = get(d->kept, slot);
    if (is_call(t, "factor") || is_call(t, "I")) {
        if (t->count != 2)
            error_raise(SPAN_NONE, ERR_ARGUMENT, "`%s` takes one argument",
                        t->kids[0]->name);
        v->column = expression_value(d, t->kids[1]);
        v->factor = is_call(t, "factor");
    } else if (is_call(t, "poly") || is_call(t, "scale")) {
        v->column = based_column(d, t, &kept);
    } else {
        v->column = expression_value(d, t);
    }
    v->factor = v->factor || v->column.kind == VAL_LIST;
    if (v->factor) {
        if (kept.kind == VAL_NONE)
            kept = find_levels(v->column, d->table.table->rows);
        v->levels = kept;
        check_levels(d, v);
    } else {
        check_numbers(d, v);
    }
    if (kept.kind != VAL_NONE)
        record_set(d->kept, name_of(slot), kept);
}

static Term variable_of(Design *d, const Ast *t)
{
    Str s = str_in(d->in->scratch);
    ast_print(&s, t);
    for (int i = 0; i < d->nvariables; i++)
        if (!strcmp(d->variable[i].text, str_text(&s)))
            return (Term)1 << i;
    if (d->nvariables == MOST_VARIABLES)
        error_raise_help(SPAN_NONE, ERR_LIMIT, NULL,
                         "fit(model, X, y) takes a matrix of any width",
                         "a formula has at most %d variables", MOST_VARIABLES);
    Variable *v = &d->variable[d->nvariables++];
    *v = (Variable){.text = str_text(&s), .tree = t};
    fill_variable(d, v);
    return (Term)1 << (v - d->variable);
}

/* ---- terms ---- */

static void add_term(Design *d, Terms *y, Term t)
{
    for (size_t i = 0; i < y->at.count; i++)
        if (y->at.at[i] == t)
            return;
    VEC_PUSH_IN(d->in->scratch, &y->at, t);
}

static void add_terms(Design *d, Terms *y, const Terms *x)
{
    for (size_t i = 0; i < x->at.count; i++)
        add_term(d, y, x->at.at[i]);
}

static void remove_terms(Terms *y, const Terms *x)
{
    size_t n = 0;
    for (size_t i = 0; i < y->at.count; i++) {
        bool gone = false;
        for (size_t k = 0; k < x->at.count; k++)
            gone = gone || x->at.at[k] == y->at.at[i];
        if (!gone)
            y->at.at[n++] = y->at.at[i];
    }
    y->at.count = n;
}

static Terms cross(Design *d, const Terms *a, const Terms *b)
{
    Terms y = {0};
    for (size_t i = 0; i < a->at.count; i++)
        for (size_t k = 0; k < b->at.count; k++)
            add_term(d, &y, a->at.at[i] | b->at.at[k]);
    return y;
}

static void expand(Design *d, const Ast *t, Terms *y);

static Terms expanded(Design *d, const Ast *t)
{
    Terms y = {0};
    expand(d, t, &y);
    return y;
}

static bool is_digit(const Ast *t, const char *digit)
{
    return t->kind == AST_NUMBER && t->text && !strcmp(t->text, digit);
}

static _Noreturn void refuse(const Ast *t)
{
    error_raise_help(SPAN_NONE, ERR_SYNTAX, NULL, HELP_TERMS,
                     "`%s` is no term of a formula", diag_quote(t->at, 30));
}

/* a:b, which clear_text wrote as a.^b: it binds tighter than a*b. */
static void expand_product(Design *d, const Ast *t, Terms *y)
{
    Terms a = expanded(d, t->kids[0]), b = expanded(d, t->kids[1]);
    Terms x = cross(d, &a, &b);
    add_terms(d, y, &x);
}

/* (a + b)^2: all products of at most two. */
static void expand_power(Design *d, const Ast *t, Terms *y)
{
    const Ast *k = t->kids[1];
    if (k->kind == AST_BINARY && k->op == AST_DOTPOW) { /* (a + b)^2:c */
        Ast power = *t, product = *k;
        Ast *inner[] = {t->kids[0], k->kids[0]},
            *outer[] = {&power, k->kids[1]};
        power.kids = inner;
        product.kids = outer;
        expand_product(d, &product, y);
        return;
    }
    Terms base = expanded(d, t->kids[0]), power = {0};
    add_terms(d, &power, &base);
    bool digit = k->kind == AST_NUMBER && k->text && strlen(k->text) == 1 &&
                 k->text[0] >= '1' && k->text[0] <= '9';
    if (!digit || base.at.count < 2)
        error_raise_help(
            SPAN_NONE, ERR_SYNTAX, NULL,
            arena_printf(error_arena(), "I(%s)", diag_quote(t->at, 30)),
            "`%s` is no term of a formula: its `^` crosses terms",
            diag_quote(t->at, 30));
    for (char i = '1'; i < k->text[0]; i++) {
        Terms more = cross(d, &power, &base);
        add_terms(d, &power, &more);
    }
    add_terms(d, y, &power);
}

static void expand_slash(Design *d, const Ast *t, Terms *y)
{
    Terms a = expanded(d, t->kids[0]), b = expanded(d, t->kids[1]);
    Terms all = {0};
    Term whole = 0;
    for (size_t i = 0; i < a.at.count; i++)
        whole |= a.at.at[i];
    add_term(d, &all, whole);
    Terms inner = cross(d, &all, &b);
    add_terms(d, y, &a);
    add_terms(d, y, &inner);
}

static void expand_binary(Design *d, const Ast *t, Terms *y)
{
    const Ast *b = t->kids[1];
    if (t->op == AST_ADD || t->op == AST_SUB) {
        expand(d, t->kids[0], y);
        bool less = (t->op == AST_SUB) != is_digit(b, "0");
        Terms x = {0};
        if (is_digit(b, "0"))
            add_term(d, &x, 0);
        else
            expand(d, b, &x);
        if (less)
            remove_terms(y, &x);
        else
            add_terms(d, y, &x);
    } else if (t->op == AST_MUL && !(t->flags & AST_JUXT)) {
        Terms p = expanded(d, t->kids[0]), q = expanded(d, b);
        Terms x = cross(d, &p, &q);
        add_terms(d, y, &p);
        add_terms(d, y, &q);
        add_terms(d, y, &x);
    } else if (t->op == AST_DIV) {
        expand_slash(d, t, y);
    } else if (t->op == AST_POW) {
        expand_power(d, t, y);
    } else if (t->op == AST_DOTPOW) {
        expand_product(d, t, y);
    } else {
        refuse(t);
    }
}

static void expand(Design *d, const Ast *t, Terms *y)
{
    depth_check();
    POLL();
    if (ast_is_name(t, name_of(OTHERS))) {
        for (size_t i = 0; i < d->others.list->count; i++) {
            Ast *name = ARENA_NEW(d->in->scratch, Ast);
            *name = (Ast){.kind = AST_NAME, .at = t->at};
            name->name = name_of(d->others.list->at[i].string->text);
            add_term(d, y, variable_of(d, name));
        }
    } else if (t->kind == AST_NAME || t->kind == AST_CALL) {
        add_term(d, y, variable_of(d, t));
    } else if (t->kind == AST_BINARY) {
        expand_binary(d, t, y);
    } else if (is_digit(t, "1")) {
        add_term(d, y, 0);
    } else if (is_digit(t, "0")) {
        Terms one = {0};
        add_term(d, &one, 0);
        remove_terms(y, &one);
    } else if (t->kind == AST_UNARY && t->op == AST_NEG) {
        Terms x = expanded(d, t->kids[0]);
        remove_terms(y, &x);
    } else {
        refuse(t);
    }
}

/* ---- columns of a term ---- */

static int degree(Term t)
{
    int n = 0;
    for (; t; t &= t - 1)
        n++;
    return n;
}

static bool has_term(const Terms *all, Term t)
{
    for (size_t i = 0; i < all->at.count; i++)
        if (all->at.at[i] == t)
            return true;
    return false;
}

/* A column of 0 and 1 for a label. */
static Value indicator(const Design *d, const Variable *v, size_t k)
{
    int n = d->table.table->rows;
    Value y = array_new(ELEM_FLOAT, n, 1);
    for (int i = 0; i < n; i++)
        y.array->f[i] = place_of(v->levels, entry(v->column, i)) == k;
    return y;
}

static int variable_columns(const Variable *v, bool whole)
{
    return v->factor ? (int)v->levels.list->count - !whole
                     : value_shape(v->column).cols;
}

static Value variable_column(Design *d, const Variable *v, bool whole, int k,
                             const char **name)
{
    Arena *a = d->in->scratch;
    if (v->factor) {
        size_t level = (size_t)k + !whole;
        const Ast *t = v->tree;
        const char *text = v->text;
        if (t->kind == AST_CALL && t->kids[1]->kind == AST_NAME)
            text = t->kids[1]->name; /* factor(g) */
        *name = arena_printf(a, "%s%s", text,
                             label_text(d, v->levels.list->at[level]));
        return indicator(d, v, level);
    }
    int cols = value_shape(v->column).cols;
    *name = cols == 1 ? v->text : arena_printf(a, "%s%d", v->text, k + 1);
    if (cols == 1)
        return v->column;
    return array_index(v->column, 2,
                       (Value[]){{.kind = VAL_COLON}, value_int(k + 1)});
}

#define MOST_COLUMNS 100000

/* All products of a column of each variable, those of the first fastest. */
static void add_columns(Design *d, const Terms *all, Term t, Term whole)
{
    int side[MOST_VARIABLES], n = 0;
    const Variable *v[MOST_VARIABLES];
    bool full[MOST_VARIABLES];
    double total = 1;
    for (int i = 0; i < d->nvariables; i++)
        if (t >> i & 1) {
            Term rest = t & ~((Term)1 << i);
            v[n] = &d->variable[i];
            full[n] = (rest != 0 && !has_term(all, rest)) || (whole >> i & 1);
            side[n] = variable_columns(v[n], full[n]);
            total *= side[n++];
        }
    if (total + (double)d->column.count > MOST_COLUMNS)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "the formula makes more than %d columns", MOST_COLUMNS);
    for (int c = 0; c < (int)total; c++) {
        Value y = VALUE_NONE;
        const char *name = "", *part;
        for (int i = 0, rest = c; i < n; rest /= side[i++]) {
            Value x = variable_column(d, v[i], full[i], rest % side[i], &part);
            y = i == 0 ? x : value_binary(BIN_MUL, y, x);
            name = i == 0 ? part
                          : arena_printf(d->in->scratch, "%s:%s", name, part);
        }
        POLL();
        VEC_PUSH_IN(d->in->scratch, &d->column, y);
        list_push(d->columns, value_string(name));
    }
}

/* Without an intercept the first factor takes a column for every label. */
static Term first_factor(const Design *d, Term t)
{
    for (int i = 0; i < d->nvariables; i++)
        if ((t >> i & 1) && d->variable[i].factor)
            return (Term)1 << i;
    return 0;
}

static void build_columns(Design *d, const Terms *all)
{
    bool given = has_term(all, 0);
    for (int k = 1; k <= d->nvariables; k++)
        for (size_t i = 0; i < all->at.count; i++) {
            Term t = all->at.at[i];
            if (degree(t) != k)
                continue;
            Term whole = given ? 0 : first_factor(d, t);
            given = given || whole;
            add_columns(d, all, t, whole);
        }
}

/* ---- text ---- */

static const char *trimmed(Arena *a, const char *from, const char *to)
{
    while (from < to && isspace((unsigned char)*from))
        from++;
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    return arena_copy(a, from, (size_t)(to - from));
}

/* The sides of a formula. */
static void split(Arena *a, const char *text, const char *side[2])
{
    const char *tilde = strchr(text, '~');
    if (!tilde)
        error_raise_help(SPAN_NONE, ERR_SYNTAX, NULL, "\"y ~ x1 + x2\"",
                         "a formula has a `~`");
    side[0] = trimmed(a, text, tilde);
    side[1] = trimmed(a, tilde + 1, text + strlen(text));
    if (!*side[0] || !*side[1])
        error_raise_help(SPAN_NONE, ERR_SYNTAX, NULL, "\"y ~ x1 + x2\"",
                         "nothing stands %s the `~` of the formula",
                         *side[0] ? "after" : "before");
}

static bool is_response(const Ast *left, Name name, Arena *a)
{
    AstWalk w = ast_walk(a, left);
    for (const Ast *t; (t = ast_walk_next(&w)) != NULL;)
        if (ast_is_name(t, name))
            return true;
    return false;
}

/* Names of the columns that are not in the response. */
static Value other_columns(Arena *a, Value table, const char *left)
{
    const Ast *response = parse_part(left, a);
    Value list = list_new(table.table->ncols);
    for (size_t i = 0; i < table.table->ncols; i++)
        if (!is_response(response, table.table->name[i], a))
            list_push(list, value_string(table.table->name[i]));
    return list;
}

/*
 * The right side as the language parses it: `.` that stands for a term becomes
 * a name, a:b becomes a.^b, which binds tighter than a*b.  What stands inside
 * of a call is left alone.
 */
static const char *clear_text(Arena *a, const char *right)
{
    Str s = str_in(a);
    char before = '+';
    int depth = 0; /* of brackets since a call began */
    for (const char *c = right; *c; c++) {
        bool word = isalnum((unsigned char)before) || before == '_';
        if (*c == '(' && (depth > 0 || word))
            depth++;
        else if (*c == ')' && depth > 0)
            depth--;
        if (depth == 0 && *c == '.' && strchr("+-*/:(", before))
            str_add(&s, OTHERS);
        else if (depth == 0 && *c == ':')
            str_add(&s, " .^ ");
        else if (depth == 0 && *c == '.' && strchr("*/^", c[1]))
            error_raise_help(
                SPAN_NONE, ERR_SYNTAX, NULL, HELP_TERMS,
                "`%s` is no formula: `.%c` stands inside of I(...)", right,
                c[1]);
        else
            str_add_len(&s, c, 1);
        if (!isspace((unsigned char)*c))
            before = *c;
    }
    return str_text(&s);
}

/* ---- the whole ---- */

static Value build_matrix(Design *d, const char *right, bool *intercept)
{
    Terms all = {0};
    add_term(d, &all, 0);
    expand(d, parse_part(right, d->in->scratch), &all);
    *intercept = has_term(&all, 0);
    build_columns(d, &all);
    if (d->column.count == 0)
        return array_new(ELEM_FLOAT, d->table.table->rows, 0);
    return array_join((int)d->column.count, d->column.at);
}

static Value response(Design *d, const char *left)
{
    const Ast *t = parse_part(left, d->in->scratch);
    if (is_call(t, "I") || is_call(t, "factor"))
        t = t->kids[1];
    return expression_value(d, t);
}

Value formula_columns(Interp *in, Value table, const char *text)
{
    Arena *a = in->scratch;
    const char *side[2];
    split(a, text, side);
    side[1] = clear_text(a, side[1]);
    Value y = table_new(table.table->rows);
    for (int i = 0; i < 2; i++) {
        AstWalk w = ast_walk(a, parse_part(side[i], a));
        Value *found;
        for (const Ast *t; (t = ast_walk_next(&w)) != NULL;)
            if (ast_is_name(t, name_of(OTHERS)))
                return table;
            else if (t->kind == AST_NAME &&
                     (found = datatable_find(table, t->name)) != NULL)
                datatable_set(y, t->name, *found);
    }
    return y;
}

static Design *design_new(Interp *in, Value table, Value kept, Value others)
{
    Design *d = ARENA_NEW(in->scratch, Design);
    *d = (Design){.in = in,
                  .table = table,
                  .kept = kept,
                  .others = others,
                  .columns = list_new(8)};
    return d;
}

Value formula_build(Interp *in, Value table, const char *text, Value pair[])
{
    Arena *a = in->scratch;
    const char *side[2];
    bool intercept;
    split(a, text, side);
    side[1] = clear_text(a, side[1]);
    Value others = other_columns(a, table, side[0]);
    Design *d = design_new(in, table, record_new(4), others);
    pair[1] = response(d, side[0]);
    pair[0] = build_matrix(d, side[1], &intercept);
    if (d->column.count == 0 && !intercept)
        error_raise(SPAN_NONE, ERR_SYNTAX, "the formula has no term");
    Value formula = record_new(8);
    record_set(formula, name_of("response"), value_string(side[0]));
    record_set(formula, name_of("right"), value_string(side[1]));
    record_set(formula, name_of("columns"), d->columns);
    record_set(formula, name_of("others"), others);
    record_set(formula, name_of("kept"), d->kept);
    record_set(formula, name_of("intercept"), value_bool(intercept));
    return formula;
}

/* What the fit kept is copied: new rows must not add to it. */
static Design *design_again(Interp *in, Value formula, Value table)
{
    Value kept = get(formula, "kept"), copy = record_new(4);
    for (size_t i = 0; i < kept.record->count; i++)
        record_set(copy, kept.record->name[i], kept.record->at[i]);
    return design_new(in, table, copy, get(formula, "others"));
}

Value formula_apply(Interp *in, Value formula, Value table)
{
    bool intercept;
    return build_matrix(design_again(in, formula, table),
                        get(formula, "right").string->text, &intercept);
}

Value formula_response(Interp *in, Value formula, Value table)
{
    return response(design_again(in, formula, table),
                    get(formula, "response").string->text);
}

bool formula_has_intercept(Value formula)
{
    Value v = get(formula, "intercept");
    return v.kind != VAL_BOOL || v.truth;
}
