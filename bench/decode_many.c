/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decode, many films at once: sixteen decoders, each a strand of one scheduler, a sample a task (docs/frames.md, Many
 * films at once), beside what one core decodes with nothing around it: a loop on a thread that may use one CPU only.
 */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <reel/decode.h>
#include <reel/sched.h>

#include "decode_many.h"
#include "engine.h"

enum { FILMS = 16, ALONE = 3, ROUNDS = 3 };

typedef struct stream {
    reel_sched *sched;
    reel_strand strand;
    reel_task step;
    reel_movie *movie;
    reel_decoder *dec;
    uint64_t frames;
    atomic_int *running;
} stream;

static void decoder_of(const char *path, reel_movie **movie, reel_decoder **dec)
{
    reel_error err = {0};
    /* All on the caller's thread, one sample a call, and no wait for a frame that somebody holds. */
    const reel_decoder_options o = {.sizeof_options = sizeof o, .threads = 1, .most_packets = 1, .wait_ns = -1,
                                    .frames = 1};
    if (reel_open_file(path, 0, NULL, movie, &err) != REEL_OK ||
        reel_decoder_open(reel_movie_default_track(*movie, REEL_TRACK_VIDEO), &o, dec, &err) != REEL_OK)
        die(path, &err);
}

/* One sample, then to the end of the line: the others are served meanwhile. */
static void step(reel_task *task, void *user)
{
    stream *s = user;
    reel_frame *f;
    reel_error err;
    int rc = reel_decoder_next(s->dec, &f, &err);
    if (rc == REEL_OK) {
        s->frames++;
        reel_frame_unref(&f);
    } else if (rc != REEL_E_AGAIN) {
        if (rc != REEL_END)
            die("decode", &err);
        atomic_fetch_sub(s->running, 1);
        return;
    }
    reel_task_post(s->sched, task, 0);
}

static unsigned threads_now(void)
{
    unsigned n = 0;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

/* Frames a second, and the CPU time of each, which others on the machine disturb less. */
static double all_at_once(const char *path, uint64_t frames, unsigned *threads, double *cpu)
{
    static stream all[FILMS];
    reel_sched *sched = NULL;
    atomic_int running = FILMS;
    if (reel_sched_open(NULL, &sched, NULL) != REEL_OK)
        die("no scheduler", NULL);
    for (int i = 0; i < FILMS; i++) {
        all[i] = (stream){.sched = sched, .running = &running};
        decoder_of(path, &all[i].movie, &all[i].dec);
        if (reel_strand_open(&all[i].strand, sched, NULL, NULL) != REEL_OK)
            die("no strand", NULL);
        all[i].step = (reel_task){.run = step, .user = &all[i], .strand = &all[i].strand};
    }
    uint64_t from = tick();
    *cpu = cpu_ns();
    for (int i = 0; i < FILMS; i++)
        reel_task_post(sched, &all[i].step, 0);
    while (atomic_load(&running) > 0) {
        unsigned n = threads_now();
        *threads = n > *threads ? n : *threads;
        usleep(5000);
    }
    double ns = tick_ns(tick() - from);
    *cpu = (cpu_ns() - *cpu) / (double)(frames * FILMS);
    for (int i = 0; i < FILMS; i++) {
        report_check(all[i].frames == frames, "each film gives all its frames");
        reel_strand_close(&all[i].strand, REEL_CLOSE_DRAIN);
        reel_decoder_close(&all[i].dec);
        reel_close(&all[i].movie);
    }
    reel_sched_close(&sched, REEL_CLOSE_DRAIN);
    return (double)frames * FILMS * 1e9 / ns;
}

/* ---- one core ---- */

typedef struct alone {
    const char *path;
    int nth; /* of the CPUs that this process may use */
    double rate, cpu;
} alone;

#ifdef __linux__
static void stay_on(int nth)
{
    cpu_set_t may, only;
    CPU_ZERO(&only);
    if (sched_getaffinity(0, sizeof may, &may) != 0)
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &may) && nth-- == 0)
            CPU_SET(cpu, &only);
    sched_setaffinity(0, sizeof only, &only);
}
#else
static void stay_on(int nth) { (void)nth; }
#endif

static void *decode_alone(void *user)
{
    alone *a = user;
    uint64_t frames = 0, from;
    double ns = 0, cpu = 0;
    stay_on(a->nth);
    for (int i = 0; i < ALONE; i++) {
        reel_movie *movie = NULL;
        reel_decoder *dec = NULL;
        reel_frame *f;
        int rc;
        decoder_of(a->path, &movie, &dec);
        from = tick();
        cpu -= cpu_ns();
        while ((rc = reel_decoder_next(dec, &f, NULL)) != REEL_END)
            if (rc == REEL_OK) {
                frames++;
                reel_frame_unref(&f);
            } else if (rc != REEL_E_AGAIN)
                die("decode", NULL);
        ns += tick_ns(tick() - from);
        cpu += cpu_ns();
        reel_decoder_close(&dec);
        reel_close(&movie);
    }
    a->rate = (double)frames * 1e9 / ns;
    a->cpu = cpu / (double)frames;
    return NULL;
}

/* On a thread of its own, so that this one's CPUs stay as they are. */
static double one_core(const char *path, int nth, double *cpu)
{
    pthread_t thread;
    alone a = {.path = path, .nth = nth};
    if (pthread_create(&thread, NULL, decode_alone, &a) != 0)
        die("no thread", NULL);
    pthread_join(thread, NULL);
    *cpu = a.cpu;
    return a.rate;
}

void decode_many(const char *path, uint64_t frames)
{
    unsigned cores = reel_sched_cores(), threads = 0;
    times one = {0}, all = {0}, one_cpu = {0}, all_cpu = {0};
    double cpu;
    char what[64], peer[32];
    for (int i = 0; i < ROUNDS; i++) {
        times_add(&one, one_core(path, i % (int)cores, &cpu));
        times_add(&one_cpu, cpu / 1e6);
        times_add(&all, all_at_once(path, frames, &threads, &cpu));
        times_add(&all_cpu, cpu / 1e6);
    }
    snprintf(what, sizeof what, "%d films at once, %u core%s", FILMS, cores, cores == 1 ? "" : "s");
    snprintf(peer, sizeof peer, "%u x one core", cores);
    report_row(&(row){.what = what, .unit = "frames/s", .reel = times_at(&all, 0.5), .peer = peer,
                      .peer_value = cores * times_at(&one, 0.5), .more_is_better = true, .least_ratio = 0.97});
    snprintf(what, sizeof what, "%d films at once, CPU", FILMS);
    report_row(&(row){.what = what, .unit = "ms a frame", .reel = times_at(&all_cpu, 0.5), .peer = "one alone",
                      .peer_value = times_at(&one_cpu, 0.5)});
    snprintf(what, sizeof what, "%d films at once, threads", FILMS);
    report_row(&(row){.what = what, .unit = "", .reel = threads, .peer_value = -1, .limit = cores + 3});
    report_note("threads of the whole process at the peak; at most the cores and two");
    times_free(&one);
    times_free(&all);
    times_free(&one_cpu);
    times_free(&all_cpu);
}
