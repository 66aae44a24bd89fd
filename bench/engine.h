/* SPDX-License-Identifier: BSD-2-Clause */
/* What is measured of reel, and what all topics share: inputs, answers that can be compared. */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include <reel/reel.h>

#include "longfile.h"
#include "measure.h"
#include "report.h"

typedef struct place { /* where a seek or an open landed; times in the presentation, video ticks */
    int64_t pts;
    uint64_t offset;
} place;

typedef struct sums { /* of a walk through one track */
    uint64_t n, size, offset, keys;
    int64_t pts, dts;
} sums;

typedef struct film {
    reel_movie *movie;
    const reel_track *video, *audio;
} film;

/* Say what is wrong and end the program. */
_Noreturn void die(const char *what, const reel_error *err);

film film_open(const char *path);
void film_close(film *f);

/* Open, take the first packet of the picture, touch it, close. */
place engine_open_first(const char *path);
/* The key frame to start from for presentation time t. */
place engine_seek(const film *f, int64_t t);
/* Sums of a whole track through batches, or sample by sample. */
sums engine_walk_batch(const reel_track *track);
sums engine_walk_single(const reel_track *track);
/* Both tracks as one stream, by decode time. */
sums engine_walk_merged(const film *f);
/* What anybody would have to do: open, fstat, mmap, hop over the top-level boxes, munmap. Gives their number. */
unsigned by_hand(const char *path);

/* t times with a key frame at a GOP's start that everybody agrees on; in video ticks. */
int64_t *seek_times(uint64_t frames, size_t n);

/* A file in the folder of inputs, written when it is first asked for. */
const char *input(const char *name, const longfile_options *o);
const char *input_ten_hours(void);
const char *input_ten_minutes(void);
const char *input_thin(void);
void inputs_remove(void);

/* How long a command takes, words ending with NULL. Below 0: there is no such command, or it failed. */
double command_ns(const char *const *words);

void topic_open(void);
void topic_first_seek(void);
void topic_seek(void);
void topic_walk(void);
void topic_memory(void);
void topic_length(void);
void topic_worst(void);
void topic_fragments(void);
void topic_size(void);
void topic_write(void);
void topic_decode(void);
void topic_pool(void);
void topic_sched(void);
void topic_picture(void);
void topic_pipeline(void);

#endif
