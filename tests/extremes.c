/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Films that are long and large but real: they open, and every lookup is right from one end to the other. What they hold
 * follows from the sample number, so that nothing has to be spread out to know the answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/reel.h>

#include "build.h"

enum { PROBES = 20000 };

typedef struct film {
    b_buf b;
    reel_source *source;
    reel_movie *movie;
    const reel_track *track;
} film;

/* The first `head` bytes are there; behind them the film goes on as zeros, up to size. */
typedef struct sparse {
    const b_buf *head;
    uint64_t size;
} sparse;

static int64_t sparse_read(void *user, uint64_t offset, void *buf, size_t n)
{
    const sparse *s = user;
    size_t there = offset < s->head->size ? s->head->size - (size_t)offset : 0;
    there = there < n ? there : n;
    if (there)
        memcpy(buf, s->head->data + offset, there);
    memset((uint8_t *)buf + there, 0, n - there);
    return (int64_t)n;
}

static int sparse_size(void *user, uint64_t *size)
{
    *size = ((const sparse *)user)->size;
    return REEL_OK;
}

static film open_sparse(const b_buf *b, sparse *s, uint64_t size)
{
    film f = {.b = *b};
    *s = (sparse){b, size};
    const reel_source_io io = {sizeof io, sparse_read, sparse_size, NULL, s};
    reel_error err;
    assert_int_equal(reel_source_callback(&io, &f.source, NULL), REEL_OK);
    assert_int_equal(reel_open(f.source, NULL, &f.movie, &err), REEL_OK);
    f.track = reel_movie_track(f.movie, 0);
    return f;
}

static void done(film *f)
{
    reel_close(&f->movie);
    reel_source_unref(&f->source);
    b_free(&f->b);
}

/* 18 million AAC frames: 106 hours of sound, 72 MB of sizes, chunks of 50 beyond 4 GB. */
static void eighteen_million_samples_of_sound(void **state)
{
    enum { N = 18000000, EACH = 50, CHUNKS = N / EACH };
    (void)state;
    uint32_t *sizes = malloc(N * sizeof *sizes);
    uint64_t *chunks = malloc(CHUNKS * sizeof *chunks), at = 0;
    b_buf sound = {0}, b = {0};
    assert_true(sizes && chunks);
    for (uint32_t i = 0; i < N; i++) {
        if (i % EACH == 0)
            chunks[i / EACH] = at;
        sizes[i] = 400 + i % 7;
        at += sizes[i];
    }
    b_audio(&sound, "mp4a", 2, 48000);
    b_end(&sound);
    b_track t = {.handler = "soun", .timescale = 48000, .entries = &sound, .stts = (b_run[]){{N, 1024}}, .stts_n = 1,
                 .stsc = (b_chunks[]){{1, EACH, 1}}, .stsc_n = 1, .sizes = sizes, .samples = N, .chunks = chunks,
                 .chunk_n = CHUNKS, .co64 = true};
    b_film(&b, &(b_movie){.track = &t, .tracks = 1, .media_size = 8});
    uint64_t media = b_media_at(&b);
    sparse s;
    film f = open_sparse(&b, &s, media + at);
    uint64_t state_of_chance = 1, count;
    assert_int_equal(reel_track_sample_count(f.track, &count, NULL), REEL_OK);
    assert_int_equal(count, N);
    for (int i = 0; i < PROBES; i++) {
        uint32_t n = i < 100 ? N - 1 - (uint32_t)i : b_below(&state_of_chance, N);
        reel_sample got;
        uint64_t found, before = chunks[n / EACH];
        for (uint32_t k = n - n % EACH; k < n; k++)
            before += sizes[k];
        assert_int_equal(reel_track_sample(f.track, n, &got, NULL), REEL_OK);
        assert_int_equal(got.dts, (int64_t)n * 1024);
        assert_int_equal(got.size, sizes[n]);
        assert_int_equal(got.offset, media + before);
        assert_int_equal(reel_track_find_pts(f.track, got.pts + 1023, &found, NULL), REEL_OK);
        assert_int_equal(found, n);
    }
    done(&f);
    b_free(&sound);
    free(sizes);
    free(chunks);
}

/*
 * 25 hours at 60000/1001 with B frames, each sample with a ctts entry of its own: 43 MB of ctts, 21 MB of stsz. Decode order
 * I P B B P B B ..., a key frame every 60.
 */
static void twenty_five_hours_of_pictures(void **state)
{
    enum { N = 5394600, GOP = 60, TICKS = 1001 };
    (void)state;
    b_run *ctts = malloc(N * sizeof *ctts);
    uint32_t *sizes = malloc(N * sizeof *sizes), *stss = malloc(N / GOP * sizeof *stss);
    static const uint64_t chunks[] = {0};
    b_buf b = {0};
    uint64_t all = 0;
    assert_true(ctts && sizes && stss);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t in_gop = i % GOP;
        ctts[i] = (b_run){1, in_gop == 0 ? 2 * TICKS : in_gop % 3 == 1 && in_gop < GOP - 2 ? 4 * TICKS : in_gop < GOP - 2 ? TICKS : 2 * TICKS};
        sizes[i] = 5000 + i % 11;
        all += sizes[i];
        if (in_gop == 0)
            stss[i / GOP] = i + 1;
    }
    b_track t = {.timescale = 60000, .stts = (b_run[]){{N, TICKS}}, .stts_n = 1, .ctts = ctts, .ctts_n = N, .stss = stss,
                 .stss_n = N / GOP, .has_stss = true, .stsc = (b_chunks[]){{1, N, 1}}, .stsc_n = 1, .sizes = sizes,
                 .samples = N, .chunks = chunks, .chunk_n = 1, .co64 = true};
    b_film(&b, &(b_movie){.track = &t, .tracks = 1, .media_size = 8});
    uint64_t media = b_media_at(&b);
    sparse s;
    film f = open_sparse(&b, &s, media + all);
    uint64_t state_of_chance = 2;
    for (int i = 0; i < PROBES; i++) {
        uint32_t n = i < 100 ? N - 1 - (uint32_t)i : b_below(&state_of_chance, N);
        reel_sample got, entry, target;
        assert_int_equal(reel_track_sample(f.track, n, &got, NULL), REEL_OK);
        assert_int_equal(got.dts, (int64_t)n * TICKS);
        assert_int_equal(got.pts, got.dts + (int64_t)ctts[n].value);
        assert_int_equal(!!(got.flags & REEL_SAMPLE_SYNC), n % GOP == 0);
        /* 11 sizes in turn: the sum of any n is known */
        uint64_t before = (uint64_t)n * 5000 + (uint64_t)(n / 11) * 55 + (uint64_t)(n % 11) * (n % 11 - (n % 11 > 0)) / 2;
        assert_int_equal(got.offset, media + before);
        assert_int_equal(reel_track_seek(f.track, got.pts, REEL_SEEK_PREVIOUS, &entry, &target, NULL), REEL_OK);
        assert_int_equal(target.pts, got.pts);
        assert_int_equal(entry.index, n / GOP * GOP);
    }
    done(&f);
    free(ctts);
    free(sizes);
    free(stss);
}

/* Timescales that nobody would choose. */
static void odd_timescales(void **state)
{
    static const uint32_t scales[] = {1, 7, 999983, 10000000, 0x7fffffff, 0xffffffff};
    (void)state;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        for (size_t k = 0; k < sizeof scales / sizeof *scales; k++) {
            static const uint64_t chunks[] = {0};
            const b_edit edits[] = {{scales[k] / 2, -1, 0x10000}, {0, 3, 0x10000}};
            b_track t = {.timescale = scales[i], .stts = (b_run[]){{100, scales[i] / 30 + 1}}, .stts_n = 1,
                         .stsc = (b_chunks[]){{1, 100, 1}}, .stsc_n = 1, .samples = 100, .uniform_size = 1, .chunks = chunks,
                         .chunk_n = 1, .edits = edits, .edit_n = 2};
            film f = {0};
            reel_moment m;
            int64_t back, start;
            b_film(&f.b, &(b_movie){.timescale = scales[k], .track = &t, .tracks = 1, .media_size = 100});
            assert_int_equal(reel_source_memory(f.b.data, f.b.size, NULL, NULL, &f.source), REEL_OK);
            assert_int_equal(reel_open(f.source, NULL, &f.movie, NULL), REEL_OK);
            f.track = reel_movie_track(f.movie, 0);
            start = reel_rescale(scales[k] / 2, scales[k], scales[i]);
            assert_int_equal(reel_track_media_time(f.track, start, &m), REEL_OK);
            assert_int_equal(m.media_time, 3);
            assert_int_equal(reel_track_presentation_time(f.track, 3, 0, &back), REEL_OK);
            assert_int_equal(back, start);
            done(&f);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eighteen_million_samples_of_sound),
        cmocka_unit_test(twenty_five_hours_of_pictures),
        cmocka_unit_test(odd_timescales),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
