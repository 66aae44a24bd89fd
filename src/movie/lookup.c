/* SPDX-License-Identifier: BSD-2-Clause */
/* Lookups in the tables of one track: by number, by decode time, by composition time, by sync sample. */
#include "movie/marks.h"

int reel__table_count(const reel_track *t, uint64_t *count, reel_error *err)
{
    const reel__index *x = &t->index;
    *count = 0;
    if (!x->sample_count || !x->stsc.n || !x->chunks.n)
        return REEL_OK;
    const reel__chunk_marks *m = reel__chunk_marks_get(t, err);
    if (!m)
        return REEL_E_NOMEM;
    *count = m->covered;
    return REEL_OK;
}

int reel__table_sample(const reel_track *t, uint64_t index, reel_sample *out, reel_error *err)
{
    reel_cursor c = {.track = t};
    int code = reel__table_cursor_seek(&c, index, err);
    if (code == REEL_OK)
        code = reel__table_cursor_next(&c, out, err);
    return code;
}

int reel__table_end_dts(const reel_track *t, int64_t *dts, reel_error *err)
{
    uint64_t count;
    int code = reel__table_count(t, &count, err);
    if (code != REEL_OK)
        return code;
    return reel__table_dts(t, count, dts, err);
}

/* The last mark that is not after dts; marks there are. */
static uint32_t mark_at_dts(const reel__time_marks *m, int64_t dts)
{
    uint32_t low = 0, high = m->n - 1;
    while (low < high) {
        uint32_t mid = low + (high - low + 1) / 2;
        if (m->at[mid].dts <= dts)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

int reel__table_find_dts(const reel_track *t, int64_t dts, uint64_t *index, reel_error *err)
{
    const reel__index *x = &t->index;
    uint64_t count;
    int code = reel__table_count(t, &count, err);
    if (code != REEL_OK || dts < 0 || count == 0)
        return code != REEL_OK ? code : REEL_END;
    struct reel__time_mark at = {0, 0, 0};
    uint32_t entry = 0;
    if (x->stts.n > REEL__STEP) {
        const reel__time_marks *m = reel__time_marks_get(t, err);
        if (!m)
            return REEL_E_NOMEM;
        entry = mark_at_dts(m, dts);
        at = m->at[entry];
        entry *= REEL__STEP;
    }
    uint64_t ticks = (uint64_t)(dts - at.dts);
    for (uint64_t n, span; x->stts.n - entry >= 8 && reel__stts_eight(x, entry, &n, &span) && span <= ticks; entry += 8) {
        at.sample += n;
        ticks -= span;
        at.delta = reel__stts_delta(x, entry + 7);
    }
    for (; entry < x->stts.n; entry++) {
        uint32_t n = reel__stts_count(x, entry);
        uint64_t delta = reel__stts_delta(x, entry);
        if (n == 0)
            continue;
        at.delta = (uint32_t)delta;
        if (n * delta > ticks)
            break;
        at.sample += n;
        ticks -= n * delta;
    }
    uint64_t more = at.delta ? ticks / at.delta : count;
    *index = REEL__MIN(at.sample + REEL__MIN(more, count), count - 1);
    return REEL_OK;
}

/*
 * By composition time. A sample's pts is its dts and an offset between least and greatest, so those that can be the
 * answer lie in a window of decode time around it: a few frames in real films. The window is walked with the one
 * iterator. Where somebody wrote a wild offset, the window may be the whole film: then blocks of 128 ctts entries
 * that cannot hold a better answer are passed over by their own least and greatest.
 */
enum { WINDOW = 2048 };

typedef struct search {
    int64_t pts, best_pts;
    uint64_t best;
    bool found;
} search;

static void consider(search *s, uint64_t index, int64_t pts)
{
    if (pts > s->pts || (s->found && pts < s->best_pts))
        return;
    s->found = true;
    s->best = index;
    s->best_pts = pts;
}

/* From sample `from` on, as long as one can be shown by then. *far: that were too many. */
static int walk_window(const reel_track *t, const reel__comp_marks *m, search *s, uint64_t from, uint64_t count,
                       bool *far, reel_error *err)
{
    reel_cursor c = {.track = t};
    int code = reel__times_seek(&c, from, err);
    if (code != REEL_OK)
        return code;
    const uint64_t end = REEL__MIN(count, from + WINDOW);
    for (; c.index < end && c.dts + m->least <= s->pts; reel__times_step(&c))
        consider(s, c.index, c.dts + c.ctts_offset);
    *far = c.index == end && end < count;
    return REEL_OK;
}

/* Samples first <= i < end all have the same offset: the best is found by decode time. */
static int search_run(const reel_track *t, search *s, uint64_t first, uint64_t end, int32_t offset, reel_error *err)
{
    uint64_t index;
    int code = reel__table_find_dts(t, s->pts - offset, &index, err);
    if (code == REEL_END || (code == REEL_OK && index < first))
        return REEL_OK;
    if (code != REEL_OK)
        return code;
    index = REEL__MIN(index, end - 1);
    int64_t dts;
    code = reel__table_dts(t, index, &dts, err);
    if (code == REEL_OK)
        consider(s, index, dts + offset);
    return code;
}

static int search_block(const reel_track *t, search *s, uint32_t k, uint64_t first, uint64_t count, reel_error *err)
{
    const reel__index *x = &t->index;
    uint32_t end = (uint32_t)REEL__MIN((uint64_t)x->ctts.n, ((uint64_t)k + 1) * REEL__STEP);
    for (uint32_t i = k * REEL__STEP; i < end && first < count; i++) {
        uint64_t n = reel__ctts_count(x, i);
        int code = n ? search_run(t, s, first, REEL__MIN(first + n, count), reel__ctts_offset(x, i), err) : REEL_OK;
        if (code != REEL_OK)
            return code;
        first += n;
    }
    return REEL_OK;
}

static int search_blocks(const reel_track *t, const reel__comp_marks *m, search *s, uint64_t count, reel_error *err)
{
    const uint32_t each = REEL__STEP / REEL__COMP_STEP;
    for (uint32_t k = m->ranges; k-- > 0;) {
        uint64_t first = m->sample[k * each], end = k + 1 < m->ranges ? m->sample[(k + 1) * each] : count;
        end = REEL__MIN(end, count);
        if (first >= end)
            continue;
        int64_t a, b;
        int code = reel__table_dts(t, first, &a, err);
        if (code == REEL_OK)
            code = reel__table_dts(t, end - 1, &b, err);
        if (code != REEL_OK)
            return code;
        if (a + m->range[k].least > s->pts || (s->found && b + m->range[k].greatest <= s->best_pts))
            continue;
        search block = {.pts = s->pts};
        code = search_block(t, &block, k, first, count, err);
        if (code != REEL_OK)
            return code;
        /* Going backwards: of equal times the one that was found first is the later sample. */
        if (block.found && (!s->found || block.best_pts > s->best_pts))
            *s = block;
    }
    return REEL_OK;
}

/* Samples behind the last ctts entry have offset 0. */
static int search_tail(const reel_track *t, const reel__comp_marks *m, search *s, uint64_t count, reel_error *err)
{
    const reel__index *x = &t->index;
    uint64_t sample = m->sample[m->n - 1];
    for (uint32_t i = (m->n - 1) * REEL__COMP_STEP; i < x->ctts.n; i++)
        sample += reel__ctts_count(x, i);
    return sample < count ? search_run(t, s, sample, count, 0, err) : REEL_OK;
}

static int64_t clamp_time(int64_t t)
{
    return REEL__MAX(-REEL__DTS_MAX, REEL__MIN(t, REEL__DTS_MAX + (int64_t)UINT32_MAX));
}

/*
 * Where the window begins when frames lie far apart: at the last sample that must be shown by then, less the spread of
 * the offsets (what is decoded earlier can be shown later by that much).
 */
static int window_start(const reel_track *t, const reel__comp_marks *m, int64_t pts, uint64_t *low, reel_error *err)
{
    int64_t dts;
    int code = reel__table_find_dts(t, pts - m->greatest, low, err);
    if (code == REEL_OK)
        code = reel__table_dts(t, *low, &dts, err);
    /* find gives the last of those that share a decode time; one tick less, and all of them are in */
    if (code == REEL_OK)
        code = reel__table_find_dts(t, dts - ((int64_t)m->greatest - m->least) - 1, low, err);
    if (code == REEL_END)
        *low = 0;
    return code == REEL_END ? REEL_OK : code;
}

/* The window as it is in nearly every film. *sure: nothing outside of it can be the answer. */
static int near_window(const reel_track *t, const reel__comp_marks *m, search *s, uint64_t count, bool *sure,
                       reel_error *err)
{
    int64_t spread = (int64_t)m->greatest - m->least;
    uint64_t low = 0;
    bool far = true;
    int code = reel__table_find_dts(t, s->pts - m->greatest - spread - 1, &low, err);
    if (code < 0)
        return code;
    code = walk_window(t, m, s, code == REEL_END ? 0 : low, count, &far, err);
    *sure = !far && (low == 0 || (s->found && s->best_pts >= s->pts - spread));
    return code;
}

static int far_window(const reel_track *t, const reel__comp_marks *m, search *s, uint64_t count, reel_error *err)
{
    uint64_t low;
    bool far = true;
    int code = window_start(t, m, s->pts, &low, err);
    if (code == REEL_OK)
        code = walk_window(t, m, s, low, count, &far, err);
    if (code != REEL_OK || !far)
        return code;
    *s = (search){.pts = s->pts};
    code = search_tail(t, m, s, count, err);
    return code == REEL_OK ? search_blocks(t, m, s, count, err) : code;
}

int reel__table_find_pts(const reel_track *t, int64_t pts, uint64_t *index, reel_error *err)
{
    uint64_t count;
    search s = {.pts = clamp_time(pts)};
    if (t->index.ctts.n == 0)
        return reel__table_find_dts(t, s.pts, index, err);
    const reel__comp_marks *m = reel__comp_marks_get(t, err);
    if (!m)
        return REEL_E_NOMEM;
    bool sure;
    int code = reel__table_count(t, &count, err);
    if (code != REEL_OK || count == 0)
        return code != REEL_OK ? code : REEL_END;
    code = near_window(t, m, &s, count, &sure, err);
    if (code == REEL_OK && !sure)
        code = far_window(t, m, &s, count, err);
    if (code != REEL_OK)
        return code;
    *index = s.best;
    return s.found ? REEL_OK : REEL_END;
}

static void sync_from(const reel__sync_list *list, uint64_t index, bool next, uint64_t count, uint64_t *best,
                      bool *found)
{
    uint32_t i = reel__sync_find(list, next ? index : index + 1);
    if (!next && i-- == 0)
        return;
    if (i >= list->table.n)
        return;
    uint64_t number = (uint64_t)reel__be32(list->table.p + 4 * (size_t)i) - list->base;
    if (number >= count)
        return;
    if (!*found || (next ? number < *best : number > *best))
        *best = number;
    *found = true;
}

/*
 * In a long film the two ends of a seek (what is shown, and the sync sample before it) lie in lines of memory that no
 * cache holds. The sync sample can be guessed from the decode time, so that both are fetched at once; not where that time
 * takes a search of its own.
 */
enum { LONG_TABLE = 100000 };

void reel__table_expect_entry(const reel_track *t, int64_t pts)
{
    const reel__index *x = &t->index;
    const reel__sync_list *list = reel__once_get(&x->sync);
    uint64_t index;
    if (x->sample_count < LONG_TABLE || x->stts.n > REEL__STEP || !list || reel__table_find_dts(t, pts, &index, NULL) != REEL_OK)
        return;
    reel__times_expect(t, index);
    uint32_t i = reel__sync_find(list, index + 1);
    if (i > 0)
        reel__table_expect(t, reel__be32(list->table.p + 4 * (size_t)(i - 1)) - list->base);
}

int reel__table_find_sync(const reel_track *t, uint64_t index, bool next, uint64_t *sync, reel_error *err)
{
    const reel__index *x = &t->index;
    uint64_t count;
    int code = reel__table_count(t, &count, err);
    if (code != REEL_OK)
        return code;
    if (!x->has_stss) {
        *sync = index;
        return index < count ? REEL_OK : REEL_END;
    }
    bool found = false;
    for (int partial = 0; partial < 2; partial++) {
        if (partial ? !x->stps.n : !x->stss.n)
            continue;
        const reel__sync_list *list = reel__sync_list_get(t, partial, err);
        if (!list)
            return REEL_E_NOMEM;
        sync_from(list, index, next, count, sync, &found);
    }
    return found ? REEL_OK : REEL_END;
}
