/*
 * emit_state.h - what the files that write C share; for them alone
 */
#ifndef MLC_COMPILE_EMIT_STATE_H
#define MLC_COMPILE_EMIT_STATE_H

#include "compile/vm.h"

typedef struct Emit {
    Arena *arena;
    const char *name;    /* of the function that a user calls */
    const Program *p;    /* being written */
    bool *written;       /* slots that hold no number known now */
    Str *out;            /* the body of the function being written */
    Str *functions_text; /* functions that are done */
    int functions;
    size_t data; /* numbers written so far */
} Emit;

void emit_number(Str *s, double x);
void emit_slot(Emit *e, uint32_t slot);
void emit_place(Emit *e, uint32_t at); /* an array by its place */
void emit_array(Emit *e, const TaskArg *a);
void emit_write(Emit *e, const char *text);
_Noreturn void emit_refuse(const Emit *e, const char *name);

void emit_task(Emit *e, const Task *t);

/* Writes a function for p; its number, of which its name is made. */
int emit_function(Emit *e, const Program *p);

/* c99.inc and num/special.c, by the build. */
extern const char *const c99_text[];

/* Those functions of the C library of mlc that `text` calls, and theirs. */
void emit_library(Arena *a, const char *text, Str *out);

#endif
