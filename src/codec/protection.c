/* SPDX-License-Identifier: BSD-2-Clause */
/* sinf: ISO/IEC 14496-12:2022 8.12; tenc: ISO/IEC 23001-7:2023 8.2 */
#include "codec/codec.h"

enum { MOST_BOXES = 64 };

/* ISO/IEC 23001-7:2023 8.2: version and flags are part of box here */
static int read_tenc(const reel__reading *g, reel_protection *p, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 4);
    uint8_t pattern = reel__u8(&r);
    p->is_protected = reel__u8(&r);
    p->iv_size = reel__u8(&r);
    const uint8_t *kid = reel__take(&r, 16);
    if (kid)
        memcpy(p->kid, kid, 16);
    p->has_tenc = kid != NULL;
    if (version >= 1) {
        p->crypt_blocks = pattern >> 4;
        p->skip_blocks = pattern & 15;
    }
    if (p->iv_size && p->iv_size != 8 && p->iv_size != 16)
        return reel__config_damaged(g, box, "initialization vectors of %u bytes", p->iv_size);
    if (!r.bad && p->is_protected && p->iv_size == 0) {
        uint8_t size = reel__u8(&r);
        if (!r.bad && size != 8 && size != 16)
            return reel__config_damaged(g, box, "a constant IV of %u bytes", size);
        const uint8_t *iv = reel__take(&r, size);
        if (iv)
            memcpy(p->constant_iv, iv, size);
        p->constant_iv_size = iv ? size : 0;
    }
    return reel__config_done(g, box, &r);
}

/* PIFF 1.1 5.3.3: AlgorithmID takes the place of the reserved bytes, so that the rest reads alike. */
static const uint8_t piff_tenc[16] = {0x89, 0x74, 0xdb, 0xce, 0x7b, 0xe7, 0x4c, 0x51,
                                      0x84, 0xf9, 0x71, 0x48, 0xf9, 0x88, 0x25, 0x54};

static int read_schi(const reel__reading *g, reel_protection *p, const reel__part *schi)
{
    reel__children c = reel__children_of(schi->body, schi->size, schi->offset + schi->header, NULL);
    reel__part box;
    for (int n = 0; n < MOST_BOXES && reel__children_next(&c, &box, NULL); n++)
        if (box.type == REEL_4CC('t', 'e', 'n', 'c') || (box.uuid && !memcmp(box.uuid, piff_tenc, 16)))
            return read_tenc(g, p, &box);
    return REEL_OK;
}

static int read_one(const reel__reading *g, reel_protection *p, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    switch (box->type) {
    case REEL_4CC('f', 'r', 'm', 'a'):
        p->original_format = reel__u32(&r);
        break;
    case REEL_4CC('s', 'c', 'h', 'm'):
        reel__skip(&r, 4);
        p->scheme = reel__u32(&r);
        p->scheme_version = reel__u32(&r);
        break;
    case REEL_4CC('s', 'c', 'h', 'i'):
        return read_schi(g, p, box);
    default:
        break;
    }
    return reel__config_done(g, box, &r);
}

/* A scheme that says how to decrypt is worth more than one that only has a name, and any scheme more than none.
 */
static int worth(const reel_protection *p)
{
    return (p->scheme != 0) + 2 * (p->scheme != 0 && p->is_protected != 0);
}

/* One sinf a scheme; of several the first of those that say most counts. */
int reel__read_sinf(reel__reading *g, const reel__part *sinf)
{
    reel_protection p;
    memset(&p, 0, sizeof p);
    reel__children c = reel__children_of(sinf->body, sinf->size, sinf->offset + sinf->header, NULL);
    reel__part box;
    int code = REEL_OK;
    for (int n = 0; n < MOST_BOXES && code == REEL_OK && reel__children_next(&c, &box, NULL); n++)
        code = read_one(g, &p, &box);
    if (code == REEL_OK && !p.original_format)
        code = reel__config_damaged(g, sinf, "it has no frma: the original format is not known");
    if (!g->d->protection.original_format || worth(&p) > worth(&g->d->protection))
        g->d->protection = p;
    return code;
}
