/* SPDX-License-Identifier: BSD-2-Clause */
#include "picture_peer.h"

bool picture_mjpeg_open(uint32_t w, uint32_t h, int scale)
{
    (void)w, (void)h, (void)scale;
    return false;
}

size_t picture_mjpeg_run(const reel_frame *frame)
{
    (void)frame;
    return 0;
}

void picture_mjpeg_close(void) {}
