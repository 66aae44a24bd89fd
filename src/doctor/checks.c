/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks: one function each. A finding says what was seen with its numbers, what that does to playback, and what to
 * do about it.
 */
#include <stdio.h>

#include "base/checked.h"
#include "doctor/exam.h"

typedef unsigned long long ull;

#define NO_FIX ""
#define REMUX "ffmpeg -i in.mp4 -c copy -movflags +faststart out.mp4"

static void add(reel__exam *x, const reel__figures *f, uint32_t severity, const char *id, const char *why,
                const char *fix, const char *format, ...) __attribute__((format(printf, 7, 8)));

static void add(reel__exam *x, const reel__figures *f, uint32_t severity, const char *id, const char *why,
                const char *fix, const char *format, ...)
{
    if (x->found == REEL__FINDINGS)
        return;
    struct reel__finding *k = &x->finding[x->found++];
    va_list args;
    *k = (struct reel__finding){.id = id, .why = why, .severity = severity, .track_id = f ? f->info.id : 0};
    k->order = f ? (uint32_t)(f - x->tracks) + 1 : 0;
    snprintf(k->fix, sizeof k->fix, "%s", fix);
    va_start(args, format);
    vsnprintf(k->what, sizeof k->what, format, args);
    va_end(args);
}

static bool is_video(const reel__figures *f) { return f->info.type == REEL_TRACK_VIDEO; }
static bool is_audio(const reel__figures *f) { return f->info.type == REEL_TRACK_AUDIO; }
static double length(const reel__figures *f) { return reel__seconds(f->end_dts, f->info.timescale); }

/* The file */

static void moov_last(reel__exam *x)
{
    if (x->info.moov_size && x->info.mdat_count && x->info.moov_offset > x->info.mdat_offset)
        add(x, NULL, REEL_PROBLEM, "moov-last",
            "a player that reads over the network has to fetch the end of the file before it can show anything",
            REMUX, "the movie box (%llu bytes) lies behind the media, %llu bytes into the file",
            (ull)x->info.moov_size, (ull)x->info.moov_offset);
}

static void moov_large(reel__exam *x)
{
    if (x->info.moov_size > 16u << 20 || (x->info.moov_size > 1u << 20 && x->info.moov_size > x->size / 20))
        add(x, NULL, REEL_NOTE, "moov-large", "it has to arrive before the first picture can",
            "ffmpeg -i in.mp4 -c copy -movflags +frag_keyframe+empty_moov+global_sidx out.mp4",
            "the movie box is %llu bytes long, %.1f %% of the file", (ull)x->info.moov_size,
            x->size ? 100.0 * (double)x->info.moov_size / (double)x->size : 0.0);
}

static void no_index(reel__exam *x)
{
    if (x->info.fragmented && !x->info.has_sidx && !x->info.has_mfra && reel_movie_track_count(x->movie))
        add(x, NULL, REEL_WARNING, "no-sidx",
            "to seek, a player has to read the head of every fragment before the place it wants",
            "ffmpeg -i in.mp4 -c copy -movflags +frag_keyframe+empty_moov+default_base_moof+global_sidx out.mp4",
            "the film is fragmented and has neither sidx nor mfra");
}

static void compressed_moov(reel__exam *x)
{
    if (x->info.compressed)
        add(x, NULL, REEL_PROBLEM, "compressed-moov", "browsers and most phones cannot read it", REMUX,
            "the movie box is compressed (cmov)");
}

static void parser_warnings(reel__exam *x)
{
    reel_error w;
    char line[300];
    for (size_t i = 0; i < 16 && reel_movie_warning(x->movie, i, &w) == REEL_OK; i++) {
        reel_error_format(&w, line, sizeof line);
        add(x, NULL, w.code == REEL_E_TRUNCATED ? REEL_PROBLEM : REEL_WARNING, "damaged",
            "strict players refuse the file, others guess", REMUX, "%s", line);
    }
}

static void different_lengths(reel__exam *x)
{
    const reel__figures *shortest = NULL, *longest = NULL;
    for (size_t i = 0; i < x->count; i++) {
        const reel__figures *f = &x->tracks[i];
        if ((!is_video(f) && !is_audio(f)) || f->samples < 2)
            continue;
        if (!shortest || length(f) < length(shortest))
            shortest = f;
        if (!longest || length(f) > length(longest))
            longest = f;
    }
    if (!shortest || length(longest) - length(shortest) < REEL__MAX(1.0, 0.02 * length(longest)))
        return;
    add(x, NULL, REEL_WARNING, "different-lengths",
        "at the end one of them stands still or is silent; some players stop early, and HLS segments lose a rendition",
        "ffmpeg -i in.mp4 -c copy -shortest out.mp4", "track %u lasts %.3f s and track %u %.3f s", longest->info.id,
        length(longest), shortest->info.id, length(shortest));
}

/* The greatest distance in the file between what is played in one second. */
static void interleave(reel__exam *x)
{
    uint64_t worst = 0;
    uint32_t when = 0, seconds = 0;
    for (size_t i = 0; i < x->count; i++)
        seconds = REEL__MAX(seconds, x->tracks[i].seconds);
    for (uint32_t s = 0; s < seconds; s++) {
        uint64_t low = UINT64_MAX, high = 0;
        bool any = false;
        for (size_t i = 0; i < x->count; i++) {
            const reel__figures *f = &x->tracks[i];
            if ((!is_video(f) && !is_audio(f)) || s >= f->seconds || !f->place[s])
                continue;
            any = true;
            low = REEL__MIN(low, f->place[s]);
            high = REEL__MAX(high, f->place[s]);
        }
        if (any && high - low > worst) {
            worst = high - low;
            when = s;
        }
    }
    if (worst > 8u << 20)
        add(x, NULL, REEL_WARNING, "poor-interleave",
            "a player has to jump back and forth, or keep all of that in memory; over a network it stutters", REMUX,
            "at second %u the tracks lie %.1f MB apart", when, (double)worst / 1e6);
}

/* One track */

static void no_samples(reel__exam *x, const reel__figures *f)
{
    if (f->samples == 0)
        add(x, f, is_video(f) || is_audio(f) ? REEL_WARNING : REEL_NOTE, "no-samples", "there is nothing to play in it",
            NO_FIX, "the track is empty");
    else if (!f->ended)
        add(x, f, REEL_PROBLEM, "made-up-count", "no such film exists", NO_FIX, "the track says it has over %u samples",
            REEL__EXAM_SAMPLES);
}

static void sync_samples(reel__exam *x, const reel__figures *f)
{
    if (!is_video(f) || f->samples < 2)
        return;
    if (f->syncs == 0)
        add(x, f, REEL_PROBLEM, "no-sync-samples", "a player does not know where it may begin: it cannot seek",
            "ffmpeg -i in.mp4 -c:v libx264 -g 120 -c:a copy out.mp4", "none of %llu samples is a sync sample",
            (ull)f->samples);
    else if (f->first_sync != 0 && f->first_sync != REEL_NO_INDEX)
        add(x, f, REEL_WARNING, "starts-without-sync", "the first pictures cannot be decoded",
            "ffmpeg -i in.mp4 -c copy out.mp4", "the first sync sample is number %llu", (ull)f->first_sync);
    else if (f->syncs == 1 && length(f) > 10)
        add(x, f, REEL_PROBLEM, "one-sync-sample", "every seek decodes from the very beginning",
            "ffmpeg -i in.mp4 -c:v libx264 -g 120 -c:a copy out.mp4", "only the first of %llu samples is a sync sample",
            (ull)f->samples);
}

static void gops(reel__exam *x, const reel__figures *f)
{
    if (!is_video(f) || f->syncs < 2)
        return;
    double longest = reel__seconds(f->longest_gop, f->info.timescale), mean = length(f) / (double)f->syncs;
    if (longest > 10)
        add(x, f, REEL_WARNING, "long-gop", "seeking there is slow, and HLS segments cannot be shorter",
            "ffmpeg -i in.mp4 -c:v libx264 -g 120 -c:a copy out.mp4", "%.1f s pass between two sync samples", longest);
    else if (longest > 3 * mean && longest > 2)
        add(x, f, REEL_NOTE, "uneven-gops", "HLS segments get uneven lengths, and renditions cannot be aligned",
            "ffmpeg -i in.mp4 -c:v libx264 -force_key_frames 'expr:gte(t,n_forced*2)' -c:a copy out.mp4",
            "sync samples come every %.2f s on average, but once only after %.2f s", mean, longest);
    if (f->partial)
        add(x, f, REEL_NOTE, "open-gops", "pictures shown before such a sample cannot be decoded after a seek to it",
            "ffmpeg -i in.mp4 -c:v libx264 -x264-params open-gop=0 -c:a copy out.mp4",
            "%llu sync samples are partial (open GOPs)", (ull)f->partial);
}

static void edits(reel__exam *x, const reel__figures *f)
{
    size_t n = reel_track_edit_count(f->track), media = 0;
    bool odd = false;
    for (size_t i = 0; i < n && i < 4096; i++) {
        reel_edit e;
        if (reel_track_edit(f->track, i, &e) != REEL_OK)
            break;
        media += e.kind == REEL_EDIT_MEDIA;
        odd |= e.kind == REEL_EDIT_DWELL || (e.kind == REEL_EDIT_MEDIA && e.media_rate != 0x10000);
        if (i == 0 && e.kind == REEL_EDIT_EMPTY && e.end > 0)
            add(x, f, REEL_NOTE, "starts-late", "nothing is shown or heard until then; some players ignore it and lose sync",
                NO_FIX, "an empty edit delays the track by %.3f s", reel__seconds(e.end, f->info.timescale));
        if (i == 0 && e.kind == REEL_EDIT_MEDIA && e.media_time > f->first_pts && is_video(f) &&
            reel__seconds(e.media_time - f->first_pts, f->info.timescale) > 0.5)
            add(x, f, REEL_NOTE, "trimmed-start", "a player decodes all of that before it can show the first picture",
                "ffmpeg -i in.mp4 -c:v libx264 -c:a copy out.mp4", "the first %.3f s are cut off by the edit list",
                reel__seconds(e.media_time - f->first_pts, f->info.timescale));
    }
    if (media > 1)
        add(x, f, REEL_WARNING, "several-edits", "many players know one edit only, and show the wrong parts",
            "ffmpeg -i in.mp4 out.mp4", "the edit list plays %zu pieces", media);
    if (odd)
        add(x, f, REEL_WARNING, "edit-rate", "hardly any player knows edits that stand still or change the speed",
            "ffmpeg -i in.mp4 out.mp4", "the edit list stands still or changes the speed");
}

static void timing(reel__exam *x, const reel__figures *f)
{
    if (f->samples < 3 || !is_video(f))
        return;
    uint32_t spread = f->greatest_delta - f->least_delta;
    if (f->info.timescale < 100 && f->info.timescale > 0 && f->changes)
        add(x, f, REEL_WARNING, "odd-timescale", "times are rounded so much that motion stutters",
            "ffmpeg -i in.mp4 -c copy -video_track_timescale 90000 out.mp4", "a tick is 1/%u s", f->info.timescale);
    else if (spread == 1 && f->changes > f->samples / 10)
        add(x, f, REEL_NOTE, "odd-timescale", "frame times are rounded up and down; editors take it for a variable rate",
            "ffmpeg -i in.mp4 -c copy -video_track_timescale 90000 out.mp4",
            "frames last %u or %u ticks of 1/%u s: the timescale does not fit the frame rate", f->least_delta,
            f->greatest_delta, f->info.timescale);
    else if (spread > 1 && f->changes > f->samples / 20)
        add(x, f, REEL_NOTE, "variable-frame-rate", "editors and some televisions expect one frame rate",
            "ffmpeg -i in.mp4 -fps_mode cfr out.mp4", "frames last from %.4f s to %.4f s",
            reel__seconds(f->least_delta, f->info.timescale), reel__seconds(f->greatest_delta, f->info.timescale));
}

static void sizes(reel__exam *x, const reel__figures *f)
{
    if (f->past_end)
        add(x, f, REEL_PROBLEM, "cut-off", "playback ends there; the file was not copied or written to its end", NO_FIX,
            "%llu of %llu samples lie past the end of the file", (ull)f->past_end, (ull)f->samples);
    if (f->zero_sized && (is_video(f) || is_audio(f)))
        add(x, f, REEL_NOTE, "empty-samples", "some decoders take an empty sample for the end", NO_FIX,
            "%llu samples have no bytes", (ull)f->zero_sized);
    double seconds = length(f), mean = seconds > 0 ? (double)f->bytes / seconds : 0;
    if (is_video(f) && seconds > 10 && (double)f->peak_second > 5 * mean && f->peak_second > 500000)
        add(x, f, REEL_NOTE, "bit-rate-peaks", "a line that carries the average stalls there",
            "ffmpeg -i in.mp4 -c:v libx264 -maxrate 2M -bufsize 4M -c:a copy out.mp4",
            "one second takes %.1f Mbit, the average %.1f Mbit", (double)f->peak_second * 8e-6, mean * 8e-6);
}

static const struct {
    uint32_t format;
    const char *fix;
} not_in_hls[] = {
    {REEL_4CC('m', 'p', '4', 'v'), "ffmpeg -i in.mp4 -c:v libx264 -c:a copy out.mp4"},
    {REEL_4CC('v', 'p', '0', '8'), "ffmpeg -i in.mp4 -c:v libx264 -c:a copy out.mp4"},
    {REEL_4CC('v', 'p', '0', '9'), "ffmpeg -i in.mp4 -c:v libx264 -c:a copy out.mp4"},
    {REEL_4CC('s', '2', '6', '3'), "ffmpeg -i in.mp4 -c:v libx264 -c:a copy out.mp4"},
    {REEL_4CC('j', 'p', 'e', 'g'), "ffmpeg -i in.mp4 -c:v libx264 -c:a copy out.mp4"},
    {REEL_4CC('a', 'p', 'c', 'n'), "ffmpeg -i in.mp4 -c:v libx264 -c:a copy out.mp4"},
    {REEL_4CC('a', 'p', 'c', 'h'), "ffmpeg -i in.mp4 -c:v libx264 -c:a copy out.mp4"},
    {REEL_4CC('a', 'p', '4', 'h'), "ffmpeg -i in.mp4 -c:v libx264 -c:a copy out.mp4"},
    {REEL_4CC('s', 'a', 'm', 'r'), "ffmpeg -i in.mp4 -c:v copy -c:a aac out.mp4"},
    {REEL_4CC('s', 'a', 'w', 'b'), "ffmpeg -i in.mp4 -c:v copy -c:a aac out.mp4"},
    {REEL_4CC('s', 'o', 'w', 't'), "ffmpeg -i in.mp4 -c:v copy -c:a aac out.mp4"},
    {REEL_4CC('t', 'w', 'o', 's'), "ffmpeg -i in.mp4 -c:v copy -c:a aac out.mp4"},
    {REEL_4CC('l', 'p', 'c', 'm'), "ffmpeg -i in.mp4 -c:v copy -c:a aac out.mp4"},
    {REEL_4CC('i', 'p', 'c', 'm'), "ffmpeg -i in.mp4 -c:v copy -c:a aac out.mp4"},
};

static void codec(reel__exam *x, const reel__figures *f)
{
    const reel_description *d = &f->description;
    if (!f->described) {
        if (f->samples)
            add(x, f, REEL_PROBLEM, "no-description", "no decoder can be chosen", NO_FIX,
                "the track has no sample description");
        return;
    }
    for (size_t i = 0; i < sizeof not_in_hls / sizeof *not_in_hls; i++)
        if (not_in_hls[i].format == d->codec_format)
            add(x, f, REEL_WARNING, "not-in-hls", "HLS players, Safari first of all, do not play it", not_in_hls[i].fix,
                "the codec is %s", d->codec);
    if (d->codec_format == REEL_4CC('h', 'e', 'v', '1') || d->codec_format == REEL_4CC('a', 'v', 'c', '3'))
        add(x, f, REEL_WARNING, "in-band-parameters", "Apple players show no picture when parameter sets may be in the samples",
            "ffmpeg -i in.mp4 -c copy -tag:v hvc1 out.mp4", "the sample entry is %s", d->codec);
    bool needs = d->framing == REEL_FRAMING_NAL || d->framing == REEL_FRAMING_OBU || d->framing == REEL_FRAMING_AAC;
    if (needs && !d->config.size)
        add(x, f, REEL_PROBLEM, "no-config", "no decoder can start", NO_FIX, "the decoder configuration of %s is missing",
            d->codec);
    if (!d->self_contained)
        add(x, f, REEL_PROBLEM, "elsewhere", "the film is incomplete without that file", NO_FIX,
            "the samples lie in another file");
    if (is_audio(f) && !strcmp(f->info.language, "und"))
        add(x, f, REEL_NOTE, "no-language", "a player cannot choose between languages",
            "ffmpeg -i in.mp4 -c copy -metadata:s:a:0 language=eng out.mp4", "the audio has no language");
}

static void tables(reel__exam *x, const reel__figures *f)
{
    int64_t said = (int64_t)REEL__MIN(f->info.media_duration, (uint64_t)INT64_MAX);
    double gap = reel__seconds(said - f->end_dts, f->info.timescale);
    if (said && f->samples && !x->info.fragmented && (gap > 1 || gap < -1))
        add(x, f, REEL_WARNING, "wrong-duration", "the seek bar ends at the wrong place", REMUX,
            "the media header says %.3f s, the samples last %.3f s", reel__seconds(said, f->info.timescale), length(f));
    if (f->negative)
        add(x, f, REEL_NOTE, "negative-offsets", "old players take them for huge ones; others shift the whole track",
            REMUX, "%llu samples are shown before they are decoded, by their composition offsets", (ull)f->negative);
}

static void (*const of_file[])(reel__exam *) = {moov_last,       moov_large,      no_index,  compressed_moov,
                                                parser_warnings, different_lengths, interleave};
static void (*const of_track[])(reel__exam *, const reel__figures *) = {no_samples, sync_samples, gops,  edits,
                                                                       timing,     sizes,        codec, tables};

void reel__check_all(reel__exam *x)
{
    for (size_t i = 0; i < sizeof of_file / sizeof *of_file; i++)
        of_file[i](x);
    for (size_t t = 0; t < x->count; t++)
        for (size_t i = 0; i < sizeof of_track / sizeof *of_track; i++)
            of_track[i](x, &x->tracks[t]);
}
