/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the images. */
#ifndef REEL_FRAME_IMAGE_ROOM_H
#define REEL_FRAME_IMAGE_ROOM_H

#include <reel/image.h>

/* NULL, or what is wrong with the call. options is filled with the defaults. */
const char *reel__image_check(const reel_image *image, const reel_image_options *given, reel_image_write_fn *write,
                              reel_image_options *options);
uint32_t reel__image_planes(const reel_image *image);
size_t reel__image_row(const reel_image *image, uint32_t plane);  /* bytes of a row */
uint32_t reel__image_rows(const reel_image *image, uint32_t plane);

#endif
