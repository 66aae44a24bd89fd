/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the scheduler's files.
 *
 * Where a task is: its home
 *
 *        post ------------+---------------------------------------------+
 *          | at           | with strand               | deadline or at  | else
 *          v              v                           v                 v
 *       timers --due--> strand --carrier--> +------ urgent        inbox, or the posting worker's deque
 *       (heap by at)    (list)              |      (heap by key)        (lists; taken from the front by all)
 *
 * A strand that has tasks and does not run one has its carrier, a task of its own, in one of the three on the right.
 * home is written under the lock of the old home, when a task is taken, or of the new one; so whoever has locked what
 * home names, and finds that it still does, has the task.
 *
 * Locks, outer ones first: group, timers, strand, shelf (two deques: by index); then, each alone: park, settle, runs.
 * registry comes before strand and shelf. Strands and groups lie in the caller's memory and may be gone at once after
 * their last task: their locks are the scheduler's, chosen by address.
 *
 * A frame is one execution. It names its task from before the task leaves its home until run has returned: so who finds
 * a task in no home and in no frame knows that it does not run. The task itself is not touched once run is entered.
 */
#ifndef REEL_FRAME_SCHED_ROOM_H
#define REEL_FRAME_SCHED_ROOM_H

#include <reel/sched.h>

#include <pthread.h>
#include <stdatomic.h>

#include "frame/base/plain_atomic.h"
#include "frame/base/wait.h"

enum { STRIPES = 64, BATCH = 32, OPEN = -1 };

/* own.flags */
enum { TASK_POSTED = 1, TASK_REFUSED = 2, TASK_CARRIER = 4 };
/* own.state of a strand */
enum { STRAND_IDLE = 0, STRAND_READY = 1, STRAND_RUNNING = 2 };

typedef enum reel__ending { ENDING_RUN, ENDING_DROP, ENDING_FORGET } reel__ending;

/* A queue that only grows is told by what it was when it last shrank. */
typedef struct reel__growth {
    size_t from, last;
    int64_t since;
    bool told;
} reel__growth;

typedef struct reel__shelf {
    pthread_mutex_t lock;
    _Atomic size_t count;
    reel_task *head, *tail; /* by arrival; timers have no list, their tasks' links serve strand.timed */
    reel_task *heap;        /* urgent, timers: the least key on top */
    uint64_t order;
    bool has_list, has_heap;
    unsigned index;
    reel__growth growth;    /* the watchdog's */
    char apart[64];
} reel__shelf;

typedef struct reel__counters {
    _Atomic uint64_t urgent, steals, stolen, parks, missed, longest, busy, posted;
    reel_histogram wait, lateness;
} reel__counters;

typedef struct reel__worker reel__worker;
typedef struct reel__frame reel__frame;

struct reel__frame {
    _Atomic(reel_task *) task;
    /* for the watchdog: whole while serial is the same before and after */
    _Atomic uint64_t serial, label[4];
    _Atomic int64_t begun, budget;
    uint64_t told; /* the serial it spoke about last */
    /* the thread's own */
    reel_sched *sched;
    reel__worker *worker;     /* NULL: a thread of the caller's */
    reel_strand *serial_of;   /* the strand whose turn this is */
    bool room;                /* the strand's room has to be called */
    reel_group *group;        /* of what runs */
    int64_t nested;           /* ns spent in frames above this one */
    reel__frame *up;          /* the one below it on this thread's stack */
    reel__frame *prev, *next; /* in sched->guests */
};

struct reel__worker {
    reel_sched *sched;
    unsigned index;
    pthread_t thread;
    pthread_cond_t cond;
    reel__frame frame;
    reel__shelf deque;
    reel__counters counters;
    int64_t now;      /* as the worker last saw the clock */
    unsigned streak, tick, victim;
    /* under park */
    reel__worker *idle_prev, *idle_next;
    bool woken, searcher;
    char apart[64];
};

struct reel_sched {
    reel_allocator allocator;
    reel_sched_options options;
    unsigned workers, started;
    int begin_code;
    reel__worker *worker;
    _Atomic int closing; /* OPEN, or a reel_close_mode */

    reel__shelf inbox, urgent, timers;
    _Atomic int64_t timer_first;
    pthread_mutex_t strand_lock[STRIPES], group_lock[STRIPES];
    char strand_home; /* its address is the home of what waits in a strand */

    pthread_mutex_t park;
    _Atomic unsigned idle, searching;
    reel__worker *idle_head, *keeper;

    pthread_mutex_t settle;
    pthread_cond_t settled;
    _Atomic unsigned waiters;
    uint64_t epoch;

    pthread_mutex_t runs;
    reel__frame *guests;

    pthread_mutex_t registry;
    reel_strand *strands;
    size_t strand_count;

    reel__counters outside; /* of threads that are no workers */
    _Atomic uint64_t refused, waited, cancelled, dropped, over_budget, starved, growing;

    pthread_t watchdog;
    pthread_mutex_t watch_lock;
    pthread_cond_t watch_cond;
    bool watching, watch_end;
};

/* ---- shelf.c: queues and heaps; the shelf's lock is held, but for ready and pop ---- */
void reel__shelf_init(reel__shelf *shelf, unsigned index, bool has_list, bool has_heap);
void reel__shelf_put(reel__shelf *shelf, reel_task *task);
void reel__shelf_remove(reel__shelf *shelf, reel_task *task);
int64_t reel__key_of(const reel_task *task); /* REEL__NEVER: a plain one */
void reel__take(reel__frame *frame, reel_task *task);
void reel__ready(reel_sched *sched, reel_task *task, int64_t since); /* to where workers find it, and wake one */
bool reel__pop(reel__shelf *shelf, reel__frame *frame);
/* Move some of from to the worker's own deque: how many. */
size_t reel__fetch(reel__worker *w, reel__shelf *from, size_t share);

/* ---- post.c ---- */
bool reel__claim(reel_sched *sched, reel_task *task, reel__frame *frame); /* wherever it is; false: nowhere */
void reel__timers_changed(reel_sched *sched); /* under timers' lock */
void reel__deliver_due(reel_sched *sched, int64_t now);

/* ---- run.c ---- */
reel__frame *reel__here(void); /* the innermost of this thread, or NULL */
reel__worker *reel__worker_here(const reel_sched *sched);
bool reel__is_mine(const reel_sched *sched); /* is this thread inside one of its tasks? */
void reel__frame_init(reel__frame *frame, reel_sched *sched, reel__worker *worker);
void reel__guest_enter(reel__frame *frame, reel_sched *sched);
void reel__guest_leave(reel__frame *frame);
void reel__frame_end(reel__frame *frame, reel__ending how); /* of the task that frame has taken */
bool reel__runs(reel_sched *sched, const reel_task *task, bool anywhere); /* else: on this thread */

/* ---- strand.c ---- */
pthread_mutex_t *reel__strand_lock(reel_sched *sched, const reel_strand *strand);
/* Under the strand's lock, down to release. */
int reel__strand_reserve(reel_strand *strand, unsigned mode);
void reel__strand_append(reel_strand *strand, reel_task *task, int64_t now);
void reel__strand_unlink(reel_strand *strand, reel_task *task);
void reel__strand_add_timed(reel_strand *strand, reel_task *task);
void reel__strand_remove_timed(reel_strand *strand, reel_task *task);
void reel__strand_release(reel_strand *strand, reel__frame *frame); /* one less waits */
bool reel__strand_turn(reel_strand *strand, reel__frame *frame);  /* its carrier was popped: take its first task */
bool reel__strand_claim(reel_strand *strand, reel__frame *frame); /* the same, if nobody else is at it */
void reel__strand_next(reel_strand *strand);                      /* its task has run */

/* ---- group.c ---- */
void reel__group_link(reel_group *group, reel_task *task);
void reel__group_unlink(reel_group *group, reel_task *task);
pthread_mutex_t *reel__group_lock(reel_sched *sched, const reel_group *group);

/* ---- worker.c ---- */
void *reel__worker_main(void *user);
void reel__wake_one(reel_sched *sched);
void reel__wake_all(reel_sched *sched);
void reel__appoint_keeper(reel_sched *sched); /* the first timer is another one: somebody idle has to wait for it */

/* ---- settle.c: waiting for things that are rare to wait for ---- */
void reel__settle_enter(reel_sched *sched);
void reel__settle_leave(reel_sched *sched);
uint64_t reel__settle_epoch(reel_sched *sched); /* then look whether it is so; then sleep */
void reel__settle_sleep(reel_sched *sched, uint64_t epoch, int64_t until);
void reel__settle_notify(reel_sched *sched);
/* Sleep as one who helps: a worker's timers are looked after meanwhile. */
void reel__help_sleep(reel_sched *sched, uint64_t epoch, int64_t until);

/* ---- watch.c ---- */
int reel__watch_start(reel_sched *sched);
void reel__watch_stop(reel_sched *sched);

static inline size_t reel__stripe(const void *p)
{
    uint64_t h = (uint64_t)(uintptr_t)p * 0x9e3779b97f4a7c15u;
    return (size_t)(h >> 58);
}

/* How a task ends that somebody takes to help: a scheduler that drops does not run it. */
static inline reel__ending reel__ending_now(reel_sched *sched)
{
    return atomic_load(&sched->closing) == REEL_CLOSE_DROP ? ENDING_DROP : ENDING_RUN;
}

static inline void reel__count(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

#endif
