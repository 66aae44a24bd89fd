/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/stream.h: a film as a stream: segments, init segments, playlists and manifests. ISO/IEC 14496-12 8.8 and 8.16,
 * ISO/IEC 23000-19 (CMAF), RFC 8216 (HLS), ISO/IEC 23009-1 (DASH).
 *
 * Where segments begin is a function of the film and of the segment length alone, so that every process that is asked
 * gives the same answer, and keeps nothing between two questions. A segment is found, and its plan made, in O(segment):
 * what a request costs does not grow with the film.
 *
 * One track is the reference: the first video track, else the first audio track, else the first that can be streamed. A
 * boundary is the first sync sample of the reference whose presentation time is not before a multiple of the segment
 * length; other tracks follow it: video with their own sync sample at or behind that time, anything else with the first
 * sample that is not before it. A group of pictures longer than the segment length makes a longer segment.
 *
 * Times here are presentation times: what the edit list makes of pts (docs/time.md), for streams by its first piece of
 * media: time = pts + shift. Where that piece is all that it plays, of a film without fragments, a stream has the samples
 * that take part in showing it and no more, and ends with it; else it has them all.
 */
#ifndef REEL_STREAM_H
#define REEL_STREAM_H

#include <reel/movie.h>
#include <reel/plan.h>
#include <reel/sample.h>
#include <reel/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a film is cut. Plain memory: put it where you like, copy it with =, there is nothing to close. Borrows the movie. */
typedef struct reel_segmenter {
    const reel_movie *movie;
    const reel_track *reference;
    uint32_t timescale;  /* of the reference: the times of segments are in it */
    uint32_t flags;      /* REEL_SEGMENTER_*, 0 at first: yours to set */
    int64_t target;      /* segment length in that timescale, at least 1 */
    int64_t shift;       /* presentation time - pts of the reference */
    uint64_t first, samples; /* of the reference those in the stream: first <= i < samples */
    int64_t stop;        /* presentation time at which an edit list cuts it off, INT64_MAX: none does */
} reel_segmenter;

enum {
    /*
     * For damaged films. A sample whose bytes do not lie in the file, or of which nothing says how it is encrypted, is
     * left out of its segment, and so are those that would make a segment longer than the file. Playlists and manifests
     * do not name a segment whose first and last samples are both such, nor such an I picture, nor a track with no
     * segment left; so all that they name can be had, and the last of it ends where its samples do. Without it playlists
     * name everything (with REEL_STREAM_LIVE: up to the first segment that is not all there), and such a segment is an error.
     */
    REEL_SEGMENTER_READABLE = 1 << 0,
};

/*
 * milliseconds: the segment length, 1 to 3,600,000. Scans the fragments of a fragmented film. REEL_E_NOT_FOUND when no
 * track can be streamed.
 */
REEL_API int reel_segmenter_init(reel_segmenter *s, const reel_movie *movie, uint32_t milliseconds, reel_error *err);

/* Can it be one of a stream's tracks? Video, sound or text with samples, whose format ISO files can hold. */
REEL_API bool reel_track_streams(const reel_track *track);

typedef struct reel_segment {
    uint64_t first, end; /* samples of the reference: first <= i < end */
    int64_t start, stop; /* presentation times in the reference's timescale; the first segment starts at INT64_MIN for
                            tracks that begin before it, and the last one stops at INT64_MAX: use time and duration */
    int64_t time;        /* when its first sample is shown: what URLs name */
    int64_t duration;    /* to the time of the next one; of the last: to the end of what is shown last */
    uint64_t number;     /* which multiple of the segment length it begins at: grows, may leave numbers out */
} reel_segment;

/* The segment that time lies in: the first one for what is before, the last one for what is behind. */
REEL_API int reel_segmenter_at(const reel_segmenter *s, int64_t time, reel_segment *out, reel_error *err);
/* The one behind segment. REEL_END: it was the last. O(log n). */
REEL_API int reel_segmenter_next(const reel_segmenter *s, const reel_segment *segment, reel_segment *out,
                                 reel_error *err);

/* What of a track lies in a segment. */
typedef struct reel_portion {
    uint64_t first, end; /* samples */
    int64_t time;        /* presentation time of the first, in the track's timescale: what URLs name */
    int64_t duration;    /* in the track's timescale: to the time of what follows */
} reel_portion;
/* REEL_END when the segment has nothing of the track. O(log n). */
REEL_API int reel_segment_portion(const reel_segmenter *s, const reel_segment *segment, const reel_track *track,
                                  reel_portion *out, reel_error *err);
/*
 * The segment whose portion of track begins at exactly that time (track's timescale), as in a URL. REEL_E_RANGE when none
 * does, so that a segment has one name only. But for the first, where it begins before 0: 0 names it too, since DASH has
 * no word for negative times.
 */
REEL_API int reel_segment_named(const reel_segmenter *s, const reel_track *track, int64_t time, reel_segment *out,
                                reel_error *err);

/* ---- what is sent. Plans take their memory from alloc (NULL: malloc) and are closed with reel_plan_close ---- */

/* The init segment of n tracks: ftyp, moov without samples. QuickTime's sample entries come out in their ISO form. */
REEL_API int reel_stream_init(const reel_track *const *tracks, size_t n, const reel_allocator *alloc, reel_plan **out,
                              reel_error *err);

/*
 * The media segment: styp, moof, mdat with the portions of n tracks; samples of each keep their order, and what lies
 * together in the film stays one piece. Encrypted samples stay so (senc). REEL_END when it has nothing of any.
 */
REEL_API int reel_stream_segment(const reel_segmenter *s, const reel_segment *segment, const reel_track *const *tracks,
                                 size_t n, const reel_allocator *alloc, reel_plan **out, reel_error *err);

/*
 * All of that as one file, a fragmented film by itself: the init segment of n tracks, a segment index (sidx) of the
 * segmenter's reference track, and the segments. Without index where the reference is not among the tracks, and with more
 * than 65535 segments or one of 2 GiB. O(samples). On failure *out stays as it was.
 */
REEL_API int reel_stream_fragmented(const reel_segmenter *s, const reel_track *const *tracks, size_t n,
                                    const reel_allocator *alloc, reel_plan **out, reel_error *err);

/* The same for samples first <= i < end of one track, wherever boundaries are: an I picture, a fragment. */
REEL_API int reel_stream_samples(const reel_track *track, uint64_t first, uint64_t end, uint32_t sequence,
                                 const reel_allocator *alloc, reel_plan **out, reel_error *err);

/* The I picture that is shown at exactly that time (track's timescale), as in a URL. REEL_E_RANGE when none is. */
REEL_API int reel_stream_picture(const reel_track *track, int64_t time, const reel_allocator *alloc, reel_plan **out,
                                 reel_error *err);

/*
 * A track as one file for a server that knows nothing but ranges of files: init segment, segment index (sidx), and the
 * segments one behind the other, each the same bytes that reel_stream_segment has. By itself it is a fragmented film with
 * one track (a CMAF track file; DASH: a self-initializing segment of the on-demand profile).
 *
 *     0            init              first
 *     | ftyp moov  | sidx            | styp moof mdat | styp moof mdat | ...
 *
 * Made once, then only read, by any number of threads. Borrows the segmenter's movie. O(samples of the track): the headers
 * of all segments are made. Beside its playlist it is called media.mp4, of I pictures iframes.mp4. Close it with
 * reel_stream_file_close.
 */
typedef struct reel_stream_file reel_stream_file;

enum {
    REEL_STREAM_FILE_PICTURES = 1 << 0, /* what reel_hls_iframes lists in place of the segments: I pictures, one each */
};

/*
 * flags: REEL_STREAM_FILE_*. REEL_E_UNSUPPORTED for text that comes as WebVTT, REEL_E_RANGE with more than 65535 segments
 * or one of 2 GiB: more than an index can say. REEL_E_NOT_FOUND: it has nothing to list. On failure *out stays as it was.
 */
REEL_API int reel_stream_file_new(const reel_segmenter *s, const reel_track *track, unsigned flags,
                                  const reel_allocator *alloc, reel_stream_file **out, reel_error *err);
REEL_API void reel_stream_file_close(reel_stream_file **file);
REEL_API const reel_track *reel_stream_file_track(const reel_stream_file *file);
/* All of it. Borrowed: good until the file is closed. */
REEL_API const reel_plan *reel_stream_file_plan(const reel_stream_file *file);

typedef struct reel_stream_range {
    uint64_t offset, size;
} reel_stream_range;
/* Where segment i lies, in order from 0; REEL_END behind the last. They fill the file from the index to its end. */
REEL_API int reel_stream_file_range(const reel_stream_file *file, size_t i, reel_stream_range *out);

/*
 * The cues of a text track (tx3g, wvtt) in a segment as a WebVTT file, with X-TIMESTAMP-MAP where mapped; a cue that is
 * shown in several segments is in all of them. segment NULL: the whole track.
 */
REEL_API int reel_stream_webvtt(const reel_segmenter *s, const reel_segment *segment, const reel_track *track,
                                bool mapped, const reel_allocator *alloc, reel_plan **out, reel_error *err);

enum { REEL_TEXT_WEBVTT = 0, REEL_TEXT_SUBRIP = 1 };
/*
 * The cues of samples first <= i < last of a text track as a file of its own, from when they are shown first to when last:
 * WebVTT with the head that the track keeps, or SubRip, which knows no settings and of markup b, i and u alone. last
 * UINT64_MAX: to the end of the track. REEL_E_UNSUPPORTED: its samples are no such text; REEL_E_RANGE: there is no sample
 * first, or more than a million. O(samples).
 */
REEL_API int reel_stream_text(const reel_track *track, uint64_t first, uint64_t last, uint32_t form,
                              const reel_allocator *alloc, reel_plan **out, reel_error *err);

/*
 * What is in a subtitle file beside the film, SubRip or WebVTT, as a clean WebVTT file with X-TIMESTAMP-MAP: UTF-8 and
 * UTF-16 with their marks, else UTF-8, else Windows-1252; lines end in any way; cues in order. What is no cue is left out,
 * so that what comes out is valid; REEL_E_UNSUPPORTED when there is no cue at all and it is no WebVTT, REEL_E_RANGE above
 * 16 MiB. O(n log n); data is not needed after. alloc as elsewhere, NULL: malloc.
 */
REEL_API int reel_webvtt_from_file(const void *data, size_t size, const reel_allocator *alloc, reel_plan **out,
                                   reel_error *err);

/* ---- playlists. The URIs they name, relative to the playlist: docs/origin.md ---- */

enum {
    REEL_STREAM_LIVE = 1 << 0, /* the film still grows: EVENT without EXT-X-ENDLIST; the last segment is held back, and
                                  what of it is not all there yet is not named */
    REEL_STREAM_NO_PICTURES = 1 << 1, /* the multivariant playlist names no playlists of I pictures */
};

/* A subtitle file beside the film. Strings are borrowed, UTF-8. */
typedef struct reel_sidecar {
    const char *uri;      /* of its media playlist, relative to the multivariant playlist, percent-encoded */
    const char *file_uri; /* of the WebVTT file itself, for DASH */
    const char *language; /* BCP 47, or "und" */
    const char *name;
    unsigned flags;       /* REEL_SIDECAR_* */
} reel_sidecar;

enum {
    REEL_SIDECAR_FORCED = 1 << 0, /* only what everybody has to read: signs, a foreign tongue */
};

/* One of the films that a title is there as (bit rates, sizes). */
/* ---- what file names say of each other. A stem is a name without its ending; bytes are compared as they are ---- */

/*
 * The length of the title in a stem of n bytes with a height or a bit rate behind it: of film-720p, film_1080p, film.480p and
 * film-800k that of "film". *rank (may be NULL) is greater for the better of two. Without such a tail n, and rank 0.
 */
REEL_API size_t reel_rendition_title(const char *stem, size_t n, uint64_t *rank);

typedef struct reel_subtitle_name {
    char language[36]; /* "en", "pt-BR"; "und" where the name does not tell */
    char name[268];    /* for people: "en (forced)", "Subtitles" */
    unsigned flags;    /* REEL_SIDECAR_* */
} reel_subtitle_name;

/*
 * Does the subtitle file with this stem belong to the film with that one? "film.en.forced" does to "film", and to
 * "film-720p". Then what its name says. false for NULL.
 */
REEL_API bool reel_subtitle_of(const char *film, size_t film_stem, const char *file, size_t file_stem,
                               reel_subtitle_name *out);

typedef struct reel_rendition {
    const reel_segmenter *segmenter;
    const char *prefix; /* of its URIs: "" when it stands beside the playlist, else percent-encoded, with the last / */
} reel_rendition;

typedef struct reel_playlist_options {
    size_t sizeof_options; /* sizeof(reel_playlist_options) */
    unsigned flags;        /* REEL_STREAM_* */
    const reel_sidecar *sidecars;
    size_t sidecar_count;
    const reel_allocator *alloc; /* NULL: malloc */
    /*
     * Tracks that are there as one file: playlists name ranges of it in place of a file for each segment (EXT-X-BYTERANGE,
     * SegmentBase). Borrowed; made with the same segment length. Not with REEL_STREAM_LIVE.
     */
    const reel_stream_file *const *files;
    size_t file_count;
} reel_playlist_options;

/* The multivariant playlist of n renditions: every video and audio track, subtitles, I pictures. options NULL: none. */
REEL_API int reel_hls_multivariant(const reel_rendition *renditions, size_t n, const reel_playlist_options *options,
                                   reel_plan **out, reel_error *err);
/* The media playlist of n tracks (one: CMAF; several: muxed; one text track: WebVTT). */
REEL_API int reel_hls_media(const reel_segmenter *s, const reel_track *const *tracks, size_t n,
                            const reel_playlist_options *options, reel_plan **out, reel_error *err);
/* EXT-X-I-FRAMES-ONLY of a video track. */
REEL_API int reel_hls_iframes(const reel_segmenter *s, const reel_track *track, const reel_playlist_options *options,
                              reel_plan **out, reel_error *err);
/* The media playlist of a subtitle file beside the film: one segment, file, as long as the film. */
REEL_API int reel_hls_sidecar(const reel_segmenter *s, const char *file, const reel_playlist_options *options,
                              reel_plan **out, reel_error *err);
/* The MPD of n renditions: a static one, or with REEL_STREAM_LIVE a dynamic one. */
REEL_API int reel_dash_manifest(const reel_rendition *renditions, size_t n, const reel_playlist_options *options,
                                reel_plan **out, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
