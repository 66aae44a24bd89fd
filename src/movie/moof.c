/* SPDX-License-Identifier: BSD-2-Clause */
#include "movie/moof.h"

enum {
    MOOF = REEL_4CC('m', 'o', 'o', 'f'),
    TRAF = REEL_4CC('t', 'r', 'a', 'f'),
    TFHD = REEL_4CC('t', 'f', 'h', 'd'),
    TFDT = REEL_4CC('t', 'f', 'd', 't'),
    TRUN = REEL_4CC('t', 'r', 'u', 'n'),
};

/* Children of [at, end) of the moof, as parts. */
static reel__children children(const reel_moof *f, uint64_t at, uint64_t end, const reel__container *table)
{
    return reel__children_of(f->data + at, (size_t)(end - at), f->offset + at, table);
}

int reel__moof_begin(reel_moof *f, const reel_movie *m, uint64_t offset, uint64_t size, const uint8_t *copy,
                     reel_error *err)
{
    memset(f, 0, sizeof *f);
    int code = reel__movie_view(m, offset, size, &f->home, err);
    if (code != REEL_OK)
        return code;
    f->data = copy ? copy : f->home;
    reel__children c = reel__children_of(f->data, (size_t)size, offset, NULL);
    reel__part moof;
    if (!reel__children_next(&c, &moof, NULL))
        return reel__fail(err, REEL_E_BOX_SIZE, offset, "moof", "its header makes no sense");
    f->offset = f->implicit = offset;
    f->size = size;
    f->at = f->traf_end = moof.header;
    return REEL_OK;
}

/* ISO/IEC 14496-12:2022 8.8.7 */
static bool read_tfhd(reel_moof *f, const reel_movie *m, const reel__part *part)
{
    reel__reader r = reel__part_reader(part);
    uint32_t flags = part->flags;
    f->track_id = reel__u32(&r);
    const reel_track *t = reel_movie_track_by_id(m, f->track_id);
    reel__reader x = t ? reel__part_reader(&t->trex) : reel__read(NULL, 0);
    reel__skip(&x, 4);
    f->description = reel__u32(&x);
    f->duration = reel__u32(&x);
    f->sample_size = reel__u32(&x);
    f->sample_flags = reel__u32(&x);
    f->base = flags & 0x20000 ? f->offset : f->implicit;
    if (flags & 1)
        f->base = reel__u64(&r);
    if (flags & 2)
        f->description = reel__u32(&r);
    if (flags & 8)
        f->duration = reel__u32(&r);
    if (flags & 0x10)
        f->sample_size = reel__u32(&r);
    if (flags & 0x20)
        f->sample_flags = reel__u32(&r);
    if (f->description == 0)
        f->description = 1;
    return !r.bad;
}

/* What is wrong with whose traf this is, if anything. One that is nobody's is left out. */
static int check_tfhd(const reel_moof *f, const reel_movie *m, const reel__part *traf, uint64_t again, bool found,
                      reel_error *err)
{
    if (!found)
        return reel__warn(m, err, REEL_E_BOX_MISSING, traf->offset, "moof/traf", "it has no tfhd; it is left out");
    if (again)
        return reel__warn(m, err, REEL_E_BOX_DUPLICATE, again, "moof/traf/tfhd",
                          "it is there already; the first counts");
    if (!reel_movie_track_by_id(m, f->track_id))
        return reel__warn(m, err, REEL_E_BOX_FIELD, traf->offset, "moof/traf/tfhd", "there is no track %u",
                          f->track_id);
    return REEL_OK;
}

/* Into the traf: its tfhd and tfdt, wherever in it they stand. */
static int enter_traf(reel_moof *f, const reel_movie *m, const reel__part *traf, reel_error *err)
{
    uint64_t body = traf->offset + traf->header - f->offset;
    reel__children c = children(f, body, body + traf->size, &reel__traf_children);
    reel__part part;
    bool found = false;
    uint64_t again = 0; /* where a second tfhd stands */
    f->tfdt = -1;
    f->dts = 0;
    while (reel__children_next(&c, &part, NULL)) {
        if (part.type == TFHD && found && !again)
            again = part.offset;
        if (part.type == TFHD && !found)
            found = read_tfhd(f, m, &part);
        if (part.type == TFDT && f->tfdt < 0) {
            reel__reader r = reel__part_reader(&part);
            uint64_t t = reel__u32_or_64(&r, part.version == 1);
            f->tfdt = f->dts = (int64_t)REEL__MIN(t, (uint64_t)REEL__DTS_MAX);
        }
    }
    f->traf = traf->offset;
    f->traf_end = body + traf->size;
    f->traf_at = found ? body : f->traf_end; /* without a tfhd nobody knows whose it is */
    f->traf_done = 0;
    f->data_at = f->base;
    return check_tfhd(f, m, traf, again, found, err);
}

/* ISO/IEC 14496-12:2022 8.8.8 */
static int enter_trun(reel_moof *f, const reel_movie *m, const reel__part *trun, reel_error *err)
{
    reel__reader r = reel__part_reader(trun);
    uint32_t count = reel__u32(&r);
    f->trun = trun->offset;
    f->trun_flags = trun->flags;
    f->trun_done = 0;
    if (trun->flags & 1) {
        int64_t at = (int32_t)reel__u32(&r);
        if (at < 0 ? (uint64_t)-at > f->base : (uint64_t)at > (uint64_t)INT64_MAX - f->base)
            return reel__warn(m, err, REEL_E_BOX_FIELD, trun->offset, "moof/traf/trun",
                              "data_offset %lld points outside the file; the run is left out", (long long)at);
        f->data_at = f->base + (uint64_t)at;
    }
    f->first_flags = trun->flags & 4 ? reel__u32(&r) : 0;
    uint32_t each = reel__entry_size(trun->flags);
    uint64_t there = each ? reel__left(&r) / each : count;
    f->left = r.bad ? 0 : (uint32_t)REEL__MIN((uint64_t)count, there);
    f->entries = (uint64_t)(r.p - f->data);
    if (count > there)
        return reel__warn(m, err, REEL_E_TABLE, trun->offset, "moof/traf/trun", "it says %u samples and holds %u", count,
                          f->left);
    return REEL_OK;
}

/* The next stretch of the trun we are in, and move behind it. */
static void emit(reel_moof *f, reel_run *run)
{
    uint32_t each = reel__entry_size(f->trun_flags);
    uint32_t n = each ? REEL__MIN(f->left, (uint32_t)REEL__RUN) : f->left;
    *run = (reel_run){.entries = each ? f->home + f->entries : NULL,
                      .first = REEL_NO_INDEX,
                      .dts = f->dts,
                      .offset = f->data_at,
                      .moof = f->offset,
                      .traf = f->traf,
                      .trun = f->trun,
                      .tfdt = f->tfdt,
                      .count = n,
                      .trun_flags = f->trun_flags,
                      .duration = f->duration,
                      .size = f->sample_size,
                      .flags = f->sample_flags,
                      .description = f->description,
                      .first_flags = f->first_flags,
                      .has_first_flags = f->trun_done == 0 && (f->trun_flags & 4),
                      .trun_done = f->trun_done,
                      .traf_done = f->traf_done};
    uint64_t ticks = 0, bytes = 0;
    if (each) {
        const uint8_t *p = f->data + f->entries;
        for (uint32_t i = 0; i < n; i++, p += each) {
            reel__entry e = reel__run_entry(run, p, i);
            ticks += e.duration;
            bytes += e.size;
        }
    } else {
        ticks = (uint64_t)n * f->duration;
        bytes = (uint64_t)n * f->sample_size;
    }
    f->dts = reel__dts_add(f->dts, ticks);
    f->data_at = REEL__MIN(f->data_at + REEL__MIN(bytes, (uint64_t)INT64_MAX / 2), (uint64_t)INT64_MAX);
    f->implicit = f->data_at;
    f->entries += (uint64_t)n * each;
    f->left -= n;
    f->trun_done += n;
    f->traf_done += n;
}

int reel__moof_next(reel_moof *f, const reel_movie *m, const reel_track **track, reel_run *run, reel_error *err)
{
    reel__part part;
    while (!f->left) {
        reel__children c = children(f, f->traf_at, f->traf_end, &reel__traf_children);
        if (f->traf_at < f->traf_end && reel__children_next(&c, &part, NULL)) {
            f->traf_at = (uint64_t)(c.p - f->data);
            int code = part.type == TRUN ? enter_trun(f, m, &part, err) : REEL_OK;
            if (code != REEL_OK)
                return code;
            continue;
        }
        f->traf_at = f->traf_end;
        c = children(f, f->at, f->size, &reel__moof_children);
        if (!reel__children_next(&c, &part, NULL))
            return REEL_END;
        f->at = (uint64_t)(c.p - f->data);
        int code = part.type == TRAF ? enter_traf(f, m, &part, err) : REEL_OK;
        if (code != REEL_OK)
            return code;
    }
    emit(f, run);
    *track = reel_movie_track_by_id(m, f->track_id);
    return REEL_OK;
}
