/* SPDX-License-Identifier: BSD-2-Clause */
/* memory: private dirty pages after open, seeks and a walk, in a process of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"

static long private_dirty_kb(void)
{
    char line[128];
    long kb = -1;
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "Private_Dirty:", 14) == 0)
            kb = strtol(line + 14, NULL, 10);
    if (f)
        fclose(f);
    return kb;
}

static void use_reel(const char *path, const int64_t *t, size_t n)
{
    film f = film_open(path);
    engine_open_first(path);
    for (size_t i = 0; i < n; i++)
        engine_seek(&f, t[i]);
    engine_walk_batch(f.video);
    engine_walk_single(f.audio);
    engine_walk_merged(&f);
    /* The film stays open: what it holds is what is measured. */
}

static void use_peer(const char *path, const int64_t *t, size_t n)
{
    sums s[2];
    place p;
    peer *lav = peer_open(path);
    for (size_t i = 0; lav && i < n && i < 200; i++)
        peer_seek(lav, t[i], false, &p);
    if (lav)
        peer_walk(lav, s, 10000);
}

/* How much the pages grow while use runs, in kB. A fork shares all that was before, so only growth is private. */
static double growth(const char *path, const int64_t *t, size_t n, void (*use)(const char *, const int64_t *, size_t))
{
    int ends[2], status;
    long kb = -1;
    fflush(stdout);
    if (pipe(ends) < 0)
        die("pipe", NULL);
    pid_t child = fork();
    if (child == 0) {
        long before = private_dirty_kb();
        use(path, t, n);
        kb = private_dirty_kb() - before;
        _exit(write(ends[1], &kb, sizeof kb) != sizeof kb);
    }
    close(ends[1]);
    bool ok = child > 0 && read(ends[0], &kb, sizeof kb) == sizeof kb && waitpid(child, &status, 0) == child;
    close(ends[0]);
    report_check(ok && status == 0 && kb >= 0, "the memory of a child could not be read");
    return (double)kb;
}

void topic_memory(void)
{
    const char *path = input_ten_hours();
    size_t n = 10000;
    int64_t *t = seek_times(600 * 60 * 60, n);
    double ours = growth(path, t, n, use_reel), theirs = peer_here() ? growth(path, t, n, use_peer) : -1;
    report_note("growth of private dirty pages: open, %zu seeks (peer: 200), every sample walked (peer: 10000)", n);
    report_row(&(row){.what = "private memory, 10 h", .unit = "kB", .reel = ours, .peer = peer_name(),
                      .peer_value = theirs, .limit = 2000});
    report_missing("private memory, 10 h", "kB", ours);
    free(t);
}
