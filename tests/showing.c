/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From media time to presentation time, for short edit lists (walked) and long ones (turned round once): held against
 * what comes out when the presentation is played tick by tick with reel_track_media_time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <reel/reel.h>

#include "build.h"

enum { SAMPLES = 60, TICKS = 40, MEDIA = SAMPLES * TICKS, FEW = 12, MANY = 200 };

static uint64_t chance = 5;

static int32_t some_rate(void)
{
    static const int32_t rates[] = {0x10000, 0x10000, 0x10000, 0x8000, 0x20000, 0x5555, 0};
    return rates[b_below(&chance, sizeof rates / sizeof *rates)];
}

static uint32_t throw_edits(b_edit *edits, uint32_t most)
{
    uint32_t n = b_below(&chance, most), longest = most == FEW ? 700 : 90;
    for (uint32_t i = 0; i < n; i++) {
        bool empty = b_below(&chance, 5) == 0;
        edits[i] = (b_edit){b_below(&chance, longest), empty ? -1 : (int64_t)b_below(&chance, MEDIA),
                            empty ? 0x10000 : some_rate()};
    }
    if (n && b_below(&chance, 3) == 0)
        edits[n - 1].duration = 0; /* to the end of the media */
    return n;
}

/* When each tick of the media is first shown, and by which edit, from 1; 0: never. */
struct played {
    int64_t at[MEDIA];
    uint32_t by[MEDIA];
};

static void show(struct played *p, int64_t media, int64_t t, uint32_t edit)
{
    if (media < 0 || media >= MEDIA || p->by[media])
        return;
    p->at[media] = t;
    p->by[media] = edit;
}

static int64_t media_at(const reel_track *track, int64_t t)
{
    reel_moment m;
    assert_int_equal(reel_track_media_time(track, t, &m), REEL_OK);
    return m.media_time;
}

static void play(struct played *p, const reel_track *track)
{
    reel_edit e;
    for (uint32_t i = 0; reel_track_edit(track, i, &e) == REEL_OK; i++) {
        if (e.kind == REEL_EDIT_EMPTY || e.start == e.end)
            continue;
        if (e.kind == REEL_EDIT_DWELL)
            show(p, e.media_time, e.start, i + 1);
        int64_t media = e.media_time;
        for (int64_t t = e.start; e.kind == REEL_EDIT_MEDIA && t < e.end && media < MEDIA; t++)
            for (int64_t reached = media_at(track, t); media <= reached && media < MEDIA; media++)
                show(p, media, t, i + 1);
    }
}

static void check_instants(const struct played *p, const reel_track *track)
{
    for (int64_t media = 0; media < MEDIA; media++) {
        int64_t t;
        int code = reel_track_presentation_time(track, media, 0, &t);
        assert_int_equal(code, p->by[media] ? REEL_OK : REEL_END);
        if (code == REEL_OK)
            assert_int_equal(t, p->at[media]);
    }
}

static void check_span(const struct played *p, const reel_track *track, int64_t media, int64_t end)
{
    int64_t from = media, start, stop;
    int code = reel_track_presentation_span(track, media, (uint64_t)(end - media), &start, &stop);
    while (from < end && !p->by[from])
        from++;
    assert_int_equal(code, from < end ? REEL_OK : REEL_END);
    if (from == end)
        return;
    reel_edit e;
    assert_int_equal(start, p->at[from]);
    assert_int_equal(reel_track_edit(track, p->by[from] - 1, &e), REEL_OK);
    int64_t t = start;
    while (t < e.end && (e.kind == REEL_EDIT_DWELL || media_at(track, t) < end))
        t++;
    /* a rate above 1 steps over media: the last tick it had reached ends it, and it lasts a tick at least */
    assert_int_equal(stop, t);
}

static void check_no_list(const reel_track *track)
{
    int64_t start, end;
    assert_int_equal(reel_track_presentation_time(track, 77, 0, &start), REEL_OK);
    assert_int_equal(start, 77);
    assert_int_equal(reel_track_presentation_time(track, 77, 1, &start), REEL_END);
    assert_int_equal(reel_track_presentation_span(track, 77, 5, &start, &end), REEL_OK);
    assert_int_equal(end, 82);
    assert_int_equal(reel_track_presentation_span(track, 77, 0, &start, &end), REEL_END);
}

static bool shows_nothing(const reel_track *track)
{
    reel_edit e;
    for (size_t i = 0; reel_track_edit(track, i, &e) == REEL_OK; i++)
        if (e.segment_duration || e.end == REEL_TIME_FOREVER)
            return false;
    return true;
}

static void one_film(uint32_t most)
{
    static const uint64_t chunks[] = {0};
    const b_run stts[] = {{SAMPLES, TICKS}};
    const b_chunks stsc[] = {{1, SAMPLES, 1}};
    b_edit edits[MANY];
    struct played played = {.by = {0}};
    uint32_t n = throw_edits(edits, most);
    b_track track = {.stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .samples = SAMPLES, .uniform_size = 1,
                     .chunks = chunks, .chunk_n = 1, .edits = n ? edits : NULL, .edit_n = n};
    b_buf b = {0};
    b_film(&b, &(b_movie){.timescale = 1000, .track = &track, .tracks = 1, .media_size = SAMPLES});
    reel_source *source;
    reel_movie *movie;
    assert_int_equal(reel_source_memory(b.data, b.size, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &movie, NULL), REEL_OK);
    const reel_track *t = reel_movie_track(movie, 0);
    if (shows_nothing(t)) {
        check_no_list(t);
    } else {
        play(&played, t);
        check_instants(&played, t);
        for (int64_t i = 0; i < SAMPLES; i++)
            check_span(&played, t, i * TICKS, (i + 1) * TICKS);
    }
    reel_close(&movie);
    reel_source_unref(&source);
    b_free(&b);
}

static void test_short_lists(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        one_film(FEW);
}

static void test_long_lists(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++)
        one_film(MANY);
}

static void test_bad_calls(void **state)
{
    (void)state;
    int64_t a, b;
    assert_int_equal(reel_track_presentation_span(NULL, 0, 1, &a, &b), REEL_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_short_lists), cmocka_unit_test(test_long_lists),
                                       cmocka_unit_test(test_bad_calls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
