/* SPDX-License-Identifier: BSD-2-Clause */
/* Big-endian loads from anywhere, and the sticky bounded reader that every box is read with. */
#ifndef REEL_BASE_BYTES_H
#define REEL_BASE_BYTES_H

#include <string.h>

#include <reel/base.h>

static inline uint16_t reel__be16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static inline uint32_t reel__be24(const uint8_t *p) { return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]; }

static inline uint32_t reel__be32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap32(v);
#endif
    return v;
}

static inline uint64_t reel__be64(const uint8_t *p)
{
    return (uint64_t)reel__be32(p) << 32 | reel__be32(p + 4);
}

/*
 * The reader: past the end it yields 0 and remembers that it did; test `bad` at the few places where it matters.
 * It never goes back and never leaves [p, end).
 */
typedef struct reel__reader {
    const uint8_t *p, *end;
    bool bad;
} reel__reader;

static inline reel__reader reel__read(const uint8_t *data, size_t size)
{
    static const uint8_t none[1];
    const uint8_t *p = data ? data : none;
    return (reel__reader){p, p + (data ? size : 0), false};
}

static inline size_t reel__left(const reel__reader *r) { return (size_t)(r->end - r->p); }

/* n bytes, or NULL (and bad) when there are not that many. */
static inline const uint8_t *reel__take(reel__reader *r, size_t n)
{
    if (n > reel__left(r)) {
        r->bad = true;
        r->p = r->end;
        return NULL;
    }
    const uint8_t *p = r->p;
    r->p += n;
    return p;
}

static inline void reel__skip(reel__reader *r, size_t n) { (void)reel__take(r, n); }

static inline uint8_t reel__u8(reel__reader *r)
{
    const uint8_t *p = reel__take(r, 1);
    return p ? *p : 0;
}

static inline uint16_t reel__u16(reel__reader *r)
{
    const uint8_t *p = reel__take(r, 2);
    return p ? reel__be16(p) : 0;
}

static inline uint32_t reel__u24(reel__reader *r)
{
    const uint8_t *p = reel__take(r, 3);
    return p ? reel__be24(p) : 0;
}

static inline uint32_t reel__u32(reel__reader *r)
{
    const uint8_t *p = reel__take(r, 4);
    return p ? reel__be32(p) : 0;
}

static inline uint64_t reel__u64(reel__reader *r)
{
    const uint8_t *p = reel__take(r, 8);
    return p ? reel__be64(p) : 0;
}

/* 64 bits when wide, else 32: the times of versioned boxes. */
static inline uint64_t reel__u32_or_64(reel__reader *r, bool wide) { return wide ? reel__u64(r) : reel__u32(r); }

/* What is left, as a span; the reader is then at its end. */
static inline reel_span reel__rest(reel__reader *r)
{
    reel_span s = {r->p, reel__left(r)};
    r->p = r->end;
    return s;
}

#endif
