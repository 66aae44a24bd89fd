/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Can samples of one track follow those of another? When their sample descriptions are the same bytes, but for what
 * only counts bits: btrt (ISO/IEC 14496-12:2022 8.5.2.2), and the rates in esds (ISO/IEC 14496-1 7.2.6.6), which
 * encoders measure anew for each film.
 */
#include "write/copy.h"
#include "write/film.h"

enum { RATES = 11 /* bufferSizeDB, maxBitrate, avgBitrate */ };

static void skip_length(reel__reader *r)
{
    for (int i = 0; i < 4 && (reel__u8(r) & 0x80); i++)
        ;
}

/* Where the rates stand in an esds; 0: nowhere that one could find. */
static size_t rates_in(reel_span esds)
{
    reel__reader r = reel__read(esds.data, esds.size);
    reel__skip(&r, 4);
    if (reel__u8(&r) != 3)
        return 0;
    skip_length(&r);
    reel__skip(&r, 2);
    uint8_t flags = reel__u8(&r);
    reel__skip(&r, flags & 0x80 ? 2 : 0);
    if (flags & 0x40)
        reel__skip(&r, reel__u8(&r));
    reel__skip(&r, flags & 0x20 ? 2 : 0);
    if (reel__u8(&r) != 4)
        return 0;
    skip_length(&r);
    reel__skip(&r, 2);
    return r.bad || reel__left(&r) < RATES ? 0 : esds.size - reel__left(&r);
}

static bool same_box(const reel__part *a, const reel__part *b)
{
    reel_span x = reel__payload_of(a), y = reel__payload_of(b);
    if (a->type != b->type || x.size != y.size)
        return false;
    if (a->type != REEL_4CC('e', 's', 'd', 's'))
        return !x.size || !memcmp(x.data, y.data, x.size);
    size_t at = rates_in(x), behind = at ? at + RATES : 0;
    if (at != rates_in(y))
        return false;
    return !memcmp(x.data, y.data, at) && !memcmp(x.data + behind, y.data + behind, x.size - behind);
}

/* The next child that says more than how many bits there are. */
static bool next_telling(reel__children *c, reel__part *part)
{
    while (reel__children_next(c, part, NULL))
        if (part->type != REEL_4CC('b', 't', 'r', 't'))
            return true;
    return false;
}

static bool same_children(reel__children a, reel__children b)
{
    reel__part x, y;
    for (;;) {
        bool more = next_telling(&a, &x);
        if (more != next_telling(&b, &y))
            return false;
        if (!more)
            return true;
        if (!same_box(&x, &y))
            return false;
    }
}

static bool same_entry(const reel__part *a, const reel__part *b)
{
    const reel__row *row = reel__row_find(&reel__stsd_children, a->type);
    if (a->type != b->type)
        return false;
    if (!row || !(row->form & (REEL__ENTRY_VIDEO | REEL__ENTRY_AUDIO)))
        return same_box(a, b);
    size_t skip = reel__entry_skip(row, a->body, a->size);
    if (skip != reel__entry_skip(row, b->body, b->size) || skip > a->size || skip > b->size ||
        memcmp(a->body, b->body, skip) != 0)
        return false;
    return same_children(reel__bare_children(a, skip), reel__bare_children(b, skip));
}

bool reel__same_descriptions(const reel_track *a, const reel_track *b)
{
    const reel__part *x = &a->part[REEL__STSD], *y = &b->part[REEL__STSD];
    reel__part p, q;
    if (x->size < 4 || y->size < 4 || a->description_count != b->description_count)
        return false;
    reel__children c = reel__bare_children(x, 8), d = reel__bare_children(y, 8);
    for (uint32_t i = 0; i < a->description_count; i++)
        if (!reel__children_next(&c, &p, NULL) || !reel__children_next(&d, &q, NULL) || !same_entry(&p, &q))
            return false;
    return true;
}
