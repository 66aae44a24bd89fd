/* SPDX-License-Identifier: BSD-2-Clause */
/* NAL units (ISO/IEC 14496-15:2022 4.3.3) and OBUs (AV1 specification 5.3) of one sample. */
#include <reel/bitstream.h>

#include "codec/codec.h"

/* What framing of an iterator holds: the reel_framing, and above it the family, which tells how a unit begins.
 */
enum { FAMILY = 8 };

int reel_unit_iter_init(reel_unit_iter *iter, const reel_description *d, reel_span data)
{
    if (!iter || !d || (!data.data && data.size))
        return REEL_E_ARG;
    const reel__format *f = reel__format_find(d->codec_format, d->type);
    uint32_t family = f ? f->family : REEL__PLAIN;
    *iter = (reel_unit_iter){data, 0, d->framing | family << FAMILY, d->nal_length_size};
    if (d->framing == REEL_FRAMING_NAL && (iter->length_size < 1 || iter->length_size > 4))
        return REEL_E_CONFIG;
    return REEL_OK;
}

/* ISO/IEC 14496-10 7.3.1. Prefix units and slices of other layers and views (14, 20) have three bytes more. */
static size_t avc_header(const uint8_t *p, size_t size, reel_unit *u)
{
    u->type = p[0] & 31;
    u->ref_idc = p[0] >> 5 & 3;
    if ((u->type != 14 && u->type != 20) || size < 4)
        return 1;
    bool scalable = p[1] >> 7;
    u->temporal_id = scalable ? p[3] >> 5 : p[3] >> 3 & 7;
    u->layer_id = scalable ? p[2] >> 4 & 7 : 0;
    return 4;
}

/* nuh_temporal_id_plus1; 0 is forbidden */
static uint8_t temporal(uint8_t plus1)
{
    return (uint8_t)((plus1 & 7) - ((plus1 & 7) != 0));
}

/* ISO/IEC 23008-2 7.3.1.2 */
static size_t hevc_header(const uint8_t *p, size_t size, reel_unit *u)
{
    u->type = p[0] >> 1 & 63;
    if (size < 2)
        return size;
    u->layer_id = (uint8_t)((p[0] & 1) << 5 | p[1] >> 3);
    u->temporal_id = temporal(p[1]);
    return 2;
}

/* ISO/IEC 23090-3 7.3.1.2 */
static size_t vvc_header(const uint8_t *p, size_t size, reel_unit *u)
{
    u->layer_id = p[0] & 63;
    if (size < 2)
        return size;
    u->type = p[1] >> 3;
    u->temporal_id = temporal(p[1]);
    return 2;
}

static void nal_header(uint32_t family, reel_unit *u)
{
    const uint8_t *p = u->span.data;
    size_t header = 0;
    u->ref_idc = 1;
    u->payload = u->span;
    if (!u->span.size)
        return;
    if (family == REEL__HEVC)
        header = hevc_header(p, u->span.size, u);
    else if (family == REEL__VVC)
        header = vvc_header(p, u->span.size, u);
    else
        header = avc_header(p, u->span.size, u);
    u->payload.data += header;
    u->payload.size -= header;
}

static int next_nal(reel_unit_iter *it, reel_unit *u, reel_error *err)
{
    reel__reader r = reel__read(it->data.data + it->at, it->data.size - it->at);
    uint32_t size = 0;
    for (uint32_t i = 0; i < it->length_size; i++)
        size = size << 8 | reel__u8(&r);
    if (r.bad)
        return reel__fail(err, REEL_E_TRUNCATED, it->at, NULL,
                          "%zu bytes are left where a NAL unit's length is due", it->data.size - it->at);
    size_t left = reel__left(&r);
    u->span = (reel_span){r.p, REEL__MIN(size, left)};
    u->offset = (uint32_t)(r.p - it->data.data);
    nal_header(it->framing >> FAMILY, u);
    if (size > left)
        return reel__fail(err, REEL_E_TRUNCATED, it->at, NULL,
                          "a NAL unit of %u bytes runs past the end of its sample", (unsigned)size);
    it->at = u->offset + size;
    return REEL_OK;
}

/* Without a size field the OBU runs to the end of the sample. AV1 Codec ISO Media File Format Binding 2.4 */
static int next_obu(reel_unit_iter *it, reel_unit *u, reel_error *err)
{
    reel__reader r = reel__read(it->data.data + it->at, it->data.size - it->at);
    const uint8_t *start = r.p;
    uint8_t header = reel__u8(&r);
    u->type = header >> 3 & 15;
    u->ref_idc = 1;
    if (header & 4) {
        uint8_t extension = reel__u8(&r);
        u->temporal_id = extension >> 5;
        u->layer_id = extension >> 3 & 3;
    }
    size_t size = header & 2 ? reel__leb128(&r) : reel__left(&r);
    size_t left = reel__left(&r);
    bool cut = r.bad || size > left;
    if (!r.bad) {
        u->payload = (reel_span){r.p, REEL__MIN(size, left)};
        u->span = (reel_span){start, (size_t)(r.p - start) + u->payload.size};
    }
    u->offset = (uint32_t)it->at;
    if (cut)
        return reel__fail(err, REEL_E_TRUNCATED, it->at, NULL, "an OBU runs past the end of its sample");
    it->at += u->span.size;
    return REEL_OK;
}

int reel_unit_next(reel_unit_iter *iter, const reel_description *d, reel_unit *unit, reel_error *err)
{
    if (!iter || !d || !unit)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no iterator, description or unit");
    if (iter->at >= iter->data.size)
        return REEL_END;
    reel_unit u;
    memset(&u, 0, sizeof u);
    uint32_t framing = iter->framing & ((1u << FAMILY) - 1);
    int code = REEL_OK;
    if (framing == REEL_FRAMING_NAL) {
        code = next_nal(iter, &u, err);
    } else if (framing == REEL_FRAMING_OBU) {
        code = next_obu(iter, &u, err);
    } else {
        u.span = u.payload = iter->data;
        u.ref_idc = 1;
        iter->at = iter->data.size;
    }
    *unit = u;
    if (code != REEL_OK)
        iter->at = iter->data.size; /* nobody knows where what follows would begin */
    return code;
}
