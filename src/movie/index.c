/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the tables of one stbl lie, and how many entries they really have. */
#include "movie/marks.h"

/* Entries of a table box: its count, but no more than lie in the box. */
static int table(reel_track *t, reel__slot slot, size_t each, reel__table *out, reel_error *err)
{
    const reel__part *part = &t->part[slot];
    if (!part->body)
        return REEL_OK;
    if (part->size < 4)
        return reel__track_warn(t, slot, err, REEL_E_TABLE, "it is too short for a table");
    uint32_t said = reel__be32(part->lead);
    size_t there = (part->size - 4) / each;
    out->p = part->body + 4;
    out->n = (uint32_t)REEL__MIN((size_t)said, there);
    if (said > there)
        return reel__track_warn(t, slot, err, REEL_E_TABLE, "it says %u entries and holds %u", said, out->n);
    return REEL_OK;
}

/* How many entries of that many bits lie behind the first 8 bytes. */
static int size_entries(reel_track *t, reel__slot slot, uint32_t said, reel_error *err)
{
    reel__index *x = &t->index;
    uint64_t there = (uint64_t)(t->part[slot].size - 8) * 8 / x->size_bits;
    x->sizes = t->part[slot].body + 8;
    x->sample_count = (uint32_t)REEL__MIN((uint64_t)said, there);
    if (said > there)
        return reel__track_warn(t, slot, err, REEL_E_TABLE, "it says %u samples and holds %u", said,
                                x->sample_count);
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.7.3.2 */
static int open_stsz(reel_track *t, reel_error *err)
{
    reel__index *x = &t->index;
    const reel__part *part = &t->part[REEL__STSZ];
    if (part->size < 8)
        return reel__track_warn(t, REEL__STSZ, err, REEL_E_TABLE, "it is too short for a table");
    x->size = reel__be32(part->lead);
    uint32_t count = reel__be32(part->lead + 4);
    if (x->size == 0) {
        x->size_bits = 32;
        return size_entries(t, REEL__STSZ, count, err);
    }
    x->sample_count = count;
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.7.3.3 */
static int open_stz2(reel_track *t, reel_error *err)
{
    reel__index *x = &t->index;
    const reel__part *part = &t->part[REEL__STZ2];
    if (part->size < 8)
        return reel__track_warn(t, REEL__STZ2, err, REEL_E_TABLE, "it is too short for a table");
    x->size_bits = part->lead[3];
    uint32_t count = reel__be32(part->lead + 4);
    if (x->size_bits != 4 && x->size_bits != 8 && x->size_bits != 16)
        return reel__track_warn(t, REEL__STZ2, err, REEL_E_BOX_FIELD, "field_size is %u, not 4, 8 or 16",
                                x->size_bits);
    return size_entries(t, REEL__STZ2, count, err);
}

/*
 * QuickTime sound of old counts single PCM frames and says "1 byte" for each: the size then comes from the sample
 * description (QTFF, Sound Sample Descriptions). Only uncompressed kinds; version 1 says bytes_per_frame itself.
 */
static uint32_t pcm_frame_size(const reel_track *t)
{
    static const struct {
        uint32_t format;
        uint8_t bytes; /* of one sample of one channel; 0: as sampleSize says */
    } pcm[] = {
        {REEL_4CC('r', 'a', 'w', ' '), 0}, {REEL_4CC('s', 'o', 'w', 't'), 0}, {REEL_4CC('t', 'w', 'o', 's'), 0},
        {REEL_4CC('i', 'n', '2', '4'), 3}, {REEL_4CC('i', 'n', '3', '2'), 4}, {REEL_4CC('f', 'l', '3', '2'), 4},
        {REEL_4CC('f', 'l', '6', '4'), 8}, {REEL_4CC('u', 'l', 'a', 'w'), 1}, {REEL_4CC('a', 'l', 'a', 'w'), 1},
        {REEL_4CC('N', 'O', 'N', 'E'), 0},
    };
    const reel__part *stsd = &t->part[REEL__STSD];
    reel__reader r = reel__part_reader(stsd);
    reel__skip(&r, 8);
    uint32_t format = reel__u32(&r);
    reel__skip(&r, 8);
    uint16_t version = reel__u16(&r);
    reel__skip(&r, 6);
    uint32_t channels = reel__u16(&r), bits = reel__u16(&r), bytes_per_frame = 0;
    if (version == 1) {
        reel__skip(&r, 4 + 4 + 4 + 4);
        bytes_per_frame = reel__u32(&r);
    }
    for (size_t i = 0; i < sizeof pcm / sizeof *pcm && !r.bad; i++)
        if (pcm[i].format == format && version < 2)
            return bytes_per_frame ? bytes_per_frame : channels * (pcm[i].bytes ? pcm[i].bytes : bits / 8);
    return 0;
}

static int open_sizes(reel_track *t, reel_error *err)
{
    int code = t->part[REEL__STSZ].body ? open_stsz(t, err) : t->part[REEL__STZ2].body ? open_stz2(t, err) : REEL_OK;
    reel__index *x = &t->index;
    if (code == REEL_OK && t->type == REEL_TRACK_AUDIO && !x->sizes && x->size == 1 && x->sample_count) {
        uint32_t frame = pcm_frame_size(t);
        x->size = frame ? frame : x->size;
    }
    return code;
}

static int missing(reel_track *t, reel_error *err)
{
    static const reel__slot needed[] = {REEL__STSD, REEL__STTS, REEL__STSC};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!t->part[needed[i]].body) {
            int code = reel__track_warn(t, needed[i], err, REEL_E_BOX_MISSING, "it is missing");
            if (code != REEL_OK)
                return code;
        }
    if (!t->part[REEL__STSZ].body && !t->part[REEL__STZ2].body)
        return reel__track_warn(t, REEL__STSZ, err, REEL_E_BOX_MISSING, "it is missing");
    if (!t->part[REEL__STCO].body && !t->part[REEL__CO64].body)
        return reel__track_warn(t, REEL__STCO, err, REEL_E_BOX_MISSING, "it is missing");
    return REEL_OK;
}

int reel__index_init(reel_track *t, reel_error *err)
{
    reel__index *x = &t->index;
    x->co64 = !t->part[REEL__STCO].body && t->part[REEL__CO64].body;
    x->has_stss = t->part[REEL__STSS].body != NULL;
    x->sdtp = t->part[REEL__SDTP].body;
    x->sdtp_count = (uint32_t)REEL__MIN(t->part[REEL__SDTP].size, (size_t)UINT32_MAX);
    int code = missing(t, err);
    if (code == REEL_OK)
        code = table(t, REEL__STTS, 8, &x->stts, err);
    if (code == REEL_OK)
        code = table(t, REEL__CTTS, 8, &x->ctts, err);
    if (code == REEL_OK)
        code = table(t, REEL__STSC, 12, &x->stsc, err);
    if (code == REEL_OK)
        code = table(t, x->co64 ? REEL__CO64 : REEL__STCO, x->co64 ? 8 : 4, &x->chunks, err);
    if (code == REEL_OK)
        code = table(t, REEL__STSS, 4, &x->stss, err);
    if (code == REEL_OK)
        code = table(t, REEL__STPS, 4, &x->stps, err);
    if (code == REEL_OK)
        code = open_sizes(t, err);
    /* Chunks count from 1 in 32 bits, and one number is kept free for "behind the last". */
    x->chunks.n = REEL__MIN(x->chunks.n, UINT32_MAX - 2);
    return code;
}

void reel__index_free(reel_track *t)
{
    reel__index *x = &t->index;
    const reel_allocator *a = &t->movie->alloc;
    reel__free(a, reel__once_get(&x->time));
    reel__free(a, reel__once_get(&x->comp));
    reel__free(a, reel__once_get(&x->chunk));
    reel__free(a, reel__once_get(&x->bytes));
    reel__free(a, reel__once_get(&x->sync));
    reel__free(a, reel__once_get(&x->partial));
}

int reel__table_prepare(const reel_track *t, reel_error *err)
{
    if (!reel__time_marks_get(t, err) || !reel__comp_marks_get(t, err) || !reel__chunk_marks_get(t, err) ||
        !reel__sync_list_get(t, false, err) || !reel__sync_list_get(t, true, err))
        return err ? err->code : REEL_E_NOMEM;
    return REEL_OK;
}
