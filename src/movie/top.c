/* SPDX-License-Identifier: BSD-2-Clause */
/* The top level of the file: box headers from the source, one after the other. */
#include "movie/top.h"

#include "base/bytes.h"

int reel__box_at(reel_source *source, reel__glance *g, uint64_t offset, uint64_t end, reel__part *part, uint64_t *next,
                 reel_error *err)
{
    memset(part, 0, sizeof *part);
    if (offset >= end || end - offset < 8)
        return REEL_END;
    uint8_t buf[32];
    const uint8_t *bytes;
    size_t n = (size_t)REEL__MIN(end - offset, (uint64_t)sizeof buf);
    int code = reel__source_look(source, g, offset, n, buf, &bytes, err);
    if (code != REEL_OK)
        return code;
    reel__reader r = reel__read(bytes, n);
    uint64_t size = reel__u32(&r);
    part->type = reel__u32(&r);
    if (size == 1)
        size = reel__u64(&r);
    else if (size == 0)
        size = end - offset;
    if (part->type == REEL_4CC('u', 'u', 'i', 'd'))
        reel__skip(&r, 16);
    uint64_t used = (uint64_t)(r.p - bytes);
    char name[17];
    if (r.bad || size < used)
        return reel__fail(err, REEL_E_BOX_SIZE, offset, reel_4cc_text(part->type, name),
                          "its size is %llu, less than its header", (unsigned long long)size);
    part->offset = offset;
    part->cut = size > end - offset;
    size = REEL__MIN(size, end - offset);
    part->header = (uint8_t)used;
    part->size = (size_t)REEL__MIN(size - used, (uint64_t)SIZE_MAX);
    *next = offset + size;
    return REEL_OK;
}

enum {
    FTYP = REEL_4CC('f', 't', 'y', 'p'),
    MOOV = REEL_4CC('m', 'o', 'o', 'v'),
    META = REEL_4CC('m', 'e', 't', 'a'),
    MDAT = REEL_4CC('m', 'd', 'a', 't'),
    MOOF = REEL_4CC('m', 'o', 'o', 'f'),
    SIDX = REEL_4CC('s', 'i', 'd', 'x'),
};

/* Of media nothing is said: which samples are not there, these tell themselves. */
int reel__top_cut(const reel_movie *m, const reel__part *part, reel_error *err)
{
    char name[17];
    if (part->type == MDAT)
        return REEL_OK;
    return reel__warn(m, err, REEL_E_TRUNCATED, part->offset, reel_4cc_text(part->type, name),
                      "it goes past the end of the file");
}

/* Bring the body of a top-level box into memory and read its version if it has one. */
static int load(reel_movie *m, const reel__part *found, reel__part *out, reel_error *err)
{
    if (out->body) {
        char name[17];
        return reel__warn(m, err, REEL_E_BOX_DUPLICATE, found->offset, reel_4cc_text(found->type, name),
                          "it is there already; the first counts");
    }
    const uint8_t *data;
    int code = reel__movie_view(m, found->offset, (uint64_t)found->header + found->size, &data, err);
    if (code != REEL_OK)
        return code;
    reel__children c = reel__children_of(data, found->header + found->size, found->offset, &reel__top);
    if (!reel__children_next(&c, out, NULL))
        return reel__fail(err, REEL_E_BOX_SIZE, found->offset, NULL, "its header makes no sense");
    out->cut = found->cut;
    return REEL_OK;
}

static int meet(reel_movie *m, const reel__part *part, reel_error *err)
{
    switch (part->type) {
    case FTYP:
        return load(m, part, &m->ftyp, err);
    case MOOV:
        return load(m, part, &m->moov, err);
    case META:
        return load(m, part, &m->meta, err);
    case MDAT:
        if (m->mdat_count++ == 0) {
            m->mdat_offset = part->offset;
            m->mdat_size = (uint64_t)part->header + part->size;
        }
        return REEL_OK;
    case MOOF:
        if (!m->first_moof_seen) {
            m->first_moof_seen = true;
            m->first_moof = part->offset;
        }
        return REEL_OK;
    case SIDX:
        if (!m->first_sidx)
            m->first_sidx = part->offset;
        return REEL_OK;
    default:
        return REEL_OK;
    }
}

/*
 * What stands where a box should be. Behind the movie it does no harm; before it, or at the very start, it means that
 * this is something else.
 */
static int stumble(reel_movie *m, uint64_t at, int code, reel_error *err)
{
    if (code != REEL_E_BOX_SIZE)
        return code;
    if (m->moov.body || m->meta.body)
        return reel__warn(m, err, code, at, "", "what stands here is not a box; the rest is not read");
    if (at == 0)
        return reel__fail(err, REEL_E_NOT_MP4, 0, NULL, "%s", reel_code_text(REEL_E_NOT_MP4));
    return code;
}

int reel__top_scan(reel_movie *m, reel_error *err)
{
    uint64_t size = reel_source_size(m->source), at = 0, next = 0;
    reel__glance g;
    g.n = 0;
    for (uint32_t n = 0;; n++) {
        reel__part part = {0};
        if (n == REEL__TOP_BOXES)
            return reel__fail(err, REEL_E_BOX_LIMIT, at, NULL, "more than %d boxes at the top", REEL__TOP_BOXES);
        int code = reel__box_at(m->source, &g, at, size, &part, &next, err);
        if (code == REEL_END)
            break;
        if (code == REEL_OK)
            code = meet(m, &part, err);
        else if ((code = stumble(m, at, code, err)) == REEL_OK)
            break;
        if (code == REEL_OK && part.cut)
            code = reel__top_cut(m, &part, err);
        if (code != REEL_OK)
            return code;
        if (part.cut)
            break;
        /* Fragments are scanned when somebody asks for them. */
        if (m->moov.body && part.type == MOOF)
            break;
        at = next;
    }
    m->scanned_to = m->first_moof_seen ? m->first_moof : at;
    return REEL_OK;
}
