/* SPDX-License-Identifier: BSD-2-Clause */
/* Pixel formats of libavutil as ours: by name where we have one, else described from libavutil's own description. */
#include "frame/decode/room.h"

static const struct {
    int av;
    uint32_t id;
} named[] = {
    {AV_PIX_FMT_GRAY8, REEL_PIXEL_GRAY8},
    {AV_PIX_FMT_GRAY16, REEL_PIXEL_GRAY16},
    {AV_PIX_FMT_YUV420P, REEL_PIXEL_I420},
    {AV_PIX_FMT_YUVJ420P, REEL_PIXEL_I420}, /* the range is told apart by reel_frame.full_range */
    {AV_PIX_FMT_YUV422P, REEL_PIXEL_I422},
    {AV_PIX_FMT_YUVJ422P, REEL_PIXEL_I422},
    {AV_PIX_FMT_YUV444P, REEL_PIXEL_I444},
    {AV_PIX_FMT_YUVJ444P, REEL_PIXEL_I444},
    {AV_PIX_FMT_YUV420P10, REEL_PIXEL_I420_10},
    {AV_PIX_FMT_YUV422P10, REEL_PIXEL_I422_10},
    {AV_PIX_FMT_YUV444P10, REEL_PIXEL_I444_10},
    {AV_PIX_FMT_NV12, REEL_PIXEL_NV12},
    {AV_PIX_FMT_P010, REEL_PIXEL_P010},
    {AV_PIX_FMT_RGB24, REEL_PIXEL_RGB24},
    {AV_PIX_FMT_RGBA, REEL_PIXEL_RGBA},
    {AV_PIX_FMT_BGRA, REEL_PIXEL_BGRA},
};

static const struct {
    int av;
    uint32_t id;
} sounds[] = {
    {AV_SAMPLE_FMT_U8, REEL_SOUND_U8},    {AV_SAMPLE_FMT_U8P, REEL_SOUND_U8P},
    {AV_SAMPLE_FMT_S16, REEL_SOUND_S16},  {AV_SAMPLE_FMT_S16P, REEL_SOUND_S16P},
    {AV_SAMPLE_FMT_S32, REEL_SOUND_S32},  {AV_SAMPLE_FMT_S32P, REEL_SOUND_S32P},
    {AV_SAMPLE_FMT_S64, REEL_SOUND_S64},  {AV_SAMPLE_FMT_S64P, REEL_SOUND_S64P},
    {AV_SAMPLE_FMT_FLT, REEL_SOUND_F32},  {AV_SAMPLE_FMT_FLTP, REEL_SOUND_F32P},
    {AV_SAMPLE_FMT_DBL, REEL_SOUND_F64},  {AV_SAMPLE_FMT_DBLP, REEL_SOUND_F64P},
};

uint32_t reel__sound_format(int av_format)
{
    for (size_t i = 0; i < sizeof sounds / sizeof *sounds; i++)
        if (sounds[i].av == av_format)
            return sounds[i].id;
    return 0;
}

/* A plane with only chroma is as small as the chroma; one with luma, alpha or colours is as large as the picture. */
static bool describe_plane(const AVPixFmtDescriptor *d, int plane, reel_plane *out)
{
    bool chroma = !(d->flags & AV_PIX_FMT_FLAG_RGB);
    int first = -1;
    for (int c = 0; c < d->nb_components; c++)
        if (d->comp[c].plane == plane) {
            chroma = chroma && (c == 1 || c == 2);
            first = first < 0 ? c : first;
        }
    if (first < 0 || d->comp[first].step < 1 || d->comp[first].step > 64)
        return false;
    *out = (reel_plane){.step = (uint8_t)d->comp[first].step,
                        .shift_x = chroma ? d->log2_chroma_w : 0,
                        .shift_y = chroma ? d->log2_chroma_h : 0};
    return true;
}

static bool describe(int pixel, const AVPixFmtDescriptor *d, reel_format *out)
{
    int planes = av_pix_fmt_count_planes(pixel);
    if (d->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM) || planes < 1 ||
        planes > REEL_PLANES)
        return false;
    *out = (reel_format){.id = REEL_PIXEL_USER + (uint32_t)pixel, .planes = (uint32_t)planes,
                         .bits = (uint32_t)d->comp[0].depth};
    for (int i = 0; i < planes; i++)
        if (!describe_plane(d, i, &out->plane[i]))
            return false;
    /* libavutil has the last word on how long a row is; formats that pack pixels in other ways fail here. */
    for (int i = 0; i < planes; i++)
        if (av_image_get_linesize(pixel, 64, i) != (64 >> out->plane[i].shift_x) * out->plane[i].step)
            return false;
    return true;
}

bool reel__decode_format(int pixel, reel_format *out)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(pixel);
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].av == pixel)
            return reel_format_get(named[i].id, out) == REEL_OK;
    return d && describe(pixel, d, out);
}

int reel_decoder_format(const reel_decoder *dec, reel_format *out)
{
    return dec ? reel_decoder_format_of(dec->shown_format, out) : REEL_E_NOT_FOUND;
}

int reel_decoder_format_of(uint32_t format, reel_format *out)
{
    if (!format || !out)
        return REEL_E_NOT_FOUND;
    if (format < REEL_PIXEL_USER)
        return reel_format_get(format, out) == REEL_OK ? REEL_OK : REEL_E_NOT_FOUND;
    return reel__decode_format((int)(format - REEL_PIXEL_USER), out) ? REEL_OK : REEL_E_NOT_FOUND;
}

const char *reel_decoder_format_name(uint32_t format)
{
    int pixel = AV_PIX_FMT_NONE;
    if (format >= REEL_PIXEL_USER && format < REEL_PIXEL_USER + AV_PIX_FMT_NB)
        pixel = (int)(format - REEL_PIXEL_USER);
    for (size_t i = sizeof named / sizeof *named; i-- > 0;)
        if (named[i].id == format)
            pixel = named[i].av; /* the first of several: no yuvj420p */
    for (size_t i = 0; i < sizeof sounds / sizeof *sounds; i++)
        if (sounds[i].id == format)
            return av_get_sample_fmt_name(sounds[i].av);
    const char *name = av_get_pix_fmt_name(pixel);
    return name ? name : "?";
}
