/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * save.c: output gathered as a list of places in memory and written with writev: the samples go from the mapping to
 * the file without a copy of ours. A file appears under its name when all of it is there.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    PIECES = 512,
    SMALLS = 256,
    HELD = 256,
    ENOUGH = 8 << 20, /* bytes after which a list is written, so that kept buffers stay few */
    MOST_LINKS = 40, LONGEST_PATH = 4096,
};

struct save {
    int fd, error;
    bool flood; /* more was asked for than can be in the film */
    struct film *film;
    char *name, *path, *part; /* as it was given; where that leads; the temporary name. On standard output NULL */
    size_t pieces, smalls, held, bytes;
    struct iovec piece[PIECES];
    uint8_t small[SMALLS][32];
    reel_packet packet[HELD];
};

/* ---- a signal that ends the command takes what is unfinished with it ---- */

static _Atomic(const char *) unfinished;
static _Atomic(const struct doomed *) doomed;

void save_doom(struct doomed *list) { atomic_store(&doomed, list); }

void save_remove(const struct doomed *list)
{
    for (; list; list = list->next) {
        if (list->folder)
            rmdir(list->path);
        else
            unlink(list->path);
    }
}

static void on_signal(int number)
{
    const char *part = atomic_load(&unfinished);
    if (part)
        unlink(part);
    save_remove(atomic_load(&doomed));
    raise(number); /* by now it does again what it does to everybody */
}

/* A signal that somebody had ignored (nohup) stays ignored. */
void save_catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction was, action = {.sa_flags = SA_RESETHAND};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &was) == 0 && was.sa_handler == SIG_DFL)
            sigaction(numbers[i], &action, NULL);
}

/* A file and the note that it is unfinished come and go together. */
void save_hold_signals(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGBUS); /* how a film that shrinks is noticed */
    sigprocmask(SIG_SETMASK, &all, before);
}

void save_let_signals(const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
}

/* ---- opening ---- */

/* What a link in the folder of `at` means. */
static char *beside(const char *at, const char *to)
{
    const char *slash = *to != '/' ? strrchr(at, '/') : NULL;
    size_t folder = slash ? (size_t)(slash - at) + 1 : 0, n = strlen(to) + 1;
    char *path = malloc(folder + n);
    if (path) {
        memcpy(path, at, folder);
        memcpy(path + folder, to, n);
    }
    return path;
}

/* Where a chain of links ends, there or not: that is written, and the links stay. NULL: errno says why. */
static char *follow(const char *path)
{
    char to[LONGEST_PATH], *at = strdup(path);
    for (int i = 0; at && i < MOST_LINKS; i++) {
        ssize_t n = readlink(at, to, sizeof to - 1);
        if (n < 0)
            return at;
        to[n] = 0;
        char *next = beside(at, to);
        free(at);
        at = next;
    }
    errno = at ? ELOOP : ENOMEM;
    free(at);
    return NULL;
}

static mode_t new_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static int make_part(struct save *s, mode_t mode)
{
    size_t n = strlen(s->path) + sizeof ".XXXXXX";
    char *part = malloc(n);
    sigset_t before;
    if (!part)
        return ENOMEM;
    snprintf(part, n, "%s.XXXXXX", s->path);
    save_catch_signals();
    save_hold_signals(&before);
    s->fd = mkostemp(part, O_CLOEXEC);
    int error = s->fd < 0 ? errno : 0;
    if (!error)
        atomic_store(&unfinished, part);
    save_let_signals(&before);
    if (error) {
        free(part);
        return error;
    }
    s->part = part;
    return fchmod(s->fd, mode) < 0 ? errno : 0;
}

/* What is there and is no regular file (/dev/null, a fifo) is written to as it is. */
static int open_path(struct save *s, const char *path)
{
    struct stat st;
    bool there = stat(path, &st) == 0;
    s->name = strdup(path);
    if (!s->name)
        return ENOMEM;
    if (there && !S_ISREG(st.st_mode)) {
        s->fd = open(path, O_WRONLY | O_CLOEXEC);
        return s->fd < 0 ? errno : 0;
    }
    s->path = follow(path);
    return s->path ? make_part(s, there ? st.st_mode & 0777 : new_mode()) : errno;
}

/* The temporary file goes, if it has not got its name yet. */
static void drop_part(struct save *s, bool keep)
{
    sigset_t before;
    save_hold_signals(&before);
    if (s->part && keep && rename(s->part, s->path) < 0)
        s->error = errno;
    if (s->part && (!keep || s->error))
        unlink(s->part);
    atomic_store(&unfinished, NULL);
    save_let_signals(&before);
    free(s->part);
    s->part = NULL;
}

static void free_save(struct save *s)
{
    drop_part(s, false);
    if (s->name && s->fd >= 0)
        close(s->fd);
    free(s->name);
    free(s->path);
    free(s);
}

int save_open(struct film *film, const char *path, struct save **out)
{
    bool named = path && strcmp(path, "-") != 0;
    if (named && film_is_at(film, path)) {
        complain(path, "this is the film itself, and would be lost");
        return EXIT_CALL;
    }
    struct save *s = calloc(1, sizeof *s);
    if (!s) {
        complain(path ? path : "-", "%s", reel_code_text(REEL_E_NOMEM));
        return EXIT_INPUT;
    }
    s->film = film;
    s->fd = named ? -1 : STDOUT_FILENO;
    int error = named ? open_path(s, path) : 0;
    if (error) {
        complain(path, "%s", strerror(error));
        free_save(s);
        return EXIT_INPUT;
    }
    *out = s;
    return EXIT_FINE;
}

/* ---- writing ---- */

static void write_pieces(struct save *s)
{
    struct iovec *v = s->piece;
    size_t n = s->pieces;
    while (n > 0 && !s->error) {
        ssize_t done = writev(s->fd, v, (int)n);
        if (done < 0 && errno != EINTR)
            s->error = errno;
        for (; n > 0 && done >= 0 && (size_t)done >= v->iov_len; n--, v++)
            done -= (ssize_t)v->iov_len;
        if (n > 0 && done > 0) {
            v->iov_base = (char *)v->iov_base + done;
            v->iov_len -= (size_t)done;
        }
    }
}

static void flush(struct save *s)
{
    write_pieces(s);
    for (size_t i = 0; i < s->held; i++)
        reel_packet_unref(&s->packet[i]);
    s->pieces = s->smalls = s->held = s->bytes = 0;
}

void save_span(struct save *s, reel_span span)
{
    s->flood |= span.size > s->film->writable;
    if (span.size == 0 || s->flood)
        return;
    s->film->writable -= span.size;
    if (s->pieces == PIECES)
        write_pieces(s), s->pieces = 0;
    struct iovec *last = s->pieces ? &s->piece[s->pieces - 1] : NULL;
    s->bytes += span.size;
    if (last && (const uint8_t *)last->iov_base + last->iov_len == span.data) {
        last->iov_len += span.size;
        return;
    }
    union {
        const void *from;
        void *to;
    } base = {span.data}; /* struct iovec knows no const */
    s->piece[s->pieces++] = (struct iovec){base.to, span.size};
}

void save_hold(struct save *s, reel_packet *packet)
{
    s->packet[s->held++] = *packet;
    *packet = (reel_packet){.ref = NULL};
    if (s->held == HELD || s->bytes >= ENOUGH)
        flush(s);
}

void save_small(struct save *s, const void *data, size_t n)
{
    if (s->smalls == SMALLS)
        write_pieces(s), s->pieces = s->smalls = 0;
    memcpy(s->small[s->smalls], data, n);
    save_span(s, (reel_span){s->small[s->smalls++], n});
}

void save_copy(struct save *s, const void *data, size_t n)
{
    if (n <= sizeof s->small[0]) {
        save_small(s, data, n);
        return;
    }
    save_span(s, (reel_span){data, n});
    write_pieces(s);
    s->pieces = s->smalls = 0;
}

struct writing {
    struct progress *progress;
    uint64_t total;
};

static int tell_progress(void *user, uint64_t done)
{
    const struct writing *w = user;
    progress_step(w->progress, w->progress->before + done, w->total);
    return REEL_OK;
}

int save_plan(struct save *s, const reel_plan *plan, const int *fds, struct progress *progress)
{
    const bool alone = progress->total == 0;
    struct writing w = {progress, alone ? reel_plan_size(plan) : progress->total};
    reel_error err = {0};
    flush(s);
    if (save_failed(s))
        return EXIT_INPUT;
    if (alone)
        progress_start(progress, s->fd == STDOUT_FILENO);
    errno = 0;
    int result = reel_plan_write(plan, 0, UINT64_MAX, s->fd, fds, tell_progress, &w, &err);
    int error = errno;
    if (alone)
        progress_end(progress);
    if (result == REEL_OK)
        return EXIT_FINE;
    if (result == REEL_E_IO && error)
        s->error = error;
    else
        film_complain(s->film, &err);
    return EXIT_INPUT;
}

bool save_failed(const struct save *s)
{
    return s->error != 0 || s->flood;
}

static void complain_failed(const struct save *s)
{
    if (s->flood)
        complain(s->film->name, "%s", FILM_OVERLAPS);
    else if (s->error == EFAULT && !reel_movie_shrunk(s->film->movie)) /* else film_close says so */
        complain(s->film->name, "%s", reel_code_text(REEL_E_SHRUNK));
    else if (s->error != EFAULT && !(s->error == EPIPE && !s->name))
        complain(s->name ? s->name : "standard output", "%s", strerror(s->error));
}

int save_close(struct save **save, bool keep)
{
    struct save *s = *save;
    *save = NULL;
    if (keep || !s->part)
        flush(s);
    for (size_t i = 0; i < s->held; i++)
        reel_packet_unref(&s->packet[i]);
    drop_part(s, keep && !save_failed(s));
    bool failed = save_failed(s);
    if (failed)
        complain_failed(s);
    free_save(s);
    return failed ? EXIT_INPUT : EXIT_FINE;
}
