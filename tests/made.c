/* SPDX-License-Identifier: BSD-2-Clause */
#include "made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static reel_movie *open_with(const void *data, size_t size, unsigned flags)
{
    const reel_open_options options = {.sizeof_options = sizeof options, .flags = flags};
    reel_source *source;
    reel_movie *movie = NULL;
    reel_error err = {0};
    assert_int_equal(reel_source_memory(data, size, NULL, NULL, &source), REEL_OK);
    if (reel_open(source, &options, &movie, &err) != REEL_OK)
        fail_msg("%s (%s)", err.text, err.path);
    reel_source_unref(&source);
    return movie;
}

reel_movie *open_memory(const void *data, size_t size) { return open_with(data, size, 0); }

made made_with(reel_plan *plan, unsigned flags)
{
    made m = {.size = (size_t)reel_plan_size(plan)};
    reel_error err = {0};
    m.data = malloc(m.size + 1);
    assert_non_null(m.data);
    if (reel_plan_read(plan, 0, m.data, m.size, &err) != REEL_OK)
        fail_msg("%s", err.text);
    reel_plan_close(&plan);
    m.movie = open_with(m.data, m.size, flags);
    return m;
}

made made_of(reel_plan *plan) { return made_with(plan, 0); }

void made_done(made *m)
{
    reel_close(&m->movie);
    free(m->data);
}

char *text_of(reel_plan *plan)
{
    size_t n = (size_t)reel_plan_size(plan);
    char *text = malloc(n + 1);
    assert_non_null(text);
    assert_int_equal(reel_plan_read(plan, 0, text, n, NULL), REEL_OK);
    text[n] = 0;
    assert_int_equal(strlen(text), n);
    reel_plan_close(&plan);
    return text;
}

uint64_t count_of(const reel_track *t)
{
    uint64_t n = 0;
    assert_int_equal(reel_track_sample_count(t, &n, NULL), REEL_OK);
    return n;
}

reel_sample sample_of(const reel_track *t, uint64_t i)
{
    reel_sample s;
    assert_int_equal(reel_track_sample(t, i, &s, NULL), REEL_OK);
    return s;
}

void same_bytes(const reel_track *a, const reel_sample *x, const reel_track *b, const reel_sample *y)
{
    reel_packet p = {.ref = NULL}, q = {.ref = NULL};
    assert_int_equal(x->size, y->size);
    assert_int_equal(reel_packet_get(a, x, &p, NULL), REEL_OK);
    assert_int_equal(reel_packet_get(b, y, &q, NULL), REEL_OK);
    assert_memory_equal(p.data, q.data, x->size);
    reel_packet_unref(&p);
    reel_packet_unref(&q);
}

static void *spend(void *user, void *p, size_t n)
{
    purse *u = user;
    if (n == 0) {
        u->out -= p != NULL;
        free(p);
        return NULL;
    }
    if (u->left-- <= 0)
        return NULL;
    void *more = realloc(p, n);
    u->out += !p && more;
    return more;
}

reel_allocator purse_of(purse *u) { return (reel_allocator){spend, u}; }
