/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the makers of plans: what they have beyond <reel/plan.h>. */
#ifndef REEL_WRITE_PLAN_H
#define REEL_WRITE_PLAN_H

#include <reel/plan.h>

#include "write/out.h"

/*
 * What o has written becomes a piece at the end, without a copy: the plan takes over its memory, which has to come from
 * the same allocator. o is empty after, also on failure (its own first failure is given back).
 */
int reel__plan_add_out(reel_plan *plan, reel__out *o, reel_error *err);

/* The plan takes over the memory of o without a piece for it: pieces of it come with reel_plan_add_memory. */
int reel__plan_keep_out(reel_plan *plan, reel__out *o, reel_error *err);

/* A plan of what o has written, and of nothing else. */
int reel__plan_of_out(reel__out *o, reel_plan **out, reel_error *err);

/* The header of a box of so many bytes, itself among them: 16 bytes where these are above 4 GiB, else 8. */
int reel__plan_add_header(reel_plan *plan, uint32_t type, uint64_t size, reel_error *err);

enum { REEL__PAGE = 4096, REEL__UNIT = 1 << 16 /* of page caches */, REEL__MOST_PADDING = REEL__UNIT + 8 };

/*
 * Media that lies in its pages as it lay in those it is from is copied page by page, and file systems that share blocks
 * can share it. Page caches have larger units: a film of some size keeps its place in 64 KiB, and is copied from the
 * beginning of one on: 4.0 GB/s instead of 2.9 where cp makes 4.7. The size of a free box in front of byte `at`
 * that brings what lies at `offset` of a source there: 0, or 8 and more. 0 too where the bytes are few.
 */
uint64_t reel__plan_padding(uint64_t at, uint64_t offset, uint64_t bytes);
/* That box. */
int reel__plan_add_padding(reel_plan *plan, uint64_t size, reel_error *err);

#endif
