/* SPDX-License-Identifier: BSD-2-Clause */
/* Sample groups: ISO/IEC 14496-12:2022 8.9 */
#include "meta/groups.h"
#include "movie/runs.h"

enum { SBGP = REEL_4CC('s', 'b', 'g', 'p'), SGPD = REEL_4CC('s', 'g', 'p', 'd'), MOST_BOXES = 4096 /* of one stbl */ };

static int home_in_fragment(const reel_track *t, const reel_sample *sample, reel__home *out, reel_error *err)
{
    uint64_t n = 0, next = 0;
    uint32_t at = 0;
    reel__part traf = {0};
    const uint8_t *data;
    if (sample->index == REEL_NO_INDEX)
        return reel__fail(err, REEL_E_NOT_FOUND, sample->offset, NULL,
                          "the sample has no number yet; count the samples first");
    int code = reel__runs_locate(t, sample->index, &n, &at, err);
    if (code != REEL_OK)
        return code == REEL_END ? REEL_E_RANGE : code;
    const reel_run *run = &reel__run_at(t, n)->run;
    code = reel__box_at(t->movie->source, NULL, run->traf, reel_source_size(t->movie->source), &traf, &next, err);
    if (code == REEL_OK)
        code = reel__movie_view(t->movie, run->traf + traf.header, traf.size, &data, err);
    if (code != REEL_OK)
        return code == REEL_END ? REEL_E_RANGE : code;
    traf.body = data;
    *out = (reel__home){traf, true, (uint64_t)run->traf_done + at, run->moof};
    return REEL_OK;
}

int reel__home_of(const reel_track *t, const reel_sample *sample, reel__home *out, reel_error *err)
{
    if (!t || !sample)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no track or no sample");
    if (sample->flags & REEL_SAMPLE_FRAGMENT)
        return home_in_fragment(t, sample, out, err);
    *out = (reel__home){t->part[REEL__STBL], false, sample->index, 0};
    return REEL_OK;
}

/* The full box of that type whose first field, grouping_type, is type. body stays before version and flags. */
static bool find_group_box(const reel__part *home, uint32_t box, uint32_t type, reel__part *out)
{
    reel__children c = reel__children_of(home->body, home->size, home->offset + home->header, NULL);
    while (reel__children_next(&c, out, NULL))
        if (out->type == box && out->size >= 8 && reel__be32(out->body + 4) == type)
            return true;
    return false;
}

/* 8.9.2: runs of samples; what is not mentioned is in no group */
static uint32_t group_of(const reel_movie *m, const reel__part *sbgp, uint64_t number)
{
    reel__reader r = reel__part_reader(sbgp);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 3 + 4);
    if (version == 1)
        reel__skip(&r, 4);
    uint32_t said = reel__u32(&r), n = (uint32_t)REEL__MIN((size_t)said, reel__left(&r) / 8);
    if (said > n)
        reel__warn(m, NULL, REEL_E_TABLE, sbgp->offset, "sbgp", "it says %u entries and holds %u", said, n);
    for (; n; n--) {
        uint32_t count = reel__u32(&r), group = reel__u32(&r);
        if (number < count)
            return group;
        number -= count;
    }
    return 0;
}

/* 8.9.3: the entry with that number, from 1; empty when there is none */
static reel_span description_of(const reel__part *sgpd, uint32_t index)
{
    reel__reader r = reel__part_reader(sgpd);
    uint8_t version = reel__u8(&r);
    reel__skip(&r, 3 + 4);
    uint32_t length = version == 1 ? reel__u32(&r) : 0;
    if (version >= 2)
        reel__skip(&r, 4);
    uint32_t count = reel__u32(&r);
    if (version == 0 && count)
        length = (uint32_t)(reel__left(&r) / count); /* it does not say; the entries are alike */
    for (uint32_t i = 1; i <= count && !r.bad; i++) {
        uint32_t size = version == 1 && length == 0 ? reel__u32(&r) : length;
        if (version >= 2)
            size = (uint32_t)reel__left(&r);
        const uint8_t *p = reel__take(&r, size);
        if (p && !r.bad && i == index)
            return (reel_span){p, size};
        if (size == 0)
            break;
    }
    return (reel_span){NULL, 0};
}

static uint32_t default_group(const reel__part *sgpd)
{
    return sgpd->body && sgpd->size >= 12 && sgpd->body[0] >= 2 ? reel__be32(sgpd->body + 8) : 0;
}

int reel_track_sample_group(const reel_track *track, const reel_sample *sample, uint32_t type, uint32_t *group,
                            reel_span *entry, reel_error *err)
{
    reel__home home = {0};
    reel__part sbgp, sgpd;
    if (!group || !entry)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no place for the group");
    int code = reel__home_of(track, sample, &home, err);
    if (code != REEL_OK)
        return code;
    *entry = (reel_span){NULL, 0};
    *group = find_group_box(&home.box, SBGP, type, &sbgp) ? group_of(track->movie, &sbgp, home.number) : 0;
    bool local = home.fragment && *group > 0x10000;
    bool described = find_group_box(local || !home.fragment ? &home.box : &track->part[REEL__STBL], SGPD, type, &sgpd);
    if (*group == 0 && described)
        *group = default_group(&sgpd);
    if (*group && described)
        *entry = description_of(&sgpd, local ? *group - 0x10000 : *group);
    if (*group && !entry->data)
        reel__warn(track->movie, NULL, REEL_E_TABLE, described ? sgpd.offset : home.box.offset, "sgpd",
                   "there is no group description %u", *group);
    return REEL_OK;
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
