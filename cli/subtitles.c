/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subtitles.c: timed text as WebVTT and SubRip. A muxer cuts a long cue at every sample boundary (ISO/IEC 14496-30);
 * cues that go on in the next sample are joined again, and come out in the order in which they begin.
 */
#include "extract.h"

#include <stdlib.h>
#include <string.h>

enum {
    WAITING = 64,         /* cues that are on at once; more of them are not joined */
    GATHERED = 1 << 15,   /* bytes that are handed over at once; the buffer holds twice that */
    LONGEST_LINE = 4096,  /* of an identifier and of settings */
};

struct cue {
    reel_span id, settings, text;
    int64_t start, end; /* presentation, track's timescale */
    reel_packet packet; /* holds the spans */
};

struct subtitles {
    struct out out; /* formats into memory; never written to its fd */
    bool srt, plain; /* plain: the text knows no markup (tx3g), it has to be escaped in WebVTT */
    uint64_t number;
    size_t n;
    struct cue cue[WAITING]; /* by start */
};

/* ---- reading ---- */

static uint32_t big_endian(const uint8_t *s)
{
    return (uint32_t)s[0] << 24 | (uint32_t)s[1] << 16 | (uint32_t)s[2] << 8 | s[3];
}

/* The next box in a span of boxes; false at the end and at what is no box. */
static bool next_box(reel_span *left, uint32_t *type, reel_span *body)
{
    if (left->size < 8)
        return false;
    uint32_t size = big_endian(left->data);
    if (size < 8 || size > left->size)
        return false;
    *type = big_endian(left->data + 4);
    *body = (reel_span){left->data + 8, size - 8};
    left->data += size;
    left->size -= size;
    return true;
}

static bool same(reel_span a, reel_span b)
{
    return a.size == b.size && (a.size == 0 || !memcmp(a.data, b.data, a.size));
}

/* When [pts, pts + duration) is shown, cut to the edit that shows its beginning; false: never. */
static bool shown_at(const reel_track *track, const reel_sample *s, int64_t *start, int64_t *end)
{
    int64_t length = s->duration, skipped = 0;
    reel_moment moment;
    reel_edit edit;
    if (reel_track_presentation_time(track, s->pts, 0, start) != REEL_OK) {
        size_t i = 0, n = reel_track_edit_count(track);
        for (; i < n && reel_track_edit(track, i, &edit) == REEL_OK; i++)
            if (edit.kind == REEL_EDIT_MEDIA && edit.media_time > s->pts && edit.media_time - s->pts < length)
                break;
        if (i == n)
            return false;
        *start = edit.start;
        skipped = edit.media_time - s->pts;
    }
    length -= skipped;
    if (reel_track_media_time(track, *start, &moment) == REEL_OK && moment.left < length)
        length = moment.left;
    *end = *start + length;
    return length > 0;
}

/* ---- writing ---- */

static void put_clock(struct out *o, int64_t ticks, uint32_t timescale, char point)
{
    int64_t ms = reel_rescale(ticks, timescale, 1000);
    uint64_t v = ms < 0 ? 0 : (uint64_t)ms;
    out_f(o, "%02llu:%02u:%02u%c%03u", (unsigned long long)(v / 3600000), (unsigned)(v / 60000 % 60),
          (unsigned)(v / 1000 % 60), point, (unsigned)(v % 1000));
}

static const char *escaped(uint32_t point)
{
    return point == '&' ? "&amp;" : point == '<' ? "&lt;" : point == '>' ? "&gt;" : NULL;
}

/* The character that an entity of WebVTT at the head of text stands for; 0: none. Steps over it. */
static uint32_t take_entity(struct text *text)
{
    static const struct {
        const char *name;
        uint32_t point;
    } entities[] = {{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"nbsp;", 0xa0}, {"lrm;", 0x200e}, {"rlm;", 0x200f}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        size_t n = strlen(entities[i].name);
        if ((size_t)(text->end - text->at) >= n && !memcmp(text->at, entities[i].name, n)) {
            text->at += n;
            return entities[i].point;
        }
    }
    return 0;
}

/* What was gathered goes to the file before the buffer could fill up. */
static void hand_over(struct extract *x, size_t least)
{
    struct out *o = &x->subtitles->out;
    if (o->n <= least)
        return;
    save_copy(x->save, o->buf, o->n);
    o->n = 0;
}

/* No text, and a danger to a terminal. */
static bool is_control(uint32_t point)
{
    return (point < 0x20 && point != '\t') || (point >= 0x7f && point < 0xa0);
}

/* WebVTT: what plain text needs, and the arrow of the times, which some writers leave in marked text. */
static const char *escape_of(const struct subtitles *s, uint32_t point, uint32_t *dashes)
{
    bool arrow = point == '>' && *dashes >= 2;
    *dashes = point == '-' ? *dashes + 1 : 0;
    return s->plain || arrow ? escaped(point) : NULL;
}

/* Lines of text. An empty line would end the cue, so there is none. */
static void put_text(struct extract *x, reel_span span)
{
    struct subtitles *s = x->subtitles;
    struct text text;
    uint32_t point, dashes = 0;
    bool fresh = true;
    text_init(&text, span, TEXT_GUESS);
    while (text_next(&text, &point)) {
        char buf[4];
        hand_over(x, GATHERED);
        if (point == '\n' || point == '\r') {
            if (!fresh)
                out_str(&s->out, "\n");
            fresh = true;
            continue;
        }
        if (is_control(point))
            continue;
        uint32_t entity = s->srt && !s->plain && point == '&' ? take_entity(&text) : 0;
        const char *escape = s->srt ? NULL : escape_of(s, point, &dashes);
        if (escape)
            out_str(&s->out, escape);
        else
            out_bytes(&s->out, buf, text_put_utf8(entity ? entity : point, buf));
        fresh = false;
    }
    if (!fresh)
        out_str(&s->out, "\n");
}

static void put_line(struct subtitles *s, reel_span span)
{
    reel_span first = span;
    for (first.size = 0; first.size < span.size && first.size < LONGEST_LINE; first.size++)
        if (span.data[first.size] == '\n' || span.data[first.size] == '\r')
            break;
    out_text(&s->out, first, TEXT_UTF8);
}

static void put_cue(struct extract *x, const struct cue *c)
{
    struct subtitles *s = x->subtitles;
    uint32_t timescale = reel_track_timescale(x->track);
    char point = s->srt ? ',' : '.';
    s->number++;
    if (s->srt)
        out_f(&s->out, "%llu\n", (unsigned long long)s->number);
    else if (c->id.size) {
        put_line(s, c->id);
        out_str(&s->out, "\n");
    }
    put_clock(&s->out, c->start, timescale, point);
    out_str(&s->out, " --> ");
    put_clock(&s->out, c->end, timescale, point);
    if (!s->srt && c->settings.size) {
        out_str(&s->out, " ");
        put_line(s, c->settings);
    }
    out_str(&s->out, "\n");
    put_text(x, c->text);
    out_str(&s->out, "\n");
    hand_over(x, GATHERED);
}

/* ---- the queue ---- */

/* The first cue goes out; the rest moves up. */
static void put_first(struct extract *x)
{
    struct subtitles *s = x->subtitles;
    put_cue(x, &s->cue[0]);
    reel_packet_unref(&s->cue[0].packet);
    memmove(s->cue, s->cue + 1, --s->n * sizeof *s->cue);
}

static void add_cue(struct extract *x, const struct cue *cue, const reel_packet *packet)
{
    struct subtitles *s = x->subtitles;
    for (size_t i = 0; i < s->n; i++) {
        struct cue *c = &s->cue[i];
        if (c->end == cue->start && same(c->id, cue->id) && same(c->settings, cue->settings) &&
            same(c->text, cue->text)) {
            c->end = cue->end;
            return;
        }
    }
    if (s->n == WAITING)
        put_first(x);
    s->cue[s->n] = *cue;
    reel_packet_ref(&s->cue[s->n++].packet, packet);
}

/* ---- forms ---- */

/* ISO/IEC 14496-30:2018 5.5 and 7: vttc boxes, each with iden, sttg and payl */
static void read_wvtt(struct extract *x, const reel_packet *packet, struct cue *cue)
{
    reel_span left = {packet->data, packet->sample.size}, body, part;
    uint32_t type;
    while (next_box(&left, &type, &body)) {
        if (type != REEL_4CC('v', 't', 't', 'c'))
            continue;
        cue->id = cue->settings = cue->text = (reel_span){NULL, 0};
        while (next_box(&body, &type, &part)) {
            if (type == REEL_4CC('i', 'd', 'e', 'n'))
                cue->id = part;
            else if (type == REEL_4CC('s', 't', 't', 'g'))
                cue->settings = part;
            else if (type == REEL_4CC('p', 'a', 'y', 'l'))
                cue->text = part;
        }
        add_cue(x, cue, packet);
    }
}

/* 3GPP TS 26.245 5.17: a 16-bit length and the text; QuickTime text samples begin alike */
static void read_tx3g(struct extract *x, const reel_packet *packet, struct cue *cue)
{
    size_t size = packet->sample.size;
    if (size < 2)
        return;
    size_t n = (size_t)packet->data[0] << 8 | packet->data[1];
    cue->text = (reel_span){packet->data + 2, n < size - 2 ? n : size - 2};
    if (cue->text.size)
        add_cue(x, cue, packet);
}

static int text_sample(struct extract *x, reel_packet *packet, reel_error *err)
{
    struct subtitles *s = x->subtitles;
    struct cue cue = {.text = {NULL, 0}};
    (void)err;
    if (!shown_at(x->track, &packet->sample, &cue.start, &cue.end))
        return REEL_OK;
    while (s->n > 0 && s->cue[0].end < cue.start)
        put_first(x);
    if (s->plain)
        read_tx3g(x, packet, &cue);
    else
        read_wvtt(x, packet, &cue);
    return REEL_OK;
}

static int begin(struct extract *x, bool srt, reel_error *err)
{
    uint32_t format = x->description.codec_format;
    bool wvtt = format == REEL_4CC('w', 'v', 't', 't');
    if (!wvtt && format != REEL_4CC('t', 'x', '3', 'g') && format != REEL_4CC('t', 'e', 'x', 't'))
        return extract_refuse(x, "its samples are no text that WebVTT or SubRip can hold", err);
    struct subtitles *s = calloc(1, sizeof *s);
    if (!s) {
        *err = (reel_error){.code = REEL_E_NOMEM, .offset = REEL_NO_OFFSET};
        return REEL_E_NOMEM;
    }
    s->out.error = 1; /* this one only gathers */
    s->srt = srt;
    s->plain = !wvtt;
    x->subtitles = s;
    return REEL_OK;
}

static int vtt_begin(struct extract *x, reel_error *err)
{
    int result = begin(x, false, err);
    reel_span config = x->description.config;
    if (result != REEL_OK)
        return result;
    if (config.size >= 6 && config.size < 32768 && !memcmp(config.data, "WEBVTT", 6)) {
        out_bytes(&x->subtitles->out, config.data, config.size);
        while (x->subtitles->out.n && strchr("\r\n", x->subtitles->out.buf[x->subtitles->out.n - 1]))
            x->subtitles->out.n--;
    } else {
        out_str(&x->subtitles->out, "WEBVTT");
    }
    out_str(&x->subtitles->out, "\n\n");
    return REEL_OK;
}

static int srt_begin(struct extract *x, reel_error *err)
{
    return begin(x, true, err);
}

static int text_end(struct extract *x, reel_error *err)
{
    (void)err;
    while (x->subtitles->n > 0)
        put_first(x);
    hand_over(x, 0);
    return REEL_OK;
}

void subtitles_free(struct subtitles *s)
{
    for (size_t i = 0; s && i < s->n; i++)
        reel_packet_unref(&s->cue[i].packet);
    free(s);
}

const struct form form_vtt = {"vtt", vtt_begin, text_sample, text_end};
const struct form form_srt = {"srt", srt_begin, text_sample, text_end};
