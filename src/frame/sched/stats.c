/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "frame/sched/room.h"

static uint64_t value(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static reel_worker_stats stats_of(const reel__counters *c, uint64_t queued)
{
    return (reel_worker_stats){
        .tasks = reel_histogram_count(&c->wait),
        .urgent = value(&c->urgent), .steals = value(&c->steals), .stolen = value(&c->stolen),
        .parks = value(&c->parks), .missed = value(&c->missed), .longest = value(&c->longest), .busy = value(&c->busy),
        .wait_sum = reel__plain_relaxed(&c->wait.sum), .wait_max = reel_histogram_at(&c->wait, 1), .queued = queued};
}

static void sum(reel_worker_stats *all, const reel_worker_stats *one)
{
    all->tasks += one->tasks;
    all->urgent += one->urgent;
    all->steals += one->steals;
    all->stolen += one->stolen;
    all->parks += one->parks;
    all->missed += one->missed;
    all->longest = one->longest > all->longest ? one->longest : all->longest;
    all->busy += one->busy;
    all->wait_sum += one->wait_sum;
    all->wait_max = one->wait_max > all->wait_max ? one->wait_max : all->wait_max;
    all->queued += one->queued;
}

static void add_one(reel_sched_stats *out, const reel__counters *c, uint64_t queued, size_t i)
{
    reel_worker_stats one = stats_of(c, queued);
    sum(&out->total, &one);
    out->posted += value(&c->posted);
    if (out->workers && i < out->worker_room)
        out->workers[i] = one;
    if (out->wait)
        reel_histogram_merge(out->wait, &c->wait);
    if (out->lateness)
        reel_histogram_merge(out->lateness, &c->lateness);
}

static void fill(reel_sched *s, reel_sched_stats *out)
{
    for (unsigned i = 0; i < s->workers; i++)
        add_one(out, &s->worker[i].counters, atomic_load(&s->worker[i].deque.count), i);
    add_one(out, &s->outside, 0, s->workers);
    out->worker_count = s->workers;
    out->idle = atomic_load(&s->idle);
    out->total.queued += atomic_load(&s->inbox.count) + atomic_load(&s->urgent.count);
    out->timed = atomic_load(&s->timers.count);
    int64_t first = atomic_load(&s->timer_first);
    out->next_at = first == REEL__NEVER ? 0 : (uint64_t)first;
    pthread_mutex_lock(&s->registry);
    out->strands = s->strand_count;
    pthread_mutex_unlock(&s->registry);
    out->refused = value(&s->refused);
    out->waited = value(&s->waited);
    out->cancelled = value(&s->cancelled);
    out->dropped = value(&s->dropped);
    out->over_budget = value(&s->over_budget);
    out->starved = value(&s->starved);
    out->growing = value(&s->growing);
}

/* The caller's struct may be an older, shorter one. */
int reel_sched_stats_get(reel_sched *s, reel_sched_stats *out)
{
    reel_sched_stats all = {0};
    if (!s || !out || out->sizeof_stats < offsetof(reel_sched_stats, worker_count))
        return REEL_E_ARG;
    size_t size = out->sizeof_stats < sizeof all ? out->sizeof_stats : sizeof all;
    all.workers = out->workers;
    all.worker_room = out->worker_room;
    all.wait = out->wait;
    all.lateness = out->lateness;
    all.sizeof_stats = out->sizeof_stats;
    fill(s, &all);
    memcpy(out, &all, size);
    return REEL_OK;
}
