/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runs of one track, in file order, as far as moofs were scanned. Append-only: readers hold no lock.
 *
 *   chunk[0] 64 runs | chunk[1] 128 | chunk[2] 256 | ...      never moved, never freed before the movie
 *   count               published after the run it counts
 */
#ifndef REEL_MOVIE_RUNS_H
#define REEL_MOVIE_RUNS_H

#include "movie/moof.h"

enum { REEL__RUN_CHUNKS = 40, REEL__FIRST_CHUNK = 64 };

typedef struct reel__kept_run {
    reel_run run;
    int64_t least_pts, greatest_pts; /* of its samples */
    int64_t most_pts;                /* of all samples up to its end */
    uint64_t sync_run;               /* number of the last run up to this one that has a sync sample; UINT64_MAX */
} reel__kept_run;

struct reel__runs {
    _Atomic(reel__kept_run *) chunk[REEL__RUN_CHUNKS];
    _Atomic uint64_t count;
    _Atomic int64_t least_offset; /* of pts - dts over all samples, at most 0 */
    atomic_bool disordered;       /* a tfdt goes backwards */
    /* under the movie's lock */
    uint64_t next;                /* number of the next sample */
    int64_t end, traf_base;       /* decode time behind the last */
};

/* Append under the movie's lock. seen: the entries, or a copy of them. */
int reel__runs_append(const reel_track *t, reel_run *run, const uint8_t *seen, reel_error *err);

/* Make sure that the run numbers below n are scanned: REEL_END when there are not that many. movie/fragment.c */
int reel__fragments_need(const reel_track *t, uint64_t n, reel_error *err);

static inline uint64_t reel__runs_known(const reel_track *t)
{
    return atomic_load_explicit(&t->runs->count, memory_order_acquire);
}

/* Has every moof up to the end been scanned? Then counting costs nothing more. */
bool reel__fragments_all_known(const reel_movie *m);

/* The known run that is this one (same moof, trun, place); UINT64_MAX when it has not been scanned. */
uint64_t reel__run_known(const reel_track *t, const reel_run *run);

/* Not the file's fault but the moment's: asked again it may go well. All other codes say that an index is of no use. */
static inline bool reel__passing(int code)
{
    return code == REEL_E_AGAIN || code == REEL_E_IO || code == REEL_E_NOMEM || code == REEL_E_SHRUNK;
}

/* A cursor that walks moofs without counting them, from the first run of its track at or behind offset at. */
int reel__direct_begin(reel_cursor *c, const reel_track *t, uint64_t at, reel_error *err);
int reel__direct_next_run(reel_cursor *c, reel_error *err);

/*
 * Where a moof with samples of t at or before pts may begin, by tfra or sidx; back: so many entries before it.
 * REEL_E_NOT_FOUND: there is no index, or none that says; else a passing code.
 */
int reel__mfra_find(const reel_track *t, int64_t pts, uint32_t back, uint64_t *moof, reel_error *err);
int reel__sidx_find(const reel_track *t, int64_t pts, uint32_t back, uint64_t *at, reel_error *err);

const reel__kept_run *reel__run_at(const reel_track *t, uint64_t n);

/* The sample of entry p, number at of run, whose dts and offset are given. */
static inline void reel__run_fill(const reel_track *t, const reel_run *run, uint32_t at, reel__entry e, int64_t dts,
                                  uint64_t offset, reel_sample *out)
{
    out->index = run->first == REEL_NO_INDEX ? REEL_NO_INDEX : run->first + at;
    out->dts = dts;
    out->pts = dts + e.offset;
    out->offset = offset;
    out->size = e.size;
    out->duration = e.duration;
    out->track_id = t->id;
    out->description = run->description;
    out->flags = reel__fragment_flags(e.flags);
    out->chunk = 0;
}

#endif
