/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "picture_peer.h"

const char *picture_peer_name(void) { return NULL; }

picture_peer *picture_peer_open(uint32_t from_w, uint32_t from_h, uint32_t to_w, uint32_t to_h, bool area)
{
    (void)from_w, (void)from_h, (void)to_w, (void)to_h, (void)area;
    return NULL;
}

void picture_peer_run(picture_peer *p, const reel_frame *frame, uint8_t *rgb) { (void)p, (void)frame, (void)rgb; }
void picture_peer_close(picture_peer *p) { (void)p; }
