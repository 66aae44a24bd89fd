/* SPDX-License-Identifier: BSD-2-Clause */
/* What HLS and DASH say of a film in different words: entries of playlists, bit rates, names. Nothing walks samples. */
#ifndef REEL_WRITE_PLAYLIST_H
#define REEL_WRITE_PLAYLIST_H

#include <reel/codec.h>

#include "write/stream.h"

enum {
    REEL__MOST_ENTRIES = 1 << 17, /* of a playlist: 36 hours of segments of a second */
    REEL__MOST_IDLE = 4096,       /* segments, or I pictures, shown no later than the one before, or not to be had */
    REEL__MOST_LOST = 1 << 14,    /* segments that cannot be had; behind so many a playlist ends: 27 hours of them */
    REEL__MOST_STREAMS = 128,     /* of a rendition; more tracks than that are left out */
    REEL__MOST_LOOKUPS = 1 << 20, /* for the bit rates of one document; what is behind them is not measured */
};

/* ---- a track as one file: write/stream_file.c ---- */

struct reel_stream_file {
    reel_allocator alloc;
    const reel_track *track;
    int64_t target;          /* of the segmenter */
    unsigned flags;
    reel_plan *plan;
    uint64_t init, first;    /* where the init segment ends; where the index ends and the segments begin */
    uint64_t *end;           /* of each segment */
    size_t count;
};

/* The file that options have of that track, of that kind; NULL: none. */
const reel_stream_file *reel__file_of(const reel_playlist_options *o, const reel_track *track, unsigned flags);
const char *reel__file_name(const reel_stream_file *file);

/* options, with what an older caller's shorter structure lacks. false: it is none. */
bool reel__playlist_options(const reel_playlist_options *options, reel_playlist_options *out);

/* ---- entries ---- */

enum { REEL__MOST_WALKS = 3 }; /* muxed: two */

typedef struct reel__entry {
    int64_t time, end;   /* end: the time of the next one; of the last: when what is shown last ends */
    uint64_t first, stop; /* samples; 0, 0 where entries are those of the reference */
} reel__entry;

/*
 * The segments of one track by the times of its portions, of several or of text by those of the reference. A segment
 * with nothing of them, and one that begins no later than the one before, is left out: that one lasts longer. live: the
 * last one is held back, and where one is not all there yet it ends. REEL_SEGMENTER_READABLE: what cannot be had is nothing, nor
 * what its time would not lead to; and the last one ends where its samples do.
 */
typedef struct reel__entries {
    const reel_segmenter *s;
    const reel_track *const *tracks;
    size_t n;
    uint32_t timescale; /* of the times */
    bool by_segment, live, begun;
    bool readable, check_names;
    bool met;           /* by text: its film */
    bool torn;          /* what is at segment is not all there */
    reel__crypto_walk walk[REEL__MOST_WALKS]; /* of each track, as far as there are as many */
    bool encrypted[REEL__MOST_WALKS];
    reel_segment segment;
    reel__entry ahead;
    int code;       /* of ahead */
    uint32_t count, idle, lost; /* how many were given; were left out for their time; cannot be had */
} reel__entries;

void reel__entries_init(reel__entries *e, const reel_segmenter *s, const reel_track *const *tracks, size_t n, bool live);
int reel__entries_next(reel__entries *e, reel__entry *out, reel_error *err); /* REEL_END behind the last */

/* When the last entry of that track is over, in its time line; O(segments) where it has to be looked what is there. */
int64_t reel__end_of_film(const reel_segmenter *s, const reel_track *track);

/* The I pictures of a video track, in order of presentation, at most four a second. */
typedef struct reel__keys {
    const reel_segmenter *s;
    const reel_track *track;
    int64_t shift, gap;
    uint64_t count, next; /* samples */
    bool live, begun;
    bool readable, encrypted, check_names;
    reel__crypto_walk walk;
    int64_t lost;       /* time of the first one passed over, since it cannot be had; INT64_MAX: none was */
    reel_sample ahead;
    int code;
    uint32_t lookups;
} reel__keys;

typedef struct reel__key {
    int64_t time, end;
    uint32_t size;
} reel__key;

int reel__keys_init(reel__keys *k, const reel_segmenter *s, const reel_track *track, bool live, reel_error *err);
int reel__keys_next(reel__keys *k, reel__key *out, reel_error *err);

/* Microseconds between two times, each rounded by itself, so that sums of them never drift. */
uint64_t reel__micros(int64_t time, int64_t end, uint32_t timescale);

/* ---- bit rates ---- */

typedef struct reel__rate {
    uint64_t peak, average; /* bits a second: RFC 8216 4.3.4.2 */
    uint64_t micros;        /* how long it is */
    bool nothing;           /* there is no segment at all */
} reel__rate;

int reel__measure(const reel_segmenter *s, const reel_track *track, const reel_allocator *alloc, uint32_t *lookups,
                  reel__rate *out, reel_error *err);
int reel__measure_keys(const reel_segmenter *s, const reel_track *track, const reel_allocator *alloc, uint32_t *lookups,
                       reel__rate *out, reel_error *err);

/* ---- tracks ---- */

typedef struct reel__stream {
    const reel_track *track;
    const reel_segmenter *segmenter;
    const char *prefix;
    size_t rendition;
    bool text;   /* comes as WebVTT */
    bool forced; /* text: shown to everybody */
    reel_track_info info;
    reel_description d;
    reel_protection protection; /* of the first description that is protected; scheme 0: none is */
    char codecs[192];   /* of all its descriptions, with commas */
    char family[16];    /* "aac", "ec-3", ... */
    char language[36];  /* BCP 47; "": unknown */
    char name[96];      /* for people, from the track's name or its language; without " and controls */
    uint32_t width, height; /* as shown: pixel aspect, clean aperture, rotation */
    reel_rational fps;  /* 0/0: unknown */
    reel__rate rate, keys; /* keys.micros 0: it has no I pictures */
    size_t member;      /* for who makes groups */
} reel__stream;

/*
 * All that the renditions are there as: video, sound, text in this order, each rendition by rendition. keys: measure the I
 * pictures too. Free with reel__free.
 */
int reel__streams_of(const reel_rendition *renditions, size_t n, bool keys, const reel_allocator *alloc,
                     reel__stream **out, size_t *count, reel_error *err);

/* Of several descriptions all codecs, each once; to is extended. */
void reel__add_codecs(char *to, size_t size, const char *codecs);
/* The BCP 47 tag for what a file or caller says; "" for what is none, and for und. */
void reel__language(const char *said, char out[36]);
/* "English"; the tag itself where it is not known. */
const char *reel__language_name(const char *tag);
/* One line that may stand in quotes: without " and controls, shortened to the room. */
void reel__plain_text(reel_span text, char *out, size_t size);
/* A URI as it is, but for characters that may not be in one. */
void reel__put_uri(reel__out *o, const char *uri);

/* ---- protection ---- */

/* The first description that is protected; false: all are clear. */
bool reel__protection_of(const reel_track *track, reel_protection *out);
/* The i-th pssh of the movie that is for this key, from 0 on; REEL_END past the last. i is moved behind it. */
struct reel_pssh;
int reel__next_pssh(const reel_movie *movie, const reel_protection *p, size_t *i, struct reel_pssh *out);
/* HLS's word for the scheme; NULL: it has none. */
const char *reel__key_method(const reel_protection *p);
/* A line of a playlist: the key of p, from the system that wrote pssh. */
void reel__put_key(reel__out *o, const char *tag, const char *method, const reel_protection *p, const struct reel_pssh *pssh);
void reel__put_base64(reel__out *o, reel_span bytes);
void reel__put_uuid(reel__out *o, const uint8_t id[16]);

#endif
