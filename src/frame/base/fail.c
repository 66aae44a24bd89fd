/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>

#include "frame/base/fail.h"

void reel__frame_say(reel_error *err, int code, const char *format, ...)
{
    va_list args;
    if (!err)
        return;
    *err = (reel_error){.code = code, .offset = REEL_NO_OFFSET};
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
}
