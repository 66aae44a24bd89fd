/* SPDX-License-Identifier: BSD-2-Clause */
/* AudioSpecificConfig: ISO/IEC 14496-3:2019 1.6.2. */
#include "codec/codec.h"

enum { SBR = 5, SCALABLE = 6, BSAC = 22, LD = 23, PS = 29, LAYER_1 = 32, ALS = 36, ELD = 39, USAC = 42, MOST = 1024 };

static const uint32_t rates[13] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                   22050, 16000, 12000, 11025, 8000,  7350};
/* channelConfiguration, Table 1.19 */
static const uint8_t channels_of[16] = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};

uint8_t reel__asc_rate_index(uint32_t rate)
{
    for (uint8_t i = 0; i < 13; i++)
        if (rates[i] == rate)
            return i;
    return 15;
}

/* GetAudioObjectType, 1.6.2.1 */
static uint8_t object_type(reel__bits *b)
{
    uint32_t type = reel__bits_get(b, 5);
    return (uint8_t)(type == 31 ? 32 + reel__bits_get(b, 6) : type);
}

static uint32_t sampling_rate(reel__bits *b, uint8_t *index)
{
    *index = (uint8_t)reel__bits_get(b, 4);
    return *index == 15 ? reel__bits_get(b, 24) : *index < 13 ? rates[*index] : 0;
}

/* So many channel elements, each a pair or not, behind a tag of 4 bits; gives the channels. */
static uint32_t elements(reel__bits *b, uint32_t n)
{
    uint32_t channels = n;
    for (; n; n--) {
        channels += reel__bits_get(b, 1);
        reel__bits_skip(b, 4);
    }
    return channels;
}

/* program_config_element, 4.4.1.1 */
static uint32_t program_channels(reel__bits *b)
{
    reel__bits_skip(b, 4 + 2 + 4);
    uint32_t front = reel__bits_get(b, 4), side = reel__bits_get(b, 4), back = reel__bits_get(b, 4);
    uint32_t lfe = reel__bits_get(b, 2), data = reel__bits_get(b, 3), coupling = reel__bits_get(b, 4);
    if (reel__bits_get(b, 1)) /* mono mixdown */
        reel__bits_skip(b, 4);
    if (reel__bits_get(b, 1)) /* stereo mixdown */
        reel__bits_skip(b, 4);
    if (reel__bits_get(b, 1)) /* matrix mixdown */
        reel__bits_skip(b, 3);
    uint32_t channels = elements(b, front) + elements(b, side) + elements(b, back) + lfe;
    reel__bits_skip(b, 4 * (size_t)(lfe + data) + 5 * (size_t)coupling);
    reel__bits_align(b);
    reel__bits_skip(b, 8 * (size_t)reel__bits_get(b, 8)); /* comment */
    return b->bad ? 0 : channels;
}

static bool is_general(uint8_t type)
{
    return (type >= 1 && type <= 4) || type == SCALABLE || type == 7 || type == 17 ||
           (type >= 19 && type <= LD);
}

/* GASpecificConfig, 4.4.1 */
static void general_audio(reel__bits *b, reel__asc *a)
{
    uint8_t type = a->core_type;
    bool few = reel__bits_get(b, 1);
    a->frame = type == LD ? (few ? 480 : 512) : few ? 960 : 1024;
    if (reel__bits_get(b, 1)) /* core coder delay */
        reel__bits_skip(b, 14);
    bool extension = reel__bits_get(b, 1);
    if (a->configuration == 0)
        a->channels = program_channels(b);
    if (type == SCALABLE || type == 20)
        reel__bits_skip(b, 3);
    if (extension && type == BSAC)
        reel__bits_skip(b, 5 + 11);
    if (extension && (type == 17 || type == 19 || type == 20 || type == LD))
        reel__bits_skip(b, 3);
    if (extension)
        reel__bits_skip(b, 1);
    if (type >= 17)
        reel__bits_skip(b, 2); /* epConfig */
}

/* ELDSpecificConfig, 4.6.20: SBR of its own */
static void low_delay(reel__bits *b, reel__asc *a)
{
    a->frame = reel__bits_get(b, 1) ? 480 : 512;
    reel__bits_skip(b, 3);
    a->sbr = (uint8_t)reel__bits_get(b, 1);
    if (a->sbr && reel__bits_get(b, 1))
        a->rate = a->core_rate * 2;
}

/* UsacConfig, ISO/IEC 23003-3 5.2: coreSbrFrameLengthIndex says how many samples come out */
static void unified(reel__bits *b, reel__asc *a)
{
    static const uint16_t frames[5] = {768, 1024, 2048, 2048, 4096};
    if (reel__bits_get(b, 5) == 31)
        reel__bits_skip(b, 24);
    uint32_t length = reel__bits_get(b, 3), channels = reel__bits_get(b, 5);
    if (b->bad)
        return;
    a->frame = length < 5 ? frames[length] : 0;
    if (!a->channels && channels < 16)
        a->channels = channels_of[channels];
}

/* Layers 1 to 3 of MPEG-1 and 2, 1.6.2.1: nothing more is said of them */
static uint16_t layer_frame(const reel__asc *a)
{
    if (a->core_type == LAYER_1)
        return 384;
    return a->core_type == LAYER_1 + 2 && a->core_rate < 32000 ? 576 : 1152;
}

/* ALSSpecificConfig, 11.3: the first fields of the configuration are too small for its rates and channels */
static void lossless(reel__bits *b, reel__asc *a)
{
    reel__bits_align(b);
    while (reel__bits_left(b) >= 14 * 8) {
        reel__bits at = *b;
        reel__bits_skip(b, 8);
        if (reel__bits_get(&at, 32) != REEL_4CC('A', 'L', 'S', 0))
            continue;
        a->rate = a->core_rate = reel__bits_get(&at, 32);
        reel__bits_skip(&at, 32);
        a->channels = reel__bits_get(&at, 16) + 1;
        reel__bits_skip(&at, 3 + 3 + 1 + 1);
        a->frame = (uint16_t)(reel__bits_get(&at, 16) + 1);
        return;
    }
}

/*
 * 1.6.5.3: at the end an encoder may say, in a way that older decoders pass over, that there is SBR. Some put
 * bits before it that do not belong there.
 */
static void sync_extension(reel__bits *b, reel__asc *a)
{
    for (; reel__bits_left(b) > 15; b->at++) {
        reel__bits at = *b;
        uint8_t index;
        if (reel__bits_get(&at, 11) != 0x2b7)
            continue;
        if (object_type(&at) != SBR || !reel__bits_get(&at, 1))
            return;
        uint32_t rate = sampling_rate(&at, &index);
        if (at.bad)
            return;
        a->sbr = 1;
        a->rate = rate ? rate : a->rate;
        a->ps = reel__bits_get(&at, 11) == 0x548 && reel__bits_get(&at, 1);
        return;
    }
}

/* Explicit signalling, 1.6.5.2: type 5 or 29, the rate of the output, and then what lies under it */
static void explicit_sbr(reel__bits *b, reel__asc *a)
{
    uint8_t index;
    a->sbr = 1;
    a->ps = a->type == PS;
    uint32_t rate = sampling_rate(b, &index);
    a->rate = rate ? rate : a->rate;
    a->core_type = object_type(b);
    if (a->core_type == BSAC)
        reel__bits_skip(b, 4);
}

bool reel__asc_read(reel_span data, reel__asc *a)
{
    memset(a, 0, sizeof *a);
    reel__bits b = reel__bits_of((reel_span){data.data, REEL__MIN(data.size, (size_t)MOST)});
    a->type = a->core_type = object_type(&b);
    a->rate = a->core_rate = sampling_rate(&b, &a->rate_index);
    a->configuration = (uint8_t)reel__bits_get(&b, 4);
    a->channels = channels_of[a->configuration];
    if (b.bad)
        return false;
    if (a->type == SBR || a->type == PS)
        explicit_sbr(&b, a);
    if (is_general(a->core_type)) {
        general_audio(&b, a);
        if (!a->sbr && !b.bad)
            sync_extension(&b, a);
    } else if (a->core_type == ELD) {
        low_delay(&b, a);
    } else if (a->core_type == USAC) {
        unified(&b, a);
    } else if (a->core_type == ALS) {
        lossless(&b, a);
    } else if (a->core_type >= LAYER_1 && a->core_type < LAYER_1 + 3) {
        a->frame = layer_frame(a);
    }
    if (a->ps && a->channels == 1)
        a->channels = 2;
    return true;
}
