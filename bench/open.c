/* SPDX-License-Identifier: BSD-2-Clause */
/* open: from a path to the first packet and back, on ten hours and on ten minutes. */
#include "peer.h"

typedef struct opened {
    times reel, hand, peer;
} opened;

static void one_peer(const char *path, opened *o, const place *expected)
{
    place p = {0};
    uint64_t from = tick();
    peer *lav = peer_open(path);
    bool ok = lav && peer_first(lav, &p);
    peer_close(lav);
    times_add(&o->peer, tick_ns(tick() - from));
    report_check(ok && p.offset == expected->offset && p.pts == expected->pts, "the peer's first packet is another");
}

static void one_round(const char *path, opened *o, int peers)
{
    place p = {0};
    for (int i = 0; i < 400; i++) {
        uint64_t from = tick();
        p = engine_open_first(path);
        times_add(&o->reel, tick_ns(tick() - from));
        report_check(p.pts == 0, "the first picture is not at 0");
    }
    for (int i = 0; i < 400; i++) {
        uint64_t from = tick();
        unsigned boxes = by_hand(path);
        times_add(&o->hand, tick_ns(tick() - from));
        report_check(boxes == 3, "the file does not have three boxes");
    }
    for (int i = 0; peer_here() && i < peers; i++)
        one_peer(path, o, &p);
}

static void open_one(const char *path, const char *what, int peers, double least_ratio, double hand_ratio)
{
    opened o = {0};
    engine_open_first(path);
    by_hand(path);
    for (int i = 0; i < 5; i++)
        one_round(path, &o, peers);
    double us = times_at(&o.reel, 0.5) / 1000;
    report_row(&(row){.what = what, .unit = "us", .reel = us, .peer = peer_name(), .least_ratio = least_ratio,
                      .peer_value = peer_here() ? times_at(&o.peer, 0.5) / 1000 : -1});
    report_row(&(row){.what = what, .unit = "us", .reel = us, .peer = "by hand", .least_ratio = hand_ratio,
                      .peer_value = times_at(&o.hand, 0.5) / 1000});
    report_missing(what, "us", us);
    times_free(&o.reel);
    times_free(&o.hand);
    times_free(&o.peer);
}

void topic_open(void)
{
    report_note("medians; by hand: open, fstat, mmap, hop over the top-level boxes, munmap (target: within 5 times)");
    open_one(input_ten_hours(), "open to first packet, 10 h", 1, 2000, 0.2);
    open_one(input_ten_minutes(), "open to first packet, 10 min", 5, 50, 0);
}
