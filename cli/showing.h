/* SPDX-License-Identifier: BSD-2-Clause */
/* showing.h: when the samples of a track are shown, asked about many of them. */
#ifndef CLI_SHOWING_H
#define CLI_SHOWING_H

#include "cli.h"

/* Media times [media, end) are shown from start on: start is when origin would be, rate how fast it goes, in 16.16. */
struct showing {
    int64_t media, end, origin, start;
    uint32_t rate;
};

struct showings {
    struct showing *all; /* by media time; none covers what another does */
    size_t n, room;
    bool whole; /* there is no edit list, or one that counts as none: media time is presentation time */
};

/*
 * Turns the edit list of track round: what is shown twice is kept for the first time. *more: there are edits behind
 * those that are looked at. false: no memory. Free with showings_free.
 */
bool showings_make(struct showings *s, const reel_track *track, bool *more);
/* When sample is shown, cut to the edit that shows its beginning, else the first part that is shown; false: never. */
bool showings_find(const struct showings *s, const reel_track *track, const reel_sample *sample, int64_t *start,
                   int64_t *end);
void showings_free(struct showings *s);

#endif
