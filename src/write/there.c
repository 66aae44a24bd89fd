/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which samples of a damaged film can be had, for segmenters with REEL_SEGMENTER_READABLE, and what of a growing one is
 * there already. A playlist looks at the first and the last sample of a segment and never at those between: what it names
 * has at least one that can be had.
 */
#include "base/checked.h"
#include "movie/runs.h"
#include "movie/time_.h"
#include "write/secrets.h"
#include "write/stream.h"

bool reel__crypto_begin(reel__crypto_walk *w, const reel_track *t)
{
    *w = (reel__crypto_walk){.track = t};
    return reel__secrets_has(t);
}

static bool lies_there(const reel_track *t, const reel_sample *s)
{
    uint64_t size = reel_source_size(t->movie->source);
    return s->size <= size && s->offset <= size - s->size;
}

bool reel__sample_is_there(const reel_track *t, const reel_sample *s, reel__crypto_walk *walk)
{
    reel_sample_crypto k;
    return lies_there(t, s) && (!walk || reel__crypto_of(walk, s, &k, NULL) >= 0);
}

static bool is_there(const reel_track *t, uint64_t i, reel__crypto_walk *walk)
{
    reel_sample s;
    return reel_track_sample(t, i, &s, NULL) == REEL_OK && reel__sample_is_there(t, &s, walk);
}

bool reel__portion_is_there(const reel_track *t, const reel_portion *p, reel__crypto_walk *walk, bool *whole)
{
    *whole = false;
    if (p->end - p->first > REEL__MOST_SAMPLES)
        return false;
    bool first = is_there(t, p->first, walk), last = is_there(t, p->end - 1, walk);
    *whole = first && last;
    return first || last;
}

/* Pictures are shown in another order than they lie: of a few before it the one that is shown last. */
int64_t reel__portion_end(const reel_track *t, uint64_t first, uint64_t end)
{
    enum { REORDERED = 32 };
    uint64_t there = first, past = end; /* there lies there, past does not */
    int64_t over = INT64_MIN, shift = reel_track_stream_shift(t);
    reel_sample s;
    while (past - there > 1) {
        uint64_t mid = there + (past - there) / 2;
        if (reel_track_sample(t, mid, &s, NULL) == REEL_OK && lies_there(t, &s))
            there = mid;
        else
            past = mid;
    }
    for (uint64_t i = there - REEL__MIN(there - first, (uint64_t)REORDERED); i <= there; i++)
        if (reel_track_sample(t, i, &s, NULL) == REEL_OK && lies_there(t, &s))
            over = REEL__MAX(over, reel__time_plus(s.pts, s.duration));
    return over > INT64_MIN && reel__add(over, shift, &over) ? over : INT64_MIN;
}

bool reel__times_go_back(const reel_track *t)
{
    /* Fragments behind tables may begin anywhere. */
    return t->runs && (t->index.sample_count || atomic_load_explicit(&t->runs->disordered, memory_order_relaxed));
}
