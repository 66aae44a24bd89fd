/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * play_sound.c: decoded sound through libswresample into SDL's queue, edit by edit, with silence where there is none.
 * What is heard is what was queued last, less what still waits.
 */
#include "play_window.h"

#include <libavutil/channel_layout.h>
#include <libavutil/version.h>
#include <libswresample/swresample.h>
#include <stdlib.h>
#include <string.h>

#include <reel/decode.h>
#include <reel/time.h>

enum { NS = 1000000000, RATE = 48000, CHANNELS = 2, BUFFER = 1024, FRAME_BYTES = CHANNELS * (int)sizeof(float),
       AHEAD = RATE / 2 /* frames that wait at the sound card */, LONGEST_SILENCE = 10 * RATE, MOST_CHANNELS = 64 };

struct sound {
    const reel_track *track;
    uint32_t timescale;
    reel_decoder *decoder;
    SwrContext *convert;
    reel_frame made; /* what convert was made for: rate, format, channels */
    SDL_AudioDeviceID device;
    bool runs, at_end;
    int64_t shift;  /* ticks: presentation - media of the edit that plays */
    int64_t begin, until; /* ticks of presentation: of that edit, where it begins for us and ends */
    int64_t from;   /* ns: nothing before is heard */
    int64_t queued; /* ns: presentation time where what is queued ends */
};

/* ---- from the decoder's samples to the card's ---- */

static uint64_t mask_of(const reel_frame *f)
{
    return f->channel_mask ? f->channel_mask : f->height == 1 ? AV_CH_LAYOUT_MONO : f->height == 2 ? AV_CH_LAYOUT_STEREO : 0;
}

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 28, 100)
static SwrContext *make_convert(const reel_frame *f, enum AVSampleFormat format)
{
    SwrContext *made = NULL;
    AVChannelLayout stereo, in;
    av_channel_layout_default(&stereo, CHANNELS);
    if (!mask_of(f) || av_channel_layout_from_mask(&in, mask_of(f)) != 0)
        av_channel_layout_default(&in, (int)f->height);
    int rc = swr_alloc_set_opts2(&made, &stereo, AV_SAMPLE_FMT_FLT, RATE, &in, format, (int)f->sample_rate, 0, NULL);
    return rc == 0 ? made : NULL;
}
#else
static SwrContext *make_convert(const reel_frame *f, enum AVSampleFormat format)
{
    int64_t in = mask_of(f) ? (int64_t)mask_of(f) : av_get_default_channel_layout((int)f->height);
    return swr_alloc_set_opts(NULL, AV_CH_LAYOUT_STEREO, AV_SAMPLE_FMT_FLT, RATE, in, format, (int)f->sample_rate, 0,
                              NULL);
}
#endif

static bool ready_convert(struct sound *s, const reel_frame *f)
{
    if (s->convert && s->made.sample_rate == f->sample_rate && s->made.format == f->format &&
        s->made.height == f->height && s->made.channel_mask == f->channel_mask)
        return true;
    swr_free(&s->convert);
    s->convert = make_convert(f, av_get_sample_fmt(reel_decoder_format_name(f->format)));
    s->made = *f;
    return s->convert && swr_init(s->convert) == 0;
}

static int64_t frames_of(int64_t ns) { return reel_rescale(ns, NS, RATE); }

static void silence(struct sound *s, int64_t frames)
{
    static const float nothing[BUFFER * CHANNELS];
    frames = frames < LONGEST_SILENCE ? frames : LONGEST_SILENCE;
    for (; frames > 0; frames -= BUFFER)
        SDL_QueueAudio(s->device, nothing, (Uint32)((frames < BUFFER ? frames : BUFFER) * FRAME_BYTES));
}

/* n frames that begin at this presentation time. */
static void queue(struct sound *s, const float *data, int64_t n, int64_t time)
{
    int64_t gap = frames_of(time - s->queued);
    if (gap < 0 && frames_of(s->from - time) > 0) { /* before where it should begin */
        int64_t skip = frames_of(s->from - time);
        if (skip >= n)
            return;
        data += skip * CHANNELS;
        n -= skip;
        time = s->from;
    } else if (gap > RATE / 100) {
        silence(s, gap);
    }
    SDL_QueueAudio(s->device, data, (Uint32)(n * FRAME_BYTES));
    s->queued = time + reel_rescale(n, RATE, NS);
}

/* Of each channel n samples, from this one on. */
static void convert(struct sound *s, const reel_frame *f, int64_t first, int64_t n, int64_t time)
{
    static float out[RATE * CHANNELS];
    uint8_t *to[1] = {(uint8_t *)out};
    const uint8_t *from[MOST_CHANNELS];
    reel_sound_format format;
    if (f->height > MOST_CHANNELS || reel_sound_format_get(f->format, &format) != REEL_OK || !ready_convert(s, f))
        return;
    for (uint32_t c = 0; c < f->height; c++)
        from[c] = format.planar ? f->data[0] + (ptrdiff_t)c * f->stride[0] + first * format.bytes
                                : f->data[0] + first * f->stride[0];
    int got = swr_convert(s->convert, to, RATE, from, (int)n);
    if (got > 0)
        queue(s, out, got, time);
}

/* ---- reading, edit by edit ---- */

/* Go on with what is heard at presentation time t, or next after it. */
static void enter(struct sound *s, int64_t t)
{
    reel_moment m;
    uint64_t index;
    int rc;
    while ((rc = reel_track_media_time(s->track, t, &m)) == REEL_OK && m.kind != REEL_EDIT_MEDIA &&
           m.left != REEL_TIME_FOREVER)
        t += m.left;
    s->at_end = rc != REEL_OK || m.kind != REEL_EDIT_MEDIA ||
                reel_track_find_pts(s->track, m.media_time, &index, NULL) != REEL_OK ||
                reel_decoder_seek(s->decoder, index, NULL) != REEL_OK;
    if (s->at_end)
        return;
    s->begin = t;
    s->shift = t - m.media_time;
    s->until = m.left == REEL_TIME_FOREVER ? INT64_MAX : t + m.left;
}

static void take_frame(struct sound *s, const reel_frame *f)
{
    int64_t shown = f->pts + s->shift, end = shown + f->duration, first = 0, stop = f->width;
    if (shown >= s->until) {
        enter(s, s->until);
        return;
    }
    if (s->until < end)
        stop = reel_rescale(s->until - shown, s->timescale, f->sample_rate);
    if (s->begin > shown)
        first = reel_rescale(s->begin - shown, s->timescale, f->sample_rate);
    stop = stop < f->width ? stop : f->width;
    if (first < stop)
        convert(s, f, first, stop - first, reel_rescale(shown > s->begin ? shown : s->begin, s->timescale, NS));
}

static int64_t waiting(const struct sound *s) { return SDL_GetQueuedAudioSize(s->device) / FRAME_BYTES; }

void sound_fill(struct sound *s)
{
    reel_frame *f;
    while (s && s->runs && !s->at_end && waiting(s) < AHEAD) {
        int rc = reel_decoder_next(s->decoder, &f, NULL);
        if (rc == REEL_E_AGAIN)
            return;
        if (rc == REEL_END && s->until != INT64_MAX)
            enter(s, s->until);
        else
            s->at_end = rc != REEL_OK;
        if (rc == REEL_OK)
            take_frame(s, f);
        reel_frame_unref(&f);
    }
}

void sound_start(struct sound *s, int64_t time)
{
    if (!s)
        return;
    sound_stop(s);
    int64_t t = reel_rescale(time, NS, s->timescale);
    s->from = s->queued = time;
    enter(s, t > 0 ? t : 0);
    s->runs = true;
    sound_fill(s);
    SDL_PauseAudioDevice(s->device, 0);
}

void sound_stop(struct sound *s)
{
    if (!s)
        return;
    SDL_PauseAudioDevice(s->device, 1);
    SDL_ClearQueuedAudio(s->device);
    s->runs = false;
}

int64_t sound_heard(const struct sound *s)
{
    int64_t left = s && s->runs ? waiting(s) : 0;
    return left ? s->queued - reel_rescale(left + BUFFER, RATE, NS) : REEL_PLAYER_NO_TIME;
}

bool sound_over(const struct sound *s) { return !s || !s->runs || (s->at_end && waiting(s) == 0); }

/* ---- open and close ---- */

static bool open_device(struct sound *s)
{
    const SDL_AudioSpec want = {.freq = RATE, .format = AUDIO_F32SYS, .channels = CHANNELS, .samples = BUFFER};
    s->device = SDL_OpenAudioDevice(NULL, 0, &want, NULL, 0);
    return s->device != 0;
}

struct sound *sound_open(const struct film *film, const reel_track *track)
{
    const reel_decoder_options o = {.sizeof_options = sizeof o, .frames = 2};
    reel_error err = {.code = REEL_OK};
    if (!track || SDL_InitSubSystem(SDL_INIT_AUDIO) != 0)
        return NULL;
    struct sound *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->track = track;
    s->timescale = reel_track_timescale(track);
    if (reel_decoder_open(track, &o, &s->decoder, &err) == REEL_OK && open_device(s))
        return s;
    complain(film->name, "without sound: %s", s->decoder ? SDL_GetError() : err.text);
    sound_close(&s);
    return NULL;
}

void sound_close(struct sound **at)
{
    struct sound *s = at ? *at : NULL;
    if (!s)
        return;
    *at = NULL;
    if (s->device)
        SDL_CloseAudioDevice(s->device);
    swr_free(&s->convert);
    reel_decoder_close(&s->decoder);
    free(s);
}
