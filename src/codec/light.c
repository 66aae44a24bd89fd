/* SPDX-License-Identifier: BSD-2-Clause */
/* How bright the picture is, and how bright the room: boxes, SEI messages, metadata OBUs. A box counts for more. */
#include "codec/codec.h"

/* All of it, or nothing is taken. */
static bool holds(reel__reader *r, size_t n)
{
    r->bad = r->bad || reel__left(r) < n;
    return !r->bad;
}

/* G, B, R, white, luminance: the box and the message have the same */
static bool take_mdcv(reel_description *d, reel__reader *r)
{
    if (!holds(r, 24))
        return false;
    for (int i = 0; i < 6; i++)
        d->mdcv_primaries[i] = reel__u16(r);
    d->mdcv_white[0] = reel__u16(r);
    d->mdcv_white[1] = reel__u16(r);
    d->mdcv_max = reel__u32(r);
    d->mdcv_min = reel__u32(r);
    d->has_mdcv = 1;
    return true;
}

static bool take_clli(reel_description *d, reel__reader *r)
{
    if (!holds(r, 4))
        return false;
    d->max_cll = reel__u16(r);
    d->max_fall = reel__u16(r);
    d->has_clli = 1;
    return true;
}

static bool take_amve(reel_description *d, reel__reader *r)
{
    if (!holds(r, 8))
        return false;
    d->ambient_illuminance = reel__u32(r);
    d->ambient_x = reel__u16(r);
    d->ambient_y = reel__u16(r);
    d->has_amve = 1;
    return true;
}

/* Red, green, blue in 0.16; luminance in 24.8 and 18.14. Put in mdcv's terms. */
static bool take_smdm(reel_description *d, reel__reader *r)
{
    static const uint8_t place[6] = {4, 5, 0, 1, 2, 3};
    if (!holds(r, 24))
        return false;
    for (int i = 0; i < 8; i++) {
        uint16_t v = (uint16_t)(((uint32_t)reel__u16(r) * 50000u + 32768u) >> 16);
        *(i < 6 ? &d->mdcv_primaries[place[i]] : &d->mdcv_white[i - 6]) = v;
    }
    uint64_t most = (uint64_t)reel__u32(r) * 10000 / 256, least = (uint64_t)reel__u32(r) * 10000 / 16384;
    d->mdcv_max = (uint32_t)REEL__MIN(most, (uint64_t)UINT32_MAX);
    d->mdcv_min = (uint32_t)least;
    d->has_mdcv = 1;
    return true;
}

/* ISO/IEC 14496-12:2022 12.1.7 */
int reel__read_mdcv(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    g->mdcv = take_mdcv(g->d, &r) || g->mdcv;
    return reel__config_done(g, box, &r);
}

/* ISO/IEC 14496-12:2022 12.1.6; VP Codec ISO Media File Format Binding for CoLL, which is the same */
int reel__read_clli(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    g->clli = take_clli(g->d, &r) || g->clli;
    return reel__config_done(g, box, &r);
}

/* ISO/IEC 14496-12:2022 12.1.9 */
int reel__read_amve(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    g->amve = take_amve(g->d, &r) || g->amve;
    return reel__config_done(g, box, &r);
}

/* VP Codec ISO Media File Format Binding */
int reel__read_smdm(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    g->mdcv = take_smdm(g->d, &r) || g->mdcv;
    return reel__config_done(g, box, &r);
}

/* Rec. ITU-T H.274 8.13 to 8.16, H.265 D.2.28, D.2.35, D.2.38, D.2.39: the numbers are the same in both */
static void take_message(reel__reading *g, uint32_t type, reel__reader r)
{
    if (type == 137 && !g->mdcv)
        take_mdcv(g->d, &r);
    else if (type == 144 && !g->clli)
        take_clli(g->d, &r);
    else if (type == 148 && !g->amve)
        take_amve(g->d, &r);
    else if (type == 147)
        g->d->preferred_transfer = reel__u8(&r);
}

/* ff_byte and the last byte, H.265 7.3.5 */
static uint32_t sum(reel__reader *r)
{
    uint32_t v = 0;
    uint8_t b;
    do
        v += b = reel__u8(r);
    while (b == 255);
    return v;
}

void reel__take_sei(reel__reading *g, reel_span nal)
{
    uint8_t room[REEL__NAL_BYTES];
    reel__bits b = reel__nal_bits(nal, 2, room);
    reel__reader r = reel__read(room, b.size / 8);
    while (reel__left(&r) > 2) { /* the last byte is the stop bit */
        uint32_t type = sum(&r), size = sum(&r);
        const uint8_t *p = reel__take(&r, size);
        take_message(g, type, reel__read(p, p ? size : 0));
    }
}

/* AV1 specification 5.8: metadata_type 1 is light, 2 the display, in the units of SmDm */
void reel__take_metadata(reel__reading *g, reel_span obus)
{
    reel__reader r = reel__read(obus.data, obus.size);
    while (reel__left(&r)) {
        uint8_t kind;
        reel_span obu = reel__next_obu(&r, &kind);
        reel__reader body = reel__read(obu.data, obu.data ? obu.size : 0);
        uint32_t type = kind == 5 ? reel__leb128(&body) : 0;
        if (type == 1 && !g->clli)
            take_clli(g->d, &body);
        else if (type == 2 && !g->mdcv)
            take_smdm(g->d, &body);
    }
}
