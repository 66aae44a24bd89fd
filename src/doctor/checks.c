/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks: one function each. A finding says what was seen with its numbers, what that does to playback, and what to
 * do about it.
 */
#include <stdio.h>

#include "base/checked.h"
#include "codec/codec.h"
#include "doctor/exam.h"
#include "movie/fragment.h"
#include "movie/movie.h"

typedef unsigned long long ull;

#define FROM_SOURCE "get the file again, or make it again from its source"

static const reel__cure faststart = {REEL__BY_FASTSTART, "put the movie box in front", NULL, 0, 0};
static const reel__cure anew = {REEL__BY_ANEW, "make a progressive film of it, with new tables", NULL, 0, 0};
static const reel__cure repair = {REEL__BY_REPAIR, FROM_SOURCE "; to keep what is there:", NULL, 0, 0};
static const reel__cure from_source = {REEL__BY_HAND, FROM_SOURCE, NULL, 0, 0};
static const reel__cure remux = {REEL__BY_FFMPEG, "copy its tracks into a new file", NULL, 0, 0};
static const reel__cure fragments = {REEL__BY_FFMPEG, "copy its tracks into fragments",
                                     "-movflags +frag_keyframe+empty_moov+default_base_moof+global_sidx", 0, 0};
static const reel__cure key_frames = {REEL__BY_FFMPEG, "encode the pictures again, with a key picture every two seconds",
                                      NULL, REEL__NEW_VIDEO, 0};
static const reel__cure even_rate = {REEL__BY_FFMPEG, "encode the pictures again, at one rate", "-fps_mode cfr",
                                     REEL__NEW_VIDEO, 0};
static const reel__cure encode_all = {REEL__BY_FFMPEG, "encode it again", NULL, REEL__NEW_VIDEO | REEL__NEW_AUDIO, 0};

static reel__cure by_hand(const char *text) { return (reel__cure){.by = REEL__BY_HAND, .text = text}; }

static reel__cure by_ffmpeg(const char *text, uint32_t encode, const char *options)
{
    return (reel__cure){.by = REEL__BY_FFMPEG, .text = text, .options = options, .encode = encode};
}

static void add(reel__exam *x, const reel__figures *f, uint32_t severity, const char *id, const char *why,
                reel__cure cure, const char *format, ...) __attribute__((format(printf, 7, 8)));

static void add(reel__exam *x, const reel__figures *f, uint32_t severity, const char *id, const char *why,
                reel__cure cure, const char *format, ...)
{
    if (x->found == REEL__FINDINGS)
        return;
    struct reel__finding *k = &x->finding[x->found];
    va_list args;
    *k = (struct reel__finding){.id = id, .why = why, .severity = severity, .number = x->found++, .by = cure.by,
                                .encode = cure.encode, .to = cure.to};
    k->track_id = f ? f->info.id : 0;
    k->order = f ? (uint32_t)(f - x->tracks) + 1 : 0;
    snprintf(k->fix, sizeof k->fix, "%s", cure.text);
    snprintf(k->options, sizeof k->options, "%s", cure.options ? cure.options : "");
    va_start(args, format);
    vsnprintf(k->what, sizeof k->what, format, args);
    va_end(args);
}

static bool is_video(const reel__figures *f) { return f->info.type == REEL_TRACK_VIDEO; }
static bool is_audio(const reel__figures *f) { return f->info.type == REEL_TRACK_AUDIO; }
static bool is_played(const reel__figures *f) { return is_video(f) || is_audio(f); }
static bool is_elsewhere(const reel__figures *f) { return f->described && !f->description.self_contained; }

/* Of its media. */
static double length(const reel__figures *f)
{
    return reel__seconds(f->end_dts, f->info.timescale) - reel__seconds(f->first_dts, f->info.timescale);
}

/* Of its presentation; what a recording has not got before its first fragment does not count. */
static double shown(const reel__figures *f)
{
    double before = reel_track_edit_count(f->track) ? 0 : reel__seconds(f->first_dts, f->info.timescale);
    return reel__seconds(f->shown, f->info.timescale) - before;
}

/* The file */

static void moov_last(reel__exam *x)
{
    if (x->info.moov_size && x->info.mdat_count && x->info.moov_offset > x->info.mdat_offset)
        add(x, NULL, REEL_PROBLEM, "moov-last",
            "a player that reads over the network has to fetch the end of the file before it can show anything",
            faststart, "the movie box (%llu bytes) lies behind the media, %llu bytes into the file",
            (ull)x->info.moov_size, (ull)x->info.moov_offset);
}

static void moov_large(reel__exam *x)
{
    if (x->info.moov_size > 16u << 20 || (x->info.moov_size > 1u << 20 && x->info.moov_size > x->size / 20))
        add(x, NULL, REEL_NOTE, "moov-large", "it has to arrive before the first picture can", fragments,
            "the movie box is %llu bytes long, %.1f %% of the file", (ull)x->info.moov_size,
            x->size ? 100.0 * (double)x->info.moov_size / (double)x->size : 0.0);
}

/* One fragment needs no index. */
static void no_index(reel__exam *x)
{
    uint64_t second;
    if (x->info.fragmented && !x->info.has_sidx && !x->info.has_mfra &&
        reel__fragments_moof(x->movie, 1, &second) == REEL_OK)
        add(x, NULL, REEL_WARNING, "no-sidx",
            "to seek, a player has to read the head of every fragment before the place it wants", anew,
            "the film is fragmented and has neither sidx nor mfra");
}

static void compressed_moov(reel__exam *x)
{
    if (x->info.compressed)
        add(x, NULL, REEL_PROBLEM, "compressed-moov", "browsers and most phones cannot read it", anew,
            "the movie box is compressed (cmov)");
}

static void parser_warnings(reel__exam *x)
{
    reel_error w;
    char line[288];
    uint64_t cut = UINT64_MAX; /* where the box begins that the file ends in: what is wrong in it comes of that */
    for (size_t i = 0; i < 16 && reel_movie_warning(x->movie, i, &w) == REEL_OK; i++) {
        if (w.offset != REEL_NO_OFFSET && w.offset > cut)
            continue;
        if (w.code == REEL_E_TRUNCATED)
            cut = w.offset;
        reel_error_format(&w, line, sizeof line);
        add(x, NULL, w.code == REEL_E_TRUNCATED ? REEL_PROBLEM : REEL_WARNING, "damaged",
            "strict players refuse the file, others guess",
            w.code == REEL_E_CONFIG      ? from_source
            : w.code == REEL_E_TRUNCATED ? repair
                                         : anew,
            "%s", line);
    }
}

/* Of other boxes that are cut the parser has warned. */
static void torn(reel__exam *x)
{
    reel__part part;
    uint64_t at = 0, next = 0;
    reel__glance g;
    g.n = 0;
    while (reel__box_at(x->movie->source, &g, at, x->size, &part, &next, NULL) == REEL_OK && !part.cut)
        at = next;
    if (at < x->size && part.type == REEL_4CC('m', 'd', 'a', 't') && part.cut)
        add(x, NULL, REEL_PROBLEM, "torn", "playback ends early; the file was not copied or written to its end",
            repair,
            "the file ends within its last box of media, which begins at byte %llu", (ull)at);
}

static void many_tracks(reel__exam *x)
{
    size_t n = reel_movie_track_count(x->movie);
    if (n > x->count)
        add(x, NULL, REEL_NOTE, "many-tracks", "what is wrong with the others is not in this report",
            (reel__cure){.by = REEL__BY_CHOICE, .text = "leave out the tracks that nobody plays, such as all but these",
                         .options = "--track 1 --track 2"},
            "the film has %zu tracks; the first %zu were examined", n, x->count);
}

static void different_lengths(reel__exam *x)
{
    const reel__figures *shortest = NULL, *longest = NULL;
    for (size_t i = 0; i < x->count; i++) {
        const reel__figures *f = &x->tracks[i];
        if (!is_played(f) || f->samples < 2)
            continue;
        if (!shortest || shown(f) < shown(shortest))
            shortest = f;
        if (!longest || shown(f) > shown(longest))
            longest = f;
    }
    if (!shortest || shown(longest) - shown(shortest) < REEL__MAX(1.0, 0.02 * shown(longest)))
        return;
    char text[sizeof x->finding->fix];
    snprintf(text, sizeof text, "end it where the shortest track ends; the last %.3f s of the others, such as the %s of track "
             "%u, are lost then", shown(longest) - shown(shortest), is_video(longest) ? "pictures" : "sound", longest->info.id);
    const reel__cure cut = {.by = REEL__BY_CUT, .text = text, .to = shown(shortest)};
    add(x, NULL, REEL_WARNING, "different-lengths",
        "at the end one of them stands still or is silent; some players stop early, and HLS segments lose a rendition",
        cut.to >= 0.001 ? cut : by_ffmpeg(text, 0, "-shortest"),
        "track %u lasts %.3f s and track %u %.3f s", longest->info.id, shown(longest),
        shortest->info.id, shown(shortest));
}

/* How far apart in the file those tracks lie that are played in that second. */
static uint64_t apart(const reel__exam *x, uint32_t second)
{
    uint64_t low = UINT64_MAX, high = 0;
    for (size_t i = 0; i < x->count; i++) {
        const reel__figures *f = &x->tracks[i];
        if (!is_played(f) || is_elsewhere(f) || second >= f->seconds || !f->place[second])
            continue;
        low = REEL__MIN(low, f->place[second]);
        high = REEL__MAX(high, f->place[second]);
    }
    return high > low ? high - low : 0;
}

/* Two seconds of a film are never too much to keep, however many bytes they have. */
static uint64_t bearable(const reel__exam *x)
{
    double bytes = 0, seconds = 0;
    for (size_t i = 0; i < x->count; i++)
        if (is_played(&x->tracks[i])) {
            bytes += (double)x->tracks[i].bytes;
            seconds = REEL__MAX(seconds, length(&x->tracks[i]));
        }
    double two = seconds > 2 ? 2 * bytes / seconds : bytes;
    return two < 1e18 ? REEL__MAX((uint64_t)two, (uint64_t)8 << 20) : UINT64_MAX;
}

/* The greatest distance in the file between what is played in one second. */
static void interleave(reel__exam *x)
{
    uint64_t worst = 0;
    uint32_t when = 0, seconds = 0;
    for (size_t i = 0; i < x->count; i++)
        seconds = REEL__MAX(seconds, x->tracks[i].seconds);
    for (uint32_t s = 0; s < seconds; s++) {
        uint64_t bytes = apart(x, s);
        if (bytes > worst) {
            worst = bytes;
            when = s;
        }
    }
    if (worst > bearable(x))
        add(x, NULL, REEL_WARNING, "poor-interleave",
            "a player has to jump back and forth, or keep all of that in memory; over a network it stutters", anew,
            "at second %llu the tracks lie %.1f MB apart", (ull)x->origin + when, (double)worst / 1e6);
}

static void wrong_duration(reel__exam *x, const reel__figures *f, double said, const char *who, double real,
                           const char *what)
{
    if (said > 0 && (said - real > 1 || real - said > 1))
        add(x, f, REEL_WARNING, "wrong-duration", "the seek bar ends at the wrong place", anew,
            "the %s header says %.3f s, the %s %.3f s", who, said, what, real);
}

/* In a fragmented film mvhd, tkhd and mdhd may speak of the movie box alone; mehd is about the whole. */
static void movie_duration(reel__exam *x)
{
    double longest = 0;
    bool whole = !x->info.fragmented, mehd = reel__movie_part(x->movie, REEL__MEHD)->body && !x->movie->duration;
    uint64_t said = whole ? x->movie->duration : mehd ? x->info.duration : 0;
    if (!x->info.timescale || x->count < reel_movie_track_count(x->movie))
        return;
    for (size_t i = 0; i < x->count; i++)
        longest = REEL__MAX(longest, shown(&x->tracks[i]));
    if (longest > 0)
        wrong_duration(x, NULL, (double)said / x->info.timescale, whole ? "movie" : "movie extends", longest,
                       "longest track is shown for");
}

/* One track */

static bool some_samples(const reel__exam *x)
{
    for (size_t i = 0; i < x->count; i++)
        if (x->tracks[i].samples)
            return true;
    return false;
}

static void no_samples(reel__exam *x, const reel__figures *f)
{
    if (f->samples == 0)
        add(x, f, is_played(f) ? REEL_WARNING : REEL_NOTE, "no-samples", "there is nothing to play in it",
            some_samples(x)      ? (reel__cure){.by = REEL__BY_ANEW, .text = "leave the track out"}
            : x->info.fragmented ? by_hand("give its media segments too, if it is an init segment; else " FROM_SOURCE)
                                 : from_source,
            "the track is empty");
    else if (f->samples > x->size && !is_elsewhere(f))
        add(x, f, REEL_PROBLEM, "made-up-count", "no such film exists", from_source,
            "the track says it has %llu samples, and the file has %llu bytes", (ull)f->samples, (ull)x->size);
}

static void sync_samples(reel__exam *x, const reel__figures *f)
{
    if (!is_video(f) || f->samples < 2)
        return;
    if (f->syncs == 0)
        add(x, f, REEL_PROBLEM, "no-sync-samples", "a player does not know where it may begin: it cannot seek",
            key_frames, "none of %llu samples is a sync sample", (ull)f->samples);
    else if (f->first_sync != 0 && f->first_sync != REEL_NO_INDEX)
        add(x, f, REEL_WARNING, "starts-without-sync", "the first pictures cannot be decoded", remux,
            "the first sync sample is number %llu", (ull)f->first_sync);
    else if (f->syncs == 1 && length(f) > 10)
        add(x, f, REEL_PROBLEM, "one-sync-sample", "every seek decodes from the very beginning", key_frames,
            "only the first of %llu samples is a sync sample", (ull)f->samples);
}

static void false_syncs(reel__exam *x, const reel__figures *f)
{
    if (f->is_false)
        add(x, f, REEL_PROBLEM, "false-sync-samples", "a player that seeks there shows grey or garbage for a while",
            key_frames, "sample %llu is marked as a place to begin, but its picture refers to others, as in %u of %u that "
                        "were looked into",
            (ull)f->first_false, f->is_false, f->looked);
}

static void gops(reel__exam *x, const reel__figures *f)
{
    if (!is_video(f) || f->syncs < 2)
        return;
    double longest = f->longest_gop / f->info.timescale, mean = length(f) / (double)f->syncs;
    if (longest > 10)
        add(x, f, REEL_WARNING, "long-gop", "seeking there is slow, and HLS segments cannot be shorter", key_frames,
            "%.1f s pass from one sync sample to the next, or to the end", longest);
    else if (longest > 3 * mean && longest > 2)
        add(x, f, REEL_NOTE, "uneven-gops", "HLS segments get uneven lengths, and renditions cannot be aligned",
            key_frames, "sync samples come every %.2f s on average, but once only after %.2f s", mean, longest);
    if (f->partial)
        add(x, f, REEL_NOTE, "open-gops", "pictures shown before such a sample cannot be decoded after a seek to it",
            by_ffmpeg("encode the pictures again, in closed groups", REEL__NEW_VIDEO, "-x264-params open-gop=0"),
            "%llu sync samples are partial (open GOPs)", (ull)f->partial);
}

/* It begins with nothing, or with media that is decoded and not shown. */
static void starts_late(reel__exam *x, const reel__figures *f, const reel_edit *first)
{
    double seconds = reel__seconds(first->end, f->info.timescale);
    if (first->kind == REEL_EDIT_EMPTY && seconds > 0.1)
        add(x, f, REEL_NOTE, "starts-late",
            "nothing is shown or heard until then; some players ignore it and lose sync",
            is_audio(f) ? by_ffmpeg("encode the sound again, with silence in front", REEL__NEW_AUDIO,
                                    "-af aresample=async=1:first_pts=0")
                        : by_hand("let all tracks begin at 0 when the film is made again"),
            "an empty edit delays the track by %.3f s", seconds);
}

static void trimmed_start(reel__exam *x, const reel__figures *f, const reel_edit *e)
{
    double cut = ((double)e->media_time - (double)f->first_pts) / f->info.timescale;
    if (is_video(f) && cut > 0.5)
        add(x, f, REEL_NOTE, "trimmed-start", "a player decodes all of that before it can show the first picture",
            by_ffmpeg("encode the pictures again", REEL__NEW_VIDEO, NULL), "the first %.3f s are cut off by the edit list", cut);
}

static int64_t shift_of(const reel_edit *e)
{
    int64_t shift;
    return reel__sub(e->start, e->media_time, &shift) ? shift : INT64_MAX;
}

/* Of films that were put one behind the other the pieces are nearly one: what is off stays below what one notices. */
static void several_edits(reel__exam *x, const reel__figures *f, size_t pieces, double off)
{
    add(x, f, off < 0.1 ? REEL_NOTE : REEL_WARNING, "several-edits",
        "many players know one edit only, and show the wrong parts, or lose sync by that much", encode_all,
        "the edit list plays %zu pieces; with the first alone the others are off by up to %.3f s", pieces, off);
}

static void edits(reel__exam *x, const reel__figures *f)
{
    reel_edit e;
    size_t media = 0;
    bool odd = false;
    int64_t base = 0;
    uint64_t off = 0;
    for (size_t i = 0; i < 4096 && reel_track_edit(f->track, i, &e) == REEL_OK; i++) {
        if (i == 0)
            starts_late(x, f, &e);
        if (e.kind == REEL_EDIT_MEDIA && media == 0)
            trimmed_start(x, f, &e), base = shift_of(&e);
        if (e.kind == REEL_EDIT_MEDIA && media++)
            off = REEL__MAX(off, reel__distance(shift_of(&e), base));
        odd |= e.kind == REEL_EDIT_DWELL || (e.kind == REEL_EDIT_MEDIA && e.media_rate != 0x10000);
    }
    if (media > 1)
        several_edits(x, f, media, (double)off / f->info.timescale);
    if (odd)
        add(x, f, REEL_WARNING, "edit-rate", "hardly any player knows edits that stand still or change the speed",
            by_hand("export it again from the editor, with its edits rendered (ffmpeg does not know such edits either)"),
            "the edit list stands still or changes the speed");
}

/* What fragments say about their times. */
static void fragment_times(reel__exam *x, const reel__figures *f)
{
    double first = reel__seconds(f->first_dts, f->info.timescale);
    if (f->gaps && is_video(f) && f->syncs == f->samples && f->gaps >= (f->samples - 1) * 9 / 10)
        add(x, f, REEL_NOTE, "gaps", "it is for fast forward and backward, and not to be played as a film",
            by_hand("leave it to the playlist that names it (#EXT-X-I-FRAMES-ONLY)"),
            "it has %llu key pictures, each alone, and nothing between them", (ull)f->samples);
    else if (f->gaps && is_played(f))
        add(x, f, REEL_WARNING, "gaps", "playback stops or jumps there; browsers wait for media that never comes",
            from_source, "decode times jump %llu times, by up to %.3f s", (ull)f->gaps,
            (double)f->widest_gap / f->info.timescale);
    if (first > 1 && reel_track_edit_count(f->track) == 0)
        add(x, f, REEL_NOTE, "starts-late",
            "browsers wait at 0 for media that never comes, others show nothing until then", anew,
            "the first sample is decoded at %.3f s", first);
}

static void timing(reel__exam *x, const reel__figures *f)
{
    uint32_t spread = f->greatest_delta - f->least_delta, timescale = f->info.timescale;
    if (f->samples < 3 || !is_played(f))
        return;
    if (is_video(f) && spread == 1 && timescale < 100 && f->changes > f->samples / 20)
        add(x, f, REEL_WARNING, "odd-timescale", "times are rounded so much that motion stutters", even_rate,
            "a tick is 1/%u s", timescale);
    else if (spread == 1 && f->least_delta < 1000 && f->changes > f->samples / 10)
        add(x, f, REEL_NOTE, "odd-timescale",
            is_video(f) ? "frame times are rounded up and down; editors take it for a variable rate"
                        : "sound is cut or stretched at every rounding: it clicks, or drifts from the picture",
            is_video(f) ? even_rate : remux,
            "frames last %u or %u ticks of 1/%u s: the timescale does not fit the rate", f->least_delta,
            f->greatest_delta, timescale);
    else if (is_video(f) && spread > REEL__MAX(1, f->least_delta / 100) && f->changes > f->samples / 20)
        add(x, f, REEL_NOTE, "variable-frame-rate", "editors and some televisions expect one frame rate", even_rate,
            "frames last from %.4f s to %.4f s", reel__seconds(f->least_delta, timescale),
            reel__seconds(f->greatest_delta, timescale));
}

static void sizes(reel__exam *x, const reel__figures *f)
{
    if (f->past_end && !is_elsewhere(f))
        add(x, f, REEL_PROBLEM, "cut-off", "playback ends there; the file was not copied or written to its end",
            repair, "%llu of %llu samples lie past the end of the file",
            (ull)f->past_end, (ull)f->samples);
    if (f->zero_sized && is_played(f))
        add(x, f, REEL_NOTE, "empty-samples", "some decoders take an empty sample for the end",
            f->zero_sized == f->samples ? from_source : encode_all,
            "%llu samples have no bytes", (ull)f->zero_sized);
}

static void peaks(reel__exam *x, const reel__figures *f)
{
    char options[sizeof x->finding->options];
    double seconds = length(f), mean = seconds > 0 ? (double)f->bytes / seconds : 0;
    if (!is_video(f) || seconds <= 10 || f->peak_second <= 500000 || (double)f->peak_second <= 5 * mean)
        return;
    snprintf(options, sizeof options, "-maxrate %.0fk -bufsize %.0fk", mean * 16e-3, mean * 32e-3);
    add(x, f, REEL_NOTE, "bit-rate-peaks", "a line that carries the average stalls there",
        by_ffmpeg("encode the pictures again, without peaks", REEL__NEW_VIDEO, options),
        "one second takes %.1f Mbit, the average %.1f Mbit", (double)f->peak_second * 8e-6, mean * 8e-6);
}

/* What HLS carries, on some devices at least. Of a format that reel does not know nothing is said. */
static bool in_hls(uint32_t format, uint32_t type)
{
    static const uint32_t known[] = {
        REEL_4CC('a', 'v', 'c', '1'), REEL_4CC('a', 'v', 'c', '3'), REEL_4CC('d', 'v', 'a', '1'),
        REEL_4CC('d', 'v', 'a', 'v'), REEL_4CC('h', 'v', 'c', '1'), REEL_4CC('h', 'e', 'v', '1'),
        REEL_4CC('d', 'v', 'h', '1'), REEL_4CC('d', 'v', 'h', 'e'), REEL_4CC('a', 'v', '0', '1'),
        REEL_4CC('d', 'a', 'v', '1'), REEL_4CC('m', 'p', '4', 'a'), REEL_4CC('a', 'c', '-', '3'),
        REEL_4CC('e', 'c', '-', '3'), REEL_4CC('a', 'c', '-', '4'), REEL_4CC('a', 'l', 'a', 'c'),
        REEL_4CC('f', 'L', 'a', 'C'), REEL_4CC('O', 'p', 'u', 's'), REEL_4CC('.', 'm', 'p', '3'),
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == format)
            return true;
    return !reel__format_find(format, type);
}

/* What is to be encoded so that all of it is. */
static uint32_t not_in_hls(const reel__exam *x)
{
    uint32_t encode = 0;
    for (size_t i = 0; i < x->count; i++) {
        const reel__figures *f = &x->tracks[i];
        if (f->described && is_played(f) && !in_hls(f->description.codec_format, f->description.type))
            encode |= is_video(f) ? REEL__NEW_VIDEO : REEL__NEW_AUDIO;
    }
    return encode;
}

static void hls(reel__exam *x, const reel__figures *f)
{
    static const char *const text[] = {"", "encode the pictures again, as H.264", "encode the sound again, as AAC",
                                       "encode it again, as H.264 and AAC"};
    const reel_description *d = &f->description;
    bool hevc = d->codec_format == REEL_4CC('h', 'e', 'v', '1');
    uint32_t encode = not_in_hls(x);
    if (!f->described || !is_played(f))
        return;
    if (!in_hls(d->codec_format, d->type))
        add(x, f, REEL_WARNING, "not-in-hls", "HLS players, Safari first of all, do not play it",
            by_ffmpeg(text[encode], encode, encode & REEL__NEW_VIDEO ? "-pix_fmt yuv420p" : NULL), "the codec is %s",
            d->codec);
    if (hevc || d->codec_format == REEL_4CC('a', 'v', 'c', '3'))
        add(x, f, REEL_WARNING, "in-band-parameters",
            "Apple players show no picture when parameter sets may be in the samples",
            by_ffmpeg("copy its tracks into a new file, with the parameter sets in its movie box", 0,
                      hevc ? "-tag:v hvc1" : "-tag:v avc1"), "the sample entry is %s", d->codec);
}

/* Formats whose parameter sets have to be in the configuration. */
static bool needs_sets(uint32_t format)
{
    return format == REEL_4CC('a', 'v', 'c', '1') || format == REEL_4CC('h', 'v', 'c', '1') ||
           format == REEL_4CC('d', 'v', 'a', '1') || format == REEL_4CC('d', 'v', 'h', '1') ||
           format == REEL_4CC('v', 'v', 'c', '1');
}

/* NULL: a decoder can start. */
static const char *config_fault(const reel_description *d)
{
    reel_span set;
    const reel__format *format = reel__format_find(d->codec_format, d->type);
    if (!format || !format->config)
        return NULL;
    if (d->config_type != format->config || !d->config.size)
        return "is missing";
    if (needs_sets(d->codec_format) && reel_description_parameter_set(d, 0, &set) != REEL_OK)
        return "holds no parameter sets";
    if (d->object_type_indication == 0x40 && !d->decoder_specific.size)
        return "is empty";
    return NULL;
}

static void codec(reel__exam *x, const reel__figures *f)
{
    const char *fault = f->described ? config_fault(&f->description) : NULL;
    if (!f->described && f->samples)
        add(x, f, REEL_PROBLEM, "no-description", "no decoder can be chosen", from_source,
            "the track has no sample description");
    if (fault)
        add(x, f, REEL_PROBLEM, "no-config", "no decoder can start", from_source, "the decoder configuration of %s %s",
            f->description.codec, fault);
    if (is_elsewhere(f))
        add(x, f, REEL_PROBLEM, "elsewhere", "the film is incomplete without that file",
            by_hand("export it again as a film that contains its own media"), "the samples lie in another file");
}

/* Where there is one only, nobody has to choose. */
static void language(reel__exam *x, const reel__figures *f)
{
    char options[sizeof x->finding->options];
    unsigned before = 0, all = 0;
    for (size_t i = 0; i < x->count; i++) {
        all += is_audio(&x->tracks[i]);
        before += is_audio(&x->tracks[i]) && &x->tracks[i] < f;
    }
    if (!is_audio(f) || all < 2 || strcmp(f->info.language, "und") != 0)
        return;
    snprintf(options, sizeof options, "-metadata:s:a:%u language=eng", before);
    add(x, f, REEL_NOTE, "no-language", "a player cannot choose between languages",
                   by_ffmpeg("say which language it is, such as English", 0, options),
        "the audio has no language, and is one of %u", all);
}

static void tables(reel__exam *x, const reel__figures *f)
{
    if (f->samples && !x->info.fragmented) {
        wrong_duration(x, f, (double)f->info.media_duration / f->info.timescale, "media", length(f), "samples last");
        if (x->info.timescale)
            wrong_duration(x, f, (double)f->info.duration / x->info.timescale, "track", shown(f), "track is shown for");
    }
    if (f->negative)
        add(x, f, REEL_NOTE, "negative-offsets", "old players take them for huge ones; others shift the whole track",
            remux, "%llu samples are shown before they are decoded, by their composition offsets", (ull)f->negative);
}

static void (*const of_file[])(reel__exam *) = {moov_last,       moov_large,  no_index,          compressed_moov,
                                                parser_warnings, torn,        many_tracks,       different_lengths,
                                                interleave,      movie_duration};
static void (*const of_track[])(reel__exam *, const reel__figures *) = {no_samples, sync_samples, false_syncs, gops,   edits,
                                                                       fragment_times, timing,   sizes,  peaks,
                                                                       codec,      hls,          language, tables};

void reel__check_all(reel__exam *x)
{
    for (size_t i = 0; i < sizeof of_file / sizeof *of_file; i++)
        of_file[i](x);
    for (size_t t = 0; t < x->count; t++)
        for (size_t i = 0; i < sizeof of_track / sizeof *of_track; i++)
            of_track[i](x, &x->tracks[t]);
}
