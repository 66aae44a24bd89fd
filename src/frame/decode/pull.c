/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoder that reads its track by itself: where to begin for a sample, what to drop on the way, where to go on
 * behind damage.
 *
 * Damage is a range of samples: from the first that could not be decoded up to the next sync sample, and those that lead
 * that one. Pictures of that range that come out all the same are flagged, the others are lost.
 *
 * A codec that met an error may keep more of it than pictures (libavcodec's h264: the rest of a macroblock, which it adds
 * to one of the next picture), and avcodec_flush_buffers does not take it away. So another one is made for what follows.
 */
#include <string.h>

#include "frame/base/fail.h"
#include "frame/base/sum.h"
#include "frame/decode/room.h"

enum {
    CONTINUE = 2, /* not an answer yet; no code of reel has this number */
    TRIES = 2,    /* sync samples further back that a seek tries when the picture comes out damaged */
    LEADERS = 64, /* pictures of one sync sample that may lead it */
    OUTS = 8,     /* times that libavcodec is believed at one place when it says that memory is out */
};

typedef struct budget {
    int64_t end;
    uint32_t most, sent; /* samples */
} budget;

/* ---- damage ---- */

static void tell(reel_decoder *dec, const reel_error *what)
{
    reel_error e = *what;
    if (reel_movie_shrunk(dec->movie)) /* zeros were read, whatever the codec makes of them */
        (void)reel__frame_fail(&e, REEL_E_SHRUNK, "%s", reel_code_text(REEL_E_SHRUNK));
    e.offset = what->offset;
    dec->tainted = true;
    REEL__TALLY(dec, errors, 1);
    if (dec->options.report)
        dec->options.report(dec->options.report_user, &e);
}

/* How many pictures the codec's threads work at besides the one that was sent last. */
static uint64_t under_way(const AVCodecContext *c)
{
    bool several = c && (c->active_thread_type & FF_THREAD_FRAME || c->codec->capabilities & AV_CODEC_CAP_OTHER_THREADS);
    return several && c->thread_count > 1 ? (uint64_t)c->thread_count - 1 : 0;
}

/* Whose error that is which just came: with frame threads, each packet sent brings the answer to an older one. */
static uint64_t culprit(const reel_decoder *dec)
{
    uint64_t lag = under_way(dec->ctx);
    uint64_t last = dec->last_sent == REEL_NO_INDEX ? 0 : dec->last_sent;
    uint64_t first = dec->last_sync == REEL_NO_INDEX ? 0 : dec->last_sync;
    /* A sync sample among those under way bounds it only when all of them came after it. */
    return last - first >= lag ? last - lag : last >= lag ? last - lag : 0;
}

static uint64_t next_sync(const reel_decoder *dec, uint64_t index)
{
    uint64_t sync;
    return reel_track_find_sync(dec->track, index, REEL_SEEK_NEXT, &sync, NULL) == REEL_OK ? sync : REEL_NO_INDEX;
}

/* How many samples behind a sync sample are shown before it. */
static uint64_t leading(const reel_decoder *dec, uint64_t sync)
{
    reel_sample first, s;
    uint64_t n = 0;
    if (dec->reorder == 0 || reel_track_sample(dec->track, sync, &first, NULL) != REEL_OK)
        return 0;
    while (n < LEADERS && reel_track_sample(dec->track, sync + n + 1, &s, NULL) == REEL_OK && s.pts < first.pts &&
           !(s.flags & REEL_SAMPLE_SYNC))
        n++;
    return n;
}

static void note_range(reel_decoder *dec, uint64_t from)
{
    uint64_t end, leaders = 0, to = next_sync(dec, from + 1);
    if (dec->bad_from != REEL_NO_INDEX && from >= dec->bad_from && from < dec->bad_leading && from != dec->bad_to)
        return; /* of the same range: what is lost is counted */
    dec->bad_from = from;
    dec->bad_to = end = to;
    if (to != REEL_NO_INDEX)
        leaders = leading(dec, to);
    else if (reel_track_sample_count(dec->track, &end, NULL) != REEL_OK)
        end = from + 1;
    dec->bad_leading = to == REEL_NO_INDEX ? to : to + 1 + leaders;
    REEL__TALLY(dec, lost, end > from ? end - from + leaders : 0);
}

/* From here on up to the next sync sample nothing can be trusted: go there. next: the first that was not sent yet. */
static void damaged(reel_decoder *dec, uint64_t from, uint64_t next)
{
    note_range(dec, from);
    if (dec->options.flags & REEL_DECODER_KEEP_DAMAGED || dec->phase != REEL__RUNNING)
        return;
    if (dec->bad_to == REEL_NO_INDEX || dec->bad_to > next) {
        if (dec->ctx)
            reel__decode_drain(dec, REEL__FOR_RESYNC);
    } else if (dec->bad_to == next) {
        REEL__TALLY(dec, resyncs, 1);
    }
}

/* ---- beginning ---- */

static void stand(reel_decoder *dec, const reel_cursor *cursor)
{
    dec->cursor = *cursor;
    dec->has_sample = dec->at_end = false;
}

static int begin_at(reel_decoder *dec, uint64_t entry, reel_error *err)
{
    reel_cursor c = dec->cursor;
    int rc = reel_cursor_seek(&c, entry, err);
    if (rc != REEL_OK)
        return rc;
    reel__decode_forget(dec);
    if (dec->sound.is && entry == 0)
        avcodec_free_context(&dec->ctx); /* with nothing before it to decode first: decoders remember more than they say */
    stand(dec, &c);
    dec->entry = entry;
    REEL__TALLY(dec, seeks, 1);
    return REEL_OK;
}

/* Is what is being decoded on its way there? Then nothing is gained by beginning anew. */
static bool on_the_way(const reel_decoder *dec, const reel_sample *target, uint64_t entry)
{
    bool coming = dec->phase == REEL__RUNNING || (dec->phase == REEL__DRAINING && target->index <= dec->last_sent);
    return !dec->sound.is && dec->ctx && coming && dec->shown_any && dec->last_sent != REEL_NO_INDEX &&
           !atomic_load(&dec->stop) && dec->bad_from == REEL_NO_INDEX && entry >= dec->entry && entry <= dec->last_sent &&
           target->pts > dec->shown_pts;
}

static int entry_for(reel_decoder *dec, const reel_sample *target, uint64_t *entry, reel_error *err)
{
    uint64_t roll = dec->sound.is ? reel__sound_roll(dec, target) : 0;
    return reel__entry_for(dec->track, target->index - roll, target->pts, &dec->memo, entry, err);
}

int reel_decoder_seek(reel_decoder *dec, uint64_t index, reel_error *err)
{
    reel_sample target;
    uint64_t entry;
    if (!dec)
        return reel__frame_fail(err, REEL_E_ARG, "no decoder");
    int rc = reel_track_sample(dec->track, index, &target, err);
    if (rc == REEL_OK)
        rc = entry_for(dec, &target, &entry, err);
    if (rc == REEL_OK && !on_the_way(dec, &target, entry))
        rc = begin_at(dec, entry, err);
    if (rc != REEL_OK)
        return rc;
    atomic_store(&dec->stop, false);
    dec->all = dec->all && !dec->seeking; /* it did not help */
    dec->seeking = true;
    dec->repeat = false;
    dec->target = target;
    dec->tries = 0;
    dec->passed = 0;
    return REEL_OK;
}

/* ---- reaching the target ---- */

static bool intra_only(const reel_decoder *dec)
{
    if (dec->sound.is) /* or as good as that: the roll was long enough */
        return true;
    const AVCodecDescriptor *d = dec->ctx ? avcodec_descriptor_get(dec->ctx->codec_id) : NULL;
    return d && d->props & AV_CODEC_PROP_INTRA_ONLY;
}

/* The entry before the one that decoding began at. */
static bool earlier_entry(const reel_decoder *dec, uint64_t *entry)
{
    reel__entry_memo memo = {0};
    reel_sample sync;
    if (dec->entry == 0 || dec->tries >= TRIES ||
        reel__entry_before(dec->track, dec->entry - 1, &memo, &sync, NULL) != REEL_OK)
        return false;
    *entry = sync.index;
    return true;
}

static bool begin_again(reel_decoder *dec, uint64_t entry, uint32_t tries)
{
    bool repeat = dec->repeat;
    if (begin_at(dec, entry, NULL) != REEL_OK)
        return false;
    dec->seeking = true;
    dec->repeat = repeat;
    dec->tries = tries;
    dec->passed = 0;
    return true;
}

/*
 * The same target once more: without leaving anything out, when something was (of a packed B picture of MPEG-4 the rest
 * lies in the next sample), then from earlier. False: there is nothing earlier, or enough was tried.
 */
static bool try_again(reel_decoder *dec)
{
    uint64_t entry;
    if (!dec->seeking || dec->options.discard != REEL_DISCARD_NONE)
        return false;
    if (dec->spared) {
        dec->all = true;
        return begin_again(dec, dec->entry, dec->tries);
    }
    if (intra_only(dec) || !earlier_entry(dec, &entry) || !begin_again(dec, entry, dec->tries + 1))
        return false;
    dec->all = false; /* it was not that */
    return true;
}

static int drop(reel_decoder *dec, const reel_sample *s)
{
    reel__decode_came_out(dec, s);
    av_frame_unref(dec->frame);
    dec->full = false;
    REEL__TALLY(dec, dropped, 1);
    return CONTINUE;
}

/*
 * Is the picture of s shown before the target? Their times tell, but for films whose tables have none of composition
 * though their codec reorders (MPEG-4 of old, packed): there others may come out before the target, a few.
 */
static bool before_target(reel_decoder *dec, const reel_sample *s)
{
    if (s->pts < dec->target.pts || (s->pts == dec->target.pts && s->index != dec->target.index))
        return true;
    return dec->reorder == 0 && s->index > dec->target.index && dec->passed++ < dec->ctx->has_b_frames + 1 &&
           dec->ctx->has_b_frames > 0;
}

static int hand_over_sound(reel_decoder *dec, reel_frame **out, reel_error *err)
{
    if (dec->seeking) {
        const reel__stretch at = reel__sound_place(dec);
        if (!at.known || at.sample.index < dec->target.index) {
            reel__sound_passed(dec, &at, dec->frame->nb_samples);
            return drop(dec, NULL);
        }
        dec->seeking = false;
    }
    int rc = reel__decode_show(dec, out, err);
    return rc == REEL_OK && !*out ? CONTINUE : rc;
}

static int hand_over(reel_decoder *dec, reel_frame **out, reel_error *err)
{
    if (dec->sound.is)
        return hand_over_sound(dec, out, err);
    reel__flying *f = reel__flight_find(dec, dec->frame->pts);
    dec->tainted |= dec->frame->decode_error_flags != 0;
    if (dec->seeking) {
        if (!f || before_target(dec, &f->sample))
            return drop(dec, f ? &f->sample : NULL);
        bool good = f->sample.index == dec->target.index && !dec->frame->decode_error_flags &&
                    !(dec->frame->flags & AV_FRAME_FLAG_CORRUPT);
        if (!good && try_again(dec))
            return CONTINUE;
        dec->all = dec->all && good;
        dec->seeking = false;
    }
    if (dec->repeat) {
        dec->repeat = false;
        if (f && f->sample.index == dec->target.index)
            return drop(dec, &f->sample);
    }
    if (f && !reel__decode_is_wanted(dec, f->sample.index))
        return drop(dec, &f->sample);
    return reel__decode_show(dec, out, err);
}

/* ---- reading ---- */

/* A sample that could not be had or decoded. */
static int lost_sample(reel_decoder *dec, const reel_error *what, uint64_t from, uint64_t next)
{
    if (try_again(dec))
        return CONTINUE;
    tell(dec, what);
    damaged(dec, from, next);
    return CONTINUE;
}

/*
 * Memory was out: what the codec has of what is under way is not whole. It begins anew, for what follows the picture that
 * came out last; of sound, whose packets are decoded one by one, for the one that was sent last. False: that cannot be.
 */
static bool begin_behind(reel_decoder *dec)
{
    uint64_t entry;
    bool sound = dec->sound.is;
    reel_sample target = dec->came;
    dec->outs++;
    dec->tainted = true;
    if (dec->seeking)
        return begin_again(dec, dec->entry, dec->tries);
    if (!sound && !dec->shown_any)
        return begin_at(dec, dec->entry, NULL) == REEL_OK;
    if ((sound && reel_track_sample(dec->track, dec->last_sent, &target, NULL) != REEL_OK) ||
        entry_for(dec, &target, &entry, NULL) != REEL_OK)
        return false;
    dec->target = target;
    dec->repeat = !sound;
    return begin_again(dec, entry, 0);
}

static int codec_failed(reel_decoder *dec, int code, const reel_error *what, reel_error *err)
{
    bool starved = atomic_exchange(&dec->starved, false), dry = atomic_exchange(&dec->dry, false);
    if (code == REEL_E_CANCELLED || atomic_load_explicit(&dec->stop, memory_order_relaxed))
        return reel__frame_fail(err, REEL_E_CANCELLED, "the decoder was interrupted");
    if ((dry || (code == REEL_E_NOMEM && !starved && dec->outs < OUTS)) && begin_behind(dec))
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for a picture");
    lost_sample(dec, what, culprit(dec), dec->last_sent == REEL_NO_INDEX ? 0 : dec->last_sent + 1);
    if (starved)
        return reel__frame_fail(err, REEL_E_AGAIN, "a picture found no buffer: all of the pool are held");
    if (code == REEL_E_NOMEM && err)
        *err = *what;
    return code == REEL_E_NOMEM ? code : CONTINUE;
}

/* Is there a buffer for the next picture? Better to say so now than to lose it. */
static int await_buffer(reel_decoder *dec, reel_error *err)
{
    reel_pool_stats s;
    reel_buffer *b = NULL;
    reel_pool *pool = reel__decode_pool(dec);
    int rc = REEL_OK;
    reel_pool_get_stats(pool, &s);
    if (pool && s.outstanding >= s.max_buffers) {
        rc = reel__decode_take(dec, pool, &b);
        reel_buffer_unref(&b);
    }
    reel_pool_close(&pool);
    if (rc == REEL_OK)
        return rc;
    atomic_store(&dec->starved, false);
    uint32_t lent = atomic_load(reel__wraps_lent(dec->wraps));
    if (rc == REEL_E_AGAIN && lent >= s.max_buffers) /* no matter what the caller lets go of */
        return reel__frame_fail(err, REEL_E_FULL, "the codec keeps all %u buffers of the pool, and needs more", lent);
    return reel__frame_fail(err, rc, rc == REEL_E_CANCELLED ? "the decoder was interrupted"
                                                          : "all %u buffers of the pool are held", s.max_buffers);
}

static int send_sample(reel_decoder *dec, reel_error *err)
{
    reel_packet packet;
    reel_error what = {.code = REEL_OK};
    reel_sample s = dec->sample;
    int rc = reel_packet_get(dec->track, &s, &packet, &what);
    if (rc == REEL_E_AGAIN || rc == REEL_E_NOMEM) {
        if (err)
            *err = what;
        return rc;
    }
    if (rc != REEL_OK) {
        dec->has_sample = false;
        return lost_sample(dec, &what, s.index, s.index + 1);
    }
    if (reel__decode_is_idle(dec, &packet)) {
        dec->has_sample = false;
        dec->spared = true;
        reel_packet_unref(&packet);
        REEL__TALLY(dec, skipped, 1);
        return CONTINUE;
    }
    rc = reel__decode_send(dec, &packet, &what);
    reel_packet_unref(&packet);
    if (rc == REEL_E_AGAIN)
        return CONTINUE; /* the same once more, when what is ready has been received */
    if (rc == REEL_E_NOMEM && dec->last_sent != s.index) { /* the codec has not seen it yet */
        if (dec->last_sent == REEL_NO_INDEX)
            avcodec_free_context(&dec->ctx); /* one that was opened now may lack what nobody told us of */
        if (err)
            *err = what;
        return rc;
    }
    dec->has_sample = false;
    return rc == REEL_OK ? CONTINUE : codec_failed(dec, rc, &what, err);
}

static int next_sample(reel_decoder *dec, reel_error *err)
{
    while (!dec->has_sample && !dec->at_end) {
        int rc = reel_cursor_next(&dec->cursor, &dec->sample, err);
        if (rc == REEL_END) {
            dec->at_end = true;
            break;
        }
        if (rc != REEL_OK)
            return rc;
        if (reel__decode_is_behind(dec, dec->sample.index)) {
            dec->at_end = dec->spared = true;
            break;
        }
        dec->has_sample = !reel__decode_unwanted(dec, &dec->sample);
        dec->spared = dec->spared || !dec->has_sample;
        if (!dec->has_sample)
            REEL__TALLY(dec, skipped, 1);
        else if (dec->sound.gathers)
            reel__sound_gather(dec);
    }
    return REEL_OK;
}

/* One sample is always allowed: who calls again and again gets on. */
static bool spent(budget *b)
{
    if (b->sent > 0 && (b->sent >= b->most || (b->end != INT64_MAX && reel_pool_now() >= b->end)))
        return true;
    b->sent++;
    return false;
}

/* Behind damage, where nothing that comes refers to what was: leading pictures would. */
static bool needs_another(const reel_decoder *dec)
{
    return dec->tainted && dec->ctx && dec->sample.flags & REEL_SAMPLE_SYNC && !dec->sound.is && !intra_only(dec) &&
           leading(dec, dec->sample.index) == 0;
}

static int feed(reel_decoder *dec, budget *b, reel_error *err)
{
    int rc = next_sample(dec, err);
    if (rc != REEL_OK)
        return rc;
    if (!dec->has_sample) {
        if (!dec->ctx)
            return try_again(dec) ? CONTINUE : REEL_END;
        reel__decode_drain(dec, REEL__FOR_END);
        return CONTINUE;
    }
    rc = await_buffer(dec, err);
    if (rc != REEL_OK)
        return rc;
    if (spent(b))
        return reel__frame_fail(err, REEL_E_AGAIN, "no frame within the budget; sample %llu is next",
                                (unsigned long long)dec->sample.index);
    if (needs_another(dec)) {
        reel__decode_drain(dec, REEL__FOR_RENEWAL);
        return CONTINUE;
    }
    if (!dec->ctx)
        rc = reel__decode_configure(dec, dec->sample.description, err);
    return rc == REEL_OK ? send_sample(dec, err) : rc;
}

/* The codec has given all it had. */
static int drained(reel_decoder *dec, reel_error *err)
{
    reel_cursor c = dec->cursor;
    int rc = REEL_OK;
    if (dec->reason == REEL__FOR_END)
        return try_again(dec) ? CONTINUE : REEL_END;
    if (dec->reason == REEL__FOR_RESYNC && dec->bad_to != REEL_NO_INDEX)
        rc = reel_cursor_seek(&c, dec->bad_to, err);
    if (rc != REEL_OK)
        return rc; /* the source is late: once more */
    dec->phase = REEL__RUNNING;
    dec->tainted = false;
    avcodec_free_context(&dec->ctx); /* the next sample makes another */
    if (dec->reason == REEL__FOR_SWITCH)
        REEL__TALLY(dec, switches, 1);
    if (dec->reason != REEL__FOR_RESYNC)
        return CONTINUE;
    stand(dec, &c);
    dec->at_end = dec->bad_to == REEL_NO_INDEX;
    if (!dec->at_end)
        REEL__TALLY(dec, resyncs, 1);
    return CONTINUE;
}

static int step(reel_decoder *dec, budget *b, reel_frame **out, reel_error *err)
{
    reel_error what = {.code = REEL_OK};
    if (atomic_load_explicit(&dec->stop, memory_order_relaxed))
        return reel__frame_fail(err, REEL_E_CANCELLED, "the decoder was interrupted");
    if (atomic_load(&dec->dry)) {
        int dry = reel__frame_fail(&what, REEL_E_NOMEM, "no memory for a picture");
        return codec_failed(dec, dry, &what, err);
    }
    if (dec->full)
        return hand_over(dec, out, err);
    int rc = reel__decode_receive(dec, &what);
    if (rc == REEL_OK)
        return CONTINUE;
    if (rc == REEL_E_AGAIN)
        return feed(dec, b, err);
    return rc == REEL_END ? drained(dec, err) : codec_failed(dec, rc, &what, err);
}

int reel_decoder_next(reel_decoder *dec, reel_frame **out, reel_error *err)
{
    int rc = CONTINUE;
    if (out)
        *out = NULL;
    if (!dec || !out)
        return reel__frame_fail(err, REEL_E_ARG, "no decoder, or no place for a frame");
    const reel_decoder_options *o = &dec->options;
    budget b = {.end = o->budget_ns > 0 ? reel__plus(reel_pool_now(), o->budget_ns) : INT64_MAX,
                .most = o->most_packets ? o->most_packets : UINT32_MAX};
    while (rc == CONTINUE)
        rc = step(dec, &b, out, err);
    return rc;
}
