/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/frames.h: exact frames of a film, many at once. Link with -lreel-frame.
 *
 *     wants    1.5 s, 20 s, picture 7, sample 300 ...      in any order
 *       │      the time rule (docs/time.md)                 reel_frames_find
 *     samples  40, 602, 9, 300
 *       │      grouped by where decoding has to start       each group of pictures is entered once
 *     groups   [0: 9 40]  [250: 300]  [600: 602]            cost: samples that are decoded
 *       │      workers, a decoder each                      what nothing wanted depends on is not decoded
 *     batch    (N, H, W, C), or a call for each frame       in the order of the wants
 *
 * Threads: reel_frames_find and the lists may be called from any thread. A reel_frames belongs to one caller at a time;
 * it has workers of its own.
 */
#ifndef REEL_FRAMES_H
#define REEL_FRAMES_H

#include <reel/picture.h>
#include <reel/sample.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- which frames ---- */

typedef enum reel_want_kind {
    REEL_WANT_TIME = 0,    /* what is shown at a time of the presentation: value / timescale seconds, edit lists applied */
    REEL_WANT_PICTURE = 1, /* the value-th picture in the order in which they are shown, from 0; without edit lists */
    REEL_WANT_SAMPLE = 2,  /* the value-th sample in decode order, from 0 */
} reel_want_kind;

typedef struct reel_want {
    int64_t value;
    uint32_t timescale; /* of a time: not 0. Else not looked at */
    uint32_t kind;      /* reel_want_kind */
} reel_want;

typedef struct reel_found {
    int32_t code;        /* REEL_OK; else why there is no such frame, and the rest is 0 */
    uint32_t duration;   /* of the sample, in the track's timescale */
    uint64_t sample;     /* its number */
    int64_t pts;         /* of the sample: media time, in the track's timescale */
} reel_found;

/*
 * The sample of each want. At a time at which an edit list shows nothing it is what is shown next. A time before 0 or
 * not before the end of the track, and a picture or a sample past the last, are REEL_E_RANGE in out[i].code; those do
 * not end the call. *found (may be NULL) gets how many are REEL_OK. The call itself fails with REEL_E_ARG (NULL, a
 * timescale of 0, an unknown kind) or with what reading the tables gives; out is not to be used then.
 * O(n log samples); scans fragments when only they know.
 */
REEL_API int reel_frames_find(const reel_track *track, const reel_want *wants, size_t n, reel_found *out,
                              size_t *found, reel_error *err);

/*
 * Lists of wants. At most max are written to out (which may be NULL when max is 0); *count gets how many there are.
 *   every      times 0, step, 2 * step, ... before the end of the track; step is in 1/timescale s and above 0
 *   spread     n times: the middle of each n-th part of the track
 *   keyframes  the sync samples, as REEL_WANT_SAMPLE
 * REEL_E_ARG, REEL_E_RANGE (a track that shows nothing), or what reading the tables gives.
 */
REEL_API int reel_wants_every(const reel_track *track, int64_t step, uint32_t timescale, reel_want *out, size_t max,
                              size_t *count, reel_error *err);
REEL_API int reel_wants_spread(const reel_track *track, size_t n, reel_want *out, size_t max, size_t *count,
                               reel_error *err);
REEL_API int reel_wants_keyframes(const reel_track *track, reel_want *out, size_t max, size_t *count, reel_error *err);

/* ---- frames ---- */

typedef struct reel_frames reel_frames;

#define REEL_FRAMES_ROUGH 1u /* REEL_DECODER_ROUGH: for storyboards of key pictures; what comes out is not exact any more */

/* Zeros give the defaults. */
typedef struct reel_frames_options {
    size_t sizeof_options;              /* sizeof(reel_frames_options) */
    uint32_t workers;                   /* threads that decode; 0: as many as there are cores for this process */
    uint32_t flags;                     /* REEL_FRAMES_ROUGH */
    uint64_t budget_ns;                 /* one call ends with REEL_E_AGAIN when decoding took so long; 0: no limit */
    bool (*ended)(void *user);          /* asked between samples, every 50 ms or so, where there is a budget: true ends the
                                           call with REEL_E_CANCELLED. From the workers' threads; may be NULL */
    void *ended_user;
    uint64_t most_pixels;               /* pictures of a film with more are not decoded; 0: as many as a decoder takes */
    void (*lost)(void *user, size_t i, const reel_error *why); /* told of each want that was found and could not be
                                           decoded: the cause, its sample and offset. From the workers' threads; may be NULL */
    void *lost_user;
    const reel_allocator *alloc;        /* NULL: malloc */
} reel_frames_options;

/* What one call did. */
typedef struct reel_frames_stats {
    uint64_t groups;   /* places where decoding started */
    uint64_t decoded;  /* samples that went into a decoder */
    uint64_t skipped;  /* samples that nothing wanted depends on, and that were left out */
    uint64_t delivered;
    uint64_t failed;   /* frames that were found and could not be decoded */
    uint64_t damaged;  /* of those delivered: REEL_FRAME_DAMAGED */
} reel_frames_stats;

/*
 * Prepare for a video track; keeps the movie open. *out is the caller's, to be closed, and stays as it was on failure.
 * options may be NULL. REEL_E_ARG: track or out is NULL, the options are of another size, the track has no pictures (sound,
 * say). REEL_E_UNSUPPORTED: no decoder for it, or the library was built without one. REEL_E_NOMEM.
 */
REEL_API int reel_frames_open(const reel_track *track, const reel_frames_options *options, reel_frames **out,
                              reel_error *err);
/* Ends its threads and sets your pointer to NULL. Frames that you hold stay valid. NULL is allowed. */
REEL_API void reel_frames_close(reel_frames **frames);

/*
 * All frames, each once per want, to take: from the workers' threads, two calls at once for different i, in the order in
 * which they get ready. frame is the callee's for the time of the call; reel_frame_ref keeps it. What take gives, if not
 * REEL_OK, ends the whole call.
 * codes (may be NULL) gets n codes: REEL_OK, what reel_frames_find said, REEL_E_DECODE, _TRUNCATED or _SHRUNK
 * for a picture that could not be had (options.lost gets the words for it); REEL_E_AGAIN where the call ended before.
 * REEL_OK when all wants have been tried. REEL_E_ARG, and codes is not written: frames or take is NULL, or wants while n
 * is not 0.
 */
typedef int (*reel_frames_take)(void *user, size_t i, const reel_frame *frame);
REEL_API int reel_frames_each(reel_frames *frames, const reel_want *wants, size_t n, reel_frames_take take, void *user,
                              int32_t *codes, reel_error *err);

/*
 * The same, scaled and converted as `picture` says (of its source fields none are looked at): data has the planes of
 * shape, and both are the callee's for the time of the call. The frame is what the picture was made of.
 */
typedef int (*reel_frames_take_picture)(void *user, size_t i, const reel_picture_shape *shape, const uint8_t *data,
                                        const reel_frame *frame);
REEL_API int reel_frames_pictures(reel_frames *frames, const reel_want *wants, size_t n,
                                  const reel_picture_options *picture, reel_frames_take_picture take, void *user,
                                  int32_t *codes, reel_error *err);

/*
 * The same, scaled and converted as `picture` says, into batch: frame i begins at batch + i * frame_size, with
 * frame_size bytes at least those of one picture (reel_frames_shape). Of picture's source fields none are looked at. Frames
 * that are not there are left as they were. REEL_E_RANGE: frame_size is too small for a picture, which ends the call; or
 * n * frame_size is more than memory. REEL_E_ARG: frames or picture is NULL, or batch or wants while n is not 0.
 */
REEL_API int reel_frames_batch(reel_frames *frames, const reel_want *wants, size_t n,
                               const reel_picture_options *picture, uint8_t *batch, size_t frame_size, int32_t *codes,
                               reel_error *err);

/*
 * What a batch's pictures are like: the size of one, where its planes are. Where picture leaves width or height open, the
 * first picture of the film says. Decodes that one. out is written on success only. REEL_E_ARG: frames, picture or out is
 * NULL, or picture of another size; else what reel_frames_each gives, or its code for that picture.
 */
REEL_API int reel_frames_shape(reel_frames *frames, const reel_picture_options *picture, reel_picture_shape *out,
                               reel_error *err);

/*
 * How large the pictures of a track are when they stand upright, in square pixels, as its tables say: nothing is decoded,
 * and the pictures may turn out otherwise. Both are above 0; 16 and 9 where nothing is said, or
 * track is NULL. width and height may be NULL.
 */
REEL_API void reel_frames_upright(const reel_track *track, double *width, double *height);

/* Of the last call. */
REEL_API void reel_frames_get_stats(const reel_frames *frames, reel_frames_stats *out);
/* Ends the call that runs (else the next one), from any thread: it gives REEL_E_CANCELLED. */
REEL_API void reel_frames_stop(reel_frames *frames);

#ifdef __cplusplus
}
#endif
#endif
