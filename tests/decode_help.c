/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode_help.h"

#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_plane(struct AVMD5 *md5, const reel_frame *f, const reel_format *format, uint32_t i)
{
    const reel_plane *p = &format->plane[i];
    uint32_t w = (f->width + (1u << p->shift_x) - 1) >> p->shift_x;
    uint32_t h = (f->height + (1u << p->shift_y) - 1) >> p->shift_y;
    for (uint32_t y = 0; y < h; y++)
        av_md5_update(md5, f->data[i] + (ptrdiff_t)y * f->stride[i], (size_t)w * p->step);
}

void frame_md5(const reel_decoder *dec, const reel_frame *f, char out[33])
{
    struct AVMD5 *md5 = av_md5_alloc();
    reel_format format;
    uint8_t sum[16];
    strcpy(out, "-");
    if (!md5)
        exit(2);
    av_md5_init(md5);
    if (reel_decoder_format(dec, &format) == REEL_OK) {
        for (uint32_t i = 0; i < format.planes; i++)
            add_plane(md5, f, &format, i);
        av_md5_final(md5, sum);
        for (int i = 0; i < 16; i++)
            snprintf(out + 2 * (size_t)i, 3, "%02x", sum[i]);
    }
    av_free(md5);
}

bool film_read(film *f, const char *path)
{
    *f = (film){NULL, 0};
    FILE *in = fopen(path, "rb");
    long size = -1;
    if (in && fseek(in, 0, SEEK_END) == 0)
        size = ftell(in);
    if (size > 0 && (f->data = malloc((size_t)size)) != NULL) {
        rewind(in);
        f->size = fread(f->data, 1, (size_t)size, in);
    }
    if (in)
        fclose(in);
    return size > 0 && f->size == (size_t)size;
}

bool film_make(film *f, const char *size, int frames, const char *arguments)
{
    char path[] = "/tmp/reel-decode-XXXXXX.mp4", command[1024];
    int fd = mkstemps(path, 4);
    *f = (film){NULL, 0};
    if (fd < 0)
        return false;
    close(fd);
    snprintf(command, sizeof command,
             "ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=%s:rate=25 -frames:v %d -pix_fmt yuv420p %s "
             "-threads 1 %s >/dev/null 2>&1", size, frames, arguments, path);
    bool done = system(command) == 0 && film_read(f, path);
    unlink(path);
    return done;
}

void film_free(film *f)
{
    free(f->data);
    *f = (film){NULL, 0};
}

reel_movie *film_open(const film *f)
{
    reel_source *source = NULL;
    reel_movie *movie = NULL;
    if (reel_source_memory(f->data, f->size, NULL, NULL, &source) != REEL_OK ||
        reel_open(source, NULL, &movie, NULL) != REEL_OK)
        exit(3);
    reel_source_unref(&source);
    return movie;
}

const reel_track *film_pictures(const reel_movie *movie) { return reel_movie_default_track(movie, REEL_TRACK_VIDEO); }
