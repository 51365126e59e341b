/*
 * test.h - `mlc test`: scripts that hold their expectations
 *
 *     grad(x'*A*x, x)          # expect: (A + A')*x
 *     A*x'                     # error: E203
 *
 * An expectation belongs to the statement that its line ends; further lines
 * of expected output follow on lines of their own.  `# expect:` is compared
 * with what the statement prints, blanks at the ends apart; the comment with
 * the shape may be left out.  `# error:` names the code and, after it, a part
 * of the message.  A statement that fails without `# error:` is a failure,
 * and so is one that does not fail with it; the script goes on either way.
 */
#ifndef MLC_REPL_TEST_H
#define MLC_REPL_TEST_H

#include "eval/interp.h"

typedef struct TestCount {
    int passed, failed, skipped;
} TestCount;

/*
 * Runs one script in a fresh session and prints a line for each failure on
 * stdout.  A script whose first line is `# needs: PATH` is skipped where the
 * path (relative to the working directory) does not exist.
 */
void test_script(const char *path, TestCount *count);

/* Files and folders (searched for .mlc, in order of name); the exit status.
 * The last line printed is `N passed, N failed`. */
int test_paths(int n, char **paths);

#endif
