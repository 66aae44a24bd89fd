/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/time.h: the one time rule (docs/time.md). From the movie's presentation to a track's media time and back,
 * through the edit list. ISO/IEC 14496-12 8.6.5, 8.6.6.
 *
 * Presentation times of a track are counted here in the track's own timescale, from the start of the
 * presentation; an edit that begins at movie time m begins at round(m * timescale / movie timescale), where m is
 * the exact sum of the durations before it, so that rounding never adds up.
 */
#ifndef REEL_TIME_H
#define REEL_TIME_H

#include <reel/movie.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REEL_TIME_FOREVER INT64_MAX

typedef enum reel_edit_kind {
    REEL_EDIT_MEDIA = 0, /* media plays */
    REEL_EDIT_EMPTY = 1, /* nothing is shown: media_time -1 */
    REEL_EDIT_DWELL = 2, /* one moment stands still: media_rate 0 */
} reel_edit_kind;

typedef struct reel_edit {
    uint64_t segment_duration; /* as written, in the movie's timescale. 0 or all ones in the last edit: to the end
                                  of the media; 0 in one before it: it lasts no time */
    int64_t media_time;        /* as written, in the track's timescale; -1: empty */
    int32_t media_rate;        /* as written, 16.16 */
    uint32_t kind;             /* reel_edit_kind */
    int64_t start, end;        /* in the presentation, track's timescale; end is REEL_TIME_FOREVER when open */
} reel_edit;

/* Edits in order, i from 0; a track without an edit list has none. */
REEL_API size_t reel_track_edit_count(const reel_track *track);
REEL_API int reel_track_edit(const reel_track *track, size_t i, reel_edit *out);

typedef struct reel_moment {
    uint32_t kind;      /* reel_edit_kind */
    uint32_t edit;      /* from 1; 0: the track has no edit list, media time is presentation time */
    int64_t media_time; /* what is shown; meaningless with REEL_EDIT_EMPTY */
    int64_t left;       /* ticks of presentation until this edit ends; REEL_TIME_FOREVER when open */
} reel_moment;

/*
 * What the track shows at presentation time t (track's timescale). REEL_END past the last edit, REEL_E_RANGE when t
 * is negative and there are edits. A list whose edits all last no time counts as none. O(log edits).
 */
REEL_API int reel_track_media_time(const reel_track *track, int64_t t, reel_moment *out);

/*
 * When media time is shown: the n-th time, n from 0 (an edit list may show it twice, or never: REEL_END). Gives the
 * first tick at which reel_track_media_time has reached media_time in that edit. The first time is O(log edits), behind
 * it the edits are gone through; the first call that meets a long list builds what that needs, once.
 */
REEL_API int reel_track_presentation_time(const reel_track *track, int64_t media_time, size_t n, int64_t *t);

/*
 * When a stretch of media is shown, as a sample that lasts from media_time for duration: [*start, *end) of the
 * presentation. Where its beginning is never shown it starts with the first of its ticks that is; it ends with the edit
 * that shows that, at the latest. What is shown twice is given for the first time. REEL_END: none of it is ever shown,
 * or it lasts no time. O(log edits).
 */
REEL_API int reel_track_presentation_span(const reel_track *track, int64_t media_time, uint64_t duration,
                                          int64_t *start, int64_t *end);

/* presentation time - pts of a track in a stream, in its timescale: of the first edit that plays media; 0 without edits. */
REEL_API int64_t reel_track_stream_shift(const reel_track *track);

/*
 * How presentation time t comes about, in words, and where FFmpeg's demuxer would say otherwise: lines that end
 * with \n, NUL-terminated when size > 0. Gives the length that the whole text has, as snprintf does, or REEL_E_ARG.
 */
REEL_API int reel_track_explain_time(const reel_track *track, int64_t t, char *buf, size_t size);

/* t * to / from, rounded to the nearest, halves away from zero; saturates at the ends of int64_t. from > 0. */
REEL_API int64_t reel_rescale(int64_t t, uint32_t from, uint32_t to);

/* Compare a in timescale ta with b in timescale tb, exactly: -1, 0, 1. */
REEL_API int reel_time_compare(int64_t a, uint32_t ta, int64_t b, uint32_t tb);

/*
 * How long the presentation of the track is, in its timescale: the sum of the edits; where the last one is open, or
 * there are none, to the end of the sample that is shown last. Scans fragments when only they know.
 */
REEL_API int reel_track_presentation_duration(const reel_track *track, int64_t *duration, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
