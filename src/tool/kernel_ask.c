/*
 * kernel_ask.c - what a front end asks while a cell is being written
 */
#include <stdlib.h>
#include <string.h>

#include "eval/call.h"
#include "eval/help.h"
#include "eval/module.h"
#include "syntax/diag.h"
#include "syntax/parse.h"
#include "tool/kernel_inside.h"
#include "value/datatable.h"

void ask_kernel_info(Str *out)
{
    str_add(out,
            "{\"status\":\"ok\",\"protocol_version\":\"5.3\","
            "\"implementation\":\"mlc\","
            "\"implementation_version\":\"" MLC_VERSION "\","
            "\"language_info\":{\"name\":\"mlc\","
            "\"version\":\"" MLC_VERSION "\",\"mimetype\":\"text/x-mlc\","
            "\"file_extension\":\".mlc\",\"pygments_lexer\":\"octave\","
            "\"codemirror_mode\":\"octave\"},"
            "\"banner\":\"mlc " MLC_VERSION ": the calculator for the calculus "
            "of machine learning; ? for help\",\"help_links\":[]}");
}

void ask_is_complete(Kernel *k, const Json *question, Str *out)
{
    const char *code = json_text(question, "code", "");
    (void)k;
    switch (parse_state(code, strlen(code))) {
    case PARSE_COMPLETE:
        str_add(out, "{\"status\":\"complete\"}");
        break;
    case PARSE_INCOMPLETE:
        str_add(out, "{\"status\":\"incomplete\",\"indent\":\"  \"}");
        break;
    default:
        str_add(out, "{\"status\":\"invalid\"}");
    }
}

/* ---- the cursor, in characters for Jupyter ---- */

static size_t bytes_before(const char *code, size_t characters)
{
    size_t i = 0, len = strlen(code);
    for (uint32_t c; characters > 0 && i < len; characters--)
        i += text_decode(code + i, len - i, &c);
    return i;
}

static size_t characters_before(const char *code, size_t bytes)
{
    size_t i = 0, n = 0;
    for (uint32_t c; i < bytes; n++)
        i += text_decode(code + i, bytes - i, &c);
    return n;
}

static size_t cursor_of(const Json *question, const char *code)
{
    double at = json_number(question, "cursor_pos", -1);
    return at < 0 ? strlen(code) : bytes_before(code, (size_t)at);
}

static bool is_name_byte(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static size_t name_start(const char *code, size_t at)
{
    while (at > 0 && is_name_byte(code[at - 1]))
        at--;
    return at;
}

static size_t name_end(const char *code, size_t at)
{
    while (is_name_byte(code[at]))
        at++;
    return at;
}

/* ---- complete ---- */

typedef struct Matches {
    Arena *arena;
    const char *beginning;
    size_t len;
    VEC(const char *) name;
} Matches;

static void offer(Matches *m, const char *name)
{
    if (name && !strncmp(name, m->beginning, m->len) && name[0] != ' ')
        VEC_PUSH_IN(m->arena, &m->name, name);
}

static void offer_names(Interp *in, Matches *m)
{
    const TableEntry *e;
    const char *name;
    for (size_t i = 0; (e = table_next(&in->top->cells, &i)) != NULL;)
        if (((Cell *)e->value)->defined)
            offer(m, e->key);
    for (size_t i = 0; (e = table_next(&in->builtins, &i)) != NULL;)
        offer(m, e->key);
    for (size_t i = 0; (name = library_name(i)) != NULL; i++)
        offer(m, name);
    for (size_t i = 0; (name = parse_keyword(i)) != NULL; i++)
        offer(m, name);
}

/* After `r.`: members of what the name before stands for. */
static void offer_members(Interp *in, Matches *m, Name owner)
{
    Value v;
    if (!lookup_name(in, owner, &v))
        return;
    if (v.kind == VAL_RECORD)
        for (size_t i = 0; i < v.record->count; i++)
            offer(m, v.record->name[i]);
    else if (v.kind == VAL_TABLE)
        for (size_t i = 0; i < v.table->ncols; i++)
            offer(m, v.table->name[i]);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void ask_complete(Kernel *k, const Json *question, Str *out)
{
    Arena *a = arena_local();
    const char *code = json_text(question, "code", "");
    size_t at = cursor_of(question, code), from = name_start(code, at);
    Matches m = {.arena = a,
                 .beginning = arena_copy(a, code + from, at - from),
                 .len = at - from};
    if (from > 0 && code[from - 1] == '.') {
        size_t start = name_start(code, from - 1);
        offer_members(k->in, &m, name_of_len(code + start, from - 1 - start));
    } else {
        offer_names(k->in, &m);
    }
    if (m.name.count > 0)
        qsort(m.name.at, m.name.count, sizeof *m.name.at, compare_names);
    str_add(out, "{\"status\":\"ok\",\"metadata\":{},\"matches\":[");
    const char *last = "";
    for (size_t i = 0; i < m.name.count; i++) {
        if (!strcmp(m.name.at[i], last))
            continue;
        if (*last)
            str_add_char(out, ',');
        last = m.name.at[i];
        json_add_text(out, last, strlen(last));
    }
    str_add_format(out, "],\"cursor_start\":%zu,\"cursor_end\":%zu}",
                   characters_before(code, from), characters_before(code, at));
    arena_free(a);
}

/* ---- inspect ---- */

/* The name under the cursor, or that of the call whose arguments it is in. */
static const char *name_at(Arena *a, const char *code, size_t at)
{
    size_t from = name_start(code, at), to = name_end(code, at);
    int open = 0;
    for (size_t i = at; from == to && i-- > 0;) {
        if (code[i] == ')' || code[i] == ']' || code[i] == '}')
            open++;
        else if ((code[i] == '(' || code[i] == '[' || code[i] == '{') &&
                 open-- == 0) {
            from = name_start(code, i);
            to = i;
            break;
        }
    }
    return arena_copy(a, code + from, to - from);
}

/* What `?name` prints; false if nothing is known of it. */
static bool help_text(Interp *in, const char *name, Str *out)
{
    char *text = NULL;
    size_t len = 0;
    FILE *outer = in->out;
    volatile bool known = false;
    Checkpoint c = interp_checkpoint(in);
    FILE *to = open_memstream(&text, &len);
    Protect p;
    if (!to)
        return false;
    in->out = to;
    if (PROTECT(&p)) {
        help_show(in, name, SPAN_NONE);
        protect_end(&p);
        known = true;
    } else {
        interp_restore(in, &c);
    }
    in->out = outer;
    fclose(to);
    if (known)
        str_add_len(out, text, len);
    free(text);
    return known;
}

void ask_inspect(Kernel *k, const Json *question, Str *out)
{
    Arena *a = arena_local();
    const char *code = json_text(question, "code", "");
    const char *name = name_at(a, code, cursor_of(question, code));
    Str text = str_in(a);
    bool found = *name && help_text(k->in, name, &text);
    str_add_format(out, "{\"status\":\"ok\",\"found\":%s,\"data\":{",
                   found ? "true" : "false");
    if (found) {
        json_add_key(out, "text/plain");
        json_add_text(out, str_text(&text), text.len);
    }
    str_add(out, "},\"metadata\":{}}");
    arena_free(a);
}

/* ---- history ---- */

/* `*` stands for any text, `?` for one character. */
static bool fits_pattern(const char *pattern, const char *text)
{
    const char *star = NULL, *back = text;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            back = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++back;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool is_asked(const Json *question, const char *kind, const Past *p)
{
    if (!strcmp(kind, "range"))
        return p->number >= json_number(question, "start", 1) &&
               p->number < json_number(question, "stop", 1e9);
    return strcmp(kind, "search") != 0 ||
           fits_pattern(json_text(question, "pattern", "*"), p->code);
}

static void add_past(const Past *p, bool output, Str *out)
{
    str_add_format(out, output ? "[1,%d,[" : "[1,%d,", p->number);
    json_add_text(out, p->code, strlen(p->code));
    if (output) {
        str_add_char(out, ',');
        if (p->result)
            json_add_text(out, p->result, strlen(p->result));
        else
            str_add(out, "null");
        str_add_char(out, ']');
    }
    str_add_char(out, ']');
}

/* Was the same typed again later? */
static bool is_repeated(const Kernel *k, size_t i)
{
    for (size_t j = i + 1; j < k->past.count; j++)
        if (!strcmp(k->past.at[i].code, k->past.at[j].code))
            return true;
    return false;
}

void ask_history(Kernel *k, const Json *question, Str *out)
{
    const char *kind = json_text(question, "hist_access_type", "tail");
    double most = strcmp(kind, "range") ? json_number(question, "n", 1e9) : 1e9;
    bool unique = json_truth(question, "unique", false);
    size_t asked = 0, comma = 0;
    for (size_t i = 0; i < k->past.count; i++)
        asked += is_asked(question, kind, &k->past.at[i]) &&
                 !(unique && is_repeated(k, i));
    str_add(out, "{\"status\":\"ok\",\"history\":[");
    for (size_t i = 0; i < k->past.count; i++) {
        const Past *p = &k->past.at[i];
        if (!is_asked(question, kind, p) || (unique && is_repeated(k, i)) ||
            (double)asked-- > most)
            continue;
        if (comma++)
            str_add_char(out, ',');
        add_past(p, json_truth(question, "output", false), out);
    }
    str_add(out, "]}");
}
