/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REEL_META_GROUPS_H
#define REEL_META_GROUPS_H

#include <reel/meta.h>

#include "movie/fragment.h"

/*
 * Where the boxes that speak about one sample lie: the stbl of the track, or the traf of its fragment, and the sample's
 * number in there.
 */
typedef struct reel__home {
    reel__part box;   /* stbl or traf */
    bool fragment;
    uint64_t number;  /* from 0 */
    uint64_t moof;    /* offset; 0 in stbl */
} reel__home;

int reel__home_of(const reel_track *t, const reel_sample *sample, reel__home *out, reel_error *err);

#endif
