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

enum { REEL__PAGE = 4096 }; /* also a block of most file systems */

/*
 * Media that comes to lie in its pages as it lay in those it is from is copied page by page, and file systems that share
 * blocks can share it. The size of a free box in front of byte `at` that brings what lies at `offset` of a source there:
 * 0, or 8 and more (reel__out_space). 0 too where there are so few bytes that it would not be worth it.
 */
uint64_t reel__plan_padding(uint64_t at, uint64_t offset, uint64_t bytes);

#endif
