/* SPDX-License-Identifier: BSD-2-Clause */
/* films.h: films that are written for tests/cli.py. */
#ifndef TESTS_CLI_FILMS_H
#define TESTS_CLI_FILMS_H

#include "../build.h"

struct film_to_write {
    const char *name;
    void (*make)(b_buf *b);
};

/* What takes seconds, gigabytes or other people's files from a command that believes it; ends with a NULL name. */
extern const struct film_to_write hostile_films[];

#endif
