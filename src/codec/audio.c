/* SPDX-License-Identifier: BSD-2-Clause */
/* Audio configurations, and what the format alone says. */
#include "codec/codec.h"

static void keep(uint32_t *there, uint32_t value)
{
    if (value)
        *there = value;
}

static const uint32_t ac3_rates[4] = {48000, 44100, 32000, 0};
static const uint8_t ac3_channels[8] = {2, 1, 2, 3, 3, 4, 4, 5}; /* by acmod */

/* ETSI TS 102 366 F.4: fscod 2, bsid 5, bsmod 3, acmod 3, lfeon 1, bit_rate_code 5 */
int reel__read_dac3(reel__reading *g, const reel__part *box)
{
    static const uint16_t kbps[19] = {32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                      192, 224, 256, 320, 384, 448, 512, 576, 640};
    reel_description *d = g->d;
    reel__reader r = reel__part_reader(box);
    uint32_t bits = reel__u24(&r), code = bits >> 5 & 31;
    if (r.bad)
        return reel__config_done(g, box, &r);
    uint32_t halved = bits >> 17 & 31; /* bsid 9 and 10 were used for half and a quarter of the rates */
    halved = halved == 9 || halved == 10 ? halved - 8 : 0;
    keep(&d->sample_rate, ac3_rates[bits >> 22] >> halved);
    d->channels = ac3_channels[bits >> 11 & 7] + (bits >> 10 & 1);
    d->samples_per_frame = 1536;
    if (code < 19 && !d->average_bitrate)
        d->average_bitrate = d->max_bitrate = kbps[code] * 1000u >> halved;
    return REEL_OK;
}

/* Channels that bit i of chan_loc stands for, ETSI TS 102 366 Table F.6.1 */
static uint32_t dependent_channels(uint32_t places)
{
    static const uint8_t channels[9] = {2, 2, 1, 1, 2, 2, 2, 1, 1};
    uint32_t n = 0;
    for (int i = 0; i < 9; i++)
        n += places >> i & 1 ? channels[i] : 0u;
    return n;
}

/* ETSI TS 103 420 8.3: past the substreams stands whether there are joint objects, and how many at most */
static uint32_t joint_objects(reel__bits b)
{
    reel__bits_skip(&b, 13);
    for (uint32_t n = reel__bits_get(&b, 3) + 1; n; n--) {
        reel__bits_skip(&b, 2 + 5 + 1 + 1 + 3 + 3 + 1 + 3);
        reel__bits_skip(&b, reel__bits_get(&b, 4) ? 9 : 1);
    }
    reel__bits_skip(&b, 7);
    if (!reel__bits_get(&b, 1))
        return 0;
    uint32_t most = reel__bits_get(&b, 8);
    return REEL__MAX(most, 1u);
}

/* ETSI TS 102 366 F.6: the first independent substream, with what its dependent ones add */
int reel__read_dec3(reel__reading *g, const reel__part *box)
{
    reel_description *d = g->d;
    reel__bits b = reel__bits_of((reel_span){box->body, box->size});
    d->joint_objects = joint_objects(b);
    uint32_t kbps = reel__bits_get(&b, 13);
    reel__bits_skip(&b, 3);
    uint32_t rate = ac3_rates[reel__bits_get(&b, 2)];
    reel__bits_skip(&b, 5 + 1 + 1 + 3);
    uint32_t mode = reel__bits_get(&b, 3), lfe = reel__bits_get(&b, 1);
    reel__bits_skip(&b, 3);
    uint32_t places = reel__bits_get(&b, 4) ? reel__bits_get(&b, 9) : 0;
    if (b.bad)
        return reel__config_damaged(g, box, "it ends too early, after %zu bytes", box->size);
    keep(&d->sample_rate, rate);
    d->channels = ac3_channels[mode] + lfe + dependent_channels(places);
    d->samples_per_frame = 1536;
    if (kbps && !d->average_bitrate)
        d->average_bitrate = d->max_bitrate = kbps * 1000;
    return REEL_OK;
}

/* ETSI TS 103 190-2 E.6: ac4_dsi_version 3, bitstream_version 7, fs_index 1 */
int reel__read_dac4(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint16_t bits = reel__u16(&r);
    if (!r.bad && !g->d->sample_rate)
        g->d->sample_rate = bits >> 5 & 1 ? 48000 : 44100;
    return reel__config_done(g, box, &r);
}

/* Encapsulation of Opus in ISO Base Media File Format 4.3.2: a decoder always gives 48 kHz */
int reel__read_dops(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 1);
    uint8_t channels = reel__u8(&r);
    reel__skip(&r, 2 + 4 + 2);
    if (reel__u8(&r))
        reel__skip(&r, 2 + (size_t)channels);
    keep(&g->d->channels, channels);
    g->d->sample_rate = 48000;
    return reel__config_done(g, box, &r);
}

/* Encapsulation of FLAC in ISO Base Media File Format 3.3.2: STREAMINFO (34 bytes, type 0) comes first */
int reel__read_dfla(reel__reading *g, const reel__part *box)
{
    reel_description *d = g->d;
    reel__reader r = reel__part_reader(box);
    uint32_t block = reel__u32(&r) & 0x7fffffff;
    uint16_t least = reel__u16(&r), most = reel__u16(&r);
    reel__skip(&r, 6);
    uint32_t rate = reel__u24(&r), depth = reel__u8(&r);
    if (r.bad)
        return reel__config_done(g, box, &r);
    if (block >> 24 != 0 || (block & 0xffffff) < 18)
        return reel__config_damaged(g, box, "its first block is no STREAMINFO");
    keep(&d->sample_rate, rate >> 4);
    d->channels = (rate >> 1 & 7) + 1;
    d->bits_per_sample = ((rate & 1) << 4 | depth >> 4) + 1;
    d->samples_per_frame = least == most ? most : 0;
    return REEL_OK;
}

/* The magic cookie of Apple Lossless */
int reel__read_alac(reel__reading *g, const reel__part *box)
{
    reel_description *d = g->d;
    reel__reader r = reel__part_reader(box);
    uint32_t frame = reel__u32(&r);
    reel__skip(&r, 1);
    uint8_t depth = reel__u8(&r);
    reel__skip(&r, 3);
    uint8_t channels = reel__u8(&r);
    reel__skip(&r, 2 + 4);
    uint32_t bitrate = reel__u32(&r), rate = reel__u32(&r);
    if (r.bad)
        return reel__config_done(g, box, &r);
    keep(&d->samples_per_frame, frame);
    keep(&d->bits_per_sample, depth);
    keep(&d->channels, channels);
    keep(&d->sample_rate, rate);
    keep(&d->average_bitrate, bitrate);
    return REEL_OK;
}

/* ISO/IEC 23003-5:2020 5.2 */
int reel__read_pcmc(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint8_t flags = reel__u8(&r), bits = reel__u8(&r);
    if (r.bad)
        return reel__config_done(g, box, &r);
    g->little_endian = flags & 1;
    g->d->bits_per_sample = bits;
    return REEL_OK;
}

/* QTFF, Endian atom */
int reel__read_enda(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    g->little_endian = reel__u16(&r) & 1;
    return reel__config_done(g, box, &r);
}

/* ISO/IEC 14496-12:2022 12.2.3 */
int reel__read_srat(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint32_t rate = reel__u32(&r);
    keep(&g->d->sample_rate, rate);
    keep(&g->d->entry_sample_rate, rate);
    return reel__config_done(g, box, &r);
}

/* 3GPP TS 26.244 6.7: the frames of one sample */
int reel__read_damr(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 8);
    g->d->samples_per_frame = reel__u8(&r); /* times the samples of a frame: reel__finish_audio */
    return reel__config_done(g, box, &r);
}

/* Channels that bit i of ChannelLayout stands for, ETSI TS 102 114 Table E.5 */
static uint32_t dts_channels(uint32_t places)
{
    static const uint8_t channels[16] = {1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 2, 1, 2, 1, 2};
    uint32_t n = 0;
    for (int i = 0; i < 16; i++)
        n += places >> i & 1 ? channels[i] : 0u;
    return n;
}

/* ETSI TS 102 114 E.2.2.3.1 */
int reel__read_ddts(reel__reading *g, const reel__part *box)
{
    reel_description *d = g->d;
    reel__reader r = reel__part_reader(box);
    uint32_t rate = reel__u32(&r), most = reel__u32(&r), average = reel__u32(&r), depth = reel__u8(&r);
    uint32_t bits = reel__u32(&r), layout = reel__u16(&r);
    if (r.bad)
        return reel__config_done(g, box, &r);
    keep(&d->sample_rate, rate);
    keep(&d->max_bitrate, most);
    keep(&d->average_bitrate, average);
    keep(&d->bits_per_sample, depth);
    keep(&d->channels, dts_channels(layout));
    d->samples_per_frame = 512u << (bits >> 30);
    return REEL_OK;
}

/* Dolby TrueHD (MLP) Bitstreams Within the ISO Base Media File Format, 4: format_info begins with the rate */
int reel__read_dmlp(reel__reading *g, const reel__part *box)
{
    static const uint32_t rates[16] = {48000, 96000, 192000, 0, 0, 0, 0, 0, 44100, 88200, 176400};
    reel__reader r = reel__part_reader(box);
    uint32_t format = reel__u32(&r);
    keep(&g->d->sample_rate, r.bad ? 0 : rates[format >> 28]);
    return reel__config_done(g, box, &r);
}

/* ISO/IEC 23008-3:2022 20.4; referenceChannelLayout is ChannelConfiguration of ISO/IEC 23091-3 */
int reel__read_mhac(reel__reading *g, const reel__part *box)
{
    static const uint8_t channels[21] = {0, 1, 2, 3, 4, 5, 6, 8, 0, 3, 4, 7, 8, 24, 8, 12, 10, 12, 14, 12, 14};
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 2);
    uint8_t layout = reel__u8(&r);
    keep(&g->d->channels, layout < sizeof channels ? channels[layout] : 0);
    return reel__config_done(g, box, &r);
}

/* IAMF 3.5 and 6.2.4: read again for its string; here only that it is there */
int reel__read_iacb(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 2);
    return reel__config_done(g, box, &r);
}

/* MPEG-2 AAC (object types 0x66 to 0x68) carries the same configuration. ADTS knows the first four AAC types
 * only. */
static void finish_mp4a(reel_description *d)
{
    uint8_t type = d->object_type_indication;
    reel__asc asc;
    bool aac = type == 0x40 || (type >= 0x66 && type <= 0x68);
    d->framing = REEL_FRAMING_NONE;
    if (!aac || !reel__asc_read(d->decoder_specific, &asc))
        return;
    d->audio_object_type = asc.type;
    d->sbr = asc.sbr;
    d->ps = asc.ps;
    keep(&d->sample_rate, asc.rate);
    keep(&d->channels, asc.channels);
    d->samples_per_frame = asc.rate == asc.core_rate * 2 ? asc.frame * 2u : asc.frame;
    if (asc.core_type >= 1 && asc.core_type <= 4)
        d->framing = REEL_FRAMING_AAC;
}

/* What MPEG-1 and 2 audio, AC-3 and DTS behind an object type have in a frame */
static void finish_object(reel_description *d)
{
    switch (d->object_type_indication) {
    case 0x69:
    case 0x6b:
        d->samples_per_frame = d->sample_rate >= 32000 ? 1152 : 576;
        break;
    case 0xa5:
    case 0xa6:
        d->samples_per_frame = 1536;
        break;
    default:
        break;
    }
}

static const struct {
    uint32_t format;
    uint8_t bits, flags;
} pcm[] = {
    {REEL_4CC('s', 'o', 'w', 't'), 0, REEL_PCM_LITTLE_ENDIAN},
    {REEL_4CC('s', '1', '6', 'l'), 16, REEL_PCM_LITTLE_ENDIAN},
    {REEL_4CC('i', 'n', '2', '4'), 24, 0},
    {REEL_4CC('i', 'n', '3', '2'), 32, 0},
    {REEL_4CC('f', 'l', '3', '2'), 32, REEL_PCM_FLOAT},
    {REEL_4CC('f', 'l', '6', '4'), 64, REEL_PCM_FLOAT},
    {REEL_4CC('f', 'p', 'c', 'm'), 0, REEL_PCM_FLOAT},
};

static void finish_pcm(reel_description *d, bool little_endian)
{
    for (size_t i = 0; i < sizeof pcm / sizeof *pcm; i++) {
        if (pcm[i].format != d->codec_format)
            continue;
        d->pcm_flags |= pcm[i].flags;
        keep(&d->bits_per_sample, pcm[i].bits);
    }
    /* QTFF: 'raw ' counts from 128; so does NONE, where it has 8 bits */
    if (d->codec_format == REEL_4CC('r', 'a', 'w', ' ') ||
        (d->codec_format == REEL_4CC('N', 'O', 'N', 'E') && d->bits_per_sample == 8))
        d->pcm_flags |= REEL_PCM_UNSIGNED;
    if (little_endian)
        d->pcm_flags |= REEL_PCM_LITTLE_ENDIAN;
    if (!d->samples_per_frame)
        d->samples_per_frame = 1;
}

/* 3GPP TS 26.244 6.5: always mono; the fields of the sample entry are to be 2 and 16 bits, whatever is in it */
static void finish_amr(reel_description *d)
{
    bool wide = d->codec_format == REEL_4CC('s', 'a', 'w', 'b');
    d->channels = 1;
    d->sample_rate = wide ? 16000 : 8000;
    if (d->config_type == REEL_4CC('d', 'a', 'm', 'r'))
        d->samples_per_frame *= wide ? 320 : 160;
}

void reel__finish_audio(reel__reading *g, const reel__format *f)
{
    reel_description *d = g->d;
    switch (f->family) {
    case REEL__MP4A:
        finish_mp4a(d);
        finish_object(d);
        break;
    case REEL__PCM:
        finish_pcm(d, g->little_endian);
        break;
    case REEL__AMR:
        finish_amr(d);
        break;
    case REEL__MP3:
        d->samples_per_frame = d->sample_rate >= 32000 ? 1152 : 576;
        break;
    default:
        break;
    }
}
