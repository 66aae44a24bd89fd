/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Marks: running totals of every 128th entry of a run-length table. Built by the first who needs them, published
 * whole, immutable after.
 */
#ifndef REEL_MOVIE_MARKS_H
#define REEL_MOVIE_MARKS_H

#include "movie/movie.h"

enum { REEL__STEP = 128, REEL__COMP_STEP = 32, REEL__BYTE_STEP = 256 };

/* Times stop here, so that a composition offset or an edit can be added without overflow. */
#define REEL__DTS_MAX (INT64_MAX / 4)

struct reel__time_marks {
    uint32_t n;
    struct reel__time_mark {
        uint64_t sample; /* first of entry i * STEP */
        int64_t dts;
        uint32_t delta; /* of the last entry before it that has samples */
    } at[];
};

/* Where an entry is looked up at random what counts is how little is touched: four bytes here, a line or two there. */
struct reel__comp_marks {
    uint32_t n, ranges;
    int32_t least, greatest; /* of the whole table, 0 included */
    struct reel__comp_range {
        int32_t least, greatest; /* of entries i * STEP to the next range */
    } *range;
    uint32_t sample[]; /* first of entry i * COMP_STEP; UINT32_MAX: more than there are */
};

struct reel__chunk_marks {
    uint64_t covered; /* samples that have a chunk */
    uint32_t n;
    struct reel__chunk_mark {
        uint64_t sample; /* of the run that begins at entry */
        uint32_t entry, chunk;
        uint32_t next;   /* the entry of the next run; between the two may lie any number that are out of order */
    } at[];
};

struct reel__byte_marks {
    uint32_t n;
    uint64_t at[]; /* sum of the sizes of the first i * BYTE_STEP samples */
};

/* A table of sync samples that is in order: the file's own, or a sorted copy. Entries count from base. */
struct reel__sync_list {
    reel__table table;
    uint32_t base;
    uint8_t copy[];
};

/* Each gives the marks, building them if need be; NULL when there is no memory. */
const reel__time_marks *reel__time_marks_get(const reel_track *t, reel_error *err);
const reel__comp_marks *reel__comp_marks_get(const reel_track *t, reel_error *err);
const reel__chunk_marks *reel__chunk_marks_get(const reel_track *t, reel_error *err);
const reel__byte_marks *reel__byte_marks_get(const reel_track *t, reel_error *err);
const reel__sync_list *reel__sync_list_get(const reel_track *t, bool partial, reel_error *err);

static inline int64_t reel__dts_add(int64_t dts, uint64_t more)
{
    return more > (uint64_t)REEL__DTS_MAX - (uint64_t)dts ? REEL__DTS_MAX : (int64_t)((uint64_t)dts + more);
}

/* dts + n * delta, stopping at the end of time */
static inline int64_t reel__dts_after(int64_t dts, uint64_t n, uint32_t delta)
{
    uint64_t span;
    return reel__mul(n, (uint64_t)delta, &span) ? reel__dts_add(dts, span) : REEL__DTS_MAX;
}

static inline uint32_t reel__stts_count(const reel__index *x, uint32_t i) { return reel__be32(x->stts.p + 8 * (size_t)i); }
static inline uint32_t reel__stts_delta(const reel__index *x, uint32_t i)
{
    return reel__be32(x->stts.p + 8 * (size_t)i + 4);
}
static inline uint32_t reel__ctts_count(const reel__index *x, uint32_t i) { return reel__be32(x->ctts.p + 8 * (size_t)i); }
/* Version 0 says unsigned, yet files hold negatives there; a real offset never needs the top bit (docs/time.md). */
static inline int32_t reel__ctts_offset(const reel__index *x, uint32_t i)
{
    return (int32_t)reel__be32(x->ctts.p + 8 * (size_t)i + 4);
}
/* The samples of eight entries. */
static inline uint64_t reel__ctts_eight(const reel__index *x, uint32_t i)
{
    const uint8_t *p = x->ctts.p + 8 * (size_t)i;
    uint64_t a = (uint64_t)reel__be32(p) + reel__be32(p + 8), b = (uint64_t)reel__be32(p + 16) + reel__be32(p + 24);
    uint64_t c = (uint64_t)reel__be32(p + 32) + reel__be32(p + 40), d = (uint64_t)reel__be32(p + 48) + reel__be32(p + 56);
    return (a + b) + (c + d);
}
/*
 * The samples and ticks of eight stts entries, as sums that do not wait for each other; false when one is too large to
 * add unchecked, or the last is empty (its delta would not be the one in force).
 */
static inline bool reel__stts_eight(const reel__index *x, uint32_t i, uint64_t *samples, uint64_t *ticks)
{
    const uint8_t *p = x->stts.p + 8 * (size_t)i;
    uint64_t n = 0, sum = 0, all = 0;
    for (int k = 0; k < 64; k += 8) {
        uint64_t count = reel__be32(p + k), delta = reel__be32(p + k + 4);
        n += count;
        sum += count * delta;
        all |= count | delta;
    }
    *samples = n;
    *ticks = sum;
    return all < 1 << 28 && reel__be32(p + 56) != 0;
}
static inline const uint8_t *reel__stsc_entry(const reel__index *x, uint32_t i) { return x->stsc.p + 12 * (size_t)i; }

/* Of chunk number chunk, from 1. */
static inline uint64_t reel__chunk_offset(const reel__index *x, uint32_t chunk)
{
    size_t i = chunk - 1;
    return x->co64 ? reel__be64(x->chunks.p + 8 * i) : reel__be32(x->chunks.p + 4 * i);
}

static inline uint32_t reel__size_of(const reel__index *x, uint64_t sample)
{
    if (!x->sizes)
        return x->size;
    size_t i = (size_t)sample;
    switch (x->size_bits) {
    case 32:
        return reel__be32(x->sizes + 4 * i);
    case 16:
        return reel__be16(x->sizes + 2 * i);
    case 8:
        return x->sizes[i];
    default:
        return i & 1 ? x->sizes[i / 2] & 15 : x->sizes[i / 2] >> 4;
    }
}

/* The next stsc run: the first entry behind `entry` whose first_chunk is above chunk; x->stsc.n when there is none. */
static inline uint32_t reel__stsc_next(const reel__index *x, uint32_t entry, uint32_t chunk)
{
    uint32_t i = entry + 1;
    while (i < x->stsc.n && reel__be32(reel__stsc_entry(x, i)) <= chunk)
        i++;
    return i;
}

/* The first chunk behind the run that begins at entry, given the next run's entry. */
static inline uint32_t reel__stsc_end(const reel__index *x, uint32_t next)
{
    uint32_t end = next < x->stsc.n ? reel__be32(reel__stsc_entry(x, next)) : UINT32_MAX;
    return end > x->chunks.n ? x->chunks.n + 1 : end;
}

#endif
