/* SPDX-License-Identifier: BSD-2-Clause */
/* play.c: reel play: a film in a window, or many without one. */
#include "frames.h"
#include "play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NS = 1000000000, MOST_STREAMS = 10000, MOST_THREADS = 1024, AHEAD = 8, SECONDS = 10 };

/* ---- options ---- */

/* "60", "23.976", "30000/1001". */
static bool parse_number(const char *s, double *out)
{
    char *end;
    double a = strtod(s, &end), b = 1;
    if (end != s && *end == '/') {
        s = end + 1;
        b = strtod(s, &end);
    }
    *out = a / b;
    return end != s && !*end && a > 0 && b > 0;
}

static int bad(const char *option, const char *range)
{
    complain("play", "--%s: %s", option, range);
    return EXIT_CALL;
}

/* NO_ITEM: not said. */
static uint64_t said(uint64_t value, uint64_t otherwise) { return value == NO_ITEM ? otherwise : value; }

static int check(const struct settings *set, reel_player_options *o)
{
    *o = (reel_player_options){.sizeof_options = sizeof *o, .late = (uint32_t)set->late,
                               .workers = (uint32_t)set->workers, .ahead = (uint32_t)said(set->ahead, AHEAD),
                               .flags = set->loop ? REEL_PLAYER_LOOP : 0};
    if (set->fps && (!parse_number(set->fps, &o->fps) || o->fps < 0.01 || o->fps > 1000))
        return bad("fps", "0.01 to 1000, or as 30000/1001");
    if (set->rate && (!parse_number(set->rate, &o->rate) || o->rate < 0.25 || o->rate > 4))
        return bad("rate", "0.25 to 4");
    if (said(set->ahead, AHEAD) < 2 || said(set->ahead, AHEAD) > 64)
        return bad("ahead", "2 to 64");
    if (set->workers > MOST_THREADS)
        return bad("workers", "1024 at most");
    if (said(set->streams, 1) < 1 || said(set->streams, 1) > MOST_STREAMS)
        return bad("streams", "1 to 10000");
    if (said(set->load, 0) > MOST_THREADS)
        return bad("load", "1024 at most");
    if (said(set->seconds, SECONDS) < 1 || said(set->seconds, SECONDS) > 1000000)
        return bad("seconds", "1 to 1000000");
    if (!set->headless && (set->streams != NO_ITEM || set->load != NO_ITEM || set->seconds != NO_ITEM || set->naive))
        return bad("headless", "goes with --streams, --load, --seconds and --naive");
    return EXIT_FINE;
}

/* ---- headless ---- */

struct bench {
    struct cli *cli;
    struct film *film; /* one for each name */
    size_t films;
    const reel_track **track; /* of each film */
    uint64_t streams, load, seconds;
    reel_sched *sched, *pacer;
    reel_player **player;
    struct timer timer;
    struct play_report report;
    char (*names)[32];
    struct hope *hope; /* of each film */
};

/* Of a film's streams: how many could not show one frame, and why not, as the decoder told first. */
struct hope {
    pthread_mutex_t lock;
    reel_error why;
    uint64_t shown, errors;
    _Atomic uint64_t ended;
};

static int out_of_memory(void)
{
    complain("play", "%s", reel_code_text(REEL_E_NOMEM));
    return EXIT_INPUT;
}

static void complain_about(const struct film *film, const reel_error *err) { film_complain(film, err); }

static int open_films(struct bench *b)
{
    struct settings *set = &b->cli->set;
    size_t n = set->init ? 1 : set->arg_count;
    b->film = calloc(n, sizeof *b->film);
    b->track = calloc(n, sizeof *b->track);
    b->hope = calloc(n, sizeof *b->hope);
    if (!b->film || !b->track || !b->hope)
        return out_of_memory();
    for (size_t i = 0; i < n; i++)
        pthread_mutex_init(&b->hope[i].lock, NULL);
    for (; b->films < n; b->films++) {
        size_t i = b->films;
        int status = film_open(set, set->args + i, set->init ? set->arg_count : 1, &b->film[i]);
        if (status == EXIT_FINE && (status = frames_track(b->cli, &b->film[i], &b->track[i])) != EXIT_FINE)
            film_close(set, &b->film[i], status);
        if (status != EXIT_FINE)
            return status;
    }
    return EXIT_FINE;
}

static int open_sched(unsigned workers, const char *name, reel_sched **out)
{
    const reel_sched_options o = {.sizeof_options = sizeof o, .workers = workers, .name = name};
    reel_error err = {.code = REEL_OK};
    if (reel_sched_open(&o, out, &err) == REEL_OK)
        return EXIT_FINE;
    complain("play", "%s", err.text);
    return EXIT_INPUT;
}

static void on_report(void *user, reel_player *p, const reel_error *what)
{
    struct hope *h = user;
    (void)p;
    pthread_mutex_lock(&h->lock);
    if (h->why.code == REEL_OK)
        h->why = *what;
    pthread_mutex_unlock(&h->lock);
}

/* A player that loops only ends when it has nothing to show. */
static void on_end(void *user, reel_player *p, int code)
{
    struct hope *h = user;
    (void)p;
    (void)code;
    h->ended++;
}

static int open_players(struct bench *b, const reel_player_options *like)
{
    reel_player_options o = *like;
    reel_error err = {.code = REEL_OK};
    o.sched = b->sched;
    o.pacer = b->pacer;
    o.flags |= REEL_PLAYER_LOOP;
    o.report = on_report;
    o.ended = on_end;
    b->player = calloc(b->streams, sizeof(reel_player *));
    if (!b->player)
        return out_of_memory();
    for (uint64_t i = 0; i < b->streams; i++) {
        o.user = &b->hope[i % b->films];
        if (reel_player_open(b->track[i % b->films], &o, &b->player[i], &err) != REEL_OK) {
            complain_about(&b->film[i % b->films], &err);
            return EXIT_INPUT;
        }
    }
    return EXIT_FINE;
}

static void sleep_for(int64_t ns)
{
    struct timespec t = {(time_t)(ns / NS), (long)(ns % NS)};
    while (nanosleep(&t, &t) != 0)
        ;
}

static bool all_ended(const struct bench *b)
{
    uint64_t n = 0;
    for (size_t i = 0; i < b->films; i++)
        n += b->hope[i].ended;
    return n == b->streams;
}

/* For so long, or until no player has anything to show. */
static void watch(const struct bench *b, int64_t began)
{
    int64_t left;
    while (!all_ended(b) && (left = began + (int64_t)b->seconds * NS - reel_clock_now()) > 0)
        sleep_for(left < NS / 4 ? left : NS / 4);
}

/* Films of which nothing could be shown; false: these are all. */
static bool tell_hopeless(struct bench *b, int *status)
{
    size_t hopeless = 0;
    for (size_t i = 0; i < b->films; i++) {
        const struct hope *h = &b->hope[i];
        char why[FRAMES_WHY_ROOM];
        if (h->shown || !(h->errors || h->ended))
            continue;
        complain(b->film[i].name, "not one frame could be shown: %s", frames_why(h->why.code, &h->why, why));
        *status = EXIT_INPUT;
        hopeless++;
    }
    return hopeless < b->films;
}

static void add_total(struct play_total *to, const struct play_total *from)
{
    to->presented += from->presented;
    to->missed += from->missed;
    to->dropped += from->dropped;
    to->repeated += from->repeated;
    to->errors += from->errors;
    reel_histogram_merge(&to->late, &from->late);
}

static int take_stats(struct bench *b)
{
    struct play_report *r = &b->report;
    r->line = calloc(b->streams + 1, sizeof *r->line);
    b->names = calloc(b->streams, sizeof *b->names);
    if (!r->line || !b->names)
        return out_of_memory();
    r->lines = b->streams + 1;
    struct play_line *all = &r->line[b->streams];
    all->name = "all";
    for (uint64_t i = 0; i < b->streams; i++) {
        struct play_line *l = &r->line[i];
        reel_player_stats s = {.sizeof_stats = sizeof s, .lateness = &l->of.late};
        reel_player_get_stats(b->player[i], &s);
        snprintf(b->names[i], sizeof *b->names, "stream %llu", (unsigned long long)i + 1);
        l->name = b->names[i];
        l->of.presented = s.presented;
        l->of.missed = s.missed;
        l->of.dropped = s.dropped;
        l->of.repeated = s.repeated;
        l->of.errors = s.errors;
        add_total(&all->of, &l->of);
        b->hope[i % b->films].shown += s.presented + s.dropped;
        b->hope[i % b->films].errors += s.errors;
        r->decoded += s.decoder.frames;
        r->copies += s.decoder.copies;
        r->waits += s.decoder.waits + s.starved;
        r->pools += s.decoder.pools;
    }
    r->sched.sizeof_stats = r->pacer.sizeof_stats = sizeof r->sched;
    reel_sched_stats_get(b->sched, &r->sched);
    reel_sched_stats_get(b->pacer, &r->pacer);
    return EXIT_FINE;
}

static void close_players(struct bench *b)
{
    for (uint64_t i = 0; b->player && i < b->streams; i++)
        reel_player_close(&b->player[i]);
    reel_sched_close(&b->pacer, REEL_CLOSE_DROP);
    reel_sched_close(&b->sched, REEL_CLOSE_DROP);
    free(b->player);
    b->player = NULL;
}

static int run_reel(struct bench *b, const reel_player_options *like)
{
    int status = open_sched(like->workers, "decode", &b->sched);
    if (status == EXIT_FINE)
        status = open_sched(1, "pace", &b->pacer);
    int64_t began = reel_clock_now();
    if (status == EXIT_FINE)
        status = open_players(b, like);
    if (status == EXIT_FINE) {
        watch(b, began);
        b->report.seconds = (double)(reel_clock_now() - began) / NS;
        status = take_stats(b);
    }
    close_players(b);
    return status;
}

static int run_naive(struct bench *b, double fps)
{
    struct naive *n = calloc(b->streams, sizeof *n);
    uint64_t started = 0;
    if (!n)
        return out_of_memory();
    for (; started < b->streams; started++) {
        n[started].track = b->track[started % b->films];
        n[started].period = fps > 0 ? (int64_t)(NS / fps) : 0;
        if (!naive_start(&n[started]))
            break;
    }
    sleep_for((int64_t)b->seconds * NS);
    for (uint64_t i = 0; i < started; i++)
        n[i].stop = true;
    for (uint64_t i = 0; i < started; i++) {
        naive_stop(&n[i]);
        const struct play_total one = {n[i].presented, n[i].missed, 0, 0, n[i].errors, n[i].late};
        add_total(&b->report.naive, &one);
    }
    free(n);
    b->report.has_naive = true;
    return EXIT_FINE;
}

static int measure(struct bench *b, const reel_player_options *like)
{
    struct hogs hogs;
    int64_t period = (int64_t)(NS / (like->fps > 0 ? like->fps : 60));
    int status = EXIT_INPUT;
    if (!hogs_start(&hogs, b->load) || !timer_start(&b->timer, period)) {
        complain("play", "no thread for the load");
    } else {
        status = run_reel(b, like);
        timer_stop(&b->timer); /* what stands beside reel's figures was measured beside them */
        if (status == EXIT_FINE && b->cli->set.naive && !all_ended(b))
            status = run_naive(b, like->fps);
    }
    hogs_stop(&hogs);
    return status;
}

static int headless(struct cli *cli, const reel_player_options *like)
{
    const struct settings *set = &cli->set;
    struct bench *b = calloc(1, sizeof *b);
    if (!b)
        return out_of_memory();
    b->cli = cli;
    b->streams = said(set->streams, 1);
    b->load = said(set->load, 0);
    b->seconds = said(set->seconds, SECONDS);
    b->report.streams = b->streams;
    b->report.load = b->load;
    b->report.timer = &b->timer.late;
    int status = open_films(b);
    if (status == EXIT_FINE)
        status = measure(b, like);
    if (status == EXIT_FINE && tell_hopeless(b, &status))
        play_report(cli, &b->report);
    for (size_t i = 0; i < b->films; i++)
        status = film_close(set, &b->film[i], status);
    free(b->film);
    free(b->track);
    free(b->hope);
    free(b->report.line);
    free(b->names);
    free(b);
    return status;
}

/* ---- a window ---- */

static int in_window(struct cli *cli, const reel_player_options *like)
{
    struct settings *set = &cli->set;
    struct film film;
    const reel_track *track;
    if (set->arg_count > 1 && !set->init) {
        complain("play", "one FILE at a time; several are one film behind --init FILE, or go with --headless");
        return EXIT_CALL;
    }
    int status = film_open(set, set->args, set->arg_count, &film);
    if (status != EXIT_FINE)
        return status;
    status = frames_track(cli, &film, &track);
    if (status == EXIT_FINE)
        status = play_window(cli, &film, track, like);
    return film_close(set, &film, status);
}

int play_run(struct cli *cli)
{
    reel_player_options like;
    int status = check(&cli->set, &like);
    if (status != EXIT_FINE)
        return status;
    if (!cli->set.arg_count) {
        complain("play", "which FILE? see reel help play");
        return EXIT_CALL;
    }
    return cli->set.headless ? headless(cli, &like) : in_window(cli, &like);
}
