/*
 * lsp_text.c - documents that an editor has open, places in them
 */
#include <string.h>

#include "tool/lsp_inside.h"

/* ---- documents ---- */

Document *document_find(Documents *all, const char *uri)
{
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->at[i]->uri, uri))
            return all->at[i];
    return NULL;
}

Document *document_open(Documents *all, const char *uri)
{
    Document *d = document_find(all, uri);
    if (d)
        return d;
    d = mem_zero(1, sizeof *d);
    d->uri = mem_alloc(strlen(uri) + 1);
    memcpy(d->uri, uri, strlen(uri) + 1);
    VEC_PUSH(all, d);
    return d;
}

static void document_free(Document *d)
{
    str_free(&d->text);
    mem_free((char *)d->version);
    mem_free(d->uri);
    mem_free(d);
}

void document_close(Documents *all, const char *uri)
{
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->at[i]->uri, uri)) {
            document_free(all->at[i]);
            all->at[i] = all->at[--all->count];
            return;
        }
}

void documents_free(Documents *all)
{
    for (size_t i = 0; i < all->count; i++)
        document_free(all->at[i]);
    VEC_FREE(all);
}

void document_set(Document *d, const char *text, size_t len)
{
    d->text.len = 0;
    str_add_len(&d->text, text, len);
}

void document_set_version(Document *d, const Json *item)
{
    const Json *version = json_member(item, "version");
    mem_free((char *)d->version);
    d->version = NULL;
    if (!version || version->kind != JSON_NUMBER)
        return;
    char *copy = mem_alloc(version->len + 1);
    memcpy(copy, version->text, version->len);
    copy[version->len] = '\0';
    d->version = copy;
}

/* ---- places ---- */

static bool is_line_end(const char *text, size_t len, size_t at)
{
    return at >= len || text[at] == '\n' || text[at] == '\r';
}

/* The beginning of the line below the one that ends at `at`. */
static size_t skip_line_end(const char *text, size_t len, size_t at)
{
    if (at < len && text[at] == '\r')
        at++;
    if (at < len && text[at] == '\n')
        at++;
    return at;
}

/* A character: its bytes, and how many units of UTF-16 it takes. */
static size_t take(const char *text, size_t len, size_t at, double *units)
{
    uint32_t code = 0;
    size_t n = text_decode(text + at, len - at, &code);
    *units += n > 0 && code > 0xffff ? 2 : 1;
    return at + (n > 0 ? n : 1);
}

size_t offset_of_position(const char *text, size_t len, const Json *position)
{
    double line = json_number(position, "line", 0), units = 0;
    double column = json_number(position, "character", 0);
    size_t at = 0;
    for (; line >= 1 && at < len; line--) {
        while (!is_line_end(text, len, at))
            at++;
        if (at == len)
            return len;
        at = skip_line_end(text, len, at);
    }
    while (!is_line_end(text, len, at) && units < column)
        at = take(text, len, at, &units);
    return at;
}

void add_position(Str *s, const char *text, size_t len, size_t place)
{
    size_t line = 0, at = 0, end = 0;
    double units = 0;
    place = place < len ? place : len;
    for (;;) {
        end = at;
        while (!is_line_end(text, len, end))
            end++;
        size_t next = skip_line_end(text, len, end);
        if (place < next || next == end)
            break;
        at = next;
        line++;
    }
    while (at < place && at < end)
        at = take(text, len, at, &units);
    str_add_format(s, "{\"line\":%zu,\"character\":%.0f}", line, units);
}

void add_range(Str *s, const char *text, size_t len, size_t from, size_t to)
{
    str_add(s, "{\"start\":");
    add_position(s, text, len, from);
    str_add(s, ",\"end\":");
    add_position(s, text, len, to > from ? to : from);
    str_add_char(s, '}');
}

static bool is_letter(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || u == '_' || (u >= '0' && u <= '9') ||
           ((u | 0x20) >= 'a' && (u | 0x20) <= 'z');
}

/* Behind the string that begins at `at`; it ends with its line at the latest.
 */
static size_t skip_string(const char *text, size_t len, size_t at)
{
    for (at++; !is_line_end(text, len, at) && text[at] != '"'; at++)
        at += text[at] == '\\' && !is_line_end(text, len, at + 1);
    return at < len && text[at] == '"' ? at + 1 : at;
}

bool next_word(const char *text, size_t len, size_t *at, size_t *from)
{
    while (*at < len) {
        if (text[*at] == '"') {
            *at = skip_string(text, len, *at);
        } else if (text[*at] == '#') {
            while (!is_line_end(text, len, *at))
                ++*at;
        } else if (!is_letter(text[*at])) {
            ++*at;
        } else {
            *from = *at;
            while (*at < len && is_letter(text[*at]))
                ++*at;
            if (text[*from] < '0' || text[*from] > '9')
                return true;
        }
    }
    return false;
}

void document_change(Document *d, const Json *change)
{
    const Json *range = json_member(change, "range");
    const Json *text = json_member(change, "text");
    if (!text || text->kind != JSON_TEXT)
        return;
    if (!range || range->kind != JSON_OBJECT) {
        document_set(d, text->text, text->len);
        return;
    }
    const char *old = str_text(&d->text);
    size_t len = d->text.len;
    size_t from = offset_of_position(old, len, json_member(range, "start"));
    size_t to = offset_of_position(old, len, json_member(range, "end"));
    Str now = {0};
    str_add_len(&now, old, from);
    str_add_len(&now, text->text, text->len);
    if (to < from)
        to = from;
    str_add_len(&now, old + to, len - to);
    str_free(&d->text);
    d->text = now;
}

/* ---- URIs ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *path_of_uri(Arena *a, const char *uri)
{
    static const char scheme[] = "file://";
    if (strncmp(uri, scheme, sizeof scheme - 1) != 0)
        return uri;
    const char *p = uri + sizeof scheme - 1;
    Str s = str_in(a);
    while (*p) {
        int high = *p == '%' ? hex_digit(p[1]) : -1;
        int low = high >= 0 ? hex_digit(p[2]) : -1;
        if (low >= 0 && high + low > 0) {
            str_add_char(&s, (char)(16 * high + low));
            p += 3;
        } else {
            str_add_char(&s, *p++);
        }
    }
    return str_text(&s);
}

void add_uri_of_path(Str *s, const char *path)
{
    Str uri = str_in(s->arena);
    str_add(&uri, "file://");
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        if (strchr("/-._~", c) || (c >= '0' && c <= '9') ||
            ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            str_add_char(&uri, *path);
        else
            str_add_format(&uri, "%%%02X", c);
    }
    json_add_text(s, str_text(&uri), uri.len);
}
