/* SPDX-License-Identifier: BSD-2-Clause */
/* Colours: ISO/IEC 23091-2 (H.273) 8.3, from code points and ranges to a 3 x 3 matrix of integers. */
#include <math.h>

#include "frame/base/fail.h"
#include "frame/picture/room.h"

enum { MATRIX_GBR = 0, MATRIX_709 = 1, MATRIX_NONE = 2, MATRIX_601 = 6, MATRIX_YCGCO = 8, MATRIX_2020 = 9 };

typedef struct weights { /* of R and B in luma */
    double r, b;
} weights;

static bool weights_of(unsigned matrix, weights *out)
{
    switch (matrix) {
    case 1: *out = (weights){0.2126, 0.0722}; return true;
    case 4: *out = (weights){0.30, 0.11}; return true;
    case 5:
    case 6: *out = (weights){0.299, 0.114}; return true;
    case 7: *out = (weights){0.212, 0.087}; return true;
    case 9: *out = (weights){0.2627, 0.0593}; return true;
    default: return false;
    }
}

static unsigned by_height(uint32_t height) { return height <= 576 ? MATRIX_601 : MATRIX_709; }

unsigned reel__colour_matrix(unsigned matrix, unsigned primaries, uint32_t height)
{
    weights w;
    if (matrix == 10)
        return MATRIX_2020;
    if (matrix == 12 && (primaries == 1 || primaries == 9)) /* derived from the primaries */
        return primaries;
    if (matrix == MATRIX_GBR || matrix == MATRIX_YCGCO || matrix == 11 || matrix == 13 || matrix == 14)
        return matrix;
    return weights_of(matrix, &w) ? matrix : by_height(height);
}

unsigned reel_picture_matrix(const reel_frame *frame)
{
    return frame ? reel__colour_matrix(frame->matrix, frame->primaries, frame->height) : 0;
}

/* Y, Cb, Cr of -0.5 to 0.5 from R, G, B of 0 to 1, and back. */
static void yuv_from_rgb(unsigned matrix, double out[3][3])
{
    weights w = {0, 0};
    if (matrix == MATRIX_YCGCO) {
        const double m[3][3] = {{0.25, 0.5, 0.25}, {-0.25, 0.5, -0.25}, {0.5, 0, -0.5}};
        for (int i = 0; i < 9; i++)
            out[i / 3][i % 3] = m[i / 3][i % 3];
        return;
    }
    weights_of(matrix, &w);
    double y[3] = {w.r, 1 - w.r - w.b, w.b};
    for (int i = 0; i < 3; i++) {
        out[0][i] = y[i];
        out[1][i] = ((i == 2) - y[i]) / (2 * (1 - w.b));
        out[2][i] = ((i == 0) - y[i]) / (2 * (1 - w.r));
    }
}

static void rgb_from_yuv(unsigned matrix, double out[3][3])
{
    weights w = {0, 0};
    if (matrix == MATRIX_YCGCO) {
        const double m[3][3] = {{1, -1, 1}, {1, 1, 0}, {1, -1, -1}};
        for (int i = 0; i < 9; i++)
            out[i / 3][i % 3] = m[i / 3][i % 3];
        return;
    }
    weights_of(matrix, &w);
    double r = 2 * (1 - w.r), b = 2 * (1 - w.b), g = 1 - w.r - w.b;
    const double m[3][3] = {{1, 0, r}, {1, -b * w.b / g, -r * w.r / g}, {1, b, 0}};
    for (int i = 0; i < 9; i++)
        out[i / 3][i % 3] = m[i / 3][i % 3];
}

typedef struct scale { /* of a component: its value is (sample - zero) / size, samples at 16 bits */
    double zero, size;
} scale;

static scale luma_of(bool full, unsigned bits)
{
    double top = ldexp(1, 16 - (int)bits) * (ldexp(1, (int)bits) - 1);
    return full ? (scale){0, top} : (scale){16 * 256, 219 * 256};
}

static scale chroma_of(bool full, unsigned bits)
{
    scale s = luma_of(full, bits);
    return (scale){128 * 256, full ? s.size : 224 * 256};
}

/* The integers of one row: out = sum of m * component, times size, plus zero (both in steps of 8 bits). */
static reel__mix mix_of(const double m[3], const scale in[3], double size, double zero)
{
    reel__mix x = {{0}, (int32_t)lrint(zero * (1 << 20)) + (1 << 19)};
    for (int i = 0; i < 3; i++)
        x.m[i] = (int32_t)lrint(m[i] * size / (in[i].size / 256) * 8192);
    return x;
}

/* Component i of I420, a fraction of its range, in bytes. */
static double i420_size(bool full, int i) { return full ? 255 : i ? 224 : 219; }
static double i420_zero(bool full, int i) { return i ? 128 : full ? 0 : 16; }

static void rgb_to(reel__colour *c, const scale in[3], uint32_t pixel, unsigned matrix)
{
    double m[3][3];
    static const double same[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    yuv_from_rgb(matrix, m);
    c->three = true;
    if (pixel == REEL_PIXEL_RGB24)
        for (int i = 0; i < 3; i++)
            c->mix[i] = mix_of(same[i], in, 255, 0);
    else if (pixel == REEL_PIXEL_GRAY8)
        c->mix[0] = mix_of(m[0], in, 255, 0);
    else
        for (int i = 0; i < 3; i++)
            c->mix[i] = mix_of(m[i], in, i420_size(c->full_out, i), i420_zero(c->full_out, i));
}

static void yuv_to(reel__colour *c, const scale in[3], uint32_t pixel)
{
    double m[3][3];
    static const double alone[3] = {1, 0, 0};
    rgb_from_yuv(c->known, m);
    c->three = pixel == REEL_PIXEL_RGB24;
    if (pixel == REEL_PIXEL_RGB24)
        for (int i = 0; i < 3; i++)
            c->mix[i] = mix_of(m[i], in, 255, 0);
    else if (pixel == REEL_PIXEL_GRAY8)
        c->mix[0] = mix_of(alone, in, 255, 0);
    else
        for (int i = 0; i < 3; i++) /* each component by itself: the first number of its row */
            c->mix[i] = mix_of(alone, (const scale[3]){in[i], in[i], in[i]}, i420_size(c->full_out, i),
                               i420_zero(c->full_out, i));
}

static uint8_t byte_of(double x) { return (uint8_t)lrint(x < 0 ? 0 : x > 255 ? 255 : x); }

static void pad_of(reel__colour *c, const reel_picture_options *o, unsigned matrix)
{
    double m[3][3], v[3];
    yuv_from_rgb(matrix, m);
    for (int i = 0; i < 3; i++)
        v[i] = (m[i][0] * o->pad[0] + m[i][1] * o->pad[1] + m[i][2] * o->pad[2]) / 255;
    for (int i = 0; i < 3; i++)
        if (o->pixel == REEL_PIXEL_I420)
            c->pad[i] = byte_of(v[i] * i420_size(c->full_out, i) + i420_zero(c->full_out, i));
        else
            c->pad[i] = o->pixel == REEL_PIXEL_GRAY8 ? byte_of(v[0] * 255) : o->pad[i];
}

int reel__colour_make(reel__colour *c, const reel_frame *frame, reel__kind kind, unsigned bits,
                      const reel_picture_options *o, reel_error *err)
{
    unsigned known = reel__colour_matrix(frame->matrix, frame->primaries, frame->height);
    bool rgb = kind == REEL__RGB || (kind == REEL__YUV && known == MATRIX_GBR);
    bool full = kind == REEL__RGB || frame->full_range == 1;
    weights w;
    if (kind == REEL__YUV && !rgb && known != MATRIX_YCGCO && !weights_of(known, &w))
        return reel__frame_fail(err, REEL_E_UNSUPPORTED, "pictures of the matrix %u are not known", known);
    /* Of RGB only the luma of a matrix is wanted, and it has to be one that has some. */
    unsigned out = weights_of(known, &w) || (!rgb && known == MATRIX_YCGCO) ? known : by_height(frame->height);
    *c = (reel__colour){.matrix = frame->matrix, .full_range = frame->full_range, .primaries = frame->primaries,
                        .gbr = rgb && kind == REEL__YUV, .known = rgb || kind == REEL__GRAY ? out : known};
    c->full_out = o->range == REEL_PICTURE_RANGE_FULL || (o->range == REEL_PICTURE_RANGE_KEEP && full && !rgb);
    scale in[3] = {luma_of(full, bits), chroma_of(full, bits), chroma_of(full, bits)};
    if (rgb)
        in[1] = in[2] = in[0];
    for (int i = 0; i < 3; i++)
        c->zero[i] = (int32_t)lrint(in[i].zero);
    if (rgb)
        rgb_to(c, in, o->pixel, out);
    else
        yuv_to(c, in, o->pixel);
    pad_of(c, o, out);
    c->as_is = bits == 8 && o->pixel == REEL_PIXEL_I420 && !rgb && c->full_out == full;
    c->ready = true;
    return REEL_OK;
}
