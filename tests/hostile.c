/* SPDX-License-Identifier: BSD-2-Clause */
/* Broken boxes: sizes, nesting, floods, boxes that are missing or there twice, films that are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "hostile.h"

#define STBL "moov/trak/mdia/minf/stbl"

static b_buf plain(void)
{
    b_buf b = {0};
    small_plain(&b);
    return b;
}

/* The plain film with a 32-bit value somewhere. */
static b_buf with_size(const char *path, uint32_t size)
{
    b_buf b = plain();
    b_set32(&b, b_find(&b, path), size);
    return b;
}

static void test_whole_films_are_silent(void **state)
{
    (void)state;
    b_buf b = plain();
    hostile_silent(&b);
    b_clear(&b);
    small_fragmented(&b);
    hostile_silent(&b);
    b_clear(&b);
    small_heif(&b);
    hostile_silent(&b);
    b_free(&b);
}

static void test_size_below_8_first(void **state)
{
    (void)state;
    b_buf b = with_size("ftyp", 7);
    hostile_fails(&b, REEL_E_NOT_MP4, "this is not an ISO base media file");
    b_free(&b);
}

static void test_size_below_8_before_moov(void **state)
{
    (void)state;
    b_buf b = with_size("moov", 7);
    hostile_fails(&b, REEL_E_BOX_SIZE, "its size is 7, less than its header (moov at 0x");
    b_free(&b);
}

static void test_size_below_8_behind_moov(void **state)
{
    (void)state;
    b_buf b = with_size("mdat", 3);
    hostile_both(&b, REEL_E_BOX_SIZE, "what stands here is not a box; the rest is not read");
    b_free(&b);
}

static void test_size_below_8_inside(void **state)
{
    (void)state;
    b_buf b = with_size(STBL "/stsz", 5);
    hostile_both(&b, REEL_E_BOX_SIZE, "its size is less than its header (moov/trak[1]/mdia/minf/stbl/stsz at 0x");
    b_free(&b);
}

static void test_size_0_is_the_rest(void **state)
{
    (void)state;
    b_buf b = with_size("mdat", 0);
    hostile_silent(&b);
    b_free(&b);
}

static void test_size_0_inside(void **state)
{
    (void)state;
    b_buf b = with_size(STBL "/stts", 0); /* it swallows the tables behind it */
    hostile_both(&b, REEL_E_BOX_MISSING, "stsc is missing (moov/trak[1]/mdia/minf/stbl/stsc)");
    b_free(&b);
}

static void test_size_1_with_a_small_long_size(void **state)
{
    (void)state;
    b_buf b = with_size("mdat", 1);
    b_set64(&b, b_find(&b, "moov") + b_get32(&b, b_find(&b, "moov")) + 8, 15);
    hostile_both(&b, REEL_E_BOX_SIZE, "what stands here is not a box; the rest is not read");
    b_free(&b);
}

static void test_size_1_with_a_small_long_size_inside(void **state)
{
    (void)state;
    b_buf b = plain();
    size_t at = b_find(&b, STBL "/stss");
    b_set32(&b, at, 1);
    b_set64(&b, at + 8, 3);
    hostile_both(&b, REEL_E_BOX_SIZE, "its size is less than its header (moov/trak[1]/mdia/minf/stbl/stss at 0x");
    b_free(&b);
}

static void test_size_above_the_parent(void **state)
{
    (void)state;
    b_buf b = with_size(STBL "/stsd", 0x10000);
    hostile_both(&b, REEL_E_TRUNCATED, "stsd goes past the end of its parent (moov/trak[1]/mdia/minf/stbl/stsd at 0x");
    b_free(&b);
}

static void test_size_above_the_file(void **state)
{
    (void)state;
    b_buf b = with_size("moov", 0x7fffffff);
    hostile_both(&b, REEL_E_TRUNCATED, "moov goes past the end of the file (moov at 0x");
    b_free(&b);
}

static void test_size_of_2_to_the_63(void **state)
{
    (void)state;
    b_buf b = plain();
    size_t at = b_find(&b, "mdat");
    b_set32(&b, at, 1);
    b_set64(&b, at + 8, UINT64_C(1) << 63);
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    b_set64(&b, at + 8, UINT64_MAX);
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    b_free(&b);
}

static void test_size_of_2_to_the_63_inside(void **state)
{
    (void)state;
    b_buf b = plain();
    size_t at = b_find(&b, STBL "/stss");
    b_set32(&b, at, 1);
    b_set64(&b, at + 8, UINT64_C(1) << 63);
    hostile_both(&b, REEL_E_TRUNCATED, "stss goes past the end of its parent (moov/trak[1]/mdia/minf/stbl/stss at 0x");
    b_free(&b);
}

static void test_nothing_at_all(void **state)
{
    (void)state;
    b_buf b = {0};
    hostile_fails(&b, REEL_E_NOT_MP4, "this is not an ISO base media file");
    b_fill(&b, 0, 7);
    hostile_fails(&b, REEL_E_NOT_MP4, "this is not an ISO base media file");
    b_free(&b);
}

/* Ten thousand boxes, each the only child of the one before. */
static void test_nesting(void **state)
{
    (void)state;
    enum { DEEP = 10000 };
    static const char *const types[] = {"moov", "trak", "mdia", "minf", "stbl", "udta", "meta"};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        b_buf b = {0};
        b_box(&b, "moov");
        b_full(&b, "mvhd", 0, 0);
        b_fill(&b, 0, 96);
        b_end(&b);
        size_t first = b.size;
        for (size_t i = 0; i < DEEP; i++) {
            b_u32(&b, 8 * (DEEP - i));
            b_text(&b, types[k]);
        }
        b_set32(&b, 0, (uint32_t)b.size);
        b_set32(&b, first, 8 * DEEP);
        (void)hostile_walk(b.data, b.size, 0);
        (void)hostile_walk(b.data, b.size, REEL_OPEN_STRICT);
        b_free(&b);
    }
}

static void flood(b_buf *b, const char *type, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        b_u32(b, 8);
        b_text(b, type);
    }
}

static void test_100000_tiny_boxes_at_the_top(void **state)
{
    (void)state;
    static const char *const types[] = {"free", "mdat", "uuid", "sidx", "xyz "};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        b_buf b = plain();
        flood(&b, types[k], 100000);
        (void)hostile_walk(b.data, b.size, 0);
        b_free(&b);
    }
}

static void test_100000_tiny_boxes_in_moov(void **state)
{
    (void)state;
    b_buf b = {0}, more = {0};
    flood(&more, "free", 100000);
    b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .more = &more});
    hostile_silent(&b);
    b_free(&b);
    b_free(&more);
}

static void test_a_million_tiny_boxes_in_moov(void **state)
{
    (void)state;
    b_buf b = {0}, more = {0};
    flood(&more, "free", 1 << 20);
    b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .more = &more});
    hostile_fails(&b, REEL_E_BOX_LIMIT, "more than 1048576 boxes (moov at 0x");
    b_free(&b);
    b_free(&more);
}

static void test_too_many_tracks(void **state)
{
    (void)state;
    b_buf b = {0}, more = {0};
    flood(&more, "trak", 1024);
    b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .more = &more});
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_E_BOX_LIMIT);
    b_free(&b);
    b_free(&more);
}

/* A box of the table, again: its copy is put behind it. */
static b_buf doubled(const char *path)
{
    b_buf b = plain();
    size_t at = b_find(&b, path), n = b_get32(&b, at);
    uint8_t *copy = malloc(n);
    assert_non_null(copy);
    memcpy(copy, b.data + at, n);
    char parent[64];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash) {
        *slash = 0;
        b_insert(&b, parent, at + n, copy, n);
    } else {
        b_bytes(&b, copy, n);
    }
    free(copy);
    return b;
}

static void test_duplicate_moov(void **state)
{
    (void)state;
    b_buf b = doubled("moov");
    hostile_both(&b, REEL_E_BOX_DUPLICATE, "moov is there already; the first counts (moov at 0x");
    b_free(&b);
}

static void test_duplicate_stbl(void **state)
{
    (void)state;
    b_buf b = doubled(STBL);
    hostile_both(&b, REEL_E_BOX_DUPLICATE, "stbl is there already; the first counts (moov/trak[1]/mdia/minf/stbl at 0x");
    b_free(&b);
}

static void test_duplicate_tables(void **state)
{
    (void)state;
    static const char *const names[] = {"stsd", "stts", "stsc", "stsz", "stco", "stss"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64], line[128];
        snprintf(path, sizeof path, STBL "/%s", names[i]);
        snprintf(line, sizeof line, "%s is there already; the first counts (moov/trak[1]/mdia/minf/stbl/%s at 0x",
                 names[i], names[i]);
        b_buf b = doubled(path);
        hostile_both(&b, REEL_E_BOX_DUPLICATE, line);
        b_free(&b);
    }
}

static void test_duplicate_track_id(void **state)
{
    (void)state;
    const b_track two[] = {small_track, small_track};
    b_buf b = {0};
    b_film(&b, &(b_movie){.track = two, .tracks = 2, .media_size = 100});
    b_set32(&b, b_body(&b, "moov/trak[2]/tkhd") + 8, 1);
    hostile_both(&b, REEL_E_BOX_FIELD, "track_ID 1 is that of trak[1] too (moov/trak[2]/tkhd at 0x");
    b_free(&b);
}

static void test_missing_moov(void **state)
{
    (void)state;
    b_buf b = plain();
    b_hide(&b, "moov");
    hostile_fails(&b, REEL_E_BOX_MISSING, "moov");
    b_free(&b);
}

static void test_missing_boxes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"moov/mvhd", "moov has no mvhd (moov at 0x"},
        {"moov/trak/tkhd", "trak[1] has no tkhd (moov/trak[1] at 0x"},
        {"moov/trak/mdia/mdhd", "trak[1] has no mdhd (moov/trak[1] at 0x"},
        {"moov/trak/mdia", "trak[1] has no mdhd (moov/trak[1] at 0x"},
        {"moov/trak/mdia/minf", "trak[1] has no sample table (moov/trak[1] at 0x"},
        {STBL, "trak[1] has no sample table (moov/trak[1] at 0x"},
        {STBL "/stsd", "stsd is missing (moov/trak[1]/mdia/minf/stbl/stsd)"},
        {STBL "/stts", "stts is missing (moov/trak[1]/mdia/minf/stbl/stts)"},
        {STBL "/stsc", "stsc is missing (moov/trak[1]/mdia/minf/stbl/stsc)"},
        {STBL "/stsz", "stsz is missing (moov/trak[1]/mdia/minf/stbl/stsz)"},
        {STBL "/stco", "stco is missing (moov/trak[1]/mdia/minf/stbl/stco)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        b_buf b = plain();
        b_hide(&b, cases[i][0]);
        hostile_both(&b, REEL_E_BOX_MISSING, cases[i][1]);
        b_free(&b);
    }
}

/* Cut at every byte, and each time all there is to ask is asked. The bytes end where the memory ends: ASan watches. */
static void cut_everywhere(void (*make)(b_buf *))
{
    b_buf b = {0};
    make(&b);
    for (size_t n = 0; n <= b.size; n++) {
        uint8_t *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, b.data, n);
        assert_true(hostile_walk(copy, n, 0) <= REEL_OK);
        assert_true(hostile_walk(copy, n, REEL_OPEN_STRICT) <= REEL_OK);
        free(copy);
    }
    b_free(&b);
}

static void test_cut_at_every_byte_plain(void **state)
{
    (void)state;
    cut_everywhere(small_plain);
}

static void test_cut_at_every_byte_fragmented(void **state)
{
    (void)state;
    cut_everywhere(small_fragmented);
}

static void test_cut_at_every_byte_heif(void **state)
{
    (void)state;
    cut_everywhere(small_heif);
}

/* Every byte becomes 0, then 0xff: nothing is said about what comes out, but all of it is asked for. */
static void spoil_everywhere(void (*make)(b_buf *))
{
    b_buf b = {0};
    make(&b);
    for (size_t i = 0; i < b.size; i++) {
        uint8_t was = b.data[i];
        b.data[i] = 0;
        (void)hostile_walk(b.data, b.size, 0);
        b.data[i] = 0xff;
        (void)hostile_walk(b.data, b.size, 0);
        b.data[i] = was;
    }
    b_free(&b);
}

static void test_every_byte_spoilt(void **state)
{
    (void)state;
    spoil_everywhere(small_plain);
    spoil_everywhere(small_fragmented);
    spoil_everywhere(small_heif);
}

static void put_cmov(b_buf *b, const uint8_t *data, size_t n, uint32_t said)
{
    b_text(b, "");
    b_box(b, "moov");
    b_box(b, "cmov");
    b_box(b, "dcom");
    b_text(b, "zlib");
    b_end(b);
    b_box(b, "cmvd");
    b_u32(b, said);
    b_bytes(b, data, n);
    b_end(b);
    b_end(b);
    b_end(b);
}

/* 128 MiB of zeros in 130 KB */
static void test_cmov_bomb(void **state)
{
    (void)state;
    enum { MANY = 128 << 20 };
    uLongf n = compressBound(MANY);
    uint8_t *zeros = calloc(1, MANY), *packed = malloc(n);
    assert_non_null(zeros);
    assert_non_null(packed);
    assert_int_equal(compress2(packed, &n, zeros, MANY, 9), Z_OK);
    b_buf b = {0};
    put_cmov(&b, packed, n, 1000);
    hostile_fails(&b, REEL_E_COMPRESSED, "more comes out of it than any film holds (moov/cmov at 0x");
    b_clear(&b);
    put_cmov(&b, packed, n, 0xffffffff);
    hostile_fails(&b, REEL_E_COMPRESSED, "cmov says that more is in it than any film holds (moov/cmov at 0x");
    b_clear(&b);
    put_cmov(&b, packed, n / 2, 1000);
    (void)hostile_walk(b.data, b.size, 0);
    b_free(&b);
    free(zeros);
    free(packed);
}

static void test_cmov_damaged(void **state)
{
    (void)state;
    b_buf b = {0};
    put_cmov(&b, (const uint8_t *)"no deflate", 10, 100);
    hostile_fails(&b, REEL_E_COMPRESSED, "the deflated movie is damaged (moov/cmov at 0x");
    b_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_films_are_silent),
        cmocka_unit_test(test_size_below_8_first),
        cmocka_unit_test(test_size_below_8_before_moov),
        cmocka_unit_test(test_size_below_8_behind_moov),
        cmocka_unit_test(test_size_below_8_inside),
        cmocka_unit_test(test_size_0_is_the_rest),
        cmocka_unit_test(test_size_0_inside),
        cmocka_unit_test(test_size_1_with_a_small_long_size),
        cmocka_unit_test(test_size_1_with_a_small_long_size_inside),
        cmocka_unit_test(test_size_above_the_parent),
        cmocka_unit_test(test_size_above_the_file),
        cmocka_unit_test(test_size_of_2_to_the_63),
        cmocka_unit_test(test_size_of_2_to_the_63_inside),
        cmocka_unit_test(test_nothing_at_all),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_100000_tiny_boxes_at_the_top),
        cmocka_unit_test(test_100000_tiny_boxes_in_moov),
        cmocka_unit_test(test_a_million_tiny_boxes_in_moov),
        cmocka_unit_test(test_too_many_tracks),
        cmocka_unit_test(test_duplicate_moov),
        cmocka_unit_test(test_duplicate_stbl),
        cmocka_unit_test(test_duplicate_tables),
        cmocka_unit_test(test_duplicate_track_id),
        cmocka_unit_test(test_missing_moov),
        cmocka_unit_test(test_missing_boxes),
        cmocka_unit_test(test_cut_at_every_byte_plain),
        cmocka_unit_test(test_cut_at_every_byte_fragmented),
        cmocka_unit_test(test_cut_at_every_byte_heif),
        cmocka_unit_test(test_every_byte_spoilt),
        cmocka_unit_test(test_cmov_bomb),
        cmocka_unit_test(test_cmov_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
