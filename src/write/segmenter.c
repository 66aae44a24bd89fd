/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where segments begin, as a function of the film and the segment length alone.
 *
 *     multiples     0         T         2T        3T        4T
 *     sync samples  x     x     x           x               x     x
 *     segments      |-----------|-----------|---------------|------
 *     number        0           1           2               4
 *
 * B(n), the boundary of number n, is the first sync sample that is shown at nT or later. A segment that begins at a sync
 * sample of time t has the number n = t / T and ends at B(n + 1); so each of its times leads back to it: the sync sample
 * before that time has the same number. Nothing is counted from the start, and long groups of pictures leave numbers out.
 */
#include "base/checked.h"
#include "movie/time_.h"
#include "write/stream.h"

enum { MOST_STEPS = 64 /* back over sync samples */ };

static int64_t shifted(int64_t t, int64_t shift)
{
    int64_t sum;
    return reel__add(t, shift, &sum) ? sum : shift < 0 ? INT64_MIN : INT64_MAX;
}

static int64_t unshifted(int64_t t, int64_t shift)
{
    int64_t difference;
    return reel__sub(t, shift, &difference) ? difference : shift < 0 ? INT64_MAX : INT64_MIN;
}

/* When sample i is shown. */
static int time_of(const reel_track *t, uint64_t i, int64_t shift, int64_t *time, reel_error *err)
{
    reel_sample s;
    int code = reel_track_sample(t, i, &s, err);
    if (code == REEL_OK)
        *time = shifted(s.pts, shift);
    return code;
}

/* When what is shown last ends. */
static int end_of(const reel_track *t, const reel__stretch *stretch, int64_t shift, int64_t *time, reel_error *err)
{
    int code = reel__media_end(t, time, err);
    *time = code == REEL_OK ? REEL__MIN(shifted(*time, shift), stretch->stop) : 0;
    return code;
}

/* The last sync sample that is shown at or before time; REEL_END: there is none. */
static int sync_before(const reel_track *t, int64_t time, int64_t shift, uint64_t *sync, reel_error *err)
{
    uint64_t at;
    int64_t shown;
    int code = reel_track_find_pts(t, unshifted(time, shift), &at, err);
    /* What is decoded behind a sync sample may be shown before it: then it is not that one. */
    for (int n = 0; code == REEL_OK && n < MOST_STEPS; n++) {
        code = reel_track_find_sync(t, at, REEL_SEEK_PREVIOUS, sync, err);
        if (code == REEL_OK)
            code = time_of(t, *sync, shift, &shown, err);
        if (code == REEL_OK && shown <= time)
            return REEL_OK;
        if (code == REEL_OK && *sync == 0)
            return REEL_END;
        at = *sync - 1;
    }
    return code == REEL_OK ? REEL_END : code;
}

/* The first sync sample from sample `from` on; count when there is none. */
static int next_sync(const reel_track *t, uint64_t from, uint64_t count, uint64_t *sync, reel_error *err)
{
    int code = from < count ? reel_track_find_sync(t, from, REEL_SEEK_NEXT, sync, err) : REEL_END;
    if (code == REEL_END || (code == REEL_OK && *sync > count))
        *sync = count;
    return code == REEL_END ? REEL_OK : code;
}

/* The first sync sample that is shown at time or later; count when there is none. */
static int sync_from(const reel_track *t, int64_t time, int64_t shift, uint64_t count, uint64_t *sync, reel_error *err)
{
    uint64_t before = 0;
    int64_t shown;
    int code = time == INT64_MIN ? REEL_END : sync_before(t, time, shift, &before, err);
    if (code == REEL_OK)
        code = time_of(t, before, shift, &shown, err);
    if (code == REEL_OK && (shown == time || before >= count)) {
        *sync = REEL__MIN(before, count);
        return REEL_OK;
    }
    return code < 0 ? code : next_sync(t, code == REEL_END ? 0 : before + 1, count, sync, err);
}

static int64_t number_of(const reel_segmenter *s, int64_t time) { return time < 0 ? 0 : time / s->target; }

static int boundary(const reel_segmenter *s, int64_t number, uint64_t *sync, reel_error *err)
{
    int64_t time;
    if (!reel__mul(number, s->target, &time)) {
        *sync = s->samples;
        return REEL_OK;
    }
    return sync_from(s->reference, time, s->shift, s->samples, sync, err);
}

/* ---- what of the media an edit list that takes one piece of it leaves ---- */

/* The one edit, played as it is, of a list that has no other but empty ones. */
static bool one_piece(const reel_track *t, reel_edit *piece)
{
    enum { MOST_EDITS = 8 };
    reel_edit e;
    size_t n = reel_track_edit_count(t), pieces = 0;
    for (size_t i = 0; i < n && n <= MOST_EDITS && reel_track_edit(t, i, &e) == REEL_OK; i++) {
        if (e.kind == REEL_EDIT_EMPTY || e.start >= e.end)
            continue;
        if (e.kind != REEL_EDIT_MEDIA || e.media_rate != 0x10000)
            return false;
        *piece = e;
        pieces++;
    }
    return pieces == 1;
}

/* Pictures from the key picture before it; of sound a second, for what decoders want to have heard. */
static int find_first(const reel_track *t, int64_t media_time, uint64_t *first, reel_error *err)
{
    int code = t->type == REEL_TRACK_VIDEO ? sync_before(t, media_time, 0, first, err)
                                           : reel_track_find_dts(t, unshifted(media_time, t->timescale), first, err);
    if (code != REEL_OK)
        *first = 0;
    return code == REEL_END ? REEL_OK : code;
}

/* Behind the last in decoding order that is shown before time. */
static int find_end(const reel_track *t, int64_t time, uint64_t count, uint64_t *end, reel_error *err)
{
    enum { REORDERED = 32 };
    reel_sample s;
    uint64_t at;
    int code = reel_track_find_pts(t, time - 1, &at, err);
    *end = code == REEL_OK ? at + 1 : count;
    for (uint64_t i = at + 1; code == REEL_OK && i < count && i - at < REORDERED; i++) {
        code = reel_track_sample(t, i, &s, err);
        if (code == REEL_OK && s.pts < time)
            *end = i + 1;
    }
    return code == REEL_END ? REEL_OK : code;
}

static int find_stretch(const reel_track *t, uint64_t count, reel__stretch *out, reel_error *err)
{
    reel_edit e = {.media_time = 0};
    reel__stretch s = {0, count, INT64_MAX};
    uint64_t end = count;
    int64_t stop;
    *out = s;
    if (!one_piece(t, &e))
        return REEL_OK;
    int code = find_first(t, e.media_time, &s.first, err);
    if (code == REEL_OK && e.end != REEL_TIME_FOREVER && reel__add(e.media_time, e.end - e.start, &stop))
        code = find_end(t, stop, count, &end, err);
    if (end < count) {
        s.end = end;
        s.stop = e.end;
    }
    if (code == REEL_OK && s.first < s.end)
        *out = s;
    return code;
}

int reel__stretch_of(const reel_track *t, reel__stretch *out, reel_error *err)
{
    uint64_t count = 0;
    /* What is still recorded may have any length in its edit list. */
    const bool whole = t->runs || t->type == REEL_TRACK_TEXT;
    reel__stretch *kept = whole ? NULL : reel__once_get(&t->stretch);
    if (kept) {
        *out = *kept;
        return REEL_OK;
    }
    int code = reel_track_sample_count(t, &count, err);
    *out = (reel__stretch){0, count, INT64_MAX};
    if (code == REEL_OK && !whole)
        code = find_stretch(t, count, out, err);
    if (code != REEL_OK || whole || !(kept = reel__alloc(&t->movie->alloc, sizeof *kept)))
        return code;
    *kept = *out;
    (void)reel__once_publish(&t->stretch, kept, &t->movie->alloc);
    return REEL_OK;
}

bool reel_track_streams(const reel_track *track)
{
    uint64_t count;
    return track && reel__streams_as(track) != REEL__STREAMS_NOT &&
           reel_track_sample_count(track, &count, NULL) == REEL_OK && count > 0;
}

static const reel_track *choose_reference(const reel_movie *m)
{
    static const uint32_t types[] = {REEL_TRACK_VIDEO, REEL_TRACK_AUDIO, REEL_TRACK_TEXT};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        const reel_track *t = reel_movie_default_track(m, types[k]);
        if (t && reel_track_streams(t))
            return t;
        for (size_t i = 0; i < reel_movie_track_count(m); i++) {
            t = reel_movie_track(m, i);
            if (t->type == types[k] && reel_track_streams(t))
                return t;
        }
    }
    return NULL;
}

int reel_segmenter_init(reel_segmenter *s, const reel_movie *movie, uint32_t milliseconds, reel_error *err)
{
    if (!s || !movie || milliseconds < 1 || milliseconds > 3600000)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie, or no segment length");
    const reel_track *t = choose_reference(movie);
    if (!t)
        return reel__fail(err, REEL_E_NOT_FOUND, REEL_NO_OFFSET, NULL, "the film has no track that can be streamed");
    int64_t target = reel_rescale(milliseconds, 1000, t->timescale);
    *s = (reel_segmenter){.movie = movie, .reference = t, .timescale = t->timescale};
    s->target = REEL__MAX(target, 1);
    s->shift = reel_track_stream_shift(t);
    reel__stretch stretch;
    int code = reel__stretch_of(t, &stretch, err);
    s->first = stretch.first;
    s->samples = stretch.end;
    s->stop = stretch.stop;
    return code;
}

/* Everything of the segment that begins at sample first. */
static int fill(const reel_segmenter *s, uint64_t first, reel_segment *out, reel_error *err)
{
    reel_segment x = {.first = first, .stop = INT64_MAX};
    int64_t end;
    int code = time_of(s->reference, first, s->shift, &x.time, err);
    if (code == REEL_OK)
        code = boundary(s, number_of(s, x.time) + 1, &x.end, err);
    if (code == REEL_OK && x.end <= first) /* times that go back and forth: on to the next sync sample */
        code = next_sync(s->reference, first + 1, s->samples, &x.end, err);
    if (code == REEL_OK)
        code = x.end < s->samples ? time_of(s->reference, x.end, s->shift, &end, err)
                                  : end_of(s->reference, &(reel__stretch){.stop = s->stop}, s->shift, &end, err);
    if (code != REEL_OK)
        return code;
    x.number = (uint64_t)number_of(s, x.time);
    x.start = first > s->first ? x.time : INT64_MIN;
    x.stop = x.end < s->samples ? end : INT64_MAX;
    x.duration = end > x.time ? end - x.time : 0;
    *out = x;
    return REEL_OK;
}

int reel_segmenter_at(const reel_segmenter *s, int64_t time, reel_segment *out, reel_error *err)
{
    uint64_t sync, first;
    int64_t shown, first_shown;
    if (!s || !s->reference || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no segmenter, or no place for the segment");
    if (s->samples == 0)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "there are no segments");
    int code = sync_before(s->reference, REEL__MIN(time, s->stop - 1), s->shift, &sync, err);
    if (code == REEL_END || (code == REEL_OK && sync < s->first))
        return fill(s, s->first, out, err);
    if (code == REEL_OK)
        code = time_of(s->reference, sync, s->shift, &shown, err);
    if (code == REEL_OK)
        code = time_of(s->reference, s->first, s->shift, &first_shown, err);
    if (code == REEL_OK)
        code = boundary(s, number_of(s, shown), &first, err);
    if (code != REEL_OK)
        return code;
    bool in_first = number_of(s, shown) == number_of(s, first_shown);
    return fill(s, in_first ? s->first : REEL__MIN(first, sync), out, err);
}

int reel_segmenter_next(const reel_segmenter *s, const reel_segment *segment, reel_segment *out, reel_error *err)
{
    if (!s || !s->reference || !segment || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no segmenter, or no segment");
    return segment->end < s->samples ? fill(s, segment->end, out, err) : REEL_END;
}

/* ---- other tracks ---- */

/* The first tick of timescale to that is not before t. */
static int64_t not_before(int64_t t, uint32_t from, uint32_t to)
{
    if (t == INT64_MIN || t == INT64_MAX)
        return t;
    int64_t c = reel_rescale(t, from, to);
    if (c < INT64_MAX && reel_time_compare(c, to, t, from) < 0)
        c++;
    return c;
}

/* By decode time. */
static int sample_not_before(const reel_track *t, int64_t time, uint64_t *first, reel_error *err)
{
    reel_sample s;
    int64_t before = time == INT64_MIN ? time : time - 1;
    int code = reel_track_find_dts(t, before, first, err);
    if (code == REEL_OK)
        code = reel_track_sample(t, *first, &s, err);
    if (code == REEL_OK && s.dts <= before)
        ++*first;
    return code;
}

/*
 * The first sample of a track that is in what begins at time (its ticks). By decode time, where that is not video: it grows
 * with the samples whatever somebody wrote, so that no sample is left out or sent twice.
 */
static int sample_from(const reel_track *t, const reel__stretch *stretch, int64_t time, int64_t shift, uint64_t *first,
                       reel_error *err)
{
    *first = time == INT64_MIN ? stretch->first : stretch->end;
    if (time == INT64_MIN || time == INT64_MAX)
        return REEL_OK;
    int code = t->type == REEL_TRACK_VIDEO ? sync_from(t, time, shift, stretch->end, first, err)
                                           : sample_not_before(t, unshifted(time, shift), first, err);
    *first = REEL__MAX(REEL__MIN(*first, stretch->end), stretch->first);
    return code;
}

int reel_segment_portion(const reel_segmenter *s, const reel_segment *segment, const reel_track *track,
                         reel_portion *out, reel_error *err)
{
    reel__stretch stretch;
    int64_t end;
    if (!s || !s->reference || !segment || !track || !out || track->movie != s->movie)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no segment, or a track of another film");
    if (track == s->reference) {
        *out = (reel_portion){segment->first, segment->end, segment->time, segment->duration};
        return REEL_OK;
    }
    const int64_t shift = reel_track_stream_shift(track);
    int64_t start = not_before(segment->start, s->timescale, track->timescale);
    int64_t stop = not_before(segment->stop, s->timescale, track->timescale);
    int code = reel__stretch_of(track, &stretch, err);
    if (code == REEL_OK)
        code = sample_from(track, &stretch, start, shift, &out->first, err);
    if (code == REEL_OK)
        code = sample_from(track, &stretch, stop, shift, &out->end, err);
    if (code != REEL_OK || out->first >= out->end)
        return code == REEL_OK ? REEL_END : code;
    code = time_of(track, out->first, shift, &out->time, err);
    if (code == REEL_OK)
        code = out->end < stretch.end ? time_of(track, out->end, shift, &end, err) : end_of(track, &stretch, shift, &end, err);
    if (code == REEL_OK)
        out->duration = end > out->time ? end - out->time : 0;
    return code;
}

/* Is it the segment at `at`, in the reference's time? REEL_END: it is not. */
static int named(const reel_segmenter *s, const reel_track *track, int64_t at, int64_t time, reel_segment *out,
                 reel_error *err)
{
    reel_portion p = {0};
    int code = reel_segmenter_at(s, at, out, err);
    if (code == REEL_OK)
        code = reel_segment_portion(s, out, track, &p, err);
    return code != REEL_OK || p.time == time || (time == 0 && p.time < 0) ? code : REEL_END;
}

int reel_segment_named(const reel_segmenter *s, const reel_track *track, int64_t time, reel_segment *out, reel_error *err)
{
    if (!s || !s->reference || !track || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no segmenter, or no track");
    int64_t at = not_before(time, track->timescale, s->timescale);
    if (at > INT64_MIN && reel_time_compare(at, s->timescale, time, track->timescale) > 0)
        at--;
    int code = named(s, track, at, time, out, err);
    if (code == REEL_END) /* video that begins late, and not with a sync sample, is in the first all the same */
        code = named(s, track, INT64_MIN, time, out, err);
    if (code == REEL_END)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "no segment of track %u begins at %lld", track->id,
                          (long long)time);
    return code;
}
