/* SPDX-License-Identifier: BSD-2-Clause */
/* The boxes of a meta box that speak of items, found anew at each call: they lie in memory. */
#ifndef REEL_ITEM_ITEM_H
#define REEL_ITEM_ITEM_H

#include <reel/item.h>

#include "movie/movie.h"

/* The meta box that holds items: the file's, else the movie's. body NULL: none. */
reel__part reel__item_meta(const reel_movie *m);
/* A child of it, body before version and flags; false when there is none. */
bool reel__item_box(const reel_movie *m, uint32_t type, reel__part *out);

/* iinf: the i-th infe, body before version and flags. */
bool reel__infe(const reel_movie *m, size_t i, reel__part *out);
uint32_t reel__infe_id(const reel__part *infe);

/* iloc: where the record of an item lies. */
typedef struct reel__location {
    reel__reader extents; /* extent_count records */
    uint64_t base;
    uint32_t count, construction;
    uint8_t index_size, offset_size, length_size, base_size;
} reel__location;
bool reel__item_location(const reel_movie *m, uint32_t id, reel__location *out);
/* reel_item_extent, for an item whose record is known. */
int reel__item_place(const reel_movie *m, uint32_t id, reel__location l, size_t n, reel_range *out, reel_error *err);

/* The item that the n-th reference of that type from an item names, n from 0; false when there is none. */
bool reel__item_reference(const reel_movie *m, uint32_t id, uint32_t type, uint64_t n, uint32_t *to);

/* Properties, into out: ispe, irot, imir, the codec string. */
void reel__item_properties(const reel_movie *m, reel_item *out);

#endif
