/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registry: one const table per container; the tables are the format's tree. A row names a box, its clause, its
 * highest version, what it holds, and (for the movie's skeleton) the slot that open keeps it in.
 */
#ifndef REEL_BOX_REGISTRY_H
#define REEL_BOX_REGISTRY_H

#include <reel/box.h>

typedef struct reel__container reel__container;

enum {
    REEL__FULL = 1 << 0,     /* version and flags */
    REEL__MANY = 1 << 1,     /* may stand more than once in its parent */
    REEL__OPEN = 1 << 2,     /* reel_open goes into it */
    REEL__META_QT = 1 << 3,  /* meta: full box in ISO files, plain in QuickTime; looked at, not believed */
    REEL__ENTRY_VIDEO = 1 << 4,  /* a VisualSampleEntry: boxes behind 78 bytes */
    REEL__ENTRY_AUDIO = 1 << 5,  /* an AudioSampleEntry: behind 28, or 44 / 28+36 for QuickTime versions 1 / 2 */
    REEL__ZERO_END = 1 << 6, /* QuickTime: children may end with four zero bytes (udta) */
    REEL__ENTRY_OTHER = 1 << 7,  /* any other sample entry: boxes, if any, behind skip bytes */
    REEL__SKIP_LONG = 1 << 8,    /* two bytes more to skip from version 1 on (iinf) */
    REEL__TEXTS_2 = 1 << 9,      /* behind skip bytes stand two texts, each up to its NUL, then the children */
    REEL__TEXTS_3 = 1 << 10,     /* or three */
    REEL__TEXTS_ANY = 1 << 11,   /* or none to three: looked at, since a protected entry does not say */
    REEL__ENTRY = REEL__ENTRY_VIDEO | REEL__ENTRY_AUDIO | REEL__ENTRY_OTHER,
};

/* The row of a container that fits every type without one of its own: items of ilst, references of tref. */
#define REEL__ANY REEL_4CC('*', '*', '*', '*')

/*
 * fields: what the body holds, after version and flags, for reel_box_fields. Words, separated by a space:
 *   N:name      unsigned of N bits, 1 to 64 (bits are taken from the highest); iN:name signed, tN:name a date
 *   v:name      unsigned 32 bits in version 0, 64 above; iv signed, tv a date
 *   f16.16:name f8.8: f2.30:   fixed point, signed; u16.16: unsigned; d64: an IEEE double, d32: a float
 *   4cc:name    b16:name (16 bytes)  rest:name (bytes to the end)  text:name (text to the end)
 *   z:name      text up to NUL     p:name   text behind an 8-bit length     q:name   either, looked at
 *   cN:name     text behind an 8-bit length in a space of N bytes, that length included
 *   langp:name  packed ISO 639-2, three letters in 15 bits behind one pad bit
 *   $E:name     unsigned of E bits     =E:name  E bytes     "E:name  E bytes of text
 *   [E word word ...]   a table of E rows; [* ...] rows to the end of the box; tables may stand in tables
 *   {word word ...}     several words as one
 * E is a number or the name of a field before, and then +N -N or *N, worked off from left to right.
 * N is decimal, 0x and hexadecimal, or a fourcc. The name - stands for reserved bits: taken, not shown. A word
 * counts only when all that stands before it holds:
 *   ?F:   full_flags & 0xF (hexadecimal)    !F:   not that
 *   @N:   version >= N    @=N: version == N    ^N: the parent's version >= N    ^=N: the parent's version == N
 *   <E=N: E is N          <E>N: E is above N   (false when E has not been read)
 * A body that ends between two words outside tables is whole: old files leave the last fields out.
 */
typedef struct reel__row {
    const char *text;                /* name NUL clause NUL fields; see reel__row_name and friends */
    const reel__container *children; /* NULL: a leaf */
    uint32_t type;
    unsigned form : 12;     /* REEL__FULL, ... */
    unsigned skip : 8;      /* bytes of body (behind version and flags) before the children */
    unsigned slot : 6;      /* reel__slot; 0: none */
    signed max_version : 4; /* -1: not a full box */
} reel__row;

struct reel__container {
    const char *name; /* of the boxes that hold these rows: a fourcc, "-" for the top, "*" for everywhere, or a
                         class of boxes such as VisualSampleEntry */
    const reel__row *rows;
    uint16_t count;
};

const char *reel__row_name(const reel__row *row);
const char *reel__row_clause(const reel__row *row);
/* "" when the body is not described. */
const char *reel__row_fields(const reel__row *row);

extern const reel__container reel__top;

/* The row of type in container, NULL when it has none. free, skip, wide and uuid are known everywhere. */
const reel__row *reel__row_find(const reel__container *container, uint32_t type);

/* The tables of containers that are read by name. */
extern const reel__container reel__stsd_children, reel__dref_children, reel__udta_children, reel__mvex_children,
    reel__moof_children, reel__traf_children, reel__mfra_children;

/* The row of type in a container of that fourcc: where several tables go by one name, the one that has type. */
const reel__row *reel__row_under(uint32_t parent, uint32_t type);

/* All rows, one after the other, and the table that each stands in; NULL past the last. */
const reel__row *reel__row_at(size_t i, const reel__container **container);

/* The row of a uuid box that is known by its 16 bytes, or NULL. */
const reel__row *reel__row_uuid(const uint8_t uuid[16]);

/* Do these 8 bytes look like the header of a box with room bytes, itself included, left for it? */
bool reel__box_plausible(const uint8_t *header, uint64_t room);

/* Does the body of a meta box begin with a box? Then it is QuickTime's, without version and flags. */
bool reel__meta_plain(const uint8_t *body, uint64_t size);

/*
 * Bytes of body before the boxes of a sample entry (REEL__ENTRY forms, without REEL__TEXTS); body is that of the
 * entry, or its first 72 bytes; size is that of the whole body.
 */
size_t reel__entry_skip(const reel__row *row, const uint8_t *body, uint64_t size);

/*
 * What open remembers of a trak, by slot; the path is for messages. Slots from REEL__MOVIE on belong to the movie.
 */
#define REEL__TRACK_SLOTS(X)                                                                                  \
    X(TRAK, "")                                                                                               \
    X(TKHD, "tkhd")                                                                                           \
    X(TREF, "tref")                                                                                           \
    X(ELST, "edts/elst")                                                                                      \
    X(UDTA, "udta")                                                                                           \
    X(META, "meta")                                                                                           \
    X(TAPT, "tapt")                                                                                           \
    X(MDHD, "mdia/mdhd")                                                                                      \
    X(HDLR, "mdia/hdlr")                                                                                      \
    X(ELNG, "mdia/elng")                                                                                      \
    X(GMHD, "mdia/minf/gmhd")                                                                                 \
    X(DREF, "mdia/minf/dinf/dref")                                                                            \
    X(STBL, "mdia/minf/stbl")                                                                                 \
    X(STSD, "mdia/minf/stbl/stsd")                                                                            \
    X(STTS, "mdia/minf/stbl/stts")                                                                            \
    X(CTTS, "mdia/minf/stbl/ctts")                                                                            \
    X(CSLG, "mdia/minf/stbl/cslg")                                                                            \
    X(STSC, "mdia/minf/stbl/stsc")                                                                            \
    X(STSZ, "mdia/minf/stbl/stsz")                                                                            \
    X(STZ2, "mdia/minf/stbl/stz2")                                                                            \
    X(STCO, "mdia/minf/stbl/stco")                                                                            \
    X(CO64, "mdia/minf/stbl/co64")                                                                            \
    X(STSS, "mdia/minf/stbl/stss")                                                                            \
    X(STPS, "mdia/minf/stbl/stps")                                                                            \
    X(SDTP, "mdia/minf/stbl/sdtp")

#define REEL__MOVIE_SLOTS(X)                                                                                  \
    X(MVHD, "moov/mvhd")                                                                                      \
    X(MOVIE_UDTA, "moov/udta")                                                                                \
    X(MOVIE_META, "moov/meta")                                                                                \
    X(MVEX, "moov/mvex")                                                                                      \
    X(MEHD, "moov/mvex/mehd")                                                                                 \
    X(CMOV, "moov/cmov")

typedef enum reel__slot {
    REEL__SLOT_NONE = 0,
#define REEL__SLOT_ENUM(name, path) REEL__##name,
    REEL__TRACK_SLOTS(REEL__SLOT_ENUM)
    REEL__TRACK_SLOT_END,
    REEL__MOVIE_SLOT_BEGIN = REEL__TRACK_SLOT_END - 1,
    REEL__MOVIE_SLOTS(REEL__SLOT_ENUM)
#undef REEL__SLOT_ENUM
    REEL__SLOT_END,
} reel__slot;

#endif
