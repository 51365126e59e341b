/*
 * json_read.c - a parser by descent
 */
#include <string.h>

#include "base/error.h"
#include "base/vec.h"
#include "io/json.h"
#include "num/number.h"

typedef struct Reader {
    Arena *a;
    const char *name, *start, *at, *end;
} Reader;

static _Noreturn void fail(const Reader *r, const char *what)
{
    size_t line = 1, column = 1;
    for (const char *c = r->start; c < r->at; c++) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    error_raise(SPAN_NONE, ERR_CSV, "%s, line %zu, column %zu: %s", r->name,
                line, column, what);
}

static void skip_blanks(Reader *r)
{
    while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at)
        r->at++;
}

/* The next character after blanks; '\0' at the end. */
static char look(Reader *r)
{
    skip_blanks(r);
    return r->at < r->end ? *r->at : '\0';
}

static bool take_word(Reader *r, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* ---- texts ---- */

static uint32_t four_digits(Reader *r)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++) {
        char c = r->at < r->end ? *r->at : '\0';
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            fail(r, "\\u wants four hexadecimal digits");
        code = 16 * code + (uint32_t)digit;
        r->at++;
    }
    return code;
}

static void add_code(Str *s, uint32_t c)
{
    if (c < 0x80) {
        str_add_char(s, (char)c);
    } else if (c < 0x800) {
        str_add_char(s, (char)(0xc0 | c >> 6));
        str_add_char(s, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        str_add_char(s, (char)(0xe0 | c >> 12));
        str_add_char(s, (char)(0x80 | (c >> 6 & 0x3f)));
        str_add_char(s, (char)(0x80 | (c & 0x3f)));
    } else {
        str_add_char(s, (char)(0xf0 | c >> 18));
        str_add_char(s, (char)(0x80 | (c >> 12 & 0x3f)));
        str_add_char(s, (char)(0x80 | (c >> 6 & 0x3f)));
        str_add_char(s, (char)(0x80 | (c & 0x3f)));
    }
}

/* Halves of a pair become one character; a half alone U+FFFD. */
static void read_escape(Reader *r, Str *s)
{
    static const char letters[] = "\"\\/bfnrt", codes[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at++ : '\0';
    const char *p = c ? strchr(letters, c) : NULL;
    if (p) {
        str_add_char(s, codes[p - letters]);
        return;
    }
    if (c != 'u')
        fail(r, "no such escape in a text");
    uint32_t code = four_digits(r);
    if (code >= 0xd800 && code < 0xdc00 && take_word(r, "\\u")) {
        uint32_t low = four_digits(r);
        bool pair = low >= 0xdc00 && low < 0xe000;
        add_code(s, pair ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
                         : 0xfffd);
        return;
    }
    add_code(s, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
}

static void read_text(Reader *r, Json *y)
{
    Str s = str_in(r->a);
    r->at++;
    for (;;) {
        if (r->at == r->end || *r->at == '\n')
            fail(r, "a text has no closing quote");
        char c = *r->at++;
        if (c == '"')
            break;
        if (c == '\\')
            read_escape(r, &s);
        else
            str_add_char(&s, c);
    }
    y->kind = JSON_TEXT;
    y->text = str_text(&s);
    y->len = s.len;
}

static void read_number(Reader *r, Json *y)
{
    const char *from = r->at;
    while (r->at < r->end && *r->at && strchr("+-0123456789.eE", *r->at))
        r->at++;
    size_t n = (size_t)(r->at - from);
    y->kind = JSON_NUMBER;
    y->text = from;
    y->len = n;
    y->whole =
        !memchr(from, '.', n) && !memchr(from, 'e', n) && !memchr(from, 'E', n);
    if (n == 0 || !num_parse_double(from, n, false, &y->number)) {
        r->at = from;
        fail(r, "this is no JSON value");
    }
}

/* ---- arrays and objects ---- */

static void read_value(Reader *r, Json *y);

typedef VEC(Json) Values;

static void keep(Reader *r, Json *y, const Values *v)
{
    y->count = v->count;
    y->at = arena_alloc(r->a, (v->count + 1) * sizeof *y->at);
    if (v->count)
        memcpy(y->at, v->at, v->count * sizeof *y->at);
}

/* After an element: true if another one follows. */
static bool goes_on(Reader *r, char close)
{
    char c = look(r);
    if (c != ',' && c != close)
        fail(r, close == ']' ? "`,` or `]` is wanted" : "`,` or `}` is wanted");
    r->at++;
    return c == ',';
}

static void read_array(Reader *r, Json *y)
{
    Values v = {0};
    y->kind = JSON_ARRAY;
    r->at++;
    if (look(r) == ']') {
        r->at++;
        return;
    }
    do {
        Json element = {.kind = JSON_NULL};
        POLL();
        read_value(r, &element);
        VEC_PUSH_IN(r->a, &v, element);
    } while (goes_on(r, ']'));
    keep(r, y, &v);
}

static void read_object(Reader *r, Json *y)
{
    Values v = {0};
    VEC(const char *) names = {0};
    y->kind = JSON_OBJECT;
    r->at++;
    if (look(r) == '}') {
        r->at++;
        return;
    }
    do {
        Json name = {.kind = JSON_NULL}, member = {.kind = JSON_NULL};
        if (look(r) != '"')
            fail(r, "a name in quotes is wanted");
        read_text(r, &name);
        if (look(r) != ':')
            fail(r, "`:` is wanted after a name");
        r->at++;
        read_value(r, &member);
        VEC_PUSH_IN(r->a, &v, member);
        VEC_PUSH_IN(r->a, &names, name.text);
    } while (goes_on(r, '}'));
    keep(r, y, &v);
    y->name = names.at;
}

static void read_value(Reader *r, Json *y)
{
    depth_check();
    switch (look(r)) {
    case '[':
        read_array(r, y);
        break;
    case '{':
        read_object(r, y);
        break;
    case '"':
        read_text(r, y);
        break;
    case 't':
    case 'f':
        y->kind = JSON_BOOL;
        y->truth = *r->at == 't';
        if (!take_word(r, y->truth ? "true" : "false"))
            fail(r, "this is no JSON value");
        break;
    case 'n':
        if (!take_word(r, "null"))
            fail(r, "this is no JSON value");
        break;
    default:
        read_number(r, y);
    }
}

Json *json_read(Arena *a, const char *name, const char *text, size_t len)
{
    Reader r = {a, name, text, text, text + len};
    Json *y = ARENA_NEW(a, Json);
    take_word(&r, "\xef\xbb\xbf");
    read_value(&r, y);
    if (look(&r) != '\0' || r.at != r.end)
        fail(&r, "the text goes on after its value");
    return y;
}

/* ---- asking ---- */

const Json *json_member(const Json *object, const char *name)
{
    if (!object || object->kind != JSON_OBJECT)
        return NULL;
    for (size_t i = object->count; i-- > 0;)
        if (!strcmp(object->name[i], name))
            return &object->at[i];
    return NULL;
}

const char *json_text(const Json *object, const char *name, const char *other)
{
    const Json *m = json_member(object, name);
    return m && m->kind == JSON_TEXT ? m->text : other;
}

bool json_truth(const Json *object, const char *name, bool other)
{
    const Json *m = json_member(object, name);
    return m && m->kind == JSON_BOOL ? m->truth : other;
}

double json_number(const Json *object, const char *name, double other)
{
    const Json *m = json_member(object, name);
    return m && m->kind == JSON_NUMBER ? m->number : other;
}

static void add_elements(Str *s, const Json *value)
{
    bool object = value->kind == JSON_OBJECT;
    str_add_char(s, object ? '{' : '[');
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0)
            str_add_char(s, ',');
        if (object)
            json_add_key(s, value->name[i]);
        json_add(s, &value->at[i]);
    }
    str_add_char(s, object ? '}' : ']');
}

void json_add(Str *s, const Json *value)
{
    depth_check();
    switch (value->kind) {
    case JSON_NULL:
        str_add(s, "null");
        break;
    case JSON_BOOL:
        json_add_bool(s, value->truth);
        break;
    case JSON_NUMBER:
        str_add_len(s, value->text, value->len);
        break;
    case JSON_TEXT:
        json_add_text(s, value->text, value->len);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        add_elements(s, value);
    }
}
