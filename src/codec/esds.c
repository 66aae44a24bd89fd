/* SPDX-License-Identifier: BSD-2-Clause */
/* Elementary stream descriptors (ISO/IEC 14496-1 7.2.6) and the AudioSpecificConfig in them (ISO/IEC 14496-3 1.6). */
#include "codec/codec.h"

enum { ES = 3, DECODER_CONFIG = 4, DECODER_SPECIFIC = 5 };

/* Tag and length of a descriptor; false at the end, or where it is longer than what is left. */
static bool descriptor(reel__reader *r, uint8_t *tag, reel__reader *body)
{
    if (!reel__left(r))
        return false;
    *tag = reel__u8(r);
    uint32_t size = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t b = reel__u8(r);
        size = size << 7 | (b & 127);
        if (!(b & 128))
            break;
    }
    bool cut = size > reel__left(r);
    size_t n = cut ? reel__left(r) : size;
    const uint8_t *p = reel__take(r, n);
    *body = reel__read(p, n);
    body->bad = r->bad || cut;
    return !r->bad;
}

static void decoder_config(entry *e, reel__reader r)
{
    reel_description *d = e->d;
    uint8_t tag;
    reel__reader inner;
    d->object_type_indication = reel__u8(&r);
    reel__skip(&r, 1);
    d->buffer_size = reel__u24(&r);
    d->max_bitrate = reel__u32(&r);
    d->average_bitrate = reel__u32(&r);
    d->decoder_specific = (reel_span){NULL, 0};
    while (descriptor(&r, &tag, &inner))
        if (tag == DECODER_SPECIFIC) {
            d->decoder_specific = reel__rest(&inner);
            return;
        }
}

/* Descriptors nest two deep, no more: ES, in it the decoder's. */
int reel__read_esds(entry *e, const reel__part *box)
{
    reel__reader r = reel__part_reader(box), es, inner;
    uint8_t tag;
    bool found = false;
    while (!found && descriptor(&r, &tag, &es)) {
        if (tag != ES)
            continue;
        reel__skip(&es, 2);
        uint8_t flags = reel__u8(&es);
        if (flags & 128)
            reel__skip(&es, 2);
        if (flags & 64)
            reel__skip(&es, reel__u8(&es));
        if (flags & 32)
            reel__skip(&es, 2);
        while (!found && descriptor(&es, &tag, &inner))
            if (tag == DECODER_CONFIG) {
                found = true;
                decoder_config(e, inner);
            }
    }
    return found ? REEL_OK : reel__config_damaged(e, box, "there is no decoder configuration in it");
}

static const uint32_t rates[16] = {96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050,
                                   16000, 12000, 11025, 8000,  7350,  0,     0,     0};
static const uint8_t channels_of[16] = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};

static uint32_t object_type(reel__bits *b)
{
    uint32_t type = reel__bits_get(b, 5);
    return type == 31 ? 32 + reel__bits_get(b, 6) : type;
}

static uint32_t sampling_rate(reel__bits *b)
{
    uint32_t index = reel__bits_get(b, 4);
    return index == 15 ? reel__bits_get(b, 24) : rates[index];
}

/* program_config_element, ISO/IEC 14496-3 4.4.1.1: only how many channels it names */
static uint32_t program_channels(reel__bits *b)
{
    reel__bits_get(b, 10);
    uint32_t front = reel__bits_get(b, 4), side = reel__bits_get(b, 4), back = reel__bits_get(b, 4);
    uint32_t lfe = reel__bits_get(b, 2), data = reel__bits_get(b, 3), coupling = reel__bits_get(b, 4), n = 0;
    (void)data;
    (void)coupling;
    if (reel__bits_get(b, 1))
        reel__bits_get(b, 4);
    if (reel__bits_get(b, 1))
        reel__bits_get(b, 4);
    if (reel__bits_get(b, 1))
        reel__bits_get(b, 3);
    for (uint32_t i = 0; i < front + side + back; i++) {
        n += 1 + reel__bits_get(b, 1);
        reel__bits_get(b, 4);
    }
    return n + lfe;
}

/* GASpecificConfig, 4.4.1 */
static void general_audio(reel__bits *b, reel_description *d, uint32_t type, uint32_t configuration)
{
    bool short_frames = reel__bits_get(b, 1);
    if (reel__bits_get(b, 1))
        reel__bits_get(b, 14);
    bool extension = reel__bits_get(b, 1);
    d->samples_per_frame = type == 23 || type == 39 ? (short_frames ? 480 : 512) : short_frames ? 960 : 1024;
    if (configuration == 0) {
        uint32_t n = program_channels(b);
        if (n && !b->bad)
            d->channels = n;
    }
    (void)extension;
}

static bool is_general(uint32_t type)
{
    return (type >= 1 && type <= 7 && type != 5) || type == 17 || (type >= 19 && type <= 23);
}

/* At the very end an old encoder says, in a way that older decoders pass over, that there is SBR. 1.6.5.3 */
static void sync_extension(reel__bits *b, reel_description *d)
{
    while (b->size * 8 - b->at > 15) {
        reel__bits probe = *b;
        if (reel__bits_get(&probe, 11) != 0x2b7) {
            b->at++;
            continue;
        }
        if (object_type(&probe) == 5 && (d->sbr = (uint8_t)reel__bits_get(&probe, 1))) {
            uint32_t rate = sampling_rate(&probe);
            if (rate)
                d->sample_rate = rate;
            if (reel__bits_get(&probe, 11) == 0x548)
                d->ps = (uint8_t)reel__bits_get(&probe, 1);
        }
        return;
    }
}

void reel__read_asc(reel_description *d, reel_span asc)
{
    reel__bits b = {.data = asc.data, .size = asc.size};
    uint32_t type = object_type(&b), rate = sampling_rate(&b), configuration = reel__bits_get(&b, 4), core = type;
    if (b.bad)
        return;
    d->audio_object_type = (uint8_t)type;
    d->sample_rate = rate ? rate : d->sample_rate;
    if (channels_of[configuration])
        d->channels = channels_of[configuration];
    if (type == 5 || type == 29) {
        d->sbr = 1;
        d->ps = type == 29;
        uint32_t extended = sampling_rate(&b);
        d->sample_rate = extended ? extended : d->sample_rate;
        core = object_type(&b);
    }
    if (is_general(core))
        general_audio(&b, d, core, configuration);
    if (is_general(core) && !d->sbr)
        sync_extension(&b, d);
    if (d->sbr && d->samples_per_frame)
        d->samples_per_frame *= 2;
    if (d->ps && d->channels == 1)
        d->channels = 2;
}
