/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/cursor.h: walking. A cursor lives where you put it (the stack, a request, a Go struct), holds no memory,
 * needs no close, and may be copied with =. It borrows its track: keep the movie open.
 */
#ifndef REEL_CURSOR_H
#define REEL_CURSOR_H

#include <reel/sample.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Private: a stretch of at most 256 samples of a fragment run, or of any number when they are all alike. */
typedef struct reel_run {
    const uint8_t *entries;   /* the first sample's entry in the trun; NULL when it has no fields */
    uint64_t first;           /* number of its first sample, REEL_NO_INDEX when not counted */
    int64_t dts;              /* of its first sample */
    uint64_t offset;          /* of its first sample */
    uint64_t moof, traf, trun; /* where these boxes begin in the source */
    int64_t tfdt;
    uint32_t count;
    uint32_t trun_flags;      /* which fields an entry has */
    uint32_t duration, size, flags, description; /* defaults */
    uint32_t first_flags;     /* of the first sample of the run, used when has_first_flags */
    uint32_t has_first_flags;
    uint32_t trun_done;       /* samples of this trun before this stretch */
    uint32_t traf_done;       /* samples of this traf before this stretch */
} reel_run;

/* Private: the walk through one moof. */
typedef struct reel_moof {
    const uint8_t *data;      /* what is read */
    const uint8_t *home;      /* what runs point into: data, or where it is a copy of */
    uint64_t offset, size;    /* in the source; header included */
    uint64_t at, traf_at, traf_end; /* in data: the next traf, the next box of this one, its end */
    uint64_t traf, trun;      /* in the source */
    uint64_t base, implicit;  /* base of data offsets; what it is when nobody says */
    uint64_t data_at, entries;
    int64_t dts, tfdt;
    uint32_t track_id, description, duration, sample_size, sample_flags;
    uint32_t trun_flags, first_flags, left, trun_done, traf_done;
} reel_moof;

/* All fields are private; they are laid out only so that you can place a cursor yourself. */
typedef struct reel_cursor {
    const reel_track *track;
    uint64_t index;
    int64_t dts;
    uint64_t offset;
    uint32_t stts_entry, stts_left, stts_delta;
    uint32_t ctts_entry, ctts_left;
    int32_t ctts_offset;
    uint32_t stsc_entry, stsc_next, samples_per_chunk, description;
    uint32_t chunk, chunk_left;
    uint32_t stss_entry, next_sync;
    uint32_t stps_entry, next_partial;
    uint32_t sync_state;
    reel_run run;
    uint32_t run_at;
    uint32_t in_run;     /* 0: tables, 1: runs that are counted, 2: runs found through sidx or mfra */
    const uint8_t *entry;
    uint64_t run_number;
    reel_moof moof;      /* with in_run 2: the walk that run came from */
    int64_t moof_base;   /* decode time where a traf without tfdt began */
} reel_cursor;

/* Stand before the first sample of track. Touches no table beyond its first entries. */
REEL_API int reel_cursor_init(reel_cursor *cursor, const reel_track *track);

/* Stand before sample index. index may be the sample count: next then gives REEL_END, prev the last sample. */
REEL_API int reel_cursor_seek(reel_cursor *cursor, uint64_t index, reel_error *err);

/* Stand before the sample that reel_track_seek gives as entry. */
REEL_API int reel_cursor_seek_pts(reel_cursor *cursor, int64_t pts, reel_seek_mode mode, reel_error *err);

/*
 * The sample behind (before) the cursor, and step over it. REEL_END at the end; with a growing file, call
 * reel_movie_refresh and go on. next is a few nanoseconds; prev is a lookup. Where one fails the cursor has not moved:
 * make the call again. REEL_E_ARG: NULL, or a cursor that was never placed but is all zeros.
 */
REEL_API int reel_cursor_next(reel_cursor *cursor, reel_sample *out, reel_error *err);
REEL_API int reel_cursor_prev(reel_cursor *cursor, reel_sample *out, reel_error *err);

/*
 * Up to n samples into out; *got says how many. REEL_OK with *got > 0, or REEL_END with *got 0.
 */
REEL_API int reel_cursor_batch(reel_cursor *cursor, reel_sample *out, size_t n, size_t *got, reel_error *err);

/*
 * Several tracks as one stream. The caller gives n cursors and n merge slots, each placed where it should start;
 * both arrays are borrowed.
 *   REEL_ORDER_DTS   by decode time, compared exactly across timescales; ties by the order given
 *   REEL_ORDER_FILE  by offset: of the tracks' next samples always the one that lies first
 */
typedef enum reel_order { REEL_ORDER_DTS = 0, REEL_ORDER_FILE = 1 } reel_order;

typedef struct reel_merge_slot { /* private */
    reel_sample sample;
    reel_cursor *cursor;
    uint32_t timescale, rank;
} reel_merge_slot;

typedef struct reel_merge { /* private */
    reel_merge_slot *heap;
    size_t n;
    uint32_t order, backwards;
    int32_t pending;
    uint32_t reserved;
} reel_merge;

/* backwards: go from the cursors' positions towards the start, latest first. Where it fails no cursor has moved. */
REEL_API int reel_merge_init(reel_merge *merge, reel_cursor *cursors, reel_merge_slot *slots, size_t n,
                             reel_order order, bool backwards, reel_error *err);
REEL_API int reel_merge_next(reel_merge *merge, reel_sample *out, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
