/* SPDX-License-Identifier: BSD-2-Clause */
#include "item/directory.h"

#include <stdlib.h>

enum { MOST_RECORDS = 1 << 18 };

/* All lists, one behind the other, each sorted by id. */
typedef struct directory {
    reel__item_boxes boxes;
    size_t begin[REEL__LISTS + 1];
    reel__record at[];
} directory;

/* While they grow. */
typedef struct list {
    reel__record *at;
    size_t n, room;
} list;

typedef struct builder {
    const reel_movie *m;
    reel__item_boxes boxes;
    list of[REEL__LISTS];
    bool nomem;
} builder;

/* false: that was one too many, or there is no memory. */
static bool put(builder *b, reel__list which, reel__record r)
{
    list *l = &b->of[which];
    if (l->n == MOST_RECORDS)
        return false;
    if (l->n == l->room) {
        size_t room = l->room ? l->room * 2 : 16;
        reel__record *more = reel__realloc_array(&b->m->alloc, l->at, room, sizeof *more);
        if (!more) {
            b->nomem = true;
            return false;
        }
        l->at = more;
        l->room = room;
    }
    l->at[l->n++] = r;
    return true;
}

reel__children reel__item_entries(const reel__part *iinf)
{
    if (iinf->size < 4)
        return reel__children_of(NULL, 0, 0, NULL);
    size_t skip = REEL__MIN(iinf->size, (size_t)(iinf->body[0] == 0 ? 6 : 8));
    return reel__children_of(iinf->body + skip, iinf->size - skip, iinf->offset + iinf->header + skip, NULL);
}

bool reel__next_infe(reel__children *c, reel__part *out)
{
    while (reel__children_next(c, out, NULL))
        if (out->type == REEL_4CC('i', 'n', 'f', 'e') && out->size >= 6)
            return true;
    return false;
}

/* ISO/IEC 14496-12:2022 8.11.6 */
static void list_items(builder *b)
{
    reel__children c = reel__item_entries(&b->boxes.iinf);
    reel__part infe;
    for (uint32_t i = 0; i < REEL__MOST_ITEMS && reel__next_infe(&c, &infe); i++) {
        const uint8_t *at = infe.body - infe.header;
        if (!put(b, REEL__NUMBERED, (reel__record){.id = i, .p = at}) ||
            !put(b, REEL__NAMED, (reel__record){.id = reel__infe_id(&infe), .p = at}))
            return;
    }
}

/* 8.11.3 */
static void list_locations(builder *b)
{
    reel__location l;
    reel__reader r;
    uint32_t n, id;
    if (!reel__iloc_begin(b->m, &b->boxes.iloc, &r, &l, &n))
        return;
    for (; n; n--) {
        const uint8_t *p;
        bool whole = reel__iloc_next(b->m, &b->boxes.iloc, &r, &l, &id, &p);
        if (r.bad || !put(b, REEL__LOCATED, (reel__record){.id = id, .p = p}) || !whole)
            return;
    }
}

/* 8.11.14: one ipma */
static bool list_associations(builder *b, const reel__part *ipma)
{
    reel__reader r = reel__part_reader(ipma);
    uint8_t version = reel__u8(&r);
    bool wide = reel__u24(&r) & 1;
    for (uint32_t items = reel__u32(&r); items && !r.bad; items--) {
        uint32_t id = version ? reel__u32(&r) : reel__u16(&r), count = reel__u8(&r), each = wide ? 2 : 1;
        if (r.bad)
            return true;
        uint32_t there = (uint32_t)REEL__MIN((size_t)count, reel__left(&r) / each);
        if (there && !put(b, REEL__ASSOCIATED, (reel__record){.id = id, .count = there, .p = r.p, .wide = wide}))
            return false;
        reel__skip(&r, count * each);
    }
    return true;
}

static void list_properties(builder *b)
{
    const reel__part *ipco = &b->boxes.ipco, *iprp = &b->boxes.iprp;
    reel__part part;
    reel__children c = reel__children_of(ipco->body, ipco->size, ipco->offset + ipco->header, NULL);
    for (uint32_t i = 1; reel__children_next(&c, &part, NULL); i++)
        if (!put(b, REEL__PROPERTY, (reel__record){.id = i, .p = part.body - part.header}))
            break;
    c = reel__children_of(iprp->body, iprp->size, iprp->offset + iprp->header, NULL);
    while (reel__children_next(&c, &part, NULL))
        if (part.type == REEL_4CC('i', 'p', 'm', 'a') && !list_associations(b, &part))
            return;
}

/* 8.11.12: each child is one list of references from one item */
static void list_references(builder *b)
{
    const reel__part *iref = &b->boxes.iref;
    reel__part part;
    if (iref->size < 4)
        return;
    bool wide = iref->body[0] >= 1;
    reel__children c = reel__children_of(iref->body + 4, iref->size - 4, 0, NULL);
    while (reel__children_next(&c, &part, NULL)) {
        reel__reader r = reel__part_reader(&part);
        uint32_t from = wide ? reel__u32(&r) : reel__u16(&r), count = reel__u16(&r);
        count = (uint32_t)REEL__MIN((size_t)count, reel__left(&r) / (wide ? 4 : 2));
        reel__record made = {.id = from, .count = count, .type = part.type, .p = r.p, .wide = wide};
        if (!r.bad && count && !put(b, REEL__REFERRING, made))
            return;
    }
}

static int by_id(const void *a, const void *b)
{
    const reel__record *x = a, *y = b;
    return x->id != y->id ? (x->id > y->id) - (x->id < y->id) : (x->p > y->p) - (x->p < y->p);
}

static void sort(reel__record *at, size_t n)
{
    if (n)
        qsort(at, n, sizeof *at, by_id);
    for (size_t i = 1; i < n; i++)
        if (at[i].id == at[i - 1].id)
            at[i].first = at[i - 1].first + at[i - 1].count;
}

static directory *put_together(const builder *b)
{
    size_t n = 0;
    for (int i = 0; i < REEL__LISTS; i++)
        n += b->of[i].n;
    directory *d = reel__alloc(&b->m->alloc, sizeof *d + n * sizeof *d->at);
    if (!d)
        return NULL;
    d->boxes = b->boxes;
    d->begin[0] = 0;
    for (int i = 0; i < REEL__LISTS; i++) {
        const list *l = &b->of[i];
        if (l->n)
            memcpy(d->at + d->begin[i], l->at, l->n * sizeof *d->at);
        sort(d->at + d->begin[i], l->n);
        d->begin[i + 1] = d->begin[i] + l->n;
    }
    return d;
}

static directory *build(const reel_movie *m)
{
    builder b = {.m = m};
    reel__find_item_boxes(m, &b.boxes);
    list_items(&b);
    list_locations(&b);
    list_properties(&b);
    list_references(&b);
    directory *d = b.nomem ? NULL : put_together(&b);
    for (int i = 0; i < REEL__LISTS; i++)
        reel__free(&m->alloc, b.of[i].at);
    return d;
}

static const directory *get(const reel_movie *m)
{
    const directory *there = reel__once_get(&m->items);
    return there ? there : reel__once_publish(&m->items, build(m), &m->alloc);
}

const reel__item_boxes *reel__boxes_of_items(const reel_movie *m)
{
    const directory *d = get(m);
    return d ? &d->boxes : NULL;
}

/* The first of the records [low, high) whose id is not below id. */
static size_t lower(const directory *d, size_t low, size_t high, uint64_t id)
{
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (d->at[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

int reel__records(const reel_movie *m, reel__list which, uint32_t id, const reel__record **out, size_t *n, reel_error *err)
{
    const directory *d = get(m);
    *n = 0;
    if (!d)
        return reel__fail(err, REEL_E_NOMEM, REEL_NO_OFFSET, NULL, "out of memory");
    size_t first = lower(d, d->begin[which], d->begin[which + 1], id);
    *out = d->at + first;
    *n = lower(d, first, d->begin[which + 1], (uint64_t)id + 1) - first;
    return REEL_OK;
}

const reel__record *reel__record_with(const reel__record *r, size_t n, uint64_t k)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (r[mid].first + r[mid].count <= k)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n ? &r[low] : NULL;
}
