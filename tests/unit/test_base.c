#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/vec.h"
#include "check.h"

static void memory_is_counted(void)
{
    size_t before = mem_used();
    char *a = mem_alloc(100);
    CHECK(mem_used() == before + 100);
    a = mem_resize(a, 5000);
    CHECK(mem_used() == before + 5000);
    double *b = mem_zero_aligned(7, sizeof *b);
    CHECK((uintptr_t)b % 64 == 0 && b[6] == 0);
    b[6] = 3;
    b = mem_resize(b, 100 * sizeof *b);
    CHECK((uintptr_t)b % 64 == 0 && b[6] == 3);
    mem_free(a);
    mem_free(b);
    mem_free(NULL);
    CHECK(mem_used() == before);
    CHECK(mem_try((size_t)1 << 60) == NULL);
    CHECK(mem_try_aligned(SIZE_MAX / 2, 8) == NULL);
    CHECK(mem_limit() > 1 << 20);
}

static void huge_requests_raise(void)
{
    Protect p;
    if (PROTECT(&p)) {
        mem_zero(SIZE_MAX / 2, 8);
        protect_end(&p);
        CHECK_FAIL("the error did not come");
    } else {
        CHECK(context_error()->code == ERR_MEMORY);
    }
    if (PROTECT(&p)) {
        mem_alloc((size_t)1 << 55);
        protect_end(&p);
        CHECK_FAIL("the error did not come");
    } else {
        CHECK(strstr(context_error()->message, "36028797018963968"));
    }
}

static void budget_is_kept(void)
{
    setenv("MLC_MEMORY", "1M", 1);
    Context *c = context_new();
    unsetenv("MLC_MEMORY");
    Context *before = context_enter(c);
    CHECK(mem_limit() == 1 << 20);
    void *a = mem_try(900000);
    CHECK(a != NULL);
    CHECK(mem_try(200000) == NULL);
    mem_free(a);
    a = mem_try(200000);
    CHECK(a != NULL);
    mem_free(a);
    context_enter(before);
    context_free(c);
}

static void arena_hands_out_and_resets(void)
{
    Arena *a = arena_new();
    char *kept = arena_printf(a, "%s-%d", "kept", 7);
    ArenaMark mark = arena_mark(a);
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i < 1000; i++) {
            char *p = arena_alloc(a, i);
            CHECK((uintptr_t)p % 16 == 0);
            memset(p, 0xff, i);
        }
        int *z = ARENA_ARRAY(a, int, 100000);
        CHECK(z[0] == 0 && z[99999] == 0);
        arena_reset(a, mark);
    }
    CHECK_TEXT(kept, "kept-7");
    arena_free(a);
    a = arena_new();
    mark = arena_mark(a);
    arena_copy(a, "abc", 3);
    arena_reset(a, mark);
    CHECK_TEXT(arena_copy(a, "xyz", 2), "xy");
    arena_free(a);
    arena_free(NULL);
}

static void vectors_grow(void)
{
    VEC(int) v = {0};
    Arena *a = arena_new();
    VEC(double) w = {0};
    for (int i = 0; i < 10000; i++) {
        VEC_PUSH(&v, i);
        VEC_PUSH_IN(a, &w, i);
    }
    CHECK(v.count == 10000 && v.at[9999] == 9999);
    CHECK(w.count == 10000 && w.at[1234] == 1234);
    VEC_FREE(&v);
    CHECK(v.at == NULL && v.count == 0);
    arena_free(a);
}

static void table_keeps_order(void)
{
    static char key[1000];
    Table t = {0};
    CHECK(!table_has(&t, key) && table_get(&t, key) == NULL);
    for (int i = 0; i < 1000; i++)
        table_set(&t, key + i, key + (i + 1) % 1000);
    table_remove(&t, &t);
    for (int i = 0; i < 1000; i += 2)
        table_remove(&t, key + i);
    CHECK(t.count == 500);
    CHECK(!table_has(&t, key + 10) && table_has(&t, key + 11));
    table_set(&t, key + 10, NULL);
    CHECK(table_has(&t, key + 10) && table_get(&t, key + 10) == NULL);
    table_remove(&t, key + 10);
    const TableEntry *e;
    int next = 1;
    for (size_t i = 0; (e = table_next(&t, &i)) != NULL; next += 2)
        CHECK(e->key == key + next && e->value == key + (next + 1) % 1000);
    CHECK(next == 1001);
    for (int round = 0; round < 100000; round++) {
        table_set(&t, &t, key);
        table_remove(&t, &t);
    }
    CHECK(t.count == 500 && t.room <= 2048);
    table_free(&t);
}

static void strings_are_built(void)
{
    Str s = {0};
    CHECK_TEXT(str_text(&s), "");
    for (int i = 0; i < 300; i++)
        str_add_format(&s, "%d,", i);
    str_add_len(&s, NULL, 0);
    str_add_char(&s, '!');
    CHECK(s.len == strlen(s.at) && s.len == 10 * 2 + 90 * 3 + 200 * 4 + 1);
    str_add_format(&s, "%0500d", 1);
    CHECK(s.len == strlen(s.at) && s.at[s.len - 1] == '1');
    str_free(&s);
    CHECK(s.at == NULL);
    Arena *a = arena_new();
    s = str_in(a);
    for (int i = 0; i < 100; i++)
        str_add(&s, "0123456789");
    CHECK(s.len == 1000 && !strncmp(s.at + 990, "0123456789", 11));
    arena_free(a);
}

static void names_are_unique(void)
{
    char text[20];
    Name a = name_of("alpha");
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "name%d", i);
        name_of(text);
    }
    CHECK(name_of("alpha") == a && name_of_len("alphabet", 5) == a);
    CHECK(name_of("name77") != name_of("name777"));
    CHECK_TEXT(name_of("name77"), "name77");
    CHECK_TEXT(name_of_len("", 0), "");
}

static const char *near(const char *wrong)
{
    static const char *const names[] = {
        "length", "log",  "logistic", "residuals", "sin",  "sum",
        "grad",   "grid", "λx",       "sort",      "score"};
    const char *y = near_of(wrong, names, sizeof names / sizeof *names);
    return y ? y : "none";
}

static void near_names(void)
{
    CHECK_TEXT(near("lenght"), "length");
    CHECK_TEXT(near("Log"), "log");
    CHECK_TEXT(near("LGO"), "none");
    CHECK_TEXT(near("μx"), "none");     /* too short */
    CHECK_TEXT(near("Λx"), "λx");
    CHECK_TEXT(near("lngthh"), "length");
    CHECK_TEXT(near("sim"), "sin");     /* both are near, m is beside n */
    CHECK_TEXT(near("sm"), "none");
    CHECK_TEXT(near("grod"), "grid");   /* o is beside i */
    CHECK_TEXT(near("resid"), "residuals");
    CHECK_TEXT(near("logistic_regression"), "logistic");
    CHECK_TEXT(near("res"), "none");
    CHECK_TEXT(near("kitten"), "none");
}

static void utf8(void)
{
    const char *good = "a λ \xe2\x82\xac \xf0\x9f\x98\x80 plain text";
    CHECK(text_check_utf8(good, strlen(good)) == strlen(good));
    CHECK(text_check_utf8("0123456789\xc0\x80", 12) == 10);
    CHECK(text_check_utf8("01234567\0x", 10) == 8);
    CHECK(text_check_utf8("\xed\xa0\x80", 3) == 0);
    CHECK(text_check_utf8("\xf4\x90\x80\x80", 4) == 0);
    CHECK(text_check_utf8("\xe2\x82", 2) == 0);
    CHECK(text_columns("e\xcc\x81λ", 5) == 2);
    CHECK(text_columns("\xe6\x97\xa5x", 4) == 3);
    Str s = {0};
    str_add_visible(&s, "a\n\x01\xff λ\xe2\x80\xae\xc2\x85", 12);
    CHECK_TEXT(str_text(&s), "a\\n\\u{1}\\xff λ\\u{202e}\\u{85}");
    str_free(&s);
}

static void errors_jump_and_quote(void)
{
    Protect p, q;
    if (PROTECT(&p)) {
        if (PROTECT(&q)) {
            error_raise((Span){1, 2, 3}, ERR_SHAPE, "first %d", 1);
        } else {
            Error *e = context_error();
            error_raise_help(SPAN_NONE, ERR_USER, e->message, "do that",
                             "second after %s", e->message);
        }
    } else {
        Error *e = context_error();
        CHECK(e->code == ERR_USER && e->at.source == 0);
        CHECK_TEXT(e->message, "second after first 1");
        CHECK_TEXT(e->detail, "first 1");
        CHECK_TEXT(e->help, "do that");
        error_place((Span){1, 5, 6});
        error_place((Span){1, 7, 8});
        CHECK(e->at.from == 5);
        for (int i = 0; i < 100; i++)
            error_frame(name_of("f"), SPAN_NONE);
        CHECK(e->nframes == ERROR_FRAMES);
    }
    if (PROTECT(&p)) {
        if (PROTECT(&q))
            error_raise(SPAN_NONE, ERR_NAME, "again");
        else
            error_again();
    } else {
        CHECK_TEXT(context_error()->message, "again");
    }
    CHECK_TEXT(error_name(ERR_SHAPE), "E203");
    CHECK_TEXT(error_title(ERR_SHAPE), "shape");
    CHECK(error_find("E203") == ERR_SHAPE && error_find("x") == ERR_COUNT);
}

static void sources_have_places(void)
{
    uint32_t s = source_add("f.mlc", "a\nbλc\n", 7, false);
    int line, column;
    source_place((Span){s, 0, 1}, &line, &column);
    CHECK(line == 1 && column == 1);
    source_place((Span){s, 5, 6}, &line, &column);
    CHECK(line == 2 && column == 3);
    CHECK_TEXT(source_get(s)->name, "f.mlc");
    CHECK(source_get(0) == NULL && source_get(s + 1) == NULL);
}

static int burn(int n)
{
    depth_check();
    volatile char room[1000];
    room[n % 1000] = 1;
    return n < 100000000 ? burn(n + 1) + room[n % 1000] : 0;
}

static void depth_ends_in_an_error(void)
{
    Protect p;
    if (PROTECT(&p)) {
        burn(0);
        protect_end(&p);
        CHECK_FAIL("the error did not come");
    } else {
        CHECK(context_error()->code == ERR_DEPTH);
    }
}

static void interrupts_are_polled(void)
{
    Protect p;
    interrupt_flag = 1;
    if (PROTECT(&p)) {
        POLL();
        protect_end(&p);
        CHECK_FAIL("the error did not come");
    } else {
        CHECK(context_error()->code == ERR_INTERRUPT && !interrupt_flag);
    }
}

static void contexts_are_apart(void)
{
    Context *c = context_new();
    Name a = name_of("shared");
    Context *before = context_enter(c);
    CHECK(name_of("shared") != a);
    CHECK(context_current() == c);
    context_enter(before);
    context_free(c);
    CHECK(context_current() == before);
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    RUN(memory_is_counted);
    RUN(huge_requests_raise);
    RUN(budget_is_kept);
    RUN(arena_hands_out_and_resets);
    RUN(vectors_grow);
    RUN(table_keeps_order);
    RUN(strings_are_built);
    RUN(names_are_unique);
    RUN(near_names);
    RUN(utf8);
    RUN(errors_jump_and_quote);
    RUN(sources_have_places);
    RUN(depth_ends_in_an_error);
    RUN(interrupts_are_polled);
    RUN(contexts_are_apart);
    context_free(c);
    return check_result();
}
