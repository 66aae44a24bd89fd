/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fragment on its way: which samples, and where their bytes lie.
 *
 *   traf   samples of one track that follow each other in time and have one sample description
 *   run    of those, the ones whose bytes follow each other in the film: a piece of mdat; runs that follow each other
 *          there too are one trun
 *
 * Samples are walked once. Of those of a traf that are all alike no list is kept: a second of PCM has 48,000.
 */
#ifndef REEL_WRITE_MOOF_H
#define REEL_WRITE_MOOF_H

#include "write/stream.h"

typedef struct reel__write_run {
    uint64_t offset, size; /* in the film */
    uint64_t at;           /* in the media of mdat */
    uint64_t count;
    size_t patch;          /* where the data_offset is to be put of the trun that begins with it; 0: none does */
} reel__write_run;

typedef struct reel__write_entry {
    uint32_t duration, size, flags;
    int32_t offset;
} reel__write_entry;

typedef struct reel__write_traf {
    const reel_track *track;
    uint64_t first, count; /* samples */
    int64_t dts;
    uint32_t description;
    uint32_t duration, size, flags, first_flags; /* of the first sample; flags: of the second and on */
    bool same_duration, same_size, same_flags, has_offsets, encrypted;
    bool listed;           /* they are not all alike: entry is the first one's place in the fragment's list */
    size_t entry;
    size_t run, runs;      /* of the fragment's list */
} reel__write_traf;

typedef struct reel__write_fragment {
    reel_allocator alloc;
    reel__write_traf *traf;
    reel__write_run *run;
    reel__write_entry *entry;
    size_t trafs, traf_room, runs, run_room, entries, entry_room;
    uint64_t media;        /* bytes in mdat */
    bool readable;         /* samples that cannot be had are left out */
    uint64_t left_out;
} reel__write_fragment;

void reel__fragment_init(reel__write_fragment *f, const reel_allocator *alloc);
void reel__fragment_free(reel__write_fragment *f);
/* Samples first <= i < end of track, behind what is there. */
int reel__fragment_add(reel__write_fragment *f, const reel_track *track, uint64_t first, uint64_t end, reel_error *err);
/* Give every run its place in mdat: in the order of the film, as far as the tracks' own orders allow. */
int reel__fragment_lay_out(reel__write_fragment *f, const reel_movie *movie, size_t **order, reel_error *err);
/* A walk over the samples of a traf. */
enum { REEL__TRAF_BATCH = 64 };
typedef struct reel__traf_walk {
    reel_cursor c;
    uint64_t left;
    size_t at, got;
    reel_sample batch[REEL__TRAF_BATCH];
} reel__traf_walk;
int reel__traf_walk_begin(reel__traf_walk *w, const reel__write_traf *t, reel_error *err);
/* NULL and *code when there is none though there should be. */
const reel_sample *reel__traf_walk_next(reel__traf_walk *w, int *code, reel_error *err);

/*
 * What an encrypted traf has beside its samples (sgpd and sbgp, senc, saiz, saio), its moof beginning at moof of o;
 * nothing for others.
 */
int reel__write_encryption(reel__out *o, const reel__write_traf *t, size_t moof, reel_error *err);
/* moof and the header of mdat. */
int reel__fragment_write(reel__write_fragment *f, reel__out *o, uint32_t sequence, reel_error *err);

#endif
