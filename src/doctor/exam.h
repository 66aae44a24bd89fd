/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An examination: one pass over every track gathers figures, then each check looks at them.
 *
 *   film ── survey of each track (figures.c) ──► checks of the file, checks of each track (checks.c) ──► findings
 *        ──► what is advised is tried (advice.c) ──► sorted
 */
#ifndef REEL_DOCTOR_EXAM_H
#define REEL_DOCTOR_EXAM_H

#include <reel/codec.h>
#include <reel/cursor.h>
#include <reel/doctor.h>
#include <reel/time.h>

#include "base/base.h"

/* More findings than the checks can make for that many tracks; and a day and an hour. */
enum { REEL__EXAM_TRACKS = 64, REEL__FINDINGS = 1536, REEL__SECONDS = 90000 };

typedef struct reel__figures {
    const reel_track *track;
    reel_track_info info;
    reel_description description;
    bool described;      /* the first sample description could be read */
    uint64_t samples, bytes, syncs, partial, zero_sized, past_end, negative;
    uint64_t first_sync; /* number of the first sync sample; REEL_NO_INDEX */
    uint64_t first_false; /* of the sync samples that were looked into the first whose picture refers to others */
    uint32_t looked, is_false; /* so many were, so many do */
    int64_t first_dts, first_pts, end_dts;
    int64_t shift;       /* from media time to presentation time, in the first edit that plays media */
    int64_t shown;       /* how long the presentation is, from 0 */
    double longest_gop;  /* in ticks of media: a gap between fragments does not count */
    uint64_t gaps;       /* where decode time does not go on from the sample before */
    uint64_t widest_gap; /* in ticks, forwards or backwards */
    uint32_t least_delta, greatest_delta;
    uint64_t changes;    /* of the delta from sample to sample; the last one is often made up and left out */
    uint64_t peak_second; /* most bytes in a second */
    uint64_t *place;     /* for each second of the presentation the offset of its first sample; 0: none */
    uint32_t seconds, room;
} reel__figures;

/* What mends a finding. */
typedef enum reel__by {
    REEL__BY_HAND, /* nothing that a command does */
    REEL__BY_FASTSTART,
    REEL__BY_ANEW, /* reel defragment: tables, durations and the order of the media are made anew, of any film */
    REEL__BY_CHOICE, /* the same of some tracks */
    REEL__BY_CUT,
    REEL__BY_REPAIR,
    REEL__BY_FFMPEG,
    REEL__WAYS
} reel__by;

enum { REEL__NEW_VIDEO = 1, REEL__NEW_AUDIO = 2 }; /* what ffmpeg is to encode */

typedef struct reel__cure {
    reel__by by;
    const char *text;    /* a sentence */
    const char *options; /* of the command; NULL: none */
    uint32_t encode;
    double to;           /* of a cut: where it ends */
} reel__cure;

typedef struct reel__exam {
    const reel_movie *movie;
    reel_movie_info info;
    reel__figures *tracks;
    size_t count;
    int64_t origin; /* the second of the presentation in which the first sample is; place[] counts from it */
    uint64_t size;  /* of the file */
    struct reel__finding {
        const char *id, *why;
        uint32_t severity, track_id, order, number;
        reel__by by;
        uint32_t encode;
        double to;
        char what[288]; /* a warning of the parser fits */
        char fix[320];
        char options[96];
        char command[320];
    } finding[REEL__FINDINGS];
    uint32_t found;
} reel__exam;

/* The exam of a film as far as its findings. *out is to be ended, NULL too. */
int reel__examine(const reel_movie *movie, reel__exam **out, reel_error *err);
void reel__exam_end(reel__exam *x);
int reel__survey(reel__exam *x, reel_error *err);
void reel__check_all(reel__exam *x);
void reel__advise(reel__exam *x);

static inline double reel__seconds(int64_t ticks, uint32_t timescale) { return (double)ticks / timescale; }

#endif
