/* SPDX-License-Identifier: BSD-2-Clause */
/* Video configurations and codec strings: ISO/IEC 14496-15, the AV1 and VP bindings, RFC 6381. */
#include <stdio.h>

#include "codec/codec.h"

static void text(entry *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void text(entry *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(e->d->codec, sizeof e->d->codec, format, args);
    va_end(args);
}

/* The sample entry's name for the codec string. */
static const char *format_text(const entry *e, char buf[17]) { return reel_4cc_text(e->d->codec_format, buf); }

static bool dolby_entry(entry *e)
{
    char name[17];
    uint32_t f = e->d->codec_format;
    bool dolby = f == REEL_4CC('d', 'v', 'h', '1') || f == REEL_4CC('d', 'v', 'h', 'e') ||
                 f == REEL_4CC('d', 'v', 'a', '1') || f == REEL_4CC('d', 'v', 'a', 'v') ||
                 f == REEL_4CC('d', 'a', 'v', '1');
    if (!dolby || !e->d->dovi_profile)
        return false;
    text(e, "%s.%02u.%02u", format_text(e, name), e->d->dovi_profile, e->d->dovi_level);
    return true;
}

/* ISO/IEC 14496-15:2022 5.3.3.1 */
int reel__read_avcc(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 1);
    uint8_t profile = reel__u8(&r);
    reel__skip(&r, 2);
    e->d->nal_length_size = (reel__u8(&r) & 3) + 1;
    e->d->bit_depth = 8;
    for (int set = 0; set < 2; set++)
        for (uint8_t n = reel__u8(&r) & (set ? 255 : 31); n && !r.bad; n--)
            reel__skip(&r, reel__u16(&r));
    if (r.bad)
        return reel__config_damaged(e, box, "its parameter sets run past its end");
    bool high = profile == 100 || profile == 110 || profile == 122 || profile == 144 || profile == 244;
    if (high && reel__left(&r) >= 4) {
        reel__skip(&r, 1);
        e->d->bit_depth = (reel__u8(&r) & 7) + 8u;
    }
    return REEL_OK;
}

void reel__finish_avc(entry *e)
{
    char name[17];
    const uint8_t *p = e->d->config.data;
    if (!dolby_entry(e) && e->d->config.size >= 4)
        text(e, "%s.%02x%02x%02x", format_text(e, name), p[1], p[2], p[3]);
}

/* ISO/IEC 14496-15:2022 8.3.2.1 */
int reel__read_hvcc(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 17);
    e->d->bit_depth = (reel__u8(&r) & 7) + 8u;
    reel__skip(&r, 3);
    e->d->nal_length_size = (reel__u8(&r) & 3) + 1;
    for (uint8_t arrays = reel__u8(&r); arrays && !r.bad; arrays--) {
        reel__skip(&r, 1);
        for (uint16_t n = reel__u16(&r); n && !r.bad; n--)
            reel__skip(&r, reel__u16(&r));
    }
    return r.bad ? reel__config_damaged(e, box, "its parameter sets run past its end") : REEL_OK;
}

static uint32_t reversed(uint32_t v)
{
    uint32_t out = 0;
    for (int i = 0; i < 32; i++)
        out |= (v >> i & 1) << (31 - i);
    return out;
}

/* ISO/IEC 14496-15:2022 E.3 */
void reel__finish_hevc(entry *e)
{
    const uint8_t *p = e->d->config.data;
    char name[17], space[2] = {0};
    if (dolby_entry(e) || e->d->config.size < 13)
        return;
    if (p[1] >> 6)
        space[0] = (char)('A' + (p[1] >> 6) - 1);
    text(e, "%s.%s%u.%X.%c%u", format_text(e, name), space, p[1] & 31, reversed(reel__be32(p + 2)),
         p[1] & 32 ? 'H' : 'L', p[12]);
    int last = 11;
    while (last >= 6 && !p[last])
        last--;
    for (int i = 6; i <= last; i++) {
        size_t n = strlen(e->d->codec);
        snprintf(e->d->codec + n, sizeof e->d->codec - n, ".%X", p[i]);
    }
}

/* ISO/IEC 14496-15:2022 11.2.4.2 */
int reel__read_vvcc(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint8_t first = reel__u8(&r);
    e->d->nal_length_size = (first >> 1 & 3) + 1;
    if (!(first & 1))
        return REEL_OK;
    reel__skip(&r, 2);
    e->d->bit_depth = (reel__u8(&r) >> 5) + 8u;
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

/* ISO/IEC 14496-15:2022 E.6: profile, tier and level; the constraint flags are left out when they are 0 */
void reel__finish_vvc(entry *e)
{
    const uint8_t *p = e->d->decoder_specific.data;
    char name[17];
    if (e->d->decoder_specific.size >= 8 && (p[0] & 1))
        text(e, "%s.%u.%c%u", format_text(e, name), p[5] >> 1, p[5] & 1 ? 'H' : 'L', p[6]);
}

/* AV1 Codec ISO Media File Format Binding 2.3 */
int reel__read_av1c(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 2);
    uint8_t bits = reel__u8(&r);
    e->d->bit_depth = bits & 64 ? (bits & 32 ? 12 : 10) : 8;
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

/* The same, section 5. The tail is written when it says anything but the default. */
void reel__finish_av1(entry *e)
{
    const reel_description *d = e->d;
    const uint8_t *p = d->config.data;
    char name[17];
    if (dolby_entry(e) || d->config.size < 3)
        return;
    unsigned mono = p[2] >> 4 & 1, x = p[2] >> 3 & 1, y = p[2] >> 2 & 1, position = p[2] & 3;
    text(e, "%s.%u.%02u%c.%02u", format_text(e, name), p[1] >> 5, p[1] & 31, p[2] >> 7 ? 'H' : 'M', d->bit_depth);
    bool told = d->colour_known && d->colour_primaries != 2;
    bool usual = !mono && x && y && position == 0 &&
                 (!told || (d->colour_primaries == 1 && d->transfer == 1 && d->matrix == 1 && !d->full_range));
    size_t n = strlen(d->codec);
    if (!usual)
        snprintf(e->d->codec + n, sizeof d->codec - n, ".%u.%u%u%u.%02u.%02u.%02u.%u", mono, x, y,
                 x && y ? position : 0, told ? d->colour_primaries : 1u, told ? d->transfer : 1u,
                 told ? d->matrix : 1u, told ? d->full_range : 0u);
}

/* VP Codec ISO Media File Format Binding: VPCodecConfigurationRecord */
int reel__read_vpcc(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    if (reel__u8(&r) != 1) /* version 0 was a draft of another shape */
        return REEL_OK;
    reel__skip(&r, 3 + 2);
    uint8_t bits = reel__u8(&r);
    e->d->bit_depth = bits >> 4;
    if (!e->d->colour_known) {
        e->d->colour_primaries = reel__u8(&r);
        e->d->transfer = reel__u8(&r);
        e->d->matrix = reel__u8(&r);
        e->d->full_range = bits & 1;
        e->d->colour_known = e->d->colour_primaries != 2;
    }
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

void reel__finish_vp9(entry *e)
{
    const reel_description *d = e->d;
    const uint8_t *p = d->config.data;
    char name[17];
    if (d->config.size < 10 || p[0] != 1)
        return;
    unsigned chroma = p[6] >> 1 & 7;
    text(e, "%s.%02u.%02u.%02u", format_text(e, name), p[4], p[5], p[6] >> 4);
    size_t n = strlen(d->codec);
    if (chroma != 1 || p[7] != 1 || p[8] != 1 || p[9] != 1 || (p[6] & 1))
        snprintf(e->d->codec + n, sizeof d->codec - n, ".%02u.%02u.%02u.%02u.%02u", chroma, p[7], p[8], p[9], p[6] & 1u);
}

/* RFC 6381 3.3: the profile and level of a visual object sequence, decimal */
void reel__finish_mp4v(entry *e)
{
    reel_span s = e->d->decoder_specific;
    uint8_t oti = e->d->object_type_indication;
    if (oti == 0x20 && s.size >= 5 && !memcmp(s.data, "\0\0\1\xb0", 4))
        text(e, "mp4v.20.%u", s.data[4]);
    else if (oti)
        text(e, "mp4v.%02X", oti);
}
