/* SPDX-License-Identifier: BSD-2-Clause */
/* play.h: what the files of reel play share. */
#ifndef CLI_PLAY_H
#define CLI_PLAY_H

#include "cli.h"

#include <pthread.h>

#include <reel/player.h>

/* In reel it becomes reel-frames, or says that there is none; in that it runs. */
int play_run(struct cli *cli);

/* ---- play_window.c, or play_window_none.c in a build without SDL2 ---- */

int play_window(struct cli *cli, struct film *film, const reel_track *track, const reel_player_options *like);

/* ---- play_load.c: what runs beside the players of --headless ---- */

/* Threads that never rest, at everybody's priority. */
struct hogs {
    pthread_t *thread;
    uint64_t n;
    _Atomic bool stop;
};
bool hogs_start(struct hogs *h, uint64_t n);
void hogs_stop(struct hogs *h);

/* A thread that does nothing but wake up at its times: what the kernel allows. */
struct timer {
    pthread_t thread;
    int64_t period;
    reel_histogram late;
    _Atomic bool stop;
};
bool timer_start(struct timer *t, int64_t period);
void timer_stop(struct timer *t);

/* The loop that one writes first: a thread for a stream; decode, copy into new memory, sleep for what is left. */
struct naive {
    pthread_t thread;
    const reel_track *track;
    int64_t period; /* ns; 0: as long as each frame lasts */
    reel_histogram late;
    uint64_t presented, missed, errors;
    _Atomic bool stop;
};
bool naive_start(struct naive *n);
void naive_stop(struct naive *n);

/* ---- play_report.c ---- */

struct play_total {
    uint64_t presented, missed, dropped, repeated, errors;
    reel_histogram late;
};

struct play_line { /* a stream, or all of them */
    const char *name;
    struct play_total of;
};

struct play_report {
    struct play_line *line; /* reel's; the last is all of them */
    size_t lines;
    struct play_total naive;
    bool has_naive;
    const reel_histogram *timer;
    uint64_t streams, load, workers, threads;
    double seconds, fps;
    reel_sched_stats sched, pacer;
    uint64_t decoded, copies, waits, pools;
};
void play_report(struct cli *cli, const struct play_report *r);

#endif
