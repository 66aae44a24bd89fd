/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One pass over the samples of each track. Where one entry of each table stands for many samples (sound in single PCM
 * frames, or a count that somebody made up), they are counted in one step: the work is bounded by the bytes of the
 * tables, not by what they say. Of the media the first bytes of a few sync samples are read.
 */
#include <reel/bitstream.h>
#include <reel/packet.h>

#include "base/checked.h"
#include "doctor/exam.h"
#include "movie/marks.h"
#include "movie/runs.h"

enum {
    BATCH = 64,
    STRETCH = 32,      /* so many samples that are alike are worth a step of their own */
    LOOKS = 64,        /* sync samples of a track whose first bytes are read */
};

typedef struct pass {
    reel__figures *f;
    const reel_allocator *alloc;
    uint64_t file_size;
    int64_t zero;   /* decode time at which second 0 of place[] begins */
    int64_t second; /* where the second that the last sample lies in begins, from zero */
    uint64_t in_second;
    double gop;     /* ticks since the last sync sample */
    uint32_t delta, known;
} pass;

static void end_gop(pass *p)
{
    if (p->f->syncs)
        p->f->longest_gop = REEL__MAX(p->f->longest_gop, p->gop);
    p->gop = 0;
}

static void count_gop(pass *p, const reel_sample *s, uint64_t n)
{
    reel__figures *f = p->f;
    if (!(s->flags & REEL_SAMPLE_SYNC)) {
        p->gop += (double)n * s->duration;
        return;
    }
    end_gop(p);
    if (f->first_sync == REEL_NO_INDEX)
        f->first_sync = s->index;
    f->syncs += n;
    f->partial += s->flags & REEL_SAMPLE_PARTIAL ? n : 0;
    p->gop = s->duration;
    if (n > 1)
        f->longest_gop = REEL__MAX(f->longest_gop, p->gop);
}

/* Room for one more second. */
static int make_room(const pass *p, uint32_t second)
{
    reel__figures *f = p->f;
    if (second < f->room)
        return REEL_OK;
    uint32_t room = REEL__MIN(REEL__MAX(second + 1, f->room * 2 + 64), (uint32_t)REEL__SECONDS);
    uint64_t *more = reel__realloc_array(p->alloc, f->place, room, sizeof *more);
    if (!more)
        return REEL_E_NOMEM;
    memset(more + f->room, 0, (room - f->room) * sizeof *more);
    f->place = more;
    f->room = room;
    return REEL_OK;
}

/* n samples alike, from..to behind second 0: the first of each second. Seconds that were met before are passed over. */
static int place(const pass *p, const reel_sample *s, uint64_t n, int64_t from, int64_t to)
{
    reel__figures *f = p->f;
    int64_t timescale = f->info.timescale, first = REEL__MAX(from, 0) / timescale;
    int64_t last = REEL__MIN(to / timescale, (int64_t)REEL__SECONDS - 1);
    if (n > 1)
        first = REEL__MAX(first, (int64_t)f->seconds);
    if (first > last)
        return REEL_OK;
    if (make_room(p, (uint32_t)last) != REEL_OK)
        return REEL_E_NOMEM;
    for (int64_t i = first; i <= last; i++) {
        uint64_t before = i * timescale > from ? reel__distance(i * timescale, from) : 0;
        uint64_t skipped = before && s->duration ? (before - 1) / s->duration + 1 : 0;
        if (!f->place[i] && skipped * s->duration - before < (uint64_t)timescale)
            f->place[i] = s->offset + skipped * s->size;
    }
    f->seconds = REEL__MAX(f->seconds, (uint32_t)last + 1);
    return REEL_OK;
}

static int count_second(pass *p, const reel_sample *s, uint64_t n)
{
    int64_t from, timescale = p->f->info.timescale;
    if (!reel__sub(s->dts, p->zero, &from))
        return REEL_OK;
    if (n == 1 && from >= p->second && from - p->second < timescale) {
        p->in_second += s->size;
        return REEL_OK;
    }
    int64_t to = reel__dts_after(from, n - 1, s->duration);
    if (to < 0)
        return REEL_OK;
    p->f->peak_second = REEL__MAX(p->f->peak_second, p->in_second);
    p->in_second = n == 1 ? s->size : 0; /* among samples that are alike there is no peak */
    p->second = to - to % timescale;
    return place(p, s, n, from, to);
}

/* Of n samples alike, one behind the other, those that go past the end of the file. */
static uint64_t past_end(const reel_sample *s, uint64_t n, uint64_t file_size)
{
    if (s->offset > file_size)
        return n;
    uint64_t left = file_size - s->offset;
    return n * s->size <= left ? 0 : n - left / s->size;
}

/* A delta that is not the track's last: a sample came behind it. */
static void meet_delta(pass *p, uint32_t delta)
{
    reel__figures *f = p->f;
    f->changes += f->least_delta <= f->greatest_delta && delta != p->known;
    f->least_delta = REEL__MIN(f->least_delta, delta);
    f->greatest_delta = REEL__MAX(f->greatest_delta, delta);
    p->known = delta;
}

static void count_times(pass *p, const reel_sample *s, uint64_t n)
{
    reel__figures *f = p->f;
    if (f->samples) {
        uint64_t gap = reel__distance(s->dts, f->end_dts);
        meet_delta(p, p->delta);
        if (gap > f->info.timescale / 10) {
            f->gaps++;
            f->widest_gap = REEL__MAX(f->widest_gap, gap);
        }
    }
    p->delta = s->duration;
    f->end_dts = reel__dts_after(s->dts, n, s->duration);
}

/* s, and n - 1 more that are alike in all but time and place. */
static int count(pass *p, const reel_sample *s, uint64_t n)
{
    reel__figures *f = p->f;
    count_times(p, s, n);
    count_gop(p, s, n);
    f->samples += n;
    f->bytes += n * s->size;
    f->zero_sized += s->size == 0 ? n : 0;
    f->negative += s->pts < s->dts ? n : 0;
    f->past_end += past_end(s, n, p->file_size);
    return count_second(p, s, n);
}

static int stretch(pass *p, reel_cursor *c, uint64_t n, reel_error *err)
{
    reel_sample s;
    int code = reel_cursor_next(c, &s, err);
    if (code != REEL_OK)
        return code;
    reel__cursor_skip(c, &s, n - 2);
    return count(p, &s, n - 1);
}

static int batch(pass *p, reel_cursor *c, reel_error *err)
{
    reel_sample s[BATCH];
    size_t got;
    int code = reel_cursor_batch(c, s, BATCH, &got, err);
    for (size_t i = 0; i < got && code == REEL_OK; i++)
        code = count(p, &s[i], 1);
    return code;
}

static int survey_track(const reel__exam *x, reel__figures *f, reel_error *err)
{
    reel_cursor c;
    pass p = {.f = f, .alloc = &x->movie->alloc, .file_size = x->size, .second = INT64_MAX};
    f->first_sync = REEL_NO_INDEX;
    f->least_delta = UINT32_MAX;
    if (!reel__mul(x->origin, (int64_t)f->info.timescale, &p.zero) || !reel__sub(p.zero, f->shift, &p.zero))
        p.zero = 0;
    int code = reel_cursor_init(&c, f->track);
    while (code == REEL_OK) {
        uint64_t n = reel__cursor_alike(&c);
        code = n > STRETCH ? stretch(&p, &c, n, err) : batch(&p, &c, err);
    }
    end_gop(&p);
    f->peak_second = REEL__MAX(f->peak_second, p.in_second);
    if (code == REEL_E_NOMEM)
        reel__fail(err, code, REEL_NO_OFFSET, NULL, "out of memory");
    return code == REEL_END ? REEL_OK : code;
}

/* What needs no walk. The totals are built first: what they find wrong is a finding too. */
static int meet_track(reel__figures *f, reel_error *err)
{
    reel_cursor c;
    reel_sample first = {0};
    reel_track_get_info(f->track, &f->info);
    f->described = reel_track_description(f->track, 1, &f->description, NULL) == REEL_OK;
    f->shift = reel_track_stream_shift(f->track);
    int code = reel_track_prepare(f->track, true, err);
    if (code == REEL_OK)
        code = reel_track_presentation_duration(f->track, &f->shown, err);
    if (code == REEL_OK)
        code = reel_cursor_init(&c, f->track);
    if (code == REEL_OK)
        code = reel_cursor_next(&c, &first, err);
    f->first_dts = first.dts;
    f->first_pts = first.pts;
    return code;
}

/* What a sync sample says of itself. One that cannot be had says nothing. */
static int look_into(reel__figures *f, uint64_t index, reel_error *err)
{
    reel_sample s;
    reel_description d;
    reel_packet p;
    int code = reel_track_sample(f->track, index, &s, err);
    if (code == REEL_OK)
        code = reel_track_description(f->track, s.description, &d, err);
    s.size = REEL__MIN(s.size, (uint32_t)REEL_ENTRY_HEAD);
    if (code == REEL_OK)
        code = reel_packet_get(f->track, &s, &p, err);
    if (code != REEL_OK)
        return reel__passing(code) ? code : REEL_OK;
    uint32_t entry = reel_sample_entry(&d, (reel_span){p.data, s.size});
    reel_packet_unref(&p);
    f->looked++;
    if (entry == REEL_ENTRY_NO && !f->is_false++)
        f->first_false = index;
    return REEL_OK;
}

/* Some sync samples, all over the track. */
static int look_at_syncs(const reel__exam *x, reel__figures *f, reel_error *err)
{
    int code = REEL_OK;
    uint64_t at = 0;
    if (f->info.type != REEL_TRACK_VIDEO || !f->described || !f->syncs || f->samples > x->size)
        return REEL_OK;
    for (uint64_t i = 0, before = REEL_NO_INDEX; i < LOOKS && code == REEL_OK; i++, before = at) {
        uint64_t from = f->samples / LOOKS * i + f->samples % LOOKS * i / LOOKS;
        code = reel_track_find_sync(f->track, from, REEL_SEEK_NEXT, &at, err);
        if (code == REEL_OK && at != before)
            code = look_into(f, at, err);
    }
    return code == REEL_END ? REEL_OK : code;
}

static int meet_all(reel__exam *x, reel_error *err)
{
    int64_t origin = INT64_MAX;
    for (size_t i = 0; i < x->count; i++) {
        reel__figures *f = &x->tracks[i];
        f->track = reel_movie_track(x->movie, i);
        int64_t begin;
        int code = meet_track(f, err);
        if (code < 0)
            return code;
        if (code == REEL_OK && reel__add(f->first_dts, f->shift, &begin))
            origin = REEL__MIN(origin, REEL__MAX(begin, 0) / (int64_t)f->info.timescale);
    }
    x->origin = origin == INT64_MAX ? 0 : origin;
    return REEL_OK;
}

/* Whether there is an mfra is known only when its bytes are here. */
static int look_for_mfra(const reel__exam *x, reel_error *err)
{
    uint64_t moof;
    if (!x->count || !x->tracks[0].track->runs)
        return REEL_OK;
    int code = reel__mfra_find(x->tracks[0].track, 0, 0, &moof, err);
    return reel__passing(code) ? code : REEL_OK;
}

int reel__survey(reel__exam *x, reel_error *err)
{
    int code = meet_all(x, err);
    if (code == REEL_OK)
        code = look_for_mfra(x, err);
    for (size_t i = 0; i < x->count && code == REEL_OK; i++) {
        code = survey_track(x, &x->tracks[i], err);
        if (code == REEL_OK)
            code = look_at_syncs(x, &x->tracks[i], err);
    }
    return code;
}
