/*
 * test.c - `mlc test`
 */
#include "repl/test.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "syntax/diag.h"
#include "syntax/parse.h"

typedef struct Expectation {
    bool error;
    const char *text;           /* in the arena, trimmed */
    int line;
} Expectation;

typedef struct TestRun {
    Interp *in;
    Arena *arena;
    const char *path;
    VEC(Expectation) expected;  /* in order of their lines */
    TestCount *count;
} TestRun;

static const char *trim(Arena *a, const char *text, size_t len)
{
    while (len > 0 && strchr(" \t\r\n", text[0])) {
        text++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        len--;
    return arena_copy(a, text, len);
}

static void read_expectations(TestRun *r, const char *text)
{
    int line = 1;
    for (const char *p = text; *p; line++) {
        size_t n = strcspn(p, "\n");
        char *copy = arena_copy(r->arena, p, n);
        static const char *const marks[] = {"# expect:", "# error:"};
        for (int k = 0; k < 2; k++) {
            char *at = strstr(copy, marks[k]);
            if (!at)
                continue;
            at += strlen(marks[k]);
            VEC_PUSH_IN(r->arena, &r->expected,
                        ((Expectation){k == 1, trim(r->arena, at, strlen(at)),
                                       line}));
            break;
        }
        p += n + (p[n] == '\n');
    }
}

static void fail(TestRun *r, int line, const char *what, const char *want,
                 const char *got)
{
    r->count->failed++;
    printf("%s:%d: %s\n", r->path, line, what);
    if (want)
        printf("    expected: %s\n", want);
    if (got)
        printf("    got:      %s\n", got);
}

/* Lines compared one by one, ends trimmed, shape comments optional. */
static bool same_line(Arena *a, const char *want, const char *got, size_t len)
{
    const char *line = trim(a, got, len);
    if (!strcmp(want, line))
        return true;
    const char *shape = strstr(line, "    # [");
    if (!shape || strstr(want, " # ["))
        return false;
    return !strcmp(want, trim(a, line, (size_t)(shape - line)));
}

static void check_output(TestRun *r, size_t first, size_t last, int line,
                         const char *out)
{
    const char *p = out;
    for (size_t i = first; i < last; i++) {
        size_t n = strcspn(p, "\n");
        if (same_line(r->arena, r->expected.at[i].text, p, n))
            r->count->passed++;
        else
            fail(r, r->expected.at[i].line, "another output",
                 r->expected.at[i].text, trim(r->arena, p, n));
        p += n + (p[n] == '\n');
    }
    if (*p && last > first)
        fail(r, line, "more output than expected", "",
             trim(r->arena, p, strlen(p)));
}

static void check_error(TestRun *r, const Expectation *e)
{
    const Error *error = context_error();
    size_t n = strcspn(e->text, " ");
    const char *code = error_name(error->code);
    const char *part = e->text + n;
    while (*part == ' ')
        part++;
    Str all = str_in(r->arena);
    str_add_format(&all, "%s %s", code, error->message);
    if (error->detail)
        str_add_format(&all, " | %s", error->detail);
    if (error->help)
        str_add_format(&all, " help: %s", error->help);
    if (strlen(code) == n && !strncmp(code, e->text, n) &&
        strstr(str_text(&all), part))
        r->count->passed++;
    else
        fail(r, e->line, "another error", e->text, str_text(&all));
}

static int end_line(const Ast *t)
{
    int line, column;
    Span end = t->at;
    end.from = end.to > end.from ? end.to - 1 : end.from;
    source_place(end, &line, &column);
    return line;
}

/* Runs statement t with the expectations first..last-1. */
static void run_one(TestRun *r, const Ast *t, size_t first, size_t last)
{
    Interp *in = r->in;
    char *out = NULL;
    size_t len = 0;
    in->out = open_memstream(&out, &len);
    Checkpoint c = interp_checkpoint(in);
    PoolMark mark = pool_mark();
    Protect p;
    bool good;
    if (PROTECT(&p)) {
        *context_here() = t->at;
        exec(in, t);
        pool_drain(mark);
        graph_sweep(in->graph);
        protect_end(&p);
        good = true;
    } else {
        interp_restore(in, &c);
        good = false;
    }
    fclose(in->out);
    in->out = stdout;
    heap_warnings_clear();
    pool_drain(mark);
    int line = end_line(t);
    bool wants_error = first < last && r->expected.at[first].error;
    if (good && wants_error) {
        fail(r, line, "no error", r->expected.at[first].text, trim(r->arena, out, len));
    } else if (!good && wants_error) {
        check_error(r, &r->expected.at[first]);
    } else if (!good) {
        r->count->failed++;
        report_error(in);
    } else {
        check_output(r, first, last, line, out);
    }
    free(out);
}

static void run_statements(TestRun *r, const Ast *tree)
{
    size_t k = 0, before = (size_t)r->count->passed + (size_t)r->count->failed;
    for (uint32_t i = 0; i < tree->count; i++) {
        int next = INT32_MAX;
        if (i + 1 < tree->count) {
            int column;
            source_place(tree->kids[i + 1]->at, &next, &column);
        }
        size_t first = k;
        while (k < r->expected.count && r->expected.at[k].line < next)
            k++;
        run_one(r, tree->kids[i], first, k);
    }
    if (before == (size_t)r->count->passed + (size_t)r->count->failed)
        r->count->passed++;     /* it ran: its asserts held */
}

/* Skips to the expectation of `line`; errors that did not come have failed. */
static size_t skip_expected(TestRun *r, size_t k, int line)
{
    for (; k < r->expected.count; k++) {
        const Expectation *e = &r->expected.at[k];
        if (e->error && e->line >= line)
            break;
        if (e->error)
            fail(r, e->line, "no error", e->text, NULL);
    }
    return k;
}

/*
 * Syntax errors are expected like others, in the order of their lines.  None
 * of the script runs then: it can expect nothing else.
 */
static void check_syntax(TestRun *r, const Parse *parse)
{
    size_t k = 0;
    for (size_t i = 0; i < parse->nerrors; i++) {
        int line, column;
        source_place(parse->errors[i].at, &line, &column);
        k = skip_expected(r, k, line);
        *context_error() = parse->errors[i];
        if (k < r->expected.count && r->expected.at[k].line == line) {
            check_error(r, &r->expected.at[k++]);
        } else {
            r->count->failed++;
            report_error(r->in);
        }
    }
    skip_expected(r, k, INT32_MAX);
}

static bool is_needed_missing(Arena *a, const char *text)
{
    static const char mark[] = "# needs:";
    if (strncmp(text, mark, sizeof mark - 1) != 0)
        return false;
    text += sizeof mark - 1;
    return access(trim(a, text, strcspn(text, "\n")), F_OK) != 0;
}

static void run_script(TestRun *r)
{
    size_t len;
    const char *text = file_read(r->arena, r->path, &len);
    if (is_needed_missing(r->arena, text)) {
        r->count->skipped++;
        return;
    }
    read_expectations(r, text);
    uint32_t source = source_add(r->path, text, len, false);
    Code *code = r->in->code = code_new();
    Parse parse = parse_source(source, code->arena);
    code->tree = parse.tree;
    if (parse.nerrors > 0)
        check_syntax(r, &parse);
    else
        run_statements(r, code->tree);
}

void test_script(const char *path, TestCount *count)
{
    Interp *in = interp_new();
    if (!in) {
        printf("%s: not enough memory to begin\n", path);
        count->failed++;
        return;
    }
    TestRun r = {.in = in, .path = path, .count = count};
    in->err = stdout;
    Protect p;
    if (PROTECT(&p)) {
        interp_set_args(in, 0, NULL);
        scope_set_file(in->top, path);
        r.arena = arena_local();
        run_script(&r);
        arena_free(r.arena);
        protect_end(&p);
    } else {
        count->failed++;
        report_error(in);
    }
    code_drop(in->code);
    in->code = NULL;
    interp_free(in);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void test_path(const char *path, TestCount *count);

static bool is_folder(Arena *a, const char *path, const char *name)
{
    struct stat s;
    return stat(arena_printf(a, "%s/%s", path, name), &s) == 0 &&
           S_ISDIR(s.st_mode);
}

static void test_folder(const char *path, TestCount *count)
{
    DIR *d = opendir(path);
    if (!d) {
        printf("%s: cannot be opened\n", path);
        count->failed++;
        return;
    }
    Arena *a = arena_local();
    VEC(char *) names = {0};
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        size_t len = strlen(e->d_name);
        bool script = len > 4 && !strcmp(e->d_name + len - 4, ".mlc");
        bool folder = e->d_name[0] != '.' && is_folder(a, path, e->d_name);
        if (script || folder)
            VEC_PUSH_IN(a, &names, arena_printf(a, "%s/%s", path, e->d_name));
    }
    closedir(d);
    if (names.count > 0)
        qsort(names.at, names.count, sizeof *names.at, compare_names);
    for (size_t i = 0; i < names.count; i++)
        test_path(names.at[i], count);
    arena_free(a);
}

static void test_path(const char *path, TestCount *count)
{
    struct stat s;
    if (stat(path, &s) != 0) {
        printf("%s: no such file\n", path);
        count->failed++;
    } else if (S_ISDIR(s.st_mode)) {
        test_folder(path, count);
    } else {
        test_script(path, count);
    }
}

int test_paths(int n, char **paths)
{
    TestCount count = {0, 0, 0};
    Context *own = context_new(), *outer = context_enter(own);
    for (int i = 0; i < n; i++)
        test_path(paths[i], &count);
    context_enter(outer);
    context_free(own);
    if (count.skipped > 0)
        printf("%d passed, %d failed, %d skipped\n", count.passed, count.failed,
               count.skipped);
    else
        printf("%d passed, %d failed\n", count.passed, count.failed);
    return count.failed ? 1 : 0;
}
