/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REEL_WRITE_CUT_H
#define REEL_WRITE_CUT_H

#include "write/film.h"

/* Scan what lookups by number need, of all tracks. */
int reel__cut_prepare(const reel_movie *movie, reel_error *err);
/* What t shows at presentation times from <= time < to (its timescale), at the end of the strand's edits. */
int reel__cut_edits(reel__film *film, reel__strand *s, const reel_track *t, int64_t from, int64_t to, reel_error *err);
/* Which samples of t the strand's edits need. first >= end: none. */
int reel__cut_samples(const reel__strand *s, const reel_track *t, uint64_t *first, uint64_t *end, reel_error *err);
/* Where a recording begins none of whose tracks does so at 0; else 0. */
int reel__recording_start(const reel_track *const *tracks, size_t n, int64_t *start, uint32_t *timescale,
                          reel_error *err);
/* A film of whole tracks, ready for reel__film_plan. Free it also when this fails. */
int reel__whole_film(const reel_movie *movie, const reel_write_options *options, uint32_t flags, reel__film *film,
                     reel_error *err);

#endif
