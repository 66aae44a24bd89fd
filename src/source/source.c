/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/checked.h"
#include "source/source.h"

static void source_gone(reel_ref *ref)
{
    reel_source *s = REEL__CONTAINER(ref, reel_source, ref);
    s->ops->gone(s);
}

void reel__source_init(reel_source *s, const reel__source_ops *ops, uint64_t size)
{
    reel__ref_init(&s->ref, source_gone);
    s->ops = ops;
    atomic_init(&s->size, size);
}

reel_source *reel_source_ref(reel_source *source)
{
    if (source)
        reel_ref_get(&source->ref);
    return source;
}

void reel_source_unref(reel_source **source)
{
    if (!source || !*source)
        return;
    reel_ref_drop(&(*source)->ref);
    *source = NULL;
}

uint64_t reel_source_size(const reel_source *source)
{
    return atomic_load_explicit(&source->size, memory_order_acquire);
}

bool reel__source_shrunk(const reel_source *s)
{
    return s->ops->shrunk && s->ops->shrunk(s);
}

static bool inside(const reel_source *s, uint64_t offset, uint64_t n)
{
    uint64_t size = reel_source_size(s);
    return offset <= size && n <= size - offset;
}

const uint8_t *reel__source_map(reel_source *s, uint64_t offset, uint64_t n)
{
    if (!s->ops->map || n > SIZE_MAX / 2 || !inside(s, offset, n))
        return NULL;
    return s->ops->map(s, offset, (size_t)n);
}

void reel__source_will_read(reel_source *s, uint64_t offset, uint64_t n)
{
    if (s->ops->will_read && n <= SIZE_MAX / 2 && inside(s, offset, n))
        s->ops->will_read(s, offset, (size_t)n);
}

uint64_t reel__source_readable(const reel_source *s, uint64_t end)
{
    return s->ops->readable ? s->ops->readable(s, end) : reel_source_size(s) - end;
}

/* Reads until n bytes are there or the source says it ends. */
static int read_all(reel_source *s, uint64_t offset, uint8_t *buf, size_t n, size_t *got)
{
    while (*got < n) {
        int64_t r = s->ops->read(s, offset + *got, buf + *got, n - *got);
        if (r < 0)
            return (int)r;
        if (r == 0)
            return REEL_E_TRUNCATED;
        if ((uint64_t)r > n - *got) /* the callback breaks its contract */
            return REEL_E_IO;
        *got += (size_t)r;
    }
    return REEL_OK;
}

static int read_failed(reel_error *err, int code, uint64_t offset, uint64_t n)
{
    reel__fail(err, code, offset, NULL, "%s", reel_code_text(code));
    if (err && code == REEL_E_AGAIN)
        err->length = n;
    return code;
}

int reel_source_read(reel_source *source, uint64_t offset, void *buf, size_t n, reel_error *err)
{
    if (!source || (!buf && n))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no source or no buffer");
    uint64_t size = reel_source_size(source);
    size_t there = offset >= size ? 0 : (size_t)REEL__MIN((uint64_t)n, size - offset);
    size_t got = 0;
    int code = REEL_OK;
    const uint8_t *p = there ? reel__source_map(source, offset, there) : NULL;
    if (p)
        memcpy(buf, p, got = there);
    else if (there)
        code = read_all(source, offset, buf, there, &got);
    if (code == REEL_OK && reel__source_shrunk(source))
        code = REEL_E_SHRUNK;
    if (code == REEL_OK && got < n)
        code = REEL_E_TRUNCATED;
    return code == REEL_OK ? REEL_OK : read_failed(err, code, offset + got, n - got);
}

int reel__source_fetch(reel_source *s, uint64_t offset, uint8_t *buf, size_t n, reel_error *err)
{
    size_t got = 0;
    int code = inside(s, offset, n) ? read_all(s, offset, buf, n, &got) : REEL_E_TRUNCATED;
    if (code == REEL_E_TRUNCATED && inside(s, offset, n))
        code = REEL_E_SHRUNK;
    return code == REEL_OK ? REEL_OK : read_failed(err, code, offset, n);
}

static int glance(reel_source *s, reel__glance *g, uint64_t offset, size_t n, const uint8_t **data)
{
    if (g->n < n || offset < g->at || offset - g->at > g->n - n) {
        uint64_t left = reel_source_size(s) - offset;
        size_t want = (size_t)REEL__MIN((uint64_t)sizeof g->bytes, left), got = 0;
        int code = read_all(s, offset, g->bytes, want, &got);
        g->at = offset;
        g->n = got;
        if (got < n)
            return code == REEL_E_TRUNCATED ? REEL_E_SHRUNK : code;
    }
    *data = g->bytes + (offset - g->at);
    return REEL_OK;
}

bool reel__source_glances(reel_source *s) { return s->ops->glances && s->ops->map(s, 0, 0); }

int reel__source_look(reel_source *s, reel__glance *g, uint64_t offset, size_t n, uint8_t *buf, const uint8_t **data,
                      reel_error *err)
{
    if (g && reel__source_glances(s)) {
        int code = glance(s, g, offset, n, data);
        return code == REEL_OK ? REEL_OK : read_failed(err, code, offset, n);
    }
    *data = reel__source_map(s, offset, n);
    if (*data)
        return reel__source_shrunk(s) ? read_failed(err, REEL_E_SHRUNK, offset, n) : REEL_OK;
    *data = buf;
    return reel_source_read(s, offset, buf, n, err);
}

enum { FIRST_PIECE = 1 << 20 };

int reel__source_view(reel_source *s, uint64_t offset, uint64_t n, const reel_allocator *a, const uint8_t **data,
                      void **owned, reel_error *err)
{
    *owned = NULL;
    *data = reel__source_map(s, offset, n);
    if (*data)
        return reel__source_shrunk(s) ? read_failed(err, REEL_E_SHRUNK, offset, n) : REEL_OK;
    if (n > SIZE_MAX / 2 || !inside(s, offset, n))
        return read_failed(err, REEL_E_TRUNCATED, offset, n);
    /* Grow as bytes arrive: a source that lies about its size costs no more than what it delivers. */
    uint8_t *buf = NULL;
    size_t got = 0, room = 0;
    int code = REEL_OK;
    do {
        room = room ? (size_t)REEL__MIN(n, (uint64_t)room * 2) : (size_t)REEL__MIN(n, FIRST_PIECE);
        uint8_t *bigger = reel__realloc_array(a, buf, room, 1);
        if (!bigger) {
            code = REEL_E_NOMEM;
            break;
        }
        buf = bigger;
        code = read_all(s, offset, buf, room, &got);
    } while (code == REEL_OK && got < n);
    if (code != REEL_OK) {
        reel__free(a, buf);
        return read_failed(err, code, code == REEL_E_AGAIN ? offset : offset + got, n);
    }
    *data = *owned = buf;
    return REEL_OK;
}
