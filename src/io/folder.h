/*
 * folder.h - the files below a folder
 */
#ifndef MLC_IO_FOLDER_H
#define MLC_IO_FOLDER_H

#include <stdbool.h>

#include "base/vec.h"

typedef VEC(const char *) Paths;

/*
 * Adds the path; of a folder the files in it and in its folders whose names
 * end with `ending`, in order of name, hidden folders left out.  Raises
 * ERR_FILE if there is no such path.
 */
void folder_collect(Arena *a, const char *path, const char *ending,
                    Paths *paths);

#endif
