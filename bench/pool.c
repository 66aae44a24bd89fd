/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool: a 1080p frame taken and given back, by one thread and by two, beside av_buffer_pool and malloc.
 *
 * What malloc costs depends on whether its pages are there, so it is asked three times, "touch" being one byte written
 * in each page, as a decoder is the first to find them:
 *   new pages   M_MMAP_THRESHOLD as a process begins with it (128 KiB), and kept there: each malloc maps, each touch is
 *               a page fault, each free unmaps. The first frame of every process, and all of them where the threshold
 *               is set by hand. In a child process, since setting it is for good.
 *   one frame   glibc left alone: after the first free the threshold is above a frame, which then stays in the heap
 *   eight       the same, but eight are out at once, then all are freed: the end of the heap goes back to the system
 * Of the pool one row touches nothing: its pages are there, which is what it is for. The others touch the same.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <reel/pool.h>

#include "peer.h"

enum {
    WIDTH = 1920,
    HEIGHT = 1080,
    ROUNDS = 2000,
    BATCH = 64,
    TOUCHED = 300,
    EIGHT = 8,
    PAIRS = 500000,
    MOST_HELD = 2,
    PAGE = 4096,
};

static reel_layout full_hd(void)
{
    reel_format f;
    reel_layout l;
    if (reel_format_get(REEL_PIXEL_I420, &f) != REEL_OK ||
        reel_layout_init(&l, &f, WIDTH, HEIGHT, NULL, NULL) != REEL_OK)
        die("no layout", NULL);
    return l;
}

static reel_pool *pool_new(size_t size, uint32_t hot)
{
    reel_pool *p;
    reel_error err;
    /* What a release build does, whatever this is. */
    reel_pool_options o = {.sizeof_options = sizeof o, .buffer_size = size, .hot = hot, .flags = REEL_POOL_FAST};
    if (reel_pool_open(&o, &p, &err) != REEL_OK)
        die("no pool", &err);
    return p;
}

static void touch(uint8_t *p, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += PAGE)
        ((volatile uint8_t *)p)[i] = 1;
}

/* ---- one thread ---- */

typedef struct source { /* of frames: the pool, the peer's, or malloc */
    reel_pool *pool;
    reel_layout layout;
    bool touched;
} source;

static void reel_once(source *s)
{
    reel_frame *f;
    if (reel_pool_take(s->pool, &s->layout, REEL_HERE, &f) != REEL_OK)
        die("the pool is empty", NULL);
    if (s->touched)
        touch(f->data[0], s->layout.size);
    reel_frame_unref(&f);
}

static void peer_once(source *s)
{
    void *f = peer_pool_take();
    (void)s;
    if (!f)
        die("the peer's pool is empty", NULL);
    peer_pool_give(f);
}

static void malloc_once(source *s)
{
    uint8_t *f = malloc(s->layout.size);
    if (!f)
        die("out of memory", NULL);
    if (s->touched)
        touch(f, s->layout.size);
    *(volatile uint8_t *)f = 1;
    free(f);
}

static void reel_eight(source *s)
{
    reel_frame *f[EIGHT];
    for (int i = 0; i < EIGHT; i++) {
        if (reel_pool_take(s->pool, &s->layout, REEL_HERE, &f[i]) != REEL_OK)
            die("the pool is empty", NULL);
        touch(f[i]->data[0], s->layout.size);
    }
    for (int i = 0; i < EIGHT; i++)
        reel_frame_unref(&f[i]);
}

static void malloc_eight(source *s)
{
    uint8_t *f[EIGHT];
    for (int i = 0; i < EIGHT; i++) {
        if (!(f[i] = malloc(s->layout.size)))
            die("out of memory", NULL);
        touch(f[i], s->layout.size);
    }
    for (int i = 0; i < EIGHT; i++)
        free(f[i]);
}

static void batch(times *t, void (*once)(source *), source *s, int n)
{
    uint64_t from = tick();
    for (int i = 0; i < n; i++)
        once(s);
    times_add(t, tick_ns(tick() - from) / n);
}

static double median_of(void (*once)(source *), source *s, int rounds, int n)
{
    times t = {0};
    for (int i = 0; i < rounds; i++)
        batch(&t, once, s, n);
    double ns = times_at(&t, 0.5);
    times_free(&t);
    return ns;
}

/* Of malloc, touch and free where each begins with pages that are not there. Below 0: no child process to be had. */
static double with_new_pages(source *s)
{
    int ends[2];
    double ns = -1;
    if (pipe(ends) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
#ifdef M_MMAP_THRESHOLD
        mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
        ns = median_of(malloc_once, s, TOUCHED, 1);
        _exit(write(ends[1], &ns, sizeof ns) == sizeof ns ? 0 : 1);
    }
    close(ends[1]);
    if (child > 0 && (read(ends[0], &ns, sizeof ns) != sizeof ns || waitpid(child, NULL, 0) != child))
        ns = -1;
    close(ends[0]);
    return ns;
}

static void one_thread(source *s)
{
    times reel = {0}, other = {0};
    bool has_peer = peer_pool_open(s->layout.size);
    for (int i = 0; i < ROUNDS; i++) {
        batch(&reel, reel_once, s, BATCH);
        if (has_peer)
            batch(&other, peer_once, s, BATCH);
    }
    peer_pool_close();
    double bare = times_at(&reel, 0.5);
    report_row(&(row){.what = "take + give, one thread", .unit = "ns", .reel = bare, .peer = "av_buffer_pool",
                      .peer_value = has_peer ? times_at(&other, 0.5) : -1, .limit = 40});
    times_free(&reel);
    times_free(&other);
    s->touched = true;
    double touched = median_of(reel_once, s, TOUCHED, 1), fresh = with_new_pages(s);
    report_row(&(row){.what = "take + give; malloc, new pages, touch, free", .unit = "ns", .reel = bare,
                      .peer = "malloc + free", .peer_value = fresh, .least_ratio = 100});
    report_row(&(row){.what = "both touch, malloc has new pages", .unit = "ns", .reel = touched,
                      .peer = "malloc + free", .peer_value = fresh});
    report_row(&(row){.what = "both touch, malloc has them in its heap", .unit = "ns", .reel = touched,
                      .peer = "malloc + free", .peer_value = median_of(malloc_once, s, TOUCHED, 1)});
    report_row(&(row){.what = "both touch, eight frames out at once", .unit = "ns a frame",
                      .reel = median_of(reel_eight, s, TOUCHED, 1) / EIGHT, .peer = "malloc + free",
                      .peer_value = median_of(malloc_eight, s, TOUCHED, 1) / EIGHT});
}

/* ---- two threads, one pool ---- */

typedef struct rival {
    source *s;
    int held; /* at the same time: with two, one of them comes from the overflow where the ring is short */
    times ns;
    atomic_int *ready;
} rival;

static void rival_pair(rival *r)
{
    reel_frame *f[MOST_HELD];
    for (int i = 0; i < r->held; i++)
        if (reel_pool_take(r->s->pool, &r->s->layout, REEL_HERE, &f[i]) != REEL_OK)
            die("the pool is empty", NULL);
    for (int i = 0; i < r->held; i++)
        reel_frame_unref(&f[i]);
}

static void *compete(void *user)
{
    rival *r = user;
    /* No sleep: who is woken comes when the other one is done. */
    for (atomic_fetch_add(r->ready, 1); atomic_load(r->ready) < 2;)
        ;
    for (int i = 0; i < PAIRS; i++) {
        uint64_t from = tick();
        if (r->s->pool)
            rival_pair(r);
        else
            malloc_once(r->s);
        times_add(&r->ns, tick_ns(tick() - from) / r->held);
    }
    return NULL;
}

/* The 99th of a hundred take + give of both threads, and the median with it. */
static double race(source *s, int held, double *median)
{
    atomic_int ready = 0;
    pthread_t other;
    rival r[2] = {{.s = s, .held = held, .ready = &ready}, {.s = s, .held = held, .ready = &ready}};
    for (int i = 0; i < 2; i++)
        times_reserve(&r[i].ns, PAIRS * 2);
    if (pthread_create(&other, NULL, compete, &r[1]))
        die("no thread", NULL);
    compete(&r[0]);
    pthread_join(other, NULL);
    for (size_t i = 0; i < r[1].ns.n; i++)
        times_add(&r[0].ns, r[1].ns.ns[i]);
    double p99 = times_at(&r[0].ns, 0.99);
    *median = times_at(&r[0].ns, 0.5);
    times_free(&r[0].ns);
    times_free(&r[1].ns);
    return p99;
}

static void two_threads(const char *what, const reel_layout *l, uint32_t hot, int held, double plain, double limit)
{
    source s = {.pool = pool_new(l->size, hot), .layout = *l};
    reel_pool_stats st;
    char memory[64];
    double median, p99 = race(&s, held, &median);
    reel_pool_get_stats(s.pool, &st);
    report_check(st.outstanding == 0 && st.hits + st.overflow_hits + st.misses == 2 * (uint64_t)PAIRS * (unsigned)held,
                 "the pool lost count");
    report_row(&(row){.what = what, .unit = "ns, p99", .reel = p99, .peer = "malloc + free", .peer_value = plain,
                      .limit = limit});
    snprintf(memory, sizeof memory, "%s, memory", what);
    report_row(&(row){.what = memory, .unit = "MB", .reel = (double)st.bytes_held / 1e6});
    report_note("median %.0f ns; %llu takes from the ring, %llu from the overflow, %llu of new memory", median,
                (unsigned long long)st.hits, (unsigned long long)st.overflow_hits, (unsigned long long)st.misses);
    reel_pool_close(&s.pool);
}

void topic_pool(void)
{
    source s = {.layout = full_hd()};
    double median, plain;
    s.pool = pool_new(s.layout.size, 0);
    report_note("a frame of %.1f MB; medians of %d x %d; of two threads every single one is timed",
                (double)s.layout.size / 1e6, ROUNDS, BATCH);
    one_thread(&s);
    reel_pool_close(&s.pool);
    s.touched = false;
    plain = race(&s, 1, &median);
    two_threads("two threads, ring only", &s.layout, 64, 1, plain, 350);
    two_threads("two threads, overflow only", &s.layout, REEL_POOL_NO_RING, 1, plain, 350);
    two_threads("two threads, ring of 1 + overflow", &s.layout, 1, 2, plain, 350);
}
