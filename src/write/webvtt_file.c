/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A subtitle file beside the film, SubRip or WebVTT, made into a WebVTT file that any player takes. Such files are written
 * by people and by all sorts of programs: encodings are told apart, lines end in any way, what is no cue is left out.
 *
 *     bytes ── characters ── UTF-8, lines end with \n ── cues: where their times and text stand ── in order of time ── file
 */
#include <reel/stream.h>

#include "base/checked.h"
#include "write/plan.h"
#include "write/vtt.h"

enum {
    MOST_BYTES = 16 << 20,
    LONGEST_TAG = 128,
};

struct cue {
    uint64_t start, end; /* milliseconds */
    size_t number;       /* in the file: keeps cues that begin at once in order */
    reel_span id, settings, text;
};

struct file {
    reel_allocator alloc;
    reel__out clean, out;
    reel_span left; /* of clean: lines to come */
    struct cue *cue;
    size_t n, room;
    bool srt;
};

/* ---- lines ---- */

/* UTF-8 without controls, lines that end with \n: nothing after this looks at anything else. */
static void clean_up(struct file *f, reel_span bytes)
{
    reel_text text = reel__text_of(bytes);
    uint32_t point, before = 0;
    char buf[4];
    if (text.encoding == REEL_UTF8 && !reel__text_valid(text))
        text.encoding = REEL_WINDOWS_1252; /* old SubRip files: better a wrong accent than none of them */
    while (reel_text_next(&text, &point)) {
        bool second = point == '\n' && before == '\r';
        before = point;
        if (second || (point != '\n' && point != '\r' && point != '\t' && (point < 0x20 || point == 0x7f)))
            continue;
        reel__out_bytes(&f->clean, buf, reel_text_utf8(point == '\r' ? '\n' : point, buf));
    }
}

static bool take_line(reel_span *left, reel_span *line)
{
    if (!left->size)
        return false;
    const uint8_t *end = memchr(left->data, '\n', left->size);
    size_t n = end ? (size_t)(end - left->data) : left->size, step = n + (end != NULL);
    *line = (reel_span){left->data, n};
    left->data += step;
    left->size -= step;
    return true;
}

static bool begins(reel_span s, const char *word)
{
    size_t n = strlen(word);
    return s.size >= n && !memcmp(s.data, word, n);
}

static bool is_blank(reel_span s)
{
    for (size_t i = 0; i < s.size; i++)
        if (!strchr(" \t\n", s.data[i]) || !s.data[i])
            return false;
    return true;
}

static bool is_number(reel_span s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] >= '0' && s.data[i] <= '9')
            digits++;
        else if (s.data[i] != ' ')
            return false;
    }
    return digits > 0;
}

static void skip_blanks(reel_span *s)
{
    for (; s->size && (*s->data == ' ' || *s->data == '\t'); s->data++)
        s->size--;
}

/* ---- times ---- */

static bool take_char(reel_span *s, const char *set)
{
    if (!s->size || !*s->data || !strchr(set, *s->data))
        return false;
    s->data++;
    s->size--;
    return true;
}

static bool take_digits(reel_span *s, uint64_t *v, size_t *n)
{
    *v = 0;
    for (*n = 0; s->size && *s->data >= '0' && *s->data <= '9' && *n < 9; ++*n, s->data++, s->size--)
        *v = *v * 10 + (*s->data - '0');
    return *n > 0;
}

/* "1:02:03.400", "02:03,4": hours may be left out, either mark is the point, a fraction may have any number of digits. */
static bool take_time(reel_span *s, uint64_t *ms)
{
    uint64_t part[3] = {0, 0, 0}, fraction = 0;
    size_t n = 0, digits;
    skip_blanks(s);
    do {
        if (!take_digits(s, &part[n], &digits))
            return false;
    } while (++n < 3 && take_char(s, ":"));
    if (n < 2)
        return false;
    if (take_char(s, ".,") && take_digits(s, &fraction, &digits)) {
        for (; digits < 3; digits++)
            fraction *= 10;
        for (; digits > 3; digits--)
            fraction /= 10;
    }
    uint64_t hours = n == 3 ? part[0] : 0;
    *ms = ((hours * 60 + part[n - 2]) * 60 + part[n - 1]) * 1000 + fraction;
    return part[n - 2] < 60 && part[n - 1] < 60;
}

/* "00:01.000 --> 00:02.000 line:0": the times and what is behind them. */
static bool read_times(reel_span line, struct cue *cue)
{
    if (!take_time(&line, &cue->start))
        return false;
    skip_blanks(&line);
    if (!begins(line, "-->"))
        return false;
    line = (reel_span){line.data + 3, line.size - 3};
    if (!take_time(&line, &cue->end))
        return false;
    skip_blanks(&line);
    cue->settings = line;
    return true;
}

/* ---- cues ---- */

static struct cue *new_cue(struct file *f)
{
    if (f->n == f->room) {
        size_t room = f->room ? f->room * 2 : 64;
        struct cue *grown = reel__realloc_array(&f->alloc, f->cue, room, sizeof *grown);
        if (!grown)
            return NULL;
        f->cue = grown;
        f->room = room;
    }
    f->cue[f->n] = (struct cue){.number = f->n};
    return &f->cue[f->n++];
}

/* WebVTT: text goes on to the next empty line. SubRip: to the next times, and the number before those is not text. */
static reel_span take_text(struct file *f)
{
    const uint8_t *from = f->left.data, *end = from, *before = from;
    reel_span line, rest;
    struct cue probe;
    for (;;) {
        rest = f->left;
        if (!take_line(&rest, &line))
            break;
        if (!f->srt && !line.size)
            break;
        if (read_times(line, &probe)) {
            end = f->srt ? before : end;
            break;
        }
        if (!is_blank(line)) {
            before = is_number(line) ? end : rest.data;
            end = rest.data;
        }
        f->left = rest;
    }
    return (reel_span){from, (size_t)(end - from)};
}

static int read_cues(struct file *f, reel_error *err)
{
    reel_span line, before = {NULL, 0};
    struct cue cue;
    while (take_line(&f->left, &line)) {
        if (!read_times(line, &cue)) {
            before = line;
            continue;
        }
        struct cue *c = new_cue(f);
        if (!c)
            return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
        c->start = cue.start;
        c->end = cue.end;
        c->settings = f->srt ? (reel_span){NULL, 0} : cue.settings;
        c->id = f->srt ? (reel_span){NULL, 0} : before;
        c->text = take_text(f);
        before.size = 0;
        if (c->end <= c->start)
            f->n--;
    }
    return REEL_OK;
}

static bool later(const struct cue *a, const struct cue *b)
{
    return a->start != b->start ? a->start > b->start : a->number > b->number;
}

static void sink(struct cue *c, size_t i, size_t n)
{
    struct cue top = c[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && later(&c[child + 1], &c[child]))
            child++;
        if (!later(&c[child], &top))
            break;
        c[i] = c[child];
    }
    c[i] = top;
}

/* WebVTT wants cues by their beginning; most files are in order already. */
static void sort(struct cue *c, size_t n)
{
    size_t i = 1;
    while (i < n && later(&c[i], &c[i - 1]))
        i++;
    if (i >= n)
        return;
    for (i = n / 2; i-- > 0;)
        sink(c, i, n);
    for (i = n; i-- > 1;) {
        struct cue last = c[i];
        c[i] = c[0];
        c[0] = last;
        sink(c, 0, i);
    }
}

/* ---- writing ---- */

/* A tag of SubRip at the head of text, which stands behind its '<': the bit of b, i or u, 0 of others. */
static bool take_tag(reel_text *text, uint32_t *bit, bool *closing)
{
    size_t left = (size_t)(text->end - text->at), n = REEL__MIN(left, (size_t)LONGEST_TAG);
    const uint8_t *end = n ? memchr(text->at, '>', n) : NULL, *at = text->at;
    if (!end)
        return false;
    *closing = *at == '/';
    at += *closing;
    uint8_t letter = *at | 0x20;
    if (at == end || letter < 'a' || letter > 'z')
        return false;
    *bit = at + 1 != end ? 0 : letter == 'b' ? 1 : letter == 'i' ? 2 : letter == 'u' ? 4 : 0;
    text->at = end + 1;
    return true;
}

/* "{\an8}" and its kind, which came over from another format: left out. */
static bool take_override(reel_text *text)
{
    size_t left = (size_t)(text->end - text->at), n = REEL__MIN(left, (size_t)LONGEST_TAG);
    const uint8_t *end = n && *text->at == '\\' ? memchr(text->at, '}', n) : NULL;
    if (end)
        text->at = end + 1;
    return end != NULL;
}

static void put_srt_text(struct file *f, const struct cue *c)
{
    reel_text text = {c->text.data, c->text.data + c->text.size, REEL_UTF8};
    reel__vtt_text out;
    uint32_t point, bit, face = 0;
    bool closing;
    reel__vtt_text_begin(&out, &f->out, true);
    while (reel_text_next(&text, &point)) {
        if (point == '<' && take_tag(&text, &bit, &closing)) {
            face = closing ? face & ~bit : face | bit;
            continue;
        }
        if (point == '{' && take_override(&text))
            continue;
        if (point >= 0x20)
            reel__vtt_face(&out, face);
        reel__vtt_put(&out, point);
    }
    reel__vtt_text_end(&out);
}

static void put_vtt_text(struct file *f, const struct cue *c)
{
    reel_text text = {c->text.data, c->text.data + c->text.size, REEL_UTF8};
    reel__vtt_text out;
    uint32_t point;
    reel__vtt_text_begin(&out, &f->out, false);
    while (reel_text_next(&text, &point))
        reel__vtt_put(&out, point);
    reel__vtt_text_end(&out);
}

/* SubRip's way to say "at the top". */
static bool is_at_top(const struct cue *c)
{
    return begins(c->text, "{\\an8}") || begins(c->text, "{\\an7}") || begins(c->text, "{\\an9}");
}

static void put_cue(struct file *f, const struct cue *c)
{
    if (is_blank(c->text))
        return;
    if (c->id.size && reel__vtt_line(&f->out, c->id))
        reel__out_8(&f->out, '\n');
    reel__vtt_times(&f->out, c->start, c->end, '.');
    if (c->settings.size) {
        reel__out_8(&f->out, ' ');
        reel__vtt_line(&f->out, c->settings);
    } else if (f->srt && is_at_top(c)) {
        reel__out_text(&f->out, " line:0");
    }
    reel__out_8(&f->out, '\n');
    if (f->srt)
        put_srt_text(f, c);
    else
        put_vtt_text(f, c);
}

/* A block up to the next empty line. */
static void put_block(struct file *f, reel_span line)
{
    do {
        if (reel__vtt_line(&f->out, line))
            reel__out_8(&f->out, '\n');
    } while (take_line(&f->left, &line) && line.size);
    reel__out_8(&f->out, '\n');
}

/* The first block of WebVTT is its head; then styles and regions, which have to stand before the first cue. */
static void put_head(struct file *f)
{
    reel_span line, rest;
    struct cue probe;
    reel__out_text(&f->out, "WEBVTT\n" REEL__VTT_MAP "\n");
    if (f->srt)
        return;
    while (take_line(&f->left, &line) && line.size)
        continue;
    for (rest = f->left; take_line(&rest, &line) && !read_times(line, &probe); rest = f->left) {
        reel_span ahead = rest, next;
        if (begins(line, "STYLE") || begins(line, "REGION")) {
            f->left = rest;
            put_block(f, line);
        } else if (line.size && take_line(&ahead, &next) && read_times(next, &probe)) {
            return; /* an identifier */
        } else {
            f->left = rest;
        }
    }
}

static bool is_webvtt(reel_span s)
{
    return begins(s, "WEBVTT") && (s.size == 6 || strchr(" \t\n", s.data[6]));
}

static int make(struct file *f, reel_span bytes, reel_error *err)
{
    clean_up(f, bytes);
    if (f->clean.code != REEL_OK)
        return reel__fail(err, f->clean.code, REEL_NO_OFFSET, NULL, "%s", reel_code_text(f->clean.code));
    f->left = (reel_span){f->clean.data, f->clean.size};
    f->srt = !is_webvtt(f->left);
    put_head(f);
    int code = read_cues(f, err);
    if (code != REEL_OK)
        return code;
    if (!f->n && f->srt && f->clean.size)
        return reel__fail(err, REEL_E_UNSUPPORTED, REEL_NO_OFFSET, NULL, "this is neither SubRip nor WebVTT");
    sort(f->cue, f->n);
    for (size_t i = 0; i < f->n; i++)
        put_cue(f, &f->cue[i]);
    return REEL_OK;
}

int reel_webvtt_from_file(const void *data, size_t size, const reel_allocator *alloc, reel_plan **out, reel_error *err)
{
    if ((!data && size) || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no bytes, or no place for the plan");
    if (size > MOST_BYTES)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "a subtitle file of more than %d MiB",
                          MOST_BYTES >> 20);
    struct file f = {.alloc = alloc ? *alloc : reel__malloc};
    reel__out_init(&f.clean, alloc, size + 1);
    reel__out_init(&f.out, alloc, size + 256);
    int code = make(&f, (reel_span){data, size}, err);
    reel__out_free(&f.clean);
    reel__free(&f.alloc, f.cue);
    if (code == REEL_OK)
        return reel__plan_of_out(&f.out, out, err);
    reel__out_free(&f.out);
    return code;
}
