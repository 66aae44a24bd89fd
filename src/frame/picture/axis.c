/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Axes: which samples of the source make each sample of the output, and how much of each. Positions are fractions of
 * integers below 2^53, computed in one division: a nearest sample is never off by a rounding.
 */
#include <math.h>
#include <string.h>

#include "frame/picture/room.h"

typedef struct piece { /* what output sample j stands for, in samples of the plane */
    double from, to, middle;
} piece;

/* Where pixel edge e (in halves) of the output lies in the plane. */
static double place(const reel__way *w, double halves)
{
    double along = w->flip ? 2.0 * w->across - halves : halves;
    return (2.0 * w->across * w->source_low + along * w->source_n) / (2.0 * w->across * w->divide);
}

static piece piece_of(const reel__way *w, uint32_t j)
{
    double a = 2.0 * w->each * j, b = a + 2.0 * w->each;
    double end = b < 2.0 * w->across ? b : 2.0 * w->across; /* the last chroma of an odd size stands for one pixel */
    piece p = {place(w, a), place(w, end), place(w, (a + b) / 2)};
    return w->flip ? (piece){p.to, p.from, p.middle} : p;
}

static uint32_t held(double x, uint32_t low, uint32_t high)
{
    return x <= low ? low : x >= high ? high : (uint32_t)x;
}

static void one(reel__axis *a, uint32_t j, uint32_t at)
{
    a->at[j] = a->second[j] = at;
    a->count[j] = 1;
    a->weight[a->first[j]] = UINT32_C(1) << a->shift;
}

static void two(reel__axis *a, uint32_t j, double at, uint32_t low, uint32_t high)
{
    double base = floor(at);
    uint32_t w = (uint32_t)lrint((at - base) * 65536);
    if (base < low || base >= high || w == 0 || w == 65536) {
        one(a, j, held(base + (w >> 16), low, high));
        return;
    }
    a->at[j] = (uint32_t)base;
    a->second[j] = a->at[j] + 1;
    a->second_weight[j] = w;
    a->count[j] = 2;
    a->weight[a->first[j]] = (65536 - w) << (a->shift - 16);
    a->weight[a->first[j] + 1] = w << (a->shift - 16);
}

/* Weights are differences of rounded sums, so that they sum up exactly. */
static void many(reel__axis *a, uint32_t j, piece p, uint32_t low, uint32_t high)
{
    double unit = ldexp(1, (int)a->shift), all = p.to - p.from, done = 0, before = 0;
    uint32_t from = held(p.from, low, high), to = held(ceil(p.to) - 1, from, high), used = 0;
    a->at[j] = from;
    for (uint32_t i = from; i <= to; i++) {
        double left = i == from ? p.from : i, right = i == to ? p.to : i + 1.0;
        done += right - left;
        double now = i == to ? unit : rint(done / all * unit);
        a->weight[a->first[j] + used++] = (uint32_t)(now - before);
        before = now;
    }
    a->count[j] = used;
    if (used == 1) {
        one(a, j, from);
        return;
    }
    uint32_t w = a->weight[a->first[j] + 1] >> (a->shift - 16); /* of two samples; both have to count */
    a->second[j] = from + 1;
    a->second_weight[j] = w < 1 ? 1 : w > 65535 ? 65535 : w;
}

static void look(reel__axis *a)
{
    uint32_t low = UINT32_MAX, end = 0;
    a->straight = true;
    for (uint32_t j = 0; j < a->n; j++) {
        low = a->at[j] < low ? a->at[j] : low;
        end = a->at[j] + a->count[j] > end ? a->at[j] + a->count[j] : end;
        a->most = a->count[j] > a->most ? a->count[j] : a->most;
    }
    a->low = low;
    a->span = end - low;
    for (uint32_t j = 0; j < a->n; j++)
        a->straight = a->straight && a->count[j] == 1 && a->at[j] == low + j;
    a->doubled = a->n == 2 * a->span && a->most == 2;
    for (uint32_t j = 1; a->doubled && j + 1 < a->n; j++)
        a->doubled = a->at[j] == low + (j - 1) / 2 && a->second_weight[j] == (j % 2 ? 16384 : 49152);
    a->doubled = a->doubled && a->at[0] == low && a->count[0] == 1 && a->count[a->n - 1] == 1;
}

static void pair_up(reel__axis *a)
{
    uint32_t last = a->low + a->span - 1;
    for (uint32_t j = 0; j < a->n && a->span > 1; j++) {
        bool end = a->at[j] == last; /* there is no next one: all of the second of the two before */
        a->pair[j] = a->at[j] - end;
        a->pair_weight[j] = end ? 65536 : a->second_weight[j];
    }
}

/* Differences of rounded sums again. */
static void make_narrow(reel__axis *a, int16_t *narrow)
{
    for (uint32_t j = 0; j < a->n; j++) {
        uint64_t done = 0;
        uint32_t before = 0;
        for (uint32_t k = 0; k < a->count[j]; k++) {
            done += a->weight[a->first[j] + k];
            uint32_t now = (uint32_t)((done + (UINT64_C(1) << (a->shift - 16))) >> (a->shift - 15));
            if (now - before > INT16_MAX)
                return;
            narrow[(size_t)j * a->taps + k] = (int16_t)(now - before);
            before = now;
        }
    }
    a->narrow = narrow;
}

static int axis_room(reel__axis *a, size_t weights, const reel_allocator *alloc)
{
    size_t words = 7 * (size_t)a->n + weights + (size_t)a->n * a->taps / 2;
    uint32_t *m = alloc->resize(alloc->user, NULL, words * sizeof *m);
    if (!m)
        return REEL_E_NOMEM;
    memset(m, 0, words * sizeof *m);
    a->memory = m;
    a->at = m;
    a->count = m + a->n;
    a->first = m + 2 * (size_t)a->n;
    a->second = m + 3 * (size_t)a->n;
    a->second_weight = m + 4 * (size_t)a->n;
    a->pair = m + 5 * (size_t)a->n;
    a->pair_weight = m + 6 * (size_t)a->n;
    a->weight = m + 7 * (size_t)a->n;
    return REEL_OK;
}

int reel__axis_make(reel__axis *axis, const reel__way *w, const reel_allocator *alloc)
{
    double ratio = (double)w->source_n * w->each / ((double)w->across * w->divide); /* samples for one of the output */
    bool sums = w->filter == REEL_PICTURE_AREA && ratio > 1;
    size_t each = sums ? (size_t)ratio + 3 : 2;
    uint32_t low = w->source_low / w->divide;
    uint32_t high = (w->source_low + w->source_n - 1) / w->divide;
    if (high >= w->source_all)
        high = w->source_all - 1;
    *axis = (reel__axis){.n = (w->across + w->each - 1) / w->each, .shift = w->shift};
    axis->taps = sums ? (uint32_t)(each + REEL__TAPS - 1) / REEL__TAPS * REEL__TAPS : 0;
    if (axis_room(axis, each * axis->n, alloc))
        return REEL_E_NOMEM;
    for (uint32_t j = 0; j < axis->n; j++) {
        piece p = piece_of(w, j);
        axis->first[j] = (uint32_t)(each * j);
        if (w->filter == REEL_PICTURE_NEAREST)
            one(axis, j, held(floor(p.middle), low, high));
        else if (sums)
            many(axis, j, p, low, high);
        else
            two(axis, j, p.middle - 0.5, low, high);
    }
    look(axis);
    pair_up(axis);
    if (sums)
        make_narrow(axis, (int16_t *)(axis->weight + each * axis->n));
    return REEL_OK;
}

void reel__axis_free(reel__axis *axis, const reel_allocator *alloc)
{
    if (axis->memory)
        alloc->resize(alloc->user, axis->memory, 0);
    *axis = (reel__axis){0};
}
