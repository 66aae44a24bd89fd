/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/reel.h: all of libreel. The headers of libreel-frame, which is linked besides, are included one by one: pool.h,
 * decode.h, frames.h, sprite.h, picture.h, image.h, sched.h, histogram.h, player.h.
 */
#ifndef REEL_REEL_H
#define REEL_REEL_H

#include <reel/base.h>
#include <reel/bitstream.h>
#include <reel/box.h>
#include <reel/codec.h>
#include <reel/cursor.h>
#include <reel/doctor.h>
#include <reel/item.h>
#include <reel/meta.h>
#include <reel/movie.h>
#include <reel/packet.h>
#include <reel/plan.h>
#include <reel/sample.h>
#include <reel/source.h>
#include <reel/stream.h>
#include <reel/time.h>
#include <reel/write.h>

#endif
