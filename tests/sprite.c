/* SPDX-License-Identifier: BSD-2-Clause */
/* Plans of storyboards (src/frame/sprite.c): which times, where on the sheets, what WebVTT says. Nothing is decoded here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <reel/reel.h>
#include <reel/sprite.h>

#include <cmocka.h>

#include "build.h"

enum { SAMPLES = 500, TICKS = 100, KEY = 50 }; /* 25 frames a second for 20 s, a key picture each 2 s */

typedef struct film {
    b_buf bytes;
    reel_movie *movie;
    const reel_track *track;
} film;

static void open_film(film *f)
{
    static uint32_t stss[SAMPLES / KEY];
    const b_run stts[] = {{SAMPLES, TICKS}};
    const b_chunks all[] = {{1, SAMPLES, 1}};
    const uint64_t chunk[] = {0};
    reel_source *source;
    for (uint32_t i = 0; i < SAMPLES / KEY; i++)
        stss[i] = 1 + i * KEY;
    b_track t = {.stts = stts, .stts_n = 1, .stsc = all, .stsc_n = 1, .samples = SAMPLES, .uniform_size = 1,
                 .chunks = chunk, .chunk_n = 1, .has_stss = true, .stss = stss, .stss_n = SAMPLES / KEY,
                 .timescale = 2500};
    *f = (film){.track = NULL};
    b_film(&f->bytes, &(b_movie){.track = &t, .tracks = 1, .media_size = SAMPLES});
    assert_int_equal(reel_source_memory(f->bytes.data, f->bytes.size, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &f->movie, NULL), REEL_OK);
    reel_source_unref(&source);
    f->track = reel_movie_track(f->movie, 0);
}

static void close_film(film *f)
{
    reel_close(&f->movie);
    b_free(&f->bytes);
}

static reel_sprite *plan(const film *f, reel_sprite_options o)
{
    reel_sprite *s = NULL;
    reel_error err = {0};
    o.sizeof_options = sizeof o;
    assert_int_equal(reel_sprite_plan(f->track, &o, &s, &err), REEL_OK);
    return s;
}

/* Every tile lies inside of its sheet, over no other, and the times of all follow each other to the end of the film. */
static void check_tiles(const film *f, const reel_sprite *s)
{
    reel_sprite_info info;
    reel_sprite_tile t, last = {.end = 0};
    reel_picture_shape sheet;
    int64_t length;
    uint32_t first, n, tiles = 0;
    reel_sprite_get_info(s, &info);
    for (uint32_t i = 0; i < info.sheets; i++) {
        assert_int_equal(reel_sprite_get_sheet(s, i, &sheet, &first, &n), REEL_OK);
        assert_int_equal(first, tiles);
        for (uint32_t k = first; k < first + n; k++) {
            assert_int_equal(reel_sprite_get_tile(s, k, &t), REEL_OK);
            assert_int_equal(t.sheet, i);
            assert_int_equal(t.begin, last.end);
            assert_true(t.end >= t.begin);
            assert_int_equal(t.x, (k - first) % info.columns * info.width);
            assert_int_equal(t.y, (k - first) / info.columns * info.height);
            assert_true(t.x + info.width <= sheet.width && t.y + info.height <= sheet.height);
            last = t;
        }
        assert_true(sheet.width <= REEL_SPRITE_SIDE && sheet.height <= REEL_SPRITE_SIDE);
        tiles += n;
    }
    assert_int_equal(tiles, info.tiles);
    assert_int_equal(reel_track_presentation_duration(f->track, &length, NULL), REEL_OK);
    assert_int_equal(last.end, length);
    assert_int_equal(reel_sprite_get_tile(s, tiles, &t), REEL_END);
    assert_int_equal(reel_sprite_get_sheet(s, info.sheets, &sheet, NULL, NULL), REEL_END);
}

/* A plan outlives its film. */
static void test_the_film_goes(void **state)
{
    film f;
    reel_sprite_tile t;
    reel_sprite_info info;
    (void)state;
    open_film(&f);
    reel_sprite *s = plan(&f, (reel_sprite_options){.count = 7});
    close_film(&f);
    reel_sprite_get_info(s, &info);
    assert_int_equal(info.tiles, 7);
    assert_int_equal(reel_sprite_get_tile(s, 6, &t), REEL_OK);
    reel_sprite_close(&s);
}

static void test_layouts(void **state)
{
    static const struct {
        reel_sprite_options o;
        uint32_t tiles, sheets, columns, rows, width;
    } cases[] = {
        {{.count = 0}, 100, 1, 10, 10, 160},
        {{.count = 7}, 7, 1, 7, 1, 160},
        {{.count = 12, .columns = 5, .width = 100, .height = 60}, 12, 1, 5, 3, 100},
        {{.count = 12, .columns = 5, .rows = 2, .width = 100, .height = 60}, 12, 2, 5, 2, 100},
        {{.step = 2, .timescale = 1, .width = 30, .height = 20}, 10, 1, 10, 1, 30},
        {{.step = 1, .timescale = 3, .width = 30, .height = 20}, 60, 1, 10, 6, 30},
        {{.count = 9, .width = 30000, .height = 100, .pixel = REEL_PIXEL_I420}, 9, 3, 2, 2, 30000},
        {{.count = 100, .width = 100, .height = 20000}, 100, 13, 8, 1, 100},
        {{.count = 50, .width = 10, .height = 10, .most_pixels = 900}, 50, 6, 9, 1, 10},
    };
    film f;
    (void)state;
    open_film(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reel_sprite_info info;
        reel_sprite *s = plan(&f, cases[i].o);
        reel_sprite_get_info(s, &info);
        assert_int_equal(info.tiles, cases[i].tiles);
        assert_int_equal(info.sheets, cases[i].sheets);
        assert_int_equal(info.columns, cases[i].columns);
        assert_int_equal(info.rows, cases[i].rows);
        assert_int_equal(info.width, cases[i].width);
        check_tiles(&f, s);
        reel_sprite_close(&s);
        assert_null(s);
    }
    close_film(&f);
}

static void test_keyframes(void **state)
{
    film f;
    reel_sprite_tile t;
    (void)state;
    open_film(&f);
    reel_sprite *s = plan(&f, (reel_sprite_options){.count = 40, .flags = REEL_SPRITE_KEYFRAMES});
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(reel_sprite_get_tile(s, i, &t), REEL_OK);
        assert_int_equal(t.want.kind, REEL_WANT_SAMPLE);
        assert_int_equal(t.want.value, i / 4 * KEY); /* the middle of its half second */
    }
    reel_sprite_close(&s);
    close_film(&f);
}

static void test_vtt(void **state)
{
    static const char want[] = "WEBVTT\n\n"
                               "00:00:00.000 --> 00:00:06.666\na.jpg#xywh=0,0,32,18\n\n"
                               "00:00:06.666 --> 00:00:13.333\na.jpg#xywh=32,0,32,18\n\n"
                               "00:00:13.333 --> 00:00:20.000\nb%20c.jpg#xywh=0,0,32,18\n\n";
    static const char *const uris[] = {"a.jpg", "b%20c.jpg"}, *const bad[] = {"a.jpg", "b\nc.jpg"};
    film f;
    reel_image_bytes text = {0};
    (void)state;
    open_film(&f);
    reel_sprite *s = plan(&f, (reel_sprite_options){.count = 3, .columns = 2, .rows = 1, .width = 32, .height = 18});
    assert_int_equal(reel_sprite_write_vtt(s, uris, reel_image_bytes_write, &text, NULL), REEL_OK);
    assert_int_equal(text.size, sizeof want - 1);
    assert_memory_equal(text.data, want, text.size);
    assert_int_equal(reel_sprite_write_vtt(s, bad, reel_image_bytes_write, &text, NULL), REEL_E_ARG);
    assert_int_equal(reel_sprite_write_vtt(NULL, uris, reel_image_bytes_write, &text, NULL), REEL_E_ARG);
    assert_int_equal(text.size, sizeof want - 1);
    reel_image_bytes_free(&text);
    reel_sprite_close(&s);
    close_film(&f);
}

static void test_refusals(void **state)
{
    static const struct {
        reel_sprite_options o;
        int code;
    } cases[] = {
        {{.step = -1, .timescale = 1}, REEL_E_ARG},
        {{.step = 1}, REEL_E_ARG},
        {{.step = 1, .timescale = 1, .count = 3}, REEL_E_ARG},
        {{.pixel = REEL_PIXEL_GRAY8}, REEL_E_ARG},
        {{.fit = 3}, REEL_E_ARG},
        {{.flags = 2}, REEL_E_ARG},
        {{.width = 33, .height = 18, .pixel = REEL_PIXEL_I420}, REEL_E_ARG},
        {{.width = 70000, .height = 1}, REEL_E_RANGE},
        {{.width = 100, .height = 100, .most_pixels = 9999}, REEL_E_RANGE},
        {{.count = REEL_SPRITE_MOST + 1}, REEL_E_RANGE},
        {{.step = 1, .timescale = 1000000000}, REEL_E_RANGE},
    };
    film f;
    reel_sprite *s = NULL;
    reel_sprite_info info;
    (void)state;
    open_film(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reel_sprite_options o = cases[i].o;
        o.sizeof_options = sizeof o;
        assert_int_equal(reel_sprite_plan(f.track, &o, &s, NULL), cases[i].code);
        assert_null(s);
    }
    assert_int_equal(reel_sprite_plan(NULL, NULL, &s, NULL), REEL_E_ARG);
    assert_int_equal(reel_sprite_plan(f.track, NULL, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_sprite_plan(f.track, &(reel_sprite_options){.count = 1}, &s, NULL), REEL_E_ARG);
    assert_int_equal(reel_sprite_render(NULL, NULL, 0, NULL, 0, NULL, NULL, NULL), REEL_E_ARG);
    reel_sprite_get_info(NULL, &info);
    assert_int_equal(info.tiles, 0);
    reel_sprite_close(&s);
    reel_sprite_close(NULL);
    close_film(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layouts), cmocka_unit_test(test_the_film_goes),
                                       cmocka_unit_test(test_keyframes),
                                       cmocka_unit_test(test_vtt), cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
