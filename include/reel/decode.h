/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/decode.h: from samples to frames, by libavcodec. Link with -lreel-frame.
 *
 * Nothing is copied on the way (stats.copies counts the exceptions). A sample goes in as a reference on the film's
 * mapping; the codec writes its picture into a buffer of a pool (reel/pool.h), and that buffer comes out as a
 * reel_frame. A codec that insists on its own memory (libdav1d) keeps it; its frames come out by reference too.
 *
 * Two ways to use it:
 *   pull   reel_decoder_seek, reel_decoder_next: it reads its track by itself, begins where decoding can begin, drops
 *          what lies before the sample that was asked for, and goes on behind damage
 *   push   reel_decoder_send, reel_decoder_receive: packets of your choice, order and errors are yours
 * Change from one to the other with reel_decoder_flush in between.
 *
 * Sound is decoded as pictures are. A frame of it (reel/pool.h says how it lies) has what is heard of one sample, of up to
 * 1024 where samples are as short as PCM's; reel_decoder_sample names the first. What the edit list does not show is
 * not there: priming before the first edit, padding behind the last, also where they end within a frame. Where there
 * is no edit list, iTunes' iTunSMPB and the pre-skip of Opus say how much is priming. The last sample of the track is as
 * long as its table says. Sound needs no threads, and has none; frame.format is a reel_sound.
 *
 * Frames come in order of presentation. frame.pts is the sample's pts in ticks of frame.timescale, before the edit list
 * (reel_track_presentation_time); frame.duration is the sample's, of sound that of what is left of it. Every picture is
 * of exactly one sample: reel_decoder_sample tells which. frame.format is a reel_pixel, or REEL_PIXEL_USER and
 * libavutil's number of the pixel format: reel_decoder_format describes it. The codec may still read a frame that came
 * out (later pictures refer to it): look, do not write.
 *
 * Threads: a decoder belongs to one thread at a time, but for reel_decoder_interrupt and reel_decoder_get_stats, which
 * any thread may call. Frames may be let go of anywhere, also after the decoder is closed. Besides the codec's own
 * memory nothing is allocated per frame once the pool is warm.
 *
 * A reel built without libavcodec has all of these functions; they give REEL_E_UNSUPPORTED.
 */
#ifndef REEL_DECODE_H
#define REEL_DECODE_H

#include <reel/packet.h>
#include <reel/pool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_decoder reel_decoder;

/* Which samples need not come out as frames. Each level leaves out what the ones before it do. */
typedef enum reel_discard {
    REEL_DISCARD_NONE = 0,
    REEL_DISCARD_NONREF = 1,   /* pictures that no other refers to */
    REEL_DISCARD_BIDIR = 2,    /* B pictures */
    REEL_DISCARD_NONINTRA = 3, /* all but I pictures */
    REEL_DISCARD_NONKEY = 4    /* all but sync samples: the others' bytes are not looked at */
} reel_discard;

typedef enum reel_decoder_threads {
    REEL_DECODER_THREADS_ANY = 0,   /* what the codec does best */
    REEL_DECODER_THREADS_FRAME = 1, /* several pictures at once: the most frames a second, later by as many */
    REEL_DECODER_THREADS_SLICE = 2  /* parts of one picture at once: no delay; few films are cut into slices */
} reel_decoder_threads;

#define REEL_DECODER_LOW_DELAY 1u    /* frames as early as the codec can: no frame threads */
#define REEL_DECODER_KEEP_DAMAGED 2u /* after an error go on with the next sample, not the next sync sample; what comes
                                        out until then is REEL_FRAME_DAMAGED */
#define REEL_DECODER_LOG 4u          /* let libavcodec write its messages to its log (av_log); else it keeps silent */
#define REEL_DECODER_ROUGH 8u        /* without the codec's loop filter, a tenth faster where it has one: the edges of blocks
                                        show a little, and more with each picture that refers to another. For small
                                        previews of key pictures */

/*
 * Told of what went wrong and did not end reel_decoder_next: code, sentence, the sample's offset. On that thread.
 * REEL_E_SHRUNK from when a guarded film was found cut short on: what comes may be made of zeros.
 */
typedef void reel_decoder_report_fn(void *user, const reel_error *what);

/* Zeros give the defaults. */
typedef struct reel_decoder_options {
    size_t sizeof_options;   /* sizeof(reel_decoder_options) */
    uint32_t threads;        /* 0: as many as the machine has processors; 1: all on the caller's */
    uint32_t thread_kind;    /* reel_decoder_threads */
    uint32_t discard;        /* reel_discard */
    uint32_t flags;          /* REEL_DECODER_* */
    uint32_t frames;         /* how many frames the caller will hold at once; sizes the decoder's own pool. 0: 8; more than a
                                pool may have (65534 with what the codec needs itself) counts as so many */
    uint32_t most_packets;   /* samples that one reel_decoder_next may read before it gives REEL_E_AGAIN; 0: no limit */
    int64_t budget_ns;       /* time that one reel_decoder_next may take, seen between samples; 0 or less: no limit.
                                Whatever both say, a call reads one sample at least */
    int64_t wait_ns;         /* own pool: how long to wait for a frame to come back. 0: 2 s, less: not at all */
    uint64_t most_pixels;    /* pictures with more are refused: REEL_E_UNSUPPORTED where the sample description says
                                so, else (a little later) as damage; 0: 2^28 */
    reel_pool *pool;         /* where frames lie; borrowed, the decoder takes its own reference. Its options say how to
                                wait. A picture that does not fit its buffers comes from the decoder's own pool, made
                                only then (stats.unfit). NULL: always its own */
    reel_decoder_report_fn *report; /* may be NULL */
    void *report_user;
    const reel_allocator *alloc; /* NULL: malloc; copied. libavcodec's memory does not come from here */
} reel_decoder_options;

/*
 * Make a decoder for a track with pictures or sound, standing before its first sample. Keeps the movie open. options may be
 * NULL. REEL_E_ARG: track or out is NULL, options are impossible, the track has neither. REEL_E_UNSUPPORTED: the
 * track is encrypted, its pictures have more than most_pixels, its format is none that libavcodec knows, this libavcodec
 * has no decoder for it (err says which), or reel was built without libavcodec. REEL_E_CONFIG: the codec refuses the
 * configuration. REEL_E_RANGE: no sample description. REEL_E_NOMEM. *out is NULL on failure.
 */
REEL_API int reel_decoder_open(const reel_track *track, const reel_decoder_options *options, reel_decoder **out,
                               reel_error *err);

/* Ends its threads and sets *dec to NULL. Frames that are out stay valid. NULL is allowed. */
REEL_API void reel_decoder_close(reel_decoder **dec);

/* ---- pull ---- */

/*
 * Make sample index (from 0, in decode order) the next that comes out, and after it what is shown later. Only finds
 * where to begin; reel_decoder_next does the work. It begins at the sync sample at or before index (one whose own bytes deny it,
 * see reel_sample_entry, is passed over; then some of the samples' first bytes are read here), or, when index is shown before that one (a leading picture of an open GOP), at the one before; and at an earlier one yet when the
 * picture comes out damaged or not at all. Sound begins as many samples earlier as a sample group 'roll' says, or its
 * codec needs to be as it was: what comes out is what came in order, but where a decoder adds noise (AC-3, AAC with PNS)
 * or never quite forgets (Opus). A sample that lies a little ahead in what is being decoded is reached by going on. With
 * a discard level that leaves the sample out, the next one that is not comes first. Also ends an
 * interruption. REEL_E_RANGE past the last sample; else what the tables' errors are. After a failure the
 * decoder stands where it stood.
 */
REEL_API int reel_decoder_seek(reel_decoder *dec, uint64_t index, reel_error *err);

/*
 * Only these n samples are wanted, their numbers ascending (one may stand there twice): frames of others do not come
 * out. Reading ends behind the last of them, and what the codec holds back then comes without being fed on. What none of
 * them needs is left out, as far as the stream says so (H.264: nal_ref_idc; HEVC: that, temporal layers, leading
 * pictures; MPEG-1, -2, -4: B pictures); stats.packets counts what was not. Best for samples of one group of pictures.
 * Then seek, to each in the order in which they are shown or to the first that is shown. samples is borrowed until the
 * next call; n of 0 (samples may be NULL): all are wanted again. REEL_E_ARG: no decoder, no samples, not ascending, or a
 * decoder of sound.
 */
REEL_API int reel_decoder_only(reel_decoder *dec, const uint64_t *samples, size_t n, reel_error *err);

/*
 * The next frame, one holder: the caller's. REEL_END after the last.
 *
 * A sample that cannot be read or decoded is reported (options.report), counted, and decoding goes on at the next sync
 * sample; it does not end the call. What ends it, *out being NULL:
 *   REEL_E_AGAIN    most_packets or budget_ns is used up, the source has the bytes not yet (err names them), or the
 *                   caller holds all the frames there may be and did not let go of one in time. Call again: nothing is
 *                   lost, except that with frame threads pictures may have found no buffer, which counts as damage
 *   REEL_E_CANCELLED  reel_decoder_interrupt; again and again until reel_decoder_seek or reel_decoder_flush
 *   REEL_E_NOMEM    no memory; call again, the frame is not lost (where the codec had some of it, it begins anew at the
 *                   sync sample before)
 *   REEL_E_FULL     the caller's pool has fewer buffers than the codec itself must keep: it needs a larger one
 *   REEL_E_UNSUPPORTED, REEL_E_CONFIG  the film goes on under a sample description that cannot be decoded; seek past it
 *   REEL_E_ARG      NULL
 */
REEL_API int reel_decoder_next(reel_decoder *dec, reel_frame **out, reel_error *err);

/* From the next sample on: a reel_discard. The decoder's thread. REEL_E_ARG: NULL, or no such level. */
REEL_API int reel_decoder_set_discard(reel_decoder *dec, uint32_t discard);

/* ---- push ---- */

/*
 * Give it a packet of the track; the decoder takes its own reference. NULL: there are no more (drain). REEL_E_AGAIN:
 * first receive what is there (always when the sample description changes), then send the same packet again.
 * REEL_E_DECODE: it could not be decoded, and was taken. Else as reel_decoder_next.
 */
REEL_API int reel_decoder_send(reel_decoder *dec, const reel_packet *packet, reel_error *err);
/* The next frame that is ready; else *out is NULL. REEL_E_AGAIN: send more. REEL_END: drained; flush before more is sent. */
REEL_API int reel_decoder_receive(reel_decoder *dec, reel_frame **out, reel_error *err);
/*
 * Forget all packets and frames that are under way, an interruption and an error too. The place in the track stays
 * where reading had come to: decoding there makes sense only at a sync sample, so seek, or send one. NULL does nothing.
 */
REEL_API void reel_decoder_flush(reel_decoder *dec);

/* ---- both ---- */

/* Any thread: end the running or the next call with REEL_E_CANCELLED, until reel_decoder_seek or _flush. NULL: no-op. */
REEL_API void reel_decoder_interrupt(reel_decoder *dec);

/* Whose frame came out last. REEL_E_NOT_FOUND before the first, and when the codec did not say. */
REEL_API int reel_decoder_sample(const reel_decoder *dec, reel_sample *out);
/* How the picture that came out last is made; id is its format. REEL_E_NOT_FOUND before the first, and for sound. */
REEL_API int reel_decoder_format(const reel_decoder *dec, reel_format *out);
/* The same for any frame's format, of whatever decoder: named ones, and REEL_PIXEL_USER and up. REEL_E_NOT_FOUND. */
REEL_API int reel_decoder_format_of(uint32_t format, reel_format *out);
/* The name of a frame's format as libavutil has it: "yuv420p10le", "fltp"; "?" for what it does not know. Never NULL. */
REEL_API const char *reel_decoder_format_name(uint32_t format);
/* The decoder that is at work, as libavcodec calls it: "h264", "libdav1d". Never NULL. */
REEL_API const char *reel_decoder_codec(const reel_decoder *dec);

/* Everything since it was opened. Each number is true by itself. */
typedef struct reel_decoder_stats {
    uint64_t packets;  /* samples given to the codec */
    uint64_t bytes;    /* of them */
    uint64_t copies;   /* of them copied: the end of the source is near (16 KiB), or their codec wants zeros behind them
                          (MPEG-1, -2, -4 part 2, H.263, VC-1, SVQ1: decoders of old, and small samples) */
    uint64_t frames;   /* that came out */
    uint64_t wrapped;  /* of them in memory of the codec's own; of sound: copied from there */
    uint64_t damaged;  /* of them flagged so */
    uint64_t dropped;  /* pictures decoded only to reach another */
    uint64_t skipped;  /* samples not given to the codec, as nobody wanted them (options.discard, reel_decoder_only), or
                          empty */
    uint64_t errors;   /* samples that could not be read or decoded */
    uint64_t lost;     /* samples without a frame for that, those skipped to the next sync sample included */
    uint64_t resyncs;  /* how often it went on at a sync sample */
    uint64_t seeks;    /* how often it began anew for reel_decoder_seek */
    uint64_t waits;    /* how often a picture had to wait for a buffer */
    uint64_t refused;  /* how often it got none */
    uint64_t unfit;    /* pictures too large for the caller's pool */
    uint64_t pools;    /* pools of its own that it made */
    uint64_t switches; /* changes of the sample description */
} reel_decoder_stats;

/* Any thread. NULL gives zeros; a NULL out does nothing. */
REEL_API void reel_decoder_get_stats(const reel_decoder *dec, reel_decoder_stats *out);

#ifdef __cplusplus
}
#endif
#endif
