/* SPDX-License-Identifier: BSD-2-Clause */
/* ISO/IEC 23001-7 8.1 */
#include <reel/meta.h>

#include "movie/fragment.h"

enum { PSSH = REEL_4CC('p', 's', 's', 'h') };

static bool read_pssh(const reel_movie *m, const reel__part *part, reel_pssh *out)
{
    reel__reader r = reel__part_reader(part);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 3);
    const uint8_t *system = reel__take(&r, 16);
    memset(out, 0, sizeof *out);
    if (version > 0) {
        uint32_t n = reel__u32(&r);
        if (n > reel__left(&r) / 16) {
            reel__warn(m, NULL, REEL_E_TABLE, part->offset, "pssh", "it says %u key ids and holds %zu", n,
                       reel__left(&r) / 16);
            return false;
        }
        out->kid_count = n;
        out->kids = reel__take(&r, (size_t)n * 16);
    }
    uint32_t size = reel__u32(&r);
    if (r.bad || size > reel__left(&r))
        reel__warn(m, NULL, REEL_E_TABLE, part->offset, "pssh", "it ends too early");
    if (r.bad)
        return false;
    memcpy(out->system_id, system, 16);
    out->data = (reel_span){r.p, REEL__MIN((size_t)size, reel__left(&r))};
    out->box = (reel_span){part->body - part->header, part->size + part->header};
    return true;
}

/* The one of these boxes that brings *left to 0. */
static bool among(const reel_movie *m, const uint8_t *data, size_t size, uint64_t offset, size_t *left, reel_pssh *out)
{
    reel__children c = reel__children_of(data, size, offset, NULL);
    reel__part part;
    while (reel__children_next(&c, &part, NULL))
        if (part.type == PSSH && read_pssh(m, &part, out) && (*left)-- == 0)
            return true;
    return false;
}

int reel_movie_pssh(const reel_movie *movie, size_t i, reel_pssh *out)
{
    if (!movie || !out)
        return REEL_E_ARG;
    const reel__part *moov = &movie->moov;
    if (moov->body && among(movie, moov->body, moov->size, moov->offset + moov->header, &i, out))
        return REEL_OK;
    uint64_t at, next;
    for (size_t k = 0; reel__fragments_moof(movie, k, &at) == REEL_OK; k++) {
        reel__part part;
        const uint8_t *data;
        if (reel__box_at(movie->source, NULL, at, reel_source_size(movie->source), &part, &next, NULL) != REEL_OK ||
            reel__movie_view(movie, at + part.header, part.size, &data, NULL) != REEL_OK)
            return REEL_END;
        if (among(movie, data, part.size, at + part.header, &i, out))
            return REEL_OK;
    }
    return REEL_END;
}
