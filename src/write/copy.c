/* SPDX-License-Identifier: BSD-2-Clause */
#include "write/copy.h"

reel_span reel__payload_of(const reel__part *part)
{
    /* Headers are 8, 16, 24 or 32 bytes, and 4 more where the registry knows a full box. */
    size_t full = part->header % 8;
    return part->body ? (reel_span){part->body - full, part->size + full} : (reel_span){NULL, 0};
}

void reel__copy_box(reel__out *o, const reel__part *part)
{
    reel_span payload = reel__payload_of(part);
    if (!part->body)
        return;
    reel__out_box(o, part->type);
    if (part->uuid)
        reel__out_bytes(o, part->uuid, 16);
    reel__out_bytes(o, payload.data, payload.size);
    reel__out_end(o);
}

reel__children reel__bare_children(const reel__part *part, size_t skip)
{
    reel_span s = reel__payload_of(part);
    skip = skip < s.size ? skip : s.size;
    return reel__children_of(s.data ? s.data + skip : NULL, s.size - skip,
                             part->offset + part->header - part->header % 8 + skip, NULL);
}

bool reel__type_in(uint32_t type, const uint32_t *types, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (types[i] == type)
            return true;
    return false;
}
