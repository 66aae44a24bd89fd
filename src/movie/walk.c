/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walking the tables: for each of stts, ctts, stsc, stss one place that finds an entry and one that steps to the next.
 * Lookups are a find and a read; cursors are a find and steps.
 */
#include "movie/marks.h"

/* stts: ISO/IEC 14496-12:2022 8.6.1.2. Behind the last entry its delta goes on for ever. */

static void time_enter(reel_cursor *c, uint32_t entry)
{
    const reel__index *x = &c->track->index;
    while (entry < x->stts.n && reel__stts_count(x, entry) == 0)
        entry++;
    c->stts_entry = entry;
    if (entry < x->stts.n) {
        c->stts_left = reel__stts_count(x, entry);
        c->stts_delta = reel__stts_delta(x, entry);
    } else {
        c->stts_left = UINT32_MAX;
    }
}

static inline void time_step(reel_cursor *c)
{
    c->dts = reel__dts_add(c->dts, c->stts_delta);
    if (--c->stts_left == 0)
        time_enter(c, c->stts_entry + 1);
}

/* The mark at or before sample; there is at least one. */
static uint32_t time_mark(const reel__time_marks *m, uint64_t sample)
{
    uint32_t low = 0, high = m->n - 1;
    while (low < high) {
        uint32_t mid = low + (high - low + 1) / 2;
        if (m->at[mid].sample <= sample)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

static int time_find(reel_cursor *c, uint64_t sample, reel_error *err)
{
    const reel__index *x = &c->track->index;
    uint64_t at = 0;
    uint32_t entry = 0;
    c->dts = 0;
    c->stts_delta = 0;
    if (x->stts.n > REEL__STEP) {
        const reel__time_marks *m = reel__time_marks_get(c->track, err);
        if (!m)
            return REEL_E_NOMEM;
        uint32_t k = time_mark(m, sample);
        entry = k * REEL__STEP;
        at = m->at[k].sample;
        c->dts = m->at[k].dts;
        c->stts_delta = m->at[k].delta;
    }
    for (uint64_t n, ticks; x->stts.n - entry >= 8 && reel__stts_eight(x, entry, &n, &ticks) && at + n <= sample;
         entry += 8) {
        at += n;
        c->dts = reel__dts_add(c->dts, ticks);
        c->stts_delta = reel__stts_delta(x, entry + 7);
    }
    for (; entry < x->stts.n; entry++) {
        uint32_t count = reel__stts_count(x, entry), delta = reel__stts_delta(x, entry);
        if (count == 0)
            continue;
        c->stts_delta = delta;
        if (sample - at < count) {
            c->stts_entry = entry;
            c->stts_left = (uint32_t)(count - (sample - at));
            c->dts = reel__dts_after(c->dts, sample - at, delta);
            return REEL_OK;
        }
        at += count;
        c->dts = reel__dts_after(c->dts, count, delta);
    }
    c->stts_entry = x->stts.n;
    c->stts_left = UINT32_MAX;
    c->dts = reel__dts_after(c->dts, sample - at, c->stts_delta);
    return REEL_OK;
}

/* ctts: 8.6.1.3. Behind the last entry the offset is 0. */

static void comp_enter(reel_cursor *c, uint32_t entry)
{
    const reel__index *x = &c->track->index;
    while (entry < x->ctts.n && reel__ctts_count(x, entry) == 0)
        entry++;
    c->ctts_entry = entry;
    c->ctts_left = entry < x->ctts.n ? reel__ctts_count(x, entry) : UINT32_MAX;
    c->ctts_offset = entry < x->ctts.n ? reel__ctts_offset(x, entry) : 0;
}

static inline void comp_step(reel_cursor *c)
{
    if (--c->ctts_left == 0)
        comp_enter(c, c->ctts_entry + 1);
}

/*
 * The mark at or before sample. In nearly every film all runs are about as long, so that a proportion hits the mark
 * or its neighbour; where it does not, bisection goes on from there.
 */
static uint32_t comp_mark(const reel__comp_marks *m, uint32_t samples, uint64_t sample)
{
    uint32_t low = 0, high = m->n - 1;
    uint64_t guess = samples ? sample * m->n / samples : 0;
    uint32_t k = (uint32_t)REEL__MIN(guess, (uint64_t)high);
    if (m->sample[k] <= sample) {
        if (k == high || sample < m->sample[k + 1])
            return k;
        low = k + 1;
    } else {
        if (m->sample[k - 1] <= sample)
            return k - 1;
        high = k - 1;
    }
    while (low < high) {
        uint32_t mid = low + (high - low + 1) / 2;
        if (m->sample[mid] <= sample)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

enum { FAR_MARKS = 4096 };

/*
 * Ask for what a lookup needs before it is needed: the mark by proportion, and, where each sample has an entry of its own,
 * that. In a short film both are near anyway.
 */
static inline void comp_expect(const reel__index *x, uint64_t sample)
{
    const reel__comp_marks *m = reel__once_get(&x->comp);
    if (m && m->n > FAR_MARKS && sample < x->sample_count)
        __builtin_prefetch(&m->sample[REEL__MIN(sample * m->n / x->sample_count, (uint64_t)m->n - 1)]);
    if (x->ctts.n == x->sample_count && sample < x->ctts.n)
        __builtin_prefetch(x->ctts.p + 8 * (size_t)sample);
}

static int comp_find(reel_cursor *c, uint64_t sample, reel_error *err)
{
    const reel__index *x = &c->track->index;
    uint64_t at = 0;
    uint32_t entry = 0;
    if (x->ctts.n > REEL__COMP_STEP) {
        const reel__comp_marks *m = reel__comp_marks_get(c->track, err);
        if (!m)
            return REEL_E_NOMEM;
        uint32_t k = comp_mark(m, x->sample_count, sample);
        entry = k * REEL__COMP_STEP;
        at = m->sample[k];
    }
    /* Eight entries at a time while all of them lie before the sample: sums that do not wait for each other. */
    for (uint64_t eight; x->ctts.n - entry >= 8 && at + (eight = reel__ctts_eight(x, entry)) <= sample; entry += 8)
        at += eight;
    for (; entry < x->ctts.n; entry++) {
        uint32_t count = reel__ctts_count(x, entry);
        if (sample - at < count) {
            c->ctts_entry = entry;
            c->ctts_left = (uint32_t)(count - (sample - at));
            c->ctts_offset = reel__ctts_offset(x, entry);
            return REEL_OK;
        }
        at += count;
    }
    comp_enter(c, x->ctts.n);
    return REEL_OK;
}

/* stsc and stco: 8.7.4, 8.7.5 */

/* Stand at the first sample of chunk, in the run that begins at entry. */
static void chunk_enter(reel_cursor *c, uint32_t chunk)
{
    const reel__index *x = &c->track->index;
    c->chunk = chunk;
    c->chunk_left = (uint32_t)REEL__MIN((uint64_t)c->samples_per_chunk, x->sample_count - c->index);
    c->offset = reel__chunk_offset(x, chunk);
}

static void chunk_run(reel_cursor *c, uint32_t entry, uint32_t next)
{
    const reel__index *x = &c->track->index;
    const uint8_t *p = reel__stsc_entry(x, entry);
    c->stsc_entry = entry;
    c->stsc_next = next;
    c->samples_per_chunk = reel__be32(p + 4);
    c->description = reel__be32(p + 8);
}

/* The next chunk that holds a sample; false behind the last. */
static bool chunk_step(reel_cursor *c)
{
    const reel__index *x = &c->track->index;
    if (c->index >= x->sample_count || x->stsc.n == 0)
        return false;
    uint32_t chunk = c->chunk + 1;
    for (;;) {
        if (chunk > x->chunks.n)
            return false;
        if (chunk >= reel__stsc_end(x, c->stsc_next))
            chunk_run(c, c->stsc_next, reel__stsc_next(x, c->stsc_next, chunk));
        if (c->samples_per_chunk)
            break;
        chunk = reel__stsc_end(x, c->stsc_next); /* chunks without samples */
    }
    chunk_enter(c, chunk);
    return true;
}

static void chunk_begin(reel_cursor *c)
{
    c->chunk = 0;
    c->chunk_left = 0;
    c->samples_per_chunk = 0;
    if (c->track->index.stsc.n)
        chunk_run(c, 0, reel__stsc_next(&c->track->index, 0, 1));
}

/* Sizes of the samples from `from` to `to`, in one chunk. */
static int bytes_between(reel_cursor *c, uint64_t from, uint64_t to, uint64_t *sum, reel_error *err)
{
    const reel__index *x = &c->track->index;
    *sum = 0;
    if (!x->sizes) {
        *sum = (to - from) * x->size; /* both below 2^32 */
        return REEL_OK;
    }
    if (to - from > REEL__BYTE_STEP) {
        const reel__byte_marks *m = reel__byte_marks_get(c->track, err);
        if (!m)
            return REEL_E_NOMEM;
        uint64_t a = (from + REEL__BYTE_STEP - 1) / REEL__BYTE_STEP, b = to / REEL__BYTE_STEP;
        for (; from < a * REEL__BYTE_STEP; from++)
            *sum += reel__size_of(x, from);
        *sum += m->at[b] - m->at[a];
        from = b * REEL__BYTE_STEP;
    }
    for (; from < to; from++)
        *sum += reel__size_of(x, from);
    return REEL_OK;
}

static uint32_t chunk_mark(const reel__chunk_marks *m, uint64_t sample)
{
    uint32_t low = 0, high = m->n - 1;
    while (low < high) {
        uint32_t mid = low + (high - low + 1) / 2;
        if (m->at[mid].sample <= sample)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

/*
 * Into the chunk that holds sample c->index, which is below what the chunks cover; *first is its first sample. Its offset,
 * which lies far away, is asked for, and read by chunk_place. The table may have changed since the marks were built: the
 * file was cut, or somebody writes into it. Then this gives false.
 */
static bool chunk_find(reel_cursor *c, const reel__chunk_marks *m, uint64_t *first)
{
    const reel__index *x = &c->track->index;
    uint64_t sample = c->index;
    struct reel__chunk_mark run = m->at[chunk_mark(m, sample)];
    uint32_t end, per_chunk;
    for (;;) {
        end = reel__stsc_end(x, run.next);
        per_chunk = reel__be32(reel__stsc_entry(x, run.entry) + 4);
        uint64_t here = end > run.chunk ? (uint64_t)(end - run.chunk) * per_chunk : 0;
        if (sample - run.sample < here)
            break;
        if (run.next >= x->stsc.n)
            return false;
        run = (struct reel__chunk_mark){run.sample + here, run.next, end, reel__stsc_next(x, run.next, end)};
    }
    chunk_run(c, run.entry, run.next);
    c->samples_per_chunk = per_chunk; /* as it was when it was found good */
    uint64_t nth = (sample - run.sample) / per_chunk;
    *first = run.sample + nth * per_chunk;
    c->chunk = run.chunk + (uint32_t)nth;
    if (c->chunk == 0 || c->chunk > x->chunks.n)
        return false;
    __builtin_prefetch(x->chunks.p + (x->co64 ? 8 : 4) * (size_t)(c->chunk - 1));
    return true;
}

/* The tables are not what they were. */
static int changed(const reel_track *t, reel_error *err)
{
    if (reel__source_shrunk(t->movie->source))
        return reel__track_fail(t, REEL__STSC, err, REEL_E_SHRUNK, "%s", reel_code_text(REEL_E_SHRUNK));
    return reel__track_fail(t, REEL__STSC, err, REEL_E_TABLE, "it was changed while the film is open");
}

static int chunk_place(reel_cursor *c, uint64_t first, reel_error *err)
{
    uint64_t sample = c->index, before;
    c->index = first;
    chunk_enter(c, c->chunk);
    c->index = sample;
    c->chunk_left -= (uint32_t)(sample - first);
    int code = bytes_between(c, first, sample, &before, err);
    c->offset += before;
    return code;
}

/* stss, stps: 8.6.2. next_sync is the next sync sample at or behind the cursor, UINT32_MAX when there is none. */

static uint32_t sync_number(const reel__sync_list *list, uint32_t i)
{
    return i < list->table.n ? reel__be32(list->table.p + 4 * (size_t)i) - list->base : UINT32_MAX;
}

/* Sync samples mostly come at a steady rate: look around the proportion, wider and wider, then bisect. */
static void sync_bracket(const reel__sync_list *list, uint64_t sample, uint32_t *low, uint32_t *high)
{
    const uint32_t n = list->table.n;
    uint64_t last = (uint64_t)sync_number(list, n - 1) + 1, guess = sample * n / last;
    uint32_t k = (uint32_t)REEL__MIN(guess, (uint64_t)n - 1), step = 1;
    if (sync_number(list, k) < sample) {
        for (*low = k + 1; *low < n && n - *low > step && sync_number(list, *low + step) < sample; step *= 2)
            *low += step + 1;
        *high = n - *low > step ? *low + step + 1 : n;
    } else {
        for (*high = k; *high > step && sync_number(list, *high - step) >= sample; step *= 2)
            *high -= step;
        *low = *high > step ? *high - step : 0;
    }
}

uint32_t reel__sync_find(const reel__sync_list *list, uint64_t sample)
{
    uint32_t low = 0, high = list->table.n;
    if (high > 8)
        sync_bracket(list, sample, &low, &high);
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (sync_number(list, mid) < sample)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void reel__times_expect(const reel_track *t, uint64_t index) { comp_expect(&t->index, index); }

void reel__table_expect(const reel_track *t, uint64_t index)
{
    const reel__index *x = &t->index;
    const reel__chunk_marks *chunks = reel__once_get(&x->chunk);
    reel_cursor c;
    uint64_t first;
    if (!chunks || index >= chunks->covered)
        return;
    c.track = t;
    c.index = index;
    if (x->sizes && x->size_bits == 32)
        __builtin_prefetch(x->sizes + 4 * (size_t)index);
    comp_expect(x, index);
    (void)chunk_find(&c, chunks, &first);
}

static int sync_find(reel_cursor *c, uint64_t sample, reel_error *err)
{
    const reel__index *x = &c->track->index;
    c->sync_state = 0;
    c->next_sync = c->next_partial = UINT32_MAX;
    if (x->has_stss && x->stss.n) {
        const reel__sync_list *list = reel__sync_list_get(c->track, false, err);
        if (!list)
            return REEL_E_NOMEM;
        c->stss_entry = reel__sync_find(list, sample);
        c->next_sync = sync_number(list, c->stss_entry);
    }
    if (x->has_stss && x->stps.n) {
        const reel__sync_list *list = reel__sync_list_get(c->track, true, err);
        if (!list)
            return REEL_E_NOMEM;
        c->stps_entry = reel__sync_find(list, sample);
        c->next_partial = sync_number(list, c->stps_entry);
    }
    return REEL_OK;
}

/*
 * At the very start the list is not looked through: where it begins with sample 1, as in any real film, that is known to
 * be first. BEGIN: next_sync is sample 0, whatever follows. ASLEEP: next_sync is only the place to look at the list.
 */
enum { SYNC_KNOWN = 0, SYNC_BEGIN, SYNC_ASLEEP };

static int sync_begin(reel_cursor *c, reel_error *err)
{
    const reel__index *x = &c->track->index;
    c->sync_state = SYNC_KNOWN;
    if (x->stps.n || !x->stss.n || reel__be32(x->stss.p) != 1)
        return sync_find(c, 0, err);
    c->next_partial = UINT32_MAX;
    c->next_sync = 0;
    c->sync_state = SYNC_BEGIN;
    return REEL_OK;
}

/* The cursor stands where next_sync (next_partial) is: say whether that is a sync sample, and aim at the next one. */
static int sync_step(reel_cursor *c, bool partial, bool *is, reel_error *err)
{
    *is = true;
    if (!partial && c->sync_state == SYNC_BEGIN) {
        c->next_sync = 1;
        c->sync_state = SYNC_ASLEEP;
        return REEL_OK;
    }
    const reel__sync_list *list = reel__sync_list_get(c->track, partial, err);
    if (!list)
        return REEL_E_NOMEM;
    if (!partial && c->sync_state == SYNC_ASLEEP) {
        uint32_t here = c->next_sync;
        c->sync_state = SYNC_KNOWN;
        c->stss_entry = reel__sync_find(list, here);
        c->next_sync = sync_number(list, c->stss_entry);
        *is = c->next_sync == here;
        if (!*is)
            return REEL_OK;
    }
    if (partial)
        c->next_partial = sync_number(list, ++c->stps_entry);
    else
        c->next_sync = sync_number(list, ++c->stss_entry);
    return REEL_OK;
}

/* sdtp: 8.6.4. Two bits each: is_leading, depends_on, is_depended_on, has_redundancy. */
uint32_t reel__sdtp_flags(uint8_t bits)
{
    uint32_t flags = 0;
    if ((bits >> 6) == 1 || (bits >> 6) == 3)
        flags |= REEL_SAMPLE_LEADING;
    if ((bits >> 4 & 3) == 2)
        flags |= REEL_SAMPLE_INDEPENDENT;
    if ((bits >> 2 & 3) == 2)
        flags |= REEL_SAMPLE_DISPOSABLE;
    if ((bits & 3) == 1)
        flags |= REEL_SAMPLE_REDUNDANT;
    return flags;
}

int reel__table_cursor_init(reel_cursor *c, reel_error *err)
{
    c->index = 0;
    c->dts = 0;
    c->stts_delta = 0;
    time_enter(c, 0);
    comp_enter(c, 0);
    chunk_begin(c);
    return sync_begin(c, err);
}

int reel__table_cursor_seek(reel_cursor *c, uint64_t index, reel_error *err)
{
    uint64_t count;
    int code = reel__table_count(c->track, &count, err);
    if (code != REEL_OK)
        return code;
    c->index = REEL__MIN(index, count);
    if (index >= count) {
        c->chunk = c->track->index.chunks.n;
        c->chunk_left = 0;
        c->samples_per_chunk = 0;
        c->stsc_next = c->track->index.stsc.n;
        return REEL_OK;
    }
    const reel__chunk_marks *chunks = reel__chunk_marks_get(c->track, err);
    if (!chunks)
        return REEL_E_NOMEM;
    const reel__index *x = &c->track->index;
    uint64_t first;
    /* What lies far away is asked for first, and waited for once. */
    if (x->sizes && x->size_bits == 32)
        __builtin_prefetch(x->sizes + 4 * (size_t)index);
    comp_expect(x, index);
    if (!chunk_find(c, chunks, &first))
        return changed(c->track, err);
    code = time_find(c, index, err);
    if (code == REEL_OK)
        code = comp_find(c, index, err);
    if (code == REEL_OK)
        code = chunk_place(c, first, err);
    if (code == REEL_OK)
        code = sync_find(c, index, err);
    return code;
}

int reel__table_dts(const reel_track *t, uint64_t index, int64_t *dts, reel_error *err)
{
    reel_cursor c;
    c.track = t;
    int code = time_find(&c, index, err);
    *dts = c.dts;
    return code;
}

int reel__table_pts(const reel_track *t, uint64_t index, int64_t *pts, reel_error *err)
{
    reel_cursor c;
    c.track = t;
    int code = reel__times_seek(&c, index, err);
    *pts = code == REEL_OK ? c.dts + c.ctts_offset : 0;
    return code;
}

int reel__times_seek(reel_cursor *c, uint64_t index, reel_error *err)
{
    c->index = index;
    comp_expect(&c->track->index, index);
    int code = time_find(c, index, err);
    return code == REEL_OK ? comp_find(c, index, err) : code;
}

void reel__times_step(reel_cursor *c)
{
    c->index++;
    time_step(c);
    comp_step(c);
}

int reel__table_cursor_next(reel_cursor *c, reel_sample *out, reel_error *err)
{
    const reel__index *x = &c->track->index;
    if (c->chunk_left == 0 && !chunk_step(c))
        return REEL_END;
    uint64_t index = c->index;
    uint32_t flags = x->has_stss ? 0 : REEL_SAMPLE_SYNC;
    bool is;
    if (index == c->next_partial) {
        int code = sync_step(c, true, &is, err);
        if (code != REEL_OK)
            return code;
        flags |= REEL_SAMPLE_SYNC | REEL_SAMPLE_PARTIAL;
    }
    if (index == c->next_sync) {
        int code = sync_step(c, false, &is, err);
        if (code != REEL_OK)
            return code;
        flags = is ? REEL_SAMPLE_SYNC : flags;
    }
    if (index < x->sdtp_count)
        flags |= reel__sdtp_flags(x->sdtp[index]);
    uint32_t size = reel__size_of(x, index);
    out->index = index;
    out->dts = c->dts;
    out->pts = c->dts + c->ctts_offset;
    out->offset = c->offset;
    out->size = size;
    out->duration = c->stts_delta;
    out->track_id = c->track->id;
    out->description = c->description;
    out->flags = flags;
    out->chunk = c->chunk;
    c->offset += size;
    c->chunk_left--;
    c->index = index + 1;
    time_step(c);
    comp_step(c);
    return REEL_OK;
}

/* The batch: each table in a loop of its own over a block that stays in the first cache. */

enum { BLOCK = 256 };

static size_t block_places(reel_cursor *c, reel_sample *out, size_t n)
{
    const reel__index *x = &c->track->index;
    size_t got = 0;
    while (got < n && (c->chunk_left || chunk_step(c))) {
        size_t m = REEL__MIN(n - got, (size_t)c->chunk_left);
        uint64_t offset = c->offset, index = c->index;
        const uint32_t id = c->track->id, description = c->description, chunk = c->chunk;
        reel_sample *s = out + got;
        if (x->sizes && x->size_bits == 32) {
            const uint8_t *p = x->sizes + 4 * (size_t)index;
            for (size_t i = 0; i < m; i++)
                s[i].size = reel__be32(p + 4 * i);
        } else {
            for (size_t i = 0; i < m; i++)
                s[i].size = reel__size_of(x, index + i);
        }
        for (size_t i = 0; i < m; i++) {
            s[i].index = index + i;
            s[i].offset = offset;
            s[i].track_id = id;
            s[i].description = description;
            s[i].chunk = chunk;
            offset += s[i].size;
        }
        c->offset = offset;
        c->index = index + m;
        c->chunk_left -= (uint32_t)m;
        got += m;
    }
    return got;
}

static void block_times(reel_cursor *c, reel_sample *out, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t m = REEL__MIN(n - at, (size_t)c->stts_left);
        int64_t dts = c->dts;
        const uint32_t delta = c->stts_delta;
        for (size_t i = 0; i < m; i++) {
            out[at + i].dts = dts;
            out[at + i].duration = delta;
            dts = reel__dts_add(dts, delta);
        }
        at += m;
        c->dts = dts;
        c->stts_left -= (uint32_t)m;
        if (c->stts_left == 0)
            time_enter(c, c->stts_entry + 1);
    }
}

static void block_offsets(reel_cursor *c, reel_sample *out, size_t n)
{
    const reel__index *x = &c->track->index;
    uint32_t left = c->ctts_left, entry = c->ctts_entry;
    int32_t offset = c->ctts_offset;
    for (size_t i = 0; i < n; i++) {
        out[i].pts = out[i].dts + offset;
        if (--left)
            continue;
        /* B frames give runs of one: the next entry mostly has samples */
        if (++entry < x->ctts.n && (left = reel__ctts_count(x, entry))) {
            offset = reel__ctts_offset(x, entry);
        } else {
            comp_enter(c, entry);
            left = c->ctts_left;
            entry = c->ctts_entry;
            offset = c->ctts_offset;
        }
    }
    c->ctts_left = left;
    c->ctts_entry = entry;
    c->ctts_offset = offset;
}

static int block_flags(reel_cursor *c, reel_sample *out, size_t n, reel_error *err)
{
    const reel__index *x = &c->track->index;
    const uint32_t base = x->has_stss ? 0 : REEL_SAMPLE_SYNC;
    uint64_t first = out[0].index;
    for (size_t i = 0; i < n; i++)
        out[i].flags = base;
    bool is;
    while (c->next_partial - first < n) {
        out[c->next_partial - first].flags |= REEL_SAMPLE_SYNC | REEL_SAMPLE_PARTIAL;
        int code = sync_step(c, true, &is, err);
        if (code != REEL_OK)
            return code;
    }
    while (c->next_sync - first < n) {
        uint64_t at = c->next_sync - first;
        int code = sync_step(c, false, &is, err);
        if (code != REEL_OK)
            return code;
        if (is)
            out[at].flags = REEL_SAMPLE_SYNC;
    }
    for (size_t i = 0; i < n && first + i < x->sdtp_count; i++)
        out[i].flags |= reel__sdtp_flags(x->sdtp[first + i]);
    return REEL_OK;
}

int reel__table_cursor_batch(reel_cursor *c, reel_sample *out, size_t n, size_t *got, reel_error *err)
{
    *got = 0;
    while (*got < n) {
        reel_cursor before = *c;
        size_t m = block_places(c, out + *got, REEL__MIN(n - *got, (size_t)BLOCK));
        if (m == 0)
            break;
        block_times(c, out + *got, m);
        block_offsets(c, out + *got, m);
        int code = block_flags(c, out + *got, m, err);
        if (code != REEL_OK) {
            *c = before; /* what was got counts; the call is made again for the rest */
            return *got ? REEL_OK : code;
        }
        *got += m;
    }
    return *got ? REEL_OK : REEL_END;
}
