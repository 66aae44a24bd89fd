/* SPDX-License-Identifier: BSD-2-Clause */
#include "movie/fragment.h"

/* ISO/IEC 14496-12:2022 4.3 */
static void fill_ftyp(const reel_movie *m, reel_movie_info *out)
{
    reel__reader r = reel__part_reader(&m->ftyp);
    out->major_brand = reel__u32(&r);
    out->minor_version = reel__u32(&r);
    out->brand_count = (uint32_t)(reel__left(&r) / 4);
}

uint32_t reel_movie_brand(const reel_movie *movie, size_t i)
{
    if (!movie || movie->ftyp.size < 12 || i >= (movie->ftyp.size - 8) / 4)
        return 0;
    return reel__be32(movie->ftyp.body + 8 + 4 * i);
}

/* ISO/IEC 14496-12:2022 8.8.2 */
static uint64_t fragment_duration(const reel_movie *m)
{
    const reel__part *mehd = reel__movie_part(m, REEL__MEHD);
    reel__reader r = reel__part_reader(mehd);
    return reel__u32_or_64(&r, mehd->version == 1);
}

static uint64_t longest_track(const reel_movie *m)
{
    uint64_t longest = 0;
    for (size_t i = 0; i < m->track_count; i++) {
        reel_track_info t;
        reel_track_get_info(m->track[i], &t);
        longest = REEL__MAX(longest, t.duration);
    }
    return longest;
}

void reel_movie_get_info(const reel_movie *movie, reel_movie_info *out)
{
    memset(out, 0, sizeof *out);
    const reel_movie *m = movie;
    const reel__part *mvhd = reel__movie_part(m, REEL__MVHD);
    reel__reader r = reel__part_reader(mvhd);
    fill_ftyp(m, out);
    out->timescale = m->timescale;
    out->creation_time = reel__u32_or_64(&r, mvhd->version == 1);
    out->modification_time = reel__u32_or_64(&r, mvhd->version == 1);
    out->duration = m->duration;
    if (!out->duration)
        out->duration = fragment_duration(m);
    if (!out->duration)
        out->duration = longest_track(m);
    out->moov_offset = m->moov.offset;
    out->moov_size = m->moov.body ? m->moov.size + m->moov.header : 0;
    out->mdat_offset = m->mdat_offset;
    out->mdat_size = m->mdat_size;
    out->mdat_count = m->mdat_count;
    out->fragmented = m->has_mvex || m->first_moof_seen;
    out->has_sidx = m->first_sidx || reel__fragments_has_sidx(m);
    out->has_mfra = reel__fragments_has_mfra(m);
    out->has_meta_items = m->meta.body != NULL;
    out->compressed = m->inflated != NULL;
}
