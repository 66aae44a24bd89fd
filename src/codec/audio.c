/* SPDX-License-Identifier: BSD-2-Clause */
/* Audio configurations and codec strings. */
#include <stdio.h>

#include "codec/codec.h"

static const uint32_t ac3_rates[4] = {48000, 44100, 32000, 0};
static const uint8_t ac3_channels[8] = {2, 1, 2, 3, 3, 4, 4, 5};

/* ETSI TS 102 366 F.4 */
int reel__read_dac3(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint32_t bits = reel__u24(&r);
    static const uint16_t kbps[19] = {32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                      192, 224, 256, 320, 384, 448, 512, 576, 640};
    if (r.bad)
        return reel__config_damaged(e, box, "it is too short");
    uint32_t rate = ac3_rates[bits >> 22], code = bits >> 5 & 31;
    e->d->sample_rate = rate ? rate : e->d->sample_rate;
    e->d->channels = ac3_channels[bits >> 11 & 7] + (bits >> 10 & 1);
    e->d->samples_per_frame = 1536;
    if (code < 19 && !e->d->average_bitrate)
        e->d->average_bitrate = e->d->max_bitrate = kbps[code] * 1000u;
    return REEL_OK;
}

/* ETSI TS 102 366 F.6: the first independent substream, with the channels its dependent ones add */
int reel__read_dec3(entry *e, const reel__part *box)
{
    static const uint8_t added[9] = {2, 2, 1, 1, 2, 2, 2, 1, 1}; /* channels of the bits of chan_loc */
    reel__bits b = {.data = box->body, .size = box->size};
    uint32_t kbps = reel__bits_get(&b, 13);
    reel__bits_get(&b, 3);
    uint32_t rate = ac3_rates[reel__bits_get(&b, 2)];
    reel__bits_get(&b, 5 + 1 + 1 + 3);
    uint32_t mode = reel__bits_get(&b, 3), lfe = reel__bits_get(&b, 1);
    reel__bits_get(&b, 3);
    uint32_t dependent = reel__bits_get(&b, 4), place = dependent ? reel__bits_get(&b, 9) : 0;
    if (b.bad)
        return reel__config_damaged(e, box, "it is too short");
    e->d->sample_rate = rate ? rate : e->d->sample_rate;
    e->d->channels = ac3_channels[mode] + lfe;
    for (int i = 0; i < 9; i++)
        e->d->channels += place >> i & 1 ? added[i] : 0u;
    if (kbps && !e->d->average_bitrate)
        e->d->average_bitrate = e->d->max_bitrate = kbps * 1000;
    return REEL_OK;
}

int reel__read_dac4(entry *e, const reel__part *box)
{
    return box->size < 8 ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

/* ETSI TS 103 190-2 E.13: bitstream version, presentation version, level of the first presentation */
void reel__finish_ac4(entry *e)
{
    reel__bits b = {.data = e->d->config.data, .size = e->d->config.size};
    uint32_t dsi = reel__bits_get(&b, 3), stream = reel__bits_get(&b, 7);
    reel__bits_get(&b, 1 + 4);
    uint32_t presentations = reel__bits_get(&b, 9);
    if (dsi != 1 || !presentations)
        return;
    if (stream > 1 && reel__bits_get(&b, 1)) {
        reel__bits_get(&b, 16);
        if (reel__bits_get(&b, 1))
            for (int i = 0; i < 4; i++)
                reel__bits_get(&b, 32);
    }
    reel__bits_get(&b, 2);
    reel__bits_get(&b, 32);
    reel__bits_get(&b, 32);
    b.at = (b.at + 7) & ~(size_t)7;
    uint32_t version = reel__bits_get(&b, 8);
    if (reel__bits_get(&b, 8) == 255)
        reel__bits_get(&b, 16);
    uint32_t config = reel__bits_get(&b, 5), level = config == 6 ? 0 : reel__bits_get(&b, 3);
    if (!b.bad)
        snprintf(e->d->codec, sizeof e->d->codec, "ac-4.%02u.%02u.%02u", stream, version, level);
}

/* Encapsulation of Opus in ISO Base Media File Format 4.3.2: a decoder always gives 48 kHz */
int reel__read_dops(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 1);
    uint8_t channels = reel__u8(&r);
    reel__skip(&r, 2 + 4 + 2);
    uint8_t family = reel__u8(&r);
    if (family)
        reel__skip(&r, 2 + (size_t)channels);
    if (r.bad)
        return reel__config_damaged(e, box, "it is too short");
    e->d->channels = channels;
    e->d->sample_rate = 48000;
    return REEL_OK;
}

void reel__finish_opus(entry *e) { snprintf(e->d->codec, sizeof e->d->codec, "opus"); }

/* Encapsulation of FLAC in ISO Base Media File Format 3.3.2: STREAMINFO comes first */
int reel__read_dfla(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 4 + 10);
    uint32_t rate = reel__u24(&r);
    uint8_t depth = reel__u8(&r);
    if (r.bad)
        return reel__config_damaged(e, box, "it is too short");
    e->d->sample_rate = rate >> 4;
    e->d->channels = (rate >> 1 & 7) + 1;
    e->d->bits_per_sample = ((rate & 1) << 4 | depth >> 4) + 1;
    return REEL_OK;
}

void reel__finish_flac(entry *e) { snprintf(e->d->codec, sizeof e->d->codec, "flac"); }

/* The magic cookie of Apple Lossless. In a wave there is a sample entry of that name too: it is shorter. */
int reel__read_alac(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint32_t frame = reel__u32(&r);
    reel__skip(&r, 1);
    uint8_t depth = reel__u8(&r);
    reel__skip(&r, 3);
    uint8_t channels = reel__u8(&r);
    reel__skip(&r, 2 + 4);
    uint32_t bitrate = reel__u32(&r), rate = reel__u32(&r);
    if (r.bad)
        return reel__config_damaged(e, box, "it is too short");
    e->d->samples_per_frame = frame;
    e->d->bits_per_sample = depth;
    e->d->channels = channels;
    e->d->sample_rate = rate;
    e->d->average_bitrate = bitrate;
    return REEL_OK;
}

/* ISO/IEC 23003-5 5.2 */
int reel__read_pcmc(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    e->d->pcm_flags |= reel__u8(&r) & 1 ? REEL_PCM_LITTLE_ENDIAN : 0;
    e->d->bits_per_sample = reel__u8(&r);
    return r.bad ? reel__config_damaged(e, box, "it is too short") : REEL_OK;
}

/* QTFF, Endian atom */
int reel__read_enda(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    e->little_endian = reel__u16(&r) != 0;
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 12.2.3 */
int reel__read_srat(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint32_t rate = reel__u32(&r);
    if (rate)
        e->d->sample_rate = e->d->entry_sample_rate = rate;
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.5.2.2 */
int reel__read_btrt(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint32_t buffer = reel__u32(&r), most = reel__u32(&r), average = reel__u32(&r);
    if (r.bad)
        return reel__config_damaged(e, box, "it is too short");
    e->d->buffer_size = buffer;
    e->d->max_bitrate = most;
    e->d->average_bitrate = average;
    return REEL_OK;
}

/* RFC 6381 3.3 */
void reel__finish_mp4a(entry *e)
{
    reel_description *d = e->d;
    if (d->object_type_indication == 0x40 || (d->object_type_indication >= 0x66 && d->object_type_indication <= 0x68))
        reel__read_asc(d, d->decoder_specific);
    else
        d->framing = REEL_FRAMING_NONE;
    if (d->object_type_indication == 0x40 && d->audio_object_type)
        snprintf(d->codec, sizeof d->codec, "mp4a.40.%u", d->audio_object_type);
    else if (d->object_type_indication)
        snprintf(d->codec, sizeof d->codec, "mp4a.%02X", d->object_type_indication);
}

void reel__finish_mp3(entry *e) { snprintf(e->d->codec, sizeof e->d->codec, "mp3"); }

static const struct {
    uint32_t format;
    uint8_t bits;
    uint8_t flags;
} pcm[] = {
    {REEL_4CC('s', 'o', 'w', 't'), 0, REEL_PCM_LITTLE_ENDIAN}, {REEL_4CC('r', 'a', 'w', ' '), 0, REEL_PCM_UNSIGNED},
    {REEL_4CC('i', 'n', '2', '4'), 24, 0},                     {REEL_4CC('i', 'n', '3', '2'), 32, 0},
    {REEL_4CC('f', 'l', '3', '2'), 32, REEL_PCM_FLOAT},        {REEL_4CC('f', 'l', '6', '4'), 64, REEL_PCM_FLOAT},
    {REEL_4CC('f', 'p', 'c', 'm'), 0, REEL_PCM_FLOAT},
};

void reel__finish_pcm(entry *e)
{
    for (size_t i = 0; i < sizeof pcm / sizeof *pcm; i++) {
        if (pcm[i].format != e->d->codec_format)
            continue;
        e->d->pcm_flags |= pcm[i].flags;
        e->d->bits_per_sample = pcm[i].bits ? pcm[i].bits : e->d->bits_per_sample;
    }
    if (e->little_endian)
        e->d->pcm_flags |= REEL_PCM_LITTLE_ENDIAN;
}
