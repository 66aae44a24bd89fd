/* SPDX-License-Identifier: BSD-2-Clause */
/* libswscale and MJPEG behind a few calls; a stub when it is not installed. I420 of one size to RGB24 of another. */
#ifndef BENCH_PICTURE_PEER_H
#define BENCH_PICTURE_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include <reel/picture.h>

typedef struct picture_peer picture_peer;

const char *picture_peer_name(void); /* NULL: not here */
picture_peer *picture_peer_open(uint32_t from_w, uint32_t from_h, uint32_t to_w, uint32_t to_h, bool area);
void picture_peer_run(picture_peer *p, const reel_frame *frame, uint8_t *rgb);
void picture_peer_close(picture_peer *p);

/* The MJPEG encoder of libavcodec, one at a time: false when there is none. run gives the bytes of a frame. */
bool picture_mjpeg_open(uint32_t w, uint32_t h, int scale);
size_t picture_mjpeg_run(const reel_frame *frame);
void picture_mjpeg_close(void);

#endif
