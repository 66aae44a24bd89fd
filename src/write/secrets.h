/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a new track has beside its encrypted samples: initialization vectors and subsamples, in a senc of its stbl,
 * with saiz and saio that point into it. ISO/IEC 23001-7 7, ISO/IEC 14496-12 8.7.8, 8.7.9.
 */
#ifndef REEL_WRITE_SECRETS_H
#define REEL_WRITE_SECRETS_H

#include "meta/crypto.h"
#include "write/out.h"

typedef struct reel__secrets {
    bool any;        /* there is something to be said of the samples */
    bool subsamples; /* of one at least: then of all */
    uint32_t count;
    reel__crypto_walk walk;
    reel__out records, sizes;
} reel__secrets;

void reel__secrets_init(reel__secrets *s, const reel_allocator *alloc);
void reel__secrets_free(reel__secrets *s);
/* Is t encrypted sample by sample? */
bool reel__secrets_has(const reel_track *t);
/*
 * What samples first <= i < end of t will need, before they are added. REEL_E_UNSUPPORTED when keys change in
 * fragments.
 */
int reel__secrets_look(reel__secrets *s, const reel_track *t, uint64_t first, uint64_t end, reel_error *err);
/* Those of one sample, as t numbers it. */
int reel__secrets_add(reel__secrets *s, const reel_track *t, const reel_sample *sample, reel_error *err);
/* senc, saiz and saio; o begins where the file does. */
void reel__secrets_write(const reel__secrets *s, reel__out *o);

#endif
