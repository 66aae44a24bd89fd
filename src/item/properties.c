/* SPDX-License-Identifier: BSD-2-Clause */
/* Item properties: ISO/IEC 14496-12:2022 8.11.14; ISO/IEC 23008-12:2022 6.5 */
#include "codec/codec.h"
#include "item/directory.h"

enum { MOST_PROPERTIES = 256 };

/* Property number index of ipco, from 1. */
static int property(const reel_movie *m, uint32_t index, reel__part *out, reel_error *err)
{
    const reel__record *r;
    size_t n;
    int code = reel__records(m, REEL__PROPERTY, index, &r, &n, err);
    if (code != REEL_OK || n == 0)
        return code != REEL_OK ? code : REEL_END;
    const reel__part *ipco = &reel__boxes_of_items(m)->ipco;
    reel__children c = reel__children_of(ipco->body, ipco->size, ipco->offset + ipco->header, NULL);
    c.offset += (uint64_t)(r->p - c.p);
    c.p = r->p;
    return reel__children_next(&c, out, NULL) ? REEL_OK : REEL_END;
}

static int nth_property(const reel_movie *m, uint32_t id, size_t k, reel_item_property *out, reel__part *box, reel_error *err)
{
    const reel__record *r;
    size_t n;
    int code = reel__records(m, REEL__ASSOCIATED, id, &r, &n, err);
    if (code != REEL_OK)
        return code;
    if (!(r = reel__record_with(r, n, k)))
        return REEL_END;
    k -= (size_t)r->first;
    uint32_t v = r->wide ? reel__be16(r->p + 2 * k) : r->p[k];
    out->essential = r->wide ? v >> 15 : v >> 7;
    out->index = r->wide ? v & 0x7fff : v & 0x7f;
    code = property(m, out->index, box, err);
    /* An index of 0, or of a property that is not there, stands for none. */
    bool there = code == REEL_OK;
    out->type = there ? box->type : 0;
    out->offset = there ? box->offset : 0;
    out->body = there ? (reel_span){box->body, box->size} : (reel_span){NULL, 0};
    return code < 0 ? code : REEL_OK;
}

int reel_item_property_get(const reel_movie *movie, uint32_t id, size_t n, reel_item_property *out)
{
    reel__part box;
    if (!movie || !out)
        return REEL_E_ARG;
    memset(out, 0, sizeof *out);
    return nth_property(movie, id, n, out, &box, NULL);
}

/* ISO/IEC 23008-12:2022 6.5.8: a URN, and data behind its NUL */
static void read_auxiliary(reel__reader r, reel_item *out)
{
    reel__skip(&r, 4);
    size_t left = reel__left(&r);
    if (left && !out->auxiliary_type.size)
        out->auxiliary_type = (reel_span){r.p, strnlen((const char *)r.p, left)};
}

/* 6.5.6 */
static void read_depths(reel__reader r, reel_item *out)
{
    reel__skip(&r, 4);
    uint32_t n = reel__u8(&r);
    out->channels = n;
    for (; n && reel__left(&r); n--) {
        uint32_t depth = reel__u8(&r);
        out->bit_depth = REEL__MAX(out->bit_depth, depth);
    }
}

static void read_one(const reel__part *box, reel_item *out)
{
    reel__reader r = reel__part_reader(box);
    switch (box->type) {
    case REEL_4CC('i', 's', 'p', 'e'):
        reel__skip(&r, 4);
        out->width = reel__u32(&r);
        out->height = reel__u32(&r);
        break;
    case REEL_4CC('i', 'r', 'o', 't'):
        out->rotation = (uint16_t)((reel__u8(&r) & 3) * 90);
        break;
    case REEL_4CC('a', 'u', 'x', 'C'):
        read_auxiliary(r, out);
        break;
    case REEL_4CC('p', 'i', 'x', 'i'):
        read_depths(r, out);
        break;
    case REEL_4CC('i', 'm', 'i', 'r'):
        out->mirror = (uint16_t)((reel__u8(&r) & 1) + 1);
        break;
    default:
        break;
    }
}

static void take_description(const reel_description *d, reel_item *out)
{
    out->icc = d->icc;
    if (!out->bit_depth)
        out->bit_depth = d->bit_depth;
    out->colour_primaries = d->colour_primaries;
    out->transfer = d->transfer;
    out->matrix = d->matrix;
    out->full_range = d->full_range;
    out->colour_known = d->colour_known;
    out->max_cll = d->max_cll;
    out->max_fall = d->max_fall;
    out->has_clli = d->has_clli;
    out->has_mdcv = d->has_mdcv;
    if (reel__format_find(out->type, REEL_TRACK_VIDEO))
        memcpy(out->codec, d->codec, sizeof out->codec);
}

/* The codec string of a coded item, and its colour, come from the readers that sample entries have. */
int reel__item_properties(const reel_movie *m, reel_item *out, reel_error *err)
{
    reel_description d = {.format = out->type, .colour_primaries = 2, .transfer = 2, .matrix = 2};
    reel__reading g = {.d = &d};
    reel_item_property p;
    reel__part box;
    int code = REEL_OK;
    for (size_t n = 0; n < MOST_PROPERTIES && (code = nth_property(m, out->id, n, &p, &box, err)) == REEL_OK; n++) {
        out->property_count++;
        if (!p.type)
            continue;
        read_one(&box, out);
        reel__entry_box(&g, &box);
    }
    reel__entry_finish(&g);
    take_description(&d, out);
    return code < 0 ? code : REEL_OK;
}
