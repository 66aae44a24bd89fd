/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same survey (all calls on a film, folded into one number) made again and again under worse conditions: other kinds of
 * sources, bytes that come one by one or are not here yet, memory that runs out. The film has to stay the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include <reel/reel.h>

#include "random.h"
#include "small.h"

/* ---- films ------------------------------------------------------------------------------------------------ */

/* 20 fragments of 6 samples behind a sidx, before an mfra. */
static void indexed_film(b_buf *b)
{
    enum { N = 20, SAMPLES = 6 };
    static const b_track empty = {0};
    static const b_entry e[SAMPLES] = {{40, 9, 0, 0}, {40, 8, 0, 80}, {40, 7, 0, -40}, {40, 9, 0, 0}, {40, 2, 0, 0}, {40, 3, 0, 0}};
    static const b_trun run = {.flags = B_DATA | B_FIRST_FLAGS | B_DURATION | B_SIZE | B_OFFSET, .first_flags = B_SYNC,
                               .entries = e, .count = SAMPLES};
    b_reference refs[N];
    b_place places[N];
    b_buf media = {0};
    for (uint32_t i = 0; i < N; i++) {
        size_t at = media.size;
        b_fragment(&media, i + 1, &(b_traf){.flags = 0x20020, .sample_flags = B_NON_SYNC, .has_tfdt = true,
                   .tfdt = i * SAMPLES * 40, .runs = &run, .run_n = 1}, 1, 40);
        refs[i] = (b_reference){(uint32_t)(media.size - at), SAMPLES * 40, false};
        places[i] = (b_place){i * SAMPLES * 40, at};
    }
    b_film(b, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
    b_sidx(b, 1, 1000, 0, 0, refs, N);
    for (uint32_t i = 0; i < N; i++)
        places[i].moof += b->size;
    b_append(b, &media);
    b_mfra(b, 1, places, N);
    b_free(&media);
}

static void deflated_film(b_buf *b)
{
    b_buf plain = {0};
    small_plain(&plain);
    size_t moov = b_find(&plain, "moov"), size = b_get32(&plain, moov);
    uint8_t packed[4096];
    uLongf n = sizeof packed;
    assert_int_equal(compress(packed, &n, plain.data + moov, size), Z_OK);
    b_box(b, "moov");
    b_box(b, "cmov");
    b_box(b, "dcom");
    b_text(b, "zlib");
    b_end(b);
    b_box(b, "cmvd");
    b_u32(b, size);
    b_bytes(b, packed, n);
    b_end(b);
    b_end(b);
    b_end(b);
    b_box(b, "mdat");
    b_fill(b, 5, 1000); /* the chunks lie where they lay behind the long moov: somewhere in here */
    b_end(b);
    b_free(&plain);
}

/* An image that is a grid of one: its size is told by the item's own data. */
static void grid_film(b_buf *b)
{
    static const uint8_t grid[8] = {0, 0, 1, 2, 0, 30, 0, 20};
    small_heif(b);
    size_t infe = b_find(b, "meta/iinf/infe");
    memcpy(b->data + infe + 16, "grid", 4);
    b_set32(b, b_body(b, "meta/iloc") + 10, (uint32_t)b->size + 200);
    b_box(b, "mdat"); /* well behind what a look at the header brings along */
    b_fill(b, 0, 192);
    b_bytes(b, grid, sizeof grid);
    b_fill(b, 0, 8);
    b_end(b);
}

/* 3,000 samples with tables that need running totals, and fragments behind them. */
static void long_film(b_buf *b)
{
    truth t;
    random_film(b, &t, 11, RANDOM_TABLES | RANDOM_FRAGMENTS | RANDOM_LONG);
    truth_free(&t);
}

static const struct {
    const char *name;
    void (*make)(b_buf *);
} films[] = {{"plain", small_plain},     {"fragmented", small_fragmented}, {"heif", small_heif}, {"indexed", indexed_film},
             {"deflated", deflated_film}, {"grid", grid_film},              {"long", long_film}};
enum { FILMS = sizeof films / sizeof *films };

/* ---- conditions ------------------------------------------------------------------------------------------- */

/* Bytes that are here one by one. What is asked for in vain is fetched by the next wait. */
typedef struct late {
    const uint8_t *data;
    uint8_t *here;
    uint64_t size;
    size_t most; /* given at once; 0: all that is asked for */
    unsigned refused, closed;
} late;

/* Memory that runs out at call number fail_at, that once. */
typedef struct meter {
    unsigned calls, fail_at, failed;
    int out; /* pieces that have not been given back */
} meter;

typedef struct world {
    late *late;
    meter *meter;
    const char *film;
} world;

static int64_t late_read(void *user, uint64_t offset, void *buf, size_t n)
{
    late *l = user;
    size_t there = 0;
    if (offset >= l->size)
        return 0;
    n = n < l->size - offset ? n : (size_t)(l->size - offset);
    n = l->most && n > l->most ? l->most : n;
    while (there < n && (!l->here || l->here[offset + there]))
        there++;
    if (there == 0) {
        l->refused++;
        return REEL_E_AGAIN;
    }
    memcpy(buf, l->data + offset, there);
    return (int64_t)there;
}

static int late_size(void *user, uint64_t *size)
{
    *size = ((late *)user)->size;
    return REEL_OK;
}

static void late_close(void *user) { ((late *)user)->closed++; }

static reel_source *late_source(late *l)
{
    reel_source_io io = {sizeof io, late_read, late_size, late_close, l};
    reel_source *s;
    assert_int_equal(reel_source_callback(&io, &s, NULL), REEL_OK);
    return s;
}

/* The range that err names has to be one that helps: inside the film, and not here yet. */
static void fetch(const world *w, const reel_error *err, const char *call)
{
    uint64_t missing = 0, end = err->offset + err->length;
    if (!w->late || err->code != REEL_E_AGAIN || !err->length || err->offset >= w->late->size)
        fail_msg("%s: %s says E_AGAIN, and err names no range that is in the film", w->film, call);
    for (uint64_t i = err->offset; i < end && i < w->late->size; i++) {
        missing += !w->late->here[i];
        w->late->here[i] = 1;
    }
    if (!missing)
        fail_msg("%s: %s wants [%llu, %llu), which is here", w->film, call, (unsigned long long)err->offset,
                 (unsigned long long)end);
}

/* Ask until it is answered: after E_AGAIN the bytes are fetched, after E_NOMEM there is memory again. */
static bool unanswered(const world *w, int code, const reel_error *err, const char *call)
{
    if (code == REEL_E_AGAIN)
        fetch(w, err, call);
    if (code == REEL_E_NOMEM && (!w->meter || !w->meter->failed))
        fail_msg("%s: %s says E_NOMEM with memory to spare", w->film, call);
    return code == REEL_E_AGAIN || code == REEL_E_NOMEM;
}

static int last_code;
#define ASK(call)                                                                                             \
    do {                                                                                                      \
        memset(&err, 0, sizeof err);                                                                          \
    } while (unanswered(w, last_code = (call), &err, #call))

static void *meter_resize(void *user, void *p, size_t n)
{
    meter *m = user;
    if (n == 0) {
        m->out -= p != NULL;
        free(p);
        return NULL;
    }
    if (m->calls++ == m->fail_at) {
        m->failed++;
        return NULL;
    }
    m->out += p == NULL;
    return realloc(p, n);
}

/* ---- the survey ------------------------------------------------------------------------------------------- */

static void fold(uint64_t *h, uint64_t v)
{
    *h = (*h ^ v) * UINT64_C(0x100000001b3);
    *h ^= *h >> 29;
}

static void fold_sample(uint64_t *h, const reel_sample *s)
{
    fold(h, (uint64_t)s->dts);
    fold(h, (uint64_t)s->pts);
    fold(h, s->offset);
    fold(h, s->size);
    fold(h, s->duration);
    fold(h, s->flags);
    fold(h, s->description);
    fold(h, s->chunk);
}

static void survey_seeks(const world *w, const reel_track *t, uint64_t *h)
{
    reel_error err;
    reel_sample entry, target;
    reel_cursor c;
    static const int64_t times[] = {0, 170, 4000, 1900, 300, 1 << 20};
    for (size_t i = 0; i < 6; i++)
        for (int mode = 0; mode < 4; mode++) {
            ASK(reel_track_seek(t, times[i], (reel_seek_mode)mode, &entry, &target, &err));
            fold(h, (uint64_t)last_code);
            if (last_code == REEL_OK) {
                fold_sample(h, &entry);
                fold_sample(h, &target);
            }
            ASK(reel_cursor_init(&c, t));
            ASK(reel_cursor_seek_pts(&c, times[i], (reel_seek_mode)mode, &err));
            if (last_code != REEL_OK)
                continue;
            reel_cursor kept = c;
            ASK((c = kept, reel_cursor_next(&c, &entry, &err)));
            fold_sample(h, &entry);
        }
}

static void survey_packet(const world *w, const reel_track *t, const reel_sample *s, uint64_t *h)
{
    reel_packet p;
    reel_error err;
    ASK(reel_packet_get(t, s, &p, &err));
    fold(h, (uint64_t)last_code);
    if (last_code != REEL_OK)
        return;
    for (uint32_t i = 0; i < s->size; i++)
        fold(h, p.data[i]);
    reel_packet_unref(&p);
}

static void survey_walk(const world *w, const reel_track *t, uint64_t *h)
{
    reel_error err;
    reel_cursor c;
    reel_sample s;
    reel_sample_crypto crypto;
    ASK(reel_cursor_init(&c, t));
    for (;;) {
        reel_cursor before = c;
        /* A cursor that was told to ask again stands where it stood; after E_NOMEM it is placed anew. */
        ASK((c = before, reel_cursor_next(&c, &s, &err)));
        if (last_code != REEL_OK)
            break;
        fold(h, s.index);
        fold_sample(h, &s);
        if (s.index % 7 == 0 || s.index < 10)
            survey_packet(w, t, &s, h);
        if (s.index < 10) {
            ASK(reel_track_sample_crypto(t, &s, &crypto, &err));
            fold(h, (uint64_t)last_code);
        }
    }
    fold(h, (uint64_t)last_code);
    for (int i = 0; i < 5; i++) {
        ASK(reel_cursor_prev(&c, &s, &err));
        if (last_code == REEL_OK)
            fold_sample(h, &s);
    }
}

static void survey_lookups(const world *w, const reel_track *t, uint64_t *h)
{
    reel_error err;
    reel_explanation x;
    reel_sample s;
    uint64_t count = 0, n = 0, dice = 5;
    int64_t duration = 0;
    ASK(reel_track_sample_count(t, &count, &err));
    fold(h, count);
    for (int i = 0; i < 30 && count; i++) {
        uint64_t at = b_random(&dice) % count;
        ASK(reel_track_sample(t, at, &s, &err));
        fold_sample(h, &s);
        ASK(reel_track_explain(t, at, &x, &err));
        fold_sample(h, &x.sample);
        ASK(reel_track_find_dts(t, s.dts, &n, &err));
        fold(h, n);
        ASK(reel_track_find_pts(t, s.pts, &n, &err));
        fold(h, n);
        ASK(reel_track_find_sync(t, at, REEL_SEEK_NEAREST, &n, &err));
        fold(h, last_code == REEL_OK ? n : 99);
    }
    ASK(reel_track_presentation_duration(t, &duration, &err));
    fold(h, (uint64_t)duration);
}

static void survey_items(const world *w, const reel_movie *m, uint64_t *h)
{
    reel_error err;
    reel_item item;
    reel_range range = {0, 0};
    for (size_t i = 0; i < reel_movie_item_count(m); i++) {
        ASK(reel_movie_item(m, i, &item, &err));
        fold(h, (uint64_t)last_code);
        fold(h, item.size);
        fold(h, item.grid_rows);
        fold(h, item.grid_width);
        ASK(reel_item_extent(m, item.id, 0, &range, &err));
        fold(h, range.offset);
    }
}

static void survey_boxes(const world *w, reel_source *source, uint64_t *h)
{
    reel_error err;
    reel_box_walk walk;
    reel_box box;
    assert_int_equal(reel_box_walk_init(&walk, source), REEL_OK);
    for (;;) {
        ASK(reel_box_walk_next(&walk, &box, &err));
        if (last_code != REEL_OK)
            break;
        fold(h, box.type);
        fold(h, box.offset);
        fold(h, box.size);
    }
    fold(h, (uint64_t)last_code);
}

static int fold_finding(void *user, const reel_finding *f)
{
    fold(user, f->severity);
    fold(user, strlen(f->what));
    return 0;
}

static uint64_t survey(const world *w, reel_source *source)
{
    uint64_t h = 1;
    reel_error err;
    reel_movie *m = NULL;
    reel_movie_info info;
    reel_description d;
    reel_open_options options = {.sizeof_options = sizeof options};
    reel_allocator a = {meter_resize, w->meter};
    options.allocator = w->meter ? &a : NULL;
    ASK(reel_open(source, &options, &m, &err));
    assert_int_equal(last_code, REEL_OK);
    for (size_t i = 0; i < reel_movie_track_count(m); i++) {
        const reel_track *t = reel_movie_track(m, i);
        survey_seeks(w, t, &h);
        survey_walk(w, t, &h);
        survey_lookups(w, t, &h);
        ASK(reel_track_description(t, 1, &d, &err));
        fold(&h, d.width);
    }
    survey_items(w, m, &h);
    survey_boxes(w, source, &h);
    uint64_t found;
    ASK((found = 0, reel_doctor(m, fold_finding, &found, &err)));
    fold(&h, found);
    reel_movie_get_info(m, &info);
    fold(&h, info.mdat_count);
    reel_close(&m);
    return h;
}

static uint64_t survey_memory(const char *name, const b_buf *b)
{
    world w = {.film = name};
    reel_source *s;
    assert_int_equal(reel_source_memory(b->data, b->size, NULL, NULL, &s), REEL_OK);
    uint64_t h = survey(&w, s);
    reel_source_unref(&s);
    return h;
}

/* ---- a file of the test's own ----------------------------------------------------------------------------- */

typedef struct paper {
    char path[64];
    int fd;
} paper;

static paper paper_of(const b_buf *b)
{
    paper p = {"/tmp/reel-test-survey-XXXXXX", -1};
    p.fd = mkstemp(p.path);
    assert_true(p.fd >= 0);
    assert_int_equal(write(p.fd, b->data, b->size), b->size);
    return p;
}

static void paper_done(paper *p)
{
    close(p->fd);
    unlink(p->path);
}

/* ---- every kind gives the same film ----------------------------------------------------------------------- */

static void every_kind_gives_the_same(void **state)
{
    (void)state;
    static const unsigned flags[] = {0, REEL_SOURCE_GUARD, REEL_SOURCE_NO_MAP, REEL_SOURCE_NO_MAP | REEL_SOURCE_GUARD};
    for (size_t i = 0; i < FILMS; i++) {
        b_buf b = {0};
        world w = {.film = films[i].name};
        films[i].make(&b);
        paper p = paper_of(&b);
        uint64_t want = survey_memory(films[i].name, &b);
        reel_source *s;
        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(reel_source_file(p.path, flags[k], &s, NULL), REEL_OK);
            assert_int_equal(survey(&w, s), want);
            reel_source_unref(&s);
        }
        assert_int_equal(reel_source_fd(p.fd, 0, &s, NULL), REEL_OK);
        paper_done(&p); /* the source has its own */
        assert_int_equal(survey(&w, s), want);
        reel_source_unref(&s);
        b_free(&b);
    }
}

static void short_reads(void **state)
{
    static const size_t most[] = {1, 2, 7, 4096};
    (void)state;
    for (size_t i = 0; i < FILMS; i++) {
        b_buf b = {0};
        films[i].make(&b);
        uint64_t want = survey_memory(films[i].name, &b);
        for (size_t k = 0; k < 4; k++) {
            late l = {.data = b.data, .size = b.size, .most = most[k]};
            world w = {.film = films[i].name};
            reel_source *s = late_source(&l);
            assert_int_equal(survey(&w, s), want);
            reel_source_unref(&s);
            assert_int_equal(l.closed, 1);
        }
        b_free(&b);
    }
}

/* In pieces of this many bytes, mapped and unmapped ones in turn. */
static void concatenated(void **state)
{
    static const size_t cuts[] = {1, 13, 97, 1000};
    (void)state;
    for (size_t i = 0; i < FILMS; i++) {
        b_buf b = {0};
        world w = {.film = films[i].name};
        films[i].make(&b);
        uint64_t want = survey_memory(films[i].name, &b);
        for (size_t k = b.size > 20000 ? 1 : 0; k < 4; k++) {
            size_t n = 0, parts = b.size / cuts[k] + 1;
            late *l = calloc(parts, sizeof *l);
            reel_source **part = calloc(parts, sizeof *part), *whole;
            for (size_t at = 0; at < b.size; at += cuts[k], n++) {
                size_t size = b.size - at < cuts[k] ? b.size - at : cuts[k];
                l[n] = (late){.data = b.data + at, .size = size};
                if (n % 2)
                    part[n] = late_source(&l[n]);
                else
                    assert_int_equal(reel_source_memory(b.data + at, size, NULL, NULL, &part[n]), REEL_OK);
            }
            assert_int_equal(reel_source_concat(part, n, &whole), REEL_OK);
            for (size_t j = 0; j < n; j++)
                reel_source_unref(&part[j]);
            assert_int_equal(survey(&w, whole), want);
            reel_source_unref(&whole);
            for (size_t j = 1; j < n; j += 2)
                assert_int_equal(l[j].closed, 1);
            free(part);
            free(l);
        }
        b_free(&b);
    }
}

/* ---- not yet ---------------------------------------------------------------------------------------------- */

/* Nothing is here at first. Whatever is asked for is named, comes, and the same call goes on. */
static void not_here_yet(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILMS; i++) {
        b_buf b = {0};
        films[i].make(&b);
        uint64_t want = survey_memory(films[i].name, &b);
        for (size_t most = 0; most < 12; most += 5) {
            late l = {.data = b.data, .size = b.size, .most = most, .here = calloc(b.size, 1)};
            world w = {.late = &l, .film = films[i].name};
            reel_source *s = late_source(&l);
            uint64_t got = survey(&w, s);
            if (got != want)
                fail_msg("%s is another film when its bytes come late", films[i].name);
            assert_true(l.refused > 0);
            reel_source_unref(&s);
            free(l.here);
        }
        b_free(&b);
    }
}

/* With an index a seek wants the index and one fragment: most of the film stays where it is. */
static void seek_fetches_little(void **state)
{
    b_buf b = {0};
    reel_error err;
    reel_movie *m;
    reel_sample s;
    (void)state;
    indexed_film(&b);
    late l = {.data = b.data, .size = b.size, .here = calloc(b.size, 1)};
    world all = {.late = &l, .film = "indexed"}, *w = &all;
    reel_source *source = late_source(&l);
    ASK(reel_open(source, NULL, &m, &err));
    assert_int_equal(last_code, REEL_OK);
    ASK(reel_track_seek(reel_movie_track(m, 0), 15 * 240 + 130, REEL_SEEK_PREVIOUS, &s, NULL, &err));
    assert_int_equal(last_code, REEL_OK);
    assert_int_equal(s.dts, 15 * 240);
    size_t fetched = 0, first = b_find(&b, "moof"), last = b_find(&b, "mfra");
    for (size_t i = first; i < last; i++)
        fetched += l.here[i];
    if (fetched > (last - first) / 4)
        fail_msg("%zu of %zu bytes of fragments were fetched for one seek", fetched, last - first);
    reel_close(&m);
    reel_source_unref(&source);
    free(l.here);
    b_free(&b);
}

/* ---- no memory -------------------------------------------------------------------------------------------- */

/* The n-th allocation fails, for every n there is: what was asked is asked once more, and nothing is lost or kept. */
static void memory_runs_out(const char *name, const b_buf *b, bool mapped)
{
    uint64_t want = survey_memory(name, b);
    for (unsigned n = 0;; n++) {
        meter gauge = {.fail_at = n};
        late l = {.data = b->data, .size = b->size};
        world w = {.meter = &gauge, .film = name};
        reel_source *s;
        if (mapped)
            assert_int_equal(reel_source_memory(b->data, b->size, NULL, NULL, &s), REEL_OK);
        else
            s = late_source(&l);
        uint64_t got = survey(&w, s);
        reel_source_unref(&s);
        if (got != want)
            fail_msg("%s: allocation %u fails, and then the film is another one", name, n);
        if (gauge.out)
            fail_msg("%s: allocation %u fails, and %d pieces of memory are left", name, n, gauge.out);
        if (!gauge.failed)
            break;
        assert_true(n < 20000);
    }
}

static void memory_runs_out_mapped(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILMS; i++) {
        b_buf b = {0};
        films[i].make(&b);
        memory_runs_out(films[i].name, &b, true);
        b_free(&b);
    }
}

static void memory_runs_out_unmapped(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILMS - 1; i++) { /* not the long one: an allocation a packet */
        b_buf b = {0};
        films[i].make(&b);
        memory_runs_out(films[i].name, &b, false);
        b_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_gives_the_same),
        cmocka_unit_test(short_reads),
        cmocka_unit_test(concatenated),
        cmocka_unit_test(not_here_yet),
        cmocka_unit_test(seek_fetches_little),
        cmocka_unit_test(memory_runs_out_mapped),
        cmocka_unit_test(memory_runs_out_unmapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
