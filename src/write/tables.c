/* SPDX-License-Identifier: BSD-2-Clause */
#include "write/tables.h"

#include "base/bytes.h"
#include "base/checked.h"

void reel__tables_init(reel__tables *t, const reel_allocator *alloc)
{
    memset(t, 0, sizeof *t);
    reel__out *const all[] = {&t->stts, &t->ctts, &t->stsc, &t->sizes, &t->chunks, &t->stss, &t->stps, &t->sdtp};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        reel__out_init(all[i], alloc, 0);
}

void reel__tables_free(reel__tables *t)
{
    reel__out *const all[] = {&t->stts, &t->ctts, &t->stsc, &t->sizes, &t->chunks, &t->stss, &t->stps, &t->sdtp};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        reel__out_free(all[i]);
}

static void end_run(reel__out *o, reel__table_run *run, uint32_t *entries)
{
    if (run->count == 0)
        return;
    reel__out_32(o, run->count);
    reel__out_32(o, run->value);
    run->count = 0;
    ++*entries;
}

static void add_run(reel__out *o, reel__table_run *run, uint32_t *entries, uint32_t value)
{
    if (run->count && run->value != value)
        end_run(o, run, entries);
    run->value = value;
    run->count++;
}

/* ISO/IEC 14496-12:2022 8.7.4 */
static void end_chunk(reel__tables *t)
{
    bool same = t->stsc_entries && t->stsc_samples == t->chunk_samples && t->stsc_description == t->chunk_description;
    if (t->chunk_samples && !same) {
        reel__out_32(&t->stsc, t->chunk_count);
        reel__out_32(&t->stsc, t->chunk_samples);
        reel__out_32(&t->stsc, t->chunk_description);
        t->stsc_samples = t->chunk_samples;
        t->stsc_description = t->chunk_description;
        t->stsc_entries++;
    }
    t->chunk_samples = 0;
}

void reel__tables_chunk(reel__tables *t, uint64_t offset, uint32_t description)
{
    end_chunk(t);
    reel__out_64(&t->chunks, offset);
    t->chunk_description = description;
    t->chunk_count++;
}

/*
 * The duration of a sample is the step to the next one, also where a fragment says another: pictures stay in their
 * place.
 */
static int add_time(reel__tables *t, const reel_sample *s, reel_error *err)
{
    if (t->samples == 0) {
        t->base = s->dts;
    } else {
        if (s->dts < t->dts)
            return reel__fail(err, REEL_E_TIME, s->offset, NULL,
                              "sample %llu of track %u is decoded before the one in front of it, which tables cannot say",
                              (unsigned long long)s->index, s->track_id);
        uint64_t step = reel__distance(s->dts, t->dts);
        if (step > UINT32_MAX)
            return reel__fail(err, REEL_E_TIME, s->offset, NULL,
                              "the gap before sample %llu of track %u is longer than tables can say",
                              (unsigned long long)s->index, s->track_id);
        add_run(&t->stts, &t->stts_run, &t->stts_entries, (uint32_t)step);
        t->length += step;
    }
    t->dts = s->dts;
    t->last = s->duration;
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.6.1.3 */
static int add_offset(reel__tables *t, const reel_sample *s, reel_error *err)
{
    int64_t offset;
    if (!reel__sub(s->pts, s->dts, &offset) || offset < INT32_MIN || offset > INT32_MAX)
        return reel__fail(err, REEL_E_TIME, s->offset, NULL,
                          "sample %llu of track %u is shown too far from its decoding",
                          (unsigned long long)s->index, s->track_id);
    t->offsets |= offset != 0;
    t->negative |= offset < 0;
    t->greatest_offset = REEL__MAX(t->greatest_offset, (int32_t)offset);
    add_run(&t->ctts, &t->ctts_run, &t->ctts_entries, (uint32_t)(int32_t)offset);
    return REEL_OK;
}

static void add_size(reel__tables *t, uint32_t size)
{
    if (t->samples == 0)
        t->size = size;
    /* A table of no bytes cannot say that all have none. */
    if (!t->sizes_differ && (size != t->size || size == 0)) {
        for (uint64_t i = 0; i < t->samples && t->sizes.code == REEL_OK; i++)
            reel__out_32(&t->sizes, t->size);
        t->sizes_differ = true;
    }
    if (t->sizes_differ)
        reel__out_32(&t->sizes, size);
}

/* ISO/IEC 14496-12:2022 8.6.2; partial ones: QTFF, Partial Sync Sample Atoms */
static void add_sync(reel__tables *t, uint32_t flags)
{
    uint32_t number = (uint32_t)t->samples + 1;
    bool partial = flags & REEL_SAMPLE_PARTIAL, sync = (flags & REEL_SAMPLE_SYNC) && !partial;
    if (!sync && !t->some_not_sync) {
        for (uint32_t i = 1; i < number && t->stss.code == REEL_OK; i++)
            reel__out_32(&t->stss, i);
        t->sync_entries = number - 1;
        t->some_not_sync = true;
    }
    if (sync && t->some_not_sync) {
        reel__out_32(&t->stss, number);
        t->sync_entries++;
    }
    if (partial) {
        reel__out_32(&t->stps, number);
        t->partial_entries++;
    }
}

/* ISO/IEC 14496-12:2022 8.6.4 */
static void add_dependence(reel__tables *t, uint8_t bits)
{
    if (bits && !t->depends) {
        reel__out_zeros(&t->sdtp, (size_t)t->samples);
        t->depends = true;
    }
    if (t->depends)
        reel__out_8(&t->sdtp, bits);
}

int reel__tables_add(reel__tables *t, const reel_sample *s, uint8_t dependence, reel_error *err)
{
    if (t->samples == UINT32_MAX)
        return reel__fail(err, REEL_E_RANGE, s->offset, NULL, "track %u has more samples than tables can hold",
                          s->track_id);
    int code = add_time(t, s, err);
    if (code == REEL_OK)
        code = add_offset(t, s, err);
    if (code != REEL_OK)
        return code;
    t->least = t->samples ? REEL__MIN(t->least, s->pts) : s->pts;
    int64_t end;
    if (!reel__add(s->pts, (int64_t)s->duration, &end))
        end = INT64_MAX;
    t->end = t->samples ? REEL__MAX(t->end, end) : end;
    add_size(t, s->size);
    add_sync(t, s->flags);
    add_dependence(t, dependence);
    t->samples++;
    t->chunk_samples++;
    return REEL_OK;
}

int reel__tables_lift(reel__tables *t, uint64_t lift, reel_error *err)
{
    if (lift > (uint64_t)(INT32_MAX - t->greatest_offset))
        return reel__fail(err, REEL_E_TIME, REEL_NO_OFFSET, NULL, "samples are shown too long before they are decoded");
    t->lift = (uint32_t)lift;
    return REEL_OK;
}

void reel__tables_shorten(reel__tables *t, uint64_t length)
{
    uint64_t left = length > t->length ? length - t->length : 1;
    t->last = (uint32_t)REEL__MIN((uint64_t)t->last, left);
    if (length <= INT64_MAX && t->base <= INT64_MAX - (int64_t)length)
        t->end = REEL__MIN(t->end, t->base + (int64_t)length);
}

uint64_t reel__tables_length(const reel__tables *t) { return t->length + t->last; }

int reel__tables_finish(reel__tables *t)
{
    if (t->samples)
        add_run(&t->stts, &t->stts_run, &t->stts_entries, t->last);
    end_run(&t->stts, &t->stts_run, &t->stts_entries);
    end_run(&t->ctts, &t->ctts_run, &t->ctts_entries);
    end_chunk(t);
    const reel__out *const all[] = {&t->stts, &t->ctts, &t->stsc, &t->sizes, &t->chunks, &t->stss, &t->stps, &t->sdtp};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->code != REEL_OK)
            return all[i]->code;
    return REEL_OK;
}

static void put_table(reel__out *o, uint32_t type, uint8_t version, uint32_t entries, const reel__out *rows)
{
    reel__out_full(o, type, version, 0);
    reel__out_32(o, entries);
    reel__out_bytes(o, rows->data, rows->size);
    reel__out_end(o);
}

static void put_offsets(const reel__tables *t, reel__out *o)
{
    reel__out_full(o, REEL_4CC('c', 't', 't', 's'), t->negative, 0);
    reel__out_32(o, t->ctts_entries);
    for (size_t at = 0; at < t->ctts.size; at += 8) {
        reel__out_bytes(o, t->ctts.data + at, 4);
        reel__out_32(o, reel__be32(t->ctts.data + at + 4) + t->lift);
    }
    reel__out_end(o);
}

static void put_sizes(const reel__tables *t, reel__out *o)
{
    reel__out_full(o, REEL_4CC('s', 't', 's', 'z'), 0, 0);
    reel__out_32(o, t->sizes_differ ? 0 : t->size);
    reel__out_32(o, (uint32_t)t->samples);
    reel__out_bytes(o, t->sizes.data, t->sizes.size);
    reel__out_end(o);
}

/* ISO/IEC 14496-12:2022 8.7.5 */
static void put_chunks(const reel__tables *t, reel__out *o, bool wide, uint64_t media_at)
{
    reel__out_full(o, wide ? REEL_4CC('c', 'o', '6', '4') : REEL_4CC('s', 't', 'c', 'o'), 0, 0);
    reel__out_32(o, t->chunk_count);
    for (uint32_t i = 0; i < t->chunk_count; i++) {
        uint64_t at = media_at + reel__be64(t->chunks.data + 8 * (size_t)i);
        if (wide)
            reel__out_64(o, at);
        else
            reel__out_32(o, (uint32_t)at);
    }
    reel__out_end(o);
}

void reel__tables_write(const reel__tables *t, reel__out *o, bool wide, uint64_t media_at)
{
    put_table(o, REEL_4CC('s', 't', 't', 's'), 0, t->stts_entries, &t->stts);
    if (t->offsets)
        put_offsets(t, o);
    if (t->some_not_sync)
        put_table(o, REEL_4CC('s', 't', 's', 's'), 0, t->sync_entries, &t->stss);
    if (t->partial_entries)
        put_table(o, REEL_4CC('s', 't', 'p', 's'), 0, t->partial_entries, &t->stps);
    if (t->depends) {
        reel__out_full(o, REEL_4CC('s', 'd', 't', 'p'), 0, 0);
        reel__out_bytes(o, t->sdtp.data, t->sdtp.size);
        reel__out_end(o);
    }
    put_table(o, REEL_4CC('s', 't', 's', 'c'), 0, t->stsc_entries, &t->stsc);
    put_sizes(t, o);
    put_chunks(t, o, wide, media_at);
}
