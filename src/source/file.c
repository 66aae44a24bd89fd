/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file: mapped, or read with pread where it cannot be.
 *
 * A mapping reaches past the end of the file, so that a recording that grows shows its new bytes under the same
 * pointers. Only when it outgrows that room a larger mapping is made; the old ones stay until the source goes,
 * because spans point into them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked.h"
#include "source/guard.h"
#include "source/source.h"

typedef struct mapping {
    struct mapping *older;
    const uint8_t *data;
    size_t length;
    reel__guard_slot *guard;
} mapping;

typedef struct file {
    reel_source base;
    _Atomic(mapping *) map; /* NULL: pread */
    int fd;
    bool guarded;
} file;

static const uint8_t *file_map(reel_source *s, uint64_t offset, size_t n)
{
    const mapping *m = atomic_load_explicit(&((file *)s)->map, memory_order_acquire);
    if (!m || offset > m->length || n > m->length - offset)
        return NULL;
    return m->data + offset;
}

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* Linux 5.14; older kernels refuse it, and the pages come one by one */
#endif

static void file_will_read(reel_source *s, uint64_t offset, size_t n)
{
    const uint8_t *p = file_map(s, offset, n);
    if (!p)
        return;
    uintptr_t start = (uintptr_t)p & ~(uintptr_t)4095;
    (void)madvise((void *)start, (uintptr_t)p + n - start, MADV_POPULATE_READ);
}

static int64_t file_read(reel_source *s, uint64_t offset, void *buf, size_t n)
{
    const file *f = (const file *)s;
    ssize_t got;
    do
        got = pread(f->fd, buf, REEL__MIN(n, (size_t)1 << 30), (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? REEL_E_IO : got;
}

static bool file_shrunk(const reel_source *s)
{
    const file *f = (const file *)s;
    if (!f->guarded)
        return false;
    for (const mapping *m = atomic_load_explicit(&f->map, memory_order_acquire); m; m = m->older)
        if (m->guard && atomic_load_explicit(&m->guard->shrunk, memory_order_acquire))
            return true;
    return false;
}

/* How far to map a file of this size: room to grow by a quarter, at least 16 MiB; less where addresses are few. */
static size_t room_for(uint64_t size)
{
    uint64_t room = size;
    if (sizeof(void *) >= 8 && (!reel__add(size, REEL__MAX(size / 4, (uint64_t)16 << 20), &room)))
        room = size;
    return room > SIZE_MAX / 2 ? 0 : (size_t)room;
}

static int add_mapping(file *f, uint64_t size)
{
    mapping *m = reel__alloc_zero(&reel__malloc, sizeof *m);
    if (!m)
        return REEL_E_NOMEM;
    m->length = room_for(size);
    void *data = m->length ? mmap(NULL, m->length, PROT_READ, MAP_SHARED, f->fd, 0) : MAP_FAILED;
    if (data == MAP_FAILED) {
        reel__free(&reel__malloc, m);
        return REEL_E_IO;
    }
    m->data = data;
    if (f->guarded)
        m->guard = reel__guard_add(data, m->length);
    /* Two movies on one source may refresh at once: none of the mappings gets lost. */
    m->older = atomic_load_explicit(&f->map, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&f->map, &m->older, m, memory_order_acq_rel, memory_order_relaxed))
        ;
    return REEL_OK;
}

static int file_refresh(reel_source *s, uint64_t *size)
{
    file *f = (file *)s;
    struct stat st;
    if (fstat(f->fd, &st) < 0)
        return REEL_E_IO;
    *size = (uint64_t)st.st_size;
    const mapping *m = atomic_load_explicit(&f->map, memory_order_acquire);
    if (!m || *size <= m->length)
        return REEL_OK;
    return add_mapping(f, *size);
}

static void file_gone(reel_source *s)
{
    file *f = (file *)s;
    mapping *m = atomic_load_explicit(&f->map, memory_order_acquire);
    while (m) {
        mapping *older = m->older;
        reel__guard_remove(m->guard);
        munmap((void *)(uintptr_t)m->data, m->length);
        reel__free(&reel__malloc, m);
        m = older;
    }
    if (f->fd >= 0)
        close(f->fd);
    reel__free(&reel__malloc, f);
}

static const reel__source_ops file_ops = {
    .map = file_map, .read = file_read, .will_read = file_will_read, .glances = true,
    .refresh = file_refresh, .shrunk = file_shrunk, .gone = file_gone};

/* Takes fd over on success. */
static int from_fd(int fd, unsigned flags, reel_source **out, reel_error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return reel__fail(err, REEL_E_IO, REEL_NO_OFFSET, NULL, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return reel__fail(err, REEL_E_IO, REEL_NO_OFFSET, NULL, "not a regular file");
    file *f = reel__alloc_zero(&reel__malloc, sizeof *f);
    if (!f)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    f->fd = fd;
    f->guarded = flags & REEL_SOURCE_GUARD;
    atomic_init(&f->map, NULL);
    reel__source_init(&f->base, &file_ops, (uint64_t)st.st_size);
    /* Where it cannot be mapped, pread does. An empty file has nothing to map. */
    if (!(flags & REEL_SOURCE_NO_MAP) && st.st_size > 0 && add_mapping(f, (uint64_t)st.st_size) == REEL_E_NOMEM) {
        f->fd = -1;
        file_gone(&f->base);
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    }
    *out = &f->base;
    return REEL_OK;
}

int reel_source_fd(int fd, unsigned flags, reel_source **out, reel_error *err)
{
    if (!out)
        return REEL_E_ARG;
    *out = NULL;
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (own < 0)
        return reel__fail(err, REEL_E_IO, REEL_NO_OFFSET, NULL, "%s", strerror(errno));
    int code = from_fd(own, flags, out, err);
    if (code != REEL_OK)
        close(own);
    return code;
}

int reel_source_file(const char *path, unsigned flags, reel_source **out, reel_error *err)
{
    if (!out)
        return REEL_E_ARG;
    *out = NULL;
    if (!path)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no path");
    /* Not to wait for a writer if it is a pipe: that is refused below. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return reel__fail(err, REEL_E_IO, REEL_NO_OFFSET, NULL, "%s", strerror(errno));
    int code = from_fd(fd, flags, out, err);
    if (code != REEL_OK)
        close(fd);
    return code;
}
