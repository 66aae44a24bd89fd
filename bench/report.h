/* SPDX-License-Identifier: BSD-2-Clause */
/* One row a number, with its target beside it; a table for people, a JSON object a line for programs. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>

typedef struct row {
    const char *what, *unit;
    double reel;
    const char *peer;  /* NULL: none is asked for */
    double peer_value; /* below 0: the peer is not installed */
    bool more_is_better;
    double limit;      /* target for reel's own number; 0: none */
    double least_ratio; /* target for the ratio (above 1: reel is the better one); 0: none */
} row;

void report_start(bool jsonl);
void report_row(const row *r);
/* The peers that one would want to see here and that Debian does not have: said, not left out. */
void report_missing(const char *what, const char *unit, double reel);
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A number counts only where it is also right. False is told, and makes the program fail. */
bool report_check(bool right, const char *what);
/* How many checks were wrong; and the summing-up line. */
int report_end(void);

#endif
