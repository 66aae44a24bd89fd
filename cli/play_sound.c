/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * play_sound.c: samples of sound through libavcodec and libswresample into SDL's queue, each where the edit list has
 * it, with silence where there is none. What is heard is what was queued last, less what still waits.
 */
#include "play_window.h"

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <stdlib.h>
#include <string.h>

#include <reel/codec.h>
#include <reel/cursor.h>
#include <reel/time.h>

enum { NS = 1000000000, RATE = 48000, CHANNELS = 2, BUFFER = 1024, FRAME_BYTES = CHANNELS * (int)sizeof(float),
       AHEAD = RATE / 2 /* frames that wait at the sound card */, LONGEST_SILENCE = 10 * RATE };

struct sound {
    const reel_track *track;
    uint32_t timescale;
    reel_cursor cursor;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;
    SwrContext *convert;
    int made_rate, made_format, made_channels; /* of convert */
    SDL_AudioDeviceID device;
    bool runs, at_end;
    int64_t from;   /* ns: nothing before is heard */
    int64_t queued; /* ns: presentation time where what is queued ends */
};

/* ---- which codec ---- */

static enum AVCodecID mpeg_codec(const reel_description *d)
{
    return d->object_type_indication == 0x69 || d->object_type_indication == 0x6b ? AV_CODEC_ID_MP3 : AV_CODEC_ID_AAC;
}

static enum AVCodecID codec_of(const reel_description *d)
{
    switch (d->format) {
    case REEL_4CC('m', 'p', '4', 'a'): return mpeg_codec(d);
    case REEL_4CC('.', 'm', 'p', '3'): return AV_CODEC_ID_MP3;
    case REEL_4CC('O', 'p', 'u', 's'): return AV_CODEC_ID_OPUS;
    case REEL_4CC('f', 'L', 'a', 'C'): return AV_CODEC_ID_FLAC;
    case REEL_4CC('a', 'l', 'a', 'c'): return AV_CODEC_ID_ALAC;
    case REEL_4CC('a', 'c', '-', '3'): return AV_CODEC_ID_AC3;
    case REEL_4CC('e', 'c', '-', '3'): return AV_CODEC_ID_EAC3;
    case REEL_4CC('s', 'o', 'w', 't'): return AV_CODEC_ID_PCM_S16LE;
    case REEL_4CC('t', 'w', 'o', 's'): return AV_CODEC_ID_PCM_S16BE;
    case REEL_4CC('u', 'l', 'a', 'w'): return AV_CODEC_ID_PCM_MULAW;
    case REEL_4CC('a', 'l', 'a', 'w'): return AV_CODEC_ID_PCM_ALAW;
    default: return AV_CODEC_ID_NONE;
    }
}

/* RFC 7845 5.1 from the dOps box, whose numbers are the other way round. */
static size_t opus_head(const reel_span from, uint8_t *to)
{
    static const uint8_t magic[8] = {'O', 'p', 'u', 's', 'H', 'e', 'a', 'd'};
    memcpy(to, magic, sizeof magic);
    memcpy(to + 8, from.data, from.size);
    to[8] = 1;
    for (size_t i = 10; i < 16; i += i == 10 ? 2 : 4) { /* pre-skip; then the input's rate */
        size_t n = i == 10 ? 2 : 4;
        for (size_t b = 0; b < n; b++)
            to[i + b] = from.data[i - 8 + n - 1 - b];
    }
    to[16] = from.data[9]; /* gain */
    to[17] = from.data[8];
    return from.size + 8;
}

/* What a decoder is told: the box's body, but for those that libavcodec knows from other containers. */
static size_t extradata(enum AVCodecID id, const reel_description *d, uint8_t *to)
{
    const reel_span s = d->decoder_specific;
    if (id == AV_CODEC_ID_OPUS)
        return s.size >= 11 ? opus_head(s, to) : 0;
    if (id == AV_CODEC_ID_FLAC && s.size >= 42) { /* behind version, flags and the block's header: STREAMINFO */
        memcpy(to, s.data + 8, 34);
        return 34;
    }
    if (id == AV_CODEC_ID_ALAC) { /* the box as a whole */
        static const uint8_t head[8] = {0, 0, 0, 36, 'a', 'l', 'a', 'c'};
        memcpy(to, head, sizeof head);
        memcpy(to + 8, s.data, s.size);
        return s.size + 8;
    }
    if (id != AV_CODEC_ID_AAC || !s.size)
        return 0;
    memcpy(to, s.data, s.size);
    return s.size;
}

static bool open_codec(struct sound *s, const reel_description *d)
{
    enum AVCodecID id = codec_of(d);
    const AVCodec *codec = d->protection.scheme ? NULL : avcodec_find_decoder(id);
    s->codec = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!s->codec || d->decoder_specific.size > 1 << 16)
        return false;
    AVCodecParameters *p = avcodec_parameters_alloc();
    bool done = false;
    if (p) {
        p->codec_type = AVMEDIA_TYPE_AUDIO;
        p->codec_id = id;
        p->sample_rate = (int)d->sample_rate;
        p->bits_per_coded_sample = (int)d->bits_per_sample;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(59, 24, 100)
        av_channel_layout_default(&p->ch_layout, (int)d->channels);
#else
        p->channels = (int)d->channels;
#endif
        p->extradata = av_mallocz(d->decoder_specific.size + 64 + AV_INPUT_BUFFER_PADDING_SIZE);
        p->extradata_size = p->extradata ? (int)extradata(id, d, p->extradata) : 0;
        done = p->extradata && avcodec_parameters_to_context(s->codec, p) >= 0 &&
               avcodec_open2(s->codec, codec, NULL) == 0;
    }
    avcodec_parameters_free(&p);
    return done;
}

/* ---- from the codec's samples to the card's ---- */

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 28, 100)
static int channels_of(const AVFrame *f) { return f->ch_layout.nb_channels; }

static SwrContext *make_convert(AVFrame *f)
{
    SwrContext *made = NULL;
    AVChannelLayout stereo;
    av_channel_layout_default(&stereo, CHANNELS);
    int rc = swr_alloc_set_opts2(&made, &stereo, AV_SAMPLE_FMT_FLT, RATE, &f->ch_layout, f->format, f->sample_rate, 0,
                                 NULL);
    return rc == 0 ? made : NULL;
}
#else
static int channels_of(const AVFrame *f) { return f->channels; }

static SwrContext *make_convert(AVFrame *f)
{
    int64_t layout = f->channel_layout ? (int64_t)f->channel_layout : av_get_default_channel_layout(f->channels);
    return swr_alloc_set_opts(NULL, AV_CH_LAYOUT_STEREO, AV_SAMPLE_FMT_FLT, RATE, layout, f->format, f->sample_rate, 0,
                              NULL);
}
#endif

static bool ready_convert(struct sound *s)
{
    AVFrame *f = s->frame;
    if (s->convert && s->made_rate == f->sample_rate && s->made_format == f->format &&
        s->made_channels == channels_of(f))
        return true;
    swr_free(&s->convert);
    s->convert = make_convert(f);
    s->made_rate = f->sample_rate;
    s->made_format = f->format;
    s->made_channels = channels_of(f);
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

static void take_frame(struct sound *s)
{
    static float out[RATE * CHANNELS];
    uint8_t *to[1] = {(uint8_t *)out};
    const uint8_t *from[AV_NUM_DATA_POINTERS];
    int64_t shown;
    if (channels_of(s->frame) > AV_NUM_DATA_POINTERS)
        return;
    memcpy(from, s->frame->data, sizeof from);
    if (reel_track_presentation_time(s->track, s->frame->pts, 0, &shown) != REEL_OK || !ready_convert(s))
        return;
    int n = swr_convert(s->convert, to, RATE, from, s->frame->nb_samples);
    if (n > 0)
        queue(s, out, n, reel_rescale(shown, s->timescale, NS));
}

/* ---- reading ---- */

static bool send_sample(struct sound *s)
{
    reel_sample sample;
    reel_packet packet;
    if (reel_cursor_next(&s->cursor, &sample, NULL) != REEL_OK)
        return false;
    if (reel_packet_get(s->track, &sample, &packet, NULL) != REEL_OK)
        return true; /* silence will stand for it */
    if (sample.size < 1 << 24 && av_new_packet(s->packet, (int)sample.size) == 0) {
        memcpy(s->packet->data, packet.data, sample.size);
        s->packet->pts = sample.pts;
        avcodec_send_packet(s->codec, s->packet);
        av_packet_unref(s->packet);
    }
    reel_packet_unref(&packet);
    return true;
}

static int64_t waiting(const struct sound *s) { return SDL_GetQueuedAudioSize(s->device) / FRAME_BYTES; }

void sound_fill(struct sound *s)
{
    while (s && s->runs && !s->at_end && waiting(s) < AHEAD) {
        s->at_end = !send_sample(s);
        while (avcodec_receive_frame(s->codec, s->frame) == 0) {
            take_frame(s);
            av_frame_unref(s->frame);
        }
    }
}

void sound_start(struct sound *s, int64_t time)
{
    reel_moment m;
    uint64_t index = 0;
    if (!s)
        return;
    sound_stop(s);
    int64_t t = reel_rescale(time, NS, s->timescale);
    if (reel_track_media_time(s->track, t > 0 ? t : 0, &m) != REEL_OK)
        return;
    /* A sample early: decoders of AAC and others need it to begin well. */
    if (m.kind == REEL_EDIT_EMPTY || reel_track_find_pts(s->track, m.media_time, &index, NULL) != REEL_OK ||
        reel_cursor_seek(&s->cursor, index ? index - 1 : 0, NULL) != REEL_OK)
        reel_cursor_init(&s->cursor, s->track);
    avcodec_flush_buffers(s->codec);
    s->from = s->queued = time;
    s->at_end = false;
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

/* ---- open and close ---- */

static bool open_device(struct sound *s)
{
    const SDL_AudioSpec want = {.freq = RATE, .format = AUDIO_F32SYS, .channels = CHANNELS, .samples = BUFFER};
    s->device = SDL_OpenAudioDevice(NULL, 0, &want, NULL, 0);
    return s->device != 0;
}

struct sound *sound_open(const struct film *film, const reel_track *track)
{
    reel_description d;
    if (!track || SDL_InitSubSystem(SDL_INIT_AUDIO) != 0)
        return NULL;
    struct sound *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->track = track;
    s->timescale = reel_track_timescale(track);
    s->packet = av_packet_alloc();
    s->frame = av_frame_alloc();
    av_log_set_level(AV_LOG_QUIET);
    if (s->packet && s->frame && reel_cursor_init(&s->cursor, track) == REEL_OK &&
        reel_track_description(track, 1, &d, NULL) == REEL_OK && open_codec(s, &d) && open_device(s))
        return s;
    complain(film->name, "without sound: %s", s->codec ? SDL_GetError() : "nothing here decodes it");
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
    avcodec_free_context(&s->codec);
    av_packet_free(&s->packet);
    av_frame_free(&s->frame);
    free(s);
}
