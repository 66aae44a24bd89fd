/* SPDX-License-Identifier: BSD-2-Clause */
/* Posting, timers, taking back. */
#include "frame/sched/room.h"

/* ---- timers ----------------------------------------------------------------------------------------------- */

void reel__timers_changed(reel_sched *s)
{
    int64_t first = s->timers.heap ? s->timers.heap->own.key : REEL__NEVER;
    int64_t before = atomic_load_explicit(&s->timer_first, memory_order_relaxed);
    if (first == before)
        return;
    atomic_store(&s->timer_first, first);
    if (first < before) /* a later one may find its waiter too early, which does no harm */
        reel__appoint_keeper(s);
}

static void add_timer(reel_sched *s, reel_task *t)
{
    t->own.key = t->at;
    reel__shelf_put(&s->timers, t);
    reel__timers_changed(s);
}

static void deliver(reel_sched *s, reel_task *t)
{
    reel__shelf_remove(&s->timers, t);
    if (!t->strand) {
        t->own.key = reel__key_of(t);
        reel__ready(s, t, t->at);
        return;
    }
    pthread_mutex_t *lock = reel__strand_lock(s, t->strand);
    pthread_mutex_lock(lock);
    reel__strand_remove_timed(t->strand, t);
    reel__strand_append(t->strand, t, t->at);
    pthread_mutex_unlock(lock);
}

void reel__deliver_due(reel_sched *s, int64_t now)
{
    if (atomic_load(&s->timer_first) > now)
        return;
    pthread_mutex_lock(&s->timers.lock);
    while (s->timers.heap && s->timers.heap->own.key <= now)
        deliver(s, s->timers.heap);
    reel__timers_changed(s);
    pthread_mutex_unlock(&s->timers.lock);
}

/* ---- posting ---------------------------------------------------------------------------------------------- */

static int put_on_strand(reel_sched *s, reel_task *t, unsigned mode, int64_t now)
{
    reel_strand *strand = t->strand;
    pthread_mutex_t *lock = reel__strand_lock(s, strand);
    bool timed = t->at > now;
    if (timed)
        pthread_mutex_lock(&s->timers.lock);
    pthread_mutex_lock(lock);
    int code = reel__strand_reserve(strand, mode);
    if (code == REEL_OK && timed) {
        reel__strand_add_timed(strand, t);
        add_timer(s, t);
    } else if (code == REEL_OK) {
        reel__strand_append(strand, t, now);
    }
    pthread_mutex_unlock(lock);
    if (timed)
        pthread_mutex_unlock(&s->timers.lock);
    return code;
}

static int put(reel_sched *s, reel_task *t, unsigned mode)
{
    int64_t now = reel_clock_now();
    if (t->strand)
        return put_on_strand(s, t, mode, now);
    if (t->at > now) {
        pthread_mutex_lock(&s->timers.lock);
        add_timer(s, t);
        pthread_mutex_unlock(&s->timers.lock);
        return REEL_OK;
    }
    t->own.key = reel__key_of(t);
    reel__ready(s, t, now);
    return REEL_OK;
}

/* While it drains, tasks may still post what runs now. */
static bool is_closing(reel_sched *s, const reel_task *t)
{
    int how = atomic_load(&s->closing);
    if (how == OPEN)
        return false;
    return how == REEL_CLOSE_DROP || !reel__is_mine(s) || t->at > reel_clock_now();
}

/* Under the group's lock all along, so that whoever cancels it finds each of its tasks where it can be taken. */
static int try_put(reel_sched *s, reel_task *t, unsigned mode)
{
    reel_group *group = t->group;
    if (is_closing(s, t))
        return REEL_E_CANCELLED;
    if (!group)
        return put(s, t, mode);
    pthread_mutex_t *lock = reel__group_lock(s, group);
    pthread_mutex_lock(lock);
    int code = REEL_E_CANCELLED;
    if (!group->own.cancelled) {
        reel__group_link(group, t);
        code = put(s, t, mode);
        if (code != REEL_OK)
            reel__group_unlink(group, t);
    }
    pthread_mutex_unlock(lock);
    return code;
}

static void count_calls(reel_sched *s, reel_strand *strand, bool more)
{
    pthread_mutex_t *lock = reel__strand_lock(s, strand);
    pthread_mutex_lock(lock);
    strand->own.calls = more ? strand->own.calls + 1 : strand->own.calls - 1;
    pthread_mutex_unlock(lock);
    if (!more)
        reel__settle_notify(s);
}

/* The strand counts us, so that who closes it waits until we have gone. */
static int put_when_room(reel_sched *s, reel_task *t, unsigned mode)
{
    reel_strand *strand = t->strand;
    reel__frame frame;
    int code;
    for (reel__frame *f = reel__here(); f; f = f->up)
        if (f->serial_of == strand)
            return REEL_E_FULL;
    reel__count(&s->waited, 1);
    count_calls(s, strand, true);
    reel__guest_enter(&frame, s);
    reel__settle_enter(s);
    for (;;) {
        uint64_t epoch = reel__settle_epoch(s);
        if (reel__plain_load(&t->own.flags) & TASK_REFUSED)
            code = REEL_E_CANCELLED;
        else
            code = try_put(s, t, mode);
        if (code != REEL_E_FULL)
            break;
        if (frame.worker && reel__strand_claim(strand, &frame))
            reel__frame_end(&frame, reel__ending_now(s));
        else
            reel__help_sleep(s, epoch, REEL__NEVER);
    }
    reel__settle_leave(s);
    reel__guest_leave(&frame);
    count_calls(s, strand, false);
    return code;
}

static bool right(const reel_sched *s, const reel_task *t, unsigned mode)
{
    if (!s || !t || !t->run || mode > REEL_POST_FORCE || t->at < 0 || t->deadline < 0)
        return false;
    return !t->group || t->group->own.sched == s;
}

int reel_task_post(reel_sched *s, reel_task *t, unsigned mode)
{
    if (!right(s, t, mode))
        return REEL_E_ARG;
    if (t->strand && t->strand->own.sched != s)
        return t->strand->own.sched ? REEL_E_ARG : REEL_E_CANCELLED;
    uint32_t before = reel__plain_set_bits(&t->own.flags, TASK_POSTED);
    if (before & TASK_POSTED)
        return REEL_END;
    int code = before & TASK_REFUSED ? REEL_E_CANCELLED : try_put(s, t, mode);
    if (code == REEL_E_FULL && mode & REEL_POST_WAIT)
        code = put_when_room(s, t, mode);
    if (code == REEL_OK) { /* and from here on it may be gone */
        reel__worker *w = reel__worker_here(s);
        reel__count(w ? &w->counters.posted : &s->outside.posted, 1);
        return code;
    }
    if (code == REEL_E_FULL)
        reel__count(&s->refused, 1);
    reel__plain_clear(&t->own.flags, (uint32_t)TASK_POSTED);
    reel__settle_notify(s);
    return code;
}

/* ---- taking back ------------------------------------------------------------------------------------------ */

static bool claim_from_timers(reel_sched *s, reel_task *t, reel__frame *frame)
{
    pthread_mutex_lock(&s->timers.lock);
    bool there = reel__plain_load(&t->own.home) == (void *)&s->timers;
    if (there) {
        if (t->strand) {
            pthread_mutex_t *lock = reel__strand_lock(s, t->strand);
            pthread_mutex_lock(lock);
            reel__strand_remove_timed(t->strand, t);
            reel__strand_release(t->strand, frame);
            pthread_mutex_unlock(lock);
        }
        reel__shelf_remove(&s->timers, t);
        reel__take(frame, t);
        reel__timers_changed(s);
    }
    pthread_mutex_unlock(&s->timers.lock);
    return there;
}

static bool claim_from_strand(reel_sched *s, reel_task *t, reel__frame *frame)
{
    pthread_mutex_t *lock = reel__strand_lock(s, t->strand);
    pthread_mutex_lock(lock);
    bool there = reel__plain_load(&t->own.home) == (void *)&s->strand_home;
    if (there) {
        reel__strand_unlink(t->strand, t);
        reel__strand_release(t->strand, frame);
        reel__take(frame, t);
    }
    pthread_mutex_unlock(lock);
    return there;
}

static bool claim_from_shelf(reel_task *t, reel__shelf *shelf, reel__frame *frame)
{
    pthread_mutex_lock(&shelf->lock);
    bool there = reel__plain_load(&t->own.home) == (void *)shelf;
    if (there) {
        reel__shelf_remove(shelf, t);
        reel__take(frame, t);
    }
    pthread_mutex_unlock(&shelf->lock);
    return there;
}

bool reel__claim(reel_sched *s, reel_task *t, reel__frame *frame)
{
    for (;;) {
        void *home = reel__plain_load(&t->own.home);
        bool got;
        if (!home)
            return false;
        if (home == (void *)&s->timers)
            got = claim_from_timers(s, t, frame);
        else if (home == (void *)&s->strand_home)
            got = claim_from_strand(s, t, frame);
        else
            got = claim_from_shelf(t, home, frame);
        if (got)
            return true;
    }
}

/* Until it is neither posted nor running; whoever posts it meanwhile is refused. */
static bool cancel_and_wait(reel_sched *s, reel_task *t, reel__frame *frame)
{
    bool claimed = false;
    reel__plain_set_bits(&t->own.flags, (uint32_t)TASK_REFUSED);
    reel__settle_enter(s);
    reel__settle_notify(s); /* who waits for room with it */
    for (;;) {
        uint64_t epoch = reel__settle_epoch(s);
        if (reel__claim(s, t, frame)) {
            reel__frame_end(frame, ENDING_FORGET);
            claimed = true;
        }
        bool posted = reel__plain_load(&t->own.flags) & TASK_POSTED; /* before the frames: a frame has it by then */
        if (!posted && !reel__runs(s, t, true))
            break;
        /* Posted but nowhere: another thread is about to put it somewhere, and tells nobody. */
        reel__help_sleep(s, epoch, posted ? reel_clock_now() + 1000000 : REEL__NEVER);
    }
    reel__settle_leave(s);
    reel__plain_clear(&t->own.flags, (uint32_t)TASK_REFUSED);
    return claimed;
}

int reel_task_cancel(reel_sched *s, reel_task *t, bool wait)
{
    if (!s || !t)
        return REEL_E_ARG;
    reel__frame frame;
    bool claimed = false;
    reel__guest_enter(&frame, s);
    if (wait && !reel__runs(s, t, false)) {
        claimed = cancel_and_wait(s, t, &frame);
    } else if (reel__claim(s, t, &frame)) {
        reel__frame_end(&frame, ENDING_FORGET);
        claimed = true;
    }
    reel__guest_leave(&frame);
    return claimed ? REEL_OK : REEL_END;
}
