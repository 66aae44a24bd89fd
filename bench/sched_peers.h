/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scheduler is measured against, each as one would write it in an afternoon. */
#ifndef BENCH_SCHED_PEERS_H
#define BENCH_SCHED_PEERS_H

#include <pthread.h>
#include <stdint.h>

#include "measure.h"

/* Threads around one list, a mutex, a condition. */
typedef struct pool pool;
typedef struct pool_job pool_job;
struct pool_job {
    void (*run)(pool_job *job);
    void *user;
    pool_job *next;
};
pool *pool_open(unsigned threads);
void pool_post(pool *p, pool_job *job);
void pool_close(pool *p); /* when all have run */

/* A thread that sleeps until each of its times. */
typedef struct sleeper {
    pthread_t thread;
    int64_t at, period, work;
    int ticks;
    double late[256]; /* us */
} sleeper;
void sleeper_start(sleeper *s, int64_t at, int64_t period, int ticks, int64_t work);
void sleeper_join(sleeper *s, times *t);

/* Keep a core busy. */
void spin_ns(int64_t ns);

#endif
