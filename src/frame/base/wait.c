/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <time.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <reel/sched.h>

#include "frame/base/wait.h"

enum { NS = 1000000000 };

int64_t reel_clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * NS + t.tv_nsec;
}

int reel__cond_init(pthread_cond_t *cond)
{
#if defined(__APPLE__)
    return pthread_cond_init(cond, NULL); /* waits by an interval instead, below */
#else
    pthread_condattr_t how;
    int code = pthread_condattr_init(&how);
    if (code)
        return code;
    pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
    code = pthread_cond_init(cond, &how);
    pthread_condattr_destroy(&how);
    return code;
#endif
}

void reel__cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t at)
{
    if (at == REEL__NEVER) {
        pthread_cond_wait(cond, lock);
        return;
    }
#if defined(__APPLE__)
    int64_t left = at - reel_clock_now();
    left = left > 0 ? left : 0;
    struct timespec t = {(time_t)(left / NS), (long)(left % NS)};
    pthread_cond_timedwait_relative_np(cond, lock, &t);
#else
    struct timespec t = {(time_t)(at / NS), (long)(at % NS)};
    pthread_cond_timedwait(cond, lock, &t);
#endif
}

/*
 * What a thread of ours, and each that libavcodec makes from it, does not take: the host's handlers run on the host's threads.
 * Those that an instruction raises stay: blocked, they end the process whatever handler there is, and SIGBUS is how a
 * film that was cut short is noticed (REEL_SOURCE_GUARD).
 */
static void others_signals(sigset_t *out)
{
    static const int own[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    sigfillset(out);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(out, own[i]);
}

int reel__thread_start(pthread_t *thread, size_t stack, void *(*entry)(void *), void *user)
{
    pthread_attr_t how;
    sigset_t others, before;
    int code = pthread_attr_init(&how);
    if (code)
        return code;
    if (stack)
        code = pthread_attr_setstacksize(&how, stack);
    if (!code) {
        others_signals(&others);
        pthread_sigmask(SIG_SETMASK, &others, &before); /* inherited */
        code = pthread_create(thread, &how, entry, user);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&how);
    return code;
}

void reel__thread_prepare(const char *name)
{
#if defined(__linux__)
    prctl(PR_SET_NAME, name, 0, 0, 0);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0); /* else timed waits end up to 50 us late, to save wake-ups */
#elif defined(__APPLE__)
    pthread_setname_np(name);
#else
    (void)name;
#endif
}
