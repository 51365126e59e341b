/*
 * kernel_wire.c - libzmq and libsodium, loaded; framing and signatures
 */
#include "tool/kernel_wire.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/vec.h"
#include "io/file.h"
#include "num/fortran.h"

/* ---- the libraries: what zmq.h and sodium.h declare of them ---- */

typedef union ZmqMessage {
    unsigned char bytes[64];
    void *align;
} ZmqMessage;

typedef struct ZmqItem {
    void *socket;
    int fd;
    short events, revents;
} ZmqItem;

enum { ZMQ_PUB = 1, ZMQ_REP = 4, ZMQ_ROUTER = 6 };
enum { ZMQ_LINGER = 17, ZMQ_SNDHWM = 23, ZMQ_RCVHWM = 24 };
enum { ZMQ_ROUTER_HANDOVER = 56, ZMQ_DONTWAIT = 1, ZMQ_SNDMORE = 2 };
enum { ZMQ_POLLIN = 1 };

typedef struct Library {
    void *(*zmq_ctx_new)(void);
    int (*zmq_ctx_term)(void *context);
    void *(*zmq_socket)(void *context, int type);
    int (*zmq_close)(void *socket);
    int (*zmq_setsockopt)(void *socket, int option, const void *at, size_t len);
    int (*zmq_bind)(void *socket, const char *address);
    int (*zmq_send)(void *socket, const void *at, size_t len, int flags);
    int (*zmq_poll)(ZmqItem *items, int count, long timeout);
    int (*zmq_errno)(void);
    const char *(*zmq_strerror)(int number);
    int (*zmq_msg_init)(ZmqMessage *m);
    int (*zmq_msg_recv)(ZmqMessage *m, void *socket, int flags);
    int (*zmq_msg_send)(ZmqMessage *m, void *socket, int flags);
    int (*zmq_msg_more)(const ZmqMessage *m);
    void *(*zmq_msg_data)(ZmqMessage *m);
    size_t (*zmq_msg_size)(const ZmqMessage *m);
    int (*zmq_msg_close)(ZmqMessage *m);
    int (*sodium_init)(void);
    size_t (*crypto_auth_hmacsha256_statebytes)(void);
    int (*crypto_auth_hmacsha256_init)(void *state, const unsigned char *key,
                                       size_t len);
    int (*crypto_auth_hmacsha256_update)(void *state, const unsigned char *at,
                                         unsigned long long len);
    int (*crypto_auth_hmacsha256_final)(void *state, unsigned char *out);
    int (*sodium_memcmp)(const void *a, const void *b, size_t len);
} Library;

enum { DIGEST = 32, DIGEST_TEXT = 2 * DIGEST };

struct Wire {
    Library lib;
    void *context, *socket[CHANNEL_COUNT];
    Bytes key; /* empty: messages are not signed */
    char session[33];
    _Atomic unsigned sent;
    pthread_t heart;
    pthread_mutex_t lock; /* of CHANNEL_IOPUB */
};

static _Noreturn void raise_missing(const char *what)
{
    error_raise_help(SPAN_NONE, ERR_LIBRARY, NULL,
                     "install the package libzmq5 (with libsodium23)",
                     "the library %s is not here, which carries the messages "
                     "of Jupyter",
                     what);
}

static void *open_first(const char *const names[], const char *what)
{
    void *library = NULL;
    for (size_t i = 0; !library && names[i]; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library)
        raise_missing(what);
    return library;
}

#define FIND(library, name)                                                    \
    (shared_find(library, #name, (void *)&lib->name, sizeof lib->name)         \
         ? (void)0                                                             \
         : raise_missing(#name))

static void load(Library *lib)
{
    static const char *const zmq_names[] = {"libzmq.so.5", "libzmq.so", NULL};
    static const char *const sodium_names[] = {
        "libsodium.so.23", "libsodium.so.26", "libsodium.so", NULL};
    void *zmq = open_first(zmq_names, "libzmq");
    void *sodium = open_first(sodium_names, "libsodium");
    FIND(zmq, zmq_ctx_new);
    FIND(zmq, zmq_ctx_term);
    FIND(zmq, zmq_socket);
    FIND(zmq, zmq_close);
    FIND(zmq, zmq_setsockopt);
    FIND(zmq, zmq_bind);
    FIND(zmq, zmq_send);
    FIND(zmq, zmq_poll);
    FIND(zmq, zmq_errno);
    FIND(zmq, zmq_strerror);
    FIND(zmq, zmq_msg_init);
    FIND(zmq, zmq_msg_recv);
    FIND(zmq, zmq_msg_send);
    FIND(zmq, zmq_msg_more);
    FIND(zmq, zmq_msg_data);
    FIND(zmq, zmq_msg_size);
    FIND(zmq, zmq_msg_close);
    FIND(sodium, sodium_init);
    FIND(sodium, crypto_auth_hmacsha256_statebytes);
    FIND(sodium, crypto_auth_hmacsha256_init);
    FIND(sodium, crypto_auth_hmacsha256_update);
    FIND(sodium, crypto_auth_hmacsha256_final);
    FIND(sodium, sodium_memcmp);
    if (lib->sodium_init() < 0)
        raise_missing("libsodium");
}

/* ---- opening ---- */

static void make_session(Wire *w)
{
    unsigned char bytes[16] = {0};
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, bytes, sizeof bytes) == sizeof bytes;
    if (fd >= 0)
        close(fd);
    if (!good)
        error_raise(SPAN_NONE, ERR_FILE, "/dev/urandom cannot be read");
    for (size_t i = 0; i < sizeof bytes; i++) {
        w->session[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        w->session[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
}

static void *open_socket(Wire *w, Arena *a, const Json *file, int type,
                         const char *port)
{
    static const int never = 0, yes = 1, patience = 1000;
    const Library *lib = &w->lib;
    const char *ip = json_text(file, "ip", "127.0.0.1");
    double number = json_number(file, port, -1);
    bool local = !strcmp(json_text(file, "transport", "tcp"), "ipc");
    if (!(number >= 0 && number < 65536))
        error_raise(SPAN_NONE, ERR_FILE,
                    "the connection file has no `%s`: Jupyter writes it", port);
    const char *address = local
                              ? arena_printf(a, "ipc://%s-%d", ip, (int)number)
                              : arena_printf(a, "tcp://%s:%d", ip, (int)number);
    void *socket = lib->zmq_socket(w->context, type);
    if (!socket)
        error_raise(SPAN_NONE, ERR_FILE, "zmq makes no socket: %s",
                    lib->zmq_strerror(lib->zmq_errno()));
    lib->zmq_setsockopt(socket, ZMQ_LINGER, &patience, sizeof patience);
    lib->zmq_setsockopt(socket, ZMQ_SNDHWM, &never, sizeof never);
    lib->zmq_setsockopt(socket, ZMQ_RCVHWM, &never, sizeof never);
    if (type == ZMQ_ROUTER)
        lib->zmq_setsockopt(socket, ZMQ_ROUTER_HANDOVER, &yes, sizeof yes);
    if (lib->zmq_bind(socket, address) != 0)
        error_raise(SPAN_NONE, ERR_FILE, "cannot listen at %s (%s): %s",
                    address, port, lib->zmq_strerror(lib->zmq_errno()));
    return socket;
}

/* Sends back whatever comes; ended by zmq_ctx_term.  Knows nothing of mlc. */
static void *beat(void *data)
{
    Wire *w = data;
    const Library *lib = &w->lib;
    void *socket = w->socket[CHANNEL_HEARTBEAT];
    for (;;) {
        ZmqMessage m;
        lib->zmq_msg_init(&m);
        int n = lib->zmq_msg_recv(&m, socket, 0);
        bool again = n < 0 && lib->zmq_errno() == EINTR;
        if (n >= 0)
            n = lib->zmq_msg_send(&m, socket,
                                  lib->zmq_msg_more(&m) ? ZMQ_SNDMORE : 0);
        lib->zmq_msg_close(&m);
        if (n < 0 && !again)
            break;
    }
    lib->zmq_close(socket);
    return NULL;
}

static void begin_heart(Wire *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&w->heart, NULL, beat, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0)
        error_raise(SPAN_NONE, ERR_FILE, "cannot begin a thread: %s",
                    strerror(code));
}

Wire *wire_open(Arena *a, const char *path)
{
    static const struct {
        int type;
        const char *port;
    } kind[CHANNEL_COUNT] = {
        [CHANNEL_SHELL] = {ZMQ_ROUTER, "shell_port"},
        [CHANNEL_CONTROL] = {ZMQ_ROUTER, "control_port"},
        [CHANNEL_STDIN] = {ZMQ_ROUTER, "stdin_port"},
        [CHANNEL_IOPUB] = {ZMQ_PUB, "iopub_port"},
        [CHANNEL_HEARTBEAT] = {ZMQ_REP, "hb_port"},
    };
    size_t len;
    Wire *w = ARENA_NEW(a, Wire);
    const char *text = file_read(a, path, &len);
    const Json *file = json_read(a, path, text, len);
    const char *scheme = json_text(file, "signature_scheme", "hmac-sha256");
    const Json *key = json_member(file, "key");
    if (strcmp(scheme, "hmac-sha256") != 0)
        error_raise(SPAN_NONE, ERR_FILE,
                    "messages are signed with hmac-sha256, not %s", scheme);
    if (key && key->kind == JSON_TEXT)
        w->key = (Bytes){key->text, key->len};
    load(&w->lib);
    make_session(w);
    pthread_mutex_init(&w->lock, NULL);
    w->context = w->lib.zmq_ctx_new();
    for (int c = 0; c < CHANNEL_COUNT; c++)
        w->socket[c] = open_socket(w, a, file, kind[c].type, kind[c].port);
    begin_heart(w);
    return w;
}

void wire_close(Wire *w)
{
    for (int c = 0; c < CHANNEL_COUNT; c++)
        if (c != CHANNEL_HEARTBEAT)
            w->lib.zmq_close(w->socket[c]);
    while (w->lib.zmq_ctx_term(w->context) != 0 && w->lib.zmq_errno() == EINTR)
        ;
    pthread_join(w->heart, NULL);
    pthread_mutex_destroy(&w->lock);
}

/* ---- signatures ---- */

/* Of the four texts, in hexadecimal; "" without a key. */
static const char *sign(Wire *w, Arena *a, const Bytes part[4])
{
    if (w->key.len == 0)
        return "";
    const Library *lib = &w->lib;
    unsigned char digest[DIGEST];
    void *state = arena_alloc(a, lib->crypto_auth_hmacsha256_statebytes());
    lib->crypto_auth_hmacsha256_init(state, (const unsigned char *)w->key.at,
                                     w->key.len);
    for (int i = 0; i < 4; i++)
        lib->crypto_auth_hmacsha256_update(
            state, (const unsigned char *)part[i].at, part[i].len);
    lib->crypto_auth_hmacsha256_final(state, digest);
    char *text = arena_alloc(a, DIGEST_TEXT + 1);
    for (int i = 0; i < DIGEST; i++) {
        text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    text[DIGEST_TEXT] = '\0';
    return text;
}

static bool is_signed(Wire *w, Arena *a, Bytes signature, const Bytes part[4])
{
    const char *right = sign(w, a, part);
    size_t len = strlen(right);
    return signature.len == len &&
           w->lib.sodium_memcmp(signature.at, right, len) == 0;
}

/* ---- receiving ---- */

int wire_wait(Wire *w, Channel c, int n, const int fd[], long timeout)
{
    ZmqItem item[WIRE_MOST + 1] = {
        {.socket = w->socket[c], .events = ZMQ_POLLIN}};
    for (int i = 0; i < n; i++)
        item[i + 1] = (ZmqItem){.fd = fd[i], .events = ZMQ_POLLIN};
    if (w->lib.zmq_poll(item, n + 1, timeout) < 0)
        return 0;
    int ready = item[0].revents ? WIRE_MESSAGE : 0;
    for (int i = 0; i < n; i++)
        ready |= item[i + 1].revents ? WIRE_BYTES : 0;
    return ready;
}

typedef VEC(Bytes) BytesList;

/* All frames of the next message, copied. */
static BytesList read_frames(Wire *w, Channel c, Arena *a)
{
    const Library *lib = &w->lib;
    BytesList f = {0};
    for (bool more = true; more;) {
        ZmqMessage m;
        lib->zmq_msg_init(&m);
        int n;
        do
            n = lib->zmq_msg_recv(&m, w->socket[c], f.count ? 0 : ZMQ_DONTWAIT);
        while (n < 0 && lib->zmq_errno() == EINTR);
        if (n < 0) {
            lib->zmq_msg_close(&m);
            break;
        }
        size_t len = lib->zmq_msg_size(&m);
        const char *text = arena_copy(a, lib->zmq_msg_data(&m), len);
        more = lib->zmq_msg_more(&m) != 0;
        lib->zmq_msg_close(&m);
        VEC_PUSH_IN(a, &f, ((Bytes){text, len}));
    }
    return f;
}

static const char mark[] = "<IDS|MSG>";

static bool read_message(Wire *w, Channel c, Arena *a, Message *m)
{
    BytesList f = read_frames(w, c, a);
    size_t k = 0;
    while (k < f.count && (f.at[k].len != sizeof mark - 1 ||
                           memcmp(f.at[k].at, mark, sizeof mark - 1) != 0))
        k++;
    if (k + 5 >= f.count || !is_signed(w, a, f.at[k + 1], f.at + k + 2))
        return false;
    Bytes header = f.at[k + 2], content = f.at[k + 5];
    *m = (Message){.from = f.at, .nfrom = k, .header = header};
    m->type = json_text(json_read(a, "header", header.at, header.len),
                        "msg_type", "");
    m->content = json_read(a, "content", content.at, content.len);
    return true;
}

bool wire_receive(Wire *w, Channel c, Arena *a, Message *m)
{
    volatile bool good = false;
    const bool deaf = poll_deafen(true);
    Protect p;
    if (PROTECT(&p)) {
        good = read_message(w, c, a, m);
        protect_end(&p);
    }
    poll_deafen(deaf);
    return good;
}

/* ---- sending ---- */

static void add_header(Wire *w, Str *s, const char *type)
{
    struct timespec now;
    struct tm date;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &date);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &date);
    unsigned number = atomic_fetch_add(&w->sent, 1);
    str_add_format(s,
                   "{\"msg_id\":\"%s_%u\",\"session\":\"%s\","
                   "\"username\":\"mlc\",\"date\":\"%s.%06ldZ\","
                   "\"msg_type\":\"%s\",\"version\":\"5.3\"}",
                   w->session, number, w->session, text, now.tv_nsec / 1000,
                   type);
}

static void send_frame(Wire *w, Channel c, const char *at, size_t len,
                       bool more)
{
    int n;
    do
        n = w->lib.zmq_send(w->socket[c], at, len, more ? ZMQ_SNDMORE : 0);
    while (n < 0 && w->lib.zmq_errno() == EINTR);
}

static void send(Wire *w, Channel c, size_t nfrom, const Bytes from[],
                 Bytes parent, const char *type, const Str *content)
{
    Arena *a = arena_local();
    Str header = str_in(a);
    add_header(w, &header, type);
    const Bytes part[4] = {{header.at, header.len},
                           parent.len ? parent : (Bytes){"{}", 2},
                           {"{}", 2},
                           {str_text(content), content->len}};
    const char *signature = sign(w, a, part);
    for (size_t i = 0; i < nfrom; i++)
        send_frame(w, c, from[i].at, from[i].len, true);
    send_frame(w, c, mark, sizeof mark - 1, true);
    send_frame(w, c, signature, strlen(signature), true);
    for (int i = 0; i < 4; i++)
        send_frame(w, c, part[i].at, part[i].len, i < 3);
    arena_free(a);
}

void wire_answer(Wire *w, Channel c, const Message *m, const char *type,
                 const Str *content)
{
    send(w, c, m->nfrom, m->from, m->header, type, content);
}

void wire_begin_publish(Wire *w)
{
    pthread_mutex_lock(&w->lock);
}

void wire_end_publish(Wire *w)
{
    pthread_mutex_unlock(&w->lock);
}

/* Clients subscribe to topics; the name of the type is one. */
void wire_publish(Wire *w, Bytes parent, const char *type, const Str *content)
{
    const Bytes topic = {type, strlen(type)};
    send(w, CHANNEL_IOPUB, 1, &topic, parent, type, content);
}
