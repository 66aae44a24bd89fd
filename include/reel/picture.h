/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/picture.h: frames as pictures of the size and kind that somebody wants, in his memory. Link with -lreel-frame.
 *
 * A reel_picture is made once for frames of one geometry and format and for one kind of output, then run for each
 * frame, without taking memory. It belongs to one thread at a time; make one for each worker, it is small.
 *
 * What is computed
 *   Crop       A rectangle of the frame's pixels, before any rotation. Nothing outside of it is looked at, but for the
 *              chroma samples that its edges cut through.
 *   Filters    An output sample stands for a rectangle of the source; its centre and its size are exact fractions, for
 *              chroma too. Axes are filtered one after the other; a source sample is a square, its value stands at its
 *              centre, and beyond the crop's edge the last sample goes on.
 *                nearest   the source sample that the centre falls in.
 *                bilinear  the two samples on either side of the centre, on each axis, weighted by distance. When
 *                          shrinking that skips samples: nothing is blurred before.
 *                area      the mean of the rectangle, with the part of each sample that lies in it, on axes that
 *                          shrink; bilinear on the others.
 *   Chroma     taken as centred between its luma samples, whatever chroma_location says, and brought to the output's
 *              grid directly: the full one for RGB, the half one for I420.
 *   Colours    each frame's own fields: matrix 1, 4, 5, 6, 7, 8 (YCgCo), 9, 0 (planes are G, B, R); 10 is taken as 9,
 *              12 as what the primaries say. Not said (2) or unknown: 601 up to 576 rows of the frame (the whole one),
 *              else 709, as players do. 11, 13, 14 (ICtCp): REEL_E_UNSUPPORTED.
 *              RGB24, RGBA, BGRA are 0 to 255; alpha is left out. Output in RGB24 and GRAY8 is 0 to 255 too.
 *              GRAY8 is luma (of RGB: by the matrix). I420 keeps the matrix of the frame, and its range unless
 *              options.range says otherwise; from RGB and GBR the matrix by height, limited unless asked for full.
 *   HDR        Numbers are converted, light is not: PQ and HLG are not mapped to tones, primaries not changed. Such
 *              pictures look flat; whoever wants them right asks for the transfer of the frame and maps by himself.
 *   Exact      Each byte is within 1 of the formula, rounding included; where libyuv does the work (8 bits), which
 *              counts in steps of 1/128, within 8 on noise, less where neighbours differ less. REEL_PICTURE_EXACT does
 *              without it. Without scaling, rotation and change of range, I420 in is I420 out, byte for byte.
 */
#ifndef REEL_PICTURE_H
#define REEL_PICTURE_H

#include <reel/pool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum reel_picture_filter {
    REEL_PICTURE_BILINEAR = 0,
    REEL_PICTURE_NEAREST = 1,
    REEL_PICTURE_AREA = 2
} reel_picture_filter;

typedef enum reel_picture_fit {
    REEL_PICTURE_STRETCH = 0, /* fill the output, whatever the shape */
    REEL_PICTURE_CONTAIN = 1, /* all of it, in its shape, in the middle; the rest in the pad colour */
    REEL_PICTURE_COVER = 2    /* fill the output, in shape; what hangs over is cut on both sides alike */
} reel_picture_fit;

typedef enum reel_picture_range { /* of I420 that comes out */
    REEL_PICTURE_RANGE_KEEP = 0,
    REEL_PICTURE_RANGE_LIMITED = 1,
    REEL_PICTURE_RANGE_FULL = 2
} reel_picture_range;

#define REEL_PICTURE_EXACT 1u /* no libyuv: within 1 of the formula, the same bytes everywhere; slower at most sizes */
#define REEL_PICTURE_PLAIN 2u /* not the vector units of this CPU either; the same bytes, for tests */

/* The largest side of a source and of an output. */
#define REEL_PICTURE_MOST 65535

/* Zeros give the defaults, but for the source's format and size: reel_picture_describe fills those from a frame. */
typedef struct reel_picture_options {
    size_t sizeof_options;                /* sizeof(reel_picture_options) */

    /* the source: what every frame has to be like */
    reel_format format;                   /* a named one, or planar Y, Cb, Cr of 8 to 16 bits (low bits of a word) */
    uint32_t source_width, source_height; /* pixels */
    uint32_t sar_width, sar_height;       /* shape of a pixel; either 0: square */
    uint32_t rotation;                    /* degrees clockwise to show it upright: 0, 90, 180, 270 (reel_track_info) */
    uint32_t mirrored;                    /* 1: flipped left to right after the rotation */
    uint32_t crop_x, crop_y, crop_width, crop_height; /* pixels of the frame; a width or height of 0: up to its end */

    /* what is wanted */
    uint32_t pixel;         /* REEL_PIXEL_RGB24 (0 too), REEL_PIXEL_GRAY8, REEL_PIXEL_I420 */
    uint32_t width, height; /* of the output, upright. One is 0: by the picture's shape. Both: its size in squares */
    uint32_t filter;        /* reel_picture_filter */
    uint32_t fit;           /* reel_picture_fit; the shape counts that the pixels' shape gives */
    uint32_t range;         /* reel_picture_range */
    uint8_t pad[3];         /* R, G, B of what CONTAIN leaves; black */
    uint8_t reserved;
    uint32_t flags;         /* REEL_PICTURE_* */
    const reel_allocator *alloc; /* NULL: malloc; copied */
} reel_picture_options;

/* Fill the source fields of options (format, size, shape of pixels) from a frame of a named format; nothing else.
 * REEL_E_ARG: NULL, or a format without a name. */
REEL_API int reel_picture_describe(const reel_frame *frame, reel_picture_options *options);

typedef struct reel_picture reel_picture;

/*
 * Prepare. *out is the caller's, to be closed. REEL_E_ARG: options or out is NULL, an impossible size, crop, rotation,
 * filter, fit or output. REEL_E_UNSUPPORTED: a source format that is none of the above. REEL_E_NOMEM. On failure *out
 * stays as it was.
 */
REEL_API int reel_picture_open(const reel_picture_options *options, reel_picture **out, reel_error *err);
/* Free it and set your pointer to NULL. NULL is allowed. */
REEL_API void reel_picture_close(reel_picture **picture);

/* How the output lies in memory when nobody says otherwise: rows without gaps, planes one after the other. */
typedef struct reel_picture_shape {
    uint32_t pixel, planes;
    uint32_t width, height;         /* pixels */
    size_t size;                    /* bytes of all planes */
    size_t offset[REEL_PLANES];     /* of each plane; I420: Y, Cb, Cr, those of (width + 1) / 2 x (height + 1) / 2 */
    ptrdiff_t stride[REEL_PLANES];  /* bytes from row to row */
    uint32_t x, y, across, down;    /* where the picture lies in the output: all of it unless CONTAIN left something */
} reel_picture_shape;

/* Fill out; NULL picture gives zeros, NULL out does nothing. */
REEL_API void reel_picture_get_shape(const reel_picture *picture, reel_picture_shape *out);

/*
 * Make the picture of a frame, in planes of the caller's. data and stride have shape.planes entries: where each plane's
 * first row begins, and the bytes from row to row, negative ones too; stride may be NULL: no gaps. Every byte of the
 * output's rows is written, nothing between them. The frame is only read: a copy of the struct with other colour fields
 * will do where those are wrong.
 * REEL_E_ARG: NULL, a frame of another size or format, a stride below a row, 16-bit samples at odd addresses.
 * REEL_E_UNSUPPORTED: its matrix. Nothing is written then.
 */
REEL_API int reel_picture_run(reel_picture *picture, const reel_frame *frame, uint8_t *const data[],
                              const ptrdiff_t stride[], reel_error *err);
/* The same into shape.size bytes without gaps: the n-th of a batch goes to `batch + n * shape.size`. */
REEL_API int reel_picture_run_into(reel_picture *picture, const reel_frame *frame, uint8_t *data, reel_error *err);

/* The matrix (H.273) that a frame is taken to have: its own, or that of its height. 0 for GBR and NULL. */
REEL_API unsigned reel_picture_matrix(const reel_frame *frame);
/* What does the work: "libyuv 1857", or "C". Never NULL. */
REEL_API const char *reel_picture_engine(void);

#ifdef __cplusplus
}
#endif
#endif
