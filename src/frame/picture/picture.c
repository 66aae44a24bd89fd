/* SPDX-License-Identifier: BSD-2-Clause */
/* Pictures: geometry, when one is opened. */
#include <math.h>
#include <string.h>

#include "frame/base/fail.h"
#include "frame/base/memory.h"
#include "frame/picture/room.h"

const char *reel_picture_engine(void) { return reel__yuv_name(); }

int reel_picture_describe(const reel_frame *frame, reel_picture_options *options)
{
    reel_format format;
    if (!frame || !options || reel_format_get(frame->format, &format))
        return REEL_E_ARG;
    options->format = format;
    options->source_width = frame->width;
    options->source_height = frame->height;
    options->sar_width = frame->sar_width;
    options->sar_height = frame->sar_height;
    return REEL_OK;
}

/* ---- the source's format ---- */

static bool planar_is_sane(const reel_format *f)
{
    const reel_plane *y = f->plane, *c = f->plane + 1;
    if (f->planes == 0 || f->planes == 2 || f->planes > REEL_PLANES || y->shift_x || y->shift_y)
        return false;
    if (y->step < 1 || y->step > 2 || f->bits < 8 || f->bits > (y->step == 1 ? 8 : 16))
        return false;
    if (f->planes < 3)
        return true;
    return c->step == y->step && c[1].step == y->step && c->shift_x <= 4 && c->shift_y <= 4 &&
           c[1].shift_x == c->shift_x && c[1].shift_y == c->shift_y;
}

static int take_format(reel_picture *p, const reel_format *given, reel_error *err)
{
    reel_format *f = &p->options.format;
    bool named = reel_format_get(given->id, f) == REEL_OK;
    if (!named)
        *f = *given;
    bool packed = f->id == REEL_PIXEL_RGB24 || f->id == REEL_PIXEL_RGBA || f->id == REEL_PIXEL_BGRA;
    bool pairs = f->id == REEL_PIXEL_NV12 || f->id == REEL_PIXEL_P010;
    if (!packed && !pairs && !planar_is_sane(f))
        return reel__frame_fail(err, REEL_E_UNSUPPORTED, "pixel format %u is none that pictures are made of", f->id);
    p->kind = packed ? REEL__RGB : f->planes == 1 ? REEL__GRAY : REEL__YUV;
    p->planes = f->planes > 3 ? 3 : f->planes;
    p->bytes = packed ? 1 : f->plane[0].step;
    p->bits = f->bits;
    p->stored = f->id == REEL_PIXEL_P010 ? 16 : f->bits;
    return REEL_OK;
}

reel__where reel__where_is(const reel_picture *p, unsigned component)
{
    const reel_format *f = &p->options.format;
    if (p->kind == REEL__RGB)
        return (reel__where){0, f->id == REEL_PIXEL_BGRA ? 2 - component : component, f->plane[0].step};
    if (p->colour.gbr) /* R, G, B are planes 2, 0, 1 */
        return (reel__where){p->planes == 2 ? component != 1 : (component + 2) % 3, p->planes == 2 && component == 0,
                             p->planes == 2 && component != 1 ? 2 : 1};
    if (p->planes == 2 && component)
        return (reel__where){1, component - 1, 2};
    return (reel__where){component, 0, 1};
}

/* ---- geometry ---- */

typedef struct rect {
    uint32_t x, y, w, h;
} rect;

static bool crop_of(const reel_picture_options *o, rect *out)
{
    if (!o->source_width || !o->source_height || o->source_width > REEL_PICTURE_MOST ||
        o->source_height > REEL_PICTURE_MOST || o->crop_x >= o->source_width || o->crop_y >= o->source_height)
        return false;
    *out = (rect){o->crop_x, o->crop_y, o->crop_width, o->crop_height};
    out->w = out->w ? out->w : o->source_width - out->x;
    out->h = out->h ? out->h : o->source_height - out->y;
    return out->w <= o->source_width - out->x && out->h <= o->source_height - out->y;
}

typedef struct extent {
    double w, h;
} extent;

/* The crop's shape upright, in square pixels. */
static extent upright(const reel_picture *p, rect crop)
{
    const reel_picture_options *o = &p->options;
    double sar = o->sar_width && o->sar_height ? (double)o->sar_width / o->sar_height : 1;
    extent e = {crop.w * sar, crop.h};
    return p->turned ? (extent){e.h, e.w} : e;
}

static double at_least_one(double x) { return x < 1 ? 1 : rint(x); }

static bool size_of(reel_picture *p, extent e)
{
    const reel_picture_options *o = &p->options;
    double w = o->width, h = o->height;
    if (!o->width)
        w = at_least_one(o->height ? h * e.w / e.h : e.w);
    if (!o->height)
        h = at_least_one(o->width ? w * e.h / e.w : e.h);
    if (w > REEL_PICTURE_MOST || h > REEL_PICTURE_MOST)
        return false;
    p->shape.width = (uint32_t)w;
    p->shape.height = (uint32_t)h;
    return true;
}

static uint32_t rounded_in(double x, uint32_t most)
{
    x = at_least_one(x);
    return x > most ? most : (uint32_t)x;
}

/* Where the picture lies in the output, and what is left of the crop. */
static void place(reel_picture *p, extent e, rect *crop)
{
    reel_picture_shape *s = &p->shape;
    double sx = s->width / e.w, sy = s->height / e.h;
    s->across = s->width;
    s->down = s->height;
    if (p->options.fit == REEL_PICTURE_CONTAIN) {
        double scale = sx < sy ? sx : sy;
        uint32_t even = p->options.pixel == REEL_PIXEL_I420 ? ~UINT32_C(1) : UINT32_MAX;
        s->across = rounded_in(e.w * scale, s->width);
        s->down = rounded_in(e.h * scale, s->height);
        s->x = (s->width - s->across) / 2 & even;
        s->y = (s->height - s->down) / 2 & even;
    } else if (p->options.fit == REEL_PICTURE_COVER) {
        double scale = sx > sy ? sx : sy, fx = sx / scale, fy = sy / scale; /* parts that are seen */
        uint32_t w = rounded_in(crop->w * (p->turned ? fy : fx), crop->w);
        uint32_t h = rounded_in(crop->h * (p->turned ? fx : fy), crop->h);
        *crop = (rect){crop->x + (crop->w - w) / 2, crop->y + (crop->h - h) / 2, w, h};
    }
}

static void lay_out(reel_picture_shape *s, uint32_t pixel)
{
    size_t wide = s->width;
    s->pixel = pixel;
    s->planes = pixel == REEL_PIXEL_I420 ? 3 : 1;
    for (uint32_t i = 0; i < s->planes; i++) {
        size_t across = i ? (wide + 1) / 2 : pixel == REEL_PIXEL_RGB24 ? 3 * wide : wide;
        s->offset[i] = s->size;
        s->stride[i] = (ptrdiff_t)across;
        s->size += across * (i ? ((size_t)s->height + 1) / 2 : s->height);
    }
}

/* ---- the ways of planes to grids ---- */

typedef struct flips {
    bool x, y;
} flips;

/* Which of the source's directions runs backwards along the output. */
static flips flips_of(const reel_picture_options *o)
{
    bool m = o->mirrored != 0;
    switch (o->rotation) {
    case 90: return (flips){false, !m};
    case 180: return (flips){!m, true};
    case 270: return (flips){true, m};
    default: return (flips){m, false};
    }
}

static void lane_ways(const reel_picture *p, rect crop, unsigned plane, uint32_t each, reel__way *x, reel__way *y)
{
    const reel_picture_options *o = &p->options;
    const reel_plane *f = &o->format.plane[plane];
    flips flip = flips_of(o);
    uint32_t dx = UINT32_C(1) << f->shift_x, dy = UINT32_C(1) << f->shift_y;
    *x = (reel__way){crop.x, crop.w, (o->source_width + dx - 1) / dx, dx, p->turned ? p->shape.down : p->shape.across,
                     each, flip.x, o->filter, 16};
    *y = (reel__way){crop.y, crop.h, (o->source_height + dy - 1) / dy, dy,
                     p->turned ? p->shape.across : p->shape.down, each, flip.y, o->filter, 32 - p->stored};
}

/* Whole samples on both sides: what a scaler of planes can be asked for. */
static bool is_whole(const reel__way *w)
{
    return w->source_low % w->divide == 0 && w->source_n % w->divide == 0 && w->across % w->each == 0;
}

/* A way that libyuv goes leaves a plane of the output's size, that at most has to be flipped. */
static void shorten(reel__lane *lane, reel__way *x, reel__way *y)
{
    lane->from_x = x->source_low / x->divide;
    lane->from_y = y->source_low / y->divide;
    lane->from_w = x->source_n / x->divide;
    lane->from_h = y->source_n / y->divide;
    for (int i = 0; i < 2; i++) {
        reel__way *w = i ? y : x;
        uint32_t n = w->across / w->each;
        *w = (reel__way){0, n, n, 1, n, 1, w->flip, REEL_PICTURE_NEAREST, w->shift};
    }
    lane->scaled = true;
}

static int make_lane(reel_picture *p, reel__lane *lane, rect crop, unsigned plane, uint32_t each)
{
    reel__way x, y;
    lane_ways(p, crop, plane, each, &x, &y);
    bool bytes = p->bytes == 1 && p->options.format.plane[plane].step == 1;
    if (bytes && !(p->options.flags & REEL_PICTURE_EXACT) && is_whole(&x) && is_whole(&y) &&
        reel__yuv_scales(p->options.filter, x.source_n / x.divide, y.source_n / y.divide, x.across / each,
                         y.across / each))
        shorten(lane, &x, &y);
    int rc = reel__axis_make(&lane->x, &x, &p->alloc);
    return rc ? rc : reel__axis_make(&lane->y, &y, &p->alloc);
}

static int make_pass(reel_picture *p, reel__pass *pass, rect crop, uint32_t each)
{
    const reel_picture_shape *s = &p->shape;
    pass->x = s->x / each;
    pass->y = s->y / each;
    pass->wide = (s->width + each - 1) / each;
    pass->high = (s->height + each - 1) / each;
    int rc = make_lane(p, &pass->lane[0], crop, 0, each);
    if (!rc && p->planes > 1)
        rc = make_lane(p, &pass->lane[1], crop, 1, each);
    pass->nx = pass->lane[0].x.n;
    pass->ny = pass->lane[0].y.n;
    return rc;
}

/* ---- memory ---- */

static void *get(reel_picture *p, size_t n) { return p->alloc.resize(p->alloc.user, NULL, n ? n : 1); }

static size_t column_need(const reel_picture *p)
{
    size_t most = 1;
    for (unsigned i = 0; i < p->passes; i++)
        for (unsigned k = 0; k < 2; k++) {
            size_t step = p->options.format.plane[k].step / p->bytes;
            const reel__axis *x = &p->pass[i].lane[k].x;
            size_t n = ((size_t)x->span + x->taps) * (step ? step : 1); /* the last weights are zeros, and look further */
            most = n > most ? n : most;
        }
    return most;
}

static int scratch(reel_picture *p)
{
    size_t column = column_need(p), row = p->pass[0].nx, plane = row * p->pass[0].ny;
    const reel__lane *lane = p->pass[0].lane;
    p->column = get(p, column * sizeof *p->column);
    p->sum = get(p, column * sizeof *p->sum);
    p->out = get(p, row * 3);
    p->apart = get(p, row * 3);
    bool ok = p->column && p->sum && p->out && p->apart;
    if (p->column)
        memset(p->column, 0, column * sizeof *p->column);
    for (int i = 0; i < 3; i++) {
        ok = ok && (p->row[i] = get(p, row * sizeof *p->row[i]));
        bool scaled = lane[i > 0].scaled || p->pass[1].lane[i > 0].scaled;
        ok = ok && (!scaled || (p->small[i] = get(p, plane)));
    }
    return ok ? REEL_OK : REEL_E_NOMEM;
}

static int prepare(reel_picture *p, rect crop, reel_error *err)
{
    extent e = upright(p, crop);
    if (!size_of(p, e))
        return reel__frame_fail(err, REEL_E_ARG, "a side of the output is above %u", REEL_PICTURE_MOST);
    place(p, e, &crop);
    lay_out(&p->shape, p->options.pixel);
    p->passes = p->options.pixel == REEL_PIXEL_I420 ? 2 : 1;
    int rc = REEL_OK;
    for (unsigned i = 0; !rc && i < p->passes; i++)
        rc = make_pass(p, &p->pass[i], crop, i + 1);
    if (!rc)
        rc = scratch(p);
    return rc ? reel__frame_fail(err, rc, "no memory for a picture") : REEL_OK;
}

static const char *wrong_with(const reel_picture_options *o, rect *crop)
{
    if (o->sizeof_options != sizeof *o)
        return "options of another size";
    if (!crop_of(o, crop))
        return "the source's size or the crop is impossible";
    if (o->rotation % 90 || o->rotation >= 360 || o->mirrored > 1)
        return "a rotation that is none of 0, 90, 180, 270";
    if (o->filter > REEL_PICTURE_AREA || o->fit > REEL_PICTURE_COVER || o->range > REEL_PICTURE_RANGE_FULL)
        return "no such filter, fit or range";
    if (o->flags & ~(REEL_PICTURE_EXACT | REEL_PICTURE_PLAIN))
        return "no such flag";
    if (o->pixel && o->pixel != REEL_PIXEL_RGB24 && o->pixel != REEL_PIXEL_GRAY8 && o->pixel != REEL_PIXEL_I420)
        return "pictures come out as RGB24, GRAY8 or I420";
    if (o->width > REEL_PICTURE_MOST || o->height > REEL_PICTURE_MOST)
        return "a side of the output is too large";
    return NULL;
}

int reel_picture_open(const reel_picture_options *o, reel_picture **out, reel_error *err)
{
    rect crop;
    const char *wrong = o && out ? wrong_with(o, &crop) : "a picture needs options, and a place for the result";
    if (wrong)
        return reel__frame_fail(err, REEL_E_ARG, "%s", wrong);
    reel_allocator alloc = o->alloc ? *o->alloc : reel__frame_malloc;
    reel_picture *p = alloc.resize(alloc.user, NULL, sizeof *p);
    if (!p)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for a picture");
    *p = (reel_picture){.options = *o, .alloc = alloc};
    p->rows = o->flags & REEL_PICTURE_PLAIN ? &reel__rows_c : reel__rows_best();
    p->options.alloc = NULL;
    p->options.pixel = o->pixel ? o->pixel : REEL_PIXEL_RGB24;
    p->turned = o->rotation == 90 || o->rotation == 270;
    int rc = take_format(p, &o->format, err);
    if (!rc)
        rc = prepare(p, crop, err);
    if (rc)
        reel_picture_close(&p);
    else
        *out = p;
    return rc;
}

static void give(reel_picture *p, void *memory)
{
    if (memory)
        p->alloc.resize(p->alloc.user, memory, 0);
}

void reel_picture_close(reel_picture **picture)
{
    reel_picture *p = picture ? *picture : NULL;
    if (!p)
        return;
    *picture = NULL;
    for (int i = 0; i < 4; i++) {
        reel__axis_free(&p->pass[i / 2].lane[i % 2].x, &p->alloc);
        reel__axis_free(&p->pass[i / 2].lane[i % 2].y, &p->alloc);
    }
    for (int i = 0; i < 3; i++) {
        give(p, p->row[i]);
        give(p, p->small[i]);
    }
    give(p, p->column);
    give(p, p->sum);
    give(p, p->out);
    give(p, p->apart);
    reel_allocator alloc = p->alloc;
    alloc.resize(alloc.user, p, 0);
}

void reel_picture_get_shape(const reel_picture *picture, reel_picture_shape *out)
{
    if (out)
        *out = picture ? picture->shape : (reel_picture_shape){0};
}
