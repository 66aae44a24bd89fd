/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/sample.h: samples by number and by time. ISO/IEC 14496-12 8.6, 8.7, 8.8.
 *
 * Every lookup bisects the tables where they lie. The first one on a track reads its run-length tables once and
 * keeps running totals of every 128th entry (a few hundred kilobytes at most); all later ones, from any thread,
 * in any order, cost O(log n) and allocate nothing. To pay that first price at a time of your choosing, call
 * reel_track_prepare.
 *
 * Samples of fragments follow those of the movie box and are numbered on. Where a number is asked for, the moof
 * headers before it are scanned, once, and remembered.
 */
#ifndef REEL_SAMPLE_H
#define REEL_SAMPLE_H

#include <reel/movie.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REEL_NO_INDEX UINT64_MAX

enum {
    REEL_SAMPLE_SYNC = 1 << 0,       /* decoding may start here: stss, stps, or not non-sync in a fragment */
    REEL_SAMPLE_PARTIAL = 1 << 1,    /* with SYNC: only stps or a 'rap ' group says so (open GOP) */
    REEL_SAMPLE_DISPOSABLE = 1 << 2, /* no other sample depends on it: sdtp, or the fragment's sample flags */
    REEL_SAMPLE_LEADING = 1 << 3,    /* it precedes its sync sample in presentation (sdtp is_leading 1 or 3) */
    REEL_SAMPLE_INDEPENDENT = 1 << 4,/* it depends on no other (an I picture) */
    REEL_SAMPLE_REDUNDANT = 1 << 5,  /* has_redundancy 1 */
    REEL_SAMPLE_FRAGMENT = 1 << 6,   /* it comes from a moof */
    REEL_SAMPLE_LONG = 1 << 7,       /* its duration is not known: the last of a fragment without a default */
};

/* Where and when a sample is. 56 bytes of plain numbers; nothing to free. */
typedef struct reel_sample {
    uint64_t index;       /* from 0 in its track; REEL_NO_INDEX after a seek through sidx or mfra past
                             fragments that nobody has counted yet */
    int64_t dts;          /* decode time, in the track's timescale */
    int64_t pts;          /* composition time: with ctts, before the edit list */
    uint64_t offset;      /* of its first byte in the source */
    uint32_t size;        /* bytes */
    uint32_t duration;    /* to the next dts, in the track's timescale */
    uint32_t track_id;
    uint32_t description; /* sample description, from 1 */
    uint32_t flags;       /* REEL_SAMPLE_* */
    uint32_t chunk;       /* from 1; 0 in fragments */
} reel_sample;

typedef enum reel_seek_mode {
    REEL_SEEK_EXACT = 0,    /* the sample that is shown at that time itself, sync or not */
    REEL_SEEK_PREVIOUS = 1, /* the last sync sample at or before it: where a decoder has to start */
    REEL_SEEK_NEXT = 2,     /* the first sync sample at or after it */
    REEL_SEEK_NEAREST = 3,  /* whichever of the two is closer in presentation time; a tie goes to previous */
} reel_seek_mode;

/*
 * Read what lookups need: totals of the tables and, with scan_fragments, every moof header to the end.
 * Harmless to repeat. May block on the source.
 */
REEL_API int reel_track_prepare(const reel_track *track, bool scan_fragments, reel_error *err);

/* How many samples there are. Scans the fragments. */
REEL_API int reel_track_sample_count(const reel_track *track, uint64_t *count, reel_error *err);

/* Sample number index. REEL_E_RANGE past the last. */
REEL_API int reel_track_sample(const reel_track *track, uint64_t index, reel_sample *out, reel_error *err);

/*
 * n samples by number, any order, repeats allowed. done (may be NULL) gets how many were written: n on REEL_OK.
 */
REEL_API int reel_track_samples(const reel_track *track, const uint64_t *indices, size_t n, reel_sample *out,
                                size_t *done, reel_error *err);

/*
 * The number of the last sample whose dts (pts) is not after the time; the first sample when all are after it.
 * Of several with that same dts the last, of several with that same pts the last in decode order.
 * REEL_E_RANGE on a track without samples.
 */
REEL_API int reel_track_find_dts(const reel_track *track, int64_t dts, uint64_t *index, reel_error *err);
REEL_API int reel_track_find_pts(const reel_track *track, int64_t pts, uint64_t *index, reel_error *err);

/*
 * The sync sample next to sample index, itself included. mode PREVIOUS, NEXT or NEAREST; EXACT gives index
 * back. REEL_END when there is none on that side (NEAREST: on neither).
 */
REEL_API int reel_track_find_sync(const reel_track *track, uint64_t index, reel_seek_mode mode, uint64_t *sync,
                                  reel_error *err);

/*
 * Seek: pts in the track's timescale, before the edit list (reel_track_media_time maps a presentation time).
 * target is the sample shown at that time, entry the sample of mode (both may be NULL).
 * PREVIOUS gives the first sample when no sync sample lies before; NEXT gives REEL_END when none follows.
 * In a fragmented file with sidx or mfra only the fragments it lands in are read: the samples' numbers may then
 * be REEL_NO_INDEX.
 */
REEL_API int reel_track_seek(const reel_track *track, int64_t pts, reel_seek_mode mode, reel_sample *entry,
                             reel_sample *target, reel_error *err);
/* n seeks at once, in the order given; EXACT for a loader that wants the frames themselves. */
REEL_API int reel_track_seek_many(const reel_track *track, const int64_t *pts, size_t n, reel_seek_mode mode,
                                  reel_sample *entries, reel_sample *targets, size_t *done, reel_error *err);

/*
 * The sizes of samples first <= i < end added up. In tables from running totals, O(1) once those are built (the first
 * call adds up all sizes); in fragments by going through their runs. REEL_E_RANGE when end is past the last.
 */
REEL_API int reel_track_bytes(const reel_track *track, uint64_t first, uint64_t end, uint64_t *bytes, reel_error *err);

/* How a lookup went through the tables: what `reel seek --explain` shows. Entries count from 1; 0: not used. */
typedef struct reel_explanation {
    reel_sample sample;
    uint64_t stts_entry, stts_first_sample;
    int64_t stts_first_dts;
    uint32_t stts_count, stts_delta;
    uint64_t ctts_entry;
    int32_t ctts_offset;
    uint32_t ctts_count;
    uint64_t stss_entry;       /* of the sync sample at or before */
    uint64_t sync_sample;      /* its number; REEL_NO_INDEX: none */
    uint64_t stsc_entry;
    uint32_t stsc_first_chunk, stsc_samples_per_chunk;
    uint64_t chunk_first_sample;
    uint64_t chunk_offset;     /* stco/co64 */
    uint64_t bytes_before;     /* sizes of the samples before it in its chunk */
    uint64_t moof_offset, trun_offset; /* in fragments; else 0 */
    int64_t tfdt;              /* base media decode time of its traf */
    uint64_t trun_first_sample;
} reel_explanation;

REEL_API int reel_track_explain(const reel_track *track, uint64_t index, reel_explanation *out, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
