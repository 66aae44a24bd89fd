/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameter sets in a configuration, one by one. */
#include "codec/codec.h"

/* Of n NAL units behind 16 bits of length the one that *i counts down to; those that are passed lessen *i. */
static bool nth(reel__reader *r, uint32_t n, size_t *i, reel_span *nal)
{
    for (; n && !r->bad; n--) {
        size_t size = reel__u16(r);
        const uint8_t *p = reel__take(r, size);
        if (p && *i == 0) {
            *nal = (reel_span){p, size};
            return true;
        }
        --*i;
    }
    return false;
}

/* ISO/IEC 14496-15:2022 5.3.3.1: SPS, PPS, and for the high profiles SPS extensions */
static int from_avcc(reel__reader r, size_t i, reel_span *nal)
{
    reel__skip(&r, 1);
    uint8_t profile = reel__u8(&r);
    reel__skip(&r, 3);
    if (nth(&r, reel__u8(&r) & 31u, &i, nal) || nth(&r, reel__u8(&r), &i, nal))
        return REEL_OK;
    if (profile == 66 || profile == 77 || profile == 88)
        return REEL_END;
    reel__skip(&r, 3);
    return nth(&r, reel__u8(&r), &i, nal) ? REEL_OK : REEL_END;
}

/* ISO/IEC 14496-15:2022 8.3.2.1, 11.2.4.2.2 */
static int from_arrays(reel__reader r, size_t i, reel_span *nal, bool vvc)
{
    for (uint8_t arrays = reel__u8(&r); arrays && !r.bad; arrays--) {
        uint8_t type = reel__u8(&r) & (vvc ? 31 : 63);
        uint32_t n = vvc && reel__vvc_alone(type) ? 1 : reel__u16(&r);
        if (nth(&r, n, &i, nal))
            return REEL_OK;
    }
    return REEL_END;
}

/* VvcDecoderConfigurationRecord and the VvcPTLRecord in it, 11.2.4.2.2: what stands before the arrays */
void reel__skip_vvc_header(reel__reader *r, uint32_t *width, uint32_t *height)
{
    if (!(reel__u8(r) & 1))
        return;
    uint32_t sublayers = reel__u16(r) >> 4 & 7;
    reel__skip(r, 1);
    size_t constraints = reel__u8(r) & 63;
    reel__skip(r, 2 + constraints);
    uint8_t present = sublayers > 1 ? reel__u8(r) : 0;
    for (uint32_t k = 0; k + 1 < sublayers; k++)
        reel__skip(r, present >> (7 - k) & 1);
    size_t profiles = reel__u8(r);
    reel__skip(r, 4 * profiles);
    uint32_t x = reel__u16(r), y = reel__u16(r);
    reel__skip(r, 2);
    if (width)
        *width = x;
    if (height)
        *height = y;
}

/* More sets than any codec can number: they would make going through them quadratic. */
enum { MOST_SETS = 1024 };

int reel_description_parameter_set(const reel_description *d, size_t i, reel_span *nal)
{
    if (!d || !nal)
        return REEL_E_ARG;
    if (i >= MOST_SETS)
        return REEL_END;
    reel__reader r = reel__read(d->config.data, d->config.size);
    switch (d->config_type) {
    case REEL_4CC('a', 'v', 'c', 'C'):
        return from_avcc(r, i, nal);
    case REEL_4CC('h', 'v', 'c', 'C'):
        reel__skip(&r, 22);
        return from_arrays(r, i, nal, false);
    case REEL_4CC('v', 'v', 'c', 'C'):
        reel__skip(&r, 4); /* version and flags */
        reel__skip_vvc_header(&r, NULL, NULL);
        return from_arrays(r, i, nal, true);
    default:
        return REEL_END;
    }
}
