/* SPDX-License-Identifier: BSD-2-Clause */
/* Sample groups: ISO/IEC 14496-12:2022 8.9 */
#include "meta/groups.h"
#include "movie/runs.h"

enum {
    SBGP = REEL_4CC('s', 'b', 'g', 'p'),
    SGPD = REEL_4CC('s', 'g', 'p', 'd'),
    MOST_BOXES = 4096,   /* of one stbl */
    MOST_STEPS = 1 << 24 /* of a walk, over descriptions that have no index */
};

static int home_in_fragment(reel__home *home, const reel_track *t, const reel_sample *sample, bool *moved, reel_error *err)
{
    uint64_t n = 0, next = 0;
    uint32_t at = 0;
    reel__part traf = {0};
    const uint8_t *data;
    int code = reel__runs_locate(t, sample->index, &n, &at, err);
    if (code != REEL_OK)
        return code == REEL_END ? REEL_E_RANGE : code;
    const reel_run *run = &reel__run_at(t, n)->run;
    *moved = !home->fragment || home->box.offset != run->traf;
    if (*moved) {
        code = reel__box_at(t->movie->source, NULL, run->traf, reel_source_size(t->movie->source), &traf, &next, err);
        if (code == REEL_OK)
            code = reel__movie_view(t->movie, run->traf + traf.header, traf.size, &data, err);
        if (code != REEL_OK)
            return code == REEL_END ? REEL_E_RANGE : code;
        traf.body = data;
        home->box = traf;
    }
    home->fragment = true;
    home->moof = run->moof;
    home->first = run->first;
    home->end = run->first + run->count;
    home->done = run->traf_done;
    return REEL_OK;
}

static int home_in_table(reel__home *home, const reel_track *t, bool *moved)
{
    *moved = home->fragment || !home->end;
    *home = (reel__home){.box = t->part[REEL__STBL], .end = UINT64_MAX};
    return REEL_OK;
}

int reel__home_move(reel__home *home, const reel_track *t, const reel_sample *sample, bool *moved, reel_error *err)
{
    if (!t || !sample)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track or no sample");
    bool fragment = sample->flags & REEL_SAMPLE_FRAGMENT;
    if (fragment && sample->index == REEL_NO_INDEX)
        return reel__fail(err, REEL_E_NOT_FOUND, sample->offset, NULL,
                          "the sample has no number yet; count the samples first");
    int code = REEL_OK;
    *moved = false;
    if (fragment != home->fragment || sample->index < home->first || sample->index >= home->end)
        code = fragment ? home_in_fragment(home, t, sample, moved, err) : home_in_table(home, t, moved);
    home->number = home->done + (sample->index - home->first);
    return code;
}

/* The full box of that type whose first field, grouping_type, is type. body stays before version and flags. */
static void find_group_box(const reel__part *home, uint32_t box, uint32_t type, reel__part *out)
{
    reel__children c = reel__children_of(home->body, home->size, home->offset + home->header, NULL);
    while (reel__children_next(&c, out, NULL))
        if (out->type == box && out->size >= 8 && reel__be32(out->body + 4) == type)
            return;
    out->body = NULL;
}

/* 8.9.2: runs of samples behind these fields; how many there are. */
static uint32_t group_runs(const reel__part *sbgp, reel__reader *r, uint32_t *said)
{
    *r = reel__part_reader(sbgp);
    uint8_t version = reel__u8(r);
    reel__skip(r, 3 + 4);
    if (version == 1)
        reel__skip(r, 4);
    *said = reel__u32(r);
    return (uint32_t)REEL__MIN((size_t)*said, reel__left(r) / 8);
}

void reel__group_begin(reel__group_walk *w, const reel_track *t, const reel__home *home, uint32_t type)
{
    reel__reader r;
    uint32_t said = 0, n = 0;
    *w = (reel__group_walk){.movie = t->movie, .fragment = home->fragment};
    find_group_box(&home->box, SBGP, type, &w->sbgp);
    find_group_box(&home->box, SGPD, type, &w->own);
    w->common = w->own;
    if (home->fragment)
        find_group_box(&t->part[REEL__STBL], SGPD, type, &w->common);
    if (w->sbgp.body)
        n = group_runs(&w->sbgp, &r, &said);
    if (said > n)
        reel__warn(t->movie, NULL, REEL_E_TABLE, w->sbgp.offset, "sbgp", "it says %u entries and holds %u", said, n);
}

/* What is not mentioned is in no group. */
static uint32_t group_of(reel__group_walk *w, uint64_t number)
{
    reel__reader r;
    uint32_t said;
    if (!w->sbgp.body)
        return 0;
    uint32_t n = group_runs(&w->sbgp, &r, &said);
    if (number < w->first) {
        w->first = w->count = 0;
        w->run = 0;
    }
    reel__skip(&r, 8 * REEL__MIN(w->run, (size_t)n));
    while (number - w->first >= w->count && w->run < n) {
        w->first += w->count;
        w->count = reel__u32(&r);
        w->group = reel__u32(&r);
        w->run++;
    }
    return number - w->first < w->count ? w->group : 0;
}

/* Entries that each say how long they are, up to that one. */
static reel_span find_entry(reel__group_walk *w, reel__reader r, uint32_t index)
{
    for (uint32_t i = 1; i <= index && !r.bad && w->steps < MOST_STEPS; i++, w->steps++) {
        uint32_t size = reel__u32(&r);
        const uint8_t *p = reel__take(&r, size);
        if (p && !r.bad && i == index)
            return (reel_span){p, size};
        if (size == 0)
            break;
    }
    return (reel_span){NULL, 0};
}

/* 8.9.3: the entry with that number, from 1; empty when there is none */
static reel_span description_of(reel__group_walk *w, const reel__part *sgpd, uint32_t index)
{
    reel__reader r = reel__part_reader(sgpd);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 3 + 4);
    size_t length = version == 1 ? reel__u32(&r) : 0;
    bool listed = version == 1 && length == 0;
    if (version >= 2)
        reel__skip(&r, 4);
    uint32_t count = reel__u32(&r);
    if (index == 0 || index > count)
        return (reel_span){NULL, 0};
    if (listed)
        return find_entry(w, r, index);
    if (version == 0)
        length = reel__left(&r) / count; /* it does not say; the entries are alike */
    if (version >= 2)
        length = index == 1 ? reel__left(&r) : 0;
    if (length == 0 || reel__left(&r) / length < index)
        return (reel_span){NULL, 0};
    reel__skip(&r, (index - 1) * length);
    return (reel_span){reel__take(&r, length), length};
}

static uint32_t default_group(const reel__part *sgpd)
{
    return sgpd->body && sgpd->size >= 12 && sgpd->body[0] >= 2 ? reel__be32(sgpd->body + 8) : 0;
}

int reel__group_of(reel__group_walk *w, uint64_t number, uint32_t *group, reel_span *entry, reel_error *err)
{
    enum { LOCAL = 0x10000 };
    *group = group_of(w, number);
    bool local = w->fragment && *group > LOCAL;
    const reel__part *sgpd = local ? &w->own : &w->common;
    if (*group == 0 && sgpd->body)
        *group = default_group(sgpd);
    if (*group != w->entry_group) {
        w->entry_group = *group;
        w->entry = (reel_span){NULL, 0};
        if (*group && sgpd->body)
            w->entry = description_of(w, sgpd, local ? *group - LOCAL : *group);
        if (*group && !w->entry.data)
            reel__warn(w->movie, NULL, REEL_E_TABLE, sgpd->body ? sgpd->offset : w->sbgp.offset, "sgpd",
                       "there is no group description %u", *group);
    }
    *entry = w->entry;
    return w->steps < MOST_STEPS ? REEL_OK
                                 : reel__fail(err, REEL_E_TABLE, sgpd->offset, "sgpd", "groups go back and forth in it");
}

int reel_track_sample_group(const reel_track *track, const reel_sample *sample, uint32_t type, uint32_t *group,
                            reel_span *entry, reel_error *err)
{
    bool moved;
    reel__home home = {.number = 0};
    reel__group_walk w;
    if (!group || !entry)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no place for the group");
    int code = reel__home_move(&home, track, sample, &moved, err);
    if (code != REEL_OK)
        return code;
    reel__group_begin(&w, track, &home, type);
    return reel__group_of(&w, home.number, group, entry, err);
}

int reel_track_group_type(const reel_track *track, size_t i, uint32_t *type, uint32_t *descriptions)
{
    if (!track || !type || !descriptions)
        return REEL_E_ARG;
    const reel__part *stbl = &track->part[REEL__STBL];
    reel__children c = reel__children_of(stbl->body, stbl->size, 0, NULL);
    reel__part part;
    for (int n = 0; n < MOST_BOXES && reel__children_next(&c, &part, NULL); n++) {
        if (part.type != SGPD || part.size < 12 || i-- != 0)
            continue;
        size_t at = part.body[0] == 0 ? 8 : 12;
        *type = reel__be32(part.body + 4);
        *descriptions = part.size >= at + 4 ? reel__be32(part.body + at) : 0;
        return REEL_OK;
    }
    return REEL_END;
}
