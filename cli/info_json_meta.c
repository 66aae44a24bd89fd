/* SPDX-License-Identifier: BSD-2-Clause */
/* info_json_meta.c: tags, chapters, pssh and still image items as JSON. */
#include "facts.h"

static void put_value(struct json *j, const reel_tag *tag)
{
    switch (tag->kind) {
    case REEL_VALUE_TEXT:
        json_text(j, "text", tag->value, tag->encoding);
        return;
    case REEL_VALUE_INT:
        json_i64(j, "number", tag->number);
        return;
    case REEL_VALUE_FLOAT:
        json_real(j, "real", tag->real);
        return;
    case REEL_VALUE_PAIR:
        json_i64(j, "number", tag->number);
        json_i64(j, "total", tag->total);
        return;
    case REEL_VALUE_IMAGE:
        json_str(j, "image", name_of_image(tag));
        break;
    default:
        if (tag->value.size <= 64)
            json_hex(j, "hex", tag->value.data, tag->value.size);
        break;
    }
    json_u64(j, "bytes", tag->value.size);
}

void info_json_tags(struct json *j, const reel_movie *movie, const reel_track *track)
{
    reel_tag tag;
    if (track && reel_track_tag(track, 0, &tag) != REEL_OK)
        return;
    json_array(j, "tags");
    for (size_t i = 0; info_tag(movie, track, i, &tag) == REEL_OK; i++) {
        json_object(j, NULL);
        json_str(j, "key", tag.key);
        if (tag.fourcc)
            json_4cc(j, "fourcc", tag.fourcc);
        put_value(j, &tag);
        if (tag.language[0])
            json_str(j, "language", tag.language);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_chapters(struct json *j, const reel_movie *movie)
{
    reel_chapter c;
    json_array(j, "chapters");
    for (size_t i = 0; reel_movie_chapter(movie, i, &c, NULL) == REEL_OK; i++) {
        json_object(j, NULL);
        json_i64(j, "start", c.start);
        if (c.duration >= 0)
            json_i64(j, "duration", c.duration);
        json_u64(j, "timescale", c.timescale);
        json_text(j, "title", c.title, TEXT_GUESS);
        if (c.track_id)
            json_u64(j, "track", c.track_id);
        json_close(j, '}');
        reel_ref_drop(c.ref);
    }
    json_close(j, ']');
}

static void put_pssh(struct json *j, const reel_movie *movie)
{
    reel_pssh p;
    json_array(j, "pssh");
    for (size_t i = 0; next_pssh(movie, &i, &p);) {
        json_object(j, NULL);
        json_hex(j, "system_id", p.system_id, 16);
        if (name_of_system(p.system_id))
            json_str(j, "system", name_of_system(p.system_id));
        json_list(j, "kids");
        for (uint32_t k = 0; k < p.kid_count; k++)
            json_hex(j, NULL, p.kids + 16 * (size_t)k, 16);
        json_close(j, ']');
        json_u64(j, "bytes", p.data.size);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void info_json_meta(struct json *j, const reel_movie *movie)
{
    put_chapters(j, movie);
    put_pssh(j, movie);
}

static void put_properties(struct json *j, const reel_movie *movie, uint32_t id)
{
    reel_item_property p;
    json_array(j, "properties");
    for (size_t n = 0; reel_item_property_get(movie, id, n, &p) == REEL_OK; n++) {
        json_object(j, NULL);
        json_4cc(j, "type", p.type);
        json_u64(j, "index", p.index);
        json_bool(j, "essential", p.essential);
        json_u64(j, "offset", p.offset);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_references(struct json *j, const reel_movie *movie, uint32_t id)
{
    uint32_t type, to;
    json_array(j, "references");
    for (size_t n = 0; reel_item_reference(movie, id, n, &type, &to) == REEL_OK; n++) {
        json_object(j, NULL);
        json_4cc(j, "type", type);
        json_u64(j, "to", to);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_extents(struct json *j, const reel_movie *movie, uint32_t id)
{
    reel_range r;
    json_array(j, "extents");
    for (size_t n = 0; reel_item_extent(movie, id, n, &r, NULL) == REEL_OK; n++) {
        json_object(j, NULL);
        json_u64(j, "offset", r.offset);
        json_u64(j, "size", r.size);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_picture(struct json *j, const reel_item *item)
{
    if (item->width) {
        json_u64(j, "width", item->width);
        json_u64(j, "height", item->height);
    }
    if (item->rotation)
        json_u64(j, "rotation", item->rotation);
    if (item->mirror)
        json_str(j, "mirror", item->mirror == 1 ? "vertical" : "horizontal");
    if (item->grid_rows) {
        json_object(j, "grid");
        json_u64(j, "rows", item->grid_rows);
        json_u64(j, "columns", item->grid_columns);
        json_u64(j, "width", item->grid_width);
        json_u64(j, "height", item->grid_height);
        json_close(j, '}');
    }
}

static void put_item(struct json *j, const reel_movie *movie, const reel_item *item)
{
    json_object(j, NULL);
    json_u64(j, "id", item->id);
    if (item->type)
        json_4cc(j, "type", item->type);
    if (item->codec[0])
        json_str(j, "codec", item->codec);
    json_bool(j, "primary", item->primary);
    json_bool(j, "hidden", item->hidden);
    json_u64(j, "size", item->size);
    json_u64(j, "construction", item->construction);
    if (item->protected_)
        json_u64(j, "protection", item->protected_);
    if (item->name.size)
        json_text(j, "name", item->name, TEXT_GUESS);
    if (item->content_type.size)
        json_text(j, "content_type", item->content_type, TEXT_UTF8);
    put_picture(j, item);
    put_properties(j, movie, item->id);
    put_references(j, movie, item->id);
    put_extents(j, movie, item->id);
    json_close(j, '}');
}

void info_json_items(struct json *j, const reel_movie *movie)
{
    size_t n = reel_movie_item_count(movie);
    reel_item item;
    json_array(j, "items");
    for (size_t i = 0; i < n; i++)
        if (reel_movie_item(movie, i, &item, NULL) == REEL_OK)
            put_item(j, movie, &item);
    json_close(j, ']');
}
