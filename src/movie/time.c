/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one time rule: docs/time.md. The edit list is read where it lies; ISO/IEC 14496-12:2022 8.6.5, 8.6.6.
 *
 *     edit      0     1     2   ...   31    32  ...
 *     begins    0     d0    d0+d1 ...             sums of segment_duration, exact, in the movie's timescale
 *     marks     ^ at[0]                     ^ at[1]     only for lists longer than STEP
 */
#include "movie/time_.h"

#include "movie/fragment.h"

enum { STEP = REEL__SHORT_LIST };

/* Running totals, built by the first lookup that wants them, published whole, immutable after. */
typedef struct edit_marks {
    uint32_t n;
    uint64_t at[]; /* where edit i * STEP begins, in the movie's timescale */
} edit_marks;

/* t * to / from, halves up; UINT64_MAX when it does not fit. No product here exceeds 64 bits unseen. */
static uint64_t scale(uint64_t t, uint32_t from, uint32_t to)
{
    uint64_t rest = t % from * to, whole;
    if (!reel__mul(t / from, (uint64_t)to, &whole))
        return UINT64_MAX;
    rest = rest / from + (rest % from >= from - rest % from);
    return reel__add(whole, rest, &whole) ? whole : UINT64_MAX;
}

int64_t reel_rescale(int64_t t, uint32_t from, uint32_t to)
{
    if (from == 0)
        return 0;
    uint64_t limit = (uint64_t)INT64_MAX + (t < 0);
    uint64_t scaled = scale(t < 0 ? 0 - (uint64_t)t : (uint64_t)t, from, to);
    scaled = REEL__MIN(scaled, limit);
    if (t >= 0)
        return (int64_t)scaled;
    return scaled > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)scaled;
}

/* a / ta as whole seconds and what is left of one, which is not negative. */
static int64_t whole_seconds(int64_t a, uint32_t ta, uint32_t *left)
{
    int64_t q = a / (int64_t)ta, r = a % (int64_t)ta;
    *left = (uint32_t)(r < 0 ? r + (int64_t)ta : r);
    return r < 0 ? q - 1 : q;
}

int reel_time_compare(int64_t a, uint32_t ta, int64_t b, uint32_t tb)
{
    uint32_t ra, rb;
    int64_t qa = whole_seconds(a, ta ? ta : 1, &ra), qb = whole_seconds(b, tb ? tb : 1, &rb);
    if (qa != qb)
        return qa < qb ? -1 : 1;
    uint64_t left = (uint64_t)ra * (tb ? tb : 1), right = (uint64_t)rb * (ta ? ta : 1);
    return left < right ? -1 : left > right;
}

reel__edits reel__edits_of(const reel_track *t)
{
    const reel__part *part = &t->part[REEL__ELST];
    reel__edits e = {NULL, 0, part->version == 1, t};
    reel__reader r = reel__part_reader(part);
    uint32_t said = reel__u32(&r);
    size_t there = reel__left(&r) / (e.wide ? 20 : 12);
    e.p = r.p;
    e.n = (uint32_t)REEL__MIN((size_t)said, there);
    return e;
}

int reel__time_check(const reel_track *t, reel_error *err)
{
    const reel__part *part = &t->part[REEL__ELST];
    if (!part->body)
        return REEL_OK;
    if (part->size < 4)
        return reel__track_warn(t, REEL__ELST, err, REEL_E_TABLE, "it is too short for a table");
    uint32_t said = reel__be32(part->body), there = reel__edits_of(t).n;
    if (said > there)
        return reel__track_warn(t, REEL__ELST, err, REEL_E_TABLE, "it says %u entries and holds %u", said, there);
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.6.6.2 */
static reel_edit edit_at(const reel__edits *e, uint32_t i)
{
    const uint8_t *p = e->p + (size_t)i * (e->wide ? 20 : 12);
    reel_edit edit = {0};
    edit.segment_duration = e->wide ? reel__be64(p) : reel__be32(p);
    edit.media_time = e->wide ? (int64_t)reel__be64(p + 8) : (int32_t)reel__be32(p + 4);
    edit.media_rate = (int32_t)reel__be32(p + (e->wide ? 16 : 8));
    edit.kind = edit.media_time == -1 ? REEL_EDIT_EMPTY : edit.media_rate == 0 ? REEL_EDIT_DWELL : REEL_EDIT_MEDIA;
    return edit;
}

static uint64_t duration_at(const reel__edits *e, uint32_t i)
{
    const uint8_t *p = e->p + (size_t)i * (e->wide ? 20 : 12);
    return e->wide ? reel__be64(p) : reel__be32(p);
}

/* The last edit, when it plays media and does not say how long: 0, or all ones, which some write for unknown. */
static bool is_open(const reel__edits *e, uint32_t i, const reel_edit *edit)
{
    uint64_t unknown = e->wide ? UINT64_MAX : UINT32_MAX;
    return i + 1 == e->n && edit->kind == REEL_EDIT_MEDIA &&
           (edit->segment_duration == 0 || edit->segment_duration == unknown);
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return reel__add(a, b, &sum) ? sum : UINT64_MAX;
}

/* Movie time as presentation time of the track. A movie without a timescale is taken to use the track's. */
static int64_t to_track(const reel_track *t, uint64_t movie_time)
{
    uint32_t from = t->movie->timescale ? t->movie->timescale : t->timescale;
    return (int64_t)REEL__MIN(scale(movie_time, from, t->timescale), (uint64_t)INT64_MAX);
}

static edit_marks *build_marks(const reel__edits *e)
{
    uint32_t n = (e->n - 1) / STEP + 1;
    size_t bytes;
    edit_marks *m = NULL;
    if (reel__mul((size_t)n, sizeof *m->at, &bytes) && reel__add(bytes, sizeof *m, &bytes))
        m = reel__alloc(&e->track->movie->alloc, bytes);
    if (!m)
        return NULL;
    m->n = n;
    uint64_t at = 0;
    for (uint32_t i = 0; i < e->n; i++) {
        if (i % STEP == 0)
            m->at[i / STEP] = at;
        at = plus(at, duration_at(e, i));
    }
    return m;
}

/* NULL: the list is short, or there was no memory. Both are walked from the front. */
static const edit_marks *marks_of(const reel__edits *e)
{
    if (e->n <= STEP)
        return NULL;
    const edit_marks *there = reel__once_get(&e->track->edit_marks);
    return there ? there : reel__once_publish(&e->track->edit_marks, build_marks(e), &e->track->movie->alloc);
}

reel__edit_walk reel__edit_walk_from(const reel__edits *e, uint32_t i)
{
    reel__edit_walk w = {*e, 0, 0, 0, false};
    const edit_marks *m = marks_of(e);
    if (m && i / STEP < m->n) {
        w.i = i - i % STEP;
        w.total = m->at[i / STEP];
    }
    for (; w.i < i && w.i < e->n; w.i++)
        w.total = plus(w.total, duration_at(e, w.i));
    w.start = to_track(e->track, w.total);
    return w;
}

bool reel__edit_walk_next(reel__edit_walk *w, reel_edit *out)
{
    if (w->i >= w->edits.n)
        return false;
    *out = edit_at(&w->edits, w->i);
    out->start = w->start;
    if (is_open(&w->edits, w->i, out)) {
        out->end = REEL_TIME_FOREVER;
        w->open = true;
    } else {
        w->total = plus(w->total, out->segment_duration);
        out->end = to_track(w->edits.track, w->total);
    }
    w->start = out->end;
    w->i++;
    return true;
}

size_t reel_track_edit_count(const reel_track *track) { return track ? reel__edits_of(track).n : 0; }

int reel_track_edit(const reel_track *track, size_t i, reel_edit *out)
{
    if (!track || !out)
        return REEL_E_ARG;
    reel__edits e = reel__edits_of(track);
    if (i >= e.n)
        return REEL_END;
    reel__edit_walk w = reel__edit_walk_from(&e, (uint32_t)i);
    return reel__edit_walk_next(&w, out) ? REEL_OK : REEL_END;
}

/* The edit to begin looking for t in: the first of the last STEP that begin at or before it. */
static uint32_t edit_before(const reel__edits *e, int64_t t)
{
    const edit_marks *m = marks_of(e);
    uint32_t low = 0, high = m ? m->n : 0;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (to_track(e->track, m->at[middle]) <= t)
            low = middle;
        else
            high = middle;
    }
    return low * STEP;
}

static int64_t media_at(const reel_edit *edit, int64_t t)
{
    if (edit->kind != REEL_EDIT_MEDIA)
        return edit->media_time;
    return reel__time_plus(edit->media_time, reel__at_rate((uint64_t)(t - edit->start), reel__rate_of(edit)));
}

static int show(const reel_edit *edit, uint32_t number, int64_t t, reel_moment *out)
{
    out->kind = edit->kind;
    out->edit = number;
    out->media_time = media_at(edit, t);
    out->left = edit->end == REEL_TIME_FOREVER ? REEL_TIME_FOREVER : edit->end - t;
    return REEL_OK;
}

int reel_track_media_time(const reel_track *track, int64_t t, reel_moment *out)
{
    if (!track || !out)
        return REEL_E_ARG;
    reel__edits e = reel__edits_of(track);
    reel_edit edit;
    reel__edit_walk w = reel__edit_walk_from(&e, e.n ? edit_before(&e, REEL__MAX(t, 0)) : 0);
    while (reel__edit_walk_next(&w, &edit))
        if (REEL__MAX(t, 0) < edit.end || w.open)
            return t < 0 ? REEL_E_RANGE : show(&edit, w.i, t, out);
    if (w.total)
        return t < 0 ? REEL_E_RANGE : REEL_END;
    *out = (reel_moment){REEL_EDIT_MEDIA, 0, t, REEL_TIME_FOREVER};
    return REEL_OK;
}

int64_t reel_track_stream_shift(const reel_track *track)
{
    enum { MOST_EDITS = 4096 /* looked at for the first that plays */ };
    reel_edit e;
    int64_t shift;
    for (size_t i = 0; i < MOST_EDITS && reel_track_edit(track, i, &e) == REEL_OK; i++)
        if (e.kind == REEL_EDIT_MEDIA && e.start < e.end)
            return reel__sub(e.start, e.media_time, &shift) ? shift : 0;
    return 0;
}

int reel__media_end(const reel_track *track, int64_t *end, reel_error *err)
{
    uint64_t count, last;
    int code = reel_track_sample_count(track, &count, err);
    if (code != REEL_OK || count == 0)
        return code != REEL_OK ? code : REEL_END;
    code = reel_track_find_pts(track, INT64_MAX / 2, &last, err);
    reel_sample sample;
    if (code == REEL_OK)
        code = reel_track_sample(track, last, &sample, err);
    if (code == REEL_OK)
        *end = reel__time_plus(sample.pts, sample.duration);
    return code;
}

int reel_track_presentation_duration(const reel_track *track, int64_t *duration, reel_error *err)
{
    if (!track || !duration)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track, or no place for its duration");
    reel__edits e = reel__edits_of(track);
    reel__edit_walk w = reel__edit_walk_from(&e, e.n ? e.n - 1 : 0);
    reel_edit last = {.media_rate = 0x10000};
    (void)reel__edit_walk_next(&w, &last);
    if (w.total && !w.open) {
        *duration = w.start;
        return REEL_OK;
    }
    if (!w.open)
        last = (reel_edit){.media_rate = 0x10000};
    int64_t end = last.media_time;
    int code = reel__media_end(track, &end, err);
    if (code != REEL_OK && code != REEL_END)
        return code;
    uint64_t media = end > last.media_time ? (uint64_t)end - (uint64_t)last.media_time : 0;
    *duration = reel__time_plus(last.start, reel__ticks_for(media, reel__rate_of(&last)));
    return REEL_OK;
}
