/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * save.c: output gathered as a list of places in memory and written with writev: the samples go from the mapping to
 * the file without a copy of ours. A file appears under its name when all of it is there.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
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
};

struct save {
    int fd, error;
    char *path, *part; /* NULL on standard output; part is the temporary name */
    size_t pieces, smalls, held, bytes;
    struct iovec piece[PIECES];
    uint8_t small[SMALLS][32];
    reel_packet packet[HELD];
};

static int open_part(struct save *s, const char *path)
{
    size_t n = strlen(path) + sizeof ".XXXXXX";
    mode_t mask = umask(0);
    umask(mask);
    s->path = strdup(path);
    s->part = malloc(n);
    if (!s->path || !s->part)
        return ENOMEM;
    snprintf(s->part, n, "%s.XXXXXX", path);
    s->fd = mkostemp(s->part, O_CLOEXEC);
    if (s->fd < 0) {
        free(s->part);
        s->part = NULL;
        return errno;
    }
    return fchmod(s->fd, 0666 & ~mask) < 0 ? errno : 0;
}

/* What is there and is no regular file (/dev/null, a fifo) is written to as it is. */
static int open_special(struct save *s, const char *path)
{
    s->path = strdup(path);
    s->fd = open(path, O_WRONLY | O_CLOEXEC);
    return s->fd < 0 ? errno : 0;
}

static void free_save(struct save *s)
{
    if (s->part) {
        unlink(s->part);
        free(s->part);
    }
    if (s->path && s->fd >= 0)
        close(s->fd);
    free(s->path);
    free(s);
}

int save_open(const char *path, struct save **out)
{
    struct stat st;
    struct save *s = calloc(1, sizeof *s);
    if (!s) {
        complain(path ? path : "-", "%s", reel_code_text(REEL_E_NOMEM));
        return EXIT_INPUT;
    }
    s->fd = STDOUT_FILENO;
    if (path && strcmp(path, "-") != 0) {
        s->fd = -1;
        bool special = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
        int error = special ? open_special(s, path) : open_part(s, path);
        if (error) {
            complain(path, "%s", strerror(error));
            free_save(s);
            return EXIT_INPUT;
        }
    }
    *out = s;
    return EXIT_FINE;
}

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
    if (span.size == 0)
        return;
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

bool save_failed(const struct save *s)
{
    return s->error != 0;
}

int save_close(struct save **save, bool keep)
{
    struct save *s = *save;
    const char *name = s->path ? s->path : "standard output";
    *save = NULL;
    if (keep || !s->part)
        flush(s);
    for (size_t i = 0; i < s->held; i++)
        reel_packet_unref(&s->packet[i]);
    if (s->part && keep && !s->error && rename(s->part, s->path) < 0)
        s->error = errno;
    if (s->part && keep && !s->error) {
        free(s->part);
        s->part = NULL;
    }
    int error = s->error;
    if (error && !(error == EPIPE && !s->path))
        complain(name, "%s", strerror(error));
    free_save(s);
    return error ? EXIT_INPUT : EXIT_FINE;
}
