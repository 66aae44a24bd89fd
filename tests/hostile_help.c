/* SPDX-License-Identifier: BSD-2-Clause */
#include "hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 300 };

static void sound(int code) { assert_true(code <= REEL_END && code >= REEL_E_UNSUPPORTED); }

static void walk_samples(const reel_track *t)
{
    reel_cursor c;
    reel_sample s, batch[16];
    reel_packet p;
    reel_error err;
    size_t got;
    int code = reel_cursor_init(&c, t);
    sound(code);
    for (int i = 0; i < MOST && code == REEL_OK && (code = reel_cursor_next(&c, &s, &err)) == REEL_OK; i++) {
        reel_sample_crypto crypto;
        sound(reel_track_sample_crypto(t, &s, &crypto, &err));
        sound(reel_packet_get(t, &s, &p, &err));
        reel_packet_unref(&p);
    }
    sound(code);
    sound(reel_cursor_seek(&c, 3, &err));
    sound(reel_cursor_batch(&c, batch, 16, &got, &err));
    sound(reel_cursor_prev(&c, &s, &err));
}

static void walk_lookups(const reel_track *t)
{
    static const int64_t times[] = {0, -1, 100, 250, INT64_MAX / 4, INT64_MIN / 4};
    reel_error err;
    reel_sample entry, target;
    reel_explanation x;
    uint64_t count = 0, n;
    sound(reel_track_sample_count(t, &count, &err));
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        sound(reel_track_find_dts(t, times[i], &n, &err));
        sound(reel_track_find_pts(t, times[i], &n, &err));
        for (int mode = 0; mode < 4; mode++)
            sound(reel_track_seek(t, times[i], (reel_seek_mode)mode, &entry, &target, &err));
    }
    const uint64_t numbers[] = {0, 1, count / 2, count - 1, count, UINT64_MAX};
    for (size_t i = 0; i < 6; i++) {
        sound(reel_track_sample(t, numbers[i], &entry, &err));
        sound(reel_track_explain(t, numbers[i], &x, &err));
        sound(reel_track_find_sync(t, numbers[i], REEL_SEEK_PREVIOUS, &n, &err));
        sound(reel_track_find_sync(t, numbers[i], REEL_SEEK_NEXT, &n, &err));
    }
}

static void walk_items(const reel_movie *m)
{
    reel_item item;
    reel_range range;
    reel_item_property property;
    reel_error err;
    size_t n = reel_movie_item_count(m);
    for (size_t i = 0; i < n && i < MOST; i++) {
        int code = reel_movie_item(m, i, &item, &err);
        sound(code);
        for (size_t k = 0; code == REEL_OK && k < MOST; k++)
            if (reel_item_extent(m, item.id, k, &range, &err) != REEL_OK)
                break;
        for (size_t k = 0; code == REEL_OK && k < MOST; k++)
            if (reel_item_property_get(m, item.id, k, &property) != REEL_OK)
                break;
    }
}

void hostile_walk_movie(const reel_movie *m)
{
    reel_movie_info info;
    reel_track_info track;
    reel_description description;
    reel_tag tag;
    reel_error err;
    reel_movie_get_info(m, &info);
    for (size_t i = 0; i < reel_movie_track_count(m); i++) {
        const reel_track *t = reel_movie_track(m, i);
        reel_track_get_info(t, &track);
        sound(reel_track_prepare(t, true, &err));
        sound(reel_track_description(t, 1, &description, &err));
        walk_samples(t);
        walk_lookups(t);
        for (size_t k = 0; k < MOST && reel_track_tag(t, k, &tag) == REEL_OK; k++)
            ;
    }
    for (size_t k = 0; k < MOST && reel_movie_tag(m, k, &tag) == REEL_OK; k++)
        ;
    for (size_t k = 0; reel_movie_warning(m, k, &err) == REEL_OK; k++)
        assert_true(err.code < 0);
    walk_items(m);
}

static int open_bytes(const uint8_t *data, size_t size, uint32_t flags, hostile_film *f, reel_error *err)
{
    reel_open_options options = {.sizeof_options = sizeof options, .flags = flags};
    memset(f, 0, sizeof *f);
    memset(err, 0, sizeof *err);
    assert_int_equal(reel_source_memory(size ? data : NULL, size, NULL, NULL, &f->source), REEL_OK);
    int code = reel_open(f->source, &options, &f->movie, err);
    sound(code);
    assert_int_equal(code == REEL_OK, f->movie != NULL);
    f->track = reel_movie_track(f->movie, 0);
    return code;
}

int hostile_walk(const uint8_t *data, size_t size, uint32_t flags)
{
    hostile_film f;
    reel_error err;
    int code = open_bytes(data, size, flags, &f, &err);
    if (code == REEL_OK)
        hostile_walk_movie(f.movie);
    hostile_close(&f);
    return code;
}

static void same_line(const reel_error *err, int code, const char *line)
{
    char text[400];
    reel_error_format(err, text, sizeof text);
    if (err->code != code || !strstr(text, line))
        fail_msg("it says %s: %s\n     instead of %s: %s", reel_code_name(err->code), text, reel_code_name(code), line);
}

void hostile_warns(const b_buf *b, int code, const char *line)
{
    hostile_film f = hostile_open(b);
    reel_error w = {0};
    char text[400];
    hostile_walk_movie(f.movie);
    for (size_t i = 0; reel_movie_warning(f.movie, i, &w) == REEL_OK; i++) {
        reel_error_format(&w, text, sizeof text);
        if (w.code == code && strstr(text, line)) {
            hostile_close(&f);
            return;
        }
    }
    same_line(&w, code, line); /* the last one shows what was said instead */
}

void hostile_strict(const b_buf *b, int code, const char *line)
{
    hostile_film f;
    reel_error err;
    assert_int_equal(open_bytes(b->data, b->size, REEL_OPEN_STRICT, &f, &err), code);
    same_line(&err, code, line);
    hostile_close(&f);
}

void hostile_both(const b_buf *b, int code, const char *line)
{
    hostile_warns(b, code, line);
    hostile_strict(b, code, line);
}

void hostile_fails(const b_buf *b, int code, const char *line)
{
    hostile_film f;
    reel_error err;
    int got = open_bytes(b->data, b->size, 0, &f, &err);
    if (got == REEL_OK)
        fail_msg("it opens, instead of %s: %s", reel_code_name(code), line);
    same_line(&err, code, line);
    hostile_close(&f);
    hostile_strict(b, code, line);
}

void hostile_silent(const b_buf *b)
{
    hostile_film f;
    reel_error err;
    assert_int_equal(open_bytes(b->data, b->size, REEL_OPEN_STRICT, &f, &err), REEL_OK);
    hostile_walk_movie(f.movie);
    assert_int_equal(reel_movie_warning(f.movie, 0, &err), REEL_END);
    hostile_close(&f);
}

hostile_film hostile_open(const b_buf *b)
{
    hostile_film f;
    reel_error err;
    if (open_bytes(b->data, b->size, 0, &f, &err) != REEL_OK) {
        char text[400];
        reel_error_format(&err, text, sizeof text);
        fail_msg("it does not open: %s %s", reel_code_name(err.code), text);
    }
    return f;
}

void hostile_close(hostile_film *f)
{
    reel_close(&f->movie);
    reel_source_unref(&f->source);
}

uint64_t hostile_count(const hostile_film *f)
{
    uint64_t n = 0;
    assert_int_equal(reel_track_sample_count(f->track, &n, NULL), REEL_OK);
    return n;
}
