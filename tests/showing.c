/* SPDX-License-Identifier: BSD-2-Clause */
/* The command turns edit lists round for speed (cli/showing.c): it has to say what the library's one rule says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../cli/showing.c"

#include "build.h"

enum { SAMPLES = 60, TICKS = 40, FILMS = 3000, EDITS = 12 };

static uint64_t chance = 5;

static int32_t some_rate(void)
{
    static const int32_t rates[] = {0x10000, 0x10000, 0x10000, 0x8000, 0x20000, 0x5555, 0};
    return rates[b_below(&chance, sizeof rates / sizeof *rates)];
}

static uint32_t throw_edits(b_edit *edits)
{
    uint32_t n = b_below(&chance, EDITS);
    for (uint32_t i = 0; i < n; i++) {
        bool empty = b_below(&chance, 5) == 0;
        edits[i] = (b_edit){b_below(&chance, 700), empty ? -1 : (int64_t)b_below(&chance, SAMPLES * TICKS), empty ? 0x10000 : some_rate()};
    }
    if (n && b_below(&chance, 3) == 0)
        edits[n - 1].duration = 0; /* to the end of the media */
    return n;
}

/* The library asked for every tick that the sample lasts: the first that is shown, and when. */
static bool naive(const reel_track *t, const reel_sample *s, int64_t *start)
{
    for (uint32_t k = 0; k < s->duration; k++)
        if (reel_track_presentation_time(t, s->pts + k, 0, start) == REEL_OK)
            return true;
    return false;
}

static void one_film(void)
{
    static const uint64_t chunks[] = {0};
    const b_run stts[] = {{SAMPLES, TICKS}};
    const b_chunks stsc[] = {{1, SAMPLES, 1}};
    b_edit edits[EDITS];
    uint32_t n = throw_edits(edits);
    b_track track = {.stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .samples = SAMPLES, .uniform_size = 1,
                     .chunks = chunks, .chunk_n = 1, .edits = n ? edits : NULL, .edit_n = n};
    b_buf b = {0};
    b_film(&b, &(b_movie){.timescale = 1000, .track = &track, .tracks = 1, .media_size = SAMPLES});
    reel_source *source;
    reel_movie *movie;
    assert_int_equal(reel_source_memory(b.data, b.size, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &movie, NULL), REEL_OK);
    const reel_track *t = reel_movie_track(movie, 0);
    struct showings all;
    bool more;
    assert_true(showings_make(&all, t, &more));
    assert_false(more);
    for (uint64_t i = 0; i < SAMPLES; i++) {
        reel_sample s;
        int64_t start, end, want = 0;
        assert_int_equal(reel_track_sample(t, i, &s, NULL), REEL_OK);
        bool shown = showings_find(&all, t, &s, &start, &end);
        assert_int_equal(shown, naive(t, &s, &want));
        if (!shown)
            continue;
        assert_int_equal(start, want);
        assert_true(end > start);
    }
    showings_free(&all);
    reel_close(&movie);
    reel_source_unref(&source);
    b_free(&b);
}

static void test_random_edit_lists(void **state)
{
    (void)state;
    for (int i = 0; i < FILMS; i++)
        one_film();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_edit_lists)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
