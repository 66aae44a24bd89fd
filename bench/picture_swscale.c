/* SPDX-License-Identifier: BSD-2-Clause */
#include <libswscale/swscale.h>

#include "picture_peer.h"

struct picture_peer {
    struct SwsContext *sws;
    int height, to;
};

static picture_peer one;

const char *picture_peer_name(void) { return "libswscale"; }

picture_peer *picture_peer_open(uint32_t from_w, uint32_t from_h, uint32_t to_w, uint32_t to_h, bool area)
{
    one.sws = sws_getContext((int)from_w, (int)from_h, AV_PIX_FMT_YUV420P, (int)to_w, (int)to_h, AV_PIX_FMT_RGB24,
                             area ? SWS_AREA : SWS_BILINEAR, NULL, NULL, NULL);
    one.height = (int)from_h;
    one.to = (int)to_w * 3;
    if (!one.sws)
        return NULL;
    const int *c = sws_getCoefficients(SWS_CS_ITU709);
    sws_setColorspaceDetails(one.sws, c, 0, c, 1, 0, 1 << 16, 1 << 16);
    return &one;
}

void picture_peer_run(picture_peer *p, const reel_frame *f, uint8_t *rgb)
{
    const uint8_t *const from[4] = {f->data[0], f->data[1], f->data[2], NULL};
    const int stride[4] = {(int)f->stride[0], (int)f->stride[1], (int)f->stride[2], 0};
    uint8_t *const to[4] = {rgb, NULL, NULL, NULL};
    const int to_stride[4] = {p->to, 0, 0, 0};
    sws_scale(p->sws, from, stride, 0, p->height, to, to_stride);
}

void picture_peer_close(picture_peer *p)
{
    if (p)
        sws_freeContext(p->sws);
}
