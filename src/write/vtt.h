/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two makers of WebVTT share: the head of a file, its clock, and text that cannot break out of a cue. */
#ifndef REEL_WRITE_VTT_H
#define REEL_WRITE_VTT_H

#include "base/utf.h"
#include "write/out.h"

/* RFC 8216 3.5: local time 0 is presentation time 0 of the stream, as it is for everything in it. */
#define REEL__VTT_MAP "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"

/* "00:00:01.000 --> 00:00:02.000", without the end of the line; SubRip has a comma for the point. */
void reel__vtt_times(reel__out *o, uint64_t start_ms, uint64_t end_ms, char point);

/*
 * The text of one cue, character by character. An empty line would end the cue and an arrow begin another: neither comes
 * out, whatever goes in. Controls are left out.
 */
typedef struct reel__vtt_text {
    reel__out *out;
    bool plain;         /* it knows no markup: '<', '>' and '&' are escaped */
    bool bare;          /* nothing is: SubRip has no escapes */
    bool any;           /* a character was written */
    bool fresh, broken; /* nothing stands on this line yet; its break is still to come */
    uint32_t dashes;
    uint32_t face;      /* the tags that are open: 1 b, 2 i, 4 u */
} reel__vtt_text;

void reel__vtt_text_begin(reel__vtt_text *t, reel__out *o, bool plain);
void reel__vtt_put(reel__vtt_text *t, uint32_t point);
void reel__vtt_face(reel__vtt_text *t, uint32_t face);
/* One of the tags that are in the text itself. name: b, i or u. */
void reel__vtt_tag(reel__vtt_text *t, char name, bool closing);
/* Closes the tags, ends the line, and the cue with an empty one. */
void reel__vtt_text_end(reel__vtt_text *t);

/* All of text, marked up as WebVTT is, as SubRip has it: three of the tags, and characters for entities. */
void reel__vtt_as_subrip(reel__vtt_text *t, reel_text *text);

/* One line of an identifier or of settings: its first, without an arrow, 4096 bytes at most. Gives what was written. */
size_t reel__vtt_line(reel__out *o, reel_span span);

#endif
