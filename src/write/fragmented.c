/* SPDX-License-Identifier: BSD-2-Clause */
/* A film in fragments, as one file: init segment, index, segments; and the index of that, and of a track's file. */
#include <reel/stream.h>

#include "base/checked.h"
#include "movie/movie.h"
#include "movie/time_.h"
#include "write/index.h"
#include "write/plan.h"

#define STARTS_WITH_SAP UINT32_C(0x90000000) /* of type 1 */

int reel__index_begin(reel_plan *plan, const reel_allocator *alloc, const reel_track *track, size_t n,
                      int64_t first_time, uint8_t **references, reel_error *err)
{
    reel__out o;
    reel__out_init(&o, alloc, 40 + REEL__REFERENCE * n);
    reel__out_full(&o, REEL_4CC('s', 'i', 'd', 'x'), 1, 0);
    reel__out_32(&o, reel_track_id(track));
    reel__out_32(&o, reel_track_timescale(track));
    reel__out_64(&o, (uint64_t)REEL__MAX(first_time, 0));
    reel__out_64(&o, 0);
    reel__out_16(&o, 0);
    reel__out_16(&o, (uint16_t)n);
    reel__out_zeros(&o, REEL__REFERENCE * n);
    reel__out_end(&o);
    if (o.code == REEL_OK)
        *references = o.data + o.size - REEL__REFERENCE * n;
    return reel__plan_add_out(plan, &o, err);
}

static uint8_t *put_32(uint8_t *p, uint32_t v)
{
    for (int i = 24; i >= 0; i -= 8)
        *p++ = (uint8_t)(v >> i);
    return p;
}

/*
 * 8.16.3.3. What is before 0 the edit list takes off, and is no part of the presentation. The first sample of each is a
 * sync sample (CMAF), and nothing behind it needs what is before it.
 */
int reel__index_reference(uint8_t *p, int64_t from, int64_t end, uint64_t size, reel_error *err)
{
    uint64_t duration = 0;
    from = REEL__MAX(from, 0);
    if (end > from)
        duration = (uint64_t)end - (uint64_t)from;
    if (size > INT32_MAX || duration > UINT32_MAX)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL,
                          "a segment of %llu bytes that lasts %llu ticks: too much for the index of one file",
                          (unsigned long long)size, (unsigned long long)duration);
    p = put_32(p, (uint32_t)size);
    p = put_32(p, (uint32_t)duration);
    put_32(p, STARTS_WITH_SAP);
    return REEL_OK;
}

/* ---- the whole film ---- */

typedef struct work {
    const reel_segmenter *s;
    const reel_track *const *tracks;
    size_t n;
    reel_allocator alloc;
    reel_plan *body;
    reel_segment first; /* the first that has anything */
    uint8_t *reference;
    size_t count, room;
    bool too_large; /* for an index */
    reel_error *err;
} work;

static int make_room(work *w)
{
    if (w->count < w->room)
        return REEL_OK;
    size_t room = w->room * 2 + 64;
    uint8_t *more = reel__realloc_array(&w->alloc, w->reference, room, REEL__REFERENCE);
    if (!more)
        return reel__fail(w->err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    w->reference = more;
    w->room = room;
    return REEL_OK;
}

static int note(work *w, const reel_segment *segment, uint64_t size)
{
    if (w->count == 0)
        w->first = *segment;
    w->too_large |= w->count == REEL__REFERENCES;
    if (w->too_large || make_room(w) != REEL_OK)
        return w->too_large ? REEL_OK : REEL_E_NOMEM;
    w->too_large = reel__index_reference(w->reference + REEL__REFERENCE * w->count++, segment->time,
                                         reel__time_plus(segment->time, (uint64_t)REEL__MAX(segment->duration, 0)), size,
                                         NULL) != REEL_OK;
    return REEL_OK;
}

static int put_segment(work *w, const reel_segment *segment)
{
    reel_plan *part = NULL;
    int code = reel_stream_segment(w->s, segment, w->tracks, w->n, &w->alloc, &part, w->err);
    if (code == REEL_OK)
        code = note(w, segment, reel_plan_size(part));
    if (code == REEL_OK)
        code = reel_plan_add_plan(w->body, part, w->err);
    reel_plan_close(&part);
    return code == REEL_END ? REEL_OK : code; /* there is nothing in it */
}

static int put_segments(work *w)
{
    reel_segment segment;
    int code = reel_segmenter_at(w->s, INT64_MIN, &segment, w->err);
    while (code == REEL_OK) {
        code = put_segment(w, &segment);
        if (code == REEL_OK)
            code = reel_segmenter_next(w->s, &segment, &segment, w->err);
    }
    return code == REEL_END ? REEL_OK : code;
}

/* An index speaks of one track; of a choice that leaves it out there is none. */
static bool is_indexed(const work *w)
{
    bool chosen = false;
    for (size_t i = 0; i < w->n; i++)
        chosen |= w->tracks[i] == w->s->reference;
    return chosen && w->count && !w->too_large;
}

static int put_together(const work *w, reel_plan *out)
{
    uint8_t *references = NULL;
    int code = REEL_OK;
    if (is_indexed(w))
        code = reel__index_begin(out, &w->alloc, w->s->reference, w->count, w->first.time, &references, w->err);
    if (references)
        memcpy(references, w->reference, REEL__REFERENCE * w->count);
    return code == REEL_OK ? reel_plan_add_plan(out, w->body, w->err) : code;
}

int reel_stream_fragmented(const reel_segmenter *s, const reel_track *const *tracks, size_t n,
                           const reel_allocator *alloc, reel_plan **out, reel_error *err)
{
    if (!s || !s->reference || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no segmenter, or no place for the plan");
    work w = {.s = s, .tracks = tracks, .n = n, .alloc = alloc ? *alloc : reel__malloc, .err = err};
    reel_plan *plan = NULL;
    int code = reel_stream_init(tracks, n, &w.alloc, &plan, err);
    if (code == REEL_OK)
        code = reel_plan_new(&w.alloc, &w.body, err);
    if (code == REEL_OK)
        code = put_segments(&w);
    if (code == REEL_OK)
        code = put_together(&w, plan);
    reel_plan_close(&w.body);
    reel__free(&w.alloc, w.reference);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}
