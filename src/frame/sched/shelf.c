/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queues of tasks: lists by arrival and pairing heaps by key, both through the tasks themselves, so that nothing is
 * allocated and any task can leave from the middle.
 */
#include "frame/sched/room.h"

void reel__shelf_init(reel__shelf *shelf, unsigned index, bool has_list, bool has_heap)
{
    pthread_mutex_init(&shelf->lock, NULL);
    shelf->index = index;
    shelf->has_list = has_list;
    shelf->has_heap = has_heap;
}

/* ---- the heap --------------------------------------------------------------------------------------------- */

static bool before(const reel_task *a, const reel_task *b)
{
    return a->own.key != b->own.key ? a->own.key < b->own.key : a->own.order < b->own.order;
}

/* Two heaps as one. back of a first child is its parent, of the others the sibling before. */
static reel_task *meld(reel_task *a, reel_task *b)
{
    if (!a || !b)
        return a ? a : b;
    if (before(b, a)) {
        reel_task *swap = a;
        a = b;
        b = swap;
    }
    b->own.back = a;
    b->own.sibling = a->own.child;
    if (a->own.child)
        a->own.child->own.back = b;
    a->own.child = b;
    return a;
}

static reel_task *alone(reel_task *t)
{
    t->own.back = t->own.sibling = NULL;
    return t;
}

/* Children become one heap: in pairs from the left, then the pairs from the right. */
static reel_task *meld_all(reel_task *first)
{
    reel_task *pairs = NULL, *whole = NULL;
    while (first) {
        reel_task *a = first, *b = a->own.sibling;
        first = b ? b->own.sibling : NULL;
        alone(a);
        a = meld(a, b ? alone(b) : NULL);
        a->own.sibling = pairs;
        pairs = a;
    }
    while (pairs) {
        reel_task *next = pairs->own.sibling;
        whole = meld(whole, alone(pairs));
        pairs = next;
    }
    return whole;
}

static void heap_remove(reel_task **root, reel_task *t)
{
    reel_task *below = meld_all(t->own.child);
    if (t == *root) {
        *root = below;
    } else {
        if (t->own.back->own.child == t)
            t->own.back->own.child = t->own.sibling;
        else
            t->own.back->own.sibling = t->own.sibling;
        if (t->own.sibling)
            t->own.sibling->own.back = t->own.back;
        *root = meld(*root, below);
    }
    t->own.child = NULL;
    alone(t);
}

/* ---- the list --------------------------------------------------------------------------------------------- */

static void list_append(reel__shelf *shelf, reel_task *t)
{
    t->own.next = NULL;
    t->own.prev = shelf->tail;
    if (shelf->tail)
        shelf->tail->own.next = t;
    else
        shelf->head = t;
    shelf->tail = t;
}

static void list_remove(reel__shelf *shelf, reel_task *t)
{
    if (t->own.prev)
        t->own.prev->own.next = t->own.next;
    else
        shelf->head = t->own.next;
    if (t->own.next)
        t->own.next->own.prev = t->own.prev;
    else
        shelf->tail = t->own.prev;
    t->own.prev = t->own.next = NULL;
}

/* ---- the shelf -------------------------------------------------------------------------------------------- */

/* Only its lock's holder writes count; others look at it to see whether locking is worth it. */
void reel__shelf_put(reel__shelf *shelf, reel_task *t)
{
    if (shelf->has_list)
        list_append(shelf, t);
    if (shelf->has_heap) {
        t->own.order = shelf->order++;
        t->own.child = NULL;
        shelf->heap = meld(shelf->heap, alone(t));
    }
    reel__plain_store(&t->own.home, (void *)shelf);
    /* In one order with the count of idle workers: worker.c. */
    atomic_store(&shelf->count, atomic_load_explicit(&shelf->count, memory_order_relaxed) + 1);
}

void reel__shelf_remove(reel__shelf *shelf, reel_task *t)
{
    if (shelf->has_list)
        list_remove(shelf, t);
    if (shelf->has_heap)
        heap_remove(&shelf->heap, t);
    size_t count = atomic_load_explicit(&shelf->count, memory_order_relaxed);
    atomic_store_explicit(&shelf->count, count - 1, memory_order_relaxed);
}

int64_t reel__key_of(const reel_task *t)
{
    if (t->deadline)
        return t->deadline;
    return t->at ? t->at : REEL__NEVER;
}

void reel__take(reel__frame *frame, reel_task *t)
{
    atomic_store_explicit(&frame->task, t, memory_order_release); /* before it leaves its home: see room.h */
    reel__plain_store(&t->own.home, NULL);
}

void reel__ready(reel_sched *s, reel_task *t, int64_t since)
{
    reel__shelf *shelf = &s->urgent;
    if (t->own.key == REEL__NEVER) {
        reel__worker *w = reel__worker_here(s);
        shelf = w ? &w->deque : &s->inbox;
    }
    t->own.since = since;
    pthread_mutex_lock(&shelf->lock);
    reel__shelf_put(shelf, t);
    pthread_mutex_unlock(&shelf->lock);
    reel__wake_one(s);
    reel__settle_notify(s); /* who helps may have waited for this one */
}

/* The first of a shelf; a strand's carrier gives its place to the strand's first task. */
bool reel__pop(reel__shelf *shelf, reel__frame *frame)
{
    while (atomic_load_explicit(&shelf->count, memory_order_relaxed)) {
        bool carrier = false;
        pthread_mutex_lock(&shelf->lock);
        reel_task *t = shelf->has_heap ? shelf->heap : shelf->head;
        if (t) {
            reel__shelf_remove(shelf, t);
            carrier = reel__plain_relaxed(&t->own.flags) & TASK_CARRIER;
            if (carrier)
                reel__plain_store(&t->own.home, NULL);
            else
                reel__take(frame, t);
        }
        pthread_mutex_unlock(&shelf->lock);
        if (t && (!carrier || reel__strand_turn(t->user, frame)))
            return true;
    }
    return false;
}

size_t reel__fetch(reel__worker *w, reel__shelf *from, size_t share)
{
    reel__shelf *first = from->index < w->deque.index ? from : &w->deque, *second = first == from ? &w->deque : from;
    size_t n = 0;
    if (!atomic_load_explicit(&from->count, memory_order_relaxed))
        return 0;
    pthread_mutex_lock(&first->lock);
    pthread_mutex_lock(&second->lock);
    size_t most = (atomic_load_explicit(&from->count, memory_order_relaxed) + share - 1) / share;
    for (; from->head && n < most && n < BATCH; n++) {
        reel_task *t = from->head;
        reel__shelf_remove(from, t);
        reel__shelf_put(&w->deque, t);
    }
    pthread_mutex_unlock(&second->lock);
    pthread_mutex_unlock(&first->lock);
    if (n > 1) /* who looked for work between the two may have seen neither, and lain down */
        reel__wake_one(w->sched);
    return n;
}
