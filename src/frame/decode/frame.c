/* SPDX-License-Identifier: BSD-2-Clause */
/* A decoded picture as a reel_frame: over our buffer, or around a reference on the codec's. */
#include <string.h>

#include <reel/time.h>

#include "frame/decode/room.h"
#include "frame/base/fail.h"
#include "frame/pool/room.h"

/* ---- pictures in the codec's own memory ---- */

/* What one such frame needs: the reference, and room for the header of the buffer that reel_frame_wrap makes. */
typedef struct wrap {
    _Alignas(64) unsigned char header[sizeof(struct reel_buffer)];
    reel__wraps *home;
    AVFrame *frame;
    struct wrap *next;
} wrap;

struct reel__wraps {
    atomic_uint refs; /* the decoder's, and one for each that is out */
    atomic_uint lent; /* counts here, as the codec's frames may be out longer than there is a decoder */
    pthread_mutex_t lock;
    wrap *home;
    reel_allocator alloc;
};

atomic_uint *reel__wraps_lent(reel__wraps *w) { return &w->lent; }

reel__wraps *reel__wraps_new(const reel_allocator *alloc)
{
    reel__wraps *w = alloc->resize(alloc->user, NULL, sizeof *w);
    if (!w)
        return NULL;
    memset(w, 0, sizeof *w);
    if (pthread_mutex_init(&w->lock, NULL) != 0) {
        alloc->resize(alloc->user, w, 0);
        return NULL;
    }
    atomic_init(&w->refs, 1);
    w->alloc = *alloc;
    return w;
}

static void wrap_free(const reel__wraps *w, wrap *one)
{
    av_frame_free(&one->frame);
    reel__memory_free(&w->alloc, one);
}

void reel__wraps_close(reel__wraps *w)
{
    if (!w || !reel__let_go(&w->refs))
        return;
    for (wrap *one = w->home, *next; one; one = next) {
        next = one->next;
        wrap_free(w, one);
    }
    pthread_mutex_destroy(&w->lock);
    reel_allocator a = w->alloc;
    a.resize(a.user, w, 0);
}

static wrap *wrap_new(reel__wraps *w)
{
    wrap *one = reel__memory_get(&w->alloc, sizeof *one, 64);
    if (!one)
        return NULL;
    memset(one, 0, sizeof *one);
    one->home = w;
    one->frame = av_frame_alloc();
    if (one->frame)
        return one;
    wrap_free(w, one);
    return NULL;
}

static wrap *wrap_take(reel__wraps *w)
{
    pthread_mutex_lock(&w->lock);
    wrap *one = w->home;
    if (one)
        w->home = one->next;
    pthread_mutex_unlock(&w->lock);
    if (!one)
        one = wrap_new(w);
    if (one)
        atomic_fetch_add_explicit(&w->refs, 1, memory_order_relaxed);
    return one;
}

static void wrap_give(wrap *one)
{
    reel__wraps *w = one->home;
    pthread_mutex_lock(&w->lock);
    one->next = w->home;
    w->home = one;
    pthread_mutex_unlock(&w->lock);
    reel__wraps_close(w);
}

static void wrap_let_go(void *user, void *data)
{
    wrap *one = user;
    (void)data;
    av_frame_unref(one->frame);
}

/* reel_frame_wrap asks once, for the header of a buffer, and gives it back last of all. */
static void *wrap_header(void *user, void *p, size_t n)
{
    wrap *one = user;
    if (n)
        return !p && n <= sizeof one->header ? one->header : NULL;
    wrap_give(one);
    return NULL;
}

static int make_wrapped(reel_decoder *dec, const reel_frame *like, reel_frame **out, reel_error *err)
{
    wrap *one = wrap_take(dec->wraps);
    if (!one)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for a frame");
    const reel_allocator a = {wrap_header, one};
    int rc = reel_frame_wrap(like, wrap_let_go, one, &a, out, err);
    if (rc != REEL_OK) {
        wrap_give(one);
        return rc;
    }
    av_frame_move_ref(one->frame, dec->frame);
    REEL__TALLY(dec, wrapped, 1);
    return REEL_OK;
}

/* ---- what a frame says ---- */

static uint8_t small(int n) { return n >= 0 && n <= 255 ? (uint8_t)n : 2; }

/* The stream's word on colours, where it says anything; else the sample description's. */
static void describe_colours(const reel_decoder *dec, const AVFrame *f, reel_frame *out)
{
    const reel_description *d = &dec->d;
    const AVPixFmtDescriptor *pixel = av_pix_fmt_desc_get(f->format);
    bool said = d->colour_known != 0;
    bool no_primaries = f->color_primaries == AVCOL_PRI_UNSPECIFIED;
    out->primaries = small(no_primaries && said ? d->colour_primaries : f->color_primaries);
    out->transfer = small(f->color_trc == AVCOL_TRC_UNSPECIFIED && said ? d->transfer : f->color_trc);
    out->matrix = small(f->colorspace == AVCOL_SPC_UNSPECIFIED && said ? d->matrix : f->colorspace);
    out->full_range = f->color_range == AVCOL_RANGE_JPEG || (pixel && pixel->flags & AV_PIX_FMT_FLAG_RGB) ||
                      (f->color_range == AVCOL_RANGE_UNSPECIFIED && said && d->full_range);
    out->chroma_location = small(f->chroma_location);
}

static void describe_shape(const reel_decoder *dec, const AVFrame *f, reel_frame *out)
{
    reel_rational said = dec->d.pixel_aspect;
    AVRational own = f->sample_aspect_ratio;
    out->sar_width = said.num && said.den ? said.num : own.num > 0 && own.den > 0 ? (uint32_t)own.num : 0;
    out->sar_height = said.num && said.den ? said.den : own.num > 0 && own.den > 0 ? (uint32_t)own.den : 0;
}

static void describe(const reel_decoder *dec, const AVFrame *f, const reel_format *format, reel_frame *out)
{
    for (uint32_t i = 0; i < REEL_PLANES; i++) {
        out->data[i] = i < format->planes ? f->data[i] : NULL;
        out->stride[i] = i < format->planes ? f->linesize[i] : 0;
    }
    out->width = (uint32_t)f->width;
    out->height = (uint32_t)f->height;
    out->format = format->id;
    out->planes = format->planes;
    out->flags = (reel__av_key(f) ? REEL_FRAME_KEY : 0) | (reel__av_interlaced(f) ? REEL_FRAME_INTERLACED : 0) |
                 (reel__av_interlaced(f) && reel__av_top_first(f) ? REEL_FRAME_TOP_FIRST : 0) |
                 (f->decode_error_flags || f->flags & AV_FRAME_FLAG_CORRUPT ? REEL_FRAME_DAMAGED : 0);
    describe_colours(dec, f, out);
    describe_shape(dec, f, out);
}

/* Palettes and bits have no reel_format: their planes are named by libavutil's number and carried as they are. */
static reel_format format_of(const AVFrame *f)
{
    reel_format format = {.id = REEL_PIXEL_USER + (uint32_t)f->format, .planes = 0};
    if (reel__decode_format(f->format, &format))
        return format;
    format = (reel_format){.id = REEL_PIXEL_USER + (uint32_t)f->format, .planes = 0};
    while (format.planes < REEL_PLANES && f->data[format.planes])
        format.planes++;
    return format;
}

int reel__decode_make_frame(reel_decoder *dec, reel_frame **out, reel_error *err)
{
    AVFrame *f = dec->frame;
    reel_format format = format_of(f);
    reel_buffer *b = reel__decode_buffer_of(dec, f);
    int rc;
    if (f->width < 1 || f->height < 1 || !format.planes)
        return reel__frame_fail(err, REEL_E_DECODE, "%s gave a picture without pixels", dec->ctx->codec->name);
    if (b) {
        /* Where the planes are the picture itself says: cropping moved them. */
        const reel_layout anywhere = {.format = format, .width = (uint32_t)f->width, .height = (uint32_t)f->height};
        rc = reel_frame_over(b, &anywhere, out, err);
        if (rc == REEL_OK) {
            describe(dec, f, &format, *out);
            av_frame_unref(f);
        }
        return rc;
    }
    reel_frame like = {.timescale = dec->timescale};
    describe(dec, f, &format, &like);
    return make_wrapped(dec, &like, out, err);
}

/* ---- coming out ---- */

static bool untrusted(const reel_decoder *dec, const reel_sample *s)
{
    return dec->bad_from != REEL_NO_INDEX && s->index >= dec->bad_from && s->index < dec->bad_leading &&
           s->index != dec->bad_to;
}

static void stamp(reel_decoder *dec, const reel_sample *s, reel_frame *f)
{
    f->timescale = dec->timescale;
    f->pts = s ? s->pts : 0;
    f->duration = s ? s->duration : 0;
    f->flags |= s ? 0 : REEL_FRAME_NO_TIME;
    if (s && untrusted(dec, s)) {
        f->flags |= REEL_FRAME_DAMAGED;
        atomic_fetch_sub_explicit(&dec->counts.lost, 1, memory_order_relaxed); /* not so, after all */
    }
    if (f->flags & REEL_FRAME_DAMAGED)
        REEL__TALLY(dec, damaged, 1);
    REEL__TALLY(dec, frames, 1);
}

void reel__decode_came_out(reel_decoder *dec, const reel_sample *s)
{
    if (!s)
        return;
    dec->shown_pts = !dec->shown_any || s->pts > dec->shown_pts ? s->pts : dec->shown_pts;
    dec->shown_any = true;
    dec->came = *s;
}

/* Where it was cut, it begins later and does not last as long as its sample. */
static void stamp_sound(const reel_decoder *dec, const reel__stretch *s, reel_frame *f)
{
    int64_t from = reel_rescale(s->before + s->front, f->sample_rate, dec->timescale);
    f->pts = s->known ? s->sample.pts + from : 0;
    f->duration = reel_rescale(s->before + s->front + s->n, f->sample_rate, dec->timescale) - from;
}

static void shown(reel_decoder *dec, const reel_sample *s, const reel_frame *f)
{
    dec->shown_known = s != NULL;
    dec->shown = s ? *s : dec->shown;
    dec->shown_format = f->format;
    dec->outs = 0;
    reel__decode_came_out(dec, s);
}

static int show_sound(reel_decoder *dec, reel_frame **out, reel_error *err)
{
    const reel__stretch at = reel__sound_place(dec);
    const reel_sample *s = at.known ? &at.sample : NULL;
    const int all = dec->frame->nb_samples;
    int rc = at.n ? reel__sound_make_frame(dec, &at, out, err) : REEL_OK;
    if (rc == REEL_E_NOMEM)
        return rc; /* it is still there */
    dec->full = false;
    av_frame_unref(dec->frame);
    reel__sound_passed(dec, &at, all);
    if (rc != REEL_OK || !*out)
        return rc;
    stamp(dec, s, *out);
    stamp_sound(dec, &at, *out);
    shown(dec, s, *out);
    return REEL_OK;
}

int reel__decode_show(reel_decoder *dec, reel_frame **out, reel_error *err)
{
    if (dec->sound.is)
        return show_sound(dec, out, err);
    reel__flying *f = reel__flight_find(dec, dec->frame->pts);
    const reel_sample *s = f ? &f->sample : NULL;
    int rc = reel__decode_make_frame(dec, out, err);
    if (rc == REEL_E_NOMEM)
        return rc; /* it is still there */
    dec->full = false;
    av_frame_unref(dec->frame);
    if (rc != REEL_OK)
        return rc;
    stamp(dec, s, *out);
    shown(dec, s, *out);
    return REEL_OK;
}
