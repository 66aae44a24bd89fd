/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sound that was decoded: where it belongs, how much of it is heard, and as a reel_frame.
 *
 *   media       | packet 0 | packet 1 | packet 2 |  ...
 *   edit list        |<--- is heard --->|
 *   frames           |  f0 |    f1     f2|           front of packet 0 is priming, what is behind the end is padding
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <reel/meta.h>
#include <reel/time.h>

#include "frame/base/fail.h"
#include "frame/decode/room.h"

enum { MOST_CHANNELS = 1024 };

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t sooner(int64_t a, int64_t b) { return a < b ? a : b; }

/* ---- priming without an edit list ---- */

/* " 00000000 00000840 000001CA 00000000003F31F6 ...": priming, padding, and how much is between them. */
static void take_smpb(reel__sound *s, reel_span text)
{
    enum { PRIMING = 1, ALL = 3, NUMBERS = 4, MOST_PRIMING = 1 << 16 };
    char line[64] = "", *at = line, *end;
    unsigned long long n[NUMBERS];
    memcpy(line, text.data, text.size < sizeof line - 1 ? text.size : sizeof line - 1);
    for (int i = 0; i < NUMBERS; i++, at = end) {
        n[i] = strtoull(at, &end, 16);
        if (end == at)
            return;
    }
    if (n[PRIMING] > MOST_PRIMING || n[ALL] > INT64_MAX / 2)
        return;
    s->from = (int64_t)n[PRIMING];
    s->to = n[ALL] ? (int64_t)(n[PRIMING] + n[ALL]) : INT64_MAX;
}

static void ask_tags(reel_decoder *dec)
{
    reel_tag_iter it;
    reel_tag tag;
    if (reel_tag_iter_init(&it, dec->movie, NULL) != REEL_OK)
        return;
    while (reel_tag_next(&it, &tag) == REEL_OK)
        if (strcmp(tag.key, "com.apple.iTunes:iTunSMPB") == 0)
            take_smpb(&dec->sound, tag.value);
}

static void ask_description(reel_decoder *dec)
{
    reel_description d;
    if (reel_track_description(dec->track, 1, &d, NULL) != REEL_OK)
        return;
    if (d.format == REEL_4CC('O', 'p', 'u', 's') && d.decoder_specific.size >= 4)
        dec->sound.from = d.decoder_specific.data[2] << 8 | d.decoder_specific.data[3];
    else if (d.format == REEL_4CC('m', 'p', '4', 'a'))
        ask_tags(dec);
}

void reel__sound_set_up(reel_decoder *dec)
{
    reel_track_info info;
    reel_moment m;
    reel_sample s;
    reel__sound *sound = &dec->sound;
    reel_track_get_info(dec->track, &info);
    *sound = (reel__sound){.is = info.type == REEL_TRACK_AUDIO, .to = INT64_MAX, .last = {.key = -1}};
    if (!sound->is)
        return;
    /* A list whose edits all last no time counts as none. */
    int rc = reel_track_media_time(dec->track, 0, &m);
    sound->edits = rc != REEL_OK || m.edit != 0;
    if (sound->edits)
        return;
    if (reel_track_sample(dec->track, 0, &s, NULL) == REEL_OK)
        sound->first_pts = s.pts;
    ask_description(dec);
}

/* ---- many short samples as one ---- */

void reel__sound_gather(reel_decoder *dec)
{
    enum { MOST = 1024, MOST_BYTES = 1 << 16 }; /* a fiftieth of a second; seeking goes to the sample all the same */
    reel_sample *all = &dec->sample, next;
    reel_cursor c = dec->cursor;
    for (int i = 1; i < MOST; i++) {
        if (reel_cursor_next(&c, &next, NULL) != REEL_OK || next.offset != all->offset + all->size ||
            next.description != all->description || next.pts != all->pts + all->duration ||
            all->size + next.size > MOST_BYTES || all->duration > UINT32_MAX - next.duration)
            return;
        all->size += next.size;
        all->duration += next.duration;
        dec->cursor = c;
    }
}

/* ---- what is heard ---- */

/* Of the media [from, to), the first tick that an edit shows, and the end of the last. False: none is. */
static bool heard(const reel_track *track, int64_t from, int64_t to, int64_t *first, int64_t *end)
{
    enum { PIECES = 8 }; /* edits that one packet may lie in */
    bool any = false;
    for (int i = 0; i < PIECES && from < to; i++) {
        int64_t start, stop;
        reel_moment m;
        if (reel_track_presentation_span(track, from, (uint64_t)(to - from), &start, &stop) != REEL_OK ||
            reel_track_media_time(track, start, &m) != REEL_OK || m.kind != REEL_EDIT_MEDIA || m.media_time < from)
            break;
        *first = any ? *first : m.media_time;
        *end = from = m.media_time + later(stop - start, 1);
        any = true;
    }
    return any;
}

typedef struct scale {
    uint32_t ticks, rate;
} scale;

static int64_t ticks_of(scale s, int64_t samples) { return reel_rescale(samples, s.rate, s.ticks); }
static int64_t samples_of(scale s, int64_t ticks) { return reel_rescale(ticks, s.ticks, s.rate); }

/* [*front, *stop) of the n samples, as the edit list says. */
static void cut_by_edits(const reel_decoder *dec, scale s, const reel__stretch *at, int64_t *front, int64_t *stop)
{
    int64_t begin = at->sample.pts + ticks_of(s, at->before);
    int64_t end = at->sample.pts + ticks_of(s, at->before + *stop), from, to;
    if (!heard(dec->track, begin, later(end, begin + 1), &from, &to)) {
        *stop = 0;
        return;
    }
    if (to < end)
        *stop = sooner(*stop, samples_of(s, to - begin));
    if (from > begin)
        *front = sooner(*stop, samples_of(s, from - begin));
}

static void cut_by_priming(const reel_decoder *dec, scale s, const reel__stretch *at, int64_t *front, int64_t *stop)
{
    const reel__sound *sound = &dec->sound;
    int64_t begin = samples_of(s, at->sample.pts - sound->first_pts) + at->before;
    if (sound->to != INT64_MAX)
        *stop = later(0, sooner(*stop, sound->to - begin));
    *front = sooner(*stop, later(0, sound->from - begin));
}

/* The film's last sample lasts for as long as the table says: what its packet decodes to behind that is padding. */
static void cut_end(const reel_decoder *dec, scale s, const reel__stretch *at, int64_t *stop)
{
    reel_sample next;
    int64_t lasts = samples_of(s, at->sample.duration) - at->before, tick = s.rate > s.ticks ? s.rate / s.ticks + 1 : 0;
    if (at->sample.flags & REEL_SAMPLE_LONG || !at->sample.duration || lasts + tick >= *stop)
        return;
    if (reel_track_sample(dec->track, at->sample.index + 1, &next, NULL) == REEL_E_RANGE)
        *stop = later(0, lasts);
}

reel__stretch reel__sound_place(reel_decoder *dec)
{
    const AVFrame *f = dec->frame;
    const reel__flying *fl = reel__flight_find(dec, f->pts);
    reel__stretch at = dec->sound.last;
    at.before += dec->sound.last_all;
    if (fl && fl->key != at.key)
        at = (reel__stretch){.sample = fl->sample, .known = true, .key = fl->key};
    int64_t front = 0, stop = f->nb_samples;
    if (at.known && f->sample_rate > 0 && dec->timescale) {
        const scale s = {dec->timescale, (uint32_t)f->sample_rate};
        cut_end(dec, s, &at, &stop);
        if (dec->sound.edits)
            cut_by_edits(dec, s, &at, &front, &stop);
        else
            cut_by_priming(dec, s, &at, &front, &stop);
    }
    at.front = front;
    at.n = later(0, stop - front);
    return at;
}

void reel__sound_passed(reel_decoder *dec, const reel__stretch *s, int64_t all)
{
    dec->sound.last = *s;
    dec->sound.last_all = all;
}

/* ---- in memory ---- */

static bool planar(const AVFrame *f) { return av_sample_fmt_is_planar(f->format) != 0; }

bool reel__sound_layout(const AVFrame *f, size_t *stride, size_t *size)
{
    enum { ALIGN = 64, ROUND = 32 }; /* loops of libavcodec go on to a multiple of 32 samples */
    int channels = reel__av_channels(f), bytes = av_get_bytes_per_sample(f->format);
    if (channels < 1 || channels > MOST_CHANNELS || bytes < 1 || f->nb_samples < 1 ||
        f->nb_samples > INT_MAX - ROUND)
        return false;
    uint64_t n = ((uint64_t)f->nb_samples + ROUND - 1) / ROUND * ROUND * (uint64_t)bytes; /* 2^34 at most */
    uint64_t row = ((planar(f) ? n : n * (uint64_t)channels) + ALIGN - 1) / ALIGN * ALIGN;
    uint64_t all = planar(f) ? row * (uint64_t)channels : row;
    if (all > INT_MAX)
        return false;
    *stride = (size_t)row;
    *size = (size_t)all;
    return true;
}

bool reel__sound_point(AVFrame *f, uint8_t *data)
{
    size_t stride, size;
    int rows = planar(f) ? reel__av_channels(f) : 1;
    if (!reel__sound_layout(f, &stride, &size))
        return false;
    f->extended_data = f->data;
    if (rows > AV_NUM_DATA_POINTERS)
        f->extended_data = av_mallocz((size_t)rows * sizeof *f->extended_data);
    if (!f->extended_data)
        return false;
    for (int i = 0; i < rows; i++) {
        f->extended_data[i] = data + (size_t)i * stride;
        if (i < AV_NUM_DATA_POINTERS)
            f->data[i] = f->extended_data[i];
    }
    f->linesize[0] = (int)stride;
    return true;
}

/* Do the channels lie where reel__sound_point put them? */
static bool in_place(const AVFrame *f)
{
    int rows = planar(f) ? reel__av_channels(f) : 1;
    for (int i = 1; i < rows; i++)
        if (f->extended_data[i] != f->extended_data[0] + (ptrdiff_t)i * f->linesize[0])
            return false;
    return true;
}

static int copy_out(reel_decoder *dec, const AVFrame *f, reel_buffer **out, size_t *stride)
{
    size_t size;
    reel_layout unused;
    int rows = planar(f) ? reel__av_channels(f) : 1;
    if (!reel__sound_layout(f, stride, &size))
        return REEL_E_DECODE;
    int rc = reel__decode_buffer_for(dec, dec->ctx, f, &unused, out);
    if (rc != REEL_OK)
        return rc == REEL_E_CANCELLED ? rc : REEL_E_NOMEM;
    size_t each = (size_t)av_get_bytes_per_sample(f->format) * (size_t)f->nb_samples;
    each *= planar(f) ? 1 : (size_t)reel__av_channels(f);
    for (int i = 0; i < rows; i++)
        memcpy(reel_buffer_data(*out) + (size_t)i * *stride, f->extended_data[i], each);
    REEL__TALLY(dec, wrapped, 1);
    return REEL_OK;
}

static void describe(const AVFrame *f, const reel__stretch *s, uint8_t *data, size_t stride, reel_frame *out)
{
    size_t bytes = (size_t)av_get_bytes_per_sample(f->format), channels = (size_t)reel__av_channels(f);
    size_t step = planar(f) ? bytes : bytes * channels;
    out->data[0] = data + (size_t)s->front * step;
    out->stride[0] = (ptrdiff_t)(planar(f) ? stride : step);
    out->width = (uint32_t)s->n;
    out->height = (uint32_t)channels;
    out->sample_rate = f->sample_rate > 0 ? (uint32_t)f->sample_rate : 0;
    out->channel_mask = reel__av_channel_mask(f);
    out->flags = REEL_FRAME_KEY | (f->decode_error_flags || f->flags & AV_FRAME_FLAG_CORRUPT ? REEL_FRAME_DAMAGED : 0);
}

int reel__sound_make_frame(reel_decoder *dec, const reel__stretch *s, reel_frame **out, reel_error *err)
{
    AVFrame *f = dec->frame;
    const reel_layout anywhere = {.format = {.id = reel__sound_format(f->format), .planes = 1},
                                  .width = 1, .height = 1};
    reel_buffer *own = reel__decode_buffer_of(dec, f), *b = in_place(f) ? own : NULL;
    size_t stride = b ? (size_t)f->linesize[0] : 0;
    if (!anywhere.format.id || f->sample_rate < 1 || reel__av_channels(f) < 1)
        return reel__frame_fail(err, REEL_E_DECODE, "%s gave sound that has no format", dec->ctx->codec->name);
    int rc = b ? REEL_OK : copy_out(dec, f, &b, &stride);
    if (rc != REEL_OK)
        return reel__frame_fail(err, rc, "no buffer for a frame of sound");
    uint8_t *data = b == own ? f->extended_data[0] : reel_buffer_data(b);
    rc = reel_frame_over(b, &anywhere, out, err);
    if (rc == REEL_OK)
        describe(f, s, data, stride, *out);
    if (b != own)
        reel_buffer_unref(&b);
    if (rc == REEL_OK)
        av_frame_unref(f);
    return rc;
}
