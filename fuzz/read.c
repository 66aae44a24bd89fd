/* SPDX-License-Identifier: BSD-2-Clause */
/* A source that gives little at a time, is not ready, shrinks and grows. */
#include <stdatomic.h>

#include "harness.h"

const bool fuzz_opens_itself = true;

typedef struct disk {
    const fuzz_input *in;
    uint64_t state;
    _Atomic uint64_t size;
    unsigned patience;
    bool stubborn; /* what was refused once is given at the second try */
} disk;

static int64_t disk_read(void *user, uint64_t offset, void *buf, size_t n)
{
    disk *d = user;
    uint64_t size = atomic_load(&d->size), dice = fuzz_random(&d->state);
    if (d->patience && dice % 16 == 0) {
        d->patience--;
        return REEL_E_AGAIN;
    }
    if (dice % 512 == 1)
        return REEL_E_IO;
    if (offset >= size)
        return 0;
    uint64_t left = size - offset, give = 1 + (dice >> 8) % (dice & 32 ? n : 64);
    give = give < n ? give : n;
    give = give < left ? give : left;
    memcpy(buf, d->in->data + offset, give);
    return (int64_t)give;
}

static int disk_size(void *user, uint64_t *size)
{
    disk *d = user;
    *size = atomic_load(&d->size);
    return REEL_OK;
}

static void use(reel_movie *m, disk *d)
{
    reel_sample s;
    reel_packet p;
    reel_cursor c;
    for (size_t i = 0; i < FUZZ_TRACKS && reel_movie_track(m, i); i++) {
        const reel_track *t = reel_movie_track(m, i);
        if (reel_cursor_init(&c, t) != REEL_OK)
            continue;
        for (int k = 0; k < 200; k++) {
            int code = reel_cursor_next(&c, &s, NULL);
            if (code == REEL_E_AGAIN)
                continue;
            if (code != REEL_OK)
                break;
            if (s.size < 1 << 16 && reel_packet_get(t, &s, &p, NULL) == REEL_OK) {
                fuzz_touch((reel_span){p.data, s.size});
                reel_packet_unref(&p);
            }
        }
        reel_track_seek(t, (int64_t)(fuzz_random(&d->state) % 100000), REEL_SEEK_PREVIOUS, &s, NULL, NULL);
        reel_track_prepare(t, true, NULL);
    }
}

void fuzz_target(const fuzz_input *in, reel_movie *movie)
{
    disk d = {.in = in, .state = in->seed, .patience = 50};
    reel_source_io io = {.sizeof_io = sizeof io, .read = disk_read, .size = disk_size, .user = &d};
    reel_open_options options = {
        .sizeof_options = sizeof options, .flags = in->open_flags, .allocator = in->allocator};
    reel_source *source;
    reel_error err;
    uint64_t cut = in->seed & 2 ? in->size : fuzz_random(&d.state) % (in->size + 1);
    atomic_init(&d.size, cut);
    if (reel_source_callback(&io, &source, NULL) != REEL_OK)
        return;
    int code = REEL_E_AGAIN;
    for (int i = 0; i < 60 && code == REEL_E_AGAIN; i++)
        code = reel_open(source, &options, &movie, &err);
    if (code == REEL_OK) {
        use(movie, &d);
        atomic_store(&d.size, in->seed & 4 ? cut / 2 : in->size);
        reel_movie_refresh(movie, NULL);
        use(movie, &d);
        atomic_store(&d.size, in->size);
        reel_movie_refresh(movie, NULL);
        use(movie, &d);
        reel_close(&movie);
    }
    reel_source_unref(&source);
}
