/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything that is told about a film: descriptions, tags, chapters, items, groups, encryption, boxes, the doctor. */
#include "harness.h"

const bool fuzz_opens_itself = false;

static void descriptions(const reel_track *t)
{
    reel_description d;
    reel_span nal;
    char text[100];
    for (uint32_t i = 0; i < 6; i++) {
        if (reel_track_description(t, i, &d, NULL) != REEL_OK)
            continue;
        reel_codec_describe(&d, text, sizeof text);
        fuzz_touch(d.config);
        fuzz_touch(d.decoder_specific);
        fuzz_touch(d.entry);
        fuzz_touch(d.icc);
        for (size_t k = 0; k < 100 && reel_description_parameter_set(&d, k, &nal) == REEL_OK; k++)
            fuzz_touch(nal);
    }
}

static void protection(const reel_track *t)
{
    static const uint32_t types[] = {REEL_4CC('s', 'e', 'i', 'g'), REEL_4CC('r', 'o', 'l', 'l'), REEL_4CC('r', 'a', 'p', ' ')};
    reel_cursor c;
    reel_sample s;
    reel_sample_crypto crypto;
    uint32_t group;
    reel_span entry;
    if (reel_cursor_init(&c, t) != REEL_OK)
        return;
    for (int i = 0; i < 30 && reel_cursor_next(&c, &s, NULL) == REEL_OK; i++) {
        if (reel_track_sample_crypto(t, &s, &crypto, NULL) == REEL_OK && crypto.subsamples)
            fuzz_touch((reel_span){crypto.subsamples, 6 * (size_t)crypto.subsample_count});
        for (int k = 0; k < 3; k++)
            if (reel_track_sample_group(t, &s, types[k], &group, &entry, NULL) == REEL_OK)
                fuzz_touch(entry);
    }
}

static void tracks(reel_movie *m)
{
    reel_track_info info;
    reel_edit edit;
    reel_tag tag;
    uint32_t type, id;
    int64_t duration;
    char text[2000];
    for (size_t i = 0; i < FUZZ_TRACKS && reel_movie_track(m, i); i++) {
        const reel_track *t = reel_movie_track(m, i);
        reel_track_get_info(t, &info);
        fuzz_touch(info.name);
        descriptions(t);
        protection(t);
        for (size_t k = 0; k < 50 && reel_track_reference(t, k, &type, &id) == REEL_OK; k++)
            ;
        for (size_t k = 0; k < 50 && reel_track_edit(t, k, &edit) == REEL_OK; k++)
            reel_track_explain_time(t, edit.start, text, sizeof text);
        for (size_t k = 0; k < 50 && reel_track_tag(t, k, &tag) == REEL_OK; k++)
            fuzz_touch(tag.value);
        for (size_t k = 0; k < 50 && reel_track_group_type(t, k, &type, &id) == REEL_OK; k++)
            ;
        reel_track_presentation_duration(t, &duration, NULL);
    }
}

static void items(reel_movie *m)
{
    size_t n = reel_movie_item_count(m);
    reel_item item;
    reel_item_property p;
    reel_range range;
    uint32_t type, to;
    for (size_t i = 0; i < n && i < 20; i++) {
        if (reel_movie_item(m, i, &item, NULL) != REEL_OK)
            continue;
        fuzz_touch(item.name);
        fuzz_touch(item.content_type);
        for (size_t k = 0; k < 30 && reel_item_property_get(m, item.id, k, &p) == REEL_OK; k++)
            fuzz_touch(p.body);
        for (size_t k = 0; k < 30 && reel_item_reference(m, item.id, k, &type, &to) == REEL_OK; k++)
            ;
        for (size_t k = 0; k < 30 && reel_item_extent(m, item.id, k, &range, NULL) == REEL_OK; k++)
            FUZZ_EXPECT(range.offset + range.size <= reel_source_size(reel_movie_source(m)));
    }
}

static void rest(reel_movie *m)
{
    reel_movie_info info;
    reel_tag tag;
    reel_chapter chapter;
    reel_pssh pssh;
    reel_error warning;
    char line[400];
    reel_movie_get_info(m, &info);
    for (size_t i = 0; i < 100 && reel_movie_tag(m, i, &tag) == REEL_OK; i++)
        fuzz_touch(tag.value);
    for (size_t i = 0; i < 50 && reel_movie_chapter(m, i, &chapter, NULL) == REEL_OK; i++) {
        fuzz_touch(chapter.title);
        reel_ref_drop(chapter.ref);
    }
    for (size_t i = 0; i < 20; i++) {
        int code = reel_movie_pssh(m, i, &pssh);
        if (code == REEL_END)
            break;
        if (code != REEL_OK)
            continue;
        fuzz_touch(pssh.box);
        fuzz_touch(pssh.data);
        fuzz_touch((reel_span){pssh.kids, 16 * (size_t)pssh.kid_count});
    }
    for (size_t i = 0; reel_movie_warning(m, i, &warning) == REEL_OK; i++)
        reel_error_format(&warning, line, sizeof line);
}

static int see_field(void *user, const reel_field *f)
{
    int *n = user;
    if (f->kind == REEL_FIELD_TEXT || f->kind == REEL_FIELD_BYTES)
        fuzz_touch(f->bytes);
    return ++*n > 2000;
}

static void boxes(const fuzz_input *in, reel_movie *m)
{
    reel_box_walk walk;
    reel_box box;
    char path[200];
    int fields = 0;
    (void)in;
    if (reel_box_walk_init(&walk, reel_movie_source(m)) != REEL_OK)
        return;
    for (int i = 0; i < 2000 && reel_box_walk_next(&walk, &box, NULL) == REEL_OK; i++) {
        FUZZ_EXPECT(box.offset + box.size <= reel_source_size(reel_movie_source(m)));
        reel_box_walk_path(&walk, path, sizeof path);
        reel_box_fields(reel_movie_source(m), &box, 4, see_field, &fields, NULL);
    }
}

static int see_finding(void *user, const reel_finding *f)
{
    fuzz_touch((reel_span){(const uint8_t *)f->what, strlen(f->what)});
    fuzz_touch((reel_span){(const uint8_t *)f->fix, strlen(f->fix)});
    fuzz_touch((reel_span){(const uint8_t *)f->command, strlen(f->command)});
    (void)user;
    return 0;
}

void fuzz_target(const fuzz_input *in, reel_movie *movie)
{
    tracks(movie);
    items(movie);
    rest(movie);
    boxes(in, movie);
    reel_doctor(movie, see_finding, NULL, NULL);
}
