/*
 * near.c - mistakes counted and weighed
 */
#include "base/near.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

#define ROOM 64 /* characters of a name; longer ones are only equal */

/* Weights in 64ths of a mistake: the differences decide among equals only. */
enum {
    MISTAKE = 64,
    SWAP = MISTAKE - 4,
    DOUBLE = MISTAKE - 3,
    NEIGHBOUR = MISTAKE - 2,
    OTHER_CASE = MISTAKE / 2,
    UNSUITED = 8,
    SLACK = 47, /* one letter in the other case, and all that is unlikely */
    FAR = 1 << 20
};

static uint32_t fold_case(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0x391 && c <= 0x3a9))
        return c + 32;
    return c;
}

static int decode_all(const char *text, uint32_t code[ROOM])
{
    int n = 0;
    for (size_t i = 0, len = strlen(text); i < len; n++) {
        if (n == ROOM)
            return -1;
        size_t used = text_decode(text + i, len - i, &code[n]);
        if (used == 0) {
            code[n] = 0xdc00u + (unsigned char)text[i];
            used = 1;
        }
        i += used;
    }
    return n;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Where a letter is on the keyboard, in quarters of a key; false: nowhere. */
static bool find_key(uint32_t c, int *row, int *column)
{
    static const char *const keys[] = {"1234567890", "qwertyuiop", "asdfghjkl",
                                       "zxcvbnm"};
    static const int shift[] = {-2, 0, 1, 3};
    for (int r = 0; r < 4; r++) {
        const char *p = c > 0 && c < 128 ? strchr(keys[r], (int)c) : NULL;
        if (!p)
            continue;
        *row = r;
        *column = 4 * (int)(p - keys[r]) + shift[r];
        return true;
    }
    return false;
}

static int change_cost(uint32_t a, uint32_t b)
{
    int ra, ca, rb, cb;
    if (a == b)
        return 0;
    if (fold_case(a) == fold_case(b))
        return OTHER_CASE;
    if (!find_key(fold_case(a), &ra, &ca) || !find_key(fold_case(b), &rb, &cb))
        return MISTAKE;
    bool beside = ra - rb <= 1 && rb - ra <= 1 && ca - cb <= 4 && cb - ca <= 4;
    return beside ? NEIGHBOUR : MISTAKE;
}

/* Of letter i, put in or left out: a second one of its kind is likelier. */
static int extra_cost(const uint32_t *c, int n, int i)
{
    bool twice = (i > 0 && c[i - 1] == c[i]) || (i + 1 < n && c[i + 1] == c[i]);
    return twice ? DOUBLE : MISTAKE;
}

/* Optimal string alignment by rows (Damerau 1964); FAR where the lengths alone
 * cost `bound`. */
static int text_cost(const char *a, const char *b, int bound)
{
    uint32_t ca[ROOM], cb[ROOM];
    int na = decode_all(a, ca), nb = decode_all(b, cb);
    if (na < 0 || nb < 0)
        return strcmp(a, b) == 0 ? 0 : FAR;
    if ((na > nb ? na - nb : nb - na) * DOUBLE > bound)
        return FAR;
    int row[3][ROOM + 1];
    int *two = row[0], *one = row[1], *now = row[2];
    now[0] = 0;
    for (int j = 1; j <= nb; j++)
        now[j] = now[j - 1] + extra_cost(cb, nb, j - 1);
    for (int i = 1; i <= na; i++) {
        int *old = two;
        two = one;
        one = now;
        now = old;
        int extra = extra_cost(ca, na, i - 1);
        now[0] = one[0] + extra;
        for (int j = 1; j <= nb; j++) {
            uint32_t x = ca[i - 1], y = cb[j - 1];
            int d =
                least(one[j] + extra, now[j - 1] + extra_cost(cb, nb, j - 1));
            if (one[j - 1] < d)
                d = least(d, one[j - 1] + change_cost(x, y));
            if (i > 1 && j > 1 && x != y && x == cb[j - 2] && ca[i - 2] == y)
                d = least(d, two[j - 2] + SWAP);
            now[j] = d;
        }
    }
    return now[nb];
}

/* ---- the best of many ---- */

Near near_begin(const char *wrong)
{
    size_t n = 0;
    for (const char *p = wrong; *p; p++)
        n += (*p & 0xc0) != 0x80;
    int most = n >= 9 ? 3 : n >= 6 ? 2 : n >= 3 ? 1 : 0;
    return (Near){.wrong = wrong, .cost = most * MISTAKE + SLACK + 1};
}

static bool differs_in_case_only(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++)
        if (*a != *b && !((*a ^ *b) == 0x20 &&
                          (((*a | 0x20) >= 'a' && (*a | 0x20) <= 'z'))))
            return false;
    return *a == *b;
}

enum { LEAST_BEGINNING = 4 };

static void offer_longer(Near *near, const char *candidate, size_t common)
{
    size_t n = strlen(candidate), wrong = strlen(near->wrong);
    bool begun = common == wrong && wrong >= LEAST_BEGINNING;
    bool begins = common == n && n >= LEAST_BEGINNING && near->wrong[n] == '_';
    if (!begun && !begins)
        return;
    size_t now = near->longer ? strlen(near->longer) : 0;
    if (now == 0 || (begun ? n < now || now < wrong : now < wrong && n > now))
        near->longer = candidate;
}

void near_offer(Near *near, const char *candidate, bool suits)
{
    size_t common = 0;
    while (candidate[common] && near->wrong[common] == candidate[common])
        common++;
    offer_longer(near, candidate, common);
    int cost = differs_in_case_only(near->wrong, candidate)
                   ? 0
                   : text_cost(near->wrong, candidate, near->cost);
    if (!suits)
        cost += UNSUITED;
    bool tie = cost == near->cost && near->best != NULL;
    if (cost < near->cost || (tie && common > near->common)) {
        near->cost = cost;
        near->common = common;
        near->best = candidate;
    }
}

const char *near_best(const Near *near)
{
    return near->best ? near->best : near->longer;
}

const char *near_of(const char *wrong, const char *const *names, size_t n)
{
    Near near = near_begin(wrong);
    for (size_t i = 0; i < n; i++)
        near_offer(&near, names[i], true);
    return near_best(&near);
}
