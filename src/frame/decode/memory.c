/* SPDX-License-Identifier: BSD-2-Clause */
/* get_buffer2: the codec's pictures and sounds lie in buffers of a pool from the beginning. */
#include <limits.h>
#include <string.h>

#include "frame/decode/room.h"
#include "frame/base/fail.h"
#include "frame/pool/room.h"

enum {
    TAIL = 128,         /* libavcodec's own pool has 16 + STRIDE_ALIGN - 1 bytes behind each plane, and needs them */
    DPB = 16 + 2 + 16,  /* pictures a codec refers to at most, those being made, those waiting for their turn */
    HELD = 8,
};

#define WAIT_NS (2 * INT64_C(1000000000))
#define LOOK_NS (10 * INT64_C(1000000)) /* how often who waits looks whether to stop */

/* ---- rooms: under the lock ---- */

/* Of sound any that is large enough: frames differ in how long they are. */
static bool fits(const reel_decoder *dec, const reel__room *r, const AVFrame *f)
{
    size_t stride, size;
    if (dec->sound.is)
        return reel__sound_layout(f, &stride, &size) && size <= r->layout.size;
    return r->format == f->format && r->width == f->width && r->height == f->height;
}

static reel__room *room_find(reel_decoder *dec, const AVFrame *f)
{
    for (int i = 0; i < REEL__ROOMS; i++)
        if (dec->rooms[i].pool && fits(dec, &dec->rooms[i], f))
            return &dec->rooms[i];
    return NULL;
}

/* Rounded up, so that few pools do for all lengths. */
static bool sound_room_layout(const AVFrame *f, reel_layout *out)
{
    enum { LEAST = 1 << 14 };
    size_t stride, size, room = LEAST;
    if (!reel__sound_layout(f, &stride, &size))
        return false;
    while (room < size)
        room *= 2;
    *out = (reel_layout){.size = room};
    return room <= INT_MAX;
}

static bool room_layout(AVCodecContext *ctx, const AVFrame *f, reel_layout *out)
{
    if (ctx->codec_type == AVMEDIA_TYPE_AUDIO)
        return sound_room_layout(f, out);
    int w = f->width, h = f->height, align[AV_NUM_DATA_POINTERS] = {0}, most = 64;
    reel_format format;
    if (!reel__decode_format(f->format, &format) || w < 1 || h < 1)
        return false;
    avcodec_align_dimensions2(ctx, &w, &h, align);
    for (int i = 0; i < AV_NUM_DATA_POINTERS; i++)
        most = align[i] > most ? align[i] : most;
    reel_layout_rules rules = {.sizeof_rules = sizeof rules, .coded_width = (uint32_t)w, .coded_height = (uint32_t)h,
                               .stride_align = (uint32_t)most, .tail = TAIL};
    return reel_layout_init(out, &format, (uint32_t)f->width, (uint32_t)f->height, &rules, NULL) == REEL_OK &&
           out->size <= INT_MAX;
}

static uint32_t pool_ceiling(const reel_decoder *dec, const AVCodecContext *ctx)
{
    uint32_t threads = ctx->thread_count > 1 ? 2 * (uint32_t)ctx->thread_count : 0;
    uint32_t held = dec->options.frames ? dec->options.frames : HELD, most = REEL__MOST_BUFFERS - DPB - threads;
    return DPB + threads + (held < most ? held : most);
}

static int pool_open(reel_decoder *dec, const AVCodecContext *ctx, reel__room *r)
{
    int64_t wait = dec->options.wait_ns;
    uint32_t most = pool_ceiling(dec, ctx);
    reel_pool_options o = {.sizeof_options = sizeof o,
                           .buffer_size = r->layout.size,
                           .max_buffers = most,
                           .hot = most < REEL__MOST_HOT ? most : REEL__MOST_HOT,
                           .flags = wait >= 0 ? REEL_POOL_WAIT : 0,
                           .wait_ns = wait > 0 ? wait : WAIT_NS,
                           .alloc = dec->options.alloc ? &dec->alloc : NULL};
    int rc = reel_pool_open(&o, &r->pool, NULL);
    if (rc == REEL_OK)
        REEL__TALLY(dec, pools, 1);
    return rc;
}

/* The caller's pool takes a picture if it takes one like it at all; that is tried with the picture itself. */
static int room_make(reel_decoder *dec, AVCodecContext *ctx, const AVFrame *f, bool unfit, reel__room **out)
{
    reel__room made = {.format = f->format, .width = f->width, .height = f->height, .unfit = unfit};
    int rc = REEL_OK;
    if (!room_layout(ctx, f, &made.layout))
        return REEL_E_UNSUPPORTED;
    if (dec->options.pool && !unfit)
        made.pool = reel_pool_ref(dec->options.pool);
    else
        rc = pool_open(dec, ctx, &made);
    if (rc != REEL_OK)
        return rc;
    *out = &dec->rooms[dec->next_room++ % REEL__ROOMS];
    reel_pool_close(&(*out)->pool);
    **out = made;
    return REEL_OK;
}

/* A copy of the room for this picture, with a reference on its pool. */
static int room_for(reel_decoder *dec, AVCodecContext *ctx, const AVFrame *f, reel__room *out)
{
    reel__room *r;
    int rc = REEL_OK;
    pthread_mutex_lock(&dec->lock);
    r = room_find(dec, f);
    if (!r)
        rc = room_make(dec, ctx, f, false, &r);
    if (rc == REEL_OK) {
        *out = *r;
        reel_pool_ref(out->pool);
    }
    pthread_mutex_unlock(&dec->lock);
    return rc;
}

/* The caller's buffers turned out too small for this room: a pool of our own for it. */
static int room_replace(reel_decoder *dec, AVCodecContext *ctx, const AVFrame *f, reel__room *out)
{
    reel__room *r;
    int rc = REEL_OK;
    reel_pool_close(&out->pool);
    pthread_mutex_lock(&dec->lock);
    r = room_find(dec, f);
    if (r && !r->unfit) {
        reel_pool_close(&r->pool);
        r = NULL;
    }
    if (!r)
        rc = room_make(dec, ctx, f, true, &r);
    if (rc == REEL_OK) {
        *out = *r;
        reel_pool_ref(out->pool);
    }
    pthread_mutex_unlock(&dec->lock);
    return rc;
}

void reel__decode_forget_rooms(reel_decoder *dec)
{
    for (int i = 0; i < REEL__ROOMS; i++)
        reel_pool_close(&dec->rooms[i].pool);
}

reel_pool *reel__decode_pool(reel_decoder *dec)
{
    pthread_mutex_lock(&dec->lock);
    uint32_t last = (dec->next_room + REEL__ROOMS - 1) % REEL__ROOMS;
    reel_pool *pool = reel_pool_ref(dec->rooms[last].pool);
    pthread_mutex_unlock(&dec->lock);
    return pool;
}

/* ---- buffers ---- */

static bool stopped(reel_decoder *dec)
{
    return atomic_load_explicit(&dec->stop, memory_order_relaxed) ||
           atomic_load_explicit(&dec->flushing, memory_order_relaxed);
}

/* Wait as the pool's options say, but in small pieces, so that an interruption ends it. */
int reel__decode_take(reel_decoder *dec, reel_pool *pool, reel_buffer **out)
{
    int rc = reel_pool_take_buffer(pool, REEL_POOL_NEVER, REEL_HERE, out);
    if (rc != REEL_E_AGAIN)
        return rc;
    int64_t end = reel_pool_deadline(pool), now = reel_pool_now();
    REEL__TALLY(dec, waits, 1);
    while (rc == REEL_E_AGAIN && now < end) {
        if (stopped(dec))
            return REEL_E_CANCELLED;
        rc = reel_pool_take_buffer(pool, end - now < LOOK_NS ? end : now + LOOK_NS, REEL_HERE, out);
        now = reel_pool_now();
    }
    if (rc == REEL_E_AGAIN) {
        REEL__TALLY(dec, refused, 1);
        atomic_store(&dec->starved, true);
    }
    return rc;
}

static int take_fitting(reel_decoder *dec, AVCodecContext *ctx, const AVFrame *f, reel__room *room, reel_buffer **out)
{
    int rc = reel__decode_take(dec, room->pool, out);
    if (rc == REEL_OK && reel_buffer_size(*out) < room->layout.size) {
        reel_buffer_unref(out);
        rc = room_replace(dec, ctx, f, room);
        if (rc == REEL_OK)
            rc = reel__decode_take(dec, room->pool, out);
    }
    if (rc == REEL_OK && room->unfit)
        REEL__TALLY(dec, unfit, 1);
    return rc;
}

static void give_back(void *opaque, uint8_t *data)
{
    reel_buffer *b = opaque;
    (void)data;
    atomic_fetch_sub(b->u.home.lent, 1);
    reel_buffer_unref(&b);
}

static int put_planes(AVFrame *frame, const reel_layout *l)
{
    for (uint32_t i = 0; i < l->format.planes; i++) {
        frame->data[i] = frame->buf[0]->data + l->offset[i];
        frame->linesize[i] = (int)l->stride[i];
    }
    frame->extended_data = frame->data;
    return 0;
}

static int put_buffer(reel_decoder *dec, AVFrame *frame, const reel_layout *l, reel_buffer *b)
{
    frame->buf[0] = av_buffer_create(reel_buffer_data(b), reel_buffer_size(b), give_back, b, 0);
    if (!frame->buf[0]) {
        reel_buffer_unref(&b);
        return AVERROR(ENOMEM);
    }
    b->u.home.lent = reel__wraps_lent(dec->wraps);
    atomic_fetch_add(b->u.home.lent, 1);
    frame->opaque = dec; /* how reel__decode_buffer_of knows it again */
    if (!dec->sound.is)
        return put_planes(frame, l);
    return reel__sound_point(frame, frame->buf[0]->data) ? 0 : AVERROR(ENOMEM);
}

int reel__decode_buffer_for(reel_decoder *dec, AVCodecContext *ctx, const AVFrame *f, reel_layout *layout,
                            reel_buffer **out)
{
    reel__room room = {.pool = NULL};
    int rc = room_for(dec, ctx, f, &room);
    if (rc == REEL_OK)
        rc = take_fitting(dec, ctx, f, &room, out);
    reel_pool_close(&room.pool);
    *layout = room.layout;
    return rc;
}

/* Pictures of ours, or the codec's own where ours cannot be. */
static int get_buffer(reel_decoder *dec, AVCodecContext *ctx, AVFrame *frame, int flags)
{
    reel_layout layout;
    reel_buffer *b = NULL;
    int rc = ctx->codec->capabilities & AV_CODEC_CAP_DR1 ? reel__decode_buffer_for(dec, ctx, frame, &layout, &b)
                                                         : REEL_E_UNSUPPORTED;
    if (rc == REEL_E_UNSUPPORTED)
        return avcodec_default_get_buffer2(ctx, frame, flags);
    if (rc != REEL_OK)
        return rc == REEL_E_CANCELLED ? AVERROR_EXIT : rc == REEL_E_AGAIN ? AVERROR(EAGAIN) : AVERROR(ENOMEM);
    return put_buffer(dec, frame, &layout, b);
}

/* What the codec makes of our answer, later perhaps and of other pictures, does not tell why: that is remembered. */
int reel__decode_get_buffer(AVCodecContext *ctx, AVFrame *frame, int flags)
{
    reel_decoder *dec = ctx->opaque;
    if (stopped(dec))
        return AVERROR_EXIT;
    int rc = get_buffer(dec, ctx, frame, flags);
    if (rc == AVERROR(ENOMEM))
        atomic_store(&dec->dry, true);
    return rc == AVERROR(EAGAIN) ? AVERROR(ENOMEM) : rc; /* starved */
}

reel_buffer *reel__decode_buffer_of(const reel_decoder *dec, const AVFrame *frame)
{
    bool ours = frame->opaque == dec && frame->buf[0] && !frame->buf[1] &&
                (dec->sound.is || frame->extended_data == frame->data);
    return ours ? av_buffer_get_opaque(frame->buf[0]) : NULL;
}
