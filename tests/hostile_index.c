/* SPDX-License-Identifier: BSD-2-Clause */
/* Sample tables that lie: counts, empty and unordered tables, times that overflow, edit lists, truns. */
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

/* The plain film with these words, from 32-bit word `at` behind the table's version and flags on. */
static b_buf with_words(const char *path, size_t at, const uint32_t *words, size_t n)
{
    b_buf b = {0};
    small_plain(&b);
    for (size_t i = 0; i < n; i++)
        b_set32(&b, b_body(&b, path) + 4 * (at + i), words[i]);
    return b;
}

#define WITH(path, at, ...)                                                                                   \
    with_words(path, at, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static b_buf with_track(b_track t)
{
    b_buf b = {0};
    b_film(&b, &(b_movie){.track = &t, .tracks = 1, .media_size = 100});
    return b;
}

static void samples_are(const b_buf *b, uint64_t n)
{
    hostile_film f = hostile_open(b);
    assert_int_equal(hostile_count(&f), n);
    hostile_close(&f);
}

static void test_counts_larger_than_the_box(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned word, holds;
        const char *what;
    } cases[] = {{"stts", 0, 1, "entries"}, {"stsc", 0, 1, "entries"}, {"stco", 0, 2, "entries"},
                 {"stss", 0, 2, "entries"}, {"stsz", 1, 10, "samples"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[64], line[128];
        snprintf(path, sizeof path, STBL "/%s", cases[i].name);
        snprintf(line, sizeof line, "%s says 4294967295 %s and holds %u (" SAYS "/%s at 0x", cases[i].name,
                 cases[i].what, cases[i].holds, cases[i].name);
        b_buf b = WITH(path, cases[i].word, 0xffffffff);
        hostile_both(&b, REEL_E_TABLE, line);
        samples_are(&b, 10);
        b_free(&b);
    }
}

static void test_stz2_counts_and_bits(void **state)
{
    (void)state;
    b_track t = small_track;
    t.stz2_bits = 8;
    b_buf b = with_track(t);
    hostile_silent(&b);
    b_set32(&b, b_body(&b, STBL "/stz2") + 4, 100);
    hostile_both(&b, REEL_E_TABLE, "stz2 says 100 samples and holds 10 (" SAYS "/stz2 at 0x");
    b_set32(&b, b_body(&b, STBL "/stz2"), 7);
    hostile_both(&b, REEL_E_BOX_FIELD, "field_size is 7, not 4, 8 or 16 (" SAYS "/stz2 at 0x");
    b_free(&b);
}

/* The film is below 1 KB: no time and no memory may go with the count. */
static void test_stsz_of_2_to_the_32_uniform_samples(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 0xffffffff};
    for (size_t i = 0; i < 2; i++) {
        b_buf b = WITH(STBL "/stsz", 0, sizes[i], 0xffffffff);
        hostile_both(&b, REEL_E_TABLE, "stts covers 10 of 4294967295 samples; the last duration goes on");
        hostile_warns(&b, REEL_E_TABLE, "its chunks hold 10 of 4294967295 samples (" SAYS "/stsc at 0x");
        samples_are(&b, 10);
        b_free(&b);
    }
    b_buf b = WITH(STBL "/stsz", 0, 1, 0xffffffff);
    b_set32(&b, b_body(&b, STBL "/stsc") + 8, 0xffffffff); /* and one chunk that holds them all */
    samples_are(&b, 0xffffffff);
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    hostile_film f = hostile_open(&b);
    reel_sample s;
    assert_int_equal(reel_track_sample(f.track, 0xfffffffe, &s, NULL), REEL_OK);
    assert_int_equal(s.offset, (uint64_t)b_media_at(&b) + 0xfffffffeu);
    assert_int_equal(s.dts, 0xfffffffell * 40);
    hostile_close(&f);
    b_free(&b);
}

static void test_stsc_empty(void **state)
{
    (void)state;
    b_buf b = WITH(STBL "/stsc", 0, 0);
    hostile_both(&b, REEL_E_TABLE, "its chunks hold 0 of 10 samples (" SAYS "/stsc at 0x");
    samples_are(&b, 0);
    b_free(&b);
}

static void test_stsc_zero_samples_per_chunk(void **state)
{
    (void)state;
    b_buf b = WITH(STBL "/stsc", 1, 1, 0);
    hostile_both(&b, REEL_E_TABLE, "entry 1: samples_per_chunk is 0 (" SAYS "/stsc at 0x");
    samples_are(&b, 0);
    b_free(&b);
}

static void test_stsc_first_chunk_not_1(void **state)
{
    (void)state;
    static const uint32_t firsts[] = {0, 2, 0xffffffff};
    for (size_t i = 0; i < 3; i++) {
        char line[128];
        b_buf b = WITH(STBL "/stsc", 1, firsts[i]);
        snprintf(line, sizeof line, "entry 1: first_chunk is %u, not 1 (" SAYS "/stsc at 0x", firsts[i]);
        hostile_both(&b, REEL_E_TABLE, line);
        b_free(&b);
    }
}

static void test_stsc_unordered(void **state)
{
    (void)state;
    static const b_chunks stsc[] = {{1, 5, 1}, {2, 3, 1}, {2, 2, 1}};
    b_track t = small_track;
    t.stsc = stsc;
    t.stsc_n = 3;
    b_buf b = with_track(t);
    hostile_both(&b, REEL_E_TABLE, "entry 3: first_chunk 2 is not above 2 (" SAYS "/stsc at 0x");
    b_free(&b);
}

/* Entries that are out of order are passed over; each lookup passed over all of them, a million at a time. */
static void test_stsc_a_million_unordered(void **state)
{
    enum { N = 1000000, LOOKUPS = 20000 };
    (void)state;
    b_chunks *stsc = calloc(N, sizeof *stsc);
    static const uint64_t chunks[] = {0, 50};
    for (uint32_t i = 0; i < N; i++)
        stsc[i] = (b_chunks){i == N - 1 ? 2 : 1, 5, 1};
    b_track t = small_track;
    t.stsc = stsc;
    t.stsc_n = N;
    t.chunks = chunks;
    t.chunk_n = 2;
    b_buf b = with_track(t);
    hostile_film f = hostile_open(&b);
    reel_sample s;
    clock_t since = clock();
    for (uint64_t i = 0; i < LOOKUPS; i++) {
        assert_int_equal(reel_track_sample(f.track, i % 10, &s, NULL), REEL_OK);
        assert_int_equal(s.chunk, i % 10 / 5 + 1);
    }
    assert_true(clock() - since < 2 * CLOCKS_PER_SEC);
    hostile_close(&f);
    b_free(&b);
    free(stsc);
}

static void test_stco_empty_with_samples(void **state)
{
    (void)state;
    b_buf b = WITH(STBL "/stco", 0, 0);
    hostile_both(&b, REEL_E_TABLE, "its chunks hold 0 of 10 samples (" SAYS "/stsc at 0x");
    samples_are(&b, 0);
    b_free(&b);
}

static void test_stco_outside_the_file(void **state)
{
    (void)state;
    b_buf b = WITH(STBL "/stco", 1, 0xfffffff0);
    hostile_film f = hostile_open(&b);
    reel_sample s;
    reel_packet p;
    reel_error err;
    char line[400];
    assert_int_equal(reel_track_sample(f.track, 0, &s, NULL), REEL_OK);
    assert_int_equal(reel_packet_get(f.track, &s, &p, &err), REEL_E_TRUNCATED);
    reel_error_format(&err, line, sizeof line);
    assert_non_null(strstr(line, "past the end of the file (at 0xfffffff0)"));
    assert_null(p.ref);
    hostile_close(&f);
    b_free(&b);
}

static void test_stss_with_0(void **state)
{
    (void)state;
    b_buf b = WITH(STBL "/stss", 1, 0, 5);
    hostile_both(&b, REEL_E_TABLE, "stss counts from 0 (" SAYS "/stss at 0x");
    hostile_film f = hostile_open(&b);
    reel_sample s;
    assert_int_equal(reel_track_sample(f.track, 5, &s, NULL), REEL_OK);
    assert_true(s.flags & REEL_SAMPLE_SYNC);
    hostile_close(&f);
    b_free(&b);
}

static void test_stss_unsorted(void **state)
{
    (void)state;
    b_buf b = WITH(STBL "/stss", 1, 6, 1);
    hostile_both(&b, REEL_E_TABLE, "its samples are not in order (" SAYS "/stss at 0x");
    hostile_film f = hostile_open(&b);
    uint64_t n = 0;
    assert_int_equal(reel_track_find_sync(f.track, 4, REEL_SEEK_PREVIOUS, &n, NULL), REEL_OK);
    assert_int_equal(n, 0);
    assert_int_equal(reel_track_find_sync(f.track, 4, REEL_SEEK_NEXT, &n, NULL), REEL_OK);
    assert_int_equal(n, 5);
    hostile_close(&f);
    b_free(&b);
}

static void test_stss_duplicate(void **state)
{
    (void)state;
    b_buf b = WITH(STBL "/stss", 1, 6, 6);
    hostile_both(&b, REEL_E_TABLE, "its samples are not in order (" SAYS "/stss at 0x");
    b_free(&b);
}

static void test_stss_past_the_end(void **state)
{
    (void)state;
    b_buf b = WITH(STBL "/stss", 2, 11);
    hostile_both(&b, REEL_E_TABLE, "stss names samples past the last (" SAYS "/stss at 0x");
    hostile_film f = hostile_open(&b);
    uint64_t n;
    assert_int_equal(reel_track_find_sync(f.track, 4, REEL_SEEK_NEXT, &n, NULL), REEL_END);
    hostile_close(&f);
    b_free(&b);
}

static void test_stts_overflow(void **state)
{
    (void)state;
    static const b_run stts[] = {{0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}};
    b_track t = small_track;
    t.stts = stts;
    t.stts_n = 3;
    b_buf b = with_track(t);
    hostile_both(&b, REEL_E_TIME, "the decode times overflow; they stop there (" SAYS "/stts at 0x");
    samples_are(&b, 10);
    b_free(&b);
}

static void test_stts_too_short(void **state)
{
    (void)state;
    b_buf b = WITH(STBL "/stts", 1, 3);
    hostile_both(&b, REEL_E_TABLE, "stts covers 3 of 10 samples; the last duration goes on (" SAYS "/stts at 0x");
    hostile_film f = hostile_open(&b);
    reel_sample s;
    assert_int_equal(reel_track_sample(f.track, 9, &s, NULL), REEL_OK);
    assert_int_equal(s.dts, 360);
    hostile_close(&f);
    b_free(&b);
}

static void test_ctts_wild(void **state)
{
    (void)state;
    static const b_run ctts[] = {{3, 0x7fffffff}, {3, 0x80000000}, {4, 0}};
    b_track t = small_track;
    t.ctts = ctts;
    t.ctts_n = 3;
    t.ctts_version = 1;
    b_buf b = with_track(t);
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    b_free(&b);
}

static void test_timescale_0_of_the_track(void **state)
{
    (void)state;
    b_buf b = WITH("moov/trak/mdia/mdhd", 2, 0);
    hostile_both(&b, REEL_E_BOX_FIELD, "timescale is 0, taken as 1000 (moov/trak[1]/mdia/mdhd at 0x");
    b_free(&b);
}

static void test_timescale_0_of_the_movie(void **state)
{
    (void)state;
    b_buf b = WITH("moov/mvhd", 2, 0);
    hostile_both(&b, REEL_E_BOX_FIELD, "timescale is 0 (moov/mvhd at 0x");
    b_set32(&b, b_body(&b, "moov/trak/mdia/mdhd") + 8, 0);
    hostile_warns(&b, REEL_E_BOX_FIELD, "timescale is 0, taken as 1 (moov/trak[1]/mdia/mdhd at 0x");
    b_free(&b);
}

static void ask_times(const b_buf *b)
{
    static const int64_t times[] = {0, 1, -1, 1000, INT64_MAX, INT64_MIN, INT64_MAX / 3};
    hostile_film f = hostile_open(b);
    reel_error err;
    reel_moment moment;
    char text[200];
    int64_t out;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        assert_true(reel_track_media_time(f.track, times[i], &moment) <= REEL_END);
        assert_true(reel_track_explain_time(f.track, times[i], text, sizeof text) > 0);
        for (size_t n = 0; n < 3; n++)
            assert_true(reel_track_presentation_time(f.track, times[i], n, &out) <= REEL_END);
    }
    assert_true(reel_track_presentation_duration(f.track, &out, &err) <= REEL_END);
    hostile_close(&f);
}

static void test_elst_overflow(void **state)
{
    (void)state;
    static const b_edit edits[] = {{UINT64_MAX, INT64_MAX, 0x7fffffff}, {UINT64_MAX, INT64_MIN, -1},
                                   {INT64_MAX, -1, 0x10000}, {UINT64_MAX - 1, INT64_MAX - 1, 1}};
    b_track t = small_track;
    t.edits = edits;
    t.edit_n = 4;
    t.wide_edits = true;
    b_buf b = with_track(t);
    ask_times(&b);
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    b_set32(&b, b_body(&b, "moov/trak/edts/elst"), 0xffffffff);
    ask_times(&b);
    b_free(&b);
}

static void test_elst_thousands_of_edits(void **state)
{
    (void)state;
    enum { MANY = 50000 };
    b_edit *edits = calloc(MANY, sizeof *edits);
    assert_non_null(edits);
    for (size_t i = 0; i < MANY; i++)
        edits[i] = (b_edit){i % 7, i % 5 ? (int64_t)(i % 400) : -1, i % 11 ? 0x10000 : 0};
    b_track t = small_track;
    t.edits = edits;
    t.edit_n = MANY;
    b_buf b = with_track(t);
    ask_times(&b);
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    b_free(&b);
    free(edits);
}

/* ---- fragments -------------------------------------------------------------------------------------------- */

static b_buf with_run(uint32_t tfhd_flags, uint32_t duration, uint32_t size, const b_trun *run)
{
    b_buf b = {0};
    const b_track empty = {0};
    const b_traf traf = {.flags = tfhd_flags, .duration = duration, .size = size, .has_tfdt = true, .runs = run,
                         .run_n = 1};
    b_film(&b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
    b_fragment(&b, 1, &traf, 1, 50);
    return b;
}

static void test_trun_of_2_to_the_32_without_fields(void **state)
{
    (void)state;
    const b_trun run = {.flags = B_DATA, .count = 0xffffffff};
    b_buf b = with_run(0x20018, 10, 5, &run);
    samples_are(&b, 0xffffffff);
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    hostile_film f = hostile_open(&b);
    reel_sample s;
    assert_int_equal(reel_track_sample(f.track, 0xfffffffe, &s, NULL), REEL_OK);
    assert_int_equal(s.dts, 0xfffffffell * 10);
    hostile_close(&f);
    b_free(&b);
}

static void test_trun_whose_times_overflow(void **state)
{
    (void)state;
    const b_trun run = {.flags = B_DATA, .count = 0xffffffff};
    b_buf b = with_run(0x20018, 0xffffffff, 0xffffffff, &run);
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    b_free(&b);
}

/* Without a tfdt each fragment begins where the one before ended: twelve of these went past the end of time. */
static void test_truns_without_tfdt_pile_up(void **state)
{
    (void)state;
    static const b_track empty = {0};
    const b_trun run = {.flags = B_DATA, .count = 0xffffffff};
    const b_traf traf = {.flags = 0x20018, .duration = 0xffffffff, .size = 1, .runs = &run, .run_n = 1};
    b_buf b = {0};
    b_film(&b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
    for (uint32_t i = 0; i < 12; i++)
        b_fragment(&b, i + 1, &traf, 1, 8);
    assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    hostile_film f = hostile_open(&b);
    reel_sample s;
    assert_int_equal(reel_track_sample(f.track, 12 * 0xffffffffULL - 1, &s, NULL), REEL_OK);
    assert_int_equal(s.dts, INT64_MAX / 4);
    hostile_close(&f);
    b_free(&b);
}

static void test_trun_count_larger_than_the_box(void **state)
{
    (void)state;
    static const b_entry entries[3] = {{10, 5, 0, 0}, {10, 5, 0, 0}, {10, 5, 0, 0}};
    const b_trun run = {.flags = B_DATA | B_DURATION | B_SIZE, .entries = entries, .count = 3};
    b_buf b = with_run(0x20000, 0, 0, &run);
    b_set32(&b, b_body(&b, "moof/traf/trun"), 0xffffffff);
    hostile_warns(&b, REEL_E_TABLE, "trun says 4294967295 samples and holds 3 (moof/traf/trun at 0x");
    samples_are(&b, 3);
    b_free(&b);
}

static void test_data_offset_before_the_file(void **state)
{
    (void)state;
    static const b_entry entries[1] = {{10, 5, 0, 0}};
    const b_trun run = {.flags = B_DATA | B_DURATION | B_SIZE, .entries = entries, .count = 1};
    b_buf b = with_run(0x20000, 0, 0, &run);
    b_set32(&b, b_body(&b, "moof/traf/trun") + 4, 0x80000000);
    hostile_warns(&b, REEL_E_BOX_FIELD,
                  "data_offset -2147483648 points outside the file; the run is left out (moof/traf/trun at 0x");
    samples_are(&b, 0);
    b_free(&b);
}

static void test_data_offset_behind_the_file(void **state)
{
    (void)state;
    static const b_entry entries[1] = {{10, 5, 0, 0}};
    const b_trun run = {.flags = B_DATA | B_DURATION | B_SIZE, .entries = entries, .count = 1};
    b_buf b = with_run(0x20000, 0, 0, &run);
    b_set32(&b, b_body(&b, "moof/traf/trun") + 4, 0x7fffffff);
    hostile_film f = hostile_open(&b);
    reel_sample s;
    reel_packet p;
    reel_error err;
    assert_int_equal(reel_track_sample(f.track, 0, &s, NULL), REEL_OK);
    assert_int_equal(reel_packet_get(f.track, &s, &p, &err), REEL_E_TRUNCATED);
    assert_non_null(strstr(err.text, "past the end of the file"));
    hostile_close(&f);
    b_free(&b);
}

static void test_base_data_offset_at_2_to_the_63(void **state)
{
    (void)state;
    const b_trun run = {.flags = B_DATA, .count = 3};
    b_buf b = with_run(0x19, 10, 5, &run);
    static const uint64_t bases[] = {UINT64_MAX, UINT64_C(1) << 63, INT64_MAX, INT64_MAX - 3};
    for (size_t i = 0; i < 4; i++) {
        b_set64(&b, b_body(&b, "moof/traf/tfhd") + 4, bases[i]);
        assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    }
    b_free(&b);
}

static void test_tfdt_at_2_to_the_64(void **state)
{
    (void)state;
    const b_trun run = {.flags = B_DATA, .count = 3};
    b_buf b = with_run(0x20018, 0xffffffff, 5, &run);
    static const uint64_t times[] = {UINT64_MAX, UINT64_C(1) << 63, INT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        b_set64(&b, b_body(&b, "moof/traf/tfdt"), times[i]);
        assert_int_equal(hostile_walk(b.data, b.size, 0), REEL_OK);
    }
    b_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_larger_than_the_box),
        cmocka_unit_test(test_stz2_counts_and_bits),
        cmocka_unit_test(test_stsz_of_2_to_the_32_uniform_samples),
        cmocka_unit_test(test_stsc_empty),
        cmocka_unit_test(test_stsc_zero_samples_per_chunk),
        cmocka_unit_test(test_stsc_first_chunk_not_1),
        cmocka_unit_test(test_stsc_unordered),
        cmocka_unit_test(test_stsc_a_million_unordered),
        cmocka_unit_test(test_stco_empty_with_samples),
        cmocka_unit_test(test_stco_outside_the_file),
        cmocka_unit_test(test_stss_with_0),
        cmocka_unit_test(test_stss_unsorted),
        cmocka_unit_test(test_stss_duplicate),
        cmocka_unit_test(test_stss_past_the_end),
        cmocka_unit_test(test_stts_overflow),
        cmocka_unit_test(test_stts_too_short),
        cmocka_unit_test(test_ctts_wild),
        cmocka_unit_test(test_timescale_0_of_the_track),
        cmocka_unit_test(test_timescale_0_of_the_movie),
        cmocka_unit_test(test_elst_overflow),
        cmocka_unit_test(test_elst_thousands_of_edits),
        cmocka_unit_test(test_trun_of_2_to_the_32_without_fields),
        cmocka_unit_test(test_trun_whose_times_overflow),
        cmocka_unit_test(test_truns_without_tfdt_pile_up),
        cmocka_unit_test(test_trun_count_larger_than_the_box),
        cmocka_unit_test(test_data_offset_before_the_file),
        cmocka_unit_test(test_data_offset_behind_the_file),
        cmocka_unit_test(test_base_data_offset_at_2_to_the_63),
        cmocka_unit_test(test_tfdt_at_2_to_the_64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
