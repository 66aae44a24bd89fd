/* SPDX-License-Identifier: BSD-2-Clause */
/* A box that lies in memory, and the walk over the children of one. Used wherever boxes are read, not shown. */
#ifndef REEL_BOX_PART_H
#define REEL_BOX_PART_H

#include "base/bytes.h"
#include "box/registry.h"

typedef struct reel__part {
    const uint8_t *body; /* behind the header, and behind version and flags where row says full; NULL: not there */
    size_t size;         /* of body */
    uint64_t offset;     /* of the box in the source (in the inflated moov: in that) */
    uint32_t type;
    uint32_t flags;      /* full box flags */
    uint8_t version;
    uint8_t header;      /* bytes between offset and body */
    bool cut;            /* its size went past its parent */
    const uint8_t *uuid; /* 16 bytes of a uuid box, else NULL */
    uint8_t lead[8];     /* in parts that the skeleton keeps: how body begins, as far as there is any, else 0 */
} reel__part;

/* Children of a container in memory, one by one. */
typedef struct reel__children {
    const uint8_t *p, *end;
    uint64_t offset;                /* of p in the source */
    const reel__container *table;   /* says which children are full boxes; NULL: none is taken as full */
    bool zero_end;
} reel__children;

/* The boxes in data, which lies at offset in the source. */
reel__children reel__children_of(const uint8_t *data, size_t size, uint64_t offset, const reel__container *table);
/* The boxes in the body of part, whose registry row (for skip and table) is row. */
reel__children reel__children_in(const reel__part *part, const reel__row *row);

/*
 * Next child, or false at the end or where the bytes stop making sense (less than a header left; a size below its
 * header: then *broken, which may be NULL, is set to the offset of that place). A size that goes past the end
 * is cut, and part->cut set.
 */
bool reel__children_next(reel__children *c, reel__part *part, uint64_t *broken);

/*
 * The same for a caller who has seen the first bytes of the child elsewhere (REEL__HEAD of them, or as many as are left):
 * what lies at c->p is not touched, and lead is filled.
 */
enum { REEL__HEAD = 48 }; /* size, long size, uuid, version and flags, and 8 bytes of the body */
static inline size_t reel__children_head(const reel__children *c)
{
    size_t left = (size_t)(c->end - c->p);
    return left < REEL__HEAD ? left : REEL__HEAD;
}
bool reel__children_next_seen(reel__children *c, const uint8_t *seen, reel__part *part, uint64_t *broken);

/* The first child of that type, or false. */
bool reel__child(const reel__part *part, const reel__row *row, uint32_t type, reel__part *out);
bool reel__child_of(const uint8_t *data, size_t size, uint64_t offset, const reel__container *table, uint32_t type,
                    reel__part *out);

static inline reel__reader reel__part_reader(const reel__part *part) { return reel__read(part->body, part->size); }

#endif
