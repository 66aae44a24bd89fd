/* SPDX-License-Identifier: BSD-2-Clause */
/* A clock that is cheap enough for single lookups, numbers by chance that are the same in each run, percentiles. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <x86intrin.h>
/* Waits for what came before it, so that nothing slips out of the measured stretch. */
static inline uint64_t tick(void)
{
    unsigned cpu;
    uint64_t t = __rdtscp(&cpu);
    _mm_lfence();
    return t;
}
#else
uint64_t tick(void);
#endif

void clock_start(void);            /* learn how long a tick is; call once */
double tick_ns(uint64_t ticks);
double cpu_ns(void);               /* of all threads of this process, so far */
double timer_cost_ns(void);        /* what two calls of tick add to everything that is measured; not subtracted */
uint64_t chance(uint64_t *state);

typedef struct times {
    double *ns;
    size_t n, room;
} times;

void times_reserve(times *t, size_t n); /* ends the program when memory is out */
void times_add(times *t, double ns);
double times_at(times *t, double fraction); /* 0.5: the median; sorts */
double times_max(times *t);
void times_free(times *t);

#endif
