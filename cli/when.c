/* SPDX-License-Identifier: BSD-2-Clause */
/* when.c: times as people write them (12.5, 1:02:03.5, 90%, #250), and the edit list between them and samples. */
#include "cli.h"

#include <stdio.h>

enum { NANO = 1000000000, PERCENT_UNIT = 1000000 };

/* Digits; false when there are none or the number is above limit. */
static bool read_digits(const char **s, uint64_t limit, uint64_t *out)
{
    const char *at = *s;
    uint64_t v = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        v = v * 10 + (uint64_t)(*at - '0');
        if (v > limit)
            return false;
    }
    if (at == *s)
        return false;
    *s = at;
    *out = v;
    return true;
}

/* What stands behind a point, as parts of unit; digits finer than that are dropped. */
static bool read_fraction(const char **s, uint64_t unit, uint64_t *out)
{
    *out = 0;
    if (**s != '.')
        return true;
    const char *first = ++*s;
    for (; **s >= '0' && **s <= '9'; ++*s) {
        unit /= 10;
        *out += (uint64_t)(**s - '0') * unit;
    }
    return *s > first;
}

static bool parse_sample(const char *s, struct when *out)
{
    uint64_t v;
    if (!read_digits(&s, INT64_MAX / 16, &v) || *s)
        return false;
    *out = (struct when){WHEN_SAMPLE, (int64_t)v};
    return true;
}

bool when_parse(const char *s, struct when *out)
{
    uint64_t v, fraction, total = 0;
    if (*s == '#')
        return parse_sample(s + 1, out);
    int parts = 1;
    for (;; parts++) {
        if (parts > 3 || !read_digits(&s, parts > 1 ? 59 : UINT64_C(4000000000), &v))
            return false;
        total = total * 60 + v;
        if (*s != ':')
            break;
        s++;
    }
    if (total > UINT64_C(4000000000))
        return false;
    const char *point = s;
    if (!read_fraction(&s, NANO, &fraction))
        return false;
    if (*s == '%' && !s[1]) {
        read_fraction(&point, PERCENT_UNIT, &fraction);
        *out = (struct when){WHEN_PERCENT, (int64_t)(total * PERCENT_UNIT + fraction)};
        return parts == 1 && total * PERCENT_UNIT + fraction <= UINT64_C(100) * PERCENT_UNIT;
    }
    if (*s == 's' && !s[1])
        s++;
    *out = (struct when){WHEN_TIME, (int64_t)(total * NANO + fraction)};
    return *s == 0;
}

bool when_empty(const struct when *from, const struct when *to)
{
    return from->kind != WHEN_UNSET && from->kind == to->kind && from->value >= to->value;
}

char *seconds_format(int64_t ticks, uint32_t timescale, char buf[SECONDS_ROOM])
{
    int64_t v = reel_rescale(ticks, timescale, NANO);
    uint64_t ns = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, whole = ns / NANO;
    char digits[24], *first = digits + sizeof digits;
    do
        *--first = (char)('0' + whole % 10);
    while (whole /= 10);
    char *at = buf;
    if (v < 0)
        *at++ = '-';
    while (first < digits + sizeof digits)
        *at++ = *first++;
    uint64_t rest = ns % NANO;
    if (rest)
        *at++ = '.';
    for (uint64_t unit = NANO / 10; rest; unit /= 10) {
        *at++ = (char)('0' + rest / unit);
        rest %= unit;
    }
    return at;
}

void clock_format(int64_t ticks, uint32_t timescale, char buf[32])
{
    int64_t ms = reel_rescale(ticks, timescale, 1000);
    uint64_t v = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    snprintf(buf, 32, "%s%llu:%02u:%02u.%03u", ms < 0 ? "-" : "", (unsigned long long)(v / 3600000),
             (unsigned)(v / 60000 % 60), (unsigned)(v / 1000 % 60), (unsigned)(v % 1000));
}

void out_clock(struct out *o, int64_t ticks, uint32_t timescale)
{
    char buf[32];
    clock_format(ticks, timescale, buf);
    out_str(o, buf);
}

/* ticks * millionths of a percent, without overflow for any duration */
static int64_t part_of(int64_t ticks, int64_t millionths)
{
    const int64_t whole = 100 * (int64_t)PERCENT_UNIT;
    return ticks / whole * millionths + ticks % whole * millionths / whole;
}

static int sample_ticks(const reel_track *track, uint64_t index, int64_t *t, reel_error *err)
{
    reel_sample sample;
    int result = reel_track_sample(track, index, &sample, err);
    if (result != REEL_OK)
        return result;
    /* A sample that the edit list never shows keeps its own time. */
    if (reel_track_presentation_time(track, sample.pts, 0, t) != REEL_OK)
        *t = sample.pts;
    return REEL_OK;
}

int when_ticks(const struct when *w, const reel_track *track, int64_t *t, reel_error *err)
{
    if (w->kind == WHEN_SAMPLE)
        return sample_ticks(track, (uint64_t)w->value, t, err);
    if (w->kind == WHEN_TIME) {
        *t = reel_rescale(w->value, NANO, reel_track_timescale(track));
        return REEL_OK;
    }
    int64_t duration;
    int result = reel_track_presentation_duration(track, &duration, err);
    if (result == REEL_OK) {
        *t = part_of(duration, w->value);
        if (*t == duration && duration > 0)
            *t = duration - 1;
    }
    return result;
}

bool when_over(const reel_track *track, int64_t t, const reel_sample *shown, int64_t media_time)
{
    int64_t end;
    /* To ask how long a track is can take a walk through it, so only behind the end of what is shown. */
    return media_time > shown->pts && (uint64_t)media_time - (uint64_t)shown->pts >= shown->duration &&
           reel_track_presentation_duration(track, &end, NULL) == REEL_OK && t >= end;
}

int when_moment(const reel_track *track, int64_t t, reel_moment *out)
{
    int result = reel_track_media_time(track, t, out);
    for (size_t left = reel_track_edit_count(track); result == REEL_OK && out->kind == REEL_EDIT_EMPTY; left--) {
        if (left == 0 || out->left == REEL_TIME_FOREVER || out->left > INT64_MAX - t)
            return REEL_END;
        t += out->left;
        result = reel_track_media_time(track, t, out);
    }
    return result;
}
