/* SPDX-License-Identifier: BSD-2-Clause */
/* Random films, and what their tables say, expanded sample by sample: the naive truth that lookups are held against. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <reel/reel.h>

#include "build.h"

enum { RANDOM_TRACKS = 3 };

typedef struct truth_track {
    reel_sample *sample; /* duration, size, flags (SYNC and FRAGMENT), offset, ... */
    size_t count, room;
    size_t in_tables;    /* the first sample of a fragment */
} truth_track;

typedef struct truth {
    truth_track track[RANDOM_TRACKS];
    uint32_t timescale[RANDOM_TRACKS];
    uint32_t tracks;
} truth;

enum { RANDOM_TABLES = 1, RANDOM_FRAGMENTS = 2, RANDOM_LONG = 4 /* tables of thousands of entries */ };

/* A film of those kinds into b; the same for the same seed. Free it with truth_free. */
void random_film(b_buf *b, truth *t, uint64_t seed, unsigned kinds);
void truth_free(truth *t);

/* The lookups as sample.h says them, by looking at every sample. -1: none. */
int64_t truth_find_dts(const truth_track *t, int64_t dts);
int64_t truth_find_pts(const truth_track *t, int64_t pts);
int64_t truth_find_sync(const truth_track *t, uint64_t index, bool next);
int64_t truth_nearest_sync(const truth_track *t, uint64_t index);
int64_t truth_seek(const truth_track *t, int64_t pts, reel_seek_mode mode);

bool truth_same(const reel_sample *a, const reel_sample *b);

#endif
