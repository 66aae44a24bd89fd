/* SPDX-License-Identifier: BSD-2-Clause */
/* Storyboards: which pictures, where they stand on sheets, and what is said of them in WebVTT. */
#include <reel/sprite.h>

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <reel/time.h>

#include "frame/base/fail.h"
#include "frame/base/memory.h"

enum { DEFAULT_COUNT = 100, DEFAULT_WIDTH = 160, DEFAULT_COLUMNS = 10, DEFAULT_PIXELS = 1 << 24 };

struct reel_sprite {
    reel_allocator alloc;
    reel_sprite_options options;
    reel_sprite_info info;
    int64_t length; /* of the presentation, in ticks */
    reel_want *want;
};

/* ---- sizes ---- */

static uint32_t even(double v)
{
    uint32_t half = v < REEL_SPRITE_SIDE ? (uint32_t)(v / 2 + 0.5) : REEL_SPRITE_SIDE / 2;
    return half ? 2 * half : 2;
}

/* The smaller of the two; none is below 1. */
static uint64_t at_most(uint64_t v, uint64_t limit)
{
    v = v < limit ? v : limit;
    return v ? v : 1;
}

static int lay_out(reel_sprite *s, const reel_track *track, reel_error *err)
{
    const reel_sprite_options *o = &s->options;
    reel_sprite_info *i = &s->info;
    double width, height;
    reel_frames_upright(track, &width, &height);
    i->width = o->width ? o->width : o->height ? even(o->height * width / height) : DEFAULT_WIDTH;
    i->height = o->height ? o->height : even(i->width * height / width);
    i->pixel = o->pixel ? o->pixel : REEL_PIXEL_RGB24;
    uint64_t most = o->most_pixels ? o->most_pixels : DEFAULT_PIXELS;
    if (i->pixel == REEL_PIXEL_I420 && (i->width % 2 || i->height % 2))
        return reel__frame_fail(err, REEL_E_ARG, "thumbnails in I420 have even sizes, not %ux%u", i->width, i->height);
    if (i->width > REEL_SPRITE_SIDE || i->height > REEL_SPRITE_SIDE || (uint64_t)i->width * i->height > most)
        return reel__frame_fail(err, REEL_E_RANGE, "a thumbnail of %ux%u is larger than a sheet", i->width, i->height);
    uint64_t area = (uint64_t)i->width * i->height, columns = o->columns ? o->columns : DEFAULT_COLUMNS;
    columns = at_most(at_most(columns, i->tiles), at_most(REEL_SPRITE_SIDE / i->width, most / area));
    uint64_t rows = (i->tiles + columns - 1) / columns;
    rows = o->rows ? at_most(rows, o->rows) : rows;
    rows = at_most(rows, at_most(REEL_SPRITE_SIDE / i->height, most / (area * columns)));
    i->columns = (uint32_t)columns;
    i->rows = (uint32_t)rows;
    i->sheets = (uint32_t)((i->tiles + columns * rows - 1) / (columns * rows));
    return REEL_OK;
}

/* ---- times ---- */

/* The sync sample that decoding would begin with stands for the time. */
static int to_keyframes(reel_sprite *s, const reel_track *track, reel_error *err)
{
    reel_found *found = reel__frame_get(&s->alloc, s->info.tiles, sizeof *found);
    if (!found)
        return reel__frame_fail(err, REEL_E_NOMEM, "out of memory");
    int code = reel_frames_find(track, s->want, s->info.tiles, found, NULL, err);
    for (uint32_t i = 0; i < s->info.tiles && code == REEL_OK; i++) {
        uint64_t sync;
        if (found[i].code != REEL_OK)
            continue;
        code = reel_track_find_sync(track, found[i].sample, REEL_SEEK_PREVIOUS, &sync, err);
        if (code == REEL_END || code == REEL_E_RANGE) /* none before it */
            code = reel_track_find_sync(track, found[i].sample, REEL_SEEK_NEXT, &sync, err);
        if (code == REEL_OK)
            s->want[i] = (reel_want){.value = (int64_t)sync, .kind = REEL_WANT_SAMPLE};
        else if (code == REEL_END || code == REEL_E_RANGE)
            code = REEL_OK;
    }
    s->alloc.resize(s->alloc.user, found, 0);
    return code;
}

static int list(const reel_sprite *s, const reel_track *track, reel_want *out, size_t max, size_t *n, reel_error *err)
{
    const reel_sprite_options *o = &s->options;
    if (o->step)
        return reel_wants_every(track, o->step, o->timescale, out, max, n, err);
    return reel_wants_spread(track, o->count, out, max, n, err);
}

static int choose(reel_sprite *s, const reel_track *track, reel_error *err)
{
    size_t n = 0;
    int code = list(s, track, NULL, 0, &n, err);
    if (code == REEL_OK && n > REEL_SPRITE_MOST)
        return reel__frame_fail(err, REEL_E_RANGE, "%zu thumbnails are more than %d", n, REEL_SPRITE_MOST);
    if (code != REEL_OK)
        return code;
    s->want = reel__frame_get(&s->alloc, n, sizeof *s->want);
    if (!s->want)
        return reel__frame_fail(err, REEL_E_NOMEM, "out of memory");
    s->info.tiles = (uint32_t)n;
    code = list(s, track, s->want, n, &n, err);
    return code == REEL_OK && s->options.flags & REEL_SPRITE_KEYFRAMES ? to_keyframes(s, track, err) : code;
}

/* When the i-th tile begins to stand for the film. */
static int64_t begin_of(const reel_sprite *s, uint32_t i)
{
    if (i >= s->info.tiles)
        return s->length;
    if (s->options.step)
        return reel_rescale(s->options.step * i, s->options.timescale, s->info.timescale);
    int64_t n = s->info.tiles; /* i / n of it, without a product that overflows */
    return s->length / n * i + s->length % n * i / n;
}

/* ---- the plan ---- */

static bool possible(const reel_sprite_options *o)
{
    bool pixel = !o->pixel || o->pixel == REEL_PIXEL_RGB24 || o->pixel == REEL_PIXEL_I420;
    return o->sizeof_options >= sizeof *o && pixel && o->step >= 0 && (!o->step || (o->timescale && !o->count)) &&
           o->fit <= REEL_PICTURE_COVER && !(o->flags & ~REEL_SPRITE_KEYFRAMES);
}

int reel_sprite_plan(const reel_track *track, const reel_sprite_options *options, reel_sprite **out, reel_error *err)
{
    reel_sprite_options o = options ? *options : (reel_sprite_options){.sizeof_options = sizeof o};
    if (!track || !out || !possible(&o))
        return reel__frame_fail(err, REEL_E_ARG, "no track, no place for the plan, or impossible options");
    const reel_allocator *a = o.alloc ? o.alloc : &reel__frame_malloc;
    reel_sprite *s = reel__frame_get(a, 1, sizeof *s);
    if (!s)
        return reel__frame_fail(err, REEL_E_NOMEM, "out of memory");
    if (!o.step && !o.count)
        o.count = DEFAULT_COUNT;
    *s = (reel_sprite){.alloc = *a, .options = o, .info = {.timescale = reel_track_timescale(track)}};
    int code = reel_track_presentation_duration(track, &s->length, err);
    if (code == REEL_OK)
        code = choose(s, track, err);
    if (code == REEL_OK)
        code = lay_out(s, track, err);
    if (code == REEL_OK)
        *out = s;
    else
        reel_sprite_close(&s);
    return code;
}

void reel_sprite_close(reel_sprite **sprite)
{
    if (!sprite || !*sprite)
        return;
    reel_sprite *s = *sprite;
    reel_allocator a = s->alloc;
    *sprite = NULL;
    if (s->want)
        a.resize(a.user, s->want, 0);
    a.resize(a.user, s, 0);
}

void reel_sprite_get_info(const reel_sprite *sprite, reel_sprite_info *out)
{
    if (out)
        *out = sprite ? sprite->info : (reel_sprite_info){0};
}

int reel_sprite_get_tile(const reel_sprite *s, uint32_t i, reel_sprite_tile *out)
{
    if (!s || !out)
        return REEL_E_ARG;
    if (i >= s->info.tiles)
        return REEL_END;
    uint32_t full = s->info.columns * s->info.rows, at = i % full;
    *out = (reel_sprite_tile){.begin = begin_of(s, i), .end = begin_of(s, i + 1), .want = s->want[i], .sheet = i / full,
                              .x = at % s->info.columns * s->info.width, .y = at / s->info.columns * s->info.height};
    return REEL_OK;
}

int reel_sprite_get_sheet(const reel_sprite *s, uint32_t sheet, reel_picture_shape *out, uint32_t *first,
                          uint32_t *tiles)
{
    if (!s || !out)
        return REEL_E_ARG;
    if (sheet >= s->info.sheets)
        return REEL_END;
    uint32_t full = s->info.columns * s->info.rows, from = sheet * full;
    uint32_t n = s->info.tiles - from < full ? s->info.tiles - from : full;
    uint32_t w = s->info.columns * s->info.width, h = (n + s->info.columns - 1) / s->info.columns * s->info.height;
    bool yuv = s->info.pixel == REEL_PIXEL_I420;
    size_t area = (size_t)w * h;
    *out = (reel_picture_shape){.pixel = s->info.pixel, .planes = yuv ? 3 : 1, .width = w, .height = h, .across = w,
                                .down = h, .size = yuv ? area * 3 / 2 : area * 3};
    out->stride[0] = yuv ? (ptrdiff_t)w : (ptrdiff_t)w * 3;
    if (yuv) {
        out->offset[1] = area;
        out->offset[2] = area + area / 4;
        out->stride[1] = out->stride[2] = (ptrdiff_t)w / 2;
    }
    if (first)
        *first = from;
    if (tiles)
        *tiles = n;
    return REEL_OK;
}

/* ---- WebVTT ---- */

static size_t clock_text(char *out, size_t room, int64_t ticks, uint32_t timescale)
{
    int64_t ms = reel_rescale(ticks, timescale, 1000);
    return (size_t)snprintf(out, room, "%02lld:%02lld:%02lld.%03lld", (long long)(ms / 3600000),
                            (long long)(ms / 60000 % 60), (long long)(ms / 1000 % 60), (long long)(ms % 1000));
}

static int write_cue(const reel_sprite *s, uint32_t i, const char *uri, reel_image_write_fn *write, void *user)
{
    char line[160];
    reel_sprite_tile t;
    int rc = reel_sprite_get_tile(s, i, &t);
    if (rc != REEL_OK)
        return REEL_E_RANGE;
    size_t n = clock_text(line, sizeof line, t.begin, s->info.timescale);
    n += (size_t)snprintf(line + n, sizeof line - n, " --> ");
    n += clock_text(line + n, sizeof line - n, t.end, s->info.timescale);
    line[n++] = '\n';
    rc = write(user, line, n);
    if (rc >= 0)
        rc = write(user, uri, strlen(uri));
    n = (size_t)snprintf(line, sizeof line, "#xywh=%u,%u,%u,%u\n\n", t.x, t.y, s->info.width, s->info.height);
    return rc < 0 ? rc : write(user, line, n);
}

static bool one_line(const char *uri)
{
    for (; uri && *uri; uri++)
        if ((unsigned char)*uri < ' ' || *uri == 0x7f)
            return false;
    return uri != NULL;
}

int reel_sprite_write_vtt(const reel_sprite *s, const char *const *uris, reel_image_write_fn *write, void *user,
                          reel_error *err)
{
    static const char head[] = "WEBVTT\n\n";
    bool fine = s && uris && write;
    for (uint32_t i = 0; fine && i < s->info.sheets; i++)
        fine = one_line(uris[i]);
    if (!fine)
        return reel__frame_fail(err, REEL_E_ARG, "no storyboard, nowhere to write, or a sheet's name is no line of text");
    int rc = write(user, head, sizeof head - 1);
    uint32_t full = s->info.columns * s->info.rows;
    for (uint32_t i = 0; rc >= 0 && i < s->info.tiles; i++)
        rc = write_cue(s, i, uris[i / full], write, user);
    return rc < 0 ? reel__frame_fail(err, rc, "whoever takes the text refused it") : REEL_OK;
}

/* ---- painting ---- */

struct painting {
    const reel_sprite *s;
    const reel_picture_shape *sheet;
    uint32_t first;
    uint8_t *data;
    _Atomic(unsigned) matrix; /* of the frames; 0: none came */
};

static void put_plane(const struct painting *p, uint32_t plane, uint32_t x, uint32_t y, const uint8_t *from,
                      ptrdiff_t stride, uint32_t rows)
{
    uint8_t *to = p->data + p->sheet->offset[plane] + (ptrdiff_t)y * p->sheet->stride[plane] + x;
    for (uint32_t i = 0; i < rows; i++)
        memcpy(to + (ptrdiff_t)i * p->sheet->stride[plane], from + (ptrdiff_t)i * stride, (size_t)stride);
}

static int put_tile(void *user, size_t i, const reel_picture_shape *shape, const uint8_t *data, const reel_frame *frame)
{
    struct painting *p = user;
    reel_sprite_tile t;
    reel_image image;
    int code = reel_sprite_get_tile(p->s, p->first + (uint32_t)i, &t);
    if (code != REEL_OK)
        return code;
    if (shape->planes == 1) {
        put_plane(p, 0, t.x * 3, t.y, data, shape->stride[0], shape->height);
        return REEL_OK;
    }
    if (reel_image_of(shape, data, frame, REEL_PICTURE_RANGE_FULL, &image) == REEL_OK)
        atomic_store(&p->matrix, image.matrix);
    put_plane(p, 0, t.x, t.y, data, shape->stride[0], shape->height);
    for (uint32_t k = 1; k < 3; k++)
        put_plane(p, k, t.x / 2, t.y / 2, data + shape->offset[k], shape->stride[k], shape->height / 2);
    return REEL_OK;
}

static void blacken(const reel_picture_shape *sheet, uint8_t *data)
{
    size_t luma = sheet->planes == 1 ? sheet->size : sheet->offset[1];
    memset(data, 0, luma);
    memset(data + luma, 128, sheet->size - luma);
}

static void describe_image(const struct painting *p, reel_image *out)
{
    unsigned matrix = atomic_load(&p->matrix);
    *out = (reel_image){.pixel = p->sheet->pixel, .width = p->sheet->width, .height = p->sheet->height,
                        .matrix = (uint8_t)(matrix ? matrix : 2), .full_range = 1};
    for (uint32_t k = 0; k < p->sheet->planes; k++) {
        out->data[k] = p->data + p->sheet->offset[k];
        out->stride[k] = p->sheet->stride[k];
    }
}

int reel_sprite_render(const reel_sprite *s, reel_frames *frames, uint32_t sheet, uint8_t *data, size_t size,
                       reel_image *image, int32_t *codes, reel_error *err)
{
    reel_picture_shape shape;
    uint32_t first, n;
    if (!s || !frames || !data)
        return reel__frame_fail(err, REEL_E_ARG, "no storyboard, no frames, or no sheet for them");
    if (reel_sprite_get_sheet(s, sheet, &shape, &first, &n) != REEL_OK)
        return REEL_END;
    if (size < shape.size)
        return reel__frame_fail(err, REEL_E_RANGE, "the sheet takes %zu bytes, there is room for %zu", shape.size, size);
    const reel_sprite_options *o = &s->options;
    const reel_picture_options picture = {.sizeof_options = sizeof picture, .pixel = s->info.pixel, .width = s->info.width,
                                          .height = s->info.height, .filter = REEL_PICTURE_AREA, .fit = o->fit,
                                          .range = REEL_PICTURE_RANGE_FULL, .pad = {o->pad[0], o->pad[1], o->pad[2]},
                                          .alloc = &s->alloc};
    struct painting p = {.s = s, .sheet = &shape, .first = first, .data = data};
    blacken(&shape, data);
    int code = reel_frames_pictures(frames, s->want + first, n, &picture, put_tile, &p, codes, err);
    if (image)
        describe_image(&p, image);
    return code;
}
