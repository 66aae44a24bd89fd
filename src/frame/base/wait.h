/* SPDX-License-Identifier: BSD-2-Clause */
/* What the room needs of the system's clock and threads; wait.c and cores.c are where another system differs. */
#ifndef REEL_FRAME_BASE_WAIT_H
#define REEL_FRAME_BASE_WAIT_H

#include <pthread.h>
#include <stdint.h>

#define REEL__NEVER INT64_MAX

/* A condition that waits by CLOCK_MONOTONIC: a wall clock that is set must not wake or delay anybody. */
int reel__cond_init(pthread_cond_t *cond);
/* Until it is signalled or the clock shows at (ns; REEL__NEVER: for ever). May wake for nothing, as conditions do. */
void reel__cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t at);

/* A thread that takes no signals; stack 0: the system's size. 0, or an errno. */
int reel__thread_start(pthread_t *thread, size_t stack, void *(*entry)(void *), void *user);
/* Called by a thread of ours first: its name (15 characters at most), and timers that are not rounded for it. */
void reel__thread_prepare(const char *name);

#endif
