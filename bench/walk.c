/* SPDX-License-Identifier: BSD-2-Clause */
/* walk: every sample of both tracks, by batches, one at a time, and as one stream. */
#include <string.h>

#include "peer.h"

static double rate(times *t, uint64_t samples) { return (double)samples * 1000 / times_at(t, 0.5); }

static void time_pair(const film *f, sums (*walk)(const reel_track *), times *out, sums got[2])
{
    uint64_t from = tick();
    got[0] = walk(f->video);
    got[1] = walk(f->audio);
    times_add(out, tick_ns(tick() - from));
}

/* The peer counts from the start of the presentation; here times are those of the media. */
static sums shifted(sums s, int64_t by)
{
    s.pts -= (int64_t)s.n * by;
    s.dts -= (int64_t)s.n * by;
    return s;
}

static bool same(const sums *a, const sums *b) { return !memcmp(a, b, sizeof *a); }

static void time_peer(const char *path, times *out, const sums ours[2])
{
    sums theirs[2];
    peer *lav = peer_open(path);
    uint64_t from = tick();
    bool ok = lav && peer_walk(lav, theirs, UINT64_MAX);
    times_add(out, tick_ns(tick() - from));
    peer_close(lav);
    sums video = shifted(ours[0], LONGFILE_DELAY * LONGFILE_FRAME), audio = shifted(ours[1], LONGFILE_AUDIO_FRAME);
    report_check(ok && same(&video, &theirs[0]) && same(&audio, &theirs[1]), "the peer's walk has other sums");
}

void topic_walk(void)
{
    film f = film_open(input_thin());
    times batch = {0}, single = {0}, merged = {0}, lav = {0};
    sums a[2], b[2], c;
    for (int i = 0; i < 5; i++) {
        time_pair(&f, engine_walk_batch, &batch, a);
        time_pair(&f, engine_walk_single, &single, b);
        uint64_t from = tick();
        c = engine_walk_merged(&f);
        times_add(&merged, tick_ns(tick() - from));
        report_check(same(&a[0], &b[0]) && same(&a[1], &b[1]), "two ways to walk have other sums");
        report_check(c.n == a[0].n + a[1].n && c.offset == a[0].offset + a[1].offset, "the merge lost samples");
        if (peer_here() && i < 3)
            time_peer(input_thin(), &lav, a);
    }
    uint64_t n = a[0].n + a[1].n;
    report_check(a[0].n == 600 * 60 * 60, "samples are missing");
    double theirs = peer_here() ? rate(&lav, n) : -1, ours = rate(&batch, n);
    report_note("%llu samples of a few bytes each, so that the peer is not charged for reading them; all fields summed",
                (unsigned long long)n);
    report_row(&(row){.what = "walk, batches, both tracks, 10 h", .unit = "M samples/s", .reel = ours,
                      .peer = peer_name(), .peer_value = theirs, .more_is_better = true, .limit = 100});
    report_missing("walk, batches, both tracks, 10 h", "M samples/s", ours);
    report_row(&(row){.what = "walk, one at a time, both tracks, 10 h", .unit = "M samples/s",
                      .reel = rate(&single, n), .peer = peer_name(), .peer_value = theirs, .more_is_better = true,
                      .limit = 40, .least_ratio = 30});
    report_row(&(row){.what = "walk, merged by decode time, 10 h", .unit = "M samples/s", .reel = rate(&merged, n),
                      .peer = peer_name(), .peer_value = theirs, .more_is_better = true});
    film_close(&f);
    times_free(&batch);
    times_free(&single);
    times_free(&merged);
    times_free(&lav);
}
