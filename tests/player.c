/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The player: src/frame/play. Most of it by a clock of the test's own (REEL_PLAYER_INLINE), where every show can be
 * foretold; then with threads and the real clock. `judge` is what fails when a frame is early or out of order: every
 * test's shows go through it.
 */
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <reel/player.h>
#include <reel/reel.h>

#include <cmocka.h>

#include "counted.h"
#include "decode_help.h"

#define H264 "-c:v libx264 -preset fast -bf 2 -g 10 -keyint_min 10 -sc_threshold 0"
#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define FRAME (40 * MS) /* 25 a second */
#define TICK (SECOND / 12800 + 1)

enum { MOST = 4000, FRAMES = 60 };

/* ---- films ---- */

static film h264, delayed, plain_film, hevc;

static void *no_thread(void *user) { return user; }

static int make_films(void **state)
{
    pthread_t first; /* sanitizers start threads of their own with it, which are not to be counted */
    (void)state;
    if (pthread_create(&first, NULL, no_thread, NULL) == 0)
        pthread_join(first, NULL);
    film_make(&h264, "160x120", FRAMES, H264);
    film_make(&delayed, "96x64", FRAMES, H264 " -output_ts_offset 1");
    film_make(&plain_film, "96x64", FRAMES, "-c:v libx264 -preset ultrafast -bf 0 -g 30");
    film_make(&hevc, "96x64", 40, "-c:v libx265 -preset ultrafast -x265-params "
                              "keyint=10:min-keyint=10:bframes=3:scenecut=0:log-level=none");
    return 0;
}

static int free_films(void **state)
{
    (void)state;
    film_free(&h264);
    film_free(&delayed);
    film_free(&plain_film);
    film_free(&hevc);
    return 0;
}

static void need(const film *f)
{
    if (!f->data)
        skip();
}

struct random {
    uint64_t at;
};

static uint32_t random_below(struct random *r, uint32_t n)
{
    r->at = r->at * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(r->at >> 33) % n;
}

/* ---- what was shown ---- */

typedef struct seen {
    pthread_mutex_t lock;
    int64_t *clock; /* the test's own; NULL: the real one */
    int n, ends, reports, wrong;
    int code;
    int64_t last_due, last_time;
    uint32_t last_loop;
    bool loose; /* the film's own times go back */
    reel_show at[MOST];
} seen;

/* Early, or out of order? */
static void judge(seen *s, const reel_show *w)
{
    int64_t now = s->clock ? *s->clock : reel_clock_now();
    bool first = w->flags & REEL_SHOW_FIRST;
    if (now < w->due || w->late < 0 || w->late > now - w->due)
        s->wrong |= 1; /* early */
    if (!first && s->n && w->loop == s->last_loop && w->time <= s->last_time && !s->loose)
        s->wrong |= 2; /* out of order */
    if (!first && s->n && w->loop < s->last_loop)
        s->wrong |= 2;
    s->last_time = w->time;
    s->last_loop = w->loop;
    s->last_due = w->due;
}

static void on_show(void *user, reel_player *p, const reel_show *w)
{
    seen *s = user;
    (void)p;
    pthread_mutex_lock(&s->lock);
    judge(s, w);
    s->at[s->n % MOST] = *w;
    s->n++;
    pthread_mutex_unlock(&s->lock);
}

static void on_end(void *user, reel_player *p, int code)
{
    seen *s = user;
    (void)p;
    pthread_mutex_lock(&s->lock);
    s->ends++;
    s->code = code;
    pthread_mutex_unlock(&s->lock);
}

static void on_report(void *user, reel_player *p, const reel_error *what)
{
    seen *s = user;
    (void)p;
    (void)what;
    pthread_mutex_lock(&s->lock);
    s->reports++;
    pthread_mutex_unlock(&s->lock);
}

static int ends_of(seen *s)
{
    pthread_mutex_lock(&s->lock);
    int n = s->ends;
    pthread_mutex_unlock(&s->lock);
    return n;
}

static int shows_of(seen *s)
{
    pthread_mutex_lock(&s->lock);
    int n = s->n;
    pthread_mutex_unlock(&s->lock);
    return n;
}

static reel_player_options options_of(seen *s, uint32_t flags)
{
    return (reel_player_options){.sizeof_options = sizeof(reel_player_options), .flags = flags, .show = on_show,
                                 .ended = on_end, .report = on_report, .user = s};
}

static reel_player_stats stats_of(reel_player *p)
{
    reel_player_stats s = {.sizeof_stats = sizeof s};
    assert_int_equal(reel_player_get_stats(p, &s), REEL_OK);
    return s;
}

/* ---- a film, a player of it, and the clock ---- */

typedef struct stage {
    seen seen;
    int64_t now;
    reel_movie *movie;
    reel_player *player;
} stage;

static stage *stage_open(const film *f, uint32_t flags, const reel_player_options *like)
{
    stage *t = calloc(1, sizeof *t);
    reel_error err = {0};
    t->now = 1000 * SECOND;
    pthread_mutex_init(&t->seen.lock, NULL);
    if (flags & REEL_PLAYER_INLINE)
        t->seen.clock = &t->now;
    reel_player_options o = options_of(&t->seen, flags);
    if (like) {
        o = *like;
        o.sizeof_options = sizeof o;
        o.flags |= flags;
        o.show = on_show;
        o.ended = on_end;
        o.report = on_report;
        o.user = &t->seen;
    }
    t->movie = film_open(f);
    int rc = reel_player_open(film_pictures(t->movie), &o, &t->player, &err);
    if (rc != REEL_OK)
        print_message("%s\n", err.text);
    assert_int_equal(rc, REEL_OK);
    return t;
}

static void stage_close(stage **at)
{
    stage *t = *at;
    *at = NULL;
    reel_player_close(&t->player);
    assert_null(t->player);
    reel_close(&t->movie);
    assert_int_equal(t->seen.wrong, 0);
    pthread_mutex_destroy(&t->seen.lock);
    free(t);
}

/* Let the clock go on to `until` and show what is due on the way, at its very times. */
static int run_until(stage *t, int64_t until)
{
    int64_t next = 0;
    int rc = REEL_OK;
    for (;;) {
        rc = reel_player_poll(t->player, t->now, &next);
        assert_true(next > t->now);
        if (rc != REEL_OK || next > until)
            break;
        t->now = next;
    }
    if (until != INT64_MAX) {
        t->now = until;
        rc = reel_player_poll(t->player, t->now, NULL);
    }
    return rc;
}

/* ---- tests by their own clock ---- */

static void test_null(void **state)
{
    (void)state;
    reel_player *p = NULL;
    reel_error err;
    reel_player_stats s = {.sizeof_stats = sizeof s};
    assert_int_equal(reel_player_open(NULL, NULL, &p, &err), REEL_E_ARG);
    assert_int_equal(reel_player_close(NULL), REEL_OK);
    assert_int_equal(reel_player_close(&p), REEL_OK);
    assert_int_equal(reel_player_play(NULL), REEL_E_ARG);
    assert_int_equal(reel_player_pause(NULL), REEL_E_ARG);
    assert_int_equal(reel_player_stop(NULL), REEL_E_ARG);
    assert_int_equal(reel_player_step(NULL), REEL_E_ARG);
    assert_int_equal(reel_player_seek(NULL, 0), REEL_E_ARG);
    assert_int_equal(reel_player_set_rate(NULL, 1), REEL_E_ARG);
    assert_int_equal(reel_player_set_loop(NULL, true), REEL_E_ARG);
    assert_int_equal(reel_player_poll(NULL, 0, NULL), REEL_E_ARG);
    assert_int_equal(reel_player_get_stats(NULL, &s), REEL_E_ARG);
}

static void refused(const reel_track *track, reel_player_options o)
{
    reel_player *p = NULL;
    assert_int_equal(reel_player_open(track, &o, &p, NULL), REEL_E_ARG);
    assert_null(p);
}

static void test_options(void **state)
{
    (void)state;
    need(&h264);
    reel_movie *movie = film_open(&h264);
    const reel_track *track = film_pictures(movie);
    const size_t size = sizeof(reel_player_options);
    refused(track, (reel_player_options){.sizeof_options = 8});
    refused(track, (reel_player_options){.sizeof_options = size, .ahead = 1});
    refused(track, (reel_player_options){.sizeof_options = size, .ahead = 65});
    refused(track, (reel_player_options){.sizeof_options = size, .late = 3});
    refused(track, (reel_player_options){.sizeof_options = size, .rate = 0.2});
    refused(track, (reel_player_options){.sizeof_options = size, .rate = 4.1});
    refused(track, (reel_player_options){.sizeof_options = size, .fps = -1});
    refused(track, (reel_player_options){.sizeof_options = size, .fps = 1e-9});
    refused(track, (reel_player_options){.sizeof_options = size, .fps = 1e7});
    reel_close(&movie);
}

/* The furthest times, forth and back. */
static void test_far_times(void **state)
{
    (void)state;
    need(&h264);
    static const double fps[] = {0, 0.001, 1e6};
    const int64_t end = INT64_C(1) << 61;
    for (int i = 0; i < 3; i++) {
        const reel_player_options like = {.fps = fps[i], .late_limit = INT64_MAX};
        stage *t = stage_open(&h264, REEL_PLAYER_INLINE, &like);
        int64_t next;
        assert_int_equal(reel_player_poll(t->player, INT64_MIN, &next), REEL_E_ARG);
        assert_int_equal(reel_player_poll(t->player, INT64_MAX, &next), REEL_E_ARG);
        t->now = -end;
        assert_int_equal(reel_player_poll(t->player, t->now, &next), REEL_OK);
        assert_true(next > t->now);
        t->now = end;
        int rc = REEL_OK;
        for (int polls = 0; rc == REEL_OK && polls < FRAMES; polls++)
            rc = reel_player_poll(t->player, t->now, &next);
        assert_int_equal(rc, REEL_END);
        assert_int_equal(reel_player_poll(t->player, -end, &next), REEL_END);
        assert_true(t->seen.n >= 1);
        stage_close(&t);
    }
}

/* ---- from its own callbacks ---- */

typedef struct closer {
    reel_player *player;
    pthread_mutex_t lock;
    int shows, ends, refused;
} closer;

static void try_close(closer *c, reel_player *p, int *count)
{
    reel_player *same = p;
    pthread_mutex_lock(&c->lock);
    ++*count;
    c->refused += reel_player_close(&same) == REEL_E_ARG && same == p;
    pthread_mutex_unlock(&c->lock);
}

static void close_at_show(void *user, reel_player *p, const reel_show *w)
{
    closer *c = user;
    (void)w;
    try_close(c, p, &c->shows);
}

static void close_at_end(void *user, reel_player *p, int code)
{
    closer *c = user;
    (void)code;
    try_close(c, p, &c->ends);
}

/* A callback that closes its player is told no, on a pacer's thread and in a poll; then it closes as ever. */
static void test_close_inside(void **state)
{
    (void)state;
    need(&plain_film);
    for (int polls = 0; polls < 2; polls++) {
        closer c = {.player = NULL};
        const reel_player_options o = {.sizeof_options = sizeof o, .show = close_at_show, .ended = close_at_end, .user = &c,
                                       .flags = polls ? REEL_PLAYER_INLINE : 0, .fps = 1000};
        reel_movie *movie = film_open(&plain_film);
        int64_t now = 0;
        bool done = false;
        pthread_mutex_init(&c.lock, NULL);
        assert_int_equal(reel_player_open(film_pictures(movie), &o, &c.player, NULL), REEL_OK);
        while (!done) {
            if (polls)
                reel_player_poll(c.player, now += MS, NULL);
            else
                usleep(1000);
            pthread_mutex_lock(&c.lock);
            done = c.ends > 0;
            pthread_mutex_unlock(&c.lock);
        }
        assert_int_equal(reel_player_close(&c.player), REEL_OK);
        assert_null(c.player);
        assert_true(c.shows > 0);
        assert_int_equal(c.refused, c.shows + c.ends);
        pthread_mutex_destroy(&c.lock);
        reel_close(&movie);
    }
}

/* A step from where it was stopped shows the first picture; one behind the end says that there is none. */
static void test_step_from_nowhere(void **state)
{
    (void)state;
    need(&h264);
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE, NULL);
    int64_t next;
    assert_int_equal(run_until(t, t->now + 10 * FRAME), REEL_OK);
    assert_int_equal(reel_player_stop(t->player), REEL_OK);
    assert_int_equal(reel_player_step(t->player), REEL_OK);
    int before = t->seen.n;
    assert_int_equal(reel_player_poll(t->player, t->now, &next), REEL_OK);
    assert_int_equal(t->seen.n, before + 1);
    assert_int_equal(t->seen.at[before].time, 0);
    assert_int_equal(stats_of(t->player).state, REEL_PLAYER_STANDING);
    assert_int_equal(reel_player_play(t->player), REEL_OK);
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(reel_player_step(t->player), REEL_END);
    stage_close(&t);
}

typedef struct famine {
    bool now;
} famine;

static void *starve(void *user, void *p, size_t n)
{
    famine *f = user;
    if (n && f->now)
        return NULL;
    if (n)
        return realloc(p, n);
    free(p);
    return NULL;
}

/* Where memory is out a poll returns, and the film goes on, whole, when there is some. */
static void test_no_memory(void **state)
{
    (void)state;
    need(&h264);
    famine f = {.now = false};
    const reel_allocator a = {starve, &f};
    const reel_player_options like = {.alloc = &a};
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE, &like);
    int64_t next;
    f.now = true;
    assert_int_equal(reel_player_poll(t->player, t->now, &next), REEL_OK);
    assert_true(t->seen.n == 0 && next > t->now);
    f.now = false;
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(t->seen.n, FRAMES);
    assert_int_equal(stats_of(t->player).lost, 0);
    stage_close(&t);
}

static void test_every_frame_at_its_time(void **state)
{
    (void)state;
    need(&h264);
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE, NULL);
    int64_t began = t->now;
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(t->seen.n, FRAMES);
    for (int i = 0; i < FRAMES; i++) {
        assert_int_equal(t->seen.at[i].time, i * FRAME);
        assert_int_equal(t->seen.at[i].duration, FRAME);
        assert_int_equal(t->seen.at[i].due, began + i * FRAME);
        assert_int_equal(t->seen.at[i].late, 0);
        assert_int_equal(t->seen.at[i].flags, i ? 0 : REEL_SHOW_FIRST);
    }
    assert_int_equal(t->now, began + FRAMES * FRAME); /* the last one has its time, too */
    assert_int_equal(t->seen.ends, 1);
    reel_player_stats s = stats_of(t->player);
    assert_int_equal(s.presented, FRAMES);
    assert_int_equal(s.missed + s.dropped + s.repeated + s.errors, 0);
    assert_int_equal(s.state, REEL_PLAYER_ENDED);
    stage_close(&t);
}

static void test_rate(void **state)
{
    (void)state;
    static const double rates[] = {0.25, 0.5, 2, 4};
    need(&h264);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        stage *t = stage_open(&h264, REEL_PLAYER_INLINE, &(reel_player_options){.rate = rates[i]});
        int64_t began = t->now;
        assert_int_equal(run_until(t, INT64_MAX), REEL_END);
        assert_int_equal(t->seen.n, FRAMES);
        assert_int_equal(t->now - began, (int64_t)(FRAMES * FRAME / rates[i]));
        stage_close(&t);
    }
}

static void test_rate_changes_while_it_runs(void **state)
{
    (void)state;
    need(&h264);
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE, NULL);
    int64_t began = t->now;
    run_until(t, began + SECOND); /* one second of film */
    assert_int_equal(reel_player_set_rate(t->player, 2), REEL_OK);
    assert_int_equal(reel_player_set_rate(t->player, 5), REEL_E_ARG);
    run_until(t, t->now + SECOND / 2); /* another one */
    assert_int_equal(stats_of(t->player).time, 2 * SECOND);
    reel_player_set_rate(t->player, 0.5);
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(t->now - began, SECOND + SECOND / 2 + 2 * (FRAMES * FRAME - 2 * SECOND));
    assert_int_equal(t->seen.n, FRAMES);
    assert_int_equal(stats_of(t->player).missed, 0);
    stage_close(&t);
}

static void test_pause(void **state)
{
    (void)state;
    need(&h264);
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE, NULL);
    int64_t began = t->now;
    run_until(t, began + 10 * FRAME + FRAME / 2);
    reel_player_pause(t->player);
    int n = t->seen.n;
    run_until(t, t->now + 100 * SECOND);
    assert_int_equal(t->seen.n, n);
    reel_player_play(t->player);
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(t->now - began, FRAMES * FRAME + 100 * SECOND);
    assert_int_equal(t->seen.n, FRAMES);
    assert_int_equal(stats_of(t->player).missed, 0);
    reel_player_play(t->player); /* once more from the beginning */
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(t->seen.n, 2 * FRAMES);
    stage_close(&t);
}

static void test_step_and_stop(void **state)
{
    (void)state;
    need(&h264);
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE | REEL_PLAYER_PAUSED, NULL);
    run_until(t, t->now + SECOND);
    assert_int_equal(t->seen.n, 1); /* the first one, as a preview */
    assert_int_equal(t->seen.at[0].flags, REEL_SHOW_FIRST | REEL_SHOW_PREVIEW);
    for (int i = 1; i < 5; i++) {
        reel_player_step(t->player);
        run_until(t, t->now + SECOND);
        assert_int_equal(t->seen.n, i + 1);
        assert_int_equal(t->seen.at[i].time, i * FRAME);
        assert_int_equal(t->seen.at[i].late, 0);
    }
    reel_player_stop(t->player);
    run_until(t, t->now + SECOND);
    assert_int_equal(stats_of(t->player).ready, 0);
    assert_int_equal(stats_of(t->player).state, REEL_PLAYER_STOPPED);
    assert_int_equal(t->seen.n, 5);
    reel_player_seek(t->player, 20 * FRAME); /* stands there */
    run_until(t, t->now + SECOND);
    assert_int_equal(t->seen.n, 6);
    assert_int_equal(t->seen.at[5].time, 20 * FRAME);
    assert_int_equal(stats_of(t->player).time, 20 * FRAME);
    reel_player_play(t->player);
    run_until(t, t->now + SECOND);
    assert_int_equal(t->seen.at[6].time, 21 * FRAME);
    stage_close(&t);
}

/* Where a seek leads to is what the time rule says, whatever was done before. */
static void test_seeks(void **state)
{
    (void)state;
    need(&h264);
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE, NULL);
    struct random r = {11};
    for (int i = 0; i < 300; i++) {
        int64_t to = (int64_t)random_below(&r, FRAMES) * FRAME + (int64_t)random_below(&r, 39) * MS;
        int n = t->seen.n;
        reel_player_seek(t->player, to);
        if (random_below(&r, 4) == 0)
            continue; /* another one at once */
        run_until(t, t->now + (int64_t)random_below(&r, 100) * MS);
        assert_true(t->seen.n > n && t->seen.at[n % MOST].flags & REEL_SHOW_FIRST);
        int64_t off = t->seen.at[n % MOST].time - to, left = t->seen.at[n % MOST].duration - (FRAME - to % FRAME);
        assert_true(off > -TICK && off < TICK && left > -TICK && left < TICK);
    }
    reel_player_seek(t->player, 1000 * SECOND);
    int n = t->seen.n;
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(t->seen.n, n + 1); /* the last moment */
    stage_close(&t);
}

static void test_loop_and_fps(void **state)
{
    (void)state;
    need(&h264);
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE | REEL_PLAYER_LOOP, &(reel_player_options){.fps = 50});
    int64_t began = t->now;
    run_until(t, began + 10 * SECOND - MS);
    assert_int_equal(t->seen.n, 500);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(t->seen.at[i].due, began + i * 20 * MS);
        assert_int_equal(t->seen.at[i].time, i % FRAMES * FRAME);
        assert_int_equal(t->seen.at[i].loop, i / FRAMES);
    }
    assert_int_equal(stats_of(t->player).loops, 8);
    reel_player_set_loop(t->player, false);
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    stage_close(&t);
    t = stage_open(&h264, REEL_PLAYER_INLINE | REEL_PLAYER_LOOP, NULL); /* the film's own rate: no gap between the loops */
    began = t->now;
    run_until(t, began + 10 * SECOND - MS);
    assert_int_equal(t->seen.n, 250);
    for (int i = 0; i < 250; i++)
        assert_int_equal(t->seen.at[i].due, began + i * FRAME);
    stage_close(&t);
}

/* ---- edit lists ---- */

static void test_gap(void **state)
{
    (void)state;
    need(&delayed);
    uint8_t *elst = film_elst(&delayed);
    if (!elst || film_get32(elst + 4) != 2)
        skip();
    stage *t = stage_open(&delayed, REEL_PLAYER_INLINE, NULL);
    int64_t began = t->now;
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(t->seen.n, FRAMES + 1);
    assert_null(t->seen.at[0].frame);
    assert_int_equal(t->seen.at[0].time, 0);
    assert_int_equal(t->seen.at[1].time, SECOND);
    assert_int_equal(t->seen.at[1].due, began + SECOND);
    assert_int_equal(stats_of(t->player).gaps, 1);
    reel_player_seek(t->player, SECOND / 2); /* into the gap */
    int n = t->seen.n;
    began = t->now;
    run_until(t, began + SECOND);
    assert_null(t->seen.at[n].frame);
    assert_int_equal(t->seen.at[n].time, SECOND / 2);
    assert_int_equal(t->seen.at[n + 1].due, began + SECOND / 2);
    stage_close(&t);
}

static void test_dwell(void **state)
{
    (void)state;
    need(&delayed);
    film f = film_copy(&delayed);
    uint8_t *elst = film_elst(&f);
    if (!elst || film_get32(elst + 4) != 2 || elst[0]) {
        film_free(&f);
        skip();
    }
    int32_t media = (int32_t)film_get32(elst + 8 + 12 + 4); /* of the first picture; timescale 12800: a frame is 512 */
    film_put_edit(elst, 0, 400, media, 1);                  /* ten frames, */
    film_put_edit(elst, 1, 3000, media + 30 * 512, 0);      /* then the 31st for three seconds */
    stage *t = stage_open(&f, REEL_PLAYER_INLINE, NULL);
    int64_t began = t->now;
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(t->seen.n, 11);
    for (int i = 0; i < 11; i++)
        assert_int_equal(t->seen.at[i].due, began + i * FRAME);
    assert_int_equal(t->seen.at[10].duration, 3 * SECOND);
    assert_int_equal(t->now - began, 10 * FRAME + 3 * SECOND);
    reel_player_seek(t->player, 2 * SECOND); /* into it */
    int n = t->seen.n;
    run_until(t, t->now + MS);
    assert_int_equal(t->seen.n, n + 1);
    assert_int_equal(t->seen.at[n].time, 2 * SECOND);
    assert_int_equal(t->seen.at[n].duration, 10 * FRAME + SECOND);
    assert_int_equal(t->seen.at[n].sample, t->seen.at[10].sample);
    stage_close(&t);
    film_put_edit(elst, 1, 400, media, 1); /* the same ten frames again */
    t = stage_open(&f, REEL_PLAYER_INLINE, NULL);
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    assert_int_equal(t->seen.n, 20);
    for (int i = 0; i < 10; i++)
        assert_int_equal(t->seen.at[i].sample, t->seen.at[10 + i].sample);
    stage_close(&t);
    film_free(&f);
}

/* ---- too late ---- */

static void test_late_drop(void **state)
{
    (void)state;
    need(&h264);
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE, NULL);
    int64_t began = t->now;
    run_until(t, began + 5 * FRAME);
    t->now = began + 9 * FRAME + MS; /* 6, 7 and 8 are over */
    run_until(t, t->now);
    assert_int_equal(t->seen.at[t->seen.n - 1].time, 9 * FRAME);
    assert_int_equal(stats_of(t->player).dropped, 3);
    t->now = began + 45 * FRAME; /* the ring is over, and the next sync samples: it goes on at one of them */
    run_until(t, t->now + 8 * FRAME);
    reel_player_stats s = stats_of(t->player);
    assert_true(s.skips > 0);
    assert_int_equal(s.discard, REEL_DISCARD_NONE);
    run_until(t, INT64_MAX);
    s = stats_of(t->player);
    assert_int_equal(s.presented, t->seen.n);
    assert_int_equal(s.presented + s.dropped, FRAMES);
    assert_true(s.decoder.frames < FRAMES); /* some were not even decoded */
    assert_int_equal(t->now, began + FRAMES * FRAME);
    stage_close(&t);
}

static void test_late_show_and_wait(void **state)
{
    (void)state;
    need(&h264);
    for (uint32_t late = REEL_LATE_SHOW; late <= REEL_LATE_WAIT; late++) {
        stage *t = stage_open(&h264, REEL_PLAYER_INLINE, &(reel_player_options){.late = late});
        int64_t began = t->now;
        run_until(t, began + 5 * FRAME);
        t->now = began + 20 * FRAME; /* frame 6 was due 14 frames ago */
        assert_int_equal(run_until(t, INT64_MAX), REEL_END);
        assert_int_equal(t->seen.n, FRAMES);
        reel_player_stats s = stats_of(t->player);
        assert_int_equal(s.dropped, 0);
        assert_true(s.missed >= 1 && s.late_max == 14 * FRAME);
        if (late == REEL_LATE_WAIT) {
            assert_int_equal(s.missed, 1);
            assert_int_equal(s.repeated, 14);
            assert_int_equal(t->now - began, (FRAMES + 14) * FRAME);
        } else {
            assert_int_equal(t->now - began, FRAMES * FRAME);
        }
        stage_close(&t);
    }
}

/* ---- audio ---- */

static struct heard {
    stage *stage;
    int64_t offset;
    double rate;
    int64_t since;
} heard;

static int64_t hear(void *user)
{
    (void)user;
    return heard.since ? heard.offset + (int64_t)((double)(heard.stage->now - heard.since) * heard.rate) : REEL_PLAYER_NO_TIME;
}

/* A sound card that is 0.1% fast, and 60 ms ahead: after a second the pictures are with it, and no step was large. */
static void test_audio(void **state)
{
    (void)state;
    need(&h264);
    stage *t = stage_open(&h264, REEL_PLAYER_INLINE | REEL_PLAYER_LOOP, &(reel_player_options){.audio = hear});
    heard = (struct heard){.stage = t};
    run_until(t, t->now + SECOND / 2);
    heard = (struct heard){t, SECOND / 2 + 60 * MS, 1.001, t->now};
    int n = t->seen.n;
    run_until(t, t->now + 17 * SECOND / 10);
    for (int i = n + 1; i < t->seen.n; i++) {
        int64_t step = t->seen.at[i].due - t->seen.at[i - 1].due;
        assert_true(step >= FRAME - 3 * MS && step <= FRAME + 3 * MS);
    }
    int64_t away = hear(NULL) - stats_of(t->player).time;
    assert_true(away < 25 * MS && away > -15 * MS);
    heard.offset += 5 * SECOND / 10; /* somebody moved the sound */
    run_until(t, t->now + 2 * FRAME);
    assert_true(stats_of(t->player).jumps >= 1);
    stage_close(&t);
}

/* ---- damage ---- */

static void test_damage(void **state)
{
    (void)state;
    need(&h264);
    film f = film_copy(&h264);
    struct random r = {5};
    stage *t = NULL;
    reel_movie *movie = film_open(&f);
    reel_sample s;
    for (uint64_t i = 12; i < 28; i++) {
        assert_int_equal(reel_track_sample(film_pictures(movie), i, &s, NULL), REEL_OK);
        for (uint32_t b = 0; b < s.size; b++)
            f.data[s.offset + b] = (uint8_t)random_below(&r, 256);
    }
    reel_close(&movie);
    t = stage_open(&f, REEL_PLAYER_INLINE, NULL);
    int64_t began = t->now;
    assert_int_equal(run_until(t, INT64_MAX), REEL_END);
    reel_player_stats st = stats_of(t->player);
    assert_true(st.errors > 0 && st.lost > 0 && t->seen.reports > 0);
    assert_true(t->seen.n >= FRAMES - 25 && t->seen.n < FRAMES);
    assert_int_equal(t->now, began + FRAMES * FRAME); /* what is left comes at its own time */
    assert_int_equal(t->seen.at[t->seen.n - 1].time, (FRAMES - 1) * FRAME);
    stage_close(&t);
    f.size = f.size * 2 / 3; /* and cut off */
    film_free(&f);
}

static void test_random_damage(void **state)
{
    (void)state;
    need(&h264);
    struct random r = {77};
    for (int round = 0; round < 20; round++) {
        film f = film_copy(&h264);
        for (int i = 0; i < 30; i++)
            f.data[random_below(&r, (uint32_t)f.size)] ^= (uint8_t)(1 << random_below(&r, 8));
        reel_source *source = NULL;
        reel_movie *movie = NULL;
        stage t = {.now = SECOND};
        pthread_mutex_init(&t.seen.lock, NULL);
        t.seen.clock = &t.now;
        t.seen.loose = true;
        reel_player_options o = options_of(&t.seen, REEL_PLAYER_INLINE);
        assert_int_equal(reel_source_memory(f.data, f.size, NULL, NULL, &source), REEL_OK);
        if (reel_open(source, NULL, &movie, NULL) == REEL_OK && film_pictures(movie) &&
            reel_player_open(film_pictures(movie), &o, &t.player, NULL) == REEL_OK) {
            run_until(&t, t.now + 5 * SECOND);
            reel_player_seek(t.player, SECOND);
            run_until(&t, t.now + 5 * SECOND);
            assert_int_equal(t.seen.wrong, 0);
        }
        reel_player_close(&t.player);
        reel_close(&movie);
        reel_source_unref(&source);
        film_free(&f);
    }
}

/* ---- with threads and the real clock ---- */

static int threads_now(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

/* Threads that were joined may be listed for a moment longer. */
static void assert_threads(int n)
{
    for (int i = 0; i < 200 && threads_now() != n; i++)
        usleep(5000);
    assert_int_equal(threads_now(), n);
}

static void await_end(seen *s, int64_t most)
{
    for (int64_t until = reel_clock_now() + most; !ends_of(s) && reel_clock_now() < until;)
        usleep(2000);
    assert_true(ends_of(s) > 0);
}

/* A plain sleep beside what is measured: this much late is the machine's doing. */
static void nap(reel_histogram *naps)
{
    int64_t until = reel_clock_now() + 2 * MS;
    usleep(2000);
    reel_histogram_record(naps, reel_clock_now() - until);
}

static void test_real_time(void **state)
{
    (void)state;
    need(&h264);
    int before = threads_now();
    reel_histogram *h = calloc(2, sizeof *h), *naps = h + 1;
    stage *t = stage_open(&h264, 0, &(reel_player_options){.late = REEL_LATE_SHOW, .rate = 2});
    assert_true(threads_now() >= before + 2);
    while (shows_of(&t->seen) < 20)
        nap(naps);
    size_t warm = mallocs;
    while (shows_of(&t->seen) < 50)
        nap(naps);
    assert_int_equal(mallocs, warm); /* thirty frames, and nothing was asked for */
    await_end(&t->seen, 30 * SECOND);
    assert_int_equal(t->seen.n, FRAMES);
    reel_player_stats s = {.sizeof_stats = sizeof s, .lateness = h};
    reel_player_get_stats(t->player, &s);
    assert_int_equal(reel_histogram_count(h), FRAMES);
    assert_int_equal(s.decoder.copies + s.decoder.errors, s.decoder.copies);
    assert_true(reel_histogram_at(h, 0.5) < 10 * MS + reel_histogram_at(naps, 0.9)); /* this machine may be busy */
    free(h);
    stage_close(&t);
    assert_threads(before);
}

/* Many players, few threads: those of two schedulers, whatever the number. */
static void test_many(void **state)
{
    (void)state;
    enum { PLAYERS = 60 };
    need(&plain_film);
    int before = threads_now();
    reel_sched *sched = NULL, *pacer = NULL;
    stage *t[PLAYERS];
    const reel_sched_options two = {.sizeof_options = sizeof two, .workers = 2};
    const reel_sched_options one = {.sizeof_options = sizeof one, .workers = 1};
    assert_int_equal(reel_sched_open(&two, &sched, NULL), REEL_OK);
    assert_int_equal(reel_sched_open(&one, &pacer, NULL), REEL_OK);
    for (int i = 0; i < PLAYERS; i++)
        t[i] = stage_open(&plain_film, REEL_PLAYER_LOOP, &(reel_player_options){.sched = sched, .pacer = pacer});
    assert_int_equal(threads_now(), before + 3);
    for (int i = 0; i < PLAYERS; i++)
        while (shows_of(&t[i]->seen) < 5)
            usleep(2000);
    assert_int_equal(threads_now(), before + 3);
    for (int i = 0; i < PLAYERS; i++)
        stage_close(&t[i]);
    reel_sched_close(&pacer, REEL_CLOSE_DROP);
    reel_sched_close(&sched, REEL_CLOSE_DROP);
    assert_threads(before);
}

static void test_close_while_decoding(void **state)
{
    (void)state;
    need(&hevc);
    int before = threads_now();
    for (int i = 0; i < 30; i++) {
        stage *t = stage_open(&hevc, 0, &(reel_player_options){.threads = i % 3 + 1u, .workers = 2});
        usleep((unsigned)i * 300);
        int64_t began = reel_clock_now();
        stage_close(&t);
        assert_true(reel_clock_now() - began < 5 * SECOND);
    }
    assert_threads(before);
}

/* Whoever polls has the pictures on his own thread; decoding goes on beside. */
static void test_poll(void **state)
{
    (void)state;
    need(&h264);
    int64_t next;
    stage *t = stage_open(&h264, REEL_PLAYER_POLL, &(reel_player_options){.workers = 1, .rate = 4});
    while (reel_player_poll(t->player, reel_clock_now(), &next) == REEL_OK)
        usleep(500);
    reel_player_stats s = stats_of(t->player);
    assert_int_equal(s.presented + s.dropped, FRAMES);
    assert_int_equal(t->seen.ends, 1);
    stage_close(&t);
}

/* ---- a day in 60 seconds ---- */

static void at_random(stage *t, struct random *r)
{
    static const double rates[] = {0.25, 0.5, 1, 1.5, 2, 4};
    switch (random_below(r, 9)) {
    case 0: reel_player_pause(t->player); break;
    case 1:
    case 2: reel_player_play(t->player); break;
    case 3:
    case 4: reel_player_seek(t->player, (int64_t)random_below(r, 2600) * MS); break;
    case 5: reel_player_set_rate(t->player, rates[random_below(r, 6)]); break;
    case 6: reel_player_step(t->player); break;
    case 7: reel_player_set_loop(t->player, random_below(r, 2)); break;
    default:
        if (random_below(r, 5) == 0)
            reel_player_stop(t->player);
    }
}

/* REEL_PLAYER_SECONDS=60 for the whole day. */
static void test_day(void **state)
{
    (void)state;
    need(&h264);
    const char *say = getenv("REEL_PLAYER_SECONDS");
    int64_t seconds = say ? atoll(say) : 3;
    int before = threads_now();
    struct random r = {2026};
    for (int64_t until = reel_clock_now() + seconds * SECOND; reel_clock_now() < until;) {
        stage *t = stage_open(random_below(&r, 2) ? &h264 : &plain_film, random_below(&r, 2) ? REEL_PLAYER_LOOP : 0,
                              &(reel_player_options){.threads = random_below(&r, 3), .ahead = 2 + random_below(&r, 8),
                                                     .late = random_below(&r, 3)});
        int64_t part = reel_clock_now() + (int64_t)random_below(&r, 600) * MS;
        while (reel_clock_now() < part) {
            at_random(t, &r);
            stats_of(t->player);
            usleep(random_below(&r, 4) ? random_below(&r, 500) : random_below(&r, 40000));
        }
        reel_player_set_loop(t->player, true);
        reel_player_play(t->player);
        int n = shows_of(&t->seen);
        for (int64_t last = reel_clock_now() + 20 * SECOND; shows_of(&t->seen) <= n && reel_clock_now() < last;) {
            usleep(1000);
            if (stats_of(t->player).state == REEL_PLAYER_ENDED)
                reel_player_play(t->player);
        }
        assert_true(shows_of(&t->seen) > n); /* it is not stuck */
        stage_close(&t);
    }
    assert_threads(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_every_frame_at_its_time),
        cmocka_unit_test(test_far_times),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_close_inside),
        cmocka_unit_test(test_step_from_nowhere),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_rate_changes_while_it_runs),
        cmocka_unit_test(test_pause),
        cmocka_unit_test(test_step_and_stop),
        cmocka_unit_test(test_seeks),
        cmocka_unit_test(test_loop_and_fps),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_dwell),
        cmocka_unit_test(test_late_drop),
        cmocka_unit_test(test_late_show_and_wait),
        cmocka_unit_test(test_audio),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_random_damage),
        cmocka_unit_test(test_real_time),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_close_while_decoding),
        cmocka_unit_test(test_poll),
        cmocka_unit_test(test_day),
    };
    return cmocka_run_group_tests(tests, make_films, free_films);
}
