/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk FILE: every sample of every track, in the order in which a player reads them. What a server does per request:
 * all state is on the stack, nothing is allocated, and the film may be shared by any number of threads.
 */
#include "example.h"

enum { MOST_TRACKS = 16 };

static int walk(const reel_movie *movie, reel_error *err)
{
    reel_cursor cursors[MOST_TRACKS];
    reel_merge_slot slots[MOST_TRACKS];
    reel_merge merge;
    reel_sample sample;
    uint64_t samples = 0, keys = 0, bytes = 0;
    size_t tracks = reel_movie_track_count(movie);

    if (tracks > MOST_TRACKS)
        tracks = MOST_TRACKS;
    for (size_t i = 0; i < tracks; i++)
        reel_cursor_init(&cursors[i], reel_movie_track(movie, i));
    int r = reel_merge_init(&merge, cursors, slots, tracks, REEL_ORDER_DTS, false, err);
    while (r == REEL_OK && (r = reel_merge_next(&merge, &sample, err)) == REEL_OK) {
        samples++;
        bytes += sample.size;
        keys += (sample.flags & REEL_SAMPLE_SYNC) != 0;
    }
    if (r != REEL_END)
        return r;
    printf("%llu samples, %llu of them sync samples, %llu bytes in %zu tracks\n", (unsigned long long)samples,
           (unsigned long long)keys, (unsigned long long)bytes, tracks);
    return REEL_OK;
}

int main(int argc, char **argv)
{
    reel_movie *movie;
    reel_error err;
    if (argc != 2)
        return fputs("walk FILE\n", stderr), 2;
    if (reel_open_file(argv[1], REEL_SOURCE_GUARD, NULL, &movie, &err) != REEL_OK)
        return complain(argv[1], &err);
    int r = walk(movie, &err);
    if (r != REEL_OK)
        complain(argv[1], &err);
    reel_close(&movie);
    return r != REEL_OK;
}
