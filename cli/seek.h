/* SPDX-License-Identifier: BSD-2-Clause */
/* seek.h: one time that was looked up, and how. */
#ifndef CLI_SEEK_H
#define CLI_SEEK_H

#include "cli.h"

struct stop {
    const reel_track *track;
    uint32_t timescale;
    const char *asked;   /* as on the command line */
    int64_t t;           /* presentation time, ticks */
    bool placed;         /* moment is known: the edit list shows something there */
    reel_moment at;      /* what t itself means: perhaps an empty edit */
    reel_moment moment;  /* what is shown there or next */
    reel_sample target, entry;
    bool has_entry, later; /* later: entry comes after target (--mode next, nearest) */
    int64_t shown;       /* when target is shown, ticks */
    int64_t entry_shown; /* likewise entry, with has_entry_shown; the edit list may leave it out */
    bool has_entry_shown;
    uint64_t before;     /* samples to decode before target; REEL_NO_INDEX: unknown */
    reel_range range;    /* from entry to the end of target, as they lie in the file; of entry alone when later */
};

/* explain.c */
void explain_text(struct out *o, const struct stop *stop);
void explain_json(struct json *j, const struct stop *stop);

#endif
