/* SPDX-License-Identifier: BSD-2-Clause */
/* Three whole films that are as small as films get, for tests that then break them. */
#ifndef TESTS_SMALL_H
#define TESTS_SMALL_H

#include "build.h"

/* Ten samples of 10 bytes and 40 ticks of 1000, in two chunks of five; samples 0 and 5 are sync samples. */
extern const b_track small_track;
void small_plain(b_buf *b);
/* The same ten as two fragments of five, with tfdt. */
void small_fragmented(b_buf *b);
/* One image item of 16 bytes, 16 x 16. */
void small_heif(b_buf *b);

#endif
