/* SPDX-License-Identifier: BSD-2-Clause */
/* seek.c: reel seek: from a time on the clock to a sample, its sync sample and their bytes. */
#include "seek.h"

#include <stdlib.h>

static void measure(struct stop *s)
{
    uint64_t from = s->entry.offset, to = s->target.offset + s->target.size;
    bool forward = s->has_entry && from <= s->target.offset;
    s->later = s->has_entry && s->entry.dts > s->target.dts;
    s->range = forward ? (reel_range){from, to - from} : (reel_range){s->target.offset, s->target.size};
    if (s->later)
        s->range = (reel_range){from, s->entry.size};
    s->before = REEL_NO_INDEX;
    if (s->has_entry && s->target.index != REEL_NO_INDEX && s->entry.index != REEL_NO_INDEX)
        s->before = s->entry.index <= s->target.index ? s->target.index - s->entry.index : 0;
    s->has_entry_shown =
        s->has_entry && reel_track_presentation_time(s->track, s->entry.pts, 0, &s->entry_shown) == REEL_OK;
    /* A sample that was on before its edit began is shown from the edit's beginning. */
    reel_edit edit;
    if (reel_track_presentation_time(s->track, s->target.pts, 0, &s->shown) == REEL_OK)
        return;
    s->shown = s->t;
    if (s->placed && s->moment.edit && reel_track_edit(s->track, s->moment.edit - 1, &edit) == REEL_OK)
        s->shown = edit.start;
}

static int find_by_number(struct stop *s, uint64_t index, reel_seek_mode mode, reel_error *err)
{
    uint64_t sync;
    int result = reel_track_sample(s->track, index, &s->target, err);
    if (result == REEL_OK)
        result = reel_track_find_sync(s->track, index, mode, &sync, err);
    if (result == REEL_END)
        return REEL_OK;
    if (result == REEL_OK)
        result = reel_track_sample(s->track, sync, &s->entry, err);
    s->has_entry = result == REEL_OK;
    return result;
}

static int find_by_time(struct stop *s, reel_seek_mode mode, reel_error *err)
{
    if (!s->placed) {
        err->code = REEL_E_RANGE;
        return REEL_END;
    }
    int64_t pts = s->moment.media_time;
    int result = reel_track_seek(s->track, pts, mode, &s->entry, &s->target, err);
    s->has_entry = result == REEL_OK;
    if (result == REEL_END)
        result = reel_track_seek(s->track, pts, REEL_SEEK_EXACT, NULL, &s->target, err);
    if (result == REEL_OK && when_over(s->track, s->t, &s->target, pts))
        return REEL_END;
    return result;
}

static int find(struct stop *s, const struct when *when, reel_seek_mode mode, reel_error *err)
{
    int result = when_ticks(when, s->track, &s->t, err);
    if (result != REEL_OK)
        return result;
    s->placed = reel_track_media_time(s->track, s->t, &s->at) == REEL_OK &&
                when_moment(s->track, s->t, &s->moment) == REEL_OK;
    if (when->kind == WHEN_SAMPLE)
        result = find_by_number(s, (uint64_t)when->value, mode, err);
    else
        result = find_by_time(s, mode, err);
    if (result == REEL_OK)
        measure(s);
    return result;
}

/* ---- printing ---- */

static void put_header(struct out *o)
{
    out_style(o, DIM);
    out_str(o, "        time  track    sample      shown at      from            at  decode first        offset");
    out_str(o, "      size");
    out_style(o, PLAIN);
    out_str(o, "\n");
}

static void put_number(struct out *o, uint64_t index, size_t width)
{
    if (index != REEL_NO_INDEX)
        out_u64_right(o, index, width);
    else
        out_f(o, "%*s", (int)width, "?");
}

static void put_row(struct out *o, const struct stop *s)
{
    char at[32], shown[32], from[32] = "-";
    clock_format(s->t, s->timescale, at);
    clock_format(s->shown, s->timescale, shown);
    if (s->has_entry_shown)
        clock_format(s->entry_shown, s->timescale, from);
    out_f(o, "%12s%7u", at, (unsigned)reel_track_id(s->track));
    put_number(o, s->target.index, 10);
    out_f(o, "%14s", shown);
    if (s->has_entry)
        put_number(o, s->entry.index, 10);
    else
        out_f(o, "%10s", "-");
    out_f(o, "%14s", from);
    if (s->before == REEL_NO_INDEX)
        out_f(o, "%14s", s->has_entry ? "?" : "-");
    else
        out_u64_right(o, s->before, 14);
    out_u64_right(o, s->range.offset, 14);
    out_u64_right(o, s->range.size, 10);
    out_str(o, "\n");
}

static void put_sample(struct json *j, const reel_sample *s)
{
    if (s->index != REEL_NO_INDEX)
        json_u64(j, "index", s->index);
    else
        json_null(j, "index");
    json_i64(j, "dts", s->dts);
    json_i64(j, "pts", s->pts);
    json_u64(j, "duration", s->duration);
    json_u64(j, "size", s->size);
    json_u64(j, "offset", s->offset);
    json_bool(j, "key", s->flags & REEL_SAMPLE_SYNC);
}

static void put_entry(struct json *j, const struct stop *s)
{
    json_object(j, "entry");
    put_sample(j, &s->entry);
    if (s->has_entry_shown) {
        json_i64(j, "shown_at", s->entry_shown);
        json_seconds(j, "seconds", s->entry_shown, s->timescale);
    }
    json_close(j, '}');
}

static void put_object(struct json *j, const struct stop *s, bool explain)
{
    static const char *const kinds[] = {"media", "empty", "dwell"};
    json_object(j, NULL);
    json_str(j, "asked", s->asked);
    json_u64(j, "track", reel_track_id(s->track));
    json_u64(j, "timescale", s->timescale);
    json_i64(j, "time", s->t);
    json_i64(j, "shown_at", s->shown);
    if (s->placed) {
        json_u64(j, "edit", s->at.edit);
        json_str(j, "shows", kinds[s->at.kind < 3 ? s->at.kind : 0]);
        json_i64(j, "media_time", s->moment.media_time);
    }
    json_object(j, "target");
    put_sample(j, &s->target);
    json_close(j, '}');
    if (s->has_entry)
        put_entry(j, s);
    if (s->before != REEL_NO_INDEX)
        json_u64(j, "decode_first", s->before);
    json_object(j, "range");
    json_u64(j, "offset", s->range.offset);
    json_u64(j, "size", s->range.size);
    json_close(j, '}');
    if (explain)
        explain_json(j, s);
    json_close(j, '}');
}

/* ---- running ---- */

struct seek {
    struct cli *cli;
    const struct film *film;
    char **times;
    size_t time_count;
    bool headed; /* the heading of the table is printed */
};

static int complain_nothing(const struct seek *k, const char *asked, const reel_track *track)
{
    int64_t duration;
    char buf[32] = "?";
    if (reel_track_presentation_duration(track, &duration, NULL) == REEL_OK)
        clock_format(duration, reel_track_timescale(track), buf);
    complain(k->film->name, "%s: track %u shows nothing there; it is %s long", asked,
             (unsigned)reel_track_id(track), buf);
    return EXIT_INPUT;
}

static void put_table(struct seek *k, const struct stop *s)
{
    if (!k->headed)
        put_header(&k->cli->out);
    k->headed = true;
    put_row(&k->cli->out, s);
}

static int seek_one(struct seek *k, const reel_track *track, const char *asked)
{
    const struct settings *set = &k->cli->set;
    struct stop s = {.track = track, .timescale = reel_track_timescale(track), .asked = asked};
    struct when when;
    reel_error err = {0};
    when_parse(asked, &when);
    /* Samples are told by their numbers, and an index of fragments knows none. */
    if (set->explain)
        (void)reel_track_prepare(track, true, NULL);
    int result = find(&s, &when, (reel_seek_mode)set->mode, &err);
    if (result != REEL_OK) {
        out_flush(&k->cli->out);
        if (result == REEL_END || (result == REEL_E_RANGE && !err.text[0]))
            return complain_nothing(k, asked, track);
        return film_complain(k->film, &err);
    }
    if (set->format != FORMAT_TEXT)
        put_object(&k->cli->json, &s, set->explain);
    else if (set->explain)
        explain_text(&k->cli->out, &s);
    else
        put_table(k, &s);
    return EXIT_FINE;
}

static int seek_all(struct seek *k, const reel_track *const *tracks, size_t n)
{
    const struct settings *set = &k->cli->set;
    int worst = EXIT_FINE;
    if (set->format == FORMAT_JSON)
        json_array(&k->cli->json, NULL);
    for (size_t i = 0; i < k->time_count; i++)
        for (size_t t = 0; t < n; t++) {
            int status = seek_one(k, tracks[t], k->times[i]);
            worst = status > worst ? status : worst;
        }
    if (set->format == FORMAT_JSON)
        json_close(&k->cli->json, ']');
    return worst;
}

static int seek_film(struct seek *k)
{
    const struct settings *set = &k->cli->set;
    const reel_track *track, **tracks;
    size_t n;
    int status;
    if (set->track_count == 0) {
        status = film_track(set, k->film, &track);
        return status == EXIT_FINE ? seek_all(k, &track, 1) : status;
    }
    status = film_tracks(set, k->film, &tracks, &n);
    if (status != EXIT_FINE)
        return status;
    status = seek_all(k, tracks, n);
    free(tracks);
    return status;
}

/* FILE TIME..., or behind --init FILE... TIME...: files end at the first that reads as a time. */
static size_t count_files(const struct settings *set)
{
    struct when when;
    size_t n = 1;
    while (set->init && n < set->arg_count && !when_parse(set->args[n], &when))
        n++;
    return n;
}

static int run(struct cli *cli)
{
    const struct settings *set = &cli->set;
    size_t files = count_files(set);
    struct film film;
    struct when when;
    struct seek k = {.cli = cli, .film = &film, .times = set->args + files, .time_count = set->arg_count - files};
    if (k.time_count == 0) {
        complain("seek", "which time? usage: reel %s", cli->command->usage);
        return EXIT_CALL;
    }
    for (size_t i = 0; i < k.time_count; i++)
        if (!when_parse(k.times[i], &when)) {
            complain("seek", "%s: a time such as 12.5, 1:02:03.5, 90%% or #250 is wanted",
                     *k.times[i] ? k.times[i] : "\"\"");
            return EXIT_CALL;
        }
    int status = film_open(set, set->args, files, &film);
    if (status != EXIT_FINE)
        return status;
    status = seek_film(&k);
    out_flush(&cli->out);
    return film_close(set, &film, status);
}

static const struct option options[] = {
    OPTION_FORMAT,
    OPTION_TRACKS,
    OPTION("mode", 'm', OPTION_CHOICE, "exact|previous|next|nearest", mode,
           "where decoding starts: at the sync sample before (default), after, nearest; or at the sample itself"),
    OPTION("explain", 'e', OPTION_FLAG, NULL, explain, "show the way through the tables"),
    OPTIONS_READING,
    OPTIONS_LAST};

const struct command command_seek = {
    "seek", "find the sample shown at a time, and where to start decoding", "seek [OPTION...] FILE TIME...",
    "TIME is in the presentation: 12.5, 1:02:03.5, 90%; or #250, a sample number. Without --track the\n"
    "video track is taken, else the audio track. Offset and size are of the stretch of the file from\n"
    "the sample where decoding starts to the end of the one that was asked for, or, where that comes\n"
    "first, of the sample where decoding starts. The exit status is 1 when a track shows nothing at TIME.\n",
    options, run};
