/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame/base/fail.h"
#include "frame/image/room.h"

int reel_image_write_jpeg(const reel_image *image, const reel_image_options *options, reel_image_write_fn *write,
                        void *user, reel_error *err)
{
    (void)image, (void)options, (void)write, (void)user;
    return reel__frame_fail(err, REEL_E_UNSUPPORTED, "built without libjpeg");
}
