/* SPDX-License-Identifier: BSD-2-Clause */
/* One movie, many threads: totals that all of them need first, the scan of fragments, a refresh beside readers. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "small.h"

enum { THREADS = 8 };

typedef struct job {
    const reel_movie *movie;
    const truth *truth;
    pthread_barrier_t *start;
    uint64_t seed;
    long faults; /* cmocka's asserts may only be used on its own thread */
} job;

static bool look(const reel_track *t, const truth_track *want, uint64_t *dice)
{
    reel_sample s;
    reel_packet p;
    reel_explanation x;
    uint64_t n = 0, i = b_below(dice, (uint32_t)want->count);
    bool good = reel_track_sample(t, i, &s, NULL) == REEL_OK && truth_same(&s, &want->sample[i]);
    switch (b_below(dice, 5)) {
    case 0:
        return good && reel_track_find_dts(t, s.dts, &n, NULL) == REEL_OK && want->sample[n].dts <= s.dts;
    case 1:
        return good && reel_track_find_pts(t, s.pts, &n, NULL) == REEL_OK && want->sample[n].pts == s.pts;
    case 2: {
        int64_t sync = truth_find_sync(want, i, false);
        int code = reel_track_find_sync(t, i, REEL_SEEK_PREVIOUS, &n, NULL);
        return good && (sync < 0 ? code == REEL_END : code == REEL_OK && n == (uint64_t)sync);
    }
    case 3:
        return good && reel_track_explain(t, i, &x, NULL) == REEL_OK && truth_same(&x.sample, &s);
    default: {
        int code = reel_packet_get(t, &s, &p, NULL);
        reel_packet_unref(&p);
        return good && (code == REEL_OK || code == REEL_E_TRUNCATED);
    }
    }
}

static bool walk(const reel_track *t, const truth_track *want, uint64_t from)
{
    reel_cursor c;
    reel_sample s;
    if (reel_cursor_init(&c, t) != REEL_OK || reel_cursor_seek(&c, from, NULL) != REEL_OK)
        return false;
    for (int i = 0; i < 50 && from < want->count; i++, from++)
        if (reel_cursor_next(&c, &s, NULL) != REEL_OK || !truth_same(&s, &want->sample[from]))
            return false;
    return true;
}

static void *work(void *user)
{
    job *j = user;
    uint64_t dice = j->seed;
    pthread_barrier_wait(j->start);
    for (int round = 0; round < 100; round++) {
        uint32_t k = b_below(&dice, j->truth->tracks);
        const truth_track *want = &j->truth->track[k];
        const reel_track *t = reel_movie_track(j->movie, k);
        if (!want->count)
            continue;
        j->faults += !look(t, want, &dice);
        if (round % 10 == 0)
            j->faults += !walk(t, want, b_below(&dice, (uint32_t)want->count));
    }
    return NULL;
}

static void share(uint64_t seed, unsigned kinds)
{
    b_buf b = {0};
    truth t;
    reel_source *source;
    reel_movie *movie;
    job jobs[THREADS];
    pthread_t thread[THREADS];
    pthread_barrier_t start;
    random_film(&b, &t, seed, kinds);
    assert_int_equal(reel_source_memory(b.data, b.size, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &movie, NULL), REEL_OK);
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (job){movie, &t, &start, seed * 100 + (uint64_t)i, 0};
        assert_int_equal(pthread_create(&thread[i], NULL, work, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(jobs[i].faults, 0);
    pthread_barrier_destroy(&start);
    reel_close(&movie);
    reel_source_unref(&source);
    truth_free(&t);
    b_free(&b);
}

static void test_first_need_of_tables(void **state)
{
    (void)state;
    for (uint64_t seed = 10001; seed <= 10020; seed++)
        share(seed, RANDOM_TABLES | RANDOM_LONG);
}

static void test_first_need_of_fragments(void **state)
{
    (void)state;
    for (uint64_t seed = 30001; seed <= 30020; seed++)
        share(seed, RANDOM_FRAGMENTS | RANDOM_LONG);
}

static void test_first_need_of_both(void **state)
{
    (void)state;
    for (uint64_t seed = 40001; seed <= 40020; seed++)
        share(seed, RANDOM_TABLES | RANDOM_FRAGMENTS);
}

/* ---- a recording ------------------------------------------------------------------------------------------ */

typedef struct recording {
    b_buf bytes;          /* all that will ever be written */
    _Atomic size_t now;
    atomic_bool done;
    reel_movie *movie;
    long faults;
} recording;

static int64_t record_read(void *user, uint64_t offset, void *buf, size_t n)
{
    recording *r = user;
    size_t now = atomic_load(&r->now);
    if (offset >= now)
        return 0;
    n = n < now - offset ? n : now - (size_t)offset;
    memcpy(buf, r->bytes.data + offset, n);
    return (int64_t)n;
}

static int record_size(void *user, uint64_t *size)
{
    *size = atomic_load(&((recording *)user)->now);
    return REEL_OK;
}

/* Follows the recording with a cursor: every sample once, in order. */
static void *follow(void *user)
{
    recording *r = user;
    reel_cursor c;
    reel_sample s;
    reel_error err;
    uint64_t next = 0;
    long faults = reel_cursor_init(&c, reel_movie_track(r->movie, 0)) != REEL_OK;
    for (;;) {
        bool last = atomic_load(&r->done);
        int code = reel_cursor_next(&c, &s, &err);
        if (code == REEL_OK) {
            faults += s.index != next || s.dts != (int64_t)next * 40;
            next++;
        } else if (code != REEL_END) {
            faults++;
            break;
        } else if (last) {
            break;
        }
    }
    faults += next != 10;
    return (void *)(intptr_t)faults;
}

static void test_refresh_beside_readers(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        recording r = {.now = 0};
        reel_source *source;
        reel_error err;
        pthread_t thread[THREADS];
        const reel_source_io io = {sizeof io, record_read, record_size, NULL, &r};
        small_fragmented(&r.bytes);
        atomic_store(&r.now, b_find(&r.bytes, "moof"));
        assert_int_equal(reel_source_callback(&io, &source, NULL), REEL_OK);
        assert_int_equal(reel_open(source, NULL, &r.movie, &err), REEL_OK);
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&thread[i], NULL, follow, &r), 0);
        while (atomic_load(&r.now) < r.bytes.size) {
            size_t more = atomic_load(&r.now) + 13;
            atomic_store(&r.now, more < r.bytes.size ? more : r.bytes.size);
            assert_true(reel_movie_refresh(r.movie, &err) >= 0);
        }
        assert_int_equal(reel_movie_refresh(r.movie, &err), REEL_END);
        atomic_store(&r.done, true);
        for (int i = 0; i < THREADS; i++) {
            void *faults;
            pthread_join(thread[i], &faults);
            assert_null(faults);
        }
        reel_close(&r.movie);
        reel_source_unref(&source);
        b_free(&r.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_need_of_tables), cmocka_unit_test(test_first_need_of_fragments),
        cmocka_unit_test(test_first_need_of_both), cmocka_unit_test(test_refresh_beside_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
