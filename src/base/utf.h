/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of files as code points. Nothing in a file can make this give, or write, what is no Unicode character. */
#ifndef REEL_BASE_UTF_H
#define REEL_BASE_UTF_H

#include <reel/base.h>

typedef enum reel__encoding {
    REEL__UTF8 = 0,
    REEL__UTF16BE,
    REEL__UTF16LE,
    REEL__LATIN, /* Windows-1252 */
} reel__encoding;

typedef struct reel__text {
    const uint8_t *at, *end;
    reel__encoding encoding;
} reel__text;

/* A byte order mark decides and is stepped over; without one it is UTF-8. */
reel__text reel__text_of(reel_span span);
/* The next character, U+FFFD for what is none; false at the end. Takes at least one byte. */
bool reel__text_next(reel__text *t, uint32_t *point);
/* Is all that is left valid? */
bool reel__text_valid(reel__text t);

/* The UTF-8 of a character; gives how many bytes. */
size_t reel__utf8(uint32_t point, char buf[4]);
/* Controls of C0 and C1, the two ends of lines, and the marks that turn the writing direction round. */
bool reel__is_command(uint32_t point);

#endif
