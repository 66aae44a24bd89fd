/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libyuv's part: what it does fast, where it computes what reel/picture.h promises. It is not asked where its answer
 * would be another: it scales up from corner to corner, takes shortcuts at 3/4 and 3/8, counts positions in steps of
 * 1/65536 that add up to a drift, and its boxes are whole pixels.
 */
#include <libyuv.h>

#include "frame/picture/room.h"

enum { MOST_SIDE = 16384, MOST_DRIFT = 256 /* of 65536 pixels: one level at the hardest edge */ };

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

const char *reel__yuv_name(void) { return "libyuv " TEXT(LIBYUV_VERSION); }

static bool drifts(uint32_t from, uint32_t to) { return ((uint64_t)from << 16) % to > MOST_DRIFT; }

static bool is_ratio(uint32_t from_x, uint32_t from_y, uint32_t to_x, uint32_t to_y, uint32_t from, uint32_t to)
{
    return from_x * to == to_x * from && from_y * to == to_y * from;
}

bool reel__yuv_scales(uint32_t filter, uint32_t from_x, uint32_t from_y, uint32_t to_x, uint32_t to_y)
{
    bool smaller = to_x <= from_x && to_y <= from_y && (to_x < from_x || to_y < from_y);
    if (!smaller || from_x < 2 || from_y < 2 || from_x > MOST_SIDE || from_y > MOST_SIDE)
        return false;
    if (filter == REEL_PICTURE_AREA)
        return is_ratio(from_x, from_y, to_x, to_y, 2, 1) || is_ratio(from_x, from_y, to_x, to_y, 4, 1);
    return filter == REEL_PICTURE_BILINEAR && !is_ratio(from_x, from_y, to_x, to_y, 4, 3) &&
           !is_ratio(from_x, from_y, to_x, to_y, 8, 3) && !drifts(from_x, to_x) && !drifts(from_y, to_y);
}

void reel__yuv_scale(uint32_t filter, const uint8_t *src, ptrdiff_t src_stride, uint32_t from_x, uint32_t from_y,
                     uint8_t *dst, uint32_t to_x, uint32_t to_y)
{
    ScalePlane(src, (int)src_stride, (int)from_x, (int)from_y, dst, (int)to_x, (int)to_x, (int)to_y,
               filter == REEL_PICTURE_AREA ? kFilterBox : kFilterBilinear);
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
    if (smooth && ((shift_x && width % 2) || (shift_y && height % 2)))
        return false; /* the last chroma of an odd size is blended with another one than ours */
    if (!shift_x && !shift_y)
        return !I444ToRGB24Matrix(src[0], sy, src[2], sv, src[1], su, dst, to, n, w, h);
    enum FilterMode filter = smooth ? kFilterBilinear : kFilterNone;
    if (shift_x == 1 && shift_y == 1)
        return !I420ToRGB24MatrixFilter(src[0], sy, src[2], sv, src[1], su, dst, to, n, w, h, filter);
    if (shift_x == 1 && !shift_y)
        return !I422ToRGB24MatrixFilter(src[0], sy, src[2], sv, src[1], su, dst, to, n, w, h, filter);
    return false;
}
