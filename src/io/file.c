/* realpath belongs to the XSI part of POSIX. */
#define _XOPEN_SOURCE 700

#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/near.h"

/* read() that goes on after a signal, unless it was Ctrl-C. */
static ssize_t read_some(int fd, char *y, size_t room)
{
    for (;;) {
        ssize_t n = read(fd, y, room < SSIZE_MAX ? room : SSIZE_MAX);
        if (n >= 0 || errno != EINTR)
            return n;
        POLL();
    }
}

static _Noreturn void raise_unreadable(const char *name, int code)
{
    error_raise(SPAN_NONE, ERR_FILE, "cannot read `%s`: %s", name,
                strerror(code));
}

char *file_read_from(Arena *a, int fd, const char *name, size_t *len)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        raise_unreadable(name, errno);
    if (S_ISDIR(st.st_mode))
        error_raise(SPAN_NONE, ERR_FILE, "`%s` is a directory", name);
    /* One byte more than expected shows the end without a second block. */
    size_t room = 65536, n = 0;
    if (S_ISREG(st.st_mode) && st.st_size > 0)
        room = (size_t)st.st_size + 2;
    char *text = arena_alloc(a, room);
    for (;;) {
        ssize_t got = read_some(fd, text + n, room - n - 1);
        if (got < 0)
            raise_unreadable(name, errno);
        if (got == 0)
            break;
        n += (size_t)got;
        if (n + 1 == room) {
            char *more = arena_alloc(a, room * 2);
            memcpy(more, text, n);
            text = more;
            room *= 2;
        }
        POLL();
    }
    text[n] = '\0';
    *len = n;
    return text;
}

/* A file of the same directory whose name is nearly this, or NULL. */
static const char *near_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *folder = ".";
    if (slash)
        folder = arena_copy(error_arena(), path, (size_t)(slash - path) + 1);
    DIR *d = opendir(folder);
    if (!d)
        return NULL;
    Near near = near_begin(name);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.')
            near_offer(&near,
                       arena_copy(error_arena(), e->d_name, strlen(e->d_name)),
                       true);
    closedir(d);
    const char *best = near_best(&near);
    return best ? arena_printf(error_arena(), "%.*s%s", (int)(name - path),
                               path, best)
                : NULL;
}

static int open_to_read(const char *path)
{
    int fd;
    do {
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0 && errno == EINTR)
            POLL();
    } while (fd < 0 && errno == EINTR);
    if (fd >= 0)
        return fd;
    int code = errno;
    const char *near = code == ENOENT ? near_name(path) : NULL;
    const char *help = NULL;
    if (near)
        help = arena_printf(error_arena(), "there is a file `%s`", near);
    error_raise_help(SPAN_NONE, ERR_FILE, NULL, help, "cannot read `%s`: %s",
                     path, strerror(code));
}

char *file_read(Arena *a, const char *path, size_t *len)
{
    int fd = open_to_read(path);
    Protect p;
    if (PROTECT(&p)) {
        char *text = file_read_from(a, fd, path, len);
        protect_end(&p);
        close(fd);
        return text;
    }
    close(fd);
    error_again();
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Returns 0 or an errno. */
static int write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len < SSIZE_MAX ? len : SSIZE_MAX);
        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static int write_directly(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return errno;
    int code = write_all(fd, text, len);
    if (close(fd) != 0 && code == 0)
        code = errno;
    return code;
}

static mode_t default_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* `beside` is the template of mkstemp and becomes the name. */
static int write_beside(const char *path, char *beside, mode_t mode,
                        const char *text, size_t len)
{
    int fd = mkstemp(beside);
    if (fd < 0)
        return errno;
    int code = write_all(fd, text, len);
    if (code == 0 && fchmod(fd, mode) != 0)
        code = errno;
    if (code == 0 && fsync(fd) != 0 && errno != EINVAL)
        code = errno;
    if (close(fd) != 0 && code == 0)
        code = errno;
    if (code == 0 && rename(beside, path) != 0)
        code = errno;
    if (code != 0)
        unlink(beside);
    return code;
}

void file_write(const char *path, const char *text, size_t len)
{
    /* A link stays a link: its target is replaced. */
    char target[PATH_MAX];
    const char *real = realpath(path, target) ? target : path;
    struct stat st;
    bool old = stat(real, &st) == 0;
    int code;
    if (old && S_ISDIR(st.st_mode)) {
        code = EISDIR;
    } else if (old && !S_ISREG(st.st_mode)) {
        code = write_directly(real, text, len);
    } else if (old && access(real, W_OK) != 0) {
        code = errno;
    } else {
        char *beside = arena_printf(error_arena(), "%s.XXXXXX", real);
        mode_t mode = old ? st.st_mode & 07777 : default_mode();
        code = write_beside(real, beside, mode, text, len);
    }
    if (code != 0)
        error_raise(SPAN_NONE, ERR_OUTPUT, "cannot write `%s`: %s", path,
                    strerror(code));
}
