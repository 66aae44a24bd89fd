/* SPDX-License-Identifier: BSD-2-Clause */
#include "box/body.h"

#include "base/checked.h"
#include "source/source.h"

void reel__body_init(reel__body *b, reel_source *source, uint64_t at, uint64_t end, reel_error *err)
{
    b->source = source;
    b->at = at;
    b->end = REEL__MAX(at, end);
    b->bit = 0;
    b->window = NULL;
    b->window_at = 0;
    b->window_size = 0;
    b->err = err;
}

int reel__body_peek(reel__body *b, size_t n, const uint8_t **data)
{
    if (b->window && b->at >= b->window_at && b->at - b->window_at <= b->window_size &&
        n <= b->window_size - (b->at - b->window_at)) {
        *data = b->window + (b->at - b->window_at);
        return REEL_OK;
    }
    size_t size = (size_t)REEL__MIN(reel__body_left(b), (uint64_t)REEL__WINDOW);
    b->window = NULL;
    int code = reel_source_read(b->source, b->at, b->buf, size, b->err);
    if (code != REEL_OK)
        return code;
    b->window_at = b->at;
    b->window_size = size;
    *data = b->window = b->buf;
    return REEL_OK;
}

int reel__body_bits(reel__body *b, unsigned bits, uint64_t *value)
{
    unsigned bytes = (b->bit + bits + 7) / 8;
    *value = 0;
    if (bits == 0)
        return REEL_OK;
    if (bytes > reel__body_left(b))
        return REEL_END;
    const uint8_t *p;
    int code = reel__body_peek(b, bytes, &p);
    if (code != REEL_OK)
        return code;
    for (unsigned left = bits; left;) {
        unsigned here = REEL__MIN(left, 8 - b->bit);
        unsigned part = *p >> (8 - b->bit - here) & ((1u << here) - 1);
        *value = *value << here | part;
        left -= here;
        b->bit += here;
        if (b->bit == 8) {
            b->bit = 0;
            b->at++;
            p++;
        }
    }
    return REEL_OK;
}

int reel__body_text(reel__body *b, uint64_t *length)
{
    uint64_t start = b->at;
    while (b->at < b->end) {
        const uint8_t *p;
        size_t n = (size_t)REEL__MIN(reel__body_left(b), (uint64_t)REEL__WINDOW);
        int code = reel__body_peek(b, n, &p);
        if (code != REEL_OK)
            return code;
        const uint8_t *nul = memchr(p, 0, n);
        b->at += nul ? (size_t)(nul - p) : n;
        if (nul)
            break;
    }
    *length = b->at - start;
    b->at = start;
    return REEL_OK;
}

void reel__body_align(reel__body *b)
{
    if (b->bit) {
        b->bit = 0;
        b->at++;
    }
}

void reel__body_skip(reel__body *b, uint64_t n) { b->at += REEL__MIN(n, reel__body_left(b)); }
