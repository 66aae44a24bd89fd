/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame/base/entry.h"

#include <reel/bitstream.h>
#include <reel/packet.h>

enum {
    TRIES = 1024, /* samples that are called sync samples and are none: an stss may have been left out */
    LEADING = 8,  /* how far back to look for an entry that is shown before the target */
};

/* *none: its own bytes deny it. What cannot be had or understood is believed: the decoder will see. */
static int is_none(const reel_track *track, uint64_t index, bool *none, reel_error *err)
{
    reel_sample s;
    reel_description d;
    reel_packet p;
    *none = false;
    int code = reel_track_sample(track, index, &s, err);
    if (code != REEL_OK || reel_track_description(track, s.description, &d, NULL) != REEL_OK ||
        d.type != REEL_TRACK_VIDEO)
        return code;
    s.size = s.size < REEL_ENTRY_HEAD ? s.size : REEL_ENTRY_HEAD;
    code = reel_packet_get(track, &s, &p, err);
    if (code == REEL_E_AGAIN || code == REEL_E_NOMEM)
        return code;
    if (code == REEL_OK) {
        *none = reel_sample_entry(&d, (reel_span){p.data, s.size}) == REEL_ENTRY_NO;
        reel_packet_unref(&p);
    }
    return REEL_OK;
}

static int marked_before(const reel_track *track, uint64_t index, uint64_t *sync, reel_error *err)
{
    int code = reel_track_find_sync(track, index, REEL_SEEK_PREVIOUS, sync, err);
    if (code == REEL_END)
        *sync = 0;
    return code == REEL_END ? REEL_OK : code;
}

int reel__entry_before(const reel_track *track, uint64_t index, reel__entry_memo *memo, reel_sample *out,
                       reel_error *err)
{
    uint64_t marked = 0;
    bool none = true;
    int code = marked_before(track, index, &marked, err);
    bool known = memo->known && memo->marked == marked;
    uint64_t at = known ? memo->entry : marked;
    for (int i = 0; code == REEL_OK && !known && at > 0; i++) {
        code = is_none(track, at, &none, err);
        if (!none)
            break;
        code = marked_before(track, i < TRIES ? at - 1 : 0, &at, err);
    }
    if (code != REEL_OK)
        return code;
    *memo = (reel__entry_memo){marked, at, true};
    return reel_track_sample(track, at, out, err);
}

int reel__entry_for(const reel_track *track, uint64_t index, int64_t pts, reel__entry_memo *memo, uint64_t *entry,
                    reel_error *err)
{
    reel_sample s = {0};
    reel__entry_memo further;
    int code = reel__entry_before(track, index, memo, &s, err);
    further = *memo;
    for (int i = 0; code == REEL_OK && i < LEADING && s.pts > pts && s.index > 0; i++)
        code = reel__entry_before(track, s.index - 1, &further, &s, err);
    *entry = s.index;
    return code;
}
