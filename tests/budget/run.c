/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * budget WHAT FILE: one piece of work whose instructions tests/budget.py counts: what runs inside work(), which is
 * never inlined. Prints an answer, so that nothing is counted that is not also right.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <reel/reel.h>

enum { SEEKS = 1000, BATCH = 256 };

typedef struct job {
    const char *path;
    reel_movie *movie;
    const reel_track *track;
    uint64_t sum;
    bool ok;
} job;

static void open_and_first(job *j)
{
    reel_movie *movie;
    reel_cursor cursor;
    reel_sample sample;
    reel_packet packet;
    if (reel_open_file(j->path, 0, NULL, &movie, NULL) != REEL_OK)
        return;
    const reel_track *track = reel_movie_default_track(movie, REEL_TRACK_VIDEO);
    j->ok = reel_cursor_init(&cursor, track) == REEL_OK && reel_cursor_next(&cursor, &sample, NULL) == REEL_OK &&
            reel_packet_get(track, &sample, &packet, NULL) == REEL_OK;
    if (j->ok) {
        j->sum = packet.sample.offset;
        reel_packet_unref(&packet);
    }
    reel_close(&movie);
}

static void seek_thousand(job *j)
{
    uint64_t state = 1;
    j->ok = true;
    for (int i = 0; i < SEEKS; i++) {
        reel_sample entry;
        state = state * 6364136223846793005u + 1442695040888963407u;
        int64_t pts = (int64_t)((state >> 40) * 1000000 >> 24) * 256;
        j->ok = reel_track_seek(j->track, pts, REEL_SEEK_PREVIOUS, &entry, NULL, NULL) == REEL_OK && j->ok;
        j->sum += entry.index;
    }
}

static void walk_batch(job *j)
{
    reel_cursor cursor;
    reel_sample batch[BATCH];
    size_t got;
    int r = reel_cursor_init(&cursor, j->track);
    while (r == REEL_OK && (r = reel_cursor_batch(&cursor, batch, BATCH, &got, NULL)) == REEL_OK)
        j->sum += got;
    j->ok = r == REEL_END;
}

static void walk_cursor(job *j)
{
    reel_cursor cursor;
    reel_sample sample;
    int r = reel_cursor_init(&cursor, j->track);
    while (r == REEL_OK && (r = reel_cursor_next(&cursor, &sample, NULL)) == REEL_OK)
        j->sum++;
    j->ok = r == REEL_END;
}

static const struct {
    const char *name;
    void (*run)(job *j);
} jobs[] = {{"open", open_and_first}, {"seek", seek_thousand}, {"walk-batch", walk_batch}, {"walk-cursor", walk_cursor}};

/* Named for callgrind's --toggle-collect. */
__attribute__((noinline)) void budget_work(job *j, void (*run)(job *j));
void budget_work(job *j, void (*run)(job *j)) { run(j); }

int main(int argc, char **argv)
{
    job j = {0};
    if (argc != 3)
        return 2;
    j.path = argv[2];
    if (reel_open_file(j.path, 0, NULL, &j.movie, NULL) != REEL_OK)
        return 1;
    j.track = reel_movie_default_track(j.movie, REEL_TRACK_VIDEO);
    if (reel_track_prepare(j.track, false, NULL) != REEL_OK)
        return 1;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
        if (!strcmp(jobs[i].name, argv[1]))
            budget_work(&j, jobs[i].run);
    reel_close(&j.movie);
    printf("%" PRIu64 "\n", j.sum);
    return j.ok ? 0 : 1;
}
