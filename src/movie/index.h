/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sample index: the tables of one stbl where they lie, and the running totals beside them.
 *
 *     time    stts  entry 0 ... 127 | 128 ... 255 | ...        a mark per 128 entries: sample, dts
 *     offset  ctts                  |             |            sample, least and greatest offset
 *     chunk   stsc                  |             |            sample, chunk
 *     bytes   stsz  sample 0 .. 255 | 256 ..      | ...        sum of sizes; only when chunks are long
 *     sync    stss  nothing; a sorted copy only when the table is out of order
 *
 * Marks are built by whoever needs them first, published with one compare-and-swap, and never changed after.
 */
#ifndef REEL_MOVIE_INDEX_H
#define REEL_MOVIE_INDEX_H

#include <stdatomic.h>

#include <reel/cursor.h>
#include <reel/sample.h>

typedef struct reel__table {
    const uint8_t *p; /* the first entry, big-endian */
    uint32_t n;       /* entries that really lie in the box */
} reel__table;

typedef struct reel__time_marks reel__time_marks;
typedef struct reel__comp_marks reel__comp_marks;
typedef struct reel__chunk_marks reel__chunk_marks;
typedef struct reel__byte_marks reel__byte_marks;
typedef struct reel__sync_list reel__sync_list;

typedef struct reel__index {
    reel__table stts, ctts, stsc, chunks, stss, stps;
    const uint8_t *sizes, *sdtp;
    uint32_t sample_count; /* stsz; lookups use reel__table_count */
    uint32_t size;         /* of every sample when sizes is NULL */
    uint32_t sdtp_count;
    uint8_t size_bits;     /* 4, 8, 16 or 32 of an entry */
    bool co64, has_stss;
    reel__once time;
    reel__once comp;
    reel__once chunk;
    reel__once bytes;
    reel__once sync, partial;
} reel__index;

/* Fill the tables from the track's boxes; clamps counts to the boxes, with warnings. Touches headers only. */
int reel__index_init(reel_track *t, reel_error *err);
void reel__index_free(reel_track *t);

/* Build every total. */
int reel__table_prepare(const reel_track *t, reel_error *err);
/* Samples that have a size and a chunk. */
int reel__table_count(const reel_track *t, uint64_t *count, reel_error *err);
/* The decode time behind the last sample. */
int reel__table_end_dts(const reel_track *t, int64_t *dts, reel_error *err);
int reel__table_sample(const reel_track *t, uint64_t index, reel_sample *out, reel_error *err);
/* Only the times of a sample that the tables hold. */
int reel__table_dts(const reel_track *t, uint64_t index, int64_t *dts, reel_error *err);
int reel__table_pts(const reel_track *t, uint64_t index, int64_t *pts, reel_error *err);
/* The last sample with dts (pts) <= the time. REEL_END: all are after it. */
int reel__table_find_dts(const reel_track *t, int64_t dts, uint64_t *index, reel_error *err);
int reel__table_find_pts(const reel_track *t, int64_t pts, uint64_t *index, reel_error *err);
/* A hint: sample index is about to be looked up; the entry of a seek to that composition time is. */
void reel__table_expect(const reel_track *t, uint64_t index);
void reel__times_expect(const reel_track *t, uint64_t index); /* only its times */
void reel__table_expect_entry(const reel_track *t, int64_t pts);
/* PREVIOUS or NEXT. REEL_END: none on that side. */
int reel__table_find_sync(const reel_track *t, uint64_t index, bool next, uint64_t *sync, reel_error *err);
int reel__table_explain(const reel_track *t, uint64_t index, reel_explanation *out, reel_error *err);

/*
 * Walking the tables; c->in_run is 0. REEL_END at the end of the tables. After an error (there was no memory for a
 * total) the cursor must be seeked again.
 */
int reel__table_cursor_init(reel_cursor *c, reel_error *err);
int reel__table_cursor_seek(reel_cursor *c, uint64_t index, reel_error *err);
int reel__table_cursor_next(reel_cursor *c, reel_sample *out, reel_error *err);
int reel__table_cursor_batch(reel_cursor *c, reel_sample *out, size_t n, size_t *got, reel_error *err);

/*
 * How many samples before the cursor are alike but for time and place, as the entries it stands in say: for who counts
 * and does not want to be held up by billions of samples of no bytes of table. 0: nothing is known.
 */
uint64_t reel__cursor_alike(const reel_cursor *c);
/* Over n samples that are like s, which came last; at least one more of them has to stay before the cursor. */
void reel__cursor_skip(reel_cursor *c, const reel_sample *s, uint64_t n);

/* Only stts and ctts: for searches in time. c->dts and c->ctts_offset are those of sample index. */
int reel__times_seek(reel_cursor *c, uint64_t index, reel_error *err);
void reel__times_step(reel_cursor *c);

/* The first entry of list whose sample is not before sample. */
uint32_t reel__sync_find(const reel__sync_list *list, uint64_t sample);

uint32_t reel__sdtp_flags(uint8_t bits);

#endif
