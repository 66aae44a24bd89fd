/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/movie.h: an open film and its tracks. ISO/IEC 14496-12 clause 8; QuickTime File Format where it differs.
 */
#ifndef REEL_MOVIE_H
#define REEL_MOVIE_H

#include <reel/source.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_movie reel_movie;
typedef struct reel_track reel_track;

enum {
    REEL_OPEN_STRICT = 1 << 0, /* every "shall" of the standard that is broken is an error, not a warning */
};

typedef struct reel_open_options {
    size_t sizeof_options;           /* sizeof(reel_open_options) */
    uint32_t flags;                  /* REEL_OPEN_* */
    uint32_t reserved;
    const reel_allocator *allocator; /* NULL: malloc; copied */
} reel_open_options;

/*
 * Open the film in source. options may be NULL. The movie takes its own reference on source.
 * Reads the top-level boxes up to the first moof, and the skeleton of moov; no sample table is touched.
 * Nothing blocks but the source itself. On failure *out is NULL and nothing is kept.
 */
REEL_API int reel_open(reel_source *source, const reel_open_options *options, reel_movie **out, reel_error *err);
/* The same on a file, mapped, with the guard on if flags has REEL_SOURCE_GUARD. */
REEL_API int reel_open_file(const char *path, unsigned source_flags, const reel_open_options *options,
                            reel_movie **out, reel_error *err);

REEL_API reel_movie *reel_movie_ref(reel_movie *movie);
/* Give the reference back; *movie becomes NULL. Packets that are out stay valid. */
REEL_API void reel_close(reel_movie **movie);

REEL_API reel_source *reel_movie_source(const reel_movie *movie); /* borrowed */

/*
 * See what was appended since (a recording that grows, a source that got longer), and forget what had been
 * cut at the old end. Sample numbers stay what they were; new ones follow. Safe beside readers. Gives REEL_OK
 * when there is more, REEL_END when there is not, REEL_E_SHRUNK when the file became shorter.
 */
REEL_API int reel_movie_refresh(reel_movie *movie, reel_error *err);

typedef struct reel_movie_info {
    uint32_t major_brand, minor_version; /* ftyp; 0 without one (QuickTime of old) */
    uint32_t brand_count;                /* reel_movie_brand(movie, i) */
    uint32_t timescale;                  /* mvhd; 0 when there is no movie box (still images) */
    uint64_t duration;                   /* mvhd, or mehd, or the longest track; in timescale; 0: unknown */
    uint64_t creation_time, modification_time; /* seconds since 1904-01-01 UTC; 0: unset */
    uint64_t moov_offset, moov_size;     /* 0, 0 without one */
    uint64_t mdat_offset, mdat_size;     /* the first mdat */
    uint32_t mdat_count;                 /* top-level mdat boxes that open walked past: none behind the first moof */
    uint32_t fragmented;                 /* 1: mvex or a moof is there */
    /* 0 or 1. has_sidx: one was met so far. has_mfra: looked for at the end of the file each time that one asks;
       0 while those bytes are late (REEL_E_AGAIN) or cannot be read. */
    uint32_t has_sidx, has_mfra, has_meta_items, compressed;
} reel_movie_info;

REEL_API void reel_movie_get_info(const reel_movie *movie, reel_movie_info *out);
REEL_API uint32_t reel_movie_brand(const reel_movie *movie, size_t i); /* 0 past the last */

/* What is wrong with the file though it could be used, oldest first. REEL_END past the last. Never blocks. */
REEL_API int reel_movie_warning(const reel_movie *movie, size_t i, reel_error *out);

/* Tracks in file order; the pointers live as long as the movie. NULL when there is no such track. */
REEL_API size_t reel_movie_track_count(const reel_movie *movie);
REEL_API const reel_track *reel_movie_track(const reel_movie *movie, size_t i);
REEL_API const reel_track *reel_movie_track_by_id(const reel_movie *movie, uint32_t track_id);
/* The video track that a player would show (enabled first, then the first), or the audio track; NULL: none. */
REEL_API const reel_track *reel_movie_default_track(const reel_movie *movie, uint32_t type);
REEL_API reel_movie *reel_track_movie(const reel_track *track); /* borrowed */

typedef enum reel_track_type {
    REEL_TRACK_OTHER = 0,
    REEL_TRACK_VIDEO,    /* vide, pict, auxv */
    REEL_TRACK_AUDIO,    /* soun */
    REEL_TRACK_TEXT,     /* text, sbtl, subt, clcp, subp */
    REEL_TRACK_TIMECODE, /* tmcd */
    REEL_TRACK_META,     /* meta */
    REEL_TRACK_HINT,     /* hint */
} reel_track_type;

REEL_API const char *reel_track_type_name(uint32_t type); /* "video", "audio", ..., "other" */

enum {
    REEL_TRACK_ENABLED = 1 << 0,
    REEL_TRACK_IN_MOVIE = 1 << 1,
    REEL_TRACK_IN_PREVIEW = 1 << 2,
};

typedef struct reel_track_info {
    uint32_t id;              /* track_ID */
    uint32_t type;            /* reel_track_type */
    uint32_t handler;         /* hdlr handler_type */
    uint32_t flags;           /* REEL_TRACK_*, tkhd */
    uint32_t timescale;       /* mdhd; never 0: a 0 in the file is read as the movie's, else as 1 */
    uint32_t description_count;
    uint64_t media_duration;  /* mdhd, in timescale; 0: unknown */
    uint64_t duration;        /* tkhd, in the movie's timescale; 0: unknown */
    uint64_t creation_time, modification_time;
    int16_t layer, alternate_group, volume; /* volume 8.8 */
    uint16_t rotation;        /* degrees clockwise to show it upright: 0, 90, 180, 270; 0 for other matrices */
    uint16_t mirrored;        /* 1: flipped left to right after the rotation */
    uint16_t reserved;
    int32_t matrix[9];        /* tkhd: a b u c d v x y w; 16.16 and 2.30 */
    uint32_t width, height;   /* tkhd, 16.16: as shown */
    char language[16];        /* BCP 47 of elng, else ISO 639-2 of mdhd, else "und" */
    reel_span name;           /* hdlr name, or udta name; UTF-8; not terminated */
} reel_track_info;

REEL_API void reel_track_get_info(const reel_track *track, reel_track_info *out);
REEL_API uint32_t reel_track_id(const reel_track *track);
REEL_API uint32_t reel_track_timescale(const reel_track *track);

/*
 * The i-th track reference (tref, 8.3.3): its type ("chap", "cdsc", "sync", "auxl", ...) and the track_ID that
 * it names. REEL_END past the last.
 */
REEL_API int reel_track_reference(const reel_track *track, size_t i, uint32_t *type, uint32_t *track_id);

#ifdef __cplusplus
}
#endif
#endif
