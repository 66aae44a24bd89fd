/* SPDX-License-Identifier: BSD-2-Clause */
/* Lookups against the naive truth, on a few thousand random films. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"

static uint64_t seed_now;

static void same_sample(const reel_sample *got, const reel_sample *want)
{
    if (!truth_same(got, want))
        fail_msg("seed %llu: sample %llu dts %lld pts %lld offset %llu size %u duration %u chunk %u flags %x, "
                 "not %llu %lld %lld %llu %u %u %u %x",
                 (unsigned long long)seed_now, (unsigned long long)got->index, (long long)got->dts, (long long)got->pts,
                 (unsigned long long)got->offset, got->size, got->duration, got->chunk, got->flags,
                 (unsigned long long)want->index, (long long)want->dts, (long long)want->pts,
                 (unsigned long long)want->offset, want->size, want->duration, want->chunk, want->flags);
}

static void same_index(const char *what, int64_t asked, int code, uint64_t got, int64_t want, int none)
{
    if (want < 0 ? code != none : code != REEL_OK || got != (uint64_t)want)
        fail_msg("seed %llu: %s(%lld) gives %d, sample %lld, not %lld", (unsigned long long)seed_now, what,
                 (long long)asked, code, (long long)got, (long long)want);
}

static void check_sample(const reel_track *r, const truth_track *t, size_t i)
{
    reel_sample s;
    reel_explanation x;
    reel_error err;
    assert_int_equal(reel_track_sample(r, i, &s, &err), REEL_OK);
    same_sample(&s, &t->sample[i]);
    assert_int_equal(reel_track_explain(r, i, &x, &err), REEL_OK);
    same_sample(&x.sample, &t->sample[i]);
    same_index("explain: sync", (int64_t)i, x.sync_sample == REEL_NO_INDEX ? REEL_END : REEL_OK, x.sync_sample,
               truth_find_sync(t, i, false), REEL_END);
    if (i >= t->in_tables) {
        assert_true(x.moof_offset && x.trun_offset > x.moof_offset && x.trun_first_sample <= i);
        return;
    }
    assert_int_equal(x.chunk_offset + x.bytes_before, s.offset);
    assert_int_equal(x.chunk_first_sample ? t->sample[x.chunk_first_sample - 1].chunk < s.chunk : 1, 1);
    assert_int_equal(t->sample[x.chunk_first_sample].chunk, s.chunk);
    assert_int_equal(s.pts - s.dts, x.ctts_entry ? x.ctts_offset : 0);
    if (x.stts_entry)
        assert_int_equal(x.stts_first_dts + (int64_t)((i - x.stts_first_sample) * x.stts_delta), s.dts);
}

static void check_sync(const reel_track *r, const truth_track *t, size_t i)
{
    uint64_t got = 0;
    int code = reel_track_find_sync(r, i, REEL_SEEK_PREVIOUS, &got, NULL);
    same_index("find_sync previous", (int64_t)i, code, got, truth_find_sync(t, i, false), REEL_END);
    code = reel_track_find_sync(r, i, REEL_SEEK_NEXT, &got, NULL);
    same_index("find_sync next", (int64_t)i, code, got, truth_find_sync(t, i, true), REEL_END);
    code = reel_track_find_sync(r, i, REEL_SEEK_NEAREST, &got, NULL);
    same_index("find_sync nearest", (int64_t)i, code, got, truth_nearest_sync(t, i), REEL_END);
    code = reel_track_find_sync(r, i, REEL_SEEK_EXACT, &got, NULL);
    same_index("find_sync exact", (int64_t)i, code, got, (int64_t)i, REEL_END);
}

static void check_seek(const reel_track *r, const truth_track *t, int64_t pts)
{
    static const char *const names[] = {"seek exact", "seek previous", "seek next", "seek nearest"};
    int64_t shown = truth_find_pts(t, pts);
    for (int mode = REEL_SEEK_EXACT; mode <= REEL_SEEK_NEAREST; mode++) {
        reel_sample entry = {0}, target = {0};
        int code = reel_track_seek(r, pts, (reel_seek_mode)mode, &entry, &target, NULL);
        int64_t want = truth_seek(t, pts, (reel_seek_mode)mode);
        same_index(names[mode], pts, code, entry.index, want, t->count ? REEL_END : REEL_E_RANGE);
        if (code == REEL_OK) {
            same_sample(&entry, &t->sample[want]);
            same_sample(&target, &t->sample[shown]);
        }
    }
}

static void check_time(const reel_track *r, const truth_track *t, int64_t at)
{
    uint64_t got = 0;
    int code = reel_track_find_dts(r, at, &got, NULL);
    same_index("find_dts", at, code, got, truth_find_dts(t, at), REEL_E_RANGE);
    code = reel_track_find_pts(r, at, &got, NULL);
    same_index("find_pts", at, code, got, truth_find_pts(t, at), REEL_E_RANGE);
    check_seek(r, t, at);
}

static void check_track(const reel_track *r, const truth_track *t, uint64_t *dice, uint32_t probes)
{
    uint64_t count = 0;
    reel_sample s;
    for (uint32_t i = 0; i < probes && t->count; i++) {
        size_t n = probes >= t->count ? i % t->count : b_below(dice, (uint32_t)t->count);
        check_sample(r, t, n);
        check_sync(r, t, n);
        check_time(r, t, (b_below(dice, 2) ? t->sample[n].pts : t->sample[n].dts) + (int64_t)b_below(dice, 3) - 1);
    }
    check_time(r, t, -1);
    check_time(r, t, INT64_MIN / 4);
    check_time(r, t, INT64_MAX / 4);
    assert_int_equal(reel_track_sample_count(r, &count, NULL), REEL_OK);
    assert_int_equal(count, t->count);
    assert_int_equal(reel_track_sample(r, t->count, &s, NULL), REEL_E_RANGE);
    assert_int_equal(reel_track_sample(r, UINT64_MAX, &s, NULL), REEL_E_RANGE);
    assert_int_equal(reel_track_find_sync(r, t->count, REEL_SEEK_NEXT, &count, NULL), REEL_E_RANGE);
}

static void check_film(uint64_t seed, unsigned kinds, uint32_t probes)
{
    b_buf b = {0};
    truth t;
    reel_source *source;
    reel_movie *movie;
    reel_error err;
    uint64_t dice = seed ^ 0x5555;
    seed_now = seed;
    random_film(&b, &t, seed, kinds);
    assert_int_equal(reel_source_memory(b.data, b.size, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &movie, &err), REEL_OK);
    assert_int_equal(reel_movie_track_count(movie), t.tracks);
    for (uint32_t i = 0; i < t.tracks; i++)
        check_track(reel_movie_track(movie, i), &t.track[i], &dice, probes);
    reel_close(&movie);
    reel_source_unref(&source);
    truth_free(&t);
    b_free(&b);
}

static void test_tables(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 1500; seed++)
        check_film(seed, RANDOM_TABLES, 60);
}

static void test_long_tables(void **state)
{
    (void)state;
    for (uint64_t seed = 10001; seed <= 10060; seed++)
        check_film(seed, RANDOM_TABLES | RANDOM_LONG, 300);
}

static void test_fragments(void **state)
{
    (void)state;
    for (uint64_t seed = 20001; seed <= 20800; seed++)
        check_film(seed, RANDOM_FRAGMENTS, 60);
}

static void test_long_fragments(void **state)
{
    (void)state;
    for (uint64_t seed = 30001; seed <= 30020; seed++)
        check_film(seed, RANDOM_FRAGMENTS | RANDOM_LONG, 300);
}

static void test_hybrid(void **state)
{
    (void)state;
    for (uint64_t seed = 40001; seed <= 40800; seed++)
        check_film(seed, RANDOM_TABLES | RANDOM_FRAGMENTS, 60);
}

/* Any time may be asked for, the very last too. */
static void check_ends(unsigned kinds)
{
    b_buf b = {0};
    truth t;
    reel_source *source;
    reel_movie *movie;
    seed_now = 50001;
    random_film(&b, &t, seed_now, kinds);
    assert_int_equal(reel_source_memory(b.data, b.size, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &movie, NULL), REEL_OK);
    for (uint32_t i = 0; i < t.tracks; i++) {
        check_time(reel_movie_track(movie, i), &t.track[i], INT64_MIN);
        check_time(reel_movie_track(movie, i), &t.track[i], INT64_MAX);
    }
    reel_close(&movie);
    reel_source_unref(&source);
    truth_free(&t);
    b_free(&b);
}

static void test_ends_of_time_in_tables(void **state)
{
    (void)state;
    check_ends(RANDOM_TABLES);
}

static void test_ends_of_time_in_fragments(void **state)
{
    (void)state;
    check_ends(RANDOM_FRAGMENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),         cmocka_unit_test(test_long_tables), cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_long_fragments), cmocka_unit_test(test_hybrid),
        cmocka_unit_test(test_ends_of_time_in_tables), cmocka_unit_test(test_ends_of_time_in_fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
