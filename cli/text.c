/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c: UTF-8, UTF-16 and MacRoman as code points; nothing in a file can make this produce bad UTF-8. */
#include "cli.h"

#include <string.h>

enum { REPLACEMENT = 0xfffd };

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

void text_init(struct text *t, reel_span span, uint32_t encoding)
{
    const uint8_t *s = span.data;
    t->at = s;
    t->end = span.size ? s + span.size : s;
    t->encoding = encoding == TEXT_GUESS ? TEXT_UTF8 : encoding;
    if (encoding == TEXT_MACROMAN)
        return;
    if (span.size >= 2 && s[0] == 0xfe && s[1] == 0xff) {
        t->encoding = TEXT_UTF16BE;
        t->at += 2;
    } else if (span.size >= 2 && s[0] == 0xff && s[1] == 0xfe) {
        t->encoding = TEXT_UTF16LE;
        t->at += 2;
    } else if (span.size >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
        t->at += 3;
    }
}

static uint32_t next_utf8(struct text *t)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t c = *t->at++;
    unsigned more = c < 0x80 ? 0 : c >= 0xf0 && c < 0xf8 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 9;
    if (more == 0)
        return c;
    if (more == 9 || c >= 0xf8)
        return REPLACEMENT;
    const uint8_t *s = t->at;
    uint32_t point = c & (0x3fu >> more);
    for (unsigned i = 0; i < more; i++, s++) {
        if (s == t->end || (*s & 0xc0) != 0x80)
            return REPLACEMENT;
        point = point << 6 | (*s & 0x3f);
    }
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return REPLACEMENT;
    t->at = s;
    return point;
}

static bool unit16(const struct text *t, uint32_t *unit)
{
    if (t->end - t->at < 2)
        return false;
    *unit = t->encoding == TEXT_UTF16LE ? (uint32_t)(t->at[1] << 8 | t->at[0])
                                        : (uint32_t)(t->at[0] << 8 | t->at[1]);
    return true;
}

static uint32_t next_utf16(struct text *t)
{
    uint32_t high, low;
    if (!unit16(t, &high)) {
        t->at = t->end;
        return REPLACEMENT;
    }
    t->at += 2;
    if (high < 0xd800 || high >= 0xe000)
        return high;
    if (high >= 0xdc00 || !unit16(t, &low) || low < 0xdc00 || low >= 0xe000)
        return REPLACEMENT;
    t->at += 2;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

bool text_next(struct text *t, uint32_t *point)
{
    if (t->at == t->end)
        return false;
    if (t->encoding == TEXT_MACROMAN) {
        uint8_t c = *t->at++;
        *point = c < 0x80 ? c : macroman[c - 0x80];
    } else if (t->encoding == TEXT_UTF8) {
        *point = next_utf8(t);
    } else {
        *point = next_utf16(t);
    }
    return true;
}

/* Controls of C0 and C1, the two ends of lines, and the marks that turn the writing direction round. */
bool text_is_command(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

size_t text_put_utf8(uint32_t point, char buf[4])
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

/* Levenshtein, one row at a time; long words are not worth a guess. */
unsigned text_distance(const char *a, const char *b)
{
    enum { LONGEST = 32 };
    unsigned row[LONGEST + 1];
    size_t n = strlen(b);
    if (n > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= n; j++)
        row[j] = (unsigned)j;
    for (size_t i = 0; a[i]; i++) {
        unsigned corner = row[0];
        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < n; j++) {
            unsigned change = corner + (a[i] != b[j]);
            unsigned step = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            corner = row[j + 1];
            row[j + 1] = change < step ? change : step;
        }
    }
    return row[n];
}
