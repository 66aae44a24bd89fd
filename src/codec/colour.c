/* SPDX-License-Identifier: BSD-2-Clause */
/* How pictures are to be shown: shape, colour, light. And bit rates, which stand beside them. */
#include "codec/codec.h"

/*
 * ISO/IEC 14496-12:2022 12.1.5; QTFF for nclc. Several may stand there: the first nclx counts, else the first
 * nclc, and beside either the first profile.
 */
int reel__read_colr(reel__reading *g, const reel__part *box)
{
    reel_description *d = g->d;
    reel__reader r = reel__part_reader(box);
    uint32_t kind = reel__u32(&r);
    bool nclx = kind == REEL_4CC('n', 'c', 'l', 'x');
    if (nclx ? !g->nclx : kind == REEL_4CC('n', 'c', 'l', 'c') && !g->colr) {
        uint16_t primaries = reel__u16(&r), transfer = reel__u16(&r), matrix = reel__u16(&r);
        uint8_t range = nclx ? reel__u8(&r) : 0;
        if (r.bad)
            return reel__config_done(g, box, &r);
        d->colour_primaries = primaries;
        d->transfer = transfer;
        d->matrix = matrix;
        if (nclx)
            d->full_range = range >> 7;
        d->colour_known = 1;
        g->colr = true;
        g->nclx = nclx;
    } else if ((kind == REEL_4CC('p', 'r', 'o', 'f') || kind == REEL_4CC('r', 'I', 'C', 'C')) && !d->icc.size) {
        d->icc = reel__rest(&r);
    }
    return reel__config_done(g, box, &r);
}

/* ISO/IEC 14496-12:2022 12.1.4 */
int reel__read_pasp(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel_rational shape = {reel__u32(&r), 0};
    shape.den = reel__u32(&r);
    if (!r.bad)
        g->d->pixel_aspect = shape;
    return reel__config_done(g, box, &r);
}

/* ISO/IEC 14496-12:2022 12.1.4 */
int reel__read_clap(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    for (int i = 0; i < 8 && box->size >= 32; i++)
        g->d->clap[i] = reel__u32(&r);
    r.bad = box->size < 32;
    return reel__config_done(g, box, &r);
}

/* QTFF, Field/Frame Information */
int reel__read_fiel(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    g->d->field_count = reel__u8(&r);
    g->d->field_order = reel__u8(&r);
    return reel__config_done(g, box, &r);
}

/* ISO/IEC 14496-12:2022 12.1.7 */
int reel__read_mdcv(reel__reading *g, const reel__part *box)
{
    reel_description *d = g->d;
    reel__reader r = reel__part_reader(box);
    for (int i = 0; i < 6; i++)
        d->mdcv_primaries[i] = reel__u16(&r);
    d->mdcv_white[0] = reel__u16(&r);
    d->mdcv_white[1] = reel__u16(&r);
    d->mdcv_max = reel__u32(&r);
    d->mdcv_min = reel__u32(&r);
    d->has_mdcv = !r.bad;
    return reel__config_done(g, box, &r);
}

/* ISO/IEC 14496-12:2022 12.1.6; VP Codec ISO Media File Format Binding for CoLL, which is the same */
int reel__read_clli(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    g->d->max_cll = reel__u16(&r);
    g->d->max_fall = reel__u16(&r);
    g->d->has_clli = !r.bad;
    return reel__config_done(g, box, &r);
}

/* VP Codec ISO Media File Format Binding: red, green, blue in 0.16; luminance in 24.8 and 18.14. Put in mdcv's
 * terms. */
int reel__read_smdm(reel__reading *g, const reel__part *box)
{
    static const uint8_t place[6] = {4, 5, 0, 1, 2, 3};
    reel_description *d = g->d;
    reel__reader r = reel__part_reader(box);
    for (int i = 0; i < 8; i++) {
        uint16_t v = (uint16_t)(((uint32_t)reel__u16(&r) * 50000u + 32768u) >> 16);
        *(i < 6 ? &d->mdcv_primaries[place[i]] : &d->mdcv_white[i - 6]) = v;
    }
    uint64_t most = (uint64_t)reel__u32(&r) * 10000 / 256, least = (uint64_t)reel__u32(&r) * 10000 / 16384;
    d->mdcv_max = (uint32_t)REEL__MIN(most, (uint64_t)UINT32_MAX);
    d->mdcv_min = (uint32_t)least;
    d->has_mdcv = !r.bad;
    return reel__config_done(g, box, &r);
}

/* Dolby Vision Streams Within the ISO Base Media File Format, 3.2 */
int reel__read_dovi(reel__reading *g, const reel__part *box)
{
    reel_description *d = g->d;
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 2);
    uint16_t bits = reel__u16(&r);
    d->dovi_profile = (uint8_t)(bits >> 9);
    d->dovi_level = bits >> 3 & 63;
    d->dovi_flags = (uint8_t)((bits >> 2 & 1) | (bits & 2) | (bits & 1) << 2); /* rpu, el, bl */
    d->dovi_compatibility = reel__u8(&r) >> 4;
    return reel__config_done(g, box, &r);
}

static void keep(uint32_t *there, uint32_t value)
{
    if (value)
        *there = value;
}

/* ISO/IEC 14496-12:2022 8.5.2.2 */
int reel__read_btrt(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    keep(&g->d->buffer_size, reel__u32(&r));
    keep(&g->d->max_bitrate, reel__u32(&r));
    keep(&g->d->average_bitrate, reel__u32(&r));
    return reel__config_done(g, box, &r);
}

/* 3GPP TS 26.244 6.9 */
int reel__read_bitr(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    keep(&g->d->average_bitrate, reel__u32(&r));
    keep(&g->d->max_bitrate, reel__u32(&r));
    return reel__config_done(g, box, &r);
}
