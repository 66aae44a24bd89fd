/* SPDX-License-Identifier: BSD-2-Clause */
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/buffer.h>
#include <stdio.h>
#include <stdlib.h>

#include "peer.h"

struct peer {
    AVFormatContext *format;
    AVPacket *packet;
};

bool peer_here(void) { return true; }

const char *peer_name(void)
{
    static char name[32];
    snprintf(name, sizeof name, "libavformat %.3s", av_version_info());
    return name;
}

const char *peer_version(void)
{
    static char text[96];
    unsigned v = avformat_version();
    snprintf(text, sizeof text, "libavformat %u.%u.%u of FFmpeg %s", v >> 16, v >> 8 & 255, v & 255,
             av_version_info());
    return text;
}

peer *peer_open(const char *path)
{
    peer *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->format = avformat_alloc_context();
    p->packet = av_packet_alloc();
    if (p->format && p->packet) {
        p->format->flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
        if (avformat_open_input(&p->format, path, NULL, NULL) == 0)
            return p;
    }
    peer_close(p);
    return NULL;
}

void peer_close(peer *p)
{
    if (!p)
        return;
    avformat_close_input(&p->format);
    av_packet_free(&p->packet);
    free(p);
}

bool peer_first(peer *p, place *out)
{
    do {
        av_packet_unref(p->packet);
        if (av_read_frame(p->format, p->packet) < 0)
            return false;
    } while (p->packet->stream_index != 0);
    *out = (place){.pts = p->packet->pts, .offset = (uint64_t)p->packet->pos};
    av_packet_unref(p->packet);
    return true;
}

bool peer_seek(peer *p, int64_t t, bool picture_only, place *out)
{
    for (unsigned i = 1; i < p->format->nb_streams; i++)
        p->format->streams[i]->discard = picture_only ? AVDISCARD_ALL : AVDISCARD_DEFAULT;
    return av_seek_frame(p->format, 0, t, AVSEEK_FLAG_BACKWARD) >= 0 && peer_first(p, out);
}

bool peer_walk(peer *p, sums out[2], uint64_t most)
{
    out[0] = out[1] = (sums){0};
    while (most-- && av_read_frame(p->format, p->packet) >= 0) {
        const AVPacket *k = p->packet;
        sums *s = &out[k->stream_index == 1];
        s->n++;
        s->size += (uint64_t)k->size;
        s->offset += (uint64_t)k->pos;
        s->keys += (k->flags & AV_PKT_FLAG_KEY) != 0;
        s->pts += k->pts;
        s->dts += k->dts;
        av_packet_unref(p->packet);
    }
    return out[0].n + out[1].n > 0;
}

/* ---- libavutil's pool ---- */

static AVBufferPool *pool;

bool peer_pool_open(size_t size)
{
    pool = av_buffer_pool_init(size, NULL);
    return pool != NULL;
}

void peer_pool_close(void) { av_buffer_pool_uninit(&pool); }
void *peer_pool_take(void) { return av_buffer_pool_get(pool); }

void peer_pool_give(void *frame)
{
    AVBufferRef *ref = frame;
    av_buffer_unref(&ref);
}
