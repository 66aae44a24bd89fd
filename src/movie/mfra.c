/* SPDX-License-Identifier: BSD-2-Clause */
/* The index at the end of the file: ISO/IEC 14496-12:2022 8.8.9 - 8.8.11 */
#include "movie/fragment.h"
#include "movie/runs.h"

enum {
    MFRA = REEL_4CC('m', 'f', 'r', 'a'),
    MFRO = REEL_4CC('m', 'f', 'r', 'o'),
    MOOF = REEL_4CC('m', 'o', 'o', 'f'),
    TFRA = REEL_4CC('t', 'f', 'r', 'a'),
};

/* mfro, the last box of the file, says how long mfra is. */
static int find_mfra(const reel_movie *m, reel__part *mfra, uint32_t *whole, reel_error *err)
{
    uint8_t tail[16];
    uint64_t size = reel_source_size(m->source), next;
    *whole = 0;
    if (size < 16)
        return REEL_E_NOT_FOUND;
    int code = reel_source_read(m->source, size - 16, tail, 16, err);
    if (code != REEL_OK)
        return code;
    if (reel__be32(tail + 4) != MFRO)
        return REEL_E_NOT_FOUND;
    *whole = reel__be32(tail + 12);
    if (*whole < 16 || *whole > size)
        return REEL_E_NOT_FOUND;
    code = reel__box_at(m->source, NULL, size - *whole, size, mfra, &next, err);
    return code == REEL_OK && mfra->type != MFRA ? REEL_E_NOT_FOUND : code;
}

bool reel__fragments_has_mfra(const reel_movie *m)
{
    reel__part mfra;
    uint32_t whole;
    return find_mfra(m, &mfra, &whole, NULL) == REEL_OK;
}

/* The entries of a tfra: all of one size. */
typedef struct entries {
    const uint8_t *p;
    uint32_t n, each;
    bool wide;
} entries;

static bool read_tfra(const reel_movie *m, const reel__part *part, uint32_t track_id, entries *out)
{
    reel__reader r = reel__part_reader(part);
    uint32_t id = reel__u32(&r), sizes = reel__u32(&r), count = reel__u32(&r);
    out->wide = part->version == 1;
    out->each = (out->wide ? 16 : 8) + (sizes >> 4 & 3) + (sizes >> 2 & 3) + (sizes & 3) + 3;
    out->n = (uint32_t)REEL__MIN((size_t)count, reel__left(&r) / out->each);
    out->p = r.p;
    if (count > out->n && id == track_id)
        reel__warn(m, NULL, REEL_E_TABLE, part->offset, "mfra/tfra", "it says %u entries and holds %u", count, out->n);
    return !r.bad && id == track_id && out->n;
}

static uint64_t number_at(const entries *e, uint32_t i, int field)
{
    const uint8_t *p = e->p + (size_t)i * e->each;
    return e->wide ? reel__be64(p + 8 * field) : reel__be32(p + 4 * field);
}

/* The last entry whose time is not after t, 0 when all are. */
static uint32_t at_or_before(const entries *e, uint64_t t)
{
    uint32_t low = 0, high = e->n - 1;
    while (low < high) {
        uint32_t mid = low + (high - low + 1) / 2;
        if (number_at(e, mid, 0) <= t)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

/* An entry is believed only where there is a moof. */
static int check_place(const reel_movie *m, const reel__part *tfra, uint32_t entry, uint64_t moof, reel_error *err)
{
    reel__part box;
    uint64_t next;
    int code = reel__box_at(m->source, NULL, moof, reel_source_size(m->source), &box, &next, err);
    if (reel__passing(code) || (code == REEL_OK && box.type == MOOF))
        return code;
    reel__warn(m, NULL, REEL_E_BOX_FIELD, tfra->offset, "mfra/tfra", "entry %u: there is no moof at 0x%llx", entry + 1,
               (unsigned long long)moof);
    return REEL_E_NOT_FOUND;
}

int reel__mfra_find(const reel_track *t, int64_t pts, uint32_t back, uint64_t *moof, reel_error *err)
{
    reel__part mfra, part;
    entries e;
    const uint8_t *data;
    uint32_t whole;
    int code = find_mfra(t->movie, &mfra, &whole, err);
    if (whole && code != REEL_OK && !reel__passing(code))
        reel__warn(t->movie, NULL, REEL_E_BOX_FIELD, reel_source_size(t->movie->source) - 16, "mfra/mfro",
                   "there is no mfra %u bytes before its end", whole);
    if (code == REEL_OK)
        code = reel__movie_view(t->movie, mfra.offset + mfra.header, mfra.size, &data, err);
    if (code != REEL_OK)
        return reel__passing(code) ? code : REEL_E_NOT_FOUND;
    reel__children c = reel__children_of(data, mfra.size, mfra.offset + mfra.header, &reel__mfra_children);
    while (reel__children_next(&c, &part, NULL)) {
        if (part.type != TFRA || !read_tfra(t->movie, &part, t->id, &e))
            continue;
        uint32_t i = at_or_before(&e, pts < 0 ? 0 : (uint64_t)pts);
        i -= REEL__MIN(i, back);
        *moof = number_at(&e, i, 1);
        return check_place(t->movie, &part, i, *moof, err);
    }
    return REEL_E_NOT_FOUND;
}
