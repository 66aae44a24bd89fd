/* SPDX-License-Identifier: BSD-2-Clause */
/* lanes.c: --from and --to, mapped through the edit list once, then compared with every sample. */
#include "lanes.h"

static int start_of(struct lane *lane, const struct when *from, reel_cursor *cursor, reel_error *err)
{
    reel_moment moment;
    int64_t t;
    if (from->kind == WHEN_UNSET)
        return REEL_OK;
    if (from->kind == WHEN_SAMPLE) {
        uint64_t count;
        int result = reel_track_sample_count(lane->track, &count, err);
        lane->from_sample = (uint64_t)from->value;
        if (result != REEL_OK || lane->from_sample >= count)
            return result != REEL_OK ? result : REEL_END;
        return reel_cursor_seek(cursor, lane->from_sample, err);
    }
    int result = when_ticks(from, lane->track, &t, err);
    if (result == REEL_OK)
        result = when_moment(lane->track, t, &moment);
    if (result != REEL_OK)
        return result;
    /* The sample on screen at that moment began before it: it is the first one of the range. */
    reel_sample target;
    result = reel_track_seek(lane->track, moment.media_time, REEL_SEEK_PREVIOUS, NULL, &target, err);
    if (result != REEL_OK)
        return result == REEL_E_RANGE ? REEL_END : result;
    if (when_over(lane->track, t, &target, moment.media_time))
        return REEL_END;
    lane->from = target.pts;
    return reel_cursor_seek_pts(cursor, moment.media_time, REEL_SEEK_PREVIOUS, err);
}

static int end_of(struct lane *lane, const struct when *to, reel_error *err)
{
    reel_moment moment;
    int64_t t;
    if (to->kind == WHEN_UNSET)
        return REEL_OK;
    if (to->kind == WHEN_SAMPLE) {
        lane->to_sample = (uint64_t)to->value;
        return REEL_OK;
    }
    int result = when_ticks(to, lane->track, &t, err);
    if (result != REEL_OK)
        return result;
    result = when_moment(lane->track, t, &moment);
    if (result == REEL_OK)
        lane->to = moment.media_time;
    return result == REEL_END ? REEL_OK : result;
}

int lane_init(struct lane *lane, const struct settings *set, const reel_track *track, reel_cursor *cursor,
              reel_error *err)
{
    *lane = (struct lane){.track = track,
                          .id = reel_track_id(track),
                          .from = INT64_MIN,
                          .to = INT64_MAX,
                          .to_sample = UINT64_MAX};
    int result = reel_cursor_init(cursor, track);
    if (result == REEL_OK)
        result = start_of(lane, &set->from, cursor, err);
    if (result == REEL_OK)
        result = end_of(lane, &set->to, err);
    return result;
}

bool lane_has(struct lane *lane, const reel_sample *s)
{
    bool numbered = s->index != REEL_NO_INDEX;
    if (numbered && s->index >= lane->to_sample) {
        lane->over = true;
        return false;
    }
    if (s->pts >= lane->to) {
        /*
         * Samples that are decoded later may be shown earlier, but not across two sync samples: what leads the
         * first belongs to it, and what leads the second comes after the first.
         */
        if ((s->flags & REEL_SAMPLE_SYNC) && ++lane->syncs_after == 2)
            lane->over = true;
        return false;
    }
    return s->pts >= lane->from && (!numbered || s->index >= lane->from_sample);
}
