/* SPDX-License-Identifier: BSD-2-Clause */
/* Where bytes come from: every source gives the same film; short reads, bytes that are late, memory that runs out. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "random.h"
#include "small.h"

/* A number that changes when anything that is read changes. */
static int digest_track(const reel_track *t, uint64_t *sum, reel_error *err)
{
    reel_cursor c;
    reel_sample s;
    int code = reel_cursor_init(&c, t);
    while (code == REEL_OK && (code = reel_cursor_next(&c, &s, err)) == REEL_OK) {
        reel_packet p;
        *sum = *sum * 31 + (uint64_t)s.dts * 7 + (uint64_t)s.pts * 5 + s.offset * 3 + s.size;
        code = reel_packet_get(t, &s, &p, err);
        for (uint32_t i = 0; code == REEL_OK && i < s.size; i++)
            *sum = *sum * 33 + p.data[i];
        reel_packet_unref(&p);
    }
    return code == REEL_END ? REEL_OK : code;
}

static int digest_movie(const reel_movie *m, uint64_t *sum, reel_error *err)
{
    int code = REEL_OK;
    *sum = reel_movie_track_count(m);
    for (size_t i = 0; i < reel_movie_track_count(m) && code == REEL_OK; i++) {
        reel_sample entry, target;
        const reel_track *t = reel_movie_track(m, i);
        uint64_t count = 0;
        code = reel_track_sample_count(t, &count, err);
        *sum += count;
        if (code == REEL_OK && count) {
            code = reel_track_seek(t, 100, REEL_SEEK_PREVIOUS, &entry, &target, err);
            *sum += entry.offset * 3 + target.offset;
        }
        if (code == REEL_OK)
            code = digest_track(t, sum, err);
    }
    return code;
}

static uint64_t digest(reel_source *source)
{
    reel_movie *m;
    reel_error err = {0};
    uint64_t sum = 0;
    int code = reel_open(source, NULL, &m, &err);
    if (code == REEL_OK)
        code = digest_movie(m, &sum, &err);
    if (code != REEL_OK)
        fail_msg("%s: %s", reel_code_name(code), err.text);
    reel_close(&m);
    reel_source_unref(&source);
    return sum;
}

/* Films whose packets all lie in the file. */
static void (*const films[])(b_buf *) = {small_plain, small_fragmented};
enum { FILMS = 2 };

static reel_source *memory(const b_buf *b)
{
    reel_source *s;
    assert_int_equal(reel_source_memory(b->data, b->size, NULL, NULL, &s), REEL_OK);
    return s;
}

static void on_disk(const b_buf *b, char path[32])
{
    strcpy(path, "/tmp/reel-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, b->data, b->size), (ssize_t)b->size);
    close(fd);
}

static void test_files(void **state)
{
    (void)state;
    static const unsigned flags[] = {0, REEL_SOURCE_NO_MAP, REEL_SOURCE_GUARD, REEL_SOURCE_GUARD | REEL_SOURCE_NO_MAP};
    for (int k = 0; k < FILMS; k++) {
        b_buf b = {0};
        char path[32];
        reel_source *s;
        films[k](&b);
        uint64_t want = digest(memory(&b));
        on_disk(&b, path);
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
            assert_int_equal(reel_source_file(path, flags[i], &s, NULL), REEL_OK);
            assert_int_equal(reel_source_size(s), b.size);
            assert_int_equal(digest(s), want);
            int fd = open(path, O_RDONLY);
            assert_int_equal(reel_source_fd(fd, flags[i], &s, NULL), REEL_OK);
            assert_int_equal(digest(s), want);
            assert_int_equal(close(fd), 0); /* it was still ours */
        }
        unlink(path);
        b_free(&b);
    }
}

static void test_no_such_file(void **state)
{
    (void)state;
    reel_source *s = NULL;
    reel_movie *m = NULL;
    reel_error err;
    assert_int_equal(reel_source_file("/nowhere/at/all", 0, &s, &err), REEL_E_IO);
    assert_null(s);
    assert_int_equal(reel_open_file("/tmp", 0, NULL, &m, &err), REEL_E_IO);
    assert_null(m);
    assert_int_equal(reel_source_fd(-1, 0, &s, &err), REEL_E_IO);
}

typedef struct slow {
    const b_buf *b;
    uint64_t dice, reads, closed;
    uint64_t have;  /* with late: bytes below are here; a range is fetched by each E_AGAIN */
    uint8_t *here;  /* one per byte */
    bool late;
} slow;

static int64_t slow_read(void *user, uint64_t offset, void *buf, size_t n)
{
    slow *s = user;
    if (offset >= s->b->size)
        return 0;
    if (n > s->b->size - offset)
        n = s->b->size - (size_t)offset;
    for (size_t i = 0; s->late && i < n; i++)
        if (!s->here[offset + i])
            return REEL_E_AGAIN;
    size_t most = 1 + b_below(&s->dice, 7);
    n = n < most ? n : most;
    memcpy(buf, s->b->data + offset, n);
    s->reads++;
    return (int64_t)n;
}

static int slow_size(void *user, uint64_t *size)
{
    *size = ((slow *)user)->b->size;
    return REEL_OK;
}

static void slow_close(void *user) { ((slow *)user)->closed++; }

static reel_source *slow_source(slow *s)
{
    reel_source *out;
    const reel_source_io io = {sizeof io, slow_read, slow_size, slow_close, s};
    assert_int_equal(reel_source_callback(&io, &out, NULL), REEL_OK);
    return out;
}

static void test_callback_with_short_reads(void **state)
{
    (void)state;
    for (int k = 0; k < FILMS; k++) {
        b_buf b = {0};
        films[k](&b);
        slow s = {.b = &b, .dice = 7};
        assert_int_equal(digest(slow_source(&s)), digest(memory(&b)));
        assert_true(s.reads > 10);
        assert_int_equal(s.closed, 1);
        b_free(&b);
    }
}

/* Fetch what was wanted, and nothing else: every call comes through in the end. */
static void fetch(slow *s, const reel_error *err)
{
    bool some = false;
    assert_int_equal(err->code, REEL_E_AGAIN);
    assert_true(err->length > 0 && err->offset < s->b->size);
    for (uint64_t i = err->offset; i < err->offset + err->length && i < s->b->size; i++) {
        some |= !s->here[i];
        s->here[i] = 1;
    }
    assert_true(some); /* else it would never end */
}

static void test_again_until_it_works(void **state)
{
    (void)state;
    for (int k = 0; k < FILMS; k++) {
        b_buf b = {0};
        films[k](&b);
        slow s = {.b = &b, .dice = 3, .late = true, .here = calloc(1, b.size)};
        assert_non_null(s.here);
        reel_source *source = slow_source(&s);
        reel_movie *m;
        reel_error err;
        uint64_t sum;
        int code, tries = 0;
        while ((code = reel_open(source, NULL, &m, &err)) == REEL_E_AGAIN) {
            assert_null(m);
            fetch(&s, &err);
            assert_true(++tries < 1000);
        }
        assert_int_equal(code, REEL_OK);
        while ((code = digest_movie(m, &sum, &err)) == REEL_E_AGAIN) {
            fetch(&s, &err);
            assert_true(++tries < 1000);
        }
        assert_int_equal(code, REEL_OK);
        assert_true(tries > 3);
        assert_int_equal(sum, digest(memory(&b)));
        reel_close(&m);
        reel_source_unref(&source);
        assert_int_equal(s.closed, 1);
        free(s.here);
        b_free(&b);
    }
}

/* The second fragment is not here: a cursor stops before it, and goes on from there. */
static void test_again_in_the_middle_of_a_walk(void **state)
{
    (void)state;
    b_buf b = {0};
    small_fragmented(&b);
    slow s = {.b = &b, .dice = 3, .late = true, .here = calloc(1, b.size)};
    reel_source *source = slow_source(&s);
    size_t second = b_find(&b, "moof[2]");
    memset(s.here, 1, second);
    reel_movie *m;
    reel_error err;
    reel_cursor c;
    reel_sample sample;
    assert_int_equal(reel_open(source, NULL, &m, &err), REEL_OK);
    assert_int_equal(reel_cursor_init(&c, reel_movie_track(m, 0)), REEL_OK);
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(reel_cursor_next(&c, &sample, &err), REEL_OK);
        assert_int_equal(sample.index, i);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(reel_cursor_next(&c, &sample, &err), REEL_E_AGAIN);
        assert_true(err.offset >= second);
    }
    memset(s.here, 1, b.size);
    for (uint64_t i = 5; i < 10; i++) {
        assert_int_equal(reel_cursor_next(&c, &sample, &err), REEL_OK);
        assert_int_equal(sample.index, i);
    }
    assert_int_equal(reel_cursor_next(&c, &sample, &err), REEL_END);
    reel_close(&m);
    reel_source_unref(&source);
    free(s.here);
    b_free(&b);
}

static int64_t bad_read(void *user, uint64_t offset, void *buf, size_t n)
{
    (void)offset;
    (void)buf;
    return *(int64_t *)user == 1 ? (int64_t)n + 1 : *(int64_t *)user;
}

static int bad_size(void *user, uint64_t *size)
{
    (void)user;
    *size = 1000;
    return REEL_OK;
}

static void test_callback_that_fails(void **state)
{
    (void)state;
    static const struct {
        int64_t gives;
        int code;
    } cases[] = {{REEL_E_IO, REEL_E_IO}, {REEL_E_SHRUNK, REEL_E_SHRUNK}, {0, REEL_E_TRUNCATED}, {1, REEL_E_IO}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t gives = cases[i].gives;
        const reel_source_io io = {sizeof io, bad_read, bad_size, NULL, &gives};
        reel_source *s;
        reel_movie *m;
        reel_error err;
        assert_int_equal(reel_source_callback(&io, &s, NULL), REEL_OK);
        assert_int_equal(reel_open(s, NULL, &m, &err), cases[i].code);
        assert_null(m);
        reel_source_unref(&s);
    }
}

static void test_concat(void **state)
{
    (void)state;
    for (int k = 0; k < FILMS; k++) {
        b_buf b = {0};
        films[k](&b);
        uint64_t want = digest(memory(&b));
        for (size_t step = 1; step < b.size; step = step * 3 + 1) { /* cut anywhere, through boxes and samples */
            reel_source *parts[2000], *all;
            size_t n = 0;
            for (size_t at = 0; at < b.size && n < 2000; at += step, n++) {
                b_buf piece = {.data = b.data + at, .size = step < b.size - at ? step : b.size - at};
                parts[n] = memory(&piece);
            }
            assert_int_equal(reel_source_concat(parts, n, &all), REEL_OK);
            for (size_t i = 0; i < n; i++)
                reel_source_unref(&parts[i]);
            size_t part;
            uint64_t within;
            assert_int_equal(reel_source_locate(all, b.size - 1, &part, &within), REEL_OK);
            assert_int_equal(part * step + within, b.size - 1);
            assert_int_equal(reel_source_locate(all, b.size, &part, &within), REEL_E_RANGE);
            assert_int_equal(digest(all), want);
        }
        b_free(&b);
    }
}

static void test_reads_past_the_end(void **state)
{
    (void)state;
    static const char text[] = "0123456789";
    const b_buf b = {.data = (uint8_t *)(uintptr_t)text, .size = 10};
    reel_source *s = memory(&b);
    char buf[16];
    reel_error err;
    assert_int_equal(reel_source_read(s, 6, buf, 4, &err), REEL_OK);
    assert_memory_equal(buf, "6789", 4);
    memset(buf, 0, sizeof buf);
    assert_int_equal(reel_source_read(s, 8, buf, 4, &err), REEL_E_TRUNCATED);
    assert_memory_equal(buf, "89\0\0", 4);
    assert_int_equal(reel_source_read(s, 10, buf, 1, &err), REEL_E_TRUNCATED);
    assert_int_equal(reel_source_read(s, UINT64_MAX, buf, 8, &err), REEL_E_TRUNCATED);
    assert_int_equal(reel_source_read(s, 10, buf, 0, &err), REEL_OK);
    reel_source_unref(&s);
    assert_null(s);
    reel_source_unref(&s);
}

/* ---- memory that runs out --------------------------------------------------------------------------------- */

typedef struct purse {
    long left; /* so many allocations succeed */
    long out;  /* blocks that are out */
} purse;

static void *spend(void *user, void *p, size_t n)
{
    purse *w = user;
    if (n == 0) {
        w->out -= p != NULL;
        free(p);
        return NULL;
    }
    if (w->left-- <= 0)
        return NULL;
    void *q = realloc(p, n);
    w->out += !p && q;
    return q;
}

static int use_all(reel_source *source, purse *w, reel_error *err)
{
    reel_allocator a = {spend, w};
    reel_open_options options = {.sizeof_options = sizeof options, .allocator = &a};
    reel_movie *m;
    uint64_t sum, n = 0;
    int code = reel_open(source, &options, &m, err);
    for (size_t i = 0; code == REEL_OK && i < reel_movie_track_count(m); i++) {
        const reel_track *t = reel_movie_track(m, i);
        reel_explanation x;
        code = reel_track_sample_count(t, &n, err);
        if (code == REEL_OK && n)
            code = reel_track_explain(t, n / 2, &x, err);
        if (code == REEL_OK && n)
            code = reel_track_find_pts(t, 50, &n, err);
        if (code == REEL_OK)
            code = reel_track_prepare(t, true, err);
    }
    if (code == REEL_OK)
        code = digest_movie(m, &sum, err);
    if (code != REEL_OK && code != REEL_E_NOMEM && w->left <= 0)
        fail_msg("%s instead of E_NOMEM: %s", reel_code_name(code), err->text);
    reel_close(&m);
    return code;
}

static void run_out(const b_buf *b, bool mapped)
{
    int code = REEL_E_NOMEM;
    long n;
    for (n = 0; n < 3000 && code == REEL_E_NOMEM; n++) {
        slow s = {.b = b, .dice = 1};
        reel_source *source = mapped ? memory(b) : slow_source(&s);
        purse w = {n, 0};
        reel_error err = {0};
        code = use_all(source, &w, &err);
        assert_int_equal(w.out, 0);
        if (code == REEL_E_NOMEM)
            assert_int_equal(err.code, REEL_E_NOMEM);
        reel_source_unref(&source);
    }
    assert_int_equal(code, REEL_OK);
    assert_true(n > 3);
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    for (int k = 0; k < FILMS; k++) {
        b_buf b = {0};
        films[k](&b);
        run_out(&b, true);
        run_out(&b, false);
        b_free(&b);
    }
    for (uint64_t seed = 10001; seed < 10006; seed++) { /* with totals to build */
        b_buf b = {0};
        truth t;
        random_film(&b, &t, seed, RANDOM_TABLES | RANDOM_LONG);
        truth_free(&t);
        b_fill(&b, 0, 1 << 20); /* what the samples point at; there is no box in it */
        run_out(&b, true);
        b_free(&b);
    }
}

static void released(void *user, const void *data)
{
    (void)data;
    ++*(int *)user;
}

static void test_memory_is_released_once(void **state)
{
    (void)state;
    b_buf b = {0};
    small_plain(&b);
    int n = 0;
    reel_source *s, *none = NULL;
    reel_movie *m;
    assert_int_equal(reel_source_memory(b.data, b.size, released, &n, &s), REEL_OK);
    assert_int_equal(reel_open(s, NULL, &m, NULL), REEL_OK);
    reel_source_unref(&s);
    reel_movie *second = reel_movie_ref(m);
    reel_close(&m);
    assert_int_equal(n, 0);
    reel_close(&second);
    assert_int_equal(n, 1);
    assert_int_equal(reel_source_memory(NULL, 1, released, &n, &none), REEL_E_ARG);
    assert_null(none);
    assert_int_equal(n, 1);
    b_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_no_such_file),
        cmocka_unit_test(test_callback_with_short_reads),
        cmocka_unit_test(test_again_until_it_works),
        cmocka_unit_test(test_again_in_the_middle_of_a_walk),
        cmocka_unit_test(test_callback_that_fails),
        cmocka_unit_test(test_concat),
        cmocka_unit_test(test_reads_past_the_end),
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_memory_is_released_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
