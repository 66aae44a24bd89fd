/* SPDX-License-Identifier: BSD-2-Clause */
/* extract.h: what writes the samples of a track in one form or another. */
#ifndef CLI_EXTRACT_H
#define CLI_EXTRACT_H

#include "lanes.h"

struct extract {
    struct cli *cli;
    struct film *film;
    const reel_track *track;
    struct lane lane;
    reel_cursor cursor;
    struct save *save;
    const struct form *form;
    reel_description description; /* of the samples that come now */
    uint32_t described;           /* its number, 0: none yet */
    uint64_t count;               /* samples written */
    int status;                   /* of the last file in a folder; what was wrong has been said */
    reel_span *spans;             /* of one sample; room for span_room of them */
    size_t span_count, span_room;
    struct {
        uint8_t bytes[32];
        size_t n;
    } made[4];                    /* bytes that are in no file, pointed at by spans */
    size_t made_count;
    uint64_t text_first, text_last; /* samples of text: from the first to before the last */
};

/*
 * A way to write a track. fits: could it be, as far as the description tells? NULL: always. begin and end may be NULL;
 * they give REEL_OK or a negative code with err filled. */
struct form {
    bool (*fits)(const reel_description *d);
    int (*begin)(struct extract *x, reel_error *err);
    int (*sample)(struct extract *x, reel_packet *packet, reel_error *err);
    int (*end)(struct extract *x, reel_error *err);
};

extern const struct form form_annexb, form_adts, form_obu, form_ivf, form_raw; /* elementary.c */
extern const struct form form_vtt, form_srt;                                   /* subtitles.c */

/* Fills err: there is no such form of this track. */
int extract_refuse(const struct extract *x, const char *why, reel_error *err);

#endif
