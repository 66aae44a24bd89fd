/* SPDX-License-Identifier: BSD-2-Clause */
/* How pictures are to be shown: shape, colour, light. */
#include "codec/codec.h"

/* ISO/IEC 14496-12:2022 12.1.5. Several may stand there: the first nclx and the first profile count. */
int reel__read_colr(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint32_t kind = reel__u32(&r);
    bool nclx = kind == REEL_4CC('n', 'c', 'l', 'x');
    if (nclx || kind == REEL_4CC('n', 'c', 'l', 'c')) {
        if (e->d->colour_known)
            return REEL_OK;
        e->d->colour_primaries = reel__u16(&r);
        e->d->transfer = reel__u16(&r);
        e->d->matrix = reel__u16(&r);
        e->d->full_range = nclx ? reel__u8(&r) >> 7 : 0;
        e->d->colour_known = !r.bad;
    } else if ((kind == REEL_4CC('p', 'r', 'o', 'f') || kind == REEL_4CC('r', 'I', 'C', 'C')) && !e->d->icc.size) {
        e->d->icc = reel__rest(&r);
    }
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

/* ISO/IEC 14496-12:2022 12.1.4 */
int reel__read_pasp(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    e->d->pixel_aspect.num = reel__u32(&r);
    e->d->pixel_aspect.den = reel__u32(&r);
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

int reel__read_clap(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    for (int i = 0; i < 8; i++)
        e->d->clap[i] = reel__u32(&r);
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

/* QTFF, Field/Frame Information */
int reel__read_fiel(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    e->d->field_count = reel__u8(&r);
    e->d->field_order = reel__u8(&r);
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 12.1.7 */
int reel__read_mdcv(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    for (int i = 0; i < 6; i++)
        e->d->mdcv_primaries[i] = reel__u16(&r);
    e->d->mdcv_white[0] = reel__u16(&r);
    e->d->mdcv_white[1] = reel__u16(&r);
    e->d->mdcv_max = reel__u32(&r);
    e->d->mdcv_min = reel__u32(&r);
    e->d->has_mdcv = !r.bad;
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

/* ISO/IEC 14496-12:2022 12.1.6 */
int reel__read_clli(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    e->d->max_cll = reel__u16(&r);
    e->d->max_fall = reel__u16(&r);
    e->d->has_clli = !r.bad;
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

/* VP codec ISO media file format binding: red, green, blue in 0.16; luminance in 24.8 and 18.14. In mdcv's terms. */
int reel__read_smdm(entry *e, const reel__part *box)
{
    static const uint8_t place[8] = {4, 5, 0, 1, 2, 3, 0, 1};
    reel__reader r = reel__part_reader(box);
    for (int i = 0; i < 8; i++) {
        uint16_t v = (uint16_t)((uint32_t)reel__u16(&r) * 50000u / 65536u);
        if (i < 6)
            e->d->mdcv_primaries[place[i]] = v;
        else
            e->d->mdcv_white[place[i]] = v;
    }
    e->d->mdcv_max = (uint32_t)((uint64_t)reel__u32(&r) * 10000 / 256);
    e->d->mdcv_min = (uint32_t)((uint64_t)reel__u32(&r) * 10000 / 16384);
    e->d->has_mdcv = !r.bad;
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

int reel__read_coll(entry *e, const reel__part *box) { return reel__read_clli(e, box); }

/* Dolby Vision Streams Within the ISO Base Media File Format, 3.2 */
int reel__read_dovi(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 2);
    uint16_t bits = reel__u16(&r);
    e->d->dovi_profile = (uint8_t)(bits >> 9);
    e->d->dovi_level = bits >> 3 & 63;
    e->d->dovi_flags = (uint8_t)((bits >> 2 & 1) | (bits >> 1 & 1) << 1 | (bits & 1) << 2);
    e->d->dovi_compatibility = reel__u8(&r) >> 4;
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}
