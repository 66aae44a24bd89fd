/* SPDX-License-Identifier: BSD-2-Clause */
/* How one sample is encrypted: ISO/IEC 23001-7 7, 8.2; ISO/IEC 14496-12:2022 8.7.8, 8.7.9; PIFF 1.1 5.3.2 */
#include <reel/codec.h>

#include "meta/groups.h"

enum {
    SENC = REEL_4CC('s', 'e', 'n', 'c'),
    SAIZ = REEL_4CC('s', 'a', 'i', 'z'),
    SAIO = REEL_4CC('s', 'a', 'i', 'o'),
    SEIG = REEL_4CC('s', 'e', 'i', 'g'),
};

static const uint8_t piff_senc[16] = {0xa2, 0x39, 0x4f, 0x52, 0x5a, 0x9b, 0x4f, 0x14,
                                      0xa2, 0x44, 0x6c, 0x42, 0x7c, 0x64, 0x8d, 0xf4};

/* What holds for the sample: tenc, unless its seig group says otherwise. */
static int defaults(const reel_track *t, const reel_sample *sample, reel_protection *p, reel_error *err)
{
    reel_description d;
    uint32_t group;
    reel_span s;
    int code = reel_track_description(t, sample->description, &d, err);
    if (code == REEL_OK)
        code = reel_track_sample_group(t, sample, SEIG, &group, &s, err);
    if (code != REEL_OK)
        return code;
    *p = d.protection;
    if (s.size < 20)
        return REEL_OK;
    p->has_tenc = 1; /* as good as one */
    p->crypt_blocks = s.data[1] >> 4;
    p->skip_blocks = s.data[1] & 15;
    p->is_protected = s.data[2];
    p->iv_size = s.data[3];
    memcpy(p->kid, s.data + 4, 16);
    p->constant_iv_size = 0;
    const uint8_t n = s.size > 20 ? s.data[20] : 0; /* read once: the file may be written to */
    if (p->is_protected && !p->iv_size && n <= 16 && s.size >= 21u + n) {
        p->constant_iv_size = n;
        memcpy(p->constant_iv, s.data + 21, n);
    }
    return REEL_OK;
}

/* IV and subsamples of one sample. */
static bool read_record(reel__reader *r, uint8_t iv_size, bool subsamples, reel_sample_crypto *out)
{
    if (iv_size > sizeof out->iv) /* tenc, seig and PIFF may say anything */
        return false;
    const uint8_t *iv = reel__take(r, iv_size);
    out->subsample_count = 0;
    out->subsamples = NULL;
    if (iv && iv_size) {
        memcpy(out->iv, iv, iv_size);
        out->iv_size = iv_size;
        out->constant = 0;
    }
    if (subsamples) {
        out->subsample_count = reel__u16(r);
        out->subsamples = reel__take(r, 6 * (size_t)out->subsample_count);
    }
    return !r->bad;
}

static bool find_senc(const reel__part *home, reel__part *out)
{
    reel__children c = reel__children_of(home->body, home->size, home->offset + home->header, NULL);
    while (reel__children_next(&c, out, NULL))
        if (out->type == SENC || (out->uuid && !memcmp(out->uuid, piff_senc, 16)))
            return true;
    return false;
}

static int wrong(const reel__part *part, const char *what, reel_error *err)
{
    char name[17];
    return reel__fail(err, REEL_E_TABLE, part->offset, reel_4cc_text(part->type, name), "%s", what);
}

/*
 * Records of a stbl may be millions, of all sizes and without an index: bytes before every STEP-th one, of the first box
 * that is asked, with its size of initialization vectors. A traf has a few; they are passed over each time.
 */
typedef struct marks {
    uint64_t box; /* offset */
    uint8_t iv_size;
    size_t n;
    uint64_t at[];
} marks;

enum { STEP = 256 };

/* The number of bytes of the next record, or UINT64_MAX when it is not whole. */
typedef uint64_t (*record_size)(reel__reader *r, uint8_t iv_size);

static uint64_t senc_size(reel__reader *r, uint8_t iv_size)
{
    const uint8_t *from = r->p;
    reel_sample_crypto record;
    return read_record(r, iv_size, true, &record) ? (uint64_t)(r->p - from) : UINT64_MAX;
}

static uint64_t saiz_size(reel__reader *r, uint8_t iv_size)
{
    (void)iv_size;
    uint64_t size = reel__u8(r);
    return r->bad ? UINT64_MAX : size;
}

static marks *build_marks(const reel_track *t, uint64_t box, reel__reader r, uint8_t iv_size, record_size size_of)
{
    size_t room = reel__left(&r) / STEP + 1; /* a record has a byte at least */
    marks *m = reel__alloc(&t->movie->alloc, sizeof *m + room * sizeof *m->at);
    if (!m)
        return NULL;
    *m = (marks){.box = box, .iv_size = iv_size};
    uint64_t sum = 0, size = 0;
    for (uint64_t i = 0; size != UINT64_MAX && reel__left(&r); i++, sum += size) {
        if (i % STEP == 0)
            m->at[m->n++] = sum;
        size = size_of(&r, iv_size);
    }
    return m;
}

/* Bytes before the mark at or before record *number, which becomes its number behind that mark. */
static uint64_t skip_to_mark(const reel_track *t, uint64_t box, reel__reader r, uint8_t iv_size, record_size size_of,
                             uint64_t *number)
{
    const marks *m = reel__once_get(&t->crypto_marks);
    if (!m)
        m = reel__once_publish(&t->crypto_marks, build_marks(t, box, r, iv_size, size_of), &t->movie->alloc);
    if (!m || m->box != box || m->iv_size != iv_size || m->n == 0)
        return 0;
    size_t k = (size_t)REEL__MIN(*number / STEP, (uint64_t)m->n - 1);
    *number -= (uint64_t)k * STEP;
    return m->at[k];
}

/* One traf, or one stbl. */
static int from_senc(const reel_track *t, const reel__home *home, const reel__part *senc, reel_protection *p,
                     reel_sample_crypto *out, reel_error *err)
{
    uint64_t number = home->number;
    reel__reader r = reel__part_reader(senc);
    uint32_t flags = reel__u32(&r) & 0xffffff;
    if (senc->uuid && (flags & 1)) { /* PIFF: its own algorithm, IV size and key */
        reel__skip(&r, 3);
        p->iv_size = reel__u8(&r);
        const uint8_t *kid = reel__take(&r, 16);
        if (kid)
            memcpy(p->kid, kid, 16);
    }
    uint32_t count = reel__u32(&r);
    if (number >= count)
        return wrong(senc, "it has no record of this sample", err);
    if (p->iv_size > 16)
        return wrong(senc, "the size of its initialization vectors is impossible", err);
    bool subsamples = flags & 2;
    if (!subsamples) {
        uint64_t skip = number * p->iv_size;
        if (skip > reel__left(&r))
            return wrong(senc, "it ends too early", err);
        reel__skip(&r, (size_t)skip);
        number = 0;
    } else if (!home->fragment && number >= STEP) {
        reel__skip(&r, (size_t)skip_to_mark(t, senc->offset, r, p->iv_size, senc_size, &number));
    }
    do
        if (!read_record(&r, p->iv_size, subsamples, out))
            return wrong(senc, "it ends too early", err);
    while (number-- != 0);
    return REEL_OK;
}

/* Is this saiz or saio about encryption? Without a type it is. */
static bool is_about_crypto(const reel__part *part)
{
    if (part->size < 12 || !(part->body[3] & 1))
        return part->size >= 5;
    uint32_t type = reel__be32(part->body + 4);
    return type == REEL_4CC('c', 'e', 'n', 'c') || type == REEL_4CC('c', 'b', 'c', 's') ||
           type == REEL_4CC('c', 'e', 'n', 's') || type == REEL_4CC('c', 'b', 'c', '1') || type == 0;
}

static bool find_aux(const reel__part *home, uint32_t type, reel__part *out)
{
    reel__children c = reel__children_of(home->body, home->size, home->offset + home->header, NULL);
    while (reel__children_next(&c, out, NULL))
        if (out->type == type && is_about_crypto(out))
            return true;
    return false;
}

/* Bytes of the records before the sample, and of its own. */
static int aux_place(const reel_track *t, const reel__home *home, const reel__part *saiz, uint64_t *before, uint32_t *size,
                     reel_error *err)
{
    uint64_t number = home->number;
    reel__reader r = reel__part_reader(saiz);
    bool typed = reel__u32(&r) & 1;
    if (typed)
        reel__skip(&r, 8);
    uint8_t same = reel__u8(&r);
    uint32_t count = reel__u32(&r);
    if (number >= count)
        return wrong(saiz, "it has no size for this sample", err);
    *before = number * same;
    *size = same;
    if (same)
        return REEL_OK;
    const uint8_t *p = number < reel__left(&r) ? r.p : NULL;
    if (!p)
        return wrong(saiz, "it ends too early", err);
    *size = p[number];
    *before = 0;
    if (!home->fragment && number >= STEP) {
        uint64_t rest = number;
        *before = skip_to_mark(t, saiz->offset, r, 0, saiz_size, &rest);
        p += number - rest;
        number = rest;
    }
    for (uint64_t i = 0; i < number; i++)
        *before += p[i];
    return REEL_OK;
}

/* Only one offset is understood: the records of a stbl or traf lie behind each other. */
static int from_aux(const reel_track *t, const reel__home *home, const reel__part *saiz, const reel__part *saio,
                    const reel_protection *p, reel_sample_crypto *out, reel_error *err)
{
    uint64_t before = 0;
    uint32_t size = 0;
    int code = aux_place(t, home, saiz, &before, &size, err);
    if (code != REEL_OK || size == 0)
        return code;
    reel__reader r = reel__part_reader(saio);
    uint8_t version = reel__u8(&r);
    bool typed = reel__u24(&r) & 1;
    if (typed)
        reel__skip(&r, 8);
    uint32_t count = reel__u32(&r);
    uint64_t at = reel__u32_or_64(&r, version == 1);
    if (count > 1)
        return wrong(saio, "it has not one offset but several", err);
    if (r.bad || count == 0)
        return wrong(saio, r.bad ? "it ends too early" : "it has no offset", err);
    const uint8_t *data;
    if (!reel__add(at, before, &at) || !reel__add(at, home->moof, &at))
        return wrong(saio, "its offset is impossible", err);
    code = reel__movie_view(t->movie, at, size, &data, err);
    if (code != REEL_OK)
        return code;
    reel__reader record = reel__read(data, size);
    if (!read_record(&record, p->iv_size, size > p->iv_size, out))
        return wrong(saiz, "its size does not hold the record", err);
    return REEL_OK;
}

int reel_track_sample_crypto(const reel_track *track, const reel_sample *sample, reel_sample_crypto *out, reel_error *err)
{
    reel__home home;
    reel_protection p;
    reel__part senc, saiz, saio;
    char scheme[17];
    if (!out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no place for the answer");
    int code = reel__home_of(track, sample, &home, err);
    if (code == REEL_OK)
        code = defaults(track, sample, &p, err);
    if (code != REEL_OK)
        return code;
    memset(out, 0, sizeof *out);
    bool has_senc = find_senc(&home.box, &senc);
    if (p.scheme && !p.has_tenc && !has_senc)
        return reel__fail(err, REEL_E_UNSUPPORTED, sample->offset, NULL, "'%s' does not say how a sample is encrypted",
                          reel_4cc_text(p.scheme, scheme));
    if (!p.is_protected && !(has_senc && senc.uuid))
        return REEL_END;
    out->scheme = p.scheme;
    out->crypt_blocks = p.crypt_blocks;
    out->skip_blocks = p.skip_blocks;
    if (!p.iv_size && p.constant_iv_size) {
        memcpy(out->iv, p.constant_iv, 16);
        out->iv_size = p.constant_iv_size;
        out->constant = 1;
    }
    if (has_senc)
        code = from_senc(track, &home, &senc, &p, out, err);
    else if (find_aux(&home.box, SAIZ, &saiz) && find_aux(&home.box, SAIO, &saio))
        code = from_aux(track, &home, &saiz, &saio, &p, out, err);
    memcpy(out->kid, p.kid, 16);
    if (code == REEL_OK && !out->iv_size)
        return reel__fail(err, REEL_E_TABLE, sample->offset, NULL, "nothing says what its initialization vector is");
    return code;
}
