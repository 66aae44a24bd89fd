/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame pool: src/frame. What many threads do to it at once is in pool_threads.c. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <reel/pool.h>

#include "frame/pool/ring.h"

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#endif

enum { MB = 1 << 20, MS = 1000000 };

/* ---- layouts ---- */

static reel_format format(uint32_t id)
{
    reel_format f;
    assert_int_equal(reel_format_get(id, &f), REEL_OK);
    return f;
}

static reel_layout layout(uint32_t id, uint32_t w, uint32_t h)
{
    reel_layout l;
    reel_format f = format(id);
    assert_int_equal(reel_layout_init(&l, &f, w, h, NULL, NULL), REEL_OK);
    return l;
}

static uint32_t halved(uint32_t n, unsigned shift) { return (n + (1u << shift) - 1) >> shift; }

/* Planes are aligned, hold their rows with what is asked for around them, and lie behind each other. */
static void check_layout(const reel_layout *l, const reel_layout_rules *r)
{
    size_t end = 0, align = r && r->stride_align > 64 ? r->stride_align : 64;
    uint32_t edge = r ? r->edge : 0, tail = r ? r->tail : 0;
    uint32_t cw = r && r->coded_width > l->width ? r->coded_width : l->width;
    uint32_t ch = r && r->coded_height > l->height ? r->coded_height : l->height;
    for (uint32_t i = 0; i < l->format.planes; i++) {
        reel_plane p = l->format.plane[i];
        size_t before = halved(edge, p.shift_y) * l->stride[i] + (size_t)halved(edge, p.shift_x) * p.step;
        assert_int_equal(l->offset[i] % align, 0);
        assert_int_equal(l->stride[i] % align, 0);
        assert_int_equal(l->row_bytes[i], halved(l->width, p.shift_x) * p.step);
        assert_int_equal(l->rows[i], halved(l->height, p.shift_y));
        assert_true(l->stride[i] >= (size_t)halved(cw + 2 * edge, p.shift_x) * p.step);
        assert_true(l->offset[i] >= end + before);
        end = l->offset[i] + (size_t)(halved(ch + edge, p.shift_y) - 1) * l->stride[i] +
              (size_t)halved(cw + edge, p.shift_x) * p.step + tail;
    }
    for (uint32_t i = l->format.planes; i < REEL_PLANES; i++)
        assert_int_equal(l->stride[i], 0);
    assert_true(l->size >= end);
    assert_int_equal(l->size % 64, 0);
    if (l->format.planes == 3)
        assert_int_equal(l->stride[1], l->stride[2]);
    if (l->format.planes > 1)
        assert_int_equal(l->stride[0] * l->format.plane[1].step,
                         (l->stride[1] << l->format.plane[1].shift_x) * l->format.plane[0].step);
}

static void test_layouts(void **state)
{
    static const uint32_t sizes[][2] = {{1, 1}, {2, 2}, {3, 5}, {63, 1}, {64, 64}, {65, 33}, {159, 89}, {176, 144},
                                        {641, 361}, {1279, 719}, {1920, 1080}, {1921, 1081}, {3840, 2160}, {1, 65535},
                                        {16383, 3}};
    static const reel_layout_rules rules[] = {
        {.sizeof_rules = sizeof *rules},
        {.sizeof_rules = sizeof *rules, .coded_width = 2000, .coded_height = 1100, .tail = 80},
        {.sizeof_rules = sizeof *rules, .edge = 80, .stride_align = 16},
        {.sizeof_rules = sizeof *rules, .edge = 1, .stride_align = 256, .tail = 1},
        {.sizeof_rules = sizeof *rules, .stride_align = 4096, .coded_width = 1, .coded_height = 1}};
    (void)state;
    for (uint32_t id = REEL_PIXEL_GRAY8; id <= REEL_PIXEL_BGRA; id++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            reel_format f = format(id);
            reel_layout l = layout(id, sizes[s][0], sizes[s][1]);
            check_layout(&l, NULL);
            for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
                assert_int_equal(reel_layout_init(&l, &f, sizes[s][0], sizes[s][1], &rules[r], NULL), REEL_OK);
                check_layout(&l, &rules[r]);
            }
        }
}

static void test_known_layouts(void **state)
{
    (void)state;
    reel_layout l = layout(REEL_PIXEL_I420, 1920, 1080);
    assert_int_equal(l.size, 1920 * 1080 * 3 / 2);
    assert_int_equal(l.offset[2], 1920 * 1080 * 5 / 4);
    l = layout(REEL_PIXEL_NV12, 1921, 1081); /* 1921 is 31 steps of 64, 541 rows of chroma */
    assert_int_equal(l.stride[0], 1984);
    assert_int_equal(l.stride[1], 1984);
    assert_int_equal(l.row_bytes[1], 961 * 2);
    assert_int_equal(l.rows[1], 541);
    l = layout(REEL_PIXEL_RGB24, 101, 7);
    assert_int_equal(l.stride[0], 320);
    l = layout(REEL_PIXEL_P010, 640, 360);
    assert_int_equal(l.size, 640 * 2 * 360 * 3 / 2);
    l = layout(REEL_PIXEL_I444_10, 5, 1);
    assert_int_equal(l.stride[2], 64);
    assert_int_equal(l.size, 3 * 64);
}

static void test_bad_layouts(void **state)
{
    (void)state;
    reel_layout l = {.size = 7};
    reel_error err;
    reel_format f = format(REEL_PIXEL_RGBA), none = {.id = 1}, many = f, thick = f, deep = f;
    reel_layout_rules odd = {.sizeof_rules = sizeof odd, .stride_align = 96}, wide = odd, old = {.tail = 1};
    many.planes = 5;
    thick.plane[0].step = 65;
    deep.plane[0].shift_y = 5;
    assert_int_equal(reel_format_get(0, &f), REEL_E_ARG);
    assert_int_equal(reel_format_get(REEL_PIXEL_USER, &f), REEL_E_ARG);
    assert_int_equal(reel_format_get(REEL_PIXEL_RGBA, NULL), REEL_E_ARG);
    assert_int_equal(reel_layout_init(NULL, &f, 1, 1, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_layout_init(&l, NULL, 1, 1, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_layout_init(&l, &f, 0, 1, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_layout_init(&l, &f, 1, 0, NULL, &err), REEL_E_ARG);
    assert_int_equal(err.code, REEL_E_ARG);
    assert_int_equal(reel_layout_init(&l, &none, 1, 1, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_layout_init(&l, &many, 1, 1, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_layout_init(&l, &thick, 1, 1, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_layout_init(&l, &deep, 1, 1, NULL, NULL), REEL_E_ARG);
    assert_int_equal(reel_layout_init(&l, &f, 1, 1, &odd, NULL), REEL_E_ARG);
    assert_int_equal(reel_layout_init(&l, &f, 1, 1, &old, NULL), REEL_E_ARG);
    wide.stride_align = 8192;
    assert_int_equal(reel_layout_init(&l, &f, 1, 1, &wide, NULL), REEL_E_ARG);
    /* A stride that libav could not hold, and sizes that no machine has. */
    assert_int_equal(reel_layout_init(&l, &f, 1u << 29, 1, NULL, &err), REEL_E_RANGE);
    assert_string_equal(err.text, "536870912 x 1 pixels are more than memory can hold");
    assert_int_equal(reel_layout_init(&l, &f, UINT32_MAX, UINT32_MAX, NULL, NULL), REEL_E_RANGE);
    wide = (reel_layout_rules){.sizeof_rules = sizeof wide, .edge = UINT32_MAX, .tail = UINT32_MAX};
    assert_int_equal(reel_layout_init(&l, &f, 1, 1, &wide, NULL), REEL_E_RANGE);
    if (SIZE_MAX == UINT32_MAX)
        assert_int_equal(reel_layout_init(&l, &f, 32768, 32768, NULL, NULL), REEL_E_RANGE);
    assert_int_equal(l.size, 7); /* untouched */
}

static void test_alignment(void **state)
{
    _Alignas(4096) static uint8_t memory[8192];
    (void)state;
    assert_int_equal(reel_layout_alignment(NULL, 64), 0);
    assert_int_equal(reel_layout_alignment(memory, 0), 4096);
    assert_int_equal(reel_layout_alignment(memory, 1920), 128);
    assert_int_equal(reel_layout_alignment(memory, -1920), 128);
    assert_int_equal(reel_layout_alignment(memory + 16, 640), 16);
    assert_int_equal(reel_layout_alignment(memory + 1, 640), 1);
    assert_int_equal(reel_layout_alignment(memory + 64, 1080 * 3), 8);
    reel_frame f = {.data = {memory, memory + 2048, memory + 3072}, .stride = {64, 32, 32}, .planes = 3};
    assert_int_equal(reel_frame_alignment(&f), 32);
    f.data[2] = NULL;
    assert_int_equal(reel_frame_alignment(&f), 0);
    assert_int_equal(reel_frame_alignment(NULL), 0);
}

/* ---- taking and giving back ---- */

static reel_pool *pool_with(reel_pool_options o)
{
    reel_pool *p = NULL;
    reel_error err = {0};
    o.sizeof_options = sizeof o;
    if (reel_pool_open(&o, &p, &err) != REEL_OK)
        fail_msg("%s", err.text);
    return p;
}

static reel_pool_stats stats(const reel_pool *p)
{
    reel_pool_stats s;
    reel_pool_get_stats(p, &s);
    return s;
}

static reel_frame *take(reel_pool *p, const reel_layout *l)
{
    reel_frame *f = NULL;
    assert_int_equal(reel_pool_take(p, l, REEL_HERE, &f), REEL_OK);
    assert_non_null(f);
    return f;
}

static void fill(const reel_frame *f, const reel_layout *l, int value)
{
    for (uint32_t i = 0; i < f->planes; i++)
        for (uint32_t y = 0; y < l->rows[i]; y++)
            memset(f->data[i] + (ptrdiff_t)y * f->stride[i], value, l->row_bytes[i]);
}

static bool is_filled(const reel_frame *f, const reel_layout *l, int value)
{
    for (uint32_t i = 0; i < f->planes; i++)
        for (uint32_t y = 0; y < l->rows[i]; y++)
            for (uint32_t x = 0; x < l->row_bytes[i]; x++)
                if (f->data[i][(ptrdiff_t)y * f->stride[i] + x] != value)
                    return false;
    return true;
}

static void test_take_give(void **state)
{
    (void)state;
    reel_layout l = layout(REEL_PIXEL_I420, 1920, 1080);
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = l.size});
    reel_frame *f = take(p, &l), *g, *other = take(p, &l);
    assert_int_equal(f->width, 1920);
    assert_int_equal(f->height, 1080);
    assert_int_equal(f->format, REEL_PIXEL_I420);
    assert_int_equal(f->planes, 3);
    assert_null(f->data[3]);
    assert_int_equal(f->stride[1], 960);
    assert_true(reel_frame_alignment(f) >= 64);
    assert_int_equal((uintptr_t)reel_buffer_data(f->buffer) % 4096, 0);
    assert_int_equal(reel_buffer_size(f->buffer), l.size);
    assert_ptr_equal(f->data[1], reel_buffer_data(f->buffer) + l.offset[1]);
    fill(f, &l, 1);
    fill(other, &l, 2);
    assert_true(is_filled(f, &l, 1));
    f->pts = 5;
    f->opaque = p;
    g = reel_frame_ref(f);
    assert_ptr_equal(g, f);
    assert_int_equal(reel_frame_holders(f), 2);
    reel_frame_unref(&f);
    assert_null(f);
    assert_true(is_filled(g, &l, 1));
    assert_int_equal(stats(p).outstanding, 2);
    reel_frame_unref(&g);
    assert_int_equal(stats(p).outstanding, 1);
    assert_int_equal(stats(p).hot, 1);
    f = take(p, &l); /* what came back last is still warm */
    assert_int_equal(f->pts, 0);
    assert_null(f->opaque);
    assert_int_equal(stats(p).hits, 1);
    assert_int_equal(stats(p).misses, 2);
    assert_int_equal(stats(p).high_water, 2);
    reel_frame_unref(&f);
    reel_frame_unref(&other);
    assert_int_equal(stats(p).outstanding, 0);
    assert_int_equal(stats(p).bytes_held, 2 * stats(p).buffer_bytes);
    reel_pool_close(&p);
    assert_null(p);
}

static void test_null(void **state)
{
    (void)state;
    reel_layout l = layout(REEL_PIXEL_GRAY8, 8, 8);
    reel_pool *p = NULL;
    reel_frame *f = NULL;
    reel_buffer *b = NULL;
    reel_pool_stats s;
    reel_pool_close(NULL);
    reel_pool_close(&p);
    reel_frame_unref(NULL);
    reel_frame_unref(&f);
    reel_buffer_unref(NULL);
    reel_buffer_unref(&b);
    assert_null(reel_frame_ref(NULL));
    assert_null(reel_buffer_ref(NULL));
    assert_null(reel_pool_ref(NULL));
    assert_null(reel_buffer_data(NULL));
    assert_int_equal(reel_buffer_size(NULL), 0);
    assert_int_equal(reel_buffer_holders(NULL), 0);
    assert_int_equal(reel_frame_holders(NULL), 0);
    assert_int_equal(reel_pool_take(NULL, &l, NULL, &f), REEL_E_ARG);
    assert_int_equal(reel_pool_take_buffer(NULL, 0, NULL, &b), REEL_E_ARG);
    assert_int_equal(reel_pool_trim(NULL, 0), 0);
    assert_int_equal(reel_pool_held(NULL, NULL, NULL), 0);
    assert_true(reel_pool_deadline(NULL) == REEL_POOL_NEVER);
    reel_pool_get_stats(NULL, NULL);
    reel_pool_get_stats(NULL, &s);
    assert_int_equal(s.max_buffers, 0);
    assert_int_equal(reel_frame_over(NULL, &l, &f, NULL), REEL_E_ARG);
    assert_int_equal(reel_buffer_wrap(NULL, 1, NULL, NULL, NULL, &b, NULL), REEL_E_ARG);
    assert_int_equal(reel_frame_wrap(NULL, NULL, NULL, NULL, &f, NULL), REEL_E_ARG);
    p = pool_with((reel_pool_options){.buffer_size = 64});
    assert_int_equal(reel_pool_take(p, NULL, NULL, &f), REEL_E_ARG);
    assert_int_equal(reel_pool_take(p, &l, NULL, NULL), REEL_E_ARG);
    f = (reel_frame *)(void *)&l;
    assert_int_equal(reel_pool_take(p, &l, NULL, &f), REEL_E_RANGE); /* 8 rows of 64 */
    assert_null(f);
    reel_pool_close(&p);
}

static void test_options(void **state)
{
    (void)state;
    reel_pool *p = NULL;
    reel_error err;
    const reel_pool_options bad[] = {
        {.sizeof_options = 0, .buffer_size = 64},
        {.sizeof_options = sizeof *bad},
        {.sizeof_options = sizeof *bad, .buffer_size = SIZE_MAX},
        {.sizeof_options = sizeof *bad, .buffer_size = 64, .hot = 4095},
        {.sizeof_options = sizeof *bad, .buffer_size = 64, .max_buffers = 65535},
        {.sizeof_options = sizeof *bad, .buffer_size = 64, .max_buffers = 3, .ready = 4},
        {.sizeof_options = sizeof *bad, .buffer_size = MB, .max_bytes = MB - 1},
        {.sizeof_options = sizeof *bad, .buffer_size = (size_t)1 << 30 | 1}};
    assert_int_equal(reel_pool_open(NULL, &p, NULL), REEL_E_ARG);
    assert_int_equal(reel_pool_open(&bad[0], NULL, NULL), REEL_E_ARG);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err.code = 0;
        assert_int_equal(reel_pool_open(&bad[i], &p, &err), REEL_E_ARG);
        assert_int_equal(err.code, REEL_E_ARG);
    }
    /* Of a caller that knew only the first two fields. */
    p = NULL;
    reel_pool_options old = {.sizeof_options = offsetof(reel_pool_options, hot), .buffer_size = 64, .hot = 9999};
    assert_int_equal(reel_pool_open(&old, &p, NULL), REEL_OK);
    assert_true(stats(p).max_buffers > 16);
    reel_pool_close(&p);
}

static void test_ready(void **state)
{
    (void)state;
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = MB, .hot = 2, .ready = 5, .max_buffers = 8});
    reel_buffer *b[5];
    assert_int_equal(stats(p).idle, 5);
    assert_int_equal(stats(p).misses, 0);
    assert_int_equal(stats(p).high_water, 0);
    assert_true(stats(p).bytes_held == 5 * stats(p).buffer_bytes);
    for (int i = 0; i < 5; i++)
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]), REEL_OK);
    assert_int_equal(stats(p).overflow_hits, 5);
    assert_int_equal(stats(p).misses, 0);
    assert_int_equal(stats(p).high_water, 5);
    for (int i = 0; i < 5; i++)
        reel_buffer_unref(&b[i]);
    reel_pool_close(&p);
}

/* The ring holds so many and no more; with none of it all goes through the overflow. */
static void test_levels(void **state)
{
    (void)state;
    const uint32_t hot[] = {1, 3, 4094, REEL_POOL_NO_RING};
    for (size_t k = 0; k < 4; k++) {
        reel_pool *p = pool_with((reel_pool_options){.buffer_size = 8192, .hot = hot[k], .max_buffers = 20});
        reel_buffer *b[20];
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 20; i++)
                assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, "here", &b[i]), REEL_OK);
            assert_int_equal(stats(p).outstanding, 20);
            for (int i = 0; i < 20; i++)
                reel_buffer_unref(&b[i]);
            uint32_t in_ring = hot[k] == REEL_POOL_NO_RING ? 0 : hot[k] < 20 ? hot[k] : 20;
            assert_int_equal(stats(p).hot, in_ring);
            assert_int_equal(stats(p).idle, 20 - in_ring);
            assert_int_equal(stats(p).hits, (uint64_t)round * in_ring);
            assert_int_equal(stats(p).overflow_hits, (uint64_t)round * (20 - in_ring));
        }
        assert_int_equal(stats(p).misses, 20);
        assert_int_equal(stats(p).high_water, 20);
        reel_pool_close(&p);
    }
}

/*
 * What the ring has no room for went through the lock, and of two threads that met there one slept: a microsecond for a
 * buffer that lay ready. Here somebody has the lock all the time.
 */
static void test_no_lock(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 2; k++) {
        reel_pool *p = pool_with((reel_pool_options){.buffer_size = 8192, .hot = k ? 1 : REEL_POOL_NO_RING});
        reel_buffer *b[8];
        for (int i = 0; i < 8; i++)
            assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]), REEL_OK);
        pthread_mutex_lock(&p->lock);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 8; i++)
                reel_buffer_unref(&b[i]);
            for (int i = 0; i < 8; i++)
                assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]), REEL_OK);
        }
        pthread_mutex_unlock(&p->lock);
        assert_int_equal(stats(p).overflow_hits, 3 * (8 - k));
        assert_int_equal(stats(p).high_water, 8);
        for (int i = 0; i < 8; i++)
            reel_buffer_unref(&b[i]);
        reel_pool_close(&p);
    }
}

/*
 * The story of every stack without a lock: a thread reads top A and below it B, and sleeps. Others take A, take B, give C
 * and give A. The top is A again, the count is the same, and a swap to B would hand out a buffer that somebody holds.
 */
static void test_same_top_is_not_same_head(void **state)
{
    (void)state;
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = 64, .hot = 1, .flags = REEL_POOL_FAST});
    reel__pool_stripe *mine = &p->stripe[reel__ring_mine()];
    mine->room = 4;
    reel_buffer *b[3], *again[2];
    uint64_t after;
    for (int i = 0; i < 3; i++)
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]), REEL_OK);
    reel_buffer *const first = b[0], *const other = b[1];
    reel_buffer_unref(&b[1]);
    reel_buffer_unref(&b[0]);
    uint64_t before = atomic_load(&mine->head);
    for (int i = 0; i < 2; i++)
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &again[i]), REEL_OK);
    assert_ptr_equal(again[0], first);
    assert_ptr_equal(again[1], other);
    reel_buffer_unref(&b[2]);
    reel_buffer_unref(&again[0]);
    uint64_t now = atomic_load(&mine->head);
    assert_int_equal(REEL__RING_TOP(now), REEL__RING_TOP(before));
    assert_int_equal(REEL__RING_COUNT(now), REEL__RING_COUNT(before));
    assert_true(now != before);
    assert_ptr_equal(reel__stripe_take(p, mine, &after), first);
    assert_true(reel__stripe_give(mine, first) == REEL__GIVEN);
    reel_buffer_unref(&again[1]);
    reel_pool_close(&p);
}

/* Thumbnails share mappings, and none of them overlaps another. */
static void test_slices(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 63, 64, 100, 4095, 4096, 22000, 65535 - 4096, 65536};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        reel_pool *p = pool_with((reel_pool_options){.buffer_size = sizes[k], .max_buffers = 150});
        reel_buffer *b[150];
        size_t slabs = 0;
        for (int i = 0; i < 150; i++) {
            assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]), REEL_OK);
            uint8_t *at = reel_buffer_data(b[i]);
            assert_int_equal((uintptr_t)at % (sizes[k] < 4096 ? 64 : 4096), 0);
            memset(at, i, sizes[k]);
            slabs += i == 0 || at != reel_buffer_data(b[i - 1]) + stats(p).buffer_bytes;
        }
        if (sizes[k] < 60000)
            assert_true(slabs <= 10);
        for (int i = 0; i < 150; i++) {
            const uint8_t *at = reel_buffer_data(b[i]);
            for (size_t n = 0; n < sizes[k]; n++)
                if (at[n] != i)
                    fail_msg("slice %d of %zu bytes was written by another", i, sizes[k]);
            reel_buffer_unref(&b[i]);
        }
        reel_pool_close(&p);
    }
}

/* ---- the ceiling ---- */

static void test_refuse(void **state)
{
    (void)state;
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = MB, .max_bytes = 3 * MB + 12 * 4096});
    reel_buffer *b[3], *more = (reel_buffer *)(void *)p;
    assert_int_equal(stats(p).max_buffers, 3);
    assert_true(reel_pool_deadline(p) == REEL_POOL_NEVER);
    for (int i = 0; i < 3; i++)
        assert_int_equal(reel_pool_take_buffer(p, reel_pool_deadline(p), NULL, &b[i]), REEL_OK);
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &more), REEL_E_AGAIN);
    assert_null(more);
    assert_int_equal(stats(p).refusals, 1);
    assert_int_equal(stats(p).waits, 0);
    reel_buffer_unref(&b[1]);
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[1]), REEL_OK);
    assert_int_equal(stats(p).high_water, 3);
    assert_true(stats(p).bytes_held <= stats(p).bytes_ceiling);
    for (int i = 0; i < 3; i++)
        reel_buffer_unref(&b[i]);
    reel_pool_close(&p);
}

static void test_timeout(void **state)
{
    (void)state;
    reel_layout l = layout(REEL_PIXEL_NV12, 640, 360);
    reel_pool *p = pool_with(
        (reel_pool_options){.buffer_size = l.size, .max_buffers = 1, .flags = REEL_POOL_WAIT, .wait_ns = 30 * MS});
    reel_frame *f = take(p, &l), *g;
    int64_t start = reel_pool_now();
    assert_int_equal(reel_pool_take(p, &l, NULL, &g), REEL_E_AGAIN);
    assert_null(g);
    assert_in_range(reel_pool_now() - start, 30 * MS, 5000LL * MS);
    start = reel_pool_now();
    assert_int_equal(reel_pool_take_until(p, &l, start + 10 * MS, NULL, &g), REEL_E_AGAIN);
    assert_in_range(reel_pool_now() - start, 10 * MS, 5000LL * MS);
    /* A deadline that is past already, and moments that no clock shows. */
    assert_int_equal(reel_pool_take_until(p, &l, start, NULL, &g), REEL_E_AGAIN);
    assert_int_equal(reel_pool_take_until(p, &l, -5, NULL, &g), REEL_E_AGAIN);
    assert_int_equal(reel_pool_take_until(p, &l, 0, NULL, &g), REEL_E_AGAIN);
    assert_int_equal(reel_pool_take_until(p, &l, REEL_POOL_NEVER, NULL, &g), REEL_E_AGAIN);
    assert_int_equal(stats(p).refusals, 6);
    reel_frame_unref(&f);
    f = take(p, &l);
    reel_frame_unref(&f);
    assert_int_equal(stats(p).hot, 1); /* nobody waits any more, so the ring is used again */
    reel_pool_close(&p);
}

static void nap(int ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * MS}, NULL); }

static void *give_later(void *user)
{
    reel_buffer *b = user;
    nap(30);
    reel_buffer_unref(&b);
    return NULL;
}

static void test_wait(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        reel_pool *p = pool_with((reel_pool_options){.buffer_size = 4096, .max_buffers = 1, .flags = REEL_POOL_WAIT,
                                                     .hot = k == 1 ? REEL_POOL_NO_RING : 0});
        reel_buffer *b, *again;
        pthread_t t;
        assert_true(reel_pool_deadline(p) == REEL_POOL_FOREVER);
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b), REEL_OK);
        assert_int_equal(pthread_create(&t, NULL, give_later, b), 0);
        int64_t until = k == 2 ? reel_pool_now() + 60000LL * MS : reel_pool_deadline(p);
        assert_int_equal(reel_pool_take_buffer(p, until, NULL, &again), REEL_OK);
        assert_ptr_equal(again, b);
        pthread_join(t, NULL);
        assert_int_equal(stats(p).waits, 1);
        assert_int_equal(stats(p).refusals, 0);
        reel_buffer_unref(&again);
        reel_pool_close(&p);
    }
}

/* ---- memory goes back ---- */

static size_t pages_there(const uint8_t *p, size_t bytes)
{
    unsigned char *there = malloc(bytes / 4096);
    size_t n = 0;
    assert_non_null(there);
    union {
        const uint8_t *have;
        void *want;
    } at = {p};
    assert_int_equal(mincore(at.want, bytes, there), 0);
    for (size_t i = 0; i < bytes / 4096; i++)
        n += there[i] & 1;
    free(there);
    return n;
}

static void test_trim(void **state)
{
    (void)state;
    enum { N = 8, BYTES = 3 * MB };
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = BYTES, .hot = 3});
    reel_buffer *b[N];
    uint8_t *at[N];
    if (sysconf(_SC_PAGESIZE) != 4096)
        skip();
    for (int i = 0; i < N; i++) {
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]), REEL_OK);
        memset(at[i] = reel_buffer_data(b[i]), 1, BYTES);
        assert_int_equal(pages_there(at[i], BYTES), BYTES / 4096);
    }
    assert_int_equal(reel_pool_trim(p, 0), 0); /* all are out */
    reel_buffer *kept = reel_buffer_ref(b[7]);
    for (int i = 0; i < N; i++)
        reel_buffer_unref(&b[i]);
    assert_int_equal(reel_pool_trim(p, 3600LL * 1000 * MS), 0); /* none has lain for an hour */
    nap(20);
    assert_int_equal(reel_pool_trim(p, 5 * MS), 4 * stats(p).buffer_bytes); /* the overflow's, not the ring's */
    assert_int_equal(pages_there(at[0], BYTES), BYTES / 4096);
    assert_int_equal(pages_there(at[4], BYTES), 0);
    assert_int_equal(reel_pool_trim(p, 0), 3 * stats(p).buffer_bytes);
    for (int i = 0; i < 7; i++)
        assert_int_equal(pages_there(at[i], BYTES), 0);
    assert_int_equal(pages_there(at[7], BYTES), BYTES / 4096);
    assert_int_equal(reel_buffer_data(kept)[BYTES - 1], 1);
    assert_int_equal(stats(p).bytes_held, stats(p).buffer_bytes);
    assert_int_equal(stats(p).bare, 7);
    assert_int_equal(stats(p).trims, 7);
    assert_int_equal(stats(p).misses, N);
    /* A bare one is a buffer like any other, at the price of a miss. */
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[0]), REEL_OK);
    assert_int_equal(stats(p).misses, N + 1);
    memset(reel_buffer_data(b[0]), 3, BYTES);
    reel_buffer_unref(&b[0]);
    reel_buffer_unref(&kept);
    reel_pool_close(&p);
}

/* Of what lies on the shelf the old go and the young stay, the last that came on top. */
static void test_young_ones_stay(void **state)
{
    (void)state;
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = 8192, .hot = REEL_POOL_NO_RING, .max_buffers = 6});
    reel_buffer *b[6], *again;
    for (int i = 0; i < 6; i++)
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]), REEL_OK);
    reel_buffer *const young[3] = {b[3], b[4], b[5]};
    for (int i = 0; i < 3; i++)
        reel_buffer_unref(&b[i]);
    nap(60);
    for (int i = 3; i < 6; i++)
        reel_buffer_unref(&b[i]);
    assert_int_equal(reel_pool_trim(p, 30 * MS), 3 * stats(p).buffer_bytes);
    assert_int_equal(stats(p).idle, 3);
    assert_int_equal(stats(p).bare, 3);
    assert_int_equal(stats(p).outstanding, 0);
    for (int i = 3; i-- > 0;) {
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &again), REEL_OK);
        assert_ptr_equal(again, young[i]);
    }
    assert_int_equal(stats(p).misses, 6);
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &again), REEL_OK);
    assert_int_equal(stats(p).misses, 7);
    for (int i = 3; i-- > 0;) {
        reel_buffer *back = young[i];
        reel_buffer_unref(&back);
    }
    reel_buffer_unref(&again);
    reel_pool_close(&p);
}

/* With an idle time the takes themselves give back what nobody needs, one buffer each so many of them. */
static void test_idle(void **state)
{
    (void)state;
    enum { N = 6 };
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = 128 << 10, .hot = 2, .idle_ns = 30 * MS,
                                                 .flags = REEL_POOL_FAST});
    reel_buffer *b[N];
    for (int i = 0; i < N; i++)
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]), REEL_OK);
    for (int i = 0; i < N; i++)
        reel_buffer_unref(&b[i]);
    assert_int_equal(stats(p).idle, 4);
    nap(60);
    for (int i = 0; i < 8 * 1024; i++) {
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[0]), REEL_OK);
        reel_buffer_unref(&b[0]);
    }
    assert_int_equal(stats(p).idle, 0);
    assert_int_equal(stats(p).bare, 4);
    assert_int_equal(stats(p).hot, 2);
    reel_pool_close(&p);
}

static void test_lazy_trim(void **state)
{
    (void)state;
    reel_pool *p =
        pool_with((reel_pool_options){.buffer_size = MB, .flags = REEL_POOL_LAZY_TRIM | REEL_POOL_SMALL_PAGES});
    reel_buffer *b;
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b), REEL_OK);
    memset(reel_buffer_data(b), 1, MB);
    reel_buffer_unref(&b);
    assert_true(reel_pool_trim(p, 0) >= MB);
    assert_int_equal(stats(p).bytes_held, 0);
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b), REEL_OK);
    memset(reel_buffer_data(b), 2, MB);
    reel_buffer_unref(&b);
    reel_pool_close(&p);
}

/* ---- who holds what ---- */

typedef struct heard {
    int n;
    reel_pool_report last;
    char label[64];
} heard;

static void hear(void *user, const reel_pool_report *r)
{
    heard *h = user;
    h->n++;
    h->last = *r;
    snprintf(h->label, sizeof h->label, "%s", r->label);
}

static void test_close_with_frames_out(void **state)
{
    (void)state;
    for (int small = 0; small < 2; small++) {
        reel_layout l = layout(REEL_PIXEL_RGB24, small ? 64 : 640, small ? 64 : 360);
        heard h = {0};
        reel_pool *p = pool_with((reel_pool_options){.buffer_size = l.size, .hot = 2, .flags = REEL_POOL_TRACK,
                                                     .report = hear, .report_user = &h});
        reel_pool *second = reel_pool_ref(p);
        reel_frame *f[5];
        for (int i = 0; i < 5; i++)
            assert_int_equal(reel_pool_take(p, &l, i == 3 ? "player.c:71" : REEL_HERE, &f[i]), REEL_OK);
        assert_int_equal(reel_pool_held(p, NULL, NULL), 5);
        for (int i = 0; i < 5; i++)
            if (i != 3)
                fill(f[i], &l, i);
        fill(f[3], &l, 33);
        reel_buffer *mem = reel_buffer_ref(f[3]->buffer);
        reel_frame_unref(&f[0]);
        reel_frame_unref(&f[1]);
        reel_frame_unref(&f[2]);
        reel_frame_unref(&f[4]);
        assert_int_equal(reel_pool_held(p, hear, &h), 1);
        assert_string_equal(h.label, "player.c:71");
        reel_pool_close(&p);
        assert_int_equal(h.n, 1); /* another reference keeps it open */
        reel_pool_close(&second);
        assert_int_equal(h.n, 2);
        assert_int_equal(h.last.finding, REEL_POOL_HELD);
        assert_string_equal(h.label, "player.c:71");
        assert_true(h.last.thread != 0);
        assert_ptr_equal(h.last.data, f[3]->data[0]);
        assert_true(is_filled(f[3], &l, 33));
        reel_frame_unref(&f[3]);
        memset(reel_buffer_data(mem), 1, l.size); /* still held */
        reel_buffer_unref(&mem);
    }
}

static void test_nothing_tracked(void **state)
{
    (void)state;
    heard h = {0};
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = 64, .flags = REEL_POOL_TRACK | REEL_POOL_FAST,
                                                 .report = hear, .report_user = &h});
    reel_buffer *b;
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b), REEL_OK);
    assert_int_equal(reel_pool_held(p, hear, &h), 0);
    reel_pool_close(&p);
    assert_int_equal(h.n, 0);
    reel_buffer_unref(&b);
}

static void write_after_return(uint8_t *at)
{
#ifdef HAVE_ASAN /* it would stop us right here, which is what it is for */
    assert_true(__asan_address_is_poisoned(at));
    ASAN_UNPOISON_MEMORY_REGION(at, 1);
#endif
    *at = 1;
}

static void test_written_after_return(void **state)
{
    (void)state;
    heard h = {0};
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = 10000, .flags = REEL_POOL_FILL | REEL_POOL_TRACK,
                                                 .report = hear, .report_user = &h});
    reel_buffer *b;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, i ? "next" : "culprit", &b), REEL_OK);
        uint8_t *at = reel_buffer_data(b);
        memset(at, 7, 10000);
        reel_buffer_unref(&b);
        if (i == 0)
            write_after_return(at + 9999);
    }
    assert_int_equal(h.n, 1);
    assert_int_equal(h.last.finding, REEL_POOL_WRITTEN);
    assert_int_equal(h.last.offset, 9999);
    assert_string_equal(h.label, "culprit");
    reel_pool_close(&p);
}

static void test_poison(void **state)
{
    (void)state;
#ifdef HAVE_ASAN
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = 1000});
    reel_buffer *b;
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b), REEL_OK);
    uint8_t *at = reel_buffer_data(b);
    assert_false(__asan_address_is_poisoned(at));
    assert_false(__asan_address_is_poisoned(at + 999));
    assert_true(__asan_address_is_poisoned(at + 1000)); /* no neighbour to run into */
    reel_buffer_unref(&b);
    assert_true(__asan_address_is_poisoned(at));
    reel_pool_close(&p);
    assert_false(__asan_address_is_poisoned(at)); /* whoever gets these pages next */
#else
    skip();
#endif
}

/* ---- several frames over one buffer; other people's memory ---- */

static void test_frames_over(void **state)
{
    (void)state;
    reel_layout l = layout(REEL_PIXEL_I420, 320, 180);
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = l.size + 64});
    reel_buffer *b;
    reel_frame *f[3];
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, REEL_HERE, &b), REEL_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(reel_frame_over(b, &l, &f[i], NULL), REEL_OK);
        f[i]->pts = i;
        assert_ptr_equal(f[i]->data[0], reel_buffer_data(b));
    }
    assert_int_equal(reel_buffer_holders(b), 4);
    reel_buffer_unref(&b); /* the decoder is done with it */
    reel_frame_unref(&f[0]);
    assert_int_equal(reel_frame_over(f[1]->buffer, &l, &f[0], NULL), REEL_OK); /* the first header serves again */
    assert_int_equal(f[1]->pts, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(stats(p).outstanding, 1);
        reel_frame_unref(&f[i]);
    }
    assert_int_equal(stats(p).outstanding, 0);
    reel_layout large = layout(REEL_PIXEL_I420, 640, 180);
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, REEL_HERE, &b), REEL_OK);
    assert_int_equal(reel_frame_over(b, &large, &f[0], NULL), REEL_E_RANGE);
    reel_pool_close(&p); /* headers outlive it too */
    assert_int_equal(reel_frame_over(b, &l, &f[0], NULL), REEL_OK);
    assert_int_equal(reel_frame_over(b, &l, &f[1], NULL), REEL_OK);
    reel_buffer_unref(&b);
    reel_frame_unref(&f[0]);
    reel_frame_unref(&f[1]);
}

static void free_and_count(void *user, void *data)
{
    ++*(int *)user;
    free(data);
}

static void test_foreign(void **state)
{
    (void)state;
    int freed = 0;
    uint8_t *mem = malloc(64 * 48);
    reel_frame like = {.data = {mem + 64 * 47}, .stride = {-64}, .width = 64, .height = 48,
                       .format = REEL_PIXEL_GRAY8, .planes = 1, .pts = 9, .flags = REEL_FRAME_KEY}, *f, *g;
    reel_buffer *b;
    assert_non_null(mem);
    like.planes = 2;
    assert_int_equal(reel_frame_wrap(&like, free_and_count, &freed, NULL, &f, NULL), REEL_E_ARG);
    like.planes = 1;
    like.data[0] = mem;
    assert_int_equal(reel_frame_wrap(&like, free_and_count, &freed, NULL, &f, NULL), REEL_OK);
    assert_int_equal(f->stride[0], -64);
    assert_int_equal(f->pts, 9);
    b = reel_buffer_ref(f->buffer);
    g = reel_frame_ref(f);
    reel_frame_unref(&f);
    reel_frame_unref(&g);
    assert_int_equal(freed, 0);
    reel_buffer_unref(&b);
    assert_int_equal(freed, 1);

    reel_layout l = layout(REEL_PIXEL_GRAY8, 64, 48);
    mem = malloc(l.size);
    assert_int_equal(reel_buffer_wrap(mem, l.size, free_and_count, &freed, NULL, &b, NULL), REEL_OK);
    assert_int_equal(reel_frame_over(b, &l, &f, NULL), REEL_OK);
    assert_int_equal(reel_frame_over(b, &l, &g, NULL), REEL_OK);
    reel_buffer_unref(&b);
    fill(f, &l, 1);
    reel_frame_unref(&f);
    reel_frame_unref(&g);
    assert_int_equal(freed, 2);
    assert_int_equal(reel_buffer_wrap(NULL, 0, NULL, NULL, NULL, &b, NULL), REEL_OK);
    reel_buffer_unref(&b);
}

/* ---- memory that runs out ---- */

typedef struct purse {
    int left; /* allocations that still succeed */
    long alive;
} purse;

static void *spend(void *user, void *p, size_t n)
{
    purse *own = user;
    if (n == 0) {
        own->alive -= p != NULL;
        free(p);
        return NULL;
    }
    if (own->left-- <= 0)
        return NULL;
    own->alive += p == NULL;
    return realloc(p, n);
}

/* Everything that allocates, once; true when nothing failed. */
static bool use_all(const reel_allocator *a, size_t size)
{
    reel_pool *p;
    reel_buffer *b[4] = {NULL}, *wrapped = NULL;
    reel_frame *f[3] = {NULL}, *foreign = NULL;
    reel_layout l = layout(REEL_PIXEL_GRAY8, 64, 1);
    int bad = 0;
    reel_error err;
    reel_frame like = {.data = {(uint8_t *)&err}, .width = 1, .height = 1, .planes = 1};
    reel_pool_options o = {.sizeof_options = sizeof o, .buffer_size = size, .max_buffers = 70, .alloc = a, .ready = 1};
    if (reel_pool_open(&o, &p, &err) != REEL_OK) {
        assert_int_equal(err.code, REEL_E_NOMEM);
        return false;
    }
    for (int i = 0; i < 4; i++)
        bad += reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]) != REEL_OK;
    assert_int_equal(stats(p).failures, bad);
    for (int i = 0; i < 3; i++)
        bad += reel_frame_over(b[0], &l, &f[i], NULL) != REEL_OK;
    bad += reel_buffer_wrap(&err, sizeof err, NULL, NULL, a, &wrapped, NULL) != REEL_OK;
    bad += reel_frame_wrap(&like, NULL, NULL, a, &foreign, NULL) != REEL_OK;
    /* What failed once may succeed later: no number is lost. */
    uint32_t out = stats(p).outstanding;
    for (int i = 0; i < 4; i++)
        out += b[i] ? 0 : reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]) == REEL_OK;
    assert_int_equal(stats(p).outstanding, out);
    assert_int_equal(reel_pool_trim(p, 0), 0);
    reel_pool_close(&p);
    for (int i = 0; i < 4; i++) {
        if (b[i])
            memset(reel_buffer_data(b[i]), 1, size);
        reel_buffer_unref(&b[i]);
    }
    for (int i = 0; i < 3; i++)
        reel_frame_unref(&f[i]);
    reel_buffer_unref(&wrapped);
    reel_frame_unref(&foreign);
    return bad == 0;
}

static void test_malloc_failure(void **state)
{
    (void)state;
    const size_t sizes[] = {64, 5000, 100000};
    for (size_t k = 0; k < 3; k++) {
        int n = 0;
        for (bool done = false; !done; n++) {
            purse own = {.left = n};
            reel_allocator a = {spend, &own};
            done = use_all(&a, sizes[k]);
            assert_int_equal(own.alive, 0);
            assert_true(n < 40);
        }
        assert_true(n > 5); /* each allocation has failed once */
    }
}

static void test_failure_is_not_for_good(void **state)
{
    (void)state;
    purse own = {.left = 1};
    reel_allocator a = {spend, &own};
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = 100000, .max_buffers = 2, .alloc = &a});
    reel_buffer *b[2], *c;
    for (int i = 0; i < 3; i++)
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_FOREVER, NULL, &b[0]), REEL_E_NOMEM);
    own.left = 10;
    for (int i = 0; i < 2; i++)
        assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &b[i]), REEL_OK);
    assert_int_equal(reel_pool_take_buffer(p, REEL_POOL_NEVER, NULL, &c), REEL_E_AGAIN);
    assert_int_equal(stats(p).failures, 3);
    reel_buffer_unref(&b[0]);
    reel_buffer_unref(&b[1]);
    reel_pool_close(&p);
    assert_int_equal(own.alive, 0);
}

/* A child has a copy of what its parent held. */
static void test_fork(void **state)
{
    (void)state;
    reel_layout l = layout(REEL_PIXEL_GRAY8, 640, 360);
    reel_pool *p = pool_with((reel_pool_options){.buffer_size = l.size});
    reel_frame *f = take(p, &l);
    int status;
    fill(f, &l, 5);
    pid_t child = fork();
    if (child == 0) {
        bool good = is_filled(f, &l, 5);
        fill(f, &l, 6);
        reel_frame_unref(&f);
        reel_pool_close(&p);
        _exit(good ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(is_filled(f, &l, 5));
    reel_frame_unref(&f);
    reel_pool_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_known_layouts),
        cmocka_unit_test(test_bad_layouts),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_take_give),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_ready),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_same_top_is_not_same_head),
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_refuse),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_no_lock),
        cmocka_unit_test(test_young_ones_stay),
        cmocka_unit_test(test_lazy_trim),
        cmocka_unit_test(test_close_with_frames_out),
        cmocka_unit_test(test_nothing_tracked),
        cmocka_unit_test(test_written_after_return),
        cmocka_unit_test(test_poison),
        cmocka_unit_test(test_frames_over),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_malloc_failure),
        cmocka_unit_test(test_failure_is_not_for_good),
        cmocka_unit_test(test_fork),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
