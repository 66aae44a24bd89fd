/* SPDX-License-Identifier: BSD-2-Clause */
/* reel/pool.h: frames, the memory they lie in, and the pool it comes from. Link with -lreel-frame. */
#ifndef REEL_POOL_H
#define REEL_POOL_H

#include <reel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_pool reel_pool;

/* Give your reference back and set it to NULL. NULL is allowed. */
REEL_API void reel_pool_close(reel_pool **pool);

#ifdef __cplusplus
}
#endif
#endif
