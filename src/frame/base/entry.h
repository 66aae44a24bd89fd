/* SPDX-License-Identifier: BSD-2-Clause */
/* Where decoding has to begin for a picture. The tables say it, and the samples themselves whether that is true. */
#ifndef REEL_FRAME_BASE_ENTRY_H
#define REEL_FRAME_BASE_ENTRY_H

#include <reel/movie.h>
#include <reel/sample.h>

/* What was found last, so that who asks for one picture after the other has each entry looked at once.
 * All 0 at first. */
typedef struct reel__entry_memo {
    uint64_t marked, entry; /* by the tables; in truth */
    bool known;
} reel__entry_memo;

/* The sample at or before index that decoding can begin with; the first sample when there is none. */
int reel__entry_before(const reel_track *track, uint64_t index, reel__entry_memo *memo, reel_sample *out,
                       reel_error *err);

/*
 * Where decoding has to begin for a sample of that number, which is shown at pts. What is shown before its own entry may
 * need the pictures before that: an open group of pictures. ISO/IEC 14496-12:2022 8.6.4, Annex I (SAP types 2 and 3)
 */
int reel__entry_for(const reel_track *track, uint64_t index, int64_t pts, reel__entry_memo *memo, uint64_t *entry,
                    reel_error *err);

#endif
