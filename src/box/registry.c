/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking things up in the tables of the registry. */
#include "base/bytes.h"
#include "box/rows.h"

/* What may stand anywhere. ISO/IEC 14496-12:2022 4.2.2, 8.1.2; QTFF for wide. */
static const reel__row everywhere_rows[] = {
    {FORM('f', 'r', 'e', 'e', "FreeSpaceBox", ISO("8.1.2"), REEL__MANY, "")},
    {FORM('s', 'k', 'i', 'p', "FreeSpaceBox", ISO("8.1.2"), REEL__MANY, "")},
    {FORM('w', 'i', 'd', 'e', "WideAtom", QTFF, REEL__MANY, "")},
    {FORM('u', 'u', 'i', 'd', "UserTypeBox", ISO("4.2.2"), REEL__MANY, "")},
};
static CONTAINER(everywhere, "*", everywhere_rows);

static const reel__container *const *const lists[] = {
    reel__movie_containers, reel__entry_containers, reel__codec_containers, reel__fragment_containers,
    reel__meta_containers,
};

enum { LISTS = sizeof lists / sizeof *lists };

static const reel__row *exact(const reel__container *container, uint32_t type)
{
    for (size_t i = 0; i < container->count; i++)
        if (container->rows[i].type == type)
            return &container->rows[i];
    return NULL;
}

const reel__row *reel__row_find(const reel__container *container, uint32_t type)
{
    const reel__row *row = container ? exact(container, type) : NULL;
    if (!row)
        row = exact(&everywhere, type);
    if (!row && container)
        row = exact(container, REEL__ANY);
    return row;
}

/* A place in the list of all containers, and a row of that. */
typedef struct place {
    size_t list, container, row;
} place;

/* Row by row through everything that belongs to a container; NULL at the end. */
static const reel__row *next_row(place *at, const reel__container **container)
{
    while (at->list < LISTS) {
        *container = lists[at->list][at->container];
        if (!*container) {
            *at = (place){at->list + 1, 0, 0};
        } else if (at->row < (*container)->count) {
            return &(*container)->rows[at->row++];
        } else {
            at->container++;
            at->row = 0;
        }
    }
    return NULL;
}

const reel__row *reel__row_at(size_t i, const reel__container **container)
{
    for (size_t l = 0; l < LISTS; l++)
        for (const reel__container *const *c = lists[l]; *c; c++) {
            *container = *c;
            if (i < (*c)->count)
                return &(*c)->rows[i];
            i -= (*c)->count;
        }
    *container = &everywhere;
    return i < everywhere.count ? &everywhere.rows[i] : reel__row_uuid_at(i - everywhere.count);
}

/* The children of the next row of that type that has some. */
static const reel__container *next_holder(place *at, uint32_t type)
{
    const reel__container *in;
    const reel__row *row;
    while ((row = next_row(at, &in)))
        if (row->type == type && row->children)
            return row->children;
    return NULL;
}

static const reel__row *in_container(const reel__container *container, uint32_t type)
{
    const reel__row *row = exact(container, type);
    return row ? row : exact(container, REEL__ANY);
}

/* In containers of the name parent, and then in those that go by any name. */
static const reel__row *under(uint32_t parent, uint32_t type, const reel__container **container)
{
    const uint32_t names[] = {parent, REEL__ANY};
    for (int i = 0; i < 2; i++) {
        place at = {0};
        *container = parent ? next_holder(&at, names[i]) : &reel__top;
        while (*container) {
            const reel__row *row = in_container(*container, type);
            if (row)
                return row;
            *container = parent ? next_holder(&at, names[i]) : NULL;
        }
    }
    *container = &everywhere;
    return exact(&everywhere, type);
}

const reel__row *reel__row_under(uint32_t parent, uint32_t type)
{
    const reel__container *container;
    return under(parent, type, &container);
}

/* --- what the world may see --- */

const char *reel__row_name(const reel__row *row) { return row->text; }

const char *reel__row_clause(const reel__row *row)
{
    const char *name = row->text;
    return name + strlen(name) + 1;
}

const char *reel__row_fields(const reel__row *row)
{
    if (row->form & REEL__ENTRY_VIDEO)
        return REEL__VIDEO_FIELDS;
    if (row->form & REEL__ENTRY_AUDIO)
        return REEL__AUDIO_FIELDS;
    const char *clause = reel__row_clause(row);
    return clause + strlen(clause) + 1;
}

static void tell(const reel__row *row, const reel__container *container, reel_box_info *out)
{
    out->type = row->type;
    out->max_version = row->max_version;
    out->name = reel__row_name(row);
    out->clause = reel__row_clause(row);
    out->parents = container->name;
    out->fields = reel__row_fields(row);
    out->holds = row->children ? row->children->name : "";
}

int reel_box_lookup(uint32_t parent, uint32_t type, reel_box_info *out)
{
    const reel__container *container;
    const reel__row *row = out ? under(parent, type, &container) : NULL;
    if (!out)
        return REEL_E_ARG;
    if (!row)
        return REEL_E_NOT_FOUND;
    tell(row, container, out);
    return REEL_OK;
}

int reel_box_row(size_t i, reel_box_info *out)
{
    const reel__container *container;
    const reel__row *row = reel__row_at(i, &container);
    if (!out)
        return REEL_E_ARG;
    if (!row)
        return REEL_END;
    tell(row, container, out);
    return REEL_OK;
}

/* --- looked at, not believed --- */

/* ISO/IEC 14496-12:2022 4.2.2: types are printable; those of QuickTime's texts begin with a copyright sign. */
static bool letter(uint8_t c) { return (c >= 0x20 && c < 0x7f) || c == 0xa9; }

bool reel__box_plausible(const uint8_t *header, uint64_t room)
{
    uint32_t size = reel__be32(header);
    if (room < 8 || (size != 1 && size < 8) || size > room)
        return false;
    if (reel__be32(header + 4) == 0) /* QuickTime ends some lists with a box without a name */
        return size == 8;
    return letter(header[4]) && letter(header[5]) && letter(header[6]) && letter(header[7]);
}

/*
 * ISO/IEC 14496-12:2022 12.2.3, where version 1 adds nothing; QTFF, Sound Sample Description (Version 1) and
 * (Version 2). What QuickTime adds does not look like a box: a count of samples, and small numbers or a double.
 */
static size_t audio_skip(const uint8_t *body, uint64_t size)
{
    unsigned version = size >= 28 ? reel__be16(body + 8) : 0;
    size_t more = version == 1 ? 44 : version == 2 ? 64 : 28;
    if (more == 28 || size < more || reel__box_plausible(body + 28, size - 28))
        return 28;
    return more;
}

size_t reel__entry_skip(const reel__row *row, const uint8_t *body, uint64_t size)
{
    return row->form & REEL__ENTRY_AUDIO ? audio_skip(body, size) : row->skip;
}

bool reel__meta_plain(const uint8_t *body, uint64_t size)
{
    return size >= 8 && reel__box_plausible(body, size) && exact(&reel__meta_children, reel__be32(body + 4));
}
