/* SPDX-License-Identifier: BSD-2-Clause */
/* explain.c: reel seek --explain: the chain from the clock to the byte, with the numbers of the tables. */
#include "seek.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_WIDTH = 11, COLUMN = 13, TEXT_LENGTH = 400, EXPLAINED = 4096 };

struct chain {
    struct out *out;
    const struct stop *stop;
    reel_explanation e;
    bool known; /* e is filled */
};

static void line(struct chain *c, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void line(struct chain *c, const char *name, const char *format, ...)
{
    char text[TEXT_LENGTH];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    out_str(c->out, "  ");
    out_style(c->out, DIM);
    out_f(c->out, "%-*s", LABEL_WIDTH, name);
    out_style(c->out, PLAIN);
    out_wrapped(c->out, text, COLUMN, COLUMN);
    out_str(c->out, "\n");
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void put_edit(struct chain *c)
{
    static const char *const shows[] = {"the media from", "nothing", "one moment of the media,"};
    const struct stop *s = c->stop;
    reel_edit edit;
    size_t n = reel_track_edit_count(s->track);
    if (n == 0) {
        line(c, "edit list", "there is none: media time is presentation time");
        return;
    }
    if (!s->placed || reel_track_edit(s->track, s->moment.edit - 1, &edit) != REEL_OK) {
        line(c, "edit list", "none of its %zu edits shows anything at that time", n);
        return;
    }
    if (s->at.kind == REEL_EDIT_EMPTY)
        line(c, "edit list", "edit %u of %zu shows nothing at that time; what comes next is taken",
             (unsigned)s->at.edit, n);
    if (edit.kind == REEL_EDIT_MEDIA && edit.media_rate != 0x10000)
        line(c, "edit list", "edit %u of %zu starts at tick %" PRId64 " and shows the media from %" PRId64
             " at rate %.6g: media time %" PRId64, (unsigned)s->moment.edit, n, edit.start, edit.media_time,
             edit.media_rate / 65536.0, s->moment.media_time);
    else
        line(c, "edit list", "edit %u of %zu starts at tick %" PRId64 " and shows %s %" PRId64
             ": media time %" PRId64, (unsigned)s->moment.edit, n, edit.start, shows[edit.kind < 3 ? edit.kind : 0],
             edit.media_time, s->moment.media_time);
}

static void put_tables(struct chain *c)
{
    const reel_explanation *e = &c->e;
    const reel_sample *s = &e->sample;
    if (e->stts_entry)
        line(c, "stts", "entry %" PRIu64 ": %u sample%s of %u ticks, the first is %" PRIu64 " at %" PRId64
             ": sample %" PRIu64 " is decoded at %" PRId64, e->stts_entry, (unsigned)e->stts_count,
             plural(e->stts_count), (unsigned)e->stts_delta, e->stts_first_sample, e->stts_first_dts, s->index, s->dts);
    if (e->ctts_entry)
        line(c, "ctts", "entry %" PRIu64 ": offset %+d: it is shown at media time %" PRId64, e->ctts_entry,
             (int)e->ctts_offset, s->pts);
    else
        line(c, "ctts", "there is none: it is shown when it is decoded");
}

/* Which of the ways to be a sync sample it is. */
static void put_own_sync(struct chain *c)
{
    const reel_explanation *e = &c->e;
    if (e->sample.flags & REEL_SAMPLE_FRAGMENT)
        line(c, "sync", "this is a sync sample: the flags that the fragment gives it say so");
    else if (e->sample.flags & REEL_SAMPLE_PARTIAL)
        line(c, "stps", "this is a sync sample in part: stps or a 'rap ' group says so");
    else if (e->stss_entry)
        line(c, "stss", "entry %" PRIu64 ": this is a sync sample", e->stss_entry);
    else
        line(c, "stss", "there is none: every sample is a sync sample");
}

/* Pictures that lead an open GOP are shown before the sync sample they follow, and need the one before. */
static bool shown_later(const struct chain *c, reel_sample *sync)
{
    const struct stop *s = c->stop;
    return !s->later && s->has_entry && reel_track_sample(s->track, c->e.sync_sample, sync, NULL) == REEL_OK &&
           sync->pts > c->e.sample.pts && s->entry.offset != sync->offset;
}

static void put_sync(struct chain *c)
{
    const reel_explanation *e = &c->e;
    reel_sample sync;
    char entry[40] = "", why[120] = "";
    uint64_t before = e->sample.index - e->sync_sample;
    const char *name = e->sample.flags & REEL_SAMPLE_FRAGMENT ? "sync" : "stss";
    if (e->sync_sample == REEL_NO_INDEX) {
        line(c, name, "no sync sample lies at or before it");
        return;
    }
    if (before == 0) {
        put_own_sync(c);
        return;
    }
    if (e->stss_entry)
        snprintf(entry, sizeof entry, "entry %" PRIu64 ": ", e->stss_entry);
    if (shown_later(c, &sync))
        snprintf(why, sizeof why, ", but shown after it (at media time %" PRId64 "): it needs the one before that",
                 sync.pts);
    line(c, name, "%ssync sample %" PRIu64 ", %" PRIu64 " sample%s before this one%s", entry, e->sync_sample, before,
         plural(before), why);
}

static void put_chunk(struct chain *c)
{
    const reel_explanation *e = &c->e;
    line(c, "stsc", "entry %" PRIu64 ": %u sample%s a chunk from chunk %u on; chunk %u begins with sample %" PRIu64,
         e->stsc_entry, (unsigned)e->stsc_samples_per_chunk, plural(e->stsc_samples_per_chunk),
         (unsigned)e->stsc_first_chunk, (unsigned)e->sample.chunk, e->chunk_first_sample);
    line(c, e->chunk_offset > UINT32_MAX ? "co64" : "stco/co64", "chunk %u begins at byte %" PRIu64,
         (unsigned)e->sample.chunk, e->chunk_offset);
    line(c, "stsz", "%" PRIu64 " bytes of the chunk lie before the sample, it has %u", e->bytes_before,
         (unsigned)e->sample.size);
}

static void put_fragment(struct chain *c)
{
    const reel_explanation *e = &c->e;
    if (e->tfdt < 0)
        line(c, "moof", "at byte %" PRIu64 ": its traf has no tfdt, and goes on where the fragment before it ends",
             e->moof_offset);
    else
        line(c, "moof", "at byte %" PRIu64 ": its traf starts at decode time %" PRId64 " (tfdt)", e->moof_offset,
             e->tfdt);
    line(c, "trun", "at byte %" PRIu64 ": begins with sample %" PRIu64 ", this is number %" PRIu64
         " of it: decoded at %" PRId64 ", shown at media time %" PRId64, e->trun_offset, e->trun_first_sample,
         e->sample.index - e->trun_first_sample + 1, e->sample.dts, e->sample.pts);
}

static void put_start(struct chain *c)
{
    const struct stop *s = c->stop;
    char at[40] = "", clock[32];
    if (s->has_entry_shown) {
        clock_format(s->entry_shown, s->timescale, clock);
        snprintf(at, sizeof at, " at %s", clock);
    }
    line(c, "byte", "%" PRIu64 " to %" PRIu64, s->target.offset,
         s->target.offset + s->target.size - (s->target.size > 0));
    if (!s->has_entry)
        line(c, "start", "no sync sample on that side");
    else if (s->before == 0 && s->entry.offset == s->target.offset)
        line(c, "start", "here: decoding can start with the sample itself");
    else if (s->later)
        line(c, "start", "at byte %" PRIu64 ", with a sample that comes later: this one is left out",
             s->entry.offset);
    else if (s->before != REEL_NO_INDEX)
        line(c, "start", "from sample %" PRIu64 "%s, byte %" PRIu64 ": %" PRIu64 " sample%s to decode first, %" PRIu64
             " bytes of the file to read", s->entry.index, at, s->entry.offset, s->before, plural(s->before),
             s->range.size);
    else
        line(c, "start", "from byte %" PRIu64 "%s, %" PRIu64 " bytes of the file to read", s->entry.offset, at,
             s->range.size);
}

/* ---- where FFmpeg would give another time: the library knows (docs/time.md) ---- */

/* The next line about FFmpeg of reel_track_explain_time, without its head and its end; NULL: there is none. */
static const char *next_difference(char **text)
{
    static const char head[] = "FFmpeg: ";
    char *at = *text;
    while (at && *at) {
        char *end = strchr(at, '\n'), *next = end ? end + 1 : at + strlen(at);
        if (end)
            *end = 0;
        *text = next;
        if (!strncmp(at, head, sizeof head - 1) && strcmp(at + sizeof head - 1, "the same") != 0)
            return at + sizeof head - 1;
        at = next;
    }
    return NULL;
}

static void put_ffmpeg(struct chain *c)
{
    char text[EXPLAINED] = "", *at = text;
    const char *words, *label = "FFmpeg";
    reel_track_explain_time(c->stop->track, c->stop->t, text, sizeof text);
    while ((words = next_difference(&at))) {
        line(c, label, "%s", words);
        label = "";
    }
    if (*label)
        line(c, label, "gives it the same time");
}

static void json_ffmpeg(struct json *j, const struct stop *s)
{
    char text[EXPLAINED] = "", *at = text;
    const char *words;
    reel_track_explain_time(s->track, s->t, text, sizeof text);
    json_array(j, "ffmpeg");
    while ((words = next_difference(&at)))
        json_str(j, NULL, words);
    json_close(j, ']');
}

static void explain(struct chain *c, const struct stop *stop)
{
    uint64_t index = stop->target.index;
    *c = (struct chain){.stop = stop};
    if (index == REEL_NO_INDEX && reel_track_find_pts(stop->track, stop->target.pts, &index, NULL) != REEL_OK)
        return;
    c->known = reel_track_explain(stop->track, index, &c->e, NULL) == REEL_OK;
}

void explain_text(struct out *o, const struct stop *s)
{
    struct chain c;
    reel_track_info info;
    explain(&c, s);
    c.out = o;
    reel_track_get_info(s->track, &info);
    out_style(o, BOLD);
    out_clock(o, s->t, s->timescale);
    out_f(o, "  track %u, %s", (unsigned)info.id, reel_track_type_name(info.type));
    if (s->target.index != REEL_NO_INDEX)
        out_f(o, ", sample %" PRIu64, s->target.index);
    out_style(o, PLAIN);
    out_str(o, "\n");
    line(&c, "time", "%s is tick %" PRId64 " of %u a second", s->asked, s->t, (unsigned)s->timescale);
    put_edit(&c);
    if (c.known && c.e.sample.flags & REEL_SAMPLE_FRAGMENT) {
        put_fragment(&c);
        put_sync(&c);
    } else if (c.known) {
        put_tables(&c);
        put_sync(&c);
        put_chunk(&c);
    }
    put_start(&c);
    put_ffmpeg(&c);
    out_str(o, "\n");
}

static void put_json_tables(struct json *j, const reel_explanation *e)
{
    json_u64(j, "stts_entry", e->stts_entry);
    json_u64(j, "stts_first_sample", e->stts_first_sample);
    json_i64(j, "stts_first_dts", e->stts_first_dts);
    json_u64(j, "stts_count", e->stts_count);
    json_u64(j, "stts_delta", e->stts_delta);
    json_u64(j, "ctts_entry", e->ctts_entry);
    json_i64(j, "ctts_offset", e->ctts_offset);
    json_u64(j, "stss_entry", e->stss_entry);
    json_u64(j, "stsc_entry", e->stsc_entry);
    json_u64(j, "stsc_first_chunk", e->stsc_first_chunk);
    json_u64(j, "samples_per_chunk", e->stsc_samples_per_chunk);
    json_u64(j, "chunk", e->sample.chunk);
    json_u64(j, "chunk_first_sample", e->chunk_first_sample);
    json_u64(j, "chunk_offset", e->chunk_offset);
    json_u64(j, "bytes_before", e->bytes_before);
}

void explain_json(struct json *j, const struct stop *s)
{
    struct chain c;
    explain(&c, s);
    json_object(j, "explain");
    if (c.known && c.e.sample.flags & REEL_SAMPLE_FRAGMENT) {
        json_u64(j, "moof_offset", c.e.moof_offset);
        json_u64(j, "trun_offset", c.e.trun_offset);
        if (c.e.tfdt < 0)
            json_null(j, "tfdt");
        else
            json_i64(j, "tfdt", c.e.tfdt);
        json_u64(j, "trun_first_sample", c.e.trun_first_sample);
    } else if (c.known) {
        put_json_tables(j, &c.e);
    }
    if (c.known && c.e.sync_sample != REEL_NO_INDEX)
        json_u64(j, "sync_sample", c.e.sync_sample);
    json_ffmpeg(j, s);
    json_close(j, '}');
}
