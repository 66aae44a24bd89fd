/* SPDX-License-Identifier: BSD-2-Clause */
#include <reel/histogram.h>

#include "frame/base/histogram.h"
#include "frame/base/plain_atomic.h"

enum { STEP_BITS = 5, STEPS = 1 << STEP_BITS, TOP_BITS = 44 };

_Static_assert(REEL_HISTOGRAM_BUCKETS == STEPS * (TOP_BITS - STEP_BITS + 1), "a bucket for each value");

/* The bits below the highest five after the leading one are what a bucket does not tell apart. */
static size_t bucket_of(uint64_t value)
{
    if (value < STEPS)
        return (size_t)value;
    if (value >> TOP_BITS)
        return REEL_HISTOGRAM_BUCKETS - 1;
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - STEP_BITS;
    return (size_t)(value >> shift) + (size_t)shift * STEPS;
}

uint64_t reel_histogram_bucket_start(size_t i)
{
    if (i >= REEL_HISTOGRAM_BUCKETS)
        return 0;
    if (i < 2 * STEPS)
        return i;
    unsigned shift = (unsigned)(i / STEPS) - 1;
    return (uint64_t)(i % STEPS + STEPS) << shift;
}

static uint64_t bucket_end(size_t i)
{
    return i + 1 < REEL_HISTOGRAM_BUCKETS ? reel_histogram_bucket_start(i + 1) - 1 : UINT64_MAX;
}

static void raise_max(reel_histogram *h, uint64_t value)
{
    uint64_t max = reel__plain_relaxed(&h->max);
    while (value > max && !__atomic_compare_exchange_n(&h->max, &max, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

void reel_histogram_record(reel_histogram *h, int64_t signed_value)
{
    if (!h)
        return;
    uint64_t value = signed_value > 0 ? (uint64_t)signed_value : 0;
    reel__plain_add(&h->bucket[bucket_of(value)], 1);
    reel__plain_add(&h->sum, value);
    reel__plain_add(&h->count, 1);
    raise_max(h, value);
}

static void add_alone(uint64_t *n, uint64_t more)
{
    __atomic_store_n(n, reel__plain_relaxed(n) + more, __ATOMIC_RELAXED);
}

void reel__histogram_record_alone(reel_histogram *h, int64_t signed_value)
{
    uint64_t value = signed_value > 0 ? (uint64_t)signed_value : 0;
    add_alone(&h->bucket[bucket_of(value)], 1);
    add_alone(&h->sum, value);
    add_alone(&h->count, 1);
    if (value > reel__plain_relaxed(&h->max))
        __atomic_store_n(&h->max, value, __ATOMIC_RELAXED);
}

void reel_histogram_merge(reel_histogram *into, const reel_histogram *from)
{
    if (!into || !from)
        return;
    for (size_t i = 0; i < REEL_HISTOGRAM_BUCKETS; i++) {
        uint64_t n = reel__plain_relaxed(&from->bucket[i]);
        if (n)
            reel__plain_add(&into->bucket[i], n);
    }
    reel__plain_add(&into->sum, reel__plain_relaxed(&from->sum));
    reel__plain_add(&into->count, reel__plain_relaxed(&from->count));
    raise_max(into, reel__plain_relaxed(&from->max));
}

void reel_histogram_reset(reel_histogram *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < REEL_HISTOGRAM_BUCKETS; i++)
        __atomic_store_n(&h->bucket[i], 0, __ATOMIC_RELAXED);
    __atomic_store_n(&h->sum, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&h->count, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&h->max, 0, __ATOMIC_RELAXED);
}

/* The buckets are counted anew: beside recorders, count may be ahead of them or behind. */
uint64_t reel_histogram_at(const reel_histogram *h, double fraction)
{
    if (!h)
        return 0;
    uint64_t total = 0, seen = 0, max = reel__plain_relaxed(&h->max);
    for (size_t i = 0; i < REEL_HISTOGRAM_BUCKETS; i++)
        total += reel__plain_relaxed(&h->bucket[i]);
    if (!total || fraction >= 1)
        return total ? max : 0;
    uint64_t wanted = fraction > 0 ? (uint64_t)((double)total * fraction) : 0;
    if (wanted == 0 || (double)wanted < (double)total * fraction)
        wanted++;
    for (size_t i = 0; i < REEL_HISTOGRAM_BUCKETS; i++) {
        seen += reel__plain_relaxed(&h->bucket[i]);
        if (seen >= wanted)
            return bucket_end(i) < max ? bucket_end(i) : max;
    }
    return max;
}

double reel_histogram_mean(const reel_histogram *h)
{
    uint64_t count = reel_histogram_count(h);
    return count ? (double)reel__plain_relaxed(&h->sum) / (double)count : 0;
}

uint64_t reel_histogram_count(const reel_histogram *h) { return h ? reel__plain_relaxed(&h->count) : 0; }
