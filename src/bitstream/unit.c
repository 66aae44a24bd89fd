/* SPDX-License-Identifier: BSD-2-Clause */
/* NAL units (ISO/IEC 14496-15 4.3.3) and OBUs (AV1 specification 5.3) of one sample. */
#include <reel/bitstream.h>

#include "base/base.h"
#include "base/bytes.h"

int reel_unit_iter_init(reel_unit_iter *iter, const reel_description *d, reel_span data)
{
    if (!iter || !d || (!data.data && data.size))
        return REEL_E_ARG;
    *iter = (reel_unit_iter){.data = data, .framing = d->framing, .length_size = d->nal_length_size};
    if (iter->framing == REEL_FRAMING_NAL && (iter->length_size < 1 || iter->length_size > 4))
        return REEL_E_CONFIG;
    return REEL_OK;
}

static bool is_hevc(uint32_t format)
{
    return format == REEL_4CC('h', 'v', 'c', '1') || format == REEL_4CC('h', 'e', 'v', '1') ||
           format == REEL_4CC('d', 'v', 'h', '1') || format == REEL_4CC('d', 'v', 'h', 'e');
}

static bool is_vvc(uint32_t format)
{
    return format == REEL_4CC('v', 'v', 'c', '1') || format == REEL_4CC('v', 'v', 'i', '1');
}

/* ISO/IEC 14496-10 7.3.1, 23008-2 7.3.1.2, 23090-3 7.3.1.2 */
static void nal_header(const reel_description *d, reel_unit *u)
{
    const uint8_t *p = u->span.data;
    size_t header = is_hevc(d->codec_format) || is_vvc(d->codec_format) ? 2 : 1;
    u->ref_idc = 1;
    if (u->span.size < header)
        return;
    if (is_hevc(d->codec_format)) {
        u->type = p[0] >> 1 & 63;
        u->layer_id = (uint8_t)((p[0] & 1) << 5 | p[1] >> 3);
        u->temporal_id = (uint8_t)((p[1] & 7) - ((p[1] & 7) > 0));
    } else if (is_vvc(d->codec_format)) {
        u->layer_id = p[0] & 63;
        u->type = p[1] >> 3;
        u->temporal_id = (uint8_t)((p[1] & 7) - ((p[1] & 7) > 0));
    } else {
        u->type = p[0] & 31;
        u->ref_idc = p[0] >> 5 & 3;
    }
    u->payload = (reel_span){p + header, u->span.size - header};
}

static int next_nal(reel_unit_iter *it, const reel_description *d, reel_unit *u, reel_error *err)
{
    reel__reader r = reel__read(it->data.data + it->at, it->data.size - it->at);
    uint32_t size = 0;
    for (uint32_t i = 0; i < it->length_size; i++)
        size = size << 8 | reel__u8(&r);
    const uint8_t *p = reel__take(&r, size);
    if (r.bad)
        return reel__fail(err, REEL_E_TRUNCATED, it->at, NULL, "a NAL unit of %u bytes runs past the end of its sample", size);
    u->span = (reel_span){p, size};
    u->offset = (uint32_t)(p - it->data.data);
    it->at = (size_t)(r.p - it->data.data);
    nal_header(d, u);
    return REEL_OK;
}

static uint64_t leb128(reel__reader *r)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++) {
        uint8_t b = reel__u8(r);
        v |= (uint64_t)(b & 127) << (7 * i);
        if (!(b & 128))
            return v;
    }
    r->bad = true;
    return 0;
}

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
    uint64_t size = header & 2 ? leb128(&r) : reel__left(&r);
    if (r.bad || size > reel__left(&r))
        return reel__fail(err, REEL_E_TRUNCATED, it->at, NULL, "an OBU runs past the end of its sample");
    u->payload = (reel_span){r.p, (size_t)size};
    u->span = (reel_span){start, (size_t)(r.p - start) + (size_t)size};
    u->offset = (uint32_t)it->at;
    it->at += u->span.size;
    return REEL_OK;
}

int reel_unit_next(reel_unit_iter *iter, const reel_description *d, reel_unit *unit, reel_error *err)
{
    if (!iter || !d || !unit)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no iterator, description or unit");
    if (iter->at >= iter->data.size)
        return REEL_END;
    memset(unit, 0, sizeof *unit);
    int code;
    if (iter->framing == REEL_FRAMING_NAL) {
        code = next_nal(iter, d, unit, err);
    } else if (iter->framing == REEL_FRAMING_OBU) {
        code = next_obu(iter, unit, err);
    } else {
        unit->span = unit->payload = iter->data;
        unit->ref_idc = 1;
        iter->at = iter->data.size;
        code = REEL_OK;
    }
    if (code < 0)
        iter->at = iter->data.size; /* what follows has no known beginning */
    return code;
}
