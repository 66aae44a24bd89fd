/* SPDX-License-Identifier: BSD-2-Clause */
/* Items and their references: ISO/IEC 14496-12:2022 8.11.4, 8.11.6, 8.11.12 */
#include "item/item.h"

enum { MOST_ITEMS = 65535, MOST_INDIRECT = 256 };

reel__part reel__item_meta(const reel_movie *m)
{
    return m->meta.body ? m->meta : *reel__movie_part(m, REEL__MOVIE_META);
}

bool reel__item_box(const reel_movie *m, uint32_t type, reel__part *out)
{
    reel__part meta = reel__item_meta(m);
    return meta.body && reel__child_of(meta.body, meta.size, meta.offset + meta.header, NULL, type, out);
}

/* The infe boxes of iinf. */
static reel__children entries(const reel_movie *m)
{
    reel__part iinf;
    if (!reel__item_box(m, REEL_4CC('i', 'i', 'n', 'f'), &iinf) || iinf.size < 4)
        return reel__children_of(NULL, 0, 0, NULL);
    size_t skip = REEL__MIN(iinf.size, (size_t)(iinf.body[0] == 0 ? 6 : 8));
    return reel__children_of(iinf.body + skip, iinf.size - skip, iinf.offset + iinf.header + skip, NULL);
}

static bool next_entry(reel__children *c, reel__part *out)
{
    while (reel__children_next(c, out, NULL))
        if (out->type == REEL_4CC('i', 'n', 'f', 'e') && out->size >= 6)
            return true;
    return false;
}

bool reel__infe(const reel_movie *m, size_t i, reel__part *out)
{
    reel__children c = entries(m);
    for (size_t n = 0; n < MOST_ITEMS && next_entry(&c, out); n++)
        if (n == i)
            return true;
    return false;
}

uint32_t reel__infe_id(const reel__part *infe)
{
    return infe->body[0] >= 3 && infe->size >= 8 ? reel__be32(infe->body + 4) : reel__be16(infe->body + 4);
}

size_t reel_movie_item_count(const reel_movie *movie)
{
    if (!movie)
        return 0;
    reel__children c = entries(movie);
    reel__part infe;
    size_t n = 0;
    while (n < MOST_ITEMS && next_entry(&c, &infe))
        n++;
    return n;
}

static reel_span string(reel__reader *r)
{
    size_t left = reel__left(r), n = left ? strnlen((const char *)r->p, left) : 0;
    reel_span s = {r->p, n};
    reel__skip(r, REEL__MIN(n + 1, left));
    return s;
}

/* 8.11.6.2. Version 0 and 1 name no type; those are files with a MIME type. */
static void read_infe(const reel__part *infe, reel_item *out)
{
    reel__reader r = reel__part_reader(infe);
    uint8_t version = reel__u8(&r);
    out->hidden = reel__u24(&r) & 1;
    out->id = version >= 3 ? reel__u32(&r) : reel__u16(&r);
    out->protected_ = reel__u16(&r);
    if (version >= 2)
        out->type = reel__u32(&r);
    out->name = string(&r);
    if (version < 2 || out->type == REEL_4CC('m', 'i', 'm', 'e'))
        out->content_type = string(&r);
}

/* 8.11.4 */
static uint32_t primary(const reel_movie *m)
{
    reel__part pitm;
    if (!reel__item_box(m, REEL_4CC('p', 'i', 't', 'm'), &pitm))
        return 0;
    reel__reader r = reel__part_reader(&pitm);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 3);
    return version ? reel__u32(&r) : reel__u16(&r);
}

/* ISO/IEC 23008-12:2022 6.6.2.3.2: in the item's own data */
static int read_grid(const reel_movie *m, reel_item *out, reel_error *err)
{
    uint8_t b[12] = {0};
    reel_range range;
    if (reel_item_extent(m, out->id, 0, &range, NULL) != REEL_OK || range.size < 8)
        return REEL_OK;
    int code = reel_source_read(m->source, range.offset, b, (size_t)REEL__MIN(range.size, (uint64_t)12), err);
    if (code != REEL_OK) /* an item without its data is an item all the same */
        return code == REEL_E_TRUNCATED ? REEL_OK : code;
    out->grid_rows = b[2] + 1u;
    out->grid_columns = b[3] + 1u;
    bool wide = b[1] & 1;
    out->grid_width = wide ? reel__be32(b + 4) : reel__be16(b + 4);
    out->grid_height = wide ? reel__be32(b + 8) : reel__be16(b + 6);
    return REEL_OK;
}

static void read_extents(const reel_movie *m, reel_item *out)
{
    reel__location l;
    reel_range range;
    if (!reel__item_location(m, out->id, &l))
        return;
    out->construction = l.construction;
    out->extent_count = l.count;
    /* Each that lies in another item is a search of its own. */
    size_t most = l.construction == 2 ? MOST_INDIRECT : MOST_ITEMS;
    for (size_t i = 0; i < most && reel__item_place(m, out->id, l, i, &range, NULL) == REEL_OK; i++)
        out->size += range.size;
}

static int fill(const reel_movie *m, const reel__part *infe, reel_item *out, reel_error *err)
{
    memset(out, 0, sizeof *out);
    read_infe(infe, out);
    out->primary = primary(m) == out->id;
    read_extents(m, out);
    reel__item_properties(m, out);
    return out->type == REEL_4CC('g', 'r', 'i', 'd') ? read_grid(m, out, err) : REEL_OK;
}

int reel_movie_item(const reel_movie *movie, size_t i, reel_item *out, reel_error *err)
{
    reel__part infe;
    if (!movie || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie");
    if (!reel__infe(movie, i, &infe))
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, "meta/iinf", "there is no item number %zu", i);
    return fill(movie, &infe, out, err);
}

int reel_movie_item_by_id(const reel_movie *movie, uint32_t id, reel_item *out, reel_error *err)
{
    if (!movie || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie");
    reel__children c = entries(movie);
    reel__part infe;
    while (next_entry(&c, &infe))
        if (reel__infe_id(&infe) == id)
            return fill(movie, &infe, out, err);
    return reel__fail(err, REEL_E_NOT_FOUND, REEL_NO_OFFSET, "meta/iinf", "there is no item %u", id);
}

/* 8.11.12: each child is one list of references from one item. type 0: of any type, and which comes back. */
static bool reference(const reel_movie *m, uint32_t id, uint32_t *type, uint64_t n, uint32_t *to)
{
    reel__part iref, part;
    if (!reel__item_box(m, REEL_4CC('i', 'r', 'e', 'f'), &iref) || iref.size < 4)
        return false;
    bool wide = iref.body[0] >= 1;
    reel__children c = reel__children_of(iref.body + 4, iref.size - 4, 0, NULL);
    while (reel__children_next(&c, &part, NULL)) {
        reel__reader r = reel__part_reader(&part);
        uint32_t from = wide ? reel__u32(&r) : reel__u16(&r);
        size_t count = reel__u16(&r), each = wide ? 4 : 2;
        count = REEL__MIN(count, reel__left(&r) / each);
        if (r.bad || from != id || (*type && part.type != *type))
            continue;
        if (n < count) {
            *type = part.type;
            *to = wide ? reel__be32(r.p + 4 * (size_t)n) : reel__be16(r.p + 2 * (size_t)n);
            return true;
        }
        n -= count;
    }
    return false;
}

bool reel__item_reference(const reel_movie *m, uint32_t id, uint32_t type, uint64_t n, uint32_t *to)
{
    return reference(m, id, &type, n, to);
}

int reel_item_reference(const reel_movie *movie, uint32_t id, size_t n, uint32_t *type, uint32_t *to)
{
    uint32_t met = 0;
    if (!movie || !type || !to)
        return REEL_E_ARG;
    if (!reference(movie, id, &met, n, to))
        return REEL_END;
    *type = met;
    return REEL_OK;
}
