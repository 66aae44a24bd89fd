/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sched: the task scheduler beside what one writes without it: a pool of threads around one queue with a mutex and a
 * condition, a thread for each stream, a thread that sleeps by clock_nanosleep. All of them take their tasks through
 * links in the tasks, so that no allocator is measured.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <reel/sched.h>

#include "engine.h"
#include "sched_peers.h"

enum { BURST = 200000, CHAIN = 1000000, PINGS = 3000, STREAMS = 500, EACH = 100, TICKS = 25, FRAMES = 120 };
enum { MS = 1000000, WORK = 20000, FRAME = 16666667 }; /* ns */

static unsigned cores;

static double seconds_since(int64_t from) { return (double)(reel_clock_now() - from) / 1e9; }

static void until_count(atomic_int *n, int want)
{
    while (atomic_load(n) < want)
        usleep(200);
}

static reel_sched *open_sched(void)
{
    const reel_sched_options o = {.sizeof_options = sizeof o, .workers = cores};
    reel_sched *s = NULL;
    if (reel_sched_open(&o, &s, NULL) != REEL_OK)
        die("no scheduler", NULL);
    return s;
}

/* ---- how many ---------------------------------------------------------------------------------------------- */

static void count_task(reel_task *task, void *user)
{
    (void)task;
    atomic_fetch_add_explicit((atomic_int *)user, 1, memory_order_relaxed);
}

static void count_job(pool_job *job)
{
    atomic_fetch_add_explicit((atomic_int *)job->user, 1, memory_order_relaxed);
}

static double burst_reel(void)
{
    reel_sched *s = open_sched();
    reel_task *tasks = calloc(BURST, sizeof *tasks);
    atomic_int n = 0;
    for (int i = 0; i < BURST; i++)
        tasks[i] = (reel_task){.run = count_task, .user = &n};
    int64_t from = reel_clock_now();
    for (int i = 0; i < BURST; i++)
        if (reel_task_post(s, &tasks[i], 0) != REEL_OK)
            die("a post failed", NULL);
    reel_sched_close(&s, REEL_CLOSE_DRAIN);
    double rate = BURST / seconds_since(from);
    report_check(n == BURST, "each task ran once");
    free(tasks);
    return rate;
}

static double burst_pool(void)
{
    pool *p = pool_open(cores);
    pool_job *jobs = calloc(BURST, sizeof *jobs);
    atomic_int n = 0;
    for (int i = 0; i < BURST; i++)
        jobs[i] = (pool_job){.run = count_job, .user = &n};
    int64_t from = reel_clock_now();
    for (int i = 0; i < BURST; i++)
        pool_post(p, &jobs[i]);
    pool_close(p);
    double rate = BURST / seconds_since(from);
    report_check(n == BURST, "each job of the pool ran once");
    free(jobs);
    return rate;
}

/* Tasks that post themselves: no thread outside is in the way. */
typedef struct chain {
    reel_task task;
    pool_job job;
    reel_sched *sched;
    pool *pool;
    int left;
    atomic_int *ended;
} chain;

static void chain_task(reel_task *task, void *user)
{
    chain *c = user;
    if (--c->left > 0)
        reel_task_post(c->sched, task, 0);
    else
        atomic_fetch_add(c->ended, 1);
}

static void chain_job(pool_job *job)
{
    chain *c = job->user;
    if (--c->left > 0)
        pool_post(c->pool, job);
    else
        atomic_fetch_add(c->ended, 1);
}

/* Tasks a second; and the CPU time of one, which others on the machine disturb less. */
static double chains(bool reel, double *each)
{
    enum { CHAINS = 64 };
    atomic_int ended = 0;
    chain *all = calloc(CHAINS, sizeof *all);
    reel_sched *s = reel ? open_sched() : NULL;
    pool *p = reel ? NULL : pool_open(cores);
    double cpu = cpu_ns();
    int64_t from = reel_clock_now();
    for (int i = 0; i < CHAINS; i++) {
        chain *c = &all[i];
        *c = (chain){.task = {.run = chain_task, .user = c}, .job = {.run = chain_job, .user = c}, .sched = s,
            .pool = p, .left = CHAIN / CHAINS, .ended = &ended};
        if (reel)
            reel_task_post(s, &c->task, 0);
        else
            pool_post(p, &c->job);
    }
    until_count(&ended, CHAINS);
    double rate = CHAIN / seconds_since(from);
    *each = (cpu_ns() - cpu) / CHAIN;
    reel_sched_close(&s, REEL_CLOSE_DRAIN);
    if (p)
        pool_close(p);
    free(all);
    return rate;
}

/* ---- how soon ---------------------------------------------------------------------------------------------- */

typedef struct ping {
    int64_t posted, begun;
    atomic_int done;
} ping;

static void ping_task(reel_task *task, void *user)
{
    ping *p = user;
    (void)task;
    p->begun = reel_clock_now();
    atomic_store(&p->done, 1);
}

static void ping_job(pool_job *job) { ping_task(NULL, job->user); }

/* All workers asleep, one task: from the post to its begin. */
static void pings(bool reel, times *t)
{
    reel_sched *s = reel ? open_sched() : NULL;
    pool *other = reel ? NULL : pool_open(cores);
    for (int i = 0; i < PINGS; i++) {
        ping p = {0};
        reel_task task = {.run = ping_task, .user = &p};
        pool_job job = {.run = ping_job, .user = &p};
        usleep(100);
        p.posted = reel_clock_now();
        if (reel)
            reel_task_post(s, &task, 0);
        else
            pool_post(other, &job);
        while (!atomic_load(&p.done))
            usleep(20);
        times_add(t, (double)(p.begun - p.posted) / 1000);
        if (reel)
            reel_task_cancel(s, &task, true);
        else
            usleep(20);
    }
    reel_sched_close(&s, REEL_CLOSE_DRAIN);
    if (other)
        pool_close(other);
}

/* ---- five hundred streams ---------------------------------------------------------------------------------- */

typedef struct stream {
    reel_strand strand;
    reel_task tasks[EACH];
} stream;

static double streams_reel(void)
{
    reel_sched *s = open_sched();
    stream *all = calloc(STREAMS, sizeof *all);
    atomic_int n = 0;
    int64_t from = reel_clock_now();
    for (int k = 0; k < STREAMS; k++)
        if (reel_strand_open(&all[k].strand, s, NULL, NULL) != REEL_OK)
            die("no strand", NULL);
    for (int i = 0; i < EACH; i++)
        for (int k = 0; k < STREAMS; k++) {
            all[k].tasks[i] = (reel_task){.run = count_task, .user = &n, .strand = &all[k].strand};
            reel_task_post(s, &all[k].tasks[i], 0);
        }
    for (int k = 0; k < STREAMS; k++)
        reel_strand_close(&all[k].strand, REEL_CLOSE_DRAIN);
    double rate = STREAMS * EACH / seconds_since(from);
    report_check(n == STREAMS * EACH, "each task of each stream ran once");
    reel_sched_close(&s, REEL_CLOSE_DRAIN);
    free(all);
    return rate;
}

static double streams_threads(void)
{
    pool **all = calloc(STREAMS, sizeof *all);
    pool_job *jobs = calloc((size_t)STREAMS * EACH, sizeof *jobs);
    atomic_int n = 0;
    int64_t from = reel_clock_now();
    for (int k = 0; k < STREAMS; k++)
        all[k] = pool_open(1);
    for (int i = 0; i < EACH; i++)
        for (int k = 0; k < STREAMS; k++) {
            pool_job *job = &jobs[i * STREAMS + k];
            *job = (pool_job){.run = count_job, .user = &n};
            pool_post(all[k], job);
        }
    for (int k = 0; k < STREAMS; k++)
        pool_close(all[k]);
    double rate = STREAMS * EACH / seconds_since(from);
    report_check(n == STREAMS * EACH, "each job of each thread ran once");
    free(jobs);
    free(all);
    return rate;
}

/* A task that posts itself for its next time: what a player does. */
typedef struct pacer {
    reel_strand strand;
    reel_sched *sched;
    reel_task task;
    int64_t period, work;
    int ticks;
    atomic_int n;
    double late[256]; /* us */
} pacer;

static void pacer_tick(reel_task *task, void *user)
{
    pacer *p = user;
    int i = atomic_load(&p->n);
    p->late[i] = (double)(reel_clock_now() - task->at) / 1000;
    spin_ns(p->work);
    task->at += p->period;
    if (i + 1 < p->ticks)
        reel_task_post(p->sched, task, 0);
    atomic_store(&p->n, i + 1);
}

static void pacer_start(pacer *p, reel_sched *s, int64_t at, int64_t period, int ticks, int64_t work)
{
    *p = (pacer){.sched = s, .period = period, .work = work, .ticks = ticks};
    if (reel_strand_open(&p->strand, s, NULL, NULL) != REEL_OK)
        die("no strand", NULL);
    p->task = (reel_task){.run = pacer_tick, .user = p, .strand = &p->strand, .at = at};
    reel_task_post(s, &p->task, 0);
}

static void pacer_end(pacer *p, times *t)
{
    until_count(&p->n, p->ticks);
    reel_strand_close(&p->strand, REEL_CLOSE_DRAIN);
    for (int i = 0; i < p->ticks; i++) {
        times_add(t, p->late[i]);
        report_check(p->late[i] >= 0, "no task begins before its time");
    }
}

/* Each stream ticks 25 times a second, spread over the 40 ms, and works 20 us a tick: a quarter of one core. */
static void pace_reel(times *t)
{
    reel_sched *s = open_sched();
    pacer *all = calloc(STREAMS, sizeof *all);
    int64_t begin = reel_clock_now() + (int64_t)50 * MS;
    for (int k = 0; k < STREAMS; k++)
        pacer_start(&all[k], s, begin + (int64_t)k * 40 * MS / STREAMS, (int64_t)40 * MS, TICKS, WORK);
    for (int k = 0; k < STREAMS; k++)
        pacer_end(&all[k], t);
    reel_sched_close(&s, REEL_CLOSE_DRAIN);
    free(all);
}

static void pace_threads(times *t)
{
    sleeper *all = calloc(STREAMS, sizeof *all);
    int64_t begin = reel_clock_now() + (int64_t)50 * MS;
    for (int k = 0; k < STREAMS; k++)
        sleeper_start(&all[k], begin + (int64_t)k * 40 * MS / STREAMS, (int64_t)40 * MS, TICKS, WORK);
    for (int k = 0; k < STREAMS; k++)
        sleeper_join(&all[k], t);
    free(all);
}

/* ---- timers beside hogs ------------------------------------------------------------------------------------ */

static atomic_bool hogs_end;

static void *hog(void *user)
{
    while (!atomic_load(&hogs_end))
        spin_ns(MS);
    return user;
}

static void beside_hogs(void (*measure)(times *), times *t)
{
    pthread_t *hogs = calloc(cores, sizeof *hogs);
    atomic_store(&hogs_end, false);
    for (unsigned i = 0; i < cores; i++)
        if (pthread_create(&hogs[i], NULL, hog, NULL) != 0)
            die("no hog", NULL);
    measure(t);
    atomic_store(&hogs_end, true);
    for (unsigned i = 0; i < cores; i++)
        pthread_join(hogs[i], NULL);
    free(hogs);
}

/* Sixty frames a second for two seconds. */
static void frames_reel(times *t)
{
    static pacer p;
    reel_sched *s = open_sched();
    pacer_start(&p, s, reel_clock_now() + (int64_t)20 * MS, FRAME, FRAMES, 0);
    pacer_end(&p, t);
    reel_sched_close(&s, REEL_CLOSE_DRAIN);
}

static void frames_thread(times *t)
{
    static sleeper p;
    sleeper_start(&p, reel_clock_now() + (int64_t)20 * MS, FRAME, FRAMES, 0);
    sleeper_join(&p, t);
}

/* ---- the rows ---------------------------------------------------------------------------------------------- */

static void row_of(const char *what, const char *unit, double reel, const char *peer, double value, bool more)
{
    report_row(&(row){what, unit, reel, peer, value, more, 0, 0});
}

static void rows_of(const char *median, const char *tail, times *reel, const char *peer, times *other)
{
    row_of(median, "us", times_at(reel, 0.5), peer, times_at(other, 0.5), false);
    row_of(tail, "us", times_at(reel, 0.99), peer, times_at(other, 0.99), false);
    times_free(reel);
    times_free(other);
}

void topic_sched(void)
{
    times a = {0}, b = {0};
    cores = reel_sched_cores();
    report_note("sched: %u workers in reel's and in the pool; timers: never early, or the row fails", cores);
    report_note("sched: the peers' sleeps have the kernel's slack of 50 us, reel's workers have none");
    row_of("empty tasks, posted by one thread", "tasks/s", burst_reel(), "mutex+condition", burst_pool(), true);
    double cpu[2], rate = chains(true, &cpu[0]), other = chains(false, &cpu[1]);
    row_of("empty tasks, posted by tasks", "tasks/s", rate, "mutex+condition", other, true);
    row_of("empty tasks, posted by tasks, CPU", "ns a task", cpu[0], "mutex+condition", cpu[1], false);
    pings(true, &a);
    pings(false, &b);
    rows_of("post to run, all asleep, median", "post to run, all asleep, p99", &a, "mutex+condition", &b);
    row_of("500 streams, tasks in order", "tasks/s", streams_reel(), "thread each", streams_threads(), true);
    pace_reel(&a);
    pace_threads(&b);
    rows_of("500 streams of 25 fps, late, median", "500 streams of 25 fps, late, p99", &a, "thread each", &b);
    beside_hogs(frames_reel, &a);
    beside_hogs(frames_thread, &b);
    rows_of("60 fps beside hogs, late, median", "60 fps beside hogs, late, p99", &a, "clock_nanosleep", &b);
}
