/*
 * line.c - a line from the terminal
 */
#include "repl/line.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* readline's old name for a callback would collide with value/'s Function. */
#define _FUNCTION_DEF
#include <readline/readline.h>

#include "repl/session.h"

/* ---- what readline calls ---- */

static void take_line(char *line)
{
    Line *l = &repl_current()->line;
    l->done = true;
    l->text = line;
    rl_callback_handler_remove();
}

/* Ctrl-C while a key is awaited inside of readline ends that wait. */
static int get_key(FILE *f)
{
    unsigned char c;
    for (;;) {
        ssize_t n = read(fileno(f), &c, 1);
        if (n == 1)
            return c;
        if (n == 0 || errno != EINTR || interrupt_flag)
            return EOF;
    }
}

void line_start(Line *l)
{
    *l = (Line){.plain = !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO),
                .signals = -1};
    if (l->plain)
        return;
    rl_readline_name = "mlc";
    rl_instream = stdin;
    rl_outstream = stdout;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_getc_function = get_key;
    rl_variable_bind("enable-bracketed-paste", "on");
    rl_variable_bind("revert-all-at-newline", "on");
    rl_variable_bind("blink-matching-paren", "off");
    rl_variable_bind("input-meta", "on");
    rl_variable_bind("output-meta", "on");
    rl_variable_bind("convert-meta", "off");
    rl_initialize();
}

void line_restore_terminal(void)
{
    rl_deprep_terminal();
}

bool line_waits(void)
{
    struct pollfd from = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&from, 1, 0) > 0 && (from.revents & POLLIN);
}

/* ---- waiting ---- */

/* The line so far stays on the screen, the next prompt is below it. */
static void drop_line(void)
{
    rl_callback_sigcleanup();
    rl_point = rl_end;
    (*rl_redisplay_function)();
    rl_free_line_state();
    fputs("^C", rl_outstream);
    rl_crlf();
    rl_callback_handler_remove();
}

static void stop_process(void)
{
    (*rl_deprep_term_function)();
    raise(SIGSTOP); /* this thread goes no further */
    (*rl_prep_term_function)(1);
    rl_reset_screen_size();
    rl_forced_update_display();
}

/* Returns false after Ctrl-C. */
static bool take_signals(const Line *l)
{
    struct signalfd_siginfo s;
    bool go_on = true;
    while (read(l->signals, &s, sizeof s) == (ssize_t)sizeof s) {
        if (s.ssi_signo == SIGINT)
            go_on = false;
        else if (s.ssi_signo == SIGTSTP)
            stop_process();
        else if (s.ssi_signo == SIGWINCH)
            rl_resize_terminal();
    }
    return go_on;
}

static LineEnd wait_for_line(Line *l)
{
    struct pollfd from[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = l->signals, .events = POLLIN}};
    while (!l->done) {
        if (poll(from, l->signals < 0 ? 1 : 2, -1) < 0 && errno != EINTR)
            return LINE_CLOSED;
        bool interrupted = interrupt_flag != 0;
        if (l->signals >= 0 && from[1].revents && !take_signals(l))
            interrupted = true;
        if (interrupted) {
            drop_line();
            return LINE_DROPPED;
        }
        if (from[0].revents)
            rl_callback_read_char();
    }
    return l->text ? LINE_WHOLE : LINE_CLOSED;
}

static LineEnd read_edited(Line *l, const char *prompt)
{
    sigset_t ours, before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGWINCH);
    sigaddset(&ours, SIGTSTP);
    pthread_sigmask(SIG_BLOCK, &ours, &before);
    l->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    if (l->signals < 0)
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    l->done = false;
    l->text = NULL;
    rl_reset_screen_size();
    rl_callback_handler_install(prompt, take_line);
    LineEnd end = wait_for_line(l);
    if (end == LINE_CLOSED && !l->done)
        rl_callback_handler_remove();
    if (l->signals >= 0)
        close(l->signals);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return end;
}

/* ---- lines ---- */

static LineEnd read_plain(Line *l, const char *prompt)
{
    size_t room = 0;
    if (isatty(STDERR_FILENO)) {
        fputs(prompt, stderr);
        fflush(stderr);
    }
    ssize_t n = getline(&l->text, &room, stdin);
    if (n >= 0) {
        if (n > 0 && l->text[n - 1] == '\n')
            l->text[n - 1] = '\0';
        return LINE_WHOLE;
    }
    clearerr(stdin);
    if (interrupt_flag && isatty(STDERR_FILENO))
        fputc('\n', stderr);
    return interrupt_flag ? LINE_DROPPED : LINE_CLOSED;
}

LineEnd line_read(Line *l, const char *prompt, bool colour, Str *text)
{
    char shown[64];
    snprintf(shown, sizeof shown,
             colour ? "\001\033[1;34m\002%.4s\001\033[0m\002 " : "%s", prompt);
    LineEnd end = l->plain ? read_plain(l, prompt) : read_edited(l, shown);
    interrupt_flag = 0;
    char *line = l->text;
    l->text = NULL;
    if (end == LINE_WHOLE)
        str_add(text, line);
    free(line);
    return end;
}
