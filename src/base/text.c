/* text.c - UTF-8: the second half of str.h */
#include "base/str.h"

#include <string.h>

/*
 * Decodes the character at p and returns its length in bytes, 0 if the
 * bytes are not valid UTF-8 (Unicode 15, table 3-7: no overlong forms, no
 * surrogates, nothing above 10FFFF).
 */
static size_t decode(const unsigned char *p, size_t len, uint32_t *code)
{
    if (len == 0)
        return 0;
    uint32_t c = p[0];
    size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (n == 0 || n > len || c > 0xf4)
        return 0;
    if (n > 1)
        c &= 0xffu >> (n + 1);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
        (n == 4 && (c < 0x10000 || c > 0x10ffff)))
        return 0;
    *code = c;
    return n;
}

size_t text_decode(const char *text, size_t len, uint32_t *code)
{
    return decode((const unsigned char *)text, len, code);
}

size_t text_check_utf8(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len) {
        uint64_t w;
        if (len - i >= 8) {
            memcpy(&w, text + i, 8);
            /* Eight bytes that are ASCII and not NUL: subtracting 1 from
               each borrows from a top bit only where one was 0. */
            if (!((w | (w - 0x0101010101010101u)) & 0x8080808080808080u)) {
                i += 8;
                continue;
            }
        }
        uint32_t code;
        size_t n = text_decode(text + i, len - i, &code);
        if (n == 0 || code == 0)
            return i;
        i += n;
    }
    return len;
}

typedef struct Range {
    uint32_t from, to;
} Range;

/* Marks that stand over the character before them, and invisible ones. */
static const Range no_width[] = {
    {0x0300, 0x036f},   {0x0483, 0x0489},   {0x0591, 0x05bd}, {0x05bf, 0x05bf},
    {0x05c1, 0x05c2},   {0x05c4, 0x05c5},   {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0670, 0x0670},   {0x06d6, 0x06dc},   {0x06df, 0x06e4}, {0x06e7, 0x06e8},
    {0x06ea, 0x06ed},   {0x0900, 0x0902},   {0x093a, 0x093a}, {0x093c, 0x093c},
    {0x0941, 0x0948},   {0x094d, 0x094d},   {0x0951, 0x0957}, {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a},   {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x200b, 0x200f},   {0x202a, 0x202e},   {0x2060, 0x2069}, {0x20d0, 0x20ff},
    {0x3099, 0x309a},   {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
    {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef},
};

/* East Asian wide characters and emoji (Unicode Standard Annex 11). */
static const Range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},
    {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2e80, 0x303e},
    {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
    {0xa000, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

static bool is_in(const Range *r, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count && code >= r[i].from; i++)
        if (code <= r[i].to)
            return true;
    return false;
}

size_t text_columns(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t n = text_decode(text + i, len - i, &code);
        if (n < 2)
            columns++;
        else if (is_in(wide, sizeof wide / sizeof *wide, code))
            columns += 2;
        else if (!is_in(no_width, sizeof no_width / sizeof *no_width, code))
            columns++;
        i += n ? n : 1;
    }
    return columns;
}

/* Controls, and the marks that reorder text or hide in it. */
static bool is_hidden(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
           (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
}

void str_add_visible(Str *s, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t n = text_decode(text + i, len - i, &code);
        if (n == 0)
            str_add_format(s, "\\x%02x", (unsigned char)text[i]);
        else if (!is_hidden(code))
            str_add_len(s, text + i, n);
        else if (code == '\n' || code == '\t')
            str_add(s, code == '\n' ? "\\n" : "\\t");
        else
            str_add_format(s, "\\u{%x}", (unsigned)code);
        i += n ? n : 1;
    }
}
