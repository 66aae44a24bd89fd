/* SPDX-License-Identifier: BSD-2-Clause */
/* What an encrypted traf has beside its samples: ISO/IEC 23001-7 6 and 7, ISO/IEC 14496-12:2022 8.9. */
#include "base/checked.h"
#include "meta/crypto.h"
#include "write/moof.h"

#define F(a, b, c, d) REEL_4CC(a, b, c, d)

/* ---- sample groups of type seig: other keys than tenc's, stretches in the clear ---- */

enum { MOST_KEYS = 32, LOCAL = 0x10000 };

typedef struct keys {
    reel_span entry[MOST_KEYS];
    uint32_t n;
    uint32_t group, count; /* the run of samples that is being counted; group from 1, 0: what tenc says */
    uint32_t runs;
} keys;

/* The number of that entry, from 1; 0: there are more than a traf should have. */
static uint32_t number_of(keys *k, reel_span entry)
{
    for (uint32_t i = 0; i < k->n; i++)
        if (k->entry[i].size == entry.size && !memcmp(k->entry[i].data, entry.data, entry.size))
            return i + 1;
    if (k->n == MOST_KEYS)
        return 0;
    k->entry[k->n] = entry;
    return ++k->n;
}

static void put_run(reel__out *o, keys *k)
{
    if (k->count && o) {
        reel__out_32(o, k->count);
        reel__out_32(o, k->group ? LOCAL + k->group : 0);
    }
    k->runs += k->count != 0;
    k->count = 0;
}

/* Every sample's group, in runs. o NULL: only counted. */
static int each_group(reel__out *o, const reel__write_traf *t, keys *k, reel_error *err)
{
    reel__traf_walk w;
    reel__home home = {.number = 0};
    reel__group_walk groups;
    reel_span entry = {NULL, 0};
    uint32_t group = 0;
    bool moved = false;
    int code = reel__traf_walk_begin(&w, t, err);
    k->runs = k->count = 0;
    for (uint64_t i = 0; i < t->count && code == REEL_OK; i++) {
        const reel_sample *s = reel__traf_walk_next(&w, &code, err);
        if (s)
            code = reel__home_move(&home, t->track, s, &moved, err);
        if (code == REEL_OK && moved)
            reel__group_begin(&groups, t->track, &home, F('s', 'e', 'i', 'g'));
        if (code == REEL_OK)
            code = reel__group_of(&groups, home.number, &group, &entry, err);
        if (code != REEL_OK)
            break;
        uint32_t number = group && entry.data ? number_of(k, entry) : 0;
        if (group && entry.data && !number)
            return reel__fail(err, REEL_E_UNSUPPORTED, REEL_NO_OFFSET, NULL, "more than %d keys in one segment", MOST_KEYS);
        if (number != k->group)
            put_run(o, k);
        k->group = number;
        k->count++;
    }
    if (code == REEL_OK)
        put_run(o, k);
    return code;
}

static int write_groups(reel__out *o, const reel__write_traf *t, reel_error *err)
{
    keys k = {.n = 0};
    int code = each_group(NULL, t, &k, err);
    if (code != REEL_OK || k.n == 0)
        return code;
    reel__out_full(o, F('s', 'g', 'p', 'd'), 1, 0);
    reel__out_32(o, F('s', 'e', 'i', 'g'));
    reel__out_32(o, 0); /* each entry says how long it is */
    reel__out_32(o, k.n);
    for (uint32_t i = 0; i < k.n; i++) {
        reel__out_32(o, (uint32_t)k.entry[i].size);
        reel__out_bytes(o, k.entry[i].data, k.entry[i].size);
    }
    reel__out_end(o);
    reel__out_full(o, F('s', 'b', 'g', 'p'), 0, 0);
    reel__out_32(o, F('s', 'e', 'i', 'g'));
    reel__out_32(o, k.runs);
    k.group = 0;
    code = each_group(o, t, &k, err);
    reel__out_end(o);
    return code;
}

/* ---- senc, saiz, saio ---- */

/* What is said of the samples of a traf, one record after the other. */
typedef struct records {
    reel__out *o;
    bool any, subsamples; /* is there one that says anything; does one have subsamples */
} records;

static uint32_t subsamples_of(const reel_sample_crypto *k) { return k->subsamples ? k->subsample_count : 0; }

typedef int (*record_taker)(records *r, const reel_sample_crypto *k, reel_error *err);

static int each_record(records *r, const reel__write_traf *t, record_taker take, reel_error *err)
{
    reel__traf_walk w;
    reel__crypto_walk secrets = {.track = t->track};
    reel_sample_crypto k = {.constant = 1};
    int code = reel__traf_walk_begin(&w, t, err);
    for (uint64_t i = 0; i < t->count && code == REEL_OK; i++) {
        const reel_sample *s = reel__traf_walk_next(&w, &code, err);
        if (s)
            code = reel__crypto_of(&secrets, s, &k, err);
        if (code == REEL_END) {
            k = (reel_sample_crypto){.constant = 1};
            code = REEL_OK;
        }
        if (code == REEL_OK)
            code = take(r, &k, err);
    }
    return code;
}

static int look_at(records *r, const reel_sample_crypto *k, reel_error *err)
{
    (void)err;
    r->any |= !k->constant || k->subsamples;
    r->subsamples |= k->subsamples != NULL;
    return REEL_OK;
}

static int put_record(records *r, const reel_sample_crypto *k, reel_error *err)
{
    if (!k->constant)
        reel__out_bytes(r->o, k->iv, k->iv_size);
    if (!r->subsamples)
        return REEL_OK;
    if (subsamples_of(k) > UINT16_MAX)
        return reel__fail(err, REEL_E_UNSUPPORTED, REEL_NO_OFFSET, NULL, "a sample has more subsamples than senc can hold");
    reel__out_16(r->o, (uint16_t)subsamples_of(k));
    reel__out_bytes(r->o, k->subsamples, 6 * (size_t)subsamples_of(k));
    return REEL_OK;
}

static int put_size(records *r, const reel_sample_crypto *k, reel_error *err)
{
    size_t size = (k->constant ? 0 : k->iv_size) + (r->subsamples ? 2 + 6 * (size_t)subsamples_of(k) : 0);
    if (size > UINT8_MAX)
        return reel__fail(err, REEL_E_UNSUPPORTED, REEL_NO_OFFSET, NULL, "a sample has more subsamples than saiz can say");
    reel__out_8(r->o, (uint8_t)size);
    return REEL_OK;
}

int reel__write_encryption(reel__out *o, const reel__write_traf *t, size_t moof, reel_error *err)
{
    reel_description d;
    records r = {.o = o};
    int code = reel_track_description(t->track, t->description, &d, err);
    if (code != REEL_OK || !d.protection.has_tenc)
        return code;
    code = write_groups(o, t, err);
    if (code == REEL_OK)
        code = each_record(&r, t, look_at, err);
    if (code != REEL_OK || !r.any)
        return code;
    reel__out_full(o, F('s', 'e', 'n', 'c'), 0, r.subsamples ? 2 : 0);
    reel__out_32(o, (uint32_t)t->count);
    size_t at = o->size;
    code = each_record(&r, t, put_record, err);
    reel__out_end(o);
    reel__out_full(o, F('s', 'a', 'i', 'z'), 0, 0);
    reel__out_8(o, 0);
    reel__out_32(o, (uint32_t)t->count);
    if (code == REEL_OK)
        code = each_record(&r, t, put_size, err);
    reel__out_end(o);
    reel__out_full(o, F('s', 'a', 'i', 'o'), 0, 0);
    reel__out_32(o, 1);
    reel__out_32(o, (uint32_t)(at - moof));
    reel__out_end(o);
    return code;
}
