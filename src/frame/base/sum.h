/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums of times that end where their type does: what a caller or a film says may be as far away as that. */
#ifndef REEL_FRAME_BASE_SUM_H
#define REEL_FRAME_BASE_SUM_H

#include <stdint.h>

static inline int64_t reel__plus(int64_t a, int64_t b)
{
    int64_t sum;
    return !__builtin_add_overflow(a, b, &sum) ? sum : b > 0 ? INT64_MAX : INT64_MIN;
}

static inline int64_t reel__minus(int64_t a, int64_t b)
{
    int64_t rest;
    return !__builtin_sub_overflow(a, b, &rest) ? rest : b < 0 ? INT64_MAX : INT64_MIN;
}

static inline int64_t reel__whole(double x)
{
    const double most = 9223372036854774784.0; /* the last below 2^63 */
    return (int64_t)(x > most ? most : x < -most ? -most : x);
}

#endif
