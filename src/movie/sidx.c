/* SPDX-License-Identifier: BSD-2-Clause */
/* Segment indexes: ISO/IEC 14496-12:2022 8.16.3. One for the whole file, a tree of them, or one before each segment. */
#include <reel/time.h>

#include "movie/fragment.h"
#include "movie/runs.h"

enum { SIDX = REEL_4CC('s', 'i', 'd', 'x'), MOOF = REEL_4CC('m', 'o', 'o', 'f'), LEVELS = 8, SEGMENTS = 1 << 20 };

typedef struct segment_index {
    uint64_t offset;        /* of the box */
    uint64_t anchor;        /* where what it refers to begins */
    uint64_t start;         /* earliest presentation time, in timescale */
    uint32_t reference_id, timescale, count;
    const uint8_t *entries; /* 12 bytes each */
} segment_index;

static int read_sidx(const reel_movie *m, const reel__part *box, segment_index *out, reel_error *err)
{
    const uint8_t *data;
    int code = reel__movie_view(m, box->offset + box->header, box->size, &data, err);
    if (code != REEL_OK)
        return code;
    reel__reader r = reel__read(data, box->size);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 3);
    *out = (segment_index){.offset = box->offset, .reference_id = reel__u32(&r)};
    out->timescale = reel__u32(&r);
    out->start = reel__u32_or_64(&r, version >= 1);
    uint64_t first = reel__u32_or_64(&r, version >= 1);
    reel__skip(&r, 2);
    uint32_t said = reel__u16(&r);
    out->count = (uint32_t)REEL__MIN((size_t)said, reel__left(&r) / 12);
    out->entries = r.p;
    if (said > out->count)
        reel__warn(m, NULL, REEL_E_TABLE, box->offset, "sidx", "it says %u references and holds %u", said, out->count);
    /* Offsets are not negative: what is referred to lies behind, or it is so far ahead that it wraps round. */
    bool fits = reel__add(box->offset + box->header + box->size, first, &out->anchor);
    if (!fits)
        reel__warn(m, NULL, REEL_E_LOOP, box->offset, "sidx", "it refers back to itself");
    return r.bad || !out->timescale || !fits ? REEL_E_NOT_FOUND : REEL_OK;
}

/* The reference that holds time, or the last: where its bytes begin, and whether they are another index. */
typedef struct place {
    uint64_t at, end; /* of the reference; end of all of them in *total */
    uint64_t total, end_time;
    bool nested;
} place;

static bool find_reference(const segment_index *x, uint64_t time, uint32_t back, place *out)
{
    uint64_t at = x->anchor, when = x->start, before[4] = {at, at, at, at};
    bool found = false;
    for (uint32_t i = 0; i < x->count; i++) {
        uint32_t head = reel__be32(x->entries + 12 * (size_t)i), duration = reel__be32(x->entries + 12 * (size_t)i + 4);
        uint64_t size = head & 0x7fffffff;
        if (!found && (time < when + duration || i + 1 == x->count)) {
            found = true;
            out->at = back && !(head >> 31) ? before[(back - 1) & 3] : at;
            out->nested = head >> 31;
        }
        memmove(before + 1, before, 3 * sizeof *before);
        before[0] = at;
        if (!reel__add(at, size, &at))
            return false;
        when += duration;
    }
    out->total = at;
    out->end_time = when;
    return found;
}

/* Down the tree. Every level lies behind the one above, so that there is no way back; but it may be a long way. */
static int descend(const reel_movie *m, segment_index *x, int64_t pts, uint32_t from, uint32_t back, uint64_t *at, reel_error *err)
{
    for (int level = 0; level < LEVELS; level++) {
        place p;
        uint64_t next;
        reel__part box;
        int64_t time = reel_rescale(pts, from, x->timescale);
        if (!find_reference(x, time < 0 ? 0 : (uint64_t)time, back, &p))
            return REEL_E_NOT_FOUND;
        *at = p.at;
        if (p.at >= reel_source_size(m->source)) {
            reel__warn(m, NULL, REEL_E_TRUNCATED, x->offset, "sidx", "it refers to what lies past the end of the file");
            return REEL_E_NOT_FOUND;
        }
        if (!p.nested)
            return REEL_OK;
        int code = reel__box_at(m->source, NULL, p.at, reel_source_size(m->source), &box, &next, err);
        if (code == REEL_OK)
            code = box.type == SIDX ? read_sidx(m, &box, x, err) : REEL_E_NOT_FOUND;
        if (code != REEL_OK)
            return reel__passing(code) ? code : REEL_E_NOT_FOUND;
    }
    reel__warn(m, NULL, REEL_E_BOX_LIMIT, x->offset, "sidx", "indexes refer to indexes more than %d deep", LEVELS);
    return REEL_E_NOT_FOUND;
}

/*
 * From offset at on: the index of this track among the indexes that stand there, or else the first of them. REEL_END when
 * a moof or the end comes first.
 */
static int indexes_at(const reel_track *t, uint64_t at, segment_index *out, reel_error *err)
{
    uint64_t size = reel_source_size(t->movie->source), next;
    reel__part box;
    segment_index x;
    bool found = false;
    for (int n = 0; n < 64; n++, at = next) {
        int code = reel__box_at(t->movie->source, NULL, at, size, &box, &next, err);
        if (reel__passing(code))
            return code;
        if (code != REEL_OK || box.type == MOOF || box.cut)
            break;
        if (box.type != SIDX)
            continue;
        code = read_sidx(t->movie, &box, &x, err);
        if (reel__passing(code))
            return code;
        if (code != REEL_OK)
            continue;
        if (!found || (x.reference_id == t->id && out->reference_id != t->id))
            *out = x;
        found = true;
    }
    return found ? REEL_OK : REEL_END;
}

int reel__sidx_find(const reel_track *t, int64_t pts, uint32_t back, uint64_t *at, reel_error *err)
{
    uint64_t from = t->movie->first_sidx;
    segment_index x;
    place p;
    if (!from)
        return REEL_E_NOT_FOUND;
    for (int n = 0; n < SEGMENTS; n++) {
        int code = indexes_at(t, from, &x, err);
        if (code != REEL_OK)
            return reel__passing(code) ? code : n ? REEL_OK : REEL_E_NOT_FOUND;
        segment_index top = x;
        code = descend(t->movie, &x, pts, t->timescale, back, at, err);
        int64_t time = reel_rescale(pts, t->timescale, top.timescale);
        if (reel__passing(code))
            return code;
        if (code != REEL_OK || !find_reference(&top, time < 0 ? 0 : (uint64_t)time, 0, &p))
            return REEL_E_NOT_FOUND;
        /* Behind what this one covers the next segment may bring its own. */
        if (time < 0 || (uint64_t)time < p.end_time || p.total <= from)
            return REEL_OK;
        from = p.total;
    }
    return REEL_E_NOT_FOUND;
}
