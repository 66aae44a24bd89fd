/* SPDX-License-Identifier: BSD-2-Clause */
/* The sample entry formats that reel knows, and the boxes that configure them. */
#include "codec/codec.h"

#define V REEL_TRACK_VIDEO
#define A REEL_TRACK_AUDIO
#define T REEL_TRACK_TEXT
#define M REEL_TRACK_META
#define F(a, b, c, d) REEL_4CC(a, b, c, d)
#define AVCC F('a', 'v', 'c', 'C')
#define HVCC F('h', 'v', 'c', 'C')
#define VVCC F('v', 'v', 'c', 'C')
#define ESDS F('e', 's', 'd', 's')

static const reel__format formats[] = {
    {F('a', 'v', 'c', '1'), V, REEL_FRAMING_NAL, AVCC, reel__finish_avc, "H.264"},
    {F('a', 'v', 'c', '2'), V, REEL_FRAMING_NAL, AVCC, reel__finish_avc, "H.264"},
    {F('a', 'v', 'c', '3'), V, REEL_FRAMING_NAL, AVCC, reel__finish_avc, "H.264"},
    {F('a', 'v', 'c', '4'), V, REEL_FRAMING_NAL, AVCC, reel__finish_avc, "H.264"},
    {F('d', 'v', 'a', '1'), V, REEL_FRAMING_NAL, AVCC, reel__finish_avc, "Dolby Vision H.264"},
    {F('d', 'v', 'a', 'v'), V, REEL_FRAMING_NAL, AVCC, reel__finish_avc, "Dolby Vision H.264"},
    {F('h', 'v', 'c', '1'), V, REEL_FRAMING_NAL, HVCC, reel__finish_hevc, "HEVC"},
    {F('h', 'e', 'v', '1'), V, REEL_FRAMING_NAL, HVCC, reel__finish_hevc, "HEVC"},
    {F('d', 'v', 'h', '1'), V, REEL_FRAMING_NAL, HVCC, reel__finish_hevc, "Dolby Vision HEVC"},
    {F('d', 'v', 'h', 'e'), V, REEL_FRAMING_NAL, HVCC, reel__finish_hevc, "Dolby Vision HEVC"},
    {F('v', 'v', 'c', '1'), V, REEL_FRAMING_NAL, VVCC, reel__finish_vvc, "VVC"},
    {F('v', 'v', 'i', '1'), V, REEL_FRAMING_NAL, VVCC, reel__finish_vvc, "VVC"},
    {F('a', 'v', '0', '1'), V, REEL_FRAMING_OBU, F('a', 'v', '1', 'C'), reel__finish_av1, "AV1"},
    {F('d', 'a', 'v', '1'), V, REEL_FRAMING_OBU, F('a', 'v', '1', 'C'), reel__finish_av1, "Dolby Vision AV1"},
    {F('v', 'p', '0', '8'), V, 0, 0, reel__finish_vp9, "VP8"},
    {F('v', 'p', '0', '9'), V, 0, F('v', 'p', 'c', 'C'), reel__finish_vp9, "VP9"},
    {F('m', 'p', '4', 'v'), V, 0, ESDS, reel__finish_mp4v, "MPEG-4 Visual"},
    {F('j', 'p', 'e', 'g'), V, 0, 0, NULL, "JPEG"},
    {F('m', 'j', 'p', 'a'), V, 0, 0, NULL, "Motion JPEG A"},
    {F('m', 'j', 'p', 'b'), V, 0, 0, NULL, "Motion JPEG B"},
    {F('m', 'j', 'p', '2'), V, 0, 0, NULL, "JPEG 2000"},
    {F('a', 'p', 'c', 'n'), V, 0, 0, NULL, "ProRes 422"},
    {F('a', 'p', 'c', 'h'), V, 0, 0, NULL, "ProRes 422 HQ"},
    {F('a', 'p', 'c', 's'), V, 0, 0, NULL, "ProRes 422 LT"},
    {F('a', 'p', 'c', 'o'), V, 0, 0, NULL, "ProRes 422 Proxy"},
    {F('a', 'p', '4', 'h'), V, 0, 0, NULL, "ProRes 4444"},
    {F('a', 'p', '4', 'x'), V, 0, 0, NULL, "ProRes 4444 XQ"},
    {F('s', '2', '6', '3'), V, 0, 0, NULL, "H.263"},
    {F('h', '2', '6', '3'), V, 0, 0, NULL, "H.263"},
    {F('A', 'V', 'd', 'n'), V, 0, 0, NULL, "DNxHD"},
    {F('A', 'V', 'd', 'h'), V, 0, 0, NULL, "DNxHR"},
    {F('u', 'n', 'c', 'v'), V, 0, 0, NULL, "uncompressed video"},
    {F('p', 'n', 'g', ' '), V, 0, 0, NULL, "PNG"},
    {F('m', 'p', '4', 'a'), A, REEL_FRAMING_AAC, ESDS, reel__finish_mp4a, "MPEG-4 audio"},
    {F('a', 'c', '-', '3'), A, 0, F('d', 'a', 'c', '3'), NULL, "Dolby Digital"},
    {F('e', 'c', '-', '3'), A, 0, F('d', 'e', 'c', '3'), NULL, "Dolby Digital Plus"},
    {F('a', 'c', '-', '4'), A, 0, F('d', 'a', 'c', '4'), reel__finish_ac4, "Dolby AC-4"},
    {F('m', 'l', 'p', 'a'), A, 0, 0, NULL, "Dolby TrueHD"},
    {F('O', 'p', 'u', 's'), A, 0, F('d', 'O', 'p', 's'), reel__finish_opus, "Opus"},
    {F('f', 'L', 'a', 'C'), A, 0, F('d', 'f', 'L', 'a'), reel__finish_flac, "FLAC"},
    {F('a', 'l', 'a', 'c'), A, 0, F('a', 'l', 'a', 'c'), NULL, "Apple Lossless"},
    {F('i', 'p', 'c', 'm'), A, 0, F('p', 'c', 'm', 'C'), reel__finish_pcm, "PCM"},
    {F('f', 'p', 'c', 'm'), A, 0, F('p', 'c', 'm', 'C'), reel__finish_pcm, "PCM float"},
    {F('s', 'o', 'w', 't'), A, 0, 0, reel__finish_pcm, "PCM little-endian"},
    {F('t', 'w', 'o', 's'), A, 0, 0, reel__finish_pcm, "PCM big-endian"},
    {F('l', 'p', 'c', 'm'), A, 0, 0, reel__finish_pcm, "PCM"},
    {F('r', 'a', 'w', ' '), A, 0, 0, reel__finish_pcm, "PCM unsigned"},
    {F('N', 'O', 'N', 'E'), A, 0, 0, reel__finish_pcm, "PCM"},
    {F('i', 'n', '2', '4'), A, 0, 0, reel__finish_pcm, "PCM 24-bit"},
    {F('i', 'n', '3', '2'), A, 0, 0, reel__finish_pcm, "PCM 32-bit"},
    {F('f', 'l', '3', '2'), A, 0, 0, reel__finish_pcm, "PCM float 32"},
    {F('f', 'l', '6', '4'), A, 0, 0, reel__finish_pcm, "PCM float 64"},
    {F('u', 'l', 'a', 'w'), A, 0, 0, NULL, "mu-law"},
    {F('a', 'l', 'a', 'w'), A, 0, 0, NULL, "A-law"},
    {F('s', 'a', 'm', 'r'), A, 0, 0, NULL, "AMR narrow-band"},
    {F('s', 'a', 'w', 'b'), A, 0, 0, NULL, "AMR wide-band"},
    {F('s', 'a', 'w', 'p'), A, 0, 0, NULL, "AMR wide-band plus"},
    {F('d', 't', 's', 'c'), A, 0, 0, NULL, "DTS"},
    {F('d', 't', 's', 'h'), A, 0, 0, NULL, "DTS-HD"},
    {F('d', 't', 's', 'l'), A, 0, 0, NULL, "DTS-HD Lossless"},
    {F('d', 't', 's', 'e'), A, 0, 0, NULL, "DTS Express"},
    {F('d', 't', 's', 'x'), A, 0, 0, NULL, "DTS-UHD"},
    {F('.', 'm', 'p', '3'), A, 0, 0, reel__finish_mp3, "MP3"},
    {F('m', 'h', 'a', '1'), A, 0, 0, NULL, "MPEG-H audio"},
    {F('m', 'h', 'm', '1'), A, 0, 0, NULL, "MPEG-H audio"},
    {F('i', 'a', 'm', 'f'), A, 0, 0, NULL, "IAMF"},
    {F('i', 'm', 'a', '4'), A, 0, 0, NULL, "IMA ADPCM"},
    {F('t', 'x', '3', 'g'), T, 0, 0, NULL, "3GPP timed text"},
    {F('t', 'e', 'x', 't'), T, 0, 0, NULL, "QuickTime text"},
    {F('w', 'v', 't', 't'), T, 0, 0, NULL, "WebVTT"},
    {F('s', 't', 'p', 'p'), T, 0, 0, reel__finish_stpp, "TTML"},
    {F('s', 't', 'x', 't'), T, 0, 0, NULL, "plain text"},
    {F('s', 'b', 't', 't'), T, 0, 0, NULL, "timed text"},
    {F('c', '6', '0', '8'), T, 0, 0, NULL, "CEA-608"},
    {F('c', '7', '0', '8'), T, 0, 0, NULL, "CEA-708"},
    {F('m', 'p', '4', 's'), REEL_TRACK_OTHER, 0, 0, reel__finish_mp4s, "MPEG-4 systems"},
    {F('t', 'm', 'c', 'd'), REEL_TRACK_TIMECODE, 0, 0, NULL, "timecode"},
    {F('m', 'e', 't', 't'), M, 0, 0, NULL, "text metadata"},
    {F('m', 'e', 't', 'x'), M, 0, 0, NULL, "XML metadata"},
    {F('m', 'e', 'b', 'x'), M, 0, 0, NULL, "timed metadata"},
    {F('u', 'r', 'i', 'm'), M, 0, 0, NULL, "URI metadata"},
    {F('g', 'p', 'm', 'd'), M, 0, 0, NULL, "GoPro metadata"},
};

const reel__format *reel__format_find(uint32_t fourcc)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].fourcc == fourcc)
            return &formats[i];
    return NULL;
}

static const struct {
    uint32_t type;
    int (*read)(entry *e, const reel__part *box);
    uint8_t version_bytes; /* 4: a full box, whose version and flags a decoder does not want */
    bool is_config;
} boxes[] = {
    {AVCC, reel__read_avcc, 0, true},
    {HVCC, reel__read_hvcc, 0, true},
    {VVCC, reel__read_vvcc, 4, true},
    {F('a', 'v', '1', 'C'), reel__read_av1c, 0, true},
    {F('v', 'p', 'c', 'C'), reel__read_vpcc, 0, true},
    {ESDS, reel__read_esds, 4, true},
    {F('d', '2', '6', '3'), NULL, 0, true},
    {F('d', 'a', 'c', '3'), reel__read_dac3, 0, true},
    {F('d', 'e', 'c', '3'), reel__read_dec3, 0, true},
    {F('d', 'a', 'c', '4'), reel__read_dac4, 0, true},
    {F('d', 'O', 'p', 's'), reel__read_dops, 0, true},
    {F('d', 'f', 'L', 'a'), reel__read_dfla, 4, true},
    {F('a', 'l', 'a', 'c'), reel__read_alac, 4, true},
    {F('d', 'a', 'm', 'r'), NULL, 0, true},
    {F('d', 'd', 't', 's'), NULL, 0, true},
    {F('u', 'd', 't', 's'), NULL, 0, true},
    {F('d', 'm', 'l', 'p'), NULL, 0, true},
    {F('m', 'h', 'a', 'C'), NULL, 0, true},
    {F('i', 'a', 'c', 'b'), NULL, 0, true},
    {F('v', 't', 't', 'C'), NULL, 0, true},
    {F('p', 'c', 'm', 'C'), reel__read_pcmc, 4, true},
    {F('e', 'n', 'd', 'a'), reel__read_enda, 0, false},
    {F('s', 'r', 'a', 't'), reel__read_srat, 4, false},
    {F('b', 't', 'r', 't'), reel__read_btrt, 0, false},
    {F('s', 'i', 'n', 'f'), reel__read_sinf, 0, false},
    {F('c', 'o', 'l', 'r'), reel__read_colr, 0, false},
    {F('p', 'a', 's', 'p'), reel__read_pasp, 0, false},
    {F('c', 'l', 'a', 'p'), reel__read_clap, 0, false},
    {F('f', 'i', 'e', 'l'), reel__read_fiel, 0, false},
    {F('m', 'd', 'c', 'v'), reel__read_mdcv, 0, false},
    {F('c', 'l', 'l', 'i'), reel__read_clli, 0, false},
    {F('S', 'm', 'D', 'm'), reel__read_smdm, 4, false},
    {F('C', 'o', 'L', 'L'), reel__read_coll, 4, false},
    {F('d', 'v', 'c', 'C'), reel__read_dovi, 0, false},
    {F('d', 'v', 'v', 'C'), reel__read_dovi, 0, false},
    {F('d', 'v', 'w', 'C'), reel__read_dovi, 0, false},
};

int reel__config_read(entry *e, const reel__part *box)
{
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        if (boxes[i].type != box->type)
            continue;
        reel__part body = *box;
        size_t skip = REEL__MIN((size_t)boxes[i].version_bytes, body.size);
        body.body += skip;
        body.size -= skip;
        body.header = (uint8_t)(body.header + skip);
        if (boxes[i].is_config && !e->has_config) {
            e->has_config = true;
            e->d->config_type = box->type;
            e->d->config = (reel_span){box->body, box->size};
            e->d->config_range = (reel_range){box->offset + box->header, box->size};
            e->d->decoder_specific = (reel_span){body.body, body.size};
        }
        return boxes[i].read ? boxes[i].read(e, &body) : REEL_OK;
    }
    return REEL_OK;
}

int reel__config_damaged(entry *e, const reel__part *box, const char *what)
{
    char type[17];
    if (!e->track)
        return REEL_OK;
    return reel__warn(e->track->movie, e->err, REEL_E_CONFIG, box->offset, reel_4cc_text(box->type, type), "%s", what);
}
