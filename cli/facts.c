/* SPDX-License-Identifier: BSD-2-Clause */
/* facts.c: one walk through a track for rates, sync samples and what lies outside of the file. */
#include "facts.h"

enum {
    BATCH = 512,
    WALK_LIMIT = 8000000, /* samples; a longer track tells its length and nothing that takes a walk */
    FILM_LIMIT = 32000000, /* of all tracks */
    FEW_SAMPLES = 1000000, /* so many are walked through even if the file has fewer bytes: its media may be elsewhere */
};

/* What the walk remembers between samples. */
struct walk {
    uint64_t since_sync, file_size;
    bool after_sync, shown; /* shown: a sample was there that is not shown before 0 */
};

static void end_gop(struct facts *f, const struct walk *w)
{
    if (!w->after_sync)
        return;
    if (f->shortest_gop == 0 || w->since_sync < f->shortest_gop)
        f->shortest_gop = w->since_sync;
    if (w->since_sync > f->longest_gop)
        f->longest_gop = w->since_sync;
}

static void look_at(struct facts *f, struct walk *w, const reel_sample *s)
{
    f->bytes += s->size;
    f->largest = s->size > f->largest ? s->size : f->largest;
    f->leading += (s->flags & REEL_SAMPLE_LEADING) != 0;
    bool outside = s->offset > w->file_size || s->size > w->file_size - s->offset;
    int64_t end = s->pts < INT64_MAX / 2 ? s->pts + s->duration : s->pts;
    f->outside += outside;
    f->inside_end = outside || end < f->inside_end ? f->inside_end : end;
    if (s->pts >= 0 && (!w->shown || s->pts < f->first_pts)) {
        f->first_pts = s->pts;
        w->shown = true;
    }
    if (s->flags & REEL_SAMPLE_SYNC) {
        end_gop(f, w);
        f->sync++;
        w->since_sync = 0;
        w->after_sync = true;
    }
    w->since_sync++;
    if (s->index + 1 < f->samples) {
        f->shortest = s->duration < f->shortest ? s->duration : f->shortest;
        f->longest = s->duration > f->longest ? s->duration : f->longest;
    }
}

static int walk_track(const reel_track *track, struct facts *f)
{
    reel_sample batch[BATCH];
    reel_cursor cursor;
    struct walk w = {.file_size = reel_source_size(reel_movie_source(reel_track_movie(track)))};
    size_t got;
    int result = reel_cursor_init(&cursor, track);
    f->shortest = UINT32_MAX;
    while (result == REEL_OK) {
        result = reel_cursor_batch(&cursor, batch, BATCH, &got, &f->err);
        for (size_t i = 0; result == REEL_OK && i < got; i++)
            look_at(f, &w, &batch[i]);
    }
    end_gop(f, &w);
    const int64_t shift = reel_track_stream_shift(track);
    f->inside_end = shift > INT64_MAX - f->inside_end ? INT64_MAX : f->inside_end + shift < 0 ? 0 : f->inside_end + shift;
    f->walked = result == REEL_END;
    return result == REEL_END ? REEL_OK : result;
}

static int find_ends(const reel_track *track, struct facts *f)
{
    reel_sample s;
    int result = reel_track_sample_count(track, &f->samples, &f->err);
    if (result != REEL_OK || f->samples == 0)
        return result;
    result = reel_track_sample(track, 0, &s, &f->err);
    if (result != REEL_OK)
        return result;
    f->first_dts = s.dts;
    f->first_pts = s.pts > 0 ? s.pts : 0;
    result = reel_track_sample(track, f->samples - 1, &s, &f->err);
    f->end_dts = s.dts + s.duration;
    return result;
}

/* Behind empty edits, and where the media that is asked for begins later than the edit does. */
static int64_t find_start(const reel_track *track, const struct facts *f)
{
    reel_edit edit;
    size_t n = reel_track_edit_count(track);
    if (n == 0)
        return f->first_pts;
    for (size_t i = 0; i < n && reel_track_edit(track, i, &edit) == REEL_OK; i++) {
        int64_t late = f->first_pts - edit.media_time;
        if (edit.kind == REEL_EDIT_DWELL || (edit.kind == REEL_EDIT_MEDIA && (late <= 0 || edit.media_rate != 0x10000)))
            return edit.start;
        if (edit.kind == REEL_EDIT_MEDIA)
            return edit.start < INT64_MAX - late ? edit.start + late : edit.start;
    }
    return 0;
}

uint64_t facts_budget(const reel_movie *movie)
{
    uint64_t bytes = reel_source_size(reel_movie_source(movie));
    return bytes < FEW_SAMPLES ? FEW_SAMPLES : bytes < FILM_LIMIT ? bytes : FILM_LIMIT;
}

void facts_gather(const reel_track *track, struct facts *f, uint64_t *budget)
{
    *f = (struct facts){.result = REEL_OK};
    reel_track_get_info(track, &f->info);
    if (f->info.description_count > 0 && reel_track_description(track, 1, &f->description, &f->err) != REEL_OK)
        f->description.format = 0;
    f->result = find_ends(track, f);
    if (f->result == REEL_OK && f->samples > 0 && f->samples <= WALK_LIMIT && f->samples <= *budget) {
        *budget -= f->samples;
        f->result = walk_track(track, f);
    }
    if (reel_track_presentation_duration(track, &f->shown, NULL) != REEL_OK)
        f->shown = 0;
    f->starts = find_start(track, f);
}

uint64_t facts_duration(const struct facts *f)
{
    if (f->samples > 0 && f->end_dts > f->first_dts)
        return (uint64_t)f->end_dts - (uint64_t)f->first_dts;
    return f->info.media_duration;
}

reel_rational facts_exact_rate(const struct facts *f)
{
    if (!f->walked || f->samples < 2 || f->shortest != f->longest || f->longest == 0)
        return (reel_rational){0, 0};
    uint32_t a = f->info.timescale, b = f->longest;
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return (reel_rational){f->info.timescale / a, f->longest / a};
}

double facts_average_rate(const struct facts *f)
{
    double ticks = (double)f->end_dts - (double)f->first_dts;
    return f->samples > 1 && ticks > 0 ? (double)f->samples * f->info.timescale / ticks : 0;
}

double facts_bit_rate(const struct facts *f)
{
    double ticks = (double)f->end_dts - (double)f->first_dts;
    return f->walked && ticks > 0 ? (double)f->bytes * 8 * f->info.timescale / ticks : 0;
}

bool next_pssh(const reel_movie *movie, size_t *i, reel_pssh *out)
{
    int code;
    do
        code = reel_movie_pssh(movie, (*i)++, out);
    while (code != REEL_OK && code != REEL_END);
    return code == REEL_OK;
}
