/* SPDX-License-Identifier: BSD-2-Clause */
/* The segment index of a file that is written: ISO/IEC 14496-12:2022 8.16.3. */
#ifndef REEL_WRITE_INDEX_H
#define REEL_WRITE_INDEX_H

#include "movie/movie.h"
#include "write/plan.h"

enum { REEL__REFERENCES = 0xffff, REEL__REFERENCE = 12 /* bytes */ };

/*
 * Room for it at the end of the plan, whose allocator that is: *references are n of 12 bytes, in the plan already, to be
 * filled.
 */
int reel__index_begin(reel_plan *plan, const reel_allocator *alloc, const reel_track *track, size_t n,
                      int64_t first_time, uint8_t **references, reel_error *err);
/* A segment from..end, in the track's timescale, that begins with a sync sample. REEL_E_RANGE: it is too large. */
int reel__index_reference(uint8_t *p, int64_t from, int64_t end, uint64_t size, reel_error *err);

#endif
