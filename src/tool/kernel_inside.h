/*
 * kernel_inside.h - what the files kernel*.c share
 */
#ifndef MLC_TOOL_KERNEL_INSIDE_H
#define MLC_TOOL_KERNEL_INSIDE_H

#include "base/vec.h"
#include "eval/interp.h"
#include "tool/kernel_wire.h"

/* A pipe that stands in for standard output or standard error. */
typedef struct Captured {
    const char *name; /* "stdout" */
    int fd;           /* from which is read */
    char rest[4];     /* bytes of a character whose end is not yet there */
    size_t nrest;
} Captured;

typedef struct Past {
    int number;
    const char *code, *result; /* its text, or NULL */
} Past;

typedef struct Kernel {
    Interp *in;
    Display display;
    Wire *wire;
    Captured captured[2];
    int wake[2];          /* a byte in it: the loop looks at `ended` */
    volatile bool ended;  /* shutdown was asked for */
    volatile bool silent; /* what is printed now goes nowhere */
    long parent;          /* process that started the kernel; 0: not watched */
    char header[4096];    /* of the request that runs, under the lock */
    size_t nheader;
    Arena *lasting;
    VEC(Past) past;
    /* of a running execute_request: */
    int count; /* of the ones that were stored */
    bool stored, has_result;
    Str failure; /* content of its error, or empty */
} Kernel;

/* What was printed so far goes out, as text of the request that runs. */
void kernel_flush(Kernel *k);

/* Publishes after what was printed before. */
void kernel_publish(Kernel *k, const char *type, const Str *content);

/* Answers a message of the shell; the type of the answer, or NULL if there is
 * none. */
const char *kernel_answer(Kernel *k, const Message *m, Str *content);

/* ---- kernel_show.c ---- */

/* `"data":{...},"metadata":{}` of a value: its text, and what is richer. */
void show_bundle(Interp *in, Value v, const Str *text, Str *out);

/* The functions of Kernel.display. */
void show_value(Interp *in, void *kernel, Value v, bool last);
void show_error(Interp *in, void *kernel, const Error *e);
void show_picture(Interp *in, void *kernel, const Str *text, const Str *svg);

/* ---- kernel_ask.c: questions that run nothing ---- */

void ask_complete(Kernel *k, const Json *question, Str *out);
void ask_inspect(Kernel *k, const Json *question, Str *out);
void ask_is_complete(Kernel *k, const Json *question, Str *out);
void ask_history(Kernel *k, const Json *question, Str *out);
void ask_kernel_info(Str *out);

#endif
