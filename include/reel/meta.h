/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/meta.h: what people wrote about the film: ilst, keys, udta, chapters, cover art. Plus the views on
 * protection (ISO/IEC 23001-7) and sample groups (ISO/IEC 14496-12 8.9).
 */
#ifndef REEL_META_H
#define REEL_META_H

#include <reel/sample.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum reel_value_kind {
    REEL_VALUE_BYTES = 0,
    REEL_VALUE_TEXT = 1,   /* UTF-8; UTF-16 and MacRoman where the file says so are marked in encoding */
    REEL_VALUE_INT = 2,    /* number */
    REEL_VALUE_FLOAT = 3,  /* real */
    REEL_VALUE_IMAGE = 4,  /* bytes; type tells which: 13 JPEG, 14 PNG, 27 BMP */
    REEL_VALUE_PAIR = 5,   /* number of total: trkn, disk */
} reel_value_kind;

typedef struct reel_tag {
    uint32_t fourcc;     /* ilst or udta type: "\251nam", "covr", "trkn"; 0 with a keys entry */
    uint32_t kind;       /* reel_value_kind */
    char key[96];        /* "title", "artist", ...; the key of keys; "mean:name" of ---- ; else the fourcc */
    reel_span value;     /* as it lies in the file */
    int64_t number, total;
    double real;
    uint32_t type;       /* well-known type of the data atom; 0 elsewhere */
    uint32_t encoding;   /* of text: reel_encoding, for reel_text_init */
    char language[16];   /* of a udta string; "" elsewhere */
    uint64_t offset;     /* of the box */
} reel_tag;

/*
 * The tags of a movie (track NULL), or of a track (movie may be NULL), one by one; REEL_END behind the last. Damaged ones
 * are left out. Lives on the stack and needs no close; fields are private.
 */
typedef struct reel_tag_iter {
    const reel_movie *movie;
    const reel_track *track;
    reel_span keys;
    uint32_t root, depth, given;
    struct reel_tag_level {
        const uint8_t *body, *p, *end;
        uint64_t offset, box; /* of p, of the box */
        uint32_t type, what;
    } level[3];
} reel_tag_iter;
REEL_API int reel_tag_iter_init(reel_tag_iter *iter, const reel_movie *movie, const reel_track *track);
REEL_API int reel_tag_next(reel_tag_iter *iter, reel_tag *out);

/* The i-th of them, for who wants just one: it goes through those before it. */
REEL_API int reel_movie_tag(const reel_movie *movie, size_t i, reel_tag *out);
REEL_API int reel_track_tag(const reel_track *track, size_t i, reel_tag *out);

/*
 * Chapters: of the track that a 'chap' reference names (its samples are the titles), else of chpl; of chpl too
 * where that track has no samples, or its first cannot be read.
 * start is in timescale, in the presentation. REEL_END past the last. title is UTF-8 or UTF-16BE with BOM.
 */
typedef struct reel_chapter {
    int64_t start, duration; /* duration -1: unknown */
    uint32_t timescale;
    uint32_t track_id;       /* 0: chpl */
    reel_span title;
    reel_ref *ref;           /* keeps title alive; give it back with reel_ref_drop; may be NULL */
} reel_chapter;
REEL_API int reel_movie_chapter(const reel_movie *movie, size_t i, reel_chapter *out, reel_error *err);

/*
 * pssh boxes of the movie and of fragments scanned so far. REEL_END past the last; REEL_E_TABLE when this one is damaged:
 * go on with the next.
 */
typedef struct reel_pssh {
    uint8_t system_id[16];
    const uint8_t *kids;  /* kid_count times 16 bytes */
    uint32_t kid_count;
    reel_span data;
    reel_span box;        /* the whole box */
} reel_pssh;
REEL_API int reel_movie_pssh(const reel_movie *movie, size_t i, reel_pssh *out);

/*
 * How one sample is encrypted: from senc, PIFF's uuid box, or saiz/saio, with the seig sample group over tenc.
 * REEL_END: it is clear. Subsamples lie in the file: pairs of 16-bit clear and 32-bit protected byte counts,
 * big-endian, subsample_count times 6 bytes; NULL: all of it is protected.
 * REEL_E_TABLE where senc and saiz disagree or end too early, or nothing gives an initialization vector;
 * REEL_E_UNSUPPORTED where the scheme has no tenc, no seig and no senc (FairPlay's itun, Adobe's adkm).
 */
typedef struct reel_sample_crypto {
    uint8_t kid[16];
    uint8_t iv[16];
    uint8_t iv_size, crypt_blocks, skip_blocks, constant; /* constant: iv comes from tenc or seig */
    uint32_t scheme;
    uint32_t subsample_count;
    const uint8_t *subsamples;
} reel_sample_crypto;
REEL_API int reel_track_sample_crypto(const reel_track *track, const reel_sample *sample,
                                      reel_sample_crypto *out, reel_error *err);

/*
 * Sample groups: which group of type (grouping_type: "roll", "rap ", "seig", "tele", ...) a sample is in.
 * group: group_description_index, 0: in none. entry: the sgpd entry's bytes, empty when there is none.
 */
REEL_API int reel_track_sample_group(const reel_track *track, const reel_sample *sample, uint32_t type,
                                     uint32_t *group, reel_span *entry, reel_error *err);
/* The i-th grouping type of the track's stbl; REEL_END past the last. */
REEL_API int reel_track_group_type(const reel_track *track, size_t i, uint32_t *type, uint32_t *descriptions);

#ifdef __cplusplus
}
#endif
#endif
