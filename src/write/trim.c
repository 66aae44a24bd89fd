/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places of data count from the moof, so it stays as long as it is:
 *
 *     moof  traf  trun (5 entries)          trun (3 entries) free        of each traf samples are kept up to the first
 *                 trun (5 entries)          free                         that is not whole: times add up
 *           traf  trun (5 entries)    free
 */
#include "write/trim.h"

#include "movie/moof.h"

enum {
    TFHD = REEL_4CC('t', 'f', 'h', 'd'),
    SENC = REEL_4CC('s', 'e', 'n', 'c'),
    SAIZ = REEL_4CC('s', 'a', 'i', 'z'),
    COUNT_AT = 12,       /* of a trun: behind its header, version and flags */
    BASE_HERE = 1,       /* flags of tfhd: base-data-offset-present, */
    DESCRIPTION_HERE = 2, /* sample-description-index-present, */
    BASE_IS_MOOF = 1 << 17 /* default-base-is-moof */
};

/* ---- what is there ---- */

static int put_run(reel__trim *t, const reel_run *run, uint64_t moof, const reel_allocator *alloc, reel_error *err)
{
    if (t->runs == t->room) {
        size_t room = t->room ? t->room * 2 : 16;
        reel__trimmed *more = reel__realloc_array(alloc, t->run, room, sizeof *more);
        if (!more)
            return reel__fail(err, REEL_E_NOMEM, moof, NULL, "out of memory");
        t->run = more;
        t->room = room;
    }
    t->run[t->runs++] = (reel__trimmed){.traf = (size_t)(run->traf - moof), .trun = (size_t)(run->trun - moof),
                                        .each = run->entries ? reel__entry_size(run->trun_flags) : 0,
                                        .description = run->description};
    return REEL_OK;
}

/* How the samples of a traf go on. */
typedef struct state {
    uint64_t traf, end; /* end: of the bytes that are there */
    bool whole;         /* all so far */
    uint64_t lost;      /* ticks of those that are not kept */
} state;

static uint32_t whole_alike(state *s, const reel_run *run, uint64_t *high)
{
    uint64_t there = run->offset <= s->end ? s->end - run->offset : 0, n = s->whole ? run->count : 0;
    if (run->size)
        n = REEL__MIN(n, there / run->size);
    s->whole &= n == run->count;
    s->lost += (run->count - n) * run->duration;
    if (n)
        *high = REEL__MAX(*high, run->offset + n * run->size);
    return (uint32_t)n;
}

/* How many samples of the run are kept. */
static uint32_t whole_in(state *s, const reel_run *run, uint64_t *high)
{
    const uint8_t *p = run->entries;
    uint64_t at = run->offset;
    uint32_t n = 0;
    if (!p)
        return whole_alike(s, run, high);
    for (uint32_t i = 0; i < run->count; i++, p += reel__entry_size(run->trun_flags)) {
        reel__entry e = reel__run_entry(run, p, i);
        s->whole &= at <= s->end && e.size <= s->end - at;
        at += e.size;
        n += s->whole;
        s->lost += s->whole ? 0 : e.duration;
        *high = s->whole ? REEL__MAX(*high, at) : *high;
    }
    return n;
}

static int look_at(reel__trim *t, state *s, const reel_track *track, const reel_run *run, uint64_t moof,
                   const reel_allocator *alloc, reel_error *err)
{
    if (run->traf != s->traf)
        *s = (state){.traf = run->traf, .end = s->end, .whole = true};
    int code = run->trun_done == 0 ? put_run(t, run, moof, alloc, err) : REEL_OK;
    if (code != REEL_OK)
        return code;
    reel__trimmed *last = &t->run[t->runs - 1];
    uint32_t n = whole_in(s, run, &t->high);
    last->count += run->count;
    last->keep += n;
    t->samples += run->count;
    t->kept += n;
    if (track && track->timescale)
        t->seconds = REEL__MAX(t->seconds, (double)s->lost / track->timescale);
    return REEL_OK;
}

int reel__trim_look(reel__trim *t, const reel_movie *m, uint64_t offset, uint64_t size, uint64_t end,
                    const reel_allocator *alloc, reel_error *err)
{
    reel_moof f;
    reel_run run;
    const reel_track *track;
    state s = {.end = end};
    *t = (reel__trim){.high = 0};
    int code = reel__moof_begin(&f, m, offset, size, NULL, err);
    while (code == REEL_OK && (code = reel__moof_next(&f, m, &track, &run, err)) == REEL_OK)
        code = look_at(t, &s, track, &run, offset, alloc, err);
    return code == REEL_END ? REEL_OK : code;
}

/* ---- the moof ---- */

static void put_32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * (3 - i));
}

/* Four bytes are too few for a box: tfhd takes them, and names the sample description, which is the one of trex. */
static bool give_to_tfhd(uint8_t *moof, const reel__part *traf, uint8_t *end, uint32_t description)
{
    reel__part tfhd;
    if (!reel__child_of(traf->body, traf->size, traf->offset + traf->header, &reel__traf_children, TFHD, &tfhd) ||
        tfhd.flags & DESCRIPTION_HERE || tfhd.header != 12)
        return false;
    uint8_t *box = moof + tfhd.offset, *p = box + tfhd.header + (tfhd.flags & BASE_HERE ? 12 : 4);
    if (p > end - 4)
        return false;
    memmove(p + 4, p, (size_t)(end - 4 - p));
    put_32(p, description);
    put_32(box, reel__be32(box) + 4);
    box[11] |= DESCRIPTION_HERE;
    return true;
}

/* The entries that go become a free box. False: the trun has a header of another kind, or goes past its parent. */
static bool shorten(uint8_t *moof, const reel__part *traf, const reel__trimmed *r)
{
    uint8_t *box = moof + r->trun;
    uint64_t end = traf->offset + traf->header + traf->size, less = (uint64_t)(r->count - r->keep) * r->each;
    uint32_t size = reel__be32(box);
    if (size < COUNT_AT + 4 + less || size > end - r->trun)
        return false;
    put_32(box + COUNT_AT, r->keep);
    if (less >= 8) {
        put_32(box, (uint32_t)(size - less));
        put_32(box + size - less, (uint32_t)less);
        memcpy(box + size - less + 4, "free", 4);
    } else if (less) {
        put_32(box, (uint32_t)(size - less));
        if (!give_to_tfhd(moof, traf, box + size, r->description))
            put_32(box, size);
    }
    return true;
}

/* What counts the samples of the traf beside its truns: 23001-7 7.2, 14496-12 8.7.8. */
static void count_keys(uint8_t *moof, const reel__part *traf, uint32_t kept)
{
    reel__part part;
    reel__children c = reel__children_of(traf->body, traf->size, traf->offset + traf->header, &reel__traf_children);
    while (reel__children_next(&c, &part, NULL)) {
        size_t at = part.type == SENC ? 0 : (part.flags & 1 ? 9 : 1);
        if ((part.type == SENC || part.type == SAIZ) && part.size >= at + 4)
            put_32(moof + part.offset + part.header + at, kept);
    }
}

/* *fewer: a traf before this one has lost samples. False: its data would count from the wrong place, or it is too odd. */
static bool trim_traf(const reel__trim *t, uint8_t *moof, const reel__part *traf, bool *fewer)
{
    reel__part tfhd;
    uint64_t kept = 0, all = 0;
    for (size_t i = 0; i < t->runs; i++)
        if (t->run[i].traf == traf->offset)
            kept += t->run[i].keep, all += t->run[i].count;
    if (kept && *fewer &&
        (!reel__child_of(traf->body, traf->size, traf->offset + traf->header, &reel__traf_children, TFHD, &tfhd) ||
         !(tfhd.flags & (BASE_HERE | BASE_IS_MOOF))))
        return false;
    *fewer |= kept < all;
    if (kept < all)
        count_keys(moof, traf, (uint32_t)kept);
    for (size_t i = t->runs; i-- > 0;) {
        const reel__trimmed *r = &t->run[i];
        if (r->traf != traf->offset || r->keep == r->count)
            continue;
        if (!r->keep)
            memcpy(moof + r->trun + 4, "free", 4);
        else if (!shorten(moof, traf, r))
            return false;
    }
    if (all && !kept)
        memcpy(moof + traf->offset + 4, "free", 4);
    return true;
}

bool reel__trim_apply(const reel__trim *t, uint8_t *moof, size_t n)
{
    reel__part part;
    bool fewer = false, fits = true;
    reel__children c = reel__children_of(moof, n, 0, NULL);
    if (!reel__children_next(&c, &part, NULL))
        return false;
    c = reel__children_of(part.body, part.size, part.header, &reel__moof_children);
    while (fits && reel__children_next(&c, &part, NULL))
        if (part.type == REEL_4CC('t', 'r', 'a', 'f'))
            fits = trim_traf(t, moof, &part, &fewer);
    return fits;
}
