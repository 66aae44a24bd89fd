/* SPDX-License-Identifier: BSD-2-Clause */
/* Play time against the clock: a straight line, moved when it is told to, or by what is heard. */
#include "frame/play/room.h"

enum {
    JUMP = 250000000, /* ns that audio is away: too far to be followed smoothly */
    CALM = 8,         /* a measurement counts for an eighth: sound cards tell their time in steps */
    GENTLE = 8,       /* an eighth of what is measured is made up for at once, */
    SLOWER = 20,      /* and 5 % of the time since then at most: nobody sees it */
    LONG = 100000000  /* ns: more time than that does not count */
};

int64_t reel__play_now(const reel_player *p, int64_t now)
{
    const reel__play_clock *c = &p->clock;
    return c->runs ? reel__plus(c->play, reel__whole((double)reel__minus(now, c->at) * c->rate)) : c->play;
}

/* Rounded up: a frame is never early. */
int64_t reel__play_due(const reel_player *p, int64_t play)
{
    const reel__play_clock *c = &p->clock;
    double from = (double)reel__minus(play, c->play) / c->rate;
    int64_t whole = reel__whole(from);
    return reel__plus(reel__plus(c->at, whole), (double)whole < from);
}

void reel__play_set(reel_player *p, int64_t now, int64_t play, bool runs)
{
    p->clock.at = now;
    p->clock.play = play;
    p->clock.runs = runs;
}

int64_t reel__play_time(const reel_player *p, int64_t play)
{
    int64_t beyond = reel__minus(play, p->shown.start);
    return reel__plus(p->shown.time, p->interval || beyond < 0 ? 0 : beyond);
}

void reel__play_follow(reel_player *p, int64_t heard, int64_t now)
{
    reel__play_clock *c = &p->clock;
    if (heard == REEL_PLAYER_NO_TIME || !c->runs || !p->shown_any || p->preview)
        return;
    int64_t play = reel__play_now(p, now);
    double away = (double)reel__minus(heard, reel__plus(p->shown.time, reel__minus(play, p->shown.start)));
    if (away > JUMP || away < -JUMP) {
        reel__play_set(p, now, reel__plus(play, reel__whole(away)), true);
        c->drift = 0;
        c->followed = now;
        p->stats.jumps++;
        return;
    }
    c->drift += (away - c->drift) / CALM;
    int64_t since = !c->followed ? 0 : now - c->followed < LONG ? now - c->followed : LONG;
    double by = c->drift / GENTLE, most = (double)since / SLOWER;
    by = by > most ? most : by < -most ? -most : by;
    c->followed = now;
    c->drift -= by;
    reel__play_set(p, now, reel__plus(play, (int64_t)by), true);
}
