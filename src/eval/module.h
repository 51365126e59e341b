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

/* Made at build time from stdlib/: a name and the file that defines it.  Those
 * that users are not told of, having no doc comment, come last. */
typedef struct LibraryName {
    const char *name, *file;
    bool hidden;
} LibraryName;
extern const LibraryName library_names[];       /* ends with NULLs */

/* Names of the standard library for users; NULL past the last. */
const char *library_name(size_t i);

/* The doc comment of a function of the language, or NULL. */
const char *value_doc(Value v);

#endif
