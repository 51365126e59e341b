/*
 * kernel_wire.h - the sockets of a kernel, and messages on them
 *
 * libzmq carries the messages and libsodium signs them (HMAC-SHA256); both
 * are loaded when a Wire is opened.  A message is several frames: who asked,
 * a mark, the signature, and four texts of JSON: header, header of the
 * message that is answered, metadata, content.
 *
 * Two threads use a Wire.  Each receives from sockets of its own; what is
 * published, and with it the text that the program has printed, goes out
 * under one lock, in the order in which it came about.
 */
#ifndef MLC_TOOL_KERNEL_WIRE_H
#define MLC_TOOL_KERNEL_WIRE_H

#include "io/json.h"

typedef enum Channel {
    CHANNEL_SHELL,
    CHANNEL_CONTROL,
    CHANNEL_STDIN,
    CHANNEL_IOPUB,
    CHANNEL_HEARTBEAT,
    CHANNEL_COUNT
} Channel;

typedef struct Bytes {
    const char *at;
    size_t len;
} Bytes;

/* A message that came in; it lives in the arena it was received into. */
typedef struct Message {
    const Bytes *from; /* who asked: the frames before the mark */
    size_t nfrom;
    Bytes header; /* as it came: answers repeat it */
    const char *type;
    const Json *content;
} Message;

typedef struct Wire Wire;

/*
 * Binds the sockets that a connection file names, and begins to answer the
 * heartbeat on a thread of its own.  Raises ERR_FILE where the file is no such
 * file, a library is missing or a port is taken.
 */
Wire *wire_open(Arena *a, const char *path);
void wire_close(Wire *w);

/*
 * Waits for a message on a channel, for something to read from one of up to
 * WIRE_MOST descriptors, or `timeout` milliseconds (-1: for ever).  Returns
 * which of the two is there.
 */
enum { WIRE_MOST = 3, WIRE_MESSAGE = 1, WIRE_BYTES = 2 };

int wire_wait(Wire *w, Channel c, int n, const int fd[], long timeout);

/*
 * The next message, if one is there; false if there is none, or one whose
 * signature or form is wrong: it is dropped.
 */
bool wire_receive(Wire *w, Channel c, Arena *a, Message *m);

/* Answers a message on the channel that it came from. */
void wire_answer(Wire *w, Channel c, const Message *m, const char *type,
                 const Str *content);

/*
 * Tells all clients; `parent` is the header of the message it is about.
 * wire_begin_publish and wire_end_publish enclose it, so that several go out
 * together.
 */
void wire_begin_publish(Wire *w);
void wire_publish(Wire *w, Bytes parent, const char *type, const Str *content);
void wire_end_publish(Wire *w);

#endif
