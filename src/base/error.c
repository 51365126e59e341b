#include "base/error.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/context.h"
#include "base/pool.h"

_Thread_local Context *context_of_thread;

/* The lowest address that depth_check lets the stack of this thread reach. */
static _Thread_local uintptr_t stack_floor;

volatile sig_atomic_t interrupt_flag;

static const struct {
    const char *name, *title, *explain, *wrong, *right;
} kinds[] = {
#define ERROR(id, code, title, explain, wrong, right)                          \
    {code, title, explain, wrong, right},
#include "base/errors.def"
#undef ERROR
};

#define STACK_USUAL ((size_t)8 << 20)
#define STACK_MOST ((size_t)1 << 30)
#define STACK_RESERVE ((size_t)256 << 10)
/* What may lie above the frame of the first context_enter. */
#define STACK_ABOVE ((size_t)64 << 10)

Context *context_new(void)
{
    memory_for_gmp();
    Context *before = context_enter(NULL);
    Context *c = mem_try(sizeof *c);
    if (c) {
        *c = (Context){.budget = memory_budget()};
        context_enter(c);
        Protect p;
        volatile bool good = false;
        if (PROTECT(&p)) {
            c->lasting = arena_new();
            c->text[0] = arena_new();
            c->text[1] = arena_new();
            protect_end(&p);
            good = true;
        }
        if (!good) {
            context_free(c);
            c = NULL;
        }
    }
    context_enter(before);
    return c;
}

void context_free(Context *c)
{
    if (!c)
        return;
    Context *before = context_enter(c);
    pool_free(c->pool);
    VEC_FREE(&c->sources);
    mem_free(c->names);
    arena_free_locals(c, 0);
    arena_free_idle(c);
    arena_free(c->lasting);
    arena_free(c->text[0]);
    arena_free(c->text[1]);
    memory_free_spare(c);
    memory_free_kept(c);
    context_enter(before == c ? NULL : before);
    mem_free(c);
}

void context_stack(size_t size)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    size_t reserve = STACK_RESERVE + STACK_ABOVE;
    if (reserve > size / 2)
        reserve = size / 2;
    stack_floor = here > size ? here - (size - reserve) : reserve;
}

static size_t stack_limit(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_STACK, &r) != 0 || r.rlim_cur == RLIM_INFINITY)
        return STACK_USUAL;
    return r.rlim_cur < STACK_MOST ? r.rlim_cur : STACK_MOST;
}

Context *context_enter(Context *c)
{
    Context *before = context_of_thread;
    if (!stack_floor)
        context_stack(stack_limit());
    context_of_thread = c;
    return before;
}

Context *context_current(void)
{
    return context_of_thread;
}

Span *context_here(void)
{
    return &context_of_thread->here;
}

void *context_slot(int slot)
{
    assert(slot >= 0 && slot < SLOT_COUNT);
    return context_of_thread ? context_of_thread->slot[slot] : NULL;
}

void context_set_slot(int slot, void *object)
{
    assert(slot >= 0 && slot < SLOT_COUNT);
    context_of_thread->slot[slot] = object;
}

void protect_begin(Protect *p)
{
    Context *c = context_of_thread;
    assert(c);
    p->outer = c->protect;
    p->locals = c->locals_made;
    c->protect = p;
}

void protect_end(Protect *p)
{
    Context *c = context_of_thread;
    assert(c->protect == p);
    c->protect = p->outer;
}

/* Nobody listens: say it and end the process. */
static _Noreturn void give_up(ErrorCode code, const char *message)
{
    fprintf(stderr, "mlc: error[%s]: %s\n", kinds[code].name, message);
    exit(1);
}

_Noreturn void error_again(void)
{
    Context *c = context_of_thread;
    assert(c);
    Protect *p = c->protect;
    if (!p)
        give_up(c->error.code, c->error.message);
    c->protect = p->outer;
    arena_free_locals(c, p->locals);
    longjmp(p->jump, 1);
}

/*
 * The new texts stand in text[turn].  Only now that they are complete may
 * the other arena, which they perhaps quoted, be emptied for the next error.
 */
static _Noreturn void raise_error(Error e)
{
    Context *c = context_of_thread;
    c->error = e;
    c->turn = !c->turn;
    arena_reset(c->text[c->turn], (ArenaMark){NULL, NULL});
    error_again();
}

_Noreturn void memory_raise(size_t size)
{
    static const char plain[] = "there is not enough memory";
    Context *c = context_of_thread;
    if (!c)
        give_up(ERR_MEMORY, plain);
    if (size < SIZE_MAX)
        snprintf(c->memory_text, sizeof c->memory_text,
                 "%s (%zu bytes asked for, %zu in use)", plain, size, c->used);
    else
        snprintf(c->memory_text, sizeof c->memory_text, "%s", plain);
    c->error = (Error){
        .code = ERR_MEMORY, .at = c->here, .message = c->memory_text};
    error_again();
}

_Noreturn __attribute__((format(printf, 5, 0))) static void
raise_args(Span at, ErrorCode code, const char *detail, const char *help,
           const char *form, va_list args)
{
    Context *c = context_of_thread;
    if (!c) {
        fprintf(stderr, "mlc: error[%s]: ", kinds[code].name);
        vfprintf(stderr, form, args);
        fputc('\n', stderr);
        exit(1);
    }
    Arena *a = c->text[c->turn];
    Error e = {.code = code, .at = at.source ? at : c->here};
    e.message = arena_print_args(a, form, args);
    if (detail)
        e.detail = arena_copy(a, detail, strlen(detail));
    if (help)
        e.help = arena_copy(a, help, strlen(help));
    raise_error(e);
}

_Noreturn void error_raise(Span at, ErrorCode code, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    raise_args(at, code, NULL, NULL, form, args);
}

_Noreturn void error_raise_help(Span at, ErrorCode code, const char *detail,
                                const char *help, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    raise_args(at, code, detail, help, form, args);
}

Error *context_error(void)
{
    return &context_of_thread->error;
}

void error_place(Span at)
{
    Error *e = context_error();
    if (!e->at.source)
        e->at = at;
}

void error_frame(Name function, Span at)
{
    Error *e = context_error();
    if (e->nframes < ERROR_FRAMES)
        e->frame[e->nframes++] = (ErrorFrame){function, at};
}

Arena *error_arena(void)
{
    Context *c = context_of_thread;
    return c->text[c->turn];
}

const char *error_name(ErrorCode code)
{
    return kinds[code].name;
}

const char *error_title(ErrorCode code)
{
    return kinds[code].title;
}

const char *error_explain(ErrorCode code)
{
    return kinds[code].explain;
}

const char *error_wrong(ErrorCode code)
{
    return kinds[code].wrong;
}

const char *error_right(ErrorCode code)
{
    return kinds[code].right;
}

int error_find(const char *name)
{
    int i = 0;
    while (i < ERR_COUNT && strcmp(kinds[i].name, name) != 0)
        i++;
    return i;
}

uint32_t source_add(const char *name, const char *text, size_t len,
                    bool interactive)
{
    Context *c = context_of_thread;
    if (len >= UINT32_MAX || c->sources.count >= UINT32_MAX - 1)
        error_raise(SPAN_NONE, ERR_LIMIT, "%s is longer than 4 GB", name);
    Source *s = ARENA_NEW(c->lasting, Source);
    s->name = arena_copy(c->lasting, name, strlen(name));
    s->text = arena_copy(c->lasting, text, len);
    s->len = len;
    s->interactive = interactive;
    s->library = false;
    VEC_PUSH(&c->sources, s);
    return (uint32_t)c->sources.count;
}

const Source *source_get(uint32_t number)
{
    Context *c = context_of_thread;
    if (number == 0 || number > c->sources.count)
        return NULL;
    return c->sources.at[number - 1];
}

void source_set_library(uint32_t number)
{
    context_of_thread->sources.at[number - 1]->library = true;
}

bool source_is_library(uint32_t number)
{
    const Source *s = source_get(number);
    return s && s->library;
}

void source_place(Span at, int *line, int *column)
{
    *line = *column = 1;
    const Source *s = source_get(at.source);
    if (!s)
        return;
    size_t start = 0, from = at.from < s->len ? at.from : s->len;
    for (size_t i = 0; i < from; i++) {
        if (s->text[i] == '\n') {
            start = i + 1;
            ++*line;
        }
    }
    *column = 1 + (int)text_columns(s->text + start, from - start);
}

void poll_raise(void)
{
    if (!context_of_thread || context_of_thread->deaf)
        return;
    interrupt_flag = 0;
    error_raise(SPAN_NONE, ERR_INTERRUPT, "interrupted");
}

bool poll_deafen(bool deaf)
{
    bool before = context_of_thread->deaf;
    context_of_thread->deaf = deaf;
    return before;
}

void depth_check(void)
{
    if ((uintptr_t)__builtin_frame_address(0) < stack_floor)
        error_raise(SPAN_NONE, ERR_DEPTH, "nested too deeply");
}
