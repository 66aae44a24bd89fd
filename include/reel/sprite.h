/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/sprite.h: storyboards: a film's thumbnails on sheets, and the WebVTT file that tells players which stands for what
 * time. Link with -lreel-frame.
 *
 *     plan     which times, how large, where on which sheet     the film's tables only: nothing is decoded
 *     render   one sheet, through a reel_frames                 RGB24 or I420, ready for reel_image_write_jpeg
 *     vtt      00:00:00.000 --> 00:00:06.000
 *              NAME.jpg#xywh=0,0,160,90
 *
 * Threads: a plan does not change; any number of threads may ask it. The film is needed while it is made, and then no more:
 * what renders has its own (reel_frames).
 */
#ifndef REEL_SPRITE_H
#define REEL_SPRITE_H

#include <reel/frames.h>
#include <reel/image.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REEL_SPRITE_KEYFRAMES 1u /* for each time the key picture at or before it: a few decoded samples a thumbnail */

/* The longest side of a sheet (JPEG ends at 65535), the most thumbnails of a storyboard. */
#define REEL_SPRITE_SIDE 65500
#define REEL_SPRITE_MOST 65536

/* Zeros give the defaults. */
typedef struct reel_sprite_options {
    size_t sizeof_options;  /* sizeof(reel_sprite_options) */
    uint32_t count;         /* the film in so many equal parts, the middle of each; 0: step says; both 0: 100 */
    uint32_t timescale;     /* of step */
    int64_t step;           /* a thumbnail at 0, step, 2 * step, ... in 1/timescale s */
    uint32_t flags;         /* REEL_SPRITE_* */
    uint32_t width, height; /* of a thumbnail. One is 0: by the picture's shape, and even. Both: 160 wide */
    uint32_t columns;       /* 0: 10; fewer where they do not fit, or there are fewer thumbnails */
    uint32_t rows;          /* the most of a sheet; 0: as many as most_pixels lets */
    uint32_t most_pixels;   /* of a sheet; 0: 16777216, what browsers of phones show as it is */
    uint32_t pixel;         /* REEL_PIXEL_RGB24 (0 too), REEL_PIXEL_I420: thumbnails of even sizes only */
    uint32_t fit;           /* reel_picture_fit; scaled by area */
    uint8_t pad[3];         /* of CONTAIN; black */
    uint8_t reserved;
    const reel_allocator *alloc; /* NULL: malloc; copied */
} reel_sprite_options;

typedef struct reel_sprite reel_sprite;

/*
 * Plan the storyboard of a video track. *out is the caller's, to be closed; it stays as it was on failure.
 * REEL_E_ARG: track or out is NULL, impossible options (an odd size for I420). REEL_E_RANGE: the track shows nothing,
 * more than REEL_SPRITE_MOST thumbnails, a thumbnail larger than a sheet. REEL_E_NOMEM, or what reading the tables
 * gives. O(thumbnails * log samples).
 */
REEL_API int reel_sprite_plan(const reel_track *track, const reel_sprite_options *options, reel_sprite **out,
                              reel_error *err);
/* Free it and set your pointer to NULL. NULL is allowed. */
REEL_API void reel_sprite_close(reel_sprite **sprite);

typedef struct reel_sprite_info {
    uint32_t tiles, sheets;
    uint32_t width, height;   /* of a tile */
    uint32_t columns, rows;   /* of a full sheet */
    uint32_t timescale;       /* of the track, and of the times of tiles */
    uint32_t pixel;
} reel_sprite_info;

/* NULL sprite gives zeros, NULL out does nothing. */
REEL_API void reel_sprite_get_info(const reel_sprite *sprite, reel_sprite_info *out);

typedef struct reel_sprite_tile {
    int64_t begin, end;    /* presentation times it stands for, in info.timescale: begin <= t < end */
    reel_want want;        /* the picture */
    uint32_t sheet, x, y;  /* where it lies, from 0; pixels from the sheet's corner */
    uint32_t reserved;
} reel_sprite_tile;

/* The i-th tile. REEL_END past the last, REEL_E_ARG for NULL. */
REEL_API int reel_sprite_get_tile(const reel_sprite *sprite, uint32_t i, reel_sprite_tile *out);

/* A sheet's size and planes, and the first of its tiles and how many (may be NULL). REEL_END past the last, REEL_E_ARG. */
REEL_API int reel_sprite_get_sheet(const reel_sprite *sprite, uint32_t sheet, reel_picture_shape *out, uint32_t *first,
                                   uint32_t *tiles);

/*
 * The WebVTT file, one cue a tile. uris has info.sheets entries: what each sheet is called, percent-encoded where it has
 * to be. REEL_E_ARG: NULL, or a name with control characters in it; else what write gives.
 */
REEL_API int reel_sprite_write_vtt(const reel_sprite *sprite, const char *const *uris, reel_image_write_fn *write,
                                   void *user, reel_error *err);

/*
 * Paint a sheet into size bytes at data, at least those of its shape; frames has to be of the same track. Where there is
 * no tile, or its picture could not be had, it is black. codes (may be NULL) gets one a tile of the sheet, as
 * reel_frames_each gives them. image (may be NULL) is filled for reel_image_write_*: over data, I420 in full range.
 * REEL_OK when all tiles have been tried; else what reel_frames_each gives. REEL_E_ARG, REEL_E_NOMEM; REEL_E_RANGE: size
 * is too small; REEL_END past the last sheet.
 */
REEL_API int reel_sprite_render(const reel_sprite *sprite, reel_frames *frames, uint32_t sheet, uint8_t *data,
                                size_t size, reel_image *image, int32_t *codes, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
