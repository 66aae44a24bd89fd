/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of the decoder share: the pixels of a frame as one number. */
#ifndef TESTS_DECODE_HELP_H
#define TESTS_DECODE_HELP_H

#include <reel/decode.h>

/* MD5 of all rows, without what pads them: as ffmpeg's framemd5 has it. "-" when the format is none of ours. */
void frame_md5(const reel_decoder *dec, const reel_frame *f, char out[33]);

#endif
