/* SPDX-License-Identifier: BSD-2-Clause */
/* What is written about a film: playlists, manifests, its text as WebVTT; and the input itself as a subtitle file. */
#include "harness.h"

const bool fuzz_opens_itself = false;

enum { BYTES = 1 << 20, SEGMENTS = 20, LONGEST = 4000 /* in segments: each playlist names all of them */ };

static int touch(void *user, const uint8_t *data, size_t size)
{
    size_t *left = user;
    fuzz_touch((reel_span){data, size});
    *left -= size < *left ? size : *left;
    return *left ? REEL_OK : REEL_END;
}

static void look(int code, reel_plan **plan)
{
    size_t left = BYTES;
    FUZZ_EXPECT((code == REEL_OK) == (*plan != NULL));
    if (*plan)
        reel_plan_run(*plan, 0, reel_plan_size(*plan), touch, &left, NULL);
    reel_plan_close(plan);
}

static void text(const fuzz_input *in, const reel_segmenter *s, const reel_track *track)
{
    reel_segment x;
    reel_plan *plan = NULL;
    look(reel_stream_webvtt(s, NULL, track, false, in->allocator, &plan, NULL), &plan);
    int code = reel_segmenter_at(s, INT64_MIN, &x, NULL);
    for (int i = 0; i < SEGMENTS && code == REEL_OK; i++, code = reel_segmenter_next(s, &x, &x, NULL))
        look(reel_stream_webvtt(s, &x, track, true, in->allocator, &plan, NULL), &plan);
}

/* A track as one file: its ranges follow each other to its end, and its playlist can be made. */
static void file(const fuzz_input *in, const reel_segmenter *s, const reel_track *t, unsigned flags)
{
    reel_stream_file *f = NULL;
    reel_stream_range range = {0, 0}, next;
    reel_plan *plan = NULL;
    size_t left = BYTES;
    int code = reel_stream_file_new(s, t, flags, in->allocator, &f, NULL);
    FUZZ_EXPECT((code == REEL_OK) == (f != NULL));
    if (!f)
        return;
    for (size_t i = 0; reel_stream_file_range(f, i, &next) == REEL_OK; i++, range = next)
        FUZZ_EXPECT(next.size > 0 && (i == 0 || next.offset == range.offset + range.size));
    FUZZ_EXPECT(range.offset + range.size == reel_plan_size(reel_stream_file_plan(f)));
    reel_plan_run(reel_stream_file_plan(f), 0, UINT64_MAX, touch, &left, NULL);
    const reel_stream_file *const files[] = {f};
    const reel_playlist_options o = {.sizeof_options = sizeof o, .alloc = in->allocator, .files = files, .file_count = 1};
    look(flags ? reel_hls_iframes(s, t, &o, &plan, NULL) : reel_hls_media(s, &t, 1, &o, &plan, NULL), &plan);
    reel_stream_file_close(&f);
}

static void track(const fuzz_input *in, const reel_segmenter *s, const reel_track *t, const reel_playlist_options *o)
{
    reel_track_info info;
    reel_plan *plan = NULL;
    reel_track_get_info(t, &info);
    look(reel_hls_media(s, &t, 1, o, &plan, NULL), &plan);
    if (info.type == REEL_TRACK_VIDEO)
        look(reel_hls_iframes(s, t, o, &plan, NULL), &plan);
    if (info.type == REEL_TRACK_TEXT)
        text(in, s, t);
    file(in, s, t, 0);
    if (info.type == REEL_TRACK_VIDEO)
        file(in, s, t, REEL_STREAM_FILE_PICTURES);
}

void fuzz_target(const fuzz_input *in, reel_movie *movie)
{
    uint64_t state = in->seed;
    reel_segmenter s;
    reel_segment last;
    reel_plan *plan = NULL;
    const uint32_t ms = 1000 + (uint32_t)(fuzz_random(&state) % 20000);
    const reel_sidecar side = {.uri = "a", .file_uri = "b", .language = "en", .name = "c"};
    const reel_playlist_options o = {.sizeof_options = sizeof o, .flags = fuzz_random(&state) % 4 ? 0 : REEL_STREAM_LIVE,
                                     .sidecars = &side, .sidecar_count = fuzz_random(&state) % 2, .alloc = in->allocator};
    look(reel_webvtt_from_file(in->data, in->size, in->allocator, &plan, NULL), &plan);
    if (reel_segmenter_init(&s, movie, ms, NULL) != REEL_OK)
        return;
    s.flags = fuzz_random(&state) % 2 ? REEL_SEGMENTER_READABLE : 0;
    if (reel_segmenter_at(&s, INT64_MAX, &last, NULL) != REEL_OK || last.number > LONGEST)
        return;
    const reel_rendition r[] = {{&s, ""}, {&s, "../b/"}};
    look(reel_hls_multivariant(r, 2, &o, &plan, NULL), &plan);
    look(reel_dash_manifest(r, 2, &o, &plan, NULL), &plan);
    look(reel_hls_sidecar(&s, "c", &o, &plan, NULL), &plan);
    for (size_t i = 0; i < FUZZ_TRACKS && reel_movie_track(movie, i); i++)
        if (reel_track_streams(reel_movie_track(movie, i)))
            track(in, &s, reel_movie_track(movie, i), &o);
}
