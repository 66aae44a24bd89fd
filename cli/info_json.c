/* SPDX-License-Identifier: BSD-2-Clause */
/* info_json.c: reel info --format json. Members are there when the file says something; never null. */
#include "facts.h"

#include <string.h>

enum { MOST_EDITS = 1000, MOST_BOXES = 1000000 };

static void some_u64(struct json *j, const char *key, uint64_t v)
{
    if (v)
        json_u64(j, key, v);
}

static void some_str(struct json *j, const char *key, const char *s)
{
    if (s && *s)
        json_str(j, key, s);
}

static void put_date(struct json *j, const char *key, uint64_t since_1904)
{
    char buf[32];
    if (info_date(since_1904, buf, sizeof buf))
        json_str(j, key, buf);
}

static void put_rational(struct json *j, const char *key, reel_rational r)
{
    if (!r.den)
        return;
    json_list(j, key);
    json_u64(j, NULL, r.num);
    json_u64(j, NULL, r.den);
    json_close(j, ']');
}

void info_json_colour(struct json *j, unsigned primaries, unsigned transfer, unsigned matrix, bool full_range)
{
    json_u64(j, "primaries", primaries);
    json_u64(j, "transfer", transfer);
    json_u64(j, "matrix", matrix);
    json_bool(j, "full_range", full_range);
    some_str(j, "primaries_name", name_of_primaries(primaries));
    some_str(j, "transfer_name", name_of_transfer(transfer));
    some_str(j, "matrix_name", name_of_matrix(matrix));
}

void info_json_light(struct json *j, unsigned max_cll, unsigned max_fall)
{
    json_object(j, "content_light");
    json_u64(j, "max_cll", max_cll);
    json_u64(j, "max_fall", max_fall);
    json_close(j, '}');
}

static void put_colour(struct json *j, const reel_description *d)
{
    if (!d->colour_known && !d->icc.size)
        return;
    json_object(j, "colour");
    if (d->colour_known)
        info_json_colour(j, d->colour_primaries, d->transfer, d->matrix, d->full_range);
    some_u64(j, "icc_bytes", d->icc.size);
    json_close(j, '}');
}

static void put_mastering(struct json *j, const reel_description *d)
{
    json_object(j, "mastering_display");
    json_list(j, "primaries_gbr");
    for (int i = 0; i < 6; i++)
        json_real(j, NULL, d->mdcv_primaries[i] * 0.00002);
    json_close(j, ']');
    json_list(j, "white");
    json_real(j, NULL, d->mdcv_white[0] * 0.00002);
    json_real(j, NULL, d->mdcv_white[1] * 0.00002);
    json_close(j, ']');
    json_real(j, "max_luminance", d->mdcv_max * 0.0001);
    json_real(j, "min_luminance", d->mdcv_min * 0.0001);
    json_close(j, '}');
}

static void put_hdr(struct json *j, const reel_description *d)
{
    some_str(j, "hdr", name_of_light(d));
    if (d->has_mdcv)
        put_mastering(j, d);
    if (d->has_clli)
        info_json_light(j, d->max_cll, d->max_fall);
    if (d->dovi_profile) {
        json_object(j, "dolby_vision");
        json_u64(j, "profile", d->dovi_profile);
        json_u64(j, "level", d->dovi_level);
        json_u64(j, "compatibility", d->dovi_compatibility);
        json_close(j, '}');
    }
}

static void put_clap(struct json *j, const reel_description *d)
{
    static const char *const names[] = {"width", "height", "x", "y"};
    if (!d->clap[1])
        return;
    json_object(j, "clean_aperture");
    for (int i = 0; i < 4; i++) {
        json_list(j, names[i]);
        json_i64(j, NULL, (int32_t)d->clap[2 * i]);
        json_i64(j, NULL, (int32_t)d->clap[2 * i + 1]);
        json_close(j, ']');
    }
    json_close(j, '}');
}

static void put_size(struct json *j, const reel_description *d, const struct facts *f)
{
    bool told = d->width && d->height;
    json_u64(j, "width", told ? d->width : f->info.width >> 16);
    json_u64(j, "height", told ? d->height : f->info.height >> 16);
    if (!told || d->size_from_stream)
        json_str(j, "size_from", told ? "stream" : "track header");
}

static void put_video(struct json *j, const reel_description *d, const struct facts *f)
{
    put_size(j, d, f);
    some_u64(j, "shown_width", f->info.width >> 16);
    some_u64(j, "shown_height", f->info.height >> 16);
    put_rational(j, "pixel_aspect", d->pixel_aspect);
    json_u64(j, "rotation", f->info.rotation);
    if (f->info.mirrored)
        json_bool(j, "mirrored", true);
    if (f->walked)
        json_real(j, "fps", facts_average_rate(f));
    put_rational(j, "fps_exact", facts_exact_rate(f));
    some_u64(j, "depth", d->depth);
    some_u64(j, "bit_depth", d->bit_depth);
    put_clap(j, d);
    put_colour(j, d);
    put_hdr(j, d);
    some_u64(j, "field_count", d->field_count);
    some_u64(j, "nal_length_size", d->nal_length_size);
}

static void put_audio(struct json *j, const reel_description *d)
{
    json_u64(j, "channels", d->channels);
    json_u64(j, "sample_rate", d->sample_rate);
    some_u64(j, "entry_channels", d->entry_channels);
    some_u64(j, "entry_sample_rate", d->entry_sample_rate);
    some_u64(j, "bits_per_sample", d->bits_per_sample);
    some_u64(j, "samples_per_frame", d->samples_per_frame);
    some_u64(j, "audio_object_type", d->audio_object_type);
    if (d->sbr)
        json_bool(j, "sbr", true);
    if (d->ps)
        json_bool(j, "ps", true);
}

static void put_tenc(struct json *j, const reel_protection *p)
{
    json_bool(j, "protected", p->is_protected);
    json_uuid(j, "kid", p->kid);
    json_u64(j, "iv_size", p->iv_size);
    if (p->constant_iv_size)
        json_hex(j, "constant_iv", p->constant_iv, p->constant_iv_size <= 16 ? p->constant_iv_size : 16);
    if (p->crypt_blocks || p->skip_blocks) {
        json_u64(j, "crypt_blocks", p->crypt_blocks);
        json_u64(j, "skip_blocks", p->skip_blocks);
    }
}

static void put_protection(struct json *j, const reel_protection *p)
{
    if (!p->scheme && !p->is_protected && !p->original_format)
        return;
    json_object(j, "encryption");
    if (p->scheme)
        json_4cc(j, "scheme", p->scheme);
    some_str(j, "scheme_name", name_of_scheme(p->scheme));
    if (p->original_format)
        json_4cc(j, "original_format", p->original_format);
    if (p->has_tenc)
        put_tenc(j, p);
    json_close(j, '}');
}

static void put_edits(struct json *j, const reel_track *track)
{
    reel_edit edit;
    size_t n = reel_track_edit_count(track);
    if (!n)
        return;
    json_u64(j, "edit_count", n);
    json_array(j, "edits");
    for (size_t i = 0; i < n && i < MOST_EDITS && reel_track_edit(track, i, &edit) == REEL_OK; i++) {
        json_object(j, NULL);
        json_str(j, "kind", name_of_edit(edit.kind));
        json_u64(j, "segment_duration", edit.segment_duration);
        json_i64(j, "media_time", edit.media_time);
        json_real(j, "media_rate", edit.media_rate / 65536.0);
        json_i64(j, "start", edit.start);
        if (edit.end != REEL_TIME_FOREVER)
            json_i64(j, "end", edit.end);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_references(struct json *j, const reel_track *track)
{
    uint32_t type, id;
    for (size_t i = 0; reel_track_reference(track, i, &type, &id) == REEL_OK; i++) {
        if (i == 0)
            json_array(j, "references");
        json_object(j, NULL);
        json_4cc(j, "type", type);
        json_u64(j, "track", id);
        json_close(j, '}');
    }
    if (reel_track_reference(track, 0, &type, &id) == REEL_OK)
        json_close(j, ']');
}

static void put_groups(struct json *j, const reel_track *track)
{
    uint32_t type, n;
    for (size_t i = 0; reel_track_group_type(track, i, &type, &n) == REEL_OK; i++) {
        if (i == 0)
            json_list(j, "sample_groups");
        json_4cc(j, NULL, type);
    }
    if (reel_track_group_type(track, 0, &type, &n) == REEL_OK)
        json_close(j, ']');
}

static void put_description(struct json *j, const struct facts *f)
{
    const reel_description *d = &f->description;
    char line[256];
    if (!d->format)
        return;
    json_str(j, "codec", d->codec);
    json_4cc(j, "format", d->format);
    if (reel_codec_describe(d, line, sizeof line) > 0)
        json_str(j, "codec_name", line);
    if (d->type == REEL_TRACK_VIDEO || d->width)
        put_video(j, d, f);
    if (d->type == REEL_TRACK_AUDIO)
        put_audio(j, d);
    some_u64(j, "max_bitrate", d->max_bitrate);
    some_u64(j, "average_bitrate", d->average_bitrate);
    if (d->config_type) {
        json_4cc(j, "config", d->config_type);
        json_u64(j, "config_bytes", d->config_range.size);
    }
    if (!d->self_contained)
        json_bool(j, "in_other_file", true);
    put_protection(j, &d->protection);
}

static void put_samples(struct json *j, const struct facts *f)
{
    json_u64(j, "samples", f->samples);
    if (!f->walked)
        return;
    json_u64(j, "sync_samples", f->sync);
    json_u64(j, "sample_bytes", f->bytes);
    json_u64(j, "largest_sample", f->largest);
    json_real(j, "bitrate", facts_bit_rate(f));
    if (f->info.type == REEL_TRACK_VIDEO && f->longest_gop) {
        json_u64(j, "shortest_gop", f->shortest_gop);
        json_u64(j, "longest_gop", f->longest_gop);
    }
    some_u64(j, "samples_outside_file", f->outside);
    if (f->outside)
        json_i64(j, "presentation_in_file", f->inside_end);
}

void info_json_track(struct json *j, const reel_track *track, const struct facts *f)
{
    const reel_track_info *t = &f->info;
    json_object(j, NULL);
    json_u64(j, "id", t->id);
    json_str(j, "type", reel_track_type_name(t->type));
    json_4cc(j, "handler", t->handler);
    json_u64(j, "timescale", t->timescale);
    json_u64(j, "duration", facts_duration(f));
    json_i64(j, "presentation_start", f->starts);
    json_i64(j, "presentation_duration", f->shown);
    json_u64(j, "media_header_duration", t->media_duration);
    json_i64(j, "first_dts", f->first_dts);
    put_samples(j, f);
    put_description(j, f);
    json_u64(j, "descriptions", t->description_count);
    json_bool(j, "enabled", t->flags & REEL_TRACK_ENABLED);
    json_str(j, "language", t->language);
    if (t->name.size)
        json_text(j, "name", t->name, REEL_UTF8);
    if (t->alternate_group)
        json_i64(j, "alternate_group", t->alternate_group);
    if (t->layer)
        json_i64(j, "layer", t->layer);
    put_date(j, "created", t->creation_time);
    put_edits(j, track);
    put_references(j, track);
    put_groups(j, track);
    info_json_tags(j, NULL, track);
    if (f->result < 0)
        json_str(j, "error", f->err.text);
    json_close(j, '}');
}

/* Opening stops at the first fragment, so the media boxes are counted here. */
static void put_media(struct json *j, reel_source *source, const reel_movie_info *m)
{
    reel_box_walk walk;
    reel_box box, first = {.size = 0};
    uint64_t count = 0, boxes = 0;
    int result = reel_box_walk_init(&walk, source);
    for (; result == REEL_OK && boxes < MOST_BOXES; boxes++) {
        result = reel_box_walk_next(&walk, &box, NULL);
        if (result != REEL_OK)
            break;
        if (box.type == REEL_4CC('m', 'd', 'a', 't') && count++ == 0)
            first = box;
        reel_box_walk_skip(&walk);
    }
    if (count > 0) {
        json_u64(j, "mdat_offset", first.offset);
        json_u64(j, "mdat_size", first.size);
    }
    if (boxes < MOST_BOXES)
        json_u64(j, "mdat_count", count);
    if (m->moov_size && count > 0)
        json_bool(j, "faststart", m->moov_offset < first.offset);
}

static void put_movie(struct json *j, const struct film *film)
{
    reel_movie_info m;
    reel_movie_get_info(film->movie, &m);
    json_u64(j, "size", reel_source_size(film->source));
    if (m.major_brand)
        json_4cc(j, "major_brand", m.major_brand);
    json_list(j, "brands");
    for (uint32_t i = 0; i < m.brand_count; i++)
        json_4cc(j, NULL, reel_movie_brand(film->movie, i));
    json_close(j, ']');
    json_u64(j, "minor_version", m.minor_version);
    json_u64(j, "timescale", m.timescale);
    json_u64(j, "duration", m.duration);
    put_date(j, "created", m.creation_time);
    put_date(j, "modified", m.modification_time);
    some_u64(j, "moov_offset", m.moov_offset);
    some_u64(j, "moov_size", m.moov_size);
    put_media(j, film->source, &m);
    json_bool(j, "fragmented", m.fragmented);
    json_bool(j, "sidx", m.has_sidx);
    json_bool(j, "mfra", m.has_mfra);
    json_bool(j, "compressed", m.compressed);
}

static void put_warnings(struct json *j, const reel_movie *movie)
{
    reel_error err = {0};
    char line[512];
    json_array(j, "warnings");
    for (size_t i = 0; reel_movie_warning(movie, i, &err) == REEL_OK; i++) {
        reel_error_format(&err, line, sizeof line);
        json_str(j, NULL, line);
    }
    json_close(j, ']');
}

void info_json(struct cli *cli, const struct film *film, struct facts *facts, size_t n)
{
    struct json *j = &cli->json;
    json_object(j, NULL);
    json_str(j, "file", film->name);
    put_movie(j, film);
    json_array(j, "tracks");
    for (size_t i = 0; i < n; i++)
        info_json_track(j, reel_movie_track(film->movie, i), &facts[i]);
    json_close(j, ']');
    info_json_tags(j, film->movie, NULL);
    info_json_meta(j, film->movie);
    info_json_items(j, film->movie);
    put_warnings(j, film->movie);
    json_close(j, '}');
}
