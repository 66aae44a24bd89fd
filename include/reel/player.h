/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/player.h: the pictures of a track at their times. Link with -lreel-frame.
 *
 *   decoding --frames--> ring (options.ahead) --at their times--> show
 *   a task of sched                            a task of pacer, by absolute deadlines
 *
 * A player has no thread of its own: what it does are tasks, so that hundreds share the threads of two schedulers. What
 * is shown is what the time rule says (reel/time.h): an empty edit shows nothing (show with frame NULL), one that dwells
 * holds its picture. A frame is never shown before its time, and never after one that comes later.
 *
 * Sound is not a player's: decode it with a reel_decoder on the sound track, hand its frames to whatever plays them, and let
 * options.audio tell the time that is heard now: pictures then follow the sound.
 *
 * Times. `time` is presentation time, ns from the film's beginning. `due` and `late` are of reel_clock_now (or, with
 * REEL_PLAYER_POLL, of whoever polls). The clock of a player starts when the ring is full for the first time; it goes on
 * when frames come late (but see REEL_LATE_WAIT), and follows options.audio where that is given.
 *
 * Threads: every function may be called from any thread, from the callbacks too, but for reel_player_close, beside which
 * nothing may run, and which refuses to be called by its own callbacks. show and ended come from one thread at a time, errors from
 * another one perhaps. Once the ring is warm nothing of ours is allocated per frame.
 */
#ifndef REEL_PLAYER_H
#define REEL_PLAYER_H

#include <reel/decode.h>
#include <reel/histogram.h>
#include <reel/sched.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_player reel_player;

#define REEL_PLAYER_LOOP 1u   /* behind the end comes the beginning, without a gap */
#define REEL_PLAYER_PAUSED 2u /* opened in pause: the first picture is shown, and stays */
#define REEL_PLAYER_POLL 4u   /* no pacer: reel_player_poll shows what is due, for a loop of events that there is */
#define REEL_PLAYER_INLINE 8u /* POLL, and decoding is done there too: no threads at all */

/* What happens when frames come too late. */
typedef enum reel_late {
    REEL_LATE_DROP = 0, /* catch up: frames whose time is over are not shown when the next is there; pictures that no
                           other needs are not decoded (reel_discard); then decoding goes on at the next sync sample */
    REEL_LATE_SHOW = 1, /* each frame is shown, however late; the clock goes on */
    REEL_LATE_WAIT = 2  /* each frame is shown, and the clock is put back by what it was late */
} reel_late;

#define REEL_SHOW_FIRST 1u   /* the first since the beginning, a seek or a stop */
#define REEL_SHOW_PREVIEW 2u /* shown in pause, by a seek or a step: late is 0 */

typedef struct reel_show {
    reel_frame *frame;  /* borrowed: take a reference to keep it; NULL: nothing is shown from now on (an empty edit) */
    int64_t time;       /* of presentation: where it begins, or where the seek led to inside of it */
    int64_t duration;   /* ns of presentation */
    int64_t due, late;  /* when it had to be shown, and how long ago that was when show was entered; never negative */
    uint64_t number;    /* shows before this one, since it was opened */
    uint64_t sample;    /* its number in the track; REEL_NO_INDEX when that is not known or there is no frame */
    uint32_t flags;     /* REEL_SHOW_* */
    uint32_t loop;      /* how often the film has begun anew */
} reel_show;

typedef void reel_player_show_fn(void *user, reel_player *player, const reel_show *show);
/* The last frame's time is over. Not with REEL_PLAYER_LOOP, unless nothing can be shown. code: REEL_OK, or what ended it. */
typedef void reel_player_ended_fn(void *user, reel_player *player, int code);
/* What went wrong and did not end it. From a thread that decodes. */
typedef void reel_player_report_fn(void *user, reel_player *player, const reel_error *what);
/* The presentation time in ns that is heard now; REEL_PLAYER_NO_TIME: nothing is. Must not call the player. */
typedef int64_t reel_player_audio_fn(void *user);
#define REEL_PLAYER_NO_TIME INT64_MIN

/* Zeros give the defaults. */
typedef struct reel_player_options {
    size_t sizeof_options; /* sizeof(reel_player_options) */
    reel_sched *sched;     /* where decoding runs; borrowed. NULL: its own, with `workers` threads (0: as many as cores) */
    reel_sched *pacer;     /* where frames are shown; borrowed; one with a single worker does for hundreds of players, so
                              that decoding never stands in the way. NULL: sched where that is given, else its own */
    uint32_t workers;
    uint32_t ahead;        /* decoded frames that wait; 0: 6 (reel play takes 8); 2 to 64 */
    uint32_t held;         /* frames that the caller keeps beside; 0: 2 */
    uint32_t late;         /* reel_late */
    uint32_t flags;        /* REEL_PLAYER_* */
    uint32_t threads;      /* of the codec, as in reel_decoder_options; 0: 1, as it is the players that run beside each
                              other */
    uint32_t thread_kind;
    double fps;            /* frames a second whatever the film says, gaps left out: 0.001 to 1000000; 0: the film's own
                              times */
    double rate;           /* 0: 1; 0.25 to 4 */
    int64_t late_limit;    /* ns: a frame that is later is missed; 0: as long as it lasts */
    int64_t spin;          /* ns before the time when it is awake, to spin until then; 0: 50 us; less: none. A pacer that
                              has no time to spare does not spin */
    reel_pool *pool;       /* as in reel_decoder_options */
    reel_player_show_fn *show; /* may be NULL */
    reel_player_ended_fn *ended;   /* may be NULL */
    reel_player_report_fn *report; /* may be NULL */
    reel_player_audio_fn *audio;   /* may be NULL; not used with fps */
    void *user;
    const reel_allocator *alloc; /* NULL: malloc; copied */
} reel_player_options;

/*
 * Open a player for a track with pictures, at its beginning; it plays at once, unless it is opened in pause. Keeps the
 * movie open. options may be NULL. REEL_E_ARG: track or out is NULL, options are impossible; else what
 * reel_decoder_open and reel_sched_open fail with. *out is NULL on failure; show may have been called only on success.
 */
REEL_API int reel_player_open(const reel_track *track, const reel_player_options *options, reel_player **out,
                              reel_error *err);
/*
 * Interrupts decoding, waits for callbacks that run, and sets *player to NULL. Frames that you hold stay. NULL allowed.
 * REEL_E_ARG, and nothing is done, from one of its own callbacks.
 */
REEL_API int reel_player_close(reel_player **player);

/* Go on; from the beginning where it was stopped or has ended. NULL: REEL_E_ARG, here and below. */
REEL_API int reel_player_play(reel_player *player);
/* Stand still on the frame that is shown. The ring fills up meanwhile. */
REEL_API int reel_player_pause(reel_player *player);
/* Stand at the beginning with nothing decoded: the frames that wait go back to their pool. */
REEL_API int reel_player_stop(reel_player *player);
/*
 * Show what is shown at this presentation time, exactly, and go on from there, or stay in pause. What is behind the end
 * is taken as the last moment, what is before the beginning as the first. Returns at once; decoding that is under way is
 * interrupted. Of several seeks the last counts. A frame from before may be in show at this moment, none follows.
 */
REEL_API int reel_player_seek(reel_player *player, int64_t time);
/* One frame further, in pause (it pauses first); the first one where it was stopped. REEL_END: it has ended. */
REEL_API int reel_player_step(reel_player *player);
/* Presentation against the clock: 0.25 to 4, else REEL_E_ARG. From now on, whatever runs. */
REEL_API int reel_player_set_rate(reel_player *player, double rate);
REEL_API int reel_player_set_loop(reel_player *player, bool loop);

/*
 * REEL_PLAYER_POLL and INLINE: show what is due at now (a clock of yours that never goes back; with POLL best
 * reel_clock_now; from -2^61 to 2^61, 73 years to each side). next (may be NULL) gets when to call again at the latest: INT64_MAX in pause and behind the end.
 * REEL_END: it has ended. REEL_E_ARG: not opened so, or no such time.
 */
REEL_API int reel_player_poll(reel_player *player, int64_t now, int64_t *next);

typedef enum reel_player_state {
    REEL_PLAYER_PLAYING = 0,
    REEL_PLAYER_STANDING, /* in pause */
    REEL_PLAYER_STOPPED,
    REEL_PLAYER_ENDED
} reel_player_state;

/* Everything since it was opened. */
typedef struct reel_player_stats {
    size_t sizeof_stats;       /* in: sizeof of this */
    reel_histogram *lateness;  /* in: added to it: late of each frame shown, ns, previews left out; or NULL */

    uint64_t presented; /* shows with a frame */
    uint64_t gaps;      /* shows without */
    uint64_t missed;    /* of presented: later than options.late_limit */
    uint64_t dropped;   /* frames that were not shown as their time was over: decoded or not. Those that the codec left
                           out are counted by the time that they would have lasted */
    uint64_t repeated;  /* times that a frame stood for as long again, as the next was not there */
    uint64_t skips;     /* times that decoding went on at a sync sample to catch up */
    uint64_t errors;    /* samples that could not be decoded */
    uint64_t lost;      /* samples without a frame for that */
    uint64_t seeks, loops, ends;
    uint64_t jumps;     /* times that the audio clock was too far away to be followed smoothly */
    uint64_t starved;   /* times that decoding found no buffer to decode into */
    int64_t late_max;   /* ns */
    int64_t time;       /* presentation time now */
    int64_t drift;      /* ns that audio is ahead, smoothed */
    double rate;
    uint32_t state;     /* reel_player_state */
    uint32_t ready;     /* frames in the ring */
    uint32_t discard;   /* reel_discard at this moment */
    int32_t code;       /* REEL_OK, or what ended it last */
    reel_decoder_stats decoder;
} reel_player_stats;

/* At any time. NULL, or another size: REEL_E_ARG. */
REEL_API int reel_player_get_stats(reel_player *player, reel_player_stats *out);

#ifdef __cplusplus
}
#endif
#endif
