/* SPDX-License-Identifier: BSD-2-Clause */
/* Which codec of libavcodec a sample entry means, and what it is told before the first sample. */
#include <limits.h>
#include <string.h>

#include "frame/decode/room.h"
#include "frame/base/fail.h"

enum { NOTHING = REEL__NOTHING, AS_IT_IS = REEL__AS_IT_IS, MOST_CHANNELS = 1024, MOST_SOUND = 1 << 22 };

#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(59, 6, 100)
#define VVC_ROWS {"vvc1", 0, AS_IT_IS, AV_CODEC_ID_VVC}, {"vvi1", 0, AS_IT_IS, AV_CODEC_ID_VVC},
#else
#define VVC_ROWS
#endif

/* ISO/IEC 14496-12, -15, the registry of mp4ra.org, QuickTime File Format: video. The first row that fits counts. */
static const reel__codec_row rows[] = {
    {"avc1", 0, AS_IT_IS, AV_CODEC_ID_H264},    {"avc2", 0, AS_IT_IS, AV_CODEC_ID_H264},
    {"avc3", 0, AS_IT_IS, AV_CODEC_ID_H264},    {"avc4", 0, AS_IT_IS, AV_CODEC_ID_H264},
    {"dva1", 0, AS_IT_IS, AV_CODEC_ID_H264},    {"dvav", 0, AS_IT_IS, AV_CODEC_ID_H264},
    {"hvc1", 0, AS_IT_IS, AV_CODEC_ID_HEVC},    {"hev1", 0, AS_IT_IS, AV_CODEC_ID_HEVC},
    {"hvc2", 0, AS_IT_IS, AV_CODEC_ID_HEVC},    {"hev2", 0, AS_IT_IS, AV_CODEC_ID_HEVC},
    {"dvh1", 0, AS_IT_IS, AV_CODEC_ID_HEVC},    {"dvhe", 0, AS_IT_IS, AV_CODEC_ID_HEVC},
    VVC_ROWS
    {"vp08", 0, NOTHING, AV_CODEC_ID_VP8},      {"vp09", 0, NOTHING, AV_CODEC_ID_VP9},
    {"av01", 0, AS_IT_IS, AV_CODEC_ID_AV1},     {"dav1", 0, AS_IT_IS, AV_CODEC_ID_AV1},
    {"mp4v", 0x20, AS_IT_IS, AV_CODEC_ID_MPEG4}, {"mp4v", 0x21, AS_IT_IS, AV_CODEC_ID_H264},
    {"mp4v", 0x23, AS_IT_IS, AV_CODEC_ID_HEVC}, {"mp4v", 0x60, AS_IT_IS, AV_CODEC_ID_MPEG2VIDEO},
    {"mp4v", 0x61, AS_IT_IS, AV_CODEC_ID_MPEG2VIDEO}, {"mp4v", 0x62, AS_IT_IS, AV_CODEC_ID_MPEG2VIDEO},
    {"mp4v", 0x63, AS_IT_IS, AV_CODEC_ID_MPEG2VIDEO}, {"mp4v", 0x64, AS_IT_IS, AV_CODEC_ID_MPEG2VIDEO},
    {"mp4v", 0x65, AS_IT_IS, AV_CODEC_ID_MPEG2VIDEO}, {"mp4v", 0x6a, AS_IT_IS, AV_CODEC_ID_MPEG1VIDEO},
    {"mp4v", 0x6c, NOTHING, AV_CODEC_ID_MJPEG}, {"mp4v", 0x6d, NOTHING, AV_CODEC_ID_PNG},
    {"mp4v", 0x6e, NOTHING, AV_CODEC_ID_JPEG2000}, {"mp4v", 0xa3, AS_IT_IS, AV_CODEC_ID_VC1},
    {"mp4v", 0xa4, NOTHING, AV_CODEC_ID_DIRAC}, {"mp4v", 0xb1, NOTHING, AV_CODEC_ID_VP9},
    {"mp4v", 0, AS_IT_IS, AV_CODEC_ID_MPEG4},   {"DIVX", 0, AS_IT_IS, AV_CODEC_ID_MPEG4},
    {"XVID", 0, AS_IT_IS, AV_CODEC_ID_MPEG4},   {"jpeg", 0, NOTHING, AV_CODEC_ID_MJPEG},
    {"mjpa", 0, NOTHING, AV_CODEC_ID_MJPEG},    {"mjpb", 0, NOTHING, AV_CODEC_ID_MJPEGB},
    {"mjp2", 0, NOTHING, AV_CODEC_ID_JPEG2000}, {"apch", 0, NOTHING, AV_CODEC_ID_PRORES},
    {"apcn", 0, NOTHING, AV_CODEC_ID_PRORES},   {"apcs", 0, NOTHING, AV_CODEC_ID_PRORES},
    {"apco", 0, NOTHING, AV_CODEC_ID_PRORES},   {"ap4h", 0, NOTHING, AV_CODEC_ID_PRORES},
    {"ap4x", 0, NOTHING, AV_CODEC_ID_PRORES},   {"s263", 0, NOTHING, AV_CODEC_ID_H263},
    {"h263", 0, NOTHING, AV_CODEC_ID_H263},     {"H263", 0, NOTHING, AV_CODEC_ID_H263},
    {"m1v ", 0, NOTHING, AV_CODEC_ID_MPEG1VIDEO}, {"mp1v", 0, NOTHING, AV_CODEC_ID_MPEG1VIDEO},
    {"m2v1", 0, NOTHING, AV_CODEC_ID_MPEG2VIDEO}, {"mp2v", 0, NOTHING, AV_CODEC_ID_MPEG2VIDEO},
    {"hdv1", 0, NOTHING, AV_CODEC_ID_MPEG2VIDEO}, {"hdv2", 0, NOTHING, AV_CODEC_ID_MPEG2VIDEO},
    {"hdv3", 0, NOTHING, AV_CODEC_ID_MPEG2VIDEO}, {"xdv2", 0, NOTHING, AV_CODEC_ID_MPEG2VIDEO},
    {"xdv3", 0, NOTHING, AV_CODEC_ID_MPEG2VIDEO}, {"xd5b", 0, NOTHING, AV_CODEC_ID_MPEG2VIDEO},
    {"mx5p", 0, NOTHING, AV_CODEC_ID_MPEG2VIDEO}, {"AVdn", 0, NOTHING, AV_CODEC_ID_DNXHD},
    {"AVdh", 0, NOTHING, AV_CODEC_ID_DNXHD},    {"CFHD", 0, NOTHING, AV_CODEC_ID_CFHD},
    {"dvc ", 0, NOTHING, AV_CODEC_ID_DVVIDEO},  {"dvcp", 0, NOTHING, AV_CODEC_ID_DVVIDEO},
    {"dvpp", 0, NOTHING, AV_CODEC_ID_DVVIDEO},  {"dv5n", 0, NOTHING, AV_CODEC_ID_DVVIDEO},
    {"dv5p", 0, NOTHING, AV_CODEC_ID_DVVIDEO},  {"dvh5", 0, NOTHING, AV_CODEC_ID_DVVIDEO},
    {"dvh6", 0, NOTHING, AV_CODEC_ID_DVVIDEO},  {"dvhp", 0, NOTHING, AV_CODEC_ID_DVVIDEO},
    {"dvhq", 0, NOTHING, AV_CODEC_ID_DVVIDEO},  {"png ", 0, NOTHING, AV_CODEC_ID_PNG},
    {"tiff", 0, NOTHING, AV_CODEC_ID_TIFF},     {"gif ", 0, NOTHING, AV_CODEC_ID_GIF},
    {"cvid", 0, NOTHING, AV_CODEC_ID_CINEPAK},  {"SVQ1", 0, NOTHING, AV_CODEC_ID_SVQ1},
    {"rle ", 0, NOTHING, AV_CODEC_ID_QTRLE},    {"rpza", 0, NOTHING, AV_CODEC_ID_RPZA},
    {"Hap1", 0, NOTHING, AV_CODEC_ID_HAP},      {"Hap5", 0, NOTHING, AV_CODEC_ID_HAP},
    {"HapY", 0, NOTHING, AV_CODEC_ID_HAP},      {"2vuy", 0, NOTHING, AV_CODEC_ID_RAWVIDEO},
    {"UYVY", 0, NOTHING, AV_CODEC_ID_RAWVIDEO}, {"yuv2", 0, NOTHING, AV_CODEC_ID_RAWVIDEO},
    {"yuvs", 0, NOTHING, AV_CODEC_ID_RAWVIDEO}, {"raw ", 0, NOTHING, AV_CODEC_ID_RAWVIDEO},
    {"v210", 0, NOTHING, AV_CODEC_ID_V210},     {"v308", 0, NOTHING, AV_CODEC_ID_V308},
    {"v408", 0, NOTHING, AV_CODEC_ID_V408},     {"v410", 0, NOTHING, AV_CODEC_ID_V410},
};

bool reel__codec_find(const reel__codec_row *from, size_t n, const reel_description *d, reel__codec_row *out)
{
    for (size_t i = 0; i < n; i++) {
        const reel__codec_row *r = &from[i];
        if (d->format == REEL_4CC(r->fourcc[0], r->fourcc[1], r->fourcc[2], r->fourcc[3]) &&
            (!r->oti || r->oti == d->object_type_indication)) {
            *out = *r;
            return true;
        }
    }
    return false;
}

static bool row_of(const reel_description *d, reel__codec_row *out)
{
    return d->type == REEL_TRACK_AUDIO ? reel__sound_codec(d, out)
                                       : reel__codec_find(rows, sizeof rows / sizeof *rows, d, out);
}

static int check(const reel_description *d, reel__codec_row *row, const AVCodec **codec, reel_error *err)
{
    char name[17];
    *codec = NULL;
    if (d->protection.scheme || d->format == REEL_4CC('e', 'n', 'c', 'v') || d->format == REEL_4CC('e', 'n', 'c', 'a'))
        return reel__frame_fail(err, REEL_E_UNSUPPORTED, "the samples are encrypted (%s); nothing here has the key",
                                reel_4cc_text(d->protection.scheme, name));
    if (!row_of(d, row))
        return reel__frame_fail(err, REEL_E_UNSUPPORTED, "no decoder is known for '%s'",
                                reel_4cc_text(d->format, name));
    *codec = avcodec_find_decoder(row->id);
    if (!*codec)
        return reel__frame_fail(err, REEL_E_UNSUPPORTED, "this libavcodec was built without a decoder for %s ('%s')",
                                avcodec_get_name(row->id), reel_4cc_text(d->format, name));
    return REEL_OK;
}

static bool fill_extradata(AVCodecParameters *p, reel__extradata kind, reel_span from)
{
    enum { MORE = 64 }; /* that a kind may put before it */
    if (kind == REEL__NOTHING || !from.size || from.size > INT_MAX - MORE - AV_INPUT_BUFFER_PADDING_SIZE)
        return true;
    p->extradata = av_mallocz(from.size + MORE + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!p->extradata)
        return false;
    p->extradata_size = (int)reel__sound_extradata(kind, from, p->extradata);
    return true;
}

static int within_int(uint32_t n) { return n <= INT_MAX ? (int)n : 0; }

static void fill_sound(const reel_description *d, AVCodecParameters *p)
{
    p->codec_type = AVMEDIA_TYPE_AUDIO;
    p->sample_rate = within_int(d->sample_rate);
    p->bits_per_coded_sample = within_int(d->bits_per_sample);
    p->block_align = within_int(d->bytes_per_packet);
    reel__av_set_channels(p, d->channels <= MOST_CHANNELS ? (int)d->channels : 0);
}

static void fill_pictures(const reel_decoder *dec, const reel_description *d, AVCodecParameters *p)
{
    p->codec_type = AVMEDIA_TYPE_VIDEO;
    p->width = within_int(d->width);
    p->height = within_int(d->height);
    p->bits_per_coded_sample = (int)d->depth;
    /* Where the stream does not say how far pictures are out of order, H.264's decoder guesses, and loses the first
       that prove it wrong. The tables know. */
    p->video_delay = dec->reorder;
}

static bool fill_parameters(const reel_decoder *dec, const reel_description *d, const reel__codec_row *row,
                            AVCodecParameters *p)
{
    p->codec_id = row->id;
    p->codec_tag = __builtin_bswap32(d->format);
    if (dec->sound.is)
        fill_sound(d, p);
    else
        fill_pictures(dec, d, p);
    return fill_extradata(p, row->extradata, d->decoder_specific);
}

static bool take_parameters(const reel_decoder *dec, const reel_description *d, const reel__codec_row *row,
                            AVCodecContext *ctx)
{
    AVCodecParameters *p = avcodec_parameters_alloc();
    bool done = p && fill_parameters(dec, d, row, p) && avcodec_parameters_to_context(ctx, p) >= 0;
    avcodec_parameters_free(&p);
    return done;
}

static int64_t most_pixels(const reel_decoder *dec)
{
    enum { BITS = 28 };
    uint64_t most = dec->options.most_pixels;
    return !most ? INT64_C(1) << BITS : most < INT64_MAX / 2 ? (int64_t)most : INT64_MAX / 2;
}

/* Said here, with figures: libavutil would write of it to stderr, past REEL_DECODER_LOG. */
static int check_size(const reel_decoder *dec, const reel_description *d, reel_error *err)
{
    uint64_t pixels = (uint64_t)d->width * d->height, most = (uint64_t)most_pixels(dec);
    if (dec->sound.is || pixels <= most)
        return REEL_OK;
    return reel__frame_fail(err, REEL_E_UNSUPPORTED, "its pictures are too large: %ux%u, where %llu pixels are the most",
                            d->width, d->height, (unsigned long long)most);
}

static void take_options(reel_decoder *dec, AVCodecContext *ctx)
{
    enum { ROUND = 128 }; /* what codecs add to a picture's sides at most, to decode it */
    const reel_decoder_options *o = &dec->options;
    ctx->opaque = dec;
    ctx->get_buffer2 = reel__decode_get_buffer;
    reel__av_any_thread(ctx);
    ctx->thread_count = dec->sound.is ? 1 : o->threads > 256 ? 256 : (int)o->threads;
    if (o->thread_kind != REEL_DECODER_THREADS_ANY)
        ctx->thread_type = o->thread_kind == REEL_DECODER_THREADS_FRAME ? FF_THREAD_FRAME : FF_THREAD_SLICE;
    /* Cropped to the pixel: reel_frame asks for no alignment of its rows. What comes out although the codec has doubts
       is flagged, and ours to judge. */
    ctx->flags |= AV_CODEC_FLAG_UNALIGNED | AV_CODEC_FLAG_OUTPUT_CORRUPT;
    if (o->flags & REEL_DECODER_LOW_DELAY) {
        ctx->flags |= AV_CODEC_FLAG_LOW_DELAY;
        ctx->thread_type = FF_THREAD_SLICE;
    }
    if (o->flags & REEL_DECODER_ROUGH)
        ctx->skip_loop_filter = AVDISCARD_ALL;
    if (!(o->flags & REEL_DECODER_LOG))
        ctx->log_level_offset = 128; /* beyond every level that anybody sets; av_log looks at the low eight bits */
    /* What is heard of a packet is ours to say: the edit list knows. */
    ctx->flags2 |= AV_CODEC_FLAG2_SKIP_MANUAL;
    ctx->max_samples = MOST_SOUND;
    ctx->max_pixels = most_pixels(dec) + ROUND * ((int64_t)ctx->width + ctx->height + ROUND);
}

static int open_failed(int averror, const AVCodec *codec, reel_error *err)
{
    char what[AV_ERROR_MAX_STRING_SIZE] = "";
    if (averror == AVERROR(ENOMEM))
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for %s", codec->name);
    av_strerror(averror, what, sizeof what);
    return reel__frame_fail(err, REEL_E_CONFIG, "%s refuses the configuration: %s", codec->name, what);
}

static int open_codec(reel_decoder *dec, const reel_description *d, const reel__codec_row *row, const AVCodec *codec,
                      reel_error *err)
{
    AVCodecContext *ctx = avcodec_alloc_context3(codec);
    int rc = ctx && take_parameters(dec, d, row, ctx) ? 0 : AVERROR(ENOMEM);
    if (rc == 0) {
        take_options(dec, ctx);
        rc = avcodec_open2(ctx, codec, NULL);
    }
    if (rc < 0) {
        avcodec_free_context(&ctx);
        return open_failed(rc, codec, err);
    }
    dec->ctx = ctx;
    return REEL_OK;
}

int reel__decode_configure(reel_decoder *dec, uint32_t i, reel_error *err)
{
    reel_description d;
    reel__codec_row row = {.id = AV_CODEC_ID_NONE};
    const AVCodec *codec = NULL;
    int rc = reel_track_description(dec->track, i, &d, err);
    if (rc == REEL_OK)
        rc = check(&d, &row, &codec, err);
    if (rc == REEL_OK)
        rc = check_size(dec, &d, err);
    avcodec_free_context(&dec->ctx);
    if (rc != REEL_OK || !codec)
        return rc;
    rc = open_codec(dec, &d, &row, codec, err);
    if (rc != REEL_OK)
        return rc;
    dec->d = d;
    dec->description = i;
    dec->sound.codec = row.id;
    dec->sound.gathers = dec->sound.is && av_get_exact_bits_per_sample(row.id) >= 8;
    return REEL_OK;
}
