/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoder between its files.
 *
 *   track --cursor--> sample --packet--> AVPacket            its buffer is our reference on the film
 *                        |                   |
 *                     flight[]            libavcodec --get_buffer2--> room --pool--> reel_buffer
 *                        |                   |                                          |
 *                        +----- pts = key ---+--> AVFrame ------------------------> reel_frame
 *
 * The key is what a packet carries as its pts, and what libavcodec hands on to the picture, wherever its order goes:
 * the sample's number. libavcodec orders pictures by what the stream itself says, never by it.
 *
 * A room is a shape of picture and the pool for it. get_buffer2 runs on the codec's threads: rooms are under the lock.
 */
#ifndef REEL_FRAME_DECODE_ROOM_H
#define REEL_FRAME_DECODE_ROOM_H

#include <pthread.h>
#include <stdatomic.h>

#include <reel/codec.h>
#include <reel/cursor.h>
#include <reel/decode.h>

#include "frame/base/entry.h"
#include "frame/decode/av.h"

enum {
    REEL__FLIGHT = 512, /* samples that are remembered; a power of two. No codec holds back half as many */
    REEL__ROOMS = 3,    /* a stream that changes its size back and forth keeps its pools */
    /*
     * libavcodec wants AV_INPUT_BUFFER_PADDING_SIZE bytes behind a packet, zeros so that codes run into nonsense there.
     * Behind ours lie other samples. Its unchecked bit readers look at the end once a macroblock only, and a damaged
     * one of the largest kind may read on for about 6000 bytes of them: so much must be there, else it is copied.
     */
    REEL__SLACK = 16384,
};

typedef struct reel__room {
    int format, width, height; /* AVPixelFormat and the size that the codec asked for */
    bool unfit;                /* the caller's pool is too small for it */
    reel_layout layout;
    reel_pool *pool; /* NULL: this room is not in use */
} reel__room;

typedef struct reel__flying {
    int64_t key; /* -1: nobody */
    reel_sample sample;
} reel__flying;

/* Keeps AVFrames whose memory is the codec's, and the headers for them; lives as long as any is out. */
typedef struct reel__wraps reel__wraps;

#define REEL__DECODER_COUNTS(X)                                                                               \
    X(packets) X(bytes) X(copies) X(frames) X(wrapped) X(damaged) X(dropped) X(skipped) X(errors) X(lost) X(resyncs) \
    X(seeks) X(waits) X(refused) X(unfit) X(pools) X(switches)

typedef struct reel__counts {
#define REEL__COUNT_FIELD(name) _Atomic uint64_t name;
    REEL__DECODER_COUNTS(REEL__COUNT_FIELD)
#undef REEL__COUNT_FIELD
} reel__counts;

#define REEL__TALLY(dec, name, n) atomic_fetch_add_explicit(&(dec)->counts.name, (n), memory_order_relaxed)

typedef enum reel__phase {
    REEL__RUNNING = 0,
    REEL__DRAINING, /* the codec was told that there is no more */
    REEL__DRAINED,
} reel__phase;

/* What becomes of the configuration box. */
typedef enum reel__extradata {
    REEL__NOTHING = 0,
    REEL__AS_IT_IS,   /* the body of the box, or the decoder specific info of an esds */
    REEL__OPUS_HEAD,  /* dOps, as Ogg has it */
    REEL__STREAMINFO, /* the first block of dfLa, without its header */
    REEL__WHOLE_BOX,  /* with size and type: alac */
} reel__extradata;

/* A sample entry, and the codec that it means. */
typedef struct reel__codec_row {
    char fourcc[5];
    uint8_t oti; /* of an esds; 0: the fourcc says it all */
    uint8_t extradata;
    enum AVCodecID id;
} reel__codec_row;

/* Which part of a frame of sound is handed over, and where it belongs. */
typedef struct reel__stretch {
    reel_sample sample; /* that it was decoded from */
    bool known;         /* sample is; else it has no time */
    int64_t key;
    int64_t before;     /* samples of each channel that the same packet gave in earlier frames */
    int64_t front, n;   /* of this frame n are heard, behind front that are not */
} reel__stretch;

/* What a decoder knows of sound. */
typedef struct reel__sound {
    bool is;            /* the track has sound, no pictures */
    bool edits;         /* an edit list says what is heard; else: */
    int64_t from, to;   /* samples of each channel, counted from the track's first; to INT64_MAX: to the end */
    int64_t first_pts;
    enum AVCodecID codec;
    bool gathers;       /* samples are so short that a packet is made of many: PCM */
    reel__stretch last; /* of the frame that came last */
    int64_t last_all;   /* samples of each channel in it */
} reel__sound;

/* Why the codec is being drained. */
typedef enum reel__reason { REEL__FOR_END = 0, REEL__FOR_SWITCH, REEL__FOR_RESYNC, REEL__FOR_RENEWAL } reel__reason;

struct reel_decoder {
    const reel_track *track;
    reel_movie *movie;
    reel_allocator alloc;
    reel_decoder_options options;
    uint32_t timescale;

    AVCodecContext *ctx;
    AVPacket *packet;
    AVFrame *frame;
    bool full;            /* frame holds a picture that has not been handed over yet */
    uint32_t description; /* that ctx was made for */
    reel_description d;
    reel__sound sound;
    int reorder;          /* how many pictures are shown before one that was decoded earlier, as the tables say */

    /* Where reading is. */
    reel_cursor cursor;
    reel_sample sample;   /* the next one, when has_sample */
    bool has_sample, at_end;
    uint64_t last_sent;   /* REEL_NO_INDEX: none since the last beginning */
    uint64_t last_sync;   /* sync sample sent last */
    reel__phase phase;
    reel__reason reason;

    /* Where a seek goes. */
    bool seeking;
    reel_sample target;
    uint64_t entry;       /* where decoding began for it */
    reel__entry_memo memo;
    uint32_t tries;
    int passed;           /* pictures that came before it against the tables */
    bool shown_any;       /* something came out since the last beginning: */
    int64_t shown_pts;
    reel_sample came;     /* the last of those */
    bool repeat;          /* the target has come out already: only what is behind it */
    uint32_t outs;        /* how often memory was out since a frame came out */

    /* reel_decoder_only */
    const uint64_t *only;
    size_t only_count;  /* 0: all are wanted */
    uint8_t only_layer; /* the highest temporal layer of them; NO_LAYER: not looked at yet */
    bool spared;        /* since the last beginning something was left out, or reading ended early, */
    bool all;           /* which is not done any more: a picture did not come that way */

    uint64_t bad_from, bad_to; /* samples whose pictures cannot be trusted: [from, to); from NO_INDEX: none */
    uint64_t bad_leading; /* and those between the sync sample bad_to and this one, which lead it and refer to those */
    bool tainted;         /* the codec met an error: what it keeps besides pictures may be wrong too */
    reel_sample shown;    /* of the frame that came out last */
    bool shown_known;
    uint32_t shown_format;

    atomic_bool stop;     /* reel_decoder_interrupt; cleared by its caller's next seek or flush only */
    atomic_bool flushing; /* what the codec's threads are about nobody wants any more */
    atomic_bool starved;  /* a picture found no buffer */
    atomic_bool dry;      /* there was no memory for one */
    reel__counts counts;

    pthread_mutex_t lock; /* rooms, spare */
    reel__room rooms[REEL__ROOMS];
    uint32_t next_room;
    reel__wraps *wraps;

    reel__flying flight[REEL__FLIGHT];
};

/* ---- decode.c ---- */

/* All that is under way, and what is known of it. An interruption stays. */
void reel__decode_forget(reel_decoder *dec);

/* ---- codec.c: which codec, and what it wants to know before the first sample ---- */

/* Open dec->ctx for description i. On failure there is none. */
int reel__decode_configure(reel_decoder *dec, uint32_t i, reel_error *err);
/* The first of these rows that fits; false: none does. */
bool reel__codec_find(const reel__codec_row *from, size_t n, const reel_description *d, reel__codec_row *out);

/* ---- only.c: what need not be decoded when few are wanted ---- */

/* Is it, or are all, wanted? */
bool reel__decode_is_wanted(const reel_decoder *dec, uint64_t index);
/* Does it lie behind all that are wanted? */
bool reel__decode_is_behind(const reel_decoder *dec, uint64_t index);
/* Can it be left out, as nothing wanted refers to it? */
bool reel__decode_is_idle(reel_decoder *dec, const reel_packet *packet);

/* ---- codec_sound.c ---- */

/* The row for a sample entry of sound; false: there is none. */
bool reel__sound_codec(const reel_description *d, reel__codec_row *out);
/* Extradata as libavcodec wants it, of at most from.size + 8 bytes. Gives its size. */
size_t reel__sound_extradata(reel__extradata kind, reel_span from, uint8_t *to);
/* How many samples before the first that is heard are to be decoded, so that it comes out as it should. */
uint64_t reel__sound_roll(const reel_decoder *dec, const reel_sample *target);

/* ---- sound.c: what is heard of what was decoded ---- */

void reel__sound_set_up(reel_decoder *dec);
/* dec->sample and those behind it that lie there without a gap, as one. */
void reel__sound_gather(reel_decoder *dec);
/* Where dec->frame belongs. */
reel__stretch reel__sound_place(reel_decoder *dec);
/* It had so many samples in each channel, and is gone: handed over, or nobody wants it. */
void reel__sound_passed(reel_decoder *dec, const reel__stretch *s, int64_t all);
/* dec->frame as a frame. */
int reel__sound_make_frame(reel_decoder *dec, const reel__stretch *s, reel_frame **out, reel_error *err);
/* Where libavcodec is to put its samples: planar ones at the same distance from each other. */
bool reel__sound_layout(const AVFrame *f, size_t *stride, size_t *size);
/* False: no memory. */
bool reel__sound_point(AVFrame *f, uint8_t *data);

/* ---- format.c: pixel formats, and those of sound ---- */

/* 0: none that has a name here. */
uint32_t reel__sound_format(int av_format);

/* False: hardware, palettes, bits, or more planes than reel_frame has. */
bool reel__decode_format(int pixel, reel_format *out);

/* ---- memory.c: pictures in buffers of ours ---- */

/* A buffer that is large enough for what f says, and how it is laid out (of sound: the size). */
int reel__decode_buffer_for(reel_decoder *dec, AVCodecContext *ctx, const AVFrame *f, reel_layout *layout,
                            reel_buffer **out);
int reel__decode_get_buffer(AVCodecContext *ctx, AVFrame *frame, int flags);
/* The pool that pictures come from now, a reference more; NULL: not known yet. */
reel_pool *reel__decode_pool(reel_decoder *dec);
/* A buffer of pool, waiting as it says, or REEL_E_AGAIN (starved is set), or REEL_E_CANCELLED when interrupted. */
int reel__decode_take(reel_decoder *dec, reel_pool *pool, reel_buffer **out);
void reel__decode_forget_rooms(reel_decoder *dec);
/* The buffer of a picture that get_buffer2 made; NULL: it is the codec's own. */
reel_buffer *reel__decode_buffer_of(const reel_decoder *dec, const AVFrame *frame);

/* ---- frame.c: an AVFrame as a reel_frame ---- */

reel__wraps *reel__wraps_new(const reel_allocator *alloc);
void reel__wraps_close(reel__wraps *wraps);
/* How many buffers of ours the codec has. */
atomic_uint *reel__wraps_lent(reel__wraps *wraps);
/* dec->frame as a frame, but for what the sample says. dec->frame is empty afterwards, unless it failed. */
int reel__decode_make_frame(reel_decoder *dec, reel_frame **out, reel_error *err);

/*
 * dec->frame as the next frame that comes out, with all that its sample says; what it was about is noted. *out stays
 * NULL with REEL_OK where it is sound that is not heard.
 */
int reel__decode_show(reel_decoder *dec, reel_frame **out, reel_error *err);

/* Note that a picture of this sample (NULL: of nobody knows which) came out of the codec. */
void reel__decode_came_out(reel_decoder *dec, const reel_sample *s);

/* ---- feed.c: samples into the codec ---- */

void reel__flight_clear(reel_decoder *dec);
reel__flying *reel__flight_find(reel_decoder *dec, int64_t key);
/* What a negative AVERROR means here. */
int reel__decode_code(int averror);
/*
 * Give the codec a packet. REEL_E_AGAIN: it is full (or another description: phase is DRAINING then). REEL_E_DECODE,
 * REEL_E_NOMEM, REEL_E_CANCELLED: averror says more.
 */
int reel__decode_send(reel_decoder *dec, const reel_packet *packet, reel_error *err);
int reel__decode_drain(reel_decoder *dec, reel__reason why);
/* The codec's next picture into dec->frame (dec->full), REEL_E_AGAIN, REEL_END (phase is DRAINED), or its error. */
int reel__decode_receive(reel_decoder *dec, reel_error *err);
/* May this sample be left out? */
bool reel__decode_unwanted(const reel_decoder *dec, const reel_sample *sample);

#endif
