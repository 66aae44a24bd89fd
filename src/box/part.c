/* SPDX-License-Identifier: BSD-2-Clause */
#include "box/part.h"

#include "base/checked.h"

reel__children reel__children_of(const uint8_t *data, size_t size, uint64_t offset, const reel__container *table)
{
    reel__reader r = reel__read(data, size);
    return (reel__children){r.p, r.end, offset, table, false};
}

reel__children reel__children_in(const reel__part *part, const reel__row *row)
{
    size_t skip = row ? REEL__MIN((size_t)row->skip, part->size) : 0;
    reel__children c = reel__children_of(part->body ? part->body + skip : NULL, part->body ? part->size - skip : 0,
                                         part->offset + part->header + skip, row ? row->children : NULL);
    c.zero_end = row && (row->form & REEL__ZERO_END);
    return c;
}

/* ISO/IEC 14496-12:2022 4.2.2: 32-bit size, or 64-bit behind a 1, or 0 for "to the end". */
static bool header(const reel__children *c, const uint8_t *seen, reel__reader *r, reel__part *part, uint64_t *size)
{
    *size = reel__u32(r);
    part->type = reel__u32(r);
    if (*size == 0)
        *size = (uint64_t)(c->end - c->p);
    else if (*size == 1)
        *size = reel__u64(r);
    if (part->type == REEL_4CC('u', 'u', 'i', 'd') && reel__take(r, 16))
        part->uuid = c->p + (r->p - seen) - 16;
    part->header = (uint8_t)(r->p - seen);
    return !r->bad && *size >= part->header;
}

/* Version and flags, for those that the registry calls full boxes. */
static void full_header(const reel__children *c, reel__reader *r, reel__part *part, size_t left)
{
    const reel__row *row = c->table ? reel__row_find(c->table, part->type) : NULL;
    if (!row || !(row->form & (REEL__FULL | REEL__META_QT)) || left < 4)
        return;
    /* QuickTime's meta is a plain box: its first child's type stands where ISO's has its size. */
    if ((row->form & REEL__META_QT) && left >= 8 && reel__be32(r->p) >= 8 &&
        reel__be32(r->p + 4) == REEL_4CC('h', 'd', 'l', 'r'))
        return;
    part->version = reel__u8(r);
    part->flags = reel__u24(r);
    part->header = (uint8_t)(part->header + 4);
}

/* seen: the child's first bytes, here or elsewhere. */
static bool next(reel__children *c, const uint8_t *seen, reel__reader *r, reel__part *part, uint64_t *broken)
{
    memset(part, 0, sizeof *part);
    size_t left = (size_t)(c->end - c->p);
    if (left < 8 || (c->zero_end && reel__be32(seen) == 0))
        return false;
    uint64_t size;
    if (!header(c, seen, r, part, &size)) {
        if (broken)
            *broken = c->offset;
        c->p = c->end;
        return false;
    }
    part->cut = size > left;
    size_t whole = part->cut ? left : (size_t)size;
    full_header(c, r, part, whole - part->header);
    part->body = c->p + part->header;
    part->size = whole - part->header;
    part->offset = c->offset;
    c->p += whole;
    c->offset += whole;
    return true;
}

bool reel__children_next(reel__children *c, reel__part *part, uint64_t *broken)
{
    reel__reader r = {c->p, c->end, false};
    return next(c, c->p, &r, part, broken);
}

bool reel__children_next_seen(reel__children *c, const uint8_t *seen, reel__part *part, uint64_t *broken)
{
    reel__reader r = {seen, seen + reel__children_head(c), false};
    if (!next(c, seen, &r, part, broken))
        return false;
    memcpy(part->lead, r.p, REEL__MIN(part->size, sizeof part->lead));
    return true;
}

bool reel__child_of(const uint8_t *data, size_t size, uint64_t offset, const reel__container *table, uint32_t type,
                    reel__part *out)
{
    reel__children c = reel__children_of(data, size, offset, table);
    while (reel__children_next(&c, out, NULL))
        if (out->type == type)
            return true;
    memset(out, 0, sizeof *out);
    return false;
}

bool reel__child(const reel__part *part, const reel__row *row, uint32_t type, reel__part *out)
{
    reel__children c = reel__children_in(part, row);
    while (reel__children_next(&c, out, NULL))
        if (out->type == type)
            return true;
    memset(out, 0, sizeof *out);
    return false;
}
