/* SPDX-License-Identifier: BSD-2-Clause */
/* The edit list where it lies, and one walk over it. */
#ifndef REEL_MOVIE_TIME_H
#define REEL_MOVIE_TIME_H

#include <reel/time.h>

#include "movie/movie.h"

/* An edit list of no more entries is walked: nothing is built for it. */
enum { REEL__SHORT_LIST = 32 };

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

/* Where the media ends: with the sample that is shown last. REEL_END: there is none. */
int reel__media_end(const reel_track *track, int64_t *end, reel_error *err);

/* t + more, stopping at INT64_MAX; t may be negative */
static inline int64_t reel__time_plus(int64_t t, uint64_t more)
{
    return more > (uint64_t)INT64_MAX - (uint64_t)t ? INT64_MAX : (int64_t)((uint64_t)t + more);
}

/* A negative rate is defined nowhere: such an edit plays forwards at its normal speed. */
static inline uint32_t reel__rate_of(const reel_edit *edit)
{
    return edit->media_rate > 0 ? (uint32_t)edit->media_rate : 0x10000;
}

/* How far media goes in ticks of presentation: ticks * rate, down to a whole tick; UINT64_MAX when it does not fit. */
static inline uint64_t reel__at_rate(uint64_t ticks, uint32_t rate)
{
    uint64_t whole, sum;
    bool fits = reel__mul(ticks >> 16, (uint64_t)rate, &whole) && reel__add(whole, (ticks & 0xffff) * rate >> 16, &sum);
    return fits ? sum : UINT64_MAX;
}

/* Its inverse: the first tick at which media has come that far. */
static inline uint64_t reel__ticks_for(uint64_t media, uint32_t rate)
{
    uint64_t whole, sum, rest = media % rate << 16;
    bool fits = reel__mul(media / rate, UINT64_C(65536), &whole) &&
                reel__add(whole, rest / rate + (rest % rate != 0), &sum);
    return fits ? sum : UINT64_MAX;
}

#endif
