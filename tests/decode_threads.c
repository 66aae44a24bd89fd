/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder among threads: frames that others hold and let go of, interruptions, the codec's threads. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <reel/reel.h>
#include <reel/sched.h>

#include <cmocka.h>

#include "decode_help.h"

static film pictures;

static int make_film(void **state)
{
    (void)state;
    film_make(&pictures, "160x120", 120, "-c:v libx264 -preset ultrafast -bf 2 -g 20");
    return 0;
}

static int free_film(void **state)
{
    (void)state;
    film_free(&pictures);
    return 0;
}

static void need(void)
{
    if (!pictures.data)
        skip();
}

static void nap(long us)
{
    const struct timespec t = {0, us * 1000};
    nanosleep(&t, NULL);
}

/* ---- frames handed to another thread ---- */

enum { QUEUE = 4 };

typedef struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    reel_frame *frame[QUEUE];
    size_t in, out;
    bool end;
} queue;

static void *consume(void *arg)
{
    queue *q = arg;
    uintptr_t sum = 0;
    for (;;) {
        pthread_mutex_lock(&q->lock);
        while (q->in == q->out && !q->end)
            pthread_cond_wait(&q->changed, &q->lock);
        reel_frame *f = q->in == q->out ? NULL : q->frame[q->out++ % QUEUE];
        pthread_cond_broadcast(&q->changed);
        pthread_mutex_unlock(&q->lock);
        if (!f)
            return (void *)sum;
        for (uint32_t y = 0; y < f->height; y++)
            sum += f->data[0][(ptrdiff_t)y * f->stride[0]];
        reel_frame_unref(&f);
    }
}

static void put(queue *q, reel_frame *f)
{
    pthread_mutex_lock(&q->lock);
    while (q->in - q->out == QUEUE)
        pthread_cond_wait(&q->changed, &q->lock);
    q->frame[q->in++ % QUEUE] = f;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

static void test_consumer(void **state)
{
    (void)state;
    need();
    for (uint32_t kind = REEL_DECODER_THREADS_FRAME; kind <= REEL_DECODER_THREADS_SLICE; kind++) {
        queue q = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
        reel_movie *movie = film_open(&pictures);
        reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 4, .thread_kind = kind, .frames = QUEUE};
        reel_decoder *dec = NULL;
        pthread_t thread;
        reel_frame *f;
        size_t n = 0;
        assert_int_equal(reel_decoder_open(film_pictures(movie), &o, &dec, NULL), REEL_OK);
        assert_int_equal(pthread_create(&thread, NULL, consume, &q), 0);
        while (reel_decoder_next(dec, &f, NULL) == REEL_OK) {
            put(&q, f);
            n++;
        }
        reel_decoder_close(&dec); /* while some are still out */
        reel_close(&movie);
        pthread_mutex_lock(&q.lock);
        q.end = true;
        pthread_cond_broadcast(&q.changed);
        pthread_mutex_unlock(&q.lock);
        pthread_join(thread, NULL);
        assert_int_equal(n, 120);
    }
}

/* ---- an interruption ---- */

static void *interrupt(void *arg)
{
    reel_decoder_stats s;
    nap(3000);
    reel_decoder_get_stats(arg, &s);
    reel_decoder_interrupt(arg);
    return NULL;
}

static void test_interrupt(void **state)
{
    (void)state;
    need();
    reel_movie *movie = film_open(&pictures);
    reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 3};
    reel_decoder *dec = NULL;
    assert_int_equal(reel_decoder_open(film_pictures(movie), &o, &dec, NULL), REEL_OK);
    for (int round = 0; round < 5; round++) {
        pthread_t thread;
        reel_frame *f;
        int rc = REEL_OK;
        assert_int_equal(pthread_create(&thread, NULL, interrupt, dec), 0);
        while (rc == REEL_OK || rc == REEL_END) {
            rc = reel_decoder_next(dec, &f, NULL);
            reel_frame_unref(&f);
            if (rc == REEL_END)
                nap(500);
        }
        assert_int_equal(rc, REEL_E_CANCELLED);
        pthread_join(thread, NULL);
        assert_int_equal(reel_decoder_seek(dec, (uint64_t)(round * 20), NULL), REEL_OK);
        assert_int_equal(reel_decoder_next(dec, &f, NULL), REEL_OK);
        reel_frame_unref(&f);
    }
    reel_decoder_close(&dec);
    reel_close(&movie);
}

/* All frames are held, the codec's threads wait for one: the interruption reaches them there. */
static void test_interrupt_waiting(void **state)
{
    (void)state;
    enum { POOL = 10 };
    need();
    reel_pool_options po = {.sizeof_options = sizeof po, .buffer_size = 1 << 20, .max_buffers = POOL,
                            .flags = REEL_POOL_WAIT};
    reel_pool *pool = NULL;
    reel_movie *movie = film_open(&pictures);
    reel_decoder *dec = NULL;
    pthread_t thread;
    reel_frame *f[POOL + 1];
    int n = 0, rc;
    assert_int_equal(reel_pool_open(&po, &pool, NULL), REEL_OK);
    reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 2, .pool = pool};
    assert_int_equal(reel_decoder_open(film_pictures(movie), &o, &dec, NULL), REEL_OK);
    assert_int_equal(pthread_create(&thread, NULL, interrupt, dec), 0);
    while ((rc = reel_decoder_next(dec, &f[n], NULL)) == REEL_OK && n < POOL)
        n++;
    assert_int_equal(rc, REEL_E_CANCELLED);
    pthread_join(thread, NULL);
    reel_decoder_close(&dec);
    while (n > 0)
        reel_frame_unref(&f[--n]);
    reel_pool_close(&pool);
    reel_close(&movie);
}

/* ---- a movie that several decoders read ---- */

static void *decode_all(void *arg)
{
    reel_decoder *dec = NULL;
    reel_frame *f;
    uintptr_t n = 0;
    reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 2};
    if (reel_decoder_open(arg, &o, &dec, NULL) != REEL_OK)
        return NULL;
    for (; reel_decoder_next(dec, &f, NULL) == REEL_OK; n++)
        reel_frame_unref(&f);
    reel_decoder_close(&dec);
    return (void *)n;
}

static void test_several(void **state)
{
    (void)state;
    need();
    reel_movie *movie = film_open(&pictures);
    const void *track = film_pictures(movie);
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, decode_all, (void *)(uintptr_t)track), 0);
    for (int i = 0; i < 4; i++) {
        void *n = NULL;
        pthread_join(thread[i], &n);
        assert_int_equal((uintptr_t)n, 120);
    }
    reel_close(&movie);
}

/* ---- films whose samples are tasks ---- */

enum { FILMS = 12, HELD = 2 };

typedef struct stream {
    reel_sched *sched;
    reel_strand decode, show;
    reel_task step, look;
    reel_decoder *dec;
    reel_frame *out[HELD];
    atomic_size_t in, seen; /* frames that came out, and that were given back */
    atomic_int end;
    uint64_t wrong;
    int64_t last;
} stream;

static void step(reel_task *task, void *user)
{
    stream *s = user;
    reel_frame *f;
    size_t in = atomic_load(&s->in);
    if (in - atomic_load(&s->seen) == HELD || atomic_load(&s->end))
        return; /* one too many: its last post came when this had gone on by itself */
    int rc = reel_decoder_next(s->dec, &f, NULL);
    if (rc == REEL_OK) {
        s->out[in % HELD] = f;
        atomic_store(&s->in, in + 1);
        reel_task_post(s->sched, &s->look, 0);
    } else if (rc != REEL_E_AGAIN) {
        atomic_store(&s->end, rc);
        return;
    }
    if (atomic_load(&s->in) - atomic_load(&s->seen) < HELD)
        reel_task_post(s->sched, task, 0);
}

static void look(reel_task *task, void *user)
{
    stream *s = user;
    (void)task;
    for (size_t n; (n = atomic_load(&s->seen)) < atomic_load(&s->in);) {
        reel_frame *f = s->out[n % HELD];
        s->wrong += f->flags & REEL_FRAME_DAMAGED || (n && f->pts <= s->last);
        s->last = f->pts;
        reel_frame_unref(&f);
        atomic_store(&s->seen, n + 1);
        reel_task_post(s->sched, &s->step, 0);
    }
}

/* More films than threads, a sample a task, the caller holding all the frames he may: none waits, and none stops. */
static void test_tasks(void **state)
{
    (void)state;
    need();
    static stream all[FILMS];
    const reel_sched_options so = {.sizeof_options = sizeof so, .workers = 2};
    const reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 1, .most_packets = 1, .wait_ns = -1,
                                    .frames = HELD};
    reel_sched *sched = NULL;
    reel_movie *movie = film_open(&pictures);
    assert_int_equal(reel_sched_open(&so, &sched, NULL), REEL_OK);
    for (int i = 0; i < FILMS; i++) {
        stream *s = &all[i];
        *s = (stream){.sched = sched, .step = {.run = step, .user = s, .strand = &s->decode},
                      .look = {.run = look, .user = s, .strand = &s->show}};
        assert_int_equal(reel_decoder_open(film_pictures(movie), &o, &s->dec, NULL), REEL_OK);
        assert_int_equal(reel_strand_open(&s->decode, sched, NULL, NULL), REEL_OK);
        assert_int_equal(reel_strand_open(&s->show, sched, NULL, NULL), REEL_OK);
        assert_int_equal(reel_task_post(sched, &s->step, 0), REEL_OK);
    }
    for (int i = 0; i < FILMS; i++) {
        reel_decoder_stats st;
        while (!atomic_load(&all[i].end) || atomic_load(&all[i].seen) < atomic_load(&all[i].in))
            nap(1000);
        reel_strand_close(&all[i].show, REEL_CLOSE_DRAIN);
        reel_strand_close(&all[i].decode, REEL_CLOSE_DRAIN);
        reel_decoder_get_stats(all[i].dec, &st);
        assert_int_equal(all[i].end, REEL_END);
        assert_int_equal(all[i].seen, 120);
        assert_int_equal(all[i].wrong, 0);
        assert_int_equal(st.waits + st.refused + st.lost, 0);
        reel_decoder_close(&all[i].dec);
    }
    reel_sched_close(&sched, REEL_CLOSE_DRAIN);
    reel_close(&movie);
}

/* ---- a film that is cut short meanwhile ---- */

typedef struct shortened {
    reel_task task;
    const reel_track *track;
    char path[32];
    uint32_t threads;
    int opened, end;
    atomic_int told;
} shortened;

static void told(void *user, const reel_error *what)
{
    shortened *s = user;
    if (what->code == REEL_E_SHRUNK)
        atomic_fetch_add(&s->told, 1);
}

static void decode_shortened(reel_task *task, void *user)
{
    shortened *s = user;
    const reel_decoder_options o = {.sizeof_options = sizeof o, .threads = s->threads, .report = told, .report_user = s};
    reel_decoder *dec = NULL;
    reel_frame *f;
    (void)task;
    s->opened = reel_decoder_open(s->track, &o, &dec, NULL);
    s->end = s->opened;
    for (int n = 0; s->end == REEL_OK; n++) {
        if (n == 5)
            s->opened = truncate(s->path, 8192);
        s->end = reel_decoder_next(dec, &f, NULL);
        if (s->end == REEL_OK)
            reel_frame_unref(&f);
    }
    reel_decoder_close(&dec);
}

/* On a thread of the scheduler, and on the codec's own, zeros come instead of a signal that ends the process. */
static void test_cut_short(void **state)
{
    (void)state;
    need();
    for (uint32_t threads = 1; threads <= 3; threads += 2) {
        shortened s = {.path = "/tmp/reel-shortened-XXXXXX", .threads = threads};
        const reel_sched_options so = {.sizeof_options = sizeof so, .workers = 1};
        reel_sched *sched = NULL;
        reel_movie *movie = NULL;
        int fd = mkstemp(s.path);
        assert_true(fd >= 0 && write(fd, pictures.data, pictures.size) == (ssize_t)pictures.size);
        assert_int_equal(close(fd), 0);
        assert_int_equal(reel_open_file(s.path, REEL_SOURCE_GUARD, NULL, &movie, NULL), REEL_OK);
        s.track = film_pictures(movie);
        s.task = (reel_task){.run = decode_shortened, .user = &s};
        assert_int_equal(reel_sched_open(&so, &sched, NULL), REEL_OK);
        assert_int_equal(reel_task_post(sched, &s.task, 0), REEL_OK);
        reel_sched_close(&sched, REEL_CLOSE_DRAIN);
        unlink(s.path);
        assert_int_equal(s.opened, 0);
        assert_true(s.end == REEL_END || s.end == REEL_E_SHRUNK);
        assert_true(s.end == REEL_E_SHRUNK || atomic_load(&s.told) > 0);
        assert_true(reel_movie_shrunk(movie));
        reel_close(&movie);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_consumer), cmocka_unit_test(test_interrupt),
                                       cmocka_unit_test(test_interrupt_waiting), cmocka_unit_test(test_several),
                                       cmocka_unit_test(test_tasks), cmocka_unit_test(test_cut_short)};
    return cmocka_run_group_tests(tests, make_film, free_film);
}
