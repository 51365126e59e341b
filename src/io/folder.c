/*
 * folder.c - the files below a folder
 */
#include "io/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static bool ends_with(const char *name, const char *ending)
{
    size_t n = strlen(name), k = strlen(ending);
    return n > k && strcmp(name + n - k, ending) == 0;
}

static void collect_folder(Arena *a, const char *path, const char *ending,
                           Paths *paths)
{
    DIR *d = opendir(path);
    if (!d)
        error_raise(SPAN_NONE, ERR_FILE, "%s cannot be read: %s", path,
                    strerror(errno));
    Paths found = {0};
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        const char *name = arena_printf(a, "%s/%s", path, e->d_name);
        if (ends_with(name, ending) || (e->d_name[0] != '.' && is_folder(name)))
            VEC_PUSH_IN(a, &found, name);
    }
    closedir(d);
    if (found.count > 0)
        qsort(found.at, found.count, sizeof *found.at, compare_names);
    depth_check();
    for (size_t i = 0; i < found.count; i++)
        folder_collect(a, found.at[i], ending, paths);
}

void folder_collect(Arena *a, const char *path, const char *ending,
                    Paths *paths)
{
    struct stat s;
    if (stat(path, &s) != 0)
        error_raise(SPAN_NONE, ERR_FILE, "%s cannot be read: %s", path,
                    strerror(errno));
    if (S_ISDIR(s.st_mode))
        collect_folder(a, path, ending, paths);
    else
        VEC_PUSH_IN(a, paths, path);
}
