/* SPDX-License-Identifier: BSD-2-Clause */
/* Boxes of a film that go into another as they are. */
#ifndef REEL_WRITE_COPY_H
#define REEL_WRITE_COPY_H

#include "box/part.h"
#include "write/out.h"

/*
 * The box, bytes as they lie, behind a size that is made anew: in the film it may be 0, 64 bits wide, or go past the
 * parent. A part without body (the film has no such box) is nothing. part comes from the skeleton of the movie
 * (reel_track.part, reel__movie_part) or from a walk over children: what it points to lies in memory.
 */
void reel__copy_box(reel__out *o, const reel__part *part);

/* What the body of a container in memory begins with; its children are looked at bare: version and flags are body. */
reel__children reel__bare_children(const reel__part *part, size_t skip);

/* Is type one of n? */
bool reel__type_in(uint32_t type, const uint32_t *types, size_t n);

/* The bytes of part behind size and type: version and flags of a full box included. */
reel_span reel__payload_of(const reel__part *part);

#endif
