/* SPDX-License-Identifier: BSD-2-Clause */
/* Indexes, fragments, encryption, configurations, tags and items that lie. See hostile_index.c for tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "hostile.h"

#define STBL "moov/trak/mdia/minf/stbl"
#define SAYS "moov/trak[1]/mdia/minf/stbl"

static void same_line(const reel_error *err, int code, const char *line)
{
    char text[400];
    reel_error_format(err, text, sizeof text);
    if (err->code != code || !strstr(text, line))
        fail_msg("it says %s: %s\n     instead of %s: %s", reel_code_name(err->code), text, reel_code_name(code), line);
}

/* Among what has been said about the film so far is that. */
static void warned(const hostile_film *f, int code, const char *line)
{
    reel_error w = {0};
    char text[400];
    for (size_t i = 0; reel_movie_warning(f->movie, i, &w) == REEL_OK; i++) {
        reel_error_format(&w, text, sizeof text);
        if (w.code == code && strstr(text, line))
            return;
    }
    same_line(&w, code, line);
}

static void not_warned(const hostile_film *f)
{
    reel_error w;
    if (reel_movie_warning(f->movie, 0, &w) == REEL_OK)
        fail_msg("it says %s: %s", reel_code_name(w.code), w.text);
}

/* Processor time: a test of it fails when something is done again and again that should be done once. */
static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

static void in_time(double since, double most)
{
    if (seconds() - since > most)
        fail_msg("it takes %.1f s", seconds() - since);
}

/* ---- indexes of fragments --------------------------------------------------------------------------------- */

enum { EACH = 5, TICKS = 40 };

static void put_init(b_buf *b)
{
    static const b_track empty = {0};
    b_film(b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
}

/* Five samples of 40 ticks and 10 bytes, the first a sync sample. */
static void put_fragment(b_buf *b, uint32_t number)
{
    static const b_entry entries[EACH] = {{TICKS, 10, 0, 0}, {TICKS, 10, 0, 0}, {TICKS, 10, 0, 0}, {TICKS, 10, 0, 0},
                                          {TICKS, 10, 0, 0}};
    static const b_trun run = {.flags = B_DATA | B_FIRST_FLAGS | B_DURATION | B_SIZE, .first_flags = B_SYNC,
                               .entries = entries, .count = EACH};
    b_traf traf = {.flags = 0x20020, .sample_flags = B_NON_SYNC, .has_tfdt = true,
                   .tfdt = (uint64_t)number * EACH * TICKS, .runs = &run, .run_n = 1};
    b_fragment(b, number + 1, &traf, 1, EACH * 10);
}

static void put_fragments(b_buf *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        put_fragment(b, i);
}

/* Whatever the index says, a seek finds the sample that is shown then, or a sync sample before it. */
static void seeks_well(const hostile_film *f)
{
    reel_sample entry, target;
    assert_int_equal(reel_track_seek(f->track, 7 * TICKS + 1, REEL_SEEK_PREVIOUS, &entry, &target, NULL), REEL_OK);
    assert_int_equal(target.dts, 7 * TICKS);
    assert_int_equal(entry.dts, EACH * TICKS);
}

/* A seek in the film warns of that and finds its sample all the same; and everything else can be asked. Frees b. */
static void seek_warns(b_buf *b, int code, const char *line)
{
    hostile_film f = hostile_open(b);
    seeks_well(&f);
    warned(&f, code, line);
    hostile_walk_movie(f.movie);
    hostile_close(&f);
    b_free(b);
}

/* Three fragments behind a sidx of one reference. */
static b_buf with_sidx(uint64_t first_offset, b_reference r)
{
    b_buf b = {0};
    put_init(&b);
    b_sidx(&b, 1, 1000, 0, first_offset, &r, 1);
    put_fragments(&b, 3);
    return b;
}

enum { SIDX_SIZE = 52 }; /* of one with a single reference */

static void test_sidx_to_itself(void **state)
{
    (void)state;
    b_buf b = with_sidx(0 - (uint64_t)SIDX_SIZE, (b_reference){SIDX_SIZE, 600, true});
    seek_warns(&b, REEL_E_LOOP, "sidx refers back to itself (sidx at 0x");
}

static void test_two_sidx_to_each_other(void **state)
{
    (void)state;
    b_buf b = {0};
    const b_reference one = {SIDX_SIZE, 600, true};
    char line[80];
    put_init(&b);
    b_sidx(&b, 1, 1000, 0, 0, &one, 1);
    snprintf(line, sizeof line, "sidx refers back to itself (sidx at 0x%zx", b.size);
    b_sidx(&b, 1, 1000, 0, 0 - (uint64_t)2 * SIDX_SIZE, &one, 1);
    put_fragments(&b, 3);
    seek_warns(&b, REEL_E_LOOP, line);
}

/* Each refers to the next. Followed to its end, a chain costs a read a link, at every seek. */
static void test_sidx_chain_of_thousands(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    b_buf b = {0};
    const b_reference one = {SIDX_SIZE, 600, true};
    put_init(&b);
    for (int i = 0; i < MANY; i++)
        b_sidx(&b, 1, 1000, 0, 0, &one, 1);
    put_fragments(&b, 3);
    seek_warns(&b, REEL_E_BOX_LIMIT, "indexes refer to indexes more than 8 deep (sidx at 0x");
}

/* Segments that have nothing in them: each index leads to the next. */
static void test_sidx_of_empty_segments(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    b_buf b = {0};
    const b_reference none = {0, 0, false};
    put_init(&b);
    for (int i = 0; i < MANY; i++)
        b_sidx(&b, 1, 1000, 0, 0, &none, 1);
    put_fragments(&b, 3);
    double since = seconds();
    hostile_film f = hostile_open(&b);
    seeks_well(&f);
    in_time(since, 5);
    hostile_close(&f);
    b_free(&b);
}

static void test_sidx_leaves_the_file(void **state)
{
    (void)state;
    const char *line = "sidx refers to what lies past the end of the file (sidx at 0x";
    b_buf b = with_sidx(0x7fffffff, (b_reference){100, 600, false});
    seek_warns(&b, REEL_E_TRUNCATED, line);
    b = with_sidx(UINT64_C(1) << 62, (b_reference){0x7fffffff, 600, true});
    seek_warns(&b, REEL_E_TRUNCATED, line);
    /* only the last of its references */
    b = (b_buf){0};
    put_init(&b);
    const b_reference two[] = {{0x7fffffff, 100, false}, {100, 500, false}};
    b_sidx(&b, 1, 1000, 0, 0, two, 2);
    put_fragments(&b, 3);
    seek_warns(&b, REEL_E_TRUNCATED, line);
}

static void test_sidx_count_larger_than_the_box(void **state)
{
    (void)state;
    b_buf b = with_sidx(0, (b_reference){1000, 600, false});
    size_t at = b_find(&b, "sidx");
    b_set8(&b, at + 38, 0xff);
    b_set8(&b, at + 39, 0xff);
    seek_warns(&b, REEL_E_TABLE, "sidx says 65535 references and holds 1 (sidx at 0x");
}

static void test_sidx_without_references_or_timescale(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        b_buf b = with_sidx(0, (b_reference){1000, 600, false});
        size_t at = b_find(&b, "sidx");
        b_set32(&b, at + (k ? 36 : 16), 0);
        hostile_film f = hostile_open(&b);
        seeks_well(&f);
        not_warned(&f);
        hostile_close(&f);
        b_free(&b);
    }
}

static void test_sidx_that_leads_into_a_sample(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 300; k++) {
        b_buf b = with_sidx(k, (b_reference){1000, 600, k & 1});
        hostile_film f = hostile_open(&b);
        seeks_well(&f);
        hostile_close(&f);
        b_free(&b);
    }
}

/* Three fragments and an mfra whose entries say these places. */
static b_buf with_mfra(const b_place *places, uint32_t n)
{
    b_buf b = {0};
    put_init(&b);
    put_fragments(&b, 3);
    b_mfra(&b, 1, places, n);
    return b;
}

static void test_tfra_to_itself(void **state)
{
    (void)state;
    char line[80];
    b_place place = {0, 0};
    b_buf b = with_mfra(&place, 1);
    place.moof = b_find(&b, "mfra");
    b_free(&b);
    b = with_mfra(&place, 1);
    snprintf(line, sizeof line, "entry 1: there is no moof at 0x%llx (mfra/tfra at 0x", (unsigned long long)place.moof);
    seek_warns(&b, REEL_E_BOX_FIELD, line);
}

static void test_tfra_outside_the_file(void **state)
{
    static const uint64_t offsets[] = {1 << 20, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 7};
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        char line[80];
        const b_place place = {0, offsets[i]};
        b_buf b = with_mfra(&place, 1);
        snprintf(line, sizeof line, "entry 1: there is no moof at 0x%llx (mfra/tfra at 0x",
                 (unsigned long long)offsets[i]);
        seek_warns(&b, REEL_E_BOX_FIELD, line);
    }
}

static void test_tfra_to_what_is_no_moof(void **state)
{
    (void)state;
    b_buf b = with_mfra(&(b_place){0, 0}, 1);
    size_t ends = b_find(&b, "mfra");
    b_free(&b);
    for (size_t at = 0; at < ends; at++) {
        const b_place place = {0, at};
        b = with_mfra(&place, 1);
        hostile_film f = hostile_open(&b);
        seeks_well(&f);
        if (memcmp(b.data + at + 4, "moof", 4)) {
            char line[80];
            snprintf(line, sizeof line, "entry 1: there is no moof at 0x%zx (mfra/tfra at 0x", at);
            warned(&f, REEL_E_BOX_FIELD, line);
        } else {
            not_warned(&f);
        }
        hostile_close(&f);
        b_free(&b);
    }
}

static void test_tfra_count_larger_than_the_box(void **state)
{
    (void)state;
    b_buf b = {0};
    b_place place = {0, 0};
    put_init(&b);
    place.moof = b.size;
    put_fragments(&b, 3);
    b_mfra(&b, 1, &place, 1);
    b_set32(&b, b_find(&b, "mfra") + 8 + 12 + 8, 0xffffffff);
    seek_warns(&b, REEL_E_TABLE, "tfra says 4294967295 entries and holds 1 (mfra/tfra at 0x");
}

/* The numbers of traf, trun and sample take one byte to four each, and are passed over. */
static void test_tfra_of_every_length_size(void **state)
{
    (void)state;
    for (uint32_t sizes = 0; sizes < 64; sizes++) {
        b_buf b = {0};
        size_t moof[3];
        put_init(&b);
        for (uint32_t i = 0; i < 3; i++) {
            moof[i] = b.size;
            put_fragment(&b, i);
        }
        size_t start = b.size, each = (sizes & 3) + (sizes >> 2 & 3) + (sizes >> 4) + 3;
        b_box(&b, "mfra");
        b_full(&b, "tfra", 0, 0);
        b_u32(&b, 1);
        b_u32(&b, sizes | 0xffffffc0u);
        b_u32(&b, 3);
        for (uint32_t i = 0; i < 3; i++) {
            b_u32(&b, i * EACH * TICKS);
            b_u32(&b, moof[i]);
            b_fill(&b, 0xff, each);
        }
        b_end(&b);
        b_full(&b, "mfro", 0, 0);
        b_u32(&b, b.size + 4 - start);
        b_end(&b);
        b_end(&b);
        hostile_film f = hostile_open(&b);
        seeks_well(&f);
        not_warned(&f);
        reel_sample s;
        assert_int_equal(reel_track_seek(f.track, 11 * TICKS, REEL_SEEK_EXACT, &s, NULL, NULL), REEL_OK);
        assert_true(s.index == REEL_NO_INDEX); /* it came through the index */
        hostile_close(&f);
        b_free(&b);
    }
}

static void test_mfro_with_a_wild_size(void **state)
{
    static const uint32_t sizes[] = {0xffffffff, 0x80000000, 15, 17, 24, 100, 1};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char line[80];
        b_buf b = with_mfra(&(b_place){0, 0}, 1);
        b_set32(&b, b.size - 4, sizes[i]);
        snprintf(line, sizeof line, "there is no mfra %u bytes before its end (mfra/mfro at 0x%zx", sizes[i],
                 b.size - 16);
        seek_warns(&b, REEL_E_BOX_FIELD, line);
    }
}

/* ---- fragments -------------------------------------------------------------------------------------------- */

static const b_entry one_entry[] = {{TICKS, 10, 0, 0}};
static const b_trun one_run = {.flags = B_DATA | B_DURATION | B_SIZE, .entries = one_entry, .count = 1};

static b_buf with_traf(const b_traf *traf)
{
    b_buf b = {0};
    put_init(&b);
    b_fragment(&b, 1, traf, 1, 50);
    return b;
}

static void samples_are(const b_buf *b, uint64_t n)
{
    hostile_film f = hostile_open(b);
    assert_int_equal(hostile_count(&f), n);
    hostile_close(&f);
}

static void test_traf_of_no_track(void **state)
{
    (void)state;
    b_buf b = with_traf(&(b_traf){.track_id = 99, .flags = 0x20000, .runs = &one_run, .run_n = 1});
    hostile_warns(&b, REEL_E_BOX_FIELD, "there is no track 99 (moof/traf/tfhd at 0x");
    samples_are(&b, 0);
    put_fragment(&b, 1); /* and the fragments behind it count */
    samples_are(&b, EACH);
    b_free(&b);
}

static void test_traf_without_tfhd(void **state)
{
    (void)state;
    b_buf b = with_traf(&(b_traf){.flags = 0x20000, .runs = &one_run, .run_n = 1});
    b_hide(&b, "moof/traf/tfhd");
    hostile_warns(&b, REEL_E_BOX_MISSING, "traf has no tfhd; it is left out (moof/traf at 0x");
    samples_are(&b, 0);
    b_free(&b);
}

static void test_tfhd_twice(void **state)
{
    (void)state;
    b_buf b = {0}, more = {0};
    b_full(&more, "tfhd", 0, 0x20000);
    b_u32(&more, 77);
    b_end(&more);
    put_init(&b);
    const b_traf traf = {.flags = 0x20000, .has_tfdt = true, .runs = &one_run, .run_n = 1, .more = &more};
    b_fragment(&b, 1, &traf, 1, 50);
    hostile_warns(&b, REEL_E_BOX_DUPLICATE, "tfhd is there already; the first counts (moof/traf/tfhd at 0x");
    samples_are(&b, 1);
    b_free(&b);
    b_free(&more);
}

static void test_trex_missing(void **state)
{
    (void)state;
    const b_track two[] = {{0}, {0}};
    b_buf b = {0};
    b_film(&b, &(b_movie){.track = two, .tracks = 2, .fragmented = true});
    b_set32(&b, b_body(&b, "moov/mvex/trex[2]"), 7); /* of a track that is not there */
    const b_traf traf = {.track_id = 2, .flags = 0x20000, .runs = &one_run, .run_n = 1};
    b_fragment(&b, 1, &traf, 1, 50);
    hostile_both(&b, REEL_E_BOX_MISSING, "mvex has no trex for track 2 (moov/mvex at 0x");
    hostile_film f = hostile_open(&b);
    reel_sample s;
    assert_int_equal(reel_track_sample(reel_movie_track(f.movie, 1), 0, &s, NULL), REEL_OK);
    assert_int_equal(s.description, 1);
    hostile_close(&f);
    b_free(&b);
}

/* It is no fragment there: void is passed over like any box that does not belong. */
static void test_moof_inside_moov(void **state)
{
    (void)state;
    b_buf b = {0}, more = {0};
    const b_traf traf = {.flags = 0x20000, .runs = &one_run, .run_n = 1};
    b_fragment(&more, 1, &traf, 1, 50);
    b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .more = &more});
    hostile_silent(&b);
    samples_are(&b, 10);
    b_free(&b);
    b_free(&more);
}

/* Both are read, though the bytes are the same. */
static void test_two_moofs_with_the_same_offsets(void **state)
{
    (void)state;
    b_buf b = {0};
    put_init(&b);
    size_t first = b.size;
    put_fragment(&b, 0);
    size_t moof = b_get32(&b, first);
    uint8_t *copy = malloc(moof);
    assert_non_null(copy);
    memcpy(copy, b.data + first, moof);
    size_t second = b.size;
    b_bytes(&b, copy, moof);
    free(copy);
    size_t trun = b_body(&b, "moof[2]/traf/trun");
    b_set32(&b, trun + 4, b_get32(&b, trun + 4) - (uint32_t)(second - first)); /* now negative */
    hostile_film f = hostile_open(&b);
    assert_int_equal(hostile_count(&f), 2 * EACH);
    for (uint64_t i = 0; i < EACH; i++) {
        reel_sample a, c;
        assert_int_equal(reel_track_sample(f.track, i, &a, NULL), REEL_OK);
        assert_int_equal(reel_track_sample(f.track, i + EACH, &c, NULL), REEL_OK);
        assert_int_equal(a.offset, c.offset);
        assert_int_equal(a.dts, c.dts); /* its tfdt says the same too */
    }
    hostile_walk_movie(f.movie);
    hostile_close(&f);
    b_free(&b);
}

static void test_100000_empty_moofs(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    b_buf b = {0};
    put_init(&b);
    for (int i = 0; i < MANY; i++) {
        b_box(&b, "moof");
        b_end(&b);
    }
    put_fragment(&b, 0);
    put_fragment(&b, 1);
    double since = seconds();
    hostile_film f = hostile_open(&b);
    seeks_well(&f);
    assert_int_equal(hostile_count(&f), 2 * EACH);
    hostile_walk_movie(f.movie);
    in_time(since, 5);
    hostile_close(&f);
    b_free(&b);
}

/*
 * The same behind an index that leads to the first of them. A seek went over 4096 moofs that had nothing of its track,
 * and then read a run that it had not found.
 */
static void test_100000_empty_moofs_behind_an_index(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    b_buf b = {0};
    put_init(&b);
    const b_place place = {0, b.size};
    for (int i = 0; i < MANY; i++) {
        b_box(&b, "moof");
        b_end(&b);
    }
    put_fragment(&b, 0);
    put_fragment(&b, 1);
    b_mfra(&b, 1, &place, 1);
    double since = seconds();
    hostile_film f = hostile_open(&b);
    seeks_well(&f);
    in_time(since, 5);
    hostile_close(&f);
    b_free(&b);
}

static void test_trun_that_points_into_another_fragment(void **state)
{
    (void)state;
    b_buf b = {0};
    put_init(&b);
    put_fragments(&b, 2);
    size_t first = b_find(&b, "mdat") + 8, moof = b_find(&b, "moof[2]"), trun = b_body(&b, "moof[2]/traf/trun");
    b_set32(&b, trun + 4, (uint32_t)(first + 3 - moof));
    hostile_film f = hostile_open(&b);
    reel_sample s;
    reel_packet p;
    assert_int_equal(reel_track_sample(f.track, EACH, &s, NULL), REEL_OK);
    assert_int_equal(s.offset, first + 3);
    assert_int_equal(reel_packet_get(f.track, &s, &p, NULL), REEL_OK);
    assert_memory_equal(p.data, b.data + first + 3, 10);
    reel_packet_unref(&p);
    hostile_walk_movie(f.movie);
    not_warned(&f);
    hostile_close(&f);
    b_free(&b);
}

static void test_boxes_at_the_top_that_are_cut(void **state)
{
    static const char *const types[] = {"emsg", "prft", "styp", "free", "xyz "};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (int fragmented = 0; fragmented < 2; fragmented++) {
            char line[80];
            b_buf b = {0};
            fragmented ? small_fragmented(&b) : small_plain(&b);
            snprintf(line, sizeof line, "%s goes past the end of the file (%s at 0x%zx", types[i], types[i], b.size);
            b_full(&b, types[i], 0, 0);
            b_end(&b);
            b_set32(&b, b.size - 12, 100);
            if (fragmented)
                hostile_warns(&b, REEL_E_TRUNCATED, line);
            else
                hostile_both(&b, REEL_E_TRUNCATED, line);
            samples_are(&b, 10);
            b_free(&b);
        }
}

/* ---- encryption ------------------------------------------------------------------------------------------- */

static void put_tenc(b_buf *b, uint8_t iv_size, const uint8_t *constant, size_t n)
{
    b_box(b, "sinf");
    b_box(b, "frma");
    b_text(b, "avc1");
    b_end(b);
    b_full(b, "schm", 0, 0);
    b_text(b, "cbcs");
    b_u32(b, 0x10000);
    b_end(b);
    b_box(b, "schi");
    b_full(b, "tenc", 1, 0);
    b_u16(b, 0);
    b_u8(b, 1);
    b_u8(b, iv_size);
    b_fill(b, 0x11, 16);
    b_bytes(b, constant, n);
    b_end(b);
    b_end(b);
    b_end(b);
}

/* Ten samples, encrypted, with vectors of that size; more at the end of stbl. */
static b_buf encrypted(uint8_t iv_size, const uint8_t *constant, size_t n, const b_buf *more)
{
    b_buf b = {0}, entries = {0};
    b_video(&entries, "encv", 64, 48);
    b_box(&entries, "avcC");
    b_bytes(&entries, "\1\144\0\15\377\340\0", 7);
    b_end(&entries);
    put_tenc(&entries, iv_size, constant, n);
    b_end(&entries);
    b_track t = small_track;
    t.entries = &entries;
    t.more = more;
    b_film(&b, &(b_movie){.track = &t, .tracks = 1, .media_size = 100});
    b_free(&entries);
    return b;
}

/* What is said about sample number i; the line is looked for in the error, or nothing is wrong. */
static void crypto_says(const b_buf *b, uint64_t i, int code, const char *line)
{
    hostile_film f = hostile_open(b);
    reel_sample s;
    reel_sample_crypto c;
    reel_error err = {0};
    assert_int_equal(reel_track_sample(f.track, i, &s, NULL), REEL_OK);
    int got = reel_track_sample_crypto(f.track, &s, &c, &err);
    if (got != code)
        fail_msg("sample %d: %s %s, not %s", (int)i, reel_code_name(got), got < 0 ? err.text : "",
                 reel_code_name(code));
    if (code < 0)
        same_line(&err, code, line);
    hostile_walk_movie(f.movie);
    hostile_close(&f);
}

/* says so many records, and holds so many: 8 bytes of IV, and one subsample that claims to be so many. */
static void put_senc(b_buf *b, uint32_t says, uint32_t holds, uint16_t subsamples)
{
    b_full(b, "senc", 0, 2);
    b_u32(b, says);
    for (uint32_t i = 0; i < holds; i++) {
        b_u64(b, i);
        b_u16(b, subsamples);
        b_u16(b, 4);
        b_u32(b, 6);
    }
    b_end(b);
}

static void senc_says(uint32_t says, uint32_t holds, uint16_t subsamples, uint64_t i, int code, const char *line)
{
    b_buf more = {0};
    put_senc(&more, says, holds, subsamples);
    b_buf b = encrypted(8, NULL, 0, &more);
    crypto_says(&b, i, code, line);
    b_free(&b);
    b_free(&more);
}

static void test_senc_counts(void **state)
{
    (void)state;
    senc_says(12, 12, 1, 9, REEL_OK, NULL); /* more than samples */
    senc_says(3, 3, 1, 2, REEL_OK, NULL);
    senc_says(3, 3, 1, 3, REEL_E_TABLE, "senc has no record of this sample (senc at 0x");
    senc_says(3, 10, 1, 3, REEL_E_TABLE, "senc has no record of this sample (senc at 0x");
    senc_says(0, 0, 1, 0, REEL_E_TABLE, "senc has no record of this sample (senc at 0x");
    senc_says(0xffffffff, 2, 1, 1, REEL_OK, NULL);
    senc_says(0xffffffff, 2, 1, 9, REEL_E_TABLE, "senc ends too early (senc at 0x");
}

static void test_senc_subsample_counts(void **state)
{
    (void)state;
    senc_says(10, 10, 0xffff, 0, REEL_E_TABLE, "senc ends too early (senc at 0x");
    senc_says(10, 10, 27, 0, REEL_E_TABLE, "senc ends too early (senc at 0x");
    senc_says(10, 10, 2, 9, REEL_E_TABLE, "senc ends too early (senc at 0x");
}

static void test_senc_without_its_count(void **state)
{
    (void)state;
    b_buf more = {0};
    b_box(&more, "senc");
    b_end(&more);
    b_buf b = encrypted(8, NULL, 0, &more);
    crypto_says(&b, 0, REEL_E_TABLE, "senc has no record of this sample (senc at 0x");
    b_free(&b);
    b_free(&more);
}

typedef struct aux {
    uint8_t default_size;
    uint32_t saiz_count, saiz_holds, saio_count;
    uint8_t size;
    unsigned saio_version;
    uint64_t offset;
} aux;

static void aux_says(aux a, uint64_t i, int code, const char *line)
{
    b_buf more = {0};
    b_full(&more, "saiz", 0, 0);
    b_u8(&more, a.default_size);
    b_u32(&more, a.saiz_count);
    b_fill(&more, a.size, a.saiz_holds);
    b_end(&more);
    b_full(&more, "saio", a.saio_version, 0);
    b_u32(&more, a.saio_count);
    a.saio_version ? b_u64(&more, a.offset) : b_u32(&more, a.offset);
    b_end(&more);
    b_buf b = encrypted(8, NULL, 0, &more);
    crypto_says(&b, i, code, line);
    b_free(&b);
    b_free(&more);
}

static void test_saiz_counts_and_sizes(void **state)
{
    (void)state;
    aux_says((aux){8, 10, 0, 1, 0, 0, 20}, 9, REEL_OK, NULL);
    aux_says((aux){8, 12, 0, 1, 0, 0, 20}, 9, REEL_OK, NULL);
    aux_says((aux){8, 5, 0, 1, 0, 0, 20}, 5, REEL_E_TABLE, "saiz has no size for this sample (saiz at 0x");
    aux_says((aux){0, 0xffffffff, 4, 1, 8, 0, 20}, 3, REEL_OK, NULL);
    aux_says((aux){0, 0xffffffff, 4, 1, 8, 0, 20}, 4, REEL_E_TABLE, "saiz ends too early (saiz at 0x");
    aux_says((aux){0, 10, 10, 1, 3, 0, 20}, 0, REEL_E_TABLE, "its size does not hold the record (saiz at 0x");
    aux_says((aux){0, 10, 10, 1, 9, 0, 20}, 0, REEL_E_TABLE, "its size does not hold the record (saiz at 0x");
    aux_says((aux){0, 10, 10, 1, 0, 0, 20}, 0, REEL_E_TABLE, "nothing says what its initialization vector is (at 0x");
}

static void test_saio_outside_the_file(void **state)
{
    (void)state;
    const char *line = "the file ends too early (at 0x";
    aux_says((aux){8, 10, 0, 1, 0, 0, 0xfffffff0}, 0, REEL_E_TRUNCATED, line);
    aux_says((aux){8, 10, 0, 1, 0, 1, INT64_MAX}, 0, REEL_E_TRUNCATED, line);
    aux_says((aux){8, 10, 0, 1, 0, 1, UINT64_MAX}, 1, REEL_E_TABLE, "its offset is impossible (saio at 0x");
    aux_says((aux){8, 10, 0, 1, 0, 1, UINT64_MAX - 20}, 0, REEL_E_TRUNCATED, line);
}

static void test_saio_counts(void **state)
{
    (void)state;
    aux_says((aux){8, 10, 0, 0, 0, 0, 20}, 0, REEL_E_TABLE, "saio has no offset (saio at 0x");
    aux_says((aux){8, 10, 0, 0xffffffff, 0, 0, 20}, 0, REEL_E_TABLE, "saio has not one offset but several (saio at 0x");
}

static void test_saio_that_ends_early(void **state)
{
    (void)state;
    b_buf more = {0};
    b_full(&more, "saiz", 0, 0);
    b_u8(&more, 8);
    b_u32(&more, 10);
    b_end(&more);
    b_full(&more, "saio", 1, 0);
    b_u32(&more, 1);
    b_u32(&more, 0);
    b_end(&more);
    b_buf b = encrypted(8, NULL, 0, &more);
    crypto_says(&b, 0, REEL_E_TABLE, "saio ends too early (saio at 0x");
    b_free(&b);
    b_free(&more);
}

/* An IV of nothing decrypts to noise: the sample is not given one made of zeros. */
static void test_tenc_without_any_iv(void **state)
{
    static const uint8_t none[] = {0}, four[] = {4, 1, 2, 3, 4};
    (void)state;
    b_buf b = encrypted(0, none, 1, NULL);
    hostile_warns(&b, REEL_E_CONFIG, "a constant IV of 0 bytes (" SAYS "/stsd/encv/tenc at 0x");
    crypto_says(&b, 0, REEL_E_TABLE, "nothing says what its initialization vector is (at 0x");
    b_free(&b);
    b = encrypted(0, four, 5, NULL);
    hostile_warns(&b, REEL_E_CONFIG, "a constant IV of 4 bytes (" SAYS "/stsd/encv/tenc at 0x");
    b_free(&b);
    b = encrypted(0, NULL, 0, NULL);
    hostile_warns(&b, REEL_E_CONFIG, "tenc ends too early, after 24 bytes (" SAYS "/stsd/encv/tenc at 0x");
    b_free(&b);
    b = encrypted(8, NULL, 0, NULL); /* one a sample, and no sample has one */
    crypto_says(&b, 0, REEL_E_TABLE, "nothing says what its initialization vector is (at 0x");
    b_free(&b);
    b = encrypted(200, NULL, 0, NULL);
    hostile_warns(&b, REEL_E_CONFIG, "initialization vectors of 200 bytes (" SAYS "/stsd/encv/tenc at 0x");
    b_free(&b);
}

static void test_pssh_counts_and_sizes(void **state)
{
    (void)state;
    static const struct {
        uint32_t kids, size;
        int code;
        const char *line;
    } cases[] = {
        {1, 4, REEL_OK, NULL},
        {0xffffffff, 4, REEL_E_TABLE, "pssh says 4294967295 key ids and holds 1 (pssh at 0x"},
        {2, 4, REEL_E_TABLE, "pssh says 2 key ids and holds 1 (pssh at 0x"},
        {1, 5, REEL_OK, "pssh ends too early (pssh at 0x"},
        {1, 0xffffffff, REEL_OK, "pssh ends too early (pssh at 0x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        b_buf b = {0}, more = {0};
        reel_pssh p;
        b_full(&more, "pssh", 1, 0);
        b_fill(&more, 0x22, 16);
        b_u32(&more, cases[i].kids);
        b_fill(&more, 0x33, 16);
        b_u32(&more, cases[i].size);
        b_text(&more, "data");
        b_end(&more);
        b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .more = &more});
        hostile_film f = hostile_open(&b);
        assert_int_equal(reel_movie_pssh(f.movie, 0, &p), cases[i].code);
        if (cases[i].code == REEL_OK)
            assert_int_equal(p.data.size, 4);
        if (cases[i].line)
            warned(&f, REEL_E_TABLE, cases[i].line);
        else
            not_warned(&f);
        assert_int_equal(reel_movie_pssh(f.movie, 1, &p), REEL_END);
        hostile_close(&f);
        b_free(&b);
        b_free(&more);
    }
}

static void test_pssh_cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t n = 0; n < 44; n++) {
        b_buf b = {0}, more = {0};
        reel_pssh p;
        uint8_t body[44] = {1};
        body[23] = 1;
        b_box(&more, "pssh");
        b_bytes(&more, body, n);
        b_end(&more);
        b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .more = &more});
        hostile_film f = hostile_open(&b);
        assert_int_equal(reel_movie_pssh(f.movie, 0, &p), REEL_E_TABLE);
        assert_int_equal(reel_movie_pssh(f.movie, 1, &p), REEL_END);
        warned(&f, REEL_E_TABLE,
               n < 24 || n >= 40 ? "pssh ends too early (pssh at 0x" : "pssh says 1 key ids and holds 0 (pssh at 0x");
        hostile_close(&f);
        b_free(&b);
        b_free(&more);
    }
}

/* ---- sample groups ---------------------------------------------------------------------------------------- */

/* Samples in one run, of a group; and one description of two bytes. */
static b_buf grouped(uint32_t sbgp_says, uint32_t count, uint32_t group, uint32_t sgpd_says, uint32_t length)
{
    b_buf b = {0}, more = {0};
    b_full(&more, "sbgp", 0, 0);
    b_text(&more, "roll");
    b_u32(&more, sbgp_says);
    b_u32(&more, count);
    b_u32(&more, group);
    b_end(&more);
    b_full(&more, "sgpd", 1, 0);
    b_text(&more, "roll");
    b_u32(&more, length);
    b_u32(&more, sgpd_says);
    b_u16(&more, 0xffff);
    b_end(&more);
    b_track t = small_track;
    t.more = &more;
    b_film(&b, &(b_movie){.track = &t, .tracks = 1, .media_size = 100});
    b_free(&more);
    return b;
}

static void group_is(b_buf b, uint32_t want, size_t size, const char *line)
{
    hostile_film f = hostile_open(&b);
    reel_sample s;
    uint32_t group = 99;
    reel_span entry;
    assert_int_equal(reel_track_sample(f.track, 9, &s, NULL), REEL_OK);
    assert_int_equal(reel_track_sample_group(f.track, &s, REEL_4CC('r', 'o', 'l', 'l'), &group, &entry, NULL), REEL_OK);
    assert_int_equal(group, want);
    assert_int_equal(entry.size, size);
    if (line)
        warned(&f, REEL_E_TABLE, line);
    else
        not_warned(&f);
    hostile_close(&f);
    b_free(&b);
}

static void test_sbgp_and_sgpd_counts(void **state)
{
    (void)state;
    group_is(grouped(1, 10, 1, 1, 2), 1, 2, NULL);
    group_is(grouped(1, 0xffffffff, 1, 1, 2), 1, 2, NULL);
    group_is(grouped(0xffffffff, 10, 1, 1, 2), 1, 2, "sbgp says 4294967295 entries and holds 1 (sbgp at 0x");
    group_is(grouped(0xffffffff, 0, 1, 1, 2), 0, 0, "sbgp says 4294967295 entries and holds 1 (sbgp at 0x");
    group_is(grouped(1, 10, 1, 0xffffffff, 2), 1, 2, NULL);
    group_is(grouped(1, 10, 2, 0xffffffff, 2), 2, 0, "there is no group description 2 (sgpd at 0x");
    group_is(grouped(1, 10, 2, 1, 2), 2, 0, "there is no group description 2 (sgpd at 0x");
    group_is(grouped(1, 10, 0xffffffff, 1, 2), 0xffffffff, 0, "there is no group description 4294967295 (sgpd at 0x");
    group_is(grouped(1, 10, 1, 1, 0xffffffff), 1, 0, "there is no group description 1 (sgpd at 0x");
    group_is(grouped(1, 10, 1, 1, 0), 1, 0, "there is no group description 1 (sgpd at 0x");
    group_is(grouped(1, 10, 0, 1, 2), 0, 0, NULL);
}

/* ---- sample entries --------------------------------------------------------------------------------------- */

/* One box in a sample entry of that kind, and what is said about it. */
static void entry_says(const char *entry, const char *box, const void *body, size_t n, const char *line)
{
    bool sound = !strcmp(entry, "mp4a");
    char text[200];
    b_buf b = {0}, entries = {0};
    sound ? b_audio(&entries, entry, 2, 48000) : b_video(&entries, entry, 64, 48);
    if (box[3] != 'C' && !sound) {
        b_box(&entries, "avcC");
        b_bytes(&entries, "\1\144\0\15\377\340\0", 7);
        b_end(&entries);
    }
    b_box(&entries, box);
    b_bytes(&entries, body, n);
    b_end(&entries);
    b_end(&entries);
    b_track t = small_track;
    t.handler = sound ? "soun" : "vide";
    t.entries = &entries;
    b_film(&b, &(b_movie){.track = &t, .tracks = 1, .media_size = 100});
    hostile_film f = hostile_open(&b);
    hostile_walk_movie(f.movie);
    snprintf(text, sizeof text, "%s (" SAYS "/stsd/%s/%s at 0x", line ? line : "", entry, box);
    if (line)
        warned(&f, REEL_E_CONFIG, text);
    else
        not_warned(&f);
    hostile_close(&f);
    b_free(&b);
    b_free(&entries);
}

#define ENTRY(entry, box, body, line) entry_says(entry, box, body, sizeof(body) - 1, line)
#define SETS                          "its parameter sets run past its end"

static void test_avcc_counts(void **state)
{
    (void)state;
    ENTRY("avc1", "avcC", "\1\144\0\15\377\340\0", NULL);
    ENTRY("avc1", "avcC", "\1\144\0\15\377\377\0\1\147", SETS);         /* 31 SPS */
    ENTRY("avc1", "avcC", "\1\144\0\15\377\340\377\0\1\150", SETS);     /* 255 PPS */
    ENTRY("avc1", "avcC", "\1\144\0\15\377\341\377\377\147\0", SETS);   /* one of 65535 bytes */
    ENTRY("avc1", "avcC", "\1\144\0\15\377\340", SETS);                 /* no count of PPS */
    ENTRY("avc1", "avcC", "\1\144\0\15", "avcC ends too early, after 4 bytes");
    ENTRY("avc1", "avcC", "", "avcC ends too early, after 0 bytes");
}

#define HVCC "\1\1\140\0\0\0\220\0\0\0\0\0\135\360\0\374\375\370\370\0\0\17"

static void test_hvcc_counts(void **state)
{
    (void)state;
    ENTRY("hvc1", "hvcC", HVCC "\0", NULL);
    ENTRY("hvc1", "hvcC", HVCC "\377", SETS);
    ENTRY("hvc1", "hvcC", HVCC "\1\241\377\377", SETS);
    ENTRY("hvc1", "hvcC", HVCC "\1\241\0\1\377\377\102", SETS);
    ENTRY("hvc1", "hvcC", HVCC "\2\241\0\0", SETS);
    ENTRY("hvc1", "hvcC", "\1\1\140", "hvcC ends too early, after 3 bytes");
}

#define VVCC "\0\0\0\0\377\0\21\137\1\2\63\200\0\1\100\0\360\0\0"

static void test_vvcc_counts(void **state)
{
    (void)state;
    ENTRY("vvc1", "vvcC", VVCC "\0", NULL);
    ENTRY("vvc1", "vvcC", VVCC "\3\215\0\2\252\273\217\0\1\0\3\314\335\356\220\0\0", NULL); /* DCI, SPS, none */
    ENTRY("vvc1", "vvcC", VVCC "\377", SETS);
    ENTRY("vvc1", "vvcC", VVCC "\1\217\377\377", SETS);
    ENTRY("vvc1", "vvcC", VVCC "\1\217\0\1\377\377\102", SETS);
    ENTRY("vvc1", "vvcC", "\0\0\0\0\377\0\21\137\77", "vvcC ends too early, after 5 bytes"); /* 63 bytes of constraints */
    ENTRY("vvc1", "vvcC", "\0\0\0\0\377\0", "vvcC ends too early, after 2 bytes");
}

static void test_av1c_sizes(void **state)
{
    (void)state;
    ENTRY("av01", "av1C", "\201\4\14\0", NULL);
    ENTRY("av01", "av1C", "\201\4\14\0\12\0", NULL);
    ENTRY("av01", "av1C", "\201\4\14\0\12\177\0", "its OBUs run past its end");
    ENTRY("av01", "av1C", "\201\4\14\0\12\377\377\377\377\377\377\377\377\377", "its OBUs run past its end");
    ENTRY("av01", "av1C", "\201\4\14\0\12", "its OBUs run past its end");
    ENTRY("av01", "av1C", "\201\4\14", "av1C ends too early, after 3 bytes");
}

static void test_vpcc_sizes(void **state)
{
    (void)state;
    ENTRY("vp09", "vpcC", "\1\0\0\0\0\51\202\1\1\1\0\0", NULL);
    ENTRY("vp09", "vpcC", "\1\0\0\0\0\51\202\1\1\1\377\377", "its initialization data run past its end");
    ENTRY("vp09", "vpcC", "\1\0\0\0\0\51\202\1\1", "vpcC ends too early, after 9 bytes");
}

static void test_colour_boxes_that_are_short(void **state)
{
    static const uint8_t zeros[32];
    (void)state;
    ENTRY("avc1", "colr", "ncl", "colr ends too early, after 3 bytes");
    ENTRY("avc1", "colr", "nclx\0\1\0\1\0\1", "colr ends too early, after 10 bytes");
    ENTRY("avc1", "colr", "nclc\0\1\0\1\0", "colr ends too early, after 9 bytes");
    for (size_t n = 0; n < 32; n++) {
        char line[60];
        snprintf(line, sizeof line, "ends too early, after %zu bytes", n);
        entry_says("avc1", "clap", zeros, n, line);
        entry_says("avc1", "mdcv", zeros, n, n < 24 ? line : NULL);
        entry_says("avc1", "pasp", zeros, n, n < 8 ? line : NULL);
        entry_says("avc1", "clli", zeros, n, n < 4 ? line : NULL);
    }
}

/* A descriptor: its tag, and a length in four bytes. */
static void put_descriptor(b_buf *b, uint8_t tag, uint32_t size)
{
    b_u8(b, tag);
    for (int i = 3; i >= 0; i--)
        b_u8(b, (size >> (7 * i) & 127) | (i ? 128u : 0u));
}

/* Each the only one in the one before. Nothing goes down more than the two levels that mean something. */
static void test_esds_a_thousand_deep(void **state)
{
    (void)state;
    static const uint8_t tags[] = {3, 4, 5, 6};
    for (size_t k = 0; k < 4; k++) {
        enum { DEEP = 1000 };
        const char *what = k ? "elementary stream descriptor" : "decoder configuration";
        char line[60];
        snprintf(line, sizeof line, "there is no %s in it", what);
        b_buf b = {0};
        b_u32(&b, 0);
        for (uint32_t i = 0; i < DEEP; i++) {
            put_descriptor(&b, tags[k], 8 * (DEEP - i) - 5);
            b_fill(&b, 0, 3); /* what an ES_Descriptor begins with */
        }
        entry_says("mp4a", "esds", b.data, b.size, line);
        b_free(&b);
    }
}

static void test_esds_lengths(void **state)
{
    const char *cut = "a descriptor is longer than what it lies in", *none = "there is no decoder configuration in it";
    (void)state;
    ENTRY("mp4a", "esds", "\0\0\0\0\3\377\377\377\377\0\1\0\4\377\377\377\377\100\25\0\0\0\0\1\364\0\0\1\364\0"
                          "\5\2\22\20", cut);
    ENTRY("mp4a", "esds", "\0\0\0\0\3\30\0\1\0\4\21\100\25\0\0\0\0\1\364\0\0\1\364\0\5\377\377\377\377\22\20", cut);
    ENTRY("mp4a", "esds", "\0\0\0\0\3\377\377\377\377", none);
    ENTRY("mp4a", "esds", "\0\0\0\0\3\0", none);
    ENTRY("mp4a", "esds", "\0\0\0\0\3\1\0", none);
    ENTRY("mp4a", "esds", "\0\0\0\0\3\10\0\1\0\4\3\100\25\0", cut); /* three bytes of at least thirteen */
    ENTRY("mp4a", "esds", "\0\0\0\0\3\10\0\1\340\377\377\377\377\377", none); /* a URL of 255 bytes */
    ENTRY("mp4a", "esds", "\0\0\0", "there is no elementary stream descriptor in it");
}

static void test_stsd_count_of_2_to_the_32(void **state)
{
    (void)state;
    b_buf b = {0};
    small_plain(&b);
    b_set32(&b, b_body(&b, STBL "/stsd"), 0xffffffff);
    hostile_both(&b, REEL_E_TABLE, "stsd says 4294967295 entries and holds 1 (" SAYS "/stsd at 0x");
    hostile_film f = hostile_open(&b);
    reel_track_info info;
    reel_description d;
    reel_error err;
    reel_track_get_info(f.track, &info);
    assert_int_equal(info.description_count, 1);
    assert_int_equal(reel_track_description(f.track, 2, &d, &err), REEL_E_RANGE);
    same_line(&err, REEL_E_RANGE, "there is no sample description 2 (" SAYS "/stsd at 0x");
    hostile_close(&f);
    b_free(&b);
}

static void test_stsc_with_no_such_description(void **state)
{
    static const uint32_t numbers[] = {0, 2, 0xffffffff};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char line[120];
        b_buf b = {0};
        small_plain(&b);
        b_set32(&b, b_body(&b, STBL "/stsc") + 12, numbers[i]);
        snprintf(line, sizeof line, "entry 1: there is no sample description %u (" SAYS "/stsc at 0x", numbers[i]);
        hostile_both(&b, REEL_E_TABLE, line);
        hostile_film f = hostile_open(&b);
        reel_sample s;
        reel_description d;
        reel_error err;
        assert_int_equal(reel_track_sample(f.track, 0, &s, NULL), REEL_OK);
        assert_int_equal(s.description, numbers[i]);
        assert_int_equal(reel_track_description(f.track, s.description, &d, &err), REEL_E_RANGE);
        hostile_close(&f);
        b_free(&b);
    }
}

/* ---- tracks ----------------------------------------------------------------------------------------------- */

/* The film's bytes end where the box does. */
static reel_track_info info_with(b_buf *b, const char *path, const char *type, const void *body, size_t n)
{
    b_buf box = {0};
    b_box(&box, type);
    b_bytes(&box, body, n);
    b_end(&box);
    small_plain(b);
    size_t at = b_find(b, path) + b_get32(b, b_find(b, path));
    b_insert(b, path, at, box.data, box.size);
    b_free(&box);
    hostile_film f = hostile_open(b);
    reel_track_info info;
    reel_track_get_info(f.track, &info);
    hostile_close(&f);
    return info;
}

static void test_elng_not_terminated(void **state)
{
    static const struct {
        const char *body, *language;
        size_t n;
    } cases[] = {{"\0\0\0\0de-CH", "de-CH", 9}, {"\0\0\0\0", "und", 4}, {"\0\0", "und", 2}, {"", "und", 0},
                 {"\0\0\0\0en-a-very-long-tag-indeed", "en-a-very-long-", 29}, {"\0\0\0\0\xff\xfe", "und", 6}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        b_buf b = {0};
        reel_track_info info = info_with(&b, "moov/trak/mdia", "elng", cases[i].body, cases[i].n);
        assert_string_equal(info.language, cases[i].language);
        b_free(&b);
    }
}

/* hdlr stands last in the file, with a name that has no end, or begins with a length (QuickTime), or lies about it. */
static void test_hdlr_names(void **state)
{
    static const struct {
        const char *body, *name;
        size_t n;
    } cases[] = {{"Main", "Main", 4}, {"Main\0", "Main", 5}, {"\4Main", "Main", 5}, {"\5Main", "\5Main", 5},
                 {"\377Main", "\377Main", 5}, {"", "", 0}, {"\0", "", 1}, {"\0Main", "", 5}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        b_buf b = {0}, hdlr = {0};
        b_full(&hdlr, "hdlr", 0, 0);
        b_u32(&hdlr, 0);
        b_text(&hdlr, "vide");
        b_fill(&hdlr, 0, 12);
        b_bytes(&hdlr, cases[i].body, cases[i].n);
        b_end(&hdlr);
        b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .moov_last = true});
        b_hide(&b, "moov/trak/mdia/hdlr");
        b_insert(&b, "moov/trak/mdia", b.size, hdlr.data, hdlr.size);
        uint8_t *copy = malloc(b.size);
        assert_non_null(copy);
        memcpy(copy, b.data, b.size);
        const b_buf tight = {.data = copy, .size = b.size};
        hostile_film f = hostile_open(&tight);
        reel_track_info info;
        reel_track_get_info(f.track, &info);
        assert_int_equal(info.type, REEL_TRACK_VIDEO);
        assert_int_equal(info.name.size, strlen(cases[i].name));
        assert_memory_equal(info.name.data, cases[i].name, info.name.size);
        hostile_close(&f);
        free(copy);
        b_free(&b);
        b_free(&hdlr);
    }
}

static void put_tref(b_buf *b, const char *type, const uint32_t *ids, size_t n)
{
    b_box(b, "tref");
    b_box(b, type);
    for (size_t i = 0; i < n; i++)
        b_u32(b, ids[i]);
    b_end(b);
    b_end(b);
}

/* Chapters that are their own, and two tracks that are each other's: followed once, not round. */
static void test_tref_loops(void **state)
{
    static const uint32_t self[] = {1}, other[] = {2}, nobody[] = {0, 77, 0xffffffff, 1};
    static const uint32_t *const lists[] = {self, other, nobody};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        b_buf b = {0}, one = {0}, two = {0};
        reel_chapter c;
        put_tref(&one, "chap", lists[i], i == 2 ? 4 : 1);
        put_tref(&two, "chap", self, 1);
        b_track tracks[] = {small_track, small_track};
        tracks[0].handler = tracks[1].handler = "text";
        tracks[0].trak_more = &one;
        tracks[1].trak_more = &two;
        b_film(&b, &(b_movie){.track = tracks, .tracks = 2, .media_size = 100});
        hostile_silent(&b);
        hostile_film f = hostile_open(&b);
        assert_int_equal(reel_movie_chapter(f.movie, 9, &c, NULL), REEL_OK);
        assert_int_equal(c.track_id, i == 1 ? 2 : 1);
        reel_ref_drop(c.ref);
        assert_int_equal(reel_movie_chapter(f.movie, 10, &c, NULL), REEL_END);
        assert_int_equal(reel_movie_chapter(f.movie, SIZE_MAX, &c, NULL), REEL_END);
        hostile_close(&f);
        b_free(&b);
        b_free(&one);
        b_free(&two);
    }
}

static void test_tref_that_is_no_list(void **state)
{
    (void)state;
    b_buf b = {0};
    uint32_t type, id;
    static const char body[] = "\0\0\0\10chap\0\0\0\13chap\1\2\3\0\0\0\143chap\0\0\0\5\6";
    info_with(&b, "moov/trak", "tref", body, sizeof body - 1);
    hostile_film f = hostile_open(&b);
    assert_int_equal(reel_track_reference(f.track, 0, &type, &id), REEL_OK);
    assert_int_equal(id, 5); /* of the one that claims 99 bytes and has five */
    assert_int_equal(reel_track_reference(f.track, 1, &type, &id), REEL_END);
    assert_int_equal(reel_track_reference(f.track, SIZE_MAX, &type, &id), REEL_END);
    hostile_close(&f);
    b_free(&b);
}

/* ---- tags and chapters ------------------------------------------------------------------------------------ */

static b_buf with_udta(const b_buf *udta)
{
    b_buf b = {0}, more = {0};
    b_box(&more, "udta");
    b_append(&more, udta);
    b_end(&more);
    b_film(&b, &(b_movie){.track = &small_track, .tracks = 1, .media_size = 100, .more = &more});
    b_free(&more);
    return b;
}

static void begin_meta(b_buf *b, const char *handler)
{
    b_full(b, "meta", 0, 0);
    b_full(b, "hdlr", 0, 0);
    b_u32(b, 0);
    b_text(b, handler);
    b_fill(b, 0, 13);
    b_end(b);
}

/* Items of ilst whose data is missing, shorter than its own header, or longer than the item. */
static void test_ilst_items_that_are_short(void **state)
{
    static const char *const bodies[] = {"", "\0\0\0", "\0\0\0\0\0\0\0", "\0\0\0\10data", "\0\0\0\17data\0\0\0\1\0\0\0",
                                         "\0\0\0\7data\0\0\0\1\0\0\0\0", "\0\0\0\20name\0\0\0\1\0\0\0\0"};
    static const size_t sizes[] = {0, 3, 7, 8, 15, 16, 16};
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        b_buf udta = {0};
        reel_tag tag;
        begin_meta(&udta, "mdir");
        b_box(&udta, "ilst");
        b_box(&udta, "\251nam");
        b_bytes(&udta, bodies[i], sizes[i]);
        b_end(&udta);
        b_end(&udta);
        b_end(&udta);
        b_buf b = with_udta(&udta);
        hostile_film f = hostile_open(&b);
        assert_int_equal(reel_movie_tag(f.movie, 0, &tag), REEL_END);
        hostile_close(&f);
        b_free(&b);
        b_free(&udta);
    }
}

static void test_ilst_data_longer_than_its_item(void **state)
{
    (void)state;
    b_buf udta = {0};
    reel_tag tag;
    begin_meta(&udta, "mdir");
    b_box(&udta, "ilst");
    b_box(&udta, "\251nam");
    b_bytes(&udta, "\177\377\377\377data\0\0\0\1\0\0\0\0Name", 20);
    b_end(&udta);
    b_end(&udta);
    b_end(&udta);
    b_buf b = with_udta(&udta);
    hostile_film f = hostile_open(&b);
    assert_int_equal(reel_movie_tag(f.movie, 0, &tag), REEL_OK);
    assert_int_equal(tag.value.size, 4); /* what is there of it */
    assert_memory_equal(tag.value.data, "Name", 4);
    hostile_close(&f);
    b_free(&b);
    b_free(&udta);
}

/* keys with one name, an ilst item of that number, and the key that comes of it. */
static void key_is(uint32_t count, uint32_t size, uint32_t item, const char *key)
{
    b_buf udta = {0};
    reel_tag tag;
    begin_meta(&udta, "mdta");
    b_full(&udta, "keys", 0, 0);
    b_u32(&udta, count);
    b_u32(&udta, size);
    b_text(&udta, "mdtaname");
    b_end(&udta);
    b_box(&udta, "ilst");
    b_u32(&udta, 8 + 20);
    b_u32(&udta, item);
    b_box(&udta, "data");
    b_u32(&udta, 1);
    b_u32(&udta, 0);
    b_text(&udta, "text");
    b_end(&udta);
    b_end(&udta);
    b_end(&udta);
    b_buf b = with_udta(&udta);
    hostile_film f = hostile_open(&b);
    assert_int_equal(reel_movie_tag(f.movie, 0, &tag), REEL_OK);
    assert_string_equal(tag.key, key);
    assert_memory_equal(tag.value.data, "text", 4);
    assert_int_equal(reel_movie_tag(f.movie, 1, &tag), REEL_END);
    hostile_close(&f);
    b_free(&b);
    b_free(&udta);
}

static void test_keys_counts_and_numbers(void **state)
{
    (void)state;
    key_is(1, 12, 1, "name");
    key_is(0xffffffff, 12, 1, "name");
    key_is(0, 12, 1, "name");
    key_is(1, 12, 0, "\\x00\\x00\\x00\\x00");
    key_is(1, 12, 2, "\\x00\\x00\\x00\\x02");
    key_is(1, 12, 0xffffffff, "\\xff\\xff\\xff\\xff");
    key_is(1, 7, 1, "\\x00\\x00\\x00\\x01");
    key_is(1, 13, 1, "\\x00\\x00\\x00\\x01");
    key_is(1, 0, 1, "\\x00\\x00\\x00\\x01");
    key_is(1, 8, 1, "");
}

static void test_chpl_counts(void **state)
{
    (void)state;
    static const struct {
        unsigned version;
        uint32_t count;
        size_t n;
        uint8_t title;
        size_t chapters;
    } cases[] = {{1, 2, 22, 3, 1}, {1, 0xffffffff, 12, 3, 1}, {1, 0, 12, 3, 0}, {0, 255, 12, 3, 1}, {0, 0, 12, 3, 0},
                 {1, 1, 11, 3, 0}, {1, 1, 8, 3, 0}, {1, 1, 0, 3, 0}, {1, 1, 12, 255, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        b_buf udta = {0}, list = {0};
        reel_chapter c;
        b_fill(&list, 0, 8);
        b_u8(&list, cases[i].title);
        b_text(&list, "one");
        b_fill(&list, 0, 10); /* the next begins */
        b_full(&udta, "chpl", cases[i].version, 0);
        if (cases[i].version)
            b_u8(&udta, 0);
        cases[i].version ? b_u32(&udta, cases[i].count) : b_u8(&udta, cases[i].count);
        b_bytes(&udta, list.data, cases[i].n < list.size ? cases[i].n : list.size);
        b_end(&udta);
        b_buf b = with_udta(&udta);
        hostile_film f = hostile_open(&b);
        for (size_t k = 0; k < cases[i].chapters; k++)
            assert_int_equal(reel_movie_chapter(f.movie, k, &c, NULL), REEL_OK);
        size_t more = cases[i].n == 22 ? 1 : 0; /* a second that is empty, and whole but for nothing */
        assert_int_equal(reel_movie_chapter(f.movie, cases[i].chapters + more, &c, NULL), REEL_END);
        assert_int_equal(reel_movie_chapter(f.movie, 0xfffffffe, &c, NULL), REEL_END);
        hostile_close(&f);
        b_free(&b);
        b_free(&udta);
        b_free(&list);
    }
}

/* ---- items ------------------------------------------------------------------------------------------------ */

static b_buf heif(void)
{
    b_buf b = {0};
    small_heif(&b);
    return b;
}

static void item_says(const b_buf *b, uint32_t id, int code, int warning, const char *line)
{
    hostile_film f = hostile_open(b);
    reel_range range;
    reel_error err = {0};
    assert_int_equal(reel_item_extent(f.movie, id, 0, &range, &err), code);
    hostile_walk_movie(f.movie);
    if (code < 0)
        same_line(&err, code, line);
    else if (line)
        warned(&f, warning, line);
    else
        not_warned(&f);
    hostile_close(&f);
}

static void test_iloc_counts_larger_than_the_box(void **state)
{
    (void)state;
    b_buf b = heif();
    size_t at = b_body(&b, "meta/iloc");
    b_set32(&b, at + 6, 0xffff); /* and no data_reference_index: 65535 extents */
    item_says(&b, 1, REEL_OK, REEL_E_TABLE, "item 1: it says 65535 extents and holds 1 (meta/iloc at 0x");
    b_free(&b);
    b = heif();
    b_set8(&b, at + 2, 0xff); /* 65281 items */
    item_says(&b, 1, REEL_OK, REEL_E_TABLE, "iloc ends too early (meta/iloc at 0x");
    item_says(&b, 2, REEL_END, REEL_E_TABLE, "iloc ends too early (meta/iloc at 0x");
    b_free(&b);
}

static void test_iloc_fields_of_odd_sizes(void **state)
{
    (void)state;
    b_buf b = heif();
    size_t at = b_body(&b, "meta/iloc"), media = b_find(&b, "mdat") + 8;
    b_set8(&b, at, 0xff);
    b_set8(&b, at + 1, 0xf0);
    item_says(&b, 1, REEL_END, REEL_E_BOX_FIELD, "its fields have 15, 15, 15 and 0 bytes (meta/iloc at 0x");
    b_set8(&b, at, 0x35); /* three bytes of offset, five of length: no writer does that, but it can be read */
    b_set8(&b, at + 1, 0);
    b_set32(&b, at + 10, (uint32_t)media << 8);
    item_says(&b, 1, REEL_OK, 0, NULL);
    b_set8(&b, at, 0x80);
    b_set64(&b, at + 10, UINT64_MAX);
    item_says(&b, 1, REEL_E_TRUNCATED, 0, "item 1 has data past the end of the file (meta/iloc");
    b_free(&b);
}

/* The same bytes twice: allowed, and the size counts both. */
static void test_iloc_overlapping_extents(void **state)
{
    (void)state;
    b_buf b = heif();
    reel_item item;
    size_t at = b_body(&b, "meta/iloc"), size = b_get32(&b, b_find(&b, "meta/iloc")) - 12;
    uint8_t again[8];
    memcpy(again, b.data + at + 10, 8);
    b_set32(&b, at + 6, 2);
    b_insert(&b, "meta/iloc", at + size, again, 8);
    hostile_film f = hostile_open(&b);
    assert_int_equal(reel_movie_item(f.movie, 0, &item, NULL), REEL_OK);
    assert_int_equal(item.extent_count, 2);
    assert_int_equal(item.size, 32);
    not_warned(&f);
    hostile_close(&f);
    b_free(&b);
}

/* A film of items only: `put` writes what stands behind pitm. */
static b_buf items(void (*put)(b_buf *b))
{
    b_buf b = {0};
    b_box(&b, "ftyp");
    b_text(&b, "mif1");
    b_u32(&b, 0);
    b_text(&b, "mif1");
    b_end(&b);
    begin_meta(&b, "pict");
    put(&b);
    b_end(&b);
    b_box(&b, "mdat");
    b_fill(&b, 7, 100);
    b_end(&b);
    return b;
}

static void put_infes(b_buf *b, uint32_t n)
{
    b_full(b, "iinf", 0, 0);
    b_u16(b, n);
    for (uint32_t i = 1; i <= n; i++) {
        b_full(b, "infe", 2, 0);
        b_u16(b, i);
        b_u16(b, 0);
        b_text(b, "jpeg");
        b_u8(b, 0);
        b_end(b);
    }
    b_end(b);
}

/* Two that lie in each other, by their iref of type iloc. */
static void put_two_in_each_other(b_buf *b)
{
    put_infes(b, 2);
    b_full(b, "iref", 0, 0);
    for (uint32_t i = 1; i <= 2; i++) {
        b_box(b, "iloc");
        b_u16(b, i);
        b_u16(b, 1);
        b_u16(b, 3 - i);
        b_end(b);
    }
    b_end(b);
    b_full(b, "iloc", 1, 0);
    b_u16(b, 0x4400);
    b_u16(b, 2);
    for (uint32_t i = 1; i <= 2; i++) {
        b_u16(b, i);
        b_u16(b, 2);
        b_u16(b, 0);
        b_u16(b, 1);
        b_u64(b, 0);
    }
    b_end(b);
}

static void test_items_in_each_other(void **state)
{
    (void)state;
    b_buf b = items(put_two_in_each_other);
    item_says(&b, 1, REEL_E_LOOP, 0, "item 1 lies in items without end (meta/iloc)");
    item_says(&b, 2, REEL_E_LOOP, 0, "item 2 lies in items without end (meta/iloc)");
    b_free(&b);
}

enum { FLOOD = 60000 };

/* Extents without bytes, 65535 of them in each of 60000 items. Counted one by one that took hours. */
static void put_iloc_flood(b_buf *b)
{
    put_infes(b, 3);
    b_full(b, "iloc", 0, 0);
    b_u16(b, 0);
    b_u16(b, FLOOD);
    for (uint32_t i = FLOOD; i > 0; i--) {
        b_u16(b, i);
        b_u16(b, 0);
        b_u16(b, 65535);
    }
    b_end(b);
}

static void test_iloc_flood_without_bytes(void **state)
{
    (void)state;
    b_buf b = items(put_iloc_flood);
    reel_item item;
    double since = seconds();
    hostile_film f = hostile_open(&b);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(reel_movie_item(f.movie, i, &item, NULL), REEL_OK);
        assert_int_equal(item.extent_count, 1); /* they are all the same, the whole file */
        assert_int_equal(item.size, b.size);
    }
    hostile_walk_movie(f.movie);
    in_time(since, 5);
    hostile_close(&f);
    b_free(&b);
}

/* 60000 references of one item, none of which helps, for each of 20000 extents that look for one. */
static void put_iref_flood(b_buf *b)
{
    put_infes(b, 2);
    b_full(b, "iref", 0, 0);
    for (uint32_t i = 0; i < FLOOD; i++) {
        b_box(b, i == FLOOD - 1 ? "iloc" : "cdsc");
        b_u16(b, 1);
        b_u16(b, 1);
        b_u16(b, 2);
        b_end(b);
    }
    b_end(b);
    b_full(b, "iloc", 1, 0);
    b_u16(b, 0x1100);
    b_u16(b, 2);
    b_u16(b, 2);
    b_u32(b, 0);
    b_u16(b, 1);
    b_u16(b, 5);
    b_u16(b, 1);
    b_u32(b, 0x20000);
    b_u16(b, 20000);
    b_fill(b, 1, 2 * (size_t)20000);
    b_end(b);
}

static void test_iref_flood(void **state)
{
    (void)state;
    b_buf b = items(put_iref_flood);
    reel_item item;
    uint32_t type, to;
    double since = seconds();
    hostile_film f = hostile_open(&b);
    assert_int_equal(reel_movie_item(f.movie, 0, &item, NULL), REEL_OK);
    assert_int_equal(item.extent_count, 20000);
    assert_int_equal(reel_item_reference(f.movie, 1, FLOOD - 1, &type, &to), REEL_OK);
    assert_int_equal(type, REEL_4CC('i', 'l', 'o', 'c'));
    assert_int_equal(reel_item_reference(f.movie, 1, FLOOD, &type, &to), REEL_END);
    in_time(since, 5);
    hostile_close(&f);
    b_free(&b);
}

/* 60,000 items with a place, a property and a reference each: to list them all took the square of that. */
static void put_items_flood(b_buf *b)
{
    enum { N = 60000 };
    b_full(b, "iinf", 0, 0);
    b_u16(b, N);
    for (uint32_t i = 1; i <= N; i++) {
        b_full(b, "infe", 2, 0);
        b_u16(b, i);
        b_u16(b, 0);
        b_text(b, "av01");
        b_u8(b, 0);
        b_end(b);
    }
    b_end(b);
    b_full(b, "iloc", 0, 0);
    b_u16(b, 0x4400);
    b_u16(b, N);
    for (uint32_t i = N; i >= 1; i--) {
        b_u16(b, i);
        b_u16(b, 0);
        b_u16(b, 1);
        b_u32(b, 0);
        b_u32(b, 16);
    }
    b_end(b);
    b_box(b, "iprp");
    b_box(b, "ipco");
    b_full(b, "ispe", 0, 0);
    b_u32(b, 16);
    b_u32(b, 8);
    b_end(b);
    b_end(b);
    b_full(b, "ipma", 0, 0);
    b_u32(b, N);
    for (uint32_t i = 1; i <= N; i++) {
        b_u16(b, i);
        b_u8(b, 1);
        b_u8(b, 1);
    }
    b_end(b);
    b_end(b);
}

static void test_items_flood(void **state)
{
    (void)state;
    b_buf b = items(put_items_flood);
    double since = seconds();
    hostile_film f = hostile_open(&b);
    reel_item item;
    size_t n = 0;
    for (; reel_movie_item(f.movie, n, &item, NULL) == REEL_OK; n++) {
        assert_int_equal(item.id, n + 1);
        assert_int_equal(item.width, 16);
        assert_int_equal(item.size, 16);
    }
    assert_int_equal(n, 60000);
    in_time(since, 5);
    hostile_close(&f);
    b_free(&b);
}

static void test_ipma_past_the_end(void **state)
{
    (void)state;
    b_buf b = heif();
    reel_item_property p;
    reel_item item;
    size_t at = b_body(&b, "meta/iprp/ipma");
    static const struct {
        uint32_t entries, last; /* item, count and association */
        int code;
        uint32_t index;
    } cases[] = {
        {0xffffffff, 0x00010101, REEL_OK, 1}, {0xffffffff, 0x00010181, REEL_OK, 1}, {1, 0x0001ff01, REEL_OK, 1},
        {1, 0x00010100, REEL_OK, 0}, /* index 0: none */
        {1, 0x0001017f, REEL_OK, 127}, {0, 0x00010101, REEL_END, 0}, {1, 0x00010001, REEL_END, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        b_set32(&b, at, cases[i].entries);
        b_set32(&b, at + 4, cases[i].last);
        hostile_film f = hostile_open(&b);
        assert_int_equal(reel_item_property_get(f.movie, 1, 0, &p), cases[i].code);
        assert_int_equal(p.index, cases[i].index);
        assert_int_equal(p.type, cases[i].index == 1 ? REEL_4CC('i', 's', 'p', 'e') : 0);
        assert_int_equal(reel_item_property_get(f.movie, 1, 1, &p), REEL_END);
        assert_int_equal(reel_movie_item(f.movie, 0, &item, NULL), REEL_OK);
        assert_int_equal(item.width, cases[i].index == 1 ? 16 : 0);
        hostile_close(&f);
    }
    b_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sidx_to_itself),
        cmocka_unit_test(test_two_sidx_to_each_other),
        cmocka_unit_test(test_sidx_chain_of_thousands),
        cmocka_unit_test(test_sidx_of_empty_segments),
        cmocka_unit_test(test_sidx_leaves_the_file),
        cmocka_unit_test(test_sidx_count_larger_than_the_box),
        cmocka_unit_test(test_sidx_without_references_or_timescale),
        cmocka_unit_test(test_sidx_that_leads_into_a_sample),
        cmocka_unit_test(test_tfra_to_itself),
        cmocka_unit_test(test_tfra_outside_the_file),
        cmocka_unit_test(test_tfra_to_what_is_no_moof),
        cmocka_unit_test(test_tfra_count_larger_than_the_box),
        cmocka_unit_test(test_tfra_of_every_length_size),
        cmocka_unit_test(test_mfro_with_a_wild_size),
        cmocka_unit_test(test_traf_of_no_track),
        cmocka_unit_test(test_traf_without_tfhd),
        cmocka_unit_test(test_tfhd_twice),
        cmocka_unit_test(test_trex_missing),
        cmocka_unit_test(test_moof_inside_moov),
        cmocka_unit_test(test_two_moofs_with_the_same_offsets),
        cmocka_unit_test(test_100000_empty_moofs),
        cmocka_unit_test(test_100000_empty_moofs_behind_an_index),
        cmocka_unit_test(test_trun_that_points_into_another_fragment),
        cmocka_unit_test(test_boxes_at_the_top_that_are_cut),
        cmocka_unit_test(test_senc_counts),
        cmocka_unit_test(test_senc_subsample_counts),
        cmocka_unit_test(test_senc_without_its_count),
        cmocka_unit_test(test_saiz_counts_and_sizes),
        cmocka_unit_test(test_saio_outside_the_file),
        cmocka_unit_test(test_saio_counts),
        cmocka_unit_test(test_saio_that_ends_early),
        cmocka_unit_test(test_tenc_without_any_iv),
        cmocka_unit_test(test_pssh_counts_and_sizes),
        cmocka_unit_test(test_pssh_cut_at_every_byte),
        cmocka_unit_test(test_sbgp_and_sgpd_counts),
        cmocka_unit_test(test_avcc_counts),
        cmocka_unit_test(test_hvcc_counts),
        cmocka_unit_test(test_vvcc_counts),
        cmocka_unit_test(test_av1c_sizes),
        cmocka_unit_test(test_vpcc_sizes),
        cmocka_unit_test(test_colour_boxes_that_are_short),
        cmocka_unit_test(test_esds_a_thousand_deep),
        cmocka_unit_test(test_esds_lengths),
        cmocka_unit_test(test_stsd_count_of_2_to_the_32),
        cmocka_unit_test(test_stsc_with_no_such_description),
        cmocka_unit_test(test_elng_not_terminated),
        cmocka_unit_test(test_hdlr_names),
        cmocka_unit_test(test_tref_loops),
        cmocka_unit_test(test_tref_that_is_no_list),
        cmocka_unit_test(test_ilst_items_that_are_short),
        cmocka_unit_test(test_ilst_data_longer_than_its_item),
        cmocka_unit_test(test_keys_counts_and_numbers),
        cmocka_unit_test(test_chpl_counts),
        cmocka_unit_test(test_iloc_counts_larger_than_the_box),
        cmocka_unit_test(test_iloc_fields_of_odd_sizes),
        cmocka_unit_test(test_iloc_overlapping_extents),
        cmocka_unit_test(test_items_in_each_other),
        cmocka_unit_test(test_iloc_flood_without_bytes),
        cmocka_unit_test(test_iref_flood),
        cmocka_unit_test(test_items_flood),
        cmocka_unit_test(test_ipma_past_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
