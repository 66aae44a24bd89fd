/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REEL_WRITE_SALVAGE_H
#define REEL_WRITE_SALVAGE_H

#include <reel/write.h>

#include "movie/movie.h"

/* reel_write_repair of a film of fragments. REEL_END: there are none in it. err is filled for negative codes alone. */
int reel__salvage(reel_source *source, const reel_movie *like, const reel_allocator *alloc, reel_repair *report,
                  reel_plan **out, reel_error *err);

/* A plan as a source, to be looked at; it has to outlive that. */
int reel__plan_as_source(reel_plan *plan, reel_source **out, reel_error *err);

#endif
