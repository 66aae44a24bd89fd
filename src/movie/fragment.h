/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fragments. One iterator reads moof boxes (movie/moof.c) into runs; a shared, append-only list per track remembers
 * the runs that were met in file order; sidx and mfra lead past what was not scanned.
 * ISO/IEC 14496-12 8.8, 8.16.
 */
#ifndef REEL_MOVIE_FRAGMENT_H
#define REEL_MOVIE_FRAGMENT_H

#include "movie/movie.h"

/* After the skeleton is read and the tracks exist: set up m->fragments and every t->runs when there are any. */
int reel__fragments_open(reel_movie *m, reel_error *err);
void reel__fragments_free(reel_movie *m);
/* More bytes may be there: go on from where the scan stopped. REEL_OK when runs were added, REEL_END when not. */
int reel__fragments_refresh(reel_movie *m, reel_error *err);
/* Scan every moof header to the end of the source. */
int reel__fragments_scan_all(const reel_movie *m, reel_error *err);
/* Offsets of the moofs scanned so far; REEL_END past the last. */
int reel__fragments_moof(const reel_movie *m, size_t i, uint64_t *offset);
/* The same of the pssh boxes in them. */
int reel__fragments_pssh(const reel_movie *m, size_t i, uint64_t *offset);
bool reel__fragments_has_sidx(const reel_movie *m);
bool reel__fragments_has_mfra(const reel_movie *m);

/*
 * All below are about the runs of one track; numbers of samples begin at the table count. They scan as far as they
 * need. With t->runs NULL there are no samples.
 */
int reel__runs_count(const reel_track *t, uint64_t *samples, reel_error *err);
int reel__runs_end_dts(const reel_track *t, int64_t *dts, reel_error *err); /* REEL_END: no samples */
int reel__runs_sample(const reel_track *t, uint64_t index, reel_sample *out, reel_error *err);
/* Adds the sizes of samples first <= i < end to *bytes. */
int reel__runs_bytes(const reel_track *t, uint64_t first, uint64_t end, uint64_t *bytes, reel_error *err);
/* The number of the run that holds sample index, and the sample's place in it. */
int reel__runs_locate(const reel_track *t, uint64_t index, uint64_t *n, uint32_t *at, reel_error *err);
int reel__runs_find_dts(const reel_track *t, int64_t dts, uint64_t *index, reel_error *err);
int reel__runs_find_pts(const reel_track *t, int64_t pts, uint64_t *index, reel_error *err);
int reel__runs_find_sync(const reel_track *t, uint64_t index, bool next, uint64_t *sync, reel_error *err);
int reel__runs_explain(const reel_track *t, uint64_t index, reel_explanation *out, reel_error *err);

/*
 * Seek through sidx or mfra without counting. entry and target as in reel_track_seek; cursor (may be NULL) is left
 * before entry. REEL_E_NOT_FOUND when there is no index for this track, or its fragments carry no tfdt: the
 * caller then counts. With any other failure (not here yet, no memory) err is filled, and asking again may help.
 */
int reel__runs_seek_direct(const reel_track *t, int64_t pts, reel_seek_mode mode, reel_sample *entry,
                           reel_sample *target, reel_cursor *cursor, reel_error *err);

/* Walking; c->in_run is 1 or 2. */
int reel__runs_cursor_seek(reel_cursor *c, uint64_t index, reel_error *err);
int reel__runs_cursor_next(reel_cursor *c, reel_sample *out, reel_error *err);
int reel__runs_cursor_batch(reel_cursor *c, reel_sample *out, size_t n, size_t *got, reel_error *err);
/* Step back from a cursor that came through sidx or mfra (in_run 2). */
int reel__runs_cursor_prev(reel_cursor *c, reel_sample *out, reel_error *err);

#endif
