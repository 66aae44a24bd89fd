/* SPDX-License-Identifier: BSD-2-Clause */
/* Sound: which codec a sample entry means, what that is told before the first sample, and where it can begin. */
#include <string.h>

#include <reel/meta.h>

#include "frame/decode/room.h"

enum { NOTHING = REEL__NOTHING, AS_IT_IS = REEL__AS_IT_IS };

/* ISO/IEC 14496-12, 14496-14, the registry of mp4ra.org, QuickTime File Format. PCM's are told by what else is said. */
static const reel__codec_row rows[] = {
    {"mp4a", 0x69, NOTHING, AV_CODEC_ID_MP3},      {"mp4a", 0x6b, NOTHING, AV_CODEC_ID_MP3},
    {"mp4a", 0xa5, NOTHING, AV_CODEC_ID_AC3},      {"mp4a", 0xa6, NOTHING, AV_CODEC_ID_EAC3},
    {"mp4a", 0xa9, NOTHING, AV_CODEC_ID_DTS},      {"mp4a", 0xaa, NOTHING, AV_CODEC_ID_DTS},
    {"mp4a", 0xab, NOTHING, AV_CODEC_ID_DTS},      {"mp4a", 0xac, NOTHING, AV_CODEC_ID_DTS},
    {"mp4a", 0xdd, AS_IT_IS, AV_CODEC_ID_VORBIS},  {"mp4a", 0xe1, NOTHING, AV_CODEC_ID_QCELP},
    {"mp4a", 0, AS_IT_IS, AV_CODEC_ID_AAC},        {".mp3", 0, NOTHING, AV_CODEC_ID_MP3},
    {"mp3 ", 0, NOTHING, AV_CODEC_ID_MP3},         {"ms\0U", 0, NOTHING, AV_CODEC_ID_MP3},
    {".mp2", 0, NOTHING, AV_CODEC_ID_MP2},         {"Opus", 0, REEL__OPUS_HEAD, AV_CODEC_ID_OPUS},
    {"fLaC", 0, REEL__STREAMINFO, AV_CODEC_ID_FLAC}, {"alac", 0, REEL__WHOLE_BOX, AV_CODEC_ID_ALAC},
    {"ac-3", 0, NOTHING, AV_CODEC_ID_AC3},         {"sac3", 0, NOTHING, AV_CODEC_ID_AC3},
    {"ec-3", 0, NOTHING, AV_CODEC_ID_EAC3},        {"mlpa", 0, NOTHING, AV_CODEC_ID_TRUEHD},
    {"dtsc", 0, NOTHING, AV_CODEC_ID_DTS},         {"dtse", 0, NOTHING, AV_CODEC_ID_DTS},
    {"dtsh", 0, NOTHING, AV_CODEC_ID_DTS},         {"dtsl", 0, NOTHING, AV_CODEC_ID_DTS},
    {"samr", 0, NOTHING, AV_CODEC_ID_AMR_NB},      {"sawb", 0, NOTHING, AV_CODEC_ID_AMR_WB},
    {"ima4", 0, NOTHING, AV_CODEC_ID_ADPCM_IMA_QT}, {"ulaw", 0, NOTHING, AV_CODEC_ID_PCM_MULAW},
    {"alaw", 0, NOTHING, AV_CODEC_ID_PCM_ALAW},
};

static const char pcm_names[][5] = {"sowt", "twos", "s16l", "in24", "in32", "fl32", "fl64", "lpcm", "ipcm", "fpcm", "raw ", "NONE"};

/* [bytes - 1][little-endian] */
static const enum AVCodecID signed_pcm[][2] = {
    {AV_CODEC_ID_PCM_S8, AV_CODEC_ID_PCM_S8},
    {AV_CODEC_ID_PCM_S16BE, AV_CODEC_ID_PCM_S16LE},
    {AV_CODEC_ID_PCM_S24BE, AV_CODEC_ID_PCM_S24LE},
    {AV_CODEC_ID_PCM_S32BE, AV_CODEC_ID_PCM_S32LE},
};
static const enum AVCodecID unsigned_pcm[][2] = {
    {AV_CODEC_ID_PCM_U8, AV_CODEC_ID_PCM_U8},
    {AV_CODEC_ID_PCM_U16BE, AV_CODEC_ID_PCM_U16LE},
    {AV_CODEC_ID_PCM_U24BE, AV_CODEC_ID_PCM_U24LE},
    {AV_CODEC_ID_PCM_U32BE, AV_CODEC_ID_PCM_U32LE},
};

static bool is_pcm(uint32_t format)
{
    for (size_t i = 0; i < sizeof pcm_names / sizeof *pcm_names; i++)
        if (format == REEL_4CC(pcm_names[i][0], pcm_names[i][1], pcm_names[i][2], pcm_names[i][3]))
            return true;
    return false;
}

/* AV_CODEC_ID_NONE: nobody counts so. */
static enum AVCodecID pcm_codec(const reel_description *d)
{
    uint32_t bytes = d->bits_per_sample / 8;
    bool little = d->pcm_flags & REEL_PCM_LITTLE_ENDIAN;
    if (!bytes || d->bits_per_sample % 8)
        return AV_CODEC_ID_NONE;
    if (d->pcm_flags & REEL_PCM_FLOAT)
        return bytes == 4   ? little ? AV_CODEC_ID_PCM_F32LE : AV_CODEC_ID_PCM_F32BE
               : bytes == 8 ? little ? AV_CODEC_ID_PCM_F64LE : AV_CODEC_ID_PCM_F64BE
                            : AV_CODEC_ID_NONE;
    if (bytes > sizeof signed_pcm / sizeof *signed_pcm)
        return bytes == 8 ? little ? AV_CODEC_ID_PCM_S64LE : AV_CODEC_ID_PCM_S64BE : AV_CODEC_ID_NONE;
    return (d->pcm_flags & REEL_PCM_UNSIGNED ? unsigned_pcm : signed_pcm)[bytes - 1][little];
}

/* ISO/IEC 14496-3 1.5.1.1: what an esds calls MPEG-4 Audio may be one of these. */
static enum AVCodecID object_codec(const reel_description *d, enum AVCodecID otherwise)
{
    switch (d->audio_object_type) {
    case 32: return AV_CODEC_ID_MP1;
    case 33: return AV_CODEC_ID_MP2;
    case 34: return AV_CODEC_ID_MP3;
    case 36: return AV_CODEC_ID_MP4ALS;
    default: return otherwise;
    }
}

bool reel__sound_codec(const reel_description *d, reel__codec_row *out)
{
    if (is_pcm(d->format)) {
        *out = (reel__codec_row){.id = pcm_codec(d)};
        return out->id != AV_CODEC_ID_NONE;
    }
    if (!reel__codec_find(rows, sizeof rows / sizeof *rows, d, out))
        return false;
    if (out->id == AV_CODEC_ID_AAC)
        out->id = object_codec(d, out->id);
    return true;
}

/* ---- extradata ---- */

static void turn(uint8_t *to, const uint8_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = from[n - 1 - i];
}

/* RFC 7845 5.1 from Opus in ISOBMFF 4.3.2, whose numbers are the other way round. */
static size_t opus_head(reel_span from, uint8_t *to)
{
    static const uint8_t magic[8] = {'O', 'p', 'u', 's', 'H', 'e', 'a', 'd'};
    if (from.size < 11)
        return 0;
    memcpy(to, magic, sizeof magic);
    memcpy(to + 8, from.data, from.size);
    to[8] = 1;                         /* version; then the channels */
    turn(to + 10, from.data + 2, 2);   /* pre-skip */
    turn(to + 12, from.data + 4, 4);   /* the rate before it was encoded */
    turn(to + 16, from.data + 8, 2);   /* gain */
    return from.size + 8;
}

static size_t whole_box(reel_span from, uint8_t *to)
{
    uint32_t size = (uint32_t)from.size + 8;
    const uint8_t head[8] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size,
                             'a', 'l', 'a', 'c'};
    memcpy(to, head, sizeof head);
    memcpy(to + 8, from.data, from.size);
    return size;
}

size_t reel__sound_extradata(reel__extradata kind, reel_span from, uint8_t *to)
{
    enum { BEFORE = 8, STREAMINFO = 34 }; /* version, flags, the header of a block */
    switch (kind) {
    case REEL__NOTHING: return 0;
    case REEL__OPUS_HEAD: return opus_head(from, to);
    case REEL__WHOLE_BOX: return whole_box(from, to);
    case REEL__STREAMINFO:
        if (from.size < BEFORE + STREAMINFO)
            return 0;
        memcpy(to, from.data + BEFORE, STREAMINFO);
        return STREAMINFO;
    case REEL__AS_IT_IS: break;
    }
    memcpy(to, from.data, from.size);
    return from.size;
}

/* ---- beginning ---- */

/*
 * What codecs need where the film does not say: the half of a frame that overlaps the next one (AAC, AC-3), what SBR
 * remembers, the reservoir of bits that MP3's frames lend each other, the last major sync of TrueHD, a filter's memory.
 */
static uint64_t usual_roll(const reel_decoder *dec, const reel_sample *target)
{
    enum { OPUS_MS = 240 }; /* RFC 7845 4.6 asks for 80: behind them a twentieth of the energy is still wrong */
    switch (dec->sound.codec) {
    case AV_CODEC_ID_AAC: return dec->d.sbr ? 4 : 2;
    case AV_CODEC_ID_MP1:
    case AV_CODEC_ID_MP2:
    case AV_CODEC_ID_MP3: return 12;
    case AV_CODEC_ID_TRUEHD: return 128;
    case AV_CODEC_ID_AMR_NB:
    case AV_CODEC_ID_AMR_WB:
    case AV_CODEC_ID_QCELP: return 20;
    case AV_CODEC_ID_OPUS: {
        uint64_t ticks = (uint64_t)dec->timescale * OPUS_MS / 1000;
        return target->duration ? (ticks + target->duration - 1) / target->duration : ticks;
    }
    case AV_CODEC_ID_FLAC:
    case AV_CODEC_ID_ALAC: return 0;
    default: return dec->sound.gathers ? 0 : 2;
    }
}

/* ISO/IEC 14496-12:2022 10.1: so many samples before, where the number is negative. */
static uint64_t said_roll(const reel_decoder *dec, const reel_sample *target)
{
    reel_span entry = {NULL, 0};
    uint32_t group = 0;
    if (reel_track_sample_group(dec->track, target, REEL_4CC('r', 'o', 'l', 'l'), &group, &entry, NULL) != REEL_OK ||
        !group || entry.size < 2)
        return 0;
    int distance = (int16_t)(entry.data[0] << 8 | entry.data[1]);
    return distance < 0 ? (uint64_t)-distance : 0;
}

uint64_t reel__sound_roll(const reel_decoder *dec, const reel_sample *target)
{
    uint64_t said = said_roll(dec, target), usual = usual_roll(dec, target), roll = said > usual ? said : usual;
    return roll < target->index ? roll : target->index;
}
