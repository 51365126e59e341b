#include "base/str.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"

Str str_in(Arena *a)
{
    return (Str){.arena = a};
}

void str_free(Str *s)
{
    if (!s->arena)
        mem_free(s->at);
    *s = (Str){.arena = s->arena};
}

char *str_reserve(Str *s, size_t more)
{
    if (more < s->room - s->len)
        return s->at + s->len;
    if (more > SIZE_MAX / 4 || s->len > SIZE_MAX / 4)
        memory_raise(SIZE_MAX);
    size_t room = s->len + more + 1;
    if (room < s->room * 2)
        room = s->room * 2;
    if (room < 32)
        room = 32;
    if (s->arena) {
        char *at = arena_alloc(s->arena, room);
        if (s->len)
            memcpy(at, s->at, s->len);
        s->at = at;
    } else {
        s->at = mem_resize(s->at, room);
    }
    s->room = room;
    s->at[s->len] = '\0';
    return s->at + s->len;
}

void str_add_len(Str *s, const char *text, size_t len)
{
    str_reserve(s, len);
    if (len)
        memcpy(s->at + s->len, text, len);
    s->len += len;
    s->at[s->len] = '\0';
}

void str_clear(Str *s)
{
    s->len = 0;
    if (s->at)
        s->at[0] = '\0';
}

void str_add(Str *s, const char *text)
{
    str_add_len(s, text, strlen(text));
}

void str_add_char(Str *s, char c)
{
    str_add_len(s, &c, 1);
}

void str_add_integer(Str *s, int64_t i)
{
    char text[20], *p = text + sizeof text;
    uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (i < 0)
        *--p = '-';
    str_add_len(s, p, (size_t)(text + sizeof text - p));
}

void str_add_args(Str *s, const char *form, va_list args)
{
    va_list again;
    va_copy(again, args);
    str_reserve(s, 64);
    size_t left = s->room - s->len;
    int len = vsnprintf(s->at + s->len, left, form, args);
    if (len > 0 && (size_t)len >= left) {
        str_reserve(s, (size_t)len);
        vsnprintf(s->at + s->len, s->room - s->len, form, again);
    }
    va_end(again);
    if (len > 0)
        s->len += (size_t)len;
    s->at[s->len] = '\0';
}

void str_add_format(Str *s, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    str_add_args(s, form, args);
    va_end(args);
}

const char *str_text(const Str *s)
{
    return s->at ? s->at : "";
}

/* The finalizer spreads every bit of a and b over the whole word. */
uint64_t hash_mix(uint64_t a, uint64_t b)
{
    uint64_t x = (a ^ (b << 27 | b >> 37)) + b * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
    x = (x ^ x >> 29) * 0xd6e8feb86659fd93u;
    return x ^ x >> 32;
}

uint64_t hash_bytes(const void *data, size_t len)
{
    const char *p = data;
    uint64_t h = len;
    for (; len >= 8; len -= 8, p += 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        h = hash_mix(h, w);
    }
    uint64_t w = 0;
    if (len)
        memcpy(&w, p, len);
    return hash_mix(h, w);
}

static NameSlot *find_name(NameSlot *slot, size_t room, const char *text,
                           size_t len, uint64_t hash)
{
    size_t i = (size_t)hash & (room - 1);
    while (slot[i].name && (slot[i].hash != hash || slot[i].len != len ||
                            memcmp(slot[i].name, text, len) != 0))
        i = (i + 1) & (room - 1);
    return &slot[i];
}

static void grow_names(Context *c)
{
    size_t room = c->names_room ? c->names_room * 2 : 256;
    NameSlot *slot = mem_zero(room, sizeof *slot);
    for (size_t i = 0; i < c->names_room; i++) {
        NameSlot *s = &c->names[i];
        if (s->name)
            *find_name(slot, room, s->name, s->len, s->hash) = *s;
    }
    mem_free(c->names);
    c->names = slot;
    c->names_room = room;
}

Name name_of_len(const char *text, size_t len)
{
    Context *c = context_of_thread;
    if (c->nnames * 2 >= c->names_room)
        grow_names(c);
    uint64_t hash = hash_bytes(text, len);
    NameSlot *s = find_name(c->names, c->names_room, text, len, hash);
    if (!s->name) {
        Name name = arena_copy(c->lasting, text, len);
        *s = (NameSlot){name, len, hash};
        c->nnames++;
    }
    return s->name;
}

Name name_of(const char *text)
{
    return name_of_len(text, strlen(text));
}
