/* SPDX-License-Identifier: BSD-2-Clause */
/* Video configurations: ISO/IEC 14496-15; the AV1 and VP bindings to ISO base media files. */
#include "codec/codec.h"

void reel__take_size(reel_description *d, uint32_t width, uint32_t height)
{
    if (d->type != REEL_TRACK_VIDEO || !width || !height || (d->width && d->height))
        return;
    d->width = d->width ? d->width : width;
    d->height = d->height ? d->height : height;
    d->size_from_stream = 1;
}

/* What the bitstream's own header says, where no box has said it. */
static void take_picture(reel__reading *g, const reel__picture *p)
{
    reel_description *d = g->d;
    reel__take_size(d, p->width, p->height);
    if (p->depth)
        d->bit_depth = p->depth;
    if (p->full_range && !g->nclx) /* nclc does not say */
        d->full_range = 1;
    if (!p->told || g->colr)
        return;
    d->colour_primaries = p->primaries;
    d->transfer = p->transfer;
    d->matrix = p->matrix;
    d->colour_known = 1;
}

/* Past n parameter sets, each behind 16 bits of length; the first is kept. messages: those of SEI. */
static reel_span parameter_sets(reel__reading *g, reel__reader *r, uint32_t n, bool messages)
{
    reel_span first = {NULL, 0};
    for (; n && !r->bad; n--) {
        size_t size = reel__u16(r);
        const uint8_t *p = reel__take(r, size);
        if (p && messages)
            reel__take_sei(g, (reel_span){p, size});
        if (p && !first.data)
            first = (reel_span){p, size};
    }
    return first;
}

static int short_sets(const reel__reading *g, const reel__part *box)
{
    return reel__config_damaged(g, box, "its parameter sets run past its end");
}

/* ISO/IEC 14496-15:2022 5.3.3.1 */
int reel__read_avcc(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 1);
    uint8_t profile = reel__u8(&r);
    reel__skip(&r, 2);
    uint8_t sizes = reel__u8(&r);
    if (r.bad)
        return reel__config_done(g, box, &r);
    g->d->nal_length_size = (sizes & 3) + 1;
    g->d->bit_depth = profile <= 100 ? 8 : 0; /* the profiles above may have more */
    reel_span sps = parameter_sets(g, &r, reel__u8(&r) & 31u, false);
    reel__picture picture = {0};
    if (reel__avc_sps(sps, &picture))
        take_picture(g, &picture);
    parameter_sets(g, &r, reel__u8(&r), false);
    return r.bad ? short_sets(g, box) : REEL_OK;
}

/* ISO/IEC 14496-15:2022 8.3.2.1; nal_unit_type 33 is the SPS, 39 and 40 are SEI */
int reel__read_hvcc(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 17);
    uint8_t depth = reel__u8(&r);
    reel__skip(&r, 3);
    uint8_t sizes = reel__u8(&r);
    if (r.bad)
        return reel__config_done(g, box, &r);
    g->d->nal_length_size = (sizes & 3) + 1;
    g->d->bit_depth = (depth & 7) + 8u;
    for (uint8_t arrays = reel__u8(&r); arrays && !r.bad; arrays--) {
        uint8_t type = reel__u8(&r) & 63;
        reel_span set = parameter_sets(g, &r, reel__u16(&r), type == 39 || type == 40);
        reel__picture picture = {0};
        if (type == 33 && reel__hevc_sps(set, &picture))
            take_picture(g, &picture);
    }
    return r.bad ? short_sets(g, box) : REEL_OK;
}

/* ISO/IEC 14496-15:2022 9.5.3: what other layers need. Beside hvcC, which has said it, or alone */
int reel__read_lhvc(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 4);
    uint8_t sizes = reel__u8(&r);
    if (!g->d->nal_length_size && !r.bad)
        g->d->nal_length_size = (sizes & 3) + 1;
    return reel__config_done(g, box, &r);
}

/* ISO/IEC 14496-15:2022 11.2.4.2; nal_unit_type 23 and 24 are SEI */
int reel__read_vvcc(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint8_t first = reel__u8(&r);
    if (r.bad)
        return reel__config_done(g, box, &r);
    g->d->nal_length_size = (first >> 1 & 3) + 1;
    if (!(first & 1))
        return REEL_OK;
    reel__reader header = reel__part_reader(box);
    reel__skip(&r, 2);
    g->d->bit_depth = (reel__u8(&r) >> 5) + 8u;
    uint32_t width = 0, height = 0;
    reel__skip_vvc_header(&header, &width, &height);
    if (r.bad || header.bad)
        return reel__config_done(g, box, r.bad ? &r : &header);
    reel__take_size(g->d, width, height);
    for (uint8_t arrays = reel__u8(&header); arrays && !header.bad; arrays--) {
        uint8_t type = reel__u8(&header) & 31;
        parameter_sets(g, &header, reel__vvc_alone(type) ? 1 : reel__u16(&header), type == 23 || type == 24);
    }
    return header.bad ? short_sets(g, box) : REEL_OK;
}

/* ISO/IEC 14496-15:2022 11.2.4.3: where the parameter sets are in the samples only */
int reel__read_vvnc(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint8_t sizes = reel__u8(&r);
    if (!g->d->nal_length_size && !r.bad)
        g->d->nal_length_size = (sizes & 3) + 1;
    return reel__config_done(g, box, &r);
}

/* AV1 Codec ISO Media File Format Binding 2.3.3 */
int reel__read_av1c(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 2);
    uint8_t bits = reel__u8(&r);
    reel__skip(&r, 1);
    if (r.bad)
        return reel__config_done(g, box, &r);
    g->d->bit_depth = bits & 64 ? (bits & 32 ? 12 : 10) : 8;
    reel__picture picture = {0};
    reel_span obus = reel__rest(&r);
    if (reel__av1_sequence(obus, &picture))
        take_picture(g, &picture);
    reel__take_metadata(g, obus);
    return reel__obus_fit(obus) ? REEL_OK : reel__config_damaged(g, box, "its OBUs run past its end");
}

/* VP Codec ISO Media File Format Binding, VPCodecConfigurationBox; version 0 was a draft with other fields */
int reel__read_vpcc(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 3 + 2);
    uint8_t bits = reel__u8(&r), primaries = reel__u8(&r), transfer = reel__u8(&r), matrix = reel__u8(&r);
    if (r.bad)
        return reel__config_done(g, box, &r);
    if (version != 1)
        return REEL_OK;
    bool told = primaries != 2 || transfer != 2 || matrix != 2 || (bits & 1);
    reel__picture picture = {primaries, transfer, matrix, bits & 1, told, bits >> 4, 0, 0};
    take_picture(g, &picture);
    if (reel__u16(&r) > reel__left(&r)) /* codecInitializationDataSize */
        return reel__config_damaged(g, box, "its initialization data run past its end");
    return REEL_OK;
}
