/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk over all boxes of a source. It reads headers only, keeps its place in a stack of fixed depth, and changes
 * nothing before a box has been read whole, so that a source may say "not yet" at any point.
 */
#include <stdio.h>

#include <reel/box.h>

#include "base/bytes.h"
#include "base/checked.h"
#include "box/registry.h"
#include "source/source.h"

typedef struct reel_box_level level;

enum {
    HEAD = 48,      /* the longest header, version and flags, and the first bytes behind them */
    ENTRY_HEAD = 72, /* of a sample entry: up to its first box in the longest sound description */
    TEXT_PIECE = 64,
    TEXT_MOST = 1 << 16,
};

int reel_box_walk_init(reel_box_walk *walk, reel_source *source)
{
    if (!walk || !source)
        return REEL_E_ARG;
    memset(walk, 0, sizeof *walk);
    walk->source = source;
    walk->left = UINT64_C(1) << 24;
    walk->stack[0].end = reel_source_size(source);
    walk->stack[0].table = &reel__top;
    return REEL_OK;
}

void reel_box_walk_skip(reel_box_walk *walk)
{
    if (walk)
        walk->last.enter = 0;
}

/* --- paths --- */

typedef struct text {
    char *buf;
    size_t size, length;
} text;

static void add_name(text *t, uint32_t type, uint32_t number, bool show_number)
{
    char name[17], part[40];
    int n = snprintf(part, sizeof part, "%s%s", t->length ? "/" : "", reel_4cc_text(type, name));
    if (show_number || number > 1)
        n += snprintf(part + n, sizeof part - (size_t)n, "[%u]", (unsigned)number);
    for (int i = 0; i < n; i++, t->length++)
        if (t->length + 1 < t->size)
            t->buf[t->length] = part[i];
}

int reel_box_walk_path(const reel_box_walk *walk, char *buf, size_t size)
{
    text t = {buf, size, 0};
    if (!walk || (!buf && size))
        return REEL_E_ARG;
    for (uint32_t i = 1; i <= walk->depth; i++)
        add_name(&t, walk->stack[i].type, walk->stack[i].number, walk->stack[i].show_number);
    if (walk->last.type || walk->last.number)
        add_name(&t, walk->last.type, walk->last.number, walk->last.show_number);
    if (size)
        buf[REEL__MIN(t.length, size - 1)] = 0;
    return (int)t.length;
}

/* --- errors --- */

/* An error at a box of the level that the walk is in. */
static int stop(reel_box_walk *walk, reel_error *err, int code, uint32_t type, uint64_t offset, const char *what)
{
    char path[96] = "";
    text t = {path, sizeof path, 0};
    for (uint32_t i = 1; i <= walk->depth; i++)
        add_name(&t, walk->stack[i].type, walk->stack[i].number, walk->stack[i].show_number);
    if (type)
        add_name(&t, type, 0, false);
    walk->sticky = code;
    walk->error_at = offset;
    return reel__fail(err, code, offset, path, "%s", what);
}

/* n bytes at offset; a failing source stops the walk, unless the bytes are only not here yet. */
static int peek(reel_box_walk *walk, uint64_t offset, uint8_t *buf, size_t n, reel_error *err)
{
    int code = reel_source_read(walk->source, offset, buf, n, err);
    if (code != REEL_OK && code != REEL_E_AGAIN) {
        walk->sticky = code;
        walk->error_at = offset;
    }
    return code;
}

/* --- one box --- */

typedef struct found {
    reel_box box;
    const reel__row *row;
    uint64_t children; /* offset of the first child */
    bool broken;       /* its size is below its header */
    bool enter;
} found;

/* ISO/IEC 14496-12:2022 4.2.2. bytes holds what lies at offset, at most HEAD bytes of room. */
static void read_header(found *f, const uint8_t *bytes, size_t n, uint64_t room)
{
    reel__reader r = reel__read(bytes, n);
    reel_box *box = &f->box;
    uint64_t size = reel__u32(&r);
    box->type = reel__u32(&r);
    if (size == 0) {
        size = room;
        box->flags |= REEL_BOX_TO_END;
    } else if (size == 1) {
        size = reel__u64(&r);
    }
    if (box->type == REEL_4CC('u', 'u', 'i', 'd')) {
        const uint8_t *uuid = reel__take(&r, 16);
        if (uuid)
            memcpy(box->uuid, uuid, 16);
    }
    box->header_size = (uint32_t)(r.p - bytes);
    f->broken = r.bad || size < box->header_size;
    if (f->broken || size > room)
        box->flags |= REEL_BOX_CUT;
    box->size = f->broken ? room : REEL__MIN(size, room);
    if (f->broken)
        box->header_size = 8;
}

static const reel__row *row_of(const level *in, const reel_box *box)
{
    const reel__row *row = NULL;
    if (box->type == REEL_4CC('u', 'u', 'i', 'd'))
        row = reel__row_uuid(box->uuid);
    return row ? row : reel__row_find(in->table, box->type);
}

/* ISO/IEC 14496-12:2022 4.2.2, FullBox */
static void read_full(found *f, const uint8_t *bytes, size_t n)
{
    reel_box *box = &f->box;
    const uint8_t *body = bytes + box->header_size;
    size_t left = REEL__MIN(n, box->size) - box->header_size;
    if (!f->row || !(f->row->form & (REEL__FULL | REEL__META_QT)) || left < 4)
        return;
    if ((f->row->form & REEL__META_QT) && left >= 8 && reel__meta_plain(body, box->size - box->header_size))
        return;
    box->flags |= REEL_BOX_FULL;
    box->version = body[0];
    box->full_flags = reel__be24(body + 1);
    box->header_size += 4;
}

/* The offset behind `texts` texts, each up to its NUL, or that of the end. */
static int skip_texts(reel_box_walk *walk, uint64_t *at, uint64_t end, int texts, reel_error *err)
{
    uint8_t buf[TEXT_PIECE];
    end = REEL__MIN(end, *at + TEXT_MOST);
    while (texts && *at < end) {
        size_t n = (size_t)REEL__MIN(end - *at, (uint64_t)sizeof buf), i = 0;
        int code = peek(walk, *at, buf, n, err);
        if (code != REEL_OK)
            return code;
        while (i < n && texts)
            texts -= buf[i++] == 0;
        *at += i;
    }
    return REEL_OK;
}

/* The children of a sample entry, when something that looks like a box stands where they should. */
static int find_entry_children(reel_box_walk *walk, found *f, reel_error *err)
{
    const reel__row *row = f->row;
    uint64_t body = f->box.offset + f->box.header_size, end = f->box.offset + f->box.size;
    uint8_t bytes[ENTRY_HEAD];
    size_t n = (size_t)REEL__MIN(end - body, (uint64_t)sizeof bytes);
    int code = peek(walk, body, bytes, n, err);
    if (code != REEL_OK)
        return code;
    f->children = body + REEL__MIN((uint64_t)reel__entry_skip(row, bytes, end - body), end - body);
    int texts = row->form & REEL__TEXTS_2 ? 2 : row->form & REEL__TEXTS_3 ? 3 : 0;
    code = skip_texts(walk, &f->children, end, texts, err);
    for (int more = row->form & REEL__TEXTS_ANY ? 3 : 0; code == REEL_OK && end - f->children >= 8; more--) {
        code = peek(walk, f->children, bytes, 8, err);
        f->enter = code == REEL_OK && reel__box_plausible(bytes, end - f->children);
        if (code != REEL_OK || f->enter || !more)
            break;
        code = skip_texts(walk, &f->children, end, 1, err);
    }
    return code;
}

static int find_children(reel_box_walk *walk, found *f, reel_error *err)
{
    if (f->broken || !f->row || !f->row->children)
        return REEL_OK;
    if (f->row->form & REEL__ENTRY)
        return find_entry_children(walk, f, err);
    uint64_t body = f->box.size - f->box.header_size;
    uint64_t skip = f->row->skip;
    if ((f->row->form & REEL__SKIP_LONG) && f->box.version > 0)
        skip += 2;
    f->children = f->box.offset + f->box.header_size + REEL__MIN(skip, body);
    f->enter = true;
    return REEL_OK;
}

/* Which of its type it is. A hostile file can have more types than there is room for: those share the last place. */
static uint32_t count(level *in, uint32_t type)
{
    const uint32_t last = sizeof in->kind / sizeof *in->kind - 1;
    for (uint32_t i = 0; i < in->kinds; i++)
        if (in->kind[i] == type)
            return ++in->count[i];
    uint32_t place = REEL__MIN(in->kinds, last);
    in->kinds = place + 1;
    in->kind[place] = type;
    return in->count[place] = 1;
}

/* The box at `in->at` of the level the walk is in, with nothing changed yet. */
static int look(reel_box_walk *walk, found *f, reel_error *err)
{
    const level *in = &walk->stack[walk->depth];
    uint64_t room = in->end - in->at;
    uint8_t bytes[HEAD];
    size_t n = (size_t)REEL__MIN(room, (uint64_t)sizeof bytes);
    int code = peek(walk, in->at, bytes, n, err);
    if (code != REEL_OK)
        return code;
    memset(f, 0, sizeof *f);
    if (walk->depth && reel__be32(bytes) == 0 && (in->zero_end || reel__be32(bytes + 4) == 0))
        return REEL_END;
    f->box.offset = in->at;
    f->box.depth = walk->depth;
    f->box.parent = in->type;
    f->box.parent_version = in->version;
    read_header(f, bytes, n, room);
    if (f->broken && walk->depth == 0)
        return stop(walk, err, REEL_E_BOX_SIZE, f->box.type, in->at, "its size is less than its header");
    f->row = row_of(in, &f->box);
    if (f->row)
        f->box.flags |= REEL_BOX_KNOWN;
    if (!f->broken)
        read_full(f, bytes, n);
    return find_children(walk, f, err);
}

static void take(reel_box_walk *walk, found *f, reel_box *box)
{
    level *in = &walk->stack[walk->depth];
    f->box.number = count(in, f->box.type);
    in->at = f->box.offset + f->box.size;
    if (f->enter)
        f->box.flags |= REEL_BOX_CONTAINER;
    walk->last.at = f->children;
    walk->last.end = in->at;
    walk->last.table = f->row ? f->row->children : NULL;
    walk->last.type = f->box.type;
    walk->last.number = f->box.number;
    walk->last.version = f->box.version;
    walk->last.zero_end = f->row && (f->row->form & REEL__ZERO_END);
    walk->last.show_number = f->enter && (f->row->form & REEL__MANY) && !(f->row->form & REEL__ENTRY);
    walk->last.enter = f->enter;
    walk->left--;
    *box = f->box;
}

static int enter(reel_box_walk *walk, reel_error *err)
{
    if (walk->depth + 1 == REEL_BOX_DEPTH)
        return stop(walk, err, REEL_E_BOX_LIMIT, walk->last.type, walk->last.at, "boxes lie too deep");
    level *to = &walk->stack[++walk->depth];
    to->at = walk->last.at;
    to->end = walk->last.end;
    to->table = walk->last.table;
    to->type = walk->last.type;
    to->number = walk->last.number;
    to->version = walk->last.version;
    to->zero_end = walk->last.zero_end;
    to->show_number = walk->last.show_number;
    to->kinds = 0;
    walk->last.enter = 0;
    return REEL_OK;
}

int reel_box_walk_next(reel_box_walk *walk, reel_box *box, reel_error *err)
{
    if (!walk || !box)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no walk or no box");
    if (walk->sticky)
        return reel__fail(err, walk->sticky, walk->error_at, NULL, "%s", reel_code_text(walk->sticky));
    int code = walk->last.enter ? enter(walk, err) : REEL_OK;
    while (code == REEL_OK) {
        level *in = &walk->stack[walk->depth];
        found f;
        if (in->end - in->at < 8) {
            code = REEL_END;
        } else if (walk->left == 0) {
            code = stop(walk, err, REEL_E_BOX_LIMIT, 0, in->at, "more boxes than any film has");
        } else if ((code = look(walk, &f, err)) == REEL_OK) {
            take(walk, &f, box);
            return REEL_OK;
        }
        if (code == REEL_END && walk->depth) {
            walk->depth--;
            code = REEL_OK;
        }
    }
    return code;
}
