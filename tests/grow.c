/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that shrink while they are mapped, and recordings that grow. Faces src/source/{file,guard}.c */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <reel/reel.h>

#include "random.h"
#include "small.h"

/* ---- a file of the test's own ----------------------------------------------------------------------------- */

struct paper {
    char path[64];
    int fd;
};

static struct paper paper_of(const b_buf *b)
{
    struct paper p = {"/tmp/reel-test-grow-XXXXXX", -1};
    p.fd = mkstemp(p.path);
    assert_true(p.fd >= 0);
    assert_int_equal(write(p.fd, b->data, b->size), b->size);
    return p;
}

static void paper_done(struct paper *p)
{
    close(p->fd);
    unlink(p->path);
}

/* ---- shrinking -------------------------------------------------------------------------------------------- */

/*
 * cmocka puts its own handler of SIGBUS in place for every test. What is about faults runs in a process of its own: this
 * program again, with the name of the part.
 */
static const char *program;

static void alone(const char *name)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl(program, program, name, (char *)NULL);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status)
        fail_msg("%s: status 0x%x", name, (unsigned)status);
}

static sigjmp_buf foreign_fault;
static volatile sig_atomic_t foreign_faults;

static void old_handler(int signal_number)
{
    (void)signal_number;
    foreign_faults++;
    siglongjmp(foreign_fault, 1);
}

/* 40 samples of 4 kB: most of them lie on pages that a shorter file no longer has. */
static void paged_film(b_buf *b)
{
    static const b_run stts[] = {{40, 10}};
    static const b_chunks stsc[] = {{1, 40, 1}};
    static const uint64_t chunks[] = {0};
    static const b_track t = {.stts = stts, .stts_n = 1, .stsc = stsc, .stsc_n = 1, .chunks = chunks, .chunk_n = 1,
                              .samples = 40, .uniform_size = 4096};
    b_film(b, &(b_movie){.track = &t, .tracks = 1, .media_size = 40 * 4096});
}

static unsigned touch(const reel_packet *p)
{
    volatile const uint8_t *data = p->data;
    unsigned sum = 0;
    for (uint32_t i = 0; i < p->sample.size; i += 512)
        sum += data[i];
    return sum;
}

static void shrink_under_a_packet(void)
{
    b_buf b = {0};
    reel_movie *m, *other;
    reel_sample s;
    reel_packet p, q;
    reel_error err;
    paged_film(&b);
    struct paper paper = paper_of(&b);
    assert_int_equal(reel_open_file(paper.path, REEL_SOURCE_GUARD, NULL, &m, &err), REEL_OK);
    assert_int_equal(reel_open_file(paper.path, REEL_SOURCE_GUARD | REEL_SOURCE_NO_MAP, NULL, &other, &err), REEL_OK);
    const reel_track *t = reel_movie_track(m, 0);
    assert_int_equal(reel_track_sample(t, 30, &s, &err), REEL_OK);
    assert_int_equal(reel_packet_get(t, &s, &p, &err), REEL_OK);
    assert_false(reel_movie_shrunk(m));
    assert_int_equal(ftruncate(paper.fd, 8192), 0);
    assert_int_equal(touch(&p), 0); /* zeros, not SIGBUS */
    assert_true(reel_movie_shrunk(m));
    assert_int_equal(reel_packet_get(t, &s, &q, &err), REEL_E_SHRUNK);
    assert_string_equal(err.text, reel_code_text(REEL_E_SHRUNK));
    assert_null(q.data);
    assert_int_equal(reel_movie_refresh(m, &err), REEL_E_SHRUNK);
    assert_int_equal(err.offset, 8192);
    /* Read with pread it is a read that ends too early. */
    assert_int_equal(reel_packet_get(reel_movie_track(other, 0), &s, &q, &err), REEL_E_TRUNCATED);
    reel_packet_unref(&p);
    reel_close(&m);
    reel_close(&other);
    paper_done(&paper);
    b_free(&b);
}

/* The file loses its tables between open and the first lookup. */
static void shrink_before_the_tables(void)
{
    b_buf b = {0};
    reel_movie *m;
    reel_error err;
    uint64_t n;
    truth all;
    for (uint64_t seed = 1; b.size < 100000; seed++) {
        b_clear(&b);
        random_film(&b, &all, seed, RANDOM_TABLES | RANDOM_LONG);
        truth_free(&all);
    }
    struct paper paper = paper_of(&b);
    assert_int_equal(reel_open_file(paper.path, REEL_SOURCE_GUARD, NULL, &m, &err), REEL_OK);
    assert_int_equal(ftruncate(paper.fd, 0), 0);
    const reel_track *t = reel_movie_track(m, 0);
    for (int i = 0; i < 2; i++) { /* whatever is answered: no crash, and the film says that it shrank */
        (void)reel_track_prepare(t, true, &err);
        (void)reel_track_sample_count(t, &n, &err);
        (void)reel_track_find_pts(t, 1000, &n, &err);
    }
    assert_true(reel_movie_shrunk(m));
    reel_close(&m);
    paper_done(&paper);
    b_free(&b);
}

/* A fault in somebody else's mapping goes to the handler that was there before ours. */
static void foreign(void)
{
    b_buf b = {0};
    paged_film(&b);
    struct paper ours = paper_of(&b), theirs = paper_of(&b);
    reel_movie *m;
    assert_int_equal(reel_open_file(ours.path, REEL_SOURCE_GUARD, NULL, &m, NULL), REEL_OK);
    volatile uint8_t *map = mmap(NULL, 65536, PROT_READ, MAP_SHARED, theirs.fd, 0);
    assert_true(map != MAP_FAILED);
    assert_int_equal(ftruncate(theirs.fd, 0), 0);
    foreign_faults = 0;
    if (sigsetjmp(foreign_fault, 1) == 0)
        (void)map[40000];
    assert_int_equal(foreign_faults, 1);
    assert_false(reel_movie_shrunk(m));
    munmap((void *)(uintptr_t)map, 65536);
    reel_close(&m);
    paper_done(&ours);
    paper_done(&theirs);
    b_free(&b);
}

static const struct {
    const char *name;
    void (*part)(void);
} parts[] = {{"shrink-under-a-packet", shrink_under_a_packet},
             {"shrink-before-the-tables", shrink_before_the_tables},
             {"foreign-fault", foreign}};

static void a_file_that_shrinks(void **state)
{
    (void)state;
    alone(parts[0].name);
}

static void a_file_that_shrinks_before_the_tables_are_read(void **state)
{
    (void)state;
    alone(parts[1].name);
}

static void faults_of_others(void **state)
{
    (void)state;
    alone(parts[2].name);
}

static int run_part(const char *name)
{
    /* Before the first guard goes up: it is what foreign faults have to come back to. */
    struct sigaction action = {.sa_handler = old_handler};
    sigaction(SIGBUS, &action, NULL);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strcmp(parts[i].name, name)) {
            parts[i].part();
            return 0;
        }
    return 2;
}

/* More guarded films than one block of slots, opened and closed in between. */
static void many_guarded_files(void **state)
{
    enum { N = 200 };
    b_buf b = {0};
    static reel_movie *m[N];
    (void)state;
    small_plain(&b);
    struct paper p = paper_of(&b);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N; i++)
            if (!m[i])
                assert_int_equal(reel_open_file(p.path, REEL_SOURCE_GUARD, NULL, &m[i], NULL), REEL_OK);
        for (int i = round ? 0 : 1; i < N; i += round ? 1 : 3)
            reel_close(&m[i]);
    }
    paper_done(&p);
    b_free(&b);
}

/* ---- growing ---------------------------------------------------------------------------------------------- */

typedef struct recording {
    b_buf film;
    size_t init, fragment[4]; /* where they end */
} recording;

static recording record(void)
{
    static const b_track empty = {0};
    static const b_entry e[] = {{40, 10, 0, 0}, {40, 10, 0, 0}};
    static const b_trun run = {.flags = B_DATA | B_DURATION | B_SIZE, .entries = e, .count = 2};
    recording r = {0};
    b_film(&r.film, &(b_movie){.track = &empty, .tracks = 1, .fragmented = true});
    r.init = r.film.size;
    for (uint32_t i = 0; i < 4; i++) {
        b_fragment(&r.film, i + 1, &(b_traf){.flags = 0x20000, .has_tfdt = true, .tfdt = 80 * i, .runs = &run, .run_n = 1}, 1,
                   20);
        r.fragment[i] = r.film.size;
    }
    return r;
}

typedef struct disk {
    const b_buf *film;
    uint64_t size;
} disk;

static int64_t disk_read(void *user, uint64_t offset, void *buf, size_t n)
{
    const disk *d = user;
    if (offset >= d->size)
        return 0;
    n = n < d->size - offset ? n : (size_t)(d->size - offset);
    memcpy(buf, d->film->data + offset, n);
    return (int64_t)n;
}

static int disk_size(void *user, uint64_t *size)
{
    *size = ((disk *)user)->size;
    return REEL_OK;
}

static void expect_samples(reel_movie *m, uint64_t want)
{
    uint64_t n;
    assert_int_equal(reel_track_sample_count(reel_movie_track(m, 0), &n, NULL), REEL_OK);
    assert_int_equal(n, want);
}

/* Byte by byte: a moof counts once it is whole, and a cursor that was at the end goes on. */
static void a_recording_that_grows(void **state)
{
    recording r = record();
    disk d = {&r.film, r.init};
    reel_source_io io = {sizeof io, disk_read, disk_size, NULL, &d};
    reel_source *source;
    reel_movie *m;
    reel_cursor c;
    reel_sample s;
    reel_error err;
    uint64_t seen = 0;
    (void)state;
    assert_int_equal(reel_source_callback(&io, &source, NULL), REEL_OK);
    assert_int_equal(reel_open(source, NULL, &m, &err), REEL_OK);
    assert_int_equal(reel_cursor_init(&c, reel_movie_track(m, 0)), REEL_OK);
    assert_int_equal(reel_cursor_next(&c, &s, &err), REEL_END);
    assert_int_equal(reel_movie_refresh(m, &err), REEL_END);
    for (size_t size = r.init + 1; size <= r.film.size; size++) {
        d.size = size;
        int code = reel_movie_refresh(m, &err);
        assert_true(code == REEL_OK || code == REEL_END);
        while (reel_cursor_next(&c, &s, &err) == REEL_OK) {
            assert_int_equal(s.index, seen);
            assert_int_equal(s.dts, 40 * (int64_t)seen);
            seen++;
        }
        uint64_t whole = 0;
        for (int i = 0; i < 4; i++) /* a fragment's moof ends 28 bytes before its mdat does */
            whole += size >= r.fragment[i] - 28 ? 2 : 0;
        assert_int_equal(seen, whole);
        expect_samples(m, whole);
    }
    assert_int_equal(seen, 8);
    reel_close(&m);
    reel_source_unref(&source);
    b_free(&r.film);
}

/* A file: past the room that its mapping was made with (16 MiB), with a packet of before still in hand. */
static void a_file_that_grows(void **state)
{
    recording r = record();
    b_buf b = {0}, tail = {0};
    reel_movie *m;
    reel_sample s;
    reel_packet p;
    reel_error err;
    (void)state;
    b_bytes(&b, r.film.data, r.fragment[0]);
    struct paper paper = paper_of(&b);
    assert_int_equal(reel_open_file(paper.path, REEL_SOURCE_GUARD, NULL, &m, &err), REEL_OK);
    const reel_track *t = reel_movie_track(m, 0);
    expect_samples(m, 2);
    assert_int_equal(reel_track_sample(t, 1, &s, &err), REEL_OK);
    assert_int_equal(reel_packet_get(t, &s, &p, &err), REEL_OK);
    assert_int_equal(reel_movie_refresh(m, &err), REEL_END);
    b_box(&tail, "free");
    b_fill(&tail, 0, 20 << 20);
    b_end(&tail);
    b_bytes(&tail, r.film.data + r.fragment[0], r.fragment[1] - r.fragment[0]);
    assert_int_equal(write(paper.fd, tail.data, tail.size), tail.size);
    assert_int_equal(reel_movie_refresh(m, &err), REEL_OK);
    expect_samples(m, 4);
    assert_int_equal(p.data[0], 10);
    reel_packet_unref(&p);
    assert_int_equal(reel_track_sample(t, 3, &s, &err), REEL_OK);
    assert_int_equal(s.offset, b.size + tail.size - 10);
    assert_int_equal(reel_packet_get(t, &s, &p, &err), REEL_OK);
    reel_close(&m);
    assert_int_equal(p.data[9], 19);
    reel_packet_unref(&p);
    paper_done(&paper);
    b_free(&b);
    b_free(&tail);
    b_free(&r.film);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_shrinks),
        cmocka_unit_test(a_file_that_shrinks_before_the_tables_are_read),
        cmocka_unit_test(faults_of_others),
        cmocka_unit_test(many_guarded_files),
        cmocka_unit_test(a_recording_that_grows),
        cmocka_unit_test(a_file_that_grows),
    };
    program = argv[0];
    if (argc > 1)
        return run_part(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
