/* SPDX-License-Identifier: BSD-2-Clause */
/* subtitles.c: timed text as WebVTT and SubRip: which samples are wanted; the library makes the file of them. */
#include "extract.h"

static bool text_fits(const reel_description *d)
{
    return d->codec_format == REEL_4CC('w', 'v', 't', 't') || d->codec_format == REEL_4CC('t', 'x', '3', 'g') ||
           d->codec_format == REEL_4CC('t', 'e', 'x', 't');
}

static int text_begin(struct extract *x, reel_error *err)
{
    if (!text_fits(&x->description))
        return extract_refuse(x, "its samples are no text that WebVTT or SubRip can hold", err);
    return REEL_OK;
}

/* A cursor that came through the index of a fragmented film does not know numbers. */
static int number_of(const struct extract *x, const reel_sample *s, uint64_t *number, reel_error *err)
{
    *number = s->index;
    return s->index != REEL_NO_INDEX ? REEL_OK : reel_track_find_pts(x->track, s->pts, number, err);
}

static int text_sample(struct extract *x, reel_packet *packet, reel_error *err)
{
    uint64_t number;
    int result = number_of(x, &packet->sample, &number, err);
    if (result != REEL_OK)
        return result;
    if (x->count == 0)
        x->text_first = number;
    x->text_last = number + 1;
    return REEL_OK;
}

static int write_text(struct extract *x, uint32_t form, reel_error *err)
{
    reel_plan *plan = NULL;
    reel_piece piece;
    if (x->text_first >= x->text_last)
        return REEL_OK;
    int result = reel_stream_text(x->track, x->text_first, x->text_last, form, NULL, &plan, err);
    for (uint64_t at = 0; reel_plan_piece(plan, at, UINT64_MAX, &piece) == REEL_OK; at += piece.size)
        save_copy(x->save, piece.data, (size_t)piece.size); /* all of it was made: nothing lies in the film so */
    reel_plan_close(&plan);
    return result;
}

static int vtt_end(struct extract *x, reel_error *err) { return write_text(x, REEL_TEXT_WEBVTT, err); }
static int srt_end(struct extract *x, reel_error *err) { return write_text(x, REEL_TEXT_SUBRIP, err); }

const struct form form_vtt = {text_fits, text_begin, text_sample, vtt_end};
const struct form form_srt = {text_fits, text_begin, text_sample, srt_end};
