/* SPDX-License-Identifier: BSD-2-Clause */
/* Item properties: ISO/IEC 14496-12:2022 8.11.14; ISO/IEC 23008-12:2022 6.5 */
#include "codec/codec.h"
#include "item/item.h"

enum {
    IPCO = REEL_4CC('i', 'p', 'c', 'o'),
    IPMA = REEL_4CC('i', 'p', 'm', 'a'),
    MOST_PROPERTIES = 256,
};

/* The n-th association of item id in one ipma; REEL_END with *n lessened by those it has. */
static int association(const reel__part *ipma, uint32_t id, size_t *n, uint32_t *index, uint32_t *essential)
{
    reel__reader r = reel__part_reader(ipma);
    uint8_t version = reel__u8(&r);
    bool wide = reel__u24(&r) & 1;
    for (uint32_t items = reel__u32(&r); items && !r.bad; items--) {
        uint32_t item = version ? reel__u32(&r) : reel__u16(&r);
        size_t count = reel__u8(&r), each = wide ? 2 : 1;
        if (item != id || *n >= count) {
            *n -= item == id ? count : 0;
            reel__skip(&r, count * each);
            continue;
        }
        reel__skip(&r, *n * each);
        uint32_t v = wide ? reel__u16(&r) : reel__u8(&r);
        *essential = wide ? v >> 15 : v >> 7;
        *index = wide ? v & 0x7fff : v & 0x7f;
        return r.bad ? REEL_END : REEL_OK;
    }
    return REEL_END;
}

/* Property number index of ipco, from 1. */
static bool property(const reel__part *iprp, uint32_t index, reel__part *out)
{
    reel__part ipco;
    if (!index || !reel__child_of(iprp->body, iprp->size, iprp->offset + iprp->header, NULL, IPCO, &ipco))
        return false;
    reel__children c = reel__children_of(ipco.body, ipco.size, ipco.offset + ipco.header, NULL);
    while (reel__children_next(&c, out, NULL))
        if (--index == 0)
            return true;
    return false;
}

static int nth_property(const reel_movie *m, uint32_t id, size_t n, reel_item_property *out, reel__part *box)
{
    reel__part iprp, ipma;
    if (!reel__item_box(m, REEL_4CC('i', 'p', 'r', 'p'), &iprp))
        return REEL_END;
    reel__children c = reel__children_of(iprp.body, iprp.size, iprp.offset + iprp.header, NULL);
    while (reel__children_next(&c, &ipma, NULL)) {
        if (ipma.type != IPMA || association(&ipma, id, &n, &out->index, &out->essential) != REEL_OK)
            continue;
        /* An index of 0, or of a property that is not there, stands for none. */
        bool there = property(&iprp, out->index, box);
        out->type = there ? box->type : 0;
        out->offset = there ? box->offset : 0;
        out->body = there ? (reel_span){box->body, box->size} : (reel_span){NULL, 0};
        return REEL_OK;
    }
    return REEL_END;
}

int reel_item_property_get(const reel_movie *movie, uint32_t id, size_t n, reel_item_property *out)
{
    reel__part box;
    if (!movie || !out)
        return REEL_E_ARG;
    memset(out, 0, sizeof *out);
    return nth_property(movie, id, n, out, &box);
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
    case REEL_4CC('i', 'm', 'i', 'r'):
        out->mirror = (uint16_t)((reel__u8(&r) & 1) + 1);
        break;
    default:
        break;
    }
}

/* The codec string of a coded item comes from the readers that sample entries have. */
void reel__item_properties(const reel_movie *m, reel_item *out)
{
    reel_description d = {.format = out->type, .colour_primaries = 2, .transfer = 2, .matrix = 2};
    reel__reading g = {.d = &d};
    reel_item_property p;
    reel__part box;
    for (size_t n = 0; n < MOST_PROPERTIES && nth_property(m, out->id, n, &p, &box) == REEL_OK; n++) {
        out->property_count++;
        if (!p.type)
            continue;
        read_one(&box, out);
        reel__entry_box(&g, &box);
    }
    reel__entry_finish(&g);
    if (reel__format_find(out->type, REEL_TRACK_VIDEO))
        memcpy(out->codec, d.codec, sizeof out->codec);
}
