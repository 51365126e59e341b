/*
 * lsp_inside.h - what the files lsp*.c share
 *
 *   lsp.c       messages, their order, what the server says it can do
 *   lsp_text.c  documents that an editor has open, places in them
 *   lsp_study.c a document parsed and checked
 *   lsp_ask.c, lsp_complete.c, lsp_edit.c
 *               answers about a document
 *
 * A question is answered by a Study: the text parsed and checked (check.h) in
 * a session of its own, which ends with the answer.  Nothing of a document is
 * ever run.
 */
#ifndef MLC_TOOL_LSP_INSIDE_H
#define MLC_TOOL_LSP_INSIDE_H

#include "base/vec.h"
#include "io/json.h"
#include "tool/check.h"

typedef struct Document {
    char *uri;
    Str text;
    const char *version; /* as the editor wrote it, or NULL */
} Document;

typedef VEC(Document *) Documents;

/* ---- lsp_text.c ---- */

Document *document_find(Documents *all, const char *uri);
Document *document_open(Documents *all, const char *uri);
void document_close(Documents *all, const char *uri);
void documents_free(Documents *all);

/* One of contentChanges: a range and its new text, or the whole text. */
void document_change(Document *d, const Json *change);
void document_set(Document *d, const char *text, size_t len);
void document_set_version(Document *d, const Json *item);

/*
 * Places count lines, and units of UTF-16 in a line, both from 0.  A line too
 * far is the end of the text, a column too far that of the line.
 */
size_t offset_of_position(const char *text, size_t len, const Json *position);
void add_position(Str *s, const char *text, size_t len, size_t at);
void add_range(Str *s, const char *text, size_t len, size_t from, size_t to);

/* The next word, text[*from..*at), that is in no string or comment. */
bool next_word(const char *text, size_t len, size_t *at, size_t *from);

/* The path of a `file:` URI, decoded; other URIs as they are. */
const char *path_of_uri(Arena *a, const char *uri);
void add_uri_of_path(Str *s, const char *path);

/* ---- lsp_study.c ---- */

typedef struct Study {
    Interp *in;
    Arena *arena;
    const Document *document;
    const char *uri, *text;
    size_t len;
    uint32_t source;
    Parse parse;
    Check check;
} Study;

typedef void (*Answer)(Study *y, const Json *params, Str *s);

/*
 * Appends what `answer` says, or `otherwise` after an error.
 */
void study(const Document *d, const Json *params, Str *s, Answer answer,
           const char *otherwise);

/* The range of a span, and the place that the parameters name. */
void study_add_span(const Study *y, Span at, Str *s);
size_t study_place(const Study *y, const Json *params);

/* The name at the place, or NULL; do two of them mean the same? */
const Ref *study_ref(const Study *y, const Json *params);
bool study_same(const Ref *a, const Ref *b);

/* ---- each appends the `result` ---- */

void ask_diagnostics(const Document *d, Str *s); /* the list */
void ask_hover(const Document *d, const Json *params, Str *s);
void ask_completion(const Document *d, const Json *params, Str *s);
void ask_definition(const Document *d, const Json *params, Str *s);
void ask_references(const Document *d, const Json *params, Str *s);
void ask_highlight(const Document *d, const Json *params, Str *s);
void ask_signature(const Document *d, const Json *params, Str *s);
void ask_rename(const Document *d, const Json *params, Str *s);
void ask_formatting(const Document *d, const Json *params, Str *s);
void ask_symbols(const Document *d, const Json *params, Str *s);

#endif
