/* SPDX-License-Identifier: BSD-2-Clause */
/* explain.c: reel seek --explain: the chain from the clock to the byte, with the numbers of the tables. */
#include "seek.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { LABEL_WIDTH = 11, COLUMN = 13, TEXT_LENGTH = 400 };

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

static void put_sync(struct chain *c)
{
    const reel_explanation *e = &c->e;
    const char *name = e->sample.flags & REEL_SAMPLE_FRAGMENT ? "sync" : "stss";
    uint64_t before = e->sample.index - e->sync_sample;
    if (e->sync_sample == REEL_NO_INDEX)
        line(c, name, "no sync sample lies at or before it");
    else if (e->sync_sample == e->sample.index && !e->stss_entry)
        line(c, name, "every sample is a sync sample, or this one says so itself");
    else if (e->sync_sample == e->sample.index)
        line(c, name, "entry %" PRIu64 ": this is a sync sample", e->stss_entry);
    else if (e->stss_entry)
        line(c, name, "entry %" PRIu64 ": sync sample %" PRIu64 ", %" PRIu64 " sample%s before this one",
             e->stss_entry, e->sync_sample, before, plural(before));
    else
        line(c, name, "sync sample %" PRIu64 ", %" PRIu64 " sample%s before this one", e->sync_sample, before,
             plural(before));
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
    line(c, "moof", "at byte %" PRIu64 ": its traf starts at decode time %" PRId64 " (tfdt)", e->moof_offset,
         e->tfdt);
    line(c, "trun", "at byte %" PRIu64 ": begins with sample %" PRIu64 ", this is number %" PRIu64
         " of it: decoded at %" PRId64 ", shown at media time %" PRId64, e->trun_offset, e->trun_first_sample,
         e->sample.index - e->trun_first_sample + 1, e->sample.dts, e->sample.pts);
}

static void put_start(struct chain *c)
{
    const struct stop *s = c->stop;
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
        line(c, "start", "at sample %" PRIu64 ", byte %" PRIu64 ": %" PRIu64 " sample%s to decode first, %" PRIu64
             " bytes of the file to read", s->entry.index, s->entry.offset, s->before, plural(s->before),
             s->range.size);
    else
        line(c, "start", "at byte %" PRIu64 ", %" PRIu64 " bytes of the file to read", s->entry.offset,
             s->range.size);
}

/* ---- where FFmpeg would give another time: docs/time.md ---- */

struct census {
    size_t edits, media, empty_later, dwell, rate;
    bool negative, fragment;
};

static void count_edits(const struct chain *c, struct census *n)
{
    reel_edit edit;
    n->edits = reel_track_edit_count(c->stop->track);
    for (size_t i = 0; i < n->edits && i < 1000 && reel_track_edit(c->stop->track, i, &edit) == REEL_OK; i++) {
        n->media += edit.kind == REEL_EDIT_MEDIA;
        n->dwell += edit.kind == REEL_EDIT_DWELL;
        n->empty_later += edit.kind == REEL_EDIT_EMPTY && i > 0;
        n->rate += edit.kind == REEL_EDIT_MEDIA && edit.media_rate != 0x10000;
    }
    n->negative = c->stop->target.pts < c->stop->target.dts;
    n->fragment = c->stop->target.flags & REEL_SAMPLE_FRAGMENT;
}

static size_t list_differences(const struct chain *c, const char *out[8])
{
    struct census n = {0};
    size_t count = 0;
    count_edits(c, &n);
    if (n.dwell)
        out[count++] = "plays a dwell (rate 0) as if it were media at rate 1";
    if (n.rate)
        out[count++] = "plays every edit at rate 1";
    if (n.negative)
        out[count++] = "shifts the track so that no composition offset is negative, so its decode times are earlier";
    if (n.fragment && n.media > 1)
        out[count++] = "takes only the first media edit of a fragmented track";
    if (n.empty_later)
        out[count++] = "leaves out empty edits behind the first";
    return count;
}

static void put_ffmpeg(struct chain *c)
{
    const char *differences[8];
    size_t n = list_differences(c, differences);
    if (n == 0)
        line(c, "FFmpeg", "gives it the same time");
    for (size_t i = 0; i < n; i++)
        line(c, i ? "" : "FFmpeg", "%s", differences[i]);
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
    const char *differences[8];
    explain(&c, s);
    json_object(j, "explain");
    if (c.known && c.e.sample.flags & REEL_SAMPLE_FRAGMENT) {
        json_u64(j, "moof_offset", c.e.moof_offset);
        json_u64(j, "trun_offset", c.e.trun_offset);
        json_i64(j, "tfdt", c.e.tfdt);
        json_u64(j, "trun_first_sample", c.e.trun_first_sample);
    } else if (c.known) {
        put_json_tables(j, &c.e);
    }
    if (c.known && c.e.sync_sample != REEL_NO_INDEX)
        json_u64(j, "sync_sample", c.e.sync_sample);
    json_array(j, "ffmpeg");
    for (size_t i = 0, n = list_differences(&c, differences); i < n; i++)
        json_str(j, NULL, differences[i]);
    json_close(j, ']');
    json_close(j, '}');
}
