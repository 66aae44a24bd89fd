/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decode: twenty seconds of 1080p H.264 decoded and thrown away, beside the ffmpeg command with as many threads; and four
 * seconds of it sixteen times at once (decode_many.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <reel/decode.h>

#include "decode_many.h"
#include "peer.h"

enum { FRAMES = 600, SHORT = 120, ROUNDS = 3 };

/* ---- the film ---- */

static bool film_write(const char *path, int n)
{
    char frames[16];
    snprintf(frames, sizeof frames, "%d", n);
    const char *const words[] = {"ffmpeg", "-nostdin", "-v", "quiet", "-y", "-f", "lavfi", "-i",
                                 "testsrc2=size=1920x1080:rate=30", "-frames:v", frames, "-pix_fmt", "yuv420p", "-c:v",
                                 "libx264", "-preset", "veryfast", "-bf", "2", "-g", "60", path, NULL};
    return command_ns(words) > 0;
}

/* ---- who is measured ---- */

static double with_reel(const char *path, uint32_t threads, reel_decoder_stats *stats)
{
    reel_movie *movie = NULL;
    reel_decoder *dec = NULL;
    reel_frame *f;
    reel_error err = {0};
    reel_decoder_options o = {.sizeof_options = sizeof o, .threads = threads};
    uint64_t from = tick();
    int rc = reel_open_file(path, 0, NULL, &movie, &err);
    if (rc == REEL_OK)
        rc = reel_decoder_open(reel_movie_default_track(movie, REEL_TRACK_VIDEO), &o, &dec, &err);
    while (rc == REEL_OK && (rc = reel_decoder_next(dec, &f, &err)) == REEL_OK)
        reel_frame_unref(&f);
    reel_decoder_get_stats(dec, stats);
    reel_decoder_close(&dec);
    reel_close(&movie);
    if (rc != REEL_END)
        die(path, &err);
    return tick_ns(tick() - from);
}

static double with_ffmpeg(const char *path, uint32_t threads)
{
    char n[16];
    snprintf(n, sizeof n, "%u", threads);
    const char *const words[] = {"ffmpeg", "-nostdin", "-v", "quiet", "-threads", n, "-i", path, "-map", "0:v:0", "-f",
                                 "null", "-", NULL};
    return command_ns(words);
}

/* ---- the topic ---- */

static void measure(const char *path, uint32_t threads)
{
    char what[64];
    times reel = {0}, ffmpeg = {0};
    reel_decoder_stats stats = {0};
    for (int i = 0; i < ROUNDS; i++) {
        times_add(&reel, with_reel(path, threads, &stats));
        report_check(stats.frames == FRAMES && stats.damaged == 0, "not every picture came out");
        double ns = with_ffmpeg(path, threads);
        if (ns > 0)
            times_add(&ffmpeg, ns);
    }
    snprintf(what, sizeof what, "decode 1080p H.264, %u thread%s", threads, threads == 1 ? "" : "s");
    report_row(&(row){.what = what, .unit = "frames/s", .reel = FRAMES * 1e9 / times_at(&reel, 0.5), .peer = "ffmpeg",
                      .peer_value = ffmpeg.n ? FRAMES * 1e9 / times_at(&ffmpeg, 0.5) : -1, .more_is_better = true});
    report_note("%llu samples, %llu of them copied; %llu frames, %llu in memory of the codec's own",
                (unsigned long long)stats.packets, (unsigned long long)stats.copies, (unsigned long long)stats.frames,
                (unsigned long long)stats.wrapped);
    times_free(&reel);
    times_free(&ffmpeg);
}

void topic_decode(void)
{
    const char *folder = getenv("TMPDIR");
    char path[300];
    reel_error err = {0};
    reel_decoder *none = NULL;
    if (reel_decoder_open(NULL, NULL, &none, &err) == REEL_E_UNSUPPORTED) {
        report_note("decode: %s", err.text);
        return;
    }
    snprintf(path, sizeof path, "%s/reel-bench-decode-%d.mp4", folder ? folder : "/tmp", (int)getpid());
    if (film_write(path, FRAMES)) {
        measure(path, 1);
        measure(path, 2);
        if (film_write(path, SHORT))
            decode_many(path, SHORT);
    } else {
        report_note("decode: ffmpeg is missing, or cannot write H.264");
    }
    unlink(path);
}
