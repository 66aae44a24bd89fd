/* SPDX-License-Identifier: BSD-2-Clause */
/* How pictures are to be shown: shape, colour. And bit rates, which stand beside them. */
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
