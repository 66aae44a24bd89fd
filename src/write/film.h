/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A new progressive film made of stretches of samples of others: ftyp, moov, mdat.
 *
 *     film ── strand[i]            a track of the new film
 *               ├─ like            the track whose boxes it has
 *               ├─ stretch[k]      samples first <= i < end of a track, one stretch behind the other
 *               ├─ edit[k]         what of them is shown when
 *               └─ tables          made while the media is laid out
 *
 * Whoever makes one fills strands, stretches and edits; reel__film_plan does the rest.
 */
#ifndef REEL_WRITE_FILM_H
#define REEL_WRITE_FILM_H

#include <reel/time.h>
#include <reel/write.h>

#include "movie/movie.h"
#include "movie/time_.h"
#include "write/plan.h"
#include "write/secrets.h"
#include "write/tables.h"

typedef struct reel__stretch {
    const reel_track *track;
    uint64_t first, end; /* end UINT64_MAX: to the last */
    int64_t shift;       /* dts of the new film - dts of the old one */
} reel__stretch;

/* What is shown for some ticks (the strand's timescale) of the new presentation; one behind the other. */
typedef struct reel__showing {
    int64_t ticks;
    int64_t media_time; /* of the media as the stretches are shifted; meaningless when empty */
    int32_t rate;       /* 16.16; 0: a dwell */
    bool empty;
} reel__showing;

typedef struct reel__strand {
    const reel_track *like;
    uint32_t id;
    reel__stretch *stretch;
    size_t stretches, stretch_room;
    reel__showing *edit;
    size_t edits, edit_room;
    int64_t shift; /* is added to the media times that reel__cut_edits puts */
    bool plain; /* no edit list: media time is presentation time */
    reel__tables tables;
    reel__secrets secrets;
    /* The walk */
    reel_cursor cursor;
    reel_sample next;
    size_t at;     /* the stretch that next comes from */
    uint64_t left; /* samples of it behind next */
    bool over;
} reel__strand;

enum { REEL__CHAPTER_TIMESCALE = 10000000 }; /* of chpl */

enum { REEL__FILM_LENIENT = 1 /* samples that are not there whole end their track instead of the plan */ };

typedef struct reel__film {
    reel_allocator alloc;
    const reel_movie *like; /* whose moov it gets */
    reel__strand *strand;
    size_t strands;
    uint32_t flags;
    uint32_t timescale;  /* of the new movie; made by reel__film_plan */
    int64_t from, to;    /* the part of the presentation it is, for chapters in chpl; both 0: all of it */
    uint64_t lost;       /* lenient: samples left out */
    reel_sample lost_at; /* the first of them */
    bool overlaid;       /* at the place of one of them, which the file has, stands its movie box */
} reel__film;

/* Room for so many strands. */
int reel__film_init(reel__film *film, const reel_allocator *alloc, const reel_movie *like, size_t strands,
                    reel_error *err);
void reel__film_free(reel__film *film);

/* Puts a stretch, an edit at the end. An edit that goes on where the one before it ended becomes one with it. */
int reel__strand_stretch(reel__film *film, reel__strand *s, reel__stretch stretch, reel_error *err);
int reel__strand_show(reel__film *film, reel__strand *s, reel__showing edit, reel_error *err);

/* Can this track be written anew at all? REEL_E_UNSUPPORTED with a sentence when not. */
int reel__film_can_hold(const reel_track *track, reel_error *err);
/* Does a box of moov name places in the file that are not moved with the media? */
int reel__film_check_moov(const reel_movie *movie, reel_error *err);
bool reel__meta_names_places(const reel__part *meta);

/*
 * The tracks that options ask for, as an array from the film's allocator; NULL: all that can be written. Those that
 * cannot are REEL_E_UNSUPPORTED when they were named.
 */
int reel__film_tracks(const reel_allocator *alloc, const reel_movie *movie, const reel_write_options *options,
                      const reel_track ***out, size_t *n, reel_error *err);

int reel__film_plan(reel__film *film, reel_plan **out, reel_error *err);

/* Is it described in the same way, so that samples of the one can follow those of the other? */
bool reel__same_descriptions(const reel_track *a, const reel_track *b);

/* ---- film.c to moov.c ---- */

/* moov, with media that begins at media_at. */
void reel__film_moov(const reel__film *film, reel__out *o, bool wide, uint64_t media_at);
/* ftyp without what promises fragments; nothing where the film had none. */
void reel__film_ftyp(const reel__film *film, reel__out *o);
/* Chooses film->timescale: the movie's where every edit is a whole number in it, else one in which they all are. */
void reel__film_choose_timescale(reel__film *film);

#endif
