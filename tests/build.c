/* SPDX-License-Identifier: BSD-2-Clause */
#include "build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void give_up(const char *what, const char *which)
{
    fprintf(stderr, "tests/build: %s %s\n", what, which);
    abort();
}

static uint8_t *more(b_buf *b, size_t n)
{
    if (b->room - b->size < n) {
        b->room = (b->size + n) * 2;
        b->data = realloc(b->data, b->room);
        if (!b->data)
            give_up("no memory", "");
    }
    b->size += n;
    return b->data + b->size - n;
}

static void put(uint8_t *p, uint64_t v, unsigned n)
{
    while (n--) {
        p[n] = (uint8_t)v;
        v >>= 8;
    }
}

void b_u8(b_buf *b, uint64_t v) { put(more(b, 1), v, 1); }
void b_u16(b_buf *b, uint64_t v) { put(more(b, 2), v, 2); }
void b_u24(b_buf *b, uint64_t v) { put(more(b, 3), v, 3); }
void b_u32(b_buf *b, uint64_t v) { put(more(b, 4), v, 4); }
void b_u64(b_buf *b, uint64_t v) { put(more(b, 8), v, 8); }

void b_bytes(b_buf *b, const void *p, size_t n)
{
    if (n)
        memcpy(more(b, n), p, n);
}

void b_fill(b_buf *b, uint8_t v, size_t n)
{
    if (n)
        memset(more(b, n), v, n);
}

void b_text(b_buf *b, const char *s) { b_bytes(b, s, strlen(s)); }
void b_append(b_buf *b, const b_buf *m)
{
    if (m)
        b_bytes(b, m->data, m->size);
}

void b_free(b_buf *b)
{
    free(b->data);
    *b = (b_buf){0};
}

void b_clear(b_buf *b)
{
    b->size = 0;
    b->depth = 0;
}

void b_box(b_buf *b, const char *type)
{
    if (b->depth == B_DEPTH)
        give_up("boxes lie too deep:", type);
    b->open[b->depth++] = b->size;
    b_u32(b, 0);
    b_bytes(b, type, 4);
}

void b_full(b_buf *b, const char *type, unsigned version, uint32_t flags)
{
    b_box(b, type);
    b_u8(b, version);
    b_u24(b, flags);
}

void b_end(b_buf *b)
{
    if (!b->depth)
        give_up("no box is open", "");
    size_t at = b->open[--b->depth];
    b_set32(b, at, (uint32_t)(b->size - at));
}

void b_set8(b_buf *b, size_t at, uint8_t v) { b->data[at] = v; }
void b_set32(b_buf *b, size_t at, uint32_t v) { put(b->data + at, v, 4); }
void b_set64(b_buf *b, size_t at, uint64_t v) { put(b->data + at, v, 8); }

uint32_t b_get32(const b_buf *b, size_t at)
{
    const uint8_t *p = b->data + at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Bytes between a container's type and its first child. */
static size_t before_children(const char *type)
{
    static const struct {
        char type[5];
        uint8_t skip;
    } known[] = {{"stsd", 8}, {"meta", 4}, {"dref", 8}, {"iinf", 6}, {"iref", 4}, {"avc1", 78}, {"encv", 78},
                 {"hvc1", 78}, {"mp4a", 28}, {"mp4v", 78}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!memcmp(known[i].type, type, 4))
            return known[i].skip;
    return 0;
}

/* The box on the path's first level in [at, end); *path moves on to the next level, or to "". */
static size_t find_child(const b_buf *b, size_t at, size_t end, const char **path)
{
    const char *p = *path;
    unsigned nth = 1;
    int used = 4;
    char close;
    if (p[4] == '[') {
        if (sscanf(p + 4, "[%u%c", &nth, &close) != 2)
            give_up("what a path:", p);
        used = (int)(strchr(p, ']') - p) + 1;
    }
    while (at + 8 <= end) {
        size_t size = b_get32(b, at);
        if (!memcmp(b->data + at + 4, p, 4) && --nth == 0) {
            *path = p[used] == '/' ? p + used + 1 : p + used;
            return at;
        }
        if (size < 8)
            break;
        at += size;
    }
    give_up("there is no", p);
}

/* visit is called for every box on the path, outermost first. */
static size_t walk_path(const b_buf *b, const char *path, void (*visit)(void *, size_t), void *user)
{
    size_t at = 0, end = b->size, box = 0;
    while (*path) {
        const char *type = path;
        box = find_child(b, at, end, &path);
        if (visit)
            visit(user, box);
        at = box + 8 + before_children(type);
        size_t size = b_get32(b, box);
        end = size < 8 || size > end - box ? end : box + size;
    }
    return box;
}

size_t b_find(const b_buf *b, const char *path) { return walk_path(b, path, NULL, NULL); }
size_t b_body(const b_buf *b, const char *path) { return b_find(b, path) + 12; }

struct growth {
    b_buf *b;
    size_t n;
};

static void grow_box(void *user, size_t box)
{
    const struct growth *g = user;
    b_set32(g->b, box, b_get32(g->b, box) + (uint32_t)g->n);
}

void b_insert(b_buf *b, const char *path, size_t at, const void *p, size_t n)
{
    struct growth g = {b, n};
    walk_path(b, path, grow_box, &g);
    more(b, n);
    memmove(b->data + at + n, b->data + at, b->size - n - at);
    memcpy(b->data + at, p, n);
}

void b_hide(b_buf *b, const char *path) { memcpy(b->data + b_find(b, path) + 4, "free", 4); }

/* ---- the movie box ---------------------------------------------------------------------------------------- */

static void matrix(b_buf *b)
{
    static const uint32_t unity[9] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    for (int i = 0; i < 9; i++)
        b_u32(b, unity[i]);
}

void b_video(b_buf *b, const char *type, uint16_t width, uint16_t height)
{
    b_box(b, type);
    b_fill(b, 0, 6);
    b_u16(b, 1);
    b_fill(b, 0, 16);
    b_u16(b, width);
    b_u16(b, height);
    b_u32(b, 0x480000);
    b_u32(b, 0x480000);
    b_u32(b, 0);
    b_u16(b, 1);
    b_fill(b, 0, 32);
    b_u16(b, 24);
    b_u16(b, 0xffff);
}

void b_audio(b_buf *b, const char *type, uint16_t channels, uint32_t rate)
{
    b_box(b, type);
    b_fill(b, 0, 6);
    b_u16(b, 1);
    b_fill(b, 0, 8);
    b_u16(b, channels);
    b_u16(b, 16);
    b_u32(b, 0);
    b_u32(b, rate << 16);
}

void b_visual_entry(b_buf *b)
{
    static const uint8_t avcc[] = {1, 0x64, 0, 0x0a, 0xff, 0xe1, 0, 6, 0x67, 0x64, 0,    0x0a, 0xac,
                                   0xd9, 1, 0, 4, 0x68, 0xeb, 0xe3, 0xcb, 0xfd, 0xf8, 0xf8, 0};
    b_video(b, "avc1", 64, 48);
    b_box(b, "avcC");
    b_bytes(b, avcc, sizeof avcc);
    b_end(b);
    b_end(b);
}

static void runs(b_buf *b, const char *type, unsigned version, const b_run *run, uint32_t n)
{
    b_full(b, type, version, 0);
    b_u32(b, n);
    for (uint32_t i = 0; i < n; i++) {
        b_u32(b, run[i].count);
        b_u32(b, run[i].value);
    }
    b_end(b);
}

static void numbers(b_buf *b, const char *type, const uint32_t *v, uint32_t n)
{
    b_full(b, type, 0, 0);
    b_u32(b, n);
    for (uint32_t i = 0; i < n; i++)
        b_u32(b, v[i]);
    b_end(b);
}

static void put_stsc(b_buf *b, const b_track *t)
{
    b_full(b, "stsc", 0, 0);
    b_u32(b, t->stsc_n);
    for (uint32_t i = 0; i < t->stsc_n; i++) {
        b_u32(b, t->stsc[i].first_chunk);
        b_u32(b, t->stsc[i].samples);
        b_u32(b, t->stsc[i].description);
    }
    b_end(b);
}

static void put_sizes(b_buf *b, const b_track *t)
{
    b_full(b, t->stz2_bits ? "stz2" : "stsz", 0, 0);
    b_u32(b, t->stz2_bits ? t->stz2_bits : t->sizes ? 0 : t->uniform_size);
    b_u32(b, t->samples);
    for (uint32_t i = 0; t->sizes && i < t->samples; i++) {
        if (t->stz2_bits == 0)
            b_u32(b, t->sizes[i]);
        else if (t->stz2_bits == 16)
            b_u16(b, t->sizes[i]);
        else if (t->stz2_bits == 8)
            b_u8(b, t->sizes[i]);
        else if (i % 2 == 0)
            b_u8(b, t->sizes[i] << 4 | (i + 1 < t->samples ? t->sizes[i + 1] & 15 : 0));
    }
    b_end(b);
}

static void put_chunks(b_buf *b, const b_track *t, uint64_t media)
{
    b_full(b, t->co64 ? "co64" : "stco", 0, 0);
    b_u32(b, t->chunk_n);
    for (uint32_t i = 0; i < t->chunk_n; i++) {
        if (t->co64)
            b_u64(b, media + t->chunks[i]);
        else
            b_u32(b, media + t->chunks[i]);
    }
    b_end(b);
}

static void put_stbl(b_buf *b, const b_track *t, uint64_t media)
{
    b_box(b, "stbl");
    b_full(b, "stsd", 0, 0);
    b_u32(b, t->entry_count ? t->entry_count : 1);
    if (t->entries)
        b_append(b, t->entries);
    else
        b_visual_entry(b);
    b_end(b);
    runs(b, "stts", 0, t->stts, t->stts_n);
    if (t->ctts_n)
        runs(b, "ctts", t->ctts_version, t->ctts, t->ctts_n);
    put_stsc(b, t);
    put_sizes(b, t);
    put_chunks(b, t, media);
    if (t->stss_n || t->has_stss)
        numbers(b, "stss", t->stss, t->stss_n);
    if (t->stps_n)
        numbers(b, "stps", t->stps, t->stps_n);
    if (t->sdtp_n) {
        b_full(b, "sdtp", 0, 0);
        b_bytes(b, t->sdtp, t->sdtp_n);
        b_end(b);
    }
    b_append(b, t->more);
    b_end(b);
}

static void put_edits(b_buf *b, const b_track *t)
{
    b_box(b, "edts");
    b_full(b, "elst", t->wide_edits, 0);
    b_u32(b, t->edit_n);
    for (uint32_t i = 0; i < t->edit_n; i++) {
        if (t->wide_edits) {
            b_u64(b, t->edits[i].duration);
            b_u64(b, (uint64_t)t->edits[i].media_time);
        } else {
            b_u32(b, t->edits[i].duration);
            b_u32(b, (uint64_t)t->edits[i].media_time);
        }
        b_u32(b, (uint32_t)t->edits[i].rate);
    }
    b_end(b);
    b_end(b);
}

static void put_tkhd(b_buf *b, uint32_t id)
{
    b_full(b, "tkhd", 0, 3);
    b_fill(b, 0, 8);
    b_u32(b, id);
    b_fill(b, 0, 4 + 4 + 8 + 8);
    matrix(b);
    b_u32(b, 64 << 16);
    b_u32(b, 48 << 16);
    b_end(b);
}

static void put_media_head(b_buf *b, const b_track *t)
{
    const char *handler = t->handler ? t->handler : "vide";
    b_full(b, "mdhd", 0, 0);
    b_fill(b, 0, 8);
    b_u32(b, t->timescale ? t->timescale : 1000);
    b_u32(b, 0);
    b_u32(b, 0x55c40000);
    b_end(b);
    b_full(b, "hdlr", 0, 0);
    b_u32(b, 0);
    b_text(b, handler);
    b_fill(b, 0, 13);
    b_end(b);
}

static void put_dinf(b_buf *b)
{
    b_box(b, "dinf");
    b_full(b, "dref", 0, 0);
    b_u32(b, 1);
    b_full(b, "url ", 0, 1);
    b_end(b);
    b_end(b);
    b_end(b);
}

static void put_trak(b_buf *b, const b_track *t, uint32_t id, uint64_t media)
{
    b_box(b, "trak");
    put_tkhd(b, id);
    if (t->edit_n)
        put_edits(b, t);
    b_box(b, "mdia");
    put_media_head(b, t);
    b_box(b, "minf");
    b_full(b, t->handler && !strcmp(t->handler, "soun") ? "smhd" : "vmhd", 0, 1);
    b_fill(b, 0, t->handler && !strcmp(t->handler, "soun") ? 4 : 8);
    b_end(b);
    put_dinf(b);
    put_stbl(b, t, media);
    b_end(b);
    b_end(b);
    b_append(b, t->trak_more);
    b_end(b);
}

static uint32_t id_of(const b_movie *m, uint32_t i) { return m->track[i].id ? m->track[i].id : i + 1; }

static void put_moov(b_buf *b, const b_movie *m, uint64_t media)
{
    b_box(b, "moov");
    b_full(b, "mvhd", 0, 0);
    b_fill(b, 0, 8);
    b_u32(b, m->timescale ? m->timescale : 1000);
    b_u32(b, 0);
    b_u32(b, 0x10000);
    b_u16(b, 0x100);
    b_fill(b, 0, 10);
    matrix(b);
    b_fill(b, 0, 24);
    b_u32(b, m->tracks + 1);
    b_end(b);
    for (uint32_t i = 0; i < m->tracks; i++)
        put_trak(b, &m->track[i], id_of(m, i), media);
    if (m->fragmented) {
        b_box(b, "mvex");
        for (uint32_t i = 0; i < m->tracks; i++) {
            b_full(b, "trex", 0, 0);
            b_u32(b, id_of(m, i));
            b_u32(b, 1);
            b_fill(b, 0, 12);
            b_end(b);
        }
        b_end(b);
    }
    b_append(b, m->more);
    b_end(b);
}

static void put_counting(b_buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        b_u8(b, i);
}

static void put_mdat(b_buf *b, const b_movie *m)
{
    if (!m->media && !m->media_size)
        return;
    b_box(b, "mdat");
    if (m->media)
        b_bytes(b, m->media, m->media_size);
    else
        put_counting(b, m->media_size);
    b_end(b);
}

void b_film(b_buf *b, const b_movie *m)
{
    if (!m->no_ftyp) {
        b_box(b, "ftyp");
        b_text(b, "isom");
        b_u32(b, 512);
        b_text(b, "isomiso6");
        b_end(b);
    }
    size_t start = b->size;
    if (m->moov_last) {
        put_mdat(b, m);
        put_moov(b, m, start + 8);
        return;
    }
    /* The length of moov does not depend on where the media is. */
    put_moov(b, m, 0);
    size_t end = b->size;
    b->size = start;
    put_moov(b, m, end + 8);
    put_mdat(b, m);
}

void b_units(b_buf *b, size_t n)
{
    static const uint8_t head[] = {0, 0, 0, 6, 0x41};
    for (size_t at = b->size - n; at < b->size; at += 10)
        memcpy(b->data + at, head, sizeof head);
}

size_t b_media_at(const b_buf *b) { return b_find(b, "mdat") + 8; }

/* ---- fragments -------------------------------------------------------------------------------------------- */

static void put_trun(b_buf *b, const b_trun *r, int64_t base)
{
    b_full(b, "trun", 1, r->flags);
    b_u32(b, r->count);
    if (r->flags & B_DATA)
        b_u32(b, (uint64_t)(base + r->media_at));
    if (r->flags & B_FIRST_FLAGS)
        b_u32(b, r->first_flags);
    for (uint32_t i = 0; i < r->count && (r->flags & 0xf00); i++) {
        if (r->flags & B_DURATION)
            b_u32(b, r->entries[i].duration);
        if (r->flags & B_SIZE)
            b_u32(b, r->entries[i].size);
        if (r->flags & B_FLAGS)
            b_u32(b, r->entries[i].flags);
        if (r->flags & B_OFFSET)
            b_u32(b, (uint32_t)r->entries[i].offset);
    }
    b_end(b);
}

/* mdat: where its body begins; moof: where the moof does. */
static void put_traf(b_buf *b, const b_traf *t, uint64_t moof, uint64_t mdat)
{
    b_box(b, "traf");
    b_full(b, "tfhd", 0, t->flags);
    b_u32(b, t->track_id ? t->track_id : 1);
    if (t->flags & 1)
        b_u64(b, mdat);
    if (t->flags & 2)
        b_u32(b, t->description);
    if (t->flags & 8)
        b_u32(b, t->duration);
    if (t->flags & 0x10)
        b_u32(b, t->size);
    if (t->flags & 0x20)
        b_u32(b, t->sample_flags);
    b_end(b);
    if (t->has_tfdt) {
        b_full(b, "tfdt", 1, 0);
        b_u64(b, t->tfdt);
        b_end(b);
    }
    for (uint32_t i = 0; i < t->run_n; i++)
        put_trun(b, &t->runs[i], t->flags & 1 ? 0 : (int64_t)(mdat - moof));
    b_append(b, t->more);
    b_end(b);
}

static void put_moof(b_buf *b, uint32_t sequence, const b_traf *trafs, uint32_t n, uint64_t mdat)
{
    size_t moof = b->size;
    b_box(b, "moof");
    b_full(b, "mfhd", 0, 0);
    b_u32(b, sequence);
    b_end(b);
    for (uint32_t i = 0; i < n; i++)
        put_traf(b, &trafs[i], moof, mdat);
    b_end(b);
}

void b_fragment(b_buf *b, uint32_t sequence, const b_traf *trafs, uint32_t n, size_t media_size)
{
    size_t start = b->size;
    put_moof(b, sequence, trafs, n, 0);
    size_t end = b->size;
    b->size = start;
    put_moof(b, sequence, trafs, n, end + 8);
    b_box(b, "mdat");
    put_counting(b, media_size);
    b_end(b);
}

void b_sidx(b_buf *b, uint32_t id, uint32_t timescale, uint64_t start, uint64_t first_offset, const b_reference *refs,
            uint32_t n)
{
    b_full(b, "sidx", 1, 0);
    b_u32(b, id);
    b_u32(b, timescale);
    b_u64(b, start);
    b_u64(b, first_offset);
    b_u16(b, 0);
    b_u16(b, n);
    for (uint32_t i = 0; i < n; i++) {
        b_u32(b, (uint32_t)refs[i].index << 31 | refs[i].size);
        b_u32(b, refs[i].duration);
        b_u32(b, 0x90000000);
    }
    b_end(b);
}

void b_mfra(b_buf *b, uint32_t id, const b_place *places, uint32_t n)
{
    size_t start = b->size;
    b_box(b, "mfra");
    b_full(b, "tfra", 1, 0);
    b_u32(b, id);
    b_u32(b, 0);
    b_u32(b, n);
    for (uint32_t i = 0; i < n; i++) {
        b_u64(b, places[i].time);
        b_u64(b, places[i].moof);
        b_u24(b, 0x010101);
    }
    b_end(b);
    b_full(b, "mfro", 0, 0);
    b_u32(b, b->size + 4 - start);
    b_end(b);
    b_end(b);
}

uint64_t b_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t b_below(uint64_t *state, uint32_t n) { return n ? (uint32_t)(b_random(state) % n) : 0; }
