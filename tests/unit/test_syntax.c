/*
 * test_syntax.c - scanner, parser, tree, printing, messages
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "check.h"
#include "syntax/diag.h"
#include "syntax/parse.h"
#include "syntax/print.h"

static Arena *arena;

static Parse parse_text(const char *text, size_t len, bool interactive)
{
    return parse_source(source_add("t.mlc", text, len, interactive), arena);
}

static Parse parse_string(const char *text)
{
    return parse_text(text, strlen(text), false);
}

static const char *all_errors(const Parse *r)
{
    Str s = str_in(arena);
    for (size_t i = 0; i < r->nerrors; i++)
        diag_format(&s, &r->errors[i], NULL);
    return str_text(&s);
}

/* The one expression of a text. */
static const Ast *expression(const char *text)
{
    Parse r = parse_string(text);
    if (r.tree == NULL || r.tree->count != 1)
        return NULL;
    return r.tree->kids[0]->kids[0];
}

static const char *printed(const char *text)
{
    Parse r = parse_string(text);
    if (r.tree == NULL)
        return all_errors(&r);
    Str s = str_in(arena);
    ast_print_statement(&s, r.tree, 0);
    return str_text(&s);
}

static bool same(const char *a, const char *b)
{
    Parse x = parse_string(a), y = parse_string(b);
    return x.tree != NULL && y.tree != NULL && ast_equal(arena, x.tree, y.tree);
}

/* ---- trees ---- */

static void test_precedence(void)
{
    static const char *const pairs[][2] = {
        {"a + b*c", "a + (b*c)"},
        {"a - b - c", "(a - b) - c"},
        {"a/b*c", "(a/b)*c"},
        {"a\\b.*c./d", "((a\\b).*c)./d"},
        {"-x^2", "-(x^2)"},
        {"2^-1", "2^(-1)"},
        {"2^-x^2", "2^(-(x^2))"},
        {"a^b^c", "a^(b^c)"},
        {"a.^b^c", "a.^(b^c)"},
        {"-a*b", "(-a)*b"},
        {"a*-b", "a*(-b)"},
        {"x^2'", "x^2'"},
        {"A'^2", "(A')^2"},
        {"f(x)'[1].a", "(((f(x))')[1]).a"},
        {"1:n + 1", "1:(n + 1)"},
        {"1:2:n == x", "(1:2:n) == x"},
        {"not a == b", "not (a == b)"},
        {"not a and b", "(not a) and b"},
        {"a and b or c and d", "(a and b) or (c and d)"},
        {"x -> a or b", "x -> (a or b)"},
        {"x -> y -> x + y", "x -> (y -> (x + y))"},
        {"if a or b then c + 1 else d + 1",
         "if (a or b) then (c + 1) else (d + 1)"},
        {"x in {1, 2} and y", "(x in {1, 2}) and y"},
        {"a <= b + 1 < c", "a <= (b + 1) < c"},
        {"-2^2", "-(2^2)"},
        {"- - x", "-(-x)"},
        {"x²", "x^2"},
        {"a × b · c − d", "a*b*c - d"},
        {"a ≤ b", "a <= b"},
        {"a ≥ b", "a >= b"},
        {"a ≠ b", "a != b"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strcmp(pairs[i][0], "x^2'") != 0)
            CHECK_MESSAGE(same(pairs[i][0], pairs[i][1]), "%s", pairs[i][0]);
}

static void test_juxtaposition(void)
{
    CHECK(!same("2x", "2*x"));
    CHECK(same("1/2x", "1/(2x)"));
    CHECK(same("2x^2", "2(x^2)"));
    CHECK(same("-2x", "-(2x)"));
    CHECK(same("a*2x*b", "a*(2x)*b"));
    CHECK(same("2exp(x)", "2(exp(x))"));
    CHECK(same("2x'", "2(x')"));
    const Ast *t = expression("1/2x");
    CHECK(t != NULL && t->op == AST_DIV && t->kids[1]->op == AST_MUL);
    CHECK(t != NULL && (t->kids[1]->flags & AST_JUXT));
    CHECK_TEXT(printed("1/2x"), "1/(2x)\n");
    CHECK_TEXT(printed("2(3)"), "2(3)\n");
    CHECK_TEXT(printed("2(e5)"), "2(e5)\n");
    CHECK_TEXT(printed("0(x1)"), "0(x1)\n");
}

static void test_nodes(void)
{
    const Ast *t = expression("f(a, k = 1; b = 2)");
    CHECK(t != NULL && t->kind == AST_CALL && t->count == 4 && t->op == 2);
    CHECK(t != NULL && ast_arg(t, 2)->kind == AST_NAMED);
    CHECK(t != NULL && ast_arg_named(t, name_of("b")) != NULL);
    CHECK(t != NULL && ast_arg_named(t, name_of("a")) == NULL);
    t = expression("A[1:end, :]");
    CHECK(t != NULL && t->kind == AST_INDEX && t->count == 3);
    CHECK(t != NULL && t->kids[1]->kids[1]->kind == AST_END);
    CHECK(t != NULL && t->kids[2]->kind == AST_COLON);
    t = expression("f'''");
    CHECK(t != NULL && t->kind == AST_PRIME && t->op == 3);
    t = expression("(f')'");
    CHECK(t != NULL && t->op == 1 && t->kids[0]->kind == AST_PRIME);
    t = expression("[1, 2, 3;]");
    CHECK(t != NULL && t->count == 1 && (t->flags & AST_ROWS));
    t = expression("[1, 2, 3]");
    CHECK(t != NULL && t->count == 1 && !(t->flags & AST_ROWS));
    CHECK(t != NULL && t->kids[0]->count == 3);
    t = expression("a < b <= c != d");
    CHECK(t != NULL && t->kind == AST_COMPARE && t->count == 4);
    CHECK(t != NULL && t->ops[0] == AST_LT && t->ops[2] == AST_NE);
    t = expression("(x, Y[n,d]) -> x");
    CHECK(t != NULL && t->kind == AST_LAMBDA && t->ndecls == 2);
    CHECK(t != NULL && t->decls[1].ndims == 2);
    t = expression("() -> 1");
    CHECK(t != NULL && t->kind == AST_LAMBDA && t->ndecls == 0);
    t = expression("{w = 1}");
    CHECK(t != NULL && t->kind == AST_RECORD);
    t = expression("{}");
    CHECK(t != NULL && t->kind == AST_LIST && t->count == 0);
    t = expression("D.in.end.then");
    CHECK(t != NULL && t->kind == AST_FIELD && t->name == name_of("then"));
    t = expression("\"a\\n\\u{3b1}\\\"\"");
    CHECK(t != NULL && t->len == 5);
    CHECK_TEXT(t != NULL ? t->text : "", "a\n\xce\xb1\"");
    t = expression("1_000");
    CHECK_TEXT(t != NULL ? t->text : "", "1000");
    t = expression("1.5e3");
    CHECK(t != NULL && t->number == 1500.0 && !(t->flags & AST_EXACT));
    t = expression("0xff");
    CHECK(t != NULL && (t->flags & AST_EXACT));
    t = expression("1./x");
    CHECK(t != NULL && t->op == AST_DOTDIV && (t->kids[0]->flags & AST_EXACT));
    Parse r = parse_string("  a +\n b");
    CHECK(r.tree != NULL && r.tree->kids[0]->at.from == 2 &&
          r.tree->kids[0]->at.to == 8);
}

static void test_statements(void)
{
    Parse r = parse_string("## doc of f\n## more\nf(a, X[n,d]; k = 2) = a\n"
                           "x = 1; y\n a, b = f(1)\n r.w[2] += 1\n");
    CHECK_MESSAGE(r.tree != NULL, "%s", all_errors(&r));
    if (r.tree == NULL)
        return;
    const Ast *f = r.tree->kids[0];
    CHECK(f->kind == AST_FUNCTION && f->ndecls == 3);
    CHECK_TEXT(f->text != NULL ? f->text : "", "doc of f\nmore");
    CHECK(f->decls[2].option && f->decls[2].value != NULL);
    CHECK(r.doc == NULL);
    CHECK(r.tree->kids[1]->kind == AST_ASSIGN);
    CHECK(r.tree->kids[3]->kind == AST_UNPACK && r.tree->kids[3]->count == 3);
    CHECK(r.tree->kids[4]->op == AST_ADD);
    r = parse_string("## about the file\n\n## of f\nf(x) = x\n");
    CHECK_TEXT(r.doc != NULL ? r.doc : "", "about the file");
    r = parse_string("if a\n1\nelseif b; 2; else\n3\nend\n");
    CHECK(r.tree != NULL && r.tree->kids[0]->count == 5);
    r = parse_string("x = 1;");
    CHECK(r.tree != NULL && r.tree->count == 1);
    r = parse_string("1 + 1;");
    CHECK(r.tree != NULL && (r.tree->kids[0]->flags & AST_QUIET));
    r = parse_string("");
    CHECK(r.tree != NULL && r.tree->count == 0);
    r = parse_string("\xef\xbb\xbf"
                     "x = 1\r\ny = 2\r\n");
    CHECK(r.tree != NULL && r.tree->count == 2);
}

static void test_declarations(void)
{
    Parse r = parse_string("sym p > 0, 0 <= q < 1, 2 > s, S[n,n] symmetric, "
                           "g(x, y), v[n] in {0, 1}, y[n] in classes K = z\n");
    CHECK_MESSAGE(r.tree != NULL, "%s", all_errors(&r));
    if (r.tree == NULL)
        return;
    const Decl *d = r.tree->kids[0]->decls;
    CHECK(d[0].lower != NULL && d[0].lower_open && d[0].upper == NULL);
    CHECK(d[1].lower != NULL && !d[1].lower_open && d[1].upper_open);
    CHECK(d[2].upper != NULL && d[2].lower == NULL && d[2].upper_open);
    CHECK(d[3].is == DECL_SYMMETRIC && d[3].ndims == 2);
    CHECK(d[4].function && d[4].nargs == 2);
    CHECK(d[5].set != NULL && d[5].ndims == 1);
    CHECK(d[6].classes == name_of("K") && d[6].value != NULL);
}

static void test_model(void)
{
    Parse r = parse_string("model m\n  data X[n,d], y[n] in {-1, 1}\n"
                           "  param w[d], xi[n] >= 0\n  data2 = 3\n"
                           "  f(x) = x\n  predict if X*w >= 0 then 1 else -1\n"
                           "  loss w'*w/2 + sum(xi)\n"
                           "  subject to y.*(X*w) >= 1 - xi\nend\n"
                           "data = 1\nloss, score = f(predict)\n");
    CHECK_MESSAGE(r.tree != NULL, "%s", all_errors(&r));
    if (r.tree == NULL)
        return;
    const Ast *m = r.tree->kids[0];
    static const AstKind kinds[] = {AST_DECLS,    AST_DECLS, AST_ASSIGN,
                                    AST_FUNCTION, AST_ROLE,  AST_ROLE,
                                    AST_SUBJECT};
    CHECK(m->count == sizeof kinds / sizeof *kinds);
    for (uint32_t i = 0; i < m->count && i < 7; i++)
        CHECK(m->kids[i]->kind == kinds[i]);
    CHECK(r.tree->count == 3);
}

static void test_newlines(void)
{
    CHECK(same("x = 1 +\n 2", "x = 1 + 2"));
    CHECK(same("f(1,\n\n 2)\n", "f(1, 2)"));
    CHECK(same("y = if a then\n 1\n else 2", "y = if a then 1 else 2"));
    CHECK(same("r = minimize x^2\n over\n x\n subject to x >= 1",
               "r = minimize x^2 over x subject to x >= 1"));
    CHECK(same("x = 1 # c\n#{\n junk ( \n #{\n#}\n#}\ny = 2", "x = 1\ny = 2"));
    CHECK(same("a\n-b", "a; -b") == false);
    Parse r = parse_string("a\n-b");
    CHECK(r.tree != NULL && r.tree->count == 2);
    r = parse_string("a\n  -b");
    CHECK(r.nerrors == 1 && r.errors[0].help != NULL);
    r = parse_text("a\n  -b", 6, true);
    CHECK(r.nerrors == 0);
    r = parse_string("if a\n  -b\nend");
    CHECK(r.nerrors == 0);
}

static void test_names(void)
{
    CHECK(same("e\xcc\x81t\xc3\xa9", "\xc3\xa9te\xcc\x81")); /* été */
    CHECK(same("\xe2\x84\xa6", "\xce\xa9"));                 /* ohm, omega */
    CHECK(same("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c"));
    CHECK(same("a\xcc\xa3\xcc\x88", "a\xcc\x88\xcc\xa3")); /* two marks */
    const Ast *t = expression("\xce\xb8\xe2\x82\x81");     /* theta_1 */
    CHECK(t != NULL && t->kind == AST_NAME);
    t = expression("over + data + to + as");
    CHECK(t != NULL && t->kind == AST_BINARY);
}

/* ---- round trip ---- */

static void test_print(void)
{
    static const char *const texts[] = {
        "a + b*c",
        "(a + b)*c",
        "a - (b - c)",
        "a/(b*c)",
        "(a/b)^c",
        "a^b^c",
        "(a^b)^c",
        "2^-x",
        "2^(-x*y)",
        "(-x)^2",
        "-(a + b)",
        "f(x; k = 2)",
        "f(; k = 2)",
        "f(a, b = 1)",
        "x -> e",
        "(x, y) -> x*y",
        "() -> 3",
        "(x -> x^2)(3)",
        "f'(x)''",
        "(f')(x)",
        "A[1,:][end]",
        "[1, 2; 3, 4]",
        "[1, 2, 3;]",
        "{1, \"a\\n\"}",
        "{w = 1, b = {}}",
        "not (a and b) or c == (d == e)",
        "a < b < c",
        "(1:n)[2]",
        "1:(2:3)",
        "(if a then b else c) + 1",
        "2x + 3(a + b)",
        "(2).x + (2)'",
        "x.*y./z.^2",
        "(minimize x^2 over x > 0, y[n] = 1 subject to x >= 1, 0 <= y <= 1).x",
        "D[\"a b\"].end",
        "sum(i = 1:n, (y[i] - a*x[i])^2)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const Ast *t = expression(texts[i]);
        CHECK_MESSAGE(t != NULL, "%s", texts[i]);
        if (t == NULL)
            continue;
        if (strcmp(texts[i], "(f')(x)") != 0)
            CHECK_TEXT(ast_text(arena, t), texts[i]);
        CHECK(ast_equal(arena, t, expression(ast_text(arena, t))));
        CHECK(ast_equal(arena, t, ast_copy(arena, t)));
    }
}

/* Random trees, as text with parentheses everywhere, must come back. */
static void add_random(Str *s, unsigned *seed, int depth)
{
    static const char *const ops[] = {
        "+",  "-", "*",   "/", "\\", ".*",  "./", "^", ".^",
        "==", "<", "in",  ":", "or", "and", ",",  "'", "[",
        "(",  "x", "not", "-", "if", "->",  "[;", "{", "."};
    *seed = *seed * 1103515245u + 12345u;
    unsigned pick = (*seed >> 16) % (depth <= 0 ? 4 : 31);
    static const char *const leaves[] = {"x", "2", "1.5", "\"s\""};
    if (pick < 4) {
        str_add(s, leaves[pick]);
        return;
    }
    const char *op = ops[pick - 4];
    bool lead = strcmp(op, "not") == 0 || pick - 4 == 21;
    str_add(s, "(");
    if (strcmp(op, "if") == 0) {
        str_add(s, "if ");
        add_random(s, seed, depth - 1);
        str_add(s, " then ");
        add_random(s, seed, depth - 1);
        str_add(s, " else ");
        add_random(s, seed, depth - 1);
    } else if (lead) {
        str_add_format(s, "%s ", op);
        add_random(s, seed, depth - 1);
    } else if (op[0] == '{' || (op[0] == '[' && op[1] == ';')) {
        str_add_char(s, op[0]);
        add_random(s, seed, depth - 1);
        str_add(s, op[0] == '{' ? ", " : "; ");
        add_random(s, seed, depth - 1);
        str_add(s, op[0] == '{' ? "}" : "]");
    } else if (strcmp(op, "->") == 0) {
        str_add(s, "x -> ");
        add_random(s, seed, depth - 1);
    } else if (op[0] == 'x' || op[0] == ',') {
        str_add(s, op[0] == 'x' ? "3(" : "f(a, k = ");
        add_random(s, seed, depth - 1);
        str_add(s, ")");
    } else if (op[0] == '\'' || op[0] == '[' || op[0] == '(' ||
               (op[0] == '.' && op[1] == '\0')) {
        str_add(s, op[0] == '(' ? "f" : "(");
        if (op[0] != '(')
            add_random(s, seed, depth - 1);
        str_add(s, op[0] == '(' ? "(" : ")");
        if (op[0] == '[' || op[0] == '(') {
            str_add(s, op[0] == '[' ? "[" : "");
            add_random(s, seed, depth - 1);
        }
        str_add(s, op[0] == '\''  ? "'"
                   : op[0] == '.' ? ".w"
                   : op[0] == '[' ? "]"
                                  : ")");
    } else {
        add_random(s, seed, depth - 1);
        str_add_format(s, " %s ", op);
        add_random(s, seed, depth - 1);
    }
    str_add(s, ")");
}

static void test_random_trees(void)
{
    unsigned seed = 1;
    for (int i = 0; i < 2000; i++) {
        Str s = str_in(arena);
        add_random(&s, &seed, 5);
        const Ast *t = expression(str_text(&s));
        CHECK_MESSAGE(t != NULL, "%.200s", str_text(&s));
        if (t == NULL)
            return;
        const char *text = ast_text(arena, t);
        const Ast *back = expression(text);
        CHECK_MESSAGE(back != NULL && ast_equal(arena, t, back), "%.200s",
                      text);
    }
}

/* ---- depth and size ---- */

static char *repeated(const char *a, size_t n, const char *b, const char *c)
{
    Str s = str_in(arena);
    for (size_t i = 0; i < n; i++)
        str_add(&s, a);
    str_add(&s, b);
    for (size_t i = 0; i < n; i++)
        str_add(&s, c);
    return s.at;
}

static void test_depth(void)
{
    static const char *const shapes[][3] = {
        {"(", "1", ")"},      {"-", "1", ""},
        {"sin(", "x", ")"},   {"x + ", "1", ""},
        {"not ", "true", ""}, {"[", "1", "]"},
        {"a^", "b", ""},      {"if a then ", "1", " else 2"},
        {"x -> ", "x", ""},   {"", "a", "'"},
        {"", "a", ".b"},      {"", "a", "[1]"}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char *text = repeated(shapes[i][0], 100000, shapes[i][1], shapes[i][2]);
        const Ast *t = expression(text);
        CHECK_MESSAGE(t != NULL, "%s", shapes[i][0]);
        if (t == NULL)
            continue;
        const char *back = ast_text(arena, t);
        CHECK_MESSAGE(ast_equal(arena, t, expression(back)), "%s",
                      shapes[i][0]);
        CHECK(ast_equal(arena, t, ast_copy(arena, t)));
    }
    char *nested = repeated("g(", 100000, "x", ")");
    Parse r = parse_string(arena_printf(arena, "sym %s", nested));
    CHECK(r.nerrors == 1);
    char *text = repeated("(", 1000000, "1", ")");
    CHECK(expression(text) != NULL);
    const Ast *t = expression(repeated("x + ", 1000, "y*z", ""));
    CHECK(t != NULL && ast_spine_length(t) == 1000);
    const Ast *spine[1000];
    if (t != NULL) {
        ast_spine(t, spine, 1000);
        CHECK(spine[0] == t && spine[999]->kids[0]->kind == AST_NAME);
    }
}

/* ---- errors ---- */

static void check_errors(const char *text, const char *want)
{
    Parse r = parse_string(text);
    CHECK_TEXT(all_errors(&r), want);
    CHECK(r.tree == NULL);
}

/* The first error's help must be what is expected, and parse. */
static void check_help(const char *text, const char *want)
{
    Parse r = parse_string(text);
    CHECK_MESSAGE(r.nerrors == 1, "%s: %zu errors: %s", text, r.nerrors,
                  all_errors(&r));
    if (r.nerrors == 0)
        return;
    CHECK_TEXT(r.errors[0].help != NULL ? r.errors[0].help : "", want);
    Parse again = parse_string(want);
    CHECK_MESSAGE(again.tree != NULL, "%s: %s", want, all_errors(&again));
}

static void test_foreign(void)
{
    static const char *const pairs[][2] = {
        {"y = a**b", "y = a^b"},
        {"A @ B", "A * B"},
        {"f = @(x) x^2", "f = x -> x^2"},
        {"f = @(x, y) x*y", "f = (x, y) -> x*y"},
        {"fit(@f, 2)", "fit(f, 2)"},
        {"a && b", "a and b"},
        {"a&&b", "a and b"},
        {"a || b", "a or b"},
        {"y = !x", "y = not x"},
        {"x ~= 3", "x != 3"},
        {"x <- 3", "x = 3"},
        {"x := 3", "x = 3"},
        {"A %*% B", "A * B"},
        {"x++", "x += 1"},
        {"i--;", "i -= 1;"},
        {"t = 'it \"is\"'", "t = \"it \\\"is\\\"\""},
        {"(x + 1)(x - 1)", "(x + 1)*(x - 1)"},
        {"// note", "# note"},
        {"% note", "# note"},
        {"f = x => x^2", "f = x -> x^2"},
        {"a =< b", "a <= b"},
        {"2 x", "2*x"},
        {"2^3x", "2^3*x"},
        {"x^2y", "x^2*y"},
        {"x^-2y", "x^-2*y"},
        {"y = 1.", "y = 1.0"},
        {"y = 1.e3", "y = 1.0e3"},
        {"[1 -2]", "[1, -2]"},
        {"[1 2]", "[1, 2]"},
        {"[a (b)]", "[a, (b)]"},
        {"{\"a\" \"b\"}", "{\"a\", \"b\"}"},
        {"x.^2'", "(x.^2)'"},
        {"2[1, 2]", "2*[1, 2]"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check_help(pairs[i][0], pairs[i][1]);
    Parse r = parse_string("if a\n  1\nelse if b\n  2\nend");
    CHECK(r.nerrors == 1 && r.errors[0].code == ERR_FOREIGN);
    CHECK_TEXT(r.nerrors ? r.errors[0].help : "", "elseif b");
    r = parse_string("a**b && c");
    CHECK(r.nerrors == 2);
    CHECK_TEXT(r.nerrors ? r.errors[0].help : "", "a^b and c");
}

static void test_messages(void)
{
    check_errors("x = (1 + 2\ny = 3\n",
                 "t.mlc:1:5: error[E104]: this `(` is never closed\n"
                 "    1 | x = (1 + 2\n"
                 "      |     ^\n"
                 "  help: close it with `)`\n");
    check_errors("a = b = 1",
                 "t.mlc:1:7: error[E101]: unexpected `=`\n"
                 "    1 | a = b = 1\n"
                 "      |       ^\n"
                 "      | expected an operator or the end of line\n"
                 "  help: `==` compares; `=` assigns, once in a statement\n");
    check_errors("\tx = 1e\n",
                 "t.mlc:1:6: error[E103]: digits must follow the exponent "
                 "mark\n"
                 "    1 |         x = 1e\n"
                 "      |             ^^\n"
                 "  help: 1*e multiplies\n");
    check_errors("\xe4\xb8\xad + )",
                 "t.mlc:1:6: error[E101]: `)` closes nothing\n"
                 "    1 | \xe4\xb8\xad + )\n"
                 "      |      ^\n");
    check_errors("for i = 1:3\n  x\n",
                 "t.mlc:1:1: error[E104]: this `for` has no `end`\n"
                 "    1 | for i = 1:3\n"
                 "      | ^^^\n"
                 "  help: close it with a line `end`\n");
    Parse r = parse_text("ab\0c", 4, false);
    CHECK(r.nerrors == 1 && r.errors[0].code == ERR_CHARACTER &&
          r.errors[0].at.from == 2);
    r = parse_text("ab\xff", 3, false);
    CHECK(r.nerrors == 1 && r.errors[0].code == ERR_CHARACTER);
}

static void test_several(void)
{
    Parse r = parse_string("x = = 1\ny = f(a b)\nz = [1 2]\nw = 1\n"
                           "if q = 2\n  p p\nend\nfunction g(x)\n  h(\nend\n"
                           "ok = 1\n2y = 3\n");
    static const int lines[] = {1, 2, 3, 5, 6, 9, 12};
    CHECK_MESSAGE(r.nerrors == 7, "%s", all_errors(&r));
    for (size_t i = 0; i < r.nerrors && i < 7; i++) {
        int line, column;
        source_place(r.errors[i].at, &line, &column);
        CHECK(line == lines[i]);
    }
    r = parse_string("y = if a then b\nq q\n");
    CHECK(r.nerrors == 2);
    char *text = repeated("a b\n", 1000, "", "");
    r = parse_string(text);
    CHECK(r.nerrors == PARSE_ERRORS);
}

static void test_diag(void)
{
    char *text = repeated("x + ", 1000, ")", "");
    Parse r = parse_string(text);
    const char *shown = all_errors(&r);
    CHECK(strlen(shown) < 400 && strstr(shown, "...") != NULL);
    r = parse_text("a b", 3, true);
    Str s = str_in(arena);
    DiagStyle style = {.prompt = 2};
    if (r.nerrors > 0)
        diag_format(&s, &r.errors[0], &style);
    CHECK(strncmp(str_text(&s), "    ^\nerror[E101]: ", 19) == 0);
    static const char *const names[] = {"sin", "cos", "exp", "X", "sinh"};
    const char *near = diag_nearest("sim", names, 5);
    CHECK_TEXT(near != NULL ? near : "", "sin");
    near = diag_nearest("x", names, 5);
    CHECK_TEXT(near != NULL ? near : "", "X");
    CHECK(diag_nearest("q", names, 5) == NULL);
    CHECK(diag_nearest("hello", names, 5) == NULL);
    Span at = {source_add("q", "f(a,\n   b)", 10, false), 0, 10};
    CHECK_TEXT(diag_quote(at, 40), "f(a, b)");
    Error e = {.code = ERR_SHAPE,
               .at = at,
               .message = "m",
               .detail = "one\ntwo",
               .help = "h",
               .nframes = 1};
    e.frame[0] = (ErrorFrame){name_of("f"), at};
    Str t = str_in(arena);
    diag_format(&t, &e, NULL);
    CHECK_TEXT(str_text(&t), "q:1:1: error[E203]: m\n"
                             "    1 | f(a,\n"
                             "      | ^^^^\n"
                             "      | one\n"
                             "      | two\n"
                             "  help: h\n"
                             "  in f, called at q:1:1\n");
}

static void test_states(void)
{
    static const struct {
        const char *text;
        ParseState state;
    } cases[] = {
        {"", PARSE_COMPLETE},
        {"x = 1", PARSE_COMPLETE},
        {"# only a comment", PARSE_COMPLETE},
        {"## documents what follows", PARSE_INCOMPLETE},
        {"## documents nothing\n\n", PARSE_COMPLETE},
        {"## documents f\nf(x) = x", PARSE_COMPLETE},
        {"f(x) = x^2; 1", PARSE_COMPLETE},
        {"if x then 1 else 2", PARSE_COMPLETE},
        {"if x\n 1\nend", PARSE_COMPLETE},
        {"x +", PARSE_INCOMPLETE},
        {"x =", PARSE_INCOMPLETE},
        {"f(", PARSE_INCOMPLETE},
        {"f(a,\nb,", PARSE_INCOMPLETE},
        {"[1, 2;", PARSE_INCOMPLETE},
        {"{", PARSE_INCOMPLETE},
        {"if x", PARSE_INCOMPLETE},
        {"if x\n 1", PARSE_INCOMPLETE},
        {"if x then 1", PARSE_INCOMPLETE},
        {"for i = 1:3\n f(", PARSE_INCOMPLETE},
        {"function f(x)\n x\n\n", PARSE_INCOMPLETE},
        {"model m\n data x[n]", PARSE_INCOMPLETE},
        {"minimize x^2", PARSE_INCOMPLETE},
        {"try\n x", PARSE_INCOMPLETE},
        {"#{", PARSE_INCOMPLETE},
        {"x = )", PARSE_WRONG},
        {"a b", PARSE_WRONG},
        {"\"abc", PARSE_WRONG},
        {"a b\nf(", PARSE_WRONG},
        {"end", PARSE_WRONG},
        {"a ** b", PARSE_WRONG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_MESSAGE(parse_state(cases[i].text, strlen(cases[i].text)) ==
                          cases[i].state,
                      "%s", cases[i].text);
}

static void test_expression_entry(void)
{
    Ast *t = parse_expression("rule", "(1 - y^2)*da", arena);
    CHECK_TEXT(ast_text(arena, t), "(1 - y^2)*da");
    Protect p;
    bool raised = false;
    if (PROTECT(&p)) {
        parse_expression("rule", "1 +", arena);
        protect_end(&p);
    } else {
        raised = context_error()->code == ERR_SYNTAX;
    }
    CHECK(raised);
    CHECK(parse_keyword(0) != NULL);
    bool has_over = false;
    for (size_t i = 0; parse_keyword(i) != NULL; i++)
        has_over |= strcmp(parse_keyword(i), "over") == 0;
    CHECK(has_over);
}

/* ---- whatever the bytes, no crash, and every error has a place ---- */

static void test_noise(void)
{
    static const char *const bits[] = {
        "(",        ")",           "[",
        "]",        "{",           "}",
        "x",        "2",           "1.",
        "\"",       "'",           "\n",
        " ",        ";",           ",",
        "+",        "-",           "=",
        "==",       "if ",         "then ",
        "else ",    "end ",        "for ",
        "model ",   "data ",       "minimize ",
        "over ",    "subject to ", "#{\n",
        "#}\n",     "## d\n",      "->",
        ":",        ".",           "^",
        "\xce\xb1", "\xcc\x81",    "\xe2\x88\x92",
        "\xc2\xb2", "function ",   "**",
        "&&",       "0x",          "1e",
        "in ",      "classes ",    "symmetric ",
        "try ",     "catch ",      "while ",
        "sym ",     "rule ",       "return ",
        "include ", "use ",        "as ",
        "\t",       "\r\n",        "@",
        "%",        "!",           "~",
        "$",        "\x01"};
    unsigned seed = 7;
    size_t nbits = sizeof bits / sizeof *bits;
    for (int i = 0; i < 20000; i++) {
        Str s = {0};
        unsigned n = 1 + (seed >> 16) % 25;
        for (unsigned k = 0; k < n; k++) {
            seed = seed * 1103515245u + 12345u;
            str_add(&s, bits[(seed >> 16) % nbits]);
        }
        ArenaMark mark = arena_mark(arena);
        Parse r = parse_text(str_text(&s), s.len, i % 2 == 0);
        if (r.tree != NULL)
            CHECK(r.nerrors == 0);
        else
            CHECK(r.nerrors > 0);
        for (size_t k = 0; k < r.nerrors; k++)
            CHECK_MESSAGE(r.errors[k].at.from <= r.errors[k].at.to &&
                              r.errors[k].at.to <= s.len,
                          "%s", str_text(&s));
        all_errors(&r);
        if (r.tree != NULL) {
            Str back = str_in(arena);
            ast_print_statement(&back, r.tree, 0);
            Parse q = parse_text(str_text(&back), back.len, true);
            CHECK_MESSAGE(q.tree != NULL && ast_equal(arena, r.tree, q.tree),
                          "%s => %s", str_text(&s), str_text(&back));
        }
        parse_state(str_text(&s), s.len);
        arena_reset(arena, mark);
        str_free(&s);
    }
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    arena = arena_new();
    RUN(test_precedence);
    RUN(test_juxtaposition);
    RUN(test_nodes);
    RUN(test_statements);
    RUN(test_declarations);
    RUN(test_model);
    RUN(test_newlines);
    RUN(test_names);
    RUN(test_print);
    RUN(test_random_trees);
    RUN(test_depth);
    RUN(test_foreign);
    RUN(test_messages);
    RUN(test_several);
    RUN(test_diag);
    RUN(test_states);
    RUN(test_expression_entry);
    RUN(test_noise);
    arena_free(arena);
    context_free(c);
    return check_result();
}
