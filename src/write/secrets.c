/* SPDX-License-Identifier: BSD-2-Clause */
#include "write/secrets.h"

#include <reel/cursor.h>

#define F(a, b, c, d) REEL_4CC(a, b, c, d)

void reel__secrets_init(reel__secrets *s, const reel_allocator *alloc)
{
    *s = (reel__secrets){.count = 0};
    reel__out_init(&s->records, alloc, 0);
    reel__out_init(&s->sizes, alloc, 0);
}

void reel__secrets_free(reel__secrets *s)
{
    reel__out_free(&s->records);
    reel__out_free(&s->sizes);
}

bool reel__secrets_has(const reel_track *t)
{
    reel_description d;
    for (uint32_t i = 1; i <= t->description_count; i++)
        if (reel_track_description(t, i, &d, NULL) == REEL_OK && d.protection.has_tenc)
            return true;
    return false;
}

/* A sample in the clear among others has a record too: nothing in it. */
static int ask(reel__secrets *s, const reel_track *t, const reel_sample *sample, reel_sample_crypto *k, reel_error *err)
{
    if (s->walk.track != t)
        s->walk = (reel__crypto_walk){.track = t};
    int code = reel__crypto_of(&s->walk, sample, k, err);
    if (code == REEL_END)
        *k = (reel_sample_crypto){.constant = 1};
    return code == REEL_END ? REEL_OK : code;
}

static int check_group(const reel__secrets *s, const reel_sample *sample, reel_error *err)
{
    if (!(sample->flags & REEL_SAMPLE_FRAGMENT) || !s->walk.seig.entry_group)
        return REEL_OK;
    return reel__fail(err, REEL_E_UNSUPPORTED, sample->offset, NULL,
                      "track %u: keys that change from fragment to fragment cannot be written into one table",
                      s->walk.track->id);
}

int reel__secrets_look(reel__secrets *s, const reel_track *t, uint64_t first, uint64_t end, reel_error *err)
{
    reel_cursor c;
    reel_sample sample;
    reel_sample_crypto k;
    int code = reel_cursor_init(&c, t);
    if (code == REEL_OK)
        code = reel_cursor_seek(&c, first, err);
    for (uint64_t i = first; i < end && code == REEL_OK; i++) {
        code = reel_cursor_next(&c, &sample, err);
        if (code == REEL_OK)
            code = ask(s, t, &sample, &k, err);
        if (code == REEL_OK)
            code = check_group(s, &sample, err);
        if (code != REEL_OK)
            break;
        s->any |= !k.constant || k.subsamples;
        s->subsamples |= k.subsamples != NULL;
    }
    return code == REEL_END ? REEL_OK : code;
}

int reel__secrets_add(reel__secrets *s, const reel_track *t, const reel_sample *sample, reel_error *err)
{
    reel_sample_crypto k;
    int code = s->any ? ask(s, t, sample, &k, err) : REEL_END;
    if (code != REEL_OK)
        return code == REEL_END ? REEL_OK : code;
    size_t before = s->records.size, n = k.subsamples ? k.subsample_count : 0;
    if (!k.constant)
        reel__out_bytes(&s->records, k.iv, k.iv_size);
    if (s->subsamples) {
        reel__out_16(&s->records, (uint16_t)n);
        reel__out_bytes(&s->records, k.subsamples, 6 * n);
    }
    size_t size = s->records.size - before;
    if (size > UINT8_MAX || n > UINT16_MAX)
        return reel__fail(err, REEL_E_UNSUPPORTED, sample->offset, NULL,
                          "a sample has more subsamples than saiz can say");
    reel__out_8(&s->sizes, (uint8_t)size);
    s->count++;
    if (s->records.code != REEL_OK || s->sizes.code != REEL_OK)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    return REEL_OK;
}

void reel__secrets_write(const reel__secrets *s, reel__out *o)
{
    if (!s->any)
        return;
    reel__out_full(o, F('s', 'e', 'n', 'c'), 0, s->subsamples ? 2 : 0);
    reel__out_32(o, s->count);
    uint64_t at = o->size;
    reel__out_bytes(o, s->records.data, s->records.size);
    reel__out_end(o);
    reel__out_full(o, F('s', 'a', 'i', 'z'), 0, 0);
    reel__out_8(o, 0);
    reel__out_32(o, s->count);
    reel__out_bytes(o, s->sizes.data, s->sizes.size);
    reel__out_end(o);
    reel__out_full(o, F('s', 'a', 'i', 'o'), 1, 0);
    reel__out_32(o, 1);
    reel__out_64(o, at);
    reel__out_end(o);
}
