/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One place to sleep for all who wait for a task to end, a group to be done, room in a strand. They are few; what they
 * wait for happens often and must cost nothing while nobody waits: one look at a counter.
 *
 * Nothing is missed: a waiter counts itself, notes the epoch, looks, sleeps while the epoch is that. Who changes
 * something does it under a lock that the look takes too (or in sequentially consistent order), then reads the counter.
 */
#include "frame/sched/room.h"

void reel__settle_enter(reel_sched *s) { atomic_fetch_add(&s->waiters, 1); }

void reel__settle_leave(reel_sched *s) { atomic_fetch_sub(&s->waiters, 1); }

uint64_t reel__settle_epoch(reel_sched *s)
{
    pthread_mutex_lock(&s->settle);
    uint64_t epoch = s->epoch;
    pthread_mutex_unlock(&s->settle);
    return epoch;
}

void reel__settle_sleep(reel_sched *s, uint64_t epoch, int64_t until)
{
    pthread_mutex_lock(&s->settle);
    while (s->epoch == epoch && (until == REEL__NEVER || reel_clock_now() < until))
        reel__cond_wait_until(&s->settled, &s->settle, until);
    pthread_mutex_unlock(&s->settle);
}

void reel__settle_notify(reel_sched *s)
{
    if (!atomic_load(&s->waiters))
        return;
    pthread_mutex_lock(&s->settle);
    s->epoch++;
    pthread_mutex_unlock(&s->settle);
    pthread_cond_broadcast(&s->settled);
}

void reel__help_sleep(reel_sched *s, uint64_t epoch, int64_t until)
{
    if (!reel__worker_here(s)) {
        reel__settle_sleep(s, epoch, until);
        return;
    }
    int64_t first = atomic_load(&s->timer_first);
    reel__settle_sleep(s, epoch, first < until ? first : until);
    reel__deliver_due(s, reel_clock_now());
}
