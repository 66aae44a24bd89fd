/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/pool.h: frames, the memory they lie in, and the pool it comes from. Link with -lreel-frame.
 *
 *   layout    where the planes of a picture lie in one piece of memory: offsets, strides, the size of all
 *   buffer    a piece of memory with a count of its holders: of a pool, or somebody else's with a free function
 *   frame     a picture, or a stretch of sound: pointers into a buffer, size, format, time. It holds its buffer; several
 *             may hold the same
 *   pool      buffers of one size. What the last holder lets go of comes back to it, from any thread
 *
 * Memory of a pool is 64-byte aligned, and page aligned where a buffer is as large as a page. Every plane begins at a
 * multiple of 64 bytes and so does every row, for odd pictures too.
 *
 * Threads: every function may be called from any thread. The fields of a frame belong to whoever holds it alone; who
 * shares a frame shares it for reading, or agrees with the others. Nothing here takes a lock or memory while the pool has
 * a buffer that is home with its pages (reel_pool_take), or nobody waits for one (reel_frame_unref).
 *
 * docs/frames.md draws how a buffer travels and says what each statistic means.
 */
#ifndef REEL_POOL_H
#define REEL_POOL_H

#include <reel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REEL_PLANES 4

/* Where the caller stands, for reel_pool_take: "player.c:71". */
#define REEL_TEXT_(x) #x
#define REEL_TEXT(x) REEL_TEXT_(x)
#define REEL_HERE (__FILE__ ":" REEL_TEXT(__LINE__))

/* ---- pixel formats: how planes are made, nothing about colours ---- */

/* One plane: bytes from one of its pixels to the next, and how often its width and height are halved. */
typedef struct reel_plane {
    uint8_t step;    /* 1 to 64: gray 1, the two interleaved chromas of NV12 2, RGB24 3, 10 bits in 16 2 */
    uint8_t shift_x; /* 0 to 4: 1 for the chroma of 4:2:0 and 4:2:2 */
    uint8_t shift_y; /* 0 to 4: 1 for the chroma of 4:2:0 */
    uint8_t reserved;
} reel_plane;

typedef struct reel_format {
    uint32_t id;     /* a reel_pixel, or any number of the caller's from REEL_PIXEL_USER up */
    uint32_t planes; /* 1 to REEL_PLANES */
    uint32_t bits;   /* of a sample that are used, for whoever shows it; 0: unknown */
    uint32_t reserved;
    reel_plane plane[REEL_PLANES];
} reel_format;

/* Formats with a name. X(NAME, id, planes, bits, step of the first plane; of the others: step, shift_x, shift_y) */
#define REEL_PIXELS(X)                           \
    X(GRAY8, 1, 1, 8, 1, 0, 0, 0)                \
    X(GRAY16, 2, 1, 16, 2, 0, 0, 0)              \
    X(I420, 3, 3, 8, 1, 1, 1, 1)                 \
    X(I422, 4, 3, 8, 1, 1, 1, 0)                 \
    X(I444, 5, 3, 8, 1, 1, 0, 0)                 \
    X(I420_10, 6, 3, 10, 2, 2, 1, 1)             \
    X(I422_10, 7, 3, 10, 2, 2, 1, 0)             \
    X(I444_10, 8, 3, 10, 2, 2, 0, 0)             \
    X(NV12, 9, 2, 8, 1, 2, 1, 1)                 \
    X(P010, 10, 2, 10, 2, 4, 1, 1)               \
    X(RGB24, 11, 1, 8, 3, 0, 0, 0)               \
    X(RGBA, 12, 1, 8, 4, 0, 0, 0)                \
    X(BGRA, 13, 1, 8, 4, 0, 0, 0)

typedef enum reel_pixel {
    REEL_PIXEL_NONE = 0,
#define REEL_PIXEL_ENUM(name, id, planes, bits, first, others, x, y) REEL_PIXEL_##name = (id),
    REEL_PIXELS(REEL_PIXEL_ENUM)
#undef REEL_PIXEL_ENUM
    REEL_PIXEL_USER = 1000
} reel_pixel;

/* How a named format is made. Others are described by hand. REEL_E_ARG: no such name, or out is NULL. */
REEL_API int reel_format_get(uint32_t id, reel_format *out);

/* ---- samples of sound ---- */

/*
 * Formats of sound, numbers as the machine has them. X(NAME, id, bytes, planar, real). Packed: the channels' samples take
 * turns. Planar: each channel's samples follow each other. U8 counts from 128, real ones go from -1 to 1.
 */
#define REEL_SOUNDS(X)  \
    X(U8, 101, 1, 0, 0)   \
    X(S16, 102, 2, 0, 0)  \
    X(S32, 103, 4, 0, 0)  \
    X(S64, 104, 8, 0, 0)  \
    X(F32, 105, 4, 0, 1)  \
    X(F64, 106, 8, 0, 1)  \
    X(U8P, 111, 1, 1, 0)  \
    X(S16P, 112, 2, 1, 0) \
    X(S32P, 113, 4, 1, 0) \
    X(S64P, 114, 8, 1, 0) \
    X(F32P, 115, 4, 1, 1) \
    X(F64P, 116, 8, 1, 1)

typedef enum reel_sound {
#define REEL_SOUND_ENUM(name, id, bytes, planar, real) REEL_SOUND_##name = (id),
    REEL_SOUNDS(REEL_SOUND_ENUM)
#undef REEL_SOUND_ENUM
} reel_sound;

typedef struct reel_sound_format {
    uint32_t id;     /* reel_sound */
    uint32_t bytes;  /* of a sample of one channel */
    uint8_t planar;  /* 1: each channel by itself */
    uint8_t real;    /* 1: floating point */
    uint8_t reserved[2];
} reel_sound_format;

/* How a format of sound is made. REEL_E_ARG: it is none, or out is NULL. */
REEL_API int reel_sound_format_get(uint32_t id, reel_sound_format *out);

/* ---- layouts ---- */

/*
 * What must hold besides. Zeros, or NULL for all of it: the picture's own size, 64 bytes. A decoder of libavcodec wants
 * coded_* from avcodec_align_dimensions2, and tail for what its loops read past the end.
 */
typedef struct reel_layout_rules {
    size_t sizeof_rules;         /* sizeof(reel_layout_rules) */
    uint32_t coded_width;        /* pixels that there must be room for from the picture's corner on; 0: its width */
    uint32_t coded_height;       /* the same for rows; smaller than the picture's counts as 0 */
    uint32_t edge;               /* pixels on each side of all that which must be there too; rounded up to be aligned */
    uint32_t stride_align;       /* bytes, a power of two up to 4096; 0, or below 64: 64 */
    uint32_t tail;               /* bytes behind the last row of each plane that belong to it */
    uint32_t reserved;
} reel_layout_rules;

typedef struct reel_layout {
    reel_format format;
    uint32_t width, height;          /* of the picture */
    size_t offset[REEL_PLANES];      /* of the picture's first pixel in the memory; a multiple of stride_align */
    size_t stride[REEL_PLANES];      /* bytes from row to row; 0 for planes that are not there */
    uint32_t row_bytes[REEL_PLANES]; /* of the picture in each row */
    uint32_t rows[REEL_PLANES];      /* of the picture */
    size_t size;                     /* of all of it; a multiple of 64 */
} reel_layout;

/*
 * Lay out a picture of width x height pixels. A plane that is halved is rounded up: 5 pixels have 3 chroma samples. All
 * planes of a format get the same coded width, so that the strides of 4:2:0 stay 2 : 1 : 1. Planes follow each other;
 * with an edge, the picture's first pixel is 64-byte aligned all the same. rules may be NULL.
 * REEL_E_ARG: width or height is 0, the format or a rule is impossible, out is NULL. REEL_E_RANGE: larger than this
 * machine can hold (PTRDIFF_MAX), or a stride above INT32_MAX. out is written on success only.
 */
REEL_API int reel_layout_init(reel_layout *out, const reel_format *format, uint32_t width, uint32_t height,
                              const reel_layout_rules *rules, reel_error *err);

/*
 * How well memory from elsewhere is aligned: the largest power of two, 4096 at most, that divides both the address and
 * the stride (which may be negative; 0 is a single row and does not count). 16 or more is what CoreGraphics and SSE
 * want, 64 or more what a GPU and AVX-512 want. NULL gives 0.
 */
REEL_API size_t reel_layout_alignment(const void *data, ptrdiff_t stride);

/* ---- buffers ---- */

typedef struct reel_buffer reel_buffer;
typedef struct reel_pool reel_pool;

/* One holder more; gives buffer back. NULL stays NULL. */
REEL_API reel_buffer *reel_buffer_ref(reel_buffer *buffer);
/* One holder less, and NULL in your pointer. The last one sends it back to its pool, or calls its free function. */
REEL_API void reel_buffer_unref(reel_buffer **buffer);
/* Its memory and the bytes of it; NULL and 0 for NULL. */
REEL_API uint8_t *reel_buffer_data(const reel_buffer *buffer);
REEL_API size_t reel_buffer_size(const reel_buffer *buffer);
/* How many hold it at this moment; 1 means that the caller, who holds it, is alone and may write. 0 for NULL. */
REEL_API unsigned reel_buffer_holders(const reel_buffer *buffer);

/*
 * Somebody else's memory as a buffer. free_data (may be NULL) gets user and data once, when the last holder has let go,
 * on that holder's thread. On failure it is not called and the memory stays the caller's. alloc (NULL: malloc; copied)
 * is for the header. data may be NULL when size is 0. REEL_E_ARG, REEL_E_NOMEM; *out then stays as it was.
 */
REEL_API int reel_buffer_wrap(void *data, size_t size, void (*free_data)(void *user, void *data), void *user,
                              const reel_allocator *alloc, reel_buffer **out, reel_error *err);

/* ---- frames ---- */

#define REEL_FRAME_KEY 1u         /* it needs no other */
#define REEL_FRAME_INTERLACED 2u
#define REEL_FRAME_TOP_FIRST 4u
#define REEL_FRAME_DAMAGED 8u     /* decoded with errors */
#define REEL_FRAME_NO_TIME 16u    /* pts says nothing */
#define REEL_FRAME_USER (1u << 16) /* from here up they are the caller's */

/*
 * A picture. Made by this library only; its holder may change every field but buffer.
 *
 * Or a stretch of sound, where sample_rate is not 0. That has one plane, width samples of each of height channels, and
 * the i-th of them in channel c (both from 0) lies at
 *     planar   data[0] + c * stride[0] + i * bytes
 *     packed   data[0] + i * stride[0] + c * bytes
 */
typedef struct reel_frame {
    uint8_t *data[REEL_PLANES];     /* the first pixel of each plane; NULL where there is none */
    ptrdiff_t stride[REEL_PLANES];  /* bytes from row to row */
    uint32_t width, height;         /* pixels */
    uint32_t format;                /* reel_format.id; of sound reel_sound */
    uint32_t planes;
    int64_t pts, duration;          /* in ticks of 1/timescale s */
    uint32_t timescale;             /* 0: not said */
    uint32_t flags;                 /* REEL_FRAME_* */
    uint8_t primaries, transfer, matrix; /* ISO/IEC 23091-2 (H.273); 2: not said */
    uint8_t full_range;                  /* 1: 0 to 255; 0: 16 to 235 or not said */
    uint8_t chroma_location;             /* where chroma lies, as AVCHROMA_LOC_*: 0 not said, 1 left, 2 centre, 3 top left */
    uint8_t reserved[3];
    uint32_t sar_width, sar_height;      /* shape of a pixel; 0: not said */
    uint32_t sample_rate;           /* sound: samples of each channel a second; 0: a picture */
    uint32_t reserved1;
    uint64_t channel_mask;          /* sound: which speakers, in this order, as WAVE has them: 1 front left, 2 front right,
                                       4 front centre, 8 low frequencies, 16 back left ...; 0: not said */
    void *opaque;                   /* the holder's; NULL at first; never looked at */
    reel_buffer *buffer;            /* what keeps data alive; read only */
} reel_frame;

/* One holder more; gives frame back. NULL stays NULL. */
REEL_API reel_frame *reel_frame_ref(reel_frame *frame);
/* One holder less, and NULL in your pointer; the last one lets go of the buffer. */
REEL_API void reel_frame_unref(reel_frame **frame);
/* How many hold this frame (not its buffer); 0 for NULL. */
REEL_API unsigned reel_frame_holders(const reel_frame *frame);

/*
 * A frame over a buffer, which it holds beside the caller: what a decoder returns, while it still reads the same memory
 * as a reference. The layout says where the planes are and must fit (REEL_E_RANGE). The first frame over a buffer of a
 * pool costs no memory; more at the same time cost a header each. NULL: REEL_E_ARG. REEL_E_NOMEM. On
 * failure *out stays as it was.
 */
REEL_API int reel_frame_over(reel_buffer *buffer, const reel_layout *layout, reel_frame **out, reel_error *err);

/*
 * A frame over somebody else's planes: like gives data, stride, width, height, format, planes, times and flags; its
 * buffer is not looked at. free_data gets user and like->data[0] when the last holder has let go. On failure it is not
 * called, and *out stays as it was. REEL_E_ARG: like or out is NULL, no planes or more than REEL_PLANES, a plane without
 * data, width or height 0.
 */
REEL_API int reel_frame_wrap(const reel_frame *like, void (*free_data)(void *user, void *data), void *user,
                             const reel_allocator *alloc, reel_frame **out, reel_error *err);

/* reel_layout_alignment of all planes, the least of them. 0 for NULL. */
REEL_API size_t reel_frame_alignment(const reel_frame *frame);

/* ---- pools ---- */

#define REEL_POOL_WAIT 1u      /* at the ceiling wait (options.wait_ns) instead of refusing */
#define REEL_POOL_TRACK 2u     /* remember who took what is out; on in debug builds */
#define REEL_POOL_FILL 4u      /* fill what comes back and look at it when it is taken again; on in debug builds */
#define REEL_POOL_FAST 8u      /* neither of the two, in a debug build either */
#define REEL_POOL_LAZY_TRIM 16u /* trim lets the kernel take the pages when it needs them (MADV_FREE), not now */
#define REEL_POOL_SMALL_PAGES 32u /* ask for no huge pages */

/* What a pool has to say about one of its buffers. */
typedef enum reel_pool_finding {
    REEL_POOL_HELD = 1,   /* somebody still has it */
    REEL_POOL_WRITTEN = 2 /* somebody wrote into it after it had come back (REEL_POOL_FILL) */
} reel_pool_finding;

typedef struct reel_pool_report {
    reel_pool_finding finding;
    uint32_t index;      /* of the buffer in the pool */
    const void *data;    /* its memory */
    size_t offset;       /* WRITTEN: the first byte that is wrong; else 0 */
    const char *label;   /* of whoever took it (HELD), or had it last (WRITTEN); "?" where it is not known */
    uint64_t thread;     /* the system's number of the thread that took it; 0: not known */
} reel_pool_report;

typedef void reel_pool_report_fn(void *user, const reel_pool_report *report);

/* Zeros give the defaults, but for buffer_size. */
typedef struct reel_pool_options {
    size_t sizeof_options;       /* sizeof(reel_pool_options) */
    size_t buffer_size;          /* bytes of each buffer: reel_layout.size; not 0 */
    uint32_t hot;                /* buffers the ring holds at most, which idle_ns leaves alone, up to 4094; 0: 16 */
    uint32_t ready;              /* so many are made at once, with their pages, in the overflow; 0: none */
    uint32_t max_buffers;        /* ceiling; 0: none of this kind, but 65534 */
    uint32_t flags;              /* REEL_POOL_* */
    uint64_t max_bytes;          /* ceiling; 0: none of this kind, but 1 GiB when max_buffers is 0 too */
    int64_t wait_ns;             /* with REEL_POOL_WAIT: the longest wait; 0 or less: as long as it takes */
    int64_t idle_ns;             /* trim what lay in the overflow for so long; 0 or less: only reel_pool_trim does */
    reel_pool_report_fn *report; /* told at the last close what is out (TRACK), and of writers (FILL); NULL: nobody */
    void *report_user;
    const reel_allocator *alloc; /* NULL: pages of the system, malloc for headers. Else all comes from it; copied */
} reel_pool_options;

/* hot = 0 means 16; this means none: every buffer goes through the overflow. */
#define REEL_POOL_NO_RING UINT32_MAX

/*
 * Make a pool with one reference. Buffers under 64 KiB are cut from slabs of up to 64, and below a page they are never
 * trimmed. REEL_E_ARG: options or out is NULL, buffer_size is 0, hot or max_buffers too large, the ceiling is below one
 * buffer or below ready. REEL_E_NOMEM. On failure *out stays as it was.
 */
REEL_API int reel_pool_open(const reel_pool_options *options, reel_pool **out, reel_error *err);

/* One reference more; gives pool back. A thread that takes needs one, or must know that another is kept. */
REEL_API reel_pool *reel_pool_ref(reel_pool *pool);

/*
 * Give your reference back and set it to NULL. After the last, nothing can be taken; what is home is freed, what is out
 * stays valid until its last holder lets go, and with it the rest. With REEL_POOL_TRACK, options.report hears of each
 * that is out. NULL is allowed.
 */
REEL_API void reel_pool_close(reel_pool **pool);

/*
 * Take a frame for this layout: one holder, data and stride set, times 0, memory as its last user left it. label is
 * kept as a pointer where the pool tracks (REEL_HERE); NULL is allowed. At the ceiling it waits or refuses, as the
 * options say. *out is NULL on failure.
 * REEL_E_AGAIN: all are out, and the wait (if any) is over. REEL_E_NOMEM: the system has no more. REEL_E_RANGE: the
 * layout is larger than the pool's buffers. REEL_E_ARG: pool, layout or out is NULL. No err: this is the hot path.
 */
REEL_API int reel_pool_take(reel_pool *pool, const reel_layout *layout, const char *label, reel_frame **out);

/* The same, but wait until this moment at most, whatever the options say: nanoseconds of reel_pool_now. */
#define REEL_POOL_NEVER INT64_MIN  /* do not wait */
#define REEL_POOL_FOREVER INT64_MAX
REEL_API int reel_pool_take_until(reel_pool *pool, const reel_layout *layout, int64_t deadline, const char *label,
                                  reel_frame **out);

/* The same for the bare memory, as get_buffer2 of a decoder wants it; reel_frame_over makes the frame later. */
REEL_API int reel_pool_take_buffer(reel_pool *pool, int64_t deadline, const char *label, reel_buffer **out);
/* The deadline that the options stand for, if it began now: REEL_POOL_NEVER without REEL_POOL_WAIT. */
REEL_API int64_t reel_pool_deadline(const reel_pool *pool);
/* The clock of deadlines: monotonic, nanoseconds. */
REEL_API int64_t reel_pool_now(void);

/*
 * Give memory back to the system: of every buffer in the overflow that was not used for idle_ns; 0 or less: of every
 * buffer that is home, those of the ring too. Gives the bytes. Addresses stay; a trimmed buffer that is taken again
 * counts as a miss. Nothing of an options.alloc can be trimmed. NULL: 0.
 */
REEL_API uint64_t reel_pool_trim(reel_pool *pool, int64_t idle_ns);

/* Tell fn of each buffer that is out now; the number of them. Without REEL_POOL_TRACK 0. fn may be NULL. */
REEL_API uint32_t reel_pool_held(reel_pool *pool, reel_pool_report_fn *fn, void *user);

/* Everything since the pool was opened. Each number is true by itself; they are not all of the same instant. */
typedef struct reel_pool_stats {
    uint64_t hits;          /* taken from the ring */
    uint64_t overflow_hits; /* taken from the overflow, with its memory still there */
    uint64_t misses;        /* memory that had to be asked for: a new buffer, or one that had been trimmed */
    uint64_t waits;         /* calls that had to wait at the ceiling */
    uint64_t refusals;      /* calls that ended in REEL_E_AGAIN, at once or after a wait */
    uint64_t failures;      /* calls that ended in REEL_E_NOMEM */
    uint64_t trims;         /* buffers whose memory was given back */
    uint64_t bytes_held;    /* memory of all buffers, but for what was trimmed */
    uint64_t bytes_ceiling; /* the most that it may become */
    uint64_t buffer_bytes;  /* what one costs, with its rounding */
    uint32_t outstanding;   /* buffers that somebody holds */
    uint32_t high_water;    /* the most that were out at once; threads that race may add one each */
    uint32_t hot;           /* buffers in the ring */
    uint32_t idle;          /* buffers in the overflow, with memory */
    uint32_t bare;          /* buffers in the overflow, without */
    uint32_t max_buffers;
} reel_pool_stats;

/* Fill out, stopping nobody. A NULL pool gives zeros; a NULL out does nothing. */
REEL_API void reel_pool_get_stats(const reel_pool *pool, reel_pool_stats *out);

#ifdef __cplusplus
}
#endif
#endif
