/* SPDX-License-Identifier: BSD-2-Clause */
/* first-seek, seek and length: presentation time to key frame, through edit list and tables. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "peer.h"

enum { SEEKS = 100000, PEER_SEEKS = 200 };

/* What the file was written to answer. */
static bool right(const place *p, int64_t t)
{
    int64_t gop = LONGFILE_GOP * LONGFILE_FRAME;
    return p->pts == t / gop * gop;
}

static void seek_all(const film *f, const int64_t *t, size_t n, times *out)
{
    bool ok = true;
    times_reserve(out, out->n + n);
    for (size_t i = 0; i < n; i++) {
        uint64_t from = tick();
        place p = engine_seek(f, t[i]);
        times_add(out, tick_ns(tick() - from));
        ok = ok && right(&p, t[i]);
    }
    report_check(ok, "a seek landed elsewhere");
}

static void seek_peer(const char *path, const film *f, const int64_t *t, size_t n, bool picture_only, times *out)
{
    peer *lav = peer_open(path);
    bool ok = lav != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        place theirs = {0}, ours = engine_seek(f, t[i]);
        uint64_t from = tick();
        ok = peer_seek(lav, t[i], picture_only, &theirs);
        times_add(out, tick_ns(tick() - from));
        ok = ok && theirs.offset == ours.offset && theirs.pts == ours.pts;
    }
    report_check(ok, "a seek of the peer's landed elsewhere");
    peer_close(lav);
}

void topic_first_seek(void)
{
    const char *path = input_ten_hours();
    int64_t *t = seek_times(600 * 60 * 60, 50);
    times reel = {0}, lav = {0};
    for (size_t i = 0; i < 50; i++) {
        film f = film_open(path);
        seek_all(&f, &t[i], 1, &reel);
        if (peer_here() && i < 3)
            seek_peer(path, &f, &t[i], 1, false, &lav);
        film_close(&f);
    }
    report_note("the first seek ever on a movie just opened: it also sums up the tables");
    report_row(&(row){.what = "first seek, 10 h, median", .unit = "us", .reel = times_at(&reel, 0.5) / 1000,
                      .peer = peer_name(), .peer_value = peer_here() ? times_at(&lav, 0.5) / 1000 : -1,
                      .limit = 10000});
    report_row(&(row){.what = "first seek, 10 h, slowest of 50", .unit = "us", .reel = times_max(&reel) / 1000,
                      .limit = 10000});
    times_free(&reel);
    times_free(&lav);
    free(t);
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int descending(const void *a, const void *b) { return ascending(b, a); }

static void in_order(const film *f, int64_t *t, int (*order)(const void *, const void *), const char *what)
{
    times reel = {0};
    qsort(t, SEEKS, sizeof *t, order);
    seek_all(f, t, SEEKS, &reel);
    report_row(&(row){.what = what, .unit = "us", .reel = times_at(&reel, 0.5) / 1000, .limit = 1});
    times_free(&reel);
}

void topic_seek(void)
{
    const char *path = input_ten_hours();
    int64_t *t = seek_times(600 * 60 * 60, SEEKS);
    film f = film_open(path);
    times warm = {0}, reel = {0}, lav[2] = {{0}, {0}};
    seek_all(&f, t, SEEKS, &warm);
    for (size_t round = 0; round < 4; round++) {
        seek_all(&f, t + round * (SEEKS / 4), SEEKS / 4, &reel);
        for (int only = 0; peer_here() && only < 2; only++)
            seek_peer(path, &f, t + round * (PEER_SEEKS / 4), PEER_SEEKS / 4, only, &lav[only]);
    }
    bool here = peer_here();
    report_note("each seek timed alone; the timer adds %.0f ns to each, which are not subtracted", timer_cost_ns());
    double us = times_at(&reel, 0.5) / 1000;
    report_row(&(row){.what = "seek, random, warm, 10 h, p50", .unit = "us", .reel = us, .peer = peer_name(),
                      .peer_value = here ? times_at(&lav[0], 0.5) / 1000 : -1, .limit = 1, .least_ratio = 500});
    report_row(&(row){.what = "seek, random, warm, 10 h, p99", .unit = "us", .reel = times_at(&reel, 0.99) / 1000,
                      .peer = peer_name(), .peer_value = here ? times_at(&lav[0], 0.99) / 1000 : -1, .limit = 3});
    report_row(&(row){.what = "same, the peer told to skip the sound", .unit = "us", .reel = us, .peer = peer_name(),
                      .peer_value = here ? times_at(&lav[1], 0.5) / 1000 : -1});
    report_missing("seek, random, warm, 10 h, p50", "us", us);
    in_order(&f, t, ascending, "seek, forwards, warm, 10 h, p50");
    in_order(&f, t, descending, "seek, backwards, warm, 10 h, p50");
    film_close(&f);
    times_free(&warm);
    times_free(&reel);
    times_free(&lav[0]);
    times_free(&lav[1]);
    free(t);
}

static void warm_seeks(const film *f, uint64_t frames, times *out)
{
    int64_t *t = seek_times(frames, SEEKS);
    seek_all(f, t, SEEKS, out);
    free(t);
}

static void opens(const char *path, times *out)
{
    for (int i = 0; i < 500; i++) {
        uint64_t from = tick();
        engine_open_first(path);
        times_add(out, tick_ns(tick() - from));
    }
}

static void compare(const char *what, times *ten_hours, times *ten_minutes)
{
    report_row(&(row){.what = what, .unit = "us", .reel = times_at(ten_hours, 0.5) / 1000, .peer = "reel at 10 min",
                      .peer_value = times_at(ten_minutes, 0.5) / 1000, .least_ratio = 1 / 1.5});
    times_free(ten_hours);
    times_free(ten_minutes);
}

/* Single bytes at random in the first `size` bytes: what a miss costs in a table of that length, whoever looks. */
static void touches(const char *path, size_t size, times *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const volatile uint8_t *map = fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    uint64_t state = 7;
    if (map == MAP_FAILED)
        die(path, NULL);
    for (int i = 0; i < SEEKS; i++) {
        size_t at = chance(&state) % size;
        uint64_t from = tick();
        (void)map[at];
        times_add(out, tick_ns(tick() - from));
    }
    munmap((void *)(uintptr_t)map, size);
    close(fd);
}

/* In turn, so that a noisy minute of the machine is one for both. */
void topic_length(void)
{
    enum { ROUNDS = 4 };
    const char *path[2] = {input_ten_hours(), input_ten_minutes()};
    const uint64_t frames[2] = {600 * 60 * 60, 10 * 60 * 60};
    film f[2] = {film_open(path[0]), film_open(path[1])};
    const size_t table[2] = {17280000, 288000}; /* bytes of ctts */
    times seek[2] = {{0}, {0}}, open[2] = {{0}, {0}}, touch[2] = {{0}, {0}}, warm = {0};
    report_note("10 h against 10 min, sixty times the length (target: at most 1.5 times the cost)");
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < 2; i++) {
            warm_seeks(&f[i], frames[i], &warm);
            warm_seeks(&f[i], frames[i], &seek[i]);
            opens(path[i], &open[i]);
            touches(path[i], table[i], &touch[i]);
        }
    compare("warm seek, 10 h against 10 min", &seek[0], &seek[1]);
    compare("open to first packet, 10 h against 10 min", &open[0], &open[1]);
    report_note("what the memory makes of it: one byte at random in a table of that length; a seek needs two such in a row");
    report_row(&(row){.what = "one read, 10 h against 10 min", .unit = "us", .reel = times_at(&touch[0], 0.5) / 1000,
                      .peer = "10 min", .peer_value = times_at(&touch[1], 0.5) / 1000});
    times_free(&touch[0]);
    times_free(&touch[1]);
    times_free(&warm);
    film_close(&f[0]);
    film_close(&f[1]);
}
