/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of WebVTT as SubRip has it. W3C WebVTT, 6.4 and 4.2.2: tags and character references. */
#include "base/bytes.h"
#include "write/vtt.h"

enum { LONGEST_TAG = 256 };

/* "39;" or "x27;" behind "&#": the character, 0 when there is none. Steps over it. */
static uint32_t take_number(reel_text *text)
{
    const uint8_t *at = text->at + 1;
    uint32_t base = 10, point = 0, digits = 0;
    if (at < text->end && (*at | 0x20) == 'x') {
        base = 16;
        at++;
    }
    for (; at < text->end && point < 0x110000; at++, digits++) {
        uint32_t digit = *at, letter = *at | 0x20u;
        digit = digit >= '0' && digit <= '9' ? digit - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : base;
        if (digit >= base)
            break;
        point = point * base + digit;
    }
    if (!digits || at == text->end || *at != ';' || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return 0;
    text->at = at + 1;
    return point;
}

/* The character that an entity of WebVTT at the head of text stands for; 0: none. Steps over it. */
static uint32_t take_entity(reel_text *text)
{
    static const struct {
        const char *name;
        uint32_t point;
    } entities[] = {{"amp;", '&'},    {"lt;", '<'},     {"gt;", '>'},   {"nbsp;", 0xa0},
                    {"lrm;", 0x200e}, {"rlm;", 0x200f}, {"quot;", '"'}, {"apos;", '\''}};
    if (text->at < text->end && *text->at == '#')
        return take_number(text);
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        size_t n = strlen(entities[i].name);
        if ((size_t)(text->end - text->at) >= n && !memcmp(text->at, entities[i].name, n)) {
            text->at += n;
            return entities[i].point;
        }
    }
    return 0;
}

/* A tag of WebVTT, of which text stands behind the '<': steps over it. name: b, i or u, 0 for all others. */
static bool take_tag(reel_text *text, char *name, bool *closing)
{
    size_t left = (size_t)(text->end - text->at);
    const uint8_t *at = text->at, *end = memchr(at, '>', left < LONGEST_TAG ? left : LONGEST_TAG);
    if (!end)
        return false;
    *closing = *at == '/';
    at += *closing;
    bool timestamp = *at >= '0' && *at <= '9', word = (*at | 0x20) >= 'a' && (*at | 0x20) <= 'z';
    if (!timestamp && !word && at != end)
        return false;
    bool alone = at < end && (at + 1 == end || at[1] == '.' || at[1] == ' ');
    *name = alone && (*at == 'b' || *at == 'i' || *at == 'u') ? (char)*at : 0;
    text->at = end + 1;
    return true;
}

void reel__vtt_as_subrip(reel__vtt_text *t, reel_text *text)
{
    uint32_t point;
    char name;
    bool closing;
    while (reel_text_next(text, &point)) {
        if (point == '<' && take_tag(text, &name, &closing)) {
            if (name)
                reel__vtt_tag(t, name, closing);
            continue;
        }
        uint32_t entity = point == '&' ? take_entity(text) : 0;
        reel__vtt_put(t, entity ? entity : point);
    }
}
