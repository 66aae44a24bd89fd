/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An examination: one pass over every track gathers figures, then each check looks at them.
 *
 *   film ── survey of each track (figures.c) ──► checks of the file, checks of each track (checks.c) ──► findings, sorted
 */
#ifndef REEL_DOCTOR_EXAM_H
#define REEL_DOCTOR_EXAM_H

#include <reel/codec.h>
#include <reel/cursor.h>
#include <reel/doctor.h>
#include <reel/time.h>

#include "base/base.h"

enum { REEL__FINDINGS = 256, REEL__SECONDS = 90000 };

/* More samples than any film has: a count that somebody made up. */
#define REEL__EXAM_SAMPLES 200000000u

typedef struct reel__figures {
    const reel_track *track;
    reel_track_info info;
    reel_description description;
    bool described;      /* the first sample description could be read */
    uint64_t samples, bytes, syncs, partial, zero_sized, past_end, negative;
    uint64_t first_sync; /* number of the first sync sample; REEL_NO_INDEX */
    int64_t first_pts, end_dts;
    int64_t longest_gop, gops_end; /* in ticks */
    uint32_t least_delta, greatest_delta;
    uint64_t changes;    /* of the delta from sample to sample */
    uint64_t peak_second; /* most bytes in a second */
    uint64_t *place;     /* for each second of decode time the offset of its first sample; 0: none */
    uint32_t seconds, room;
    bool ended;          /* all samples were looked at */
} reel__figures;

typedef struct reel__exam {
    const reel_movie *movie;
    reel_movie_info info;
    reel__figures *tracks;
    size_t count;
    uint64_t size; /* of the file */
    struct reel__finding {
        const char *id, *why;
        uint32_t severity, track_id, order;
        char what[224];
        char fix[224];
    } finding[REEL__FINDINGS];
    size_t found;
} reel__exam;

int reel__survey(reel__exam *x, reel_error *err);
void reel__check_all(reel__exam *x);

static inline double reel__seconds(int64_t ticks, uint32_t timescale) { return (double)ticks / timescale; }

#endif
