/* SPDX-License-Identifier: BSD-2-Clause */
/* Pictures: one frame through what was prepared. Takes no memory. */
#include <string.h>

#include "frame/base/fail.h"
#include "frame/picture/room.h"

typedef struct target { /* a plane of the output */
    uint8_t *data;
    ptrdiff_t stride;
    unsigned pixel; /* bytes */
} target;

/* ---- what the picture leaves free ---- */

static void fill(const target *t, uint32_t y, uint32_t from, uint32_t to, const uint8_t *colour)
{
    uint8_t *row = t->data + (ptrdiff_t)y * t->stride;
    if (t->pixel == 1) {
        memset(row + from, colour[0], to - from);
        return;
    }
    for (uint32_t x = from; x < to; x++)
        memcpy(row + (size_t)x * 3, colour, 3);
}

static void fill_around(const reel_picture *p, const target *t, const reel__pass *pass, const uint8_t *colour)
{
    uint32_t across = p->turned ? pass->ny : pass->nx, down = p->turned ? pass->nx : pass->ny;
    for (uint32_t y = 0; y < pass->high; y++) {
        bool inside = y >= pass->y && y - pass->y < down;
        fill(t, y, 0, inside ? pass->x : pass->wide, colour);
        if (inside)
            fill(t, y, pass->x + across, pass->wide, colour);
    }
}

/* ---- rows ---- */

static uint8_t *row_at(const reel_picture *p, const target *t, const reel__pass *pass, uint32_t j)
{
    uint32_t x = pass->x + (p->turned ? j : 0), y = pass->y + (p->turned ? 0 : j);
    return t->data + (ptrdiff_t)y * t->stride + (size_t)x * t->pixel;
}

/* A row of ours is a column of the output. */
static void stand_up(const reel_picture *p, const target *t, const reel__pass *pass, uint32_t j)
{
    uint8_t *to = row_at(p, t, pass, j);
    for (uint32_t i = 0; i < pass->nx; i++, to += t->stride)
        if (t->pixel == 1)
            *to = p->out[i];
        else
            memcpy(to, p->out + (size_t)i * 3, 3);
}

static reel__source source_of(const reel_picture *p, const reel_frame *f, const reel__lane *lane, unsigned component,
                              reel__where w)
{
    if (lane->scaled)
        return (reel__source){p->small[component], (ptrdiff_t)lane->x.n, 1, 1, 8};
    return (reel__source){f->data[w.plane], f->stride[w.plane], w.step, p->bytes, 16 - p->stored};
}

static bool is_sparse(const reel__lane *lane)
{
    return lane->x.most <= 2 && lane->y.most <= 2 && lane->x.span / 2 >= lane->x.n;
}

/* Components first to first + n - 1 of row j, in p->row. Those that share a plane share its column. */
static void gather(reel_picture *p, const reel_frame *f, const reel__pass *pass, unsigned first, unsigned n, uint32_t j)
{
    unsigned there = REEL_PLANES;
    for (unsigned c = first; c < first + n; c++) {
        reel__where w = reel__where_is(p, c);
        const reel__lane *lane = &pass->lane[w.plane > 0];
        reel__source s = source_of(p, f, lane, w.plane, w);
        if (is_sparse(lane)) {
            p->rows->sparse(p->row[c], &s, w.channel, lane, j);
            continue;
        }
        if (there != w.plane)
            p->rows->column(p->column, p->sum, &s, lane, j);
        there = w.plane;
        p->rows->across(p->row[c], p->column, w.step, w.channel, &lane->x);
    }
}

static const uint16_t *const *rows(const reel_picture *p) { return (const uint16_t *const *)p->row; }

static void full_row(reel_picture *p, const reel_frame *f, const target *t, uint32_t j)
{
    const reel__pass *pass = &p->pass[0];
    const reel__colour *c = &p->colour;
    uint8_t *out = p->turned ? p->out : row_at(p, t, pass, j);
    gather(p, f, pass, 0, c->three && p->kind != REEL__GRAY ? 3 : 1, j);
    if (t->pixel == 3) {
        p->rows->rgb(p->apart, rows(p), c->mix, c->zero, pass->nx);
        p->rows->weave(out, p->apart, pass->nx);
    } else if (c->three)
        p->rows->mix(out, rows(p), &c->mix[0], c->zero, pass->nx);
    else
        p->rows->single(out, p->row[0], &c->mix[0], c->zero[0], pass->nx);
    if (p->turned)
        stand_up(p, t, pass, j);
}

static void chroma_row(reel_picture *p, const reel_frame *f, const target *t, uint32_t j)
{
    const reel__pass *pass = &p->pass[1];
    const reel__colour *c = &p->colour;
    if (p->kind != REEL__GRAY)
        gather(p, f, pass, c->three ? 0 : 1, c->three ? 3 : 2, j);
    for (unsigned i = 1; i < 3; i++, t++) {
        uint8_t *out = p->turned ? p->out : row_at(p, t, pass, j);
        if (p->kind == REEL__GRAY)
            memset(out, 128, pass->nx);
        else if (c->three)
            p->rows->mix(out, rows(p), &c->mix[i], c->zero, pass->nx);
        else
            p->rows->single(out, p->row[i], &c->mix[i], c->zero[i], pass->nx);
        if (p->turned)
            stand_up(p, t, pass, j);
    }
}

/* ---- libyuv's part ---- */

static void scale_lanes(reel_picture *p, const reel_frame *f, const reel__pass *pass, unsigned first, unsigned n)
{
    for (unsigned i = first; i < first + n && i < p->planes; i++) {
        const reel__lane *l = &pass->lane[i > 0];
        if (l->scaled)
            reel__yuv_scale(f->data[i] + (ptrdiff_t)l->from_y * f->stride[i] + l->from_x, f->stride[i],
                            l->from_w, l->from_h, p->small[i], l->x.n, l->y.n);
    }
}

static bool may_convert(const reel_picture *p, const target *t)
{
    const reel__lane *l = p->pass[0].lane;
    return !(p->options.flags & REEL_PICTURE_EXACT) && p->kind == REEL__YUV && p->planes == 3 && p->bytes == 1 &&
           !p->colour.gbr && !p->turned && t->pixel == 3 && l[0].x.straight && l[0].y.straight &&
           l[0].scaled == l[1].scaled;
}

/* What libyuv has no numbers for (709 and 2020 in limited range), and blended chroma. */
static bool convert_rows(const reel_picture *p, const uint8_t *const plane[3], const ptrdiff_t stride[3],
                         const reel_plane *c, const target *t)
{
    const reel__pass *pass = &p->pass[0];
    const reel__colour *colour = &p->colour;
    uint32_t wide = (pass->nx + (1U << c->shift_x) - 1) >> c->shift_x;
    uint32_t high = (pass->ny + (1U << c->shift_y) - 1) >> c->shift_y;
    if (p->options.filter == REEL_PICTURE_NEAREST || c->shift_x > 1 || c->shift_y > 1)
        return false;
    for (uint32_t j = 0; j < pass->ny; j++) {
        uint32_t near = j >> c->shift_y, far = near;
        if (c->shift_y && j % 2 && near + 1 < high)
            far = near + 1;
        else if (c->shift_y && j % 2 == 0 && near > 0)
            far = near - 1;
        for (unsigned i = 1; i < 3; i++)
            p->rows->chroma(p->row[i], p->column, plane[i] + (ptrdiff_t)near * stride[i],
                            plane[i] + (ptrdiff_t)far * stride[i], wide, pass->nx);
        if (!p->rows->quick(p->apart, plane[0] + (ptrdiff_t)j * stride[0], p->row[1], p->row[2], colour->mix,
                            colour->zero[0], pass->nx))
            return false;
        p->rows->weave(row_at(p, t, pass, j), p->apart, pass->nx);
    }
    return true;
}

/* Three planes of the output's size, or planes of the source that need no scaling, go to RGB in one piece. */
static bool convert_whole(const reel_picture *p, const reel_frame *f, const target *t)
{
    const reel__pass *pass = &p->pass[0];
    const reel__lane *l = pass->lane;
    static const reel_plane all = {1, 0, 0, 0};
    const reel_plane *c = &p->options.format.plane[1];
    const uint8_t *plane[3];
    ptrdiff_t stride[3];
    bool smooth = p->options.filter != REEL_PICTURE_NEAREST, small = l[0].scaled;
    if (!may_convert(p, t))
        return false;
    uint32_t x = l[0].x.low, y = l[0].y.low;
    if (!small && ((x & ((1U << c->shift_x) - 1)) || (y & ((1U << c->shift_y) - 1))))
        return false;
    for (unsigned i = 0; i < 3; i++) {
        unsigned sx = i ? c->shift_x : 0, sy = i ? c->shift_y : 0;
        plane[i] = small ? p->small[i] : f->data[i] + (ptrdiff_t)(y >> sy) * f->stride[i] + (x >> sx);
        stride[i] = small ? (ptrdiff_t)pass->nx : f->stride[i];
    }
    c = small ? &all : c;
    return reel__yuv_rgb(p->colour.known, p->colour.full_range == 1, plane, stride, c->shift_x, c->shift_y, smooth,
                         row_at(p, t, pass, 0), t->stride, pass->nx, pass->ny) ||
           convert_rows(p, plane, stride, c, t);
}

/* ---- passes ---- */

static void run_full(reel_picture *p, const reel_frame *f, const target *t)
{
    const reel__pass *pass = &p->pass[0];
    fill_around(p, t, pass, p->colour.pad);
    bool three = p->colour.three && p->kind != REEL__GRAY;
    scale_lanes(p, f, pass, 0, three ? 3 : 1);
    if (three && convert_whole(p, f, t))
        return;
    if (p->colour.three && !three) /* gray as RGB: no chroma */
        for (unsigned i = 1; i < 3; i++)
            for (uint32_t j = 0; j < pass->nx; j++)
                p->row[i][j] = (uint16_t)p->colour.zero[i];
    for (uint32_t j = 0; j < pass->ny; j++)
        full_row(p, f, t, j);
}

static void run_chroma(reel_picture *p, const reel_frame *f, const target *t)
{
    const reel__pass *pass = &p->pass[1];
    for (unsigned i = 0; i < 2; i++)
        fill_around(p, t + i, pass, p->colour.pad + 1 + i);
    scale_lanes(p, f, pass, p->colour.three ? 0 : 1, p->colour.three ? 3 : 2);
    for (uint32_t j = 0; j < pass->ny; j++)
        chroma_row(p, f, t, j);
}

/* ---- the call ---- */

static const char *wrong_frame(const reel_picture *p, const reel_frame *f)
{
    const reel_picture_options *o = &p->options;
    if (f->width != o->source_width || f->height != o->source_height || f->format != o->format.id ||
        f->planes < p->planes)
        return "a frame of another size or format than the picture was opened for";
    for (unsigned i = 0; i < p->planes; i++)
        if (!f->data[i])
            return "a frame without data";
        else if (p->bytes == 2 && (((uintptr_t)f->data[i] | (uintptr_t)f->stride[i]) & 1))
            return "rows of 16 bits at odd addresses";
    return NULL;
}

static const char *targets(const reel_picture *p, uint8_t *const data[], const ptrdiff_t *stride, target t[3])
{
    const reel_picture_shape *s = &p->shape;
    uint32_t i = 0;
    do { /* there is a first one */
        ptrdiff_t wide = stride ? stride[i] : s->stride[i];
        if (!data[i])
            return "a plane of the output has no place";
        if (wide < s->stride[i] && -wide < s->stride[i])
            return "a stride below a row of the output";
        t[i] = (target){data[i], wide, s->pixel == REEL_PIXEL_RGB24 ? 3 : 1};
    } while (++i < s->planes);
    return NULL;
}

static int set_colour(reel_picture *p, const reel_frame *f, reel_error *err)
{
    reel__colour *c = &p->colour, now;
    if (c->ready && c->matrix == f->matrix && c->full_range == f->full_range && c->primaries == f->primaries)
        return REEL_OK;
    int rc = reel__colour_make(&now, f, p->kind, p->bits, &p->options, err);
    if (!rc)
        *c = now;
    return rc;
}

int reel_picture_run(reel_picture *picture, const reel_frame *frame, uint8_t *const data[], const ptrdiff_t stride[],
                     reel_error *err)
{
    target t[3] = {{0}};
    if (!picture || !frame || !data)
        return reel__frame_fail(err, REEL_E_ARG, "a picture needs a frame, and memory");
    const char *wrong = wrong_frame(picture, frame);
    wrong = wrong ? wrong : targets(picture, data, stride, t);
    if (wrong)
        return reel__frame_fail(err, REEL_E_ARG, "%s", wrong);
    int rc = set_colour(picture, frame, err);
    if (rc)
        return rc;
    run_full(picture, frame, t);
    if (picture->passes > 1)
        run_chroma(picture, frame, t + 1);
    return REEL_OK;
}

int reel_picture_run_into(reel_picture *picture, const reel_frame *frame, uint8_t *data, reel_error *err)
{
    uint8_t *planes[3] = {NULL};
    for (uint32_t i = 0; picture && data && i < picture->shape.planes; i++)
        planes[i] = data + picture->shape.offset[i];
    return reel_picture_run(picture, frame, planes, NULL, err);
}
