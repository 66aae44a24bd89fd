/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the data of items lie: ISO/IEC 14496-12:2022 8.11.3 */
#include "item/directory.h"

enum { DEPTH = 4 };

static uint64_t sized(reel__reader *r, uint8_t size)
{
    uint64_t v = 0;
    for (uint8_t i = 0; i < size; i++)
        v = v << 8 | reel__u8(r);
    return v;
}

static size_t extent_size(const reel__location *l)
{
    return (size_t)l->index_size + l->offset_size + l->length_size;
}

/* One record, whose extents begin where the reader then stands; false when it holds fewer than it says. */
static bool read_record(const reel_movie *m, const reel__part *iloc, reel__reader *r, uint32_t item,
                        reel__location *out)
{
    uint8_t version = iloc->body[0];
    out->construction = version == 1 || version == 2 ? reel__u16(r) & 15 : 0;
    reel__skip(r, 2);
    out->base = sized(r, out->base_size);
    uint32_t said = reel__u16(r);
    size_t each = extent_size(out), there = each ? reel__left(r) / each : 1; /* without bytes one is like the other */
    out->count = (uint32_t)REEL__MIN((size_t)said, there);
    out->extents = *r;
    if (!each || said <= there)
        return true;
    reel__warn(m, NULL, REEL_E_TABLE, iloc->offset, "meta/iloc", "item %u: it says %u extents and holds %u", item, said,
               out->count);
    return false;
}

/* From the start of the box to the first record. */
static void begin(const reel__part *iloc, reel__reader *r, reel__location *l, uint32_t *n)
{
    *r = reel__part_reader(iloc);
    uint8_t version = reel__u8(r);
    reel__skip(r, 3);
    uint16_t sizes = reel__u16(r);
    *l = (reel__location){
        .offset_size = (uint8_t)(sizes >> 12), .length_size = sizes >> 8 & 15, .base_size = sizes >> 4 & 15};
    l->index_size = version == 1 || version == 2 ? sizes & 15 : 0;
    *n = version < 2 ? reel__u16(r) : reel__u32(r);
}

bool reel__iloc_begin(const reel_movie *m, const reel__part *iloc, reel__reader *r, reel__location *l, uint32_t *n)
{
    if (!iloc->body)
        return false;
    begin(iloc, r, l, n);
    if (l->offset_size > 8 || l->length_size > 8 || l->base_size > 8 || l->index_size > 8) {
        reel__warn(m, NULL, REEL_E_BOX_FIELD, iloc->offset, "meta/iloc", "its fields have %u, %u, %u and %u bytes",
                   l->offset_size, l->length_size, l->base_size, l->index_size);
        return false;
    }
    if (r->bad)
        reel__warn(m, NULL, REEL_E_TABLE, iloc->offset, "meta/iloc", "it ends too early");
    return !r->bad;
}

bool reel__iloc_next(const reel_movie *m, const reel__part *iloc, reel__reader *r, reel__location *l, uint32_t *id,
                     const uint8_t **p)
{
    *id = iloc->body[0] < 2 ? reel__u16(r) : reel__u32(r);
    *p = r->p;
    bool whole = read_record(m, iloc, r, *id, l);
    if (whole)
        reel__skip(r, l->count * extent_size(l));
    if (r->bad)
        reel__warn(m, NULL, REEL_E_TABLE, iloc->offset, "meta/iloc", "it ends too early");
    return whole && !r->bad;
}

int reel__item_location(const reel_movie *m, uint32_t id, reel__location *out, reel_error *err)
{
    const reel__record *record;
    reel__reader r;
    uint32_t count;
    size_t n;
    int code = reel__records(m, REEL__LOCATED, id, &record, &n, err);
    if (code != REEL_OK || n == 0)
        return code != REEL_OK ? code : REEL_END;
    const reel__part *iloc = &reel__boxes_of_items(m)->iloc;
    begin(iloc, &r, out, &count);
    r.p = record->p;
    read_record(m, iloc, &r, id, out);
    return REEL_OK;
}

/* The n-th record: what it points at, relative to its construction. */
static bool extent(const reel__location *l, size_t n, uint64_t *index, reel_range *out)
{
    if (n >= l->count)
        return false;
    reel__reader r = l->extents;
    reel__skip(&r, n * extent_size(l));
    *index = sized(&r, l->index_size);
    uint64_t offset = sized(&r, l->offset_size);
    out->size = sized(&r, l->length_size);
    return reel__add(l->base, offset, &out->offset) && !r.bad;
}

static int outside(reel_error *err, uint64_t offset, uint32_t id)
{
    return reel__fail(err, REEL_E_TRUNCATED, offset, "meta/iloc", "item %u has data past the end of the file", id);
}

/* A range of the space that begins at start and is size bytes long, as a range of the source. Length 0: to its end. */
static int place(uint64_t start, uint64_t size, uint32_t id, reel_range *range, reel_error *err)
{
    if (range->offset > size || range->size > size - range->offset)
        return outside(err, start, id);
    if (range->size == 0)
        range->size = size - range->offset;
    range->offset += start;
    return REEL_OK;
}

int reel__item_place(const reel_movie *movie, uint32_t id, reel__location l, size_t n, reel_range *out, reel_error *err)
{
    uint64_t index;
    reel_range range, within = {0, 0};
    if (!extent(&l, n, &index, &range))
        return REEL_END;
    /* Data that lie in the data of another item: followed down a few times, never round and round. */
    for (int depth = 0; l.construction == 2; depth++) {
        uint32_t to;
        if (depth == DEPTH)
            return reel__fail(err, REEL_E_LOOP, REEL_NO_OFFSET, "meta/iloc", "item %u lies in items without end", id);
        uint64_t nth = index ? index - 1 : 0; /* they count from 1; 0 is the first too */
        int code = reel__item_reference(movie, id, REEL_4CC('i', 'l', 'o', 'c'), nth, &to, err);
        if (code == REEL_OK)
            code = reel__item_location(movie, to, &l, err);
        if (code < 0)
            return code;
        if (code == REEL_END || !extent(&l, 0, &index, &within))
            return outside(err, REEL_NO_OFFSET, id);
        if (within.size && (range.offset > within.size || range.size > within.size - range.offset))
            return outside(err, within.offset, id);
        range.offset += within.offset;
        if (!range.size && within.size)
            range.size = within.size - (range.offset - within.offset);
        id = to;
    }
    int code;
    const reel__part *idat = &reel__boxes_of_items(movie)->idat;
    if (l.construction == 1)
        code = idat->body ? place(idat->offset + idat->header, idat->size, id, &range, err)
                          : outside(err, REEL_NO_OFFSET, id);
    else
        code = place(0, reel_source_size(movie->source), id, &range, err);
    if (code == REEL_OK)
        *out = range;
    return code;
}

int reel_item_extent(const reel_movie *movie, uint32_t id, size_t n, reel_range *out, reel_error *err)
{
    reel__location l;
    if (!movie || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie");
    int code = reel__item_location(movie, id, &l, err);
    return code == REEL_OK ? reel__item_place(movie, id, l, n, out, err) : code;
}
