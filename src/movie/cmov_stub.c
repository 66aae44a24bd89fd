/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands for cmov.c in a build without zlib. */
#include "movie/cmov.h"

int reel__cmov_inflate(const reel_allocator *a, const uint8_t *body, size_t size, uint64_t offset, uint8_t **out,
                       size_t *out_size, reel_error *err)
{
    (void)a;
    (void)body;
    (void)size;
    *out = NULL;
    *out_size = 0;
    return reel__fail(err, REEL_E_UNSUPPORTED, offset, "moov/cmov",
                      "the movie is compressed, and this build has no zlib");
}
