/* SPDX-License-Identifier: BSD-2-Clause */
/* out.c: standard output through one buffer, complaints on standard error, and the progress bar. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRAP_COLUMN = 100 };

void out_init(struct out *o, int fd, int color)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool plain = (no && *no) || (term && !strcmp(term, "dumb"));
    o->fd = fd;
    o->error = 0;
    o->take = NULL;
    o->n = 0;
    o->color = color == COLOR_ALWAYS || (color == COLOR_AUTO && !plain && isatty(fd));
}

void out_init_take(struct out *o, int (*take)(void *user, const void *data, size_t n), void *user)
{
    o->fd = -1;
    o->error = 0;
    o->n = 0;
    o->color = false;
    o->take = take;
    o->user = user;
}

static void write_all(struct out *o, const char *data, size_t n)
{
    if (o->take && n > 0 && !o->error) {
        o->error = o->take(o->user, data, n);
        return;
    }
    while (n > 0 && !o->error) {
        ssize_t done = write(o->fd, data, n);
        if (done < 0 && errno != EINTR)
            o->error = errno;
        if (done > 0) {
            data += done;
            n -= (size_t)done;
        }
    }
}

void out_flush(struct out *o)
{
    write_all(o, o->buf, o->n);
    o->n = 0;
}

void out_bytes(struct out *o, const void *data, size_t n)
{
    if (n > sizeof o->buf - o->n)
        out_flush(o);
    if (n > sizeof o->buf) {
        write_all(o, data, n);
        return;
    }
    memcpy(o->buf + o->n, data, n);
    o->n += n;
}

void out_str(struct out *o, const char *s)
{
    out_bytes(o, s, strlen(s));
}

void out_f(struct out *o, const char *format, ...)
{
    char line[1024];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (n > 0)
        out_bytes(o, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* Digits of v at the end of buf; gives where they begin. */
static char *digits(uint64_t v, char *end)
{
    do
        *--end = (char)('0' + v % 10);
    while (v /= 10);
    return end;
}

static void put_right(struct out *o, const char *s, size_t n, size_t width)
{
    if (n < width)
        out_spaces(o, width - n);
    out_bytes(o, s, n);
}

void out_u64_right(struct out *o, uint64_t v, size_t width)
{
    char buf[24], *end = buf + sizeof buf, *s = digits(v, end);
    put_right(o, s, (size_t)(end - s), width);
}

void out_i64_right(struct out *o, int64_t v, size_t width)
{
    char buf[24], *end = buf + sizeof buf, *s = digits(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, end);
    if (v < 0)
        *--s = '-';
    put_right(o, s, (size_t)(end - s), width);
}

void out_u64(struct out *o, uint64_t v)
{
    out_u64_right(o, v, 0);
}

void out_i64(struct out *o, int64_t v)
{
    out_i64_right(o, v, 0);
}

void out_spaces(struct out *o, size_t n)
{
    static const char blank[] = "                                ";
    for (; n > sizeof blank - 1; n -= sizeof blank - 1)
        out_bytes(o, blank, sizeof blank - 1);
    out_bytes(o, blank, n);
}

void out_style(struct out *o, enum style style)
{
    static const char *const codes[] = {"\033[0m", "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[32m"};
    if (o->color)
        out_str(o, codes[style]);
}

void out_wrapped(struct out *o, const char *text, size_t column, size_t indent)
{
    while (*text) {
        size_t blanks = strspn(text, " "), word = strcspn(text + blanks, " ");
        if (blanks && column + blanks + word > WRAP_COLUMN && column > indent) {
            out_str(o, "\n");
            out_spaces(o, indent);
            text += blanks;
            blanks = 0;
            column = indent;
        }
        out_text(o, (reel_span){(const uint8_t *)text, blanks + word}, REEL_UTF8);
        column += blanks + word;
        text += blanks + word;
    }
}

void out_size(struct out *o, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        out_f(o, "%u bytes", (unsigned)bytes);
        return;
    }
    double v = (double)bytes / 1000;
    size_t i = 0;
    for (; v >= 999.95 && i + 1 < sizeof units / sizeof *units; i++)
        v /= 1000;
    out_f(o, v < 99.95 ? "%.1f %s" : "%.0f %s", v, units[i]);
}

void out_grouped(struct out *o, uint64_t v)
{
    char buf[24], *end = buf + sizeof buf, *s = digits(v, end);
    for (; s < end; s++) {
        out_bytes(o, s, 1);
        if ((end - s) % 3 == 1 && end - s > 1)
            out_str(o, ",");
    }
}

void out_uuid(struct out *o, const uint8_t id[16])
{
    for (int i = 0; i < 16; i++)
        out_f(o, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
}

static size_t put_harmless(uint32_t point, char buf[4])
{
    if (point == '\n' || point == '\r' || point == '\t')
        point = ' ';
    return reel_text_utf8(reel_text_is_command(point) ? 0xfffd : point, buf);
}

void out_text(struct out *o, reel_span span, uint32_t encoding)
{
    reel_text t;
    uint32_t point;
    char buf[4] = {0};
    reel_text_init(&t, span, encoding);
    while (reel_text_next(&t, &point))
        out_bytes(o, buf, put_harmless(point, buf));
}

void out_name(struct out *o, const char *name)
{
    out_text(o, (reel_span){(const uint8_t *)name, strlen(name)}, REEL_UTF8);
}

void complain(const char *name, const char *format, ...)
{
    char line[2048], clean[2 * sizeof line];
    reel_text t;
    uint32_t point;
    va_list list;
    size_t n = 0, at = (size_t)snprintf(line, sizeof line / 2, "reel: %s", *name ? name : "\"\"");
    at = at < sizeof line / 2 ? at : sizeof line / 2 - 1;
    at += (size_t)snprintf(line + at, 3, ": ");
    va_start(list, format);
    vsnprintf(line + at, sizeof line - at, format, list);
    va_end(list);
    reel_text_init(&t, (reel_span){(const uint8_t *)line, strlen(line)}, REEL_UTF8);
    while (n + 4 < sizeof clean && reel_text_next(&t, &point))
        n += put_harmless(point, clean + n);
    fprintf(stderr, "%.*s\n", (int)n, clean);
}

void progress_start(struct progress *p, bool printing)
{
    p->on = isatty(STDERR_FILENO) && !(printing && isatty(STDOUT_FILENO));
    p->shown = false;
    clock_gettime(CLOCK_MONOTONIC, &p->start);
    p->last = p->start;
}

static double seconds_between(const struct timespec *a, const struct timespec *b)
{
    return (double)(b->tv_sec - a->tv_sec) + (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

void progress_step(struct progress *p, uint64_t done, uint64_t total)
{
    static const char bar[] = "########################################";
    struct timespec now;
    if (!p->on || total == 0)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (seconds_between(&p->start, &now) < 1 || seconds_between(&p->last, &now) < 0.1)
        return;
    double part = done < total ? (double)done / (double)total : 1;
    fprintf(stderr, "\r[%-40.*s] %3.0f%%", (int)(part * 40), bar, part * 100);
    fflush(stderr);
    p->last = now;
    p->shown = true;
}

void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
    p->on = p->shown = false;
}
