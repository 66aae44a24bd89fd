/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batch_seek FILE [SEED]: what a loader for training asks: 64 frames at random times, in one call, each with the sync
 * sample that decoding has to start from.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "example.h"

enum { FRAMES = 64 };

static int load(const reel_track *track, unsigned seed, reel_error *err)
{
    int64_t times[FRAMES], length;
    reel_sample from[FRAMES], frames[FRAMES];
    size_t done;
    int r = reel_track_presentation_duration(track, &length, err);
    if (r != REEL_OK)
        return r;
    for (int i = 0; i < FRAMES; i++) {
        reel_moment moment = {0};
        seed = seed * 1664525 + 1013904223;
        if (reel_track_media_time(track, (int64_t)(seed / 4294967296.0 * (double)length), &moment) != REEL_OK)
            moment.media_time = 0;
        times[i] = moment.media_time;
    }
    r = reel_track_seek_many(track, times, FRAMES, REEL_SEEK_PREVIOUS, from, frames, &done, err);
    if (r != REEL_OK)
        return r;
    uint64_t to_decode = 0;
    for (size_t i = 0; i < done; i++)
        to_decode += frames[i].index - from[i].index + 1;
    printf("%zu frames; %" PRIu64 " have to be decoded for them; the first lies at byte %" PRIu64 ", %" PRIu32
           " bytes long\n", done, to_decode, frames[0].offset, frames[0].size);
    return REEL_OK;
}

int main(int argc, char **argv)
{
    reel_movie *movie;
    reel_error err;
    if (argc < 2)
        return fputs("batch_seek FILE [SEED]\n", stderr), 2;
    if (reel_open_file(argv[1], REEL_SOURCE_GUARD, NULL, &movie, &err) != REEL_OK)
        return complain(argv[1], &err);
    const reel_track *track = reel_movie_default_track(movie, REEL_TRACK_VIDEO);
    if (!track)
        return reel_close(&movie), fprintf(stderr, "%s: no pictures\n", argv[1]), 1;
    int r = load(track, argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : 1, &err);
    if (r != REEL_OK)
        complain(argv[1], &err);
    reel_close(&movie);
    return r != REEL_OK;
}
