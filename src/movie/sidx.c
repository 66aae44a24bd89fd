/* SPDX-License-Identifier: BSD-2-Clause */
/* Segment indexes: ISO/IEC 14496-12:2022 8.16.3. One for the whole file, a tree of them, or one before each segment. */
#include <reel/time.h>

#include "movie/fragment.h"
#include "movie/runs.h"

enum { SIDX = REEL_4CC('s', 'i', 'd', 'x'), MOOF = REEL_4CC('m', 'o', 'o', 'f'), LEVELS = 8, SEGMENTS = 1 << 20, STEP = 128 };

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

/* Bytes and ticks of the references before every STEP-th one. Of the first index that a track asks, if it is long. */
typedef struct sidx_marks {
    uint64_t offset; /* of the box */
    struct {
        uint64_t bytes, ticks;
    } at[];
} sidx_marks;

static uint32_t head_of(const segment_index *x, uint32_t i) { return reel__be32(x->entries + 12 * (size_t)i); }
static uint32_t duration_of(const segment_index *x, uint32_t i) { return reel__be32(x->entries + 12 * (size_t)i + 4); }

/* Add up the references [from, to): at most 65535 of 31 and 32 bits. */
static void add_up(const segment_index *x, uint32_t from, uint32_t to, uint64_t *bytes, uint64_t *ticks)
{
    for (; from < to; from++) {
        *bytes += head_of(x, from) & 0x7fffffff;
        *ticks += duration_of(x, from);
    }
}

static sidx_marks *build_marks(const reel_track *t, const segment_index *x)
{
    sidx_marks *m = reel__alloc(&t->movie->alloc, sizeof *m + (x->count / STEP + 1) * sizeof *m->at);
    uint64_t bytes = 0, ticks = 0;
    if (!m)
        return NULL;
    m->offset = x->offset;
    for (uint32_t i = 0;; i += STEP) {
        m->at[i / STEP].bytes = bytes;
        m->at[i / STEP].ticks = ticks;
        if (x->count - i < STEP)
            return m;
        add_up(x, i, i + STEP, &bytes, &ticks);
    }
}

/* NULL: add up from the start; also when there is no memory for better. */
static const sidx_marks *marks_of(const reel_track *t, const segment_index *x)
{
    const sidx_marks *there = reel__once_get(&t->sidx_marks);
    if (!there && x->count > 2 * STEP)
        there = reel__once_publish(&t->sidx_marks, build_marks(t, x), &t->movie->alloc);
    return there && there->offset == x->offset ? there : NULL;
}

static void before(const segment_index *x, const sidx_marks *m, uint32_t i, uint64_t *bytes, uint64_t *ticks)
{
    *bytes = m ? m->at[i / STEP].bytes : 0;
    *ticks = m ? m->at[i / STEP].ticks : 0;
    add_up(x, m ? i - i % STEP : 0, i, bytes, ticks);
}

/* The first reference that ends behind that many ticks, or the last. */
static uint32_t reference_at(const segment_index *x, const sidx_marks *m, uint64_t ticks)
{
    uint32_t low = 0, high = m ? x->count / STEP : 0;
    while (low < high) {
        uint32_t mid = low + (high - low + 1) / 2;
        if (m->at[mid].ticks <= ticks)
            low = mid;
        else
            high = mid - 1;
    }
    uint32_t i = REEL__MIN(low * STEP, x->count - 1);
    uint64_t bytes, end;
    before(x, m, i, &bytes, &end);
    while ((end += duration_of(x, i)) <= ticks && i + 1 < x->count)
        i++;
    return i;
}

/* The reference that holds a time, or the last, or one so many before it: where its bytes begin; is it another index? */
typedef struct place {
    uint64_t at, total; /* total: where the bytes of all of them end */
    uint64_t end_time;
    bool nested;
} place;

static bool find_reference(const reel_track *t, const segment_index *x, uint64_t time, uint32_t back, place *out)
{
    const sidx_marks *m = marks_of(t, x);
    uint64_t bytes, ticks;
    if (x->count == 0)
        return false;
    before(x, m, x->count, &bytes, &ticks);
    if (!reel__add(x->anchor, bytes, &out->total))
        return false;
    if (!reel__add(x->start, ticks, &out->end_time))
        out->end_time = UINT64_MAX;
    uint32_t i = reference_at(x, m, time > x->start ? time - x->start : 0);
    out->nested = head_of(x, i) >> 31;
    before(x, m, out->nested ? i : i - REEL__MIN(i, back), &bytes, &ticks);
    out->at = x->anchor + bytes;
    return true;
}

/* Down the tree. Every level lies behind the one above, so that there is no way back; but it may be a long way. */
static int descend(const reel_track *t, segment_index *x, int64_t pts, uint32_t back, uint64_t *at, reel_error *err)
{
    const reel_movie *m = t->movie;
    for (int level = 0; level < LEVELS; level++) {
        place p;
        uint64_t next;
        reel__part box;
        int64_t time = reel_rescale(pts, t->timescale, x->timescale);
        if (!find_reference(t, x, time < 0 ? 0 : (uint64_t)time, back, &p))
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
        code = descend(t, &x, pts, back, at, err);
        int64_t time = reel_rescale(pts, t->timescale, top.timescale);
        if (reel__passing(code))
            return code;
        if (code != REEL_OK || !find_reference(t, &top, time < 0 ? 0 : (uint64_t)time, 0, &p))
            return REEL_E_NOT_FOUND;
        /* Behind what this one covers the next segment may bring its own. */
        if (time < 0 || (uint64_t)time < p.end_time || p.total <= from)
            return REEL_OK;
        from = p.total;
    }
    return REEL_E_NOT_FOUND;
}
