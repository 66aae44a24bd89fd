/* SPDX-License-Identifier: BSD-2-Clause */
/* A player's life, and what its caller can tell it at any moment. */
#include <string.h>

#include "frame/play/room.h"
#include "frame/base/fail.h"
#include "frame/base/memory.h"
#include "frame/base/track.h"
#include "frame/pool/room.h"

enum { AHEAD = 6, HELD = 2, SPIN = 50000, PACKETS = 4 /* that a decode task sends before others have their turn */ };

static const double slowest = 0.25, fastest = 4;
static const double fewest = 0.001, most = 1e6; /* frames a second */
static const int64_t clock_ends = INT64_C(1) << 61;

/* ---- open and close ---- */

static bool possible_rate(double rate) { return rate >= slowest && rate <= fastest; }

static int check_options(const reel_player_options *o, reel_error *err)
{
    if (o->sizeof_options < sizeof *o || (o->ahead && (o->ahead < 2 || o->ahead > REEL__AHEAD_MOST)) ||
        o->late > REEL_LATE_WAIT || !(o->fps == 0 || (o->fps >= fewest && o->fps <= most)) ||
        (o->rate != 0 && !possible_rate(o->rate)) || o->held > 1000)
        return reel__frame_fail(err, REEL_E_ARG, "the options of a player are impossible");
    return REEL_OK;
}

static void report(void *user, const reel_error *what)
{
    reel_player *p = user;
    if (p->options.report)
        p->options.report(p->options.user, p, what);
}

static void set_up(reel_player *p, const reel_track *track, const reel_player_options *o, const reel_allocator *a)
{
    memset(p, 0, sizeof *p);
    p->alloc = *a;
    p->options = *o;
    p->options.ahead = o->ahead ? o->ahead : AHEAD;
    p->options.held = o->held ? o->held : HELD;
    if (o->flags & REEL_PLAYER_INLINE)
        p->options.flags |= REEL_PLAYER_POLL;
    p->now = -clock_ends;
    p->track = track;
    p->timescale = reel_track_timescale(track);
    p->spin = o->spin == 0 ? SPIN : o->spin < 0 ? 0 : o->spin;
    p->interval = o->fps > 0 ? (int64_t)(1e9 / o->fps + 0.5) : 0;
    p->clock.rate = o->rate != 0 ? o->rate : 1;
    p->loop = o->flags & REEL_PLAYER_LOOP;
    p->state = o->flags & REEL_PLAYER_PAUSED ? REEL_PLAYER_STANDING : REEL_PLAYER_PLAYING;
    p->seek_wanted = p->preview = true;
    p->decode_task = (reel_task){.run = reel__decode_run, .user = p, .strand = &p->decode_strand, .name = "decode"};
    p->pace_task = (reel_task){.run = reel__pace_run, .user = p, .strand = &p->pace_strand, .name = "pace"};
    pthread_mutex_init(&p->lock, NULL); /* of the plain kind: it cannot fail where threads exist */
}

static int open_decoder(reel_player *p, reel_error *err)
{
    const reel_player_options *o = &p->options;
    const reel_decoder_options d = {.sizeof_options = sizeof d, .threads = o->threads ? o->threads : 1,
                                    .thread_kind = o->thread_kind, .frames = o->ahead + o->held + 1,
                                    .most_packets = PACKETS, .wait_ns = -1, .pool = o->pool, .report = report,
                                    .report_user = p, .alloc = &p->alloc};
    return reel_decoder_open(p->track, &d, &p->decoder, err);
}

static int own_sched(reel_player *p, unsigned workers, const char *name, reel_sched **out, reel_error *err)
{
    const reel_sched_options o = {.sizeof_options = sizeof o, .allocator = &p->alloc, .workers = workers, .name = name};
    return reel_sched_open(&o, out, err);
}

static int open_scheds(reel_player *p, reel_error *err)
{
    const reel_player_options *o = &p->options;
    int rc = REEL_OK;
    p->sched = o->flags & REEL_PLAYER_INLINE ? NULL : o->sched;
    p->pacer = o->flags & REEL_PLAYER_POLL ? NULL : o->pacer ? o->pacer : o->sched;
    if (!p->sched && !(o->flags & REEL_PLAYER_INLINE)) {
        rc = own_sched(p, o->workers, "decode", &p->own_sched, err);
        p->sched = p->own_sched;
    }
    if (rc == REEL_OK && !p->pacer && !(o->flags & REEL_PLAYER_POLL)) {
        rc = own_sched(p, 1, "pace", &p->own_pacer, err);
        p->pacer = p->own_pacer;
    }
    return rc;
}

static int open_strands(reel_player *p, reel_error *err)
{
    int rc = p->sched ? reel_strand_open(&p->decode_strand, p->sched, NULL, err) : REEL_OK;
    p->decode_strand_open = rc == REEL_OK && p->sched;
    if (rc == REEL_OK && p->pacer)
        rc = reel_strand_open(&p->pace_strand, p->pacer, NULL, err);
    p->pace_strand_open = rc == REEL_OK && p->pacer;
    return rc;
}

int reel_player_open(const reel_track *track, const reel_player_options *options, reel_player **out, reel_error *err)
{
    static const reel_player_options plain = {.sizeof_options = sizeof plain};
    const reel_player_options *o = options ? options : &plain;
    if (out)
        *out = NULL;
    if (!track || !out)
        return reel__frame_fail(err, REEL_E_ARG, "a player needs a track, and a place for the result");
    int rc = check_options(o, err);
    if (rc == REEL_OK)
        rc = reel__frame_need_pictures(track, err);
    if (rc != REEL_OK)
        return rc;
    const reel_allocator *a = o->alloc ? o->alloc : &reel__frame_malloc;
    reel_player *p = reel__memory_get(a, sizeof *p, 64);
    if (!p)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for a player");
    set_up(p, track, o, a);
    rc = open_decoder(p, err);
    if (rc == REEL_OK)
        rc = open_scheds(p, err);
    if (rc == REEL_OK)
        rc = open_strands(p, err);
    if (rc != REEL_OK) {
        reel_player_close(&p);
        return rc;
    }
    *out = p;
    pthread_mutex_lock(&p->lock);
    reel__wake_decode(p);
    pthread_mutex_unlock(&p->lock);
    return REEL_OK;
}

static _Thread_local reel__inside *inside;

void reel__player_enter(reel__inside *here, const reel_player *p)
{
    *here = (reel__inside){p, inside};
    inside = here;
}

void reel__player_leave(const reel__inside *here) { inside = here->up; }

int reel_player_close(reel_player **player)
{
    reel_player *p = player ? *player : NULL;
    if (!p)
        return REEL_OK;
    for (const reel__inside *i = inside; i; i = i->up)
        if (i->player == p)
            return REEL_E_ARG;
    *player = NULL;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_mutex_unlock(&p->lock);
    reel_decoder_interrupt(p->decoder);
    if (p->pace_strand_open)
        reel_strand_close(&p->pace_strand, REEL_CLOSE_DROP);
    if (p->decode_strand_open)
        reel_strand_close(&p->decode_strand, REEL_CLOSE_DROP);
    reel_sched_close(&p->own_pacer, REEL_CLOSE_DROP);
    reel_sched_close(&p->own_sched, REEL_CLOSE_DROP);
    reel__ring_clear(p);
    reel__reader_forget(p);
    reel_decoder_close(&p->decoder);
    pthread_mutex_destroy(&p->lock);
    reel_allocator a = p->alloc;
    reel__memory_free(&a, p);
    return REEL_OK;
}

/* ---- what it is told; the lock is held ---- */

/* What is decoded, and what is being decoded, is not wanted any more. */
static void forget(reel_player *p, int64_t time)
{
    p->generation++;
    reel__ring_clear(p);
    p->primed = p->done = p->step = p->skip = p->resume = false;
    p->preview = true;
    p->code = REEL_OK;
    p->discard = REEL_DISCARD_NONE;
    p->seek_time = time;
    reel__play_set(p, reel__player_now(p), time, false);
    reel_decoder_interrupt(p->decoder);
}

static void seek(reel_player *p, int64_t time)
{
    forget(p, time);
    p->seek_wanted = true;
    reel__wake_decode(p);
    reel__wake_pace(p);
}

static void stand(reel_player *p)
{
    int64_t now = reel__player_now(p);
    if (p->state != REEL_PLAYER_PLAYING)
        return;
    reel__play_set(p, now, reel__play_now(p, now), false);
    p->state = REEL_PLAYER_STANDING;
    p->resume = false;
}

int reel_player_play(reel_player *p)
{
    if (!p)
        return REEL_E_ARG;
    pthread_mutex_lock(&p->lock);
    uint32_t was = p->state;
    p->state = REEL_PLAYER_PLAYING;
    if (was == REEL_PLAYER_STOPPED || was == REEL_PLAYER_ENDED)
        seek(p, 0);
    else if (was == REEL_PLAYER_STANDING && !p->preview)
        p->resume = true;
    reel__wake_pace(p);
    pthread_mutex_unlock(&p->lock);
    return REEL_OK;
}

int reel_player_pause(reel_player *p)
{
    if (!p)
        return REEL_E_ARG;
    pthread_mutex_lock(&p->lock);
    stand(p);
    reel__wake_pace(p);
    pthread_mutex_unlock(&p->lock);
    return REEL_OK;
}

int reel_player_stop(reel_player *p)
{
    if (!p)
        return REEL_E_ARG;
    pthread_mutex_lock(&p->lock);
    forget(p, 0);
    p->seek_wanted = false;
    p->state = REEL_PLAYER_STOPPED;
    reel__wake_pace(p);
    pthread_mutex_unlock(&p->lock);
    return REEL_OK;
}

int reel_player_seek(reel_player *p, int64_t time)
{
    if (!p)
        return REEL_E_ARG;
    pthread_mutex_lock(&p->lock);
    if (p->state == REEL_PLAYER_ENDED)
        p->state = REEL_PLAYER_PLAYING;
    if (p->state == REEL_PLAYER_STOPPED)
        p->state = REEL_PLAYER_STANDING;
    p->stats.seeks++;
    seek(p, time > 0 ? time : 0);
    pthread_mutex_unlock(&p->lock);
    return REEL_OK;
}

int reel_player_step(reel_player *p)
{
    if (!p)
        return REEL_E_ARG;
    pthread_mutex_lock(&p->lock);
    int rc = p->state == REEL_PLAYER_ENDED ? REEL_END : REEL_OK;
    if (p->state == REEL_PLAYER_STOPPED) {
        p->state = REEL_PLAYER_STANDING;
        seek(p, 0);
    } else if (rc == REEL_OK) {
        stand(p);
        p->step = true;
        reel__wake_pace(p);
    }
    pthread_mutex_unlock(&p->lock);
    return rc;
}

int reel_player_set_rate(reel_player *p, double rate)
{
    if (!p || !possible_rate(rate))
        return REEL_E_ARG;
    pthread_mutex_lock(&p->lock);
    int64_t now = reel__player_now(p);
    reel__play_set(p, now, reel__play_now(p, now), p->clock.runs);
    p->clock.rate = rate;
    reel__wake_pace(p);
    pthread_mutex_unlock(&p->lock);
    return REEL_OK;
}

int reel_player_set_loop(reel_player *p, bool loop)
{
    if (!p)
        return REEL_E_ARG;
    pthread_mutex_lock(&p->lock);
    p->loop = loop;
    if (loop && p->done && p->code == REEL_OK && p->state != REEL_PLAYER_ENDED) { /* the end was read, not yet shown */
        p->done = false;
        reel__wake_decode(p);
    }
    pthread_mutex_unlock(&p->lock);
    return REEL_OK;
}

int reel_player_poll(reel_player *p, int64_t now, int64_t *next)
{
    enum { SOON = 1000000 }; /* ns until it is asked again whether something was decoded */
    if (!p || !(p->options.flags & REEL_PLAYER_POLL) || now < -clock_ends || now > clock_ends)
        return REEL_E_ARG;
    reel__inside here;
    reel__player_enter(&here, p);
    if (p->options.flags & REEL_PLAYER_INLINE)
        reel__decode_all(p);
    int64_t at = reel__pace(p, now);
    reel__player_leave(&here);
    pthread_mutex_lock(&p->lock);
    bool ended = p->state == REEL_PLAYER_ENDED;
    bool waits = p->state == REEL_PLAYER_PLAYING || (p->state == REEL_PLAYER_STANDING && (p->preview || p->step));
    if (at == REEL__NEVER_AT && waits && !(p->done && !p->count && p->state == REEL_PLAYER_STANDING))
        at = reel__plus(now, SOON);
    pthread_mutex_unlock(&p->lock);
    if (next)
        *next = at;
    return ended ? REEL_END : REEL_OK;
}

/* ---- what it says of itself ---- */

int reel_player_get_stats(reel_player *p, reel_player_stats *out)
{
    if (!p || !out || out->sizeof_stats != sizeof *out)
        return REEL_E_ARG;
    reel_histogram *lateness = out->lateness;
    pthread_mutex_lock(&p->lock);
    int64_t play = reel__play_now(p, reel__player_now(p));
    *out = p->stats;
    out->time = p->preview ? p->seek_time : reel__play_time(p, p->done && play > p->end ? p->end : play);
    out->drift = (int64_t)p->clock.drift;
    out->rate = p->clock.rate;
    out->state = p->state;
    out->ready = p->count;
    out->discard = p->discard;
    out->code = p->code;
    pthread_mutex_unlock(&p->lock);
    reel_decoder_get_stats(p->decoder, &out->decoder);
    out->errors = out->decoder.errors;
    out->lost = out->decoder.lost;
    out->sizeof_stats = sizeof *out;
    out->lateness = lateness;
    if (lateness)
        reel_histogram_merge(lateness, &p->lateness);
    return REEL_OK;
}
