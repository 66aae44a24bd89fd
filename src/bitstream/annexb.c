/* SPDX-License-Identifier: BSD-2-Clause */
/* Annex B of ISO/IEC 14496-10 (and 23008-2, 23090-3) as spans: start codes from a constant, units from where
 * they lie. */
#include <reel/bitstream.h>

#include "codec/codec.h"

static const uint8_t start_code[4] = {0, 0, 0, 1};

typedef struct list {
    reel_span *spans;
    size_t max, count;
} list;

static void add(list *l, reel_span s)
{
    if (l->count < l->max)
        l->spans[l->count] = s;
    l->count++;
}

/* An empty unit would be a start code inside of which the next one begins: it is left out. */
static void add_unit(list *l, reel_span unit)
{
    if (unit.size == 0)
        return;
    add(l, (reel_span){start_code, sizeof start_code});
    add(l, unit);
}

/* nal_unit_type of an access unit delimiter, which comes before parameter sets. ISO/IEC 14496-10 7.4.1.2.3 */
static uint32_t delimiter_of(const reel_description *d)
{
    const reel__format *f = reel__format_find(d->codec_format, d->type);
    return f && f->family == REEL__HEVC ? 35 : f && f->family == REEL__VVC ? 20 : 9;
}

static void add_parameter_sets(list *l, const reel_description *d)
{
    reel_span nal;
    for (size_t i = 0; reel_description_parameter_set(d, i, &nal) == REEL_OK; i++)
        add_unit(l, nal);
}

int reel_annexb_spans(const reel_description *d, reel_span sample, bool with_parameter_sets, reel_span *spans,
                      size_t max, size_t *count, reel_error *err)
{
    reel_unit_iter it;
    reel_unit unit;
    if (!d || !count || (max && !spans) || d->framing != REEL_FRAMING_NAL)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "Annex B is for NAL units");
    int code = reel_unit_iter_init(&it, d, sample);
    if (code != REEL_OK)
        return reel__fail(err, code, REEL_NO_OFFSET, NULL, "a NAL unit's length does not take %u bytes",
                          d->nal_length_size);
    list l = {spans, max, 0};
    uint32_t delimiter = delimiter_of(d);
    bool due = with_parameter_sets;
    while ((code = reel_unit_next(&it, d, &unit, err)) == REEL_OK) {
        if (due && (unit.type != delimiter || !unit.span.size)) {
            add_parameter_sets(&l, d);
            due = false;
        }
        add_unit(&l, unit.span);
    }
    if (code != REEL_END)
        return code;
    if (due)
        add_parameter_sets(&l, d);
    *count = l.count;
    return REEL_OK;
}
