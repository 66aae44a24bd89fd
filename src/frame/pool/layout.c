/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where planes lie. Every sum is checked: sizes come from files.
 *
 *   plane 0   [edge rows][edge | picture, coded width | edge, rounding] x coded rows [edge rows][tail]
 *   plane 1   ...
 */
#include <stdio.h>
#include <string.h>

#include <reel/pool.h>

#include "frame/base/fail.h"

#define add(a, b, out) (!__builtin_add_overflow(a, b, out))
#define mul(a, b, out) (!__builtin_mul_overflow(a, b, out))

enum { ALIGN = 64, MOST_ALIGN = 4096, MOST_STEP = 64, MOST_SHIFT = 4 };

static const reel_format formats[] = {
#define OTHER(n, planes, step, x, y)                                                                          \
    {(planes) > (n) ? (step) : 0, (planes) > (n) ? (x) : 0, (planes) > (n) ? (y) : 0, 0}
#define ROW(name, id, planes, bits, first, step, x, y)                                                        \
    {id, planes, bits, 0, {{first, 0, 0, 0}, OTHER(1, planes, step, x, y), OTHER(2, planes, step, x, y), {0, 0, 0, 0}}},
    REEL_PIXELS(ROW)
#undef ROW
#undef OTHER
};

int reel_format_get(uint32_t id, reel_format *out)
{
    for (size_t i = 0; out && i < sizeof formats / sizeof *formats; i++)
        if (formats[i].id == id) {
            *out = formats[i];
            return REEL_OK;
        }
    return REEL_E_ARG;
}

int reel_sound_format_get(uint32_t id, reel_sound_format *out)
{
    static const reel_sound_format sounds[] = {
#define SOUND_ROW(name, number, size, is_planar, is_real) \
    {.id = (number), .bytes = (size), .planar = (is_planar), .real = (is_real)},
        REEL_SOUNDS(SOUND_ROW)
#undef SOUND_ROW
    };
    for (size_t i = 0; out && i < sizeof sounds / sizeof *sounds; i++)
        if (sounds[i].id == id) {
            *out = sounds[i];
            return REEL_OK;
        }
    return REEL_E_ARG;
}

typedef struct shape { /* of the whole allocation, in pixels of plane 0 */
    size_t width, height, edge_x, edge_y;
    size_t align, tail;
} shape;

static size_t halved(size_t n, unsigned shift) { return (n >> shift) + ((n & (((size_t)1 << shift) - 1)) != 0); }

/* to is a power of two */
static bool round_up(size_t n, size_t to, size_t *out)
{
    if (!add(n, to - 1, out))
        return false;
    *out &= ~(to - 1);
    return true;
}

static bool format_is_sane(const reel_format *f)
{
    if (f->planes < 1 || f->planes > REEL_PLANES)
        return false;
    for (uint32_t i = 0; i < f->planes; i++) {
        const reel_plane *p = &f->plane[i];
        if (p->step < 1 || p->step > MOST_STEP || p->shift_x > MOST_SHIFT || p->shift_y > MOST_SHIFT)
            return false;
    }
    return true;
}

/* Of how many pixels the width must be a multiple, so that each row of each plane ends aligned; a power of two. */
static size_t width_unit(const reel_format *f, size_t align)
{
    size_t unit = 1;
    for (uint32_t i = 0; i < f->planes; i++) {
        size_t low = (size_t)(f->plane[i].step & -f->plane[i].step), n = low < align ? align / low : 1;
        n <<= f->plane[i].shift_x;
        unit = n > unit ? n : unit;
    }
    return unit;
}

static size_t height_unit(const reel_format *f)
{
    unsigned shift = 0;
    for (uint32_t i = 0; i < f->planes; i++)
        shift = f->plane[i].shift_y > shift ? f->plane[i].shift_y : shift;
    return (size_t)1 << shift;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static bool shape_init(shape *s, const reel_layout *l, const reel_layout_rules *r)
{
    size_t unit, rows = height_unit(&l->format);
    s->align = larger(r->stride_align, ALIGN);
    s->tail = r->tail;
    unit = width_unit(&l->format, s->align);
    return round_up(r->edge, unit, &s->edge_x) && round_up(r->edge, rows, &s->edge_y) &&
           add(larger(r->coded_width, l->width), s->edge_x, &s->width) && add(s->width, s->edge_x, &s->width) &&
           add(larger(r->coded_height, l->height), s->edge_y, &s->height) && add(s->height, s->edge_y, &s->height) &&
           /* A single plane need not keep step with others: its rows are rounded by themselves. */
           (l->format.planes == 1 || round_up(s->width, unit, &s->width)) && round_up(s->height, rows, &s->height);
}

static bool place_plane(reel_layout *l, uint32_t i, const shape *s)
{
    const reel_plane *p = &l->format.plane[i];
    size_t stride, bytes, before, wide = halved(l->width, p->shift_x);
    if (!mul(halved(s->width, p->shift_x), (size_t)p->step, &stride) || !round_up(stride, s->align, &stride) ||
        stride > INT32_MAX || !mul(stride, halved(s->height, p->shift_y), &bytes) || !add(bytes, s->tail, &bytes) ||
        !round_up(bytes, s->align, &bytes))
        return false;
    /* Inside of bytes, so these cannot overflow. */
    before = (s->edge_y >> p->shift_y) * stride + (s->edge_x >> p->shift_x) * p->step;
    l->offset[i] = l->size + before;
    l->stride[i] = stride;
    l->row_bytes[i] = (uint32_t)(wide * p->step);
    l->rows[i] = (uint32_t)halved(l->height, p->shift_y);
    return add(l->size, bytes, &l->size) && l->size <= PTRDIFF_MAX;
}

static bool rules_are_sane(const reel_layout_rules *r)
{
    return r->sizeof_rules >= offsetof(reel_layout_rules, reserved) && r->stride_align <= MOST_ALIGN &&
           (r->stride_align & (r->stride_align - 1)) == 0;
}

int reel_layout_init(reel_layout *out, const reel_format *format, uint32_t width, uint32_t height,
                     const reel_layout_rules *rules, reel_error *err)
{
    const reel_layout_rules none = {.sizeof_rules = sizeof none};
    reel_layout l;
    shape s;
    if (!out || !format || !width || !height)
        return reel__frame_fail(err, REEL_E_ARG, "a layout needs a format, a width and a height");
    if (!format_is_sane(format))
        return reel__frame_fail(err, REEL_E_ARG, "no picture is made of such planes");
    if (rules && !rules_are_sane(rules))
        return reel__frame_fail(err, REEL_E_ARG, "stride_align is no power of two up to %d", MOST_ALIGN);
    memset(&l, 0, sizeof l);
    l.format = *format;
    l.width = width;
    l.height = height;
    bool fits = shape_init(&s, &l, rules ? rules : &none);
    for (uint32_t i = 0; fits && i < format->planes; i++)
        fits = place_plane(&l, i, &s);
    if (!fits)
        return reel__frame_fail(err, REEL_E_RANGE, "%u x %u pixels are more than memory can hold", width, height);
    *out = l;
    return REEL_OK;
}

size_t reel_layout_alignment(const void *data, ptrdiff_t stride)
{
    uintptr_t bits = (uintptr_t)data | (uintptr_t)stride | MOST_ALIGN;
    return data ? (size_t)(bits & -bits) : 0;
}
