/* SPDX-License-Identifier: BSD-2-Clause */
/* Codec strings: RFC 6381 and what the codecs' own specifications say of it. */
#include <stdio.h>

#include "codec/codec.h"

/* Put it behind the n bytes that are there. */
static void put(reel_description *d, size_t n, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void put(reel_description *d, size_t n, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(d->codec + n, sizeof d->codec - n, format, args);
    va_end(args);
}

/* Dolby Vision Streams Within the ISO Base Media File Format 3.5: only where the sample entry is Dolby's own */
static bool name_dolby(reel_description *d)
{
    static const uint32_t entries[] = {REEL_4CC('d', 'v', 'h', '1'), REEL_4CC('d', 'v', 'h', 'e'),
                                       REEL_4CC('d', 'v', 'a', '1'), REEL_4CC('d', 'v', 'a', 'v'),
                                       REEL_4CC('d', 'a', 'v', '1')};
    if (!d->dovi_level)
        return false;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (entries[i] == d->codec_format) {
            put(d, 4, ".%02u.%02u", d->dovi_profile, d->dovi_level);
            return true;
        }
    return false;
}

/* RFC 6381 3.3: profile_idc, the constraint flags, level_idc */
static void name_avc(reel_description *d)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('a', 'v', 'c', 'C'), 0, 4);
    if (p && !name_dolby(d))
        put(d, 4, ".%02x%02x%02x", p[1], p[2], p[3]);
}

static uint32_t reversed(uint32_t v)
{
    uint32_t out = 0;
    for (int i = 0; i < 32; i++)
        out |= (v >> i & 1) << (31 - i);
    return out;
}

/* ISO/IEC 14496-15:2022 E.3; constraint bytes that are 0 are left out at the end */
static void name_hevc(reel_description *d)
{
    static const char space[4][2] = {"", "A", "B", "C"};
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('h', 'v', 'c', 'C'), 0, 13);
    if (!p || name_dolby(d))
        return;
    put(d, 4, ".%s%u.%X.%c%u", space[p[1] >> 6], p[1] & 31u, (unsigned)reversed(reel__be32(p + 2)),
        p[1] & 32 ? 'H' : 'L', p[12]);
    int last = 11;
    while (last >= 6 && !p[last])
        last--;
    for (int i = 6; i <= last; i++)
        put(d, strlen(d->codec), ".%X", p[i]);
}

/* RFC 4648 6 without padding: n bytes as base 32 */
static void put_base32(reel_description *d, const uint8_t *p, size_t n)
{
    reel__bits b = reel__bits_of((reel_span){p, n});
    while (reel__bits_left(&b)) {
        unsigned bits = (unsigned)REEL__MIN(reel__bits_left(&b), (size_t)5);
        uint32_t v = reel__bits_get(&b, bits) << (5 - bits);
        put(d, strlen(d->codec), "%c", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[v]);
    }
}

/* ISO/IEC 14496-15:2022 E.6: profile, tier and level, and the constraints unless they are all 0 */
static void name_vvc(reel_description *d)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('v', 'v', 'c', 'C'), 4, 8);
    if (!p || !(p[0] & 1))
        return;
    put(d, 4, ".%u.%c%u", p[5] >> 1, p[5] & 1 ? 'H' : 'L', p[6]);
    size_t n = REEL__MIN((size_t)(p[4] & 63), REEL__MIN(d->config.size - 4 - 7, (size_t)16));
    while (n && !p[7 + n - 1])
        n--;
    if (n) {
        put(d, strlen(d->codec), ".C");
        put_base32(d, p + 7, n);
    }
}

/* AV1 Codec ISO Media File Format Binding 5: the tail is all or nothing, and left out when it says the defaults
 */
static void name_av1(reel_description *d)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('a', 'v', '1', 'C'), 0, 3);
    if (!p || name_dolby(d))
        return;
    unsigned mono = p[2] >> 4 & 1u, x = p[2] >> 3 & 1u, y = p[2] >> 2 & 1u, position = x && y ? p[2] & 3u : 0;
    put(d, 4, ".%u.%02u%c.%02u", p[1] >> 5, p[1] & 31u, p[2] >> 7 ? 'H' : 'M', (unsigned)d->bit_depth);
    bool told = d->colour_known && !(d->colour_primaries == 2 && d->transfer == 2 && d->matrix == 2);
    unsigned primaries = told ? d->colour_primaries : 1u, transfer = told ? d->transfer : 1u;
    unsigned matrix = told ? d->matrix : 1u, range = d->colour_known ? d->full_range : 0u;
    bool defaults = primaries == 1 && transfer == 1 && matrix == 1 && !range;
    if (mono || !x || !y || position || !defaults)
        put(d, strlen(d->codec), ".%u.%u%u%u.%02u.%02u.%02u.%u", mono, x, y, position, primaries, transfer,
            matrix, range);
}

/* VP Codec ISO Media File Format Binding, Codecs Parameter String: the same rule */
static void name_vp(reel_description *d)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('v', 'p', 'c', 'C'), 0, 10);
    if (!p || p[0] != 1)
        return;
    unsigned chroma = p[6] >> 1 & 7u, range = p[6] & 1u;
    put(d, 4, ".%02u.%02u.%02u", p[4], p[5], p[6] >> 4);
    if (chroma != 1 || p[7] != 1 || p[8] != 1 || p[9] != 1 || range)
        put(d, strlen(d->codec), ".%02u.%02u.%02u.%02u.%02u", chroma, p[7], p[8], p[9], range);
}

/* RFC 6381 3.3: behind 20 the profile and level of the visual object sequence, in decimal */
static void name_mp4v(reel_description *d)
{
    static const uint8_t sequence[4] = {0, 0, 1, 0xb0};
    reel_span s = d->decoder_specific;
    if (!d->object_type_indication)
        return;
    put(d, 4, ".%02X", d->object_type_indication);
    if (d->object_type_indication == 0x20 && s.size >= 5 && !memcmp(s.data, sequence, 4))
        put(d, 7, ".%u", s.data[4]);
}

/* RFC 6381 3.3 */
static void name_mp4a(reel_description *d)
{
    if (d->object_type_indication == 0x40 && d->audio_object_type)
        put(d, 4, ".40.%u", d->audio_object_type);
    else if (d->object_type_indication)
        put(d, 4, ".%02X", d->object_type_indication);
}

static void name_mp4s(reel_description *d)
{
    if (d->object_type_indication)
        put(d, 4, ".%02X", d->object_type_indication);
}

/* ETSI TS 103 190-2 E.13: bitstream_version, presentation_version, mdcompat, of the first presentation */
static void name_ac4(reel_description *d)
{
    reel__bits b = reel__bits_of(d->config);
    uint32_t dsi = reel__bits_get(&b, 3), stream = reel__bits_get(&b, 7);
    reel__bits_skip(&b, 1 + 4);
    uint32_t presentations = reel__bits_get(&b, 9);
    if (d->config_type != REEL_4CC('d', 'a', 'c', '4') || dsi != 1 || !presentations)
        return;
    if (stream > 1 && reel__bits_get(&b, 1)) {
        reel__bits_skip(&b, 16);
        if (reel__bits_get(&b, 1))
            reel__bits_skip(&b, 128);
    }
    reel__bits_skip(&b, 2 + 32 + 32);
    reel__bits_align(&b);
    uint32_t version = reel__bits_get(&b, 8);
    if (reel__bits_get(&b, 8) == 255)
        reel__bits_skip(&b, 16);
    uint32_t compatible = reel__bits_get(&b, 5) == 6 ? 0 : reel__bits_get(&b, 3);
    if (!b.bad)
        put(d, 4, ".%02X.%02X.%02X", (unsigned)stream, (unsigned)version, (unsigned)compatible);
}

/* ISO/IEC 23008-3:2022 21: mpegh3daProfileLevelIndication */
static void name_mpegh(reel_description *d)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('m', 'h', 'a', 'C'), 0, 2);
    if (p)
        put(d, 4, ".0x%02X", p[1]);
}

/* The next OBU of an IAMF configuration, 3.2: gives its type and payload */
static bool next_iamf(reel__reader *r, uint8_t *type, reel__reader *payload)
{
    if (!reel__left(r))
        return false;
    uint8_t header = reel__u8(r);
    size_t size = reel__leb128(r);
    const uint8_t *p = r->bad ? NULL : reel__take(r, size);
    *type = header >> 3;
    *payload = reel__read(p, size);
    if (header & 2) { /* trimming */
        reel__leb128(payload);
        reel__leb128(payload);
    }
    if (header & 1)
        reel__skip(payload, reel__leb128(payload));
    return p != NULL;
}

/* IAMF 6.4: both profiles, and what the audio is coded with */
static void name_iamf(reel_description *d)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('i', 'a', 'c', 'b'), 0, 2);
    unsigned primary = 0, additional = 0;
    uint32_t codec = 0;
    uint8_t type;
    reel__reader r = reel__read(p ? p + 1 : NULL, p ? d->config.size - 1 : 0), obu;
    size_t size = reel__leb128(&r);
    r = reel__read(r.p, REEL__MIN(size, reel__left(&r)));
    while (!codec && next_iamf(&r, &type, &obu)) {
        if (type == 31) { /* IA sequence header */
            reel__skip(&obu, 4);
            primary = reel__u8(&obu);
            additional = reel__u8(&obu);
        } else if (type == 0) { /* codec configuration */
            reel__leb128(&obu);
            codec = reel__u32(&obu);
            d->samples_per_frame = reel__leb128(&obu);
            if (codec == REEL_4CC('O', 'p', 'u', 's'))
                d->sample_rate = 48000;
        }
    }
    char text[17];
    if (codec)
        put(d, 4, ".%03u.%03u.%s%s", primary, additional, reel_4cc_text(codec, text),
            codec == REEL_4CC('m', 'p', '4', 'a') ? ".40.2" : "");
}

void reel__name_codec(reel__reading *g, const reel__format *f)
{
    static void (*const by_family[REEL__FAMILIES])(reel_description *) = {
        [REEL__AVC] = name_avc,     [REEL__HEVC] = name_hevc, [REEL__VVC] = name_vvc,
        [REEL__AV1] = name_av1,     [REEL__VP] = name_vp,     [REEL__MP4V] = name_mp4v,
        [REEL__MP4A] = name_mp4a,   [REEL__MP4S] = name_mp4s, [REEL__AC4] = name_ac4,
        [REEL__MPEGH] = name_mpegh, [REEL__IAMF] = name_iamf, [REEL__TTML] = reel__name_ttml,
    };
    reel_description *d = g->d;
    if (by_family[f->family])
        by_family[f->family](d);
    /* What browsers ask for is written differently from the sample entries of these. */
    if (f->family == REEL__OPUS)
        put(d, 0, "opus");
    else if (f->family == REEL__FLAC)
        put(d, 0, "flac");
    else if (f->family == REEL__MP3)
        put(d, 0, "mp3");
}
