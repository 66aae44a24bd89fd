/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/base.h"

reel_ref *reel_ref_get(reel_ref *ref)
{
    if (ref)
        atomic_fetch_add_explicit(&ref->count, 1, memory_order_relaxed);
    return ref;
}

void reel_ref_drop(reel_ref *ref)
{
    if (!ref)
        return;
    /* Release: what this holder did happens before the end; acquire: the last one sees what all others did. */
    if (atomic_fetch_sub_explicit(&ref->count, 1, memory_order_acq_rel) == 1)
        ref->gone(ref);
}
