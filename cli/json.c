/* SPDX-License-Identifier: BSD-2-Clause */
/* json.c: JSON as it goes out, nothing kept but a bit for each level. What it writes is always valid UTF-8. */
#include "cli.h"

#include <math.h>
#include <string.h>

void json_init(struct json *j, struct out *out, bool pretty)
{
    *j = (struct json){.out = out, .pretty = pretty};
}

static void put_point(struct out *o, uint32_t point)
{
    static const char names[] = "\"\"\\\\\nn\rr\tt\bb\ff";
    char buf[4];
    for (const char *s = names; *s; s += 2)
        if (point == (uint8_t)*s) {
            out_bytes(o, (char[2]){'\\', s[1]}, 2);
            return;
        }
    if (reel_text_is_command(point))
        out_f(o, "\\u%04x", (unsigned)point);
    else
        out_bytes(o, buf, reel_text_utf8(point, buf));
}

static void put_string(struct out *o, reel_span span, uint32_t encoding)
{
    reel_text t;
    uint32_t point;
    reel_text_init(&t, span, encoding);
    out_str(o, "\"");
    while (reel_text_next(&t, &point))
        put_point(o, point);
    out_str(o, "\"");
}

static reel_span span_of(const char *s)
{
    return (reel_span){(const uint8_t *)s, strlen(s)};
}

/* The comma, the line and the key in front of a member. */
static void begin_member(struct json *j, const char *key)
{
    uint64_t bit = UINT64_C(1) << (j->depth & 63);
    bool inlined = (j->inlined & bit) || !j->pretty;
    if (j->some & bit)
        out_str(j->out, inlined && j->pretty ? ", " : ",");
    j->some |= bit;
    if (!inlined && j->depth > 0) {
        out_str(j->out, "\n");
        out_spaces(j->out, 2 * (size_t)j->depth);
    }
    if (key) {
        put_string(j->out, span_of(key), REEL_UTF8);
        out_str(j->out, j->pretty ? ": " : ":");
    }
}

static void open_level(struct json *j, const char *key, const char *bracket, bool inlined)
{
    begin_member(j, key);
    uint64_t was = j->inlined >> (j->depth & 63) & 1;
    j->depth++;
    uint64_t bit = UINT64_C(1) << (j->depth & 63);
    j->some &= ~bit;
    j->inlined = inlined || was ? j->inlined | bit : j->inlined & ~bit;
    out_str(j->out, bracket);
}

void json_object(struct json *j, const char *key)
{
    open_level(j, key, "{", false);
}

void json_array(struct json *j, const char *key)
{
    open_level(j, key, "[", false);
}

void json_list(struct json *j, const char *key)
{
    open_level(j, key, "[", true);
}

void json_close(struct json *j, char bracket)
{
    uint64_t bit = UINT64_C(1) << (j->depth & 63);
    bool broken = (j->some & bit) && !(j->inlined & bit) && j->pretty;
    j->depth--;
    if (broken) {
        out_str(j->out, "\n");
        out_spaces(j->out, 2 * (size_t)j->depth);
    }
    out_bytes(j->out, &bracket, 1);
    if (j->depth == 0) {
        out_str(j->out, "\n");
        j->some = 0;
    }
}

void json_u64(struct json *j, const char *key, uint64_t v)
{
    begin_member(j, key);
    out_u64(j->out, v);
}

void json_seconds(struct json *j, const char *key, int64_t ticks, uint32_t timescale)
{
    char buf[SECONDS_ROOM];
    begin_member(j, key);
    out_bytes(j->out, buf, (size_t)(seconds_format(ticks, timescale, buf) - buf));
}

void json_i64(struct json *j, const char *key, int64_t v)
{
    begin_member(j, key);
    out_i64(j->out, v);
}

void json_real(struct json *j, const char *key, double v)
{
    begin_member(j, key);
    if (isfinite(v))
        out_f(j->out, "%.9g", v);
    else
        out_str(j->out, "null");
}

void json_bool(struct json *j, const char *key, bool v)
{
    begin_member(j, key);
    out_str(j->out, v ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
    begin_member(j, key);
    out_str(j->out, "null");
}

void json_text(struct json *j, const char *key, reel_span text, uint32_t encoding)
{
    begin_member(j, key);
    put_string(j->out, text, encoding);
}

void json_str(struct json *j, const char *key, const char *s)
{
    json_text(j, key, span_of(s), REEL_UTF8);
}

void json_4cc(struct json *j, const char *key, uint32_t fourcc)
{
    char buf[17];
    json_str(j, key, reel_4cc_text(fourcc, buf));
}

void json_uuid(struct json *j, const char *key, const uint8_t id[16])
{
    begin_member(j, key);
    out_str(j->out, "\"");
    out_uuid(j->out, id);
    out_str(j->out, "\"");
}

void json_hex(struct json *j, const char *key, const uint8_t *data, size_t n)
{
    begin_member(j, key);
    out_str(j->out, "\"");
    for (size_t i = 0; i < n; i++)
        out_f(j->out, "%02x", data[i]);
    out_str(j->out, "\"");
}
