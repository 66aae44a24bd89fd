/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler under stress: threads that post, cancel, clear, close, wait and look, all at once, beside a watchdog.
 * Every post that got in ends once: run, dropped or taken back. Faces src/frame/sched*.c.
 */
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

enum { POSTERS = 4, OWN = 48, STRANDS = 8, ROUNDS = 5000 };

static uint64_t chance(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Each piece is posted, and posted anew, from one thread and from its own run. */
typedef struct piece {
    reel_task task;
    struct world *world;
    atomic_int ended, posted, again, inside;
} piece;

typedef struct world {
    reel_sched *sched;
    reel_strand strands[STRANDS];
    atomic_int in_strand[STRANDS];
    atomic_long faults, rooms, watched;
} world;

static void piece_end(piece *p)
{
    atomic_fetch_add(&p->ended, 1);
}

static void piece_run(reel_task *task, void *user)
{
    piece *p = user;
    world *w = p->world;
    atomic_int *inside = task->strand ? &w->in_strand[task->strand - w->strands] : NULL;
    if (task->at && reel_clock_now() < task->at)
        atomic_fetch_add(&w->faults, 1);
    if (inside && atomic_fetch_add(inside, 1) != 0)
        atomic_fetch_add(&w->faults, 1);
    if (atomic_load(&p->again) > 0) {
        atomic_fetch_sub(&p->again, 1);
        int code = reel_task_post(w->sched, task, 0);
        if (code == REEL_OK)
            atomic_fetch_add(&p->posted, 1);
        else if (code == REEL_E_ARG)
            atomic_fetch_add(&w->faults, 1);
    }
    if (inside)
        atomic_fetch_sub(inside, 1);
    piece_end(p);
}

static void piece_drop(reel_task *task, void *user)
{
    (void)task;
    piece_end(user);
}

static void on_room(reel_strand *strand, void *user)
{
    (void)strand;
    atomic_fetch_add(&((world *)user)->rooms, 1);
}

static void on_watch(void *user, const reel_watch_event *e)
{
    atomic_fetch_add(&((world *)user)->watched, e->elapsed >= 0);
}

typedef struct poster {
    world *world;
    uint64_t dice;
    reel_group group;
    piece pieces[OWN];
} poster;

static void prepare(poster *me, piece *p)
{
    uint64_t d = chance(&me->dice);
    int64_t now = reel_clock_now();
    p->task.run = piece_run;
    p->task.drop = piece_drop;
    p->task.user = p;
    p->task.strand = d % 3 ? &me->world->strands[(d >> 8) % STRANDS] : NULL;
    p->task.group = d >> 16 & 1 ? &me->group : NULL;
    p->task.deadline = d >> 17 & 1 ? now + (int64_t)((d >> 24) % 2000000) : 0;
    p->task.at = (d >> 18 & 3) == 0 ? now + (int64_t)((d >> 24) % 300000) : 0;
    atomic_store(&p->again, (d >> 20 & 7) == 0 ? 2 : 0);
}

/* Only what is at rest may be changed: neither posted nor inside its run. */
static void post_one(poster *me, piece *p)
{
    unsigned mode = chance(&me->dice) % 4;
    if (atomic_load(&p->ended) != atomic_load(&p->posted))
        return;
    if (reel_task_cancel(me->world->sched, &p->task, true) == REEL_OK) /* it had posted itself, and not counted it yet */
        piece_end(p);
    prepare(me, p);
    atomic_fetch_add(&p->posted, 1);
    int code = reel_task_post(me->world->sched, &p->task, mode == 3 ? 0 : mode);
    if (code != REEL_OK)
        atomic_fetch_sub(&p->posted, 1);
    if (code == REEL_E_ARG || code == REEL_END)
        atomic_fetch_add(&me->world->faults, 1);
}

static void cancel_one(poster *me, piece *p, bool wait)
{
    if (reel_task_cancel(me->world->sched, &p->task, wait) == REEL_OK)
        piece_end(p);
    if (wait && atomic_load(&p->ended) != atomic_load(&p->posted))
        atomic_fetch_add(&me->world->faults, 1);
}

static void look(world *w)
{
    reel_sched_stats st = {.sizeof_stats = sizeof st};
    if (reel_sched_stats_get(w->sched, &st) != REEL_OK || st.worker_count != 3)
        atomic_fetch_add(&w->faults, 1);
}

static void *post_much(void *user)
{
    poster *me = user;
    reel_group_open(&me->group, me->world->sched);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t d = chance(&me->dice);
        piece *p = &me->pieces[d % OWN];
        switch (d >> 32 & 31) {
        case 0:
            reel_group_wait(&me->group, 0);
            break;
        case 1:
            reel_group_cancel(&me->group, true, NULL);
            reel_group_open(&me->group, me->world->sched);
            break;
        case 2:
            reel_strand_clear(&me->world->strands[(d >> 8) % STRANDS]);
            break;
        case 3:
            look(me->world);
            break;
        case 4:
        case 5:
        case 6:
            cancel_one(me, p, d >> 40 & 1);
            break;
        default:
            post_one(me, p);
        }
    }
    reel_group_wait(&me->group, 0);
    return NULL;
}

static void open_world(world *w)
{
    const reel_sched_options o = {.sizeof_options = sizeof o, .workers = 3, .watch_interval = 1000000, .budget = 1,
        .starve_limit = 1, .grow_period = 2000000, .watch = on_watch, .user = w};
    memset(w, 0, sizeof *w);
    assert_int_equal(reel_sched_open(&o, &w->sched, NULL), REEL_OK);
    for (int i = 0; i < STRANDS; i++) {
        const reel_strand_options so = {.sizeof_options = sizeof so, .capacity = i % 2 ? 6 : 0, .low = i % 2 ? 2 : 0,
            .name = "strand", .room = on_room, .user = w};
        assert_int_equal(reel_strand_open(&w->strands[i], w->sched, &so, NULL), REEL_OK);
    }
}

static void stress(uint64_t seed, reel_close_mode mode)
{
    static world w;
    pthread_t thread[POSTERS];
    poster *posters = calloc(POSTERS, sizeof *posters);
    open_world(&w);
    for (int i = 0; i < POSTERS; i++) {
        posters[i].world = &w;
        posters[i].dice = seed * 100 + (uint64_t)i;
        for (int k = 0; k < OWN; k++)
            posters[i].pieces[k].world = &w;
        assert_int_equal(pthread_create(&thread[i], NULL, post_much, &posters[i]), 0);
    }
    for (int i = 0; i < POSTERS; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < STRANDS; i++)
        assert_int_equal(reel_strand_close(&w.strands[i], i % 2 ? REEL_CLOSE_DROP : REEL_CLOSE_DRAIN), REEL_OK);
    assert_int_equal(reel_sched_close(&w.sched, mode), REEL_OK);
    for (int i = 0; i < POSTERS; i++)
        for (int k = 0; k < OWN; k++)
            assert_int_equal(posters[i].pieces[k].ended, posters[i].pieces[k].posted);
    assert_int_equal(w.faults, 0);
    free(posters);
}

static void test_everything_at_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++)
        stress(seed, seed % 2 ? REEL_CLOSE_DRAIN : REEL_CLOSE_DROP);
}

/* ---- streams that come and go, with memory that goes with them ---- */

typedef struct stream {
    reel_strand strand;
    reel_group group;
    reel_sched *sched;
    reel_task tick;
    reel_task work[4];
    atomic_int n;
} stream;

static void work_run(reel_task *task, void *user)
{
    (void)task;
    atomic_fetch_add(&((stream *)user)->n, 1);
}

/* Paces itself, and posts what the frame needs. */
static void tick_run(reel_task *task, void *user)
{
    stream *s = user;
    for (int i = 0; i < 4; i++)
        (void)reel_task_post(s->sched, &s->work[i], 0);
    task->at += 200000;
    task->deadline = task->at + 100000;
    (void)reel_task_post(s->sched, task, REEL_POST_FORCE);
}

static stream *stream_open(reel_sched *sched)
{
    stream *s = calloc(1, sizeof *s);
    const reel_strand_options o = {.sizeof_options = sizeof o, .capacity = 6};
    s->sched = sched;
    if (reel_strand_open(&s->strand, sched, &o, NULL) != REEL_OK || reel_group_open(&s->group, sched) != REEL_OK)
        abort();
    for (int i = 0; i < 4; i++)
        s->work[i] = (reel_task){.run = work_run, .user = s, .strand = &s->strand, .group = &s->group};
    s->tick = (reel_task){.run = tick_run, .user = s, .strand = &s->strand, .group = &s->group, .at = reel_clock_now()};
    if (reel_task_post(sched, &s->tick, 0) != REEL_OK)
        abort();
    return s;
}

static void stream_close(stream *s, uint64_t way)
{
    if (way % 3 == 0)
        (void)reel_group_cancel(&s->group, true, NULL);
    else if (way % 3 == 1)
        (void)reel_task_cancel(s->sched, &s->tick, true);
    (void)reel_strand_close(&s->strand, REEL_CLOSE_DROP);
    free(s);
}

typedef struct visitor {
    reel_sched *sched;
    uint64_t dice;
} visitor;

static void *come_and_go(void *user)
{
    visitor *v = user;
    stream *streams[16] = {0};
    for (int round = 0; round < 600; round++) {
        uint64_t d = chance(&v->dice);
        stream **s = &streams[d % 16];
        if (*s)
            stream_close(*s, d >> 8);
        *s = *s ? NULL : stream_open(v->sched);
        if (round % 8 == 0)
            usleep(500);
    }
    for (int i = 0; i < 16; i++)
        if (streams[i])
            stream_close(streams[i], (uint64_t)i);
    return NULL;
}

static void test_streams_come_and_go(void **state)
{
    pthread_t thread[3];
    visitor visitors[3];
    const reel_sched_options o = {.sizeof_options = sizeof o, .workers = 2, .watch_interval = 1000000};
    reel_sched *s = NULL;
    (void)state;
    assert_int_equal(reel_sched_open(&o, &s, NULL), REEL_OK);
    for (int i = 0; i < 3; i++) {
        visitors[i] = (visitor){s, 77 + (uint64_t)i};
        assert_int_equal(pthread_create(&thread[i], NULL, come_and_go, &visitors[i]), 0);
    }
    for (int i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
    reel_sched_stats st = {.sizeof_stats = sizeof st};
    assert_int_equal(reel_sched_stats_get(s, &st), REEL_OK);
    assert_int_equal(st.strands, 0);
    assert_int_equal(st.timed, 0);
    assert_int_equal(reel_sched_close(&s, REEL_CLOSE_DRAIN), REEL_OK);
}

/* ---- a tree of tasks on few workers ---- */

typedef struct node {
    reel_task task;
    reel_sched *sched;
    int depth;
    atomic_int *leaves;
} node;

static void node_run(reel_task *task, void *user)
{
    node *me = user, kids[4];
    reel_group group;
    (void)task;
    if (me->depth == 0) {
        atomic_fetch_add(me->leaves, 1);
        return;
    }
    memset(kids, 0, sizeof kids);
    reel_group_open(&group, me->sched);
    for (int i = 0; i < 4; i++) {
        kids[i] = (node){.sched = me->sched, .depth = me->depth - 1, .leaves = me->leaves};
        kids[i].task = (reel_task){.run = node_run, .user = &kids[i], .group = &group, .deadline = i};
        (void)reel_task_post(me->sched, &kids[i].task, 0);
    }
    (void)reel_group_wait(&group, 0);
}

static void test_trees(void **state)
{
    (void)state;
    for (unsigned workers = 1; workers <= 4; workers++) {
        const reel_sched_options o = {.sizeof_options = sizeof o, .workers = workers};
        reel_sched *s = NULL;
        atomic_int leaves = 0;
        assert_int_equal(reel_sched_open(&o, &s, NULL), REEL_OK);
        node root = {.sched = s, .depth = 6, .leaves = &leaves};
        node_run(&root.task, &root);
        assert_int_equal(leaves, 4096);
        assert_int_equal(reel_sched_close(&s, REEL_CLOSE_DROP), REEL_OK);
    }
}

/* ---- one histogram, many threads ---- */

static reel_histogram shared;

static void *record_much(void *user)
{
    for (int64_t i = 0; i < 20000; i++)
        reel_histogram_record(&shared, i + (intptr_t)user);
    return NULL;
}

static void test_histogram_shared(void **state)
{
    pthread_t thread[4];
    (void)state;
    for (intptr_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, record_much, (void *)i), 0);
    while (reel_histogram_count(&shared) < 40000)
        assert_true(reel_histogram_at(&shared, 0.5) <= 20003);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(reel_histogram_count(&shared), 80000);
    assert_int_equal(reel_histogram_at(&shared, 1), 20002);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_at_once), cmocka_unit_test(test_streams_come_and_go),
        cmocka_unit_test(test_trees), cmocka_unit_test(test_histogram_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
