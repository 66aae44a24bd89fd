/* SPDX-License-Identifier: BSD-2-Clause */
/* Plans carried out: into memory, as iovecs, through a function, to a file descriptor. */
#include <errno.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/checked.h"
#include "source/source.h"
#include "write/plan.h"

enum { STEP = 1 << 20, COPY = 1 << 26 /* a call to the kernel, between two reports */, BUFFER = 1 << 16, WORTH_A_CALL = 1 << 20 };

int reel_plan_read(const reel_plan *plan, uint64_t at, void *buf, size_t n, reel_error *err)
{
    reel_piece p;
    uint8_t *to = buf;
    uint64_t end;
    if (!plan || (!buf && n))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no plan, or no place for its bytes");
    if (!reel__add(at, (uint64_t)n, &end) || end > reel_plan_size(plan))
        return reel__fail(err, REEL_E_TRUNCATED, at, NULL, "the plan ends before");
    for (; reel_plan_piece(plan, at, end, &p) == REEL_OK; at += p.size, to += p.size) {
        int code = REEL_OK;
        if (p.data && to)
            memcpy(to, p.data, (size_t)p.size);
        else
            code = reel_source_read(reel_plan_source(plan, p.source), p.offset, to, (size_t)p.size, err);
        if (code != REEL_OK)
            return code;
    }
    return REEL_OK;
}

/* The bytes of a piece where they lie in memory; NULL: they do not. */
static const uint8_t *in_memory(const reel_plan *plan, const reel_piece *p)
{
    if (p->data || p->size > SIZE_MAX)
        return p->data;
    return reel__source_map(reel_plan_source(plan, p->source), p->offset, p->size);
}

int reel_plan_iovecs(const reel_plan *plan, uint64_t at, uint64_t end, struct iovec *out, size_t *n, uint64_t *covered)
{
    reel_piece p;
    size_t room;
    if (!plan || !out || !n || !covered)
        return REEL_E_ARG;
    room = *n;
    *n = 0;
    *covered = 0;
    int code = reel_plan_piece(plan, at, end, &p);
    for (; *n < room && code == REEL_OK; code = reel_plan_piece(plan, at, end, &p)) {
        const uint8_t *data = in_memory(plan, &p);
        if (!data)
            break;
        out[(*n)++] = (struct iovec){(void *)(uintptr_t)data, (size_t)p.size};
        *covered += p.size;
        at += p.size;
    }
    return *n || code == REEL_OK ? REEL_OK : code;
}

/* A piece to take, in steps; through buf where it does not lie in memory. */
static int take_piece(const reel_plan *plan, const reel_piece *p, reel_plan_take take, void *user, uint8_t *buf,
                      reel_error *err)
{
    const uint8_t *data = in_memory(plan, p);
    int code = REEL_OK;
    for (uint64_t done = 0, step; done < p->size && code == REEL_OK; done += step) {
        step = REEL__MIN(p->size - done, data ? (uint64_t)STEP : (uint64_t)BUFFER);
        if (!data)
            code = reel_source_read(reel_plan_source(plan, p->source), p->offset + done, buf, (size_t)step, err);
        if (code == REEL_OK)
            code = take(user, data ? data + done : buf, (size_t)step);
    }
    if (code == REEL_OK && data && !p->data && reel__source_shrunk(reel_plan_source(plan, p->source)))
        return reel__fail(err, REEL_E_SHRUNK, p->offset, NULL, "the file became shorter while it was read");
    return code;
}

int reel_plan_run(const reel_plan *plan, uint64_t at, uint64_t end, reel_plan_take take, void *user, reel_error *err)
{
    uint8_t buf[BUFFER];
    reel_piece p;
    if (!plan || !take)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no plan, or nobody to take it");
    int code = REEL_OK;
    for (; code == REEL_OK && reel_plan_piece(plan, at, end, &p) == REEL_OK; at += p.size)
        code = take_piece(plan, &p, take, user, buf, err);
    return code;
}

/* ---- to a file descriptor ---- */

typedef struct writer {
    const reel_plan *plan;
    int fd;
    const int *fds;
    reel_plan_progress progress;
    void *user;
    uint64_t done;
    bool no_copy, no_sendfile; /* refused before: not tried again */
    reel_error *err;
} writer;

static int failed(writer *w, const char *what)
{
    return reel__fail(w->err, REEL_E_IO, REEL_NO_OFFSET, NULL, "%s: %s", what, strerror(errno));
}

static int report(writer *w, uint64_t more)
{
    w->done += more;
    return w->progress ? w->progress(w->user, w->done) : REEL_OK;
}

static int put_iovecs(writer *w, struct iovec *iov, size_t n)
{
    while (n) {
        ssize_t put = writev(w->fd, iov, (int)n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return failed(w, "writing failed");
        for (; n && (size_t)put >= iov->iov_len; iov++, n--)
            put -= (ssize_t)iov->iov_len;
        if (n) {
            iov->iov_base = (char *)iov->iov_base + put;
            iov->iov_len -= (size_t)put;
        }
    }
    return REEL_OK;
}

static int put_bytes(void *user, const uint8_t *data, size_t size)
{
    writer *w = user;
    struct iovec iov = {(void *)(uintptr_t)data, size};
    int code = put_iovecs(w, &iov, 1);
    return code == REEL_OK ? report(w, size) : code;
}

/* Errors that mean "not between these two", and another way may do. */
static bool refused(int error)
{
    return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EBADF ||
           error == EPERM || error == ETXTBSY || error == EIO || error == EOVERFLOW;
}

/* One call to the kernel; 0: it has no way for these two. */
static ssize_t copy_some(writer *w, int from, uint64_t offset, size_t n)
{
    ssize_t put = -1;
    if (!w->no_copy) {
        loff_t at = (loff_t)offset;
        put = copy_file_range(from, &at, w->fd, NULL, n, 0);
        w->no_copy = put < 0 && refused(errno);
    }
    if (w->no_copy && !w->no_sendfile) {
        off_t at = (off_t)offset;
        put = sendfile(w->fd, from, &at, n);
        w->no_sendfile = put < 0 && refused(errno);
    }
    return w->no_copy && w->no_sendfile ? 0 : put;
}

/* How much is copied with one call. The first one ends where a unit of the source does: whole ones follow. */
static size_t step_of(const reel_piece *p)
{
    uint64_t into = p->offset % REEL__UNIT;
    return (size_t)REEL__MIN(p->size, into && p->size > WORTH_A_CALL ? REEL__UNIT - into : (uint64_t)COPY);
}

/* As much of the piece as the kernel copies; the rest of it stays in *p. */
static int copy_piece(writer *w, reel_piece *p)
{
    int from = w->fds ? w->fds[p->source] : -1;
    while (from >= 0 && p->size && !(w->no_copy && w->no_sendfile)) {
        ssize_t put = copy_some(w, from, p->offset, step_of(p));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && errno != EAGAIN)
            return failed(w, "copying failed");
        if (put == 0 && !(w->no_copy && w->no_sendfile))
            return reel__fail(w->err, REEL_E_SHRUNK, p->offset, NULL, "the file ends before its time");
        if (put <= 0)
            break;
        p->at += (uint64_t)put;
        p->offset += (uint64_t)put;
        p->size -= (uint64_t)put;
        int code = report(w, (uint64_t)put);
        if (code != REEL_OK)
            return code;
    }
    return REEL_OK;
}

/* Small pieces that lie in memory go out together. */
static int put_small(writer *w, uint64_t at, uint64_t end, uint64_t *covered)
{
    struct iovec iov[64];
    size_t n = 0;
    reel_piece p;
    *covered = 0;
    while (n < 64 && reel_plan_piece(w->plan, at + *covered, end, &p) == REEL_OK && p.size <= BUFFER) {
        const uint8_t *data = in_memory(w->plan, &p);
        if (!data)
            break;
        iov[n++] = (struct iovec){(void *)(uintptr_t)data, (size_t)p.size};
        *covered += p.size;
    }
    int code = n ? put_iovecs(w, iov, n) : REEL_OK;
    return code == REEL_OK && n ? report(w, *covered) : code;
}

int reel_plan_write(const reel_plan *plan, uint64_t at, uint64_t end, int fd, const int *fds,
                    reel_plan_progress progress, void *user, reel_error *err)
{
    writer w = {.plan = plan, .fd = fd, .fds = fds, .progress = progress, .user = user, .err = err};
    uint8_t buf[BUFFER];
    reel_piece p;
    uint64_t covered;
    if (!plan || fd < 0)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no plan, or nothing to write it to");
    int code = REEL_OK;
    while (code == REEL_OK && reel_plan_piece(plan, at, end, &p) == REEL_OK) {
        code = put_small(&w, at, end, &covered);
        at += covered;
        if (code != REEL_OK || covered)
            continue;
        at += p.size;
        if (!p.data)
            code = copy_piece(&w, &p);
        if (code == REEL_OK && p.size)
            code = take_piece(plan, &p, put_bytes, &w, buf, err);
    }
    for (size_t i = 0; code == REEL_OK && reel_plan_source(plan, i); i++)
        if (reel__source_shrunk(reel_plan_source(plan, i)))
            return reel__fail(err, REEL_E_SHRUNK, REEL_NO_OFFSET, NULL, "a file became shorter while it was read");
    return code;
}
