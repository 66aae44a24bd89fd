/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Atomic work on plain members. What lies in the caller's memory is declared in headers that have to compile as C++11,
 * where there is no _Atomic; inside our own structs <stdatomic.h> is the way.
 */
#ifndef REEL_FRAME_BASE_PLAIN_ATOMIC_H
#define REEL_FRAME_BASE_PLAIN_ATOMIC_H

#define reel__plain_load(p)        __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define reel__plain_store(p, v)    __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define reel__plain_relaxed(p)     __atomic_load_n((p), __ATOMIC_RELAXED)
#define reel__plain_add(p, v)      ((void)__atomic_fetch_add((p), (v), __ATOMIC_RELAXED))
#define reel__plain_set_bits(p, v) __atomic_fetch_or((p), (v), __ATOMIC_ACQ_REL)
#define reel__plain_clear(p, v)    ((void)__atomic_fetch_and((p), ~(v), __ATOMIC_ACQ_REL))

#endif
