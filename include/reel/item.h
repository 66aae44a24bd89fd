/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/item.h: still images: the items of a meta box. ISO/IEC 14496-12 8.11, ISO/IEC 23008-12 (HEIF), AVIF.
 * Nothing is decoded here.
 */
#ifndef REEL_ITEM_H
#define REEL_ITEM_H

#include <reel/movie.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_item {
    uint32_t id;
    uint32_t type;          /* "av01", "hvc1", "grid", "Exif", "mime", ...; 0: infe version 0 or 1 */
    uint32_t primary;       /* 1: pitm names it */
    uint32_t hidden;        /* 1: infe flags bit 0 */
    uint32_t protected_;    /* item_protection_index, 0: clear */
    uint32_t extent_count;
    uint32_t property_count;
    uint32_t construction;  /* iloc construction_method: 0 file, 1 idat, 2 item */
    uint64_t size;          /* bytes of all extents that lie in the file */
    uint32_t width, height; /* ispe; 0: not said */
    uint16_t rotation;      /* irot, degrees anticlockwise */
    uint16_t mirror;        /* imir: 0 none, 1 about a vertical axis, 2 about a horizontal one */
    uint32_t grid_rows, grid_columns, grid_width, grid_height; /* type grid; else 0 */
    char codec[64];         /* RFC 6381 where the item is coded; else "" */
    reel_span name;         /* infe item_name */
    reel_span content_type; /* infe of type mime */
    reel_span auxiliary_type; /* auxC: "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", ...; no NUL; empty without */
    reel_span icc;          /* colr prof/rICC; empty without */
    uint32_t channels;      /* pixi: how many components; 0: not said */
    uint32_t bit_depth;     /* of the deepest component: pixi, else the configuration; 0: unknown */
    uint16_t colour_primaries, transfer, matrix; /* colr nclx, else the configuration; 2: unspecified */
    uint8_t full_range, colour_known; /* colour_known 0: nothing says it */
    uint16_t max_cll, max_fall; /* clli, cd/m2 */
    uint32_t has_clli, has_mdcv; /* 1: there is such a property; reel_item_property_get gives the bytes of mdcv */
} reel_item;

REEL_API size_t reel_movie_item_count(const reel_movie *movie);
/* The i-th item in the order of iinf; REEL_E_RANGE past the last. */
REEL_API int reel_movie_item(const reel_movie *movie, size_t i, reel_item *out, reel_error *err);
REEL_API int reel_movie_item_by_id(const reel_movie *movie, uint32_t id, reel_item *out, reel_error *err);

/* The n-th property of an item (ipma order): its box and whether it is essential. REEL_END past the last. */
typedef struct reel_item_property {
    uint32_t type;
    uint32_t essential;
    uint32_t index;   /* in ipco, from 1 */
    uint64_t offset;  /* of the box */
    reel_span body;   /* behind the 8 byte header */
} reel_item_property;
REEL_API int reel_item_property_get(const reel_movie *movie, uint32_t id, size_t n, reel_item_property *out);

/* The n-th reference from an item (iref): type ("dimg", "auxl", "thmb", "cdsc") and target. REEL_END past. */
REEL_API int reel_item_reference(const reel_movie *movie, uint32_t id, size_t n, uint32_t *type, uint32_t *to);

/*
 * The n-th piece of an item's data as a range of the source (construction 0 and 1; a piece of another item for
 * 2 is followed down). REEL_END past the last; REEL_E_TRUNCATED when it lies past the end.
 */
REEL_API int reel_item_extent(const reel_movie *movie, uint32_t id, size_t n, reel_range *out, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
