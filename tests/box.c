/* SPDX-License-Identifier: BSD-2-Clause */
/* The registry, the walk over boxes, their fields, and the compressed movie: src/box, src/movie/cmov.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <zlib.h>

#include <reel/reel.h>

#include "base/bytes.h"
#include "box/part.h"
#include "movie/cmov.h"

#include <cmocka.h>

/* --- crafted bytes --- */

typedef struct bytes {
    uint8_t *p;
    size_t n, room;
    size_t open[32];
    int depth;
} bytes;

static void put(bytes *b, const void *data, size_t n)
{
    if (n == 0)
        return;
    if (b->n + n > b->room) {
        b->room = (b->n + n) * 2;
        b->p = realloc(b->p, b->room);
        assert_non_null(b->p);
    }
    memcpy(b->p + b->n, data, n);
    b->n += n;
}

static void be(bytes *b, uint64_t v, int size)
{
    uint8_t buf[8];
    for (int i = 0; i < size; i++)
        buf[i] = (uint8_t)(v >> 8 * (size - 1 - i));
    put(b, buf, (size_t)size);
}

static void zeros(bytes *b, size_t n)
{
    while (n--)
        be(b, 0, 1);
}

static void text(bytes *b, const char *t) { put(b, t, strlen(t)); }

static void begin(bytes *b, const char *type)
{
    b->open[b->depth++] = b->n;
    be(b, 0, 4);
    put(b, type, 4);
}

static void begin_full(bytes *b, const char *type, unsigned version, unsigned flags)
{
    begin(b, type);
    be(b, version << 24 | flags, 4);
}

static void end(bytes *b)
{
    size_t at = b->open[--b->depth];
    size_t size = b->n - at;
    for (int i = 0; i < 4; i++)
        b->p[at + (size_t)i] = (uint8_t)(size >> (24 - 8 * i));
}

static uint32_t type_of(const char *t) { return reel__be32((const uint8_t *)t); }

/* --- walking them --- */

typedef struct walked {
    char paths[8192];
    reel_box box[64];
    int n, code;
    uint64_t total;
    reel_error err;
} walked;

static void walk_source(reel_source *source, walked *w)
{
    reel_box_walk walk;
    reel_box box;
    memset(w, 0, sizeof *w);
    assert_int_equal(reel_box_walk_init(&walk, source), REEL_OK);
    while ((w->code = reel_box_walk_next(&walk, &box, &w->err)) == REEL_OK) {
        char path[256];
        assert_true(reel_box_walk_path(&walk, path, sizeof path) > 0);
        w->total++;
        assert_true(box.header_size <= box.size);
        assert_true(box.offset + box.size <= reel_source_size(source));
        if (w->n < 64) {
            w->box[w->n++] = box;
            snprintf(w->paths + strlen(w->paths), sizeof w->paths - strlen(w->paths), "%s%s",
                     w->n > 1 ? " " : "", path);
        }
    }
    assert_int_equal(reel_box_walk_next(&walk, &box, NULL), w->code);
}

static void walk_bytes(bytes *b, walked *w)
{
    reel_source *source;
    /* memory of the exact size, so that a checker sees a byte too far */
    uint8_t *exact = malloc(b->n ? b->n : 1);
    assert_non_null(exact);
    if (b->n)
        memcpy(exact, b->p, b->n);
    assert_int_equal(reel_source_memory(exact, b->n, NULL, NULL, &source), REEL_OK);
    walk_source(source, w);
    reel_source_unref(&source);
    free(exact);
    free(b->p);
    memset(b, 0, sizeof *b);
}

/* --- the registry --- */

/* A class of boxes rather than one fourcc. */
static bool is_class(const char *name) { return strlen(name) > 4; }

/* A fourcc that goes by that name. */
static uint32_t parent_of(const char *name)
{
    static const struct {
        const char *name, *type;
    } classes[] = {{"VisualSampleEntry", "avc1"}, {"AudioSampleEntry", "mp4a"}, {"SampleEntry", "stpp"},
                   {"MetadataItem", "trkn"},      {"MetadataKey", "\0\0\0\1"}};
    if (strcmp(name, "-") == 0 || strcmp(name, "*") == 0)
        return 0;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(name, classes[i].name) == 0)
            return type_of(classes[i].type);
    assert_int_equal(strlen(name), 4);
    return type_of(name);
}

static void every_container_has_a_holder(void **state)
{
    reel_box_info row, other;
    (void)state;
    for (size_t i = 0; reel_box_row(i, &row) == REEL_OK; i++) {
        bool found = strcmp(row.parents, "-") == 0 || strcmp(row.parents, "*") == 0;
        for (size_t k = 0; !found && reel_box_row(k, &other) == REEL_OK; k++) {
            char name[17];
            reel_4cc_text(other.type, name);
            bool named = is_class(row.parents) || strncmp(name, row.parents, 4) == 0;
            found = named && strcmp(other.holds, row.parents) == 0;
        }
        if (!found)
            fail_msg("%s: nothing holds '%s'", row.name, row.parents);
    }
}

static void every_row_can_be_looked_up(void **state)
{
    reel_box_info row, found;
    size_t i;
    (void)state;
    for (i = 0; reel_box_row(i, &row) == REEL_OK; i++) {
        assert_true(*row.name && *row.clause);
        assert_true(row.max_version >= -1 && row.max_version <= 3);
        assert_int_equal(reel_box_lookup(parent_of(row.parents), row.type, &found), REEL_OK);
        assert_int_equal(found.type, row.type);
        assert_string_equal(found.parents, row.parents);
    }
    assert_true(i > 500);
    assert_int_equal(reel_box_row(i, &row), REEL_END);
    assert_int_equal(reel_box_lookup(0, type_of("stsc"), &found), REEL_E_NOT_FOUND);
    assert_int_equal(reel_box_lookup(type_of("stbl"), type_of("free"), &found), REEL_OK);
    assert_int_equal(reel_box_lookup(type_of("stbl"), type_of("stsc"), &found), REEL_OK);
    assert_string_equal(found.name, "SampleToChunkBox");
    assert_string_equal(found.clause, "ISO/IEC 14496-12:2022 8.7.4");
    assert_int_equal(reel_box_lookup(0, 0, NULL), REEL_E_ARG);
}

static void no_table_has_a_type_twice(void **state)
{
    const reel__container *in, *other;
    const reel__row *row, *next;
    (void)state;
    for (size_t i = 0; (row = reel__row_at(i, &in)); i++)
        for (size_t k = i + 1; (next = reel__row_at(k, &other)) && other == in; k++)
            if (row->type == next->type && row->type != type_of("uuid"))
                fail_msg("%s and %s in %s", reel__row_name(row), reel__row_name(next), in->name);
}

/* The tree that reel_open walks: a slot missed here is a table that is never found. */
static void every_slot_has_its_row(void **state)
{
    static const struct {
        unsigned slot;
        const char *path;
    } slots[] = {
#define SLOT(name, path) {REEL__##name, path},
        REEL__TRACK_SLOTS(SLOT)
#undef SLOT
    };
    (void)state;
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        const reel__row *row = reel__row_find(reel__row_find(&reel__top, type_of("moov"))->children, type_of("trak"));
        const char *p = slots[i].path;
        for (; *p; p += p[4] ? 5 : 4) {
            assert_true(row->form & REEL__OPEN);
            row = reel__row_find(row->children, type_of(p));
            assert_non_null(row);
        }
        if (row->slot != slots[i].slot)
            fail_msg("slot of '%s' is %u", slots[i].path, (unsigned)row->slot);
    }
}

static size_t depth_below(const reel__container *c, size_t depth)
{
    size_t most = depth;
    if (depth > REEL_BOX_DEPTH)
        return depth;
    for (size_t i = 0; i < c->count; i++)
        if (c->rows[i].children) {
            size_t d = depth_below(c->rows[i].children, depth + 1);
            most = d > most ? d : most;
        }
    return most;
}

static void the_tree_is_less_deep_than_the_limit(void **state)
{
    (void)state;
    assert_true(depth_below(&reel__top, 1) < REEL_BOX_DEPTH);
}

/* --- fields --- */

typedef struct fields {
    char text[4096];
    int calls, stop_after;
} fields;

static int take_field(void *user, const reel_field *f)
{
    fields *t = user;
    char line[256], name[17];
    switch (f->kind) {
    case REEL_FIELD_INT:
        snprintf(line, sizeof line, "%s=%lld ", f->name, (long long)f->value.i);
        break;
    case REEL_FIELD_FIXED:
        snprintf(line, sizeof line, "%s=%g ", f->name, f->value.d);
        break;
    case REEL_FIELD_4CC:
        snprintf(line, sizeof line, "%s=%s ", f->name, reel_4cc_text((uint32_t)f->value.u, name));
        break;
    case REEL_FIELD_TEXT:
        snprintf(line, sizeof line, "%s='%.*s' ", f->name, (int)f->bytes.size, (const char *)f->bytes.data);
        break;
    case REEL_FIELD_BYTES:
        snprintf(line, sizeof line, "%s=<%llu> ", f->name, (unsigned long long)f->value.u);
        break;
    default:
        snprintf(line, sizeof line, "%s=%llu ", f->name, (unsigned long long)f->value.u);
    }
    assert_true(f->bytes.size <= 4096);
    if (f->row && strlen(t->text) + 16 < sizeof t->text)
        sprintf(t->text + strlen(t->text), "%u:", (unsigned)f->row);
    if (strlen(t->text) + strlen(line) < sizeof t->text)
        strcat(t->text, line);
    return ++t->calls == t->stop_after ? 77 : 0;
}

/* The fields of the last box of a walk whose type is type. */
static int fields_of(const bytes *b, const char *type, uint32_t max_rows, fields *out, reel_error *err)
{
    reel_source *source;
    reel_box_walk walk;
    reel_box box, found = {0};
    out->text[0] = 0;
    out->calls = 0;
    assert_int_equal(reel_source_memory(b->p, b->n, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_box_walk_init(&walk, source), REEL_OK);
    while (reel_box_walk_next(&walk, &box, NULL) == REEL_OK)
        if (box.type == type_of(type))
            found = box;
    assert_true(found.size > 0);
    int code = reel_box_fields(source, &found, max_rows, take_field, out, err);
    reel_source_unref(&source);
    return code;
}

static void drop(bytes *b)
{
    free(b->p);
    memset(b, 0, sizeof *b);
}

static bool digits(const char *p, size_t n) { return n && strspn(p, "0123456789") >= n; }

/* Is there `:name` in the description before p? */
static bool named_before(const char *all, const char *p, const char *name, size_t n)
{
    for (const char *at = all; (at = strchr(at, ':')) && at < p; at++)
        if (strncmp(at + 1, name, n) == 0 && (at[1 + n] == ' ' || at[1 + n] == ']' || at[1 + n] == '}'))
            return true;
    return false;
}

/* A number, or the name of a field before. */
static bool good_expression(const char *all, const char *p)
{
    size_t n = strcspn(p, " :]=<>+-*");
    return digits(p, n) || named_before(all, p, p, n);
}

static bool good_form(const char *all, const char *p)
{
    static const char *const words[] = {"v",    "iv",   "tv",  "f16.16", "u16.16", "f8.8", "f2.30", "d64", "d32", "4cc",
                                        "b16",  "rest", "text", "z",     "p",    "q",     "langp"};
    size_t n = strcspn(p, ": ]}");
    if (p[n] != ':' || (p[n + 1] != '-' && strcspn(p + n + 1, " ]}") == 0))
        return false;
    if (strchr("$=\"", *p))
        return good_expression(all, p + 1);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && strncmp(p, words[i], n) == 0)
            return true;
    return digits(p, n) || ((*p == 'i' || *p == 't' || *p == 'c') && digits(p + 1, n - 1));
}

/* Every word of a description is one of the language, and names only what has been read. */
static void descriptions_are_well_spelt(void **state)
{
    const reel__container *in;
    const reel__row *row;
    (void)state;
    for (size_t i = 0; (row = reel__row_at(i, &in)); i++) {
        const char *all = reel__row_fields(row), *p = all;
        while (*(p += strspn(p, " ]{}"))) {
            bool good = true;
            if (*p == '[') {
                good = p[1] == '*' || good_expression(all, p + 1);
                p += strcspn(p, " ");
            } else if (strchr("?!@^<", *p)) {
                good = *p != '<' || good_expression(all, p + 1);
                p += strcspn(p, ":") + 1;
            } else {
                good = good_form(all, p);
                p += strcspn(p, " ]}");
            }
            if (!good)
                fail_msg("%s: '%.40s' in '%s'", reel__row_name(row), p, all);
        }
    }
}

/* In a body of ones and of zeros every word of every description is met; none may be misspelt. */
static void every_description_can_be_read(void **state)
{
    static uint8_t body[1 << 12];
    static const char forms[] = " 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:.@=<>?!^$\"[]{}*+-";
    const reel__container *in;
    const reel__row *row;
    (void)state;
    for (size_t i = 0; (row = reel__row_at(i, &in)); i++) {
        const char *f = reel__row_fields(row);
        int open = 0;
        assert_int_equal(strspn(f, forms), strlen(f));
        for (const char *p = f; *p; p++)
            open += (*p == '[') + (*p == '{') - (*p == ']') - (*p == '}');
        assert_int_equal(open, 0);
        for (int fill = 0; fill < 3; fill++) {
            fields t = {.calls = 0};
            reel_source *source;
            reel_error err = {0};
            memset(body, fill == 0 ? 0 : fill == 1 ? 1 : 255, sizeof body);
            reel_box box = {.size = sizeof body, .header_size = 12, .type = row->type, .flags = REEL_BOX_FULL};
            box.parent = parent_of(in->name);
            box.version = row->max_version > 0 ? (uint8_t)row->max_version : 0;
            box.full_flags = fill ? 0xffffff : 0;
            assert_int_equal(reel_source_memory(body, sizeof body, NULL, NULL, &source), REEL_OK);
            int code = reel_box_fields(source, &box, 0, take_field, &t, &err);
            assert_true(code == REEL_OK || code == REEL_E_BOX_FIELD);
            reel_source_unref(&source);
        }
    }
}

static void tables_and_versions(void **state)
{
    bytes b = {0};
    fields t = {.stop_after = 0};
    (void)state;
    begin(&b, "moov");
    begin_full(&b, "mvhd", 1, 0);
    be(&b, 1, 8), be(&b, 2, 8), be(&b, 90000, 4), be(&b, UINT64_C(1) << 40, 8);
    be(&b, 0x10000, 4), be(&b, 0x180, 2);
    end(&b);
    end(&b);
    assert_int_equal(fields_of(&b, "mvhd", 0, &t, NULL), REEL_OK);
    assert_string_equal(t.text, "creation_time=1 modification_time=2 timescale=90000 duration=1099511627776 rate=1 "
                                "volume=1.5 ");
    drop(&b);

    begin(&b, "moof");
    begin(&b, "traf");
    begin_full(&b, "trun", 1, 0xa01);
    be(&b, 3, 4), be(&b, (uint32_t)-8, 4);
    for (unsigned i = 0; i < 3; i++)
        be(&b, 100 + i, 4), be(&b, (uint32_t)-5, 4);
    end(&b);
    end(&b);
    end(&b);
    assert_int_equal(fields_of(&b, "trun", 2, &t, NULL), REEL_OK);
    assert_string_equal(t.text, "sample_count=3 data_offset=-8 1:sample_size=100 "
                                "1:sample_composition_time_offset=-5 2:sample_size=101 "
                                "2:sample_composition_time_offset=-5 ");
    t.stop_after = 3;
    assert_int_equal(fields_of(&b, "trun", 0, &t, NULL), 77);
    assert_int_equal(t.calls, 3);
    drop(&b);
}

/* trun with no per-sample field and a count of 2^32-1 is no loop. */
static void rows_that_take_nothing_end_a_table(void **state)
{
    bytes b = {0};
    fields t = {.stop_after = 0};
    (void)state;
    begin(&b, "moof");
    begin(&b, "traf");
    begin_full(&b, "trun", 0, 0);
    be(&b, UINT32_MAX, 4);
    end(&b);
    end(&b);
    end(&b);
    assert_int_equal(fields_of(&b, "trun", 0, &t, NULL), REEL_OK);
    assert_string_equal(t.text, "sample_count=4294967295 ");
    drop(&b);
}

static void a_count_beyond_the_box_is_an_error(void **state)
{
    bytes b = {0};
    fields t = {.stop_after = 0};
    reel_error err = {0};
    (void)state;
    begin(&b, "moof");
    begin(&b, "traf");
    begin_full(&b, "trun", 0, 0x200);
    be(&b, UINT32_MAX, 4), be(&b, 7, 4), be(&b, 8, 4), be(&b, 9, 2);
    end(&b);
    end(&b);
    end(&b);
    assert_int_equal(fields_of(&b, "trun", 0, &t, &err), REEL_E_BOX_FIELD);
    assert_string_equal(t.text, "sample_count=4294967295 1:sample_size=7 2:sample_size=8 ");
    assert_string_equal(err.text, "row 3: the box ends inside sample_size");
    drop(&b);
}

static void texts_bits_and_nested_tables(void **state)
{
    bytes b = {0};
    fields t = {.stop_after = 0};
    (void)state;
    begin_full(&b, "meta", 0, 0);
    begin_full(&b, "hdlr", 0, 0);
    be(&b, 0, 4), text(&b, "pict"), zeros(&b, 12), text(&b, "name");
    be(&b, 0, 1);
    end(&b);
    begin_full(&b, "iloc", 1, 0);
    be(&b, 0x4400, 2), be(&b, 1, 2), be(&b, 5, 2), be(&b, 1, 2), be(&b, 0, 2), be(&b, 2, 2);
    be(&b, 100, 4), be(&b, 10, 4), be(&b, 200, 4), be(&b, 20, 4);
    end(&b);
    begin_full(&b, "iref", 1, 0);
    begin(&b, "dimg");
    be(&b, 70000, 4), be(&b, 1, 2), be(&b, 70001, 4);
    end(&b);
    end(&b);
    end(&b);
    assert_int_equal(fields_of(&b, "hdlr", 0, &t, NULL), REEL_OK);
    assert_string_equal(t.text, "component_type=\\x00\\x00\\x00\\x00 handler_type=pict "
                                "manufacturer=\\x00\\x00\\x00\\x00 name='name' ");
    assert_int_equal(fields_of(&b, "iloc", 0, &t, NULL), REEL_OK);
    assert_string_equal(t.text, "offset_size=4 length_size=4 base_offset_size=0 index_size=0 item_count=1 "
                                "1:item_ID=5 1:construction_method=1 1:data_reference_index=0 1:extent_count=2 "
                                "1:extent_offset=100 1:extent_length=10 1:extent_offset=200 1:extent_length=20 ");
    assert_int_equal(fields_of(&b, "dimg", 0, &t, NULL), REEL_OK);
    assert_string_equal(t.text, "from_item_ID=70000 reference_count=1 1:to_item_ID=70001 ");
    drop(&b);

    begin(&b, "moov");
    begin(&b, "trak");
    begin(&b, "mdia");
    begin_full(&b, "mdhd", 0, 0);
    zeros(&b, 8), be(&b, 1000, 4), be(&b, 5, 4), be(&b, ('d' - 96) << 10 | ('e' - 96) << 5 | ('u' - 96), 2);
    end(&b);
    end(&b);
    end(&b);
    end(&b);
    assert_int_equal(fields_of(&b, "mdhd", 0, &t, NULL), REEL_OK);
    assert_string_equal(t.text, "creation_time=0 modification_time=0 timescale=1000 duration=5 language='deu' ");
    drop(&b);
}

/* A table of 64 MB in a source that can only be read: asking for three rows costs one window. */
typedef struct sparse {
    uint8_t head[64];
    uint64_t size, read;
} sparse;

static int64_t sparse_read(void *user, uint64_t offset, void *buf, size_t n)
{
    sparse *s = user;
    memset(buf, 0, n);
    for (size_t i = 0; i < n && offset + i < sizeof s->head; i++)
        ((uint8_t *)buf)[i] = s->head[offset + i];
    s->read += n;
    return (int64_t)n;
}

static int sparse_size(void *user, uint64_t *size)
{
    *size = ((sparse *)user)->size;
    return REEL_OK;
}

static void a_long_table_is_not_read_for_three_rows(void **state)
{
    sparse s = {.size = 64 << 20};
    reel_source_io io = {sizeof io, sparse_read, sparse_size, NULL, &s};
    reel_source *source;
    fields t = {.stop_after = 0};
    (void)state;
    reel_box box = {.size = s.size, .header_size = 12, .type = type_of("stco"), .parent = type_of("stbl"),
                    .flags = REEL_BOX_FULL};
    s.head[13] = 0xff;
    assert_int_equal(reel_source_callback(&io, &source, NULL), REEL_OK);
    assert_int_equal(reel_box_fields(source, &box, 3, take_field, &t, NULL), REEL_OK);
    assert_int_equal(t.calls, 4);
    assert_true(s.read <= 8192);
    reel_source_unref(&source);
}

/* --- sizes --- */

static void sizes_of_32_and_64_bits(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    begin(&b, "ftyp");
    text(&b, "isom");
    be(&b, 0, 4);
    end(&b);
    be(&b, 1, 4), text(&b, "free"), be(&b, 24, 8), zeros(&b, 8);
    be(&b, 0, 4), text(&b, "mdat"), zeros(&b, 100);
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_END);
    assert_string_equal(w.paths, "ftyp free mdat");
    assert_int_equal(w.box[1].header_size, 16);
    assert_int_equal(w.box[1].size, 24);
    assert_int_equal(w.box[2].size, 108);
    assert_true(w.box[2].flags & REEL_BOX_TO_END);
}

static void a_size_below_its_header_at_the_top(void **state)
{
    bytes b = {0};
    walked w;
    char line[300];
    (void)state;
    begin(&b, "ftyp");
    end(&b);
    be(&b, 7, 4), text(&b, "moov"), zeros(&b, 8);
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_E_BOX_SIZE);
    assert_int_equal(w.n, 1);
    assert_int_equal(w.err.offset, 8);
    reel_error_format(&w.err, line, sizeof line);
    assert_string_equal(line, "its size is less than its header (moov at 0x8)");
}

static void a_64_bit_size_below_its_header(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    be(&b, 1, 4), text(&b, "moov"), be(&b, 15, 8), zeros(&b, 8);
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_E_BOX_SIZE);
    be(&b, 1, 4), text(&b, "moov");
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_E_BOX_SIZE);
}

/* Inside a container the same is a leaf that takes what is left, and the walk goes on behind the container. */
static void a_size_below_its_header_inside(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    begin(&b, "moov");
    be(&b, 3, 4), text(&b, "trak"), zeros(&b, 20);
    end(&b);
    begin(&b, "free");
    end(&b);
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_END);
    assert_string_equal(w.paths, "moov moov/trak free");
    assert_int_equal(w.box[1].size, 28);
    assert_true(w.box[1].flags & REEL_BOX_CUT);
    assert_false(w.box[1].flags & REEL_BOX_CONTAINER);
}

static void a_size_above_the_parent(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    begin(&b, "moov");
    be(&b, 1000, 4), text(&b, "udta"), zeros(&b, 4);
    end(&b);
    begin(&b, "free");
    end(&b);
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_END);
    assert_string_equal(w.paths, "moov moov/udta free");
    assert_int_equal(w.box[1].size, 12);
    assert_true(w.box[1].flags & REEL_BOX_CUT);
    assert_true(w.box[1].flags & REEL_BOX_CONTAINER);
}

static void sizes_at_the_end_of_64_bits(void **state)
{
    static const uint64_t sizes[] = {UINT64_C(1) << 63, (UINT64_C(1) << 63) - 1, UINT64_MAX, UINT64_MAX - 7};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        bytes b = {0};
        walked w;
        begin(&b, "free");
        end(&b);
        be(&b, 1, 4), text(&b, "moov"), be(&b, sizes[i], 8);
        begin(&b, "udta");
        end(&b);
        walk_bytes(&b, &w);
        assert_int_equal(w.code, REEL_END);
        assert_string_equal(w.paths, "free moov moov/udta");
        assert_int_equal(w.box[1].size, 24);
        assert_true(w.box[1].flags & REEL_BOX_CUT);
    }
}

static void zeros_at_the_end_are_no_box(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    begin(&b, "moov");
    begin(&b, "udta");
    begin(&b, "name");
    text(&b, "x");
    end(&b);
    be(&b, 0, 4);
    end(&b);
    zeros(&b, 24);
    end(&b);
    zeros(&b, 7);
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_END);
    assert_string_equal(w.paths, "moov moov/udta moov/udta/name");
}

static void any_truncation_is_survived(void **state)
{
    bytes whole = {0};
    (void)state;
    begin(&whole, "moov");
    begin_full(&whole, "mvhd", 0, 0);
    zeros(&whole, 96);
    end(&whole);
    begin(&whole, "trak");
    begin_full(&whole, "tkhd", 0, 7);
    zeros(&whole, 80);
    end(&whole);
    end(&whole);
    be(&whole, 24 + 20, 4), text(&whole, "uuid"), zeros(&whole, 36);
    end(&whole);
    for (size_t n = 0; n < whole.n; n++) {
        bytes b = {0};
        walked w;
        put(&b, whole.p, n);
        walk_bytes(&b, &w);
        assert_true(w.code == REEL_END || w.code == REEL_E_BOX_SIZE);
    }
    drop(&whole);
}

/* --- nesting and numbers --- */

static void nesting_100_deep_is_a_leaf(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    for (uint32_t i = 100; i > 0; i--)
        be(&b, 8 * i, 4), text(&b, "moov");
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_END);
    assert_string_equal(w.paths, "moov moov/moov");
    assert_false(w.box[1].flags & REEL_BOX_KNOWN);
}

static void a_hundred_thousand_tiny_boxes(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    b.p = malloc(b.room = 900000);
    assert_non_null(b.p);
    be(&b, 8 * 100001, 4), text(&b, "moov");
    for (uint32_t i = 0; i < 100000; i++)
        be(&b, 8, 4), be(&b, i % 3 ? 0x61616161u + i : type_of("trak"), 4);
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_END);
    assert_int_equal(w.total, 100001);
}

static void siblings_are_numbered(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    begin(&b, "moov");
    for (int i = 0; i < 3; i++) {
        begin(&b, "trak");
        begin(&b, "mdia");
        end(&b);
        end(&b);
        begin(&b, "free");
        end(&b);
    }
    end(&b);
    begin(&b, "moov");
    end(&b);
    walk_bytes(&b, &w);
    assert_string_equal(w.paths, "moov moov/trak[1] moov/trak[1]/mdia moov/free moov/trak[2] moov/trak[2]/mdia "
                                 "moov/free[2] moov/trak[3] moov/trak[3]/mdia moov/free[3] moov[2]");
    assert_int_equal(w.box[7].number, 3);
    assert_int_equal(w.box[7].parent, type_of("moov"));
    assert_int_equal(w.box[8].depth, 2);
}

/* A file of a new type in each box must cost neither memory nor quadratic time; runs are still counted. */
static void more_types_than_there_is_room_for(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    for (uint32_t i = 0; i < 40; i++)
        be(&b, 8, 4), be(&b, 0x61616161u + i, 4);
    for (uint32_t i = 0; i < 3; i++)
        be(&b, 8, 4), text(&b, "zzzz");
    walk_bytes(&b, &w);
    assert_int_equal(w.total, 43);
    assert_int_equal(w.box[40].number, 1);
    assert_int_equal(w.box[42].number, 3);
}

static void a_box_can_be_skipped(void **state)
{
    bytes b = {0};
    reel_source *source;
    reel_box_walk walk;
    reel_box box;
    (void)state;
    begin(&b, "moov");
    begin(&b, "trak");
    end(&b);
    end(&b);
    begin(&b, "free");
    end(&b);
    assert_int_equal(reel_source_memory(b.p, b.n, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_box_walk_init(&walk, source), REEL_OK);
    assert_int_equal(reel_box_walk_next(&walk, &box, NULL), REEL_OK);
    reel_box_walk_skip(&walk);
    assert_int_equal(reel_box_walk_next(&walk, &box, NULL), REEL_OK);
    assert_int_equal(box.type, type_of("free"));
    assert_int_equal(reel_box_walk_next(&walk, &box, NULL), REEL_END);
    assert_int_equal(reel_box_walk_init(NULL, source), REEL_E_ARG);
    assert_int_equal(reel_box_walk_next(NULL, &box, NULL), REEL_E_ARG);
    reel_source_unref(&source);
    drop(&b);
}

/* --- kinds of boxes --- */

static void uuid_boxes(void **state)
{
    static const uint8_t piff[16] = {0x6d, 0x1d, 0x9b, 0x05, 0x42, 0xd5, 0x44, 0xe6,
                                     0x80, 0xe2, 0x14, 0x1d, 0xaf, 0xf7, 0x57, 0xb2};
    bytes b = {0};
    walked w;
    fields t = {.stop_after = 0};
    (void)state;
    begin(&b, "uuid");
    put(&b, piff, 16);
    be(&b, 1 << 24, 4), be(&b, 5, 8), be(&b, 6, 8);
    end(&b);
    assert_int_equal(fields_of(&b, "uuid", 0, &t, NULL), REEL_OK);
    assert_string_equal(t.text, "fragment_absolute_time=5 fragment_duration=6 ");
    begin(&b, "uuid");
    zeros(&b, 16);
    end(&b);
    begin(&b, "moov");
    be(&b, 23, 4), text(&b, "uuid"), zeros(&b, 15);
    end(&b);
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_END);
    assert_string_equal(w.paths, "uuid uuid[2] moov moov/uuid");
    assert_memory_equal(w.box[0].uuid, piff, 16);
    assert_int_equal(w.box[0].header_size, 28);
    assert_int_equal(w.box[0].version, 1);
    assert_int_equal(w.box[1].header_size, 24);
    assert_true(w.box[3].flags & REEL_BOX_CUT);
}

static void meta_with_and_without_version(void **state)
{
    walked w;
    (void)state;
    for (int full = 0; full < 2; full++) {
        bytes b = {0};
        if (full)
            begin_full(&b, "meta", 0, 0);
        else
            begin(&b, "meta");
        begin_full(&b, "hdlr", 0, 0);
        zeros(&b, 20);
        end(&b);
        begin(&b, "ilst");
        begin(&b, "\xa9nam");
        begin(&b, "data");
        be(&b, 1, 4), be(&b, 0, 4), text(&b, "song");
        end(&b);
        end(&b);
        end(&b);
        end(&b);
        walk_bytes(&b, &w);
        assert_int_equal(w.code, REEL_END);
        assert_string_equal(w.paths, "meta meta/hdlr meta/ilst meta/ilst/\\xa9nam meta/ilst/\\xa9nam/data");
        assert_int_equal(w.box[0].flags & REEL_BOX_FULL, full ? REEL_BOX_FULL : 0);
        assert_int_equal(w.box[0].header_size, full ? 12 : 8);
        assert_int_equal(w.box[1].flags & REEL_BOX_FULL, REEL_BOX_FULL);
    }
}

static void open_stsd(bytes *b, unsigned version)
{
    begin(b, "moov");
    begin(b, "trak");
    begin(b, "mdia");
    begin(b, "minf");
    begin(b, "stbl");
    begin_full(b, "stsd", version, 0);
    be(b, 1, 4);
}

static void close_all(bytes *b)
{
    while (b->depth)
        end(b);
}

static void sound_entry(bytes *b, const char *type, unsigned version, unsigned more)
{
    begin(b, type);
    zeros(b, 6), be(b, 1, 2), be(b, version, 2), zeros(b, 6), be(b, 2, 2), be(b, 16, 2), zeros(b, 4);
    be(b, 44100u << 16, 4);
    if (more == 16)
        be(b, 1024, 4), be(b, 2, 4), be(b, 4, 4), be(b, 2, 4);
    if (more == 36) /* the size of the struct, and 44100 as a double */
        be(b, 72, 4), be(b, UINT64_C(0x40e5888000000000), 8), be(b, 2, 4), be(b, 0x7f000000, 4), zeros(b, 16);
    begin_full(b, "esds", 0, 0);
    be(b, 3, 1);
    end(b);
    end(b);
}

/*
 * Version 1 of a sound description means 16 bytes more in QuickTime and none in ISO/IEC 14496-12 (stsd version 1);
 * files of both kinds say version 1 in boxes of version 0 too.
 */
static void sound_descriptions_of_all_versions(void **state)
{
    static const struct {
        unsigned stsd, version, more;
    } cases[] = {{0, 0, 0}, {0, 1, 16}, {0, 2, 36}, {1, 1, 0}, {0, 1, 0}, {1, 1, 16}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0};
        walked w;
        open_stsd(&b, cases[i].stsd);
        sound_entry(&b, "mp4a", cases[i].version, cases[i].more);
        close_all(&b);
        walk_bytes(&b, &w);
        assert_int_equal(w.code, REEL_END);
        assert_int_equal(w.n, 8);
        assert_int_equal(w.box[7].type, type_of("esds"));
        assert_true(w.box[7].flags & REEL_BOX_KNOWN);
    }
}

static void entries_of_other_kinds(void **state)
{
    bytes b = {0};
    walked w;
    (void)state;
    open_stsd(&b, 0);
    begin(&b, "avc1");
    zeros(&b, 78);
    begin(&b, "avcC");
    end(&b);
    end(&b);
    begin(&b, "stpp");
    zeros(&b, 8), text(&b, "urn:x"), zeros(&b, 1), text(&b, "s"), zeros(&b, 2);
    begin(&b, "btrt");
    zeros(&b, 12);
    end(&b);
    end(&b);
    begin(&b, "tmcd");
    zeros(&b, 26);
    begin(&b, "name");
    zeros(&b, 4);
    end(&b);
    end(&b);
    begin(&b, "xxxx");
    zeros(&b, 78);
    begin(&b, "pasp");
    end(&b);
    end(&b);
    begin(&b, "hvc1"); /* too short to hold anything */
    zeros(&b, 20);
    end(&b);
    begin(&b, "mp4v"); /* rubbish where its boxes should be */
    zeros(&b, 78), be(&b, 0x7fffffff, 4), be(&b, 1, 4);
    end(&b);
    close_all(&b);
    walk_bytes(&b, &w);
    assert_int_equal(w.code, REEL_END);
    assert_non_null(strstr(w.paths, "stsd/avc1/avcC "));
    assert_non_null(strstr(w.paths, "stsd/stpp/btrt "));
    assert_non_null(strstr(w.paths, "stsd/tmcd/name "));
    assert_null(strstr(w.paths, "xxxx/"));
    assert_null(strstr(w.paths, "hvc1/"));
    assert_null(strstr(w.paths, "mp4v/"));
}

/* --- a source that is late --- */

typedef struct late {
    const bytes *b;
    size_t here; /* bytes that have arrived */
} late;

static int64_t late_read(void *user, uint64_t offset, void *buf, size_t n)
{
    const late *l = user;
    if (offset + n > l->here && l->here < l->b->n)
        return REEL_E_AGAIN;
    n = n < 11 ? n : 11; /* short reads, too */
    memcpy(buf, l->b->p + offset, n);
    return (int64_t)n;
}

static int late_size(void *user, uint64_t *size)
{
    *size = ((late *)user)->b->n;
    return REEL_OK;
}

static void a_late_source_loses_nothing(void **state)
{
    bytes b = {0};
    late l = {&b, 0};
    reel_source_io io = {sizeof io, late_read, late_size, NULL, &l};
    reel_source *source;
    reel_box_walk walk;
    reel_box box;
    reel_error err;
    unsigned boxes = 0, again = 0;
    int code;
    (void)state;
    open_stsd(&b, 0);
    sound_entry(&b, "mp4a", 1, 16);
    close_all(&b);
    assert_int_equal(reel_source_callback(&io, &source, NULL), REEL_OK);
    assert_int_equal(reel_box_walk_init(&walk, source), REEL_OK);
    while ((code = reel_box_walk_next(&walk, &box, &err)) != REEL_END) {
        if (code == REEL_OK) {
            boxes++;
            continue;
        }
        assert_int_equal(code, REEL_E_AGAIN);
        assert_true(err.length > 0);
        again++;
        l.here += 5;
    }
    assert_int_equal(boxes, 8);
    assert_true(again > 10);
    reel_source_unref(&source);
    drop(&b);
}

/* --- the compressed movie --- */

static void cmov_body(bytes *b, const char *method, const void *data, size_t n, uint32_t said)
{
    uLongf size = compressBound((uLong)n);
    uint8_t *packed = malloc(size);
    assert_non_null(packed);
    assert_int_equal(compress2(packed, &size, data, (uLong)n, 9), Z_OK);
    begin(b, "dcom");
    text(b, method);
    end(b);
    begin(b, "cmvd");
    be(b, said, 4);
    put(b, packed, size);
    end(b);
    free(packed);
}

static int inflate_cmov(const bytes *b, size_t n, uint8_t **out, size_t *size, reel_error *err)
{
    uint8_t *exact = malloc(n ? n : 1);
    assert_non_null(exact);
    memcpy(exact, b->p, n);
    int code = reel__cmov_inflate(&reel__malloc, exact, n, 100, out, size, err);
    free(exact);
    return code;
}

static void a_compressed_movie(void **state)
{
    bytes inner = {0}, b = {0};
    uint8_t *out;
    size_t size;
    reel_error err;
    (void)state;
    begin(&inner, "moov");
    begin(&inner, "udta");
    zeros(&inner, 200000);
    end(&inner);
    end(&inner);
    cmov_body(&b, "zlib", inner.p, inner.n, (uint32_t)inner.n);
    assert_int_equal(inflate_cmov(&b, b.n, &out, &size, &err), REEL_OK);
    assert_int_equal(size, inner.n);
    assert_memory_equal(out, inner.p, size);
    free(out);
    for (size_t n = 0; n < b.n; n++) {
        assert_int_equal(inflate_cmov(&b, n, &out, &size, &err), REEL_E_COMPRESSED);
        assert_null(out);
    }
    b.p[b.n - 30] ^= 0x55;
    assert_int_equal(inflate_cmov(&b, b.n, &out, &size, &err), REEL_E_COMPRESSED);
    drop(&b);
    cmov_body(&b, "lzma", inner.p, inner.n, (uint32_t)inner.n);
    assert_int_equal(inflate_cmov(&b, b.n, &out, &size, &err), REEL_E_COMPRESSED);
    assert_string_equal(err.path, "moov/cmov/dcom");
    drop(&b);
    drop(&inner);
}

static void a_compressed_bomb(void **state)
{
    size_t n = (64u << 20) + 1000;
    uint8_t *bomb = calloc(1, n), *out;
    bytes b = {0};
    size_t size;
    reel_error err;
    (void)state;
    assert_non_null(bomb);
    cmov_body(&b, "zlib", bomb, n, 100);
    assert_int_equal(inflate_cmov(&b, b.n, &out, &size, &err), REEL_E_COMPRESSED);
    assert_string_equal(err.text, "more comes out of it than any film holds");
    drop(&b);
    cmov_body(&b, "zlib", bomb, 1000, 0xffffffff);
    assert_int_equal(inflate_cmov(&b, b.n, &out, &size, &err), REEL_E_COMPRESSED);
    drop(&b);
    free(bomb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_container_has_a_holder),
        cmocka_unit_test(every_row_can_be_looked_up),
        cmocka_unit_test(no_table_has_a_type_twice),
        cmocka_unit_test(every_slot_has_its_row),
        cmocka_unit_test(the_tree_is_less_deep_than_the_limit),
        cmocka_unit_test(descriptions_are_well_spelt),
        cmocka_unit_test(every_description_can_be_read),
        cmocka_unit_test(tables_and_versions),
        cmocka_unit_test(rows_that_take_nothing_end_a_table),
        cmocka_unit_test(a_count_beyond_the_box_is_an_error),
        cmocka_unit_test(texts_bits_and_nested_tables),
        cmocka_unit_test(a_long_table_is_not_read_for_three_rows),
        cmocka_unit_test(sizes_of_32_and_64_bits),
        cmocka_unit_test(a_size_below_its_header_at_the_top),
        cmocka_unit_test(a_64_bit_size_below_its_header),
        cmocka_unit_test(a_size_below_its_header_inside),
        cmocka_unit_test(a_size_above_the_parent),
        cmocka_unit_test(sizes_at_the_end_of_64_bits),
        cmocka_unit_test(zeros_at_the_end_are_no_box),
        cmocka_unit_test(any_truncation_is_survived),
        cmocka_unit_test(nesting_100_deep_is_a_leaf),
        cmocka_unit_test(a_hundred_thousand_tiny_boxes),
        cmocka_unit_test(siblings_are_numbered),
        cmocka_unit_test(more_types_than_there_is_room_for),
        cmocka_unit_test(a_box_can_be_skipped),
        cmocka_unit_test(uuid_boxes),
        cmocka_unit_test(meta_with_and_without_version),
        cmocka_unit_test(sound_descriptions_of_all_versions),
        cmocka_unit_test(entries_of_other_kinds),
        cmocka_unit_test(a_late_source_loses_nothing),
        cmocka_unit_test(a_compressed_movie),
        cmocka_unit_test(a_compressed_bomb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
