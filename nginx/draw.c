/* SPDX-License-Identifier: BSD-2-Clause */
/* draw.c: pictures of a film as JPEG, by libreel-frame. Work: runs in a thread, on the context of a job. */
#include "ngx_http_reel.h"

#include <reel/decode.h>
#include <reel/frames.h>
#include <reel/sprite.h>

#include <malloc.h>
#include <math.h>
#include <time.h>


#define NGX_HTTP_REEL_QUALITY    80
#define NGX_HTTP_REEL_LONGEST    (4 * 1920)   /* the side of a picture that its own shape says */
#define NGX_HTTP_REEL_TILES      300          /* the most of a storyboard */
#define NGX_HTTP_REEL_TILE       160
#define NGX_HTTP_REEL_COLUMNS    5            /* a sheet is made within the time that somebody waits for it */
#define NGX_HTTP_REEL_ROWS       5
#define NGX_HTTP_REEL_LIVELY     16.0         /* from this standard deviation of luma on a poster is no black or fade */


typedef struct {
    ngx_http_reel_ctx_t   *ctx;
    const reel_track      *track;
    reel_frames           *frames;
    reel_picture_options   picture;
    reel_image_bytes       bytes;
    double                 lively;   /* of the picture in bytes */
    reel_error             lost;     /* why the last picture that could not be had could not */
} ngx_http_reel_drawing_t;


ngx_uint_t
ngx_http_reel_can_draw(void)
{
    return 1;
}


/*
 * What decoders take from malloc would stay with a thread's arena, megabytes for each of nginx's 32 threads. glibc keeps
 * more the more was given back: not with thresholds that somebody has set. These are those that it begins with.
 */
void
ngx_http_reel_draw_prepare(void)
{
#if defined(__GLIBC__)
    static ngx_uint_t  done;

    if (!done) {
        done = 1;
        (void) mallopt(M_MMAP_THRESHOLD, 128 * 1024);
        (void) mallopt(M_TRIM_THRESHOLD, 128 * 1024);
    }
#endif
}


static void
ngx_http_reel_draw_close(ngx_http_reel_drawing_t *d)
{
    reel_frames_close(&d->frames);
#if defined(__GLIBC__)
    (void) malloc_trim(0);
#endif
}


static ngx_int_t
ngx_http_reel_draw_failed(ngx_http_reel_ctx_t *ctx, int code, reel_error *err)
{
    err->code = code;

    switch (code) {
    case REEL_OK:
        return NGX_OK;
    case REEL_E_UNSUPPORTED:
        ngx_http_reel_refuse(ctx, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, "there is no decoder for its pictures: %s",
                             err->text);
        break;
    case REEL_E_AGAIN:
        ngx_http_reel_refuse(ctx, NGX_HTTP_GATEWAY_TIME_OUT,
                             "decoding takes longer than the %M ms that it may take here", ctx->conf->thumb_budget);
        break;
    case REEL_E_CANCELLED:
        ngx_http_reel_refuse(ctx, NGX_HTTP_SERVICE_UNAVAILABLE, "the server is being stopped");
        break;
    case REEL_E_RANGE:
    case REEL_END:
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "the film shows nothing there");
        break;
    case REEL_E_ARG:
        ngx_http_reel_refuse(ctx, NGX_HTTP_REEL_DAMAGED, "no picture can be made of it: %s", err->text);
        break;
    default:
        ngx_http_reel_refuse_film(ctx, err);
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_reel_draw_track(ngx_http_reel_ctx_t *ctx, ngx_http_reel_drawing_t *d)
{
    size_t              i;
    reel_track_info     info;
    const reel_movie   *movie = ctx->film->movie;

    for (i = 0; i < reel_movie_track_count(movie) && d->track == NULL; i++) {
        reel_track_get_info(reel_movie_track(movie, i), &info);
        d->track = info.type == REEL_TRACK_VIDEO ? reel_movie_track(movie, i) : NULL;
    }

    if (d->track == NULL) {
        ngx_http_reel_refuse(ctx, NGX_HTTP_NOT_FOUND, "this film has no pictures");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* nginx is told to end at once: it waits for its threads. */
static bool
ngx_http_reel_draw_ended(void *user)
{
    (void) user;

    return ngx_terminate != 0;
}


/* Finds the track and opens a decoder; d->frames is the caller's in any case. */
static void
ngx_http_reel_draw_lost(void *user, size_t i, const reel_error *why)
{
    ngx_http_reel_drawing_t  *d = user;

    (void) i;
    d->lost = *why;
}


/* Of a picture that was not had: the decoder's words, if they are about this. */
static int
ngx_http_reel_draw_why(const ngx_http_reel_drawing_t *d, int code, reel_error *err)
{
    if (d->lost.code == code) {
        *err = d->lost;

    } else {
        ngx_memzero(err, sizeof(*err));
        err->offset = REEL_NO_OFFSET;
        (void) snprintf(err->text, sizeof(err->text), "%s", reel_code_text(code));
    }

    return code;
}


static ngx_int_t
ngx_http_reel_draw_open(ngx_http_reel_ctx_t *ctx, ngx_http_reel_drawing_t *d, ngx_uint_t pictures)
{
    reel_error           err = { 0 };
    reel_frames_options  options = { .sizeof_options = sizeof(options), .workers = 1 };

    d->ctx = ctx;
    d->bytes.alloc = &ctx->alloc;

    if (ngx_http_reel_draw_track(ctx, d) != NGX_OK) {
        return NGX_ERROR;
    }

    /* A sheet has many pictures, but each is a key picture. */
    options.budget_ns = (uint64_t) ctx->conf->thumb_budget * 1000000 * (pictures > 1 ? 4 : 1);
    options.ended = ngx_http_reel_draw_ended;
    options.most_pixels = ctx->conf->thumb_pixels;
    options.lost = ngx_http_reel_draw_lost;
    options.lost_user = d;

    return ngx_http_reel_draw_failed(ctx, reel_frames_open(d->track, &options, &d->frames, &err), &err);
}


static ngx_int_t
ngx_http_reel_draw_jpeg(ngx_http_reel_drawing_t *d, const reel_image *image, reel_error *err)
{
    reel_image_options  options = { .sizeof_options = sizeof(options), .quality = NGX_HTTP_REEL_QUALITY };

    d->bytes.size = 0;

    return reel_image_write_jpeg(image, &options, reel_image_bytes_write, &d->bytes, err);
}


/* What was written becomes the answer. */
static void
ngx_http_reel_draw_done(ngx_http_reel_ctx_t *ctx, ngx_http_reel_drawing_t *d)
{
    int         code;
    reel_error  err = { 0 };

    code = reel_plan_new(&ctx->alloc, &ctx->plan, &err);
    if (code == REEL_OK) {
        code = reel_plan_add_memory(ctx->plan, d->bytes.data, d->bytes.size, &err);
    }

    (void) ngx_http_reel_draw_failed(ctx, code, &err);
}


/* ---- sizes ---- */

static uint32_t
ngx_http_reel_side(double v)
{
    v = floor(v / 2 + 0.5) * 2;

    return v < 2 ? 2 : v > NGX_HTTP_REEL_LONGEST ? NGX_HTTP_REEL_LONGEST : (uint32_t) v;
}


/*
 * Both sides are said, whatever the pictures turn out to be like: memory is bounded before anything is decoded. What
 * says one side alone is not made larger than the film is.
 */
static void
ngx_http_reel_draw_size(ngx_http_reel_drawing_t *d)
{
    double                       width, height;
    const ngx_http_reel_want_t  *want = &d->ctx->want;
    reel_picture_options        *p = &d->picture;

    ngx_memzero(p, sizeof(*p));
    p->sizeof_options = sizeof(*p);
    p->pixel = REEL_PIXEL_I420;
    p->filter = REEL_PICTURE_AREA;
    p->range = REEL_PICTURE_RANGE_FULL;
    p->fit = want->cover ? REEL_PICTURE_COVER : REEL_PICTURE_CONTAIN;
    p->width = want->width;
    p->height = want->height;

    reel_frames_upright(d->track, &width, &height);

    if (want->height == 0) {
        p->width = (uint32_t) ngx_min((double) want->width, ngx_http_reel_side(width));
        p->height = ngx_http_reel_side(p->width * height / width);
    } else if (want->width == 0) {
        p->height = (uint32_t) ngx_min((double) want->height, ngx_http_reel_side(height));
        p->width = ngx_http_reel_side(p->height * width / height);
    }
}


/* ---- one picture ---- */

/* The standard deviation of luma, of every fourth row. */
static double
ngx_http_reel_liveliness(const reel_picture_shape *shape, const uint8_t *data)
{
    double          mean, n = 0;
    uint32_t        x, y;
    uint64_t        sum = 0, squares = 0;
    const uint8_t  *row;

    for (y = 0; y < shape->height; y += 4) {
        row = data + shape->offset[0] + (ptrdiff_t) y * shape->stride[0];
        for (x = 0; x < shape->width; x++) {
            sum += row[x];
            squares += (uint64_t) row[x] * row[x];
        }
        n += shape->width;
    }

    mean = (double) sum / n;

    return sqrt(fmax(0, (double) squares / n - mean * mean));
}


/* Keeps the picture when it is livelier than the one before. */
static int
ngx_http_reel_take(void *user, size_t i, const reel_picture_shape *shape, const uint8_t *data, const reel_frame *frame)
{
    int                       code;
    double                    lively = ngx_http_reel_liveliness(shape, data);
    reel_image                image;
    ngx_http_reel_drawing_t  *d = user;

    (void) i;

    if (d->bytes.size && lively <= d->lively) {
        return REEL_OK;
    }

    d->lively = lively;
    code = reel_image_of(shape, data, frame, REEL_PICTURE_RANGE_FULL, &image);

    return code == REEL_OK ? ngx_http_reel_draw_jpeg(d, &image, NULL) : code;
}


static int
ngx_http_reel_draw_want(ngx_http_reel_drawing_t *d, const reel_want *want, reel_error *err)
{
    int      code;
    int32_t  got = REEL_OK;

    code = reel_frames_pictures(d->frames, want, 1, &d->picture, ngx_http_reel_take, d, &got, err);

    return code == REEL_OK && got != REEL_OK ? ngx_http_reel_draw_why(d, got, err) : code;
}


/* From what is shown at a time to the key picture nearest to it. */
static int
ngx_http_reel_to_key(const reel_track *track, reel_want *want, reel_error *err)
{
    int         code;
    uint64_t    sync;
    reel_found  found;

    code = reel_frames_find(track, want, 1, &found, NULL, err);
    if (code != REEL_OK || found.code != REEL_OK) {
        return code != REEL_OK ? code : found.code;
    }

    code = reel_track_find_sync(track, found.sample, REEL_SEEK_NEAREST, &sync, err);

    want->kind = REEL_WANT_SAMPLE;
    want->value = (int64_t) (code == REEL_OK ? sync : found.sample);

    return code == REEL_END || code == REEL_E_RANGE ? REEL_OK : code;
}


static int
ngx_http_reel_draw_time(ngx_http_reel_drawing_t *d, reel_error *err)
{
    int        code = REEL_OK;
    reel_want  want = { .value = d->ctx->want.time, .timescale = 1000000, .kind = REEL_WANT_TIME };

    if (d->ctx->want.key) {
        code = ngx_http_reel_to_key(d->track, &want, err);
    }

    return code == REEL_OK ? ngx_http_reel_draw_want(d, &want, err) : code;
}


static int64_t
ngx_http_reel_now(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


/*
 * The key picture near a tenth of the film: behind black and logos, before anything is given away. Where that is black
 * or a fade after all, another; the liveliest of them, as far as there is time.
 */
static int
ngx_http_reel_draw_poster(ngx_http_reel_drawing_t *d, reel_error *err)
{
    static const int64_t  hundredths[] = { 10, 20, 5, 40, 70 };

    int         code;
    size_t      i;
    int64_t     length, begun = ngx_http_reel_now();
    reel_want   want = { 0 };

    code = reel_track_presentation_duration(d->track, &length, err);

    for (i = 0; i < sizeof(hundredths) / sizeof(hundredths[0]); i++) {
        if (code == REEL_E_NOMEM || code == REEL_E_AGAIN || d->lively >= NGX_HTTP_REEL_LIVELY
            || (i && ngx_http_reel_now() - begun > (int64_t) d->ctx->conf->thumb_budget / 2))
        {
            break;
        }

        want.kind = REEL_WANT_TIME;
        want.timescale = reel_track_timescale(d->track);
        want.value = length / 100 * hundredths[i] + length % 100 * hundredths[i] / 100;
        code = ngx_http_reel_to_key(d->track, &want, err);
        if (code == REEL_OK) {
            code = ngx_http_reel_draw_want(d, &want, err);
        }
    }

    return d->bytes.size ? REEL_OK : code;
}


/* ---- storyboards ---- */

/* A picture each second, or two, five, ...: as often as there may be pictures. */
static int
ngx_http_reel_board_plan(ngx_http_reel_ctx_t *ctx, const reel_track *track, reel_sprite **sprite, reel_error *err)
{
    static const int64_t  steps[] = { 1, 2, 5, 10, 15, 20, 30, 60 };

    int                  code;
    size_t               i = 0;
    int64_t              length, least;
    reel_sprite_options  options = { .sizeof_options = sizeof(options), .timescale = 1 };

    code = reel_track_presentation_duration(track, &length, err);
    if (code != REEL_OK) {
        return code;
    }

    least = length / reel_track_timescale(track) / NGX_HTTP_REEL_TILES + 1;

    while (i < sizeof(steps) / sizeof(steps[0]) - 1 && steps[i] < least) {
        i++;
    }

    options.flags = REEL_SPRITE_KEYFRAMES;
    options.step = ngx_max(steps[i], least);
    options.width = NGX_HTTP_REEL_TILE;
    options.columns = NGX_HTTP_REEL_COLUMNS;
    options.rows = NGX_HTTP_REEL_ROWS;
    options.most_pixels = 4 * 1024 * 1024;
    options.pixel = REEL_PIXEL_I420;
    options.fit = REEL_PICTURE_COVER;
    options.alloc = &ctx->alloc;

    return reel_sprite_plan(track, &options, sprite, err);
}


static int
ngx_http_reel_draw_sheet(ngx_http_reel_drawing_t *d, const reel_sprite *sprite, reel_error *err)
{
    int                  code;
    int32_t              codes[NGX_HTTP_REEL_COLUMNS * NGX_HTTP_REEL_ROWS];
    uint8_t             *data;
    uint32_t             i, n, good = 0;
    reel_image           image;
    reel_picture_shape   shape;

    if (d->ctx->want.time > UINT32_MAX
        || reel_sprite_get_sheet(sprite, (uint32_t) d->ctx->want.time, &shape, NULL, &n) != REEL_OK)
    {
        return REEL_END;
    }

    data = ngx_http_reel_resize(d->ctx->pool, NULL, shape.size);
    if (data == NULL) {
        return REEL_E_NOMEM;
    }

    code = reel_sprite_render(sprite, d->frames, (uint32_t) d->ctx->want.time, data, shape.size, &image, codes, err);

    for (i = 0; code == REEL_OK && i < n; i++) {
        good += codes[i] == REEL_OK;
    }

    if (code == REEL_OK && good == 0) {
        code = ngx_http_reel_draw_why(d, codes[0], err);
    }

    return code == REEL_OK ? ngx_http_reel_draw_jpeg(d, &image, err) : code;
}


static int
ngx_http_reel_draw_board_sheet(ngx_http_reel_drawing_t *d, reel_error *err)
{
    int           code;
    reel_sprite  *sprite = NULL;

    code = ngx_http_reel_board_plan(d->ctx, d->track, &sprite, err);
    if (code == REEL_OK) {
        code = ngx_http_reel_draw_sheet(d, sprite, err);
    }

    reel_sprite_close(&sprite);

    return code;
}


static int
ngx_http_reel_draw_vtt(ngx_http_reel_drawing_t *d, const reel_sprite *sprite, reel_error *err)
{
    char             *name;
    uint32_t          i;
    const char      **names;
    reel_sprite_info  info;

    reel_sprite_get_info(sprite, &info);
    names = ngx_palloc(d->ctx->pool, info.sheets * sizeof(char *));

    for (i = 0; names && i < info.sheets; i++) {
        name = ngx_palloc(d->ctx->pool, sizeof("storyboard-4294967295.jpg"));
        if (name == NULL) {
            return REEL_E_NOMEM;
        }
        (void) sprintf(name, "storyboard-%u.jpg", i);
        names[i] = name;
    }

    return names ? reel_sprite_write_vtt(sprite, names, reel_image_bytes_write, &d->bytes, err) : REEL_E_NOMEM;
}


/* ---- what is asked for ---- */

void
ngx_http_reel_make_thumb(ngx_http_reel_ctx_t *ctx)
{
    int                      code = REEL_OK;
    reel_error               err = { 0 };
    ngx_http_reel_drawing_t  d = { 0 };

    if (ngx_http_reel_draw_open(ctx, &d, ctx->want.kind == NGX_HTTP_REEL_SHEET ? 2 : 1) != NGX_OK) {
        ngx_http_reel_draw_close(&d);
        return;
    }

    ngx_http_reel_draw_size(&d);

    if (ctx->want.kind == NGX_HTTP_REEL_SHEET) {
        code = ngx_http_reel_draw_board_sheet(&d, &err);
    } else if (ctx->want.kind == NGX_HTTP_REEL_POSTER) {
        code = ngx_http_reel_draw_poster(&d, &err);
    } else {
        code = ngx_http_reel_draw_time(&d, &err);
    }

    if (ngx_http_reel_draw_failed(ctx, code, &err) == NGX_OK) {
        ngx_http_reel_draw_done(ctx, &d);
    }

    ngx_http_reel_draw_close(&d);
}


/* Nothing is decoded, but a film that cannot be has no storyboard. */
void
ngx_http_reel_make_board(ngx_http_reel_ctx_t *ctx)
{
    int                      code;
    reel_error               err = { 0 };
    reel_sprite             *sprite = NULL;
    ngx_http_reel_drawing_t  d = { 0 };

    if (ngx_http_reel_draw_open(ctx, &d, 1) == NGX_OK) {
        code = ngx_http_reel_board_plan(ctx, d.track, &sprite, &err);
        if (code == REEL_OK) {
            code = ngx_http_reel_draw_vtt(&d, sprite, &err);
        }
        if (ngx_http_reel_draw_failed(ctx, code, &err) == NGX_OK) {
            ngx_http_reel_draw_done(ctx, &d);
        }
    }

    reel_sprite_close(&sprite);
    ngx_http_reel_draw_close(&d);
}
