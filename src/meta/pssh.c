/* SPDX-License-Identifier: BSD-2-Clause */
/* ISO/IEC 23001-7 8.1 */
#include <reel/meta.h>

#include "movie/fragment.h"

enum { PSSH = REEL_4CC('p', 's', 's', 'h'), MOST_BOXES = 4096 };

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

/* The movie box holds a few; in one that holds very many boxes the first are looked at. */
static int in_movie(const reel_movie *m, size_t *left, reel_pssh *out)
{
    const reel__part *moov = &m->moov;
    reel__children c = reel__children_of(moov->body, moov->size, moov->offset + moov->header, NULL);
    reel__part part;
    for (int n = 0; n < MOST_BOXES && reel__children_next(&c, &part, NULL); n++)
        if (part.type == PSSH && (*left)-- == 0)
            return read_pssh(m, &part, out) ? REEL_OK : REEL_E_TABLE;
    return REEL_END;
}

static int in_fragments(const reel_movie *m, size_t i, reel_pssh *out)
{
    uint64_t at, next;
    reel__part part;
    const uint8_t *data;
    int code = reel__fragments_pssh(m, i, &at);
    if (code == REEL_OK)
        code = reel__box_at(m->source, NULL, at, reel_source_size(m->source), &part, &next, NULL);
    if (code == REEL_OK)
        code = reel__movie_view(m, at, part.header + (uint64_t)part.size, &data, NULL);
    if (code != REEL_OK)
        return code;
    part.body = data + part.header;
    return read_pssh(m, &part, out) ? REEL_OK : REEL_E_TABLE;
}

int reel_movie_pssh(const reel_movie *movie, size_t i, reel_pssh *out)
{
    if (!movie || !out)
        return REEL_E_ARG;
    int code = in_movie(movie, &i, out);
    return code == REEL_END ? in_fragments(movie, i, out) : code;
}
