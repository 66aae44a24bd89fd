/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode_help.h"

#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_plane(struct AVMD5 *md5, const reel_frame *f, const reel_format *format, uint32_t i)
{
    const reel_plane *p = &format->plane[i];
    uint32_t w = (f->width + (1u << p->shift_x) - 1) >> p->shift_x, h = (f->height + (1u << p->shift_y) - 1) >> p->shift_y;
    for (uint32_t y = 0; y < h; y++)
        av_md5_update(md5, f->data[i] + (ptrdiff_t)y * f->stride[i], (size_t)w * p->step);
}

void frame_md5(const reel_decoder *dec, const reel_frame *f, char out[33])
{
    struct AVMD5 *md5 = av_md5_alloc();
    reel_format format;
    uint8_t sum[16];
    strcpy(out, "-");
    if (!md5)
        exit(2);
    av_md5_init(md5);
    if (reel_decoder_format(dec, &format) == REEL_OK) {
        for (uint32_t i = 0; i < format.planes; i++)
            add_plane(md5, f, &format, i);
        av_md5_final(md5, sum);
        for (int i = 0; i < 16; i++)
            snprintf(out + 2 * (size_t)i, 3, "%02x", sum[i]);
    }
    av_free(md5);
}
