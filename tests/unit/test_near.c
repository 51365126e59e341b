/*
 * Names typed wrong: of each public name of four letters or more a letter is
 * left out, put in, changed and swapped with its neighbour, at places that a
 * fixed seed chooses.  The name meant must be proposed, and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "eval/builtin.h"
#include "eval/module.h"

enum { EDITS = 4, LONGEST = 64, LEAST = 4, WANTED = 93 };

static uint64_t state = 2026;

static size_t draw(size_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(state >> 33) % n;
}

/* The name with one mistake of a kind; false if it is no other text. */
static bool edit(int kind, const char *name, char out[LONGEST])
{
    size_t n = strlen(name), at = draw(n - (kind == 3)), k = 0;
    char letter = (char)('a' + draw(26));
    for (size_t i = 0; i <= n; i++) {
        if (kind == 0 && i == at)
            continue;
        if (kind == 1 && i == at)
            out[k++] = letter;
        out[k++] = kind == 2 && i == at ? letter : name[i];
    }
    if (kind == 3) {
        out[at] = name[at + 1];
        out[at + 1] = name[at];
    }
    return strcmp(out, name) != 0;
}

static void run(Interp *in, const char *code)
{
    interp_run(in, in->top, source_add("-e", code, strlen(code), false));
}

/* The name that is proposed for a word, or "". */
static const char *proposed(Interp *in, const char *word, bool called)
{
    static char best[LONGEST];
    char code[2 * LONGEST];
    snprintf(code, sizeof code, called ? "%s(x)" : "%s;", word);
    best[0] = '\0';
    in->last_error = ERR_COUNT;
    run(in, code);
    const char *help =
        in->last_error == ERR_NAME ? context_error()->help : NULL;
    if (!help || sscanf(help, "did you mean %63[^? ]", best) != 1)
        best[0] = '\0';
    return best;
}

typedef struct Score {
    int asked, right;
} Score;

static void score_name(Interp *in, const char *name, Score score[EDITS])
{
    Value v;
    char word[LONGEST];
    bool called = !lookup_name(in, name_of(name), &v) || v.kind == VAL_FUNCTION;
    for (int kind = 0; kind < EDITS; kind++) {
        if (!edit(kind, name, word) || lookup_name(in, name_of(word), &v))
            continue;
        bool right = !strcmp(proposed(in, word, called), name);
        score[kind].asked++;
        score[kind].right += right;
        if (!right && getenv("MLC_NEAR"))
            printf("%s for %s, not %s\n", proposed(in, word, called), word,
                   name);
    }
}

static void names_with_a_mistake_are_recognised(void)
{
    Interp *in = interp_new();
    Score score[EDITS] = {{0, 0}};
    const Builtin *b;
    const char *name;
    in->err = fopen("/dev/null", "w");
    for (size_t i = 0; (b = builtin_row(i)) != NULL; i++)
        if (strlen(b->name) >= LEAST)
            score_name(in, b->name, score);
    for (size_t i = 0; (name = library_name(i)) != NULL; i++)
        if (strlen(name) >= LEAST)
            score_name(in, name, score);
    int asked = 0, right = 0;
    for (int k = 0; k < EDITS; k++) {
        printf("# %s: %d of %d\n",
               (const char *[]){"left out", "put in", "changed", "swapped"}[k],
               score[k].right, score[k].asked);
        asked += score[k].asked;
        right += score[k].right;
    }
    printf("# %d of %d (%.1f%%)\n", right, asked, 100.0 * right / asked);
    CHECK(asked > 1000);
    CHECK(100 * right >= WANTED * asked);
    fclose(in->err);
    interp_free(in);
}

int main(void)
{
    RUN(names_with_a_mistake_are_recognised);
    return check_result();
}
