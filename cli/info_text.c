/* SPDX-License-Identifier: BSD-2-Clause */
/* info_text.c: reel info for people: the film first, then a paragraph a track. */
#include "facts.h"

#include <string.h>

enum { LABEL_WIDTH = 12, EDITS_SHOWN = 4 };

static void label(struct out *o, const char *name)
{
    out_str(o, "  ");
    out_style(o, DIM);
    out_f(o, "%-*s", LABEL_WIDTH, name);
    out_style(o, PLAIN);
}

/* Without the blanks that fill it up. */
static void put_4cc(struct out *o, uint32_t fourcc)
{
    char buf[17];
    size_t n = strlen(reel_4cc_text(fourcc, buf));
    while (n > 1 && buf[n - 1] == ' ')
        n--;
    out_bytes(o, buf, n);
}

static void put_brands(struct out *o, const reel_movie *movie, const reel_movie_info *m)
{
    if (!m->major_brand)
        return;
    label(o, "brands");
    put_4cc(o, m->major_brand);
    for (uint32_t i = 0; i < m->brand_count && i < 16; i++) {
        out_str(o, i ? " " : " (");
        put_4cc(o, reel_movie_brand(movie, i));
    }
    out_str(o, m->brand_count > 16 ? " ...)\n" : m->brand_count ? ")\n" : "\n");
}

static void put_layout(struct out *o, const reel_movie_info *m)
{
    if (!m->moov_size)
        return;
    label(o, "movie box");
    out_size(o, m->moov_size);
    if (m->mdat_size)
        out_str(o, m->moov_offset < m->mdat_offset ? ", in front of the media" : ", behind the media");
    if (m->compressed)
        out_str(o, ", compressed");
    out_str(o, "\n");
    if (!m->fragmented)
        return;
    label(o, "fragments");
    out_f(o, "yes, %s\n",
          m->has_sidx ? "indexed by sidx" : m->has_mfra ? "indexed by mfra" : "without an index (sidx, mfra)");
}

static void put_bit_rate(struct out *o, double rate)
{
    if (rate < 1e3)
        out_f(o, ", %.0f b/s", rate);
    else if (rate < 1e6)
        out_f(o, ", %.0f kb/s", rate / 1e3);
    else
        out_f(o, ", %.1f Mb/s", rate / 1e6);
}

/* The longest presentation among the tracks, in its own timescale; 0 ticks where none is known. */
static const struct facts *longest_track(const struct facts *facts, size_t n)
{
    const struct facts *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (facts[i].shown > 0 && (!best || reel_time_compare(facts[i].shown, facts[i].info.timescale, best->shown,
                                                              best->info.timescale) > 0))
            best = &facts[i];
    return best;
}

static void put_duration(struct out *o, const struct film *film, const struct facts *facts, size_t n,
                         const reel_movie_info *m)
{
    const struct facts *f = longest_track(facts, n);
    int64_t ticks = f ? f->shown : (int64_t)(m->duration & INT64_MAX);
    uint32_t timescale = f ? f->info.timescale : m->timescale;
    if (!timescale || ticks <= 0)
        return;
    label(o, "duration");
    out_clock(o, ticks, timescale);
    put_bit_rate(o, (double)reel_source_size(film->source) * 8 * timescale / (double)ticks);
    out_str(o, "\n");
}

static void put_movie(struct out *o, const struct film *film, const struct facts *facts, size_t n)
{
    reel_movie_info m;
    char date[32];
    reel_movie_get_info(film->movie, &m);
    out_style(o, BOLD);
    out_name(o, film->name);
    out_style(o, PLAIN);
    out_str(o, "\n");
    put_brands(o, film->movie, &m);
    label(o, "size");
    out_size(o, reel_source_size(film->source));
    if (reel_source_size(film->source) >= 1000) {
        out_str(o, " (");
        out_grouped(o, reel_source_size(film->source));
        out_str(o, " bytes)");
    }
    out_str(o, "\n");
    put_duration(o, film, facts, n, &m);
    put_layout(o, &m);
    if (info_date(m.creation_time, date, sizeof date)) {
        label(o, "created");
        out_f(o, "%s\n", date);
    }
}

static void put_rate(struct out *o, const struct facts *f)
{
    reel_rational exact = facts_exact_rate(f);
    double average = facts_average_rate(f);
    if (f->info.type != REEL_TRACK_VIDEO || average <= 0)
        return;
    if (exact.den == 1)
        out_f(o, ", %u fps", (unsigned)exact.num);
    else if (exact.den)
        out_f(o, ", %.5g fps (%u/%u)", (double)exact.num / exact.den, (unsigned)exact.num, (unsigned)exact.den);
    else
        out_f(o, ", %.4g fps on average%s", average, f->walked ? ", variable" : "");
}

static void put_picture(struct out *o, const reel_description *d, const struct facts *f)
{
    uint32_t w = f->info.width >> 16, h = f->info.height >> 16;
    label(o, "picture");
    if (d->width && d->height)
        out_f(o, "%ux%u%s", (unsigned)d->width, (unsigned)d->height, d->size_from_stream ? " (of the stream)" : "");
    else if (w && h)
        out_f(o, "%ux%u (of the track header)", (unsigned)w, (unsigned)h);
    else
        out_str(o, "of unknown size");
    if (d->pixel_aspect.den && d->pixel_aspect.num != d->pixel_aspect.den)
        out_f(o, ", pixels %u:%u", (unsigned)d->pixel_aspect.num, (unsigned)d->pixel_aspect.den);
    if (w && h && d->width && d->height && (w != d->width || h != d->height))
        out_f(o, ", shown as %ux%u", (unsigned)w, (unsigned)h);
    if (f->info.rotation)
        out_f(o, ", turned by %u degrees", (unsigned)f->info.rotation);
    if (f->info.mirrored)
        out_str(o, ", mirrored");
    if (d->bit_depth)
        out_f(o, ", %u bits", (unsigned)d->bit_depth);
    put_rate(o, f);
    if (d->field_count == 2)
        out_str(o, ", interlaced");
    out_str(o, "\n");
}

static void put_name(struct out *o, const char *separator, const char *name, unsigned value)
{
    if (name)
        out_f(o, "%s%s", separator, name);
    else
        out_f(o, "%s%u", separator, value);
}

void info_text_colour(struct out *o, unsigned primaries, unsigned transfer, unsigned matrix, bool full_range)
{
    put_name(o, "", primaries == 2 ? "unspecified" : name_of_primaries(primaries), primaries);
    put_name(o, " / ", transfer == 2 ? "unspecified" : name_of_transfer(transfer), transfer);
    put_name(o, " / ", matrix == 2 ? "unspecified" : name_of_matrix(matrix), matrix);
    out_str(o, full_range ? ", full range" : ", limited range");
}

static void put_colour(struct out *o, const reel_description *d)
{
    bool unspecified = d->colour_primaries == 2 && d->transfer == 2 && d->matrix == 2;
    if ((!d->colour_known || unspecified) && !d->icc.size)
        return;
    label(o, "colour");
    if (d->colour_known && !unspecified)
        info_text_colour(o, d->colour_primaries, d->transfer, d->matrix, d->full_range);
    if (d->icc.size) {
        out_str(o, d->colour_known && !unspecified ? ", ICC profile of " : "ICC profile of ");
        out_size(o, d->icc.size);
    }
    out_str(o, "\n");
}

static void put_hdr(struct out *o, const reel_description *d)
{
    const char *comma = "", *light = name_of_light(d);
    if (!d->has_mdcv && !d->has_clli && !d->dovi_profile && !light)
        return;
    label(o, "HDR");
    if (d->dovi_profile) {
        out_f(o, "Dolby Vision profile %u", d->dovi_profile);
        if (d->dovi_compatibility)
            out_f(o, ".%u", d->dovi_compatibility);
        out_f(o, " level %u", d->dovi_level);
        comma = ", ";
    }
    if (light) {
        out_f(o, "%s%s", comma, light);
        comma = ", ";
    }
    if (d->has_mdcv) {
        out_f(o, "%smastered at %.4g-%.4g cd/m2", comma, d->mdcv_min * 0.0001, d->mdcv_max * 0.0001);
        comma = ", ";
    }
    if (d->has_clli)
        out_f(o, "%scontent light at most %u, frame average %u", comma, d->max_cll, d->max_fall);
    out_str(o, "\n");
}

/* AMR puts several frames into a sample. 3GPP TS 26.244 6.7 */
static void put_frame(struct out *o, const reel_description *d)
{
    unsigned all = d->samples_per_frame, frame = all;
    if (d->codec_format == REEL_4CC('s', 'a', 'm', 'r'))
        frame = 160;
    if (d->codec_format == REEL_4CC('s', 'a', 'w', 'b'))
        frame = 320;
    if (all == 1 && d->bits_per_sample)
        out_f(o, ", %u bits", (unsigned)d->bits_per_sample);
    else if (all > frame && all % frame == 0)
        out_f(o, ", %u a frame, %u frames a sample", frame, all / frame);
    else if (all > 1)
        out_f(o, ", %u a frame", all);
}

static void put_channels(struct out *o, const reel_description *d)
{
    static const char *const names[] = {"", ", mono", ", stereo"};
    if (!d->sample_rate && !d->channels)
        return;
    label(o, "sound");
    if (d->sample_rate)
        out_f(o, "%u Hz", (unsigned)d->sample_rate);
    else
        out_str(o, "unknown rate");
    if (d->channels <= 2)
        out_str(o, names[d->channels]);
    else
        out_f(o, ", %u channels", (unsigned)d->channels);
    put_frame(o, d);
    out_str(o, "\n");
}

static void put_gop(struct out *o, const struct facts *f)
{
    if (f->info.type != REEL_TRACK_VIDEO || !f->walked)
        return;
    if (f->sync == f->samples)
        out_str(o, ", all sync");
    else if (f->sync == 0)
        out_str(o, ", no sync sample");
    else
        out_f(o, ", %llu sync", (unsigned long long)f->sync);
    if (f->sync == 0 || f->sync == f->samples)
        return;
    out_f(o, f->shortest_gop == f->longest_gop ? " (GOP %llu)" : " (GOP %llu to %llu)",
          (unsigned long long)f->shortest_gop, (unsigned long long)f->longest_gop);
}

static void put_samples(struct out *o, const struct facts *f)
{
    double rate = facts_bit_rate(f);
    label(o, "samples");
    out_grouped(o, f->samples);
    put_gop(o, f);
    if (f->walked && f->bytes) {
        out_str(o, ", ");
        out_size(o, f->bytes);
    }
    if (rate > 0)
        put_bit_rate(o, rate);
    out_str(o, "\n");
    if (f->outside) {
        label(o, "");
        out_style(o, YELLOW);
        out_f(o, "%llu end past the end of the file", (unsigned long long)f->outside);
        if (f->inside_end > 0) {
            out_str(o, ": it plays to ");
            out_clock(o, f->inside_end, f->info.timescale);
        }
        out_style(o, PLAIN);
        out_str(o, "\n");
    }
}

/* Do both read the same on a clock, but for what the movie's milliseconds leave over? */
static bool same_clock(int64_t a, int64_t b, uint32_t timescale)
{
    int64_t x = reel_rescale(a, timescale, 1000), y = reel_rescale(b, timescale, 1000);
    return x < y ? x + 1 >= y : y + 1 >= x;
}

static void put_times(struct out *o, const struct facts *f)
{
    uint64_t ticks = facts_duration(f);
    uint32_t timescale = f->info.timescale;
    int64_t media = ticks <= INT64_MAX ? (int64_t)ticks : 0, starts = f->shown > f->starts ? f->starts : 0;
    int64_t plays = f->shown - starts;
    const char *comma = "";
    label(o, "time");
    if (f->shown > 0 && !same_clock(starts, 0, timescale)) {
        out_str(o, "starts ");
        out_clock(o, starts, timescale);
        comma = ", ";
    }
    if (f->shown > 0 || media) {
        out_f(o, "%s%s", comma, f->shown > 0 ? "plays " : "media of ");
        out_clock(o, f->shown > 0 ? plays : media, timescale);
        comma = ", ";
    }
    if (f->shown > 0 && media && !same_clock(media, plays, timescale)) {
        out_str(o, " of ");
        out_clock(o, media, timescale);
    }
    if (!same_clock(f->first_dts, 0, timescale) && !same_clock(f->first_dts, starts, timescale)) {
        out_f(o, "%sdecoding starts at ", comma);
        out_clock(o, f->first_dts, timescale);
        comma = ", ";
    }
    out_f(o, "%stimescale %u\n", comma, (unsigned)timescale);
}

/* One edit that plays all of the media as it is tells nothing. */
static bool edits_say_nothing(const reel_track *track, const struct facts *f)
{
    reel_edit edit;
    uint64_t media = facts_duration(f);
    if (reel_track_edit_count(track) != 1 || reel_track_edit(track, 0, &edit) != REEL_OK)
        return false;
    bool whole = edit.end == REEL_TIME_FOREVER ||
                 (media <= INT64_MAX && same_clock(edit.end, (int64_t)media, f->info.timescale));
    return edit.kind == REEL_EDIT_MEDIA && edit.media_time == 0 && edit.media_rate == 0x10000 && whole;
}

static void put_edit(struct out *o, const reel_edit *edit, uint32_t timescale)
{
    if (edit->kind == REEL_EDIT_EMPTY)
        out_str(o, "nothing");
    else
        out_str(o, edit->kind == REEL_EDIT_DWELL ? "standing at " : "media from ");
    if (edit->kind != REEL_EDIT_EMPTY)
        out_clock(o, edit->media_time, timescale);
    if (edit->kind == REEL_EDIT_MEDIA && edit->media_rate != 0x10000)
        out_f(o, " at rate %.4g", edit->media_rate / 65536.0);
    if (edit->end == REEL_TIME_FOREVER)
        return;
    out_str(o, " for ");
    out_clock(o, edit->end - edit->start, timescale);
}

static void put_edits(struct out *o, const reel_track *track, const struct facts *f)
{
    reel_edit edit;
    size_t n = reel_track_edit_count(track);
    if (edits_say_nothing(track, f))
        return;
    for (size_t i = 0; i < n && i < EDITS_SHOWN && reel_track_edit(track, i, &edit) == REEL_OK; i++) {
        label(o, i ? "" : "edit list");
        put_edit(o, &edit, reel_track_timescale(track));
        out_str(o, "\n");
    }
    if (n > EDITS_SHOWN) {
        label(o, "");
        out_f(o, "... %zu edits in all\n", n);
    }
}

static void put_protection(struct out *o, const reel_protection *p)
{
    char buf[17];
    const char *name = name_of_scheme(p->scheme);
    if (!p->scheme && !p->original_format)
        return;
    label(o, "encryption");
    if (name)
        out_f(o, "%s (%s)", name, reel_4cc_text(p->scheme, buf));
    else
        out_str(o, p->scheme ? reel_4cc_text(p->scheme, buf) : "of an unknown scheme");
    if (!p->has_tenc) {
        out_str(o, "\n");
        return;
    }
    out_str(o, ", key id ");
    out_uuid(o, p->kid);
    if (p->crypt_blocks || p->skip_blocks)
        out_f(o, ", pattern %u:%u", p->crypt_blocks, p->skip_blocks);
    out_f(o, p->iv_size ? ", IV of %u bytes\n" : ", constant IV\n", p->iv_size);
}

static void put_references(struct out *o, const reel_track *track)
{
    uint32_t type, id;
    char buf[17];
    size_t i = 0;
    for (; i < 16 && reel_track_reference(track, i, &type, &id) == REEL_OK; i++) {
        if (i == 0)
            label(o, "references");
        out_f(o, "%s%s track %u", i ? ", " : "", reel_4cc_text(type, buf), (unsigned)id);
    }
    if (i)
        out_str(o, "\n");
}

static void put_names(struct out *o, const struct facts *f)
{
    const reel_track_info *t = &f->info;
    if (info_says(t->language)) {
        label(o, "language");
        out_name(o, t->language);
        out_str(o, "\n");
    }
    if (t->name.size) {
        label(o, "name");
        out_text(o, t->name, REEL_UTF8);
        out_str(o, "\n");
    }
    if (!(t->flags & REEL_TRACK_ENABLED)) {
        label(o, "disabled");
        out_str(o, "players leave it out unless it is chosen\n");
    }
    if (t->alternate_group) {
        label(o, "alternates");
        out_f(o, "group %d\n", t->alternate_group);
    }
}

static void put_heading(struct out *o, const struct facts *f)
{
    const reel_description *d = &f->description;
    char line[256];
    out_str(o, "\n");
    out_style(o, BOLD);
    out_f(o, "track %u  %s", (unsigned)f->info.id, reel_track_type_name(f->info.type));
    if (d->format) {
        out_str(o, "  ");
        out_name(o, d->codec);
    }
    out_style(o, PLAIN);
    if (d->format && reel_codec_describe(d, line, sizeof line) > 0) {
        out_str(o, "  ");
        out_name(o, line);
    }
    if (f->info.description_count > 1)
        out_f(o, ", first of %u descriptions", (unsigned)f->info.description_count);
    out_str(o, "\n");
}

void info_text_track(struct out *o, const reel_track *track, const struct facts *f)
{
    const reel_description *d = &f->description;
    put_heading(o, f);
    if (d->format && (d->type == REEL_TRACK_VIDEO || d->width)) {
        put_picture(o, d, f);
        put_colour(o, d);
        put_hdr(o, d);
    }
    if (d->format && d->type == REEL_TRACK_AUDIO)
        put_channels(o, d);
    put_times(o, f);
    put_samples(o, f);
    put_edits(o, track, f);
    put_names(o, f);
    put_references(o, track);
    if (d->format)
        put_protection(o, &d->protection);
    if (d->format && !d->self_contained) {
        label(o, "elsewhere");
        out_str(o, "its samples lie in another file\n");
    }
}

void info_text(struct cli *cli, const struct film *film, struct facts *facts, size_t n)
{
    struct out *o = &cli->out;
    if (cli->set.arg_count > 1 && !cli->set.init && film->names != cli->set.args)
        out_str(o, "\n");
    put_movie(o, film, facts, n);
    for (size_t i = 0; i < n; i++)
        info_text_track(o, reel_movie_track(film->movie, i), &facts[i]);
    info_text_items(o, film->movie);
    info_text_meta(o, film->movie);
}
