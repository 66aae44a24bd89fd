/* SPDX-License-Identifier: BSD-2-Clause */
/*
 *     pieces    at      0        812        700812 ...      in order; the next one's `at` is this one's end
 *               from    memory   48 of 0    memory
 *     owned     ─> block ─> block                           copies, and what box writers made
 */
#include "write/plan.h"

#include "base/checked.h"
#include "source/source.h"

enum { IN_MEMORY = -1, WORTH_A_PAGE = 256 * REEL__PAGE, WORTH_MORE = 256 * REEL__UNIT };

typedef struct piece {
    uint64_t at;
    union {
        const uint8_t *data; /* source IN_MEMORY */
        uint64_t offset;
    } from;
    int32_t source;
} piece;

struct block {
    struct block *next;
    void *data;
};

struct reel_plan {
    reel_allocator alloc;
    piece *piece;
    size_t count, room;
    uint64_t size;
    reel_source **source;
    size_t sources, source_room;
    struct block *owned;
};

static int no_memory(reel_error *err)
{
    return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
}

int reel_plan_new(const reel_allocator *alloc, reel_plan **out, reel_error *err)
{
    if (!out)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no place for the plan");
    if (!alloc)
        alloc = &reel__malloc;
    reel_plan *p = reel__alloc_zero(alloc, sizeof *p);
    if (!p)
        return no_memory(err);
    p->alloc = *alloc;
    *out = p;
    return REEL_OK;
}

void reel_plan_close(reel_plan **plan)
{
    if (!plan || !*plan)
        return;
    reel_plan *p = *plan;
    const reel_allocator alloc = p->alloc;
    for (struct block *b = p->owned, *next; b; b = next) {
        next = b->next;
        reel__free(&alloc, b->data);
        reel__free(&alloc, b);
    }
    for (size_t i = 0; i < p->sources; i++)
        reel_source_unref(&p->source[i]);
    reel__free(&alloc, p->source);
    reel__free(&alloc, p->piece);
    reel__free(&alloc, p);
    *plan = NULL;
}

/* The array, with room for one more; NULL: no memory, and it stays what it was. */
static void *with_room(const reel_plan *p, void *array, size_t *room, size_t count, size_t each)
{
    if (count < *room)
        return array;
    size_t more = *room ? *room * 2 : 8;
    void *grown = reel__realloc_array(&p->alloc, array, more, each);
    *room = grown ? more : *room;
    return grown;
}

/* Does a piece of this source at this offset go on where the last one ends? */
static bool goes_on(const reel_plan *p, int32_t source, uint64_t offset)
{
    if (p->count == 0 || source == IN_MEMORY)
        return false;
    const piece *last = &p->piece[p->count - 1];
    return last->source == source && last->from.offset + (p->size - last->at) == offset;
}

static int add(reel_plan *p, piece new, uint64_t size, reel_error *err)
{
    uint64_t end;
    if (!reel__add(p->size, size, &end) || end > INT64_MAX)
        return reel__fail(err, REEL_E_RANGE, REEL_NO_OFFSET, NULL, "the plan is longer than any file can be");
    if (size && !goes_on(p, new.source, new.from.offset)) {
        piece *list = with_room(p, p->piece, &p->room, p->count, sizeof *p->piece);
        if (!list)
            return no_memory(err);
        p->piece = list;
        new.at = p->size;
        p->piece[p->count++] = new;
    }
    p->size = end;
    return REEL_OK;
}

int reel_plan_add_memory(reel_plan *plan, const void *data, size_t size, reel_error *err)
{
    if (!plan || (!data && size))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no plan, or no bytes");
    return add(plan, (piece){.from.data = data, .source = IN_MEMORY}, size, err);
}

/* The plan owns data from now on, also when it fails. */
static int own(reel_plan *plan, void *data, reel_error *err)
{
    struct block *b = reel__alloc(&plan->alloc, sizeof *b);
    if (!b) {
        reel__free(&plan->alloc, data);
        return no_memory(err);
    }
    *b = (struct block){plan->owned, data};
    plan->owned = b;
    return REEL_OK;
}

int reel_plan_add_copy(reel_plan *plan, const void *data, size_t size, reel_error *err)
{
    if (!plan || (!data && size))
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no plan, or no bytes");
    if (!size)
        return REEL_OK;
    void *copy = reel__alloc(&plan->alloc, size);
    if (!copy)
        return no_memory(err);
    memcpy(copy, data, size);
    int code = own(plan, copy, err);
    return code == REEL_OK ? reel_plan_add_memory(plan, copy, size, err) : code;
}

int reel__plan_keep_out(reel_plan *plan, reel__out *o, reel_error *err)
{
    int code = o->code;
    uint8_t *data = o->data;
    if (code != REEL_OK) {
        reel__out_free(o);
        return reel__fail(err, code, REEL_NO_OFFSET, NULL, "%s", reel_code_text(code));
    }
    o->data = NULL;
    reel__out_free(o);
    return data ? own(plan, data, err) : REEL_OK;
}

int reel__plan_add_out(reel_plan *plan, reel__out *o, reel_error *err)
{
    size_t size = o->size;
    const uint8_t *data = o->data;
    int code = reel__plan_keep_out(plan, o, err);
    return code == REEL_OK && size ? reel_plan_add_memory(plan, data, size, err) : code;
}

int reel__plan_of_out(reel__out *o, reel_plan **out, reel_error *err)
{
    reel_plan *plan = NULL;
    int code = reel_plan_new(&o->alloc, &plan, err);
    if (code == REEL_OK && plan)
        code = reel__plan_add_out(plan, o, err);
    else
        reel__out_free(o);
    if (code == REEL_OK)
        *out = plan;
    else
        reel_plan_close(&plan);
    return code;
}

static int number_of(reel_plan *p, reel_source *source, int32_t *number, reel_error *err)
{
    for (size_t i = p->sources; i-- > 0;)
        if (p->source[i] == source) {
            *number = (int32_t)i;
            return REEL_OK;
        }
    reel_source **list = with_room(p, p->source, &p->source_room, p->sources, sizeof(reel_source *));
    if (!list || p->sources == INT32_MAX)
        return no_memory(err);
    p->source = list;
    *number = (int32_t)p->sources;
    p->source[p->sources++] = reel_source_ref(source);
    return REEL_OK;
}

int reel_plan_add_source(reel_plan *plan, reel_source *source, uint64_t offset, uint64_t size, reel_error *err)
{
    int32_t number = IN_MEMORY;
    if (!plan || !source)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no plan, or no source");
    uint64_t there = reel_source_size(source);
    if (offset > there || size > there - offset)
        return reel__fail(err, REEL_E_TRUNCATED, offset, NULL, "%llu bytes from here go past the end of the file",
                          (unsigned long long)size);
    int code = number_of(plan, source, &number, err);
    return code == REEL_OK ? add(plan, (piece){.from.offset = offset, .source = number}, size, err) : code;
}

int reel_plan_add_plan(reel_plan *plan, const reel_plan *more, reel_error *err)
{
    reel_piece p;
    if (!plan || !more)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no plan, or none to add");
    int code = REEL_OK;
    for (uint64_t at = 0; code == REEL_OK && reel_plan_piece(more, at, UINT64_MAX, &p) == REEL_OK; at += p.size)
        code = p.data ? reel_plan_add_copy(plan, p.data, (size_t)p.size, err)
                      : reel_plan_add_source(plan, reel_plan_source(more, p.source), p.offset, p.size, err);
    return code;
}

uint64_t reel_plan_size(const reel_plan *plan) { return plan ? plan->size : 0; }
size_t reel_plan_count(const reel_plan *plan) { return plan ? plan->count : 0; }

reel_source *reel_plan_source(const reel_plan *plan, size_t i)
{
    return plan && i < plan->sources ? plan->source[i] : NULL;
}

/* The last piece that begins at or before at; there is one. */
static size_t piece_at(const reel_plan *p, uint64_t at)
{
    size_t low = 0, high = p->count - 1;
    while (low < high) {
        size_t mid = low + (high - low + 1) / 2;
        if (p->piece[mid].at <= at)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

int reel_plan_piece(const reel_plan *plan, uint64_t at, uint64_t end, reel_piece *out)
{
    if (!plan || !out)
        return REEL_E_ARG;
    end = REEL__MIN(end, plan->size);
    if (at >= end)
        return REEL_END;
    size_t i = piece_at(plan, at);
    const piece *p = &plan->piece[i];
    uint64_t stop = i + 1 < plan->count ? plan->piece[i + 1].at : plan->size, into = at - p->at;
    *out = (reel_piece){.at = at, .size = REEL__MIN(stop, end) - at};
    if (p->source == IN_MEMORY) {
        out->data = p->from.data + into;
    } else {
        out->offset = p->from.offset + into;
        out->source = (size_t)p->source;
    }
    return REEL_OK;
}

static void put_number(uint8_t *to, uint64_t n, int bytes)
{
    while (bytes--)
        *to++ = (uint8_t)(n >> 8 * bytes);
}

/* ISO/IEC 14496-12:2022 4.2.2 */
int reel__plan_add_header(reel_plan *plan, uint32_t type, uint64_t size, reel_error *err)
{
    uint8_t head[16];
    bool wide = size > UINT32_MAX;
    put_number(head, wide ? 1 : size, 4);
    put_number(head + 4, type, 4);
    put_number(head + 8, size, 8);
    return reel_plan_add_copy(plan, head, wide ? 16 : 8, err);
}

uint64_t reel__plan_padding(uint64_t at, uint64_t offset, uint64_t bytes)
{
    uint64_t unit = bytes >= WORTH_MORE ? REEL__UNIT : bytes >= WORTH_A_PAGE ? REEL__PAGE : 1, pad = (offset - at) % unit;
    return pad && pad < 8 ? pad + unit : pad;
}

/* ISO/IEC 14496-12:2022 8.1.2 */
int reel__plan_add_padding(reel_plan *plan, uint64_t size, reel_error *err)
{
    static const uint8_t nothing[REEL__PAGE];
    int code = size ? reel__plan_add_header(plan, REEL_4CC('f', 'r', 'e', 'e'), size, err) : REEL_OK;
    for (uint64_t left = size ? size - 8 : 0, n; left && code == REEL_OK; left -= n) {
        n = REEL__MIN(left, (uint64_t)sizeof nothing);
        code = reel_plan_add_memory(plan, nothing, (size_t)n, err);
    }
    return code;
}
