/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler: order, strands, stealing, back-pressure, taking back, timers, the watchdog, helping, the end in every
 * state. Faces src/frame/sched*.c; tests/sched_threads.c is the stress.
 */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <reel/sched.h>

enum { MS = 1000000, MANY = 200, STREAMS = 500 };

/* ---- help ------------------------------------------------------------------------------------------------- */

static reel_sched *open_workers(unsigned n)
{
    const reel_sched_options o = {.sizeof_options = sizeof o, .workers = n, .fairness = 4};
    reel_sched *s = NULL;
    assert_int_equal(reel_sched_open(&o, &s, NULL), REEL_OK);
    return s;
}

static void close_it(reel_sched *s)
{
    assert_int_equal(reel_sched_close(&s, REEL_CLOSE_DRAIN), REEL_OK);
    assert_null(s);
}

static size_t threads(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/task");
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

/* A joined thread may still be listed for a moment. */
static void threads_are(size_t want)
{
    for (int i = 0; i < 2000 && threads() != want; i++)
        usleep(1000);
    assert_int_equal(threads(), want);
}

static void until_int(atomic_int *what, int value)
{
    for (int i = 0; i < 20000 && atomic_load(what) != value; i++)
        usleep(500);
    assert_int_equal(atomic_load(what), value);
}

/* Keeps a worker busy until it is opened. */
typedef struct gate {
    reel_task task;
    atomic_int inside, open;
} gate;

static void gate_run(reel_task *task, void *user)
{
    gate *g = user;
    (void)task;
    atomic_store(&g->inside, 1);
    while (!atomic_load(&g->open))
        usleep(200);
    atomic_store(&g->inside, 2);
}

static void gate_close(gate *g, reel_sched *s)
{
    g->task.run = gate_run;
    g->task.user = g;
    assert_int_equal(reel_task_post(s, &g->task, 0), REEL_OK);
    until_int(&g->inside, 1);
}

static void gate_open(gate *g) { atomic_store(&g->open, 1); }

/* Notes who ran, in which order. */
typedef struct book {
    atomic_int n, dropped;
    int who[4096];
} book;

typedef struct note {
    reel_task task;
    book *book;
    int number;
    int64_t begun;
} note;

static void note_run(reel_task *task, void *user)
{
    note *n = user;
    (void)task;
    n->begun = reel_clock_now();
    int at = atomic_load(&n->book->n);
    n->book->who[at] = n->number; /* right with one worker, or on one strand */
    atomic_store(&n->book->n, at + 1);
}

static void note_drop(reel_task *task, void *user)
{
    (void)task;
    atomic_fetch_add(&((note *)user)->book->dropped, 1);
}

static note a_note(book *b, int number)
{
    note n = {.book = b, .number = number};
    n.task.run = note_run;
    n.task.drop = note_drop;
    return n;
}

static int post(reel_sched *s, note *n)
{
    n->task.user = n;
    return reel_task_post(s, &n->task, 0);
}

static void count_run(reel_task *task, void *user)
{
    (void)task;
    atomic_fetch_add((atomic_int *)user, 1);
}

static reel_sched_stats stats(reel_sched *s)
{
    reel_sched_stats st = {.sizeof_stats = sizeof st};
    assert_int_equal(reel_sched_stats_get(s, &st), REEL_OK);
    return st;
}

/* ---- order ------------------------------------------------------------------------------------------------ */

static void test_deadlines_in_order(void **state)
{
    static note notes[MANY];
    book b = {0};
    gate g = {0};
    reel_sched *s = open_workers(1);
    int64_t later = reel_clock_now() + (int64_t)1000 * MS;
    (void)state;
    gate_close(&g, s);
    for (int i = 0; i < MANY; i++) {
        int rank = i * 77 % MANY; /* 77 and 200 have no common factor */
        notes[i] = a_note(&b, rank);
        notes[i].task.deadline = later + rank / 2; /* pairs of equals: 2k and 2k + 1 */
        assert_int_equal(post(s, &notes[i]), REEL_OK);
    }
    gate_open(&g);
    close_it(s);
    assert_int_equal(b.n, MANY);
    for (int i = 0; i < MANY; i += 2) {
        int first = b.who[i], second = b.who[i + 1];
        assert_int_equal(first / 2, i / 2);
        assert_int_equal(second / 2, i / 2);
        assert_true(first * 13 % MANY < second * 13 % MANY); /* 13 undoes 77: the one posted first is first */
    }
}

static void test_deadlines_before_plain_before_later(void **state)
{
    book b = {0};
    gate g = {0};
    reel_sched *s = open_workers(1);
    note plain = a_note(&b, 3), at = a_note(&b, 1), soon = a_note(&b, 0), late = a_note(&b, 2);
    int64_t now = reel_clock_now();
    (void)state;
    gate_close(&g, s);
    soon.task.deadline = now + 10;
    at.task.at = now + 20; /* past by now, or nearly */
    late.task.deadline = now + (int64_t)1000 * MS;
    assert_int_equal(post(s, &plain), REEL_OK);
    assert_int_equal(post(s, &late), REEL_OK);
    assert_int_equal(post(s, &at), REEL_OK);
    assert_int_equal(post(s, &soon), REEL_OK);
    gate_open(&g);
    close_it(s);
    for (int i = 0; i < 4; i++)
        assert_int_equal(b.who[i], i);
}

static void test_plain_in_order(void **state)
{
    static note notes[MANY];
    book b = {0};
    reel_sched *s = open_workers(1);
    (void)state;
    for (int i = 0; i < MANY; i++) {
        notes[i] = a_note(&b, i);
        assert_int_equal(post(s, &notes[i]), REEL_OK);
    }
    close_it(s);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(b.who[i], i);
}

static void test_plain_does_not_starve(void **state)
{
    static note notes[MANY];
    book b = {0};
    gate g = {0};
    reel_sched *s = open_workers(1); /* fairness 4 */
    int turn = 0;
    (void)state;
    gate_close(&g, s);
    for (int i = 0; i < MANY; i++) {
        notes[i] = a_note(&b, i);
        notes[i].task.deadline = i < MANY / 2 ? reel_clock_now() : 0;
        assert_int_equal(post(s, &notes[i]), REEL_OK);
    }
    gate_open(&g);
    close_it(s);
    for (int i = 0; i < MANY / 2; i++) { /* after each four urgent ones one that is not */
        bool plain = b.who[i] >= MANY / 2;
        assert_int_equal(plain, turn == 4);
        turn = plain ? 0 : turn + 1;
    }
}

/* ---- strands ---------------------------------------------------------------------------------------------- */

typedef struct lane {
    reel_strand strand;
    note notes[20];
    book b;
    atomic_int inside, faults;
} lane;

static void lane_run(reel_task *task, void *user)
{
    note *n = user;
    lane *l = (lane *)(void *)task->strand;
    if (atomic_fetch_add(&l->inside, 1) != 0)
        atomic_fetch_add(&l->faults, 1);
    n->book->who[n->book->n] = n->number;
    atomic_fetch_add(&n->book->n, 1);
    sched_yield();
    atomic_fetch_sub(&l->inside, 1);
}

static void test_strand_is_a_queue(void **state)
{
    enum { LANES = 16, EACH = 20 };
    lane *lanes = calloc(LANES, sizeof *lanes);
    reel_sched *s = open_workers(4);
    (void)state;
    for (int k = 0; k < LANES; k++)
        assert_int_equal(reel_strand_open(&lanes[k].strand, s, NULL, NULL), REEL_OK);
    for (int i = 0; i < EACH; i++)
        for (int k = 0; k < LANES; k++) {
            note *n = &lanes[k].notes[i];
            *n = a_note(&lanes[k].b, i);
            n->task.run = lane_run;
            n->task.strand = &lanes[k].strand;
            n->task.deadline = k % 2 ? reel_clock_now() + (int64_t)(EACH - i) * MS : 0; /* order beats deadlines */
            assert_int_equal(post(s, n), REEL_OK);
        }
    for (int k = 0; k < LANES; k++) {
        assert_int_equal(reel_strand_close(&lanes[k].strand, REEL_CLOSE_DRAIN), REEL_OK);
        assert_int_equal(lanes[k].b.n, EACH);
        assert_int_equal(lanes[k].faults, 0);
        for (int i = 0; i < EACH; i++)
            assert_int_equal(lanes[k].b.who[i], i);
    }
    close_it(s);
    free(lanes);
}

/* What waits behind a task makes it as urgent as itself. */
static void test_strand_inherits_deadlines(void **state)
{
    book b = {0};
    gate g = {0};
    reel_strand strand;
    reel_sched *s = open_workers(1);
    note first = a_note(&b, 0), second = a_note(&b, 1), other = a_note(&b, 2);
    int64_t now = reel_clock_now();
    (void)state;
    assert_int_equal(reel_strand_open(&strand, s, NULL, NULL), REEL_OK);
    gate_close(&g, s);
    first.task.strand = second.task.strand = &strand;
    second.task.deadline = now + MS;
    other.task.deadline = now + (int64_t)500 * MS;
    assert_int_equal(post(s, &other), REEL_OK);
    assert_int_equal(post(s, &first), REEL_OK);
    assert_int_equal(reel_strand_length(&strand), 1);
    assert_int_equal(post(s, &second), REEL_OK);
    gate_open(&g);
    until_int(&b.n, 3); /* closing would help the strand */
    assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DRAIN), REEL_OK);
    close_it(s);
    for (int i = 0; i < 3; i++)
        assert_int_equal(b.who[i], i);
}

static void test_strand_clear_and_close_drop(void **state)
{
    book b = {0};
    gate g = {0};
    reel_strand strand;
    reel_sched *s = open_workers(1);
    note notes[4];
    (void)state;
    assert_int_equal(reel_strand_open(&strand, s, NULL, NULL), REEL_OK);
    gate_close(&g, s);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++) {
            notes[i] = a_note(&b, i);
            notes[i].task.strand = &strand;
            notes[i].task.at = i % 2 ? reel_clock_now() + (int64_t)100000 * MS : 0;
            assert_int_equal(post(s, &notes[i]), REEL_OK);
        }
        assert_int_equal(reel_strand_length(&strand), 4);
        if (round == 0)
            assert_int_equal(reel_strand_clear(&strand), 4);
        else
            assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DROP), REEL_OK); /* beside a busy worker */
        assert_int_equal(b.dropped, 4 * (round + 1));
    }
    assert_int_equal(stats(s).timed, 0);
    assert_int_equal(post(s, &notes[0]), REEL_E_CANCELLED);
    assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DROP), REEL_OK);
    gate_open(&g);
    close_it(s);
    assert_int_equal(b.n, 0);
}

static void close_own_strand(reel_task *task, void *user)
{
    reel_sched *s = *(reel_sched **)user;
    if (reel_strand_close(task->strand, REEL_CLOSE_DROP) == REEL_E_ARG &&
        reel_sched_close(&s, REEL_CLOSE_DROP) == REEL_E_ARG)
        *(reel_sched **)user = NULL;
}

static void test_close_from_inside_is_refused(void **state)
{
    reel_strand strand;
    reel_sched *s = open_workers(1), *told = s;
    reel_task t = {.run = close_own_strand, .user = &told, .strand = &strand};
    (void)state;
    assert_int_equal(reel_strand_open(&strand, s, NULL, NULL), REEL_OK);
    assert_int_equal(reel_task_post(s, &t, 0), REEL_OK);
    assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DRAIN), REEL_OK);
    assert_null(told);
    close_it(s);
}

/* Five hundred streams, two workers, two threads. */
static void test_many_strands_few_threads(void **state)
{
    typedef struct stream {
        reel_strand strand;
        reel_task tasks[4];
    } stream;
    stream *streams = calloc(STREAMS, sizeof *streams);
    size_t before = threads(), most = 0;
    reel_sched *s = open_workers(2);
    atomic_int n = 0;
    (void)state;
    for (int k = 0; k < STREAMS; k++) {
        assert_int_equal(reel_strand_open(&streams[k].strand, s, NULL, NULL), REEL_OK);
        for (int i = 0; i < 4; i++) {
            streams[k].tasks[i] = (reel_task){.run = count_run, .user = &n, .strand = &streams[k].strand};
            streams[k].tasks[i].at = i == 3 ? reel_clock_now() + (int64_t)5 * MS : 0;
            assert_int_equal(reel_task_post(s, &streams[k].tasks[i], 0), REEL_OK);
        }
        most = threads() > most ? threads() : most;
    }
    assert_int_equal(stats(s).strands, STREAMS);
    until_int(&n, STREAMS * 4);
    assert_true(most <= before + 2);
    for (int k = 0; k < STREAMS; k++)
        assert_int_equal(reel_strand_close(&streams[k].strand, REEL_CLOSE_DRAIN), REEL_OK);
    close_it(s);
    threads_are(before);
    free(streams);
}

/* ---- stealing --------------------------------------------------------------------------------------------- */

typedef struct hoard {
    reel_sched *sched;
    reel_task own, tasks[64];
    atomic_int n, done;
} hoard;

/* Posts all to its own queue, and does not go on before others have run them. */
static void hoard_run(reel_task *task, void *user)
{
    hoard *h = user;
    (void)task;
    for (int i = 0; i < 64; i++) {
        h->tasks[i] = (reel_task){.run = count_run, .user = &h->n};
        if (reel_task_post(h->sched, &h->tasks[i], 0) != REEL_OK)
            return;
    }
    for (int i = 0; i < 20000 && atomic_load(&h->n) < 64; i++)
        usleep(500);
    atomic_store(&h->done, atomic_load(&h->n));
}

static void test_stealing(void **state)
{
    hoard h = {.sched = open_workers(3)};
    reel_worker_stats each[4];
    reel_sched_stats st = {.sizeof_stats = sizeof st, .workers = each, .worker_room = 4};
    (void)state;
    h.own.run = hoard_run;
    h.own.user = &h;
    assert_int_equal(reel_task_post(h.sched, &h.own, 0), REEL_OK);
    until_int(&h.done, 64);
    assert_int_equal(reel_sched_stats_get(h.sched, &st), REEL_OK);
    assert_true(st.total.steals > 0);
    assert_true(st.total.stolen >= 64);
    assert_int_equal(st.posted, 65);
    assert_int_equal(each[0].stolen + each[1].stolen + each[2].stolen, st.total.stolen);
    assert_int_equal(each[3].tasks, 0);
    close_it(h.sched);
}

/* ---- back-pressure ---------------------------------------------------------------------------------------- */

typedef struct pressure {
    reel_sched *sched;
    reel_strand strand;
    atomic_int rooms, waited, n;
    reel_task tasks[8], extra;
} pressure;

static void on_room(reel_strand *strand, void *user)
{
    pressure *p = user;
    if (reel_strand_length(strand) <= 3)
        atomic_fetch_add(&p->rooms, 1);
}

static void open_pressure(pressure *p, unsigned workers)
{
    const reel_strand_options o = {.sizeof_options = sizeof o, .capacity = 3, .low = 1, .room = on_room, .user = p};
    p->sched = open_workers(workers);
    assert_int_equal(reel_strand_open(&p->strand, p->sched, &o, NULL), REEL_OK);
    for (int i = 0; i < 8; i++)
        p->tasks[i] = (reel_task){.run = count_run, .user = &p->n, .strand = &p->strand};
    p->extra = p->tasks[0];
}

static void *post_waiting(void *user)
{
    pressure *p = user;
    atomic_store(&p->waited, reel_task_post(p->sched, &p->extra, REEL_POST_WAIT) == REEL_OK ? 1 : 2);
    return NULL;
}

static void test_full(void **state)
{
    pressure p = {0};
    gate g = {0};
    pthread_t thread;
    (void)state;
    open_pressure(&p, 1);
    gate_close(&g, p.sched);
    p.tasks[2].at = reel_clock_now() + (int64_t)30 * MS; /* one for later takes a place as well */
    for (int i = 0; i < 3; i++)
        assert_int_equal(reel_task_post(p.sched, &p.tasks[i], 0), REEL_OK);
    assert_int_equal(reel_task_post(p.sched, &p.tasks[3], 0), REEL_E_FULL);
    assert_int_equal(reel_task_post(p.sched, &p.tasks[3], REEL_POST_FORCE), REEL_OK);
    assert_int_equal(reel_task_post(p.sched, &p.tasks[3], REEL_POST_FORCE), REEL_END);
    assert_int_equal(reel_task_post(p.sched, &p.tasks[4], REEL_POST_FORCE | REEL_POST_WAIT), REEL_E_ARG);
    assert_int_equal(pthread_create(&thread, NULL, post_waiting, &p), 0);
    usleep(20000);
    assert_int_equal(p.waited, 0); /* it stands in front of the door */
    gate_open(&g);
    pthread_join(thread, NULL);
    assert_int_equal(p.waited, 1);
    until_int(&p.n, 5);
    assert_true(p.rooms >= 1);
    assert_int_equal(stats(p.sched).refused, 1);
    assert_int_equal(stats(p.sched).waited, 1);
    assert_int_equal(reel_strand_close(&p.strand, REEL_CLOSE_DRAIN), REEL_OK);
    close_it(p.sched);
}

/* There is room as soon as the next one begins, not when it has ended. */
static void test_room_while_one_runs(void **state)
{
    pressure p = {0};
    gate first = {0}, second = {0};
    pthread_t thread;
    (void)state;
    open_pressure(&p, 1);
    first.task.strand = second.task.strand = &p.strand;
    gate_close(&first, p.sched);
    second.task.run = gate_run;
    second.task.user = &second;
    assert_int_equal(reel_task_post(p.sched, &second.task, 0), REEL_OK);
    assert_int_equal(reel_task_post(p.sched, &p.tasks[0], 0), REEL_OK);
    assert_int_equal(reel_task_post(p.sched, &p.tasks[1], 0), REEL_OK);
    assert_int_equal(pthread_create(&thread, NULL, post_waiting, &p), 0);
    usleep(10000);
    assert_int_equal(p.waited, 0);
    gate_open(&first);
    until_int(&p.waited, 1);
    assert_int_equal(second.inside, 1);
    pthread_join(thread, NULL);
    gate_open(&second);
    assert_int_equal(reel_strand_close(&p.strand, REEL_CLOSE_DRAIN), REEL_OK);
    assert_int_equal(p.n, 3);
    close_it(p.sched);
}

/* The strand closes while somebody waits for room. */
static void test_close_turns_waiters_away(void **state)
{
    pressure p = {0};
    gate g = {0};
    pthread_t thread;
    (void)state;
    open_pressure(&p, 1);
    gate_close(&g, p.sched);
    for (int i = 0; i < 3; i++)
        assert_int_equal(reel_task_post(p.sched, &p.tasks[i], 0), REEL_OK);
    assert_int_equal(pthread_create(&thread, NULL, post_waiting, &p), 0);
    usleep(10000);
    assert_int_equal(reel_strand_close(&p.strand, REEL_CLOSE_DRAIN), REEL_OK); /* runs the three: the worker is busy */
    pthread_join(thread, NULL);
    assert_int_equal(p.waited, 2);
    assert_int_equal(p.n, 3);
    gate_open(&g);
    close_it(p.sched);
}

static void fill_run(reel_task *task, void *user)
{
    pressure *p = user;
    bool right = true;
    (void)task;
    for (int i = 0; i < 8; i++)
        right = right && reel_task_post(p->sched, &p->tasks[i], REEL_POST_WAIT) == REEL_OK;
    atomic_store(&p->waited, right ? 1 : 2);
}

/* The only worker fills a strand that nobody else could empty. */
static void test_worker_waits_by_working(void **state)
{
    pressure p = {0};
    reel_task fill = {.run = fill_run, .user = &p};
    (void)state;
    open_pressure(&p, 1);
    assert_int_equal(reel_task_post(p.sched, &fill, 0), REEL_OK);
    until_int(&p.waited, 1);
    assert_int_equal(reel_strand_close(&p.strand, REEL_CLOSE_DRAIN), REEL_OK);
    assert_int_equal(p.n, 8);
    close_it(p.sched);
}

static void fill_self_run(reel_task *task, void *user)
{
    pressure *p = user;
    int code = REEL_OK, n = 0;
    (void)task;
    for (; n < 8 && code == REEL_OK; n++)
        code = reel_task_post(p->sched, &p->tasks[n], REEL_POST_WAIT);
    atomic_store(&p->waited, code == REEL_E_FULL && n == 4 ? 1 : 2);
}

static void test_own_strand_full(void **state)
{
    pressure p = {0};
    (void)state;
    open_pressure(&p, 1);
    p.extra.run = fill_self_run;
    p.extra.user = &p;
    assert_int_equal(reel_task_post(p.sched, &p.extra, 0), REEL_OK);
    until_int(&p.waited, 1);
    assert_int_equal(reel_strand_close(&p.strand, REEL_CLOSE_DRAIN), REEL_OK);
    close_it(p.sched);
}

/* ---- taking back ------------------------------------------------------------------------------------------ */

static void test_cancel_what_waits(void **state)
{
    book b = {0};
    gate g = {0};
    reel_strand strand;
    reel_sched *s = open_workers(1);
    note n[4] = {a_note(&b, 0), a_note(&b, 1), a_note(&b, 2), a_note(&b, 3)};
    (void)state;
    assert_int_equal(reel_strand_open(&strand, s, NULL, NULL), REEL_OK);
    gate_close(&g, s);
    n[1].task.deadline = 1;
    n[2].task.at = reel_clock_now() + (int64_t)20 * MS;
    n[3].task.strand = &strand;
    for (int wait = 0; wait < 2; wait++)
        for (int i = 0; i < 4; i++) {
            assert_int_equal(reel_task_cancel(s, &n[i].task, wait), REEL_END);
            assert_int_equal(post(s, &n[i]), REEL_OK);
            assert_int_equal(post(s, &n[i]), REEL_END);
            assert_int_equal(reel_task_cancel(s, &n[i].task, wait), REEL_OK);
        }
    gate_open(&g);
    usleep(30000);
    assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DRAIN), REEL_OK);
    assert_int_equal(stats(s).cancelled, 8);
    close_it(s);
    assert_int_equal(b.n, 0);
    assert_int_equal(b.dropped, 0);
}

typedef struct again {
    reel_sched *sched;
    reel_task task;
    atomic_int n, refused, self;
} again;

/* Posts itself for ever. */
static void again_run(reel_task *task, void *user)
{
    again *a = user;
    atomic_fetch_add(&a->n, 1);
    usleep(300);
    if (reel_task_post(a->sched, task, 0) == REEL_E_CANCELLED)
        atomic_fetch_add(&a->refused, 1);
}

static void test_cancel_what_runs(void **state)
{
    gate g = {0};
    reel_sched *s = open_workers(2);
    (void)state;
    gate_close(&g, s);
    assert_int_equal(reel_task_cancel(s, &g.task, false), REEL_END);
    assert_int_equal(g.inside, 1);
    for (int i = 0; i < 50; i++) {
        again *a = calloc(1, sizeof *a);
        a->sched = s;
        a->task = (reel_task){.run = again_run, .user = a, .at = i % 2 ? reel_clock_now() + 1000 : 0};
        assert_int_equal(reel_task_post(s, &a->task, 0), REEL_OK);
        usleep((unsigned)(i * 37 % 1000));
        assert_true(reel_task_cancel(s, &a->task, true) >= 0);
        free(a); /* nothing may touch it any more: ASan and valgrind would say so */
    }
    gate_open(&g);
    assert_int_equal(reel_task_cancel(s, &g.task, true), REEL_END);
    assert_int_equal(g.inside, 2);
    close_it(s);
}

static void cancel_self_run(reel_task *task, void *user)
{
    again *a = user;
    atomic_store(&a->self, reel_task_cancel(a->sched, task, true) == REEL_END ? 1 : 2);
}

static void test_cancel_oneself(void **state)
{
    again a = {.sched = open_workers(1)};
    (void)state;
    a.task = (reel_task){.run = cancel_self_run, .user = &a};
    assert_int_equal(reel_task_post(a.sched, &a.task, 0), REEL_OK);
    until_int(&a.self, 1);
    close_it(a.sched);
}

static void free_run(reel_task *task, void *user)
{
    atomic_int *n = user;
    free(task);
    atomic_fetch_add(n, 1);
}

/* Once run is entered the task is the caller's: it may go there. */
static void test_task_frees_itself(void **state)
{
    reel_sched *s = open_workers(2);
    atomic_int n = 0;
    (void)state;
    for (int i = 0; i < MANY; i++) {
        reel_task *t = calloc(1, sizeof *t);
        t->run = t->drop = free_run;
        t->user = &n;
        t->at = i % 3 ? 0 : reel_clock_now() + i * 1000;
        assert_int_equal(reel_task_post(s, t, 0), REEL_OK);
    }
    close_it(s);
    assert_int_equal(n, MANY);
}

/* ---- timers ----------------------------------------------------------------------------------------------- */

static void timed_run(reel_task *task, void *user)
{
    note *n = user;
    n->begun = reel_clock_now();
    if (n->begun < task->at)
        atomic_fetch_add(&n->book->dropped, 1); /* too early */
    atomic_fetch_add(&n->book->n, 1);
}

static void run_timers(unsigned workers, bool busy)
{
    static note notes[MANY];
    book b = {0};
    gate g = {0};
    reel_sched *s = open_workers(workers);
    reel_histogram *late = calloc(1, sizeof *late);
    int64_t base = reel_clock_now() + (int64_t)5 * MS;
    if (busy)
        gate_close(&g, s);
    for (int i = 0; i < MANY; i++) {
        notes[i] = a_note(&b, i);
        notes[i].task.run = timed_run;
        /* 10 ms, so near that one that is due would take the next one along. */
        notes[i].task.at = base + (int64_t)(i * 77 % MANY) * 50000 + i;
        assert_int_equal(post(s, &notes[i]), REEL_OK);
    }
    assert_true(stats(s).next_at > 0);
    until_int(&b.n, MANY);
    assert_int_equal(b.dropped, 0);
    gate_open(&g);
    reel_sched_stats st = {.sizeof_stats = sizeof st, .lateness = late};
    assert_int_equal(reel_sched_stats_get(s, &st), REEL_OK);
    assert_int_equal(reel_histogram_count(late), MANY);
    assert_int_equal(st.timed, 0);
    assert_int_equal(st.next_at, 0);
    close_it(s);
    free(late);
}

static void test_timers_never_early(void **state)
{
    (void)state;
    run_timers(1, false);
    run_timers(3, false);
    run_timers(2, true);
}

/* The keeper waits for a far timer when a near one comes; and the far one is not forgotten. */
static void test_nearer_timer(void **state)
{
    book b = {0};
    reel_sched *s = open_workers(2);
    note far_one = a_note(&b, 1), near_one = a_note(&b, 0);
    int64_t now = reel_clock_now();
    (void)state;
    far_one.task.at = now + (int64_t)400 * MS;
    near_one.task.at = now + (int64_t)30 * MS;
    assert_int_equal(post(s, &far_one), REEL_OK);
    usleep(5000);
    assert_int_equal(post(s, &near_one), REEL_OK);
    until_int(&b.n, 2);
    assert_true(near_one.begun < far_one.task.at);
    assert_true(near_one.begun >= near_one.task.at && far_one.begun >= far_one.task.at);
    close_it(s);
}

/* Worker one runs the timer's task for long; another one has to look after the next timer. */
static void test_timer_beside_a_long_one(void **state)
{
    book b = {0};
    gate g = {0};
    reel_sched *s = open_workers(2);
    note next = a_note(&b, 0);
    int64_t now = reel_clock_now();
    (void)state;
    g.task = (reel_task){.run = gate_run, .user = &g, .at = now + (int64_t)10 * MS};
    next.task.at = now + (int64_t)20 * MS;
    assert_int_equal(reel_task_post(s, &g.task, 0), REEL_OK);
    assert_int_equal(post(s, &next), REEL_OK);
    until_int(&b.n, 1);
    assert_int_equal(g.inside, 1);
    gate_open(&g);
    close_it(s);
}

/* ---- groups ----------------------------------------------------------------------------------------------- */

typedef struct tree {
    reel_sched *sched;
    reel_task task;
    reel_group *in;
    int depth;
    atomic_int *leaves;
} tree;

static int grow(reel_sched *s, int depth, atomic_int *leaves);

static void tree_run(reel_task *task, void *user)
{
    tree *t = user;
    (void)task;
    if (t->depth == 0)
        atomic_fetch_add(t->leaves, 1);
    else if (grow(t->sched, t->depth, t->leaves) != REEL_OK)
        atomic_fetch_add(t->leaves, 1000000);
}

static int grow(reel_sched *s, int depth, atomic_int *leaves)
{
    tree kids[3];
    reel_group group;
    int code = reel_group_open(&group, s);
    memset(kids, 0, sizeof kids);
    for (int i = 0; i < 3 && code == REEL_OK; i++) {
        kids[i] = (tree){.sched = s, .depth = depth - 1, .leaves = leaves};
        kids[i].task.run = tree_run;
        kids[i].task.user = &kids[i];
        kids[i].task.group = &group;
        kids[i].task.deadline = i == 1 ? 5 : 0;
        kids[i].task.at = i == 2 ? reel_clock_now() + 100000 : 0;
        code = reel_task_post(s, &kids[i].task, 0);
    }
    return code == REEL_OK ? reel_group_wait(&group, 0) : code;
}

/* Every task waits for three that it posted, one of them timed, six deep; on one worker. */
static void test_helping(void **state)
{
    (void)state;
    for (unsigned workers = 1; workers <= 3; workers++) {
        reel_sched *s = open_workers(workers);
        atomic_int leaves = 0;
        tree root = {.sched = s, .depth = 6, .leaves = &leaves};
        reel_group group;
        assert_int_equal(reel_group_open(&group, s), REEL_OK);
        assert_int_equal(reel_group_wait(&group, 0), REEL_OK);
        root.task = (reel_task){.run = tree_run, .user = &root, .group = &group};
        assert_int_equal(reel_task_post(s, &root.task, 0), REEL_OK);
        assert_int_equal(reel_group_wait(&group, 0), REEL_OK);
        assert_int_equal(leaves, 729);
        close_it(s);
    }
}

/* The workers are busy: the caller does it all. */
static void test_caller_helps(void **state)
{
    static reel_task tasks[MANY];
    reel_worker_stats each[2];
    reel_sched_stats st = {.sizeof_stats = sizeof st, .workers = each, .worker_room = 2};
    gate g = {0};
    reel_strand strand;
    reel_group group;
    atomic_int n = 0;
    reel_sched *s = open_workers(1);
    (void)state;
    gate_close(&g, s);
    assert_int_equal(reel_strand_open(&strand, s, NULL, NULL), REEL_OK);
    assert_int_equal(reel_group_open(&group, s), REEL_OK);
    for (int i = 0; i < MANY; i++) {
        tasks[i] = (reel_task){.run = count_run, .user = &n, .group = &group, .strand = i % 2 ? &strand : NULL};
        tasks[i].deadline = i % 3 ? 0 : i + 1;
        assert_int_equal(reel_task_post(s, &tasks[i], 0), REEL_OK);
    }
    assert_int_equal(reel_group_wait(&group, 0), REEL_OK);
    assert_int_equal(n, MANY);
    assert_int_equal(reel_sched_stats_get(s, &st), REEL_OK);
    assert_int_equal(each[1].tasks, MANY); /* by helpers */
    assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DRAIN), REEL_OK);
    gate_open(&g);
    close_it(s);
}

/* What stands before it in its strand runs first, whosever it is. */
static void test_help_keeps_the_order_of_strands(void **state)
{
    book b = {0};
    gate g = {0};
    reel_strand strand;
    reel_group group;
    reel_sched *s = open_workers(1);
    note first = a_note(&b, 0), second = a_note(&b, 1);
    (void)state;
    gate_close(&g, s);
    assert_int_equal(reel_strand_open(&strand, s, NULL, NULL), REEL_OK);
    assert_int_equal(reel_group_open(&group, s), REEL_OK);
    first.task.strand = second.task.strand = &strand;
    second.task.group = &group;
    assert_int_equal(post(s, &first), REEL_OK);
    assert_int_equal(post(s, &second), REEL_OK);
    assert_int_equal(reel_group_wait(&group, 0), REEL_OK);
    assert_int_equal(b.n, 2);
    assert_int_equal(b.who[0], 0);
    gate_open(&g);
    assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DRAIN), REEL_OK);
    close_it(s);
}

static void test_group_wait_gives_up(void **state)
{
    gate g = {0};
    reel_group group;
    reel_sched *s = open_workers(1);
    (void)state;
    assert_int_equal(reel_group_open(&group, s), REEL_OK);
    g.task.group = &group;
    gate_close(&g, s);
    int64_t until = reel_clock_now() + (int64_t)10 * MS;
    assert_int_equal(reel_group_wait(&group, until), REEL_E_AGAIN);
    assert_true(reel_clock_now() >= until);
    gate_open(&g);
    assert_int_equal(reel_group_wait(&group, 0), REEL_OK);
    assert_int_equal(g.inside, 2);
    close_it(s);
}

static void test_group_cancel(void **state)
{
    note notes[6];
    book b = {0};
    gate g = {0}, in = {0};
    reel_strand strand;
    reel_group group;
    size_t dropped = 0;
    reel_sched *s = open_workers(2);
    (void)state;
    assert_int_equal(reel_strand_open(&strand, s, NULL, NULL), REEL_OK);
    assert_int_equal(reel_group_open(&group, s), REEL_OK);
    gate_close(&g, s);
    in.task.group = &group;
    gate_close(&in, s);
    for (int i = 0; i < 6; i++) {
        notes[i] = a_note(&b, i);
        notes[i].task.group = i < 5 ? &group : NULL;
        notes[i].task.strand = i % 2 ? &strand : NULL;
        notes[i].task.at = i == 2 || i == 3 ? reel_clock_now() + (int64_t)100000 * MS : 0;
        notes[i].task.deadline = i == 4;
        assert_int_equal(post(s, &notes[i]), REEL_OK);
    }
    assert_int_equal(reel_group_cancel(&group, false, &dropped), REEL_OK);
    assert_int_equal(dropped, 5);
    assert_int_equal(b.dropped, 5);
    assert_int_equal(post(s, &notes[0]), REEL_E_CANCELLED);
    gate_open(&in);
    assert_int_equal(reel_group_cancel(&group, true, NULL), REEL_OK); /* waits for the one that runs */
    assert_int_equal(in.inside, 2);
    assert_int_equal(reel_group_open(&group, s), REEL_OK);
    notes[0].task.group = &group;
    assert_int_equal(post(s, &notes[0]), REEL_OK); /* as new */
    assert_int_equal(reel_group_wait(&group, 0), REEL_OK);
    gate_open(&g);
    assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DRAIN), REEL_OK);
    close_it(s);
    assert_int_equal(b.n, 2);
}

/* ---- the watchdog ----------------------------------------------------------------------------------------- */

typedef struct found {
    atomic_int n[3];
    reel_watch_event last[3];
    const void *ignored; /* on a busy machine others may starve, too */
} found;

static void on_watch(void *user, const reel_watch_event *e)
{
    found *f = user;
    if (f->ignored && e->subject == f->ignored)
        return;
    f->last[e->kind] = *e;
    atomic_fetch_add(&f->n[e->kind], 1);
}

static void wait_for(found *f, reel_watch_kind kind)
{
    for (int i = 0; i < 10000 && !atomic_load(&f->n[kind]); i++)
        usleep(1000);
    assert_true(atomic_load(&f->n[kind]) > 0);
}

static reel_sched *open_watched(found *f)
{
    const reel_sched_options o = {.sizeof_options = sizeof o, .workers = 1, .user = f, .watch = on_watch,
        .watch_interval = 2 * MS, .budget = 60000 * (int64_t)MS, .starve_limit = 60000 * (int64_t)MS,
        .grow_period = 20 * MS};
    reel_sched *s = NULL;
    assert_int_equal(reel_sched_open(&o, &s, NULL), REEL_OK);
    return s;
}

static void test_watch_budget(void **state)
{
    found f = {0};
    gate g = {0};
    size_t before = threads();
    reel_sched *s = open_watched(&f);
    (void)state;
    assert_int_equal(threads(), before + 2);
    g.task.budget = 5 * MS;
    g.task.name = "a decoder that never comes to an end";
    gate_close(&g, s);
    wait_for(&f, REEL_WATCH_OVER_BUDGET);
    usleep(20000);
    assert_int_equal(f.n[REEL_WATCH_OVER_BUDGET], 1); /* once a run */
    assert_ptr_equal(f.last[0].subject, &g.task);
    assert_int_equal(f.last[0].worker, 0);
    assert_string_equal(f.last[0].name, "a decoder that never comes to a");
    assert_true(f.last[0].elapsed > 5 * MS);
    assert_int_equal(stats(s).over_budget, 1);
    gate_open(&g);
    close_it(s);
    assert_int_equal(f.n[REEL_WATCH_STARVED] + f.n[REEL_WATCH_GROWING], 0);
}

static void test_watch_starved(void **state)
{
    found f = {0};
    gate g = {0};
    atomic_int n = 0;
    const reel_sched_options o = {.sizeof_options = sizeof o, .workers = 1, .user = &f, .watch = on_watch,
        .watch_interval = 2 * MS, .budget = 60000 * (int64_t)MS, .starve_limit = 10 * MS};
    reel_task t = {.run = count_run, .user = &n, .deadline = 1, .name = "hungry"};
    reel_sched *s = NULL;
    (void)state;
    f.ignored = &g.task;
    assert_int_equal(reel_sched_open(&o, &s, NULL), REEL_OK);
    gate_close(&g, s);
    assert_int_equal(reel_task_post(s, &t, 0), REEL_OK);
    wait_for(&f, REEL_WATCH_STARVED);
    gate_open(&g);
    until_int(&n, 1);
    assert_ptr_equal(f.last[1].subject, &t);
    assert_string_equal(f.last[1].name, "hungry");
    close_it(s);
}

static void test_watch_growing(void **state)
{
    static reel_task tasks[4000];
    found f = {0};
    gate g = {0};
    atomic_int n = 0;
    reel_strand strand;
    const reel_strand_options o = {.sizeof_options = sizeof o, .name = "stream 7"};
    reel_sched *s = open_watched(&f);
    int posted = 0;
    (void)state;
    assert_int_equal(reel_strand_open(&strand, s, &o, NULL), REEL_OK);
    gate_close(&g, s);
    for (; posted < 4000 && !atomic_load(&f.n[REEL_WATCH_GROWING]); posted++) {
        tasks[posted] = (reel_task){.run = count_run, .user = &n, .strand = &strand};
        assert_int_equal(reel_task_post(s, &tasks[posted], 0), REEL_OK);
        usleep(1000);
    }
    gate_open(&g);
    until_int(&n, posted);
    assert_true(f.n[REEL_WATCH_GROWING] > 0);
    assert_ptr_equal(f.last[2].subject, &strand);
    assert_string_equal(f.last[2].name, "stream 7");
    assert_true(f.last[2].length >= 8 && f.last[2].elapsed >= 20 * MS);
    assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DRAIN), REEL_OK);
    close_it(s);
}

/* ---- beginning and end ------------------------------------------------------------------------------------ */

typedef struct purse {
    int left, held;
} purse;

static void *purse_resize(void *user, void *p, size_t n)
{
    purse *c = user;
    if (n == 0) {
        c->held--;
        free(p);
        return NULL;
    }
    if (c->left-- <= 0)
        return NULL;
    c->held++;
    return realloc(p, n);
}

static void test_memory_out_at_each_step(void **state)
{
    purse c = {0};
    const reel_allocator a = {purse_resize, &c};
    const reel_sched_options o = {.sizeof_options = sizeof o, .workers = 2, .allocator = &a, .watch_interval = MS};
    int steps = 0;
    reel_sched *s = NULL;
    reel_error err;
    size_t before = threads();
    (void)state;
    for (; !s; steps++) {
        c.left = steps;
        int code = reel_sched_open(&o, &s, &err);
        assert_int_equal(code, s ? REEL_OK : REEL_E_NOMEM);
        assert_true(s || (c.held == 0 && err.code == REEL_E_NOMEM));
    }
    assert_int_equal(steps, 3);
    book b = {0};
    note n = a_note(&b, 0);
    c.left = 0;
    for (int i = 1; i <= MANY; i++) { /* nothing is taken any more */
        n.task.at = i % 2 ? reel_clock_now() + 1000 : 0;
        assert_int_equal(post(s, &n), REEL_OK);
        until_int(&b.n, i);
    }
    assert_int_equal(c.held, 2);
    close_it(s);
    assert_int_equal(c.held, 0);
    threads_are(before);
}

static int fail_third(void *user, unsigned worker)
{
    atomic_fetch_add((atomic_int *)user, 1);
    return worker == 2 ? REEL_E_IO : REEL_OK;
}

static void test_threads_out(void **state)
{
    atomic_int begun = 0;
    size_t before = threads();
    reel_sched_options o = {.sizeof_options = sizeof o, .workers = 5, .begin = fail_third, .user = &begun};
    reel_sched *s = NULL;
    reel_error err;
    (void)state;
    assert_int_equal(reel_sched_open(&o, &s, &err), REEL_E_IO);
    assert_null(s);
    assert_int_equal(begun, 3);
    threads_are(before);
    o.begin = NULL;
    o.stack_size = SIZE_MAX / 4;
    assert_int_equal(reel_sched_open(&o, &s, &err), REEL_E_NOMEM);
    assert_string_equal(err.text, "a thread of the scheduler could not begin");
    threads_are(before);
}

static void chain_run(reel_task *task, void *user)
{
    again *a = user;
    usleep(500); /* the end comes in the middle */
    if (atomic_fetch_add(&a->n, 1) < 20)
        reel_task_post(a->sched, task, 0);
}

static void test_end_of_idle(void **state)
{
    size_t before = threads();
    (void)state;
    for (int i = 0; i < 20; i++) {
        reel_sched *s = open_workers(3);
        if (i % 4 == 3)
            usleep(3000); /* all asleep */
        assert_int_equal(reel_sched_close(&s, i % 2 ? REEL_CLOSE_DRAIN : REEL_CLOSE_DROP), REEL_OK);
        assert_null(s);
    }
    threads_are(before);
    assert_int_equal(reel_sched_close(NULL, REEL_CLOSE_DROP), REEL_OK);
}

static void *close_dropping(void *user)
{
    reel_sched *s = user;
    return (void *)(intptr_t)reel_sched_close(&s, REEL_CLOSE_DROP);
}

/* Runs until no post gets in any more. */
static void until_closing_run(reel_task *task, void *user)
{
    again *a = user;
    reel_task probe = {.run = count_run, .user = &a->refused, .at = reel_clock_now() + (int64_t)100000 * MS};
    (void)task;
    atomic_store(&a->n, 1);
    while (reel_task_post(a->sched, &probe, 0) == REEL_OK) {
        reel_task_cancel(a->sched, &probe, true);
        usleep(300);
    }
    atomic_store(&a->n, 2);
}

/* One runs, some wait, one is for later: dropping leaves the first alone. */
static void test_end_by_dropping(void **state)
{
    note notes[10];
    book b = {0};
    pthread_t thread;
    void *code;
    size_t before = threads();
    reel_sched *s = open_workers(1);
    again a = {.sched = s, .task = {.run = until_closing_run, .user = &a}};
    (void)state;
    assert_int_equal(reel_task_post(s, &a.task, 0), REEL_OK);
    until_int(&a.n, 1);
    for (int i = 0; i < 10; i++) {
        notes[i] = a_note(&b, i);
        notes[i].task.at = i == 3 ? reel_clock_now() + (int64_t)100000 * MS : 0;
        notes[i].task.deadline = i % 2;
        assert_int_equal(post(s, &notes[i]), REEL_OK);
    }
    assert_int_equal(pthread_create(&thread, NULL, close_dropping, s), 0);
    pthread_join(thread, &code);
    assert_int_equal((intptr_t)code, REEL_OK);
    assert_int_equal(a.n, 2);
    assert_int_equal(b.n, 0);
    assert_int_equal(b.dropped, 10);
    threads_are(before);
}

static void test_end_by_draining(void **state)
{
    note later_one;
    book b = {0};
    again a = {.sched = open_workers(2)};
    size_t with = threads();
    (void)state;
    later_one = a_note(&b, 0);
    later_one.task.at = reel_clock_now() + (int64_t)100000 * MS;
    a.task = (reel_task){.run = chain_run, .user = &a};
    assert_int_equal(post(a.sched, &later_one), REEL_OK);
    assert_int_equal(reel_task_post(a.sched, &a.task, 0), REEL_OK);
    reel_sched *s = a.sched;
    assert_int_equal(reel_sched_close(&s, REEL_CLOSE_DRAIN), REEL_OK);
    assert_int_equal(a.n, 21); /* what it posted ran too */
    assert_int_equal(b.dropped, 1);
    threads_are(with - 2);
}

/* A task waits for its children when the scheduler is told to drop: they are, and it comes back. */
static void parent_run(reel_task *task, void *user)
{
    again *a = user;
    reel_group group;
    reel_task kids[4];
    (void)task;
    reel_group_open(&group, a->sched);
    memset(kids, 0, sizeof kids);
    for (int i = 0; i < 4; i++) {
        kids[i] = (reel_task){.run = count_run, .user = &a->refused, .group = &group};
        kids[i].at = reel_clock_now() + (int64_t)100000 * MS;
        reel_task_post(a->sched, &kids[i], 0);
    }
    atomic_store(&a->n, 1);
    if (reel_group_wait(&group, 0) == REEL_OK)
        atomic_store(&a->self, 1);
}

static void test_end_while_a_task_waits(void **state)
{
    again a = {.sched = open_workers(1)};
    (void)state;
    a.task = (reel_task){.run = parent_run, .user = &a};
    assert_int_equal(reel_task_post(a.sched, &a.task, 0), REEL_OK);
    until_int(&a.n, 1);
    usleep(2000);
    assert_int_equal(reel_sched_close(&a.sched, REEL_CLOSE_DROP), REEL_OK);
    assert_int_equal(a.self, 1);
    assert_int_equal(a.refused, 0);
}

/* ---- calls that are wrong, numbers that are asked for ----------------------------------------------------- */

static void test_wrong_calls(void **state)
{
    reel_sched *s = open_workers(1), *other = open_workers(1), *none = NULL;
    reel_sched_options o = {.workers = 1};
    reel_strand strand = {0};
    reel_group group = {0};
    atomic_int n = 0;
    reel_task t = {0};
    reel_sched_stats st = {0};
    (void)state;
    assert_int_equal(reel_sched_open(NULL, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_sched_open(&o, &none, NULL), REEL_E_ARG);
    o = (reel_sched_options){.sizeof_options = sizeof o, .workers = 5000};
    assert_int_equal(reel_sched_open(&o, &none, NULL), REEL_E_ARG);
    for (size_t size = 1; size < sizeof o; size += 7) {
        const reel_sched_options small = {.sizeof_options = size};
        const reel_strand_options smaller = {.sizeof_options = size < sizeof so ? size : 1};
        assert_int_equal(reel_sched_open(&small, &none, NULL), REEL_E_ARG);
        assert_int_equal(reel_strand_open(&strand, s, &smaller, NULL), REEL_E_ARG);
    }
    assert_int_equal(reel_task_post(s, &t, 0), REEL_E_ARG);
    assert_int_equal(reel_task_post(s, NULL, 0), REEL_E_ARG);
    t.run = count_run;
    t.user = &n;
    assert_int_equal(reel_task_post(NULL, &t, 0), REEL_E_ARG);
    assert_int_equal(reel_task_cancel(s, NULL, true), REEL_E_ARG);
    assert_int_equal(reel_strand_open(&strand, NULL, NULL, NULL), REEL_E_ARG);
    reel_strand_options so = {.sizeof_options = sizeof so, .capacity = 2, .low = 2};
    assert_int_equal(reel_strand_open(&strand, s, &so, NULL), REEL_E_ARG);
    assert_int_equal(reel_strand_open(&strand, other, NULL, NULL), REEL_OK);
    t.strand = &strand;
    assert_int_equal(reel_task_post(s, &t, 0), REEL_E_ARG);
    assert_int_equal(reel_strand_close(&strand, REEL_CLOSE_DROP), REEL_OK);
    assert_int_equal(reel_strand_close(NULL, REEL_CLOSE_DROP), REEL_OK);
    assert_int_equal(reel_strand_length(NULL), 0);
    t.strand = NULL;
    t.group = &group;
    assert_int_equal(reel_task_post(s, &t, 0), REEL_E_ARG);
    assert_int_equal(reel_group_wait(&group, 0), REEL_E_ARG);
    assert_int_equal(reel_group_open(NULL, s), REEL_E_ARG);
    assert_int_equal(reel_group_cancel(NULL, true, NULL), REEL_E_ARG);
    assert_int_equal(reel_sched_stats_get(s, &st), REEL_E_ARG);
    assert_int_equal(n, 0);
    close_it(s);
    close_it(other);
}

/* A process that is held to one CPU needs one worker, however many the machine has. */
static void test_cores_by_affinity(void **state)
{
    cpu_set_t may, one;
    int cpu = 0;
    (void)state;
    assert_true(reel_sched_cores() >= 1);
    if (sched_getaffinity(0, sizeof may, &may) != 0)
        skip();
    while (!CPU_ISSET(cpu, &may))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(reel_sched_cores(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof may, &may), 0);
}

static void test_stats(void **state)
{
    reel_histogram *wait = calloc(1, sizeof *wait);
    reel_sched_stats st = {.sizeof_stats = sizeof st, .wait = wait};
    book b = {0};
    gate g = {0};
    reel_sched *s = open_workers(1);
    note late = a_note(&b, 0), plain = a_note(&b, 1);
    (void)state;
    gate_close(&g, s);
    late.task.deadline = 1;
    assert_int_equal(post(s, &late), REEL_OK);
    assert_int_equal(post(s, &plain), REEL_OK);
    assert_int_equal(stats(s).total.queued, 2);
    usleep(5000);
    gate_open(&g);
    until_int(&b.n, 2);
    while (stats(s).idle == 0)
        usleep(500);
    assert_int_equal(reel_sched_stats_get(s, &st), REEL_OK);
    assert_int_equal(st.worker_count, 1);
    assert_int_equal(st.total.tasks, 3);
    assert_int_equal(st.total.urgent, 1);
    assert_int_equal(st.total.missed, 1);
    assert_int_equal(st.posted, 3);
    assert_true(st.total.parks > 0);
    assert_true(st.total.longest >= 5 * MS && st.total.busy >= st.total.longest);
    assert_true(st.total.wait_max >= 4 * MS && st.total.wait_sum >= 2 * st.total.wait_max - MS);
    assert_int_equal(reel_histogram_count(wait), 3);
    free(wait);
    close_it(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlines_in_order), cmocka_unit_test(test_deadlines_before_plain_before_later),
        cmocka_unit_test(test_plain_in_order), cmocka_unit_test(test_plain_does_not_starve),
        cmocka_unit_test(test_strand_is_a_queue), cmocka_unit_test(test_strand_inherits_deadlines),
        cmocka_unit_test(test_strand_clear_and_close_drop), cmocka_unit_test(test_close_from_inside_is_refused),
        cmocka_unit_test(test_many_strands_few_threads), cmocka_unit_test(test_stealing),
        cmocka_unit_test(test_full), cmocka_unit_test(test_room_while_one_runs),
        cmocka_unit_test(test_close_turns_waiters_away),
        cmocka_unit_test(test_worker_waits_by_working), cmocka_unit_test(test_own_strand_full),
        cmocka_unit_test(test_cancel_what_waits), cmocka_unit_test(test_cancel_what_runs),
        cmocka_unit_test(test_cancel_oneself), cmocka_unit_test(test_task_frees_itself),
        cmocka_unit_test(test_timers_never_early), cmocka_unit_test(test_nearer_timer),
        cmocka_unit_test(test_timer_beside_a_long_one), cmocka_unit_test(test_helping),
        cmocka_unit_test(test_caller_helps), cmocka_unit_test(test_help_keeps_the_order_of_strands),
        cmocka_unit_test(test_group_wait_gives_up),
        cmocka_unit_test(test_group_cancel), cmocka_unit_test(test_watch_budget),
        cmocka_unit_test(test_watch_starved), cmocka_unit_test(test_watch_growing),
        cmocka_unit_test(test_memory_out_at_each_step), cmocka_unit_test(test_threads_out),
        cmocka_unit_test(test_end_of_idle), cmocka_unit_test(test_end_by_dropping),
        cmocka_unit_test(test_end_by_draining), cmocka_unit_test(test_end_while_a_task_waits),
        cmocka_unit_test(test_wrong_calls), cmocka_unit_test(test_cores_by_affinity), cmocka_unit_test(test_stats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
