#include "io/spawn.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

extern char **environ;

/* No signal is blocked there, as SIGTERM is on the thread that calls.
 * posix_spawnp takes argv as execvp does: not const, and not changed. */
int spawn_run(const char *const argv[])
{
    pid_t child;
    posix_spawnattr_t attributes;
    sigset_t none;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    int code = posix_spawnp(&child, argv[0], NULL, &attributes,
                            (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    if (code == ENOENT)
        return -1;
    if (code != 0)
        error_raise(SPAN_NONE, ERR_FILE, "cannot run `%s`: %s", argv[0],
                    strerror(code));
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            error_raise(SPAN_NONE, ERR_FILE, "cannot wait for `%s`: %s",
                        argv[0], strerror(errno));
    if (!WIFEXITED(status))
        error_raise(SPAN_NONE, ERR_FILE, "`%s` was stopped by a signal",
                    argv[0]);
    return WEXITSTATUS(status) == 127 ? -1 : WEXITSTATUS(status);
}

/* The first of these that is set decides (POSIX, Base Definitions, 8.2). */
bool locale_is_utf8(void)
{
    static const char *const name[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        const char *value = getenv(name[i]);
        if (!value || !*value)
            continue;
        const char *set = strchr(value, '.');
        return set && (!strncasecmp(set, ".utf-8", 6) ||
                       !strncasecmp(set, ".utf8", 5));
    }
    return false;
}

int terminal_columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) ||
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col < 20 ? 20 : size.ws_col;
}
