/* SPDX-License-Identifier: BSD-2-Clause */
/* write: faststart and cut of 1.2 GB from file to file, beside ffmpeg -c copy and cp. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"

enum { MINUTES = 50, ROUNDS = 3, BLOCK = 1 << 20, MOST_TABLES = 8, FROM = 600, TO = 2400 };

/* ---- a film whose media is there, and whose movie box comes last ---- */

typedef struct inside {
    reel_box ftyp, moov, mdat, table[MOST_TABLES];
    size_t tables;
} inside;

static inside look(reel_source *source)
{
    reel_box_walk walk;
    reel_box box;
    inside in = {.tables = 0};
    reel_box_walk_init(&walk, source);
    while (reel_box_walk_next(&walk, &box, NULL) == REEL_OK) {
        if (box.type == REEL_4CC('f', 't', 'y', 'p'))
            in.ftyp = box;
        if (box.type == REEL_4CC('m', 'o', 'o', 'v'))
            in.moov = box;
        if (box.type == REEL_4CC('m', 'd', 'a', 't'))
            in.mdat = box;
        if ((box.type == REEL_4CC('s', 't', 'c', 'o') || box.type == REEL_4CC('c', 'o', '6', '4')) &&
            in.tables < MOST_TABLES)
            in.table[in.tables++] = box;
    }
    return in;
}

/* Every chunk lies so much further to the front. */
static void move_chunks(uint8_t *moov, const inside *in, uint64_t less)
{
    for (size_t i = 0; i < in->tables; i++) {
        const reel_box *b = &in->table[i];
        int bytes = b->type == REEL_4CC('c', 'o', '6', '4') ? 8 : 4;
        uint8_t *box = moov + (b->offset - in->moov.offset), *at = box + b->header_size + 4, *end = box + b->size;
        for (; at + bytes <= end; at += bytes) {
            uint64_t v = 0;
            for (int k = 0; k < bytes; k++)
                v = v << 8 | at[k];
            v -= less;
            for (int k = bytes - 1; k >= 0; k--, v >>= 8)
                at[k] = (uint8_t)v;
        }
    }
}

static void put(int fd, const void *data, size_t n)
{
    if (write(fd, data, n) != (ssize_t)n)
        die(strerror(errno), NULL);
}

/* mdat, its holes filled with numbers by chance: what is copied is really there. */
static void put_media(int fd, reel_source *source, const reel_box *mdat)
{
    static uint64_t block[BLOCK / 8];
    uint64_t dice = 7, left = mdat->size - mdat->header_size;
    uint8_t head[32];
    reel_source_read(source, mdat->offset, head, mdat->header_size, NULL);
    put(fd, head, mdat->header_size);
    for (; left > 0; left -= left < BLOCK ? left : BLOCK) {
        for (size_t i = 0; i < BLOCK / 8; i++)
            block[i] = chance(&dice);
        put(fd, block, left < BLOCK ? (size_t)left : BLOCK);
    }
}

static const char *input_moov_last(void)
{
    static char path[340];
    const char *thin = input("50min.mp4", &(longfile_options){.minutes = MINUTES});
    reel_source *source;
    if (*path)
        return path;
    if (reel_source_file(thin, 0, &source, NULL) != REEL_OK)
        die(thin, NULL);
    inside in = look(source);
    uint8_t *moov = malloc((size_t)in.moov.size + 1), ftyp[256];
    snprintf(path, sizeof path, "%s.last", thin);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (!moov || fd < 0 || in.ftyp.size > sizeof ftyp)
        die(path, NULL);
    reel_source_read(source, in.ftyp.offset, ftyp, (size_t)in.ftyp.size, NULL);
    reel_source_read(source, in.moov.offset, moov, (size_t)in.moov.size, NULL);
    move_chunks(moov, &in, in.mdat.offset - in.ftyp.size);
    put(fd, ftyp, (size_t)in.ftyp.size);
    put_media(fd, source, &in.mdat);
    put(fd, moov, (size_t)in.moov.size);
    close(fd);
    free(moov);
    reel_source_unref(&source);
    return path;
}

/* ---- who is measured ---- */

typedef struct job {
    const char *in, *out;
    bool cut;
    uint64_t size; /* of what reel wrote */
} job;

static void write_plan(reel_plan *plan, const char *in, const char *out)
{
    int from = open(in, O_RDONLY | O_CLOEXEC), to = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    reel_error err = {0};
    if (from < 0 || to < 0 || reel_plan_write(plan, 0, UINT64_MAX, to, &from, NULL, NULL, &err) != REEL_OK)
        die(out, &err);
    close(from);
    close(to);
}

static double with_reel(job *j)
{
    reel_plan *plan = NULL;
    reel_movie *movie = NULL;
    reel_error err = {0};
    const reel_cut cut = {sizeof cut, FROM, TO, 1, 0};
    uint64_t from = tick();
    int code = reel_open_file(j->in, 0, NULL, &movie, &err);
    if (code == REEL_OK)
        code = j->cut ? reel_write_cut(movie, &cut, NULL, &plan, &err) : reel_write_faststart(movie, NULL, &plan, &err);
    if (code != REEL_OK)
        die(j->in, &err);
    write_plan(plan, j->in, j->out);
    j->size = reel_plan_size(plan);
    reel_plan_close(&plan);
    reel_close(&movie);
    return tick_ns(tick() - from);
}

static double with_ffmpeg(const job *j)
{
    char from[16], to[16];
    snprintf(from, sizeof from, "%d", FROM);
    snprintf(to, sizeof to, "%d", TO);
    const char *const cut[] = {"ffmpeg", "-nostdin", "-v", "quiet", "-y", "-ss", from, "-to", to, "-i", j->in, "-map",
                               "0", "-c", "copy",
                               j->out, NULL};
    const char *const fast[] = {"ffmpeg", "-nostdin", "-v", "quiet", "-y", "-i", j->in, "-map", "0", "-c", "copy",
                                "-movflags",
                                "+faststart", j->out, NULL};
    return command_ns(j->cut ? cut : fast);
}

static double with_cp(const job *j)
{
    const char *const words[] = {"cp", "--reflink=never", j->in, j->out, NULL};
    return command_ns(words);
}

/* ---- is it right? ---- */

static void check_faststart(const job *j)
{
    reel_movie_info info;
    film a = film_open(j->in), b = film_open(j->out);
    sums x = engine_walk_batch(a.video), y = engine_walk_batch(b.video);
    reel_movie_get_info(b.movie, &info);
    report_check(info.moov_offset < info.mdat_offset, "moov is not in front");
    report_check(x.n == y.n && x.size == y.size && x.pts == y.pts && x.keys == y.keys, "faststart changed the samples");
    film_close(&a);
    film_close(&b);
}

static void check_cut(const job *j)
{
    film b = film_open(j->out);
    int64_t length = 0;
    report_check(reel_track_presentation_duration(b.video, &length, NULL) == REEL_OK &&
                     length >= (int64_t)(TO - FROM) * LONGFILE_VIDEO_SCALE &&
                     length <= (int64_t)(TO - FROM + 2) * LONGFILE_VIDEO_SCALE,
                 "the part is not as long as it should be");
    film_close(&b);
}

/* ---- the topic ---- */

static double rate(uint64_t bytes, times *t) { return t->n ? (double)bytes / times_at(t, 0.5) * 1000 : -1; }

/* Nothing of the run before is still on its way to the disk: that is what would be measured. */
static void afresh(const job *j)
{
    unlink(j->out);
    sync();
}

static void measure(job *j, const char *what, uint64_t whole)
{
    times reel = {0}, ffmpeg = {0}, cp = {0};
    for (int i = 0; i < ROUNDS; i++) {
        afresh(j);
        times_add(&reel, with_reel(j));
        if (i == 0 && j->cut)
            check_cut(j);
        else if (i == 0)
            check_faststart(j);
        afresh(j);
        double ns = with_ffmpeg(j);
        if (ns > 0)
            times_add(&ffmpeg, ns);
        afresh(j);
        ns = with_cp(j);
        if (ns > 0)
            times_add(&cp, ns);
    }
    unlink(j->out);
    double mine = rate(j->size, &reel);
    report_row(&(row){.what = what, .unit = "MB/s", .reel = mine, .peer = "ffmpeg",
                      .peer_value = rate(j->size, &ffmpeg),
                      .more_is_better = true, .least_ratio = 10});
    report_row(&(row){.what = what, .unit = "MB/s", .reel = mine, .peer = "cp", .peer_value = rate(whole, &cp),
                      .more_is_better = true, .least_ratio = 1 / 1.3});
    times_free(&reel);
    times_free(&ffmpeg);
    times_free(&cp);
}

void topic_write(void)
{
    char out[360];
    job j = {.in = input_moov_last(), .out = out};
    reel_source *source;
    snprintf(out, sizeof out, "%s.out.mp4", j.in);
    if (reel_source_file(j.in, 0, &source, NULL) != REEL_OK)
        die(j.in, NULL);
    uint64_t whole = reel_source_size(source);
    reel_source_unref(&source);
    report_note("medians of %d; bytes that are written a second, in the page cache; cp --reflink=never (target: within 1.3 times)", ROUNDS);
    measure(&j, "faststart, 50 minutes", whole);
    j.cut = true;
    measure(&j, "cut, half an hour of it", whole);
    unlink(j.in);
}
