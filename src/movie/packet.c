/* SPDX-License-Identifier: BSD-2-Clause */
#include <reel/packet.h>

#include "movie/movie.h"

enum { PADDING = 64 };

/* The bytes of a packet from a source that cannot be mapped. */
typedef struct buffer {
    reel_ref ref;
    reel_allocator alloc;
    uint8_t *data;
} buffer;

static void buffer_gone(reel_ref *ref)
{
    buffer *b = REEL__CONTAINER(ref, buffer, ref);
    reel_allocator alloc = b->alloc;
    reel__free(&alloc, b->data);
    reel__free(&alloc, b);
}

static int read_own(const reel_track *t, reel_packet *p, reel_error *err)
{
    reel_movie *m = t->movie;
    size_t size = p->sample.size;
    if (size > SIZE_MAX - PADDING)
        return reel__fail(err, REEL_E_NOMEM, p->sample.offset, NULL, "out of memory");
    buffer *b = reel__alloc_zero(&m->alloc, sizeof *b);
    uint8_t *data = b ? reel__alloc(&m->alloc, size + PADDING) : NULL;
    int code = REEL_E_NOMEM;
    if (data)
        code = reel_source_read(m->source, p->sample.offset, data, size, err);
    else
        reel__fail(err, code, p->sample.offset, NULL, "out of memory");
    if (!data || code != REEL_OK) {
        reel__free(&m->alloc, data);
        reel__free(&m->alloc, b);
        return code;
    }
    memset(data + size, 0, PADDING);
    reel__ref_init(&b->ref, buffer_gone);
    b->alloc = m->alloc;
    b->data = data;
    p->data = data;
    p->padding = PADDING;
    p->ref = &b->ref;
    return REEL_OK;
}

/*
 * ISO/IEC 14496-12:2022 8.5.2, 8.7.2: does this description point to data in another file? In a list of data references
 * that is longer than any, all behind the end of what is looked at do.
 */
static bool lies_elsewhere(const reel_track *t, uint32_t description)
{
    const reel__part *stsd = &t->part[REEL__STSD], *dref = &t->part[REEL__DREF];
    reel__part part;
    size_t skip = REEL__MIN((size_t)4, stsd->size);
    reel__children c = reel__children_of(stsd->body + skip, stsd->size - skip, 0, NULL);
    for (uint32_t i = 1; i <= REEL__DESCRIPTIONS && reel__children_next(&c, &part, NULL); i++)
        if (i == description)
            break;
    if (!part.body || part.size < 8)
        return false;
    uint16_t index = reel__be16(part.body + 6);
    if (index > REEL__DESCRIPTIONS)
        return true;
    c = reel__children_of(dref->body + 4, dref->size - REEL__MIN((size_t)4, dref->size), 0,
                          &reel__dref_children);
    for (uint32_t i = 1; i <= index && reel__children_next(&c, &part, NULL); i++)
        if (i == index)
            return !(part.flags & 1);
    return false;
}

int reel_packet_get(const reel_track *track, const reel_sample *sample, reel_packet *out, reel_error *err)
{
    if (out)
        memset(out, 0, sizeof *out);
    if (!track || !sample || !out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "a packet needs a track and a sample");
    reel_source *source = track->movie->source;
    uint64_t size = reel_source_size(source);
    if (track->external && lies_elsewhere(track, sample->description))
        return reel__fail(err, REEL_E_NOT_FOUND, sample->offset, NULL, "its bytes lie in another file");
    if (sample->offset > size || sample->size > size - sample->offset)
        return reel__fail(err, REEL_E_TRUNCATED, sample->offset, NULL,
                          "sample %llu ends %llu bytes past the end of the file", (unsigned long long)sample->index,
                          (unsigned long long)(sample->offset - size + sample->size));
    reel_packet p = {.sample = *sample};
    p.data = reel__source_map(source, sample->offset, sample->size);
    if (p.data) {
        uint64_t behind = reel__source_readable(source, sample->offset + sample->size);
        p.padding = (size_t)REEL__MIN(behind, (uint64_t)SIZE_MAX / 2);
        p.ref = reel_ref_get(&source->ref);
    } else {
        int code = read_own(track, &p, err);
        if (code != REEL_OK)
            return code;
    }
    if (reel__source_shrunk(source)) {
        reel_packet_unref(&p);
        return reel__fail(err, REEL_E_SHRUNK, sample->offset, NULL, "%s", reel_code_text(REEL_E_SHRUNK));
    }
    *out = p;
    return REEL_OK;
}

void reel_packet_ref(reel_packet *dst, const reel_packet *src)
{
    *dst = *src;
    reel_ref_get(dst->ref);
}

void reel_packet_unref(reel_packet *packet)
{
    if (!packet)
        return;
    reel_ref_drop(packet->ref);
    memset(packet, 0, sizeof *packet);
}

void reel_packet_free(void *opaque, uint8_t *data)
{
    (void)data;
    reel_ref_drop(opaque);
}
