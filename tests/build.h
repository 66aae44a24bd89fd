/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small films for tests, byte by byte: a buffer that grows, boxes that nest, and two calls that write a whole movie or
 * a fragment from tables. Nothing is checked: a test may write any nonsense it likes. No memory: the test ends.
 *
 *     b_buf b = {0};
 *     b_box(&b, "moov"); b_full(&b, "mvhd", 0, 0); b_u32(&b, 7); b_end(&b); b_end(&b);
 *     ...
 *     b_free(&b);
 */
#ifndef TESTS_BUILD_H
#define TESTS_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { B_DEPTH = 64 };

typedef struct b_buf {
    uint8_t *data;
    size_t size, room;
    size_t open[B_DEPTH]; /* where the boxes that are open begin */
    unsigned depth;
} b_buf;

void b_u8(b_buf *b, uint64_t v);
void b_u16(b_buf *b, uint64_t v);
void b_u24(b_buf *b, uint64_t v);
void b_u32(b_buf *b, uint64_t v);
void b_u64(b_buf *b, uint64_t v);
void b_bytes(b_buf *b, const void *p, size_t n);
void b_fill(b_buf *b, uint8_t v, size_t n);
void b_text(b_buf *b, const char *s); /* without the NUL */
void b_append(b_buf *b, const b_buf *more);
void b_free(b_buf *b);
void b_clear(b_buf *b); /* empty it, keep its room */

/* A box, a full box; b_end closes the innermost and writes its size. */
void b_box(b_buf *b, const char *type);
void b_full(b_buf *b, const char *type, unsigned version, uint32_t flags);
void b_end(b_buf *b);

/* Overwrite what is there already. */
void b_set8(b_buf *b, size_t at, uint8_t v);
void b_set32(b_buf *b, size_t at, uint32_t v);
void b_set64(b_buf *b, size_t at, uint64_t v);
uint32_t b_get32(const b_buf *b, size_t at);

/*
 * Where the box at path begins: "moov/trak[2]/mdia/minf/stbl/stsc". Fails the test when there is none. Goes into plain
 * containers, stsd and meta, and into nothing else.
 */
size_t b_find(const b_buf *b, const char *path);
/* The same, for the first byte behind size, type, version and flags. */
size_t b_body(const b_buf *b, const char *path);
/* Put n more bytes at `at`, and make the boxes on path longer by as much. Offsets of chunks are left as they are. */
void b_insert(b_buf *b, const char *path, size_t at, const void *p, size_t n);
/* Take the box at path out of its parents, by making a free box of it. */
void b_hide(b_buf *b, const char *path);

typedef struct b_run {
    uint32_t count, value; /* stts: sample_delta; ctts: sample_offset */
} b_run;

typedef struct b_chunks {
    uint32_t first_chunk, samples, description;
} b_chunks;

typedef struct b_edit {
    uint64_t duration;
    int64_t media_time;
    int32_t rate; /* 16.16 */
} b_edit;

/* A track of the movie box. What is 0 or NULL is left out, or what the comment says. */
typedef struct b_track {
    uint32_t id;            /* 0: its number, from 1 */
    const char *handler;    /* NULL: "vide" */
    uint32_t timescale;     /* 0: 1000 */
    const b_buf *entries;   /* the sample entries, box by box; NULL: b_visual_entry */
    uint32_t entry_count;   /* 0: 1 */
    const b_run *stts;
    uint32_t stts_n;
    const b_run *ctts;
    uint32_t ctts_n;
    unsigned ctts_version;
    const b_chunks *stsc;
    uint32_t stsc_n;
    const uint32_t *sizes;  /* NULL: all are uniform_size */
    uint32_t samples, uniform_size;
    unsigned stz2_bits;     /* 4, 8, 16: stz2; 0: stsz */
    const uint64_t *chunks; /* counted from the first byte in mdat */
    uint32_t chunk_n;
    bool co64;
    const uint32_t *stss;
    uint32_t stss_n;
    bool has_stss;          /* write stss even when it is empty */
    const uint32_t *stps;
    uint32_t stps_n;
    const uint8_t *sdtp;
    uint32_t sdtp_n;
    const b_edit *edits;
    uint32_t edit_n;
    bool wide_edits;
    const b_buf *more;      /* boxes at the end of stbl */
    const b_buf *trak_more; /* boxes at the end of trak */
} b_track;

typedef struct b_movie {
    uint32_t timescale;  /* 0: 1000 */
    const b_track *track;
    uint32_t tracks;
    bool moov_last, no_ftyp;
    bool fragmented;     /* mvex with a trex for each track */
    const void *media;   /* what mdat holds; NULL: media_size bytes that count up */
    size_t media_size;   /* 0 with media NULL: no mdat */
    const b_buf *more;   /* boxes at the end of moov */
} b_movie;

void b_film(b_buf *b, const b_movie *movie);
/* Where mdat's first byte is in a film that b_film has written at the start of b. */
size_t b_media_at(const b_buf *b);
/* The last n bytes become samples of 10 bytes with one NAL unit each, of H.264; what is behind their heads stays. */
void b_units(b_buf *b, size_t n);

/* Sample entries: avc1 with avcC; any video or audio entry, left open for boxes. */
void b_visual_entry(b_buf *b);
void b_video(b_buf *b, const char *type, uint16_t width, uint16_t height);
void b_audio(b_buf *b, const char *type, uint16_t channels, uint32_t rate);

typedef struct b_entry {
    uint32_t duration, size, flags;
    int32_t offset;
} b_entry;

enum { B_DURATION = 0x100, B_SIZE = 0x200, B_FLAGS = 0x400, B_OFFSET = 0x800, B_DATA = 1, B_FIRST_FLAGS = 4 };
enum { B_SYNC = 0x2000000, B_NON_SYNC = 0x1010000 }; /* sample flags */

typedef struct b_trun {
    uint32_t flags;        /* B_*: with B_DATA, data_offset is made to point at media_at */
    uint32_t first_flags;
    const b_entry *entries;
    uint32_t count;
    int64_t media_at;      /* in this fragment's mdat */
} b_trun;

typedef struct b_traf {
    uint32_t track_id;     /* 0: 1 */
    uint32_t flags;        /* tfhd: 1 base, 2 description, 8 duration, 0x10 size, 0x20 flags, 0x20000 base is moof */
    uint32_t description, duration, size, sample_flags;
    bool has_tfdt;
    uint64_t tfdt;
    const b_trun *runs;
    uint32_t run_n;
    const b_buf *more;     /* boxes at the end of traf */
} b_traf;

/* A moof with these trafs, and an mdat of media_size bytes that count up. With tfhd flag 1 the base is mdat's body. */
void b_fragment(b_buf *b, uint32_t sequence, const b_traf *trafs, uint32_t n, size_t media_size);

typedef struct b_reference {
    uint32_t size, duration;
    bool index; /* it is another sidx */
} b_reference;
void b_sidx(b_buf *b, uint32_t id, uint32_t timescale, uint64_t start, uint64_t first_offset, const b_reference *refs,
            uint32_t n);

typedef struct b_place {
    uint64_t time, moof;
} b_place;
/* mfra with one tfra, and mfro. */
void b_mfra(b_buf *b, uint32_t id, const b_place *places, uint32_t n);

/* Random numbers that are the same on every machine. */
uint64_t b_random(uint64_t *state);
uint32_t b_below(uint64_t *state, uint32_t n); /* 0 to n - 1 */

#endif
