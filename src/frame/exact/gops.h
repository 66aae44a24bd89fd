/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wanted samples grouped by where decoding has to start:
 *
 *     samples   0 . . . . . . . . . . 250 . . . . . . . . 500 . .        . in decode order, numbers: sync samples
 *     wanted          w       w         w w                             w of 250 shown before it: it needs 0
 *     groups    [entry 0 ------ last]                                   decoded from entry to last, both included
 *                               [entry 250 last]
 *
 * Groups that overlap become one; so they are disjoint and in order.
 */
#ifndef REEL_FRAME_EXACT_GOPS_H
#define REEL_FRAME_EXACT_GOPS_H

#include <reel/frames.h>

typedef struct reel__wanted {
    uint64_t sample, entry;
    size_t want; /* which of the caller's */
} reel__wanted;

typedef struct reel__gop {
    uint64_t entry, last;
    size_t first, count; /* in reel__gops.wanted */
} reel__gop;

typedef struct reel__gops {
    reel_allocator alloc;
    reel__wanted *wanted; /* by sample; several may want the same */
    reel__gop *gop;       /* by entry */
    size_t count, wants;
} reel__gops;

/* Of those that are found. */
int reel__gops_plan(reel__gops *g, const reel_allocator *alloc, const reel_track *track, const reel_found *found,
                    size_t n, reel_error *err);
void reel__gops_free(reel__gops *g);

#endif
