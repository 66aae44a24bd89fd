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

/* Mac OS Roman 0x80..0xff */
static const uint16_t macroman[128] = {
    0x00c4, 0x00c5, 0x00c7, 0x00c9, 0x00d1, 0x00d6, 0x00dc, 0x00e1, 0x00e0, 0x00e2, 0x00e4, 0x00e3, 0x00e5, 0x00e7,
    0x00e9, 0x00e8, 0x00ea, 0x00eb, 0x00ed, 0x00ec, 0x00ee, 0x00ef, 0x00f1, 0x00f3, 0x00f2, 0x00f4, 0x00f6, 0x00f5,
    0x00fa, 0x00f9, 0x00fb, 0x00fc, 0x2020, 0x00b0, 0x00a2, 0x00a3, 0x00a7, 0x2022, 0x00b6, 0x00df, 0x00ae, 0x00a9,
    0x2122, 0x00b4, 0x00a8, 0x2260, 0x00c6, 0x00d8, 0x221e, 0x00b1, 0x2264, 0x2265, 0x00a5, 0x00b5, 0x2202, 0x2211,
    0x220f, 0x03c0, 0x222b, 0x00aa, 0x00ba, 0x03a9, 0x00e6, 0x00f8, 0x00bf, 0x00a1, 0x00ac, 0x221a, 0x0192, 0x2248,
    0x2206, 0x00ab, 0x00bb, 0x2026, 0x00a0, 0x00c0, 0x00c3, 0x00d5, 0x0152, 0x0153, 0x2013, 0x2014, 0x201c, 0x201d,
    0x2018, 0x2019, 0x00f7, 0x25ca, 0x00ff, 0x0178, 0x2044, 0x20ac, 0x2039, 0x203a, 0xfb01, 0xfb02, 0x2021, 0x00b7,
    0x201a, 0x201e, 0x2030, 0x00c2, 0x00ca, 0x00c1, 0x00cb, 0x00c8, 0x00cd, 0x00ce, 0x00cf, 0x00cc, 0x00d3, 0x00d4,
    0xf8ff, 0x00d2, 0x00da, 0x00db, 0x00d9, 0x0131, 0x02c6, 0x02dc, 0x00af, 0x02d8, 0x02d9, 0x02da, 0x00b8, 0x02dd,
    0x02db, 0x02c7,
};

void reel_text_init(reel_text *t, reel_span span, uint32_t encoding)
{
    static const uint8_t none[1];
    const uint8_t *s = span.size ? span.data : none;
    *t = (reel_text){s, s + span.size, encoding};
    if (encoding == REEL_MACROMAN || encoding == REEL_WINDOWS_1252)
        return;
    if (span.size >= 2 && s[0] == 0xfe && s[1] == 0xff) {
        t->encoding = REEL_UTF16BE;
        t->at += 2;
    } else if (span.size >= 2 && s[0] == 0xff && s[1] == 0xfe) {
        t->encoding = REEL_UTF16LE;
        t->at += 2;
    } else if (span.size >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
        t->at += 3;
    }
}

static unsigned following(uint8_t lead)
{
    return lead < 0x80 ? 0 : lead >= 0xc0 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2
                           : lead >= 0xf0 && lead < 0xf8 ? 3
                                                         : 9;
}

static uint32_t next_utf8(reel_text *t)
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

static bool unit16(const reel_text *t, uint32_t *unit)
{
    if (t->end - t->at < 2)
        return false;
    *unit = t->encoding == REEL_UTF16LE ? (uint32_t)(t->at[1] << 8 | t->at[0]) : (uint32_t)(t->at[0] << 8 | t->at[1]);
    return true;
}

static uint32_t next_utf16(reel_text *t)
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

static uint32_t next_windows(reel_text *t)
{
    uint8_t c = *t->at++;
    return c >= 0x80 && c < 0xa0 ? windows[c - 0x80] : c;
}

static uint32_t next_macroman(reel_text *t)
{
    uint8_t c = *t->at++;
    return c < 0x80 ? c : macroman[c - 0x80];
}

static uint32_t next(reel_text *t)
{
    switch (t->encoding) {
    case REEL_UTF16BE:
    case REEL_UTF16LE:
        return next_utf16(t);
    case REEL_MACROMAN:
        return next_macroman(t);
    case REEL_WINDOWS_1252:
        return next_windows(t);
    default:
        return next_utf8(t);
    }
}

bool reel_text_next(reel_text *t, uint32_t *point)
{
    if (t->at >= t->end)
        return false;
    uint32_t p = next(t);
    *point = p == INVALID ? REPLACEMENT : p;
    return true;
}

bool reel__text_valid(reel_text t)
{
    while (t.at < t.end)
        if (next(&t) == INVALID)
            return false;
    return true;
}

size_t reel_text_utf8(uint32_t point, char buf[4])
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

bool reel_text_is_command(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}
