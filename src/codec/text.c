/* SPDX-License-Identifier: BSD-2-Clause */
/* TTML: which of its profiles a sample entry names. ISO/IEC 14496-30:2018 5; TTML Profile Registry. */
#include <stdio.h>

#include "codec/codec.h"

/* What stands in the namespace, the schema location or the MIME box of an entry, the longer before what is in
 * it. */
static const struct {
    char mark[16];
    char profile[5];
} profiles[] = {
    {"imsc1.1/text", "im2t"}, {"imsc1.1/image", "im2i"}, {"imsc1.2/text", "im3t"}, {"imsc1.2/image", "im3i"},
    {"imsc1/text", "im1t"},   {"imsc1/image", "im1i"},   {"codecs=im1t", "im1t"},  {"codecs=im1i", "im1i"},
    {"codecs=im2t", "im2t"},  {"codecs=im2i", "im2i"},   {"codecs=im3t", "im3t"},  {"codecs=im3i", "im3i"},
};

static bool holds(reel_span s, const char *mark)
{
    size_t n = strlen(mark);
    const uint8_t *at = s.data, *end;
    if (s.size < n) /* an item has no entry to look into */
        return false;
    end = s.data + s.size;
    while ((size_t)(end - at) >= n && (at = memchr(at, mark[0], (size_t)(end - at) - n + 1))) {
        if (!memcmp(at, mark, n))
            return true;
        at++;
    }
    return false;
}

void reel__name_ttml(reel_description *d)
{
    reel_span s = {d->entry.data, REEL__MIN(d->entry.size, (size_t)65536)};
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        if (holds(s, profiles[i].mark)) {
            snprintf(d->codec, sizeof d->codec, "stpp.ttml.%s", profiles[i].profile);
            return;
        }
}
