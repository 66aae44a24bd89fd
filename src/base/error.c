/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "base/base.h"

int reel__failv(reel_error *err, int code, uint64_t offset, const char *path, const char *format, va_list args)
{
    if (!err)
        return code;
    memset(err, 0, sizeof *err);
    err->code = code;
    err->offset = offset;
    snprintf(err->path, sizeof err->path, "%s", path ? path : "");
    vsnprintf(err->text, sizeof err->text, format, args);
    return code;
}

int reel__fail(reel_error *err, int code, uint64_t offset, const char *path, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    reel__failv(err, code, offset, path, format, args);
    va_end(args);
    return code;
}

static const struct {
    int value;
    const char *name, *text;
} codes[] = {
#define CODE(name, value, sentence) {value, #name, sentence},
    REEL_CODES(CODE)
#undef CODE
};

const char *reel_code_name(int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].value == code)
            return codes[i].name;
    return "E_UNKNOWN";
}

const char *reel_code_text(int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].value == code)
            return codes[i].text;
    return "unknown error";
}

/* A sentence about "it" is about the last box of the path, and out of its place has to name it. */
static const char *subject_of(const reel_error *err, const char **what)
{
    const char *last = strrchr(err->path, '/');
    if (!err->path[0] || strncmp(*what, "it ", 3))
        return "";
    *what += 2;
    return last ? last + 1 : err->path;
}

int reel_error_format(const reel_error *err, char *buf, size_t size)
{
    const char *what = err->text[0] ? err->text : reel_code_text(err->code), *box = subject_of(err, &what);
    bool path = err->path[0], at = err->offset != REEL_NO_OFFSET;
    if (!path && !at)
        return snprintf(buf, size, "%s", what);
    if (!at)
        return snprintf(buf, size, "%s%s (%s)", box, what, err->path);
    return snprintf(buf, size, "%s%s (%s%sat 0x%" PRIx64 ")", box, what, err->path, path ? " " : "", err->offset);
}
