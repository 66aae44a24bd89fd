/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sample tables of a new track, built sample by sample. ISO/IEC 14496-12 8.6, 8.7.
 *
 *     stts, ctts, stsc   runs: an entry each time that the value changes
 *     stsz               nothing, until a size differs from those before
 *     stss, sdtp         nothing, until a sample is not a sync sample, or says something
 *
 * Memory is that of the tables as they are written, and no more.
 */
#ifndef REEL_WRITE_TABLES_H
#define REEL_WRITE_TABLES_H

#include <reel/sample.h>

#include "write/out.h"

typedef struct reel__table_run {
    uint32_t count, value;
} reel__table_run;

typedef struct reel__tables {
    uint64_t samples;        /* at most UINT32_MAX */
    int64_t base, dts;       /* decode time of the first sample, and of the one that came last */
    int64_t least;           /* pts of the sample that is shown first */
    int64_t end;             /* when the last of them is over, as it is shown */
    int32_t greatest_offset;
    uint32_t lift;           /* is added to every composition offset: an edit can begin at a time below 0 in no other way */
    uint64_t length;         /* of those whose duration is settled */
    uint32_t last;           /* how long the last sample says it is */
    uint32_t size;           /* of all, while sizes is empty */
    uint32_t chunk_samples, chunk_description, stsc_samples, stsc_description;
    uint32_t chunk_count;
    reel__table_run stts_run, ctts_run;
    uint32_t stts_entries, ctts_entries, stsc_entries, sync_entries, partial_entries;
    bool sizes_differ, some_not_sync, offsets, negative, depends;
    reel__out stts, ctts, stsc, sizes, chunks, stss, stps, sdtp;
} reel__tables;

void reel__tables_init(reel__tables *t, const reel_allocator *alloc);
void reel__tables_free(reel__tables *t);

/* A chunk begins, so many bytes behind the first one of the media. Its samples have all the same description. */
void reel__tables_chunk(reel__tables *t, uint64_t offset, uint32_t description);
/*
 * The next sample: dts, pts, size, duration, flags of s count. dependence: its byte of sdtp. REEL_E_TIME where tables
 * cannot say when it is decoded, REEL_E_RANGE above 2^32 - 1 samples.
 */
int reel__tables_add(reel__tables *t, const reel_sample *s, uint8_t dependence, reel_error *err);
/* Composition offsets become greater by so much; REEL_E_TIME when they then do not fit. Behind the last sample. */
int reel__tables_lift(reel__tables *t, uint64_t lift, reel_error *err);
/* The last sample ends, and what is shown does, no later than that behind the first dts. Before they are finished. */
void reel__tables_shorten(reel__tables *t, uint64_t length);
/* How long they last, from the first dts to the end of the last sample. */
uint64_t reel__tables_length(const reel__tables *t);
/* Nothing comes any more. REEL_OK or the first failure of any table (no memory). */
int reel__tables_finish(reel__tables *t);

/* stts, ctts, stsc, stsz, stco or co64, stss, stps, sdtp, with chunk offsets from media_at on. */
void reel__tables_write(const reel__tables *t, reel__out *o, bool wide, uint64_t media_at);

#endif
