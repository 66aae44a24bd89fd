/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REEL_MOVIE_TOP_H
#define REEL_MOVIE_TOP_H

#include "movie/movie.h"

/* Find ftyp, moov, meta, the first mdat, moof and sidx. m->source and m->alloc are set. */
int reel__top_scan(reel_movie *m, reel_error *err);
/* A box at the top that goes past the end of the file: warn, or fail in strict mode. */
int reel__top_cut(const reel_movie *m, const reel__part *part, reel_error *err);
/* From m->moov: tracks and parts. */
int reel__skeleton(reel_movie *m, reel_error *err);
/* After the skeleton: ids, handlers, timescales, tables. */
int reel__tracks_open(reel_movie *m, reel_error *err);
/* In strict mode: go through the sample tables too, and let the first warning be the error. */
int reel__strict_check(reel_movie *m, reel_error *err);

#endif
