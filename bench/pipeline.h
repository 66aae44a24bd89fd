/* SPDX-License-Identifier: BSD-2-Clause */
/* Films to RGB pictures in the hands of a consumer: what reel's way and the old one have in common. */
#ifndef BENCH_PIPELINE_H
#define BENCH_PIPELINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PIPELINE_KEPT = 7, PIPELINE_MOST_STREAMS = 16 };

typedef struct pipeline {
    const char *path;
    int streams;    /* that decode this film at the same time */
    int consumers;  /* tasks that wait for pictures; any may get any */
    int64_t period; /* ns from picture to picture of a stream, decoded no earlier than they are due; 0: all at once */
} pipeline;

typedef struct pipeline_result {
    double ns, cpu;       /* from the first post to the last picture; CPU time of all of it */
    atomic_ullong frames; /* that a consumer got */
    atomic_ullong late;   /* of them more than a period after they were due */
    atomic_ullong luma;   /* of all decoded pictures, in whatever order */
    atomic_ullong seen;   /* so that nothing is left out */
    uint8_t *rgb;         /* picture PIPELINE_KEPT of the first stream; width * 3 bytes a row; freed by the caller */
    int width, height;
} pipeline_result;

/* Some rows of a picture as one number, to be added up. */
uint64_t pipeline_luma(const uint8_t *y, ptrdiff_t stride, int width, int height, int stream, int n);
/* What a consumer does: look at each row, and keep one picture. */
void pipeline_consume(pipeline_result *r, const uint8_t *rgb, ptrdiff_t stride, int stream, int n, int64_t late_ns,
                      int64_t period);

bool pipeline_old_here(void);
void pipeline_old(const pipeline *p, pipeline_result *r);
/* libavcodec and nothing else: the same pictures from packets that lie ready, on so many threads. */
void pipeline_bare(const pipeline *p, unsigned threads, pipeline_result *r);

#endif
