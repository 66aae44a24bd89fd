/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Films one behind the other. Decode times of a track go on where its film before ended; what is shown when is told by
 * edits:
 *
 *     video   |-- film 1 ---|==|------ film 2 ------|      = its last picture stands, until the longest track of film 1
 *     sound   |--- film 1 ---|.|------ film 2 ----|          is over; . nothing
 *
 * A picture that stands takes no edit: players that know one edit only are in time all the same.
 */
#include <stdio.h>

#include <reel/codec.h>

#include "write/copy.h"
#include "write/cut.h"

enum { FLICKS = 705600000 }; /* a second: every usual timescale is a whole part of it */

typedef struct joint {
    reel__film film;
    const reel_allocator *alloc;
    int64_t *end;   /* of each strand: the decode time behind its last sample */
    int64_t *shown; /* and how long it is shown by now */
    int64_t total;  /* the films so far, in flicks */
    size_t number;  /* of the film that is being added, from 1 */
    reel_error *err;
} joint;

static int differs(const joint *j, const reel_track *a, const reel_track *b, const char *what)
{
    return reel__fail(j->err, REEL_E_CONFIG, REEL_NO_OFFSET, NULL,
                      "track %u (%s) of film %zu cannot follow track %u of the first: %s",
                      b->id, reel_track_type_name(b->type), j->number, a->id, what);
}

/* In words, as far as there are any. */
static int describe_difference(const joint *j, const reel_track *a, const reel_track *b)
{
    reel_description x, y;
    char what[96] = "its decoder configuration is another";
    if (reel_track_description(a, 1, &x, NULL) != REEL_OK || reel_track_description(b, 1, &y, NULL) != REEL_OK)
        return differs(j, a, b, what);
    if (strcmp(x.codec, y.codec) != 0)
        snprintf(what, sizeof what, "it is %.32s, not %.32s", y.codec, x.codec);
    else if (x.width != y.width || x.height != y.height)
        snprintf(what, sizeof what, "its pictures have %ux%u, not %ux%u", y.width, y.height, x.width, x.height);
    else if (x.sample_rate != y.sample_rate || x.channels != y.channels)
        snprintf(what, sizeof what, "it has %u channels at %u Hz, not %u at %u", y.channels, y.sample_rate, x.channels,
                 x.sample_rate);
    return differs(j, a, b, what);
}

/* The track among n that goes on with strand i: as many of its type stand before it. */
static const reel_track *partner(const joint *j, size_t i, const reel_track *const *tracks, size_t n)
{
    const reel_track *like = j->film.strand[i].like;
    size_t before = 0;
    for (size_t k = 0; k < i; k++)
        before += j->film.strand[k].like->type == like->type;
    for (size_t k = 0; k < n; k++)
        if (tracks[k]->type == like->type && before-- == 0)
            return tracks[k];
    return NULL;
}

static int check_partner(const joint *j, const reel_track *like, const reel_track *t)
{
    char what[96];
    if (!t)
        return reel__fail(j->err, REEL_E_CONFIG, REEL_NO_OFFSET, NULL,
                          "film %zu has no track to follow track %u (%s) of the first",
                          j->number, like->id, reel_track_type_name(like->type));
    if (!reel__same_descriptions(like, t))
        return describe_difference(j, like, t);
    snprintf(what, sizeof what, "its timescale is %u, not %u", t->timescale, like->timescale);
    return like->timescale == t->timescale ? REEL_OK : differs(j, like, t, what);
}

/* The last of its edits, where a picture can stand at the end of that; else NULL. */
static reel__showing *standing(const reel__strand *s)
{
    reel__showing *last = s->edits ? &s->edit[s->edits - 1] : NULL;
    return s->like->type == REEL_TRACK_VIDEO && last && !last->empty && last->rate == 0x10000 ? last : NULL;
}

/* Nothing new is shown until the film begins that comes now. */
static int pad(joint *j, size_t i)
{
    reel__strand *s = &j->film.strand[i];
    reel__showing *last = standing(s);
    int64_t gap = reel_rescale(j->total, FLICKS, s->like->timescale) - j->shown[i];
    if (gap <= 0)
        return REEL_OK;
    j->shown[i] += gap;
    if (!last)
        return reel__strand_show(&j->film, s, (reel__showing){.ticks = gap, .empty = true}, j->err);
    last->ticks = reel__time_plus(last->ticks, (uint64_t)gap);
    return REEL_OK;
}

/*
 * The edits from number n on are those of the film that was added last. Where the first of them begins before the one in
 * front of it ends, the whole film moves on by that, so that the two are one.
 */
static void close_up(reel__strand *s, size_t n)
{
    reel__showing *first = n < s->edits ? &s->edit[n] : NULL, *last = n ? &s->edit[n - 1] : NULL;
    int64_t by;
    if (!last || !first || last->empty || first->empty || last->rate != 0x10000 || first->rate != 0x10000 ||
        s->like->type != REEL_TRACK_VIDEO || !reel__sub(last->media_time + last->ticks, first->media_time, &by) || by <= 0)
        return;
    s->shift += by;
    s->stretch[s->stretches - 1].shift += by;
    for (size_t i = n; i < s->edits; i++)
        s->edit[i].media_time += s->edit[i].empty ? 0 : by;
    last->ticks = reel__time_plus(last->ticks, (uint64_t)first->ticks);
    memmove(first, first + 1, (s->edits - n - 1) * sizeof *first);
    s->edits--;
}

static int append(joint *j, size_t i, const reel_track *t, int64_t start, uint32_t timescale)
{
    reel__strand *s = &j->film.strand[i];
    reel_sample first, last;
    uint64_t count;
    int64_t length, from = reel_rescale(start, timescale, t->timescale);
    int code = reel_track_sample_count(t, &count, j->err);
    if (code == REEL_OK)
        code = reel_track_sample(t, 0, &first, j->err);
    if (code == REEL_OK)
        code = reel_track_sample(t, count - 1, &last, j->err);
    if (code == REEL_OK)
        code = reel_track_presentation_duration(t, &length, j->err);
    if (code == REEL_OK)
        code = pad(j, i);
    if (code != REEL_OK)
        return code;
    s->shift = j->number == 1 ? 0 : j->end[i] - first.dts;
    size_t edits = s->edits;
    code = reel__strand_stretch(&j->film, s, (reel__stretch){t, 0, UINT64_MAX, s->shift}, j->err);
    if (code == REEL_OK)
        code = reel__cut_edits(&j->film, s, t, from, REEL_TIME_FOREVER, j->err);
    if (code == REEL_OK)
        close_up(s, edits);
    j->end[i] = reel__time_plus(last.dts, last.duration) + s->shift;
    j->shown[i] = reel__time_plus(j->shown[i], length > from ? (uint64_t)length - (uint64_t)from : 0);
    return code;
}

static int join(joint *j, const reel_track *const *tracks, size_t n)
{
    int64_t start, longest = j->total;
    uint32_t timescale;
    int code = reel__recording_start(tracks, n, &start, &timescale, j->err);
    if (code == REEL_OK && n != j->film.strands)
        code = reel__fail(j->err, REEL_E_CONFIG, REEL_NO_OFFSET, NULL, "film %zu has %zu tracks, the first has %zu",
                          j->number, n,
                          j->film.strands);
    for (size_t i = 0; i < j->film.strands && code == REEL_OK; i++) {
        const reel_track *t = partner(j, i, tracks, n);
        code = check_partner(j, j->film.strand[i].like, t);
        if (code == REEL_OK)
            code = append(j, i, t, start, timescale);
        int64_t now = reel_rescale(j->shown[i], j->film.strand[i].like->timescale, FLICKS);
        longest = REEL__MAX(longest, now);
    }
    j->total = longest;
    return code;
}

static int begin(joint *j, const reel_movie *first, const reel_track *const *tracks, size_t n)
{
    int code = reel__film_init(&j->film, j->alloc, first, n, j->err);
    if (code != REEL_OK)
        return code;
    j->end = reel__alloc_array(j->alloc, 2 * n, sizeof *j->end);
    if (!j->end)
        return reel__fail(j->err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    memset(j->end, 0, 2 * n * sizeof *j->end);
    j->shown = j->end + n;
    for (size_t i = 0; i < n; i++) {
        j->film.strand[i].like = tracks[i];
        j->film.strand[i].id = tracks[i]->id;
    }
    return REEL_OK;
}

static int add_movie(joint *j, const reel_movie *movie)
{
    const reel_track **tracks = NULL;
    size_t n = 0;
    int code = movie ? reel__cut_prepare(movie, j->err)
                     : reel__fail(j->err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no film");
    if (code == REEL_OK)
        code = reel__film_tracks(j->alloc, movie, NULL, &tracks, &n, j->err);
    if (code != REEL_OK)
        return code;
    if (j->number == 1)
        code = reel__film_check_moov(movie, j->err);
    if (code == REEL_OK && j->number == 1)
        code = begin(j, movie, tracks, n);
    if (code == REEL_OK)
        code = join(j, tracks, n);
    reel__free(j->alloc, tracks);
    return code;
}

int reel_write_concat(const reel_movie *const *movies, size_t n, const reel_write_options *options, reel_plan **out,
                      reel_error *err)
{
    if (!movies || !n || !out || (options && (options->sizeof_options < sizeof *options || options->tracks)))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL,
                          "no films, no place for the plan, or tracks that are named");
    if (n == 1)
        return reel_write_progressive(movies[0], options, out, err);
    joint j = {.alloc = options && options->alloc ? options->alloc : &reel__malloc, .err = err};
    int code = REEL_OK;
    for (size_t i = 0; i < n && code == REEL_OK; i++) {
        j.number = i + 1;
        code = add_movie(&j, movies[i]);
    }
    if (code == REEL_OK)
        code = reel__film_plan(&j.film, out, err);
    reel__film_free(&j.film);
    reel__free(j.alloc, j.end);
    return code;
}
