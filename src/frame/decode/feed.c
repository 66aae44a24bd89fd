/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples into the codec, as references, and what is remembered of them until their pictures come. */
#include <limits.h>
#include <string.h>

#include "frame/decode/room.h"
#include "frame/base/fail.h"

/* ---- samples under way ---- */

void reel__flight_clear(reel_decoder *dec)
{
    for (int i = 0; i < REEL__FLIGHT; i++)
        dec->flight[i].key = -1;
}

reel__flying *reel__flight_find(reel_decoder *dec, int64_t key)
{
    reel__flying *f = &dec->flight[(uint64_t)key & (REEL__FLIGHT - 1)];
    return key >= 0 && f->key == key ? f : NULL;
}

/* Samples behind a seek through sidx have no number: theirs begin where no film ends. */
static int64_t flight_add(reel_decoder *dec, const reel_sample *sample)
{
    const int64_t nameless = INT64_C(1) << 62;
    int64_t key = sample->index < (uint64_t)nameless ? (int64_t)sample->index
                                                     : nameless + (int64_t)atomic_load(&dec->counts.packets);
    dec->flight[(uint64_t)key & (REEL__FLIGHT - 1)] = (reel__flying){.key = key, .sample = *sample};
    return key;
}

/* ---- packets ---- */

int reel__decode_code(int averror)
{
    return averror == AVERROR(ENOMEM) ? REEL_E_NOMEM : averror == AVERROR_EXIT ? REEL_E_CANCELLED : REEL_E_DECODE;
}

/* Those whose decoders run into the padding on purpose: zeros there end a picture, other bytes do not. */
static bool wants_zeros(enum AVCodecID id)
{
    return id == AV_CODEC_ID_MPEG4 || id == AV_CODEC_ID_MPEG2VIDEO || id == AV_CODEC_ID_MPEG1VIDEO ||
           id == AV_CODEC_ID_H263 || id == AV_CODEC_ID_VC1 || id == AV_CODEC_ID_SVQ1;
}

/* Behind it lies what libavcodec asks for (buffers of a callback source have it), or nothing that could do harm. */
static bool usable_in_place(const reel_decoder *dec, const reel_packet *p)
{
    static const uint8_t zeros[AV_INPUT_BUFFER_PADDING_SIZE];
    if (p->padding < sizeof zeros)
        return false;
    return memcmp(p->data + p->sample.size, zeros, sizeof zeros) == 0 ||
           (p->padding >= REEL__SLACK && !wants_zeros(dec->ctx->codec_id));
}

static int packet_copy(reel_decoder *dec, const reel_packet *packet)
{
    if (av_new_packet(dec->packet, (int)packet->sample.size) < 0) /* has its padding, zeroed */
        return REEL_E_NOMEM;
    memcpy(dec->packet->data, packet->data, packet->sample.size);
    REEL__TALLY(dec, copies, 1);
    return REEL_OK;
}

static int packet_point(reel_decoder *dec, const reel_packet *packet)
{
    reel_packet own;
    reel_packet_ref(&own, packet);
    /* libavcodec writes nowhere through it: that is what READONLY is for. */
    uint8_t *data = (uint8_t *)(uintptr_t)packet->data;
    dec->packet->buf = av_buffer_create(data, packet->sample.size + AV_INPUT_BUFFER_PADDING_SIZE, reel_packet_free,
                                        own.ref, AV_BUFFER_FLAG_READONLY);
    if (!dec->packet->buf) {
        reel_packet_unref(&own);
        return REEL_E_NOMEM;
    }
    dec->packet->data = data;
    dec->packet->size = (int)packet->sample.size;
    return REEL_OK;
}

static int packet_fill(reel_decoder *dec, const reel_packet *packet, reel_error *err)
{
    const reel_sample *s = &packet->sample;
    int rc;
    if (s->size > INT_MAX - REEL__SLACK)
        return reel__frame_fail(err, REEL_E_DECODE, "a sample of %u bytes is more than libavcodec takes", s->size);
    av_packet_unref(dec->packet);
    rc = usable_in_place(dec, packet) ? packet_point(dec, packet) : packet_copy(dec, packet);
    if (rc != REEL_OK)
        return reel__frame_fail(err, rc, "no memory for a packet");
    dec->packet->flags = s->flags & REEL_SAMPLE_SYNC ? AV_PKT_FLAG_KEY : 0;
    dec->packet->dts = AV_NOPTS_VALUE;
    dec->packet->pts = flight_add(dec, s);
    dec->packet->duration = 0;
    return REEL_OK;
}

/* ---- what need not be decoded ---- */

/*
 * What sdtp says is believed where the muxers that write it know what they say. In AV1 a sample that is shown for
 * itself alone may bring hidden pictures along, and is called disposable all the same.
 */
static bool disposable(const reel_decoder *dec, const reel_sample *s)
{
    enum AVCodecID id = dec->ctx ? dec->ctx->codec_id : AV_CODEC_ID_NONE;
    return s->flags & REEL_SAMPLE_DISPOSABLE && (id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_HEVC);
}

bool reel__decode_unwanted(const reel_decoder *dec, const reel_sample *s)
{
    uint32_t level = dec->options.discard;
    if (s->flags & REEL_SAMPLE_SYNC)
        return false;
    if (!dec->all && !reel__decode_is_wanted(dec, s->index) && level < REEL_DISCARD_NONREF)
        level = REEL_DISCARD_NONREF;
    return level >= REEL_DISCARD_NONKEY || (level >= REEL_DISCARD_NONREF && disposable(dec, s));
}

/* No picture refers to one of their B pictures; the decoders see by themselves which those are. */
static bool has_idle_b(enum AVCodecID id)
{
    return id == AV_CODEC_ID_MPEG4 || id == AV_CODEC_ID_MPEG2VIDEO || id == AV_CODEC_ID_MPEG1VIDEO;
}

/*
 * What the codec need not decode. On the way to a seek's target nobody sees the pictures, and those that no other needs
 * are left out: in H.264 each picture says whether it is referred to, in others it is less clear.
 */
static enum AVDiscard skip_level(const reel_decoder *dec, const reel_sample *s)
{
    static const enum AVDiscard levels[] = {AVDISCARD_DEFAULT, AVDISCARD_NONREF, AVDISCARD_BIDIR, AVDISCARD_NONINTRA,
                                            AVDISCARD_DEFAULT};
    enum AVDiscard level = levels[dec->options.discard];
    bool unseen = dec->seeking && s->pts < dec->target.pts && dec->ctx->codec_id == AV_CODEC_ID_H264;
    bool unwanted = !dec->all && !reel__decode_is_wanted(dec, s->index) && has_idle_b(dec->ctx->codec_id);
    return (unseen || unwanted) && level < AVDISCARD_NONREF ? AVDISCARD_NONREF : level;
}

/* ---- sending ---- */

int reel__decode_drain(reel_decoder *dec, reel__reason why)
{
    dec->reason = why;
    dec->phase = REEL__DRAINING;
    int rc = avcodec_send_packet(dec->ctx, NULL);
    return rc == 0 || rc == AVERROR_EOF ? REEL_OK : rc == AVERROR(EAGAIN) ? REEL_E_AGAIN : reel__decode_code(rc);
}

static int send_failed(int averror, const reel_sample *s, reel_error *err)
{
    char what[AV_ERROR_MAX_STRING_SIZE] = "";
    int code = reel__decode_code(averror);
    av_strerror(averror, what, sizeof what);
    code = reel__frame_fail(err, code, "sample %llu: %s", (unsigned long long)s->index, what);
    if (err)
        err->offset = s->offset;
    return code;
}

int reel__decode_send(reel_decoder *dec, const reel_packet *packet, reel_error *err)
{
    const reel_sample *s = &packet->sample;
    int rc;
    if (s->description != dec->description) {
        reel__decode_drain(dec, REEL__FOR_SWITCH);
        return reel__frame_fail(err, REEL_E_AGAIN, "another sample description begins: receive what is there first");
    }
    if (s->size == 0) { /* nothing is shown anew; to libavcodec an empty packet would mean the end */
        REEL__TALLY(dec, skipped, 1);
        return REEL_OK;
    }
    rc = packet_fill(dec, packet, err);
    if (rc != REEL_OK)
        return rc;
    dec->ctx->skip_frame = skip_level(dec, s);
    rc = avcodec_send_packet(dec->ctx, dec->packet);
    av_packet_unref(dec->packet);
    if (rc == AVERROR(EAGAIN))
        return reel__frame_fail(err, REEL_E_AGAIN, "receive the frames that are ready first");
    REEL__TALLY(dec, packets, 1);
    REEL__TALLY(dec, bytes, s->size);
    dec->last_sent = s->index;
    if (s->flags & REEL_SAMPLE_SYNC)
        dec->last_sync = s->index;
    return rc < 0 ? send_failed(rc, s, err) : REEL_OK;
}

/* ---- receiving ---- */

int reel__decode_receive(reel_decoder *dec, reel_error *err)
{
    char what[AV_ERROR_MAX_STRING_SIZE] = "";
    int rc = dec->ctx ? avcodec_receive_frame(dec->ctx, dec->frame) : AVERROR(EAGAIN);
    if (rc == AVERROR(EAGAIN))
        return reel__frame_fail(err, REEL_E_AGAIN, "send more");
    if (rc == AVERROR_EOF) {
        dec->phase = REEL__DRAINED;
        return REEL_END;
    }
    if (rc < 0) {
        av_strerror(rc, what, sizeof what);
        return reel__frame_fail(err, reel__decode_code(rc), "near sample %llu: %s",
                                (unsigned long long)dec->last_sent, what);
    }
    dec->full = true;
    return REEL_OK;
}
