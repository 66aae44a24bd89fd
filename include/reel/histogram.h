/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/histogram.h: how long things took, in fixed memory: log-linear buckets, 32 to each power of two, so that a
 * value is told from another one three per cent away. Exact below 64; 0 to 2^44 - 1 (in nanoseconds: five hours),
 * what is above is counted in the last bucket.
 *
 *     value     0 1 2 ... 63 | 64 66 ... 126 | 128 132 ... 252 | 256 ...
 *     step      1            | 2             | 4               | 8
 *
 * Any number of threads may record into one histogram while others read it. Nothing here allocates, locks or fails.
 * NULL is an empty one that keeps nothing.
 */
#ifndef REEL_HISTOGRAM_H
#define REEL_HISTOGRAM_H

#include <reel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REEL_HISTOGRAM_BUCKETS 1280 /* 32 * (44 - 5 + 1) */

/* Ten kilobytes of plain numbers; nothing to free. All zero is an empty one. Read it through the functions. */
typedef struct reel_histogram {
    uint64_t count;
    uint64_t sum; /* of the values, modulo 2^64 */
    uint64_t max; /* exact, also above the last bucket */
    uint64_t bucket[REEL_HISTOGRAM_BUCKETS];
} reel_histogram;

/*
 * One more value; a negative one counts as 0. Three atomic additions, whoever else records; only a value above the
 * greatest so far has to try until it, or a greater one, is the greatest.
 */
REEL_API void reel_histogram_record(reel_histogram *h, int64_t value);

/* Add what is in from to into. from may be recorded into meanwhile: each value is then counted now or next time. */
REEL_API void reel_histogram_merge(reel_histogram *into, const reel_histogram *from);

/* Empty it. Values recorded at the same time may stay or go, in part. */
REEL_API void reel_histogram_reset(reel_histogram *h);

/*
 * The value that a fraction of all values does not exceed: 0.5 the median, 0.99 the ninety-ninth percentile, 1 the
 * exact maximum. The upper end of its bucket, at most 1/32 too much and never above the maximum. Fractions outside 0 to
 * 1 are taken as 0 or 1; 0 when nothing was recorded. Beside recorders it tells of a moment near the call.
 */
REEL_API uint64_t reel_histogram_at(const reel_histogram *h, double fraction);

/* Sum over count; 0 when nothing was recorded. */
REEL_API double reel_histogram_mean(const reel_histogram *h);

/* How many values there were, and the least value that bucket i counts (i below REEL_HISTOGRAM_BUCKETS, else 0). */
REEL_API uint64_t reel_histogram_count(const reel_histogram *h);
REEL_API uint64_t reel_histogram_bucket_start(size_t i);

#ifdef __cplusplus
}
#endif
#endif
