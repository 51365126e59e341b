/*
 * learn.c - `:learn`, the lessons of the course in the session
 */
#include "repl/learn.h"

#include <stdlib.h>
#include <string.h>

#include "eval/help.h"
#include "eval/module.h"
#include "io/file.h"
#include "repl/history.h"
#include "repl/quiet.h"

enum { DONE = -1 };

/* ---- what is said ---- */

typedef enum Phrase {
    SAY_LIST,
    SAY_OPEN,
    SAY_NEXT,
    SAY_QUESTION,
    SAY_RIGHT,
    SAY_NOT_YET,
    SAY_HINT,
    SAY_END,
    SAY_AFTER,
    SAY_LEFT,
    PHRASES
} Phrase;

static const char *const phrases[PHRASES][LANGUAGES] = {
    [SAY_LIST] = {"The lessons, in the order for a first-time student. `:learn "
                  "5` opens lesson 05, `:learn es` speaks Spanish.",
                  "Las lecciones, en el orden para quien empieza. `:learn 5` "
                  "abre la lección 05, `:learn en` habla inglés."},
    [SAY_OPEN] = {"Enter shows the next part; type whatever you like in "
                  "between. :hint helps with a question, :skip and :back go on "
                  "and back, :quit leaves the lesson.",
                  "Enter muestra la parte siguiente; entre medias escribe lo "
                  "que quieras. :hint ayuda con una pregunta, :skip y :back "
                  "avanzan y retroceden, :quit deja la lección."},
    [SAY_NEXT] = {"(Enter: part %zu of %zu)", "(Enter: parte %zu de %zu)"},
    [SAY_QUESTION] = {"Question %zu of %zu: %s", "Pregunta %zu de %zu: %s"},
    [SAY_RIGHT] = {"Right.", "Correcto."},
    [SAY_NOT_YET] = {"Not yet. :hint helps, :skip goes on.",
                     "Todavía no. :hint ayuda, :skip avanza."},
    [SAY_HINT] = {"Hint: %s", "Pista: %s"},
    [SAY_END] = {"That was the lesson.", "Esa fue la lección."},
    [SAY_AFTER] = {"Next: `:learn %s`", "Siguiente: `:learn %s`"},
    [SAY_LEFT] = {"The lesson waits: `:learn %s` goes on. Your own variables "
                  "are back.",
                  "La lección espera: `:learn %s` continúa. Tus variables han "
                  "vuelto."},
};

static const char *phrase(const Learn *l, Phrase p)
{
    return phrases[p][l->language];
}

static void say(const Learn *l, Interp *in, Phrase p)
{
    help_paragraph(in, "", phrase(l, p));
}

static void write_text(Interp *in, const char *text)
{
    interp_write(in, text, strlen(text));
}

/* ---- the file: the language, then a line `name place` for each lesson ---- */

static void keep(const Learn *l)
{
    Protect p;
    if (!l->path || !PROTECT(&p))
        return; /* a file that cannot be written is no error of the lesson */
    Arena *a = arena_local();
    Str s = str_in(a);
    str_add(&s, l->language == SPANISH ? "es\n" : "en\n");
    for (size_t i = 0; i < l->names.count; i++)
        if (l->place[i] != 0)
            str_add_format(&s, "%s %d\n", l->names.at[i], l->place[i]);
    file_write(l->path, s.at, s.len);
    arena_free(a);
    protect_end(&p);
}

static bool speaks_spanish(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *v = getenv(variables[i]);
        if (v && *v)
            return !strncmp(v, "es", 2) && !(v[2] >= 'a' && v[2] <= 'z');
    }
    return false;
}

static void read_line(Learn *l, const char *line)
{
    for (size_t i = 0; i < l->names.count; i++) {
        size_t n = strlen(l->names.at[i]);
        if (!strncmp(line, l->names.at[i], n) && line[n] == ' ') {
            long place = strtol(line + n, NULL, 10);
            l->place[i] = place >= 0 && place < 1000 ? (int)place : DONE;
        }
    }
}

static void read_file(Learn *l)
{
    Protect p;
    if (!l->path || !file_exists(l->path) || !PROTECT(&p))
        return;
    size_t len;
    char *text = file_read(l->arena, l->path, &len);
    if (len >= 2)
        l->language = text[0] == 'e' && text[1] == 's' ? SPANISH : ENGLISH;
    for (char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!*line)
            break;
        read_line(l, line);
    }
    protect_end(&p);
}

void learn_start(Learn *l, Arena *lasting)
{
    *l = (Learn){.arena = lasting};
    l->language = speaks_spanish() ? SPANISH : ENGLISH;
}

/* The folder, the names and the file: at the first `:learn`. */
static void find_lessons(Learn *l)
{
    if (l->folder)
        return;
    const char *library = library_folder(l->arena);
    const char *folder =
        library ? arena_printf(l->arena, "%s/../examples/course", library)
                : "examples/course";
    l->names = lesson_order(l->arena, folder);
    l->place = ARENA_ARRAY(l->arena, int, l->names.count + 1);
    memset(l->place, 0, l->names.count * sizeof *l->place);
    l->path = state_path(l->arena, "learn");
    read_file(l);
    l->folder = folder;
}

/* ---- the list ---- */

static const char *next_name(const Learn *l)
{
    for (size_t i = 0; i < l->names.count; i++)
        if (l->place[i] != DONE)
            return l->names.at[i];
    return NULL;
}

static void show_after(const Learn *l, Interp *in)
{
    const char *name = next_name(l);
    if (!name)
        return;
    Arena *a = arena_local();
    size_t digits = strspn(name, "0123456789");
    help_paragraph(in, "",
                   arena_printf(a, phrase(l, SAY_AFTER),
                                arena_copy(a, name, digits)));
    arena_free(a);
}

static void show_list(const Learn *l, Interp *in)
{
    Arena *a = arena_local();
    say(l, in, SAY_LIST);
    for (size_t i = 0; i < l->names.count; i++) {
        Lesson y = lesson_read(a, l->folder, l->names.at[i]);
        const char *mark = l->place[i] == DONE ? "x"
                           : l->place[i] > 0   ? "-"
                                               : " ";
        write_text(in, arena_printf(a, "%s %.2s  %s\n", mark, y.name,
                                    y.title[l->language]));
    }
    show_after(l, in);
    arena_free(a);
}

/* ---- a lesson ---- */

static const Question *question_of(const Learn *l)
{
    const Lesson *y = &l->lesson;
    return l->at >= y->part.count ? &y->question.at[l->at - y->part.count]
                                  : NULL;
}

static size_t steps_of(const Lesson *y)
{
    return y->part.count + y->question.count;
}

static void show_place(const Learn *l, Interp *in)
{
    const Lesson *y = &l->lesson;
    const Question *q = question_of(l);
    Arena *a = arena_local();
    write_text(in, "\n");
    help_paragraph(
        in, "",
        q ? arena_printf(a, phrase(l, SAY_QUESTION), l->at - y->part.count + 1,
                         y->question.count, q->ask[l->language])
          : arena_printf(a, phrase(l, SAY_NEXT), l->at + 1, y->part.count));
    arena_free(a);
}

static void leave(Learn *l, Interp *in)
{
    l->on = false;
    in->top = l->outer;
    in->answers = l->outer;
}

/* On to the place `at`: the end of the lesson is its end. */
static void go_to(Learn *l, Interp *in, size_t at)
{
    l->at = at;
    bool end = at >= steps_of(&l->lesson);
    l->place[l->index] = end ? DONE : (int)at;
    keep(l);
    if (!end) {
        show_place(l, in);
        return;
    }
    leave(l, in);
    say(l, in, SAY_END);
    show_after(l, in);
}

/* The assertions are run, not shown. */
static void show_part(Interp *in, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        n += text[n] == '\n';
        if (strncmp(text, "assert ", 7) != 0)
            interp_write(in, text, n);
        text += n;
    }
}

static void run_part(const Learn *l, Interp *in)
{
    const char *text = l->lesson.part.at[l->at];
    write_text(in, "\n");
    show_part(in, text);
    interp_run(in, in->top,
               source_add(l->lesson.name, text, strlen(text), false));
}

static void open_lesson(Learn *l, Interp *in, size_t index)
{
    Lesson y = lesson_read(l->arena, l->folder, l->names.at[index]);
    if (l->on)
        leave(l, in);
    Scope *scope = scope_new(in, y.path);
    l->outer = in->top;
    l->lesson = y;
    l->index = index;
    l->at = l->place[index] == DONE ? 0 : (size_t)l->place[index];
    if (l->at >= steps_of(&y))
        l->at = 0;
    in->top = scope;
    in->answers = scope;
    l->on = true;
    write_text(in, "\n");
    help_paragraph(in, "", y.title[l->language]);
    write_text(in, y.intro);
    write_text(in, "\n");
    say(l, in, SAY_OPEN);
    for (size_t i = 0; i < l->at && i < y.part.count; i++)
        quiet_run(in, y.name, y.part.at[i]);
    go_to(l, in, l->at);
}

static size_t find_lesson(const Learn *l, const char *rest)
{
    char *end;
    long n = strtol(rest, &end, 10);
    for (size_t i = 0; i < l->names.count; i++) {
        const char *name = l->names.at[i];
        if (*end ? !strcmp(name, rest) : strtol(name, NULL, 10) == n)
            return i;
    }
    error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, ":learn lists them",
                     "there is no lesson `%s`", rest);
}

void learn_begin(Learn *l, Interp *in, const char *rest)
{
    find_lessons(l);
    if (!strcmp(rest, "es") || !strcmp(rest, "en")) {
        l->language = *rest == 'e' && rest[1] == 's' ? SPANISH : ENGLISH;
        keep(l);
        rest = "";
    }
    if (*rest)
        open_lesson(l, in, find_lesson(l, rest));
    else if (l->on)
        show_place(l, in);
    else
        show_list(l, in);
}

static void need_lesson(const Learn *l)
{
    if (!l->on)
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, ":learn lists them",
                         "this is for a lesson, and none is open");
}

void learn_next(Learn *l, Interp *in)
{
    if (question_of(l)) {
        show_place(l, in);
        return;
    }
    run_part(l, in);
    go_to(l, in, l->at + 1);
}

void learn_move(Learn *l, Interp *in, int by)
{
    need_lesson(l);
    if (by > 0 && !question_of(l))
        quiet_run(in, l->lesson.name, l->lesson.part.at[l->at]);
    go_to(l, in, by > 0 ? l->at + 1 : l->at > 0 ? l->at - 1 : 0);
}

void learn_hint(const Learn *l, Interp *in)
{
    need_lesson(l);
    const Question *q = question_of(l);
    Arena *a = arena_local();
    if (q)
        help_paragraph(in, "  ",
                       arena_printf(a, phrase(l, SAY_HINT),
                                    q->hint[l->language]));
    else
        show_place(l, in);
    arena_free(a);
}

void learn_leave(Learn *l, Interp *in)
{
    leave(l, in);
    Arena *a = arena_local();
    const char *name = l->lesson.name;
    help_paragraph(in, "",
                   arena_printf(a, phrase(l, SAY_LEFT),
                                arena_copy(a, name, strspn(name, "0123456789"))));
    arena_free(a);
}

/* By value: as formulas, as numbers to six digits, or as texts. */
static bool is_answer(Interp *in, const char *answer)
{
    static const char *const ways[] = {"equal(ans, (%s))",
                                       "near(ans, (%s); tol = 1e-6)",
                                       "ans == (%s)"};
    Arena *a = arena_local();
    bool right = false;
    for (size_t i = 0; i < sizeof ways / sizeof *ways && !right; i++)
        right = quiet_holds(in, arena_printf(a, ways[i], answer));
    arena_free(a);
    return right;
}

void learn_look(Learn *l, Interp *in, bool good)
{
    const Question *q = l->on ? question_of(l) : NULL;
    if (!q || !good || in->answer.from == in->answer.to)
        return;
    if (is_answer(in, q->answer)) {
        say(l, in, SAY_RIGHT);
        go_to(l, in, l->at + 1);
    } else {
        say(l, in, SAY_NOT_YET);
    }
}
