/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watchdog: one thread that looks at what runs and what waits, a few times a second. It finds under locks, a
 * handful at a time, and speaks when it has let go of them.
 */
#include <string.h>

#include "frame/sched/room.h"

enum { FINDINGS = 32, GROWN_BY = 8 };

typedef struct look {
    reel_sched *sched;
    int64_t now;
    size_t n;
    reel_watch_event found[FINDINGS];
} look;

/* What finds no place now is found at the next look: growth and overruns are marked only when they are told. */
static reel_watch_event *tell(look *l, reel_watch_kind kind, int worker, const void *subject, int64_t elapsed)
{
    if (l->n == FINDINGS)
        return NULL;
    reel_watch_event *e = &l->found[l->n++];
    *e = (reel_watch_event){.kind = kind, .worker = worker, .subject = subject, .elapsed = elapsed};
    return e;
}

static void set_name(reel_watch_event *e, const char *name)
{
    if (name)
        strncpy(e->name, name, sizeof e->name - 1);
}

/* ---- what runs -------------------------------------------------------------------------------------------- */

static void look_at_frame(look *l, reel__frame *f, int worker)
{
    uint64_t word[4], serial = atomic_load_explicit(&f->serial, memory_order_acquire);
    if (!(serial & 1) || f->told == serial)
        return;
    for (int i = 0; i < 4; i++)
        word[i] = atomic_load_explicit(&f->label[i], memory_order_acquire);
    int64_t begun = atomic_load_explicit(&f->begun, memory_order_acquire);
    int64_t budget = atomic_load_explicit(&f->budget, memory_order_acquire);
    const reel_task *task = atomic_load(&f->task);
    if (atomic_load(&f->serial) != serial || l->now - begun <= budget)
        return;
    reel_watch_event *e = tell(l, REEL_WATCH_OVER_BUDGET, worker, task, l->now - begun);
    if (!e)
        return;
    memcpy(e->name, word, sizeof e->name);
    f->told = serial;
}

static void look_at_runs(look *l)
{
    reel_sched *s = l->sched;
    for (unsigned i = 0; i < s->workers; i++)
        look_at_frame(l, &s->worker[i].frame, (int)i);
    pthread_mutex_lock(&s->runs);
    for (reel__frame *f = s->guests; f; f = f->next)
        look_at_frame(l, f, f->worker ? (int)f->worker->index : -1);
    pthread_mutex_unlock(&s->runs);
}

/* ---- what waits ------------------------------------------------------------------------------------------- */

static void look_at_growth(look *l, reel__growth *g, size_t length, int worker, const reel_strand *strand)
{
    if (length < g->last || !g->since) {
        *g = (reel__growth){.from = length, .since = l->now};
    } else if (!g->told && length >= g->from + GROWN_BY && l->now - g->since >= l->sched->options.grow_period) {
        reel_watch_event *e = tell(l, REEL_WATCH_GROWING, worker, strand, l->now - g->since);
        if (e) {
            e->length = length;
            set_name(e, strand ? strand->own.name : NULL);
        }
        g->told = e != NULL;
    } else if (length == g->from) {
        g->since = l->now; /* it stands still, so far */
    }
    g->last = length;
}

static void look_at_shelf(look *l, reel__shelf *shelf, int worker)
{
    pthread_mutex_lock(&shelf->lock);
    const reel_task *oldest = shelf->head;
    if (oldest && l->now - oldest->own.since > l->sched->options.starve_limit) {
        bool carrier = reel__plain_relaxed(&oldest->own.flags) & TASK_CARRIER;
        const reel_strand *strand = carrier ? oldest->user : NULL;
        reel_watch_event *e =
            tell(l, REEL_WATCH_STARVED, worker, carrier ? oldest->user : oldest, l->now - oldest->own.since);
        if (e)
            set_name(e, strand ? strand->own.name : oldest->name);
    }
    look_at_growth(l, &shelf->growth, atomic_load(&shelf->count), worker, NULL);
    pthread_mutex_unlock(&shelf->lock);
}

static void look_at_strand(look *l, reel_strand *strand)
{
    reel__growth g = {strand->own.grown_from, strand->own.grown_last, strand->own.grown_since, strand->own.grown_told};
    pthread_mutex_t *lock = reel__strand_lock(l->sched, strand);
    pthread_mutex_lock(lock);
    size_t length = strand->own.waiting;
    pthread_mutex_unlock(lock);
    look_at_growth(l, &g, length, -1, strand);
    strand->own.grown_from = g.from;
    strand->own.grown_last = g.last;
    strand->own.grown_since = g.since;
    strand->own.grown_told = g.told;
}

static void look_at_queues(look *l)
{
    reel_sched *s = l->sched;
    look_at_shelf(l, &s->inbox, -1);
    look_at_shelf(l, &s->urgent, -1);
    for (unsigned i = 0; i < s->workers; i++)
        look_at_shelf(l, &s->worker[i].deque, (int)i);
    pthread_mutex_lock(&s->registry); /* strands stay while it is held */
    for (reel_strand *strand = s->strands; strand; strand = strand->own.next)
        look_at_strand(l, strand);
    pthread_mutex_unlock(&s->registry);
}

/* ---- the thread ------------------------------------------------------------------------------------------- */

static void speak(const look *l)
{
    reel_sched *s = l->sched;
    for (size_t i = 0; i < l->n; i++) {
        reel__count(l->found[i].kind == REEL_WATCH_OVER_BUDGET ? &s->over_budget
                    : l->found[i].kind == REEL_WATCH_STARVED   ? &s->starved
                                                               : &s->growing,
                    1);
        if (s->options.watch)
            s->options.watch(s->options.user, &l->found[i]);
    }
}

static bool rest(reel_sched *s, int64_t until)
{
    pthread_mutex_lock(&s->watch_lock);
    while (!s->watch_end && reel_clock_now() < until)
        reel__cond_wait_until(&s->watch_cond, &s->watch_lock, until);
    bool end = s->watch_end;
    pthread_mutex_unlock(&s->watch_lock);
    return !end;
}

static void *watch_main(void *user)
{
    reel_sched *s = user;
    look l = {.sched = s};
    reel__thread_prepare("reel-watch");
    for (l.now = reel_clock_now(); rest(s, l.now + s->options.watch_interval);) {
        l.now = reel_clock_now();
        l.n = 0;
        look_at_runs(&l);
        look_at_queues(&l);
        speak(&l);
    }
    return NULL;
}

int reel__watch_start(reel_sched *s)
{
    if (!s->watching)
        return REEL_OK;
    if (reel__thread_start(&s->watchdog, 0, watch_main, s) != 0) {
        s->watching = false;
        return REEL_E_NOMEM;
    }
    return REEL_OK;
}

void reel__watch_stop(reel_sched *s)
{
    if (!s->watching)
        return;
    pthread_mutex_lock(&s->watch_lock);
    s->watch_end = true;
    pthread_cond_signal(&s->watch_cond);
    pthread_mutex_unlock(&s->watch_lock);
    pthread_join(s->watchdog, NULL);
}
