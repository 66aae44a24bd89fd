/* SPDX-License-Identifier: BSD-2-Clause */
/* The one walk through a moof: it gives runs, in file order, of all tracks. */
#ifndef REEL_MOVIE_MOOF_H
#define REEL_MOVIE_MOOF_H

#include <reel/cursor.h>

#include "movie/marks.h"

enum { REEL__RUN = 256 };

/*
 * Begin at the moof at offset of the source, whose whole size (header included) is known. copy: its bytes, for who walks
 * through many of them and leaves the mapping untouched; else NULL.
 */
int reel__moof_begin(reel_moof *f, const reel_movie *m, uint64_t offset, uint64_t size, const uint8_t *copy,
                     reel_error *err);
/*
 * The next run, and whose it is. When it begins a traf without tfdt, run->tfdt is -1 and run->dts counts from 0:
 * the caller knows where the track was. REEL_END behind the last.
 */
int reel__moof_next(reel_moof *f, const reel_movie *m, const reel_track **track, reel_run *run, reel_error *err);

/* Bytes of one entry of a trun with these flags. */
static inline uint32_t reel__entry_size(uint32_t trun_flags)
{
    return 4 * (uint32_t)__builtin_popcount(trun_flags & 0xf00);
}

typedef struct reel__entry {
    uint32_t duration, size, flags;
    int32_t offset;
} reel__entry;

/* Number at of a run without entries: the defaults. */
static inline reel__entry reel__run_default(const reel_run *run, uint32_t at)
{
    uint32_t flags = at == 0 && run->has_first_flags ? run->first_flags : run->flags;
    return (reel__entry){run->duration, run->size, flags, 0};
}

/* The entry at p, number at of run; p is NULL in a run without entries. ISO/IEC 14496-12:2022 8.8.8 */
static inline reel__entry reel__run_entry(const reel_run *run, const uint8_t *p, uint32_t at)
{
    reel__entry e = reel__run_default(run, at);
    if (!p)
        return e;
    if (run->trun_flags & 0x100)
        e.duration = reel__be32(p), p += 4;
    if (run->trun_flags & 0x200)
        e.size = reel__be32(p), p += 4;
    if (run->trun_flags & 0x400)
        e.flags = reel__be32(p), p += 4;
    if (run->trun_flags & 0x800)
        e.offset = (int32_t)reel__be32(p);
    return e;
}

/* Sample flags of a fragment, 8.8.3.1, as ours. A sample that depends on others is no place to start. */
static inline uint32_t reel__fragment_flags(uint32_t f)
{
    uint32_t depends = f >> 24 & 3;
    uint32_t flags = REEL_SAMPLE_FRAGMENT | reel__sdtp_flags((uint8_t)(f >> 20));
    if (!(f >> 16 & 1) && depends != 1)
        flags |= REEL_SAMPLE_SYNC;
    return flags;
}

#endif
