/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include <reel/sched.h>

#include "engine.h"
#include "sched_peers.h"

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t some;
    pool_job *head, *tail;
    bool end;
    unsigned threads;
    pthread_t thread[];
};

static void *pool_main(void *user)
{
    pool *p = user;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->head && !p->end)
            pthread_cond_wait(&p->some, &p->lock);
        pool_job *job = p->head;
        if (!job)
            break;
        p->head = job->next;
        pthread_mutex_unlock(&p->lock);
        job->run(job);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

pool *pool_open(unsigned threads)
{
    pool *p = calloc(1, sizeof *p + threads * sizeof p->thread[0]);
    if (!p) {
        die("out of memory", NULL);
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->some, NULL);
    for (p->threads = 0; p->threads < threads; p->threads++)
        if (pthread_create(&p->thread[p->threads], NULL, pool_main, p) != 0)
            die("no thread for the pool", NULL);
    return p;
}

void pool_post(pool *p, pool_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&p->lock);
    if (p->head)
        p->tail->next = job;
    else
        p->head = job;
    p->tail = job;
    pthread_mutex_unlock(&p->lock);
    pthread_cond_signal(&p->some);
}

void pool_close(pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->end = true;
    pthread_cond_broadcast(&p->some);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++)
        pthread_join(p->thread[i], NULL);
    pthread_cond_destroy(&p->some);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

void spin_ns(int64_t ns)
{
    int64_t end = reel_clock_now() + ns;
    while (reel_clock_now() < end)
        ;
}

static void *sleeper_main(void *user)
{
    sleeper *s = user;
    for (int i = 0; i < s->ticks; i++, s->at += s->period) {
        struct timespec t = {(time_t)(s->at / 1000000000), (long)(s->at % 1000000000)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
            ;
        s->late[i] = (double)(reel_clock_now() - s->at) / 1000;
        spin_ns(s->work);
    }
    return NULL;
}

void sleeper_start(sleeper *s, int64_t at, int64_t period, int ticks, int64_t work)
{
    *s = (sleeper){.at = at, .period = period, .ticks = ticks, .work = work};
    if (pthread_create(&s->thread, NULL, sleeper_main, s) != 0)
        die("no thread to sleep", NULL);
}

void sleeper_join(sleeper *s, times *t)
{
    pthread_join(s->thread, NULL);
    for (int i = 0; i < s->ticks; i++)
        times_add(t, s->late[i]);
}
