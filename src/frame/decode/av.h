/* SPDX-License-Identifier: BSD-2-Clause */
/* What differs between the FFmpegs that reel is built with, 4.4 to 7: one name here for each. */
#ifndef REEL_FRAME_DECODE_AV_H
#define REEL_FRAME_DECODE_AV_H

#include <libavcodec/avcodec.h>
#include <libavutil/avutil.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
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
