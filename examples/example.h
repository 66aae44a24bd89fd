/* SPDX-License-Identifier: BSD-2-Clause */
/* What all five examples share: saying what went wrong. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdio.h>

#include <reel/reel.h>

static inline int complain(const char *what, const reel_error *err)
{
    char line[400];
    reel_error_format(err, line, sizeof line);
    fprintf(stderr, "%s: %s\n", what, line);
    return 1;
}

#endif
