/* SPDX-License-Identifier: BSD-2-Clause */
/* Still images: items, properties, places, and tables that lie about them. Faces src/item. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/reel.h>

#include "build.h"

typedef struct film {
    b_buf b;
    reel_source *source;
    reel_movie *movie;
} film;

static void infe(b_buf *b, uint16_t id, const char *type, const char *name)
{
    b_full(b, "infe", 2, 0);
    b_u16(b, id);
    b_u16(b, 0);
    b_text(b, type);
    b_text(b, name);
    b_u8(b, 0);
    b_end(b);
}

/* An iloc record of version 1 with 4-byte offsets and lengths. */
static void location(b_buf *b, uint16_t id, uint16_t construction, uint32_t offset, uint32_t length)
{
    b_u16(b, id);
    b_u16(b, construction);
    b_u16(b, 0);
    b_u16(b, 1);
    b_u32(b, offset);
    b_u32(b, length);
}

/* Item 1: 64 x 48 of AV1 in the file; 2: a grid of two of them, in idat; 3: Exif that lies in item 1. */
static void begin(film *f)
{
    b_buf *b = &f->b;
    b_box(b, "ftyp");
    b_text(b, "avif");
    b_u32(b, 0);
    b_text(b, "mif1");
    b_end(b);
    b_full(b, "meta", 0, 0);
    b_full(b, "hdlr", 0, 0);
    b_u32(b, 0);
    b_text(b, "pict");
    b_fill(b, 0, 13);
    b_end(b);
    b_full(b, "pitm", 0, 0);
    b_u16(b, 2);
    b_end(b);
    b_full(b, "iinf", 0, 0);
    b_u16(b, 3);
    infe(b, 1, "av01", "tile");
    infe(b, 2, "grid", "");
    infe(b, 3, "Exif", "");
    b_end(b);
    b_full(b, "iref", 0, 0);
    b_box(b, "dimg");
    b_u16(b, 2);
    b_u16(b, 2);
    b_u16(b, 1);
    b_u16(b, 1);
    b_end(b);
    b_box(b, "iloc");
    b_u16(b, 3);
    b_u16(b, 1);
    b_u16(b, 1);
    b_end(b);
    b_end(b);
    b_box(b, "iprp");
    b_box(b, "ipco");
    b_full(b, "ispe", 0, 0);
    b_u32(b, 64);
    b_u32(b, 48);
    b_end(b);
    b_box(b, "irot");
    b_u8(b, 3);
    b_end(b);
    b_end(b);
    b_full(b, "ipma", 0, 0);
    b_u32(b, 2);
    b_u16(b, 1);
    b_u8(b, 1);
    b_u8(b, 0x81);
    b_u16(b, 2);
    b_u8(b, 3);
    b_u8(b, 1);
    b_u8(b, 2);
    b_u8(b, 99); /* there is no such property */
    b_end(b);
    b_end(b);
    b_box(b, "idat");
    b_u16(b, 0);
    b_u8(b, 0);
    b_u8(b, 1);
    b_u16(b, 128);
    b_u16(b, 48);
    b_end(b);
}

static void finish(film *f)
{
    b_end(&f->b); /* meta */
    b_box(&f->b, "mdat");
    b_fill(&f->b, 7, 100);
    b_end(&f->b);
    assert_int_equal(reel_source_memory(f->b.data, f->b.size, NULL, NULL, &f->source), REEL_OK);
    assert_int_equal(reel_open(f->source, NULL, &f->movie, NULL), REEL_OK);
}

static void done(film *f)
{
    reel_close(&f->movie);
    reel_source_unref(&f->source);
    b_free(&f->b);
}

static void iloc_head(b_buf *b, uint16_t count)
{
    b_full(b, "iloc", 1, 0);
    b_u16(b, 0x4400);
    b_u16(b, count);
}

static void items_grids_and_references(void **state)
{
    film f = {0};
    reel_item item;
    reel_item_property p;
    reel_range range;
    uint32_t type, to;
    (void)state;
    begin(&f);
    iloc_head(&f.b, 3);
    location(&f.b, 1, 0, 20, 40);
    location(&f.b, 2, 1, 0, 8);
    location(&f.b, 3, 2, 10, 5);
    b_end(&f.b);
    finish(&f);
    assert_int_equal(reel_movie_item_count(f.movie), 3);
    assert_int_equal(reel_movie_item(f.movie, 0, &item, NULL), REEL_OK);
    assert_int_equal(item.type, REEL_4CC('a', 'v', '0', '1'));
    assert_int_equal(item.width, 64);
    assert_int_equal(item.size, 40);
    assert_memory_equal(item.name.data, "tile", 4);
    assert_int_equal(reel_movie_item_by_id(f.movie, 2, &item, NULL), REEL_OK);
    assert_true(item.primary);
    assert_int_equal(item.rotation, 270);
    assert_int_equal(item.grid_columns, 2);
    assert_int_equal(item.grid_width, 128);
    assert_int_equal(item.property_count, 3);
    assert_int_equal(reel_item_property_get(f.movie, 2, 2, &p), REEL_OK);
    assert_int_equal(p.type, 0);
    assert_int_equal(reel_item_property_get(f.movie, 2, 3, &p), REEL_END);
    assert_int_equal(reel_item_reference(f.movie, 2, 1, &type, &to), REEL_OK);
    assert_int_equal(to, 1);
    assert_int_equal(reel_item_reference(f.movie, 2, 2, &type, &to), REEL_END);
    assert_int_equal(reel_item_extent(f.movie, 3, 0, &range, NULL), REEL_OK);
    assert_int_equal(range.offset, 30);
    assert_int_equal(range.size, 5);
    assert_int_equal(reel_movie_item(f.movie, 3, &item, NULL), REEL_E_RANGE);
    done(&f);
}

/* One item and its properties, of which the boxes are in ipco and are all its own. */
static void open_one(film *f, const char *type, const b_buf *properties, uint8_t n)
{
    b_buf *b = &f->b;
    b_box(b, "ftyp");
    b_text(b, "mif1");
    b_u32(b, 0);
    b_end(b);
    b_full(b, "meta", 0, 0);
    b_full(b, "hdlr", 0, 0);
    b_u32(b, 0);
    b_text(b, "pict");
    b_fill(b, 0, 13);
    b_end(b);
    b_full(b, "iinf", 0, 0);
    b_u16(b, 1);
    infe(b, 1, type, "");
    b_end(b);
    b_box(b, "iprp");
    b_box(b, "ipco");
    b_append(b, properties);
    b_end(b);
    b_full(b, "ipma", 0, 0);
    b_u32(b, 1);
    b_u16(b, 1);
    b_u8(b, n);
    for (uint8_t i = 1; i <= n; i++)
        b_u8(b, i);
    b_end(b);
    b_end(b);
    finish(f);
}

/* What a person asks first: is it an alpha plane, how deep is it, in what colours. */
static void what_properties_say(void **state)
{
    static const char alpha[] = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha";
    film f = {0};
    b_buf p = {0};
    reel_item item;
    (void)state;
    b_full(&p, "auxC", 0, 0);
    b_bytes(&p, alpha, sizeof alpha);
    b_u32(&p, 7); /* aux_subtype */
    b_end(&p);
    b_full(&p, "pixi", 0, 0);
    b_u8(&p, 3);
    b_u8(&p, 10);
    b_u8(&p, 12);
    b_u8(&p, 10);
    b_end(&p);
    b_box(&p, "colr");
    b_text(&p, "nclx");
    b_u16(&p, 9);
    b_u16(&p, 16);
    b_u16(&p, 9);
    b_u8(&p, 0x80);
    b_end(&p);
    b_box(&p, "colr");
    b_text(&p, "prof");
    b_u32(&p, 1);
    b_end(&p);
    b_box(&p, "clli");
    b_u16(&p, 1000);
    b_u16(&p, 400);
    b_end(&p);
    b_box(&p, "mdcv");
    b_fill(&p, 1, 24);
    b_end(&p);
    open_one(&f, "grid", &p, 6);
    assert_int_equal(reel_movie_item(f.movie, 0, &item, NULL), REEL_OK);
    assert_int_equal(item.auxiliary_type.size, strlen(alpha));
    assert_memory_equal(item.auxiliary_type.data, alpha, strlen(alpha));
    assert_int_equal(item.channels, 3);
    assert_int_equal(item.bit_depth, 12);
    assert_int_equal(item.colour_known, 1);
    assert_int_equal(item.colour_primaries, 9);
    assert_int_equal(item.transfer, 16);
    assert_int_equal(item.full_range, 1);
    assert_int_equal(item.icc.size, 4);
    assert_int_equal(item.has_clli, 1);
    assert_int_equal(item.max_cll, 1000);
    assert_int_equal(item.has_mdcv, 1);
    assert_string_equal(item.codec, "");
    done(&f);
    b_free(&p);
}

/* Without pixi and colr the configuration tells; an auxC without its NUL is taken as it is, an empty one is none. */
static void what_a_configuration_says(void **state)
{
    static const uint8_t av1c[] = {0x81, 0x00, 0x4c, 0x00, 0x0a, 0x0e, 0x00, 0x00, 0x00, 0x04, 0x3c,
                                   0xff, 0xbc, 0xda, 0xf9, 0x50, 0x91, 0x20, 0x90, 0x40};
    film f = {0};
    b_buf p = {0};
    reel_item item;
    (void)state;
    b_full(&p, "auxC", 0, 0);
    b_end(&p);
    b_full(&p, "auxC", 0, 0);
    b_text(&p, "urn:x");
    b_end(&p);
    b_full(&p, "pixi", 0, 0);
    b_end(&p);
    b_box(&p, "av1C");
    b_bytes(&p, av1c, sizeof av1c);
    b_end(&p);
    open_one(&f, "av01", &p, 4);
    assert_int_equal(reel_movie_item(f.movie, 0, &item, NULL), REEL_OK);
    assert_int_equal(item.auxiliary_type.size, 5);
    assert_int_equal(item.channels, 0);
    assert_int_equal(item.bit_depth, 10);
    assert_int_equal(item.colour_primaries, 9);
    assert_int_equal(item.transfer, 18);
    assert_string_equal(item.codec, "av01.0.00M.10.0.110.09.18.09.0");
    assert_int_equal(item.icc.size, 0);
    done(&f);
    b_clear(&p);
    b_box(&p, "av1C");
    b_u32(&p, 0x81000c00);
    b_end(&p);
    f = (film){0};
    open_one(&f, "av01", &p, 1);
    assert_int_equal(reel_movie_item(f.movie, 0, &item, NULL), REEL_OK);
    assert_int_equal(item.colour_known, 0);
    assert_int_equal(item.colour_primaries, 2);
    assert_int_equal(item.auxiliary_type.size, 0);
    done(&f);
    b_free(&p);
}

static void an_extent_past_the_end_is_refused(void **state)
{
    film f = {0};
    reel_range range;
    reel_error err;
    char line[300];
    (void)state;
    begin(&f);
    iloc_head(&f.b, 1);
    location(&f.b, 1, 0, 20, 0x7fffffff);
    b_end(&f.b);
    finish(&f);
    assert_int_equal(reel_item_extent(f.movie, 1, 0, &range, &err), REEL_E_TRUNCATED);
    reel_error_format(&err, line, sizeof line);
    assert_string_equal(line, "item 1 has data past the end of the file (meta/iloc at 0x0)");
    done(&f);
}

static void items_that_lie_in_each_other_end(void **state)
{
    film f = {0};
    reel_range range;
    (void)state;
    begin(&f);
    iloc_head(&f.b, 2);
    location(&f.b, 1, 2, 0, 0);
    location(&f.b, 3, 2, 0, 0);
    b_end(&f.b);
    finish(&f);
    assert_true(reel_item_extent(f.movie, 3, 0, &range, NULL) < 0);
    done(&f);
}

/* A coded item is read by the readers of sample entries, and has no entry for them to look into. */
static void an_item_of_a_tracks_format(void **state)
{
    static const char *const types[] = {"stpp", "sbtt", "wvtt", "tx3g", "mp4a", "mp4v", "avc1", "hvc1", "av01",
                                        "vp09", "Opus", "ac-4", "tmcd", "encv", "lpcm", "s263", "mett", "urim"};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        film f = {0};
        b_buf none = {0};
        reel_item item;
        open_one(&f, types[i], &none, 0);
        assert_int_equal(reel_movie_item(f.movie, 0, &item, NULL), REEL_OK);
        assert_int_equal(item.property_count, 0);
        assert_int_equal(item.width, 0);
        done(&f);
    }
}

/* 65535 items of 65535 extents each, in a box of twenty bytes. */
static void an_iloc_flood_costs_nothing(void **state)
{
    film f = {0};
    reel_item item;
    (void)state;
    begin(&f);
    b_full(&f.b, "iloc", 0, 0);
    b_u16(&f.b, 0); /* no offset, no length, no base: extents have no bytes */
    b_u16(&f.b, 65535);
    b_u16(&f.b, 1);
    b_u16(&f.b, 0);
    b_u16(&f.b, 65535);
    b_end(&f.b);
    finish(&f);
    for (size_t i = 0; i < reel_movie_item_count(f.movie); i++)
        assert_int_equal(reel_movie_item(f.movie, i, &item, NULL), REEL_OK);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_grids_and_references),
        cmocka_unit_test(what_properties_say),
        cmocka_unit_test(what_a_configuration_says),
        cmocka_unit_test(an_extent_past_the_end_is_refused),
        cmocka_unit_test(items_that_lie_in_each_other_end),
        cmocka_unit_test(an_item_of_a_tracks_format),
        cmocka_unit_test(an_iloc_flood_costs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
