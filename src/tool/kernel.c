/*
 * kernel.c - `mlc kernel`: the loop and its threads, and the installation
 *
 * The thread of the interpreter answers the shell.  A second thread answers
 * the control channel, which must be heard while a cell computes, and sends
 * out what the cell prints; a third one, in kernel_wire.c, the heartbeat.
 */
#include "tool/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "base/mem.h"
#include "tool/kernel_inside.h"

enum { EXIT_USAGE = 2 };

static const char usage_text[] =
    "usage: mlc kernel install [--user | --prefix FOLDER]\n"
    "                          tell Jupyter of mlc\n"
    "       mlc kernel run CONNECTION_FILE\n"
    "                          what Jupyter then starts\n";

/* ---- what is printed ---- */

/* Bytes at the end of a text that begin a character and do not end it. */
static size_t unfinished(const char *at, size_t len)
{
    for (size_t n = 1; n <= 3 && n <= len; n++) {
        unsigned char c = (unsigned char)at[len - n];
        if (c >= 0xc0)
            return n < (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) ? n : 0;
        if (c < 0x80)
            return 0;
    }
    return 0;
}

enum { PIPE_ROOM = 65536 };

/*
 * What is in the pipe.  While a cell runs, another thread may fill it as fast
 * as we read: `rounds` bounds that.
 */
static void send_printed(Kernel *k, Captured *c, int rounds, Arena *a)
{
    char buffer[PIPE_ROOM];
    while (rounds-- > 0) {
        memcpy(buffer, c->rest, c->nrest);
        ssize_t got = read(c->fd, buffer + c->nrest, sizeof buffer - c->nrest);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        size_t len = c->nrest + (size_t)got;
        c->nrest = unfinished(buffer, len);
        len -= c->nrest;
        memcpy(c->rest, buffer + len, c->nrest);
        if (k->silent || len == 0)
            continue;
        Str s = str_in(a);
        str_add_format(&s, "{\"name\":\"%s\",\"text\":", c->name);
        json_add_text(&s, buffer, len);
        str_add_char(&s, '}');
        wire_publish(k->wire, (Bytes){k->header, k->nheader}, "stream", &s);
    }
}

/*
 * Sends what was printed and then, if there is a type, a message.  An error
 * (there is no memory) must not leave the lock taken.
 */
static void publish(Kernel *k, int rounds, const Bytes *parent,
                    const char *type, const Str *content)
{
    const bool deaf = poll_deafen(true);
    wire_begin_publish(k->wire);
    Protect p;
    if (PROTECT(&p)) {
        Arena *a = arena_local();
        send_printed(k, &k->captured[0], rounds, a);
        send_printed(k, &k->captured[1], rounds, a);
        arena_free(a);
        if (type)
            wire_publish(k->wire,
                         parent ? *parent : (Bytes){k->header, k->nheader},
                         type, content);
        protect_end(&p);
        wire_end_publish(k->wire);
        poll_deafen(deaf);
    } else {
        wire_end_publish(k->wire);
        poll_deafen(deaf);
        error_again();
    }
}

enum { ROUNDS_ALL = 1000, ROUNDS_MOMENT = 4 };

void kernel_publish(Kernel *k, const char *type, const Str *content)
{
    fflush(stdout);
    fflush(stderr);
    publish(k, ROUNDS_ALL, NULL, type, content);
}

void kernel_flush(Kernel *k)
{
    kernel_publish(k, NULL, NULL);
}

static void publish_status(Kernel *k, const Message *m, const char *state)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    str_add_format(&s, "{\"execution_state\":\"%s\"}", state);
    publish(k, ROUNDS_MOMENT, m ? &m->header : &(Bytes){0}, "status", &s);
    arena_free(a);
}

/* Standard output, or error, becomes a pipe that we read. */
static void capture(Captured *c, const char *name, int fd)
{
    int end[2];
    if (pipe(end) != 0 || dup2(end[1], fd) < 0)
        error_raise(SPAN_NONE, ERR_FILE, "cannot take over %s: %s", name,
                    strerror(errno));
    close(end[1]);
    fcntl(end[0], F_SETFL, O_NONBLOCK);
    fcntl(end[0], F_SETFD, FD_CLOEXEC);
    *c = (Captured){.name = name, .fd = end[0]};
}

/* ---- the control channel ---- */

static void end_kernel(Kernel *k, const Message *m, Channel channel, Arena *a)
{
    Str s = str_in(a);
    str_add_format(&s, "{\"status\":\"ok\",\"restart\":%s}",
                   json_truth(m->content, "restart", false) ? "true" : "false");
    wire_answer(k->wire, channel, m, "shutdown_reply", &s);
    publish(k, ROUNDS_MOMENT, &m->header, "shutdown_reply", &s);
    k->ended = true;
    interrupt_flag = 1;
    if (write(k->wake[1], "", 1) < 0)
        interrupt_flag = 1;
}

static void answer_control(Kernel *k, const Message *m, Arena *a)
{
    Str s = str_in(a);
    publish_status(k, m, "busy");
    if (!strcmp(m->type, "shutdown_request")) {
        end_kernel(k, m, CHANNEL_CONTROL, a);
    } else if (!strcmp(m->type, "interrupt_request")) {
        interrupt_flag = 1;
        str_add(&s, "{\"status\":\"ok\"}");
        wire_answer(k->wire, CHANNEL_CONTROL, m, "interrupt_reply", &s);
    } else if (!strcmp(m->type, "kernel_info_request")) {
        ask_kernel_info(&s);
        wire_answer(k->wire, CHANNEL_CONTROL, m, "kernel_info_reply", &s);
    }
    publish_status(k, m, "idle");
}

/* One message, or a moment in which text collects; false at the end. */
static void attend_control(Kernel *k)
{
    Arena *a = arena_local();
    Message m;
    const int fd[] = {k->wake[0], k->captured[0].fd, k->captured[1].fd};
    int r = wire_wait(k->wire, CHANNEL_CONTROL, 3, fd, k->parent ? 1000 : -1);
    if (r == WIRE_BYTES) {
        r = wire_wait(k->wire, CHANNEL_CONTROL, 1, fd, 15);
        publish(k, ROUNDS_MOMENT, NULL, NULL, NULL);
    }
    if ((r & WIRE_MESSAGE) && wire_receive(k->wire, CHANNEL_CONTROL, a, &m))
        answer_control(k, &m, a);
    if (k->parent && k->parent != (long)getppid())
        _exit(EXIT_FAILURE);
    arena_free(a);
}

static void *run_control(void *data)
{
    Kernel *k = data;
    Context *c = context_new();
    if (!c)
        return NULL;
    context_enter(c);
    poll_deafen(true); /* interrupts are for the cell */
    while (!k->ended) {
        Protect p;
        if (PROTECT(&p)) {
            attend_control(k);
            protect_end(&p);
        }
    }
    context_enter(NULL);
    context_free(c);
    return NULL;
}

/* ---- the shell channel ---- */

static void begin_request(Kernel *k, const Message *m)
{
    bool fits = m->header.len <= sizeof k->header;
    wire_begin_publish(k->wire);
    k->nheader = fits ? m->header.len : 0;
    memcpy(k->header, m->header.at, k->nheader);
    wire_end_publish(k->wire);
    publish_status(k, m, "busy");
}

/* An error outside of the cell itself, as of memory, is answered too. */
static const char *answer_or_fail(Kernel *k, const Message *m, Str *content)
{
    const char *volatile type = NULL;
    Checkpoint c = interp_checkpoint(k->in);
    Protect p;
    if (PROTECT(&p)) {
        type = kernel_answer(k, m, content);
        protect_end(&p);
        return type;
    }
    interp_restore(k->in, &c);
    k->silent = false;
    k->failure = str_in(content->arena);
    show_error(k->in, k, context_error());
    content->len = 0;
    str_add(content, "{\"status\":\"error\",");
    str_add_len(content, k->failure.at, k->failure.len);
    str_add_char(content, '}');
    size_t stem = strlen(m->type) - strlen("request");
    return arena_printf(content->arena, "%.*sreply", (int)stem, m->type);
}

typedef VEC(Message) Messages;

/* What the client sent before it could know that a cell failed. */
static Messages take_waiting(Kernel *k, Arena *a)
{
    Messages all = {0};
    Message m;
    while (wire_wait(k->wire, CHANNEL_SHELL, 0, NULL, 0) != 0)
        if (wire_receive(k->wire, CHANNEL_SHELL, a, &m))
            VEC_PUSH_IN(a, &all, m);
    return all;
}

static void answer(Kernel *k, const Message *m, Messages *waiting, Arena *a)
{
    Str content = str_in(a);
    begin_request(k, m);
    k->failure = (Str){0};
    if (!strcmp(m->type, "shutdown_request")) {
        end_kernel(k, m, CHANNEL_SHELL, a);
    } else {
        const char *type = answer_or_fail(k, m, &content);
        if (k->failure.len > 0 && !strcmp(m->type, "execute_request") &&
            json_truth(m->content, "stop_on_error", true))
            *waiting = take_waiting(k, a);
        if (type)
            wire_answer(k->wire, CHANNEL_SHELL, m, type, &content);
    }
    k->failure = (Str){0};
    publish_status(k, m, "idle");
}

/* Cells that waited behind one that failed are not run. */
static void abort_cell(Kernel *k, const Message *m, Arena *a)
{
    Str s = str_in(a);
    begin_request(k, m);
    str_add_format(&s, "{\"status\":\"aborted\",\"execution_count\":%d}",
                   k->count);
    wire_answer(k->wire, CHANNEL_SHELL, m, "execute_reply", &s);
    publish_status(k, m, "idle");
}

static void attend_shell(Kernel *k)
{
    Arena *a = arena_local();
    Message m;
    Messages waiting = {0};
    int r = wire_wait(k->wire, CHANNEL_SHELL, 1, &k->wake[0], -1);
    if ((r & WIRE_MESSAGE) && wire_receive(k->wire, CHANNEL_SHELL, a, &m))
        answer(k, &m, &waiting, a);
    for (size_t i = 0; i < waiting.count; i++)
        if (!strcmp(waiting.at[i].type, "execute_request"))
            abort_cell(k, &waiting.at[i], a);
        else
            answer(k, &waiting.at[i], &waiting, a);
    arena_free(a);
}

static void loop(Kernel *k)
{
    while (!k->ended) {
        Checkpoint c = interp_checkpoint(k->in);
        Protect p;
        if (PROTECT(&p)) {
            attend_shell(k);
            protect_end(&p);
        } else {
            interp_restore(k->in, &c);
            interrupt_flag = 0;
        }
        pool_drain(c.pool);
    }
}

/* A kernel whose front end died must not stay. */
static long watched_parent(void)
{
    const char *text = getenv("JPY_PARENT_PID");
    long id = text ? atol(text) : 0;
    return id == (long)getppid() ? id : 0;
}

static void run_kernel(Kernel *k, const char *path)
{
    pthread_t control;
    k->wire = wire_open(k->lasting, path);
    if (pipe(k->wake) != 0)
        error_raise(SPAN_NONE, ERR_FILE, "cannot make a pipe: %s",
                    strerror(errno));
    k->parent = watched_parent();
    capture(&k->captured[0], "stdout", STDOUT_FILENO);
    capture(&k->captured[1], "stderr", STDERR_FILENO);
    setvbuf(stdout, NULL, _IOLBF, PIPE_ROOM);
    if (pthread_create(&control, NULL, run_control, k) != 0)
        error_raise(SPAN_NONE, ERR_FILE, "cannot begin a thread");
    publish_status(k, NULL, "starting");
    loop(k);
    pthread_join(control, NULL);
    wire_close(k->wire);
}

static int run(const char *path)
{
    Interp *in = interp_new();
    if (!in) {
        fputs("mlc: there is not enough memory to begin\n", stderr);
        return EXIT_FAILURE;
    }
    Kernel *k = mem_alloc(sizeof *k);
    *k = (Kernel){.in = in, .lasting = arena_new()};
    k->display = (Display){.owner = k,
                           .value = show_value,
                           .error = show_error,
                           .picture = show_picture};
    volatile int status = EXIT_FAILURE;
    Protect p;
    if (PROTECT(&p)) {
        in->session = true;
        in->display = &k->display;
        run_kernel(k, path);
        status = EXIT_SUCCESS;
        protect_end(&p);
    } else {
        in->display = NULL;
        report_error(in);
    }
    arena_free(k->lasting);
    mem_free(k);
    interp_free(in);
    return status;
}

/* ---- installing ---- */

/* Where Jupyter looks for the kernels of a user (its JUPYTER_DATA_DIR). */
static const char *user_folder(Arena *a)
{
    const char *own = getenv("JUPYTER_DATA_DIR");
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (own && *own)
        return own;
#ifndef __APPLE__
    if (data && *data)
        return arena_printf(a, "%s/jupyter", data);
#endif
    if (!home || !*home)
        error_raise(SPAN_NONE, ERR_FILE,
                    "HOME is not set: mlc kernel install --prefix FOLDER");
#ifdef __APPLE__
    (void)data;
    return arena_printf(a, "%s/Library/Jupyter", home);
#else
    return arena_printf(a, "%s/.local/share/jupyter", home);
#endif
}

static void make_folders(Arena *a, const char *path)
{
    char *p = arena_copy(a, path, strlen(path));
    for (size_t i = 1;; i++) {
        if (p[i] != '/' && p[i] != '\0')
            continue;
        char kept = p[i];
        p[i] = '\0';
        if (mkdir(p, 0777) != 0 && errno != EEXIST)
            error_raise(SPAN_NONE, ERR_OUTPUT,
                        "cannot make the folder `%s`: %s", p, strerror(errno));
        p[i] = kept;
        if (kept == '\0')
            return;
    }
}

/* This program, wherever the notebook is started from. */
static const char *own_path(Arena *a)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    return n > 0 ? arena_copy(a, path, (size_t)n) : "mlc";
}

static const char logo[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\">\n"
    "<rect width=\"64\" height=\"64\" rx=\"12\" fill=\"#20435c\"/>\n"
    "<path d=\"M14 18h36L32 50z\" fill=\"none\" stroke=\"#f2c14e\" "
    "stroke-width=\"5\" stroke-linejoin=\"round\"/>\n</svg>\n";

static void write_spec(Arena *a, const char *base)
{
    const char *folder = arena_printf(a, "%s/kernels/mlc", base);
    const char *program = own_path(a);
    Str s = str_in(a);
    make_folders(a, folder);
    str_add(&s, "{\n \"argv\": [");
    json_add_text(&s, program, strlen(program));
    str_add(&s, ", \"kernel\", \"run\", \"{connection_file}\"],\n"
                " \"display_name\": \"mlc\",\n \"language\": \"mlc\",\n"
                " \"interrupt_mode\": \"signal\"\n}\n");
    file_write(arena_printf(a, "%s/kernel.json", folder), s.at, s.len);
    file_write(arena_printf(a, "%s/logo-svg.svg", folder), logo,
               sizeof logo - 1);
    printf("installed in %s\n", folder);
}

static int install(const char *prefix)
{
    Context *own = context_new(), *outer = context_enter(own);
    volatile int status = EXIT_FAILURE;
    Protect p;
    if (PROTECT(&p)) {
        Arena *a = arena_local();
        write_spec(a, prefix ? arena_printf(a, "%s/share/jupyter", prefix)
                             : user_folder(a));
        arena_free(a);
        status = EXIT_SUCCESS;
        protect_end(&p);
    } else {
        fprintf(stderr, "mlc: %s\n", context_error()->message);
    }
    context_enter(outer);
    context_free(own);
    return fflush(stdout) == 0 ? status : EXIT_FAILURE;
}

int tool_kernel(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[0], "run"))
        return run(argv[1]);
    if (argc >= 1 && !strcmp(argv[0], "install")) {
        if (argc == 1 || (argc == 2 && !strcmp(argv[1], "--user")))
            return install(NULL);
        if (argc == 3 && !strcmp(argv[1], "--prefix"))
            return install(argv[2]);
    }
    fputs(usage_text, stderr);
    return EXIT_USAGE;
}
