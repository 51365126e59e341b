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

static void take_signals(Line *l)
{
    struct signalfd_siginfo s;
    while (read(l->signals, &s, sizeof s) == (ssize_t)sizeof s) {
        l->interrupted = l->interrupted || s.ssi_signo == SIGINT;
        l->resized = l->resized || s.ssi_signo == SIGWINCH;
        l->stopped = l->stopped || s.ssi_signo == SIGTSTP;
    }
}

/* Until there is something to read or a signal came. */
static void wait_for_key(Line *l)
{
    struct pollfd from[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = l->signals, .events = POLLIN}};
    nfds_t n = l->signals < 0 ? 1 : 2;
    while (poll(from, n, -1) < 0 && errno == EINTR && !interrupt_flag)
        continue;
    if (n == 2 && from[1].revents)
        take_signals(l);
    l->interrupted = l->interrupted || interrupt_flag;
    l->ready = from[0].revents != 0;
}

/* Inside of readline too, as in the middle of a character of several bytes,
 * Ctrl-C ends the wait. */
static int get_key(FILE *f)
{
    Line *l = &repl_current()->line;
    unsigned char c;
    do
        wait_for_key(l);
    while (!l->ready && !l->interrupted);
    return l->ready && read(fileno(f), &c, 1) == 1 ? c : EOF;
}

/* Alt-Enter: the statement goes on in the line that is edited. */
static int break_line(int count, int key)
{
    (void)count;
    (void)key;
    rl_insert_text("\n");
    return 0;
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
    rl_bind_keyseq("\\e\\C-m", break_line);
    rl_bind_keyseq("\\e\\C-j", break_line);
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

static LineEnd wait_for_line(Line *l)
{
    while (!l->done && !l->interrupted) {
        wait_for_key(l);
        if (l->stopped)
            stop_process();
        if (l->resized)
            rl_resize_terminal();
        l->stopped = l->resized = false;
        if (l->ready && !l->interrupted)
            rl_callback_read_char();
    }
    if (l->interrupted && !l->done)
        drop_line();
    if (l->interrupted)
        return LINE_DROPPED;
    return l->text ? LINE_WHOLE : LINE_CLOSED;
}

static LineEnd read_edited(Line *l, const char *prompt)
{
    rl_reset_screen_size();
    rl_callback_handler_install(prompt, take_line);
    return wait_for_line(l);
}

/* ---- lines ---- */

/* The terminal gives whole lines; what is printed goes elsewhere. */
static LineEnd read_plain(Line *l, const char *prompt, Str *text)
{
    bool shown = isatty(STDERR_FILENO);
    if (shown) {
        fputs(prompt, stderr);
        fflush(stderr);
    }
    size_t before = text->len;
    for (int c; (c = get_key(stdin)) != '\n';) {
        if (c != EOF) {
            str_add_char(text, (char)c);
            continue;
        }
        if (shown)
            fputc('\n', stderr);
        if (l->interrupted)
            return LINE_DROPPED;
        return text->len > before ? LINE_WHOLE : LINE_CLOSED;
    }
    return LINE_WHOLE;
}

/* While a line is read signals are told by a descriptor, so that none is
 * missed between a look and a wait. */
static void begin_signals(Line *l, sigset_t *before)
{
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    if (!l->plain) {
        sigaddset(&ours, SIGWINCH);
        sigaddset(&ours, SIGTSTP);
    }
    pthread_sigmask(SIG_BLOCK, &ours, before);
    l->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    if (l->signals < 0)
        pthread_sigmask(SIG_SETMASK, before, NULL);
}

static void end_signals(Line *l, const sigset_t *before)
{
    if (l->signals >= 0)
        close(l->signals);
    l->signals = -1;
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

LineEnd line_read(Line *l, const char *prompt, bool colour, Str *text)
{
    char shown[64];
    sigset_t before;
    snprintf(shown, sizeof shown,
             colour ? "\001\033[1;34m\002%.4s\001\033[0m\002 " : "%s", prompt);
    l->done = l->interrupted = l->resized = l->stopped = false;
    l->text = NULL;
    begin_signals(l, &before);
    LineEnd end =
        l->plain ? read_plain(l, prompt, text) : read_edited(l, shown);
    end_signals(l, &before);
    interrupt_flag = 0;
    char *line = l->text;
    l->text = NULL;
    if (line && end == LINE_WHOLE)
        str_add(text, line);
    free(line);
    return end;
}
