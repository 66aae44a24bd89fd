/* SPDX-License-Identifier: BSD-2-Clause */
/* fragments: the ten hours as 36,000 fragments, with an index in front and without. */
#include <stdlib.h>

#include "peer.h"

enum { ROUNDS = 7, WARM = 20000 };

/* One finds the fragments while it opens, the other when it first has to: only the sum of both can be compared. */
typedef struct cost {
    times open, both, peer_open, peer_both;
} cost;

static void turn_reel(const char *path, int64_t t, cost *c, place *landed)
{
    uint64_t from = tick();
    film f = film_open(path);
    times_add(&c->open, tick_ns(tick() - from));
    *landed = engine_seek(&f, t);
    times_add(&c->both, tick_ns(tick() - from));
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
    bool ok = lav && peer_seek(lav, t, false, &p);
    times_add(&c->peer_both, tick_ns(tick() - from));
    peer_close(lav);
    report_check(ok && p.offset == landed->offset, "a seek of the peer's in fragments landed elsewhere");
}

static void put(const char *what, times *reel, times *lav)
{
    report_row(&(row){.what = what, .unit = "us", .reel = times_at(reel, 0.5) / 1000, .peer = peer_name(),
                      .peer_value = peer_here() ? times_at(lav, 0.5) / 1000 : -1});
    times_free(reel);
    times_free(lav);
}

static void first_seeks(const char *path, const char *open_what, const char *both_what)
{
    int64_t *t = seek_times(600 * 60 * 60, ROUNDS);
    cost c = {{0}, {0}, {0}, {0}};
    for (int i = 0; i < ROUNDS; i++) {
        place landed;
        turn_reel(path, t[i], &c, &landed);
        if (peer_here())
            turn_peer(path, t[i], &c, &landed);
    }
    put(open_what, &c.open, &c.peer_open);
    put(both_what, &c.both, &c.peer_both);
    free(t);
}

/*
 * Each place twice, so that what is timed has been in the mapping before. Right behind a key frame the peer, which here
 * seeks by decode time, starts one earlier.
 */
static void warm_seeks(const char *path, const char *what, bool counted)
{
    int64_t *t = seek_times(600 * 60 * 60, WARM);
    film f = film_open(path);
    times reel = {0}, lav = {0};
    peer *p = peer_open(path);
    bool ok = !counted || reel_track_prepare(f.video, true, NULL) == REEL_OK;
    for (int i = 0; i < 2 * WARM; i++) {
        uint64_t from = tick();
        place ours = engine_seek(&f, t[i % WARM]), theirs = {0};
        if (i >= WARM)
            times_add(&reel, tick_ns(tick() - from));
        if (!p || i % 200)
            continue;
        from = tick();
        ok = peer_seek(p, t[i % WARM], false, &theirs) && ok;
        times_add(&lav, tick_ns(tick() - from));
        ok = ok && (theirs.pts == ours.pts || theirs.pts == ours.pts - LONGFILE_GOP * LONGFILE_FRAME);
    }
    report_check(ok, "a seek in fragments landed elsewhere");
    put(what, &reel, &lav);
    peer_close(p);
    film_close(&f);
    free(t);
}

void topic_fragments(void)
{
    const char *indexed = input("sidx.mp4", &(longfile_options){.minutes = 600, .fragmented = true, .sidx = true});
    const char *plain = input("moofs.mp4", &(longfile_options){.minutes = 600, .fragmented = true});
    report_note("36,000 fragments; each movie is opened anew, so each first seek is its first");
    first_seeks(indexed, "open, 10 h in fragments, sidx", "open and first seek, sidx");
    first_seeks(plain, "open, 10 h in fragments, no index", "open and first seek, no index");
    warm_seeks(indexed, "seek, random, through sidx, p50", false);
    warm_seeks(plain, "seek, random, fragments known, p50", true);
}
