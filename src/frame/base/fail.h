/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the frame room: how an error is filled. Nothing comes from a file: there is no offset. */
#ifndef REEL_FRAME_BASE_FAIL_H
#define REEL_FRAME_BASE_FAIL_H

#include <reel/base.h>

/* Fill err (may be NULL) and give code back: `return reel__frame_fail(err, REEL_E_ARG, "...")`. */
#define reel__frame_fail(err, code, ...) (reel__frame_say(err, code, __VA_ARGS__), (code))
void reel__frame_say(reel_error *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
