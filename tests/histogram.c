/* SPDX-License-Identifier: BSD-2-Clause */
/* Histograms against sorted values. Faces src/frame/histogram.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/histogram.h>

enum { VALUES = 20000 };

static reel_histogram h, other;

static uint64_t chance(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void test_empty(void **state)
{
    (void)state;
    reel_histogram_reset(&h);
    assert_int_equal(reel_histogram_at(&h, 0.5), 0);
    assert_int_equal(reel_histogram_at(&h, 1), 0);
    assert_int_equal(reel_histogram_count(&h), 0);
    assert_true(reel_histogram_mean(&h) < 0.5);
}

static void test_small_values_are_exact(void **state)
{
    (void)state;
    reel_histogram_reset(&h);
    for (int i = 0; i < 64; i++)
        reel_histogram_record(&h, i);
    reel_histogram_record(&h, -5);
    assert_int_equal(reel_histogram_at(&h, 0), 0);
    assert_int_equal(reel_histogram_at(&h, 33.0 / 65), 31);
    assert_int_equal(reel_histogram_at(&h, 2), 63);
    assert_int_equal(h.bucket[0], 2);
}

static void test_buckets_join_up(void **state)
{
    (void)state;
    for (size_t i = 0; i + 1 < REEL_HISTOGRAM_BUCKETS; i++) {
        uint64_t from = reel_histogram_bucket_start(i), to = reel_histogram_bucket_start(i + 1) - 1;
        reel_histogram_reset(&h);
        reel_histogram_record(&h, (int64_t)from);
        reel_histogram_record(&h, (int64_t)to);
        assert_int_equal(h.bucket[i], 2);
        assert_true((to - from) * 32 <= to);
    }
    assert_int_equal(reel_histogram_bucket_start(REEL_HISTOGRAM_BUCKETS), 0);
}

static void test_beyond_the_last_bucket(void **state)
{
    (void)state;
    reel_histogram_reset(&h);
    reel_histogram_record(&h, INT64_MAX);
    reel_histogram_record(&h, (int64_t)1 << 44);
    assert_int_equal(h.bucket[REEL_HISTOGRAM_BUCKETS - 1], 2);
    assert_int_equal(reel_histogram_at(&h, 1), INT64_MAX);
}

static void test_percentiles_of_random_values(void **state)
{
    static uint64_t values[VALUES];
    static const double fractions[] = {0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1};
    uint64_t dice = 7, sum = 0;
    (void)state;
    reel_histogram_reset(&h);
    for (int i = 0; i < VALUES; i++) {
        values[i] = chance(&dice) >> (20 + chance(&dice) % 44);
        sum += values[i];
        reel_histogram_record(&h, (int64_t)values[i]);
    }
    qsort(values, VALUES, sizeof *values, by_size);
    for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
        size_t rank = (size_t)(fractions[i] * VALUES + 0.999999);
        uint64_t exact = values[rank ? rank - 1 : 0], got = reel_histogram_at(&h, fractions[i]);
        assert_true(got >= exact && got - exact <= exact / 32);
    }
    assert_int_equal(h.sum, sum);
    assert_int_equal(reel_histogram_count(&h), VALUES);
    assert_int_equal(reel_histogram_at(&h, 1), values[VALUES - 1]);
}

static void test_null(void **state)
{
    (void)state;
    reel_histogram h = {.count = 0};
    reel_histogram_record(NULL, 1);
    reel_histogram_merge(NULL, NULL);
    reel_histogram_merge(&h, NULL);
    reel_histogram_merge(NULL, &h);
    reel_histogram_reset(NULL);
    assert_int_equal(reel_histogram_at(NULL, 0.5) + reel_histogram_count(NULL) + reel_histogram_count(&h), 0);
    assert_true(reel_histogram_mean(NULL) <= 0);
}

static void test_merge(void **state)
{
    (void)state;
    reel_histogram_reset(&h);
    reel_histogram_reset(&other);
    for (int i = 0; i < 100; i++) {
        reel_histogram_record(&h, i);
        reel_histogram_record(&other, 1000 + i);
    }
    reel_histogram_merge(&h, &other);
    assert_int_equal(reel_histogram_count(&h), 200);
    assert_int_equal(reel_histogram_at(&h, 0.25), 49);
    assert_int_equal(reel_histogram_at(&h, 1), 1099);
    assert_true(reel_histogram_mean(&h) > 549 && reel_histogram_mean(&h) < 550);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_small_values_are_exact),
        cmocka_unit_test(test_buckets_join_up),
        cmocka_unit_test(test_beyond_the_last_bucket),
        cmocka_unit_test(test_percentiles_of_random_values),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
