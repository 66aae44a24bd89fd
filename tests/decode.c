/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoder: src/frame/decode. That its pictures are the right ones is the business of tests/decode_films.py; here
 * is what a caller can do to it, and what films can.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include <reel/reel.h>

#include <cmocka.h>

#include "build.h"
#include "counted.h"
#include "decode_help.h"

#define H264 "-c:v libx264 -preset fast -bf 2 -g 10 -keyint_min 10 -sc_threshold 0"
#define AV1 "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 10"

enum { MOST = 400 };

/* ---- films ---- */

static film h264, open_gop, av1, vp9, mpeg4, hevc, still;

static int make_films(void **state)
{
    (void)state;
    film_make(&h264, "160x120", 60, H264);
    film_make(&open_gop, "96x64", 60, H264 " -bf 3 -x264-params open-gop=1");
    film_make(&av1, "96x64", 60, AV1);
    film_make(&vp9, "96x64", 40, "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 10");
    film_make(&mpeg4, "96x64", 40, "-c:v mpeg4 -bf 2 -g 12");
    film_make(&hevc, "96x64", 40, "-c:v libx265 -preset ultrafast -x265-params "
                              "keyint=10:min-keyint=10:bframes=3:scenecut=0:log-level=none");
    film_make(&still, "96x64", 20, "-c:v mjpeg -q:v 3 -pix_fmt yuvj420p");
    return 0;
}

static int free_films(void **state)
{
    (void)state;
    film *all[] = {&h264, &open_gop, &av1, &vp9, &mpeg4, &hevc, &still};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        film_free(all[i]);
    return 0;
}

static void need(const film *f)
{
    if (!f->data)
        skip();
}

static reel_decoder_options plain(void)
{
    return (reel_decoder_options){.sizeof_options = sizeof(reel_decoder_options), .threads = 1};
}

static reel_decoder *decoder_of(const reel_movie *movie, const reel_decoder_options *o)
{
    reel_decoder *dec = NULL;
    reel_error err = {0};
    int rc = reel_decoder_open(film_pictures(movie), o, &dec, &err);
    if (rc != REEL_OK)
        print_message("%s\n", err.text);
    assert_int_equal(rc, REEL_OK);
    return dec;
}

static reel_decoder_stats stats_of(const reel_decoder *dec)
{
    reel_decoder_stats s;
    reel_decoder_get_stats(dec, &s);
    return s;
}

typedef struct listing {
    size_t n;
    struct {
        uint64_t index;
        uint32_t flags;
        char md5[33];
    } at[MOST];
} listing;

static void list_frame(reel_decoder *dec, reel_frame **f, listing *l)
{
    reel_sample s = {.index = REEL_NO_INDEX};
    reel_decoder_sample(dec, &s);
    assert_true(l->n < MOST);
    l->at[l->n].index = s.index;
    l->at[l->n].flags = (*f)->flags;
    frame_md5(dec, *f, l->at[l->n++].md5);
    reel_frame_unref(f);
}

static void list_all(reel_decoder *dec, listing *l)
{
    reel_frame *f;
    int rc;
    l->n = 0;
    while ((rc = reel_decoder_next(dec, &f, NULL)) == REEL_OK)
        list_frame(dec, &f, l);
    assert_int_equal(rc, REEL_END);
}

static void list_film(const film *from, const reel_decoder_options *o, listing *l)
{
    reel_movie *movie = film_open(from);
    reel_decoder *dec = decoder_of(movie, o);
    list_all(dec, l);
    reel_decoder_close(&dec);
    reel_close(&movie);
}

static void same_listing(const listing *a, const listing *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        assert_int_equal(a->at[i].index, b->at[i].index);
        assert_int_equal(a->at[i].flags, b->at[i].flags);
        assert_string_equal(a->at[i].md5, b->at[i].md5);
    }
}

static uint64_t samples_of(const film *f)
{
    uint64_t n = 0;
    reel_movie *movie = film_open(f);
    reel_track_sample_count(film_pictures(movie), &n, NULL);
    reel_close(&movie);
    return n;
}

/* ---- tests ---- */

static void test_null(void **state)
{
    (void)state;
    reel_decoder *dec = NULL;
    reel_frame *f = NULL;
    reel_error err;
    reel_decoder_stats s = {.frames = 7};
    assert_int_equal(reel_decoder_open(NULL, NULL, &dec, &err), REEL_E_ARG);
    f = (reel_frame *)(uintptr_t)&err;
    assert_int_equal(reel_decoder_next(NULL, &f, &err), REEL_E_ARG);
    assert_null(f);
    f = (reel_frame *)(uintptr_t)&err;
    assert_int_equal(reel_decoder_receive(NULL, &f, &err), REEL_E_ARG);
    assert_null(f);
    assert_int_equal(reel_decoder_send(NULL, NULL, &err), REEL_E_ARG);
    assert_int_equal(reel_decoder_seek(NULL, 0, &err), REEL_E_ARG);
    assert_int_equal(reel_decoder_only(NULL, NULL, 0, &err), REEL_E_ARG);
    assert_int_equal(reel_decoder_sample(NULL, NULL), REEL_E_NOT_FOUND);
    assert_int_equal(reel_decoder_format(NULL, NULL), REEL_E_NOT_FOUND);
    reel_decoder_close(NULL);
    reel_decoder_close(&dec);
    reel_decoder_flush(NULL);
    reel_decoder_interrupt(NULL);
    reel_decoder_get_stats(NULL, &s);
    assert_int_equal(s.frames, 0);
    reel_decoder_get_stats(NULL, NULL);
    assert_string_equal(reel_decoder_codec(NULL), "none");
    assert_string_equal(reel_decoder_format_name(REEL_PIXEL_I420), "yuv420p");
    assert_string_equal(reel_decoder_format_name(0), "?");
}

static film patched(const film *from, const char *old, const char *new)
{
    film f = {malloc(from->size), from->size};
    memcpy(f.data, from->data, f.size);
    for (size_t i = 0; i + 4 <= f.size; i++)
        if (memcmp(f.data + i, old, 4) == 0)
            memcpy(f.data + i, new, 4);
    return f;
}

static void refuses(const film *f, int code, const char *sentence)
{
    reel_movie *movie = film_open(f);
    reel_decoder *dec = NULL;
    reel_error err = {0};
    assert_int_equal(reel_decoder_open(film_pictures(movie), NULL, &dec, &err), code);
    assert_null(dec);
    if (!strstr(err.text, sentence))
        fail_msg("\"%s\", not \"%s\"", err.text, sentence);
    reel_close(&movie);
}

static void test_refuses(void **state)
{
    (void)state;
    film f, secret;
    need(&h264);
    f = patched(&h264, "avc1", "xyz1");
    refuses(&f, REEL_E_UNSUPPORTED, "'xyz1'");
    film_free(&f);
    need(&av1);
    f = patched(&av1, "av01", "vvc1");
    if (!decoder_exists("vvc")) /* from FFmpeg 7.1 on */
        refuses(&f, REEL_E_UNSUPPORTED, "vvc");
    film_free(&f);
    if (film_make(&secret, "96x64", 10, H264 " -encryption_scheme cenc-aes-ctr "
                  "-encryption_key 00112233445566778899aabbccddeeff -encryption_kid 00112233445566778899aabbccddee00"))
        refuses(&secret, REEL_E_UNSUPPORTED, "encrypted");
    film_free(&secret);
}

static void test_wrong_options(void **state)
{
    (void)state;
    need(&h264);
    reel_movie *movie = film_open(&h264);
    reel_decoder *dec = NULL;
    reel_decoder_options o = plain();
    o.discard = 9;
    assert_int_equal(reel_decoder_open(film_pictures(movie), &o, &dec, NULL), REEL_E_ARG);
    o = plain();
    o.sizeof_options = 8;
    assert_int_equal(reel_decoder_open(film_pictures(movie), &o, &dec, NULL), REEL_E_ARG);
    assert_int_equal(reel_decoder_open(film_pictures(movie), NULL, NULL, NULL), REEL_E_ARG);
    reel_close(&movie);
}

static void test_in_the_pool(void **state)
{
    (void)state;
    need(&h264);
    reel_movie *movie = film_open(&h264);
    reel_decoder *dec = decoder_of(movie, NULL);
    reel_frame *f;
    reel_sample s;
    reel_format format;
    uint64_t n = 0;
    assert_int_equal(reel_decoder_sample(dec, &s), REEL_E_NOT_FOUND);
    for (int64_t last = INT64_MIN; reel_decoder_next(dec, &f, NULL) == REEL_OK; n++) {
        assert_int_equal(reel_decoder_sample(dec, &s), REEL_OK);
        assert_true(f->pts > last && f->pts == s.pts && f->duration == s.duration && f->timescale);
        assert_true(f->width == 160 && f->height == 120 && f->format == REEL_PIXEL_I420);
        assert_true(reel_buffer_size(f->buffer) > 160 * 120 * 3 / 2 && reel_frame_alignment(f) >= 64);
        assert_int_equal(!!(f->flags & REEL_FRAME_KEY), !!(s.flags & REEL_SAMPLE_SYNC));
        last = f->pts;
        reel_frame_unref(&f);
    }
    assert_int_equal(reel_decoder_format(dec, &format), REEL_OK);
    assert_int_equal(format.planes, 3);
    reel_decoder_stats st = stats_of(dec);
    assert_true(n == 60 && st.frames == 60 && st.packets == 60 && st.pools == 1 && st.wrapped == 0);
    assert_true(st.errors == 0 && st.lost == 0 && st.damaged == 0 && st.refused == 0);
    assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_END);
    reel_decoder_close(&dec);
    reel_close(&movie);
}

/* Only what lies at the very end of the memory is copied. */
static void test_copies(void **state)
{
    (void)state;
    film big;
    if (!film_make(&big, "320x240", 60, H264 " -movflags +faststart"))
        skip();
    reel_movie *movie = film_open(&big);
    reel_decoder *dec = decoder_of(movie, NULL);
    listing l;
    list_all(dec, &l);
    reel_decoder_stats s = stats_of(dec);
    assert_true(s.packets == 60 && s.copies > 0 && s.copies < 40);
    reel_decoder_close(&dec);
    reel_close(&movie);
    film_free(&big);
}

static void allocates_nothing(const film *from)
{
    reel_movie *movie = film_open(from);
    reel_decoder_options o = plain();
    reel_decoder *dec = decoder_of(movie, &o);
    reel_frame *f;
    for (int i = 0; i < 30; i++) {
        assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
        reel_frame_unref(&f);
    }
    size_t before = mallocs;
    for (int i = 30; i < 60; i++) {
        assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
        reel_frame_unref(&f);
    }
    assert_int_equal(mallocs - before, 0);
    assert_int_equal(reel_track_prepare(film_pictures(movie), true, NULL), REEL_OK);
    assert_int_equal(reel_decoder_seek(dec, 50, NULL), REEL_OK); /* the tables' running totals are made now */
    before = mallocs;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(reel_decoder_seek(dec, (uint64_t)(i * 7), NULL), REEL_OK);
        assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
        reel_frame_unref(&f);
    }
    assert_int_equal(mallocs - before, 0);
    reel_decoder_close(&dec);
    reel_close(&movie);
}

static void test_no_mallocs(void **state)
{
    (void)state;
    need(&h264);
    free(malloc(1));
    assert_true(mallocs > 0);
    allocates_nothing(&h264);
    need(&av1);
    allocates_nothing(&av1); /* in the codec's own memory */
}

static void test_frames_outlive(const film *from)
{
    enum { HELD = 8 };
    reel_movie *movie = film_open(from);
    reel_decoder *dec = decoder_of(movie, NULL), *other;
    reel_frame *f[HELD];
    char md5[HELD][33], again[33];
    for (int i = 0; i < HELD; i++) {
        assert_int_equal(reel_decoder_next(dec, &f[i], NULL), REEL_OK);
        frame_md5(dec, f[i], md5[i]);
    }
    other = decoder_of(movie, NULL);
    reel_frame *g;
    for (int i = 0; i < 20; i++)
        if (reel_decoder_next(dec, &g, NULL) == REEL_OK)
            reel_frame_unref(&g);
    assert_int_equal(reel_decoder_next(other, &g, NULL), REEL_OK); /* so that other knows the format */
    reel_frame_unref(&g);
    reel_decoder_close(&dec);
    reel_close(&movie);
    for (int i = 0; i < HELD; i++) {
        frame_md5(other, f[i], again);
        assert_string_equal(again, md5[i]);
        reel_frame_unref(&f[i]);
    }
    reel_decoder_close(&other);
}

static void test_held(void **state)
{
    (void)state;
    need(&h264);
    test_frames_outlive(&h264);
    need(&av1);
    test_frames_outlive(&av1);
}

static reel_pool *pool_of(size_t bytes, uint32_t most)
{
    reel_pool_options o = {.sizeof_options = sizeof o, .buffer_size = bytes, .max_buffers = most};
    reel_pool *pool = NULL;
    assert_int_equal(reel_pool_open(&o, &pool, NULL), REEL_OK);
    return pool;
}

static void test_callers_pool(void **state)
{
    (void)state;
    need(&h264);
    listing want, got;
    reel_decoder_options o = plain();
    list_film(&h264, &o, &want);
    for (size_t bytes = 4096; bytes <= 1 << 20; bytes <<= 8) {
        reel_movie *movie = film_open(&h264);
        o.pool = pool_of(bytes, 64);
        reel_decoder *dec = decoder_of(movie, &o);
        list_all(dec, &got);
        reel_decoder_stats s = stats_of(dec);
        same_listing(&got, &want);
        assert_true(bytes > 4096 ? s.pools == 0 && s.unfit == 0 : s.pools == 1 && s.unfit >= 60);
        reel_decoder_close(&dec);
        reel_pool_close(&o.pool);
        reel_close(&movie);
    }
}

/* Who holds all frames gets REEL_E_AGAIN, and when he lets go the film goes on as if nothing had been. */
static void test_all_held(void **state)
{
    (void)state;
    enum { POOL = 12 };
    need(&h264);
    listing want, got = {.n = 0};
    reel_decoder_options o = plain();
    list_film(&h264, &o, &want);
    reel_movie *movie = film_open(&h264);
    o.pool = pool_of(1 << 20, POOL);
    reel_decoder *dec = decoder_of(movie, &o);
    reel_frame *f[POOL];
    reel_error err;
    int held = 0, stuck = 0, rc = REEL_OK;
    while (rc != REEL_END) {
        assert_true(held < POOL);
        rc = reel_decoder_next(dec, &f[held], &err);
        held += rc == REEL_OK;
        if (rc == REEL_OK)
            continue;
        assert_true(rc == REEL_E_AGAIN || rc == REEL_END);
        assert_true(rc == REEL_END || strstr(err.text, "held"));
        stuck += rc == REEL_E_AGAIN;
        for (int i = 0; i < held; i++) {
            frame_md5(dec, f[i], got.at[got.n].md5);
            got.n++;
            reel_frame_unref(&f[i]);
        }
        held = 0;
    }
    assert_true(stuck > 2);
    assert_int_equal(got.n, want.n);
    for (size_t i = 0; i < want.n; i++)
        assert_string_equal(got.at[i].md5, want.at[i].md5);
    assert_int_equal(stats_of(dec).lost, 0);
    reel_decoder_close(&dec);
    reel_pool_close(&o.pool);
    reel_close(&movie);
}

/* A pool of fewer buffers than the codec keeps: said so, not "again" for ever. */
static void test_pool_too_small(void **state)
{
    (void)state;
    need(&h264);
    reel_movie *movie = film_open(&h264);
    for (uint32_t most = 1; most <= 2; most++) {
        reel_decoder_options o = plain();
        reel_frame *f;
        reel_error err;
        int rc = REEL_OK;
        o.pool = pool_of(1 << 20, most);
        reel_decoder *dec = decoder_of(movie, &o);
        for (int i = 0; i < 60 && rc == REEL_OK; i++) {
            rc = reel_decoder_next(dec, &f, &err);
            reel_frame_unref(&f);
        }
        assert_int_equal(rc, REEL_E_FULL);
        assert_non_null(strstr(err.text, "needs more"));
        reel_decoder_close(&dec);
        reel_pool_close(&o.pool);
    }
    reel_close(&movie);
}

static void test_budget(void **state)
{
    (void)state;
    need(&h264);
    reel_movie *movie = film_open(&h264);
    reel_decoder_options o = plain();
    o.most_packets = 1;
    reel_decoder *dec = decoder_of(movie, &o);
    reel_frame *f;
    int frames = 0, again = 0;
    for (int rc; (rc = reel_decoder_next(dec, &f, NULL)) != REEL_END;) {
        assert_true(rc == REEL_OK || rc == REEL_E_AGAIN);
        frames += rc == REEL_OK;
        again += rc == REEL_E_AGAIN;
        reel_frame_unref(&f);
    }
    assert_true(frames == 60 && again > 0);
    reel_decoder_close(&dec);
    o = plain();
    o.budget_ns = 1; /* a sample a call gets through all the same */
    dec = decoder_of(movie, &o);
    assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_E_AGAIN);
    for (int rc; (rc = reel_decoder_next(dec, &f, NULL)) != REEL_END; reel_frame_unref(&f))
        assert_true(rc == REEL_OK || rc == REEL_E_AGAIN);
    assert_int_equal(stats_of(dec).frames, 60);
    reel_decoder_close(&dec);
    reel_close(&movie);
}

static void test_discard(void **state)
{
    (void)state;
    static const size_t most[] = {60, 59, 59, 20, 6};
    need(&h264);
    for (uint32_t level = REEL_DISCARD_NONE; level <= REEL_DISCARD_NONKEY; level++) {
        listing l;
        reel_decoder_options o = plain();
        o.discard = level;
        list_film(&h264, &o, &l);
        assert_true(l.n >= 6 && l.n <= most[level]);
    }
}

/* Wanted pictures that are shown before the sync sample that they follow in the file. */
static void test_open_gop(void **state)
{
    (void)state;
    need(&open_gop);
    listing l;
    reel_decoder_options o = plain();
    list_film(&open_gop, &o, &l);
    assert_int_equal(l.n, 60);
    for (uint32_t threads = 1; threads <= 4; threads += 3)
        for (size_t i = l.n; i-- > 0;) {
            reel_movie *movie = film_open(&open_gop);
            o.threads = threads;
            reel_decoder *dec = decoder_of(movie, &o);
            reel_frame *f;
            char md5[33];
            assert_int_equal(reel_decoder_seek(dec, l.at[i].index, NULL), REEL_OK);
            for (size_t k = i; k < l.n && k < i + 3; k++) {
                assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
                frame_md5(dec, f, md5);
                assert_string_equal(md5, l.at[k].md5);
                assert_int_equal(f->flags & REEL_FRAME_DAMAGED, 0);
                reel_frame_unref(&f);
            }
            reel_decoder_close(&dec);
            reel_close(&movie);
        }
}

/* Without a seek too: of all the film these come out, in the order in which they are shown. */
static void test_only(void **state)
{
    (void)state;
    static const uint64_t some[] = {3, 3, 7, 40}, wrong[] = {7, 3};
    film f;
    if (!film_make(&f, "128x96", 60, "-c:v libx264 -g 20 -bf 2 -f mp4"))
        skip();
    reel_movie *movie = film_open(&f);
    reel_decoder *dec = NULL;
    reel_decoder_stats st;
    reel_frame *frame;
    reel_sample s;
    unsigned seen = 0;
    assert_int_equal(reel_decoder_open(film_pictures(movie), NULL, &dec, NULL), REEL_OK);
    assert_int_equal(reel_decoder_only(dec, NULL, 1, NULL), REEL_E_ARG);
    assert_int_equal(reel_decoder_only(dec, wrong, 2, NULL), REEL_E_ARG);
    assert_int_equal(reel_decoder_only(dec, some, 4, NULL), REEL_OK);
    while (reel_decoder_next(dec, &frame, NULL) == REEL_OK) {
        assert_int_equal(reel_decoder_sample(dec, &s), REEL_OK);
        assert_true(s.index == 3 || s.index == 7 || s.index == 40);
        seen++;
        reel_frame_unref(&frame);
    }
    assert_int_equal(seen, 3);
    reel_decoder_get_stats(dec, &st);
    assert_true(st.packets < 41 && st.packets + st.skipped == 41);
    /* All again: what was left out is not missing now. */
    assert_int_equal(reel_decoder_only(dec, NULL, 0, NULL), REEL_OK);
    assert_int_equal(reel_decoder_seek(dec, 0, NULL), REEL_OK);
    for (seen = 0; reel_decoder_next(dec, &frame, NULL) == REEL_OK; seen++)
        reel_frame_unref(&frame);
    assert_int_equal(seen, 60);
    reel_decoder_close(&dec);
    reel_close(&movie);
    film_free(&f);
}

static void test_seek_errors(void **state)
{
    (void)state;
    need(&h264);
    reel_movie *movie = film_open(&h264);
    reel_decoder *dec = decoder_of(movie, NULL);
    reel_frame *f;
    reel_sample s;
    assert_int_equal(reel_decoder_seek(dec, 60, NULL), REEL_E_RANGE);
    assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
    reel_decoder_sample(dec, &s);
    assert_int_equal(s.index, 0);
    reel_frame_unref(&f);
    for (int i = 0; i < 2; i++) { /* also from behind the end */
        assert_int_equal(reel_decoder_seek(dec, 59, NULL), REEL_OK);
        while (reel_decoder_next(dec, &f, NULL) == REEL_OK)
            reel_frame_unref(&f);
    }
    assert_int_equal(reel_decoder_seek(dec, 0, NULL), REEL_OK);
    assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
    reel_frame_unref(&f);
    reel_decoder_close(&dec);
    reel_close(&movie);
}

/* ---- two sample descriptions ---- */

static void plays_both(const char *other)
{
    film a, b, both;
    if (!film_make(&a, "96x64", 20, H264) || !film_make(&b, "64x96", 20, other))
        skip();
    both = film_joined(&a, &b);
    listing la, lb, l;
    assert_non_null(both.data);
    for (uint32_t threads = 1; threads <= 4; threads += 3) {
        reel_decoder_options o = plain();
        o.threads = threads;
        list_film(&a, &o, &la);
        list_film(&b, &o, &lb);
        reel_movie *movie = film_open(&both);
        reel_decoder *dec = decoder_of(movie, &o);
        list_all(dec, &l);
        assert_int_equal(l.n, la.n + lb.n);
        for (size_t i = 0; i < l.n; i++)
            assert_string_equal(l.at[i].md5, i < la.n ? la.at[i].md5 : lb.at[i - la.n].md5);
        assert_int_equal(stats_of(dec).switches, 1);
        for (size_t i = 0; i < l.n; i += 3) { /* there and back */
            size_t k = i % 2 ? i : l.n - 1 - i;
            reel_frame *f;
            char md5[33];
            assert_int_equal(reel_decoder_seek(dec, l.at[k].index, NULL), REEL_OK);
            assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
            frame_md5(dec, f, md5);
            assert_string_equal(md5, l.at[k].md5);
            reel_frame_unref(&f);
        }
        reel_decoder_close(&dec);
        reel_close(&movie);
    }
    film_free(&a);
    film_free(&b);
    film_free(&both);
}

/* The size changes in the middle, and the codec. */
static void test_descriptions(void **state)
{
    (void)state;
    plays_both(H264);
    plays_both(H264 " -pix_fmt yuv444p");
    plays_both("-c:v mpeg4 -bf 2 -g 12");
    plays_both(AV1);
}

/* ---- damage ---- */

static uint64_t chance(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Garbage in the middle of a GOP: what follows is lost up to the next sync sample, which is as it was. */
static void test_lost_sample(void **state)
{
    (void)state;
    need(&h264);
    listing want, got;
    reel_decoder_options o = plain();
    list_film(&h264, &o, &want);
    film f = {malloc(h264.size), h264.size};
    memcpy(f.data, h264.data, f.size);
    reel_movie *movie = film_open(&f);
    reel_sample s;
    reel_track_sample(film_pictures(movie), 23, &s, NULL);
    memset(f.data + s.offset, 0xff, s.size);
    reel_decoder *dec = decoder_of(movie, &o);
    list_all(dec, &got);
    reel_decoder_stats st = stats_of(dec);
    assert_true(st.errors >= 1 && st.resyncs == 1 && st.lost >= 1);
    assert_int_equal(got.n + st.lost, 60);
    size_t same = 0;
    for (size_t i = 0; i < got.n; i++) {
        size_t k = 0;
        while (want.at[k].index != got.at[i].index)
            k++;
        bool outside = got.at[i].index < 23 || got.at[i].index >= 30;
        same += strcmp(got.at[i].md5, want.at[k].md5) == 0;
        if (outside)
            assert_string_equal(got.at[i].md5, want.at[k].md5);
        assert_int_equal(!!(got.at[i].flags & REEL_FRAME_DAMAGED), !outside);
    }
    assert_true(same >= 53);
    reel_decoder_close(&dec);
    reel_close(&movie);
    film_free(&f);
}

static void count_reports(void *user, const reel_error *what)
{
    assert_true(what->code < 0 && what->text[0]);
    ++*(uint64_t *)user;
}

static void flip_and_decode(const film *from, uint64_t seed, uint32_t threads, uint32_t flags)
{
    film f = {malloc(from->size), from->size};
    uint64_t reports = 0, n = samples_of(from);
    memcpy(f.data, from->data, f.size);
    reel_movie *movie = film_open(&f);
    for (uint64_t i = 0; i < 12; i++) { /* only within samples: the tables stay */
        reel_sample s;
        reel_track_sample(film_pictures(movie), chance(&seed) % n, &s, NULL);
        f.data[s.offset + chance(&seed) % s.size] ^= (uint8_t)(1u << (chance(&seed) % 8));
    }
    reel_decoder_options o = plain();
    o.threads = threads;
    o.flags = flags;
    o.report = count_reports;
    o.report_user = &reports;
    reel_decoder *dec = decoder_of(movie, &o);
    listing l;
    list_all(dec, &l);
    reel_decoder_stats s = stats_of(dec);
    /* One that the codec passes over in silence, or one that came out after all with errors on its way. */
    assert_true(l.n + s.lost + 2 >= n && l.n + s.lost <= n + 2);
    assert_true(l.n <= n && s.lost <= n);
    assert_int_equal(reports, s.errors);
    for (int i = 0; i < 6; i++) {
        reel_frame *g;
        assert_int_equal(reel_decoder_seek(dec, chance(&seed) % n, NULL), REEL_OK);
        int rc = reel_decoder_next(dec, &g, NULL);
        assert_true(rc == REEL_OK || rc == REEL_END);
        reel_frame_unref(&g);
    }
    reel_decoder_close(&dec);
    reel_close(&movie);
    film_free(&f);
}

static void test_flips(void **state)
{
    (void)state;
    const film *all[] = {&h264, &open_gop, &av1, &vp9, &mpeg4, &hevc, &still};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (uint64_t seed = 1; seed <= 12 && all[i]->data; seed++)
            flip_and_decode(all[i], seed * 7919 + i, seed % 3 ? 1 : 4, seed % 4 == 0 ? REEL_DECODER_KEEP_DAMAGED : 0);
}

/* A film that ends in the middle. */
static void test_truncated(void **state)
{
    (void)state;
    film f, cut;
    if (!film_make(&f, "96x64", 40, H264 " -movflags +faststart"))
        skip();
    cut = (film){f.data, f.size - f.size / 3};
    reel_movie *movie = film_open(&cut);
    reel_decoder *dec = decoder_of(movie, NULL);
    listing l;
    list_all(dec, &l);
    reel_decoder_stats s = stats_of(dec);
    assert_true(l.n > 5 && l.n < 40 && s.lost > 0 && s.errors > 0);
    assert_int_equal(l.n + s.lost, 40);
    reel_decoder_close(&dec);
    reel_close(&movie);
    film_free(&f);
}

/* ---- memory that fails ---- */

typedef struct meter {
    size_t calls, fail_at;
    long live;
} meter;

static void *metered(void *user, void *p, size_t n)
{
    meter *m = user;
    if (n == 0) {
        m->live -= p != NULL;
        free(p);
        return NULL;
    }
    if (++m->calls == m->fail_at)
        return NULL;
    void *q = realloc(p, n);
    m->live += !p && q;
    return q;
}

static void fails_well(const film *from, const char *name)
{
    (void)name;
    size_t points = 0;
    for (size_t fail_at = 0; fail_at <= points; fail_at++) {
        meter m = {.fail_at = fail_at};
        const reel_allocator a = {metered, &m};
        reel_movie *movie = film_open(from);
        reel_decoder_options o = plain();
        reel_decoder *dec = NULL;
        reel_frame *f;
        o.alloc = &a;
        int rc = reel_decoder_open(film_pictures(movie), &o, &dec, NULL);
        assert_true(rc == REEL_OK || (rc == REEL_E_NOMEM && !dec && fail_at));
        for (int n = 0; dec && n < 30; n++) {
            rc = reel_decoder_next(dec, &f, NULL);
            assert_true(rc == REEL_OK || rc == REEL_END || (rc == REEL_E_NOMEM && fail_at));
            reel_frame_unref(&f);
        }
        reel_decoder_close(&dec);
        reel_close(&movie);
        assert_int_equal(m.live, 0);
        points = fail_at ? points : m.calls;
    }
    assert_true(points >= 3);
}

/* One request fails, each in its turn: all frames come, none of them damaged, when it is asked again. */
static void loses_nothing(const film *from, uint32_t threads, bool sound)
{
    listing want, got;
    reel_decoder_options o = plain();
    o.threads = threads;
    size_t points = 1;
    reel_movie *movie = film_open(from);
    const reel_track *track = sound ? film_sound(movie) : film_pictures(movie);
    for (size_t fail_at = 0; fail_at <= points; fail_at++) {
        meter m = {.fail_at = fail_at};
        const reel_allocator a = {metered, &m};
        reel_decoder *dec = NULL;
        reel_frame *f;
        o.alloc = &a;
        got.n = 0;
        int rc = reel_decoder_open(track, &o, &dec, NULL), again = 0;
        for (; dec && rc != REEL_END; reel_frame_unref(&f)) {
            rc = reel_decoder_next(dec, &f, NULL);
            assert_true(rc == REEL_OK || rc == REEL_END || (rc == REEL_E_NOMEM && fail_at && again++ < 3));
            if (rc == REEL_OK)
                list_frame(dec, &f, &got);
        }
        if (dec) {
            assert_true(!fail_at || again || m.calls < fail_at);
            assert_int_equal(stats_of(dec).lost + stats_of(dec).damaged + stats_of(dec).errors, 0);
            if (fail_at)
                same_listing(&got, &want);
            else
                want = got;
        }
        reel_decoder_close(&dec);
        points = fail_at ? points : m.calls;
    }
    reel_close(&movie);
}

static void test_no_memory_for_a_moment(void **state)
{
    (void)state;
    need(&h264);
    loses_nothing(&h264, 1, false);
    loses_nothing(&h264, 3, false);
    need(&open_gop);
    loses_nothing(&open_gop, 1, false);
    need(&av1);
    loses_nothing(&av1, 1, false);
}

/* Pictures that are too large: said with figures, and nothing is written to stderr. */
static void test_too_large(void **state)
{
    (void)state;
    need(&h264);
    reel_movie *movie = film_open(&h264);
    reel_decoder *dec = NULL;
    reel_decoder_options o = plain();
    reel_error err;
    int other[2], kept = dup(2);
    char said[256];
    o.most_pixels = 160 * 120 - 1;
    assert_int_equal(pipe(other), 0);
    dup2(other[1], 2);
    close(other[1]);
    int rc = reel_decoder_open(film_pictures(movie), &o, &dec, &err);
    dup2(kept, 2);
    close(kept);
    assert_int_equal(read(other[0], said, sizeof said), 0);
    close(other[0]);
    assert_int_equal(rc, REEL_E_CONFIG);
    assert_null(dec);
    assert_non_null(strstr(err.text, "160x120"));
    reel_close(&movie);
    o.most_pixels++;
    listing l;
    list_film(&h264, &o, &l);
    assert_int_equal(l.n, 60);
}

/* More frames than any pool may have are as many as it may have. */
static void test_many_frames(void **state)
{
    (void)state;
    static const uint32_t most[] = {4040, 4095, 65500, 65534, UINT32_MAX};
    need(&h264);
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        listing l;
        reel_decoder_options o = plain();
        o.frames = most[i];
        list_film(&h264, &o, &l);
        assert_int_equal(l.n, 60);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    need(&h264);
    fails_well(&h264, "h264");
    need(&av1);
    fails_well(&av1, "av1");
}

/* ---- what decoders read behind their pictures ---- */

enum { FENCES = 512, PAGE = 4096 };

typedef struct fences { /* what is behind each piece of memory may not be touched */
    struct {
        uint8_t *p, *base;
        size_t size, bytes;
    } at[FENCES];
} fences;

static void *fenced_new(fences *f, size_t n)
{
    size_t bytes = (n + 2 * PAGE - 1) / PAGE * PAGE, i = 0;
    while (i < FENCES && f->at[i].p)
        i++;
    uint8_t *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (i == FENCES || base == MAP_FAILED)
        return NULL;
    mprotect(base + bytes - PAGE, PAGE, PROT_NONE);
    f->at[i].base = base;
    f->at[i].bytes = bytes;
    f->at[i].size = n;
    f->at[i].p = (uint8_t *)((uintptr_t)(base + bytes - PAGE - n) & ~(uintptr_t)15);
    return f->at[i].p;
}

static void *fenced(void *user, void *p, size_t n)
{
    fences *f = user;
    void *q = n ? fenced_new(f, n) : NULL;
    size_t i = 0;
    while (p && i < FENCES && f->at[i].p != p)
        i++;
    if (!p || (n && !q))
        return q;
    assert_true(i < FENCES);
    if (q)
        memcpy(q, p, n < f->at[i].size ? n : f->at[i].size);
    munmap(f->at[i].base, f->at[i].bytes);
    f->at[i].p = NULL;
    return q;
}

static void fenced_film(const film *from)
{
    static fences f;
    const reel_allocator a = {fenced, &f};
    reel_decoder_options o = plain();
    listing want, got;
    list_film(from, &o, &want);
    o.alloc = &a;
    list_film(from, &o, &got);
    same_listing(&got, &want);
}

static void test_fences(void **state)
{
    (void)state;
    const film *all[] = {&h264, &open_gop, &av1, &vp9, &mpeg4, &hevc, &still};
    static const char *const sizes[] = {"98x66", "130x98", "322x242", "720x406"};
    static const char *const codecs[] = {H264, "-c:v mpeg4 -bf 2", "-c:v mpeg2video -bf 2", "-c:v prores_ks -f mov",
                                         "-c:v libx265 -preset ultrafast -x265-params log-level=none",
                                         "-c:v libvpx-vp9 -deadline realtime -cpu-used 8", "-c:v mjpeg -pix_fmt yuvj422p",
                                         "-c:v png -f mov -pix_fmt rgb24", H264 " -pix_fmt yuv444p10le"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->data)
            fenced_film(all[i]);
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            film f;
            if (film_make(&f, sizes[k], 8, codecs[i]))
                fenced_film(&f);
            film_free(&f);
        }
}

/* ---- bytes that are late, interruptions ---- */

typedef struct late {
    const film *f;
    unsigned turn;
    bool on;
} late;

static int64_t late_read(void *user, uint64_t offset, void *buf, size_t n)
{
    late *l = user;
    if (l->on && l->turn++ % 2 == 0)
        return REEL_E_AGAIN;
    size_t left = offset < l->f->size ? l->f->size - (size_t)offset : 0;
    n = n < left ? n : left;
    memcpy(buf, l->f->data + offset, n);
    return (int64_t)n;
}

static int late_size(void *user, uint64_t *size)
{
    *size = ((late *)user)->f->size;
    return REEL_OK;
}

static void test_late_bytes(void **state)
{
    (void)state;
    need(&h264);
    listing want, got = {.n = 0};
    reel_decoder_options o = plain();
    list_film(&h264, &o, &want);
    late l = {.f = &h264};
    const reel_source_io io = {.sizeof_io = sizeof io, .read = late_read, .size = late_size, .user = &l};
    reel_source *source = NULL;
    reel_movie *movie = NULL;
    assert_int_equal(reel_source_callback(&io, &source, NULL), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &movie, NULL), REEL_OK);
    reel_source_unref(&source);
    reel_decoder *dec = decoder_of(movie, &o);
    reel_frame *f;
    l.on = true;
    for (int rc, again = 0; (rc = reel_decoder_next(dec, &f, NULL)) != REEL_END;) {
        assert_true(rc == REEL_OK || (rc == REEL_E_AGAIN && again++ < 1000));
        if (rc == REEL_OK)
            list_frame(dec, &f, &got);
    }
    same_listing(&got, &want);
    assert_int_equal(stats_of(dec).copies, 0); /* own buffers have zeros behind them */
    reel_decoder_close(&dec);
    reel_close(&movie);
}

static void test_interrupted(void **state)
{
    (void)state;
    need(&h264);
    reel_movie *movie = film_open(&h264);
    reel_decoder *dec = decoder_of(movie, NULL);
    reel_frame *f;
    assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
    reel_frame_unref(&f);
    reel_decoder_interrupt(dec);
    assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_E_CANCELLED);
    assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_E_CANCELLED);
    assert_int_equal(reel_decoder_seek(dec, 30, NULL), REEL_OK);
    assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
    reel_frame_unref(&f);
    reel_decoder_close(&dec);
    reel_close(&movie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null),       cmocka_unit_test(test_refuses),      cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_in_the_pool), cmocka_unit_test(test_copies),      cmocka_unit_test(test_no_mallocs),
        cmocka_unit_test(test_held),       cmocka_unit_test(test_callers_pool), cmocka_unit_test(test_all_held),
        cmocka_unit_test(test_budget),     cmocka_unit_test(test_discard),      cmocka_unit_test(test_open_gop),
        cmocka_unit_test(test_only),        cmocka_unit_test(test_seek_errors), cmocka_unit_test(test_descriptions), cmocka_unit_test(test_lost_sample),
        cmocka_unit_test(test_flips),      cmocka_unit_test(test_truncated),    cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_no_memory_for_a_moment), cmocka_unit_test(test_many_frames), cmocka_unit_test(test_too_large), cmocka_unit_test(test_pool_too_small),
        cmocka_unit_test(test_late_bytes), cmocka_unit_test(test_interrupted),  cmocka_unit_test(test_fences),
    };
    return cmocka_run_group_tests(tests, make_films, free_films);
}
