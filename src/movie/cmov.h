/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REEL_MOVIE_CMOV_H
#define REEL_MOVIE_CMOV_H

#include "base/base.h"

/*
 * QTFF, Compressed Movie Resources. body is that of moov/cmov. *out (the caller frees it with a) begins with the
 * header of a moov. At most 64 MiB come out. Without zlib: REEL_E_UNSUPPORTED.
 */
int reel__cmov_inflate(const reel_allocator *a, const uint8_t *body, size_t size, uint64_t offset, uint8_t **out,
                       size_t *out_size, reel_error *err);

#endif
