/* SPDX-License-Identifier: BSD-2-Clause */
/* lanes.h: a track with the range of it that --from and --to ask for; used by packets and extract. */
#ifndef CLI_LANES_H
#define CLI_LANES_H

#include "cli.h"

struct lane {
    const reel_track *track;
    uint32_t id, timescale;
    int64_t from, to;                 /* composition times: from <= pts < to */
    uint64_t from_sample, to_sample;  /* sample numbers, likewise */
    uint32_t syncs_after;             /* sync samples seen at or after to */
    int64_t least, greatest;          /* composition offsets seen, 0 among them */
    bool over;
};

/* Fills lane and puts cursor where walking has to start. REEL_END: nothing lies in the range. */
int lane_init(struct lane *lane, const struct settings *set, const reel_track *track, reel_cursor *cursor,
              reel_error *err);
/* Refuses a range that is empty whatever the film. */
int lane_check(const char *command, const struct settings *set);
/* Is s in the range? Sets over once nothing after it can be. */
bool lane_has(struct lane *lane, const reel_sample *s);

/* How many samples, of all tracks together, a walk believes a film to have: a sample takes a byte at least. */
uint64_t lanes_most_samples(const reel_movie *movie);
/* Fills err: it says that it has more. */
int lanes_refuse(const reel_movie *movie, reel_error *err);
/*
 * May all samples of the tracks be written out, I pictures twice where `pictures`? Walks through them once; refuses as
 * soon as they are more than film->writable, since they lie over each other then, or more than the film has bytes.
 */
int lanes_check_output(const struct film *film, const reel_track *const *tracks, size_t n, bool pictures,
                       reel_error *err);

#endif
