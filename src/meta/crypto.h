/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How sample after sample is encrypted. reel_track_sample_crypto looks for the boxes of a fragment, and passes over the
 * records of the samples before, anew each time: what asks for many samples walks.
 */
#ifndef REEL_META_CRYPTO_H
#define REEL_META_CRYPTO_H

#include <reel/codec.h>

#include "meta/groups.h"

enum { REEL__MOST_IV = 16 };

/* How far into its list of records, which have no index: number of them lie in the first at bytes. */
typedef struct reel__records_at {
    uint64_t number, at;
} reel__records_at;

/* Plain memory: {.track = t} is one at its beginning, and there is nothing to close. Borrows the track. */
typedef struct reel__crypto_walk {
    const reel_track *track;
    reel__home home;               /* of the last sample, and its boxes; body NULL: there is none */
    reel__part senc, saiz, saio;
    reel__group_walk seig;
    uint32_t description;          /* whose tenc is protection; 0: none yet */
    reel_protection protection;
    reel__records_at records[REEL__MOST_IV + 1]; /* of senc, by the size that vectors have for the sample that is asked for */
    reel__records_at sizes;        /* of saiz */
} reel__crypto_walk;

/* As reel_track_sample_crypto, for any sample of the track. Samples in order cost O(1) each. */
int reel__crypto_of(reel__crypto_walk *w, const reel_sample *sample, reel_sample_crypto *out, reel_error *err);

#endif
