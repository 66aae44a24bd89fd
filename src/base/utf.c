/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/utf.h"

#include <string.h>

enum { REPLACEMENT = 0xfffd, INVALID = 0x110000 };

/* Windows-1252 0x80..0x9f; what it leaves open stays what it is in Latin-1 */
static const uint16_t windows[32] = {
    0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178,
};

reel__text reel__text_of(reel_span span)
{
    static const uint8_t none[1];
    const uint8_t *s = span.size ? span.data : none;
    reel__text t = {s, s + span.size, REEL__UTF8};
    if (span.size >= 2 && s[0] == 0xfe && s[1] == 0xff) {
        t.encoding = REEL__UTF16BE;
        t.at += 2;
    } else if (span.size >= 2 && s[0] == 0xff && s[1] == 0xfe) {
        t.encoding = REEL__UTF16LE;
        t.at += 2;
    } else if (span.size >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
        t.at += 3;
    }
    return t;
}

static unsigned following(uint8_t lead)
{
    return lead < 0x80 ? 0 : lead >= 0xc0 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2
                           : lead >= 0xf0 && lead < 0xf8 ? 3
                                                         : 9;
}

static uint32_t next_utf8(reel__text *t)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t c = *t->at++;
    unsigned more = following(c);
    if (more == 0)
        return c;
    if (more == 9)
        return INVALID;
    const uint8_t *s = t->at;
    uint32_t point = c & (0x3fu >> more);
    for (unsigned i = 0; i < more; i++, s++) {
        if (s == t->end || (*s & 0xc0) != 0x80)
            return INVALID;
        point = point << 6 | (*s & 0x3f);
    }
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return INVALID;
    t->at = s;
    return point;
}

static bool unit16(const reel__text *t, uint32_t *unit)
{
    if (t->end - t->at < 2)
        return false;
    *unit = t->encoding == REEL__UTF16LE ? (uint32_t)(t->at[1] << 8 | t->at[0]) : (uint32_t)(t->at[0] << 8 | t->at[1]);
    return true;
}

static uint32_t next_utf16(reel__text *t)
{
    uint32_t high, low;
    if (!unit16(t, &high)) {
        t->at = t->end;
        return INVALID;
    }
    t->at += 2;
    if (high < 0xd800 || high >= 0xe000)
        return high;
    if (high >= 0xdc00 || !unit16(t, &low) || low < 0xdc00 || low >= 0xe000)
        return INVALID;
    t->at += 2;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static uint32_t next_latin(reel__text *t)
{
    uint8_t c = *t->at++;
    return c >= 0x80 && c < 0xa0 ? windows[c - 0x80] : c;
}

static uint32_t next(reel__text *t)
{
    return t->encoding == REEL__UTF8 ? next_utf8(t) : t->encoding == REEL__LATIN ? next_latin(t) : next_utf16(t);
}

bool reel__text_next(reel__text *t, uint32_t *point)
{
    if (t->at == t->end)
        return false;
    uint32_t p = next(t);
    *point = p == INVALID ? REPLACEMENT : p;
    return true;
}

bool reel__text_valid(reel__text t)
{
    while (t.at < t.end)
        if (next(&t) == INVALID)
            return false;
    return true;
}

size_t reel__utf8(uint32_t point, char buf[4])
{
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    if (point < 0x80) {
        buf[0] = (char)point;
        return 1;
    }
    size_t n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = n; --i > 0; point >>= 6)
        buf[i] = (char)(0x80 | (point & 0x3f));
    buf[0] = (char)(lead[n] | point);
    return n;
}

bool reel__is_command(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}
