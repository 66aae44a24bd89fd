/* SPDX-License-Identifier: BSD-2-Clause */
/* How one sample is encrypted: ISO/IEC 23001-7 7, 8.2; ISO/IEC 14496-12:2022 8.7.8, 8.7.9; PIFF 1.1 5.3.2 */
#include "meta/crypto.h"

enum {
    SENC = REEL_4CC('s', 'e', 'n', 'c'),
    SAIZ = REEL_4CC('s', 'a', 'i', 'z'),
    SAIO = REEL_4CC('s', 'a', 'i', 'o'),
    SEIG = REEL_4CC('s', 'e', 'i', 'g'),
};

static const uint8_t piff_senc[16] = {0xa2, 0x39, 0x4f, 0x52, 0x5a, 0x9b, 0x4f, 0x14,
                                      0xa2, 0x44, 0x6c, 0x42, 0x7c, 0x64, 0x8d, 0xf4};

static int tenc_of(reel__crypto_walk *w, uint32_t description, reel_error *err)
{
    reel_description d;
    if (w->description == description && description)
        return REEL_OK;
    int code = reel_track_description(w->track, description, &d, err);
    if (code != REEL_OK)
        return code;
    w->protection = d.protection;
    w->description = description;
    return REEL_OK;
}

/* What holds for the sample: tenc, unless its seig group says otherwise. */
static int defaults(reel__crypto_walk *w, const reel_sample *sample, reel_protection *p, reel_error *err)
{
    uint32_t group;
    reel_span s;
    int code = tenc_of(w, sample->description, err);
    if (code == REEL_OK)
        code = reel__group_of(&w->seig, w->home.number, &group, &s, err);
    if (code != REEL_OK)
        return code;
    *p = w->protection;
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

/* Where to go on towards record number: where the walk stands, or a mark that is nearer, or the first one. */
static void go_near(const reel__crypto_walk *w, reel__records_at *at, uint64_t box, reel__reader r, uint8_t iv_size,
                    record_size size_of, uint64_t number)
{
    if (number < at->number)
        *at = (reel__records_at){0, 0};
    if (w->home.fragment || number - at->number < STEP)
        return;
    uint64_t rest = number, bytes = skip_to_mark(w->track, box, r, iv_size, size_of, &rest);
    if (number - rest > at->number)
        *at = (reel__records_at){number - rest, bytes};
}

/* One traf, or one stbl. */
static int from_senc(reel__crypto_walk *w, reel_protection *p, reel_sample_crypto *out, reel_error *err)
{
    const reel__part *senc = &w->senc;
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
    if (w->home.number >= count)
        return wrong(senc, "it has no record of this sample", err);
    if (p->iv_size > REEL__MOST_IV)
        return wrong(senc, "the size of its initialization vectors is impossible", err);
    bool subsamples = flags & 2;
    reel__records_at *at = &w->records[p->iv_size];
    const uint8_t *first = r.p;
    if (subsamples)
        go_near(w, at, senc->offset, r, p->iv_size, senc_size, w->home.number);
    else
        *at = (reel__records_at){w->home.number, w->home.number * p->iv_size};
    if (at->at > reel__left(&r))
        return wrong(senc, "it ends too early", err);
    reel__skip(&r, (size_t)at->at);
    do {
        if (!read_record(&r, p->iv_size, subsamples, out))
            return wrong(senc, "it ends too early", err);
        *at = (reel__records_at){at->number + 1, (uint64_t)(r.p - first)};
    } while (at->number <= w->home.number);
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

/* Bytes of the records before the sample, and of its own. */
static int aux_place(reel__crypto_walk *w, uint64_t *before, uint32_t *size, reel_error *err)
{
    const reel__part *saiz = &w->saiz;
    uint64_t number = w->home.number;
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
    go_near(w, &w->sizes, saiz->offset, r, 0, saiz_size, number);
    for (; w->sizes.number < number; w->sizes.number++)
        w->sizes.at += p[w->sizes.number];
    *before = w->sizes.at;
    *size = p[number];
    return REEL_OK;
}

/* Only one offset is understood: the records of a stbl or traf lie behind each other. */
static int from_aux(reel__crypto_walk *w, const reel_protection *p, reel_sample_crypto *out, reel_error *err)
{
    uint64_t before = 0;
    uint32_t size = 0;
    int code = aux_place(w, &before, &size, err);
    if (code != REEL_OK || size == 0)
        return code;
    reel__reader r = reel__part_reader(&w->saio);
    uint8_t version = reel__u8(&r);
    bool typed = reel__u24(&r) & 1;
    if (typed)
        reel__skip(&r, 8);
    uint32_t count = reel__u32(&r);
    uint64_t at = reel__u32_or_64(&r, version == 1);
    if (count > 1)
        return wrong(&w->saio, "it has not one offset but several", err);
    if (r.bad || count == 0)
        return wrong(&w->saio, r.bad ? "it ends too early" : "it has no offset", err);
    const uint8_t *data;
    if (!reel__add(at, before, &at) || !reel__add(at, w->home.moof, &at))
        return wrong(&w->saio, "its offset is impossible", err);
    code = reel__movie_view(w->track->movie, at, size, &data, err);
    if (code != REEL_OK)
        return code;
    reel__reader record = reel__read(data, size);
    if (!read_record(&record, p->iv_size, size > p->iv_size, out))
        return wrong(&w->saiz, "its size does not hold the record", err);
    return REEL_OK;
}

/* ---- the walk ---- */

/* The first of each kind counts. */
static void find_boxes(reel__crypto_walk *w)
{
    const reel__part *home = &w->home.box;
    reel__children c = reel__children_of(home->body, home->size, home->offset + home->header, NULL);
    reel__part part;
    w->senc = w->saiz = w->saio = (reel__part){.body = NULL};
    while (reel__children_next(&c, &part, NULL)) {
        bool senc = part.type == SENC || (part.uuid && !memcmp(part.uuid, piff_senc, 16));
        reel__part *to = senc ? &w->senc : part.type == SAIZ ? &w->saiz : part.type == SAIO ? &w->saio : NULL;
        if (to && !to->body && (senc || is_about_crypto(&part)))
            *to = part;
    }
}

static int come_to(reel__crypto_walk *w, const reel_sample *sample, reel_error *err)
{
    bool moved;
    int code = reel__home_move(&w->home, w->track, sample, &moved, err);
    if (code != REEL_OK || !moved)
        return code;
    find_boxes(w);
    reel__group_begin(&w->seig, w->track, &w->home, SEIG);
    memset(w->records, 0, sizeof w->records);
    w->sizes = (reel__records_at){0, 0};
    return REEL_OK;
}

int reel__crypto_of(reel__crypto_walk *w, const reel_sample *sample, reel_sample_crypto *out, reel_error *err)
{
    reel_protection p;
    char scheme[17];
    if (!out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no place for the answer");
    int code = come_to(w, sample, err);
    if (code == REEL_OK)
        code = defaults(w, sample, &p, err);
    if (code != REEL_OK)
        return code;
    memset(out, 0, sizeof *out);
    if (p.scheme && !p.has_tenc && !w->senc.body)
        return reel__fail(err, REEL_E_UNSUPPORTED, sample->offset, NULL, "'%s' does not say how a sample is encrypted",
                          reel_4cc_text(p.scheme, scheme));
    if (!p.is_protected && !w->senc.uuid)
        return REEL_END;
    out->scheme = p.scheme;
    out->crypt_blocks = p.crypt_blocks;
    out->skip_blocks = p.skip_blocks;
    if (!p.iv_size && p.constant_iv_size) {
        memcpy(out->iv, p.constant_iv, 16);
        out->iv_size = p.constant_iv_size;
        out->constant = 1;
    }
    if (w->senc.body)
        code = from_senc(w, &p, out, err);
    else if (w->saiz.body && w->saio.body)
        code = from_aux(w, &p, out, err);
    memcpy(out->kid, p.kid, 16);
    if (code == REEL_OK && !out->iv_size)
        return reel__fail(err, REEL_E_TABLE, sample->offset, NULL, "nothing says what its initialization vector is");
    return code;
}

int reel_track_sample_crypto(const reel_track *track, const reel_sample *sample, reel_sample_crypto *out, reel_error *err)
{
    reel__crypto_walk w = {.track = track};
    return reel__crypto_of(&w, sample, out, err);
}
