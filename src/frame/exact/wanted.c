/* SPDX-License-Identifier: BSD-2-Clause */
/* From wants to samples: the time rule, and the order in which pictures are shown. */
#include <stdlib.h>

#include <reel/cursor.h>
#include <reel/frames.h>
#include <reel/time.h>

#include "frame/base/fail.h"

/*
 * No codec shows a picture further from its place in decode order than this (HEVC and VVC: 16). So the picture that is
 * shown i-th lies among the samples around i, and sorting twice as many to both sides finds it.
 */
enum { REORDER = 64, WINDOW = 2 * REORDER };

/* ---- times ---- */

/* The tick in which a time falls: rounded down, since a picture is shown until the next one's tick. */
static int64_t tick_of(int64_t value, uint32_t from, uint32_t to)
{
    int64_t t = reel_rescale(value, from, to);
    return reel_time_compare(t, to, value, from) > 0 ? t - 1 : t;
}

/* The media time that is shown at t, or next where nothing is. */
static int media_time(const reel_track *track, int64_t t, int64_t *media)
{
    reel_moment m;
    int code = reel_track_media_time(track, t, &m);
    for (size_t n = reel_track_edit_count(track); n && code == REEL_OK && m.kind == REEL_EDIT_EMPTY; n--) {
        if (m.left == REEL_TIME_FOREVER)
            return REEL_E_RANGE;
        t += m.left;
        code = reel_track_media_time(track, t, &m);
    }
    if (code == REEL_OK && m.kind == REEL_EDIT_EMPTY)
        return REEL_E_RANGE;
    *media = m.media_time;
    return code == REEL_END ? REEL_E_RANGE : code;
}

typedef struct finder {
    const reel_track *track;
    uint64_t samples;
    int64_t length; /* of the presentation */
    reel_error *err;
} finder;

static int find_time(const finder *f, const reel_want *w, reel_sample *s)
{
    uint64_t index;
    if (w->value < 0 || f->samples == 0)
        return REEL_E_RANGE;
    int64_t media, t = tick_of(w->value, w->timescale, reel_track_timescale(f->track));
    if (t >= f->length)
        return REEL_E_RANGE;
    int code = media_time(f->track, t, &media);
    if (code == REEL_OK)
        code = reel_track_find_pts(f->track, media, &index, f->err);
    return code == REEL_OK ? reel_track_sample(f->track, index, s, f->err) : code;
}

/* ---- pictures ---- */

static int by_pts(const void *a, const void *b)
{
    const reel_sample *x = a, *y = b;
    if (x->pts != y->pts)
        return x->pts < y->pts ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int find_picture(const finder *f, uint64_t i, reel_sample *s)
{
    reel_sample near[2 * WINDOW + 1];
    reel_cursor c;
    uint64_t begin = i > WINDOW ? i - WINDOW : 0, end = f->samples - i > WINDOW ? i + WINDOW + 1 : f->samples;
    size_t got = 0, n = 0;
    int code = reel_cursor_init(&c, f->track);
    if (code == REEL_OK)
        code = reel_cursor_seek(&c, begin, f->err);
    for (; code == REEL_OK && n < end - begin; n += got)
        code = reel_cursor_batch(&c, near + n, (size_t)(end - begin) - n, &got, f->err);
    if (n < end - begin)
        return code == REEL_OK || code == REEL_END ? REEL_E_RANGE : code;
    qsort(near, n, sizeof *near, by_pts);
    *s = near[i - begin];
    return REEL_OK;
}

/* ---- all ---- */

static int find(const finder *f, const reel_want *w, reel_sample *s)
{
    if (w->kind == REEL_WANT_TIME)
        return find_time(f, w, s);
    if (w->value < 0 || (uint64_t)w->value >= f->samples)
        return REEL_E_RANGE;
    return w->kind == REEL_WANT_PICTURE ? find_picture(f, (uint64_t)w->value, s)
                                        : reel_track_sample(f->track, (uint64_t)w->value, s, f->err);
}

static int check(const reel_track *track, const reel_want *wants, size_t n, const void *out, reel_error *err)
{
    if (!track || (n && (!wants || !out)))
        return reel__frame_fail(err, REEL_E_ARG, "no track, no wants, or no room for what is found");
    for (size_t i = 0; i < n; i++)
        if (wants[i].kind > REEL_WANT_SAMPLE || (wants[i].kind == REEL_WANT_TIME && !wants[i].timescale))
            return reel__frame_fail(err, REEL_E_ARG, "want %zu is of no kind, or a time without a timescale", i);
    return REEL_OK;
}

static int begin(finder *f, const reel_track *track, reel_error *err)
{
    *f = (finder){.track = track, .err = err};
    int code = reel_track_sample_count(track, &f->samples, err);
    return code == REEL_OK ? reel_track_presentation_duration(track, &f->length, err) : code;
}

int reel_frames_find(const reel_track *track, const reel_want *wants, size_t n, reel_found *out, size_t *found,
                     reel_error *err)
{
    finder f;
    size_t good = 0;
    int code = check(track, wants, n, out, err);
    if (code == REEL_OK)
        code = begin(&f, track, err);
    for (size_t i = 0; i < n && code == REEL_OK; i++) {
        reel_sample s = {0};
        int one = find(&f, &wants[i], &s);
        out[i] = (reel_found){.code = one};
        if (one == REEL_OK)
            out[i] = (reel_found){REEL_OK, s.duration, s.index, s.pts};
        good += one == REEL_OK;
        code = one == REEL_E_RANGE ? REEL_OK : one;
    }
    if (code == REEL_OK && found)
        *found = good;
    return code;
}

/* ---- lists ---- */

static int length_of(const reel_track *track, const size_t *count, int64_t *length, reel_error *err)
{
    if (!track || !count)
        return reel__frame_fail(err, REEL_E_ARG, "no track, or nowhere to count");
    int code = reel_track_presentation_duration(track, length, err);
    if (code == REEL_OK && *length <= 0)
        return reel__frame_fail(err, REEL_E_RANGE, "the track shows nothing");
    return code;
}

static void put(reel_want *out, size_t max, size_t *n, int64_t value, uint32_t timescale, uint32_t kind)
{
    if (*n < max)
        out[*n] = (reel_want){value, timescale, kind};
    ++*n;
}

int reel_wants_every(const reel_track *track, int64_t step, uint32_t timescale, reel_want *out, size_t max,
                     size_t *count, reel_error *err)
{
    int64_t length;
    size_t n = 0;
    if (step <= 0 || timescale == 0 || (max && !out))
        return reel__frame_fail(err, REEL_E_ARG, "a step has to be above 0");
    int code = length_of(track, count, &length, err);
    if (code != REEL_OK)
        return code;
    uint32_t scale = reel_track_timescale(track);
    int64_t all = reel_rescale(length, scale, timescale) / step + 1; /* rounded: it may be one too many */
    while (all > 1 && (all - 1 > INT64_MAX / step || reel_time_compare((all - 1) * step, timescale, length, scale) >= 0))
        all--;
    for (int64_t i = 0; i < all && n < max; i++)
        put(out, max, &n, i * step, timescale, REEL_WANT_TIME);
    *count = (size_t)all;
    return REEL_OK;
}

int reel_wants_spread(const reel_track *track, size_t n, reel_want *out, size_t max, size_t *count, reel_error *err)
{
    int64_t length;
    size_t done = 0;
    if (n == 0 || n > INT32_MAX || (max && !out))
        return reel__frame_fail(err, REEL_E_ARG, "at least one picture has to be wanted, and at most 2147483647");
    int code = length_of(track, count, &length, err);
    if (code != REEL_OK)
        return code;
    /* (2i + 1) / 2n of the length, in whole and rest: no product overflows. */
    int64_t parts = 2 * (int64_t)n, whole = length / parts, rest = length % parts;
    for (int64_t i = 0; i < (int64_t)n && done < max; i++)
        put(out, max, &done, whole * (2 * i + 1) + rest * (2 * i + 1) / parts, reel_track_timescale(track),
            REEL_WANT_TIME);
    *count = n;
    return REEL_OK;
}

int reel_wants_keyframes(const reel_track *track, reel_want *out, size_t max, size_t *count, reel_error *err)
{
    uint64_t at = 0, sync;
    size_t n = 0;
    int code = track && count && (out || !max) ? REEL_OK
                                               : reel__frame_fail(err, REEL_E_ARG, "no track, or nowhere to count");
    while (code == REEL_OK) {
        code = reel_track_find_sync(track, at, REEL_SEEK_NEXT, &sync, err);
        if (code != REEL_OK)
            break;
        put(out, max, &n, (int64_t)sync, 0, REEL_WANT_SAMPLE);
        at = sync + 1;
    }
    if (code == REEL_END || code == REEL_E_RANGE) {
        *count = n;
        return REEL_OK;
    }
    return code;
}
