/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragments: counting, indexes that save it, recordings that grow, fields that lie. Faces src/movie/{moof,runs,direct,...}.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/reel.h>

#include "build.h"

enum { SAMPLES = 4, SIZE = 10, TICKS = 100 };

/* A source that counts what is read, and can be made longer. */
struct disk {
    const b_buf *film;
    uint64_t size, bytes;
};

static int64_t disk_read(void *user, uint64_t offset, void *buf, size_t n)
{
    struct disk *d = user;
    if (offset >= d->size)
        return 0;
    n = n < d->size - offset ? n : (size_t)(d->size - offset);
    memcpy(buf, d->film->data + offset, n);
    d->bytes += n;
    return (int64_t)n;
}

static int disk_size(void *user, uint64_t *size)
{
    *size = ((struct disk *)user)->size;
    return REEL_OK;
}

static reel_movie *open_disk(struct disk *d)
{
    reel_source_io io = {.sizeof_io = sizeof io, .read = disk_read, .size = disk_size, .user = d};
    reel_source *source;
    reel_movie *movie;
    assert_int_equal(reel_source_callback(&io, &source, NULL), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &movie, NULL), REEL_OK);
    reel_source_unref(&source);
    return movie;
}

static reel_movie *open_buffer(const b_buf *b, reel_source **source)
{
    reel_movie *movie;
    assert_int_equal(reel_source_memory(b->data, b->size, NULL, NULL, source), REEL_OK);
    assert_int_equal(reel_open(*source, NULL, &movie, NULL), REEL_OK);
    return movie;
}

/* The header of a fragmented film: one video track of timescale 1000, nothing in its tables. */
static void put_init(b_buf *b)
{
    static const b_track track = {.timescale = 1000};
    b_film(b, &(b_movie){.track = &track, .tracks = 1, .fragmented = true});
}

/* One moof of SAMPLES samples with sizes and flags, the first of them sync, and its mdat. */
static void put_fragment(b_buf *b, uint32_t number, int64_t tfdt, int32_t data_offset)
{
    size_t moof = b->size;
    b_box(b, "moof");
    b_full(b, "mfhd", 0, 0);
    b_u32(b, number);
    b_end(b);
    b_box(b, "traf");
    b_full(b, "tfhd", 0, 0x20008);
    b_u32(b, 1);
    b_u32(b, TICKS);
    b_end(b);
    if (tfdt >= 0) {
        b_full(b, "tfdt", 1, 0);
        b_u64(b, (uint64_t)tfdt);
        b_end(b);
    }
    b_full(b, "trun", 0, 0x601);
    b_u32(b, SAMPLES);
    size_t offset = b->size;
    b_u32(b, (uint32_t)data_offset);
    for (int i = 0; i < SAMPLES; i++) {
        b_u32(b, SIZE);
        b_u32(b, i ? 0x1010000 : 0x2000000);
    }
    b_end(b);
    b_end(b);
    b_end(b);
    if (data_offset == 0)
        b_set32(b, offset, (uint32_t)(b->size - moof + 8));
    b_box(b, "mdat");
    b_fill(b, 0, SAMPLES * SIZE);
    b_end(b);
}

static void put_recording(b_buf *b, uint32_t fragments)
{
    put_init(b);
    for (uint32_t i = 0; i < fragments; i++)
        put_fragment(b, i + 1, (int64_t)i * SAMPLES * TICKS, 0);
}

static void numbers_go_on_from_fragment_to_fragment(void **state)
{
    b_buf b = {0};
    reel_source *source;
    reel_sample s;
    uint64_t n;
    (void)state;
    put_recording(&b, 50);
    reel_movie *m = open_buffer(&b, &source);
    const reel_track *t = reel_movie_track(m, 0);
    assert_int_equal(reel_track_sample_count(t, &n, NULL), REEL_OK);
    assert_int_equal(n, 50 * SAMPLES);
    for (uint64_t i = 0; i < n; i++) {
        assert_int_equal(reel_track_sample(t, i, &s, NULL), REEL_OK);
        assert_int_equal(s.dts, (int64_t)i * TICKS);
        assert_int_equal(s.size, SIZE);
        assert_int_equal(!!(s.flags & REEL_SAMPLE_SYNC), i % SAMPLES == 0);
    }
    assert_int_equal(reel_track_sample(t, n, &s, NULL), REEL_E_RANGE);
    assert_int_equal(reel_track_find_dts(t, 1234, &n, NULL), REEL_OK);
    assert_int_equal(n, 12);
    assert_int_equal(reel_track_find_sync(t, 14, REEL_SEEK_NEXT, &n, NULL), REEL_OK);
    assert_int_equal(n, 16);
    reel_close(&m);
    reel_source_unref(&source);
    b_free(&b);
}

/* An index of all fragments in front of them: sizes are those of put_fragment. */
static void put_sidx(b_buf *b, uint32_t fragments, uint32_t size)
{
    b_full(b, "sidx", 1, 0);
    b_u32(b, 1);
    b_u32(b, 1000);
    b_u64(b, 0);
    b_u64(b, 0);
    b_u16(b, 0);
    b_u16(b, fragments);
    for (uint32_t i = 0; i < fragments; i++) {
        b_u32(b, size);
        b_u32(b, SAMPLES * TICKS);
        b_u32(b, 0x90000000);
    }
    b_end(b);
}

static void put_indexed(b_buf *b, uint32_t fragments)
{
    b_buf one = {0};
    put_fragment(&one, 1, 0, 0);
    put_init(b);
    put_sidx(b, fragments, (uint32_t)one.size);
    for (uint32_t i = 0; i < fragments; i++)
        put_fragment(b, i + 1, (int64_t)i * SAMPLES * TICKS, 0);
    b_free(&one);
}

static void with_sidx_a_seek_reads_only_what_it_needs(void **state)
{
    b_buf b = {0};
    reel_sample entry, target;
    (void)state;
    put_indexed(&b, 1000);
    struct disk d = {&b, b.size, 0};
    reel_movie *m = open_disk(&d);
    const reel_track *t = reel_movie_track(m, 0);
    d.bytes = 0;
    assert_int_equal(reel_track_seek(t, 300000 + 250, REEL_SEEK_PREVIOUS, &entry, &target, NULL), REEL_OK);
    assert_int_equal(entry.dts, 300000);
    assert_int_equal(target.dts, 300200);
    assert_true(entry.index == REEL_NO_INDEX);
    /* the index itself has 12 kB; the fragments together 180 */
    assert_in_range(d.bytes, 1, 14000);
    uint64_t n;
    assert_int_equal(reel_track_sample_count(t, &n, NULL), REEL_OK);
    assert_int_equal(n, 4000);
    assert_int_equal(reel_track_seek(t, 300000 + 250, REEL_SEEK_PREVIOUS, &entry, &target, NULL), REEL_OK);
    assert_int_equal(entry.index, 3000);
    reel_close(&m);
    b_free(&b);
}

/* Where the first picture is shown late (B frames), time 0 had no answer in the index, and every moof was read for it. */
static void with_sidx_the_start_is_near_too(void **state)
{
    b_buf b = {0};
    reel_sample entry, target;
    (void)state;
    put_indexed(&b, 1000);
    struct disk d = {&b, b.size, 0};
    static const reel_seek_mode modes[] = {REEL_SEEK_EXACT, REEL_SEEK_PREVIOUS, REEL_SEEK_NEXT, REEL_SEEK_NEAREST};
    for (size_t i = 0; i < 4; i++) {
        reel_movie *m = open_disk(&d);
        d.bytes = 0;
        assert_int_equal(reel_track_seek(reel_movie_track(m, 0), -5, modes[i], &entry, &target, NULL), REEL_OK);
        assert_int_equal(entry.dts, 0);
        assert_int_equal(target.dts, 0);
        assert_in_range(d.bytes, 1, 14000);
        reel_close(&m);
    }
    b_free(&b);
}

/* Every reference of a long index, by its own time: sums from marks are the sums from the start. */
static void a_long_sidx_is_bisected(void **state)
{
    b_buf b = {0};
    reel_source *source;
    reel_sample entry;
    (void)state;
    put_indexed(&b, 1000);
    reel_movie *m = open_buffer(&b, &source);
    for (int64_t i = 0; i < 1000; i++) {
        int64_t start = i * 7 % 1000 * SAMPLES * TICKS;
        for (int64_t within = 0; within < SAMPLES * TICKS; within += SAMPLES * TICKS - 1) {
            assert_int_equal(reel_track_seek(reel_movie_track(m, 0), start + within, REEL_SEEK_PREVIOUS, &entry, NULL, NULL),
                             REEL_OK);
            assert_int_equal(entry.dts, start);
            assert_true(entry.index == REEL_NO_INDEX);
        }
    }
    reel_close(&m);
    reel_source_unref(&source);
    b_free(&b);
}

static void a_cursor_walks_on_from_where_sidx_led(void **state)
{
    b_buf b = {0};
    reel_source *source;
    reel_cursor c;
    reel_sample s;
    (void)state;
    put_indexed(&b, 20);
    reel_movie *m = open_buffer(&b, &source);
    assert_int_equal(reel_cursor_init(&c, reel_movie_track(m, 0)), REEL_OK);
    assert_int_equal(reel_cursor_seek_pts(&c, 4050, REEL_SEEK_PREVIOUS, NULL), REEL_OK);
    for (int64_t dts = 4000; dts < 20 * SAMPLES * TICKS; dts += TICKS) {
        assert_int_equal(reel_cursor_next(&c, &s, NULL), REEL_OK);
        assert_int_equal(s.dts, dts);
    }
    assert_int_equal(reel_cursor_next(&c, &s, NULL), REEL_END);
    for (int64_t dts = 20 * SAMPLES * TICKS - TICKS; dts >= 0; dts -= TICKS) {
        assert_int_equal(reel_cursor_prev(&c, &s, NULL), REEL_OK);
        assert_int_equal(s.dts, dts);
    }
    assert_int_equal(reel_cursor_prev(&c, &s, NULL), REEL_END);
    reel_close(&m);
    reel_source_unref(&source);
    b_free(&b);
}

/* A sidx whose only reference is an index that lies before it: followed, it would never end. */
static void a_sidx_that_refers_to_itself_is_left_alone(void **state)
{
    b_buf b = {0};
    reel_source *source;
    reel_sample s;
    reel_error w;
    (void)state;
    put_init(&b);
    size_t at = b.size;
    put_sidx(&b, 1, 0x80000000);
    put_fragment(&b, 1, 0, 0);
    b_set64(&b, at + 8 + 4 + 8 + 8, (uint64_t)0 - 44); /* first_offset: back to its own beginning */
    reel_movie *m = open_buffer(&b, &source);
    assert_int_equal(reel_track_seek(reel_movie_track(m, 0), 150, REEL_SEEK_PREVIOUS, &s, NULL, NULL), REEL_OK);
    assert_int_equal(s.index, 0);
    for (size_t i = 0; reel_movie_warning(m, i, &w) == REEL_OK; i++)
        assert_int_equal(w.code, REEL_E_LOOP);
    reel_close(&m);
    reel_source_unref(&source);
    b_free(&b);
}

static void mfra_leads_to_the_moof(void **state)
{
    b_buf b = {0};
    size_t where[8];
    reel_sample s;
    (void)state;
    put_init(&b);
    for (uint32_t i = 0; i < 8; i++) {
        where[i] = b.size;
        put_fragment(&b, i + 1, (int64_t)i * SAMPLES * TICKS, 0);
    }
    size_t mfra = b.size;
    b_box(&b, "mfra");
    b_full(&b, "tfra", 1, 0);
    b_u32(&b, 1);
    b_u32(&b, 0);
    b_u32(&b, 8);
    for (uint32_t i = 0; i < 8; i++) {
        b_u64(&b, i * SAMPLES * TICKS);
        b_u64(&b, where[i]);
        b_u24(&b, 0x10101);
    }
    b_end(&b);
    b_full(&b, "mfro", 0, 0);
    b_u32(&b, (uint32_t)(b.size + 4 - mfra));
    b_end(&b);
    b_end(&b);
    struct disk d = {&b, b.size, 0};
    reel_movie *m = open_disk(&d);
    d.bytes = 0;
    assert_int_equal(reel_track_seek(reel_movie_track(m, 0), 2450, REEL_SEEK_PREVIOUS, &s, NULL, NULL), REEL_OK);
    assert_int_equal(s.dts, 2400);
    assert_true(s.index == REEL_NO_INDEX);
    assert_in_range(d.bytes, 1, 1000);
    reel_close(&m);
    b_free(&b);
}

static void a_recording_grows_under_a_cursor(void **state)
{
    b_buf b = {0};
    reel_cursor c;
    reel_sample s;
    (void)state;
    put_recording(&b, 2);
    size_t two = b.size;
    put_fragment(&b, 3, 2 * SAMPLES * TICKS, 0);
    struct disk d = {&b, two + 20, 0}; /* the third moof has begun */
    reel_movie *m = open_disk(&d);
    assert_int_equal(reel_cursor_init(&c, reel_movie_track(m, 0)), REEL_OK);
    for (int i = 0; i < 2 * SAMPLES; i++)
        assert_int_equal(reel_cursor_next(&c, &s, NULL), REEL_OK);
    assert_int_equal(reel_cursor_next(&c, &s, NULL), REEL_END);
    assert_int_equal(reel_movie_refresh(m, NULL), REEL_END);
    d.size = b.size;
    assert_int_equal(reel_movie_refresh(m, NULL), REEL_OK);
    for (uint64_t i = 2 * SAMPLES; i < 3 * SAMPLES; i++) {
        assert_int_equal(reel_cursor_next(&c, &s, NULL), REEL_OK);
        assert_int_equal(s.index, i);
    }
    assert_int_equal(reel_cursor_next(&c, &s, NULL), REEL_END);
    d.size = two;
    assert_int_equal(reel_movie_refresh(m, NULL), REEL_E_SHRUNK);
    reel_close(&m);
    b_free(&b);
}

static void without_tfdt_time_goes_on(void **state)
{
    b_buf b = {0};
    reel_source *source;
    reel_sample s;
    (void)state;
    put_init(&b);
    put_fragment(&b, 1, 5000, 0);
    put_fragment(&b, 2, -1, 0);
    put_fragment(&b, 3, 100, 0); /* backwards, as written */
    reel_movie *m = open_buffer(&b, &source);
    const reel_track *t = reel_movie_track(m, 0);
    uint64_t n;
    assert_int_equal(reel_track_sample(t, SAMPLES, &s, NULL), REEL_OK);
    assert_int_equal(s.dts, 5000 + SAMPLES * TICKS);
    assert_int_equal(reel_track_sample(t, 2 * SAMPLES, &s, NULL), REEL_OK);
    assert_int_equal(s.dts, 100);
    /* the last sample, in number, that is not after the time */
    assert_int_equal(reel_track_find_dts(t, 5000, &n, NULL), REEL_OK);
    assert_int_equal(n, 3 * SAMPLES - 1);
    assert_int_equal(reel_track_find_pts(t, 5000, &n, NULL), REEL_OK);
    assert_int_equal(n, 0);
    reel_close(&m);
    reel_source_unref(&source);
    b_free(&b);
}

static void a_data_offset_before_the_file_drops_the_run(void **state)
{
    b_buf b = {0};
    reel_source *source;
    reel_error w;
    uint64_t n;
    char line[300];
    (void)state;
    put_init(&b);
    put_fragment(&b, 1, 0, -100000);
    reel_movie *m = open_buffer(&b, &source);
    assert_int_equal(reel_track_sample_count(reel_movie_track(m, 0), &n, NULL), REEL_OK);
    assert_int_equal(n, 0);
    assert_int_equal(reel_movie_warning(m, 0, &w), REEL_OK);
    reel_error_format(&w, line, sizeof line);
    assert_non_null(strstr(line, "data_offset -100000 points outside the file"));
    reel_close(&m);
    reel_source_unref(&source);
    b_free(&b);
}

/* Four billion samples in 100 bytes: legal, and never counted one by one. */
static void a_trun_without_fields_is_one_run(void **state)
{
    b_buf b = {0};
    reel_source *source;
    reel_sample s;
    uint64_t n;
    (void)state;
    put_init(&b);
    size_t moof = b.size;
    b_box(&b, "moof");
    b_box(&b, "traf");
    b_full(&b, "tfhd", 0, 0x20018);
    b_u32(&b, 1);
    b_u32(&b, 3);
    b_u32(&b, 7);
    b_end(&b);
    b_full(&b, "trun", 0, 0);
    b_u32(&b, UINT32_MAX);
    b_end(&b);
    b_end(&b);
    b_end(&b);
    reel_movie *m = open_buffer(&b, &source);
    const reel_track *t = reel_movie_track(m, 0);
    assert_int_equal(reel_track_sample_count(t, &n, NULL), REEL_OK);
    assert_int_equal(n, UINT32_MAX);
    assert_int_equal(reel_track_sample(t, 4000000000u, &s, NULL), REEL_OK);
    assert_int_equal(s.dts, 12000000000);
    assert_int_equal(s.offset, moof + 28000000000);
    assert_int_equal(reel_track_find_dts(t, 300000001, &n, NULL), REEL_OK);
    assert_int_equal(n, 100000000);
    reel_close(&m);
    reel_source_unref(&source);
    b_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_on_from_fragment_to_fragment),
        cmocka_unit_test(with_sidx_a_seek_reads_only_what_it_needs),
        cmocka_unit_test(with_sidx_the_start_is_near_too),
        cmocka_unit_test(a_long_sidx_is_bisected),
        cmocka_unit_test(a_cursor_walks_on_from_where_sidx_led),
        cmocka_unit_test(a_sidx_that_refers_to_itself_is_left_alone),
        cmocka_unit_test(mfra_leads_to_the_moof),
        cmocka_unit_test(a_recording_grows_under_a_cursor),
        cmocka_unit_test(without_tfdt_time_goes_on),
        cmocka_unit_test(a_data_offset_before_the_file_drops_the_run),
        cmocka_unit_test(a_trun_without_fields_is_one_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
