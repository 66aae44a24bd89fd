/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sound in the decoder: src/frame/decode/sound.c, codec_sound.c. That its samples are the right ones is the business of
 * tests/decode_sounds.py; here is what of them is heard, and what a caller and films can do to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reel/frames.h>
#include <reel/player.h>
#include <reel/reel.h>

#include <cmocka.h>

#include "counted.h"
#include "decode_help.h"

#define AAC "-c:a aac -aac_pns 0"

enum { RATE = 48000, ALL = 2 * RATE, PACKET = 1024 };

static film aac, two_edits, flac, pcm, opus, tagged;

static int make_films(void **state)
{
    (void)state;
    film_make_sound(&aac, "mp4", AAC);
    film_make_sound(&two_edits, "mp4", AAC " -output_ts_offset 1");
    film_make_sound(&flac, "mp4", "-c:a flac");
    film_make_sound(&pcm, "mov", "-c:a pcm_s16le");
    film_make_sound(&opus, "mp4", "-c:a libopus");
    film_make_sound(&tagged, "m4a", AAC " -metadata comment="
                    "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
                    "ccc");
    return 0;
}

static int free_films(void **state)
{
    (void)state;
    film *all[] = {&aac, &two_edits, &flac, &pcm, &opus, &tagged};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        film_free(all[i]);
    return 0;
}

static void need(const film *f)
{
    if (!f->data)
        skip();
}

/* ---- a film and its decoder ---- */

typedef struct stage {
    reel_movie *movie;
    const reel_track *track;
    reel_decoder *dec;
} stage;

static stage stage_open(const film *f, const reel_decoder_options *o)
{
    stage s = {.movie = film_open(f)};
    reel_error err = {0};
    s.track = film_sound(s.movie);
    int rc = reel_decoder_open(s.track, o, &s.dec, &err);
    if (rc != REEL_OK)
        print_message("%s\n", err.text);
    assert_int_equal(rc, REEL_OK);
    return s;
}

static void stage_close(stage *s)
{
    reel_decoder_close(&s->dec);
    reel_close(&s->movie);
}

static reel_decoder_stats stats_of(const stage *s)
{
    reel_decoder_stats st;
    reel_decoder_get_stats(s->dec, &st);
    return st;
}

/* What is heard, by its media time: the left channel, NAN-like where nothing is. */
typedef struct heard {
    float *left;
    int64_t first, end, samples; /* end: of the last */
    bool wrong;                  /* something came twice, or out of order */
} heard;

enum { ROOM = ALL + 16 * PACKET };
static const float silent = 100;

static float left_of(const reel_frame *f, uint32_t i)
{
    float v;
    int16_t s;
    if (f->format == REEL_SOUND_F32P) {
        memcpy(&v, f->data[0] + (size_t)i * sizeof v, sizeof v);
        return v;
    }
    memcpy(&s, f->data[0] + (ptrdiff_t)i * f->stride[0], sizeof s);
    return s;
}

static void hear_frame(heard *h, const reel_frame *f)
{
    h->wrong |= f->pts < h->end || f->pts + f->width > ROOM;
    h->first = h->samples ? h->first : f->pts;
    for (uint32_t i = 0; i < f->width && f->pts + i < ROOM; i++)
        h->left[f->pts + i] = left_of(f, i);
    h->samples += f->width;
    h->end = f->pts + f->width;
}

static heard hear(const film *from)
{
    stage s = stage_open(from, NULL);
    heard h = {.left = malloc(ROOM * sizeof *h.left)};
    reel_frame *f;
    int rc;
    for (int i = 0; i < ROOM; i++)
        h.left[i] = silent;
    while ((rc = reel_decoder_next(s.dec, &f, NULL)) == REEL_OK) {
        hear_frame(&h, f);
        reel_frame_unref(&f);
    }
    assert_int_equal(rc, REEL_END);
    assert_false(h.wrong);
    stage_close(&s);
    return h;
}

/* Where both are heard they are the same, and a is heard in [from, to) and nowhere else. */
static void same_between(const heard *a, const heard *whole, int64_t from, int64_t to)
{
    for (int64_t i = 0; i < ROOM; i++) {
        bool in = i >= from && i < to;
        if (in ? a->left[i] != whole->left[i] : a->left[i] != silent)
            fail_msg("sample %lld is %g, was %g", (long long)i, (double)a->left[i], (double)whole->left[i]);
    }
}

static film without_edits(const film *f)
{
    film c = film_copy(f);
    uint8_t *edts = film_box(&c, "edts");
    assert_non_null(edts);
    memcpy(edts, "free", 4);
    return c;
}

/* ---- tests ---- */

static void test_formats(void **state)
{
    (void)state;
    reel_sound_format f;
    assert_int_equal(reel_sound_format_get(REEL_SOUND_F32P, &f), REEL_OK);
    assert_true(f.id == REEL_SOUND_F32P && f.bytes == 4 && f.planar && f.real);
    assert_int_equal(reel_sound_format_get(REEL_SOUND_U8, &f), REEL_OK);
    assert_true(f.bytes == 1 && !f.planar && !f.real);
    assert_int_equal(reel_sound_format_get(REEL_PIXEL_I420, &f), REEL_E_ARG);
    assert_int_equal(reel_sound_format_get(REEL_SOUND_U8, NULL), REEL_E_ARG);
    assert_string_equal(reel_decoder_format_name(REEL_SOUND_F32P), "fltp");
    assert_string_equal(reel_decoder_format_name(REEL_SOUND_S16), "s16");
}

static void test_shape(void **state)
{
    (void)state;
    need(&aac);
    need(&pcm);
    reel_frame *f;
    reel_sample sample;
    reel_format none;
    stage s = stage_open(&aac, NULL);
    assert_int_equal(reel_decoder_next(s.dec, &f, NULL), REEL_OK);
    assert_true(f->sample_rate == RATE && f->height == 2 && f->width == PACKET && f->planes == 1);
    assert_true(f->channel_mask == 3 && f->format == REEL_SOUND_F32P && f->timescale == RATE);
    assert_true(f->stride[0] >= PACKET * 4 && f->stride[0] % 64 == 0);
    assert_true(f->pts == PACKET && f->duration == PACKET); /* the first packet is priming */
    assert_int_equal(reel_decoder_sample(s.dec, &sample), REEL_OK);
    assert_int_equal(sample.index, 1);
    assert_int_equal(reel_decoder_format(s.dec, &none), REEL_E_NOT_FOUND);
    stage_close(&s);
    assert_true(left_of(f, 0) > -1 && left_of(f, PACKET - 1) < 1); /* it outlives its decoder */
    reel_frame_unref(&f);
    s = stage_open(&pcm, NULL);
    assert_int_equal(reel_decoder_next(s.dec, &f, NULL), REEL_OK);
    assert_true(f->format == REEL_SOUND_S16 && f->stride[0] == 4 && f->height == 2 && f->width == 1024);
    reel_frame_unref(&f);
    stage_close(&s);
}

static void test_refusals(void **state)
{
    (void)state;
    need(&aac);
    reel_movie *movie = film_open(&aac);
    const reel_player_options po = {.sizeof_options = sizeof po};
    reel_player *p = NULL;
    reel_frames *frames = NULL;
    reel_error err;
    assert_int_equal(reel_player_open(film_sound(movie), &po, &p, &err), REEL_E_ARG);
    assert_non_null(strstr(err.text, "no pictures"));
    assert_int_equal(reel_frames_open(film_sound(movie), NULL, &frames, &err), REEL_E_ARG);
    assert_non_null(strstr(err.text, "no pictures"));
    reel_close(&movie);
}

/* An edit list that begins and ends within packets. */
static void test_edit_list(void **state)
{
    (void)state;
    need(&aac);
    film plain = without_edits(&aac), f = film_copy(&aac);
    uint8_t *elst = film_elst(&f);
    heard whole = hear(&plain), all = hear(&f);
    assert_int_equal(whole.first, 0);
    assert_int_equal(all.samples, ALL);
    same_between(&all, &whole, PACKET, PACKET + ALL);
    film_put_edit(elst, 0, 500, 1500, 1); /* milliseconds; half a second is 24000 samples */
    heard part = hear(&f);
    assert_int_equal(part.first, 1500);
    assert_int_equal(part.samples, RATE / 2);
    same_between(&part, &whole, 1500, 1500 + RATE / 2);
    free(whole.left);
    free(all.left);
    free(part.left);
    film_free(&plain);
    film_free(&f);
}

/* Two edits: what neither shows is not heard, and a packet that both show a part of comes once, whole between them. */
static void test_two_edits(void **state)
{
    (void)state;
    need(&two_edits);
    film plain = without_edits(&two_edits), f = film_copy(&two_edits);
    uint8_t *elst = film_elst(&f);
    assert_int_equal(film_get32(elst + 4), 2);
    film_put_edit(elst, 0, 100, 5000, 1);
    film_put_edit(elst, 1, 200, 40000, 1);
    heard whole = hear(&plain), got = hear(&f);
    assert_int_equal(got.samples, RATE / 10 + RATE / 5);
    for (int64_t i = 0; i < ROOM; i++) {
        bool in = (i >= 5000 && i < 5000 + RATE / 10) || (i >= 40000 && i < 40000 + RATE / 5);
        assert_true(in ? got.left[i] == whole.left[i] : got.left[i] == silent);
    }
    free(got.left);
    film_put_edit(elst, 0, 100, 5000, 1);
    film_put_edit(elst, 1, 100, 5000 + RATE / 10, 1); /* one after the other */
    got = hear(&f);
    same_between(&got, &whole, 5000, 5000 + RATE / 5);
    free(got.left);
    free(whole.left);
    film_free(&plain);
    film_free(&f);
}

/* The last packet is as long as its sample. */
static void test_end(void **state)
{
    (void)state;
    need(&aac);
    film plain = without_edits(&aac);
    reel_movie *movie = film_open(&plain);
    uint64_t n = 0;
    reel_sample last;
    assert_int_equal(reel_track_sample_count(film_sound(movie), &n, NULL), REEL_OK);
    assert_int_equal(reel_track_sample(film_sound(movie), n - 1, &last, NULL), REEL_OK);
    assert_true(last.duration < PACKET); /* ffmpeg says so of the last */
    heard h = hear(&plain);
    assert_int_equal(h.end, last.pts + last.duration);
    free(h.left);
    reel_close(&movie);
    film_free(&plain);
}

/* ---- priming that the edit list does not tell ---- */

static uint8_t *put_box(uint8_t *p, uint32_t size, const char *type, const char *text)
{
    film_put32(p, size);
    memcpy(p + 4, type, 4);
    film_put32(p + 8, 0);
    memcpy(p + 12, text, strlen(text));
    return p + size;
}

/* A ---- item where the comment was. */
static void put_smpb(film *f, const char *text)
{
    uint8_t *item = film_box(f, "\251cmt");
    assert_non_null(item);
    item -= 4;
    uint32_t size = film_get32(item), left;
    memcpy(item + 4, "----", 4);
    uint8_t *p = put_box(item + 8, 12 + 16, "mean", "com.apple.iTunes");
    p = put_box(p, 12 + 8, "name", "iTunSMPB");
    left = size - (uint32_t)(p - item);
    assert_true(left >= 16 + strlen(text));
    memset(p, ' ', left);
    film_put32(p, left);
    memcpy(p + 4, "data", 4);
    film_put32(p + 8, 1);
    film_put32(p + 12, 0);
    memcpy(p + 16, text, strlen(text));
}

static void test_smpb(void **state)
{
    (void)state;
    need(&tagged);
    film plain = without_edits(&tagged), f = without_edits(&tagged);
    put_smpb(&f, " 00000000 00000840 000001CA 0000000000008000 00000000 00000000");
    heard whole = hear(&plain), got = hear(&f);
    assert_int_equal(got.first, 0x840);
    assert_int_equal(got.samples, 0x8000);
    same_between(&got, &whole, 0x840, 0x840 + 0x8000);
    free(got.left);
    film_free(&f);
    f = film_copy(&tagged); /* the edit list knows better */
    put_smpb(&f, " 00000000 00000840 000001CA 0000000000008000 00000000 00000000");
    got = hear(&f);
    same_between(&got, &whole, PACKET, PACKET + ALL);
    free(got.left);
    film_free(&f);
    f = without_edits(&tagged);
    put_smpb(&f, " nonsense ffffffff ffffffff ffffffffffffffffffffffff");
    got = hear(&f);
    assert_int_equal(got.samples, whole.samples);
    free(got.left);
    free(whole.left);
    film_free(&plain);
    film_free(&f);
}

static void test_pre_skip(void **state)
{
    (void)state;
    need(&opus);
    film plain = without_edits(&opus);
    uint8_t *box = film_box(&plain, "dOps");
    heard h = hear(&plain);
    assert_int_equal(h.first, box[4 + 2] << 8 | box[4 + 3]);
    assert_true(h.first > 0);
    free(h.left);
    film_free(&plain);
}

/* ---- seeking ---- */

static uint32_t below(uint64_t *at, uint32_t n)
{
    *at = *at * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*at >> 33) % n;
}

/* To any sample, and it is that sample: PCM's too, which are decoded a thousand at once. */
static void test_seek(void **state)
{
    (void)state;
    need(&pcm);
    need(&aac);
    const film *films[] = {&pcm, &aac};
    uint64_t random = 3;
    for (size_t k = 0; k < 2; k++) {
        heard whole = hear(films[k]);
        stage s = stage_open(films[k], NULL);
        uint64_t n = 0;
        reel_frame *f;
        reel_sample got, want;
        reel_track_sample_count(s.track, &n, NULL);
        for (int i = 0; i < 300; i++) {
            uint64_t to = 1 + below(&random, (uint32_t)n - 1);
            assert_int_equal(reel_decoder_seek(s.dec, to, NULL), REEL_OK);
            if (below(&random, 4) == 0)
                continue;
            assert_int_equal(reel_decoder_next(s.dec, &f, NULL), REEL_OK);
            assert_int_equal(reel_decoder_sample(s.dec, &got), REEL_OK);
            reel_track_sample(s.track, to, &want, NULL);
            assert_true(got.index == to && f->pts == want.pts);
            for (uint32_t j = 0; j < f->width; j++)
                assert_true(left_of(f, j) == whole.left[f->pts + j]);
            reel_frame_unref(&f);
        }
        assert_int_equal(reel_decoder_seek(s.dec, n, NULL), REEL_E_RANGE);
        free(whole.left);
        stage_close(&s);
    }
}

/* ISO/IEC 14496-12 10.1: as many packets before as the film says. */
static void test_roll(void **state)
{
    (void)state;
    need(&aac);
    film f = film_copy(&aac);
    uint8_t *sgpd = film_box(&f, "sgpd");
    if (!sgpd || memcmp(sgpd + 8, "roll", 4) != 0) {
        film_free(&f);
        skip();
    }
    /* version 1: grouping type, length, count, then the distance */
    sgpd[20] = 0xff;
    sgpd[21] = 0xf6; /* -10 */
    stage s = stage_open(&f, NULL);
    reel_frame *frame;
    assert_int_equal(reel_decoder_seek(s.dec, 40, NULL), REEL_OK);
    assert_int_equal(reel_decoder_next(s.dec, &frame, NULL), REEL_OK);
    assert_int_equal(stats_of(&s).dropped, 10);
    assert_int_equal(stats_of(&s).packets, 11);
    reel_frame_unref(&frame);
    assert_int_equal(reel_decoder_seek(s.dec, 3, NULL), REEL_OK); /* there are not so many */
    assert_int_equal(reel_decoder_next(s.dec, &frame, NULL), REEL_OK);
    assert_int_equal(stats_of(&s).dropped, 13);
    reel_frame_unref(&frame);
    stage_close(&s);
    film_free(&f);
}

/* ---- damage ---- */

static void on_report(void *user, const reel_error *what)
{
    int *n = user;
    assert_true(what->code < 0);
    (*n)++;
}

static void test_damage(void **state)
{
    (void)state;
    need(&flac);
    film f = film_copy(&flac);
    reel_movie *movie = film_open(&f);
    reel_sample s;
    uint64_t n = 0;
    int reports = 0;
    reel_track_sample_count(film_sound(movie), &n, NULL);
    for (uint64_t i = 5; i < 7; i++) {
        assert_int_equal(reel_track_sample(film_sound(movie), i, &s, NULL), REEL_OK);
        memset(f.data + s.offset, 0x5a, s.size);
    }
    reel_close(&movie);
    const reel_decoder_options o = {.sizeof_options = sizeof o, .report = on_report, .report_user = &reports};
    stage st = stage_open(&f, &o);
    uint64_t frames = 0;
    reel_frame *frame;
    while (reel_decoder_next(st.dec, &frame, NULL) == REEL_OK) {
        reel_decoder_sample(st.dec, &s);
        assert_true(s.index != 5 && s.index != 6);
        reel_frame_unref(&frame);
        frames++;
    }
    assert_int_equal(frames, n - 2);
    assert_int_equal(stats_of(&st).errors, 2);
    assert_int_equal(stats_of(&st).lost, 2);
    assert_int_equal(reports, 2);
    stage_close(&st);
    film_free(&f);
}

/* Whatever the film says, it ends. */
static void test_random_damage(void **state)
{
    (void)state;
    const film *films[] = {&aac, &flac, &pcm, &opus};
    uint64_t random = 9;
    for (int i = 0; i < 80; i++) {
        if (!films[i % 4]->data)
            continue;
        film f = film_copy(films[i % 4]);
        reel_source *source = NULL;
        reel_movie *movie = NULL;
        reel_decoder *dec = NULL;
        reel_frame *frame;
        size_t head = i % 8 < 4 ? f.size : 3000; /* tables lie behind */
        for (int k = 0; k < 40; k++)
            f.data[f.size - 1 - below(&random, (uint32_t)(head < f.size ? head : f.size))] ^= (uint8_t)(1 << below(&random, 8));
        assert_int_equal(reel_source_memory(f.data, f.size, NULL, NULL, &source), REEL_OK);
        if (reel_open(source, NULL, &movie, NULL) == REEL_OK && film_sound(movie) &&
            reel_decoder_open(film_sound(movie), NULL, &dec, NULL) == REEL_OK) {
            for (int n = 0; n < 500 && reel_decoder_next(dec, &frame, NULL) == REEL_OK; n++)
                reel_frame_unref(&frame);
            if (reel_decoder_seek(dec, 10, NULL) == REEL_OK && reel_decoder_next(dec, &frame, NULL) == REEL_OK)
                reel_frame_unref(&frame);
        }
        reel_decoder_close(&dec);
        reel_close(&movie);
        reel_source_unref(&source);
        film_free(&f);
    }
}

/* ---- memory ---- */

static void test_no_mallocs(void **state)
{
    (void)state;
    need(&aac);
    stage s = stage_open(&aac, NULL);
    reel_frame *f;
    size_t before = 0;
    for (int i = 0; i < 80; i++) {
        assert_int_equal(reel_decoder_next(s.dec, &f, NULL), REEL_OK);
        reel_frame_unref(&f);
        if (i == 4)
            before = mallocs;
    }
    assert_true(before > 0);
    assert_int_equal(mallocs, before);
    assert_int_equal(stats_of(&s).wrapped, 0);
    assert_int_equal(stats_of(&s).pools, 1);
    stage_close(&s);
}

/* The caller's pool, where its buffers are large enough, and no more frames than it has. */
static void test_pool(void **state)
{
    (void)state;
    need(&aac);
    for (int fits = 0; fits < 2; fits++) {
        const reel_pool_options po = {.sizeof_options = sizeof po, .buffer_size = fits ? 1 << 14 : 1 << 10, .max_buffers = 4};
        reel_pool *pool = NULL;
        reel_frame *held[5] = {NULL};
        assert_int_equal(reel_pool_open(&po, &pool, NULL), REEL_OK);
        const reel_decoder_options o = {.sizeof_options = sizeof o, .pool = pool};
        stage s = stage_open(&aac, &o);
        for (int i = 0; i < 4; i++)
            assert_int_equal(reel_decoder_next(s.dec, &held[i], NULL), REEL_OK);
        reel_pool_stats ps;
        reel_pool_get_stats(pool, &ps);
        assert_int_equal(ps.outstanding, fits ? 4 : 0);
        assert_int_equal(stats_of(&s).unfit > 0, !fits);
        assert_int_equal(reel_decoder_next(s.dec, &held[4], NULL), fits ? REEL_E_AGAIN : REEL_OK);
        reel_frame_unref(&held[0]);
        reel_frame_unref(&held[4]);
        assert_int_equal(reel_decoder_next(s.dec, &held[4], NULL), REEL_OK);
        for (int i = 0; i < 5; i++)
            reel_frame_unref(&held[i]);
        stage_close(&s);
        reel_pool_close(&pool);
    }
}

static void test_interrupt(void **state)
{
    (void)state;
    need(&aac);
    stage s = stage_open(&aac, NULL);
    reel_frame *f;
    const uint64_t third = 2;
    assert_int_equal(reel_decoder_only(s.dec, &third, 1, NULL), REEL_E_ARG);
    assert_int_equal(reel_decoder_only(s.dec, NULL, 0, NULL), REEL_OK);
    reel_decoder_interrupt(s.dec);
    assert_int_equal(reel_decoder_next(s.dec, &f, NULL), REEL_E_CANCELLED);
    assert_int_equal(reel_decoder_next(s.dec, &f, NULL), REEL_E_CANCELLED);
    assert_int_equal(reel_decoder_seek(s.dec, 5, NULL), REEL_OK);
    assert_int_equal(reel_decoder_next(s.dec, &f, NULL), REEL_OK);
    reel_frame_unref(&f);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),   cmocka_unit_test(test_shape),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_edit_list), cmocka_unit_test(test_two_edits), cmocka_unit_test(test_end),
        cmocka_unit_test(test_smpb),      cmocka_unit_test(test_pre_skip),  cmocka_unit_test(test_seek),
        cmocka_unit_test(test_roll),      cmocka_unit_test(test_damage),    cmocka_unit_test(test_random_damage),
        cmocka_unit_test(test_no_mallocs), cmocka_unit_test(test_pool),     cmocka_unit_test(test_interrupt),
    };
    return cmocka_run_group_tests(tests, make_films, free_films);
}
