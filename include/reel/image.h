/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/image.h: pictures as files: JPEG, PNG, y4m, npy, or bare. Link with -lreel-frame.
 *
 * All of them write through one callback, piece by piece and in order; reel_image_bytes is one that keeps the pieces in
 * memory. Nothing is written about who made it or when: no EXIF, no text, no time.
 *
 * Threads: nothing is shared; any number of threads may write at once, each to its own.
 */
#ifndef REEL_IMAGE_H
#define REEL_IMAGE_H

#include <reel/picture.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Take size bytes. REEL_OK, or a negative reel_code that ends the work and comes back from the call. */
typedef int reel_image_write_fn(void *user, const void *data, size_t size);

/* Bytes in memory. Zeros to begin with, but for alloc, which may be set before. */
typedef struct reel_image_bytes {
    uint8_t *data;
    size_t size, room;
    const reel_allocator *alloc; /* NULL: malloc; has to stay until the bytes are freed */
} reel_image_bytes;

/* A reel_image_write_fn: user is a reel_image_bytes, which grows. On REEL_E_NOMEM what was there before stays. */
REEL_API int reel_image_bytes_write(void *user, const void *data, size_t size);
/* Free them; alloc stays. NULL is allowed. */
REEL_API void reel_image_bytes_free(reel_image_bytes *bytes);

/* What is written: somebody's memory, only read. */
typedef struct reel_image {
    uint32_t pixel;           /* REEL_PIXEL_RGB24, REEL_PIXEL_GRAY8 (both 0 to 255), REEL_PIXEL_I420 */
    uint32_t width, height;   /* 1 to 65535 */
    const uint8_t *data[3];
    ptrdiff_t stride[3];      /* bytes from row to row, at least a row; negative ones too */
    uint8_t matrix;           /* I420: of H.273; 2 or unknown: 601 */
    uint8_t full_range;       /* I420: 1: 0 to 255; 0: 16 to 235 */
    uint8_t reserved[6];
} reel_image;

/*
 * The image of what reel_picture_run_into left at data: shape's size and planes, and for I420 the matrix and range
 * of frame, as options.range changed it. range: reel_picture_range. REEL_E_ARG: NULL.
 */
REEL_API int reel_image_of(const reel_picture_shape *shape, const uint8_t *data, const reel_frame *frame,
                           uint32_t range, reel_image *out);

typedef struct reel_image_options {
    size_t sizeof_options;       /* sizeof(reel_image_options) */
    uint32_t quality;            /* JPEG: 1 to 100; 0: 85 */
    uint32_t effort;             /* PNG: 1 (fast) to 9 (small); 0: 6 */
    const reel_allocator *alloc; /* NULL: malloc; for the work (JPEG: for its rows; libjpeg has its own malloc) */
} reel_image_options;

/*
 * JPEG (JFIF, baseline, chroma halved). I420 goes in without a way through RGB: where it is limited it is widened to 0
 * to 255, and where its matrix is another than 601 it becomes that, as JFIF wants it; full 601 goes in as it is.
 * PNG: 8 bits, RGB or gray; I420 is REEL_E_UNSUPPORTED (ask the picture for RGB24).
 * options may be NULL. REEL_E_ARG: an impossible image, options or no write. REEL_E_NOMEM. REEL_E_UNSUPPORTED: built
 * without the library. REEL_E_IO: the library failed otherwise. What write returned where that was negative. On failure
 * a part may have been written; nothing is leaked.
 */
REEL_API int reel_image_write_jpeg(const reel_image *image, const reel_image_options *options,
                                   reel_image_write_fn *write, void *user, reel_error *err);
REEL_API int reel_image_write_png(const reel_image *image, const reel_image_options *options,
                                  reel_image_write_fn *write, void *user, reel_error *err);

/* The bare rows, plane by plane, without gaps. */
REEL_API int reel_image_write_raw(const reel_image *image, reel_image_write_fn *write, void *user, reel_error *err);

/*
 * y4m: the header of a stream, from its first image: size, range, kind (I420: 420jpeg, chroma centred; GRAY8: mono;
 * else REEL_E_UNSUPPORTED), frames a second, shape of a pixel (either part 0: not said). Then each frame. A rate of 0
 * is REEL_E_ARG.
 */
REEL_API int reel_image_write_y4m_header(const reel_image *image, reel_rational rate, reel_rational pixel_aspect,
                                         reel_image_write_fn *write, void *user, reel_error *err);
REEL_API int reel_image_write_y4m_frame(const reel_image *image, reel_image_write_fn *write, void *user,
                                        reel_error *err);

/*
 * npy 1.0: the header of an array of uint8, C order, (n, height, width, channels), or (n, height, width) where channels
 * is 0; then come the bytes (reel_image_write_raw of each). Always of this size, so that it can be written anew at the
 * beginning when n is known. REEL_E_ARG: out is NULL.
 */
#define REEL_IMAGE_NPY_HEADER 128
REEL_API int reel_image_npy_header(uint64_t n, uint32_t height, uint32_t width, uint32_t channels,
                                   uint8_t out[REEL_IMAGE_NPY_HEADER]);

#ifdef __cplusplus
}
#endif
#endif
