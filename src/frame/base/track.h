/* SPDX-License-Identifier: BSD-2-Clause */
/* What the frame room asks of a track before it works with it. */
#ifndef REEL_FRAME_BASE_TRACK_H
#define REEL_FRAME_BASE_TRACK_H

#include <reel/movie.h>

/* REEL_E_ARG, unless it is a track with pictures. */
int reel__frame_need_pictures(const reel_track *track, reel_error *err);

#endif
