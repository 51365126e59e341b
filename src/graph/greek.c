#include "graph/greek.h"

#include <string.h>

typedef struct Greek {
    const char *name, *letter;
} Greek;

static const Greek greek[] = {
    {"alpha", "\xce\xb1"},   {"beta", "\xce\xb2"},    {"gamma", "\xce\xb3"},
    {"delta", "\xce\xb4"},   {"epsilon", "\xce\xb5"}, {"zeta", "\xce\xb6"},
    {"eta", "\xce\xb7"},     {"theta", "\xce\xb8"},   {"iota", "\xce\xb9"},
    {"kappa", "\xce\xba"},   {"lambda", "\xce\xbb"},  {"mu", "\xce\xbc"},
    {"nu", "\xce\xbd"},      {"xi", "\xce\xbe"},      {"pi", "\xcf\x80"},
    {"rho", "\xcf\x81"},     {"sigma", "\xcf\x83"},   {"tau", "\xcf\x84"},
    {"upsilon", "\xcf\x85"}, {"phi", "\xcf\x86"},     {"chi", "\xcf\x87"},
    {"psi", "\xcf\x88"},     {"omega", "\xcf\x89"},   {"Gamma", "\xce\x93"},
    {"Delta", "\xce\x94"},   {"Theta", "\xce\x98"},   {"Lambda", "\xce\x9b"},
    {"Xi", "\xce\x9e"},      {"Pi", "\xce\xa0"},      {"Sigma", "\xce\xa3"},
    {"Phi", "\xce\xa6"},     {"Psi", "\xce\xa8"},     {"Omega", "\xce\xa9"},
};

static int find_letter(const char *text, size_t len)
{
    int n = (int)(sizeof greek / sizeof *greek);
    for (int i = 0; i < n; i++)
        if ((strlen(greek[i].name) == len &&
             !memcmp(greek[i].name, text, len)) ||
            (strlen(greek[i].letter) == len &&
             !memcmp(greek[i].letter, text, len)))
            return i;
    return -1;
}

const char *greek_name(const char *text, size_t len)
{
    int i = find_letter(text, len);
    return i < 0 ? NULL : greek[i].name;
}

const char *greek_letter(const char *text, size_t len)
{
    int i = find_letter(text, len);
    return i < 0 ? NULL : greek[i].letter;
}

const char *greek_row(size_t i)
{
    return i < sizeof greek / sizeof *greek ? greek[i].name : NULL;
}
