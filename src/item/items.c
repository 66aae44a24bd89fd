/* SPDX-License-Identifier: BSD-2-Clause */
/* Items and their references: ISO/IEC 14496-12:2022 8.11.4, 8.11.6, 8.11.12 */
#include "item/directory.h"

enum { MOST_INDIRECT = 256 };

reel__part reel__item_meta(const reel_movie *m)
{
    return m->meta.body ? m->meta : *reel__movie_part(m, REEL__MOVIE_META);
}

void reel__find_item_boxes(const reel_movie *m, reel__item_boxes *out)
{
    const struct {
        uint32_t type;
        reel__part *part;
    } wanted[] = {
        {REEL_4CC('i', 'i', 'n', 'f'), &out->iinf}, {REEL_4CC('i', 'l', 'o', 'c'), &out->iloc},
        {REEL_4CC('i', 'p', 'r', 'p'), &out->iprp}, {REEL_4CC('i', 'r', 'e', 'f'), &out->iref},
        {REEL_4CC('p', 'i', 't', 'm'), &out->pitm}, {REEL_4CC('i', 'd', 'a', 't'), &out->idat},
    };
    reel__part meta = reel__item_meta(m), part;
    memset(out, 0, sizeof *out);
    reel__children c = reel__children_of(meta.body, meta.size, meta.offset + meta.header, NULL);
    while (reel__children_next(&c, &part, NULL))
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            if (part.type == wanted[i].type && !wanted[i].part->body)
                *wanted[i].part = part;
    const reel__part *iprp = &out->iprp;
    reel__child_of(iprp->body, iprp->size, iprp->offset + iprp->header, NULL, REEL_4CC('i', 'p', 'c', 'o'), &out->ipco);
}

uint32_t reel__infe_id(const reel__part *infe)
{
    return infe->body[0] >= 3 && infe->size >= 8 ? reel__be32(infe->body + 4) : reel__be16(infe->body + 4);
}

size_t reel_movie_item_count(const reel_movie *movie)
{
    if (!movie)
        return 0;
    reel__item_boxes boxes;
    reel__find_item_boxes(movie, &boxes);
    reel__children c = reel__item_entries(&boxes.iinf);
    reel__part infe;
    size_t n = 0;
    while (n < REEL__MOST_ITEMS && reel__next_infe(&c, &infe))
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
    reel__reader r = reel__part_reader(&reel__boxes_of_items(m)->pitm);
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

static int read_extents(const reel_movie *m, reel_item *out, reel_error *err)
{
    reel__location l;
    reel_range range;
    int code = reel__item_location(m, out->id, &l, err);
    if (code != REEL_OK)
        return code == REEL_END ? REEL_OK : code;
    out->construction = l.construction;
    out->extent_count = l.count;
    /* Each that lies in another item is a search of its own. */
    size_t most = l.construction == 2 ? MOST_INDIRECT : REEL__MOST_ITEMS;
    for (size_t i = 0; i < most && reel__item_place(m, out->id, l, i, &range, NULL) == REEL_OK; i++)
        out->size += range.size;
    return REEL_OK;
}

static int fill(const reel_movie *m, const reel__part *infe, reel_item *out, reel_error *err)
{
    memset(out, 0, sizeof *out);
    read_infe(infe, out);
    out->primary = primary(m) == out->id;
    int code = read_extents(m, out, err);
    if (code == REEL_OK)
        code = reel__item_properties(m, out, err);
    return code == REEL_OK && out->type == REEL_4CC('g', 'r', 'i', 'd') ? read_grid(m, out, err) : code;
}

/* The item that the record, of iinf, is about. */
static int item_at(const reel_movie *m, const reel__record *record, reel_item *out, reel_error *err)
{
    reel__children c = reel__item_entries(&reel__boxes_of_items(m)->iinf);
    reel__part infe;
    c.offset += (uint64_t)(record->p - c.p);
    c.p = record->p;
    return reel__next_infe(&c, &infe) ? fill(m, &infe, out, err) : REEL_E_RANGE;
}

int reel_movie_item(const reel_movie *movie, size_t i, reel_item *out, reel_error *err)
{
    const reel__record *record;
    size_t n = 0;
    if (!movie || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie");
    int code = i < REEL__MOST_ITEMS ? reel__records(movie, REEL__NUMBERED, (uint32_t)i, &record, &n, err) : REEL_OK;
    if (code != REEL_OK)
        return code;
    if (n == 0)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, "meta/iinf", "there is no item number %zu", i);
    return item_at(movie, record, out, err);
}

int reel_movie_item_by_id(const reel_movie *movie, uint32_t id, reel_item *out, reel_error *err)
{
    const reel__record *record;
    size_t n;
    if (!movie || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no movie");
    int code = reel__records(movie, REEL__NAMED, id, &record, &n, err);
    if (code != REEL_OK)
        return code;
    if (n == 0)
        return reel__fail(err, REEL_E_NOT_FOUND, REEL_NO_OFFSET, "meta/iinf", "there is no item %u", id);
    return item_at(movie, record, out, err);
}

static uint32_t target(const reel__record *r, size_t n) { return r->wide ? reel__be32(r->p + 4 * n) : reel__be16(r->p + 2 * n); }

int reel__item_reference(const reel_movie *m, uint32_t id, uint32_t type, uint64_t n, uint32_t *to, reel_error *err)
{
    const reel__record *r;
    size_t lists;
    int code = reel__records(m, REEL__REFERRING, id, &r, &lists, err);
    if (code != REEL_OK)
        return code;
    for (; lists; lists--, r++) {
        if (r->type != type)
            continue;
        if (n < r->count) {
            *to = target(r, (size_t)n);
            return REEL_OK;
        }
        n -= r->count;
    }
    return REEL_END;
}

int reel_item_reference(const reel_movie *movie, uint32_t id, size_t n, uint32_t *type, uint32_t *to)
{
    const reel__record *r;
    size_t lists;
    if (!movie || !type || !to)
        return REEL_E_ARG;
    int code = reel__records(movie, REEL__REFERRING, id, &r, &lists, NULL);
    if (code != REEL_OK)
        return code;
    if (!(r = reel__record_with(r, lists, n)))
        return REEL_END;
    *type = r->type;
    *to = target(r, (size_t)(n - r->first));
    return REEL_OK;
}
