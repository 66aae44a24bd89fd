/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the files of the pictures.
 *
 *   open    geometry -> for each plane that is read and each grid that is written: two axes (axis.c)
 *   run     colours of the frame -> numbers (colour.c), then row by row (rows.c):
 *             source rows --vertical--> a row of 16 bits --horizontal--> a row as wide as the output --colour--> bytes
 *
 * Samples of every depth travel as 16 bits with the highest bit on top: 8 bits are value * 256. "Across" and "down" are
 * directions of the source; where the picture is turned by 90 degrees, a row of ours is a column of the output.
 * Flips cost nothing: they are in the axes.
 */
#ifndef REEL_FRAME_PICTURE_ROOM_H
#define REEL_FRAME_PICTURE_ROOM_H

#include <reel/picture.h>

enum { REEL__TAPS = 16 };

/* Which samples make output sample j, and how much of each. */
typedef struct reel__axis {
    uint32_t n;           /* output samples */
    uint32_t low, span;   /* source samples that are looked at: low <= i < low + span */
    uint32_t most;        /* the largest count */
    uint32_t shift;       /* weights of one output sample sum up to 1 << shift */
    bool straight;        /* output j is source low + j */
    bool doubled;         /* twice span, each a quarter of a sample from its own */
    uint32_t *at;         /* n: the first sample */
    uint32_t *count;      /* n: how many from there on */
    uint32_t *first;      /* n: where their weights begin */
    uint32_t *weight;
    uint32_t *second;     /* n: most <= 2: the other sample (the same where there is none), and its weight in 1/65536 */
    uint32_t *second_weight;
    uint32_t *pair;       /* n: most <= 2, span >= 2: the same two, as neighbours even where one of them counts nothing */
    uint32_t *pair_weight;
    uint32_t taps;        /* weights of an output sample in narrow: most, rounded up to REEL__TAPS */
    int16_t *narrow;      /* n * taps in 1/32768; NULL where they do not fit */
    void *memory;
} reel__axis;

/* One direction of one plane on its way to one grid. All in luma samples of the source and output. */
typedef struct reel__way {
    uint32_t source_low, source_n; /* the crop */
    uint32_t source_all;           /* samples of the plane itself, in its own count */
    uint32_t divide;               /* luma samples of the source that one of the plane's spans: 1, 2, ... */
    uint32_t across;               /* output pixels that the crop becomes */
    uint32_t each;                 /* output pixels that an output sample spans: 1, or 2 for the chroma of I420 */
    bool flip;
    uint32_t filter, shift;
} reel__way;

int reel__axis_make(reel__axis *axis, const reel__way *way, const reel_allocator *alloc);
void reel__axis_free(reel__axis *axis, const reel_allocator *alloc);

/* out = (sum of m[k] * (in[k] - zero[k]) / 2 + bias) >> 20, held within 0 to 255. m is in 1/8192, below 4. */
typedef struct reel__mix {
    int32_t m[3];
    int32_t bias;
} reel__mix;

typedef struct reel__rows reel__rows; /* the inner loops, below */

typedef enum reel__kind { REEL__YUV, REEL__GRAY, REEL__RGB } reel__kind; /* of the source's format */

/* What a frame's colours come to, for one kind of output. */
typedef struct reel__colour {
    unsigned matrix, full_range, primaries; /* of the frame it was made for */
    bool ready;
    bool three;          /* gray and I420 need all three (RGB and GBR): mixes, not single planes */
    bool gbr;
    bool as_is;          /* single planes of 8 bits come out as they went in */
    unsigned known;      /* the matrix it was taken to have */
    unsigned full_out;   /* I420: its range */
    int32_t zero[3];
    reel__mix mix[3];    /* R, G, B; or gray; or Y, Cb, Cr */
    uint8_t pad[3];      /* in the output's own terms */
} reel__colour;

unsigned reel__colour_matrix(unsigned matrix, unsigned primaries, uint32_t height);
/* REEL_E_UNSUPPORTED: no such matrix. */
int reel__colour_make(reel__colour *colour, const reel_frame *frame, reel__kind kind, unsigned bits,
                      const reel_picture_options *options, reel_error *err);

typedef struct reel__lane { /* a plane of the source on its way */
    reel__axis x, y;
    bool scaled;                             /* libyuv scales it first, from this part of the plane */
    uint32_t from_x, from_y, from_w, from_h;
} reel__lane;

/* A grid that is written: the whole output, or the chroma of I420. */
typedef struct reel__pass {
    reel__lane lane[2];  /* plane 0, the others */
    uint32_t wide, high; /* the grid, upright */
    uint32_t x, y;       /* the picture in it, upright */
    uint32_t nx, ny;     /* the picture in it, in the source's directions */
} reel__pass;

struct reel_picture {
    reel_picture_options options;
    reel_allocator alloc;
    const reel__rows *rows;
    reel__kind kind;
    unsigned planes;       /* of the source that are read */
    unsigned bits, stored; /* of a sample; of a sample with the unused ones below it (P010: 16) */
    unsigned bytes;        /* of a stored sample: 1 or 2 */
    bool turned;
    reel_picture_shape shape;
    reel__pass pass[2];
    unsigned passes;
    reel__colour colour;
    uint16_t *column;      /* a source row after the vertical filter */
    uint32_t *sum;         /* the same while it is added up */
    uint16_t *row[3];      /* rows as wide as the output */
    uint8_t *out;          /* a row of bytes, for what is turned */
    uint8_t *apart;        /* R, G and B of a row */
    uint8_t *small[3];     /* components that libyuv has scaled; NULL where it does not */
};

/* Where a component lies: plane, sample in the step, samples of a step. */
typedef struct reel__where {
    unsigned plane, channel, step;
} reel__where;
reel__where reel__where_is(const reel_picture *p, unsigned component);

/* One output row of one component: out gets nx samples of 16 bits. */
typedef struct reel__source {
    const uint8_t *data;
    ptrdiff_t stride;
    unsigned step, bytes, up; /* samples of a pixel; bytes of a sample; bits to shift it up to 16 */
} reel__source;

/* The inner loops. */
struct reel__rows {
    void (*column)(uint16_t *out, uint32_t *sum, const reel__source *s, const reel__lane *lane, uint32_t j);
    void (*across)(uint16_t *out, const uint16_t *column, unsigned step, unsigned channel, const reel__axis *x);
    /* both at once, for a picture that skips most of the source */
    void (*sparse)(uint16_t *out, const reel__source *s, unsigned channel, const reel__lane *lane, uint32_t j);
    void (*mix)(uint8_t *out, const uint16_t *const in[3], const reel__mix *mix, const int32_t *zero, uint32_t n);
    /* three rows of n bytes, one behind the other: R, G, B */
    void (*rgb)(uint8_t *out, const uint16_t *const in[3], const reel__mix mix[3], const int32_t *zero, uint32_t n);
    void (*single)(uint8_t *out, const uint16_t *in, const reel__mix *mix, int32_t zero, uint32_t n);
    void (*weave)(uint8_t *out, const uint8_t *in, uint32_t n); /* three rows of n bytes to pixels of three */
    /* 8 bits that are not scaled: n samples of chroma, from two rows, as 16 times as much, wide of them (n or twice that) */
    void (*chroma)(uint16_t *out, uint16_t *t, const uint8_t *near, const uint8_t *far, uint32_t n, uint32_t wide);
    /* as rgb, of those and of luma as it lies; false: of this matrix it cannot */
    bool (*quick)(uint8_t *out, const uint8_t *luma, const uint16_t *cb, const uint16_t *cr, const reel__mix mix[3],
                  int32_t zero, uint32_t n);
};

extern const reel__rows reel__rows_c, reel__rows_avx2;
const reel__rows *reel__rows_best(void);

/*
 * What libyuv can do of it, in yuv.c; yuv_stub.c says no to all.
 *   scale     plane of 8 bits by area to a half or a quarter
 *   convert   three 8-bit planes of the output's size to RGB24
 */
const char *reel__yuv_name(void);
bool reel__yuv_scales(uint32_t filter, uint32_t from_x, uint32_t from_y, uint32_t to_x, uint32_t to_y);
void reel__yuv_scale(const uint8_t *src, ptrdiff_t src_stride, uint32_t from_x, uint32_t from_y,
                     uint8_t *dst, uint32_t to_x, uint32_t to_y);
bool reel__yuv_rgb(unsigned matrix, unsigned full_range, const uint8_t *const src[3], const ptrdiff_t stride[3],
                   unsigned shift_x, unsigned shift_y, bool smooth, uint8_t *dst, ptrdiff_t dst_stride, uint32_t width,
                   uint32_t height);

#endif
