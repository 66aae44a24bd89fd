/* SPDX-License-Identifier: BSD-2-Clause */
/* Strands: lists of tasks that take turns, each list in the ready queues as one carrier. */
#include <string.h>

#include "frame/base/fail.h"
#include "frame/sched/room.h"

pthread_mutex_t *reel__strand_lock(reel_sched *s, const reel_strand *strand)
{
    return &s->strand_lock[reel__stripe(strand)];
}

int reel_strand_open(reel_strand *strand, reel_sched *s, const reel_strand_options *options, reel_error *err)
{
    reel_strand_options o = {.sizeof_options = sizeof o};
    if (!strand || !s)
        return reel__frame_fail(err, REEL_E_ARG, "a strand needs memory and a scheduler");
    if (options && options->sizeof_options < sizeof o)
        return reel__frame_fail(err, REEL_E_ARG, "sizeof_options of a strand is too small");
    if (options)
        o = *options;
    if (o.low && o.low >= o.capacity)
        return reel__frame_fail(err, REEL_E_ARG, "low of a strand is not below its capacity");
    memset(strand, 0, sizeof *strand);
    strand->own.sched = s;
    strand->own.name = o.name;
    strand->own.capacity = o.capacity;
    strand->own.low = o.low;
    strand->own.room = o.room;
    strand->own.user = o.user;
    strand->own.carrier.user = strand;
    strand->own.carrier.own.flags = TASK_CARRIER;
    pthread_mutex_lock(&s->registry);
    strand->own.next = s->strands;
    if (s->strands)
        s->strands->own.prev = strand;
    s->strands = strand;
    s->strand_count++;
    pthread_mutex_unlock(&s->registry);
    return REEL_OK;
}

size_t reel_strand_length(const reel_strand *strand)
{
    if (!strand || !strand->own.sched)
        return 0;
    pthread_mutex_t *lock = reel__strand_lock(strand->own.sched, strand);
    pthread_mutex_lock(lock);
    size_t n = strand->own.waiting;
    pthread_mutex_unlock(lock);
    return n;
}

/* ---- under the strand's lock ------------------------------------------------------------------------------ */

int reel__strand_reserve(reel_strand *strand, unsigned mode)
{
    if (strand->own.closed)
        return REEL_E_CANCELLED;
    if (strand->own.capacity && strand->own.waiting >= strand->own.capacity && !(mode & REEL_POST_FORCE)) {
        strand->own.told_full = 1;
        return REEL_E_FULL;
    }
    strand->own.waiting++;
    return REEL_OK;
}

void reel__strand_release(reel_strand *strand, reel__frame *frame)
{
    strand->own.waiting--;
    if (strand->own.told_full && strand->own.waiting <= strand->own.low) {
        strand->own.told_full = 0;
        strand->own.calls += strand->own.room != NULL;
        frame->room = strand->own.room != NULL;
    }
}

static void send_carrier(reel_strand *strand, int64_t since)
{
    strand->own.carrier.own.key = strand->own.head->own.inherited;
    reel__ready(strand->own.sched, &strand->own.carrier, since);
}

/* Out of where it is ready, unless a worker has it in hand. */
static bool recall_carrier(reel_strand *strand)
{
    reel_task *carrier = &strand->own.carrier;
    for (;;) {
        reel__shelf *shelf = reel__plain_load(&carrier->own.home); /* from nowhere to somewhere only under our lock */
        if (!shelf)
            return false;
        pthread_mutex_lock(&shelf->lock);
        bool there = reel__plain_load(&carrier->own.home) == (void *)shelf;
        if (there) {
            reel__shelf_remove(shelf, carrier);
            reel__plain_store(&carrier->own.home, NULL);
        }
        pthread_mutex_unlock(&shelf->lock);
        if (there)
            return true;
    }
}

/* Those before it are as urgent as it is: they stand in its way. Deadlines that only rise cost no step here. */
static void inherit(const reel_task *task)
{
    for (reel_task *t = task->own.prev; t && t->own.inherited > task->own.inherited; t = t->own.prev)
        t->own.inherited = task->own.inherited;
}

void reel__strand_append(reel_strand *strand, reel_task *task, int64_t now)
{
    task->own.inherited = reel__key_of(task);
    task->own.since = now;
    task->own.next = NULL;
    task->own.prev = strand->own.tail;
    if (strand->own.tail)
        strand->own.tail->own.next = task;
    else
        strand->own.head = task;
    strand->own.tail = task;
    strand->own.length++;
    inherit(task);
    reel__plain_store(&task->own.home, (void *)&strand->own.sched->strand_home);
    if (strand->own.state == STRAND_IDLE) {
        strand->own.state = STRAND_READY;
        send_carrier(strand, now);
    } else if (strand->own.state == STRAND_READY && strand->own.head->own.inherited < strand->own.carrier.own.key) {
        int64_t since = strand->own.carrier.own.since;
        if (recall_carrier(strand))
            send_carrier(strand, since);
    }
}

void reel__strand_unlink(reel_strand *strand, reel_task *task)
{
    if (task->own.prev)
        task->own.prev->own.next = task->own.next;
    else
        strand->own.head = task->own.next;
    if (task->own.next)
        task->own.next->own.prev = task->own.prev;
    else
        strand->own.tail = task->own.prev;
    task->own.prev = task->own.next = NULL;
    strand->own.length--;
}

void reel__strand_add_timed(reel_strand *strand, reel_task *task)
{
    task->own.prev = NULL;
    task->own.next = strand->own.timed;
    if (strand->own.timed)
        strand->own.timed->own.prev = task;
    strand->own.timed = task;
}

void reel__strand_remove_timed(reel_strand *strand, reel_task *task)
{
    if (task->own.prev)
        task->own.prev->own.next = task->own.next;
    else
        strand->own.timed = task->own.next;
    if (task->own.next)
        task->own.next->own.prev = task->own.prev;
    task->own.prev = task->own.next = NULL;
}

static bool take_first(reel_strand *strand, reel__frame *frame)
{
    reel_task *t = strand->own.head;
    if (!t) {
        strand->own.state = STRAND_IDLE;
        return false;
    }
    reel__strand_unlink(strand, t);
    reel__strand_release(strand, frame);
    strand->own.state = STRAND_RUNNING;
    frame->serial_of = strand;
    reel__take(frame, t);
    return true;
}

/* ---- turns ------------------------------------------------------------------------------------------------ */

bool reel__strand_turn(reel_strand *strand, reel__frame *frame)
{
    reel_sched *s = frame->sched;
    pthread_mutex_t *lock = reel__strand_lock(s, strand);
    pthread_mutex_lock(lock);
    bool got = take_first(strand, frame);
    pthread_mutex_unlock(lock);
    if (!got) /* and now it may be gone */
        reel__settle_notify(s);
    return got;
}

bool reel__strand_claim(reel_strand *strand, reel__frame *frame)
{
    pthread_mutex_t *lock = reel__strand_lock(frame->sched, strand);
    pthread_mutex_lock(lock);
    bool got = strand->own.state == STRAND_READY && recall_carrier(strand) && take_first(strand, frame);
    pthread_mutex_unlock(lock);
    return got;
}

void reel__strand_next(reel_strand *strand)
{
    reel_sched *s = strand->own.sched;
    pthread_mutex_t *lock = reel__strand_lock(s, strand);
    pthread_mutex_lock(lock);
    strand->own.state = strand->own.head ? STRAND_READY : STRAND_IDLE;
    if (strand->own.head)
        send_carrier(strand, reel_clock_now());
    pthread_mutex_unlock(lock);
}

/* ---- clearing and closing --------------------------------------------------------------------------------- */

static bool take_any(reel_strand *strand, reel__frame *frame, bool timed_alone)
{
    reel_sched *s = frame->sched;
    pthread_mutex_t *lock = reel__strand_lock(s, strand);
    pthread_mutex_lock(&s->timers.lock);
    pthread_mutex_lock(lock);
    reel_task *t = timed_alone || !strand->own.head ? strand->own.timed : strand->own.head;
    if (t && t == strand->own.timed) {
        reel__strand_remove_timed(strand, t);
        reel__shelf_remove(&s->timers, t);
        reel__timers_changed(s);
    } else if (t) {
        reel__strand_unlink(strand, t);
    }
    if (t) {
        reel__strand_release(strand, frame);
        reel__take(frame, t);
    }
    pthread_mutex_unlock(lock);
    pthread_mutex_unlock(&s->timers.lock);
    return t != NULL;
}

static size_t drop_some(reel_strand *strand, size_t most, bool timed_alone)
{
    reel__frame frame;
    size_t n = 0;
    reel__guest_enter(&frame, strand->own.sched);
    for (; n < most && take_any(strand, &frame, timed_alone); n++)
        reel__frame_end(&frame, ENDING_DROP);
    reel__guest_leave(&frame);
    return n;
}

/* What drop posts anew stays: no more than waited at the beginning is dropped. */
size_t reel_strand_clear(reel_strand *strand)
{
    return strand && strand->own.sched ? drop_some(strand, reel_strand_length(strand), false) : 0;
}

static bool at_rest(reel_strand *strand, bool close_it)
{
    pthread_mutex_t *lock = reel__strand_lock(strand->own.sched, strand);
    pthread_mutex_lock(lock);
    strand->own.closed |= close_it;
    bool rest = strand->own.state == STRAND_IDLE && !strand->own.waiting && !strand->own.calls;
    pthread_mutex_unlock(lock);
    return rest;
}

static void wait_for_rest(reel_strand *strand, reel_close_mode mode)
{
    reel_sched *s = strand->own.sched;
    reel__frame frame;
    reel__guest_enter(&frame, s);
    reel__settle_enter(s);
    for (;;) {
        uint64_t epoch = reel__settle_epoch(s);
        if (at_rest(strand, false))
            break;
        if (reel__strand_claim(strand, &frame))
            reel__frame_end(&frame, mode == REEL_CLOSE_DROP ? ENDING_DROP : reel__ending_now(s));
        else if (!at_rest(strand, false)) /* the claim may have found it empty */
            reel__help_sleep(s, epoch, REEL__NEVER);
    }
    reel__settle_leave(s);
    reel__guest_leave(&frame);
}

static void forget(reel_strand *strand)
{
    reel_sched *s = strand->own.sched;
    pthread_mutex_lock(&s->registry);
    if (strand->own.prev)
        strand->own.prev->own.next = strand->own.next;
    else
        s->strands = strand->own.next;
    if (strand->own.next)
        strand->own.next->own.prev = strand->own.prev;
    s->strand_count--;
    pthread_mutex_unlock(&s->registry);
    strand->own.sched = NULL;
}

int reel_strand_close(reel_strand *strand, reel_close_mode mode)
{
    if (!strand || !strand->own.sched)
        return REEL_OK;
    for (reel__frame *f = reel__here(); f; f = f->up)
        if (f->serial_of == strand)
            return REEL_E_ARG;
    at_rest(strand, true);
    reel__settle_notify(strand->own.sched); /* those who wait for room */
    drop_some(strand, SIZE_MAX, mode == REEL_CLOSE_DRAIN);
    wait_for_rest(strand, mode);
    forget(strand);
    return REEL_OK;
}
