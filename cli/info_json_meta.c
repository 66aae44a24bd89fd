/* SPDX-License-Identifier: BSD-2-Clause */
/* info_json_meta.c: tags, chapters, pssh and still image items as JSON. */
#include "facts.h"

#include <stdlib.h>

enum {
    MOST_CHAPTERS = 9999, /* the library ends behind 10000, and one more tells that there are more */
    MOST_ENTRIES = 256,   /* of a list of an item, which a few bytes of a table can ask to be of any length */
    FEW_ENTRIES = 4096,   /* of the lists of all items together, beyond one for every so many bytes of the file */
    BYTES_AN_ENTRY = 4,
};

struct entries {
    uint64_t left;
    bool more; /* this item has some that are not shown */
};

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
    reel_tag_iter it;
    reel_tag tag;
    if (track && reel_track_tag(track, 0, &tag) != REEL_OK)
        return;
    json_array(j, "tags");
    reel_tag_iter_init(&it, movie, track);
    while (reel_tag_next(&it, &tag) == REEL_OK) {
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
    size_t i = 0;
    for (; i < MOST_CHAPTERS && reel_movie_chapter(movie, i, &c, NULL) == REEL_OK; i++) {
        json_object(j, NULL);
        json_i64(j, "start", c.start);
        if (c.duration >= 0)
            json_i64(j, "duration", c.duration);
        json_u64(j, "timescale", c.timescale);
        json_text(j, "title", c.title, REEL_UTF8);
        if (c.track_id)
            json_u64(j, "track", c.track_id);
        json_close(j, '}');
        reel_ref_drop(c.ref);
    }
    json_close(j, ']');
    if (i < MOST_CHAPTERS || reel_movie_chapter(movie, i, &c, NULL) != REEL_OK)
        return;
    reel_ref_drop(c.ref);
    json_bool(j, "more_chapters", true);
}

static void put_pssh(struct json *j, const reel_movie *movie)
{
    reel_pssh p;
    json_array(j, "pssh");
    for (size_t i = 0; next_pssh(movie, &i, &p);) {
        json_object(j, NULL);
        json_uuid(j, "system_id", p.system_id);
        if (name_of_system(p.system_id))
            json_str(j, "system", name_of_system(p.system_id));
        json_list(j, "kids");
        for (uint32_t k = 0; k < p.kid_count; k++)
            json_uuid(j, NULL, p.kids + 16 * (size_t)k);
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

/* May the n-th entry of a list be shown? It is there. */
static bool take_entry(struct entries *e, size_t n)
{
    bool fits = n < MOST_ENTRIES && e->left > 0;
    e->left -= fits;
    e->more |= !fits;
    return fits;
}

static void put_properties(struct json *j, const reel_movie *movie, uint32_t id, struct entries *e)
{
    reel_item_property p;
    json_array(j, "properties");
    for (size_t n = 0; reel_item_property_get(movie, id, n, &p) == REEL_OK && take_entry(e, n); n++) {
        json_object(j, NULL);
        json_4cc(j, "type", p.type);
        json_u64(j, "index", p.index);
        json_bool(j, "essential", p.essential);
        json_u64(j, "offset", p.offset);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_references(struct json *j, const reel_movie *movie, uint32_t id, struct entries *e)
{
    uint32_t type, to;
    json_array(j, "references");
    for (size_t n = 0; reel_item_reference(movie, id, n, &type, &to) == REEL_OK && take_entry(e, n); n++) {
        json_object(j, NULL);
        json_4cc(j, "type", type);
        json_u64(j, "to", to);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_extents(struct json *j, const reel_movie *movie, uint32_t id, struct entries *e)
{
    reel_range r;
    json_array(j, "extents");
    for (size_t n = 0; reel_item_extent(movie, id, n, &r, NULL) == REEL_OK && take_entry(e, n); n++) {
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

static void put_meaning(struct json *j, const reel_item *item)
{
    const char *name = name_of_auxiliary(item->auxiliary_type);
    if (item->auxiliary_type.size)
        json_text(j, "auxiliary_type", item->auxiliary_type, REEL_UTF8);
    if (name)
        json_str(j, "auxiliary", name);
    if (item->channels)
        json_u64(j, "channels", item->channels);
    if (item->bit_depth)
        json_u64(j, "bit_depth", item->bit_depth);
    if (item->colour_known || item->icc.size) {
        json_object(j, "colour");
        if (item->colour_known)
            info_json_colour(j, item->colour_primaries, item->transfer, item->matrix, item->full_range);
        if (item->icc.size)
            json_u64(j, "icc_bytes", item->icc.size);
        json_close(j, '}');
    }
    if (item->has_clli)
        info_json_light(j, item->max_cll, item->max_fall);
}

static void put_item(struct json *j, const reel_movie *movie, const reel_item *item, struct entries *e)
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
        json_text(j, "name", item->name, REEL_UTF8);
    if (item->content_type.size)
        json_text(j, "content_type", item->content_type, REEL_UTF8);
    put_picture(j, item);
    put_meaning(j, item);
    e->more = false;
    put_properties(j, movie, item->id, e);
    put_references(j, movie, item->id, e);
    put_extents(j, movie, item->id, e);
    if (e->more)
        json_bool(j, "more", true);
    json_close(j, '}');
}

/* The ids of the items that are shown, in order, each once; which of them have been. */
struct shown {
    uint32_t *ids;
    bool *yet;
    size_t n;
};

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/*
 * Of n items those that can be looked at in a time that the size of the file justifies: the size of an item is the sum
 * over its extents, and many items of one id have the same ones.
 */
static size_t collect(const reel_movie *movie, struct shown *s, size_t n)
{
    uint64_t left = reel_source_size(reel_movie_source(movie)) + FEW_ENTRIES;
    reel_item item;
    size_t i = 0, known = 0;
    for (; i < n && left > 0; i++) {
        if (reel_movie_item(movie, i, &item, NULL) != REEL_OK)
            continue;
        s->ids[known++] = item.id;
        left -= item.extent_count < left ? item.extent_count : left;
    }
    qsort(s->ids, known, sizeof *s->ids, by_value);
    for (size_t k = 0; k < known; k++)
        if (s->n == 0 || s->ids[s->n - 1] != s->ids[k])
            s->ids[s->n++] = s->ids[k];
    return i;
}

/* What is known of an item hangs on its id, so one that comes again has nothing to add. */
static bool is_first(const struct shown *s, uint32_t id)
{
    const uint32_t *at = bsearch(&id, s->ids, s->n, sizeof id, by_value);
    bool first = at && !s->yet[at - s->ids];
    if (first)
        s->yet[at - s->ids] = true;
    return first;
}

void info_json_items(struct json *j, const reel_movie *movie)
{
    size_t count = reel_movie_item_count(movie), n = 0;
    struct entries e = {reel_source_size(reel_movie_source(movie)) / BYTES_AN_ENTRY + FEW_ENTRIES, false};
    struct shown shown = {calloc(count + 1, sizeof *shown.ids), calloc(count + 1, sizeof *shown.yet), 0};
    reel_item item;
    if (shown.ids && shown.yet)
        n = collect(movie, &shown, count);
    json_array(j, "items");
    for (size_t i = 0; i < n; i++)
        if (reel_movie_item(movie, i, &item, NULL) == REEL_OK && is_first(&shown, item.id))
            put_item(j, movie, &item, &e);
    json_close(j, ']');
    if (n < count)
        json_bool(j, "more_items", true);
    free(shown.ids);
    free(shown.yet);
}
