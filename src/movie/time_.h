/* SPDX-License-Identifier: BSD-2-Clause */
/* The edit list where it lies, and one walk over it. */
#ifndef REEL_MOVIE_TIME_H
#define REEL_MOVIE_TIME_H

#include <reel/time.h>

#include "movie/movie.h"

typedef struct reel__edits {
    const uint8_t *p; /* the first entry */
    uint32_t n;       /* entries that really lie in the box */
    bool wide;        /* version 1 */
    const reel_track *track;
} reel__edits;

reel__edits reel__edits_of(const reel_track *t);

/* Edits one by one, from any of them. */
typedef struct reel__edit_walk {
    reel__edits edits;
    uint32_t i;     /* the next one */
    uint64_t total; /* durations before it, in the movie's timescale; stops at UINT64_MAX */
    int64_t start;  /* the same in the track's */
    bool open;      /* the edit that came last has no end */
} reel__edit_walk;

reel__edit_walk reel__edit_walk_from(const reel__edits *e, uint32_t i);
bool reel__edit_walk_next(reel__edit_walk *w, reel_edit *out);

#endif
