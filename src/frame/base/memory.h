/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the caller's allocator, for everybody in the frame room. */
#ifndef REEL_FRAME_BASE_MEMORY_H
#define REEL_FRAME_BASE_MEMORY_H

#include <reel/base.h>

/* malloc, where the caller named none. */
extern const reel_allocator reel__frame_malloc;

/* Room for n of `each` bytes, not zeroed; NULL: there is none. n may be 0: that is room, too. */
void *reel__frame_get(const reel_allocator *a, size_t n, size_t each);
/* NULL is allowed. */
void reel__frame_drop(const reel_allocator *a, void *p);

#endif
