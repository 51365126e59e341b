/*
 * lsp.c - `mlc lsp`: the Language Server Protocol (3.17) on standard input
 * and output
 *
 * Messages are JSON-RPC 2.0 behind a header that tells their length.  A
 * message that cannot be read is answered by an error, and the next one is
 * read; only the end of the input and `exit` end the server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/lsp.h"
#include "tool/lsp_inside.h"
#include "tool/tool.h"

/* A longer message is a broken header. */
enum { MOST_BYTES = 1 << 28, HEADER_BYTES = 4096 };

enum { /* codes of JSON-RPC and LSP */
       NO_JSON = -32700,
       NO_REQUEST = -32600,
       NO_METHOD = -32601,
       NOT_READY = -32002,
       FAILED = -32603
};

typedef struct Server {
    FILE *in, *out;
    Documents documents;
    bool ready, ended, left;
    bool broken; /* output cannot be written */
} Server;

/* ---- messages ---- */

/* Reads the header; the length of the message, -1 at the end of the input. */
static long read_header(FILE *in)
{
    char line[HEADER_BYTES];
    long length = -1;
    while (fgets(line, sizeof line, in)) {
        static const char name[] = "content-length:";
        bool empty = line[0] == '\n' || line[0] == '\r';
        if (empty && length >= 0)
            return length;
        char head[sizeof name] = "";
        for (size_t i = 0; i + 1 < sizeof name && line[i]; i++)
            head[i] = (char)(line[i] >= 'A' && line[i] <= 'Z' ? line[i] | 0x20
                                                              : line[i]);
        if (strcmp(head, name) == 0) {
            length = strtol(line + sizeof name - 1, NULL, 10);
            if (length < 0 || length > MOST_BYTES)
                length = -1;
        }
    }
    return -1;
}

static void send_text(Server *v, const Str *s)
{
    fprintf(v->out, "Content-Length: %zu\r\n\r\n", s->len);
    fwrite(str_text(s), 1, s->len, v->out);
    v->broken |= fflush(v->out) != 0;
}

static void add_id(Str *s, const Json *id)
{
    str_add(s, "{\"jsonrpc\":\"2.0\",\"id\":");
    if (id && (id->kind == JSON_NUMBER || id->kind == JSON_TEXT))
        json_add(s, id);
    else
        str_add(s, "null");
}

static void send_failure(Server *v, Arena *a, const Json *id, int code,
                         const char *message)
{
    Str s = str_in(a);
    add_id(&s, id);
    str_add_format(&s, ",\"error\":{\"code\":%d,\"message\":", code);
    json_add_text(&s, message, strlen(message));
    str_add(&s, "}}");
    send_text(v, &s);
}

/* ---- what the server can do ---- */

static void say_abilities(Str *s)
{
    str_add(s, "{\"capabilities\":{\"positionEncoding\":\"utf-16\","
               "\"textDocumentSync\":{\"openClose\":true,\"change\":2},"
               "\"hoverProvider\":true,"
               "\"completionProvider\":{\"triggerCharacters\":[\".\"]},"
               "\"definitionProvider\":true,\"referencesProvider\":true,"
               "\"documentHighlightProvider\":true,"
               "\"signatureHelpProvider\":{\"triggerCharacters\":"
               "[\"(\",\",\",\";\"]},"
               "\"renameProvider\":true,\"documentFormattingProvider\":true,"
               "\"documentSymbolProvider\":true},"
               "\"serverInfo\":{\"name\":\"mlc\",\"version\":\"" MLC_VERSION
               "\"}}");
}

typedef void (*Ask)(const Document *d, const Json *params, Str *s);

static const struct Method {
    const char *name;
    Ask ask;
} methods[] = {
    {"textDocument/hover", ask_hover},
    {"textDocument/completion", ask_completion},
    {"textDocument/definition", ask_definition},
    {"textDocument/references", ask_references},
    {"textDocument/documentHighlight", ask_highlight},
    {"textDocument/signatureHelp", ask_signature},
    {"textDocument/rename", ask_rename},
    {"textDocument/formatting", ask_formatting},
    {"textDocument/documentSymbol", ask_symbols},
};

static const char *uri_of(const Json *params)
{
    return json_text(json_member(params, "textDocument"), "uri", "");
}

static void answer_request(Server *v, Arena *a, const Json *id,
                           const char *method, const Json *params)
{
    Str s = str_in(a);
    add_id(&s, id);
    str_add(&s, ",\"result\":");
    if (!strcmp(method, "initialize")) {
        v->ready = true;
        say_abilities(&s);
    } else if (!v->ready) {
        send_failure(v, a, id, NOT_READY, "initialize comes first");
        return;
    } else if (v->ended) {
        send_failure(v, a, id, NO_REQUEST, "the server was shut down");
        return;
    } else if (!strcmp(method, "shutdown")) {
        v->ended = true;
        str_add(&s, "null");
    } else {
        size_t i = 0, n = sizeof methods / sizeof *methods;
        while (i < n && strcmp(method, methods[i].name) != 0)
            i++;
        if (i == n) {
            send_failure(v, a, id, NO_METHOD, "there is no such method");
            return;
        }
        const Document *d = document_find(&v->documents, uri_of(params));
        if (d)
            methods[i].ask(d, params, &s);
        else
            str_add(&s, "null");
    }
    str_add_char(&s, '}');
    send_text(v, &s);
}

/* ---- notifications ---- */

/* The diagnostics of a document; none after it was closed. */
static void publish(Server *v, Arena *a, const char *uri, const Document *d)
{
    Str s = str_in(a);
    str_add(&s, "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/"
                "publishDiagnostics\",\"params\":{\"uri\":");
    json_add_text(&s, uri, strlen(uri));
    if (d && d->version)
        str_add_format(&s, ",\"version\":%s", d->version);
    str_add(&s, ",\"diagnostics\":");
    if (d)
        ask_diagnostics(d, &s);
    else
        str_add(&s, "[]");
    str_add(&s, "}}");
    send_text(v, &s);
}

static void take_notification(Server *v, Arena *a, const char *method,
                              const Json *params)
{
    const Json *item = json_member(params, "textDocument");
    const char *uri = uri_of(params);
    if (!strcmp(method, "exit")) {
        v->left = true;
    } else if (!v->ready) {
        return;
    } else if (!strcmp(method, "textDocument/didOpen")) {
        const Json *text = json_member(item, "text");
        if (!text || text->kind != JSON_TEXT)
            return;
        Document *d = document_open(&v->documents, uri);
        document_set(d, text->text, text->len);
        document_set_version(d, item);
        publish(v, a, uri, d);
    } else if (!strcmp(method, "textDocument/didChange")) {
        Document *d = document_find(&v->documents, uri);
        const Json *changes = json_member(params, "contentChanges");
        if (!d || !changes || changes->kind != JSON_ARRAY)
            return;
        for (size_t i = 0; i < changes->count; i++)
            document_change(d, &changes->at[i]);
        document_set_version(d, item);
        publish(v, a, uri, d);
    } else if (!strcmp(method, "textDocument/didClose")) {
        document_close(&v->documents, uri);
        publish(v, a, uri, NULL);
    }
}

static void take_message(Server *v, Arena *a, const Json *m)
{
    const Json *id = json_member(m, "id");
    const char *method = json_text(m, "method", NULL);
    if (m->kind != JSON_OBJECT ||
        (!method && !json_member(m, "result") && !json_member(m, "error")))
        send_failure(v, a, id, NO_REQUEST, "this is no request");
    else if (method && id)
        answer_request(v, a, id, method, json_member(m, "params"));
    else if (method)
        take_notification(v, a, method, json_member(m, "params"));
}

/* ---- the loop ---- */

/* Reads one message and answers it; an error of ours is an answer too. */
static void serve_one(Server *v, long length)
{
    Arena *a = arena_new();
    const Json *volatile m = NULL;
    Protect p;
    if (PROTECT(&p)) {
        char *text = arena_alloc(a, (size_t)length + 1);
        size_t n = fread(text, 1, (size_t)length, v->in);
        text[n] = '\0';
        m = json_read(a, "message", text, n);
        take_message(v, a, m);
        protect_end(&p);
    } else {
        const Json *id = m ? json_member(m, "id") : NULL;
        const Error *e = context_error();
        interrupt_flag = 0;
        if (!m || id)
            send_failure(v, a, id, m ? FAILED : NO_JSON, e->message);
    }
    arena_free(a);
}

int tool_lsp(int argc, char **argv)
{
    if (argc > 0 && strcmp(argv[0], "--stdio") != 0)
        return tool_usage("lsp has no option %s", argv[0]);
    /* What a tool prints by mistake does not come between the messages. */
    int out = dup(STDOUT_FILENO);
    Server v = {.in = stdin, .out = out >= 0 ? fdopen(out, "w") : NULL};
    if (!v.out || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return TOOL_FOUND;
    Context *own = context_new(), *outer = context_enter(own);
    long length;
    while (!v.left && !v.broken && (length = read_header(v.in)) >= 0)
        serve_one(&v, length);
    documents_free(&v.documents);
    context_enter(outer);
    context_free(own);
    fclose(v.out);
    return v.ended && !v.broken ? TOOL_GOOD : TOOL_FOUND;
}
