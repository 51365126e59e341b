/*
 * module.c - files: include, use, the standard library
 */
#include "eval/module.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/call.h"
#include "io/file.h"
#include "syntax/diag.h"
#include "syntax/parse.h"

#define MOST_FILES 64           /* inside of each other */

const char *relative_path(Interp *in, Arena *a, const char *path)
{
    const Scope *s = in->frame ? in->frame->scope : in->top;
    if (path[0] == '/')
        return path;
    return arena_printf(a, "%s%s", s->directory, path);
}

/* Runs the statements of a file at the top level of `scope`; errors jump. */
static void run_statements(Interp *in, Scope *scope, const char *path,
                           const char *shown)
{
    Checkpoint c = interp_checkpoint(in);
    Code *volatile code = NULL;     /* set between setjmp and a jump */
    Protect p;
    if (PROTECT(&p)) {
        size_t len;
        code = code_new();
        const char *text = file_read(code->arena, path, &len);
        uint32_t source = source_add(shown, text, len, false);
        if (scope->library)
            source_set_library(source);
        code->tree = parse_source_or_raise(source, code->arena);
        if (++in->files > MOST_FILES)
            error_raise(SPAN_NONE, ERR_DEPTH,
                        "files include one another more than %d deep",
                        MOST_FILES);
        in->frame = NULL;
        in->top = scope;
        in->code = code;
        for (uint32_t i = 0; i < code->tree->count; i++) {
            *context_here() = code->tree->kids[i]->at;
            exec(in, code->tree->kids[i]);
        }
        protect_end(&p);
        interp_restore(in, &c);
        code_drop(code);
    } else {
        interp_restore(in, &c);
        code_drop(code);
        error_again();
    }
}

void include_file(Interp *in, const Ast *t)
{
    if (in->frame)
        error_raise(t->at, ERR_SYNTAX, "`include` stands at top level");
    const char *path = relative_path(in, in->scratch, t->text);
    char *directory = in->top->directory;
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) + 1 : 0;
    in->top->directory = arena_copy(in->scratch, path, n);
    Protect p;
    bool good;
    if (PROTECT(&p)) {
        run_statements(in, in->top, path, path);
        protect_end(&p);
        good = true;
    } else {
        good = false;
    }
    in->top->directory = directory;
    if (!good)
        error_again();
}

void use_file(Interp *in, const Ast *t)
{
    const char *path = relative_path(in, in->scratch, t->text);
    Scope *s = scope_new(in, path);
    run_statements(in, s, path, path);
    Module *m = object_new(VAL_MODULE, sizeof *m);
    m->name = t->name;
    m->data = s;
    assign_name(in, t->name, value_object(m));
}

Value module_member(Interp *in, Module *m, Name name)
{
    (void)in;
    Scope *s = m->data;
    Cell *c = scope_find(s, name);
    if (c)
        return c->value;
    Arena *a = error_arena();
    VEC(const char *) names = {0};
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&s->cells, &i)) != NULL;)
        VEC_PUSH_IN(a, &names, (const char *)e->key);
    const char *near = diag_nearest(name, names.at, names.count);
    error_raise_help(SPAN_NONE, ERR_MEMBER, NULL,
                     near ? arena_printf(a, "did you mean %s.%s?", m->name, near)
                          : NULL,
                     "%s defines no `%s`", m->name, name);
}

/* ---- the standard library ---- */

const char *library_name(size_t i)
{
    return library_names[i].doc ? library_names[i].name : NULL;
}

const char *library_doc(size_t i)
{
    return library_names[i].doc;
}

static bool is_directory_with_library(const char *path)
{
    Arena *a = arena_local();
    bool found = access(arena_printf(a, "%s/prelude.mlc", path), R_OK) == 0;
    arena_free(a);
    return found;
}

/*
 * Beside the program: ../share/mlc/stdlib where it is installed, ../stdlib or
 * ../../stdlib where it was built.
 */
const char *library_folder(Arena *a)
{
    const char *set = getenv("MLC_LIBRARY");
    if (set && *set)
        return set;
    char exe[4096];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0)
        return NULL;
    exe[n] = '\0';
    char *slash = strrchr(exe, '/');
    if (slash)
        *slash = '\0';
    static const char *const places[] = {"../share/mlc/stdlib", "../stdlib",
                                         "../../stdlib", "../../../stdlib"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *path = arena_printf(a, "%s/%s", exe, places[i]);
        if (is_directory_with_library(path))
            return path;
    }
    return NULL;
}

static void load_library(Interp *in, const char *file)
{
    ArenaMark mark = arena_mark(in->scratch);
    const char *directory = library_folder(in->scratch);
    if (!directory)
        error_raise_help(SPAN_NONE, ERR_FILE, NULL,
                         "set MLC_LIBRARY to the folder `stdlib`",
                         "the standard library was not found");
    const char *path = arena_printf(in->scratch, "%s/%s", directory, file);
    for (const Scope *k = in->scopes; k; k = k->next)
        if (k->library && !strcmp(k->file, path))
            return;             /* it is being loaded: the name comes later */
    Scope *s = scope_new(in, path);
    s->library = true;
    run_statements(in, s, path, arena_printf(in->scratch, "stdlib/%s", file));
    for (const LibraryName *l = library_names; l->name; l++)
        if (!strcmp(l->file, file)) {
            Cell *c = scope_find(s, name_of(l->name));
            if (c)
                table_set(&in->library, c->name, c);
        }
    arena_reset(in->scratch, mark);
}

Cell *library_find(Interp *in, Name name)
{
    Cell *c = table_get(&in->library, name);
    if (c)
        return c;
    if (table_get(&in->not_library, name))
        return NULL;
    for (const LibraryName *l = library_names; l->name; l++)
        if (l->name[0] == name[0] && !strcmp(l->name, name)) {
            load_library(in, l->file);
            return table_get(&in->library, name);
        }
    table_set(&in->not_library, name, in);
    return NULL;
}

const char *value_doc(Value v)
{
    if (v.kind != VAL_FUNCTION || v.function->class != &class_closure)
        return NULL;
    return ((const Closure *)v.function->data)->def->text;
}
