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
    uint64_t first, end, done; /* the run that was found: its samples as the track numbers them, and how many are before it */
} reel__home;

/*
 * Go on to where sample is at home: what does so in the same run is found without a look. *home all 0: there is none yet.
 * *moved: it is another box than before.
 */
int reel__home_move(reel__home *home, const reel_track *t, const reel_sample *sample, bool *moved, reel_error *err);

/* The groups of one type that the samples of a home are in. Samples in order cost O(1) each, others a walk from the first. */
typedef struct reel__group_walk {
    const reel_movie *movie;
    bool fragment;
    reel__part sbgp, own, common; /* and sgpd: in the home, in stbl; body NULL: there is none */
    uint64_t first, count;  /* the run of samples that was met last: how many are before it, how many it has */
    uint32_t group;         /* of it */
    size_t run;             /* entries that were read up to here */
    uint32_t entry_group;   /* whose description is entry */
    reel_span entry;
    uint32_t steps;
} reel__group_walk;

void reel__group_begin(reel__group_walk *w, const reel_track *t, const reel__home *home, uint32_t type);
/* As in reel_track_sample_group, for the sample with that number. */
int reel__group_of(reel__group_walk *w, uint64_t number, uint32_t *group, reel_span *entry, reel_error *err);

#endif
