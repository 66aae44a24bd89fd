/* SPDX-License-Identifier: BSD-2-Clause */
/* info_text_meta.c: still image items, tags, chapters and protection systems for people. */
#include "facts.h"

#include <string.h>

enum { ITEMS_SHOWN = 64, PROPERTIES_SHOWN = 32, TAGS_SHOWN = 64, CHAPTERS_SHOWN = 100, TEXT_SHOWN = 200 };

static void heading(struct out *o, const char *name)
{
    out_str(o, "\n");
    out_style(o, BOLD);
    out_str(o, name);
    out_style(o, PLAIN);
    out_str(o, "\n");
}

static void put_more(struct out *o, size_t i, size_t n)
{
    if (n > i)
        out_f(o, "  ... %zu in all\n", n);
}

static void put_item_line(struct out *o, const reel_item *item)
{
    char buf[17];
    out_u64_right(o, item->id, 6);
    out_f(o, "  %-5s", item->type ? reel_4cc_text(item->type, buf) : "-");
    if (item->codec[0]) {
        out_str(o, " ");
        out_name(o, item->codec);
    }
    if (item->width)
        out_f(o, "  %ux%u", (unsigned)item->width, (unsigned)item->height);
    if (item->grid_rows)
        out_f(o, "  grid of %u by %u, %ux%u", (unsigned)item->grid_columns, (unsigned)item->grid_rows,
              (unsigned)item->grid_width, (unsigned)item->grid_height);
    if (item->rotation)
        out_f(o, "  turned by %u degrees", (unsigned)item->rotation);
    if (item->mirror)
        out_str(o, "  mirrored");
    out_str(o, "  ");
    out_size(o, item->size);
    if (item->content_type.size) {
        out_str(o, "  ");
        out_text(o, item->content_type, REEL_UTF8);
    }
    if (item->name.size) {
        out_str(o, "  \"");
        out_text(o, item->name, REEL_UTF8);
        out_str(o, "\"");
    }
    out_style(o, GREEN);
    out_str(o, item->primary ? "  primary" : "");
    out_style(o, PLAIN);
    out_f(o, "%s%s\n", item->hidden ? "  hidden" : "", item->protected_ ? "  protected" : "");
}

/* What the properties say beyond what stands in the item's own line. */
static void put_item_meaning(struct out *o, const reel_item *item)
{
    bool unspecified = item->colour_primaries == 2 && item->transfer == 2 && item->matrix == 2;
    const char *indent = "          ", *before = indent, *name = name_of_auxiliary(item->auxiliary_type);
    if (item->auxiliary_type.size) {
        out_str(o, before);
        if (name)
            out_str(o, name);
        else
            out_text(o, item->auxiliary_type, REEL_UTF8);
        before = ", ";
    }
    if (item->bit_depth) {
        out_f(o, "%s%u bits", before, (unsigned)item->bit_depth);
        before = ", ";
    }
    if (item->colour_known && !unspecified) {
        out_str(o, before);
        info_text_colour(o, item->colour_primaries, item->transfer, item->matrix, item->full_range);
        before = ", ";
    }
    if (item->icc.size) {
        out_f(o, "%sICC profile of ", before);
        out_size(o, item->icc.size);
        before = ", ";
    }
    if (item->has_clli) {
        out_f(o, "%scontent light at most %u, frame average %u", before, item->max_cll, item->max_fall);
        before = ", ";
    }
    out_str(o, before == indent ? "" : "\n");
}

static void put_item_more(struct out *o, const reel_movie *movie, uint32_t id)
{
    reel_item_property p;
    uint32_t type, to;
    char buf[17];
    size_t n = 0;
    for (; n < PROPERTIES_SHOWN && reel_item_property_get(movie, id, n, &p) == REEL_OK; n++)
        out_f(o, "%s%s%s", n ? " " : "          ", reel_4cc_text(p.type, buf), p.essential ? "!" : "");
    if (n)
        out_str(o, "\n");
    for (n = 0; n < PROPERTIES_SHOWN && reel_item_reference(movie, id, n, &type, &to) == REEL_OK; n++)
        out_f(o, "%s%s %u", n ? ", " : "          -> ", reel_4cc_text(type, buf), (unsigned)to);
    if (n)
        out_str(o, "\n");
}

void info_text_items(struct out *o, const reel_movie *movie)
{
    size_t i = 0, n = reel_movie_item_count(movie);
    reel_item item;
    if (n)
        heading(o, "items");
    for (; i < n && i < ITEMS_SHOWN; i++) {
        if (reel_movie_item(movie, i, &item, NULL) != REEL_OK)
            continue;
        put_item_line(o, &item);
        put_item_meaning(o, &item);
        put_item_more(o, movie, item.id);
    }
    put_more(o, i, n);
}

static void put_value(struct out *o, const reel_tag *tag)
{
    reel_span text = tag->value;
    bool cut = text.size > TEXT_SHOWN;
    switch (tag->kind) {
    case REEL_VALUE_TEXT:
        text.size = cut ? TEXT_SHOWN : text.size;
        while (cut && tag->encoding == REEL_UTF8 && text.size && (text.data[text.size] & 0xc0) == 0x80)
            text.size--;
        out_text(o, text, tag->encoding);
        out_str(o, cut ? " ..." : "");
        return;
    case REEL_VALUE_INT:
        out_i64(o, tag->number);
        return;
    case REEL_VALUE_FLOAT:
        out_f(o, "%.6g", tag->real);
        return;
    case REEL_VALUE_PAIR:
        out_i64(o, tag->number);
        if (tag->total)
            out_f(o, " of %lld", (long long)tag->total);
        return;
    case REEL_VALUE_IMAGE:
        out_f(o, "%s, ", name_of_image(tag));
        break;
    default:
        break;
    }
    out_size(o, tag->value.size);
}

static void put_tags(struct out *o, const reel_movie *movie)
{
    reel_tag_iter it;
    reel_tag tag;
    reel_tag_iter_init(&it, movie, NULL);
    for (size_t i = 0; i < TAGS_SHOWN && reel_tag_next(&it, &tag) == REEL_OK; i++) {
        if (i == 0)
            heading(o, "tags");
        size_t width = strlen(tag.key);
        out_str(o, "  ");
        out_style(o, DIM);
        out_name(o, tag.key);
        out_style(o, PLAIN);
        out_spaces(o, width < 20 ? 20 - width : 1);
        put_value(o, &tag);
        out_str(o, "\n");
    }
}

static void put_chapters(struct out *o, const reel_movie *movie)
{
    reel_chapter c;
    for (size_t i = 0; i < CHAPTERS_SHOWN && reel_movie_chapter(movie, i, &c, NULL) == REEL_OK; i++) {
        if (i == 0)
            heading(o, "chapters");
        out_str(o, "  ");
        out_clock(o, c.start, c.timescale ? c.timescale : 1);
        out_str(o, "  ");
        out_text(o, c.title, REEL_UTF8);
        out_str(o, "\n");
        reel_ref_drop(c.ref);
    }
}

static void put_pssh(struct out *o, const reel_movie *movie)
{
    reel_pssh p;
    size_t shown = 0;
    for (size_t i = 0; shown < ITEMS_SHOWN && next_pssh(movie, &i, &p); shown++) {
        const char *name = name_of_system(p.system_id);
        if (shown == 0)
            heading(o, "protection systems");
        out_str(o, "  ");
        out_uuid(o, p.system_id);
        if (name)
            out_f(o, "  %s", name);
        if (p.kid_count)
            out_f(o, ", %u key%s", (unsigned)p.kid_count, p.kid_count > 1 ? "s" : "");
        out_str(o, ", ");
        out_size(o, p.data.size);
        out_str(o, "\n");
    }
}

void info_text_meta(struct out *o, const reel_movie *movie)
{
    put_tags(o, movie);
    put_chapters(o, movie);
    put_pssh(o, movie);
}
