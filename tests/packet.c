/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets: their bytes, how long they live, what may be read behind them. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <reel/reel.h>

#include "small.h"

static int64_t copy_read(void *user, uint64_t offset, void *buf, size_t n)
{
    const b_buf *b = user;
    if (offset >= b->size)
        return 0;
    n = n < b->size - offset ? n : b->size - (size_t)offset;
    memcpy(buf, b->data + offset, n);
    return (int64_t)n;
}

static int copy_size(void *user, uint64_t *size)
{
    *size = ((const b_buf *)user)->size;
    return REEL_OK;
}

static reel_movie *open_movie(b_buf *b, bool mapped)
{
    const reel_source_io io = {sizeof io, copy_read, copy_size, NULL, b};
    reel_source *s;
    reel_movie *m;
    assert_int_equal(mapped ? reel_source_memory(b->data, b->size, NULL, NULL, &s) : reel_source_callback(&io, &s, NULL),
                     REEL_OK);
    assert_int_equal(reel_open(s, NULL, &m, NULL), REEL_OK);
    reel_source_unref(&s);
    return m;
}

static void get(const reel_movie *m, uint64_t index, reel_packet *p)
{
    reel_sample s;
    reel_error err;
    const reel_track *t = reel_movie_track(m, 0);
    assert_int_equal(reel_track_sample(t, index, &s, &err), REEL_OK);
    assert_int_equal(reel_packet_get(t, &s, p, &err), REEL_OK);
    assert_int_equal(p->sample.index, index);
}

/* Sample i of the small film holds 10 * i and on. */
static void holds(const reel_packet *p)
{
    for (uint32_t i = 0; i < p->sample.size; i++)
        assert_int_equal(p->data[i], p->sample.index * 10 + i);
}

static void test_packets_outlive_the_movie(void **state)
{
    (void)state;
    for (int mapped = 0; mapped < 2; mapped++) {
        b_buf b = {0};
        reel_packet p[10], more;
        small_plain(&b);
        reel_movie *m = open_movie(&b, mapped);
        for (uint64_t i = 0; i < 10; i++)
            get(m, i, &p[i]);
        reel_packet_ref(&more, &p[3]);
        reel_close(&m);
        for (int i = 0; i < 10; i++) {
            holds(&p[i]);
            if (i % 2)
                reel_packet_free(p[i].ref, NULL);
            else
                reel_packet_unref(&p[i]);
        }
        holds(&more);
        reel_packet_unref(&more);
        assert_null(more.ref);
        reel_packet_unref(&more);
        reel_packet_unref(NULL);
        b_free(&b);
    }
}

static void *drop(void *packet)
{
    holds(packet);
    reel_packet_unref(packet);
    return NULL;
}

static void test_packets_end_on_other_threads(void **state)
{
    (void)state;
    b_buf b = {0};
    reel_packet p[10];
    pthread_t thread[10];
    small_plain(&b);
    reel_movie *m = open_movie(&b, false);
    for (uint64_t i = 0; i < 10; i++) {
        get(m, i, &p[i]);
        assert_int_equal(pthread_create(&thread[i], NULL, drop, &p[i]), 0);
    }
    reel_close(&m);
    for (int i = 0; i < 10; i++)
        pthread_join(thread[i], NULL);
    b_free(&b);
}

static void test_padding(void **state)
{
    (void)state;
    b_buf b = {0};
    reel_packet p;
    small_plain(&b);
    reel_movie *m = open_movie(&b, true);
    get(m, 9, &p); /* the last one: nothing lies behind it */
    assert_int_equal(p.padding, 0);
    reel_packet_unref(&p);
    get(m, 8, &p);
    assert_int_equal(p.padding, 10);
    reel_packet_unref(&p);
    reel_close(&m);
    m = open_movie(&b, false);
    get(m, 9, &p);
    assert_int_equal(p.padding, 64);
    for (size_t i = 0; i < p.padding; i++)
        assert_int_equal(p.data[p.sample.size + i], 0);
    reel_packet_unref(&p);
    reel_close(&m);
    b_free(&b);
}

static void test_a_sample_that_is_cut(void **state)
{
    (void)state;
    for (int mapped = 0; mapped < 2; mapped++) {
        b_buf b = {0};
        reel_packet p;
        reel_sample s;
        reel_error err;
        char line[400];
        small_plain(&b);
        b.size -= 3;
        reel_movie *m = open_movie(&b, mapped);
        get(m, 8, &p);
        reel_packet_unref(&p);
        assert_int_equal(reel_track_sample(reel_movie_track(m, 0), 9, &s, NULL), REEL_OK);
        memset(&p, 0xff, sizeof p);
        assert_int_equal(reel_packet_get(reel_movie_track(m, 0), &s, &p, &err), REEL_E_TRUNCATED);
        reel_error_format(&err, line, sizeof line);
        assert_non_null(strstr(line, "sample 9 ends 3 bytes past the end of the file (at 0x"));
        assert_null(p.ref);
        assert_null(p.data);
        assert_int_equal(p.sample.size, 0);
        reel_close(&m);
        b_free(&b);
    }
}

static void test_an_empty_sample(void **state)
{
    (void)state;
    for (int mapped = 0; mapped < 2; mapped++) {
        b_buf b = {0};
        reel_packet p;
        small_plain(&b);
        b_set32(&b, b_body(&b, "moov/trak/mdia/minf/stbl/stsz") + 8, 0);
        reel_movie *m = open_movie(&b, mapped);
        get(m, 0, &p);
        assert_non_null(p.data);
        assert_int_equal(p.sample.size, 0);
        reel_packet_unref(&p);
        reel_close(&m);
        b_free(&b);
    }
}

static void test_bytes_in_another_file(void **state)
{
    (void)state;
    b_buf b = {0};
    reel_packet p;
    reel_sample s;
    reel_error err;
    small_plain(&b);
    size_t url = b_find(&b, "moov/trak/mdia/minf/dinf/dref") + 16;
    b_set32(&b, url + 8, 0); /* not in this file */
    b_insert(&b, "moov/trak/mdia/minf/dinf/dref/url ", url + 12, "f.bin", 6);
    reel_movie *m = open_movie(&b, true);
    assert_int_equal(reel_track_sample(reel_movie_track(m, 0), 0, &s, NULL), REEL_OK);
    assert_int_equal(reel_packet_get(reel_movie_track(m, 0), &s, &p, &err), REEL_E_NOT_FOUND);
    assert_string_equal(err.text, "its bytes lie in another file");
    reel_close(&m);
    b_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets_outlive_the_movie), cmocka_unit_test(test_packets_end_on_other_threads),
        cmocka_unit_test(test_padding),                   cmocka_unit_test(test_a_sample_that_is_cut),
        cmocka_unit_test(test_an_empty_sample),           cmocka_unit_test(test_bytes_in_another_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
