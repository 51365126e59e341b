#include "io/csv.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "io/file.h"
#include "num/number.h"

/*
 * The text is read twice.  The first time every field is tried as a number and
 * stored, and what a column holds is counted; the second time, only if there
 * are columns of text, their fields are cut out in place.
 */
typedef struct Reader {
    const char *file;
    const CsvOptions *options;
    char *p, *end;
    size_t line; /* of p, from 1 */
    char separator;
} Reader;

typedef struct Field {
    char *at; /* inside the quotes */
    size_t len, line;
    bool quoted, doubled; /* doubled: holds "" */
    bool last;            /* of its record */
} Field;

/* What the first reading learns about a column. */
typedef struct Tally {
    size_t numbers, bools, commas, others;
    size_t plain;             /* neither number nor comma, unquoted */
    Field comma, first_plain; /* the first of each */
} Tally;

/* A stretch of the file for a message, cut short. */
static const char *show(const char *text, size_t len)
{
    const size_t most = 40;
    size_t n = len < most ? len : most;
    while (n > 0 && n < len && (text[n] & 0xc0) == 0x80)
        n--;
    Str s = str_in(error_arena());
    str_add_visible(&s, text, n);
    if (n < len)
        str_add(&s, "...");
    return str_text(&s);
}

static _Noreturn void raise_at(const Reader *r, size_t line, const char *help,
                               const char *what)
{
    error_raise_help(SPAN_NONE, ERR_CSV, NULL, help, "%s:%zu: %s", r->file,
                     line, what);
}

static bool ends_record(const Reader *r, const char *p)
{
    return p == r->end || *p == '\n' || *p == '\r';
}

/* Steps over the separator or the line end behind a field. */
static void step_over_end(Reader *r, Field *f)
{
    f->last = ends_record(r, r->p);
    if (r->p == r->end)
        return;
    if (!f->last) {
        r->p++;
        return;
    }
    r->p += r->p[0] == '\r' && r->p + 1 < r->end && r->p[1] == '\n' ? 2 : 1;
    r->line++;
}

/* The quote that ends the field; two in a row stand for one inside. */
static char *closing_quote(const Reader *r, Field *f)
{
    char *p = f->at;
    for (;;) {
        p = memchr(p, '"', (size_t)(r->end - p));
        if (!p || p + 1 == r->end || p[1] != '"')
            return p;
        f->doubled = true;
        p += 2;
    }
}

static void read_quoted(Reader *r, Field *f)
{
    f->at = r->p + 1;
    f->quoted = true;
    char *close = closing_quote(r, f);
    if (!close)
        raise_at(r, f->line, NULL,
                 "the quote that opens a field here is never closed");
    f->len = (size_t)(close - f->at);
    for (const char *p = f->at;
         (p = memchr(p, '\n', (size_t)(close - p))) != NULL; p++)
        r->line++;
    r->p = close + 1;
    while (r->p < r->end && *r->p == ' ' && r->separator != ' ')
        r->p++;
    if (!ends_record(r, r->p) && *r->p != r->separator)
        raise_at(r, r->line,
                 "inside of a quoted field a quote is doubled: \"\"",
                 "text follows the closing quote of a field");
}

static inline void read_field(Reader *r, Field *f)
{
    *f = (Field){.at = r->p, .line = r->line};
    if (r->p < r->end && *r->p == '"') {
        read_quoted(r, f);
    } else {
        char separator = r->separator;
        char *p = r->p, *end = r->end;
        /* Few bytes of a field are below the comma. */
        while (p < end && *p != separator && *p != '\n' && *p != '\r')
            p++;
        f->len = (size_t)(p - f->at);
        r->p = p;
    }
    step_over_end(r, f);
}

/* The field after f of the same record; of a record that was too short, and
 * may be, an empty one (which may be cut: it stands where a line ended). */
static inline void next_field(Reader *r, Field *f)
{
    if (f->last && r->options->fill)
        *f = (Field){.at = r->p == r->end ? r->p : r->p - 1,
                     .line = f->line,
                     .last = true};
    else
        read_field(r, f);
}

/* Skips line ends that belong to no record; false at the end of the text. */
static bool find_record(Reader *r, size_t ncols)
{
    if (ncols == 1) {
        char *p = r->p;
        while (p < r->end && (*p == '\n' || *p == '\r'))
            p++;
        if (p == r->end)
            r->p = p;
        return r->p < r->end;
    }
    while (r->p < r->end && ends_record(r, r->p)) {
        Field f;
        step_over_end(r, &f);
    }
    return r->p < r->end;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static Field trim(Field f)
{
    while (f.len > 0 && is_blank(f.at[0]))
        f.at++, f.len--;
    while (f.len > 0 && is_blank(f.at[f.len - 1]))
        f.len--;
    return f;
}

static bool is_text(const Field *f, const char *text)
{
    return strlen(text) == f->len && memcmp(f->at, text, f->len) == 0;
}

/* `f` is trimmed. */
static bool is_missing(const Reader *r, const Field *f)
{
    if (f->len == 0)
        return true;
    for (size_t i = 0; i < r->options->nmissing; i++)
        if (is_text(f, r->options->missing[i]))
            return true;
    return false;
}

static bool is_bool(const Field *f, double *y)
{
    static const char *const words[] = {"true",  "false", "TRUE",
                                        "FALSE", "True",  "False"};
    for (int i = 0; i < 6; i++) {
        if (is_text(f, words[i])) {
            *y = i % 2 == 0;
            return true;
        }
    }
    return false;
}

/* `3,14` and `1,234`: a number if commas were points, or were not there. */
static bool has_comma(const Field *f)
{
    char text[64];
    double x;
    if (f->len >= sizeof text || !memchr(f->at, ',', f->len))
        return false;
    size_t n = 0;
    for (size_t i = 0; i < f->len; i++)
        if (f->at[i] != ',')
            text[n++] = f->at[i];
    return num_parse_double(text, n, false, &x);
}

/* Counts a field that is not a number. */
static void count_text(Tally *t, const Field *f, bool boolean)
{
    if (!boolean && has_comma(f)) {
        if (t->commas++ == 0)
            t->comma = *f;
        return;
    }
    t->bools += boolean;
    t->others += !boolean;
    if (!f->quoted && t->plain++ == 0)
        t->first_plain = *f;
}

static void set_missing(Arena *a, CsvColumn *c, size_t row, size_t room)
{
    if (!c->missing)
        c->missing = ARENA_ARRAY(a, uint64_t, room / 64 + 1);
    c->missing[row / 64] |= (uint64_t)1 << row % 64;
    c->nmissing++;
}

/* Stores the number or boolean in a field and counts what it is. */
static bool read_value(const Reader *r, Tally *t, const Field *raw, double *y)
{
    if (num_parse_double(raw->at, raw->len, true, y)) {
        if (r->options->nmissing && is_missing(r, raw)) {
            *y = NAN;
            return false;
        }
        t->numbers++;
        return true;
    }
    *y = NAN;
    Field f = trim(*raw);
    if (is_missing(r, &f))
        return false;
    if (f.len != raw->len && num_parse_double(f.at, f.len, true, y))
        t->numbers++;
    else
        count_text(t, &f, is_bool(&f, y));
    return true;
}

/* A message about a field: `FILE:LINE: column 2 (dist): ...`. */
static _Noreturn void raise_field(const Reader *r, const CsvTable *y, size_t j,
                                  const Field *f, const char *help,
                                  const char *what)
{
    const char *text = show(f->at, f->len);
    raise_at(r, f->line, help,
             arena_printf(error_arena(), "column %zu (%s): `%s` %s", j + 1,
                          y->column[j].name, text, what));
}

static void check_tally(const Reader *r, const CsvTable *y, size_t j,
                        const Tally *t)
{
    size_t texts = t->bools + t->others;
    if (t->commas && !texts)
        raise_field(r, y, j, &t->comma,
                    "a decimal point is a `.`, and "
                    "thousands are not set apart",
                    "is a number with a comma");
    if (t->plain && t->numbers > texts + t->commas) {
        const char *text = show(t->first_plain.at, t->first_plain.len);
        const char *help = arena_printf(
            error_arena(),
            "read(\"%s\"; missing = {\"%s\"}) reads it as a missing value; "
            "in quotes it makes the column text",
            r->file, text);
        raise_field(r, y, j, &t->first_plain, help,
                    "is not a number, but most of the column is");
    }
}

static bool is_forced_text(const Reader *r, const char *name)
{
    for (size_t i = 0; i < r->options->ntext; i++)
        if (strcmp(r->options->text[i], name) == 0)
            return true;
    return false;
}

static void decide_kind(const Reader *r, CsvTable *y, size_t j, const Tally *t)
{
    CsvColumn *c = &y->column[j];
    c->kind = CSV_NUMBER;
    if (is_forced_text(r, c->name)) {
        c->kind = CSV_TEXT;
        return;
    }
    check_tally(r, y, j, t);
    if (t->others || t->commas || (t->bools && t->numbers))
        c->kind = CSV_TEXT;
    else if (t->bools)
        c->kind = CSV_BOOL;
}

/* Cuts the field out of the file's text and returns it with a NUL. */
static char *cut(Field *f)
{
    if (f->doubled) {
        size_t n = 0;
        for (size_t i = 0; i < f->len; i++) {
            f->at[n++] = f->at[i];
            i += f->at[i] == '"';
        }
        f->len = n;
    }
    f->at[f->len] = '\0';
    return f->at;
}

/* Number of fields in the first record. */
static size_t count_fields(Reader r)
{
    size_t n = 0;
    Field f = {.last = false};
    while (!f.last) {
        read_field(&r, &f);
        n++;
    }
    return n;
}

/* Number of fields in the longest record. */
static size_t count_most_fields(Reader r)
{
    size_t most = 0;
    while (find_record(&r, 0)) {
        Reader record = r;
        size_t n = count_fields(record);
        Field f = {.last = false};
        for (size_t j = 0; j < n; j++)
            read_field(&r, &f);
        most = n > most ? n : most;
        POLL();
    }
    return most;
}

/* The first of , ; tab that stands outside of quotes in the first record. */
static char find_separator(Reader r)
{
    static const char known[] = {',', ';', '\t'};
    for (int i = 0; i < 3; i++) {
        r.separator = known[i];
        bool quoted = false;
        for (const char *p = r.p; p < r.end; p++) {
            quoted ^= *p == '"';
            if (!quoted && (*p == '\n' || *p == '\r'))
                break;
            if (!quoted && *p == known[i])
                return known[i];
        }
    }
    return ',';
}

/* The names of the columns so far: open addressing, half empty. */
typedef struct NameSet {
    const char **slot;
    size_t room;
} NameSet;

static NameSet name_set_new(Arena *a, size_t count)
{
    NameSet s = {.room = 4};
    while (s.room < count * 2)
        s.room *= 2;
    s.slot = ARENA_ARRAY(a, const char *, s.room);
    return s;
}

/* False if the name is there already. */
static bool name_set_add(NameSet *s, const char *name)
{
    size_t i = hash_bytes(name, strlen(name)) & (s->room - 1);
    for (; s->slot[i]; i = (i + 1) & (s->room - 1))
        if (strcmp(s->slot[i], name) == 0)
            return false;
    s->slot[i] = name;
    return true;
}

/* An empty name becomes x1, x2, ..., and a repeated one gets _2, _3, ... */
static const char *unique_name(Arena *a, NameSet *names, size_t j,
                               const char *name)
{
    if (!*name)
        name = arena_printf(a, "x%zu", j + 1);
    const char *base = name;
    for (int k = 2; !name_set_add(names, name); k++) {
        name = arena_printf(a, "%s_%d", base, k);
        POLL();
    }
    return name;
}

static void read_header(Reader *r, Arena *a, CsvTable *y)
{
    size_t numbers = 0, line = r->line;
    NameSet names = name_set_new(a, y->ncols);
    double x;
    Field f = {.last = false};
    for (size_t j = 0; j < y->ncols; j++) {
        next_field(r, &f);
        if (!f.quoted)
            f = trim(f);
        numbers += num_parse_double(f.at, f.len, false, &x);
        y->column[j].name = unique_name(a, &names, j, cut(&f));
    }
    if (numbers == y->ncols && r->options->header == CSV_HEADER_USUAL)
        raise_at(
            r, line,
            arena_printf(error_arena(),
                         "read(\"%s\"; header = false) reads it as data",
                         r->file),
            "the first row has numbers where the header should have names");
}

static _Noreturn void raise_ragged(const Reader *r, size_t line, size_t fields,
                                   size_t ncols)
{
    raise_at(r, line,
             arena_printf(error_arena(),
                          "read(\"%s\"; fill = true) fills short rows with "
                          "missing values",
                          r->file),
             arena_printf(error_arena(),
                          "%zu field%s, where the first row has %zu", fields,
                          fields == 1 ? "" : "s", ncols));
}

/* The first reading of one record. */
static void read_record(Reader *r, Arena *a, CsvTable *y, Tally *tally,
                        size_t room)
{
    size_t line = r->line, row = y->rows;
    Field f = {.last = false};
    for (size_t j = 0; j < y->ncols; j++) {
        if (f.last && !r->options->fill)
            raise_ragged(r, line, j, y->ncols);
        next_field(r, &f);
        CsvColumn *c = &y->column[j];
        if (!read_value(r, &tally[j], &f, &c->number[row]))
            set_missing(a, c, row, room);
    }
    size_t fields = y->ncols;
    while (!f.last) {
        read_field(r, &f);
        fields++;
    }
    if (fields > y->ncols)
        raise_ragged(r, line, fields, y->ncols);
}

/* The second reading: cuts out the fields of the text columns. */
static void cut_texts(Reader r, CsvTable *y)
{
    for (size_t row = 0; row < y->rows && find_record(&r, y->ncols); row++) {
        Field f = {.last = false};
        for (size_t j = 0; j < y->ncols; j++) {
            next_field(&r, &f);
            CsvColumn *c = &y->column[j];
            if (c->kind == CSV_TEXT && !csv_is_missing(c, row))
                c->text[row] = cut(&f);
        }
        if (row % 1024 == 0)
            POLL();
    }
}

/* More than the records there can be. */
static size_t count_lines(const Reader *r)
{
    size_t n = 1;
    for (const char *p = r->p; p < r->end; p++)
        n += *p == '\n' || *p == '\r';
    return n;
}

static void read_columns(Reader *r, Arena *a, CsvTable *y)
{
    Reader start = *r;
    size_t room = count_lines(r);
    Tally *tally = ARENA_ARRAY(a, Tally, y->ncols);
    for (size_t j = 0; j < y->ncols; j++)
        y->column[j].number = ARENA_ARRAY(a, double, room);
    while (find_record(r, y->ncols)) {
        read_record(r, a, y, tally, room);
        if (++y->rows % 1024 == 0)
            POLL();
    }
    bool any = false;
    for (size_t j = 0; j < y->ncols; j++) {
        CsvColumn *c = &y->column[j];
        decide_kind(r, y, j, &tally[j]);
        if (c->kind == CSV_TEXT) {
            c->text = ARENA_ARRAY(a, const char *, y->rows + 1);
            any = true;
        }
    }
    if (any)
        cut_texts(start, y);
}

/* Refuses bytes that are no text, with their line. */
static void check_bytes(Reader *r, size_t len)
{
    size_t bad = text_check_utf8(r->p, len);
    if (bad == len)
        return;
    size_t line = 1;
    for (size_t i = 0; i < bad; i++)
        line += r->p[i] == '\n';
    unsigned char c = (unsigned char)r->p[bad];
    if (c == 0 || (bad == 0 && c >= 0xfe))
        raise_at(r, line, "save the file as UTF-8",
                 c ? "the file is UTF-16, not UTF-8"
                   : "a NUL byte: this is no text file in UTF-8");
    raise_at(r, line, "save the file as UTF-8",
             arena_printf(error_arena(), "the byte 0x%02x is not UTF-8", c));
}

CsvTable *csv_parse(Arena *a, const char *name, char *text, size_t len,
                    const CsvOptions *options)
{
    static const CsvOptions usual;
    Reader r = {.file = name,
                .options = options ? options : &usual,
                .p = text,
                .end = text + len,
                .line = 1};
    check_bytes(&r, len);
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        r.p += 3;
    r.separator = r.options->separator;
    CsvTable *y = ARENA_NEW(a, CsvTable);
    if (!find_record(&r, 0))
        error_raise(SPAN_NONE, ERR_CSV, "%s: the file is empty", name);
    if (!r.separator)
        r.separator = find_separator(r);
    y->ncols = r.options->fill ? count_most_fields(r) : count_fields(r);
    y->column = ARENA_ARRAY(a, CsvColumn, y->ncols);
    if (r.options->header == CSV_HEADER_NO)
        for (size_t j = 0; j < y->ncols; j++)
            y->column[j].name = arena_printf(a, "x%zu", j + 1);
    else
        read_header(&r, a, y);
    read_columns(&r, a, y);
    return y;
}

CsvTable *csv_read(Arena *a, const char *path, const CsvOptions *options)
{
    size_t len;
    char *text = file_read(a, path, &len);
    return csv_parse(a, path, text, len, options);
}
