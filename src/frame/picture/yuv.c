/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libyuv's part: what it does fast, where it computes what reel/picture.h promises. It is not asked where its answer
 * would be another: it scales up from corner to corner, takes shortcuts at 3/4 and 3/8, counts positions in steps of
 * 1/65536 that add up to a drift, and its boxes are whole pixels. Nor where it takes memory for its rows, which it does for
 * each picture, and does not look whether it got any: scaling but by 2 and 4, and chroma that is blended.
 */
#include <libyuv.h>

#include "frame/picture/room.h"

enum { MOST_SIDE = 16384 };

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

const char *reel__yuv_name(void) { return "libyuv " TEXT(LIBYUV_VERSION); }

static bool is_ratio(uint32_t from_x, uint32_t from_y, uint32_t to_x, uint32_t to_y, uint32_t times)
{
    return from_x == to_x * times && from_y == to_y * times;
}

bool reel__yuv_scales(uint32_t filter, uint32_t from_x, uint32_t from_y, uint32_t to_x, uint32_t to_y)
{
    return filter == REEL_PICTURE_AREA && from_x <= MOST_SIDE && from_y <= MOST_SIDE &&
           (is_ratio(from_x, from_y, to_x, to_y, 2) || is_ratio(from_x, from_y, to_x, to_y, 4));
}

void reel__yuv_scale(const uint8_t *src, ptrdiff_t src_stride, uint32_t from_x, uint32_t from_y,
                     uint8_t *dst, uint32_t to_x, uint32_t to_y)
{
    ScalePlane(src, (int)src_stride, (int)from_x, (int)from_y, dst, (int)to_x, (int)to_x, (int)to_y,
               kFilterBox);
}

/*
 * Bytes in the order R, G, B are what libyuv calls RAW: its RGB24 with Cb and Cr exchanged, numbers too. Its factors
 * end at 2: blue of 709 and 2020 in limited range, which have 2.11 and 2.14, would be off by 12 and 15.
 */
static const struct YuvConstants *numbers(unsigned matrix, unsigned full_range)
{
    switch (matrix) {
    case 1: return full_range ? &kYvuF709Constants : NULL;
    case 5:
    case 6: return full_range ? &kYvuJPEGConstants : &kYvuI601Constants;
    case 9: return full_range ? &kYvuV2020Constants : NULL;
    default: return NULL;
    }
}

bool reel__yuv_rgb(unsigned matrix, unsigned full_range, const uint8_t *const src[3], const ptrdiff_t stride[3],
                   unsigned shift_x, unsigned shift_y, bool smooth, uint8_t *dst, ptrdiff_t dst_stride, uint32_t width,
                   uint32_t height)
{
    const struct YuvConstants *n = numbers(matrix, full_range);
    int sy = (int)stride[0], su = (int)stride[1], sv = (int)stride[2], to = (int)dst_stride, w = (int)width,
        h = (int)height;
    if (!n || to != dst_stride)
        return false;
    if (smooth && (shift_x || shift_y))
        return false; /* it takes memory for each call, and falls over where there is none */
    if (!shift_x && !shift_y)
        return !I444ToRGB24Matrix(src[0], sy, src[2], sv, src[1], su, dst, to, n, w, h);
    if (shift_x == 1 && shift_y == 1)
        return !I420ToRGB24Matrix(src[0], sy, src[2], sv, src[1], su, dst, to, n, w, h);
    if (shift_x == 1 && !shift_y)
        return !I422ToRGB24Matrix(src[0], sy, src[2], sv, src[1], su, dst, to, n, w, h);
    return false;
}
