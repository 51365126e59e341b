/*
 * stopwatch LIMIT OUT CMD ...: runs a command with its output in OUT and
 * prints `wall cpu kilobytes` of it, or `over LIMIT` where it took more than
 * LIMIT seconds.  The exit status is that of the command.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile pid_t child;
static volatile sig_atomic_t late;

static void on_alarm(int signal_number)
{
    (void)signal_number;
    late = 1;
    kill(-child, SIGKILL);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

static void become(const char *out, char **command)
{
    int to = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int from = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    if (to < 0 || from < 0)
        _exit(126);
    dup2(from, 0);
    dup2(to, 1);
    dup2(to, 2);
    execvp(command[0], command);
    _exit(127);
}

int main(int count, char **words)
{
    struct timespec start, stop;
    struct rusage used;
    int status;

    if (count < 4)
        return 125;
    signal(SIGALRM, on_alarm);
    clock_gettime(CLOCK_MONOTONIC, &start);
    child = fork();
    if (child == 0)
        become(words[2], words + 3);
    if (child < 0)
        return 125;
    setpgid(child, child);
    alarm((unsigned)atoi(words[1]));
    while (wait4(child, &status, 0, &used) < 0)
        ;
    clock_gettime(CLOCK_MONOTONIC, &stop);
    if (late) {
        printf("over %s\n", words[1]);
        return 124;
    }
    printf("%.6f %.6f %ld\n",
           (double)(stop.tv_sec - start.tv_sec) +
               1e-9 * (double)(stop.tv_nsec - start.tv_nsec),
           seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
