/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_DECODE_MANY_H
#define BENCH_DECODE_MANY_H

#include <stdint.h>

/* Sixteen decoders of this film, with so many frames, on all cores, beside one core. */
void decode_many(const char *path, uint64_t frames);

#endif
