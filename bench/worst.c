/* SPDX-License-Identifier: BSD-2-Clause */
/* worst: random lookups in tables that are as unkind as the format allows. */
#include <stdio.h>

#include "engine.h"

enum { LOOKUPS = 20000, REPEATS = 7 };

typedef bool lookup(const film *f, uint64_t index);

static bool by_number(const film *f, uint64_t index)
{
    reel_sample s;
    return reel_track_sample(f->video, index, &s, NULL) == REEL_OK && s.index == index && s.size > 0;
}

/* Shown time is decode time plus a reordering that stays within a group of pictures. */
static bool by_time(const film *f, uint64_t index)
{
    reel_sample entry, target;
    int64_t t = (int64_t)index * LONGFILE_FRAME + LONGFILE_DELAY * LONGFILE_FRAME;
    return reel_track_seek(f->video, t, REEL_SEEK_PREVIOUS, &entry, &target, NULL) == REEL_OK &&
           entry.index <= target.index && target.index <= index + 8 && target.index + 8 >= index && target.pts <= t &&
           (entry.flags & REEL_SAMPLE_SYNC);
}

/*
 * The fastest of several turns of each lookup: what it costs, without what the machine did besides. Turns are far
 * apart (the whole list lies between), so no lookup is warmed up by itself.
 */
static void measure(const film *f, const uint64_t *index, lookup *look, times *out)
{
    bool ok = true;
    times_reserve(out, LOOKUPS);
    out->n = LOOKUPS;
    for (int turn = 0; turn < REPEATS; turn++)
        for (size_t i = 0; i < LOOKUPS; i++) {
            uint64_t from = tick();
            ok = look(f, index[i]) && ok;
            double ns = tick_ns(tick() - from);
            if (turn == 0 || ns < out->ns[i])
                out->ns[i] = ns;
        }
    report_check(ok, "a lookup in the worst tables is wrong");
}

static void rows(const char *shape, const char *kind, times *t)
{
    static const struct {
        const char *name;
        double at;
    } marks[] = {{"p50", 0.5}, {"p99", 0.99}, {"slowest", 1}};
    for (size_t i = 0; i < 3; i++) {
        char what[80];
        snprintf(what, sizeof what, "%s, by %s, %s", shape, kind, marks[i].name);
        report_row(&(row){.what = what, .unit = "us", .reel = times_at(t, marks[i].at) / 1000, .limit = 5});
    }
}

static void one_shape(longfile_shape shape)
{
    char name[64];
    longfile_options o = {.shape = shape};
    uint64_t n = longfile_video_samples(&o), state = 2, index[LOOKUPS];
    snprintf(name, sizeof name, "%s.mp4", longfile_shape_name(shape));
    film f = film_open(input(name, &o));
    times t = {0};
    for (size_t i = 0; i < LOOKUPS; i++)
        index[i] = chance(&state) % n;
    measure(&f, index, by_number, &t);
    rows(longfile_shape_name(shape), "number", &t);
    measure(&f, index, by_time, &t);
    rows(longfile_shape_name(shape), "time", &t);
    times_free(&t);
    film_close(&f);
}

void topic_worst(void)
{
    report_note("%d random lookups, each the fastest of %d turns; runs1: every run is 1; stscruns: 2 M stsc entries",
                LOOKUPS, REPEATS);
    for (int shape = 1; shape < LONGFILE_SHAPES; shape++)
        one_shape((longfile_shape)shape);
}
