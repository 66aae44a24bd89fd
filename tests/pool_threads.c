/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame pool under many threads: who holds a frame is the only one who writes into it, and nothing is lost. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <reel/pool.h>

#include <cmocka.h>

enum { THREADS = 8, OPERATIONS = 1000000 / THREADS, MOST = 6, SHELF = 16, MS = 1000000 };

/* Frames that wander from thread to thread, each place holds one reference. */
typedef struct stress {
    reel_pool *pool;
    reel_layout layout;
    _Atomic(reel_frame *) shelf[SHELF];
    pthread_barrier_t start;
    atomic_long faults; /* cmocka's asserts may only be used on its own thread */
} stress;

typedef struct worker {
    stress *s;
    uint64_t seed;
    reel_frame *held[MOST];
    uint64_t again; /* how often the pool had nothing */
} worker;

static uint32_t dice(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*state >> 33) % below);
}

/* The frame's number, all over its memory: whoever writes here too is seen by the one who lets it go last. */
static void stamp(reel_frame *f, const reel_layout *l, uint64_t value)
{
    uint8_t *p = reel_buffer_data(f->buffer);
    f->pts = (int64_t)value;
    for (size_t i = 0; i + sizeof value <= l->size; i += sizeof value)
        memcpy(p + i, &value, sizeof value);
}

static bool is_stamped(const reel_frame *f, const reel_layout *l)
{
    const uint8_t *p = reel_buffer_data(f->buffer);
    uint64_t there;
    for (size_t i = 0; i + sizeof there <= l->size; i += sizeof there) {
        memcpy(&there, p + i, sizeof there);
        if (there != (uint64_t)f->pts)
            return false;
    }
    return true;
}

static void let_go(worker *w, int i)
{
    if (w->held[i] && !is_stamped(w->held[i], &w->s->layout))
        w->s->faults++;
    reel_frame_unref(&w->held[i]);
}

static void take_one(worker *w, int i)
{
    int code;
    if (dice(&w->seed, 50) == 0) /* wait a moment, should all be out */
        code = reel_pool_take_until(w->s->pool, &w->s->layout, reel_pool_now() + MS / 10, REEL_HERE, &w->held[i]);
    else
        code = reel_pool_take(w->s->pool, &w->s->layout, REEL_HERE, &w->held[i]);
    if (code == REEL_OK)
        stamp(w->held[i], &w->s->layout, w->seed);
    w->again += code == REEL_E_AGAIN;
    w->s->faults += code != REEL_OK && code != REEL_E_AGAIN;
}

/* Put one of ours on the shelf, and have what lay there. */
static void swap_one(worker *w, int i)
{
    reel_frame *mine = w->held[i] && dice(&w->seed, 2) ? reel_frame_ref(w->held[i]) : NULL;
    reel_frame *theirs = atomic_exchange(&w->s->shelf[dice(&w->seed, SHELF)], mine);
    let_go(w, i);
    w->held[i] = theirs;
}

/* As a decoder does: the memory is held beside the frame, and a second frame shows it. */
static void show_again(worker *w, int i)
{
    reel_frame *again;
    if (!w->held[i])
        return;
    if (reel_frame_over(w->held[i]->buffer, &w->s->layout, &again, NULL) != REEL_OK) {
        w->s->faults++;
        return;
    }
    again->pts = w->held[i]->pts;
    let_go(w, i);
    w->held[i] = again;
}

static void *work(void *user)
{
    worker *w = user;
    reel_pool_stats st;
    pthread_barrier_wait(&w->s->start);
    for (int n = 0; n < OPERATIONS; n++) {
        int i = (int)dice(&w->seed, MOST);
        uint32_t what = dice(&w->seed, 64);
        if (what < 8)
            swap_one(w, i);
        else if (what < 12)
            show_again(w, i);
        else if (w->held[i])
            let_go(w, i);
        else
            take_one(w, i);
        if (n % 4096 == 0)
            reel_pool_get_stats(w->s->pool, &st);
        if (n % 16384 == 0)
            reel_pool_trim(w->s->pool, n % 32768 ? 0 : MS);
    }
    for (int i = 0; i < MOST; i++)
        let_go(w, i);
    return NULL;
}


static void count_writers(void *user, const reel_pool_report *r)
{
    *(atomic_int *)user += r->finding == REEL_POOL_WRITTEN;
}

static void run(reel_pool_options o, uint32_t width, uint32_t height)
{
    static stress s;
    static worker w[THREADS];
    pthread_t t[THREADS];
    atomic_int written = 0;
    reel_format f;
    reel_pool_stats st;
    memset(&s, 0, sizeof s);
    memset(w, 0, sizeof w);
    reel_format_get(REEL_PIXEL_I420, &f);
    assert_int_equal(reel_layout_init(&s.layout, &f, width, height, NULL, NULL), REEL_OK);
    o.sizeof_options = sizeof o;
    o.buffer_size = s.layout.size;
    o.report = count_writers;
    o.report_user = &written;
    assert_int_equal(reel_pool_open(&o, &s.pool, NULL), REEL_OK);
    pthread_barrier_init(&s.start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        w[i] = (worker){.s = &s, .seed = (uint64_t)i * 77 + 1};
        assert_int_equal(pthread_create(&t[i], NULL, work, &w[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    for (int i = 0; i < SHELF; i++) {
        reel_frame *left = atomic_load(&s.shelf[i]);
        reel_frame_unref(&left);
    }
    pthread_barrier_destroy(&s.start);
    reel_pool_get_stats(s.pool, &st);
    assert_int_equal(s.faults, 0);
    assert_int_equal(written, 0);
    assert_int_equal(st.outstanding, 0);
    assert_int_equal(st.hot + st.idle + st.bare, (st.bytes_held / st.buffer_bytes) + st.bare);
    assert_in_range(st.high_water, 1, st.max_buffers);
    uint64_t again = 0;
    for (int i = 0; i < THREADS; i++)
        again += w[i].again;
    assert_int_equal(st.refusals, again);
    reel_pool_close(&s.pool);
}

static void test_small_frames(void **state)
{
    (void)state;
    run((reel_pool_options){.flags = REEL_POOL_FILL | REEL_POOL_TRACK}, 16, 2);
}

static void test_page_frames(void **state)
{
    (void)state;
    run((reel_pool_options){.hot = 4, .max_buffers = 40, .idle_ns = MS}, 64, 40);
}

static void test_at_the_ceiling(void **state)
{
    (void)state;
    run((reel_pool_options){.hot = 4, .max_buffers = 12, .flags = REEL_POOL_WAIT, .wait_ns = MS / 10}, 16, 2);
}

static void test_ring_alone(void **state)
{
    (void)state;
    run((reel_pool_options){.hot = 64, .max_buffers = 24, .flags = REEL_POOL_FAST}, 16, 2);
}

static void test_overflow_alone(void **state)
{
    (void)state;
    run((reel_pool_options){.hot = REEL_POOL_NO_RING, .max_buffers = 64}, 16, 2);
}

/* ---- nobody is forgotten ---- */

typedef struct queue {
    reel_pool *pool;
    atomic_long taken;
} queue;

static void *take_and_give(void *user)
{
    queue *q = user;
    for (int i = 0; i < 2000; i++) {
        reel_buffer *b;
        if (reel_pool_take_buffer(q->pool, REEL_POOL_FOREVER, REEL_HERE, &b) != REEL_OK)
            return NULL;
        memset(reel_buffer_data(b), i, 64);
        q->taken++;
        sched_yield(); /* long enough for others to find nothing */
        reel_buffer_unref(&b);
    }
    return NULL;
}

/* Eight threads, two buffers, no deadline: a wake-up that is lost hangs here. */
static void test_waiters(void **state)
{
    (void)state;
    for (uint32_t hot = 1; hot <= 3; hot++) {
        reel_pool_options o = {.sizeof_options = sizeof o, .buffer_size = 64, .max_buffers = 2,
                               .hot = hot == 3 ? REEL_POOL_NO_RING : hot};
        queue q = {0};
        pthread_t t[THREADS];
        assert_int_equal(reel_pool_open(&o, &q.pool, NULL), REEL_OK);
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&t[i], NULL, take_and_give, &q), 0);
        for (int i = 0; i < THREADS; i++)
            pthread_join(t[i], NULL);
        assert_int_equal(q.taken, THREADS * 2000);
        reel_pool_close(&q.pool);
    }
}

/* ---- the owner goes first ---- */

static void *give_all(void *user)
{
    reel_frame **f = user;
    for (int i = 0; i < MOST; i++)
        reel_frame_unref(&f[i]);
    return NULL;
}

static void *count_alive(void *user, void *p, size_t n)
{
    if (n == 0) {
        *(atomic_long *)user -= p != NULL;
        free(p);
        return NULL;
    }
    *(atomic_long *)user += p == NULL;
    return realloc(p, n);
}

/* Closing while others give back: whoever is last frees the pool, once. */
static void test_close_beside_gives(void **state)
{
    (void)state;
    reel_format f;
    reel_layout l;
    atomic_long alive = 0;
    const reel_allocator a = {count_alive, &alive};
    reel_format_get(REEL_PIXEL_GRAY8, &f);
    for (int round = 0; round < 500; round++) {
        static reel_frame *held[THREADS][MOST];
        assert_int_equal(reel_layout_init(&l, &f, round % 2 ? 64 : 256, round % 2 ? 8 : 300, NULL, NULL), REEL_OK);
        reel_pool_options o = {.sizeof_options = sizeof o, .buffer_size = l.size, .hot = 8, .alloc = &a};
        reel_pool *p;
        pthread_t t[THREADS];
        assert_int_equal(reel_pool_open(&o, &p, NULL), REEL_OK);
        for (int i = 0; i < 4 * MOST; i++)
            assert_int_equal(reel_pool_take(p, &l, REEL_HERE, &held[i / MOST][i % MOST]), REEL_OK);
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&t[i], NULL, give_all, held[i]), 0);
        reel_pool_close(&p);
        for (int i = 0; i < 4; i++)
            pthread_join(t[i], NULL);
        assert_int_equal(alive, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_frames),   cmocka_unit_test(test_page_frames),
        cmocka_unit_test(test_at_the_ceiling), cmocka_unit_test(test_ring_alone),
        cmocka_unit_test(test_overflow_alone), cmocka_unit_test(test_waiters),
        cmocka_unit_test(test_close_beside_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
