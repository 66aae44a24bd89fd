/* SPDX-License-Identifier: BSD-2-Clause */
/* Built without libyuv: the loops of rows.c do all of it. */
#include "frame/picture/room.h"

const char *reel__yuv_name(void) { return "C"; }

bool reel__yuv_scales(uint32_t filter, uint32_t from_x, uint32_t from_y, uint32_t to_x, uint32_t to_y)
{
    (void)filter, (void)from_x, (void)from_y, (void)to_x, (void)to_y;
    return false;
}

void reel__yuv_scale(const uint8_t *src, ptrdiff_t src_stride, uint32_t from_x, uint32_t from_y,
                     uint8_t *dst, uint32_t to_x, uint32_t to_y)
{
    (void)src, (void)src_stride, (void)from_x, (void)from_y, (void)dst, (void)to_x, (void)to_y;
}

bool reel__yuv_rgb(unsigned matrix, unsigned full_range, const uint8_t *const src[3], const ptrdiff_t stride[3],
                   unsigned shift_x, unsigned shift_y, bool smooth, uint8_t *dst, ptrdiff_t dst_stride, uint32_t width,
                   uint32_t height)
{
    (void)matrix, (void)full_range, (void)src, (void)stride, (void)shift_x, (void)shift_y, (void)smooth;
    (void)dst, (void)dst_stride, (void)width, (void)height;
    return false;
}
