/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which samples of a damaged film can be had, for segmenters with REEL_SEGMENTER_READABLE. A playlist looks at the first
 * and the last sample of a segment and never at those between: what it names has at least one that can be had.
 */
#include <reel/meta.h>

#include "movie/runs.h"
#include "write/stream.h"

bool reel__sample_is_there(const reel_track *t, const reel_sample *s, bool encrypted)
{
    reel_sample_crypto k;
    uint64_t size = reel_source_size(t->movie->source);
    return s->size <= size && s->offset <= size - s->size &&
           (!encrypted || reel_track_sample_crypto(t, s, &k, NULL) >= 0);
}

static bool is_there(const reel_track *t, uint64_t i, bool encrypted)
{
    reel_sample s;
    return reel_track_sample(t, i, &s, NULL) == REEL_OK && reel__sample_is_there(t, &s, encrypted);
}

bool reel__portion_is_there(const reel_track *t, const reel_portion *p, bool encrypted)
{
    return p->end - p->first <= (encrypted ? (uint64_t)REEL__MOST_SECRET : (uint64_t)REEL__MOST_SAMPLES) &&
           (is_there(t, p->end - 1, encrypted) || is_there(t, p->first, encrypted));
}

bool reel__times_go_back(const reel_track *t)
{
    /* Fragments behind tables may begin anywhere. */
    return t->runs && (t->index.sample_count || atomic_load_explicit(&t->runs->disordered, memory_order_relaxed));
}
