/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame/base/track.h"

#include "frame/base/fail.h"

int reel__frame_need_pictures(const reel_track *track, reel_error *err)
{
    reel_track_info info;
    reel_track_get_info(track, &info);
    if (info.type == REEL_TRACK_VIDEO)
        return REEL_OK;
    return reel__frame_fail(err, REEL_E_ARG, "track %u has no pictures: it is %s", info.id,
                            reel_track_type_name(info.type));
}
