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

#endif
