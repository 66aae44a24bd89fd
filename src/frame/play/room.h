/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The player between its files.
 *
 *   read.c    the reader: the track's edits and the decoder's frames as items, one after the other in play time
 *   run.c     the two tasks: decode fills the ring with items, pace takes them at their times
 *   clock.c   play time against the clock; audio
 *   player.c  what the caller says
 *
 * Play time is ns that only grow: presentation time, but that a loop goes on where the last one ended; with
 * options.fps the frames' numbers at that rate. The lock is held for moments, never in a callback or while decoding.
 *
 * Each task is posted or not; both are posted under the lock, and each clears its mark under the lock as soon as it runs.
 */
#ifndef REEL_FRAME_PLAY_ROOM_H
#define REEL_FRAME_PLAY_ROOM_H

#include <pthread.h>
#include <stdatomic.h>

#include <reel/player.h>
#include <reel/time.h>

#include "frame/base/sum.h"

enum { REEL__AHEAD_MOST = 64 };

#define REEL__NO_TIME INT64_MIN
#define REEL__NEVER_AT INT64_MAX

typedef struct reel__item {
    reel_frame *frame;  /* NULL: nothing is shown */
    int64_t start, end; /* play time */
    int64_t time;       /* presentation time of start */
    uint64_t sample;
    uint32_t loop;
    bool first;         /* since a seek */
} reel__item;

/* The decode task's own. */
typedef struct reel__reader {
    size_t edits;        /* 0: none */
    size_t edit;         /* where it is; == edits (or 1 without any): behind the last */
    bool entered;        /* edit is begun */
    reel_edit e;
    int64_t media_end;   /* of e */
    int64_t from;        /* presentation ticks: nothing begins before */
    reel_frame *pending; /* decoded, of the next edit perhaps */
    uint64_t pending_sample;
    int64_t shift;       /* play time - presentation time */
    int64_t count_at;    /* fps: play time of the next frame */
    int64_t end;         /* play time where all that was read so far ends */
    int64_t began;       /* the same, of what was read before this loop */
    int64_t last_start;  /* play time of the last item */
    int64_t last_pts;    /* of the frame that came last in this edit; NO_TIME */
    int64_t last_end;
    uint64_t last_sample;
    uint64_t left_out;   /* frames that were not decoded, to catch up */
    uint32_t level, level_before; /* reel_discard now, and when the frame before was decoded */
    uint32_t loop;
    bool join;           /* the next item begins where the last ended */
    bool first;          /* the next item is the first since a seek */
    bool any;            /* something came since the last beginning */
    bool at_end;
    int code;            /* what ended it */
} reel__reader;

typedef struct reel__play_clock {
    bool runs;
    int64_t at, play; /* at this time of the clock it is this play time */
    double rate;
    double drift;     /* smoothed, ns */
    int64_t followed; /* when it was compared with audio last */
} reel__play_clock;

struct reel_player {
    reel_allocator alloc;
    reel_player_options options;
    const reel_track *track;
    uint32_t timescale;
    int64_t spin, interval; /* interval: of fps; 0 */
    reel_decoder *decoder;
    reel_sched *own_sched, *own_pacer, *sched, *pacer; /* NULL with POLL, INLINE */
    reel_strand decode_strand, pace_strand;
    bool decode_strand_open, pace_strand_open;
    reel_task decode_task, pace_task;

    reel__reader reader; /* the decode task's */

    pthread_mutex_t lock; /* all below */
    bool decode_posted, pace_posted, closing;
    bool seek_wanted;
    int64_t seek_time;
    uint64_t generation; /* counts seeks and stops: what was decoded for an older one is thrown away */
    uint32_t state;      /* reel_player_state */
    bool loop;
    bool primed;         /* enough has been decoded for the clock to start */
    bool preview;        /* nothing was shown since the seek */
    bool step;
    bool resume;         /* the clock goes on from the next look at it */
    bool done;           /* the reader has come to the end */
    int64_t end;         /* play time where */
    int32_t code;
    uint32_t discard;
    bool skip;           /* decoding should go on at a sync sample */
    int64_t skip_until;  /* play time: at one no later than this */
    reel__play_clock clock;
    int64_t now;         /* POLL: as it was told last */
    reel__item shown;    /* its frame is not held */
    bool shown_any;
    int64_t shown_at;
    reel__item ring[REEL__AHEAD_MOST];
    uint32_t head, count;
    uint64_t number;
    reel_player_stats stats;
    reel_histogram lateness; /* any thread */
};

/* ---- player.c: whose work is being done on this thread, so that a callback cannot close its own player ---- */

typedef struct reel__inside {
    const reel_player *player;
    struct reel__inside *up;
} reel__inside;

void reel__player_enter(reel__inside *here, const reel_player *p);
void reel__player_leave(const reel__inside *here);

/* ---- read.c ---- */

/* Begin at this presentation time (ns). */
int reel__reader_seek(reel_player *p, int64_t time, reel_error *err);
/*
 * The next item. REEL_E_AGAIN, REEL_E_NOMEM: nothing yet, call again (the budget is used up, or there is no buffer). REEL_END: the end,
 * reader.end tells where, reader.code why. REEL_E_CANCELLED.
 */
int reel__reader_next(reel_player *p, bool loop, reel__item *out);
/* Go on with the first sync sample that is shown after what was read and not after this play time. False: there is none. */
bool reel__reader_skip(reel_player *p, int64_t until);
void reel__reader_forget(reel_player *p);

/* ---- clock.c; the lock is held ---- */

int64_t reel__play_now(const reel_player *p, int64_t now);
int64_t reel__play_due(const reel_player *p, int64_t play);
/* Let the clock show play at now, and run or not. */
void reel__play_set(reel_player *p, int64_t now, int64_t play, bool runs);
/* Follow what is heard: presentation time at now. */
void reel__play_follow(reel_player *p, int64_t heard, int64_t now);
/* Presentation time of a play time, near what is shown. */
int64_t reel__play_time(const reel_player *p, int64_t play);

/* ---- run.c ---- */

void reel__decode_run(reel_task *task, void *user);
void reel__pace_run(reel_task *task, void *user);
/* The lock is held. Something has changed for them: post them, unless they are. */
void reel__wake_decode(reel_player *p);
void reel__wake_pace(reel_player *p);
/* INLINE: decode until the ring is full. */
void reel__decode_all(reel_player *p);
/* Show what is due. Gives when something is due next, REEL__NEVER_AT: nothing is. */
int64_t reel__pace(reel_player *p, int64_t now);
int64_t reel__player_now(const reel_player *p);
/* The lock is held: let go of all frames of the ring. */
void reel__ring_clear(reel_player *p);

#endif
