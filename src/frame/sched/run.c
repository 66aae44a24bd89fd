/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames: one execution each, and what is counted about it. */
#include <string.h>

#include "frame/base/histogram.h"
#include "frame/sched/room.h"

static _Thread_local reel__frame *here; /* the innermost frame that runs on this thread */

/* What has to be known after run is entered, when the task is not ours any more. */
typedef struct job {
    reel_task *task;
    reel_task_fn *run, *drop;
    void *user;
    reel_strand *strand;
    reel_group *group;
    int64_t at, deadline, budget, since;
} job;

reel__frame *reel__here(void) { return here; }

reel__worker *reel__worker_here(const reel_sched *s) { return here && here->sched == s ? here->worker : NULL; }

bool reel__is_mine(const reel_sched *s)
{
    for (const reel__frame *f = here; f; f = f->up)
        if (f->sched == s && atomic_load_explicit(&f->task, memory_order_relaxed))
            return true;
    return false;
}

void reel__frame_init(reel__frame *frame, reel_sched *s, reel__worker *w)
{
    memset(frame, 0, sizeof *frame);
    frame->sched = s;
    frame->worker = w;
}

void reel__guest_enter(reel__frame *frame, reel_sched *s)
{
    reel__frame_init(frame, s, reel__worker_here(s));
    pthread_mutex_lock(&s->runs);
    frame->next = s->guests;
    if (s->guests)
        s->guests->prev = frame;
    s->guests = frame;
    pthread_mutex_unlock(&s->runs);
}

void reel__guest_leave(reel__frame *frame)
{
    reel_sched *s = frame->sched;
    pthread_mutex_lock(&s->runs);
    if (frame->prev)
        frame->prev->next = frame->next;
    else
        s->guests = frame->next;
    if (frame->next)
        frame->next->prev = frame->prev;
    pthread_mutex_unlock(&s->runs);
}

bool reel__runs(reel_sched *s, const reel_task *t, bool anywhere)
{
    bool found = false;
    for (const reel__frame *f = here; f && !found; f = f->up)
        found = atomic_load(&f->task) == t;
    if (found || !anywhere)
        return found;
    for (unsigned i = 0; i < s->workers && !found; i++)
        found = atomic_load(&s->worker[i].frame.task) == t;
    pthread_mutex_lock(&s->runs);
    for (const reel__frame *f = s->guests; f && !found; f = f->next)
        found = atomic_load(&f->task) == t;
    pthread_mutex_unlock(&s->runs);
    return found;
}

/* ---- counting --------------------------------------------------------------------------------------------- */

/* A worker's counters have one writer; those of all other threads many. */
static void add(const reel__frame *frame, _Atomic uint64_t *counter, uint64_t n)
{
    if (frame->worker)
        atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
    else
        reel__count(counter, n);
}

static void raise(_Atomic uint64_t *most, uint64_t n)
{
    uint64_t now = atomic_load_explicit(most, memory_order_relaxed);
    while (n > now && !atomic_compare_exchange_weak_explicit(most, &now, n, memory_order_relaxed, memory_order_relaxed))
        ;
}

static void record(const reel__frame *frame, reel_histogram *h, int64_t value)
{
    if (frame->worker)
        reel__histogram_record_alone(h, value);
    else
        reel_histogram_record(h, value);
}

static reel__counters *counters_of(const reel__frame *frame)
{
    return frame->worker ? &frame->worker->counters : &frame->sched->outside;
}

static void count_begin(const reel__frame *frame, const job *j, int64_t begun)
{
    reel__counters *c = counters_of(frame);
    record(frame, &c->wait, begun - j->since); /* and so how many */
    if (j->deadline || j->at)
        add(frame, &c->urgent, 1);
    if (j->at)
        record(frame, &c->lateness, begun - j->at);
}

static void count_end(reel__frame *frame, const job *j, int64_t begun, int64_t ended)
{
    reel__counters *c = counters_of(frame);
    int64_t whole = ended - begun, own = whole - frame->nested;
    raise(&c->longest, (uint64_t)whole);
    add(frame, &c->busy, own > 0 ? (uint64_t)own : 0);
    if (j->deadline && ended > j->deadline)
        add(frame, &c->missed, 1);
    if (frame->up && frame->up->sched == frame->sched)
        frame->up->nested += whole;
    if (frame->worker)
        frame->worker->now = ended;
}

/* ---- for the watchdog: serial is odd while a task runs, and what stands beside it is whole then ---- */

static void show(reel__frame *frame, const job *j, const char *name, int64_t begun)
{
    char text[sizeof frame->label] = "";
    uint64_t word[4];
    if (name)
        strncpy(text, name, sizeof text - 1);
    memcpy(word, text, sizeof word);
    for (int i = 0; i < 4; i++)
        atomic_store_explicit(&frame->label[i], word[i], memory_order_release);
    atomic_store_explicit(&frame->begun, begun, memory_order_release);
    atomic_store_explicit(&frame->budget, j->budget ? j->budget : frame->sched->options.budget, memory_order_release);
}

static void turn(reel__frame *frame)
{
    uint64_t serial = atomic_load_explicit(&frame->serial, memory_order_relaxed);
    atomic_store_explicit(&frame->serial, serial + 1, memory_order_release);
}

/* ---- an execution ----------------------------------------------------------------------------------------- */

static reel__ending enter_group(reel_sched *s, const job *j, reel__ending how)
{
    if (!j->group)
        return how;
    pthread_mutex_t *lock = reel__group_lock(s, j->group);
    pthread_mutex_lock(lock);
    reel__group_unlink(j->group, j->task);
    j->group->own.running++;
    if (how == ENDING_RUN && j->group->own.cancelled)
        how = ENDING_DROP;
    pthread_mutex_unlock(lock);
    return how;
}

static void leave_group(reel_sched *s, reel_group *group)
{
    if (!group)
        return;
    pthread_mutex_t *lock = reel__group_lock(s, group);
    pthread_mutex_lock(lock);
    group->own.running--;
    pthread_mutex_unlock(lock);
}

static void call_room(reel__frame *frame, reel_strand *strand)
{
    if (!strand || !frame->room)
        return;
    frame->room = false;
    strand->own.room(strand, strand->own.user);
    pthread_mutex_t *lock = reel__strand_lock(frame->sched, strand);
    pthread_mutex_lock(lock);
    strand->own.calls--;
    pthread_mutex_unlock(lock);
}

static void finish(reel__frame *frame, const job *j, reel__ending how, int64_t begun)
{
    reel_sched *s = frame->sched;
    if (how == ENDING_RUN) {
        count_begin(frame, j, begun);
        j->run(j->task, j->user);
        count_end(frame, j, begun, reel_clock_now());
    } else {
        reel__count(how == ENDING_DROP ? &s->dropped : &s->cancelled, 1);
        if (how == ENDING_DROP && j->drop)
            j->drop(j->task, j->user);
    }
}

void reel__frame_end(reel__frame *frame, reel__ending how)
{
    reel_sched *s = frame->sched;
    reel_task *t = atomic_load_explicit(&frame->task, memory_order_relaxed);
    const job j = {t, t->run, t->drop, t->user, t->strand, t->group, t->at, t->deadline, t->budget, t->own.since};
    int64_t begun = reel_clock_now();
    how = enter_group(s, &j, how);
    frame->group = j.group;
    frame->nested = 0;
    frame->up = here;
    here = frame;
    if (s->watching)
        show(frame, &j, t->name, begun);
    reel__plain_clear(&t->own.flags, (uint32_t)TASK_POSTED); /* from here on it is the caller's again */
    turn(frame);
    if (j.strand)
        reel__settle_notify(s); /* there is room */
    call_room(frame, j.strand);
    finish(frame, &j, how, begun);
    turn(frame);
    /* In this order: who waits for the task or its strand may let go of its group, too. */
    leave_group(s, j.group);
    atomic_store(&frame->task, NULL);
    if (frame->serial_of)
        reel__strand_next(frame->serial_of);
    frame->serial_of = NULL;
    frame->group = NULL;
    here = frame->up;
    reel__settle_notify(s);
}
