/* SPDX-License-Identifier: BSD-2-Clause */
/* The same film in fragments of one GOP: moof, and an mdat that is left sparse. */
#include <stdlib.h>
#include <unistd.h>

#include "longtables.h"

enum { TRUN_DATA_OFFSET = 1, TRUN_FIRST_FLAGS = 4, TRUN_SIZE = 0x200, TRUN_COMPOSITION = 0x800 };
enum { TFHD_BASE_IS_MOOF = 0x20000 };

void put_mvex(buffer *b, bool with_audio)
{
    size_t mvex = box_begin(b, "mvex");
    for (uint32_t id = 1; id <= (with_audio ? 2 : 1); id++) {
        size_t trex = full_box_begin(b, "trex", 0, 0);
        put32(b, id);
        put32(b, 1);
        put32(b, id == 2 ? LONGFILE_AUDIO_FRAME : LONGFILE_FRAME);
        put32(b, 0);
        put32(b, id == 2 ? 0x02000000 : 0x01010000);
        box_end(b, trex);
    }
    box_end(b, mvex);
}

/* One traf; gives where its data offset has to be filled in, and adds its bytes up. */
static size_t put_traf(buffer *b, const layout *l, uint64_t from, uint64_t to, uint64_t *bytes)
{
    size_t traf = box_begin(b, "traf");
    size_t tfhd = full_box_begin(b, "tfhd", 0, TFHD_BASE_IS_MOOF);
    put32(b, l->audio ? 2 : 1);
    box_end(b, tfhd);
    size_t tfdt = full_box_begin(b, "tfdt", 1, 0);
    put64(b, from * (l->audio ? LONGFILE_AUDIO_FRAME : LONGFILE_FRAME));
    box_end(b, tfdt);
    uint32_t flags = TRUN_DATA_OFFSET | TRUN_SIZE | (l->audio ? 0 : TRUN_FIRST_FLAGS | TRUN_COMPOSITION);
    size_t trun = full_box_begin(b, "trun", 0, flags);
    put32(b, (uint32_t)(to - from));
    size_t offset_at = b->size;
    put32(b, 0);
    if (!l->audio)
        put32(b, 0x02000000);
    for (uint64_t i = from; i < to; i++) {
        put32(b, layout_size(l, i));
        if (!l->audio)
            put32(b, layout_composition(l, i));
        *bytes += layout_size(l, i);
    }
    box_end(b, trun);
    box_end(b, traf);
    return offset_at;
}

/* moof number n with its mdat header; gives the bytes of mdat behind. */
static uint64_t put_fragment(buffer *b, const layout *video, const layout *audio, uint64_t n)
{
    uint64_t v = n * LONGFILE_GOP, v_end = v + LONGFILE_GOP < video->samples ? v + LONGFILE_GOP : video->samples;
    uint64_t a = n * LONGFILE_AUDIO_SCALE / LONGFILE_AUDIO_FRAME;
    uint64_t a_end = (n + 1) * LONGFILE_AUDIO_SCALE / LONGFILE_AUDIO_FRAME;
    if (a_end > audio->samples || v_end == video->samples)
        a_end = audio->samples;
    uint64_t video_bytes = 0, audio_bytes = 0;
    b->size = 0;
    size_t moof = box_begin(b, "moof");
    size_t mfhd = full_box_begin(b, "mfhd", 0, 0);
    put32(b, (uint32_t)n + 1);
    box_end(b, mfhd);
    size_t video_at = put_traf(b, video, v, v_end, &video_bytes), audio_at = 0;
    if (a < a_end)
        audio_at = put_traf(b, audio, a, a_end, &audio_bytes);
    box_end(b, moof);
    set32(b, video_at, (uint32_t)b->size + 8);
    if (audio_at)
        set32(b, audio_at, (uint32_t)(b->size + 8 + video_bytes));
    put32(b, (uint32_t)(8 + video_bytes + audio_bytes));
    put(b, "mdat", 4);
    return video_bytes + audio_bytes;
}

int write_fragments(int fd, const longfile_options *o, uint64_t at, buffer *sidx, uint64_t *end)
{
    layout video = layout_make(o, false), audio = layout_make(o, true);
    buffer b = {0};
    int r = 0;
    for (uint64_t n = 0; r == 0 && n * LONGFILE_GOP < video.samples; n++) {
        uint64_t media = put_fragment(&b, &video, &audio, n), left = video.samples - n * LONGFILE_GOP;
        if (b.failed || pwrite(fd, b.data, b.size, (off_t)at) != (ssize_t)b.size)
            r = -1;
        if (sidx) {
            put32(sidx, (uint32_t)(b.size + media));
            put32(sidx, (uint32_t)(left < LONGFILE_GOP ? left : LONGFILE_GOP) * LONGFILE_FRAME);
            put32(sidx, 0x90000000);
        }
        at += b.size + media;
    }
    free(b.data);
    *end = at;
    return r;
}
