/* SPDX-License-Identifier: BSD-2-Clause */
/* What differs between the FFmpegs that reel is built with, 4.4 to 7: one name here for each. */
#ifndef REEL_FRAME_DECODE_AV_H
#define REEL_FRAME_DECODE_AV_H

#include <libavcodec/avcodec.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libavutil/samplefmt.h>
#include <stdbool.h>

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100) /* 6.1: one word of flags */
static inline bool reel__av_key(const AVFrame *f) { return (f->flags & AV_FRAME_FLAG_KEY) != 0; }
static inline bool reel__av_interlaced(const AVFrame *f) { return (f->flags & AV_FRAME_FLAG_INTERLACED) != 0; }
static inline bool reel__av_top_first(const AVFrame *f) { return (f->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0; }
#else
static inline bool reel__av_key(const AVFrame *f) { return f->key_frame != 0; }
static inline bool reel__av_interlaced(const AVFrame *f) { return f->interlaced_frame != 0; }
static inline bool reel__av_top_first(const AVFrame *f) { return f->top_field_first != 0; }
#endif

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 24, 100) /* 5.1: a struct for the channels */
static inline int reel__av_channels(const AVFrame *f) { return f->ch_layout.nb_channels; }
static inline uint64_t reel__av_channel_mask(const AVFrame *f)
{
    return f->ch_layout.order == AV_CHANNEL_ORDER_NATIVE ? f->ch_layout.u.mask : 0;
}
/* Which speakers, nobody says but of one and two. */
static inline void reel__av_set_channels(AVCodecParameters *p, int n)
{
    if (n == 1 || n == 2)
        av_channel_layout_default(&p->ch_layout, n);
    else
        p->ch_layout = (AVChannelLayout){.order = AV_CHANNEL_ORDER_UNSPEC, .nb_channels = n};
}
#else
static inline int reel__av_channels(const AVFrame *f) { return f->channels; }
static inline uint64_t reel__av_channel_mask(const AVFrame *f) { return f->channel_layout; }
static inline void reel__av_set_channels(AVCodecParameters *p, int n)
{
    p->channels = n;
    p->channel_layout = n == 1 ? AV_CH_LAYOUT_MONO : n == 2 ? AV_CH_LAYOUT_STEREO : 0;
}
#endif

/* Before 6.0 a codec with frame threads asked its caller's thread for buffers unless it was told that any may be. */
static inline void reel__av_any_thread(AVCodecContext *ctx)
{
#if LIBAVCODEC_VERSION_MAJOR < 60
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    ctx->thread_safe_callbacks = 1;
#pragma GCC diagnostic pop
#else
    (void)ctx;
#endif
}

#endif
