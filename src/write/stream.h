/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the makers of streams. */
#ifndef REEL_WRITE_STREAM_H
#define REEL_WRITE_STREAM_H

#include <reel/cursor.h>
#include <reel/stream.h>
#include <reel/time.h>

#include "meta/crypto.h"
#include "write/plan.h"

/* What a track is in a stream. */
typedef enum reel__streams {
    REEL__STREAMS_NOT = 0, /* pictures of chapters, covers, hints, data */
    REEL__STREAMS_MEDIA,   /* as it is, in init and media segments */
    REEL__STREAMS_TEXT,    /* as WebVTT */
} reel__streams;

/* ftyp or styp: the first of the brands, four letters each, is the major one. */
void reel__write_brands(reel__out *o, uint32_t type, const char *brands);

/* n tracks of one film? */
int reel__check_tracks(const reel_track *const *tracks, size_t n, reel_error *err);

/* reel_stream_init; defaults: with those that the film's own fragments leave to trex. */
int reel__stream_init(const reel_track *const *tracks, size_t n, bool defaults, const reel_allocator *alloc,
                      reel_plan **out, reel_error *err);

/* By the format and role of the track; whether it has samples is not asked. */
reel__streams reel__streams_as(const reel_track *track);

/*
 * The samples of a track that are in a stream: all, unless its edit list plays one piece of them, and it is not fragmented:
 * then those that take part in showing that. O(log n).
 */
typedef struct reel__stretch {
    uint64_t first, end;
    int64_t stop; /* presentation time at which it is cut off; INT64_MAX: at the end of the media */
} reel__stretch;
int reel__stretch_of(const reel_track *t, reel__stretch *out, reel_error *err);

/* ---- what of a damaged or growing film can be had ---- */

enum { REEL__MOST_SAMPLES = 1 << 21 }; /* of a segment: a film may say that it has a billion without a byte */

/* Begin one for a track; false: its samples are in the clear, and need none. */
bool reel__crypto_begin(reel__crypto_walk *w, const reel_track *t);
/* Do its bytes lie in the file, and is it known how they are encrypted? walk: of reel__crypto_begin, NULL without. */
bool reel__sample_is_there(const reel_track *t, const reel_sample *s, reel__crypto_walk *walk);
/*
 * Its first and last samples are looked at, O(log n): can it be a segment, with one of them? *whole: with both. In order of
 * portions a walk over encrypted samples costs O(n) for all.
 */
bool reel__portion_is_there(const reel_track *t, const reel_portion *p, reel__crypto_walk *walk, bool *whole);
/*
 * Where samples first <= i < end stop to lie in the file, of a track that is cut short there: when the last one that does is
 * over, in its time line; INT64_MIN: none does. O(log n).
 */
int64_t reel__portion_end(const reel_track *t, uint64_t first, uint64_t end);
/* Fragments whose times go back: then a time may name another sample than the one it was taken from. */
bool reel__times_go_back(const reel_track *t);

#endif
