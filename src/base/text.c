/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "base/base.h"

#define STRING_(x) #x
#define STRING(x) STRING_(x)

const char *reel_version(void)
{
    return STRING(REEL_VERSION_MAJOR) "." STRING(REEL_VERSION_MINOR) "." STRING(REEL_VERSION_PATCH);
}

const char *reel_4cc_text(uint32_t fourcc, char buf[17])
{
    char *out = buf;
    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned c = fourcc >> shift & 255;
        if (c >= 32 && c < 127)
            *out++ = (char)c;
        else
            out += snprintf(out, 5, "\\x%02x", c);
    }
    *out = 0;
    return buf;
}
