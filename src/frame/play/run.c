/* SPDX-License-Identifier: BSD-2-Clause */
/* The two tasks of a player: decode fills the ring, pace shows what is due. */
#include "frame/play/room.h"

enum {
    PAUSE = 2000000,      /* ns until decoding asks again for a buffer, or for bytes that are late */
    GLIMPSE = 250000000,  /* ns: something is shown four times a second, however late all frames are */
    BIDIR_AFTER = 3,      /* frames' times that decoding is late: then B pictures are left out, */
    SKIP_AFTER = 8        /* and then it goes on at a sync sample */
};

/* What decode_once has come to. */
enum { REST, MORE, STUCK };

int64_t reel__player_now(const reel_player *p)
{
    return p->options.flags & REEL_PLAYER_POLL ? p->now : reel_clock_now();
}

/* ---- the ring; the lock is held ---- */

static reel__item *ring_at(reel_player *p, uint32_t i) { return &p->ring[(p->head + i) % REEL__AHEAD_MOST]; }

void reel__ring_clear(reel_player *p)
{
    for (; p->count; p->count--, p->head++)
        reel_frame_unref(&ring_at(p, 0)->frame);
}

static bool has_room(const reel_player *p) { return p->count < p->options.ahead && !p->done; }

/* ---- posting; the lock is held ---- */

static void post_decode(reel_player *p, int64_t at)
{
    if (p->decode_posted || p->closing || p->options.flags & REEL_PLAYER_INLINE)
        return;
    int64_t last = p->count ? ring_at(p, p->count - 1)->end : p->shown.end;
    int64_t due = p->clock.runs ? reel__play_due(p, last) : reel__player_now(p);
    p->decode_task.at = at;
    p->decode_task.deadline = due > 0 ? due : 1;
    p->decode_posted = reel_task_post(p->sched, &p->decode_task, 0) == REEL_OK;
}

void reel__wake_decode(reel_player *p)
{
    if (p->seek_wanted || (has_room(p) && p->state != REEL_PLAYER_STOPPED))
        post_decode(p, 0);
}

static void post_pace(reel_player *p, int64_t at)
{
    if (p->closing || p->options.flags & REEL_PLAYER_POLL)
        return;
    /* When it cannot be taken back it is about to begin, and will look for itself. */
    if (p->pace_posted && reel_task_cancel(p->pacer, &p->pace_task, false) != REEL_OK)
        return;
    p->pace_task.at = at > 0 ? at : 1;
    p->pace_posted = reel_task_post(p->pacer, &p->pace_task, 0) == REEL_OK;
}

void reel__wake_pace(reel_player *p) { post_pace(p, reel__player_now(p)); }

/* ---- decoding ---- */

static int64_t lasts(const reel_player *p, const reel__item *i)
{
    return reel__whole((double)reel__minus(i->end, i->start) / p->clock.rate);
}

/* A frame came out of the decoder at now. Is it too late to be shown? And what should be left out from now on? */
static bool judge(reel_player *p, const reel__item *i, int64_t now)
{
    int64_t late = reel__minus(now, reel__play_due(p, i->start)), each = lasts(p, i);
    if (!p->clock.runs || p->options.late != REEL_LATE_DROP || !i->frame || late <= 0)
        return false;
    p->discard = late / BIDIR_AFTER >= each ? REEL_DISCARD_BIDIR : REEL_DISCARD_NONREF;
    p->skip = late / SKIP_AFTER >= each;
    p->skip_until = reel__play_now(p, reel__plus(now, late)); /* the picture freezes for no longer than it is late */
    return late > each && now - p->shown_at < GLIMPSE;
}

static void push(reel_player *p, reel__item *i)
{
    int64_t now = reel__player_now(p);
    if (judge(p, i, now)) {
        p->stats.dropped++;
        reel_frame_unref(&i->frame);
        return;
    }
    p->ring[(p->head + p->count) % REEL__AHEAD_MOST] = *i;
    p->count++;
    if (!has_room(p)) {
        p->primed = true;
        p->discard = REEL_DISCARD_NONE;
        p->skip = false;
    }
    if (p->count == 1 || !p->clock.runs)
        reel__wake_pace(p);
}

static void come_to_end(reel_player *p, int code)
{
    p->done = p->primed = true;
    p->end = p->reader.end;
    p->code = code;
    reel__wake_pace(p);
}

/* The lock is held, and let go meanwhile. */
static int seek_now(reel_player *p)
{
    int64_t time = p->seek_time;
    uint64_t generation = p->generation;
    reel_error err;
    p->seek_wanted = false;
    pthread_mutex_unlock(&p->lock);
    reel_decoder_set_discard(p->decoder, REEL_DISCARD_NONE);
    int rc = reel__reader_seek(p, time, &err);
    pthread_mutex_lock(&p->lock);
    if (generation != p->generation || rc == REEL_OK)
        return MORE;
    if (rc == REEL_E_AGAIN || rc == REEL_E_NOMEM) {
        p->seek_wanted = true;
        return STUCK;
    }
    come_to_end(p, rc);
    return REST;
}

/* The lock is held. A frame, or why there is none. */
static int take_result(reel_player *p, int rc, reel__item *item, bool stuck)
{
    p->stats.dropped += p->reader.left_out;
    p->reader.left_out = 0;
    if (rc == REEL_OK)
        push(p, item);
    else if (rc == REEL_END)
        come_to_end(p, p->reader.code);
    if (rc != REEL_E_NOMEM && (rc != REEL_E_AGAIN || !stuck))
        return MORE;
    p->stats.starved++;
    if (p->count && !p->primed) {
        p->primed = true;
        reel__wake_pace(p);
    }
    return STUCK;
}

/* One item at most. The lock is held, and let go meanwhile. */
static int decode_once(reel_player *p)
{
    reel__item item = {.frame = NULL};
    reel_decoder_stats before, after;
    if (p->closing || (!p->seek_wanted && (!has_room(p) || p->state == REEL_PLAYER_STOPPED)))
        return REST;
    if (p->seek_wanted)
        return seek_now(p);
    uint64_t generation = p->generation;
    bool loop = p->loop, skip = p->skip;
    int64_t until = p->skip_until;
    p->reader.level = p->discard;
    p->skip = false;
    pthread_mutex_unlock(&p->lock);
    reel_decoder_set_discard(p->decoder, p->reader.level);
    skip = skip && reel__reader_skip(p, until);
    reel_decoder_get_stats(p->decoder, &before);
    int rc = reel__reader_next(p, loop, &item);
    reel_decoder_get_stats(p->decoder, &after);
    pthread_mutex_lock(&p->lock);
    p->stats.skips += skip;
    if (generation == p->generation)
        return take_result(p, rc, &item, after.packets == before.packets);
    reel_frame_unref(&item.frame);
    return MORE;
}

void reel__decode_run(reel_task *task, void *user)
{
    reel_player *p = user;
    reel__inside here;
    (void)task;
    reel__player_enter(&here, p);
    pthread_mutex_lock(&p->lock);
    p->decode_posted = false;
    int what = decode_once(p);
    reel__player_leave(&here);
    if (what == STUCK)
        post_decode(p, reel_clock_now() + PAUSE);
    else if (what == MORE)
        reel__wake_decode(p);
    pthread_mutex_unlock(&p->lock);
}

void reel__decode_all(reel_player *p)
{
    int what = MORE;
    pthread_mutex_lock(&p->lock);
    while (what == MORE)
        what = decode_once(p);
    pthread_mutex_unlock(&p->lock);
}

/* ---- showing; the lock is held ---- */

static void pop(reel_player *p, reel__item *out)
{
    *out = *ring_at(p, 0);
    p->head++;
    p->count--;
    reel__wake_decode(p);
}

static void account(reel_player *p, const reel__item *i, const reel_show *s)
{
    int64_t each = lasts(p, i), limit = p->options.late_limit > 0 ? p->options.late_limit : each;
    if (i->frame)
        p->stats.presented++;
    else
        p->stats.gaps++;
    if (s->flags & REEL_SHOW_PREVIEW || !i->frame)
        return;
    reel_histogram_record(&p->lateness, s->late);
    p->stats.missed += s->late > limit;
    p->stats.late_max = s->late > p->stats.late_max ? s->late : p->stats.late_max;
    if (each > 0 && !i->first)
        p->stats.repeated += (uint64_t)(s->late / each);
}

/* Show the head. Lets the lock go for the callback. */
static void show_head(reel_player *p, int64_t due, uint32_t flags)
{
    reel__item i;
    pop(p, &i);
    int64_t now = reel__player_now(p);
    if (flags & REEL_SHOW_PREVIEW) {
        reel__play_set(p, now, i.start, false);
        due = now;
    } else if (p->options.late == REEL_LATE_WAIT && now > due) {
        reel__play_set(p, now, i.start, true);
    }
    reel_show s = {.frame = i.frame, .time = i.time, .duration = reel__minus(i.end, i.start), .due = due, .late = reel__minus(now, due),
                   .number = p->number++, .sample = i.sample, .loop = i.loop,
                   .flags = flags | (i.first ? REEL_SHOW_FIRST : 0)};
    account(p, &i, &s);
    p->stats.loops += i.loop > p->shown.loop && p->shown_any && !i.first;
    p->shown = i;
    p->shown_at = now;
    p->shown_any = true;
    p->preview = p->step = false;
    pthread_mutex_unlock(&p->lock);
    if (p->options.show)
        p->options.show(p->options.user, p, &s);
    reel_frame_unref(&i.frame);
    pthread_mutex_lock(&p->lock);
}

/* Those whose time is over give way to those that are there. */
static void drop_late(reel_player *p, int64_t now)
{
    while (p->options.late == REEL_LATE_DROP && p->count > 1 && reel__play_due(p, ring_at(p, 1)->start) <= now) {
        reel__item i;
        pop(p, &i);
        p->stats.dropped += i.frame != NULL;
        ring_at(p, 0)->first |= i.first;
        reel_frame_unref(&i.frame);
    }
}

static int64_t end_it(reel_player *p, int64_t now)
{
    int64_t due = p->clock.runs ? reel__play_due(p, p->end) : now;
    int code = p->code;
    if (p->state != REEL_PLAYER_PLAYING || now < due)
        return p->state == REEL_PLAYER_PLAYING ? due : REEL__NEVER_AT;
    reel__play_set(p, now, p->clock.runs ? p->end : p->clock.play, false);
    p->state = REEL_PLAYER_ENDED;
    p->stats.ends++;
    pthread_mutex_unlock(&p->lock);
    if (p->options.ended)
        p->options.ended(p->options.user, p, code);
    pthread_mutex_lock(&p->lock);
    return 0;
}

/* Behind a pause where it stood; else with the first frame, once there are enough. */
static bool start_clock(reel_player *p, int64_t now)
{
    if (!p->resume && !p->primed)
        return false;
    reel__play_set(p, now, p->resume ? p->clock.play : ring_at(p, 0)->start, true);
    p->resume = false;
    return true;
}

/* One show at most. 0: look again; else when to. */
static int64_t pace_once(reel_player *p)
{
    int64_t now = reel__player_now(p);
    if (p->closing || p->state == REEL_PLAYER_STOPPED || p->state == REEL_PLAYER_ENDED || p->seek_wanted)
        return REEL__NEVER_AT;
    if (p->resume && p->state == REEL_PLAYER_PLAYING)
        start_clock(p, now);
    if (!p->count)
        return p->done ? end_it(p, now) : REEL__NEVER_AT;
    if (p->state == REEL_PLAYER_STANDING) {
        if (!p->preview && !p->step)
            return REEL__NEVER_AT;
        show_head(p, now, REEL_SHOW_PREVIEW);
        return 0;
    }
    if (!p->clock.runs && !start_clock(p, now))
        return REEL__NEVER_AT;
    int64_t due = reel__play_due(p, ring_at(p, 0)->start);
    if (now < due)
        return due;
    drop_late(p, now);
    show_head(p, reel__play_due(p, ring_at(p, 0)->start), 0);
    return 0;
}

int64_t reel__pace(reel_player *p, int64_t now)
{
    int64_t next = 0;
    int64_t heard = p->options.audio && !p->interval ? p->options.audio(p->options.user) : REEL_PLAYER_NO_TIME;
    pthread_mutex_lock(&p->lock);
    p->now = now > p->now ? now : p->now; /* it never goes back */
    reel__play_follow(p, heard, reel__player_now(p));
    while (next == 0)
        next = pace_once(p);
    pthread_mutex_unlock(&p->lock);
    return next;
}

static void spin_until(int64_t at)
{
    while (reel_clock_now() < at)
        ;
}

void reel__pace_run(reel_task *task, void *user)
{
    reel_player *p = user;
    (void)task;
    pthread_mutex_lock(&p->lock);
    p->pace_posted = false;
    pthread_mutex_unlock(&p->lock);
    reel__inside here;
    reel__player_enter(&here, p);
    int64_t now = reel_clock_now(), next = reel__pace(p, now);
    if (next != REEL__NEVER_AT && next - now <= p->spin) { /* once only: others of this pacer are waiting perhaps */
        spin_until(next);
        next = reel__pace(p, reel_clock_now());
    }
    reel__player_leave(&here);
    pthread_mutex_lock(&p->lock);
    if (next != REEL__NEVER_AT && !p->pace_posted)
        post_pace(p, next - p->spin);
    pthread_mutex_unlock(&p->lock);
}
