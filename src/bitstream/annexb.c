/* SPDX-License-Identifier: BSD-2-Clause */
/* ISO/IEC 14496-10 Annex B as spans: start codes from a constant, units from where they lie. */
#include <reel/bitstream.h>

#include "base/base.h"

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

static void add_nal(list *l, reel_span nal)
{
    if (nal.size == 0)
        return;
    add(l, (reel_span){start_code, sizeof start_code});
    add(l, nal);
}

int reel_annexb_spans(const reel_description *d, reel_span sample, bool with_parameter_sets, reel_span *spans,
                      size_t max, size_t *count, reel_error *err)
{
    if (!d || !count || (max && !spans) || d->framing != REEL_FRAMING_NAL)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "Annex B is for NAL units");
    list l = {spans, max, 0};
    reel_span nal;
    for (size_t i = 0; with_parameter_sets && reel_description_parameter_set(d, i, &nal) == REEL_OK; i++)
        add_nal(&l, nal);
    reel_unit_iter it;
    reel_unit unit;
    int code = reel_unit_iter_init(&it, d, sample);
    if (code != REEL_OK)
        return reel__fail(err, code, REEL_NO_OFFSET, NULL, "the length of NAL lengths is not known");
    while ((code = reel_unit_next(&it, d, &unit, err)) == REEL_OK)
        add_nal(&l, unit.span);
    *count = l.count;
    return code == REEL_END ? REEL_OK : code;
}
