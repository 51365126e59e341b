/*
 * emit_library.c - the functions that generated C brings along
 *
 * Their text is that of c99.inc and of num/special.c, put into the program by
 * the build (c99_text).  It is taken apart at empty lines into blocks; a
 * block goes into a file if one of the names that it defines is used there.
 */
#include <string.h>

#include "compile/emit_state.h"

typedef struct Block {
    const char *text;
    size_t len;
    size_t comment; /* at its head */
    bool code, used;
} Block;

typedef VEC(Block) Blocks;

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

static size_t word_length(const char *s, const char *end)
{
    size_t n = 0;
    if (s < end && is_letter(*s))
        while (s + n < end && is_word(s[n]))
            n++;
    return n;
}

/* Is the word w (n letters) anywhere in text[0..len)? */
static bool has_word(const char *text, size_t len, const char *w, size_t n)
{
    const char *end = text + len;
    for (const char *c = text; c < end;) {
        size_t k = word_length(c, end);
        if (k == n && !memcmp(c, w, n))
            return true;
        c += k ? k : 1;
        while (!k && c < end && is_word(c[-1]) && is_word(*c))
            c++;
    }
    return false;
}

/* The name defined by a line that begins at c: #define NAME, or the word
 * before the first bracket. */
static const char *defined_name(const char *c, const char *end, size_t *n)
{
    if (end - c > 8 && !memcmp(c, "#define ", 8)) {
        *n = word_length(c + 8, end);
        return c + 8;
    }
    *n = 0;
    if (c == end || !is_letter(*c))
        return NULL;
    for (const char *k = c; k < end && *k != '\n';) {
        size_t len = word_length(k, end);
        if (len && (k[len] == '(' || k[len] == '[')) {
            *n = len;
            return k;
        }
        k += len ? len : 1;
    }
    return NULL;
}

/* Does the block define a word of the text? */
static bool serves(const Block *b, const char *text, size_t len)
{
    const char *end = b->text + b->len;
    for (const char *line = b->text; line < end; line++) {
        size_t n;
        const char *name = defined_name(line, end, &n);
        if (name && n && has_word(text, len, name, n))
            return true;
        line = memchr(line, '\n', (size_t)(end - line));
        if (!line)
            break;
    }
    return false;
}

static void split(Arena *a, const char *text, Blocks *blocks)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t len = end ? (size_t)(end - text) : strlen(text);
        Block b = {.text = text, .len = len};
        const char *close = strstr(text, "*/\n");
        if (!memcmp(text, "/*", 2) && close && close < text + len)
            b.comment = (size_t)(close - text) + 3;
        b.code = !has_word(text, len, "include", 7) &&
                 !has_word(text, len, "inc", 3);
        VEC_PUSH_IN(a, blocks, b);
        text += len;
        text += strspn(text, "\n");
    }
}

/* Functions of the library are the file's own. */
static void write_block(const Block *b, Str *out)
{
    const char *end = b->text + b->len;
    for (const char *line = b->text; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        next = next ? next + 1 : end;
        size_t n, len = (size_t)(next - line);
        if (*line != '#' && defined_name(line, end, &n) &&
            strncmp(line, "static ", 7) != 0)
            str_add(out, "static ");
        str_add_len(out, line, len);
        line = next;
    }
    str_add(out, "\n\n");
}

static bool is_among(const char *name, const char *const words[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(words[i], name))
            return true;
    return false;
}

/* A word of C, a macro of <float.h> or <math.h>, a local of the wrapper. */
static bool is_word_of_c(const char *name)
{
    static const char *const words[] = {
        "auto",     "break",    "case",        "char",      "const",
        "continue", "default",  "do",          "double",    "else",
        "enum",     "extern",   "float",       "for",       "goto",
        "if",       "inline",   "int",         "long",      "register",
        "restrict", "return",   "short",       "signed",    "sizeof",
        "static",   "struct",   "switch",      "typedef",   "union",
        "unsigned", "void",     "volatile",    "while",     "main",
        "in_",      "out_",     "size_t",      "NULL",      "NAN",
        "INFINITY", "HUGE_VAL", "HUGE_VALF",   "HUGE_VALL", "DECIMAL_DIG",
        "isfinite", "isnormal", "isunordered", "float_t",   "double_t"};
    static const char *const before[] = {"FLT_", "DBL_",  "LDBL_", "FP_",
                                         "M_",   "MATH_", "math_"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (!strncmp(name, before[i], strlen(before[i])))
            return true;
    return is_among(name, words, sizeof words / sizeof *words);
}

/* Functions of <math.h>, perhaps with f or l behind, and of <string.h>. */
static bool is_standard(const char *name)
{
    static const char *const words[] = {
        "acos",      "acosh",     "asin",       "asinh",    "atan",
        "atan2",     "atanh",     "cbrt",       "ceil",     "copysign",
        "cos",       "cosh",      "erf",        "erfc",     "exp",
        "exp2",      "expm1",     "fabs",       "fdim",     "floor",
        "fma",       "fmax",      "fmin",       "fmod",     "frexp",
        "hypot",     "ilogb",     "ldexp",      "lgamma",   "llrint",
        "llround",   "log",       "log10",      "log1p",    "log2",
        "logb",      "lrint",     "lround",     "modf",     "nan",
        "nearbyint", "nextafter", "nexttoward", "pow",      "remainder",
        "remquo",    "rint",      "round",      "scalbln",  "scalbn",
        "sin",       "sinh",      "sqrt",       "tan",      "tanh",
        "tgamma",    "trunc",     "memchr",     "memcmp",   "memcpy",
        "memmove",   "memset",    "strcat",     "strchr",   "strcmp",
        "strcoll",   "strcpy",    "strcspn",    "strerror", "strlen",
        "strncat",   "strncmp",   "strncpy",    "strpbrk",  "strrchr",
        "strspn",    "strstr",    "strtok",     "strxfrm"};
    size_t n = strlen(name), count = sizeof words / sizeof *words;
    char stem[16] = "";
    if (n > 1 && n < sizeof stem && (name[n - 1] == 'f' || name[n - 1] == 'l'))
        memcpy(stem, name, n - 1);
    return is_among(name, words, count) || is_among(stem, words, count);
}

bool emit_is_taken(const char *name)
{
    size_t n = strlen(name);
    for (int k = 0; k < 2; k++) {
        const char *text = c99_text[k], *end = text + strlen(text);
        for (const char *c = text; c < end;) {
            size_t len = word_length(c, end);
            if (len == n && c[len] == '(' && !memcmp(c, name, n))
                return true;
            c += len ? len : 1;
        }
    }
    return is_word_of_c(name) || is_standard(name);
}

void emit_library(Arena *a, const char *text, Str *out)
{
    Blocks blocks = {0};
    split(a, c99_text[0], &blocks);
    split(a, c99_text[1], &blocks);
    bool more = true;
    for (size_t i = 0; i < blocks.count; i++) {
        Block *b = &blocks.at[i];
        b->used = b->code && serves(b, text, strlen(text));
    }
    while (more) {
        more = false;
        for (size_t i = 0; i < blocks.count; i++)
            for (size_t k = 0; k < blocks.count && !blocks.at[i].used; k++) {
                Block *b = &blocks.at[i], *by = &blocks.at[k];
                b->used =
                    b->code && by->used &&
                    serves(b, by->text + by->comment, by->len - by->comment);
                more = more || b->used;
            }
    }
    for (size_t i = 0; i < blocks.count; i++)
        if (blocks.at[i].used)
            write_block(&blocks.at[i], out);
}
