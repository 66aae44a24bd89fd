/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REEL_FRAME_BASE_HISTOGRAM_H
#define REEL_FRAME_BASE_HISTOGRAM_H

#include <reel/histogram.h>

/* reel_histogram_record where one thread alone records, beside any number that read: no locked instructions. */
void reel__histogram_record_alone(reel_histogram *h, int64_t value);

#endif
