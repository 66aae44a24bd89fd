/* SPDX-License-Identifier: BSD-2-Clause */
/* A moof whose media ends before its samples do: those that are there, in a moof of the same length. */
#ifndef REEL_WRITE_TRIM_H
#define REEL_WRITE_TRIM_H

#include "movie/movie.h"

typedef struct reel__trimmed {
    size_t traf, trun;          /* where they stand in the moof */
    uint32_t each, count, keep; /* bytes of an entry; samples */
    uint32_t description;
} reel__trimmed;

typedef struct reel__trim {
    reel__trimmed *run;
    size_t runs, room;
    uint64_t samples, kept;
    uint64_t high;  /* where the data of the last one kept ends */
    double seconds; /* by which the track ends sooner that loses most */
} reel__trim;

/*
 * What of the moof of that size at offset has its data in front of end. REEL_OK, or what a strict reader says of the moof;
 * kept 0: nothing can be had of it. Free the runs with alloc, also when this fails.
 */
int reel__trim_look(reel__trim *t, const reel_movie *m, uint64_t offset, uint64_t size, uint64_t end,
                    const reel_allocator *alloc, reel_error *err);
/* The moof of n bytes, with what is kept. False: data that is kept would count from another place. */
bool reel__trim_apply(const reel__trim *t, uint8_t *moof, size_t n);

#endif
