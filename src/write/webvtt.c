/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timed text of a film as WebVTT: tx3g, wvtt and QuickTime text. A muxer cuts a long cue at every sample boundary
 * (ISO/IEC 14496-30); cues that go on in the next sample are joined again, and come out in the order in which they begin.
 *
 *     window             |─────────── segment ───────────|
 *     samples   ──A──|─A+B─|──B──|─────|──C──|─────|─D──────|──D──|
 *               ^ looked back to, since A goes on             ^ and on to, since D does
 *
 * Players put the cues of two segments together by their times and text: what reaches over a boundary has to be the same
 * cue in both, from its true beginning to its true end.
 */
#include <reel/codec.h>
#include <reel/packet.h>

#include "base/bytes.h"
#include "base/checked.h"
#include "write/stream.h"
#include "write/vtt.h"

enum {
    WAITING = 64,          /* cues that are on at once; more of them are not joined */
    LOOK = 256,            /* samples that are looked at on either side of a window */
    MOST_SAMPLES = 1 << 20,
    MOST_HIDDEN = 4096,    /* samples that are never shown, met in a window */
    TIMES_READ = 4,        /* how often the bytes of a file may be read: an honest one has each in one sample */
    READ_ANYWAY = 1 << 20,
    STYLE_RECORD = 12,     /* 3GPP TS 26.245 5.16, 5.17.1.1 */
    DEFAULT_FACE = 40,     /* of the default style record in a tx3g entry */
    LONGEST_HEAD = 32768,
};

#define WVTT REEL_4CC('w', 'v', 't', 't')
#define TX3G REEL_4CC('t', 'x', '3', 'g')
#define QT_TEXT REEL_4CC('t', 'e', 'x', 't')

struct cue {
    reel_span id, settings, text, styles; /* styles: the records of a styl box */
    int64_t start, end;                   /* presentation, track's timescale */
    reel_packet packet;                   /* holds the spans */
    uint32_t face;                        /* of text that no style record covers */
    bool plain;
};

struct cues {
    reel__out out;
    const reel_track *track;
    uint32_t timescale;
    int64_t start, stop;          /* the window, in the track's timescale */
    reel_description description; /* of the samples that come now */
    uint32_t described;           /* its number; 0: none yet */
    uint64_t left;                /* bytes that may still be read */
    bool readable;                /* samples that cannot be had are left out */
    uint64_t end;                 /* samples from there on are not looked at */
    uint64_t number;              /* of cues, in SubRip */
    bool subrip, alone;           /* alone: a file of its own, not a part of a stream */
    bool matched;                 /* looking back: a cue of the sample goes on in what waits */
    size_t n;
    struct cue cue[WAITING]; /* by start */
};

static bool is_text(const reel_description *d)
{
    return d->codec_format == WVTT || d->codec_format == TX3G || d->codec_format == QT_TEXT;
}

/* ---- reading ---- */

/* The next box in a span of boxes; false at the end and at what is no box. */
static bool next_box(reel_span *left, uint32_t *type, reel_span *body)
{
    if (left->size < 8)
        return false;
    uint32_t size = reel__be32(left->data);
    if (size < 8 || size > left->size)
        return false;
    *type = reel__be32(left->data + 4);
    *body = (reel_span){left->data + 8, size - 8};
    left->data += size;
    left->size -= size;
    return true;
}

static bool same(reel_span a, reel_span b)
{
    return a.size == b.size && (a.size == 0 || !memcmp(a.data, b.data, a.size));
}

static bool goes_on(const struct cue *c, const struct cue *next)
{
    return c->end == next->start && same(c->id, next->id) && same(c->settings, next->settings) &&
           same(c->text, next->text) && same(c->styles, next->styles);
}

/* ---- writing ---- */

/* The face of one character after the other: records in order, that do not overlap. */
struct faces {
    reel_span records;
    uint32_t base, index;
};

static uint32_t next_face(struct faces *f)
{
    enum { FACES = 7 }; /* bold 1, italic 2, underline 4 */
    const uint8_t *r = f->records.data;
    for (; f->records.size >= STYLE_RECORD && reel__be16(r + 2) <= f->index; r += STYLE_RECORD)
        f->records = (reel_span){r + STYLE_RECORD, f->records.size - STYLE_RECORD};
    bool covered = f->records.size >= STYLE_RECORD && reel__be16(r) <= f->index;
    f->index++;
    return (covered ? r[6] : f->base) & FACES;
}

static void put_text(struct cues *s, const struct cue *c)
{
    struct faces faces = {c->styles, c->face, 0};
    reel_text text = reel__text_of(c->text);
    reel__vtt_text out;
    uint32_t point;
    reel__vtt_text_begin(&out, &s->out, c->plain);
    out.bare = s->subrip;
    if (s->subrip && !c->plain)
        reel__vtt_as_subrip(&out, &text);
    while (reel_text_next(&text, &point)) {
        uint32_t face = next_face(&faces);
        if (c->plain && point >= 0x20)
            reel__vtt_face(&out, face);
        reel__vtt_put(&out, point);
    }
    reel__vtt_text_end(&out);
}

static uint64_t milliseconds(const struct cues *s, int64_t t)
{
    int64_t ms = reel_rescale(t, s->timescale, 1000);
    return ms < 0 ? 0 : (uint64_t)ms;
}

/* When it is shown in the window. What is shorter than a millisecond, or over before 0, would be refused by players. */
static void put_cue(struct cues *s, const struct cue *c)
{
    uint64_t start = milliseconds(s, c->start), end = milliseconds(s, c->end);
    if (c->end <= s->start || c->start >= s->stop || end <= start)
        return;
    if (s->subrip)
        reel__out_format(&s->out, "%llu\n", (unsigned long long)++s->number);
    else if (c->id.size && reel__vtt_line(&s->out, c->id))
        reel__out_8(&s->out, '\n');
    reel__vtt_times(&s->out, start, end, s->subrip ? ',' : '.');
    if (c->settings.size && !s->subrip) {
        reel__out_8(&s->out, ' ');
        reel__vtt_line(&s->out, c->settings);
    }
    reel__out_8(&s->out, '\n');
    put_text(s, c);
}

/* The first cue goes out; the rest moves up. */
static void put_first(struct cues *s)
{
    put_cue(s, &s->cue[0]);
    reel_packet_unref(&s->cue[0].packet);
    memmove(s->cue, s->cue + 1, --s->n * sizeof *s->cue);
}

static void add_cue(struct cues *s, const struct cue *cue, const reel_packet *packet)
{
    for (size_t i = 0; i < s->n; i++)
        if (goes_on(&s->cue[i], cue)) {
            s->cue[i].end = cue->end;
            return;
        }
    if (s->n == WAITING)
        put_first(s);
    s->cue[s->n] = *cue;
    reel_packet_ref(&s->cue[s->n++].packet, packet);
}

/* ---- forms ---- */

typedef void (*cue_take)(struct cues *s, const struct cue *cue, const reel_packet *packet);

/* ISO/IEC 14496-30:2018 5.5 and 7: vttc boxes, each with iden, sttg and payl */
static void read_wvtt(struct cues *s, const reel_packet *packet, struct cue *cue, cue_take take)
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
        take(s, cue, packet);
    }
}

/* 3GPP TS 26.245 5.16 and 5.17: a 16-bit length and the text; QuickTime text samples begin alike */
static void read_tx3g(struct cues *s, const reel_packet *packet, struct cue *cue, cue_take take)
{
    const reel_description *d = &s->description;
    size_t size = packet->sample.size;
    if (size < 2)
        return;
    size_t n = reel__be16(packet->data);
    cue->text = (reel_span){packet->data + 2, REEL__MIN(n, size - 2)};
    reel_span left = {packet->data + 2 + cue->text.size, size - 2 - cue->text.size}, body;
    uint32_t type;
    while (d->codec_format == TX3G && next_box(&left, &type, &body))
        if (type == REEL_4CC('s', 't', 'y', 'l') && body.size > 2)
            cue->styles = (reel_span){body.data + 2, body.size - 2};
    cue->plain = true;
    cue->face = d->codec_format == TX3G && d->entry.size > DEFAULT_FACE ? d->entry.data[DEFAULT_FACE] : 0;
    if (cue->text.size)
        take(s, cue, packet);
}

static int describe(struct cues *s, uint32_t description, reel_error *err)
{
    if (s->described == description)
        return REEL_OK;
    s->described = 0;
    int code = reel_track_description(s->track, description, &s->description, err);
    if (code == REEL_OK)
        s->described = description;
    return code;
}

/* The cues of a sample to take. REEL_END: it is never shown, no text, or cannot be had. */
static int read_sample(struct cues *s, const reel_sample *sample, cue_take take, reel_error *err)
{
    struct cue cue = {.text = {NULL, 0}};
    reel_packet packet = {.data = NULL};
    if (reel_track_presentation_span(s->track, sample->pts, sample->duration, &cue.start, &cue.end) != REEL_OK)
        return REEL_END;
    if (s->readable && (sample->size > s->left || !reel__sample_is_there(s->track, sample, NULL)))
        return REEL_END;
    if (sample->size > s->left) /* a hundred thousand samples may lie on the same ten thousand cues */
        return reel__fail(err, REEL_E_TABLE, sample->offset, NULL,
                          "samples lie upon each other: more text than the film has");
    s->left -= sample->size;
    int code = describe(s, sample->description, err);
    if (code == REEL_OK && !is_text(&s->description))
        return REEL_END;
    if (code == REEL_OK)
        code = reel_packet_get(s->track, sample, &packet, err);
    if (code != REEL_OK)
        return code;
    while (take == add_cue && s->n > 0 && s->cue[0].end < cue.start)
        put_first(s);
    if (s->description.codec_format == WVTT)
        read_wvtt(s, &packet, &cue, take);
    else
        read_tx3g(s, &packet, &cue, take);
    reel_packet_unref(&packet);
    return REEL_OK;
}

/* ---- the window ---- */

/* Is a cue waiting that begins in the window, and may go on in the sample behind it? */
static bool any_left(const struct cues *s, int64_t end)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->cue[i].start < s->stop && s->cue[i].end == end)
            return true;
    return false;
}

/*
 * From sample i to the end of the window, and as far on as cues go on. A cue that begins behind the window is never
 * written, but it may be waiting: of those only what begins inside keeps the walk going.
 */
static int walk(struct cues *s, uint64_t i, reel_error *err)
{
    int64_t start, end;
    reel_cursor cursor;
    reel_sample sample;
    int code = reel_cursor_init(&cursor, s->track);
    if (code == REEL_OK)
        code = reel_cursor_seek(&cursor, i, err);
    for (uint32_t n = 0, behind = 0, hidden = 0; code == REEL_OK; n++) {
        if (i + n >= s->end || (code = reel_cursor_next(&cursor, &sample, err)) != REEL_OK)
            break;
        if (n == MOST_SAMPLES)
            return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "more than %d samples of text", MOST_SAMPLES);
        if (reel_track_presentation_span(s->track, sample.pts, sample.duration, &start, &end) != REEL_OK) {
            if (s->stop != INT64_MAX && ++hidden > MOST_HIDDEN)
                break;
            continue;
        }
        if (start >= s->stop && (!any_left(s, start) || ++behind > LOOK))
            break;
        code = read_sample(s, &sample, add_cue, err);
        code = code == REEL_END ? REEL_OK : code;
    }
    while (s->n > 0)
        put_first(s);
    return code == REEL_END ? REEL_OK : code;
}

/* The sample that is on when the window begins; the media time of a moment that nothing shows is guessed by the shift. */
static int first_in(const struct cues *s, uint64_t *first, reel_error *err)
{
    reel_moment m;
    int64_t media;
    if (s->start == INT64_MIN) {
        *first = 0;
        return REEL_OK;
    }
    if (reel_track_media_time(s->track, s->start, &m) == REEL_OK && m.kind != REEL_EDIT_EMPTY)
        media = m.media_time;
    else if (!reel__sub(s->start, reel_track_stream_shift(s->track), &media))
        media = s->start;
    return reel_track_find_pts(s->track, media, first, err);
}

static void forget(struct cues *s)
{
    while (s->n > 0)
        reel_packet_unref(&s->cue[--s->n].packet);
}

static void match(struct cues *s, const struct cue *cue, const reel_packet *packet)
{
    (void)packet;
    for (size_t i = 0; i < s->n; i++)
        s->matched |= goes_on(cue, &s->cue[i]);
}

/* Does a cue of sample i go on in sample i + 1? */
static bool reaches_on(struct cues *s, uint64_t i)
{
    reel_sample sample, next;
    bool read = reel_track_sample(s->track, i, &sample, NULL) == REEL_OK &&
                reel_track_sample(s->track, i + 1, &next, NULL) == REEL_OK &&
                read_sample(s, &next, add_cue, NULL) == REEL_OK && read_sample(s, &sample, match, NULL) == REEL_OK;
    bool matched = s->matched;
    forget(s);
    s->matched = false;
    return read && matched;
}

static uint64_t look_back(struct cues *s, uint64_t first)
{
    for (uint32_t n = 0; n < LOOK && first > 0 && s->start != INT64_MIN && reaches_on(s, first - 1); n++)
        first--;
    return first;
}

/* A window of the reference's timescale in that of the track: what begins in the same tick is in both. */
static void set_window(struct cues *s, const reel_segmenter *segmenter, const reel_segment *segment)
{
    s->start = INT64_MIN;
    s->stop = INT64_MAX;
    if (!segment)
        return;
    if (segment->start != INT64_MIN)
        s->start = reel_rescale(segment->start, segmenter->timescale, s->timescale);
    if (segment->stop != INT64_MAX)
        s->stop = reel_rescale(segment->stop, segmenter->timescale, s->timescale);
}

static reel_span take_line(reel_span *left)
{
    const uint8_t *end = left->size ? memchr(left->data, '\n', left->size) : NULL;
    size_t n = end ? (size_t)(end - left->data) : left->size, step = n + (end != NULL);
    reel_span line = {left->data, n};
    left->data += step;
    left->size -= step;
    if (line.size && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

/* The head: that of the file which the cues came from (wvtt keeps it: styles, regions), with the map in its place. */
static void put_head(struct cues *s, bool mapped)
{
    static const char map[] = "X-TIMESTAMP-MAP";
    reel_span head = s->description.codec_format == WVTT ? s->description.config : (reel_span){NULL, 0};
    reel_span title = {NULL, 0}; /* what stands behind the word: a remark */
    if (head.size >= 6 && head.size < LONGEST_HEAD && !memcmp(head.data, "WEBVTT", 6))
        title = take_line(&head);
    else
        head.size = 0;
    reel__out_text(&s->out, "WEBVTT");
    if (s->alone && title.size > 6)
        reel__vtt_line(&s->out, (reel_span){title.data + 6, title.size - 6});
    reel__out_text(&s->out, mapped ? "\n" REEL__VTT_MAP : "\n");
    for (bool empty = false; head.size > 0;) {
        reel_span line = take_line(&head);
        if (line.size >= sizeof map - 1 && !memcmp(line.data, map, sizeof map - 1))
            continue;
        if (line.size && empty)
            reel__out_8(&s->out, '\n');
        empty = !line.size || !reel__vtt_line(&s->out, line);
        if (!empty)
            reel__out_8(&s->out, '\n');
    }
    reel__out_8(&s->out, '\n');
}

static int check_text(struct cues *s, reel_error *err)
{
    int code = describe(s, 1, err);
    if (code == REEL_OK && !is_text(&s->description))
        return reel__fail(err, REEL_E_UNSUPPORTED, REEL_NO_OFFSET, NULL, "its samples are no text that WebVTT can hold");
    return code;
}

static int make(struct cues *s, bool mapped, reel_error *err)
{
    uint64_t first = 0;
    int code = check_text(s, err);
    if (code == REEL_OK)
        put_head(s, mapped);
    if (code == REEL_OK)
        code = first_in(s, &first, err);
    if (code == REEL_E_RANGE)
        return REEL_OK; /* no sample */
    return code == REEL_OK ? walk(s, look_back(s, first), err) : code;
}

static struct cues *begin(const reel_track *track, const reel_allocator *alloc, reel_error *err)
{
    struct cues *s = reel__alloc_zero(alloc ? alloc : &reel__malloc, sizeof *s);
    if (!s) {
        reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
        return NULL;
    }
    reel__out_init(&s->out, alloc, 0);
    s->track = track;
    s->timescale = reel_track_timescale(track);
    s->left = TIMES_READ * reel_source_size(reel_movie_source(reel_track_movie(track))) + READ_ANYWAY;
    s->end = UINT64_MAX;
    return s;
}

static int end(struct cues *s, int code, reel_plan **out, reel_error *err)
{
    const reel_allocator alloc = s->out.alloc;
    forget(s);
    if (code == REEL_OK)
        code = reel__plan_of_out(&s->out, out, err);
    else
        reel__out_free(&s->out);
    reel__free(&alloc, s);
    return code;
}

int reel_stream_webvtt(const reel_segmenter *segmenter, const reel_segment *segment, const reel_track *track, bool mapped,
                       const reel_allocator *alloc, reel_plan **out, reel_error *err)
{
    if (!track || !out || (segment && !segmenter))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track, no segmenter, or no place for the plan");
    struct cues *s = begin(track, alloc, err);
    if (!s)
        return REEL_E_NOMEM;
    set_window(s, segmenter, segment);
    s->readable = segmenter && segmenter->flags & REEL_SEGMENTER_READABLE;
    return end(s, make(s, mapped, err), out, err);
}

int reel_stream_text(const reel_track *track, uint64_t first, uint64_t last, uint32_t form, const reel_allocator *alloc,
                     reel_plan **out, reel_error *err)
{
    if (!track || !out || form > REEL_TEXT_SUBRIP)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track, no such form, or no place for the plan");
    struct cues *s = begin(track, alloc, err);
    if (!s)
        return REEL_E_NOMEM;
    set_window(s, NULL, NULL);
    s->subrip = form == REEL_TEXT_SUBRIP;
    s->alone = true;
    s->end = last;
    int code = check_text(s, err);
    if (code == REEL_OK && !s->subrip)
        put_head(s, false);
    if (code == REEL_OK && first < last)
        code = walk(s, first, err);
    return end(s, code, out, err);
}
