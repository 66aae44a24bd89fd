/* SPDX-License-Identifier: BSD-2-Clause */
/* What the library asks of text beyond <reel/base.h>. */
#ifndef REEL_BASE_UTF_H
#define REEL_BASE_UTF_H

#include <reel/base.h>

/* UTF-8, or what a byte order mark says. */
static inline reel_text reel__text_of(reel_span span)
{
    reel_text t;
    reel_text_init(&t, span, REEL_UTF8);
    return t;
}

/* Is all that is left valid? */
bool reel__text_valid(reel_text t);

#endif
