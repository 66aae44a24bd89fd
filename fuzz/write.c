/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Films made of a film: moov in front, progressive, cut, joined, repaired; and its text. What comes out can be opened, and
 * a progressive film has the samples of the one that it was made of.
 */
#include "harness.h"

const bool fuzz_opens_itself = true;

enum { MOST = 1 << 21, SAMPLES = 200, OPERATIONS = 6, SOME = 4 };

typedef struct writing {
    const fuzz_input *in;
    reel_source *source;
    reel_movie *movie; /* NULL: it cannot be opened, and is only repaired */
    reel_write_options options;
    uint64_t state;
} writing;

static uint64_t below(writing *w, uint64_t n) { return fuzz_random(&w->state) % n; }

/* A number of any size, the small ones as likely as the large. */
static int64_t any(writing *w)
{
    int64_t n = (int64_t)(fuzz_random(&w->state) >> (1 + below(w, 63)));
    return below(w, 8) ? n : -n;
}

static bool same_bytes(const reel_track *a, const reel_sample *x, const reel_track *b, const reel_sample *y)
{
    reel_packet p, q;
    bool same = x->size == y->size;
    if (!same || reel_packet_get(a, x, &p, NULL) != REEL_OK)
        return same;
    same = reel_packet_get(b, y, &q, NULL) == REEL_OK;
    if (same) {
        same = !memcmp(p.data, q.data, x->size);
        reel_packet_unref(&q);
    }
    reel_packet_unref(&p);
    return same;
}

static void compare(const reel_track *a, const reel_track *b)
{
    reel_cursor c, d;
    reel_sample x, y;
    if (reel_cursor_init(&c, a) != REEL_OK || reel_cursor_init(&d, b) != REEL_OK)
        return;
    for (int i = 0; i < SAMPLES && reel_cursor_next(&c, &x, NULL) == REEL_OK; i++)
        FUZZ_EXPECT(reel_cursor_next(&d, &y, NULL) == REEL_OK && same_bytes(a, &x, b, &y));
}

/* The tracks of the new film are those of the old one that have samples. */
static void compare_all(const reel_movie *a, const reel_movie *b)
{
    size_t k = 0;
    uint64_t n;
    for (size_t i = 0; i < FUZZ_TRACKS && reel_movie_track(a, i); i++) {
        if (reel_track_sample_count(reel_movie_track(a, i), &n, NULL) != REEL_OK || n == 0)
            continue;
        FUZZ_EXPECT(reel_movie_track(b, k) != NULL);
        if (reel_movie_track(b, k))
            compare(reel_movie_track(a, i), reel_movie_track(b, k));
        k++;
    }
}

static void open_again(writing *w, uint8_t *bytes, size_t size, bool all)
{
    reel_source *source;
    reel_movie *made = NULL;
    reel_open_options options = {.sizeof_options = sizeof options, .allocator = w->in->allocator};
    if (reel_source_memory(bytes, size, NULL, NULL, &source) != REEL_OK)
        return;
    int code = reel_open(source, &options, &made, NULL);
    FUZZ_EXPECT(code == REEL_OK);
    if (code == REEL_OK && all)
        compare_all(w->movie, made);
    reel_close(&made);
    reel_source_unref(&source);
}

static void look(writing *w, int code, reel_plan **plan, bool film, bool all)
{
    FUZZ_EXPECT((code == REEL_OK) == (*plan != NULL));
    uint64_t size = reel_plan_size(*plan);
    uint8_t *bytes = *plan && size <= MOST ? malloc((size_t)size + 1) : NULL;
    if (bytes) {
        code = reel_plan_read(*plan, 0, bytes, (size_t)size, NULL);
        FUZZ_EXPECT(code == REEL_OK);
        if (code == REEL_OK && film)
            open_again(w, bytes, (size_t)size, all);
        free(bytes);
    }
    reel_plan_close(plan);
}

static void cut(writing *w)
{
    reel_plan *plan = NULL;
    reel_cut c = {.sizeof_cut = sizeof c, .timescale = 1 + (uint32_t)(fuzz_random(&w->state) >> (32 + below(w, 32))),
                  .flags = below(w, 2) ? REEL_CUT_EXACT : 0};
    c.from = any(w);
    c.to = below(w, 4) ? any(w) : REEL_CUT_TO_END;
    look(w, reel_write_cut(w->movie, &c, &w->options, &plan, NULL), &plan, true, false);
}

static void text(writing *w)
{
    reel_plan *plan = NULL;
    for (size_t i = 0; i < FUZZ_TRACKS && reel_movie_track(w->movie, i); i++) {
        uint64_t first = below(w, SOME), last = below(w, 2) ? UINT64_MAX : first + below(w, SAMPLES);
        look(w, reel_stream_text(reel_movie_track(w->movie, i), first, last, (uint32_t)below(w, 3), w->in->allocator,
                                 &plan, NULL), &plan, false, false);
    }
}

static void repair(writing *w)
{
    reel_plan *plan = NULL;
    reel_repair report;
    const reel_movie *like = below(w, 2) ? w->movie : NULL;
    look(w, reel_write_repair(w->source, like, &w->options, &report, &plan, NULL), &plan, true, false);
}

static void make(writing *w)
{
    reel_plan *plan = NULL;
    const reel_movie *const twice[] = {w->movie, w->movie};
    switch (w->movie ? below(w, OPERATIONS) : OPERATIONS) {
    case 0: look(w, reel_write_faststart(w->movie, &w->options, &plan, NULL), &plan, true, false); break;
    case 1: look(w, reel_write_progressive(w->movie, &w->options, &plan, NULL), &plan, true, true); break;
    case 2: cut(w); break;
    case 3: look(w, reel_write_concat(twice, 2, &w->options, &plan, NULL), &plan, true, false); break;
    case 4: text(w); break;
    default: repair(w); break;
    }
}

void fuzz_target(const fuzz_input *in, reel_movie *unused)
{
    writing w = {.in = in, .state = in->seed,
                 .options = {.sizeof_options = sizeof w.options, .alloc = in->allocator}};
    reel_open_options options = {.sizeof_options = sizeof options, .allocator = in->allocator};
    (void)unused;
    if (reel_source_memory(in->data, in->size, NULL, NULL, &w.source) != REEL_OK)
        return;
    if (reel_open(w.source, &options, &w.movie, NULL) != REEL_OK)
        w.movie = NULL;
    for (int i = 0; i < SOME; i++)
        make(&w);
    reel_close(&w.movie);
    reel_source_unref(&w.source);
}
