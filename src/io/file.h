/*
 * file.h - whole files, read and written
 *
 * Errors are ERR_FILE (cannot be read) and ERR_OUTPUT (cannot be written),
 * without a place: the caller knows the statement.
 */
#ifndef MLC_IO_FILE_H
#define MLC_IO_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/*
 * The bytes of a file, with a NUL behind the last one, in `a`.  A pipe is read
 * to its end; a directory is refused.  The caller may change the bytes.
 */
char *file_read(Arena *a, const char *path, size_t *len);

/* The same from an open descriptor (standard input), which stays open. */
char *file_read_from(Arena *a, int fd, const char *name, size_t *len);

/*
 * Replaces the content of a file: all of it or, after an error, nothing.  The
 * new file is written beside the old one and renamed; it keeps the old
 * permissions.  A device or pipe is written to directly.
 */
void file_write(const char *path, const char *text, size_t len);

bool file_exists(const char *path);

#endif
