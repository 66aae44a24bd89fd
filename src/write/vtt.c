/* SPDX-License-Identifier: BSD-2-Clause */
#include "write/vtt.h"

enum { LONGEST_LINE = 4096 };

static void clock(reel__out *o, uint64_t ms, char point)
{
    reel__out_format(o, "%02llu:%02u:%02u%c%03u", (unsigned long long)(ms / 3600000), (unsigned)(ms / 60000 % 60),
                     (unsigned)(ms / 1000 % 60), point, (unsigned)(ms % 1000));
}

void reel__vtt_times(reel__out *o, uint64_t start_ms, uint64_t end_ms, char point)
{
    clock(o, start_ms, point);
    reel__out_text(o, " --> ");
    clock(o, end_ms, point);
}

void reel__vtt_text_begin(reel__vtt_text *t, reel__out *o, bool plain)
{
    *t = (reel__vtt_text){.out = o, .plain = plain, .fresh = true};
}

static void put_break(reel__vtt_text *t)
{
    if (t->broken)
        reel__out_8(t->out, '\n');
    t->broken = false;
}

static const char *escape_of(reel__vtt_text *t, uint32_t point)
{
    bool arrow = point == '>' && t->dashes >= 2;
    t->dashes = point == '-' ? t->dashes + 1 : 0;
    if (t->bare || (!t->plain && !arrow))
        return NULL;
    return point == '&' ? "&amp;" : point == '<' ? "&lt;" : point == '>' ? "&gt;" : NULL;
}

static bool is_control(uint32_t point)
{
    return (point < 0x20 && point != '\t') || (point >= 0x7f && point < 0xa0);
}

void reel__vtt_put(reel__vtt_text *t, uint32_t point)
{
    char buf[4];
    if (point == '\n' || point == '\r') {
        t->broken |= !t->fresh;
        t->fresh = true;
        t->dashes = 0;
        return;
    }
    if (is_control(point))
        return;
    put_break(t);
    const char *escape = escape_of(t, point);
    if (escape)
        reel__out_text(t->out, escape);
    else
        reel__out_bytes(t->out, buf, reel_text_utf8(point, buf));
    t->any = true;
    t->fresh = false;
}

void reel__vtt_face(reel__vtt_text *t, uint32_t face)
{
    static const char names[] = "biu";
    if (face == t->face)
        return;
    for (int i = 2; i >= 0; i--)
        if (t->face >> i & 1)
            reel__out_format(t->out, "</%c>", names[i]);
    put_break(t);
    for (int i = 0; i < 3; i++)
        if (face >> i & 1)
            reel__out_format(t->out, "<%c>", names[i]);
    t->face = face;
    t->dashes = 0;
}

void reel__vtt_tag(reel__vtt_text *t, char name, bool closing)
{
    if (!closing)
        put_break(t);
    reel__out_format(t->out, "<%s%c>", closing ? "/" : "", name);
}

void reel__vtt_text_end(reel__vtt_text *t)
{
    t->broken = false;
    reel__vtt_face(t, 0);
    reel__out_text(t->out, t->any ? "\n\n" : "\n");
}

size_t reel__vtt_line(reel__out *o, reel_span span)
{
    reel_text text = reel__text_of(span);
    uint32_t point, dashes = 0;
    size_t n = 0;
    char buf[4];
    while (n < LONGEST_LINE && reel_text_next(&text, &point) && point != '\n' && point != '\r') {
        if (reel_text_is_command(point) || (point == '>' && dashes >= 2))
            continue;
        dashes = point == '-' ? dashes + 1 : 0;
        size_t bytes = reel_text_utf8(point, buf);
        reel__out_bytes(o, buf, bytes);
        n += bytes;
    }
    return n;
}
