/* SPDX-License-Identifier: BSD-2-Clause */
/* Which tracks a stream has, and as what. */
#include <reel/codec.h>

#include "write/stream.h"

enum { MOST_REFERENCES = 64 };

/* Titles and pictures of chapters are no subtitles and no film. */
static bool is_chapters(const reel_track *track)
{
    uint32_t type, id;
    for (size_t k = 0; k < reel_movie_track_count(track->movie); k++) {
        const reel_track *t = reel_movie_track(track->movie, k);
        if (!t->part[REEL__TREF].body)
            continue;
        for (size_t i = 0; i < MOST_REFERENCES && reel_track_reference(t, i, &type, &id) == REEL_OK; i++)
            if (type == REEL_4CC('c', 'h', 'a', 'p') && id == track->id)
                return true;
    }
    return false;
}

static bool is_still(uint32_t format)
{
    static const uint32_t stills[] = {
        REEL_4CC('j', 'p', 'e', 'g'), REEL_4CC('p', 'n', 'g', ' '), REEL_4CC('g', 'i', 'f', ' '),
        REEL_4CC('t', 'i', 'f', 'f'), REEL_4CC('m', 'j', 'p', '2'),
    };
    for (size_t i = 0; i < sizeof stills / sizeof *stills; i++)
        if (format == stills[i])
            return true;
    return false;
}

static reel__streams text_as(uint32_t format)
{
    switch (format) {
    case REEL_4CC('t', 'x', '3', 'g'):
    case REEL_4CC('w', 'v', 't', 't'):
    case REEL_4CC('t', 'e', 'x', 't'):
        return REEL__STREAMS_TEXT;
    case REEL_4CC('s', 't', 'p', 'p'):
        return REEL__STREAMS_MEDIA;
    default:
        return REEL__STREAMS_NOT;
    }
}

static bool is_printable(uint32_t type)
{
    for (int shift = 0; shift < 32; shift += 8)
        if ((type >> shift & 0xff) < ' ' || (type >> shift & 0xff) > '~')
            return false;
    return true;
}

/* ISO/IEC 14496-12:2022 4.2: four printable characters. QuickTime has others, which the init segment could but repeat. */
static bool has_names(const reel_track *track, const reel_description *first)
{
    const reel__part *stsd = &track->part[REEL__STSD];
    reel__part entry;
    if (stsd->size < 4 || !is_printable(first->codec_format))
        return false;
    reel__children c = reel__children_of(stsd->body + 4, stsd->size - 4, 0, NULL);
    while (reel__children_next(&c, &entry, NULL))
        if (!is_printable(entry.type))
            return false;
    return true;
}

reel__streams reel__streams_as(const reel_track *track)
{
    reel_description d;
    if (track->type != REEL_TRACK_VIDEO && track->type != REEL_TRACK_AUDIO && track->type != REEL_TRACK_TEXT)
        return REEL__STREAMS_NOT;
    if (track->id == 0 || track->external || reel_track_description(track, 1, &d, NULL) != REEL_OK || d.entry.size < 16 ||
        !has_names(track, &d))
        return REEL__STREAMS_NOT;
    if (track->type != REEL_TRACK_AUDIO && is_chapters(track))
        return REEL__STREAMS_NOT;
    if (track->type == REEL_TRACK_TEXT)
        return text_as(d.codec_format);
    return track->type == REEL_TRACK_VIDEO && is_still(d.codec_format) ? REEL__STREAMS_NOT : REEL__STREAMS_MEDIA;
}
