/* SPDX-License-Identifier: BSD-2-Clause */
/* A film as a stream: where segments begin, init segments, media segments, of one track and of all. */
#include "harness.h"

const bool fuzz_opens_itself = false;

enum { SEGMENTS = 40, BYTES = 1 << 18 };

static int touch(void *user, const uint8_t *data, size_t size)
{
    size_t *left = user;
    fuzz_touch((reel_span){data, size});
    *left -= size < *left ? size : *left;
    return *left ? REEL_OK : REEL_END;
}

static void look(reel_plan **plan)
{
    size_t left = BYTES;
    uint64_t size = reel_plan_size(*plan);
    FUZZ_EXPECT(size > 0);
    reel_plan_run(*plan, 0, size, touch, &left, NULL);
    reel_plan_close(plan);
}

static void segment(const fuzz_input *in, const reel_segmenter *s, const reel_segment *x, const reel_track *const *tracks,
                    size_t n)
{
    reel_plan *plan;
    reel_portion p;
    reel_segment named;
    for (size_t i = 0; i < n; i++) {
        if (reel_segment_portion(s, x, tracks[i], &p, NULL) != REEL_OK)
            continue;
        FUZZ_EXPECT(p.first < p.end);
        reel_segment_named(s, tracks[i], p.time, &named, NULL);
        if (reel_stream_segment(s, x, tracks + i, 1, in->allocator, &plan, NULL) == REEL_OK)
            look(&plan);
    }
    if (reel_stream_segment(s, x, tracks, n, in->allocator, &plan, NULL) == REEL_OK)
        look(&plan);
}

static size_t choose(const reel_movie *m, const reel_track *tracks[FUZZ_TRACKS])
{
    size_t n = 0;
    for (size_t i = 0; n < FUZZ_TRACKS && i < 20 && reel_movie_track(m, i); i++)
        if (reel_track_streams(reel_movie_track(m, i)))
            tracks[n++] = reel_movie_track(m, i);
    return n;
}

/* All of it as one file, where that is not made up. */
static void one_file(const fuzz_input *in, const reel_segmenter *s, const reel_track *const *tracks, size_t n)
{
    reel_plan *plan = NULL;
    uint64_t all = 0, count = 0;
    for (size_t i = 0; i < n; i++)
        all += reel_track_sample_count(tracks[i], &count, NULL) == REEL_OK && count < FUZZ_SAMPLES ? count : FUZZ_SAMPLES;
    if (all < FUZZ_SAMPLES && reel_stream_fragmented(s, tracks, n, in->allocator, &plan, NULL) == REEL_OK)
        look(&plan);
    FUZZ_EXPECT(!plan);
}

void fuzz_target(const fuzz_input *in, reel_movie *movie)
{
    const reel_track *tracks[FUZZ_TRACKS];
    uint64_t state = in->seed, bytes;
    reel_segmenter s;
    reel_segment x;
    reel_plan *plan;
    size_t n = choose(movie, tracks);
    uint32_t ms = 1 + (uint32_t)(fuzz_random(&state) >> fuzz_random(&state) % 64) % 3600000;
    if (n == 0 || reel_segmenter_init(&s, movie, ms, NULL) != REEL_OK)
        return;
    s.flags = fuzz_random(&state) % 2 ? REEL_SEGMENTER_READABLE : 0;
    if (reel_stream_init(tracks, n, in->allocator, &plan, NULL) == REEL_OK)
        look(&plan);
    one_file(in, &s, tracks, n);
    int code = reel_segmenter_at(&s, fuzz_random(&state) % 2 ? INT64_MIN : (int64_t)(fuzz_random(&state) >> 40), &x, NULL);
    for (int i = 0; i < SEGMENTS && code == REEL_OK; i++) {
        uint64_t before = x.end;
        FUZZ_EXPECT(x.first < x.end);
        segment(in, &s, &x, tracks, n);
        code = reel_segmenter_next(&s, &x, &x, NULL);
        FUZZ_EXPECT(code != REEL_OK || x.first == before);
    }
    if (s.samples < FUZZ_SAMPLES * 100)
        reel_track_bytes(s.reference, 0, s.samples, &bytes, NULL);
    if (reel_segmenter_at(&s, (int64_t)fuzz_random(&state), &x, NULL) == REEL_OK)
        segment(in, &s, &x, tracks, n);
}
