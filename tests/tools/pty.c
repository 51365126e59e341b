/*
 * pty.c - runs a program on a terminal and plays a script: pty SCRIPT PROGRAM
 *
 * A line of the script is one of
 *
 *     claim WORDS      what the lines down to the next claim show
 *     send TEXT        typed; \r \t \n \e \\ and \xHH as in C
 *     wait TEXT        until it is printed after what was waited for before
 *     within MS TEXT   the same, MS milliseconds after the last `send`
 *     lacks TEXT       was not printed between the last two waits
 *     pause MS         reads on, so many milliseconds
 *     colours yes|no   the program wrote colours, from its start on
 *     size ROWS COLS   of the terminal, from now on
 *     signal NUMBER    to the program
 *     end STATUS       the program ends by itself; 128 + number for a signal
 *
 * Escape sequences and carriage returns are left out of what was printed.
 * One line `ok WORDS` or `not ok WORDS` for each claim, then the count.  A
 * wait ends after 20 seconds.
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 20, PATIENCE = 10000 };

typedef struct Play {
    int terminal;
    pid_t child;
    char text[ROOM]; /* printed so far */
    size_t len;
    size_t from, mark; /* the last wait ended at mark, the one before at from */
    enum { PLAIN, ESCAPE, SEQUENCE, TITLE } state;
    bool colours;
    double sent; /* when, in milliseconds */
    bool open;
    char claim[256];
    bool good, begun;
    int passed, failed;
} Play;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void set_size(int terminal, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows,
                           .ws_col = (unsigned short)cols};
    ioctl(terminal, TIOCSWINSZ, &size);
}

static void start(Play *p, char **argv)
{
    p->terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (p->terminal < 0 || grantpt(p->terminal) || unlockpt(p->terminal)) {
        puts("0 passed, 0 failed, 1 skipped");
        exit(EXIT_SUCCESS);
    }
    set_size(p->terminal, 24, 80);
    const char *name = ptsname(p->terminal);
    p->child = fork();
    if (p->child == 0) {
        setsid();
        int end = open(name, O_RDWR);
        ioctl(end, TIOCSCTTY, 0);
        for (int i = 0; i < 3; i++)
            dup2(end, i);
        close(p->terminal);
        execvp(argv[0], argv);
        _exit(127);
    }
    p->open = true;
}

/* ---- what was printed ---- */

static void take(Play *p, char c)
{
    switch (p->state) {
    case PLAIN:
        if (c == '\033')
            p->state = ESCAPE;
        else if (c != '\r' && c != '\a' && p->len + 1 < ROOM)
            p->text[p->len++] = c;
        break;
    case ESCAPE:
        p->state = c == '[' ? SEQUENCE : c == ']' ? TITLE : PLAIN;
        break;
    case SEQUENCE:
        p->colours = p->colours || c == 'm';
        if (c >= '@' && c <= '~')
            p->state = PLAIN;
        break;
    case TITLE:
        if (c == '\a' || c == '\\')
            p->state = PLAIN;
        break;
    }
    p->text[p->len] = '\0';
}

static void listen_for(Play *p, int milliseconds)
{
    struct pollfd from = {.fd = p->terminal, .events = POLLIN};
    char some[4096];
    if (poll(&from, 1, milliseconds) <= 0)
        return;
    ssize_t n = read(p->terminal, some, sizeof some);
    if (n <= 0)
        p->open = false;
    for (ssize_t i = 0; i < n; i++)
        take(p, some[i]);
}

static void miss(Play *p, const char *what, const char *text)
{
    if (p->good) {
        printf("not ok %s: %s `%s`; printed was: ", p->claim, what, text);
        for (const char *c = p->text + p->mark; *c; c++)
            putchar(*c == '\n' ? '|' : *c);
        putchar('\n');
    }
    p->good = false;
}

static void wait_for(Play *p, const char *text, double until)
{
    char *at;
    while ((at = strstr(p->text + p->mark, text)) == NULL && p->open &&
           now() < until)
        listen_for(p, 20);
    if (at == NULL) {
        miss(p, "awaited", text);
        return;
    }
    p->from = p->mark;
    p->mark = (size_t)(at - p->text) + strlen(text);
}

static void lacks(Play *p, const char *text)
{
    char *at = strstr(p->text + p->from, text);
    if (at != NULL && at < p->text + p->mark)
        miss(p, "unwanted", text);
}

/* ---- the script ---- */

static void type(Play *p, const char *text)
{
    char out[4096];
    size_t n = 0;
    for (; *text && n < sizeof out; text++) {
        if (*text != '\\') {
            out[n++] = *text;
            continue;
        }
        char hex[3] = {0};
        switch (*++text) {
        case 'r': out[n++] = '\r'; break;
        case 'n': out[n++] = '\n'; break;
        case 't': out[n++] = '\t'; break;
        case 'e': out[n++] = '\033'; break;
        case 'x':
            hex[0] = text[1];
            hex[1] = text[2];
            out[n++] = (char)strtol(hex, NULL, 16);
            text += 2;
            break;
        default: out[n++] = *text; break;
        }
    }
    p->sent = now();
    for (size_t done = 0; done < n;) {
        ssize_t k = write(p->terminal, out + done, n - done);
        if (k < 0 && errno != EINTR)
            return;
        done += k > 0 ? (size_t)k : 0;
    }
}

static void end_claim(Play *p)
{
    if (p->begun && p->good)
        printf("ok %s\n", p->claim);
    p->passed += p->begun && p->good;
    p->failed += p->begun && !p->good;
    fflush(stdout);
}

static void end_program(Play *p, int status)
{
    double until = now() + PATIENCE;
    int how = 0;
    pid_t done;
    while ((done = waitpid(p->child, &how, WNOHANG)) == 0 && now() < until)
        listen_for(p, 5);
    if (done == 0) {
        miss(p, "went on after", "end");
        kill(p->child, SIGKILL);
        waitpid(p->child, &how, 0);
    }
    p->child = 0;
    int got = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    char text[32];
    snprintf(text, sizeof text, "%d", got);
    if (done != 0 && got != status)
        miss(p, "ended with", text);
}

static bool play_line(Play *p, char *line)
{
    char *rest = line + strcspn(line, " ");
    if (*rest)
        *rest++ = '\0';
    if (!strcmp(line, "claim")) {
        end_claim(p);
        snprintf(p->claim, sizeof p->claim, "%s", rest);
        p->good = p->begun = true;
    } else if (!strcmp(line, "send")) {
        type(p, rest);
    } else if (!strcmp(line, "wait")) {
        wait_for(p, rest, now() + PATIENCE);
    } else if (!strcmp(line, "within")) {
        double most = strtod(rest, &rest);
        wait_for(p, rest + 1, p->sent + most);
    } else if (!strcmp(line, "lacks")) {
        lacks(p, rest);
    } else if (!strcmp(line, "pause")) {
        for (double until = now() + strtod(rest, NULL); now() < until;)
            listen_for(p, 5);
    } else if (!strcmp(line, "colours")) {
        if (p->colours != !strcmp(rest, "yes"))
            miss(p, "colours", rest);
    } else if (!strcmp(line, "size")) {
        int rows = (int)strtol(rest, &rest, 10);
        set_size(p->terminal, rows, (int)strtol(rest, NULL, 10));
    } else if (!strcmp(line, "signal")) {
        kill(p->child, (int)strtol(rest, NULL, 10));
    } else if (!strcmp(line, "end")) {
        end_program(p, (int)strtol(rest, NULL, 10));
    } else if (*line && *line != '#') {
        fprintf(stderr, "pty: no such line: %s\n", line);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static Play play;
    char line[4096];
    FILE *script = argc > 2 ? fopen(argv[1], "r") : NULL;
    if (!script) {
        fputs("usage: pty SCRIPT PROGRAM ARGS...\n", stderr);
        return 2;
    }
    start(&play, argv + 2);
    bool good = true;
    while (good && fgets(line, sizeof line, script)) {
        line[strcspn(line, "\n")] = '\0';
        good = play_line(&play, line);
    }
    fclose(script);
    end_claim(&play);
    if (play.child > 0) {
        kill(play.child, SIGKILL);
        waitpid(play.child, NULL, 0);
    }
    printf("%d passed, %d failed\n", play.passed, play.failed);
    return good && play.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
