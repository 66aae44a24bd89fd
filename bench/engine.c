/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"

void die(const char *what, const reel_error *err)
{
    char line[400] = "";
    if (err)
        reel_error_format(err, line, sizeof line);
    fprintf(stderr, "bench: %s%s%s\n", what, err ? ": " : "", line);
    inputs_remove();
    exit(1);
}

film film_open(const char *path)
{
    film f = {0};
    reel_error err;
    if (reel_open_file(path, 0, NULL, &f.movie, &err) != REEL_OK)
        die(path, &err);
    f.video = reel_movie_default_track(f.movie, REEL_TRACK_VIDEO);
    f.audio = reel_movie_default_track(f.movie, REEL_TRACK_AUDIO);
    return f;
}

void film_close(film *f) { reel_close(&f->movie); }

place engine_open_first(const char *path)
{
    film f = film_open(path);
    reel_error err;
    reel_cursor cursor;
    reel_sample sample;
    reel_packet packet;
    int64_t t = 0;
    if (reel_cursor_init(&cursor, f.video) != REEL_OK || reel_cursor_next(&cursor, &sample, &err) != REEL_OK ||
        reel_packet_get(f.video, &sample, &packet, &err) != REEL_OK)
        die("first packet", &err);
    *(volatile const uint8_t *)packet.data;
    reel_track_presentation_time(f.video, sample.pts, 0, &t);
    place p = {.pts = t, .offset = sample.offset};
    reel_packet_unref(&packet);
    film_close(&f);
    return p;
}

place engine_seek(const film *f, int64_t t)
{
    reel_moment moment;
    reel_sample entry;
    reel_error err;
    if (reel_track_media_time(f->video, t, &moment) != REEL_OK)
        die("a time outside of the film", NULL);
    if (reel_track_seek(f->video, moment.media_time, REEL_SEEK_PREVIOUS, &entry, NULL, &err) != REEL_OK)
        die("seek", &err);
    return (place){.pts = entry.pts - (moment.media_time - t), .offset = entry.offset};
}

static inline void add(sums *s, const reel_sample *x)
{
    s->n++;
    s->size += x->size;
    s->offset += x->offset;
    s->keys += x->flags & REEL_SAMPLE_SYNC;
    s->pts += x->pts;
    s->dts += x->dts;
}

sums engine_walk_batch(const reel_track *track)
{
    enum { BATCH = 256 };
    reel_sample batch[BATCH];
    reel_cursor cursor;
    reel_error err;
    sums s = {0};
    size_t got;
    int r = reel_cursor_init(&cursor, track);
    while (r == REEL_OK && (r = reel_cursor_batch(&cursor, batch, BATCH, &got, &err)) == REEL_OK)
        for (size_t i = 0; i < got; i++)
            add(&s, &batch[i]);
    if (r != REEL_END)
        die("walk", &err);
    return s;
}

sums engine_walk_single(const reel_track *track)
{
    reel_cursor cursor;
    reel_sample sample;
    reel_error err;
    sums s = {0};
    int r = reel_cursor_init(&cursor, track);
    while (r == REEL_OK && (r = reel_cursor_next(&cursor, &sample, &err)) == REEL_OK)
        add(&s, &sample);
    if (r != REEL_END)
        die("walk", &err);
    return s;
}

sums engine_walk_merged(const film *f)
{
    reel_cursor cursors[2];
    reel_merge_slot slots[2];
    reel_merge merge;
    reel_sample sample;
    reel_error err;
    sums s = {0};
    reel_cursor_init(&cursors[0], f->video);
    reel_cursor_init(&cursors[1], f->audio);
    int r = reel_merge_init(&merge, cursors, slots, 2, REEL_ORDER_DTS, false, &err);
    while (r == REEL_OK && (r = reel_merge_next(&merge, &sample, &err)) == REEL_OK)
        add(&s, &sample);
    if (r != REEL_END)
        die("walk", &err);
    return s;
}

static uint64_t big_endian(const uint8_t *p, int n)
{
    uint64_t v = 0;
    while (n--)
        v = v << 8 | *p++;
    return v;
}

unsigned by_hand(const char *path)
{
    struct stat st;
    unsigned boxes = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        die(path, NULL);
    uint64_t size = (uint64_t)st.st_size, at = 0;
    uint8_t *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        die("mmap", NULL);
    close(fd);
    while (size - at >= 16) {
        uint64_t n = big_endian(map + at, 4);
        if (n == 1)
            n = big_endian(map + at + 8, 8);
        if (n < 8 || n > size - at)
            break;
        at += n;
        boxes++;
    }
    munmap(map, size);
    return boxes;
}

int64_t *seek_times(uint64_t frames, size_t n)
{
    int64_t *t = calloc(n, sizeof *t);
    uint64_t state = 1, gops = frames / LONGFILE_GOP;
    if (!t)
        die("out of memory", NULL);
    /*
     * Neither the first nor the last three pictures of a GOP: a peer that compares the time with decode times, or with
     * those of a sidx, is a GOP behind or ahead there.
     */
    for (size_t i = 0; i < n; i++) {
        uint64_t gop = chance(&state) % gops;
        uint64_t inside = 3 * LONGFILE_FRAME + chance(&state) % ((LONGFILE_GOP - 6) * LONGFILE_FRAME);
        t[i] = (int64_t)(gop * LONGFILE_GOP * LONGFILE_FRAME + inside);
    }
    return t;
}

static struct {
    char folder[256];
    char paths[16][320];
    int n;
} inputs;

const char *input(const char *name, const longfile_options *o)
{
    char path[320];
    if (!*inputs.folder) {
        const char *tmp = getenv("TMPDIR");
        snprintf(inputs.folder, sizeof inputs.folder, "%s/reel-bench-XXXXXX", tmp && *tmp ? tmp : "/tmp");
        if (!mkdtemp(inputs.folder))
            die(inputs.folder, NULL);
    }
    snprintf(path, sizeof path, "%s/%s", inputs.folder, name);
    for (int i = 0; i < inputs.n; i++)
        if (!strcmp(inputs.paths[i], path))
            return inputs.paths[i];
    if (inputs.n == (int)(sizeof inputs.paths / sizeof *inputs.paths) || longfile_write(path, o) < 0)
        die(strerror(errno), NULL);
    memcpy(inputs.paths[inputs.n], path, sizeof path);
    return inputs.paths[inputs.n++];
}

const char *input_ten_hours(void) { return input("10h.mp4", &(longfile_options){.minutes = 600}); }
const char *input_ten_minutes(void) { return input("10min.mp4", &(longfile_options){.minutes = 10}); }
const char *input_thin(void) { return input("thin.mp4", &(longfile_options){.minutes = 600, .thin = true}); }

void inputs_remove(void)
{
    for (int i = 0; i < inputs.n; i++)
        unlink(inputs.paths[i]);
    if (*inputs.folder)
        rmdir(inputs.folder);
    inputs.n = 0;
    *inputs.folder = 0;
}

extern char **environ;

double command_ns(const char *const *words)
{
    union {
        const char *const *have;
        char *const *want;
    } argv = {words};
    pid_t child;
    int status;
    uint64_t from = tick();
    if (posix_spawnp(&child, words[0], NULL, NULL, argv.want, environ) != 0 || waitpid(child, &status, 0) < 0 ||
        status != 0)
        return -1;
    return tick_ns(tick() - from);
}
