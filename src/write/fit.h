/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Do the bytes of samples look like what their codec says? That can be told cheaply where samples are made of units with
 * lengths (H.264, HEVC, VVC, AV1), begin with a word (AC-3, E-AC-3, FLAC), or have a size that is a multiple (PCM). Zeros
 * or other data that came to lie over media do not pass.
 */
#ifndef REEL_WRITE_FIT_H
#define REEL_WRITE_FIT_H

#include "movie/movie.h"

typedef struct reel__fit {
    uint64_t checked; /* samples that have bytes, of such codecs, not encrypted */
    uint64_t foreign; /* of these, those that do not pass */
    uint64_t units;   /* of the others, those that would pass as H.264 or HEVC */
    uint64_t samples; /* all of the track */
    int64_t duration; /* of all, in ticks: the sum of what they last */
} reel__fit;

/* Goes through all samples of the track. Of each the heads of its units are read. */
int reel__fit_track(const reel_track *track, reel__fit *out, reel_error *err);

#endif
