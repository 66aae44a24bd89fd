/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subtitles.c: timed text as WebVTT and SubRip. A muxer cuts a long cue at every sample boundary (ISO/IEC 14496-30);
 * cues that go on in the next sample are joined again, and come out in the order in which they begin.
 */
#include "extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WAITING = 64,         /* cues that are on at once; more of them are not joined */
    GATHERED = 1 << 15,   /* bytes that are handed over at once; the buffer holds twice that */
    LONGEST_LINE = 4096,  /* of an identifier and of settings */
    LONGEST_TAG = 256,
    TIMES_READ = 4,       /* how often the bytes of a file may be read: an honest one has each in one sample */
    READ_ANYWAY = 1 << 20,
};

/* 3GPP TS 26.245 5.16: the sample entry has one style record for all, a sample has others for stretches of its text. */
#define WVTT REEL_4CC('w', 'v', 't', 't')
#define TX3G REEL_4CC('t', 'x', '3', 'g')
enum { BOLD_FACE = 1, ITALIC_FACE = 2, UNDERLINE_FACE = 4, STYLE_RECORD = 12, DEFAULT_FACE = 40 };

struct cue {
    reel_span id, settings, text, styles; /* styles: the records of a styl box */
    int64_t start, end; /* presentation, track's timescale */
    reel_packet packet; /* holds the spans */
};

struct subtitles {
    struct out out; /* formats into memory; never written to its fd */
    bool srt, plain; /* plain: the text knows no markup (tx3g), it has to be escaped in WebVTT */
    uint32_t face;   /* of text that no style record covers */
    uint64_t number;
    uint64_t left;   /* bytes of samples that may still be read */
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

/* "39;" or "x27;" behind "&#": the character, 0 when there is none. Steps over it. */
static uint32_t take_number(struct text *text)
{
    const uint8_t *at = text->at + 1;
    uint32_t base = 10, point = 0, digits = 0;
    if (at < text->end && (*at | 0x20) == 'x') {
        base = 16;
        at++;
    }
    for (; at < text->end && point < 0x110000; at++, digits++) {
        uint32_t digit = *at, letter = *at | 0x20u;
        digit = digit >= '0' && digit <= '9' ? digit - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : base;
        if (digit >= base)
            break;
        point = point * base + digit;
    }
    if (!digits || at == text->end || *at != ';' || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return 0;
    text->at = at + 1;
    return point;
}

/* The character that an entity of WebVTT at the head of text stands for; 0: none. Steps over it. */
static uint32_t take_entity(struct text *text)
{
    static const struct {
        const char *name;
        uint32_t point;
    } entities[] = {{"amp;", '&'},    {"lt;", '<'},     {"gt;", '>'},   {"nbsp;", 0xa0},
                    {"lrm;", 0x200e}, {"rlm;", 0x200f}, {"quot;", '"'}, {"apos;", '\''}};
    if (text->at < text->end && *text->at == '#')
        return take_number(text);
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        size_t n = strlen(entities[i].name);
        if ((size_t)(text->end - text->at) >= n && !memcmp(text->at, entities[i].name, n)) {
            text->at += n;
            return entities[i].point;
        }
    }
    return 0;
}

/* A tag of WebVTT, of which text stands behind the '<': steps over it. name: b, i or u, 0 for all others. */
static bool take_tag(struct text *text, char *name, bool *closing)
{
    size_t left = (size_t)(text->end - text->at);
    const uint8_t *at = text->at, *end = memchr(at, '>', left < LONGEST_TAG ? left : LONGEST_TAG);
    if (!end)
        return false;
    *closing = *at == '/';
    at += *closing;
    bool timestamp = *at >= '0' && *at <= '9', word = (*at | 0x20) >= 'a' && (*at | 0x20) <= 'z';
    if (!timestamp && !word && at != end)
        return false;
    bool alone = at < end && (at + 1 == end || at[1] == '.' || at[1] == ' ');
    *name = alone && (*at == 'b' || *at == 'i' || *at == 'u') ? (char)*at : 0;
    text->at = end + 1;
    return true;
}

/* The face of one character after the other. 3GPP TS 26.245 5.17.1.1: records in order, that do not overlap. */
struct faces {
    reel_span records;
    uint32_t base, index;
};

static uint32_t next_face(struct faces *f)
{
    const uint8_t *r = f->records.data;
    for (; f->records.size >= STYLE_RECORD && (uint32_t)(r[2] << 8 | r[3]) <= f->index; r += STYLE_RECORD)
        f->records = (reel_span){r + STYLE_RECORD, f->records.size - STYLE_RECORD};
    bool covered = f->records.size >= STYLE_RECORD && (uint32_t)(r[0] << 8 | r[1]) <= f->index;
    f->index++;
    return (covered ? r[6] : f->base) & (BOLD_FACE | ITALIC_FACE | UNDERLINE_FACE);
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

/* The lines of a cue. An empty one would end it, so there is none; breaks are written once something follows. */
struct lines {
    struct out *out;
    bool any, fresh, broken; /* fresh: nothing stands on this line yet; broken: its break is still to come */
    uint32_t face;           /* the tags that are open */
    uint32_t dashes;
};

static void put_break(struct lines *l)
{
    if (l->broken)
        out_str(l->out, "\n");
    l->broken = false;
}

static void put_face(struct lines *l, uint32_t face)
{
    static const char names[] = "biu";
    if (face == l->face)
        return;
    for (int i = 2; i >= 0; i--)
        if (l->face >> i & 1)
            out_f(l->out, "</%c>", names[i]);
    put_break(l);
    for (int i = 0; i < 3; i++)
        if (face >> i & 1)
            out_f(l->out, "<%c>", names[i]);
    l->face = face;
}

static void put_tag(struct lines *l, char name, bool closing)
{
    if (!closing)
        put_break(l);
    out_f(l->out, "<%s%c>", closing ? "/" : "", name);
}

static void put_point(struct lines *l, uint32_t point, const char *escape)
{
    char buf[4];
    put_break(l);
    if (escape)
        out_str(l->out, escape);
    else
        out_bytes(l->out, buf, text_put_utf8(point, buf));
    l->any = true;
    l->fresh = false;
}

/* WebVTT: what plain text needs, and the arrow of the times, which some writers leave in marked text. */
static const char *escape_of(const struct subtitles *s, uint32_t point, uint32_t *dashes)
{
    bool arrow = point == '>' && *dashes >= 2;
    *dashes = point == '-' ? *dashes + 1 : 0;
    return s->plain || arrow ? escaped(point) : NULL;
}

/* SubRip knows three of the tags of WebVTT, and no entities. */
static uint32_t without_markup(struct lines *l, struct text *text, uint32_t point)
{
    char name;
    bool closing;
    if (point == '<' && take_tag(text, &name, &closing)) {
        if (name)
            put_tag(l, name, closing);
        return 0;
    }
    uint32_t entity = point == '&' ? take_entity(text) : 0;
    return entity ? entity : point;
}

static void put_text(struct extract *x, const struct cue *c)
{
    struct subtitles *s = x->subtitles;
    struct lines l = {.out = &s->out, .fresh = true};
    struct faces faces = {c->styles, s->face, 0};
    struct text text;
    uint32_t point;
    text_init(&text, c->text, TEXT_GUESS);
    while (text_next(&text, &point)) {
        uint32_t face = next_face(&faces);
        hand_over(x, GATHERED);
        if (point == '\n' || point == '\r') {
            l.broken |= !l.fresh;
            l.fresh = true;
            continue;
        }
        if (s->srt && !s->plain)
            point = without_markup(&l, &text, point);
        if (point == 0 || is_control(point))
            continue;
        put_face(&l, face);
        put_point(&l, point, s->srt ? NULL : escape_of(s, point, &l.dashes));
    }
    l.broken = false;
    put_face(&l, 0);
    if (l.any)
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
    put_text(x, c);
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
            same(c->text, cue->text) && same(c->styles, cue->styles)) {
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

/* 3GPP TS 26.245 5.16 and 5.17: a 16-bit length and the text; QuickTime text samples begin alike */
static void read_tx3g(struct extract *x, const reel_packet *packet, struct cue *cue)
{
    size_t size = packet->sample.size;
    if (size < 2)
        return;
    size_t n = (size_t)packet->data[0] << 8 | packet->data[1];
    cue->text = (reel_span){packet->data + 2, n < size - 2 ? n : size - 2};
    reel_span left = {packet->data + 2 + cue->text.size, size - 2 - cue->text.size}, body;
    uint32_t type;
    while (x->description.codec_format == TX3G && next_box(&left, &type, &body))
        if (type == REEL_4CC('s', 't', 'y', 'l') && body.size > 2)
            cue->styles = (reel_span){body.data + 2, body.size - 2};
    if (cue->text.size)
        add_cue(x, cue, packet);
}

/* A hundred thousand samples may lie on the same ten thousand cues. */
static int refuse_overlap(reel_error *err)
{
    *err = (reel_error){.code = REEL_E_TABLE, .offset = REEL_NO_OFFSET};
    snprintf(err->text, sizeof err->text, "%s", FILM_OVERLAPS);
    return REEL_E_TABLE;
}

static int text_sample(struct extract *x, reel_packet *packet, reel_error *err)
{
    struct subtitles *s = x->subtitles;
    struct cue cue = {.text = {NULL, 0}};
    const reel_sample *sample = &packet->sample;
    if (reel_track_presentation_span(x->track, sample->pts, sample->duration, &cue.start, &cue.end) != REEL_OK)
        return REEL_OK;
    if (packet->sample.size > s->left)
        return refuse_overlap(err);
    s->left -= packet->sample.size;
    while (s->n > 0 && s->cue[0].end < cue.start)
        put_first(x);
    if (s->plain)
        read_tx3g(x, packet, &cue);
    else
        read_wvtt(x, packet, &cue);
    return REEL_OK;
}

static bool text_fits(const reel_description *d)
{
    return d->codec_format == WVTT || d->codec_format == TX3G || d->codec_format == REEL_4CC('t', 'e', 'x', 't');
}

static int begin(struct extract *x, bool srt, reel_error *err)
{
    uint32_t format = x->description.codec_format;
    if (!text_fits(&x->description))
        return extract_refuse(x, "its samples are no text that WebVTT or SubRip can hold", err);
    struct subtitles *s = calloc(1, sizeof *s);
    if (!s) {
        *err = (reel_error){.code = REEL_E_NOMEM, .offset = REEL_NO_OFFSET};
        return REEL_E_NOMEM;
    }
    s->out.error = 1; /* this one only gathers */
    s->srt = srt;
    s->plain = format != WVTT;
    s->face = format == TX3G && x->description.entry.size > DEFAULT_FACE ? x->description.entry.data[DEFAULT_FACE] : 0;
    s->left = TIMES_READ * reel_source_size(x->film->source) + READ_ANYWAY;
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

const struct form form_vtt = {text_fits, vtt_begin, text_sample, text_end};
const struct form form_srt = {text_fits, srt_begin, text_sample, text_end};
