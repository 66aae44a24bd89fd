/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler's beginning and end. */
#include <stdlib.h>
#include <string.h>

#include "frame/base/fail.h"
#include "frame/base/memory.h"
#include "frame/sched/room.h"

enum { MOST_WORKERS = 1024 };

static void *get_zero(const reel_allocator *a, size_t n)
{
    void *p = a->resize(a->user, NULL, n);
    return p ? memset(p, 0, n) : NULL;
}

static int64_t or_else(int64_t given, int64_t otherwise) { return given > 0 ? given : otherwise; }

static int read_options(const reel_sched_options *given, reel_sched_options *o, reel_error *err)
{
    *o = (reel_sched_options){.sizeof_options = sizeof *o};
    if (given && given->sizeof_options < sizeof *o)
        return reel__frame_fail(err, REEL_E_ARG, "sizeof_options of a scheduler is too small");
    if (given)
        *o = *given;
    if (o->workers > MOST_WORKERS)
        return reel__frame_fail(err, REEL_E_ARG, "a scheduler of %u workers, %d is the most", o->workers, MOST_WORKERS);
    if (!o->workers)
        o->workers = reel_sched_cores();
    o->workers = o->workers < MOST_WORKERS ? o->workers : MOST_WORKERS;
    o->fairness = o->fairness ? o->fairness : 8;
    o->budget = or_else(o->budget, 100000000);
    o->starve_limit = or_else(o->starve_limit, 100000000);
    o->grow_period = or_else(o->grow_period, 1000000000);
    return REEL_OK;
}

/* ---- memory and locks ------------------------------------------------------------------------------------- */

static void init_locks(reel_sched *s)
{
    for (int i = 0; i < STRIPES; i++) {
        pthread_mutex_init(&s->strand_lock[i], NULL);
        pthread_mutex_init(&s->group_lock[i], NULL);
    }
    pthread_mutex_init(&s->park, NULL);
    pthread_mutex_init(&s->settle, NULL);
    pthread_mutex_init(&s->runs, NULL);
    pthread_mutex_init(&s->registry, NULL);
    pthread_mutex_init(&s->watch_lock, NULL);
    reel__cond_init(&s->settled);
    reel__cond_init(&s->watch_cond);
}

static void init_worker(reel_sched *s, unsigned i)
{
    reel__worker *w = &s->worker[i];
    w->sched = s;
    w->index = i;
    w->victim = i + 1;
    reel__cond_init(&w->cond);
    reel__frame_init(&w->frame, s, w);
    reel__shelf_init(&w->deque, i, true, false);
}

static reel_sched *make(const reel_sched_options *o)
{
    reel_allocator a = o->allocator ? *o->allocator : reel__frame_malloc;
    reel_sched *s = get_zero(&a, sizeof *s);
    if (!s)
        return NULL;
    s->worker = get_zero(&a, o->workers * sizeof *s->worker);
    if (!s->worker) {
        a.resize(a.user, s, 0);
        return NULL;
    }
    s->allocator = a;
    s->options = *o;
    s->workers = o->workers;
    s->watching = o->watch_interval > 0;
    atomic_init(&s->closing, OPEN);
    atomic_init(&s->timer_first, REEL__NEVER);
    init_locks(s);
    for (unsigned i = 0; i < s->workers; i++)
        init_worker(s, i);
    reel__shelf_init(&s->inbox, s->workers, true, false);
    reel__shelf_init(&s->urgent, s->workers + 1, true, true);
    reel__shelf_init(&s->timers, s->workers + 2, false, true);
    return s;
}

static void destroy_locks(reel_sched *s)
{
    for (int i = 0; i < STRIPES; i++) {
        pthread_mutex_destroy(&s->strand_lock[i]);
        pthread_mutex_destroy(&s->group_lock[i]);
    }
    for (unsigned i = 0; i < s->workers; i++) {
        pthread_cond_destroy(&s->worker[i].cond);
        pthread_mutex_destroy(&s->worker[i].deque.lock);
    }
    pthread_mutex_destroy(&s->inbox.lock);
    pthread_mutex_destroy(&s->urgent.lock);
    pthread_mutex_destroy(&s->timers.lock);
    pthread_mutex_destroy(&s->park);
    pthread_mutex_destroy(&s->settle);
    pthread_mutex_destroy(&s->runs);
    pthread_mutex_destroy(&s->registry);
    pthread_mutex_destroy(&s->watch_lock);
    pthread_cond_destroy(&s->settled);
    pthread_cond_destroy(&s->watch_cond);
}

static void unmake(reel_sched *s)
{
    reel_allocator a = s->allocator;
    destroy_locks(s);
    a.resize(a.user, s->worker, 0);
    a.resize(a.user, s, 0);
}

/* ---- opening ---------------------------------------------------------------------------------------------- */

static void stop_workers(reel_sched *s, unsigned n, reel_close_mode mode)
{
    atomic_store(&s->closing, mode);
    reel__wake_all(s);
    reel__settle_notify(s);
    for (unsigned i = 0; i < n; i++)
        pthread_join(s->worker[i].thread, NULL);
}

/* Each begin is waited for before the next worker starts: they are called in order, and one that fails is the last. */
static int start_worker(reel_sched *s, unsigned i)
{
    if (reel__thread_start(&s->worker[i].thread, s->options.stack_size, reel__worker_main, &s->worker[i]) != 0)
        return REEL_E_NOMEM;
    pthread_mutex_lock(&s->settle);
    while (s->started <= i)
        pthread_cond_wait(&s->settled, &s->settle);
    int code = s->begin_code;
    pthread_mutex_unlock(&s->settle);
    if (code != REEL_OK)
        pthread_join(s->worker[i].thread, NULL);
    return code;
}

int reel_sched_open(const reel_sched_options *options, reel_sched **out, reel_error *err)
{
    reel_sched_options o;
    if (!out)
        return reel__frame_fail(err, REEL_E_ARG, "there is no place for the scheduler");
    int code = read_options(options, &o, err);
    if (code != REEL_OK)
        return code;
    reel_sched *s = make(&o);
    if (!s)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for a scheduler");
    unsigned n = 0;
    for (; n < s->workers && code == REEL_OK; n += code == REEL_OK)
        code = start_worker(s, n);
    if (code == REEL_OK)
        code = reel__watch_start(s);
    if (code != REEL_OK) {
        stop_workers(s, n, REEL_CLOSE_DROP);
        unmake(s);
        return reel__frame_fail(err, code, "a thread of the scheduler could not begin");
    }
    s->options.name = NULL; /* the caller's may go */
    *out = s;
    return REEL_OK;
}

/* ---- closing ---------------------------------------------------------------------------------------------- */

static bool take_left(reel_sched *s, reel__frame *frame)
{
    for (unsigned i = 0; i < s->workers; i++)
        if (reel__pop(&s->worker[i].deque, frame))
            return true;
    if (reel__pop(&s->inbox, frame) || reel__pop(&s->urgent, frame))
        return true;
    return s->timers.heap && reel__claim(s, s->timers.heap, frame); /* nobody else is left */
}

static void drop_left(reel_sched *s)
{
    reel__frame frame;
    atomic_store(&s->closing, REEL_CLOSE_DROP);
    reel__guest_enter(&frame, s);
    while (take_left(s, &frame))
        reel__frame_end(&frame, ENDING_DROP);
    reel__guest_leave(&frame);
}

int reel_sched_close(reel_sched **sched, reel_close_mode mode)
{
    reel_sched *s = sched ? *sched : NULL;
    if (!s)
        return REEL_OK;
    if (reel__is_mine(s) || (mode != REEL_CLOSE_DROP && mode != REEL_CLOSE_DRAIN))
        return REEL_E_ARG;
    stop_workers(s, s->workers, mode);
    reel__watch_stop(s);
    drop_left(s);
    unmake(s);
    *sched = NULL;
    return REEL_OK;
}
