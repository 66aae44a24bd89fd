/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameter sets in a configuration, one by one: ISO/IEC 14496-15:2022 5.3.3, 8.3.2, 11.2.4 */
#include "codec/codec.h"

/* The i-th of n length-prefixed NAL units; *i is lessened by those that were passed. */
static bool nth(reel__reader *r, uint32_t n, size_t *i, reel_span *nal)
{
    for (; n && !r->bad; n--) {
        uint16_t size = reel__u16(r);
        const uint8_t *p = reel__take(r, size);
        if (!p)
            return false;
        if ((*i)-- == 0) {
            *nal = (reel_span){p, size};
            return true;
        }
    }
    return false;
}

static int from_avcc(reel__reader r, size_t i, reel_span *nal)
{
    reel__skip(&r, 1);
    uint8_t profile = reel__u8(&r);
    reel__skip(&r, 3);
    if (nth(&r, reel__u8(&r) & 31, &i, nal) || nth(&r, reel__u8(&r), &i, nal))
        return REEL_OK;
    if (profile != 100 && profile != 110 && profile != 122 && profile != 144)
        return REEL_END;
    reel__skip(&r, 3);
    return nth(&r, reel__u8(&r), &i, nal) ? REEL_OK : REEL_END;
}

static int from_arrays(reel__reader r, size_t i, reel_span *nal, bool vvc)
{
    for (uint8_t arrays = reel__u8(&r); arrays && !r.bad; arrays--) {
        uint8_t type = reel__u8(&r) & (vvc ? 31 : 63);
        uint32_t n = vvc && (type == 13 || type == 12) ? 1 : reel__u16(&r);
        if (nth(&r, n, &i, nal))
            return REEL_OK;
    }
    return REEL_END;
}

/* VvcPTLRecord, 11.2.4.2.2: what stands between the header and the arrays */
static void skip_vvc_header(reel__reader *r)
{
    if (!(reel__u8(r) & 1))
        return;
    uint16_t bits = reel__u16(r);
    uint32_t sublayers = bits >> 4 & 7;
    reel__skip(r, 1);
    uint8_t constraint = reel__u8(r) & 63;
    reel__skip(r, 2 + (size_t)constraint);
    uint8_t present = sublayers > 1 ? reel__u8(r) : 0;
    for (uint32_t k = 0; k + 1 < sublayers; k++)
        if (present >> (7 - k) & 1)
            reel__skip(r, 1);
    reel__skip(r, 4 * (size_t)reel__u8(r));
    reel__skip(r, 6);
}

int reel_description_parameter_set(const reel_description *d, size_t i, reel_span *nal)
{
    if (!d || !nal)
        return REEL_E_ARG;
    reel__reader r = reel__read(d->decoder_specific.data, d->decoder_specific.size);
    switch (d->config_type) {
    case REEL_4CC('a', 'v', 'c', 'C'):
        return from_avcc(r, i, nal);
    case REEL_4CC('h', 'v', 'c', 'C'):
        reel__skip(&r, 22);
        return from_arrays(r, i, nal, false);
    case REEL_4CC('v', 'v', 'c', 'C'):
        skip_vvc_header(&r);
        return from_arrays(r, i, nal, true);
    default:
        return REEL_END;
    }
}
