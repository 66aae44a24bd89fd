/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows: the inner loops. Plain C that compilers turn into vector code where that pays. gcc does so at -O2 only where it
 * costs no room, so it is told. rows_avx2.c is this file once more, for another CPU; both give the same bytes.
 */
#include <string.h>

#include "frame/picture/room.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#ifndef REEL__ROWS
#define REEL__ROWS reel__rows_c
#endif

static const uint8_t *row_of(const reel__source *s, uint32_t y) { return s->data + (ptrdiff_t)y * s->stride; }

/* ---- vertical ---- */

static void lift_8(uint16_t *restrict out, const uint8_t *restrict a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)(a[i] << 8);
}

static void lift_16(uint16_t *restrict out, const uint16_t *restrict a, size_t n, unsigned up)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)(a[i] << up);
}

/* Two products of 16 bits each, of which the upper halves are kept: one instruction where there are vectors. */
static inline uint16_t blend(uint32_t a, uint32_t b, uint32_t w0, uint32_t w1)
{
    return (uint16_t)(((uint16_t)a * w0 >> 16) + ((uint16_t)b * w1 >> 16) + 1);
}

static void blend_8(uint16_t *restrict out, const uint8_t *restrict a, const uint8_t *restrict b, size_t n, uint16_t w1)
{
    uint16_t w0 = (uint16_t)(65536 - w1);
    for (size_t i = 0; i < n; i++)
        out[i] = blend((uint32_t)a[i] << 8, (uint32_t)b[i] << 8, w0, w1);
}

static void blend_16(uint16_t *restrict out, const uint16_t *restrict a, const uint16_t *restrict b, size_t n,
                     uint16_t w1, unsigned up)
{
    uint16_t w0 = (uint16_t)(65536 - w1);
    for (size_t i = 0; i < n; i++)
        out[i] = blend((uint32_t)a[i] << up, (uint32_t)b[i] << up, w0, w1);
}

static void add_8(uint32_t *restrict sum, const uint8_t *restrict a, size_t n, uint32_t w)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += a[i] * w;
}

static void add_16(uint32_t *restrict sum, const uint16_t *restrict a, size_t n, uint32_t w)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += a[i] * w;
}

/*
 * Whole rows of 8 bits weigh the same, but for one in 2^24: they are added first, weighed once. Four at a time, as each
 * round writes what the next one reads.
 */
static void gather_4(uint16_t *restrict out, const uint8_t *restrict a, const uint8_t *restrict b,
                     const uint8_t *restrict c, const uint8_t *restrict d, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)(out[i] + a[i] + b[i] + c[i] + d[i]);
}

static void gather_8(uint16_t *restrict out, const uint8_t *restrict a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)(out[i] + a[i]);
}

static void add_sums(uint32_t *restrict sum, const uint16_t *restrict a, size_t n, uint32_t w)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += a[i] * w;
}

static void settle(uint16_t *restrict out, const uint32_t *restrict sum, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)((sum[i] + 0x8000) >> 16);
}

/* The first row, the last, and those between that out has the sum of. */
static void weigh_8(uint16_t *restrict out, const uint8_t *restrict a, const uint8_t *restrict b, size_t n,
                    const uint32_t w[3])
{
    const uint32_t w0 = w[0], w1 = w[1], w2 = w[2];
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)((a[i] * w0 + out[i] * w1 + b[i] * w2 + 0x8000) >> 16);
}

enum { GATHER = 64 }; /* rows that are added in 16 bits at most: far from 257, and short rounds stay in the cache */

static void gather_rows(uint16_t *out, const reel__source *s, uint32_t y, uint32_t rows, size_t from, size_t n)
{
    memset(out, 0, n * sizeof *out);
    for (; rows >= 4; y += 4, rows -= 4)
        gather_4(out, row_of(s, y) + from, row_of(s, y + 1) + from, row_of(s, y + 2) + from, row_of(s, y + 3) + from, n);
    for (; rows; y++, rows--)
        gather_8(out, row_of(s, y) + from, n);
}

static void sum_8(uint16_t *out, uint32_t *sum, const reel__source *s, const reel__axis *y, uint32_t j, size_t from,
                  size_t n)
{
    const uint32_t *w = y->weight + y->first[j];
    uint32_t at = y->at[j], last = y->count[j] - 1;
    const uint8_t *a = row_of(s, at) + from, *b = row_of(s, at + last) + from;
    if (last <= GATHER) {
        gather_rows(out, s, at + 1, last - 1, from, n);
        weigh_8(out, a, b, n, (const uint32_t[3]){w[0], w[1], w[last]});
        return;
    }
    memset(sum, 0, n * sizeof *sum);
    add_8(sum, a, n, w[0]);
    add_8(sum, b, n, w[last]);
    for (uint32_t i = 1; i < last; i += GATHER) {
        gather_rows(out, s, at + i, i + GATHER < last ? GATHER : last - i, from, n);
        add_sums(sum, out, n, w[1]);
    }
    settle(out, sum, n);
}

/* Rows of 16 bits are aligned to 2: reel_picture_run has seen to it. */
static const uint16_t *words(const uint8_t *p) { return (const uint16_t *)(const void *)p; }

static void sum_16(uint16_t *out, uint32_t *sum, const reel__source *s, const reel__axis *y, uint32_t j, size_t from,
                   size_t n)
{
    const uint32_t *w = y->weight + y->first[j];
    memset(sum, 0, n * sizeof *sum);
    for (uint32_t k = 0; k < y->count[j]; k++)
        add_16(sum, words(row_of(s, y->at[j] + k)) + from, n, w[k]);
    settle(out, sum, n);
}

static void column_8(uint16_t *out, uint32_t *sum, const reel__source *s, const reel__axis *y, uint32_t j, size_t from,
                     size_t n)
{
    const uint8_t *a = row_of(s, y->at[j]) + from;
    if (y->count[j] == 1)
        lift_8(out, a, n);
    else if (y->most <= 2)
        blend_8(out, a, row_of(s, y->second[j]) + from, n, (uint16_t)y->second_weight[j]);
    else
        sum_8(out, sum, s, y, j, from, n);
}

static void column_16(uint16_t *out, uint32_t *sum, const reel__source *s, const reel__axis *y, uint32_t j, size_t from,
                      size_t n)
{
    const uint16_t *a = words(row_of(s, y->at[j])) + from;
    if (y->count[j] == 1)
        lift_16(out, a, n, s->up);
    else if (y->most <= 2)
        blend_16(out, a, words(row_of(s, y->second[j])) + from, n, (uint16_t)y->second_weight[j], s->up);
    else
        sum_16(out, sum, s, y, j, from, n);
}

static void row_column(uint16_t *out, uint32_t *sum, const reel__source *s, const reel__lane *lane, uint32_t j)
{
    size_t from = (size_t)lane->x.low * s->step, n = (size_t)lane->x.span * s->step;
    if (s->bytes == 1)
        column_8(out, sum, s, &lane->y, j, from, n);
    else
        column_16(out, sum, s, &lane->y, j, from, n);
}

/* ---- horizontal ---- */

static void across_two(uint16_t *restrict out, const uint16_t *restrict in, unsigned step, const reel__axis *x)
{
    for (uint32_t j = 0; j < x->n; j++) {
        uint32_t w = x->second_weight[j];
        uint32_t a = in[(size_t)(x->at[j] - x->low) * step], b = in[(size_t)(x->second[j] - x->low) * step];
        out[j] = (uint16_t)((a * (65536 - w) + b * w + 0x8000) >> 16);
    }
}

static void across_many(uint16_t *restrict out, const uint16_t *restrict in, unsigned step, const reel__axis *x)
{
    for (uint32_t j = 0; j < x->n; j++) {
        const uint16_t *a = in + (size_t)(x->at[j] - x->low) * step;
        const uint32_t *w = x->weight + x->first[j];
        uint32_t sum = 0x8000;
        for (uint32_t k = 0; k < x->count[j]; k++)
            sum += a[(size_t)k * step] * w[k];
        out[j] = (uint16_t)(sum >> 16);
    }
}

/*
 * The same with weights in 1/32768, sixteen at a time, zeros behind the last: products of signed 16 bits, two of which
 * are added, are one instruction of every vector unit.
 */
static void across_narrow(uint16_t *restrict out, const uint16_t *restrict in, const reel__axis *x)
{
    const size_t taps = x->taps;
    for (uint32_t j = 0; j < x->n; j++) {
        const uint16_t *a = in + (x->at[j] - x->low);
        const int16_t *w = x->narrow + (size_t)j * x->taps;
        int32_t sum = 0;
        for (size_t k = 0; k < taps; k += REEL__TAPS, a += REEL__TAPS, w += REEL__TAPS)
            for (size_t i = 0; i < REEL__TAPS; i++)
                sum += (int16_t)(a[i] ^ 0x8000) * w[i];
        out[j] = (uint16_t)((sum + (1 << 30) + 0x4000) >> 15);
    }
}

/* Twice as many, from the middle on: what chroma of 4:2:0 becomes where luma is not scaled. */
static void across_doubled(uint16_t *restrict out, const uint16_t *restrict in, uint32_t n)
{
    out[0] = in[0];
    out[2 * (size_t)n - 1] = in[n - 1];
    for (size_t i = 0; i + 1 < n; i++) {
        uint32_t a = in[i], b = in[i + 1];
        out[2 * i + 1] = (uint16_t)((3 * a + b + 2) >> 2);
        out[2 * i + 2] = (uint16_t)((a + 3 * b + 2) >> 2);
    }
}

static void row_across(uint16_t *out, const uint16_t *column, unsigned step, unsigned channel, const reel__axis *x)
{
    const uint16_t *in = column + channel;
    if (x->straight && step == 1)
        memcpy(out, in, x->n * sizeof *out);
    else if (x->straight)
        for (uint32_t j = 0; j < x->n; j++)
            out[j] = in[(size_t)j * step];
    else if (x->doubled && step == 1)
        across_doubled(out, in, x->span);
    else if (x->most == 1)
        for (uint32_t j = 0; j < x->n; j++)
            out[j] = in[(size_t)(x->at[j] - x->low) * step];
    else if (x->most == 2)
        across_two(out, in, step, x);
    else if (x->narrow && step == 1)
        across_narrow(out, in, x);
    else
        across_many(out, in, step, x);
}

/* ---- both ---- */

/* Two neighbours are one load; what is computed of them is for vectors. */
static void sparse_pairs(uint16_t *restrict out, const uint8_t *restrict a, const uint8_t *restrict b,
                         const reel__axis *x, uint32_t wy)
{
    enum { BLOCK = 64 };
    uint16_t top[BLOCK], low[BLOCK];
    for (uint32_t from = 0; from < x->n; from += BLOCK) {
        const uint32_t *at = x->pair + from, *weight = x->pair_weight + from;
        uint32_t n = x->n - from < BLOCK ? x->n - from : BLOCK;
        for (uint32_t j = 0; j < n; j++) {
            const uint8_t *t = a + at[j], *u = b + at[j];
            top[j] = (uint16_t)(t[0] | t[1] << 8);
            low[j] = (uint16_t)(u[0] | u[1] << 8);
        }
        for (uint32_t j = 0; j < n; j++) {
            uint32_t w = weight[j], v = 65536 - w;
            uint32_t t = ((top[j] & 255) * v + (top[j] >> 8) * w) >> 8, u = ((low[j] & 255) * v + (low[j] >> 8) * w) >> 8;
            out[from + j] = (uint16_t)((t * (65536 - wy) + u * wy + 0x8000) >> 16);
        }
    }
}

static void sparse_8(uint16_t *restrict out, const uint8_t *a, const uint8_t *b, unsigned step, const reel__axis *x,
                     uint32_t wy)
{
    for (uint32_t j = 0; j < x->n; j++) {
        size_t l = (size_t)x->at[j] * step, r = (size_t)x->second[j] * step;
        uint32_t w = x->second_weight[j];
        uint32_t t = (a[l] * (65536 - w) + a[r] * w) >> 8, u = (b[l] * (65536 - w) + b[r] * w) >> 8;
        out[j] = (uint16_t)((t * (65536 - wy) + u * wy + 0x8000) >> 16);
    }
}

static void sparse_16(uint16_t *restrict out, const uint16_t *a, const uint16_t *b, unsigned step,
                      const reel__axis *x, uint32_t wy, unsigned up)
{
    for (uint32_t j = 0; j < x->n; j++) {
        size_t l = (size_t)x->at[j] * step, r = (size_t)x->second[j] * step;
        uint32_t w = x->second_weight[j];
        uint32_t t = (((uint32_t)a[l] << up) * (65536 - w) + ((uint32_t)a[r] << up) * w) >> 16;
        uint32_t u = (((uint32_t)b[l] << up) * (65536 - w) + ((uint32_t)b[r] << up) * w) >> 16;
        out[j] = (uint16_t)((t * (65536 - wy) + u * wy + 0x8000) >> 16);
    }
}

/* Rows that are skipped are not what a CPU foresees: of the next ones it is told. */
static void fetch(const reel__source *s, const reel__lane *lane, uint32_t y)
{
#if defined(__GNUC__)
    const uint8_t *row = row_of(s, y) + (size_t)lane->x.low * s->step * s->bytes;
    for (size_t i = 0; i < (size_t)lane->x.span * s->step * s->bytes; i += 64)
        __builtin_prefetch(row + i);
#else
    (void)s;
    (void)lane;
    (void)y;
#endif
}

static void row_sparse(uint16_t *out, const reel__source *s, unsigned channel, const reel__lane *lane, uint32_t j)
{
    const reel__axis *y = &lane->y;
    const uint8_t *a = row_of(s, y->at[j]), *b = row_of(s, y->second[j]);
    if (j + 1 < y->n) {
        fetch(s, lane, y->at[j + 1]);
        fetch(s, lane, y->second[j + 1]);
    }
    if (s->bytes == 1 && s->step == 1)
        sparse_pairs(out, a, b, &lane->x, y->second_weight[j]);
    else if (s->bytes == 1)
        sparse_8(out, a + channel, b + channel, s->step, &lane->x, y->second_weight[j]);
    else
        sparse_16(out, words(a) + channel, words(b) + channel, s->step, &lane->x, y->second_weight[j], s->up);
}

/* ---- colour ---- */

static inline uint8_t clamp(int32_t v)
{
    v >>= 20; /* of a negative number: every compiler of ours keeps the sign */
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Half of a 16-bit sample fits in a signed one: products of those are what every vector unit has. */
static inline int16_t half(uint16_t v, int16_t zero) { return (int16_t)((v >> 1) - zero); }

static void row_mix(uint8_t *restrict out, const uint16_t *const in[3], const reel__mix *mix, const int32_t *zero,
                   uint32_t n)
{
    const uint16_t *restrict a = in[0], *restrict b = in[1], *restrict c = in[2];
    const int16_t m0 = (int16_t)mix->m[0], m1 = (int16_t)mix->m[1], m2 = (int16_t)mix->m[2];
    const int16_t za = (int16_t)(zero[0] >> 1), zb = (int16_t)(zero[1] >> 1), zc = (int16_t)(zero[2] >> 1);
    const int32_t bias = mix->bias;
    for (uint32_t j = 0; j < n; j++)
        out[j] = clamp(half(a[j], za) * m0 + half(b[j], zb) * m1 + half(c[j], zc) * m2 + bias);
}

/* YCbCr to R, G, B: luma counts the same for all, Cb not for R, Cr not for B. The sums are those of row_mix. */
static void row_ycc(uint8_t *restrict out, const uint16_t *const in[3], const reel__mix mix[3], const int32_t *zero,
                    uint32_t n)
{
    const uint16_t *restrict a = in[0], *restrict b = in[1], *restrict c = in[2];
    uint8_t *restrict red = out, *restrict green = out + n, *restrict blue = out + 2 * (size_t)n;
    const int16_t m = (int16_t)mix[0].m[0], rv = (int16_t)mix[0].m[2], gu = (int16_t)mix[1].m[1],
                  gv = (int16_t)mix[1].m[2], bu = (int16_t)mix[2].m[1];
    const int16_t za = (int16_t)(zero[0] >> 1), zb = (int16_t)(zero[1] >> 1), zc = (int16_t)(zero[2] >> 1);
    const int32_t bias = mix->bias;
    for (uint32_t j = 0; j < n; j++) {
        int16_t u = half(b[j], zb), v = half(c[j], zc);
        int32_t y = half(a[j], za) * m + bias;
        red[j] = clamp(y + v * rv);
        green[j] = clamp(y + u * gu + v * gv);
        blue[j] = clamp(y + u * bu);
    }
}

static bool is_ycc(const reel__mix m[3])
{
    return m[0].m[0] == m[1].m[0] && m[0].m[0] == m[2].m[0] && !m[0].m[1] && !m[2].m[2] && m[0].bias == m[1].bias &&
           m[0].bias == m[2].bias;
}

static void row_rgb(uint8_t *out, const uint16_t *const in[3], const reel__mix mix[3], const int32_t *zero, uint32_t n)
{
    if (is_ycc(mix))
        row_ycc(out, in, mix, zero, n);
    else
        for (size_t i = 0; i < 3; i++)
            row_mix(out + i * n, in, &mix[i], zero, n);
}

/* ---- 8 bits that are not scaled ---- */

/*
 * A row of chroma where luma is not scaled: between the two rows that are nearest, three parts of one and one of the
 * other, and the same across where there are half as many. Sums stay whole: 16 times the sample. t: room for n.
 */
static void row_chroma(uint16_t *restrict out, uint16_t *restrict t, const uint8_t *restrict near,
                       const uint8_t *restrict far, uint32_t n, uint32_t wide)
{
    for (uint32_t i = 0; i < n; i++)
        t[i] = (uint16_t)(3 * near[i] + far[i]);
    if (n == wide) {
        for (uint32_t i = 0; i < n; i++)
            out[i] = (uint16_t)(4 * t[i]);
        return;
    }
    out[0] = (uint16_t)(4 * t[0]);
    for (size_t i = 0; i + 1 < n; i++) {
        out[2 * i + 1] = (uint16_t)(3 * t[i] + t[i + 1]);
        out[2 * i + 2] = (uint16_t)(t[i] + 3 * t[i + 1]);
    }
    if (wide % 2 == 0)
        out[wide - 1] = (uint16_t)(4 * t[n - 1]);
}

/* The upper half of a product of 16 bits: one instruction for many, where a whole product takes three. */
static inline int16_t upper(int16_t a, int16_t b) { return (int16_t)((int32_t)a * b >> 16); }

static inline uint8_t clamp_5(int16_t v)
{
    v = (int16_t)(v >> 5);
    v = v > 0 ? v : 0; /* one after the other: a maximum and a minimum, which vector units have */
    v = v < 255 ? v : 255;
    return (uint8_t)v;
}

/* row_ycc for 8 bits of luma and 16 times the chroma, in 16 bits, of which 5 are behind the point. */
static bool row_quick(uint8_t *restrict out, const uint8_t *restrict luma, const uint16_t *restrict cb,
                      const uint16_t *restrict cr, const reel__mix mix[3], int32_t zero, uint32_t n)
{
    if (!is_ycc(mix))
        return false;
    uint8_t *restrict red = out, *restrict green = out + n, *restrict blue = out + 2 * (size_t)n;
    const int16_t m = (int16_t)(2 * mix[0].m[0]), rv = (int16_t)mix[0].m[2], gu = (int16_t)mix[1].m[1],
                  gv = (int16_t)mix[1].m[2], bu = (int16_t)mix[2].m[1], black = (int16_t)(zero >> 8);
    enum { RED = 17, GREEN = 17 }; /* one half, and what the products lose: a half of a 32nd each */
    for (uint32_t j = 0; j < n; j++) {
        int16_t u = (int16_t)((cb[j] - 2048) * 16), v = (int16_t)((cr[j] - 2048) * 16);
        int16_t y = upper((int16_t)((luma[j] - black) * 128), m);
        red[j] = clamp_5((int16_t)(y + upper(v, rv) + RED));
        green[j] = clamp_5((int16_t)(y + upper(u, gu) + upper(v, gv) + GREEN));
        blue[j] = clamp_5((int16_t)(y + upper(u, bu) + RED));
    }
    return true;
}

static void row_single(uint8_t *restrict out, const uint16_t *restrict in, const reel__mix *mix, int32_t zero,
                       uint32_t n)
{
    const int16_t m = (int16_t)mix->m[0], z = (int16_t)(zero >> 1);
    const int32_t bias = mix->bias;
    for (uint32_t j = 0; j < n; j++)
        out[j] = clamp(half(in[j], z) * m + bias);
}

static void row_weave(uint8_t *restrict out, const uint8_t *restrict in, uint32_t n)
{
    const uint8_t *r = in, *g = in + n, *b = in + 2 * (size_t)n;
    for (uint32_t j = 0; j < n; j++) {
        out[3 * (size_t)j] = r[j];
        out[3 * (size_t)j + 1] = g[j];
        out[3 * (size_t)j + 2] = b[j];
    }
}

const reel__rows REEL__ROWS = {row_column, row_across, row_sparse, row_mix, row_rgb, row_single, row_weave,
                               row_chroma, row_quick};
