/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A film whose bytes change while it is open: a mapped file that another process cuts or writes into. Whatever is answered
 * then, nothing may be read outside of it, and everything has to end.
 */
#include "harness.h"

const bool fuzz_opens_itself = true;

enum { ROUNDS = 4, CALLS = 12 };

typedef struct changing {
    reel_movie *movie;
    uint8_t *bytes;
    size_t size;
    uint64_t state;
    reel_cursor cursor; /* stays where it is while the film changes */
    bool has_cursor;
} changing;

static uint64_t below(changing *c, uint64_t n) { return n ? fuzz_random(&c->state) % n : 0; }

static void touch_packet(const reel_track *t, const reel_sample *s)
{
    reel_packet p;
    if (reel_packet_get(t, s, &p, NULL) != REEL_OK)
        return;
    fuzz_touch((reel_span){p.data, s->size < 4096 ? s->size : 4096});
    reel_packet_unref(&p);
}

static void look_up(changing *c, const reel_track *t)
{
    reel_sample s = {0}, target;
    reel_explanation x;
    reel_moment moment;
    uint64_t n = 0, index;
    int64_t time;
    if (reel_track_sample_count(t, &n, NULL) != REEL_OK)
        return;
    index = below(c, n + 2);
    if (reel_track_sample(t, index, &s, NULL) == REEL_OK)
        touch_packet(t, &s);
    time = (int64_t)below(c, (uint64_t)(s.pts < 0 ? -s.pts : s.pts) + 1000);
    (void)reel_track_find_dts(t, time, &n, NULL);
    (void)reel_track_find_pts(t, time, &n, NULL);
    (void)reel_track_find_sync(t, index, (reel_seek_mode)below(c, 4), &n, NULL);
    (void)reel_track_seek(t, time, (reel_seek_mode)below(c, 4), &s, &target, NULL);
    (void)reel_track_explain(t, index, &x, NULL);
    (void)reel_track_media_time(t, time, &moment);
    (void)reel_track_presentation_time(t, time, 0, &time);
}

static void walk(changing *c, const reel_track *t)
{
    reel_sample s[32];
    size_t got;
    if (!c->has_cursor || below(c, 4) == 0)
        c->has_cursor = reel_cursor_init(&c->cursor, t) == REEL_OK;
    if (!c->has_cursor)
        return;
    if (below(c, 3) == 0)
        (void)reel_cursor_seek(&c->cursor, below(c, 500), NULL);
    for (int i = 0; i < 40 && reel_cursor_next(&c->cursor, s, NULL) == REEL_OK; i++)
        ;
    for (int i = 0; i < 10 && reel_cursor_prev(&c->cursor, s, NULL) == REEL_OK; i++)
        ;
    (void)reel_cursor_batch(&c->cursor, s, 32, &got, NULL);
}

static void ask(changing *c, const reel_track *t)
{
    reel_description d;
    reel_sample s;
    reel_sample_crypto crypto;
    reel_track_info info;
    reel_tag tag;
    reel_span span;
    uint32_t type, value;
    reel_track_get_info(t, &info);
    fuzz_touch(info.name);
    if (reel_track_description(t, 1 + (uint32_t)below(c, 3), &d, NULL) == REEL_OK)
        fuzz_touch(d.config);
    if (reel_track_sample(t, below(c, 300), &s, NULL) == REEL_OK) {
        if (reel_track_sample_crypto(t, &s, &crypto, NULL) == REEL_OK && crypto.subsamples)
            fuzz_touch((reel_span){crypto.subsamples, 6 * (size_t)crypto.subsample_count});
        if (reel_track_sample_group(t, &s, REEL_4CC('r', 'o', 'l', 'l'), &value, &span, NULL) == REEL_OK)
            fuzz_touch(span);
    }
    (void)reel_track_tag(t, below(c, 4), &tag);
    (void)reel_track_reference(t, below(c, 4), &type, &value);
    (void)reel_track_group_type(t, below(c, 4), &type, &value);
}

static void ask_film(changing *c)
{
    reel_tag tag;
    reel_chapter chapter;
    reel_pssh pssh;
    reel_item item;
    reel_item_property property;
    reel_range range;
    if (reel_movie_tag(c->movie, below(c, 6), &tag) == REEL_OK)
        fuzz_touch(tag.value);
    if (reel_movie_chapter(c->movie, below(c, 6), &chapter, NULL) == REEL_OK) {
        fuzz_touch(chapter.title);
        reel_ref_drop(chapter.ref);
    }
    if (reel_movie_pssh(c->movie, below(c, 3), &pssh) == REEL_OK)
        fuzz_touch(pssh.data);
    if (reel_movie_item(c->movie, below(c, 5), &item, NULL) == REEL_OK) {
        (void)reel_item_extent(c->movie, item.id, below(c, 3), &range, NULL);
        if (reel_item_property_get(c->movie, item.id, below(c, 3), &property) == REEL_OK)
            fuzz_touch(property.body);
    }
}

static void call(changing *c)
{
    size_t tracks = reel_movie_track_count(c->movie);
    const reel_track *t = reel_movie_track(c->movie, below(c, tracks < FUZZ_TRACKS ? tracks : FUZZ_TRACKS));
    if (!t || below(c, 5) == 0)
        ask_film(c);
    else if (below(c, 3) == 0)
        ask(c, t);
    else if (below(c, 2))
        look_up(c, t);
    else
        walk(c, t);
}

/* Zeros from somewhere on, as a file that was cut shows them; or a few words anywhere. */
static void change(changing *c)
{
    static const uint8_t words[] = {0, 1, 0x7f, 0x80, 0xff};
    if (c->size == 0)
        return;
    if (below(c, 4) == 0) {
        size_t from = (size_t)below(c, c->size);
        memset(c->bytes + from, 0, c->size - from);
        return;
    }
    for (uint64_t n = 1 + below(c, 60); n; n--) {
        size_t at = (size_t)below(c, c->size), room = c->size - at;
        memset(c->bytes + at, words[below(c, sizeof words)], room < 4 ? room : (size_t)below(c, 5));
    }
}

void fuzz_target(const fuzz_input *in, reel_movie *unused)
{
    changing c = {.bytes = malloc(in->size), .size = in->size, .state = in->seed};
    reel_source *source = NULL;
    reel_open_options options = {.sizeof_options = sizeof options, .allocator = in->allocator};
    (void)unused;
    if (!c.bytes)
        return;
    if (in->size)
        memcpy(c.bytes, in->data, in->size);
    if (reel_source_memory(c.bytes, c.size, NULL, NULL, &source) == REEL_OK &&
        reel_open(source, &options, &c.movie, NULL) == REEL_OK)
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < CALLS; i++)
                call(&c);
            change(&c);
        }
    reel_close(&c.movie);
    reel_source_unref(&source);
    free(c.bytes);
}
