/* SPDX-License-Identifier: BSD-2-Clause */
/* The boxes of a meta box that speak of items. */
#ifndef REEL_ITEM_ITEM_H
#define REEL_ITEM_ITEM_H

#include <reel/item.h>

#include "movie/movie.h"

/* The meta box that holds items: the file's, else the movie's. body NULL: none. */
reel__part reel__item_meta(const reel_movie *m);
/* What speaks of items in it, bodies before version and flags; body NULL: there is none. */
typedef struct reel__item_boxes {
    reel__part iinf, iloc, ipco, iprp, iref, pitm, idat;
} reel__item_boxes;
void reel__find_item_boxes(const reel_movie *m, reel__item_boxes *out);

enum { REEL__MOST_ITEMS = 65535 };
uint32_t reel__infe_id(const reel__part *infe);

/* iloc: where the data of an item lie. */
typedef struct reel__location {
    reel__reader extents; /* count records */
    uint64_t base;
    uint32_t count, construction;
    uint8_t index_size, offset_size, length_size, base_size;
} reel__location;
/* iloc from its start: r stands before the first of n records, l knows their sizes. false: there is none, or its sizes
 * are impossible. */
bool reel__iloc_begin(const reel_movie *m, const reel__part *iloc, reel__reader *r, reel__location *l, uint32_t *n);
/* The next record, which lies at *p behind its id. false: no more can be read; this one still counts unless r->bad. */
bool reel__iloc_next(const reel_movie *m, const reel__part *iloc, reel__reader *r, reel__location *l, uint32_t *id,
                     const uint8_t **p);
/* REEL_END: iloc has no such item. */
int reel__item_location(const reel_movie *m, uint32_t id, reel__location *out, reel_error *err);
/* reel_item_extent, for an item whose record is known. */
int reel__item_place(const reel_movie *m, uint32_t id, reel__location l, size_t n, reel_range *out, reel_error *err);

/* The item that the n-th reference of that type from an item names, n from 0; REEL_END when there is none. */
int reel__item_reference(const reel_movie *m, uint32_t id, uint32_t type, uint64_t n, uint32_t *to, reel_error *err);

/* Properties, into out: ispe, irot, imir, auxC, pixi, colour, the codec string. */
int reel__item_properties(const reel_movie *m, reel_item *out, reel_error *err);

#endif
