/* SPDX-License-Identifier: BSD-2-Clause */
/* fragments: the ten hours as 36,000 fragments, with an index in front and without. */
#include <stdlib.h>

#include "peer.h"

enum { ROUNDS = 5 };

typedef struct cost {
    times open, seek, peer_open, peer_seek;
} cost;

static void turn_reel(const char *path, int64_t t, cost *c, place *landed)
{
    uint64_t from = tick();
    film f = film_open(path);
    times_add(&c->open, tick_ns(tick() - from));
    from = tick();
    *landed = engine_seek(&f, t);
    times_add(&c->seek, tick_ns(tick() - from));
    film_close(&f);
    int64_t gop = LONGFILE_GOP * LONGFILE_FRAME;
    report_check(landed->pts == t / gop * gop, "a seek in fragments landed elsewhere");
}

static void turn_peer(const char *path, int64_t t, cost *c, const place *landed)
{
    place p = {0};
    uint64_t from = tick();
    peer *lav = peer_open(path);
    times_add(&c->peer_open, tick_ns(tick() - from));
    from = tick();
    bool ok = lav && peer_seek(lav, t, false, &p);
    times_add(&c->peer_seek, tick_ns(tick() - from));
    peer_close(lav);
    report_check(ok && p.offset == landed->offset, "a seek of the peer's in fragments landed elsewhere");
}

static void rows(const char *open_what, const char *seek_what, cost *c)
{
    bool here = peer_here();
    report_row(&(row){.what = open_what, .unit = "us", .reel = times_at(&c->open, 0.5) / 1000, .peer = peer_name(),
                      .peer_value = here ? times_at(&c->peer_open, 0.5) / 1000 : -1});
    report_row(&(row){.what = seek_what, .unit = "us", .reel = times_at(&c->seek, 0.5) / 1000, .peer = peer_name(),
                      .peer_value = here ? times_at(&c->peer_seek, 0.5) / 1000 : -1});
    times_free(&c->open);
    times_free(&c->seek);
    times_free(&c->peer_open);
    times_free(&c->peer_seek);
}

static void one(bool sidx, const char *name, const char *open_what, const char *seek_what)
{
    const char *path = input(name, &(longfile_options){.minutes = 600, .fragmented = true, .sidx = sidx});
    int64_t *t = seek_times(600 * 60 * 60, ROUNDS);
    cost c = {{0}, {0}, {0}, {0}};
    for (int i = 0; i < ROUNDS; i++) {
        place landed;
        turn_reel(path, t[i], &c, &landed);
        if (peer_here())
            turn_peer(path, t[i], &c, &landed);
    }
    rows(open_what, seek_what, &c);
    free(t);
}

void topic_fragments(void)
{
    report_note("36,000 fragments; each movie is opened anew, so each seek is its first");
    one(true, "sidx.mp4", "open, 10 h in fragments, sidx", "first seek, 10 h in fragments, sidx");
    one(false, "moofs.mp4", "open, 10 h in fragments, no index", "first seek, 10 h in fragments, no index");
}
