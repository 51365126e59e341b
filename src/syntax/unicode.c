/*
 * unicode.c - letters of names, and their normal form
 */
#include "syntax/unicode.h"

#include <stdbool.h>
#include <string.h>

typedef struct Range {
    uint32_t from, to;
    uint8_t kind;
} Range;

typedef struct Triple {
    uint32_t a, b, c;
} Triple;

enum { LETTER = 1, MARK = 2 };

static const Range letters[] = {
#define LETTERS(a, b) {a, b, LETTER},
#define MARKS(a, b) {a, b, MARK},
#include "syntax/letters.def"
#undef LETTERS
#undef MARKS
};

static const Range classes[] = {
#define CLASS(a, b, k) {a, b, k},
#include "syntax/nfc.def"
#undef CLASS
};

static const Triple splits[] = {
#define SPLIT(c, a, b) {c, a, b},
#include "syntax/nfc.def"
#undef SPLIT
};

static const Triple pairs[] = {
#define PAIR(a, b, c) {a, b, c},
#include "syntax/nfc.def"
#undef PAIR
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int find_kind(const Range *r, size_t n, uint32_t c)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (c < r[mid].from)
            hi = mid;
        else if (c > r[mid].to)
            lo = mid + 1;
        else
            return r[mid].kind;
    }
    return 0;
}

size_t unicode_next(const char *text, size_t len, uint32_t *c)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = s[0] < 0xc2   ? 1
               : s[0] < 0xe0 ? 2
               : s[0] < 0xf0 ? 3
               : s[0] < 0xf5 ? 4
                             : 1;
    if (n > len)
        n = 1;
    *c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        *c = *c << 6 | (s[i] & 0x3fu);
    return n;
}

static bool is_ascii_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int kind_of(uint32_t c)
{
    if (c < 0x80)
        return is_ascii_letter(c) ? LETTER : c >= '0' && c <= '9' ? MARK : 0;
    return find_kind(letters, COUNT(letters), c);
}

size_t unicode_name_length(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        uint32_t c;
        size_t n = unicode_next(text + at, len - at, &c);
        int kind = kind_of(c);
        if (kind == 0 || (kind == MARK && at == 0))
            break;
        at += n;
    }
    return at;
}

/* Hangul syllables are arithmetic (The Unicode Standard, section 3.12). */
enum {
    HANGUL_S = 0xac00,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11a7,
    HANGUL_L_COUNT = 19,
    HANGUL_V_COUNT = 21,
    HANGUL_T_COUNT = 28
};

static uint32_t compose_hangul(uint32_t a, uint32_t b)
{
    if (a - HANGUL_L < HANGUL_L_COUNT && b - HANGUL_V < HANGUL_V_COUNT)
        return HANGUL_S + ((a - HANGUL_L) * HANGUL_V_COUNT + (b - HANGUL_V)) *
                              HANGUL_T_COUNT;
    uint32_t syllable = a - HANGUL_S;
    if (syllable < HANGUL_L_COUNT * HANGUL_V_COUNT * HANGUL_T_COUNT &&
        syllable % HANGUL_T_COUNT == 0 && b > HANGUL_T &&
        b - HANGUL_T < HANGUL_T_COUNT)
        return a + (b - HANGUL_T);
    return 0;
}

/* The character that a b is written as, or 0. */
static uint32_t compose(uint32_t a, uint32_t b)
{
    size_t lo = 0, hi = COUNT(pairs);
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        const Triple *p = &pairs[mid];
        if (p->a == a && p->b == b)
            return p->c;
        if (p->a < a || (p->a == a && p->b < b))
            lo = mid + 1;
        else
            hi = mid;
    }
    return compose_hangul(a, b);
}

static const Triple *find_split(uint32_t c)
{
    size_t lo = 0, hi = COUNT(splits);
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (splits[mid].a == c)
            return &splits[mid];
        if (splits[mid].a < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static bool take_apart(uint32_t c, uint32_t *a, uint32_t *b)
{
    const Triple *split = find_split(c);
    if (split != NULL) {
        *a = split->b;
        *b = split->c;
        return true;
    }
    for (size_t i = 0; i < COUNT(pairs); i++)
        if (pairs[i].c == c) {
            *a = pairs[i].a;
            *b = pairs[i].b;
            return true;
        }
    return false;
}

/* Writes the full decomposition of c, at most 4 characters in Unicode 14. */
static size_t decompose(uint32_t c, uint32_t *out)
{
    uint32_t tail[4];
    size_t n = 0, m = 0;
    uint32_t a, b;
    while (take_apart(c, &a, &b) && m < COUNT(tail)) {
        if (b != 0)
            tail[m++] = b;
        c = a;
    }
    out[n++] = c;
    while (m > 0)
        out[n++] = tail[--m];
    return n;
}

static int class_of(uint32_t c)
{
    return c < 0x300 ? 0 : find_kind(classes, COUNT(classes), c);
}

/* Puts each run of marks into the order of their classes (stable). */
static void order_marks(uint32_t *s, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        int k = class_of(s[i]);
        uint32_t c = s[i];
        size_t j = i;
        for (; k != 0 && j > 0 && class_of(s[j - 1]) > k; j--)
            s[j] = s[j - 1];
        s[j] = c;
    }
}

/*
 * Joins each starter with the marks behind it that are not blocked by one of
 * the same or a higher class (UAX #15, D117).  Returns the new length.
 */
static size_t compose_all(uint32_t *s, size_t n)
{
    size_t starter = 0, out = 0;
    int last = -1; /* class of the last one kept; -1: none */
    bool has_starter = false;
    for (size_t i = 0; i < n; i++) {
        int k = class_of(s[i]);
        uint32_t joined = has_starter && last < (k == 0 ? 1 : k) &&
                                  (last == -1 || (k != 0 && last != 0))
                              ? compose(s[starter], s[i])
                              : 0;
        if (joined != 0) {
            s[starter] = joined;
            continue;
        }
        if (k == 0) {
            starter = out;
            has_starter = true;
            last = -1;
        } else {
            last = k;
        }
        s[out++] = s[i];
    }
    return out;
}

static void add_utf8(Str *out, uint32_t c)
{
    char b[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    if (n == 1) {
        b[0] = (char)c;
    } else {
        for (size_t i = n - 1; i > 0; i--, c >>= 6)
            b[i] = (char)(0x80 | (c & 0x3f));
        b[0] = (char)(((0xf00u >> n) & 0xff) | c);
    }
    str_add_len(out, b, n);
}

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

Name unicode_name(Arena *scratch, const char *text, size_t len)
{
    if (is_ascii(text, len))
        return name_of_len(text, len);
    uint32_t *s = arena_alloc(scratch, (4 * len + 4) * sizeof *s);
    size_t n = 0;
    for (size_t at = 0; at < len;) {
        uint32_t c;
        at += unicode_next(text + at, len - at, &c);
        n += decompose(c, s + n);
    }
    order_marks(s, n);
    n = compose_all(s, n);
    Str out = str_in(scratch);
    for (size_t i = 0; i < n; i++)
        add_utf8(&out, s[i]);
    return name_of_len(str_text(&out), out.len);
}
