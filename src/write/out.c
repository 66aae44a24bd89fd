/* SPDX-License-Identifier: BSD-2-Clause */
#include "write/out.h"

#include <stdio.h>

#include "base/checked.h"

void reel__out_init(reel__out *o, const reel_allocator *alloc, size_t room)
{
    *o = (reel__out){.alloc = alloc ? *alloc : reel__malloc};
    if (room && !(o->data = reel__alloc(&o->alloc, room)))
        o->code = REEL_E_NOMEM;
    o->room = o->data ? room : 0;
}

void reel__out_free(reel__out *o)
{
    reel__free(&o->alloc, o->data);
    o->data = NULL;
    o->size = o->room = 0;
}

static bool grow(reel__out *o, size_t n)
{
    size_t need, room = o->room < 128 ? 256 : o->room;
    if (o->code != REEL_OK)
        return false;
    if (!reel__add(o->size, n, &need)) {
        o->code = REEL_E_NOMEM;
        return false;
    }
    while (room < need)
        room = room > SIZE_MAX / 2 ? need : room * 2;
    uint8_t *more = reel__realloc_array(&o->alloc, o->data, room, 1);
    if (!more) {
        o->code = REEL_E_NOMEM;
        return false;
    }
    o->data = more;
    o->room = room;
    return true;
}

uint8_t *reel__out_take(reel__out *o, size_t n)
{
    if (o->code != REEL_OK || (n > o->room - o->size && !grow(o, n)))
        return NULL;
    static uint8_t none; /* no bytes of no memory */
    if (!o->data)
        return &none;
    uint8_t *at = o->data + o->size;
    o->size += n;
    return at;
}

static void put(uint8_t *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

static void number(reel__out *o, uint64_t v, int bytes)
{
    uint8_t *p = reel__out_take(o, (size_t)bytes);
    if (p)
        put(p, v, bytes);
}

void reel__out_8(reel__out *o, uint8_t v) { number(o, v, 1); }
void reel__out_16(reel__out *o, uint16_t v) { number(o, v, 2); }
void reel__out_24(reel__out *o, uint32_t v) { number(o, v, 3); }
void reel__out_32(reel__out *o, uint32_t v) { number(o, v, 4); }
void reel__out_64(reel__out *o, uint64_t v) { number(o, v, 8); }

void reel__out_bytes(reel__out *o, const void *data, size_t n)
{
    uint8_t *p = reel__out_take(o, n);
    if (p && n)
        memcpy(p, data, n);
}

void reel__out_zeros(reel__out *o, size_t n)
{
    uint8_t *p = reel__out_take(o, n);
    if (p && n)
        memset(p, 0, n);
}

void reel__out_text(reel__out *o, const char *text) { reel__out_bytes(o, text, strlen(text)); }

void reel__out_format(reel__out *o, const char *format, ...)
{
    char line[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(line, sizeof line, format, args);
    if (n >= 0 && (size_t)n < sizeof line) {
        reel__out_bytes(o, line, (size_t)n);
    } else {
        uint8_t *p = n < 0 ? NULL : reel__out_take(o, (size_t)n + 1);
        if (p) {
            vsnprintf((char *)p, (size_t)n + 1, format, again);
            o->size--; /* its NUL */
        }
    }
    va_end(again);
    va_end(args);
}

void reel__out_box(reel__out *o, uint32_t type)
{
    if (o->depth == REEL__OUT_DEPTH) {
        o->code = o->code == REEL_OK ? REEL_E_BOX_LIMIT : o->code;
        return;
    }
    o->open[o->depth++] = o->size;
    reel__out_32(o, 0);
    reel__out_32(o, type);
}

void reel__out_full(reel__out *o, uint32_t type, uint8_t version, uint32_t flags)
{
    reel__out_box(o, type);
    reel__out_8(o, version);
    reel__out_24(o, flags);
}

void reel__out_end(reel__out *o)
{
    if (o->code != REEL_OK || o->depth == 0)
        return;
    size_t at = o->open[--o->depth], size = o->size - at;
    if (size > UINT32_MAX)
        o->code = REEL_E_BOX_SIZE;
    else
        put(o->data + at, size, 4);
}

void reel__out_set_32(reel__out *o, size_t at, uint32_t v)
{
    if (o->code == REEL_OK)
        put(o->data + at, v, 4);
}

void reel__out_set_64(reel__out *o, size_t at, uint64_t v)
{
    if (o->code == REEL_OK)
        put(o->data + at, v, 8);
}
