/*
 * module.h - files: include, use, the standard library
 */
#ifndef MLC_EVAL_MODULE_H
#define MLC_EVAL_MODULE_H

#include "eval/interp.h"

void include_file(Interp *in, const Ast *t);
void use_file(Interp *in, const Ast *t);
Value module_member(Interp *in, Module *m, Name name);

/* A path that the running file names, relative to it: in the arena. */
const char *relative_path(Interp *in, Arena *a, const char *path);

/* The cell of a library name, its file loaded; NULL if there is none. */
Cell *library_find(Interp *in, Name name);

/*
 * Made at build time from stdlib/: a name, the file that defines it, and its
 * doc comment.  Those that users are not told of, having none (NULL), come
 * last.
 */
typedef struct LibraryName {
    const char *name, *file, *doc;
    bool called;                /* a function; else a model or a value */
} LibraryName;
extern const LibraryName library_names[];       /* ends with NULLs */

/* Names of the standard library for users; NULL past the last. */
const char *library_name(size_t i);
const char *library_doc(size_t i);

/* The folder of the standard library, in the arena; NULL: it was not found.
 * Messages call it `stdlib`. */
const char *library_folder(Arena *a);

/* The doc comment of a function of the language, or NULL. */
const char *value_doc(Value v);

#endif
