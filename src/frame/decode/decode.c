/* SPDX-License-Identifier: BSD-2-Clause */
/* A decoder's life: opened, closed, asked, pushed by hand. What reads the track by itself is in pull.c. */
#include <string.h>

#include "frame/decode/room.h"
#include "frame/base/fail.h"
#include "frame/base/memory.h"
#include "frame/pool/room.h"

/* ---- open and close ---- */

static int check_options(const reel_track *track, const reel_decoder_options *o, reel_error *err)
{
    reel_track_info info;
    if (o && (o->sizeof_options < offsetof(reel_decoder_options, alloc) + sizeof o->alloc ||
              o->thread_kind > REEL_DECODER_THREADS_SLICE || o->discard > REEL_DISCARD_NONKEY))
        return reel__frame_fail(err, REEL_E_ARG, "the options of a decoder are impossible");
    reel_track_get_info(track, &info);
    if (info.type != REEL_TRACK_VIDEO && info.type != REEL_TRACK_AUDIO)
        return reel__frame_fail(err, REEL_E_ARG, "track %u has neither pictures nor sound: it is %s", info.id,
                                reel_track_type_name(info.type));
    return REEL_OK;
}

/*
 * How many pictures at most are decoded before one that is shown before them. A stretch of the tables tells, as films
 * keep to one pattern; with none of it to be read (the source is late) the codec is left to find out.
 */
static int reorder_of(const reel_track *track)
{
    enum { STRETCH = 512, BACK = 16 };
    reel_cursor c;
    reel_sample s;
    int64_t before[BACK];
    int most = 0, n = 0;
    if (reel_cursor_init(&c, track) != REEL_OK)
        return 0;
    while (n < STRETCH && reel_cursor_next(&c, &s, NULL) == REEL_OK) {
        int late = 0;
        for (int i = 0; i < BACK && i < n; i++)
            late += before[i] > s.pts;
        most = late > most ? late : most;
        before[n++ % BACK] = s.pts;
    }
    return most;
}

static uint32_t first_description(const reel_track *track)
{
    reel_cursor c;
    reel_sample s;
    return reel_cursor_init(&c, track) == REEL_OK && reel_cursor_next(&c, &s, NULL) == REEL_OK && s.description
               ? s.description
               : 1;
}

static void set_up(reel_decoder *dec, const reel_track *track, const reel_decoder_options *o, const reel_allocator *a)
{
    memset(dec, 0, sizeof *dec);
    dec->alloc = *a;
    if (o)
        dec->options = *o;
    dec->track = track;
    dec->movie = reel_movie_ref(reel_track_movie(track));
    dec->timescale = reel_track_timescale(track);
    reel__sound_set_up(dec);
    dec->reorder = dec->sound.is ? 0 : reorder_of(track);
    dec->last_sent = dec->last_sync = dec->bad_from = REEL_NO_INDEX;
    reel_pool_ref(dec->options.pool);
    reel__flight_clear(dec);
    reel_cursor_init(&dec->cursor, track);
    pthread_mutex_init(&dec->lock, NULL); /* of the plain kind: it cannot fail where threads exist */
}

static int make(reel_decoder *dec, reel_error *err)
{
    dec->packet = av_packet_alloc();
    dec->frame = av_frame_alloc();
    dec->wraps = reel__wraps_new(&dec->alloc);
    if (!dec->packet || !dec->frame || !dec->wraps)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for a decoder");
    return reel__decode_configure(dec, first_description(dec->track), err);
}

int reel_decoder_open(const reel_track *track, const reel_decoder_options *options, reel_decoder **out, reel_error *err)
{
    if (out)
        *out = NULL;
    if (!track || !out)
        return reel__frame_fail(err, REEL_E_ARG, "a decoder needs a track, and a place for the result");
    int rc = check_options(track, options, err);
    if (rc != REEL_OK)
        return rc;
    const reel_allocator *a = options && options->alloc ? options->alloc : &reel__frame_malloc;
    reel_decoder *dec = reel__memory_get(a, sizeof *dec, 64);
    if (!dec)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for a decoder");
    set_up(dec, track, options, a);
    rc = make(dec, err);
    if (rc != REEL_OK)
        reel_decoder_close(&dec);
    *out = dec;
    return rc;
}

void reel_decoder_close(reel_decoder **decoder)
{
    reel_decoder *dec = decoder ? *decoder : NULL;
    if (!dec)
        return;
    *decoder = NULL;
    reel_decoder_interrupt(dec); /* a thread of the codec may be waiting for a buffer */
    avcodec_free_context(&dec->ctx);
    av_packet_free(&dec->packet);
    av_frame_free(&dec->frame);
    reel__wraps_close(dec->wraps);
    reel__decode_forget_rooms(dec);
    reel_pool_close(&dec->options.pool);
    reel_close(&dec->movie);
    pthread_mutex_destroy(&dec->lock);
    reel_allocator a = dec->alloc;
    reel__memory_free(&a, dec);
}

/* ---- by hand ---- */

static int not_running(const reel_decoder *dec, reel_error *err)
{
    if (atomic_load_explicit(&dec->stop, memory_order_relaxed))
        return reel__frame_fail(err, REEL_E_CANCELLED, "the decoder was interrupted");
    if (dec->phase != REEL__RUNNING)
        return reel__frame_fail(err, REEL_E_AGAIN, "receive what is left first");
    return REEL_OK;
}

int reel_decoder_send(reel_decoder *dec, const reel_packet *packet, reel_error *err)
{
    if (!dec || (packet && !packet->data))
        return reel__frame_fail(err, REEL_E_ARG, "no decoder, or a packet without data");
    int rc = not_running(dec, err);
    if (rc != REEL_OK)
        return rc;
    if (!dec->ctx && packet)
        rc = reel__decode_configure(dec, packet->sample.description, err);
    if (!packet)
        return dec->ctx ? reel__decode_drain(dec, REEL__FOR_END) : REEL_OK;
    if (rc == REEL_OK && reel__decode_unwanted(dec, &packet->sample)) {
        REEL__TALLY(dec, skipped, 1);
        return REEL_OK;
    }
    return rc == REEL_OK ? reel__decode_send(dec, packet, err) : rc;
}

/* Drained, because another description follows: the next packet that is sent brings its own. */
static int switched(reel_decoder *dec, reel_error *err)
{
    avcodec_free_context(&dec->ctx);
    dec->phase = REEL__RUNNING;
    REEL__TALLY(dec, switches, 1);
    return reel__frame_fail(err, REEL_E_AGAIN, "send more");
}

int reel_decoder_receive(reel_decoder *dec, reel_frame **out, reel_error *err)
{
    if (out)
        *out = NULL;
    if (!dec || !out)
        return reel__frame_fail(err, REEL_E_ARG, "no decoder, or no place for a frame");
    if (atomic_load_explicit(&dec->stop, memory_order_relaxed))
        return reel__frame_fail(err, REEL_E_CANCELLED, "the decoder was interrupted");
    int rc;
    do {
        rc = dec->full ? REEL_OK : reel__decode_receive(dec, err);
        if (rc == REEL_END && dec->reason == REEL__FOR_SWITCH)
            return switched(dec, err);
        rc = rc == REEL_OK ? reel__decode_show(dec, out, err) : rc;
    } while (rc == REEL_OK && !*out); /* sound that is not heard */
    return rc;
}

void reel__decode_forget(reel_decoder *dec)
{
    atomic_store(&dec->flushing, true); /* a thread of the codec may be waiting for a buffer */
    if (dec->ctx && dec->tainted)
        avcodec_free_context(&dec->ctx);
    else if (dec->ctx)
        avcodec_flush_buffers(dec->ctx);
    dec->tainted = false;
    atomic_store(&dec->flushing, false);
    av_frame_unref(dec->frame);
    reel__flight_clear(dec);
    dec->sound.last = (reel__stretch){.key = -1};
    dec->sound.last_all = 0;
    dec->full = dec->seeking = dec->at_end = dec->shown_any = dec->spared = dec->repeat = false;
    dec->phase = REEL__RUNNING;
    dec->last_sent = dec->last_sync = dec->bad_from = REEL_NO_INDEX;
    atomic_store(&dec->starved, false);
    atomic_store(&dec->dry, false);
}

void reel_decoder_flush(reel_decoder *dec)
{
    if (!dec)
        return;
    reel__decode_forget(dec);
    atomic_store(&dec->stop, false);
}

int reel_decoder_set_discard(reel_decoder *dec, uint32_t discard)
{
    if (!dec || discard > REEL_DISCARD_NONKEY)
        return REEL_E_ARG;
    dec->options.discard = discard;
    return REEL_OK;
}

/* ---- what it says of itself ---- */

void reel_decoder_interrupt(reel_decoder *dec)
{
    if (dec)
        atomic_store_explicit(&dec->stop, true, memory_order_relaxed);
}

int reel_decoder_sample(const reel_decoder *dec, reel_sample *out)
{
    if (!dec || !out || !dec->shown_known)
        return REEL_E_NOT_FOUND;
    *out = dec->shown;
    return REEL_OK;
}

const char *reel_decoder_codec(const reel_decoder *dec) { return dec && dec->ctx ? dec->ctx->codec->name : "none"; }

void reel_decoder_get_stats(const reel_decoder *dec, reel_decoder_stats *out)
{
    if (!out)
        return;
    memset(out, 0, sizeof *out);
    if (!dec)
        return;
#define READ(name) out->name = atomic_load_explicit(&dec->counts.name, memory_order_relaxed);
    REEL__DECODER_COUNTS(READ)
#undef READ
}
