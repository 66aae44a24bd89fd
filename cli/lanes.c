/* SPDX-License-Identifier: BSD-2-Clause */
/* lanes.c: --from and --to, mapped through the edit list once, then compared with every sample. */
#include "lanes.h"

#include <stdio.h>

enum { FEW_SAMPLES = 1 << 16 }; /* so many are believed of any file: the start of a download, one without its media */

static int start_of(struct lane *lane, const struct when *from, reel_cursor *cursor, reel_error *err)
{
    reel_moment moment;
    int64_t t;
    if (from->kind == WHEN_UNSET)
        return REEL_OK;
    if (from->kind == WHEN_SAMPLE) {
        uint64_t count;
        int result = reel_track_sample_count(lane->track, &count, err);
        lane->from_sample = (uint64_t)from->value;
        if (result != REEL_OK || lane->from_sample >= count)
            return result != REEL_OK ? result : REEL_END;
        return reel_cursor_seek(cursor, lane->from_sample, err);
    }
    int result = when_ticks(from, lane->track, &t, err);
    if (result == REEL_OK)
        result = when_moment(lane->track, t, &moment);
    if (result != REEL_OK)
        return result;
    /* The sample on screen at that moment began before it: it is the first one of the range. */
    reel_sample target;
    result = reel_track_seek(lane->track, moment.media_time, REEL_SEEK_PREVIOUS, NULL, &target, err);
    if (result != REEL_OK)
        return result == REEL_E_RANGE ? REEL_END : result;
    if (when_over(lane->track, t, &target, moment.media_time))
        return REEL_END;
    lane->from = target.pts;
    return reel_cursor_seek_pts(cursor, moment.media_time, REEL_SEEK_PREVIOUS, err);
}

static int end_of(struct lane *lane, const struct when *to, reel_error *err)
{
    reel_moment moment;
    int64_t t;
    if (to->kind == WHEN_UNSET)
        return REEL_OK;
    if (to->kind == WHEN_SAMPLE) {
        lane->to_sample = (uint64_t)to->value;
        return REEL_OK;
    }
    int result = when_ticks(to, lane->track, &t, err);
    if (result != REEL_OK)
        return result;
    result = when_moment(lane->track, t, &moment);
    if (result == REEL_OK)
        lane->to = moment.media_time;
    return result == REEL_END ? REEL_OK : result;
}

int lane_init(struct lane *lane, const struct settings *set, const reel_track *track, reel_cursor *cursor,
              reel_error *err)
{
    *lane = (struct lane){.track = track,
                          .id = reel_track_id(track),
                          .timescale = reel_track_timescale(track),
                          .from = INT64_MIN,
                          .to = INT64_MAX,
                          .to_sample = UINT64_MAX};
    int result = reel_cursor_init(cursor, track);
    if (result == REEL_OK)
        result = start_of(lane, &set->from, cursor, err);
    if (result == REEL_OK)
        result = end_of(lane, &set->to, err);
    return result;
}

/*
 * s is shown at or after `to`. Is it so late that nothing decoded later can be shown before? Offsets may still come
 * that are less than any before: by as much as those differ, and a second.
 */
static bool is_past(struct lane *lane, const reel_sample *s)
{
    int64_t slack = lane->greatest - 2 * lane->least + (int64_t)reel_track_timescale(lane->track);
    return s->dts > lane->to && (uint64_t)s->dts - (uint64_t)lane->to >= (uint64_t)slack;
}

static void note_offset(struct lane *lane, const reel_sample *s)
{
    int64_t offset = (int64_t)((uint64_t)s->pts - (uint64_t)s->dts);
    lane->least = offset < lane->least ? offset : lane->least;
    lane->greatest = offset > lane->greatest ? offset : lane->greatest;
}

int lane_check(const char *command, const struct settings *set)
{
    if (!when_empty(&set->from, &set->to))
        return EXIT_FINE;
    complain(command, "--from has to lie before --to: nothing is between them");
    return EXIT_CALL;
}

bool lane_has(struct lane *lane, const reel_sample *s)
{
    bool numbered = s->index != REEL_NO_INDEX;
    if (numbered && s->index >= lane->to_sample) {
        lane->over = true;
        return false;
    }
    note_offset(lane, s);
    if (s->pts >= lane->to) {
        /*
         * Samples that are decoded later may be shown earlier, but not across two sync samples: what leads the
         * first belongs to it, and what leads the second comes after the first.
         */
        lane->syncs_after += (s->flags & REEL_SAMPLE_SYNC) != 0;
        lane->over |= lane->syncs_after >= 2 || is_past(lane, s);
        return false;
    }
    return s->pts >= lane->from && (!numbered || s->index >= lane->from_sample);
}

uint64_t lanes_most_samples(const reel_movie *movie)
{
    uint64_t bytes = reel_source_size(reel_movie_source(movie));
    return bytes > FEW_SAMPLES ? bytes : FEW_SAMPLES;
}

int lanes_refuse(const reel_movie *movie, reel_error *err)
{
    uint64_t total = 0, n;
    for (size_t i = 0; i < reel_movie_track_count(movie); i++)
        if (reel_track_sample_count(reel_movie_track(movie, i), &n, NULL) == REEL_OK)
            total += n < UINT64_MAX - total ? n : UINT64_MAX - total;
    *err = (reel_error){.code = REEL_E_TABLE, .offset = REEL_NO_OFFSET};
    snprintf(err->text, sizeof err->text, "it says it has %llu samples, but the file has only %llu bytes",
             (unsigned long long)total, (unsigned long long)reel_source_size(reel_movie_source(movie)));
    return REEL_E_TABLE;
}

/* What lies behind the end of the file is no matter of size: whoever reads it finds that it is not there. */
static int take_samples(const struct film *film, const reel_track *track, bool pictures, uint64_t *left,
                        reel_error *err)
{
    reel_sample s;
    reel_cursor cursor;
    const uint64_t end = reel_source_size(film->source);
    int result = reel_cursor_init(&cursor, track);
    while (result == REEL_OK && (result = reel_cursor_next(&cursor, &s, err)) == REEL_OK) {
        if (s.offset > end || s.size > end - s.offset)
            continue;
        uint64_t size = (uint64_t)s.size << (pictures && s.flags & REEL_SAMPLE_SYNC);
        if (size > *left) {
            *err = (reel_error){.code = REEL_E_TABLE, .offset = s.offset};
            snprintf(err->text, sizeof err->text, "%s", FILM_OVERLAPS);
            return REEL_E_TABLE;
        }
        *left -= size;
    }
    return REEL_OK; /* what is wrong with the tables is found, and told, by who needs them */
}

int lanes_check_output(const struct film *film, const reel_track *const *tracks, size_t n, bool pictures,
                       reel_error *err)
{
    uint64_t samples, most = lanes_most_samples(film->movie), left = film->writable;
    for (size_t i = 0; i < n; i++) { /* each takes a byte at least */
        int code = reel_track_sample_count(tracks[i], &samples, err);
        if (code != REEL_OK || samples > most)
            return code != REEL_OK ? code : lanes_refuse(film->movie, err);
        most -= samples;
    }
    int result = REEL_OK;
    for (size_t i = 0; i < n && result == REEL_OK; i++) {
        reel_track_info info;
        reel_track_get_info(tracks[i], &info);
        result = take_samples(film, tracks[i], pictures && info.type == REEL_TRACK_VIDEO, &left, err);
    }
    return result;
}
