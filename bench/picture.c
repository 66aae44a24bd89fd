/* SPDX-License-Identifier: BSD-2-Clause */
/* picture: 1080p to what a model eats, on one core, beside libswscale; both in turn, the same frames. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "picture_peer.h"

#include <reel/image.h>

enum { W = 1920, H = 1080, FRAMES = 8, ROUNDS = 25 };

static reel_frame frames[FRAMES];

/* Waves and a little noise. A few frames, so that they do not stay in the cache. */
static void paint(uint8_t *m, int w, int h, int phase)
{
    static uint64_t state = 7;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            *m++ = (uint8_t)(120 + 60 * sin(x / 70.0 + phase) * sin(y / 50.0) + (double)(chance(&state) % 3));
}

static void make_frames(void)
{
    for (int k = 0; k < FRAMES; k++) {
        uint8_t *m = malloc((size_t)W * H * 3 / 2);
        if (!m)
            die("malloc", NULL);
        reel_frame f = {.data = {m, m + (size_t)W * H, m + (size_t)W * H * 5 / 4}, .stride = {W, W / 2, W / 2},
                        .width = W, .height = H, .format = REEL_PIXEL_I420, .planes = 3, .matrix = 1};
        paint(f.data[0], W, H, k);
        paint(f.data[1], W / 2, H / 2, k + 1);
        paint(f.data[2], W / 2, H / 2, k + 2);
        frames[k] = f;
    }
}

static reel_picture *open_for(uint32_t w, uint32_t h, uint32_t filter)
{
    reel_picture_options o = {.sizeof_options = sizeof o, .width = w, .height = h, .filter = filter};
    reel_picture *p = NULL;
    if (reel_picture_describe(&frames[0], &o) || reel_picture_open(&o, &p, NULL))
        die("reel_picture_open", NULL);
    return p;
}

static double difference(const uint8_t *a, const uint8_t *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += abs(a[i] - b[i]);
    return sum / (double)n;
}

/* What both may differ by, on average: libswscale blurs before it shrinks, and repeats chroma where nothing shrinks. */
enum { DIFFERENCE = 6 };

static void one(const char *what, uint32_t w, uint32_t h, uint32_t filter, double ratio)
{
    size_t n = (size_t)w * h * 3;
    uint8_t *a = calloc(1, n), *b = calloc(1, n);
    times ours = {0}, theirs = {0};
    reel_picture *p = open_for(w, h, filter);
    picture_peer *peer = picture_peer_open(W, H, w, h, filter == REEL_PICTURE_AREA);
    if (!a || !b)
        die("malloc", NULL);
    times_reserve(&ours, FRAMES * ROUNDS);
    times_reserve(&theirs, FRAMES * ROUNDS);
    for (int k = 0; k < FRAMES * ROUNDS; k++) {
        const reel_frame *f = &frames[k % FRAMES];
        uint64_t t = tick();
        reel_picture_run_into(p, f, a, NULL);
        times_add(&ours, tick_ns(tick() - t));
        t = tick();
        if (peer)
            picture_peer_run(peer, f, b);
        times_add(&theirs, tick_ns(tick() - t));
    }
    report_check(!peer || difference(a, b, n) < DIFFERENCE, "both make the same picture");
    row r = {.what = what, .unit = "us", .reel = times_at(&ours, 0.5) / 1000, .peer = "libswscale",
             .peer_value = peer ? times_at(&theirs, 0.5) / 1000 : -1, .least_ratio = ratio};
    report_row(&r);
    reel_picture_close(&p);
    picture_peer_close(peer);
    times_free(&ours);
    times_free(&theirs);
    free(a);
    free(b);
}

static size_t reel_jpeg(const reel_frame *f, reel_image_bytes *b)
{
    const reel_image_options o = {.sizeof_options = sizeof o, .quality = 90};
    reel_image i = {.pixel = REEL_PIXEL_I420, .width = f->width, .height = f->height, .matrix = 6, .full_range = 1};
    for (int k = 0; k < 3; k++) {
        i.data[k] = f->data[k];
        i.stride[k] = f->stride[k];
    }
    b->size = 0;
    return reel_image_write_jpeg(&i, &o, reel_image_bytes_write, b, NULL) ? 0 : b->size;
}

/* Both from I420 in full range, at a quality that makes files of about one size; the sizes are told. */
static void jpeg(void)
{
    times ours = {0}, theirs = {0};
    reel_image_bytes bytes = {0};
    size_t mine = 0, other = 0;
    bool peer = picture_mjpeg_open(W, H, 4);
    times_reserve(&ours, ROUNDS);
    times_reserve(&theirs, ROUNDS);
    for (int k = 0; k < ROUNDS; k++) {
        uint64_t t = tick();
        mine = reel_jpeg(&frames[k % FRAMES], &bytes);
        times_add(&ours, tick_ns(tick() - t));
        t = tick();
        other = peer ? picture_mjpeg_run(&frames[k % FRAMES]) : 0;
        times_add(&theirs, tick_ns(tick() - t));
    }
    if (!mine) {
        report_note("JPEG: built without libjpeg");
    } else {
        report_check(!peer || other, "MJPEG makes a picture");
        report_row(&(row){.what = "1080p I420 to JPEG", .unit = "us", .reel = times_at(&ours, 0.5) / 1000,
                          .peer = "mjpeg", .peer_value = other ? times_at(&theirs, 0.5) / 1000 : -1});
        report_note("JPEG: %zu bytes, MJPEG: %zu", mine, other);
    }
    if (peer)
        picture_mjpeg_close();
    reel_image_bytes_free(&bytes);
    times_free(&ours);
    times_free(&theirs);
}

void topic_picture(void)
{
    make_frames();
    report_note("picture: one 1080p frame of I420 in limited 709; %s", reel_picture_engine());
    one("1080p to 224 x 224 RGB, bilinear", 224, 224, REEL_PICTURE_BILINEAR, 3);
    one("1080p to 224 x 224 RGB, area", 224, 224, REEL_PICTURE_AREA, 0);
    one("1080p to 1280 x 720 RGB, bilinear", 1280, 720, REEL_PICTURE_BILINEAR, 0);
    one("1080p to 1920 x 1080 RGB", W, H, REEL_PICTURE_BILINEAR, 0);
    jpeg();
    for (int k = 0; k < FRAMES; k++)
        free(frames[k].data[0]);
}
