/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hours of 60 fps H.264 and 48 kHz AAC as tables over a sparse mdat: gigabytes long, written in under a second.
 * Every number comes from the sample's own, so that a reader can be checked without a second copy of the tables.
 */
#ifndef BENCH_LONGFILE_H
#define BENCH_LONGFILE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum longfile_shape {
    LONGFILE_PLAIN = 0,
    LONGFILE_RUNS1,           /* every run of stts, ctts and stsc is one entry long */
    LONGFILE_ONE_CHUNK,       /* all samples in one chunk */
    LONGFILE_CHUNK_PER_SAMPLE,
    LONGFILE_STSC_RUNS,       /* a stsc entry per chunk, chunks of one and of two samples */
    LONGFILE_SHAPES
} longfile_shape;

typedef struct longfile_options {
    double minutes;           /* 0: 600 */
    uint64_t samples;         /* video samples; 0: what minutes says */
    longfile_shape shape;     /* other than PLAIN: one video track alone */
    bool fragmented;          /* a moof a second */
    bool sidx;                /* with fragmented: an index in front */
    unsigned percent;         /* of the usual sizes, some 3.2 Mbit/s; 0: 100 */
    bool thin;                /* samples of a few bytes, so that a reader of packets is not charged for the disk */
} longfile_options;

enum { LONGFILE_VIDEO_SCALE = 15360, LONGFILE_FRAME = 256, LONGFILE_GOP = 60, LONGFILE_DELAY = 2,
       LONGFILE_AUDIO_SCALE = 48000, LONGFILE_AUDIO_FRAME = 1024 };

/* The name on the command line ("runs1"), NULL past the last. */
const char *longfile_shape_name(longfile_shape shape);

/* How many video and audio samples a file with these options has. */
uint64_t longfile_video_samples(const longfile_options *o);
uint64_t longfile_audio_samples(const longfile_options *o);

/* 0, or -1 with errno. */
int longfile_write(const char *path, const longfile_options *o);

#endif
