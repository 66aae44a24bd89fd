/* SPDX-License-Identifier: BSD-2-Clause */
/* Elementary stream descriptors: ISO/IEC 14496-1:2010 7.2.6, 8.3.3. */
#include "codec/codec.h"

enum { ES = 3, DECODER_CONFIG = 4, DECODER_SPECIFIC = 5, MOST_DESCRIPTORS = 64 };

/*
 * The next descriptor, its body cut to what is there; false at the end. A length takes up to four bytes of
 * which each but the last has its high bit set.
 */
static bool next(reel__reader *r, uint8_t *tag, reel__reader *body, bool *cut)
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
    *cut = *cut || r->bad || size > reel__left(r);
    size_t n = REEL__MIN((size_t)size, reel__left(r));
    *body = reel__read(reel__take(r, n), n);
    return true;
}

static bool find(reel__reader r, uint8_t wanted, reel__reader *body, bool *cut)
{
    uint8_t tag;
    for (int n = 0; n < MOST_DESCRIPTORS && next(&r, &tag, body, cut); n++)
        if (tag == wanted)
            return true;
    return false;
}

/* ES_Descriptor, 7.2.6.5: past its own fields, to the descriptors in it */
static void skip_stream_fields(reel__reader *r)
{
    reel__skip(r, 2);
    uint8_t flags = reel__u8(r);
    if (flags & 128)
        reel__skip(r, 2);
    if (flags & 64)
        reel__skip(r, reel__u8(r));
    if (flags & 32)
        reel__skip(r, 2);
}

static void keep(uint32_t *there, uint32_t value)
{
    if (value)
        *there = value;
}

/* DecoderConfigDescriptor, 7.2.6.6 */
static void read_decoder_config(reel_description *d, reel__reader r, bool *cut)
{
    reel__reader specific;
    uint8_t type = reel__u8(&r);
    reel__skip(&r, 1);
    uint32_t buffer = reel__u24(&r), most = reel__u32(&r), average = reel__u32(&r);
    *cut = *cut || r.bad;
    d->object_type_indication = type;
    keep(&d->buffer_size, buffer);
    keep(&d->max_bitrate, most);
    keep(&d->average_bitrate, average);
    if (find(r, DECODER_SPECIFIC, &specific, cut))
        d->decoder_specific = reel__rest(&specific);
}

/* Descriptors nest two deep, no more: the stream, in it the decoder. */
int reel__read_esds(reel__reading *g, const reel__part *box)
{
    reel__reader stream, decoder;
    bool cut = false;
    if (g->esds || g->d->config_type != REEL_4CC('e', 's', 'd', 's'))
        return REEL_OK;
    g->d->decoder_specific = (reel_span){NULL, 0};
    if (!find(reel__part_reader(box), ES, &stream, &cut))
        return reel__config_damaged(g, box, "there is no elementary stream descriptor in it");
    skip_stream_fields(&stream);
    if (!find(stream, DECODER_CONFIG, &decoder, &cut))
        return reel__config_damaged(g, box, "there is no decoder configuration in it");
    g->esds = true;
    read_decoder_config(g->d, decoder, &cut);
    return cut ? reel__config_damaged(g, box, "a descriptor is longer than what it lies in") : REEL_OK;
}
