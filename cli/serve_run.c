/* SPDX-License-Identifier: BSD-2-Clause */
/* serve_run.c: nginx as a child: what it says, line by line; signals; its end. */
#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP = 20, PATIENCE = 15000 }; /* milliseconds */

struct server {
    pid_t pid;
    int said, signals; /* descriptors: its standard error; what comes to us */
    bool ended, asked; /* asked: we were told to end */
    int result;        /* of waitpid */
    unsigned told;     /* lines */
    char line[4096];
    size_t n;
};

/* "2024/05/01 12:00:00 [emerg] 17#17: TEXT" and "nginx: [emerg] TEXT" say TEXT. */
static void tell_line(struct server *s, char *line)
{
    char *level = strchr(line, '['), *text = level ? strchr(level, ']') : NULL;
    bool grave = level && (!strncmp(level, "[emerg]", 7) || !strncmp(level, "[alert]", 7));
    if (!text)
        text = line;
    else
        text += text[1] == ' ' ? 2 : 1;
    char *colon = strstr(text, "#");
    if (colon && strspn(text, "0123456789") == (size_t)(colon - text) && (colon = strstr(text, ": ")))
        text = colon + 2;
    if (*text == '*' && (colon = strchr(text, ' ')))
        text = colon + 1;
    /* It says its last words twice. */
    if (grave && !strncmp(line, "nginx:", 6) && s->told)
        return;
    s->told++;
    complain("nginx", "%s", text);
}

static void hear(struct server *s)
{
    ssize_t got = read(s->said, s->line + s->n, sizeof s->line - 1 - s->n);
    if (got <= 0) {
        close(s->said);
        s->said = -1;
        return;
    }
    s->n += (size_t)got;
    s->line[s->n] = 0;
    char *line = s->line, *end;
    while ((end = strchr(line, '\n')) || (line == s->line && s->n + 1 == sizeof s->line)) {
        if (!end)
            end = s->line + s->n - 1;
        *end = 0;
        if (*line)
            tell_line(s, line);
        line = end + 1;
    }
    s->n -= (size_t)(line - s->line);
    memmove(s->line, line, s->n);
}

static void take_signal(struct server *s)
{
    struct signalfd_siginfo info;
    if (read(s->signals, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGCHLD) {
        s->ended = waitpid(s->pid, &s->result, WNOHANG) == s->pid;
        return;
    }
    /* SIGQUIT lets nginx end what is under way. */
    s->asked = true;
    kill(s->pid, info.ssi_signo == SIGQUIT ? SIGQUIT : SIGTERM);
}

/* One round of up to so many milliseconds, -1: until something comes. */
static void wait_for(struct server *s, int milliseconds)
{
    struct pollfd fds[] = {{.fd = s->signals, .events = POLLIN}, {.fd = s->said, .events = POLLIN}};
    if (poll(fds, 2, milliseconds) <= 0)
        return;
    if (fds[1].revents)
        hear(s);
    if (fds[0].revents)
        take_signal(s);
}

static void become_nginx(const char *scratch, int said, const sigset_t *before)
{
    char conf[4200], first[4200];
    snprintf(conf, sizeof conf, "%s/nginx.conf", scratch);
    snprintf(first, sizeof first, "%s/first.log", scratch);
    sigprocmask(SIG_SETMASK, before, NULL);
    signal(SIGPIPE, SIG_DFL);
    /* Not to outlive us, and not to hear a Ctrl-C before we do. */
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setpgid(0, 0);
    dup2(said, STDERR_FILENO);
    execlp("nginx", "nginx", "-p", scratch, "-c", conf, "-e", first, (char *)NULL);
    execl("/usr/sbin/nginx", "nginx", "-p", scratch, "-c", conf, "-e", first, (char *)NULL);
    dprintf(STDERR_FILENO, "%s\n", errno == ENOENT ? "it is not installed" : strerror(errno));
    _exit(127);
}

static int start(struct server *s, const char *scratch)
{
    static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD};
    sigset_t set, before;
    int ends[2];
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        sigaddset(&set, ours[i]);
    sigprocmask(SIG_BLOCK, &set, &before);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC);
    if (s->signals < 0 || pipe(ends) < 0 || (s->pid = fork()) < 0) {
        complain("nginx", "%s", strerror(errno));
        return EXIT_INPUT;
    }
    if (s->pid == 0) {
        close(ends[0]);
        become_nginx(scratch, ends[1], &before);
    }
    close(ends[1]);
    s->said = ends[0];
    return EXIT_FINE;
}

static bool answers(const char *host, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    bool four = inet_pton(AF_INET, host, &v4.sin_addr) == 1;
    (void)inet_pton(AF_INET6, host, &v6.sin6_addr);
    int fd = socket(four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes = fd >= 0 && connect(fd, four ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
                                  four ? sizeof v4 : sizeof v6) == 0;
    if (fd >= 0)
        close(fd);
    return yes;
}

static int wait_until_it_listens(struct server *s, const char *host, uint16_t port)
{
    for (int waited = 0; !s->ended && !s->asked && waited < PATIENCE; waited += STEP) {
        if (answers(host, port))
            return EXIT_FINE;
        wait_for(s, STEP);
    }
    if (!s->ended && !s->asked) {
        complain("nginx", "it does not answer after %d seconds", PATIENCE / 1000);
        kill(s->pid, SIGTERM);
    }
    return EXIT_INPUT;
}

static void tell_address(const char *films, const char *host, uint16_t port)
{
    struct out *o = malloc(sizeof *o);
    if (!o)
        return;
    bool any = !strcmp(host, "0.0.0.0") || !strcmp(host, "::");
    const char *shown = any ? "127.0.0.1" : host;
    out_init(o, STDOUT_FILENO, COLOR_NEVER);
    out_f(o, strchr(shown, ':') ? "http://[%s]:%u/  serves " : "http://%s:%u/  serves ", shown, (unsigned)port);
    out_name(o, films);
    out_str(o, "; Ctrl-C ends it\n");
    out_flush(o);
    free(o);
}

int serve_run(const char *scratch, const char *shown, const char *host, uint16_t port)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return EXIT_INPUT;
    int status = start(s, scratch);
    if (status == EXIT_FINE) {
        status = wait_until_it_listens(s, host, port);
        if (status == EXIT_FINE)
            tell_address(shown, host, port);
        while (!s->ended)
            wait_for(s, -1);
        while (s->said >= 0)
            hear(s);
        if (s->asked)
            status = EXIT_FINE;
        else if (status == EXIT_FINE)
            status = EXIT_INPUT;
        if (!s->asked && !s->told)
            complain("nginx", "it ended by itself");
    }
    free(s);
    return status;
}
