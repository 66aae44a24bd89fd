/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEER = 8 };

static _Thread_local volatile uint8_t sink;

void fuzz_touch(reel_span s)
{
    uint8_t x = 0;
    for (size_t i = 0; i < s.size; i++)
        x ^= s.data[i];
    sink = x;
}

void fuzz_failed(const char *file, int line, const char *what)
{
    static atomic_flag taken = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&taken))
        pause();
    fprintf(stderr, "%s:%d: expected %s\n", file, line, what);
    abort();
}

/* The n-th allocation fails, and every one behind it until as many have failed as the input says. */
typedef struct failing {
    atomic_uint calls;
    unsigned first, last;
} failing;

static void *failing_resize(void *user, void *p, size_t n)
{
    failing *f = user;
    if (n == 0) {
        free(p);
        return NULL;
    }
    unsigned call = atomic_fetch_add(&f->calls, 1);
    if (call >= f->first && call < f->last)
        return NULL;
    return realloc(p, n);
}

/* A copy that ends at a page which must not be touched. */
typedef struct guarded {
    uint8_t *base, *data;
    size_t length;
} guarded;

static guarded guarded_copy(const uint8_t *data, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (size + page - 1) / page * page;
    guarded g = {.length = room + page};
    g.base = mmap(NULL, g.length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.base == MAP_FAILED)
        abort();
    mprotect(g.base + room, page, PROT_NONE);
    g.data = g.base + room - size;
    memcpy(g.data, data, size);
    return g;
}

typedef struct job {
    const fuzz_input *in;
    reel_movie *movie;
} job;

static void *work(void *arg)
{
    const job *j = arg;
    fuzz_target(j->in, j->movie);
    return NULL;
}

static void run(const fuzz_input *in, reel_movie *movie)
{
    job j = {in, movie};
#ifdef FUZZ_THREADS
    pthread_t thread[2];
    int made[2];
    for (int i = 0; i < 2; i++)
        made[i] = pthread_create(&thread[i], NULL, work, &j) == 0;
    work(&j);
    for (int i = 0; i < 2; i++)
        if (made[i])
            pthread_join(thread[i], NULL);
#else
    work(&j);
#endif
}

static void open_and_run(const fuzz_input *in)
{
    reel_source *source;
    reel_movie *movie;
    reel_error err;
    char line[400];
    reel_open_options options = {
        .sizeof_options = sizeof options, .flags = in->open_flags, .allocator = in->allocator};
    if (reel_source_memory(in->data, in->size, NULL, NULL, &source) != REEL_OK)
        return;
    int code = reel_open(source, &options, &movie, &err);
    if (code == REEL_OK) {
        run(in, movie);
    } else {
        FUZZ_EXPECT(code < 0 && err.code == code && movie == NULL);
        reel_error_format(&err, line, sizeof line);
    }
    reel_close(&movie);
    reel_source_unref(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t steer[STEER] = {0};
    size_t tail = size > STEER ? STEER : 0;
    memcpy(steer, data + size - tail, tail);
    guarded g = guarded_copy(data, size - tail);
    fuzz_input in = {.data = g.data, .size = size - tail};
    memcpy(&in.seed, steer, STEER);
    in.open_flags = steer[7] & 1 ? REEL_OPEN_STRICT : 0;
    failing f = {.first = (unsigned)-1, .last = (unsigned)-1};
#ifdef FUZZ_NOMEM
    f.first = steer[0];
    f.last = f.first + 1 + steer[1] % 4u;
#endif
    reel_allocator allocator = {failing_resize, &f};
    in.allocator = &allocator;
    if (fuzz_opens_itself)
        run(&in, NULL);
    else
        open_and_run(&in);
    munmap(g.base, g.length);
    return 0;
}
