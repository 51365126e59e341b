/*
 * main.c - options and exit status
 *
 * The interpreter runs on a thread with a large stack, of which only what is
 * used takes memory: deep formulas and recursion then need no special care.
 * The first thread waits for its end or for SIGTERM: what was printed is
 * written, the terminal is put back as it was, and the signal does its work.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "eval/interp.h"
#include "eval/module.h"
#include "io/file.h"
#include "io/spawn.h"
#include "repl/line.h"
#include "repl/repl.h"
#include "repl/test.h"
#include "tool/check.h"
#include "tool/json_lines.h"
#include "tool/kernel.h"
#include "tool/lsp.h"
#include "tool/tool.h"

#define STACK_BYTES ((size_t)1 << 30)

static const char usage_text[] =
    "usage: mlc                     interactive session\n"
    "       mlc FILE ARGS...        run a script; its list `args` has ARGS\n"
    "       mlc -e CODE...          run code (-e may repeat)\n"
    "       mlc -                   run standard input\n"
    "       mlc --json ...          one of these three, with results and errors\n"
    "                               as objects of JSON, one a line (man mlc)\n"
    "       mlc test PATH...        run scripts with `# expect:` lines\n"
    "       mlc check [--json] PATH...  find mistakes without running\n"
    "       mlc fmt [--check] PATH...   bring into canonical layout; - filters\n"
    "       mlc lsp                 serve an editor (Language Server Protocol)\n"
    "       mlc kernel install      mlc in Jupyter notebooks\n"
    "       mlc --explain [CODE]    what an error code means; all codes\n"
    "       mlc --help, --version\n";

enum { EXIT_BAD = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

/* Subcommands: each takes the words after its name. */
static const struct Tool {
    const char *name;
    int (*run)(int argc, char **argv);
} tools[] = {
    {"check", tool_check},
    {"fmt", tool_fmt},
    {"kernel", tool_kernel},
    {"lsp", tool_lsp},
};

typedef struct Command {
    int argc;
    char **argv;
    int status;
    sigset_t blocked;           /* signals, on the thread that runs */
    pthread_t waits;            /* the first thread */
    atomic_bool done;
} Command;

static void on_interrupt(int number)
{
    (void)number;
    interrupt_flag = 1;
}

static int usage(const char *what)
{
    if (what)
        fprintf(stderr, "mlc: %s\n", what);
    fputs(usage_text, stderr);
    return EXIT_USAGE;
}

static int written(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_SUCCESS;
    fprintf(stderr, "mlc: the output cannot be written\n");
    return EXIT_BAD;
}

static int finish(Interp *in, bool good)
{
    int status = good ? EXIT_SUCCESS : EXIT_BAD;
    if (!good && in->last_error == ERR_INTERRUPT)
        status = EXIT_INTERRUPTED;
    if (written() != EXIT_SUCCESS)
        status = EXIT_BAD;
    interp_free(in);
    return status;
}

static Interp *start(bool json)
{
    Interp *in = interp_new();
    if (!in) {
        fputs("mlc: there is not enough memory to begin\n", stderr);
        exit(EXIT_BAD);
    }
    const char *no_colour = getenv("NO_COLOR");
    in->colour = isatty(STDERR_FILENO) && !(no_colour && *no_colour);
    in->format.width = terminal_columns();
    if (json)
        json_lines_begin(in);
    return in;
}

static int run_codes(int argc, char **argv, bool json)
{
    for (int i = 0; i < argc; i += 2)
        if (strcmp(argv[i], "-e") != 0 || i + 1 == argc)
            return usage("-e takes the code that follows it");
    Interp *in = start(json);
    bool good = true;
    for (int i = 1; good && i < argc; i += 2) {
        uint32_t source = source_add("-e", argv[i], strlen(argv[i]), false);
        good = interp_run(in, in->top, source);
    }
    return finish(in, good);
}

/* Reads the text inside a protection: a missing file is an error to report. */
static int run_script(const char *path, int argc, char **argv, bool json)
{
    Interp *in = start(json);
    bool from_stdin = !strcmp(path, "-");
    volatile uint32_t source = 0;
    Protect p;
    if (PROTECT(&p)) {
        size_t len;
        Arena *a = arena_local();
        interp_set_args(in, argc, argv);
        if (!from_stdin)
            scope_set_file(in->top, path);
        const char *text =
            from_stdin
                ? file_read_from(a, STDIN_FILENO, "standard input", &len)
                : file_read(a, path, &len);
        source = source_add(from_stdin ? "stdin" : path, text, len, false);
        arena_free(a);
        protect_end(&p);
    } else {
        report_error(in);
    }
    return finish(in, source != 0 && interp_run(in, in->top, source));
}

static void show_example(const char *what, const char *program)
{
    if (!program)
        return;
    printf("\n%s:\n", what);
    for (const char *p = program; *p;) {
        size_t n = strcspn(p, "\n");
        printf("    %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
}

static int explain(const char *code)
{
    int k = error_find(code);
    if (k == ERR_COUNT) {
        fprintf(stderr, "mlc: there is no error %s\n", code);
        return EXIT_USAGE;
    }
    ErrorCode e = (ErrorCode)k;
    printf("%s: %s\n\n%s", error_name(e), error_title(e), error_explain(e));
    show_example("wrong", error_wrong(e));
    show_example("right", error_right(e));
    return written();
}

static int list_errors(void)
{
    for (int k = 0; k < ERR_COUNT; k++)
        printf("%s %s\n", error_name((ErrorCode)k), error_title((ErrorCode)k));
    return written();
}

static int print_and_end(const char *text)
{
    fputs(text, stdout);
    return written();
}

/* What is run: `-e CODE...`, or a file and its arguments. */
static int run_code(int argc, char **argv, bool json)
{
    if (argc == 0)
        return run_script("-", 0, NULL, json);
    if (!strcmp(argv[0], "-e"))
        return run_codes(argc, argv, json);
    if (argv[0][0] == '-' && argv[0][1] != '\0')
        return usage(argv[0][1] == '-' ? "unknown option" : "unknown flag");
    return run_script(argv[0], argc - 1, argv + 1, json);
}

static int run(int argc, char **argv)
{
    if (pool_wish() < 0) {
        fprintf(stderr,
                "mlc: MLC_THREADS=%s is no number of threads (1, 2, ...)\n",
                getenv("MLC_THREADS"));
        return EXIT_USAGE;
    }
    if (argc == 1 && isatty(STDIN_FILENO))
        return repl_run();
    const char *first = argc > 1 ? argv[1] : "-";
    if (!strcmp(first, "--help") || !strcmp(first, "-h"))
        return print_and_end(usage_text);
    if (!strcmp(first, "--version"))
        return print_and_end("mlc " MLC_VERSION "\n");
    if (!strcmp(first, "--explain"))
        return argc == 2   ? list_errors()
               : argc == 3 ? explain(argv[2])
                           : usage("--explain takes one code");
    if (!strcmp(first, "--json"))
        return run_code(argc - 2, argv + 2, true);
    if (!strcmp(first, "test"))
        return argc > 2 ? test_paths(argc - 2, argv + 2)
                        : usage("test takes files or folders");
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (!strcmp(first, tools[i].name))
            return tools[i].run(argc - 2, argv + 2);
    return run_code(argc - 1, argv + 1, false);
}

/* ---- threads and signals ---- */

/* The first thread takes none: Ctrl-C, Ctrl-Z and a new size of the window are
 * for the one that runs, SIGTERM is waited for. */
static void block_signals(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before);
}

static void *run_thread(void *data)
{
    Command *c = data;
    sigaddset(&c->blocked, SIGTERM);
    pthread_sigmask(SIG_SETMASK, &c->blocked, NULL);
    context_stack(STACK_BYTES);
    c->status = run(c->argc, c->argv);
    atomic_store(&c->done, true);
    pthread_kill(c->waits, SIGTERM);
    return NULL;
}

/* Output that cannot be written at once does not keep the process alive. */
static _Noreturn void terminate(void)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGTERM, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    alarm(2);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    line_restore_terminal();
    fflush(stdout);
    raise(SIGTERM);
    exit(EXIT_BAD);
}

static void wait_for_end(Command *c, pthread_t thread)
{
    sigset_t term;
    int number;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigwait(&term, &number);
    if (!atomic_load(&c->done))
        terminate();
    pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    Command c = {.argc = argc, .argv = argv, .status = EXIT_BAD,
                 .waits = pthread_self()};
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    block_signals(&c.blocked);
    if (pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0 &&
        pthread_create(&thread, &attributes, run_thread, &c) == 0) {
        wait_for_end(&c, thread);
    } else {
        pthread_sigmask(SIG_SETMASK, &c.blocked, NULL);
        c.status = run(argc, argv);
    }
    pthread_attr_destroy(&attributes);
    return c.status;
}
