/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The manifest of DASH: ISO/IEC 23009-1, profile isoff-live, or isoff-on-demand of tracks that are one file each, which
 * say themselves where their segments are. Else segments are named by $Time$, and S@t is when a segment is
 * first shown. It may not be negative: the first segment of a track that begins before 0 (priming of sound, which the edit
 * list in the init segment takes off again) is named 0 here, as reel_segment_named understands.
 */
#include <reel/meta.h>

#include "base/checked.h"
#include "write/playlist.h"

struct mpd {
    reel__out out, set, line;  /* of what is open: the period, a set's representations, one timeline */
    const reel_allocator *alloc;
    reel_playlist_options options;
    reel__stream *stream;
    size_t streams;
    bool live, on_demand;  /* on_demand: every track is one file */
    uint32_t entries;      /* that may still come: many tracks of many segments are no film */
    uint64_t end, longest; /* microseconds: of the period, of a segment */
};

/* One timeline as it is written, and enough of it to see whether two are alike. */
struct timeline {
    uint64_t next, duration, repeats;
    bool begun;
    uint64_t hash;
};

/* ---- words ---- */

/* In attributes and in text alike. What comes here has no controls any more. */
static void put_escaped(reel__out *o, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': reel__out_text(o, "&amp;"); break;
        case '<': reel__out_text(o, "&lt;"); break;
        case '>': reel__out_text(o, "&gt;"); break;
        case '"': reel__out_text(o, "&quot;"); break;
        default: reel__out_8(o, (uint8_t)*text);
        }
    }
}

static void put_xml_uri(reel__out *o, const char *uri)
{
    reel__out plain;
    reel__out_init(&plain, &o->alloc, 0);
    reel__put_uri(&plain, uri);
    reel__out_8(&plain, 0);
    if (plain.code == REEL_OK)
        put_escaped(o, (const char *)plain.data);
    else
        o->code = o->code == REEL_OK ? plain.code : o->code;
    reel__out_free(&plain);
}

static void put_duration(reel__out *o, const char *name, uint64_t micros)
{
    reel__out_format(o, " %s=\"PT%llu.%06lluS\"", name, (unsigned long long)(micros / 1000000),
                     (unsigned long long)(micros % 1000000));
}

/* Seconds since 1970 as xs:dateTime: the civil calendar in eras of 400 years. */
static void put_date(reel__out *o, const char *name, uint64_t seconds)
{
    uint64_t days = seconds / 86400 + 719468, era = days / 146097, of_era = days % 146097;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    unsigned day = (unsigned)(of_year - (153 * month + 2) / 5 + 1), shown = (unsigned)(month < 10 ? month + 3 : month - 9);
    reel__out_format(o, " %s=\"%04llu-%02u-%02uT%02u:%02u:%02uZ\"", name,
                     (unsigned long long)(year + era * 400 + (shown <= 2)), shown, day, (unsigned)(seconds / 3600 % 24),
                     (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

/* ---- timelines ---- */

static void put_run(reel__out *o, const struct timeline *t)
{
    reel__out_format(o, "d=\"%llu\"", (unsigned long long)t->duration);
    if (t->repeats)
        reel__out_format(o, " r=\"%llu\"", (unsigned long long)t->repeats);
    reel__out_text(o, "/>\n");
}

static void add_segment(reel__out *o, struct timeline *t, uint64_t time, uint64_t duration)
{
    if (t->begun && duration == t->duration) {
        t->repeats++;
    } else {
        if (t->begun)
            put_run(o, t);
        reel__out_text(o, "     <S ");
        if (!t->begun)
            reel__out_format(o, "t=\"%llu\" ", (unsigned long long)time);
        t->begun = true;
        t->duration = duration;
        t->repeats = 0;
    }
    t->next = time + duration;
}

static void mix(struct timeline *t, uint64_t v)
{
    t->hash = (t->hash ^ v) * 0x100000001b3u;
}

/* Into m->line. A segment that is over before 0 is never shown, and has no name here. */
static int put_timeline(struct mpd *m, const reel__stream *s, struct timeline *t, reel_error *err)
{
    reel__entries e;
    reel__entry entry;
    int code;
    *t = (struct timeline){.hash = 1};
    m->line.size = 0;
    reel__entries_init(&e, s->segmenter, &s->track, 1, m->live);
    while ((code = reel__entries_next(&e, &entry, err)) == REEL_OK) {
        int64_t time = REEL__MAX(entry.time, 0);
        if (m->entries-- == 0)
            return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "more segments than a manifest can hold");
        if (entry.end <= time)
            continue;
        add_segment(&m->line, t, (uint64_t)time, (uint64_t)(entry.end - time));
        m->longest = REEL__MAX(m->longest, reel__micros(time, entry.end, e.timescale));
        m->end = REEL__MAX(m->end, reel__micros(0, entry.end, e.timescale));
        mix(t, reel__micros(0, entry.end, e.timescale));
    }
    if (t->begun)
        put_run(&m->line, t);
    return code == REEL_END ? REEL_OK : code;
}

/* ---- representations ---- */

/* ISO/IEC 23091-3: up to six channels number and configuration are the same */
static void put_channels(reel__out *o, uint32_t channels)
{
    static const uint8_t configurations[] = {0, 1, 2, 3, 4, 5, 6, 11, 12};
    if (channels > 0 && channels < sizeof configurations)
        reel__out_format(o,
                         "    <AudioChannelConfiguration "
                         "schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"%u\"/>\n",
                         configurations[channels]);
}

static void put_picture(reel__out *o, const reel__stream *s)
{
    uint32_t width = s->d.width, height = s->d.height;
    reel_rational sar = s->d.pixel_aspect;
    if (s->info.rotation == 90 || s->info.rotation == 270) {
        width = s->d.height;
        height = s->d.width;
        sar = (reel_rational){s->d.pixel_aspect.den, s->d.pixel_aspect.num};
    }
    if (width && height)
        reel__out_format(o, " width=\"%u\" height=\"%u\"", width, height);
    if (s->fps.den == 1)
        reel__out_format(o, " frameRate=\"%u\"", s->fps.num);
    else if (s->fps.den)
        reel__out_format(o, " frameRate=\"%u/%u\"", s->fps.num, s->fps.den);
    bool said = sar.num && sar.den;
    reel__out_format(o, " sar=\"%u:%u\"", said ? sar.num : 1, said ? sar.den : 1);
}

/*
 * Text of a film that is whole: one file, which every player takes. (Few know WebVTT in segments, and it is small.)
 */
static void put_file(reel__out *o, const reel__stream *s)
{
    reel__out_text(o, "    <BaseURL>");
    put_xml_uri(o, s->prefix);
    reel__out_format(o, "t%u/file.vtt</BaseURL>\n", s->info.id);
}

/* 5.3.9.2: one file, which begins with what a player has to know and says itself where its segments are. */
static void put_base(reel__out *o, const reel__stream *s, const reel_stream_file *file)
{
    reel__out_text(o, "    <BaseURL>");
    put_xml_uri(o, s->prefix);
    reel__out_format(o,
                     "t%u/%s</BaseURL>\n    <SegmentBase timescale=\"%u\" indexRange=\"%llu-%llu\" "
                     "indexRangeExact=\"true\">\n     <Initialization range=\"0-%llu\"/>\n    </SegmentBase>\n",
                     s->info.id, reel__file_name(file), s->info.timescale, (unsigned long long)file->init,
                     (unsigned long long)file->first - 1, (unsigned long long)file->init - 1);
}

static void put_template(reel__out *o, const reel__stream *s, const char *form, const reel__out *line)
{
    uint32_t timescale = s->text ? s->segmenter->timescale : s->info.timescale;
    reel__out_text(o, "    <BaseURL>");
    put_xml_uri(o, s->prefix);
    reel__out_format(o, "t%u/</BaseURL>\n    <SegmentTemplate timescale=\"%u\" ", s->info.id, timescale);
    if (!s->text)
        reel__out_text(o, "initialization=\"init.mp4\" ");
    reel__out_format(o, "media=\"$Time$.%s\">\n     <SegmentTimeline>\n", form);
    reel__out_bytes(o, line->data, line->size);
    reel__out_text(o, "     </SegmentTimeline>\n    </SegmentTemplate>\n");
}

static void put_representation(struct mpd *m, const reel__stream *s)
{
    reel__out *o = &m->set;
    reel__out_format(o, "   <Representation id=\"%zu-t%u\" bandwidth=\"%llu\"", s->rendition, s->info.id,
                     (unsigned long long)s->rate.peak);
    if (s->codecs[0]) {
        reel__out_text(o, " codecs=\"");
        put_escaped(o, s->codecs);
        reel__out_text(o, "\"");
    }
    if (s->info.type == REEL_TRACK_VIDEO)
        put_picture(o, s);
    if (s->info.type == REEL_TRACK_AUDIO && s->d.sample_rate)
        reel__out_format(o, " audioSamplingRate=\"%u\"", s->d.sample_rate);
    reel__out_text(o, ">\n");
    if (s->info.type == REEL_TRACK_AUDIO)
        put_channels(o, s->d.channels);
    const reel_stream_file *file = reel__file_of(&m->options, s->track, 0);
    if (s->text && !m->live)
        put_file(o, s);
    else if (file)
        put_base(o, s, file);
    else
        put_template(o, s, s->text ? "vtt" : "m4s", &m->line);
    reel__out_text(o, "   </Representation>\n");
}

/* ---- sets ---- */

/* 5.8.4.1, ISO/IEC 23001-7 11 */
static void put_protection(reel__out *o, const reel__stream *s)
{
    const reel_protection p = s->protection;
    reel_pssh pssh;
    char scheme[17];
    if (!p.scheme)
        return;
    reel__out_text(o, "   <ContentProtection schemeIdUri=\"urn:mpeg:dash:mp4protection:2011\" value=\"");
    put_escaped(o, reel_4cc_text(p.scheme, scheme));
    reel__out_text(o, "\"");
    if (p.has_tenc) {
        reel__out_text(o, " cenc:default_KID=\"");
        reel__put_uuid(o, p.kid);
        reel__out_text(o, "\"");
    }
    reel__out_text(o, "/>\n");
    for (size_t i = 0; reel__next_pssh(s->segmenter->movie, &p, &i, &pssh) == REEL_OK;) {
        reel__out_text(o, "   <ContentProtection schemeIdUri=\"urn:uuid:");
        reel__put_uuid(o, pssh.system_id);
        reel__out_text(o, "\">\n    <cenc:pssh>");
        reel__put_base64(o, pssh.box);
        reel__out_text(o, "</cenc:pssh>\n   </ContentProtection>\n");
    }
}

static const char *mime_of(const reel__stream *s)
{
    if (s->text)
        return "text/vtt";
    if (s->info.type == REEL_TRACK_TEXT)
        return "application/mp4";
    return s->info.type == REEL_TRACK_VIDEO ? "video/mp4" : "audio/mp4";
}

static const char *content_of(const reel__stream *s)
{
    return s->info.type == REEL_TRACK_TEXT ? "text" : reel_track_type_name(s->info.type);
}

static bool same_key(const reel__stream *a, const reel__stream *b)
{
    return a->protection.scheme == b->protection.scheme && !memcmp(a->protection.kid, b->protection.kid, 16);
}

/* Could a player switch from one to the other in the middle? */
static bool alike(const reel__stream *a, const reel__stream *b)
{
    return a->info.type == b->info.type && a->text == b->text && !strcmp(a->family, b->family) &&
           !strcmp(a->language, b->language) && same_key(a, b);
}

/* Of those alike in one rendition each is the first of another set: another angle, a commentary. */
static size_t ordinal_of(const struct mpd *m, size_t i)
{
    size_t n = 0;
    for (size_t k = 0; k < i; k++)
        n += m->stream[k].rendition == m->stream[i].rendition && alike(&m->stream[k], &m->stream[i]);
    return n;
}

static bool is_first(const struct mpd *m, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (m->stream[k].info.type == m->stream[i].info.type)
            return false;
    return true;
}

static void put_set_head(struct mpd *m, size_t i, size_t n, bool aligned)
{
    const reel__stream *s = &m->stream[i];
    reel__out *o = &m->out;
    reel__out_format(o, "  <AdaptationSet id=\"%zu\" contentType=\"%s\" mimeType=\"%s\"", n, content_of(s), mime_of(s));
    if (s->language[0])
        reel__out_format(o, " lang=\"%s\"", s->language);
    const char *of = m->on_demand ? "subsegment" : "segment";
    if (aligned && (!s->text || m->live))
        reel__out_format(o, " %sAlignment=\"true\"", of);
    if (!s->text)
        reel__out_text(o, m->on_demand ? " subsegmentStartsWithSAP=\"1\"" : " startWithSAP=\"1\"");
    reel__out_text(o, ">\n");
    put_protection(o, s);
    if (s->info.type != REEL_TRACK_VIDEO) {
        reel__out_text(o, "   <Label>");
        put_escaped(o, s->name);
        reel__out_text(o, "</Label>\n");
    }
    const char *role = is_first(m, i) ? "main" : "alternate";
    if (s->info.type == REEL_TRACK_TEXT)
        role = s->forced ? "forced-subtitle" : "subtitle";
    reel__out_format(o, "   <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"%s\"/>\n", role);
}

/* All that are alike, and the as-many-eth so in their renditions. */
static int put_set(struct mpd *m, size_t i, size_t n, reel_error *err)
{
    uint64_t hash = 0;
    bool aligned = true;
    m->set.size = 0;
    for (size_t k = i; k < m->streams; k++) {
        struct timeline t;
        if (!alike(&m->stream[k], &m->stream[i]) || m->stream[k].member != m->stream[i].member)
            continue;
        int code = put_timeline(m, &m->stream[k], &t, err);
        if (code != REEL_OK)
            return code;
        aligned &= k == i || t.hash == hash;
        hash = t.hash;
        put_representation(m, &m->stream[k]);
    }
    put_set_head(m, i, n, aligned);
    reel__out_bytes(&m->out, m->set.data, m->set.size);
    reel__out_text(&m->out, "  </AdaptationSet>\n");
    return REEL_OK;
}

static void put_sidecar(struct mpd *m, const reel_sidecar *s, size_t n)
{
    char language[36], name[96];
    reel__out *o = &m->out;
    reel__language(s->language, language);
    reel__plain_text((reel_span){(const uint8_t *)s->name, s->name ? strlen(s->name) : 0}, name, sizeof name);
    reel__out_format(o, "  <AdaptationSet id=\"%zu\" contentType=\"text\" mimeType=\"text/vtt\"", n);
    if (language[0])
        reel__out_format(o, " lang=\"%s\"", language);
    reel__out_text(o, ">\n   <Label>");
    bool named = name[0] && strcmp(name, s->language ? s->language : "") != 0;
    put_escaped(o, named ? name : language[0] ? reel__language_name(language) : "Subtitles");
    reel__out_format(o, "</Label>\n   <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"%s\"/>\n",
                     s->flags & REEL_SIDECAR_FORCED ? "forced-subtitle" : "subtitle");
    reel__out_format(o, "   <Representation id=\"sub-%zu\" bandwidth=\"1000\">\n    <BaseURL>", n);
    put_xml_uri(o, s->file_uri ? s->file_uri : "");
    reel__out_text(o, "</BaseURL>\n   </Representation>\n  </AdaptationSet>\n");
}

/* ---- the document ---- */

static int put_sets(struct mpd *m, reel_error *err)
{
    size_t n = 0, sidecars = REEL__MIN(m->options.sidecar_count, (size_t)REEL__MOST_STREAMS);
    int code = REEL_OK;
    size_t text_from = SIZE_MAX;
    for (size_t i = 0; i < m->streams; i++) {
        m->stream[i].member = ordinal_of(m, i);
        if (m->stream[i].info.type == REEL_TRACK_TEXT && text_from == SIZE_MAX)
            text_from = m->stream[i].rendition;
    }
    for (size_t i = 0; code == REEL_OK && i < m->streams; i++) {
        size_t k = 0;
        while (k < i && !(alike(&m->stream[k], &m->stream[i]) && m->stream[k].member == m->stream[i].member))
            k++;
        if (k == i && !(m->stream[i].info.type == REEL_TRACK_TEXT && m->stream[i].rendition != text_from))
            code = put_set(m, i, n++, err);
    }
    for (size_t i = 0; i < sidecars; i++)
        put_sidecar(m, &m->options.sidecars[i], n++);
    return code;
}

/*
 * When a film that grows began: its creation time. Without one it counts from 1970, and players go by the timeline. It
 * must not change from one manifest to the next, so no clock is asked; neither is one for publishTime, which is how far the
 * film was.
 */
static void put_live(reel__out *o, const struct mpd *m, const reel_segmenter *s)
{
    enum { EPOCH = 2082844800 }; /* 1904 to 1970 */
    reel_movie_info info;
    reel_movie_get_info(s->movie, &info);
    uint64_t began = info.creation_time > EPOCH && info.creation_time - EPOCH < UINT32_MAX ? info.creation_time - EPOCH : 0;
    uint64_t length = reel__micros(0, s->target, s->timescale);
    put_date(o, "availabilityStartTime", began);
    put_date(o, "publishTime", began + m->end / 1000000);
    put_duration(o, "minimumUpdatePeriod", length);
    put_duration(o, "suggestedPresentationDelay", 3 * REEL__MAX(length, m->longest));
}

static void put_head(reel__out *o, const struct mpd *m, const reel_segmenter *s)
{
    reel__out_format(o,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
                     "xmlns:cenc=\"urn:mpeg:cenc:2013\" profiles=\"urn:mpeg:dash:profile:isoff-%s:2011\" type=\"%s\"",
                     m->on_demand ? "on-demand" : "live", m->live ? "dynamic" : "static");
    if (m->live)
        put_live(o, m, s);
    else
        put_duration(o, "mediaPresentationDuration", m->end);
    put_duration(o, "maxSegmentDuration", m->longest);
    put_duration(o, "minBufferTime", REEL__MIN(m->longest, 2000000));
    reel__out_text(o, ">\n <Period id=\"0\" start=\"PT0S\">\n");
}

static int finish(struct mpd *m, const reel_segmenter *s, reel_plan **out, reel_error *err)
{
    reel__out head;
    reel_plan *plan = NULL;
    reel__out_init(&head, m->alloc, 0);
    put_head(&head, m, s);
    reel__out_text(&m->out, " </Period>\n</MPD>\n");
    if (m->set.code != REEL_OK || m->line.code != REEL_OK)
        m->out.code = m->out.code != REEL_OK ? m->out.code : m->set.code != REEL_OK ? m->set.code : m->line.code;
    int code = reel__plan_of_out(&head, &plan, err);
    if (code == REEL_OK)
        code = reel__plan_add_out(plan, &m->out, err);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}

/* Text that comes as WebVTT is a file in either profile. */
static void find_profile(struct mpd *m)
{
    m->on_demand = m->options.file_count > 0;
    for (size_t i = 0; i < m->streams; i++)
        m->on_demand &= m->stream[i].text || reel__file_of(&m->options, m->stream[i].track, 0);
}

/* As of the multivariant playlist: text alone is no film. */
static bool shows_or_sounds(const struct mpd *m)
{
    for (size_t i = 0; i < m->streams; i++)
        if (m->stream[i].info.type == REEL_TRACK_VIDEO || m->stream[i].info.type == REEL_TRACK_AUDIO)
            return true;
    return false;
}

int reel_dash_manifest(const reel_rendition *renditions, size_t n, const reel_playlist_options *options, reel_plan **out,
                       reel_error *err)
{
    struct mpd m = {.entries = REEL__MOST_LOOKUPS};
    if (!renditions || !n || !out || !reel__playlist_options(options, &m.options))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no renditions, or no place for the plan");
    m.alloc = m.options.alloc ? m.options.alloc : &reel__malloc;
    m.live = m.options.flags & REEL_STREAM_LIVE;
    int code = reel__streams_of(renditions, n, false, m.alloc, &m.stream, &m.streams, err);
    if (code != REEL_OK)
        return code;
    find_profile(&m);
    reel__out_init(&m.out, m.alloc, 0);
    reel__out_init(&m.set, m.alloc, 0);
    reel__out_init(&m.line, m.alloc, 0);
    code = shows_or_sounds(&m) ? put_sets(&m, err)
                               : reel__fail(err, REEL_E_NOT_FOUND, REEL_NO_OFFSET, NULL,
                                            "the film has neither pictures nor sound");
    if (code == REEL_OK)
        code = finish(&m, renditions[0].segmenter, out, err);
    reel__out_free(&m.out);
    reel__out_free(&m.set);
    reel__out_free(&m.line);
    reel__free(m.alloc, m.stream);
    return code;
}
