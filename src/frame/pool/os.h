/* SPDX-License-Identifier: BSD-2-Clause */
/* All that the pool wants of a system beyond C11 and POSIX threads. One file a platform, chosen by the build. */
#ifndef REEL_FRAME_POOL_OS_H
#define REEL_FRAME_POOL_OS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

size_t reel__os_page(void); /* bytes of a page, a power of two */

/* Zeroed memory, page aligned, that costs nothing until it is touched; huge: in huge pages if it can be. NULL: none. */
void *reel__os_map(size_t bytes, bool huge);
void reel__os_unmap(void *p, size_t bytes);
/* Give whole pages back and keep their addresses: now, or when the system is in need of them. False: it would not. */
bool reel__os_forget(void *p, size_t bytes, bool lazily);
/* Have the pages there before somebody waits for them. Contents stay. */
void reel__os_touch(void *p, size_t bytes);

int64_t reel__os_now(void);        /* monotonic, ns */
int64_t reel__os_now_coarse(void); /* the same clock, some ms behind, and cheap */
uint64_t reel__os_thread(void);    /* the number by which a debugger knows the calling thread; not 0 */

/* Conditions whose deadlines are on that clock. init gives 0, or an error number; until gives false when it is past. */
int reel__os_cond_init(pthread_cond_t *cond);
bool reel__os_cond_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline);

#endif
