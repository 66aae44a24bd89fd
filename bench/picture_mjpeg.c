/* SPDX-License-Identifier: BSD-2-Clause */
#include <libavcodec/avcodec.h>

#include "picture_peer.h"

static AVCodecContext *encoder;
static AVFrame *input;
static AVPacket *output;

bool picture_mjpeg_open(uint32_t w, uint32_t h, int scale)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    input = av_frame_alloc();
    output = av_packet_alloc();
    if (!encoder || !input || !output)
        return false;
    encoder->width = input->width = (int)w;
    encoder->height = input->height = (int)h;
    encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
    encoder->time_base = (AVRational){1, 25};
    encoder->thread_count = 1;
    encoder->flags |= AV_CODEC_FLAG_QSCALE;
    encoder->global_quality = input->quality = FF_QP2LAMBDA * scale;
    input->format = AV_PIX_FMT_YUVJ420P;
    return avcodec_open2(encoder, codec, NULL) == 0;
}

size_t picture_mjpeg_run(const reel_frame *f)
{
    size_t size = 0;
    for (int i = 0; i < 3; i++) {
        input->data[i] = f->data[i];
        input->linesize[i] = (int)f->stride[i];
    }
    input->pts++;
    if (avcodec_send_frame(encoder, input) == 0 && avcodec_receive_packet(encoder, output) == 0)
        size = (size_t)output->size;
    av_packet_unref(output);
    return size;
}

void picture_mjpeg_close(void)
{
    avcodec_free_context(&encoder);
    av_frame_free(&input);
    av_packet_free(&output);
}
