/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/guard.h"

enum { BLOCK = 64 };

typedef struct block {
    reel__guard_slot slot[BLOCK];
    _Atomic(struct block *) next;
} block;

static block first;
static struct sigaction previous;
static pthread_once_t installed = PTHREAD_ONCE_INIT;
static long page_size;
static atomic_bool any; /* a mapping of this process has lost bytes */

bool reel__guard_any(void) { return atomic_load_explicit(&any, memory_order_acquire); }

static reel__guard_slot *slot_of(uintptr_t address)
{
    for (block *b = &first; b; b = atomic_load_explicit(&b->next, memory_order_acquire))
        for (int i = 0; i < BLOCK; i++) {
            uintptr_t base = atomic_load_explicit(&b->slot[i].base, memory_order_acquire);
            if (base && address >= base && address < atomic_load_explicit(&b->slot[i].end, memory_order_relaxed))
                return &b->slot[i];
        }
    return NULL;
}

/* Faults that are not ours go where they would have gone without us. */
static void pass_on(int signal_number, siginfo_t *info, void *context)
{
    if (previous.sa_flags & SA_SIGINFO) {
        previous.sa_sigaction(signal_number, info, context);
    } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
        previous.sa_handler(signal_number);
    } else {
        /* The instruction runs again, faults again, and this time the process ends the ordinary way. */
        signal(signal_number, SIG_DFL);
    }
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    uintptr_t address = (uintptr_t)info->si_addr;
    reel__guard_slot *slot = slot_of(address);
    if (!slot) {
        pass_on(signal_number, info, context);
        return;
    }
    /* All that lies behind is taken for lost too: page by page, a long file would use up the mappings of the process. */
    uintptr_t mask = (uintptr_t)page_size - 1, page = address & ~mask;
    uintptr_t end = (atomic_load_explicit(&slot->end, memory_order_relaxed) + mask) & ~mask;
    void *zeros = mmap((void *)page, (size_t)(end - page), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED) {
        pass_on(signal_number, info, context);
        return;
    }
    atomic_store_explicit(&slot->shrunk, true, memory_order_release);
    atomic_store_explicit(&any, true, memory_order_release);
}

static void install(void)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    page_size = sysconf(_SC_PAGESIZE);
    action.sa_sigaction = on_fault;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

static reel__guard_slot *take(block *b)
{
    for (int i = 0; i < BLOCK; i++) {
        bool no = false;
        if (atomic_compare_exchange_strong(&b->slot[i].taken, &no, true))
            return &b->slot[i];
    }
    return NULL;
}

static block *block_behind(block *b)
{
    block *next = atomic_load_explicit(&b->next, memory_order_acquire);
    if (next)
        return next;
    block *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    if (atomic_compare_exchange_strong(&b->next, &next, made))
        return made;
    free(made);
    return next;
}

reel__guard_slot *reel__guard_add(const void *base, size_t size)
{
    pthread_once(&installed, install);
    for (block *b = &first; b; b = block_behind(b)) {
        reel__guard_slot *slot = take(b);
        if (!slot)
            continue;
        atomic_store_explicit(&slot->shrunk, false, memory_order_relaxed);
        atomic_store_explicit(&slot->end, (uintptr_t)base + size, memory_order_relaxed);
        atomic_store_explicit(&slot->base, (uintptr_t)base, memory_order_release);
        return slot;
    }
    return NULL;
}

void reel__guard_remove(reel__guard_slot *slot)
{
    if (!slot)
        return;
    atomic_store_explicit(&slot->base, 0, memory_order_release);
    atomic_store_explicit(&slot->taken, false, memory_order_release);
}
