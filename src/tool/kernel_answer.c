/*
 * kernel_answer.c - requests on the shell channel and their answers
 */
#include <string.h>

#include "syntax/parse.h"
#include "tool/kernel_inside.h"

/* ---- execute ---- */

static void add_value(Kernel *k, const char *text, Str *out)
{
    Arena *a = arena_local();
    PoolMark mark = pool_mark();
    Value v = eval(k->in, parse_expression("expression", text, a));
    Str shown = str_in(a);
    interp_show_text(k->in, v, &shown);
    str_add(out, "{\"status\":\"ok\",");
    show_bundle(k->in, v, &shown, out);
    str_add_char(out, '}');
    pool_drain(mark);
    arena_free(a);
}

static void add_expression(Kernel *k, const Json *e, Str *out)
{
    Checkpoint c = interp_checkpoint(k->in);
    const size_t before = out->len;
    Protect p;
    if (PROTECT(&p)) {
        add_value(k, e->kind == JSON_TEXT ? e->text : "", out);
        protect_end(&p);
        return;
    }
    interp_restore(k->in, &c);
    k->failure = str_in(out->arena);
    show_error(k->in, k, context_error());
    out->len = before;
    str_add(out, "{\"status\":\"error\",");
    str_add_len(out, k->failure.at, k->failure.len);
    str_add_char(out, '}');
    k->failure.len = 0;
}

/* `"name":{"status":...}` for each expression that the request asks for. */
static void add_expressions(Kernel *k, const Json *expressions, Str *out)
{
    str_add(out, "\"user_expressions\":{");
    for (size_t i = 0; expressions && i < expressions->count; i++) {
        if (i > 0)
            str_add_char(out, ',');
        json_add_key(out, expressions->name[i]);
        add_expression(k, &expressions->at[i], out);
    }
    str_add_char(out, '}');
}

static void tell_input(Kernel *k, const char *code)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    str_add(&s, "{\"code\":");
    json_add_text(&s, code, strlen(code));
    str_add_format(&s, ",\"execution_count\":%d}", k->count);
    kernel_publish(k, "execute_input", &s);
    arena_free(a);
}

static void tell_failure(Kernel *k)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    str_add_char(&s, '{');
    str_add_len(&s, k->failure.at, k->failure.len);
    str_add_char(&s, '}');
    kernel_publish(k, "error", &s);
    arena_free(a);
}

static void run_cell(Kernel *k, const char *code)
{
    Interp *in = k->in;
    uint32_t source = source_add(
        k->silent ? "input" : arena_printf(k->lasting, "In[%d]", k->count),
        code, strlen(code), false);
    interrupt_flag = 0;
    if (!interp_run(in, in->top, source) && k->failure.len == 0)
        show_error(in, k, context_error());
    interrupt_flag = 0;
}

static void execute(Kernel *k, const Json *request, Str *out)
{
    const char *code = json_text(request, "code", "");
    k->silent = json_truth(request, "silent", false);
    k->stored = !k->silent && json_truth(request, "store_history", true);
    k->has_result = false;
    k->failure = str_in(out->arena);
    if (k->stored) {
        size_t len = strlen(code);
        k->count++;
        VEC_PUSH_IN(
            k->lasting, &k->past,
            ((Past){k->count, arena_copy(k->lasting, code, len), NULL}));
    }
    if (!k->silent)
        tell_input(k, code);
    run_cell(k, code);
    kernel_flush(k);
    bool good = k->failure.len == 0;
    if (!good && !k->silent)
        tell_failure(k);
    str_add_format(out, "{\"status\":\"%s\",\"execution_count\":%d,",
                   good ? "ok" : "error", k->count);
    if (good) {
        str_add(out, "\"payload\":[],");
        add_expressions(k, json_member(request, "user_expressions"), out);
    } else {
        str_add_len(out, k->failure.at, k->failure.len);
    }
    str_add_char(out, '}');
    k->silent = false;
}

/* ---- all requests ---- */

/* A comm, which mlc has no use for, is closed at once. */
static void close_comm(Kernel *k, const Json *request)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    const char *id = json_text(request, "comm_id", "");
    str_add(&s, "{\"comm_id\":");
    json_add_text(&s, id, strlen(id));
    str_add(&s, ",\"data\":{}}");
    kernel_publish(k, "comm_close", &s);
    arena_free(a);
}

const char *kernel_answer(Kernel *k, const Message *m, Str *out)
{
    if (!strcmp(m->type, "execute_request")) {
        execute(k, m->content, out);
        return "execute_reply";
    }
    if (!strcmp(m->type, "kernel_info_request")) {
        ask_kernel_info(out);
        return "kernel_info_reply";
    }
    if (!strcmp(m->type, "complete_request")) {
        ask_complete(k, m->content, out);
        return "complete_reply";
    }
    if (!strcmp(m->type, "inspect_request")) {
        ask_inspect(k, m->content, out);
        return "inspect_reply";
    }
    if (!strcmp(m->type, "is_complete_request")) {
        ask_is_complete(k, m->content, out);
        return "is_complete_reply";
    }
    if (!strcmp(m->type, "history_request")) {
        ask_history(k, m->content, out);
        return "history_reply";
    }
    if (!strcmp(m->type, "comm_info_request")) {
        str_add(out, "{\"status\":\"ok\",\"comms\":{}}");
        return "comm_info_reply";
    }
    if (!strcmp(m->type, "comm_open"))
        close_comm(k, m->content);
    return NULL;
}
