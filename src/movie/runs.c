/* SPDX-License-Identifier: BSD-2-Clause */
#include "movie/fragment.h"
#include "movie/runs.h"

/* chunk k holds runs 64 * (2^k - 1) and on */
static unsigned chunk_of(uint64_t n, uint64_t *within)
{
    uint64_t scaled = n / REEL__FIRST_CHUNK + 1;
    unsigned k = 63 - (unsigned)__builtin_clzll(scaled);
    *within = n - REEL__FIRST_CHUNK * (((uint64_t)1 << k) - 1);
    return k;
}

const reel__kept_run *reel__run_at(const reel_track *t, uint64_t n)
{
    uint64_t within;
    unsigned k = chunk_of(n, &within);
    return &atomic_load_explicit(&t->runs->chunk[k], memory_order_acquire)[within];
}

static reel__kept_run *room(const reel_track *t, uint64_t n)
{
    uint64_t within;
    unsigned k = chunk_of(n, &within);
    if (k >= REEL__RUN_CHUNKS)
        return NULL;
    reel__kept_run *chunk = atomic_load_explicit(&t->runs->chunk[k], memory_order_relaxed);
    if (!chunk) {
        chunk = reel__alloc_array(&t->movie->alloc, (size_t)REEL__FIRST_CHUNK << k, sizeof *chunk);
        if (!chunk)
            return NULL;
        atomic_store_explicit(&t->runs->chunk[k], chunk, memory_order_release);
    }
    return &chunk[within];
}

/* Times and sync samples of a run: one look at each entry. */
static void survey(reel__kept_run *k, const uint8_t *p, bool *sync, int64_t *least_offset)
{
    const reel_run *r = &k->run;
    uint32_t each = reel__entry_size(r->trun_flags);
    int64_t dts = r->dts;
    k->least_pts = INT64_MAX;
    k->greatest_pts = INT64_MIN;
    if (!p) {
        k->least_pts = dts;
        k->greatest_pts = reel__dts_after(dts, r->count - 1, r->duration);
        *sync = (reel__fragment_flags(reel__run_default(r, 0).flags) & REEL_SAMPLE_SYNC) ||
                (r->count > 1 && (reel__fragment_flags(r->flags) & REEL_SAMPLE_SYNC));
        return;
    }
    for (uint32_t i = 0; i < r->count; i++, p += each) {
        reel__entry e = reel__run_entry(r, p, i);
        int64_t pts = dts + e.offset;
        k->least_pts = REEL__MIN(k->least_pts, pts);
        k->greatest_pts = REEL__MAX(k->greatest_pts, pts);
        *least_offset = REEL__MIN(*least_offset, (int64_t)e.offset);
        *sync |= (reel__fragment_flags(e.flags) & REEL_SAMPLE_SYNC) != 0;
        dts = reel__dts_add(dts, e.duration);
    }
}

int reel__runs_append(const reel_track *t, reel_run *run, const uint8_t *seen, reel_error *err)
{
    reel__runs *l = t->runs;
    uint64_t n = atomic_load_explicit(&l->count, memory_order_relaxed);
    if (run->tfdt < 0) { /* no tfdt: it goes on where the track was */
        if (run->traf_done == 0)
            l->traf_base = l->end;
        run->dts = reel__dts_add(run->dts, (uint64_t)l->traf_base);
    }
    run->first = l->next;
    reel__kept_run *k = room(t, n);
    if (!k)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    bool sync = false;
    int64_t least = atomic_load_explicit(&l->least_offset, memory_order_relaxed);
    k->run = *run;
    survey(k, seen, &sync, &least);
    const reel__kept_run *before = n ? reel__run_at(t, n - 1) : NULL;
    k->most_pts = before ? REEL__MAX(before->most_pts, k->greatest_pts) : k->greatest_pts;
    k->sync_run = sync ? n : before ? before->sync_run : UINT64_MAX;
    atomic_store_explicit(&l->least_offset, least, memory_order_relaxed);
    if (run->dts < l->end)
        atomic_store_explicit(&l->disordered, n > 0 || l->disordered, memory_order_relaxed);
    l->next += run->count;
    atomic_store_explicit(&l->count, n + 1, memory_order_release);
    return REEL_OK;
}

/* Sample at of run: by a sum over at most 256 entries, or by multiplication. */
static void sample_of(const reel_track *t, const reel_run *run, uint32_t at, reel_sample *out)
{
    const uint8_t *p = run->entries;
    int64_t dts = run->dts;
    uint64_t offset = run->offset;
    uint32_t each = reel__entry_size(run->trun_flags);
    if (!p) {
        dts = reel__dts_after(dts, at, run->duration);
        offset += (uint64_t)at * run->size;
    }
    for (uint32_t i = 0; p && i < at; i++, p += each) {
        reel__entry e = reel__run_entry(run, p, i);
        dts = reel__dts_add(dts, e.duration);
        offset += e.size;
    }
    reel__run_fill(t, run, at, reel__run_entry(run, p, at), dts, offset, out);
}

int reel__runs_count(const reel_track *t, uint64_t *samples, reel_error *err)
{
    *samples = 0;
    if (!t->runs)
        return REEL_OK;
    int code = reel__fragments_need(t, UINT64_MAX, err);
    if (code < 0)
        return code;
    uint64_t n = reel__runs_known(t), base;
    code = reel__table_count(t, &base, err);
    if (code == REEL_OK && n) {
        const reel_run *last = &reel__run_at(t, n - 1)->run;
        *samples = last->first + last->count - base;
    }
    return code;
}

int reel__runs_end_dts(const reel_track *t, int64_t *dts, reel_error *err)
{
    uint64_t n;
    reel_sample last;
    int code = reel__fragments_need(t, UINT64_MAX, err);
    if (code < 0)
        return code;
    if ((n = reel__runs_known(t)) == 0)
        return REEL_END;
    const reel_run *run = &reel__run_at(t, n - 1)->run;
    sample_of(t, run, run->count - 1, &last);
    *dts = last.dts + last.duration;
    return REEL_OK;
}

/* Of the first known runs the one that holds sample index; false when it is not among them. */
static bool find_index(const reel_track *t, uint64_t known, uint64_t index, uint64_t *n)
{
    uint64_t low = 0, high = known;
    if (high == 0)
        return false;
    const reel_run *last = &reel__run_at(t, high - 1)->run;
    if (index >= last->first + last->count)
        return false;
    while (high - low > 1) {
        uint64_t mid = low + (high - low) / 2;
        if (reel__run_at(t, mid)->run.first <= index)
            low = mid;
        else
            high = mid;
    }
    *n = low;
    return index >= reel__run_at(t, low)->run.first;
}

/* Scan on until sample index is known. REEL_END: there is none. */
static int locate(const reel_track *t, uint64_t index, uint64_t *n, reel_error *err)
{
    if (!t->runs)
        return REEL_END;
    /* One look at the count a round: another thread may add runs between two. */
    for (;;) {
        uint64_t known = reel__runs_known(t);
        if (find_index(t, known, index, n))
            return REEL_OK;
        int code = reel__fragments_need(t, known + 1, err);
        if (code != REEL_OK)
            return code;
    }
}

int reel__runs_locate(const reel_track *t, uint64_t index, uint64_t *n, uint32_t *at, reel_error *err)
{
    int code = locate(t, index, n, err);
    if (code == REEL_OK)
        *at = (uint32_t)(index - reel__run_at(t, *n)->run.first);
    return code;
}

/* Of samples at <= i < end of a run. */
static uint64_t bytes_of(const reel_run *run, uint64_t at, uint64_t end)
{
    uint32_t each = reel__entry_size(run->trun_flags);
    uint64_t sum = 0;
    if (!run->entries || !(run->trun_flags & 0x200))
        return (end - at) * run->size;
    const uint8_t *p = run->entries + (size_t)at * each;
    for (; at < end; at++, p += each)
        sum += reel__run_entry(run, p, (uint32_t)at).size;
    return sum;
}

int reel__runs_bytes(const reel_track *t, uint64_t first, uint64_t end, uint64_t *bytes, reel_error *err)
{
    uint64_t n;
    int code = first < end ? locate(t, end - 1, &n, err) : REEL_OK;
    if (code == REEL_OK && first < end)
        code = locate(t, first, &n, err);
    for (uint64_t stop; code == REEL_OK && first < end; first = stop, n++) {
        const reel_run *run = &reel__run_at(t, n)->run;
        stop = REEL__MIN(end, run->first + run->count);
        *bytes += bytes_of(run, first - run->first, stop - run->first);
    }
    return code;
}

int reel__runs_sample(const reel_track *t, uint64_t index, reel_sample *out, reel_error *err)
{
    uint64_t n;
    int code = locate(t, index, &n, err);
    if (code != REEL_OK)
        return code;
    const reel_run *run = &reel__run_at(t, n)->run;
    sample_of(t, run, (uint32_t)(index - run->first), out);
    return REEL_OK;
}

/* The last sample of run with dts <= the time; its first has. */
static uint32_t last_by_dts(const reel_run *run, int64_t dts)
{
    int64_t at = run->dts;
    uint32_t each = reel__entry_size(run->trun_flags), i;
    if (!run->entries) {
        /* at the end of time all that follow share it */
        bool apart = run->duration && dts < REEL__DTS_MAX;
        uint64_t n = apart ? (uint64_t)(dts - at) / run->duration : run->count;
        return (uint32_t)REEL__MIN(n, (uint64_t)run->count - 1);
    }
    for (i = 0; i + 1 < run->count; i++) {
        at = reel__dts_add(at, reel__run_entry(run, run->entries + (size_t)i * each, i).duration);
        if (at > dts)
            break;
    }
    return i;
}

/* The last known run that begins at or before dts, UINT64_MAX when there is none. */
static uint64_t run_by_dts(const reel_track *t, int64_t dts)
{
    uint64_t n = reel__runs_known(t), low = 0;
    if (atomic_load_explicit(&t->runs->disordered, memory_order_relaxed)) {
        while (n-- > 0)
            if (reel__run_at(t, n)->run.dts <= dts)
                return n;
        return UINT64_MAX;
    }
    while (low < n) {
        uint64_t mid = low + (n - low) / 2;
        if (reel__run_at(t, mid)->run.dts <= dts)
            low = mid + 1;
        else
            n = mid;
    }
    return low ? low - 1 : UINT64_MAX;
}

int reel__runs_find_dts(const reel_track *t, int64_t dts, uint64_t *index, reel_error *err)
{
    /* A tfdt further on may go backwards: only the whole list tells which sample is the last. */
    int code = reel__fragments_need(t, UINT64_MAX, err);
    if (code < 0)
        return code;
    uint64_t n = run_by_dts(t, dts);
    if (n == UINT64_MAX)
        return REEL_END;
    const reel_run *run = &reel__run_at(t, n)->run;
    *index = run->first + last_by_dts(run, dts);
    return REEL_OK;
}

/* The best of one run: greatest pts <= the time, the later of equals. */
static void best_of(const reel__kept_run *k, int64_t pts, bool *found, int64_t *best, uint64_t *index)
{
    const reel_run *run = &k->run;
    uint32_t each = reel__entry_size(run->trun_flags);
    int64_t dts = run->dts;
    if (!run->entries) {
        uint32_t i = last_by_dts(run, pts);
        int64_t at = reel__dts_after(dts, i, run->duration);
        if (!*found || at > *best) {
            *found = true;
            *best = at;
            *index = run->first + i;
        }
        return;
    }
    bool any = false;
    int64_t here = 0;
    uint32_t which = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        reel__entry e = reel__run_entry(run, run->entries + (size_t)i * each, i);
        int64_t at = dts + e.offset;
        if (at <= pts && (!any || at >= here)) {
            any = true;
            here = at;
            which = i;
        }
        dts = reel__dts_add(dts, e.duration);
    }
    if (any && (!*found || here > *best)) {
        *found = true;
        *best = here;
        *index = run->first + which;
    }
}

int reel__runs_find_pts(const reel_track *t, int64_t pts, uint64_t *index, reel_error *err)
{
    bool found = false;
    int64_t best = 0;
    int code = reel__fragments_need(t, UINT64_MAX, err);
    if (code < 0)
        return code;
    pts = REEL__MAX(INT64_MIN / 2, REEL__MIN(pts, INT64_MAX / 2)); /* times of runs stop far before */
    int64_t least = atomic_load_explicit(&t->runs->least_offset, memory_order_relaxed);
    uint64_t n = atomic_load_explicit(&t->runs->disordered, memory_order_relaxed) ? reel__runs_known(t) - 1
                                                                                  : run_by_dts(t, pts - least);
    /* Backwards; nothing before can be shown later than the best once even the latest of them is not. */
    for (; n != UINT64_MAX; n--) {
        const reel__kept_run *k = reel__run_at(t, n);
        if (found && k->most_pts <= best)
            break;
        if (k->least_pts <= pts)
            best_of(k, pts, &found, &best, index);
    }
    return found ? REEL_OK : REEL_END;
}

static bool is_sync(const reel_run *run, uint32_t at)
{
    uint32_t each = reel__entry_size(run->trun_flags);
    const uint8_t *p = run->entries ? run->entries + (size_t)at * each : NULL;
    return reel__fragment_flags(reel__run_entry(run, p, at).flags) & REEL_SAMPLE_SYNC;
}

/* In a run: the sync sample next to at, itself included; false when there is none on that side. */
static bool sync_in(const reel_run *run, int64_t at, bool next, uint64_t *sync)
{
    if (!run->entries) { /* all alike, but perhaps the first */
        bool first = is_sync(run, 0), rest = run->count > 1 && is_sync(run, 1);
        if (!rest && (!first || (next && at > 0)))
            return false;
        if (!rest)
            at = 0;
        else if (at == 0 && !first)
            at = next ? 1 : -1;
        if (at < 0)
            return false;
        *sync = run->first + (uint64_t)at;
        return true;
    }
    for (; at >= 0 && at < run->count; at += next ? 1 : -1)
        if (is_sync(run, (uint32_t)at)) {
            *sync = run->first + (uint64_t)at;
            return true;
        }
    return false;
}

/* The first known run from n on that has a sync sample: sync_run only grows. UINT64_MAX when there is none. */
static uint64_t next_sync_run(const reel_track *t, uint64_t known, uint64_t n)
{
    uint64_t high = known, low = n;
    while (low < high) {
        uint64_t mid = low + (high - low) / 2, s = reel__run_at(t, mid)->sync_run;
        if (s != UINT64_MAX && s >= n)
            high = mid;
        else
            low = mid + 1;
    }
    return low < known ? low : UINT64_MAX;
}

static int sync_ahead(const reel_track *t, uint64_t n, uint64_t *sync, reel_error *err)
{
    for (;;) {
        uint64_t known = reel__runs_known(t), at = next_sync_run(t, known, n);
        if (at != UINT64_MAX)
            return sync_in(&reel__run_at(t, at)->run, 0, true, sync) ? REEL_OK : REEL_END;
        int code = reel__fragments_need(t, known + 1, err);
        if (code != REEL_OK)
            return code;
    }
}

int reel__runs_find_sync(const reel_track *t, uint64_t index, bool next, uint64_t *sync, reel_error *err)
{
    uint64_t n;
    int code = locate(t, index, &n, err);
    if (code != REEL_OK)
        return code;
    const reel__kept_run *k = reel__run_at(t, n);
    if (sync_in(&k->run, (int64_t)(index - k->run.first), next, sync))
        return REEL_OK;
    if (next)
        return sync_ahead(t, n + 1, sync, err);
    if (n == 0 || (n = reel__run_at(t, n - 1)->sync_run) == UINT64_MAX)
        return REEL_END;
    const reel_run *run = &reel__run_at(t, n)->run;
    return sync_in(run, (int64_t)run->count - 1, false, sync) ? REEL_OK : REEL_END;
}

int reel__runs_explain(const reel_track *t, uint64_t index, reel_explanation *out, reel_error *err)
{
    uint64_t n;
    uint32_t at;
    int code = reel__runs_locate(t, index, &n, &at, err);
    if (code != REEL_OK)
        return code;
    const reel_run *run = &reel__run_at(t, n)->run;
    sample_of(t, run, at, &out->sample);
    out->moof_offset = run->moof;
    out->trun_offset = run->trun;
    out->tfdt = run->tfdt;
    out->trun_first_sample = run->first - run->trun_done;
    out->ctts_offset = (int32_t)(out->sample.pts - out->sample.dts);
    out->sync_sample = REEL_NO_INDEX;
    code = reel__runs_find_sync(t, index, false, &out->sync_sample, err);
    return code == REEL_END ? REEL_OK : code;
}
