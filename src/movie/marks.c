/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "movie/marks.h"

typedef void *(*builder)(const reel_track *);

static const void *get(const reel_track *t, const reel__once *slot, builder build, reel_error *err)
{
    const void *there = reel__once_get(slot);
    if (!there && !(there = reel__once_publish(slot, build(t), &t->movie->alloc)))
        reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    return there;
}

static uint32_t marks_for(uint32_t entries) { return (uint32_t)(((uint64_t)entries + REEL__STEP - 1) / REEL__STEP); }

/* A header of head bytes and n marks. */
static void *new_marks(const reel_track *t, size_t head, uint32_t n, size_t each)
{
    size_t bytes;
    if (!reel__mul((size_t)n, each, &bytes) || !reel__add(bytes, head, &bytes))
        return NULL;
    return reel__alloc(&t->movie->alloc, bytes);
}

/* A table that is read from end to end costs most by its page faults: ask for the pages at once. */
static void will_read(const reel_track *t, reel__slot slot)
{
    const reel__part *part = &t->part[slot];
    if (part->size > 1 << 16 && !t->movie->inflated)
        reel__source_will_read(t->movie->source, part->offset + part->header, part->size);
}

/* ISO/IEC 14496-12:2022 8.6.1.2 */
static void *build_time(const reel_track *t)
{
    const reel__index *x = &t->index;
    uint32_t n = marks_for(x->stts.n);
    reel__time_marks *m = new_marks(t, sizeof *m, n, sizeof *m->at);
    if (!m)
        return NULL;
    m->n = n;
    will_read(t, REEL__STTS);
    uint64_t sample = 0;
    int64_t dts = 0;
    uint32_t delta = 0;
    for (uint32_t i = 0; i < x->stts.n; i++) {
        if (i % REEL__STEP == 0)
            m->at[i / REEL__STEP] = (struct reel__time_mark){sample, dts, delta};
        uint32_t count = reel__stts_count(x, i);
        if (count)
            delta = reel__stts_delta(x, i);
        sample += count;
        dts = reel__dts_after(dts, count, delta);
    }
    if (dts == REEL__DTS_MAX)
        reel__track_warn(t, REEL__STTS, NULL, REEL_E_TIME, "the decode times overflow; they stop there");
    if (sample < x->sample_count)
        reel__track_warn(t, REEL__STTS, NULL, REEL_E_TABLE,
                         "it covers %llu of %u samples; the last duration goes on", (unsigned long long)sample,
                         x->sample_count);
    return m;
}

const reel__time_marks *reel__time_marks_get(const reel_track *t, reel_error *err)
{
    return get(t, &t->index.time, build_time, err);
}

/* Entries [first, end): how many samples, and what offsets they have. */
static uint64_t survey_comp(const reel__index *x, uint32_t first, uint32_t end, struct reel__comp_range *range)
{
    uint64_t samples = 0;
    *range = (struct reel__comp_range){INT32_MAX, INT32_MIN};
    for (uint32_t i = first; i < end; i++) {
        int32_t offset = reel__ctts_offset(x, i);
        samples += reel__ctts_count(x, i);
        range->least = REEL__MIN(range->least, offset);
        range->greatest = REEL__MAX(range->greatest, offset);
    }
    return samples;
}

/* ISO/IEC 14496-12:2022 8.6.1.3 */
static void *build_comp(const reel_track *t)
{
    const reel__index *x = &t->index;
    uint32_t ranges = marks_for(x->ctts.n), n = x->ctts.n / REEL__COMP_STEP + (x->ctts.n % REEL__COMP_STEP != 0);
    reel__comp_marks *m = new_marks(t, sizeof *m, n + 2 * ranges, sizeof *m->sample);
    if (!m)
        return NULL;
    m->n = n;
    m->ranges = ranges;
    m->range = (struct reel__comp_range *)(m->sample + n);
    m->least = m->greatest = 0;
    will_read(t, REEL__CTTS);
    uint64_t sample = 0;
    for (uint32_t k = 0; k < n; k++) {
        struct reel__comp_range here, *r = &m->range[k / (REEL__STEP / REEL__COMP_STEP)];
        uint32_t first = k * REEL__COMP_STEP;
        m->sample[k] = (uint32_t)REEL__MIN(sample, (uint64_t)UINT32_MAX);
        sample += survey_comp(x, first, (uint32_t)REEL__MIN((uint64_t)x->ctts.n, (uint64_t)first + REEL__COMP_STEP), &here);
        bool opens = k % (REEL__STEP / REEL__COMP_STEP) == 0;
        r->least = opens ? here.least : REEL__MIN(r->least, here.least);
        r->greatest = opens ? here.greatest : REEL__MAX(r->greatest, here.greatest);
        m->least = REEL__MIN(m->least, here.least);
        m->greatest = REEL__MAX(m->greatest, here.greatest);
    }
    return m;
}

const reel__comp_marks *reel__comp_marks_get(const reel_track *t, reel_error *err)
{
    return get(t, &t->index.comp, build_comp, err);
}

static void check_stsc_entry(const reel_track *t, uint32_t i, uint32_t before)
{
    const uint8_t *entry = reel__stsc_entry(&t->index, i);
    uint32_t first = reel__be32(entry);
    if (i == 0 && first != 1)
        reel__track_warn(t, REEL__STSC, NULL, REEL_E_TABLE, "entry 1: first_chunk is %u, not 1", first);
    else if (i && first <= before)
        reel__track_warn(t, REEL__STSC, NULL, REEL_E_TABLE, "entry %u: first_chunk %u is not above %u", i + 1, first,
                         before);
    else if (reel__be32(entry + 4) == 0)
        reel__track_warn(t, REEL__STSC, NULL, REEL_E_TABLE, "entry %u: samples_per_chunk is 0", i + 1);
    else
        reel__track_warn(t, REEL__STSC, NULL, REEL_E_TABLE, "entry %u: there is no sample description %u", i + 1,
                         reel__be32(entry + 8));
}

/*
 * What check_stsc_entry is to look at: samples_per_chunk, first_chunk of the first, and whether there is the sample
 * description (where there are none at all that is said elsewhere).
 */
static bool is_faulty(const reel_track *t, uint32_t i)
{
    const uint8_t *entry = reel__stsc_entry(&t->index, i);
    return reel__be32(entry + 4) == 0 || (i == 0 && reel__be32(entry) != 1) ||
           (t->description_count && reel__be32(entry + 8) - 1 >= t->description_count);
}

/* Two passes over a table that is small in real films: the checks, then the marks. ISO/IEC 14496-12:2022 8.7.4 */
static void *build_chunk(const reel_track *t)
{
    const reel__index *x = &t->index;
    uint32_t room = 2 * marks_for(x->stsc.n); /* one a step, and one where a run goes over a step */
    reel__chunk_marks *m = new_marks(t, sizeof *m, room, sizeof *m->at);
    if (!m)
        return NULL;
    m->n = 0;
    will_read(t, REEL__STSC);
    uint64_t sample = 0;
    uint32_t chunk = 1, faults = 0, due = 0;
    for (uint32_t i = 0; i < x->stsc.n && chunk <= x->chunks.n;) {
        uint32_t next = reel__stsc_next(x, i, chunk), end = reel__stsc_end(x, next);
        if (i >= due || next - i > REEL__STEP) {
            m->at[m->n++] = (struct reel__chunk_mark){sample, i, chunk, next};
            due = i - i % REEL__STEP + REEL__STEP;
        }
        uint32_t per_chunk = reel__be32(reel__stsc_entry(x, i) + 4);
        /* chunks and samples per chunk are below 2^32, the sum of products below 2^64 */
        sample += (uint64_t)(end - chunk) * per_chunk;
        if (faults < 4 && (next > i + 1 || is_faulty(t, i))) {
            faults++;
            check_stsc_entry(t, next > i + 1 ? i + 1 : i, chunk);
        }
        i = next;
        chunk = end;
    }
    m->covered = REEL__MIN(sample, (uint64_t)x->sample_count);
    if (m->covered < x->sample_count)
        reel__track_warn(t, REEL__STSC, NULL, REEL_E_TABLE, "its chunks hold %llu of %u samples",
                         (unsigned long long)m->covered, x->sample_count);
    return m;
}

const reel__chunk_marks *reel__chunk_marks_get(const reel_track *t, reel_error *err)
{
    return get(t, &t->index.chunk, build_chunk, err);
}

/* ISO/IEC 14496-12:2022 8.7.3 */
static void *build_bytes(const reel_track *t)
{
    const reel__index *x = &t->index;
    uint32_t n = x->sample_count / REEL__BYTE_STEP + 1;
    reel__byte_marks *m = new_marks(t, sizeof *m, n, sizeof *m->at);
    if (!m)
        return NULL;
    m->n = n;
    if (x->sizes)
        will_read(t, t->part[REEL__STSZ].body ? REEL__STSZ : REEL__STZ2);
    uint64_t sum = 0, sample = 0;
    for (uint32_t k = 0; k < n; k++) {
        m->at[k] = sum;
        for (uint64_t end = REEL__MIN(sample + REEL__BYTE_STEP, (uint64_t)x->sample_count); sample < end; sample++)
            sum += reel__size_of(x, sample);
    }
    return m;
}

const reel__byte_marks *reel__byte_marks_get(const reel_track *t, reel_error *err)
{
    return get(t, &t->index.bytes, build_bytes, err);
}

static bool in_order(reel__table table)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < table.n; i++) {
        uint32_t number = reel__be32(table.p + 4 * (size_t)i);
        if (number <= before && i)
            return false;
        before = number;
    }
    return true;
}

static int by_number(const void *a, const void *b) { return memcmp(a, b, 4); /* big-endian sorts as bytes */ }

static uint32_t drop_doubles(uint8_t *p, uint32_t n)
{
    uint32_t kept = n ? 1 : 0;
    for (uint32_t i = 1; i < n; i++)
        if (memcmp(p + 4 * (size_t)i, p + 4 * (size_t)(kept - 1), 4))
            memcpy(p + 4 * (size_t)kept++, p + 4 * (size_t)i, 4);
    return kept;
}

/* ISO/IEC 14496-12:2022 8.6.2: in order of sample number, from 1. Some count from 0: they then hold a 0. */
static reel__sync_list *build_sync(const reel_track *t, reel__slot slot, reel__table table)
{
    will_read(t, slot);
    bool sorted = in_order(table);
    reel__sync_list *list = new_marks(t, sizeof *list, sorted ? 0 : table.n, 4);
    if (!list)
        return NULL;
    list->table = table;
    if (!sorted) {
        memcpy(list->copy, table.p, 4 * (size_t)table.n);
        qsort(list->copy, table.n, 4, by_number);
        list->table = (reel__table){list->copy, drop_doubles(list->copy, table.n)};
        reel__track_warn(t, slot, NULL, REEL_E_TABLE, "its samples are not in order");
    }
    list->base = table.n && reel__be32(list->table.p) == 0 ? 0 : 1;
    if (list->base == 0)
        reel__track_warn(t, slot, NULL, REEL_E_TABLE, "it counts from 0");
    if (list->table.n && reel__be32(list->table.p + 4 * (size_t)(list->table.n - 1)) - list->base >= t->index.sample_count)
        reel__track_warn(t, slot, NULL, REEL_E_TABLE, "it names samples past the last");
    return list;
}

static void *build_full_sync(const reel_track *t) { return build_sync(t, REEL__STSS, t->index.stss); }
static void *build_partial_sync(const reel_track *t) { return build_sync(t, REEL__STPS, t->index.stps); }

const reel__sync_list *reel__sync_list_get(const reel_track *t, bool partial, reel_error *err)
{
    return partial ? get(t, &t->index.partial, build_partial_sync, err) : get(t, &t->index.sync, build_full_sync, err);
}
