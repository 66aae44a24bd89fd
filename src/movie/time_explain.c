/* SPDX-License-Identifier: BSD-2-Clause */
/* How a presentation time came about, in words, and where FFmpeg would differ: docs/time.md. */
#include <inttypes.h>
#include <stdio.h>

#include "movie/marks.h"
#include "movie/runs.h"
#include "movie/time_.h"

typedef struct text {
    char *buf;
    size_t size, length;
} text;

static void __attribute__((format(printf, 2, 3))) say(text *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool room = out->length < out->size;
    int n = vsnprintf(room ? out->buf + out->length : NULL, room ? out->size - out->length : 0, format, args);
    va_end(args);
    out->length += n > 0 ? (size_t)n : 0;
}

/* What an edit list holds that somebody might read otherwise. */
enum {
    LATE_EMPTY = 1 << 0, /* an empty edit behind one that shows something */
    SEVERAL = 1 << 1,
    DWELL = 1 << 2,
    RATE = 1 << 3,
    NEGATIVE = 1 << 4,
    OPEN = 1 << 5,
    NO_TIME = 1 << 6, /* every edit lasts no time */
    NO_MEDIA = 1 << 7,
    FRAGMENTED = 1 << 8,
    LATER = 1 << 9, /* the first media_time lies behind the first sample */
    NO_MVHD = 1 << 10,
};

static const struct {
    uint32_t has, has_not;
    const char *words;
} differences[] = {
    {NO_TIME, FRAGMENTED | OPEN, "takes the list as written and returns no samples"},
    {NO_MEDIA, FRAGMENTED | NO_TIME, "returns no samples: the list holds no media"},
    {SEVERAL, FRAGMENTED, "returns a sample again for each edit that shows it, and before each edit the samples from "
                          "the sync sample on, marked discard"},
    {LATE_EMPTY, FRAGMENTED, "takes the empty edit behind the first media for media, and shows the first samples "
                             "there instead of nothing"},
    {DWELL, FRAGMENTED, "ignores media_rate 0: media plays on where reel shows one moment"},
    {RATE, FRAGMENTED, "ignores media_rate: every edit plays at rate 1"},
    {NEGATIVE, FRAGMENTED, "takes a negative media_time for the start of the media"},
    {OPEN, FRAGMENTED, "takes segment_duration 0 as written outside fragmented files and marks the samples discard"},
    {LATER, FRAGMENTED | SEVERAL, "returns the samples before media_time too, from the sync sample on, with times before "
                                  "the edit and marked discard"},
    {FRAGMENTED | NO_MVHD, 0, "leaves the list aside: without mvhd it knows no timescale for it"},
    {FRAGMENTED | SEVERAL, 0, "uses the first media edit only, as in every fragmented file"},
    {FRAGMENTED | LATE_EMPTY, SEVERAL, "uses the empty edits before the first media only, as in every fragmented file"},
    {FRAGMENTED | RATE, 0, "ignores media_rate: every edit plays at rate 1"},
    {FRAGMENTED | DWELL, 0, "ignores media_rate 0: media plays on where reel shows one moment"},
    {FRAGMENTED | LATER, 0, "returns the samples before media_time with negative times and does not mark them discard"},
};

static uint32_t facts_of_list(const reel_track *track, int64_t *first_media)
{
    reel__edits e = reel__edits_of(track);
    reel__edit_walk w = reel__edit_walk_from(&e, 0);
    reel_edit edit;
    uint32_t facts = 0, media = 0;
    while (reel__edit_walk_next(&w, &edit)) {
        if (edit.kind == REEL_EDIT_EMPTY) {
            facts |= media && edit.segment_duration ? LATE_EMPTY : 0;
            continue;
        }
        if (media++ == 0)
            *first_media = edit.media_time;
        facts |= edit.kind == REEL_EDIT_DWELL ? DWELL : edit.media_rate != 0x10000 ? RATE : 0;
        facts |= edit.media_time < 0 ? NEGATIVE : 0;
    }
    facts |= media > 1 ? SEVERAL : 0;
    facts |= w.open ? OPEN : 0;
    facts |= e.n && !media ? NO_MEDIA : 0;
    facts |= e.n && !w.total && !w.open ? NO_TIME : 0;
    return facts;
}

static uint32_t facts_of(const reel_track *track)
{
    const reel_movie *m = track->movie;
    int64_t first_media = 0;
    reel_sample first;
    uint32_t facts = facts_of_list(track, &first_media);
    facts |= m->has_mvex || m->first_moof_seen ? FRAGMENTED : 0;
    facts |= reel_track_edit_count(track) && !reel__movie_part(m, REEL__MVHD)->body ? NO_MVHD : 0;
    if (first_media > 0 && reel_track_sample(track, 0, &first, NULL) == REEL_OK && first.pts < first_media)
        facts |= LATER;
    return facts;
}

static void say_rate(text *out, int32_t rate)
{
    say(out, "%.6g", rate / 65536.0);
}

static void say_media(text *out, const reel_edit *edit, const reel_moment *now, int64_t t)
{
    say(out, "edit %" PRIu32 " shows media from %" PRId64 " at rate ", now->edit, edit->media_time);
    say_rate(out, edit->media_rate);
    say(out, ", from %" PRId64 " to ", edit->start);
    if (edit->end == REEL_TIME_FOREVER)
        say(out, "the end of the media\n");
    else
        say(out, "%" PRId64 "\n", edit->end);
    say(out, "media time = %" PRId64 " + (%" PRId64 " - %" PRId64 ")", edit->media_time, t, edit->start);
    if (edit->media_rate > 0 && edit->media_rate != 0x10000) {
        say(out, " * ");
        say_rate(out, edit->media_rate);
    }
    say(out, " = %" PRId64 "\n", now->media_time);
}

static void say_moment(text *out, const reel_track *track, const reel_moment *now, int64_t t)
{
    reel_edit edit;
    if (now->edit == 0 || reel_track_edit(track, now->edit - 1, &edit) != REEL_OK) {
        say(out, reel_track_edit_count(track) ? "the edits last no time and count as none" : "there is no edit list");
        say(out, ": media time = presentation time = %" PRId64 "\n", t);
        return;
    }
    if (edit.kind == REEL_EDIT_MEDIA)
        say_media(out, &edit, now, t);
    else if (edit.kind == REEL_EDIT_EMPTY)
        say(out, "edit %" PRIu32 " is empty: nothing is shown from %" PRId64 " to %" PRId64 "\n", now->edit, edit.start,
            edit.end);
    else
        say(out, "edit %" PRIu32 " stands still: media time %" PRId64 " is shown from %" PRId64 " to %" PRId64 "\n",
            now->edit, edit.media_time, edit.start, edit.end);
}

static void say_outside(text *out, const reel_track *track, int64_t t)
{
    reel_edit last;
    size_t n = reel_track_edit_count(track);
    if (t < 0)
        say(out, "it lies before the presentation: nothing is shown\n");
    else if (n && reel_track_edit(track, n - 1, &last) == REEL_OK)
        say(out, "it lies behind the last edit, which ends at %" PRId64 ": nothing is shown\n", last.end);
}

/* Of all fragments that can be read; at most 0. */
static int64_t least_in_fragments(const reel_track *track)
{
    if (!track->runs)
        return 0;
    (void)reel_track_prepare(track, true, NULL);
    return atomic_load_explicit(&track->runs->least_offset, memory_order_relaxed);
}

/* FFmpeg wants pts >= dts and moves one of the two: dts where it builds a table, pts in fragments. */
static void say_shift(text *out, const reel_track *track)
{
    const reel__comp_marks *m = reel__comp_marks_get(track, NULL);
    int64_t least = least_in_fragments(track);
    if (m && m->least < 0)
        say(out, "FFmpeg: moves every dts back by %" PRId64 ", the lowest composition offset\n", -(int64_t)m->least);
    if (least < 0)
        say(out,
            "FFmpeg: adds %" PRId64 " (%.3f s) to every pts in fragments, so that no composition offset is negative\n",
            -least, (double)-least / track->timescale);
}

static void say_ffmpeg(text *out, const reel_track *track)
{
    uint32_t facts = facts_of(track);
    size_t before = out->length;
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if ((facts & differences[i].has) == differences[i].has && !(facts & differences[i].has_not))
            say(out, "FFmpeg: %s\n", differences[i].words);
    say_shift(out, track);
    if (out->length == before)
        say(out, "FFmpeg: the same\n");
}

int reel_track_explain_time(const reel_track *track, int64_t t, char *buf, size_t size)
{
    if (!track || (!buf && size))
        return REEL_E_ARG;
    text out = {buf, size, 0};
    reel_moment now;
    if (size)
        *buf = 0;
    say(&out, "presentation time %" PRId64 " at %" PRIu32 " a second = %.6f s\n", t, track->timescale,
        (double)t / track->timescale);
    if (reel_track_media_time(track, t, &now) == REEL_OK)
        say_moment(&out, track, &now, t);
    else
        say_outside(&out, track, t);
    say_ffmpeg(&out, track);
    return (int)out.length;
}
