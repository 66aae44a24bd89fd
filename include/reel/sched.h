/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/sched.h: tasks on a fixed set of threads: earliest deadline first, at a time or as soon as possible, one after
 * the other where they belong together.
 *
 *     task     a function and when it should run, in your memory: posting allocates nothing, ever
 *     strand   a queue of tasks that run one at a time, in the order in which they were posted: one for a stream. Five
 *              hundred of them need no more threads than one. May be bounded.
 *     group    some tasks as one thing: wait until all have run, and help; or cancel all of them
 *
 * Which task is next
 *   Tasks with a deadline come first, the earliest of the whole scheduler before all others; of equal deadlines the one
 *   that was posted first. Tasks without one run in about the order in which they were posted; after options.fairness
 *   tasks with a deadline one without is taken, so that none waits for ever. A strand counts as what its first task is,
 *   or as a later one with an earlier deadline. Nothing that runs is interrupted: a long task makes others late.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC, as reel_clock_now tells them. 0 means none everywhere.
 *
 * Threads: every function may be called from any thread, from tasks too, at the same time as any other; open and close
 * stand apart: nobody else may be in a call when the scheduler, the strand or the group is closed. Callbacks are called
 * with no lock held and may call everything but the close of what called them.
 *
 * fork: the child has no workers. It must neither use nor close what its parent opened; it may exec or _exit.
 */
#ifndef REEL_SCHED_H
#define REEL_SCHED_H

#include <reel/histogram.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_sched reel_sched;
typedef struct reel_task reel_task;
typedef struct reel_strand reel_strand;
typedef struct reel_group reel_group;

/* Nanoseconds of CLOCK_MONOTONIC; above 0. */
REEL_API int64_t reel_clock_now(void);
/* How many threads can really run at once: the CPUs it may use, or fewer if its control group pays for fewer. */
REEL_API unsigned reel_sched_cores(void);

/* ---- tasks ------------------------------------------------------------------------------------------------ */

typedef void reel_task_fn(reel_task *task, void *user);

/*
 * Fill what you need, leave the rest 0. From the post until run or drop is called it belongs to the scheduler: do not
 * change it, move it or let it go. Once run (or drop) is entered it is yours again, so that it may be posted anew or
 * freed from there. A task that is posted anew while it runs may begin on another thread before the first run has
 * returned; on a strand it does not. What it points at (strand, group, name) outlives it.
 */
struct reel_task {
    reel_task_fn *run;   /* called once for each post, unless it is cancelled or dropped */
    reel_task_fn *drop;  /* called instead of run when its group or strand is cancelled or cleared, or the scheduler
                            closed; may be NULL. Not called by reel_task_cancel, which tells its caller */
    void *user;
    reel_strand *strand; /* NULL: on its own */
    reel_group *group;   /* NULL: none */
    int64_t at;          /* it does not begin before; 0: as soon as possible. With at and no deadline it goes before all
                            tasks whose deadline is later than at, but cannot miss anything */
    int64_t deadline;    /* when it should be done; 0: whenever */
    int64_t budget;      /* how long it may run before the watchdog says so; 0: options.budget */
    const char *name;    /* for the watchdog; may be NULL */

    /* The scheduler's own: 0 before the first post, then left alone. */
    struct {
        void *home;
        reel_task *prev, *next, *child, *sibling, *back, *group_prev, *group_next;
        uint64_t order;
        int64_t key, inherited, since;
        uint32_t flags, reserved;
    } own;
};

enum {
    REEL_POST_WAIT = 1 << 0,  /* where the strand is full: wait for room. A worker that waits runs the strand */
    REEL_POST_FORCE = 1 << 1, /* put it in although the strand is full */
};

/*
 * Hand task over; mode is 0 or one of REEL_POST_*.
 *   REEL_OK           it will run, or be dropped
 *   REEL_END          it was posted already and has not begun; nothing was changed. It will see what you wrote before
 *   REEL_E_FULL       the strand is full (and mode is 0; or it would wait for the very task that posts)
 *   REEL_E_CANCELLED  its group or strand is cancelled or closed, the scheduler closes, or somebody waits in
 *                     reel_task_cancel for it to end
 *   REEL_E_ARG        no task, no run, a strand or group of another scheduler, or both modes
 * But for REEL_OK the task stays yours.
 */
REEL_API int reel_task_post(reel_sched *sched, reel_task *task, unsigned mode);

/*
 * Take it back. REEL_OK: it had not begun and will not. REEL_END: it was not posted, or has begun. With wait, unless
 * called from that task itself, it is not running any more either when this returns, and whoever tried to post it
 * meanwhile was refused: its memory may go. NULL: REEL_E_ARG.
 */
REEL_API int reel_task_cancel(reel_sched *sched, reel_task *task, bool wait);

/* ---- strands ---------------------------------------------------------------------------------------------- */

typedef void reel_strand_fn(reel_strand *strand, void *user);

typedef struct reel_strand_options {
    size_t sizeof_options; /* sizeof(reel_strand_options) */
    const char *name;     /* for the watchdog; lives as long as the strand; may be NULL */
    size_t capacity;      /* tasks that may wait, those for later included; 0: any number */
    size_t low;           /* room is called when no more wait than this; below capacity; 0: when none waits */
    reel_strand_fn *room; /* after a post was refused or had to wait; may be NULL */
    void *user;
} reel_strand_options;

/* In your memory, at one place from open to close. Nothing in it is for you. */
struct reel_strand {
    struct {
        reel_sched *sched;
        const char *name;
        reel_strand_fn *room;
        void *user;
        size_t capacity, low, waiting, length, calls;
        reel_task carrier;
        reel_task *head, *tail, *timed;
        reel_strand *prev, *next;
        size_t grown_from, grown_last;
        int64_t grown_since;
        uint32_t state, told_full, closed, grown_told;
    } own;
};

/* Begin to use strand, whatever was in its memory. options may be NULL. Allocates nothing. REEL_E_ARG: no sched, no
 * strand, options of size 0, low not below capacity. */
REEL_API int reel_strand_open(reel_strand *strand, reel_sched *sched, const reel_strand_options *options,
                              reel_error *err);

/* How many tasks wait in it, those for a later time included; what runs is not counted. 0 for NULL. */
REEL_API size_t reel_strand_length(const reel_strand *strand);

/* Drop all that waits in it, timed tasks too, for a seek say. What runs goes on. Gives the number dropped. */
REEL_API size_t reel_strand_clear(reel_strand *strand);

typedef enum reel_close_mode {
    REEL_CLOSE_DROP = 0,  /* what has not begun is dropped */
    REEL_CLOSE_DRAIN = 1, /* what could run runs first; only what is for a later time is dropped */
} reel_close_mode;

/*
 * No post gets in any more; then, when this returns, nothing of it runs or waits and its memory is yours. Helps while
 * it waits. NULL and a strand that is closed are allowed. REEL_E_ARG, and nothing is done, from a task of that strand.
 */
REEL_API int reel_strand_close(reel_strand *strand, reel_close_mode mode);

/* ---- groups ----------------------------------------------------------------------------------------------- */

/* In your memory, at one place while tasks of it are posted. Nothing in it is for you. */
struct reel_group {
    struct {
        reel_sched *sched;
        reel_task *head, *tail;
        size_t running;
        uint32_t cancelled, reserved;
    } own;
};

/* Begin to use group; again, to use one that was cancelled and waited for. REEL_E_ARG: no sched, no group. */
REEL_API int reel_group_open(reel_group *group, reel_sched *sched);

/*
 * Until no task of it is posted or runs: run those that can, on this thread, whether it is a worker or not, and sleep
 * when there is none. So a task may post others and wait for them, to any depth, on one worker. What the group's tasks
 * wait for themselves has to be in a group that they wait for in this way, too; and a task must not wait for what has
 * to run on its own strand after it. until (0: none): give up at that time with REEL_E_AGAIN. REEL_OK at once for an
 * empty group. NULL: REEL_E_ARG. What is running of it on this very thread is not waited for.
 */
REEL_API int reel_group_wait(reel_group *group, int64_t until);

/*
 * Drop all its tasks that have not begun, and refuse those that are posted from now on. With wait: also until those
 * that run have ended. dropped (may be NULL) gets how many this call dropped; a worker that has one in hand drops that.
 * NULL: REEL_E_ARG.
 */
REEL_API int reel_group_cancel(reel_group *group, bool wait, size_t *dropped);

/* ---- the watchdog ----------------------------------------------------------------------------------------- */

typedef enum reel_watch_kind {
    REEL_WATCH_OVER_BUDGET = 0, /* a task runs longer than its budget; once a run */
    REEL_WATCH_STARVED = 1,     /* what could run has waited longer than options.starve_limit; once a tick */
    REEL_WATCH_GROWING = 2,     /* a queue has not shrunk for options.grow_period and has grown by 8 at least; once
                                   until it shrinks */
} reel_watch_kind;

typedef struct reel_watch_event {
    reel_watch_kind kind;
    int worker;          /* that runs it, or in whose queue it waits; -1: none */
    const void *subject; /* the task; with GROWING the strand, NULL for a worker's or the common queue. Only to be
                            compared: it may be gone by now */
    char name[32];       /* its name, cut; "" without */
    int64_t elapsed;     /* ns: it has run, or waited, or the queue has grown, for so long */
    size_t length;       /* GROWING: tasks in it */
} reel_watch_event;

typedef void reel_watch_fn(void *user, const reel_watch_event *event);

/* ---- the scheduler ---------------------------------------------------------------------------------------- */

typedef struct reel_sched_options {
    size_t sizeof_options;           /* sizeof(reel_sched_options) */
    const reel_allocator *allocator; /* used by open and close alone; copied; NULL: malloc */
    unsigned workers;        /* threads; 0: reel_sched_cores(); 1024 at most */
    unsigned fairness;       /* one task without a deadline after so many with; 0: 8 */
    size_t stack_size;       /* of a worker; 0: the system's */
    const char *name;        /* of the threads: cut to 10 characters, "-0" and so on behind; NULL: "reel" */
    int (*begin)(void *user, unsigned worker); /* called first on each worker, to set its priority say; anything but
                                REEL_OK makes open fail with it. May be NULL */
    void *user;              /* for begin and watch */
    int64_t watch_interval;  /* ns between two looks of the watchdog, a thread of its own; 0: no watchdog */
    int64_t budget;          /* ns; 0: 100 ms */
    int64_t starve_limit;    /* ns; 0: 100 ms */
    int64_t grow_period;     /* ns; 0: 1 s */
    reel_watch_fn *watch;    /* called on the watchdog's thread; NULL: it only counts */
} reel_sched_options;

/*
 * Start the workers; they take no signals but those that an instruction raises (SIGBUS, SIGSEGV, SIGFPE, ...), which is
 * how a film that is cut short is noticed (REEL_SOURCE_GUARD). options may be NULL. REEL_E_NOMEM when memory or threads are out,
 * REEL_E_ARG; nothing is left behind then and *out is not written.
 */
REEL_API int reel_sched_open(const reel_sched_options *options, reel_sched **out, reel_error *err);

/*
 * End it, and set *sched to NULL: when it returns no thread of it is left. DRAIN runs what is posted and what that
 * posts in its turn, unless for a later time; DROP lets running tasks end and drops all others. Close strands before.
 * NULL and a pointer to NULL are allowed. REEL_E_ARG, and nothing is done, from one of its own tasks.
 */
REEL_API int reel_sched_close(reel_sched **sched, reel_close_mode mode);

typedef struct reel_worker_stats {
    uint64_t tasks;          /* run */
    uint64_t urgent;         /* of them with a deadline or a time */
    uint64_t steals, stolen; /* times it took from another worker's queue, and tasks it got so */
    uint64_t parks;          /* times it went to sleep */
    uint64_t missed;         /* tasks that were done after their deadline */
    uint64_t longest;        /* ns of the longest task */
    uint64_t busy;           /* ns in tasks, all together */
    uint64_t wait_sum, wait_max; /* ns from when they could run (in a strand: from their post or their time) to their
                                begin */
    uint64_t queued;         /* in its own queue now */
} reel_worker_stats;

typedef struct reel_sched_stats {
    size_t sizeof_stats;        /* in: sizeof of this */
    reel_worker_stats *workers; /* in: where to put those of each worker, or NULL; one more, after the last, for all
                                   threads that helped */
    size_t worker_room;         /* in: how many fit there */
    reel_histogram *wait;       /* in: added to it: how long tasks waited, ns; or NULL */
    reel_histogram *lateness;   /* in: added to it: how long after their `at` timed tasks began, ns; or NULL */

    unsigned worker_count;      /* threads */
    unsigned idle;              /* of them asleep now */
    reel_worker_stats total;    /* all of them, helpers included; queued: all that could run now, strands as one */
    uint64_t timed;             /* waiting for their time now */
    uint64_t next_at;           /* the earliest of those; 0: none */
    uint64_t strands;           /* open now */
    uint64_t posted, refused, waited, cancelled, dropped; /* posts that got in; found the strand full; had to wait for
                                   room; tasks taken back; dropped */
    uint64_t over_budget, starved, growing; /* what the watchdog found */
} reel_sched_stats;

/* A snapshot, at any time: each number is right for a moment of the call, not all for the same. REEL_E_ARG. */
REEL_API int reel_sched_stats_get(reel_sched *sched, reel_sched_stats *out);

#ifdef __cplusplus
}
#endif
#endif
