/* SPDX-License-Identifier: BSD-2-Clause */
/* Buffers and frames: who holds what, and what becomes of it when the last lets go. */
#include <string.h>

#include "frame/base/fail.h"
#include "frame/base/memory.h"
#include "frame/pool/room.h"

/* ---- buffers ---- */

reel_buffer *reel_buffer_ref(reel_buffer *buffer)
{
    if (buffer)
        atomic_fetch_add_explicit(&buffer->holders, 1, memory_order_relaxed);
    return buffer;
}

static void foreign_gone(reel_buffer *b)
{
    reel_allocator a = b->u.foreign.alloc;
    if (b->u.foreign.free_data)
        b->u.foreign.free_data(b->u.foreign.user, b->data);
    a.resize(a.user, b, 0);
}

static inline void buffer_let_go(reel_buffer *b)
{
    if (!reel__let_go(&b->holders))
        return;
    if (b->pool)
        reel__pool_give(b->pool, b);
    else
        foreign_gone(b);
}

void reel_buffer_unref(reel_buffer **buffer)
{
    reel_buffer *b = buffer ? *buffer : NULL;
    if (!b)
        return;
    *buffer = NULL;
    buffer_let_go(b);
}

uint8_t *reel_buffer_data(const reel_buffer *buffer) { return buffer ? buffer->data : NULL; }
size_t reel_buffer_size(const reel_buffer *buffer) { return buffer ? buffer->size : 0; }

unsigned reel_buffer_holders(const reel_buffer *buffer)
{
    return buffer ? atomic_load_explicit(&buffer->holders, memory_order_acquire) : 0;
}

static reel_buffer *foreign_new(void *data, size_t size, const reel_allocator *alloc)
{
    const reel_allocator *a = alloc ? alloc : &reel__frame_malloc;
    reel_buffer *b = a->resize(a->user, NULL, sizeof *b);
    if (!b)
        return NULL;
    memset(b, 0, sizeof *b);
    atomic_init(&b->holders, 1);
    b->data = data;
    b->size = size;
    b->u.foreign.alloc = *a;
    return b;
}

int reel_buffer_wrap(void *data, size_t size, void (*free_data)(void *user, void *data), void *user,
                     const reel_allocator *alloc, reel_buffer **out, reel_error *err)
{
    if (!out || (!data && size))
        return reel__frame_fail(err, REEL_E_ARG, "a buffer needs memory, and a place for the result");
    reel_buffer *b = foreign_new(data, size, alloc);
    if (!b)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for the header of a buffer");
    b->u.foreign.free_data = free_data;
    b->u.foreign.user = user;
    *out = b;
    return REEL_OK;
}

/* ---- frames ---- */

reel_frame *reel_frame_ref(reel_frame *frame)
{
    if (frame)
        atomic_fetch_add_explicit(&((reel__frame *)frame)->holders, 1, memory_order_relaxed);
    return frame;
}

void reel_frame_unref(reel_frame **frame)
{
    reel__frame *f = frame ? (reel__frame *)*frame : NULL;
    if (!f)
        return;
    *frame = NULL;
    /* Read before letting go: then a header within the buffer may serve another holder of it at once. */
    reel_buffer *b = f->pub.buffer;
    bool own = f->own_memory;
    if (!reel__let_go(&f->holders))
        return;
    if (own) {
        const reel_allocator *a = b->pool ? &b->pool->alloc : &b->u.foreign.alloc;
        a->resize(a->user, f, 0);
    }
    buffer_let_go(b);
}

unsigned reel_frame_holders(const reel_frame *frame)
{
    return frame ? atomic_load_explicit(&((const reel__frame *)frame)->holders, memory_order_acquire) : 0;
}

void reel__frame_fill(reel_frame *f, reel_buffer *buffer, const reel_layout *l)
{
    for (uint32_t i = 0; i < REEL_PLANES; i++) {
        f->data[i] = i < l->format.planes ? buffer->data + l->offset[i] : NULL;
        f->stride[i] = (ptrdiff_t)l->stride[i];
    }
    f->width = l->width;
    f->height = l->height;
    f->format = l->format.id;
    f->planes = l->format.planes;
    f->pts = 0;
    f->duration = 0;
    f->timescale = 0;
    f->flags = 0;
    f->primaries = f->transfer = f->matrix = 2;
    f->full_range = f->chroma_location = 0;
    f->sar_width = f->sar_height = 0;
    f->sample_rate = 0;
    f->channel_mask = 0;
    f->opaque = NULL;
    f->buffer = buffer;
}

/* The header within the buffer when nobody uses it, else a new one. */
static reel__frame *header_over(reel_buffer *b)
{
    unsigned free_one = 0;
    if (atomic_compare_exchange_strong_explicit(&b->frame.holders, &free_one, 1, memory_order_acquire,
                                                memory_order_relaxed))
        return &b->frame;
    const reel_allocator *a = b->pool ? &b->pool->alloc : &b->u.foreign.alloc;
    reel__frame *f = a->resize(a->user, NULL, sizeof *f);
    if (f) {
        atomic_init(&f->holders, 1);
        f->own_memory = true;
    }
    return f;
}

int reel_frame_over(reel_buffer *buffer, const reel_layout *layout, reel_frame **out, reel_error *err)
{
    if (!buffer || !layout || !out)
        return reel__frame_fail(err, REEL_E_ARG, "a frame needs a buffer, a layout, and a place for the result");
    if (layout->size > buffer->size)
        return reel__frame_fail(err, REEL_E_RANGE, "a layout of %zu bytes over a buffer of %zu", layout->size,
                                buffer->size);
    reel__frame *f = header_over(buffer);
    if (!f)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for the header of a frame");
    reel__frame_fill(&f->pub, reel_buffer_ref(buffer), layout);
    *out = &f->pub;
    return REEL_OK;
}

static bool planes_are_there(const reel_frame *like)
{
    if (like->planes < 1 || like->planes > REEL_PLANES || !like->width || !like->height)
        return false;
    for (uint32_t i = 0; i < like->planes; i++)
        if (!like->data[i])
            return false;
    return true;
}

int reel_frame_wrap(const reel_frame *like, void (*free_data)(void *user, void *data), void *user,
                    const reel_allocator *alloc, reel_frame **out, reel_error *err)
{
    if (!like || !out || !planes_are_there(like))
        return reel__frame_fail(err, REEL_E_ARG, "a frame needs planes with data, a width and a height");
    reel_buffer *b = foreign_new(like->data[0], 0, alloc);
    if (!b)
        return reel__frame_fail(err, REEL_E_NOMEM, "no memory for the header of a frame");
    b->u.foreign.free_data = free_data;
    b->u.foreign.user = user;
    atomic_init(&b->frame.holders, 1);
    b->frame.pub = *like;
    b->frame.pub.buffer = b;
    *out = &b->frame.pub;
    return REEL_OK;
}

size_t reel_frame_alignment(const reel_frame *frame)
{
    size_t least = frame && frame->planes ? SIZE_MAX : 0;
    for (uint32_t i = 0; frame && i < frame->planes && i < REEL_PLANES; i++) {
        size_t n = reel_layout_alignment(frame->data[i], frame->stride[i]);
        least = n < least ? n : least;
    }
    return least;
}
