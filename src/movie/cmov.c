/* SPDX-License-Identifier: BSD-2-Clause */
/* QTFF, Compressed Movie Resources: a movie box, deflated. */
#include <zlib.h>

#include "base/bytes.h"
#include "base/checked.h"
#include "box/part.h"
#include "movie/cmov.h"

/* Deflate never gains more than this; more is a lie, and a film's tables are far below the other. */
enum { GAIN_MOST = 1032, INFLATED_MOST = 64 << 20, FIRST_ROOM = 64 << 10 };

static int fail(reel_error *err, uint64_t offset, const char *what)
{
    return reel__fail(err, REEL_E_COMPRESSED, offset, "moov/cmov", "%s", what);
}

/* Room for what comes out next: doubled, so that memory follows what really comes out. */
static uint8_t *grow(const reel_allocator *a, uint8_t *out, size_t *room, size_t most)
{
    size_t more = *room ? REEL__MIN(*room * 2, most) : REEL__MIN((size_t)FIRST_ROOM, most);
    uint8_t *bigger = reel__realloc_array(a, out, more, 1);
    if (bigger)
        *room = more;
    return bigger;
}

/* One step: REEL_END when the stream is whole, REEL_OK to go on. */
static int step(z_stream *z, uint64_t offset, reel_error *err)
{
    switch (inflate(z, Z_NO_FLUSH)) {
    case Z_STREAM_END:
        return REEL_END;
    case Z_OK:
        return REEL_OK;
    case Z_BUF_ERROR: /* no progress: with room left, the input is used up */
        return z->avail_out ? fail(err, offset, "the deflated movie ends too early") : REEL_OK;
    case Z_MEM_ERROR:
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, "moov/cmov", "out of memory");
    default:
        return fail(err, offset, "the deflated movie is damaged");
    }
}

static int inflate_all(z_stream *z, const reel_allocator *a, size_t most, uint64_t offset, uint8_t **out,
                       reel_error *err)
{
    size_t room = 0;
    for (;;) {
        if (z->total_out == room) {
            if (room == most)
                return fail(err, offset, "more comes out of it than any film holds");
            uint8_t *bigger = grow(a, *out, &room, most);
            if (!bigger)
                return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, "moov/cmov", "out of memory");
            *out = bigger;
        }
        z->next_out = *out + z->total_out;
        z->avail_out = (uInt)(room - z->total_out);
        int code = step(z, offset, err);
        if (code != REEL_OK)
            return code;
    }
}

static void *zalloc(void *user, uInt n, uInt each) { return reel__alloc_array(user, n, each); }
static void zfree(void *user, void *p) { reel__free(user, p); }

static int inflate_data(const reel_allocator *a, const uint8_t *data, size_t size, uint64_t offset, uint8_t **out,
                        size_t *out_size, reel_error *err)
{
    reel_allocator own = *a;
    /* zlib writes nothing through next_in; older ones only lack the const */
    union {
        const uint8_t *in;
        Bytef *zlib;
    } pointer = {data};
    z_stream z = {.zalloc = zalloc, .zfree = zfree, .opaque = &own};
    z.next_in = pointer.zlib;
    z.avail_in = (uInt)REEL__MIN(size, (size_t)INFLATED_MOST * 2);
    size_t most = (size_t)REEL__MIN((uint64_t)size * GAIN_MOST, (uint64_t)INFLATED_MOST);
    if (inflateInit(&z) != Z_OK)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, "moov/cmov", "out of memory");
    int code = inflate_all(&z, a, most, offset, out, err);
    *out_size = (size_t)z.total_out;
    inflateEnd(&z);
    return code == REEL_END ? REEL_OK : code;
}

/* The dcom and cmvd boxes; all errors but a different method are told by the caller's next look. */
static int check_method(const reel__part *dcom, reel_error *err)
{
    char name[17];
    uint32_t method = dcom->size >= 4 ? reel__be32(dcom->body) : 0;
    if (method == REEL_4CC('z', 'l', 'i', 'b'))
        return REEL_OK;
    return reel__fail(err, REEL_E_COMPRESSED, dcom->offset, "moov/cmov/dcom", "the method is '%s', not zlib",
                      reel_4cc_text(method, name));
}

int reel__cmov_inflate(const reel_allocator *a, const uint8_t *body, size_t size, uint64_t offset, uint8_t **out,
                       size_t *out_size, reel_error *err)
{
    reel__part dcom, cmvd;
    *out = NULL;
    *out_size = 0;
    if (!reel__child_of(body, size, offset + 8, NULL, REEL_4CC('d', 'c', 'o', 'm'), &dcom))
        return fail(err, offset, "it does not say how it is compressed (no dcom)");
    if (!reel__child_of(body, size, offset + 8, NULL, REEL_4CC('c', 'm', 'v', 'd'), &cmvd) || cmvd.size < 4)
        return fail(err, offset, "it holds no compressed data (no cmvd)");
    int code = check_method(&dcom, err);
    if (code != REEL_OK)
        return code;
    uint32_t said = reel__be32(cmvd.body);
    if (said > INFLATED_MOST)
        return fail(err, cmvd.offset, "it says that more is in it than any film holds");
    code = inflate_data(a, cmvd.body + 4, cmvd.size - 4, cmvd.offset, out, out_size, err);
    if (code == REEL_OK && *out_size < 8)
        code = fail(err, cmvd.offset, "it does not hold a movie box");
    if (code != REEL_OK) {
        reel__free(a, *out);
        *out = NULL;
        *out_size = 0;
    }
    return code;
}
