/* SPDX-License-Identifier: BSD-2-Clause */
/* Movie fragments written: ISO/IEC 14496-12:2022 8.8.4 - 8.8.12. */
#include "base/checked.h"
#include "write/moof.h"

#define F(a, b, c, d) REEL_4CC(a, b, c, d)

enum {
    BASE_IS_MOOF = 0x20000, HAS_DESCRIPTION = 2, HAS_DURATION = 8, HAS_SIZE = 0x10, HAS_FLAGS = 0x20,
    RUN_OFFSET = 1, RUN_FIRST_FLAGS = 4, RUN_DURATION = 0x100, RUN_SIZE = 0x200, RUN_FLAGS = 0x400, RUN_COMPOSITION = 0x800,
};

/* 8.8.7 and 8.8.12 */
static void fragment_header(reel__out *o, const reel__write_traf *t)
{
    reel__out_full(o, F('t', 'f', 'h', 'd'), 0,
                   BASE_IS_MOOF | HAS_DESCRIPTION | (t->same_duration ? HAS_DURATION : 0) | (t->same_size ? HAS_SIZE : 0) |
                       HAS_FLAGS);
    reel__out_32(o, t->track->id);
    reel__out_32(o, t->description);
    if (t->same_duration)
        reel__out_32(o, t->duration);
    if (t->same_size)
        reel__out_32(o, t->size);
    reel__out_32(o, t->flags);
    reel__out_end(o);
    reel__out_full(o, F('t', 'f', 'd', 't'), 1, 0);
    reel__out_64(o, (uint64_t)REEL__MAX(t->dts, 0));
    reel__out_end(o);
}

static uint32_t run_flags(const reel__write_traf *t, bool first)
{
    bool first_differs = t->first_flags != t->flags;
    return RUN_OFFSET | (t->same_duration ? 0 : RUN_DURATION) | (t->same_size ? 0 : RUN_SIZE) |
           (t->same_flags ? 0 : RUN_FLAGS) | (t->has_offsets ? RUN_COMPOSITION : 0) |
           (t->same_flags && first && first_differs ? RUN_FIRST_FLAGS : 0);
}

static uint8_t *put(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
    return p + 4;
}

static uint8_t *put_entry(uint8_t *p, const reel__write_entry *e, uint32_t flags)
{
    if (flags & RUN_DURATION)
        p = put(p, e->duration);
    if (flags & RUN_SIZE)
        p = put(p, e->size);
    if (flags & RUN_FLAGS)
        p = put(p, e->flags);
    return flags & RUN_COMPOSITION ? put(p, (uint32_t)e->offset) : p;
}

/* 8.8.8: version 1, so that a composition offset may be negative. first: the number of its first sample in the traf */
static void track_run(reel__out *o, const reel__write_fragment *f, const reel__write_traf *t, reel__write_run *r,
                      uint64_t first, uint64_t count)
{
    uint32_t flags = run_flags(t, first == 0);
    size_t each = 4 * (size_t)__builtin_popcount(flags & 0xf00);
    reel__out_full(o, F('t', 'r', 'u', 'n'), 1, flags);
    reel__out_32(o, (uint32_t)count);
    r->patch = o->size;
    reel__out_32(o, 0);
    if (flags & RUN_FIRST_FLAGS)
        reel__out_32(o, t->first_flags);
    uint8_t *p = each ? reel__out_take(o, each * (size_t)count) : NULL;
    const reel__write_entry *e = t->listed ? f->entry + t->entry + first : NULL;
    for (uint64_t i = 0; p && e && i < count; i++)
        p = put_entry(p, e + i, flags);
    reel__out_end(o);
}

static int track_fragment(reel__write_fragment *f, reel__out *o, const reel__write_traf *t, size_t moof, reel_error *err)
{
    uint64_t first = 0, count;
    int code = REEL_OK;
    reel__out_box(o, F('t', 'r', 'a', 'f'));
    fragment_header(o, t);
    for (size_t k = 0, next; k < t->runs; k = next, first += count) {
        reel__write_run *r = &f->run[t->run + k];
        count = r->count;
        for (next = k + 1; next < t->runs && r[next - k].at == r[next - k - 1].at + r[next - k - 1].size; next++)
            count += r[next - k].count;
        track_run(o, f, t, r, first, count);
    }
    if (t->encrypted)
        code = reel__write_encryption(o, t, moof, err);
    reel__out_end(o);
    return code;
}

/* data_offset counts from moof; 32 bits of it have a sign. */
static int put_offsets(reel__write_fragment *f, reel__out *o, uint64_t media_at, reel_error *err)
{
    for (size_t k = 0; k < f->runs; k++) {
        if (!f->run[k].patch)
            continue;
        if (f->run[k].at + media_at > INT32_MAX)
            return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "the segment is longer than 2 GiB");
        reel__out_set_32(o, f->run[k].patch, (uint32_t)(f->run[k].at + media_at));
    }
    return REEL_OK;
}

int reel__fragment_write(reel__write_fragment *f, reel__out *o, uint32_t sequence, reel_error *err)
{
    size_t moof = o->size;
    int code = REEL_OK;
    reel__out_box(o, F('m', 'o', 'o', 'f'));
    reel__out_full(o, F('m', 'f', 'h', 'd'), 0, 0);
    reel__out_32(o, sequence);
    reel__out_end(o);
    for (size_t i = 0; i < f->trafs && code == REEL_OK; i++)
        code = track_fragment(f, o, &f->traf[i], moof, err);
    reel__out_end(o);
    bool large = f->media > UINT32_MAX - 8;
    if (code == REEL_OK)
        code = put_offsets(f, o, o->size - moof + (large ? 16 : 8), err);
    reel__out_32(o, large ? 1 : (uint32_t)(f->media + 8));
    reel__out_32(o, F('m', 'd', 'a', 't'));
    if (large)
        reel__out_64(o, f->media + 16);
    return code;
}
