/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is whole in a damaged file of fragments, whatever stands between:
 *
 *     ftyp moov | moof mdat | ?????? | styp moof mdat | moof md
 *               ' shard[0]  '        ' shard[1]       ' torn
 *
 * One pass from box to box. Where that leads nowhere, the next moof (or moov) is looked for byte by byte, from behind
 * the header of the box that led there on, since its size may be what is damaged: each byte is looked at once at most.
 */
#ifndef REEL_WRITE_WRECK_H
#define REEL_WRITE_WRECK_H

#include "box/part.h"
#include "movie/movie.h"

enum { REEL__WRECK_MOOVS = 8 };

/* A moof, whole, and what belongs to it: styp, prft and emsg in front, mdat boxes behind. */
typedef struct reel__shard {
    uint64_t begin, moof, behind; /* where what belongs to it begins, the moof, and what follows that */
    uint64_t mdat, end;           /* where the first mdat begins, and the last ends */
    uint64_t reach;  /* how far the media may go, if mdat is longer than it says; 0: no further than end */
    uint8_t mdat_header; /* bytes of the first one's */
    bool torn;       /* the file ends within its mdat: always the last one */
    bool resized;    /* mdat has another size than it says: up to end */
    bool bad;        /* for who looks into the moof */
    bool has_base;   /* for who puts it elsewhere: it counts from the start of the file; by how much that is wrong; */
    uint64_t shift;
    uint64_t at;     /* where moof is there */
} reel__shard;

typedef struct reel__wreck {
    reel_source *source;
    reel_allocator alloc;
    uint64_t size;       /* of the file */
    uint64_t clean;      /* up to here box follows box, all are whole, and ftyp and moov are there once */
    reel_range ftyp;     /* the first one; size 0: none */
    reel_range moov[REEL__WRECK_MOOVS]; /* whole ones, in the order in which they stand */
    size_t moovs;
    reel_range sidx;     /* the first whole one; size 0: none */
    reel__shard *shard;
    size_t shards, room;
    bool gap;            /* something behind clean is whole */
    bool torn;           /* the file ends within a fragment */
} reel__wreck;

/* Free it also when this fails. */
int reel__wreck_look(reel__wreck *w, reel_source *source, const reel_allocator *alloc, reel_error *err);
void reel__wreck_free(reel__wreck *w);

/* Could that be the name of a box that nobody told us of? */
bool reel__wreck_is_name(uint32_t type);
/* Is there a moov at that place, whole, with the box that it begins with: mvhd? */
bool reel__wreck_is_moov(reel_source *source, uint64_t at);

#endif
