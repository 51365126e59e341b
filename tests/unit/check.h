/*
 * check.h - what the C tests share
 *
 * A test is a function without arguments that calls CHECK any number of
 * times.  RUN(f) prints `ok f`, or `not ok f: ...` with the first check that
 * failed; `return check_result()` ends main with the count of failures.
 */
#ifndef MLC_TESTS_CHECK_H
#define MLC_TESTS_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_failures;
static char check_why[512];

#define CHECK(cond) CHECK_MESSAGE(cond, "%s", #cond)

#define CHECK_FAIL(why) CHECK_MESSAGE(0, "%s", (why))

/* The message is printf's, and is built only if the check fails. */
#define CHECK_MESSAGE(cond, ...)                                               \
    do {                                                                       \
        if (!(cond) && !check_why[0]) {                                        \
            int check_n = snprintf(check_why, sizeof check_why,                \
                                   "%s:%d: ", __FILE__, __LINE__);             \
            snprintf(check_why + check_n, sizeof check_why - (size_t)check_n,  \
                     __VA_ARGS__);                                             \
        }                                                                      \
    } while (0)

#define CHECK_TEXT(got, want)                                                  \
    do {                                                                       \
        const char *check_g = (got), *check_w = (want);                        \
        CHECK_MESSAGE(strcmp(check_g, check_w) == 0, "got \"%s\", not \"%s\"", \
                      check_g, check_w);                                       \
    } while (0)

#define RUN(test)                                                              \
    do {                                                                       \
        check_why[0] = '\0';                                                   \
        test();                                                                \
        if (check_why[0]) {                                                    \
            check_failures++;                                                  \
            printf("not ok %s: %s\n", #test, check_why);                       \
        } else {                                                               \
            printf("ok %s\n", #test);                                          \
        }                                                                      \
    } while (0)

static inline int check_result(void)
{
    return check_failures != 0;
}

#endif
