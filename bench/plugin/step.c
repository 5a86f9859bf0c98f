/*
 * Counts the instructions that a program for Linux executes on this machine's CPU, by executing one at a time:
 *
 *     step PROGRAM [ARGUMENT ...]
 *
 * The count goes to standard error when the program ends. QEMU's plugins count faster; this counts instructions that the
 * installed QEMU does not emulate.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    unsigned long count = 0;
    int status;
    pid_t child;

    if (argc < 2) {
        fputs("usage: step PROGRAM [ARGUMENT ...]\n", stderr);
        return 2;
    }
    child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
            execv(argv[1], argv + 1);
        _exit(127);
    }
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        if (WSTOPSIG(status) != SIGTRAP || ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0) {
            fprintf(stderr, "step: signal %d, %s\n", WSTOPSIG(status), strerror(errno));
            return 1;
        }
        count++;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return 1;
    fprintf(stderr, "%lu\n", count);
    return 0;
}
