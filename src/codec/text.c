/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "codec/codec.h"

static bool holds(reel_span s, const char *word)
{
    return s.size && memmem(s.data, s.size, word, strlen(word));
}

/* ISO/IEC 14496-30 5: the IMSC1 text profile names itself in the schema or the namespace */
void reel__finish_stpp(entry *e)
{
    reel_span s = e->d->entry;
    if (holds(s, "imsc1/text") || holds(s, "im1t"))
        snprintf(e->d->codec, sizeof e->d->codec, "stpp.ttml.im1t");
    else if (holds(s, "imsc1/image") || holds(s, "im1i"))
        snprintf(e->d->codec, sizeof e->d->codec, "stpp.ttml.im1i");
}

void reel__finish_mp4s(entry *e)
{
    if (e->d->object_type_indication)
        snprintf(e->d->codec, sizeof e->d->codec, "mp4s.%02X", e->d->object_type_indication);
}
