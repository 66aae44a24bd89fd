/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples of a track, wherever they lie: those of the movie box first, those of fragments behind them. */
#include "movie/fragment.h"
#include "movie/marks.h"

static int no_track(reel_error *err) { return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track"); }

static int no_sample(const reel_track *t, uint64_t index, reel_error *err)
{
    char path[96];
    reel__track_path(t, REEL__TRAK, path, sizeof path);
    return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, path, "there is no sample %llu",
                      (unsigned long long)index);
}

int reel_track_prepare(const reel_track *track, bool scan_fragments, reel_error *err)
{
    if (!track)
        return no_track(err);
    int code = reel__table_prepare(track, err);
    if (code == REEL_OK && scan_fragments && track->runs)
        code = reel__fragments_scan_all(track->movie, err);
    return code;
}

int reel_track_sample_count(const reel_track *track, uint64_t *count, reel_error *err)
{
    if (!track || !count)
        return no_track(err);
    uint64_t tables, runs = 0;
    int code = reel__table_count(track, &tables, err);
    if (code == REEL_OK && track->runs)
        code = reel__runs_count(track, &runs, err);
    if (code == REEL_OK)
        *count = tables + runs;
    return code;
}

int reel_track_sample(const reel_track *track, uint64_t index, reel_sample *out, reel_error *err)
{
    if (!track || !out)
        return no_track(err);
    uint64_t tables;
    int code = reel__table_count(track, &tables, err);
    if (code != REEL_OK)
        return code;
    if (index < tables)
        return reel__table_sample(track, index, out, err);
    code = track->runs ? reel__runs_sample(track, index, out, err) : REEL_END;
    return code == REEL_END ? no_sample(track, index, err) : code;
}

int reel_track_samples(const reel_track *track, const uint64_t *indices, size_t n, reel_sample *out, size_t *done,
                       reel_error *err)
{
    int code = REEL_OK;
    size_t i;
    for (i = 0; i < n; i++)
        if ((code = reel_track_sample(track, indices[i], &out[i], err)) != REEL_OK)
            break;
    if (done)
        *done = i;
    return code;
}

/* Only the composition time: in the tables that is cheaper than the whole sample. */
static int pts_of(const reel_track *t, uint64_t index, int64_t *pts, reel_error *err)
{
    uint64_t tables = 0;
    reel_sample s = {0};
    int code = reel__table_count(t, &tables, err);
    if (code == REEL_OK && index < tables)
        return reel__table_pts(t, index, pts, err);
    if (code == REEL_OK)
        code = reel_track_sample(t, index, &s, err);
    if (code == REEL_OK)
        *pts = s.pts;
    return code;
}

/* A search that found nothing gives the first sample, if there is one. */
static int or_first(const reel_track *t, int code, uint64_t *index, reel_error *err)
{
    reel_sample first;
    if (code != REEL_END)
        return code;
    *index = 0;
    return reel_track_sample(t, 0, &first, err);
}

/* No sample is further away than this; offsets can be added to it without overflow. */
static int64_t clamp_time(int64_t t)
{
    const int64_t end = INT64_MAX / 2;
    return t > end ? end : t < -end ? -end : t;
}

/* Samples of fragments have the higher numbers: one of them goes before any of the tables. */
int reel_track_find_dts(const reel_track *track, int64_t dts, uint64_t *index, reel_error *err)
{
    if (!track || !index)
        return no_track(err);
    dts = clamp_time(dts);
    int code = track->runs ? reel__runs_find_dts(track, dts, index, err) : REEL_END;
    if (code == REEL_END)
        code = reel__table_find_dts(track, dts, index, err);
    return or_first(track, code, index, err);
}

/* Of two answers the one that is shown later. */
static int later_shown(const reel_track *t, uint64_t in_tables, uint64_t in_runs, uint64_t *index, reel_error *err)
{
    int64_t a = 0, b = 0;
    int code = pts_of(t, in_tables, &a, err);
    if (code == REEL_OK)
        code = pts_of(t, in_runs, &b, err);
    if (code == REEL_OK)
        *index = b >= a ? in_runs : in_tables;
    return code;
}

int reel_track_find_pts(const reel_track *track, int64_t pts, uint64_t *index, reel_error *err)
{
    uint64_t other;
    if (!track || !index)
        return no_track(err);
    pts = clamp_time(pts);
    int code = track->index.sample_count ? reel__table_find_pts(track, pts, index, err) : REEL_END;
    if (code < 0 || !track->runs)
        return or_first(track, code, index, err);
    int runs = reel__runs_find_pts(track, pts, &other, err);
    if (runs == REEL_OK && code == REEL_OK)
        return later_shown(track, *index, other, index, err);
    if (runs == REEL_OK)
        *index = other;
    return or_first(track, runs == REEL_END ? code : runs, index, err);
}

static int find_sync(const reel_track *t, uint64_t index, bool next, uint64_t *sync, reel_error *err)
{
    uint64_t tables;
    int code = reel__table_count(t, &tables, err);
    if (code != REEL_OK)
        return code;
    if (index < tables) {
        code = reel__table_find_sync(t, index, next, sync, err);
        return code == REEL_END && next && t->runs ? reel__runs_find_sync(t, tables, true, sync, err) : code;
    }
    code = t->runs ? reel__runs_find_sync(t, index, next, sync, err) : REEL_END;
    return code == REEL_END && !next && tables ? reel__table_find_sync(t, tables - 1, false, sync, err) : code;
}

/* Of the first n samples, which tables have. */
static int bytes_before(const reel_track *t, uint64_t n, uint64_t *bytes, reel_error *err)
{
    const reel__index *x = &t->index;
    *bytes = n * x->size;
    if (!x->sizes || n == 0)
        return REEL_OK;
    const reel__byte_marks *m = reel__byte_marks_get(t, err);
    if (!m)
        return REEL_E_NOMEM;
    uint64_t k = REEL__MIN(n / REEL__BYTE_STEP, (uint64_t)m->n - 1);
    *bytes = m->at[k];
    for (uint64_t i = k * REEL__BYTE_STEP; i < n; i++)
        *bytes += reel__size_of(x, i);
    return REEL_OK;
}

int reel_track_bytes(const reel_track *track, uint64_t first, uint64_t end, uint64_t *bytes, reel_error *err)
{
    uint64_t tables, before, sum;
    if (!track || !bytes || first > end)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track, or no samples");
    int code = reel__table_count(track, &tables, err);
    if (code == REEL_OK && end > tables && !track->runs)
        return no_sample(track, end - 1, err);
    if (code == REEL_OK)
        code = bytes_before(track, REEL__MIN(first, tables), &before, err);
    if (code == REEL_OK)
        code = bytes_before(track, REEL__MIN(end, tables), &sum, err);
    if (code != REEL_OK)
        return code;
    sum -= before;
    if (end > tables)
        code = reel__runs_bytes(track, REEL__MAX(first, tables), end, &sum, err);
    if (code == REEL_END)
        return no_sample(track, end - 1, err);
    if (code == REEL_OK)
        *bytes = sum;
    return code;
}

/* The nearest of the sync samples at or before and at or behind `index`, by their distance from pts. */
static int nearest_sync(const reel_track *t, uint64_t index, int64_t pts, uint64_t *sync, reel_error *err)
{
    uint64_t before = 0, after = 0;
    int64_t pts_before = 0, pts_after = 0;
    int a = find_sync(t, index, false, &before, err), b = a < 0 ? a : find_sync(t, index, true, &after, err);
    if (a < 0 || b < 0)
        return a < 0 ? a : b;
    *sync = a == REEL_OK ? before : after;
    if (a == REEL_END || b == REEL_END)
        return a == REEL_END ? b : a;
    a = pts_of(t, before, &pts_before, err);
    b = a == REEL_OK ? pts_of(t, after, &pts_after, err) : a;
    if (b == REEL_OK && reel__distance(pts_after, pts) < reel__distance(pts_before, pts))
        *sync = after;
    return b;
}

int reel_track_find_sync(const reel_track *track, uint64_t index, reel_seek_mode mode, uint64_t *sync,
                         reel_error *err)
{
    reel_sample here;
    if (!track || !sync)
        return no_track(err);
    int code = reel_track_sample(track, index, &here, err);
    if (code != REEL_OK)
        return code;
    switch (mode) {
    case REEL_SEEK_EXACT:
        *sync = index;
        return REEL_OK;
    case REEL_SEEK_PREVIOUS:
    case REEL_SEEK_NEXT:
        return find_sync(track, index, mode == REEL_SEEK_NEXT, sync, err);
    case REEL_SEEK_NEAREST:
        return nearest_sync(track, index, here.pts, sync, err);
    }
    return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "unknown seek mode %d", (int)mode);
}

/*
 * How many sync samples are looked at on the way to one that is shown at the right time. Real films need one or two; in
 * a file that gives millions of samples the same time, what was found by then is the answer.
 */
enum { MOST_SYNCS = 1024 };

/*
 * Where decoding has to start. A sync sample that is decoded before the target may be shown after it (leading
 * pictures of an open GOP): they need the one before.
 */
static int previous_sync(const reel_track *t, uint64_t target, int64_t target_pts, reel_sample *entry, reel_error *err)
{
    uint64_t sync;
    for (int n = 0;; n++) {
        int code = find_sync(t, target, false, &sync, err);
        if (code < 0)
            return code;
        code = reel_track_sample(t, code == REEL_END ? 0 : sync, entry, err);
        if (code != REEL_OK || entry->pts <= target_pts || entry->index == 0 || n == MOST_SYNCS)
            return code;
        target = entry->index - 1;
    }
}

/*
 * The first sync sample that is shown at pts or later. One that is decoded before the target may be it, for the same
 * reason.
 */
static int next_sync(const reel_track *t, uint64_t target, int64_t pts, uint64_t *sync, reel_error *err)
{
    uint64_t at = target, found;
    int64_t shown;
    bool any = false;
    int code = REEL_OK;
    for (int n = 0; n < MOST_SYNCS; n++) {
        code = find_sync(t, at, false, &found, err);
        if (code == REEL_OK)
            code = pts_of(t, found, &shown, err);
        if (code != REEL_OK || shown < pts)
            break;
        *sync = found;
        any = true;
        if (found == 0)
            break;
        at = found - 1;
    }
    if (code < 0 || any)
        return code < 0 ? code : REEL_OK;
    at = target + 1;
    for (int n = 0; n < MOST_SYNCS; n++, at = *sync + 1) {
        code = find_sync(t, at, true, sync, err);
        if (code == REEL_OK)
            code = pts_of(t, *sync, &shown, err);
        if (code != REEL_OK || shown >= pts)
            return code;
    }
    return REEL_END;
}

/* What the track shows at pts: its number and its own time. */
typedef struct shown {
    uint64_t index;
    int64_t pts;
} shown;

static int nearest_entry(const reel_track *t, int64_t pts, shown target, reel_sample *entry, reel_error *err)
{
    uint64_t after;
    int64_t after_pts;
    int code = previous_sync(t, target.index, target.pts, entry, err);
    if (code != REEL_OK)
        return code;
    code = next_sync(t, target.index, pts, &after, err);
    bool before = entry->flags & REEL_SAMPLE_SYNC;
    if (code == REEL_END)
        return before ? REEL_OK : REEL_END;
    if (code == REEL_OK)
        code = pts_of(t, after, &after_pts, err);
    if (code != REEL_OK || (before && reel__distance(entry->pts, pts) <= reel__distance(after_pts, pts)))
        return code;
    return reel_track_sample(t, after, entry, err);
}

static int find_entry(const reel_track *t, int64_t pts, shown target, reel_seek_mode mode, reel_sample *entry,
                      reel_error *err)
{
    uint64_t sync = target.index;
    int code = REEL_OK;
    switch (mode) {
    case REEL_SEEK_EXACT:
        break;
    case REEL_SEEK_PREVIOUS:
        return previous_sync(t, target.index, target.pts, entry, err);
    case REEL_SEEK_NEXT:
        code = next_sync(t, target.index, pts, &sync, err);
        break;
    case REEL_SEEK_NEAREST:
        return nearest_entry(t, pts, target, entry, err);
    default:
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "unknown seek mode %d", (int)mode);
    }
    return code == REEL_OK ? reel_track_sample(t, sync, entry, err) : code;
}

static int seek_counted(const reel_track *t, int64_t pts, reel_seek_mode mode, reel_sample *entry, reel_sample *target,
                        reel_error *err)
{
    shown at = {0, 0};
    if (entry && mode != REEL_SEEK_EXACT)
        reel__table_expect_entry(t, pts);
    int code = reel_track_find_pts(t, pts, &at.index, err);
    if (code == REEL_OK)
        code = pts_of(t, at.index, &at.pts, err);
    if (code == REEL_OK && target)
        code = reel_track_sample(t, at.index, target, err);
    return code == REEL_OK && entry ? find_entry(t, pts, at, mode, entry, err) : code;
}

int reel_track_seek(const reel_track *track, int64_t pts, reel_seek_mode mode, reel_sample *entry,
                    reel_sample *target, reel_error *err)
{
    if (!track)
        return no_track(err);
    int code = REEL_E_NOT_FOUND;
    pts = clamp_time(pts);
    if (track->runs && !track->index.sample_count)
        code = reel__runs_seek_direct(track, pts, mode, entry, target, NULL, err);
    if (code == REEL_E_NOT_FOUND)
        code = seek_counted(track, pts, mode, entry, target, err);
    return code;
}

int reel_track_seek_many(const reel_track *track, const int64_t *pts, size_t n, reel_seek_mode mode,
                         reel_sample *entries, reel_sample *targets, size_t *done, reel_error *err)
{
    int code = REEL_OK;
    size_t i;
    for (i = 0; i < n; i++)
        if ((code = reel_track_seek(track, pts[i], mode, entries ? &entries[i] : NULL, targets ? &targets[i] : NULL,
                                    err)) != REEL_OK)
            break;
    if (done)
        *done = i;
    return code;
}

int reel_track_explain(const reel_track *track, uint64_t index, reel_explanation *out, reel_error *err)
{
    if (!track || !out)
        return no_track(err);
    memset(out, 0, sizeof *out);
    uint64_t tables;
    int code = reel__table_count(track, &tables, err);
    if (code != REEL_OK)
        return code;
    if (index < tables)
        return reel__table_explain(track, index, out, err);
    code = track->runs ? reel__runs_explain(track, index, out, err) : REEL_END;
    /* No run up to this one has a sync sample: the last of the tables is the one before it. */
    if (code == REEL_OK && out->sync_sample == REEL_NO_INDEX && tables)
        code = reel__table_find_sync(track, tables - 1, false, &out->sync_sample, err) < 0 ? REEL_E_NOMEM : REEL_OK;
    return code == REEL_END ? no_sample(track, index, err) : code;
}
