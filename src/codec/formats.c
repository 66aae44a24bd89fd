/* SPDX-License-Identifier: BSD-2-Clause */
/* The sample entry formats that reel knows, and the boxes in them that it reads. */
#include <stdio.h>

#include "codec/codec.h"

#define F(a, b, c, d) REEL_4CC(a, b, c, d)
#define NAL           REEL_FRAMING_NAL
#define OBU           REEL_FRAMING_OBU
#define AAC           REEL_FRAMING_AAC

/* The first of these that a sample entry holds (the one its format asks for before others) is its
 * configuration. */
#define AVCC F('a', 'v', 'c', 'C')
#define HVCC F('h', 'v', 'c', 'C')
#define VVCC F('v', 'v', 'c', 'C')
#define AV1C F('a', 'v', '1', 'C')
#define VPCC F('v', 'p', 'c', 'C')
#define ESDS F('e', 's', 'd', 's')

#define VIDEO(a, b, c, d, framing, family, config, name)                                                       \
    {F(a, b, c, d), REEL_TRACK_VIDEO, framing, REEL__##family, config, name}
#define AUDIO(a, b, c, d, framing, family, config, name)                                                       \
    {F(a, b, c, d), REEL_TRACK_AUDIO, framing, REEL__##family, config, name}
#define OTHER(a, b, c, d, type, family, name) {F(a, b, c, d), REEL_TRACK_##type, 0, REEL__##family, 0, name}

/* clang-format off */
static const reel__format formats[] = {
    VIDEO('a', 'v', 'c', '1', NAL, AVC, AVCC, "H.264"),
    VIDEO('a', 'v', 'c', '2', NAL, AVC, AVCC, "H.264"),
    VIDEO('a', 'v', 'c', '3', NAL, AVC, AVCC, "H.264"),
    VIDEO('a', 'v', 'c', '4', NAL, AVC, AVCC, "H.264"),
    VIDEO('d', 'v', 'a', '1', NAL, AVC, AVCC, "H.264"),
    VIDEO('d', 'v', 'a', 'v', NAL, AVC, AVCC, "H.264"),
    VIDEO('h', 'v', 'c', '1', NAL, HEVC, HVCC, "HEVC"),
    VIDEO('h', 'e', 'v', '1', NAL, HEVC, HVCC, "HEVC"),
    VIDEO('h', 'v', 'c', '2', NAL, HEVC, HVCC, "HEVC"),
    VIDEO('h', 'e', 'v', '2', NAL, HEVC, HVCC, "HEVC"),
    VIDEO('d', 'v', 'h', '1', NAL, HEVC, HVCC, "HEVC"),
    VIDEO('d', 'v', 'h', 'e', NAL, HEVC, HVCC, "HEVC"),
    VIDEO('l', 'h', 'v', '1', NAL, PLAIN, F('l', 'h', 'v', 'C'), "L-HEVC"),
    VIDEO('l', 'h', 'e', '1', NAL, PLAIN, F('l', 'h', 'v', 'C'), "L-HEVC"),
    VIDEO('s', 'v', 'c', '1', NAL, PLAIN, 0, "H.264 SVC"),
    VIDEO('m', 'v', 'c', '1', NAL, PLAIN, 0, "H.264 MVC"),
    VIDEO('m', 'v', 'c', '2', NAL, PLAIN, 0, "H.264 MVC"),
    VIDEO('v', 'v', 'c', '1', NAL, VVC, VVCC, "VVC"),
    VIDEO('v', 'v', 'i', '1', NAL, VVC, VVCC, "VVC"),
    VIDEO('a', 'v', '0', '1', OBU, AV1, AV1C, "AV1"),
    VIDEO('d', 'a', 'v', '1', OBU, AV1, AV1C, "AV1"),
    VIDEO('v', 'p', '0', '8', 0, VP, VPCC, "VP8"),
    VIDEO('v', 'p', '0', '9', 0, VP, VPCC, "VP9"),
    VIDEO('m', 'p', '4', 'v', 0, MP4V, ESDS, "MPEG-4 Visual"),
    VIDEO('X', 'V', 'I', 'D', 0, PLAIN, 0, "MPEG-4 Visual"),
    VIDEO('D', 'I', 'V', 'X', 0, PLAIN, 0, "MPEG-4 Visual"),
    VIDEO('3', 'I', 'V', '2', 0, PLAIN, 0, "MPEG-4 Visual"),
    VIDEO('s', '2', '6', '3', 0, PLAIN, 0, "H.263"),
    VIDEO('h', '2', '6', '3', 0, PLAIN, 0, "H.263"),
    VIDEO('H', '2', '6', '3', 0, PLAIN, 0, "H.263"),
    VIDEO('v', 'c', '-', '1', 0, PLAIN, 0, "VC-1"),
    VIDEO('m', 'p', 'g', '1', 0, PLAIN, 0, "MPEG-1 video"),
    VIDEO('m', 'p', '1', 'v', 0, PLAIN, 0, "MPEG-1 video"),
    VIDEO('m', '1', 'v', '1', 0, PLAIN, 0, "MPEG-1 video"),
    VIDEO('m', 'p', 'g', '2', 0, PLAIN, 0, "MPEG-2 video"),
    VIDEO('m', 'p', '2', 'v', 0, PLAIN, 0, "MPEG-2 video"),
    VIDEO('m', '2', 'v', '1', 0, PLAIN, 0, "MPEG-2 video"),
    VIDEO('h', 'd', 'v', '1', 0, PLAIN, 0, "HDV"),
    VIDEO('h', 'd', 'v', '2', 0, PLAIN, 0, "HDV"),
    VIDEO('h', 'd', 'v', '3', 0, PLAIN, 0, "HDV"),
    VIDEO('x', 'd', 'v', 'b', 0, PLAIN, 0, "XDCAM EX"),
    VIDEO('x', 'd', '5', 'b', 0, PLAIN, 0, "XDCAM HD422"),
    VIDEO('j', 'p', 'e', 'g', 0, PLAIN, 0, "JPEG"),
    VIDEO('m', 'j', 'p', 'a', 0, PLAIN, 0, "Motion JPEG A"),
    VIDEO('m', 'j', 'p', 'b', 0, PLAIN, 0, "Motion JPEG B"),
    VIDEO('A', 'V', 'D', 'J', 0, PLAIN, 0, "Avid JPEG"),
    VIDEO('m', 'j', 'p', '2', 0, PLAIN, 0, "JPEG 2000"),
    VIDEO('j', '2', 'k', 'i', 0, PLAIN, 0, "JPEG 2000"),
    VIDEO('p', 'n', 'g', ' ', 0, PLAIN, 0, "PNG"),
    VIDEO('g', 'i', 'f', ' ', 0, PLAIN, 0, "GIF"),
    VIDEO('a', 'p', 'c', 'n', 0, PLAIN, 0, "ProRes 422"),
    VIDEO('a', 'p', 'c', 'h', 0, PLAIN, 0, "ProRes 422 HQ"),
    VIDEO('a', 'p', 'c', 's', 0, PLAIN, 0, "ProRes 422 LT"),
    VIDEO('a', 'p', 'c', 'o', 0, PLAIN, 0, "ProRes 422 Proxy"),
    VIDEO('a', 'p', '4', 'h', 0, PLAIN, 0, "ProRes 4444"),
    VIDEO('a', 'p', '4', 'x', 0, PLAIN, 0, "ProRes 4444 XQ"),
    VIDEO('a', 'p', 'r', 'n', 0, PLAIN, 0, "ProRes RAW"),
    VIDEO('a', 'p', 'r', 'h', 0, PLAIN, 0, "ProRes RAW HQ"),
    VIDEO('A', 'V', 'd', 'n', 0, PLAIN, 0, "DNxHD"),
    VIDEO('A', 'V', 'd', 'h', 0, PLAIN, 0, "DNxHR"),
    VIDEO('C', 'F', 'H', 'D', 0, PLAIN, 0, "CineForm"),
    VIDEO('u', 'n', 'c', 'v', 0, PLAIN, 0, "uncompressed video"),
    VIDEO('r', 'a', 'w', ' ', 0, PLAIN, 0, "uncompressed RGB"),
    VIDEO('2', 'v', 'u', 'y', 0, PLAIN, 0, "uncompressed 4:2:2"),
    VIDEO('y', 'u', 'v', '2', 0, PLAIN, 0, "uncompressed 4:2:2"),
    VIDEO('v', '2', '1', '0', 0, PLAIN, 0, "uncompressed 4:2:2"),
    VIDEO('r', 'l', 'e', ' ', 0, PLAIN, 0, "QuickTime Animation"),
    VIDEO('S', 'V', 'Q', '1', 0, PLAIN, 0, "Sorenson Video"),
    VIDEO('S', 'V', 'Q', '3', 0, PLAIN, 0, "Sorenson Video 3"),
    VIDEO('c', 'v', 'i', 'd', 0, PLAIN, 0, "Cinepak"),
    VIDEO('d', 'v', 'c', ' ', 0, PLAIN, 0, "DV NTSC"),
    VIDEO('d', 'v', 'c', 'p', 0, PLAIN, 0, "DV PAL"),

    AUDIO('m', 'p', '4', 'a', AAC, MP4A, ESDS, "MPEG-4 audio"),
    AUDIO('a', 'c', '-', '3', 0, AC3, F('d', 'a', 'c', '3'), "Dolby Digital"),
    AUDIO('e', 'c', '-', '3', 0, EC3, F('d', 'e', 'c', '3'), "Dolby Digital Plus"),
    AUDIO('a', 'c', '-', '4', 0, AC4, F('d', 'a', 'c', '4'), "Dolby AC-4"),
    AUDIO('m', 'l', 'p', 'a', 0, PLAIN, F('d', 'm', 'l', 'p'), "Dolby TrueHD"),
    AUDIO('O', 'p', 'u', 's', 0, OPUS, F('d', 'O', 'p', 's'), "Opus"),
    AUDIO('f', 'L', 'a', 'C', 0, FLAC, F('d', 'f', 'L', 'a'), "FLAC"),
    AUDIO('a', 'l', 'a', 'c', 0, ALAC, F('a', 'l', 'a', 'c'), "Apple Lossless"),
    AUDIO('.', 'm', 'p', '1', 0, PLAIN, 0, "MP1"),
    AUDIO('.', 'm', 'p', '2', 0, PLAIN, 0, "MP2"),
    AUDIO('.', 'm', 'p', '3', 0, MP3, 0, "MP3"),
    AUDIO('m', 's', 0, 'U', 0, MP3, 0, "MP3"),
    AUDIO('i', 'p', 'c', 'm', 0, PCM, F('p', 'c', 'm', 'C'), "PCM"),
    AUDIO('f', 'p', 'c', 'm', 0, PCM, F('p', 'c', 'm', 'C'), "PCM"),
    AUDIO('s', 'o', 'w', 't', 0, PCM, 0, "PCM"),
    AUDIO('t', 'w', 'o', 's', 0, PCM, 0, "PCM"),
    AUDIO('l', 'p', 'c', 'm', 0, PCM, 0, "PCM"),
    AUDIO('r', 'a', 'w', ' ', 0, PCM, 0, "PCM"),
    AUDIO('N', 'O', 'N', 'E', 0, PCM, 0, "PCM"),
    AUDIO('i', 'n', '2', '4', 0, PCM, 0, "PCM"),
    AUDIO('i', 'n', '3', '2', 0, PCM, 0, "PCM"),
    AUDIO('f', 'l', '3', '2', 0, PCM, 0, "PCM"),
    AUDIO('f', 'l', '6', '4', 0, PCM, 0, "PCM"),
    AUDIO('s', '1', '6', 'l', 0, PCM, 0, "PCM"),
    AUDIO('u', 'l', 'a', 'w', 0, PLAIN, 0, "G.711 mu-law"),
    AUDIO('a', 'l', 'a', 'w', 0, PLAIN, 0, "G.711 A-law"),
    AUDIO('i', 'm', 'a', '4', 0, PLAIN, 0, "IMA ADPCM"),
    AUDIO('M', 'A', 'C', '3', 0, PLAIN, 0, "MACE 3:1"),
    AUDIO('M', 'A', 'C', '6', 0, PLAIN, 0, "MACE 6:1"),
    AUDIO('Q', 'D', 'M', '2', 0, PLAIN, 0, "QDesign Music 2"),
    AUDIO('a', 'g', 's', 'm', 0, PLAIN, 0, "GSM"),
    AUDIO('s', 'a', 'm', 'r', 0, AMR, F('d', 'a', 'm', 'r'), "AMR"),
    AUDIO('s', 'a', 'w', 'b', 0, AMR, F('d', 'a', 'm', 'r'), "AMR wide-band"),
    AUDIO('s', 'a', 'w', 'p', 0, PLAIN, 0, "AMR wide-band plus"),
    AUDIO('s', 'e', 'v', 'c', 0, PLAIN, 0, "EVRC"),
    AUDIO('s', 'q', 'c', 'p', 0, PLAIN, 0, "QCELP"),
    AUDIO('d', 't', 's', 'c', 0, PLAIN, F('d', 'd', 't', 's'), "DTS"),
    AUDIO('d', 't', 's', 'h', 0, PLAIN, F('d', 'd', 't', 's'), "DTS-HD"),
    AUDIO('d', 't', 's', 'l', 0, PLAIN, F('d', 'd', 't', 's'), "DTS-HD lossless"),
    AUDIO('d', 't', 's', 'e', 0, PLAIN, F('d', 'd', 't', 's'), "DTS Express"),
    AUDIO('d', 't', 's', 'x', 0, PLAIN, F('u', 'd', 't', 's'), "DTS:X"),
    AUDIO('d', 't', 's', 'y', 0, PLAIN, F('u', 'd', 't', 's'), "DTS:X"),
    AUDIO('m', 'h', 'a', '1', 0, MPEGH, F('m', 'h', 'a', 'C'), "MPEG-H 3D Audio"),
    AUDIO('m', 'h', 'a', '2', 0, MPEGH, F('m', 'h', 'a', 'C'), "MPEG-H 3D Audio"),
    AUDIO('m', 'h', 'm', '1', 0, MPEGH, 0, "MPEG-H 3D Audio"),
    AUDIO('m', 'h', 'm', '2', 0, MPEGH, 0, "MPEG-H 3D Audio"),
    AUDIO('i', 'a', 'm', 'f', 0, IAMF, F('i', 'a', 'c', 'b'), "IAMF"),
    AUDIO('v', 'o', 'r', 'b', 0, PLAIN, 0, "Vorbis"),
    AUDIO('w', 'm', 'a', ' ', 0, PLAIN, 0, "Windows Media Audio"),

    OTHER('t', 'x', '3', 'g', TEXT, PLAIN, "3GPP timed text"),
    OTHER('t', 'e', 'x', 't', TEXT, PLAIN, "QuickTime text"),
    OTHER('w', 'v', 't', 't', TEXT, PLAIN, "WebVTT"),
    OTHER('s', 't', 'p', 'p', TEXT, TTML, "TTML"),
    OTHER('s', 't', 'x', 't', TEXT, PLAIN, "plain text"),
    OTHER('s', 'b', 't', 't', TEXT, PLAIN, "subtitle text"),
    OTHER('c', '6', '0', '8', TEXT, PLAIN, "CEA-608 captions"),
    OTHER('c', '7', '0', '8', TEXT, PLAIN, "CEA-708 captions"),
    OTHER('m', 'p', '4', 's', OTHER, MP4S, "MPEG-4 systems"),
    OTHER('t', 'm', 'c', 'd', TIMECODE, PLAIN, "timecode"),
    OTHER('m', 'e', 't', 't', META, PLAIN, "text metadata"),
    OTHER('m', 'e', 't', 'x', META, PLAIN, "XML metadata"),
    OTHER('m', 'e', 'b', 'x', META, PLAIN, "boxed metadata"),
    OTHER('u', 'r', 'i', 'm', META, PLAIN, "URI metadata"),
    OTHER('e', 'v', 't', 'e', META, PLAIN, "event messages"),
    OTHER('g', 'p', 'm', 'd', META, PLAIN, "GoPro metadata"),
    OTHER('c', 'a', 'm', 'm', META, PLAIN, "camera motion"),
    OTHER('f', 'd', 's', 'c', OTHER, PLAIN, "GoPro file data"),
    OTHER('r', 't', 'p', ' ', HINT, PLAIN, "RTP hints"),
    OTHER('r', 'r', 't', 'p', HINT, PLAIN, "received RTP"),
    OTHER('s', 'r', 't', 'p', HINT, PLAIN, "SRTP hints"),
};
/* clang-format on */

const reel__format *reel__format_find(uint32_t fourcc, uint32_t type)
{
    const reel__format *found = NULL;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (formats[i].fourcc != fourcc)
            continue;
        if (formats[i].type == type)
            return &formats[i];
        found = &formats[i];
    }
    return found;
}

enum { FULL = 1, CONFIG = 2 };

static const struct box_reader {
    uint32_t type;
    uint32_t kind; /* FULL: version and flags stand before what read wants; CONFIG: a decoder configuration */
    int (*read)(reel__reading *g, const reel__part *box);
} boxes[] = {
    {AVCC, CONFIG, reel__read_avcc},
    {HVCC, CONFIG, reel__read_hvcc},
    {VVCC, CONFIG | FULL, reel__read_vvcc},
    {F('v', 'v', 'n', 'C'), FULL, reel__read_vvnc},
    {AV1C, CONFIG, reel__read_av1c},
    {VPCC, CONFIG, reel__read_vpcc}, /* looks at its own version */
    {ESDS, CONFIG | FULL, reel__read_esds},
    {F('d', 'a', 'c', '3'), CONFIG, reel__read_dac3},
    {F('d', 'e', 'c', '3'), CONFIG, reel__read_dec3},
    {F('d', 'a', 'c', '4'), CONFIG, reel__read_dac4},
    {F('d', 'O', 'p', 's'), CONFIG, reel__read_dops},
    {F('d', 'f', 'L', 'a'), CONFIG | FULL, reel__read_dfla},
    {F('a', 'l', 'a', 'c'), CONFIG | FULL, reel__read_alac},
    {F('p', 'c', 'm', 'C'), CONFIG | FULL, reel__read_pcmc},
    {F('d', 'a', 'm', 'r'), CONFIG, reel__read_damr},
    {F('d', 'd', 't', 's'), CONFIG, reel__read_ddts},
    {F('d', 'm', 'l', 'p'), CONFIG, reel__read_dmlp},
    {F('i', 'a', 'c', 'b'), CONFIG, reel__read_iacb},
    {F('u', 'd', 't', 's'), CONFIG, NULL},
    {F('m', 'h', 'a', 'C'), CONFIG, reel__read_mhac},
    {F('d', '2', '6', '3'), CONFIG, NULL},
    {F('d', 'v', 'c', '1'), CONFIG, NULL},
    {F('d', 'e', 'v', 'c'), CONFIG, NULL},
    {F('d', 'q', 'c', 'p'), CONFIG, NULL},
    {F('d', 'w', 'm', 'a'), CONFIG, NULL},
    {F('e', 'v', 'c', 'C'), CONFIG, NULL},
    {F('l', 'h', 'v', 'C'), CONFIG, reel__read_lhvc},
    {F('m', 'v', 'c', 'C'), CONFIG, NULL},
    {F('j', 'p', '2', 'h'), CONFIG, NULL},
    {F('u', 'n', 'c', 'C'), CONFIG, NULL},
    {F('v', 't', 't', 'C'), CONFIG, NULL},
    {F('t', 'x', 't', 'C'), CONFIG, NULL},
    {F('g', 'l', 'b', 'l'), CONFIG, NULL},
    {F('S', 'M', 'I', ' '), CONFIG, NULL},
    {F('Q', 'D', 'C', 'A'), CONFIG, NULL},
    {F('A', 'D', 'H', 'R'), CONFIG, NULL},
    {F('e', 'n', 'd', 'a'), 0, reel__read_enda},
    {F('s', 'r', 'a', 't'), FULL, reel__read_srat},
    {F('b', 't', 'r', 't'), 0, reel__read_btrt},
    {F('b', 'i', 't', 'r'), 0, reel__read_bitr},
    {F('s', 'i', 'n', 'f'), 0, reel__read_sinf},
    {F('c', 'o', 'l', 'r'), 0, reel__read_colr},
    {F('p', 'a', 's', 'p'), 0, reel__read_pasp},
    {F('c', 'l', 'a', 'p'), 0, reel__read_clap},
    {F('f', 'i', 'e', 'l'), 0, reel__read_fiel},
    {F('m', 'd', 'c', 'v'), 0, reel__read_mdcv},
    {F('c', 'l', 'l', 'i'), 0, reel__read_clli},
    {F('S', 'm', 'D', 'm'), FULL, reel__read_smdm},
    {F('C', 'o', 'L', 'L'), FULL, reel__read_clli},
    {F('a', 'm', 'v', 'e'), 0, reel__read_amve},
    {F('v', 'e', 'x', 'u'), 0, reel__read_vexu},
    {F('s', 'v', '3', 'd'), 0, reel__read_vexu},
    {F('s', 't', '3', 'd'), FULL, reel__read_st3d},
    {F('h', 'f', 'o', 'v'), 0, reel__read_hfov},
    {F('d', 'v', 'c', 'C'), 0, reel__read_dovi},
    {F('d', 'v', 'v', 'C'), 0, reel__read_dovi},
    {F('d', 'v', 'w', 'C'), 0, reel__read_dovi},
};

/* Is type what the entry's format cannot be decoded without? Behind protection the format is not known yet. */
static bool asked_for(const reel__reading *g, uint32_t type)
{
    const reel__format *f = reel__format_find(g->d->format, g->d->type);
    return f && f->config == type;
}

static void keep_config(reel__reading *g, const reel__part *box)
{
    reel_description *d = g->d;
    if (d->config_type && (d->config_type == box->type || !asked_for(g, box->type)))
        return;
    d->config_type = box->type;
    d->config = (reel_span){box->body, box->size};
    d->config_range = (reel_range){box->offset + box->header, box->size};
    d->decoder_specific = d->config;
}

int reel__entry_box(reel__reading *g, const reel__part *box)
{
    const struct box_reader *reader = boxes, *end = boxes + sizeof boxes / sizeof *boxes;
    while (reader < end && reader->type != box->type)
        reader++;
    if (reader == end)
        return REEL_OK;
    if (reader->kind & CONFIG)
        keep_config(g, box);
    int code = box->cut ? reel__config_damaged(g, box, "it goes past the end of its parent") : REEL_OK;
    if (code != REEL_OK || !reader->read)
        return code;
    reel__part body = *box;
    size_t skip = reader->kind & FULL ? REEL__MIN((size_t)4, box->size) : 0;
    body.body += skip;
    body.size -= skip;
    return reader->read(g, &body);
}

static void path_of(const reel__reading *g, const reel__part *box, char *path, size_t size)
{
    char entry[17], name[17];
    reel__track_path(g->track, REEL__STSD, path, size);
    size_t n = strlen(path);
    snprintf(path + n, size - n, "/%s%s%s", reel_4cc_text(g->d->format, entry), box ? "/" : "",
             box ? reel_4cc_text(box->type, name) : "");
}

int reel__config_damaged(const reel__reading *g, const reel__part *box, const char *format, ...)
{
    char path[96], text[120];
    va_list args;
    if (!g->track)
        return REEL_OK;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    path_of(g, box, path, sizeof path);
    return reel__warn(g->track->movie, g->err, REEL_E_CONFIG, box ? box->offset : g->entry->offset, path, "%s",
                      text);
}

int reel__config_done(const reel__reading *g, const reel__part *box, const reel__reader *r)
{
    return r->bad ? reel__config_damaged(g, box, "it ends too early, after %zu bytes", box->size) : REEL_OK;
}

bool reel__is_protected(uint32_t format)
{
    static const uint32_t formats_of_protection[] = {
        F('e', 'n', 'c', 'v'), F('e', 'n', 'c', 'a'), F('e', 'n', 'c', 't'), F('e', 'n', 'c', 'u'),
        F('e', 'n', 'c', 's'), F('e', 'n', 'c', 'm'), F('e', 'n', 'c', 'f'), F('d', 'r', 'm', 's'),
        F('d', 'r', 'm', 'i'), F('p', '6', '0', '8'),
    };
    for (size_t i = 0; i < sizeof formats_of_protection / sizeof *formats_of_protection; i++)
        if (formats_of_protection[i] == format)
            return true;
    return false;
}

/* The bare fourcc, without spaces at its end. */
static void name_plainly(reel_description *d)
{
    char text[17];
    size_t n = strlen(reel_4cc_text(d->codec_format, text));
    while (n > 1 && text[n - 1] == ' ')
        n--;
    memcpy(d->codec, text, n);
    d->codec[n] = 0;
}

static int check_config(const reel__reading *g, const reel__format *f)
{
    char text[17];
    if (!f || !f->config || g->d->config_type == f->config)
        return REEL_OK;
    return reel__config_damaged(g, NULL, "it has no %s: a decoder cannot start",
                                reel_4cc_text(f->config, text));
}

int reel__entry_finish(reel__reading *g)
{
    reel_description *d = g->d;
    bool hidden = reel__is_protected(d->format);
    d->codec_format = hidden && d->protection.original_format ? d->protection.original_format : d->format;
    const reel__format *f = reel__format_find(d->codec_format, d->type);
    name_plainly(d);
    if (!f)
        return hidden && !d->protection.original_format && g->track
                   ? reel__config_damaged(g, NULL, "it has no sinf with frma: what is protected is not known")
                   : REEL_OK;
    if (d->type == REEL_TRACK_OTHER)
        d->type = f->type;
    d->framing = f->framing;
    if (d->framing == REEL_FRAMING_NAL && !d->nal_length_size)
        d->nal_length_size = 4; /* what all but a few write */
    reel__finish_audio(g, f);
    reel__name_codec(g, f);
    return check_config(g, f);
}
