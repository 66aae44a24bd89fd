/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "measure.h"

static double ns_per_tick = 1;

static uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#if !(defined(__x86_64__) && defined(__GNUC__))
uint64_t tick(void) { return wall_ns(); }
#endif

void clock_start(void)
{
    uint64_t w = wall_ns(), t = tick(), w2 = w;
    while (w2 - w < 50000000)
        w2 = wall_ns();
    ns_per_tick = (double)(w2 - w) / (double)(tick() - t);
}

double tick_ns(uint64_t ticks) { return (double)ticks * ns_per_tick; }

double cpu_ns(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return ((double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec) * 1e9 +
           ((double)u.ru_utime.tv_usec + (double)u.ru_stime.tv_usec) * 1e3;
}

double timer_cost_ns(void)
{
    times t = {0};
    for (int i = 0; i < 10001; i++) {
        uint64_t from = tick();
        times_add(&t, tick_ns(tick() - from));
    }
    double cost = times_at(&t, 0.5);
    times_free(&t);
    return cost;
}

uint64_t chance(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void times_reserve(times *t, size_t n)
{
    if (n <= t->room)
        return;
    double *more = realloc(t->ns, n * sizeof *more);
    if (!more) {
        fputs("bench: out of memory\n", stderr);
        exit(1);
    }
    t->ns = more;
    t->room = n;
}

void times_add(times *t, double ns)
{
    if (t->n == t->room)
        times_reserve(t, t->room * 2 + 64);
    t->ns[t->n++] = ns;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double times_at(times *t, double fraction)
{
    if (!t->n)
        return 0;
    qsort(t->ns, t->n, sizeof *t->ns, by_size);
    return t->ns[(size_t)((double)(t->n - 1) * fraction + 0.5)];
}

double times_max(times *t) { return times_at(t, 1); }

void times_free(times *t)
{
    free(t->ns);
    *t = (times){0};
}
