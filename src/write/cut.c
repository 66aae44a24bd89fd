/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A part of a film, or all of it, as a new one. Of each track:
 *
 *     presentation   |---- edit 1 ----|-- gap --|---- edit 2 ----|
 *     window                  [ from ..................... to )
 *     shown                   |-------|---------|----------|          edits of the new film, from 0 on
 *     samples              [ ......... ]         [ ........ ]         with what their decoding needs in front
 */
#include "write/cut.h"

#include <reel/codec.h>

#include "write/copy.h"

/*
 * How far behind the end pictures are looked for that are shown before it: more than any codec reorders, and an end to
 * it where samples last no time.
 */
enum { REORDER_SECONDS = 2, REORDER_SAMPLES = 64, MOST_REORDERED = 1024, OPUS_ROLL = 80 /* ms; RFC 7845 4.6 */ };

/* ---- edits ---- */

/* The edit between from and to, moved so that from is 0. */
static int show_part(reel__film *film, reel__strand *s, const reel_edit *e, int64_t from, int64_t to, reel_error *err)
{
    int64_t begin = REEL__MAX(e->start, from), end = REEL__MIN(e->end, to);
    if (begin >= end)
        return REEL_OK;
    reel__showing part = {.ticks = end - begin, .media_time = e->media_time, .rate = (int32_t)reel__rate_of(e),
                          .empty = e->kind == REEL_EDIT_EMPTY};
    if (e->kind == REEL_EDIT_MEDIA)
        part.media_time = reel__time_plus(e->media_time, reel__at_rate((uint64_t)begin - (uint64_t)e->start,
                                                                       reel__rate_of(e)));
    if (e->kind == REEL_EDIT_DWELL)
        part.rate = 0;
    if (!part.empty && !reel__add(part.media_time, s->shift, &part.media_time))
        return reel__fail(err, REEL_E_TIME, REEL_NO_OFFSET, NULL, "%s", reel_code_text(REEL_E_TIME));
    return reel__strand_show(film, s, part, err);
}

int reel__cut_edits(reel__film *film, reel__strand *s, const reel_track *t, int64_t from, int64_t to, reel_error *err)
{
    int64_t length;
    reel_moment first;
    reel_edit e = {.start = 0, .end = REEL_TIME_FOREVER, .media_rate = 0x10000};
    int code = reel_track_presentation_duration(t, &length, err);
    if (code != REEL_OK)
        return code;
    bool none = reel_track_media_time(t, 0, &first) == REEL_OK && first.edit == 0;
    to = REEL__MIN(to, length);
    if (none)
        return show_part(film, s, &e, from, to, err);
    reel__edits list = reel__edits_of(t);
    reel__edit_walk w = reel__edit_walk_from(&list, 0);
    while (code == REEL_OK && reel__edit_walk_next(&w, &e) && e.start < to)
        code = show_part(film, s, &e, from, to, err);
    return code;
}

/* ---- samples ---- */

/* How many samples of sound a decoder wants before the first one that is heard. */
static uint64_t roll_of(const reel_track *t, uint64_t first)
{
    reel_description d;
    reel_sample s;
    if (t->type != REEL_TRACK_AUDIO || reel_track_description(t, 1, &d, NULL) != REEL_OK || d.samples_per_frame == 1)
        return 0;
    if (d.codec_format != REEL_4CC('O', 'p', 'u', 's') || reel_track_sample(t, first, &s, NULL) != REEL_OK ||
        !s.duration)
        return 1;
    uint64_t ticks = (uint64_t)t->timescale * OPUS_ROLL / 1000;
    return (ticks + s.duration - 1) / s.duration;
}

/*
 * Behind the last sample that is shown before time: the one with the greatest pts, and what follows it in decode order
 * but is shown before it (pictures that refer to it).
 */
static int end_before(const reel_track *t, int64_t time, uint64_t *end, reel_error *err)
{
    uint64_t last;
    reel_sample s;
    reel_cursor c;
    int code = reel_track_find_pts(t, time - 1, &last, err);
    if (code == REEL_OK)
        code = reel_cursor_init(&c, t);
    if (code == REEL_OK)
        code = reel_cursor_seek(&c, last, err);
    *end = last + 1;
    int64_t far = reel__time_plus(time, (uint64_t)t->timescale * REORDER_SECONDS);
    for (int n = 0; code == REEL_OK && (code = reel_cursor_next(&c, &s, err)) == REEL_OK; n++) {
        if ((s.dts >= far && n >= REORDER_SAMPLES) || n >= MOST_REORDERED)
            break;
        if (s.pts < time)
            *end = s.index + 1;
    }
    return code == REEL_END ? REEL_OK : code;
}

/* Widens [*first, *end) by the samples that are shown at media times from <= t < to. */
static int want(const reel_track *t, int64_t from, int64_t to, uint64_t *first, uint64_t *end, reel_error *err)
{
    reel_sample entry;
    uint64_t last;
    int code = reel_track_seek(t, from, REEL_SEEK_PREVIOUS, &entry, NULL, err);
    if (code == REEL_OK)
        code = end_before(t, to, &last, err);
    if (code != REEL_OK)
        return code;
    uint64_t roll = roll_of(t, entry.index);
    *first = REEL__MIN(*first, entry.index - REEL__MIN(entry.index, roll));
    *end = REEL__MAX(*end, last);
    return REEL_OK;
}

int reel__cut_samples(const reel__strand *s, const reel_track *t, uint64_t *first, uint64_t *end, reel_error *err)
{
    int code = REEL_OK;
    *first = UINT64_MAX;
    *end = 0;
    for (size_t i = 0; i < s->edits && code == REEL_OK; i++) {
        const reel__showing *e = &s->edit[i];
        uint64_t media = e->rate ? reel__at_rate((uint64_t)e->ticks, (uint32_t)e->rate) : 1;
        if (!e->empty)
            code = want(t, e->media_time, reel__time_plus(e->media_time, REEL__MAX(media, (uint64_t)1)), first, end,
                        err);
    }
    return code;
}

/* ---- the window ---- */

int reel__cut_prepare(const reel_movie *movie, reel_error *err)
{
    int code = REEL_OK;
    for (size_t i = 0; i < movie->track_count && code == REEL_OK; i++)
        code = reel_track_prepare(movie->track[i], true, err);
    return code;
}

static int check_cut(const reel_movie *movie, const reel_cut *cut, reel_error *err)
{
    if (!movie || !cut || cut->sizeof_cut < sizeof *cut || cut->timescale == 0)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "a cut needs a film, times and their timescale");
    if (cut->to <= cut->from)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL,
                          "nothing lies between the two times: the second is not after the first");
    return REEL_OK;
}

static int64_t in_timescale(int64_t t, uint32_t from, uint32_t to)
{
    return t == REEL_CUT_TO_END ? REEL_TIME_FOREVER : reel_rescale(t, from, to);
}

/* When the picture is shown that decoding has to start with for time `from` of the track. */
static int sync_time(const reel_track *t, int64_t from, int64_t *start, reel_error *err)
{
    reel_moment m;
    reel_sample entry;
    int64_t length;
    *start = from;
    int code = reel_track_presentation_duration(t, &length, err);
    if (code != REEL_OK)
        return code;
    if (from >= length || reel_track_media_time(t, from, &m) != REEL_OK || m.kind != REEL_EDIT_MEDIA)
        return REEL_OK; /* a gap, or behind the end: nothing has to be decoded */
    code = reel_track_seek(t, m.media_time, REEL_SEEK_PREVIOUS, &entry, NULL, err);
    if (code != REEL_OK || entry.pts >= m.media_time)
        return code == REEL_E_RANGE ? REEL_OK : code;
    reel_edit e = {.media_rate = 0x10000, .media_time = INT64_MIN / 4, .start = INT64_MIN / 4};
    if (m.edit)
        code = reel_track_edit(t, m.edit - 1, &e);
    /* Where the edit begins behind that picture, it hides the way from there. */
    int64_t media = REEL__MAX(entry.pts, e.media_time);
    uint64_t ticks = reel__ticks_for(reel__distance(m.media_time, media), reel__rate_of(&e));
    if (code == REEL_OK && ticks <= INT64_MAX && !reel__sub(from, (int64_t)ticks, start))
        *start = from;
    *start = REEL__MAX(*start, m.edit ? e.start : 0);
    return code;
}

int reel_write_cut_start(const reel_movie *movie, const reel_cut *cut, int64_t *start, uint32_t *timescale,
                         reel_error *err)
{
    int code = check_cut(movie, cut, err);
    if (code != REEL_OK)
        return code;
    if (!start || !timescale)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no place for the time");
    const reel_track *video = reel_movie_default_track(movie, REEL_TRACK_VIDEO);
    *start = REEL__MAX(cut->from, 0);
    *timescale = cut->timescale;
    if (!video || (cut->flags & REEL_CUT_EXACT) || cut->from <= 0)
        return REEL_OK;
    int64_t sync = 0;
    code = reel_track_prepare(video, true, err);
    if (code == REEL_OK)
        code = sync_time(video, in_timescale(cut->from, cut->timescale, video->timescale), &sync, err);
    if (code == REEL_OK && reel_time_compare(sync, video->timescale, cut->from, cut->timescale) < 0) {
        *start = sync;
        *timescale = video->timescale;
    }
    return code;
}

/* ---- all of the film ---- */

/*
 * Where a part of a live recording begins: all tracks do so behind 0, and a film that shows nothing for hours helps
 * nobody. With the first thing that is shown of any of them.
 */
int reel__recording_start(const reel_track *const *tracks, size_t n, int64_t *start, uint32_t *timescale,
                          reel_error *err)
{
    *start = 0;
    *timescale = 1;
    for (size_t i = 0; i < n; i++) {
        reel_sample s;
        int64_t shown, end;
        int code = reel_track_sample(tracks[i], 0, &s, err);
        if (code != REEL_OK)
            return code;
        bool late = s.dts > 0 && (s.flags & REEL_SAMPLE_FRAGMENT);
        if (!late || reel_track_presentation_span(tracks[i], s.pts, REEL__MAX(s.duration, 1u), &shown,
                                                  &end) != REEL_OK) {
            *start = 0;
            return REEL_OK;
        }
        if (i == 0 || reel_time_compare(shown, tracks[i]->timescale, *start, *timescale) < 0) {
            *start = shown;
            *timescale = tracks[i]->timescale;
        }
    }
    return REEL_OK;
}

/* A track without edit list needs none when its first sample is decoded at the beginning. */
static bool stays_plain(const reel_track *t, int64_t start)
{
    reel_moment m;
    reel_sample s;
    return reel_track_media_time(t, 0, &m) == REEL_OK && m.edit == 0 && reel_track_sample(t, 0, &s, NULL) == REEL_OK &&
           s.dts == start;
}

static int take_whole(reel__film *film, reel__strand *s, const reel_track *t, int64_t start, reel_error *err)
{
    s->like = t;
    s->id = t->id;
    int code = reel__strand_stretch(film, s, (reel__stretch){.track = t, .end = UINT64_MAX}, err);
    if (code == REEL_OK && (s->plain = stays_plain(t, start)))
        return REEL_OK;
    return code == REEL_OK ? reel__cut_edits(film, s, t, start, REEL_TIME_FOREVER, err) : code;
}

int reel__whole_film(const reel_movie *movie, const reel_write_options *options, uint32_t flags, reel__film *film,
                     reel_error *err)
{
    const reel_track **tracks;
    size_t n;
    int64_t start = 0;
    uint32_t timescale = 1;
    const reel_allocator *alloc = options && options->alloc ? options->alloc : &reel__malloc;
    int code = reel__film_check_moov(movie, err);
    if (code == REEL_OK)
        code = reel__cut_prepare(movie, err);
    if (code == REEL_OK)
        code = reel__film_tracks(alloc, movie, options, &tracks, &n, err);
    if (code != REEL_OK)
        return code;
    code = reel__recording_start(tracks, n, &start, &timescale, err);
    if (code == REEL_OK)
        code = reel__film_init(film, alloc, movie, n, err);
    if (code == REEL_OK)
        film->flags = flags;
    for (size_t i = 0; i < n && code == REEL_OK; i++)
        code = take_whole(film, &film->strand[i], tracks[i], reel_rescale(start, timescale, tracks[i]->timescale), err);
    reel__free(alloc, tracks);
    return code;
}

static int check_options(const void *film, const reel_write_options *options, reel_plan **out, reel_error *err)
{
    if (!film || !out || (options && options->sizeof_options < sizeof *options))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no film, or no place for the plan");
    return REEL_OK;
}

int reel_write_progressive(const reel_movie *movie, const reel_write_options *options, reel_plan **out, reel_error *err)
{
    reel__film film = {0};
    int code = check_options(movie, options, out, err);
    if (code != REEL_OK)
        return code;
    code = reel__whole_film(movie, options, 0, &film, err);
    if (code == REEL_OK)
        code = reel__film_plan(&film, out, err);
    reel__film_free(&film);
    return code;
}

/* ---- a part of it ---- */

/* Strands that show nothing go. */
static int take_part(reel__film *film, reel__strand *s, const reel_track *t, int64_t from, int64_t to, reel_error *err)
{
    uint64_t first = 0, end = 0;
    s->like = t;
    s->id = t->id;
    int code = reel__cut_edits(film, s, t, from, to, err);
    if (code == REEL_OK)
        code = reel__cut_samples(s, t, &first, &end, err);
    if (code != REEL_OK || first >= end)
        return code;
    return reel__strand_stretch(film, s, (reel__stretch){.track = t, .first = first, .end = end}, err);
}

static int take_parts(reel__film *film, const reel_track *const *tracks, size_t n, const reel_cut *cut, reel_error *err)
{
    size_t kept = 0;
    int64_t start;
    uint32_t timescale;
    int code = reel_write_cut_start(film->like, cut, &start, &timescale, err);
    for (size_t i = 0; i < n && code == REEL_OK; i++) {
        const reel_track *t = tracks[i];
        reel__strand *s = &film->strand[kept];
        code = take_part(film, s, t, reel_rescale(start, timescale, t->timescale),
                         in_timescale(cut->to, cut->timescale, t->timescale), err);
        if (code == REEL_OK && s->stretches)
            kept++;
        else
            s->edits = 0;
    }
    if (code != REEL_OK)
        return code;
    for (size_t i = kept; i < film->strands; i++) {
        reel__free(&film->alloc, film->strand[i].edit);
        film->strand[i].edit = NULL;
    }
    film->strands = kept;
    film->from = reel_rescale(start, timescale, REEL__CHAPTER_TIMESCALE);
    film->to = in_timescale(cut->to, cut->timescale, REEL__CHAPTER_TIMESCALE);
    return kept ? REEL_OK : reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "nothing is shown in that time");
}

int reel_write_cut(const reel_movie *movie, const reel_cut *cut, const reel_write_options *options, reel_plan **out,
                   reel_error *err)
{
    reel__film film = {0};
    const reel_track **tracks = NULL;
    size_t n = 0;
    int code = check_options(movie, options, out, err);
    if (code == REEL_OK)
        code = check_cut(movie, cut, err);
    if (code != REEL_OK)
        return code;
    const reel_allocator *alloc = options && options->alloc ? options->alloc : &reel__malloc;
    code = reel__film_check_moov(movie, err);
    if (code == REEL_OK)
        code = reel__cut_prepare(movie, err);
    if (code == REEL_OK)
        code = reel__film_tracks(alloc, movie, options, &tracks, &n, err);
    if (code == REEL_OK)
        code = reel__film_init(&film, alloc, movie, n, err);
    if (code == REEL_OK)
        code = take_parts(&film, tracks, n, cut, err);
    reel__free(alloc, tracks);
    if (code == REEL_OK)
        code = reel__film_plan(&film, out, err);
    reel__film_free(&film);
    return code;
}
