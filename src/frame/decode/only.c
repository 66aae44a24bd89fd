/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When few samples are wanted: which others nothing wanted refers to. What is left out for that has to be invisible in
 * the pictures that are wanted, so only what a stream promises counts:
 *
 *   H.264   nal_ref_idc is 0: no picture refers to it                              ITU-T H.264 7.4.1
 *   HEVC    a layer above those of all that are wanted: lower layers never refer to it
 *           in the highest of theirs, a sub-layer non-reference picture: no other of its layer refers to it
 *           a leading picture (RADL, RASL): no trailing one refers to it           ITU-T H.265 7.4.2.2
 *
 * B pictures of MPEG-1, -2 and -4 the codec leaves out by itself (feed.c). In VP9 and AV1 later pictures may take up the
 * probabilities or motion of any.
 */
#include "frame/base/fail.h"
#include "frame/decode/room.h"

enum { NO_LAYER = 255, TOP_LAYER = 6 };

/* What the slices of a sample say. */
typedef struct look {
    bool slices;   /* there are some */
    bool more;     /* there is what later samples may need besides: parameter sets, the end of a sequence */
    bool refers;   /* some other picture, of HEVC of the same layer, may refer to it */
    bool leading;  /* HEVC */
    bool entry;    /* HEVC: decoding may begin here */
    uint8_t layer; /* HEVC: the temporal one */
} look;

/* ---- who is wanted ---- */

int reel_decoder_only(reel_decoder *dec, const uint64_t *samples, size_t n, reel_error *err)
{
    if (!dec || (n && !samples))
        return reel__frame_fail(err, REEL_E_ARG, "no decoder, or no samples");
    if (n && dec->sound.is)
        return reel__frame_fail(err, REEL_E_ARG, "of sound all samples are wanted");
    for (size_t i = 1; i < n; i++)
        if (samples[i] < samples[i - 1])
            return reel__frame_fail(err, REEL_E_ARG, "sample %llu stands behind a later one",
                                    (unsigned long long)samples[i]);
    if (dec->spared)
        dec->shown_any = false; /* what was left out for others may be needed now: the next seek begins anew */
    dec->only = samples;
    dec->only_count = n;
    dec->only_layer = NO_LAYER;
    return REEL_OK;
}

/* How many of the wanted lie before index. */
static size_t wanted_before(const reel_decoder *dec, uint64_t index)
{
    size_t from = 0, to = dec->only_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (dec->only[middle] < index)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool reel__decode_is_wanted(const reel_decoder *dec, uint64_t index)
{
    size_t at = wanted_before(dec, index);
    return dec->only_count == 0 || (at < dec->only_count && dec->only[at] == index);
}

bool reel__decode_is_behind(const reel_decoder *dec, uint64_t index)
{
    return dec->only_count && !dec->all && index > dec->only[dec->only_count - 1];
}

/* ---- what a sample says ---- */

static void see_h264(look *l, const uint8_t *nal)
{
    unsigned type = nal[0] & 31;
    if (type >= 1 && type <= 5) {
        l->slices = true;
        l->refers = l->refers || (nal[0] & 0x60);
    } else if (type != 6 && type != 9 && type != 12) { /* SEI, delimiter, filler */
        l->more = true;
    }
}

static void see_hevc(look *l, const uint8_t *nal)
{
    unsigned type = nal[0] >> 1 & 63, other = (nal[0] & 1u) << 5 | nal[1] >> 3;
    if (other)
        return; /* a view or an enhancement, which this decoder does not show */
    if (type < 32) {
        l->leading = (l->leading || !l->slices) && type >= 6 && type <= 9;
        l->refers = l->refers || type > 14 || type % 2;
        l->layer = (uint8_t)((nal[1] & 7) - 1);
        l->entry = type >= 16 && type <= 23;
        l->slices = true;
    } else if (type < 35 || type == 36 || type == 37) {
        l->more = true;
    }
}

/* The bytes of the length before a NAL unit. ISO/IEC 14496-15 5.3.3.1, 8.3.3.1; 0: there are none */
static unsigned length_size(const reel_decoder *dec)
{
    reel_span c = dec->d.decoder_specific;
    enum AVCodecID id = dec->ctx->codec_id;
    if (id == AV_CODEC_ID_H264 && c.size >= 7 && c.data[0] == 1)
        return (c.data[4] & 3u) + 1;
    return id == AV_CODEC_ID_HEVC && c.size >= 23 ? (c.data[21] & 3u) + 1 : 0;
}

/* False: it is not built as it should be. */
static bool look_at(const reel_decoder *dec, const reel_packet *p, look *l)
{
    unsigned prefix = length_size(dec), header = dec->ctx->codec_id == AV_CODEC_ID_HEVC ? 2 : 1;
    uint32_t at = 0, size = p->sample.size;
    *l = (look){.slices = false};
    while (prefix && size - at >= prefix + header) {
        uint64_t length = 0;
        for (unsigned i = 0; i < prefix; i++)
            length = length << 8 | p->data[at++];
        if (length < header || length > size - at)
            return false;
        if (header == 2)
            see_hevc(l, p->data + at);
        else
            see_h264(l, p->data + at);
        at += (uint32_t)length;
    }
    return l->slices && at == size;
}

/* Of a sample that is still to come. */
static bool look_ahead(const reel_decoder *dec, uint64_t index, look *l)
{
    reel_sample s;
    reel_packet p;
    if (reel_track_sample(dec->track, index, &s, NULL) != REEL_OK || s.description != dec->description ||
        reel_packet_get(dec->track, &s, &p, NULL) != REEL_OK)
        return false;
    bool done = look_at(dec, &p, l);
    reel_packet_unref(&p);
    return done;
}

/* ---- what nothing needs ---- */

static unsigned highest_layer(reel_decoder *dec)
{
    look l;
    if (dec->only_layer != NO_LAYER)
        return dec->only_layer;
    dec->only_layer = 0;
    for (size_t i = 0; i < dec->only_count && dec->only_layer < TOP_LAYER; i++) {
        bool known = look_ahead(dec, dec->only[i], &l);
        unsigned layer = known ? l.layer : TOP_LAYER;
        dec->only_layer = (uint8_t)(layer > dec->only_layer ? layer : dec->only_layer);
    }
    return dec->only_layer;
}

/* Leading pictures come before the trailing ones: where the next that is wanted is of these, none is needed. */
static bool leads_nowhere(const reel_decoder *dec, uint64_t index)
{
    look l;
    for (size_t next = wanted_before(dec, index); next < dec->only_count; next++) {
        if (!look_ahead(dec, dec->only[next], &l))
            return false;
        if (!l.entry)
            return !l.leading;
    }
    return true;
}

bool reel__decode_is_idle(reel_decoder *dec, const reel_packet *p)
{
    look l;
    uint64_t index = p->sample.index;
    if (dec->only_count == 0 || dec->all || reel__decode_is_wanted(dec, index) || !dec->ctx ||
        p->sample.description != dec->description || !look_at(dec, p, &l) || l.more)
        return false;
    if (dec->ctx->codec_id == AV_CODEC_ID_H264)
        return !l.refers;
    unsigned most = highest_layer(dec);
    return l.layer > most || (l.layer == most && !l.refers) || (l.leading && leads_nowhere(dec, index));
}
