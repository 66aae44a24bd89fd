/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/checked.h"
#include "source/source.h"

typedef struct callback {
    reel_source base;
    reel_source_io io;
} callback;

/* What a host may say went wrong. Anything else would be taken for something that was found in the film. */
static int its_code(int64_t code)
{
    bool known = code == REEL_E_AGAIN || code == REEL_E_NOMEM || code == REEL_E_SHRUNK;
    return known ? (int)code : REEL_E_IO;
}

static int64_t callback_read(reel_source *s, uint64_t offset, void *buf, size_t n)
{
    const callback *c = (const callback *)s;
    int64_t got = c->io.read(c->io.user, offset, buf, n);
    return got < 0 ? its_code(got) : got;
}

/* Offsets are compared as signed numbers by every file API: nothing lies beyond 2^63. */
static int size_of(const reel_source_io *io, uint64_t *size)
{
    int code = io->size(io->user, size);
    *size = REEL__MIN(*size, (uint64_t)INT64_MAX);
    return code == REEL_OK ? REEL_OK : its_code(code);
}

static int callback_refresh(reel_source *s, uint64_t *size) { return size_of(&((const callback *)s)->io, size); }

static void callback_gone(reel_source *s)
{
    callback *c = (callback *)s;
    if (c->io.close)
        c->io.close(c->io.user);
    reel__free(&reel__malloc, c);
}

static const reel__source_ops callback_ops = {
    .read = callback_read, .refresh = callback_refresh, .gone = callback_gone};

int reel_source_callback(const reel_source_io *io, reel_source **out, reel_error *err)
{
    if (out)
        *out = NULL;
    if (!out || !io || io->sizeof_io < sizeof *io || !io->read || !io->size)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "reel_source_io needs its size, read and size");
    uint64_t size = 0;
    int code = size_of(io, &size);
    if (code != REEL_OK)
        return reel__fail(err, code, REEL_NO_OFFSET, NULL, "the size of the source is not known");
    callback *c = reel__alloc_zero(&reel__malloc, sizeof *c);
    if (!c)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    reel__source_init(&c->base, &callback_ops, size);
    c->io = *io;
    *out = &c->base;
    return REEL_OK;
}
