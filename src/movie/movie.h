/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An open film. Everything here is written by reel_open and then only read, but for what is marked atomic, which
 * grows by being published whole.
 *
 *   reel_movie ── source, allocator
 *      ├─ part[slot]      boxes of moov that open has met
 *      ├─ meta            the top-level meta box (still images)
 *      ├─ track[i] ── part[slot], index (sample tables), runs (fragments)
 *      ├─ fragments       moof headers scanned so far, shared by all tracks
 *      └─ views           memory that was read from a source that cannot be mapped
 */
#ifndef REEL_MOVIE_MOVIE_H
#define REEL_MOVIE_MOVIE_H

#include <pthread.h>
#include <stdatomic.h>

#include <reel/movie.h>
#include <reel/sample.h>

#include "base/base.h"
#include "base/checked.h"
#include "box/part.h"
#include "movie/index.h"
#include "source/source.h"

/* More than any film has. Lookups of descriptions and data references go through them one by one. */
enum { REEL__DESCRIPTIONS = 1024 };

enum { REEL__WARNINGS = 64, REEL__TRACKS = 1024, REEL__TOP_BOXES = 1 << 24, REEL__MOOV_BOXES = 1 << 20 };

typedef struct reel__view {
    uint64_t offset, size;
    const uint8_t *data;
    void *owned;
} reel__view;

typedef struct reel__fragments reel__fragments; /* movie/fragment.c */
typedef struct reel__runs reel__runs;           /* movie/fragment.c: one track's */

struct reel_track {
    reel_movie *movie;
    uint32_t number; /* trak[number], from 1 */
    uint32_t id, type, handler, timescale;
    uint32_t description_count;
    reel__part part[REEL__TRACK_SLOT_END];
    reel__index index;
    reel__part trex;      /* of mvex; body NULL without */
    reel__runs *runs;     /* NULL in a film without fragments */
    bool external;        /* a dref entry points to another file */
    reel__once edit_marks;   /* movie/time.c: totals of a long edit list */
    reel__once showings;     /* movie/showing.c: the same list by media time */
    reel__once sidx_marks;   /* movie/sidx.c: of a long segment index */
    reel__once crypto_marks; /* meta/crypto.c */
    reel__once stretch; /* write/segmenter.c */
};

struct reel_movie {
    reel_ref ref;
    reel_allocator alloc;
    reel_source *source;
    uint32_t flags;
    reel__part ftyp, moov, meta;
    reel__part boxes; /* moov as its boxes lie in memory: in the file, or in what a cmov held */
    reel__part part[REEL__SLOT_END - REEL__MOVIE_SLOT_BEGIN];
    uint32_t timescale;
    uint64_t duration;
    reel_track **track;
    size_t track_count;
    /* The top level, as far as open went: to its end, or to the first moof behind moov. */
    uint64_t mdat_offset, mdat_size;
    uint64_t first_moof; /* with first_moof_seen */
    uint64_t first_sidx; /* 0: none was met */
    uint64_t scanned_to; /* the first moof, else where the next box would begin (a box that was cut, if any) */
    uint32_t mdat_count;
    bool first_moof_seen, has_mvex;
    void *inflated;       /* the moov that a cmov held */
    reel__fragments *fragments;
    reel__once items;     /* item/directory.c */
    _Atomic(uint32_t) chapter_track; /* trak number; 0: not looked for yet, UINT32_MAX: there is none */

    pthread_mutex_t lock;      /* for fragments that are being scanned and refresh; never taken by a lookup */
    pthread_mutex_t view_lock; /* for views; taken last */
    reel__view *views;         /* sorted by offset */
    size_t view_count, view_room;
    _Atomic(reel_error *) warning[REEL__WARNINGS];
};

static inline const reel__part *reel__movie_part(const reel_movie *m, reel__slot slot)
{
    return &m->part[slot - REEL__MOVIE_SLOT_BEGIN];
}

static inline bool reel__strict(const reel_movie *m) { return m->flags & REEL_OPEN_STRICT; }

/*
 * Something is wrong, but the film can be used. In strict mode this fills err and gives code; otherwise it keeps
 * a warning (the same one only once) and gives REEL_OK. Any thread.
 */
int reel__warn(const reel_movie *m, reel_error *err, int code, uint64_t offset, const char *path,
               const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The same about a slot of a track: the path and offset come from it. */
int reel__track_warn(const reel_track *t, reel__slot slot, reel_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* An error about a slot of a track. */
int reel__track_fail(const reel_track *t, reel__slot slot, reel_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* "moov/trak[2]/mdia/mdhd" */
void reel__track_path(const reel_track *t, reel__slot slot, char *buf, size_t size);

/*
 * [offset, offset + n) of the source as memory that lives as long as the movie: the mapping, or a view that is read
 * once and remembered. Any thread; takes the lock only where there is no mapping.
 */
int reel__movie_view(const reel_movie *m, uint64_t offset, uint64_t n, const uint8_t **data, reel_error *err);
void reel__views_free(reel_movie *m);

/*
 * The header of the box at offset of the source, into part (body not read: NULL; size is that of the body) and
 * *next, where the one behind it begins. end is where the parent ends. REEL_END when fewer than 8 bytes are left. g is
 * for who hops from header to header, else NULL.
 */
int reel__box_at(reel_source *source, reel__glance *g, uint64_t offset, uint64_t end, reel__part *part, uint64_t *next,
                 reel_error *err);

/* Is the edit list as long as it says? When a track is opened; warns or, in strict mode, fails. movie/time.c */
int reel__time_check(const reel_track *t, reel_error *err);

#endif
