/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "longtables.h"

static const char *const shape_names[LONGFILE_SHAPES] = {"plain", "runs1", "onechunk", "chunkpersample", "stscruns"};

const char *longfile_shape_name(longfile_shape shape) { return shape < LONGFILE_SHAPES ? shape_names[shape] : NULL; }

uint64_t longfile_video_samples(const longfile_options *o)
{
    static const uint64_t usual[LONGFILE_SHAPES] = {0, 2160000, 1000002, 2160000, 3000000};
    uint64_t n = o->samples;
    if (!n && o->minutes > 0)
        n = (uint64_t)(o->minutes * 60 * 60 + 0.5);
    else if (!n)
        n = o->shape ? usual[o->shape] : 600 * 60 * 60;
    return o->shape ? (n + 2) / 3 * 3 : n;
}

uint64_t longfile_audio_samples(const longfile_options *o)
{
    return o->shape ? 0 : longfile_video_samples(o) * LONGFILE_AUDIO_SCALE / 60 / LONGFILE_AUDIO_FRAME;
}

static void put_matrix(buffer *b)
{
    static const uint32_t one[9] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    for (int i = 0; i < 9; i++)
        put32(b, one[i]);
}

static void put_ftyp(buffer *b)
{
    size_t box = box_begin(b, "ftyp");
    put(b, "isom\0\0\2\0isomiso2avc1mp41", 24);
    box_end(b, box);
}

static void put_mvhd(buffer *b, uint64_t duration_ms, uint32_t next_track)
{
    size_t box = full_box_begin(b, "mvhd", 0, 0);
    put_zeros(b, 8);
    put32(b, 1000);
    put32(b, (uint32_t)duration_ms);
    put32(b, 0x10000);
    put16(b, 0x100);
    put_zeros(b, 10);
    put_matrix(b);
    put_zeros(b, 24);
    put32(b, next_track);
    box_end(b, box);
}

static void put_tkhd(buffer *b, const layout *l, uint64_t duration_ms)
{
    size_t box = full_box_begin(b, "tkhd", 0, 3);
    put_zeros(b, 8);
    put32(b, l->audio ? 2 : 1);
    put32(b, 0);
    put32(b, (uint32_t)duration_ms);
    put_zeros(b, 12);
    put16(b, l->audio ? 0x100 : 0);
    put16(b, 0);
    put_matrix(b);
    put32(b, l->audio ? 0 : 1920u << 16);
    put32(b, l->audio ? 0 : 1080u << 16);
    box_end(b, box);
}

/* What an encoder with a delay writes: the presentation begins where the first picture (sound) is due. */
static void put_edits(buffer *b, const layout *l, uint64_t duration_ms)
{
    size_t edts = box_begin(b, "edts"), elst = full_box_begin(b, "elst", 0, 0);
    put32(b, 1);
    put32(b, (uint32_t)duration_ms);
    put32(b, l->audio ? LONGFILE_AUDIO_FRAME : LONGFILE_DELAY * LONGFILE_FRAME);
    put32(b, 0x10000);
    box_end(b, elst);
    box_end(b, edts);
}

static void put_video_stsd(buffer *b)
{
    static const uint8_t avcC[] = {
        0x01, 0x64, 0x00, 0x2a, 0xff, 0xe1, 0x00, 0x1b, 0x67, 0x64, 0x00, 0x2a, 0xac, 0xd9, 0x40, 0x78,
        0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x01, 0xe0, 0x3c,
        0x60, 0xc6, 0x58, 0x01, 0x00, 0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0xfd, 0xf8, 0xf8, 0x00};
    size_t stsd = full_box_begin(b, "stsd", 0, 0);
    put32(b, 1);
    size_t entry = box_begin(b, "avc1");
    put_zeros(b, 6);
    put16(b, 1);
    put_zeros(b, 16);
    put16(b, 1920);
    put16(b, 1080);
    put32(b, 0x480000);
    put32(b, 0x480000);
    put32(b, 0);
    put16(b, 1);
    put_zeros(b, 32);
    put16(b, 24);
    put16(b, 0xffff);
    size_t config = box_begin(b, "avcC");
    put(b, avcC, sizeof avcC);
    box_end(b, config);
    box_end(b, entry);
    box_end(b, stsd);
}

static void put_audio_stsd(buffer *b)
{
    static const uint8_t esds[] = {0x03, 0x19, 0x00, 0x02, 0x00, 0x04, 0x11, 0x40, 0x15, 0x00, 0x00, 0x00, 0x00, 0x01,
                                   0xf4, 0x00, 0x00, 0x01, 0xf4, 0x00, 0x05, 0x02, 0x11, 0x90, 0x06, 0x01, 0x02};
    size_t stsd = full_box_begin(b, "stsd", 0, 0);
    put32(b, 1);
    size_t entry = box_begin(b, "mp4a");
    put_zeros(b, 6);
    put16(b, 1);
    put_zeros(b, 8);
    put16(b, 2);
    put16(b, 16);
    put32(b, 0);
    put32(b, (uint32_t)LONGFILE_AUDIO_SCALE << 16);
    size_t config = full_box_begin(b, "esds", 0, 0);
    put(b, esds, sizeof esds);
    box_end(b, config);
    box_end(b, entry);
    box_end(b, stsd);
}

static void put_mdia(buffer *b, layout *l)
{
    size_t mdia = box_begin(b, "mdia");
    size_t mdhd = full_box_begin(b, "mdhd", 1, 0);
    put_zeros(b, 16);
    put32(b, layout_timescale(l));
    put64(b, l->o->fragmented ? 0 : layout_duration(l));
    put32(b, 0x55c40000); /* und */
    box_end(b, mdhd);
    size_t hdlr = full_box_begin(b, "hdlr", 0, 0);
    put32(b, 0);
    put(b, l->audio ? "soun" : "vide", 4);
    put_zeros(b, 13);
    box_end(b, hdlr);
    size_t minf = box_begin(b, "minf");
    size_t header = full_box_begin(b, l->audio ? "smhd" : "vmhd", 0, !l->audio);
    put_zeros(b, l->audio ? 4 : 8);
    box_end(b, header);
    size_t dinf = box_begin(b, "dinf"), dref = full_box_begin(b, "dref", 0, 0);
    put32(b, 1);
    box_end(b, full_box_begin(b, "url ", 0, 1));
    box_end(b, dref);
    box_end(b, dinf);
    put_tables(b, l, l->audio ? put_audio_stsd : put_video_stsd);
    box_end(b, minf);
    box_end(b, mdia);
}

static void put_moov(buffer *b, layout *video, layout *audio)
{
    const longfile_options *o = video->o;
    uint64_t ms = o->fragmented ? 0 : layout_duration(video) * 1000 / LONGFILE_VIDEO_SCALE;
    size_t moov = box_begin(b, "moov");
    put_mvhd(b, ms, audio->samples ? 3 : 2);
    for (int i = 0; i < (audio->samples ? 2 : 1); i++) {
        layout *l = i ? audio : video;
        size_t trak = box_begin(b, "trak");
        put_tkhd(b, l, ms);
        put_edits(b, l, ms);
        put_mdia(b, l);
        box_end(b, trak);
    }
    if (o->fragmented)
        put_mvex(b, audio->samples != 0);
    box_end(b, moov);
}

/* Place the chunks, video and audio in turn, and give where the last one ends. */
static uint64_t place_chunks(buffer *b, const layout *video, const layout *audio, uint64_t at)
{
    uint64_t next[2] = {0, 0};
    for (uint64_t k = 0; k < video->chunks; k++) {
        for (int i = 0; i < (audio->samples ? 2 : 1); i++) {
            const layout *l = i ? audio : video;
            set64(b, l->offsets_at + k * 8, at);
            for (uint32_t n = layout_chunk_samples(l, k); n; n--)
                at += layout_size(l, next[i]++);
        }
    }
    return at;
}

static int write_all(int fd, const buffer *b, uint64_t at)
{
    if (b->failed)
        return -1;
    for (size_t done = 0; done < b->size;) {
        ssize_t n = pwrite(fd, b->data + done, b->size - done, (off_t)(at + done));
        if (n <= 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

static int write_progressive(int fd, buffer *b, layout *video, layout *audio)
{
    put_ftyp(b);
    put_moov(b, video, audio);
    size_t mdat = b->size;
    put32(b, 1);
    put(b, "mdat", 4);
    put64(b, 0);
    uint64_t end = place_chunks(b, video, audio, b->size);
    set64(b, mdat + 8, end - mdat);
    return write_all(fd, b, 0) == 0 ? ftruncate(fd, (off_t)end) : -1;
}

static int write_fragmented(int fd, buffer *b, layout *video, layout *audio)
{
    const longfile_options *o = video->o;
    put_ftyp(b);
    put_moov(b, video, audio);
    buffer sidx = {0};
    size_t sidx_box = 0;
    uint64_t segments = (video->samples + LONGFILE_GOP - 1) / LONGFILE_GOP, sidx_size = 0, end = 0;
    if (o->sidx) {
        sidx_box = full_box_begin(&sidx, "sidx", 1, 0);
        put32(&sidx, 1);
        put32(&sidx, LONGFILE_VIDEO_SCALE);
        put64(&sidx, LONGFILE_DELAY * LONGFILE_FRAME);
        put64(&sidx, 0);
        put16(&sidx, 0);
        put16(&sidx, (uint16_t)segments);
        sidx_size = sidx.size + segments * 12;
    }
    int r = write_fragments(fd, o, b->size + sidx_size, o->sidx ? &sidx : NULL, &end);
    if (r == 0 && o->sidx) {
        box_end(&sidx, sidx_box);
        r = write_all(fd, &sidx, b->size);
    }
    free(sidx.data);
    if (r == 0)
        r = write_all(fd, b, 0);
    return r == 0 ? ftruncate(fd, (off_t)end) : -1;
}

int longfile_write(const char *path, const longfile_options *o)
{
    layout video = layout_make(o, false), audio = layout_make(o, true);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    buffer b = {0};
    int r = o->fragmented ? write_fragmented(fd, &b, &video, &audio) : write_progressive(fd, &b, &video, &audio);
    free(b.data);
    /* To the disk: a mapped page that is still to be written counts as somebody's private memory. */
    if (r == 0)
        r = fdatasync(fd);
    return close(fd) == 0 ? r : -1;
}
