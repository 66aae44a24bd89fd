/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/write.h: films made from films, as plans: media stays where it is until the plan is executed.
 */
#ifndef REEL_WRITE_H
#define REEL_WRITE_H

#include <reel/movie.h>
#include <reel/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_write_options {
    size_t sizeof_options;       /* sizeof(reel_write_options) */
    const reel_track *const *tracks; /* which ones, in this order; NULL: all that can be written */
    size_t track_count;
    const reel_allocator *alloc; /* NULL: malloc */
} reel_write_options;

/*
 * The film with moov in front of its media, the same boxes and bytes otherwise. What is in front already comes out as it
 * is. Chunk offsets become co64 where they have to. Cheap enough to be made for each request of a server.
 */
REEL_API int reel_write_faststart(const reel_movie *movie, const reel_write_options *options, reel_plan **out,
                                  reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
