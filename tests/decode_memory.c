/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that libavcodec asks for and does not get, at every point of opening and decoding: an answer, no crash, nothing
 * that waits for ever; and after a seek all pictures are as they were. What reel itself asks for is in decode.c.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <reel/reel.h>

#include <cmocka.h>

#include "decode_help.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

enum { PICTURES = 12, MOST = 64 };

static atomic_long asked, fail_at; /* fail_at 0: never */
static atomic_bool for_good;       /* the one that fails and all behind it; else only that one */

#ifndef SANITIZED
static bool denied(void)
{
    long n = atomic_fetch_add(&asked, 1) + 1, at = atomic_load(&fail_at);
    return at && (n == at || (n > at && atomic_load(&for_good)));
}

/* What av_malloc is made of on every system with it: the program's own goes before libc's. */
__attribute__((visibility("default"))) int posix_memalign(void **out, size_t align, size_t n);
int posix_memalign(void **out, size_t align, size_t n)
{
    static int (*libc)(void **, size_t, size_t);
    if (!libc) {
        void *found = dlsym(RTLD_NEXT, "posix_memalign");
        memcpy(&libc, &found, sizeof libc);
    }
    return denied() ? 12 /* ENOMEM */ : libc(out, align, n);
}
#endif

typedef struct listing {
    char md5[MOST][33];
    uint64_t index[MOST];
    int n;
} listing;

/* All that comes, however often it has to be asked. l may be NULL. */
static void decode(reel_decoder *dec, listing *l)
{
    int patience = 200, rc = REEL_OK;
    if (l)
        l->n = 0;
    while (rc != REEL_END && patience-- > 0) {
        reel_frame *f;
        reel_sample s = {0};
        rc = reel_decoder_next(dec, &f, NULL);
        if (rc != REEL_OK)
            continue;
        if (l && l->n < MOST && reel_decoder_sample(dec, &s) == REEL_OK) {
            l->index[l->n] = s.index;
            frame_md5(dec, f, l->md5[l->n++]);
        }
        reel_frame_unref(&f);
    }
}

static void same(const listing *a, const listing *b)
{
    assert_int_equal(a->n, b->n);
    for (int i = 0; i < a->n; i++) {
        assert_int_equal(a->index[i], b->index[i]);
        assert_string_equal(a->md5[i], b->md5[i]);
    }
}

/* Open, decode, while the at-th request fails; then once more from the first with all the memory there is. */
static void once(const reel_track *track, long at, const listing *want)
{
    const reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 1, .wait_ns = 20000000};
    reel_decoder *dec = NULL;
    listing got;
    atomic_store(&asked, 0);
    atomic_store(&fail_at, at);
    int rc = reel_decoder_open(track, &o, &dec, NULL);
    if (rc == REEL_OK)
        decode(dec, NULL);
    atomic_store(&fail_at, 0);
    assert_true(rc <= 0 && (rc == REEL_OK) == (dec != NULL));
    if (dec && want) {
        assert_int_equal(reel_decoder_seek(dec, 0, NULL), REEL_OK);
        decode(dec, &got);
        same(want, &got);
    }
    reel_decoder_close(&dec);
}

static void everywhere(const char *arguments)
{
    film f;
    listing want;
    reel_decoder *dec = NULL;
    const reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 1};
#ifdef SANITIZED
    skip();
#endif
    if (!film_make(&f, "64x48", PICTURES, arguments))
        skip();
    reel_movie *movie = film_open(&f);
    const reel_track *track = film_pictures(movie);
    assert_int_equal(reel_decoder_open(track, &o, &dec, NULL), REEL_OK);
    decode(dec, &want);
    reel_decoder_close(&dec);
    once(track, 0, &want);
    long points = atomic_load(&asked);
    assert_true(points > 10);
    for (long at = 1; at <= points; at += at < 150 ? 1 : points / 100 + 1) {
        atomic_store(&for_good, false);
        once(track, at, &want);
        atomic_store(&for_good, true);
        once(track, at, &want);
    }
    reel_close(&movie);
    film_free(&f);
}

static void test_h264(void **state)
{
    (void)state;
    everywhere("-c:v libx264 -preset ultrafast -bf 2 -g 6");
}

static void test_hevc(void **state)
{
    (void)state;
    everywhere("-c:v libx265 -preset ultrafast -x265-params keyint=6:log-level=none");
}

/*
 * Not VP9: opening it, FFmpeg 5.1 splits a copy of its bitstream filters' names without looking whether there is one. Not
 * H.264 with frame threads: one that has no picture is copied from all the same, and an assertion ends the process.
 */

static void test_mpeg4(void **state)
{
    (void)state;
    everywhere("-c:v mpeg4 -bf 2 -g 6");
}

static void test_mjpeg(void **state)
{
    (void)state;
    everywhere("-c:v mjpeg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_h264), cmocka_unit_test(test_hevc),
                                       cmocka_unit_test(test_mpeg4), cmocka_unit_test(test_mjpeg)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
