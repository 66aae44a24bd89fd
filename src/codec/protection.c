/* SPDX-License-Identifier: BSD-2-Clause */
/* sinf: ISO/IEC 14496-12:2022 8.12; tenc: ISO/IEC 23001-7 8.2 */
#include "codec/codec.h"

static void read_tenc(reel_protection *p, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 4);
    uint8_t pattern = reel__u8(&r);
    p->is_protected = reel__u8(&r);
    p->iv_size = reel__u8(&r);
    const uint8_t *kid = reel__take(&r, 16);
    if (!kid)
        return;
    memcpy(p->kid, kid, 16);
    if (version >= 1) {
        p->crypt_blocks = pattern >> 4;
        p->skip_blocks = pattern & 15;
    }
    if (p->is_protected && p->iv_size == 0) {
        uint8_t size = reel__u8(&r);
        const uint8_t *iv = size <= 16 ? reel__take(&r, size) : NULL;
        if (iv) {
            p->constant_iv_size = size;
            memcpy(p->constant_iv, iv, size);
        }
    }
}

/* PIFF 1.1, 5.3.3: the track encryption box as a uuid box */
static const uint8_t piff_tenc[16] = {0x89, 0x74, 0xdb, 0xce, 0x7b, 0xe7, 0x4c, 0x51,
                                      0x84, 0xf9, 0x71, 0x48, 0xf9, 0x88, 0x25, 0x54};

static void read_schi(reel_protection *p, const reel__part *schi)
{
    reel__children c = reel__children_of(schi->body, schi->size, schi->offset, NULL);
    reel__part box;
    while (reel__children_next(&c, &box, NULL))
        if (box.type == REEL_4CC('t', 'e', 'n', 'c') || (box.uuid && !memcmp(box.uuid, piff_tenc, 16))) {
            read_tenc(p, &box);
            return;
        }
}

/* Of several sinf the first counts, unless it names no scheme that a later one does. */
int reel__read_sinf(entry *e, const reel__part *sinf)
{
    reel_protection p = {0};
    reel__children c = reel__children_of(sinf->body, sinf->size, sinf->offset, NULL);
    reel__part box;
    while (reel__children_next(&c, &box, NULL)) {
        reel__reader r = reel__part_reader(&box);
        if (box.type == REEL_4CC('f', 'r', 'm', 'a')) {
            p.original_format = reel__u32(&r);
        } else if (box.type == REEL_4CC('s', 'c', 'h', 'm')) {
            reel__skip(&r, 4);
            p.scheme = reel__u32(&r);
            p.scheme_version = reel__u32(&r);
        } else if (box.type == REEL_4CC('s', 'c', 'h', 'i')) {
            read_schi(&p, &box);
        }
    }
    if (!p.original_format)
        return reel__config_damaged(e, sinf, "it has no frma: the original format is not known");
    if (!e->d->protection.original_format || (!e->d->protection.scheme && p.scheme))
        e->d->protection = p;
    return REEL_OK;
}
