/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guard: a fault inside a registered mapping puts zeros from there to its end and raises the mapping's flag, so that a
 * file that shrinks (or a disk that fails) becomes an error instead of a dead process.
 *
 *   slots   [base, end, shrunk] [base, end, shrunk] ...   blocks of 64, appended, never freed: the handler may walk
 *                                                         them at any time without a lock
 */
#ifndef REEL_SOURCE_GUARD_H
#define REEL_SOURCE_GUARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct reel__guard_slot {
    _Atomic uintptr_t base, end; /* base 0: free */
    atomic_bool shrunk;
    atomic_bool taken;
} reel__guard_slot;

/* Has any mapping lost bytes yet? Asked before all of a film's are looked at, which may be a thousand. */
bool reel__guard_any(void);

/* Watch [base, base + size); NULL when there is no memory, or no such signals on this platform. */
reel__guard_slot *reel__guard_add(const void *base, size_t size);
/* Before the mapping goes. NULL is allowed. */
void reel__guard_remove(reel__guard_slot *slot);

#endif
