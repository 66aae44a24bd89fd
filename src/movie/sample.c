/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples of a track, wherever they lie: those of the movie box first, those of fragments behind them. */
#include "movie/fragment.h"

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

typedef int finder(const reel_track *, int64_t, uint64_t *, reel_error *);

/* Fragments follow in time what the movie box holds; where a time lies before all of them, the tables have it. */
static int find(const reel_track *t, int64_t time, finder *in_runs, finder *in_tables, uint64_t *index, reel_error *err)
{
    uint64_t tables = 0;
    int64_t end = 0;
    int code = reel__table_count(t, &tables, err);
    if (code == REEL_OK && tables)
        code = reel__table_end_dts(t, &end, err);
    if (code != REEL_OK)
        return code;
    code = REEL_END;
    if (t->runs && (!tables || time >= end))
        code = in_runs(t, time, index, err);
    if (code == REEL_END && tables)
        code = in_tables(t, time, index, err);
    return code;
}

static int find_or_first(const reel_track *t, int64_t time, finder *in_runs, finder *in_tables, uint64_t *index,
                         reel_error *err)
{
    if (!t || !index)
        return no_track(err);
    int code = find(t, time, in_runs, in_tables, index, err);
    if (code != REEL_END)
        return code;
    reel_sample first;
    *index = 0;
    return reel_track_sample(t, 0, &first, err);
}

int reel_track_find_dts(const reel_track *track, int64_t dts, uint64_t *index, reel_error *err)
{
    return find_or_first(track, dts, reel__runs_find_dts, reel__table_find_dts, index, err);
}

int reel_track_find_pts(const reel_track *track, int64_t pts, uint64_t *index, reel_error *err)
{
    return find_or_first(track, pts, reel__runs_find_pts, reel__table_find_pts, index, err);
}

static int find_sync(const reel_track *t, uint64_t index, bool next, uint64_t *sync, reel_error *err)
{
    uint64_t tables;
    int code = reel__table_count(t, &tables, err);
    if (code != REEL_OK)
        return code;
    if (index >= tables || !t->runs) {
        code = t->runs ? reel__runs_find_sync(t, index, next, sync, err) : REEL_END;
        if (code != REEL_END || next || !tables)
            return index < tables ? reel__table_find_sync(t, index, next, sync, err) : code;
        return reel__table_find_sync(t, tables - 1, false, sync, err);
    }
    code = reel__table_find_sync(t, index, next, sync, err);
    if (code == REEL_END && next)
        code = reel__runs_find_sync(t, tables, true, sync, err);
    return code;
}

static int nearer(const reel_track *t, uint64_t a, uint64_t b, int64_t pts, uint64_t *best, reel_error *err)
{
    reel_sample before, after;
    int code = reel_track_sample(t, a, &before, err);
    if (code == REEL_OK)
        code = reel_track_sample(t, b, &after, err);
    if (code == REEL_OK) {
        uint64_t back = before.pts > pts ? (uint64_t)(before.pts - pts) : (uint64_t)(pts - before.pts);
        uint64_t ahead = after.pts > pts ? (uint64_t)(after.pts - pts) : (uint64_t)(pts - after.pts);
        *best = ahead < back ? b : a;
    }
    return code;
}

/* The nearest of the sync samples at or before `index` and at or behind `from`, by their distance from pts. */
static int nearest_sync(const reel_track *t, uint64_t index, uint64_t from, int64_t pts, uint64_t *sync, reel_error *err)
{
    uint64_t before, after;
    int a = find_sync(t, index, false, &before, err), b;
    if (a < 0)
        return a;
    b = find_sync(t, from, true, &after, err);
    if (b < 0)
        return b;
    if (a == REEL_OK && b == REEL_OK)
        return nearer(t, before, after, pts, sync, err);
    *sync = a == REEL_OK ? before : after;
    return a == REEL_OK || b == REEL_OK ? REEL_OK : REEL_END;
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
        return nearest_sync(track, index, index, here.pts, sync, err);
    }
    return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "unknown seek mode %d", (int)mode);
}

/*
 * Where decoding has to start. A sync sample that is decoded before the target may be shown after it (leading
 * pictures of an open GOP): they need the one before.
 */
static int previous_sync(const reel_track *t, const reel_sample *target, uint64_t *sync, reel_error *err)
{
    uint64_t at = target->index;
    for (;;) {
        int code = find_sync(t, at, false, sync, err);
        if (code == REEL_END) {
            *sync = 0;
            return REEL_OK;
        }
        reel_sample entry;
        if (code != REEL_OK || *sync == 0 || !t->index.ctts.n)
            return code;
        code = reel_track_sample(t, *sync, &entry, err);
        if (code != REEL_OK || entry.pts <= target->pts)
            return code;
        at = *sync - 1;
    }
}

static int entry_for(const reel_track *t, int64_t pts, const reel_sample *target, reel_seek_mode mode, uint64_t *index,
                     reel_error *err)
{
    uint64_t from = target->index + (target->pts < pts);
    switch (mode) {
    case REEL_SEEK_EXACT:
        *index = target->index;
        return REEL_OK;
    case REEL_SEEK_PREVIOUS:
        return previous_sync(t, target, index, err);
    case REEL_SEEK_NEXT:
        return find_sync(t, from, true, index, err);
    case REEL_SEEK_NEAREST:
        return nearest_sync(t, target->index, from, pts, index, err);
    }
    return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "unknown seek mode %d", (int)mode);
}

static int seek_counted(const reel_track *t, int64_t pts, reel_seek_mode mode, reel_sample *entry, reel_sample *target,
                        reel_error *err)
{
    uint64_t index;
    reel_sample here;
    int code = reel_track_find_pts(t, pts, &index, err);
    if (code == REEL_OK)
        code = reel_track_sample(t, index, &here, err);
    if (code != REEL_OK)
        return code;
    if (target)
        *target = here;
    if (!entry)
        return REEL_OK;
    code = entry_for(t, pts, &here, mode, &index, err);
    if (code != REEL_OK)
        return code;
    if (index == here.index) {
        *entry = here;
        return REEL_OK;
    }
    return reel_track_sample(t, index, entry, err);
}

int reel_track_seek(const reel_track *track, int64_t pts, reel_seek_mode mode, reel_sample *entry,
                    reel_sample *target, reel_error *err)
{
    if (!track)
        return no_track(err);
    int code = REEL_E_NOT_FOUND;
    if (track->runs && !track->index.sample_count)
        code = reel__runs_seek_direct(track, pts, mode, entry, target, NULL, NULL);
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
    return code == REEL_END ? no_sample(track, index, err) : code;
}
