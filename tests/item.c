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
        cmocka_unit_test(an_extent_past_the_end_is_refused),
        cmocka_unit_test(items_that_lie_in_each_other_end),
        cmocka_unit_test(an_iloc_flood_costs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
