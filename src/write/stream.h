/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the makers of streams. */
#ifndef REEL_WRITE_STREAM_H
#define REEL_WRITE_STREAM_H

#include <reel/cursor.h>
#include <reel/stream.h>
#include <reel/time.h>

#include "movie/movie.h"
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

/* ---- what of a damaged film can be had ---- */

/* Of a segment. Ten seconds of PCM at 192 kHz; a film may say that it has a billion samples without a byte. */
enum { REEL__MOST_SAMPLES = 1 << 21, REEL__MOST_SECRET = 1 << 16 /* where each has to be asked for its record */ };

/* Do its bytes lie in the file, and is it known how they are encrypted? encrypted: reel__secrets_has */
bool reel__sample_is_there(const reel_track *t, const reel_sample *s, bool encrypted);
/* Can it be a segment, with its first or its last sample? O(log n). */
bool reel__portion_is_there(const reel_track *t, const reel_portion *p, bool encrypted);
/* Fragments whose times go back: then a time may name another sample than the one it was taken from. */
bool reel__times_go_back(const reel_track *t);

#endif
