/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The directory of items: where each record about an item lies in the boxes of meta, so that no question about one item
 * walks through all of them. Built by the first who asks, published whole, immutable after.
 *
 *   list      from    id              p                                   first
 *   NUMBERED  iinf    number from 0   the infe                            -
 *   NAMED     iinf    item            the infe                            -
 *   LOCATED   iloc    item            the record, behind the id           -
 *   ASSOCIATED ipma   item            the first association               associations of that item before these
 *   REFERRING iref    item            the first target                    references from that item before these
 *   PROPERTY  ipco    number from 1   the box                             -
 */
#ifndef REEL_ITEM_DIRECTORY_H
#define REEL_ITEM_DIRECTORY_H

#include "item/item.h"

typedef enum reel__list {
    REEL__NUMBERED, REEL__NAMED, REEL__LOCATED, REEL__ASSOCIATED, REEL__REFERRING, REEL__PROPERTY, REEL__LISTS
} reel__list;

typedef struct reel__record {
    uint64_t first;
    const uint8_t *p;
    uint32_t id;
    uint32_t count; /* of associations or targets that are there */
    uint32_t type;  /* of references */
    bool wide;      /* each has 2 bytes (ipma), 4 bytes (iref) instead of 1, 2 */
} reel__record;

/* Records of list with that id, in the order of the file; *n says how many. REEL_OK or REEL_E_NOMEM. */
int reel__records(const reel_movie *m, reel__list list, uint32_t id, const reel__record **out, size_t *n, reel_error *err);

/* Among n records of one id the one that holds the k-th association or reference, or NULL. */
const reel__record *reel__record_with(const reel__record *r, size_t n, uint64_t k);

/* The boxes that the records lie in; NULL when there is no memory, which reel__records has said before. */
const reel__item_boxes *reel__boxes_of_items(const reel_movie *m);

/* The infe boxes of iinf. */
reel__children reel__item_entries(const reel__part *iinf);
bool reel__next_infe(reel__children *c, reel__part *out);

#endif
