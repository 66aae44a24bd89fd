/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples into the codec, as references, and what is remembered of them until their pictures come. */
#include <limits.h>
#include <string.h>

#include "decode_room.h"
#include "fail.h"

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
    return averror == AVERROR(ENOMEM) ? REEL_E_NOMEM : averror == AVERROR_EXIT ? REEL_E_STOPPED : REEL_E_DECODE;
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
    dec->packet->buf = av_buffer_create(data, packet->sample.size + REEL__SLACK, reel_packet_free, own.ref,
                                        AV_BUFFER_FLAG_READONLY);
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
    rc = packet->padding < REEL__SLACK ? packet_copy(dec, packet) : packet_point(dec, packet);
    if (rc != REEL_OK)
        return reel__frame_fail(err, rc, "no memory for a packet");
    dec->packet->flags = s->flags & REEL_SAMPLE_SYNC ? AV_PKT_FLAG_KEY : 0;
    dec->packet->dts = AV_NOPTS_VALUE;
    dec->packet->pts = flight_add(dec, s);
    dec->packet->duration = 0;
    return REEL_OK;
}

/* ---- what need not be decoded ---- */

static bool level_leaves_out(uint32_t level, const reel_sample *s)
{
    return (level >= REEL_DISCARD_NONKEY && !(s->flags & REEL_SAMPLE_SYNC)) ||
           (level >= REEL_DISCARD_NONREF && s->flags & REEL_SAMPLE_DISPOSABLE && !(s->flags & REEL_SAMPLE_SYNC));
}

bool reel__decode_unwanted(const reel_decoder *dec, const reel_sample *s)
{
    if (level_leaves_out(dec->options.discard, s))
        return true;
    /* On the way to a seek's target: nobody will see it, and no other picture needs it. */
    return dec->seeking && s->pts < dec->target.pts && s->flags & REEL_SAMPLE_DISPOSABLE && !(s->flags & REEL_SAMPLE_SYNC);
}

/* The same, where only the stream knows. H.264 says of each picture whether it is referred to; in others it is less clear. */
static enum AVDiscard skip_level(const reel_decoder *dec, const reel_sample *s)
{
    static const enum AVDiscard levels[] = {AVDISCARD_DEFAULT, AVDISCARD_NONREF, AVDISCARD_BIDIR, AVDISCARD_NONINTRA,
                                            AVDISCARD_DEFAULT};
    enum AVDiscard level = levels[dec->options.discard];
    if (dec->seeking && s->pts < dec->target.pts && dec->ctx->codec_id == AV_CODEC_ID_H264 && level < AVDISCARD_NONREF)
        level = AVDISCARD_NONREF;
    return level;
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
        return reel__frame_fail(err, reel__decode_code(rc), "near sample %llu: %s", (unsigned long long)dec->last_sent, what);
    }
    dec->full = true;
    return REEL_OK;
}
