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

/* By the format and role of the track; whether it has samples is not asked. */
reel__streams reel__streams_as(const reel_track *track);

#endif
