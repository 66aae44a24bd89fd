/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a worker does: find a task, run it, sleep.
 *
 * Waking. A post wakes one sleeper, unless somebody who was woken is searching already; a searcher that finds something
 * wakes the next one if there is more. So a burst of posts costs one wake-up, and the sleepers follow each other.
 * Nothing is lost: a post raises its shelf's count, then reads idle and searching; who goes to sleep lowers searching
 * and raises idle, then reads the counts; all of it in one order (seq_cst), so one of both sees the other.
 *
 * Time. One sleeper, the keeper, waits until the first timer; the others sleep until they are woken. A keeper that is
 * woken or finds its time come leaves the office to another one before it runs anything.
 */
#include <stdio.h>

#include "frame/sched/room.h"

enum { INBOX_TICK = 16 }; /* tasks of the own queue after which some of the common one join it at its end */

/* ---- finding ---------------------------------------------------------------------------------------------- */

static bool steal(reel__worker *w)
{
    reel_sched *s = w->sched;
    for (unsigned i = 0; i < s->workers; i++) {
        reel__worker *victim = &s->worker[w->victim++ % s->workers];
        size_t got = victim == w ? 0 : reel__fetch(w, &victim->deque, 2);
        if (!got)
            continue;
        reel__count(&w->counters.steals, 1);
        reel__count(&w->counters.stolen, got);
        if (reel__pop(&w->deque, &w->frame))
            return true;
    }
    return false;
}

static bool from_inbox(reel__worker *w)
{
    reel_sched *s = w->sched;
    return reel__fetch(w, &s->inbox, s->workers) && reel__pop(&w->deque, &w->frame);
}

static bool find_plain(reel__worker *w)
{
    if (++w->tick % INBOX_TICK == 0)
        reel__fetch(w, &w->sched->inbox, w->sched->workers);
    return reel__pop(&w->deque, &w->frame) || from_inbox(w) || steal(w);
}

static bool find(reel__worker *w)
{
    reel_sched *s = w->sched;
    reel__deliver_due(s, w->now);
    if (w->streak >= s->options.fairness && find_plain(w)) {
        w->streak = 0;
        return true;
    }
    if (reel__pop(&s->urgent, &w->frame)) {
        w->streak++;
        return true;
    }
    w->streak = 0;
    return find_plain(w);
}

static bool is_work(reel_sched *s)
{
    if (atomic_load(&s->urgent.count) || atomic_load(&s->inbox.count))
        return true;
    for (unsigned i = 0; i < s->workers; i++)
        if (atomic_load(&s->worker[i].deque.count))
            return true;
    return false;
}

/* ---- sleepers; park is held ------------------------------------------------------------------------------- */

static void idle_link(reel__worker *w)
{
    reel_sched *s = w->sched;
    w->idle_prev = NULL;
    w->idle_next = s->idle_head;
    if (s->idle_head)
        s->idle_head->idle_prev = w;
    s->idle_head = w;
    atomic_fetch_add(&s->idle, 1);
}

static void idle_unlink(reel__worker *w)
{
    reel_sched *s = w->sched;
    if (w->idle_prev)
        w->idle_prev->idle_next = w->idle_next;
    else
        s->idle_head = w->idle_next;
    if (w->idle_next)
        w->idle_next->idle_prev = w->idle_prev;
    atomic_fetch_sub(&s->idle, 1);
}

/* Signals are given when park has been let go, lest who wakes has to wait for it at once. */
void reel__wake_one(reel_sched *s)
{
    unsigned none = 0;
    if (!atomic_load(&s->idle) || !atomic_compare_exchange_strong(&s->searching, &none, 1))
        return;
    pthread_mutex_lock(&s->park);
    reel__worker *w = s->idle_head;
    if (w && w == s->keeper && w->idle_next) /* the keeper has an office; rather another one */
        w = w->idle_next;
    if (w) {
        idle_unlink(w);
        w->woken = w->searcher = true;
    } else {
        atomic_fetch_sub(&s->searching, 1); /* under park: who lies down after us sees it */
    }
    pthread_mutex_unlock(&s->park);
    if (w)
        pthread_cond_signal(&w->cond);
}

void reel__wake_all(reel_sched *s)
{
    pthread_mutex_lock(&s->park);
    for (unsigned i = 0; i < s->workers; i++)
        pthread_cond_signal(&s->worker[i].cond);
    pthread_mutex_unlock(&s->park);
}

void reel__appoint_keeper(reel_sched *s)
{
    if (atomic_load(&s->idle)) {
        pthread_mutex_lock(&s->park);
        reel__worker *w = s->keeper ? s->keeper : s->idle_head;
        s->keeper = w;
        pthread_mutex_unlock(&s->park);
        if (w)
            pthread_cond_signal(&w->cond);
    }
    reel__settle_notify(s); /* workers that help sleep there, by the same timer */
}

/* ---- sleeping --------------------------------------------------------------------------------------------- */

static void stop_searching(reel__worker *w)
{
    if (w->searcher)
        atomic_fetch_sub(&w->sched->searching, 1);
    w->searcher = false;
}

/* Until it is woken, or time for a timer, which it then goes for as one who searches. */
static void sleep_here(reel__worker *w)
{
    reel_sched *s = w->sched;
    reel__count(&w->counters.parks, 1);
    while (!w->woken && atomic_load(&s->closing) == OPEN) {
        int64_t first = atomic_load(&s->timer_first);
        if (first != REEL__NEVER && !s->keeper)
            s->keeper = w;
        if (s->keeper != w) {
            reel__cond_wait_until(&w->cond, &s->park, REEL__NEVER);
            continue;
        }
        if (first != REEL__NEVER && reel_clock_now() >= first)
            break;
        reel__cond_wait_until(&w->cond, &s->park, first);
    }
    if (!w->woken) {
        idle_unlink(w);
        w->searcher = true;
        atomic_fetch_add(&s->searching, 1);
    }
    w->woken = false;
}

static void park(reel__worker *w)
{
    reel_sched *s = w->sched;
    bool was_keeper = false;
    pthread_mutex_lock(&s->park);
    stop_searching(w);
    idle_link(w);
    if (is_work(s)) {
        idle_unlink(w);
    } else {
        sleep_here(w);
        was_keeper = s->keeper == w;
        if (was_keeper)
            s->keeper = NULL;
    }
    pthread_mutex_unlock(&s->park);
    w->now = reel_clock_now();
    if (!was_keeper)
        return;
    reel__deliver_due(s, w->now);
    if (atomic_load(&s->timer_first) != REEL__NEVER)
        reel__appoint_keeper(s);
}

/* ---- a worker's life -------------------------------------------------------------------------------------- */

static void name_it(const reel__worker *w)
{
    char name[16];
    const char *base = w->sched->options.name;
    snprintf(name, sizeof name, "%.10s-%u", base ? base : "reel", w->index);
    reel__thread_prepare(name);
}

static bool begin(reel__worker *w)
{
    reel_sched *s = w->sched;
    int code = s->options.begin ? s->options.begin(s->options.user, w->index) : REEL_OK;
    pthread_mutex_lock(&s->settle);
    s->started++;
    if (code != REEL_OK && s->begin_code == REEL_OK)
        s->begin_code = code;
    pthread_cond_broadcast(&s->settled);
    pthread_mutex_unlock(&s->settle);
    return code == REEL_OK;
}

void *reel__worker_main(void *user)
{
    reel__worker *w = user;
    reel_sched *s = w->sched;
    name_it(w);
    if (!begin(w))
        return NULL;
    w->now = reel_clock_now();
    while (atomic_load(&s->closing) != REEL_CLOSE_DROP) {
        if (find(w)) {
            bool woken = w->searcher;
            stop_searching(w);
            if (woken && is_work(s))
                reel__wake_one(s);
            reel__frame_end(&w->frame, ENDING_RUN);
        } else if (atomic_load(&s->closing) != OPEN) {
            break; /* what still runs finds what it posts by itself */
        } else {
            park(w);
        }
    }
    stop_searching(w);
    return NULL;
}
