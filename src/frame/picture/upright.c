/* SPDX-License-Identifier: BSD-2-Clause */
/* How large a track's pictures are when they stand upright: asked of the tables, so that nothing has to be decoded. */
#include <reel/codec.h>
#include <reel/frames.h>

void reel_frames_upright(const reel_track *track, double *width, double *height)
{
    reel_track_info info = {.width = 0};
    reel_description d;
    double w = 16, h = 9;
    if (track)
        reel_track_get_info(track, &info);
    if (info.width >= 1 << 16 && info.height >= 1 << 16) {
        w = info.width / 65536.0;
        h = info.height / 65536.0;
    }
    if (track && reel_track_description(track, 1, &d, NULL) == REEL_OK && d.width && d.height) {
        w = d.width;
        h = d.height;
        if (d.pixel_aspect.num && d.pixel_aspect.den)
            w *= (double)d.pixel_aspect.num / d.pixel_aspect.den;
    }
    if (width)
        *width = info.rotation % 180 ? h : w;
    if (height)
        *height = info.rotation % 180 ? w : h;
}
