/*
 * complete.c - what TAB offers
 */
#include "repl/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define _FUNCTION_DEF
#include <readline/readline.h>

#include "eval/call.h"
#include "eval/fit.h"
#include "eval/help.h"
#include "eval/index.h"
#include "eval/module.h"
#include "graph/greek.h"
#include "io/spawn.h"
#include "repl/command.h"
#include "repl/session.h"
#include "syntax/parse.h"
#include "value/datatable.h"

typedef struct Offer {
    Interp *in;
    Arena *arena;
    const char *part;
    Words *words;
} Offer;

static void offer(Offer *o, const char *word)
{
    if (strncmp(word, o->part, strlen(o->part)) != 0)
        return;
    for (size_t i = 0; i < o->words->count; i++)
        if (!strcmp(o->words->at[i], word))
            return;
    VEC_PUSH_IN(o->arena, o->words, word);
}

/* ---- names ---- */

static void offer_variables(Offer *o, const Scope *s)
{
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&s->cells, &i)) != NULL;) {
        const Cell *c = e->value;
        if (c->defined || c->symbol.kind != VAL_NONE)
            offer(o, c->name);
    }
}

static void offer_names(Offer *o)
{
    static const char *const constants[] = {"pi", "inf", "nan", "none"};
    const TableEntry *e;
    const char *name;
    offer_variables(o, o->in->top);
    for (size_t i = 0; (e = table_next(&o->in->builtins, &i)) != NULL;)
        offer(o, e->key);
    for (size_t i = 0; (name = library_name(i)) != NULL; i++)
        offer(o, name);
    for (size_t i = 0; (name = parse_keyword(i)) != NULL; i++)
        offer(o, name);
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        offer(o, constants[i]);
}

static void offer_topics(Offer *o)
{
    const char *names;
    for (size_t i = 0; help_topic_example(i, &names) != NULL; i++)
        while (*names) {
            size_t n = strcspn(names, " ");
            offer(o, arena_copy(o->arena, names, n));
            names += n + strspn(names + n, " ");
        }
    offer(o, "source");
}

/* ---- members ---- */

/* Names, fields and entries alone: nothing else is evaluated for TAB. */
static bool is_path(const Ast *t)
{
    for (; t->kind != AST_NAME; t = t->kids[0]) {
        if (t->kind == AST_INDEX) {
            for (uint32_t i = 1; i < t->count; i++)
                if (t->kids[i]->kind != AST_NUMBER &&
                    t->kids[i]->kind != AST_STRING)
                    return false;
        } else if (t->kind != AST_FIELD) {
            return false;
        }
    }
    return true;
}

/* NONE if it has no value. */
static Value value_of_path(Interp *in, Arena *a, const char *text)
{
    volatile Value v = VALUE_NONE;
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    if (PROTECT(&p)) {
        const Ast *t = parse_expression("TAB", text, a);
        if (is_path(t))
            v = eval(in, t);
        protect_end(&p);
    } else {
        interp_restore(in, &c);
    }
    return v;
}

static bool is_name(const char *text)
{
    if (isdigit((unsigned char)*text) || !*text)
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' &&
            (unsigned char)*text < 128)
            return false;
    return true;
}

static void offer_record(Offer *o, Value r)
{
    for (size_t i = 0; i < r.record->count; i++)
        offer(o, r.record->name[i]);
}

static void offer_fit(Offer *o, const Fit *m)
{
    offer_record(o, m->params);
    offer_record(o, m->facts);
    static const char *const methods[] = {"predict", "prob", "score"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        offer(o, methods[i]);
}

static void offer_columns(Offer *o, Value v, bool names)
{
    if (v.kind == VAL_TABLE)
        for (size_t i = 0; i < v.table->ncols; i++)
            if (!names || is_name(v.table->name[i]))
                offer(o, v.table->name[i]);
}

static void offer_members(Offer *o, const char *object)
{
    Value v = value_of_path(o->in, o->arena, object);
    if (v.kind == VAL_RECORD)
        offer_record(o, v);
    else if (v.kind == VAL_MODULE)
        offer_variables(o, v.module->data);
    else if (v.kind == VAL_FUNCTION && v.function->class == &class_fit)
        offer_fit(o, v.function->data);
    else
        offer_columns(o, v, true);
}

/* Of the table before the bracket, or of those among the arguments. */
static void offer_columns_near(Offer *o, const Place *p)
{
    if (p->object)
        offer_columns(o, value_of_path(o->in, o->arena, p->object), false);
    for (const char *t = p->args ? p->args : ""; *t;) {
        size_t n = 0;
        while (isalnum((unsigned char)t[n]) || t[n] == '_' ||
               (unsigned char)t[n] >= 128)
            n++;
        Cell *c = scope_find(o->in->top, name_of_len(t, n));
        if (n > 0 && c)
            offer_columns(o, c->value, p->object != NULL);
        t += n ? n : 1;
    }
}

/* ---- options ---- */

static void offer_option(Offer *o, const char *name)
{
    offer(o, arena_printf(o->arena, "%s = ", name));
}

static void offer_list(Offer *o, const char *names)
{
    while (names && *names) {
        size_t n = strcspn(names, ",");
        if (n > 0 && names[0] != '*')
            offer_option(o, arena_copy(o->arena, names, n));
        names += n + (names[n] == ',');
    }
}

static void offer_hypers(Offer *o, const Model *m)
{
    const Decl *d;
    for (int i = 0; (d = model_hyper(m, i)) != NULL; i++)
        offer_option(o, d->name);
    for (int i = 0; (d = model_data(m, i)) != NULL; i++)
        if (d->value)
            offer_option(o, d->name);
}

/* fit(m, ...): its own, and those of the model. */
static void offer_fit_options(Offer *o, const char *args)
{
    Value own = fit_default_options();
    for (size_t i = 0; i < own.record->count; i++)
        offer_option(o, own.record->name[i]);
    size_t n = strcspn(args, ",;");
    Value v = value_of_path(o->in, o->arena, arena_copy(o->arena, args, n));
    if (v.kind == VAL_FUNCTION && v.function->class == &class_model)
        offer_hypers(o, v.function->data);
}

static void offer_options(Offer *o, const Place *p)
{
    Value v = value_of_path(o->in, o->arena, p->callee);
    if (v.kind != VAL_FUNCTION)
        return;
    Function *f = v.function;
    if (f->class == &class_builtin) {
        const Builtin *b = f->data;
        if (!strcmp(b->name, "fit"))
            offer_fit_options(o, p->args);
        else
            offer_list(o, b->options);
    } else if (f->class == &class_model) {
        offer_hypers(o, f->data);
    } else if (f->class == &class_closure) {
        int n;
        const Decl *d = function_params(f, &n);
        for (int i = 0; i < n; i++)
            if (d[i].option || d[i].value)
                offer_option(o, d[i].name);
    }
}

/* ---- letters ---- */

static void add_subscripts(Offer *o, const char *digits)
{
    Str s = str_in(o->arena);
    for (; isdigit((unsigned char)*digits); digits++)
        str_add_format(&s, "\xe2\x82%c", 0x80 + *digits - '0');
    if (!*digits && s.len > 0)
        VEC_PUSH_IN(o->arena, o->words, str_text(&s));
}

/*
 * The letter in place of \name, where the name is whole or can be but one;
 * else the names.  Where text is not UTF-8, the name without the backslash.
 */
static void offer_letters(Offer *o)
{
    const char *part = o->part + 1;
    bool utf8 = locale_is_utf8();
    const char *letter = greek_letter(part, strlen(part)), *name;
    if (*part == '_' && utf8) {
        add_subscripts(o, part + 1);
        return;
    }
    if (!letter) {
        for (size_t i = 0; (name = greek_row(i)) != NULL; i++)
            offer(o, arena_printf(o->arena, "\\%s", name));
        if (o->words->count != 1)
            return;
        part = o->words->at[0] + 1;
        letter = greek_letter(part, strlen(part));
        o->words->count = 0;
    }
    VEC_PUSH_IN(o->arena, o->words, utf8 ? letter : part);
}

/* ---- all of them ---- */

void complete_words(Interp *in, Arena *a, const Place *p, const char *part,
                    Words *words)
{
    Offer o = {in, a, part, words};
    const char *name;
    switch (p->kind) {
    case PLACE_NAME:
        if (p->callee && p->option)
            offer_options(&o, p);
        if (words->count > 0 && p->option == ';')
            break;
        if (*part)
            offer_names(&o);
        else if (words->count == 0)
            offer_variables(&o, in->top);
        break;
    case PLACE_MEMBER:
        offer_members(&o, p->object);
        break;
    case PLACE_COLUMN:
        offer_columns_near(&o, p);
        break;
    case PLACE_LETTER:
        offer_letters(&o);
        break;
    case PLACE_COMMAND:
        for (size_t i = 0; (name = command_name(i)) != NULL; i++)
            offer(&o, name);
        break;
    case PLACE_HELP:
        offer_names(&o);
        offer_topics(&o);
        break;
    case PLACE_FILE:
    case PLACE_NOWHERE:
        break;
    }
}

/* ---- files ---- */

/* readline's own list, copied: it gives memory that is to be freed. */
static void offer_files(Arena *a, const char *part, Words *words)
{
    char *text;
    for (int k = 0; (text = rl_filename_completion_function(part, k)); k++) {
        VEC_PUSH_IN(a, words, arena_copy(a, text, strlen(text)));
        free(text);
    }
}

static bool is_folder(const char *path)
{
    struct stat s;
    const char *home = getenv("HOME");
    if (path[0] != '~' || !home)
        return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
    Arena *a = arena_local();
    path = arena_printf(a, "%s%s", home, path + 1);
    bool folder = stat(path, &s) == 0 && S_ISDIR(s.st_mode);
    arena_free(a);
    return folder;
}

/* ---- TAB ---- */

enum { MOST_SHOWN = 200 };

/* Bytes that all words begin with; whole characters. */
static size_t common_length(const Words *words)
{
    const char *one = words->at[0];
    size_t n = strlen(one);
    for (size_t i = 1; i < words->count; i++) {
        size_t k = 0;
        while (k < n && words->at[i][k] == one[k])
            k++;
        n = k;
    }
    while (n > 0 && ((unsigned char)one[n] & 0xc0) == 0x80)
        n--;
    return n;
}

static void replace_word(int from, const char *text)
{
    rl_begin_undo_group();
    rl_delete_text(from, rl_point);
    rl_point = from;
    rl_insert_text(text);
    rl_end_undo_group();
}

/* The closing quote of a string that one word fills, a slash for a folder. */
static const char *after_word(const Place *p, const char *word)
{
    bool quote = p->kind == PLACE_FILE ? p->from > 0 : p->object != NULL;
    if (p->kind == PLACE_FILE && is_folder(word))
        return "/";
    if ((p->kind != PLACE_FILE && p->kind != PLACE_COLUMN) || !quote ||
        rl_line_buffer[0] == ':' || rl_line_buffer[rl_point] == '"')
        return "";
    return "\"";
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All words below the line, which is then shown again. */
static void show_words(Arena *a, Words *words, bool files)
{
    size_t n = words->count, widest = 0;
    if (n > MOST_SHOWN) {
        rl_crlf();
        fprintf(rl_outstream, "%zu names: type more letters", n);
        rl_crlf();
        rl_forced_update_display();
        return;
    }
    qsort(words->at, n, sizeof *words->at, compare_words);
    char **list = ARENA_ARRAY(a, char *, n + 2);
    list[0] = arena_copy(a, "", 0);
    for (size_t i = 0; i < n; i++) {
        list[i + 1] = arena_copy(a, words->at[i], strlen(words->at[i]));
        size_t columns = text_columns(list[i + 1], strlen(list[i + 1]));
        widest = columns > widest ? columns : widest;
    }
    rl_filename_completion_desired = files;
    rl_display_match_list(list, (int)n, (int)widest);
    rl_filename_completion_desired = 0;
    rl_forced_update_display();
}

static void complete_word(Repl *r, Arena *a)
{
    Str all = str_in(a);
    str_add(&all, str_text(&r->typed));
    size_t line = all.len;
    str_add_len(&all, rl_line_buffer, (size_t)rl_point);
    Place p = place_find(a, str_text(&all), all.len);
    if (p.from < line)
        return;
    Words words = {0};
    const char *part = str_text(&all) + p.from;
    if (p.kind == PLACE_FILE)
        offer_files(a, part, &words);
    else
        complete_words(r->in, a, &p, part, &words);
    if (words.count == 0) {
        rl_ding();
        return;
    }
    size_t n = common_length(&words);
    const char *common = arena_copy(a, words.at[0], n);
    int from = (int)(p.from - line);
    if (words.count == 1)
        replace_word(from,
                     arena_printf(a, "%s%s", common, after_word(&p, common)));
    else if (n > strlen(part))
        replace_word(from, common);
    else
        show_words(a, &words, p.kind == PLACE_FILE);
}

/* Errors do not cross readline: what cannot be found is not offered. */
static int complete_key(int count, int key)
{
    Repl *r = repl_current();
    (void)count;
    (void)key;
    if (strspn(rl_line_buffer, " ") >= (size_t)rl_point) {
        rl_insert_text("  ");
        return 0;
    }
    Checkpoint c = interp_checkpoint(r->in);
    Protect p;
    if (PROTECT(&p)) {
        Arena *a = arena_local();
        complete_word(r, a);
        arena_free(a);
        protect_end(&p);
    } else {
        interp_restore(r->in, &c);
        rl_ding();
    }
    pool_drain(c.pool);
    return 0;
}

void complete_start(void)
{
    rl_variable_bind("page-completions", "off");
    rl_add_defun("mlc-complete", complete_key, '\t');
}
