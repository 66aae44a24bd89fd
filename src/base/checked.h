/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic on numbers from files. Each gives false on overflow, with *out untouched by anyone's reading. */
#ifndef REEL_BASE_CHECKED_H
#define REEL_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

#define reel__add(a, b, out) (!__builtin_add_overflow(a, b, out))
#define reel__sub(a, b, out) (!__builtin_sub_overflow(a, b, out))
#define reel__mul(a, b, out) (!__builtin_mul_overflow(a, b, out))

/* How far apart two times are: what int64_t cannot always hold. */
static inline uint64_t reel__distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

#define REEL__MIN(a, b) ((a) < (b) ? (a) : (b))
#define REEL__MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
